"""What autoencoders and VAEs share: how a code meets a decoder, and a decoder a likelihood."""

import keras

from course_lib import likelihoods
from course_lib.data_contract import DataContract
from course_lib.inspection import final_activation, input_shape, output_shapes


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


def check_code_fits(encoder, decoder, num_outputs):
    """Raise unless the encoder returns `num_outputs` codes of the size that the decoder takes."""
    codes, taken = output_shapes(encoder), input_shape(decoder)
    if codes is None:
        return
    if len(codes) != num_outputs or len(set(codes)) != 1:
        expected = "one code" if num_outputs == 1 else "(mean, log_var), two tensors of the same shape"
        raise ValueError(f"The encoder must return {expected}; it returns {len(codes)} of shapes {codes}.")
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
    """Raise if a layer of a network has an `activity_regularizer`, whose strength nobody could state."""
    for layer in model._flatten_layers():
        if getattr(layer, "activity_regularizer", None) is not None:
            raise ValueError(
                f"The layer {layer.name!r} has an activity_regularizer. Keras 3.13 sums it over the batch, Keras 3.15 "
                "averages it, so that its strength depends on the version and on the batch size. Remove it; an "
                "Autoencoder takes a penalty on its codes instead: penalty=course_lib.penalties.L1(weight)."
            )


def likelihood_contract(log_likelihood, data_shape, decoder):
    """The data that a likelihood, an encoder's input shape and a decoder's number of symbols accept."""
    facts, name = likelihoods.facts(log_likelihood), name_of(log_likelihood)
    logits = output_shapes(decoder) if facts.symbols else None
    maximum = facts.maximum if logits is None else logits[0][-1] - 1
    return DataContract(data_shape, facts.minimum, maximum, symbols=facts.symbols, because=name)


def name_of(function):
    """What to call a function in a message.

    Example:
        >>> name_of(likelihoods.gaussian(0.1))
        'gaussian(0.1)'
    """
    return getattr(function, "__name__", repr(function))


def deserialised(config, *keys):
    """A copy of a saved configuration with the named parts made into objects again."""
    return {
        key: keras.saving.deserialize_keras_object(value) if key in keys else value for key, value in config.items()
    }
