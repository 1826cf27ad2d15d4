"""Networks that are written as classes, data of any scale, and layers that read images the other way round."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from course_lib import networks
from course_lib.contracts.networks import final_activation, input_shape, meet, output_shapes, rescales_input
from course_lib.formulas import adversarial, likelihoods
from course_lib.models import GAN, VAE, VAEGAN, VQVAE, AdversarialAutoencoder, Autoencoder, ConditionalVAE
from course_lib.models.parts import loudest_data
from tests.small import IMAGE, binary_images, data_of, every_model, values

pytestmark = pytest.mark.backend

X = binary_images(40)
RNG = np.random.default_rng(0)
BERNOULLI = likelihoods.bernoulli_log_prob
PIXELS = 16


@keras.saving.register_keras_serializable("tests")
class Encoder(keras.Model):
    """In the style of the guides; `answers` tells what it returns."""

    def __init__(self, answers="two", **kwargs):
        super().__init__(**kwargs)
        self.answers = answers
        self.flat, self.mean, self.log_var = layers.Flatten(), layers.Dense(2), layers.Dense(2)

    def call(self, x):
        hidden = self.flat(x)
        mean, log_var = self.mean(hidden), self.log_var(hidden)
        return {
            "two": (mean, log_var),
            "three": (mean, log_var, mean),
            "one": mean,
            "widths": (mean, log_var[:, :1]),
            "dict": {"mean": mean, "log_var": log_var},
        }[self.answers]

    def get_config(self):
        return {**super().get_config(), "answers": self.answers}


@keras.saving.register_keras_serializable("tests")
class Decoder(keras.Model):
    def __init__(self, activation=None, shape=IMAGE, **kwargs):
        super().__init__(**kwargs)
        self.activation, self.shape = activation, tuple(shape)
        self.dense = layers.Dense(int(np.prod(self.shape)))
        self.shaped = layers.Reshape(self.shape)

    def call(self, z, training=None):
        return self.shaped(keras.activations.get(self.activation)(self.dense(z)))

    def get_config(self):
        return {**super().get_config(), "activation": self.activation, "shape": self.shape}


class LayerDecoder(layers.Layer):
    """A layer in the place of a model."""

    def __init__(self, activation=None):
        super().__init__()
        self.inner = Decoder(activation)

    def call(self, z):
        return self.inner(z)


class Judge(keras.Model):
    def __init__(self, activation=None, units=1):
        super().__init__()
        self.flat, self.logit = layers.Flatten(), layers.Dense(units, activation=activation)

    def call(self, x):
        return self.logit(self.flat(x))


def gaussian_encoder():
    return networks.dense_gaussian_encoder(IMAGE, 2, (8,))


SQUASHED = ["sigmoid", "hard_sigmoid", "softmax"]


@pytest.mark.parametrize("activation", SQUASHED)
@pytest.mark.parametrize("make", [Decoder, LayerDecoder])
def test_a_decoder_written_as_a_class_that_ends_in_a_sigmoid_is_refused_like_any_other(make, activation):
    with pytest.raises(
        ValueError, match=r"takes logits, but the decoder ends in a (sigmoid|softmax): it would be applied"
    ):
        VAE(gaussian_encoder(), make(activation), BERNOULLI)
    with pytest.raises(ValueError, match="takes logits"):
        Autoencoder(networks.dense_encoder(IMAGE, 2), make(activation), BERNOULLI)


@pytest.mark.slow
@pytest.mark.parametrize("make", [Decoder, LayerDecoder])
@pytest.mark.parametrize("activation", [None, "relu", "softplus", "tanh", "leaky_relu"])
def test_a_decoder_written_as_a_class_that_returns_logits_trains(make, activation):
    model = VAE(gaussian_encoder(), make(activation), BERNOULLI, seed=0)
    assert model.built
    assert np.isfinite(model.fit(X, epochs=1, verbose=0).history["loss"]).all()
    assert model.sample(3).shape == (3, *IMAGE)


def test_a_head_that_begins_at_zero_is_not_taken_for_a_sigmoid():
    decoder = Decoder()
    decoder.dense = layers.Dense(PIXELS, kernel_initializer="zeros")
    VAE(gaussian_encoder(), decoder, BERNOULLI)
    assert final_activation(decoder) is None


def test_where_both_are_classes_they_are_known_from_the_first_data_on():
    model = VAE(Encoder(), Decoder(), BERNOULLI, seed=0)
    assert not model.built
    model.fit(X, epochs=1, verbose=0)
    assert (model.latent_dim, model.sample(3).shape) == (2, (3, *IMAGE))
    assert model.reconstruct(X).shape == X.shape
    with pytest.raises(ValueError, match=r"must have shape \(examples, 4, 4, 1\)"):
        model.encode(RNG.random((3, 5, 5, 1)))
    with pytest.raises(ValueError, match="takes logits"):
        VAE(Encoder(), Decoder("sigmoid"), BERNOULLI).fit(X, epochs=1, verbose=0)


@pytest.mark.slow
@pytest.mark.parametrize("epochs", [1])
def test_a_pipeline_meets_them_too(epochs):
    class Batches(keras.utils.PyDataset):
        def __getitem__(self, index):
            return X[:20]

        def __len__(self):
            return 2

    with pytest.raises(ValueError, match="takes logits"):
        VAE(Encoder(), Decoder("sigmoid"), BERNOULLI).fit(Batches(), epochs=epochs, verbose=0)
    VAE(Encoder(), Decoder(), BERNOULLI).fit(Batches(), epochs=epochs, verbose=0)


@pytest.mark.parametrize(
    ("encoder", "decoder", "sentence"),
    [
        (lambda: Encoder("three"), Decoder, r"must return \(mean, log_var\).*it returns 3 of shapes.*draws z itself"),
        (lambda: Encoder("one"), Decoder, r"must return \(mean, log_var\).*it returns 1 of shapes"),
        (lambda: Encoder("widths"), Decoder, r"two tensors of the same shape"),
        (lambda: Encoder("dict"), Decoder, "The encoder, a Encoder, must take a batch .*returns a dict"),
        (
            Encoder,
            lambda: Decoder(shape=(5, 5, 1)),
            r"takes data of shape \(4, 4, 1\); the decoder returns \(5, 5, 1\)",
        ),
        (Encoder, lambda: networks.dense_decoder(3, IMAGE), "latent sizes must match"),
        (Encoder, lambda: Judge(units=2), r"the decoder returns \(2,\)"),
    ],
)
def test_classes_that_do_not_fit_are_refused_in_one_sentence(encoder, decoder, sentence):
    with pytest.raises(ValueError, match=sentence) as caught:
        VAE(encoder(), decoder(), BERNOULLI).fit(X, epochs=1, verbose=0)
    assert len(str(caught.value).splitlines()) == 1


def test_a_class_that_cannot_be_called_is_refused_with_its_own_reason():
    class Broken(keras.Model):
        def call(self, z):
            return ops.reshape(z, (-1, 7)) @ ops.ones((3, 3))

    with pytest.raises(
        ValueError, match=r"^The decoder, a Broken, must take a batch of shape \(n, 2\); got "
    ) as caught:
        VAE(gaussian_encoder(), Broken(), BERNOULLI)
    assert len(str(caught.value).splitlines()) == 1


NO_NETWORKS = [
    (lambda x: x, "got a function"),
    (None, "got a NoneType"),
    ("dense", "got a str"),
    (Decoder, r"got the class Decoder. Make one: Decoder\(\)"),
]


@pytest.mark.parametrize(("thing", "sentence"), NO_NETWORKS)
def test_what_is_no_network_is_refused_by_every_model(thing, sentence):
    encoder, decoder, judge = gaussian_encoder(), networks.dense_decoder(2, IMAGE), networks.dense_discriminator(IMAGE)
    generator = networks.dense_generator(2, IMAGE)
    for make in (
        lambda: VAE(thing, decoder, BERNOULLI),
        lambda: VAE(encoder, thing, BERNOULLI),
        lambda: Autoencoder(thing, decoder),
        lambda: Autoencoder(networks.dense_encoder(IMAGE, 2), thing),
        lambda: GAN(thing, judge, adversarial.hinge),
        lambda: GAN(generator, thing, adversarial.hinge),
        lambda: VAEGAN(encoder, decoder, thing, BERNOULLI, adversarial.hinge),
        lambda: ConditionalVAE(thing, decoder, BERNOULLI, num_classes=3),
        lambda: AdversarialAutoencoder(networks.dense_encoder(IMAGE, 2), decoder, thing, None, adversarial.hinge),
        lambda: VQVAE(thing, decoder, keras.layers.Dense(1), BERNOULLI),
    ):
        with pytest.raises(ValueError, match=f"must be a (network|Keras model or layer); {sentence}|quantizer"):
            make()


@pytest.mark.parametrize("activation", SQUASHED[:2])
def test_a_discriminator_written_as_a_class_that_ends_in_a_sigmoid_is_refused(activation):
    generator = networks.dense_generator(2, IMAGE, (8,))
    with pytest.raises(ValueError, match="must return logits, but it ends in a sigmoid"):
        GAN(generator, Judge(activation), adversarial.non_saturating)
    with pytest.raises(ValueError, match=r"must return one logit, shape \(batch, 1\); got \[\(2,\)\]"):
        GAN(generator, Judge(units=2), adversarial.non_saturating)
    with pytest.raises(ValueError, match="must return logits"):
        VAEGAN(gaussian_encoder(), Decoder(), Judge(activation), BERNOULLI, adversarial.hinge)


@pytest.mark.slow
def test_players_written_as_classes_train_and_their_range_is_known():
    for activation, outside in (("tanh", 3 * X), ("sigmoid", 2 * X - 1)):
        generator = Decoder(activation)
        with pytest.raises(ValueError, match=r"call one that is written as a class once: generator\(keras.ops.zeros"):
            GAN(generator, Judge(), adversarial.non_saturating)
        generator(ops.zeros((1, 2)))
        gan = GAN(generator, Judge(), adversarial.non_saturating, seed=0)
        assert np.isfinite(gan.fit(X, epochs=1, verbose=0).history["loss"]).all()
        assert gan.sample(3).shape == (3, *IMAGE)
        with pytest.raises(ValueError, match=f"for a generator that ends in {activation}"):
            gan.fit(outside, epochs=1, verbose=0)


def test_meeting_a_network_changes_nothing_but_builds_it():
    decoder = Decoder()
    decoder(ops.zeros((1, 2)))
    before = values(decoder.variables)
    meet(decoder, "decoder", (2,))
    assert all(np.array_equal(a, b) for a, b in zip(before, values(decoder.variables), strict=True))
    assert (input_shape(decoder), output_shapes(decoder)) == ((2,), [IMAGE])
    readable = networks.dense_decoder(2, IMAGE)
    meet(readable, "decoder", (99,))  # it is not called
    assert input_shape(readable) == (2,)


@pytest.mark.slow
def test_models_of_classes_are_saved_and_loaded(tmp_path):
    model = VAE(Encoder(), Decoder(), BERNOULLI, seed=0)
    model.fit(X, epochs=1, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.reconstruct(X) == pytest.approx(model.reconstruct(X), abs=1e-5)


# ---- scale


def vae(shape, log_likelihood=None, encoder=None):
    log_likelihood = likelihoods.gaussian(0.01) if log_likelihood is None else log_likelihood
    count = 2 if log_likelihood is likelihoods.gaussian_log_prob else 1
    encoder = networks.dense_gaussian_encoder(shape, 2, (16,)) if encoder is None else encoder
    return VAE(encoder, networks.dense_decoder(2, shape, (16,), num_parameters=count), log_likelihood, seed=0)


def squared_error(shape):
    return Autoencoder(networks.dense_encoder(shape, 2, (16,)), networks.dense_decoder(2, shape, (16,)))


def linear_gan(shape):
    generator = networks.dense_generator(2, shape, (16,), output_activation=None)
    return GAN(generator, networks.dense_discriminator(shape, (16,)), adversarial.hinge, seed=0)


GREY = RNG.random((64, 8, 8, 1))
TABLE = np.c_[RNG.normal(40, 10, 300), RNG.normal(50_000, 20_000, 300), RNG.integers(0, 2, 300)]
WAVE = np.sin(np.arange(64) * RNG.uniform(0.1, 0.6, (300, 1)))
LOUD = {
    "floats in 0 … 255": (255 * GREY, "x.astype('float32') / 255"),
    "floats in 0 … 255 as vectors": (255 * GREY.reshape(64, 64), "x.astype('float32') / 255"),
    "16 bits": ((65535 * GREY).astype("uint16"), "x.astype('float32') / 65535"),
    "sound": ((32767 * WAVE).astype("int16"), "x.astype('float32') / 32768"),
    "sound as floats": (32767.0 * WAVE, "x.astype('float32') / 32768"),
    "quiet sound": ((3000 * WAVE).astype("int16"), "x.astype('float32') / 32768"),
    "a table": (TABLE, "(x - x.mean(axis=0)) / x.std(axis=0)"),
    "a table in float32": (TABLE.astype("float32"), "(x - x.mean(axis=0)) / x.std(axis=0)"),
    "a table with a constant column": (np.c_[TABLE, np.full(300, 7.0)], "np.where(x.std(axis=0) > 0"),
    "years": (RNG.integers(1900, 2026, (200, 3)), "(x - x.mean(axis=0)) / x.std(axis=0)"),
    "one column of euros": (TABLE[:, 1:2], "(x - x.mean(axis=0)) / x.std(axis=0)"),
    "a wide table": (1000.0 * RNG.normal(size=(200, 40)) * np.logspace(-3, 1, 40), "x.mean(axis=0)"),
    "one outlier": (np.r_[RNG.normal(size=(300, 4)), [[1e5, 0, 0, 0]]], "np.delete(x, [300], axis=0)"),
    "huge numbers": (1e9 * RNG.normal(size=(100, 5)), "x.mean(axis=0)"),
}
MAKERS = {
    "a fixed variance": lambda shape: vae(shape),
    "a learned variance": lambda shape: vae(shape, likelihoods.gaussian_log_prob),
    "the squared error": squared_error,
}


def repaired(error, x):
    return eval(str(error).rsplit(": ", 1)[1].removesuffix("."), {"x": x, "np": np})


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("name", LOUD)
def test_data_far_from_unit_scale_are_refused_and_the_repair_makes_them_train(name, maker):
    x, code = LOUD[name]
    model = MAKERS[maker](x.shape[1:])
    with pytest.raises(ValueError, match=r"x must be around unit scale for .*; got values from ") as caught:
        model.fit(x, epochs=1, verbose=0)
    assert code in str(caught.value)
    repair = repaired(caught.value, x)
    assert np.isfinite(repair).all()
    model.data_contract().checked(repair)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["floats in 0 … 255", "sound", "a table with a constant column", "one outlier"])
def test_repaired_data_train(name):
    x, _ = LOUD[name]
    model = vae(x.shape[1:], likelihoods.gaussian(0.1))
    with pytest.raises(ValueError, match="around unit scale") as caught:
        model.fit(x, epochs=1, verbose=0)
    losses = model.fit(repaired(caught.value, x), epochs=3, verbose=0).history["loss"]
    assert np.isfinite(losses).all()


USUAL = {
    "images in [0, 1]": GREY,
    "standardised images": (GREY - GREY.mean()) / GREY.std(),
    "a table": RNG.normal(size=(200, 5)),
    "points at ±20": RNG.uniform(-20, 20, (100, 2)),
    "a line at 20": RNG.normal(20, 1, (100, 2)),
    "sevenfold tables": 7 * RNG.normal(size=(200, 5)),
    "heavy tails": RNG.standard_t(3, (300, 30)),
    "one value of fifty": np.r_[RNG.normal(size=(50, 40)), [[50] + 39 * [0.0]]],
}


@pytest.mark.slow
@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("name", USUAL)
def test_data_of_usual_scale_train(name, maker):
    x = USUAL[name]
    if maker == "a learned variance" and name not in ("images in [0, 1]", "standardised images", "a table"):
        pytest.skip("beyond its limit, which is lower")
    losses = MAKERS[maker](x.shape[1:]).fit(x, epochs=3, verbose=0).history["loss"]
    assert np.isfinite(losses).all()


@pytest.mark.slow
def test_the_limit_is_where_training_begins_to_fail():
    """At the limit a VAE still learns; at twenty times it, which is refused, its loss is no number."""
    direction = RNG.normal(size=(256, 1)) * np.ones((1, 64)) + 0.1 * RNG.normal(size=(256, 64))
    contract = vae((64,), None, networks.dense_gaussian_encoder((64,), 2)).data_contract()
    norms = np.sqrt(np.square(direction).mean(axis=1)).max()
    at_limit = direction * contract.loudest * np.sqrt((64 + contract.width) / 64) / norms * 0.999
    model = vae((64,), likelihoods.gaussian(1.0), networks.dense_gaussian_encoder((64,), 2))
    losses = model.fit(at_limit, epochs=100, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]
    with pytest.raises(ValueError, match="around unit scale"):
        model.fit(1.01 * at_limit, epochs=1, verbose=0)
    unguarded = vae((64,), likelihoods.gaussian(1.0), networks.dense_gaussian_encoder((64,), 2))
    unguarded.data_contract = lambda: type(contract)((64,))
    with pytest.raises(ValueError, match="The training broke"):
        unguarded.fit(20 * at_limit, epochs=2, verbose=0)


@pytest.mark.slow
def test_points_in_the_plane_and_data_with_a_range_have_no_scale():
    for shape in ((2,), (3,)):
        assert linear_gan(shape).data_contract().loudest is None
    linear_gan((2,)).fit(RNG.uniform(-200, 200, (100, 2)), epochs=1, verbose=0)
    with pytest.raises(ValueError, match="around unit scale for a generator that ends in linear"):
        linear_gan((8, 8, 1)).fit(255 * GREY, epochs=1, verbose=0)
    assert loudest_data(likelihoods.categorical_log_prob) is None
    counts = likelihoods.register(
        lambda x, rate: ops.sum(x * rate, axis=-1), likelihoods.Likelihood(ops.exp, minimum=0.0)
    )
    assert loudest_data(counts) is None


@pytest.mark.slow
def test_an_encoder_that_rescales_its_input_takes_the_scale_of_the_likelihood():
    def encoder(*first):
        return keras.Sequential([keras.Input((5,)), *first, layers.Dense(8, "relu"), networks_heads()])

    def networks_heads():
        inputs = keras.Input((8,))
        return keras.Model(inputs, [layers.Dense(2)(inputs), layers.Dense(2)(inputs)])

    x = 500 * RNG.normal(size=(200, 5))
    for first in (layers.Rescaling(1 / 500), layers.BatchNormalization(), layers.LayerNormalization()):
        assert rescales_input(encoder(first))
        model = vae((5,), likelihoods.gaussian(250_000.0), encoder(first))
        assert np.isfinite(model.fit(x, epochs=3, verbose=0).history["loss"]).all()
    late = encoder(layers.Dense(4), layers.BatchNormalization())
    for plain in (encoder(), late):
        assert not rescales_input(plain)
        with pytest.raises(ValueError, match="around unit scale"):
            vae((5,), likelihoods.gaussian(250_000.0), plain).fit(x, epochs=1, verbose=0)


# ---- channels first


def test_a_layer_that_reads_the_channels_first_is_refused_and_the_repair_is_good():
    def encoder(data_format):
        return keras.Sequential(
            [keras.Input((8, 8, 3)), layers.Conv2D(4, 3, padding="same", data_format=data_format, name="look"),
             layers.Flatten(), layers.Dense(2)]
        )  # fmt: skip

    decoder = networks.dense_decoder(2, (8, 8, 3))
    with pytest.raises(ValueError, match=r"layer 'look' must read images as \(height, width, channels\); got .*first"):
        Autoencoder(encoder("channels_first"), decoder)
    Autoencoder(encoder("channels_last"), decoder)


def test_layers_that_move_the_channels_first_by_themselves_are_left_alone():
    encoder = keras.Sequential(
        [keras.Input((8, 8, 3)), layers.Permute((3, 1, 2)), layers.AveragePooling2D(2, data_format="channels_first"),
         layers.Flatten(data_format="channels_first"), layers.Dense(2)]
    )  # fmt: skip
    Autoencoder(encoder, networks.dense_decoder(2, (8, 8, 3)))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Autoencoder", "VAE", "IWAE", "ConditionalVAE", "VQVAE", "AdversarialAutoencoder"])
def test_what_is_to_be_given_back_enters_the_likelihood_and_nothing_else(name):
    model, data = every_model()[name], data_of(name, 16)
    x = data if len(data) == 2 else data[0]
    noisy, clean = data[0], 1.0 - binary_images(16, seed=3)
    y_pred = model(x, training=False)
    parts = [ops.convert_to_numpy(part) for part in y_pred["parameters"]]

    def loss(target):
        return float(model.compute_loss(x=x, y=target, y_pred=y_pred, training=False))

    if name == "IWAE":  # the bound is no sum of two parts: one term is moved by as much as every weight is
        assert loss(clean) != pytest.approx(loss(None), rel=1e-3)
        return
    if model.log_likelihood is None:
        told = [np.square(target - parts[0]).sum(axis=(1, 2, 3)).mean() for target in (clean, noisy)]
    else:
        told = [-ops.convert_to_numpy(BERNOULLI(target, *parts)).mean() for target in (clean, noisy)]
    assert loss(clean) - loss(None) == pytest.approx(told[0] - told[1], rel=1e-4)
