"""The check engine: "not answered yet", "right", or *what is wrong*, said in a sentence.

An exercise holds a reference, inputs to try it on, and *mistakes*: wrong answers worth naming. The mistakes serve
twice, as feedback for learners and as planted bugs for the tests.
"""

import contextlib
import importlib
import io
import warnings
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.exercises import calls, comparison

RIGHT = "right"
UNANSWERED = "not answered yet"
NOT_YET = "not yet: "


@dataclass(frozen=True, eq=False)
class Mistake:
    """A wrong answer worth naming.

    Args:
        name: A few words, for authors and test reports.
        answer: The wrong answer, of the same kind as the exercise's reference: a function of the inputs, a value, or
            (with `judge_with`) a factory.
        sentence: What the learner reads when this mistake is recognised: what is wrong, and where to look.
    """

    name: str
    answer: Any
    sentence: str


@dataclass(frozen=True, eq=False)
class Exercise:
    """A question that can judge an answer.

    There are three kinds:

    * *a function to write*: `inputs` is given; the answer is called on several draws and its results compared;
    * *a value to predict or choose*: neither `inputs` nor `judge_with`; a number, an array, a word, a bool, or a
      tuple, dictionary or set of these. The right value is never printed;
    * *a thing to build*: `judge_with` inspects it.

    Args:
        reference: The right answer. A function of the inputs; or a value (or a function without arguments that
            computes it when needed); or, with `judge_with`, a factory: a function without arguments that returns
            what a learner would hand in.
        inputs: Function from a `numpy.random.Generator` to the tuple of arguments of one call.
        mistakes: The wrong answers worth naming, tried in order.
        hints: Sentences shown by `check`, one more after each further wrong answer.
        rtol: Relative tolerance where the right number is a float; integers are compared exactly.
        atol: Absolute tolerance, likewise.
        draws: How many draws of `inputs` an answer is tried on.
        judge_with: Function from an answer to None (right), a sentence, or the name of one of `mistakes`.

    Raises:
        ValueError: The parts do not make one of the three kinds.

    Example:
        >>> area = Exercise(
        ...     reference=lambda radius: np.pi * radius**2,
        ...     inputs=lambda rng: (rng.uniform(1.0, 2.0, size=5),),
        ...     mistakes=(Mistake("circumference", lambda r: 2 * np.pi * r, "that is the circumference."),),
        ... )
        >>> area.judge(lambda radius: 2 * np.pi * radius)
        'not yet: that is the circumference.'
        >>> area.judge(lambda radius: np.pi * radius * radius)
        'right'
    """

    reference: Any
    inputs: Callable[[np.random.Generator], tuple] | None = None
    mistakes: tuple[Mistake, ...] = ()
    hints: tuple[str, ...] = ()
    rtol: float = 1e-4
    atol: float = 1e-5
    draws: int = 3
    judge_with: Callable[[Any], str | None] | None = None

    def __post_init__(self):
        if self.inputs is not None and self.judge_with is not None:
            raise ValueError("Expected `inputs` or `judge_with`, received both. Let `judge_with` make its own inputs.")
        answers = [self.reference, *(mistake.answer for mistake in self.mistakes)]
        if (self.inputs or self.judge_with) and not all(map(callable, answers)):
            raise ValueError(
                "Expected functions as reference and as answers of the mistakes (of the inputs, or without arguments "
                "for `judge_with`), received a value. For an exercise about a value leave out both."
            )

    def judge(self, answer):
        """Say how an answer stands. Never raises: a learner's exception becomes a sentence.

        Args:
            answer: What the learner wrote: a function, a value, or a thing built.

        Returns:
            "right", "not answered yet…" or "not yet: " and a sentence. The same answer gets the same words each time.
        """
        if comparison.is_nothing_but_holes(answer):
            return UNANSWERED
        try:
            if self.judge_with is not None:
                return self._judge_a_thing(answer)
            return self._judge_a_value(answer) if self.inputs is None else self._judge_a_function(answer)
        except comparison.NotComparableError as error:
            return f"{NOT_YET}{error}"
        except (Exception, SystemExit) as error:
            return UNANSWERED if calls.comes_from_a_hole(error) else NOT_YET + calls.explained(error, answer)

    def problems(self):
        """What is wrong with the exercise itself, for its tests.

        Returns:
            A list of sentences, empty if the reference is accepted, every mistake is refused by its own sentence,
            empty answers count as not answered, and (for functions) an answer 5 % off is refused.
        """
        verdict = self.judge(self._handed_in(self.reference))
        found = [] if verdict == RIGHT else [f"its reference is judged {verdict!r}"]
        empty = [None, ...] if self.inputs is None else [None, ..., lambda *inputs: ...]
        found += [f"an empty answer is judged {said!r}" for said in map(self.judge, empty) if said != UNANSWERED]
        found += [f"hint {hint!r} is no sentence" for hint in self.hints if not _is_a_sentence(hint)]
        return found + self._problems_of_the_mistakes() + self._problems_of_the_inputs()

    def _problems_of_the_mistakes(self):
        found = [] if self.mistakes else ["it knows no mistake"]
        if len({mistake.name for mistake in self.mistakes}) < len(self.mistakes):
            found.append("two of its mistakes share a name")
        for mistake in self.mistakes:
            verdict = self.judge(self._handed_in(mistake.answer))
            if verdict != NOT_YET + mistake.sentence:
                found.append(f"mistake {mistake.name!r} is judged {verdict!r}")
            if not _is_a_sentence(mistake.sentence):
                found.append(f"mistake {mistake.name!r} says no sentence: {mistake.sentence!r}")
            if sum(mistake.sentence == other.sentence for other in self.mistakes) > 1:
                found.append(f"mistake {mistake.name!r} has no sentence of its own")
        return found

    def _problems_of_the_inputs(self):
        """Inputs on which the right answer is zero, or a wide tolerance, accept answers that are wrong."""
        if self.inputs is None:
            return []
        off = 1.0 + max(0.05, 3 * self.rtol)
        expected = [comparison.plain(self.reference(*calls.copied(inputs))) for inputs in self._draws()]
        if all(comparison.difference(comparison.scaled(each, off), each, 0.0, 0.0, True) is None for each in expected):
            return []
        verdict = self.judge(lambda *inputs: comparison.scaled(comparison.plain(self.reference(*inputs)), off))
        return [] if verdict.startswith(NOT_YET) else [f"an answer {off - 1:.0%} too large is judged {verdict!r}"]

    def _handed_in(self, part):
        """What a learner would hand in to give the answer `part`."""
        return part() if self.inputs is None and callable(part) else part

    def _draws(self):
        return [self.inputs(np.random.default_rng(seed)) for seed in range(self.draws)]

    def _judge_a_thing(self, answer):
        said = self.judge_with(answer)
        sentences = {mistake.name: mistake.sentence for mistake in self.mistakes}
        return RIGHT if said is None else NOT_YET + sentences.get(said, said)

    def _judge_a_value(self, answer):
        if callable(answer):
            return f"{NOT_YET}a value is expected here, and yours is a function or a class: hand over what it returns."
        return self._compared([answer], lambda wanted: [self._handed_in(wanted)], reveal=False)

    def _judge_a_function(self, answer):
        if not callable(answer):
            kind = type(answer).__name__
            return f"{NOT_YET}a function is expected here, and yours is of type {kind}: hand over the function itself."
        draws = self._draws()
        misfit = calls.misfit(answer, draws[0])
        if misfit:
            return NOT_YET + misfit
        given, changed = [], None
        for number, inputs in enumerate(draws):
            passed = calls.copied(inputs)
            with contextlib.redirect_stdout(io.StringIO()) if number else contextlib.nullcontext():  # print once
                given.append(answer(*passed))
            changed = changed or calls.changed_input(answer, inputs, passed)
        if all(each is None for each in given):
            return f"{UNANSWERED}: your function returns None. Once it computes something, end it with `return …`."
        verdict = self._compared(given, lambda wanted: [wanted(*calls.copied(inputs)) for inputs in draws], reveal=True)
        if verdict == RIGHT and changed:
            return f"{NOT_YET}the result is right, but your function changes {changed} in place. Work on a new array."
        return verdict

    def _compared(self, given, results_of, reveal):
        """The verdict on one result per draw: right, a mistake by its name, or how the results differ."""
        if any(map(comparison.holds_a_hole, given)):
            if all(map(comparison.is_nothing_but_holes, given)):
                return UNANSWERED
            return f"{NOT_YET}a part of your answer is still empty (`...` or None)."
        given = [comparison.plain(each) for each in given]
        expected = [comparison.plain(each) for each in results_of(self.reference)]
        differences = [self._difference(*pair, reveal) for pair in zip(given, expected, strict=True)]
        if not any(differences):
            return RIGHT
        for mistake in self.mistakes:
            if self._is_made(mistake, given, results_of):
                return NOT_YET + mistake.sentence
        pattern = comparison.common_pattern(given, expected, self.rtol, self.atol)
        return NOT_YET + (pattern or next(filter(None, differences)))

    def _is_made(self, mistake, given, results_of):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                results = [comparison.plain(each) for each in results_of(mistake.answer)]
            except Exception:  # a mistake that cannot be computed was not made; `problems` reports it
                return False
            return not any(self._difference(*pair, False) for pair in zip(given, results, strict=True))

    def _difference(self, given, expected, reveal):
        return comparison.difference(given, expected, self.rtol, self.atol, reveal)


def _is_a_sentence(text):
    return len(text.split()) > 1 and text.endswith((".", "?", "!", ")"))


_wrong_tries = weakref.WeakKeyDictionary()


def check(label, exercise, answer):
    """Print how an answer stands: the line under every exercise of the lessons.

    After a second wrong answer the first hint appears, after a third the next one.

    Args:
        label: The exercise's number in the lesson, such as "5.2".
        exercise: The `Exercise`.
        answer: What the learner wrote.

    Example:
        >>> check("0.1", Exercise(reference=4, mistakes=(Mistake("side by side", 22, "add them."),)), 22)
        Exercise 0.1: not yet: add them.
        >>> check("0.1", Exercise(reference=4), ...)
        Exercise 0.1: not answered yet
    """
    verdict = exercise.judge(answer)
    print(f"Exercise {label}: {verdict}")
    if verdict == RIGHT:
        _wrong_tries.pop(exercise, None)
    if not verdict.startswith(NOT_YET):
        return
    tries = _wrong_tries[exercise] = _wrong_tries.get(exercise, 0) + 1
    for number, hint in enumerate(exercise.hints[: tries - 1], start=1):
        print(f"    Hint {number} of {len(exercise.hints)}: {hint}")


def from_library(name):
    """A function of the library that is imported when it is first called, so that exercises load no backend.

    Args:
        name: Module and name inside `course_lib`, such as "formulas.standard_normal_kl".

    Returns:
        A function with the same arguments and result.
    """
    module, _, attribute = name.rpartition(".")

    def reference(*args, **kwargs):
        return getattr(importlib.import_module(f"course_lib.{module}"), attribute)(*args, **kwargs)

    reference.__name__ = reference.__qualname__ = attribute
    return reference
