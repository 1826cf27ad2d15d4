"""Derivatives with respect to a network's input that can themselves be differentiated: the gradients inside a loss.

Keras has no function for this that works on every backend, so each has its branch here.
"""

import keras
from keras import ops


def input_gradient(function, x):
    r"""The gradient of a function's summed output with respect to its input, $\nabla_x \sum_i f(x)_i$.

    If each output depends on its own example alone, row $i$ is the gradient of output $i$. The result can be
    differentiated again, with respect to weights inside `function` or to `x`, also inside a model's `compute_loss`.

    Args:
        function: From a float tensor `(batch, ...)` to a tensor of any shape. It should not change any state (call
            networks that hold random or normalising layers with `training=False`): JAX cannot follow such changes.
        x: Floats, `(batch, ...)`; integers and booleans become float32.

    Returns:
        Tensor of the shape and dtype of `x`; zeros where the output does not depend on it.

    Example:
        >>> [float(slope) for slope in input_gradient(lambda x: x**2, ops.array([1.0, 3.0]))]
        [2.0, 6.0]
    """
    x = ops.convert_to_tensor(x)
    if not keras.backend.is_float_dtype(keras.backend.standardize_dtype(x.dtype)):
        x = ops.cast(x, "float32")
    branches = {"tensorflow": _by_tape, "jax": _by_jax, "torch": _by_autograd}
    return branches[keras.backend.backend()](function, x)


def squared_jacobian_norm(function, x):
    r"""The squared Frobenius norm of the Jacobian of each example, $\sum_{j,i} (\partial h_j / \partial x_i)^2$.

    Exact: the gradient of every unit $h_j$ is taken, all of them in one pass over `units` copies of the batch. Time
    and memory grow with the number of units.

    Args:
        function: From a float tensor `(batch, ...)` to `(batch, units)`, each row from its own example; see
            `input_gradient`.
        x: Floats, `(batch, ...)`.

    Returns:
        Float32 tensor, `(batch,)`: squared units of h per squared unit of x.

    Raises:
        ValueError: If the function does not return `(batch, units)`.

    Example:
        >>> matrix = ops.array([[1.0, 2.0], [0.0, 2.0]])
        >>> float(squared_jacobian_norm(lambda x: ops.matmul(x, matrix), ops.ones((1, 2)))[0])
        9.0

    Reference:
        Rifai et al. (2011), Contractive auto-encoders, ICML, eq. 1.
    """
    units = _num_units(function(x))
    copies = ops.repeat(ops.expand_dims(x, 1), units, axis=1)  # (batch, units, ...)
    copies = ops.reshape(copies, (-1, *x.shape[1:]))
    chosen = ops.tile(ops.eye(units), (ops.shape(x)[0], 1))  # each copy asks for the gradient of one unit
    gradients = input_gradient(lambda x: ops.cast(function(x), "float32") * chosen, copies)
    squares = ops.square(ops.cast(gradients, "float32"))
    return ops.sum(ops.reshape(squares, (ops.shape(x)[0], -1)), axis=1)


def _num_units(values):
    if len(values.shape) != 2:
        raise ValueError(f"The function must return (batch, units); got {tuple(values.shape)}. Flatten its output.")
    return values.shape[1]


def _by_tape(function, x):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(x)
        total = ops.sum(function(x))
    return tape.gradient(total, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def _by_jax(function, x):
    import jax

    return jax.grad(lambda x: ops.sum(function(x)))(x)


def _by_autograd(function, x):
    import torch

    with torch.enable_grad():  # Keras evaluates without gradients
        x = x if x.requires_grad else x.detach().requires_grad_()
        total = ops.sum(function(x))
        if not total.requires_grad:
            return ops.zeros_like(x)
        return torch.autograd.grad(total, x, create_graph=True, materialize_grads=True)[0]
