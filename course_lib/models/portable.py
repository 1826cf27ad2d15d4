"""Models as files: saved whole or not at all, and exported network by network."""

import random
import types

import keras

from course_lib.contracts.networks import meet
from course_lib.models.parts import name_of

_PARTS = ("log_likelihood", "objective", "penalty", "given_prior", "augmentation", "quantizer")
_NETWORKS = ("encoder", "decoder", "generator", "discriminator", "network")
_RULES = {"given_prior": "prior"}  # what a model keeps a part under, and what its argument is called


class Portable:
    """A Keras model that refuses to write a file which could not be read again."""

    def save(self, filepath, overwrite=True, **kwargs):
        """Save the whole model, as `keras.Model.save` does, if `keras.saving.load_model` will be able to load it.

        Args:
            filepath: Path that ends in `.keras`.
            overwrite: Whether an existing file is replaced without a question.
            **kwargs: As for `keras.Model.save`.

        Raises:
            ValueError: If the likelihood, the objective or another part is a function or class of your own that Keras
                could not find again, before anything is written; or if the file's name ends in `.h5`, a format that
                holds no models of this kind.
        """
        if str(filepath).endswith((".h5", ".hdf5")):
            raise ValueError(
                f"{type(self).__name__} is saved in Keras' own format; got {str(filepath)!r}. Let the name end in "
                ".keras, or save the weights alone: model.save_weights('model.weights.h5')."
            )
        require_loadable(self)
        return super().save(filepath, overwrite=overwrite, **kwargs)

    def export(self, *args, **kwargs):
        """Refuse: an exported graph has one input and one answer, a model several. Export its networks.

        Raises:
            ValueError: Always, with the calls that work.
        """
        names = [name for name in _NETWORKS if isinstance(getattr(self, name, None), keras.Model)]
        calls = ", ".join(f"model.{name}.export(path)" for name in names) or "its networks, written as a keras.Model"
        raise ValueError(
            f"{type(self).__name__} should be exported network by network; got export of the whole model, which "
            f"answers with the ingredients of its loss and serves no data. Export what you serve: {calls}. To keep the "
            "whole model, model.save('model.keras')."
        )

    def build_from_config(self, config):
        """Build networks that are written as classes on the shape of the data that the saved model was built on."""
        shape = (config or {}).get("input_shape")
        if hasattr(self, "encoder") and isinstance(shape, (tuple, list)) and isinstance(shape[-1], int):
            meet(self.encoder, "encoder", tuple(shape[1:]))
            self.check_networks()
        super().build_from_config(config)

    def get_config(self):
        try:
            require_loadable(self)
        except ValueError as error:  # `save` has asked before: this is `keras.saving.save_model`, or a copy
            raise ValueError(
                f"{error} To save, call model.save(path): it asks first, while keras.saving.save_model(model, path) "
                "has already emptied its file, which is then to be deleted."
            ) from None
        return super().get_config()


def require_loadable(model):
    """Raise a `ValueError` if a part of a model would be saved in a way that cannot be loaded.

    Args:
        model: A model with some of the attributes `log_likelihood`, `objective`, `penalty`, `given_prior`.

    Raises:
        ValueError: With the code that makes the part known to Keras.

    Example:
        >>> from course_lib.formulas import likelihoods
        >>> require_loadable(types.SimpleNamespace(log_likelihood=likelihoods.gaussian(1.0)))
    """
    for attribute in _PARTS:
        part = getattr(model, attribute, None)
        reason = None if part is None else _reason_against(part)
        if reason is not None:
            name = _RULES.get(attribute, attribute)
            raise ValueError(
                f"The model would be saved, but could not be loaded: its {name}, {name_of(part)!r}, {reason[0]}. "
                + reason[1].format(place=f"model.{attribute}", name=name)
            )


def _reason_against(part):
    """Why a part could not be loaded again, and the repair; None if it can."""
    if isinstance(part, types.FunctionType) and part.__name__ == "<lambda>":
        return "is a lambda, which has no name to be found by", (
            "Write it as a function by def, register it, and hand it over before you save: {place} = my_function."
        )
    try:
        state = random.getstate()  # a copy of a layer draws seeds for its weights
        copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(part))
    except (TypeError, ValueError, NotImplementedError, AttributeError, KeyError):
        copy = None
    finally:
        random.setstate(state)
    if isinstance(copy, type(part)) and callable(part) == callable(copy):
        return None
    own, kind = ("{place}", "function") if isinstance(part, types.FunctionType) else ("type({place})", "class")
    if not isinstance(part, types.FunctionType) and not hasattr(part, "get_config"):
        return f"is a {type(part).__name__} that cannot be described", (
            "Write it as a function by def, or as a class with get_config and from_config, and register it."
        )
    return f"is a {kind} of your own that Keras does not know", (
        "Decorate it with @keras.saving.register_keras_serializable(), or register it now and save again: "
        f"keras.saving.register_keras_serializable()({own})."
    )
