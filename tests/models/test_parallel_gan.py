import keras
import numpy as np
import pytest

from course_lib import networks
from course_lib.formulas import adversarial
from course_lib.formulas.gradient_penalties import R1, R2, GradientPenalty
from course_lib.models import GAN, ParallelGAN
from course_lib.training.model import to_numpy
from tests.small import values

pytestmark = pytest.mark.backend
COPIES, BLOCK = 3, 8
RNG = np.random.default_rng(0)
POINTS = RNG.normal([1.0, -1.0], 0.5, size=(COPIES * BLOCK, 2)).astype("float32")
NOISE = RNG.normal(size=(COPIES * BLOCK, 2)).astype("float32")
POSITION = RNG.random(COPIES * BLOCK).astype("float32")
METHODS = {
    "plain": (adversarial.non_saturating, {}),
    "R1": (adversarial.non_saturating, {"penalty": R1(2.0)}),
    "R2, packs": (adversarial.minimax, {"penalty": R2(2.0), "packing": 2}),
    "gradient penalty": (adversarial.wasserstein, {"penalty": GradientPenalty(3.0)}),
    "packs of three": (adversarial.non_saturating, {"packing": 3}),
    "spectral": (adversarial.hinge, {"spectral_normalization": True}),
}


class Fixed(keras.layers.Layer):
    """Stands for a random layer."""

    def __init__(self, draws):
        super().__init__()
        self.draws = draws

    def call(self, x):
        return keras.ops.convert_to_tensor(self.draws)


def blocks(array):
    return array.reshape(COPIES, BLOCK, *array.shape[1:])


def parallel_networks(copies, packing=1, spectral_normalization=False):
    return (
        networks.parallel_generator(2, 2, copies, (6,), activation="tanh"),
        networks.parallel_discriminator(2 * packing, copies, (5,), "tanh", spectral_normalization),
    )


def together_and_alone(objective, options, copy=1):
    """A model of three copies, and one of a single copy with the weights, noise and positions of one of the three."""
    options = dict(options)
    shape = options.get("packing", 1), options.pop("spectral_normalization", False)
    models = []
    for copies, part in ((COPIES, slice(None)), (1, slice(copy, copy + 1))):
        model = ParallelGAN(*parallel_networks(copies, *shape), objective, copies, seed=0, **options)
        model.noise = Fixed(blocks(NOISE)[part].reshape(-1, 2))
        model.position = Fixed(blocks(POSITION)[part].reshape(-1))
        models.append(model)
    together, alone = models
    for ours, its in zip(together.networks_weights, alone.networks_weights, strict=True):
        ours.assign(RNG.normal(size=ours.shape))
        its.assign(to_numpy(ours)[copy : copy + 1])
    return together, alone, blocks(POINTS)[copy]


@pytest.fixture(autouse=True)
def _weights_of_both_networks(monkeypatch):
    both = property(lambda gan: gan.generator.weights + gan.discriminator.weights)
    monkeypatch.setattr(ParallelGAN, "networks_weights", both, False)


def changes(model, x, optimizer, epochs=1):
    """How training moves the weights, eagerly: these models are too small to be worth compiling."""
    before = values(model.trainable_variables)
    model.compile(optimizer, run_eagerly=True, jit_compile=False, steps_per_execution=1)
    model.fit(x, batch_size=len(x), epochs=epochs, shuffle=False, verbose=0)
    return [after - start for after, start in zip(values(model.trainable_variables), before, strict=True)]


@pytest.mark.parametrize("name", METHODS)
def test_the_gradient_of_each_copy_is_that_of_training_it_alone(name):
    together, alone, block = together_and_alone(*METHODS[name])
    found = changes(together, POINTS, keras.optimizers.SGD(1.0))
    expected = changes(alone, block, keras.optimizers.SGD(1.0))
    for ours, its in zip(found, expected, strict=True):
        assert ours[1:2] == pytest.approx(its, abs=2e-4)
    assert all(np.abs(its).max() > 1e-3 for its in expected[:-1])  # the last bias of a critic has no gradient


def test_a_single_copy_of_parallel_layers_is_the_gan_of_dense_layers():
    _, one, block = together_and_alone(*METHODS["R1"])
    dense = GAN(
        networks.dense_generator(2, (2,), (6,), "tanh", output_activation=None),
        networks.dense_discriminator((2,), (5,), "tanh"),
        adversarial.non_saturating,
        seed=0,
        penalty=R1(2.0),
    )
    dense.noise = one.noise
    for ours, its in zip(dense.trainable_variables, one.trainable_variables, strict=True):
        ours.assign(np.reshape(to_numpy(its), ours.shape))
    found, expected = (changes(model, block, keras.optimizers.SGD(1.0)) for model in (dense, one))
    for ours, its in zip(found, expected, strict=True):
        assert ours.ravel() == pytest.approx(its.ravel(), abs=1e-4)


@pytest.mark.slow
def test_adam_trains_a_copy_exactly_as_it_would_train_it_alone():
    together, alone, block = together_and_alone(*METHODS["R1"])
    found = changes(together, POINTS, keras.optimizers.Adam(0.01, epsilon=1e-3), epochs=4)
    expected = changes(alone, block, keras.optimizers.Adam(0.01, epsilon=1e-3), epochs=4)
    for ours, its in zip(found, expected, strict=True):
        assert ours[1:2] == pytest.approx(its, abs=2e-4)
        assert np.abs(its).max() > 0.01


def test_the_loss_is_the_sum_over_copies_and_the_metrics_are_means():
    losses, metrics = [], []
    x = keras.ops.convert_to_tensor(POINTS)
    together, *_ = together_and_alone(*METHODS["plain"])
    y_pred = together(x, training=True)
    for copy in range(COPIES):
        of_copy = {name: tensor[copy * BLOCK : (copy + 1) * BLOCK] for name, tensor in y_pred.items()}
        logits = (to_numpy(of_copy[name]).ravel() for name in ("real_logits", "fake_logits", "generator_logits"))
        real, fake, generated = logits
        metrics.append(np.logaddexp(0, -real).mean() + np.logaddexp(0, fake).mean())
        losses.append(metrics[-1] + np.logaddexp(0, -generated).mean())
    assert float(together.compute_loss(x, y_pred=y_pred)) == pytest.approx(sum(losses), rel=1e-5)
    assert float(together.discriminator_tracker.result()) == pytest.approx(np.mean(metrics), rel=1e-5)


def test_a_penalty_on_weights_counts_once_and_not_for_each_copy(monkeypatch):
    together, *_ = together_and_alone(*METHODS["plain"])
    x = keras.ops.convert_to_tensor(POINTS)
    y_pred = together(x, training=True)
    without = float(together.compute_loss(x, y_pred=y_pred))
    monkeypatch.setattr(ParallelGAN, "weight_penalty", lambda gan: 7.0)
    assert float(together.compute_loss(x, y_pred=y_pred)) == pytest.approx(without + 7.0, rel=1e-5)


def test_weights_of_examples_are_refused():
    together, *_ = together_and_alone(*METHODS["plain"])
    together.compile(run_eagerly=True, jit_compile=False)
    with pytest.raises(ValueError, match="takes no sample_weight"):
        together.fit(POINTS, batch_size=len(POINTS), sample_weight=np.ones(len(POINTS)), verbose=0)


@pytest.mark.parametrize("packing", [1, 2, 3])
def test_packs_hold_the_examples_that_follow_in_the_block_of_their_own_copy(packing):
    gan = ParallelGAN(*parallel_networks(COPIES, packing), adversarial.minimax, COPIES, packing=packing)
    expected = np.concatenate(
        [np.concatenate([np.roll(block, -step, axis=0) for step in range(packing)], axis=1) for block in blocks(POINTS)]
    )
    assert np.array_equal(to_numpy(gan.packs(keras.ops.convert_to_tensor(POINTS))), expected)


def test_samples_come_copy_by_copy_and_are_repeated_by_a_seed():
    gan = ParallelGAN(*parallel_networks(COPIES), adversarial.minimax, COPIES, seed=0)
    samples = gan.sample_copies(BLOCK, seed=3)
    assert samples.shape == (COPIES, BLOCK, 2)
    assert np.array_equal(samples, gan.sample_copies(BLOCK, seed=3))
    bias = to_numpy(gan.generator.layers[-1].bias).copy()
    bias[1] += 5.0
    gan.generator.layers[-1].bias.assign(bias)
    moved = gan.sample_copies(BLOCK, seed=3) - samples
    assert moved == pytest.approx(np.array([0.0, 5.0, 0.0])[:, None, None] * np.ones((COPIES, BLOCK, 2)), abs=1e-5)


@pytest.mark.parametrize("numbers", [(23, 6), (24, 8)])
@pytest.mark.parametrize("method", ["fit", "evaluate"])
def test_batches_that_cannot_be_dealt_are_refused(method, numbers):
    gan = ParallelGAN(*parallel_networks(COPIES), adversarial.minimax, COPIES)
    with pytest.raises(ValueError, match=f"multiples of 3; got {numbers[0]} and {numbers[1]}"):
        getattr(gan, method)(POINTS[: numbers[0]], batch_size=numbers[1])


@pytest.mark.slow
def test_ragged_last_batches_and_validation_work_if_they_can_be_dealt():
    gan = ParallelGAN(*parallel_networks(COPIES), adversarial.minimax, COPIES, seed=0)
    history = gan.fit(POINTS, batch_size=15, epochs=2, validation_data=POINTS, verbose=0).history
    assert np.isfinite(history["val_loss"]).all()
    assert gan.evaluate(POINTS, batch_size=15, return_dict=True)["discriminator_loss"] == pytest.approx(
        history["val_discriminator_loss"][-1], rel=1e-4
    )


def test_a_saved_model_keeps_its_copies(tmp_path):
    gan = ParallelGAN(*parallel_networks(COPIES), adversarial.hinge, COPIES, seed=0, penalty=R1(1.0))
    gan.save(tmp_path / "gan.keras")
    again = keras.saving.load_model(tmp_path / "gan.keras")
    assert again.copies == COPIES
    assert again.sample_copies(5, seed=1) == pytest.approx(gan.sample_copies(5, seed=1), abs=1e-6)


def test_samples_of_the_copies_are_never_mixed_in_one_array():
    gan = ParallelGAN(*parallel_networks(COPIES), adversarial.minimax, COPIES, seed=0)
    with pytest.raises(ValueError, match=r"would mix the 3 copies.*sample_copies"):
        gan.sample(6)


@pytest.mark.parametrize("which", ["generator", "discriminator"])
def test_networks_of_another_number_of_copies_are_refused(which):
    generator, discriminator = parallel_networks(COPIES)
    other_generator, other_discriminator = parallel_networks(1)
    pair = (other_generator, discriminator) if which == "generator" else (generator, other_discriminator)
    with pytest.raises(ValueError, match=f"The {which}'s layers are made for 1 copies, the model for 3"):
        ParallelGAN(*pair, adversarial.minimax, COPIES)
