import keras
import numpy as np
import pytest
from keras import ops
from scipy import integrate, special, stats

from course_lib.formulas.gradients import input_gradient
from course_lib.layers import GumbelSoftmax
from course_lib.layers.gumbel_softmax import straight_through

pytestmark = pytest.mark.backend
DRAWS = 40_000
PROBABILITIES = [(0.5, 0.5), (0.1, 0.2, 0.7), (0.02, 0.9, 0.05, 0.03)]


def draws(layer, logits, n=DRAWS):
    rows = np.tile(np.asarray(logits, "float32"), (n, 1))
    return np.array(ops.convert_to_numpy(layer(ops.convert_to_tensor(rows))))


def within_errors(values, exact, errors=5.5):
    return abs(values.mean() - exact) < errors * values.std() / np.sqrt(len(values)) + 1e-5


@pytest.mark.parametrize("probabilities", PROBABILITIES)
@pytest.mark.parametrize("temperature", [0.1, 1.0, 3.0])
def test_the_largest_entry_is_a_draw_from_the_categorical_whatever_the_temperature(probabilities, temperature):
    winners = draws(GumbelSoftmax(temperature, seed=1), np.log(probabilities) + 3.0).argmax(axis=1)
    for category, probability in enumerate(probabilities):
        assert within_errors((winners == category).astype("float64"), probability)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.0])
@pytest.mark.parametrize("logit", [0.0, 1.3, -2.0])
def test_with_two_categories_the_log_odds_are_logistic(temperature, logit):
    """The difference of two Gumbels is logistic: Maddison et al. (2017), section 3 and appendix B."""
    y = draws(GumbelSoftmax(temperature, seed=2), [0.0, logit])
    log_odds = temperature * (np.log(y[:, 1]) - np.log(y[:, 0]))
    assert stats.kstest(log_odds[np.isfinite(log_odds)], stats.logistic(loc=logit).cdf).pvalue > 1e-4


@pytest.mark.slow
def test_with_three_categories_it_has_the_density_of_the_concrete_distribution():
    """Maddison et al. (2017), eq. 10: the mean of y_1², by integration over the triangle."""
    probabilities, temperature = np.array([0.2, 0.3, 0.5]), 0.8

    def density(second, first):
        y = np.array([first, second, 1 - first - second])
        terms = probabilities * y ** (-temperature)
        return 2 * temperature**2 * np.prod(terms / y) / terms.sum() ** 3

    def integral(function):
        options = {"epsabs": 1e-5, "epsrel": 1e-5}
        return integrate.dblquad(lambda b, a: function(a) * density(b, a), 1e-9, 1, 1e-9, lambda a: 1 - a, **options)[0]

    y = draws(GumbelSoftmax(temperature, seed=3), np.log(probabilities)).astype("float64")
    assert integral(lambda first: 1.0) == pytest.approx(1, abs=2e-3)
    squares = y[:, 0] ** 2
    assert abs(squares.mean() - integral(np.square)) < 5.5 * squares.std() / np.sqrt(DRAWS) + 1e-3


def test_adding_a_constant_to_the_logits_changes_nothing():
    y, shifted = (draws(GumbelSoftmax(0.7, seed=4), np.array([0.0, 1.0, -1.0]) + by, 50) for by in (0.0, 10.0))
    assert shifted == pytest.approx(y, abs=1e-4)


def exact_gradient(slope, logit, temperature, hard):
    """d E[f] / d logit of the softened binary problem, by quadrature over the uniform behind the logistic noise."""

    def integrand(logistic):
        y = special.expit((logit + logistic) / temperature)
        at = float(logit + logistic > 0) if hard else y
        return slope(at) * y * (1 - y) / temperature * stats.logistic.pdf(logistic)

    return integrate.quad(integrand, -40, 40, points=[-logit], limit=400)[0]


@pytest.mark.parametrize("hard", [False, True])
@pytest.mark.parametrize(("logit", "temperature"), [(0.0, 1.0), (1.2, 0.5), (-0.8, 2.0)])
def test_its_gradient_is_that_of_the_softened_problem(hard, logit, temperature):
    layer = GumbelSoftmax(temperature, hard=hard, seed=5)
    logits = ops.convert_to_tensor(np.tile(np.array([0.0, logit], "float32"), (DRAWS, 1)))
    gradients = input_gradient(lambda logits: layer(logits)[:, 1] ** 3, logits)
    found = np.array(ops.convert_to_numpy(gradients)).astype("float64")
    exact = exact_gradient(lambda y: 3 * y**2, logit, temperature, hard)
    assert within_errors(found[:, 1], exact)
    assert found.sum(axis=1) == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("temperature", [0.05, 1.0, 5.0])
def test_hard_values_are_exactly_one_hot_and_at_the_soft_ones_largest_entry(temperature):
    logits = [0.3, -0.2, 1.0]
    hard, soft = (draws(GumbelSoftmax(temperature, hard=hard, seed=6), logits, 2_000) for hard in (True, False))
    assert set(np.unique(hard)) == {0.0, 1.0}
    assert (hard.sum(axis=1) == 1).all()
    assert np.array_equal(hard.argmax(axis=1), soft.argmax(axis=1))


def test_straight_through_has_the_gradient_of_what_it_hardens():
    x, weights = ops.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]]), ops.array([[1.0, 2.0, -3.0]])
    gradient = input_gradient(lambda x: weights * straight_through(x**2), x)
    assert ops.convert_to_numpy(gradient) == pytest.approx(ops.convert_to_numpy(weights * 2 * x))


def test_soft_values_are_a_distribution_and_approach_one_hot_as_it_cools():
    largest = []
    for temperature in (5.0, 1.0, 0.1, 0.01):
        y = draws(GumbelSoftmax(temperature, seed=7), [0.0, 0.5, -0.5], 4_000)
        assert y.sum(axis=1) == pytest.approx(1, abs=1e-5)
        assert (y >= 0).all()
        largest.append(y.max(axis=1).mean())
    assert (np.diff(largest) > 0).all()
    assert largest[-1] > 0.98


def test_every_example_and_every_place_has_its_own_noise():
    y = np.array(ops.convert_to_numpy(GumbelSoftmax(1.0, seed=0)(ops.zeros((5_000, 3, 2)))))
    assert y.shape == (5_000, 3, 2)
    log_odds = np.log(y[..., 1] / y[..., 0])
    assert np.corrcoef(log_odds.T)[np.triu_indices(3, 1)] == pytest.approx(0, abs=5 / np.sqrt(5_000))
    assert abs(np.corrcoef(log_odds[:-1, 0], log_odds[1:, 0])[0, 1]) < 5 / np.sqrt(5_000)


def test_a_million_draws_are_finite():
    y = ops.convert_to_numpy(GumbelSoftmax(0.5, seed=0)(ops.zeros((500_000, 2))))
    assert np.isfinite(y).all()


def test_the_noise_is_finite_even_where_the_uniform_is_zero(monkeypatch):
    monkeypatch.setattr(keras.random, "uniform", lambda shape, minval=0.0, **_: ops.full(shape, minval, "float32"))
    assert ops.convert_to_numpy(GumbelSoftmax(0.5, seed=0)(ops.zeros((4, 2)))) == pytest.approx(0.5)


def test_one_layer_draws_anew_in_each_call_and_rewinding_repeats_from_the_start():
    layer = GumbelSoftmax(1.0, seed=3)
    first, second = draws(layer, [0.0, 1.0], 20), draws(layer, [0.0, 1.0], 20)
    assert not np.isclose(first, second).any()
    layer.rewind()
    assert np.array_equal(draws(layer, [0.0, 1.0], 20), first)
    assert np.array_equal(draws(layer, [0.0, 1.0], 20), second)


def test_equal_seeds_draw_alike_and_without_one_layers_follow_the_global_seed():
    def pair():
        keras.utils.set_random_seed(3)
        return [draws(GumbelSoftmax(1.0), [0.0, 1.0], 9) for _ in range(2)]

    (first, second), (again, second_again) = pair(), pair()
    assert not np.isclose(first, second).any()
    assert np.array_equal(first, again)
    assert np.array_equal(second, second_again)
    assert np.array_equal(*(draws(GumbelSoftmax(1.0, seed=5), [0.0, 1.0], 9) for _ in range(2)))


def test_it_draws_in_training_and_in_evaluation_alike():
    logits = keras.Input((2,))
    model = keras.Model(logits, GumbelSoftmax(1.0, seed=0)(logits))
    for training in (True, False):
        assert np.std(ops.convert_to_numpy(model(ops.zeros((1_000, 2)), training=training))) > 0.1


def test_a_new_temperature_reaches_a_compiled_model():
    logits = keras.Input((3,))
    layer = GumbelSoftmax(10.0, seed=0)
    model = keras.Model(logits, layer(logits))
    sharpness = []
    for temperature in (10.0, 0.01):
        layer.temperature = temperature
        sharpness.append(model.predict(np.zeros((500, 3)), verbose=0).max(axis=1).mean())
    assert sharpness[0] < 0.5 < 0.9 < sharpness[1]


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("hard", [False, True])
def test_draws_are_float32_and_unrounded_under_mixed_precision(policy, hard):
    keras.config.set_dtype_policy(policy)
    try:
        y = GumbelSoftmax(0.7, hard=hard, seed=1)(ops.zeros((500, 3), dtype=policy.removeprefix("mixed_")))
    finally:
        keras.config.set_dtype_policy("float32")
    assert keras.backend.standardize_dtype(y.dtype) == "float32"
    assert np.array_equal(ops.convert_to_numpy(y), draws(GumbelSoftmax(0.7, hard=hard, seed=1), np.zeros(3), 500))


def test_float32_logits_are_not_rounded_on_their_way_in_under_mixed_precision():
    logits = [0.123456, 100.0321, 99.987]
    keras.config.set_dtype_policy("mixed_float16")
    try:
        y = draws(GumbelSoftmax(0.7, seed=1), logits, 500)
    finally:
        keras.config.set_dtype_policy("float32")
    assert np.array_equal(y, draws(GumbelSoftmax(0.7, seed=1), logits, 500))


def test_a_copy_from_its_configuration_draws_alike():
    layer = GumbelSoftmax(2.0, hard=True, seed=3, name="y")
    layer.temperature = 0.5
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert isinstance(copy, GumbelSoftmax)
    assert (copy.name, copy.seed, copy.hard, float(copy.temperature)) == ("y", 3, True, 0.5)
    assert np.array_equal(draws(copy, [0.0, 1.0], 9), draws(layer, [0.0, 1.0], 9))


def test_it_has_nothing_to_train_and_any_batch_size():
    inputs = keras.Input((4,))
    layer = GumbelSoftmax(1.0, seed=0)
    model = keras.Model(inputs, layer(inputs))
    assert layer.trainable_variables == []
    assert model.output_shape == (None, 4)
    assert [tuple(model(ops.ones((batch, 4))).shape) for batch in (1, 5)] == [(1, 4), (5, 4)]


@pytest.mark.parametrize("bad", [0, -1.0, float("nan"), float("inf"), "1", True, None])
def test_what_is_no_temperature_is_refused(bad):
    with pytest.raises(ValueError, match="temperature should"):
        GumbelSoftmax(bad)


@pytest.mark.parametrize("bad", [1, "yes", None])
def test_what_is_no_boolean_is_refused_as_hard(bad):
    with pytest.raises(ValueError, match="hard should be True"):
        GumbelSoftmax(1.0, hard=bad)


@pytest.mark.parametrize("bad", [-1, 1.5, True, "0", 2**40])
def test_what_is_no_seed_is_refused(bad):
    with pytest.raises(ValueError, match="seed should"):
        GumbelSoftmax(1.0, seed=bad)


@pytest.mark.parametrize("shape", [(5, 1), (5,)])
def test_a_single_logit_is_refused(shape):
    with pytest.raises(ValueError, match="two categories or more") as caught:
        GumbelSoftmax(1.0)(ops.zeros(shape))
    assert str(shape) in str(caught.value)
