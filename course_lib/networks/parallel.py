"""Several small networks side by side in one, for a `ParallelGAN`."""

import keras

from course_lib.contracts.arguments import whole_numbers
from course_lib.layers import ParallelDense
from course_lib.networks.parts import code


def parallel_generator(noise_dim, data_dim, copies, hidden_units=(128, 128), activation="relu"):
    """Several fully connected generators of points, side by side, for a `ParallelGAN`.

    Args:
        noise_dim: Integer, the number of noise dimensions.
        data_dim: Integer, the number of coordinates of a point.
        copies: Integer, how many generators.
        hidden_units: Widths of the hidden layers of each.
        activation: Activation of the hidden layers.

    Returns:
        A Keras model from `(copies * n, noise_dim)` to `(copies * n, data_dim)`, block after block, each number free.

    Example:
        >>> from course_lib.networks import dense_generator
        >>> parallel_generator(4, 2, copies=5).count_params() == 5 * dense_generator(4, (2,), (128, 128)).count_params()
        True
    """
    inputs = code(noise_dim, "noise_dim")
    features = _parallel_layers(inputs, copies, hidden_units, activation)
    return keras.Model(inputs, ParallelDense(data_dim, copies, dtype="float32")(features), name="generator")


def parallel_discriminator(
    data_dim, copies, hidden_units=(128, 128), activation="leaky_relu", spectral_normalization=False
):
    """Several fully connected discriminators of points, side by side, for a `ParallelGAN`.

    Args:
        data_dim: Integer, the number of coordinates of a point (of a pack, if there are any).
        copies: Integer, how many discriminators.
        hidden_units: Widths of the hidden layers of each.
        activation: Activation of the hidden layers.
        spectral_normalization: Whether every kernel of every copy is divided by its largest singular value.

    Returns:
        A Keras model from `(copies * n, data_dim)` to logits `(copies * n, 1)`, block after block.

    Example:
        >>> parallel_discriminator(2, copies=5).output_shape
        (None, 1)
    """
    inputs = code(data_dim, "data_dim")
    features = _parallel_layers(inputs, copies, hidden_units, activation, spectral_normalization)
    logit = ParallelDense(1, copies, spectral_normalization=spectral_normalization, dtype="float32", name="logit")
    return keras.Model(inputs, logit(features), name="discriminator")


def _parallel_layers(features, copies, hidden_units, activation, spectral_normalization=False):
    for units in whole_numbers(hidden_units, "hidden_units"):
        features = ParallelDense(units, copies, activation, spectral_normalization)(features)
    return features
