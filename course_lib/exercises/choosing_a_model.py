"""Exercises of choosing a model: what flatters, what pairs, what a budget is, and how a search is resumed."""

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake

PREDICT_OPTIMISM = Exercise(
    reference=24.9 + 50 / 200,
    rtol=5e-4,
    mistakes=(
        Mistake("no optimism", 24.9, "that is the training loss. The mean has moved towards the examples it saw."),
        Mistake(
            "half",
            24.9 + 25 / 200,
            "d/(2n) is the way from the training loss to that of the *true* mean; new data lie as far beyond.",
        ),
        Mistake("wrong sign", 24.9 - 50 / 200, "new data are *worse*: add."),
        Mistake("n over d", 24.9 + 200 / 50, "the parameters are divided by the examples, not the other way round."),
        Mistake(
            "summed over examples",
            24.9 + 50,
            "50 nats is the optimism of the *sum* over all examples; losses here are per example.",
        ),
        Mistake("the optimism alone", 50 / 200, "that is the difference. Add it to the training loss."),
        Mistake("true loss", 25.0, "d/2 is the loss of the true mean, which nobody has."),
    ),
    hints=("The difference is (fitted parameters)/(examples).", "24.9 + d/n."),
)


def _scores(rng):
    shared, n = 3 * rng.normal(size=(size := int(rng.integers(5, 9)))), size
    return rng.normal(0.4, 0.5, size=n) + shared, rng.normal(size=n) * 0.5 + shared


def _paired(a, b):
    return (a - b).mean(), (a - b).std(ddof=1) / np.sqrt(len(a))


PAIRED_DIFFERENCE = Exercise(
    reference=_paired,
    inputs=_scores,
    draws=4,
    mistakes=(
        Mistake(
            "turned round",
            lambda a, b: (-_paired(a, b)[0], _paired(a, b)[1]),
            "the sign: positive where `a` scores more.",
        ),
        Mistake(
            "absolute",
            lambda a, b: (abs(a - b).mean(), _paired(a, b)[1]),
            "keep the signs: a − b, example by example, and then the mean.",
        ),
        Mistake(
            "unpaired",
            lambda a, b: (_paired(a, b)[0], np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / len(a))),
            "you added the errors of two independent samples. These are the *same* examples: take the scatter of a − "
            "b.",
        ),
        Mistake(
            "scatter of one example",
            lambda a, b: (_paired(a, b)[0], (a - b).std(ddof=1)),
            "that is the scatter of single differences. The error of their *mean* is smaller by √n.",
        ),
        Mistake(
            "divided by n", lambda a, b: (_paired(a, b)[0], (a - b).std(ddof=1) / len(a)), "divide by √n, not by n."
        ),
        Mistake(
            "ddof 0",
            lambda a, b: (_paired(a, b)[0], (a - b).std() / np.sqrt(len(a))),
            "the deviation is taken from the sample's own mean: divide by n − 1, ddof=1.",
        ),
        Mistake(
            "variance",
            lambda a, b: (_paired(a, b)[0], (a - b).var(ddof=1) / len(a)),
            "that is the squared error. Take its root.",
        ),
        Mistake(
            "scatter of absolute differences",
            lambda a, b: (_paired(a, b)[0], abs(a - b).std(ddof=1) / np.sqrt(len(a))),
            "the scatter of a − b with its signs, not of |a − b|.",
        ),
        Mistake(
            "difference of errors",
            lambda a, b: (_paired(a, b)[0], abs(a.std(ddof=1) - b.std(ddof=1)) / np.sqrt(len(a))),
            "the difference of two deviations is no deviation. Take the deviation of a − b.",
        ),
    ),
    hints=("Everything is said by the array `a - b`.", "Its mean, and its `std(ddof=1)` divided by √n."),
)

WHICH_ERROR = Exercise(
    reference={"a": "examples", "b": "seeds", "c": "none", "d": "seeds", "e": "examples"},
    words=("examples", "seeds", "none"),
    mistakes=(
        Mistake(
            "a over seeds",
            Entry("a", "seeds"),
            "(a): two *given* files of weights. Another seed would be another file; what varies are the letters.",
        ),
        Mistake(
            "b over examples",
            Entry("b", "examples"),
            "(b) speaks of kinds of network. One training of each is a sample of one, however many images judge it.",
        ),
        Mistake(
            "c over examples",
            Entry("c", "examples"),
            "(c): the score has chosen the winner, so it is biased; an error bar around a biased number does not help.",
        ),
        Mistake(
            "c over seeds",
            Entry("c", "seeds"),
            "(c): the score has chosen the winner. No scatter repairs that; another set of data does.",
        ),
        Mistake(
            "d over examples",
            Entry("d", "examples"),
            "(d) speaks of learning rates, not of two trainings: train several times with each.",
        ),
        Mistake(
            "e over seeds",
            Entry("e", "seeds"),
            "(e): the network exists, and no other seed of it will be used. What varies are the examples.",
        ),
        Mistake(
            "none for a",
            Entry("a", "none"),
            "(a): neither was chosen by these letters, so an error bar says what is wanted.",
        ),
        Mistake("none for b", Entry("b", "none"), "(b): several trainings of each do say it."),
        Mistake("none for d", Entry("d", "none"), "(d): several trainings with each do say it."),
        Mistake(
            "none for e", Entry("e", "none"), "(e): both are given, and fresh examples with paired errors do say it."
        ),
    ),
    hints=(
        "What would vary if the claim were tested again: the examples, the trainings, or the choice?",
        "Exactly one has an error that is no scatter.",
    ),
)


def _two_sets(rng):
    """Best on validation, on both, on test, worst on validation; one lucky example, and one unlucky example."""
    others = [[2.0, 2.5]] * int(rng.integers(0, 4))
    levels = rng.permutation([[6.0, 2.0], [5.5, 5.5], [3.0, 7.0], [0.0, 4.0], [1.5, 3.0], [9.0, 3.2], *others])
    sizes = rng.integers((6, 8), (10, 12))
    validation, test = (
        level[:, None] + 0.2 * rng.normal(size=(len(levels), size)) for level, size in zip(levels.T, sizes, strict=True)
    )
    validation[levels[:, 0] == 1.5, 2] += 9.0
    validation[levels[:, 0] == 9.0, 1] -= 5.5 * sizes[0]  # its mean is 3.5, its median 9
    best = levels[:, 0] == 6.0  # its first example is its worst
    validation[best] += 4.0 / (sizes[0] - 1)
    validation[best, 0] -= 4.0 + 4.0 / (sizes[0] - 1)
    return validation, test


def _choose(validation, test):
    best = validation.mean(axis=1).argmax()
    return best, test[best].mean()


def _chosen_by_test(validation, test):
    best = test.mean(axis=1).argmax()
    return best, test[best].mean()


def _chosen_by(index):
    def choose(validation, test):
        best = index(validation)
        return best, test[best].mean()

    return choose


CHOOSE_AND_REPORT = Exercise(
    reference=_choose,
    inputs=_two_sets,
    draws=5,
    mistakes=(
        Mistake(
            "as found",
            _chosen_by_test,
            "this is the function as you found it: which set chooses here, and which one reports?",
        ),
        Mistake(
            "validation only",
            lambda validation, test: (validation.mean(axis=1).argmax(), validation.mean(axis=1).max()),
            "well chosen, but you report the score that chose: the best of m flatters. Report the test score of that "
            "model.",
        ),
        Mistake(
            "best on test reported",
            lambda validation, test: (validation.mean(axis=1).argmax(), test.mean(axis=1).max()),
            "you report the best test score of *all* models. Report that of the model that you chose.",
        ),
        Mistake(
            "roles exchanged",
            lambda validation, test: (test.mean(axis=1).argmax(), validation[test.mean(axis=1).argmax()].mean()),
            "you exchanged the roles: now the test set chooses.",
        ),
        Mistake(
            "both sets choose",
            lambda validation, test: (
                (index := (validation.mean(axis=1) + test.mean(axis=1)).argmax()),
                test[index].mean(),
            ),
            "the test set helps to choose: then it flatters, too.",
        ),
        Mistake(
            "smallest",
            _chosen_by(lambda validation: validation.mean(axis=1).argmin()),
            "larger is better here: argmax.",
        ),
        Mistake(
            "best single example",
            _chosen_by(lambda validation: validation.max(axis=1).argmax()),
            "you chose by the best single example. Choose by the mean over examples.",
        ),
        Mistake(
            "median",
            _chosen_by(lambda validation: np.median(validation, axis=1).argmax()),
            "you chose by the median, which does not see how bad the worst examples are. A model's score is its mean.",
        ),
        Mistake(
            "median reported",
            lambda validation, test: (_choose(validation, test)[0], np.median(test[_choose(validation, test)[0]])),
            "well chosen, but you report a median. A model's score is its mean over examples.",
        ),
        Mistake(
            "median for mean",
            lambda validation, test: (
                (index := np.median(validation, axis=1).argmax()),
                np.median(test[index]),
            ),
            "you took medians, twice. A model's score is its mean over examples.",
        ),
    ),
    hints=(
        "Choose with `validation`, report with `test`.",
        "`best = validation.mean(axis=1).argmax()`; then `test[best].mean()`.",
    ),
)


def _places(size, kernel, stride):
    return (size - kernel) // stride + 1


def _multiply_adds(height, width, channels, filters, kernel, stride):
    return _places(height, kernel, stride) * _places(width, kernel, stride) * kernel**2 * channels * filters


def _convolution(rng):
    height, width = rng.choice(np.arange(14, 40), size=2, replace=False)
    channels, filters = rng.choice(np.arange(2, 9), size=2, replace=False)
    return int(height), int(width), int(channels), int(filters), int(rng.integers(3, 6)), int(rng.integers(2, 4))


MULTIPLY_ADDS = Exercise(
    reference=_multiply_adds,
    inputs=_convolution,
    draws=5,
    edges=lambda: [(9, 12, 2, 3, 4, 1), (20, 17, 1, 1, 5, 5)],
    mistakes=(
        Mistake(
            "weights",
            lambda h, w, c, f, k, s: k**2 * c * f,
            "those are the numbers in the kernel. Each is used at every place of the output.",
        ),
        Mistake(
            "parameters",
            lambda h, w, c, f, k, s: (k**2 * c + 1) * f,
            "those are the parameters, with biases. Count the products: each weight at every place of the output, "
            "biases never.",
        ),
        Mistake(
            "with biases",
            lambda h, w, c, f, k, s: _places(h, k, s) * _places(w, k, s) * (k**2 * c + 1) * f,
            "a bias is added, never multiplied: leave it out.",
        ),
        Mistake(
            "places of the input",
            lambda h, w, c, f, k, s: h * w * k**2 * c * f,
            "the kernel is not laid on every pixel of the *input*: count the pixels of the output.",
        ),
        Mistake(
            "stride forgotten",
            lambda h, w, c, f, k, s: _places(h, k, 1) * _places(w, k, 1) * k**2 * c * f,
            "the stride: the kernel is laid on every `stride`-th place only, in both directions.",
        ),
        Mistake(
            "as with padding",
            lambda h, w, c, f, k, s: -(-h // s) * -(-w // s) * k**2 * c * f,
            "that is with padding. Without, the kernel must fit in: (size − kernel) // stride + 1.",
        ),
        Mistake(
            "one less",
            lambda h, w, c, f, k, s: ((h - k) // s) * ((w - k) // s) * k**2 * c * f,
            "one place too few in each direction: the first one counts, too (+ 1).",
        ),
        Mistake(
            "kernel not squared",
            lambda h, w, c, f, k, s: _places(h, k, s) * _places(w, k, s) * k * c * f,
            "the kernel is square: kernel × kernel numbers for each pair of channels.",
        ),
        Mistake(
            "one channel",
            lambda h, w, c, f, k, s: _places(h, k, s) * _places(w, k, s) * k**2 * f,
            "each filter sees all input channels.",
        ),
        Mistake(
            "one filter",
            lambda h, w, c, f, k, s: _places(h, k, s) * _places(w, k, s) * k**2 * c,
            "that is for one filter.",
        ),
        Mistake(
            "twice",
            lambda h, w, c, f, k, s: 2 * _multiply_adds(h, w, c, f, k, s),
            "a multiplication and its addition count as one here.",
        ),
    ),
    hints=("Rows of the output: `(height - kernel) // stride + 1`.", "Rows × columns × kernel² × channels × filters."),
)

HOW_MANY_SEEDS = Exercise(
    reference=18,
    mistakes=(
        Mistake("one model scatters", 9, "both networks scatter: the squared error of the gap is 2 · 1.5²/K."),
        Mistake("one standard error", 5, "that makes the gap *one* standard error (rounded up). Asked are two."),
        Mistake("no square", 6, "the error falls with √K: to halve it you need four times as many."),
        Mistake("both together", 36, "36 trainings in all; asked is the number of seeds of *each*."),
        Mistake("three standard errors", 41, "that makes the gap three standard errors."),
    ),
    hints=("The error of the gap is √(2 · 1.5²/K).", "Ask for 1 ≥ 2 · √(2 · 1.5²/K), and solve for K."),
)

LEARNING_RATES = Exercise(
    reference=np.geomspace,
    inputs=lambda rng: (float(10 ** rng.uniform(-5, -3)), float(10 ** rng.uniform(-2, 0)), int(rng.integers(4, 8))),
    atol=0.0,
    mistakes=(
        Mistake(
            "linear",
            np.linspace,
            "linear spacing: nearly all values share the largest power of ten. Space the *logarithms* evenly.",
        ),
        Mistake(
            "logspace of the ends",
            lambda low, high, count: np.logspace(low, high, count),
            "`np.logspace` takes exponents: hand it the logarithms of the ends, or use `np.geomspace`.",
        ),
        Mistake(
            "logarithms",
            lambda low, high, count: np.linspace(np.log10(low), np.log10(high), count),
            "these are the exponents. Raise 10 to them.",
        ),
        Mistake(
            "natural logarithms to base ten",
            lambda low, high, count: 10 ** np.linspace(np.log(low), np.log(high), count),
            "natural logarithms belong to `np.exp`, not to powers of ten.",
        ),
        Mistake(
            "end left out",
            lambda low, high, count: np.geomspace(low, high, count, endpoint=False),
            "the upper end is missing: both ends are included.",
        ),
        Mistake(
            "one too many",
            lambda low, high, count: np.geomspace(low, high, count + 1),
            "`count` values have count − 1 steps between them: you made one value too many.",
        ),
        Mistake(
            "downwards", lambda low, high, count: np.geomspace(high, low, count), "from `low` to `high`: yours falls."
        ),
    ),
    hints=("The logarithms are evenly spaced.", "`10 ** np.linspace(np.log10(low), np.log10(high), count)`."),
)


def _rates(seed, numbers, last=lambda u: 10**u, key=lambda seed, number: [seed, number]):
    return [last(np.random.default_rng(key(seed, number)).uniform(-4, -1)) for number in numbers]


def _repeats(seed, done, total):
    rng = np.random.default_rng(seed)
    return [10 ** rng.uniform(-4, -1) for _ in range(done, total)]


def _as_rates(seed, done, total, **options):
    return _rates(seed, range(done, total), **options)


_SEARCH = (11, 5, 12)  # seed, done, total


def _read(given):
    """What an answer gave as float64; of no shape where these are no numbers."""
    try:
        return np.asarray(given, "float64")
    except (TypeError, ValueError, OverflowError):
        return np.array(np.nan)


def _judge_resumed(answer):
    seed, done, total = _SEARCH
    resumed, again = (_read(answer(*_SEARCH)) for _ in range(2))
    lengths = {total: "from the first", total - done + 1: "one more", total - done - 1: "one too late"}
    if resumed.ndim == 0:
        return f"a list of {total - done} rates is expected, for the trials {done} to {total - 1}."
    if resumed.shape != (total - done,):
        said = f"trials {done} to {total - 1} are {total - done} rates; yours has the shape {resumed.shape}."
        return lengths.get(len(resumed), said) if resumed.ndim == 1 else said
    if np.array_equal(resumed, _repeats(*_SEARCH)):
        return "as found"
    if not np.array_equal(resumed, again):
        return "without the seed"
    whole, others = (_read(answer(each, 0, total)) for each in (seed, seed + 1))
    if np.array_equal(resumed, whole[: total - done]):
        return "one rate for all" if np.ptp(whole) == 0 else "counted from zero again"
    if not np.array_equal(resumed, whole[done:]):
        return "where it stopped"
    if np.array_equal(whole, others):
        return "the number alone"
    if np.array_equal(whole[1:], others[:-1]):
        return "sum of seeds"
    if np.intersect1d(whole, others).size:
        return f"the seeds {seed} and {seed + 1} are two searches, and yours try a rate in both: use both numbers."
    return _judge_the_law(_read(answer(seed, 0, 600)))


def _judge_the_law(rates):
    """What is wrong with 600 rates that should be 10 to a power that is uniform between −4 and −1."""
    if len(np.unique(rates)) < len(rates):
        return "two of your 600 trials share a rate."
    if (rates < 0).all():
        return "exponents"
    if (rates < 1e-4).any() or (rates > 1e-1).any():
        in_base_e = (rates > np.exp(-4)).all() and (rates < np.exp(-1)).all()
        return "base e" if in_base_e else "the rates should lie between 0.0001 and 0.1; some of yours do not."
    powers = np.log10(rates)
    if abs(powers.mean() + 2.5) > 0.2 or abs(powers.std() - 3 / 12**0.5) > 0.1:
        if powers.mean() > -1.7:
            return "linear"
        return f"u should be uniform from -4 to -1, with the mean -2.5; yours has the mean {powers.mean():.1f}."
    return None


RESUMED_DRAWS = Exercise(
    reference=_as_rates,
    inputs=lambda rng: (int(rng.integers(1, 1000)), int(rng.integers(2, 6)), int(rng.integers(8, 12))),
    accepts=lambda rates, seed, done, total: rates is not None,  # any rule that resumes: `then` looks closer
    then=_judge_resumed,
    atol=0.0,
    mistakes=(
        Mistake(
            "as found",
            _repeats,
            "this is the function as you found it. Resumed with the seed it began with, its first draw is that of "
            "trial 0 again.",
        ),
        Mistake(
            "from the first",
            lambda seed, done, total: _rates(seed, range(total)),
            "you run the trials before `done` again.",
        ),
        Mistake(
            "one more",
            lambda seed, done, total: _rates(seed, range(done, total + 1)),
            "one rate too many: `done` is the first that is missing, and `total` is not included.",
        ),
        Mistake(
            "one too late",
            lambda seed, done, total: _rates(seed, range(done + 1, total)),
            "one rate too few: `done` trials have the numbers 0 to done − 1, so the next one is number `done`.",
        ),
        Mistake(
            "without the seed",
            lambda seed, done, total: _repeats(None, done, total),
            "called twice, your function gives other rates: something draws without a seed.",
        ),
        Mistake(
            "one rate for all",
            lambda seed, done, total: _rates(seed, range(done, total), key=lambda seed, number: seed),
            "each trial makes the same generator anew, so all of them try one and the same rate.",
        ),
        Mistake(
            "counted from zero again",
            lambda seed, done, total: _rates(seed, range(total - done)),
            "the right number of trials, but they repeat the first ones.",
        ),
        Mistake(
            "where it stopped",
            lambda seed, done, total: _repeats([seed, done], done, total),
            "what trial i tries now depends on where the search stopped. It should depend on i, and on the seed.",
        ),
        Mistake(
            "the number alone",
            lambda seed, done, total: _as_rates(seed, done, total, key=lambda seed, number: number),
            "now the seed changes nothing: every search tries the same settings.",
        ),
        Mistake(
            "sum of seeds",
            lambda seed, done, total: _as_rates(seed, done, total, key=lambda seed, number: seed + number),
            "seed + i: then trial 1 of seed 0 is trial 0 of seed 1. `default_rng` takes a list, too.",
        ),
        Mistake(
            "exponents",
            lambda seed, done, total: _as_rates(seed, done, total, last=lambda u: u),
            "these are the exponents u. The rate is 10 to that power.",
        ),
        Mistake(
            "base e",
            lambda seed, done, total: _as_rates(seed, done, total, last=np.exp),
            "the rate is 10 to the power u, not e.",
        ),
        Mistake(
            "linear",
            lambda seed, done, total: _as_rates(seed, done, total, last=lambda u: 1e-4 + (u + 4) / 3 * 0.0999),
            "the exponent is uniform, not the rate: half of all rates should lie below 0.003.",
        ),
    ),
    hints=(
        "Make a new generator for each trial.",
        "`np.random.default_rng([seed, number]).uniform(-4, -1)`, for number from done to total.",
    ),
)
