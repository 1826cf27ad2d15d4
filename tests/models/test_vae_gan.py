import keras
import numpy as np
import pytest
from scipy.special import expit

from course_lib import networks
from course_lib.formulas import adversarial
from course_lib.formulas.likelihoods import bernoulli_log_prob, categorical_log_prob, gaussian
from course_lib.layers import Noise
from course_lib.models import VAE, VAEGAN
from course_lib.training.model import to_numpy
from tests.small import IMAGE, binary_images, gradients

pytestmark = pytest.mark.backend
X = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")
FAST = {"jit_compile": False, "steps_per_execution": 1}


def parts(data_shape=IMAGE, hidden=(16,)):
    return networks.dense_gaussian_encoder(data_shape, 2, hidden), networks.dense_decoder(2, data_shape, hidden)


def small_vae_gan(weight=1.0, seed=0, beta=1.0, log_likelihood=bernoulli_log_prob, data_shape=IMAGE, hidden=(16,)):
    discriminator = networks.dense_discriminator(data_shape, hidden)
    objective = adversarial.non_saturating
    return VAEGAN(*parts(data_shape, hidden), discriminator, log_likelihood, objective, weight, beta=beta, seed=seed)


def linear_vae_gan(weight, objective=adversarial.non_saturating):
    """All linear, and with σ = e⁻¹⁵, so that z is the mean and everything can be computed by hand."""
    rng = np.random.default_rng(1)
    model = VAEGAN(
        *parts((3,), ()), networks.dense_discriminator((3,), ()), gaussian(0.5), objective, weight, seed=0, beta=0.5
    )
    of_mean, slope = rng.normal(size=(3, 2)), rng.normal(size=(3, 1))
    matrix = rng.normal(size=(2, 3))
    model.encoder.set_weights([of_mean, np.zeros(2), np.zeros((3, 2)), np.full(2, -30.0)])
    model.decoder.set_weights([matrix, np.zeros(3)])
    model.discriminator.set_weights([slope, np.array([0.2])])
    return model, of_mean, matrix, slope[:, 0]


def as_vae(model, beta=1.0, log_likelihood=bernoulli_log_prob, data_shape=IMAGE, hidden=(16,)):
    vae = VAE(*parts(data_shape, hidden), log_likelihood, beta=beta, seed=0)
    vae.encoder.set_weights(model.encoder.get_weights())
    vae.decoder.set_weights(model.decoder.get_weights())
    return vae


@pytest.mark.slow
def test_with_adversarial_weight_zero_encoder_and_decoder_get_the_gradients_of_the_vae():
    model, x = small_vae_gan(weight=0.0, beta=0.7), binary_images(64)
    vae = as_vae(model, beta=0.7)
    of_vae, of_model = gradients(vae, x), gradients(model, x)
    assert len(of_model) > len(of_vae)
    for a, b in zip(of_vae, of_model, strict=False):
        np.testing.assert_allclose(b, a, atol=1e-6)
    assert all(np.abs(gradient).max() > 0 for gradient in of_model[len(of_vae) :]), "the discriminator must still learn"


@pytest.mark.slow
def test_the_bound_is_that_of_the_vae_whatever_the_weight():
    model, x = small_vae_gan(weight=3.0), binary_images(150)
    vae = as_vae(model)
    of_model, of_vae = (each.evaluate(x, return_dict=True) for each in (model, vae))
    assert of_model["kl"] == pytest.approx(of_vae["kl"], rel=1e-5)
    assert of_model["reconstruction"] == pytest.approx(of_vae["reconstruction"], rel=1e-5)
    total = of_vae["loss"] + of_model["discriminator_loss"] + 3.0 * of_model["generator_loss"]
    assert of_model["loss"] == pytest.approx(total, rel=1e-5)
    assert model.reconstruct(x[:9]) == pytest.approx(vae.reconstruct(x[:9]), abs=1e-6)
    assert model.sample(9, seed=3) == pytest.approx(vae.sample(9, seed=3), abs=1e-6)


@pytest.mark.slow
def test_the_encoder_never_learns_to_deceive():
    """Its gradient is the same for every adversarial weight; the decoder's is not."""
    x = binary_images(64)
    heavy, light = small_vae_gan(weight=50.0), small_vae_gan(weight=0.0)
    heavy.set_weights(light.get_weights())
    of_encoder = len(light.encoder.trainable_variables)
    pairs = list(zip(gradients(heavy, x, 1e-2), gradients(light, x, 1e-2), strict=True))
    for a, b in pairs[:of_encoder]:
        np.testing.assert_allclose(a, b, atol=1e-4)
    of_decoder = pairs[of_encoder : of_encoder + len(light.decoder.trainable_variables)]
    assert all(np.abs(a - b).max() > 1e-2 for a, b in of_decoder)


@pytest.mark.parametrize("weight", [0.0, 2.0])
def test_decoder_and_discriminator_get_the_gradients_by_hand(weight):
    model, of_mean, matrix, slope = linear_vae_gan(weight)
    found = gradients(model, X, learning_rate=0.1)
    drawn, code = to_numpy(Noise(2, seed=3)(X)), X @ of_mean
    logits = [decoded @ slope + 0.2 for decoded in (X, drawn @ matrix, code @ matrix)]
    deceived = [-expit(-logit)[:, None] * z for logit, z in zip(logits[1:], (drawn, code), strict=True)]
    of_matrix = code.T @ (code @ matrix - X) / 0.5 / 60 + weight * np.outer(sum(deceived).sum(axis=0) / 2 / 60, slope)
    told = [-expit(-logits[0]), expit(logits[1]) / 2, expit(logits[2]) / 2]
    of_slope = sum(t[:, None] * x for t, x in zip(told, (X, drawn @ matrix, code @ matrix), strict=True)).mean(axis=0)
    assert found[4] == pytest.approx(of_matrix, abs=2e-4)
    assert found[6][:, 0] == pytest.approx(of_slope, abs=1e-4)
    assert found[7][0] == pytest.approx(sum(told).mean(), abs=1e-4)


def test_the_adversarial_losses_are_the_mean_over_drawn_and_rebuilt_data():
    model, of_mean, matrix, slope = linear_vae_gan(1.0, adversarial.least_squares)
    logits = [decoded @ slope + 0.2 for decoded in (X, to_numpy(Noise(2, seed=4)(X)) @ matrix, X @ of_mean @ matrix)]
    logs = model.evaluate(X, batch_size=60, return_dict=True)
    by_hand = np.mean((logits[0] - 1) ** 2 + (logits[1] ** 2 + logits[2] ** 2) / 2) / 2
    assert logs["discriminator_loss"] == pytest.approx(by_hand, rel=1e-4)
    assert logs["generator_loss"] == pytest.approx(np.mean((logits[1] - 1) ** 2 + (logits[2] - 1) ** 2) / 4, rel=1e-4)


def test_the_discriminator_is_shown_probabilities_where_the_decoder_returns_logits():
    model, x = small_vae_gan(), binary_images(40)
    y_pred = model(x, training=False)
    rebuilt = expit(to_numpy(model.decoder(y_pred["z"])))
    expected = to_numpy(model.discriminator(rebuilt))
    for verdict in y_pred["verdicts"]["rebuilt"]:
        assert to_numpy(verdict) == pytest.approx(expected, abs=1e-5)


@pytest.mark.slow
def test_training_and_evaluation_draw_anew_and_evaluation_repeats_its_draws():
    model, x = small_vae_gan(), binary_images(150)
    assert model.evaluate(x) == model.evaluate(x)
    first, second = (to_numpy(model(x, training=True)["verdicts"]["drawn"][0]) for _ in range(2))
    assert not np.allclose(first, second)
    assert len(np.unique(first)) > 100, "each example needs a draw of its own"


@pytest.mark.slow
def test_saving_and_loading_keeps_networks_weights_and_scales(tmp_path):
    model = small_vae_gan(weight=0.25, beta=0.5, seed=4)
    model.compile(learning_rate=0.01, discriminator_scale=0.5, **FAST)
    model.fit(binary_images(64), verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert np.array_equal(loaded.sample(3, seed=1), model.sample(3, seed=1))
    assert (loaded.adversarial_weight, float(to_numpy(loaded.beta))) == (0.25, 0.5)
    assert loaded.optimizer.step_scales == model.optimizer.step_scales
    x = binary_images(10)
    assert np.array_equal(loaded.encode(x)[0], model.encode(x)[0])
    assert np.array_equal(to_numpy(loaded.discriminator(x)), to_numpy(model.discriminator(x)))


def with_discriminator(discriminator, log_likelihood=bernoulli_log_prob, weight=1.0):
    return VAEGAN(*parts(), discriminator, log_likelihood, adversarial.minimax, weight)


def of_symbols():
    decoder = networks.dense_decoder(2, (3, 4), ())
    encoder = networks.dense_gaussian_encoder((3,), 2, ())
    return VAEGAN(encoder, decoder, networks.dense_discriminator((3,)), categorical_log_prob, adversarial.minimax)


def sigmoid_discriminator():
    head = keras.layers.Dense(1, activation="sigmoid")
    return keras.Sequential([keras.Input(IMAGE), keras.layers.Flatten(), head])


def frozen():
    model = small_vae_gan()
    model.discriminator.trainable = False
    return model


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: with_discriminator(networks.dense_discriminator((2,))), "the discriminator expects"),
        (lambda: with_discriminator(networks.dense_encoder(IMAGE, 2)), "must return one logit"),
        (lambda: with_discriminator(sigmoid_discriminator()), "must return logits"),
        (lambda: with_discriminator(networks.dense_discriminator(IMAGE), weight=-1), "must be ≥ 0"),
        (of_symbols, "likelihood of symbols"),
        (lambda: frozen().fit(binary_images(8)), "is it frozen"),
        (lambda: small_vae_gan().fit(255 * binary_images(8)), "Divide by"),
        (lambda: small_vae_gan().compile("adam", discriminator_scale=0.5), "Give either an optimizer"),
    ],
)
def test_bad_input_gets_a_sentence_that_says_how_to_repair_it(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()
