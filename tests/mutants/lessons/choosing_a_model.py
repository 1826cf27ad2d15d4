"""Bugs for the proofs of the lesson on choosing a model."""

from tests.mutants.lesson_bug import LessonBug

LARGER, BUDGET, THREE, SEARCH = (
    "is-a-larger-model-better-ask-data-that-it-has",
    "what-is-an-equal-budget",
    "dense-convolutional-recurrent-at-equal-multiply",
    "random-search",
)

BUGS = [
    LessonBug(
        "the loss without its half",
        "the-score-on-the-training-set-flatters-2",
        "[0.5 * ((x - fitted) ** 2)",
        "[((x - fitted) ** 2)",
    ),
    LessonBug(
        "the true mean stands for the fitted one",
        "the-score-on-the-training-set-flatters-2",
        "fitted = training.mean(axis=1, keepdims=True)",
        "fitted = np.zeros((1, 1, d))",
    ),
    LessonBug("the training data judge", f"{LARGER}-2", "fit.log_prob(new) for fit", "fit.log_prob(x) for fit"),
    LessonBug(
        "the errors are not paired",
        f"{LARGER}-2",
        "error, apart = step.std(ddof=1) / len(step) ** 0.5,",
        "error, apart = on_new.std() / len(step) ** 0.5,",
    ),
    LessonBug(
        "a criterion without log n", "fifty-data-sets-2", "0.5 * parameters * np.log(len(x))", "0.5 * parameters"
    ),
    LessonBug(
        "shares of deviations for shares of variances",
        "the-same-examples-paired-errors-2",
        "np.sqrt(rho) * shared + np.sqrt(1 - rho) * own",
        "rho * shared + (1 - rho) * own",
    ),
    LessonBug(
        "the largest of one more", "the-winner-s-curse-2", "stats.norm.cdf(t) ** (m - 1)", "stats.norm.cdf(t) ** m"
    ),
    LessonBug("the test set chooses", "the-winner-s-curse-2", "best = validation.argmax", "best = test.argmax"),
    LessonBug(
        "a transposed convolution is counted at its output",
        f"{BUDGET}-4",
        "(layers.Conv2DTranspose, layers.GRU)",
        "layers.GRU",
        f"{BUDGET}-2",
        (f"{BUDGET}-2",),
    ),
    LessonBug(
        "biases are multiplied",
        f"{BUDGET}-4",
        'for weight in layer.weights if "bias" not in weight.name]',
        "for weight in layer.weights]",
        f"{BUDGET}-2",
        (f"{BUDGET}-2",),
    ),
    LessonBug("the recurrent network is twice as wide", f"{THREE}-3", "return recurrent(43)", "return recurrent(86)"),
    LessonBug(
        "one kind trains an epoch longer",
        f"{THREE}-5",
        "epochs=5, verbose=0)",
        'epochs=5 + (kind == "dense"), verbose=0)',
    ),
    LessonBug(
        "a move that is no multiple of the stride",
        "what-a-network-believes-before-it-has-seen-data-3",
        "(0, 7, 14, 28), {",
        "(0, 5, 14, 28), {",
    ),
    LessonBug(
        "the stride of one layer for that of both",
        "a-convolution-with-biases-and-relus-2",
        "np.roll(features, move // 4",
        "np.roll(features, move // 2",
    ),
    LessonBug("a grid of nine values", f"{SEARCH}-2", "axis=1)), 3 * 0.05", "axis=1)), 9 * 0.05"),
    LessonBug("one trial too few", f"{SEARCH}-2", "enough = math.ceil(", "enough = math.floor("),
    LessonBug(
        "each trial draws from the same seed",
        f"{SEARCH}-8",
        "np.random.default_rng([run.seed, number])",
        "np.random.default_rng(run.seed)",
        f"{SEARCH}-6",
        (f"{SEARCH}-6",),
    ),
    LessonBug(
        "the journal is written and never read",
        f"{SEARCH}-8",
        "if number not in done:",
        "if number >= 0:",
        f"{SEARCH}-6",
        (f"{SEARCH}-6",),
    ),
]
