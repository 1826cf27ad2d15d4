import numpy as np
import pytest
from scipy.stats import entropy
from sklearn.metrics import mutual_info_score

from course_lib.metrics import mutual_information, mutual_information_gap


def factors_and_code(n=5000, noise=0.3, seed=0):
    """Three known factors of 4, 3 and 2 values; a code of five dimensions, three of which follow one factor each."""
    rng = np.random.default_rng(seed)
    factors = np.stack([rng.integers(0, values, size=n) for values in (4, 3, 2)], axis=1)
    codes = np.concatenate([factors[:, ::-1] - 1.0, np.zeros((n, 2))], axis=1)
    return factors, codes + noise * rng.normal(size=codes.shape)


@pytest.mark.parametrize("num_bins", [2, 5, 20])
@pytest.mark.parametrize("noise", [0.05, 1.0])
def test_the_information_is_that_of_sklearn_on_the_same_bins(num_bins, noise):
    factors, codes = factors_and_code(noise=noise)
    found = mutual_information(codes, factors, num_bins)
    assert found.shape == (5, 3)
    for code, row in zip(codes.T, found, strict=True):
        edges = np.linspace(code.min(), code.max(), num_bins + 1)
        binned = np.digitize(code, edges[1:-1])
        np.testing.assert_allclose(row, [mutual_info_score(binned, factor) for factor in factors.T], atol=1e-9)


def test_the_gap_is_the_best_minus_the_second_best_over_the_entropy():
    factors, codes = factors_and_code(noise=0.6)
    table = mutual_information(codes, factors)
    for k, gap in enumerate(mutual_information_gap(codes, factors)):
        second, first = sorted(table[:, k])[-2:]
        assert gap == pytest.approx((first - second) / entropy(np.bincount(factors[:, k])))


def test_one_dimension_per_factor_scores_one():
    factors, codes = factors_and_code(noise=0.0)
    np.testing.assert_allclose(mutual_information_gap(codes, factors), 1, atol=1e-3)


def test_two_dimensions_that_tell_the_same_score_zero():
    factors, codes = factors_and_code(noise=0.2)
    np.testing.assert_allclose(mutual_information_gap(np.concatenate([codes, -codes], axis=1), factors), 0, atol=0.02)


def test_a_turn_by_45_degrees_closes_the_gap():
    rng = np.random.default_rng(0)
    factors = rng.integers(0, 8, size=(20_000, 2))
    codes = factors + 0.1 * rng.normal(size=factors.shape)
    turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)
    assert mutual_information_gap(codes, factors).min() > 0.9
    assert np.abs(mutual_information_gap(codes @ turn, factors)).max() < 0.02


def test_a_code_that_knows_nothing_scores_nothing():
    factors, _ = factors_and_code(20_000)
    codes = np.random.default_rng(1).normal(size=(20_000, 3))
    table = mutual_information(codes, factors)
    bias = 19 * (np.array([4, 3, 2]) - 1) / (2 * 20_000)
    assert (table < 3 * bias + 1e-4).all()
    assert (table.mean(axis=0) < 1.6 * bias).all()


def test_units_order_and_names_change_nothing():
    factors, codes = factors_and_code()
    expected = mutual_information_gap(codes, factors)
    moved = codes[:, ::-1] * [3.0, 0.1, 7.0, 1.0, -2.0] + 5.0
    np.testing.assert_allclose(mutual_information_gap(moved, factors)[1:], expected[1:], atol=0.02)
    np.testing.assert_allclose(mutual_information_gap(codes, 10 * factors - 7), expected)


def test_a_constant_dimension_tells_nothing():
    factors, codes = factors_and_code()
    assert (mutual_information(np.concatenate([codes, np.ones((5000, 1))], axis=1), factors)[-1] == 0).all()


FACTORS, CODES = factors_and_code(50)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((CODES[:, :1], FACTORS), "at least two latent dimensions"),
        ((CODES[0], FACTORS), "codes should have shape"),
        ((CODES, FACTORS[:, 0]), "a column for each"),
        ((CODES, FACTORS[:-1]), "factors should have shape"),
        ((CODES, FACTORS * 1.0), "should be integers"),
        ((CODES, 0 * FACTORS), "factor 0 is constant"),
        ((CODES, np.stack([FACTORS[:, 0], 0 * FACTORS[:, 0]], axis=1)), "factor 1 is constant"),
        ((CODES * np.nan, FACTORS), "finite"),
        ((CODES, FACTORS, 1), "num_bins should be at least 2"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        mutual_information_gap(*arguments)
