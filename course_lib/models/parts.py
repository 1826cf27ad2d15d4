"""What autoencoders and VAEs share: how a code meets a decoder, and a decoder a likelihood."""

import dataclasses
import math

import keras

from course_lib.contracts.data import DataContract
from course_lib.contracts.networks import (
    can_be_read,
    final_activation,
    first_width,
    input_shape,
    meet,
    output_shapes,
    rescales_input,
)
from course_lib.formulas import likelihoods

_LOUDEST, _LOUDEST_WITH_VARIANCE, _LOUDEST_WITHOUT_EXPONENTIALS = 10.0, 3.0, 50.0  # see loudest_data
_QUIETEST = 0.01  # the norm of an example, in stated deviations: less is reconstructed by 0 as well as by anything


def as_tuple(outputs):
    """A network's output, one tensor or several, as a tuple.

    Example:
        >>> as_tuple([1, 2]), as_tuple(3)
        ((1, 2), (3,))
    """
    return tuple(outputs) if isinstance(outputs, (list, tuple)) else (outputs,)


def latent_dim(encoder, decoder):
    """The number of latent dimensions, read off whichever network is built."""
    if input_shape(decoder) is not None:
        return input_shape(decoder)[-1]
    if output_shapes(encoder) is not None:
        return output_shapes(encoder)[0][-1]
    raise ValueError("The latent size cannot be read off networks that are not built: begin them with keras.Input.")


def require_networks(**networks):
    """Raise unless each network is a Keras model or layer that answers with tensors, its images with channels last."""
    for name, network in networks.items():
        if isinstance(network, type):
            raise ValueError(
                f"The {name} must be a network; got the class {network.__name__}. Make one: {network.__name__}()."
            )
        if not isinstance(network, keras.layers.Layer):
            raise ValueError(
                f"The {name} must be a Keras model or layer; got a {type(network).__name__}. Build it by "
                "course_lib.networks or as a keras.Model."
            )
        if isinstance(getattr(network, "output_shape", None) if network.built else None, dict):
            raise ValueError(
                f"The {name} must return a tensor or several; got a network that returns a dict. Make it anew: "
                "keras.Model(network.inputs, list(network.output.values()))."
            )


def meet_coders(encoder, decoder):
    """Call an encoder and a decoder that are written as classes, if it is known on what; see `inspection.meet`."""
    require_networks(encoder=encoder, decoder=decoder)
    meet(encoder, "encoder", input_shape(encoder))
    codes = output_shapes(encoder)
    meet(decoder, "decoder", codes[0] if codes else input_shape(decoder))


def built_on_first_data(contract, model):
    """A model's contract that builds its encoder on the first data, if the encoder is a class that was never called."""
    if can_be_read(model.encoder) or output_shapes(model.encoder) is not None:
        return contract

    def build(x):
        meet(model.encoder, "encoder", x.shape[1:], examples=x)
        model.check_networks()

    return dataclasses.replace(contract, at_first=build)


def check_code_fits(encoder, decoder, num_outputs):
    """Raise unless the encoder returns `num_outputs` codes of the size that the decoder takes."""
    codes, taken = output_shapes(encoder), input_shape(decoder)
    if codes is None:
        return
    if len(codes) != num_outputs or len(set(codes)) != 1:
        expected = "one code" if num_outputs == 1 else "(mean, log_var), two tensors of the same shape"
        repair = (
            "Return the two alone: the model draws z itself."
            if num_outputs == 2 < len(codes)
            else "Change its last layers."
        )
        raise ValueError(f"The encoder must return {expected}; it returns {len(codes)} of shapes {codes}. {repair}")
    if taken is not None and codes[0] != taken:
        raise ValueError(
            f"The encoder returns codes of shape {codes[0]}, the decoder takes {taken}: the latent sizes must match. "
            "Build both with the same latent_dim."
        )


def check_decoder(decoder, log_likelihood, data_shape):
    """Raise unless the decoder returns what the likelihood takes: as many tensors, of the right shape, logits if so.

    `log_likelihood` None stands for the squared error, which takes one tensor of values.
    """
    facts = likelihoods.Likelihood(mean=None) if log_likelihood is None else likelihoods.facts(log_likelihood)
    name = "the squared error" if log_likelihood is None else name_of(log_likelihood)
    made = output_shapes(decoder)
    if made is not None and len(made) != facts.num_parameters:
        raise ValueError(f"{name} takes {facts.num_parameters} tensor(s) from the decoder; it returns {len(made)}.")
    if made is not None and data_shape is not None and not facts.symbols and made[0] != data_shape:
        raise ValueError(f"The encoder takes data of shape {data_shape}; the decoder returns {made[0]}. Reshape it.")
    if facts.takes_logits and final_activation(decoder) in ("sigmoid", "hard_sigmoid", "softmax"):
        raise ValueError(
            f"{name} takes logits, but the decoder ends in a {final_activation(decoder)}: it would be applied twice, "
            "and no pixel could become black or white. Remove the activation from the decoder's last layer."
        )


def refuse_activity_regularisers(model):
    """Raise if a layer of a network has an `activity_regularizer`, whose strength nobody could state.

    Or if its images begin with the channels, where those of the course end with them.
    """
    _refuse_channels_first(model)
    for layer in model._flatten_layers():
        if getattr(layer, "activity_regularizer", None) is not None:
            raise ValueError(
                f"The layer {layer.name!r} has an activity_regularizer. Keras 3.13 sums it over the batch, Keras 3.15 "
                "averages it, so that its strength depends on the version and on the batch size. Remove it; an "
                "Autoencoder takes a penalty on its codes instead: penalty=course_lib.formulas.L1(weight)."
            )


def _refuse_channels_first(model):
    layers = list(model._flatten_layers())
    if any(isinstance(layer, keras.layers.Permute) for layer in layers):
        return  # it may well move the channels to where such a layer looks for them
    for layer in layers:
        is_flatten = isinstance(layer, keras.layers.Flatten)  # in which order it reads pixels is nobody's concern
        if getattr(layer, "data_format", None) == "channels_first" and not is_flatten:
            raise ValueError(
                f"The layer {layer.name!r} must read images as (height, width, channels); got "
                "data_format='channels_first', which takes rows of pixels for channels. Make it with "
                "data_format='channels_last', or set that once: keras.config.set_image_data_format('channels_last')."
            )


def likelihood_contract(log_likelihood, data_shape, encoder, decoder):
    """The data that a likelihood, an encoder's input shape and a decoder's number of symbols accept."""
    facts, name = likelihoods.facts(log_likelihood), name_of(log_likelihood)
    logits = output_shapes(decoder) if facts.symbols else None
    maximum = facts.maximum if logits is None else logits[0][-1] - 1
    loudest = loudest_data(log_likelihood, encoder)
    quietest = None
    if hasattr(log_likelihood, "variance"):  # what many values say together is not lost in the noise of each
        quietest = _QUIETEST * log_likelihood.variance**0.5 / math.prod(size or 1 for size in data_shape) ** 0.5
    options = {"symbols": facts.symbols, "because": name, "loudest": loudest, "width": first_width(encoder)}
    options["quietest"] = quietest
    return DataContract(data_shape, facts.minimum, maximum, **options)


def loudest_data(log_likelihood, encoder=None):
    """How large data without a range may be for training to begin: a limit of `DataContract.loudest`, or None.

    An encoder with its initial weights makes log-variances as large as its input, and what overflows is their
    exponential, whatever σ² the likelihood has. Measured with dense networks of 16 and of (256, 128) units, Adam at
    1e-3, tables of 2 to 64 columns and images of 8 × 8 and 28 × 28: with a fixed variance data of loudness 10 train as
    those of loudness 1 do, from 13 on nothing is learned, from 16 on the loss is NaN; where the decoder returns a
    variance too, a second exponential, the first NaN comes at 3.2. The squared error has no exponential and trains at
    any scale, but beyond 50, which no data of one unit reach by accident, the column in the smallest unit (euros beside
    years) is all that it sees.

    Args:
        log_likelihood: A known log-probability, or None for the squared error.
        encoder: Its network; one that begins by rescaling its input overflows at no scale, and then the unit is σ.

    Returns:
        Float, or None where data have a range of their own.

    Example:
        >>> loudest_data(likelihoods.gaussian(0.01)), loudest_data(likelihoods.bernoulli_log_prob)
        (10.0, None)
    """
    if log_likelihood is None:
        return _LOUDEST_WITHOUT_EXPONENTIALS
    facts = likelihoods.facts(log_likelihood)
    if facts.symbols or facts.minimum is not None or facts.maximum is not None:
        return None
    if encoder is not None and rescales_input(encoder):
        return _LOUDEST_WITHOUT_EXPONENTIALS * max(1.0, getattr(log_likelihood, "variance", 1.0)) ** 0.5
    return _LOUDEST if facts.num_parameters == 1 else _LOUDEST_WITH_VARIANCE


def name_of(function):
    """What to call a function in a message.

    Example:
        >>> name_of(likelihoods.gaussian(0.1))
        'gaussian(0.1)'
    """
    return getattr(function, "__name__", repr(function))


def deserialised(config, *keys):
    """A copy of a saved configuration with the named parts made into objects again.

    Raises:
        ValueError: If a part is a function or class of the user's that is not registered here.
    """
    return {key: _deserialised(key, value) if key in keys else value for key, value in config.items()}


def _deserialised(key, config):
    try:
        return keras.saving.deserialize_keras_object(config)
    except TypeError as error:
        if "Could not locate" not in str(error) or not isinstance(config, dict):
            raise
        saved = config.get("registered_name") or config.get("config")
        name = saved if isinstance(saved, str) and saved != "function" else config.get("config")
        name = str(name).split(">")[-1]
        known = (
            "course_lib.formulas.likelihoods.register"
            if key == "log_likelihood"
            else "keras.saving.register_keras_serializable"
        )
        raise ValueError(
            f"The model was saved with a {key} of its user's, {name!r}, which is not known in this session. Define "
            f"{name} as it was, and make it known by {known} (in the way and under the name of then), before you load "
            f"the model; or name it: keras.saving.load_model(path, custom_objects={{{name!r}: {name}}})."
        ) from None
