"""Wrong answers that need no author: each exercise must refuse them, or its inputs cannot tell right from wrong.

For a function: an argument frozen at its first value, an argument left out, the first result for all, sorted for
unsorted, two arguments exchanged, code that knows one size, logits that are clipped; inputs changed in place, random
numbers of its own, and where a loss is to be trained a gradient held fixed, NumPy for tensors, `shape[0]` for a size.
For a value: each number and word changed. An answer that is no mistake (a sum does not mind sorted terms) is
found out by comparing results, not listed.
"""

import inspect
import itertools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.exercises import calls, comparison, engine
from course_lib.exercises.words import Word

_MANY_DRAWS = range(100, 112)
_EXTREME = re.compile(r"logit|log_weights|log_likelihoods|^logs$")
_FAR = 800.0  # exp(800) is infinite, exp(-800) is 0


@dataclass(frozen=True)
class WrongAnswer:
    """An answer made by rule.

    Attributes:
        name: What is wrong with it, in words.
        answer: A function or a value, to be judged.
        done: A list that stays empty where the answer, when it was judged, had no occasion to be wrong; None: it has.
    """

    name: str
    answer: Any
    done: list | None = None


def wrong_answers(exercise):
    """The wrong answers that can be made by rule from an exercise's reference and inputs.

    Args:
        exercise: An `Exercise`.

    Returns:
        A list of `WrongAnswer`, in the same order each time.

    Example:
        >>> exercise = engine.Exercise(reference={"a"}, words="ab")
        >>> [wrong.name for wrong in wrong_answers(exercise)]
        ['nothing', "with 'b'", "without 'a'"]
    """
    if exercise.judge_with is not None:
        things = (0, "nonsense", [], {}, object(), lambda *inputs: inputs[0], lambda *inputs: 0.0, lambda: None)
        found = [WrongAnswer(f"no such thing, number {number}", each) for number, each in enumerate(things, start=1)]
        return found + list(_bad_manners(exercise.handed_in(exercise.reference), of_tensors=True))
    found = _wrong_values(exercise) if exercise.inputs is None else _wrong_functions(exercise)
    found = [wrong for wrong in found if not _is_right(exercise, wrong)]
    manners = _bad_manners(exercise.reference, of_tensors=exercise.then is not None) if exercise.inputs else ()
    return found + list(manners)


def accepted(exercise):
    """What an exercise accepts, although it is wrong: for its tests.

    Args:
        exercise: An `Exercise`.

    Returns:
        A list of sentences, empty if all is well.

    Example:
        >>> always_two = lambda rng: (rng.normal(size=int(rng.integers(3, 9))), 2.0)
        >>> accepted(engine.Exercise(reference=lambda x, power: x**power, inputs=always_two))
        ['argument `power` frozen at its first value is judged right']
    """
    found = [
        f"{wrong.name} is judged right"
        for wrong in wrong_answers(exercise)
        if exercise.judge(wrong.answer) == engine.RIGHT and wrong.done != []
    ]
    return found + _stale_constants(exercise)


# --- right results, and bad manners ------------------------------------------------------------------------------


def _bad_manners(right, of_tensors):
    """Answers with the right results that nobody could train with, or that spoil something.

    Args:
        right: The right answer, a function or a class of models; of anything else there are none.
        of_tensors: Whether a gradient is asked for where it returns tensors.
    """
    is_a_model = isinstance(right, type) and hasattr(right, "compute_loss")
    if not is_a_model and not isinstance(right, calls.FUNCTIONS):
        return
    if not is_a_model:
        for name, change in (("its inputs changed in place", _spoil), ("random numbers of its own", None)):
            done = []
            yield WrongAnswer(name, _with_inputs(right, change, done), done)
    for name, change in (
        ("a gradient held fixed", _held_fixed),
        ("NumPy for tensors", _in_numpy),
        ("`shape[0]` for the size of a batch", _of_a_known_size),
    ):
        if of_tensors:
            done = []
            yield WrongAnswer(
                name, _with_loss(right, change, done) if is_a_model else _with_result(right, change, done), done
            )


def _with_inputs(right, spoil, done):
    """A function that spoils its inputs afterwards, or is given random numbers that are not the check's."""

    def answer(*inputs):
        if spoil is not None:
            result = calls.copied(right(*inputs))
            done.extend(spoil(each) for each in inputs)
            done[:] = [each for each in done if each]
            return result
        own = [np.random.default_rng() if isinstance(each, np.random.Generator) else each for each in inputs]
        starts = [each.bit_generator.state for each in own if isinstance(each, np.random.Generator)]
        result = right(*own)
        ends = [each.bit_generator.state for each in own if isinstance(each, np.random.Generator)]
        done.extend([True] if starts != ends else [])
        return result

    return answer


def _spoil(value):
    """Change an array, or the arrays of a list, in place; return whether there was any."""
    if isinstance(value, list):
        return bool([each for each in value if _spoil(each)])
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf" or not value.size:
        return False
    value.flat[0] = not value.flat[0] if value.dtype.kind == "b" else value.flat[0] + 1
    return True


def _with_result(right, change, done):
    return lambda *inputs: _changed_tensors(right(*inputs), change, inputs, done)


def _with_loss(right, change, done):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        loss = right.compute_loss(self, x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=training)
        return _changed_tensors(loss, change, (x,), done)

    return type(right.__name__, (right,), {"compute_loss": compute_loss})


def _changed_tensors(result, change, inputs, done):
    from keras import ops

    if isinstance(result, tuple | list):
        return tuple(_changed_tensors(each, change, inputs, done) for each in result)
    if not ops.is_tensor(result):
        return result
    changed = change(result, [each for each in inputs if ops.is_tensor(each) and len(each.shape)])
    done.extend([True] if changed is not result else [])
    return changed


def _held_fixed(result, inputs):
    from keras import ops

    return ops.stop_gradient(result)


def _in_numpy(result, inputs):
    from keras import ops

    return ops.convert_to_tensor(ops.convert_to_numpy(result))


def _of_a_known_size(result, inputs):
    """Only TensorFlow does not know the size of a batch when it compiles a step."""
    import keras

    if keras.backend.backend() != "tensorflow" or not inputs:
        return result
    return result * float(inputs[0].shape[0]) / float(inputs[0].shape[0])


# --- functions ---------------------------------------------------------------------------------------------------


def _wrong_functions(exercise):
    cases, names = exercise.tried_on(), arguments(exercise)
    first = calls.copied(exercise.reference(*calls.copied(cases[0])))

    def of(change):
        """The reference, of changed arguments."""
        return lambda *inputs: exercise.reference(*change(list(calls.copied(inputs))))

    yield WrongAnswer("the first result for all", lambda *inputs: calls.copied(first))
    for name, value in (("0", 0.0), ("1", 1.0)):
        yield WrongAnswer(f"{name} for all", lambda *inputs, value=value: _filled(exercise.reference(*inputs), value))
    yield WrongAnswer("the fraction cut off", lambda *inputs: _mapped(np.trunc, exercise.reference(*inputs)))
    yield WrongAnswer("the result sorted", lambda *inputs: _mapped(_sorted, exercise.reference(*inputs)))
    for number, name in enumerate(names):
        if name not in exercise.constant:
            yield WrongAnswer(f"argument `{name}` frozen at its first value", of(_replacing(number, cases[0][number])))
        for what, change in _changes_of(cases[0][number], name):
            yield WrongAnswer(f"argument `{name}` {what}", of(_changing(number, change)))
        yield from _knowing_one_size(exercise, cases, number, name)
        yield from _knowing_the_order(exercise, cases, number, name)
    for one, other in itertools.combinations(range(len(names)), 2):
        if all(_alike(case[one], case[other]) for case in cases):
            yield WrongAnswer(f"arguments `{names[one]}` and `{names[other]}` exchanged", of(_exchanging(one, other)))


def _changes_of(value, name):
    """What may be done to an argument, for the kind of it that `value` is."""
    if isinstance(value, bool | np.bool_):
        return [("always true", lambda value: True), ("always false", lambda value: False)]
    if isinstance(value, int | float | np.number):
        return [("taken as 0", lambda value: type(value)(0)), ("taken as 1", lambda value: type(value)(1))]
    if not isinstance(value, np.ndarray) or value.dtype == object:
        return []
    changes = [("taken as 0", np.zeros_like), ("taken as 1", np.ones_like)]
    for axis in range(value.ndim):
        changes.append((f"sorted along axis {axis}", lambda value, axis=axis: np.sort(value, axis=axis)))
        changes.append((f"turned round along axis {axis}", lambda value, axis=axis: np.flip(value, axis=axis)))
        changes.append((f"cut to the first along axis {axis}", lambda value, axis=axis: _first(value, axis)))
    if _EXTREME.search(name):
        changes += [(f"clipped at {far}", lambda value, far=far: np.clip(value, -far, far)) for far in (15, 36, 700)]
    return changes


def _knowing_the_order(exercise, cases, number, name):
    """An answer that is right only if an argument comes sorted, one way or the other."""
    value = cases[0][number]
    if (
        not isinstance(value, np.ndarray)
        or value.ndim != 1
        or len(value) < 3
        or f"order of {name}" in exercise.constant
    ):
        return

    def answer(*inputs):
        result, steps = exercise.reference(*inputs), np.diff(inputs[number].astype("float64"))
        return result if (steps >= 0).all() or (steps <= 0).all() else _filled(result, 0.25)

    yield WrongAnswer(f"code for a sorted `{name}`", answer)


def _first(value, axis):
    return np.broadcast_to(value.take([0], axis=axis), value.shape).copy()


def _knowing_one_size(exercise, cases, number, name):
    """Answers that are right only if an argument has the size that it has in the first draw."""
    if not isinstance(cases[0][number], np.ndarray):
        return
    for axis, length in enumerate(cases[0][number].shape):
        if f"axis {axis} of {name}" in exercise.constant:
            continue

        def answer(*inputs, axis=axis, length=length):
            result = exercise.reference(*inputs)
            fits = inputs[number].ndim > axis and inputs[number].shape[axis] == length
            return result if fits else _filled(result, 0.25)

        yield WrongAnswer(f"code for a length of {length} of axis {axis} of `{name}`", answer)


def _is_right(exercise, wrong):
    """Whether an answer made by rule is right after all, on many draws, and with arrays in another order.

    An argument that never varies, a size or an order is not excused in this way: no draw could tell.
    """
    if exercise.inputs is None or "frozen" in wrong.name or "code for" in wrong.name:
        return False
    ruler = comparison.Ruler(exercise.rtol, exercise.atol, reveal=False)
    compared, in_another_order = 0, re.search("sorted|turned|cut to|clipped", wrong.name) is not None
    for inputs in _probes(exercise, in_another_order):
        with np.errstate(all="ignore"):
            try:
                right = comparison.plain(exercise.reference(*calls.copied(inputs)))
            except Exception:  # no inputs of this exercise
                continue
            try:
                given = comparison.formed_as(right, comparison.plain(wrong.answer(*calls.copied(inputs))))
            except Exception:
                return False
        if not all(np.isfinite(part).all() for part in _numbers(right)):
            continue
        if ruler.difference(given, right) and not exercise.accepts_result(given, inputs):
            return False
        compared += 1
    return compared > 0


def _probes(exercise, in_another_order):
    """Many inputs: drawn; and, if asked for, with an array in another order, and with entries that are far away."""
    names = arguments(exercise)
    yield from exercise.tried_on()
    for seed in _MANY_DRAWS:
        inputs = exercise.inputs(np.random.default_rng(seed))
        yield inputs
        if not in_another_order:
            continue
        rng = np.random.default_rng(seed)
        for number, (name, value) in enumerate(zip(names, inputs, strict=True)):
            if isinstance(value, np.ndarray) and value.ndim and value.dtype != object:
                yield (*inputs[:number], rng.permutation(value, axis=0), *inputs[number + 1 :])
                if _EXTREME.search(name):
                    far = value.astype("float64")
                    far.flat[0], far.flat[-1] = -_FAR, _FAR
                    yield (*inputs[:number], far, *inputs[number + 1 :])


def _stale_constants(exercise):
    if exercise.inputs is None:
        return []
    found, cases, names = [], exercise.tried_on(), arguments(exercise)
    for constant, reason in exercise.constant.items():
        axis, _, name = constant.rpartition(" of ")
        if name not in names or not reason.endswith("."):
            found.append(f"constant {constant!r} is no argument, or has no reason")
        else:
            values = [case[names.index(name)] for case in cases]
            if axis == "order":
                continue
            varying = [np.shape(each)[int(axis.removeprefix("axis "))] if axis else repr(each) for each in values]
            found += [f"{constant} is called constant, and varies"] if len(set(varying)) > 1 else []
    return found


def arguments(exercise):
    """The names of the arguments of an exercise's reference.

    Args:
        exercise: An `Exercise` with `inputs`.

    Example:
        >>> arguments(engine.Exercise(reference=lambda mean, *rest: 0, inputs=lambda rng: (1, 2, 3)))
        ['mean', 'number 2', 'number 3']
    """
    reference = getattr(exercise.reference, "found", lambda: exercise.reference)()
    kinds = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
    names = [each.name for each in inspect.signature(reference).parameters.values() if each.kind in kinds]
    count = len(exercise.inputs(np.random.default_rng(0)))
    return [*names[:count], *(f"number {number + 1}" for number in range(len(names), count))]


def _replacing(number, value):
    return lambda inputs: [*inputs[:number], calls.copied(value), *inputs[number + 1 :]]


def _changing(number, change):
    return lambda inputs: [*inputs[:number], change(inputs[number]), *inputs[number + 1 :]]


def _exchanging(one, other):
    def change(inputs):
        inputs[one], inputs[other] = inputs[other], inputs[one]
        return inputs

    return change


def _alike(one, other):
    both = isinstance(one, np.ndarray) and isinstance(other, np.ndarray)
    if both:
        return one.shape == other.shape and one.dtype.kind == other.dtype.kind
    return type(one) is type(other) and isinstance(one, float)


def _mapped(change, result):
    result = comparison.plain(result)
    if isinstance(result, dict):
        return {key: _mapped(change, each) for key, each in result.items()}
    if isinstance(result, tuple):
        return tuple(_mapped(change, each) for each in result)
    return change(result) if isinstance(result, np.ndarray) and result.dtype.kind == "f" else result


def _filled(result, value):
    result = comparison.plain(result)
    if isinstance(result, dict):
        return {key: _filled(each, value) for key, each in result.items()}
    if isinstance(result, tuple):
        return tuple(_filled(each, value) for each in result)
    return np.full_like(result, value) if isinstance(result, np.ndarray) else result


def _sorted(array):
    return np.sort(array, axis=0) if array.ndim else array


def _numbers(value):
    return [
        part for part in comparison.parts(value).values() if isinstance(part, np.ndarray) and part.dtype.kind in "biuf"
    ]


def _wrong_values(exercise):
    right = exercise.handed_in(exercise.reference)
    yield from _changed_values(right, exercise.words)


def _changed_values(right, words):
    if isinstance(right, dict | tuple):
        keys = list(right) if isinstance(right, dict) else range(len(right))
        for key in keys:
            for wrong in _changed_values(right[key], words):
                yield WrongAnswer(f"{key!r}: {wrong.name}", _with(right, key, wrong.answer))
        values = [right[key] for key in keys]
        turned = [*values[1:], values[0]]
        if any(
            comparison.Ruler(1e-9, 0.0).difference(*map(comparison.plain, pair))
            for pair in zip(turned, values, strict=True)
        ):
            yield WrongAnswer(
                "turned round", dict(zip(keys, turned, strict=True)) if isinstance(right, dict) else tuple(turned)
            )
    elif isinstance(right, set | frozenset):
        yield WrongAnswer("nothing", set())
        for word in words:
            if word not in right:
                yield WrongAnswer(f"with {word!r}", set(right | {word}))
        for word in sorted(right):
            yield WrongAnswer(f"without {word!r}", set(right - {word}))
    elif isinstance(right, str):
        known = {Word(right)}
        letters = len(right) > 1 and words and all(len(word) == 1 for word in words)
        others = [right[:-1], right[1:], right[::-1], right + "z"] if letters else [*words, "nonsense"]
        yield from (WrongAnswer(f"the word {word!r}", word) for word in others if Word(word) not in known)
    elif isinstance(right, bool | np.bool_):
        yield WrongAnswer("the opposite", not right)
    else:
        yield from _changed_numbers(float(right), whole=isinstance(right, int))


def _with(right, key, value):
    if isinstance(right, dict):
        return {**right, key: value}
    return (*right[:key], value, *right[key + 1 :])


def _changed_numbers(right, whole):
    """A number in another unit, rounded, off by a tenth …"""
    if not math.isfinite(right):
        yield from (WrongAnswer(f"the number {each}", each) for each in (0.0, 1.0, -right))
        return
    changes: dict[str, Callable[[float], float]] = {
        "0": lambda number: 0.0,
        "1": lambda number: 1.0,
        "its sign": lambda number: -number,
        "twice": lambda number: 2 * number,
        "half": lambda number: number / 2,
        "a tenth more": lambda number: 1.1 * number,
        "a tenth less": lambda number: 0.9 * number,
        "one more": lambda number: number + 1,
        "one less": lambda number: number - 1,
        "the next integer below": math.floor,
        "the next integer above": math.ceil,
        "its square": lambda number: number**2,
        "its root": lambda number: math.sqrt(abs(number)),
        "one over it": lambda number: 1 / number if number else 1.0,
        "in bits": lambda number: number / math.log(2),
        "in nats": lambda number: number * math.log(2),
        "per cent": lambda number: 100 * number,
    }
    for name, change in changes.items():
        changed = change(right)
        if not math.isclose(changed, right, rel_tol=0.01, abs_tol=1e-12):
            yield WrongAnswer(
                f"{name}, {changed:.4g}", round(changed) if whole and changed == round(changed) else changed
            )
