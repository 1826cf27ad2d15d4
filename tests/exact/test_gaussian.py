import numpy as np
import pytest
from scipy import integrate, stats

from course_lib.exact.gaussian import cholesky_factor, gaussian_log_density, multivariate_gaussian_kl


def random_covariance(rng, dimension):
    root = rng.normal(size=(dimension, dimension))
    return root @ root.T + 0.3 * np.eye(dimension)


@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_log_density_agrees_with_scipy(dimension):
    rng = np.random.default_rng(dimension)
    x, mean, covariance = rng.normal(size=(7, dimension)), rng.normal(size=dimension), random_covariance(rng, dimension)
    expected = stats.multivariate_normal(mean, covariance).logpdf(x)
    np.testing.assert_allclose(gaussian_log_density(x, mean, covariance), expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize(("mean", "variance"), [(-0.7, 3.0), (0.0, 1.0), (2.0, 0.05)])
def test_kl_agrees_with_quadrature(mean, variance):
    q, p = stats.norm(mean, np.sqrt(variance)), stats.norm(0.4, 1.5)
    ends = mean - 12 * q.std(), mean + 12 * q.std()
    expected, _ = integrate.quad(lambda z: q.pdf(z) * (q.logpdf(z) - p.logpdf(z)), *ends, limit=200)
    assert multivariate_gaussian_kl([[mean]], [[variance]], [0.4], [[2.25]])[0] == pytest.approx(expected, abs=1e-9)


def test_kl_with_full_covariances_agrees_with_monte_carlo_within_standard_errors():
    rng = np.random.default_rng(1)
    covariance_q, covariance_p = random_covariance(rng, 3), random_covariance(rng, 3)
    q, p = stats.multivariate_normal(np.ones(3), covariance_q), stats.multivariate_normal(np.zeros(3), covariance_p)
    z = q.rvs(100_000, random_state=0)
    terms = q.logpdf(z) - p.logpdf(z)
    kl = multivariate_gaussian_kl(np.ones((1, 3)), covariance_q, np.zeros(3), covariance_p)[0]
    assert abs(kl - terms.mean()) < 5 * terms.std() / np.sqrt(len(terms))


def test_kl_is_kept_per_example_and_is_zero_only_for_equal_gaussians():
    rng = np.random.default_rng(2)
    covariances, means = np.stack([random_covariance(rng, 2) for _ in range(4)]), rng.normal(size=(4, 2))
    kl = multivariate_gaussian_kl(means, covariances, means[2], covariances[2])
    assert kl.shape == (4,)
    assert kl[2] == pytest.approx(0.0, abs=1e-13)
    assert (np.delete(kl, 2) > 0.01).all()
    alone = [multivariate_gaussian_kl(means[[i]], covariances[i], means[2], covariances[2])[0] for i in range(4)]
    np.testing.assert_allclose(kl, alone, atol=1e-12)


@pytest.mark.parametrize("covariance", [[[1.0, 2.0], [2.0, 1.0]], [[1.0, 0.5], [0.0, 1.0]], [[0.0]], [[np.nan]]])
def test_a_covariance_that_is_not_symmetric_and_positive_definite_is_refused(covariance):
    with pytest.raises(ValueError, match="symmetric and positive definite"):
        cholesky_factor(covariance)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: gaussian_log_density(np.zeros((3, 1)), [0.0, 0.0], np.eye(2)), "2 columns"),
        (lambda: gaussian_log_density(np.zeros((3, 2)), [0.0], np.eye(2)), r"\(1,\) and \(2, 2\)"),
        (lambda: gaussian_log_density(np.zeros((3, 2)), [np.nan, 0.0], np.eye(2)), "finite"),
        (lambda: gaussian_log_density([[np.nan, 0.0]], [0.0, 0.0], np.eye(2)), "finite"),
        (lambda: multivariate_gaussian_kl(np.zeros((3, 1)), np.eye(2), np.zeros(2), np.eye(2)), r"got \(2,\)"),
        (lambda: multivariate_gaussian_kl(np.zeros((3, 2)), np.eye(1), np.zeros(2), np.eye(2)), r"\(1, 1\)"),
        (lambda: multivariate_gaussian_kl(np.zeros((1, 2)), np.stack([np.eye(2)] * 3), np.zeros(2), np.eye(2)), "3, 2"),
        (lambda: multivariate_gaussian_kl(np.zeros((1, 2)), np.eye(2), np.zeros((3, 2)), np.eye(2)), "3, 2"),
    ],
)
def test_shapes_that_would_broadcast_silently_and_numbers_that_are_not_finite_are_refused(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_a_covariance_that_is_no_square_is_refused():
    with pytest.raises(ValueError, match=r"shape \(d, d\); got \(2,\)"):
        cholesky_factor([1.0, 2.0])
