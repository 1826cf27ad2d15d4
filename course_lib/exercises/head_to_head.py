"""Exercises of the head to head: what may be compared, how sure one is, and what follows for a choice."""

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake

READ_A_LEADERBOARD = Exercise(
    reference={"a", "d"},
    words="abcdef",
    mistakes=(
        Mistake("the twin", Entry("a"), "(a): same n, same features, same test images, a mean of as many seeds."),
        Mistake(
            "other n",
            {"a", "b", "d"},
            "(b) used 1,000 samples: the bias of the Fréchet distance falls with n, so its number is too high.",
        ),
        Mistake(
            "other features",
            {"a", "c", "d"},
            "(c) used another network's features: another ruler, another unit.",
        ),
        Mistake(
            "against the training set",
            {"a", "d", "e"},
            "(e) compared with the training images: whoever has learned them by heart wins there.",
        ),
        Mistake(
            "the best of many",
            {"a", "d", "f"},
            "(f) is the best of twenty seeds, chosen by this very number. The minimum of twenty is no mean.",
        ),
        Mistake(
            "the difference is not one",
            {"a"},
            "(d) was measured as (a) was, with an error that overlaps. It may be compared, even if nobody wins.",
        ),
        Mistake("everything", set("abcdef"), "not all of these rulers are the same ruler."),
    ),
    hints=(
        "What must match: n, the features, the set that is compared with, and how the run was chosen.",
        "A comparison without a winner is still a comparison.",
    ),
)


def _gap(a, b, ddof=1, errors=lambda a, b: np.sqrt(a + b)):
    """The difference of two means, in units of its standard error; `errors` gets the squared errors of the two."""
    return (a.mean() - b.mean()) / errors(a.var(ddof=ddof) / len(a), b.var(ddof=ddof) / len(b))


def _pooled(a, b):
    """The gap by the test for two models that scatter alike."""
    n, k = len(a), len(b)
    variance = ((n - 1) * a.var(ddof=1) + (k - 1) * b.var(ddof=1)) / (n + k - 2)
    return (a.mean() - b.mean()) / np.sqrt(variance * (1 / n + 1 / k))


def _scores_of_two_models(rng):
    a, b = (rng.normal(mean, 0.1, size=int(rng.integers(3, 8))) for mean in rng.permutation([0.5, 0.8]))
    return a, rng.permutation(np.append(b, b.mean() + 0.2))


GAP_IN_ERRORS = Exercise(
    reference=_gap,
    inputs=_scores_of_two_models,
    draws=5,
    mistakes=(
        Mistake("turned round", lambda a, b: _gap(b, a), "the sign: positive where the first model scores more."),
        Mistake("absolute", lambda a, b: abs(_gap(a, b)), "keep the sign: it says who scores more."),
        Mistake(
            "divided by n",
            lambda a, b: _gap(a, b, ddof=0),
            "your variance divides by the number of seeds; with so few, divide by one less: ddof=1.",
        ),
        Mistake(
            "the scatter of one training",
            lambda a, b: (a.mean() - b.mean()) / np.sqrt(a.var(ddof=1) + b.var(ddof=1)),
            "you divide by how much single trainings scatter. The error of a *mean* is smaller: by √(number of seeds).",
        ),
        Mistake(
            "errors added",
            lambda a, b: _gap(a, b, errors=lambda a, b: np.sqrt(a) + np.sqrt(b)),
            "errors of independent numbers add as squares: √(e² + e'²).",
        ),
        Mistake(
            "error of the first alone",
            lambda a, b: _gap(a, b, errors=lambda a, b: np.sqrt(a)),
            "the second model was trained several times, too: its error counts as well.",
        ),
        Mistake(
            "variance instead of error",
            lambda a, b: _gap(a, b, errors=lambda a, b: a + b),
            "you divide by the variance of the difference. Take its root.",
        ),
        Mistake(
            "pooled",
            _pooled,
            "you pooled the two variances. That holds for models that scatter alike: add the two squared errors.",
        ),
        Mistake(
            "deviation for variance",
            lambda a, b: (a.mean() - b.mean()) / np.sqrt(a.std(ddof=1) / len(a) + b.std(ddof=1) / len(b)),
            "under the root stand variances over the numbers of seeds, not standard deviations.",
        ),
        Mistake("not divided", lambda a, b: a.mean() - b.mean(), "that is the gap. Divide it by its standard error."),
        Mistake(
            "all in one heap",
            lambda a, b: (a.mean() - b.mean()) / (np.concatenate([a, b]).std(ddof=1) / np.sqrt(len(a) + len(b))),
            "you put both models' scores together: then their difference counts as scatter.",
        ),
        Mistake(
            "best against best",
            lambda a, b: _gap(a, b) / (a.mean() - b.mean()) * (a.max() - b.max()),
            "you compare the best seeds. Compare the means: the best of many is luck.",
        ),
    ),
    hints=(
        "The squared error of a mean over k seeds is `a.var(ddof=1) / len(a)`.",
        "(mean of a − mean of b) / √(squared error of a + squared error of b).",
    ),
)

BEST_OF_TWENTY = Exercise(
    reference=0.42 + 0.05 * 1.8674750597983,
    rtol=0.008,
    mistakes=(
        Mistake(
            "the mean", 0.42, "that is what a *single* training scores on average. She reports the best of twenty."
        ),
        Mistake(
            "the error of the mean",
            0.42 + 0.05 / 20**0.5,
            "0.05/√20 is how well the *mean* of twenty is known. How far from the mean is the best of them?",
        ),
        Mistake("one deviation", 0.47, "the best of *two* or three is about one deviation up. Simulate twenty."),
        Mistake("three deviations", 0.57, "three deviations up is one training in 740. Simulate twenty."),
        Mistake("two and a half deviations", 0.545, "that is too lucky: simulate many sets of twenty."),
        Mistake(
            "the 95th percentile",
            0.42 + 0.05 * 1.6448536269514722,
            "one in twenty is above the 95th percentile; the best of twenty is on average a little higher.",
        ),
        Mistake(
            "the 97.5th percentile",
            0.42 + 0.05 * 1.959963984540054,
            "1.96 deviations belong to 95 % in the middle. The best of twenty is on average a little lower: simulate.",
        ),
        Mistake("the worst", 0.42 - 0.05 * 1.8674750597983, "that is the worst of twenty."),
        Mistake("percent", 51.3, "scores lie between 0 and 1."),
    ),
    hints=(
        "`np.random.default_rng(0).normal(0.42, 0.05, size=(100_000, 20))`: 100,000 sets of twenty.",
        "`.max(axis=1).mean()` of it.",
    ),
)


def _beats(scores, at_least=np.greater_equal, more=np.greater):
    """(i, j): model i is at least as good as j in all columns, and better in one."""
    one, other = scores[:, None], scores[None]
    return at_least(one, other).all(axis=2) & more(one, other).any(axis=2)


def _not_beaten(scores):
    return ~_beats(scores).any(axis=0)


def _score_table(rng):
    """Scores of some models, of which some are equal in a column, and two are equal in all."""
    models, columns = int(rng.integers(6, 9)), int(rng.integers(2, 5))
    scores = rng.integers(1, 7, size=(models, columns)).astype("float64")
    best = scores.argmax(axis=0)
    scores[best[0], 0] += 1
    return (rng.permutation(np.concatenate([scores, scores[best[:1]]]) / 8),)


def _twins():
    return [
        (np.array([[0.5, 0.4], [0.9, 0.1], [0.5, 0.4], [0.5, 0.3], [0.2, 0.9], [0.9, 0.1]]),),
        (np.array([[0.9, 0.1, 0.3], [0.8, 0.1, 0.3], [0.1, 0.9, 0.3], [0.1, 0.9, 0.2], [0.2, 0.2, 0.2]]),),
        (np.array([[0.3, 0.2], [0.9, 0.8], [0.1, 0.8]]),),
        (np.array([[0.6, 0.5, 0.5], [0.9, 0.2, 0.3], [0.2, 0.9, 0.4], [0.1, 0.1, 0.1]]),),
    ]


NOT_BEATEN = Exercise(
    reference=_not_beaten,
    inputs=_score_table,
    draws=6,
    edges=_twins,
    mistakes=(
        Mistake(
            "the beaten ones",
            lambda scores: _beats(scores).any(axis=0),
            "these are the models that *are* beaten. Turn it round: ~.",
        ),
        Mistake(
            "those that beat somebody",
            lambda scores: _beats(scores).any(axis=1),
            "these are the models that beat some other one. Asked is who is beaten by nobody.",
        ),
        Mistake(
            "best in some column",
            lambda scores: (scores == scores.max(axis=0)).any(axis=1),
            "these are the best of each column. A model that is second everywhere may be beaten by nobody, too.",
        ),
        Mistake(
            "best in all columns",
            lambda scores: (scores == scores.max(axis=0)).all(axis=1),
            "only a model that is best in *all* columns is left. Better in *one* column does not beat yet: one must "
            "not be worse in any.",
        ),
        Mistake(
            "equals beat each other",
            lambda scores: (
                ~((scores[:, None] >= scores[None]).all(axis=2) & ~np.eye(len(scores), dtype=bool)).any(axis=0)
            ),
            "two models with equal scores throw each other out. To beat somebody, one must be better in some column.",
        ),
        Mistake(
            "each beats itself",
            lambda scores: ~(scores[:, None] >= scores[None]).all(axis=2).any(axis=0),
            "every model is at least as good as itself. To beat somebody, one must be better in some column.",
        ),
        Mistake(
            "better in all columns",
            lambda scores: ~(scores[:, None] > scores[None]).all(axis=2).any(axis=0),
            "you ask the winner to be better in *all* columns. As good in all, and better in one, beats already.",
        ),
        Mistake(
            "small is good",
            lambda scores: _not_beaten(-scores),
            "here a larger score is better in every column.",
        ),
        Mistake(
            "the largest mean",
            lambda scores: scores.mean(axis=1) == scores.mean(axis=1).max(),
            "you took the largest mean over the columns: that weighs precision against recall, which nobody asked for.",
        ),
        Mistake("the numbers", lambda scores: np.flatnonzero(_not_beaten(scores)), "one truth value for each model."),
    ),
    hints=(
        "i beats j: `(scores[i] >= scores[j]).all()` and `(scores[i] > scores[j]).any()`.",
        "`scores[:, None] >= scores[None]` compares all pairs; `all(axis=2)` goes over columns, `any(axis=0)` over i.",
    ),
)

_MODELS = {
    "find odd images": "VAE",
    "more training images for a classifier, of every kind": "most recall",
    "a few good letters for a poster": "most precision",
    "compress images": "VAE",
    "the paper's headline": "none",
}

CHOOSE_A_MODEL = Exercise(
    reference=_MODELS,
    words=("VAE", "most recall", "most precision", "none"),
    mistakes=(
        Mistake(
            "odd images by precision",
            Entry("find odd images", "most precision"),
            "odd images: precision is about samples. To judge a *given* image one needs a density, or an encoder.",
        ),
        Mistake(
            "odd images by recall",
            Entry("find odd images", "most recall"),
            "odd images: recall is about the set of samples. Which model says something of one *given* image?",
        ),
        Mistake(
            "training images by precision",
            Entry("more training images for a classifier, of every kind", "most precision"),
            "training images: plausible, but perhaps all alike. 'Of every kind' is what recall measures.",
        ),
        Mistake(
            "poster by recall",
            Entry("a few good letters for a poster", "most recall"),
            "poster: a few good ones are wanted. Who cares for variety?",
        ),
        Mistake(
            "compress by a score of samples",
            Entry("compress images", "most precision"),
            "compress: that needs codes of given images, priced in nats. Which model has an encoder and a bound?",
        ),
        Mistake(
            "a winner for the headline",
            Entry("the paper's headline", "most precision"),
            "headline: the one column that suits is always to be found. What does the whole table say?",
        ),
        Mistake("odd images", Entry("find odd images"), "odd images: look for a model that judges a *given* image."),
        Mistake(
            "training images",
            Entry("more training images for a classifier, of every kind"),
            "training images: which score asks for variety?",
        ),
        Mistake("poster", Entry("a few good letters for a poster"), "poster: which score asks for good samples only?"),
        Mistake("compress", Entry("compress images"), "compress: codes of given images are needed."),
        Mistake(
            "headline", Entry("the paper's headline"), "headline: is one of the four models better than the others?"
        ),
    ),
    hints=(
        "Is something asked of samples, or of a given image?",
        "Samples: variety is recall, quality is precision. A given image: an encoder and a bound.",
    ),
)

READ_THE_TABLE = Exercise(
    reference={"a", "d", "f"},
    words="abcdefg",
    mistakes=(
        Mistake("what was measured", Entry("a"), "(a) speaks of what was measured, and the gap is many errors wide."),
        Mistake(
            "a family judged by one network",
            Entry("b"),
            "(b) speaks of a family. One network, one weight of the game and one budget were measured.",
        ),
        Mistake("within the error", Entry("c"), "(c): compare the gap with its error, the root of both squares."),
        Mistake(
            "nearer",
            Entry("d"),
            "(d): `nearer` is how often a sample is nearer to the training set than a fresh image is: ½ if as near.",
        ),
        Mistake("not measured", Entry("e"), "(e): nobody has measured it with five critic steps, nor tuned for it."),
        Mistake(
            "accuracy",
            Entry("f"),
            "(f): `accuracy` is that of a classifier on images held out; ½ would be a coin.",
        ),
        Mistake("later", Entry("g"), "(g): the table ends after twenty seconds, in which no model has converged."),
    ),
    hints=(
        "A table supports what was measured, under the conditions in which it was measured.",
        "A gap within two errors is none; a sentence about a family, or about more time, needs more than this table.",
    ),
)
