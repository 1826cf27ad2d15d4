"""Convolutional encoders, decoders, generators and discriminators, of images of any size."""

import math

import keras
from keras import layers

from course_lib.contracts.arguments import image_shape, whole_number, whole_numbers
from course_lib.networks.parts import code, dropped, flat, gaussian_heads, head, unchanged, wrapper


def conv_encoder(data_shape, latent_dim, filters=(32, 64), activation="relu"):
    """A convolutional encoder to a plain code; each layer halves height and width.

    Args:
        data_shape: Tuple `(height, width, channels)`.
        latent_dim: Integer, the width of the code.
        filters: Channels of the convolutions, at least one.
        activation: Activation of the convolutions.

    Returns:
        A Keras model from `(batch, height, width, channels)` to `(batch, latent_dim)`.

    Example:
        >>> conv_encoder((28, 28, 1), latent_dim=8).output_shape
        (None, 8)
    """
    inputs, features = _conv_features(data_shape, filters, activation)
    return keras.Model(inputs, head(whole_number(latent_dim, "latent_dim", 1), "code")(features), name="encoder")


def conv_gaussian_encoder(data_shape, latent_dim, filters=(32, 64), activation="relu"):
    """A convolutional encoder to the mean and log-variance of a Gaussian.

    Args:
        data_shape: Tuple `(height, width, channels)`.
        latent_dim: Integer, the number of latent dimensions.
        filters: Channels of the convolutions; each halves height and width.
        activation: Activation of the convolutions.

    Returns:
        A Keras model from `(batch, height, width, channels)` to `(mean, log_var)`, each `(batch, latent_dim)`.

    Example:
        >>> conv_gaussian_encoder((28, 28, 1), latent_dim=8).output_shape
        [(None, 8), (None, 8)]
    """
    inputs, features = _conv_features(data_shape, filters, activation)
    return keras.Model(inputs, gaussian_heads(features, latent_dim), name="encoder")


def conv_decoder(latent_dim, data_shape, filters=(64, 32), activation="relu"):
    """A convolutional decoder to logits or means; each transposed convolution doubles height and width.

    Args:
        latent_dim: Integer, the number of latent dimensions.
        data_shape: Tuple `(height, width, channels)`; where `2 ** len(filters)` does not divide height or width, the
            next larger multiple is made and cut.
        filters: Channels of the transposed convolutions.
        activation: Activation of the hidden layers.

    Returns:
        A Keras model from `(batch, latent_dim)` to `(batch, height, width, channels)`.

    Example:
        >>> conv_decoder(8, (28, 28, 1)).output_shape
        (None, 28, 28, 1)
    """
    inputs = code(latent_dim, "latent_dim")
    features = _upsampled(inputs, data_shape, filters, activation)
    head = _conv(data_shape[-1], dtype="float32", name="head")
    return keras.Model(inputs, head(features), name="decoder")


def conv_generator(noise_dim, data_shape, filters=(64, 32), activation="relu", output_activation="sigmoid"):
    """A convolutional generator with batch normalisation, after DCGAN.

    Args:
        noise_dim: Integer, the number of noise dimensions.
        data_shape: Tuple `(height, width, channels)`; where `2 ** len(filters)` does not divide height or width, the
            next larger multiple is made and cut.
        filters: Channels of the transposed convolutions.
        activation: Activation of the hidden layers.
        output_activation: `"sigmoid"` for data in [0, 1], `"tanh"` for [-1, 1], None for any number.

    Returns:
        A Keras model from `(batch, noise_dim)` to `(batch, height, width, channels)`, in data space.

    Example:
        >>> conv_generator(16, (28, 28, 1)).output_shape
        (None, 28, 28, 1)

    Reference:
        Radford, Metz & Chintala (2016), arXiv:1511.06434.
    """
    inputs = code(noise_dim, "noise_dim")
    features = _upsampled(inputs, data_shape, filters, activation, batch_norm=True)
    head = _conv(data_shape[-1], activation=output_activation, dtype="float32", name="head")
    return keras.Model(inputs, head(features), name="generator")


def conv_discriminator(
    data_shape, filters=(32, 64), activation="leaky_relu", dropout=0.0, spectral_normalization=False
):
    """A convolutional discriminator (or critic) to one logit.

    Args:
        data_shape: Tuple `(height, width, channels)`.
        filters: Channels of the convolutions; each halves height and width.
        activation: Activation of the convolutions.
        dropout: Share of features dropped in training before the head, in [0, 1).
        spectral_normalization: Whether every kernel is divided by its largest singular value (for a convolution, that
            of the reshaped kernel).

    Returns:
        A Keras model from `(batch, height, width, channels)` to `(batch, 1)`.

    Example:
        >>> conv_discriminator((28, 28, 1)).output_shape
        (None, 1)

    Reference:
        Radford, Metz & Chintala (2016), arXiv:1511.06434.
    """
    wrapped = wrapper(spectral_normalization)
    inputs, features = _conv_features(data_shape, filters, activation, wrapped)
    features = dropped(features, dropout)
    return keras.Model(inputs, wrapped(head(1, "logit"))(features), name="discriminator")


def _conv(channels, layer=layers.Conv2D, **options):
    return layer(channels, 3, padding="same", data_format="channels_last", **options)


def _conv_features(data_shape, filters, activation, wrapped=unchanged):
    features = inputs = keras.Input(image_shape(data_shape))
    for channels in whole_numbers(filters, "filters", minimum_length=1):
        features = wrapped(_conv(channels, strides=2, activation=activation))(features)
    return inputs, flat(features)


def _upsampled(inputs, data_shape, filters, activation, batch_norm=False):
    """Features of the height and width of an image, by doublings; what is too much of them is cut off all round."""
    height, width, _ = image_shape(data_shape)
    filters = whole_numbers(filters, "filters", minimum_length=1)
    shrink = 2 ** len(filters)
    small = (-(-height // shrink), -(-width // shrink), filters[0])
    features = layers.Reshape(small)(layers.Dense(math.prod(small), activation=activation)(inputs))
    for channels in filters:
        features = _conv(channels, layers.Conv2DTranspose, strides=2, use_bias=not batch_norm)(features)
        features = layers.BatchNormalization(axis=-1)(features) if batch_norm else features
        features = layers.Activation(activation)(features)
    margins = [(size * shrink - wanted) for size, wanted in zip(small, (height, width), strict=False)]
    if not any(margins):
        return features
    cut = [(margin // 2, margin - margin // 2) for margin in margins]
    return layers.Cropping2D(cut, data_format="channels_last")(features)
