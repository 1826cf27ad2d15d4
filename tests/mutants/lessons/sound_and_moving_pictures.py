"""Bugs for the proofs of the lesson on speech, sound and moving pictures."""

from tests.mutants.lesson_bug import LessonBug, known_bug

BACK, TONE, REPAIR = "a-picture-of-sound-and-back-2", "a-picture-of-sound-and-back-5", "a-phase-for-a-picture-2"
INSTRUMENT, SPEAKERS = "judged-by-an-instrument-2", "judged-by-an-instrument-5"
BUZZ = "the-buzz-is-in-the-architecture"
FLICKER, BLIND, JUDGES = (
    "why-a-model-of-single-frames-flickers-in-nats-3",
    "who-notices-that-the-frames-are-shuffled-4",
    "a-generator-in-time",
)

BUGS = [
    known_bug("the symmetric window", BACK),
    known_bug("no zeros before the sound", BACK),
    known_bug("an inverse divided by the sum of the window", BACK),
    LessonBug("phases from another zero", BACK, "64, RATE, phase_shift=None)", "64, RATE)"),
    LessonBug("tones beside the centre of their bin", TONE, "np.outer(periods, np.arange", "np.outer(periods + 0.5, np.arange", "course_lib/datasets/sounds.py"),
    known_bug("the symmetric window", TONE),
    LessonBug("a window that weighs its neighbours in full", TONE, "{-1: 1 / 8,", "{-1: 1 / 4,"),
    known_bug("a repair that keeps its own magnitudes", REPAIR),
    LessonBug("momentum forgotten", REPAIR, "99, momentum=0.99, seed", "99, seed"),
    LessonBug("momentum in both", REPAIR, "griffin_lim(magnitudes, 2048, 99, seed", "griffin_lim(magnitudes, 2048, 99, momentum=0.99, seed"),
    LessonBug("a phase of another sound", REPAIR, "np.angle(signals.stft(clean.x_train[0]))", "np.angle(signals.stft(clean.x_train[1]))"),
    known_bug("the sign of the prediction", INSTRUMENT),
    known_bug("frequencies of half the rate", INSTRUMENT),
    LessonBug("vowels in another order than asked for", SPEAKERS, "gan.sample(300, asked)", "gan.sample(300, asked[::-1])"),
    LessonBug("each vowel said in one way only", SPEAKERS, "np.asarray(gan.sample(300, asked))", "np.repeat(np.asarray(gan.sample(5, np.arange(5))), 60, axis=0)"),
    LessonBug("levels undone as if of powers", SPEAKERS, "/ 60 for sound in x]", "/ 30 for sound in x]", "two-models-that-speak-2", ("two-models-that-speak-2",)),
    LessonBug("labels shuffled apart", SPEAKERS, "vae.fit(x_train, vowels.y_train", "vae.fit(x_train, vowels.y_train[::-1]", "two-models-that-speak-4", ("two-models-that-speak-4",)),
    LessonBug("the buzz at the kernel", f"{BUZZ}-2", "np.isclose(peak, 1 / stride) or np.isclose(peak % (1 / stride), 0)", "np.isclose(peak, 1 / width)"),
    LessonBug("the edges are looked at too", f"{BUZZ}-2", "[0, width : 720 // stride * stride, 0]", "[0, : 720 // stride * stride, 0]"),
    LessonBug("pieces laid at another hop", f"{BUZZ}-4", "(40, 1)), 4)", "(40, 1)), 6)"),
    LessonBug("kernels that are all the mean", f"{BUZZ}-4", "normal(1, 0.3", "normal(1, 0.0"),
    known_bug("a filter that starts from the innovation", FLICKER),
    known_bug("a price for one neighbour only", FLICKER),
    LessonBug("the flicker of the signal, not of the posterior", FLICKER, "2 * variances[200]", "posterior[200, 200] + posterior[201, 201] - 2 * posterior[200, 201]"),
    LessonBug("a score that looks at neighbours in time", BLIND, "np.diff(frames, axis=3)", "np.diff(frames, axis=1)"),
    LessonBug("a shift up and down", BLIND, ".real[:, 0]", ".real[:, :, 0]"),
    LessonBug(
        "both judges see frames only",
        f"{JUDGES}-6",
        "judge(name == \"pairs\")",
        "judge(name == \"neither\")",
        f"{JUDGES}-4",
        (f"{JUDGES}-4",),
    ),
]  # fmt: skip
