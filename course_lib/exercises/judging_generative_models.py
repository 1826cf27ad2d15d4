"""Exercises of judging generative models: which number sees which failure, and which number is wrong."""

import math

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake

PREDICT_PRECISION_AND_RECALL = Exercise(
    reference=(0.8, 0.75),
    rtol=0.01,
    mistakes=(
        Mistake(
            "swapped",
            (0.75, 0.8),
            "these are the right numbers in the wrong order. Precision is about the samples, recall about the data.",
        ),
        Mistake(
            "garbage counted in recall",
            (0.8, 0.6),
            "garbage makes samples wasted, not data uncovered: recall asks which letters *can* come out.",
        ),
        Mistake(
            "the missing letter counted in precision",
            (0.6, 0.75),
            "a letter that is never drawn makes no sample implausible: precision asks only about what comes out.",
        ),
        Mistake("garbage alone", (0.8, 1.0), "one letter of four never comes out. Which score notices?"),
        Mistake(
            "share of garbage", (0.2, 0.25), "these are the shares of what is *wrong*. Both scores count what is right."
        ),
        Mistake(
            "precision: swapped", Entry(0, 0.75), "precision: 0.75 is about the letters. Of ten samples, how many pass?"
        ),
        Mistake("precision: certain", Entry(0, 1.0), "precision: every fifth sample is garbage."),
        Mistake(
            "recall: swapped",
            Entry(1, 0.8),
            "recall: 0.8 is about the samples. Of four letters, how many can come out?",
        ),
        Mistake("percent", (80.0, 75.0), "scores lie between 0 and 1: divide by 100."),
        Mistake("precision", Entry(0), "precision: of ten samples, how many look like something in the data?"),
        Mistake("recall", Entry(1), "recall: of four letters in the data, how many can the generator make?"),
    ),
    hints=(
        "Precision: of ten samples, how many look like something in the data?",
        "Recall: of four equally frequent letters in the data, how many can the generator make?",
    ),
)


def _spread(points):
    return np.linalg.norm(points[:, None] - points[None], axis=-1)


def _precision_with(radii_of, edge=np.less_equal, share=lambda inside: inside.any(axis=1).mean()):
    """A precision that goes wrong in one place: the radii, the edge, or what is counted."""

    def answer(real, samples, num_neighbors):
        away = np.linalg.norm(samples[:, None] - real[None], axis=-1)
        return share(edge(away, radii_of(np.sort(_spread(real), axis=1), num_neighbors)))

    return answer


def _radii(ordered, num_neighbors):
    return ordered[:, num_neighbors]


_precision = _precision_with(_radii)


def _a_real_and_a_generated_set(rng):
    """Two sets that overlap in part, of many sizes, in an order that tells nothing."""
    count, other, d = (int(rng.integers(*ends)) for ends in ((14, 20), (24, 31), (2, 5)))
    return rng.normal(size=(count, d)), rng.normal(0.7, 1.3, size=(other, d)), int(rng.integers(2, 5))


def _points_on_a_line():
    """Samples on the edges of balls: real points 0, 1, 3, 8 and 20, so radii of 1, 1, 2, 5 and 12 for k = 1."""
    real = np.array([[3.0], [20.0], [0.0], [8.0], [1.0]])
    return [(real, np.array([[-1.0], [5.0], [-4.0], [33.0], [2.0], [-1.5]]), 1)]


PRECISION = Exercise(
    reference=_precision,
    inputs=_a_real_and_a_generated_set,
    draws=6,
    edges=_points_on_a_line,
    mistakes=(
        Mistake(
            "its own neighbour",
            _precision_with(lambda ordered, k: ordered[:, k - 1]),
            "a point counts as its own nearest neighbour, at distance 0: your k-th is the (k − 1)-th of the others.",
        ),
        Mistake(
            "one too far",
            _precision_with(lambda ordered, k: ordered[:, k + 1]),
            "your balls reach to the (k + 1)-th neighbour: column 0 is the point itself, column 1 its nearest one.",
        ),
        Mistake(
            "a column left out before sorting",
            lambda real, samples, k: np.mean(
                (
                    np.linalg.norm(samples[:, None] - real[None], axis=-1)
                    <= np.sort(_spread(real)[:, 1:], axis=1)[:, k - 1]
                ).any(axis=1)
            ),
            "the first column holds the distances to the first point. Sort first: then it holds each point itself.",
        ),
        Mistake(
            "balls of the samples",
            lambda real, samples, k: np.mean(
                (
                    np.linalg.norm(samples[:, None] - real[None], axis=-1)
                    <= np.sort(_spread(samples), axis=1)[:, k, None]
                ).any(axis=1)
            ),
            "your balls are those of the samples. Precision has balls around the *real* points.",
        ),
        Mistake(
            "first neighbour",
            _precision_with(lambda ordered, k: ordered[:, 1]),
            "your balls reach to the *nearest* neighbour, whatever k is.",
        ),
        Mistake(
            "mean of the neighbours",
            _precision_with(lambda ordered, k: ordered[:, 1 : k + 1].mean(axis=1)),
            "your radius is the mean distance of the k nearest. The ball must reach to the k-th.",
        ),
        Mistake(
            "one radius for all",
            _precision_with(lambda ordered, k: np.full(len(ordered), ordered[:, k].mean())),
            "you use the mean radius for all points. Each real point has a ball of its own.",
        ),
        Mistake(
            "without the edge",
            _precision_with(_radii, edge=np.less),
            "the edge of a ball belongs to it: ≤ instead of <.",
        ),
        Mistake(
            "recall",
            lambda real, samples, k: _precision(samples, real, k),
            "that is the recall: balls around the samples, and real points in them. Exchange the two sets.",
        ),
        Mistake(
            "coverage",
            _precision_with(_radii, share=lambda inside: inside.any(axis=0).mean()),
            "that is the coverage, the share of balls that hold a sample. Count samples that lie in some ball: axis=1.",
        ),
        Mistake(
            "in all balls",
            _precision_with(_radii, share=lambda inside: inside.all(axis=1).mean()),
            "you ask that a sample lies in *all* balls. One is enough: any.",
        ),
        Mistake(
            "pairs",
            _precision_with(_radii, share=np.mean),
            "that is the share of *pairs* of a sample and a ball. A sample counts once, however many balls hold it.",
        ),
        Mistake(
            "density",
            lambda real, samples, k: _precision_with(_radii, share=np.sum)(real, samples, k) / (k * len(samples)),
            "that is the density: a sample counts once for each ball. For precision it counts once.",
        ),
        Mistake(
            "a number of samples",
            _precision_with(_radii, share=lambda inside: float(inside.any(axis=1).sum())),
            "that is how many samples lie in some ball. Divide by their number.",
        ),
        Mistake(
            "a mask",
            _precision_with(_radii, share=lambda inside: inside.any(axis=1)),
            "these are yes and no for each sample. The score is the share of yes.",
        ),
    ),
    hints=(
        "Radii first: `np.sort(cdist(real, real), axis=1)` has each point itself, at distance 0, in column 0.",
        "`cdist(samples, real) <= radii` says which sample lies in which ball: `.any(axis=1)`, then the mean.",
    ),
)

COVERAGE_BY_HAND = Exercise(
    reference=(4 / 3, 0.5),
    rtol=0.01,
    mistakes=(
        Mistake(
            "swapped", (0.5, 4 / 3), "the right numbers in the wrong order: density first. Coverage cannot exceed 1."
        ),
        Mistake(
            "edges left out",
            (1.0, 0.5),
            "one sample lies exactly on the edge of a ball; the edge belongs to it. Count again.",
        ),
        Mistake(
            "each sample counted once",
            (2 / 3, 0.5),
            "you counted the samples that lie in *some* ball: that is precision. Density counts every ball a sample is "
            "in.",
        ),
        Mistake(
            "share of samples",
            (4 / 3, 2 / 3),
            "you divided by the samples. Coverage asks of the four *real* points: how many have a sample nearby?",
        ),
        Mistake(
            "not divided by k n", Entry(0, 4.0), "density: divide the count of pairs by k times the number of samples."
        ),
        Mistake("coverage of all", Entry(1, 1.0), "coverage: two of the real points have no sample in their ball."),
        Mistake("coverage of one", Entry(1, 0.25), "coverage: more than one real point has a sample in its ball."),
        Mistake("self counted", (0.0, 0.0), "every ball had the radius 0: a point is not its own neighbour."),
        Mistake("density", Entry(0), "density: count the pairs of a sample and a ball that holds it, over k times 3."),
        Mistake("coverage", Entry(1), "coverage: the share of the four real points whose ball holds a sample."),
    ),
    hints=(
        "Radii first: the distance of each real point to its nearest other one: 1, 1, 2 and 5.",
        "Pairs: which of the samples lie in [−1, 1], in [0, 2], in [1, 5], in [3, 13]?",
    ),
)


def _frechet(mean_a, covariance_a, mean_b, covariance_b):
    root = _root(covariance_a)
    cross = _root(root @ covariance_b @ root)
    return np.sum((mean_a - mean_b) ** 2) + np.trace(covariance_a + covariance_b - 2 * cross)


def _root(covariance):
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def _two_gaussians(rng):
    d = int(rng.integers(3, 6))
    roots = rng.normal(size=(2, d, d))
    first, second = roots @ roots.transpose(0, 2, 1) + 0.1 * np.eye(d)
    return rng.normal(size=d), first, rng.normal(size=d), second


def _rest(a, b):
    return a + b - 2 * _root(_root(a) @ b @ _root(a))


def _gap(mean_a, mean_b):
    return np.sum((mean_a - mean_b) ** 2)


FRECHET = Exercise(
    reference=_frechet,
    inputs=_two_gaussians,
    mistakes=(
        Mistake(
            "as found",
            lambda m, a, n, b: _gap(m, n),
            "only the means are compared: whoever draws the mean image again and again still scores 0. Add the trace.",
        ),
        Mistake(
            "roots left out",
            lambda m, a, n, b: _gap(m, n) + np.trace(a + b),
            "you added both variances, but not what is shared: subtract twice the trace of the root.",
        ),
        Mistake(
            "once the root",
            lambda m, a, n, b: _gap(m, n) + np.trace(a + b - _root(_root(a) @ b @ _root(a))),
            "the root counts twice: for equal Gaussians A + A − 2A must be 0.",
        ),
        Mistake(
            "root of each entry",
            lambda m, a, n, b: _gap(m, n) + np.trace(a + b - 2 * np.sqrt(np.abs(a @ b))),
            "np.sqrt takes the root of each *entry*. The root of a matrix is the R with RR = A: use `root`.",
        ),
        Mistake(
            "product not symmetric",
            lambda m, a, n, b: _gap(m, n) + np.trace(a + b - 2 * _root(a @ b)),
            "a @ b is not symmetric, and `root` is for symmetric matrices: take the root of root(a) @ b @ root(a).",
        ),
        Mistake(
            "product of the roots",
            lambda m, a, n, b: _gap(m, n) + np.trace(a + b - 2 * _root(a) @ _root(b)),
            "root(a) @ root(b) is right only where a and b have the same axes: take the root of root(a) @ b @ root(a).",
        ),
        Mistake(
            "the outer root",
            lambda m, a, n, b: _gap(m, n) + np.trace(a + b - 2 * _root(a) @ b @ _root(a)),
            "the outer root is missing: root(a) @ b @ root(a) is in the fourth power of the unit.",
        ),
        Mistake(
            "sum for the trace",
            lambda m, a, n, b: _frechet(m, a, n, b) - np.trace(_rest(a, b)) + np.sum(_rest(a, b)),
            "you added up all entries. The trace adds up the diagonal alone: np.trace.",
        ),
        Mistake(
            "length not squared",
            lambda m, a, n, b: _frechet(m, a, n, b) - _gap(m, n) + np.sqrt(_gap(m, n)),
            "the distance of the means enters by its square.",
        ),
        Mistake(
            "variances only",
            lambda m, a, n, b: _gap(m, n) + np.sum((np.sqrt(np.diag(a)) - np.sqrt(np.diag(b))) ** 2),
            "you compared the standard deviations of the axes. Correlations count too: take the root of the matrix.",
        ),
        Mistake(
            "matrix norm",
            lambda m, a, n, b: _gap(m, n) + np.sum((a - b) ** 2),
            "that is the squared difference of the covariances: another distance, in the fourth power of the unit.",
        ),
        Mistake(
            "not squared",
            lambda m, a, n, b: np.sqrt(_frechet(m, a, n, b)),
            "you took the root at the end. By convention the *squared* distance is reported.",
        ),
    ),
    hints=(
        "tr(A + B − 2 (A^½ B A^½)^½) is missing.",
        "cross = root(root(a) @ b @ root(a)), then np.trace(a + b - 2 * cross).",
    ),
)


def _inception(probabilities, log=np.log, raised=np.exp):
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = probabilities * (log(probabilities) - log(probabilities.mean(axis=0)))
    return raised(np.where(probabilities > 0, terms, 0.0).sum(axis=1).mean())


def _naive_inception(probabilities):
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = probabilities * np.log(probabilities / probabilities.mean(axis=0))
    return np.exp(terms.sum(axis=1).mean())


def _names(rng):
    """Probabilities of some classes for some samples, some sure and some not, with unequal shares of the classes."""
    count, classes = int(rng.integers(8, 15)), int(rng.integers(3, 7))
    return (rng.dirichlet(np.linspace(0.2, 1.5, classes), size=count),)


def _sure_names():
    return [(np.eye(4)[[0, 1, 1, 3, 0, 0]],)]


def _entropy(probabilities, axis=-1):
    return -(probabilities * np.log(np.maximum(probabilities, 1e-300))).sum(axis=axis)


INCEPTION_SCORE = Exercise(
    reference=_inception,
    inputs=_names,
    edges=_sure_names,
    mistakes=(
        Mistake(
            "0 log 0",
            _naive_inception,
            "where a probability is exactly 0 you get NaN. The limit of p log p is 0: leave these terms out.",
        ),
        Mistake("without exp", lambda p: _inception(p, raised=float), "that is the mean KL, in nats. Take exp of it."),
        Mistake(
            "mean of the exponentials",
            lambda p: np.exp(_terms(p).sum(axis=1)).mean(),
            "you took the mean of exp(KL). First the mean over the samples, then exp.",
        ),
        Mistake(
            "mean over the classes",
            lambda p: np.exp(_terms(p).mean()),
            "you took the mean over the classes, too. A KL is a *sum* over the classes; the mean is over samples.",
        ),
        Mistake(
            "uniform names",
            lambda p: np.exp((np.log(p.shape[1]) - _entropy(p)).mean()),
            "you compared each row with equal shares of all classes. p(y) is the mean of the rows, axis=0.",
        ),
        Mistake(
            "the entropy of the mean",
            lambda p: np.exp(_entropy(p.mean(axis=0))),
            "that asks only whether all names occur. Subtract the mean entropy of the rows: are they named clearly?",
        ),
        Mistake(
            "the rows' entropy",
            lambda p: np.exp(-_entropy(p).mean()),
            "that asks only whether samples are named clearly. Compare each row with the mean of the rows.",
        ),
        Mistake(
            "the KL turned round",
            lambda p: np.exp(_reversed_terms(p).sum(axis=1).mean()),
            "you took KL(p(y) ‖ p(y | x)): the weights before the logarithm are those of the row.",
        ),
        Mistake(
            "negative",
            lambda p: 1 / _inception(p),
            "the sign of the KL is turned round: log p(y | x) − log p(y). The score is at least 1.",
        ),
        Mistake(
            "bits",
            lambda p: _inception(p, log=np.log2),
            "the logarithm is in bits, and exp wants nats: np.log.",
        ),
    ),
    hints=(
        "`probabilities.mean(axis=0)` is p(y).",
        "Sum p(y | x) (log p(y | x) − log p(y)) over the classes; a term with p(y | x) = 0 is 0. Then mean and exp.",
    ),
)


def _terms(probabilities):
    """p(y | x) log(p(y | x) / p(y)), with 0 log 0 = 0."""
    safe = np.maximum(probabilities, 1e-300)
    return probabilities * (np.log(safe) - np.log(np.maximum(probabilities.mean(axis=0), 1e-300)))


def _reversed_terms(probabilities):
    mean = probabilities.mean(axis=0)
    return mean * (np.log(np.maximum(mean, 1e-300)) - np.log(np.maximum(probabilities, 1e-300)))


def _unbiased(within_x, within_y, across):
    n, m = len(within_x), len(within_y)
    pairs_x = (within_x.sum() - np.trace(within_x)) / (n * (n - 1))
    pairs_y = (within_y.sum() - np.trace(within_y)) / (m * (m - 1))
    return pairs_x + pairs_y - 2 * across.mean()


def _kernels(rng):
    n, m = int(rng.integers(5, 9)), int(rng.integers(3, 5))
    x, y = rng.normal(size=(n, 2)), rng.normal(0.5, 1.0, size=(m, 2))
    return tuple((a @ b.T / 2 + 1) ** 3 for a, b in ((x, x), (y, y), (x, y)))


UNBIASED_MMD = Exercise(
    reference=_unbiased,
    inputs=_kernels,
    mistakes=(
        Mistake(
            "as found",
            lambda x, y, a: x.mean() + y.mean() - 2 * a.mean(),
            "the diagonal is still in: pairs of a point with itself make the estimate too large, for equal laws too.",
        ),
        Mistake(
            "divided by all pairs",
            lambda x, y, a: (x.sum() - np.trace(x)) / x.size + (y.sum() - np.trace(y)) / y.size - 2 * a.mean(),
            "you left out the diagonal, but divide by n² pairs as if it were there. There are n(n − 1).",
        ),
        Mistake(
            "cross term once",
            lambda x, y, a: _unbiased(x, y, a) + a.mean(),
            "the cross term counts twice: ‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b.",
        ),
        Mistake(
            "cross term without its diagonal",
            lambda x, y, a: _unbiased(x, y, a) + 2 * a.mean() - 2 * (a.sum() - np.trace(a)) / (a.size - min(a.shape)),
            "between two samples no pair is a point with itself: the cross term keeps its diagonal.",
        ),
        Mistake(
            "absolute value",
            lambda x, y, a: abs(_unbiased(x, y, a)),
            "an unbiased estimate of 0 must be allowed to be negative. Do not repair its sign.",
        ),
        Mistake(
            "cut off at 0",
            lambda x, y, a: max(0.0, _unbiased(x, y, a)),
            "an unbiased estimate of 0 is negative half of the time; cut off at 0 it is biased again.",
        ),
        Mistake("plus", lambda x, y, a: _unbiased(x, y, a) + 4 * a.mean(), "the cross term is subtracted."),
        Mistake(
            "one triangle",
            lambda x, y, a: (_unbiased(x, y, a) - 2 * a.mean()) / 2 - a.mean(),
            "each pair stands twice in a matrix: the sum over one triangle is to be divided by n(n − 1)/2.",
        ),
        Mistake(
            "mean of the diagonal",
            lambda x, y, a: x.mean() - np.diag(x).mean() + y.mean() - np.diag(y).mean() - 2 * a.mean(),
            "you subtracted a mean over n from a mean over n². Take the diagonal out of the sum, then divide.",
        ),
        Mistake(
            "n for both",
            lambda x, y, a: (x.sum() - np.trace(x) + y.sum() - np.trace(y)) / (len(x) * (len(x) - 1)) - 2 * a.mean(),
            "there are n real points and m samples: the pairs within y are m(m − 1).",
        ),
    ),
    hints=(
        "`k.sum() - np.trace(k)` is the sum without the diagonal, over n(n − 1) ordered pairs.",
        "mean of the pairs within x, plus within y, minus twice the mean of `across`.",
    ),
)


def _p_value(num_right, num_test):
    return sum(math.comb(num_test, r) for r in range(num_right, num_test + 1)) / 2**num_test


def _right_answers(rng):
    num_test = int(rng.integers(6, 13))
    return int(rng.integers(num_test // 2, num_test)), num_test


P_VALUE = Exercise(
    reference=_p_value,
    inputs=_right_answers,
    edges=lambda: [(9, 10), (10, 10), (0, 6)],  # the last one alone has a probability worth counting here
    rtol=1e-6,
    atol=1e-9,
    mistakes=(
        Mistake(
            "more than observed",
            lambda r, n: _p_value(r + 1, n),
            "you left out the observed number itself. The p-value counts so many right answers *or* more.",
        ),
        Mistake(
            "without the last one",
            lambda r, n: sum(math.comb(n, k) for k in range(r, n)) / 2**n,
            "`range(num_right, num_test)` ends before `num_test`: all right is an outcome, too. Take `num_test + 1`.",
        ),
        Mistake(
            "the lower tail",
            lambda r, n: 1 - _p_value(r, n),
            "that is the probability of *fewer* right answers.",
        ),
        Mistake(
            "at most so many",
            lambda r, n: 1 - _p_value(r + 1, n),
            "that is the probability of so many right answers *or fewer*. Count the other end.",
        ),
        Mistake(
            "mid-p",
            lambda r, n: (_p_value(r, n) + _p_value(r + 1, n)) / 2,
            "you counted the observed number by half. It belongs to the tail fully.",
        ),
        Mistake(
            "exactly so many",
            lambda r, n: math.comb(n, r) / 2**n,
            "that is the probability of exactly so many. Add all outcomes that are at least as good.",
        ),
        Mistake(
            "two-sided",
            lambda r, n: 2 * _p_value(r, n),
            "you doubled it. Only a high accuracy speaks against equal laws; here a low one is no evidence.",
        ),
        Mistake(
            "normal",
            lambda r, n: 0.5 * math.erfc((r / n - 0.5) / (0.5 / math.sqrt(n)) / math.sqrt(2)),
            "that is the normal approximation. With so few tosses, add up the binomial exactly.",
        ),
        Mistake("accuracy", lambda r, n: r / n, "that is the accuracy. How probable is it for a coin?"),
    ),
    hints=(
        "r right answers of n tosses: math.comb(n, r) outcomes of 2**n.",
        "Sum math.comb(num_test, r) over r = num_right … num_test, divide by 2**num_test.",
    ),
)

PRICE_OF_GARBAGE = Exercise(
    reference=math.log(100.0),
    rtol=0.0015,
    mistakes=(
        Mistake("99 to 1", math.log(99.0), "that is the odds, 99 to 1. The density keeps one part in a hundred."),
        Mistake("bits", math.log2(100.0), "that is in bits. Take the natural logarithm."),
        Mistake("99 per cent", -math.log(0.99), "one sample in a hundred is good: the density keeps the factor 1/100."),
        Mistake("a factor", 100.0, "100 is the factor in density. In nats it is its logarithm."),
        Mistake("negative", -math.log(100.0), "the loss is asked for, a positive number."),
        Mistake(
            "in proportion",
            88.0 * 0.99,
            "the log-likelihood does not shrink in proportion: the density is multiplied by 1/100.",
        ),
        Mistake(
            "infinite", math.inf, "the good model is still in the mixture: where it has density, so has the mixture."
        ),
    ),
    hints=(
        "The mixture's density is 0.01 p(x) + 0.99 g(x), and g(x) ≥ 0.",
        "log(0.01 p(x)) = log p(x) − log 100.",
    ),
)

_CHOICES = {
    "dropped letters": "recall",
    "patchworks": "precision",
    "copies": "memorisation",
    "density that fits the training images alone": "held-out bound",
    "anything at all": "two-sample test",
}

CHOOSE_A_METRIC = Exercise(
    reference=_CHOICES,
    words=("recall", "precision", "memorisation", "held-out bound", "two-sample test"),
    mistakes=(
        Mistake(
            "copies by precision",
            _CHOICES | {"copies": "precision"},
            "copies are perfectly plausible: their precision is high. What looks at the training set?",
        ),
        Mistake(
            "copies by the two-sample test",
            _CHOICES | {"copies": "two-sample test", "anything at all": "memorisation"},
            "a copied data set cannot be told from the data. Ask how near the samples are to the *training* set.",
        ),
        Mistake(
            "dropped letters by precision",
            _CHOICES | {"dropped letters": "precision", "patchworks": "recall"},
            "precision looks at the samples that came out. Letters that never come out are missed by recall.",
        ),
        Mistake(
            "copies and over-fitting exchanged",
            _CHOICES | {"copies": "held-out bound", "density that fits the training images alone": "memorisation"},
            "a bound judges densities, and copies may come from a model without one. Which metric takes samples?",
        ),
        Mistake(
            "over-fitting by the two-sample test",
            _CHOICES
            | {"density that fits the training images alone": "two-sample test", "anything at all": "held-out bound"},
            "over-fitting of a density shows in nats per image that was not trained on. The samples may look fine.",
        ),
        Mistake("dropped letters", Entry("dropped letters"), "dropped letters: what is *missing* among the samples?"),
        Mistake("patchworks", Entry("patchworks"), "patchworks: these samples look like nothing in the data."),
        Mistake("copies", Entry("copies"), "copies: only one metric looks at the *training* set."),
        Mistake(
            "over-fitting",
            Entry("density that fits the training images alone"),
            "a density that fits the training images alone: judge it on images that it has not seen.",
        ),
        Mistake(
            "anything", Entry("anything at all"), "anything at all: which score may use any difference it can find?"
        ),
        Mistake(
            "anything by precision",
            _CHOICES | {"anything at all": "precision", "patchworks": "two-sample test"},
            "precision is blind to what is missing. Which score may use any difference that it can find?",
        ),
    ),
    hints=(
        "Cross out for each metric what it cannot see: precision does not see what is missing, nor copies.",
        "Only one metric looks at the training set. Only one may use any difference.",
    ),
)
