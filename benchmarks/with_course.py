"""The course's own way: its models and their `fit`, everything at its default."""

from contextlib import ExitStack, suppress
from unittest import mock

import keras
from keras import ops

from benchmarks.architectures import POSITION, networks_of, set_both
from benchmarks.pace import Finished, keras_callback
from course_lib.formulas import adversarial, likelihoods
from course_lib.formulas.gradient_penalties import GradientPenalty
from course_lib.models import GAN, VAE


def model_of(task):
    """The course's model for a task."""
    first, second = networks_of(task)
    if task.penalty is not None:
        return GAN(first, second, adversarial.wasserstein, seed=0, penalty=GradientPenalty(task.penalty))
    if task.adversarial:
        return GAN(first, second, adversarial.non_saturating, seed=0)
    return VAE(first, second, likelihoods.bernoulli_log_prob, seed=0)


class Trainer:
    """Trains a task; every contender has the same three methods.

    Args:
        task: A `Task`.
        x: Float32, one epoch of data.
    """

    def __init__(self, task, x):
        keras.utils.set_random_seed(0)
        self.task, self.x = task, x
        self.model = model_of(task)

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
        return self.model.count_params() - (not self.task.adversarial)  # without β

    def loss(self, weights, x, noise):
        """The loss at given weights (encoder's, then decoder's; or generator's, then discriminator's) and noise."""
        set_both(self.networks, weights)
        return float(ops.convert_to_numpy(loss_with_noise(self.model, x, noise)))

    @property
    def networks(self):
        if self.task.adversarial:
            return self.model.generator, self.model.discriminator
        return self.model.encoder, self.model.decoder

    def get_weights(self):
        return [weight for network in self.networks for weight in network.get_weights()]


def loss_with_noise(model, x, noise):
    """The model's training loss where its own random draws are replaced: by the one given, and by `POSITION`."""
    x, noise = ops.convert_to_tensor(x), ops.convert_to_tensor(noise)
    if isinstance(model, GAN):
        draws = [(model.noise, lambda x: noise)]
    else:
        draws = [(model.sampling, lambda mean, log_var: mean + ops.exp(0.5 * log_var) * noise)]
    if getattr(model, "position", None) is not None:
        draws.append((model.position, lambda x: ops.full((ops.shape(x)[0],), POSITION)))
    with ExitStack() as replaced:
        for layer, drawn in draws:
            replaced.enter_context(mock.patch.object(layer, "call", drawn))
        return model.compute_loss(x=x, y_pred=model(x, training=True))
