"""Filling in what is missing: the mean of the unseen values given the seen ones, under a trained VAE."""

import math

import numpy as np
from keras import ops

from course_lib.contracts.arguments import real_array, whole_number
from course_lib.contracts.networks import require_posterior
from course_lib.formulas.likelihoods import facts, gaussian_log_prob

_ROWS_AT_ONCE = 20_000


def impute(vae, x, observed, num_samples=100, num_rounds=10, seed=0):
    r"""Fill the missing values of each example with their mean given the observed ones, by importance sampling.

    $$\mathbb E[x_m \mid x_o] \approx \sum_{k=1}^K \tilde w_k\, \mathbb E[x_m \mid z_k], \qquad
      z_k \sim q(z \mid x_o, \hat x_m), \qquad
      \tilde w_k \propto \frac{p(x_o \mid z_k)\, p(z_k)}{q(z_k \mid x_o, \hat x_m)}$$

    The encoder wants whole examples: the first guess $\hat x_m$ is the mean of the model's samples, and each round puts
    the answer of the last one in its place, so that the draws come closer to the posterior. As `num_samples` grows the
    answer approaches the model's own conditional mean whatever the last guess was; for few samples it is biased
    towards the encoder's opinion. The values of an example must be independent given z, which they are for every
    likelihood of the course.

    Args:
        vae: A `VAE` with a likelihood of numbers, or `conditional_vae.given(label)`.
        x: Array `(n, ...)`. Missing values may hold anything, NaN included.
        observed: Booleans, in the shape of one example or of `x`: True where a value is known.
        num_samples: Integer K ≥ 1.
        num_rounds: Integer ≥ 1.
        seed: Integer; the draws, and so the answer, repeat.

    Returns:
        Float32 array like `x`: observed values as they were, missing ones filled, in data space.

    Raises:
        ValueError: If the mask is none, the observed values do not fit the model, or its data are symbols.

    Example:
        >>> from course_lib import networks
        >>> from course_lib.formulas import likelihoods
        >>> from course_lib.models import VAE
        >>> encoder, decoder = networks.dense_gaussian_encoder((2,), 1, ()), networks.dense_decoder(1, (2,), ())
        >>> vae = VAE(encoder, decoder, likelihoods.gaussian(1.0), seed=0)
        >>> vae.encoder.set_weights([0 * weight for weight in vae.encoder.get_weights()])  # q is the prior
        >>> vae.decoder.set_weights([np.ones((1, 2)), np.zeros(2)])  # x₁ = z + noise, x₂ = z + noise
        >>> filled = impute(vae, [[2.0, np.nan]], observed=[True, False], num_samples=20_000, num_rounds=2)
        >>> filled.round(1).tolist()  # E[x₂ | x₁ = 2] = 1
        [[2.0, 1.0]]

    Reference:
        Rezende et al. (2014), arXiv:1401.4082, appendix F, for the rounds; Mattei & Frellsen (2019), arXiv:1812.02633,
        eq. 12, for the weights.
    """
    num_samples = whole_number(num_samples, "num_samples", 1)
    require_posterior(vae, "impute")
    if facts(vae.log_likelihood).symbols:
        raise ValueError("impute fills in means of numbers; this model's data are symbols, which have none.")
    observed, x = _masked(x, observed)
    start = vae.sample(200, seed=whole_number(seed, "seed")).mean(axis=0)
    filled = np.where(observed, x, start).astype("float32")
    vae.data_contract().checked(filled)
    rng, rows = np.random.default_rng(seed), max(1, _ROWS_AT_ONCE // num_samples)
    for _ in range(whole_number(num_rounds, "num_rounds", 1)):
        for begin in range(0, len(x), rows):
            part = slice(begin, begin + rows)
            means = _conditional_means(vae, filled[part], observed[part], num_samples, rng)
            filled[part] = np.where(observed[part], filled[part], means)
    return filled


def _masked(x, observed):
    x = real_array(x, "x")
    observed = np.asarray(observed)
    if observed.dtype != bool or observed.shape not in (x.shape, x.shape[1:]):
        raise ValueError(
            f"observed must be Booleans, True where a value is known, of shape {x.shape[1:]} or {x.shape}; got "
            f"{observed.dtype} of shape {observed.shape}."
        )
    return np.broadcast_to(observed, x.shape), x


def _conditional_means(vae, filled, observed, num_samples, rng):
    """One round: the weighted mean of E[x | z] over draws from q(z | filled), `(n, ...)`."""
    n, event = len(filled), filled.shape[1:]
    mean, log_var = (np.repeat(part, num_samples, axis=0) for part in vae.encode(filled))
    z = (mean + np.exp(0.5 * log_var) * rng.standard_normal(mean.shape)).astype("float32")
    parameters = vae.decoder(z, training=False)
    parameters = tuple(parameters) if isinstance(parameters, (list, tuple)) else (parameters,)
    given = _per_value(vae.log_likelihood, np.repeat(filled, num_samples, axis=0), parameters)
    known = np.repeat(observed, num_samples, axis=0).reshape(len(z), -1)
    log_weights = np.where(known, given, 0.0).sum(axis=1, dtype="float64")
    log_weights += _numbers(vae.prior.log_prob(z)) - _numbers(gaussian_log_prob(z, mean, log_var))
    log_weights = log_weights.reshape(n, num_samples)
    weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    means = _numbers(facts(vae.log_likelihood).mean(*parameters)).reshape(n, num_samples, -1)
    return np.einsum("nk,nkf->nf", weights, means).reshape(n, *event)


def _per_value(log_likelihood, x, parameters):
    """The log-probability of each single value, `(rows, values)`: every value is an event of its own."""
    values = x.reshape(-1, 1)
    flat = [ops.reshape(parameter, values.shape) for parameter in parameters]
    return _numbers(log_likelihood(values, *flat)).reshape(len(x), math.prod(x.shape[1:]))


def _numbers(tensor):
    return ops.convert_to_numpy(tensor).astype("float64")
