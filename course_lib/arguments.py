"""Arguments that are read once and for all: counts, numbers and tables, each refused with a sentence. NumPy only."""

import contextlib
import math
import numbers

import numpy as np

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
        raise ValueError(f"{name} should be an integer; got {value!r}. Write it without a decimal point: 10, not 10.0.")
    if largest is None:
        raise ValueError(f"{name} should be at least {smallest}; got {value!r}.")
    raise ValueError(f"{name} should lie in {smallest} … {largest}; got {value!r}.")


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


def real_array(x, name):
    """Read an array-like of any framework as real numbers, in a dtype of NumPy's own.

    Args:
        x: Array, tensor or nested list of Booleans, integers or floats of any precision.
        name: What it is called, for the message.

    Returns:
        NumPy array; Booleans become uint8, bfloat16 becomes float32.

    Raises:
        ValueError: If it is ragged, or holds strings, complex numbers or objects.

    Example:
        >>> real_array([[True, False]], "x").dtype.name
        'uint8'
    """
    if hasattr(x, "detach"):  # PyTorch: NumPy takes no tensor that carries a gradient, and has no bfloat16
        x = x.detach().cpu()
        x = x.float() if str(x.dtype) == "torch.bfloat16" else x
    try:
        x = np.asarray(x)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"{name} must be an array of numbers; got {type(x).__name__}: {error}. Give every example "
            "the same shape and stack them with np.stack."
        ) from None
    if x.dtype.kind not in "biuf" and x.dtype.name != "bfloat16":
        raise ValueError(
            f"{name} must be an array of real numbers; got dtype {x.dtype} of shape {x.shape}. Convert it "
            f"first, such as np.asarray({name}, 'float32'), or select its numeric columns."
        )
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
