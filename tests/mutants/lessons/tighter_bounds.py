"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug, known_bug

REPORT, TRUTH = "a-report-that-beats-the-truth", "a-vae-and-the-whole-truth-about-it-6"

BUGS = [
    LessonBug(
        "the logarithm is taken before the mean",
        "the-logarithm-of-a-mean-3",
        "np.log(np.exp(pool.reshape(K, -1)).mean(axis=0)).mean()",
        "pool.reshape(K, -1).mean(axis=0).mean()",
    ),
    LessonBug(
        "the exponent of the relative variance is halved",
        "how-fast-it-closes-2",
        "v = np.exp(shift**2) - 1",
        "v = np.exp(0.5 * shift**2) - 1",
    ),
    LessonBug(
        "the largest weight is taken out before",
        "numbers-that-no-computer-can-hold-2",
        "np.exp(log_weights).mean(axis=0)",
        "np.exp(log_weights - log_weights.max(axis=0)).mean(axis=0)",
    ),
    known_bug("log-mean-exp without its mean", TRUTH),
    known_bug("an effective sample size that is the inverse", "what-draws-are-worth-3"),
    LessonBug(
        "all draws are weighted equally",
        f"{REPORT}-2",
        "weights = weights / weights.sum(axis=0)",
        "weights = np.full_like(weights, 1 / len(weights))",
    ),
    known_bug("log-mean-exp without its mean", "by-how-much-it-is-too-high-3"),
    LessonBug(
        "your loss is the VAE's, the mean of the logarithms",
        "training-on-the-tighter-bound-6",
        "return loss_in_use(log_likelihood - log_ratio)",
        "return -keras.ops.mean(log_likelihood - log_ratio)",
        file="training-on-the-tighter-bound-5",
        rerun=("training-on-the-tighter-bound-5",),
    ),
    LessonBug(
        "the gap is taken upside down",
        "training-on-the-tighter-bound-6",
        "gaps[name] = truth - elbo",
        "gaps[name] = elbo - truth",
    ),
    LessonBug(
        "both gradients are said to gain",
        "the-price-the-encoder-s-gradient-drowns-4",
        '("encoder", -0.5)',
        '("encoder", 0.5)',
    ),
    known_bug("a mean-field gap without its half", "whose-fault-is-the-gap-3"),
    LessonBug("the search stops after one step", "whose-fault-is-the-gap-3", "num_steps=150", "num_steps=1"),
    LessonBug(
        "the encoder and the search are exchanged",
        "whose-fault-is-the-gap-5",
        "for q in (q_encoder, q_best))",
        "for q in (q_best, q_encoder))",
    ),
    LessonBug(
        "training and test are exchanged",
        "over-fitting-of-a-density-model-3",
        "(values[-1] for values in curves.values())",
        "(values[-1] for values in reversed(curves.values()))",
    ),
    LessonBug(
        "the threshold is put on images that are black and white already",
        "reading-a-table-2",
        "(digits.x_test > 0.5)",
        "(test_x > 0.5)",
    ),
]
