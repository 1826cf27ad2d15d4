"""How a learner's function behaves when it is called: what it changes, and why it stops."""

import ast
import contextlib
import copy
import difflib
import functools
import importlib
import inspect
import itertools
import linecache
import random
import re
import sys
import types

import numpy as np

_WORDS_OF_MISFITTING_SHAPES = (
    "could not be broadcast",
    "incompatible shapes",
    "mismatch in its core dimension",
    "shapes cannot be multiplied",
    "must match the size of tensor",
    "not aligned",
    "dimensions except for the concatenation axis must match",
    "matrix size-incompatible",
    "dimensions must be equal",
)
_WORDS_OF_MIXED_PRECISION = (
    "tensor but is a float tensor",
    "tensor but is a double tensor",
    "tensor but is a half tensor",
    "expected m1 and m2 to have the same dtype",
    "expected scalar type double but found float",
    "expected scalar type float but found double",
    "float != double",
    "double != float",
    "requires all arguments to have the same dtype",
    "does not match type float",
    "does not match type double",
)
_ONE_NUMBER = (
    "a function that takes one number got an array: take NumPy's function in its place (`np.log` for `math.log`), and "
    "no `float(…)` or `int(…)` around an array."
)
_BRACKETS = (
    "several axes, or the lengths of a shape, go into one pair of brackets: `.sum(axis=(1, 2))`, `np.zeros((2, 3))`."
)
_NO_POWER = "`^` is no power in Python: write `**`."
_SAID_BY_NUMPY = {  # what it says of a slip, in lower case, and what the slip was
    "arrays can be converted to python scalars": _ONE_NUMBER,
    "'bitwise_xor' not supported": _NO_POWER,
    "operand type(s) for ^": _NO_POWER,
    "as a data type": _BRACKETS,
}
FUNCTIONS = types.FunctionType | types.BuiltinFunctionType | types.MethodType | functools.partial
_OTHER_ARGUMENTS = re.compile(r"takes .*positional argument|missing \d+ required|unexpected keyword|multiple values")


class MisfitError(Exception):
    """A function that takes other arguments than it is called with; the message is a sentence for the learner."""


def copied(value):
    """A value with arrays, lists, dictionaries, sets and generators of its own, so that no call can spoil another."""
    if isinstance(value, np.ndarray):
        return copy.deepcopy(value) if value.dtype == object else value.copy()
    if isinstance(value, dict):
        return {key: copied(each) for key, each in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):  # a named tuple
        return type(value)(*map(copied, value))
    if type(value) in (tuple, list, set, frozenset):
        return type(value)(map(copied, value))
    return copy.deepcopy(value) if isinstance(value, np.random.Generator | random.Random) else value


def guarded(function, changed):
    """A function whose every call gets copies and gives copies, for exercises that call the answer themselves.

    A generator among the arguments is handed over itself: it is there to be drawn from.

    Args:
        function: The answer.
        changed: A list, to which words are added for each input that a call changed in place.

    Returns:
        A function like it; or what was handed in, if that is no plain function.

    Example:
        >>> given, changed = np.zeros(2), []
        >>> guarded(lambda mean: np.add(mean, 1, out=mean), changed)(given), given, changed
        (array([1., 1.]), array([0., 0.]), ['its input `mean`'])
    """
    if not isinstance(function, FUNCTIONS):
        return function

    def own(value):
        return value if isinstance(value, np.random.Generator | random.Random) else copied(value)

    @functools.wraps(function)
    def called(*inputs, **named):
        if said := misfit(function, inputs, named):
            raise MisfitError(said)
        passed, also = tuple(map(own, inputs)), {key: own(each) for key, each in named.items()}
        result = copied(function(*passed, **also))
        said = changed_input(function, (*inputs, *named.values()), (*passed, *also.values()))
        changed.extend([said] if said else [])
        return result

    return called


@contextlib.contextmanager
def repeatable(answer):
    """The same random numbers each time that an answer is tried, and afterwards those of the lesson as they were.

    That holds for Python's, NumPy's and Keras' own generators, for `numpy.random.default_rng()` without a seed, and
    for generators that a function finds in the notebook around it or that the layers of a model own.

    Example:
        >>> def own_noise():
        ...     return float(np.random.default_rng().normal() + np.random.normal())
        >>> with repeatable(own_noise):
        ...     first = own_noise()
        >>> with repeatable(own_noise):
        ...     print(own_noise() == first)
        True
    """
    python, make = random.getstate(), np.random.default_rng
    legacy = np.random.get_state()  # noqa: NPY002 (learners' functions may draw from it)
    generators, states = _generators_around(answer), _seed_states(answer)
    kept = [copy.deepcopy(each.bit_generator.state) for each in generators]
    seeds = [np.array(_array_of(state)) for state in states]
    numbers = itertools.count(1)

    def seeded(seed=None):
        return make([17, next(numbers)] if seed is None else seed)

    random.seed(17)
    np.random.seed(17)  # noqa: NPY002
    np.random.default_rng = seeded
    for number, (generator, state) in enumerate(itertools.zip_longest(generators, states)):
        if generator is not None:
            generator.bit_generator.state = type(generator.bit_generator)([17, number]).state
        if state is not None:
            state.assign(np.array([17, number], _array_of(state).dtype))
    try:
        yield
    finally:
        np.random.default_rng = make
        random.setstate(python)
        np.random.set_state(legacy)  # noqa: NPY002
        for generator, state in zip(generators, kept, strict=True):
            generator.bit_generator.state = state
        for state, seed in zip(states, seeds, strict=True):
            state.assign(seed)


def _generators_around(answer):
    """NumPy's generators among the names that a function takes from the notebook."""
    try:
        around = inspect.getclosurevars(answer)
    except (TypeError, ValueError):  # no function, or one whose names are not set yet
        return []
    found = [*around.globals.values(), *around.nonlocals.values()]
    return list({id(each): each for each in found if isinstance(each, np.random.Generator)}.values())


def _seed_states(answer):
    """The random states of Keras itself and of the layers of an answer; none unless Keras is in use."""
    keras = sys.modules.get("keras")
    if keras is None or not hasattr(keras, "random"):
        return []
    states = [importlib.import_module("keras.src.random.seed_generator").global_seed_generator().state]
    layers = answer._flatten_layers() if isinstance(answer, keras.layers.Layer) else ()
    for layer in layers:
        states += [each.state for each in vars(layer).values() if isinstance(each, keras.random.SeedGenerator)]
    return list({id(state): state for state in states}.values())


def fingerprint(answer):
    """What tells one try from the next: of a function its code, of a value its text, of anything else itself.

    Example:
        >>> fingerprint(lambda x: x + 1) == fingerprint(lambda x: x + 1), fingerprint([1, 2]) == fingerprint([1, 3])
        (True, False)
    """
    code = getattr(answer, "__code__", None)
    if code is not None:
        inner = tuple(each for each in code.co_consts if not isinstance(each, types.CodeType))
        nested = tuple(each.co_code for each in code.co_consts if isinstance(each, types.CodeType))
        return code.co_code, repr(inner), nested, code.co_names, code.co_varnames, repr(answer.__defaults__)
    if isinstance(answer, np.ndarray):
        return answer.tobytes(), answer.shape
    return repr(answer)


def _array_of(state):
    value = state.value
    return np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)


def changed_input(function, inputs, passed):
    """The input that a call changed in place.

    Args:
        function: The function that was called, for the names of its arguments.
        inputs: The arguments as they were.
        passed: The same arguments after the call.

    Returns:
        Words such as "its input `mean`", or None.

    Example:
        >>> changed_input(lambda mean: None, (np.zeros(2),), (np.ones(2),))
        'its input `mean`'
    """
    for number, (before, after) in enumerate(zip(inputs, passed, strict=True)):
        if not _same(before, after):
            names = argument_names(function)
            return f"its input `{names[number]}`" if number < len(names) else f"its input number {number + 1}"
    return None


def _same(before, after):
    if isinstance(before, np.ndarray):
        return before.dtype == object or np.array_equal(before, after, equal_nan=before.dtype.kind in "fc")
    if isinstance(before, set | frozenset):
        return before == after
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(_same(before[key], after[key]) for key in before)
    if type(before) in (tuple, list):
        return len(before) == len(after) and all(map(_same, before, after))
    if isinstance(before, bool | int | float | str):
        return before == after or before != before  # NaN differs from itself
    return True


def argument_names(function):
    """The names of a function's arguments; none where it does not tell them.

    Example:
        >>> argument_names(lambda mean, log_var: 0)
        ['mean', 'log_var']
    """
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # some built-in functions have no signature
        return []


def misfit(function, inputs, named=()):
    """A sentence if the function cannot be called with these arguments at all, else None.

    Args:
        function: The answer.
        inputs: Its arguments.
        named: Further arguments, a dictionary from their names.

    Example:
        >>> misfit(lambda mean: mean, (0.0, 1.0))
        'your function is called with 2 arguments, and takes: mean.'
    """
    try:
        inspect.signature(function).bind(*inputs, **dict(named))
    except TypeError:
        takes, count = ", ".join(argument_names(function)) or "none", len(inputs) + len(named)
        return f"your function is called with {count} argument{'s' * (count != 1)}, and takes: {takes}."
    except ValueError:
        return None
    return None


def comes_from_a_hole(error, answer=None):
    """Whether an exception says no more than that something is still `...`.

    Not every library names it ("v @ ..." has too few dimensions), so the line that stopped is read, too.

    Args:
        error: The exception, with its traceback.
        answer: The function that was called.
    """
    message = _message(error).lower()
    about_indices = "single ellipsis" in message or "are valid indices" in message  # NumPy lists what an index may be
    unfilled = "ellipsis" in message and not about_indices
    raised = isinstance(error, NotImplementedError) and "symbolic" not in message  # that one is TensorFlow's own
    return unfilled or raised or _stopped_at_a_hole(error, answer)


def _stopped_at_a_hole(error, answer):
    """Whether the learner's own line that stopped holds `...`, or a name that stands for it; `x[..., 0]` is none."""
    trace = _own_trace(error, answer)
    if trace is None or "single ellipsis" in _message(error).lower():
        return False
    frame, own = trace.tb_frame, trace.tb_frame.f_code
    around = {name: frame.f_globals.get(name) for name in own.co_names} | frame.f_locals
    empty = {name for name, value in around.items() if value is Ellipsis}
    first, last, begin, end = list(own.co_positions())[trace.tb_lasti // 2]
    try:
        tree = ast.parse("".join(linecache.getlines(own.co_filename, frame.f_globals)))
    except SyntaxError:
        return bool(empty)
    if not tree.body or None in (first, last, begin, end):
        return bool(empty)
    indices = {
        id(inner) for node in ast.walk(tree) if isinstance(node, ast.Subscript) for inner in ast.walk(node.slice)
    }
    for node in ast.walk(tree):
        if not hasattr(node, "lineno") or id(node) in indices:
            continue
        inside = (first, begin) <= (node.lineno, node.col_offset)
        inside = inside and (node.end_lineno, node.end_col_offset) <= (last, end)
        if inside and (getattr(node, "value", None) is Ellipsis or getattr(node, "id", None) in empty):
            return True
    return False


def explained(error, answer):
    """An exception as a sentence that starts in lower case, with the line of the learner's cell that was running.

    Args:
        error: The exception, with its traceback.
        answer: The function that was called, which tells the learner's own lines from the library's.

    Returns:
        A sentence, such as "the name `lg_var` is not defined; did you mean `log_var`? (Line 2 of your cell: …)".
    """
    trace = _own_trace(error, answer)
    if isinstance(error, TypeError) and _OTHER_ARGUMENTS.search(_message(error)) and trace is None:
        return f"what you wrote is called with other arguments than it takes: {first_line(error)}."
    return _sentence(error, trace and trace.tb_frame) + _place(trace)


def line_of(error, answer):
    """Words on the line of the learner's cell where an exception arose; none where it is not known.

    Args:
        error: The exception, with its traceback.
        answer: The function that was called.

    Returns:
        Words such as " (Line 2 of your cell: `…`.)".
    """
    return _place(_own_trace(error, answer))


def _sentence(error, frame):
    kind, message = type(error).__name__, first_line(error)
    if isinstance(error, UnboundLocalError) and (quoted := re.search(r"'(\w+)'", message)):
        return f"the variable `{quoted[1]}` is used before it has a value."
    if isinstance(error, NameError) and error.name:
        known = [*frame.f_locals, *frame.f_globals] if frame else []
        close = _in_numpy(error.name, frame) or difflib.get_close_matches(error.name, known, n=1)
        return f"the name `{error.name}` is not defined" + (f"; did you mean `{close[0]}`?" if close else ".")
    if isinstance(error, StopIteration) or "raised StopIteration" in message:
        return (
            "`next(…)` found nothing: of all that it went through, nothing met your condition. For which of the inputs "
            "can that be? Set that case apart first, or say what is returned then: `next(…, None)`."
        )
    if "indices must be integers or slices, not tuple" in message:
        return "a list takes one index, and no comma: make it an array first (`np.asarray`), or write `[0][1]`."
    if re.search("are valid indices|indices must be integers|used as indices must be", message):
        return (
            "an index is a whole number, and yours is of another type, such as a float or a word. Around a float put "
            "`int(…)`, behind an array of floats `.astype(int)`."
        )
    if "truth value of an array" in message:
        return (
            "`if`, `and`, `or`, `not`, and Python's `max` and `min`, ask for one truth value, and an array has many. "
            "Between arrays write `&`, `|` and `~`, each comparison in brackets; or take `np.where`, `np.maximum`, "
            "`np.minimum`."
        )
    if isinstance(error, RecursionError):
        return "your function calls itself without end."
    if any(words in message.lower() for words in _WORDS_OF_MISFITTING_SHAPES):
        return f"the shapes of two arrays do not fit together: {message}."
    if any(words in message.lower() for words in _WORDS_OF_MIXED_PRECISION):
        return (
            "a float32 tensor meets a float64 one, and they do not mix: numbers made by `keras.ops` are float32, the "
            "inputs are float64. Compute with NumPy (`np.log(2)`), or cast one of the two (`keras.ops.cast`)."
        )
    if isinstance(error, AttributeError) and isinstance(getattr(error, "obj", None), types.ModuleType):
        close = difflib.get_close_matches(error.name, dir(error.obj), n=1)
        meant = f"; did you mean `{close[0]}`?" if close else "."
        return f"the module `{error.obj.__name__}` has no `{error.name}`{meant}"
    for words, said in _SAID_BY_NUMPY.items():
        if words in message.lower():
            return said
    if "improper number of dimensions to norm" in message.lower():
        return (
            "`np.linalg.norm` takes one axis or two. Flatten each example first, or take the root of the sum of the "
            "squares: `np.sqrt(np.square(…).sum(axis=(1, 2, 3)))`."
        )
    return f"your code stopped with {kind}: {message}." if message else f"your code stopped with {kind}."


def _in_numpy(name, frame):
    """What a bare name would be where NumPy's is meant: `log` for `np.log`, `pi` for `np.pi`, `numpy` for `np`."""
    short = [each for each, thing in (frame.f_globals if frame else {}).items() if thing is np]
    if not short:
        return []
    meant = name == "numpy" or callable(getattr(np, name, None)) or isinstance(getattr(np, name, None), float)
    return [short[0] if name == "numpy" else f"{short[0]}.{name}"] if meant else []


def _message(error):
    try:
        return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    except Exception:  # an exception class of the learner's own may fail to print
        return ""


def first_line(error):
    """The first line of what an exception says, without its full stop; cut where it is very long."""
    line = next(iter(_message(error).strip().splitlines()), "").rstrip(". ")
    return line if len(line) <= 200 else line[:199] + "…"


def _own_trace(error, answer):
    """The last part of the traceback that lies in the learner's own code, or None."""
    own, found, trace = getattr(getattr(answer, "__code__", None), "co_filename", None), None, error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file == own or "ipykernel_" in file or file.startswith("<ipython-input"):
            found = trace
        trace = trace.tb_next
    return found


def _place(trace):
    """Words on the line of the learner's cell."""
    if trace is None:
        return ""
    line = linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno).strip()
    return f" (Line {trace.tb_lineno} of your cell{f': `{line}`' if line else ''}.)"
