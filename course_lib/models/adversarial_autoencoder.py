import keras

from course_lib.contracts.networks import input_shape
from course_lib.layers import Noise
from course_lib.models.adversaries import (
    WithDiscriminator,
    check_discriminator,
    check_not_frozen,
    judged_twice,
)
from course_lib.models.autoencoder import Autoencoder
from course_lib.models.parts import latent_dim, require_networks
from course_lib.training.model import to_numpy


@keras.saving.register_keras_serializable(package="course_lib")
class AdversarialAutoencoder(WithDiscriminator, Autoencoder):
    r"""An autoencoder whose *codes*, taken together, must look like draws of the prior to a discriminator.

    $$\begin{aligned}
    \text{encoder:}\quad & \text{reconstruction} + w\,L_G \\
    \text{decoder:}\quad & \text{reconstruction} \\
    \text{discriminator:}\quad & L_D
    \end{aligned}$$

    $$L_D, L_G = \operatorname{objective}\big(D(z),\; D(\bar e(x)),\; \bar D(e(x))\big), \quad z \sim \mathcal N(0, I)$$

    The "real" examples of this game are draws of the prior, the "samples" are codes. What is matched is the aggregated
    posterior, the law of the codes of all data, in the place of the VAE's KL divergence of each code by itself.

    Args:
        encoder: Keras model from data `(batch, ...)` to a code `(batch, latent_dim)`.
        decoder: Keras model from the code to the shape of the data: values, or a likelihood's parameters.
        discriminator: Keras model from a code `(batch, latent_dim)` to one logit, `(batch, 1)`.
        log_likelihood: None for the squared error, or one of `course_lib.formulas.likelihoods`.
        objective: One of `course_lib.formulas.adversarial`.
        adversarial_weight: w ≥ 0; 0 is an `Autoencoder`.
        seed: Integer or None. Seed of the model's random streams: training, evaluation and samples have one each.

    Raises:
        ValueError: If the networks, the likelihood or the data do not fit, or the weight is negative.

    Example:
        >>> from course_lib import networks
        >>> from course_lib.formulas import adversarial
        >>> encoder, decoder = networks.dense_encoder((4,), 2), networks.dense_decoder(2, (4,))
        >>> discriminator = networks.dense_discriminator((2,))
        >>> model = AdversarialAutoencoder(encoder, decoder, discriminator, None, adversarial.non_saturating, seed=0)
        >>> model.sample(5).shape, model.encode([[0.0, 1.0, 1.0, 0.0]]).shape
        ((5, 4), (1, 2))

    Reference:
        Makhzani et al. (2015), Adversarial autoencoders, arXiv:1511.05644, section 2, with a deterministic encoder and
        both phases of a step at once.
    """

    def __init__(
        self, encoder, decoder, discriminator, log_likelihood, objective, adversarial_weight=1.0, seed=None, **kwargs
    ):
        super().__init__(encoder, decoder, log_likelihood, penalty=None, augmentation=None, **kwargs)
        self.add_discriminator(discriminator, objective, adversarial_weight)
        self.seed = seed
        self.check_networks()
        self.prior_noise = Noise(self.latent_dim, seed)
        self.evaluation_noise = Noise(self.latent_dim, None if seed is None else seed + 1)
        self.sample_noise = Noise(self.latent_dim, None if seed is None else seed + 2)
        self.built = self.built and discriminator.built

    def call(self, x, training=None):
        y_pred = super().call(x, training=training)
        prior = self.prior_noise if training else self.evaluation_noise
        fake_logits, generator_logits = judged_twice(self.discriminator, y_pred["codes"], training)
        return {
            **y_pred,
            "real_logits": self.discriminator(prior(x), training=training),
            "fake_logits": fake_logits,
            "generator_logits": generator_logits,
        }

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        reconstruction = super().compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=training)
        discriminator_loss, generator_loss = self.objective(
            y_pred["real_logits"], y_pred["fake_logits"], y_pred["generator_logits"]
        )
        if self.penalty_tracker is None:  # else the reconstruction holds the weights' own penalties
            reconstruction += self.weight_penalty()
        return reconstruction + self.adversarial_loss(discriminator_loss, generator_loss, sample_weight)

    def sample(self, num_samples, seed=None):
        """Generate: draw a code from the prior and decode it.

        Args:
            num_samples: Integer ≥ 1.
            seed: Integer for draws that can be repeated; None continues the model's own stream.

        Returns:
            NumPy array, `(num_samples, ...)`, in data space.
        """
        return self.decode(to_numpy(self.sample_noise.draw(num_samples, seed)))

    @property
    def latent_dim(self):
        """The number of latent dimensions, read off the networks."""
        return latent_dim(self.encoder, self.decoder)

    @property
    def evaluation_draws(self):
        return (self.evaluation_noise,)

    def check_networks(self):
        super().check_networks()
        if not hasattr(self, "discriminator"):
            return  # the parts without it are checked first
        require_networks(discriminator=self.discriminator)
        judged = input_shape(self.discriminator)
        if judged is not None and judged != (self.latent_dim,):
            raise ValueError(
                f"The discriminator of an adversarial autoencoder judges codes of shape ({self.latent_dim},); "
                f"this one takes {judged}. Build it by networks.dense_discriminator(({self.latent_dim},))."
            )
        check_discriminator(self.discriminator, judged=(self.latent_dim,))
        check_not_frozen(discriminator=self.discriminator)

    def get_config(self):
        config = {key: value for key, value in super().get_config().items() if key not in ("penalty", "augmentation")}
        return {**config, "seed": self.seed}
