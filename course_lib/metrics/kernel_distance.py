"""Kernel distance: the squared distance of two laws as a kernel sees them, estimated without bias."""

import math
from typing import NamedTuple

import numpy as np

from course_lib.contracts.arguments import whole_number
from course_lib.metrics.feature_rows import feature_pair


class KernelDistance(NamedTuple):
    """An estimate and its error.

    Attributes:
        value: Float, the mean over blocks of the unbiased squared distance; it may be negative.
        standard_error: Float, the deviation over blocks divided by the root of their number.
    """

    value: float
    standard_error: float


def polynomial_kernel(a, b):
    r"""The kernel of the KID: $k(x, y) = \big(x^\top y / d + 1\big)^3$.

    Args:
        a: Floats, `(n, d)`.
        b: Floats, `(m, d)`.

    Returns:
        Float array, `(n, m)`.

    Example:
        >>> polynomial_kernel(np.array([[1.0, 1.0]]), np.array([[1.0, 1.0], [0.0, 0.0]])).tolist()
        [[8.0, 1.0]]

    Reference:
        Bińkowski et al. (2018), arXiv:1801.01401.
    """
    return (a @ b.T / a.shape[1] + 1.0) ** 3


def squared_mmd(real, generated):
    r"""The unbiased estimate of the squared maximum mean discrepancy under `polynomial_kernel`.

    $$\widehat{\mathrm{MMD}}^2 = \frac1{n(n-1)}\sum_{i\ne j} k(x_i, x_j) + \frac1{m(m-1)}\sum_{i\ne j} k(y_i, y_j)
      - \frac2{nm}\sum_{i,j} k(x_i, y_j)$$

    Leaving out the pairs of a point with itself is what removes the bias: for equal laws the mean is exactly 0 at
    every n, and every second value is negative or so. A polynomial of degree 3 compares moments up to the third.

    Args:
        real: Numbers, `(n, d)`, `n >= 2`.
        generated: Numbers, `(m, d)`, `m >= 2`.

    Returns:
        Float, of either sign.

    Raises:
        ValueError: If a set is not two-dimensional, has fewer than 2 rows, holds NaN or infinity, or the widths differ.

    Example:
        >>> squared_mmd([[0.0], [0.0]], [[1.0], [1.0]])  # 1 + 8 − 2·1
        7.0

    Reference:
        Gretton et al. (2012), A kernel two-sample test, JMLR 13, equation 3.
    """
    real, generated = feature_pair(real, generated, min_rows=2)
    across = polynomial_kernel(real, generated).mean()
    return float(_mean_of_pairs(real) + _mean_of_pairs(generated) - 2.0 * across)


def kernel_distance(real, generated, num_blocks=10, seed=0):
    r"""The kernel (inception) distance: `squared_mmd` in blocks, with its standard error.

    Both sets are shuffled and cut into blocks; each block gives one unbiased estimate, and no row is in two blocks,
    so the estimates are independent, their mean is unbiased, and their scatter is an honest error.

    Args:
        real: Numbers, `(n, d)`. One example a row, usually features of a network.
        generated: Numbers, `(m, d)`.
        num_blocks: Integer ≥ 2; each block needs at least 2 rows of each set. Rows that do not fill a block are left
            out.
        seed: Integer ≥ 0 of the shuffle.

    Returns:
        `KernelDistance(value, standard_error)`. The value may be negative: for equal laws it is 0 on average.

    Raises:
        ValueError: If a set is not two-dimensional, has fewer than 2·num_blocks rows, holds NaN or infinity, or the
            widths differ.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(400, 2))
        >>> distance = kernel_distance(x[:200], x[200:])
        >>> abs(distance.value) < 5 * distance.standard_error
        True

    Reference:
        Bińkowski et al. (2018), Demystifying MMD GANs, arXiv:1801.01401 (the KID).
    """
    num_blocks = whole_number(num_blocks, "num_blocks", 2)
    real, generated = feature_pair(real, generated, min_rows=2 * num_blocks)
    rng = np.random.default_rng(whole_number(seed, "seed"))
    blocks = zip(_blocks(real, num_blocks, rng), _blocks(generated, num_blocks, rng), strict=True)
    estimates = np.array([squared_mmd(x, y) for x, y in blocks])
    return KernelDistance(float(estimates.mean()), float(estimates.std(ddof=1) / math.sqrt(num_blocks)))


def _mean_of_pairs(x):
    kernel = polynomial_kernel(x, x)
    return (kernel.sum() - np.trace(kernel)) / (len(x) * (len(x) - 1))


def _blocks(x, num_blocks, rng):
    size = len(x) // num_blocks
    order = rng.permutation(len(x))[: num_blocks * size]
    return np.split(x[order], num_blocks)
