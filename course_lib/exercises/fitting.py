"""Whether a loss can be trained: one epoch of `fit` must move the weights of a network as the right loss does."""

import re
import warnings

import numpy as np

NO_GRADIENT, ANOTHER_GRADIENT = "no gradient", "another gradient"
_SIZE_UNKNOWN = re.compile(r"NoneType|None values|\(None\b|\[None\b|len is not well defined")
_KINDS_DIFFER = re.compile(r"same dtype|same type|float32.*int32|int32.*float32", re.DOTALL)


def trouble(loss, right, network, x):
    """What is wrong with a loss that gives the right values: its gradient, or that it does not compile.

    Args:
        loss: Function of `(network, x, outputs)` to a tensor: one number, or one for each example, whose mean counts.
        right: The right one, likewise.
        network: Factory of a built Keras layer, the same each time, whose weights are to be trained.
        x: Array `(n, …)`, seven examples or more: batches of four, and a last one that is smaller, as in any `fit`.

    Returns:
        None, `NO_GRADIENT`, `ANOTHER_GRADIENT`, or a sentence.

    Example:
        >>> def layer():
        ...     import keras
        ...     built = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
        ...     built.build((None, 3))
        ...     return built
        >>> def squares(network, x, outputs):
        ...     return outputs**2
        >>> def of_numbers(network, x, outputs):
        ...     import keras
        ...     return keras.ops.stop_gradient(outputs) ** 2
        >>> x = np.ones((7, 3), "float32")
        >>> [trouble(each, squares, layer, x) for each in (squares, of_numbers)]
        [None, 'no gradient']
    """
    try:
        moved = _moved(loss, network(), x)
    except Exception as error:  # whatever a framework raises where its tensors have no values yet
        return NO_GRADIENT if "No gradients" in str(error) else stopped_in_fit(error)
    wanted = _moved(right, network(), x)
    if np.abs(moved).max() <= 1e-6 * np.abs(wanted).max():
        return NO_GRADIENT
    return None if np.abs(moved - wanted).max() <= 1e-2 * np.abs(wanted).max() else ANOTHER_GRADIENT


def stopped_in_fit(error):
    """A sentence on an exception that a right result meets in `fit`, where Keras compiles it.

    Args:
        error: The exception.

    Example:
        >>> stopped_in_fit(TypeError("unsupported operand type(s) for /: 'float' and 'NoneType'")).partition(":")[0]
        'the values are right, but in `fit` the number of examples is not known beforehand'
    """
    if is_of_an_unknown_size(error):
        return (
            "the values are right, but in `fit` the number of examples is not known beforehand: there `shape[0]` is "
            "None, and `len` stops. Let `ops.mean` count, or take the size from `ops.shape(…)[0]`, cast to float32."
        )
    if is_of_two_kinds_of_numbers(error):
        return (
            "the values are right, but in `fit` a size such as `ops.shape(…)[0]` is a whole number, and does not mix "
            'with floats: let `ops.mean` count, or take `ops.cast(ops.shape(…)[0], "float32")`.'
        )
    return (
        f"the values are right, but in `fit`, where Keras compiles it, it stops ({type(error).__name__}). Use "
        "`keras.ops` for all that is done to a tensor: what leaves it, for NumPy for one, has no gradient."
    )


def is_of_an_unknown_size(error):
    """Whether an exception comes from code that takes the number of examples from `shape[0]`: None in `fit`."""
    return _SIZE_UNKNOWN.search(str(error)) is not None


def is_of_two_kinds_of_numbers(error):
    """Whether an exception comes from floats beside whole numbers, as where a sum is divided by `ops.shape(x)[0]`."""
    return _KINDS_DIFFER.search(str(error)) is not None


def _moved(loss, network, x):
    """How far the weights of a network go in one epoch of small steps, an array."""
    import keras

    class Trained(keras.Model):
        def __init__(self):
            super().__init__()
            self.network = network

        def call(self, x):
            return self.network(x)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return keras.ops.mean(loss(network, x, y_pred))

    def weights():
        return np.concatenate([weight.ravel() for weight in network.get_weights()]).astype("float64")

    model, before = Trained(), weights()
    model.compile(keras.optimizers.SGD(1e-2), jit_compile=False)
    with warnings.catch_warnings(action="ignore"):  # a penalty on slopes has no gradient for the last bias
        model.fit(x, batch_size=4, shuffle=False, verbose=0)
    return weights() - before
