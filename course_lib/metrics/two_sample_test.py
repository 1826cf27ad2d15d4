"""Classifier two-sample test: can anybody tell the samples from the data?"""

import math
from typing import NamedTuple

import numpy as np

from course_lib.contracts.arguments import real_number, whole_number
from course_lib.metrics.feature_rows import feature_pair


class TwoSampleTest(NamedTuple):
    """What a classifier achieved on examples that it had not seen.

    Attributes:
        accuracy: Float in [0, 1], the share of held-out examples that it named rightly: ½ if the laws are equal.
        p_value: Float in (0, 1], the probability of such an accuracy or a higher one if the laws were equal.
        null_deviation: Float, the standard deviation of the accuracy if the laws were equal, $\\tfrac12/\\sqrt n$.
        num_test: Integer n, the number of held-out examples.
    """

    accuracy: float
    p_value: float
    null_deviation: float
    num_test: int


def classifier_two_sample_test(real, generated, classifier=None, test_share=0.5, seed=0):
    r"""Train a classifier on one part of the data to tell real from generated; judge it on the other part.

    If both laws are equal, no rule can do better than a coin on fresh examples. As many of each kind are held out, n in
    all; the number of right answers then has the mean n/2 and nearly scatters as Binomial(n, ½), whatever was learned:
    its standard deviation is at most √n/2 · √(n/(n − 1)), so the p-value is a little too small for few examples (0.055
    for 0.103 at n = 10, 0.053 for 0.057 at n = 1,000). A high accuracy proves a difference. A low one proves nothing:
    this classifier found none.

    Args:
        real: Numbers, `(n, d)`. One example a row, usually features of a network.
        generated: Numbers, `(m, d)`. The longer set is cut to the length of the shorter one, at random.
        classifier: Object with `fit(x, labels)` and `predict(x)`, such as scikit-learn's; None is logistic regression
            on standardised features and their squares and products, or on the features alone beyond 64 of them.
        test_share: Number in (0, 1), the share of each set that is held out.
        seed: Integer ≥ 0 of the split.

    Returns:
        `TwoSampleTest(accuracy, p_value, null_deviation, num_test)`.

    Raises:
        ValueError: If a set is not two-dimensional, has fewer than 4 rows, holds NaN or infinity, the widths differ,
            nothing would be left to train or to test on, or the classifier is none or does not answer with labels.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(400, 2))
        >>> result = classifier_two_sample_test(x[:200], x[200:] + 3.0)
        >>> result.accuracy > 0.9, result.p_value < 1e-6, result.num_test
        (True, True, 200)

    Reference:
        Lopez-Paz & Oquab (2017), Revisiting classifier two-sample tests, arXiv:1610.06545, section 3.
    """
    _check_classifier(classifier)
    real, generated = feature_pair(real, generated, min_rows=4)
    count = min(len(real), len(generated))
    held_out = _num_held_out(count, test_share)
    rng = np.random.default_rng(whole_number(seed, "seed"))
    real, generated = (x[rng.permutation(len(x))[:count]] for x in (real, generated))
    classifier = _usual_classifier(real.shape[1]) if classifier is None else classifier
    classifier.fit(*_labelled(real[held_out:], generated[held_out:]))
    x, labels = _labelled(real[:held_out], generated[:held_out])
    named = np.asarray(classifier.predict(x))
    if named.shape != labels.shape or not np.isin(named, (0, 1)).all():
        raise ValueError(
            f"classifier.predict should return a label, 0 or 1, for each row, shape {labels.shape}; got shape "
            f"{named.shape} and {named.reshape(-1)[:1]}, …. Round probabilities, and flatten a column."
        )
    num_right = int(np.sum(named == labels))
    return TwoSampleTest(
        num_right / len(labels), p_value_of_accuracy(num_right, len(labels)), 0.5 / math.sqrt(len(labels)), len(labels)
    )


def p_value_of_accuracy(num_right, num_test):
    r"""The probability that a coin is right at least so often: $P(B \ge r)$, $B \sim \mathrm{Binomial}(n, \tfrac12)$.

    Args:
        num_right: r, integer in 0 … n.
        num_test: n ≥ 1, examples that the classifier has not been trained on.

    Returns:
        Float in (0, 1].

    Raises:
        ValueError: If a number is no integer, or out of range.

    Example:
        >>> p_value_of_accuracy(9, 10)  # 10 + 1 of 1,024 equally likely outcomes
        0.0107421875
    """
    from scipy.stats import binom

    num_test = whole_number(num_test, "num_test", 1)
    num_right = whole_number(num_right, "num_right", 0, num_test)
    return float(binom.sf(num_right - 1, num_test, 0.5))


def _check_classifier(classifier):
    has_methods = all(callable(getattr(classifier, method, None)) for method in ("fit", "predict"))
    is_generative = hasattr(classifier, "data_contract") or hasattr(classifier, "sample")
    if classifier is not None and (isinstance(classifier, type) or is_generative or not has_methods):
        raise ValueError(
            "classifier should be an object with fit(x, labels) and predict(x), such as scikit-learn's "
            f"LogisticRegression(); got a {type(classifier).__name__}. Leave it out for the usual one: classifier=None."
        )


def _labelled(real, generated):
    return np.concatenate([real, generated]), np.repeat([1, 0], [len(real), len(generated)])


def _num_held_out(count, test_share):
    if not 0 < real_number(test_share, "test_share") < 1:
        raise ValueError(f"test_share should lie between 0 and 1; got {test_share!r}.")
    held_out = round(test_share * count)
    if not 0 < held_out < count:
        raise ValueError(
            f"test_share {test_share:g} of {count} examples of each kind leaves nothing to "
            f"{'train' if held_out else 'test'} on. Give more examples."
        )
    return held_out


def _usual_classifier(num_features):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler

    degree = 2 if num_features <= 64 else 1
    products = PolynomialFeatures(degree, include_bias=False)
    penalised = LogisticRegression(C=0.01, tol=0.01, max_iter=200)
    return make_pipeline(StandardScaler(), products, StandardScaler(), penalised)
