"""Fully connected networks that are told a label, or that tell one."""

import keras
from keras import layers

from course_lib.contracts.arguments import shape_of_example, whole_number
from course_lib.networks.parts import (
    code,
    dense_layers,
    flat,
    flat_features,
    gaussian_heads,
    head,
    parameters,
    reshaped_head,
)


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
    inputs, one_hot = keras.Input(shape_of_example(data_shape)), code(num_classes, "num_classes")
    features = layers.Concatenate()([flat(inputs), one_hot])
    features = dense_layers(features, hidden_units, activation)
    return keras.Model([inputs, one_hot], gaussian_heads(features, latent_dim), name="encoder")


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
    inputs, one_hot = code(latent_dim, "latent_dim"), code(num_classes, "num_classes")
    features = dense_layers(layers.Concatenate()([inputs, one_hot]), hidden_units, activation)
    outputs = parameters(data_shape, num_parameters)(features)
    return keras.Model([inputs, one_hot], outputs, name="decoder")


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
    inputs, one_hot = code(noise_dim, "noise_dim"), code(num_classes, "num_classes")
    features = dense_layers(layers.Concatenate()([inputs, one_hot]), hidden_units, activation)
    outputs = reshaped_head(data_shape, output_activation)(features)
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
    inputs, one_hot = keras.Input(shape_of_example(data_shape)), code(num_classes, "num_classes")
    features = layers.Concatenate()([flat(inputs), one_hot])
    features = dense_layers(features, hidden_units, activation, dropout)
    return keras.Model([inputs, one_hot], head(1, "logit")(features), name="discriminator")


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
    inputs, features = flat_features(data_shape, hidden_units, activation, dropout)
    num_classes = whole_number(num_classes, "num_classes", 2)
    heads = [head(1, "logit")(features), head(num_classes, "class_logits")(features)]
    return keras.Model(inputs, heads, name="discriminator")
