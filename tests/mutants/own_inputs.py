"""Planted bugs of what learners bring: tables, raw scales, pictures, networks and functions of their own."""

from tests.mutants.bug import planted_in

_PICTURES = ("course_lib/plotting.py", "tests/test_plotting.py")

BUGS = (
    planted_in(_PICTURES, "bytes drawn as ink", "        return images / 255.0\n", "        return np.clip(images, 0, 1)\n"),
    planted_in(_PICTURES, "binary bytes drawn as nearly nothing", "images.dtype == np.uint8 and images.max() > 1", "images.dtype == np.uint8"),
    planted_in(_PICTURES, "pictures in [-1, 1] cut at 0", "low < _FAR_BELOW or high > _FAR_ABOVE or beyond > _SHARE_BEYOND", "high > _FAR_ABOVE"),
    planted_in(_PICTURES, "pictures of a tanh before training cut at 0", " or beyond > _SHARE_BEYOND", ""),
    planted_in(_PICTURES, "colours drawn as their negative", "image if channels else 1 - image", "1 - image"),
    planted_in(_PICTURES, "NaN drawn as paper", "    if not np.isfinite(images).all():", "    if False:"),
    planted_in(_PICTURES, "one colour picture taken for many grey ones", "shape[-1] in (1, 3, 4) and min(shape[:2]) > 4", "False"),
    planted_in(_PICTURES, "logits drawn as probabilities", "probability.min() >= -1e-6 and probability.max() <= 1 + 1e-6", "True"),
    planted_in(_PICTURES, "pictures that a linear decoder overshoots refused", "_FAR_BELOW, _FAR_ABOVE = 0.15, -0.9, 2.0", "_FAR_BELOW, _FAR_ABOVE = 0.15, -0.5, 1.5"),
)  # fmt: skip
