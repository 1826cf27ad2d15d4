"""Programs that are wrong in one known way: each a small change of the library's code.

One list, two uses. The lesson on bugs plants them in the living functions and asks which test notices; the test suite
(`tests/mutants`) plants them in a copy of the course, where the named test file must go red. A program with one such
change is a *mutant*, and a test that it turns red has "killed" it: DeMillo, Lipton & Sayward (1978), Hints on test data
selection: help for the practicing programmer, IEEE Computer 11(4), doi:10.1109/C-M.1978.218136.
"""

import ast
import contextlib
import functools
import importlib
import types
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Patient:
    """A program with one bug.

    Attributes:
        name: What is wrong, in words.
        file: The file of the library that is changed, such as "course_lib/layers/sampling.py".
        before: The text that is replaced; it occurs once in the file, inside of a function.
        after: The text that replaces it.
        tests: The test file that must go red.

    Example:
        >>> from course_lib.formulas import standard_normal_kl
        >>> mine = Patient(
        ...     name="σ² is no part of the KL",
        ...     file="course_lib/formulas/divergences.py",
        ...     before="return 0.5 * sum_over_event(ops.exp(log_var) + ops.square(mean) - 1.0 - log_var)",
        ...     after="return 0.5 * sum_over_event(ops.square(mean) - 1.0 - log_var)",
        ...     tests="tests/formulas/test_divergences.py",
        ... )
        >>> with planted(mine):
        ...     float(standard_normal_kl([[2.0]], [[0.0]])[0])  # 2.0 without the bug
        1.5

    Reference:
        DeMillo, Lipton & Sayward (1978), Hints on test data selection: help for the practicing programmer, IEEE
        Computer 11(4).
    """

    name: str
    file: str
    before: str
    after: str
    tests: str


@contextlib.contextmanager
def planted(patient):
    """Give the library a bug inside a `with` block, and take it out at its end.

    The code of the function is exchanged, so that models and networks that exist already have the bug, too. What a
    model has compiled stays as it was: build a new model inside the block to train it, and do not use it outside.

    Args:
        patient: A `Patient`.

    Raises:
        ValueError: If its text does not occur once in its file, or stands outside of every function.

    Example:
        >>> from keras import ops
        >>> from course_lib.formulas import standard_normal_kl
        >>> with planted(patient("KL without ½")):
        ...     wrong = float(standard_normal_kl([[2.0]], [[0.0]])[0])
        >>> wrong, float(standard_normal_kl([[2.0]], [[0.0]])[0])
        (4.0, 2.0)

    Reference:
        DeMillo, Lipton & Sayward (1978), Hints on test data selection: help for the practicing programmer, IEEE
        Computer 11(4).
    """
    module = importlib.import_module(patient.file.removesuffix(".py").replace("/", "."))
    text = Path(module.__file__).read_text("utf-8")
    place = place_of(text, patient.before)
    function = functools.reduce(getattr, place.split("."), module)
    healthy = function.__code__
    function.__code__ = code_of(compile(text.replace(patient.before, patient.after), module.__file__, "exec"), place)
    try:
        yield
    finally:
        function.__code__ = healthy


def patient(name):
    """A patient by its name.

    Args:
        name: Such as "no KL".

    Returns:
        A `Patient`.

    Raises:
        ValueError: If there is none of this name.

    Example:
        >>> patient("no KL").file
        'course_lib/models/vae.py'
    """
    found = {each.name: each for each in PATIENTS}
    if name not in found:
        raise ValueError(f"name must be one of {', '.join(map(repr, found))}; got {name!r}.")
    return found[name]


def place_of(text, before):
    """The function of a file in which a text stands.

    Args:
        text: The source of a Python file.
        before: A piece of it.

    Returns:
        A qualified name, such as "Sampling.call".

    Raises:
        ValueError: If the piece does not occur once, or stands outside of every function's body.

    Example:
        >>> place_of("def double(x):\\n    return 2 * x", "2 * x")
        'double'
    """
    if text.count(before) != 1:
        raise ValueError(
            f"The text {before!r} of a bug should occur once in its file; it occurs {text.count(before)} times. Use "
            "the course_lib that this list belongs to."
        )
    line = text[: text.index(before)].count("\n") + 1 + len(before) - len(before.lstrip("\n"))

    def search(nodes, path=()):
        for node in nodes:
            if isinstance(node, ast.FunctionDef) and node.body[0].lineno <= line <= node.end_lineno:
                return ".".join([*path, node.name])
            if isinstance(node, ast.ClassDef) and node.lineno <= line <= node.end_lineno:
                return search(node.body, (*path, node.name))
        raise ValueError(f"The text of a bug should stand inside of a function; {before!r} stands in none.")

    return search(ast.parse(text).body)


def code_of(module, place):
    """The code of a function inside of a compiled module.

    Args:
        module: A code object, such as `compile(text, "file.py", "exec")`.
        place: The qualified name of the function.

    Returns:
        Its code object, or None.

    Example:
        >>> code_of(compile("def double(x): return 2 * x", "file.py", "exec"), "double").co_argcount
        1
    """
    for constant in module.co_consts:
        if isinstance(constant, types.CodeType):
            found = constant if constant.co_qualname == place else code_of(constant, place)
            if found:
                return found
    return None


_LIKELIHOODS = ("course_lib/formulas/likelihoods.py", "tests/formulas/test_likelihoods.py")
_EVENTS = ("course_lib/formulas/events.py", "tests/formulas/test_likelihoods.py")
_DIVERGENCES = ("course_lib/formulas/divergences.py", "tests/formulas/test_divergences.py")
_SAMPLING = ("course_lib/layers/sampling.py", "tests/layers/test_sampling.py")
_VAE = ("course_lib/models/vae.py", "tests/models/test_vae.py")
_TRAINING = ("course_lib/training/model.py", "tests/training/test_model.py")

_SUM = "return ops.sum(values, axis=tuple(range(1, len(values.shape))))"
# what a half-precision number between 32 and 64 keeps, on processors without such numbers, too
_HALF_SUM = (
    f"total ={_SUM.removeprefix('return')}\n    return total + ops.stop_gradient(ops.round(32 * total) / 32 - total)"
)
_BERNOULLI = "return -sum_over_event(x * ops.softplus(-logits) + (1.0 - x) * ops.softplus(logits))"
_TWO_SIGMOIDS = "x * ops.softplus(-ops.sigmoid(logits)) + (1.0 - x) * ops.softplus(ops.sigmoid(logits))"
_OF_PROBABILITIES = "x * ops.log(logits + 1e-7) + (1.0 - x) * ops.log(1.0 - logits + 1e-7)"
_SWAPPED = "x * ops.softplus(logits) + (1.0 - x) * ops.softplus(-logits)"
_KL = "return 0.5 * sum_over_event(ops.exp(log_var) + ops.square(mean) - 1.0 - log_var)"
_KL_OF_THE_BATCH = "return 0.5 * ops.sum(ops.exp(log_var) + ops.square(mean) - 1.0 - log_var) + 0.0 * mean[:, 0]"
_WRONG_KL = "return 0.5 * sum_over_event(1.0 + ops.square(mean) - ops.exp(log_var))"
_NOISE = 'noise = keras.random.normal(ops.shape(mean), dtype="float32", seed=self.seed_generator)'
_DRAW = "return mean + ops.exp(0.5 * log_var) * noise"
_LOSS = "weighted_mean(reconstruction + self.beta * kl, sample_weight)"
_TARGET = "-self.log_likelihood(x if y is None else y, *"


def _changes(place, *changes):
    file, tests = place
    return [Patient(name, file, before, after, tests) for name, before, after in changes]


PATIENTS = (
    *_changes(_EVENTS, ("sums in half precision", _SUM, _HALF_SUM)),
    *_changes(
        _LIKELIHOODS,
        ("BCE averaged over pixels", _BERNOULLI, _BERNOULLI.replace("-sum", "-(1.0 / math.prod(x.shape[1:])) * sum")),
        ("BCE with a second sigmoid", _BERNOULLI, f"return -sum_over_event({_TWO_SIGMOIDS})"),
        ("BCE from probabilities", _BERNOULLI, f"return sum_over_event({_OF_PROBABILITIES})"),
        ("BCE with x and 1 − x swapped", _BERNOULLI, f"return -sum_over_event({_SWAPPED})"),
    ),
    *_changes(
        _DIVERGENCES,
        ("KL without ½", _KL, _KL.replace("0.5 * ", "")),
        ("KL averaged over latents", _KL, _KL.replace("sum_over_event", "(lambda v: ops.mean(v, -1))")),
        ("KL of the whole batch", _KL, _KL_OF_THE_BATCH),
        ("KL with 1 + μ² − σ²", _KL, _WRONG_KL),
    ),
    *_changes(
        _SAMPLING,
        ("noise missing", _DRAW, "return mean + 0.0 * noise"),
        ("z = μ exp(½ log σ²)", _DRAW, "return mean * ops.exp(0.5 * log_var) + 0.0 * noise"),
        ("σ² for σ", _DRAW, _DRAW.replace("0.5 * log_var", "log_var")),
        ("noise shared across the batch", _NOISE, _NOISE.replace("ops.shape(mean)", "(1, mean.shape[-1])")),
        ("noise shared across latents", _NOISE, _NOISE.replace("ops.shape(mean)", "(ops.shape(mean)[0], 1)")),
        ("noise constant from call to call", _NOISE, _NOISE.replace("self.seed_generator", "0")),
        ("uniform noise", _NOISE, _NOISE.replace("random.normal", "random.uniform")),
    ),
    *_changes(
        _VAE,
        ("no gradient through σ", "z = sampling(mean, log_var)", "z = sampling(mean, ops.stop_gradient(log_var))"),
        ("no KL", _LOSS, "weighted_mean(reconstruction, sample_weight)"),
        ("β ignored", _LOSS, "weighted_mean(reconstruction + kl, sample_weight)"),
        ("KL capped at one nat", "kl = self.kl(y_pred)", "kl = ops.minimum(self.kl(y_pred), 1.0)"),
        (
            "the neighbour's image as target",
            _TARGET,
            "-self.log_likelihood(ops.roll(x if y is None else y, 1, axis=0), *",
        ),
    ),
    *_changes(_TRAINING, ("loss summed over the batch", "return ops.mean(values)", "return ops.sum(values)")),
)
