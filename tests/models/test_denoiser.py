import itertools

import keras
import numpy as np
import pytest
from keras import layers, ops

from course_lib.exact import Diffusion1D
from course_lib.models import Denoiser
from course_lib.training.model import to_numpy

pytestmark = pytest.mark.backend
GAUSSIAN = Diffusion1D([1.0], [0.0], [0.8])


def dense(shape=(1,), units=(16,), answer=None):
    noisy, time = keras.Input(shape), keras.Input((1,))
    features = layers.Flatten()(noisy)
    for width in units:
        features = layers.Dense(width, "swish")(layers.Concatenate()([features, time]))
    outputs = layers.Reshape(answer or shape)(layers.Dense(int(np.prod(answer or shape)))(features))
    return keras.Model([noisy, time], outputs)


@keras.saving.register_keras_serializable(package="tests")
class BestForAGaussian(layers.Layer):
    """The best denoiser of N(0, 0.8²), in closed form, at t = 3u²."""

    def call(self, inputs):
        noisy, u = inputs
        signal = ops.exp(-3 * ops.square(u))
        return signal * 0.64 / (signal**2 * 0.64 + 1 - signal**2) * noisy


def exact_model(seed=0):
    noisy, time = keras.Input((1,)), keras.Input((1,))
    return Denoiser(keras.Model([noisy, time], BestForAGaussian()([noisy, time])), seed=seed)


def gaussian_draws(n, seed=0):
    return 0.8 * np.random.default_rng(seed).normal(size=(n, 1)).astype("float32")


def test_signal_and_noise_are_those_of_the_exact_process():
    model = exact_model()
    u = np.array([0.0, 0.1, 0.5, 1.0])
    for ours, exact in zip(model.signal_and_noise(u), GAUSSIAN.signal_and_noise(3 * u**2), strict=True):
        assert to_numpy(ours) == pytest.approx(exact, abs=1e-6)


def test_the_loss_of_the_best_denoiser_is_the_floor():
    model, x = exact_model(), gaussian_draws(40_000)
    nodes, weights = np.polynomial.legendre.leggauss(12)
    floors = [GAUSSIAN.denoising_error(3 * ((node + 1) / 2) ** 2) for node in nodes if 3 * ((node + 1) / 2) ** 2 > 1e-3]
    floor = 0.5 * weights[-len(floors) :] @ floors
    assert model.evaluate(x, batch_size=4000) == pytest.approx(floor, rel=0.03)


def test_the_noisy_data_that_the_network_sees_have_the_law_of_the_process():
    seen = []
    model, x = exact_model(), gaussian_draws(20_000)

    def network(inputs, training=None):
        seen.append([to_numpy(each)[:, 0] for each in inputs])
        return inputs[0]

    object.__setattr__(model, "network", network)
    model(ops.convert_to_tensor(x), training=True)
    [(noisy, u)] = seen
    assert np.abs(np.quantile(u, [0.25, 0.5, 0.75]) - [0.25, 0.5, 0.75]).max() < 0.02
    for low, high in itertools.pairwise(np.linspace(0, 1, 6)):
        some = (u >= low) & (u < high)
        signal, noise = GAUSSIAN.signal_and_noise(3 * u[some] ** 2)
        standard = noisy[some] / np.sqrt(0.64 * signal**2 + noise**2)
        assert standard.var() == pytest.approx(1, abs=5 * np.sqrt(2 / some.sum()))
        products = noisy[some] * x[some, 0]
        error = products.std() / np.sqrt(some.sum())
        assert products.mean() == pytest.approx(np.mean(0.64 * signal), abs=5 * error)


def test_samples_of_the_best_denoiser_have_the_law_of_the_data():
    drawn = exact_model().sample(20_000, seed=1, steps=200)
    assert drawn.mean() == pytest.approx(0, abs=0.03)
    assert drawn.std() == pytest.approx(0.8, rel=0.03)


def test_a_sample_moves_by_the_deterministic_step():
    model = Denoiser(dense((3,)), seed=0)
    x = to_numpy(model.sample_noise.draw(4, 7)).reshape(4, 3)
    for t, later in ((3.0, 0.75), (0.75, 0.0)):  # two steps: u = 1, ½, 0
        guess = model.denoise(x, t)
        (signal, noise), (next_signal, next_noise) = (GAUSSIAN.signal_and_noise(each) for each in (t, later))
        x = next_signal * guess + next_noise / noise * (x - signal * guess)
    assert model.sample(4, seed=7, steps=2) == pytest.approx(x, abs=1e-4)


def test_denoise_asks_the_network_at_the_root_of_the_share_of_time():
    model = exact_model()
    x = np.linspace(-2, 2, 9)[:, None]
    for t in (0.1, 1.0, 3.0):
        assert model.denoise(x, t)[:, 0] == pytest.approx(GAUSSIAN.denoised(x[:, 0], t), abs=1e-5)


def test_training_brings_the_loss_down_to_near_the_floor():
    keras.utils.set_random_seed(0)
    model, x = Denoiser(dense(units=(32, 32)), seed=0), gaussian_draws(20_000)
    model.compile(keras.optimizers.Adam(0.01), jit_compile=False)
    before = model.evaluate(x)
    model.fit(x, batch_size=500, epochs=6, verbose=0)
    assert before > 1.3 * model.evaluate(x)
    assert model.evaluate(x) < 1.1 * exact_model().evaluate(x)


def test_evaluation_repeats_its_draws_and_samples_can_be_repeated():
    model, x = Denoiser(dense((4, 4, 1)), seed=0), np.random.default_rng(0).normal(size=(50, 4, 4, 1))
    assert model.evaluate(x) == model.evaluate(x)
    assert (model.sample(3, seed=1) == model.sample(3, seed=1)).all()
    assert model.sample(3).shape == (3, 4, 4, 1)
    assert not (model.sample(3) == model.sample(3)).all()


@pytest.mark.parametrize(
    "network",
    [
        keras.Sequential([keras.Input((3,)), layers.Dense(3)]),
        dense((3,), answer=(2,)),
    ],
)
def test_a_network_of_other_shapes_is_refused(network):
    with pytest.raises(ValueError, match="must take"):
        Denoiser(network)


def test_arguments_that_mean_nothing_are_refused():
    with pytest.raises(ValueError, match="longest"):
        Denoiser(dense(), longest=0)
    with pytest.raises(ValueError, match="between 0 and"):
        exact_model().denoise(np.zeros((2, 1)), t=3.5)
    with pytest.raises(ValueError, match="steps"):
        exact_model().sample(3, steps=0)


def test_a_saved_model_samples_the_same(tmp_path):
    model = Denoiser(dense((3,)), longest=2.0, seed=3)
    model.save(tmp_path / "denoiser.keras")
    again = keras.saving.load_model(tmp_path / "denoiser.keras")
    assert again.longest == 2.0
    assert again.sample(5, seed=1) == pytest.approx(model.sample(5, seed=1), abs=1e-6)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_trains(policy):
    keras.config.set_dtype_policy(policy)
    try:
        model = Denoiser(dense((4,)), seed=0)
    finally:
        keras.config.set_dtype_policy("float32")
    model.compile(keras.optimizers.Adam(1e-3))
    x = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
    assert np.isfinite(model.fit(x, batch_size=8, epochs=1, verbose=0).history["loss"]).all()
    assert np.isfinite(model.sample(3, seed=0, steps=4)).all()
