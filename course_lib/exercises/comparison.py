"""How two results differ, said in a sentence."""

import sys

import numpy as np


class NotComparableError(Exception):
    """An answer that no comparison can read; the message is a sentence for the learner."""


def is_nothing_but_holes(value):
    """Whether an answer is `...` or None, or consists of nothing else."""
    parts = _parts(value)
    return _is_a_hole(value) or (bool(parts) and all(map(is_nothing_but_holes, parts)))


def holds_a_hole(value):
    """Whether any part of an answer is `...` or None."""
    return _is_a_hole(value) or any(map(holds_a_hole, _parts(value)))


def _is_a_hole(value):
    return value is None or value is Ellipsis


def _parts(value):
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, np.ndarray):
        return list(value.flat) if value.dtype == object else []
    return list(value) if isinstance(value, list | tuple | set | frozenset) else []


def plain(value):
    """A result in NumPy's terms: words, dictionaries, tuples and sets keep their form, tensors become arrays.

    Args:
        value: Numbers, arrays or tensors of any backend, words, and tuples, lists, dictionaries or sets of these.

    Returns:
        The same, of `numpy.ndarray`, `str` (lower case, without outer blanks), `tuple`, `dict` and `frozenset`.

    Raises:
        NotComparableError: A symbolic tensor, which has no values.

    Example:
        >>> plain([" B", {"A"}])
        ('b', frozenset({'a'}))
    """
    if isinstance(value, str):
        return value.strip().casefold()
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return frozenset(map(_member, value))
    if isinstance(value, tuple | list):
        return tuple(map(plain, value))
    array = _array(value)
    return plain(array.tolist()) if array.dtype.kind in "US" else array


def _member(value):
    value = plain(value)
    return value.item() if isinstance(value, np.ndarray) and value.size == 1 else value


def _array(value):
    keras = sys.modules.get("keras")
    if keras is not None and isinstance(value, keras.KerasTensor):
        raise NotComparableError("a symbolic Keras tensor has no values yet: call the model on data.")
    if keras is not None and isinstance(value, keras.Variable):
        value = value.value
    if hasattr(value, "detach"):  # PyTorch
        value = value.detach().cpu()
        value = value.float() if "bfloat16" in str(value.dtype) else value
    if callable(getattr(value, "numpy", None)):  # PyTorch and TensorFlow
        value = value.numpy()
    array = np.asarray(value)
    return array.astype("float32") if array.dtype.name == "bfloat16" else array


def scaled(value, factor):
    """A plain result with its floats multiplied by `factor`."""
    if isinstance(value, dict):
        return {key: scaled(each, factor) for key, each in value.items()}
    if isinstance(value, tuple):
        return tuple(scaled(each, factor) for each in value)
    return value * factor if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value


def difference(given, expected, rtol, atol, reveal):
    """How a plain result differs from the expected one.

    Args:
        given: The answer's result, as `plain` returns it.
        expected: The right result, likewise.
        rtol: Relative tolerance for floats.
        atol: Absolute tolerance for floats.
        reveal: Whether the sentence may tell the expected numbers.

    Returns:
        A sentence that starts in lower case, or None if they agree.

    Example:
        >>> difference(np.zeros((2, 1)), np.zeros(2), rtol=1e-4, atol=1e-5, reveal=True)
        'the shape should be (2,), yours is (2, 1): an axis of length 1 is too many.'
    """
    if isinstance(expected, str):
        return _difference_of_words(given, expected)
    if isinstance(expected, frozenset):
        return _difference_of_sets(given, expected)
    if isinstance(expected, dict):
        return _difference_of_dictionaries(given, expected, rtol, atol, reveal)
    if isinstance(expected, tuple):
        return _difference_of_tuples(given, expected, rtol, atol, reveal)
    return _difference_of_numbers(given, expected, rtol, atol, reveal)


def _difference_of_words(given, expected):
    if not isinstance(given, str):
        return f"a word in quotation marks is expected, and yours is {_described(given)}."
    return None if given == expected else f"{given!r} is not the answer."


def _difference_of_sets(given, expected):
    if not isinstance(given, tuple | frozenset):
        return f"several values, in a set, are expected, and yours is {_described(given)}."
    given = frozenset(map(_member, given))
    if given == expected:
        return None
    return f"{len(expected - given)} of the answers are missing, and {len(given - expected)} of yours do not belong."


def _difference_of_dictionaries(given, expected, rtol, atol, reveal):
    if not isinstance(given, dict):
        return f"a dictionary is expected, and yours is {_described(given)}."
    if given.keys() != expected.keys():
        return f"the keys should be {_listed(expected)}, yours are {_listed(given)}."
    found = ((key, difference(given[key], expected[key], rtol, atol, reveal)) for key in expected)
    return next((f"in entry {key!r}, {what}" for key, what in found if what), None)


def _difference_of_tuples(given, expected, rtol, atol, reveal):
    if isinstance(given, np.ndarray) and given.ndim:
        given = tuple(map(plain, given))
    if not isinstance(given, tuple):
        return f"{len(expected)} results are expected, and yours is {_described(given)}."
    if len(given) != len(expected):
        return f"{len(expected)} results are expected, and you give {len(given)}."
    pairs = enumerate(zip(given, expected, strict=True), start=1)
    found = ((number, difference(*pair, rtol, atol, reveal)) for number, pair in pairs)
    return next((f"in result {number} of {len(expected)}, {what}" for number, what in found if what), None)


def _difference_of_numbers(given, expected, rtol, atol, reveal):
    given = _stacked(given) if isinstance(given, tuple) else given
    if not _is_numeric(given):
        return f"numbers are expected, and yours is {_described(given)}."
    if not reveal and expected.ndim == 0 and given.size == 1:
        given = given.reshape(())
    if given.shape != expected.shape:
        return _difference_of_shapes(given.shape, expected.shape)
    rtol, atol = (rtol, atol) if expected.dtype.kind in "fc" else (0.0, min(atol, 1e-5))
    if np.allclose(_wide(given), _wide(expected), rtol, atol, equal_nan=True):
        return None
    return _strange_numbers(given, expected) or _worst_entry(given, expected, rtol, atol, reveal)


def _difference_of_shapes(given, expected):
    said = f"the shape should be {expected}, yours is {given}"
    if [length for length in given if length != 1] == [length for length in expected if length != 1]:
        return f"{said}: an axis of length 1 is too {'many' if len(given) > len(expected) else 'few'}."
    return f"{said}: transpose it." if given == expected[::-1] else f"{said}."


def _strange_numbers(given, expected):
    if given.dtype.kind == "c" and expected.dtype.kind != "c":
        return "your numbers are complex: look for a root or a logarithm of a negative number."
    for what, test, causes in (
        ("NaN", np.isnan, "a logarithm or a root of a negative number, or 0 / 0"),
        ("infinite", np.isinf, "a division by 0, a logarithm of 0, or a large exponent"),
    ):
        count = int(test(given).sum())
        if count and not test(expected).any():
            return f"{count} of your {given.size} numbers {'are' if count > 1 else 'is'} {what}: look for {causes}."
    if given.dtype.kind in "iu" and expected.dtype.kind == "f" and np.array_equal(given, np.trunc(expected)):
        return f"your numbers lost their fractions: they are of type {given.dtype}. Compute with floats."
    if given.dtype == np.float16 and np.allclose(_wide(given), _wide(expected), 1e-2, 1e-2):
        return "your numbers are float16, which keeps three digits: compute in float32."
    return None


def _worst_entry(given, expected, rtol, atol, reveal):
    error = np.abs(_wide(given) - _wide(expected))
    if given.ndim == 0 and not reveal:
        if "b" in given.dtype.kind + expected.dtype.kind:
            return f"{given} is not the answer."
        return f"{_number(given)} is too {'large' if given > expected else 'small'}."
    if not reveal:
        return f"{int((error > atol + rtol * np.abs(_wide(expected))).sum())} of {error.size} entries are off."
    worst = np.unravel_index(error.argmax(), error.shape)
    place = f"entry [{', '.join(map(str, worst))}]" if worst else "it"
    return f"{place} should be {_number(expected[worst])}, yours is {_number(given[worst])}."


def common_pattern(given, expected, rtol, atol):
    """The one factor, or the one offset, that explains every difference.

    Args:
        given: Plain results, one per draw.
        expected: The right results, likewise.
        rtol: Relative tolerance.
        atol: Absolute tolerance.

    Returns:
        A sentence that starts in lower case, or None.

    Example:
        >>> common_pattern([np.array([2.0, 4.0, 6.0])], [np.array([1.0, 2.0, 3.0])], rtol=1e-4, atol=1e-5)
        'every number is 2 times what it should be.'
    """
    if not all(map(_comparable, given, expected)):
        return None
    given, expected = (np.concatenate([_wide(each).ravel() for each in side]) for side in (given, expected))
    if expected.size < 3 or not np.isfinite(given).all() or np.ptp(expected) <= atol:
        return None
    largest = np.abs(expected).argmax()
    factor, offset = given[largest] / expected[largest], np.mean(given - expected)
    if abs(factor) > 1e-3 and abs(factor - 1) > 1e-3 and np.allclose(given, factor * expected, rtol, atol):
        return "every number has the wrong sign." if abs(factor + 1) < 1e-3 else (
            f"every number is {_number(factor)} times what it should be."
        )  # fmt: skip
    if np.allclose(given, expected + offset, rtol, atol):
        return f"every number is {_number(abs(offset))} too {'large' if offset > 0 else 'small'}."
    return None


def _comparable(given, expected):
    both = isinstance(given, np.ndarray) and isinstance(expected, np.ndarray)
    return both and given.shape == expected.shape and given.dtype.kind in "iuf" and expected.dtype.kind == "f"


def _stacked(values):
    try:
        return np.asarray(values)
    except ValueError:  # of different lengths
        return values


def _is_numeric(value):
    return isinstance(value, np.ndarray) and value.dtype.kind in "biufc"


def _wide(array):
    return array.astype("complex128" if array.dtype.kind == "c" else "float64")


def _number(value):
    if value.dtype.kind == "f":
        return f"{value:.4g}"
    return str(value)


def _listed(names):
    return ", ".join(map(repr, names))


def _described(value):
    if isinstance(value, str):
        return f"the word {value!r}"
    if not isinstance(value, np.ndarray):
        return {dict: "a dictionary", tuple: "a list of several values"}.get(type(value), "a set")
    if not _is_numeric(value):
        return f"of type {type(value.flat[0]).__name__}" if value.size else "empty"
    return f"the number {_number(value[()])}" if value.ndim == 0 else f"an array of shape {value.shape}"
