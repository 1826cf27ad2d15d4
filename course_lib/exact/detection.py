"""Detectors whose quality is known: curves of two densities on the line, Gaussians, and the law of a threshold."""

import numpy as np
from scipy import integrate, stats

from course_lib.contracts.arguments import real_number, whole_number
from course_lib.exact.quadrature import density_on, grid_on


def detection_1d(log_normal, log_anomalous, lower, upper, prevalence=0.5, num_points=20_001):
    r"""Area under the ROC curve and average precision of a score whose two densities are known.

    With the shares above a threshold t, $F(t)$ of normal and $T(t)$ of anomalous examples, and the prevalence π,

    $$\text{AUROC} = \int (1 - F(t)) \, p_1(t) \, dt, \qquad
      \text{AP} = \int \frac{\pi T(t)}{\pi T(t) + (1 - \pi) F(t)} \, p_1(t) \, dt.$$

    The first is the probability that an anomaly scores higher than a normal example. It does not know π; the second,
    the mean precision over the anomalies, does.

    Args:
        log_normal: Vectorised log-density of the score of normal examples, in nats; −∞ is allowed.
        log_anomalous: The same of anomalous ones. High scores mean "anomalous".
        lower: Left end of an interval that holds the whole mass of both.
        upper: Right end.
        prevalence: π in (0, 1), the share of anomalies.
        num_points: Points of the grid.

    Returns:
        `(auroc, average_precision)`, two floats.

    Raises:
        ValueError: If the interval is none, misses a density, or the prevalence is out of range.

    Example:
        >>> one, other = stats.norm(0, 1).logpdf, stats.norm(2, 1).logpdf
        >>> [round(value, 4) for value in detection_1d(one, other, -9, 11, prevalence=0.1)]
        [0.9214, 0.6655]

    Reference:
        Green & Swets (1966), Signal detection theory and psychophysics; Davis & Goadrich (2006), The relationship
        between precision-recall and ROC curves, ICML.
    """
    if not 0 < real_number(prevalence, "prevalence") < 1:
        raise ValueError(f"prevalence should lie between 0 and 1, the share of anomalies; got {prevalence!r}.")
    t = grid_on(lower, upper, num_points)
    normal, anomalous = density_on(t, log_normal), density_on(t, log_anomalous)
    alarms, hits = _share_above(t, normal, "normal"), _share_above(t, anomalous, "anomalous")
    caught, false = prevalence * hits, (1 - prevalence) * alarms
    with np.errstate(invalid="ignore"):  # 0 / 0 beyond both densities
        precision = np.where(caught + false > 0, caught / (caught + false), 0.0)
    auroc = integrate.trapezoid((1 - alarms) * anomalous, x=t)
    return float(auroc), float(integrate.trapezoid(precision * anomalous, x=t))


def _share_above(t, density, name):
    below = integrate.cumulative_trapezoid(density, x=t, initial=0.0)
    if not abs(below[-1] - 1) < 1e-3:
        raise ValueError(
            f"the density of {name} scores should have mass 1 between {t[0]:g} and {t[-1]:g}; it has {below[-1]:.4g}. "
            "Widen the interval, raise num_points or normalise the density."
        )
    return np.maximum(1 - below / below[-1], 0.0)


def auroc_of_scaled_gaussians(dimension, scale):
    r"""Area under the ROC curve of −log p, if data are $\mathcal N(0, I_d)$ and anomalies $\mathcal N(0, s^2 I_d)$.

    −log p grows with ‖x‖², and the ratio of two independent mean squares has an F distribution:

    $$P\big(s^2 \|y\|^2 > \|x\|^2\big) = P\big(F_{d,d} > 1/s^2\big).$$

    For s < 1 the anomalies lie where the density is *highest*: the area is below ½, and falls to 0 with the dimension.

    Args:
        dimension: d ≥ 1.
        scale: s > 0, the standard deviation of the anomalies.

    Returns:
        Float in [0, 1].

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> [round(auroc_of_scaled_gaussians(dimension, 0.5), 5) for dimension in (2, 10)]
        [0.2, 0.01958]

    Reference:
        Nalisnick et al. (2019), Do deep generative models know what they don't know?, arXiv:1810.09136.
    """
    dimension, scale = whole_number(dimension, "dimension", 1), real_number(scale, "scale")
    if scale <= 0:
        raise ValueError(f"scale should be positive, a standard deviation; got {scale:g}.")
    return float(stats.f.sf(scale**-2, dimension, dimension))


def law_of_false_alarms(num_calibration, order):
    r"""The distribution of the false-alarm rate, if the threshold is one of n normal scores of the same law.

    The share of *new* normal scores above the k-th smallest of n has the law Beta(n + 1 − k, k) for every continuous
    distribution, with the mean (n + 1 − k)/(n + 1). With ties the rate can only be smaller.

    Args:
        num_calibration: n ≥ 1.
        order: k in 1 … n.

    Returns:
        Frozen distribution of SciPy, with `mean`, `ppf`, `cdf`.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> law = law_of_false_alarms(99, 95)
        >>> round(float(law.mean()), 3), round(float(law.ppf(0.95)), 3)
        (0.05, 0.09)

    Reference:
        Wilks (1941), Determination of sample sizes for setting tolerance limits, Ann. Math. Stat. 12.
    """
    num_calibration = whole_number(num_calibration, "num_calibration", 1)
    order = whole_number(order, "order", 1, num_calibration)
    return stats.beta(num_calibration + 1 - order, order)
