"""Optimal transport: on the line, where the best plan is to keep the order, and in space, by linear programmes."""

import numpy as np
from scipy import integrate, optimize, sparse, stats
from scipy.spatial import distance

from course_lib.contracts.arguments import finite_float64
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


def transport_plan(x, y):
    r"""The cheapest way to carry one sample to another: how much goes from each point of x to each point of y.

    Every point of x holds $1/n$ of the earth, every point of y takes $1/m$ of it. Equal numbers are an assignment
    problem (some best plan is a permutation); unequal numbers are a linear programme.

    $$\min_{P \ge 0} \sum_{ij} P_{ij} \lVert x_i - y_j \rVert
      \quad\text{with}\quad \sum_j P_{ij} = \frac1n, \; \sum_i P_{ij} = \frac1m$$

    Args:
        x: Floats, `(n, d)`.
        y: Floats, `(m, d)`. Time grows about with the cube of the numbers: some hundred points take a second.

    Returns:
        Float64 array, `(n, m)`, ≥ 0, with sum 1.

    Raises:
        ValueError: If a sample is not `(n, d)` with n ≥ 1, the numbers of columns differ, or a number is not finite.

    Example:
        >>> transport_plan([[0.0, 0.0], [3.0, 0.0]], [[3.0, 1.0], [0.0, 1.0]]).tolist()
        [[0.0, 0.5], [0.5, 0.0]]

    Reference:
        Kantorovich (1942), On the translocation of masses; Peyré & Cuturi (2019), arXiv:1803.00567, eq. 2.11.
    """
    cost = _costs(x, y)
    n, m = cost.shape
    if n == m:
        plan = np.zeros((n, m))
        plan[optimize.linear_sum_assignment(cost)] = 1 / n
        return plan
    rows, columns = _incidence(n, m)
    shares = np.concatenate([np.full(n, 1 / n), np.full(m, 1 / m)])
    solution = optimize.linprog(cost.ravel(), A_eq=sparse.vstack([rows, columns]), b_eq=shares, method="highs")
    return np.maximum(solution.x, 0).reshape(n, m)


def wasserstein_of_points(x, y):
    r"""Wasserstein-1 distance of two samples in space: the cost of the best plan, for Euclidean distances.

    Args:
        x: Floats, `(n, d)`.
        y: Floats, `(m, d)`.

    Returns:
        Float, in the unit of the data.

    Raises:
        ValueError: If a sample is not `(n, d)` with n ≥ 1, the numbers of columns differ, or a number is not finite.

    Example:
        >>> wasserstein_of_points([[0.0, 0.0], [0.0, 1.0]], [[3.0, 1.0], [3.0, 0.0]])
        3.0

    Reference:
        Kantorovich (1942), On the translocation of masses; Peyré & Cuturi (2019), arXiv:1803.00567, eq. 2.11.
    """
    return float((transport_plan(x, y) * _costs(x, y)).sum())


def kantorovich_potential(x, y):
    r"""A best critic of two samples: a function with slope at most 1 whose means differ by the Wasserstein distance.

    The dual linear programme, solved by itself, gives a price for every point: of u at x and v at y. From the prices
    of y follows a function on the whole space; a minimum of functions with slope 1 has no steeper slope.

    $$\max_{u, v} \frac1n \sum_i u_i + \frac1m \sum_j v_j
      \quad\text{with}\quad u_i + v_j \le \lVert x_i - y_j \rVert, \qquad
      f(a) = \min_j \big(\lVert a - y_j \rVert - v_j\big)$$

    Args:
        x: Floats, `(n, d)`: where f is high.
        y: Floats, `(m, d)`: where f is low.

    Returns:
        Function from points `(k, d)` to float64 `(k,)`, in the unit of the data.

    Raises:
        ValueError: If a sample is not `(n, d)` with n ≥ 1, the numbers of columns differ, or a number is not finite.

    Example:
        >>> critic = kantorovich_potential([[5.0]], [[2.0]])
        >>> float(critic([[5.0]])[0] - critic([[2.0]])[0])
        3.0

    Reference:
        Kantorovich & Rubinstein (1958); Peyré & Cuturi (2019), arXiv:1803.00567, eq. 2.20 and proposition 6.1.
    """
    cost, targets = _costs(x, y), finite_float64(y, "y")
    n, m = cost.shape
    rows, columns = _incidence(n, m)
    shares = np.concatenate([np.full(n, 1 / n), np.full(m, 1 / m)])
    prices = sparse.hstack([rows.T, columns.T])
    pinned = [(0.0, 0.0)] + [(None, None)] * (n + m - 1)  # adding a constant to u and taking it from v changes nothing
    solution = optimize.linprog(-shares, A_ub=prices, b_ub=cost.ravel(), bounds=pinned, method="highs")
    of_targets = solution.x[n:]
    return lambda points: (_costs(points, targets) - of_targets).min(axis=1)


def _costs(x, y):
    x, y = _points(x, "x"), _points(y, "y")
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"x and y should lie in the same space; got {x.shape[1]} and {y.shape[1]} columns.")
    return distance.cdist(x, y)


def _points(values, name):
    values = finite_float64(values, name)
    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"{name} should have shape (n, d) with n >= 1; got {values.shape}. Flatten each example.")
    return values


def _incidence(n, m):
    """What adds up the rows, and what adds up the columns, of a flattened `(n, m)` plan."""
    rows = sparse.kron(sparse.eye(n), np.ones((1, m)))
    return rows, sparse.kron(np.ones((1, n)), sparse.eye(m))
