"""Exercises of the first lesson: a warm-up, and what the checks can say."""

import numpy as np

from course_lib.exercises.engine import Exercise, Mistake


def _pictures(rng):
    return (rng.random((int(rng.integers(3, 9)), 28, 28, 1)).astype("float32"),)


def _pairs(rng):
    (x,) = _pictures(rng)
    return x, rng.random(x.shape).astype("float32")


def _of_28_pixels(*names):
    """The sizes that are the same in all draws, and why."""
    axes = [f"axis {axis} of {name}" for name in names for axis in (1, 2, 3)]
    return dict.fromkeys(axes, "the lesson says that pictures have 28 × 28 pixels of one value.")


MEAN_PICTURE = Exercise(
    reference=lambda images: images.mean(axis=0),
    inputs=_pictures,
    constant=_of_28_pixels("images"),
    mistakes=(
        Mistake(
            "one number",
            lambda images: images.mean(),
            "you averaged over the pixels too and got one number. Average over the pictures: axis 0.",
        ),
        Mistake(
            "over pixels",
            lambda images: images.mean(axis=(1, 2, 3)),
            "that is the mean brightness of each picture. Average over the pictures, and keep the pixels.",
        ),
        Mistake(
            "sum",
            lambda images: images.sum(axis=0),
            "that is the sum of the pictures: divide by how many there are.",
        ),
    ),
)

SQUARED_ERROR = Exercise(
    reference=lambda x, x_hat: np.square(x - x_hat).sum(axis=(1, 2, 3)),
    inputs=_pairs,
    constant=_of_28_pixels("x", "x_hat"),
    mistakes=(
        Mistake(
            "mean over pixels",
            lambda x, x_hat: np.square(x - x_hat).mean(axis=(1, 2, 3)),
            "you took the mean over the pixels, which is the error per pixel. Per picture means: sum them.",
        ),
        Mistake(
            "one number",
            lambda x, x_hat: np.square(x - x_hat).sum(),
            "you summed over the pictures as well. Keep one number for each picture: sum over the axes 1, 2 and 3.",
        ),
        Mistake(
            "mean of everything",
            lambda x, x_hat: np.square(x - x_hat).mean(),
            "that is one number for the whole batch, and a mean besides. Sum over the pixels, keep the pictures.",
        ),
        Mistake(
            "not squared",
            lambda x, x_hat: (x - x_hat).sum(axis=(1, 2, 3)),
            "without the square, too bright and too dark pixels cancel. Square each difference first.",
        ),
        Mistake(
            "absolute value",
            lambda x, x_hat: np.abs(x - x_hat).sum(axis=(1, 2, 3)),
            "that is the absolute error. It is a sensible error, but the question asks for the square.",
        ),
        Mistake(
            "squares subtracted",
            lambda x, x_hat: (x**2 - x_hat**2).sum(axis=(1, 2, 3)),
            "you squared first and subtracted then. Subtract first, then square: a square is never negative.",
        ),
        Mistake(
            "square of the sum",
            lambda x, x_hat: np.square((x - x_hat).sum(axis=(1, 2, 3))),
            "you squared the sum. Square each pixel's difference first, then sum.",
        ),
        Mistake(
            "root",
            lambda x, x_hat: np.sqrt(np.square(x - x_hat).sum(axis=(1, 2, 3))),
            "that is the distance, the root of the squared error. Leave the root away.",
        ),
    ),
    hints=(
        "Start with the difference of one pixel, square it, and only then add up.",
        "`np.square(x - x_hat)` has the shape of the pictures; `.sum(axis=(1, 2, 3))` keeps axis 0, the pictures.",
    ),
)

TIMES_SMALLER = Exercise(
    reference=784 / (16 * 4),
    rtol=0.02,
    mistakes=(
        Mistake(
            "counting numbers",
            784 / 16,
            "you compared how many numbers there are. A number of the code takes 4 bytes, a pixel only 1.",
        ),
        Mistake("upside down", 16 * 4 / 784, "that is the code's size as a share of the picture's: turn it round."),
        Mistake(
            "both four bytes",
            784 * 4 / 16,
            "the 4 is on the wrong side: the numbers of the code take 4 bytes, the pixels take 1.",
        ),
    ),
    hints=("How many bytes does the picture take? How many does the code take?",),
)
