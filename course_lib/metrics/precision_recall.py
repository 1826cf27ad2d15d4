"""Precision and recall of a generator: are its samples plausible, and do they cover the data?"""

import numpy as np
from scipy.spatial.distance import cdist

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
    if isinstance(num_neighbors, bool) or not isinstance(num_neighbors, int | np.integer) or num_neighbors < 1:
        raise ValueError(f"num_neighbors should be a positive integer; got {num_neighbors!r}.")
    real, generated = feature_pair(real, generated, min_rows=num_neighbors + 1)
    return _covered(generated, real, num_neighbors), _covered(real, generated, num_neighbors)


def _covered(points, centres, num_neighbors):
    """The fraction of `points` that lie in the ball of at least one of `centres`."""
    radii = _neighbour_distances(centres, num_neighbors)
    inside = [(cdist(chunk, centres) <= radii).any(axis=1) for _, chunk in _chunks(points)]
    return float(np.concatenate(inside).mean())


def _neighbour_distances(points, num_neighbors):
    """Distance of each point to its k-th nearest neighbour, itself left out: `(n,)`."""
    nearest = []
    for start, chunk in _chunks(points):
        distances = cdist(chunk, points)
        distances[np.arange(len(chunk)), start + np.arange(len(chunk))] = np.inf
        nearest.append(np.partition(distances, num_neighbors - 1, axis=1)[:, num_neighbors - 1])
    return np.concatenate(nearest)


def _chunks(points):
    """Pieces of at most CHUNK_ROWS rows with where they start: the memory grows with n, not n²."""
    return ((start, points[start : start + CHUNK_ROWS]) for start in range(0, len(points), CHUNK_ROWS))
