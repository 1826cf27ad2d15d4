import keras
import numpy as np
import pytest
from keras import ops
from scipy import integrate, stats
from scipy.special import log_softmax, logsumexp

from course_lib import networks
from course_lib.priors import GaussianMixturePrior, Prior, StandardNormal, VampPrior
from tests.small import values

pytestmark = pytest.mark.backend


def numpy(tensor):
    return np.array(ops.convert_to_numpy(tensor)).astype("float64")


def uneven_mixture(latent_dim=2, num_components=3, seed=0):
    """A mixture prior whose weights, means and variances are all different."""
    rng = np.random.default_rng(seed)
    prior = GaussianMixturePrior(latent_dim, num_components, seed=0)
    prior.means.assign(rng.normal(0, 1.5, prior.means.shape))
    prior.log_vars.assign(rng.normal(-0.5, 0.5, prior.log_vars.shape))
    prior.logits.assign(rng.normal(0, 1, prior.logits.shape))
    return prior


def vamp(seed=0, num_components=3):
    encoder = networks.dense_gaussian_encoder((4,), 2, (8,), "tanh")  # smooth, for finite differences
    keras.utils.set_random_seed(seed)
    encoder.set_weights([np.random.default_rng(seed).normal(0, 0.7, w.shape) for w in encoder.get_weights()])
    return VampPrior(encoder, num_components, seed=seed)


def mixture_of(prior):
    """Log-weights, means and deviations of a mixture prior, in NumPy."""
    if isinstance(prior, VampPrior):
        means, log_vars = map(numpy, prior.encoder(ops.convert_to_tensor(prior.pseudo_inputs)))
        return np.full(len(means), -np.log(len(means))), means, np.exp(log_vars / 2)
    logits, means, log_vars = map(numpy, (prior.logits, prior.means, prior.log_vars))
    return log_softmax(logits), means, np.exp(log_vars / 2)


def log_density(prior, z):
    """By scipy, component by component."""
    log_weights, means, deviations = mixture_of(prior)
    parts = [stats.norm(m, s).logpdf(z).sum(axis=-1) for m, s in zip(means, deviations, strict=True)]
    return logsumexp(np.array(parts) + log_weights[:, None], axis=0)


PRIORS = {"mixture": uneven_mixture, "vamp": vamp}


@pytest.mark.parametrize("latent_dim", [1, 3])
def test_the_standard_normal_is_scipy_s(latent_dim):
    z = np.random.default_rng(0).normal(0, 2, (7, latent_dim))
    found = numpy(StandardNormal(latent_dim).log_prob(z.astype("float32")))
    np.testing.assert_allclose(found, stats.norm.logpdf(z).sum(axis=1), rtol=1e-5)


@pytest.mark.parametrize("make", PRIORS.values(), ids=PRIORS)
def test_a_mixture_s_log_density_is_that_of_its_components_by_scipy(make):
    prior, z = make(), np.random.default_rng(1).normal(0, 2, (50, 2))
    found = prior.log_prob(z.astype("float32"))
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    np.testing.assert_allclose(numpy(found), log_density(prior, z), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("make", PRIORS.values(), ids=PRIORS)
def test_densities_integrate_to_one(make):
    prior, line = make(), np.linspace(-12, 12, 481)
    grid = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2).astype("float32")
    density = np.exp(numpy(prior.log_prob(grid))).reshape(481, 481)
    total = integrate.trapezoid(integrate.trapezoid(density, line), line)
    assert total == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize("make", PRIORS.values(), ids=PRIORS)
def test_draws_have_the_law_that_the_density_states(make):
    prior, n = make(), 20_000
    log_weights, means, deviations = mixture_of(prior)
    z = numpy(prior.sample(n, seed=1))
    assert z.shape == (n, 2)
    for axis in range(2):

        def cdf(t, axis=axis):
            parts = stats.norm.cdf(t[:, None], means[:, axis], deviations[:, axis])
            return parts @ np.exp(log_weights)

        assert stats.kstest(z[:, axis], cdf).pvalue > 1e-4
    product = np.exp(log_weights) @ (means[:, 0] * means[:, 1])  # within a component the axes are independent
    found = z[:, 0] * z[:, 1]
    assert abs(found.mean() - product) < 5 * found.std() / np.sqrt(n)


def test_draws_of_the_standard_normal_are_normal_and_independent():
    z = numpy(StandardNormal(2).sample(20_000, seed=0))
    assert stats.kstest(z.ravel(), "norm").pvalue > 1e-4
    assert abs(np.corrcoef(z.T)[0, 1]) < 5 / np.sqrt(20_000)


@pytest.mark.parametrize("make", [lambda: StandardNormal(2), *PRIORS.values()], ids=["normal", *PRIORS])
def test_a_seed_repeats_the_draws_and_a_stream_goes_on(make):
    prior = make()
    first, again, other = (numpy(prior.sample(5, seed=seed)) for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)
    stream = keras.random.SeedGenerator(0)
    assert not np.allclose(numpy(prior.sample(5, seed=stream)), numpy(prior.sample(5, seed=stream)))
    assert not np.allclose(numpy(prior.sample(5)), numpy(prior.sample(5)))


def test_the_component_and_the_place_within_it_are_drawn_independently():
    """If both came from the same numbers, the component would tell the noise."""
    prior = GaussianMixturePrior(1, 2, seed=0)
    prior.means.assign([[-100.0], [100.0]])
    z = numpy(prior.sample(20_000, seed=5))[:, 0]
    noise, right = z - 100 * np.sign(z), z > 0
    assert abs(right.mean() - 0.5) < 5 * 0.5 / np.sqrt(20_000)
    assert abs(noise[right].mean() - noise[~right].mean()) < 5 * 2 / np.sqrt(20_000)


@pytest.mark.parametrize(("mean", "log_var"), [(0.0, 0.0), (1.5, -2.0), (-0.4, 0.7)])
def test_the_normal_s_divergence_is_the_closed_form_whatever_was_drawn(mean, log_var):
    rng = np.random.default_rng(0)
    means, log_vars = mean + rng.normal(size=(4, 3)), log_var + 0.3 * rng.normal(size=(4, 3))
    exact = 0.5 * (np.exp(log_vars) + means**2 - 1 - log_vars)
    prior = StandardNormal(3)
    np.testing.assert_allclose(numpy(prior.kl(means, log_vars, z=np.zeros((4, 3)))), exact.sum(axis=1), rtol=1e-5)
    np.testing.assert_allclose(numpy(prior.kl_of_dimensions(means, log_vars)), exact, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("make", PRIORS.values(), ids=PRIORS)
def test_a_draw_estimates_the_divergence_without_bias(make):
    prior, n, rng = make(), 20_000, np.random.default_rng(0)
    mean, deviation = np.array([0.6, -0.9]), np.array([0.7, 1.2])
    z = (mean + deviation * rng.normal(size=(n, 2))).astype("float32")
    tiled = [np.tile(part, (n, 1)).astype("float32") for part in (mean, 2 * np.log(deviation))]
    estimates = numpy(prior.kl(*tiled, z))

    line = [np.linspace(m - 8 * s, m + 8 * s, 401) for m, s in zip(mean, deviation, strict=True)]
    grid = np.stack(np.meshgrid(*line, indexing="ij"), axis=-1).reshape(-1, 2)
    log_q = stats.norm(mean, deviation).logpdf(grid).sum(axis=1)
    integrand = (np.exp(log_q) * (log_q - log_density(prior, grid))).reshape(401, 401)
    exact = integrate.trapezoid(integrate.trapezoid(integrand, line[1]), line[0])
    assert abs(estimates.mean() - exact) < 5 * estimates.std() / np.sqrt(n)
    assert estimates.std() > 0.1  # it is an estimate, and was not computed otherwise


@pytest.mark.parametrize("make", PRIORS.values(), ids=PRIORS)
def test_the_gradient_reaches_what_is_learned_and_is_that_of_finite_differences(make):
    prior, z = make(), np.random.default_rng(2).normal(0, 1.5, (6, 2)).astype("float32")

    class MinusLogProb(keras.Model):
        def __init__(self):
            super().__init__()
            self.prior = prior
            self.built = True

        def call(self, x):
            return self.prior(x)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return -ops.mean(y_pred)

    model, rate = MinusLogProb(), 1e-2
    learned = [v for v in prior.trainable_variables if v.path.split("/")[-1] in LEARNED]
    assert learned
    before = values(learned)
    exact = [finite_differences(lambda: -numpy(prior.log_prob(z)).mean(), variable) for variable in learned]
    model.compile(keras.optimizers.SGD(rate), jit_compile=False)
    model.fit(z, batch_size=len(z), epochs=1, verbose=0, shuffle=False)
    for old, new, gradient in zip(before, values(learned), exact, strict=True):
        np.testing.assert_allclose((old - new) / rate, gradient, atol=2e-3)
        assert np.abs(gradient).max() > 1e-2


LEARNED = ("means", "log_vars", "logits", "pseudo_inputs")


def finite_differences(function, variable, step=1e-2):
    value = values([variable])[0]
    gradient = np.zeros_like(value)
    for index in np.ndindex(value.shape):
        sides = []
        for sign in (1, -1):
            moved = value.copy()
            moved[index] += sign * step
            variable.assign(moved)
            sides.append(function())
        gradient[index] = (sides[0] - sides[1]) / (2 * step)
    variable.assign(value)
    return gradient


def test_pseudo_inputs_begin_with_the_examples_that_are_given():
    encoder, examples = networks.dense_gaussian_encoder((4,), 2), np.arange(12.0).reshape(3, 4)
    prior = VampPrior(encoder, pseudo_inputs=examples)
    np.testing.assert_array_equal(numpy(prior.pseudo_inputs), examples)
    assert prior.num_components == 3


def test_the_vamp_prior_over_all_data_is_the_aggregated_posterior():
    encoder, x = networks.dense_gaussian_encoder((4,), 2), np.random.default_rng(0).normal(size=(20, 4))
    z = np.random.default_rng(1).normal(size=(5, 2))
    mean, log_var = map(numpy, encoder(x.astype("float32")))
    parts = stats.norm(mean[:, None], np.exp(log_var / 2)[:, None]).logpdf(z).sum(axis=-1)
    found = numpy(VampPrior(encoder, pseudo_inputs=x).log_prob(z.astype("float32")))
    np.testing.assert_allclose(found, logsumexp(parts, axis=0) - np.log(20), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("make", [lambda: StandardNormal(2), *PRIORS.values()], ids=["normal", *PRIORS])
def test_a_prior_is_made_again_from_its_configuration_and_weights(make):
    prior, z = make(), np.random.default_rng(0).normal(size=(4, 2)).astype("float32")
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(prior))
    again.set_weights(prior.get_weights())
    np.testing.assert_allclose(numpy(again.log_prob(z)), numpy(prior.log_prob(z)), rtol=1e-6)


def test_half_precision_does_not_touch_log_probabilities():
    z = np.full((2, 2), 1.2345678, "float32")
    expected = numpy(uneven_mixture().log_prob(z))
    keras.config.set_dtype_policy("mixed_float16")
    try:
        prior = uneven_mixture()
        found = prior(z)
    finally:
        keras.config.set_dtype_policy("float32")
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    np.testing.assert_allclose(numpy(found), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: StandardNormal(0), "latent_dim should be at least 1"),
        (lambda: GaussianMixturePrior(2, 0), "num_components should be at least 1"),
        (lambda: GaussianMixturePrior(2, 3, seed=-1), "seed should be"),
        (lambda: StandardNormal(2).sample(0), "num_samples should be at least 1"),
        (lambda: uneven_mixture().sample(2.0), "num_samples should be an integer"),
        (lambda: VampPrior(keras.Sequential([keras.layers.Dense(2)]), 3), "it is not built"),
        (lambda: VampPrior(networks.dense_encoder((4,), 2), 3), r"returns 1 tensor"),
        (lambda: VampPrior(networks.dense_gaussian_encoder((4,), 2)), "num_components should be an integer"),
        (lambda: VampPrior(networks.dense_gaussian_encoder((4,), 2), pseudo_inputs=np.zeros((3, 5))), "shape"),
        (lambda: VampPrior(networks.dense_gaussian_encoder((4,), 2), pseudo_inputs=np.zeros((0, 4))), "shape"),
        (lambda: VampPrior(networks.dense_gaussian_encoder((4,), 2), 2, np.zeros((3, 4))), "Give only one"),
        (lambda: VampPrior(networks.dense_gaussian_encoder((4,), 2), pseudo_inputs=[[np.nan] * 4]), "finite"),
    ],
)
def test_bad_arguments_get_a_sentence(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def test_a_prior_without_its_methods_says_so():
    with pytest.raises(NotImplementedError, match="has no log_prob"):
        Prior(2).log_prob(np.zeros((1, 2)))
    with pytest.raises(NotImplementedError, match="has no sample"):
        Prior(2).sample(1)
