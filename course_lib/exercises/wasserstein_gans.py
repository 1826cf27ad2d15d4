"""Exercises of Wasserstein GANs: transport by hand, slopes, and the penalty on them."""

import math

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake

TRANSPORT_BY_HAND = Exercise(
    reference=7 / 3,
    rtol=0.01,
    mistakes=(
        Mistake("as listed", 3.0, "you went in the order of the list. Is there nothing cheaper? Sort both sides."),
        Mistake("sum", 7.0, "that is the whole way of three loads. Each load is a *third* of the earth."),
        Mistake("means", 1 / 3, "that is the difference of the means. Ways to the left and to the right cancel in it."),
        Mistake("squares", 17 / 3, "these are squared ways. Here a way costs its length."),
        Mistake("root of squares", math.sqrt(17 / 3), "that is W₂, the root of the mean *squared* way. W₁ was asked."),
        Mistake("dearest", 11 / 3, "that is the dearest plan: smallest to largest. Look for the cheapest."),
        Mistake("median", 2.0, "that is the way of one of the loads. Take the mean of all three."),
    ),
    hints=("Sort both lists: 0, 1, 7 and 2, 3, 4.", "The smallest goes to the smallest: 2 + 2 + 3, three loads of ⅓."),
)


def _area(p, q, width):
    return float(np.abs(np.cumsum(p - q)).sum() * width)


def _two_histograms(rng):
    p, q = rng.dirichlet(np.ones(int(rng.integers(9, 15))), size=2)
    q[:3], q[-3:] = q[:3] + 0.4, q[-3:] + 0.5  # more at both ends, so that the gap changes its sign
    return p, q / q.sum(), float(rng.uniform(0.2, 0.7))


AREA_BETWEEN = Exercise(
    reference=_area,
    inputs=_two_histograms,
    mistakes=(
        Mistake(
            "not added up",
            lambda p, q, width: np.abs(p - q).sum() * width,
            "you compare the bars, not the sums up to a border. How much earth must cross a border is `np.cumsum`.",
        ),
        Mistake(
            "total variation",
            lambda p, q, width: 0.5 * np.abs(p - q).sum(),
            "that is the total variation. It does not know how *far* the earth goes.",
        ),
        Mistake(
            "cancelled",
            lambda p, q, width: abs(np.cumsum(p - q).sum()) * width,
            "earth that goes right and earth that goes left cancel: take the absolute value at *each* border.",
        ),
        Mistake(
            "signed",
            lambda p, q, width: np.cumsum(p - q).sum() * width,
            "that is the difference of the means, with its sign. A way back costs as much as a way forth.",
        ),
        Mistake(
            "no width",
            lambda p, q, width: np.abs(np.cumsum(p - q)).sum(),
            "that is the cost in bars. Crossing a border means a way of one `width`.",
        ),
        Mistake(
            "squares",
            lambda p, q, width: np.square(np.cumsum(p - q)).sum() * width,
            "you squared the gaps. A cost per way is linear in the earth that is carried.",
        ),
        Mistake(
            "mean",
            lambda p, q, width: np.abs(np.cumsum(p - q)).mean() * width,
            "you averaged over the borders. Every border must be crossed: sum.",
        ),
        Mistake(
            "largest gap",
            lambda p, q, width: np.abs(np.cumsum(p - q)).max(),
            "that is the largest gap, the statistic of Kolmogorov and Smirnov. Add all gaps.",
        ),
        Mistake(
            "halved",
            lambda p, q, width: 0.5 * _area(p, q, width),
            "half of it: a ½ belongs to the total variation. Each load crosses a border once.",
        ),
        Mistake(
            "divided by the width",
            lambda p, q, width: np.abs(np.cumsum(p - q)).sum() / width,
            "you divided by the width. What crosses a border goes on by one `width`: multiply.",
        ),
        Mistake(
            "shares read as densities",
            lambda p, q, width: _area(p, q, width) * width,
            "one `width` is too many: p and q are shares of the earth already, not densities.",
        ),
        Mistake(
            "trapezium",
            lambda p, q, width: _area(p, q, width) - 0.5 * np.abs(p[0] - q[0]) * width,
            "the trapezium rule counts the gap at the first border by half. Each border is crossed once: a plain sum.",
        ),
        Mistake(
            "absolute value too early",
            lambda p, q, width: np.cumsum(np.abs(p - q)).sum() * width,
            "you took absolute values before adding up, so that too much and too little never cancel. First "
            "`np.cumsum(p - q)`.",
        ),
    ),
    hints=(
        "F_p − F_q at the right end of each bar is np.cumsum(p − q): what is too much on the left must cross here.",
        "Sum the absolute values, times the width of a bar.",
    ),
)


_LINES = {"KL": math.inf, "JSD": math.log(2.0), "W1": 0.5, "slope of JSD": 0.0, "slope of W1": 1.0}

PARALLEL_LINES = Exercise(
    reference=_LINES,
    rtol=0.005,
    mistakes=(
        Mistake(
            "bits", _LINES | {"JSD": 1.0}, "one *bit*: right, in another unit. In nats, take the natural logarithm."
        ),
        Mistake(
            "JSD of equal laws",
            _LINES | {"JSD": 0.0},
            "JSD is 0 for *equal* laws. These share no point: to the best judge an example gives its label away.",
        ),
        Mistake("V", _LINES | {"JSD": 2 * math.log(2.0)}, "that is 2 JSD, as it stands in V(D*). Here JSD alone."),
        Mistake("infinite JSD", _LINES | {"JSD": math.inf}, "the mixture has mass wherever either has: JSD is finite."),
        Mistake(
            "KL of the ceiling",
            _LINES | {"KL": math.log(2.0)},
            "KL has no ceiling. What is log(p/q) on the real line, where q is 0?",
        ),
        Mistake(
            "KL of equal laws",
            _LINES | {"KL": 0.0},
            "KL is 0 only for equal laws. What is log(p/q) on the real line, where q is 0?",
        ),
        Mistake(
            "slope of JSD",
            _LINES | {"slope of JSD": 1.0},
            "JSD is the same at θ = 0.5, 0.4 and 0.01. What is the slope of a constant?",
        ),
        Mistake(
            "squared way",
            _LINES | {"W1": 0.25, "slope of W1": 1.0},
            "that is the squared way. Each point goes straight across, and the way costs its length.",
        ),
        Mistake(
            "slope of W1",
            _LINES | {"slope of W1": 0.5},
            "0.5 is its value. How much does it grow, for each unit that θ grows?",
        ),
        Mistake("KL", Entry("KL"), "KL: on the real line q is 0. What is log(p/q) there?"),
        Mistake("JSD", Entry("JSD"), "JSD: at every point one of the two densities is 0, so D is always sure."),
        Mistake("W1", Entry("W1"), "W₁: each point goes straight across. How far?"),
        Mistake(
            "other slope of JSD", Entry("slope of JSD"), "slope of JSD: how does JSD change with θ, as long as θ > 0?"
        ),
        Mistake("other slope of W1", Entry("slope of W1"), "slope of W₁: the way across is θ. What is its derivative?"),
        Mistake(
            "flat W1",
            _LINES | {"slope of W1": 0.0},
            "the way across is θ, so it grows with θ: that is the point of this distance.",
        ),
    ),
    hints=(
        "They share no point. KL: log(p/q) with q = 0. JSD: its ceiling.",
        "Each point goes straight across: W₁ = θ. The slopes are derivatives with respect to θ.",
    ),
)


_LIPSCHITZ = frozenset("ABEFG")

WHICH_ARE_LIPSCHITZ = Exercise(
    reference=_LIPSCHITZ,
    words="ABCDEFGH",
    mistakes=(
        Mistake(
            "no kinks",
            _LIPSCHITZ - set("AG"),
            "a kink is no steep slope: |f(a) − f(b)| ≤ |a − b| holds across it. The best critics have kinks.",
        ),
        Mistake("no sine", Entry("B"), "the slope of sin x is cos x: never steeper than 1."),
        Mistake("no kink in |x|", _LIPSCHITZ - set("A"), "|x| has a kink at 0, and a slope of 1 on both sides."),
        Mistake("no ReLU", _LIPSCHITZ - set("G"), "max(x, 0) has slopes 0 and 1: that is allowed."),
        Mistake(
            "sigmoid",
            _LIPSCHITZ - set("E"),
            "the slope of a sigmoid is at most ¼: D(1 − D) at D = ½. Times 4 that is 1, and not more.",
        ),
        Mistake(
            "the hyperbola",
            _LIPSCHITZ - set("F"),
            "the slope of √(1 + x²) is x/√(1 + x²), always below 1, although the function has no upper end.",
        ),
        Mistake(
            "bounded ones",
            frozenset("BDE"),
            "those are the *bounded* functions. What is limited here is how fast a function changes, not how far.",
        ),
        Mistake(
            "tanh",
            _LIPSCHITZ | {"D"},
            "2 tanh x is bounded, yet at 0 its slope is 2.",
        ),
        Mistake(
            "the root",
            _LIPSCHITZ | {"H"},
            "√|x| is flat far out, and endlessly steep at 0.",
        ),
        Mistake(
            "tanh and the root",
            _LIPSCHITZ | set("DH"),
            "two of yours are too steep at x = 0. Compute the slopes there.",
        ),
        Mistake("the square", _LIPSCHITZ | {"C"}, "the slope of x² is 2x: at x = 3 it is 6."),
        Mistake("all", frozenset("ABCDEFGH"), "look for the steepest place of each; for some it is x = 0."),
    ),
    hints=("Where is each function steepest, and how steep is it there?", "Three of the eight are too steep."),
)


SLOPE_OF_TWO_POINTS = Exercise(
    reference=lambda distance, weight: 1 + distance / (2 * weight),
    inputs=lambda rng: (float(rng.uniform(0.5, 6.0)), float(rng.uniform(0.8, 12.0))),
    mistakes=(
        Mistake(
            "one",
            lambda distance, weight: 1.0,
            "1 is what the penalty *wants*. But there its slope is 0, and the first term still pulls.",
        ),
        Mistake(
            "no two",
            lambda distance, weight: 1 + distance / weight,
            "the derivative of a square has a 2 in front: d/ds λ(s − 1)² = 2λ(s − 1).",
        ),
        Mistake(
            "below one",
            lambda distance, weight: 1 - distance / (2 * weight),
            "the critic *maximises*: the first term pulls the slope up, so it ends above 1.",
        ),
        Mistake(
            "without the one",
            lambda distance, weight: distance / (2 * weight),
            "that is by how much the slope exceeds 1.",
        ),
        Mistake(
            "the rise",
            lambda distance, weight: distance * (1 + distance / (2 * weight)),
            "that is the difference of the scores, W · s. The slope s itself is asked for.",
        ),
        Mistake(
            "upside down",
            lambda distance, weight: 1 + weight / (2 * distance),
            "a stronger penalty must bring the slope *nearer* to 1: where does λ belong?",
        ),
        Mistake(
            "no distance",
            lambda distance, weight: 1 + 1 / (2 * weight),
            "the derivative of W · s with respect to s is W.",
        ),
        Mistake(
            "half of the weight",
            lambda distance, weight: 1 + 2 * distance / weight,
            "solve W = 2λ(s − 1) for s once more: the 2 goes below.",
        ),
        Mistake(
            "brackets forgotten",
            lambda distance, weight: 1 + distance / 2 * weight,
            "`W / 2 * weight` multiplies by λ: Python goes from left to right. Write `W / (2 * weight)`.",
        ),
        Mistake(
            "the value at the best slope",
            lambda distance, weight: distance + distance**2 / (4 * weight),
            "that is the largest *value* of W·s − λ(s − 1)². The slope s at which it is reached is asked for.",
        ),
        Mistake(
            "half forgotten below",
            lambda distance, weight: (1 + distance) / (2 * weight),
            "the 1 is not divided: W = 2λ(s − 1) gives s − 1 = W/(2λ), and then s.",
        ),
    ),
    hints=("Set the derivative of W·s − λ(s − 1)² with respect to s to 0.", "W = 2λ(s − 1)."),
)


_ROWS = 4000


def _placed(real, samples, position):
    position = np.asarray(position).reshape((-1,) + (1,) * (real.ndim - 1))
    return position * real + (1 - position) * samples


def _positions(points, real, samples):
    """Where each coordinate lies on its own way from the sample (0) to the example (1)."""
    return ((points - samples) / (real - samples)).reshape(len(real), -1)


def _inspect_points(between):
    if not callable(between):
        return "a function of (real, samples, rng) is expected: hand over the function itself."
    draws = np.random.default_rng(5)
    real, samples = draws.normal(size=(_ROWS, 4, 3)), draws.normal(size=(_ROWS, 4, 3)) + 3.0
    rng = np.random.default_rng(6)
    first = between(real.copy(), samples.copy(), rng)
    if first is None:
        return "your function returns None: end it with `return …`."
    first, again = np.asarray(first), np.asarray(between(real.copy(), samples.copy(), rng))
    if first.shape != real.shape:
        return f"a batch of shape {real.shape} should give points of that shape, yours have {first.shape}."
    if not np.isfinite(first).all():
        return "some of your points are not finite."
    place = _positions(first, real, samples)
    return _off_the_line(place) or _badly_spread(place[:, 0], _positions(again, real, samples)[:, 0])


def _off_the_line(place):
    outside = (place < -1e-6).any() or (place > 1 + 1e-6).any()
    if np.ptp(place, axis=1).max() > 1e-5:
        if not outside and np.ptp(place, axis=0).max() < 1e-5:
            return (
                "your positions differ within an image, not between the images: give them the shape (batch, 1, …, 1)."
            )
        return "off the line" if outside else "per pixel"
    return "as found" if outside else None


def _badly_spread(position, again):
    if np.ptp(position) < 1e-6:
        return "one for the batch" if abs(position[0] - again[0]) > 1e-6 else "always the same place"
    if np.abs(position - again).max() < 1e-6:
        return "fixed positions"
    ends = np.isclose(position, 0) | np.isclose(position, 1)
    if ends.all():
        return "your positions are the two ends alone: points *between* them are wanted, every place as likely."
    if ends.mean() > 0.05:
        return "clipped"
    gap = np.abs(np.sort(position) - (np.arange(_ROWS) + 0.5) / _ROWS).max()
    return "not uniform" if gap > 2.2 / np.sqrt(_ROWS) else None


def _made(between):
    return lambda: between


def _with(positions):
    return _made(lambda real, samples, rng: _placed(real, samples, positions(rng, len(real))))


BETWEEN = Exercise(
    reference=_with(lambda rng, n: rng.uniform(size=n)),
    judge_with=_inspect_points,
    mistakes=(
        Mistake(
            "as found",
            _with(lambda rng, n: rng.normal(size=n)),
            "some of your points still lie beyond the two ends. Which distribution stays between 0 and 1?",
        ),
        Mistake(
            "per pixel",
            _made(lambda real, samples, rng: samples + rng.uniform(size=real.shape) * (real - samples)),
            "each *pixel* has a position of its own, so your points fill the box between the two images, not the line. "
            "Draw one position for each example, shape (batch, 1, …, 1).",
        ),
        Mistake(
            "off the line",
            _made(lambda real, samples, rng: real + _placed(real, samples, rng.uniform(size=len(real)))),
            "your points are not of the form t·real + (1 − t)·samples: the two shares must add up to 1.",
        ),
        Mistake(
            "one for the batch",
            _with(lambda rng, n: np.full(n, rng.uniform())),
            "one position for the whole batch: the slope is asked for at one share of the way only. Draw one for each "
            "example.",
        ),
        Mistake(
            "always the same place",
            _with(lambda rng, n: np.full(n, 0.5)),
            "always the same place on the way. A critic may be flat there and steep elsewhere: draw the position.",
        ),
        Mistake(
            "fixed positions",
            _with(lambda rng, n: np.linspace(0, 1, n + 2)[1:-1]),
            "the same positions in every call. Draw them anew from `rng`.",
        ),
        Mistake(
            "clipped",
            _with(lambda rng, n: np.clip(rng.normal(size=n), 0, 1)),
            "clipping piles up positions at 0 and 1: half of the questions are asked at a sample. Draw from a "
            "distribution that needs no clipping.",
        ),
        Mistake(
            "not uniform",
            _with(lambda rng, n: 1 / (1 + np.exp(-3 * rng.normal(size=n)))),
            "your points lie between the ends, but not evenly: all of the way counts alike.",
        ),
    ),
    hints=(
        "A position t with 0 ≤ t ≤ 1, every value as likely as any other.",
        "rng.uniform(size=…) in the place of rng.normal(size=…).",
    ),
)


def _length(slopes):
    return np.sqrt(np.square(slopes).sum(axis=(1, 2, 3)))


def _slopes_of_images(rng):
    slopes = rng.normal(size=rng.integers((5, 4, 3, 2), (9, 7, 6, 5)))
    lengths = rng.uniform(0.3, 3.0, size=(len(slopes), 1, 1, 1))
    return slopes / np.sqrt(slopes[0].size) * lengths, float(rng.uniform(2, 12))


PENALTY_OF_IMAGES = Exercise(
    reference=lambda slopes, weight: weight * (_length(slopes) - 1) ** 2,
    inputs=_slopes_of_images,
    mistakes=(
        Mistake(
            "as found",
            lambda slopes, weight: weight * ((np.linalg.norm(slopes, axis=1) - 1) ** 2).mean(axis=(1, 2)),
            "that is still the code as found: it takes a length of each *column* of pixels. One image has one slope.",
        ),
        Mistake(
            "squared length",
            lambda slopes, weight: weight * (_length(slopes) ** 2 - 1) ** 2,
            "you forgot the root: the length is wanted, not its square.",
        ),
        Mistake(
            "one-sided",
            lambda slopes, weight: weight * np.maximum(_length(slopes) - 1, 0) ** 2,
            "that is the one-sided penalty: it leaves slopes below 1 alone. Here the two-sided one is asked for.",
        ),
        Mistake(
            "zero-centred",
            lambda slopes, weight: weight * _length(slopes) ** 2,
            "that pulls the slope to 0, as R1 does. This penalty pulls it to 1.",
        ),
        Mistake(
            "mean over pixels",
            lambda slopes, weight: weight * (np.sqrt(np.square(slopes).mean(axis=(1, 2, 3))) - 1) ** 2,
            "you averaged over the pixels. The squared length of a vector is a *sum*.",
        ),
        Mistake(
            "sum of absolute values",
            lambda slopes, weight: weight * (np.abs(slopes).sum(axis=(1, 2, 3)) - 1) ** 2,
            "you added absolute values. Ways are Euclidean here, and so is the length of the gradient.",
        ),
        Mistake(
            "length of the batch",
            lambda slopes, weight: np.full(len(slopes), weight * (np.sqrt(np.square(slopes).sum()) - 1) ** 2),
            "that is one length for the whole batch. Every example has its own slope.",
        ),
        Mistake(
            "no square",
            lambda slopes, weight: weight * (_length(slopes) - 1),
            "without the square, slopes below 1 are *rewarded*.",
        ),
        Mistake(
            "absolute",
            lambda slopes, weight: weight * np.abs(_length(slopes) - 1),
            "the deviation from 1 is squared, not only made positive.",
        ),
        Mistake(
            "no weight",
            lambda slopes, weight: (_length(slopes) - 1) ** 2,
            "the factor λ is missing.",
        ),
        Mistake(
            "one number",
            lambda slopes, weight: (weight * (_length(slopes) - 1) ** 2).mean(),
            "one value for each example: the mean over the batch is taken once, in the loss.",
        ),
        Mistake(
            "a length a pixel",
            lambda slopes, weight: weight * np.square(np.linalg.norm(slopes, axis=-1) - 1).mean(axis=(1, 2)),
            "that is a length for each pixel, over its channels. One image has one slope: sum over all axes but "
            "the first.",
        ),
        Mistake(
            "a length a channel",
            lambda slopes, weight: weight * np.square(np.sqrt(np.square(slopes).sum(axis=(1, 2))) - 1).mean(axis=1),
            "that is a length for each channel. The channels belong to the same gradient: sum over them, too.",
        ),
        Mistake(
            "mean of the lengths",
            lambda slopes, weight: np.full(len(slopes), weight * (_length(slopes).mean() - 1) ** 2),
            "you averaged the lengths over the batch first. Slopes of 0.5 and 1.5 would go unpunished: penalise "
            "each example.",
        ),
    ),
    hints=(
        "One length for each image: over all axes but the first.",
        "np.sqrt(np.square(slopes).sum(axis=(1, 2, 3))) has shape (batch,).",
    ),
)


_BOUNDS = {"A": 1.2, "B": 1.5, "C": 1.0, "best": "B"}

READ_THE_CRITIC = Exercise(
    reference=_BOUNDS,
    words="ABC",
    rtol=0.01,
    mistakes=(
        Mistake(
            "raw",
            {"A": 0.012, "B": 1.65, "C": 4.0, "best": "C"},
            "those are the raw estimates. A critic that is twice as steep reports twice as much of the same: divide by "
            "the slope.",
        ),
        Mistake(
            "multiplied",
            {"A": 0.00012, "B": 1.815, "C": 16.0, "best": "C"},
            "you multiplied. A steep critic says *too much*: divide by its slope.",
        ),
        Mistake(
            "best by the raw number",
            _BOUNDS | {"best": "C"},
            "the best of several lower bounds is the largest *of them*, whatever the raw numbers say.",
        ),
        Mistake(
            "best by the slope",
            _BOUNDS | {"best": "A"},
            "a small slope is no merit: after division the largest bound is the best.",
        ),
        Mistake("A", Entry("A"), "A: divide its raw estimate by its slope, however small that is."),
        Mistake("B", Entry("B"), "B: divide its raw estimate by its slope."),
        Mistake("C", Entry("C"), "C: divide its raw estimate by its slope."),
        Mistake(
            "only the steep ones",
            _BOUNDS | {"A": 0.012},
            "a critic of slope 0.01 is as good as one of slope 1, in another unit: divide there, too.",
        ),
    ),
    hints=("Estimate divided by slope.", "All three are lower bounds of one number: the largest says most."),
)
