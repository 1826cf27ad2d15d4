"""Fully connected encoders, decoders, generators and discriminators."""

import keras

from course_lib.contracts.arguments import whole_number
from course_lib.networks.parts import (
    code,
    dense_layers,
    flat_features,
    gaussian_heads,
    head,
    parameters,
    reshaped_head,
    wrapper,
)


def dense_encoder(data_shape, latent_dim, hidden_units=(256, 128), activation="relu"):
    """A fully connected encoder to a plain code, for an `Autoencoder`.

    Args:
        data_shape: Tuple, the shape of one example, such as `(28, 28, 1)`.
        latent_dim: Integer, the width of the code.
        hidden_units: Widths of the hidden layers; empty for a linear encoder.
        activation: Activation of the hidden layers.

    Returns:
        A Keras model from `(batch, *data_shape)` to `(batch, latent_dim)`.

    Example:
        >>> dense_encoder((28, 28, 1), latent_dim=8).output_shape
        (None, 8)
    """
    inputs, features = flat_features(data_shape, hidden_units, activation)
    return keras.Model(inputs, head(whole_number(latent_dim, "latent_dim", 1), "code")(features), name="encoder")


def dense_gaussian_encoder(data_shape, latent_dim, hidden_units=(256, 128), activation="relu"):
    """A fully connected encoder to the mean and log-variance of a Gaussian, for a `VAE`.

    Args:
        data_shape: Tuple, the shape of one example.
        latent_dim: Integer, the number of latent dimensions.
        hidden_units: Widths of the hidden layers; empty for a linear encoder.
        activation: Activation of the hidden layers.

    Returns:
        A Keras model from `(batch, *data_shape)` to `(mean, log_var)`, each `(batch, latent_dim)`.

    Example:
        >>> dense_gaussian_encoder((28, 28, 1), latent_dim=8).output_shape
        [(None, 8), (None, 8)]
    """
    inputs, features = flat_features(data_shape, hidden_units, activation)
    return keras.Model(inputs, gaussian_heads(features, latent_dim), name="encoder")


def dense_decoder(latent_dim, data_shape, hidden_units=(128, 256), activation="relu", num_parameters=1):
    """A fully connected decoder to the parameters of a likelihood.

    Args:
        latent_dim: Integer, the number of latent dimensions.
        data_shape: Tuple, the shape of one example.
        hidden_units: Widths of the hidden layers; empty for a linear decoder.
        activation: Activation of the hidden layers.
        num_parameters: 1 for logits or means, 2 for `(mean, log_var)`.

    Returns:
        A Keras model from `(batch, latent_dim)` to one tensor `(batch, *data_shape)`, or to a list of them.

    Example:
        >>> dense_decoder(8, (28, 28, 1)).output_shape
        (None, 28, 28, 1)
    """
    inputs = code(latent_dim, "latent_dim")
    features = dense_layers(inputs, hidden_units, activation)
    outputs = parameters(data_shape, num_parameters)(features)
    return keras.Model(inputs, outputs, name="decoder")


def dense_generator(noise_dim, data_shape, hidden_units=(128, 256), activation="relu", output_activation="sigmoid"):
    """A fully connected generator from noise to data.

    Args:
        noise_dim: Integer, the number of noise dimensions.
        data_shape: Tuple, the shape of one example.
        hidden_units: Widths of the hidden layers; empty for a linear generator.
        activation: Activation of the hidden layers.
        output_activation: `"sigmoid"` for data in [0, 1], `"tanh"` for [-1, 1], None for any number.

    Returns:
        A Keras model from `(batch, noise_dim)` to `(batch, *data_shape)`, in data space.

    Example:
        >>> dense_generator(16, (28, 28, 1)).output_shape
        (None, 28, 28, 1)
    """
    inputs = code(noise_dim, "noise_dim")
    features = dense_layers(inputs, hidden_units, activation)
    outputs = reshaped_head(data_shape, output_activation)(features)
    return keras.Model(inputs, outputs, name="generator")


def dense_discriminator(
    data_shape, hidden_units=(256, 128), activation="leaky_relu", dropout=0.0, spectral_normalization=False
):
    """A fully connected discriminator (or critic) from data to one logit.

    Args:
        data_shape: Tuple, the shape of one example.
        hidden_units: Widths of the hidden layers.
        activation: Activation of the hidden layers.
        dropout: Share of hidden units dropped in training, in [0, 1).
        spectral_normalization: Whether every kernel is divided by its largest singular value.

    Returns:
        A Keras model from `(batch, *data_shape)` to `(batch, 1)`.

    Example:
        >>> dense_discriminator((28, 28, 1)).output_shape
        (None, 1)
    """
    wrapped = wrapper(spectral_normalization)
    inputs, features = flat_features(data_shape, hidden_units, activation, dropout, wrapped)
    return keras.Model(inputs, wrapped(head(1, "logit"))(features), name="discriminator")
