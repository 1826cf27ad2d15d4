"""Precision and recall of a generator: are its samples plausible, and do they cover the data?"""

import numpy as np
from scipy.spatial.distance import cdist

from course_lib.contracts.arguments import real_number, whole_number
from course_lib.metrics.feature_rows import feature_pair

CHUNK_ROWS = 512


def precision_recall(real, generated, num_neighbors=3):
    r"""Improved precision and recall, from balls around the points of each set.

    The ball of a point reaches to its k-th nearest neighbour in its own set, itself not counted. Precision is the
    fraction of generated points inside some real ball; recall is the fraction of real points inside some generated
    ball. Both depend on n, k and the features, and sink with the dimension even for equal laws: compare at equal
    settings. A lone point far from its set has a ball that may cover everything: look at outliers first.

    Args:
        real: Numbers, `(n, d)`. One example a row, usually features of a network.
        generated: Numbers, `(m, d)`.
        num_neighbors: k >= 1, smaller than n and m.

    Returns:
        `(precision, recall)`: two floats in [0, 1].

    Raises:
        ValueError: If a set is not two-dimensional, has no more than k rows, holds NaN or infinity, the widths differ,
            or k is not a positive integer.

    Example:
        >>> real = np.array([[0.0], [1.0], [10.0], [11.0]])
        >>> precision_recall(real, [[0.1], [0.4], [5.0], [5.1]], num_neighbors=1)
        (0.5, 0.25)

    Reference:
        Kynkäänniemi et al. (2019), arXiv:1904.06991, equations 1 and 2.
    """
    whole_number(num_neighbors, "num_neighbors", 1)
    real, generated = feature_pair(real, generated, min_rows=num_neighbors + 1)
    return _covered(generated, real, num_neighbors), _covered(real, generated, num_neighbors)


def f_score(precision, recall, beta=1.0):
    r"""The weighted harmonic mean of precision and recall: near the worse of the two.

    $$F_\beta = \frac{(1+\beta^2)\,P\,R}{\beta^2 P + R}$$

    For β = 1 this is F1. A large β asks for recall (coverage), a small one for precision (plausible samples).

    Args:
        precision: Number in [0, 1].
        recall: Number in [0, 1].
        beta: Number > 0, how many times recall matters as much as precision.

    Returns:
        Float in [0, 1]; 0 if both are 0.

    Raises:
        ValueError: If a score is outside [0, 1], or beta is not positive.

    Example:
        >>> round(f_score(1.0, 0.5), 4)
        0.6667

    Reference:
        Sajjadi et al. (2018), Assessing generative models via precision and recall, arXiv:1806.00035.
    """
    for name, score in (("precision", precision), ("recall", recall)):
        if not 0 <= real_number(score, name) <= 1:
            raise ValueError(f"{name} should lie in [0, 1]; got {score!r}. Divide a percentage by 100.")
    if not real_number(beta, "beta") > 0:
        raise ValueError(f"beta should be a positive number; got {beta!r}.")
    weighted = beta**2 * precision + recall
    return float((1 + beta**2) * precision * recall / weighted) if weighted else 0.0


def _covered(points, centres, num_neighbors):
    """The fraction of `points` that lie in the ball of at least one of `centres`."""
    radii = neighbour_distances(centres, num_neighbors)
    inside = [(cdist(chunk, centres) <= radii).any(axis=1) for _, chunk in row_chunks(points)]
    return float(np.concatenate(inside).mean())


def neighbour_distances(points, num_neighbors):
    """Distance of each point to its k-th nearest neighbour in the same set, itself left out.

    Args:
        points: Float64 array, `(n, d)`.
        num_neighbors: k, at least 1 and below n.

    Returns:
        Float64 array, `(n,)`.

    Example:
        >>> neighbour_distances(np.array([[0.0], [1.0], [3.0]]), 1).tolist()
        [1.0, 1.0, 2.0]
    """
    nearest = []
    for start, chunk in row_chunks(points):
        distances = cdist(chunk, points)
        distances[np.arange(len(chunk)), start + np.arange(len(chunk))] = np.inf
        nearest.append(np.partition(distances, num_neighbors - 1, axis=1)[:, num_neighbors - 1])
    return np.concatenate(nearest)


def row_chunks(points):
    """Pieces of at most CHUNK_ROWS rows with where they start: the memory grows with n, not n².

    Example:
        >>> [(start, len(rows)) for start, rows in row_chunks(np.zeros((1000, 2)))]
        [(0, 512), (512, 488)]
    """
    return ((start, points[start : start + CHUNK_ROWS]) for start in range(0, len(points), CHUNK_ROWS))
