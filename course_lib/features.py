"""Features of letters: what a small network, trained by the course on the labelled glyphs, sees in an image.

Distances between images are measured on features rather than on pixels, where a shift by one pixel is a long way. The
network is dense and evaluated in NumPy, so its numbers are the same on every backend. The card is
`data/letter_features.md`.
"""

import functools

import numpy as np

from course_lib.contracts.arguments import real_array
from course_lib.datasets.archive import embedded_path, read_embedded

DIGESTS = {
    "hidden_kernel": "0a6c344d5575213632a9654b12bf126e6823fc4942a4922745c3a81afa552238",
    "hidden_bias": "431678cb674899b1d2dfdfd4b401508e6cf6b449629b5bff4bd78959fd92ad2f",
    "feature_kernel": "3d4c0bc6ec0478e1b4f707c0017c9bde4d0b90e160f618d794bbff3e112683c8",
    "feature_bias": "35c2eddb62d589ec3a75819d4d1a8193e05af5e1828f91b05898264bde5fbf34",
    "letter_kernel": "4adef7502cbcf97e08b923a195fe17e9217010dfe2ede6a0dd3a21f80af22639",
    "letter_bias": "a5fffa16a50e58c7935d58e327c92ba8b5ea0def3c249f33793349e0473b6e06",
    "font_kernel": "37968a04bc8fc379d817fdda4e290ff24d25d6d5ca0b26d213480d85dfa6bde0",
    "font_bias": "a762a5a0a35f6dd800b6209ae8f0da83d8425a8ad075d1ce40c7b43f849b1e39",
    "mean": "d0b8dc72a96bc9d297fb1568049995b342de9399cad4b66fdd3301fa4460369c",
    "deviation": "4d059c5d061408716bcd8e1313bca3f1a57b38bd4bf0849d6bedd0e316499ed4",
}

_CHUNK_ROWS = 1000


def letter_features(images):
    r"""The 32 features of each image: the last hidden layer of a classifier of letters and fonts.

    $$f = W_2^\top \max(0,\, W_1^\top x + b_1) + b_2$$

    Each feature has mean 0 and variance 1 over the training glyphs. They know letters and fonts well, places and sizes
    only as far as these matter for the names, and nothing of images that are no letters.

    Args:
        images: Numbers in [0, 1], `(n, 28, 28)` or `(n, 28, 28, 1)`, white ink (1) on black (0), as in
            `datasets.load("glyphs")`, grey or binary.

    Returns:
        Float32 array, `(n, 32)`.

    Raises:
        ValueError: If the images have another shape, or leave [0, 1].
        DataError: If the file of weights is missing, broken or changed.

    Example:
        >>> letter_features(np.zeros((2, 28, 28, 1))).shape
        (2, 32)

    Reference:
        Heusel et al. (2017), arXiv:1706.08500, compare features of a classifier of photographs in the same way.
    """
    return features_of(_weights(), _checked(images)).astype("float32")


def letter_scores(images):
    """What the network makes of each image: log-probabilities of the letters and of the fonts.

    Args:
        images: As for `letter_features`.

    Returns:
        Two float32 arrays, `(n, 10)` and `(n, 12)`, in nats; the orders are those of `glyphs.LETTERS` and `FONTS`.

    Raises:
        ValueError: If the images have another shape, or leave [0, 1].
        DataError: If the file of weights is missing, broken or changed.

    Example:
        >>> letters, fonts = letter_scores(np.zeros((2, 28, 28, 1)))
        >>> np.exp(letters).sum(axis=1).round(4).tolist()
        [1.0, 1.0]
    """
    return tuple(scores.astype("float32") for scores in scores_of(_weights(), _checked(images)))


def features_of(weights, images):
    """The features under given weights, in float64: `(n, features)`; `images` is `(n, ...)` of 784 pixels."""
    layers = [weights[name].astype("float64") for name in ("hidden_kernel", "hidden_bias", "feature_kernel")]
    kernel, bias, outer = layers
    pieces = []
    for start in range(0, len(images), _CHUNK_ROWS):
        x = np.asarray(images[start : start + _CHUNK_ROWS], dtype="float64")
        x = x.reshape(len(x), -1)
        pieces.append(np.maximum(x @ kernel + bias, 0.0) @ outer + weights["feature_bias"].astype("float64"))
    return np.concatenate(pieces)


def scores_of(weights, images):
    """The log-probabilities of letters and fonts under given weights, in float64."""
    plain = features_of(weights, images) * weights["deviation"] + weights["mean"]
    seen = np.maximum(plain, 0.0)
    logits = [
        seen @ weights[f"{head}_kernel"].astype("float64") + weights[f"{head}_bias"].astype("float64")
        for head in ("letter", "font")
    ]
    return tuple(each - np.logaddexp.reduce(each, axis=1, keepdims=True) for each in logits)


def letter_features_path():
    """Where the file is: `data/` of a checkout, or inside the installed package.

    Raises:
        DataError: If it is at neither place.
    """
    return embedded_path("letter_features.npz")


@functools.cache
def _read(path):
    return read_embedded(path, DIGESTS)


def _weights():
    return _read(letter_features_path())


def _checked(images):
    images = real_array(images, "images")
    if images.ndim not in (3, 4) or images.shape[1:] not in ((28, 28), (28, 28, 1)) or not len(images):
        raise ValueError(
            f"images should have shape (n, 28, 28) or (n, 28, 28, 1), at least one; got {images.shape}. The features "
            "are those of glyphs: other data need a network of their own."
        )
    if not (images.min() >= 0 and images.max() <= 1):
        raise ValueError(
            f"images should lie in [0, 1], white ink on black; they range from {images.min()} to {images.max()}. "
            "Divide by 255, or clip what a model makes: np.clip(images, 0, 1)."
        )
    return images
