"""How two results differ, said in a sentence."""

import decimal
import numbers
import re
import sys
from dataclasses import dataclass, replace

import numpy as np

from course_lib.exercises import words

_LONGEST_NUMBER = 10  # characters of a number that is shown as it was written
_KNOWN_FACTORS = {
    1 / np.log(10): ": is that the decimal logarithm in the place of the natural one?",
    1 / np.log(2): ": is that the logarithm to base 2 in the place of the natural one?",
}
_EXACT = numbers.Rational | decimal.Decimal


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
        The same, of `numpy.ndarray`, `words.Word`, `tuple`, `dict` and `frozenset`, sharing no memory with `value`.

    Raises:
        NotComparableError: A symbolic tensor, which has no values.

    Example:
        >>> plain([" B", {"(A)"}])
        ('b', frozenset({'a'}))
    """
    if isinstance(value, str):
        return words.Word(value)
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
    if isinstance(value, np.ndarray):
        return value.item() if value.size == 1 else tuple(value.ravel().tolist())
    return frozenset(value.items()) if isinstance(value, dict) else value


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
    array = np.array(value)
    if array.dtype == object and array.size and all(isinstance(each, _EXACT) for each in array.flat):
        return np.array([_float_of(each) for each in array.flat], "float64").reshape(array.shape)
    return array.astype("float32") if array.dtype.name == "bfloat16" else array


def _float_of(number):
    """A fraction, a decimal or an integer of more than 64 bits as a float; other integers as they are."""
    if isinstance(number, int | np.integer) and -(2**63) <= number < 2**64:
        return number
    try:
        return float(number)
    except OverflowError:
        return float(np.copysign(np.finfo("float64").max, 1 if number > 0 else -1))


def formed_as(expected, given, allowed=()):
    """A result in the form of the expected one, where only the wrapping differs.

    A list of members for a set, a word for a set of one, a list of one word for the word, letters one by one for a
    word of letters, and keys of a dictionary in another spelling.

    Args:
        expected: A plain result.
        given: Another one.
        allowed: The words among which the exercise lets choose.

    Returns:
        `given`, or the same in another form.

    Example:
        >>> formed_as(plain({"a", "c"}), plain("C and (a)"), "abc") == {"a", "c"}, formed_as(plain("b"), plain(["B"]))
        (True, 'b')
    """
    if isinstance(expected, frozenset):
        return _as_a_set(given, expected, allowed)
    if isinstance(expected, str) and isinstance(given, tuple | frozenset):
        return _as_a_word(given)
    if isinstance(expected, dict) and isinstance(given, dict):
        known = {words.Word(key): key for key in expected if isinstance(key, str)}
        keys = [known.get(words.Word(key), key) if isinstance(key, str) else key for key in given]
        given = dict(zip(keys, given.values(), strict=True)) if len({*keys}) == len(keys) else given
        return {
            key: formed_as(expected[key], each, allowed) if key in expected else each for key, each in given.items()
        }
    if isinstance(expected, tuple) and isinstance(given, np.ndarray) and given.ndim:
        given = tuple(map(plain, given))
    if isinstance(expected, tuple) and isinstance(given, tuple) and len(given) == len(expected):
        return tuple(formed_as(*pair, allowed) for pair in zip(expected, given, strict=True))
    return given


def _as_a_set(given, expected, allowed):
    if isinstance(given, str):
        return frozenset(words.split(given, allowed or [each for each in expected if isinstance(each, str)]))
    if isinstance(given, np.ndarray) and given.dtype.kind in "biuf":
        return frozenset(given.ravel().tolist())
    return frozenset(map(_member, given)) if isinstance(given, tuple) else given


def _as_a_word(given):
    if len(given) == 1 and isinstance(next(iter(given)), str):
        return next(iter(given))
    letters = isinstance(given, tuple) and all(isinstance(each, str) and len(each) == 1 for each in given)
    return words.Word("".join(given)) if letters and given else given


def scaled(value, factor):
    """A plain result with its floats multiplied by `factor`."""
    if isinstance(value, dict):
        return {key: scaled(each, factor) for key, each in value.items()}
    if isinstance(value, tuple):
        return tuple(scaled(each, factor) for each in value)
    return value * factor if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value


@dataclass(frozen=True)
class Ruler:
    """What counts as equal, and what may be said about a difference.

    Args:
        rtol: Relative tolerance for floats.
        atol: Absolute tolerance for floats.
        reveal: Whether the sentences may tell the expected numbers.
        words: The words among which the exercise lets choose; empty if that is not known.

    Example:
        >>> Ruler().difference(np.zeros((2, 1)), np.zeros(2))
        'the shape should be (2,), yours is (2, 1): an axis of length 1 is too many.'
    """

    rtol: float = 1e-4
    atol: float = 1e-5
    reveal: bool = True
    words: tuple[str, ...] = ()

    def difference(self, given, expected):
        """How a plain result differs from the expected one.

        Args:
            given: The answer's result, as `plain` returns it, in the form of `expected` (`formed_as`).
            expected: The right result, likewise.

        Returns:
            A sentence that starts in lower case, or None if they agree.
        """
        for kind, compared in (
            (str, self._difference_of_words),
            (frozenset, self._difference_of_sets),
            (dict, self._difference_of_dictionaries),
            (tuple, self._difference_of_tuples),
        ):
            if isinstance(expected, kind):
                return compared(given, expected)
        return self._difference_of_numbers(given, expected)

    def differing(self, given, expected):
        """Where two lists of results (one for each draw) differ.

        Returns:
            A set of paths: keys of dictionaries, positions in tuples, members of sets.

        Example:
            >>> sorted(Ruler().differing([plain({"a": 1, "b": {"x"}})], [plain({"a": 2, "b": {"y"}})]))
            [('a',), ('b',)]
        """
        found, silent = set(), replace(self, reveal=False)
        for one, other in zip(map(parts, given), map(parts, expected), strict=True):
            found |= {
                path
                for path in one.keys() | other.keys()
                if path not in one or path not in other or silent.difference(one[path], other[path])
            }
        return found

    def can_be_chosen(self, given, expected, places):
        """Whether what a plain result holds at these places could be an answer: a word of the list, or a number."""
        found, right = parts(given), parts(expected)
        both = [(found[path], right[path]) for path in places if path in found and path in right]
        if any(isinstance(one, str) != isinstance(other, str) for one, other in both):
            return False
        values = [found[path] for path in places if path in found]
        chosen = [word for each in values for word in (each if isinstance(each, frozenset) else [each])]
        chosen = [word for word in chosen if isinstance(word, str)]
        return self._unknown(chosen, any(len(each) > 1 for each in chosen)) is None

    def _difference_of_words(self, given, expected):
        if not isinstance(given, str):
            return f"a word in quotation marks is expected, and yours is {_described(given)}."
        if given == expected:
            return None
        return self._unknown([given], len(expected) > 1) or f"{given.written!r} is not the answer."

    def unknown_members(self, given, expected):
        """A sentence on a set with members that the exercise does not know, or without any; else None."""
        if not isinstance(given, frozenset | dict) or not isinstance(expected, frozenset):
            return None
        if not given and expected:
            return "your answer is empty."
        if isinstance(given, dict):
            return None
        return self._unknown(sorted(given - expected, key=str))

    def _unknown(self, given, of_letters=False):
        """A sentence if a word is none of those that the exercise lets choose."""
        allowed = {words.Word(word) for word in self.words}
        letters = allowed and of_letters and all(len(word) == 1 for word in allowed)
        for each in given if allowed else ():
            if each not in allowed and not (letters and isinstance(each, str) and set(each) <= allowed):
                said = repr(getattr(each, "written", each))
                return f"{said} is none of the words asked for: choose among {words.listed(self.words)}."
        return None

    def _difference_of_sets(self, given, expected):
        if not isinstance(given, frozenset):
            return f"several values, in a set, are expected, and yours is {_described(given)}."
        missing, extra = len(expected - given), len(given - expected)
        said = [f"{missing} of the answers {'is' if missing == 1 else 'are'} missing"] if missing else []
        said += [f"{extra} of yours {'does' if extra == 1 else 'do'} not belong"] if extra else []
        return self._unknown(sorted(given - expected, key=str)) or (f"{', and '.join(said)}." if said else None)

    def _difference_of_dictionaries(self, given, expected):
        if not isinstance(given, dict):
            return f"a dictionary is expected, and yours is {_described(given)}."
        if given.keys() != expected.keys():
            return f"the keys should be {words.listed(expected)}, yours are {words.listed(given) or 'none'}."
        found = ((key, self.difference(given[key], expected[key])) for key in expected)
        return next((f"in entry {key!r}, {what}" for key, what in found if what), None)

    def _difference_of_tuples(self, given, expected):
        if not isinstance(given, tuple):
            return f"{len(expected)} results are expected, and yours is {_described(given)}."
        if len(given) != len(expected):
            return f"{len(expected)} results are expected, and you give {len(given)}."
        pairs = enumerate(zip(given, expected, strict=True), start=1)
        found = ((number, self.difference(*pair)) for number, pair in pairs)
        return next((f"in result {number} of {len(expected)}, {what}" for number, what in found if what), None)

    def _difference_of_numbers(self, given, expected):
        comma = expected.ndim == 0 and not self.reveal and _is_a_decimal_comma(given)
        given = _stacked(given) if isinstance(given, tuple) else given
        if not _is_numeric(given):
            return f"{_wanted(expected)} expected, and yours is {_described(given)}{_advice_on(given, expected)}"
        if comma:
            return f"one number is expected, and yours are two. (As a decimal sign Python takes a point: {comma}.)"
        if not self.reveal and expected.ndim == 0 and given.size == 1:
            given = given.reshape(())
        if given.shape != expected.shape:
            return _difference_of_shapes(given.shape, expected.shape)
        rtol, atol = (self.rtol, self.atol) if expected.dtype.kind in "fc" else (0.0, min(self.atol, 1e-5))
        whole = given.dtype.kind in "iu" and expected.dtype.kind in "iu"  # floats cannot tell 2⁵³ from 2⁵³ + 1
        same = np.array_equal if whole else lambda *both: np.allclose(*map(_wide, both), rtol, atol, equal_nan=True)
        if same(given, expected):
            return None
        said = _strange_numbers(given, expected) or (_lost_digits(given, expected) if self.reveal else None)
        return said or _worst_entry(given, expected, rtol, atol, self.reveal)

    def factor(self, given, expected):
        """The one number by which every entry of a result is too large; None if there is none.

        Example:
            >>> float(Ruler().factor(np.array([2.0, 4.0]), np.array([1.0, 2.0])))
            2.0
        """
        if not _comparable(given, expected) or not np.isfinite([given, expected]).all() or not expected.any():
            return None
        given, expected = _wide(given).ravel(), _wide(expected).ravel()
        largest = np.abs(expected).argmax()
        factor = given[largest] / expected[largest]
        return factor if np.allclose(given, factor * expected, self.rtol, self.atol) else None

    def common_pattern(self, given, expected):
        """The one factor, or the one offset, that explains every difference.

        Args:
            given: Plain results, one per draw.
            expected: The right results, likewise.

        Returns:
            A sentence that starts in lower case, or None.

        Example:
            >>> Ruler().common_pattern([np.array([2.0, 4.0, 6.0])], [np.array([1.0, 2.0, 3.0])])
            'every number is 2 times what it should be.'
        """
        if not all(map(_comparable, given, expected)):
            return None
        given, expected = (np.concatenate([_wide(each).ravel() for each in side]) for side in (given, expected))
        if expected.size < 3 or not np.isfinite([given, expected]).all() or np.ptp(expected) <= self.atol:
            return None
        largest = np.abs(expected).argmax()
        factor, offset = given[largest] / expected[largest], np.mean(given - expected)
        if (
            abs(factor) > 1e-3
            and abs(factor - 1) > 1e-3
            and np.allclose(given, factor * expected, self.rtol, self.atol)
        ):
            times = _told_apart(factor, np.float64(1))[0]
            if abs(factor + 1) < 1e-3:
                return "every number has the wrong sign."
            known = next((words for each, words in _KNOWN_FACTORS.items() if abs(factor / each - 1) < 1e-3), "")
            return f"every number is {times} times what it should be{known or '.'}"
        if np.allclose(given, expected + offset, self.rtol, self.atol):
            return f"every number is {abs(offset):.4g} too {'large' if offset > 0 else 'small'}."
        return None


def parts(value, path=()):
    """A plain result as a dictionary from paths to what stands there.

    A path is the keys and positions that lead there. The members of a set are parts of their own, but those of a set
    inside of a dictionary or a tuple are not: what such a set lacks cannot be said without looking at the rest of it.

    Example:
        >>> sorted(parts((plain("b"), plain({"x"})))), sorted(parts(plain({"x", "y"})))
        ([(0,), (1,)], [('x',), ('y',)])
    """
    if isinstance(value, frozenset) and not path:
        return {(*path, member): np.array(True) for member in value}
    if isinstance(value, dict | tuple):
        named = value.items() if isinstance(value, dict) else enumerate(value)
        return {where: what for key, each in named for where, what in parts(each, (*path, key)).items()}
    return {path: value}


def same_form(given, expected):
    """Whether two plain results have the same keys, lengths and kinds, so that they can be compared part by part."""
    if isinstance(expected, dict):
        same = isinstance(given, dict) and given.keys() == expected.keys()
        return same and all(same_form(given[key], expected[key]) for key in expected)
    if isinstance(expected, tuple):
        same = isinstance(given, tuple) and len(given) == len(expected)
        return same and all(map(same_form, given, expected))
    if isinstance(expected, frozenset):
        return isinstance(given, frozenset)
    return not isinstance(given, dict | tuple | frozenset)


def mended(given, expected, paths, path=()):
    """`given` with what stands at `paths` taken from `expected`; both of the same form."""
    if isinstance(expected, dict):
        return {key: mended(given[key], expected[key], paths, (*path, key)) for key in expected}
    if isinstance(expected, tuple):
        pairs = enumerate(zip(given, expected, strict=True))
        return tuple(mended(*pair, paths, (*path, number)) for number, pair in pairs)
    if isinstance(expected, frozenset) and not path:
        return given ^ frozenset(member for member in given ^ expected if (member,) in paths)
    return expected if path in paths else given


def _difference_of_shapes(given, expected):
    if expected == ():
        count = int(np.prod(given))
        array = f"an array of shape {given}"
        yours = {0: "is empty", 1: f"is {array}"}.get(count, f"are {count}, {array}")
        return f"one number is expected, and yours {yours}."
    if given == ():
        return f"the shape should be {expected}, and yours is one single number."
    said = f"the shape should be {expected}, yours is {given}"
    if [length for length in given if length != 1] == [length for length in expected if length != 1]:
        return f"{said}: an axis of length 1 is too {'many' if len(given) > len(expected) else 'few'}."
    if given == expected[::-1]:
        return f"{said}: transpose it."
    left = list(range(len(expected), len(given))) if given[: len(expected)] == expected else []
    axes = f"axis {left[0]} is" if len(left) == 1 else f"axes {' and '.join(map(str, left[-2:]))} are"
    if len(left) > 2:
        axes = f"axes {', '.join(map(str, left[:-1]))} and {left[-1]} are"
    return f"{said}: {axes} there still." if left else f"{said}."


def _strange_numbers(given, expected):
    if given.dtype.kind == "c" and expected.dtype.kind != "c":
        return "your numbers are complex: look for a root or a logarithm of a negative number."
    narrow = " (float32 ends at 3.4e+38)" if given.dtype == np.float32 and expected.dtype == np.float64 else ""
    for what, test, causes in (
        ("NaN", np.isnan, "a logarithm or a root of a negative number, or 0 / 0"),
        ("infinite", np.isinf, f"a division by 0, a logarithm of 0, or a large exponent{narrow}"),
    ):
        count = int(test(given).sum())
        if count and not test(expected).any():
            which = f"{count} of your {given.size} numbers {'are' if count > 1 else 'is'}"
            return f"{which if given.size > 1 else 'your number is'} {what}: look for {causes}."
    return None


def _lost_digits(given, expected):
    """Of numbers that were computed: a guess that happens to be near must not learn how near."""
    if given.dtype.kind in "iu" and expected.dtype.kind == "f" and np.array_equal(given, np.trunc(expected)):
        return f"your numbers lost their fractions: they are of type {given.dtype}. Compute with floats."
    near = np.abs(_wide(given) - _wide(expected)).max() <= 1e-3 * np.abs(_wide(expected)).max()
    if given.dtype == np.float16 and np.allclose(_wide(given), _wide(expected), 1e-2, 1e-2):
        return "your numbers are float16, which keeps three digits: compute in float32."
    if given.dtype == np.float32 and expected.dtype == np.float64 and near:
        return (
            "your numbers are float32, which keeps seven digits, and the inputs are float64. They are nearly right: "
            "compute in float64, and see whether a difference is left."
        )
    return None


def _worst_entry(given, expected, rtol, atol, reveal):
    wide_given, wide_expected = _wide(given), _wide(expected)
    fits = np.isclose(wide_given, wide_expected, rtol, atol, equal_nan=True)
    if given.ndim == 0 and not reveal:
        if "b" in given.dtype.kind + expected.dtype.kind:
            return f"{given} is not the answer."
        yours = f"{given.item():.10g}" if given.dtype.kind == "f" else str(given.item())  # as it was written, if short
        yours = yours if len(yours) <= _LONGEST_NUMBER else _told_apart(given, expected)[0]
        return f"{yours} is too {'large' if given > expected else 'small'}."
    if not reveal:
        wrong = int((~fits).sum())
        return f"{wrong} of {fits.size} entries {'is' if wrong == 1 else 'are'} off."
    with np.errstate(all="ignore"):
        error = np.abs(wide_given - wide_expected) / (atol + rtol * np.abs(wide_expected))
    error = np.where(fits, 0.0, np.nan_to_num(error, nan=np.inf))
    worst = np.unravel_index(error.argmax(), error.shape)
    place = f"entry [{', '.join(map(str, worst))}]" if worst else "it"
    yours, right = _told_apart(given[worst], expected[worst])
    return f"{place} should be {right}, yours is {yours}."


def _comparable(given, expected):
    both = isinstance(given, np.ndarray) and isinstance(expected, np.ndarray)
    return both and given.shape == expected.shape and given.dtype.kind in "iuf" and expected.dtype.kind == "f"


def _is_a_decimal_comma(given):
    """What a pair of whole numbers reads as with a point between them, where Python took a comma for two numbers."""
    if not isinstance(given, tuple) or len(given) != 2:
        return ""
    whole, digits = (each.item() if isinstance(each, np.ndarray) and each.ndim == 0 else None for each in given)
    return f"{whole}.{digits}" if type(whole) is type(digits) is int and digits >= 0 else ""


def _wanted(expected):
    if expected.ndim:
        return "numbers are"
    return "True or False, without quotation marks, is" if expected.dtype.kind == "b" else "a number is"


def _advice_on(given, expected):
    """What to do with a number in quotation marks, or a function that was not called."""
    if isinstance(given, str) and re.fullmatch(r"[-+\d.,/*e ]*\d[-+\d.,/*e ]*", given.written):
        several = expected.ndim and expected.size > 1
        return ": write a list, such as `[1, 2]`." if several else ": leave out the quotation marks."
    called = isinstance(given, np.ndarray) and given.dtype == object and given.ndim == 0 and callable(given.item())
    return ": are the brackets behind its name missing, as in `x.sum()`?" if called else "."


def _stacked(values):
    try:
        return np.asarray(values)
    except ValueError:  # of different lengths
        return values


def _is_numeric(value):
    return isinstance(value, np.ndarray) and value.dtype.kind in "biufc"


def _wide(array):
    return array.astype("complex128" if array.dtype.kind == "c" else "float64")


def _told_apart(*values):
    """Numbers with four digits, or as many as it takes until no two read alike."""
    for digits in range(4, 18):
        said = [_written(value, digits) for value in values]
        if len(set(said)) == len(said):
            break
    return said


def _written(value, digits):
    if value.dtype.kind != "f":
        return str(value)
    whole = len(str(abs(int(value)))) if np.isfinite(value) and abs(value) < 1e9 else 0
    return f"{value:.{max(digits, whole)}g}"  # 25450, and not 2.545e+04


def _number(value):
    return _told_apart(value)[0]


def _described(value):
    if isinstance(value, str):
        return f"the word {getattr(value, 'written', value)!r}"
    if not isinstance(value, np.ndarray):
        return {dict: "a dictionary", tuple: "a list of several values"}.get(type(value), "a set")
    if not _is_numeric(value):
        if not value.size:
            return "empty"
        if value.ndim and value.dtype.kind in "US":
            return "a list with words in it"
        kind = type(value.flat[0]).__name__
        return f"an array of objects, the first of type {kind}" if value.ndim else f"of type {kind}"
    return f"the number {_number(value[()])}" if value.ndim == 0 else f"an array of shape {value.shape}"
