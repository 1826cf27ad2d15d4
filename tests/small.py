"""Small models and data for the tests."""

import math
from collections.abc import Mapping

import numpy as np

from course_lib import layers, networks
from course_lib.formulas import adversarial
from course_lib.formulas.likelihoods import bernoulli_log_prob
from course_lib.models import (
    GAN,
    IWAE,
    VAE,
    VAEGAN,
    VQVAE,
    AdversarialAutoencoder,
    Autoencoder,
    AuxiliaryClassifierGAN,
    CodePrior,
    ConditionalGAN,
    ConditionalVAE,
    Denoiser,
    ParallelGAN,
)

IMAGE = (4, 4, 1)


def binary_images(n=300, shape=IMAGE, seed=0):
    """Binary images with structure: a bright and a dark half whose border moves."""
    rng = np.random.default_rng(seed)
    border = rng.integers(0, shape[0] + 1, size=(n, 1, 1, 1))
    probability = np.where(np.arange(shape[0])[None, :, None, None] < border, 0.9, 0.1)
    return (rng.random((n, *shape)) < probability).astype("float32")


def small_vae(data_shape=IMAGE, latent_dim=2, log_likelihood=bernoulli_log_prob, beta=1.0, seed=0, hidden=(16,)):
    return VAE(
        networks.dense_gaussian_encoder(data_shape, latent_dim, hidden),
        networks.dense_decoder(latent_dim, data_shape, hidden),
        log_likelihood,
        beta=beta,
        seed=seed,
    )


def small_gan(objective=adversarial.non_saturating, seed=0, data_dim=2):
    return GAN(
        networks.dense_generator(2, (data_dim,), (16,), output_activation=None),
        networks.dense_discriminator((data_dim,), (16,)),
        objective,
        seed=seed,
    )


class MadeWhenAskedFor(Mapping):
    """What the functions of a dictionary return, each called once, when its name is looked up."""

    def __init__(self, makers):
        self._makers, self._made = makers, {}

    def __getitem__(self, name):
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self):
        return iter(self._makers)

    def __len__(self):
        return len(self._makers)


def every_model(shape=IMAGE, log_likelihood=bernoulli_log_prob, objective=adversarial.non_saturating, classes=3):
    """One small model of each kind, by name; each is made when it is asked for, and stays."""
    hidden, judge = (8,), networks.dense_discriminator
    coders = {
        "plain": lambda: (networks.dense_encoder(shape, 2, hidden), networks.dense_decoder(2, shape, hidden)),
        "gaussian": lambda: (
            networks.dense_gaussian_encoder(shape, 2, hidden),
            networks.dense_decoder(2, shape, hidden),
        ),
    }
    return MadeWhenAskedFor(
        {
            "Autoencoder": lambda: Autoencoder(*coders["plain"]()),
            "VAE": lambda: VAE(*coders["gaussian"](), log_likelihood, seed=0),
            "IWAE": lambda: IWAE(*coders["gaussian"](), log_likelihood, num_samples=2, seed=0),
            "ConditionalVAE": lambda: ConditionalVAE(
                networks.dense_conditional_encoder(shape, 2, classes, hidden),
                networks.dense_conditional_decoder(2, shape, classes, hidden),
                log_likelihood,
                num_classes=classes,
                seed=0,
            ),
            "VQVAE": lambda: VQVAE(
                networks.dense_grid_encoder(shape, (3,), 2, hidden),
                networks.dense_grid_decoder((3,), 2, shape, hidden),
                layers.VectorQuantizer(4, 2),
                log_likelihood,
                seed=0,
            ),
            "VAEGAN": lambda: VAEGAN(*coders["gaussian"](), judge(shape, hidden), log_likelihood, objective, seed=0),
            "AdversarialAutoencoder": lambda: AdversarialAutoencoder(
                *coders["plain"](), judge((2,), hidden), None, objective, seed=0
            ),
            "GAN": lambda: GAN(networks.dense_generator(2, shape, hidden), judge(shape, hidden), objective, seed=0),
            "ConditionalGAN": lambda: ConditionalGAN(
                networks.dense_conditional_generator(2, shape, classes, hidden),
                networks.dense_conditional_discriminator(shape, classes, hidden),
                objective,
                num_classes=classes,
                seed=0,
            ),
            "AuxiliaryClassifierGAN": lambda: AuxiliaryClassifierGAN(
                networks.dense_conditional_generator(2, shape, classes, hidden),
                networks.dense_classifying_discriminator(shape, classes, hidden),
                objective,
                num_classes=classes,
                seed=0,
            ),
            "ParallelGAN": lambda: ParallelGAN(
                networks.parallel_generator(2, 2, 2, hidden),
                networks.parallel_discriminator(2, 2, hidden),
                objective,
                copies=2,
                seed=0,
            ),
            "CodePrior": lambda: CodePrior((3,), num_codes=4, seed=0),
            "Denoiser": lambda: Denoiser(small_denoiser(shape), seed=0),
        }
    )


def small_denoiser(shape=IMAGE):
    """A dense network from noisy data and the root of time to clean data."""
    import keras

    noisy, time = keras.Input(shape), keras.Input((1,))
    features = keras.layers.Concatenate()([keras.layers.Flatten()(noisy), time])
    answer = keras.layers.Dense(math.prod(shape))(keras.layers.Dense(8, "tanh")(features))
    return keras.Model([noisy, time], keras.layers.Reshape(shape)(answer), name="denoiser")


def data_of(name, n=16):
    """What `fit` of the model of that name takes: data, and labels or nothing."""
    if name == "CodePrior":
        return (np.arange(3 * n).reshape(n, 3) % 4,)
    if name == "ParallelGAN":
        return (np.random.default_rng(0).normal(size=(n, 2)),)
    x = binary_images(n)
    return (x, np.arange(n) % 3) if name in ("ConditionalVAE", "ConditionalGAN", "AuxiliaryClassifierGAN") else (x,)


def values(variables):
    """Copies of variables as NumPy arrays."""
    from keras import ops

    return [np.array(ops.convert_to_numpy(variable)) for variable in variables]


def gradients(model, x, learning_rate=1.0, y=None):
    """The gradients of a model's loss on one batch, on any backend: what one plain gradient step changes."""
    import keras

    before = values(model.trainable_variables)
    model.compile(keras.optimizers.SGD(learning_rate), jit_compile=False, steps_per_execution=1)
    model.fit(x, y, batch_size=len(x), epochs=1, verbose=0, shuffle=False)
    after = values(model.trainable_variables)
    return [(b - a) / learning_rate for b, a in zip(before, after, strict=True)]
