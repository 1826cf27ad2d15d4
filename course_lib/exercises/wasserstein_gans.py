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
            "divided by the width",
            lambda p, q, width: np.abs(np.cumsum(p - q)).sum() / width,
            "you divided by the width. `p` and `q` are shares, and to cross a bar one goes one `width`: times.",
        ),
        Mistake(
            "shares taken for densities",
            lambda p, q, width: np.abs(np.cumsum(p - q)).sum() * width**2,
            "the width counts twice: `p` and `q` are shares already, no densities that a width makes into shares.",
        ),
        Mistake(
            "trapezium",
            lambda p, q, width: np.trapezoid(np.abs(np.cumsum(p - q)), dx=width),
            "the trapezium rule halves the first and the last border. What crosses a border goes the whole bar: sum.",
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
            "a bracket",
            lambda distance, weight: 1 + distance / 2 * weight,
            "Python reads `distance / 2 * weight` from left to right: put 2 λ in brackets.",
        ),
        Mistake(
            "the maximum",
            lambda distance, weight: distance + distance**2 / (4 * weight),
            "that is the largest *value* of W s − λ(s − 1)². The s at which it is reached is asked for.",
        ),
        Mistake(
            "half of the weight",
            lambda distance, weight: 1 + 2 * distance / weight,
            "solve W = 2λ(s − 1) for s once more: the 2 goes below.",
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
    found = _off_the_line(place) or _badly_spread(place[:, 0], _positions(again, real, samples)[:, 0])
    repeated = np.asarray(between(real.copy(), samples.copy(), np.random.default_rng(6)))
    return found or (None if np.array_equal(first, repeated) else "a generator of its own")


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
    if abs(np.corrcoef(position, np.arange(_ROWS))[0, 1]) > 0.2:
        return "your positions come in order: an example's place in the batch must not decide where it is asked."
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
            "a generator of its own",
            _with(lambda rng, n: np.random.default_rng().uniform(size=n)),
            "the positions are right, but they do not come from `rng`: draw from the generator that you are given, or "
            "nobody can repeat your run.",
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
            "a length a channel",
            lambda slopes, weight: weight * ((np.linalg.norm(slopes, axis=(1, 2)) - 1) ** 2).mean(axis=-1),
            "that is a length of each *channel*. All numbers of an image are one vector: sum over axes 1, 2 and 3.",
        ),
        Mistake(
            "a length a pixel",
            lambda slopes, weight: weight * ((np.linalg.norm(slopes, axis=-1) - 1) ** 2).mean(axis=(1, 2)),
            "that is a length of each *pixel*. All numbers of an image are one vector: sum over axes 1, 2 and 3.",
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


# --- a round of WGAN-GP ------------------------------------------------------------------------------------------


class _Game:
    """A critic and a generator that note what is done with them. Each step changes the critic, or the samples."""

    def __init__(self, size):
        self.draws, self.size, self.version = np.random.default_rng(11), size, 0
        self.steps, self.generated, self.asked = [], [], []

    def generate(self, count):
        samples = self.draws.normal(2.0 + len(self.steps), 1.0, size=(count, self.size))
        self.generated.append((len(self.steps), samples.copy()))
        return samples

    def scores(self, x):
        return np.square(np.asarray(x) - 0.3 * self.version).sum(axis=1) / 6

    def slopes(self, x):
        x = np.asarray(x, dtype="float64")
        self.asked.append((len(self.steps), x.copy()))
        return (x - 0.3 * self.version) / 3

    def step_critic(self, loss):
        self.steps.append(("critic", loss, self.version))
        self.version += 1

    def step_generator(self, loss):
        self.steps.append(("generator", loss, self.version))


def _inspect_round(play):
    if not callable(play):
        return "a function of (game, real_batches, weight, rng) is expected: hand over the function itself."
    for number, (count, size) in enumerate(((5, 3), (4, 2))):
        draws, game = np.random.default_rng(20 + number), _Game(size)
        batches, weight = draws.normal(size=(count, 40, size)), float(draws.uniform(3, 9))
        play(game, [batch.copy() for batch in batches], weight, np.random.default_rng(30 + number))
        if not (game.steps or game.generated or game.asked):
            raise NotImplementedError("the round is empty")  # the engine says: not answered yet
        found = _order_of(game, count) or _critic_of(game, batches, weight) or _generator_of(game, weight)
        if found:
            return found
        again = _Game(size)
        play(again, [batch.copy() for batch in batches], weight, np.random.default_rng(30 + number))
        if not all(np.array_equal(one, other) for (_, one), (_, other) in zip(game.asked, again.asked, strict=True)):
            return "a generator of its own"
    return None


def _order_of(game, count):
    kinds = [kind for kind, _, _ in game.steps]
    if not kinds:
        return "your round takes no step: call game.step_critic and game.step_generator."
    if kinds == ["critic"] * count + ["generator"]:
        return None
    if "generator" not in kinds:
        return "the generator takes no step: after the critic's, game.step_generator(loss) once."
    if kinds == ["generator"] + ["critic"] * count:
        return "the generator first"
    if kinds == ["critic", "generator"] * count:
        return "a generator step each time"
    if kinds == ["critic", "generator"]:
        return "one critic step"
    return f"{count} steps of the critic, one for each batch, and then one of the generator; yours: {', '.join(kinds)}."


def _critic_of(game, batches, weight):
    for step, real in enumerate(batches):
        made = [samples for when, samples in game.generated if when == step]
        points = [x for when, x in game.asked if when == step]
        if not made:
            return "the same samples for all steps"
        if not points:
            return "your penalty asks for no slopes: game.slopes(points), at each step of the critic anew."
        samples, points = made[0], points[-1]
        if points.shape != real.shape:
            return f"slopes are asked for at points of shape {points.shape}; a batch has {real.shape}."
        found = _place_of(points, real, samples) or _loss_of(game, step, real, samples, points, weight)
        if found:
            return found
    return None


def _place_of(points, real, samples):
    for name, batch in (("slopes at the data", real), ("slopes at the samples", samples)):
        if np.allclose(points, batch):
            return name
    place = _positions(points, real, samples)
    if np.ptp(place, axis=1).max() > 1e-5:
        inside = (place > -1e-6).all() and (place < 1 + 1e-6).all()
        return (
            "a position for each coordinate" if inside else "your points are not of the form t·real + (1 − t)·samples."
        )
    if np.ptp(place) < 1e-6:
        return "one position for the batch"
    return "positions outside" if place.min() < -1e-6 or place.max() > 1 + 1e-6 else None


def _loss_of(game, step, real, samples, points, weight):
    _, given, version = game.steps[step]
    then = _Game(real.shape[1])
    then.version = version
    slopes = then.slopes(points)
    lengths, gain = np.sqrt(np.square(slopes).sum(axis=1)), (then.scores(samples) - then.scores(real)).mean()
    penalty = np.square(lengths - 1).mean()
    named = {
        None: gain + weight * penalty,
        "real and generated exchanged": -gain + weight * penalty,
        "the penalty subtracted": gain - weight * penalty,
        "without the weight": gain + penalty,
        "without the penalty": gain,
        "the square of the length": gain + weight * np.square(lengths**2 - 1).mean(),
        "a slope of 0": gain + weight * np.square(lengths).mean(),
        "a penalty on one side": gain + weight * np.square(np.maximum(lengths - 1, 0)).mean(),
        "one length for the batch": gain + weight * (np.sqrt(np.square(slopes).sum()) - 1) ** 2,
        "each coordinate by itself": gain + weight * np.square(np.abs(slopes) - 1).mean(),
        "a sum over the batch": len(real) * (gain + weight * penalty),
    }
    return _nearest(given, named, "the critic's loss")


def _generator_of(game, weight):
    _, given, version = game.steps[-1]
    then = _Game(game.size)
    then.version = version
    named = {}
    for when, samples in game.generated:  # the last one, or an earlier one that was kept
        if when >= len(game.steps) - 2:
            score = then.scores(samples).mean()
            named |= {("right", when): -score, ("wrong", when): score, ("sum", when): -len(samples) * score}
    said = _nearest(given, named, "the generator's loss")
    kind = said[0] if isinstance(said, tuple) else said
    sums = "the generator's loss is a *mean* over the batch, too."
    return {"right": None, "wrong": "the generator's sign", "sum": sums}.get(kind, kind)


def _nearest(given, named, what):
    try:
        given = float(np.asarray(given))
    except (TypeError, ValueError):
        return f"{what} should be one number, the mean over the batch; yours has the shape {np.shape(given)}."
    for name, value in named.items():
        if np.isclose(given, value, rtol=1e-5, atol=1e-7):
            return name
    return f"{what} is not f(G(z)) − f(x) + λ (‖∇f‖ − 1)², in the mean, or −f(G(z)); yours is {given:.4g}."


def _round(**changed):
    """A factory of a round in which one part is another one than it should be."""
    part = {
        "positions": lambda rng, real: rng.uniform(size=(len(real), 1)),
        "points": lambda t, real, samples: t * real + (1 - t) * samples,
        "penalty": lambda slopes: np.square(np.sqrt(np.square(slopes).sum(axis=1)) - 1),
        "loss": lambda real, samples, penalty: (samples - real + penalty).mean(),
        "generator": lambda scores: -scores.mean(),
        "weigh": lambda weight: weight,
        "kept": False,
        "order": "critics, generator",
    } | changed

    def play(game, real_batches, weight, rng):
        def generator_steps():
            game.step_generator(part["generator"](game.scores(game.generate(len(real_batches[0])))))

        samples = None
        if part["order"] == "generator first":
            generator_steps()
        for real in real_batches[:1] if part["order"] == "one" else real_batches:
            samples = samples if part["kept"] and samples is not None else game.generate(len(real))
            points = part["points"](part["positions"](rng, real), real, samples)
            penalty = part["weigh"](weight) * part["penalty"](game.slopes(points))
            game.step_critic(part["loss"](game.scores(real), game.scores(samples), penalty))
            if part["order"] == "in turn":
                generator_steps()
        if part["order"] in ("critics, generator", "one"):
            generator_steps()

    return lambda: play


WGAN_GP_ROUND = Exercise(
    reference=_round(),
    judge_with=_inspect_round,
    mistakes=(
        Mistake(
            "one critic step",
            _round(order="one"),
            "the critic takes one step for one of the generator. It takes one for *each* batch, and then the generator "
            "one: the critic must be near its best before it is asked.",
        ),
        Mistake(
            "a generator step each time",
            _round(order="in turn"),
            "the generator steps after each batch: take game.step_generator out of the loop.",
        ),
        Mistake(
            "the generator first",
            _round(order="generator first"),
            "the generator steps before the critic has learned anything of the new samples. First the critic.",
        ),
        Mistake(
            "the same samples for all steps",
            _round(kept=True),
            "each critic step needs new samples: game.generate inside of the loop.",
        ),
        Mistake(
            "real and generated exchanged",
            _round(loss=lambda real, samples, penalty: (real - samples + penalty).mean()),
            "the critic *descends* its loss, and should score data high and samples low: f(G(z)) − f(x).",
        ),
        Mistake(
            "the generator's sign",
            _round(generator=lambda scores: scores.mean()),
            "the generator descends its loss, and wants a *high* score: −f(G(z)).",
        ),
        Mistake(
            "the penalty subtracted",
            _round(loss=lambda real, samples, penalty: (samples - real - penalty).mean()),
            "the penalty is subtracted: the critic would be paid for slopes far from 1.",
        ),
        Mistake("without the weight", _round(weigh=lambda weight: 1.0), "the penalty lacks its weight λ."),
        Mistake("without the penalty", _round(weigh=lambda weight: 0.0), "the penalty is missing in the loss."),
        Mistake(
            "positions outside",
            _round(positions=lambda rng, real: rng.normal(size=(len(real), 1))),
            "some points lie beyond the two ends: draw t uniformly from [0, 1].",
        ),
        Mistake(
            "one position for the batch",
            _round(positions=lambda rng, real: np.full((len(real), 1), rng.uniform())),
            "one t for the whole batch: draw one for each example, shape (batch, 1).",
        ),
        Mistake(
            "a position for each coordinate",
            _round(positions=lambda rng, real: rng.uniform(size=real.shape)),
            "a t for each coordinate leaves the straight line: draw one for each example, shape (batch, 1).",
        ),
        Mistake(
            "a generator of its own",
            _round(positions=lambda rng, real: np.random.default_rng().uniform(size=(len(real), 1))),
            "your round is right, but its positions do not come from `rng`: draw from the generator that you are "
            "given, or nobody can repeat your run.",
        ),
        Mistake(
            "slopes at the data",
            _round(points=lambda t, real, samples: real),
            "the slope is asked for at the data. Ask between data and samples.",
        ),
        Mistake(
            "slopes at the samples",
            _round(points=lambda t, real, samples: samples),
            "the slope is asked for at the samples. Ask between data and samples.",
        ),
        Mistake(
            "the square of the length",
            _round(penalty=lambda slopes: np.square(np.square(slopes).sum(axis=1) - 1)),
            "the root is missing: the *length* of the gradient should be 1.",
        ),
        Mistake(
            "a slope of 0",
            _round(penalty=lambda slopes: np.square(slopes).sum(axis=1)),
            "that pulls the slope to 0, as R1 does. This penalty pulls it to 1.",
        ),
        Mistake(
            "a penalty on one side",
            _round(penalty=lambda slopes: np.square(np.maximum(np.sqrt(np.square(slopes).sum(axis=1)) - 1, 0))),
            "that is the one-sided penalty. Here slopes below 1 cost as well.",
        ),
        Mistake(
            "one length for the batch",
            _round(penalty=lambda slopes: np.square(np.sqrt(np.square(slopes).sum()) - 1)),
            "that is one length for the whole batch: sum the squares over axis 1 only.",
        ),
        Mistake(
            "each coordinate by itself",
            _round(penalty=lambda slopes: np.square(np.abs(slopes) - 1).mean(axis=1)),
            "each coordinate of the gradient is compared with 1. Its *length* is √(sum of squares).",
        ),
        Mistake(
            "a sum over the batch",
            _round(loss=lambda real, samples, penalty: (samples - real + penalty).sum()),
            "the critic's loss is a *mean* over the batch.",
        ),
    ),
    hints=(
        "In the loop over the batches: samples, t, points between, lengths of game.slopes(points), loss, step.",
        "After the loop: game.step_generator(-game.scores(game.generate(…)).mean()).",
    ),
)
