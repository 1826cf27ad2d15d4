import numpy as np
import pytest
from scipy import integrate, stats
from scipy.spatial import distance

from course_lib.exact.quadrature import expectation_1d, jensen_shannon_1d, kl_1d, log_marginal_likelihood

X = np.array([[-1.0, 0.5, 0.3], [0.2, 0.0, 2.0]])


def curved_decoder(z):
    """Log-likelihood `(m, 2)` of X under a tanh decoder of one or two latents with noise 0.4."""
    weights = np.array([[1.5, -0.7, 0.4], [0.3, 0.9, -1.1]])[: z.shape[1]]
    return stats.norm(2 * np.tanh(z @ weights), 0.4).logpdf(X[:, None]).sum(axis=-1).T


def linear_decoder(noise, x):
    return lambda z: stats.norm(z.sum(axis=1, keepdims=True), noise).logpdf(x)


def test_one_latent_agrees_with_adaptive_quadrature():
    for column, value in enumerate(log_marginal_likelihood(curved_decoder, latent_dim=1)):

        def integrand(z, column=column):
            return np.exp(curved_decoder(np.array([[z]]))[0, column]) * stats.norm.pdf(z)

        exact, _ = integrate.quad(integrand, -9, 9, epsabs=0, epsrel=1e-10, limit=200)
        assert value == pytest.approx(np.log(exact), abs=1e-8)


def test_two_latents_agree_with_gauss_legendre():
    nodes, weights = np.polynomial.legendre.leggauss(250)
    grid = np.stack(np.meshgrid(9 * nodes, 9 * nodes, indexing="ij"), axis=-1).reshape(-1, 2)
    joint = np.exp(curved_decoder(grid)) * stats.norm.pdf(grid).prod(axis=1, keepdims=True)
    exact = np.log(81 * np.outer(weights, weights).ravel() @ joint)
    np.testing.assert_allclose(log_marginal_likelihood(curved_decoder, latent_dim=2), exact, atol=1e-6)


@pytest.mark.parametrize("latent_dim", [1, 2])
@pytest.mark.parametrize("noise", [0.1, 1.0, 5.0])
def test_a_linear_decoder_has_the_gaussian_evidence(latent_dim, noise):
    x = np.array([-3.0, 0.0, 1.0, 2.5])
    exact = stats.norm(0, np.sqrt(latent_dim + noise**2)).logpdf(x)
    np.testing.assert_allclose(log_marginal_likelihood(linear_decoder(noise, x), latent_dim), exact, atol=1e-8)


def test_tiny_likelihoods_do_not_underflow():
    shifted = log_marginal_likelihood(lambda z: curved_decoder(z) - 5000.0, latent_dim=1)
    np.testing.assert_allclose(shifted, log_marginal_likelihood(curved_decoder, 1) - 5000.0, atol=1e-9)


def test_neither_the_batch_size_nor_a_finer_grid_changes_the_answer():
    expected = log_marginal_likelihood(curved_decoder, 2, num_points=121)
    np.testing.assert_allclose(
        log_marginal_likelihood(curved_decoder, 2, num_points=121, batch_size=77), expected, atol=1e-12
    )
    np.testing.assert_allclose(log_marginal_likelihood(curved_decoder, 2, num_points=200), expected, atol=1e-6)


@pytest.mark.parametrize(("noise", "x"), [(0.01, 0.0), (0.001, 0.012), (0.3, 7.5), (0.3, -40.0)])
def test_a_posterior_narrower_than_the_grid_or_outside_of_it_is_refused(noise, x):
    with pytest.raises(ValueError, match="Raise num_points or bound"):
        log_marginal_likelihood(linear_decoder(noise, np.array([x])), 1)


def test_a_posterior_cut_in_half_by_the_end_of_a_fine_grid_is_refused():
    with pytest.raises(ValueError, match="bound"):
        log_marginal_likelihood(linear_decoder(1.0, np.array([12.0])), 1, num_points=2001)  # its mean is 6, the bound


@pytest.mark.parametrize("noise", np.geomspace(0.01, 0.2, 15))
def test_what_is_not_refused_is_right(noise):
    x = np.array([0.012])
    try:
        value = log_marginal_likelihood(linear_decoder(noise, x), 1)
    except ValueError:
        assert noise < 0.1
    else:
        np.testing.assert_allclose(value, stats.norm(0, np.hypot(1, noise)).logpdf(x), atol=1e-7)


@pytest.mark.parametrize(
    ("log_likelihood", "latent_dim", "sentence"),
    [
        (curved_decoder, 3, "1 or 2"),
        (lambda z: z[:, 0], 1, "one row per latent"),
        (lambda z: z.T, 1, "one row per latent"),
        (lambda z: np.full_like(z, np.nan), 1, "NaN"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(log_likelihood, latent_dim, sentence):
    with pytest.raises(ValueError, match=sentence):
        log_marginal_likelihood(log_likelihood, latent_dim)


P, Q = stats.norm(-0.5, 1.2), stats.norm(1.0, 0.6)
UNIFORM = stats.uniform(0, 2)


def test_expectations_agree_with_known_moments():
    assert expectation_1d(lambda x: x, P.logpdf, -15, 15) == pytest.approx(-0.5, abs=1e-10)
    assert expectation_1d(lambda x: (x + 0.5) ** 2, P.logpdf, -15, 15) == pytest.approx(1.44, abs=1e-10)
    assert expectation_1d(np.square, UNIFORM.logpdf, -1, 3) == pytest.approx(4 / 3, abs=1e-3)


@pytest.mark.parametrize(("p", "q"), [(P, Q), (Q, P), (P, P)])
def test_kl_agrees_with_the_closed_form_of_gaussians(p, q):
    variances = p.var() / q.var()
    exact = 0.5 * (variances + (p.mean() - q.mean()) ** 2 / q.var() - 1 - np.log(variances))
    assert kl_1d(p.logpdf, q.logpdf, -15, 15) == pytest.approx(exact, abs=1e-9)


def test_kl_is_infinite_only_where_q_misses_mass_of_p():
    narrow = stats.uniform(0.5, 1)
    assert kl_1d(UNIFORM.logpdf, narrow.logpdf, -1, 3) == np.inf
    assert kl_1d(narrow.logpdf, UNIFORM.logpdf, -1, 3) == pytest.approx(np.log(2), abs=1e-3)


def test_jensen_shannon_agrees_with_scipy_on_fine_bins():
    x = np.linspace(-10, 10, 50_001)
    exact = distance.jensenshannon(P.pdf(x), Q.pdf(x)) ** 2
    assert jensen_shannon_1d(P.logpdf, Q.logpdf, -10, 10) == pytest.approx(exact, abs=1e-8)
    assert jensen_shannon_1d(Q.logpdf, P.logpdf, -10, 10) == pytest.approx(exact, abs=1e-8)


def test_jensen_shannon_lies_between_zero_and_log_two():
    assert jensen_shannon_1d(P.logpdf, P.logpdf, -15, 15) == pytest.approx(0.0, abs=1e-12)
    apart = jensen_shannon_1d(UNIFORM.logpdf, stats.uniform(5, 1).logpdf, -1, 8)
    assert apart == pytest.approx(np.log(2), abs=1e-3)


def test_an_interval_that_loses_mass_is_refused():
    with pytest.raises(ValueError, match=r"mass 1 between -1 and 1.*Widen"):
        kl_1d(P.logpdf, Q.logpdf, -1, 1)
    with pytest.raises(ValueError, match="normalise"):
        expectation_1d(np.square, lambda x: P.logpdf(x) + 1.0, -15, 15)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: expectation_1d(lambda x: x * np.nan, P.logpdf, -15, 15), "answered NaN"),
        (lambda: expectation_1d(lambda x: x[:, None], P.logpdf, -15, 15), "one value a point"),
        (lambda: expectation_1d(np.square, P.logpdf, 15, -15), "Swap"),
        (lambda: expectation_1d(np.square, P.logpdf, -np.inf, 15), "lower should be one finite number"),
        (lambda: expectation_1d(np.square, P.logpdf, -15, 15, 1), "num_points should be at least 3"),
        (lambda: log_marginal_likelihood(curved_decoder, 1, num_points=2), "num_points should be at least 3"),
        (lambda: log_marginal_likelihood(curved_decoder, 1, bound=-6.0), "bound should be positive"),
        (lambda: log_marginal_likelihood(curved_decoder, 1, batch_size=0), "batch_size should be at least 1"),
    ],
)
def test_a_grid_that_is_none_and_a_function_that_answers_no_numbers_are_refused(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_a_constant_function_may_answer_one_number():
    assert expectation_1d(lambda x: 3.0, P.logpdf, -15, 15) == pytest.approx(3.0)
