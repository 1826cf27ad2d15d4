"""What models with a discriminator share: samples judged for two losses, networks checked, two time scales."""

import keras
from keras import ops

from course_lib.contracts.arguments import real_number
from course_lib.contracts.networks import final_activation, meet, output_shapes
from course_lib.models.parts import as_tuple, deserialised, require_networks
from course_lib.training.model import weighted_mean
from course_lib.training.optimizers import ScaledAdam


def held_still(network, inputs, training=None):
    r"""A network's answer as a function of its input alone: $\bar D(x)$, with no gradient to the weights.

    Args:
        network: Built Keras model.
        inputs: Its input, a tensor `(batch, ...)` or a list of them; the gradient to it is left.
        training: Whether batch normalisation and dropout work as in training; their state does not move.

    Returns:
        What the network returns.

    Example:
        >>> network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> tuple(held_still(network, ops.ones((3, 2))).shape)
        (3, 1)

    Reference:
        The bar of Goodfellow et al. (2014), arXiv:1406.2661, algorithm 1: each player's step moves its own weights.
    """
    weights = [ops.stop_gradient(weight.value) for weight in network.trainable_variables]
    state = [variable.value for variable in network.non_trainable_variables]
    takes_mode = getattr(network, "_call_has_training_arg", True)  # a network written as a class need not
    mode = {"training": training} if takes_mode else {}
    answer, _ = network.stateless_call(weights, state, inputs, **mode)
    return answer


def judged_twice(discriminator, samples, training=None, beside=()):
    r"""The verdict on samples for the two losses: $D(\bar x)$ moves the discriminator, $\bar D(x)$ their maker.

    Args:
        discriminator: Keras model of samples, and of what stands beside them.
        samples: Tensor `(batch, ...)`.
        training: As for `held_still`.
        beside: Further inputs, such as one-hot labels `(batch, num_classes)`.

    Returns:
        Two answers of the discriminator (equal in evaluation; in training dropout draws for each): the first without
        gradient to the samples, the second without gradient to the weights.

    Example:
        >>> network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> first, second = judged_twice(network, ops.ones((3, 2)))
        >>> bool(ops.all(first == second))
        True
    """
    fixed, moving = ops.stop_gradient(samples), samples
    if beside:
        fixed, moving = [fixed, *beside], [moving, *beside]
    return discriminator(fixed, training=training), held_still(discriminator, moving, training)


def check_discriminator(discriminator, num_classes=None, judged=None):
    """Raise unless a discriminator returns one logit an example (and the logits of the classes), and can learn.

    `judged` is the shape of what it judges, on which one that is written as a class is called.
    """
    require_networks(discriminator=discriminator)
    meet(discriminator, "discriminator", judged)
    expected = [(1,)] if num_classes is None else [(1,), (num_classes,)]
    verdict = output_shapes(discriminator)
    if verdict is not None and verdict != expected:
        wanted = "one logit, shape (batch, 1)"
        if num_classes is not None:
            wanted = f"two outputs, one logit (batch, 1) and the logits of the classes (batch, {num_classes})"
        raise ValueError(f"The discriminator must return {wanted}; got {verdict}. End it in Dense layers of that size.")
    if {"sigmoid", "softmax", "hard_sigmoid"} & set(_final_activations(discriminator)):
        raise ValueError(
            "The discriminator must return logits, but it ends in a sigmoid or a softmax: the objective applies its "
            "own, and two flatten the gradient. Remove the activation from its last layers."
        )


def check_not_frozen(**networks):
    """Raise if a network has nothing to train: a model holds each network still by itself where that is needed."""
    for name, network in networks.items():
        if network.built and not network.trainable_variables:
            raise ValueError(
                f"The {name} has no trainable weights: is it frozen (trainable = False)? The model holds each network "
                "still by itself where that is needed. Set trainable = True and compile again."
            )


def checked_weight(weight, name):
    """Read the weight of a loss: one finite number ≥ 0."""
    weight = real_number(weight, name)
    if weight < 0:
        raise ValueError(f"{name} must be ≥ 0; got {weight!r}. A negative weight rewards what it should punish.")
    return weight


def two_time_scales(optimizer, learning_rate, default_learning_rate, **scales):
    """Choose the optimiser of networks that are trained in one step, each with steps of its own length.

    Args:
        optimizer: A Keras optimiser or its name, used as it is; None is Adam (β₁ = 0.5, as in DCGAN).
        learning_rate: Adam's step size; None is `default_learning_rate`.
        default_learning_rate: A number > 0.
        **scales: For each argument of the model's `compile`, by its name: a factor ≥ 0 of Adam's steps, and the
            variables that take them, in the order of the model's trainable variables.

    Returns:
        The optimiser.

    Raises:
        ValueError: If an optimiser is given together with a learning rate or scales of the default one.

    Example:
        >>> network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> adam = two_time_scales(None, None, 1e-3, generator_scale=(2.0, network.trainable_variables))
        >>> adam.step_scales
        [2.0, 2.0]

    Reference:
        Heusel et al. (2017), arXiv:1706.08500. β₁ = 0.5: Radford et al. (2016), arXiv:1511.06434, section 3.
    """
    chosen = learning_rate is not None or any(factor != 1.0 for factor, _ in scales.values())
    if optimizer is None:
        factors = [factor for factor, variables in scales.values() for _ in variables]
        return ScaledAdam(factors, default_learning_rate if learning_rate is None else learning_rate, beta_1=0.5)
    if chosen:
        raise ValueError(
            f"Give either an optimizer, or learning_rate, {' and '.join(scales)} for the default Adam; got both "
            f"({optimizer!r})."
        )
    return optimizer


class WithDiscriminator:
    """A model with `.encoder`, `.decoder` and a `.discriminator` that is trained beside them, in one step."""

    def add_discriminator(self, discriminator, objective, adversarial_weight):
        """Keep the discriminator and its objective; called by `__init__`."""
        self.discriminator = discriminator
        self.objective = objective
        self.adversarial_weight = checked_weight(adversarial_weight, "adversarial_weight")
        self.discriminator_tracker = keras.metrics.Mean(name="discriminator_loss")
        self.generator_tracker = keras.metrics.Mean(name="generator_loss")

    def adversarial_loss(self, discriminator_loss, generator_loss, sample_weight):
        """What the game adds to the loss, a scalar, from one value an example for each player; both are tracked."""
        self.discriminator_tracker.update_state(discriminator_loss, sample_weight)
        self.generator_tracker.update_state(generator_loss, sample_weight)
        return weighted_mean(discriminator_loss + self.adversarial_weight * generator_loss, sample_weight)

    def get_config(self):
        return {
            **super().get_config(),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "objective": keras.saving.serialize_keras_object(self.objective),
            "adversarial_weight": self.adversarial_weight,
        }

    @classmethod
    def from_config(cls, config):
        return cls(**deserialised(config, "encoder", "decoder", "discriminator", "log_likelihood", "objective"))

    def compile(
        self, optimizer=None, loss=None, *, learning_rate=None, autoencoder_scale=1.0, discriminator_scale=1.0, **kwargs
    ):
        """Choose the optimiser, and the two time scales.

        Args:
            optimizer: A Keras optimiser or its name; None is Adam (β₁ = 0.5) with the scales below.
            loss: Must stay None; the objective is the model's own.
            learning_rate: Adam's step size; None is 1e-3.
            autoencoder_scale: Factor ≥ 0 of the steps of encoder and decoder; 0 holds them still.
            discriminator_scale: Factor ≥ 0 of the discriminator's steps.
            **kwargs: As for `UnsupervisedModel.compile`.

        Raises:
            ValueError: If an optimiser is given together with a learning rate or scales of the default one.
        """
        optimizer = two_time_scales(
            optimizer,
            learning_rate,
            self.default_learning_rate,
            autoencoder_scale=(autoencoder_scale, self.encoder.trainable_variables + self.decoder.trainable_variables),
            discriminator_scale=(discriminator_scale, self.discriminator.trainable_variables),
        )
        super().compile(optimizer, loss, **kwargs)


def _final_activations(network):
    heads = as_tuple(getattr(network, "outputs", None) or ())
    if len(heads) < 2:
        return [final_activation(network)]
    return [final_activation(keras.Model(network.inputs, head)) for head in heads]
