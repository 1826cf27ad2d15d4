"""Exercises of sound and moving pictures: windows, a repair of a phase, levels, a buzz, and pairs of frames."""

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake


def _windows(rng):
    hop = int(rng.integers(2, 6))
    return rng.uniform(0.1, 1.0, size=hop * int(rng.integers(2, 5))), hop


def _folded(values, hop):
    return values.reshape(-1, hop).sum(axis=0)


SUM_OF_WINDOWS = Exercise(
    reference=lambda window, hop: _folded(np.square(window), hop),
    inputs=_windows,
    mistakes=(
        Mistake(
            "not squared",
            lambda window, hop: _folded(window, hop),
            "the window is applied twice, there and back: square it.",
        ),
        Mistake(
            "squared at the end",
            lambda window, hop: _folded(window, hop) ** 2,
            "each w must be squared *before* the frames are added.",
        ),
        Mistake(
            "all of it",
            lambda window, hop: np.full(hop, np.square(window).sum()),
            "one sample does not lie under the whole window: only every hop-th value meets it.",
        ),
        Mistake(
            "the mean of the hop",
            lambda window, hop: np.full(hop, np.square(window).sum() / hop),
            "that is the mean over the samples. A ripple is just what it hides: keep the samples apart.",
        ),
        Mistake(
            "one frame",
            lambda window, hop: np.square(window)[:hop],
            "that is one frame. Each sample lies in len(window) / hop frames: add them.",
        ),
        Mistake(
            "neighbours",
            lambda window, hop: np.square(window).reshape(hop, -1).sum(axis=1),
            "these are sums of neighbours. What meets at a sample are values that lie `hop` apart.",
        ),
        Mistake(
            "the mean of the frames",
            lambda window, hop: np.square(window).reshape(-1, hop).mean(axis=0),
            "that is a mean over the frames; they are added.",
        ),
    ),
    hints=(
        "Sample n is met by w[n], w[n + hop], w[n + 2·hop] and so on.",
        "Square, reshape to (frames, hop), add over the frames.",
    ),
)


def _sounds(rng):
    from functools import partial

    from course_lib import signals

    hop = int(rng.integers(3, 6))
    count = hop * int(rng.integers(8, 12))  # else a last frame of zeros, and S / |S| fails there
    sound = rng.normal(size=count)
    magnitudes = abs(signals.stft(rng.normal(size=count), 4 * hop, hop))
    return (
        sound,
        magnitudes,
        partial(signals.stft, size=4 * hop, hop=hop),
        partial(signals.istft, num_samples=count, size=4 * hop, hop=hop),
    )


REPAIR = Exercise(
    reference=lambda x, a, stft, istft: istft(a * np.exp(1j * np.angle(stft(x)))),
    inputs=_sounds,
    mistakes=(
        Mistake(
            "keeps its own magnitudes",
            lambda x, a, stft, istft: istft(stft(x)),
            "this keeps the magnitudes of x itself, and so gives x back. Take the *phase* of stft(x) alone, with A.",
        ),
        Mistake(
            "phase of A",
            lambda x, a, stft, istft: istft(a * np.exp(1j * np.angle(a))),
            "the phase is taken from A, which has none: every angle is 0. Take it from stft(x).",
        ),
        Mistake(
            "A times the spectrum",
            lambda x, a, stft, istft: istft(a * stft(x)),
            "the magnitudes are multiplied: A · |S|. Only the phase of S is wanted: exp(i·angle(S)).",
        ),
        Mistake(
            "real part only",
            lambda x, a, stft, istft: istft(a * np.cos(np.angle(stft(x)))),
            "that is the real part only: exp(iφ) has an imaginary one, i·sin φ.",
        ),
        Mistake(
            "phase the other way round",
            lambda x, a, stft, istft: istft(a * np.exp(-1j * np.angle(stft(x)))),
            "the sign of the phase is turned: that plays every frame backwards.",
        ),
        Mistake(
            "phase without i",
            lambda x, a, stft, istft: istft(a * np.exp(np.angle(stft(x)))),
            "exp of a real number is a size, not a direction: exp(1j · φ).",
        ),
    ),
    hints=("np.angle(stft(x)) is the phase.", "istft of A · exp(1j · phase)."),
)

BACK_FROM_LEVELS = Exercise(
    reference=lambda picture: 10 ** (60 * (picture - 1) / 20),
    inputs=lambda rng: (rng.uniform(0, 1, size=rng.integers(2, 7, size=2)),),
    mistakes=(
        Mistake(
            "as found",
            lambda picture: 10 ** (60 * (picture - 1) / 10),
            "10 is for powers. These are magnitudes, and `level` has 20: as it is, every magnitude is squared.",
        ),
        Mistake(
            "offset forgotten",
            lambda picture: 10 ** (60 * picture / 20),
            "`level` adds 1, so that the loudest has 1: take it off again.",
        ),
        Mistake(
            "range forgotten",
            lambda picture: 10 ** ((picture - 1) / 20),
            "`level` divides by 60 dB: multiply by 60 again.",
        ),
        Mistake(
            "another base",
            lambda picture: np.exp(60 * (picture - 1) / 20),
            "decibels are made with log10: the base is 10, not e.",
        ),
        Mistake("not undone", lambda picture: 60 * (picture - 1), "these are decibels still: undo the logarithm."),
        Mistake(
            "sign", lambda picture: 10 ** (-60 * (picture - 1) / 20), "the sign is turned: the softest is the loudest."
        ),
    ),
    hints=(
        "Undo `level` from the outside in: take off 1, multiply by 60, divide by 20, then undo the logarithm.",
        "10 ** (dB / 20).",
    ),
)

BUZZ = Exercise(
    reference={"a": 4000, "b": 0, "c": 2000, "d": 1000},
    mistakes=(
        Mistake("in kHz", {"a": 4, "b": 0, "c": 2, "d": 1}, "these are kHz: Hz are asked for."),
        Mistake(
            "shares of the rate",
            {"a": 0.25, "b": 0, "c": 0.125, "d": 0.0625},
            "these are shares of the sampling rate: Hz are asked for.",
        ),
        Mistake("(a) even", Entry("a", 0), "(a): 4 does not divide 25, so overlaps are uneven."),
        Mistake("(a) kernel", Entry("a", 640), "(a): the pattern repeats with the *stride*, not with the kernel."),
        Mistake("(a)", Entry("a"), "(a): the pattern repeats every 4 samples, at 16,000 a second."),
        Mistake("(b) uneven", Entry("b", 2000), "(b): 8 divides 16: each sample is painted exactly twice."),
        Mistake("(b)", Entry("b"), "(b): does the stride divide the kernel?"),
        Mistake("(c)", Entry("c"), "(c): overlaps 2 1 1 1 1 1 1 1: a period of 8 samples, at 16,000 a second."),
        Mistake(
            "(d) the last layer alone",
            Entry("d", 4000),
            "(d): that is the buzz of the second layer. The first has one too, at a quarter of *its* rate of 4,000.",
        ),
        Mistake(
            "(d)", Entry("d"), "(d): the first layer makes 4,000 samples a second, and buzzes at a quarter of that."
        ),
    ),
    hints=("Even overlaps if the stride divides the kernel; otherwise rate / stride.", "(d): 4,000 / 4."),
)


def _pairs(first, second):
    pairs = np.stack([first, second], axis=-1)
    return np.moveaxis(pairs, 3, 1).reshape(-1, *first.shape[1:3], 2)


PAIRS_OF_FRAMES = Exercise(
    reference=lambda clips: _pairs(clips[..., :-1], clips[..., 1:]),
    inputs=lambda rng: (rng.normal(size=rng.integers((2, 2, 2, 4), (5, 5, 5, 7))),),
    mistakes=(
        Mistake(
            "frames only",
            lambda clips: _pairs(clips[..., :-1], clips[..., :-1]),
            "each frame stands beside itself: such a judge sees frames only. The second is frame t + 1.",
        ),
        Mistake(
            "after before",
            lambda clips: _pairs(clips[..., 1:], clips[..., :-1]),
            "the later frame stands first: the film runs backwards.",
        ),
        Mistake(
            "across clips",
            lambda clips: _pairs(clips[..., :-1], np.roll(clips, 1, axis=0)[..., 1:]),
            "the second frame comes from another clip: no step of one clip is seen.",
        ),
        Mistake(
            "round the end",
            lambda clips: _pairs(clips, np.roll(clips, -1, axis=-1)),
            "the last frame is paired with the first: that step is in no film.",
        ),
        Mistake(
            "every other pair",
            lambda clips: _pairs(clips[..., :-1:2], clips[..., 1::2]),
            "every other pair is missing: the pairs overlap, so there are frames − 1 of them.",
        ),
        Mistake(
            "in the order of time",
            lambda clips: np.concatenate([clips[..., t : t + 2] for t in range(clips.shape[-1] - 1)]),
            "the pairs are right, and in another order: all of clip 0 first.",
        ),
        Mistake(
            "reshaped without moving the axis",
            lambda clips: np.stack([clips[..., :-1], clips[..., 1:]], axis=-1).reshape(-1, *clips.shape[1:3], 2),
            "the shape is right and the pixels are mixed up: bring the axis of time beside n before you reshape.",
        ),
    ),
    hints=("clips[..., :-1] and clips[..., 1:] are the two halves of the pairs.", "Stack them last, move axis 3 to 1."),
)
