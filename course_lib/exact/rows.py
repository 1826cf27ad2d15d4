"""The one input check of the exact models: a finite float64 table with one example a row."""

from course_lib.contracts.arguments import finite_float64


def as_rows(x, num_features=None, name="x"):
    """Read `x` as float64 rows, or say what is wrong with it.

    Args:
        x: Numbers, `(n, num_features)` with `n >= 1`.
        num_features: The width that is expected; any if None.
        name: What to call the array in the message.

    Returns:
        Float64 array, `(n, num_features)`.

    Raises:
        ValueError: If `x` is not a table of numbers, is empty, has another width, or holds NaN, infinity or numbers
            beyond ±1e150.

    Example:
        >>> as_rows([[1, 2], [3, 4]]).dtype.name
        'float64'
    """
    x = finite_float64(x, name)
    if x.ndim != 2 or 0 in x.shape:
        raise ValueError(f"{name} should have shape (n, features) with n >= 1; got {x.shape}. Flatten images to rows.")
    if num_features is not None and x.shape[1] != num_features:
        raise ValueError(f"{name} should have {num_features} columns; got shape {x.shape}.")
    return x
