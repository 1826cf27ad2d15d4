"""Exercises of the bug clinic: known numbers, symptoms, tests that convict, and programs to repair."""

import itertools

import numpy as np

from course_lib.exercises.engine import AS_FOUND, Entry, Exercise, Mistake

# --- three numbers -----------------------------------------------------------------------------------------------


def _coins(p, log=np.log):
    """Entropies of coins; 0 for certain ones."""
    inside = np.clip(p, 1e-300, 1)
    outside = np.clip(1 - p, 1e-300, 1)
    return -(p * log(inside) + (1 - p) * log(outside))


def _ink(p):
    return -p * np.log(np.clip(p, 1e-300, 1))


def _three(x, log=np.log):
    return x.shape[1] * log(2), _coins(x.mean(axis=0), log).sum(), _coins(x, log).sum(axis=1).mean()


def _careless(x):
    with np.errstate(all="ignore"):
        coins = [-(p * np.log(p) + (1 - p) * np.log(1 - p)) for p in (x.mean(axis=0), x)]
    return x.shape[1] * np.log(2), coins[0].sum(), coins[1].sum(axis=1).mean()


def _grey_images(rng):
    """Grey images in which some pixels are black, some white, and some of the columns never change."""
    n, pixels = int(rng.integers(5, 9)), int(rng.integers(10, 15))
    x = rng.beta(0.5, 0.8, size=(n, pixels))
    x[rng.random(x.shape) < 0.2] = 0.0
    x[rng.random(x.shape) < 0.1] = 1.0
    x[:, 0] = 0.0
    return (x,)


HEALTH_MARKS = Exercise(
    reference=_three,
    inputs=_grey_images,
    mistakes=(
        Mistake(
            "0 log 0", _careless, "0 · log 0 is NaN in NumPy, and 0 in the limit: `scipy.special.entr(p)` is −p log p."
        ),
        Mistake("bits", lambda x: _three(x, np.log2), "these are bits: take the natural logarithm."),
        Mistake(
            "per pixel",
            lambda x: tuple(each / x.shape[1] for each in _three(x)),
            "these are nats per *pixel*. Sum over the pixels of an image.",
        ),
        Mistake(
            "all images together",
            lambda x: (*_three(x)[:2], _coins(x).sum()),
            "the third is summed over all images. Take the mean over images of their sums over pixels.",
        ),
        Mistake(
            "a copy for nothing",
            lambda x: (*_three(x)[:2], 0.0),
            "the third is not 0: a perfect copy of a *grey* pixel still costs its entropy.",
        ),
        Mistake(
            "one frequency for all pixels",
            lambda x: (_three(x)[0], x.shape[1] * _coins(x.mean()), _three(x)[2]),
            "the second uses one mean for all pixels. A constant answer may differ from pixel to pixel: "
            "`x.mean(axis=0)`.",
        ),
        Mistake(
            "64 pixels",
            lambda x: (64 * np.log(2), *_three(x)[1:]),
            "the first: D is the number of columns of `x`, which is not always 64.",
        ),
        Mistake(
            "images for pixels",
            lambda x: (len(x) * np.log(2), *_three(x)[1:]),
            "the first: `len(x)` counts images. The pixels are `x.shape[1]`.",
        ),
        Mistake(
            "a mean over each image",
            lambda x: (_three(x)[0], _coins(x.mean(axis=1)).sum(), _three(x)[2]),
            "the second: `x.mean(axis=1)` has one number for each image. A constant answer has one for each pixel.",
        ),
        Mistake(
            "the third per pixel",
            lambda x: (*_three(x)[:2], _coins(x).mean()),
            "the third is a mean over pixels, too. Sum over the pixels of an image, then take the mean over images.",
        ),
        Mistake(
            "the third summed over images",
            lambda x: (*_three(x)[:2], _coins(x).sum(axis=0).mean()),
            "the third: you sum over the images and take the mean over pixels. It is the other way round.",
        ),
        Mistake(
            "ink alone",
            lambda x: (_three(x)[0], _ink(x.mean(axis=0)).sum(), _ink(x).sum(axis=1).mean()),
            "a coin has two sides: −p log p − (1 − p) log(1 − p).",
        ),
        Mistake(
            "log-probabilities",
            lambda x: tuple(-each for each in _three(x)),
            "the signs: a loss is *minus* a log-probability, and entropies are not negative.",
        ),
        Mistake(
            "frequencies and pixels exchanged",
            lambda x: (_three(x)[0], *_three(x)[:0:-1]),
            "the last two are exchanged: first the entropies of the *mean* image, then the mean of the entropies.",
        ),
    ),
    hints=(
        "The loss of a pixel x under the answer p is −x log p − (1 − x) log(1 − p). With p = ½ it is log 2, whatever "
        "x is.",
        "A constant answer is best at p = the mean of that pixel; an answer for each image is best at p = x.",
        "`entr(p) + entr(1 - p)` with `from scipy.special import entr`; `.sum()` for the mean image, "
        "`.sum(axis=1).mean()` for the images.",
    ),
)

_CAUSES = (
    "the mean over pixels",
    "a second sigmoid",
    "raw pixels",
    "a code that is ignored",
    "the sum over the batch",
    "no KL",
)

DIAGNOSE_CURVES = Exercise(
    reference={
        "P": "the mean over pixels",
        "Q": "a code that is ignored",
        "R": "raw pixels",
        "S": "a second sigmoid",
        "T": "the sum over the batch",
    },
    words=_CAUSES,
    mistakes=(
        Mistake(
            "P scaled", Entry("P", "the sum over the batch"), "(P) starts *below* log 2 · 64. What is log 2 alone?"
        ),
        Mistake(
            "P healthy without KL",
            Entry("P", "no KL"),
            "(P): without KL the start would be 44.4 still. It starts at log 2: of how many pixels is that the loss?",
        ),
        Mistake(
            "Q without KL",
            Entry("Q", "no KL"),
            "(Q): without KL nothing holds the code back, and the loss would fall below the mark quickly.",
        ),
        Mistake(
            "R without KL",
            Entry("R", "no KL"),
            "(R): without its KL a cross-entropy is still at least the floor. Below 0 it is no entropy of anything.",
        ),
        Mistake(
            "S averaged",
            Entry("S", "the mean over pixels"),
            "(S) starts *above* 44.4. A mean over 64 pixels would start at 0.69.",
        ),
        Mistake(
            "S ignored",
            Entry("S", "a code that is ignored"),
            "(S) rests far *above* the mark of models that ignore the code: even a constant answer could do better.",
        ),
        Mistake(
            "T averaged",
            Entry("T", "the mean over pixels"),
            "(T) depends on the size of the batch. Over what is it summed?",
        ),
        Mistake("P", Entry("P"), "(P): compare the start with log 2 for one pixel, and with 64 of them."),
        Mistake("Q", Entry("Q"), "(Q): at which of the three marks does it rest?"),
        Mistake("R", Entry("R"), "(R): the floor holds for targets in [0, 1]."),
        Mistake("S", Entry("S"), "(S): which answers can the decoder not give any more?"),
        Mistake("T", Entry("T"), "(T): what was doubled when the number doubled?"),
    ),
    hints=(
        "Start: 64 log 2 = 44.4 is healthy, log 2 = 0.69 is one pixel's.",
        "sigmoid(sigmoid(anything)) lies between 0.5 and 0.73: such a decoder can say neither 0 nor 1.",
    ),
)

# --- who depends on whom -----------------------------------------------------------------------------------------


class _Programs:
    """Losses of each example, `(n,)`, of small programs that are right or wrong: functions of noise `(n, d)`."""

    def __init__(self, rng):
        self.noise = rng.normal(size=(int(rng.integers(4, 7)), int(rng.integers(2, 4))))
        self.images = rng.normal(size=self.noise.shape)

    def healthy(self, noise):
        return np.square(self.images - noise).sum(axis=1)

    def shared(self, noise):
        return np.square(self.images - noise[:1]).sum(axis=1)

    def summed(self, noise):
        return np.square(self.images - noise).sum(axis=1) + np.square(noise).sum()

    def rolled(self, noise):
        return np.square(self.images - np.roll(noise, 2, axis=0)).sum(axis=1)

    def sorted(self, noise):
        return np.square(self.images - np.sort(noise, axis=0)).sum(axis=1)

    def last(self, noise):
        """Only the last example leaks into the others."""
        return np.square(self.images - noise).sum(axis=1) + noise[-1].sum()

    def second(self, noise):
        """Only a part of the second example leaks into the others."""
        return np.square(self.images - noise).sum(axis=1) + noise[1, 1:].sum()

    def without(self, noise):
        return np.square(self.images).sum(axis=1) + 0 * noise[:, 0]


_VERDICTS = {
    "healthy": (False, "your test convicts the right program: there each loss moves with its own noise."),
    "without": (False, "your test convicts a program without noise. That is wrong, too, but it is not this disease."),
    "shared": (True, "your test acquits a program in which all examples share the noise of the first."),
    "summed": (True, "your test acquits a program that sums over the batch: all losses move together."),
    "rolled": (
        True,
        "your test acquits a program in which each example uses *another's* noise, two rows off.",
    ),
    "sorted": (True, "your test acquits a program that sorts the noise: change one row by a lot."),
    "last": (True, "your test acquits a program in which only the *last* example leaks: try every j."),
    "second": (
        True,
        "your test acquits a program in which *one* example leaks, not by its first number.",
    ),
}


def _inspect_leaks(answer):
    if not callable(answer):
        return "hand over the function itself, not its result."
    for seed in range(3):
        programs = _Programs(np.random.default_rng(seed))
        for name, (sick, sentence) in _VERDICTS.items():
            noise = programs.noise.copy()
            said = answer(getattr(programs, name), noise)
            if said is None and answer(programs.shared, programs.noise.copy()) is not None:
                return "where no other loss moves your function returns None: end it with `return False`."
            if said is None or said is ...:
                raise NotImplementedError  # a hole
            if not isinstance(said, bool | np.bool_):
                return f"answer True or False; yours is of type {type(said).__name__}."
            if bool(said) != sick:
                return _as_a_habit(answer) or sentence
    return None


def _as_a_habit(answer):
    """The name of a mistake that answers the same for every program, or None."""
    answers = {name: {} for name in ("answer", *_HABITS)}
    for seed, name in itertools.product(range(3), _VERDICTS):
        programs = _Programs(np.random.default_rng(seed))
        for habit, function in {"answer": answer, **_HABITS}.items():
            answers[habit][seed, name] = bool(function(getattr(programs, name), programs.noise.copy()))
    return next((habit for habit in _HABITS if answers[habit] == answers["answer"]), None)


def _leaks(losses_of, noise):
    before = losses_of(noise)
    for j in range(len(noise)):
        changed = noise.copy()
        changed[j] += 10.0
        if np.delete(np.abs(losses_of(changed) - before) > 1e-6, j).any():
            return True
    return False


def _leaks_own(losses_of, noise):
    changed = noise.copy()
    changed[0] += 10.0
    return bool((np.abs(losses_of(changed) - losses_of(noise)) > 1e-6).any())


def _leaks_first(losses_of, noise):
    changed = noise.copy()
    changed[0] += 10.0
    return bool((np.abs(losses_of(changed) - losses_of(noise)) > 1e-6)[1:].any())


def _leaks_twice(losses_of, noise):
    return bool((np.abs(losses_of(noise) - losses_of(noise)) > 1e-6).any())


def _leaks_all_others(losses_of, noise):
    changed = noise.copy()
    changed[0] += 10.0
    return bool((np.abs(losses_of(changed) - losses_of(noise)) > 1e-6).all())


_HABITS = {
    "only the first row": _leaks_first,
    "own loss counted": _leaks_own,
    "the same noise twice": _leaks_twice,
    "all must move": _leaks_all_others,
}

LEAKS = Exercise(
    reference=lambda: _leaks,
    judge_with=_inspect_leaks,
    mistakes=(
        Mistake(
            "own loss counted",
            lambda: _leaks_own,
            "your test convicts the right program: the loss of example j *should* move with its own noise. Change one "
            "row of a copy, and ask about the other losses.",
        ),
        Mistake(
            "only the first row",
            lambda: _leaks_first,
            "you change the noise of the first example alone. A program may leak from another one only: try every j.",
        ),
        Mistake(
            "the same noise twice",
            lambda: _leaks_twice,
            "your test never convicts. If you compare the losses of the same noise with each other: change something "
            "in between.",
        ),
        Mistake(
            "all must move",
            lambda: _leaks_all_others,
            "you convict only if *all* losses move. One loss that moves with another's noise is enough.",
        ),
    ),
    hints=(
        "`before = losses_of(noise)`; then for each j a copy of the noise whose row j is another one.",
        "`moved = abs(losses_of(changed) - before) > 1e-6`; `np.delete(moved, j).any()`: does another loss move?",
    ),
)

# --- the smallest set of tests -----------------------------------------------------------------------------------


def _covers(matrix, columns):
    """Whether these tests convict every bug that any test convicts."""
    return bool(matrix[matrix.any(axis=1)][:, list(columns)].any(axis=1).all())


def _smallest(matrix):
    for size in range(matrix.shape[1] + 1):
        for columns in itertools.combinations(range(matrix.shape[1]), size):
            if _covers(matrix, columns):
                return list(columns)
    raise AssertionError("all tests together convict all that can be convicted")


def _greedy(matrix):
    """Always the test that convicts most of those still free."""
    free, chosen = matrix.any(axis=1), []
    while free.any():
        chosen.append(int(matrix[free].sum(axis=0).argmax()))
        free &= ~matrix[:, chosen[-1]]
    return sorted(chosen)


def _one_by_one(matrix):
    """Leave out one test after the other, from the left, as long as the rest is enough."""
    kept = list(range(matrix.shape[1]))
    for column in range(matrix.shape[1]):
        rest = [each for each in kept if each != column]
        kept = rest if _covers(matrix, rest) else kept
    return kept


def _smallest_of_all(matrix, otherwise):
    """The same, if every bug must be convicted, also one that no test convicts: then there is no such set."""
    return _smallest(matrix) if matrix.any(axis=1).all() else otherwise


def _columns(answer):
    """An answer as a list of columns, in order; a mask stays one, and what is none of these is None."""
    try:
        array = np.ravel(sorted(answer) if isinstance(answer, set | frozenset) else answer)
        return array.tolist() if array.dtype == bool else sorted(int(each) for each in array)
    except (TypeError, ValueError):
        return None


def _judge_cover(answer):
    """None, the name of a mistake, or a sentence: first where every bug is convicted by some test, then where not."""
    if not callable(answer):
        return f"a function is expected here, and yours is of type {type(answer).__name__}: hand over the function."
    draws = [_bugs_and_tests(np.random.default_rng(seed))[0] for seed in range(6)]
    matrices, given, stops = sorted(draws, key=lambda matrix: not matrix.any(axis=1).all()), [], False
    for matrix in matrices:
        try:
            given.append(answer(matrix))
        except (StopIteration, RuntimeError, IndexError, ValueError):
            stops = not matrix.any(axis=1).all()
            if not stops:
                raise
            break
    if all(each is None or each is Ellipsis for each in given):
        raise NotImplementedError  # a hole
    if any(each is None for each in given):
        return "for some inputs your function returns None: does each branch return something?"
    given = list(map(_columns, given))
    for mistake in SMALLEST_COVER.mistakes:
        if mistake.name != _STOPS and given == [_columns(mistake.answer()(matrix)) for matrix in matrices]:
            return mistake.name
    return next(filter(None, map(_fault_of_a_cover, given, matrices)), _STOPS if stops else None)


def _fault_of_a_cover(columns, matrix):
    """What is wrong with a list of columns, a sentence; None if it is one of the smallest covers."""
    num_bugs, num_tests = matrix.shape
    if columns is None or any(each is True or each is False or not 0 <= each < num_tests for each in columns):
        return f"return a list of columns, whole numbers from 0 to {num_tests - 1} if there are {num_tests} tests."
    if len(set(columns)) < len(columns):
        return f"you name a test twice: {columns}."
    if not _covers(matrix, columns):
        free = int(np.flatnonzero(matrix.any(axis=1) & ~matrix[:, columns].any(axis=1))[0])
        return f"of {num_bugs} bugs your tests {columns} do not convict bug {free}, which another test convicts."
    smallest = len(_smallest(matrix))
    return None if len(columns) == smallest else f"your {len(columns)} tests convict all, and {smallest} would do."


def _bugs_and_tests(rng):
    """Two tests share out the bugs; a third convicts most of both shares; some convict few; at times a bug is free."""
    copies = int(rng.integers(1, 3))
    shares = np.array([[1, 0, 0], [1, 0, 1], [1, 0, 1], [0, 1, 1], [0, 1, 1], [0, 1, 0]] * copies, bool)
    few = (rng.random((len(shares), int(rng.integers(1, 4)))) < 0.3) & shares[:, :1]
    matrix = np.concatenate([shares, few, np.zeros((len(shares), 1), bool)], axis=1)
    if rng.random() < 0.5:
        matrix = np.concatenate([matrix, np.zeros((1, matrix.shape[1]), bool)])
    return (matrix[rng.permutation(len(matrix))][:, rng.permutation(matrix.shape[1])],)


def _stopping(matrix):
    """The first of all sets that convict every bug; there is none if a bug is convicted by no test."""
    sets = (
        list(c) for size in range(matrix.shape[1] + 1) for c in itertools.combinations(range(matrix.shape[1]), size)
    )
    return next(columns for columns in sets if matrix[:, columns].any(axis=1).all())


_STOPS = "stops at a free bug"

SMALLEST_COVER = Exercise(
    reference=lambda: _smallest,
    judge_with=_judge_cover,
    mistakes=(
        Mistake(
            _STOPS,
            lambda: _stopping,
            "right, as long as every bug is convicted by some test. With one that no test convicts no set convicts "
            "all, so your search ends without finding any, and stops with an error. Leave such rows out first.",
        ),
        Mistake(
            "greedy",
            lambda: _greedy,
            "you always take the test that convicts most of those still free. That is quick, and not always smallest: "
            "here two tests would do, and the busiest is neither. Try all sets, the small ones first.",
        ),
        Mistake(
            "all tests",
            lambda: lambda matrix: list(range(matrix.shape[1])),
            "these are all tests. Which of them can be left out?",
        ),
        Mistake(
            "those that convict anybody",
            lambda: lambda matrix: np.flatnonzero(matrix.any(axis=0)).tolist(),
            "these are all tests that convict somebody. Which of them can be left out?",
        ),
        Mistake(
            "one bug more",
            lambda: lambda matrix: np.flatnonzero(matrix.sum(axis=0) == matrix.sum(axis=0).max()).tolist(),
            "this is the test that convicts most. Together your tests must convict *every* bug that can be convicted.",
        ),
        Mistake(
            "one after the other",
            lambda: _one_by_one,
            "you leave out one test after the other. What is left cannot be made smaller, but another set is: try all "
            "sets, the small ones first.",
        ),
        Mistake(
            "a free bug, and all tests",
            lambda: lambda matrix: _smallest_of_all(matrix, list(range(matrix.shape[1]))),
            "right, as long as every bug is convicted by some test. A bug that no test convicts makes every set fail: "
            "leave such rows out first.",
        ),
        Mistake(
            "a free bug, and no test",
            lambda: lambda matrix: _smallest_of_all(matrix, []),
            "right, as long as every bug is convicted by some test; with one that no test convicts your set is empty. "
            "Leave such rows out, and search for the others.",
        ),
        Mistake(
            "counted from one",
            lambda: lambda matrix: [column + 1 for column in _smallest(matrix)],
            "you count the columns from 1; the first is 0.",
        ),
        Mistake(
            "a mask",
            lambda: lambda matrix: np.isin(np.arange(matrix.shape[1]), _smallest(matrix)),
            "return the *numbers* of the columns, not True and False for each: `np.flatnonzero`.",
        ),
        Mistake(
            "bugs for tests",
            lambda: lambda matrix: _smallest(matrix.T),
            "you chose rows. A row is a bug; choose columns.",
        ),
    ),
    hints=(
        "A bug that no test convicts would make every set fail: `matrix[matrix.any(axis=1)]`.",
        "For size 1, 2, 3, …: for each of `itertools.combinations(range(tests), size)`, does "
        "`matrix[:, columns].any(axis=1).all()` hold? Return the first.",
    ),
)

# --- programs and tests to repair --------------------------------------------------------------------------------


def _held_near(reconstruction, kl, capacity, beta):
    return (reconstruction + beta * np.abs(kl - capacity)).mean()


def _terms(rng):
    n = int(rng.integers(5, 9))
    return rng.gamma(9, 2, size=n), rng.gamma(4, 1, size=n), float(rng.uniform(2, 5)), float(rng.uniform(1.5, 4))


CAPACITY = Exercise(
    reference=_held_near,
    inputs=_terms,
    edges=lambda: [(np.array([20.0, 30.0, 26.0]), np.array([4.0, 1.0, 2.5]), 0.0, 3.0)],
    mistakes=(
        Mistake(
            AS_FOUND,
            lambda reconstruction, kl, capacity, beta: (reconstruction + beta * np.clip(kl, 0.0, capacity)).mean(),
            "this is the program as it was found: at capacity 0 its KL is clipped to [0, 0], so there is none, and "
            "above the capacity nothing pulls.",
        ),
        Mistake(
            "no capacity",
            lambda reconstruction, kl, capacity, beta: (reconstruction + beta * kl).mean(),
            "the clip is gone, and the capacity with it: at C > 0 the KL should be pulled towards C, not towards 0.",
        ),
        Mistake(
            "free bits",
            lambda reconstruction, kl, capacity, beta: (reconstruction + beta * np.maximum(kl, capacity)).mean(),
            "a maximum lets the KL fall below C for nothing (free bits). Asked is a price on both sides of C.",
        ),
        Mistake(
            "excess alone",
            lambda reconstruction, kl, capacity, beta: (reconstruction + beta * np.maximum(kl - capacity, 0)).mean(),
            "a KL above C costs, one below C does not. Asked is a price on both sides of C.",
        ),
        Mistake(
            "without the absolute value",
            lambda reconstruction, kl, capacity, beta: (reconstruction + beta * (kl - capacity)).mean(),
            "minus a constant: the gradient is that of β · KL, whatever C is. A distance has an absolute value.",
        ),
        Mistake(
            "squared",
            lambda reconstruction, kl, capacity, beta: (reconstruction + beta * (kl - capacity) ** 2).mean(),
            "asked is the distance |KL − C|, not its square.",
        ),
        Mistake(
            "a smaller step",
            lambda reconstruction, kl, capacity, beta: (
                0.1 * (reconstruction + beta * np.clip(kl, 0.0, capacity)).mean()
            ),
            "you scaled the loss. That is another learning rate, and the test does not look at the rate: the KL is "
            "still clipped.",
        ),
        Mistake(
            "a larger weight",
            lambda reconstruction, kl, capacity, beta: (reconstruction + 10 * beta * np.clip(kl, 0.0, capacity)).mean(),
            "ten times nothing is nothing: the KL is still clipped at the capacity.",
        ),
        Mistake(
            "the capacity of the mean",
            lambda reconstruction, kl, capacity, beta: reconstruction.mean() + beta * abs(kl.mean() - capacity),
            "you hold the *mean* KL near C. Here each example has its own price, |KL_i − C|: the mean comes last.",
        ),
        Mistake(
            "summed over the batch",
            lambda reconstruction, kl, capacity, beta: (reconstruction + beta * np.abs(kl - capacity)).sum(),
            "summed over the batch: take the mean.",
        ),
        Mistake(
            "no beta",
            lambda reconstruction, kl, capacity, beta: (reconstruction + np.abs(kl - capacity)).mean(),
            "β is gone: it weighs the distance from C.",
        ),
        Mistake(
            "beta inside",
            lambda reconstruction, kl, capacity, beta: (reconstruction + np.abs(beta * kl - capacity)).mean(),
            "β weighs the distance |KL − C|, not the KL inside of it.",
        ),
        Mistake(
            "beta on everything",
            lambda reconstruction, kl, capacity, beta: beta * (reconstruction + np.abs(kl - capacity)).mean(),
            "β weighs the distance from C alone, not the reconstruction.",
        ),
    ),
    hints=("At C = 0 the loss must be the usual one, reconstruction + β · KL.", "`beta * np.abs(kl - capacity)`."),
)

EFFECTIVE_BETA = Exercise(
    reference=(784 / 200, 784 / 1e6),
    rtol=0.01,
    atol=1e-9,
    mistakes=(
        Mistake("upside down", (200 / 784, 1e6 / 784), "upside down: divide by the weight of the *reconstruction*."),
        Mistake("exchanged", (784 / 1e6, 784 / 200), "exchanged: first the page with two means."),
        Mistake(
            "first upside down",
            Entry(0, 200 / 784),
            "the first is upside down: multiply the loss by 784, then look at the KL.",
        ),
        Mistake(
            "second upside down",
            Entry(1, 1e6 / 784),
            "the second is upside down: what does the KL weigh if the *sum* over pixels weighs 1?",
        ),
        Mistake("first by pixels alone", Entry(0, 784.0), "the first: its KL is a mean, too, over 200 latents."),
        Mistake(
            "first by latents alone",
            Entry(0, 1 / 200),
            "the first: its reconstruction is a mean, too, over 784 pixels.",
        ),
        Mistake(
            "second as written", Entry(1, 1e-6), "the second: 10⁶ multiplies a *mean* over 784 pixels, not their sum."
        ),
        Mistake("second without its weight", Entry(1, 784.0), "the second: you forgot the factor 10⁶."),
        Mistake("first is one", Entry(0, 1.0), "the first: two means are no two sums. Multiply by 784."),
    ),
    hints=("Bring both to the form Σ over pixels + β · Σ over latents: multiply the loss by a number.",),
)


def _alike(given, expected):
    return given.shape == expected.shape and bool(np.abs(given - expected).max() < 1e-6)


def _as_found_test(given, expected):
    return bool(abs((given - expected).sum()) < 1e-6)


def _pairs():
    """(given, expected) that are alike, or differ in one of several ways."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 3))
    one, cancel, lost, one_little, least, tiny = (x.copy() for _ in range(6))
    tiny[2, 0] += 5e-7
    least[3, 2] += 1.5e-6  # of 0.04: a relative tolerance beside the other does not allow it
    one[2, 1] += 1.0
    one_little[0, 1] += 3e-6  # of −0.13: more than a relative tolerance of 1e-5 allows there
    cancel[0, 0], cancel[3, 2] = cancel[0, 0] + 1, cancel[3, 2] - 1
    lost[1, 1] = np.nan
    below, small, smaller = x.copy(), x.copy(), x.copy()
    below[1] -= 0.5
    small[0, 0] += 1e-3
    smaller[1, 0] += 1.15e-5  # the mean of twelve differences is below 1e-6
    grey = np.full((4, 1), 0.3)
    bright = 255 * grey
    reordered, one_row, rounded = x[::-1].copy(), grey[:1], grey + 1e-9
    return [
        (x.copy(), x),
        *((each, x) for each in (reordered, one, cancel, lost, below, small, smaller, one_little, least, tiny)),
        (lost.copy(), lost),
        (one_row, grey),
        (grey, grey[:, 0]),
        (rounded, grey),
        (x + 5e-7, x),
        (bright + 5e-5, bright),
    ]


SICK_TEST = Exercise(
    reference=_alike,
    inputs=lambda rng: tuple(rng.normal(size=(2, *rng.integers(3, 6, size=2)))),
    edges=_pairs,
    mistakes=(
        Mistake(
            AS_FOUND,
            _as_found_test,
            "this is the test as it was found: it adds the differences *with their signs*, so that +1 and −1 cancel. "
            "It passes images in another order.",
        ),
        Mistake(
            "the mean of the differences",
            lambda given, expected: bool(abs((given - expected).mean()) < 1e-6),
            "in a mean of the differences +1 and −1 cancel, just as in their sum. Take absolute values first.",
        ),
        Mistake(
            "a mean of absolute differences",
            lambda given, expected: given.shape == expected.shape and bool(np.abs(given - expected).mean() < 1e-6),
            "a mean hides one value among many that agree. Every value counts: take the largest difference.",
        ),
        Mistake(
            "a sum of absolute differences",
            lambda given, expected: given.shape == expected.shape and bool(np.abs(given - expected).sum() < 1e-6),
            "a sum of small differences grows with the array, and fails right programs: take the largest.",
        ),
        Mistake(
            "sums compared",
            lambda given, expected: bool(abs(given.sum() - expected.sum()) < 1e-6),
            "equal sums are not equal arrays: images in another order have equal sums.",
        ),
        Mistake(
            "the largest alone",
            lambda given, expected: given.shape == expected.shape and bool((given - expected).max() < 1e-6),
            "a value that is too *small* passes: take absolute values first.",
        ),
        Mistake(
            "nothing is far off",
            lambda given, expected: given.shape == expected.shape and not (np.abs(given - expected) > 1e-6).any(),
            "NaN passes your test: it is not larger than anything. Ask that the difference *is small*, not that it is "
            "not large.",
        ),
        Mistake(
            "two NaN",
            lambda given, expected: (
                given.shape == expected.shape and np.allclose(given, expected, rtol=0, atol=1e-6, equal_nan=True)
            ),
            "two NaN at the same place pass your test. Asked is that NaN agrees with nothing: leave out `equal_nan`.",
        ),
        Mistake(
            "a narrow tolerance",
            lambda given, expected: given.shape == expected.shape and bool(np.abs(given - expected).max() < 1e-7),
            "your tolerance is smaller than asked: a difference of 5 · 10⁻⁷ must pass.",
        ),
        Mistake(
            "shapes broadcast",
            lambda given, expected: bool(np.abs(given - expected).max() < 1e-6),
            "arrays of different shapes pass: they broadcast silently. Compare the shapes first.",
        ),
        Mistake(
            "a wide tolerance",
            lambda given, expected: given.shape == expected.shape and bool(np.abs(given - expected).max() < 1e-2),
            "your tolerance is so wide that 0.001 passes. Keep 1e-6.",
        ),
        Mistake(
            "a tolerance that is a little too wide",
            lambda given, expected: given.shape == expected.shape and bool(np.abs(given - expected).max() < 1e-5),
            "your tolerance lets 0.000003 pass. Asked is 10⁻⁶ for every value.",
        ),
        Mistake(
            "a tolerance that is too wide",
            lambda given, expected: given.shape == expected.shape and bool(np.abs(given - expected).max() < 1e-4),
            "your tolerance lets 0.00005 pass. Asked is 10⁻⁶ for every value.",
        ),
        Mistake(
            "allclose as it comes",
            lambda given, expected: given.shape == expected.shape and np.allclose(given, expected),
            "`np.allclose` has two tolerances, and both act: it allows atol + rtol · |expected|, with atol = 1e-8 and "
            "rtol = 1e-5. Say rtol=0, atol=1e-6.",
        ),
        Mistake(
            "allclose as it comes, and shapes broadcast",
            np.allclose,
            "two things: arrays of different shapes pass, as they broadcast; and `np.allclose` allows atol + rtol · "
            "|expected|, both of them, with rtol = 1e-5 if you do not set it to 0.",
        ),
        Mistake(
            "a relative tolerance beside the absolute one",
            lambda given, expected: given.shape == expected.shape and np.allclose(given, expected, atol=1e-6),
            "the relative tolerance of `np.allclose` acts, too: rtol is 1e-5 unless you set it to 0, so that large "
            "values may be further off than 10⁻⁶.",
        ),
        Mistake(
            "exactly equal",
            lambda given, expected: np.array_equal(given, expected),
            "rounding fails your test: 1e-9 is no difference here. Keep the tolerance of 1e-6.",
        ),
        Mistake(
            "the wrong way round",
            lambda given, expected: not _alike(given, expected),
            "turned round: True means that the test passes.",
        ),
    ),
    hints=("`np.abs(given - expected)`: no sign, no cancelling.", "`given.shape == expected.shape and …max() < 1e-6`."),
)
