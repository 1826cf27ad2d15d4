import keras
import numpy as np
import pytest
from keras import ops

from course_lib import networks
from course_lib.exact import ProbabilisticPCA, log_marginal_likelihood
from course_lib.formulas.likelihoods import bernoulli_log_prob, gaussian
from course_lib.metrics import importance_weighted_log_likelihood
from course_lib.models import VAE, ConditionalVAE
from course_lib.training.callbacks import Progress
from course_lib.training.resuming import ResumableTraining
from tests.small import IMAGE, binary_images, values

pytestmark = pytest.mark.backend
CLASSES = 3


def small_conditional_vae(data_shape=IMAGE, log_likelihood=bernoulli_log_prob, seed=0, hidden=(16,), **options):
    encoder = networks.dense_conditional_encoder(data_shape, 2, CLASSES, hidden)
    decoder = networks.dense_conditional_decoder(2, data_shape, CLASSES, hidden)
    return ConditionalVAE(encoder, decoder, log_likelihood, CLASSES, seed=seed, **options)


def labelled_images(n=300, seed=0):
    """The class shifts the images: its column is always bright."""
    x, labels = binary_images(n, seed=seed), np.random.default_rng(seed).integers(0, CLASSES, n)
    x[np.arange(n), :, labels, 0] = 1.0
    return x, labels


@pytest.fixture(scope="module")
def trained():
    keras.utils.set_random_seed(0)
    model = small_conditional_vae()
    model.compile(keras.optimizers.Adam(1e-2))
    model.fit(*labelled_images(1500), epochs=15, batch_size=100, verbose=0)
    return model


@pytest.mark.slow
def test_samples_belong_to_the_class_that_was_asked_for(trained):
    labels = np.repeat(np.arange(CLASSES), 50)
    samples = trained.sample(150, labels, seed=0)
    columns = samples.mean(axis=1)[:, :CLASSES, 0]  # brightness of each column
    assert (columns[np.arange(150), labels] > 0.9).all()
    assert np.mean(columns[np.arange(150), (labels + 1) % CLASSES] < 0.8) > 0.5
    assert np.array_equal(trained.sample(4, 1, seed=3), trained.sample(4, [1, 1, 1, 1], seed=3))


def test_the_same_draw_with_another_label_is_another_image(trained):
    first, second = (trained.sample(20, label, seed=1) for label in (0, 2))
    assert np.abs(first - second).max() > 0.5
    assert not np.array_equal(trained.sample(3, 1), trained.sample(3, 1))


@pytest.mark.slow
def test_the_bound_lies_below_the_exact_conditional_log_likelihood(trained):
    x, labels = labelled_images(60, seed=1)
    draws = np.array([trained.elbo(x, labels) for _ in range(200)], "float64")
    for label in range(CLASSES):
        chosen = x[labels == label]

        def log_likelihood(z, chosen=chosen, label=label):
            one_hot = np.tile(np.eye(CLASSES, dtype="float32")[label], (len(z), 1))
            logits = ops.convert_to_numpy(trained.decoder([z.astype("float32"), one_hot])).astype("float64")
            logits, flat = logits.reshape(len(z), -1), chosen.reshape(len(chosen), -1)
            return logits @ flat.T - np.logaddexp(0, logits).sum(axis=1)[:, None]

        exact = log_marginal_likelihood(log_likelihood, latent_dim=2)
        tight = importance_weighted_log_likelihood(trained.given(label), chosen, num_samples=2000)
        bounds = draws[:, labels == label].mean(axis=1)
        assert bounds.mean() < exact.mean() + 5 * bounds.std() / np.sqrt(200)
        assert tight.mean() == pytest.approx(exact.mean(), abs=0.03)


def test_the_bound_of_a_sure_encoder_is_the_log_probability_at_its_code_minus_the_divergence():
    """With σ = e⁻¹⁵ nothing is drawn: z is the mean, and the bound is known without a sample."""
    model, (x, labels) = small_conditional_vae(beta=3.0), labelled_images(40)
    kernel, bias = model.encoder.layers[-1].get_weights()
    model.encoder.layers[-1].set_weights([0 * kernel, bias - 30])
    one_hot = np.eye(CLASSES, dtype="float32")[labels]
    mean, log_var = (ops.convert_to_numpy(part).astype("float64") for part in model.encoder([x, one_hot]))
    assert (log_var == -30).all(), "the last layer of the encoder must be the one of the log-variances"
    logits = ops.convert_to_numpy(model.decoder([mean.astype("float32"), one_hot])).astype("float64")
    kl = 0.5 * (np.exp(log_var) + mean**2 - 1 - log_var).sum(axis=1)
    log_prob = (x * logits - np.logaddexp(0, logits)).sum(axis=(1, 2, 3))
    assert model.elbo(x, labels) == pytest.approx(log_prob - kl, rel=1e-4)


def test_a_wrong_label_costs_many_nats(trained):
    x, labels = labelled_images(200, seed=1)
    assert trained.elbo(x, labels).mean() > trained.elbo(x, (labels + 1) % CLASSES).mean() + 5


def test_the_vae_of_one_class_is_the_conditional_one_with_its_label(trained):
    x, _ = labelled_images(20, seed=1)
    for label in range(CLASSES):
        alone = trained.given(label)
        assert type(alone) is VAE
        assert alone.reconstruct(x) == pytest.approx(trained.reconstruct(x, label), abs=1e-6)
        for a, b in zip(alone.encode(x), trained.encode(x, label), strict=True):
            assert a == pytest.approx(b, abs=1e-5)
    assert alone.sample(5, seed=4) == pytest.approx(trained.sample(5, 2, seed=4), abs=1e-6)


def test_the_terms_are_those_of_the_networks_given_the_label():
    model, (x, labels) = small_conditional_vae(beta=3.0), labelled_images(50)
    model.compile()
    y_pred = model((x, labels), training=True)
    loss = float(ops.convert_to_numpy(model.compute_loss(x=(x, labels), y_pred=y_pred)))
    one_hot = np.eye(CLASSES, dtype="float32")[labels]
    mean, log_var = (ops.convert_to_numpy(part).astype("float64") for part in model.encoder([x, one_hot]))
    logits = ops.convert_to_numpy(model.decoder([ops.convert_to_numpy(y_pred["z"]), one_hot])).astype("float64")
    kl = 0.5 * (np.exp(log_var) + mean**2 - 1 - log_var).sum(axis=1)
    reconstruction = (np.logaddexp(0, logits) - x * logits).sum(axis=(1, 2, 3))
    assert loss == pytest.approx((reconstruction + 3 * kl).mean(), rel=1e-5)


@pytest.mark.slow
def test_networks_that_ignore_the_label_are_a_vae():
    """The same weights, with zeros for the label: loss and gradients agree."""
    x, labels = labelled_images(64)
    vae = VAE(
        networks.dense_gaussian_encoder(IMAGE, 2, ()), networks.dense_decoder(2, IMAGE, ()), bernoulli_log_prob, seed=0
    )
    model = small_conditional_vae(hidden=())
    for theirs, ours in ((vae.encoder, model.encoder), (vae.decoder, model.decoder)):
        widened = [
            np.concatenate([weight, np.zeros((CLASSES, weight.shape[1]))]) if weight.ndim == 2 else weight
            for weight in theirs.get_weights()
        ]
        ours.set_weights(widened)
    assert model.evaluate(x, labels)[0] == pytest.approx(vae.evaluate(x)[0], rel=1e-5)


def test_every_weight_receives_a_gradient_those_of_the_label_among_them():
    keras.utils.set_random_seed(0)
    model, (x, labels) = small_conditional_vae(), labelled_images(64)
    before = values(model.trainable_variables)
    model.compile(keras.optimizers.SGD(1e-2), jit_compile=False, steps_per_execution=1)
    model.fit(x, labels, batch_size=64, verbose=0)
    for variable, a, b in zip(model.trainable_variables, before, values(model.trainable_variables), strict=True):
        moved = np.abs(a - b)
        assert moved.max() > 0, variable.path
        if moved.ndim == 2 and moved.shape[0] in (16 + CLASSES, 2 + CLASSES):
            assert (moved[-CLASSES:].max(axis=1) > 0).all(), "each row of the label must move"


@pytest.mark.slow
def test_evaluate_and_validation_agree_and_repeat():
    model, (x, labels), held_out = small_conditional_vae(), labelled_images(200), labelled_images(75, seed=2)
    history = model.fit(x, labels, epochs=2, verbose=0, batch_size=32, validation_data=held_out).history
    assert model.evaluate(*held_out, batch_size=32)[0] == pytest.approx(history["val_loss"][-1], rel=1e-6)
    assert model.evaluate(*held_out) == model.evaluate(*held_out)


@pytest.mark.slow
def test_saving_and_loading_keeps_everything(tmp_path, trained):
    x, labels = labelled_images(30, seed=1)
    trained.save(tmp_path / "conditional.keras")
    loaded = keras.models.load_model(tmp_path / "conditional.keras")
    assert np.array_equal(loaded.reconstruct(x, labels), trained.reconstruct(x, labels))
    assert loaded.num_classes == CLASSES
    loaded.fit(x, labels, verbose=0)


class Cut(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt


@pytest.mark.slow
def test_an_interrupted_training_continues_with_its_labels_and_with_no_others(tmp_path):
    x, labels = labelled_images(200)

    def fit(folder, labels, *callbacks):
        keras.utils.set_random_seed(0)
        model = small_conditional_vae()
        model.fit(x, labels, epochs=4, verbose=0, callbacks=[ResumableTraining(folder), *callbacks])
        return values(model.trainable_variables)

    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path / "cut", labels, Cut())
    for a, b in zip(fit(tmp_path / "cut", labels), fit(tmp_path / "whole", labels), strict=True):
        assert np.array_equal(a, b)
    with pytest.raises(ValueError, match="differs in: labels"):
        fit(tmp_path / "cut", (labels + 1) % CLASSES)


@pytest.mark.slow
def test_progress_says_the_terms(capsys):
    small_conditional_vae().fit(*labelled_images(100), verbose=0, callbacks=[Progress()])
    assert "kl" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda m, x, y: m.fit(x), "y is missing: this model is conditional"),
        (lambda m, x, y: m.fit(x, y[:-1]), r"y must have shape \(6,\), one label per example; got \(5,\)"),
        (lambda m, x, y: m.fit(x, np.eye(CLASSES)[y]), r"np.argmax\(y, axis=1\)"),
        (lambda m, x, y: m.fit(x, y + 1), "y must lie in 0 … 2, for 3 classes"),
        (lambda m, x, y: m.fit(x, y, validation_data=x), "y of validation_data is missing"),
        (lambda m, x, y: m.fit(x, y, validation_data=(x, y + 1)), "y of validation_data must lie in"),
        (lambda m, x, y: m.evaluate(x), "y is missing"),
        (lambda m, x, y: m.elbo(x, y[:2]), r"labels must have shape \(6,\)"),
        (lambda m, x, y: m.sample(3, 5), "labels must lie in 0 … 2"),
        (lambda m, x, y: m.sample(3, [0, 1]), r"labels must have shape \(3,\)"),
        (lambda m, x, y: m.given(3), "label should lie in 0 … 2; got 3"),
        (lambda m, x, y: m.decode(np.zeros((2, 5)), 0), r"z must have shape \(examples, 2\)"),
        (lambda m, x, y: m.fit(255 * x, y), "Raw pixels"),
    ],
)
def test_labels_that_do_not_fit_are_refused_before_training(make, message):
    x = binary_images(6)
    with pytest.raises(ValueError, match=message):
        make(small_conditional_vae(), x, np.array([0, 1, 2, 0, 1, 2]))


@pytest.mark.parametrize(
    ("encoder", "decoder", "message"),
    [
        (
            networks.dense_gaussian_encoder,
            None,
            r"encoder of a ConditionalVAE takes two inputs, \[x, one_hot\], the second of shape \(3,\)",
        ),
        (None, networks.dense_decoder, r"decoder of a ConditionalVAE takes two inputs, \[z, one_hot\]"),
    ],
)
def test_networks_without_a_label_are_refused(encoder, decoder, message):
    encoder = networks.dense_conditional_encoder(IMAGE, 2, CLASSES) if encoder is None else encoder(IMAGE, 2)
    decoder = networks.dense_conditional_decoder(2, IMAGE, CLASSES) if decoder is None else decoder(2, IMAGE)
    with pytest.raises(ValueError, match=message):
        ConditionalVAE(encoder, decoder, bernoulli_log_prob, CLASSES)


def test_networks_of_different_latent_sizes_are_refused():
    with pytest.raises(ValueError, match=r"returns codes of shape \(3,\), the decoder takes \(2,\)"):
        ConditionalVAE(
            networks.dense_conditional_encoder(IMAGE, 3, CLASSES),
            networks.dense_conditional_decoder(2, IMAGE, CLASSES),
            bernoulli_log_prob,
            CLASSES,
        )


@pytest.mark.slow
def test_a_linear_conditional_vae_knows_the_mean_of_each_class():
    """x = a_y + w z + noise: pPCA in each class, whose exact log-likelihood the importance-weighted bound reaches."""
    weights, variance = np.array([[1.0, 0.5], [0.2, -0.7]]), 0.3
    means = np.array([[0.0, 0.0], [2.0, -1.0], [-1.0, 3.0]])
    model = small_conditional_vae((2,), gaussian(variance), hidden=())
    model.decoder.set_weights([np.concatenate([weights.T, means]), np.zeros(2)])
    model.encoder.set_weights([0 * weight for weight in model.encoder.get_weights()])  # q is the prior
    noise = np.random.default_rng(0).normal(size=(8, 2))
    for label in range(CLASSES):
        x = means[label] + noise
        exact = ProbabilisticPCA(weights, means[label], variance).log_prob(x)
        found = importance_weighted_log_likelihood(model.given(label), x, num_samples=50_000)
        assert found == pytest.approx(exact, abs=0.1)
