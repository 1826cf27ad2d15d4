"""What a model accepts as data, and the sentence that anything else deserves.

NumPy only. A model states its contract (shape, range, symbols) and `DataContract.checked` either returns the data as
the model wants it or raises a `ValueError` that says what was expected, what came and how to repair it.
"""

from dataclasses import dataclass

import numpy as np

from course_lib.arguments import real_array

_LARGEST = 1e15  # sums of squares of larger numbers overflow float32


@dataclass(frozen=True)
class DataContract:
    """The data that a model accepts.

    Attributes:
        event_shape: Shape of one example, such as `(28, 28, 1)`; None for a free axis; None altogether if unknown.
        minimum: Smallest allowed value, or None.
        maximum: Largest allowed value, or None.
        symbols: True if data are integers that name symbols; else data become float32.
        because: Where the range comes from, for the message, such as `"bernoulli_log_prob"`.
    """

    event_shape: tuple | None
    minimum: float | None = None
    maximum: float | None = None
    symbols: bool = False
    because: str = "this model"

    def checked(self, x, name="x"):
        """Return the data as float32 (or int32 symbols), or raise.

        Args:
            x: Array-like, `(n, *event_shape)`.
            name: How to call the data in a message.

        Returns:
            NumPy array, float32 or int32, the same shape. Booleans, integers and float64 are converted.

        Raises:
            ValueError: If the array is empty, has another shape, is not numeric, holds NaN or infinite values, or
                leaves the range of the contract, or reaches beyond ±1e15, where squares overflow float32.

        Example:
            >>> DataContract((2,), 0.0, 1.0).checked([[0, 1]]).dtype
            dtype('float32')
        """
        x = real_array(x, name)
        self._check_shape(x, name)
        x = self._converted(x, name)
        self._check_range(x, name)
        return x

    def _check_shape(self, x, name):
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
            + _shape_repair(x.shape, expected, name)
        )

    def _check_range(self, x, name):
        low, high = float(x.min()), float(x.max())
        below = self.minimum is not None and low < self.minimum
        above = self.maximum is not None and high > self.maximum
        if below or above:
            raise ValueError(
                f"{name} must lie in [{_bound(self.minimum, '-∞')}, {_bound(self.maximum, '∞')}] for {self.because}; "
                f"got values from {low:g} to {high:g}. {self._range_repair(low, high, name)}"
            )
        if not self.symbols and self.maximum is None and _looks_like_bytes(x, low, high):
            raise ValueError(
                f"{name} looks like raw pixels: whole numbers from {low:g} to {high:g}. Expected small numbers around "
                f"0 or in [0, 1]. Divide by 255: {name}.astype('float32') / 255."
            )

    def _converted(self, x, name):
        low, high = _finite_range(x, name)
        if self.symbols and not np.issubdtype(x.dtype, np.integer):
            raise ValueError(f"{name} must hold integers that name symbols for {self.because}; got {x.dtype}.")
        dtype = "int32" if self.symbols else "float32"
        largest = np.iinfo(dtype).max if self.symbols else _LARGEST
        if max(-low, high) > largest:
            raise ValueError(
                f"{name} must fit into {dtype}, its squares too: up to {largest:.3g}; got {low:g} to {high:g}. "
                "Scale the data to a larger unit."
            )
        return x.astype(dtype, copy=False)

    def _range_repair(self, low, high, name):
        if self.symbols:
            return "Number the symbols from 0, and give the decoder one logit for each."
        if low >= 0 and 1 < high <= 255 and self.minimum == 0:
            return f"Raw pixels? Divide by the largest possible value: {name}.astype('float32') / 255."
        if low >= 0 and 1 < high <= 255 and self.minimum == -1:
            return f"Raw pixels? Scale them to [-1, 1]: {name}.astype('float32') / 127.5 - 1."
        if -1 <= low < 0 and high <= 1:
            return f"Already in [-1, 1]? Then move it: ({name} + 1) / 2."
        return "Scale the data to that range; standardised data need a Gaussian likelihood or a linear output."


def _finite_range(x, name):
    low, high = float(x.min()), float(x.max())  # both carry a NaN along
    if not (np.isfinite(low) and np.isfinite(high)):
        bad = ~np.isfinite(x)
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"{name} must be finite; got {int(bad.sum())} NaN or infinite values, the first at index {where}. "
            f"Find the rows with ~np.isfinite({name}), then repair or drop them."
        )
    return low, high


def _fits(shape, expected):
    return len(shape) == len(expected) and all(b is None or a == b for a, b in zip(shape, expected, strict=True))


def _bound(value, unbounded):
    return unbounded if value is None else format(value, "g")


def _size(size):
    return "any" if size is None else str(size)


def _shape_repair(shape, expected, name):
    known = [size for size in expected if size is not None]
    if _fits(shape, expected):
        return f"The axis of the examples is missing: {name}[None] makes a batch of one."
    if shape and _fits((*shape[1:], 1), expected):
        return f"Add the {'channel' if len(expected) > 1 else 'last'} axis: {name}[..., None]."
    if len(shape) == 1:
        return f"One number per example looks like labels: pass the {'images' if len(expected) > 1 else 'data'}."
    if len(shape) > 2 and _fits((*shape[2:], shape[1]), expected):
        return f"The channels come first: np.moveaxis({name}, 1, -1)."
    if len(known) == len(expected) and np.prod(shape[1:]) == np.prod(known):
        return f"The number of values fits: {name}.reshape((-1, {', '.join(map(str, expected))}))."
    if len(shape) == len(expected) + 1 and _fits(shape[1:-1], expected[:-1]):
        what = "channels" if len(expected) > 1 else "values per example"
        return f"The number of {what} differs: {shape[-1]} came, {_size(expected[-1])} expected."
    return "Reshape the data, or build the networks for its shape."


def _looks_like_bytes(x, low, high):
    """Whole numbers of 0..255 where a network expects small ones: in images always, in vectors if plainly bytes."""
    image = x.ndim >= 3
    if not (low >= 0 and high <= 255 and (high > 1 if image else high > 127 and x[0].size >= 64)):
        return False
    sample = x[:1000]
    return bool(np.all(sample == np.round(sample)))
