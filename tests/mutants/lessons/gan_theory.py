"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug, known_bug

CURVE, BEATS, LOSSES = "a-sampler-without-a-density", "nobody-beats-it", "two-losses-for-one-generator"
OPTIMAL, OBJECTIVE = "course_lib/exact/optimal_discriminator.py", "course_lib/exact/generator_objective.py"

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
        "the-game-7",
        "best = optimal_logit(x, log_p, q.logpdf)",
        "best = optimal_logit(x, q.logpdf, log_p)",
    ),
    LessonBug(
        "the best value is a twentieth too low",
        f"{BEATS}-2",
        "highest = optimal_value(log_p, q.logpdf, -9, 9)",
        "highest = optimal_value(log_p, q.logpdf, -9, 9) * 1.05",
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
        "log 2 is written for log 4",
        "what-the-best-discriminator-measures-2",
        "-np.log(4) + 2 * jsd",
        "-np.log(2) + 2 * jsd",
    ),
    LessonBug(
        "the middle of two dice is their sum",
        "between-0-and-log-2-5",
        "dice_m = (dice_p + dice_q) / 2",
        "dice_m = dice_p + dice_q",
    ),
    LessonBug(
        "the sign of the non-saturating loss is lost",
        f"{LOSSES}-2",
        "of(logit, logit, logit)[1], logits",
        "-of(logit, logit, logit)[1], logits",
    ),
    LessonBug(
        "both losses are given the saturating slope",
        f"{LOSSES}-5",
        '"non-saturating": lambda logit: -sigmoid(-logit)}',
        '"non-saturating": lambda logit: -sigmoid(logit)}',
    ),
    LessonBug(
        "the discriminator's loss is a mean over both halves",
        "does-it-fit-4",
        'np.mean(history["discriminator_loss"][-30:])',
        'np.mean(history["discriminator_loss"][-30:]) / 2',
    ),
    LessonBug(
        "the label of the samples is 1 after all",
        "find-the-bug-2",
        "ops.softplus(ops.reshape(generator_logits, (-1,)))",
        "ops.softplus(-ops.reshape(generator_logits, (-1,)))",
    ),
    LessonBug(
        "the theorem forgets the 2 of 2 JSD",
        "what-the-generator-really-descends-2",
        "lambda log_q: non_saturating_divergence(log_p, log_q, *ENDS), a, b)",
        "lambda log_q: non_saturating_divergence(log_p, log_q, *ENDS) + jensen_shannon(log_q), a, b)".replace(
            "jensen_shannon(log_q)", "jensen_shannon_1d(log_p, log_q, *ENDS)"
        ),
    ),
    LessonBug(
        "her judge is held still",
        "a-theorem-that-seems-to-fail-2",
        "value_of_the_loss(b + h, b + h) - value_of_the_loss(b - h, b - h)",
        "value_of_the_loss(b + h, b) - value_of_the_loss(b - h, b)",
    ),
    LessonBug(
        "JSD is written for 2 JSD",
        "one-rule-for-all-losses-3",
        "lambda log_q: 2 * jensen_shannon_1d(log_p",
        "lambda log_q: jensen_shannon_1d(log_p",
    ),
    LessonBug(
        "the likelihood is given the reverse divergence",
        "what-it-costs-to-lose-a-mode-5",
        "lambda log_q: kl_1d(two, log_q, *GRID)",
        "lambda log_q: kl_1d(log_q, two, *GRID)",
        "what-it-costs-to-lose-a-mode-2",
        ("what-it-costs-to-lose-a-mode-2",),
    ),
    known_bug("non-saturating loss that saturates", f"{LOSSES}-2"),
    known_bug("a pull of the discriminator with the labels swapped", f"{LOSSES}-5"),
    known_bug("a pull without the discriminator's slope along x", "what-the-generator-really-descends-2"),
    known_bug("the divergence of the non-saturating loss with one JSD", "what-the-generator-really-descends-2"),
    known_bug("a scale pulled per unit of x", "one-rule-for-all-losses-3"),
]
