import keras
import numpy as np
import pytest
from keras import ops

from course_lib import networks
from course_lib.exact import wasserstein_of_points
from course_lib.metrics.lipschitz import steepest_pair, steepest_slope

pytestmark = pytest.mark.backend


def _samples(n=30, m=20, shape=(2,), seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, *shape)).astype("float32"), rng.normal(1.0, 2.0, size=(m, *shape)).astype("float32")


def _tanh_critic(seed=0):
    critic = networks.dense_discriminator((2,), (8,), activation="tanh")
    rng = np.random.default_rng(seed)
    critic.set_weights([rng.normal(size=w.shape) for w in critic.get_weights()])
    return critic


def _by_hand(critic, x):
    """Scores and gradients of the tanh critic, in NumPy."""
    kernel, bias, last, offset = critic.get_weights()
    hidden = np.tanh(x @ kernel + bias)
    return (hidden @ last + offset)[:, 0], ((1 - hidden**2) * last[:, 0]) @ kernel.T


@pytest.mark.parametrize("seed", range(3))
def test_the_steepest_pair_is_that_of_all_pairs(seed):
    critic, (x, y) = _tanh_critic(seed), _samples(seed=seed)
    f, g = _by_hand(critic, x)[0], _by_hand(critic, y)[0]
    slopes = [abs(f[i] - g[j]) / np.linalg.norm(x[i] - y[j]) for i in range(len(x)) for j in range(len(y))]
    assert steepest_pair(critic, x, y) == pytest.approx(max(slopes), rel=1e-4)
    assert steepest_pair(critic, y, x) == pytest.approx(max(slopes), rel=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_the_steepest_slope_is_the_largest_gradient_norm(seed):
    critic, (x, _) = _tanh_critic(seed), _samples(seed=seed)
    norms = np.linalg.norm(_by_hand(critic, x)[1], axis=1)
    assert steepest_slope(critic, x) == pytest.approx(norms.max(), rel=1e-4)


def test_a_linear_critic_is_as_steep_as_its_weights_are_long():
    weights = ops.convert_to_tensor(np.array([[3.0], [-4.0]], "float32"))

    def linear(x):
        return ops.matmul(x, weights)

    assert steepest_slope(linear, np.zeros((4, 2))) == pytest.approx(5.0, rel=1e-6)
    assert steepest_pair(linear, [[0.0, 0.0]], [[3.0, -4.0], [1.0, 1.0]]) == pytest.approx(5.0, rel=1e-6)
    assert steepest_pair(linear, [[0.0, 0.0]], [[4.0, 3.0], [1.0, 0.0]]) == pytest.approx(3.0, rel=1e-6)


def test_neither_exceeds_the_true_constant_and_both_can_miss_it():
    def kinked(x):
        return ops.relu(x[:, 0]) * 2

    assert steepest_slope(kinked, [[-1.0], [-2.0]]) == 0.0
    assert steepest_slope(kinked, [[-1.0], [2.0]]) == 2.0
    assert steepest_pair(kinked, [[-1.0]], [[1.0]]) == pytest.approx(1.0)
    assert steepest_pair(kinked, [[1.0], [3.0]], [[1.0], [3.0]]) == pytest.approx(2.0)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("dimension", [1, 2])
def test_scores_over_the_steepest_pair_never_exceed_the_transport_cost(dimension, seed):
    x, y = _samples(25, 25, (dimension,), seed)
    critic = networks.dense_discriminator((dimension,), (16, 16))
    rng = np.random.default_rng(seed)
    critic.set_weights([rng.normal(size=w.shape) for w in critic.get_weights()])
    estimate = float(ops.mean(critic(x)) - ops.mean(critic(y)))
    exact = wasserstein_of_points(x, y)
    assert abs(estimate) / steepest_pair(critic, x, y) <= exact * (1 + 1e-4)


def test_images_count_like_their_pixels_in_a_row():
    x, y = _samples(5, 6, (3, 3, 1))
    image_critic = networks.dense_discriminator((3, 3, 1), (8,))
    flat_critic = networks.dense_discriminator((9,), (8,))
    flat_critic.set_weights(image_critic.get_weights())
    flat = steepest_pair(flat_critic, x.reshape(5, 9), y.reshape(6, 9))
    assert steepest_pair(image_critic, x, y) == pytest.approx(flat, rel=1e-6)
    assert steepest_slope(image_critic, x) == pytest.approx(steepest_slope(flat_critic, x.reshape(5, 9)), rel=1e-6)


def test_coinciding_pairs_are_passed_over():
    assert steepest_pair(lambda x: 2 * x[:, 0], [[0.0], [1.0]], [[0.0], [1.0]]) == pytest.approx(2.0)
    with pytest.raises(ValueError, match="all pairs coincide"):
        steepest_pair(lambda x: x[:, 0], [[1.0]], [[1.0]])


def test_dropout_is_off():
    critic = keras.Sequential([keras.Input((2,)), keras.layers.Dropout(0.5), keras.layers.Dense(1)])
    critic.set_weights([np.ones((2, 1)), np.zeros(1)])
    x, y = _samples()
    assert steepest_slope(critic, x) == pytest.approx(np.sqrt(2), rel=1e-5)
    assert steepest_pair(critic, x, y) <= np.sqrt(2) * (1 + 1e-4)


def test_what_is_no_critic_and_what_are_no_points_is_refused():
    x = np.zeros((3, 2))
    with pytest.raises(ValueError, match=r"one score an example, \(3,\) or \(3, 1\); got \(3, 2\)"):
        steepest_pair(lambda x: x, x, x + 1)
    with pytest.raises(ValueError, match="scores should be finite"):
        steepest_pair(lambda x: x[:, 0] * float("nan"), x, x + 1)
    with pytest.raises(ValueError, match=r"got \(2,\) and \(3,\)"):
        steepest_pair(lambda x: x[:, 0], x, np.ones((3, 3)))
    for bad, sentence in ((np.zeros(3), r"shape \(n, \.\.\.\)"), (np.zeros((0, 2)), "n >= 1"), (x * np.nan, "finite")):
        with pytest.raises(ValueError, match=f"x should .*{sentence}"):
            steepest_slope(lambda x: x[:, 0], bad)
        with pytest.raises(ValueError, match=f"y should .*{sentence}"):
            steepest_pair(lambda x: x[:, 0], x, bad)
