"""Bugs for the proofs of the lesson on compression, anomalies and clean data."""

from tests.mutants.lesson_bug import LessonBug, known_bug

LENGTH, BACK, SLIP = "a-probability-is-a-length-5", "bits-back", "a-continuous-code-and-a-famous-slip-5"
VAE, STEPS = "a-trained-vae-as-a-compressor", "what-rounding-a-real-number-costs-2"
SCALED, LETTERS, BLIND = "an-unlikely-image-is-an-anomaly-is-it-3", "letters-and-faces", "where-reconstruction-is-blind"
THRESHOLD, RARE, CLEAN = "a-threshold-with-a-guarantee-3", "how-rare-are-they-2", "are-the-data-what-you-think-2"
LABELS, LEAK = "wrong-labels-2", "a-leak-of-our-own-making-2"

BUGS = [
    known_bug("push that forgets the symbols before", LENGTH),
    LessonBug(
        "lengths in nats", LENGTH, "ideal = -np.log2(probabilities)[symbols]", "ideal = -np.log(probabilities)[symbols]"
    ),
    LessonBug(
        "all kinds are taken for equally frequent in q",
        f"{BACK}-3",
        "joint = log2_joint(x[None], weights, p)",
        "joint = log2_joint(x[None], np.full(30, 1 / 30), p)",
        f"{BACK}-2",
        (f"{BACK}-2",),
    ),
    known_bug("a latent that is not pushed back", f"{BACK}-3"),
    known_bug("latents that are drawn from the prior", f"{BACK}-3"),
    LessonBug(
        "nothing comes back in the sum",
        SLIP,
        "net = np.log2(q[np.arange(100), z]) - log_joint[np.arange(100), z]",
        "net = -log_joint[np.arange(100), z]",
    ),
    LessonBug("the divergence is from the prior", SLIP, "np.maximum(q, 1e-300) / exact", "np.maximum(q, 1e-300) * 256"),
    LessonBug(
        "the variance of the encoder for its deviation",
        f"{VAE}-6",
        "masses(mean, np.exp(0.5 * log_var))",
        "masses(mean, np.exp(log_var))",
        f"{VAE}-4",
        (f"{VAE}-4",),
    ),
    LessonBug(
        "the decoder without its hidden bias",
        f"{VAE}-6",
        "centres[z].astype(dtype) @ out[0] + out[1]",
        "centres[z].astype(dtype) @ out[0]",
        f"{VAE}-4",
        (f"{VAE}-4",),
    ),
    LessonBug(
        "one form for all compressors",
        f"{VAE}-7",
        "((packed, train), (plain, train[-4000:]))",
        "((packed, train),)",
        "who-writes-digits-in-the-fewest-bits-3",
        ("who-writes-digits-in-the-fewest-bits-3",),
    ),
    LessonBug("numbers are cut off, not rounded", STEPS, "np.round(x_axis / step)", "np.floor(x_axis / step)"),
    LessonBug("noise of twice the width", STEPS, "(x_axis + step / 2) - norm", "(x_axis + step) - norm"),
    known_bug("a ratio of deviations for one of variances", SCALED),
    LessonBug("the score is log p", SCALED, "(0.5 * (each**2).sum(axis=1) for", "(-0.5 * (each**2).sum(axis=1) for"),
    LessonBug(
        "log p for −log p",
        f"{LETTERS}-6",
        '"−log p": -log_p',
        '"−log p": log_p',
        f"{LETTERS}-5",
        (f"{LETTERS}-5",),
    ),
    LessonBug(
        "typicality without its absolute value",
        f"{LETTERS}-6",
        "abs(log_p - mean_log_p)",
        "mean_log_p - log_p",
        f"{LETTERS}-5",
        (f"{LETTERS}-5",),
    ),
    LessonBug(
        "the error looks at the kept axes too",
        f"{BLIND}-3",
        "lambda x: ((x - middle - code(x) @ plane) ** 2)",
        "lambda x: ((x - middle) ** 2)",
        f"{BLIND}-2",
        (f"{BLIND}-2",),
    ),
    LessonBug(
        "the shift is along an axis of the law, which is nearly in the plane",
        f"{BLIND}-3",
        '"along": other + delta * 3.0 * axes[0]',
        '"along": other + delta * 3.0 * turned[0]',
        f"{BLIND}-2",
        (f"{BLIND}-2",),
    ),
    LessonBug("the shifted law is the central one", f"{BLIND}-3", "ncx2.logpdf(t, 5, delta**2)", "chi2.logpdf(t, 5)"),
    known_bug("a rank that is rounded down", THRESHOLD),
    known_bug("the next larger score", THRESHOLD),
    LessonBug("the law of another rank", THRESHOLD, "law_of_false_alarms(99, 95)", "law_of_false_alarms(99, 97)"),
    known_bug("a prevalence that is not used", RARE),
    known_bug("the area upside down", RARE),
    known_bug("near ones only within a block of rows", CLEAN),
    LessonBug("noise that is ten times as strong", CLEAN, "+= 0.02 * rng", "+= 0.2 * rng"),
    LessonBug("the copies of other images", CLEAN, "= train_set[source]", "= train_set[source - 1]"),
    known_bug("the farthest neighbours", LABELS),
    LessonBug("rows of all labels are counted", LABELS, "{np.sum(given[:row] == given[row])}", "{row}"),
    LessonBug("a part of the digits is searched twice", LEAK, "digits.x_validation", "digits.x_train"),
    LessonBug(
        "the training images are searched for themselves",
        LEAK,
        '{"train": train, "test": test}',
        '{"train": train, "test": train}',
    ),
]
