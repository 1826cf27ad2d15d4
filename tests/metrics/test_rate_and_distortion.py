import numpy as np
import pytest
from keras import ops

from course_lib import networks
from course_lib.exact import ProbabilisticPCA
from course_lib.formulas.likelihoods import gaussian
from course_lib.metrics import rate_and_distortion
from course_lib.models import VAE
from course_lib.priors import GaussianMixturePrior, StandardNormal
from tests.small import binary_images, small_vae

pytestmark = pytest.mark.backend


def linear_vae(prior=None, beta=1.0):
    """A linear VAE with given weights, and the same model in closed form."""
    rng = np.random.default_rng(0)
    weights, encoder_weights = rng.normal(size=(3, 2)), 0.3 * rng.normal(size=(3, 2))
    vae = VAE(
        networks.dense_gaussian_encoder((3,), 2, ()),
        networks.dense_decoder(2, (3,), ()),
        gaussian(0.5),
        beta=beta,
        prior=prior,
    )
    vae.decoder.set_weights([weights.T, np.array([0.1, 0.2, 0.3])])
    vae.encoder.set_weights([encoder_weights, np.array([0.5, -0.5]), np.zeros((3, 2)), np.array([-1.0, 0.3])])
    return vae, ProbabilisticPCA(weights, [0.1, 0.2, 0.3], 0.5)


X = np.random.default_rng(1).normal(size=(40, 3))


@pytest.mark.slow
@pytest.mark.parametrize("beta", [1.0, 7.0])
def test_they_are_the_two_terms_of_the_exact_elbo_whatever_beta_is(beta):
    vae, exact = linear_vae(beta=beta)
    mean, log_var = (part.astype("float64") for part in vae.encode(X))
    rate, distortion = rate_and_distortion(vae, X, num_samples=100)
    assert rate.shape == distortion.shape == (40,)
    assert rate.dtype == distortion.dtype == "float64"
    np.testing.assert_allclose(rate, 0.5 * (np.exp(log_var) + mean**2 - 1 - log_var).sum(axis=1), rtol=1e-5)
    singles = np.array([rate_and_distortion(vae, X, seed=seed)[1] for seed in range(20)])
    error = singles.std(axis=0).mean() / np.sqrt(100 * 40)
    assert abs((-distortion - rate - exact.elbo(X, mean, log_var)).mean()) < 5 * error


@pytest.mark.slow
def test_one_draw_of_each_example_is_the_models_elbo_in_law():
    vae, x = small_vae(), binary_images(30)
    terms = np.array([sum(rate_and_distortion(vae, x, seed=seed)).mean() for seed in range(60)])
    elbos = np.array([vae.elbo(x).mean() for _ in range(60)])
    assert abs(terms.mean() + elbos.mean()) < 5 * np.hypot(terms.std(), elbos.std()) / np.sqrt(60)


def test_the_answer_repeats_with_its_seed_and_examples_have_their_own_noise():
    vae, _ = linear_vae()
    same = np.zeros((50, 3))
    _, distortion = rate_and_distortion(vae, same)
    assert len(np.unique(distortion)) == 50
    np.testing.assert_array_equal(rate_and_distortion(vae, same)[1], distortion)
    assert not np.allclose(rate_and_distortion(vae, same, seed=1)[1], distortion)


@pytest.mark.exhaustive
def test_more_draws_scatter_less():
    vae, _ = linear_vae()
    spread = [np.std([rate_and_distortion(vae, X[:1], n, seed)[1][0] for seed in range(60)]) for n in (1, 25)]
    assert spread[0] / spread[1] == pytest.approx(5, rel=0.5)


def test_data_longer_than_a_slice_are_joined_in_order():
    vae, _ = linear_vae()
    x = np.random.default_rng(2).normal(size=(2300, 3))
    rate, _ = rate_and_distortion(vae, x)
    mean, log_var = (part.astype("float64") for part in vae.encode(x))
    np.testing.assert_allclose(rate, 0.5 * (np.exp(log_var) + mean**2 - 1 - log_var).sum(axis=1), rtol=1e-4)


@pytest.mark.slow
def test_the_rate_of_a_learned_prior_is_measured_against_that_prior():
    """A mixture of one standard normal is the standard normal: estimate and closed form agree."""
    prior = GaussianMixturePrior(2, 1)
    prior.means.assign(np.zeros((1, 2)))
    vae, _ = linear_vae(prior)
    plain, _ = linear_vae(StandardNormal(2))
    estimate, exact = rate_and_distortion(vae, X, 100)[0], rate_and_distortion(plain, X)[0]
    error = np.std([rate_and_distortion(vae, X, seed=seed)[0] for seed in range(20)], axis=0).mean() / np.sqrt(100 * 40)
    assert abs((estimate - exact).mean()) < 5 * error
    prior.means.assign([[3.0, 0.0]])
    moved = rate_and_distortion(vae, X, 100)[0]
    mean = vae.encode(X)[0].astype("float64")
    shift = 0.5 * ((mean[:, 0] - 3) ** 2 - mean[:, 0] ** 2)  # what the moved mean adds, in closed form
    assert abs((moved - exact - shift).mean()) < 5 * 3 * error + 0.01


def test_a_network_in_training_mode_is_not_what_is_judged():
    vae = VAE(
        networks.dense_gaussian_encoder((3,), 2, (4,)), networks.dense_decoder(2, (3,), (4,)), gaussian(1.0), seed=0
    )
    before = [np.array(ops.convert_to_numpy(v)) for v in vae.variables]
    rate_and_distortion(vae, X)
    for old, variable in zip(before, vae.variables, strict=True):
        np.testing.assert_array_equal(old, ops.convert_to_numpy(variable))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [((X[:, :2],), "x must have shape"), ((X, 0), "num_samples should be at least 1"), ((X, 1, -1), "seed should be")],
)
def test_bad_input_is_refused(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        rate_and_distortion(linear_vae()[0], *arguments)
