"""Reads off a network what a model must know about it: shapes, the activation it ends in, whether it convolves.

A functional or Sequential network is read layer by layer. One that is written as a class has no layers that say in
which order they are called: it is called itself, on random inputs of three sizes, and what it answers is remembered.
"""

import re
import weakref
from typing import NamedTuple

import keras
import numpy as np
from keras import ops

_NUM_PROBES, _PROBE_SCALES = 16, (1.0, 30.0, 1000.0)
_SAME = 1e-3  # how near to 1 the sum of a softmax is in float16


class Probe(NamedTuple):
    """What was seen of a network whose code cannot be read, when it was called on random inputs.

    Attributes:
        input_shape: Shape of one input example.
        output_shapes: Shapes of one example of each output.
        activation: `"sigmoid"`, `"tanh"` or `"softmax"` if its outputs kept to that range however large the input was,
            else None.
    """

    input_shape: tuple
    output_shapes: list
    activation: str | None


_PROBES = weakref.WeakKeyDictionary()


def can_be_read(network):
    """Whether the layers of a network, and what connects them, stand in the model: functional or Sequential.

    Example:
        >>> can_be_read(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]))
        True
    """
    return isinstance(network, keras.Sequential) or bool(getattr(network, "outputs", None))


def meet(network, name, input_shape, examples=None):
    """Call a network that is written as a class, once, so that its shapes and the range of its answers are known.

    What was seen is remembered: `output_shapes`, `input_shape` and `final_activation` answer by it. A network that can
    be read is not called.

    Args:
        network: Keras model or layer of one input; it is built if it was not.
        name: What it is called, for the message.
        input_shape: Shape of one input example; None if it is unknown, and then nothing happens.
        examples: Inputs to call it on, `(n, *input_shape)`; None for random ones of three sizes.

    Raises:
        ValueError: If the network cannot be called on such inputs.

    Example:
        >>> layer = keras.layers.Dense(2, activation="sigmoid")
        >>> meet(layer, "decoder", (3,))
        >>> output_shapes(layer), final_activation(layer)
        ([(2,)], 'sigmoid')
    """
    if can_be_read(network) or _probe_of(network) or input_shape is None or None in input_shape:
        return
    noise = np.random.default_rng(0).standard_normal((_NUM_PROBES, *input_shape)).astype("float32")
    inputs = [scale * noise for scale in _PROBE_SCALES] if examples is None else [examples[:_NUM_PROBES]]
    try:
        answers = [_called(network, each) for each in inputs]
    except Exception as error:
        raise ValueError(
            f"The {name}, a {type(network).__name__}, must take a batch of shape "
            f"(n, {', '.join(map(str, input_shape))}); got {type(error).__name__} when it was called on one: "
            f"{_reason(error)} Repair its call, or the sizes of its layers."
        ) from error
    outputs = [np.stack(parts) for parts in zip(*answers, strict=True)]  # (scales, n, ...) each
    activation = _range_of(outputs[0]) if len(outputs) == 1 and examples is None else None
    _PROBES[network] = Probe(tuple(input_shape), [part.shape[2:] for part in outputs], activation)


def _called(network, inputs):
    outputs = network(ops.convert_to_tensor(inputs), training=False)
    if isinstance(outputs, dict):
        raise TypeError("it returns a dict, where a tensor or a tuple of tensors is read.")
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    return [ops.convert_to_numpy(ops.stop_gradient(ops.cast(each, "float32"))) for each in outputs]


def _reason(error):
    """The sentence of an error that Keras surrounds with the arguments of its call."""
    lines = [line.strip() for line in str(error).splitlines()]
    sentences = [line for line in lines if len(line) > 1 and not line.startswith(("Exception encountered", "Arg", "•"))]
    return sentences[0][:200].rstrip(".") + "." if sentences else "it gave no reason."


def _probe_of(network):
    try:
        return _PROBES.get(network)
    except TypeError:  # what cannot be referred to weakly is no network
        return None


def _range_of(outputs):
    """The name of the activation whose range all outputs keep to; None for a constant, which says nothing."""
    low, high = outputs.min(), outputs.max()
    if not (np.isfinite(low) and np.isfinite(high)) or high - low < _SAME:
        return None
    if low >= 0 and high <= 1:
        sums = outputs.sum(axis=-1)
        is_softmax = outputs.shape[-1] > 1 and np.abs(sums - 1).max() < _SAME
        return "softmax" if is_softmax else "sigmoid"
    is_tanh = low >= -1 and high <= 1 and max(-low, high) > 1 - _SAME
    return "tanh" if is_tanh else None


def has_convolutions(network):
    """Whether any layer of a network, at any depth, is a convolution.

    Example:
        >>> has_convolutions(keras.Sequential([keras.layers.Conv2D(4, 3)]))
        True
    """
    return any(hasattr(layer, "kernel_size") for layer in network._flatten_layers())


def rescales_input(network):
    """Whether a network brings its input to unit scale itself, before anything else is made of it.

    Example:
        >>> rescales_input(keras.Sequential([keras.layers.Rescaling(1 / 255), keras.layers.Dense(2)]))
        True
    """
    for layer in network._flatten_layers(include_self=False):
        if isinstance(layer, _RESCALING):
            return True
        if layer.weights or hasattr(layer, "units") or hasattr(layer, "kernel_size"):
            return False
    return False


def first_width(network, at_least=16):
    """The units of a network's first dense layer, or 256, those of the builders, where it begins in another way.

    Example:
        >>> first_width(keras.Sequential([keras.Input((3,)), keras.layers.Dense(64)]))
        64
    """
    for layer in network._flatten_layers(include_self=False):
        if isinstance(layer, keras.layers.Dense):
            return max(at_least, layer.units)
        if hasattr(layer, "kernel_size"):
            return 256
    return 256


def input_shape(network):
    """The shape of one input example of a built network, or None if it is not built.

    Example:
        >>> input_shape(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]))
        (3,)
    """
    if _probe_of(network):
        return _probe_of(network).input_shape
    return _one_shape(network, "input_shape") or _shape_of_the_first_call(network)


def output_shapes(network):
    """The shapes of one example of each of a network's outputs, or None if it is not built.

    Example:
        >>> output_shapes(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]))
        [(2,)]
    """
    if _probe_of(network):
        return list(_probe_of(network).output_shapes)
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
        A name such as `"linear"`, `"sigmoid"` or `"softmax"`; of a network written as a class what its outputs look
        like, once it was met (`meet`); None if the end cannot be known.

    Example:
        >>> head = keras.layers.Dense(2, activation="sigmoid")
        >>> final_activation(keras.Sequential([head, keras.layers.Reshape((2, 1))]))
        'sigmoid'
    """
    if isinstance(network, keras.Sequential):
        return _last_activation(reversed(network.layers))
    if _probe_of(network):
        return _probe_of(network).activation
    if isinstance(network, keras.Model):
        outputs = getattr(network, "outputs", None)
        return _activation_behind(outputs[0]) if outputs else None  # a subclass's call cannot be read
    if isinstance(network, keras.layers.Wrapper):
        return final_activation(network.layer)
    activation = getattr(network, "activation", None)
    return getattr(activation, "__name__", None) if activation is not None else _snake_case(type(network).__name__)


_RESCALING = (
    keras.layers.Rescaling,
    keras.layers.Normalization,
    keras.layers.BatchNormalization,
    keras.layers.LayerNormalization,
    keras.layers.UnitNormalization,
)

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


def _shape_of_the_first_call(network):
    """What a network that is written as a class was first called on; None if it was not, or has several inputs."""
    if can_be_read(network) or not network.built:
        return None
    shape = (network.get_build_config() or {}).get("input_shape")
    return tuple(shape[1:]) if isinstance(shape, (tuple, list)) and None not in shape[1:] else None


def require_posterior(model, purpose):
    """Raise unless a model has what a bound on log p(x) is made of: q(z|x), a decoder and a likelihood of numbers in x.

    Args:
        model: A `VAE`, or a model with `encoder`, `decoder` and `log_likelihood` like it.
        purpose: What needs it, for the message.

    Raises:
        ValueError: With the way in which the question can be asked of such a model.

    Example:
        >>> require_posterior(keras.layers.Dense(1), "impute")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        ValueError: impute takes a VAE; got a Dense, which has no encoder, ...
    """
    kind = type(model).__name__
    if isinstance(model, type):
        raise ValueError(f"{purpose} takes a VAE; got the class {model.__name__}. Make a model of it, and train it.")
    if callable(getattr(model, "given", None)):
        raise ValueError(
            f"{purpose} takes a VAE; got a {kind}, which needs labels. Ask for one class at a time: "
            "model.given(label), the VAE of p(x | label)."
        )
    if hasattr(model, "quantizer"):
        raise ValueError(
            f"{purpose} takes a VAE; got a {kind}, whose codes are symbols without a q(z|x). Its bound is exact and "
            "needs no draws: model.elbo(x)."
        )
    missing = [name for name in ("encoder", "decoder", "log_likelihood") if getattr(model, name, None) is None]
    if missing and missing[0] in ("encoder", "decoder"):
        raise ValueError(
            f"{purpose} takes a VAE; got a {kind}, which has no {missing[0]}, so that there is no bound on log p(x). "
            "Compare its samples with data: metrics.frechet_distance(real, generated)."
        )
    codes = output_shapes(model.encoder) if isinstance(model.encoder, keras.layers.Layer) else None
    if missing or (codes is not None and len(codes) != 2):
        raise ValueError(
            f"{purpose} takes a VAE; got a {kind}, whose encoder gives a point and no q(z|x), so that there is no "
            "bound on log p(x). Train a VAE, or judge the reconstructions: model.reconstruct(x)."
        )


def _snake_case(name):
    return re.sub(r"(?<!^)(?=[A-Z][a-z])", "_", name).lower()


def _one_shape(network, attribute):
    shape = getattr(network, attribute, None) if network.built else None
    return None if shape is None or isinstance(shape, (list, dict)) else tuple(shape[1:])
