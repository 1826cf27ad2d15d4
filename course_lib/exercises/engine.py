"""The check engine: "not answered yet", "right", or *what is wrong*, said in a sentence.

An exercise holds a reference, inputs to try it on, and *mistakes*: wrong answers worth naming. The mistakes serve
twice, as feedback for learners and as planted bugs for the tests.
"""

import contextlib
import importlib
import io
import os
import sys
import warnings
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from course_lib.exercises import calls, comparison, contents, notebook, progress
from course_lib.exercises.words import Word

RIGHT = "right"
UNANSWERED = "not answered yet"
NOT_YET = "not yet: "
AS_FOUND = "as found"
HALF_EMPTY = f"{NOT_YET}a part of your answer is still empty (`...` or None)."
UNTOUCHED = f"{UNANSWERED}: it does what the code as found does. Change it and run both cells."
ANYTHING_ELSE = type("AnythingElse", (), {"__repr__": lambda self: "ANYTHING_ELSE"})()
TRIES = 2  # so many before the solution is shown
_MOST_SENTENCES = 3
_LONGEST_CASE = 60  # characters of an argument that is shown


@dataclass(frozen=True, eq=False)
class Entry:
    """One wrong entry of a dictionary, a tuple or a set, whatever the others are.

    Args:
        place: The key, the position (from 0), or the member that is wrongly in or wrongly left out.
        answer: What stands there; an `Entry` of it, if a dictionary holds sets; for a member of a set nothing. Left
            out for a key or a position, it stands for everything else that is wrong: tried last.

    Example:
        >>> diagnoses = Exercise(
        ...     reference={"A": "collapse", "B": "warm-up"},
        ...     mistakes=(
        ...         Mistake("A", Entry("A", "healthy"), "(A) says nothing of x."),
        ...         Mistake("B", Entry("B"), "(B): look at the first epochs."),
        ...     ),
        ... )
        >>> diagnoses.judge({"A": "Healthy", "B": "collapse"})
        'not yet: (A) says nothing of x. And: (B): look at the first epochs.'
    """

    place: Any
    answer: Any = ANYTHING_ELSE


@dataclass(frozen=True, eq=False)
class Mistake:
    """A wrong answer worth naming.

    A dictionary, tuple or set that is wrong in some entries is recognised by these entries: where an answer holds
    two mistakes at once, both are named.

    Args:
        name: A few words, for authors and test reports. One named "as found" is the code that the lesson hands over
            to be repaired: to judge it is no try of the learner's.
        answer: The wrong answer, of the same kind as the exercise's reference: a function of the inputs, a value, an
            `Entry` of a value, or (with `judge_with`) a factory.
        sentence: What the learner reads when this mistake is recognised: what is wrong, and where to look.
        whole: The sentence speaks of all entries ("the first is right …"), so it is kept for exactly this answer.
        made: Function from a wrong value to whether the mistake was made in it, for mistakes that many values show
            (an order in which B comes before A); asked where nothing else explains the answer.
    """

    name: str
    answer: Any
    sentence: str
    whole: bool = False
    made: Callable[[Any], bool] | None = None


@dataclass(frozen=True, eq=False)
class Exercise:
    """A question that can judge an answer.

    There are three kinds:

    * *a function to write*: `inputs` is given; the answer is called on several draws and its results compared;
    * *a value to predict or choose*: neither `inputs` nor `judge_with`; a number, an array, a word, a bool, or a
      tuple, dictionary or set of these. The right value is never printed;
    * *a thing to build*: `judge_with` inspects it.

    Whatever is handed to an answer is a copy, and random numbers are the same at each try.

    Args:
        reference: The right answer. A function of the inputs; or a value (or a function without arguments that
            computes it when needed); or, with `judge_with`, a factory: a function without arguments that returns
            what a learner would hand in.
        inputs: Function from a `numpy.random.Generator` to the tuple of arguments of one call.
        mistakes: The wrong answers worth naming, tried in order.
        hints: Sentences shown by `check`, one more after each further wrong answer.
        rtol: Relative tolerance where the right number is a float; integers of up to 64 bits are compared exactly.
        atol: Absolute tolerance, likewise.
        draws: How many draws of `inputs` an answer is tried on.
        judge_with: Function from an answer to None (right), a sentence, or the name of one of `mistakes`.
        edges: Function without arguments to a list of further tuples of arguments: the cases that draws miss, such as
            ties, an empty class or a logit of 800.
        accepts: Function from a result and the inputs to whether it is right, though it is not what `reference` gives:
            where a question has many answers, such as the roots of a matrix. Asked of every draw.
        then: Function from an answer whose results are right to None, a sentence, or the name of one of `mistakes`:
            what results do not show, such as a gradient.
        words: The words (or letters) among which the lesson lets choose; another word is answered with this list.
        constant: Name of an argument of the reference that is the same in all draws ("x"), or of a size of it
            ("axis 1 of x"), or its order ("order of x") → the reason, a sentence. All others must vary.

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
    edges: Callable[[], list[tuple]] | None = None
    accepts: Callable[..., bool] | None = None
    then: Callable[[Any], str | None] | None = None
    words: tuple[str, ...] | str = ()
    constant: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        if self.inputs is not None and self.judge_with is not None:
            raise ValueError("Expected `inputs` or `judge_with`, received both. Let `judge_with` make its own inputs.")
        answers = [self.reference, *(mistake.answer for mistake in self.mistakes)]
        if (self.inputs or self.judge_with) and not all(map(callable, answers)):
            raise ValueError(
                "Expected functions as reference and as answers of the mistakes (of the inputs, or without arguments "
                "for `judge_with`), received a value. For an exercise about a value leave out both."
            )
        if self.edges is not None and self.inputs is None:
            raise ValueError("Expected `edges` beside `inputs`, received `edges` alone. They are further inputs.")
        if self.then is not None and self.inputs is None:
            raise ValueError(
                "Expected `then` beside `inputs`, received `then` alone. `judge_with` can ask for it itself."
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
            with calls.repeatable(answer):
                if self.judge_with is not None:
                    return self._judge_a_thing(answer)
                return self._judge_a_value(answer) if self.inputs is None else self._judge_a_function(answer)
        except (comparison.NotComparableError, calls.MisfitError) as error:
            return f"{NOT_YET}{error}"
        except (Exception, SystemExit) as error:
            return UNANSWERED if calls.comes_from_a_hole(error, answer) else NOT_YET + calls.explained(error, answer)

    def handed_in(self, part):
        """What a learner would hand in to give the reference or the answer of a mistake.

        Args:
            part: `reference`, or the `answer` of one of `mistakes`.

        Returns:
            A function, a value, or a thing built.

        Example:
            >>> Exercise(reference={"a", "b"}).handed_in(Entry("c")) == {"a", "b", "c"}
            True
        """
        if isinstance(part, Entry):
            return self._with_entry(part)
        return part() if self.inputs is None and callable(part) else part

    def names(self, mistake, verdict):
        """Whether a verdict names this mistake and no other.

        Of a number that an `Entry` stands for in general, it also says whether it is too large.

        Args:
            mistake: One of `mistakes`.
            verdict: What `judge` returned.
        """
        said = NOT_YET + mistake.sentence
        return verdict == said or (self._is_open(mistake) and verdict.startswith(f"{said} And: in "))

    def is_as_found(self, verdict):
        """Whether a verdict says that the answer is still the code that the lesson handed over.

        Args:
            verdict: What `judge` returned.
        """
        return any(verdict == NOT_YET + each.sentence for each in self.mistakes if each.name == AS_FOUND)

    def tried_on(self):
        """The tuples of arguments on which a function is tried: the draws, and the edges.

        Returns:
            A list of tuples, made anew, the same each time.
        """
        edges = self.edges() if self.edges is not None else []
        return [calls.copied(each) for each in (*self._draws(), *edges)]

    def problems(self):
        """What is wrong with the exercise itself, for its tests.

        Returns:
            A list of sentences, empty if the reference is accepted, every mistake is refused by its own sentence,
            empty answers count as not answered, and (for functions) an answer 5 % off is refused.
        """
        verdict = self.judge(self.handed_in(self.reference))
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
            verdict = self.judge(self.handed_in(mistake.answer))
            if not self.names(mistake, verdict):
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
        expected = [comparison.plain(self.reference(*calls.copied(inputs))) for inputs in self.tried_on()]
        exact = comparison.Ruler(rtol=0.0, atol=0.0)
        if all(exact.difference(comparison.scaled(each, off), each) is None for each in expected):
            return []
        verdict = self.judge(lambda *inputs: comparison.scaled(comparison.plain(self.reference(*inputs)), off))
        return [] if verdict.startswith(NOT_YET) else [f"an answer {off - 1:.0%} too large is judged {verdict!r}"]

    def _draws(self):
        return [self.inputs(np.random.default_rng(seed)) for seed in range(self.draws)]

    def _judge_a_thing(self, answer):
        if comparison.holds_a_hole(answer):
            return HALF_EMPTY
        changed = []
        said = self.judge_with(calls.guarded(answer, changed))
        return _changes(changed[0]) if said is None and changed else self._said(said)

    def _said(self, said):
        """The verdict for None, the name of a mistake, or a sentence."""
        sentences = {mistake.name: mistake.sentence for mistake in self.mistakes}
        return RIGHT if said is None else NOT_YET + sentences.get(said, said)

    def _judge_a_value(self, answer):
        if callable(answer):
            return f"{NOT_YET}a value is expected here, and yours is a function or a class: hand over what it returns."
        return self._compared([answer], lambda wanted: [self.handed_in(wanted)], reveal=False)

    def _judge_a_function(self, answer):
        if not callable(answer):
            kind = type(answer).__name__
            return f"{NOT_YET}a function is expected here, and yours is of type {kind}: hand over the function itself."
        cases = self.tried_on()
        misfit = calls.misfit(answer, cases[0])
        if misfit:
            return NOT_YET + misfit
        given, changed = [], None
        for number, inputs in enumerate(cases):
            passed = calls.copied(inputs)
            with _silence() if number else contextlib.nullcontext():  # print and warn once
                given.append(calls.copied(answer(*passed)))
            changed = changed or calls.changed_input(answer, inputs, passed)
        if all(each is None for each in given):
            return f"{UNANSWERED}: your function returns None. Once it computes something, end it with `return …`."
        verdict = RIGHT
        if self.accepts is None or not self._accepts_all(given, cases):
            edges = {number: _in_words(answer, cases[number]) for number in range(self.draws, len(cases))}
            verdict = self._compared(
                given,
                lambda wanted: [wanted(*calls.copied(inputs)) for inputs in cases],
                reveal=True,
                edges=edges,
                inputs=(answer, cases),
            )
        if verdict == RIGHT and changed:
            return _changes(changed)
        return self._said(self.then(answer)) if verdict == RIGHT and self.then is not None else verdict

    def _compared(self, given, results_of, reveal, edges=(), inputs=None):
        """The verdict on one result per draw: right, its mistakes by their names, or how the results differ.

        `edges` are the numbers of special cases, with words on each; `inputs` are the function and its
        arguments in each draw, where the answer is one.
        """
        if any(map(comparison.holds_a_hole, given)):
            if all(map(comparison.is_nothing_but_holes, given)):
                return UNANSWERED
            if any(each is None for each in given):
                return f"{NOT_YET}for some inputs your function returns None: does each branch return something?"
            return HALF_EMPTY
        ruler = comparison.Ruler(self.rtol, self.atol, reveal, tuple(self.words))
        expected = [comparison.plain(each) for each in results_of(self.reference)]
        given = [
            comparison.formed_as(right, comparison.plain(each), ruler.words)
            for right, each in zip(expected, given, strict=True)
        ]
        differences = list(map(ruler.difference, given, expected))
        if not any(differences):
            return RIGHT
        known, explained = self._known_mistakes(given, expected, results_of, ruler)
        if known and explained is None:
            return NOT_YET + known[0].sentence
        if strange := next(filter(None, map(ruler.unknown_members, given, expected)), None):
            return NOT_YET + strange
        if not known:
            number, said = next((number, said) for number, said in enumerate(differences) if said)
            if number in edges:
                case = f", with {edges[number]}" if edges[number] else ""
                return f"{NOT_YET}right for ordinary inputs, and wrong in a special case{case}: {said}"
            if inputs and "the shape should" in said:
                said += _shapes_in_words(inputs[0], inputs[1][number])
            of_a_length = inputs and _length_as_a_factor(given, expected, *inputs, ruler)
            return NOT_YET + (ruler.common_pattern(given, expected) or of_a_length or said)
        return NOT_YET + " And: ".join(self._sentences(known, explained, given, expected, ruler))

    def _accepts_all(self, given, cases):
        results = [None if comparison.holds_a_hole(each) else comparison.plain(each) for each in given]
        return all(map(self.accepts_result, results, cases))

    def accepts_result(self, result, inputs):
        """Whether `accepts` calls a result right.

        Args:
            result: What an answer returned, as `comparison.plain` reads it.
            inputs: The arguments that it was called with.
        """
        with np.errstate(all="ignore"):
            try:
                return self.accepts is not None and bool(self.accepts(result, *calls.copied(inputs)))
            except Exception:  # a result of another form
                return False

    def _sentences(self, known, explained, given, expected, ruler):
        """What is known to be wrong, and (where there is room) what else is."""
        said = [mistake.sentence for mistake in known]
        rest = (
            comparison.mended(each, right, explained) if comparison.same_form(each, right) else each
            for each, right in zip(given, expected, strict=True)
        )
        said += list(filter(None, map(ruler.difference, rest, expected)))[:1]
        return (
            [*said[: _MOST_SENTENCES - 1], "there is more, but mend these first."] if said[_MOST_SENTENCES:] else said
        )

    def _known_mistakes(self, given, expected, results_of, ruler):
        """The mistakes that were made, and the places that they explain: None if one explains the whole answer."""
        silent, partly, some_places = replace(ruler, reveal=False), [], _all(comparison.same_form, given, expected)
        wrong = ruler.differing(given, expected) if some_places else set()
        for mistake in self.mistakes:
            results = self._results(mistake, expected, results_of, ruler)
            if results is None:
                continue
            if not any(map(silent.difference, given, results)):
                return [mistake], None
            if some_places and not mistake.whole and _all(comparison.same_form, results, expected):
                places = ruler.differing(results, expected)
                if places and places <= wrong and not places & ruler.differing(given, results):
                    partly.append((mistake, places))
        known, explained = [], set()
        for mistake, places in sorted(partly, key=lambda each: -len(each[1])):  # those that explain most come first
            if not places & explained:
                known, explained = [*known, mistake], explained | places
        for mistake in filter(self._is_open, self.mistakes):
            where = _path(mistake.answer)
            places = {path for path in wrong - explained if path[: len(where)] == where}
            if places and all(ruler.can_be_chosen(*pair, places) for pair in zip(given, expected, strict=True)):
                known.append(mistake)
                explained |= {path for path in places if not _is_a_number(comparison.parts(expected[0])[path])}
        if not known or wrong - explained:
            shown = [each for each in self.mistakes if each not in known and _shows(each, given)]
            known, explained = [*known, *shown], explained | (wrong if shown else set())
        return sorted(known, key=self.mistakes.index), explained

    def _results(self, mistake, expected, results_of, ruler):
        """What a mistake answers, one result per draw; None if it stands for many answers, or for none."""
        if self._is_open(mistake):
            return None
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                results = [comparison.plain(each) for each in results_of(mistake.answer)]
                return [comparison.formed_as(*pair, ruler.words) for pair in zip(expected, results, strict=True)]
            except Exception:  # a mistake that cannot be computed was not made; `problems` reports it
                return None

    def _is_open(self, mistake):
        """Whether a mistake is an `Entry` that stands for every wrong value at its place."""
        entry, part = mistake.answer, self.handed_in(self.reference) if isinstance(mistake.answer, Entry) else None
        while isinstance(entry, Entry) and isinstance(part, dict | tuple):
            entry, part = entry.answer, part[entry.place]
        return entry is ANYTHING_ELSE

    def _with_entry(self, entry):
        """The right answer with one wrong entry; one that no other mistake names, if many would do."""
        answers = list(_changed(self.handed_in(self.reference), entry, self.words))
        if len(answers) == 1:
            return answers[0]
        named = [_text(self.handed_in(each.answer)) for each in self.mistakes if not self._is_open(each)]
        return next((each for each in answers if _text(each) not in named), answers[0])


def _in_words(function, inputs):
    """Arguments by their names, such as "`logits` = [-800.0, 800.0]"; those that are long are left out."""
    named = zip(calls.argument_names(function), map(_short, inputs), strict=False)
    return ", ".join(f"`{name}` = {text}" for name, text in named if text)


def _shapes_in_words(function, inputs):
    """The shapes of the arrays that a function was called with: " (Here `x` has the shape (8, 6).)"."""
    of_shape = {}
    for name, each in zip(calls.argument_names(function), inputs, strict=False):
        if getattr(each, "shape", ()):
            of_shape.setdefault(each.shape, []).append(f"`{name}`")
    said = [
        f"{', '.join(names)} {'has' if len(names) == 1 else 'have'} the shape {shape}"
        for shape, names in of_shape.items()
    ]
    return f" (Here {'; '.join(said)}.)" if said else ""


def _length_as_a_factor(given, expected, function, cases, ruler):
    """A sentence if all results are too small, or too large, by the length of one axis of an input; else None."""
    factors = [ruler.factor(*pair) for pair in zip(given, expected, strict=True)]
    if None in factors:
        return None
    lengths = {}
    for number, name in enumerate(calls.argument_names(function)[: len(cases[0])]):
        shapes = [getattr(case[number], "shape", ()) for case in cases]
        for axis in range(min(map(len, shapes))):
            lengths.setdefault(tuple(shape[axis] for shape in shapes), f"the length of axis {axis} of `{name}`")
    for many, words in lengths.items():
        if len({*many}) > 1 and np.allclose(factors, 1 / np.array(many), ruler.rtol):
            return f"every number is divided by {words}: is that a mean in the place of a sum?"
        if len({*many}) > 1 and np.allclose(factors, many, ruler.rtol):
            return f"every number is multiplied by {words}: is that a sum in the place of a mean?"
    return None


def _short(value):
    """A value as a learner would type it, if that is short; else nothing."""
    text = repr(value.tolist() if isinstance(value, np.ndarray) else value)
    return text if len(text) <= _LONGEST_CASE and isinstance(value, np.ndarray | int | float | str | list) else ""


def _text(value):
    """A text that is the same for equal values."""
    return sorted(f"{path}: {what}" for path, what in comparison.parts(comparison.plain(value)).items())


def _changed(right, entry, words):
    """`right` with a wrong entry, in one way or in several."""
    if isinstance(right, set | frozenset):
        yield right ^ {entry.place}
        return
    part = right[entry.place]
    values = _changed(part, entry.answer, words) if isinstance(entry.answer, Entry) else [entry.answer]
    for value in _others(part, words) if entry.answer is ANYTHING_ELSE else values:
        if isinstance(right, dict):
            yield {**right, entry.place: value}
        else:
            yield (*right[: entry.place], value, *right[entry.place + 1 :])


def _others(right, words):
    """Values that are not the right one."""
    if isinstance(right, str):
        return [word for word in words if Word(word) != Word(right)] or [right + " not"]
    if isinstance(right, set | frozenset):
        return [frozenset(), *({word} for word in words if {word} != right)]
    return [not right] if isinstance(right, bool) else [1.37 * right + 1000 if np.isfinite(right) else 1000.0]


def _is_a_number(part):
    """Of a number a general sentence is not all: it is said, too, whether it is too large."""
    return isinstance(part, np.ndarray) and part.dtype.kind in "iuf"


def _shows(mistake, given):
    """Whether a wrong value shows a mistake that many values can show."""
    try:
        return mistake.made is not None and bool(mistake.made(given[0]))
    except Exception:  # a value of another kind
        return False


def _all(holds, one, other):
    return all(map(holds, one, other))


@contextlib.contextmanager
def _silence():
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _changes(what):
    return f"{NOT_YET}the result is right, but your function changes {what} in place. Work on a new array."


def _path(entry):
    """Where in an answer an `Entry` stands."""
    return entry.place, *(_path(entry.answer) if isinstance(entry.answer, Entry) else ())


def _is_a_sentence(text):
    return len(text.split()) > 1 and text.endswith((".", "?", "!", ")"))


_tries = weakref.WeakKeyDictionary()  # exercise → the answers that a person tried in vain: how many, and the last
_solved = weakref.WeakSet()
_handed_over = weakref.WeakKeyDictionary()  # exercise → the fingerprint of the code as found, once it was checked


def check(label, exercise, answer):
    """Say how an answer stands: the line under every exercise of the lessons.

    After a second wrong answer the first hint appears, after a third the next one, and where the solution is. Only
    tries count: not a hole, not the code as the lesson handed it over, and not the same answer once more. That code is
    not told its fault, which is what the learner is asked to find: the sentence comes once something was changed. In a
    notebook that a person works in, a verdict has a sign and a colour; elsewhere it is printed.

    Where a class is graded, a cell must fail if its answer is not right: with `COURSE_STRICT=1` in the environment the
    same sentence is raised instead of printed, and there are no hints.

    Args:
        label: The exercise's number in the lesson, such as "5.2".
        exercise: The `Exercise`.
        answer: What the learner wrote.

    Raises:
        AssertionError: The answer is not right, and `COURSE_STRICT` is set (to anything but 0).
        ValueError: If `exercise` is none.

    Example:
        >>> check("0.1", Exercise(reference=4, mistakes=(Mistake("side by side", 22, "add them."),)), 22)
        Exercise 0.1: not yet: add them.
        >>> check("0.1", Exercise(reference=4), ...)
        Exercise 0.1: not answered yet
    """
    if not isinstance(exercise, Exercise):
        raise ValueError(
            f"exercise must be one of the lesson's, such as exercises.SQUARED_ERROR; got {exercise!r}. Only the last "
            f"argument of check is yours: check({label!r}, exercises.…, your_answer)."
        )
    verdict, name = exercise.judge(answer), name_of(exercise)
    if verdict != RIGHT and _is_strict():
        raise AssertionError(f"Exercise {label}: {verdict}")
    if exercise.is_as_found(verdict) and _is_untouched(exercise, answer):
        verdict = UNTOUCHED
    said, fault = [f"Exercise {label}: {verdict}"], notebook.note_on_the_cell_above(label)
    if verdict == RIGHT:
        _tries.pop(exercise, None)
        _solved.add(exercise)
    if verdict.startswith(NOT_YET):
        said += _counted(label, exercise, name, verdict, calls.fingerprint(answer), fault)
    elif verdict not in (RIGHT, UNTOUCHED) and not fault and notebook.shell_of_a_person() is not None:
        said.append(f"    {notebook.RUN_BOTH}{notebook.source_of_the_answer(label)}")
    notebook.show_verdict("\n".join([*said, *([f"    {fault}"] if fault else [])]))
    if name and not verdict.startswith(UNANSWERED):
        progress.keep(name, progress.RIGHT if verdict == RIGHT else progress.TRIED)


def _is_untouched(exercise, answer):
    """Whether an answer that does what the code as found does is that code, as far as can be known: no other came."""
    this = calls.fingerprint(answer)
    if exercise in _tries or _handed_over.setdefault(exercise, this) != this:
        _handed_over[exercise] = None
    return _handed_over.get(exercise) == this


def _counted(label, exercise, name, verdict, fingerprint, fault):
    """Count a wrong answer; return what is said below it: that it is not new, hints, and where the solution is."""
    number, last = _tries.get(exercise, (0, None))
    this = verdict, fingerprint
    said = [f"    {notebook.SAME}"] if this == last and not fault else []
    if this != last and not exercise.is_as_found(verdict):
        number += 1
        _tries[exercise] = number, this
    for hint_number, hint in enumerate(exercise.hints[: max(number - 1, 0)], start=1):
        said.append(f"    Hint {hint_number} of {len(exercise.hints)}: {hint}")
    return [*said, f'    One way to solve it: solution("{label}")'] if name and number > TRIES else said


def name_of(exercise):
    """The name of an exercise, with its lesson's, such as "the_elbo.TWO_DRAWS"; None for one of no lesson.

    Args:
        exercise: The `Exercise`.
    """
    for lesson, names in contents.EXERCISES.items():
        module = sys.modules.get(f"course_lib.exercises.{lesson}")
        for name in names if module else ():
            if getattr(module, name, None) is exercise:
                return f"{lesson}.{name}"
    return None


def tries_of(name):
    """How many wrong answers were tried in this session, or before the right one: then infinitely many.

    Args:
        name: The names of its lesson and its own, such as "the_elbo.TWO_DRAWS".

    Returns:
        A number.
    """
    lesson, own = name.split(".")
    exercise = getattr(importlib.import_module(f"course_lib.exercises.{lesson}"), own)
    if exercise in _solved or progress.kept(".").get(name) == progress.RIGHT:
        return float("inf")
    return _tries.get(exercise, (0, None))[0]


def _is_strict():
    """Whether answers that are not right are to fail, as where a class is graded."""
    return os.environ.get("COURSE_STRICT", "") not in ("", "0")


def from_library(name):
    """A function of the library that is imported when it is first called, so that exercises load no backend.

    Args:
        name: Module and name inside `course_lib`, such as "formulas.standard_normal_kl".

    Returns:
        A function with the same arguments and result.
    """
    module, _, attribute = name.rpartition(".")

    def found():
        return getattr(importlib.import_module(f"course_lib.{module}"), attribute)

    def reference(*args, **kwargs):
        return found()(*args, **kwargs)

    reference.found = found  # for whoever asks for its arguments
    reference.__name__ = reference.__qualname__ = attribute
    return reference
