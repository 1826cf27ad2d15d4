import keras
from keras import ops

from course_lib.contracts.networks import input_shape
from course_lib.formulas import likelihoods
from course_lib.layers import Noise
from course_lib.models.adversaries import (
    WithDiscriminator,
    check_discriminator,
    check_not_frozen,
    judged_twice,
)
from course_lib.models.parts import as_tuple, name_of, require_networks
from course_lib.models.vae import VAE


@keras.saving.register_keras_serializable(package="course_lib")
class VAEGAN(WithDiscriminator, VAE):
    r"""A VAE whose decoder must also deceive a discriminator: it is decoder and generator in one.

    $$\begin{aligned}
    \text{encoder:}\quad & -\mathbb E_q[\log p(x \mid z)] + \beta\,\mathrm{KL}(q(z \mid x) \,\|\, p(z)) \\
    \text{decoder:}\quad & -\mathbb E_q[\log p(x \mid z)] + w\,L_G \\
    \text{discriminator:}\quad & L_D
    \end{aligned}$$

    The discriminator sees data, decoded draws of the prior and decoded codes of data; the losses of the two kinds of
    decoded data are averaged. The codes stand under a bar there: the encoder never learns to deceive. For w = 0,
    encoder and decoder are trained exactly as a `VAE`, on the same noise; the discriminator only watches.

    Args:
        encoder: As for `VAE`.
        decoder: As for `VAE`; what is judged is the mean of p(x | z).
        discriminator: Keras model from data to one logit, `(batch, 1)`.
        log_likelihood: As for `VAE`: a likelihood of the pixels. (Larsen et al. compare features of the discriminator.)
        objective: One of `course_lib.formulas.adversarial`.
        adversarial_weight: w ≥ 0.
        beta: As for `VAE`.
        seed: As for `VAE`.

    Raises:
        ValueError: If the networks, the likelihood or the data do not fit, or the weight is negative.

    Example:
        >>> from course_lib import networks
        >>> from course_lib.formulas import adversarial
        >>> encoder, decoder = networks.dense_gaussian_encoder((4,), 2), networks.dense_decoder(2, (4,))
        >>> discriminator = networks.dense_discriminator((4,))
        >>> model = VAEGAN(
        ...     encoder, decoder, discriminator, likelihoods.bernoulli_log_prob, adversarial.non_saturating, seed=0
        ... )
        >>> model.sample(5).shape, model.reconstruct([[0.0, 1.0, 1.0, 0.0]]).shape
        ((5, 4), (1, 4))

    Reference:
        Larsen et al. (2016), Autoencoding beyond pixels using a learned similarity metric, arXiv:1512.09300,
        algorithm 1, with the likelihood of the pixels in the place of eq. 6.
    """

    takes_targets = False  # the discriminator compares with x

    def __init__(
        self,
        encoder,
        decoder,
        discriminator,
        log_likelihood,
        objective,
        adversarial_weight=1.0,
        beta=1.0,
        seed=None,
        **kwargs,
    ):
        super().__init__(encoder, decoder, log_likelihood, beta=beta, seed=seed, prior=None, free_bits=0.0, **kwargs)
        self.add_discriminator(discriminator, objective, adversarial_weight)
        self.check_networks()
        self.noise = Noise(self.latent_dim, None if seed is None else seed + 3)
        self.evaluation_noise = Noise(self.latent_dim, None if seed is None else seed + 4)
        self.built = self.built and discriminator.built

    def call(self, x, training=None):
        y_pred = super().call(x, training=training)
        noise = self.noise if training else self.evaluation_noise
        decoded = {"drawn": noise(x), "rebuilt": ops.stop_gradient(y_pred["z"])}
        verdicts = {
            name: judged_twice(self.discriminator, self._mean(codes, training), training)
            for name, codes in decoded.items()
        }
        return {**y_pred, "real_logits": self.discriminator(x, training=training), "verdicts": verdicts}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        bound = super().compute_loss(x=x, y_pred=y_pred, sample_weight=sample_weight, training=training)
        pairs = [self.objective(y_pred["real_logits"], *verdict) for verdict in y_pred["verdicts"].values()]
        discriminator_loss, generator_loss = (sum(losses) / len(pairs) for losses in zip(*pairs, strict=True))
        return bound + self.adversarial_loss(discriminator_loss, generator_loss, sample_weight)

    def _mean(self, codes, training):
        """What the discriminator judges: the mean of p(x | z), in data space."""
        return likelihoods.facts(self.log_likelihood).mean(*as_tuple(self.decoder(codes, training=training)))

    @property
    def evaluation_draws(self):
        return (*super().evaluation_draws, self.evaluation_noise)

    def check_networks(self):
        super().check_networks()
        if likelihoods.facts(self.log_likelihood).symbols:
            raise ValueError(
                f"{name_of(self.log_likelihood)} is a likelihood of symbols: a discriminator of means would tell them "
                "from data at a glance, and symbols have no gradient. Use a likelihood of numbers."
            )
        if not hasattr(self, "discriminator"):
            return  # the parts without it are checked first
        require_networks(discriminator=self.discriminator)
        judged, made = input_shape(self.discriminator), input_shape(self.encoder)
        if judged is not None and made is not None and made != judged:
            raise ValueError(f"The encoder takes data of shape {made}; the discriminator expects {judged}.")
        check_discriminator(self.discriminator, judged=made)
        check_not_frozen(discriminator=self.discriminator)

    def get_config(self):
        return {key: value for key, value in super().get_config().items() if key not in ("prior", "free_bits")}
