"""What every formula does with its event, all axes but the first: read it as float32, compare shapes, sum over it.

Shapes and dtypes are checked here, once, also in compiled code. Values cannot be: NaN gives NaN, for its own example
alone. Where a formula meets 0 · ∞ the limit is meant, which is 0.
"""

import keras
from keras import ops

_LARGEST_EXPONENT = 88.0  # exp(88) is finite in float32


def as_float32(*tensors):
    """Read numbers of any precision as float32, also under mixed precision.

    Args:
        *tensors: Tensors, arrays or nested lists of real numbers or booleans.

    Returns:
        List of float32 tensors.

    Raises:
        ValueError: If one is not an array of real numbers.

    Example:
        >>> [keras.backend.standardize_dtype(x.dtype) for x in as_float32([1, 2])]
        ['float32']
    """
    return [ops.cast(real_tensor(tensor), "float32") for tensor in tensors]


def real_tensor(x):
    """Read an array-like as a tensor of its own dtype, or raise a `ValueError` unless it holds real numbers.

    Example:
        >>> tuple(real_tensor([[1, 2]]).shape)
        (1, 2)
    """
    repair = "Give every example the same shape and convert the data to numbers, such as np.asarray(x, 'float32')."
    try:
        x = x if hasattr(x, "dtype") and hasattr(x, "shape") else ops.convert_to_tensor(x)
        dtype = keras.backend.standardize_dtype(x.dtype)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"Expected an array of real numbers; got {type(x).__name__}: {error}. {repair}") from None
    if not dtype.startswith(("float", "bfloat", "int", "uint", "bool")):
        raise ValueError(f"Expected an array of real numbers; got dtype {dtype}. {repair}")
    return x


def sum_over_event(values):
    """Sum over all axes but the first, which is the batch.

    Args:
        values: Tensor, `(batch, ...)`.

    Returns:
        Tensor, `(batch,)`.

    Example:
        >>> ops.convert_to_numpy(sum_over_event(ops.ones((2, 3, 4)))).tolist()
        [12.0, 12.0]
    """
    return ops.sum(values, axis=tuple(range(1, len(values.shape))))


def require_same_shape(x, other, name, reference="Data"):
    """Raise a `ValueError` unless two tensors have the same shape, where shapes are known, and an axis of examples."""
    if len(x.shape) == len(other.shape) == 0:
        raise ValueError(f"{reference} and {name} must have shape (batch, ...); got single numbers. Write [x] for x.")
    if not _same_shape(x.shape, other.shape):
        raise ValueError(
            f"{reference} and {name} must have the same shape, or they would broadcast silently; got "
            f"{tuple(x.shape)} and {tuple(other.shape)}. Reshape one to the shape of the other."
        )


def require_broadcastable(parameter, x, name, reference="the data"):
    """Raise a `ValueError` unless a parameter broadcasts to the shape of `x` without making it larger."""
    missing = len(x.shape) - len(parameter.shape)
    fits = missing >= 0 and all(
        a in (1, b) or a is None or b is None for a, b in zip(parameter.shape, x.shape[missing:], strict=True)
    )
    if not fits:
        raise ValueError(
            f"{name} must broadcast to the shape of {reference}, {tuple(x.shape)}; got {tuple(parameter.shape)}. "
            "Give one number for all values, or one for each."
        )


def finite_exp(x):
    """The exponential, kept finite, so that its product with 0 is 0.

    Example:
        >>> float(0.0 * finite_exp(ops.array(1e4)))
        0.0
    """
    return ops.exp(ops.minimum(x, _LARGEST_EXPONENT))


def expected(probabilities, values):
    """Probability times value, where what cannot happen counts 0, even if its value is infinite.

    Example:
        >>> float(expected(ops.array(0.0), ops.array(float("inf"))))
        0.0
    """
    return probabilities * ops.where(probabilities == 0, 0.0, values)


def _same_shape(a, b):
    return len(a) == len(b) and all(i == j or i is None or j is None for i, j in zip(a, b, strict=True))
