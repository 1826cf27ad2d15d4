"""The one input check of the metrics that compare two sets of features."""

from course_lib.contracts.arguments import finite_float64


def feature_pair(real, generated, min_rows, names=("real", "generated")):
    """Read two sets of features as float64 rows of equal width, or say what is wrong with them.

    Args:
        real: Numbers, `(n, d)`.
        generated: Numbers, `(m, d)`.
        min_rows: The fewest rows that each set may have.
        names: How messages call the two sets.

    Returns:
        Two float64 arrays, `(n, d)` and `(m, d)`.

    Raises:
        ValueError: If a set is not a table of numbers, has too few rows, holds NaN, infinity or numbers beyond
            ±1e150, or the widths differ.

    Example:
        >>> real, generated = feature_pair([[1, 2], [3, 4]], [[5, 6], [7, 8]], min_rows=2)
        >>> real.dtype.name
        'float64'
    """
    real, generated = (_features(x, name, min_rows) for x, name in zip((real, generated), names, strict=True))
    if real.shape[1] != generated.shape[1]:
        raise ValueError(
            f"{' and '.join(names)} should have equally many features; got {real.shape[1]} and {generated.shape[1]}. "
            "Send both through the same feature network."
        )
    return real, generated


def _features(x, name, min_rows):
    x = finite_float64(x, name)
    if x.ndim != 2 or x.shape[1] == 0:
        raise ValueError(f"{name} should have shape (n, features); got {x.shape}. Flatten images or extract features.")
    if len(x) < min_rows:
        raise ValueError(f"{name} should have at least {min_rows} rows; got {len(x)}. Draw more examples.")
    return x
