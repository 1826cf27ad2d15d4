"""Linear probe: how much of a label can be read off a code by a straight cut?"""

import numpy as np

from course_lib.contracts.arguments import finite_float64, real_number


def linear_probe(train_codes, train_labels, test_codes, test_labels, regularisation=1.0):
    r"""Accuracy on test codes of a linear classifier fitted to training codes.

    The classifier is multinomial logistic regression: log-losses summed over the examples plus
    $\frac{\lambda}{2}\|W\|^2$, where λ is `regularisation`, on features standardised with the mean and deviation of
    the *training* codes. It sees what is linearly readable in the code, no more: a low score does not say that the
    information is absent.

    Args:
        train_codes: Numbers, `(n, d)`.
        train_labels: Labels of the training codes, `(n,)`, at least two different ones.
        test_codes: Numbers, `(m, d)`, of examples that the classifier has not seen.
        test_labels: Labels, `(m,)`.
        regularisation: Number > 0.

    Returns:
        Float in [0, 1], the share of test codes whose label is found. Its standard error is about
        $\sqrt{a(1-a)/m}$.

    Raises:
        ValueError: If shapes do not fit, a code is not finite, there is only one label, or `regularisation` is not
            positive.

    Example:
        >>> codes, labels = np.array([[-2.0], [-1.0], [1.0], [2.0]]), np.array([0, 0, 1, 1])
        >>> linear_probe(codes, labels, np.array([[-3.0], [0.5], [3.0]]), np.array([0, 0, 1]))
        0.6666666666666666

    Reference:
        Alain & Bengio (2016), Understanding intermediate layers using linear classifier probes, arXiv:1610.01644.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    train_codes, train_labels = _checked(train_codes, train_labels, "train")
    test_codes, test_labels = _checked(test_codes, test_labels, "test")
    if train_codes.shape[1] != test_codes.shape[1]:
        raise ValueError(
            f"training and test codes should be equally wide; got {train_codes.shape[1]} and {test_codes.shape[1]}. "
            "Encode both with the same network."
        )
    if len(np.unique(train_labels)) < 2:
        raise ValueError("train_labels should hold at least two different labels; got one. Is the data sorted?")
    if not real_number(regularisation, "regularisation") > 0:
        raise ValueError(f"regularisation should be a positive number; got {regularisation!r}.")
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=1.0 / regularisation, max_iter=10_000))
    return float(classifier.fit(train_codes, train_labels).score(test_codes, test_labels))


def _checked(codes, labels, split):
    codes, labels = finite_float64(codes, f"{split}_codes"), np.asarray(labels)
    if codes.ndim != 2 or 0 in codes.shape:
        raise ValueError(f"{split}_codes should have shape (n, d); got {codes.shape}. Flatten images first.")
    if labels.shape != (len(codes),):
        raise ValueError(f"{split}_labels should have shape ({len(codes)},), one per code; got {labels.shape}.")
    return codes, labels
