"""A training that breaks ends at once, says where, and leaves nothing that looks like an answer."""

import keras
import numpy as np
import pytest
from keras import ops

from course_lib import networks
from course_lib.models import Autoencoder
from course_lib.training.callbacks import StopAtNaN, watches_batches
from course_lib.training.model import in_batches, to_numpy
from tests.small import small_gan, small_vae, values

pytestmark = pytest.mark.backend
BACKEND = keras.backend.backend()
X = np.random.default_rng(0).normal(size=(64, 3)).astype("float32")


class BreaksAt(Autoencoder):
    """Its loss is spoiled from a step on, without any help of the data."""

    def __init__(self, *parts, step=3, value=np.nan, **kwargs):
        super().__init__(*parts, **kwargs)
        self.step, self.value = step, value
        self.taken = self.add_weight(shape=(), initializer="zeros", trainable=False, name="taken")

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        if training:
            self.taken.assign(self.taken + 1)
            loss = ops.where(self.taken >= self.step, ops.cast(self.value, "float32"), loss)
        return loss


def model(**options):
    keras.utils.set_random_seed(0)
    return BreaksAt(networks.dense_encoder((3,), 2, ()), networks.dense_decoder(2, (3,), ()), **options)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "words"), [(1, "at step 1 of epoch 1"), (3, "at step 3 of epoch 1"), (6, "at step 2 of epoch 2")]
)
@pytest.mark.skipif(BACKEND != "tensorflow", reason="elsewhere every 32nd step is looked at")
def test_the_step_is_named_in_the_fast_loop_and_step_by_step(step, words):
    for callbacks in ([], [keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)]):
        broken = model(step=step)
        with pytest.raises(ValueError, match=f"The training broke {words}: the loss is nan"):
            broken.fit(X, batch_size=16, epochs=3, verbose=0, callbacks=callbacks)
        assert float(to_numpy(broken.taken)) == step


def test_every_backend_stops_within_the_epoch():
    broken = model(step=6)
    with pytest.raises(ValueError, match=r"The training broke .* of epoch 2: the loss is nan.*smaller learning rate"):
        broken.fit(X, batch_size=16, epochs=5, verbose=0)
    assert float(to_numpy(broken.taken)) <= 8
    assert len(broken.history.history["loss"]) == 1


def test_an_infinite_loss_is_no_loss():
    with pytest.raises(ValueError, match="the loss is inf"):
        model(step=2, value=np.inf).fit(X, verbose=0, batch_size=16)


@pytest.mark.slow
def test_one_batch_at_a_time_breaks_too():
    broken = model(step=2)
    broken.train_on_batch(X)
    with pytest.raises(ValueError, match="at step 2: the loss is nan"):
        broken.train_on_batch(X)


@pytest.mark.slow
def test_whoever_brings_keras_own_guard_gets_its_calm_end():
    broken = model(step=3)
    both = [keras.callbacks.TerminateOnNaN(), keras.callbacks.EarlyStopping("loss")]
    history = broken.fit(X, batch_size=16, epochs=5, verbose=0, callbacks=both)
    assert len(history.epoch) == 1
    assert float(to_numpy(broken.taken)) == 3


def test_nothing_is_kept_of_an_epoch_that_broke(tmp_path):
    from course_lib.training.callbacks import ResumableTraining

    with pytest.raises(ValueError, match="The training broke"):
        model(step=6).fit(X, batch_size=16, epochs=5, verbose=0, callbacks=[ResumableTraining(tmp_path)])
    assert [path.name for path in tmp_path.glob("*.npz")] == ["after-epoch-000001.npz"]


def spoiled(made):
    for weight in made.trainable_variables:
        weight.assign(np.full(weight.shape, np.nan))
    return made


def test_a_spoiled_model_answers_nothing():
    vae, data = spoiled(small_vae()), np.zeros((2, 4, 4, 1))
    calls = (lambda: vae.sample(2), lambda: vae.elbo(data), lambda: vae.reconstruct(data), lambda: vae.encode(data))
    for call in (*calls, lambda: vae.predict(data), lambda: spoiled(small_gan()).sample(2)):
        with pytest.raises(ValueError, match="The model answers NaN: its weights were spoiled"):
            call()


def test_one_answer_that_is_nan_is_enough():
    with pytest.raises(ValueError, match="The model answers NaN"):
        in_batches(lambda x: x, np.array([1.0, np.nan]))


def test_integers_and_infinities_are_answers():
    assert in_batches(lambda x: x, np.arange(3)).tolist() == [0, 1, 2]
    assert in_batches(lambda x: x, np.array([-np.inf, 1.0])).tolist() == [-np.inf, 1.0]


def test_a_learning_rate_that_is_too_large_is_named_as_a_cause():
    vae = small_vae()
    vae.compile(keras.optimizers.SGD(1e30))
    with pytest.raises(ValueError, match="a smaller learning rate"):
        vae.fit(np.random.default_rng(0).random((64, 4, 4, 1)), epochs=5, verbose=0, batch_size=8)


def test_the_guard_names_what_it_has_not_looked_at():
    guard = StopAtNaN()
    guard.on_epoch_begin(1)
    guard.check({"loss": 1.0}, step=32)
    with pytest.raises(ValueError, match="broke between steps 33 and 64 of epoch 2: the loss is nan"):
        guard.check({"loss": np.nan}, step=64)
    with pytest.raises(ValueError, match="broke after step 32 of epoch 2"):
        guard.on_epoch_end(1, {"loss": np.nan})
    guard.on_epoch_begin(2)
    assert guard.seen == 0


@pytest.mark.parametrize(
    ("callback", "expected"),
    [
        (keras.callbacks.TerminateOnNaN(), True),
        (keras.callbacks.LambdaCallback(on_train_batch_begin=print), True),
        (keras.callbacks.LambdaCallback(on_epoch_end=print), False),
        (keras.callbacks.ModelCheckpoint("a.keras"), False),
        (keras.callbacks.ModelCheckpoint("a.keras", save_freq=5), True),
        (keras.callbacks.CSVLogger("a.csv"), False),
        (keras.callbacks.ReduceLROnPlateau(), False),
    ],
)
def test_callbacks_that_ask_for_every_batch_are_told_apart(callback, expected):
    assert watches_batches(callback) is expected


# --- what is saved, and where it trains


@pytest.mark.slow
@pytest.mark.parametrize("during", [True, False])
def test_a_loaded_model_chooses_anew_what_was_left_to_it(during, tmp_path):
    made, path = small_vae(), str(tmp_path / "vae.keras")
    data = np.random.default_rng(0).random((64, 4, 4, 1))
    made.fit(data, verbose=0, callbacks=[keras.callbacks.ModelCheckpoint(path)] if during else [])
    if not during:
        made.save(path)
    loaded = keras.saving.load_model(path)
    assert loaded.steps_per_execution == made.steps_per_execution == (32 if BACKEND == "tensorflow" else 1)
    assert loaded._choose_jit
    assert loaded._choose_steps
    for a, b in zip(values(loaded.trainable_variables), values(made.trainable_variables), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_loaded_model_keeps_what_was_asked_for(tmp_path):
    made, path = small_vae(), str(tmp_path / "vae.keras")
    steps = 1 if BACKEND == "torch" else 4
    made.compile(jit_compile=False, steps_per_execution=steps, run_eagerly=True)
    made.optimizer.build(made.trainable_variables)
    made.save(path)
    loaded = keras.saving.load_model(path)
    assert (loaded.jit_compile, loaded.steps_per_execution, loaded.run_eagerly) == (False, steps, True)


@pytest.mark.slow
@pytest.mark.skipif(BACKEND != "tensorflow", reason="strategies are TensorFlow's")
def test_several_replicas_are_refused_and_one_trains_as_without(monkeypatch):
    import tensorflow as tf

    data = np.random.default_rng(0).random((64, 4, 4, 1)).astype("float32")
    keras.utils.set_random_seed(0)
    plain = small_vae().fit(data, verbose=0, shuffle=False).history["loss"]
    keras.utils.set_random_seed(0)
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        alone = small_vae()
        alone.compile()
    assert alone.fit(data, verbose=0, shuffle=False).history["loss"] == pytest.approx(plain, rel=1e-4)
    monkeypatch.setattr(type(alone.distribute_strategy), "num_replicas_in_sync", 2)
    for call in (alone.fit, alone.evaluate, alone.train_on_batch):
        with pytest.raises(
            ValueError,
            match=r"one device; got a MirroredStrategy of 2 replicas.*outside strategy.scope.*KERAS_BACKEND=jax",
        ):
            call(data)


@pytest.mark.slow
def test_a_model_that_was_interrupted_has_its_weights():
    """On JAX Keras takes them away while it trains, and gives them back only where all goes well."""
    made, data = small_vae(), np.random.default_rng(0).random((64, 4, 4, 1)).astype("float32")

    def broken_off(batches):
        yield from (data[:16] for _ in range(batches))
        raise KeyboardInterrupt

    for call in (lambda: made.fit(broken_off(3), verbose=0), lambda: made.evaluate(broken_off(3))):
        with pytest.raises(BaseException):  # noqa: B017, PT011  backends wrap it
            call()
        assert all(np.isfinite(value).all() for value in values(made.trainable_variables))
    made.fit(data, verbose=0)
