import math

import keras
from keras import ops

from course_lib.contracts.arguments import real_number, whole_number
from course_lib.formulas.likelihoods import gaussian_log_prob
from course_lib.models.parts import as_tuple
from course_lib.models.vae import VAE
from course_lib.training.model import in_batches, weighted_mean


@keras.saving.register_keras_serializable(package="course_lib")
class IWAE(VAE):
    r"""An importance-weighted autoencoder: a VAE that climbs a tighter bound, from K draws an example.

    $$L_K(x) = -\mathbb E_{z_1, \dots, z_K \sim q(z \mid x)}\Big[\log \frac1K \sum_{k=1}^K w_k\Big],
      \qquad w_k = \frac{p(x \mid z_k)\, p(z_k)}{q(z_k \mid x)}$$

    The logarithm is taken of the mean. The gradient is $\sum_k \tilde w_k \nabla \log w_k$ with the normalised weights
    $\tilde w_k = w_k / \sum_j w_j$: the best draw teaches most. K = 1 is the VAE, its KL divergence by Monte Carlo.
    `reconstruction` and `kl` are the terms of the ordinary ELBO at the same draws, for comparison: the loss lies below
    their sum.

    Args:
        encoder: As for `VAE`.
        decoder: As for `VAE`.
        log_likelihood: As for `VAE`.
        num_samples: Integer K ≥ 1. A step costs about K decodings an example.
        seed: As for `VAE`.
        **kwargs: As for `VAE`, but `beta` must be 1: the weights $w_k$ average to p(x) only without it, and
            with another β the objective would be no bound that tightens towards log p(x).

    Raises:
        ValueError: As for `VAE`, or if K is not an integer ≥ 1, or β is not 1.

    Example:
        >>> import numpy as np
        >>> from course_lib import networks
        >>> from course_lib.formulas import likelihoods
        >>> encoder, decoder = networks.dense_gaussian_encoder((4,), 2), networks.dense_decoder(2, (4,))
        >>> iwae = IWAE(encoder, decoder, likelihoods.bernoulli_log_prob, num_samples=5, seed=0)
        >>> iwae.sample(5).shape, iwae.bound(np.zeros((3, 4))).shape
        ((5, 4), (3,))

    Reference:
        Burda, Grosse & Salakhutdinov (2016), arXiv:1509.00519, eq. 8 and 13–14.
    """

    def __init__(self, encoder, decoder, log_likelihood, num_samples=5, seed=None, **kwargs):
        super().__init__(encoder, decoder, log_likelihood, seed=seed, **kwargs)
        self.num_samples = whole_number(num_samples, "num_samples", 1)
        if self.free_bits:
            raise ValueError(
                f"An IWAE has no free bits; got free_bits={self.free_bits!r}. Its bound is the logarithm of one mean, "
                "in which the divergence of a latent dimension is no term of its own. Use VAE(free_bits=...)."
            )

    def call(self, x, training=None):
        mean, log_var = self.encoder(x, training=training)
        sampling = self.sampling if training else self.evaluation_sampling
        z = sampling(self._copies(mean), self._copies(log_var))  # (batch · K, latent_dim), K rows an example
        parameters = as_tuple(self.decoder(z, training=training))
        return {"mean": mean, "log_var": log_var, "z": z, "parameters": parameters}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        log_likelihood, log_ratio = self._terms(x if y is None else y, y_pred)
        self.reconstruction_tracker.update_state(-ops.mean(log_likelihood, axis=1), sample_weight)
        self.kl_tracker.update_state(ops.mean(log_ratio, axis=1), sample_weight)
        bound = self._log_mean_exp(log_likelihood - log_ratio)
        return weighted_mean(-bound, sample_weight) + self.weight_penalty()

    def kl(self, y_pred):
        """The rate of each example that `call` answered, from its K draws: `(batch,)`, nats; it can be negative."""
        return ops.mean(self._log_ratio(y_pred), axis=1)

    def _terms(self, x, y_pred):
        """log p(x|z) and log q(z|x) − log p(z) at each draw, both `(batch, num_samples)`."""
        log_likelihood = self.log_likelihood(self._copies(ops.convert_to_tensor(x)), *y_pred["parameters"])
        return ops.reshape(log_likelihood, (-1, self.num_samples)), self._log_ratio(y_pred)

    def _log_ratio(self, y_pred):
        mean, log_var = self._copies(y_pred["mean"]), self._copies(y_pred["log_var"])
        log_ratio = gaussian_log_prob(y_pred["z"], mean, log_var) - self.prior.log_prob(y_pred["z"])
        return ops.reshape(log_ratio, (-1, self.num_samples))

    def _copies(self, tensor):
        """Every row K times, side by side; `ops.repeat` does the same, and oneDNN complains about its integers."""
        ones = ops.ones((1, self.num_samples, *([1] * (len(tensor.shape) - 1))), dtype=tensor.dtype)
        return ops.reshape(ops.expand_dims(tensor, 1) * ones, (-1, *tensor.shape[1:]))

    def _log_mean_exp(self, log_weights):
        return ops.logsumexp(log_weights, axis=1) - math.log(self.num_samples)

    def bound(self, x):
        """The importance-weighted bound of each example, from K draws: what training climbs.

        Args:
            x: Array `(n, ...)`.

        Returns:
            NumPy array, `(n,)`: nats. Each call draws anew.

        Raises:
            ValueError: If the data do not fit.
        """
        return self._of_log_weights(x, self._log_mean_exp)

    def elbo(self, x):
        """The ordinary evidence lower bound of each example, the mean over K draws of z.

        Args:
            x: Array `(n, ...)`.

        Returns:
            NumPy array, `(n,)`: nats. Each call draws anew.

        Raises:
            ValueError: If the data do not fit.
        """
        return self._of_log_weights(x, lambda log_weights: ops.mean(log_weights, axis=1))

    def _of_log_weights(self, x, summary):
        """A summary `(batch,)` of each example's log-weights, `(batch, num_samples)`, as a NumPy array `(n,)`."""

        def of_batch(batch):
            log_likelihood, log_ratio = self._terms(batch, self(batch, training=False))
            return summary(log_likelihood - log_ratio)

        return in_batches(of_batch, self.data_contract().checked(x), batch_size=max(1, 1000 // self.num_samples))

    @property
    def beta(self):
        """Always 1, and fixed: with another weight of the KL divergence the bound would not tighten to log p(x)."""
        return self._beta

    @beta.setter
    def beta(self, value):
        if real_number(value, "beta, the weight of the KL divergence,") != 1:
            raise ValueError(
                f"beta must be 1 in an IWAE; got {value!r}. The importance weights p(x, z)/q(z|x) average to p(x) only "
                "as they are: with another weight the bound would not tighten to log p(x). Use VAE(beta=...)."
            )
        self._beta.assign(1.0)

    def get_config(self):
        return {**super().get_config(), "num_samples": self.num_samples}
