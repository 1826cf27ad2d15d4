"""The exercises that inspect what was built or call a function themselves: right of any make, and wrong by name."""

import numpy as np
import pytest

from course_lib.exercises import (
    autoencoders,
    codes_that_are_too_wide,
    conditional_gans_and_hybrids,
    conditioning_and_rare_classes,
    regularised_autoencoders,
    the_elbo,
    the_latent_space,
    the_reparameterization_trick,
    the_variational_autoencoder,
    tighter_bounds,
    training_a_gan,
    wasserstein_gans,
)

RIGHT = "right"


def scale(log_var):
    return np.exp(0.5 * log_var)


def in_place(mean, log_var, rng):
    np.exp(0.5 * log_var, out=log_var)
    return mean + log_var * rng.standard_normal(mean.shape)


def half_of_the_noise(mean, log_var, rng):
    noise = rng.standard_normal((len(mean) // 2, mean.shape[1]))
    return mean + scale(log_var) * np.concatenate([noise, -noise])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda m, v, rng: m + scale(v) * rng.choice([-1.0, 1.0], m.shape), "the law is not"),
        (lambda m, v, rng: m + scale(v) * rng.uniform(-(3**0.5), 3**0.5, m.shape), "the law is not"),
        (lambda m, v, rng: m + scale(v) * rng.laplace(0, 2**-0.5, m.shape), "the law is not"),
        (half_of_the_noise, "share their noise"),
        (lambda m, v, rng: m[:1] + scale(v[:1]) * rng.standard_normal(m.shape), "each row has its own"),
        (lambda m, v, rng: m + scale(v) * rng.standard_normal(m.shape), RIGHT),
        (lambda m, v, rng: rng.normal(m, scale(v)), RIGHT),
    ],
)
def test_a_draw_is_judged_by_its_law_and_not_by_two_moments(answer, said):
    assert said in the_reparameterization_trick.REPAIR_THE_DRAW.judge(answer)


def test_an_answer_that_works_in_place_spoils_nothing_and_is_told_so():
    for _ in range(3):
        assert "changes its input `log_var` in place" in the_reparameterization_trick.REPAIR_THE_DRAW.judge(in_place)
        assert (
            the_reparameterization_trick.REPAIR_THE_DRAW.judge(
                lambda m, v, rng: m + scale(v) * rng.standard_normal(m.shape)
            )
            == RIGHT
        )


def _encoder(*layers):
    import keras

    return keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), *layers])


def test_a_hidden_layer_bends_by_what_it_does_and_not_by_its_name():
    from keras.layers import ELU, Activation, Dense, LeakyReLU, PReLU, ReLU

    for bend in (LeakyReLU(), PReLU(), ELU(), Activation("gelu")):
        assert the_latent_space.REPAIR_RELU_CODE.judge(_encoder(Dense(128), bend, Dense(8))) == RIGHT
    for flat in ((Dense(128), Activation("linear"), Dense(8)), (ReLU(), Dense(128), Dense(8))):
        assert "now nothing bends" in the_latent_space.REPAIR_RELU_CODE.judge(_encoder(*flat))


def test_a_linear_code_behind_which_a_relu_stands_is_refused():
    import keras
    from keras.layers import Dense, ReLU

    from course_lib.formulas.likelihoods import bernoulli_log_prob
    from course_lib.models import Autoencoder

    encoder = keras.Sequential([keras.Input((784,)), Dense(32)])
    decoder = keras.Sequential([keras.Input((32,)), ReLU(), Dense(784)])
    assert "not linear" in autoencoders.BUILD_784_32_784.judge(Autoencoder(encoder, decoder, bernoulli_log_prob))


def test_an_augmentation_is_judged_in_the_same_words_each_time():
    from keras import Sequential, layers

    shifted = layers.RandomTranslation(0.1, 0.1, fill_mode="constant")
    turned = Sequential(
        [layers.RandomRotation(18 / 360, fill_mode="constant"), layers.RandomTranslation(1 / 16, 1 / 16)]
    )
    for answer in (shifted, turned, layers.RandomTranslation(0.1, 0.1, fill_mode="constant")):
        assert len({regularised_autoencoders.CHOOSE_AN_AUGMENTATION.judge(answer) for _ in range(4)}) == 1


def test_a_flip_in_both_directions_is_told_as_a_flip():
    from keras import layers

    said = regularised_autoencoders.CHOOSE_AN_AUGMENTATION.judge(layers.RandomFlip())
    assert "on its head" in said  # it turns half of the images by half a turn, and leaves the others


def test_a_crop_of_each_image_is_an_augmentation_and_one_for_the_batch_is_none():
    from keras import Sequential, layers

    judge = regularised_autoencoders.CHOOSE_AN_AUGMENTATION.judge
    assert judge(layers.RandomZoom((-0.12, 0.0), fill_mode="constant")) == RIGHT  # a cut-out of each, enlarged
    whole_batch = Sequential([layers.RandomCrop(7, 7), layers.Resizing(8, 8)])  # Keras draws one crop for all
    assert "one change for the whole batch" in judge(whole_batch)


def _by_eigenvectors(covariance):
    eigenvalues, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(eigenvalues)).T


def _symmetric(covariance):
    eigenvalues, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(eigenvalues)) @ vectors.T


@pytest.mark.parametrize("root", [_by_eigenvectors, _symmetric, lambda c: np.linalg.cholesky(c).T])
def test_any_root_of_the_covariance_is_right(root):
    def draws(codes, noise):
        return codes.mean(axis=0) + noise @ root(np.cov(codes.T))

    def generated(encode, decode, x, noise):
        return decode(draws(encode(x), noise))

    assert the_latent_space.GAUSSIAN_CODES.judge(draws) == RIGHT
    assert the_latent_space.GENERATE.judge(generated) == RIGHT
    for more in (0.1, 0.02):
        wider = lambda codes, noise, more=more: (  # noqa: E731
            codes.mean(axis=0) + noise @ root(np.cov(codes.T) + more * np.eye(codes.shape[1]))
        )
        assert the_latent_space.GAUSSIAN_CODES.judge(wider) != RIGHT
        assert the_latent_space.GENERATE.judge(lambda e, d, x, noise, wider=wider: d(wider(e(x), noise))) != RIGHT
    assert the_latent_space.GAUSSIAN_CODES.judge(lambda codes, noise: 1.1 * draws(codes, noise)) != RIGHT
    assert (
        the_latent_space.GENERATE.judge(lambda encode, decode, x, noise: decode(draws(1.1 * encode(x), noise))) != RIGHT
    )


def test_a_counterexample_may_be_handed_in_as_a_model_returns_it():
    answer = the_elbo.COUNTEREXAMPLE.handed_in(the_elbo.COUNTEREXAMPLE.reference)
    assert the_elbo.COUNTEREXAMPLE.judge(tuple(np.array([[each]]) for each in answer)) == RIGHT


def _round(images_and_labels, noise_and_labels, steps=1):
    def one_round(discriminator, combined, images, labels, noise):
        discriminator.trainable = True
        discriminator.train_on_batch(*images_and_labels(images, labels))
        discriminator.trainable = False
        for _ in range(steps):
            combined.train_on_batch(*noise_and_labels(noise, labels))

    return one_round


def _honest(x, labels):
    return x, labels


def _as_real(noise, labels):
    return noise, np.ones((len(noise), 1))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (_round(_honest, _as_real), RIGHT),
        (_round(lambda x, y: (x, 1 - y), _as_real), "learn the labels"),
        (_round(lambda x, y: (x, np.ones_like(y)), _as_real), "learn the labels"),
        (_round(lambda x, y: (x[:4], y[:4]), _as_real), "the whole batch"),
        (_round(lambda x, y: (0 * x, y), _as_real), "the whole batch"),
        (_round(_honest, lambda z, y: (0 * z, np.ones((len(z), 1)))), "trained on the `noise`"),
        (_round(_honest, _as_real, steps=2), "one step of each network"),
        (_round(_honest, lambda z, y: (z, y[: len(z)])), "learns to be *recognised*"),
        (_round(_honest, lambda z, y: (z, np.full((len(z), 1), 0.9))), "asks for less than that"),
    ],
)
def test_a_round_is_judged_by_what_it_trains_on(answer, said):
    assert said in training_a_gan.FROZEN_ROUND.judge(answer)


def _bootstrap(generate, noise, labels, rng):
    asked = rng.choice(labels, len(labels))
    return [generate(noise, asked), asked]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (_bootstrap, RIGHT),
        (lambda generate, noise, labels, rng: (generate(0 * noise, labels), labels), "the noise that you are given"),
        (
            lambda generate, noise, labels, rng: (generate(np.tile(noise[:1], (len(noise), 1)), labels), labels),
            "its own",
        ),
    ],
)
def test_fake_pairs_may_draw_labels_from_the_batch_and_must_use_the_noise(answer, said):
    assert said in conditional_gans_and_hybrids.FAKE_PAIRS.judge(answer)


@pytest.mark.parametrize(
    ("positions", "said"),
    [
        (lambda rng, n: rng.integers(0, 2, (n, 1, 1)), "the two ends alone"),
        (lambda rng, n: rng.uniform(size=(1, 4, 1)), "not between the images"),
        (lambda rng, n: rng.beta(1.4, 1.4, size=(n, 1, 1)), "not evenly"),
        (lambda rng, n: np.random.default_rng().uniform(size=(n, 1, 1)), "do not come from `rng`"),
        (lambda rng, n: np.random.uniform(size=(n, 1, 1)), "do not come from `rng`"),  # noqa: NPY002
    ],
)
def test_positions_that_are_not_drawn_evenly_are_described(positions, said):
    def between(real, samples, rng):
        t = positions(rng, len(real))
        return t * real + (1 - t) * samples

    assert said in wasserstein_gans.BETWEEN.judge(between)


def _vae(draw=None, loss=None, **methods):
    """A class like the one of the VAE's exercise, with other methods."""
    import keras

    given = {"call": draw, "compute_loss": loss, **methods}
    written = the_variational_autoencoder.written_vae()
    return type("Written", (written,), {name: each for name, each in given.items() if each} | {"K": keras})


def test_a_vae_is_right_of_any_make():
    import keras
    from keras import ops

    from course_lib.formulas import bernoulli_log_prob, standard_normal_kl
    from course_lib.layers import Sampling

    def by_the_layer(self, x):
        mean, log_var = self.encoder(x)
        return mean, log_var, self.decoder(self.sampling(mean, log_var))

    def begun(self, *parts, seed=0, **options):
        super(layered, self).__init__(*parts, seed=seed, **options)
        self.sampling = Sampling(seed)

    def by_keras(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        mean, log_var, logits = y_pred
        each = keras.losses.binary_crossentropy(x, logits, from_logits=True) * x.shape[-1]
        kl = -0.5 * ops.sum(1 + log_var - ops.square(mean) - ops.exp(log_var), axis=1)
        return ops.mean(each) + self.beta * ops.mean(kl)

    def by_the_library(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        mean, log_var, logits = y_pred
        return ops.mean(self.beta * standard_normal_kl(mean, log_var) - bernoulli_log_prob(x, logits))

    layered = _vae(by_the_layer, __init__=begun)
    for answer in (layered, _vae(loss=by_keras), _vae(loss=by_the_library)):
        assert the_variational_autoencoder.WRITE_A_VAE.judge(answer) == RIGHT


def test_a_vae_that_is_half_written_or_no_class_is_told_so():
    def hole(self, *inputs, **named):
        return ...

    judge = the_variational_autoencoder.WRITE_A_VAE.judge
    assert judge(_vae(hole, hole)) == "not answered yet"
    assert "`compute_loss` is still empty" in judge(_vae(loss=hole))
    assert "`call` is still empty" in judge(_vae(hole))
    assert "the class is expected" in judge(lambda x: x)
    assert "three things" in judge(_vae(lambda self, x: self.encoder(x)))


def test_a_vae_that_runs_by_hand_alone_is_told_that_fit_compiles():
    def by_numpy(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        mean, log_var, logits = (np.asarray(each.numpy()) for each in y_pred)
        return the_variational_autoencoder.vae_loss(np.asarray(x), logits, mean, log_var, self.beta)

    assert "not in `fit`" in the_variational_autoencoder.WRITE_A_VAE.judge(_vae(loss=by_numpy))


def _largest_taken_out(log_weights):
    from keras import ops

    largest = ops.max(log_weights, axis=1, keepdims=True)
    return -ops.mean(largest[:, 0] + ops.log(ops.mean(ops.exp(log_weights - largest), axis=1)))


def _surrogate_for_the_gradient(log_weights):
    """The bound's value and the surrogate's gradient, which are both right."""
    from keras import ops

    weights = ops.stop_gradient(ops.softmax(log_weights, axis=1))
    surrogate = -ops.mean(ops.sum(weights * log_weights, axis=1))
    return surrogate + ops.stop_gradient(_largest_taken_out(log_weights) - surrogate)


def _gradient_of_the_mean_of_logs(log_weights):
    from keras import ops

    loss = -ops.mean(log_weights)
    return loss + ops.stop_gradient(_largest_taken_out(log_weights) - loss)


def _with_the_size_of_a_batch(log_weights):
    from keras import ops

    return -ops.sum(ops.logsumexp(log_weights, axis=1) - np.log(log_weights.shape[1])) / log_weights.shape[0]


def _cut_off(log_weights):
    from keras import ops

    return -ops.mean(ops.log(ops.mean(ops.exp(ops.clip(log_weights, -80, 80)), axis=1)))


def _by_numpy(log_weights):
    return tighter_bounds.iwae_loss()(np.asarray(log_weights))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (_largest_taken_out, RIGHT),
        (_surrogate_for_the_gradient, RIGHT),
        (_gradient_of_the_mean_of_logs, "its gradient is not"),
        (_by_numpy, "Use `keras.ops` for all"),
        (_with_the_size_of_a_batch, "the number of examples is not known"),
        (tighter_bounds._with_one_largest_for_all(), "Each row needs its own maximum"),
        (_cut_off, "your loss is 80.0, and 601.2 is right"),
        (lambda log_weights: _largest_taken_out(log_weights)[None], "yours has the shape (1,)"),
        (lambda log_weights: 2 * _largest_taken_out(log_weights), "the loss should be"),
        (lambda log_weights: ..., "not answered yet"),
        (3.0, "hand over the function itself"),
    ],
)
def test_the_loss_of_an_iwae_is_judged_by_its_value_and_its_gradient(answer, said):
    assert said in tighter_bounds.IWAE_LOSS.judge(answer)


def test_a_contraction_must_train():
    from keras import ops

    def of_numbers(encoder, x, codes):
        lengths = np.square(encoder.layers[-1].get_weights()[0]).sum(axis=0)
        return ops.sum(ops.square(codes * (1 - codes)) * lengths, axis=-1)

    def of_fixed_codes(encoder, x, codes):
        codes, lengths = ops.stop_gradient(codes), ops.sum(ops.square(encoder.layers[-1].kernel), axis=0)
        return ops.sum(ops.square(codes * (1 - codes)) * lengths, axis=-1)

    judge = codes_that_are_too_wide.CONTRACTION.judge
    assert "neither the slopes nor the weights" in judge(of_fixed_codes)
    assert "what leaves it" in judge(of_numbers)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda x, o, m, c: np.where(o, x, m + (x - m)[:, o] @ np.linalg.solve(c[np.ix_(o, o)], c[o])), RIGHT),
        (lambda x, o, m, c: np.where(o, m, x), "the observed values became means"),
        (lambda x, o, m, c: np.where(~o, x, m + (x - m)), "nothing is filled in"),
        (lambda x, o, m, c: np.where(o, x, m), "you filled in the mean"),
    ],
)
def test_rows_may_be_filled_in_by_where(answer, said):
    assert said in conditioning_and_rare_classes.CONDITIONAL_MEAN.judge(answer)


def test_a_class_of_one_example_has_a_mean():
    def of_many(values, labels, num_classes):
        rows = [values[labels == k] for k in range(num_classes)]
        return np.array([row.mean() if len(row) > 1 else np.nan for row in rows])

    said = conditioning_and_rare_classes.PER_CLASS_REPORT.judge(of_many)
    assert "wrong in a special case" in said
    assert "`labels` = [0, 1, 0, 2, 2]" in said


@pytest.mark.parametrize("small", [1e-7, 1e-12])
def test_a_logarithm_that_is_cut_off_is_told_so(small):
    def loss(made, target, logits, weight):
        probability = np.clip(1 / (1 + np.exp(-logits)), small, 1 - 1e-7)
        return np.abs(target - made).sum(axis=1) - weight * np.log(probability)

    said = conditional_gans_and_hybrids.PAIRED_LOSS.judge(loss)
    assert ("your logarithm is cut off" if small == 1e-7 else "`logits` = [-800.0, 800.0]") in said
