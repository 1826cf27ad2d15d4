"""Bugs for the proofs of GAN theory."""

from tests.mutants.lesson_bug import LessonBug, known_bug

CURVE, BEATS, LOSSES = "a-sampler-without-a-density", "nobody-beats-it", "two-losses-for-one-generator"
MEASURES = "what-the-best-discriminator-measures"

BUGS = [
    LessonBug(
        "the blur is spread over one coordinate only",
        f"{CURVE}-4",
        "0.2 * rng.normal(size=curve.shape)",
        "[0.0, 0.0] * rng.normal(size=curve.shape)",
    ),
    LessonBug(
        "noise and data are paired by their order",
        f"{CURVE}-6",
        "a, b = np.polyfit(noise, examples, deg=1)",
        "a, b = np.polyfit(np.sort(noise), np.sort(examples), deg=1)",
    ),
    LessonBug(
        "the best logit is log q − log p",
        "the-best-discriminator-7",
        "best = optimal_logit(x, log_p, q.logpdf)",
        "best = optimal_logit(x, q.logpdf, log_p)",
    ),
    LessonBug(
        "the trained network's labels are exchanged",
        f"{BEATS}-2",
        '"the trained network": trained_logit',
        '"the trained network": lambda x: -trained_logit(x)',
    ),
    LessonBug(
        "the score is half of V, as the mean over both halves",
        f"{BEATS}-5",
        "return np.mean(-np.logaddexp(0, -logit(real))) + np.mean(-np.logaddexp(0, logit(fake)))",
        "return 0.5 * (np.mean(-np.logaddexp(0, -logit(real))) + np.mean(-np.logaddexp(0, logit(fake))))",
        f"{BEATS}-4",
        (f"{BEATS}-4",),
    ),
    LessonBug(
        "the two entropies are not halved",
        f"{MEASURES}-2",
        "(one.entropy() + other.entropy()) / 2",
        "(one.entropy() + other.entropy())",
    ),
    LessonBug(
        "the loss is a mean over both halves",
        f"{MEASURES}-4",
        'np.mean(history["discriminator_loss"][-5:])',
        'np.mean(history["discriminator_loss"][-5:]) / 2',
    ),
    LessonBug(
        "JSD is in bits",
        "between-0-and-log-2-2",
        "-12, 20, 3001) for b in distances",
        "-12, 20, 3001) / np.log(2) for b in distances",
    ),
    LessonBug(
        "the sign of the non-saturating loss is lost",
        f"{LOSSES}-2",
        "of(logit, logit, logit)[1], logits",
        "-of(logit, logit, logit)[1], logits",
    ),
    LessonBug(
        "the discriminator's loss is a mean over both halves",
        "write-the-losses-and-train-5",
        'np.mean(history["discriminator_loss"][-30:])',
        'np.mean(history["discriminator_loss"][-30:]) / 2',
    ),
    LessonBug(
        "the label of the samples is 1 after all",
        "find-the-bug-2",
        "ops.softplus(ops.reshape(generator_logits, (-1,)))",
        "ops.softplus(-ops.reshape(generator_logits, (-1,)))",
    ),
    known_bug("non-saturating loss that saturates", f"{LOSSES}-2"),
]
