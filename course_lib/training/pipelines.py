"""Pipelines of batches: each batch is held to the model's contract on its way, and a resumed run can be replayed.

A pipeline is a `tf.data.Dataset`, a `keras.utils.PyDataset`, a PyTorch `DataLoader` or a Python generator. What comes
out of it are the parts of a checked `Batch`.
"""

import ast
import hashlib
import itertools
import math
import re

import keras
import numpy as np

from course_lib.contracts.data import root_mean_square
from course_lib.training.devices import require_equal_share
from course_lib.training.resident import without_autotuning

_NOTHING = object()
_KINDS = "a tf.data.Dataset, a keras.utils.PyDataset, a torch DataLoader or a generator of batches"


def is_pipeline(x):
    """Whether `x` gives batches one after the other.

    Example:
        >>> is_pipeline(batch for batch in ()), is_pipeline(np.zeros(3))
        (True, False)
    """
    return isinstance(x, keras.utils.PyDataset) or _is_dataset(x) or _is_loader(x) or hasattr(x, "__next__")


def what_to_give(x, name="x"):
    """The sentence for something that is neither data in memory nor a pipeline.

    Example:
        >>> what_to_give(3, "x").split(",")[0]
        'x should be an array of examples'
    """
    kind = type(x).__name__
    if hasattr(x, "x_train"):
        return f"{name} is a {kind} with three splits: hand over one of them, {name}.x_train."
    if hasattr(x, "__getitem__") and hasattr(x, "__len__") and "torch" in str(type(x).__mro__):
        return f"{name} is a {kind} of single examples: make batches of it, torch.utils.data.DataLoader({name}, 128)."
    return f"{name} should be an array of examples, or {_KINDS}; got {kind}."


def length(x):
    """The number of batches of a pipeline, or None if it cannot tell."""
    try:
        if _is_dataset(x):
            cardinality = int(x.cardinality())
            return cardinality if cardinality >= 0 else None
        if isinstance(x, keras.utils.PyDataset):
            return x.num_batches
        return len(x)
    except (TypeError, AttributeError, NotImplementedError):
        return None


def in_tf_data(message, element_spec):
    """Where the code of a message that repairs x belongs in a `tf.data.Dataset`, in which there are no NumPy arrays.

    Args:
        message: A sentence that ends in code, for one batch; or in none.
        element_spec: What the dataset's batches are made of.

    Returns:
        A sentence, or "" where there is no code for x, or none that means the same of every batch.

    Example:
        >>> in_tf_data("Raw pixels? Divide by 255: np.asarray(x).astype('float32') / 255.", None)
        " In the pipeline: dataset.map(lambda x: tf.cast(x, 'float32') / 255)."
    """
    code = re.sub(r"np\.asarray\(([xy])\)", r"\1", message.removesuffix(".").rsplit(": ", 1)[-1])
    part = "x" if "x" in _names(code) else "y"
    parts = ["x", "y", "weights"][: len(element_spec) if isinstance(element_spec, tuple) else 1]
    nested = isinstance(element_spec, tuple) and (len(element_spec) > 3 or isinstance(element_spec[0], (tuple, dict)))
    if part not in _names(code) or part not in parts or nested or _needs_all_data(code):
        return ""
    parts[parts.index(part)] = _in_tensorflow(code, part)
    names, answer = ", ".join(["x", "y", "weights"][: len(parts)]), ", ".join(parts)
    return f" In the pipeline: dataset.map(lambda {names}: {f'({answer})' if len(parts) > 1 else answer})."


def _needs_all_data(code):
    """Whether code means another thing of every batch."""
    return any(words in code for words in (".mean(axis=0)", "np.clip", "np.unique", "np.median", ".max()"))


def _in_tensorflow(code, part):
    """Code for a NumPy array as code for a tensor."""
    scaled = re.fullmatch(rf"{part}\.astype\('(float32|int32)'\)( / [\d.]+(?: - 1)?)?", code)
    if scaled:
        return f"tf.cast({part}, '{scaled[1]}'){scaled[2] or ''}"
    named = re.fullmatch(r"np\.argmax\((\w+), axis=(-?\d+)\)", code)
    if named:
        return f"tf.argmax({named[1]}, {named[2]})"
    if code.startswith("tf.") or ".to_tensor(" in code or re.fullmatch(r"y\[:, 0\]", code):
        return code
    dtype = "int32" if "int32" in code or part == "y" else "float32"
    return f"tf.numpy_function(lambda {part}: np.{dtype}({code}), [{part}], tf.{dtype})"


def in_words_of(message, kind):
    """What a message says of a `tf.data.Dataset`, for another kind of pipeline, which has neither map nor batch.

    Args:
        message: A sentence.
        kind: `"dataset"`, `"loader"`, `"PyDataset"` or `"generator"`.

    Returns:
        The sentence.

    Example:
        >>> in_words_of("Take the first: dataset.map(lambda x, y: x).", "generator")
        'Take the first: (x for x, y in generator).'
    """
    if kind == "dataset":
        return message
    made, mapped = _WORDS[kind]
    message = message.replace("Let the pipeline make batches: dataset.batch(128)", made)
    return re.sub(r"dataset\.map\(lambda ([^:]+): (.*?)\)(?=[.;]|$)", mapped, message)


_WORDS = {
    "generator": ("Let it give batches, np.stack of 128 examples", r"(\2 for \1 in generator)"),
    "PyDataset": ("Let __getitem__ return batches, np.stack of 128 examples", r"return \2 from __getitem__"),
    "loader": ("Let it make batches: DataLoader(dataset, batch_size=128)", r"let its data set return \2"),
}


def _names(code):
    """The names in a Python expression; none if it is no expression."""
    try:
        return {node.id for node in ast.walk(ast.parse(code, mode="eval")) if isinstance(node, ast.Name)}
    except SyntaxError:
        return set()


class Pipeline:
    """A pipeline that is read through a contract.

    Args:
        source: The user's pipeline.
        contract: The `BatchContract` of the model.
        name: What it is called, for messages.

    Attributes:
        first: The parts of its first batch, checked.
        error: The `ValueError` of a batch that was refused, or the error that the user's own code raised: a backend may
            wrap it in errors of its own.
        is_read_once: Whether it is an iterator, which cannot begin again.
        count: How many batches were read since.
        has_ended: Whether an iterator has given its last batch.

    Raises:
        ValueError: If it is empty, or its first batch does not fit.

    Example:
        >>> from course_lib.contracts import BatchContract
        >>> from course_lib.contracts import DataContract
        >>> contract = BatchContract("Autoencoder", DataContract((2,)))
        >>> pipeline = Pipeline((np.full((3, 2), number) for number in (1, 2)), contract)
        >>> [float(parts[0].mean()) for parts in pipeline.for_keras()]
        [1.0, 2.0]
    """

    def __init__(self, source, contract, name="x"):
        self.source, self.contract, self.name = _untuned(source), contract, name
        self.error, self.refused = None, math.inf
        self.is_read_once, self.has_ended, self.count = hasattr(source, "__next__"), False, 0
        self.has_weight, self.loudest = False, 0.0
        first = self._first()
        self.first = self.parts(first, 0)
        self.count = 0

    def parts(self, batch, number):
        """The parts of a checked batch for Keras; `number` counts from 0.

        Raises:
            ValueError: If the batch does not fit, with its number.
        """
        self.count += 1
        try:
            read = self.contract.read_batch(batch)
            require_equal_share(len(read))
            parts = read.parts()
            if number and len(parts) != len(self.first):
                raise ValueError(
                    f"it has {len(parts)} parts (of x, target, weights), the first had {len(self.first)}. Give every "
                    "batch the same parts."
                )
        except ValueError as error:
            way = in_tf_data(str(error), self.source.element_spec) if _is_dataset(self.source) else ""
            refused = ValueError(f"In batch {number + 1} of {self.name}: {in_words_of(str(error), self._kind)}" + way)
            if number < self.refused:  # of several workers, one may be ahead
                self.error, self.refused = refused, number
            raise refused from None
        self._note(read)
        return parts

    def _note(self, batch):
        """Whether any batch counts: flags that several workers can set."""
        if batch.weights is None or batch.weights.any():
            self.has_weight = True
        if self.contract.data.quietest is not None:
            self.loudest = max(self.loudest, root_mean_square(batch.x if batch.target is None else batch.target))

    @property
    def _sees_all(self):
        """Whether batches are checked in this process, and not in workers that nothing is heard of."""
        return not getattr(self.source, "use_multiprocessing", False)

    @property
    def _kind(self):
        if isinstance(self.source, keras.utils.PyDataset):
            return "PyDataset"
        return "dataset" if _is_dataset(self.source) else "loader" if _is_loader(self.source) else "generator"

    def require_weight(self):
        """Raise if every example that was read has weight 0: nothing was trained, and the loss is 0."""
        if self._sees_all and not self.has_weight:
            raise ValueError(
                f"{self.name} must give examples that count; got weights of 0 alone (class_weight included), in all "
                f"{self.count} batches. Give some examples a weight above 0, or leave the weights out."
            )

    def require_loudness(self):
        """Raise if no batch is large enough to be learned from; see `DataContract.require_loudness`."""
        if self._sees_all:
            self.contract.data.require_loudness(self.loudest, self.name)

    def require_more(self, taken, number, unit="epoch", steps="steps_per_epoch"):
        """Raise if an iterator has ended, and nothing is left after the batches that were taken.

        Args:
            taken: Integer, how many were to be taken until now; None for all.
            number: Integer, the epoch in which it ended, counted from 1.
            unit: What is counted, for the message.
            steps: The argument that is to be given, for the message.
        """
        if self.is_read_once and (taken is None or (self.has_ended and self.count <= taken)):
            raise self.ended(f", in {unit} {number}", f"{steps} and " if taken is None else "")

    def require_again(self):
        """Raise if a pipeline that was read once cannot begin again: then its first batch went to the check alone.

        Asked where nothing else would tell: of one epoch, one evaluation, or predictions, of as many batches as come.
        """
        is_read_as_it_comes = not (self.is_read_once or isinstance(self.source, keras.utils.PyDataset))
        if is_read_as_it_comes and length(self.source) is None and next(iter(self.source), _NOTHING) is _NOTHING:
            raise self.ended()

    def ended(self, where="", steps=""):
        """The `ValueError` of a pipeline that gives no more batches, kept as its error."""
        batches = f"{self.count} batch{'' if self.count == 1 else 'es'}"
        if self.is_read_once:
            self.error = ValueError(
                f"{self.name} is a generator that ended after {batches}{where}: a generator can be read once. Give "
                f"{steps}one that does not end, or a PyDataset or tf.data.Dataset."
            )
        else:
            self.error = ValueError(
                f"{self.name} must give its batches again in each epoch; got none after the first {batches}, and one "
                "that was read only to be checked. Is it made of one generator? Make that anew: "
                "tf.data.Dataset.from_generator(a function that returns one, …)."
            )
        return self.error

    @property
    def is_read_in_order(self):
        """Whether it is read from its beginning in each epoch and says where an epoch ends."""
        return (_is_dataset(self.source) or _is_loader(self.source)) and bool(length(self.source))

    def for_keras(self):
        """The pipeline as Keras is to read it: of the kind that it was, its batches checked as they come."""
        if _is_dataset(self.source):
            return self._checked_dataset()
        if isinstance(self.source, keras.utils.PyDataset):
            return _CheckedPyDataset(self)
        if _is_loader(self.source):
            return _checked_loader(self)
        return (self.parts(batch, number) for number, batch in enumerate(self.batches_of(self.source)))

    def batches_of(self, batches):
        """The batches of an iterable; an error of the user's own code is kept."""
        iterator = self.asked(iter, batches)
        while True:
            try:
                batch = self.asked(next, iterator)
            except StopIteration:
                self.has_ended = True
                return
            yield batch

    def asked(self, function, *arguments):
        """What a function of the user's own code gives; an error that it raises is kept."""
        try:
            return function(*arguments)
        except StopIteration:
            raise
        except Exception as error:
            self.error = error if self.error is None else self.error
            raise

    def epochs(self, seed, shuffle):
        """Read pass after pass without end: yields an iterator over the checked batches of each.

        Args:
            seed: Integer from which the order of a PyDataset's batches derives, if it is shuffled.
            shuffle: Whether a PyDataset's batches come in a new order in each pass.
        """
        for epoch in itertools.count():
            if isinstance(self.source, keras.utils.PyDataset):
                raw = _in_an_order(self.source, np.random.default_rng((seed, epoch)) if shuffle else None)
            else:
                raw = self.source.as_numpy_iterator() if _is_dataset(self.source) else self.source
            yield (self.parts(batch, number) for number, batch in enumerate(self.batches_of(raw)))

    def _first(self):
        """The first batch; a generator gets it back."""
        if isinstance(self.source, keras.utils.PyDataset):
            if length(self.source) == 0:
                raise ValueError(f"{self.name} is a pipeline without batches. Give at least one.")
            return self.source[0]
        iterator = iter(self.source)
        batch = next(iterator, _NOTHING)
        if batch is _NOTHING:
            once = " A generator can be read once: was it read before?" if self.is_read_once else ""
            raise ValueError(f"{self.name} is a pipeline without batches. Give at least one.{once}")
        if iterator is self.source:
            self.source = itertools.chain([batch], iterator)
        return batch

    def _checked_dataset(self):
        """A `tf.data.Dataset` that checks in NumPy and knows its shapes, whatever its own functions have forgotten."""
        import tensorflow as tf

        flat = keras.tree.flatten(self.first)

        @tf.autograph.experimental.do_not_convert
        def check(number, batch):
            leaves = tf.nest.flatten(batch)

            def in_numpy(number, *arrays):
                read = keras.tree.flatten(self.parts(tf.nest.pack_sequence_as(batch, arrays), int(number)))
                return [np.ascontiguousarray(array) for array in read]

            answers = tf.numpy_function(in_numpy, [number, *leaves], [tf.as_dtype(part.dtype) for part in flat])
            for answer, part in zip(answers, flat, strict=True):
                answer.set_shape((None, *part.shape[1:]))
            return keras.tree.pack_sequence_as(self.first, answers)

        return self.source.enumerate().map(check).prefetch(2)


class ReplayedEpochs(keras.utils.PyDataset):
    """The epochs of a pipeline, read by the course itself: once for each epoch, in the order that the pipeline has.

    So a resumed run can first read what was read before. (Keras begins iterators that it does not read, each of which
    moves a shuffled `tf.data.Dataset` to its next order.)

    Args:
        pipeline: A `Pipeline`.
        steps: Integer, the batches of an epoch; None for one pass, whose length the pipeline then must know. With a
            number, one epoch begins where the last one ended, and a pass follows the other.
        seed: Integer from which the order of a PyDataset's batches derives.
        shuffle: Whether they are shuffled.
        keeps_digests: Whether `digests` is to be filled.

    Attributes:
        digests: One digest for each whole epoch that was read.

    Raises:
        ValueError: If the number of batches is not known.
    """

    def __init__(self, pipeline, steps=None, seed=0, shuffle=True, keeps_digests=True):
        super().__init__()
        one_pass = length(pipeline.source)
        if steps is None and one_pass is None:
            raise ValueError(
                "ResumableTraining must know how many batches an epoch has, and this pipeline does not tell. Say it: "
                "fit(..., steps_per_epoch=100)."
            )
        self.pipeline, self.first = pipeline, pipeline.first
        self.steps, self.continues = steps or one_pass, steps is not None
        self.seed, self.shuffle, self.keeps_digests = seed, shuffle, keeps_digests
        self.passes = pipeline.epochs(seed, shuffle)
        self.batches, self.peeked, self.has_begun = None, [], False
        self.digests = []

    def __len__(self):
        return self.steps

    def begin_epoch(self, epoch):
        """From now on batches are trained on; what was read before (Keras looks at shapes) is given again."""
        self.has_begun = True

    def __getitem__(self, index):
        if not self.has_begun:
            while len(self.peeked) <= index:
                self.peeked.append(self._next())
            return self.peeked[index]
        if index == 0:
            self.digest = hashlib.blake2b(digest_size=16)
            if not (self.continues or self.peeked):
                self.batches = None
        parts = self.peeked.pop(0) if self.peeked else self._next()
        if self.keeps_digests:
            self._note(parts, index)
        return parts

    def _next(self):
        """The next batch of this pass, or the first of the next one."""
        parts = None if self.batches is None else next(self.batches, None)
        if parts is None:
            self.batches = next(self.passes)
            parts = next(self.batches, None)
            if parts is None:
                raise self.pipeline.ended()
        return parts

    def _note(self, parts, index):
        for part in keras.tree.flatten(parts):
            self.digest.update(np.ascontiguousarray(part))
        if index == self.steps - 1:
            self.digests.append(self.digest.hexdigest())

    def identity(self):
        """What must be the same for two trainings to be one: a dict of JSON values."""
        return {"kind of data": type(self.pipeline.source).__name__, "batches of an epoch": self.steps}

    def kept(self):
        """What a resumed run must be told, a JSON value: the seed of the order and the digests of the epochs."""
        return {"seed": self.seed, "digests": self.digests}

    def go_on(self, kept, epochs):
        """Read the epochs that were trained on, and see that they are the same.

        Args:
            kept: What `kept()` returned.
            epochs: Integer, how many to read.

        Raises:
            ValueError: If the pipeline gives other batches now.
        """
        if isinstance(self.pipeline.source, keras.utils.PyDataset):  # the others come in an order of their own
            self.passes, self.batches, self.peeked = self.pipeline.epochs(kept["seed"], self.shuffle), None, []
        self.seed, self.digests, self.has_begun = kept["seed"], [], True
        for epoch, digest in enumerate(kept["digests"][:epochs]):
            for index in range(self.steps):
                self[index]
            if self.digests[epoch] != digest:
                raise ValueError(
                    f"The pipeline does not repeat itself: in epoch {epoch + 1} it gives other batches than when this "
                    "training was begun, so that it cannot go on as if it had never been interrupted. Other data or "
                    "another batch size need a folder of their own; a shuffle needs a seed: dataset.shuffle(10_000, "
                    "seed=0)."
                )


class _CheckedPyDataset(keras.utils.PyDataset):
    def __init__(self, pipeline):
        source = pipeline.source
        super().__init__(
            workers=source.workers,
            use_multiprocessing=source.use_multiprocessing,
            max_queue_size=source.max_queue_size,
        )
        self.pipeline, self.source = pipeline, source

    @property
    def num_batches(self):
        return self.source.num_batches

    def __getitem__(self, index):
        return self.pipeline.parts(self.pipeline.asked(self.source.__getitem__, index), index)

    def on_epoch_begin(self):
        self.source.on_epoch_begin()

    def on_epoch_end(self):
        self.source.on_epoch_end()


class WatchPipelines(keras.callbacks.Callback):
    """Ends a training whose pipelines have nothing more to give, or nothing that counts.

    Args:
        train, held_out: A `Pipeline`, or anything else, which is not watched.
        steps, held_out_steps: Integers, the batches of an epoch and of an evaluation; None for all that there are.
    """

    def __init__(self, train, held_out, steps=None, held_out_steps=None):
        super().__init__()
        self.train = _Passes(train, steps, "epoch", "steps_per_epoch") if isinstance(train, Pipeline) else None
        self.held_out = None
        if isinstance(held_out, Pipeline):
            self.held_out = _Passes(held_out, held_out_steps, "evaluation", "validation_steps")

    def on_epoch_begin(self, epoch, logs=None):
        if self.train is not None:
            self.train.begin(epoch)

    def on_epoch_end(self, epoch, logs=None):
        if self.train is not None:
            self.train.end()
            self.train.pipeline.require_loudness()

    def on_train_end(self, logs=None):
        for part in (self.train, self.held_out):
            if part is not None and part.passes == 1 and part.steps is None:
                part.pipeline.require_again()

    def on_test_begin(self, logs=None):
        if self.held_out is not None:
            self.held_out.begin(self.held_out.passes)

    def on_test_end(self, logs=None):
        if self.held_out is not None:
            self.held_out.end()


class _Passes:
    """How often a pipeline was read, and whether there was something to read."""

    def __init__(self, pipeline, steps, unit, name):
        self.pipeline, self.steps, self.unit, self.name = pipeline, steps, unit, name
        self.passes, self.first, self.before = 0, 0, 0

    def begin(self, number):
        self.first = number if self.passes == 0 else self.first
        self.before = self.pipeline.count
        self._require_more()

    def end(self):
        if self.steps is not None:  # what was read ahead, and its end, is known only now
            self._require_more()
        is_read_as_it_comes = not isinstance(self.pipeline.source, keras.utils.PyDataset)
        if self.steps is None and is_read_as_it_comes and self.passes and self.pipeline.count == self.before:
            raise self.pipeline.ended()
        self.pipeline.require_weight()
        self.passes += 1

    def _require_more(self):
        if self.passes:
            taken = None if self.steps is None else self.passes * self.steps
            within = 1 if self.steps is None else -(-self.pipeline.count // self.steps)
            self.pipeline.require_more(taken, self.first + within, self.unit, self.name)


def _checked_loader(pipeline):
    """A view of a `DataLoader` that gives checked tensors; the loader goes on working as it was made."""
    import torch

    loader = pipeline.source

    class CheckedLoader(torch.utils.data.DataLoader):
        def __init__(self):
            """A view needs none of the work of making a loader."""

        def __getattr__(self, name):
            return getattr(loader, name)

        def __iter__(self):
            for number, batch in enumerate(pipeline.batches_of(loader)):
                parts = pipeline.parts(batch, number)
                yield keras.tree.map_structure(lambda part: torch.from_numpy(np.ascontiguousarray(part)), parts)

        def __len__(self):
            return len(loader)

    return CheckedLoader()


def _in_an_order(source, order):
    """The batches of a PyDataset, one pass, its own events included."""
    source.on_epoch_begin()
    count = length(source)
    indices = itertools.count() if count is None else range(count) if order is None else order.permutation(count)
    for index in indices:
        yield source[int(index)]
    source.on_epoch_end()


def _untuned(source):
    """A `tf.data.Dataset` without the tuning that nobody asked for, and whose end must be waited for."""
    return without_autotuning(source) if _is_dataset(source) and source.options().autotune.enabled is None else source


def _is_dataset(x):
    return hasattr(x, "as_numpy_iterator") and hasattr(x, "element_spec")


def _is_loader(x):
    return any(kind.__name__ == "DataLoader" and "torch" in kind.__module__ for kind in type(x).__mro__)
