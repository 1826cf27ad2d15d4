import keras
import numpy as np
import pytest
from keras import layers, ops

from course_lib.formulas.gradient_penalties import R1, R2, GradientPenalty, check_gradient_penalty, interpolation_points
from course_lib.training.model import to_numpy
from tests.small import values

pytestmark = pytest.mark.backend
RNG = np.random.default_rng(0)
REAL = RNG.normal(size=(6, 3)).astype("float32")
SAMPLES = RNG.normal(size=(6, 3)).astype("float32") + 2
POSITION = np.array([0.0, 0.1, 0.4, 0.5, 0.8, 1.0], "float32")


def tanh_discriminator(scale=0.8):
    network = keras.Sequential([keras.Input((3,)), layers.Dense(4, "tanh"), layers.Dense(1)])
    network.set_weights([scale * np.random.default_rng(1).normal(size=w.shape) for w in network.get_weights()])
    return network


def slopes(weights, x):
    """The gradient of the logit by hand, in float64."""
    kernel, bias, head, _ = (np.asarray(w, "float64") for w in weights)
    hidden = np.tanh(x.astype("float64") @ kernel + bias)
    return ((1 - hidden**2) * head[:, 0]) @ kernel.T


def by_hand(penalty, weights):
    between = POSITION[:, None] * REAL + (1 - POSITION[:, None]) * SAMPLES
    if isinstance(penalty, GradientPenalty):
        excess = np.linalg.norm(slopes(weights, between), axis=1) - 1
        return penalty.weight * (np.maximum(excess, 0) if penalty.one_sided else excess) ** 2
    at = SAMPLES if isinstance(penalty, R2) else REAL
    return penalty.gamma / 2 * (slopes(weights, at) ** 2).sum(axis=1)


PENALTIES = [R1(10.0), R1(0.3), R2(3.0), GradientPenalty(), GradientPenalty(2.0, one_sided=True)]
each = pytest.mark.parametrize("penalty", PENALTIES, ids=repr)
# a slope does not depend on the bias of the last layer
without_a_gradient = pytest.mark.filterwarnings("ignore:Gradients do not exist:UserWarning")


def evaluated(penalty, discriminator):
    return to_numpy(penalty(discriminator, *(ops.convert_to_tensor(part) for part in (REAL, SAMPLES, POSITION))))


@each
@pytest.mark.parametrize("scale", [0.3, 0.8, 2.0])
def test_a_penalty_is_its_formula_for_each_example(penalty, scale):
    discriminator = tanh_discriminator(scale)
    found = evaluated(penalty, discriminator)
    assert found.shape == (6,)
    assert found == pytest.approx(by_hand(penalty, discriminator.get_weights()), rel=1e-3, abs=1e-5)


class Penalised(keras.Model):
    """Its loss is the mean of a penalty on its one network."""

    def __init__(self, discriminator, penalty):
        super().__init__()
        self.discriminator, self.penalty = discriminator, penalty
        self.built = True

    def call(self, x):
        return self.penalty(self.discriminator, x, ops.convert_to_tensor(SAMPLES), ops.convert_to_tensor(POSITION))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return ops.mean(y_pred)


@without_a_gradient
@each
def test_the_gradient_with_respect_to_the_weights_is_that_of_finite_differences(penalty):
    discriminator = tanh_discriminator()
    before = values(discriminator.trainable_variables)
    model = Penalised(discriminator, penalty)
    model.compile(keras.optimizers.SGD(1e-2), jit_compile=False)
    model.fit(REAL, batch_size=6, verbose=0, shuffle=False)
    after = values(discriminator.trainable_variables)
    for number, weight in enumerate(before):
        expected = np.zeros_like(weight, "float64")
        for index in np.ndindex(weight.shape):
            ends = []
            for step in (1e-5, -1e-5):
                moved = [np.array(w, "float64") for w in before]
                moved[number][index] += step
                ends.append(by_hand(penalty, moved).mean())
            expected[index] = (ends[0] - ends[1]) / 2e-5
        found = (weight - after[number]) / 1e-2
        np.testing.assert_allclose(found, expected, rtol=5e-3, atol=5e-3 * max(1, np.abs(expected).max()))


@without_a_gradient
@pytest.mark.parametrize("one_sided", [False, True])
def test_a_slope_of_zero_costs_the_weight_and_moves_nothing_to_nan(one_sided):
    flat = keras.Sequential([keras.Input((3,)), layers.Dense(1, kernel_initializer="zeros")])
    model = Penalised(flat, GradientPenalty(7.0, one_sided))
    assert evaluated(model.penalty, flat) == pytest.approx(0.0 if one_sided else 7.0)
    compiled = keras.backend.backend() != "torch"  # TensorFlow's own kernels hide 0 / 0 here, XLA's do not
    model.compile(keras.optimizers.SGD(1.0), jit_compile=compiled)
    model.fit(REAL, batch_size=6, verbose=0)
    assert np.array_equal(flat.get_weights()[0], np.zeros((3, 1)))


def test_dropout_and_batch_statistics_stay_out_of_the_slope():
    with_state = keras.Sequential(
        [keras.Input((3,)), layers.Dense(8), layers.BatchNormalization(), layers.Dropout(0.5, seed=0), layers.Dense(1)]
    )
    before = values(with_state.variables)
    first, second = evaluated(R1(1.0), with_state), evaluated(R1(1.0), with_state)
    assert np.array_equal(first, second)
    assert first == pytest.approx(first[0], rel=1e-4)  # a linear network has one slope
    assert all(np.array_equal(a, b) for a, b in zip(before, values(with_state.variables), strict=True))


def test_images_have_one_value_per_example_summed_over_all_pixels():
    network = keras.Sequential(
        [keras.Input((4, 5, 2)), layers.Flatten(), layers.Dense(1, kernel_initializer="ones", use_bias=False)]
    )
    found = to_numpy(R1(2.0)(network, ops.zeros((3, 4, 5, 2))))
    assert found == pytest.approx([40.0, 40.0, 40.0])


def test_points_lie_between_example_and_sample_and_a_position_of_one_is_the_example():
    real, samples = RNG.normal(size=(2, 6, 2, 3)).astype("float32")
    found = to_numpy(interpolation_points(real, samples, POSITION))
    assert np.array_equal(found[0], samples[0])
    assert np.array_equal(found[-1], real[-1])
    for i in range(6):
        assert found[i] == pytest.approx(POSITION[i] * real[i] + (1 - POSITION[i]) * samples[i], abs=1e-6)


@pytest.mark.parametrize("position", [np.ones(1), np.ones(5), np.ones((6, 1))])
def test_every_example_needs_a_position_of_its_own(position):
    real = np.zeros((6, 3), "float32")
    with pytest.raises(ValueError, match=r"one number in \[0, 1\] for each example"):
        interpolation_points(real, real, position.astype("float32"))


@each
def test_a_penalty_survives_its_configuration(penalty):
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(penalty))
    assert type(again) is type(penalty)
    assert again.get_config() == penalty.get_config()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: R1(-1.0), "gamma, the strength of a penalty, must be a number ≥ 0"),
        (lambda: R2(float("nan")), "gamma should be one finite number"),
        (lambda: GradientPenalty("10"), "weight should be one finite number"),
        (lambda: interpolation_points(REAL, SAMPLES[:, :2], POSITION), "must have the same shape"),
        (lambda: interpolation_points(REAL, SAMPLES, POSITION[:, None]), r"shape \(batch,\)"),
        (lambda: check_gradient_penalty("r1"), "Make one"),
        (lambda: check_gradient_penalty(10.0), "Make one"),
        (lambda: check_gradient_penalty(R1), "Make one"),
        (lambda: check_gradient_penalty(keras.regularizers.L2(0.1)), "Make one"),
    ],
)
def test_what_means_nothing_is_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()
