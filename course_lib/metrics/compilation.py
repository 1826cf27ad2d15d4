"""Formulas over a model's networks as one compiled function, where the work earns the compilation.

A compiled function is made for one call and forgotten with it: nothing is kept that could go stale when weights change
or networks are exchanged.
"""

import keras

from course_lib.contracts.networks import has_convolutions
from course_lib.runtime import has_accelerator

_EARNED = 1e11  # rows × weights: some seconds of work on two cores, against about one second of compilation


def compiled(function, networks, num_rows):
    """A function of tensors in the fastest form that its backend and its length have; the numbers stay the same.

    TensorFlow: one graph, with XLA for dense networks only (convolutions are many times slower under it on a CPU).
    JAX: `jit`, to which the variables are handed at each call. PyTorch, and short work: as it is, without gradients.

    Args:
        function: From tensors to a tensor, through `networks`. It must not change any state.
        networks: Layers and models that it uses; what has no variables is passed over.
        num_rows: Integer, how many examples the networks will see in all.

    Returns:
        A function of the same arguments.

    Example:
        >>> double = compiled(lambda x: 2 * x, networks=[], num_rows=1)
        >>> float(double(keras.ops.ones(())))
        2.0
    """
    backend, networks = keras.backend.backend(), [each for each in networks if isinstance(each, keras.layers.Layer)]
    if backend == "torch":
        return _without_gradients(function)
    if num_rows * sum(each.count_params() for each in networks if each.built) < _EARNED:
        return function
    return _by_tensorflow(function, networks) if backend == "tensorflow" else _by_jax(function, networks)


def _without_gradients(function):
    import torch

    return torch.no_grad()(function)


def _by_tensorflow(function, networks):
    import tensorflow as tf

    compilable = all(layer.supports_jit for each in networks for layer in each._flatten_layers())
    slow_under_xla = any(has_convolutions(each) for each in networks) and not has_accelerator()
    return tf.function(function, jit_compile=compilable and not slow_under_xla)


def _by_jax(function, networks):
    import jax

    variables = list({id(variable): variable for each in networks for variable in each.variables}.values())

    @jax.jit
    def stateless(values, arguments):
        with keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True))):
            return function(*arguments)

    return lambda *arguments: stateless([variable.value for variable in variables], arguments)
