import keras
import numpy as np
import pytest
from scipy import special, stats

from course_lib import networks
from course_lib.exact import ProbabilisticPCA
from course_lib.formulas.likelihoods import bernoulli_log_prob, gaussian, gaussian_log_prob
from course_lib.metrics import (
    compilation,
    effective_sample_size,
    importance_weighted_log_likelihood,
    log_importance_weights,
    log_mean_exp,
)
from course_lib.models import VAE
from course_lib.priors import GaussianMixturePrior
from tests.small import binary_images, small_vae

pytestmark = pytest.mark.backend

# Columns at right angles, so that the posterior is a diagonal Gaussian, as a VAE's encoder is.
ORTHOGONAL = ProbabilisticPCA([[2.0, 0.3], [1.0, -0.6], [0.0, 0.5]], mean=[1.0, -2.0, 0.5], variance=0.4)
SLANTED = ProbabilisticPCA([[1.5, 1.0], [0.2, 1.2], [-0.5, 0.4]], mean=[0.3, 0.0, -1.0], variance=0.5)
MODELS = {"orthogonal": ORTHOGONAL, "slanted": SLANTED}


def posterior(model):
    """The matrix and offset of E[z | x], and the variances of z | x, by hand (Tipping & Bishop, 1999)."""
    precision = model.weights.T @ model.weights + model.variance * np.eye(2)  # M = WᵀW + σ² I
    matrix = np.linalg.solve(precision, model.weights.T)  # (q, d)
    return matrix, -matrix @ model.mean, model.variance * np.diag(np.linalg.inv(precision))


def vae_of(model, widen=1.0, shift=0.0):
    """A linear VAE with the decoder of `model` and its posterior's mean and variances, widened and shifted at will."""
    encoder, decoder = networks.dense_gaussian_encoder((3,), 2, ()), networks.dense_decoder(2, (3,), ())
    matrix, offset, variances = posterior(model)
    encoder.get_layer("mean").set_weights([matrix.T, offset + shift])
    encoder.get_layer("log_var").set_weights([np.zeros((3, 2)), np.log(widen * variances)])
    decoder.set_weights([model.weights.T, model.mean])
    return VAE(encoder, decoder, gaussian(model.variance), seed=0)


def data(model, n=40):
    return model.sample(n, seed=1)


def test_with_the_true_posterior_every_weight_is_the_likelihood():
    vae, x = vae_of(ORTHOGONAL), data(ORTHOGONAL)
    exact = ORTHOGONAL.log_prob(x)
    assert log_importance_weights(vae, x, 20) == pytest.approx(np.tile(exact, (20, 1)), abs=1e-4)
    for num_samples in (1, 2, 50):
        assert importance_weighted_log_likelihood(vae, x, num_samples) == pytest.approx(exact, abs=1e-4)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("options", [{"widen": 1.5}, {"widen": 0.7}, {"shift": 0.3}])
def test_one_sample_is_the_elbo_on_average_for_every_example(name, options):
    model = MODELS[name]
    vae, x = vae_of(model, **options), data(model)
    weights = log_importance_weights(vae, x, 4000)
    exact = model.elbo(x, *vae.encode(x))
    errors = (weights.mean(axis=0) - exact) / (weights.std(axis=0) / np.sqrt(4000))
    assert abs(errors).max() < 5.5
    assert abs(weights.mean() - exact.mean()) < 5 * weights.mean(axis=1).std() / np.sqrt(4000)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_many_samples_reach_the_exact_log_likelihood(name):
    model = MODELS[name]
    vae, x = vae_of(model, widen=1.5, shift=0.2), data(model)
    weights = log_importance_weights(vae, x, 4000)
    relative = np.exp(weights - model.log_prob(x))  # unbiased: 1 on average
    errors = (relative.mean(axis=0) - 1) / (relative.std(axis=0) / np.sqrt(4000))
    assert abs(errors).max() < 5.5
    bound = importance_weighted_log_likelihood(vae, x, 4000)
    assert bound.mean() == pytest.approx(model.log_prob(x).mean(), abs=0.02)
    assert model.log_prob(x).mean() - model.elbo(x, *vae.encode(x)).mean() > 0.08  # the ELBO is not enough


def test_merging_blocks_of_one_pool_never_lowers_the_bound_and_tends_to_log_p():
    """By Jensen's inequality, exactly: the log of a mean of two blocks is at least the mean of their logs."""
    vae, x = vae_of(SLANTED, widen=1.3, shift=0.5), data(SLANTED)
    pool = log_importance_weights(vae, x, 2048)
    bounds = []
    for block in 2 ** np.arange(12):
        blocks = pool.reshape(-1, block, len(x))
        bounds.append((special.logsumexp(blocks, axis=1) - np.log(block)).mean())
    assert np.all(np.diff(bounds) > 0)
    exact = SLANTED.log_prob(x).mean()
    assert bounds[0] < exact - 0.1
    assert bounds[-1] == pytest.approx(exact, abs=0.02)
    assert importance_weighted_log_likelihood(vae, x, 2048).mean() == pytest.approx(bounds[-1], abs=1e-6)


@pytest.mark.parametrize("num_samples", [1, 3, 16])
@pytest.mark.parametrize("rows_at_once", [20_000, 100, 7])
def test_the_bound_is_the_log_of_the_mean_of_the_weights(num_samples, rows_at_once):
    vae, x = vae_of(SLANTED, widen=1.5), data(SLANTED, 10)
    options = {"num_samples": num_samples, "seed": 3, "rows_at_once": rows_at_once}
    weights = log_importance_weights(vae, x, **options)
    assert weights.shape == (num_samples, 10)
    exact = special.logsumexp(weights, axis=0) - np.log(num_samples)
    assert importance_weighted_log_likelihood(vae, x, **options) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("rows_at_once", [1, 7, 10, 25, 999])
def test_bounding_the_memory_changes_no_likelihood_where_draws_do_not_matter(rows_at_once):
    vae, x = vae_of(ORTHOGONAL), data(ORTHOGONAL, 10)
    bounded = importance_weighted_log_likelihood(vae, x, 5, rows_at_once=rows_at_once)
    assert bounded == pytest.approx(ORTHOGONAL.log_prob(x), abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("rows_at_once", [7, 150])
def test_bounding_the_memory_draws_from_the_same_law(rows_at_once):
    """Within standard errors, example by example; 10 examples are more than 7 rows and less than 150."""
    vae, x = vae_of(SLANTED, widen=1.4, shift=0.2), data(SLANTED, 10)
    whole = log_importance_weights(vae, x, 100)
    parts = log_importance_weights(vae, x, 100, seed=1, rows_at_once=rows_at_once)
    assert not np.isclose(whole, parts).all(axis=0).any()
    errors = (whole.mean(axis=0) - parts.mean(axis=0)) / np.sqrt((whole.var(axis=0) + parts.var(axis=0)) / 100)
    assert abs(errors).max() < 5
    ratios = np.log(parts.var(axis=0) / whole.var(axis=0))  # each within about 0.5, as log-weights have heavy tails
    assert abs(ratios.mean()) < 5 * 0.5 / np.sqrt(10)


def test_the_decoder_never_sees_more_rows_than_allowed():
    seen = []

    class Recorded(keras.layers.Layer):
        def call(self, z):
            seen.append(z.shape[0])
            return z

    vae = vae_of(ORTHOGONAL)
    vae.decoder = keras.Sequential([keras.Input((2,)), Recorded(), vae.decoder])
    seen.clear()
    importance_weighted_log_likelihood(vae, data(ORTHOGONAL), 10, rows_at_once=100)
    assert sum(seen) == 400
    assert max(seen) <= 100
    seen.clear()
    importance_weighted_log_likelihood(vae, data(ORTHOGONAL), 3, rows_at_once=15)
    assert sum(seen) == 120
    assert max(seen) <= 15


def test_draws_differ_between_samples_examples_and_chunks():
    vae, x = vae_of(SLANTED, widen=1.5), np.repeat(data(SLANTED, 1), 6, axis=0)
    for rows_at_once in (20_000, 12, 4):
        weights = log_importance_weights(vae, x, 8, rows_at_once=rows_at_once)
        assert len(np.unique(weights)) > 40  # of 48; float32 may make two alike


@pytest.mark.parametrize("rows_at_once", [20_000, 15])
def test_a_seed_repeats_the_answer_exactly_and_leaves_the_model_s_streams_alone(rows_at_once):
    x = binary_images(30)
    vae, untouched = small_vae(), small_vae()
    untouched.set_weights(vae.get_weights())
    first, again, other = (
        importance_weighted_log_likelihood(vae, x, 5, seed=seed, rows_at_once=rows_at_once) for seed in (4, 4, 5)
    )
    assert np.array_equal(first, again)
    assert not np.isclose(first, other).all()
    assert np.array_equal(vae.elbo(x), untouched.elbo(x))
    assert np.array_equal(vae.sample(3), untouched.sample(3))


def test_the_answer_is_float64_nats_per_example():
    bound = importance_weighted_log_likelihood(small_vae(), binary_images(9), 4)
    assert bound.shape == (9,)
    assert bound.dtype == "float64"
    assert np.all(bound < 0)


@pytest.mark.parametrize("pixels", [1600, 40_000])
def test_weights_far_below_the_smallest_float_are_averaged_in_the_log(pixels):
    """A decoder that ignores z: every pixel is a fair coin, log p(x) = −pixels · log 2, from −1,000 nats down."""
    encoder, decoder = networks.dense_gaussian_encoder((pixels,), 1, ()), networks.dense_decoder(1, (pixels,), ())
    for network in (encoder, decoder):
        network.set_weights([np.zeros(weight.shape) for weight in network.get_weights()])
    vae = VAE(encoder, decoder, bernoulli_log_prob, seed=0)
    bound = importance_weighted_log_likelihood(vae, np.ones((3, pixels)), 10, rows_at_once=9)
    assert bound == pytest.approx(-pixels * np.log(2), rel=1e-5)


def test_one_sample_a_thousand_nats_better_than_the_rest_decides():
    vae, x = vae_of(ORTHOGONAL, shift=60.0), data(ORTHOGONAL, 5)
    weights = log_importance_weights(vae, x, 50)
    assert weights.max() < -1000
    bound = importance_weighted_log_likelihood(vae, x, 50)
    assert bound == pytest.approx(special.logsumexp(weights, axis=0) - np.log(50), abs=1e-9)
    assert np.all(bound >= weights.max(axis=0) - np.log(50) - 1e-9)


def test_anything_with_encoder_decoder_and_log_likelihood_will_do():
    class Parts:
        def __init__(self, vae):
            self.encoder, self.decoder, self.log_likelihood = vae.encoder, vae.decoder, vae.log_likelihood

    vae, x = vae_of(ORTHOGONAL), data(ORTHOGONAL).astype("float32")
    assert importance_weighted_log_likelihood(Parts(vae), x, 2) == pytest.approx(ORTHOGONAL.log_prob(x), abs=1e-4)


@pytest.mark.parametrize("num_samples", [0, -1])
def test_fewer_than_one_sample_is_refused(num_samples):
    with pytest.raises(ValueError, match=f"at least 1; got {num_samples}"):
        importance_weighted_log_likelihood(small_vae(), binary_images(2), num_samples)


def test_data_that_do_not_fit_are_refused():
    for wrong, sentence in (
        (255 * binary_images(2), "Divide by"),
        (binary_images(2)[..., 0], "channel axis"),
        (np.arange(3), "labels"),
    ):
        with pytest.raises(ValueError, match=sentence):
            importance_weighted_log_likelihood(small_vae(), wrong, 2)


@pytest.fixture
def always_compiled(monkeypatch):
    monkeypatch.setattr(compilation, "_EARNED", 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    "rows_at_once",
    [pytest.param(20_000, marks=pytest.mark.exhaustive), 100, pytest.param(7, marks=pytest.mark.exhaustive)],
)
def test_compiled_weights_are_the_same_numbers(monkeypatch, rows_at_once):
    """Draws in several chunks, the last one smaller; examples in several pieces, likewise."""
    vae, x = small_vae(), binary_images(30)
    options = {"num_samples": 10, "seed": 3, "rows_at_once": rows_at_once}
    plain = log_importance_weights(vae, x, **options)
    monkeypatch.setattr(compilation, "_EARNED", 0)
    assert log_importance_weights(vae, x, **options) == pytest.approx(plain, abs=2e-4)
    assert np.array_equal(log_importance_weights(vae, x, **options), log_importance_weights(vae, x, **options))


@pytest.mark.slow
def test_compiled_weights_follow_the_decoder_when_it_learns_or_is_exchanged(always_compiled):
    vae, x = vae_of(ORTHOGONAL), data(ORTHOGONAL)
    assert importance_weighted_log_likelihood(vae, x, 3) == pytest.approx(ORTHOGONAL.log_prob(x), abs=1e-4)
    moved = ProbabilisticPCA(ORTHOGONAL.weights, ORTHOGONAL.mean + 1.0, ORTHOGONAL.variance)
    other = vae_of(moved)
    vae.encoder.set_weights(other.encoder.get_weights())
    vae.decoder.set_weights(other.decoder.get_weights())
    assert importance_weighted_log_likelihood(vae, x, 3) == pytest.approx(moved.log_prob(x), abs=1e-4)
    back = vae_of(ORTHOGONAL)
    vae.encoder, vae.decoder = back.encoder, back.decoder
    assert importance_weighted_log_likelihood(vae, x, 3) == pytest.approx(ORTHOGONAL.log_prob(x), abs=1e-4)


def test_convolutions_and_several_parameters_give_the_same_numbers_compiled(monkeypatch):
    x = binary_images(6, (8, 8, 1))
    encoder, decoder = networks.conv_gaussian_encoder((8, 8, 1), 2, (4,)), networks.conv_decoder(2, (8, 8, 1), (4,))
    two = networks.dense_decoder(2, (8, 8, 1), (4,), num_parameters=2)
    vaes = VAE(encoder, decoder, bernoulli_log_prob, seed=0), VAE(encoder, two, gaussian_log_prob, seed=0)
    plain = [log_importance_weights(vae, x, 5) for vae in vaes]
    monkeypatch.setattr(compilation, "_EARNED", 0)
    for vae, weights in zip(vaes, plain, strict=True):
        assert log_importance_weights(vae, x, 5) == pytest.approx(weights, abs=1e-3)


def test_short_work_is_not_compiled_and_long_work_is(monkeypatch):
    def compilations(earned):
        made = []
        monkeypatch.setattr(compilation, "_EARNED", earned)
        for name in ("_by_tensorflow", "_by_jax", "_without_gradients"):
            monkeypatch.setattr(compilation, name, lambda function, *rest: made.append(1) or function)
        vae = small_vae()
        importance_weighted_log_likelihood(vae, binary_images(5), 10)
        return len(made), vae.decoder.count_params()

    always = keras.backend.backend() == "torch"  # where nothing is compiled, and gradients are left out
    num_params = compilations(0)[1]
    assert compilations(50 * num_params)[0] == 1
    assert compilations(50 * num_params + 1)[0] == (1 if always else 0)


@pytest.mark.parametrize("earned", [0, np.inf])
def test_the_model_s_own_prior_is_the_one_in_the_weights(monkeypatch, earned):
    """One latent, a prior of three Gaussians, a Gaussian decoder: p(x) is a mixture of Gaussians in closed form."""
    monkeypatch.setattr(compilation, "_EARNED", earned)
    prior = GaussianMixturePrior(1, num_components=3)
    prior.means.assign([[-3.0], [0.5], [4.0]])
    prior.log_vars.assign(np.log([[0.2], [1.0], [0.5]]))
    prior.logits.assign(np.log([0.5, 0.2, 0.3]))
    encoder, decoder = networks.dense_gaussian_encoder((1,), 1, ()), networks.dense_decoder(1, (1,), ())
    encoder.get_layer("mean").set_weights([np.array([[1.0]]), np.zeros(1)])
    encoder.get_layer("log_var").set_weights([np.zeros((1, 1)), np.zeros(1)])
    decoder.set_weights([np.array([[1.0]]), np.zeros(1)])  # x = z + noise of variance ½
    vae, x = VAE(encoder, decoder, gaussian(0.5), prior=prior, seed=0), np.linspace(-4, 5, 10)[:, None]
    deviations = np.sqrt(np.array([0.2, 1.0, 0.5]) + 0.5)
    exact = np.log(stats.norm.pdf(x, [-3.0, 0.5, 4.0], deviations) @ [0.5, 0.2, 0.3])
    weights = np.exp(log_importance_weights(vae, x, 20_000) - exact)
    errors = (weights.mean(axis=0) - 1) / (weights.std(axis=0) / np.sqrt(20_000))
    assert abs(errors).max() < 5.5


@pytest.mark.parametrize("shape", [(1,), (7,), (5, 3), (4, 2, 3)])
def test_log_mean_exp_is_the_logarithm_of_the_mean(shape):
    log_weights = 3 * np.random.default_rng(0).normal(size=shape)
    assert log_mean_exp(log_weights) == pytest.approx(np.log(np.exp(log_weights).mean(axis=0)), rel=1e-12)
    for shift in (-2000.0, 800.0):  # where the naive formula gives −∞ or ∞
        assert log_mean_exp(log_weights + shift) == pytest.approx(log_mean_exp(log_weights) + shift, rel=1e-12)
    assert log_mean_exp(np.append(np.full((1, 3), -np.inf), np.zeros((1, 3)), axis=0)) == pytest.approx(-np.log(2))


def test_the_effective_sample_size_counts_equal_weights_and_ignores_their_scale():
    rng = np.random.default_rng(0)
    for count in (1, 3, 8):
        weights = np.where(np.arange(8) < count, 1.0, 0.0)
        with np.errstate(divide="ignore"):
            assert effective_sample_size(np.log(weights)) == pytest.approx(count)
    log_weights = rng.normal(size=(50, 4))
    weights = np.exp(log_weights)
    expected = weights.sum(axis=0) ** 2 / (weights**2).sum(axis=0)
    for shift in (0.0, -5000.0, 5000.0):
        assert effective_sample_size(log_weights + shift) == pytest.approx(expected, rel=1e-9)


def test_the_effective_sample_size_of_each_example_is_its_own_however_improbable_it_is():
    assert effective_sample_size(np.array([[0.0, -3000.0], [0.0, -3000.0]])) == pytest.approx([2.0, 2.0])


def test_the_effective_sample_size_of_a_shifted_gaussian_is_known():
    """p = N(m, 1), q = N(0, 1): E[w] = 1, E[w²] = exp(m²), so that ESS/K → exp(−m²)."""
    z = np.random.default_rng(1).normal(size=(200_000, 3))
    shifts = np.array([0.2, 0.5, 0.8])
    log_weights = z * shifts - 0.5 * shifts**2
    squares = np.exp(2 * log_weights)
    share = effective_sample_size(log_weights) / 200_000
    error = squares.std(axis=0) / np.sqrt(200_000) / squares.mean(axis=0)
    assert np.all(abs(share / np.exp(-(shifts**2)) - 1) < 5 * error)


def test_weights_that_are_all_zero_are_worth_no_draws():
    log_weights = np.array([[-np.inf, 0.0], [-np.inf, -np.inf]])
    assert effective_sample_size(log_weights).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("function", [log_mean_exp, effective_sample_size])
@pytest.mark.parametrize("bad", [[], 3.0, [["a"]], None], ids=repr)
def test_what_holds_no_weights_is_refused(function, bad):
    with pytest.raises(ValueError, match="log_weights"):
        function(bad)


@pytest.mark.parametrize("pixels", [1, 6, 64, 101, 784, 997])
@pytest.mark.parametrize("scale", [0.1, 3.0, 60.0])
def test_bernoulli_weights_hold_the_bernoulli_log_probability_of_any_number_of_pixels(pixels, scale):
    """A linear decoder: its logits are known, grey values and logits far beyond e^88 among them."""
    rng = np.random.default_rng(pixels)
    encoder, decoder = networks.dense_gaussian_encoder((pixels,), 2, ()), networks.dense_decoder(2, (pixels,), ())
    encoder.set_weights([np.zeros(weight.shape) for weight in encoder.get_weights()])  # q is the prior
    decoder.set_weights([np.zeros((2, pixels)), scale * rng.normal(size=pixels)])
    logits = decoder.get_weights()[1].astype("float64")
    x = np.concatenate([rng.integers(0, 2, (3, pixels)), rng.random((2, pixels))]).astype("float32")
    exact = (x * logits - np.logaddexp(0, logits)).sum(axis=1)
    vae = VAE(encoder, decoder, bernoulli_log_prob, seed=0)
    weights = log_importance_weights(vae, x, 3)
    assert weights == pytest.approx(np.tile(exact, (3, 1)), rel=2e-6, abs=2e-4)
