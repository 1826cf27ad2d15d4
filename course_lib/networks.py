"""Builders of small networks: encoders, decoders, generators and discriminators.

Every builder returns an ordinary functional Keras model, ready to be replaced by your own. Heads are linear and
float32 under every precision policy: codes and means may take any sign, and decoders and discriminators return
*logits* (or means), never probabilities. Images are (height, width, channels), whatever Keras' setting
`image_data_format` says: each layer that has such a format is told so. Every builder raises a `ValueError` for an
argument that means nothing.
"""

import math

import keras
from keras import layers

from course_lib.arguments import image_shape, real_number, shape_of_example, whole_number, whole_numbers
from course_lib.layers import ParallelDense, SpectralNormalization


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
    inputs, features = _flat_features(data_shape, hidden_units, activation)
    return keras.Model(inputs, _head(whole_number(latent_dim, "latent_dim", 1), "code")(features), name="encoder")


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
    inputs, features = _flat_features(data_shape, hidden_units, activation)
    return keras.Model(inputs, _gaussian_heads(features, latent_dim), name="encoder")


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
    inputs = _code(latent_dim, "latent_dim")
    features = _dense_layers(inputs, hidden_units, activation)
    outputs = _parameters(data_shape, num_parameters)(features)
    return keras.Model(inputs, outputs, name="decoder")


def dense_conditional_encoder(data_shape, latent_dim, num_classes, hidden_units=(256, 128), activation="relu"):
    """A fully connected encoder of data and a label, for a `ConditionalVAE`.

    Args:
        data_shape: Tuple, the shape of one example.
        latent_dim: Integer, the number of latent dimensions.
        num_classes: Integer, the length of the one-hot label.
        hidden_units: Widths of the hidden layers; empty for a linear encoder.
        activation: Activation of the hidden layers.

    Returns:
        A Keras model from `[x, one_hot]` to `(mean, log_var)`, each `(batch, latent_dim)`.

    Example:
        >>> dense_conditional_encoder((28, 28, 1), latent_dim=8, num_classes=10).input_shape
        [(None, 28, 28, 1), (None, 10)]
    """
    inputs, one_hot = keras.Input(shape_of_example(data_shape)), _code(num_classes, "num_classes")
    features = layers.Concatenate()([_flat(inputs), one_hot])
    features = _dense_layers(features, hidden_units, activation)
    return keras.Model([inputs, one_hot], _gaussian_heads(features, latent_dim), name="encoder")


def dense_conditional_decoder(
    latent_dim, data_shape, num_classes, hidden_units=(128, 256), activation="relu", num_parameters=1
):
    """A fully connected decoder of a code and a label to the parameters of a likelihood, for a `ConditionalVAE`.

    Args:
        latent_dim: Integer, the number of latent dimensions.
        data_shape: Tuple, the shape of one example.
        num_classes: Integer, the length of the one-hot label.
        hidden_units: Widths of the hidden layers; empty for a linear decoder.
        activation: Activation of the hidden layers.
        num_parameters: 1 for logits or means, 2 for `(mean, log_var)`.

    Returns:
        A Keras model from `[z, one_hot]` to one tensor `(batch, *data_shape)`, or to a list of them.

    Example:
        >>> dense_conditional_decoder(8, (28, 28, 1), num_classes=10).output_shape
        (None, 28, 28, 1)
    """
    inputs, one_hot = _code(latent_dim, "latent_dim"), _code(num_classes, "num_classes")
    features = _dense_layers(layers.Concatenate()([inputs, one_hot]), hidden_units, activation)
    outputs = _parameters(data_shape, num_parameters)(features)
    return keras.Model([inputs, one_hot], outputs, name="decoder")


def dense_grid_encoder(data_shape, positions, code_dim, hidden_units=(256,), activation="relu"):
    """A fully connected encoder to a grid of vectors, for a `VQVAE`.

    Args:
        data_shape: Tuple, the shape of one example.
        positions: Tuple, the shape of the grid of codes, such as `(16,)` or `(4, 4)`.
        code_dim: Integer, the length of each vector.
        hidden_units: Widths of the hidden layers.
        activation: Activation of the hidden layers.

    Returns:
        A Keras model from `(batch, *data_shape)` to `(batch, *positions, code_dim)`.

    Example:
        >>> dense_grid_encoder((28, 28, 1), positions=(16,), code_dim=4).output_shape
        (None, 16, 4)
    """
    inputs, features = _flat_features(data_shape, hidden_units, activation)
    return keras.Model(inputs, _reshaped_head(_grid(positions, code_dim))(features), name="encoder")


def dense_grid_decoder(positions, code_dim, data_shape, hidden_units=(256,), activation="relu", num_parameters=1):
    """A fully connected decoder of a grid of vectors to the parameters of a likelihood, for a `VQVAE`.

    Args:
        positions: Tuple, the shape of the grid of codes.
        code_dim: Integer, the length of each vector.
        data_shape: Tuple, the shape of one example.
        hidden_units: Widths of the hidden layers.
        activation: Activation of the hidden layers.
        num_parameters: 1 for logits or means, 2 for `(mean, log_var)`.

    Returns:
        A Keras model from `(batch, *positions, code_dim)` to one tensor `(batch, *data_shape)`, or to a list of them.

    Example:
        >>> dense_grid_decoder((16,), code_dim=4, data_shape=(28, 28, 1)).output_shape
        (None, 28, 28, 1)
    """
    inputs, features = _flat_features(_grid(positions, code_dim), hidden_units, activation)
    outputs = _parameters(data_shape, num_parameters)(features)
    return keras.Model(inputs, outputs, name="decoder")


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
    return keras.Model(inputs, _head(whole_number(latent_dim, "latent_dim", 1), "code")(features), name="encoder")


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
    return keras.Model(inputs, _gaussian_heads(features, latent_dim), name="encoder")


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
    inputs = _code(latent_dim, "latent_dim")
    features = _upsampled(inputs, data_shape, filters, activation)
    head = _conv(data_shape[-1], dtype="float32", name="head")
    return keras.Model(inputs, head(features), name="decoder")


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
    inputs = _code(noise_dim, "noise_dim")
    features = _dense_layers(inputs, hidden_units, activation)
    outputs = _reshaped_head(data_shape, output_activation)(features)
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
    wrapped = _wrapper(spectral_normalization)
    inputs, features = _flat_features(data_shape, hidden_units, activation, dropout, wrapped)
    return keras.Model(inputs, wrapped(_head(1, "logit"))(features), name="discriminator")


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
        >>> parallel_generator(4, 2, copies=5).count_params() == 5 * dense_generator(4, (2,), (128, 128)).count_params()
        True
    """
    inputs = _code(noise_dim, "noise_dim")
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
    inputs = _code(data_dim, "data_dim")
    features = _parallel_layers(inputs, copies, hidden_units, activation, spectral_normalization)
    logit = ParallelDense(1, copies, spectral_normalization=spectral_normalization, dtype="float32", name="logit")
    return keras.Model(inputs, logit(features), name="discriminator")


def dense_conditional_generator(
    noise_dim, data_shape, num_classes, hidden_units=(128, 256), activation="relu", output_activation="sigmoid"
):
    """A fully connected generator from noise and a label to data, for a `ConditionalGAN`.

    Args:
        noise_dim: Integer, the number of noise dimensions.
        data_shape: Tuple, the shape of one example.
        num_classes: Integer, the length of the one-hot label.
        hidden_units: Widths of the hidden layers; empty for a linear generator.
        activation: Activation of the hidden layers.
        output_activation: `"sigmoid"` for data in [0, 1], `"tanh"` for [-1, 1], None for any number.

    Returns:
        A Keras model from `[z, one_hot]` to `(batch, *data_shape)`, in data space.

    Example:
        >>> dense_conditional_generator(16, (28, 28, 1), num_classes=10).input_shape
        [(None, 16), (None, 10)]
    """
    inputs, one_hot = _code(noise_dim, "noise_dim"), _code(num_classes, "num_classes")
    features = _dense_layers(layers.Concatenate()([inputs, one_hot]), hidden_units, activation)
    outputs = _reshaped_head(data_shape, output_activation)(features)
    return keras.Model([inputs, one_hot], outputs, name="generator")


def dense_conditional_discriminator(
    data_shape, num_classes, hidden_units=(256, 128), activation="leaky_relu", dropout=0.0
):
    """A fully connected discriminator of data and a label, for a `ConditionalGAN`.

    Args:
        data_shape: Tuple, the shape of one example.
        num_classes: Integer, the length of the one-hot label.
        hidden_units: Widths of the hidden layers.
        activation: Activation of the hidden layers.
        dropout: Share of hidden units dropped in training, in [0, 1).

    Returns:
        A Keras model from `[x, one_hot]` to one logit, `(batch, 1)`.

    Example:
        >>> dense_conditional_discriminator((28, 28, 1), num_classes=10).output_shape
        (None, 1)
    """
    inputs, one_hot = keras.Input(shape_of_example(data_shape)), _code(num_classes, "num_classes")
    features = layers.Concatenate()([_flat(inputs), one_hot])
    features = _dense_layers(features, hidden_units, activation, dropout)
    return keras.Model([inputs, one_hot], _head(1, "logit")(features), name="discriminator")


def dense_classifying_discriminator(
    data_shape, num_classes, hidden_units=(256, 128), activation="leaky_relu", dropout=0.0
):
    """A fully connected discriminator that also names the class, for an `AuxiliaryClassifierGAN`.

    Args:
        data_shape: Tuple, the shape of one example.
        num_classes: Integer, the number of classes.
        hidden_units: Widths of the hidden layers, which both heads share.
        activation: Activation of the hidden layers.
        dropout: Share of hidden units dropped in training, in [0, 1).

    Returns:
        A Keras model from data to `(logit, class_logits)`, `(batch, 1)` and `(batch, num_classes)`.

    Example:
        >>> dense_classifying_discriminator((28, 28, 1), num_classes=10).output_shape
        [(None, 1), (None, 10)]
    """
    inputs, features = _flat_features(data_shape, hidden_units, activation, dropout)
    num_classes = whole_number(num_classes, "num_classes", 2)
    heads = [_head(1, "logit")(features), _head(num_classes, "class_logits")(features)]
    return keras.Model(inputs, heads, name="discriminator")


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
    inputs = _code(noise_dim, "noise_dim")
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
    wrapped = _wrapper(spectral_normalization)
    inputs, features = _conv_features(data_shape, filters, activation, wrapped)
    features = _dropped(features, dropout)
    return keras.Model(inputs, wrapped(_head(1, "logit"))(features), name="discriminator")


def _code(size, name):
    return keras.Input((whole_number(size, name, 1),))


def _head(units, name):
    return layers.Dense(units, dtype="float32", name=name)


def _gaussian_heads(features, latent_dim):
    latent_dim = whole_number(latent_dim, "latent_dim", 1)
    return [_head(latent_dim, "mean")(features), _head(latent_dim, "log_var")(features)]


def _grid(positions, code_dim):
    return (*shape_of_example(positions, "positions"), whole_number(code_dim, "code_dim", 1))


def _reshaped_head(data_shape, activation=None):
    data_shape = shape_of_example(data_shape)

    def head(features):
        flat = layers.Dense(math.prod(data_shape), activation=activation, dtype="float32")(features)
        return layers.Reshape(data_shape, dtype="float32")(flat)

    return head


def _parameters(data_shape, num_parameters):
    """The heads of a decoder: one tensor, or a list of them."""

    def heads(features):
        outputs = [
            _reshaped_head(data_shape)(features) for _ in range(whole_number(num_parameters, "num_parameters", 1))
        ]
        return outputs if len(outputs) > 1 else outputs[0]

    return heads


def _flat(features):
    return layers.Flatten(data_format="channels_last")(features)


def _conv(channels, layer=layers.Conv2D, **options):
    return layer(channels, 3, padding="same", data_format="channels_last", **options)


def _dropped(features, dropout):
    if not 0 <= real_number(dropout, "dropout") < 1:
        raise ValueError(f"dropout, the share of features dropped in training, must lie in [0, 1); got {dropout!r}.")
    return layers.Dropout(dropout)(features) if dropout else features


def _wrapper(spectral_normalization):
    return SpectralNormalization if spectral_normalization else _unchanged


def _unchanged(layer):
    return layer


def _dense_layers(features, hidden_units, activation, dropout=0.0, wrapped=_unchanged):
    for units in whole_numbers(hidden_units, "hidden_units"):
        features = wrapped(layers.Dense(units, activation=activation))(features)
        features = _dropped(features, dropout)
    return features


def _parallel_layers(features, copies, hidden_units, activation, spectral_normalization=False):
    for units in whole_numbers(hidden_units, "hidden_units"):
        features = ParallelDense(units, copies, activation, spectral_normalization)(features)
    return features


def _flat_features(data_shape, hidden_units, activation, dropout=0.0, wrapped=_unchanged):
    inputs = keras.Input(shape_of_example(data_shape))
    return inputs, _dense_layers(_flat(inputs), hidden_units, activation, dropout, wrapped)


def _conv_features(data_shape, filters, activation, wrapped=_unchanged):
    features = inputs = keras.Input(image_shape(data_shape))
    for channels in whole_numbers(filters, "filters", minimum_length=1):
        features = wrapped(_conv(channels, strides=2, activation=activation))(features)
    return inputs, _flat(features)


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
