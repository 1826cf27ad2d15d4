"""Several trainings of one model, from other starts, with a program that is built once."""

import numpy as np
from keras import ops


def restart(model, like):
    """Let a model begin anew from the state of a fresh one: as if `like` were trained, but compiled already.

    Weights and random streams are copied, and the optimiser forgets what it has seen; training `model` then gives what
    training `like` would have given. TensorFlow takes seconds to build the program of a training, and a small one is
    over sooner.

    Args:
        model: A model that `fit` can train; it keeps its networks, its objective and its step size.
        like: A fresh model with the same networks. It is not changed, and may be `model` itself.

    Raises:
        ValueError: If the networks differ.

    Example:
        >>> import numpy as np
        >>> from course_lib import networks
        >>> from course_lib.models import Autoencoder
        >>> def fresh(): return Autoencoder(networks.dense_encoder((4,), 2, ()), networks.dense_decoder(2, (4,), ()))
        >>> model = fresh()
        >>> model.compile()
        >>> for start in range(3):
        ...     restart(model, fresh())
        ...     history = model.fit(np.ones((8, 4)), epochs=1, verbose=0)
        >>> int(model.optimizer.iterations)  # of the last training alone
        1
    """
    old, new = _state(model), _state(like)
    if [tuple(variable.shape) for variable in old] != [tuple(variable.shape) for variable in new]:
        raise ValueError(
            f"Expected a fresh model with the networks of the one that begins anew: {len(old)} variables of the same "
            f"shapes; got {len(new)}. Build both with the same function."
        )
    _copy(new, old)
    if hasattr(like, "seed"):
        model.seed = like.seed  # from which the order of the examples derives
    for layer, fresh in zip(_draws(model), _draws(like), strict=True):
        layer.seed = fresh.seed  # where `evaluate` rewinds to
    optimizer = getattr(model, "optimizer", None)
    if optimizer is not None and optimizer.built:
        blank = type(optimizer).from_config(optimizer.get_config())
        blank.build(model.trainable_variables)
        _copy(blank.variables, optimizer.variables)


def _copy(source, target):
    """Give variables copies of the values of others: on JAX a step of training consumes the arrays it is given."""
    for variable, fresh in zip(target, source, strict=True):
        variable.assign(np.array(ops.convert_to_numpy(fresh)))


def _state(model):
    """Weights and random streams, without what the metrics have counted."""
    counted = {id(variable) for variable in model.metrics_variables}
    return [variable for variable in model.variables if id(variable) not in counted]


def _draws(model):
    return getattr(model, "evaluation_draws", ())
