"""The keras.io way: a Keras model with a `train_step` of its own, a gradient tape in it, and `fit` on an array.

After the descriptions of keras.io's examples (variational autoencoder; GAN in a custom `train_step`; WGAN-GP): no
compilation options, a sigmoid at the decoder's end and the cross-entropy of probabilities; the GAN's two networks take
their steps one after the other, each on noise of its own; so do those of the Wasserstein GAN with a gradient penalty,
whose critic takes one step for each of the generator's here, as in the course's own, not several.
"""

from contextlib import suppress
from functools import partial
from unittest import mock

import keras
import tensorflow as tf
from keras import ops

from benchmarks.architectures import POSITION, count_both, networks_of, set_both
from benchmarks.pace import Finished, keras_callback


def adam(task):
    return keras.optimizers.Adam(task.learning_rate, beta_1=task.beta_1)


class CustomStepVAE(keras.Model):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.reconstruction_tracker = keras.metrics.Mean(name="reconstruction_loss")
        self.kl_tracker = keras.metrics.Mean(name="kl_loss")
        self.seed_generator = keras.random.SeedGenerator(0)

    @property
    def metrics(self):
        return [self.loss_tracker, self.reconstruction_tracker, self.kl_tracker]

    def losses_of(self, x, noise):
        mean, log_var = self.encoder(x, training=True)
        probability = ops.sigmoid(self.decoder(mean + ops.exp(0.5 * log_var) * noise, training=True))
        reconstruction = ops.mean(ops.sum(keras.losses.binary_crossentropy(x, probability), axis=(1, 2)))
        kl = ops.mean(ops.sum(-0.5 * (1 + log_var - ops.square(mean) - ops.exp(log_var)), axis=1))
        return reconstruction, kl

    def train_step(self, x):
        noise_shape = (ops.shape(x)[0], self.encoder.output_shape[0][-1])
        noise = keras.random.normal(noise_shape, seed=self.seed_generator)
        with tf.GradientTape() as tape:
            reconstruction, kl = self.losses_of(x, noise)
            loss = reconstruction + kl
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        self.loss_tracker.update_state(loss)
        self.reconstruction_tracker.update_state(reconstruction)
        self.kl_tracker.update_state(kl)
        return {metric.name: metric.result() for metric in self.metrics}


class CustomStepGAN(keras.Model):
    def __init__(self, generator, discriminator):
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.discriminator_tracker = keras.metrics.Mean(name="discriminator_loss")
        self.generator_tracker = keras.metrics.Mean(name="generator_loss")
        self.seed_generator = keras.random.SeedGenerator(0)
        self.cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)

    @property
    def metrics(self):
        return [self.discriminator_tracker, self.generator_tracker]

    def compile(self, discriminator_optimizer, generator_optimizer):
        super().compile()
        self.discriminator_optimizer, self.generator_optimizer = discriminator_optimizer, generator_optimizer

    def draw_noise(self, x):
        noise_shape = (ops.shape(x)[0], self.generator.input_shape[-1])
        return keras.random.normal(noise_shape, seed=self.seed_generator)

    def discriminator_loss(self, x, samples):
        """Over samples and data at once; twice the mean over both is the sum of the two means."""
        logits = self.discriminator(ops.concatenate([samples, x], axis=0), training=True)
        labels = ops.concatenate([ops.zeros((ops.shape(x)[0], 1)), ops.ones((ops.shape(x)[0], 1))], axis=0)
        return 2 * self.cross_entropy(labels, logits)

    def generator_loss(self, noise):
        logits = self.discriminator(self.generator(noise, training=True), training=True)
        return self.cross_entropy(ops.ones_like(logits), logits)

    def train_step(self, x):
        samples = self.generator(self.draw_noise(x), training=True)
        with tf.GradientTape() as tape:
            d_loss = self.discriminator_loss(x, samples)
        weights = self.discriminator.trainable_weights
        self.discriminator_optimizer.apply_gradients(zip(tape.gradient(d_loss, weights), weights, strict=True))
        noise = self.draw_noise(x)
        with tf.GradientTape() as tape:
            g_loss = self.generator_loss(noise)
        weights = self.generator.trainable_weights
        self.generator_optimizer.apply_gradients(zip(tape.gradient(g_loss, weights), weights, strict=True))
        self.discriminator_tracker.update_state(d_loss)
        self.generator_tracker.update_state(g_loss)
        return {metric.name: metric.result() for metric in self.metrics}


class CustomStepWassersteinGAN(CustomStepGAN):
    def __init__(self, generator, discriminator, penalty):
        super().__init__(generator, discriminator)
        self.penalty = penalty

    def draw_positions(self, x):
        return keras.random.uniform((ops.shape(x)[0], 1, 1, 1), seed=self.seed_generator)

    def gradient_penalty(self, x, samples):
        between = samples + self.draw_positions(x) * (x - samples)
        with tf.GradientTape() as tape:
            tape.watch(between)
            verdict = self.discriminator(between, training=True)
        slopes = ops.sqrt(ops.sum(ops.square(tape.gradient(verdict, between)), axis=(1, 2, 3)))
        return ops.mean(ops.square(slopes - 1.0))

    def discriminator_loss(self, x, samples):
        cost = ops.mean(self.discriminator(samples, training=True)) - ops.mean(self.discriminator(x, training=True))
        return cost + self.penalty * self.gradient_penalty(x, samples)

    def generator_loss(self, noise):
        return -ops.mean(self.discriminator(self.generator(noise, training=True), training=True))


class Trainer:
    """See `with_course.Trainer`."""

    def __init__(self, task, x):
        keras.utils.set_random_seed(0)
        self.task, self.x = task, x
        self.networks = networks_of(task)
        if task.adversarial:
            made = CustomStepGAN if task.penalty is None else partial(CustomStepWassersteinGAN, penalty=task.penalty)
            self.model = made(*self.networks)
            self.model.compile(adam(task), adam(task))
        else:
            self.model = CustomStepVAE(*self.networks)
            self.model.compile(optimizer=adam(task))

    def train(self, pace):
        with suppress(Finished):
            self.model.fit(
                self.x,
                batch_size=self.task.batch_size,
                epochs=pace.epochs,
                verbose=0,
                callbacks=[keras_callback(pace)],
            )

    def num_parameters(self):
        return count_both(self.networks)

    def loss(self, weights, x, noise):
        set_both(self.networks, weights)
        if self.task.adversarial:
            samples = self.model.generator(noise)
            with mock.patch.object(CustomStepWassersteinGAN, "draw_positions", return_value=POSITION):
                return float(self.model.discriminator_loss(x, samples) + self.model.generator_loss(noise))
        return float(sum(self.model.losses_of(x, noise)))
