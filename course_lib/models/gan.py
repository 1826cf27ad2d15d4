import keras
from keras import ops

from course_lib.contracts.arguments import whole_number
from course_lib.contracts.data import DataContract
from course_lib.contracts.networks import final_activation, input_shape, meet, output_shapes
from course_lib.formulas.gradient_penalties import check_gradient_penalty
from course_lib.layers import Noise, Position
from course_lib.models.adversaries import check_discriminator, check_not_frozen, held_still, two_time_scales
from course_lib.models.parts import deserialised, loudest_data, refuse_activity_regularisers, require_networks
from course_lib.models.portable import Portable
from course_lib.training.model import UnsupervisedModel, in_batches, weighted_mean

_RANGES = {"sigmoid": (0.0, 1.0), "hard_sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}


@keras.saving.register_keras_serializable(package="course_lib")
class GAN(Portable, UnsupervisedModel):
    r"""A generator and a discriminator, each descending its own loss, in one simultaneous step.

    $$\nabla_D L_D \text{ and } \nabla_G L_G, \qquad L_D, L_G = \operatorname{objective}
      \big(D(x),\; D(\bar{G}(z)),\; \bar{D}(G(z))\big), \qquad z \sim \mathcal N(0, I)$$

    A bar holds still (`stop_gradient`): the discriminator sees samples without moving the generator, the generator is
    judged by the discriminator's weights without moving them. The gradient of $L_D + L_G$ is then exactly the pair
    above, and one optimiser trains both: *simultaneous* updates, unlike the alternating ones of some recipes.

    A penalty on the discriminator's slope is added to $L_D$ and tracked by its own metric, `penalty`; the metric
    `discriminator_loss` is without it. It is evaluated with `training=False` (JAX cannot follow changes of state
    inside a gradient) and on samples that hold still, so that it moves the discriminator alone.

    Packing shows the discriminator several examples at once, so that it can see when samples are too much alike. Pack
    i is examples i, i + 1, …, i + packing − 1, counted on from the first after the last, joined along the last axis:
    one logit for each example remains. In a batch smaller than `packing` examples meet themselves.

    Args:
        generator: Keras model from noise `(batch, noise_dim)` to data `(batch, ...)`, its own activation included.
        discriminator: Keras model from data to one logit an example, `(batch, 1)`; with packing, the last axis of its
            input is `packing` times that of the data.
        objective: One of `course_lib.formulas.adversarial`, such as `non_saturating`.
        seed: Integer or None. Seed of the model's random streams: training, evaluation and samples have one each.
        penalty: One of `course_lib.formulas.gradient_penalties`, such as `R1(10.0)`, or None. It sees what the
            discriminator sees: packs, if there are any.
        packing: Integer ≥ 1, how many examples the discriminator sees at once.

    Raises:
        ValueError: If the networks do not fit, the discriminator ends in a sigmoid where logits belong, a network is
            frozen, the penalty is none, or the data are not what the generator can make.

    Example:
        >>> from course_lib import networks
        >>> from course_lib.formulas import adversarial
        >>> generator = networks.dense_generator(2, (2,), (16,), output_activation=None)
        >>> gan = GAN(generator, networks.dense_discriminator((2,), (16,)), adversarial.non_saturating, seed=0)
        >>> gan.sample(5).shape
        (5, 2)

    Reference:
        Goodfellow et al. (2014), arXiv:1406.2661, eq. 1. Simultaneous and alternating steps: Mescheder et al. (2018),
        arXiv:1801.04406. Packing: Lin et al. (2018), PacGAN, arXiv:1712.04086, section 3.
    """

    default_learning_rate = 2e-4

    def __init__(self, generator, discriminator, objective, seed=None, penalty=None, packing=1, **kwargs):
        super().__init__(**kwargs)
        self.generator = generator
        self.discriminator = discriminator
        self.objective = objective
        self.seed = seed
        self.penalty = penalty
        self.packing = whole_number(packing, "packing", 1)
        check_gradient_penalty(penalty)
        self.check_networks()
        self.noise = Noise(self.noise_dim, seed)
        self.evaluation_noise = Noise(self.noise_dim, None if seed is None else seed + 1)
        self.sample_noise = Noise(self.noise_dim, None if seed is None else seed + 2)
        self.discriminator_tracker = keras.metrics.Mean(name="discriminator_loss")
        self.generator_tracker = keras.metrics.Mean(name="generator_loss")
        self.position, self.evaluation_position, self.penalty_tracker = None, None, None
        if penalty is not None:
            self.position = Position(None if seed is None else seed + 3)
            self.evaluation_position = Position(None if seed is None else seed + 4)
            self.penalty_tracker = keras.metrics.Mean(name="penalty")
        self.built = generator.built and discriminator.built

    def call(self, x, training=None):
        noise = self.noise if training else self.evaluation_noise
        generated = self.generator(noise(x), training=training)
        real, samples = self.packs(x), self.packs(generated)
        answers = {
            "samples": generated,
            "real_logits": self.discriminator(real, training=training),
            "fake_logits": self.discriminator(ops.stop_gradient(samples), training=training),
            "generator_logits": self.discriminator_held_still(samples, training=training),
        }
        if self.penalty is not None:
            answers["penalty"] = self.slope_penalty(real, samples, training)
        return answers

    def packs(self, x):
        """What the discriminator sees: each example beside the `packing - 1` that follow it in the batch.

        Args:
            x: Tensor `(batch, ..., size)`.

        Returns:
            Tensor `(batch, ..., packing * size)`.
        """
        if self.packing == 1:
            return x
        return ops.concatenate([ops.roll(x, -step, axis=0) for step in range(self.packing)], axis=-1)

    def slope_penalty(self, real, samples, training=None):
        """The penalty of each example, which moves the discriminator alone.

        Args:
            real: Tensor `(batch, ...)`, as the discriminator takes it.
            samples: Tensor of the same shape.
            training: Whether positions come from the stream of training; that of evaluation repeats itself.

        Returns:
            Tensor `(batch,)`, in the unit of the loss.
        """
        position = self.position if training else self.evaluation_position
        return self.penalty(self.discriminator, real, ops.stop_gradient(samples), position(real))

    def discriminator_held_still(self, samples, training=None):
        """The discriminator's logits of samples, with no gradient to the discriminator's weights.

        Args:
            samples: Tensor `(batch, ...)`, as the discriminator takes them (packs, if there are any).
            training: Whether batch normalisation and dropout work as in training.

        Returns:
            Tensor `(batch, 1)`, logits.
        """
        return held_still(self.discriminator, samples, training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        discriminator_loss, generator_loss = self.objective(
            y_pred["real_logits"], y_pred["fake_logits"], y_pred["generator_logits"]
        )
        self.discriminator_tracker.update_state(discriminator_loss, sample_weight)
        self.generator_tracker.update_state(generator_loss, sample_weight)
        if self.penalty is not None:
            penalty = _one_per_example(y_pred.get("penalty"), self.penalty)
            self.penalty_tracker.update_state(penalty, sample_weight)
            discriminator_loss = discriminator_loss + penalty
        return weighted_mean(discriminator_loss + generator_loss, sample_weight) + self.weight_penalty()

    def compile(
        self, optimizer=None, loss=None, *, learning_rate=None, generator_scale=1.0, discriminator_scale=1.0, **kwargs
    ):
        """Choose the optimiser, and the two time scales.

        Args:
            optimizer: A Keras optimiser or its name; None is Adam (β₁ = 0.5, as in DCGAN) with the scales below.
            loss: Must stay None; the objective is the model's own.
            learning_rate: Adam's step size; None is 2e-4.
            generator_scale: Factor ≥ 0 of the generator's steps; 0 holds it still.
            discriminator_scale: Factor ≥ 0 of the discriminator's steps.
            **kwargs: As for `UnsupervisedModel.compile`.

        Raises:
            ValueError: If an optimiser is given together with a learning rate or scales of the default one.
        """
        optimizer = two_time_scales(
            optimizer,
            learning_rate,
            self.default_learning_rate,
            generator_scale=(generator_scale, self.generator.trainable_variables),
            discriminator_scale=(discriminator_scale, self.discriminator.trainable_variables),
        )
        super().compile(optimizer, loss, **kwargs)

    def sample(self, num_samples, seed=None):
        """Generate: draw noise and send it through the generator.

        Args:
            num_samples: Integer ≥ 1.
            seed: Integer for draws that can be repeated; None continues the model's own stream.

        Returns:
            NumPy array, `(num_samples, ...)`, in data space.
        """
        noise = self.sample_noise.draw(num_samples, seed)
        return in_batches(lambda batch: self.generator(batch, training=False), noise)

    @property
    def noise_dim(self):
        """The number of noise dimensions, read off the generator."""
        return input_shape(self.generator)[0]

    @property
    def evaluation_draws(self):
        if self.evaluation_position is not None:
            return (self.evaluation_noise, self.evaluation_position)
        return (self.evaluation_noise,)

    def data_contract(self):
        event_shape = output_shapes(self.generator)[0]
        activation = final_activation(self.generator)
        points = len(event_shape) == 1 and event_shape[0] is not None and event_shape[0] <= 3
        low, high = (None, None) if points else _RANGES.get(activation, (None, None))
        loudest = loudest_data(None) if low is None and not points else None
        return DataContract(event_shape, low, high, because=f"a generator that ends in {activation}", loudest=loudest)

    def check_networks(self):
        require_networks(generator=self.generator, discriminator=self.discriminator)
        meet(self.generator, "generator", input_shape(self.generator))
        if len(input_shape(self.generator) or ()) != 1:
            raise ValueError(
                "The generator must take noise of shape (batch, noise_dim) and be built, so that noise_dim can be read "
                f"off; got input shape {input_shape(self.generator)}. Begin it with keras.Input((noise_dim,)), or call "
                "one that is written as a class once: generator(keras.ops.zeros((1, noise_dim)))."
            )
        made, judged = output_shapes(self.generator)[0], input_shape(self.discriminator)
        if self.packing > 1 and judged is not None:
            self._check_packs(made, judged)
        elif judged is not None and made != judged:
            raise ValueError(f"The generator makes data of shape {made}; the discriminator expects {judged}.")
        check_discriminator(self.discriminator, judged=(*made[:-1], self.packing * made[-1]))
        refuse_activity_regularisers(self)
        check_not_frozen(generator=self.generator, discriminator=self.discriminator)

    def _check_packs(self, made, judged):
        packed = (*made[:-1], self.packing * made[-1])
        if judged != packed:
            raise ValueError(
                f"With packing={self.packing} the discriminator takes {self.packing} examples of shape {made}, joined "
                f"along the last axis: {packed}; it expects {judged}. Build it with data_shape={packed}."
            )

    def get_config(self):
        return {
            **super().get_config(),
            "generator": keras.saving.serialize_keras_object(self.generator),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "objective": keras.saving.serialize_keras_object(self.objective),
            "seed": self.seed,
            "penalty": keras.saving.serialize_keras_object(self.penalty),
            "packing": self.packing,
        }

    @classmethod
    def from_config(cls, config):
        return cls(**deserialised(config, "generator", "discriminator", "objective", "penalty"))


def _one_per_example(values, penalty):
    if values is None:
        raise ValueError(f"This model computes no penalty, but was given {penalty!r}. Leave it out: penalty=None.")
    if len(values.shape) != 1:
        raise ValueError(
            f"A penalty must return one value per example, shape (batch,); {penalty!r} returned {tuple(values.shape)}. "
            "The mean over the batch is taken in the model's loss."
        )
    return values
