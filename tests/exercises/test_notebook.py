"""What a learner sees around an exercise: verdicts, notes on the cell above, solutions, progress."""

import ast
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbclient import NotebookClient

from course_lib.exercises import (
    Exercise,
    all_exercises,
    cells,
    check,
    contents,
    notebook,
    progress,
    solution,
    solutions,
)
from course_lib.exercises.engine import name_of, tries_of
from course_lib.exercises.start_here import SQUARED_ERROR, TIMES_SMALLER

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A learner's workbook, in which the tests work."""
    (tmp_path / progress.WORKBOOK).write_text("{}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def exercise():
    return Exercise(reference=3, hints=("Between 2 and 4.",))


class Shell(SimpleNamespace):
    """What of IPython's shell is asked."""

    def __init__(self, *ran, cell="check-8-1"):
        super().__init__(kernel=object(), user_ns={"In": ["", *ran]}, parent_header={"metadata": {"cellId": cell}})
        self.events = SimpleNamespace(callbacks={"post_run_cell": []}, register=self.register)

    def register(self, event, function):
        self.events.callbacks[event].append(function)

    def transform_cell(self, code):
        return code.replace("%matplotlib inline", "pass")


def result_of(code, number=1, error=None):
    """What IPython tells after a cell that ran, or that Python could not read."""
    refused = None
    try:
        ast.parse(code.replace("%matplotlib inline", "pass"))
    except SyntaxError as found:
        refused = found
    info = SimpleNamespace(raw_cell=code, silent=False)
    return SimpleNamespace(info=info, execution_count=number, error_before_exec=refused, error_in_exec=error)


@pytest.fixture
def sits_at(monkeypatch):
    """A function that puts a person before a notebook whose cells ran; what is displayed comes back in a list."""
    displayed = []

    def sit(*ran, **options):
        shell = Shell(*ran, **options)
        done = [cells.of_result(shell, result_of(code, number)) for number, code in enumerate(ran[:-1], start=1)]
        monkeypatch.setattr(notebook, "_ran", done)
        monkeypatch.setattr(notebook, "shell_here", lambda: shell)
        monkeypatch.setattr("IPython.display.display", lambda data, raw: displayed.append(data))
        return displayed

    return sit


# --- the same answer once more -----------------------------------------------------------------------------------


def test_the_same_wrong_answer_is_called_the_same_and_another_is_not(exercise, capsys):
    for answer, same in ((1, False), (1, True), (2, False), (1, False)):
        check("1.2", exercise, answer)
        assert (notebook.SAME in capsys.readouterr().out) == same


def test_a_function_that_was_written_again_in_the_same_words_is_the_same_answer(capsys):
    one = Exercise(reference=lambda x: 2 * x, inputs=lambda rng: (rng.normal(size=3),))
    check("1.1", one, lambda x: 3 * x)
    assert notebook.SAME not in capsys.readouterr().out
    check("1.1", one, lambda x: 3 * x)
    assert notebook.SAME in capsys.readouterr().out


# --- the cell above ----------------------------------------------------------------------------------------------

CHECKED = 'check("8.1", exercises.KL, my_kl)'
GOOD, BROKEN = "def my_kl(mean):\n    return mean", "def my_kl(mean)\n    return 2 * mean"


def test_a_cell_that_python_could_not_read_is_named_with_its_line(sits_at, exercise):
    displayed = sits_at(GOOD, "def my_kl(mean):\n    return (mean", CHECKED)
    check("8.1", exercise, 1)
    said = displayed[0]["text/plain"]
    assert "`my_kl` (line 2, SyntaxError: '(' was never closed), so nothing of it ran, and what I see is from" in said


@pytest.mark.parametrize(
    "ran",
    [
        (BROKEN, GOOD, CHECKED),  # repaired since
        (GOOD, "print(my_kl(2)", CHECKED),  # another cell is broken
        ("%matplotlib inline\nmy_kl = abs", CHECKED),  # IPython's own language
        (BROKEN, "check('8.2', exercises.GAP, gap)"),  # the check of another exercise
        (BROKEN, f"my_kl = abs\n{CHECKED}"),  # answered in the cell of the check
    ],
)
def test_a_cell_that_ran_is_not_accused(sits_at, exercise, ran):
    displayed = sits_at(*ran)
    check("8.1", exercise, 1)
    assert "SyntaxError" not in displayed[0]["text/plain"]


def test_an_empty_answer_says_to_run_the_cell_above_to_a_person_and_to_nobody_else(sits_at, exercise, capsys):
    check("8.1", exercise, ...)
    assert capsys.readouterr().out == "Exercise 8.1: not answered yet\n"
    displayed = sits_at("x = 1", GOOD, CHECKED)
    check("8.1", exercise, ...)
    assert f"{notebook.RUN_BOTH} What is checked is `my_kl` of the cell with [2]" in displayed[0]["text/plain"]


@pytest.mark.parametrize(
    ("narrow", "said"),
    [
        ("narrow = ...", " What is checked is `narrow` of the cell with [2] beside it, and `wide` of the cell with [1] "
                         "beside it."),
        ("wide = narrow = ...", " What is checked is `narrow` and `wide` of the cell with [2] beside it."),
        ("if True:\n    narrow = ...", notebook.RUN_BOTH),
    ],
)  # fmt: skip
def test_all_names_of_an_answer_are_placed_or_none(sits_at, exercise, narrow, said):
    displayed = sits_at("wide = ...", narrow, 'check("8.1", exercises.KL, (wide, narrow))')
    check("8.1", exercise, ...)
    assert displayed[0]["text/plain"].endswith(said)


def stopped(name, code=CHECKED):
    error = NameError(f"name {name!r} is not defined", name=name)
    return result_of(code, error=error)


@pytest.mark.parametrize(
    ("ran", "said"),
    [
        (["x = 1"], "Not answered yet: this session has no `my_kl` yet. If you have written"),
        ([BROKEN], "Not answered yet. Python could not read the cell that should write `my_kl` (line 1, SyntaxError: "
                   "expected ':'), so nothing of it ran. Repair it"),
        ([GOOD, "del my_kl"], "`my_kl` was written by the cell with [1] beside it, and deleted since"),
        (["def my_kll(mean): return 1"], "this session has no `my_kl`, and it has `my_kll`"),
    ],
)  # fmt: skip
def test_a_check_that_stops_at_a_name_says_why_it_has_no_value(sits_at, ran, said):
    displayed = sits_at(*ran, CHECKED)
    notebook.shell_here().user_ns["my_kll"] = abs
    notebook.after_a_cell(stopped("my_kl"))
    assert said in displayed[0]["text/plain"]


def test_a_cell_is_noted_as_it_ends_and_explains_the_check_after_it(sits_at):
    displayed = sits_at(CHECKED)
    notebook.after_a_cell(result_of(BROKEN))
    notebook.after_a_cell(stopped("my_kl"))
    assert "SyntaxError" in displayed[0]["text/plain"]


@pytest.mark.parametrize(
    ("names", "error", "said"),
    [
        ({}, TypeError("check() missing 1 required positional argument: 'answer'"), "a check takes three things"),
        (
            {"exercises": 3},
            AttributeError("'int' object has no attribute 'KL'"),
            "gave the name `exercises` to some",
        ),
        ({"check": 3}, TypeError("'int' object is not callable"), "a cell gave the name `check` to something else"),
    ],
)
def test_a_check_that_was_changed_itself_says_so(sits_at, names, error, said):
    displayed = sits_at(CHECKED)
    notebook.shell_here().user_ns.update({"check": check, "exercises": solutions, **names})
    notebook.after_a_cell(result_of(CHECKED, error=error))
    assert said in displayed[0]["text/plain"]
    notebook.after_a_cell(result_of("x = 1", error=error))
    notebook.shell_here().user_ns.update({"check": check, "exercises": solutions})
    notebook.after_a_cell(result_of(CHECKED, error=ValueError("of the answer's own")))
    assert len(displayed) == 1


def test_a_check_in_a_session_without_its_imports_says_so(sits_at):
    displayed = sits_at(CHECKED)
    notebook.after_a_cell(stopped("check"))
    assert "this session has no `check`. Run the cells from the top" in displayed[0]["text/plain"]


@pytest.mark.parametrize("result", [stopped("my_kl", "print(my_kl)"), stopped("np"), SimpleNamespace(), None])
def test_other_errors_are_left_to_python(sits_at, result):
    displayed = sits_at(CHECKED)
    notebook.after_a_cell(result)
    assert displayed == []


# --- how a verdict looks -----------------------------------------------------------------------------------------


class Words(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.said, self.tags = "", []
        self.feed(text)

    def handle_data(self, data):
        self.said += data

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


@pytest.mark.parametrize(("answer", "sign"), [(3, "✓"), (1, "✗"), (..., "○")])
def test_a_person_sees_a_sign_and_a_colour_beside_the_words(sits_at, exercise, answer, sign):
    [data] = [displayed := sits_at(CHECKED), check("8.1", exercise, answer), displayed[0]][2:]
    seen = Words(data["text/html"])
    assert seen.said.startswith(f"{sign} Exercise 8.1: ")
    assert data["text/plain"].startswith("Exercise 8.1: ")
    block, mark = (attributes for tag, attributes in seen.tags if tag in ("div", "b") and len(attributes) == 2)
    assert block["role"] == "status"  # read out
    assert mark["aria-hidden"] == "true"  # the words say it
    assert "white-space:normal" in block["style"]


def test_three_verdicts_have_three_signs_and_three_colours():
    said = [
        notebook.as_html(f"Exercise 1.1: {verdict}") for verdict in ("right", "not yet: too large.", "not answered yet")
    ]
    assert len({re.search(r"solid (#\w+)", each)[1] for each in said}) == 3
    assert len({re.search(r"<b[^>]*>(.)</b>", each)[1] for each in said}) == 3


def light(colour):
    """The relative luminance of `#rrggbb`, as the WCAG defines it."""
    shares = [int(colour[here : here + 2], 16) / 255 for here in (1, 3, 5)]
    shares = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * share for weight, share in zip((0.2126, 0.7152, 0.0722), shares, strict=True))


def contrast(one, other):
    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("verdict", ["right", "not yet: too large.", "not answered yet"])
def test_each_sign_can_be_read_and_its_colour_is_seen_in_light_and_dark_themes(verdict):
    said = notebook.as_html(f"Exercise 1.1: {verdict}")
    [block] = set(re.findall(r"(?:solid |background:)(#\w{6})", said))
    assert re.search(r"<b[^>]*;color:#fff;", said)
    assert contrast("#ffffff", block) >= 4.5
    assert min(contrast(block, page) for page in ("#ffffff", "#111111")) >= 3


def test_what_an_answer_holds_is_no_markup():
    said = notebook.as_html("Exercise 1.1: not yet: `<script>` & <b>more</b>")
    assert "<code>&lt;script&gt;</code> &amp; &lt;b&gt;more&lt;/b&gt;" in said
    assert Words(said).said.endswith("<script> & <b>more</b>")


def test_a_program_that_runs_a_notebook_gets_the_printed_line(sits_at, exercise, capsys):
    shell = Shell(CHECKED)
    for header in ({"metadata": {}}, {}, None):
        shell.parent_header = header
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(notebook, "shell_here", lambda: shell)
            check("8.1", exercise, 3)
        assert capsys.readouterr().out == "Exercise 8.1: right\n"


# --- solutions ---------------------------------------------------------------------------------------------------


def test_a_solution_is_shown_after_two_tries_that_differ(capsys):
    for answer, shown in ((1.0, False), (1.0, False), (2.0, True)):
        check("0.2", TIMES_SMALLER, answer)
        capsys.readouterr()
        solution("0.2")
        assert ("784 / (16 * 4)" in capsys.readouterr().out) == shown
    check("0.2", TIMES_SMALLER, 3.0)
    assert 'One way to solve it: solution("0.2")' in capsys.readouterr().out
    check("0.2", TIMES_SMALLER, 12.25)  # right: no try is open


def test_a_solved_exercise_shows_its_solution(capsys):
    check("0.2", TIMES_SMALLER, 12.25)
    assert tries_of("start_here.TIMES_SMALLER") > 2
    solution("0.2")
    assert "784" in capsys.readouterr().out


def test_a_solution_is_not_shown_before_it_was_tried(capsys):
    solution("0.1")
    said = capsys.readouterr().out
    assert "try it twice first" in said
    assert 'solution("0.1", anyway=True)' in said
    assert "np.square" not in said
    solution("0.1", anyway=True)
    assert "np.square(x - x_hat).sum(axis=(1, 2, 3))" in capsys.readouterr().out


@pytest.mark.parametrize("which", ["0.1", "SQUARED_ERROR", "start_here.SQUARED_ERROR", SQUARED_ERROR, 0.1])
def test_an_exercise_is_named_in_every_way(which):
    assert solutions.found(which) == "start_here.SQUARED_ERROR"


@pytest.mark.parametrize(
    "which",
    [" 0.1", "0.1 ", "00.1", "0,1", "Exercise 0.1", "exercise 0.1.", "squared_error", "Squared error", '"0.1"',
     "exercises.SQUARED_ERROR", "start_here.squared_error"],
)  # fmt: skip
def test_spellings_make_no_other_exercise(which):
    assert solutions.found(which) == "start_here.SQUARED_ERROR"


def test_a_number_that_python_shortens_is_asked_for_in_quotation_marks(monkeypatch):
    monkeypatch.setitem(contents.EXERCISES, "start_here", tuple("ABCDEFGHIJ"))
    with pytest.raises(ValueError, match=r'Write "0\.10"'):
        solutions.found(0.10)
    assert solutions.found("0.10") == "start_here.J"
    assert solutions.found("0.1") == "start_here.A"


@pytest.mark.parametrize("which", ["0.99", "", "start_here", None, Exercise(reference=3)])
def test_an_exercise_that_does_not_exist_is_refused(which):
    with pytest.raises(ValueError, match="which must be"):
        solution(which)


def test_a_name_that_two_lessons_use_is_refused_and_both_are_named():
    all_exercises()
    [twice, *_] = [own for owns in contents.EXERCISES.values() for own in owns
                   if sum(own in others for others in contents.EXERCISES.values()) > 1]  # fmt: skip
    with pytest.raises(ValueError, match=rf"Say which: \w+\.{twice}, \w+\.{twice}"):
        solution(twice)


def test_every_exercise_has_a_stored_solution_and_knows_its_name():
    for name, exercise in all_exercises().items():
        lesson, own = name.split(".")
        if own in contents.EXERCISES[lesson]:
            assert name_of(exercise) == name
            assert solutions.solution_of(name)
            compile(solutions.solution_of(name), name, "exec")


# --- progress ----------------------------------------------------------------------------------------------------


def test_verdicts_are_kept_where_a_workbook_is(place):
    check("0.2", TIMES_SMALLER, ...)
    assert progress.kept(place) == {}
    check("0.2", TIMES_SMALLER, 7.0)
    assert progress.kept(place) == {"start_here.TIMES_SMALLER": "tried"}
    check("0.2", TIMES_SMALLER, 12.25)
    check("0.2", TIMES_SMALLER, 7.0)
    assert progress.kept(place) == {"start_here.TIMES_SMALLER": "right"}


def test_verdicts_are_kept_nowhere_else(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check("0.2", TIMES_SMALLER, 12.25)
    assert list(tmp_path.iterdir()) == []


def test_an_exercise_of_no_lesson_is_not_kept(place, exercise):
    check("1.1", exercise, 3)
    assert progress.kept(place) == {}


def test_a_workbook_that_cannot_be_written_stops_no_check(place, monkeypatch, capsys):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(progress, "_write", full)
    check("0.2", TIMES_SMALLER, 12.25)
    assert capsys.readouterr().out == "Exercise 0.2: right\n"


def test_the_page_of_contents_names_every_lesson_and_every_exercise(place):
    title = {"cells": [{"cell_type": "markdown", "source": ["# 00 · Hello: what is here?\n", "\n"]}]}
    (place / "00_start_here.ipynb").write_text(json.dumps(title, indent=1, ensure_ascii=False), "utf-8")
    progress.keep("start_here.TIMES_SMALLER", "right", place)
    progress.keep("start_here.SQUARED_ERROR", "tried", place)
    page = (place / progress.PAGE).read_text("utf-8")
    number = sum(map(len, contents.EXERCISES.values()))
    assert f"**1 of {number} exercises are right.** Next: [00 · Hello](00_start_here.ipynb)" in page
    assert "| [00 · Hello](00_start_here.ipynb) | 1 of 2 | ✗ 0.1 · ✓ 0.2 |" in page
    assert page.count("○ ") == number - 2 + 1  # and in the head
    assert all(f"]({contents.LESSONS[lesson]}_{lesson}.ipynb)" in page for lesson in contents.EXERCISES)


def test_the_next_lesson_is_the_first_one_with_something_left(place):
    for name in contents.EXERCISES["start_here"]:
        progress.keep(f"start_here.{name}", "right", place)
    second = list(contents.EXERCISES)[1]
    assert f"Next: [{contents.LESSONS[second]} · " in progress.page(place)


def test_a_solution_is_shown_for_what_was_solved_yesterday(place):
    (place / progress.RECORD).write_text('{"start_here.SQUARED_ERROR": "right"}')
    assert tries_of("start_here.SQUARED_ERROR") > 2


@pytest.mark.parametrize("content", ["", "[]", '{"start_here.SQUARED_ERROR": ["right"]}'])
def test_a_broken_record_counts_as_none(place, content):
    (place / progress.RECORD).write_text(content)
    assert progress.kept(place) == {}


def test_the_page_is_printed_by_a_command(place):
    command = [sys.executable, "-m", "tools.editions.show_progress", str(place)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True, encoding="utf-8",
                         env={**__import__("os").environ, "PYTHONIOENCODING": "utf-8"})  # fmt: skip
    assert run.stdout.startswith("# Contents")
    assert (place / progress.PAGE).exists()
    quiet = subprocess.run([*command, "--quiet"], capture_output=True, text=True, cwd=ROOT, check=True)
    assert quiet.stdout == ""


def test_a_page_that_cannot_be_written_is_printed_all_the_same(place, capsys):
    (place / progress.RECORD).write_text('{"start_here.SQUARED_ERROR": "right"}')
    (place / progress.PAGE).mkdir()
    progress.main(place)
    said = capsys.readouterr()
    assert "✓ 0.1" in said.out
    assert "contents.md is a folder: move it away" in said.err
    progress.main(place, "--quiet")
    assert capsys.readouterr().out == ""


# --- in a real kernel --------------------------------------------------------------------------------------------


def test_names_that_a_notebook_has_are_not_replaced():
    shell = Shell()
    shell.user_ns["solution"] = "mine"
    notebook.put_at_hand(shell, check=check, solution=solution)
    notebook.put_at_hand(shell, check=check, solution=solution)
    assert shell.user_ns["solution"] == "mine"
    assert shell.user_ns["check"] is check
    assert shell.events.callbacks["post_run_cell"] == [notebook.after_a_cell]


@pytest.mark.parametrize(
    ("variable", "lesson"),
    [
        ("/home/ada/my course/workbook/08_the_elbo.ipynb", "the_elbo"),
        ("C:\\course\\workbook\\08_the_elbo.ipynb", "the_elbo"),
        ("08_the_elbo (before 2026-11-29).ipynb", "the_elbo"),
        ("notes.ipynb", None),
        ("", None),
    ],
)
def test_the_lesson_is_known_from_the_name_of_the_file(monkeypatch, variable, lesson):
    monkeypatch.setenv("JPY_SESSION_NAME", variable)
    assert notebook.lesson_of_this_notebook(Shell()) == lesson
    monkeypatch.delenv("JPY_SESSION_NAME")
    shell = Shell()
    shell.user_ns["__vsc_ipynb_file__"] = variable
    assert notebook.lesson_of_this_notebook(shell) == lesson


class InJupyterLab(NotebookClient):
    """A client that says with each request which cell it is, as JupyterLab does."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, allow_errors=True, kernel_name="python3", **options)

    async def async_execute_cell(self, cell, *arguments, **options):
        session = self.kc.session
        message = session.msg

        def with_the_cell(kind, *rest, **named):
            built = message(kind, *rest, **named)
            if kind == "execute_request":
                built["metadata"]["cellId"] = cell.id
            return built

        session.msg = with_the_cell
        try:
            return await super().async_execute_cell(cell, *arguments, **options)
        finally:
            session.msg = message


def run_in_kernel(client, *cells, folder):
    """The outputs of cells that run in a kernel in which lesson 00 is set up."""
    setup = "import course_lib\nrun = course_lib.setup(backend=False)"
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (setup, *cells)])
    import os

    variables = os.environ | {"PYTHONPATH": str(ROOT), "JPY_SESSION_NAME": str(folder / "00_start_here.ipynb")}
    client(made, resources={"metadata": {"path": str(folder)}}).execute(env=variables)
    return [cell.outputs for cell in made.cells[1:]]


@pytest.mark.slow
def test_a_fresh_session_checks_shows_and_explains_after_its_set_up_cell_alone(place):
    checked = 'check("0.2", exercises.TIMES_SMALLER, times_smaller)'
    interrupted = "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(9)\ntimes_smaller = 3"
    missing, _, wrong, broken, again, _, in_vain, _, late, right, shown = run_in_kernel(
        InJupyterLab, checked, "times_smaller = 1.0", checked, "times_smaller = 784 / (16 *", checked,
        "from math import nothing\ntimes_smaller = 2", checked, interrupted, checked,
        "times_smaller = 12.25\n" + checked, "solution('0.2')", folder=place,
    )  # fmt: skip
    assert missing[0].output_type == "error"
    assert "this session has no `times_smaller` yet" in missing[1].data["text/plain"]
    assert wrong[0].data["text/plain"].startswith("Exercise 0.2: not yet")
    assert "✗" in wrong[0].data["text/html"]
    assert broken[0].ename in ("SyntaxError", "_IncompleteInputError")  # Python 3.13 has a name for it
    assert "(line 1, SyntaxError: incomplete input), so nothing of it ran" in again[0].data["text/plain"]
    assert "stopped in line 1 (ImportError: cannot import name 'nothing'" in in_vain[0].data["text/plain"]
    assert re.search(r"interrupted in line \d before it had written", late[0].data["text/plain"])
    assert "✓" in right[0].data["text/html"]
    assert "from before" not in right[0].data["text/plain"]
    assert "784 / (16 * 4)" in shown[0].data["text/markdown"]
    assert progress.kept(place) == {"start_here.TIMES_SMALLER": "right"}


@pytest.mark.slow
def test_a_notebook_that_a_program_runs_has_printed_verdicts_alone(tmp_path):
    client = type("Builder", (NotebookClient,), {"__init__": lambda self, nb, **options: NotebookClient.__init__(
        self, nb, kernel_name="python3", **options)})  # fmt: skip
    checked = "times_smaller = ...\ncheck('0.2', exercises.TIMES_SMALLER, times_smaller)"
    [outputs] = run_in_kernel(client, checked, folder=tmp_path)
    assert outputs == [nbformat.v4.new_output("stream", name="stdout", text="Exercise 0.2: not answered yet\n")]
