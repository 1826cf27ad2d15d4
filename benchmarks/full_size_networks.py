"""Networks of published sizes that `course_lib.networks` has no builder for: plain Keras, a function each.

Heads are linear and float32 under every precision policy, images are (height, width, channels); generators end in a
sigmoid, as the course's images lie in [0, 1] (the papers' tanh is the same function on [−1, 1]).
"""

import math

import keras
from keras import layers

FORMAT = {"padding": "same", "data_format": "channels_last"}
LEAKY = {"negative_slope": 0.2}


def activated(features, activation, batch_norm=False):
    """What follows a convolution: perhaps batch normalisation, then ReLU or leaky ReLU."""
    if batch_norm:
        features = layers.BatchNormalization(axis=-1)(features)
    return layers.LeakyReLU(**LEAKY)(features) if activation == "leaky" else layers.Activation(activation)(features)


def conv(features, filters, kernel=3, strides=1, transposed=False, **options):
    layer = layers.Conv2DTranspose if transposed else layers.Conv2D
    return layer(filters, kernel, strides=strides, **FORMAT, **options)(features)


def head(features, units, name):
    return layers.Dense(units, dtype="float32", name=name)(features)


def flat(features):
    return layers.Flatten(data_format="channels_last")(features)


# --- DCGAN (Radford et al., 2016): kernels 5 × 5, strides 2, batch normalisation, weights from N(0, 0.02²) -----------


def dcgan_generator(shape, filters, noise_dim=100):
    """From noise to an image; `filters` begin with those of the smallest map, each step doubles the size."""
    small = (shape[0] // 2 ** len(filters), shape[1] // 2 ** len(filters), filters[0])
    inputs = keras.Input((noise_dim,))
    features = layers.Dense(math.prod(small), use_bias=False, kernel_initializer=small_normal())(inputs)
    features = activated(layers.Reshape(small)(features), "relu", batch_norm=True)
    for number in filters[1:]:
        features = _dcgan_conv(features, number, transposed=True, use_bias=False)
        features = activated(features, "relu", batch_norm=True)
    image = _dcgan_conv(features, shape[-1], transposed=True, activation="sigmoid", dtype="float32")
    return keras.Model(inputs, image, name="generator")


def dcgan_discriminator(shape, filters, batch_norm=True):
    """From an image to one logit; the first layer has no batch normalisation, and a critic has none at all."""
    features = inputs = keras.Input(shape)
    for place, number in enumerate(filters):
        normalised = batch_norm and place > 0
        features = activated(_dcgan_conv(features, number, use_bias=not normalised), "leaky", normalised)
    return keras.Model(inputs, head(flat(features), 1, "logit"), name="discriminator")


def _dcgan_conv(features, filters, **options):
    return conv(features, filters, 5, 2, kernel_initializer=small_normal(), **options)


def small_normal():
    return keras.initializers.RandomNormal(stddev=0.02)


# --- WGAN-GP (Gulrajani et al., 2017): residual networks for CIFAR-10 ------------------------------------------------


def _residual(features, filters, change=None, batch_norm=False, first=False):
    """Two 3 × 3 convolutions beside a shortcut; `change` doubles ("up") or halves ("down") the map."""

    def normal(features):
        return activated(features, "relu", batch_norm)

    def resized(features, when):
        if change == "up" and when == "before":
            return layers.UpSampling2D(data_format="channels_last")(features)
        if change == "down" and when == "after":
            return layers.AveragePooling2D(2, data_format="channels_last")(features)
        return features

    deep = features if first else normal(features)
    deep = normal(conv(resized(deep, "before"), filters))
    deep = resized(conv(deep, filters), "after")
    short = resized(resized(features, "before"), "after")
    if change or short.shape[-1] != filters:
        short = conv(short, filters, 1)
    return layers.Add()([short, deep])


def residual_generator(shape, filters=128, noise_dim=128):
    doublings = int(math.log2(shape[0] // 4))
    inputs = keras.Input((noise_dim,))
    features = layers.Reshape((4, 4, filters))(layers.Dense(16 * filters)(inputs))
    for _ in range(doublings):
        features = _residual(features, filters, "up", batch_norm=True)
    features = activated(features, "relu", batch_norm=True)
    return keras.Model(inputs, conv(features, shape[-1], activation="sigmoid", dtype="float32"), name="generator")


def residual_critic(shape, filters=128):
    features = inputs = keras.Input(shape)
    features = _residual(features, filters, "down", first=True)
    features = _residual(features, filters, "down")
    for _ in range(2):
        features = _residual(features, filters)
    features = layers.GlobalAveragePooling2D(data_format="channels_last")(layers.Activation("relu")(features))
    return keras.Model(inputs, head(features, 1, "logit"), name="discriminator")


# --- VQ-VAE (van den Oord et al., 2017): two strided convolutions, two residual blocks -------------------------------


def _vq_block(features, filters):
    deep = conv(layers.Activation("relu")(features), filters)
    return layers.Add()([features, conv(layers.Activation("relu")(deep), filters, 1)])


def vq_encoder(shape, code_dim, codes=1, filters=256):
    """From an image to a grid of a quarter of its height and width, with so many codes at each position."""
    features = inputs = keras.Input(shape)
    for _ in range(2):
        features = conv(features, filters, 4, 2, activation="relu")
    for _ in range(2):
        features = _vq_block(features, filters)
    grid = (shape[0] // 4, shape[1] // 4, *([codes] if codes > 1 else []), code_dim)
    vectors = conv(layers.Activation("relu")(features), codes * code_dim, 1, dtype="float32")
    return keras.Model(inputs, layers.Reshape(grid, dtype="float32")(vectors), name="encoder")


def vq_decoder(shape, code_dim, codes=1, filters=256):
    height, width = shape[0] // 4, shape[1] // 4
    inputs = keras.Input((height, width, *([codes] if codes > 1 else []), code_dim))
    features = conv(layers.Reshape((height, width, codes * code_dim))(inputs), filters, 1)
    for _ in range(2):
        features = _vq_block(features, filters)
    features = conv(layers.Activation("relu")(features), filters, 4, 2, transposed=True, activation="relu")
    return keras.Model(inputs, conv(features, shape[-1], 4, 2, transposed=True, dtype="float32"), name="decoder")


# --- β-VAE (Higgins et al., 2017) and VAE-GAN (Larsen et al., 2016) --------------------------------------------------


def strided_gaussian_encoder(shape, latent_dim, filters, kernel, units, batch_norm=False):
    """Strided convolutions, a dense layer, and the two heads of q(z|x)."""
    features = inputs = keras.Input(shape)
    for number in filters:
        features = activated(conv(features, number, kernel, 2), "relu", batch_norm)
    features = activated(layers.Dense(units)(flat(features)), "relu", batch_norm)
    heads = [head(features, latent_dim, name) for name in ("mean", "log_var")]
    return keras.Model(inputs, heads, name="encoder")


def strided_decoder(shape, latent_dim, filters, kernel, units=None, batch_norm=False):
    """The other way: a dense layer or two, then a doubling for each of `filters`; the last one gives the image."""
    inputs = features = keras.Input((latent_dim,))
    if units:
        features = layers.Dense(units, activation="relu")(features)
    small = (shape[0] // 2 ** len(filters), shape[1] // 2 ** len(filters), filters[0])
    features = layers.Reshape(small)(activated(layers.Dense(math.prod(small))(features), "relu", batch_norm))
    for number in filters[1:]:
        features = activated(conv(features, number, kernel, 2, transposed=True), "relu", batch_norm)
    image = conv(features, shape[-1], kernel, 2, transposed=True, dtype="float32")
    return keras.Model(inputs, image, name="decoder")


def vae_gan_discriminator(shape, filters=(32, 128, 256, 256), units=512):
    """The first convolution keeps the size, each of the others halves it."""
    features = inputs = keras.Input(shape)
    for place, number in enumerate(filters):
        features = activated(conv(features, number, 5, 1 if place == 0 else 2), "relu", batch_norm=place > 0)
    features = activated(layers.Dense(units)(flat(features)), "relu", batch_norm=True)
    return keras.Model(inputs, head(features, 1, "logit"), name="discriminator")


# --- the denoiser (Ho et al., 2020): a U-Net -------------------------------------------------------------------------


@keras.saving.register_keras_serializable(package="benchmarks")
class Waves(layers.Layer):
    """Sines and cosines of a time in [0, 1): `(batch, 1)` to `(batch, size)`, wavelengths from 2π/1000 to 20π."""

    def __init__(self, size, **kwargs):
        super().__init__(**kwargs)
        self.size = size

    def call(self, time):
        steps = keras.ops.arange(self.size // 2, dtype="float32") / max(1, self.size // 2 - 1)
        angles = 1000.0 * keras.ops.cast(time, "float32") * keras.ops.exp(-math.log(10_000.0) * steps)
        waves = keras.ops.concatenate([keras.ops.sin(angles), keras.ops.cos(angles)], axis=-1)
        return keras.ops.cast(waves, self.compute_dtype)

    def compute_output_shape(self, shape):
        return (shape[0], self.size)

    def get_config(self):
        return {**super().get_config(), "size": self.size}


def _normed(features):
    groups = math.gcd(32, features.shape[-1])
    return layers.Activation("swish")(layers.GroupNormalization(groups, axis=-1)(features))


def _timed(features, filters, time, dropout):
    """Two convolutions with the time added between them, beside a shortcut."""
    deep = conv(_normed(features), filters)
    told = layers.Reshape((1, 1, filters))(layers.Dense(filters)(time))
    deep = layers.Dropout(dropout)(_normed(layers.Add()([deep, told])))
    short = features if features.shape[-1] == filters else conv(features, filters, 1)
    return layers.Add()([short, conv(deep, filters, kernel_initializer="zeros")])


def _attended(features):
    height, width, filters = features.shape[1:]
    rows = layers.Reshape((height * width, filters))(
        layers.GroupNormalization(math.gcd(32, filters), axis=-1)(features)
    )
    seen = layers.MultiHeadAttention(1, filters)(rows, rows)
    return layers.Add()([features, layers.Reshape((height, width, filters))(seen)])


def unet(shape, filters=128, widths=(1, 2, 2, 2), blocks=2, attention=16, dropout=0.1):
    """From `[x_t, u]` to the clean image: a map halved level by level and doubled again, with shortcuts across."""
    noisy, u = keras.Input(shape), keras.Input((1,))
    time = layers.Dense(4 * filters, activation="swish")(Waves(filters)(u))
    time = layers.Dense(4 * filters, activation="swish")(time)
    features = conv(noisy, filters)
    kept = [features]
    for level, width in enumerate(widths):
        for _ in range(blocks):
            features = _timed(features, filters * width, time, dropout)
            features = _attended(features) if features.shape[1] == attention else features
            kept.append(features)
        if level < len(widths) - 1:
            features = conv(features, filters * width, strides=2)
            kept.append(features)
    features = _timed(features, filters * widths[-1], time, dropout)
    features = _timed(_attended(features), filters * widths[-1], time, dropout)
    for level, width in reversed(list(enumerate(widths))):
        for _ in range(blocks + 1):
            features = layers.Concatenate()([features, kept.pop()])
            features = _timed(features, filters * width, time, dropout)
            features = _attended(features) if features.shape[1] == attention else features
        if level:
            features = conv(layers.UpSampling2D(data_format="channels_last")(features), filters * width)
    answer = conv(_normed(features), shape[-1], dtype="float32", kernel_initializer="zeros")
    return keras.Model([noisy, u], answer, name="denoiser")
