"""A program that trains and is killed in the middle of an epoch: `python -m tests.killed vae folder`."""

import os
import sys

import keras

from course_lib import networks
from course_lib.models import Autoencoder
from course_lib.training.resuming import ResumableTraining
from tests.small import binary_images, small_gan, small_vae

EPOCHS, KILLED_IN = 5, 2
IMAGES = binary_images(100)
POINTS = IMAGES.reshape(100, 16)[:, :2]


def denoising_autoencoder():
    """Without seeds of its own: its noise and the order of its batches come from the global seed."""
    encoder = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Dropout(0.3), keras.layers.Flatten()])
    encoder.add(keras.layers.Dense(3))
    return Autoencoder(encoder, networks.dense_decoder(3, (4, 4, 1), (8,)))


TRAININGS = {  # name: (make the model, data)
    "autoencoder": (denoising_autoencoder, IMAGES),
    "vae": (small_vae, IMAGES),
    "vae without a seed": (lambda: small_vae(seed=None), IMAGES),
    "gan": (small_gan, POINTS),
}


class EndInTheMiddle(keras.callbacks.Callback):
    """Calls a function after the first batches of an epoch."""

    def __init__(self, end):
        super().__init__()
        self.end = end

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == KILLED_IN:
            self.end()


def train(name, model, *callbacks, epochs=EPOCHS, **options):
    x = TRAININGS[name][1]
    options = {"batch_size": 16, "validation_data": x[:30], "verbose": 0, **options}
    return model.fit(x, epochs=epochs, callbacks=list(callbacks), **options)


def kill_this_process():
    os.kill(os.getpid(), 9)


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    name, folder = sys.argv[1:]
    train(name, TRAININGS[name][0](), EndInTheMiddle(kill_this_process), ResumableTraining(folder))
