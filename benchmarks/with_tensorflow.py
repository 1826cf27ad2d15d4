"""The TensorFlow tutorial's way, for VAEs: one compiled training step, called in a loop over a `tf.data` pipeline."""

import keras
import tensorflow as tf

from benchmarks.architectures import count_both, networks_of, set_both


def vae_loss(encoder, decoder, x, noise):
    mean, log_var = encoder(x, training=True)
    logits = decoder(mean + tf.exp(0.5 * log_var) * noise, training=True)
    cross_entropy = tf.nn.sigmoid_cross_entropy_with_logits(logits=logits, labels=x)
    kl = 0.5 * tf.reduce_sum(tf.exp(log_var) + mean**2 - 1.0 - log_var, axis=1)
    return tf.reduce_mean(tf.reduce_sum(cross_entropy, axis=[1, 2, 3]) + kl)


class Trainer:
    """See `with_course.Trainer`."""

    def __init__(self, task, x):
        keras.utils.set_random_seed(0)
        self.encoder, self.decoder = networks_of(task)
        self.batches = tf.data.Dataset.from_tensor_slices(x).shuffle(len(x)).batch(task.batch_size)
        optimizer = keras.optimizers.Adam(task.learning_rate, beta_1=task.beta_1)
        weights = self.encoder.trainable_weights + self.decoder.trainable_weights
        optimizer.build(weights)

        @tf.function
        def train_step(x):
            noise = tf.random.normal((tf.shape(x)[0], task.noise_dim))
            with tf.GradientTape() as tape:
                loss = vae_loss(self.encoder, self.decoder, x, noise)
            optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
            return loss

        self.train_step = train_step

    def train(self, pace):
        pace.run(self.epoch)

    def epoch(self):
        return tf.reduce_mean([self.train_step(x) for x in self.batches])

    def num_parameters(self):
        return count_both((self.encoder, self.decoder))

    def loss(self, weights, x, noise):
        set_both((self.encoder, self.decoder), weights)
        return float(vae_loss(self.encoder, self.decoder, x, noise))
