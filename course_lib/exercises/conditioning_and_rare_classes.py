"""Exercises of conditioning and rare classes: what a label saves, descriptions, filling in, reports by class."""

import math

import numpy as np

from course_lib.exercises.engine import Exercise, Mistake

SAVED_BY_THE_LABEL = Exercise(
    reference=math.log(10.0),
    rtol=0.01,
    mistakes=(
        Mistake(
            "bits",
            math.log2(10.0),
            "that is the number of *bits*. In nats, take the natural logarithm.",
        ),
        Mistake("one nat", 1.0, "one nat is a factor of e = 2.7. By what factor does the label narrow the choice?"),
        Mistake("ten", 10.0, "ten letters are a factor of 10 in probability. In nats, that is its logarithm."),
        Mistake("a tenth", 0.1, "1/10 is the probability of the letter. In nats it costs −log of that."),
        Mistake(
            "its share of the entropy",
            0.1 * math.log(10.0),
            "that is the share of *one* letter in the mean. Whoever knows the label saves all of −log(1/10).",
        ),
        Mistake("negative", -math.log(10.0), "the label *saves* nats: the number is positive."),
        Mistake("nothing", 0.0, "z can carry the letter, but it pays for it in KL. What does one of ten letters cost?"),
        Mistake("nine others", math.log(9.0), "log 9 counts the other letters. Before the label there were ten."),
    ),
    hints=(
        "log p(x|y) − log p(x) = log p(y|x) − log p(y), and p(y|x) is at most 1.",
        "The probability of one letter is 1/10: take minus its natural logarithm.",
    ),
)


def _kinds_and_sizes(rng):
    sizes = rng.permutation(rng.choice(np.arange(2, 8), size=int(rng.integers(3, 6)), replace=False)).tolist()
    return rng.integers(0, sizes, size=(int(rng.integers(5, 9)), len(sizes))), sizes


def _spelled(kinds, sizes):
    return np.concatenate([np.eye(size)[kinds[:, place]] for place, size in enumerate(sizes)], axis=1)


SPELL_OUT = Exercise(
    reference=_spelled,
    inputs=_kinds_and_sizes,
    mistakes=(
        Mistake(
            "one number",
            lambda kinds, sizes: np.eye(math.prod(sizes))[np.ravel_multi_index(kinds.T, sizes)],
            "that is one entry for each *combination*, the other way of the two. Give each kind a one-hot vector of "
            "its own, and put them one behind the other.",
        ),
        Mistake(
            "integers as they are",
            lambda kinds, sizes: kinds,
            "you returned the integers. They are names, not amounts: red hair, 3, is not three times brown hair, 1.",
        ),
        Mistake(
            "scaled integers",
            lambda kinds, sizes: kinds / (np.array(sizes) - 1),
            "you scaled the integers to [0, 1]. They are names, not amounts: give each value an entry of its own.",
        ),
        Mistake(
            "all of the same width",
            lambda kinds, sizes: np.eye(max(sizes))[kinds].reshape(len(kinds), -1),
            "every kind has got the width of the largest one. Kind number i has `sizes[i]` entries.",
        ),
        Mistake(
            "added up",
            lambda kinds, sizes: np.eye(max(sizes))[kinds].sum(axis=1),
            "you added the one-hot vectors: then nobody knows which entry belongs to which kind. Put them one behind "
            "the other.",
        ),
        Mistake(
            "backwards",
            lambda kinds, sizes: _spelled(kinds[:, ::-1], sizes[::-1]),
            "the kinds come in the reverse order. Begin with the first.",
        ),
        Mistake(
            "counted from 1",
            lambda kinds, sizes: _spelled((kinds - 1) % np.array(sizes), sizes),
            "the ones sit one place too far to the left: the values count from 0.",
        ),
        Mistake(
            "thermometers",
            lambda kinds, sizes: np.concatenate(
                [np.tri(size)[kinds[:, place]] for place, size in enumerate(sizes)], axis=1
            ),
            "all entries up to the value are 1. In a one-hot vector a single one is.",
        ),
        Mistake(
            "stacked",
            lambda kinds, sizes: _spelled(kinds, sizes).T,
            "rows and columns are exchanged: one row for each example.",
        ),
    ),
    hints=(
        "`np.eye(size)[values]` are the one-hot vectors of `values`.",
        "np.concatenate([np.eye(sizes[i])[kinds[:, i]] for i in …], axis=1).",
    ),
)


def _conditional_mean(x, observed, mean, covariance):
    filled = x.copy()
    slopes = np.linalg.solve(covariance[np.ix_(observed, observed)], covariance[np.ix_(observed, ~observed)])
    filled[:, ~observed] = mean[~observed] + (x - mean)[:, observed] @ slopes
    return filled


def _rows_with_a_hole(rng):
    n, d = int(rng.integers(5, 9)), int(rng.integers(5, 8))
    factors = rng.normal(size=(d, 2))
    covariance = factors @ factors.T + 0.3 * np.eye(d)
    observed = np.zeros(d, bool)
    observed[rng.permutation(d)[: int(rng.integers(2, d - 1))]] = True
    return rng.normal(size=(n, d)), observed, rng.normal(size=d), covariance


def _with(fill):
    def answer(x, observed, mean, covariance):
        filled = x.copy()
        filled[:, ~observed] = fill(x, observed, mean, covariance)
        return filled

    return answer


def _plain_slopes(x, observed, mean, covariance):
    return covariance[np.ix_(observed, ~observed)]


def _right_slopes(x, observed, mean, covariance):
    return np.linalg.solve(covariance[np.ix_(observed, observed)], covariance[np.ix_(observed, ~observed)])


CONDITIONAL_MEAN = Exercise(
    reference=_conditional_mean,
    inputs=_rows_with_a_hole,
    mistakes=(
        Mistake(
            "the mean",
            _with(lambda x, o, m, c: m[~o]),
            "you filled in the mean of each missing value. The observed ones say more: add their correction.",
        ),
        Mistake(
            "without centring",
            _with(lambda x, o, m, c: m[~o] + x[:, o] @ _right_slopes(x, o, m, c)),
            "subtract the mean of the observed values before you multiply: what counts is how far they are off.",
        ),
        Mistake(
            "without the missing mean",
            _with(lambda x, o, m, c: (x - m)[:, o] @ _right_slopes(x, o, m, c)),
            "the mean of the missing values is missing itself: add μ_m.",
        ),
        Mistake(
            "no inverse",
            _with(lambda x, o, m, c: m[~o] + (x - m)[:, o] @ _plain_slopes(x, o, m, c)),
            "you multiplied by C_om alone. Divide by the covariance of the observed values first: C_oo⁻¹ C_om.",
        ),
        Mistake(
            "variances only",
            _with(lambda x, o, m, c: m[~o] + (x - m)[:, o] / np.diag(c)[o] @ _plain_slopes(x, o, m, c)),
            "you divided by the variances. The observed values depend on each other: invert the whole matrix C_oo.",
        ),
        Mistake(
            "inverse of each entry",
            _with(lambda x, o, m, c: m[~o] + (x - m)[:, o] @ (1 / c)[np.ix_(o, o)] @ c[np.ix_(o, ~o)]),
            "you took 1/C entry by entry. C_oo⁻¹ is the inverse of a matrix: np.linalg.solve.",
        ),
        Mistake(
            "means of these rows",
            lambda x, o, m, c: _conditional_mean(x, o, x.mean(axis=0), c),
            "you took the mean of these rows. Their missing entries hold nothing of use: take `mean`.",
        ),
        Mistake(
            "observed values replaced",
            lambda x, o, m, c: np.where(o, m, _conditional_mean(x, o, m, c)),
            "the observed values must stay as they are.",
        ),
        Mistake(
            "nothing filled in",
            lambda x, o, m, c: x,
            "you return `x` as it came: nothing is filled in. `np.where(observed, x, …)` keeps what is observed, and "
            "takes the other one where the mask is False.",
        ),
        Mistake(
            "means for the observed values",
            lambda x, o, m, c: np.where(o, m, x),
            "the observed values became means, and the missing ones stay: the mask is the wrong way round.",
        ),
        Mistake(
            "mask turned round",
            lambda x, o, m, c: _conditional_mean(x, ~o, m, c),
            "the mask is the wrong way round: `observed` is True where a value is *known*. Fill in the others.",
        ),
        Mistake(
            "inverse of the whole",
            _with(lambda x, o, m, c: m[~o] + (x - m)[:, o] @ np.linalg.inv(c)[np.ix_(o, o)] @ c[np.ix_(o, ~o)]),
            "you inverted the whole matrix and took a part of that. Take the part C_oo first, then invert.",
        ),
        Mistake(
            "only the missing part",
            lambda x, o, m, c: _conditional_mean(x, o, m, c)[:, ~o],
            "you returned the missing columns alone. Return whole rows, the observed values included.",
        ),
    ),
    hints=(
        "slopes = np.linalg.solve(C_oo, C_om), with C_oo = covariance[np.ix_(observed, observed)].",
        "filled[:, ~observed] = μ_m + (x_o − μ_o) @ slopes.",
    ),
)


def _report(values, labels, num_classes):
    counts = np.bincount(labels, minlength=num_classes)
    with np.errstate(invalid="ignore"):
        return np.bincount(labels, values, num_classes) / counts


def _values_of_classes(rng):
    n, num_classes = int(rng.integers(50, 80)), int(rng.integers(3, 7))
    shares = 0.5 ** np.arange(num_classes)
    drawn = rng.choice(num_classes, size=n - num_classes, p=shares / shares.sum())
    labels = rng.permutation(np.append(np.arange(num_classes), drawn))
    return rng.normal(size=n) * 3 - 80 - 10.0 * labels + rng.normal(size=n), labels, num_classes


def _rare_classes():
    """Classes 0, 2 and 3 of five: the means of the others are NaN. And a class of one example, whose mean it is."""
    labels = np.array([0, 2, 3, 2, 0, 0, 3])
    return [(-80.0 - np.arange(7.0) ** 2, labels, 5), (-70.0 - np.arange(5.0) ** 2, np.array([0, 1, 0, 2, 2]), 3)]


PER_CLASS_REPORT = Exercise(
    reference=_report,
    inputs=_values_of_classes,
    edges=_rare_classes,
    mistakes=(
        Mistake(
            "one mean",
            lambda v, y, c: np.full(c, v.mean()),
            "that is the mean over all examples, in which a rare class drowns. Take one class at a time.",
        ),
        Mistake(
            "sums",
            lambda v, y, c: np.bincount(y, v, c),
            "these are sums. Divide each by the number of examples of its class.",
        ),
        Mistake(
            "divided by all",
            lambda v, y, c: np.bincount(y, v, c) / len(v),
            "you divided by the number of *all* examples: these are shares of the overall mean. Divide by the number "
            "of examples of the class.",
        ),
        Mistake(
            "divided by the mean number",
            lambda v, y, c: np.bincount(y, v, c) / (len(v) / c),
            "you divided by the average size of a class. Every class has its own.",
        ),
        Mistake(
            "classes that occur",
            lambda v, y, c: np.array([v[y == k].mean() for k in np.unique(y)]),
            "you report the classes that occur. The table has `num_classes` rows: NaN for a class without examples.",
        ),
        Mistake(
            "counted from 1",
            lambda v, y, c: _report(v, y, c + 1)[1:],
            "you count the classes from 1. The first one is number 0.",
        ),
        Mistake(
            "less than the mean",
            lambda v, y, c: _report(v, y, c) - v.mean(),
            "you subtracted the mean of all examples. The report holds the means themselves.",
        ),
        Mistake(
            "n − 1",
            lambda v, y, c: np.array([v[y == k].sum() / np.float64((y == k).sum() - 1) for k in range(c)]),
            "you divided by n − 1. That is for variances: a mean divides by n.",
        ),
        Mistake("counts", lambda v, y, c: np.bincount(y, minlength=c), "these are the numbers of examples."),
        Mistake(
            "medians",
            lambda v, y, c: np.array([np.median(v[y == k]) if (y == k).any() else np.nan for k in range(c)]),
            "these are medians. The ELBO of a set is the *mean* of the ELBOs of its examples.",
        ),
        Mistake(
            "the others",
            lambda v, y, c: np.array([v[y != k].mean() for k in range(c)]),
            "these are the means of all *other* classes.",
        ),
    ),
    hints=(
        "`values[labels == k]` are the values of class k.",
        "Collect their means in an array, k = 0 … num_classes − 1.",
    ),
)


def _weighted(losses, weights):
    return np.sum(weights * losses) / np.sum(weights)


def _losses_and_weights(rng):
    """Losses that are spread, so that wrong weights show."""
    n = int(rng.integers(15, 30))
    return rng.gamma(2.0, 45.0, size=n), rng.integers(0, 5, n).astype("float64") + 0.5 * rng.integers(0, 2)


WEIGHTED_LOSS = Exercise(
    reference=_weighted,
    inputs=_losses_and_weights,
    mistakes=(
        Mistake(
            "as found",
            lambda losses, w: losses.mean(),
            "the weights are still not used: with any weights at all, the result is the same.",
        ),
        Mistake(
            "as Keras does",
            lambda losses, w: np.mean(w * losses),
            "you divide by the number of examples. Then doubling all weights doubles the loss, and every step: divide "
            "by the sum of the weights.",
        ),
        Mistake(
            "sum",
            lambda losses, w: np.sum(w * losses),
            "that is a sum: it grows with the batch. Divide by the sum of the weights.",
        ),
        Mistake(
            "divided twice",
            lambda losses, w: np.mean(w * losses) / np.sum(w),
            "you divide by the number of examples *and* by the sum of the weights.",
        ),
        Mistake(
            "weights with mean one",
            lambda losses, w: np.mean(w / w.max() * losses),
            "you divide the weights by the largest one. What they must have is a sum of 1.",
        ),
        Mistake(
            "divided by those that count",
            lambda losses, w: np.sum(w * losses) / np.count_nonzero(w),
            "you divide by the number of examples with a weight. Divide by the sum of the weights.",
        ),
        Mistake(
            "roots",
            lambda losses, w: _weighted(losses, np.sqrt(w)),
            "you took the roots of the weights: an example of weight 4 would count like two.",
        ),
        Mistake(
            "one more",
            lambda losses, w: _weighted(losses, w + 1),
            "you added 1 to the weights: an example of weight 0 must not count at all.",
        ),
        Mistake(
            "squared",
            lambda losses, w: np.sum(w**2 * losses) / np.sum(w**2),
            "the weights enter squared: an example of weight 2 would count like four.",
        ),
        Mistake(
            "one loss each",
            lambda losses, w: w * losses / np.sum(w),
            "these are the terms. Add them up: a loss is one number.",
        ),
    ),
    hints=("An example of weight 2 must count like two copies of it. How many examples are there then?", "Σwℓ / Σw."),
)
