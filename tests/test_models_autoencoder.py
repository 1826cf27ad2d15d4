import keras
import numpy as np
import pytest
from scipy.special import expit, xlogy

from course_lib import networks
from course_lib.exact import reconstruction_error
from course_lib.likelihoods import bernoulli_log_prob, gaussian
from course_lib.models import Autoencoder
from course_lib.models.autoencoder import squared_error
from course_lib.training import to_numpy
from tests.small import IMAGE, binary_images, values

pytestmark = pytest.mark.backend
RNG = np.random.default_rng(0)
FACTORS = np.array([[2.0, 1.0, 0.0, 0.5], [0.0, 1.0, -1.0, 0.2], [0.5, -0.3, 0.4, 0.6]])
X = RNG.normal(size=(400, 3)) @ FACTORS + 0.3 * RNG.normal(size=(400, 4)) + 2


def linear(latent_dim=2):
    return Autoencoder(networks.dense_encoder((4,), latent_dim, ()), networks.dense_decoder(latent_dim, (4,), ()))


def on_images(log_likelihood=bernoulli_log_prob, **kwargs):
    return Autoencoder(networks.dense_encoder(IMAGE, 2, (8,)), networks.dense_decoder(2, IMAGE, (8,)), log_likelihood)


@pytest.mark.parametrize("latent_dim", [1, 2])
def test_a_linear_autoencoder_reaches_the_residual_of_principal_components(latent_dim):
    model = linear(latent_dim)
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.05, decay_steps=1600)))
    model.fit(np.tile(X, (40, 1)), batch_size=400, epochs=40, verbose=0)
    exact = reconstruction_error(X, latent_dim)
    reached = np.square(X - model.reconstruct(X)).sum(axis=1).mean()
    assert 1 - 1e-5 <= reached / exact <= 1.01


def test_the_loss_is_summed_over_values_averaged_over_examples_and_reported_per_value():
    model = linear()
    error = np.square(X - model.reconstruct(X))
    logs = model.evaluate(X, return_dict=True)
    assert logs["loss"] == pytest.approx(error.sum(axis=1).mean(), rel=1e-4)
    assert logs["mse"] == pytest.approx(error.mean(), rel=1e-4)
    assert model.evaluate(np.concatenate([X, X])) == pytest.approx(model.evaluate(X), rel=1e-5)


def test_the_bernoulli_loss_is_the_cross_entropy_in_nats_per_image():
    model, x = on_images(), binary_images(50)
    reconstruction = model.reconstruct(x).astype("float64")
    cross_entropy = -(xlogy(x, reconstruction) + xlogy(1 - x, 1 - reconstruction)).sum(axis=(1, 2, 3)).mean()
    assert model.evaluate(x)[0] == pytest.approx(cross_entropy, rel=1e-4)


def test_a_gaussian_with_variance_one_half_is_the_squared_error_up_to_a_constant():
    plain, gauss, x = on_images(None), on_images(gaussian(0.5)), binary_images(50)
    gauss.set_weights(plain.get_weights())
    assert gauss.evaluate(x)[0] - plain.evaluate(x)[0] == pytest.approx(16 / 2 * np.log(np.pi), rel=1e-4)


def test_reconstructions_are_decoded_codes_in_data_space():
    model, x = on_images(), binary_images(20)
    codes = model.encode(x)
    assert codes.shape == (20, 2)
    assert codes == pytest.approx(to_numpy(model.encoder(x)), abs=1e-5)
    assert model.decode(codes) == pytest.approx(expit(to_numpy(model.decoder(codes))), abs=1e-5)
    assert model.reconstruct(x) == pytest.approx(model.decode(codes), abs=1e-6)


def test_training_lowers_the_loss_and_moves_every_weight():
    model, x = on_images(), binary_images(200)
    before = values(model.trainable_variables)
    history = model.fit(x, epochs=10, batch_size=50, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert not any(np.array_equal(a, b) for a, b in zip(before, values(model.trainable_variables), strict=True))


def test_an_autoencoder_is_deterministic():
    model, x = on_images(), binary_images(20)
    assert np.array_equal(model.reconstruct(x), model.reconstruct(x))


def test_squared_error_is_per_example_and_refuses_to_broadcast():
    assert to_numpy(squared_error(np.zeros((2, 3)), np.array([[1.0, 2.0, 2.0], [0, 0, 1]]))).tolist() == [9.0, 1.0]
    with pytest.raises(ValueError, match="same shape"):
        squared_error(np.zeros((2, 3)), np.zeros((2, 1)))


@pytest.mark.parametrize("log_likelihood", [None, bernoulli_log_prob, gaussian(0.2)])
def test_saving_and_loading_keeps_the_model(tmp_path, log_likelihood):
    model, x = on_images(log_likelihood), binary_images(20)
    model.fit(x, verbose=0)
    model.save(tmp_path / "autoencoder.keras")
    loaded = keras.models.load_model(tmp_path / "autoencoder.keras")
    assert np.array_equal(loaded.reconstruct(x), model.reconstruct(x))
    assert loaded.evaluate(x) == pytest.approx(model.evaluate(x), rel=1e-6)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_trains(policy):
    keras.config.set_dtype_policy(policy)
    try:
        model, x = on_images(), binary_images(200)
        history = model.fit(x, epochs=10, batch_size=50, verbose=0).history
    finally:
        keras.config.set_dtype_policy("float32")
    assert history["loss"][-1] < history["loss"][0]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: Autoencoder(networks.dense_encoder((4,), 3), networks.dense_decoder(2, (4,))),
            "latent sizes must match",
        ),
        (lambda: Autoencoder(networks.dense_gaussian_encoder((4,), 2), networks.dense_decoder(2, (4,))), "one code"),
        (
            lambda: Autoencoder(
                networks.dense_encoder(IMAGE, 2), networks.dense_generator(2, IMAGE), bernoulli_log_prob
            ),
            "ends in a sigmoid",
        ),
        (lambda: on_images().fit(255 * binary_images(4)), "Divide by"),
        (lambda: on_images(None).fit(255 * binary_images(4)), "raw pixels"),
        (lambda: on_images().fit(2 * binary_images(4) - 1), r"\(x \+ 1\) / 2"),
        (lambda: on_images().fit(np.full((4, *IMAGE), np.inf)), "must be finite"),
        (lambda: on_images().fit(binary_images(4)[..., 0]), "channel axis"),
        (lambda: on_images().encode(binary_images(4).reshape(4, 16)), "reshape"),
        (lambda: on_images().compile(loss="mse"), "its own objective"),
    ],
)
def test_bad_input_gets_a_sentence_that_says_how_to_repair_it(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def test_a_decoder_of_another_shape_than_the_data_is_refused():
    with pytest.raises(ValueError, match="the decoder returns"):
        Autoencoder(networks.dense_encoder((4,), 2), networks.dense_decoder(2, (5,)))
