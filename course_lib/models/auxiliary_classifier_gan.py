import keras

from course_lib.formulas.likelihoods import categorical_log_prob
from course_lib.models.adversaries import check_discriminator, checked_weight, judged_twice
from course_lib.models.conditional_gan import ConditionalGAN
from course_lib.training.model import weighted_mean


@keras.saving.register_keras_serializable(package="course_lib")
class AuxiliaryClassifierGAN(ConditionalGAN):
    r"""A GAN whose discriminator is not told the label: it *names* it, and the generator wants to be named rightly.

    $$L_D + w\,\big[-\log C(y \mid x) - \log C(y \mid \bar G(z, y))\big], \qquad
      L_G + w\,\big[-\log \bar C(y \mid G(z, y))\big]$$

    $D$ and $C$ are two heads of one network. $L_D, L_G$ compare the samples of all labels together with the data; only
    the classifier asks for the right label, and it is most pleased by the *clearest* example of a class. For classes
    that overlap the model is therefore biased: its classes spread less than the real ones (Gong et al., 2019).

    Args:
        generator: Functional Keras model from `[z, one_hot]` to data `(batch, ...)`, its own activation included.
        discriminator: Functional Keras model from data to two outputs: one logit `(batch, 1)`, and the logits of the
            classes `(batch, num_classes)`; see `networks.dense_classifying_discriminator`.
        objective: As for `GAN`.
        num_classes: Integer ≥ 2; labels are 0 … num_classes − 1.
        classification_weight: w ≥ 0; 0 leaves the labels without meaning.
        seed: As for `GAN`.
        penalty: As for `GAN`, on the slope of the logit.

    Raises:
        ValueError: If networks, data or labels do not fit each other, a head ends in a sigmoid or softmax where logits
            belong, a network is frozen, or the weight is negative.

    Example:
        >>> from course_lib import networks
        >>> from course_lib.formulas import adversarial
        >>> generator = networks.dense_conditional_generator(2, (4,), num_classes=3)
        >>> discriminator = networks.dense_classifying_discriminator((4,), num_classes=3)
        >>> gan = AuxiliaryClassifierGAN(generator, discriminator, adversarial.non_saturating, num_classes=3, seed=0)
        >>> gan.sample(5, labels=2).shape
        (5, 4)

    Reference:
        Odena, Olah & Shlens (2017), Conditional image synthesis with auxiliary classifier GANs, arXiv:1610.09585,
        eq. 2-3. What it leaves out: Gong et al. (2019), Twin auxiliary classifiers GAN, arXiv:1907.02690.
    """

    def __init__(
        self,
        generator,
        discriminator,
        objective,
        num_classes,
        classification_weight=1.0,
        seed=None,
        penalty=None,
        **kwargs,
    ):
        self.classification_weight = checked_weight(classification_weight, "classification_weight")
        super().__init__(generator, discriminator, objective, num_classes, seed=seed, penalty=penalty, **kwargs)
        self.real_class_tracker = keras.metrics.Mean(name="real_class_loss")
        self.generated_class_tracker = keras.metrics.Mean(name="generated_class_loss")

    def call(self, inputs, training=None):
        x, labels = inputs
        samples = self._samples(x, self.one_hot(labels), training)
        real_logits, real_classes = self.discriminator(x, training=training)
        fake, generated = judged_twice(self.discriminator, samples, training)
        answers = {
            "samples": samples,
            "real_logits": real_logits,
            "fake_logits": fake[0],
            "generator_logits": generated[0],
            "real_classes": real_classes,
            "fake_classes": fake[1],
            "generator_classes": generated[1],
        }
        return self._with_penalty(answers, lambda x, training: self.discriminator(x, training=training)[0], x, training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        adversarial = super().compute_loss(x=x, y_pred=y_pred, sample_weight=sample_weight, training=training)
        real, fake, generated = (
            -categorical_log_prob(x[1], y_pred[name]) for name in ("real_classes", "fake_classes", "generator_classes")
        )
        self.real_class_tracker.update_state(real, sample_weight)
        self.generated_class_tracker.update_state(generated, sample_weight)
        return adversarial + self.classification_weight * weighted_mean(real + fake + generated, sample_weight)

    def _check_discriminator(self):
        check_discriminator(self.discriminator, self.num_classes)

    def get_config(self):
        return {**super().get_config(), "classification_weight": self.classification_weight}
