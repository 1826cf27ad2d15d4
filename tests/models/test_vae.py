import keras
import numpy as np
import pytest
from keras import ops
from scipy import stats

from course_lib import networks
from course_lib.exact import ProbabilisticPCA, log_marginal_likelihood
from course_lib.formulas.likelihoods import bernoulli_log_prob, categorical_log_prob, gaussian, gaussian_log_prob
from course_lib.metrics import importance_weighted_log_likelihood, log_importance_weights
from course_lib.models import VAE
from course_lib.models.vae import with_free_bits
from course_lib.priors import GaussianMixturePrior, StandardNormal, VampPrior
from tests.small import IMAGE, binary_images, gradients, small_vae, values

pytestmark = pytest.mark.backend


def exact_log_likelihood(vae, x):
    """log p(x) by quadrature over the 2-D latent, with the model's own decoder."""

    def log_likelihood(z):
        logits = ops.convert_to_numpy(vae.decoder(z.astype("float32"), training=False)).astype("float64")
        logits, flat = logits.reshape(len(z), -1), x.reshape(len(x), -1)
        return logits @ flat.T - np.logaddexp(0, logits).sum(axis=1)[:, None]

    return log_marginal_likelihood(log_likelihood, latent_dim=2)


@pytest.fixture(scope="module")
def trained():
    keras.utils.set_random_seed(0)
    vae, x = small_vae(), binary_images(1000)
    vae.compile(keras.optimizers.Adam(1e-2))
    vae.fit(x, epochs=15, batch_size=100, verbose=0)
    return vae, binary_images(100, seed=1)


@pytest.mark.slow
def test_elbo_is_below_the_importance_weighted_bound_which_is_below_the_exact_log_likelihood(trained):
    vae, x = trained
    exact = exact_log_likelihood(vae, x)
    elbo = log_importance_weights(vae, x, num_samples=1000)
    tight = importance_weighted_log_likelihood(vae, x, num_samples=1000)
    error = elbo.mean(axis=1).std() / np.sqrt(1000)
    assert elbo.mean(axis=0).mean() < tight.mean() < exact.mean() + 0.01
    assert tight.mean() == pytest.approx(exact.mean(), abs=0.02)
    assert exact.mean() - elbo.mean() > 5 * error  # the gap is real: q is not the posterior


def test_elbo_is_an_unbiased_estimate_of_expected_log_weights(trained):
    vae, x = trained
    weights = log_importance_weights(vae, x, num_samples=500).mean(axis=1)
    draws = np.array([vae.elbo(x).mean() for _ in range(50)])
    error = np.hypot(weights.std() / np.sqrt(500), draws.std() / np.sqrt(50))
    assert abs(weights.mean() - draws.mean()) < 5 * error


@pytest.mark.slow
def test_a_linear_vae_reaches_the_maximum_likelihood_of_probabilistic_pca():
    rng = np.random.default_rng(0)
    x = (
        rng.normal(size=(512, 2)) @ [[2.4, 1.8, 0.0, 0.5], [-0.3, 0.5, -0.6, 0.3]]
        + 0.4 * rng.normal(size=(512, 4))
        + 1.0
    )
    best = ProbabilisticPCA.fit(x, num_latents=2)
    vae = VAE(
        networks.dense_gaussian_encoder((4,), 2, ()),
        networks.dense_decoder(2, (4,), ()),
        gaussian(float(best.variance)),
        seed=0,
    )
    turned = 0.5 * best.weights @ [[0.8, -0.6], [0.6, 0.8]]  # a start that no backend's random numbers can spoil
    vae.decoder.set_weights([turned.T, np.zeros(4)])
    vae.encoder.set_weights([0.5 * turned, np.zeros(2), np.zeros((4, 2)), np.full(2, -1.0)])
    vae.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.05, decay_steps=2400)))
    vae.fit(np.tile(x, (60, 1)), batch_size=256, epochs=20, verbose=0)

    weights, bias = (ops.convert_to_numpy(v).astype("float64") for v in vae.decoder.trainable_variables)
    model = ProbabilisticPCA(weights=weights.T, mean=bias, variance=best.variance)
    mean, log_var = vae.encode(x)
    analytic = model.elbo(x, mean, log_var).mean()
    assert analytic <= best.log_prob(x).mean() + 1e-6
    assert analytic == pytest.approx(best.log_prob(x).mean(), abs=0.03)
    estimates = np.array([vae.elbo(x).mean() for _ in range(30)])
    assert abs(estimates.mean() - analytic) < 5 * estimates.std() / np.sqrt(30) + 1e-3


def test_sample_decodes_draws_from_the_prior_and_not_from_the_data():
    vae = VAE(networks.dense_gaussian_encoder((2,), 2), networks.dense_decoder(2, (2,), ()), gaussian(0.1), seed=0)
    vae.decoder.set_weights([np.eye(2), np.zeros(2)])  # x = z
    z = vae.sample(20_000)
    assert z.shape == (20_000, 2)
    assert abs(z.mean(axis=0)).max() < 5 / np.sqrt(20_000)
    assert z.var(axis=0) == pytest.approx(1, abs=5 * np.sqrt(2 / 20_000))
    assert abs(np.corrcoef(z.T)[0, 1]) < 5 / np.sqrt(20_000)
    assert stats.kstest(z[:, 0], "norm").pvalue > 1e-4


def test_sample_draws_anew_each_time_unless_given_a_seed():
    vae = small_vae()
    assert not np.allclose(vae.sample(4), vae.sample(4))
    assert np.array_equal(vae.sample(4, seed=3), vae.sample(4, seed=3))
    assert not np.allclose(vae.sample(4, seed=3), vae.sample(4, seed=4))


def test_samples_and_reconstructions_are_means_in_data_space():
    vae, x = small_vae(), binary_images(5)
    for pictures in (vae.sample(5), vae.reconstruct(x)):
        assert pictures.shape == (5, *IMAGE)
        assert 0 < pictures.min() < pictures.max() < 1
    mean, _ = vae.encode(x)
    logits = ops.convert_to_numpy(vae.decoder(mean))
    assert vae.reconstruct(x) == pytest.approx(1 / (1 + np.exp(-logits)), abs=1e-5)


@pytest.mark.parametrize("beta", [0.0, 0.5, 4.0])
def test_beta_multiplies_only_the_kl(beta):
    x = binary_images(200)
    vae = small_vae()
    plain = vae.evaluate(x, return_dict=True)
    vae.beta = beta
    weighted = vae.evaluate(x, return_dict=True)
    assert weighted["reconstruction"] == pytest.approx(plain["reconstruction"], rel=1e-6)
    assert weighted["kl"] == pytest.approx(plain["kl"], rel=1e-6)
    assert weighted["loss"] == pytest.approx(plain["reconstruction"] + beta * plain["kl"], rel=1e-5)
    assert plain["loss"] == pytest.approx(plain["reconstruction"] + plain["kl"], rel=1e-5)


@pytest.mark.slow
def test_changing_beta_while_training_takes_effect():
    x, vae = binary_images(100), small_vae(beta=1.0)
    vae.fit(x, verbose=0)
    vae.beta = 1000.0
    history = vae.fit(x, verbose=0).history
    assert history["loss"][0] == pytest.approx(history["reconstruction"][0] + 1000 * history["kl"][0], rel=1e-4)


def test_the_terms_are_the_negative_log_likelihood_and_the_kl_of_the_networks():
    vae, x = small_vae(), binary_images(50)
    y_pred = vae(x, training=True)
    vae.compile()
    loss = float(ops.convert_to_numpy(vae.compute_loss(x=x, y_pred=y_pred)))
    mean, log_var = (ops.convert_to_numpy(y_pred[key]).astype("float64") for key in ("mean", "log_var"))
    logits = ops.convert_to_numpy(y_pred["parameters"][0]).astype("float64")
    kl = 0.5 * (np.exp(log_var) + mean**2 - 1 - log_var).sum(axis=1)
    reconstruction = (np.logaddexp(0, logits) - x * logits).sum(axis=(1, 2, 3))
    assert loss == pytest.approx((reconstruction + kl).mean(), rel=1e-5)


def test_a_divergence_of_many_nats_counts_in_full():
    vae, x = small_vae(), binary_images(5)
    vae.compile()
    y_pred = vae(x, training=True)
    far = {**y_pred, "mean": y_pred["mean"] + 3.0}
    near, more = (float(ops.convert_to_numpy(vae.compute_loss(x=x, y_pred=each))) for each in (y_pred, far))
    mean = ops.convert_to_numpy(y_pred["mean"])
    assert more - near == pytest.approx(0.5 * ((mean + 3) ** 2 - mean**2).sum(axis=1).mean(), rel=1e-4)


@pytest.mark.slow
def test_the_log_likelihood_is_summed_over_pixels_and_averaged_over_the_batch():
    """Twice the pixels of a decoder that ignores z: twice the reconstruction term. A repeated batch: nothing new."""
    terms = {}
    for height in (4, 8):
        vae = small_vae(data_shape=(height, 4, 1))
        vae.decoder.set_weights([0 * w for w in vae.decoder.get_weights()])  # every pixel log 2
        x = binary_images(60, (height, 4, 1))
        terms[height] = vae.evaluate(x, return_dict=True)["reconstruction"]
        assert vae.evaluate(np.concatenate([x, x]), return_dict=True)["reconstruction"] == pytest.approx(terms[height])
    assert terms[4] == pytest.approx(16 * np.log(2), rel=1e-5)
    assert terms[8] == pytest.approx(2 * terms[4], rel=1e-5)


def test_training_noise_differs_between_examples_latents_and_calls():
    vae = small_vae(latent_dim=2)
    same = np.repeat(binary_images(1), 64, axis=0)
    first, second = (ops.convert_to_numpy(vae(same, training=True)["parameters"][0]) for _ in range(2))
    assert len(np.unique(first.reshape(64, -1), axis=0)) == 64
    assert not np.allclose(first, second)


@pytest.mark.slow
def test_evaluate_repeats_its_draws_and_leaves_the_training_stream_alone():
    x = binary_images(200)
    vae = small_vae()
    assert vae.evaluate(x) == vae.evaluate(x)
    histories = []
    for validation in (None, binary_images(40, seed=2)):
        keras.utils.set_random_seed(3)
        model = small_vae(seed=5)
        histories.append(model.fit(x, epochs=3, verbose=0, validation_data=validation).history["loss"])
    assert histories[0] == pytest.approx(histories[1], rel=1e-6)


@pytest.mark.slow
def test_the_validation_loss_is_what_evaluate_says():
    x, held_out, vae = binary_images(200), binary_images(75, seed=2), small_vae()
    history = vae.fit(x, epochs=2, verbose=0, batch_size=32, validation_data=held_out).history
    assert vae.evaluate(held_out, batch_size=32)[0] == pytest.approx(history["val_loss"][-1], rel=1e-6)


def test_evaluate_counts_a_ragged_last_batch_by_its_size():
    x, vae = binary_images(130), small_vae()
    for layer in vae.encoder.layers:
        if layer.name == "log_var":  # no noise: every batching must give the same
            layer.set_weights([0 * w - 60 * (w.ndim == 1) for w in layer.get_weights()])
    whole, ragged = vae.evaluate(x, batch_size=130, return_dict=True), vae.evaluate(x, batch_size=64, return_dict=True)
    for name in whole:
        assert ragged[name] == pytest.approx(whole[name], rel=1e-5)
    mean, log_var = (part.astype("float64") for part in vae.encode(x))
    assert whole["kl"] == pytest.approx(0.5 * (np.exp(log_var) + mean**2 - 1 - log_var).sum(axis=1).mean(), rel=1e-5)


def test_evaluate_agrees_with_the_mean_elbo_within_standard_errors(trained):
    vae, x = trained
    x = np.concatenate([x, binary_images(333, seed=4)])
    elbos = np.array([vae.elbo(x) for _ in range(40)])
    error = elbos.mean(axis=1).std()
    assert abs(-vae.evaluate(x, batch_size=64)[0] - elbos.mean()) < 5 * error


def test_every_weight_receives_a_gradient():
    vae, x = small_vae(), binary_images(64)
    for variable, gradient in zip(vae.trainable_variables, gradients(vae, x, 1e-2), strict=True):
        assert np.abs(gradient).max() > 0, variable.path


def test_the_gradient_of_the_loss_is_the_one_derived_by_hand():
    """In a linear model whose noise vanishes (log σ² = −40)."""
    vae = VAE(networks.dense_gaussian_encoder((1,), 1, ()), networks.dense_decoder(1, (1,), ()), gaussian(1.0), seed=0)
    vae.encoder.set_weights([np.array(w) for w in ([[0.5]], [0.0], [[0.0]], [-40.0])])
    vae.decoder.set_weights([np.array([[1.5]]), np.array([0.0])])
    x = np.array([[1.0]])
    found = gradients(vae, x, 1e-3)  # mean kernel and bias, log-variance kernel and bias, decoder kernel and bias
    by_name = {"mean/kernel": found[0][0, 0], "decoder": found[4][0, 0]}
    # loss = (x - c a x)² / 2 + (a x)² / 2 + … with a = 0.5, c = 1.5:
    # d/da = -c (x - c a x) x + a x² and d/dc = -a (x - c a x) x
    assert by_name["mean/kernel"] == pytest.approx(-1.5 * 0.25 + 0.5, abs=1e-2)
    assert by_name["decoder"] == pytest.approx(-0.5 * 0.25, abs=1e-2)


@pytest.mark.slow
def test_a_decoder_with_mean_and_log_variance_learns_its_variance():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 1)) * 0.5
    vae = VAE(
        networks.dense_gaussian_encoder((1,), 1, ()),
        networks.dense_decoder(1, (1,), (), num_parameters=2),
        gaussian_log_prob,
        seed=0,
    )
    vae.compile(keras.optimizers.Adam(0.02))
    vae.fit(x, batch_size=200, epochs=60, verbose=0)
    exact = stats.norm(x.mean(), x.std()).logpdf(x).mean()
    assert -vae.evaluate(x)[0] == pytest.approx(exact, abs=0.05)


def test_sample_weights_of_two_are_examples_that_occur_twice():
    vae, x = small_vae(), binary_images(40)
    vae.compile()
    weight = np.where(np.arange(40) < 10, 2.0, 1.0).astype("float32")
    y_pred = vae(x, training=True)
    repeated = np.repeat(np.arange(40), weight.astype(int))
    y_repeated = {
        "mean": ops.take(y_pred["mean"], repeated, axis=0),
        "log_var": ops.take(y_pred["log_var"], repeated, axis=0),
        "parameters": tuple(ops.take(part, repeated, axis=0) for part in y_pred["parameters"]),
    }
    weighted = float(ops.convert_to_numpy(vae.compute_loss(x=x, y_pred=y_pred, sample_weight=weight)))
    assert weighted == pytest.approx(
        float(ops.convert_to_numpy(vae.compute_loss(x=x[repeated], y_pred=y_repeated))), rel=1e-5
    )


@pytest.mark.slow
def test_examples_of_weight_zero_teach_nothing():
    x = binary_images(60)
    trained = []
    for spoiled in (x, 1 - x):
        keras.utils.set_random_seed(0)
        vae = small_vae()
        vae.fit(
            np.concatenate([x, spoiled]), sample_weight=np.repeat([1.0, 0.0], 60), batch_size=120, epochs=2, verbose=0
        )
        trained.append(values(vae.decoder.trainable_variables))
    # the second half reaches the loss with weight 0, the first with the same noise: nothing can differ
    for a, b in zip(*trained, strict=True):
        assert np.array_equal(a, b)


@pytest.mark.slow
def test_saving_and_loading_keeps_networks_options_and_optimizer(tmp_path):
    vae, x = small_vae(log_likelihood=gaussian(0.3), beta=2.0), binary_images(100)
    vae.fit(x, epochs=2, verbose=0)
    vae.save(tmp_path / "vae.keras")
    loaded = keras.models.load_model(tmp_path / "vae.keras")
    assert np.array_equal(loaded.reconstruct(x), vae.reconstruct(x))
    for a, b in zip(loaded.encode(x), vae.encode(x), strict=True):
        assert np.array_equal(a, b)
    assert loaded.log_likelihood.variance == 0.3
    assert float(ops.convert_to_numpy(loaded.beta)) == 2.0
    assert int(ops.convert_to_numpy(loaded.optimizer.iterations)) == int(ops.convert_to_numpy(vae.optimizer.iterations))
    loaded.fit(x, verbose=0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("policy", "convolutional"),
    [
        ("mixed_float16", True),
        pytest.param("mixed_bfloat16", False, marks=pytest.mark.exhaustive),
        pytest.param("mixed_float16", False, marks=pytest.mark.exhaustive),
        pytest.param("mixed_bfloat16", True, marks=pytest.mark.exhaustive),
    ],
)
def test_mixed_precision_trains_with_the_terms_in_float32(policy, convolutional):
    keras.config.set_dtype_policy(policy)
    try:
        vae, x = small_vae(data_shape=(8, 8, 1)), binary_images(256, (8, 8, 1))
        if convolutional:
            encoder, decoder = (
                networks.conv_gaussian_encoder((8, 8, 1), 2, (4,)),
                networks.conv_decoder(2, (8, 8, 1), (4,)),
            )
            vae = VAE(encoder, decoder, bernoulli_log_prob, seed=0)
        vae.compile(keras.optimizers.Adam(1e-2))
        history = vae.fit(x, epochs=8, batch_size=64, verbose=0, validation_data=x).history
    finally:
        keras.config.set_dtype_policy("float32")
    assert history["val_loss"][-1] < history["val_loss"][0] - 2
    y_pred = vae(x, training=True)
    assert vae.compute_dtype == policy.removeprefix("mixed_")
    for part in (vae.compute_loss(x=x, y_pred=y_pred), vae.elbo(x)):
        assert keras.backend.standardize_dtype(part.dtype) == "float32"


@pytest.mark.slow
def test_training_is_repeatable_from_its_seed():
    losses = []
    for seed in (0, 0, 1):
        keras.utils.set_random_seed(0)
        losses.append(small_vae(seed=seed).fit(binary_images(100), epochs=2, verbose=0).history["loss"])
    assert losses[0] == losses[1]
    assert losses[0] != losses[2]


def test_networks_without_an_input_layer_are_built_by_the_first_fit():
    encoder_inputs = keras.Input(IMAGE)
    flat = keras.layers.Flatten()(encoder_inputs)
    encoder = keras.Model(encoder_inputs, [keras.layers.Dense(2)(flat), keras.layers.Dense(2)(flat)])
    decoder = keras.Sequential([keras.layers.Dense(16), keras.layers.Reshape(IMAGE)])
    vae = VAE(encoder, decoder, bernoulli_log_prob, seed=0)
    assert vae.fit(binary_images(20), verbose=0).history["loss"][0] > 0
    assert vae.sample(3).shape == (3, *IMAGE)


def wrong_encoder(latent_dim=3):
    return networks.dense_gaussian_encoder(IMAGE, latent_dim)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: VAE(wrong_encoder(3), networks.dense_decoder(2, IMAGE), bernoulli_log_prob),
            "latent sizes must match",
        ),
        (
            lambda: VAE(networks.dense_encoder(IMAGE, 2), networks.dense_decoder(2, IMAGE), bernoulli_log_prob),
            "mean, log_var",
        ),
        (lambda: VAE(wrong_encoder(2), networks.dense_generator(2, IMAGE), bernoulli_log_prob), "ends in a sigmoid"),
        (
            lambda: VAE(wrong_encoder(2), networks.dense_decoder(2, (4, 4, 3)), bernoulli_log_prob),
            "the decoder returns",
        ),
        (lambda: VAE(wrong_encoder(2), networks.dense_decoder(2, IMAGE), gaussian_log_prob), "2 tensor"),
        (lambda: VAE(wrong_encoder(2), networks.dense_decoder(2, IMAGE), "bernoulli"), "register"),
        (lambda: small_vae(beta=-1.0), "must be ≥ 0"),
        (lambda: small_vae(beta=float("nan")), "one finite number"),
        (lambda: small_vae().compile(loss="mse"), "its own objective"),
        (lambda: small_vae().fit(binary_images(4), np.arange(4)), "learns from x alone"),
        (lambda: small_vae().fit(None), "x is None"),
        (
            lambda: small_vae().fit(binary_images(4), validation_data=255 * binary_images(4)),
            "validation_data must lie in",
        ),
        (lambda: small_vae().fit(binary_images(4), sample_weight=[1.0]), "sample_weight must hold"),
        (lambda: small_vae().evaluate(np.arange(10)), "labels"),
        (lambda: small_vae().reconstruct(255 * binary_images(4)), "Divide by"),
        (lambda: importance_weighted_log_likelihood(small_vae(), binary_images(4), num_samples=0), "at least 1"),
    ],
)
def test_bad_input_gets_a_sentence_that_says_how_to_repair_it(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


@pytest.mark.parametrize("num_samples", [0, -1, 1.5, True])
def test_sample_refuses_what_is_no_count(num_samples):
    with pytest.raises(ValueError, match="num_samples should be"):
        small_vae().sample(num_samples)


def test_seeds_of_numpy_are_seeds():
    vae = small_vae(seed=np.int64(2))
    np.testing.assert_array_equal(vae.sample(2, seed=np.int64(5)), vae.sample(2, seed=5))


@pytest.mark.parametrize("beta", [-1, float("nan"), float("inf"), "1", None])
def test_a_beta_that_is_no_weight_is_refused_when_made_and_when_changed(beta):
    with pytest.raises(ValueError, match="beta, the weight of the KL"):
        small_vae(beta=beta)
    vae = small_vae()
    with pytest.raises(ValueError, match="beta, the weight of the KL"):
        vae.beta = beta
    assert float(vae.beta) == 1.0


@pytest.mark.parametrize(("z", "message"), [([[np.nan, 0.0]], "finite"), (np.zeros((0, 2)), "empty"), (None, "z must")])
def test_codes_that_mean_nothing_are_refused_by_decode(z, message):
    with pytest.raises(ValueError, match=message):
        small_vae().decode(z)


@pytest.mark.parametrize("method", ["encode", "elbo", "reconstruct"])
@pytest.mark.parametrize("x", [(np.zeros((3, 4, 4, 1)),), 5, {"x": 1}, iter([1])])
def test_methods_refuse_what_is_no_array_of_examples(method, x):
    with pytest.raises(ValueError, match="x must"):
        getattr(small_vae(), method)(x)


def test_symbols_that_the_decoder_has_no_logit_for_are_refused():
    decoder = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3 * 5), keras.layers.Reshape((3, 5))])
    vae = VAE(networks.dense_gaussian_encoder((3,), 2, ()), decoder, categorical_log_prob)
    with pytest.raises(ValueError, match=r"must lie in \[0, 4\]"):
        vae.elbo(np.array([[0, 1, 5]]))
    assert np.isfinite(vae.elbo(np.array([[0, 1, 4]]))).all()


@pytest.mark.slow
@pytest.mark.parametrize("beta", [0.0, 3.0])
def test_weight_regularisers_are_part_of_the_loss_whatever_beta_is(beta):
    def vae(regularizer):
        decoder = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, kernel_regularizer=regularizer)])
        return VAE(networks.dense_gaussian_encoder((4,), 2, ()), decoder, bernoulli_log_prob, beta=beta, seed=0)

    plain, regularised, x = vae(None), vae(keras.regularizers.L2(0.3)), binary_images(20).reshape(20, 16)[:, :4]
    regularised.set_weights(plain.get_weights())
    difference = regularised.evaluate(x, return_dict=True)["loss"] - plain.evaluate(x, return_dict=True)["loss"]
    expected = 0.3 * np.square(ops.convert_to_numpy(regularised.decoder.layers[0].kernel)).sum()
    np.testing.assert_allclose(difference, expected, rtol=1e-4)


def test_an_activity_regulariser_is_refused():
    encoder = networks.dense_gaussian_encoder((4,), 2, ())
    decoder = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, activity_regularizer="l2")])
    with pytest.raises(ValueError, match="activity_regularizer"):
        VAE(encoder, decoder, bernoulli_log_prob)


def test_a_model_that_was_never_compiled_can_be_saved(tmp_path):
    small_vae().save(tmp_path / "vae.keras")
    assert keras.saving.load_model(tmp_path / "vae.keras").latent_dim == 2


def vae_with(prior, seed=0, **options):
    """A small VAE whose prior is made from its encoder."""
    keras.utils.set_random_seed(seed)
    encoder = networks.dense_gaussian_encoder(IMAGE, 2, (16,))
    decoder = networks.dense_decoder(2, IMAGE, (16,))
    return VAE(encoder, decoder, bernoulli_log_prob, seed=seed, prior=prior(encoder), **options)


PRIORS = {
    "mixture": lambda encoder: GaussianMixturePrior(2, 4, seed=0),
    "vamp": lambda encoder: VampPrior(encoder, pseudo_inputs=binary_images(4, seed=7)),
}


def test_the_prior_is_the_standard_normal_unless_given():
    vae, z = small_vae(), np.random.default_rng(0).normal(size=(5, 2)).astype("float32")
    found = ops.convert_to_numpy(vae.prior.log_prob(z))
    np.testing.assert_allclose(found, stats.norm.logpdf(z).sum(axis=1), rtol=1e-5)
    assert ops.convert_to_numpy(vae.prior.sample(3)).shape == (3, 2)
    assert vae.prior is small_vae().prior


@pytest.mark.slow
def test_a_standard_normal_that_is_given_changes_nothing_at_all():
    x, histories = binary_images(200), []
    for prior in (lambda encoder: None, lambda encoder: StandardNormal(2)):
        vae = vae_with(prior)
        history = vae.fit(x, epochs=2, verbose=0, validation_data=x).history
        histories.append((history, vae.sample(3).tolist(), vae.elbo(x).tolist()))
    assert histories[0] == histories[1]


@pytest.mark.parametrize("make", PRIORS.values(), ids=PRIORS)
def test_with_another_prior_the_kl_is_log_q_minus_log_p_at_the_draw(make):
    vae, x = vae_with(make, beta=3.0), binary_images(50)
    vae.compile()
    y_pred = vae(x, training=True)
    loss = float(ops.convert_to_numpy(vae.compute_loss(x=x, y_pred=y_pred)))
    mean, log_var, z = (ops.convert_to_numpy(y_pred[key]) for key in ("mean", "log_var", "z"))
    log_q = stats.norm(mean, np.exp(log_var / 2)).logpdf(z).sum(axis=1)
    log_p = ops.convert_to_numpy(vae.prior.log_prob(z))
    logits = ops.convert_to_numpy(y_pred["parameters"][0]).astype("float64")
    reconstruction = (np.logaddexp(0, logits) - x * logits).sum(axis=(1, 2, 3))
    assert loss == pytest.approx((reconstruction + 3 * (log_q - log_p)).mean(), rel=1e-4)
    np.testing.assert_allclose(ops.convert_to_numpy(vae.decoder(z)), logits, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("make", PRIORS.values(), ids=PRIORS)
def test_the_elbo_is_taken_with_the_prior_and_stays_below_the_exact_log_likelihood(make):
    vae, x = vae_with(make), binary_images(40, seed=1)
    vae.compile(keras.optimizers.Adam(1e-2))
    vae.fit(binary_images(600), epochs=10, batch_size=100, verbose=0)
    elbos = np.array([vae.elbo(x).mean() for _ in range(40)])
    line = np.linspace(-8, 8, 161)
    grid = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2).astype("float32")
    log_prior = ops.convert_to_numpy(vae.prior.log_prob(grid)).astype("float64")
    logits = ops.convert_to_numpy(vae.decoder(grid, training=False)).reshape(len(grid), -1).astype("float64")
    log_joint = logits @ x.reshape(40, -1).T - np.logaddexp(0, logits).sum(axis=1)[:, None] + log_prior[:, None]
    exact = np.logaddexp.reduce(log_joint, axis=0) + 2 * np.log(0.1)
    assert elbos.mean() < exact.mean() + 5 * elbos.std() / np.sqrt(40)
    assert elbos.mean() > exact.mean() - 3  # and it is no trivial bound


@pytest.mark.slow
@pytest.mark.parametrize("make", PRIORS.values(), ids=PRIORS)
def test_a_learned_prior_is_learned_and_lowers_the_rate(make):
    x = binary_images(600)
    vae = vae_with(make)
    before = values(vae.prior.trainable_variables)
    vae.compile(keras.optimizers.Adam(1e-2))
    history = vae.fit(x, epochs=8, batch_size=100, verbose=0).history
    for old, new in zip(before, values(vae.prior.trainable_variables), strict=True):
        assert not np.array_equal(old, new)
    assert history["loss"][-1] < history["loss"][0]
    mean, log_var = vae.encode(x)
    against_the_normal = 0.5 * (np.exp(log_var) + mean**2 - 1 - log_var).sum(axis=1).mean()
    assert vae.evaluate(x, return_dict=True)["kl"] < against_the_normal


def test_samples_come_from_the_given_prior():
    vae = VAE(
        networks.dense_gaussian_encoder((2,), 2),
        networks.dense_decoder(2, (2,), ()),
        gaussian(0.1),
        prior=GaussianMixturePrior(2, 1),
        seed=0,
    )
    vae.decoder.set_weights([np.eye(2), np.zeros(2)])  # x = z
    vae.prior.means.assign([[3.0, -1.0]])
    vae.prior.log_vars.assign([[2 * np.log(0.5), 0.0]])
    z = vae.sample(20_000)
    assert np.abs(z.mean(axis=0) - [3, -1]).max() < 5 / np.sqrt(20_000)
    assert z.std(axis=0) == pytest.approx([0.5, 1.0], rel=5 / np.sqrt(2 * 20_000))
    assert np.array_equal(vae.sample(3, seed=1), vae.sample(3, seed=1))
    assert not np.array_equal(vae.sample(3), vae.sample(3))


@pytest.mark.slow
@pytest.mark.parametrize("make", PRIORS.values(), ids=PRIORS)
def test_a_learned_prior_is_saved_with_the_model_and_shares_its_encoder_again(make, tmp_path):
    vae, x = vae_with(make), binary_images(60)
    vae.fit(x, verbose=0)
    vae.save(tmp_path / "vae.keras")
    loaded = keras.models.load_model(tmp_path / "vae.keras")
    z = np.random.default_rng(0).normal(size=(6, 2)).astype("float32")
    for a, b in zip(values(vae.trainable_variables), values(loaded.trainable_variables), strict=True):
        assert np.array_equal(a, b)
    found, expected = (ops.convert_to_numpy(model.prior.log_prob(z)) for model in (loaded, vae))
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert getattr(loaded.prior, "encoder", loaded.encoder) is loaded.encoder
    loaded.fit(x, verbose=0)
    assert len(loaded.trainable_variables) == len(vae.trainable_variables)


@pytest.mark.parametrize("make", PRIORS.values(), ids=PRIORS)
def test_a_vae_made_from_a_configuration_has_one_encoder_and_not_two(make):
    vae = vae_with(make)
    copy = VAE.from_config(vae.get_config())
    assert getattr(copy.prior, "encoder", copy.encoder) is copy.encoder
    assert len(copy.trainable_variables) == len(vae.trainable_variables)
    copy.set_weights(vae.get_weights())


def test_the_vamp_prior_s_gradient_reaches_the_encoder_and_the_pseudo_inputs():
    vae, x = vae_with(PRIORS["vamp"]), binary_images(64)
    for variable, gradient in zip(vae.trainable_variables, gradients(vae, x, 1e-2), strict=True):
        assert np.abs(gradient).max() > 0, variable.path
    assert any("pseudo_inputs" in variable.path for variable in vae.trainable_variables)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: vae_with(lambda encoder: StandardNormal(3)), "The prior has 3 latent dimensions"),
        (lambda: vae_with(lambda encoder: "normal"), "prior must be one of course_lib.priors"),
        (
            lambda: vae_with(lambda encoder: VampPrior(networks.dense_gaussian_encoder(IMAGE, 2), 3)),
            "another encoder",
        ),
        (lambda: vae_with(PRIORS["mixture"], free_bits=0.1), "needs the standard normal prior"),
        (lambda: vae_with(lambda encoder: None, free_bits=-0.1), "free_bits must be ≥ 0"),
        (lambda: vae_with(lambda encoder: None, free_bits=float("nan")), "free_bits should be one finite number"),
    ],
)
def test_priors_and_free_bits_that_do_not_fit_are_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


KL = np.abs(np.random.default_rng(0).normal(size=(30, 5))) * [0.01, 0.1, 0.3, 1.0, 3.0]


@pytest.mark.parametrize("free_bits", [0.05, 0.2, 0.5, 10.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_mean_with_free_bits_is_the_larger_of_mean_and_free_bits_for_each_dimension(free_bits, weighted):
    weight = np.random.default_rng(1).uniform(size=30) if weighted else np.ones(30)
    found = ops.convert_to_numpy(with_free_bits(KL.astype("float32"), free_bits, weight if weighted else None))
    expected = np.maximum(np.average(KL, axis=0, weights=weight), free_bits).sum()
    assert found.shape == (30,)
    assert np.average(found, weights=weight) == pytest.approx(expected, rel=1e-5)


def test_whether_a_dimension_is_above_its_free_bits_is_asked_of_the_weighted_mean():
    kl, weight = np.array([[0.0], [2.0]], "float32"), np.array([3.0, 1.0])  # mean 1, weighted mean ½
    assert ops.convert_to_numpy(with_free_bits(kl, 0.75)).tolist() == [0.0, 2.0]
    assert ops.convert_to_numpy(with_free_bits(kl, 0.75, weight)).tolist() == [0.75, 0.75]


def test_a_dimension_above_its_free_bits_keeps_each_example_s_own_divergence():
    found = ops.convert_to_numpy(with_free_bits(KL.astype("float32"), 0.6))
    np.testing.assert_allclose(found, KL[:, KL.mean(axis=0) > 0.6].sum(axis=1) + 0.6 * 3, rtol=1e-5)


def test_free_bits_are_weighted_by_beta_and_tracked_as_what_they_are():
    vae, x = vae_with(lambda encoder: None, free_bits=5.0, beta=2.0), binary_images(100)
    terms = vae.evaluate(x, return_dict=True)
    assert terms["kl"] < 5
    assert terms["loss"] == pytest.approx(terms["reconstruction"] + 2 * 2 * 5.0, rel=1e-5)
    plain = vae_with(lambda encoder: None)
    assert terms["kl"] == pytest.approx(plain.evaluate(x, return_dict=True)["kl"], rel=1e-5)
    assert vae.elbo(x).mean() > -terms["loss"]


@pytest.mark.slow
def test_free_bits_below_every_divergence_change_nothing():
    x, losses = binary_images(100), []
    for free_bits in (0.0, 1e-9):
        losses.append(vae_with(lambda encoder: None, free_bits=free_bits).fit(x, epochs=2, verbose=0).history["loss"])
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


@pytest.mark.slow
def test_a_dimension_below_its_free_bits_is_pushed_nowhere_by_the_rate():
    """The encoder then sees the reconstruction alone: the gradients are those of β = 0."""
    found = []
    for options in ({"free_bits": 100.0, "beta": 5.0}, {"beta": 0.0}):
        found.append(gradients(vae_with(lambda encoder: None, **options), binary_images(64), 1e-2))
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)


def test_repeating_a_batch_changes_nothing_with_free_bits():
    kl = KL.astype("float32")
    once, twice = (ops.convert_to_numpy(with_free_bits(part, 0.2)) for part in (kl, np.concatenate([kl, kl])))
    np.testing.assert_allclose(twice[:30], once, rtol=1e-6)


def test_free_bits_are_saved_with_the_model(tmp_path):
    vae = vae_with(lambda encoder: None, free_bits=0.25)
    vae.save(tmp_path / "vae.keras")
    assert keras.models.load_model(tmp_path / "vae.keras").free_bits == 0.25
