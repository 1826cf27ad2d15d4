"""Mode collapse, counted: how many modes of a known mixture do the samples reach, and how many samples reach any?"""

from typing import NamedTuple

import numpy as np
from scipy import special

from course_lib.contracts.arguments import finite_float64, real_number
from course_lib.metrics.feature_rows import feature_pair


class ModeCoverage(NamedTuple):
    """What `mode_coverage` returns.

    Attributes:
        modes: Integer, how many modes are covered.
        high_quality: Float in [0, 1], the share of samples that are of high quality.
        counts: Integers, `(k,)`: the high-quality samples of each mode.
        reverse_kl: Float, in nats, at least 0: the KL divergence from the weights of the modes of the shares of *all*
            samples that belong to each. With k equal weights it is log k where one mode has all samples.
    """

    modes: int
    high_quality: float
    counts: np.ndarray
    reverse_kl: float


def mode_coverage(samples, mixture_or_means, standard_deviation=None, radius=3.0):
    r"""Count the modes that samples cover, and the samples that lie near a mode.

    The protocol: every sample belongs to the mode whose mean is nearest. It is of *high quality* if it lies within
    `radius` standard deviations of that mean. A mode is *covered* if at least one high-quality sample belongs to it.

    In the plane a perfect sampler scores $1 - e^{-r^2/2}$ high quality, 98.9 % for r = 3. One sample is enough for a
    mode, so the number of modes depends on the number of samples (2,500 in the paper), and says nothing about how
    evenly they are spread: look at `counts`, or at `reverse_kl`, which is 0 where all modes get their shares. That one
    counts every sample, near a mode or not, and a perfect sampler's is about (k − 1) / 2n nats.

    Args:
        samples: Numbers, `(n, d)`.
        mixture_or_means: Numbers `(k, d)`, the means of the modes; or a mixture with `means` and
            `standard_deviation`, such as `datasets.toy.ring()`, and with `weights` if they are not equal.
        standard_deviation: Positive number, or `(k,)` of them, in units of the data; None takes those of the mixture.
        radius: Positive number, in standard deviations.

    Returns:
        A `ModeCoverage`: `(modes, high_quality, counts, reverse_kl)`.

    Raises:
        ValueError: If the shapes do not fit, a standard deviation is missing or not positive, or the radius is not.

    Example:
        >>> samples = [[0.0, 0.1], [0.2, 0.0], [9.0, 0.0], [50.0, 0.0]]
        >>> found = mode_coverage(samples, [[0.0, 0.0], [10.0, 0.0], [20.0, 0.0]], standard_deviation=0.1)
        >>> found.modes, found.high_quality, found.counts.tolist()
        (1, 0.5, [2, 0, 0])
        >>> round(found.reverse_kl, 3)  # one half, a quarter and a quarter, where a third each was due
        0.059

    Reference:
        Srivastava et al. (2017), VEEGAN, arXiv:1705.07761, section 4.1. The reverse KL divergence over the modes:
        Lin et al. (2018), PacGAN, arXiv:1712.04086, section 4.1.
    """
    means, deviation, weights = _modes(mixture_or_means, standard_deviation)
    means, samples = feature_pair(means, samples, min_rows=1, names=("means", "samples"))
    if not real_number(radius, "radius") > 0:
        raise ValueError(f"radius, in standard deviations, should be positive; got {radius}. The papers use 3.")
    squared = sum(np.square(np.subtract.outer(samples[:, j], means[:, j])) for j in range(means.shape[1]))  # (n, k)
    nearest = squared.argmin(axis=1)
    near = squared[np.arange(len(samples)), nearest] <= np.square(radius * deviation[nearest])
    counts = np.bincount(nearest[near], minlength=len(means))
    shares = np.bincount(nearest, minlength=len(means)) / len(samples)
    reverse_kl = max(float(special.rel_entr(shares, weights).sum()), 0.0)  # rounding may leave -1e-17
    return ModeCoverage(int(np.count_nonzero(counts)), float(near.mean()), counts, reverse_kl)


def _modes(mixture_or_means, standard_deviation):
    """Means, and for each its standard deviation and its weight."""
    means = getattr(mixture_or_means, "means", mixture_or_means)
    if standard_deviation is None:
        standard_deviation = getattr(mixture_or_means, "standard_deviation", None)
    if standard_deviation is None:
        raise ValueError("standard_deviation is missing: give that of the modes, or a mixture that knows it.")
    deviation = finite_float64(standard_deviation, "standard_deviation")
    if deviation.shape not in ((), (len(means),)) or not (deviation > 0).all():
        raise ValueError(
            f"standard_deviation should be one positive number, or one for each of the {len(means)} modes; got "
            f"{standard_deviation!r}."
        )
    weights = getattr(mixture_or_means, "weights", np.full(len(means), 1 / len(means)))
    return means, np.broadcast_to(deviation, (len(means),)), weights
