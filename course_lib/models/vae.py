import functools

import keras
from keras import ops

from course_lib.contracts.arguments import real_number, whole_number
from course_lib.contracts.data import DataContract
from course_lib.contracts.networks import input_shape
from course_lib.formulas import likelihoods
from course_lib.formulas.events import as_float32, sum_over_event
from course_lib.layers import Sampling
from course_lib.models.parts import (
    as_tuple,
    built_on_first_data,
    check_code_fits,
    check_decoder,
    deserialised,
    latent_dim,
    likelihood_contract,
    meet_coders,
    refuse_activity_regularisers,
)
from course_lib.models.portable import Portable
from course_lib.priors import Prior, StandardNormal
from course_lib.training.model import UnsupervisedModel, in_batches, weighted_mean


@keras.saving.register_keras_serializable(package="course_lib")
class VAE(Portable, UnsupervisedModel):
    r"""A variational autoencoder: a generative model $p(z)\,p(x \mid z)$ trained by its evidence lower bound.

    $$L(x) = -\mathbb E_{q(z \mid x)}[\log p(x \mid z)] + \beta \, \mathrm{KL}(q(z \mid x) \,\|\, p(z)),
      \qquad p(z) = \mathcal N(0, I) \text{ unless given}$$

    One draw of $z$ an example; both terms summed over the event, the sum averaged once over the batch, in nats. For
    β = 1, $-L$ is the ELBO. The KL divergence from the standard normal is exact; from another prior it is estimated
    without bias from the same draw, $\log q(z \mid x) - \log p(z)$.

    Args:
        encoder: Keras model from data `(batch, ...)` to `(mean, log_var)` of q(z|x), each `(batch, latent_dim)`.
        decoder: Keras model from `(batch, latent_dim)` to the likelihood's parameters, one tensor or several, in the
            shape of the data (Bernoulli: logits).
        log_likelihood: `log p(x | parameters)`, one of `course_lib.formulas.likelihoods` such as `bernoulli_log_prob`
            or `gaussian(variance)`.
        beta: Weight ≥ 0 of the KL divergence, and of nothing else. Can be changed while training: `vae.beta = 0.5`.
        seed: Integer or None. Seed of the model's random streams: training, evaluation and samples have one each.
        prior: One of `course_lib.priors`, learned with the networks; None is the standard normal.
        free_bits: Nats ≥ 0 that each latent dimension may carry, on average over a batch, before its divergence counts
            in the loss (`with_free_bits`); for the standard normal prior. The tracked `kl` is always the divergence
            itself, and so is the one in `elbo`.

    Raises:
        ValueError: If the networks do not fit each other or the likelihood, or the data do not fit them.

    Example:
        >>> import numpy as np
        >>> from course_lib import networks
        >>> encoder, decoder = networks.dense_gaussian_encoder((4,), 2), networks.dense_decoder(2, (4,))
        >>> vae = VAE(encoder, decoder, likelihoods.bernoulli_log_prob, seed=0)
        >>> vae.sample(5).shape, vae.elbo(np.zeros((3, 4))).shape
        ((5, 4), (3,))

    Reference:
        Kingma & Welling (2014), arXiv:1312.6114, eq. 10; Rezende et al. (2014), arXiv:1401.4082. β: Higgins et al.
        (2017), eq. 4. Learned priors: Tomczak & Welling (2018), arXiv:1705.07120.
    """

    takes_targets = True

    def __init__(self, encoder, decoder, log_likelihood, beta=1.0, seed=None, prior=None, free_bits=0.0, **kwargs):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.decoder = decoder
        self.given_prior = prior
        self.free_bits = _checked_free_bits(free_bits)
        self.log_likelihood = log_likelihood
        self.seed = seed = None if seed is None else whole_number(seed, "seed")
        self.sampling = Sampling(seed)
        self.evaluation_sampling = Sampling(None if seed is None else seed + 1)
        self.prior_seed = keras.random.SeedGenerator(None if seed is None else seed + 2)
        self._beta = self.add_weight(
            shape=(), initializer="ones", trainable=False, dtype="float32", autocast=False, name="beta"
        )
        self.beta = beta
        self.reconstruction_tracker = keras.metrics.Mean(name="reconstruction")
        self.kl_tracker = keras.metrics.Mean(name="kl")
        self.check_networks()
        self.built = encoder.built and decoder.built

    def call(self, x, training=None):
        mean, log_var = self.encoder(x, training=training)
        sampling = self.sampling if training else self.evaluation_sampling
        z = sampling(mean, log_var)
        return {"mean": mean, "log_var": log_var, "z": z, "parameters": as_tuple(self.decoder(z, training=training))}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        reconstruction = -self.log_likelihood(x if y is None else y, *y_pred["parameters"])
        kl = self.kl(y_pred)
        self.reconstruction_tracker.update_state(reconstruction, sample_weight)
        self.kl_tracker.update_state(kl, sample_weight)
        if self.free_bits:
            kl = with_free_bits(self.kl_of_dimensions(y_pred), self.free_bits, sample_weight)
        return weighted_mean(reconstruction + self.beta * kl, sample_weight) + self.weight_penalty()

    def kl(self, y_pred):
        """The divergence of q(z|x) from the prior, the *rate*, of each example that `call` answered: `(batch,)`, nats.

        Exact for the standard normal prior; from the one draw of z for any other, where it can be negative.
        """
        return self.prior.kl(y_pred["mean"], y_pred["log_var"], y_pred.get("z"))

    def kl_of_dimensions(self, y_pred):
        """The divergence of each latent dimension from the standard normal prior: `(batch, latent_dim)`, nats."""
        return self.prior.kl_of_dimensions(y_pred["mean"], y_pred["log_var"])

    def elbo(self, x):
        """The evidence lower bound of each example, from one draw of z, whatever β and the free bits are.

        Args:
            x: Array `(n, ...)`.

        Returns:
            NumPy array, `(n,)`: nats. Each call draws anew; an average over examples has a standard error.

        Raises:
            ValueError: If the data do not fit.
        """

        def elbo(batch):
            y_pred = self(batch, training=False)
            reconstruction = self.log_likelihood(batch, *y_pred["parameters"])
            return reconstruction - self.kl(y_pred)

        return in_batches(elbo, self.data_contract().checked(x))

    def sample(self, num_samples, seed=None):
        """Generate: draw z from the prior, decode, and return the mean of p(x|z) in data space.

        Args:
            num_samples: Integer ≥ 1.
            seed: Integer for draws that can be repeated; None continues the model's own stream.

        Returns:
            NumPy array, `(num_samples, ...)`.
        """
        seed = self.prior_seed if seed is None else whole_number(seed, "seed")
        return self.decode(self.prior.sample(num_samples, seed))

    def encode(self, x):
        """The approximate posterior q(z|x) of data.

        Args:
            x: Array `(n, ...)`.

        Returns:
            Two NumPy arrays, each `(n, latent_dim)`: means and log-variances.
        """
        x = self.data_contract().checked(x)
        heads = in_batches(lambda batch: ops.stack(self.encoder(batch, training=False), axis=1), x)
        return heads[:, 0], heads[:, 1]

    def decode(self, z):
        """The mean of p(x|z) in data space.

        Args:
            z: Array `(n, latent_dim)`.

        Returns:
            NumPy array, `(n, ...)`.

        Raises:
            ValueError: If the codes do not fit the decoder or are not finite.
        """
        z = DataContract(input_shape(self.decoder)).checked(z, "z")
        mean = likelihoods.facts(self.log_likelihood).mean
        return in_batches(lambda batch: mean(*as_tuple(self.decoder(batch, training=False))), z)

    def reconstruct(self, x):
        """The decoded mean of q(z|x): given data through the code and back. Reconstructions, never samples.

        Args:
            x: Array `(n, ...)`.

        Returns:
            NumPy array, same shape, in data space.
        """
        return self.decode(self.encode(x)[0])

    @property
    def prior(self):
        """p(z), the `course_lib.priors.Prior` with `log_prob(z)` and `sample(num_samples, seed)`."""
        return _standard_normal(self.latent_dim) if self.given_prior is None else self.given_prior

    @property
    def beta(self):
        """The weight of the KL divergence, a scalar variable; assign a number to change it, also while training."""
        return self._beta

    @beta.setter
    def beta(self, value):
        if not real_number(value, "beta, the weight of the KL divergence,") >= 0:
            raise ValueError(f"beta, the weight of the KL divergence, must be ≥ 0; got {value!r}.")
        self._beta.assign(value)

    @property
    def latent_dim(self):
        """The number of latent dimensions, read off the networks."""
        return latent_dim(self.encoder, self.decoder)

    @property
    def evaluation_draws(self):
        return (self.evaluation_sampling,)

    def data_contract(self):
        contract = likelihood_contract(self.log_likelihood, input_shape(self.encoder), self.encoder, self.decoder)
        return built_on_first_data(contract, self)

    def check_networks(self):
        meet_coders(self.encoder, self.decoder)
        check_code_fits(self.encoder, self.decoder, num_outputs=2)
        check_decoder(self.decoder, self.log_likelihood, input_shape(self.encoder))
        self._check_prior()
        refuse_activity_regularisers(self)

    def _check_prior(self):
        prior = self.given_prior
        if prior is None:
            return
        if not isinstance(prior, Prior):
            raise ValueError(
                f"prior must be one of course_lib.priors (or a subclass of Prior), or None; got {prior!r}."
            )
        if prior.latent_dim != self.latent_dim:
            raise ValueError(
                f"The prior has {prior.latent_dim} latent dimensions, the networks have {self.latent_dim}: build both "
                "with the same latent_dim."
            )
        if getattr(prior, "encoder", self.encoder) is not self.encoder:
            raise ValueError("The prior holds another encoder than the VAE. Hand both the same one.")
        if self.free_bits and not isinstance(prior, StandardNormal):
            raise ValueError(
                f"free_bits={self.free_bits:g} needs the standard normal prior, whose divergence is a sum over latent "
                f"dimensions; the prior is a {type(prior).__name__}. Leave out one of the two."
            )

    def get_config(self):
        return {
            **super().get_config(),
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "decoder": keras.saving.serialize_keras_object(self.decoder),
            "log_likelihood": keras.saving.serialize_keras_object(self.log_likelihood),
            "beta": float(ops.convert_to_numpy(self._beta)),
            "seed": self.seed,
            "prior": keras.saving.serialize_keras_object(self.given_prior),
            "free_bits": self.free_bits,
        }

    @classmethod
    def from_config(cls, config):
        parts = deserialised(config, "encoder", "decoder", "log_likelihood")
        return cls(**{**parts, "prior": _prior_on(parts["encoder"], config.get("prior"))})


def with_free_bits(kl, free_bits, sample_weight=None):
    r"""Divergences whose batch mean is, for each latent dimension, at least the free bits.

    $$\frac1B \sum_i \ell_i = \sum_j \max\Big(\lambda,\; \frac1B \sum_i \mathrm{KL}_{ij}\Big)$$

    The maximum is taken of a mean over the batch. To keep one value per example, a dimension whose mean exceeds λ
    contributes each example's own divergence, and any other contributes λ: the mean and the gradient are those of the
    formula, and a dimension below λ is pushed nowhere.

    Args:
        kl: Floats, `(batch, latent_dim)`: nats of each latent dimension.
        free_bits: λ ≥ 0, nats per latent dimension.
        sample_weight: Numbers ≥ 0, `(batch,)`, or None for equal weights.

    Returns:
        Float32 tensor, `(batch,)`: nats per example.

    Example:
        >>> kl = ops.array([[0.0, 3.0], [0.2, 1.0]])  # means 0.1 and 2
        >>> ops.convert_to_numpy(with_free_bits(kl, 0.5)).tolist()
        [3.5, 1.5]

    Reference:
        Kingma et al. (2016), Improving variational inference with inverse autoregressive flow, arXiv:1606.04934,
        eq. 15.
    """
    (kl,) = as_float32(kl)
    means = ops.stack([weighted_mean(kl[:, j], sample_weight) for j in range(kl.shape[1])])
    return sum_over_event(ops.where(means > free_bits, kl, free_bits))


def _prior_on(encoder, config):
    """A saved prior made again; one that was saved with an encoder gets this one."""
    if config and "encoder" in config["config"]:
        config = {**config, "config": {**config["config"], "encoder": encoder}}
    return keras.saving.deserialize_keras_object(config)


@functools.cache
def _standard_normal(latent_dim):
    return StandardNormal(latent_dim)


def _checked_free_bits(free_bits):
    free_bits = real_number(free_bits, "free_bits")
    if free_bits < 0:
        raise ValueError(f"free_bits must be ≥ 0, nats for each latent dimension; got {free_bits!r}.")
    return free_bits
