import subprocess
import sys
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from scipy.special import expit, xlogy

from course_lib import networks
from course_lib.exact import reconstruction_error
from course_lib.formulas import penalties
from course_lib.formulas.likelihoods import bernoulli_log_prob, gaussian
from course_lib.models import Autoencoder
from course_lib.models.autoencoder import squared_error
from course_lib.training.model import to_numpy
from tests.small import IMAGE, binary_images, gradients, values

pytestmark = pytest.mark.backend
ROOT = Path(__file__).resolve().parents[2]
RNG = np.random.default_rng(0)
FACTORS = np.array([[2.0, 1.0, 0.0, 0.5], [0.0, 1.0, -1.0, 0.2], [0.5, -0.3, 0.4, 0.6]])
X = RNG.normal(size=(400, 3)) @ FACTORS + 0.3 * RNG.normal(size=(400, 4)) + 2


def linear(latent_dim=2):
    return Autoencoder(networks.dense_encoder((4,), latent_dim, ()), networks.dense_decoder(latent_dim, (4,), ()))


def on_images(log_likelihood=bernoulli_log_prob, **kwargs):
    return Autoencoder(networks.dense_encoder(IMAGE, 2, (8,)), networks.dense_decoder(2, IMAGE, (8,)), log_likelihood)


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("log_likelihood", [None, bernoulli_log_prob, gaussian(0.2)])
def test_saving_and_loading_keeps_the_model(tmp_path, log_likelihood):
    model, x = on_images(log_likelihood), binary_images(20)
    model.fit(x, verbose=0)
    model.save(tmp_path / "autoencoder.keras")
    loaded = keras.models.load_model(tmp_path / "autoencoder.keras")
    assert np.array_equal(loaded.reconstruct(x), model.reconstruct(x))
    assert loaded.evaluate(x) == pytest.approx(model.evaluate(x), rel=1e-6)


@pytest.mark.slow
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


PENALTIES = [penalties.L1(0.2), penalties.L2(0.2), penalties.Sparse(0.2, 0.1), penalties.Contractive(0.2)]


def penalised(penalty=None, decay=None, **options):
    """A code of 3 sigmoid units for 4 values, optionally with weight decay on the encoder."""
    encoder = keras.Sequential([keras.Input((4,)), layers.Dense(3, "sigmoid", kernel_regularizer=decay)])
    return Autoencoder(encoder, networks.dense_decoder(3, (4,), ()), penalty=penalty, **options)


def on_pictures(augmentation, first=()):
    encoder = keras.Sequential([keras.Input(IMAGE), *first, layers.Flatten(), layers.Dense(3)])
    return Autoencoder(encoder, networks.dense_decoder(3, IMAGE, ()), augmentation=augmentation)


@pytest.mark.parametrize("penalty", PENALTIES, ids=repr)
def test_the_loss_is_the_error_plus_the_penalty_each_averaged_over_examples(penalty):
    model = penalised(penalty)
    logs = model.evaluate(X, return_dict=True)
    error = np.square(X - model.reconstruct(X)).sum(axis=1).mean()
    x = X.astype("float32")
    expected = to_numpy(penalty(model.encoder, x, model.encoder(x))).mean()
    rel = 0.05 if isinstance(penalty, penalties.Sparse) else 1e-4  # its batch mean is that of batches of 128
    assert logs["penalty"] == pytest.approx(expected, rel=rel)
    assert logs["loss"] == pytest.approx(error + logs["penalty"], rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("penalty", PENALTIES, ids=repr)
@pytest.mark.parametrize("repeats", [2, 3])
def test_repeating_every_example_in_a_batch_changes_no_gradient(penalty, repeats):
    model = penalised(penalty, decay="l2")
    start = model.get_weights()
    once = gradients(model, X[:40])
    model.set_weights(start)
    again = gradients(model, np.repeat(X[:40], repeats, axis=0))
    for a, b in zip(once, again, strict=True):
        assert a == pytest.approx(b, abs=1e-4)


def test_a_weight_decides_how_often_an_example_counts_in_the_penalty_too():
    model = penalised(penalties.L1(0.5))
    codes = model.encode(X)
    weight = np.linspace(0, 2, 400)
    logs = model.evaluate(X, sample_weight=weight, return_dict=True)
    assert logs["penalty"] == pytest.approx(0.5 * np.average(np.abs(codes).sum(axis=1), weights=weight), rel=1e-4)


@pytest.mark.slow
def test_l2_on_the_code_and_on_the_decoder_trains_to_the_exact_optimum():
    """Along an axis of variance s the best loss is 2√(sλμ) − λμ; an axis with s < λμ is not worth a code."""
    weight, decay, variances = 0.5, 0.4, np.array([4.0, 1.0, 0.1])
    signs = np.array([[1, 1, 1], [1, -1, 1], [1, 1, -1], [1, -1, -1]])
    x = (np.concatenate([signs, -signs]) * np.sqrt(variances)).astype("float32")  # its axes are principal, exactly
    decoder = keras.Sequential(
        [keras.Input((3,)), layers.Dense(3, use_bias=False, kernel_regularizer=keras.regularizers.L2(decay))]
    )
    encoder = keras.Sequential([keras.Input((3,)), layers.Dense(3, use_bias=False)])
    keras.utils.set_random_seed(0)
    model = Autoencoder(encoder, decoder, penalty=penalties.L2(weight))
    model.compile(keras.optimizers.Adam(0.02))
    model.fit(x, batch_size=8, epochs=600, verbose=0)
    kept = 2 * np.sqrt(variances * weight * decay) - weight * decay
    best = np.where(variances > weight * decay, kept, variances).sum()
    assert model.evaluate(x, verbose=0, return_dict=True)["loss"] == pytest.approx(best, rel=2e-3)


@pytest.mark.slow
def test_a_heavy_penalty_shrinks_what_it_charges_for():
    codes = {}
    for weight in (0.0, 5.0):
        keras.utils.set_random_seed(0)
        model = penalised(penalties.L1(weight))
        model.compile(keras.optimizers.Adam(0.02))
        model.fit(X, epochs=30, batch_size=100, verbose=0)
        codes[weight] = np.abs(model.encode(X)).sum(axis=1).mean()
    assert codes[5.0] < 0.5 * codes[0.0]


@pytest.mark.parametrize("batch_size", [50, 400])
def test_the_decay_of_weights_is_added_once_per_example_whatever_the_batch(batch_size):
    model = penalised(decay=keras.regularizers.L2(0.3))
    logs = model.evaluate(X, batch_size=batch_size, return_dict=True)
    decay = 0.3 * np.square(to_numpy(model.encoder.layers[0].kernel)).sum()
    assert logs["penalty"] == pytest.approx(decay, rel=1e-4)
    assert logs["loss"] == pytest.approx(np.square(X - model.reconstruct(X)).sum(axis=1).mean() + decay, rel=1e-4)


def test_the_decay_of_weights_pulls_with_twice_its_strength():
    pulls = []
    for decay in (None, keras.regularizers.L2(0.3)):
        keras.utils.set_random_seed(0)
        model = penalised(decay=decay)
        kernel = to_numpy(model.encoder.layers[0].kernel).copy()
        pulls.append(gradients(model, X[:50])[0])
    assert pulls[1] - pulls[0] == pytest.approx(0.6 * kernel, abs=1e-3)


@pytest.mark.slow
def test_weight_decay_leaves_the_singular_values_of_theory():
    """Kunin et al. (2019): in each factor max(0, 1 − λ/eigenvalue of the covariance), here one of them 0."""
    decay = 0.3
    eigenvalues = np.linalg.eigvalsh(np.cov(X.T, bias=True))[::-1]
    expected = np.maximum(0, 1 - decay / eigenvalues)
    assert expected[0] > 0.9
    assert expected[-1] == 0
    regulariser = keras.regularizers.L2(decay)
    factors = [keras.Sequential([keras.Input((4,)), layers.Dense(4, kernel_regularizer=regulariser)]) for _ in range(2)]
    model = Autoencoder(*factors)
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.05, decay_steps=1600)))
    model.fit(np.tile(X, (40, 1)), batch_size=400, epochs=40, verbose=0)
    for factor in factors:
        singular = np.linalg.svd(to_numpy(factor.layers[-1].kernel), compute_uv=False)
        assert np.square(singular) == pytest.approx(expected, abs=0.02)


def test_without_penalties_the_logs_are_loss_and_mse_alone():
    assert set(linear().evaluate(X, return_dict=True)) == {"loss", "mse"}
    assert set(penalised(penalties.L1(0.1)).evaluate(X, return_dict=True)) == {"loss", "mse", "penalty"}


@pytest.mark.parametrize("place", ["encoder", "decoder"])
def test_an_activity_regulariser_is_refused_for_its_strength_depends_on_version_and_batch(place):
    regularised = keras.Sequential([keras.Input((4,)), layers.Dense(4, activity_regularizer="l2")])
    plain = keras.Sequential([keras.Input((4,)), layers.Dense(4)])
    with pytest.raises(ValueError, match="activity_regularizer"):
        Autoencoder(*((regularised, plain) if place == "encoder" else (plain, regularised)))


def test_a_sparse_penalty_behind_a_linear_code_is_refused():
    with pytest.raises(ValueError, match="sigmoid"):
        Autoencoder(
            networks.dense_encoder((4,), 2), networks.dense_decoder(2, (4,)), penalty=penalties.Sparse(1.0, 0.1)
        )


@pytest.mark.parametrize("noise", [layers.GaussianNoise, layers.Dropout])
def test_a_denoising_autoencoder_sees_noise_and_is_judged_by_the_clean_data(noise):
    model = on_pictures(None, first=[noise(0.5)])
    x = binary_images(200)
    trained = model(x, training=True)
    assert np.array_equal(to_numpy(trained["target"]), x)
    assert not np.allclose(to_numpy(trained["codes"]), model.encode(x))
    assert np.array_equal(to_numpy(model(x, training=False)["codes"]), to_numpy(model.encoder(x)))
    logs = model.evaluate(x, return_dict=True)
    assert logs["mse"] == pytest.approx(np.square(x - model.reconstruct(x)).mean(), rel=1e-4)


@pytest.mark.slow
def test_a_linear_denoiser_becomes_the_wiener_filter():
    """C (C + σ²)⁻¹, for full width and noise that is really drawn."""
    x = X - X.mean(axis=0)
    covariance, sigma = x.T @ x / len(x), 0.8
    encoder = keras.Sequential([keras.Input((4,)), layers.GaussianNoise(sigma), layers.Dense(4)])
    decoder = networks.dense_decoder(4, (4,), ())
    model = Autoencoder(encoder, decoder)
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.05, decay_steps=2000)))
    model.fit(np.tile(x, (50, 1)), batch_size=400, epochs=40, verbose=0)
    learnt = (to_numpy(encoder.layers[-1].kernel) @ to_numpy(decoder.layers[1].kernel)).T
    assert learnt == pytest.approx(covariance @ np.linalg.inv(covariance + sigma**2 * np.eye(4)), abs=0.03)


def test_an_augmented_image_is_input_and_target_in_training_only():
    flip = layers.RandomFlip("vertical", seed=0)
    model, x = on_pictures(flip), binary_images(64)
    model.compile(keras.optimizers.SGD(0.0), jit_compile=False, steps_per_execution=1)
    target = to_numpy(model(x, training=True)["target"])
    upside_down = x[:, ::-1]
    kept, turned = ((target == each).all(axis=(1, 2, 3)) for each in (x, upside_down))
    assert np.all(kept | turned)
    assert 10 < np.sum(turned & ~kept) < 60
    assert np.array_equal(to_numpy(model(x, training=False)["target"]), x)
    outputs = model(x, training=True)
    again = model.encoder(outputs["target"])
    assert to_numpy(outputs["codes"]) == pytest.approx(to_numpy(again), abs=1e-5)
    expected = np.square(to_numpy(outputs["target"]) - to_numpy(outputs["parameters"][0])).sum(axis=(1, 2, 3)).mean()
    assert float(to_numpy(model.compute_loss(x, y_pred=outputs))) == pytest.approx(expected, rel=1e-4)
    assert model.evaluate(x) == pytest.approx(model.evaluate(x), rel=1e-6)


@pytest.mark.slow
def test_turned_images_can_be_trained_on_without_a_choice_by_the_learner():
    """Their kernel has no XLA version on TensorFlow: the automatic choice must leave XLA off."""
    turn = keras.Sequential([layers.RandomRotation(0.1, fill_mode="constant"), layers.RandomTranslation(0.1, 0.1)])
    model, x = on_pictures(turn), binary_images(60)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Model doesn't support `jit_compile")  # Keras' correction of a choice
        history = model.fit(x, epochs=2, batch_size=30, verbose=0, validation_data=x[:20]).history
    assert not model.jit_compile
    assert np.all(np.isfinite(history["loss"] + history["val_loss"]))


@pytest.mark.slow
def test_early_stopping_ends_training_and_brings_back_the_best_weights():
    model = penalised()
    model.compile(keras.optimizers.Adam(0.05))
    stop = keras.callbacks.EarlyStopping("val_loss", patience=3, restore_best_weights=True)
    other_law = 3 * RNG.normal(size=(100, 4))  # what is learnt from X soon makes these worse
    history = model.fit(X, epochs=60, verbose=0, validation_data=other_law, callbacks=[stop]).history["val_loss"]
    assert len(history) < 60
    assert len(history) == np.argmin(history) + 1 + 3
    assert model.evaluate(other_law)[0] == pytest.approx(min(history), rel=1e-5)
    assert history[-1] > 1.0001 * min(history)


@pytest.mark.slow
@pytest.mark.parametrize("penalty", [*PENALTIES, None], ids=repr)
def test_saving_and_loading_keeps_penalties_and_regularisers(tmp_path, penalty):
    model = penalised(penalty, decay="l2")
    model.evaluate(X)
    model.optimizer.build(model.trainable_variables)
    model.save(tmp_path / "penalised.keras")
    loaded = keras.models.load_model(tmp_path / "penalised.keras")
    assert repr(loaded.penalty) == repr(penalty)
    assert loaded.evaluate(X) == pytest.approx(model.evaluate(X), rel=1e-6)


@pytest.mark.exhaustive
def test_a_saved_penalty_can_be_loaded_where_only_the_models_were_imported(tmp_path):
    model = penalised(penalties.L1(0.25))
    model.fit(X, verbose=0)
    model.save(tmp_path / "penalised.keras")
    code = (
        "import sys, keras, course_lib.models; model = keras.models.load_model(sys.argv[1]); print(repr(model.penalty))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "penalised.keras")]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "L1(0.25)"


def test_codes_with_several_axes_have_penalties_and_decay_too():
    encoder = keras.Sequential([keras.Input(IMAGE), layers.Conv2D(2, 1, kernel_regularizer="l2")])
    decoder = keras.Sequential([keras.Input((4, 4, 2)), layers.Conv2D(1, 1)])
    model, x = Autoencoder(encoder, decoder, penalty=penalties.L2(0.5)), binary_images(30)
    codes = model.encode(x)
    decay = 0.01 * np.square(to_numpy(encoder.layers[-1].kernel)).sum()
    expected = 0.5 * np.square(codes).sum(axis=(1, 2, 3)).mean() + decay
    assert model.evaluate(x, return_dict=True)["penalty"] == pytest.approx(expected, rel=1e-4)


def test_the_decay_of_networks_that_are_not_built_yet_is_not_forgotten():
    model = Autoencoder(
        keras.Sequential([layers.Dense(2, kernel_regularizer="l2")]), keras.Sequential([layers.Dense(4)])
    )
    logs = model.evaluate(X, return_dict=True)
    assert logs["penalty"] == pytest.approx(0.01 * np.square(to_numpy(model.encoder.layers[0].kernel)).sum(), rel=1e-4)


@pytest.mark.parametrize("penalty", ["l1", keras.regularizers.L1(0.1), 0.1])
def test_what_is_no_penalty_is_refused(penalty):
    with pytest.raises(ValueError, match="one value per example"):
        penalised(penalty)


@pytest.mark.slow
def test_saving_and_loading_keeps_the_augmentation(tmp_path):
    model, x = on_pictures(layers.RandomFlip("vertical")), binary_images(40)
    model.fit(x, verbose=0)
    model.save(tmp_path / "augmented.keras")
    loaded = keras.models.load_model(tmp_path / "augmented.keras")
    assert loaded.augmentation.mode == "vertical"
    assert not np.array_equal(to_numpy(loaded(x, training=True)["target"]), x)
    assert loaded.evaluate(x) == pytest.approx(model.evaluate(x), rel=1e-6)
    loaded.fit(x, verbose=0)
