"""Bugs for the proofs of the lesson on scores."""

from tests.mutants.lesson_bug import LessonBug, known_bug

POINTS, MANY, LAWS, TELL = (
    "from-lists-to-points",
    "why-density-and-coverage-know-what-equal-laws",
    "a-score-without-its-is-half-a-number",
    "can-anybody-tell-the-classifier-two-sample-test",
)
FRECHET, TABLE, KERNEL = (
    "the-frechet-distance-alias-fid-2",
    "the-table-of-blind-spots",
    "a-kernel-distance-without-bias",
)

BUGS = [
    LessonBug(
        "the curve of precision forgets the ratio",
        "precision-and-recall-of-a-generator-2",
        "best - np.minimum(ratio * p, q).sum()",
        "best - np.minimum(p, q).sum()",
    ),
    LessonBug(
        "precision and recall are exchanged",
        f"{POINTS}-5",
        "metrics.precision_recall(real, samples)",
        "metrics.precision_recall(samples, real)",
    ),
    known_bug("precision and recall swapped", f"{POINTS}-5"),
    LessonBug(
        "every sample is drawn in the plane", "many-dimensions-2", "size=(2, 1000, dimension))", "size=(2, 1000, 2))"
    ),
    known_bug("density that forgets k", f"{MANY}-2"),
    known_bug("expected coverage with one neighbour too few", f"{MANY}-2"),
    LessonBug(
        "the mean is not what is drawn",
        f"{MANY}-5",
        "np.zeros((1000, 64))",
        "np.random.default_rng(1).normal(size=(1000, 64))",
    ),
    known_bug("Fréchet distance without the trace term", FRECHET),
    LessonBug(
        "the matrices are multiplied as if their axes were the same",
        FRECHET,
        "T = np.linalg.solve(root_of_a, linalg.sqrtm(root_of_a @ B @ root_of_a)) @ np.linalg.inv(root_of_a)",
        "T = linalg.sqrtm(B) @ np.linalg.inv(root_of_a)",
    ),
    LessonBug(
        "the bias forgets the means",
        f"{LAWS}-3",
        "return 2 * size.sum() + np.sum(",
        "return np.sum(",
        f"{LAWS}-2",
        (f"{LAWS}-2",),
    ),
    LessonBug(
        "the features are taken for independent ones of variance 1",
        f"{LAWS}-3",
        "bias_times_n(np.cov(held_out.T))",
        "bias_times_n(np.eye(32))",
    ),
    LessonBug(
        "every n takes blocks of the same size",
        f"{LAWS}-5",
        "(of_test[s : s + n], blurred[s : s + n])",
        "(of_test[s : s + 125], blurred[s : s + 125])",
    ),
    LessonBug(
        "the clusters lie twice as far from the middle", f"{LAWS}-7", "* np.sqrt(0.97) +", "* 2 * np.sqrt(0.97) +"
    ),
    LessonBug(
        "the score is compared with equal shares of the letters",
        "the-inception-score-3",
        "rel_entr(probabilities, probabilities.mean(axis=0))",
        "rel_entr(probabilities, 0.1)",
    ),
    known_bug("kernel distance with pairs of a point with itself", f"{KERNEL}-5", (f"{KERNEL}-2",)),
    known_bug("two-sample test trained on its test data too", f"{TELL}-5"),
    LessonBug(
        "the neighbours are shown two equal laws",
        f"{TELL}-7",
        "classifier_two_sample_test(bell, corners, classifier)",
        "classifier_two_sample_test(bell, draws.normal(size=(1000, 2)), classifier)",
    ),
    LessonBug(
        "the garbage is 99.9 %",
        "nats-and-why-they-disagree-with-samples-3",
        "np.log(0.01) + good",
        "np.log(0.001) + good",
    ),
    LessonBug(
        "the garbage lies where the data lie",
        "nats-and-why-they-disagree-with-samples-3",
        "np.full(dimension, 30.0)",
        "np.full(dimension, 0.3)",
    ),
    known_bug("copies compared with the held-out images themselves", "copies-2"),
    known_bug("threshold from the far end", "copies-2"),
    LessonBug(
        "the copies are exact",
        "copies-2",
        "mixed[planted, 13, 13] = 1 - mixed[planted, 13, 13]",
        "mixed[planted, 13, 13] = mixed[planted, 13, 13]",
    ),
    LessonBug(
        "the noise has the ink of one image each",
        f"{TABLE}-4",
        "< fresh.mean(axis=0))",
        "< fresh[:1000])",
        f"{TABLE}-2",
        (f"{TABLE}-2",),
    ),
    LessonBug("forty specks for four", f"{TABLE}-4", "[:, :4]", "[:, :40]", f"{TABLE}-2", (f"{TABLE}-2",)),
]
