"""Exercises of speed and scale: what sets the pace, what stays in float32, and what a shard and a byte must know."""

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake

PREDICT_A_PIPELINE = Exercise(
    reference={"apart": 58, "shelves": 30, "two decoders": 20, "new GPU": 15},
    mistakes=(
        Mistake("the slowest, apart", Entry("apart", 30), '"apart": nobody works beside another: add all three.'),
        Mistake(
            "the first two, apart",
            Entry("apart", 38),
            '"apart": the step of learning waits for its batch, too: add it.',
        ),
        Mistake(
            "the sum, shelves",
            Entry("shelves", 58),
            '"shelves": the stages work at the same time, on different batches. Who sets the pace?',
        ),
        Mistake(
            "only reading is hidden",
            Entry("shelves", 50),
            '"shelves": there is a shelf behind decoding, too: while batch 7 is learned, batch 8 is decoded.',
        ),
        Mistake(
            "reading and decoding together",
            Entry("shelves", 38),
            '"shelves": there is a shelf between reading and decoding, too.',
        ),
        Mistake(
            "the mean", Entry("shelves", 58 / 3), '"shelves": a mean has no meaning here: the slowest stage counts.'
        ),
        Mistake(
            "the decoders alone",
            Entry("two decoders", 15),
            '"two decoders": that is what both decoders need for a batch. Now another stage is the slowest.',
        ),
        Mistake(
            "half of the sum",
            Entry("two decoders", 29),
            '"two decoders": only decoding is shared by two. Halve its 30 ms, and look who is the slowest now.',
        ),
        Mistake(
            "no gain by two",
            Entry("two decoders", 30),
            '"two decoders": one batch still takes 30 ms, but every 30 ms *two* are ready.',
        ),
        Mistake(
            "half of everything",
            Entry("new GPU", 10),
            '"new GPU": the two decoders deliver a batch every 15 ms; a faster GPU waits for them.',
        ),
        Mistake("nothing gained", Entry("new GPU", 20), '"new GPU": learning takes 10 ms now. Who is the slowest?'),
        Mistake(
            "one decoder again", Entry("new GPU", 30), '"new GPU": there are still two decoders: 15 ms for each batch.'
        ),
        Mistake("reading", Entry("new GPU", 8), '"new GPU": the fastest stage never sets the pace.'),
    ),
    hints=(
        "Side by side, count how often each stage delivers a batch; the rarest delivery sets the pace.",
        "8 + 30 + 20; the largest of 8, 30, 20; of 8, 30/2, 20; of 8, 30/2, 10.",
    ),
)

PLACE_THE_CASTS = Exercise(
    reference={"a": "half", "b": "float32", "c": "half", "d": "float32", "e": "float32", "f": "float32"},
    words=("half", "float32"),
    mistakes=(
        Mistake(
            "a in float32",
            Entry("a", "float32"),
            "(a): these products are nearly all of the work, and what 16 bits are for; chips add them up in 32 bits.",
        ),
        Mistake(
            "b in half", Entry("b", "half"), "(b): a sum of 784 terms: the large number does not feel the small one."
        ),
        Mistake("c in float32", Entry("c", "float32"), "(c): a ReLU returns its input or 0: it rounds nothing."),
        Mistake(
            "d in half", Entry("d", "half"), "(d): an exponential: in float16 it overflows above an exponent of 11.09."
        ),
        Mistake("e in half", Entry("e", "half"), "(e): a small step on a large weight: 16 bits round it away."),
        Mistake("f in half", Entry("f", "half"), "(f): a mean is a sum: of 4,096 terms, each of hundreds of nats."),
    ),
    hints=(
        "Look for sums, exponentials, and small numbers added to large ones.",
        "Only two of the six may be in 16 bits.",
    ),
)

FEWER_STEPS = Exercise(
    reference=100.0,
    rtol=0.03,
    mistakes=(
        Mistake("κ", 10_000.0, "gradient descent needs about κ steps for a factor e², but momentum needs some, too."),
        Mistake("the root of the root", 10.0, "10 belongs to κ = 100. Here the root of κ is larger."),
        Mistake("turned round", 0.01, "that is the share that momentum needs; asked is the other ratio."),
        Mistake("half", 50.0, "both rates are near 1 − 2/κ and 1 − 2/√κ: the twos cancel."),
        Mistake(
            "double", 200.0, "the number of steps goes with κ and with √κ, and the factor before them is the same."
        ),
        Mistake(
            "counted in a walk",
            66.5,
            "so few are counted in a walk from the start, with the detour of the double roots. Asked is what the rates "
            "say: the long run.",
            made=lambda times: 60 <= times < 97,
        ),
        Mistake("the ratio of the rates", 1.02, "that is the ratio of the rates. Steps go with their *logarithms*."),
    ),
    hints=(
        "The number of steps for a given factor is that factor's logarithm over the logarithm of the rate.",
        "The logarithm of (κ − 1)/(κ + 1) is about −2/κ, that of the other about −2/√κ.",
    ),
)


def _shard(rng):
    size = int(rng.integers(3, 8))
    return rng.normal(90.0, 12.0, size=size), 2 * size + int(rng.integers(1, 3))


SHARD_LOSS = Exercise(
    reference=lambda losses, batch: np.sum(losses) / batch,
    inputs=_shard,
    draws=4,
    edges=lambda: [(np.array([3.0, 5.0]), 2), (np.array([7.0]), 9), (np.array([-4.0, 1.5, -2.0]), 7)],
    mistakes=(
        Mistake(
            "as found",
            lambda losses, batch: np.mean(losses),
            "this is the function as you found it: a mean over the shard. The means of all devices are *added*.",
        ),
        Mistake(
            "sum",
            lambda losses, batch: np.sum(losses),
            "the sum of all devices' sums is the sum over the batch. The objective is a mean: what is missing?",
        ),
        Mistake(
            "mean over the batch size",
            lambda losses, batch: np.mean(losses) / batch,
            "you divide twice: once by the shard's examples, and once by the batch's.",
        ),
        Mistake(
            "equal shards",
            lambda losses, batch: np.mean(losses) / np.ceil(batch / len(losses)),
            "a mean divided by the number of devices is right for equal shards only. Ragged ones differ in size.",
        ),
        Mistake(
            "four devices",
            lambda losses, batch: np.mean(losses) / 4,
            "that is for four devices with equal shards. Of other numbers, and of ragged shards, it knows nothing.",
        ),
        Mistake(
            "equal shards, rounded down",
            lambda losses, batch: np.mean(losses) / (batch // len(losses)),
            "batch // len(losses) is the number of devices for equal shards only. Let the sum do it.",
        ),
        Mistake(
            "turned round",
            lambda losses, batch: np.mean(losses) * batch / len(losses),
            "a small shard must count *less*: its share is len(losses) / batch, not the inverse.",
        ),
        Mistake(
            "times the batch",
            lambda losses, batch: np.mean(losses) * batch,
            "that is what the sum over the batch would be if all shards were like this one. Divide.",
        ),
        Mistake(
            "square root",
            lambda losses, batch: np.sum(losses) / np.sqrt(batch),
            "a standard error falls with the root of the examples; the mean divides by their number.",
        ),
        Mistake(
            "each loss divided",
            lambda losses, batch: losses / batch,
            "return one number for the shard: the losses are divided, but not yet added.",
        ),
    ),
    hints=(
        "Write down the mean over the whole batch, and take from it what this device holds.",
        "The sum of `losses`, divided by `batch`.",
    ),
)


def _weights(rng):
    size = tuple(int(each) for each in rng.integers(3, 7, size=2))
    return (rng.normal(0.3, 0.5, size=size) + np.where(rng.uniform(size=size) < 0.2, 1.5, 0.0),)


def _int8(w, steps=255, low=None, high=None, rounded=np.round, zero=True):
    low, high = w.min() if low is None else low, w.max() if high is None else high
    step = (high - low) / steps
    zero_point = np.round(-low / step) if zero else 0.0
    return rounded(w / step) + zero_point, step, zero_point


def _restored(q, step, zero_point):
    return step * (q - zero_point), step, zero_point


def _rounded_together(w):
    _, step, zero_point = _int8(w)
    return np.round((w - w.min()) / step), step, zero_point


def _signed(w):
    number, step, zero_point = _int8(w)
    return number - 128, step, zero_point - 128


def _in_int8(w):
    number, step, zero_point = _int8(w)
    return (number + 128) % 256 - 128, step, zero_point


def _symmetric_without_zero_point(w):
    step = np.abs(w).max() / 127
    return np.round(w / step), step, 0.0


def _begins_at_the_smallest(w):
    step = (w.max() - w.min()) / 255
    return np.round((w - w.min()) / step), step, w.min()


def _column(w):
    low, high = w.min(axis=0), w.max(axis=0)
    step = (high - low) / 255
    zero_point = np.round(-low / step)
    return np.round(w / step) + zero_point, step, zero_point


INT8 = Exercise(
    reference=_int8,
    inputs=lambda rng: _weights(rng),
    draws=4,
    edges=lambda: [
        (np.array([[-1.0, 0.25], [3.0, -2.0]]),),
        (np.array([[-0.001, 0.002, 0.0007]]),),
        (np.array([[-3.0, 0.25, 1.0], [-0.5, 0.75, -1.25]]),),  # the largest in size is the smallest
    ],
    atol=1e-9,
    mistakes=(
        Mistake(
            "256 steps",
            lambda w: _int8(w, steps=256),
            "256 numbers have 255 steps between them: divide by 2⁸ − 1.",
        ),
        Mistake(
            "128 steps",
            lambda w: _int8(w, steps=127),
            "127 is the largest number of 7 bits and a sign. The ladder here goes from 0 to 255.",
        ),
        Mistake(
            "no zero point",
            lambda w: _int8(w, zero=False),
            "without the zero point negative weights have negative numbers, which 0 to 255 do not hold.",
        ),
        Mistake(
            "the zero point is not added",
            lambda w: (np.round(w / _int8(w)[1]), *_int8(w)[1:]),
            "step and zero point are right, but q still counts from the weight 0: add the zero point to it.",
        ),
        Mistake(
            "the zero point is taken away",
            lambda w: (np.round(w / _int8(w)[1]) - _int8(w)[2], *_int8(w)[1:]),
            "step and zero point are right, but you subtract the zero point: it is added, so that q begins at 0.",
        ),
        Mistake(
            "zero point of the wrong sign, q right",
            lambda w: (*_int8(w)[:2], -_int8(w)[2]),
            "q is right; the zero point has the wrong sign: the weight 0 must get a number between 0 and 255.",
        ),
        Mistake(
            "zero point of the wrong sign",
            lambda w: (_int8(w, zero=False)[0] - _int8(w)[2], _int8(w)[1], -_int8(w)[2]),
            "the sign of the zero point: the smallest weight, which is negative, must get the number 0.",
        ),
        Mistake(
            "symmetric, without a zero point",
            _symmetric_without_zero_point,
            "that is the symmetric recipe, from −max|w| to max|w| without a zero point. Here the ladder goes from the "
            "smallest to the largest weight.",
        ),
        Mistake(
            "the largest in size",
            lambda w: _int8(w, high=np.abs(w).max()),
            "the upper end is the largest weight, not the largest |w|: the two differ where the smallest weight is the "
            "largest in size.",
        ),
        Mistake(
            "symmetric",
            lambda w: _int8(w, low=-np.abs(w).max(), high=np.abs(w).max()),
            "your ladder is symmetric, from −max|w| to max|w|: one side of it stays empty. Take the smallest and the "
            "largest weight.",
        ),
        Mistake(
            "from zero",
            lambda w: _int8(w, low=0.0),
            "your ladder begins at 0: where do negative weights go? Take the smallest weight.",
        ),
        Mistake(
            "scale from the mean",
            lambda w: _int8(w, low=w.mean() - np.abs(w).mean(), high=w.mean() + np.abs(w).mean()),
            "a step from the mean size: the largest weights lie beyond the ladder. The ends must be the extremes.",
        ),
        Mistake(
            "scale from the mean size alone",
            lambda w: _int8(w, low=0.0, high=np.abs(w).mean()),
            "the mean of |w| is no end of the ladder: the largest weights would not fit in 8 bits.",
        ),
        Mistake(
            "scale from the deviation",
            lambda w: _int8(w, low=-3 * w.std(), high=3 * w.std()),
            "three deviations are no ends: a weight beyond them would not fit. Take the smallest and the largest one.",
        ),
        Mistake(
            "rounded down",
            lambda w: _int8(w, rounded=np.floor),
            "rounded down: then the errors have one sign, and are up to a whole step. Round to the nearest.",
        ),
        Mistake(
            "cut off",
            lambda w: (np.trunc(w / _int8(w)[1] + _int8(w)[2]), *_int8(w)[1:]),
            "your numbers are cut off, not rounded: a conversion to whole numbers drops the fraction. Round before it.",
        ),
        Mistake(
            "cut off towards zero",
            lambda w: (np.trunc(w / _int8(w)[1]) + _int8(w)[2], *_int8(w)[1:]),
            "w / step is cut off towards 0, not rounded to the nearest: `int` and `astype(int)` do that.",
        ),
        Mistake(
            "the zero point is cut off",
            lambda w: (
                np.round(w / _int8(w)[1]) + np.trunc(-w.min() / _int8(w)[1]),
                _int8(w)[1],
                np.trunc(-w.min() / _int8(w)[1]),
            ),
            "the zero point is cut off (`int` does that), not rounded: so the smallest weight may get the number −1.",
        ),
        Mistake(
            "rounded together",
            _rounded_together,
            "you round the distance from the smallest weight, but restore by the rounded zero point: the two roundings "
            "do not fit, and the weight 0 may be missed. Round w / step, then add the zero point.",
        ),
        Mistake(
            "in int8",
            _in_int8,
            "numbers above 127 came out negative: NumPy's int8 ends at 127. For 0 to 255 take uint8, or leave them as "
            "they are.",
        ),
        Mistake(
            "from −128 to 127",
            _signed,
            "your numbers go from −128 to 127. That would do, too, but the formula here lets them go from 0 to 255.",
        ),
        Mistake(
            "in another order",
            lambda w: (_int8(w)[0], _int8(w)[2], _int8(w)[1]),
            "the order: `(q, step, zero_point)`.",
        ),
        Mistake(
            "the inverse of the step",
            lambda w: (_int8(w)[0], 1 / _int8(w)[1], _int8(w)[2]),
            "you return 1/step. The step is the distance between two weights on the ladder: it restores by a product.",
        ),
        Mistake(
            "not rounded",
            lambda w: _int8(w, rounded=lambda each: each),
            "q must be whole numbers: something is not rounded.",
        ),
        Mistake(
            "the zero point is not rounded",
            lambda w: (np.round(w / _int8(w)[1]) - w.min() / _int8(w)[1], _int8(w)[1], -w.min() / _int8(w)[1]),
            "the zero point is a whole number, too: it is one of the 256.",
        ),
        Mistake(
            "the smallest weight is the zero point",
            _begins_at_the_smallest,
            "you count from the smallest weight. The zero point is the whole number that stands for the weight 0.",
        ),
        Mistake(
            "restored",
            lambda w: _restored(*_int8(w)),
            "you restored the weights. Asked is what is stored: q, the step and the zero point.",
        ),
        Mistake(
            "a step a column",
            _column,
            "you take a step for each column. One for the whole matrix is asked for here.",
        ),
        Mistake(
            "times the step",
            lambda w: (np.round(w * _int8(w)[1]) + _int8(w)[2], *_int8(w)[1:]),
            "a weight is *divided* by the step: how many steps is it from 0?",
        ),
    ),
    hints=(
        "Three lines: the step, the zero point, q. `w.min()` is negative.",
        "step = (max − min)/255, zero_point = round(−min/step), q = round(w/step) + zero_point.",
    ),
)
