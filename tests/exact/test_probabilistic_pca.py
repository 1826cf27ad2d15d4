import numpy as np
import pytest
from scipy import integrate, optimize, stats

from course_lib.exact.probabilistic_pca import ProbabilisticPCA
from course_lib.exact.quadrature import log_marginal_likelihood


def a_model(num_features=5, num_latents=2, seed=0):
    rng = np.random.default_rng(seed)
    return ProbabilisticPCA(rng.normal(size=(num_features, num_latents)), rng.normal(size=num_features), 0.3)


def some_data(n=60, seed=1):
    return np.random.default_rng(seed).normal(size=(n, 5)) @ np.diag([3.0, 2.0, 1.0, 0.7, 0.5]) + 4.0


def a_posterior_guess(n, num_latents=2, seed=2):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, num_latents)), rng.normal(size=(n, num_latents))


def test_log_prob_agrees_with_scipy():
    model, x = a_model(), some_data()
    covariance = model.weights @ model.weights.T + 0.3 * np.eye(5)
    np.testing.assert_allclose(
        model.log_prob(x), stats.multivariate_normal(model.mean, covariance).logpdf(x), atol=1e-9
    )


@pytest.mark.parametrize("num_latents", [1, 2])
def test_log_prob_is_the_integral_over_the_latents(num_latents):
    model = a_model(num_latents=num_latents)
    x = model.sample(4)

    def log_likelihood(z):
        return stats.norm(z @ model.weights.T + model.mean, np.sqrt(0.3)).logpdf(x[:, None]).sum(axis=-1).T

    np.testing.assert_allclose(model.log_prob(x), log_marginal_likelihood(log_likelihood, num_latents), atol=1e-9)


def test_fit_has_the_likelihood_that_a_numerical_optimiser_finds():
    x = some_data()

    def loss(parameters):
        model = ProbabilisticPCA(parameters[:10].reshape(5, 2), parameters[10:15], np.exp(parameters[15]))
        return -model.log_prob(x).mean()

    start = np.concatenate([np.random.default_rng(0).normal(size=10), x.mean(axis=0), [0.0]])
    found = optimize.minimize(loss, start, options={"gtol": 1e-7})
    assert ProbabilisticPCA.fit(x, 2).log_prob(x).mean() == pytest.approx(-found.fun, abs=1e-7)


@pytest.mark.parametrize("num_latents", [1, 2, 4])
def test_no_small_change_of_the_fit_is_more_likely(num_latents):
    x, rng = some_data(), np.random.default_rng(3)
    best = ProbabilisticPCA.fit(x, num_latents)
    for _ in range(20):
        weights, mean = best.weights + 0.02 * rng.normal(size=best.weights.shape), best.mean + 0.02 * rng.normal(size=5)
        other = ProbabilisticPCA(weights, mean, best.variance * np.exp(0.02 * rng.normal()))
        assert other.log_prob(x).mean() < best.log_prob(x).mean()


def test_fit_keeps_the_leading_variances_of_the_data_divided_by_n():
    x = some_data(n=7)
    sample = np.linalg.eigvalsh(np.cov(x, rowvar=False, bias=True))[::-1]
    fitted = np.linalg.eigvalsh(ProbabilisticPCA.fit(x, 2).covariance)[::-1]
    np.testing.assert_allclose(fitted, [*sample[:2], *[sample[2:].mean()] * 3], rtol=1e-12)


def test_fit_orders_orthogonal_columns_by_length():
    gram = (weights := ProbabilisticPCA.fit(some_data(), 3).weights).T @ weights
    assert gram == pytest.approx(np.diag(np.diag(gram)), abs=1e-10)
    assert (np.diff(np.diag(gram)) < 0).all()


def test_a_rotation_of_the_latents_changes_nothing_that_can_be_seen():
    model, x, turn = a_model(), some_data(), stats.ortho_group.rvs(2, random_state=0)
    rotated = ProbabilisticPCA(model.weights @ turn, model.mean, model.variance)
    np.testing.assert_allclose(rotated.log_prob(x), model.log_prob(x), atol=1e-10)


def test_posterior_agrees_with_conditioning_the_joint_gaussian():
    model, x = a_model(), some_data()
    mean, covariance = model.posterior(x)
    gain = model.weights.T @ np.linalg.inv(model.covariance)
    np.testing.assert_allclose(mean, (x - model.mean) @ gain.T, atol=1e-10)
    np.testing.assert_allclose(covariance, np.eye(2) - gain @ model.weights, atol=1e-12)


def test_log_prob_is_elbo_plus_gap_to_1e_10():
    model, x = a_model(), some_data()
    mean, log_var = a_posterior_guess(len(x))
    gap = model.posterior_gap(x, mean, log_var)
    assert (gap > 0).all()
    np.testing.assert_allclose(model.elbo(x, mean, log_var) + gap, model.log_prob(x), rtol=0, atol=1e-10)


def test_elbo_is_log_prob_exactly_at_a_diagonal_posterior():
    x = some_data()
    model = ProbabilisticPCA.fit(x, 2)  # orthogonal columns: the posterior is diagonal
    mean, covariance = model.posterior(x)
    log_var = np.tile(np.log(np.diag(covariance)), (len(x), 1))
    np.testing.assert_allclose(model.elbo(x, mean, log_var), model.log_prob(x), rtol=0, atol=1e-10)


def test_elbo_agrees_with_monte_carlo_within_standard_errors():
    model, x = a_model(), some_data(n=3)
    mean, log_var = a_posterior_guess(3)
    z = stats.norm(mean, np.exp(0.5 * log_var)).rvs((50_000, 3, 2), random_state=0)
    log_joint = stats.norm(z @ model.weights.T + model.mean, np.sqrt(0.3)).logpdf(x).sum(-1) + stats.norm.logpdf(z).sum(
        -1
    )
    terms = log_joint - stats.norm(mean, np.exp(0.5 * log_var)).logpdf(z).sum(-1)
    assert (np.abs(model.elbo(x, mean, log_var) - terms.mean(0)) < 5 * terms.std(0) / np.sqrt(50_000)).all()


def test_posterior_gap_agrees_with_quadrature():
    model = a_model(num_latents=1)
    x = model.sample(1)
    mean, covariance = model.posterior(x)
    q, p = stats.norm(0.3, np.exp(-0.4)), stats.norm(mean[0, 0], np.sqrt(covariance[0, 0]))
    expected, _ = integrate.quad(lambda z: q.pdf(z) * (q.logpdf(z) - p.logpdf(z)), -9, 9, limit=200)
    assert model.posterior_gap(x, [[0.3]], [[-0.8]])[0] == pytest.approx(expected, abs=1e-8)


def test_samples_have_the_mean_and_the_covariance_within_standard_errors():
    model, n = a_model(), 100_000
    centred = model.sample(n, seed=5) - model.mean
    variances = np.diag(model.covariance)
    assert (np.abs(centred.mean(axis=0)) < 5 * np.sqrt(variances / n)).all()
    error = np.sqrt((np.outer(variances, variances) + model.covariance**2) / n)
    assert (np.abs(centred.T @ centred / n - model.covariance) < 5 * error).all()


def test_samples_are_fixed_by_the_seed():
    assert (a_model().sample(3, seed=1) == a_model().sample(3, seed=1)).all()
    assert (a_model().sample(3, seed=1) != a_model().sample(3, seed=2)).all()


def test_imputed_coordinates_are_the_most_likely_ones():
    model, x = a_model(), some_data(n=3)
    observed = np.array([True, False, True, True, False])
    filled = model.impute(np.where(observed, x, np.nan), observed)
    assert (filled[:, observed] == x[:, observed]).all()
    for row in filled:

        def loss(missing, row=row):
            full = row.copy()
            full[~observed] = missing
            return -model.log_prob(full[None])[0]

        np.testing.assert_allclose(optimize.minimize(loss, np.zeros(2)).x, row[~observed], atol=1e-4)


def test_imputation_with_nothing_or_everything_observed():
    model, x = a_model(), some_data(n=3)
    np.testing.assert_allclose(model.impute(x, np.zeros(5, bool)), np.tile(model.mean, (3, 1)))
    assert (model.impute(x, np.ones(5, bool)) == x).all()


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: ProbabilisticPCA(np.ones((2, 5)), np.zeros(5), 1.0), "Transpose"),
        (lambda: ProbabilisticPCA(np.ones((5, 2)), np.zeros(5), -1.0), "positive"),
        (lambda: ProbabilisticPCA.fit(some_data(), 5), "num_latents should lie in 1 … 4"),
        (lambda: ProbabilisticPCA.fit(some_data(), 0), "num_latents"),
        (lambda: ProbabilisticPCA.fit(some_data(n=3), 2), "no maximum"),
        (lambda: ProbabilisticPCA.fit(np.ones((9, 3)), 1), "no maximum"),
        (lambda: a_model().log_prob(np.zeros((2, 4))), "5 columns"),
        (
            lambda: a_model().elbo(some_data(n=3), np.zeros((2, 2)), np.zeros((2, 2))),
            "one row per example; got 3, 2, 2",
        ),
        (lambda: a_model().elbo(some_data(n=3), np.zeros((3, 1)), np.zeros((3, 2))), "mean should have 2 columns"),
        (lambda: a_model().impute(some_data(), [1, 0, 1, 1, 0]), "boolean mask"),
        (lambda: a_model().impute(np.full((1, 5), np.nan), np.arange(5) > 0), "finite"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
