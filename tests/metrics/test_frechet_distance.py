import numpy as np
import pytest
from scipy import linalg, stats

from course_lib.metrics.frechet_distance import frechet_distance, frechet_of_gaussians


def random_covariance(rng, dimension, rank=None):
    root = rng.normal(size=(dimension, rank or dimension))
    return root @ root.T


def by_matrix_root(mean_a, covariance_a, mean_b, covariance_b):
    """The textbook formula, with SciPy's general matrix root instead of eigenvalues."""
    root = np.real(linalg.sqrtm(covariance_a @ covariance_b))
    return np.square(mean_a - mean_b).sum() + np.trace(covariance_a + covariance_b - 2 * root)


@pytest.mark.parametrize("dimension", [1, 2, 5, 20])
def test_frechet_of_gaussians_agrees_with_a_general_matrix_root(dimension):
    rng = np.random.default_rng(dimension)
    means, covariances = rng.normal(size=(2, dimension)), [random_covariance(rng, dimension) for _ in range(2)]
    expected = by_matrix_root(means[0], covariances[0], means[1], covariances[1])
    assert frechet_of_gaussians(means[0], covariances[0], means[1], covariances[1]) == pytest.approx(expected, rel=1e-7)


def test_gaussians_with_diagonal_covariances_differ_by_their_standard_deviations():
    deviations_a, deviations_b = np.array([1.0, 2.0, 0.5]), np.array([3.0, 0.0, 0.5])
    expected = 4.0 + np.square(deviations_a - deviations_b).sum()
    distance = frechet_of_gaussians([2.0, 0, 0], np.diag(deviations_a**2), np.zeros(3), np.diag(deviations_b**2))
    assert distance == pytest.approx(expected, abs=1e-12)


def test_frechet_of_gaussians_is_symmetric_and_ignores_a_common_rotation():
    rng = np.random.default_rng(0)
    mean, covariance_a, covariance_b = rng.normal(size=4), random_covariance(rng, 4), random_covariance(rng, 4)
    turn = stats.ortho_group.rvs(4, random_state=0)
    forth = frechet_of_gaussians(mean, covariance_a, np.zeros(4), covariance_b)
    assert frechet_of_gaussians(np.zeros(4), covariance_b, mean, covariance_a) == pytest.approx(forth)
    turned = frechet_of_gaussians(turn @ mean, turn @ covariance_a @ turn.T, np.zeros(4), turn @ covariance_b @ turn.T)
    assert turned == pytest.approx(forth)


def test_singular_covariances_lose_no_digits():
    rng = np.random.default_rng(1)
    small = [random_covariance(rng, 3) for _ in range(2)]
    expected = frechet_of_gaussians(np.zeros(3), small[0], np.zeros(3), small[1])
    into = stats.ortho_group.rvs(50, random_state=0)[:, :3]  # the same two Gaussians, in a plane of 50 dimensions
    wide = [into @ covariance @ into.T for covariance in small]
    assert frechet_of_gaussians(np.zeros(50), wide[0], np.zeros(50), wide[1]) == pytest.approx(expected, abs=1e-6)


def test_two_directions_without_overlap_add_their_variances():
    first, second = np.diag([4.0, 0.0]), np.diag([0.0, 9.0])
    assert frechet_of_gaussians(np.zeros(2), first, np.zeros(2), second) == pytest.approx(13.0)


def test_frechet_distance_fits_means_and_covariances_divided_by_n_minus_one():
    rng = np.random.default_rng(2)
    real, generated = rng.normal(size=(7, 3)), rng.normal(1.0, 2.0, size=(9, 3))
    expected = by_matrix_root(real.mean(0), np.cov(real.T), generated.mean(0), np.cov(generated.T))
    assert frechet_distance(real, generated) == pytest.approx(expected, rel=1e-8)


def test_a_shift_costs_its_square_and_nothing_else():
    x = np.random.default_rng(3).normal(size=(30, 4))
    assert frechet_distance(x, x + np.array([3.0, 0.0, 4.0, 0.0])) == pytest.approx(25.0)
    assert frechet_distance(x, x[::-1]) == pytest.approx(0.0, abs=1e-9)


def test_a_scale_costs_the_squared_difference_of_deviations():
    x = np.random.default_rng(4).normal(size=(30, 4))
    x -= x.mean(axis=0)
    assert frechet_distance(x, 3 * x) == pytest.approx(4 * np.trace(np.cov(x.T)))


def test_fewer_rows_than_features_are_welcome_and_equal_sets_score_zero():
    x = np.random.default_rng(5).normal(size=(10, 60))
    assert 0 <= frechet_distance(x, x) < 1e-6
    other = np.random.default_rng(6).normal(size=(10, 60))
    assert frechet_distance(x, other) == pytest.approx(frechet_distance(other, x))


def test_two_samples_of_one_gaussian_score_the_known_bias():
    n, dimension, repeats = 2000, 4, 40
    rng = np.random.default_rng(7)
    scores = [frechet_distance(*rng.normal(size=(2, n, dimension))) for _ in range(repeats)]
    expected = (2 * dimension + dimension * (dimension + 1) / 2) / n
    assert abs(np.mean(scores) - expected) < 4 * np.std(scores) / np.sqrt(repeats)


def test_features_far_from_the_origin_lose_no_digits_and_integers_are_converted():
    x = np.random.default_rng(8).normal(size=(50, 2))
    assert frechet_distance(x + 1e7, x + 1e7 + 1) == pytest.approx(2.0, abs=1e-4)  # float32 would be off by 0.1
    assert isinstance(frechet_distance([[0, 1], [2, 5]], [[1, 1], [4, 5]]), float)


FINE = np.random.default_rng(0).normal(size=(5, 3))


@pytest.mark.parametrize(
    ("real", "generated", "sentence"),
    [
        (np.zeros((4, 2, 2, 1)), FINE, r"real should have shape \(n, features\); got \(4, 2, 2, 1\)"),
        (FINE, np.zeros(3), "generated should have shape"),
        (FINE[:1], FINE, "real should have at least 2 rows; got 1"),
        (FINE, FINE[:0], "generated should have at least 2 rows; got 0"),
        (FINE, FINE[:, :2], "equally many features; got 3 and 2"),
        (FINE, np.full((5, 3), np.nan), "generated should be finite"),
        (np.full((5, 3), np.inf), FINE, "real should be finite"),
        (np.zeros((5, 0)), np.zeros((5, 0)), "features"),
        (1e200 * FINE, FINE, "squares overflow"),
        (FINE, FINE.astype(str), "generated must be an array of real numbers"),
        (FINE.astype("complex64"), FINE, "real must be an array of real numbers"),
    ],
)
def test_bad_features_are_refused_with_what_was_expected(real, generated, sentence):
    with pytest.raises(ValueError, match=sentence):
        frechet_distance(real, generated)


@pytest.mark.parametrize(
    ("mean", "covariance", "sentence"),
    [
        (np.zeros((1, 2)), np.eye(2), r"mean_a should be \(d,\)"),
        (np.zeros(2), np.ones(2), r"covariance_a \(d, d\)"),
        (np.zeros(3), np.eye(3), "same dimension; got 3 and 2"),
        (np.zeros(2), np.array([[1.0, 0.5], [0.0, 1.0]]), "covariance_a should be symmetric"),
        (np.zeros(2), np.diag([1.0, -0.1]), "no negative eigenvalue"),
        (np.zeros(2), np.diag([1.0, np.nan]), "finite"),
        (np.array([0.0, np.nan]), np.eye(2), "finite"),
        (np.zeros(0), np.zeros((0, 0)), r"mean_a should be \(d,\)"),
    ],
)
def test_bad_gaussians_are_refused_with_what_was_expected(mean, covariance, sentence):
    with pytest.raises(ValueError, match=sentence):
        frechet_of_gaussians(mean, covariance, np.zeros(2), np.eye(2))
