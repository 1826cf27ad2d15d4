"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug, known_bug

LINEAR, SNAKE = "the-best-linear-code-is-known-exactly", "nothing-in-common-noise-and-a-snake"

BUGS = [
    LessonBug(
        "the variance is divided by n − 1",
        "the-ruler-what-the-loss-measures-7",
        "x.var(axis=0).sum()",
        "x.var(axis=0, ddof=1).sum()",
    ),
    LessonBug(
        "the residual of seven axes is taken for that of eight", f"{LINEAR}-7", "/ residuals[8])", "/ residuals[7])"
    ),
    LessonBug(
        "the bound forgets the next eigenvalue",
        "how-far-is-the-span-2",
        "bound = excess / (variances[7] - variances[8])",
        "bound = excess / variances[7]",
    ),
    LessonBug(
        "PCA keeps twice as many numbers", "what-bending-buys-4", "pca_copy(x, x_test, 8)", "pca_copy(x, x_test, 16)"
    ),
    LessonBug(
        "both networks get the narrow code",
        "a-code-that-is-wider-than-its-input-4",
        "row_autoencoder(code_size)",
        "row_autoencoder(8)",
    ),
    LessonBug("the residual is that of all ten numbers, not of one", f"{SNAKE}-5", "[5:].sum() / 10", "[5:].sum()"),
    LessonBug("the variance of a uniform number goes with its width", f"{SNAKE}-9", "1 / (12 * n**2)", "1 / (12 * n)"),
    known_bug("mean instead of sum over pixels", "another-ruler-binary-cross-entropy-4"),
    known_bug("BCE from probabilities", "another-ruler-binary-cross-entropy-4"),
    LessonBug(
        "the colleague scales his pixels",
        "a-loss-below-the-floor-2",
        'rows = pixels[:500].reshape(-1, 28).astype("float32")',
        'rows = pixels[:500].reshape(-1, 28).astype("float32") / 255',
    ),
    LessonBug(
        "PCA keeps ten times as many numbers",
        "784-32-784-built-and-judged-5",
        "pca_copy(images, fresh_images, 32)",
        "pca_copy(images, fresh_images, 320)",
    ),
]
