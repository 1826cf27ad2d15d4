import numpy as np
import pytest
from scipy import optimize

from course_lib.exact.linear_vae import LinearVAE, fit_linear_vae, negative_beta_elbo
from course_lib.exact.principal_components import subspace_distance
from course_lib.exact.probabilistic_pca import ProbabilisticPCA

VARIANCES = np.array([5.0, 3.0, 1.5, 0.8, 0.3])


def some_data(n=80, seed=1):
    return np.random.default_rng(seed).normal(size=(n, 5)) @ np.diag([3.0, 2.0, 1.2, 0.7, 0.5]) + 4.0


def a_covariance(seed=2):
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(5, 5)))[0]
    return turn @ np.diag(VARIANCES) @ turn.T


def a_model(seed=3, num_latents=2):
    rng, x = np.random.default_rng(seed), some_data()
    return x, LinearVAE(
        rng.normal(size=(5, num_latents)),
        0.3 * rng.normal(size=(num_latents, 5)),
        rng.normal(size=num_latents),
        0.4,
        np.cov(x, rowvar=False, bias=True),
        x.mean(axis=0),
    )


def some_parameters(variance, num_latents=2, seed=4):
    return 0.5 * np.random.default_rng(seed).normal(size=2 * 5 * num_latents + num_latents + (variance is None))


def test_the_elbo_is_the_mean_of_what_probabilistic_pca_says_of_each_example():
    x, model = a_model()
    each = model.generative_model.elbo(x, *model.encode(x))
    assert model.elbo == pytest.approx(each.mean(), abs=1e-9)


def test_rate_and_distortion_are_what_draws_average_to():
    x, model = a_model()
    rng, (mean, log_var) = np.random.default_rng(0), model.encode(x)
    noise = rng.standard_normal((4_000, *mean.shape))
    z = mean + np.exp(0.5 * log_var) * noise
    distances = np.square(x - model.mean - z @ model.decoder_weights.T).sum(axis=-1).mean(axis=1)
    log_ratios = 0.5 * (z**2 - noise**2 - log_var).sum(axis=-1).mean(axis=1)
    for draws, exact in ((distances, model.distortion), (log_ratios, model.rate)):
        assert abs(draws.mean() - exact) < 5 * draws.std() / np.sqrt(len(draws))


def test_the_rate_is_the_sum_of_the_rates_of_the_latents():
    _, model = a_model(num_latents=3)
    assert model.rates.shape == (3,)
    assert (model.rates > 0).all()
    assert model.rate == pytest.approx(model.rates.sum(), abs=1e-12)


@pytest.mark.parametrize(("beta", "variance"), [(1.0, None), (0.3, None), (1.0, 0.7), (4.0, 0.2)])
def test_the_loss_is_reconstruction_plus_beta_times_rate(beta, variance):
    parameters = some_parameters(variance)
    sigma2 = np.exp(parameters[-1]) if variance is None else variance
    decoder, encoder = parameters[:10].reshape(5, 2), parameters[10:20].reshape(5, 2).T
    model = LinearVAE(decoder, encoder, parameters[20:22], sigma2, a_covariance(), np.zeros(5))
    loss = negative_beta_elbo(parameters, a_covariance(), 2, beta, variance)[0]
    assert loss == pytest.approx(model.reconstruction + beta * model.rate, abs=1e-10)


@pytest.mark.parametrize(("beta", "variance"), [(1.0, None), (0.3, None), (1.0, 0.7), (4.0, 0.2)])
def test_the_gradient_of_the_loss_is_its_slope_in_every_direction(beta, variance):
    parameters, step = some_parameters(variance), 1e-5
    gradient = negative_beta_elbo(parameters, a_covariance(), 2, beta, variance)[1]
    for index, direction in enumerate(np.eye(len(parameters))):
        above, below = (
            negative_beta_elbo(parameters + sign * step * direction, a_covariance(), 2, beta, variance)[0]
            for sign in (1, -1)
        )
        assert gradient[index] == pytest.approx((above - below) / (2 * step), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("latent_dim", [1, 2, 4])
@pytest.mark.parametrize("seed", [0, 1])
def test_with_a_learned_variance_the_optimum_is_the_maximum_likelihood_of_probabilistic_pca(latent_dim, seed):
    x = some_data()
    fitted, exact = fit_linear_vae(x, latent_dim, seed=seed), ProbabilisticPCA.fit(x, latent_dim)
    assert exact.log_prob(x).mean() - fitted.elbo == pytest.approx(0, abs=1e-9)
    assert fitted.variance == pytest.approx(exact.variance, rel=1e-5)
    assert subspace_distance(fitted.decoder_weights, exact.weights) < 1e-8


def test_its_decoder_columns_are_the_principal_axes_where_those_of_probabilistic_pca_are_free():
    x = some_data()
    fitted, exact = fit_linear_vae(x, 3).decoder_weights, ProbabilisticPCA.fit(x, 3).weights
    order = np.argsort(-np.linalg.norm(fitted, axis=0))
    np.testing.assert_allclose(np.abs(fitted[:, order]), np.abs(exact), atol=1e-3)


@pytest.mark.parametrize("beta", [0.25, 1.0, 4.0])
@pytest.mark.parametrize("water_level", [0.1, 1.0, 4.0])
def test_with_a_fixed_variance_rate_and_distortion_fill_water(beta, water_level):
    model = fit_linear_vae(a_covariance(), latent_dim=5, beta=beta, variance=water_level / beta)
    assert model.distortion == pytest.approx(np.minimum(VARIANCES, water_level).sum(), abs=1e-5)
    assert model.rate == pytest.approx(0.5 * np.log(np.maximum(VARIANCES / water_level, 1)).sum(), abs=1e-5)
    assert (model.rates > 1e-3).sum() == (water_level < VARIANCES).sum()


@pytest.mark.slow
def test_the_training_elbo_of_a_fixed_variance_peaks_at_beta_one():
    elbo = {beta: fit_linear_vae(a_covariance(), 5, beta, variance=0.5).elbo for beta in (0.5, 0.9, 1.0, 1.1, 2.0)}
    assert max(elbo, key=elbo.get) == 1.0


def test_no_general_optimiser_finds_a_better_loss():
    covariance, start = a_covariance(), some_parameters(0.4, num_latents=2, seed=9)
    found = optimize.minimize(lambda p: negative_beta_elbo(p, covariance, 2, 2.0, 0.4)[0], start, method="BFGS")
    model = fit_linear_vae(covariance, 2, beta=2.0, variance=0.4)
    assert model.reconstruction + 2.0 * model.rate == pytest.approx(found.fun, abs=1e-6)


def test_data_and_their_covariance_give_the_same_model():
    x = some_data()
    from_data, from_covariance = (
        fit_linear_vae(table, 2, variance=0.3) for table in (x, np.cov(x, rowvar=False, bias=True))
    )
    assert from_data.elbo == pytest.approx(from_covariance.elbo, abs=1e-9)
    np.testing.assert_allclose(from_data.mean, x.mean(axis=0))
    assert (from_covariance.mean == 0).all()


@pytest.mark.parametrize("scale", [1e-3, 255.0])
def test_the_unit_of_the_data_does_not_matter(scale):
    x = some_data()
    exact = ProbabilisticPCA.fit(scale * x, 2).log_prob(scale * x).mean()
    assert fit_linear_vae(scale * x, 2).elbo == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"latent_dim": 0}, "latent_dim"),
        ({"latent_dim": 5}, "latent_dim"),
        ({"latent_dim": 2, "beta": 0.0}, "beta should be positive"),
        ({"latent_dim": 2, "beta": -1.0}, "beta should be positive"),
        ({"latent_dim": 2, "variance": 0.0}, "variance should be positive"),
        ({"latent_dim": 2, "seed": 0.5}, "seed should be an integer"),
    ],
)
def test_arguments_out_of_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        fit_linear_vae(some_data(), **options)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (np.diag([1.0, -1.0]), "no negative eigenvalue"),
        (np.zeros((2, 2)), "should vary"),
        (np.ones((6, 3)), "should vary"),
        (np.outer(np.arange(6.0), np.ones(3)), "outside a 1-dimensional plane"),
        (np.array([[1.0, np.nan], [0.0, 1.0]]), "finite"),
    ],
)
def test_tables_without_an_optimum_are_refused(table, message):
    with pytest.raises(ValueError, match=message):
        fit_linear_vae(table, 1)
