"""Memorisation: are samples nearer to the training set than fresh real examples are?"""

from typing import NamedTuple

import numpy as np

from course_lib.contracts.arguments import finite_float64, real_number
from course_lib.metrics.feature_rows import feature_pair
from course_lib.metrics.nearest_distance import nearest_distance


class Memorisation(NamedTuple):
    """Distances to the training set, beside those of held-out real examples.

    Attributes:
        distances: Float64 array, `(n,)`: from each sample to the nearest training example.
        threshold: Float, the distance below which a sample is called a copy.
        copies: Boolean array, `(n,)`: which samples are that near.
        share_nearer: Float in [0, 1]: how often a sample is nearer to the training set than a held-out example is,
            over all pairs, ties counting one half. ½ if the samples are as fresh as held-out data, 1 for copies.
    """

    distances: np.ndarray
    threshold: float
    copies: np.ndarray
    share_nearer: float


def memorisation(samples, train, held_out, copy_quantile=0.01):
    r"""Compare the samples' distances to the training set with those of real examples that were not trained on.

    A distance alone says nothing: how near is near? Held-out examples of the same law, drawn like the training set
    and never seen, are the yardstick. A sample is called a copy if it is nearer to a training example than all but the
    share `copy_quantile` of the held-out ones, so that about this share is called so by chance; a distance of 0 is a
    copy in any case.

    It sees what the distance sees: a copy shifted by a pixel is far away in pixels, and blurred samples are near to
    everything.

    Args:
        samples: Numbers, `(n, ...)`: features or images.
        train: Numbers, `(m, ...)`, what the generator was trained on.
        held_out: Numbers, `(h, ...)`: real examples of the same law that it was not trained on, at least two.
        copy_quantile: Number in [0, 1).

    Returns:
        `Memorisation(distances, threshold, copies, share_nearer)`.

    Raises:
        ValueError: If shapes differ, a set is empty, a number is not finite, or the quantile is out of range.

    Example:
        >>> train, held_out = np.arange(0.0, 50.0)[:, None], np.arange(0.3, 50.0)[:, None]
        >>> result = memorisation([[7.0], [8.5]], train, held_out)
        >>> result.copies.tolist(), result.share_nearer
        ([True, False], 0.5)

    Reference:
        Meehan, Chaudhuri & Dasgupta (2020), A non-parametric test to detect data-copying in generative models,
        arXiv:2004.05675: the share over pairs is their Mann-Whitney statistic.
    """
    if not 0 <= real_number(copy_quantile, "copy_quantile") < 1:
        raise ValueError(f"copy_quantile should lie in [0, 1); got {copy_quantile!r}.")
    named = {"samples": samples, "train": train, "held_out": held_out}
    samples, train, held_out = (finite_float64(x, name) for name, x in named.items())
    distances, usual = nearest_distance(samples, train), nearest_distance(held_out, train)
    feature_pair(held_out.reshape(len(held_out), -1), train.reshape(len(train), -1), 2, names=("held_out", "train"))
    threshold = float(np.quantile(usual, copy_quantile))
    return Memorisation(
        distances, threshold, (distances < threshold) | (distances == 0), _share_nearer(distances, usual)
    )


def _share_nearer(distances, usual):
    """P(distance < usual) + ½ P(equal), over all pairs."""
    usual = np.sort(usual)
    farther = len(usual) - np.searchsorted(usual, distances, side="right")
    equal = np.searchsorted(usual, distances, side="right") - np.searchsorted(usual, distances, side="left")
    return float(np.mean(farther + 0.5 * equal) / len(usual))
