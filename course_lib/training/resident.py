"""Data held in memory: batches in an order that can be repeated, and the compiled loop that stays with them.

The order of an epoch derives from (seed, epoch) alone, so that a resumed run sees the batches that the uninterrupted
run would have seen. On TensorFlow a small model's step costs less than handing it a batch; there the data stay with
the compiled code, `fit` hands over row numbers, and many steps run in one call.
"""

import hashlib

import keras
import numpy as np

from course_lib.contracts.batches import Batch
from course_lib.training.devices import require_equal_shares, shares


class EpochBatches(keras.utils.PyDataset):
    """Batches of rows of an array, in an order that derives from the seed and the epoch.

    Where several processes train together, each reads its own part of every batch.

    Args:
        x: NumPy array, `(n, ...)`.
        batch_size: Integer; the last batch may be smaller and is never dropped.
        sample_weight: NumPy array `(n,)`, or None.
        seed: Integer from which the orders derive.
        shuffle: False keeps the rows in order.
        labels: NumPy array `(n,)` that the model takes beside `x`, or None.
        target: NumPy array `(n, ...)` that the model is to give back, or None: `x` itself.

    Raises:
        ValueError: If several devices are to share the batches and cannot do so equally.

    Example:
        >>> batches = EpochBatches(np.arange(5), batch_size=2, shuffle=False)
        >>> [batches[i][0].tolist() for i in range(len(batches))]
        [[0, 1], [2, 3], [4]]
    """

    def __init__(self, x, batch_size, sample_weight=None, seed=0, shuffle=True, labels=None, target=None):
        super().__init__()
        require_equal_shares(len(x), batch_size)
        self.data = Batch(x, labels, target, sample_weight)
        self.batch_size, self.seed, self.shuffle = batch_size, seed, shuffle
        self.begin_epoch(0)

    def begin_epoch(self, epoch):
        """Put the rows in the order of an epoch (counted from 0)."""
        rows = np.arange(len(self.data), dtype="int32")
        self.rows = np.random.default_rng((self.seed, epoch)).permutation(rows) if self.shuffle else rows

    def __len__(self):
        return -(-len(self.data) // self.batch_size)

    def __getitem__(self, index):
        rows = self.rows[index * self.batch_size : (index + 1) * self.batch_size]
        return self.data.rows(shares().of(rows)).parts()

    @property
    def first(self):
        """The parts of a batch, for their shapes and dtypes."""
        return self[0]

    def identity(self):
        """What must be the same for two trainings to be one: a dict of JSON values."""
        names = {"data": self.data.x, "labels": self.data.labels, "target": self.data.target}
        digests = {name: _digest(part) for name, part in names.items() if part is not None}
        weights = None if self.data.weights is None else _digest(self.data.weights)
        return {"batch_size": self.batch_size, "shuffle": self.shuffle, **digests, "sample_weight": weights}

    def kept(self):
        """What a resumed run must be told, a JSON value: the seed of the order."""
        return {"seed": self.seed}

    def go_on(self, kept, epochs):
        """Take over the order of the training that is resumed; see `pipelines.ReplayedEpochs.go_on`."""
        self.seed = kept["seed"]


class EpochRows(EpochBatches):
    """The same order, handed over as row numbers of many batches at once: `(rows, count)`.

    `rows` is `(steps, batch_size)`, of which the first `count` are to be used, so that every full execution has the
    same shape and is compiled once; a smaller last batch comes alone, `(1, rest)`.

    Args:
        steps: Integer, how many batches to hand over at once.
        **kwargs: As for `EpochBatches`.

    Example:
        >>> chunks = EpochRows(steps=2, x=np.arange(7), batch_size=2, shuffle=False)
        >>> [(rows.tolist(), int(count[0])) for rows, count in (chunks[i] for i in range(len(chunks)))]
        [([[0, 1], [2, 3]], 2), ([[4, 5], [4, 5]], 1), ([[6]], 1)]
    """

    def __init__(self, steps, **kwargs):
        super().__init__(**kwargs)
        self.steps_per_execution = steps
        self.full_batches, self.rest = divmod(len(self.data), self.batch_size)
        self.steps = max(1, min(steps, self.full_batches))

    @property
    def num_batches(self):
        """The number of batches, as Keras counts them; `len` counts the chunks."""
        return self.full_batches + (self.rest > 0)

    def __len__(self):
        return -(-self.full_batches // self.steps) + (self.rest > 0)

    def __getitem__(self, index):
        begin = index * self.steps
        if begin >= self.full_batches:
            return self.rows[None, -self.rest :], np.array([1], "int32")
        count = min(self.steps, self.full_batches - begin)
        rows = self.rows[begin * self.batch_size : (begin + count) * self.batch_size].reshape(count, -1)
        return np.concatenate([rows, np.repeat(rows[:1], self.steps - count, axis=0)]), np.array([count], "int32")

    def of_execution(self, execution):
        """The numbers of the chunks that one execution of Keras takes, `steps` batches or the last ones.

        Example:
            >>> chunks = EpochRows(steps=4, x=np.arange(7), batch_size=2, shuffle=False)
            >>> chunks.of_execution(0)
            [0, 1]
        """
        begin = execution * self.steps_per_execution
        end = min(begin + self.steps_per_execution, self.num_batches)
        chunks = [begin // self.steps] if begin < self.full_batches else []
        return chunks + [len(self) - 1] * (self.rest > 0 and end == self.num_batches)


def without_autotuning(dataset):
    """A `tf.data.Dataset` whose iterators end when they have been read, and not later.

    TensorFlow tunes each pipeline from a thread that sleeps 10 ms, then 20, 40, … Where an iterator ends, the thread is
    joined, and often it has not heard the call: then the program waits until the nap is over. Epochs of 0.86 s took
    1.28 s; the longer a pipeline lives, the longer are the naps. Nothing here needs tuning.

    Args:
        dataset: A `tf.data.Dataset`.

    Returns:
        The dataset with autotuning switched off.

    Example:
        >>> import tensorflow as tf
        >>> dataset = without_autotuning(tf.data.Dataset.range(3))
        >>> dataset.options().autotune.enabled
        False
    """
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)


def readable(batches):
    """What Keras is to read: on TensorFlow a pipeline that ends at once, elsewhere the batches themselves.

    Args:
        batches: An `EpochBatches`, or another PyDataset that knows the parts of its `first` batch.

    Returns:
        A `tf.data.Dataset` of the same batches, read anew (and in the order of its epoch) for each epoch; or `batches`.

    Example:
        >>> len(readable(EpochBatches(np.arange(5), batch_size=2)))
        3
    """
    if keras.backend.backend() != "tensorflow":
        return batches
    import tensorflow as tf

    spec = keras.tree.map_structure(lambda part: tf.TensorSpec((None, *part.shape[1:]), part.dtype), batches.first)
    dataset = tf.data.Dataset.from_generator(lambda: (batches[i] for i in range(len(batches))), output_signature=spec)
    return without_autotuning(dataset.apply(tf.data.experimental.assert_cardinality(len(batches))).prefetch(2))


class BeginEpoch(keras.callbacks.Callback):
    """Tells `EpochBatches` which epoch begins, also when a run resumes in the middle.

    Args:
        batches: The `EpochBatches` that `fit` reads.
    """

    def __init__(self, batches):
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch, logs=None):
        self.batches.begin_epoch(epoch)


def compiled_steps(model, jit_compile):
    """TensorFlow: functions that run one or many training steps on rows of resident data.

    Args:
        model: A compiled Keras model.
        jit_compile: Whether XLA compiles the loop.

    Returns:
        Two functions of `(data, rows, count)`: many steps in one compiled loop, and a single step. Both return the
        logs and how many steps were taken, fewer than `count` if the loss ceased to be a finite number.
    """
    import tensorflow as tf

    # A function of its own that is never merged into the loop: there TensorFlow's optimiser of graphs loses the order
    # between reading a weight and updating it, and a discriminator that is held still would sometimes move.
    @tf.function(reduce_retracing=True, experimental_attributes={"_noinline": True})
    def one_step(data, rows):
        return tf.cast(model.train_step(tuple(_gathered(part, rows) for part in data))["loss"], "float32")

    def of_any_length(rows):
        """Rows whose number the graph is not told: the smaller last batch takes the step that is traced already."""
        return tf.raw_ops.PlaceholderWithDefault(input=rows, shape=[None])

    @tf.function(jit_compile=jit_compile, reduce_retracing=True)
    def many_steps(data, rows, count):
        def body(step, loss):
            return step + 1, one_step(data, of_any_length(rows[step]))

        def goes_on(step, loss):
            return (step < count[0]) & tf.math.is_finite(loss)

        step, _ = tf.while_loop(goes_on, body, [tf.constant(0), tf.constant(0.0)], parallel_iterations=1)
        return model.get_metrics_result(), step

    @tf.function(reduce_retracing=True)  # one step an epoch is not worth XLA's compilation
    def last_step(data, rows, count):
        one_step(data, of_any_length(rows[0]))
        return model.get_metrics_result(), count[0]

    return many_steps, last_step


def _gathered(part, rows):
    import tensorflow as tf

    if isinstance(part, tuple):  # data and labels
        return tuple(tf.gather(each, rows) for each in part)
    return None if part is None else tf.gather(part, rows)


def resident_train_function(steps, rows, watch):
    """TensorFlow: what `fit` calls with an iterator over the batches' numbers, once for each execution.

    The iterator counts in native code and the rows are looked up here, so that no data pipeline has to call Python.

    Args:
        steps: The pair that `compiled_steps` returned.
        rows: The `EpochRows`, whose data are copied to the device.
        watch: A function of `(logs, step, exact)`, called with what Keras gets and the number of steps of the epoch so
            far, the last of which is the first whose loss was no finite number, if there was one.

    Returns:
        A function from the iterator to the logs.
    """
    import tensorflow as tf

    many_steps, last_step = steps
    x, labels, target, weights = (None if part is None else tf.constant(part) for part in rows.data)
    inputs = x if labels is None else (x, labels)
    data = (inputs, target, weights)

    def function(iterator):
        execution = int(next(iterator))
        taken = execution * rows.steps_per_execution
        for number in rows.of_execution(execution):
            chunk, count = rows[number]
            step = many_steps if chunk.shape[1] == rows.batch_size else last_step
            logs, done = step(data, tf.constant(chunk), tf.constant(count))
            taken += int(done)
            watch(logs, taken, exact=True)
        return logs

    return function


def _digest(array):
    digest = hashlib.sha256(f"{array.dtype} {array.shape}".encode())
    digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()
