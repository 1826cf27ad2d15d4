"""Optimal transport on the line, where the best plan is to keep the order."""

import numpy as np
from scipy import integrate, stats

from course_lib.arguments import finite_float64
from course_lib.exact.quadrature import density_on, grid_on


def wasserstein_of_samples(a, b):
    r"""Wasserstein-1 distance of two samples on the line.

    With equally many points the i-th smallest goes to the i-th smallest; with unequal numbers the area between the
    two empirical distribution functions is the same cost.

    $$W_1 = \frac1n \sum_i |a_{(i)} - b_{(i)}|$$

    Args:
        a: Floats, `(n,)`.
        b: Floats, `(m,)`.

    Returns:
        Float, in the unit of the data.

    Raises:
        ValueError: If a sample is not one-dimensional, is empty, or holds NaN or infinity.

    Example:
        >>> wasserstein_of_samples([0.0, 3.0], [4.0, 1.0]), wasserstein_of_samples([0.0], [0.0, 2.0])
        (1.0, 1.0)

    Reference:
        Vallender (1974), Calculation of the Wasserstein distance between probability distributions on the line.
    """
    a, b = _line_sample(a, "a"), _line_sample(b, "b")
    if len(a) == len(b):
        return float(np.abs(np.sort(a) - np.sort(b)).mean())
    return float(stats.wasserstein_distance(a, b))


def _line_sample(values, name):
    values = finite_float64(values, name)
    if values.ndim != 1 or values.size == 0:
        raise ValueError(f"{name} should have shape (n,) with n >= 1; got {values.shape}. Flatten a single column.")
    return values


def wasserstein_of_densities(log_p, log_q, lower, upper, num_points=20_001):
    r"""Wasserstein-1 distance of two densities on the line: the area between their distribution functions.

    $$W_1(p, q) = \int |F_p(x) - F_q(x)| \, dx$$

    Args:
        log_p: Vectorised function from points `(m,)` to a normalised log-density `(m,)`, in nats.
        log_q: The same for the other density.
        lower: Left end of an interval that holds the mass of both.
        upper: Right end.
        num_points: Grid points.

    Returns:
        Float, in the unit of x.

    Raises:
        ValueError: If the mass of p or q on the interval differs from 1 by more than 1e-3, or the interval is none.

    Example:
        >>> normal = lambda mean: lambda x: -0.5 * (np.log(2 * np.pi) + (x - mean) ** 2)
        >>> round(wasserstein_of_densities(normal(-1.0), normal(2.0), -14, 14), 6)
        3.0

    Reference:
        Vallender (1974), Calculation of the Wasserstein distance between probability distributions on the line.
    """
    x = grid_on(lower, upper, num_points)
    gap = _distribution_function(log_p, x) - _distribution_function(log_q, x)
    return float(integrate.trapezoid(np.abs(gap), x=x))


def _distribution_function(log_density, x):
    cumulative = integrate.cumulative_simpson(density_on(x, log_density), x=x, initial=0.0)
    if not abs(cumulative[-1] - 1) < 1e-3:
        raise ValueError(
            f"the density should have mass 1 between {x[0]:g} and {x[-1]:g}; it has {cumulative[-1]:.4g}. Widen the "
            "interval, raise num_points or normalise the density."
        )
    return cumulative
