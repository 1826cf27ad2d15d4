"""Reads off a network what a model must know about it: shapes, the activation it ends in, whether it convolves."""

import re

import keras


def has_convolutions(network):
    """Whether any layer of a network, at any depth, is a convolution.

    Example:
        >>> has_convolutions(keras.Sequential([keras.layers.Conv2D(4, 3)]))
        True
    """
    return any(hasattr(layer, "kernel_size") for layer in network._flatten_layers())


def input_shape(network):
    """The shape of one input example of a built network, or None if it is not built.

    Example:
        >>> input_shape(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]))
        (3,)
    """
    return _one_shape(network, "input_shape")


def output_shapes(network):
    """The shapes of one example of each of a network's outputs, or None if it is not built.

    Example:
        >>> output_shapes(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]))
        [(2,)]
    """
    shape = getattr(network, "output_shape", None) if network.built else None
    if shape is None:
        return None
    shapes = shape if isinstance(shape, list) or isinstance(shape[0], (tuple, list)) else [shape]
    return [tuple(each[1:]) for each in shapes]


def final_activation(network):
    """The name of the activation that a network ends in, looking through reshapes and nested models.

    Args:
        network: A Keras layer or model.

    Returns:
        A name such as `"linear"`, `"sigmoid"` or `"softmax"`; None if the end cannot be read off.

    Example:
        >>> head = keras.layers.Dense(2, activation="sigmoid")
        >>> final_activation(keras.Sequential([head, keras.layers.Reshape((2, 1))]))
        'sigmoid'
    """
    if isinstance(network, keras.Sequential):
        return _last_activation(reversed(network.layers))
    if isinstance(network, keras.Model):
        outputs = getattr(network, "outputs", None)
        return _activation_behind(outputs[0]) if outputs else None  # a subclass's call cannot be read
    if isinstance(network, keras.layers.Wrapper):
        return final_activation(network.layer)
    activation = getattr(network, "activation", None)
    return getattr(activation, "__name__", None) if activation is not None else _snake_case(type(network).__name__)


_TRANSPARENT = {  # layers and operations that move numbers and keep their range
    *("Reshape", "Flatten", "Permute", "Cropping1D", "Cropping2D", "Dropout", "Identity", "InputLayer"),
    *("Squeeze", "ExpandDims", "Transpose", "Cast"),
}


def _last_activation(layers):
    for layer in layers:
        if type(layer).__name__ not in _TRANSPARENT:
            return final_activation(layer)
    return None


def _activation_behind(tensor):
    """Walk back from an output of a functional model to the operation that made its values."""
    while True:
        operation, node_index, tensor_index = tensor._keras_history
        if isinstance(operation, keras.Model) and not isinstance(operation, keras.Sequential):
            outputs = getattr(operation, "outputs", None)
            return _activation_behind(outputs[tensor_index]) if outputs else None
        if type(operation).__name__ not in _TRANSPARENT:
            return final_activation(operation)
        if not operation._inbound_nodes[node_index].input_tensors:
            return None  # the network returns its input
        tensor = operation._inbound_nodes[node_index].input_tensors[0]


def _snake_case(name):
    return re.sub(r"(?<!^)(?=[A-Z][a-z])", "_", name).lower()


def _one_shape(network, attribute):
    shape = getattr(network, attribute, None) if network.built else None
    return None if shape is None or isinstance(shape, (list, dict)) else tuple(shape[1:])
