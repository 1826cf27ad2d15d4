import keras
import numpy as np
import pytest
from keras import ops
from scipy import special, stats

from course_lib import networks
from course_lib.formulas.likelihoods import bernoulli_log_prob, gaussian
from course_lib.models import IWAE, VAE
from course_lib.priors import GaussianMixturePrior
from course_lib.training.resuming import ResumableTraining
from tests.small import IMAGE, binary_images, gradients, small_vae, values

pytestmark = pytest.mark.backend


def small_iwae(num_samples=4, seed=0, latent_dim=2, **options):
    return IWAE(
        networks.dense_gaussian_encoder(IMAGE, latent_dim, (16,)),
        networks.dense_decoder(latent_dim, IMAGE, (16,)),
        bernoulli_log_prob,
        num_samples=num_samples,
        seed=seed,
        **options,
    )


def numpy_terms(x, mean, log_var, z, logits):
    """log p(x|z), log p(z) and log q(z|x), each `(batch, K)`, by SciPy; z is `(batch, K, latent)`."""
    mean, deviation = mean[:, None], np.exp(0.5 * log_var)[:, None]
    log_likelihood = (x[:, None] * logits - np.logaddexp(0, logits)).sum(axis=(2, 3, 4))
    return log_likelihood, stats.norm.logpdf(z).sum(axis=2), stats.norm.logpdf(z, mean, deviation).sum(axis=2)


def terms_of(model, x, y_pred):
    as_float64 = {name: ops.convert_to_numpy(y_pred[name]).astype("float64") for name in ("mean", "log_var", "z")}
    logits = ops.convert_to_numpy(y_pred["parameters"][0]).astype("float64").reshape(len(x), -1, *IMAGE)
    z = as_float64["z"].reshape(len(x), -1, model.latent_dim)
    return numpy_terms(x, as_float64["mean"], as_float64["log_var"], z, logits)


def loss_of(model, x, y_pred, sample_weight=None):
    model.compile()
    return float(ops.convert_to_numpy(model.compute_loss(x=x, y_pred=y_pred, sample_weight=sample_weight)))


@pytest.mark.parametrize("num_samples", [1, 2, 7])
def test_the_loss_is_minus_the_log_of_the_mean_weight_of_the_model_s_own_draws(num_samples):
    model, x = small_iwae(num_samples), binary_images(20)
    y_pred = model(x, training=True)
    log_likelihood, log_prior, log_q = terms_of(model, x, y_pred)
    bound = special.logsumexp(log_likelihood + log_prior - log_q, axis=1) - np.log(num_samples)
    assert loss_of(model, x, y_pred) == pytest.approx(-bound.mean(), rel=1e-5)


def test_the_draws_of_an_example_belong_to_it_and_differ():
    model, x = small_iwae(num_samples=500), binary_images(3)
    model.encoder.get_layer("mean").set_weights([100 * w for w in model.encoder.get_layer("mean").get_weights()])
    y_pred = model(x, training=True)
    z = ops.convert_to_numpy(y_pred["z"]).reshape(3, 500, 2)
    mean, deviation = (ops.convert_to_numpy(part) for part in (y_pred["mean"], ops.exp(0.5 * y_pred["log_var"])))
    assert np.all(abs(z.mean(axis=1) - mean) < 5 * deviation / np.sqrt(500))
    assert z.std(axis=1) == pytest.approx(deviation, rel=0.2)
    assert len(np.unique(z)) > z.size - 20  # float32 may make a few alike


def test_the_tracked_terms_are_those_of_the_ordinary_elbo_and_the_loss_lies_below_their_sum():
    model, x = small_iwae(num_samples=8), binary_images(200)
    found = model.evaluate(x, batch_size=200, return_dict=True)
    for layer in model.evaluation_draws:
        layer.rewind()
    log_likelihood, log_prior, log_q = terms_of(model, x, model(x, training=False))
    assert found["reconstruction"] == pytest.approx(-log_likelihood.mean(), rel=1e-5)
    assert found["kl"] == pytest.approx((log_q - log_prior).mean(), rel=1e-4)
    assert found["loss"] < found["reconstruction"] + found["kl"]


@pytest.mark.slow
def test_one_sample_gives_the_vae_s_bound_on_average():
    iwae, vae, x = small_iwae(num_samples=1), small_vae(), binary_images(100)
    vae.set_weights(vae.get_weights())
    for ours, theirs in ((vae.encoder, iwae.encoder), (vae.decoder, iwae.decoder)):
        ours.set_weights([2 * weight for weight in theirs.get_weights()])
        theirs.set_weights(ours.get_weights())
    for estimate in (iwae.bound, iwae.elbo):
        draws = [np.array([function(x).mean() for _ in range(60)]) for function in (estimate, vae.elbo)]
        error = np.hypot(*(part.std() / np.sqrt(60) for part in draws))
        assert abs(draws[0].mean() - draws[1].mean()) < 5 * error


def linear_iwae(num_samples, noise):
    """Two data, two latents, no hidden layer, and noise that repeats."""

    class FixedNoise(keras.layers.Layer):
        def call(self, mean, log_var):
            return mean + ops.exp(0.5 * log_var) * ops.convert_to_tensor(noise.astype("float32"))

    encoder, decoder = networks.dense_gaussian_encoder((2,), 2, ()), networks.dense_decoder(2, (2,), ())
    model = IWAE(encoder, decoder, gaussian(0.7), num_samples=num_samples, seed=0)
    rng = np.random.default_rng(1)
    for network in (encoder, decoder):
        network.set_weights([0.7 * rng.normal(size=weight.shape) for weight in network.get_weights()])
    model.sampling = FixedNoise()
    return model


def log_weights_by_hand(parameters, x, noise):
    """`(batch, K)` in float64, from the weights in Keras' order: mean, log-variance and decoder, kernel and bias."""
    mean_kernel, mean_bias, log_var_kernel, log_var_bias, kernel, bias = parameters
    mean, log_var = x @ mean_kernel + mean_bias, x @ log_var_kernel + log_var_bias
    z = mean[:, None] + np.exp(0.5 * log_var)[:, None] * noise.reshape(len(x), -1, 2)
    log_likelihood = stats.norm.logpdf(x[:, None], z @ kernel + bias, np.sqrt(0.7)).sum(axis=2)
    log_q = stats.norm.logpdf(z, mean[:, None], np.exp(0.5 * log_var)[:, None]).sum(axis=2)
    return log_likelihood + stats.norm.logpdf(z).sum(axis=2) - log_q


def slopes(function, parameters, step=1e-5):
    """Central differences of a function of a list of arrays, its values in the last axes."""
    found = []
    for index, parameter in enumerate(parameters):
        slope = np.empty((*parameter.shape, *np.shape(function(parameters))))
        for place in np.ndindex(parameter.shape):
            ends = []
            for sign in (1, -1):
                moved = [array.copy() for array in parameters]
                moved[index][place] += sign * step
                ends.append(function(moved))
            slope[place] = (ends[0] - ends[1]) / (2 * step)
        found.append(slope)
    return found


@pytest.mark.parametrize("num_samples", [1, 3])
def test_the_gradient_is_that_of_the_bound_and_weighs_each_draw_by_its_normalised_weight(num_samples):
    rng = np.random.default_rng(0)
    x, noise = rng.normal(size=(5, 2)), rng.normal(size=(5 * num_samples, 2))
    model = linear_iwae(num_samples, noise)
    parameters = [array.astype("float64") for array in values(model.trainable_variables)]

    def loss(parameters):
        return -(special.logsumexp(log_weights_by_hand(parameters, x, noise), axis=1) - np.log(num_samples)).mean()

    normalised = special.softmax(log_weights_by_hand(parameters, x, noise), axis=1)
    each = slopes(lambda parameters: log_weights_by_hand(parameters, x, noise), parameters)
    weighted = [-(normalised * slope).sum(axis=-1).mean(axis=-1) for slope in each]
    found = gradients(model, x.astype("float32"), learning_rate=1e-2)
    for gradient, by_differences, by_weights in zip(found, slopes(loss, parameters), weighted, strict=True):
        assert by_weights == pytest.approx(by_differences, rel=1e-6, abs=1e-8)
        assert gradient == pytest.approx(by_differences, rel=1e-3, abs=2e-4)


def test_merging_blocks_of_one_pool_of_draws_never_lowers_the_bound():
    """The same 64 draws an example, as 64 bounds with K = 1, 32 with K = 2, … one with K = 64."""
    pool, x = small_iwae(num_samples=64), binary_images(30)
    y_pred = pool(x, training=True)
    bounds = []
    for num_samples in (1, 2, 8, 64):
        model = IWAE(pool.encoder, pool.decoder, bernoulli_log_prob, num_samples=num_samples, seed=0)
        copies = 64 // num_samples
        regrouped = {name: ops.repeat(y_pred[name], copies, axis=0) for name in ("mean", "log_var")}
        regrouped |= {"z": y_pred["z"], "parameters": y_pred["parameters"]}
        bounds.append(-loss_of(model, np.repeat(x, copies, axis=0), regrouped))
    assert np.all(np.diff(bounds) > 0)


@pytest.mark.slow
def test_training_with_more_samples_raises_the_bound_above_the_elbo():
    model, x = small_iwae(num_samples=10), binary_images(500)
    model.compile(keras.optimizers.Adam(1e-2))
    history = model.fit(x, epochs=10, verbose=0).history
    assert history["loss"][-1] < history["loss"][0] - 1
    held_out = binary_images(200, seed=1)
    gains = np.array([model.bound(held_out).mean() - model.elbo(held_out).mean() for _ in range(10)])
    assert gains.mean() > 5 * gains.std() / np.sqrt(10)


@pytest.mark.slow
def test_bound_and_elbo_cover_every_example_whatever_k_is():
    x = binary_images(7)
    for num_samples in (1, 400, 2000):
        model = small_iwae(num_samples)
        assert model.bound(x).shape == model.elbo(x).shape == (7,)
        assert np.all(model.bound(x) > model.elbo(x)) or num_samples == 1


def test_sample_weights_of_two_are_examples_that_occur_twice():
    model, x = small_iwae(num_samples=3), binary_images(12)
    weight = np.where(np.arange(12) < 5, 2.0, 1.0).astype("float32")
    y_pred = model(x, training=True)
    repeated = np.repeat(np.arange(12), weight.astype(int))
    rows = (3 * repeated[:, None] + np.arange(3)).reshape(-1)
    copies = {name: ops.take(y_pred[name], repeated, axis=0) for name in ("mean", "log_var")}
    copies["z"] = ops.take(y_pred["z"], rows, axis=0)
    copies["parameters"] = tuple(ops.take(part, rows, axis=0) for part in y_pred["parameters"])
    assert loss_of(model, x, y_pred, weight) == pytest.approx(loss_of(model, x[repeated], copies), rel=1e-5)


def test_weight_decay_is_part_of_the_loss():
    model, x = small_iwae(), binary_images(20)
    y_pred = model(x, training=True)
    plain = loss_of(model, x, y_pred)
    dense = keras.layers.Dense(16, kernel_regularizer=keras.regularizers.L2(0.1))
    decoder = keras.Sequential([keras.Input((2,)), dense, keras.layers.Reshape(IMAGE)])
    regularised = IWAE(model.encoder, decoder, bernoulli_log_prob, num_samples=4, seed=0)
    penalty = 0.1 * np.square(values([dense.kernel])[0]).sum()
    assert loss_of(regularised, x, y_pred) == pytest.approx(plain + penalty, rel=1e-5)


@pytest.mark.slow
def test_a_learned_prior_takes_part_in_the_bound():
    prior = GaussianMixturePrior(2, num_components=3, seed=1)
    model, x = small_iwae(num_samples=5, prior=prior), binary_images(20)
    y_pred = model(x, training=True)
    log_likelihood, _, log_q = terms_of(model, x, y_pred)
    log_prior = ops.convert_to_numpy(prior.log_prob(y_pred["z"])).reshape(20, 5)
    bound = special.logsumexp(log_likelihood + log_prior - log_q, axis=1) - np.log(5)
    assert loss_of(model, x, y_pred) == pytest.approx(-bound.mean(), rel=1e-5)
    before = values([prior.means])
    model.fit(x, epochs=2, verbose=0)
    assert not np.allclose(before, values([prior.means]))


@pytest.mark.slow
def test_training_with_many_steps_and_a_ragged_batch_is_finite_and_repeatable():
    losses = []
    for _ in range(2):
        keras.utils.set_random_seed(0)
        losses.append(small_iwae().fit(binary_images(130), batch_size=16, epochs=2, verbose=0).history["loss"])
    assert losses[0] == losses[1]
    assert np.isfinite(losses[0]).all()


def test_evaluate_repeats_its_draws():
    model, x = small_iwae(), binary_images(100)
    assert model.evaluate(x) == model.evaluate(x)


@pytest.mark.slow
def test_an_interrupted_training_goes_on_as_if_nothing_had_happened(tmp_path):
    x, whole = binary_images(60), []
    for epochs in ((4,), (2, 4)):
        keras.utils.set_random_seed(0)
        folder = tmp_path / str(len(epochs))
        for until in epochs:
            model = small_iwae()
            model.fit(x, batch_size=16, epochs=until, verbose=0, callbacks=[ResumableTraining(folder)])
        whole.append(values(model.trainable_variables))
    for a, b in zip(*whole, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)


@pytest.mark.slow
def test_saving_and_loading_keeps_the_number_of_samples(tmp_path):
    model, x = small_iwae(num_samples=3), binary_images(40)
    model.fit(x, verbose=0)
    model.save(tmp_path / "iwae.keras")
    loaded = keras.models.load_model(tmp_path / "iwae.keras")
    assert type(loaded) is IWAE
    assert loaded.num_samples == 3
    assert np.array_equal(loaded.reconstruct(x), model.reconstruct(x))
    assert np.array_equal(loaded.sample(3, seed=1), model.sample(3, seed=1))
    loaded.fit(x, verbose=0)


def test_beta_and_free_bits_are_refused_and_beta_stays_one():
    model = small_iwae()
    assert float(ops.convert_to_numpy(model.beta)) == 1.0
    model.beta = 1.0
    for make in (lambda: small_iwae(beta=0.5), lambda: setattr(model, "beta", 2.0)):
        with pytest.raises(ValueError, match="beta must be 1"):
            make()
    with pytest.raises(ValueError, match="free bits"):
        small_iwae(free_bits=0.5)
    assert float(ops.convert_to_numpy(model.beta)) == 1.0


@pytest.mark.parametrize("bad", [0, -1, 1.5, "2", True, None], ids=repr)
def test_what_is_no_number_of_samples_is_refused(bad):
    with pytest.raises(ValueError, match="num_samples should be"):
        small_iwae(num_samples=bad)


def test_it_is_a_vae_with_the_same_networks_and_methods():
    model, x = small_iwae(), binary_images(5)
    assert isinstance(model, VAE)
    assert model.sample(4).shape == (4, *IMAGE)
    assert model.reconstruct(x).shape == x.shape
