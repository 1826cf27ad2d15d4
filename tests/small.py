"""Small models and data for the tests."""

import numpy as np

from course_lib import adversarial, networks
from course_lib.likelihoods import bernoulli_log_prob
from course_lib.models import GAN, VAE

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
