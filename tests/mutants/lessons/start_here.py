"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug

BUGS = [
    LessonBug(
        "the mean picture is judged per pixel, the network per picture",
        "did-it-learn-anything-a-proof-cell-2",
        "lazy = np.square(data.x_test - mean_picture).sum(axis=(1, 2, 3)).mean()",
        "lazy = np.square(data.x_test - mean_picture).mean()",
    ),
]
