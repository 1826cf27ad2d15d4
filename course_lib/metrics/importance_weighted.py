import math

import keras
import numpy as np
from keras import ops

from course_lib.contracts.arguments import real_array, whole_number
from course_lib.contracts.networks import require_posterior
from course_lib.formulas.events import as_float32, require_same_shape, sum_over_event
from course_lib.formulas.likelihoods import bernoulli_log_prob, gaussian_log_prob
from course_lib.metrics.compilation import compiled

_ROWS_AT_ONCE = 5_000
_LARGEST_GROUP = 100  # factors between 1 and 2, whose product float32 can hold


def importance_weighted_log_likelihood(vae, x, num_samples, seed=0, rows_at_once=_ROWS_AT_ONCE):
    r"""A lower bound on each example's $\log p(x)$ that tightens with the number of samples.

    $$\log \frac1K \sum_{k=1}^K w_k, \qquad w_k = \frac{p(x \mid z_k)\, p(z_k)}{q(z_k \mid x)},
      \quad z_k \sim q(z \mid x)$$

    K = 1 is the ELBO by Monte Carlo; the bound holds in expectation and approaches $\log p(x)$ as K grows.

    Args:
        vae: A `VAE`, or any model with `encoder`, `decoder` and `log_likelihood` like it. Its `prior` with
            `log_prob(z)` if it has one, else the standard normal.
        x: Array `(n, ...)`.
        num_samples: Integer K ≥ 1.
        seed: Integer; the draws, and so the answer, repeat.
        rows_at_once: Integer; memory is bounded by the decoder's activations for so many rows, and by
            `rows_at_once + n` log-weights. It does not grow with K.

    Returns:
        NumPy array, float64, `(n,)`: nats per example. The sum over the draws is accumulated in float64.

    Raises:
        ValueError: If K is not an integer ≥ 1, the model has no q(z|x), or the data do not fit it.

    Example:
        >>> from course_lib import networks
        >>> from course_lib.formulas import likelihoods
        >>> from course_lib.models import VAE
        >>> encoder, decoder = networks.dense_gaussian_encoder((4,), 2), networks.dense_decoder(2, (4,))
        >>> vae = VAE(encoder, decoder, likelihoods.gaussian(1.0))
        >>> importance_weighted_log_likelihood(vae, np.zeros((3, 4)), num_samples=10).shape
        (3,)

    Reference:
        Burda, Grosse & Salakhutdinov (2016), arXiv:1509.00519, eq. 8.
    """
    total = None
    for log_weights in _chunks_of_log_weights(vae, x, num_samples, seed, rows_at_once):
        chunk = np.logaddexp.reduce(log_weights, axis=0)
        total = chunk if total is None else np.logaddexp(total, chunk)
    return total - np.log(num_samples)


def log_importance_weights(vae, x, num_samples, seed=0, rows_at_once=_ROWS_AT_ONCE):
    r"""The logarithms of the importance weights, $\log p(x \mid z_k) + \log p(z_k) - \log q(z_k \mid x)$.

    Args:
        vae: As for `importance_weighted_log_likelihood`.
        x: Array `(n, ...)`.
        num_samples: Integer K ≥ 1.
        seed: Integer; the draws repeat.
        rows_at_once: Integer, as for `importance_weighted_log_likelihood`.

    Returns:
        NumPy array, float64, `(num_samples, n)`: nats.

    Raises:
        ValueError: As for `importance_weighted_log_likelihood`.

    Example:
        >>> from course_lib import networks
        >>> from course_lib.formulas import likelihoods
        >>> from course_lib.models import VAE
        >>> encoder, decoder = networks.dense_gaussian_encoder((4,), 2), networks.dense_decoder(2, (4,))
        >>> vae = VAE(encoder, decoder, likelihoods.gaussian(1.0))
        >>> log_importance_weights(vae, np.zeros((3, 4)), num_samples=10).shape
        (10, 3)

    Reference:
        Burda, Grosse & Salakhutdinov (2016), arXiv:1509.00519, section 3.
    """
    return np.concatenate(list(_chunks_of_log_weights(vae, x, num_samples, seed, rows_at_once)))


def log_mean_exp(log_weights):
    r"""The logarithm of the mean of weights that are given by their logarithms, over the first axis.

    $$\log\frac1K\sum_{k=1}^K e^{\ell_k} = m + \log\frac1K\sum_{k=1}^K e^{\ell_k - m}, \qquad m = \max_k \ell_k$$

    The largest term becomes $e^0 = 1$, so nothing overflows and not all can vanish.

    Args:
        log_weights: Numbers `(K, ...)`, nats; −∞ for a weight of 0.

    Returns:
        NumPy array, float64, `(...)`: nats.

    Raises:
        ValueError: If there is not one weight.

    Example:
        >>> log_mean_exp([[-1000.0, 0.0], [-1000.0, -np.inf]]).round(4).tolist()
        [-1000.0, -0.6931]

    Reference:
        Burda, Grosse & Salakhutdinov (2016), arXiv:1509.00519, eq. 8.
    """
    log_weights = _log_weight_table(log_weights)
    return np.logaddexp.reduce(log_weights, axis=0) - np.log(len(log_weights))


def effective_sample_size(log_weights):
    r"""How many equally weighted draws the weighted draws of each example are worth.

    $$\mathrm{ESS} = \frac{\big(\sum_k w_k\big)^2}{\sum_k w_k^2} \in [1, K]$$

    K where all weights are equal (the proposal is the posterior), 1 where one draw has all the weight. It is computed
    from the draws, so it cannot know of a region that no draw has reached.

    Args:
        log_weights: Numbers `(K, ...)`, nats, such as `log_importance_weights` returns.

    Returns:
        NumPy array, float64, `(...)`: a number of draws; 0 where all weights are 0.

    Raises:
        ValueError: If there is not one weight.

    Example:
        >>> effective_sample_size(np.log([[1.0, 1.0], [1.0, 3.0]])).round(4).tolist()
        [2.0, 1.6]

    Reference:
        Kong, Liu & Wong (1994), Sequential imputations and Bayesian missing data problems, JASA 89.
    """
    log_weights = _log_weight_table(log_weights)
    largest = log_weights.max(axis=0)
    weights = np.exp(log_weights - np.where(np.isneginf(largest), 0.0, largest))
    squares = np.square(weights).sum(axis=0)
    return np.square(weights.sum(axis=0)) / np.where(squares == 0.0, 1.0, squares)


def _log_weight_table(log_weights):
    log_weights = real_array(log_weights, "log_weights").astype("float64")
    if log_weights.ndim == 0 or len(log_weights) == 0:
        raise ValueError(f"log_weights should have shape (K, ...), K at least 1; got {log_weights.shape}.")
    return log_weights


def _chunks_of_log_weights(vae, x, num_samples, seed, rows_at_once):
    """Yield log-weights `(chunk, n)`, all examples at once, few enough draws to bound the memory."""
    num_samples, rows_at_once = (
        whole_number(num_samples, "num_samples", 1),
        whole_number(rows_at_once, "rows_at_once", 1),
    )
    require_posterior(vae, "importance weighting")
    if hasattr(vae, "data_contract"):
        x = vae.data_contract().checked(x)
    if len(x) == 0:
        raise ValueError(f"x is empty: its shape is {x.shape}. Give at least one example.")
    seed_generator = keras.random.SeedGenerator(whole_number(seed, "seed", 0, 2**32 - 1))
    pieces = [ops.convert_to_tensor(x[start : start + rows_at_once]) for start in range(0, len(x), rows_at_once)]
    posteriors = [_posterior(vae, piece) for piece in pieces]
    log_weights = compiled(lambda *tensors: _log_weights(vae, *tensors), _networks(vae), num_samples * len(x))
    chunk = max(1, rows_at_once // len(x))
    for start in range(0, num_samples, chunk):
        draws = min(chunk, num_samples - start)
        parts = []
        for piece, (mean, log_var) in zip(pieces, posteriors, strict=True):
            noise_shape = (mean.shape[0] * draws, *mean.shape[1:])
            noise = keras.random.normal(noise_shape, dtype="float32", seed=seed_generator)
            values = ops.convert_to_numpy(log_weights(piece, mean, log_var, noise))
            parts.append(values.astype("float64").reshape(-1, draws).T)
        yield np.concatenate(parts, axis=1)


def _networks(vae):
    """What the weights depend on; the prior may hold networks of its own."""
    return [vae.decoder, getattr(vae, "prior", None), vae.log_likelihood]


def _posterior(vae, x):
    mean, log_var = vae.encoder(x, training=False)
    return ops.cast(mean, "float32"), ops.cast(log_var, "float32")


def _log_weights(vae, x, mean, log_var, noise):
    """Log-weights `(examples × draws,)`, the draws of an example side by side, as the rows of `noise` are."""
    draws = noise.shape[0] // x.shape[0]
    x, mean, log_var = (ops.repeat(tensor, draws, axis=0) for tensor in (x, mean, log_var))
    z = mean + ops.exp(0.5 * log_var) * noise
    parameters = vae.decoder(z, training=False)
    parameters = parameters if isinstance(parameters, (list, tuple)) else (parameters,)
    fast = vae.log_likelihood is bernoulli_log_prob
    log_likelihood = _bernoulli_with_few_logarithms if fast else vae.log_likelihood
    log_joint = log_likelihood(x, *parameters) + _log_prior(vae, z)
    return log_joint - gaussian_log_prob(z, mean, log_var)


def _bernoulli_with_few_logarithms(x, logits):
    r"""`bernoulli_log_prob` at half the cost, its softplus by one logarithm for a group of pixels.

    $$\sum_i x_i \ell_i - \max(\ell_i, 0) - \log \prod_i \big(1 + e^{-|\ell_i|}\big)$$
    """
    x, logits = as_float32(x, logits)
    require_same_shape(x, logits, "logits")
    num_pixels = math.prod(logits.shape[1:])
    group = max(size for size in range(1, _LARGEST_GROUP + 1) if num_pixels % size == 0)
    factors = ops.reshape(1.0 + ops.exp(-ops.abs(logits)), (-1, num_pixels // group, group))
    linear = sum_over_event(x * logits - ops.maximum(logits, 0.0))
    return linear - ops.sum(ops.log(ops.prod(factors, axis=2)), axis=1)


def _log_prior(vae, z):
    prior = getattr(vae, "prior", None)
    return gaussian_log_prob(z, ops.zeros_like(z), 0.0) if prior is None else prior.log_prob(z)
