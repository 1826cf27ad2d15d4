"""Rate and distortion: what a VAE pays for its code, and what the code leaves unsaid."""

import keras
import numpy as np
from keras import ops

from course_lib.contracts.arguments import whole_number
from course_lib.contracts.networks import require_posterior

_ROWS_AT_ONCE = 1000


def rate_and_distortion(vae, x, num_samples=1, seed=0):
    r"""The two terms of each example's negative ELBO.

    $$R(x) = \mathrm{KL}(q(z \mid x) \,\|\, p(z)), \quad D(x) = -\mathbb E_{q(z \mid x)}[\log p(x \mid z)], \quad
      \mathrm{ELBO}(x) = -R(x) - D(x)$$

    The mean rate is an upper bound of the mutual information of data and code. β and free bits do not enter. The rate
    is exact for the standard normal prior; it and the distortion are otherwise averages over draws of z.

    Args:
        vae: A `VAE`, or any model with `encoder`, `decoder`, `log_likelihood` and `prior` like it.
        x: Array `(n, ...)`.
        num_samples: Integer ≥ 1, draws of z for each example.
        seed: Integer; the draws, and so the answer, repeat.

    Returns:
        Two float64 NumPy arrays, `(n,)` each: nats per example.

    Raises:
        ValueError: If the data do not fit the model, or `num_samples` is no such integer.

    Example:
        >>> from course_lib import networks
        >>> from course_lib.formulas import likelihoods
        >>> from course_lib.models import VAE
        >>> encoder, decoder = networks.dense_gaussian_encoder((4,), 2), networks.dense_decoder(2, (4,))
        >>> rate, distortion = rate_and_distortion(VAE(encoder, decoder, likelihoods.gaussian(1.0)), np.zeros((3, 4)))
        >>> rate.shape, distortion.shape
        ((3,), (3,))

    Reference:
        Alemi et al. (2018), Fixing a broken ELBO, arXiv:1711.00464, section 2.
    """
    require_posterior(vae, "rate_and_distortion")
    num_samples, draws = (
        whole_number(num_samples, "num_samples", 1),
        keras.random.SeedGenerator(whole_number(seed, "seed")),
    )
    x = vae.data_contract().checked(x)
    starts = range(0, len(x), _ROWS_AT_ONCE)
    parts = [_terms(vae, x[start : start + _ROWS_AT_ONCE], num_samples, draws) for start in starts]
    rate, distortion = np.concatenate(parts, axis=1)
    return rate, distortion


def _terms(vae, x, num_samples, draws):
    """Rate and distortion of a few examples: float64 `(2, n)`."""
    mean, log_var = (ops.cast(code, "float32") for code in vae.encoder(x, training=False))
    total = np.zeros((2, len(x)))
    for _ in range(num_samples):
        z = mean + ops.exp(0.5 * log_var) * keras.random.normal(ops.shape(mean), dtype="float32", seed=draws)
        parameters = vae.decoder(z, training=False)
        parameters = parameters if isinstance(parameters, (list, tuple)) else (parameters,)
        terms = ops.stack([vae.prior.kl(mean, log_var, z), -vae.log_likelihood(x, *parameters)])
        total += ops.convert_to_numpy(terms)
    return total / num_samples
