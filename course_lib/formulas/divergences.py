"""Divergences between probability distributions, in nats, one value per example.

Every function sums over the event (all axes but the first) and never over the batch: the mean over the batch is
taken once, by a model's `compute_loss`. Inputs of any float precision are computed in float32. Shapes that do not fit
are refused with a `ValueError`; NaN gives NaN for its own example; a value too large for float32 is infinite.
"""

from keras import ops

from course_lib.formulas.events import (
    as_float32,
    expected,
    finite_exp,
    require_broadcastable,
    require_same_shape,
    sum_over_event,
)

_IMPOSSIBLE = -1e30  # in place of −∞: its exponential is 0, and so is 0 times it


def gaussian_kl(mean_q, log_var_q, mean_p, log_var_p):
    r"""KL divergence of one diagonal Gaussian from another.

    $$\mathrm{KL}(q \,\|\, p) = \tfrac12 \sum_j \Big( \log\sigma_{p,j}^2 - \log\sigma_{q,j}^2
      + \frac{\sigma_{q,j}^2 + (\mu_{q,j} - \mu_{p,j})^2}{\sigma_{p,j}^2} - 1 \Big) \ge 0$$

    Not symmetric: it is an expectation under $q$.

    Args:
        mean_q: Floats of any precision, `(batch, ...)`. Means of the first distribution.
        log_var_q: Floats, same shape. Its log-variances, $\log\sigma^2$ (not the standard deviations).
        mean_p: Floats, broadcastable to the same shape. Means of the second distribution.
        log_var_p: Floats, likewise. Its log-variances.

    Returns:
        Float32 tensor, `(batch,)`: nats per example, summed over the latent dimensions.

    Example:
        >>> float(gaussian_kl([[1.0]], [[0.0]], [[0.0]], [[0.0]])[0])
        0.5

    Reference:
        Kullback & Leibler (1951); the Gaussian case e.g. Rasmussen & Williams (2006), eq. A.23.
    """
    mean_q, log_var_q, mean_p, log_var_p = as_float32(mean_q, log_var_q, mean_p, log_var_p)
    _require_second_fits_first(mean_q, log_var_q, mean_p, log_var_p)
    squared_distance = ops.square((mean_q - mean_p) * finite_exp(-0.5 * log_var_p))
    terms = log_var_p - log_var_q + ops.exp(log_var_q - log_var_p) + squared_distance - 1.0
    return 0.5 * sum_over_event(terms)


def standard_normal_kl(mean, log_var):
    r"""KL divergence of a diagonal Gaussian from the standard normal, the *rate* of a VAE.

    $$\mathrm{KL}\big(\mathcal N(\mu, \operatorname{diag}\sigma^2) \,\|\, \mathcal N(0, I)\big)
      = \tfrac12 \sum_j \big(\sigma_j^2 + \mu_j^2 - 1 - \log \sigma_j^2\big) \ge 0$$

    Summed over the latent dimensions, never averaged: an average is a weight of `1 / latent_dim` in disguise.

    Args:
        mean: Floats of any precision, `(batch, ...)`. The means.
        log_var: Floats, same shape. The log-variances, $\log\sigma^2$ (not the standard deviations).

    Returns:
        Float32 tensor, `(batch,)`: nats per example.

    Example:
        >>> float(standard_normal_kl([[0.0, 1.0]], [[0.0, 0.0]])[0])
        0.5

    Reference:
        Kingma & Welling (2014), arXiv:1312.6114, appendix B.
    """
    mean, log_var = as_float32(mean, log_var)
    require_same_shape(mean, log_var, "log_var", "mean")
    return 0.5 * sum_over_event(ops.exp(log_var) + ops.square(mean) - 1.0 - log_var)


def categorical_kl(logits_q, logits_p):
    r"""KL divergence of one categorical distribution from another, from their logits.

    $$\mathrm{KL}(q \,\|\, p) = \sum_k q_k \, (\log q_k - \log p_k), \qquad q = \operatorname{softmax}(\text{logits})$$

    Args:
        logits_q: Floats, `(batch, ..., categories)`. Unnormalised log-probabilities of the first distribution; −∞ for
            a category that cannot occur.
        logits_p: Floats, same shape. Those of the second.

    Returns:
        Float32 tensor, `(batch,)`: nats per example, summed over independent positions (the middle axes); infinite
        where q has mass and p has none.

    Example:
        >>> round(float(categorical_kl([[100.0, 0.0]], [[0.0, 0.0]])[0]), 4)  # log 2
        0.6931

    Reference:
        Kullback & Leibler (1951), On information and sufficiency, Annals of Mathematical Statistics 22.
    """
    log_q, log_p = _log_probabilities(logits_q, logits_p)
    return sum_over_event(expected(ops.exp(log_q), log_q - log_p))


def jensen_shannon(logits_p, logits_q):
    r"""Jensen-Shannon divergence of two categorical distributions, from their logits.

    $$\mathrm{JSD}(p, q) = \tfrac12 \mathrm{KL}(p \,\|\, m) + \tfrac12 \mathrm{KL}(q \,\|\, m),
      \quad m = \tfrac12 (p + q), \qquad 0 \le \mathrm{JSD} \le \log 2$$

    Symmetric, and finite also where the supports differ.

    Args:
        logits_p: Floats, `(batch, ..., categories)`. Unnormalised log-probabilities; −∞ for a category that cannot
            occur.
        logits_q: Floats, same shape.

    Returns:
        Float32 tensor, `(batch,)`: nats per example, summed over independent positions (the middle axes).

    Example:
        >>> round(float(jensen_shannon([[200.0, 0.0]], [[0.0, 200.0]])[0]), 4)  # disjoint: log 2
        0.6931

    Reference:
        Lin (1991), Divergence measures based on the Shannon entropy, IEEE Trans. Information Theory 37.
    """
    log_p, log_q = (ops.maximum(log, _IMPOSSIBLE) for log in _log_probabilities(logits_p, logits_q))
    log_mixture = ops.logaddexp(log_p, log_q) - ops.log(2.0)
    terms = ops.exp(log_p) * (log_p - log_mixture) + ops.exp(log_q) * (log_q - log_mixture)
    return 0.5 * sum_over_event(terms)


def gaussian_frechet(mean_a, log_var_a, mean_b, log_var_b):
    r"""Squared Fréchet (2-Wasserstein) distance of two diagonal Gaussians.

    $$d^2 = \|\mu_a - \mu_b\|^2 + \sum_j (\sigma_{a,j} - \sigma_{b,j})^2$$

    For full covariances estimated from samples use `course_lib.metrics.frechet_distance`.

    Args:
        mean_a: Floats, `(batch, ...)`. Means of the first distribution.
        log_var_a: Floats, same shape. Its log-variances.
        mean_b: Floats, broadcastable to the same shape. Means of the second distribution.
        log_var_b: Floats, likewise. Its log-variances.

    Returns:
        Float32 tensor, `(batch,)`: squared units of the data, per example.

    Example:
        >>> float(gaussian_frechet([[3.0]], [[0.0]], [[0.0]], [[0.0]])[0])
        9.0

    Reference:
        Dowson & Landau (1982), The Fréchet distance between multivariate normal distributions.
    """
    mean_a, log_var_a, mean_b, log_var_b = as_float32(mean_a, log_var_a, mean_b, log_var_b)
    _require_second_fits_first(mean_a, log_var_a, mean_b, log_var_b)
    larger = finite_exp(0.5 * ops.maximum(log_var_a, log_var_b))
    difference = larger * (1.0 - ops.exp(-0.5 * ops.abs(log_var_a - log_var_b)))  # |σ_a − σ_b|, never ∞ − ∞
    return sum_over_event(ops.square(mean_a - mean_b) + ops.square(difference))


def _require_second_fits_first(mean, log_var, other_mean, other_log_var):
    require_same_shape(mean, log_var, "its log_var", "The mean of the first distribution")
    for name, parameter in (("The mean", other_mean), ("The log_var", other_log_var)):
        require_broadcastable(parameter, mean, f"{name} of the second distribution", "the first")


def _log_probabilities(*logits):
    first, second = as_float32(*logits)
    require_same_shape(first, second, "the second", "The first logits")
    return ops.log_softmax(first, axis=-1), ops.log_softmax(second, axis=-1)
