"""Training that may be cut off at any moment: after each epoch everything it needs to go on is kept on disk.

Keras' `BackupAndRestore` keeps weights and optimiser. Here the random streams, the order of the batches and the curves
are kept too, in one file that is written whole or not at all, and a file that does not fit is an error, never a
training that silently begins anew.
"""

import hashlib
import json
from pathlib import Path

import keras
import numpy as np
from keras import ops

from course_lib.datasets.archive import read_npz, write_npz
from course_lib.training.devices import shares, wait_for_all

_KEPT = 2
_FORMAT = 2  # of the kept facts
_FOREIGN_TO_A_RUN = ("name", "shared_object_id", "build_config")


class ResumableTraining(keras.callbacks.Callback):
    """Keeps a training in a folder, and goes on from its last epoch when the same training is started again.

    However it was ended (Ctrl-C, a lost Colab session, `kill -9` in the middle of an epoch), running the same program
    again gives the weights, the optimiser, the random streams and the curves of the run that was never interrupted.
    Arrays resume at once; a pipeline first reads again what it had read, and must repeat itself: give its shuffle a
    seed, and a generator `steps_per_epoch`. Put it last in the list of callbacks. A training that was finished is
    restored without training; with more `epochs` it goes on. What other callbacks remember (the patience of
    `EarlyStopping`, the pictures of `SamplePictures`) is theirs and begins anew. Where several processes train
    together, the first one writes and all read: give them a folder that all of them see.

    Args:
        folder: Where to keep it, one folder for each training; on Colab a folder of a mounted drive. It holds the last
            two epochs, each about three times the size of the weights.
        every: Integer ≥ 1, keep every so many epochs (and the last).

    Raises:
        DataError: When training starts, if the newest file is broken.
        ValueError: When training starts, if the folder holds the training of another model, other data or settings, or
            a pipeline does not repeat itself.

    Example:
        >>> ResumableTraining("runs/vae").folder.name
        'vae'
    """

    def __init__(self, folder, every=1):
        super().__init__()
        if not isinstance(every, int) or every < 1:
            raise ValueError(f"every must be an integer ≥ 1, a number of epochs; got {every!r}.")
        self.folder = Path(folder)
        self.every = every
        self.logs = []

    def on_train_begin(self, logs=None):
        self.logs = []
        self.model.optimizer.build(self.model.trainable_variables)
        self.identity = identity_of(self.model)
        if self._writes():
            for unfinished in self.folder.glob(".*.part"):  # left behind by a process that was killed
                unfinished.unlink()
        kept = self._kept()
        if kept:
            self._resume(kept)

    def on_epoch_begin(self, epoch, logs=None):
        self.model._initial_epoch = None  # has been read; the next `fit` is another one

    def on_epoch_end(self, epoch, logs=None):
        self.logs.append({name: float(value) for name, value in (logs or {}).items()})
        if len(self.logs) % self.every == 0:
            self._keep(finished=False)

    def on_train_end(self, logs=None):
        self.model._initial_epoch = None
        if self.logs:
            self._keep(finished=True)
            names = dict.fromkeys(name for entry in self.logs for name in entry)
            self.model.history.epoch = list(range(len(self.logs)))
            self.model.history.history = {name: [entry[name] for entry in self.logs if name in entry] for name in names}

    def _kept(self):
        return sorted(self.folder.glob("after-epoch-*.npz"))

    def _keep(self, finished):
        facts = {
            "identity": self.identity,
            "logs": self.logs,
            "epochs": self.params["epochs"],
            "finished": finished,
            "draws": [layer.seed for layer in _evaluation_draws(self.model)],
            "order": None if _batches(self.model) is None else _batches(self.model).kept(),
        }
        arrays = {f"variable_{number:04d}": _array(variable) for number, variable in enumerate(_variables(self.model))}
        arrays["global_random_state"] = _global_random_state()
        arrays["facts"] = np.frombuffer(json.dumps(facts).encode(), "uint8")
        path = self.folder / f"after-epoch-{len(self.logs):06d}.npz"
        if self._writes():
            write_npz(path, arrays, compress=False)
            for old in self._kept()[:-_KEPT]:
                old.unlink(missing_ok=True)
        wait_for_all(f"kept after epoch {len(self.logs)}")

    def _writes(self):
        """Of several processes the first one, into a folder that all of them see."""
        return shares().process == 0

    def _resume(self, kept):
        facts = self._read_facts(kept)
        self._refuse_another_training(facts)
        names = [f"variable_{number:04d}" for number in range(len(_variables(self.model)))]
        arrays = read_npz(kept[-1], [*names, "global_random_state"], self._repair(kept))
        if _batches(self.model) is not None:  # first, as it may refuse, and reading draws random numbers
            _batches(self.model).go_on(facts["order"], len(facts["logs"]))
        _set_global_random_state(arrays["global_random_state"])
        for variable, name in zip(_variables(self.model), names, strict=True):
            variable.assign(arrays[name])
        for layer, seed in zip(_evaluation_draws(self.model), facts["draws"], strict=True):
            layer.seed = seed
        self.logs = facts["logs"]
        epochs = self.params["epochs"]
        done = facts["finished"] and facts["epochs"] >= epochs  # stopped early, perhaps
        self.model._initial_epoch = epochs if done else len(self.logs)
        print(f"{'Finished' if done else 'Resumed'} after epoch {len(self.logs)} of {epochs}, from {self.folder}")

    def _read_facts(self, kept):
        content = read_npz(kept[-1], ["facts"], self._repair(kept))["facts"]
        return json.loads(content.tobytes().decode())

    def _repair(self, kept):
        if len(kept) > 1:
            return f"Delete it to resume from {kept[-2].name}, one step before."
        return "It is the only one kept: restore it, or delete it to train from the beginning."

    def _refuse_another_training(self, facts):
        differing = [name for name in self.identity if self.identity[name] != facts["identity"].get(name)]
        if differing:
            raise ValueError(
                f"{self.folder} holds a training that differs in: {', '.join(differing)}. Going on from it would mix "
                "two trainings. Give this one a folder of its own, or delete the old folder."
            )


def identity_of(model):
    """What must be the same for two trainings to be one: part of the training → digest or setting.

    Names that Keras counts up (`dense_7`) do not matter, and a seed of None matches any other None.

    Args:
        model: A compiled and built model, inside `fit`.

    Returns:
        Dict of JSON values.
    """
    identity = {
        "format of the folder": _FORMAT,
        "backend": keras.backend.backend(),
        "model": _digest(type(model).__name__, _without_names(model.get_config())),
        "shapes of the weights": _digest([list(weight.shape) for weight in model.weights]),
        "optimizer": _digest(type(model.optimizer).__name__, _without_names(model.optimizer.get_config())),
    }
    batches = _batches(model)
    return identity if batches is None else {**identity, **batches.identity()}


def _without_names(config):
    """A serialised configuration in which automatic names have become numbers, in the order of their appearance."""
    names = {}

    def collect(node):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            if key == "name" and isinstance(value, str):
                names.setdefault(value, f"name {len(names)}")
            if isinstance(value, (dict, list, tuple)):
                collect(value)

    def renamed(node):
        if isinstance(node, dict):
            return {key: renamed(value) for key, value in node.items() if key not in _FOREIGN_TO_A_RUN}
        if isinstance(node, (list, tuple)):
            return [renamed(value) for value in node]
        return names.get(node, node) if isinstance(node, str) else node

    collect(config)
    return renamed(config)


def _digest(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(json.dumps(part, sort_keys=True, default=repr).encode())
    return digest.hexdigest()


def _variables(model):
    """Weights, random streams, metrics and optimiser, in the order in which the program made them."""
    return [*model.variables, *model.optimizer.variables]


def _array(variable):
    value = variable.value
    if keras.backend.standardize_dtype(value.dtype) == "bfloat16":
        value = ops.cast(value, "float32")
    return ops.convert_to_numpy(value)


def _global_random_state():
    """PyTorch's own random stream, from which Keras' dropout draws there; empty on the other backends."""
    if keras.backend.backend() != "torch":
        return np.zeros(0, "uint8")
    import torch

    return torch.get_rng_state().numpy()


def _set_global_random_state(state):
    if keras.backend.backend() == "torch":
        import torch

        torch.set_rng_state(torch.from_numpy(state.copy()))


def _evaluation_draws(model):
    return getattr(model, "evaluation_draws", ())


def _batches(model):
    return getattr(model, "epoch_batches", None)
