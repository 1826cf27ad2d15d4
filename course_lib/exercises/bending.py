"""Whether a network bends what passes through it: tried out, for layers have many names."""

import numpy as np


def bends(network, one, other):
    """Whether a network is no affine map on inputs like these.

    Args:
        network: Keras model of one input and one output.
        one: Inputs, `(n, …)`.
        other: As many other ones.

    Returns:
        True if halfway between two inputs the output is not halfway between the two outputs.

    Example:
        >>> import keras
        >>> one, other = np.random.default_rng(0).normal(size=(2, 9, 3)).astype("float32")
        >>> [bends(keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), *bend]), one, other)
        ...  for bend in ([], [keras.layers.LeakyReLU()])]
        [False, True]
    """
    import keras

    outputs = [network(each, training=False) for each in (one, other, (one + other) / 2)]
    first, second, middle = map(keras.ops.convert_to_numpy, outputs)
    return bool(np.abs(middle - (first + second) / 2).max() > 1e-4 * np.abs([first, second]).max())
