"""What the builders share: inputs, heads and hidden layers."""

import math

import keras
from keras import layers

from course_lib.contracts.arguments import real_number, shape_of_example, whole_number, whole_numbers
from course_lib.layers import SpectralNormalization


def code(size, name):
    """The input of a network that is given a code, noise or a one-hot label."""
    return keras.Input((whole_number(size, name, 1),))


def head(units, name):
    """A linear layer that answers in float32 under every precision policy."""
    return layers.Dense(units, dtype="float32", name=name)


def gaussian_heads(features, latent_dim):
    """The mean and the log-variance of q(z|x)."""
    latent_dim = whole_number(latent_dim, "latent_dim", 1)
    return [head(latent_dim, "mean")(features), head(latent_dim, "log_var")(features)]


def reshaped_head(data_shape, activation=None):
    """A head whose answer has the shape of the data."""
    data_shape = shape_of_example(data_shape)

    def head(features):
        flat = layers.Dense(math.prod(data_shape), activation=activation, dtype="float32")(features)
        return layers.Reshape(data_shape, dtype="float32")(flat)

    return head


def parameters(data_shape, num_parameters):
    """The heads of a decoder: one tensor, or a list of them."""

    def heads(features):
        outputs = [
            reshaped_head(data_shape)(features) for _ in range(whole_number(num_parameters, "num_parameters", 1))
        ]
        return outputs if len(outputs) > 1 else outputs[0]

    return heads


def flat(features):
    """Examples as rows, whatever Keras' setting of the image format says."""
    return layers.Flatten(data_format="channels_last")(features)


def dropped(features, dropout):
    """Features, of which training drops a share; a `ValueError` for what is no share."""
    if not 0 <= real_number(dropout, "dropout") < 1:
        raise ValueError(f"dropout, the share of features dropped in training, must lie in [0, 1); got {dropout!r}.")
    return layers.Dropout(dropout)(features) if dropout else features


def wrapper(spectral_normalization):
    """What each layer with a kernel is wrapped in."""
    return SpectralNormalization if spectral_normalization else unchanged


def unchanged(layer):
    """The layer itself: a wrapper that does nothing."""
    return layer


def dense_layers(features, hidden_units, activation, dropout=0.0, wrapped=unchanged):
    """Hidden layers, one after the other."""
    for units in whole_numbers(hidden_units, "hidden_units"):
        features = wrapped(layers.Dense(units, activation=activation))(features)
        features = dropped(features, dropout)
    return features


def flat_features(data_shape, hidden_units, activation, dropout=0.0, wrapped=unchanged):
    """The input of a network of data, and what its hidden layers make of it."""
    inputs = keras.Input(shape_of_example(data_shape))
    return inputs, dense_layers(flat(inputs), hidden_units, activation, dropout, wrapped)
