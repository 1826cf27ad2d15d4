import keras
from keras import ops

from course_lib.contracts.arguments import whole_number
from course_lib.contracts.labels import LabelContract
from course_lib.contracts.networks import output_shapes
from course_lib.models.adversaries import check_discriminator, check_not_frozen, judged_twice
from course_lib.models.gan import GAN
from course_lib.models.parts import refuse_activity_regularisers, require_networks
from course_lib.training.model import in_batches, to_numpy


@keras.saving.register_keras_serializable(package="course_lib")
class ConditionalGAN(GAN):
    r"""A GAN of data *given* a label: both networks are told the label, and samples come with the label asked for.

    $$L_D, L_G = \operatorname{objective}\big(D(x, y),\; D(\bar G(z, y), y),\; \bar D(G(z, y), y)\big),
      \qquad z \sim \mathcal N(0, I)$$

    The samples of a step get the labels of its data, so that p(y) is the same on both sides and only p(x | y) is
    compared: at best $D = p(x \mid y) / (p(x \mid y) + q(x \mid y))$. Trained by `fit(x, y)`. A discriminator without
    the label would see p(x) alone, and no sample could be wrong for its label.

    Args:
        generator: Functional Keras model from `[z, one_hot]` to data `(batch, ...)`, its own activation included.
        discriminator: Functional Keras model from `[x, one_hot]` to one logit, `(batch, 1)`. The label is a one-hot
            vector `(batch, num_classes)`; see `networks.dense_conditional_generator` and `…_discriminator`.
        objective: As for `GAN`.
        num_classes: Integer ≥ 2; labels are 0 … num_classes − 1.
        seed: As for `GAN`.
        penalty: As for `GAN`; the slope with respect to the data, the label being given.

    Raises:
        ValueError: If networks, data or labels do not fit each other, a discriminator ends in a sigmoid where logits
            belong, or a network is frozen.

    Example:
        >>> from course_lib import networks
        >>> from course_lib.formulas import adversarial
        >>> generator = networks.dense_conditional_generator(2, (4,), num_classes=3)
        >>> discriminator = networks.dense_conditional_discriminator((4,), num_classes=3)
        >>> gan = ConditionalGAN(generator, discriminator, adversarial.non_saturating, num_classes=3, seed=0)
        >>> gan.sample(5, labels=2).shape
        (5, 4)

    Reference:
        Mirza & Osindero (2014), Conditional generative adversarial nets, arXiv:1411.1784, eq. 2.
    """

    def __init__(self, generator, discriminator, objective, num_classes, seed=None, penalty=None, **kwargs):
        self.num_classes = whole_number(num_classes, "num_classes", 2)
        super().__init__(generator, discriminator, objective, seed=seed, penalty=penalty, packing=1, **kwargs)

    def call(self, inputs, training=None):
        x, one_hot = ops.convert_to_tensor(inputs[0]), self.one_hot(inputs[1])
        samples = self._samples(x, one_hot, training)
        fake_logits, generator_logits = judged_twice(self.discriminator, samples, training, beside=(one_hot,))
        answers = {
            "samples": samples,
            "real_logits": self.discriminator([x, one_hot], training=training),
            "fake_logits": fake_logits,
            "generator_logits": generator_logits,
        }
        return self._with_penalty(
            answers, lambda x, training: self.discriminator([x, one_hot], training=training), x, training
        )

    def _samples(self, x, one_hot, training):
        noise = self.noise if training else self.evaluation_noise
        return self.generator([noise(x), one_hot], training=training)

    def _with_penalty(self, answers, judge, x, training):
        """The answers, with the penalty on the slope of the logit `judge(x, training)` where the model has one."""
        if self.penalty is None:
            return answers
        position = (self.position if training else self.evaluation_position)(x)
        return {**answers, "penalty": self.penalty(judge, x, ops.stop_gradient(answers["samples"]), position)}

    def sample(self, num_samples, labels, seed=None):
        """Generate examples of the classes that you ask for.

        Args:
            num_samples: Integer ≥ 1.
            labels: Integers `(num_samples,)`, or one integer for all.
            seed: Integer for draws that can be repeated; None continues the model's own stream.

        Returns:
            NumPy array, `(num_samples, ...)`, in data space.

        Raises:
            ValueError: If the labels do not fit.
        """
        noise = to_numpy(self.sample_noise.draw(num_samples, seed))
        if getattr(labels, "ndim", None) == 0 or isinstance(labels, int):
            labels = [labels] * len(noise)
        labels = self.label_contract().checked(labels, len(noise), "labels")

        def generated(z, labels):
            return self.generator([ops.convert_to_tensor(z), self.one_hot(labels)], training=False)

        return in_batches(generated, noise, labels)

    def one_hot(self, labels):
        """Labels `(batch,)` as the networks take them, `(batch, num_classes)`."""
        return ops.one_hot(labels, self.num_classes, dtype="float32")

    @property
    def noise_dim(self):
        """The number of noise dimensions, read off the generator."""
        return _input_shapes("generator", self.generator)[0][0]

    def label_contract(self):
        return LabelContract(self.num_classes)

    def check_networks(self):
        require_networks(generator=self.generator, discriminator=self.discriminator)
        self._checked_inputs("generator", "[z, one_hot]")
        self._check_discriminator()
        made, judged = output_shapes(self.generator)[0], _input_shapes("discriminator", self.discriminator)[0]
        if made != judged:
            raise ValueError(f"The generator makes data of shape {made}; the discriminator expects {judged}.")
        refuse_activity_regularisers(self)
        check_not_frozen(generator=self.generator, discriminator=self.discriminator)

    def _check_discriminator(self):
        self._checked_inputs("discriminator", "[x, one_hot]")
        check_discriminator(self.discriminator)

    def _checked_inputs(self, name, expected):
        shapes = _input_shapes(name, getattr(self, name))
        if len(shapes) != 2 or shapes[1] != (self.num_classes,):
            raise ValueError(
                f"The {name} takes two inputs, {expected}, the second of shape ({self.num_classes},) for "
                f"{self.num_classes} classes; this one takes {shapes}. Build it by "
                f"networks.dense_conditional_{name}(..., num_classes={self.num_classes}), or as a keras.Model of two "
                "inputs."
            )

    def get_config(self):
        config = {**super().get_config(), "num_classes": self.num_classes}
        config.pop("packing")
        return config


def _input_shapes(name, network):
    inputs = getattr(network, "inputs", None)
    if not inputs:
        raise ValueError(
            f"The {name} must be a functional Keras model, keras.Model(inputs, outputs); got {type(network).__name__} "
            "without inputs."
        )
    return [tuple(tensor.shape[1:]) for tensor in inputs]
