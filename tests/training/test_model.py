import functools

import keras
import numpy as np
import pytest
from keras import ops

from course_lib import networks
from course_lib.contracts.labels import LabelContract
from course_lib.models import Autoencoder
from course_lib.training.model import in_batches, to_numpy, weighted_mean
from course_lib.training.resident import EpochBatches, EpochRows, readable
from tests.small import values

pytestmark = pytest.mark.backend
TENSORFLOW = keras.backend.backend() == "tensorflow"
RNG = np.random.default_rng(0)
X = RNG.normal(size=(330, 3)).astype("float32")


def linear_autoencoder(model_class=Autoencoder):
    return model_class(networks.dense_encoder((3,), 2, ()), networks.dense_decoder(2, (3,), ()))


class Recorder(Autoencoder):
    """Keeps what it is trained on: a sum and a count of rows per step, in variables so that it compiles."""

    def __init__(self, *networks, **kwargs):
        super().__init__(*networks, **kwargs)
        self.rows_seen = self.add_weight(shape=(), initializer="zeros", trainable=False)
        self.sum_seen = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x, training=None):
        if training:
            self.rows_seen.assign(self.rows_seen + ops.cast(ops.shape(x)[0], "float32"))
            self.sum_seen.assign(self.sum_seen + ops.sum(x))
        return super().call(x, training=training)


def steps_taken(jit_compile, steps):
    keras.utils.set_random_seed(0)
    model = linear_autoencoder()
    model.compile(keras.optimizers.Adam(1e-2), jit_compile=jit_compile, steps_per_execution=steps)
    assert model.steps_per_execution == steps
    assert model.jit_compile == jit_compile
    history = model.fit(X, batch_size=32, epochs=3, verbose=0, validation_data=X[:70]).history
    assert int(ops.convert_to_numpy(model.optimizer.iterations)) == 3 * 11
    return history, values(model.trainable_variables), model.evaluate(X[:70], batch_size=32)


one_by_one = functools.cache(functools.partial(steps_taken, False, 1))
RARELY = [pytest.param(*pair, marks=pytest.mark.exhaustive) for pair in ((True, 1), (False, 100))]


@pytest.mark.slow
@pytest.mark.parametrize(("jit_compile", "steps"), [(True, 4), (False, 4), *RARELY])
def test_fit_takes_the_same_steps_however_it_is_compiled(jit_compile, steps):
    """10 full batches and a ragged one, in 1 to 11 executions: the same batches in the same order."""
    if keras.backend.backend() == "torch":
        jit_compile, steps = False, 1  # Keras refuses more than one step on PyTorch
    results = one_by_one(), steps_taken(jit_compile, steps)
    for name in results[0][0]:
        assert results[0][0][name] == pytest.approx(results[1][0][name], rel=1e-4)
    for a, b in zip(results[0][1], results[1][1], strict=True):
        assert a == pytest.approx(b, abs=1e-4)
    assert results[0][2] == pytest.approx(results[1][2], rel=1e-4)


@pytest.mark.parametrize("batch_size", [32, 330, 1000])
def test_every_example_is_trained_on_once_an_epoch_the_last_batch_included(batch_size):
    model = linear_autoencoder(Recorder)
    model.fit(X, batch_size=batch_size, epochs=2, verbose=0)
    assert float(to_numpy(model.rows_seen)) == 2 * 330
    assert float(to_numpy(model.sum_seen)) == pytest.approx(2 * X.sum(dtype="float64"), abs=1e-2)


@pytest.mark.slow
def test_counted_steps_pass_over_every_example_before_they_begin_anew():
    model = linear_autoencoder(Recorder)
    model.fit(X[:100], batch_size=20, steps_per_epoch=1, epochs=10, verbose=0)
    assert float(to_numpy(model.sum_seen)) == pytest.approx(2 * X[:100].sum(dtype="float64"), abs=1e-3)


@pytest.mark.slow
def test_evaluate_averages_over_all_batches():
    model = linear_autoencoder()
    error = np.square(X - model.reconstruct(X)).sum(axis=1)
    for batch_size in (32, 100, 330):
        assert model.evaluate(X, batch_size=batch_size)[0] == pytest.approx(error.mean(), rel=1e-5)
    model.fit(X, epochs=1, verbose=0, validation_data=X[:50])  # another number of steps per execution in between
    error = np.square(X - model.reconstruct(X)).sum(axis=1)
    assert model.evaluate(X, batch_size=32)[0] == pytest.approx(error.mean(), rel=1e-5)


def test_steps_that_are_counted_are_evaluated_after_steps_that_are_not():
    model = linear_autoencoder()
    error = np.square(X - model.reconstruct(X)).sum(axis=1)
    assert model.evaluate(X, batch_size=32)[0] == pytest.approx(error.mean(), rel=1e-5)
    assert model.evaluate(X, batch_size=32, steps=2)[0] == pytest.approx(error[:64].mean(), rel=1e-5)


def test_the_order_of_an_epoch_derives_from_seed_and_epoch():
    def order(seed, epoch):
        batches = EpochBatches(np.arange(10), batch_size=3, seed=seed)
        batches.begin_epoch(epoch)
        return np.concatenate([batches[i][0] for i in range(len(batches))]).tolist()

    assert order(0, 1) == order(0, 1)
    assert order(0, 1) != order(0, 2)
    assert order(0, 1) != order(1, 1)
    assert sorted(order(0, 1)) == list(range(10))


@pytest.mark.parametrize("steps", [1, 2, 3, 50])
def test_chunks_of_rows_are_the_batches_in_order(steps):
    options = {"x": np.arange(23), "batch_size": 5, "seed": 7}
    batches, chunks = EpochBatches(**options), EpochRows(steps, **options)
    rows = [row for chunk, count in (chunks[i] for i in range(len(chunks))) for row in chunk[: count[0]]]
    assert [row.tolist() for row in rows] == [batches[i][0].tolist() for i in range(len(batches))]


@pytest.mark.slow
def test_an_interrupted_training_that_goes_on_sees_the_batches_of_its_epoch():
    """Four epochs at once, and two and two: Adam's state is kept, so the weights must be equal."""
    finals = []
    for parts in ([(0, 4)], [(0, 2), (2, 4)]):
        keras.utils.set_random_seed(0)
        model = linear_autoencoder()
        model.seed = 11
        model.compile(keras.optimizers.Adam(1e-2))
        for begin, end in parts:
            model.fit(X, batch_size=32, initial_epoch=begin, epochs=end, verbose=0)
        finals.append(values(model.trainable_variables))
    for a, b in zip(*finals, strict=True):
        assert np.array_equal(a, b)


@pytest.mark.slow
@pytest.mark.parametrize("steps", [1, pytest.param(4, marks=pytest.mark.exhaustive)])
def test_each_epoch_is_trained_on_in_an_order_of_its_own_however_it_is_reached(steps):
    """One epoch from the same weights: equal for the same epoch, different for another one."""
    steps = 1 if keras.backend.backend() == "torch" else steps
    finals = []
    for epoch in (0, 3, 3):
        keras.utils.set_random_seed(0)
        model = linear_autoencoder()
        model.seed = 11
        model.compile(keras.optimizers.Adam(1e-2), jit_compile=False, steps_per_execution=steps)
        model.fit(X, batch_size=32, initial_epoch=epoch, epochs=epoch + 1, verbose=0)
        finals.append(values(model.trainable_variables)[0])
    assert np.array_equal(finals[1], finals[2])
    assert not np.array_equal(finals[0], finals[1])


def test_shuffle_false_keeps_the_order_of_the_data():
    batches = EpochBatches(np.arange(7), batch_size=3, shuffle=False)
    assert [batches[i][0].tolist() for i in range(3)] == [[0, 1, 2], [3, 4, 5], [6]]


@pytest.mark.skipif(not TENSORFLOW, reason="the pipelines of the other backends are their own")
@pytest.mark.parametrize("weighted", [False, True])
def test_what_tensorflow_reads_is_each_batch_in_the_order_of_its_epoch(weighted):
    weights = np.linspace(0, 1, 330).astype("float32") if weighted else None
    batches = EpochBatches(X, 50, weights, seed=3, labels=np.arange(330, dtype="int32"))
    pipeline = readable(batches)
    assert int(pipeline.cardinality()) == len(batches) == 7
    for epoch in (0, 1):
        batches.begin_epoch(epoch)
        read = list(pipeline.as_numpy_iterator())
        assert len(read) == 7
        for found, expected in zip(read, (batches[i] for i in range(7)), strict=True):
            for ours, its in zip(keras.tree.flatten(found), keras.tree.flatten(expected), strict=True):
                assert ours.dtype == its.dtype
                np.testing.assert_array_equal(ours, its)


@pytest.mark.slow
@pytest.mark.skipif(not TENSORFLOW, reason="the pipelines of the other backends are their own")
@pytest.mark.parametrize("steps", [1, 4])
def test_no_pipeline_of_ours_is_tuned_by_a_thread_that_the_end_must_wait_for(monkeypatch, steps):
    """Where an iterator ends, TensorFlow joins the thread that tunes it, which may sleep for seconds."""
    from keras.src.backend.tensorflow import trainer

    seen, begin = [], trainer.TFEpochIterator.__init__

    def noted(self, *args, **kwargs):
        begin(self, *args, **kwargs)
        seen.append(self._distributed_dataset.options().autotune.enabled)

    monkeypatch.setattr(trainer.TFEpochIterator, "__init__", noted)
    model = linear_autoencoder()
    model.compile(steps_per_execution=steps)
    model.fit(X, verbose=0, validation_data=X[:50])
    model.evaluate(X)
    model.evaluate(X, sample_weight=np.ones(330))
    assert seen == [False] * 4


def test_weights_beside_a_pipeline_of_validation_data_are_refused():
    with pytest.raises(ValueError, match="let it bring the weights"):
        linear_autoencoder().fit(X, verbose=0, validation_data=(EpochBatches(X, 50), None, np.ones(330)))


@pytest.mark.slow
def test_validation_split_takes_the_last_rows():
    model = linear_autoencoder(Recorder)
    history = model.fit(X, validation_split=0.2, verbose=0).history
    assert float(to_numpy(model.rows_seen)) == 264
    assert history["val_loss"][-1] == pytest.approx(model.evaluate(X[264:])[0], rel=1e-5)


@pytest.mark.slow
def test_validation_split_divides_the_weights_too():
    model = linear_autoencoder(Recorder)
    model.fit(X, sample_weight=np.ones(330), validation_split=0.2, verbose=0)
    assert float(to_numpy(model.rows_seen)) == 264


def test_dense_models_are_compiled_and_convolutional_ones_are_not_on_a_cpu():
    dense = linear_autoencoder()
    conv = Autoencoder(networks.conv_encoder((8, 8, 1), 2), networks.conv_decoder(2, (8, 8, 1)))
    dense.compile()
    conv.compile()
    expected = {"tensorflow": (True, False), "jax": (True, True), "torch": (False, False)}
    assert (dense.jit_compile, conv.jit_compile) == expected[keras.backend.backend()]
    assert dense.steps_per_execution == (32 if TENSORFLOW else 1)


@pytest.mark.slow
def test_weights_of_validation_data_weigh_the_validation_loss():
    model, weight = linear_autoencoder(), np.linspace(0, 3, 100)
    history = model.fit(X, verbose=0, validation_data=(X[:100], None, weight)).history
    error = np.square(X[:100] - model.reconstruct(X[:100])).sum(axis=1)
    assert history["val_loss"][-1] == pytest.approx(np.average(error, weights=weight), rel=1e-5)
    assert abs(np.average(error, weights=weight) / error.mean() - 1) > 1e-3
    assert model.evaluate(X[:100], sample_weight=weight)[0] == pytest.approx(history["val_loss"][-1], rel=1e-5)


@pytest.mark.slow
def test_a_dataset_of_batches_can_be_trained_on():
    batches = EpochBatches(X, batch_size=50)
    history = linear_autoencoder().fit(batches, epochs=2, verbose=0, validation_data=X).history
    assert history["loss"][1] < history["loss"][0]


@pytest.mark.slow
@pytest.mark.skipif(not TENSORFLOW, reason="tf.data is TensorFlow's")
def test_a_tensorflow_dataset_can_be_trained_on_and_a_pair_is_refused():
    import tensorflow as tf

    data = tf.data.Dataset.from_tensor_slices(X).batch(50)
    model = linear_autoencoder()
    model.fit(data, epochs=2, verbose=0, validation_data=data)
    assert int(model.optimizer.iterations) == 14
    error = np.square(X - model.reconstruct(X)).sum(axis=1)
    assert model.evaluate(data)[0] == pytest.approx(error.mean(), rel=1e-5)
    with pytest.raises(ValueError, match="map a dataset of pairs"):
        model.fit(tf.data.Dataset.from_tensor_slices((X, Y)).batch(50))
    with pytest.raises(ValueError, match="In batch 1 of x: x must be finite"):
        model.fit(tf.data.Dataset.from_tensor_slices(X * np.nan).batch(50))


def test_weighted_mean_is_the_mean_over_repeated_data():
    numbers, weights = RNG.random(5).astype("float32"), np.array([3, 0, 1, 2, 1])
    weighted = weighted_mean(ops.convert_to_tensor(numbers), weights)
    assert float(to_numpy(weighted)) == pytest.approx(np.repeat(numbers, weights).mean(), rel=1e-5)
    assert float(to_numpy(weighted_mean(ops.convert_to_tensor(numbers)))) == pytest.approx(numbers.mean(), rel=1e-5)


def test_in_batches_joins_what_a_whole_call_gives():
    assert np.array_equal(in_batches(lambda a, b: a * b, X, 2 * X, batch_size=47), 2 * X * X)


def test_a_model_is_compiled_by_its_first_fit():
    model = linear_autoencoder()
    model.fit(X, verbose=0)
    assert isinstance(model.optimizer, keras.optimizers.Adam)


def test_the_default_display_is_one_line_an_epoch(capsys):
    linear_autoencoder().fit(X, epochs=3)
    lines = capsys.readouterr().out.strip().splitlines()
    assert [line.split("  ")[0] for line in lines] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]
    assert all("loss" in line and "step" not in line for line in lines)


@pytest.mark.skipif(not TENSORFLOW, reason="the loop over resident data is TensorFlow's")
def test_no_weight_is_read_or_written_in_the_loop_itself():
    """TensorFlow's optimiser of graphs loses the order of reads and updates when they stand in a loop's own body."""
    model = linear_autoencoder()
    model.compile(jit_compile=False, steps_per_execution=4)
    model.fit(X, batch_size=16, verbose=0)
    many_steps, _ = model._compiled_steps[False]
    rows, count = np.zeros((4, 16), "int32"), np.array([4], "int32")
    graph = many_steps.get_concrete_function((ops.convert_to_tensor(X),), rows, count).graph.as_graph_def()
    bodies = {node.attr["body"].func.name for node in graph.node if "While" in node.op}
    functions = {function.signature.name: function.node_def for function in graph.library.function}
    operations = {node.op for body in bodies for node in functions[body]}
    assert bodies, "the many steps should be a loop in the graph"
    assert not {operation for operation in operations if "VariableOp" in operation}, operations


def test_a_batch_without_weight_moves_nothing_and_spoils_nothing():
    weights = np.r_[np.zeros(10), np.ones(10)].astype("float32")
    model = linear_autoencoder()
    model.fit(X[:20], sample_weight=weights, batch_size=10, shuffle=False, verbose=0)
    assert all(np.isfinite(value).all() for value in values(model.trainable_variables))
    assert float(weighted_mean(ops.ones(3), ops.zeros(3))) == 0.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size should be at least 1; got 0"),
        ({"batch_size": 1.5}, "batch_size should be an integer; got 1.5"),
        ({"epochs": -1}, "epochs should be at least 0; got -1"),
        ({"epochs": 2.0}, "epochs should be an integer; got 2.0"),
        ({"validation_split": "a"}, "validation_split should be one finite number"),
        ({"sample_weight": np.zeros(330)}, "not all 0"),
        ({"sample_weight": np.ones(0)}, "330 examples, not all 0; got 0 numbers"),
        ({"sample_weight": ["a"] * 330}, "sample_weight must be an array of real numbers"),
    ],
)
def test_options_that_mean_nothing_are_refused_before_training(options, message):
    with pytest.raises(ValueError, match=message):
        linear_autoencoder().fit(X, verbose=0, **options)


def test_evaluate_refuses_a_batch_size_that_means_nothing():
    with pytest.raises(ValueError, match="batch_size should be at least 1; got 0"):
        linear_autoencoder().evaluate(X, batch_size=0)


class ByLabel(Autoencoder):
    """A conditional model: adds its label's row to the reconstruction, and keeps what it is trained on."""

    def __init__(self, *networks, **kwargs):
        super().__init__(*networks, **kwargs)
        self.shifts = self.add_weight(shape=(4, 3), initializer="zeros", name="shifts")
        self.seen = self.add_weight(shape=(4,), initializer="zeros", trainable=False, name="seen")
        self.pairs = self.add_weight(shape=(), initializer="zeros", trainable=False, name="pairs")

    def label_contract(self):
        return LabelContract(4)

    def call(self, inputs, training=None):
        x, labels = inputs
        if training:
            self.seen.assign(self.seen + ops.sum(ops.one_hot(labels, 4), axis=0))
            self.pairs.assign(self.pairs + ops.sum(x[:, 0] * ops.cast(labels, "float32")))
        y_pred = super().call(x, training=training)
        shifted = y_pred["parameters"][0] + ops.take(self.shifts, labels, axis=0)
        return {**y_pred, "parameters": (shifted,)}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return super().compute_loss(x=x[0], y_pred=y_pred, sample_weight=sample_weight)


Y = RNG.integers(0, 4, 330)


def errors_by_label(model, x, labels):
    shifted = model.reconstruct(x) + to_numpy(model.shifts)[labels]
    return np.square(x - shifted).sum(axis=1)


def steps_taken_with_labels(jit_compile, steps):
    keras.utils.set_random_seed(0)
    model = linear_autoencoder(ByLabel)
    model.compile(keras.optimizers.Adam(1e-2), jit_compile=jit_compile, steps_per_execution=steps)
    validation, weights = (X[:70], Y[:70]), np.random.default_rng(0).uniform(0.5, 2.0, 330)
    fit = {"batch_size": 32, "epochs": 3, "verbose": 0, "validation_data": validation, "sample_weight": weights}
    history = model.fit(X, Y, **fit).history
    assert int(ops.convert_to_numpy(model.optimizer.iterations)) == 3 * 11
    assert to_numpy(model.seen).tolist() == (3 * np.bincount(Y, minlength=4)).tolist()
    assert float(to_numpy(model.pairs)) == pytest.approx(3 * (X[:, 0] * Y).sum(), rel=1e-3, abs=0.1)
    return history, values(model.trainable_variables), model.evaluate(X[:70], Y[:70], batch_size=32)


one_by_one_with_labels = functools.cache(functools.partial(steps_taken_with_labels, False, 1))


@pytest.mark.slow
@pytest.mark.parametrize(("jit_compile", "steps"), [(True, 4), (False, 1), *RARELY])
def test_labels_take_the_same_steps_however_they_are_compiled_ragged_last_batch_included(jit_compile, steps):
    if keras.backend.backend() == "torch":
        jit_compile, steps = False, 1
    results = one_by_one_with_labels(), steps_taken_with_labels(jit_compile, steps)
    for name in results[0][0]:
        assert results[0][0][name] == pytest.approx(results[1][0][name], rel=1e-4)
    for a, b in zip(results[0][1], results[1][1], strict=True):
        assert a == pytest.approx(b, abs=1e-4)
    assert results[0][2] == pytest.approx(results[1][2], rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [False, True])
def test_labels_of_validation_and_evaluation_stay_with_their_examples(weighted):
    model, weights = linear_autoencoder(ByLabel), np.linspace(0, 3, 100) if weighted else None
    held_out = (X[:100], Y[:100], weights) if weighted else (X[:100], Y[:100])
    model.compile(keras.optimizers.Adam(0.05))
    history = model.fit(X, Y, epochs=3, verbose=0, validation_data=held_out).history
    errors = errors_by_label(model, X[:100], Y[:100])
    assert history["val_loss"][-1] == pytest.approx(np.average(errors, weights=weights), rel=1e-4)
    found = model.evaluate(X[:100], Y[:100], sample_weight=weights)[0]
    assert found == pytest.approx(np.average(errors, weights=weights), rel=1e-4)
    wrong = errors_by_label(model, X[:100], np.roll(Y[:100], 1))
    assert abs(np.average(wrong, weights=weights) / np.average(errors, weights=weights) - 1) > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [False, True])
def test_validation_split_divides_the_labels_too(weighted):
    model = linear_autoencoder(ByLabel)
    weights = np.linspace(1, 2, 330) if weighted else None
    history = model.fit(X, Y, sample_weight=weights, validation_split=0.2, verbose=0).history
    assert to_numpy(model.seen).tolist() == np.bincount(Y[:264], minlength=4).tolist()
    errors = errors_by_label(model, X[264:], Y[264:])
    expected = np.average(errors, weights=None if weights is None else weights[264:])
    assert history["val_loss"][-1] == pytest.approx(expected, rel=1e-4)


class Pairs(keras.utils.PyDataset):
    def __init__(self, *arrays):
        super().__init__()
        self.arrays = arrays

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return tuple(array[index::4] for array in self.arrays)


@pytest.mark.slow
@pytest.mark.parametrize("arrays", [(X, Y), (X, Y, np.ones(330, "float32"))])
def test_a_pipeline_brings_its_own_labels(arrays):
    model = linear_autoencoder(ByLabel)
    model.fit(Pairs(*arrays), epochs=2, verbose=0, validation_data=Pairs(X, Y))
    assert to_numpy(model.seen).tolist() == (2 * np.bincount(Y, minlength=4)).tolist()
    errors = errors_by_label(model, X, Y)
    assert model.evaluate(Pairs(*arrays))[0] == pytest.approx(errors.mean(), rel=1e-4)
    beside = EpochBatches(X, 50, labels=Y.astype("int32"))
    assert model.evaluate(beside)[0] == pytest.approx(errors.mean(), rel=1e-4)


@pytest.mark.slow
@pytest.mark.skipif(not TENSORFLOW, reason="tf.data is TensorFlow's")
def test_a_tensorflow_dataset_of_pairs_trains_a_conditional_model():
    import tensorflow as tf

    model, data = linear_autoencoder(ByLabel), tf.data.Dataset.from_tensor_slices((X, Y)).batch(50)
    model.fit(data, verbose=0, validation_data=data)
    assert to_numpy(model.seen).tolist() == np.bincount(Y, minlength=4).tolist()
    assert model.evaluate(data)[0] == pytest.approx(errors_by_label(model, X, Y).mean(), rel=1e-4)


def test_a_pipeline_without_labels_or_with_wrong_ones_is_refused():
    model = linear_autoencoder(ByLabel)
    with pytest.raises(ValueError, match="In batch 1 of x: y is missing"):
        model.fit(EpochBatches(X, 50))
    with pytest.raises(ValueError, match="In batch 1 of x: y must lie in 0 … 3"):
        model.fit(Pairs(X, Y + 1))
    with pytest.raises(ValueError, match="let it bring the labels, and give no y"):
        model.fit(Pairs(X, Y), Y)
    with pytest.raises(ValueError, match="y is missing: this model is conditional"):
        model.fit(X)


def test_a_weight_is_a_number_of_copies_and_keras_own_mean_is_not():
    """Σwℓ/Σw is the mean over repeated data; Keras divides by the number of rows instead."""
    numbers, copies = RNG.random(40).astype("float32"), RNG.integers(0, 4, 40)
    repeated = np.repeat(numbers, copies).mean()
    ours = float(to_numpy(weighted_mean(ops.convert_to_tensor(numbers), copies)))
    keras_mean = keras.losses.MeanSquaredError()(np.zeros((40, 1)), np.sqrt(numbers)[:, None], sample_weight=copies)
    assert ours == pytest.approx(repeated, rel=1e-5)
    assert float(to_numpy(keras_mean)) == pytest.approx(repeated * copies.sum() / 40, rel=1e-4)


@pytest.mark.slow
def test_a_model_without_labels_refuses_them_and_takes_x_itself_as_its_target():
    with pytest.raises(ValueError, match="learns from x alone; got y of shape"):
        linear_autoencoder().fit(X, Y)
    with pytest.raises(ValueError, match="learns from x alone"):
        linear_autoencoder().evaluate(X, Y)
    with pytest.raises(ValueError, match="learns from x alone"):
        linear_autoencoder().fit(X, validation_data=(X, Y))
    assert linear_autoencoder().fit(X, X, verbose=0, validation_data=(X, X)).history["val_loss"]
