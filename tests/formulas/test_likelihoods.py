import keras
import numpy as np
import pytest
from keras import ops
from scipy import special, stats

from course_lib.formulas import likelihoods
from course_lib.formulas.likelihoods import bernoulli_log_prob, categorical_log_prob, facts, gaussian, gaussian_log_prob

pytestmark = pytest.mark.backend
RNG = np.random.default_rng(0)


def numbers(tensor):
    return ops.convert_to_numpy(tensor)


def test_bernoulli_agrees_with_scipy():
    logits = 4 * RNG.normal(size=(6, 3, 5))
    x = RNG.integers(0, 2, size=logits.shape)
    exact = stats.bernoulli.logpmf(x, special.expit(logits)).sum(axis=(1, 2))
    assert numbers(bernoulli_log_prob(x, logits)) == pytest.approx(exact, rel=1e-5)


def test_bernoulli_of_all_binary_vectors_sums_to_one():
    x = np.array([[int(bit) for bit in f"{number:03b}"] for number in range(8)], "float32")
    logits = np.tile([[0.3, -2.0, 1.0]], (8, 1))
    assert np.exp(numbers(bernoulli_log_prob(x, logits))).sum() == pytest.approx(1, rel=1e-5)


def test_bernoulli_of_a_perfect_grey_copy_is_minus_the_entropy():
    grey = np.array([[0.1, 0.5, 0.9]])
    entropy = -(special.xlogy(grey, grey) + special.xlogy(1 - grey, 1 - grey)).sum()
    assert numbers(bernoulli_log_prob(grey, special.logit(grey)))[0] == pytest.approx(-entropy, rel=1e-5)


def test_bernoulli_is_finite_and_exact_for_extreme_logits():
    log_prob = numbers(bernoulli_log_prob([[1.0], [0.0], [1.0]], [[300.0], [300.0], [-300.0]]))
    assert log_prob.tolist() == [0.0, -300.0, -300.0]


@pytest.mark.parametrize("seed", range(3))
def test_gaussian_agrees_with_scipy(seed):
    x, mean, log_var = np.random.default_rng(seed).normal(size=(3, 6, 2, 4))
    exact = stats.norm(mean, np.exp(0.5 * log_var)).logpdf(x).sum(axis=(1, 2))
    assert numbers(gaussian_log_prob(x, mean, log_var)) == pytest.approx(exact, rel=1e-4)


def test_gaussian_density_integrates_to_one():
    x = np.linspace(-12, 12, 4001)[:, None]
    density = np.exp(numbers(gaussian_log_prob(x, np.full_like(x, 0.4), np.full_like(x, 0.7))).astype("float64"))
    assert np.trapezoid(density, x[:, 0]) == pytest.approx(1, abs=1e-5)


def test_one_log_variance_serves_all_values():
    x, mean = RNG.normal(size=(2, 5, 3))
    assert numbers(gaussian_log_prob(x, mean, 0.3)) == pytest.approx(
        numbers(gaussian_log_prob(x, mean, np.full_like(x, 0.3))), rel=1e-5
    )


@pytest.mark.parametrize("variance", [0.01, 0.5, 3.0])
def test_fixed_gaussian_states_its_variance_and_agrees_with_scipy(variance):
    x, mean = RNG.normal(size=(2, 5, 3))
    log_prob = gaussian(variance)
    assert log_prob.variance == variance
    exact = stats.norm(mean, np.sqrt(variance)).logpdf(x).sum(axis=1)
    assert numbers(log_prob(x, mean)) == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize("variance", [0, -1.0, float("nan"), float("inf"), "0.1"])
def test_a_variance_that_is_none_is_refused(variance):
    with pytest.raises(ValueError, match="positive, finite"):
        gaussian(variance)


def test_categorical_agrees_with_scipy_for_symbols_and_one_hot_vectors():
    logits = 2 * RNG.normal(size=(4, 3, 5))
    x = RNG.integers(0, 5, size=(4, 3))
    exact = np.take_along_axis(special.log_softmax(logits, axis=-1), x[..., None], axis=-1).sum(axis=(1, 2))
    assert numbers(categorical_log_prob(x, logits)) == pytest.approx(exact, rel=1e-5)
    assert numbers(categorical_log_prob(np.eye(5)[x], logits)) == pytest.approx(exact, rel=1e-5)


@pytest.mark.parametrize(
    "log_prob",
    [lambda x: bernoulli_log_prob(x, x), lambda x: gaussian_log_prob(x, x, x), lambda x: gaussian(0.1)(x, x)],
)
def test_twice_the_pixels_twice_the_nats_and_a_repeated_batch_repeats(log_prob):
    x = RNG.random((3, 4, 4, 1)).astype("float32")
    once = numbers(log_prob(x))
    assert once.shape == (3,)
    assert numbers(log_prob(np.concatenate([x, x], axis=1))) == pytest.approx(2 * once, rel=1e-5)
    assert numbers(log_prob(np.concatenate([x, x]))) == pytest.approx(np.tile(once, 2), rel=1e-5)


@pytest.mark.parametrize("precision", ["float16", "bfloat16"])
def test_half_precision_is_computed_in_float32(precision):
    x = ops.cast(np.ones((1, 4096)), precision)
    for log_prob in (bernoulli_log_prob(x, x), gaussian_log_prob(x, x, x)):
        assert keras.backend.standardize_dtype(log_prob.dtype) == "float32"
    assert numbers(bernoulli_log_prob(x, x))[0] == pytest.approx(-4096 * np.log1p(np.exp(-1)), rel=1e-5)


def test_shapes_that_would_broadcast_are_refused():
    with pytest.raises(ValueError, match="broadcast silently"):
        bernoulli_log_prob(np.zeros((5, 28, 28, 1)), np.zeros((5, 784)))
    with pytest.raises(ValueError, match="broadcast silently"):
        gaussian_log_prob(np.zeros((5, 3)), np.zeros((5, 1)), 0.0)
    with pytest.raises(ValueError, match="log_var must broadcast"):
        gaussian_log_prob(np.zeros((5, 3)), np.zeros((5, 3)), np.zeros((5, 2)))
    with pytest.raises(ValueError, match="same shape"):
        categorical_log_prob(np.zeros((5, 3), "int32"), np.zeros((5, 4, 7)))


def test_the_mean_of_each_likelihood_is_its_mean_in_data_space():
    logits = np.array([[-1.0, 0.0, 2.0]], "float32")
    assert numbers(facts(bernoulli_log_prob).mean(logits)) == pytest.approx(special.expit(logits))
    assert numbers(facts(categorical_log_prob).mean(logits)) == pytest.approx(special.softmax(logits))
    assert facts(gaussian_log_prob).mean("mean", "log_var") == "mean"
    assert facts(gaussian(0.1)).mean("mean") == "mean"


def test_facts_know_the_valid_range_and_the_number_of_parameters():
    assert (facts(bernoulli_log_prob).minimum, facts(bernoulli_log_prob).maximum) == (0.0, 1.0)
    assert facts(gaussian_log_prob).num_parameters == 2
    assert facts(gaussian(1.0)).maximum is None
    assert facts(categorical_log_prob).symbols


def test_an_unknown_log_probability_is_refused_and_can_be_registered():
    def laplace(x, mean):
        return -ops.sum(ops.abs(x - mean), axis=-1)

    with pytest.raises(ValueError, match="register"):
        facts(laplace)
    likelihoods.register(laplace, likelihoods.Likelihood(mean=lambda mean: mean, minimum=-1.0))
    assert facts(laplace).minimum == -1.0


def test_a_fixed_gaussian_survives_saving():
    saved = keras.saving.serialize_keras_object(gaussian(0.25))
    assert keras.saving.deserialize_keras_object(saved).variance == 0.25


def test_a_variance_too_small_for_float32_gives_a_density_and_not_nan():
    assert numbers(gaussian_log_prob([[1.0]], [[1.0]], [[-1e4]])) == pytest.approx([5000 - 0.5 * np.log(2 * np.pi)])
    assert numbers(gaussian_log_prob([[1.0]], [[1.5]], [[-1e4]])).tolist() == [-np.inf]


def test_a_symbol_that_cannot_occur_has_log_probability_minus_infinity_and_the_others_are_unharmed():
    logits = np.array([[0.0, 1.0, -np.inf]])
    exact = special.log_softmax(logits, axis=1)[0]
    for symbol in range(3):
        for x in ([symbol], np.eye(3)[[symbol]]):
            assert numbers(categorical_log_prob(x, logits)) == pytest.approx(exact[[symbol]], rel=1e-5)


def test_an_integer_that_names_no_symbol_has_log_probability_minus_infinity():
    assert numbers(categorical_log_prob([[0, 3], [0, -1], [0, 2]], np.zeros((3, 2, 3)))) == pytest.approx(
        [-np.inf, -np.inf, -2 * np.log(3)]
    )


def test_symbols_that_are_no_integers_are_refused():
    with pytest.raises(ValueError, match="Symbols must be integers"):
        categorical_log_prob([[1.7]], np.zeros((1, 1, 3)))
