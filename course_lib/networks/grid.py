"""Fully connected networks whose code is a grid of vectors, for a `VQVAE`."""

import keras

from course_lib.contracts.arguments import shape_of_example, whole_number
from course_lib.networks.parts import flat_features, parameters, reshaped_head


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
    inputs, features = flat_features(data_shape, hidden_units, activation)
    return keras.Model(inputs, reshaped_head(_grid(positions, code_dim))(features), name="encoder")


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
    inputs, features = flat_features(_grid(positions, code_dim), hidden_units, activation)
    outputs = parameters(data_shape, num_parameters)(features)
    return keras.Model(inputs, outputs, name="decoder")


def _grid(positions, code_dim):
    return (*shape_of_example(positions, "positions"), whole_number(code_dim, "code_dim", 1))
