"""Trainings in instalments shorter than a pass over the data: parts of passes, kept now and then, stopped by the clock.

`ResumableTraining` keeps whole epochs. A pass of a large model over its data can take hours on a processor, so here an
*epoch* of `fit` is a part of a pass: so many updates. The order of each pass derives from (seed, pass) alone, and the
batches of update u from that and u; so a training in any number of instalments is the training in one piece.
"""

import contextlib
from time import perf_counter

import numpy as np

from course_lib.training.resident import EpochBatches, EpochRows
from course_lib.training.resuming import ResumableTraining

PAUSE = 60.0  # seconds between two copies on the disk: a copy of a large model takes a second


def updates_of_a_pass(num_examples, batch_size):
    """Full batches in a pass; the examples that are left over differ from pass to pass.

    Example:
        >>> updates_of_a_pass(1000, 128)
        7
    """
    if batch_size > num_examples:
        raise ValueError(
            f"a batch of {batch_size} needs as many training examples; got {num_examples}. Take a smaller batch."
        )
    return num_examples // batch_size


def rows_of(updates, num_examples, batch_size, seed):
    """The rows of the batches of some updates, one batch behind the other; updates count from the training's beginning.

    Example:
        >>> first, rest = rows_of(range(2), 6, 2, seed=0), rows_of(range(2, 3), 6, 2, seed=0)
        >>> sorted(np.concatenate([first, rest]).tolist())
        [0, 1, 2, 3, 4, 5]
    """
    per_pass = updates_of_a_pass(num_examples, batch_size)
    orders, rows = {}, []
    for update in updates:
        number, place = divmod(update, per_pass)
        if number not in orders:
            orders[number] = np.random.default_rng((seed, number)).permutation(np.arange(num_examples, dtype="int32"))
        rows.append(orders[number][place * batch_size : (place + 1) * batch_size])
    return np.concatenate(rows)


def train_in_parts(model, updates):
    """Let each epoch of the model's `fit` on arrays be so many updates, a part of a pass.

    Args:
        model: A model of the course.
        updates: Integer ≥ 1, the updates of a part.

    Returns:
        The model.
    """

    class Part:
        """What is the same for both kinds of batches."""

        def begin_epoch(self, epoch):
            span = range(epoch * updates, (epoch + 1) * updates)
            self.rows = rows_of(span, len(self.data), self.batch_size, self.seed)

        def identity(self):
            return {**super().identity(), "updates of a part": updates}

    class PartBatches(Part, EpochBatches):
        def __len__(self):
            return updates

    class PartRows(Part, EpochRows):
        def __init__(self, steps, **kwargs):
            super().__init__(steps, **kwargs)
            self.full_batches, self.rest = updates, 0
            self.steps = min(steps, updates)

    model.kinds_of_batches = PartBatches, PartRows
    return model


class OutOfTimeError(Exception):
    """Raised after a part when the time is used up; the part has been kept."""


class Instalment(ResumableTraining):
    """Goes on with a training, and ends it after the part in which its seconds are used up.

    The log of each part has its own seconds, and they are kept with it, so that all of them can be added up.

    Args:
        folder: Where the training is kept.
        seconds: Of this instalment; infinity for the rest of the training.
        told: A function of `(parts done, parts in all, logs of the part)`, called after each.
    """

    def __init__(self, folder, seconds, told=lambda done, parts, logs: None):
        super().__init__(folder)
        self.seconds, self.told = seconds, told

    def on_train_begin(self, logs=None):
        self.began = self.kept_at = perf_counter()
        super().on_train_begin(logs)

    def on_epoch_begin(self, epoch, logs=None):
        super().on_epoch_begin(epoch, logs)
        self.part_began = perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        now = perf_counter()
        logs = {**(logs or {}), "seconds": now - self.part_began}
        self.logs.append({name: float(value) for name, value in logs.items()})
        done, parts = len(self.logs), self.params["epochs"]
        self.told(done, parts, self.logs[-1])
        ends = now - self.began > self.seconds and done < parts
        if ends or now - self.kept_at > PAUSE:
            self._keep(finished=False)
            self.kept_at = now
        if ends:
            raise OutOfTimeError


def train(model, x, labels, updates, part, batch_size, instalment):
    """One instalment of a training of so many updates; the parts that were trained in all instalments, as logs.

    Args:
        model: A compiled model of the course, the same at each instalment.
        x: Array `(n, ...)`.
        labels: Integers `(n,)` for a conditional model, or None.
        updates: Integer, of the whole training; rounded up to whole parts.
        part: Integer, the updates of a part.
        batch_size: Integer.
        instalment: An `Instalment`.

    Returns:
        List of dicts, the logs of each part.
    """
    updates_of_a_pass(len(x), batch_size)
    train_in_parts(model, part)
    given = {} if labels is None else {"y": labels}
    with contextlib.suppress(OutOfTimeError):
        model.fit(x, **given, batch_size=batch_size, epochs=-(-updates // part), verbose=0, callbacks=[instalment])
    return instalment.logs
