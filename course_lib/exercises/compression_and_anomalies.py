"""Exercises of compression and anomalies: what a symbol costs, what a score finds, and where to draw the line."""

import math
from inspect import unwrap

import numpy as np

from course_lib.exercises.calls import line_of
from course_lib.exercises.engine import Entry, Exercise, Mistake


def _push(state, symbol, frequencies):
    frequency, start = frequencies[symbol], sum(frequencies[:symbol])
    return state // frequency * sum(frequencies) + start + state % frequency


_MESSAGES = (
    (1000, 1, [11, 3, 2]),
    (123_456_789, 2, [5, 9, 2, 4]),
    (29, 3, [6, 1, 2, 7]),
    (0, 2, [1, 2, 1]),
    (7, 0, [4, 4]),
    (2**200 + 2**100 + 12_345, 1, [3, 5, 8]),  # more than a float can hold
)


def _judge_push(answer):
    """None, the name of a mistake, or a sentence: exact for numbers of any length, which no array holds."""
    if not callable(answer):
        return f"a function is expected here, and yours is of type {type(answer).__name__}."
    try:
        given = [answer(state, symbol, list(table)) for state, symbol, table in _MESSAGES]
    except OverflowError as error:
        return (
            f"a number overflowed: the longest state that is tried has {_MESSAGES[-1][0].bit_length()} bits, an "
            "integer of NumPy has room for 64, and a float for 53. Python's own numbers have no largest one: use "
            "`sum(…)` and `//`, and put `int(…)` around what NumPy returns, before it meets the state."
            f"{line_of(error, unwrap(answer))}"
        )
    if all(each is None or each is Ellipsis for each in given):
        raise NotImplementedError
    if any(each is None for each in given):
        return "for some inputs your function returns None: does each branch return something?"
    others = [each for each in given if not isinstance(each, int)]
    if others:
        return _no_whole_number(others[0])
    if given == [_push(*message) for message in _MESSAGES]:
        return None
    for mistake in PUSH.mistakes:
        if given == [mistake.answer()(*message) for message in _MESSAGES]:
            return mistake.name
    wrong = next(number for number, message in enumerate(_MESSAGES) if given[number] != _push(*message))
    state, symbol, table = _MESSAGES[wrong]
    if state == _MESSAGES[-1][0]:
        return f"right for short states, and wrong for one of {state.bit_length()} bits: where does a digit get lost?"
    return f"push({state}, {symbol}, {table}) should be {_push(state, symbol, table)}, yours is {given[wrong]}."


def _no_whole_number(state):
    """A sentence on a new state that is none of Python's whole numbers."""
    if isinstance(state, float):
        return "the new state is a float, which keeps 53 bits. Divide whole numbers with `//`, and it stays whole."
    if isinstance(state, np.generic | np.ndarray):
        return (
            "the new state is a number of NumPy, which has no room for a long message. Python's own have: use "
            "`sum(…)`, or put `int(…)` around what NumPy returns."
        )
    return f"return the new state, one whole number; yours is of type {type(state).__name__}."


PUSH = Exercise(
    reference=lambda: _push,
    judge_with=_judge_push,
    mistakes=(
        Mistake(
            "forgets the symbols before",
            lambda: lambda s, symbol, f: s // f[symbol] * sum(f) + s % f[symbol],
            "c is missing, the sum of the frequencies before the symbol: every symbol would lie in the first place.",
        ),
        Mistake(
            "forgets the rest",
            lambda: lambda s, symbol, f: s // f[symbol] * sum(f) + sum(f[:symbol]),
            "the rest s mod f is missing: several states would become one, and no pop could tell them apart.",
        ),
        Mistake(
            "rest of the sum",
            lambda: lambda s, symbol, f: s // f[symbol] * sum(f) + sum(f[:symbol]) + s % sum(f),
            "the rest is taken modulo f, the frequency of this symbol; M is what `pop` divides by.",
        ),
        Mistake(
            "with the symbol itself",
            lambda: lambda s, symbol, f: s // f[symbol] * sum(f) + sum(f[: symbol + 1]) + s % f[symbol],
            "c is the sum of the frequencies *before* the symbol, without its own: frequencies[:symbol].",
        ),
        Mistake(
            "times the frequency",
            lambda: lambda s, symbol, f: s // sum(f) * f[symbol] + sum(f[:symbol]) + s % sum(f),
            "f and M are exchanged: the state shrinks, as in `pop`. A rare symbol must make it grow most.",
        ),
        Mistake(
            "a quotient of floats",
            lambda: lambda s, symbol, f: int(s / f[symbol]) * sum(f) + sum(f[:symbol]) + s % f[symbol],
            "`/` makes a float, which keeps 53 bits: a long message is lost. Divide whole numbers with `//`.",
        ),
        Mistake(
            "the growth alone",
            lambda: lambda s, symbol, f: s * sum(f) // f[symbol],
            "s · M / f is how much the state grows. To name its symbol it is made of three parts: ⌊s/f⌋ M, c, s mod f.",
        ),
        Mistake(
            "frequency of the place",
            lambda: lambda s, symbol, f: s // f[symbol] * len(f) + sum(f[:symbol]) + s % f[symbol],
            "M is the sum of the frequencies, not the number of the symbols.",
        ),
    ),
    hints=(
        "f is frequencies[symbol], c is sum(frequencies[:symbol]), M is sum(frequencies).",
        "state // f * M + c + state % f.",
    ),
)


def _masses(mean, scale, edges):
    from scipy.special import ndtr

    return np.diff(ndtr((edges - mean[:, None]) / scale[:, None]), axis=1)


def _posteriors(rng):
    from scipy.special import ndtri

    count, bins = int(rng.integers(3, 7)), int(rng.integers(8, 17))
    edges = ndtri(np.linspace(0, 1, bins + 1)) + rng.uniform(-0.1, 0.1)
    return rng.normal(0, 1, size=count), rng.uniform(-2.5, 0.8, size=count), edges


def _density_times_width(mean, log_var, edges):
    scale = np.exp(0.5 * log_var)[:, None]
    with np.errstate(invalid="ignore"):
        density = np.exp(-0.5 * (((edges[1:] + edges[:-1]) / 2 - mean[:, None]) / scale) ** 2)
        return density / scale / math.sqrt(2 * math.pi) * np.diff(edges)


BIN_MASSES = Exercise(
    reference=lambda mean, log_var, edges: _masses(mean, np.exp(0.5 * log_var), edges),
    inputs=_posteriors,
    edges=lambda: [(np.array([0.3, -1.0]), np.array([-1.2, 0.4]), np.array([-np.inf, 0.5, -1.5, 1.0, np.inf]))],
    mistakes=(
        Mistake(
            "as found",
            lambda mean, log_var, edges: _masses(mean, np.exp(log_var), edges),
            "exp(log_var) is the *variance*; norm.cdf wants standard deviations. The coder works all the same: "
            "only its q is another one.",
        ),
        Mistake(
            "log-variance as scale",
            lambda mean, log_var, edges: _masses(mean, np.abs(log_var), edges),
            "log_var is a logarithm: exp(log_var / 2) is the standard deviation.",
        ),
        Mistake(
            "half the logarithm",
            lambda mean, log_var, edges: _masses(mean, 0.5 * log_var, edges),
            "log_var / 2 is the *logarithm* of the standard deviation: take exp of it.",
        ),
        Mistake(
            "root of the logarithm",
            lambda mean, log_var, edges: _masses(mean, np.sqrt(np.abs(log_var)), edges),
            "log_var is a logarithm: take exp of it before the root, or exp(log_var / 2).",
        ),
        Mistake(
            "divided once more",
            lambda mean, log_var, edges: _masses(mean, np.exp(-0.5 * log_var), edges),
            "you divide by one over the scale: the sign of log_var is turned round.",
        ),
        Mistake(
            "mean left out",
            lambda mean, log_var, edges: _masses(np.zeros_like(mean), np.exp(0.5 * log_var), edges),
            "the mean is missing: every image would have its code in the middle.",
        ),
        Mistake(
            "wrong sign of the mean",
            lambda mean, log_var, edges: _masses(-mean, np.exp(0.5 * log_var), edges),
            "standardise with edges − mean, not edges + mean.",
        ),
        Mistake(
            "shares below the edges",
            lambda mean, log_var, edges: np.cumsum(_masses(mean, np.exp(0.5 * log_var), edges), axis=1),
            "these are masses added up from the left. The mass of one bin is the *difference* at its two edges.",
        ),
        Mistake(
            "densities",
            lambda mean, log_var, edges: (
                np.exp(
                    -0.5 * (((edges[1:] + edges[:-1]) / 2 - mean[:, None]) / np.exp(0.5 * log_var)[:, None]) ** 2
                    - 0.5 * log_var[:, None]
                )
                / math.sqrt(2 * math.pi)
            ),
            "that is the density in the middle of the bin. The mass is an integral: the difference of the cdf.",
        ),
        Mistake(
            "density times width",
            _density_times_width,
            "the density in the middle, times the width: near the mass if the bin is narrow, and the outermost bins "
            "are infinitely wide. The mass is the difference of the cdf at the two edges.",
        ),
    ),
    hints=(
        "What does an encoder return as `log_var`, and what does norm.cdf((edges − mean) / scale) divide by?",
        "The scale is np.exp(0.5 * log_var).",
    ),
)

_NATS = 78 + 18
BITS_OF_A_VAE = Exercise(
    reference=_NATS / math.log(2) / 784,
    rtol=0.02,
    mistakes=(
        Mistake("nats", _NATS / 784, "that is in nats. Divide by ln 2 = 0.693: a nat is 1.44 bits."),
        Mistake("an image", _NATS / math.log(2), "that is the whole image. Divide by its 784 pixels."),
        Mistake("nats an image", float(_NATS), "that is nats for the whole image. In bits? And per pixel?"),
        Mistake(
            "with β",
            (78 + 4 * 18) / math.log(2) / 784,
            "β is a weight of the training's loss, and no price: the file pays the KL once.",
        ),
        Mistake(
            "reconstruction alone",
            78 / math.log(2) / 784,
            "the reconstruction is the price of x if z is known. Sending z costs the KL more.",
        ),
        Mistake("KL alone", 18 / math.log(2) / 784, "that is the price of z. Who sends x, given z?"),
        Mistake(
            "the difference",
            (78 - 18) / math.log(2) / 784,
            "the KL is paid, not earned: bits back are in it already, as log q.",
        ),
        Mistake("times ln 2", _NATS * math.log(2) / 784, "a nat is more than a bit: divide by ln 2, do not multiply."),
        Mistake("nats with β", (78 + 4 * 18) / 784, "β is no price, and this is in nats."),
    ),
    hints=(
        "Net bits are −ELBO / ln 2, and −ELBO is reconstruction plus KL, whatever β was.",
        "96 nats are 138.5 bits.",
    ),
)

AUROC_BY_HAND = Exercise(
    reference=5.5 / 12,
    rtol=0.008,
    mistakes=(
        Mistake(
            "the other direction",
            6.5 / 12,
            "that is the AUROC of +log p. A *low* log p is to ring: count pairs in which the anomaly has less.",
        ),
        Mistake("ties are lost", 5 / 12, "one pair is equal, 95 and 95. It counts one half."),
        Mistake("ties are won", 6 / 12, "one pair is equal, 95 and 95. It counts one half, not one."),
        Mistake("pairs", 5.5, "that is the number of pairs. Divide by all pairs, 4 · 3."),
        Mistake("pairs of the other direction", 6.5, "that counts pairs with the *higher* log p, and is not divided."),
        Mistake("divided by seven", 5.5 / 7, "divide by the number of *pairs*, 4 · 3, not by the number of images."),
        Mistake("by the normal ones", 5.5 / 4, "a share cannot exceed 1: divide by the number of pairs, 4 · 3."),
        Mistake("by the anomalies", 5.5 / 3, "a share cannot exceed 1: divide by all pairs, four for each anomaly."),
    ),
    hints=(
        "12 pairs of an anomaly and a normal image: in how many has the anomaly the smaller log p?",
        "92 is below 95, 100 and 110; 95 ties once and is below two; 120 is below none.",
    ),
)

READ_THE_TABLE = Exercise(
    reference={"a", "f"},
    words="abcdef",
    mistakes=(
        Mistake("(a) left out", Entry("a"), "(a): read the nats beside the names: 917 against some 540."),
        Mistake(
            "(b)", Entry("b"), "(b): their −log p is *smaller* than that of letters. No threshold makes small large."
        ),
        Mistake("(c)", Entry("c"), "(c): compare the row of the mirrored letters."),
        Mistake(
            "(d)",
            Entry("d"),
            "(d): 0.000 separates perfectly, upside down. A score that knows nothing has one half.",
        ),
        Mistake(
            "(e)",
            Entry("e"),
            "(e): the Gaussian model was perfect, and the middle still had the highest density: mass per volume.",
        ),
        Mistake("(f) left out", Entry("f"), "(f): leave out the blank pages, and −log p has a better mean."),
    ),
    hints=(
        "For (d) and (e) go back to the Gaussian in 64 dimensions, whose model is perfect.",
        "Two of the six are right.",
    ),
)


def _order_statistic(calibration, order):
    return np.sort(calibration)[min(max(order, 1), len(calibration)) - 1]


def _conformal(calibration, alpha):
    return _order_statistic(calibration, math.ceil((1 - alpha) * (len(calibration) + 1) - 1e-9))


def _calibrations(rng):
    """From 30 to 60 skewed scores in no order, and a rate for which k is not whole before it is rounded."""
    count = int(rng.integers(30, 61))
    wanted = int(rng.integers(round(0.3 * count), round(0.94 * count)))
    return rng.gamma(2.0, 1.0, size=count) - 1.0, float(1 - (wanted - rng.uniform(0.1, 0.9)) / (count + 1))


CONFORMAL_THRESHOLD = Exercise(
    reference=_conformal,
    inputs=_calibrations,
    draws=12,
    rtol=1e-9,
    atol=1e-9,
    edges=lambda: [
        (np.random.default_rng(5).normal(size=99), 0.05),
        (np.random.default_rng(6).normal(size=39), 0.05),
        (np.random.default_rng(7).permutation(np.repeat([1.0, 2.0, 4.0], 13)), 0.6),
    ],
    mistakes=(
        Mistake(
            "without the new one",
            lambda scores, alpha: _order_statistic(scores, math.ceil((1 - alpha) * len(scores) - 1e-9)),
            "k counts among n + 1 scores: the new one is one of them. You took ⌈(1 − α) n⌉.",
        ),
        Mistake(
            "rounded down",
            lambda scores, alpha: _order_statistic(scores, math.floor((1 - alpha) * (len(scores) + 1) + 1e-9)),
            "rounded down, the rate lies above α. Round k *up*.",
        ),
        Mistake(
            "rounded to the nearest",
            lambda scores, alpha: _order_statistic(scores, round((1 - alpha) * (len(scores) + 1))),
            "rounded to the nearest, the rate lies above α for every other n. Round k *up*.",
        ),
        Mistake(
            "the higher quantile",
            lambda scores, alpha: np.quantile(scores, 1 - alpha, method="higher"),
            "np.quantile counts among n scores, from 0 to n − 1. The new one counts, too: take k among n + 1.",
        ),
        Mistake(
            "one too far",
            lambda scores, alpha: np.sort(np.append(scores, np.inf))[
                min(math.ceil((1 - alpha) * (len(scores) + 1) - 1e-9), len(scores) - 1)
            ],
            "Python counts from 0: the k-th smallest is `np.sort(calibration)[k - 1]`.",
        ),
        Mistake(
            "from the other end",
            lambda scores, alpha: _order_statistic(scores, math.ceil(alpha * (len(scores) + 1) - 1e-9)),
            "that lets the share 1 − α ring: high scores are anomalous, so the line lies near the top.",
        ),
        Mistake(
            "sorted downwards",
            lambda scores, alpha: np.sort(scores)[len(scores) - math.ceil((1 - alpha) * (len(scores) + 1) - 1e-9)],
            "you count k from the *largest* score. It counts from the smallest.",
        ),
        Mistake(
            "not sorted",
            lambda scores, alpha: scores[math.ceil((1 - alpha) * (len(scores) + 1) - 1e-9) - 1],
            "the scores come in no order: sort them first.",
        ),
        Mistake(
            "np.quantile",
            lambda scores, alpha: np.quantile(scores, 1 - alpha),
            "np.quantile goes between two scores, of n: it gives more false alarms than α. Take the k-th of them.",
        ),
        Mistake(
            "a bell",
            lambda scores, alpha: scores.mean() + _upper(alpha) * scores.std(),
            "that is the line of a Gaussian. The guarantee must hold for every law: only ranks can give it.",
        ),
        Mistake(
            "a bell, with n − 1",
            lambda scores, alpha: scores.mean() + _upper(alpha) * scores.std(ddof=1),
            "that is the line of a Gaussian, with n − 1 in its deviation. The guarantee must hold for every law: only "
            "ranks can give it.",
        ),
        Mistake(
            "mean and deviation",
            lambda scores, alpha: scores.mean() + 2 * scores.std(),
            "mean plus two deviations does not know α, and promises nothing for a skewed law.",
        ),
        Mistake(
            "the largest",
            lambda scores, alpha: scores.max(),
            "the largest score gives the rate 1/(n + 1), whatever α is.",
        ),
        Mistake(
            "k itself",
            lambda scores, alpha: float(math.ceil((1 - alpha) * (len(scores) + 1) - 1e-9)),
            "that is k. The threshold is the k-th smallest *score*.",
        ),
    ),
    hints=(
        "k is ⌈(1 − α)(n + 1)⌉: np.ceil, as an integer. If a product is 55.00000000000001, subtract 1e-9 first.",
        "np.sort(calibration)[k - 1].",
    ),
)


def _upper(alpha):
    from scipy.special import ndtri

    return ndtri(1 - alpha)


_HITS, _FALSE = 0.05 * 0.8, 0.95 * 0.1
PRECISION_OF_ALARMS = Exercise(
    reference=_HITS / (_HITS + _FALSE),
    rtol=0.015,
    mistakes=(
        Mistake("the hit rate", 0.8, "that is the share of *broken parts* that are rejected. Turn the question round."),
        Mistake(
            "equally many of both",
            0.8 / 0.9,
            "that holds if every second part is broken. Weigh both by how frequent they are.",
        ),
        Mistake(
            "all parts are good ones",
            _HITS / (_HITS + 0.1),
            "nearly: it rings for 10 % of the *good* parts, which are 95 % of all, not all. That matters where broken "
            "ones are not very rare.",
        ),
        Mistake(
            "a ratio",
            _HITS / _FALSE,
            "that is broken over good, among the rejected. The share is broken over *all* rejected.",
        ),
        Mistake(
            "good ones",
            _FALSE / (_HITS + _FALSE),
            "that is the share of *good* parts among the rejected.",
        ),
        Mistake("rejected", _HITS + _FALSE, "that is the share of all parts that are rejected."),
        Mistake("broken and rejected", _HITS, "that is the share of all parts that are broken *and* rejected."),
        Mistake("prevalence", 0.05, "that is the share of broken parts before the detector looked."),
        Mistake("per cent", 100 * _HITS / (_HITS + _FALSE), "give a share, between 0 and 1."),
    ),
    hints=(
        "Of 10,000 parts: how many are broken, and how many of those are rejected? How many good ones are rejected?",
        "Of 10,000 parts 400 broken ones are rejected, and 950 good ones.",
    ),
)
