"""Density and coverage: balls around the real points only, and known values for equal laws."""

import numpy as np
from scipy.spatial.distance import cdist

from course_lib.contracts.arguments import whole_number
from course_lib.metrics.feature_rows import feature_pair
from course_lib.metrics.precision_recall import neighbour_distances, row_chunks


def density_coverage(real, generated, num_neighbors=5):
    r"""How densely samples lie where real points are, and how many real points have a sample nearby.

    The ball of a real point $X_i$ reaches to its k-th nearest neighbour among the real points, itself not counted.

    $$\text{density} = \frac1{kM}\sum_{j=1}^M\sum_{i=1}^N \mathbf 1\{Y_j \in B_k(X_i)\}, \qquad
      \text{coverage} = \frac1N\sum_{i=1}^N \mathbf 1\{\text{some } Y_j \in B_k(X_i)\}$$

    One outlier among the samples makes no ball, so it cannot cover everything, as it can in `precision_recall`. For
    equal laws the expectations are known in every dimension: density 1 and `expected_coverage`. A density far above 1
    is a warning: in many dimensions the mean lies in nearly every ball, so blurred averages score high.

    Args:
        real: Numbers, `(n, d)`. One example a row, usually features of a network.
        generated: Numbers, `(m, d)`, at least one.
        num_neighbors: k >= 1, smaller than n.

    Returns:
        `(density, coverage)`: a float ≥ 0, and a float in [0, 1].

    Raises:
        ValueError: If a set is not two-dimensional, real has no more than k rows, a number is not finite, the widths
            differ, or k is not a positive integer.

    Example:
        >>> density_coverage([[0.0], [1.0], [10.0]], [[0.5], [0.2], [50.0]], num_neighbors=1)
        (1.333..., 0.666...)

    Reference:
        Naeem et al. (2020), Reliable fidelity and diversity metrics for generative models, arXiv:2002.09797,
        section 3.
    """
    whole_number(num_neighbors, "num_neighbors", 1)
    real, generated = feature_pair(real, generated, min_rows=1)
    feature_pair(real, real, min_rows=num_neighbors + 1)
    radii = neighbour_distances(real, num_neighbors)
    inside = np.zeros(len(real))  # how many samples each ball holds
    for _, chunk in row_chunks(generated):
        inside += (cdist(chunk, real) <= radii).sum(axis=0)
    return float(inside.sum() / (num_neighbors * len(generated))), float((inside > 0).mean())


def expected_coverage(num_real, num_generated, num_neighbors=5):
    r"""The coverage to expect if the samples come from the very law of the data, in any dimension.

    $$\mathbb E[\text{coverage}] = 1 - \prod_{i=1}^{k} \frac{N-i}{M+N-i}$$

    A ball stays empty if the k points nearest to its centre, of the N − 1 other real ones and the M samples, are all
    real. Equal laws make every order equally likely: the first is real with probability (N−1)/(N−1+M), and so on.

    Args:
        num_real: N > k.
        num_generated: M ≥ 1.
        num_neighbors: k ≥ 1.

    Returns:
        Float in (0, 1].

    Raises:
        ValueError: If a number is no integer, or out of range.

    Example:
        >>> round(expected_coverage(1000, 1000, num_neighbors=5), 3)  # nearly 1 − 2⁻⁵
        0.969

    Reference:
        Naeem et al. (2020), arXiv:2002.09797: the expected coverage of identical distributions.
    """
    k = whole_number(num_neighbors, "num_neighbors", 1)
    num_real = whole_number(num_real, "num_real", k + 1)
    num_generated = whole_number(num_generated, "num_generated", 1)
    order = np.arange(1, k + 1)
    return float(1.0 - np.prod((num_real - order) / (num_generated + num_real - order)))
