"""Arguments that are read once and for all: counts, numbers and tables, each refused with a sentence. NumPy only."""

import contextlib
import math
import numbers

import numpy as np

from course_lib.contracts import containers

_LARGEST = 1e150  # squares of larger numbers overflow float64


def whole_number(value, name, smallest=0, largest=None):
    """Read an argument that counts something.

    Args:
        value: What was given.
        name: What it is called, for the message.
        smallest, largest: The ends of its range; None for no largest.

    Returns:
        The `int`.

    Raises:
        ValueError: If it is no integer (a float or a Boolean is none), or leaves the range.

    Example:
        >>> whole_number(np.int64(3), "num_samples", smallest=1)
        3
    """
    is_whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if is_whole and smallest <= value and (largest is None or value <= largest):
        return int(value)
    if not is_whole:
        without = "a decimal point: 10, not 10.0" if isinstance(value, numbers.Real) else "quotes or brackets: 10"
        raise ValueError(f"{name} should be an integer; got {_shortened(value)}. Write it without {without}.")
    if largest is None:
        raise ValueError(f"{name} should be at least {smallest}; got {value!r}.")
    raise ValueError(f"{name} should lie in {smallest} … {largest}; got {value!r}.")


def whole_numbers(values, name, smallest=1, minimum_length=0):
    """Read an argument that is a tuple of counts, such as the widths of layers.

    Args:
        values: What was given: a tuple, a list or another finite sequence of integers.
        name: What it is called, for the message.
        smallest: The least that each of them may be.
        minimum_length: How many there must be at least.

    Returns:
        Tuple of `int`.

    Raises:
        ValueError: If it is one number, text or no sequence, an entry is no integer or too small, or there are too few.

    Example:
        >>> whole_numbers([256, np.int64(128)], "hidden_units")
        (256, 128)
    """
    if isinstance(values, numbers.Number):
        raise ValueError(f"{name} should be a tuple of integers; got {values!r}. Write it as a tuple: ({values!r},).")
    is_sequence = isinstance(values, (tuple, list, range, np.ndarray)) or type(values).__name__ in (
        "Size",
        "TensorShape",
    )
    if not is_sequence or getattr(values, "ndim", 1) != 1:
        raise ValueError(
            f"{name} should be a tuple of integers, such as (256, 128); got {_shortened(values)}, a "
            f"{type(values).__name__}. Give integers in round brackets."
        )
    read = tuple(whole_number(value, f"each number in {name}", smallest) for value in values)
    if len(read) < minimum_length:
        raise ValueError(f"{name} should hold at least {minimum_length} integer(s), such as (64, 32); got {values!r}.")
    return read


def shape_of_example(shape, name="data_shape"):
    """Read an argument that is the shape of one example, all of whose sizes are known.

    Args:
        shape: What was given: a tuple of integers ≥ 1, without the axis of the examples.
        name: What it is called, for the message.

    Returns:
        Tuple of `int`.

    Raises:
        ValueError: If it is one number, the data themselves, or a size is unknown or no integer ≥ 1.

    Example:
        >>> shape_of_example((28, 28, 1))
        (28, 28, 1)
    """
    if not isinstance(shape, (tuple, list)) and len(getattr(shape, "shape", ())) > 1:
        given = tuple(shape.shape)
        raise ValueError(
            f"{name} should be the shape of one example; got the data themselves, of shape {given}. Leave out the axis "
            f"of the examples: {given[1:]}."
        )
    if isinstance(shape, (tuple, list)) and any(size is None for size in shape):
        raise ValueError(
            f"{name} should be the shape of one example, all of whose sizes are known; got {tuple(shape)}. Crop or pad "
            "the examples to one size, and write that size in the place of None."
        )
    return whole_numbers(shape, name)


def image_shape(shape, name="data_shape"):
    """Read an argument that is the shape of one image, `(height, width, channels)`.

    Args:
        shape: What was given.
        name: What it is called, for the message.

    Returns:
        Tuple of three `int`.

    Raises:
        ValueError: If it has not three sizes, or the channels come first.

    Example:
        >>> image_shape([28, 28, 1])
        (28, 28, 1)
    """
    shape = shape_of_example(shape, name)
    expected = f"{name} should be (height, width, channels); got {shape}."
    if len(shape) == 2:
        raise ValueError(f"{expected} Grey images have one channel: ({shape[0]}, {shape[1]}, 1).")
    if len(shape) == 4:
        raise ValueError(f"{expected} Is the first the number of examples? Leave it out: {shape[1:]}.")
    if len(shape) != 3:
        raise ValueError(f"{expected} Convolutions need images, a dense network takes any shape.")
    if shape[0] in (1, 3) and shape[0] < shape[1] == shape[2]:
        raise ValueError(
            f"{expected} Do the channels come first? Move them to the end, here and in the data, "
            f"np.moveaxis(x, 1, -1): {(*shape[1:], shape[0])}."
        )
    return shape


def _shortened(value):
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def real_number(value, name):
    """Read an argument that is one finite number.

    Args:
        value: What was given.
        name: What it is called, for the message.

    Returns:
        The `float`.

    Raises:
        ValueError: If it is no real number, or NaN or infinite.

    Example:
        >>> real_number(1, "radius")
        1.0
    """
    number = math.nan
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        with contextlib.suppress(OverflowError):  # an integer of hundreds of digits
            number = float(value)
    if math.isfinite(number):
        return number
    raise ValueError(f"{name} should be one finite number; got {value!r}.")


def real_array(x, name, symbols=False):
    """Read an array-like of any framework as real numbers, in a dtype of NumPy's own.

    Tables of numbers (a DataFrame or a Series of pandas or polars) are read by `to_numpy`; what is missing in them
    becomes NaN. What holds its numbers in another way, such as a sparse matrix or an opened file, is refused with the
    code that reads it.

    Args:
        x: Array, tensor, table or nested list of Booleans, integers or floats of any precision.
        name: What it is called, for the message.
        symbols: Whether the numbers name symbols, so that texts can be spelt in an alphabet.

    Returns:
        NumPy array; Booleans become uint8, bfloat16 becomes float32.

    Raises:
        ValueError: If it is ragged, masked, or holds strings, complex numbers or objects; with code that repairs it,
            where there is any.

    Example:
        >>> real_array([[True, False]], "x").dtype.name
        'uint8'
    """
    original, x = x, containers.read(x, name)
    if hasattr(x, "detach"):  # PyTorch: NumPy takes no tensor that carries a gradient, and has no bfloat16
        x = x.detach().cpu()
        x = x.float() if str(x.dtype) == "torch.bfloat16" else x
    try:
        x = np.asarray(x)
    except (TypeError, ValueError, RuntimeError) as error:
        is_list = isinstance(x, (list, tuple))
        came = f"{type(x).__name__} of unequal parts" if is_list else f"{type(x).__name__}: {error}"
        repair = containers.repair_of_ragged(x, name) if is_list else "Make it a NumPy array first."
        raise ValueError(f"{name} must be an array of numbers; got {came}. {repair}") from None
    if x.dtype.kind not in "biuf" and x.dtype.name != "bfloat16":
        came = f"dtype {x.dtype} of shape {x.shape}" + (f", a {type(original).__name__}" if x.ndim == 0 else "")
        repair = containers.repair_of_dtype(x, original, name, symbols)
        raise ValueError(f"{name} must be an array of real numbers; got {came}. {repair}")
    if x.dtype.kind not in "biuf":
        x = x.astype("float32")
    return x.astype("uint8") if x.dtype == bool else x


def finite_float64(x, name):
    """Read an array-like as float64 numbers that can be squared.

    Args:
        x: Array, tensor or nested list of real numbers.
        name: What it is called, for the message.

    Returns:
        Float64 array of the same shape.

    Raises:
        ValueError: If it is no array of real numbers, or one is NaN, infinite or beyond ±1e150.

    Example:
        >>> finite_float64([1, 2], "a").tolist()
        [1.0, 2.0]
    """
    x = real_array(x, name).astype("float64")
    if not np.isfinite(x).all():
        raise ValueError(f"{name} should be finite; it holds NaN or infinity. Repair or remove those examples first.")
    if x.size and np.abs(x).max() > _LARGEST:
        raise ValueError(
            f"{name} should lie within ±{_LARGEST:g}, or squares overflow; it reaches {np.abs(x).max():.3g}. Scale it."
        )
    return x
