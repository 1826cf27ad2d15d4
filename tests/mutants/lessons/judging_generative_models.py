"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug, known_bug

POINTS, MANY, LAWS, TELL = (
    "from-lists-to-points",
    "many-dimensions-and-two-scores-that-survive-them",
    "what-two-samples-of-one-law-score",
    "can-anybody-tell",
)
TABLE, HEADS, KERNEL = (
    "the-table-of-blind-spots",
    "head-to-head-small-a-vae-and-a-gan",
    "a-kernel-distance-without-bias",
)

BUGS = [
    LessonBug(
        "the curve of precision forgets the ratio",
        "precision-and-recall-of-a-generator-2",
        "best - np.minimum(ratio * p, q).sum()",
        "best - np.minimum(p, q).sum()",
    ),
    LessonBug("the point itself is counted as a neighbour", f"{POINTS}-2", "axis=1)[:, k]", "axis=1)[:, k - 1]"),
    LessonBug(
        "precision and recall are exchanged",
        f"{POINTS}-4",
        "metrics.precision_recall(real, samples)",
        "metrics.precision_recall(samples, real)",
    ),
    LessonBug("every sample is drawn in the plane", f"{MANY}-2", "size=(2, 1000, dimension))", "size=(2, 1000, 2))"),
    known_bug("density that forgets k", f"{MANY}-4"),
    known_bug("expected coverage with one neighbour too few", f"{MANY}-4"),
    LessonBug(
        "the mean is not what is drawn",
        f"{MANY}-7",
        "np.zeros((1000, 64))",
        "np.random.default_rng(1).normal(size=(1000, 64))",
    ),
    known_bug("Fréchet distance without the trace term", "the-frechet-distance-two-means-two-covariances-2"),
    LessonBug(
        "the matrices are multiplied as if their axes were the same",
        "the-frechet-distance-two-means-two-covariances-2",
        "T = np.linalg.solve(root, linalg.sqrtm(root @ B @ root)) @ np.linalg.inv(root)",
        "T = linalg.sqrtm(B) @ np.linalg.inv(root)",
    ),
    LessonBug(
        "the bias forgets the means",
        f"{LAWS}-2",
        "(2 * size + size * (size + 1) / 2) / count",
        "(size * (size + 1) / 2) / count",
    ),
    LessonBug("the heaps lie twice as far from the middle", f"{LAWS}-4", "* np.sqrt(0.97) +", "* 2 * np.sqrt(0.97) +"),
    known_bug("kernel distance with pairs of a point with itself", f"{KERNEL}-5", (f"{KERNEL}-2",)),
    known_bug("two-sample test trained on its test data too", f"{TELL}-5"),
    LessonBug(
        "the neighbours are shown two equal laws",
        f"{TELL}-7",
        "classifier_two_sample_test(bell, corners, judge)",
        "classifier_two_sample_test(bell, draws.normal(size=(1000, 2)), judge)",
    ),
    LessonBug(
        "the garbage is 99.9 %",
        "nats-and-why-they-disagree-with-samples-3",
        "np.log(0.01) + good",
        "np.log(0.001) + good",
    ),
    known_bug("copies compared with the held-out images themselves", "copies-2"),
    known_bug("threshold from the far end", "copies-2"),
    known_bug("share of samples that are farther", f"{TABLE}-4", (f"{TABLE}-2",)),
    LessonBug("the noise has the ink of one image each", f"{TABLE}-6", "< fresh.mean(axis=0))", "< fresh[:1000])"),
    LessonBug(
        "the discriminator gets one head of the encoder", f"{HEADS}-2", "(UNITS, 2 * LATENTS)", "(UNITS, LATENTS)"
    ),
    LessonBug(
        "the discriminator's game is one epoch longer",
        f"{HEADS}-3",
        "epochs=epochs, verbose=0)",
        'epochs=epochs + (name == "GAN"), verbose=0)',
    ),
    LessonBug(
        "the VAE is taken for perfect", f"{HEADS}-8", 'perfect = judged["fresh real"]', 'perfect = judged["VAE"]'
    ),
    known_bug("ball to one neighbour too few", f"{POINTS}-2"),
    known_bug("precision and recall swapped", f"{POINTS}-4"),
]
