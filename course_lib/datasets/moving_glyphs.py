"""Clips of letters that move: eight frames of 14×14 pixels, made of the glyphs."""

import numpy as np

from course_lib.contracts.arguments import whole_number
from course_lib.datasets.dataset import SPLITS, Dataset
from course_lib.datasets.glyphs import load_glyphs


def load_moving_glyphs(*, num_frames=8, letters=None):
    """Load clips in which a letter moves to the side, one pixel a frame, and comes in again where it goes out.

    Time is the last axis, where an image has its channels: `x[i, :, :, t]` is frame t of clip i. Factors: `letter` and
    `font` as in the glyphs, `direction`, int32, −1 (left) or 1 (right), and `start`, int32, 0 … 13, the pixels that the
    letter has moved to the right before the first frame. The last two are drawn for each glyph, always the same.

    Args:
        num_frames: Of a clip, at least 2.
        letters: A string of some of the letters `ABEGKMQRSZ`; None for all.

    Returns:
        `Dataset` of clips `(14, 14, num_frames)`, as many as there are glyphs of these letters.

    Raises:
        ValueError: If a letter is none of the ten.

    Example:
        >>> data = load_moving_glyphs(letters="A")
        >>> data.x_test.shape
        (200, 14, 14, 8)
    """
    num_frames, glyphs = whole_number(num_frames, "num_frames", 2), load_glyphs()
    letters = "".join(glyphs.class_names) if letters is None else letters
    unknown = [letter for letter in letters if letter not in glyphs.class_names]
    if unknown or not letters:
        raise ValueError(f"letters should be some of {''.join(glyphs.class_names)}; got {letters!r}.")
    wanted = [glyphs.class_names.index(letter) for letter in letters]
    arrays, factors = {}, {}
    for number, split in enumerate(SPLITS):
        images, labels = glyphs.split(split)
        rng = np.random.default_rng(number)
        direction, start = rng.choice([-1, 1], size=len(images)), rng.integers(0, 14, size=len(images))
        keep = np.isin(labels, wanted)
        small = images[keep].reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4))
        moved = start[keep, None] + direction[keep, None] * np.arange(num_frames)
        arrays |= {f"x_{split}": shifted(small, moved), f"y_{split}": labels[keep]}
        known = glyphs.factors[split]
        factors[split] = {"letter": known["letter"][keep], "font": known["font"][keep]}
        factors[split] |= {"direction": direction[keep].astype("int32"), "start": start[keep].astype("int32")}
    return Dataset("moving_glyphs", **arrays, class_names=glyphs.class_names, factors=factors)


def shifted(images, steps):
    """Each image moved to the right by several numbers of pixels, round the edge.

    Args:
        images: `(n, height, width)`.
        steps: Whole numbers, `(n, frames)`.

    Returns:
        Array `(n, height, width, frames)`.

    Example:
        >>> shifted(np.array([[[1, 0, 0]]]), np.array([[0, 1, -1]]))[0, 0].T.tolist()
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    """
    width = images.shape[2]
    columns = (np.arange(width)[:, None] - steps[:, None, :]) % width  # (n, width, frames)
    return np.take_along_axis(images[..., None], columns[:, None], axis=2)
