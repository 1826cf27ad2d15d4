import sys

import numpy as np
import pytest

from course_lib import networks
from course_lib.exact import ProbabilisticPCA, mean_field_gaussian
from course_lib.formulas.likelihoods import gaussian
from course_lib.metrics import amortisation_gap, compilation, elbo_of_posterior
from course_lib.models import VAE
from course_lib.priors import GaussianMixturePrior
from tests.small import binary_images, small_vae, values

pytestmark = pytest.mark.backend

SLANTED = ProbabilisticPCA([[1.5, 1.0], [0.2, 1.2], [-0.5, 0.4]], mean=[0.3, 0.0, -1.0], variance=0.5)


def vae_of(model, shift=0.0, widen=1.0):
    """A VAE with the decoder of `model`, and its best mean-field answer, shifted and widened, for an encoder."""
    encoder, decoder = networks.dense_gaussian_encoder((3,), 2, ()), networks.dense_decoder(2, (3,), ())
    offset = model.posterior([np.zeros(3)])[0][0]
    slopes = model.posterior(np.eye(3))[0] - offset
    variances, _ = mean_field_gaussian(model.posterior([np.zeros(3)])[1])
    encoder.get_layer("mean").set_weights([slopes, offset + shift])
    encoder.get_layer("log_var").set_weights([np.zeros((3, 2)), np.log(widen * variances)])
    decoder.set_weights([model.weights.T, model.mean])
    return VAE(encoder, decoder, gaussian(model.variance), seed=0)


@pytest.fixture(scope="module")
def x():
    return SLANTED.sample(12, seed=1)


@pytest.mark.parametrize(("shift", "widen"), [(0.0, 1.0), (0.5, 1.0), (-0.3, 2.5)])
def test_the_elbo_of_a_posterior_is_the_analytic_one_within_standard_errors(x, shift, widen):
    vae = vae_of(SLANTED, shift, widen)
    mean, log_var = vae.encode(x)
    estimates = np.array([elbo_of_posterior(vae, x, mean, log_var, num_samples=50, seed=seed) for seed in range(40)])
    errors = (estimates.mean(axis=0) - SLANTED.elbo(x, mean, log_var)) / (estimates.std(axis=0) / np.sqrt(40))
    assert abs(errors).max() < 5.5
    assert abs(errors.mean()) < 5 / np.sqrt(12)


@pytest.mark.slow
def test_on_probabilistic_pca_what_remains_is_the_mean_field_gap(x):
    vae = vae_of(SLANTED, shift=0.4, widen=2.0)
    found = amortisation_gap(vae, x, num_samples=400, num_steps=150)
    covariance = SLANTED.posterior(x)[1]
    variances, rest = mean_field_gaussian(covariance)
    start, best = (SLANTED.elbo(x, *q) for q in (vae.encode(x), (found.mean, found.log_var)))
    assert np.all(best <= SLANTED.log_prob(x) - rest + 1e-9)  # no diagonal q can do better
    assert best == pytest.approx(SLANTED.log_prob(x) - rest, abs=0.02)
    assert np.all(best > start + 0.1)
    assert found.mean == pytest.approx(SLANTED.posterior(x)[0], abs=0.15)
    assert np.exp(found.log_var) == pytest.approx(np.tile(variances, (12, 1)), rel=0.3)
    assert found.gap.mean() == pytest.approx((best - start).mean(), rel=0.15)


@pytest.mark.slow
def test_an_encoder_that_is_optimal_already_gains_only_what_the_draws_give_away(x):
    found = amortisation_gap(vae_of(SLANTED), x, num_samples=400, num_steps=100)
    exact_gain = SLANTED.elbo(x, found.mean, found.log_var) - SLANTED.elbo(x, *vae_of(SLANTED).encode(x))
    assert np.all(exact_gain <= 1e-6)
    assert np.all(found.gap >= 0)
    assert found.gap.mean() < 0.03


@pytest.mark.parametrize("learning_rate", [0.05, 3.0])
@pytest.mark.parametrize("num_steps", [0, 1, 20])
def test_the_search_never_lowers_the_elbo_and_reports_what_it_returns(learning_rate, num_steps):
    vae, x = small_vae(), binary_images(9)
    options = {"num_samples": 5, "seed": 2}
    found = amortisation_gap(vae, x, num_steps=num_steps, learning_rate=learning_rate, **options)
    assert np.all(found.gap >= 0)
    assert found.gap == pytest.approx(found.elbo - found.encoder_elbo, abs=1e-12)
    if learning_rate < 1:  # a giant step may lead nowhere, but never down
        assert (found.gap.max() > 0) == (num_steps > 0)
    again = elbo_of_posterior(vae, x, found.mean, found.log_var, **options)
    assert again == pytest.approx(found.elbo, abs=1e-4)
    assert elbo_of_posterior(vae, x, *vae.encode(x), **options) == pytest.approx(found.encoder_elbo, abs=1e-4)


def test_each_example_is_searched_for_alone():
    """With a deterministic q (no noise matters), the neighbours in the batch change nothing."""
    vae, x = small_vae(), binary_images(6)
    for layer in vae.encoder.layers:
        if layer.name == "log_var":
            layer.set_weights([0 * weight - 60 * (weight.ndim == 1) for weight in layer.get_weights()])
    together = amortisation_gap(vae, x, num_samples=1, num_steps=1)
    alone = [amortisation_gap(vae, x[i : i + 1], num_samples=1, num_steps=1) for i in range(6)]
    assert together.mean == pytest.approx(np.concatenate([each.mean for each in alone]), abs=1e-4)


def test_the_networks_and_the_model_s_streams_are_left_alone():
    vae, untouched, x = small_vae(), small_vae(), binary_images(5)
    untouched.set_weights(vae.get_weights())
    before = values(vae.trainable_variables)
    first, again = (amortisation_gap(vae, x, num_samples=3, num_steps=5) for _ in range(2))
    assert np.array_equal(first.elbo, again.elbo)
    for a, b in zip(before, values(vae.trainable_variables), strict=True):
        assert np.array_equal(a, b)
    assert np.array_equal(vae.elbo(x), untouched.elbo(x))


@pytest.mark.slow
def test_compiled_and_in_pieces_it_finds_the_same(monkeypatch):
    vae, x = vae_of(SLANTED, shift=0.4), SLANTED.sample(10, seed=3)
    small, large = {"num_samples": 6, "num_steps": 10}, {"num_samples": 400, "num_steps": 20}
    plain, whole = (amortisation_gap(vae, x, **each) for each in (small, large))
    monkeypatch.setattr(compilation, "_EARNED", 0)
    compiled = amortisation_gap(vae, x, **small)
    assert compiled.elbo == pytest.approx(plain.elbo, abs=1e-3)
    module = sys.modules["course_lib.metrics.amortisation_gap"]  # the package's name for it is the function
    monkeypatch.setattr(module, "_ROWS_AT_ONCE", 800)  # two examples at a time
    pieces = amortisation_gap(vae, x, **large)
    assert pieces.elbo.shape == (10,)
    assert pieces.elbo == pytest.approx(whole.elbo, abs=0.3)


@pytest.mark.slow
def test_a_learned_prior_takes_the_place_of_the_standard_normal():
    x = binary_images(4)
    prior = GaussianMixturePrior(2, num_components=1)
    prior.means.assign([[0.7, -0.4]])
    plain = small_vae()
    other = VAE(plain.encoder, plain.decoder, plain.log_likelihood, prior=prior, seed=0)
    q = plain.encode(x)
    shifted = 0.5 * ((q[0] - [0.7, -0.4]) ** 2 - q[0] ** 2).sum(axis=1)  # KL to N(m, I) minus KL to N(0, I)
    difference = np.array(
        [elbo_of_posterior(plain, x, *q, 500, seed) - elbo_of_posterior(other, x, *q, 500, seed) for seed in range(20)]
    )
    assert np.all(abs(difference.mean(axis=0) - shifted) < 5.5 * difference.std(axis=0) / np.sqrt(20) + 1e-3)
    assert np.all(amortisation_gap(other, x, num_samples=5, num_steps=5).gap >= 0)


def test_arguments_that_do_not_fit_are_refused():
    vae, x = small_vae(), binary_images(3)
    for options, words in (
        ({"num_samples": 0}, "num_samples"),
        ({"num_steps": -1}, "num_steps"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"learning_rate": "fast"}, "learning_rate"),
        ({"seed": -1}, "seed"),
    ):
        with pytest.raises(ValueError, match=words):
            amortisation_gap(vae, x, **options)
    with pytest.raises(ValueError, match="one row for each"):
        elbo_of_posterior(vae, x, np.zeros((2, 2)), np.zeros((2, 2)))
    for shape in ((3, 1), (3,), (3, 3)):  # broadcast, they would give a number
        with pytest.raises(ValueError, match="one number for each latent"):
            elbo_of_posterior(vae, x, np.zeros(shape), np.zeros(shape))
    with pytest.raises(ValueError, match="Divide by"):
        amortisation_gap(vae, 255 * x)
