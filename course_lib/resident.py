"""Data held in memory: batches in an order that can be repeated, and the compiled loop that stays with them.

The order of an epoch derives from (seed, epoch) alone, so that a resumed run sees the batches that the uninterrupted
run would have seen. On TensorFlow a small model's step costs less than handing it a batch; there the data stay with
the compiled code, `fit` hands over row numbers, and many steps run in one call.
"""

import keras
import numpy as np


class EpochBatches(keras.utils.PyDataset):
    """Batches of rows of an array, in an order that derives from the seed and the epoch.

    Args:
        x: NumPy array, `(n, ...)`.
        batch_size: Integer; the last batch may be smaller and is never dropped.
        sample_weight: NumPy array `(n,)`, or None.
        seed: Integer from which the orders derive.
        shuffle: False keeps the rows in order.
        labels: NumPy array `(n,)` that the model takes beside `x`, or None.

    Example:
        >>> batches = EpochBatches(np.arange(5), batch_size=2, shuffle=False)
        >>> [batches[i][0].tolist() for i in range(len(batches))]
        [[0, 1], [2, 3], [4]]
    """

    def __init__(self, x, batch_size, sample_weight=None, seed=0, shuffle=True, labels=None):
        super().__init__()
        self.x, self.labels, self.sample_weight = x, labels, sample_weight
        self.batch_size, self.seed, self.shuffle = batch_size, seed, shuffle
        self.begin_epoch(0)

    def begin_epoch(self, epoch):
        """Put the rows in the order of an epoch (counted from 0)."""
        rows = np.arange(len(self.x), dtype="int32")
        self.rows = np.random.default_rng((self.seed, epoch)).permutation(rows) if self.shuffle else rows

    def __len__(self):
        return -(-len(self.x) // self.batch_size)

    def __getitem__(self, index):
        rows = self.rows[index * self.batch_size : (index + 1) * self.batch_size]
        inputs = self.x[rows] if self.labels is None else (self.x[rows], self.labels[rows])
        if self.sample_weight is None:
            return (inputs,)
        weights = self.sample_weight[rows]
        return inputs, weights, weights  # in the place of targets, without which Keras drops the weights


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
        full_batches, self.rest = divmod(len(self.x), self.batch_size)
        self.steps = max(1, min(steps, full_batches))
        self.full_batches = full_batches

    def __len__(self):
        return -(-self.full_batches // self.steps) + (self.rest > 0)

    def __getitem__(self, index):
        begin = index * self.steps
        if begin >= self.full_batches:
            return self.rows[None, -self.rest :], np.array([1], "int32")
        count = min(self.steps, self.full_batches - begin)
        rows = self.rows[begin * self.batch_size : (begin + count) * self.batch_size].reshape(count, -1)
        return np.concatenate([rows, np.repeat(rows[:1], self.steps - count, axis=0)]), np.array([count], "int32")


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
        batches: An `EpochBatches`.

    Returns:
        A `tf.data.Dataset` of the same batches, read anew (and in the order of its epoch) for each epoch; or `batches`.

    Example:
        >>> len(readable(EpochBatches(np.arange(5), batch_size=2)))
        3
    """
    if keras.backend.backend() != "tensorflow":
        return batches
    import tensorflow as tf

    first = batches[0]
    spec = keras.tree.map_structure(lambda part: tf.TensorSpec((None, *part.shape[1:]), part.dtype), first)
    dataset = tf.data.Dataset.from_generator(lambda: (batches[i] for i in range(len(batches))), output_signature=spec)
    return without_autotuning(dataset.apply(tf.data.experimental.assert_cardinality(len(batches))).prefetch(2))


def labels_beside_data(batches):
    """A pipeline of `(x, labels)` or `(x, labels, sample_weight)` with the labels beside the data: `((x, labels), …)`.

    Keras hands a model's `call` only the first part of a batch.

    Args:
        batches: A `tf.data.Dataset` or `PyDataset`.

    Returns:
        A pipeline of the same kind.

    Raises:
        ValueError: If the pipeline is of another kind.

    Example:
        >>> pairs = EpochBatches(np.arange(4), batch_size=2, sample_weight=np.arange(4), shuffle=False)
        >>> [part.tolist() for part in labels_beside_data(pairs)[1][0]]
        [[2, 3], [2, 3]]
    """
    if isinstance(batches, keras.utils.PyDataset):
        return _LabelsBesideData(batches)
    if hasattr(batches, "map"):
        return batches.map(_labels_beside_data)
    raise ValueError(
        f"A pipeline of a conditional model should be a tf.data.Dataset or PyDataset of pairs (x, y); a "
        f"{type(batches).__name__} should give batches ((x, y),), both in one tuple."
    )


class _LabelsBesideData(keras.utils.PyDataset):
    def __init__(self, batches):
        super().__init__()
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return _labels_beside_data(*self.batches[index])

    def on_epoch_begin(self):
        self.batches.on_epoch_begin()

    def on_epoch_end(self):
        self.batches.on_epoch_end()


def _labels_beside_data(x, labels, *sample_weight):
    return ((x, labels), *sample_weight[:1], *sample_weight[:1])


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
        Two functions of `(data, rows, count)`: many steps in one compiled loop, and a single step.
    """
    import tensorflow as tf

    # A function of its own that is never merged into the loop: there TensorFlow's optimiser of graphs loses the order
    # between reading a weight and updating it, and a discriminator that is held still would sometimes move.
    @tf.function(reduce_retracing=True, experimental_attributes={"_noinline": True})
    def one_step(data, rows):
        model.train_step(tuple(_gathered(part, rows) for part in data))

    def of_any_length(rows):
        """Rows whose number the graph is not told: the smaller last batch takes the step that is traced already."""
        return tf.raw_ops.PlaceholderWithDefault(input=rows, shape=[None])

    @tf.function(jit_compile=jit_compile, reduce_retracing=True)
    def many_steps(data, rows, count):
        def body(step):
            one_step(data, of_any_length(rows[step]))
            return step + 1

        tf.while_loop(lambda step: step < count[0], body, [tf.constant(0)], parallel_iterations=1)
        return model.get_metrics_result()

    @tf.function(reduce_retracing=True)  # one step an epoch is not worth XLA's compilation
    def last_step(data, rows, count):
        one_step(data, of_any_length(rows[0]))
        return model.get_metrics_result()

    return many_steps, last_step


def _gathered(part, rows):
    import tensorflow as tf

    if isinstance(part, tuple):  # data and labels
        return tuple(tf.gather(each, rows) for each in part)
    return None if part is None else tf.gather(part, rows)


def resident_train_function(steps, rows):
    """TensorFlow: what `fit` calls with an iterator over the numbers of the chunks of `EpochRows`.

    The iterator counts in native code and the rows are looked up here, so that no data pipeline has to call Python.

    Args:
        steps: The pair that `compiled_steps` returned.
        rows: The `EpochRows`, whose data are copied to the device.

    Returns:
        A function from the iterator to the logs.
    """
    import tensorflow as tf

    many_steps, last_step = steps
    x = tf.constant(rows.x)
    inputs = x if rows.labels is None else (x, tf.constant(rows.labels))
    data = (inputs,) if rows.sample_weight is None else (inputs, None, tf.constant(rows.sample_weight))

    def function(iterator):
        chunk, count = rows[int(next(iterator))]
        step = many_steps if chunk.shape[1] == rows.batch_size else last_step
        return step(data, tf.constant(chunk), tf.constant(count))

    return function
