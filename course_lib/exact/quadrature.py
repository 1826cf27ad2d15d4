"""Integrals on a grid: the evidence of a small latent space, and expectations and divergences on the line."""

import numpy as np
from scipy import integrate

from course_lib.contracts.arguments import real_number, whole_number


def log_marginal_likelihood(log_likelihood, latent_dim, num_points=241, bound=6.0, tolerance=0.02, batch_size=4096):
    r"""log p(x) of a latent-variable model with one or two latents, by the trapezoidal rule.

    $$\log p(x) = \log \int p(x \mid z) \, \mathcal N(z; 0, I) \, dz$$

    For smooth integrands the rule converges faster than any power of the spacing: with a Gaussian posterior of
    standard deviation s and spacing h the relative error is about 2 exp(−2π² s²/h²). The result is compared with
    the rule on every second point without the outer tenth of the grid; where the two differ by more than `tolerance`,
    the grid is refused. For a Gaussian posterior agreement within 0.02 means an error near
    1e-8; for a decoder with kinks (ReLU) expect a third of the difference.

    Args:
        log_likelihood: Function from a grid of latents, float64 `(m, latent_dim)`, to log p(x | z) in nats,
            `(m, n)`, for n examples.
        latent_dim: 1 or 2.
        num_points: Points per axis.
        bound: The grid covers [−bound, bound] on each axis.
        tolerance: The largest difference from the coarser rule, in nats.
        batch_size: How many latents are asked about at once.

    Returns:
        Float64 array, `(n,)`: nats per example.

    Raises:
        ValueError: If `latent_dim` is not 1 or 2, an argument is out of range, `log_likelihood` answers another shape
            or NaN, or the grid is too coarse or too small for the posterior.

    Example:
        >>> log_likelihood = lambda z: -0.5 * (np.log(2 * np.pi) + (np.array([[0.0, 1.0]]) - z) ** 2)
        >>> log_marginal_likelihood(log_likelihood, latent_dim=1).round(4).tolist()  # N(0, 2) at 0 and 1
        [-1.2655, -1.5155]

    Reference:
        Trefethen & Weideman (2014), The exponentially convergent trapezoidal rule, SIAM Review 56(3).
    """
    num_points, batch_size = whole_number(num_points, "num_points", 3), whole_number(batch_size, "batch_size", 1)
    if real_number(bound, "bound") <= 0:
        raise ValueError(f"bound should be positive, in standard deviations of the prior; got {bound!r}. Try 6.")
    if latent_dim not in (1, 2):
        raise ValueError(f"latent_dim should be 1 or 2 for a grid; got {latent_dim}. Use importance weighting instead.")
    grid, log_weights, is_coarse = _latent_grid(latent_dim, num_points, bound)
    fine, coarse = -np.inf, -np.inf
    for start in range(0, len(grid), batch_size):
        batch = slice(start, start + batch_size)
        terms = _checked(log_likelihood(grid[batch]), len(grid[batch])) + log_weights[batch, None]
        fine = np.logaddexp(fine, np.logaddexp.reduce(terms, axis=0))
        coarse = np.logaddexp(coarse, np.logaddexp.reduce(terms[is_coarse[batch]], axis=0, initial=-np.inf))
    with np.errstate(invalid="ignore"):  # −∞ where the grid misses the whole posterior
        difference = np.abs(fine - coarse - latent_dim * np.log(2.0))
    if not (difference <= tolerance).all():
        raise ValueError(
            f"the grid of {num_points} points per axis on [−{bound:g}, {bound:g}] should resolve every posterior; "
            f"halving it changes log p(x) by up to {difference.max():.3g} nats. Raise num_points or bound."
        )
    return fine


def _latent_grid(latent_dim, num_points, bound):
    """All latents `(m, latent_dim)`, the log of prior times cell `(m,)`, and which belong to the coarser rule."""
    axis = np.linspace(-bound, bound, num_points)
    is_coarse = (np.arange(num_points) % 2 == num_points // 2 % 2) & (np.abs(axis) < 0.9 * bound)
    log_weights = -0.5 * (np.log(2 * np.pi) + axis**2) + np.log(axis[1] - axis[0])
    if latent_dim == 1:
        return axis[:, None], log_weights, is_coarse
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    return grid, np.add.outer(log_weights, log_weights).ravel(), np.logical_and.outer(is_coarse, is_coarse).ravel()


def _checked(values, num_latents):
    values = np.asarray(values, dtype="float64")
    if values.ndim != 2 or len(values) != num_latents:
        raise ValueError(f"log_likelihood should answer ({num_latents}, n), one row per latent; got {values.shape}.")
    if np.isnan(values).any():
        raise ValueError("log_likelihood should answer numbers; it answered NaN. Check the decoder's output.")
    return values


def expectation_1d(function, log_density, lower, upper, num_points=20_001):
    r"""E[f(x)] under a density on the line, by Simpson's rule.

    Args:
        function: Vectorised function from points `(m,)` to values `(m,)`.
        log_density: Vectorised function from points `(m,)` to a normalised log-density `(m,)`, in nats; −∞ is allowed.
        lower: Left end of the interval.
        upper: Right end. The interval should hold the whole mass.
        num_points: Grid points; the spacing should be well below every scale of the density.

    Returns:
        Float.

    Raises:
        ValueError: If the density's mass on the interval differs from 1 by more than 1e-3, the interval is none, or the
            function answers NaN.

    Example:
        >>> standard_normal = lambda x: -0.5 * (np.log(2 * np.pi) + x**2)
        >>> round(expectation_1d(np.square, standard_normal, -12, 12), 9)
        1.0
    """
    x = grid_on(lower, upper, num_points)
    density = density_on(x, log_density)
    mass = integrate.simpson(density, x=x)
    if not abs(mass - 1) < 1e-3:
        raise ValueError(
            f"the density should have mass 1 between {lower:g} and {upper:g}; it has {mass:.4g}. Widen the interval, "
            "raise num_points or normalise the density."
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(density > 0, density * _one_value_a_point(function(x), x), 0.0)
    if np.isnan(values).any():
        raise ValueError("the function should answer numbers where the density is positive; it answered NaN.")
    return float(integrate.simpson(values, x=x))


def grid_on(lower, upper, num_points):
    """The points of a grid on an interval, both ends included.

    Example:
        >>> grid_on(0, 1, 3).tolist()
        [0.0, 0.5, 1.0]
    """
    if not real_number(lower, "lower") < real_number(upper, "upper"):
        raise ValueError(f"lower should be smaller than upper; got {lower} and {upper}. Swap them.")
    return np.linspace(lower, upper, whole_number(num_points, "num_points", 3))


def density_on(x, log_density):
    """The density at the points of a grid, from its logarithm.

    Example:
        >>> density_on(np.array([0.0, 1.0]), lambda x: 0.0).tolist()
        [1.0, 1.0]
    """
    return np.exp(_one_value_a_point(log_density(x), x))


def _one_value_a_point(values, x):
    values = np.asarray(values, dtype="float64")
    if values.shape not in ((), x.shape):
        raise ValueError(f"a function on the grid should answer one value a point, {x.shape}; got {values.shape}.")
    return np.broadcast_to(values, x.shape)


def kl_1d(log_p, log_q, lower, upper, num_points=20_001):
    r"""KL(p ‖ q) = E_p[log p − log q] of two densities on the line.

    Args:
        log_p: Vectorised log-density of p, in nats.
        log_q: Vectorised log-density of q.
        lower: Left end of an interval that holds the mass of p.
        upper: Right end.
        num_points: Grid points.

    Returns:
        Float, nats; infinite where p has mass and q has none.

    Raises:
        ValueError: If the mass of p on the interval is not 1.

    Example:
        >>> normal = lambda mean: lambda x: -0.5 * (np.log(2 * np.pi) + (x - mean) ** 2)
        >>> round(kl_1d(normal(0.0), normal(2.0), -12, 12), 9)
        2.0

    Reference:
        Kullback & Leibler (1951), On information and sufficiency, Ann. Math. Stat. 22(1).
    """
    return expectation_1d(lambda x: log_p(x) - log_q(x), log_p, lower, upper, num_points)


def jensen_shannon_1d(log_p, log_q, lower, upper, num_points=20_001):
    r"""Jensen–Shannon divergence of two densities on the line.

    $$\mathrm{JSD}(p, q) = \tfrac12 \mathrm{KL}(p\,\|\,m) + \tfrac12 \mathrm{KL}(q\,\|\,m), \quad m = \tfrac12(p + q),
      \qquad 0 \le \mathrm{JSD} \le \log 2$$

    Args:
        log_p: Vectorised log-density of p, in nats.
        log_q: Vectorised log-density of q.
        lower: Left end of an interval that holds the mass of both.
        upper: Right end.
        num_points: Grid points.

    Returns:
        Float, nats.

    Raises:
        ValueError: If the mass of p or q on the interval is not 1.

    Example:
        >>> normal = lambda mean: lambda x: -0.5 * (np.log(2 * np.pi) + (x - mean) ** 2)
        >>> round(jensen_shannon_1d(normal(-9.0), normal(9.0), -25, 25), 6)  # log 2: they never meet
        0.693147

    Reference:
        Lin (1991), Divergence measures based on the Shannon entropy, IEEE Trans. Inf. Theory 37(1).
    """

    def log_mixture(x):
        return np.logaddexp(log_p(x), log_q(x)) - np.log(2.0)

    ends = (lower, upper, num_points)
    return 0.5 * kl_1d(log_p, log_mixture, *ends) + 0.5 * kl_1d(log_q, log_mixture, *ends)
