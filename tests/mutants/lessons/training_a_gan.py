"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug, known_bug

HUNDRED, PLAYED, LETTERS, OUTLIVES = (
    "images-of-100-numbers",
    "a-small-game-played-by-hand",
    "a-dense-gan-that-draws-letters",
    "a-training-that-outlives-its-session",
)
MODE = "find-the-bug-batch-normalisation-in-the-wrong"
GAN = "course_lib/models/gan.py"

BUGS = [
    LessonBug(
        "the generator is told with the discriminator's logits of the data",
        f"{HUNDRED}-10",
        'ops.mean(ops.softplus(-answers["generator_logits"]))',
        'ops.mean(ops.softplus(-answers["real_logits"]))',
    ),
    LessonBug(
        "the leak of the rectifier is forgotten on the way back",
        f"{HUNDRED}-12",
        "np.where(hidden > 0, 1, 0.2)",
        "np.where(hidden > 0, 1, 0)",
        f"{HUNDRED}-4",
        (f"{HUNDRED}-4", f"{HUNDRED}-6"),
    ),
    LessonBug(
        "the slope of the output's sigmoid is forgotten",
        f"{HUNDRED}-12",
        "slope * made * (1 - made)",
        "slope",
        f"{HUNDRED}-4",
        (f"{HUNDRED}-4", f"{HUNDRED}-6"),
    ),
    LessonBug(
        "the generator climbs its loss",
        f"{PLAYED}-4",
        "return [w - size * m",
        "return [w + size * m",
        f"{PLAYED}-2",
        (f"{PLAYED}-2",),
    ),
    LessonBug(
        "the greys are compared with themselves",
        "why-discrete-data-are-the-gan-s-difficulty-2",
        "nudged = [weight + 1e-9 for weight in maker]",
        "nudged = [weight + 1e-2 for weight in maker]",
    ),
    LessonBug("the program with the bug is the healthy one", "co-operation-2", 'logs["R"][-100:]', 'logs["Q"][-100:]'),
    LessonBug(
        "the data are handed over after all",
        "no-real-data-2",
        'train(broken("no real data"), steps',
        'train(broken("none"), steps',
    ),
    LessonBug(
        "the floor is that of one half of the loss",
        "a-double-sigmoid-3",
        "np.logaddexp(0, -1) + np.logaddexp(0, 0)",
        "np.logaddexp(0, 1) + np.logaddexp(0, 0)",
    ),
    LessonBug(
        "the discriminator is compiled before it is frozen, and thawed again",
        "a-frozen-discriminator-2",
        'stack_1.compile("adam", loss, run_eagerly=True)',
        'stack_1.compile("adam", loss, run_eagerly=True)\ndiscriminator_1.trainable = True\ndiscriminator_1.compile("adam", loss, run_eagerly=True)',
    ),
    LessonBug(
        "the switch is set after the step",
        "a-frozen-discriminator-5",
        "                network.trainable = switch\n            before",
        "                pass\n            before",
    ),
    LessonBug(
        "the score is that of the untrained generator",
        f"{LETTERS}-5",
        "score, real_score = letter_distance(letters, of_test, seed=1)",
        "score, real_score = start_on_test",
    ),
    LessonBug(
        "the epochs are read backwards",
        "losses-are-not-quality-2",
        "best.scores[epochs] < best.scores[1]",
        "best.scores[1] < best.scores[epochs]",
    ),
    LessonBug(
        "the smoothed best D is t times the odds",
        "targets-one-sided-smoothing-3",
        "0.9 * p / (p + q)) < 1e-3",
        "0.9 * p / (0.9 * p + q)) < 1e-3",
    ),
    LessonBug(
        "the distance is taken before the training",
        f"{OUTLIVES}-4",
        "assert score < start / 3",
        "assert start < score / 3",
    ),
    LessonBug(
        "the scales of the two players are exchanged",
        f"{OUTLIVES}-6",
        '(("G", "generator_scale"), ("D", "discriminator_scale"))',
        '(("D", "generator_scale"), ("G", "discriminator_scale"))',
    ),
    LessonBug(
        "the mode of the training is handed over",
        f"{MODE}-2",
        "super().call(x, training=False)",
        "super().call(x, training=True)",
    ),
    LessonBug(
        "both companies are asked in evaluation mode",
        f"{MODE}-5",
        "maker(company, training=training)",
        "maker(company, training=False)",
    ),
    known_bug("the discriminator's loss moves the generator", f"{HUNDRED}-10"),
    known_bug("D and G swapped in the time scales", f"{OUTLIVES}-6"),
    known_bug("smoothing on both sides", "targets-one-sided-smoothing-3"),
]
