"""All scores of a set of samples side by side, with errors from independent blocks."""

import math

import numpy as np

from course_lib.contracts.arguments import whole_number
from course_lib.metrics.density_coverage import density_coverage
from course_lib.metrics.feature_rows import feature_pair
from course_lib.metrics.frechet_distance import frechet_distance
from course_lib.metrics.kernel_distance import squared_mmd
from course_lib.metrics.memorisation import memorisation
from course_lib.metrics.precision_recall import f_score, precision_recall
from course_lib.metrics.two_sample_test import classifier_two_sample_test

SCORES = ("precision", "recall", "F1", "density", "coverage", "Fréchet", "kernel", "accuracy", "nearer")


def sample_scores(real, generated, train, held_out):
    """Every score of one set of samples, on features.

    Args:
        real: Numbers, `(n, d)`: real examples that the generator was not trained on.
        generated: Numbers, `(m, d)`: samples.
        train: Numbers, `(t, d)`: what the generator was trained on.
        held_out: Numbers, `(h, d)`: real examples, trained on by nobody, whose distances to `train` are the yardstick.

    Returns:
        Dict from the names in `SCORES` to floats: precision and recall (k = 3) and their F1, density and coverage
        (k = 5), the squared Fréchet and kernel distances, the held-out accuracy of a classifier two-sample test, and
        how often a sample is nearer to the training set than a held-out example is.

    Raises:
        ValueError: If a set is too small or is no table of finite numbers.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(400, 2))
        >>> scores = sample_scores(x[:100], x[100:200], x[200:300], x[300:])
        >>> tuple(scores) == SCORES, scores["coverage"] > 0.9
        (True, True)
    """
    precision, recall = precision_recall(real, generated, 3)
    density, coverage = density_coverage(real, generated, 5)
    return {
        "precision": precision,
        "recall": recall,
        "F1": f_score(precision, recall),
        "density": density,
        "coverage": coverage,
        "Fréchet": frechet_distance(real, generated),
        "kernel": squared_mmd(real, generated),
        "accuracy": classifier_two_sample_test(real, generated).accuracy,
        "nearer": memorisation(generated, train, held_out).share_nearer,
    }


def scores_in_blocks(real, generated, train, held_out, num_blocks=4):
    """The scores of disjoint blocks, each compared with a block of real examples of its own: means and errors.

    Most scores depend on the number of rows: compare only where blocks have equal sizes.

    Args:
        real: Numbers, `(n, d)`. Rows that do not fill a block are left out; so below.
        generated: Numbers, `(m, d)`, in random order.
        train: Numbers, `(t, d)`, whole for each block.
        held_out: Numbers, `(h, d)`, whole for each block.
        num_blocks: Integer ≥ 2.

    Returns:
        Dict from the names in `SCORES` to `(mean, standard_error)` over the blocks.

    Raises:
        ValueError: If a block would be too small, or a set is no table of finite numbers.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(400, 2))
        >>> scores = scores_in_blocks(x[:100], x[100:200], x[200:300], x[300:], num_blocks=2)
        >>> len(scores["precision"])
        2
    """
    num_blocks = whole_number(num_blocks, "num_blocks", 2)
    real, generated = feature_pair(real, generated, min_rows=num_blocks)
    pairs = zip(_cut(real, num_blocks), _cut(generated, num_blocks), strict=True)
    blocks = [sample_scores(*pair, train, held_out) for pair in pairs]
    values = {name: np.array([block[name] for block in blocks]) for name in SCORES}
    return {name: (float(v.mean()), float(v.std(ddof=1) / math.sqrt(num_blocks))) for name, v in values.items()}


def _cut(x, num_blocks):
    size = len(x) // num_blocks
    return [x[start * size : (start + 1) * size] for start in range(num_blocks)]
