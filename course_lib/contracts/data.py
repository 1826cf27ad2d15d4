"""What a model accepts as data, and the sentence that anything else deserves.

NumPy only. A model states its contract (shape, range, scale, symbols) and `DataContract.checked` either returns the
data as the model wants it or raises a `ValueError` that says what was expected, what came and how to repair it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from course_lib.contracts.arguments import real_array
from course_lib.contracts.containers import as_number, indexable, read, variable

_LARGEST = 1e15  # sums of squares of larger numbers overflow float32
_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True)
class DataContract:
    """The data that a model accepts.

    Attributes:
        event_shape: Shape of one example, such as `(28, 28, 1)`; None for a free axis; None altogether if unknown.
        minimum: Smallest allowed value, or None.
        maximum: Largest allowed value, or None.
        symbols: True if data are integers that name symbols; else data become float32.
        because: Where the range or the scale comes from, for the message, such as `"bernoulli_log_prob"`.
        loudest: Largest allowed loudness of an example, or None. The loudness of D values is their root mean square
            times √(D / (D + width)): about what a network makes of them with its initial weights.
        width: Units of the network's first layer.
        quietest: Smallest root mean square of data to learn from, or None; see `require_loudness`.
        at_first: Function that is called with data that were accepted, or None: networks without a shape of their own
            are built on the first data that come.
    """

    event_shape: tuple | None
    minimum: float | None = None
    maximum: float | None = None
    symbols: bool = False
    because: str = "this model"
    loudest: float | None = None
    width: int = 256
    quietest: float | None = None
    at_first: Callable | None = field(default=None, compare=False, repr=False)

    def checked(self, x, name="x"):
        """Return the data as float32 (or int32 symbols), or raise.

        Args:
            x: Array-like, `(n, *event_shape)`.
            name: How to call the data in a message.

        Returns:
            NumPy array, float32 or int32, the same shape. Booleans, integers and float64 are converted.

        Raises:
            ValueError: If the array is empty, has another shape, is not numeric, holds NaN or infinite values, or
                leaves the range or the scale of the contract, or reaches beyond ±1e15, where squares overflow float32.

        Example:
            >>> DataContract((2,), 0.0, 1.0).checked([[0, 1]]).dtype
            dtype('float32')
        """
        original, x = x, real_array(read(x, name, self.event_shape), name, self.symbols)
        self._check_shape(x, original, name)
        x = self._converted(x, original, name)
        self._check_range(x, original, name)
        self._check_scale(x, original, name)
        if self.at_first is not None:
            self.at_first(x)
        return x

    def in_words(self):
        """What is expected, in a few words.

        Example:
            >>> DataContract((28, None)).in_words()
            'an array of shape (examples, 28, any)'
        """
        if self.event_shape is None:
            return "an array of examples"
        return f"an array of shape (examples, {', '.join(map(_size, self.event_shape))})"

    def require_loudness(self, loudness, name="x"):
        """Raise if data are so small beside the stated deviation that nothing is learned from them; 0 is an answer.

        For a training as a whole: one example, or one batch of silence, may be small.

        Args:
            loudness: Number, the root mean square of all that is to be learned from.
            name: What the data are called.
        """
        if self.quietest is None or not 0 < loudness < self.quietest:
            return
        code = variable(name)
        raise ValueError(
            f"{name} must not be far below the deviation that {self.because} states, or nothing is "
            f"learned: expected a root mean square of at least {self.quietest:.3g}; got {loudness:.3g}. "
            f"Divide by the largest value: {code} / np.abs({code}).max(). Or state a smaller variance: "
            f"course_lib.formulas.gaussian({max(loudness, 1e-100) ** 2 / 100:.1g})."
        )

    def _check_shape(self, x, original, name):
        if x.ndim == 0:
            raise ValueError(
                f"{name} must be an array of examples; got the single number {x}. Give it an axis of examples."
            )
        if x.size == 0:
            raise ValueError(f"{name} is empty: its shape is {x.shape}. Give at least one example.")
        expected = self.event_shape
        if expected is None or _fits(x.shape[1:], expected):
            return
        raise ValueError(
            f"{name} must have shape (examples, {', '.join(map(_size, expected))}); got {x.shape}. "
            + self._shape_repair(x, original, name)
        )

    def _check_range(self, x, original, name):
        low, high = float(x.min()), float(x.max())
        below = self.minimum is not None and low < self.minimum
        above = self.maximum is not None and high > self.maximum
        if below or above:
            raise ValueError(
                f"{name} must lie in [{_bound(self.minimum, '-∞')}, {_bound(self.maximum, '∞')}] for {self.because}; "
                f"got values from {low:g} to {high:g}. {self._range_repair(low, high, original, name)}"
            )
        if not self.symbols and self.maximum is None and _looks_like_bytes(x, low, high):
            raise ValueError(
                f"{name} looks like raw pixels: whole numbers from {low:g} to {high:g}. Expected small numbers around "
                f"0 or in [0, 1]. Divide by 255: {as_number(original, name)} / 255."
            )

    def _check_scale(self, x, original, name):
        """Refuse what networks with their initial weights make too large: e to a log-variance of ±100 is no number."""
        if self.loudest is None or self.symbols:
            return
        size = math.prod(x.shape[1:])
        largest = self.loudest * math.sqrt((size + self.width) / size)
        loudness = _root_mean_squares(x)
        if loudness.max() <= largest:
            return
        raise ValueError(
            f"{name} must be around unit scale for {self.because}, the root mean square of each example at most "
            f"{largest:.3g}, or training diverges; got values from {x.min():g} to {x.max():g}, a root mean square of "
            f"{loudness.max():.3g}. {_scale_repair(x, loudness > largest, original, name)}"
        )

    def _converted(self, x, original, name):
        low, high = _finite_range(x, original, name)
        if self.symbols and not np.issubdtype(x.dtype, np.integer):
            whole = bool(np.all(x == np.round(x)))
            repair = f"Convert them: {as_number(original, name, 'int32')}." if whole else "Number the symbols."
            raise ValueError(f"{name} must hold integers that name symbols for {self.because}; got {x.dtype}. {repair}")
        dtype = "int32" if self.symbols else "float32"
        largest = np.iinfo(dtype).max if self.symbols else _LARGEST
        if max(-low, high) > largest:
            raise ValueError(
                f"{name} must fit into {dtype}, its squares too: up to {largest:.3g}; got {low:g} to {high:g}. "
                "Scale the data to a larger unit."
            )
        return x.astype(dtype, copy=False)

    def _range_repair(self, low, high, original, name):
        code = as_number(original, name)
        if self.symbols:
            return "Number the symbols from 0, and give the decoder one logit for each."
        if -1 <= low < 0 and high <= 1 and self.minimum == 0:
            return f"Already in [-1, 1]? Then move it: ({indexable(original, name)} + 1) / 2."
        largest = next((largest for largest in (255, 65535) if low >= 0 and 1 < high <= largest), None)
        if largest is not None and self.minimum == 0:
            which = f"Raw pixels{' of 16 bits' if largest > 255 else ''}? Divide by the largest possible value"
            return f"{which}: {code} / {largest}."
        if largest is not None and self.minimum == -1:
            return f"Raw pixels? Scale them to [-1, 1]: {code} / {largest / 2:g} - 1."
        if low < 0 and 128 < max(-low, high) <= 32768 and self.minimum == -1:
            return f"Sound of 16 bits? Divide by its largest possible value: {code} / 32768."
        repair = "Scale the data to that range; standardised data need a Gaussian likelihood or a linear output."
        if self.minimum is None or self.maximum is None or high == low:
            return repair
        x, width = indexable(original, name), self.maximum - self.minimum
        stretched = f"({x} - {low!r}) / {(high - low) / width!r}" + (f" - {-self.minimum:g}" if self.minimum else "")
        return (
            f"{repair} From the least to the largest value: np.clip({stretched}, {self.minimum:g}, {self.maximum:g})."
        )

    def _shape_repair(self, x, original, name):
        shape, expected, code = x.shape, self.event_shape, indexable(original, name)
        known = [size for size in expected if size is not None]
        if _fits(shape, expected) and "batch of " in name:
            return f"The axis of the examples is missing: make batches first, {name.split()[-1]}.batch(128)."
        if _fits(shape, expected):
            return f"The axis of the examples is missing: {code}[None] makes a batch of one."
        if shape and _fits((*shape[1:], 1), expected):
            return f"Add the {'channel' if len(expected) > 1 else 'last'} axis: {code}[..., None]."
        if self.symbols and len(shape) == len(expected) + 2 and _fits(shape[1:-1], expected):
            return f"One-hot vectors? Name the symbols: np.argmax({code}, axis=-1)."
        if len(shape) == 1:
            labels = f"One number per example looks like labels: pass the {'images' if len(expected) > 1 else 'data'}."
            return f"{labels} A long signal? {_windows(code, expected[0])}" if _is_long(shape, expected) else labels
        if len(shape) == 2 and shape[1] <= 8 and _is_long(shape, expected):
            return f"Sound of {shape[1]} channels? Take their mean. {_windows(code, expected[0], '.mean(axis=1)')}"
        if len(shape) > 2 and _fits((*shape[2:], shape[1]), expected):
            return f"The channels come first: np.moveaxis({code}, 1, -1)."
        if len(known) == len(expected) and np.prod(shape[1:]) == np.prod(known):
            return f"The number of values fits: {code}.reshape((-1, {', '.join(map(str, expected))}))."
        if len(shape) == len(expected) + 1 and _fits(shape[1:-1], expected[:-1]):
            return _channel_repair(shape[-1], expected, code)
        return "Reshape the data, or build the networks for its shape."


def _finite_range(x, original, name):
    low, high = float(x.min()), float(x.max())  # both carry a NaN along
    if not (np.isfinite(low) and np.isfinite(high)):
        bad = ~np.isfinite(x)
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        code = indexable(original, name)
        raise ValueError(
            f"{name} must be finite; got {int(bad.sum())} NaN or infinite values, the first at index {where}. "
            f"Find the rows with ~np.isfinite({variable(name)}), then repair or drop them{_dropped(bad, code)}."
        )
    return low, high


def _dropped(bad, code):
    """Code that drops what is not finite, a header or a column of text first; none where nothing would be left."""
    rows = bad.reshape(len(bad), -1)
    if rows[0].all() and not rows[1:].any():
        return f"; is the first one a header? {code}[1:]"
    if bad.ndim == 2 and rows.all(axis=0).any() and not rows.all():
        return f"; is it a column of text? np.delete({code}, {np.flatnonzero(rows.all(axis=0)).tolist()}, axis=1)"
    if bad.ndim > 1 and not rows.any(axis=1).all():
        return f": {code}[np.isfinite({code}).reshape(len({code}), -1).all(axis=1)]"
    return ""


def _root_mean_squares(x):
    """The root mean square of each example, float64 `(n,)`."""
    parts = (x[start : start + _ROWS_AT_ONCE] for start in range(0, len(x), _ROWS_AT_ONCE))
    return np.concatenate(
        [np.sqrt(np.square(part.reshape(len(part), -1), dtype="float64").mean(axis=1)) for part in parts]
    )


def root_mean_square(x):
    """The root mean square of all values.

    Example:
        >>> float(root_mean_square(np.full((2, 3), -2.0)))
        2.0
    """
    return math.sqrt(np.square(_root_mean_squares(x)).mean())


def _scale_repair(x, too_large, original, name):
    """How to bring data to unit scale, by what they look like."""
    low, high, size = float(x.min()), float(x.max()), math.prod(x.shape[1:])
    if too_large.mean() < 0.01 and len(x) > 1 and _is_small(x[~too_large]):
        rows, code = np.flatnonzero(too_large), indexable(original, name)
        return (
            f"Only {len(rows)} of {len(x)} examples are that large, the first at index {rows[0]}: repair or drop them: "
            f"np.delete({code}, {rows[:20].tolist()}, axis=0)."
        )
    if size >= 16 and low >= 0 and 1 < high <= 65535:
        largest, bits = (255, 8) if high <= 255 else (65535, 16)
        return f"Pixels of {bits} bits? Divide by the largest possible value: {as_number(original, name)} / {largest}."
    if size >= 16 and low < 0 and 128 < max(-low, high) <= 32768 and _has_one_unit(x):
        return f"Sound of 16 bits? Divide by its largest possible value: {as_number(original, name)} / 32768."
    code = indexable(original, name)
    deviation = f"{code}.std(axis=0)"
    if not x.std(axis=0).all():
        deviation = f"np.where({deviation} > 0, {deviation}, 1)"  # a constant column has no deviation
    return (
        "Standardise each column, with the mean and the deviation of the training data for all other data too: "
        f"({code} - {code}.mean(axis=0)) / {deviation}."
    )


def _is_small(x):
    return float(np.abs(x).max()) <= 10.0


def _has_one_unit(x):
    """Whether all columns scatter alike, as the samples of a sound do and the columns of a table do not."""
    deviations = x.reshape(len(x), -1).std(axis=0)
    return bool(deviations.max() <= 20 * np.median(deviations)) or len(x) < 10


def _channel_repair(came, expected, code):
    what = "channels" if len(expected) > 1 else "values per example"
    differs = f"The number of {what} differs: {came} came, {_size(expected[-1])} expected."
    if len(expected) == 3 and (came, expected[-1]) == (3, 1):
        return f"{differs} Grey from colour: {code}.mean(axis=-1, keepdims=True)."
    if len(expected) == 3 and (came, expected[-1]) == (4, 3):
        return f"{differs} Leave out the fourth, opacity: {code}[..., :3]."
    if len(expected) == 3 and (came, expected[-1]) == (1, 3):
        return f"{differs} Colour from grey: np.repeat({code}, 3, axis=-1)."
    return differs


def _is_long(shape, expected):
    """Whether a signal is long enough to be cut into windows of the size that is expected."""
    return len(expected) == 1 and expected[0] is not None and expected[0] >= 16 and shape[0] >= 2 * expected[0]


def _windows(code, size, mono=""):
    return f"Cut it into windows: {code}{mono}[: len({code}) // {size} * {size}].reshape((-1, {size}))."


def _fits(shape, expected):
    return len(shape) == len(expected) and all(b is None or a == b for a, b in zip(shape, expected, strict=True))


def _bound(value, unbounded):
    return unbounded if value is None else format(value, "g")


def _size(size):
    return "any" if size is None else str(size)


def _looks_like_bytes(x, low, high):
    """Whole numbers of 0..255 where a network expects small ones: in images always, in vectors if plainly bytes."""
    image = x.ndim >= 3
    if not (low >= 0 and high <= 255 and (high > 1 if image else high > 127 and x[0].size >= 64)):
        return False
    sample = x[:1000]
    return bool(np.all(sample == np.round(sample)))
