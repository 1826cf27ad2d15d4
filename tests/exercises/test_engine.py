"""The check engine (`engine`, `comparison`, `calls`): the words that learners read."""

import linecache
import random
import sys
import textwrap
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from course_lib.exercises import Entry, Exercise, Mistake, check, from_library
from course_lib.exercises.comparison import plain
from course_lib.exercises.words import Word, before

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # some mistakes take logarithms of negative numbers


def _terms(mean, log_var):
    return 0.5 * (np.exp(log_var) + mean**2 - 1.0 - log_var)


def _two_matrices(rng):
    return rng.normal(size=(6, 4)).astype("float32"), rng.normal(size=(6, 4)).astype("float32")


def kl(mean, log_var):
    return _terms(mean, log_var).sum(-1)


KL = Exercise(
    reference=kl,
    inputs=_two_matrices,
    mistakes=(
        Mistake("sign", lambda m, v: -_terms(m, v).sum(-1), "the sign is flipped."),
        Mistake("mean over latents", lambda m, v: _terms(m, v).mean(-1), "you averaged over the latent dimensions."),
        Mistake("one number", lambda m, v: _terms(m, v).sum(-1).mean(), "keep one value per example."),
        Mistake("logarithm", lambda m, v: np.log(v) + m, "log of log."),
    ),
    hints=("Start with one dimension.", "Sum over the last axis."),
)
RESIDUAL = Exercise(reference=0.25, rtol=0.1, mistakes=(Mistake("per image", 16.0, "that is per image."),))
COUNT = Exercise(reference=25_450, mistakes=(Mistake("no biases", 25_000, "the biases count too."),))
CHOICE = Exercise(reference="b", mistakes=(Mistake("a", "a", "(a) is what a GAN does."),))
STATISTICS = Exercise(
    reference=lambda x: (x.mean(), {"spread": x.std(), "range": np.array([x.min(), x.max()])}),
    inputs=lambda rng: (rng.normal(size=50),),
    mistakes=(
        Mistake("sum", lambda x: (x.sum(), {"spread": x.std(), "range": np.array([x.min(), x.max()])}), "mean."),
    ),
)


def learner(source, name="answer"):
    """A function written in a notebook cell: its file name is the one that ipykernel gives to cells."""
    namespace = {"np": np}
    exec(compile(textwrap.dedent(source), "/tmp/ipykernel_7/123.py", "exec"), namespace)
    return namespace[name]


def test_the_reference_is_right_and_says_only_that():
    assert KL.judge(kl) == "right"


@pytest.mark.parametrize("mistake", KL.mistakes, ids=lambda mistake: mistake.name)
def test_each_mistake_is_refused_by_its_own_sentence(mistake):
    assert KL.judge(mistake.answer) == f"not yet: {mistake.sentence}"


@pytest.mark.parametrize("exercise", [KL, RESIDUAL, CHOICE, COUNT], ids=["function", "value", "choice", "count"])
@pytest.mark.parametrize("empty", [None, ..., [..., ...], (None,), {"mean": ...}], ids=repr)
def test_an_empty_answer_is_not_answered_yet(exercise, empty):
    assert exercise.judge(empty) == "not answered yet"


@pytest.mark.parametrize(
    "source",
    [
        "def answer(mean, log_var):\n    return ...  # your turn",
        "def answer(mean, log_var):\n    terms = ...  # your turn\n    return terms.sum(axis=-1)",
        "def answer(mean, log_var):\n    terms = ...  # your turn\n    return 0.5 * terms",
        "def answer(mean, log_var):\n    terms = ...  # your turn\n    return np.sum(terms, axis=-1)",
        "def answer(mean, log_var):\n    terms = ...  # your turn\n    return np.exp(terms)",
        "def answer(mean, log_var):\n    raise NotImplementedError",
        "def answer(mean, log_var):\n    return ..., ...",
    ],
)
def test_a_function_with_a_hole_is_not_answered_yet(source):
    assert KL.judge(learner(source)) == "not answered yet"


def test_a_function_that_returns_none_is_told_about_return():
    said = KL.judge(learner("def answer(mean, log_var):\n    kl = mean.sum(axis=-1)"))
    assert said.startswith("not answered yet: ")
    assert "return" in said


def test_a_half_empty_answer_is_said_to_be_half_empty():
    assert "still empty" in STATISTICS.judge(lambda x: (x.mean(), ...))
    assert "still empty" in KL.judge(lambda mean, log_var: kl(mean, log_var) if mean[0, 0] > 0.2 else ...)


def test_a_function_with_a_branch_that_returns_nothing_is_told_so():
    said = KL.judge(lambda mean, log_var: kl(mean, log_var) if mean[0, 0] > 0.2 else None)
    assert said == "not yet: for some inputs your function returns None: does each branch return something?"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda m, v: kl(m, v)[:, None], "shape should be (6,), yours is (6, 1): an axis of length 1 is too many"),
        (lambda m, v: kl(m, v)[:3], "shape should be (6,), yours is (3,)."),
        (lambda m, v: 2.5 * kl(m, v), "every number is 2.5 times what it should be"),
        (lambda m, v: kl(m, v) - 0.5, "every number is 0.5 too small"),
        (lambda m, v: kl(m, v) + (np.arange(6) == 2), "entry [2] should be"),
        (lambda m, v: np.where(np.arange(6) == 2, np.nan, kl(m, v)), "1 of your 6 numbers is NaN"),
        (lambda m, v: np.where(np.arange(6) < 2, np.inf, kl(m, v)), "2 of your 6 numbers are infinite"),
        (lambda m, v: kl(m, v).astype(int), "lost their fractions: they are of type int64"),
        (lambda m, v: kl(m, v) + 1j, "complex"),
        (lambda m, v: kl(m, v).astype("float16"), "float16"),
        (lambda m, v: "large", "numbers are expected, and yours is the word 'large'."),
        (lambda m, v: m.sum, "numbers are expected, and yours is of type builtin_function_or_method: are the brackets"),
        (
            lambda m, v: 1.0,
            "the shape should be (6,), and yours is one single number. (Here `m`, `v` have the shape (6",
        ),
        (lambda m, v: kl(m, v)[:, None] * m, "should be (6,), yours is (6, 4): axis 1 is there still. (Here `m`, "),
        (lambda m, v: np.ones((6, 2, 3)), "should be (6,), yours is (6, 2, 3): axes 1 and 2 are there still. (Here"),
        (lambda m, v: np.ones((6, 2, 3, 4)), "axes 1, 2 and 3 are there still."),
        (lambda m, v: np.ones(4), "the shape should be (6,), yours is (4,). (Here `m`, `v` have the shape (6, 4).)"),
        (lambda m, v: kl(m, v) / np.log(10), "0.4343 times what it should be: is that the decimal logarithm"),
        (lambda m, v: kl(m, v) / np.log(2), "1.443 times what it should be: is that the logarithm to base 2"),
        (lambda m, v: [1.0, [2.0]], "yours is a list of several values"),
        (lambda m, v: {"kl": kl(m, v)}, "yours is a dictionary"),
        (lambda m, v: object(), "yours is of type object"),
        (lambda m, v: {1.0}, "yours is a set"),
    ],
)
def test_a_wrong_result_is_described(answer, words):
    said = KL.judge(answer)
    assert said.startswith("not yet: ")
    assert words in said


def test_a_factor_that_is_the_length_of_an_axis_is_named():
    sums = Exercise(
        reference=lambda x: x.sum(axis=0), inputs=lambda rng: (rng.uniform(1, 2, size=rng.integers((3, 4), (9, 9))),)
    )
    by_the_first = "not yet: every number is divided by the length of axis 0 of `x`: is that a mean"
    assert sums.judge(lambda x: x.mean(axis=0)).startswith(by_the_first)
    assert sums.judge(lambda x: x.sum(axis=0) * len(x)).endswith("axis 0 of `x`: is that a sum in the place of a mean?")
    assert "divided by the length of axis 1 of `x`" in sums.judge(lambda x: x.sum(axis=0) / x.shape[1])
    assert "should be" in sums.judge(lambda x: x.sum(axis=0) / x[0, 0])
    assert "should be" in sums.judge(lambda x: x.max(axis=0))


def test_a_transposed_result_is_called_transposed():
    cube = Exercise(reference=lambda x: x**3, inputs=lambda rng: (rng.normal(size=(2, 5)),))
    assert "transpose it" in cube.judge(lambda x: (x**3).T)


def test_a_mistake_is_named_before_the_shape_and_before_the_factor():
    assert KL.judge(lambda m, v: np.float64(kl(m, v).mean())) == "not yet: keep one value per example."
    assert KL.judge(lambda m, v: kl(m, v) / 4) == "not yet: you averaged over the latent dimensions."


def test_a_mistake_is_recognised_by_its_nans_and_without_a_warning(recwarn):
    with np.errstate(all="ignore"):
        assert KL.judge(lambda m, v: np.log(v) + m) == "not yet: log of log."
    KL.judge(lambda m, v: m)
    assert not recwarn.list


def test_an_answer_that_is_right_on_one_draw_only_is_wrong():
    first = [kl(*_two_matrices(np.random.default_rng(0)))]
    assert KL.judge(lambda m, v: first[0]).startswith("not yet: entry")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            "def answer(mean, log_var):\n    return mean * lg_var",
            "the name `lg_var` is not defined; did you mean `log_var`? (Line 2 of your cell",
        ),
        ("def answer(mean, log_var):\n\n    return mean[:, :3] + log_var", "shapes of two arrays do not fit together"),
        ("def answer(mean, log_var):\n    return mean @ log_var", "shapes of two arrays do not fit together"),
        ("def answer(mean, log_var):\n    return mean ^ 2", "not yet: `^` is no power in Python: write `**`. (Line 2"),
        ("def answer(mean, log_var):\n    return 3.0 ^ 2", "not yet: `^` is no power in Python: write `**`. (Line 2"),
        ("def answer(mean, log_var):\n    return pi * mean", "name `pi` is not defined; did you mean `np.pi`?"),
        ("def answer(mean, log_var):\n    return log(mean)", "name `log` is not defined; did you mean `np.log`?"),
        ("def answer(mean, log_var):\n    return numpy.log(mean)", "`numpy` is not defined; did you mean `np`?"),
        ("def answer(mean, log_var):\n    return blorp(mean)", "the name `blorp` is not defined. (Line 2"),
        ("def answer(mean, log_var):\n    return np.squared(mean)", "`numpy` has no `squared`; did you mean `square`?"),
        ("def answer(mean, log_var):\n    return np.blorpx(mean)", "the module `numpy` has no `blorpx`. (Line 2"),
        ("def answer(mean, log_var):\n    return mean.sum(0, 1)", "go into one pair of brackets: `.sum(axis=(1, 2))`"),
        ("def answer(mean, log_var):\n    return float(mean)", "a function that takes one number got an array"),
        ("def answer(mean, log_var):\n    return 1 / 0", "stopped with ZeroDivisionError: division by zero. (Line 2"),
        ("def answer(mean, log_var):\n    return {}['σ']", "stopped with KeyError: σ."),
        ("def answer(mean, log_var):\n    assert False", "stopped with AssertionError. (Line 2"),
        (
            "def answer(mean, log_var):\n    kl += mean\n    return kl",
            "the variable `kl` is used before it has a value",
        ),
        ("def answer(mean, log_var):\n    return answer(mean, log_var)", "calls itself without end"),
        ("def answer(mean, log_var):\n    raise SystemExit", "stopped with SystemExit"),
        ("def answer(mean, log_var):\n    return mean[..., ..., 0]", "single ellipsis"),
        ("def answer(mean):\n    return mean", "called with 2 arguments, and takes: mean."),
        ("def answer(*, mean):\n    return mean", "called with 2 arguments, and takes: mean."),
    ],
)
def test_an_exception_becomes_a_sentence(source, words):
    said = KL.judge(learner(source))
    assert said.startswith("not yet: ")
    assert words in said


def test_the_line_is_the_learners_even_where_the_library_stopped():
    said = KL.judge(learner("def answer(mean, log_var):\n    kl = mean\n    return np.linalg.inv(kl)\n"))
    assert "LinAlgError" in said
    assert "Line 3 of your cell" in said


def test_an_exception_that_cannot_be_printed_becomes_a_sentence_too():
    source = """
    class Odd(Exception):
        def __str__(self):
            raise ValueError

    def answer(mean, log_var):
        raise Odd
    """
    assert "stopped with Odd" in KL.judge(learner(source))


def test_an_input_changed_in_place_is_named():
    source = """
    def answer(mean, log_var):
        mean **= 2
        return 0.5 * (np.exp(log_var) + mean - 1.0 - log_var).sum(-1)
    """
    assert "your function changes its input `mean` in place" in KL.judge(learner(source))


def test_a_function_cannot_spoil_the_inputs_of_the_reference():
    def zeroing(mean, log_var):
        mean[:] = 0.0
        log_var[:] = 0.0
        return np.zeros(6)

    assert KL.judge(zeroing).startswith("not yet")


def test_a_function_prints_once_however_often_it_is_tried(capsys):
    KL.judge(lambda m, v: print("looking at", m.shape))
    assert capsys.readouterr().out == "looking at (6, 4)\n"


def test_the_kind_of_answer_is_asked_for():
    assert (
        KL.judge(3.0)
        == "not yet: a function is expected here, and yours is of type float: hand over the function itself."
    )
    assert "a value is expected here" in RESIDUAL.judge(kl)


@pytest.mark.parametrize("answer", [0.25, 0.26, np.float32(0.25), np.array([0.25]), [0.25]], ids=repr)
def test_a_value_is_right_within_its_tolerance(answer):
    assert RESIDUAL.judge(answer) == "right"


def test_a_wrong_value_is_told_its_side_and_never_the_answer():
    assert RESIDUAL.judge(16.1) == "not yet: that is per image."
    assert RESIDUAL.judge(0.5) == "not yet: 0.5 is too large."
    assert RESIDUAL.judge(-2) == "not yet: -2 is too small."
    assert RESIDUAL.judge("many") == "not yet: a number is expected, and yours is the word 'many'."
    table = Exercise(reference=np.array([1.0, 2.0, 4.0]))
    assert table.judge([1.0, 2.0, 3.0]) == "not yet: 1 of 3 entries is off."


@pytest.mark.parametrize("written", ["12.25", " 12,25", "1/24", "-1.8", "2 * 10**3", "1e-3"])
def test_a_number_in_quotation_marks_is_one_mark_away(written):
    assert RESIDUAL.judge(written).endswith(": leave out the quotation marks.")


def test_what_is_no_number_is_called_what_it_is():
    table = Exercise(reference=lambda x: 2 * x, inputs=lambda rng: (rng.normal(size=int(rng.integers(3, 9))),))
    said = "not yet: numbers are expected, and yours is"
    assert table.judge(lambda x: (2 * x).astype(object)) == f"{said} an array of objects, the first of type float."
    assert table.judge(lambda x: np.array([], dtype=object)) == f"{said} empty."
    assert table.judge(lambda x: [1.0, "2"]) == f"{said} a list with words in it."
    assert table.judge(lambda x: "1 2") == f"{said} the word '1 2': write a list, such as `[1, 2]`."
    assert Exercise(reference=True).judge("True").startswith("not yet: True or False, without quotation marks, is exp")
    assert RESIDUAL.judge([]) == "not yet: one number is expected, and yours is empty."


def test_a_number_in_the_place_of_a_word_is_called_one_beside_a_known_mistake():
    mistakes = (Mistake("A", Entry("A", "flat"), "(A) is no line."), Mistake("B", Entry("B"), "(B): look again."))
    both = Exercise(reference={"A": "up", "B": "down"}, mistakes=mistakes, words=("up", "down", "flat"))
    assert both.judge({"A": "flat", "B": "flat"}) == "not yet: (A) is no line. And: (B): look again."
    assert both.judge({"A": "flat", "B": 3}).endswith("And: in entry 'B', a word in quotation marks is expected, and "
                                                      "yours is the number 3.")  # fmt: skip


def test_one_number_in_brackets_is_an_array():
    largest = Exercise(reference=lambda x: x.max(), inputs=lambda rng: (rng.normal(size=int(rng.integers(3, 9))),))
    said = "not yet: one number is expected, and yours"
    assert largest.judge(lambda x: [x.max()]) == f"{said} is an array of shape (1,)."
    assert largest.judge(lambda x: np.array([x.min(), x.max()])) == f"{said} are 2, an array of shape (2,)."


def test_a_decimal_comma_is_two_numbers():
    assert RESIDUAL.judge((12, 25)).endswith("yours are two. (As a decimal sign Python takes a point: 12.25.)")
    assert RESIDUAL.judge(3.0625) == "not yet: 3.0625 is too large."
    assert RESIDUAL.judge((784, 64.0)) == "not yet: one number is expected, and yours are 2, an array of shape (2,)."
    assert RESIDUAL.judge(float("nan")).startswith("not yet: your number is NaN: look for")


def test_a_count_is_exact_and_does_not_know_the_tolerance():
    assert COUNT.judge(25_450) == "right"
    assert COUNT.judge(25_450.0) == "right"
    assert COUNT.judge(25_451) == "not yet: 25451 is too large."
    assert COUNT.judge(25_000) == "not yet: the biases count too."


def test_a_choice_ignores_case_and_blanks():
    assert CHOICE.judge(" B ") == "right"
    assert CHOICE.judge("A") == "not yet: (a) is what a GAN does."
    assert CHOICE.judge("d") == "not yet: 'd' is not the answer."
    assert CHOICE.judge(2) == "not yet: a word in quotation marks is expected, and yours is the number 2."


def test_true_and_false_are_not_called_large():
    collapses = Exercise(reference=True, mistakes=(Mistake("no", False, "it does: look again."),))
    assert collapses.judge(True) == "right"
    assert collapses.judge(False) == "not yet: it does: look again."
    assert Exercise(reference=True).judge(False) == "not yet: False is not the answer."


def test_several_choices_are_a_set_in_any_order():
    which = Exercise(reference={"a", "c"})
    assert [which.judge(answer) for answer in ({"C", "a"}, ["c", "a"], ("a", "c"))] == ["right"] * 3
    assert which.judge({"a", "b"}) == "not yet: 1 of the answers is missing, and 1 of yours does not belong."
    assert Exercise(reference={1, 3}).judge([3, 1]) == "right"


def test_a_value_may_be_computed_when_it_is_needed():
    assert Exercise(reference=lambda: np.log(2.0)).judge(0.693147) == "right"


def test_tuples_and_dictionaries_are_compared_part_by_part():
    assert STATISTICS.judge(STATISTICS.reference) == "right"
    assert "in result 2 of 2, in entry 'spread', " in STATISTICS.judge(
        lambda x: (x.mean(), {"spread": x.var(), "range": np.array([x.min(), x.max()])})
    )
    assert "the keys should be 'spread', 'range', yours are 'std'" in STATISTICS.judge(lambda x: (x.mean(), {"std": 1}))
    assert "2 results are expected, and you give 3" in STATISTICS.judge(lambda x: (1, 2, 3))
    assert "2 results are expected, and yours is the number 1" in STATISTICS.judge(lambda x: 1)
    pair = Exercise(reference=(1.0, 0.5))
    assert pair.judge(np.array([1.0, 0.5])) == "right"
    assert pair.judge((1.0, 0.7)) == "not yet: in result 2 of 2, 0.7 is too large."


def test_a_thing_built_is_judged_by_a_function_of_its_own():
    def inspect(network):
        if len(network) != 3:
            return "three layers are asked for."
        return "no bottleneck" if min(network) >= network[0] else None

    build = Exercise(
        reference=lambda: [784, 32, 784],
        judge_with=inspect,
        mistakes=(Mistake("no bottleneck", lambda: [784, 784, 784], "nothing is squeezed."),),
    )
    assert build.judge([784, 32, 784]) == "right"
    assert build.judge([784, 784, 784]) == "not yet: nothing is squeezed."
    assert build.judge([784]) == "not yet: three layers are asked for."
    assert build.judge(5) == "not yet: your code stopped with TypeError: object of type 'int' has no len()."
    assert build.judge(...) == "not answered yet"
    assert build.problems() == []


def test_parts_that_do_not_fit_are_refused_when_the_exercise_is_made():
    with pytest.raises(ValueError, match="received both"):
        Exercise(reference=kl, inputs=_two_matrices, judge_with=print)
    with pytest.raises(ValueError, match="received a value"):
        Exercise(reference=3, inputs=_two_matrices)
    with pytest.raises(ValueError, match="received a value"):
        Exercise(reference=list, judge_with=print, mistakes=(Mistake("empty", [], "it is empty."),))


# --- the exercise judges itself ---


def test_a_sound_exercise_has_no_problems():
    for exercise in (KL, RESIDUAL, CHOICE, COUNT):
        assert exercise.problems() == []


@pytest.mark.parametrize(
    ("mistakes", "problem"),
    [
        ((), "knows no mistake"),
        ((Mistake("none", lambda m, v: kl(m, v), "this is right."),), "mistake 'none' is judged 'right'"),
        ((Mistake("a", lambda m, v: m, "the mean."), Mistake("b", lambda m, v: m, "it too.")), "mistake 'b' is judged"),
        ((Mistake("a", lambda m, v: m, "the mean."), Mistake("a", lambda m, v: v, "the variance.")), "share a name"),
        ((Mistake("a", lambda m, v: m, "as is."), Mistake("b", lambda m, v: v, "as is.")), "no sentence of its own"),
        ((Mistake("a", lambda m, v: m, "wrong"),), "says no sentence: 'wrong'"),
        ((Mistake("a", lambda m, v: 1 / 0, "it stops."),), "mistake 'a' is judged"),
        ((Mistake("a", lambda m, v: ..., "it is empty."),), "mistake 'a' is judged 'not answered yet'"),
    ],
)  # fmt: skip
def test_a_weak_mistake_is_reported(mistakes, problem):
    found = Exercise(reference=kl, inputs=_two_matrices, mistakes=mistakes).problems()
    assert any(problem in each for each in found), found


def test_a_tolerance_that_accepts_nearly_everything_is_reported():
    mistakes = (Mistake("a", lambda m, v: 9 * kl(m, v), "nine times too large."),)
    loose = Exercise(reference=kl, inputs=_two_matrices, mistakes=mistakes, atol=3.0)
    assert any("5% too large is judged 'right'" in problem for problem in loose.problems())


def test_a_reference_that_spoils_its_input_is_reported():
    def spoils(x):
        x *= 2
        return x

    exercise = Exercise(reference=spoils, inputs=lambda rng: (rng.normal(size=3),))
    assert any("its reference is judged" in problem for problem in exercise.problems())


# --- check, hints ---


def test_check_prints_one_line_and_returns_nothing(capsys):
    assert check("5.2", CHOICE, "b") is None
    check("5.2", CHOICE, ...)
    assert capsys.readouterr().out == "Exercise 5.2: right\nExercise 5.2: not answered yet\n"


@pytest.mark.parametrize(("answer", "said"), [("a", "not yet: "), (..., "not answered yet")])
def test_a_strict_check_raises_the_sentence_that_it_prints_elsewhere(monkeypatch, capsys, answer, said):
    check("5.2", CHOICE, answer)
    printed = capsys.readouterr().out
    assert printed.startswith(f"Exercise 5.2: {said}")
    monkeypatch.setenv("COURSE_STRICT", "1")
    for _ in range(3):  # without hints, however often
        with pytest.raises(AssertionError) as caught:
            check("5.2", CHOICE, answer)
        assert f"{caught.value}\n" == printed
    assert check("5.2", CHOICE, "b") is None
    assert capsys.readouterr().out == "Exercise 5.2: right\n"


@pytest.mark.parametrize("off", ["0", ""])
def test_a_check_is_strict_only_where_it_is_asked_to_be(monkeypatch, capsys, off):
    monkeypatch.setenv("COURSE_STRICT", off)
    check("5.2", CHOICE, "a")
    assert capsys.readouterr().out.startswith("Exercise 5.2: not yet: ")


def test_hints_come_one_by_one_with_wrong_answers_and_start_again_after_a_right_one(capsys):
    def said(answer):
        check("5.2", KL, answer)
        return capsys.readouterr().out.splitlines()[1:]

    first, second = "    Hint 1 of 2: Start with one dimension.", "    Hint 2 of 2: Sum over the last axis."
    one, two, three, four = (mistake.answer for mistake in KL.mistakes)
    assert [said(one), said(...), said(two), said(three), said(four)] == [
        [], [], [first], [first, second], [first, second]
    ]  # fmt: skip
    assert said(kl) == said(one) == []


# --- several mistakes, and spellings ---

WHO = Exercise(
    reference={"A": "collapse", "B": "warm-up", "C": "no KL"},
    words=("collapse", "warm-up", "no KL"),
    mistakes=(
        Mistake("A", Entry("A", "no KL"), "(A) says nothing."),
        Mistake("A rises", Entry("A", "warm-up"), "(A) does not rise."),
        Mistake("A and B", {"A": "warm-up", "B": "collapse", "C": "no KL"}, "(A) and (B) are exchanged."),
        Mistake("B", Entry("B"), "(B) begins dear."),
        Mistake("C", {"A": "collapse", "B": "warm-up", "C": "collapse"}, "only (C) is wrong.", whole=True),
    ),
)
FAIR = Exercise(
    reference={"a", "f"},
    words="abcdef",
    mistakes=(
        Mistake("b", Entry("b"), "(b) is looser."),
        Mistake("no f", Entry("f"), "a unit is missing."),
        Mistake("c", {"a", "c", "f"}, "(c) is other data."),
    ),
)


def test_exercises_with_entries_have_no_problems():
    assert WHO.problems() == FAIR.problems() == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"A": "no KL", "B": "no KL", "C": "no KL"}, "(A) says nothing. And: (B) begins dear."),
        ({"A": "warm-up", "B": "collapse", "C": "warm-up"}, "(A) and (B) are exchanged. And: in entry 'C', 'warm-up'"),
        ({"A": "no KL", "B": "warm-up", "C": "collapse"}, "(A) says nothing. And: in entry 'C', 'collapse' is not the"),
        ({"A": "collapse", "B": "warm-up", "C": "collapse"}, "only (C) is wrong."),
        (
            {"A": "collapse", "B": "rising", "C": "no KL"},
            "in entry 'B', 'rising' is none of the words asked for: choose",
        ),
    ],
)
def test_the_mistakes_of_a_dictionary_are_named_entry_by_entry(answer, said):
    assert WHO.judge(answer).startswith(f"not yet: {said}")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"a", "b", "c", "f"}, "(b) is looser. And: (c) is other data."),
        ({"a", "b"}, "(b) is looser. And: a unit is missing."),
        ({"a", "b", "d", "f"}, "(b) is looser. And: 1 of yours does not belong."),
        ({"b", "c", "d"}, "(b) is looser. And: a unit is missing. And: there is more, but mend these first."),
        ({"a", "x"}, "'x' is none of the words asked for: choose among 'a', 'b', 'c'"),
    ],
)
def test_the_mistakes_of_a_set_are_named_member_by_member(answer, said):
    assert FAIR.judge(answer).startswith(f"not yet: {said}")


def test_what_an_exercise_does_not_know_is_said_before_what_is_missing():
    known = Exercise(reference={"b", "c"}, words="abc", mistakes=(Mistake("not b", Entry("b"), "look at b again."),))
    assert known.judge({"c"}) == "not yet: look at b again."
    for answer in ({"c", "g"}, {1, 2}, {"784-32-784"}, ("c", "x")):
        assert " is none of the words asked for: choose among 'a', 'b', 'c'." in known.judge(answer)
        assert "look at b" not in known.judge(answer)
    assert known.judge(set()) == known.judge({}) == "not yet: your answer is empty."
    assert "yours is a dictionary" in known.judge({"b": True})


def test_a_word_in_the_place_of_a_number_is_told_that_and_nothing_of_the_number():
    pair = Exercise(reference=(1.5, 0.5), mistakes=(Mistake("first", Entry(0), "the first is a ratio."),))
    assert pair.judge(("a", 0.5)) == "not yet: in result 1 of 2, a number is expected, and yours is the word 'a'."
    assert pair.judge((2.5, 0.5)).startswith("not yet: the first is a ratio. And: ")


def test_a_thing_with_a_hole_in_it_is_said_to_be_half_empty():
    pair = Exercise(reference=lambda: (1, 2), judge_with=lambda answer: None if answer == (1, 2) else "no pair.")
    assert "still empty" in pair.judge((1, ...))
    assert pair.judge((1, 3)) == "not yet: no pair."


def test_two_mistakes_in_the_results_of_a_function_are_both_named():
    def moments(x):
        return x.mean(), x.std()

    exercise = Exercise(
        reference=moments,
        inputs=lambda rng: (rng.normal(size=9),),
        mistakes=(
            Mistake("sum", lambda x: (x.sum(), x.std()), "the first is a sum."),
            Mistake("variance", lambda x: (x.mean(), x.var()), "the second is a variance."),
        ),
    )
    assert exercise.judge(lambda x: (x.sum(), x.var())) == "not yet: the first is a sum. And: the second is a variance."
    assert "the first is a sum. And: in result 2 of 2, it should be" in exercise.judge(lambda x: (x.sum(), 7.0))


def test_a_number_that_an_entry_stands_for_is_also_told_its_side():
    pair = Exercise(reference=(2.0, 5.0), mistakes=(Mistake("second", Entry(1), "the second is five."),))
    assert pair.judge((2.0, 7.0)) == "not yet: the second is five. And: in result 2 of 2, 7 is too large."
    assert pair.problems() == []


def test_an_entry_does_not_explain_a_word_where_a_number_belongs():
    table = Exercise(reference={"a": 4000}, mistakes=(Mistake("a", Entry("a"), "(a): every 4 samples."),))
    assert table.judge({"a": 640}).startswith("not yet: (a): every 4 samples.")
    said = "not yet: in entry 'a', a number is expected, and yours is the word '4000 Hz'."
    assert table.judge({"a": "4000 Hz"}) == said


def test_a_mistake_that_many_values_show_is_named_where_nothing_else_is():
    order = Exercise(
        reference="CBA",
        words="ABC",
        mistakes=(
            Mistake("A first", "ABC", "A is the worst.", made=lambda word: word.index("a") < word.index("b")),
            Mistake("B first", "BCA", "C comes before B.", made=lambda word: word.index("b") < word.index("c")),
        ),
    )
    assert order.judge("ACB") == "not yet: A is the worst."
    assert order.judge("C, B, A") == order.judge(["C", "B", "A"]) == "right"
    assert order.judge("CBX").endswith("choose among 'A', 'B', 'C'.")


@pytest.mark.parametrize(
    ("reference", "answers"),
    [
        (
            "non-saturating",
            ["Non saturating", "nonsaturating", "“non-saturating”", "(non_saturating).", ["non-saturating"]],
        ),
        ("memorisation of colours", ["memorization of colors", "Memorisation of colors."]),
        ("b", ["(b)", "B.", "b)", {"b"}, ["(B)"], np.array(["b"])]),
        ("KL(q||p) - 2 JSD", ["KL(q||p)-2 JSD", "KL(q‖p) − 2 JSD", "kl(q||p) – 2jsd"]),
        ({"a", "f"}, ["af", "a, f", "(a) and (f)", ["(f)", "a"], {"A", "F."}]),
        ({"tell apart"}, ["tell apart", "Tell-apart", ["tell apart"], ("tell apart",)]),
        ({"x": {"KL"}, "y": "b"}, [{"X": "kl", "Y": ["B"]}]),
    ],
    ids=["word", "American", "letter", "formula", "set of two", "set of one", "dictionary"],
)
def test_a_right_answer_is_right_in_every_spelling(reference, answers):
    words = ("tell apart", "deceive") if reference == {"tell apart"} else ()
    for answer in answers:
        assert Exercise(reference=reference, words=words).judge(answer) == "right", answer


def test_a_sign_is_no_hyphen():
    assert Exercise(reference="-log D").judge("log D") != "right"
    assert Exercise(reference="KL(q||p) - 2 JSD").judge("KL(q||p) 2 JSD") != "right"


def test_numbers_that_are_no_floats_are_read():
    assert Exercise(reference=0.8).judge(Fraction(4, 5)) == Exercise(reference=0.8).judge(Decimal("0.8")) == "right"


# --- numbers ---


def test_a_guess_learns_its_side_and_not_the_integer_part():
    assert Exercise(reference=3.6).judge(3) == "not yet: 3 is too small."
    assert Exercise(reference=(3.6, 0.5)).judge((3, 0)) == "not yet: in result 1 of 2, 3 is too small."
    assert Exercise(reference=3.6).judge(np.float32(3.601)) == "not yet: 3.601 is too large."


def test_as_many_digits_are_printed_as_tell_two_numbers_apart():
    exercise = Exercise(reference=lambda x: x, inputs=lambda rng: (2.5131,), rtol=1e-7, atol=1e-9)
    assert exercise.judge(lambda x: x + 1e-5) == "not yet: it should be 2.5131, yours is 2.51311."
    large = Exercise(reference=lambda x: x, inputs=lambda rng: (25_450.0,), rtol=1e-7)
    assert large.judge(lambda x: x + 1) == "not yet: it should be 25450, yours is 25451."


def test_float32_beside_float64_is_said():
    exercise = Exercise(reference=lambda x: x.var(), inputs=lambda rng: (rng.normal(size=40) + 3000.0,))

    def narrow(x):
        return np.float32(np.mean(x**2, dtype="float32") - np.mean(x, dtype="float32") ** 2)

    assert exercise.judge(lambda x: np.float32(x.var() * 1.0005)).startswith("not yet: your numbers are float32")
    assert exercise.judge(narrow) != "right"
    assert "float32" not in exercise.judge(lambda x: x.var() * 1.0005)
    assert "float32 ends at" in exercise.judge(lambda x: np.float32(np.inf))


@pytest.mark.parametrize(
    "message",
    [
        "cannot compute Sub as input #1(zero-based) was expected to be a double tensor but is a float tensor [Op:Sub]",
        "expected m1 and m2 to have the same dtype, but got: float != double",
        "expected scalar type Double but found Float",
    ],
)
def test_tensors_of_two_precisions_that_do_not_mix_are_said_not_to(message):
    def answer(mean, log_var):
        raise RuntimeError(message)

    assert "a float32 tensor meets a float64 one" in KL.judge(answer)


def test_the_worst_entry_is_the_one_that_is_most_off_for_its_size():
    exercise = Exercise(reference=lambda x: x, inputs=lambda rng: (np.array([1.0, 1e6]),))
    assert "entry [0]" in exercise.judge(lambda x: np.add(x, [1.0, 200.0]))


# --- copies, and random numbers ---


def test_answers_that_work_in_place_never_spoil_the_inputs_of_later_ones():
    shared = np.array([1.0, 2.0])
    exercise = Exercise(reference=lambda x: 2 * x, inputs=lambda rng: (shared,))
    boxed = Exercise(reference=lambda box: 2 * box["x"][0], inputs=lambda rng: ({"x": [shared]},))

    def doubling(x):
        x *= 2
        return x

    assert "changes its input `x` in place" in exercise.judge(doubling)
    assert "changes its input `box` in place" in boxed.judge(lambda box: doubling(box["x"][0]))
    doubling(exercise.tried_on()[0][0])
    assert shared.tolist() == [1.0, 2.0]
    assert exercise.judge(lambda x: x + x) == "right"


def test_a_function_that_is_called_by_the_judge_gets_copies_too():
    shared = np.array([1.0, 2.0])

    def judge(answer):
        first, second = answer(shared), answer(shared)
        return None if np.array_equal(first, second) and first is not second else "called twice, it gives two results."

    exercise = Exercise(reference=lambda: np.negative, judge_with=judge)
    assert "changes its input `x` in place" in exercise.judge(lambda x: np.negative(x, out=x))
    assert exercise.judge(lambda x: -x) == "right"
    assert shared.tolist() == [1.0, 2.0]


def test_results_that_share_memory_are_told_apart():
    kept = np.zeros(3)

    def answer(x):
        kept[:] = x
        return kept

    assert Exercise(reference=lambda x: x, inputs=lambda rng: (rng.normal(size=3),)).judge(answer) == "right"


def test_a_reference_cannot_spoil_what_a_mistake_is_computed_from():
    def spoiling(x):
        x += 1
        return x

    exercise = Exercise(reference=spoiling, inputs=lambda rng: (np.zeros(2),))
    assert exercise.judge(lambda x: x + 1) == "right"


around = np.random.default_rng(0)


@pytest.mark.parametrize(
    "answer",
    [
        lambda m, v: np.random.default_rng().normal(size=6),
        lambda m, v: np.random.normal(size=6),  # noqa: NPY002
        lambda m, v: around.normal(size=6),
        lambda m, v: np.array([random.random() for _ in range(6)]),
    ],
)
def test_noise_of_the_answers_own_gets_the_same_words_each_time_and_the_lesson_keeps_its_random_numbers(answer):
    before = around.bit_generator.state, np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    assert KL.judge(answer) == KL.judge(answer)
    after = around.bit_generator.state, np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    assert before == after
    said = KL.judge(answer)
    around.normal()  # the lesson goes on
    assert KL.judge(answer) == said
    assert np.random.default_rng().random() != np.random.default_rng().random()


def test_layers_that_draw_get_the_same_words_each_time():
    import keras

    def judge(layer):
        return f"it gives {np.asarray(layer(np.ones((1, 4)), training=True)).round(3).tolist()}."

    exercise = Exercise(reference=lambda: keras.layers.Dropout(0.5), judge_with=judge)
    for layer in (keras.layers.Dropout(0.5), keras.layers.Lambda(lambda x: keras.random.normal((4,)))):
        said = exercise.judge(layer)
        layer(np.ones((1, 4)), training=True)  # the lesson goes on
        assert exercise.judge(layer) == said


# --- further cases, other answers ---


def test_edges_are_cases_beside_the_draws():
    exercise = Exercise(
        reference=lambda x: np.abs(x), inputs=lambda rng: (rng.random(4),), edges=lambda: [(np.array([-1.0]),)]
    )
    assert exercise.judge(lambda x: x) != "right"
    assert exercise.judge(lambda x: np.sqrt(x * x)) == "right"
    assert len(exercise.tried_on()) == 4
    with pytest.raises(ValueError, match="received `edges` alone"):
        Exercise(reference=1.0, edges=list)


def test_other_answers_may_be_right():
    exercise = Exercise(
        reference=lambda x: np.sqrt(x),
        inputs=lambda rng: (1 + rng.random(3),),
        accepts=lambda root, x: np.allclose(root**2, x),
    )
    assert exercise.judge(lambda x: -np.sqrt(x)) == exercise.judge(np.sqrt) == "right"
    assert exercise.judge(lambda x: -x) != "right"
    assert exercise.judge(lambda x: -np.sqrt(x) if x[0] > 1.6 else -x) != "right"  # right on one draw
    assert exercise.judge(lambda x: {"root": x}) != "right"


def test_a_function_warns_once_however_often_it_is_tried():
    with pytest.warns(UserWarning, match="odd") as caught:
        KL.judge(lambda m, v: warnings.warn("odd", stacklevel=1))
    assert len(caught) == 1


# --- tries that count ---


def test_hints_count_neither_the_code_as_found_nor_the_same_answer_again(capsys):
    exercise = Exercise(
        reference=lambda x: 2 * x,
        inputs=lambda rng: (rng.normal(size=3),),
        mistakes=(Mistake("as found", lambda x: x, "that is still the code as found."),),
        hints=("Twice.",),
    )

    def hinted(answer):
        check("1.1", exercise, answer)
        return "Hint" in capsys.readouterr().out

    assert not any(map(hinted, [lambda x: x, lambda x: x + 0, lambda x: x * 1, ..., None]))
    assert not hinted(lambda x: 3 * x)
    assert not hinted(lambda x: 3 * x)  # the same cell once more
    assert not hinted(lambda x: x)
    assert hinted(lambda x: 4 * x)
    assert hinted(lambda x: x)  # what was earned stays


def test_the_code_as_found_is_told_its_fault_only_once_it_was_changed(capsys):
    def exercise():
        return Exercise(
            reference=lambda x: 2 * x,
            inputs=lambda rng: (rng.normal(size=3),),
            mistakes=(Mistake("as found", lambda x: x, "it leaves x as it is."),),
        )

    def said(exercise, answer):
        check("1.1", exercise, answer)
        return capsys.readouterr().out.strip()

    untouched, tried = exercise(), exercise()
    silent = "Exercise 1.1: not answered yet: it does what the code as found does"
    assert [said(untouched, lambda x: x).startswith(silent) for _ in range(2)] == [True, True]
    assert said(untouched, lambda x: x + 0) == "Exercise 1.1: not yet: it leaves x as it is."
    assert said(untouched, lambda x: x).startswith("Exercise 1.1: not yet: it leaves x as it is.")
    assert said(tried, lambda x: 3 * x).startswith("Exercise 1.1: not yet")
    assert said(tried, lambda x: x).startswith("Exercise 1.1: not yet: it leaves x as it is.")


def test_a_class_that_is_graded_hears_the_fault_of_the_code_as_found(monkeypatch):
    monkeypatch.setenv("COURSE_STRICT", "1")
    exercise = Exercise(reference=3, mistakes=(Mistake("as found", 2, "that is one short."),))
    with pytest.raises(AssertionError, match=r"1.3: not yet: that is one short\."):
        check("1.3", exercise, 2)


def test_a_value_that_is_judged_again_is_no_new_try(capsys):
    exercise = Exercise(reference=3, hints=("Between 2 and 4.",))
    for answer, hinted in ((1, False), (1, False), (2, True), (2, True)):
        check("1.2", exercise, answer)
        assert ("Hint" in capsys.readouterr().out) == hinted


# --- tensors, and what is imported ---


@pytest.mark.backend
def test_tensors_of_the_backend_are_read_in_every_precision():
    import keras

    for dtype in ("float32", "bfloat16", "float16"):
        tensor = keras.ops.cast([1.0, 2.5], dtype)
        assert plain(tensor).tolist() == [1.0, 2.5]
    assert plain(keras.Variable([1.0, 2.5])).tolist() == [1.0, 2.5]
    assert plain([keras.ops.ones(()), 2])[0] == 1.0
    assert KL.judge(lambda m, v: keras.ops.convert_to_tensor(kl(m, v))) == "right"
    assert "no values yet" in KL.judge(lambda m, v: keras.Input((4,)))


@pytest.mark.backend
def test_a_tensor_that_carries_a_gradient_is_read():
    import keras

    if keras.backend.backend() != "torch":
        pytest.skip("only PyTorch's tensors carry their gradients")
    import torch

    assert plain(torch.ones(2, requires_grad=True)).tolist() == [1.0, 1.0]
    assert plain(torch.ones(2, dtype=torch.bfloat16, requires_grad=True)).tolist() == [1.0, 1.0]


@pytest.mark.backend
def test_misfitting_shapes_of_a_backend_are_said_to_misfit():
    import keras

    said = KL.judge(lambda m, v: keras.ops.add(keras.ops.ones((3, 2)), keras.ops.ones((4, 5))))
    assert "the shapes of two arrays do not fit together" in said


def test_from_library_imports_when_it_is_called():
    sys.modules.pop("course_lib.source", None)
    reference = from_library("source.source_of")
    assert reference.__name__ == "source_of"
    assert "course_lib.source" not in sys.modules
    assert reference(kl).startswith("def kl(mean, log_var):")


@pytest.mark.parametrize("several", [["encoder", "decoder"], {"encoder", "decoder"}, {"encoder": "decoder"}])
def test_several_words_for_one_are_named_and_no_fault_of_the_checks_is_shown(several):
    exercise = Exercise(
        reference={"a": "both", "b": "decoder"},
        words=("encoder", "decoder", "both"),
        mistakes=(Mistake("b", Entry("b", "encoder"), "look at b."), Mistake("a", Entry("a"), "(a): whom else?")),
    )
    said = exercise.judge({"a": several, "b": "decoder"})
    assert "in entry 'a', a word in quotation marks is expected" in said
    assert "stopped" not in said


def test_a_word_too_early_is_seen_in_every_complete_order_and_in_no_other():
    too_early = before("GAN", "VAE", ("flow", "VAE", "GAN"))
    assert too_early(("gan", "flow", "Vae"))
    assert not too_early(("VAE", "flow", "GAN"))
    assert not too_early(("GAN", "VAE"))
    assert not too_early(("GAN", "VAE", "GAN"))
    assert before("b", "a", "abc")(Word("C, b, a"))


def test_too_few_words_in_an_order_are_counted():
    exercise = Exercise(
        reference=("x", "y", "z"),
        words=("x", "y", "z"),
        mistakes=(Mistake("not all", lambda given: len(set(given)) < 3, "each stands once."),),
    )
    assert "stopped" not in exercise.judge(("x", "y"))
    assert "3 results are expected, and you give 2" in exercise.judge(("x", "y"))


def test_numbers_of_a_list_that_the_answer_changes_are_noticed():
    exercise = Exercise(reference=lambda sizes: sum(sizes), inputs=lambda rng: ([int(rng.integers(9)), 7, 3],))

    def reversing(sizes):
        sizes.reverse()
        return sum(sizes)

    assert exercise.judge(lambda sizes: sum(sizes)) == "right"
    assert exercise.judge(reversing) != "right"


# --- holes, arguments, large counts, special cases ---


def written(line):
    """A function of a notebook cell whose source is known, as it is there."""
    source = f"def answer(mean, log_var):\n    {line}\n"
    file = f"/tmp/ipykernel_7/{abs(hash(line))}.py"
    linecache.cache[file] = len(source), None, source.splitlines(True), file
    namespace = {"np": np, "later": ...}
    exec(compile(source, file, "exec"), namespace)
    return namespace["answer"]


@pytest.mark.parametrize(
    "line",
    [
        "return mean @ ...",
        "return np.sort(...)",
        "return np.concatenate([mean, ...])",
        "return np.linalg.norm(..., axis=1)",
        "terms = ...; return mean @ terms",
        "return mean @ later",
        "return np.sum(np.sort(...), axis=1)",
    ],
)
def test_a_hole_inside_of_an_expression_is_a_hole(line):
    assert KL.judge(written(line)) == "not answered yet"


@pytest.mark.parametrize(
    "line",
    [
        "return mean[..., None] @ np.ones((3, 3))",
        "return mean @ np.ones(7)[...]",
        "rows = mean[...]; return rows @ log_var",
        "return mean[..., ..., 0]",
    ],
)
def test_an_ellipsis_in_an_index_is_no_hole(line):
    assert "Line 2 of your cell" in KL.judge(written(line))


def test_a_thing_that_takes_other_arguments_is_told_so():
    def judge(answer):
        answer(1, 2, weight=3)

    exercise = Exercise(reference=lambda: lambda one, two, weight: 0, judge_with=judge)
    assert exercise.judge(lambda one, two, weight: 0) == "right"
    said = exercise.judge(lambda one: 0)
    assert said == "not yet: your function is called with 3 arguments, and takes: one."

    class Model:
        def __init__(self, one):
            pass

    assert "called with other arguments than it takes: " in exercise.judge(Model)


def test_whole_numbers_of_any_size_are_compared():
    bits = Exercise(reference=80.0)
    assert bits.judge(32**16) == "not yet: 1.209e+24 is too large."
    assert bits.judge(-(10**400)).endswith("is too small.")
    assert bits.judge([10**400]).endswith("is too large.")
    assert bits.judge(np.array([32**16, 2], dtype=object)).startswith(
        "not yet: one number is expected, and yours are 2, an "
    )
    assert Exercise(reference=32**16).judge(2**80) == "right"
    assert Exercise(reference=32**16).judge(2**79) == "not yet: 6.045e+23 is too small."
    assert Exercise(reference=2**60).judge(2**60 + 1) == f"not yet: {2**60 + 1} is too large."


def test_what_results_do_not_show_is_asked_of_right_ones_alone():
    asked = []

    def then(answer):
        asked.append(answer)
        return {"cheat": "cheat", "odd": "that is odd."}.get(answer.__name__)

    def cheat(x):
        return 2 * x

    def odd(x):
        return x + x

    exercise = Exercise(
        reference=lambda x: 2 * x,
        inputs=lambda rng: (rng.normal(size=3),),
        then=then,
        mistakes=(Mistake("cheat", cheat, "you looked."),),
    )
    assert exercise.judge(lambda x: 3 * x) != "right"
    assert asked == []
    assert [exercise.judge(each) for each in (cheat, odd, lambda x: 2 * x)] == [
        "not yet: you looked.", "not yet: that is odd.", "right"
    ]  # fmt: skip
    assert exercise.problems() == []
    with pytest.raises(ValueError, match="received `then` alone"):
        Exercise(reference=1.0, then=then)


def test_an_answer_that_fails_in_a_special_case_alone_is_told_which():
    exercise = Exercise(
        reference=lambda logits, weight: weight * np.logaddexp(0, logits),
        inputs=lambda rng: (rng.normal(size=3), 2.0),
        edges=lambda: [(np.array([-800.0, 800.0]), 2.5)],
    )
    said = exercise.judge(lambda logits, weight: weight * np.log1p(np.exp(np.clip(logits, -50, 50))))
    assert said == (
        "not yet: right for ordinary inputs, and wrong in a special case, with `logits` = [-800.0, 800.0], `weight` = "
        "2.5: entry [1] should be 2000, yours is 125."
    )
    assert "special" not in exercise.judge(lambda logits, weight: 3 * logits)


@pytest.mark.parametrize("exercise", [..., None, 3, kl])
def test_a_check_of_no_exercise_says_what_it_takes(exercise):
    with pytest.raises(ValueError, match="exercise must be one of the lesson's"):
        check("5.2", exercise, 3)
