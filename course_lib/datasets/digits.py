"""scikit-learn's handwritten digits: 1,797 real scans of 8×8 pixels, embedded in scikit-learn."""

import numpy as np

from course_lib.contracts.arguments import real_number, whole_number
from course_lib.datasets.dataset import Dataset


def load_digits(*, validation_fraction=0.1, test_fraction=0.2, seed=0):
    """Load the 8×8 digits, white ink (1) on black (0), in 17 grey levels.

    The split is stratified by class. It is random over images: the writers are not known, so that one writer may be in
    several splits.

    Args:
        validation_fraction: Share of each class for validation.
        test_fraction: Share of each class for the test.
        seed: Integer: which random split.

    Returns:
        `Dataset` of 1,259 / 179 / 359 images `(8, 8, 1)` with the default fractions.

    Raises:
        ValueError: If the fractions leave a split without an example of some class.

    Example:
        >>> data = load_digits()
        >>> data.x_test.shape, float(data.x_test.max())
        ((359, 8, 8, 1), 1.0)

    Reference:
        Alpaydin & Kaynak (1998), Optical recognition of handwritten digits, UCI Machine Learning Repository.
    """
    from sklearn import datasets

    pixels, labels = datasets.load_digits(return_X_y=True)
    images = (pixels.reshape(-1, 8, 8, 1) / 16).astype("float32")
    labels = labels.astype("int32")
    rows = stratified_split(labels, validation_fraction, test_fraction, seed)
    arrays = {f"x_{split}": images[index] for split, index in rows.items()}
    arrays |= {f"y_{split}": labels[index] for split, index in rows.items()}
    return Dataset("digits", **arrays, class_names=tuple("0123456789"))


def stratified_split(labels, validation_fraction, test_fraction, seed):
    """Split row numbers at random, each class in the same proportions.

    Args:
        labels: Integers, `(n,)`.
        validation_fraction, test_fraction: Shares of each class; the rest is for training.
        seed: Integer.

    Returns:
        Dict split → shuffled row numbers. Together they are every row once.

    Raises:
        ValueError: If a class would miss in a split.

    Example:
        >>> rows = stratified_split(np.repeat([0, 1], 10), 0.1, 0.2, seed=0)
        >>> {split: len(index) for split, index in rows.items()}
        {'train': 14, 'validation': 2, 'test': 4}
    """
    rng = np.random.default_rng(whole_number(seed, "seed"))
    validation_fraction = real_number(validation_fraction, "validation_fraction")
    test_fraction = real_number(test_fraction, "test_fraction")
    parts = {"train": [], "validation": [], "test": []}
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        num_test, num_validation = round(test_fraction * len(rows)), round(validation_fraction * len(rows))
        if min(num_test, num_validation, len(rows) - num_test - num_validation) < 1:
            raise ValueError(
                f"validation_fraction and test_fraction should leave each split an example of class {label} "
                f"({len(rows)} examples); got {validation_fraction} and {test_fraction}. Try 0.1 and 0.2."
            )
        parts["test"].append(rows[:num_test])
        parts["validation"].append(rows[num_test : num_test + num_validation])
        parts["train"].append(rows[num_test + num_validation :])
    return {split: rng.permutation(np.concatenate(rows)) for split, rows in parts.items()}
