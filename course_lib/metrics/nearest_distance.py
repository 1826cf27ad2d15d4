"""Distance to the nearest example of a reference set: near the data, or even a copy of them?"""

import numpy as np

from course_lib.contracts.arguments import finite_float64
from course_lib.metrics.feature_rows import feature_pair

CHUNK_ROWS = 512


def nearest_distance(samples, reference):
    r"""Euclidean distance of each sample to the nearest row of a reference set.

    $$d(x) = \min_{r \in \text{reference}} \|x - r\|$$

    Zero means a copy. Large means far from everything known. *Small is no proof of quality*: copies, blurred pictures
    and one good picture handed out again and again all score low. Compare with held-out real examples.

    Args:
        samples: Numbers, `(n, ...)`: features or images, at least one.
        reference: Numbers, `(m, ...)`, of the same shape per example, at least one.

    Returns:
        Float64 array, `(n,)`, in units of the data. The memory grows with n + m, not n·m.

    Raises:
        ValueError: If the shapes per example differ, a set is empty, or a number is not finite.

    Example:
        >>> nearest_distance([[0.0, 0.0], [3.0, 4.0]], [[0.0, 1.0], [9.0, 9.0], [3.0, 4.0]]).tolist()
        [1.0, 0.0]
    """
    samples, reference = finite_float64(samples, "samples"), finite_float64(reference, "reference")
    if samples.shape[1:] != reference.shape[1:]:
        raise ValueError(
            f"an example of samples should have the shape of one of the reference; got {samples.shape[1:]} and "
            f"{reference.shape[1:]}. Reshape one of them."
        )
    reference, samples = feature_pair(_rows(reference), _rows(samples), min_rows=1, names=("reference", "samples"))
    origin = reference.mean(axis=0)  # distances do not depend on it, rounding does
    samples, reference = samples - origin, reference - origin
    half_squares = 0.5 * np.square(reference).sum(axis=1)
    chunks = (samples[start : start + CHUNK_ROWS] for start in range(0, len(samples), CHUNK_ROWS))
    nearest = np.concatenate([(half_squares - chunk @ reference.T).argmin(axis=1) for chunk in chunks])
    return np.linalg.norm(samples - reference[nearest], axis=1)


def _rows(x):
    return x.reshape(len(x), -1) if x.ndim > 1 and len(x) else x
