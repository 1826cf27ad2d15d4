"""Detection: how well a score tells anomalies from normal examples, and where to draw the line."""

import math
from typing import NamedTuple

import numpy as np

from course_lib.contracts.arguments import finite_float64, real_number


class Detection(NamedTuple):
    """How well a score finds anomalies.

    Attributes:
        auroc: Float in [0, 1], area under the ROC curve: how often an anomaly scores higher than a normal example, ties
            counting one half. It does not depend on how rare anomalies are.
        average_precision: Float in [0, 1], the mean precision over the anomalies. A score that knows nothing has the
            prevalence.

    Example:
        >>> found = detection([1.0, 2.0, 3.0, 4.0], [3.5, 5.0])  # of the eight pairs one is in the wrong order
        >>> found.auroc, round(found.average_precision, 4)
        (0.875, 0.8333)

    Reference:
        Fawcett (2006), An introduction to ROC analysis, Pattern Recognition Letters 27; Davis & Goadrich (2006), The
        relationship between precision-recall and ROC curves, ICML.
    """

    auroc: float
    average_precision: float


def detection(normal, anomalous, prevalence=None):
    """Judge a score on normal and anomalous examples, by scikit-learn.

    Args:
        normal: Numbers, `(n,)`: scores of normal examples. High must mean "anomalous": −log p, not log p.
        anomalous: Numbers, `(m,)`: scores of anomalies.
        prevalence: Number in (0, 1), the share of anomalies where the detector will work, to which the examples are
            weighted; None takes m/(n + m).

    Returns:
        `Detection(auroc, average_precision)`.

    Raises:
        ValueError: If a set is no list of finite scores, is empty, or the prevalence is out of range.

    Example:
        >>> detection([1.0, 2.0, 3.0], [2.5, 4.0]).auroc
        0.8333333333333334
        >>> detection([1.0, 2.0], [2.0, 1.0])
        Detection(auroc=0.5, average_precision=0.5)

    Reference:
        Fawcett (2006), An introduction to ROC analysis, Pattern Recognition Letters 27.
    """
    from sklearn.metrics import average_precision_score, roc_auc_score

    normal, anomalous = _scores(normal, "normal"), _scores(anomalous, "anomalous")
    share = len(anomalous) / (len(normal) + len(anomalous)) if prevalence is None else prevalence
    if not 0 < real_number(share, "prevalence") < 1:
        raise ValueError(f"prevalence should lie between 0 and 1, the share of anomalies; got {prevalence!r}.")
    scores, labels = np.concatenate([normal, anomalous]), np.repeat([0, 1], [len(normal), len(anomalous)])
    weights = np.where(labels == 1, share / len(anomalous), (1 - share) / len(normal))
    auroc = roc_auc_score(labels, scores)
    return Detection(float(auroc), float(average_precision_score(labels, scores, sample_weight=weights)))


def conformal_threshold(calibration, false_alarm_rate):
    r"""The threshold that keeps false alarms at or below a rate, on average, whatever the law of the scores is.

    It is the k-th smallest of n scores of normal examples, $k = \lceil (1-\alpha)(n+1) \rceil$. A new normal score of
    the same law has each of the n + 1 ranks among them with equal probability, so it lies above with the probability
    (n + 1 − k)/(n + 1) ≤ α. "On average" is over calibration sets: one single set may give more.

    Args:
        calibration: Numbers, `(n,)`: scores of normal examples that neither trained the model nor chose anything.
        false_alarm_rate: α in (0, 1). At least 1/(n + 1).

    Returns:
        Float. An example is called anomalous if its score is *greater*.

    Raises:
        ValueError: If the scores are no list of finite numbers, or too few for such a small rate.

    Example:
        >>> conformal_threshold(np.arange(1.0, 100.0), 0.05)
        95.0

    Reference:
        Vovk, Gammerman & Shafer (2005), Algorithmic learning in a random world; Bates et al. (2023), Testing for
        outliers with conformal p-values, arXiv:2104.08279.
    """
    scores, alpha = _scores(calibration, "calibration"), real_number(false_alarm_rate, "false_alarm_rate")
    if not 0 < alpha < 1:
        raise ValueError(f"false_alarm_rate should lie between 0 and 1; got {alpha:g}. Five per cent are 0.05.")
    order = math.ceil((1 - alpha) * (len(scores) + 1) - 1e-9)  # (1 − 0.45) · 100 is a little more than 55
    if order > len(scores):
        raise ValueError(
            f"a rate of {alpha:g} takes at least {math.ceil(1 / alpha - 1e-9) - 1} calibration scores; got "
            f"{len(scores)}. Give more, or allow a larger rate."
        )
    return float(np.sort(scores)[order - 1])


def _scores(scores, name):
    scores = finite_float64(scores, name)
    if scores.ndim != 1 or not scores.size:
        raise ValueError(f"{name} should be a list of scores, (n,); got shape {scores.shape}. One number an example.")
    return scores
