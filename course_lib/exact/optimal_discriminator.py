"""The discriminator that cannot be beaten, and the value of the game against it, for known densities."""

import numpy as np

from course_lib.exact.quadrature import expectation_1d


def optimal_logit(x, log_p, log_q):
    r"""Logit of the optimal discriminator between data p and generator q.

    $$D^*(x) = \frac{p(x)}{p(x) + q(x)}, \qquad \operatorname{logit} D^*(x) = \log p(x) - \log q(x)$$

    Args:
        x: Points, in whatever shape the densities take.
        log_p: Function from points to the log-density of the data, `(n,)`, in nats.
        log_q: The same for the generator.

    Returns:
        Float64 array, `(n,)`: ±∞ where only one has mass, 0 where neither has (any D is optimal there).

    Example:
        >>> normal = lambda mean: lambda x: -0.5 * (np.log(2 * np.pi) + (x - mean) ** 2)
        >>> optimal_logit(np.array([0.0, 1.0]), normal(1.0), normal(-1.0)).tolist()
        [0.0, 2.0]

    Reference:
        Goodfellow et al. (2014), arXiv:1406.2661, proposition 1.
    """
    p, q = np.asarray(log_p(x), dtype="float64"), np.asarray(log_q(x), dtype="float64")
    nowhere = np.isneginf(p) & np.isneginf(q)
    return np.where(nowhere, 0.0, p - np.where(nowhere, 0.0, q))


def discriminator_value(logit, log_p, log_q, lower, upper, num_points=20_001):
    r"""The minimax value of any discriminator between two densities on the line.

    $$V(D) = \mathbb E_p[\log D(x)] + \mathbb E_q[\log(1 - D(x))]$$

    Args:
        logit: Vectorised function from points `(m,)` to the discriminator's logits `(m,)`.
        log_p: Vectorised log-density of the data, in nats.
        log_q: Vectorised log-density of the generator.
        lower: Left end of an interval that holds the mass of both.
        upper: Right end.
        num_points: Grid points.

    Returns:
        Float, nats, at most 0.

    Raises:
        ValueError: If the mass of p or q on the interval is not 1.

    Example:
        >>> normal = lambda mean: lambda x: -0.5 * (np.log(2 * np.pi) + (x - mean) ** 2)
        >>> round(discriminator_value(np.zeros_like, normal(0.0), normal(1.0), -12, 12), 4)  # −2 log 2: a coin
        -1.3863

    Reference:
        Goodfellow et al. (2014), arXiv:1406.2661, equation 1.
    """
    real = expectation_1d(lambda x: -np.logaddexp(0.0, -logit(x)), log_p, lower, upper, num_points)
    fake = expectation_1d(lambda x: -np.logaddexp(0.0, logit(x)), log_q, lower, upper, num_points)
    return real + fake


def optimal_value(log_p, log_q, lower, upper, num_points=20_001):
    r"""V(D*), the most that any discriminator can reach; it equals −log 4 + 2 JSD(p, q).

    Args:
        log_p: Vectorised log-density of the data, in nats.
        log_q: Vectorised log-density of the generator.
        lower: Left end of an interval that holds the mass of both.
        upper: Right end.
        num_points: Grid points.

    Returns:
        Float, nats, between −log 4 (equal densities) and 0 (disjoint ones).

    Raises:
        ValueError: If the mass of p or q on the interval is not 1.

    Example:
        >>> standard_normal = lambda x: -0.5 * (np.log(2 * np.pi) + x**2)
        >>> round(optimal_value(standard_normal, standard_normal, -12, 12), 4)
        -1.3863

    Reference:
        Goodfellow et al. (2014), arXiv:1406.2661, theorem 1.
    """
    return discriminator_value(lambda x: optimal_logit(x, log_p, log_q), log_p, log_q, lower, upper, num_points)
