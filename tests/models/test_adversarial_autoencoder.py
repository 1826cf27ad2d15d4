import keras
import numpy as np
import pytest
from scipy.special import expit

from course_lib import networks
from course_lib.formulas import adversarial
from course_lib.formulas.likelihoods import bernoulli_log_prob
from course_lib.layers import Noise
from course_lib.models import AdversarialAutoencoder, Autoencoder
from course_lib.training.model import to_numpy
from tests.small import IMAGE, binary_images, gradients

pytestmark = pytest.mark.backend
X = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")
FAST = {"jit_compile": False, "steps_per_execution": 1}


def small_model(weight=1.0, seed=0, log_likelihood=None, data_shape=IMAGE, hidden=(16,), regulariser=None):
    judge = [keras.layers.Dense(units, activation="leaky_relu") for units in hidden]
    discriminator = keras.Sequential([keras.Input((2,)), *judge, keras.layers.Dense(1, kernel_regularizer=regulariser)])
    return AdversarialAutoencoder(
        networks.dense_encoder(data_shape, 2, hidden),
        networks.dense_decoder(2, data_shape, hidden),
        discriminator,
        log_likelihood,
        adversarial.non_saturating,
        weight,
        seed=seed,
    )


def linear_model(weight):
    rng = np.random.default_rng(1)
    model = small_model(weight, data_shape=(3,), hidden=())
    matrices = rng.normal(size=(3, 2)), rng.normal(size=(2, 3)), rng.normal(size=(2, 1))
    for network, matrix in zip((model.encoder, model.decoder, model.discriminator), matrices, strict=True):
        network.set_weights([matrix, np.zeros(matrix.shape[1])])
    return model, *matrices


@pytest.mark.parametrize("weight", [0.0, 1.0, 20.0])
def test_the_three_gradients_are_those_by_hand(weight):
    model, encode, decode, slope = linear_model(weight)
    found = gradients(model, X, learning_rate=0.01)  # kernel and bias of the encoder, the decoder, the discriminator
    codes, prior = X @ encode, to_numpy(Noise(2, seed=0)(X))
    error = 2 * (codes @ decode - X) / 60
    deceived = -expit(-codes @ slope) @ slope.T / 60
    told = -expit(-prior @ slope), expit(codes @ slope)
    assert found[0] == pytest.approx(X.T @ (error @ decode.T + weight * deceived), abs=3e-4)
    assert found[2] == pytest.approx(codes.T @ error, abs=3e-4)
    assert found[4] == pytest.approx((prior.T @ told[0] + codes.T @ told[1]) / 60, abs=3e-4)
    assert found[5][0] == pytest.approx((told[0] + told[1]).mean(), abs=3e-4)


@pytest.mark.slow
@pytest.mark.parametrize("log_likelihood", [None, bernoulli_log_prob])
def test_with_adversarial_weight_zero_it_is_the_autoencoder(log_likelihood):
    model, x = small_model(0.0, log_likelihood=log_likelihood), binary_images(64)
    plain = Autoencoder(
        networks.dense_encoder(IMAGE, 2, (16,)), networks.dense_decoder(2, IMAGE, (16,)), log_likelihood
    )
    plain.encoder.set_weights(model.encoder.get_weights())
    plain.decoder.set_weights(model.decoder.get_weights())
    assert model.evaluate(x, return_dict=True)["mse"] == pytest.approx(plain.evaluate(x, return_dict=True)["mse"])
    assert model.reconstruct(x) == pytest.approx(plain.reconstruct(x), abs=1e-6)
    for a, b in zip(gradients(plain, x), gradients(model, x), strict=False):
        np.testing.assert_allclose(b, a, atol=2e-6)


def test_the_losses_are_those_of_the_objective_with_the_prior_as_the_real_side():
    model, encode, decode, slope = linear_model(3.0)
    codes, prior = X @ encode, to_numpy(Noise(2, seed=1)(X))
    logs = model.evaluate(X, batch_size=60, return_dict=True)
    discriminator_loss = np.mean(np.logaddexp(0, -prior @ slope) + np.logaddexp(0, codes @ slope))
    generator_loss = np.mean(np.logaddexp(0, -codes @ slope))
    error = np.square(X - codes @ decode).sum(axis=1).mean()
    assert logs["discriminator_loss"] == pytest.approx(discriminator_loss, rel=1e-4)
    assert logs["generator_loss"] == pytest.approx(generator_loss, rel=1e-4)
    assert logs["loss"] == pytest.approx(error + discriminator_loss + 3.0 * generator_loss, rel=1e-4)


def test_samples_are_decoded_draws_of_the_prior():
    model, _, decode, _ = linear_model(1.0)
    samples = model.sample(40_000)
    assert np.cov(samples, rowvar=False) == pytest.approx(decode.T @ decode, abs=0.15)
    assert samples.mean(axis=0) == pytest.approx(np.zeros(3), abs=float(6 * samples.std(axis=0).max() / 200))
    assert np.array_equal(model.sample(4, seed=3), model.sample(4, seed=3))
    assert model.sample(4, seed=3) == pytest.approx(to_numpy(model.sample_noise.draw(4, 3)) @ decode, abs=1e-5)
    assert not np.array_equal(model.sample(4), model.sample(4))


@pytest.mark.slow
def test_training_draws_anew_and_evaluation_repeats_its_draws():
    model, x = small_model(), binary_images(150)
    assert model.evaluate(x) == model.evaluate(x)
    first, second = (to_numpy(model(x, training=True)["real_logits"]) for _ in range(2))
    assert not np.allclose(first, second)


@pytest.mark.slow
def test_a_regulariser_of_the_discriminator_counts():
    model, x = small_model(), binary_images(60)
    regularised = small_model(regulariser=keras.regularizers.L2(0.5))
    regularised.set_weights(model.get_weights())
    squares = np.square(to_numpy(model.discriminator.layers[-1].kernel.value)).sum()
    assert regularised.evaluate(x)[0] == pytest.approx(model.evaluate(x)[0] + 0.5 * squares, rel=1e-5)


@pytest.mark.slow
def test_saving_and_loading_keeps_networks_and_scales(tmp_path):
    model = small_model(0.25, seed=4, log_likelihood=bernoulli_log_prob)
    model.compile(learning_rate=0.01, discriminator_scale=0.5, **FAST)
    model.fit(binary_images(64), verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert np.array_equal(loaded.sample(3, seed=1), model.sample(3, seed=1))
    assert np.array_equal(loaded.encode(binary_images(9)), model.encode(binary_images(9)))
    assert (loaded.adversarial_weight, loaded.seed) == (0.25, 4)
    assert loaded.log_likelihood is bernoulli_log_prob
    assert loaded.optimizer.step_scales == model.optimizer.step_scales


def with_discriminator(discriminator, weight=1.0):
    networks_ = networks.dense_encoder(IMAGE, 2), networks.dense_decoder(2, IMAGE)
    return AdversarialAutoencoder(*networks_, discriminator, None, adversarial.minimax, weight)


def frozen():
    model = small_model()
    model.discriminator.trainable = False
    return model


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: with_discriminator(networks.dense_discriminator(IMAGE)), "judges codes of shape"),
        (lambda: with_discriminator(networks.dense_encoder((2,), 2)), "must return one logit"),
        (
            lambda: with_discriminator(
                keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
            ),
            "must return logits",
        ),
        (lambda: with_discriminator(networks.dense_discriminator((2,)), -0.5), "must be ≥ 0"),
        (lambda: frozen().fit(binary_images(8)), "is it frozen"),
        (lambda: small_model().fit(np.full((8, *IMAGE), np.nan)), "must be finite"),
        (lambda: small_model().compile("adam", learning_rate=0.1), "Give either an optimizer"),
    ],
)
def test_bad_input_gets_a_sentence_that_says_how_to_repair_it(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()
