import keras
import numpy as np
import pytest
from keras import layers
from scipy.special import rel_entr

from course_lib import networks
from course_lib.formulas import penalties
from course_lib.formulas.gradients import input_gradient
from course_lib.training.model import to_numpy

pytestmark = pytest.mark.backend
RNG = np.random.default_rng(0)
CODES = RNG.normal(size=(40, 5)).astype("float32")
ACTIVATIONS = RNG.uniform(0.02, 0.95, size=(40, 5)).astype("float32")
X = RNG.normal(size=(40, 3)).astype("float32")
PENALTIES = [penalties.L1(0.3), penalties.L2(0.3), penalties.Sparse(0.3, 0.1), penalties.Contractive(0.3)]


def sigmoid_encoder():
    return keras.Sequential([keras.Input((3,)), layers.Dense(4, "tanh"), layers.Dense(5, "sigmoid")])


def by_scipy(activations, target):
    """KL of two coins, from scipy's relative entropy."""
    activity = activations.astype("float64").mean(axis=0)
    return (rel_entr(target, activity) + rel_entr(1 - target, 1 - activity)).sum()


def test_l1_and_l2_are_norms_of_the_code_per_example():
    assert to_numpy(penalties.l1(CODES)) == pytest.approx(np.linalg.norm(CODES, 1, axis=1), rel=1e-5)
    assert to_numpy(penalties.l2(CODES)) == pytest.approx(np.linalg.norm(CODES, 2, axis=1) ** 2, rel=1e-5)
    maps = CODES.reshape(10, 2, 2, 5)
    assert to_numpy(penalties.l1(maps)) == pytest.approx(np.abs(maps).sum(axis=(1, 2, 3)), rel=1e-5)


def test_the_gradients_of_l1_and_l2_are_the_sign_and_twice_the_code():
    assert to_numpy(input_gradient(penalties.l1, CODES)) == pytest.approx(np.sign(CODES))
    assert to_numpy(input_gradient(penalties.l2, CODES)) == pytest.approx(2 * CODES, rel=1e-5)


@pytest.mark.parametrize("target", [0.05, 0.5, 0.9])
def test_sparsity_is_the_divergence_of_two_coins_the_same_for_each_example(target):
    expected = by_scipy(ACTIVATIONS, target)
    assert to_numpy(penalties.bernoulli_kl_sparsity(ACTIVATIONS, target)) == pytest.approx([expected] * 40, rel=1e-4)


@pytest.mark.parametrize("target", [0.05, 0.5])
def test_the_gradient_of_sparsity_is_the_closed_form(target):
    """The mean over n examples of n equal values: ((1 − ρ)/(1 − ρ̂) − ρ/ρ̂) / n for each activation."""
    activity = ACTIVATIONS.astype("float64").mean(axis=0)
    slope = (1 - target) / (1 - activity) - target / activity
    found = to_numpy(input_gradient(lambda h: penalties.bernoulli_kl_sparsity(h, target), ACTIVATIONS)) / 40
    assert found == pytest.approx(np.tile(slope / 40, (40, 1)), rel=1e-4)


def test_sparsity_is_zero_exactly_at_its_target():
    at_target = np.array([[0.0, 0.1], [0.2, 0.1]])
    assert to_numpy(penalties.bernoulli_kl_sparsity(at_target, 0.1)) == pytest.approx([0.0, 0.0], abs=1e-6)
    assert by_scipy(at_target + 0.02, 0.1) > 1e-3


def test_a_dead_or_saturated_unit_costs_much_but_not_infinity():
    cost = to_numpy(penalties.bernoulli_kl_sparsity(np.array([[0.0], [0.0]]), 0.1))
    assert np.all(np.isfinite(cost))
    assert np.all(cost > 1)
    assert np.all(np.isfinite(to_numpy(penalties.bernoulli_kl_sparsity(np.array([[1.0], [1.0]]), 0.1))))


def test_the_bias_of_sparsity_falls_as_one_over_the_batch_as_its_docstring_says():
    """Batches drawn from a known law, uniform in [0, 0.4]: mean 0.2, variance 0.16/12."""
    mean, variance, target, size = 0.2, 0.4**2 / 12, 0.1, 64
    at_the_mean = rel_entr(target, mean) + rel_entr(1 - target, 1 - mean)
    batches = np.random.default_rng(0).uniform(0, 0.4, size=(4000, size))  # each column of a batch is a unit
    per_unit = rel_entr(target, batches.mean(axis=1)) + rel_entr(1 - target, 1 - batches.mean(axis=1))
    found = to_numpy(penalties.bernoulli_kl_sparsity(batches.T, target))[0] / 4000
    assert found == pytest.approx(per_unit.mean(), rel=1e-3)
    predicted = variance * (target / mean**2 + (1 - target) / (1 - mean) ** 2) / (2 * size)
    standard_error = per_unit.std() / np.sqrt(4000)
    assert abs(found - at_the_mean - predicted) < 5 * standard_error + 0.05 * predicted
    assert predicted > 10 * standard_error / 5


@pytest.mark.parametrize("penalty", PENALTIES, ids=repr)
def test_repeating_every_example_leaves_a_penalty_unchanged(penalty):
    encoder, twice = sigmoid_encoder(), np.repeat(X, 2, axis=0)
    once = to_numpy(penalty(encoder, X, encoder(X)))
    repeated = to_numpy(penalty(encoder, twice, encoder(twice)))
    assert once.shape == (40,)
    assert repeated == pytest.approx(np.repeat(once, 2), rel=1e-4)
    assert once.mean() > 1e-4


@pytest.mark.parametrize("penalty", PENALTIES, ids=repr)
def test_the_weight_of_a_penalty_is_a_factor(penalty):
    encoder = sigmoid_encoder()
    doubled = type(penalty).from_config({**penalty.get_config(), "weight": 0.6})
    assert to_numpy(doubled(encoder, X, encoder(X))) == pytest.approx(
        2 * to_numpy(penalty(encoder, X, encoder(X))), rel=1e-5
    )


def test_the_contractive_penalty_ignores_the_noise_of_the_encoder():
    dense = layers.Dense(2)
    encoder = keras.Sequential([keras.Input((3,)), layers.GaussianNoise(0.9), layers.Dropout(0.5), dense])
    expected = 0.3 * np.square(to_numpy(dense.kernel)).sum()
    assert to_numpy(penalties.Contractive(0.3)(encoder, X, None)) == pytest.approx([expected] * 40, rel=1e-5)


@pytest.mark.parametrize("penalty", PENALTIES, ids=repr)
def test_a_penalty_survives_serialisation(penalty):
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(penalty))
    assert type(again) is type(penalty)
    assert again.get_config() == penalty.get_config()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: penalties.L1(-0.1), "≥ 0"),
        (lambda: penalties.Contractive(float("nan")), "one finite number"),
        (lambda: penalties.L2(float("inf")), "one finite number"),
        (lambda: penalties.Sparse(1.0, 0.0), "strictly between"),
        (lambda: penalties.Sparse(1.0, 1.5), "strictly between"),
        (lambda: penalties.bernoulli_kl_sparsity(ACTIVATIONS, 1.0), "strictly between"),
        (lambda: penalties.Sparse(1.0).check_encoder(networks.dense_encoder((3,), 2)), "ends in 'linear'"),
    ],
)
def test_what_makes_no_sense_is_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def test_an_encoder_that_ends_in_a_sigmoid_may_be_sparse():
    penalties.Sparse(1.0).check_encoder(sigmoid_encoder())
