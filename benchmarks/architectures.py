"""The networks of the five tasks in Keras: what the course, keras.io style and the tutorial loop train alike.

The convolutional ones are those that keras.io shows: its variational autoencoder, and the GAN of its guide to
customising `fit`. Every last layer is linear; who wants a sigmoid puts it behind.
"""

import keras
from keras import layers

from course_lib import networks

IMAGE = (28, 28, 1)
POSITION = 0.3  # between data (1) and samples (0): where a penalty looks when losses are compared


def networks_of(task):
    """The two networks of a task: (encoder, decoder) or (generator, discriminator)."""
    return {
        "dense_vae": dense_vae,
        "conv_vae": conv_vae,
        "dense_gan": dense_gan,
        "conv_gan": conv_gan,
        "wgan_gp": conv_gan,
    }[task.name](task.noise_dim)


def dense_vae(latent_dim):
    return (
        networks.dense_gaussian_encoder(IMAGE, latent_dim, (400, 400)),
        networks.dense_decoder(latent_dim, IMAGE, (400, 400)),
    )


def dense_gan(noise_dim):
    return (
        networks.dense_generator(noise_dim, (2,), (128, 128), output_activation=None),
        networks.dense_discriminator((2,), (128, 128)),
    )


def conv_vae(latent_dim):
    """Two strided convolutions and 16 units; back through two transposed convolutions."""
    image = keras.Input(IMAGE)
    features = layers.Conv2D(32, 3, strides=2, padding="same", activation="relu")(image)
    features = layers.Conv2D(64, 3, strides=2, padding="same", activation="relu")(features)
    features = layers.Dense(16, activation="relu")(layers.Flatten()(features))
    heads = [layers.Dense(latent_dim, dtype="float32")(features), layers.Dense(latent_dim, dtype="float32")(features)]
    code = keras.Input((latent_dim,))
    features = layers.Reshape((7, 7, 64))(layers.Dense(7 * 7 * 64, activation="relu")(code))
    features = layers.Conv2DTranspose(64, 3, strides=2, padding="same", activation="relu")(features)
    features = layers.Conv2DTranspose(32, 3, strides=2, padding="same", activation="relu")(features)
    logits = layers.Conv2DTranspose(1, 3, padding="same", dtype="float32")(features)
    return keras.Model(image, heads), keras.Model(code, logits)


def conv_gan(noise_dim):
    """Leaky rectifiers throughout; the discriminator looks at the largest value of each channel."""
    noise = keras.Input((noise_dim,))
    features = layers.Reshape((7, 7, 128))(layers.Dense(7 * 7 * 128, activation="leaky_relu")(noise))
    for _ in range(2):
        features = layers.Conv2DTranspose(128, 4, strides=2, padding="same", activation="leaky_relu")(features)
    made = layers.Conv2D(1, 7, padding="same", activation="sigmoid", dtype="float32")(features)
    image = keras.Input(IMAGE)
    features = layers.Conv2D(64, 3, strides=2, padding="same", activation="leaky_relu")(image)
    features = layers.Conv2D(128, 3, strides=2, padding="same", activation="leaky_relu")(features)
    logit = layers.Dense(1, dtype="float32")(layers.GlobalMaxPooling2D()(features))
    return keras.Model(noise, made), keras.Model(image, logit)


def set_both(networks, weights):
    """Give two networks their weights from one list."""
    first, second = networks
    boundary = len(first.weights)
    first.set_weights(weights[:boundary])
    second.set_weights(weights[boundary:])


def count_both(networks):
    return sum(network.count_params() for network in networks)
