"""Every argument of Keras' `fit`, `evaluate` and `compile` does what it does for a plain Keras model, or is refused.

The twin is written in plain Keras: the same networks, the same loss, the same start. No argument can be dropped.
"""

import inspect

import keras
import numpy as np
import pytest
from keras import ops

from course_lib import networks
from course_lib.models import Autoencoder
from course_lib.training.model import UnsupervisedModel, to_numpy
from tests.small import values

pytestmark = pytest.mark.backend
RNG = np.random.default_rng(0)
X = RNG.normal(size=(100, 3)).astype("float32")
HELD_OUT = RNG.normal(size=(40, 3)).astype("float32")
CLEAN = (X + 1).astype("float32")
EVEN = np.tile([0.5, 1.5], 50).astype("float32")  # sums to the size of each batch: Keras' mean and ours agree


def parts():
    keras.utils.set_random_seed(0)
    return networks.dense_encoder((3,), 2, ()), networks.dense_decoder(2, (3,), ())


def ours(**options):
    model = Autoencoder(*parts())
    model.compile(keras.optimizers.Adam(1e-2), **{"jit_compile": False, **options})
    return model


def plain(**options):
    encoder, decoder = parts()
    model = keras.Model(encoder.input, decoder(encoder.output))
    summed = lambda x, reconstruction: ops.sum(ops.square(x - reconstruction), axis=-1)  # noqa: E731
    model.compile(keras.optimizers.Adam(1e-2), loss=summed, **{"run_eagerly": True, **options})
    return model


class Counted(keras.callbacks.Callback):
    """What a callback is told, event by event."""

    def __init__(self):
        super().__init__()
        self.events = []

    def on_epoch_begin(self, epoch, logs=None):
        self.events.append(("epoch", epoch))

    def on_train_batch_end(self, batch, logs=None):
        self.events.append(("batch", batch))

    def on_test_batch_end(self, batch, logs=None):
        self.events.append(("test", batch))


def both(options, y=X, compiled=None):
    """Train the twin, ours under the eyes of a callback, and ours in the fast loop: nothing may differ."""
    compiled, results = compiled or {}, []
    watched = {"run_eagerly": True, **compiled}
    for model, callbacks in ((plain(**compiled), [Counted()]), (ours(**watched), [Counted()]), (ours(**compiled), [])):
        history = model.fit(X, y, verbose=0, callbacks=callbacks, **options)
        curves = {name: curve for name, curve in history.history.items() if name in ("loss", "val_loss")}
        events = [callback.events for callback in callbacks]
        results.append((updates(model), history.epoch, events, curves, values(model.trainable_variables)))
    twin, watched, unseen = results
    assert watched[2] == twin[2]
    for steps, epochs, _, curves, weights in (watched, unseen):
        assert (steps, epochs, curves.keys()) == (*twin[:2], twin[3].keys())
        for name, curve in curves.items():
            assert curve == pytest.approx(twin[3][name], rel=1e-4), name
        for a, b in zip(weights, twin[4], strict=True):
            np.testing.assert_allclose(a, b, atol=1e-5)
    return watched[2][0], unseen[0]


def updates(model):
    return int(to_numpy(model.optimizer.iterations))


IN_ORDER = {"shuffle": False, "batch_size": 20}
FIT = {
    "x": {},
    "y": {},
    "batch_size": {"batch_size": 7},
    "epochs": {"epochs": 3},
    "verbose": {},
    "callbacks": {},
    "validation_split": {"validation_split": 0.25},
    "validation_data": {"validation_data": (HELD_OUT, HELD_OUT)},
    "shuffle": {},
    "sample_weight": {"sample_weight": EVEN},
    "initial_epoch": {"initial_epoch": 2, "epochs": 4},
    "steps_per_epoch": {"steps_per_epoch": 2, "epochs": 2},
    "validation_steps": {"validation_data": (HELD_OUT, HELD_OUT), "validation_steps": 1},
    "validation_batch_size": {"validation_data": (HELD_OUT, HELD_OUT), "validation_batch_size": 9},
    "validation_freq": {"validation_data": (HELD_OUT, HELD_OUT), "validation_freq": 2, "epochs": 4},
}
REFUSED = {"class_weight": {"class_weight": {0: 2.0}}}  # a model without classes; for one with, see test_pipelines


def arguments_of(function):
    parameters = inspect.signature(inspect.unwrap(function)).parameters.values()
    return [p.name for p in parameters if p.name != "self" and p.kind is not p.VAR_KEYWORD]


def test_nothing_that_keras_takes_is_missing_here_or_in_this_walk():
    assert arguments_of(UnsupervisedModel.fit) == arguments_of(keras.Model.fit)
    assert set(arguments_of(keras.Model.fit)) == {*FIT, *REFUSED}
    assert set(arguments_of(UnsupervisedModel.evaluate)) >= set(arguments_of(keras.Model.evaluate))
    assert set(arguments_of(UnsupervisedModel.compile)) == set(arguments_of(keras.Model.compile))
    for name in ("train_on_batch", "test_on_batch", "predict", "predict_on_batch"):
        assert arguments_of(getattr(UnsupervisedModel, name)) == arguments_of(getattr(keras.Model, name)), name


@pytest.mark.slow
@pytest.mark.parametrize("name", FIT)
def test_an_argument_of_fit_does_what_it_does_for_a_plain_keras_model(name):
    both({**IN_ORDER, **FIT[name]})


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "validation_data",
        *(pytest.param(name, marks=pytest.mark.exhaustive) for name in ("steps_per_epoch", "initial_epoch")),
    ],
)
def test_and_with_a_target_that_is_not_the_data(name):
    both({**IN_ORDER, **FIT[name]}, y=CLEAN)


@pytest.mark.slow
@pytest.mark.parametrize("steps", [3, *(pytest.param(steps, marks=pytest.mark.exhaustive) for steps in (1, 10))])
def test_steps_per_epoch_counts_updates(steps):
    """Five batches an epoch: fewer, and more than there are, where Keras warns and ends the epoch."""
    with pytest.warns(UserWarning, match="ran out of data") if steps > 2 else _no_warning():
        both({**IN_ORDER, "steps_per_epoch": steps, "epochs": 3})


def _no_warning():
    import warnings

    return warnings.catch_warnings()


@pytest.mark.slow
def test_every_batch_is_announced_to_a_callback_that_asks():
    events, steps = both({**IN_ORDER, "epochs": 2, "validation_data": (HELD_OUT, HELD_OUT)})
    assert [event for event in events if event[0] == "batch"] == 2 * [("batch", number) for number in range(5)]
    assert steps == 10


@pytest.mark.slow
def test_keras_own_callbacks_do_here_what_they_do_there(tmp_path):
    """A stop in the middle of an epoch, a file every third batch, a rate that falls, a file of curves."""
    seen = []
    for name, model in (("ours", ours()), ("plain", plain())):
        stop = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs, model=model: stop_at(model, batch))
        path = str(tmp_path / (name + "{batch}.weights.h5"))
        saved = keras.callbacks.ModelCheckpoint(path, save_weights_only=True, save_freq=3)
        rate = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
        curves = keras.callbacks.CSVLogger(str(tmp_path / f"{name}.csv"))
        model.fit(X, X, epochs=3, verbose=0, callbacks=[stop, saved, rate, curves], **IN_ORDER)
        files = sorted(path.name.removeprefix(name) for path in tmp_path.glob(f"{name}*.h5"))
        lines = len((tmp_path / f"{name}.csv").read_text().splitlines())
        seen.append((updates(model), float(to_numpy(model.optimizer.learning_rate)), files, lines))
    assert seen[0] == seen[1]
    assert seen[0][0] == 4


def stop_at(model, batch):
    model.stop_training = batch == 3


EVALUATE = {
    "x": {},
    "y": {},
    "batch_size": {"batch_size": 7},
    "verbose": {"verbose": 0},
    "sample_weight": {"sample_weight": EVEN},
    "steps": {"steps": 2},
    "callbacks": {"callbacks": []},
    "return_dict": {"return_dict": True},
}


def test_every_argument_of_evaluate_is_walked():
    assert set(EVALUATE) == set(arguments_of(keras.Model.evaluate))


@pytest.mark.slow
@pytest.mark.parametrize("name", EVALUATE)
@pytest.mark.parametrize("target", [X, CLEAN], ids=["itself", "clean"])
def test_an_argument_of_evaluate_does_what_it_does_for_a_plain_keras_model(name, target):
    results = []
    for model in (ours(run_eagerly=True), plain()):
        counted = Counted()
        options = {"batch_size": 20, "verbose": 0, **EVALUATE[name]}
        if "callbacks" in options:
            options["callbacks"] = [counted]
        result = model.evaluate(X, target, **options)
        loss = result["loss"] if options.get("return_dict") else result[0] if isinstance(result, list) else result
        results.append((loss, counted.events))
    assert results[0][0] == pytest.approx(results[1][0], rel=1e-4)
    assert results[0][1] == results[1][1]


COMPILED = {
    "optimizer": {},
    "run_eagerly": {"run_eagerly": True},
    "steps_per_execution": {"steps_per_execution": 2},
    "auto_scale_loss": {"auto_scale_loss": False},
}
NOT_COMPILED = {
    "loss": "mse",
    "loss_weights": [1.0],
    "metrics": ["mse"],
    "weighted_metrics": ["mse"],
}


def test_every_argument_of_compile_is_walked():
    assert {*COMPILED, *NOT_COMPILED, "jit_compile"} == set(arguments_of(keras.Model.compile))


@pytest.mark.slow
@pytest.mark.parametrize("name", COMPILED)
def test_an_argument_of_compile_does_what_it_does_for_a_plain_keras_model(name):
    if keras.backend.backend() == "torch" and name == "steps_per_execution":
        pytest.skip("Keras refuses more than one step on PyTorch")
    both({**IN_ORDER, "epochs": 2}, compiled=COMPILED[name])


@pytest.mark.parametrize("name", NOT_COMPILED)
def test_what_would_replace_the_objective_is_refused(name):
    with pytest.raises(ValueError, match=f"got {name}=.*Drop it"):
        Autoencoder(*parts()).compile(**{name: NOT_COMPILED[name]})


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_model_cannot_take_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} needs classes"):
        ours().fit(X, verbose=0, **REFUSED[name])


def test_an_argument_that_keras_does_not_know_is_an_error_here_too():
    for call in (ours().fit, ours().evaluate):
        with pytest.raises((TypeError, ValueError), match="workers"):
            call(X, workers=2)


@pytest.mark.slow
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="the fast loop is TensorFlow's")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 1),
        ({"verbose": 1}, 1),
        ({"callbacks": [keras.callbacks.EarlyStopping("loss")]}, 1),
        ({"callbacks": [keras.callbacks.TerminateOnNaN()]}, 5),
        ({"steps_per_epoch": 5}, 5),
        ({"validation_data": HELD_OUT, "validation_steps": 1}, 5),
    ],
)
def test_steps_run_unseen_only_where_nobody_counts_them(options, expected, monkeypatch):
    model, calls = ours(), []
    made = keras.Model.make_train_function

    def counting(self, force=False):
        made(self, force)
        function = self.train_function
        self.train_function = lambda iterator: calls.append(1) or function(iterator)

    monkeypatch.setattr(keras.src.backend.tensorflow.trainer.TensorFlowTrainer, "make_train_function", counting)
    model.fit(X, **{"verbose": 0, **IN_ORDER, **options})
    assert len(calls) == expected
    assert model.steps_per_execution == 32


@pytest.mark.slow
def test_one_batch_is_trained_and_tested_as_keras_does():
    results = []
    for model in (ours(), plain()):
        first = model.test_on_batch(X[:20], CLEAN[:20])
        losses = [model.train_on_batch(X[:20], CLEAN[:20], return_dict=True)["loss"] for _ in range(3)]
        results.append(([np.ravel(first)[0], *losses], values(model.trainable_variables)))
    assert [float(v) for v in results[0][0]] == pytest.approx([float(v) for v in results[1][0]], rel=1e-4)
    for a, b in zip(results[0][1], results[1][1], strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize("call", ["train_on_batch", "test_on_batch", "predict", "predict_on_batch"])
def test_one_batch_is_held_to_the_contract_too(call):
    model = ours()
    with pytest.raises(ValueError, match="x must be finite"):
        getattr(model, call)(X * np.nan)
    with pytest.raises(ValueError, match="x must have shape"):
        getattr(model, call)(X[:, :2])


def test_predict_gives_what_reconstruct_gives():
    model = ours()
    np.testing.assert_allclose(model.predict(X), model.reconstruct(X), atol=1e-6)
    np.testing.assert_allclose(model.predict(X, batch_size=7), plain().predict(X, verbose=0), atol=1e-5)
    np.testing.assert_allclose(model.predict_on_batch(X[:3]), model.reconstruct(X[:3]), atol=1e-6)
