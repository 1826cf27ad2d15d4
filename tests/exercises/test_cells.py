"""Which cell wrote an answer, and what is said of one that did not come to its end."""

import sys

import IPython
import pytest
from IPython.core.interactiveshell import InteractiveShell

from course_lib.exercises import cells

STUB, GOOD = "def my_kl(mean):\n    return ...", "def my_kl(mean):\n    return mean"


@pytest.fixture(scope="module")
def shell():
    main = sys.modules["__main__"]
    yield InteractiveShell()
    InteractiveShell.clear_instance()
    sys.modules["__main__"] = main  # a shell puts its own in that place


@pytest.fixture
def after(shell, monkeypatch, capsys):
    """A function that runs cells in a real shell and returns their `Cell`s; one alone is always at the same place."""

    def run(*codes, places=()):
        shell.reset()
        shell.user_ns["interrupt"] = interrupted
        results = [shell.run_cell(code, store_history=True, cell_id=place)
                   for code, place in zip(codes, places or map(str, range(len(codes))), strict=True)]  # fmt: skip
        capsys.readouterr()
        return [cells.of_result(shell, result) for result in results]

    return run


def interrupted():
    raise KeyboardInterrupt


def test_a_cell_that_did_its_work_has_no_fault(after):
    assert cells.fault(after(GOOD), {"my_kl"}, {"my_kl"}) is None
    assert cells.fault(after("%%time\nmy_kl = 3"), {"my_kl"}, {"my_kl"}) is None
    assert cells.fault(after("%precision 3\nmy_kl = 3"), {"my_kl"}, {"my_kl"}) is None
    assert cells.fault([], {"my_kl"}, set()) is None


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def my_kl(mean)\n    return 1", "(line 1, SyntaxError: expected ':'), so nothing of it ran. Repair"),
        ("def my_kl(mean):\nreturn 1", "(line 2, IndentationError: expected an indented block"),
        ("def my_kl(mean):\n        y = 1\n\treturn y", "(line 3, TabError: inconsistent use of tabs and spaces"),
        ("Def my_kl(mean):\n    return 1", "Python could not read the cell that should write `my_kl` (line 1, S"),
        ("my_kl(mean) = mean", "(line 1, SyntaxError: cannot assign to function call here"),
        ("my_kl = “a”", "(line 1, SyntaxError: invalid character"),
        ("a = 1\nb = nothing\nmy_kl = 3", "stopped in line 2 (NameError: name 'nothing' is not defined) before it"),
        ("my_kl = 1 / 0", "stopped in line 1 (ZeroDivisionError: division by zero) before it had written `my_kl`."),
        ("def f():\n    return 1 / 0\n\nmy_kl = f()", "stopped in line 4 (ZeroDivisionError: division by zero)"),
        ("from nowhere import my_kl", "stopped in line 1 (ModuleNotFoundError: No module named 'nowhere')"),
        ("for i in range(3):\n    if i: interrupt()\n    my_kl = i", "interrupted in line 2, perhaps before it had"),
        ("interrupt()\nmy_kl = 1", "The cell that writes `my_kl` was interrupted in line 1 before it had written `my"),
        ("def my_kl(mean):\n    y = mean\nreturn y", "in line 3 (SyntaxError: 'return' outside function): is a line"),
        ("%%time\nmy_kl = 1 +", "Python could not read the cell that should write `my_kl` (SyntaxError: invalid"),
        ("my_kl = 3; nothing", "stopped in line 1 (NameError: name 'nothing' is not defined), perhaps before it had"),
        pytest.param("%%time\nmy_kl = 1\nnothing", "stopped (NameError: name 'nothing' is not defined), perhaps",
                     marks=pytest.mark.skipif(IPython.version_info < (8,), reason="its %%time hides errors")),
    ],
)  # fmt: skip
def test_a_cell_that_stopped_is_named_with_its_line_and_its_error(after, code, said):
    assert said in cells.fault(after(code), {"my_kl"}, set())


@pytest.mark.parametrize(
    "code", ["my_kl = 3\nprint(nothing)", "my_kl = 3\nmy_kl += nothing", "if True:\n    my_kl = 1"]
)
def test_an_answer_that_was_written_before_the_error_is_in_force(after, code):
    assert cells.fault(after(code), {"my_kl"}, {"my_kl"}) is None


def test_what_is_from_before_is_said_to_be_only_where_there_was_something(after):
    ran = after(STUB, "nothing\ndef my_kl(mean):\n    return mean")
    assert "and what I see is from before" in cells.fault(ran, {"my_kl"}, {"my_kl"})
    assert "from before" not in cells.fault(ran[1:], {"my_kl"}, set())


@pytest.mark.parametrize(
    "code",
    ["def f(x):\n    my_kl = x\n\nnothing", "nothing = [my_kl for my_kl in other]",
     "(lambda: (my_kl := 2))() + nothing", "my_kl: float\nnothing"],
)  # fmt: skip
def test_a_name_inside_of_a_function_is_another_one(after, code):
    assert cells.fault(after(GOOD, code), {"my_kl"}, {"my_kl"}) is None
    ran = after(GOOD, code)
    assert cells.writer(ran, "my_kl") == ran[0].number


def test_each_of_several_names_is_looked_for(after):
    ran = after("wide = nothing", "narrow = 3")
    assert "`wide` stopped" in cells.fault(ran, {"wide", "narrow"}, {"narrow"})


def test_a_cell_that_was_changed_since_is_not_accused_of_what_it_was(after):
    ran = after("def my_kl(mean)", "def my_k1(mean):\n    return 1", places=("a", "a"))
    assert cells.fault(ran, {"my_kl"}, set()) is None
    assert "it has `my_k1`" in cells.why_missing(ran, "my_kl", ["my_k1", "my_k2"])
    assert "SyntaxError" in cells.fault(after("def my_kl(mean)", "x = 1"), {"my_kl"}, set())


def test_a_name_in_other_capitals_is_found(after):
    assert "it has `My_KL`" in cells.why_missing(after("My_KL = 1"), "my_kl", ["My_KL"])


@pytest.mark.parametrize(
    "code",
    ["%%capture\nmy_kl = nothing", "%%writefile {}\nmy_kl = 3", "%%timeit -n1 -r1\nmy_kl = 3", "%%html\nmy_kl = 3"],
)
def test_a_command_that_hides_what_became_of_its_cell_is_credited_and_accused_of_nothing(after, tmp_path, code):
    ran = after(code.format(tmp_path / "my_kl.py"))
    assert cells.fault(ran, {"my_kl"}, set()) is None
    assert cells.writer(ran, "my_kl") is None
    assert cells.why_missing(ran, "my_kl", []) is None


def test_the_last_cell_that_wrote_a_name_is_known_unless_it_is_uncertain(after):
    first = after(GOOD, "my_kl", "print(2)")
    assert cells.writer(first, "my_kl") == first[0].number
    again = after(GOOD, STUB, "my_kl = nothing")
    assert cells.writer(again, "my_kl") == again[1].number
    assert cells.writer(after(GOOD, "if False:\n    my_kl = 3"), "my_kl") is None
    assert cells.writer(after("x = 1"), "my_kl") is None


def test_a_name_that_was_deleted_is_told_from_one_that_never_was(after):
    ran = after(GOOD, "del my_kl")
    assert f"[{ran[0].number}] beside it, and deleted since" in cells.why_missing(ran, "my_kl", [])
    assert cells.why_missing(after("x = 1"), "my_kl", ["x", "my_kl_2"]) is None  # no cell of the notebook wrote that


@pytest.mark.parametrize(
    ("code", "name", "writes"),
    [
        ("def my_kl(mean:", "my_kl", True),
        ("  class My(:", "My", True),
        ("a, b = 1, (2", "b", True),
        ("gap = ...  # your turn", "gap", True),
        ("gap: float = 3", "gap", True),
        ("gap += 1", "gap", True),
        ("from somewhere import gap", "gap", True),
        ("my_gap = 1", "gap", False),
        ("print(gap == 2)", "gap", False),
        ("f(x, gap=2)", "gap", False),
        ("# nothing", "gap", False),
    ],
)
def test_what_a_cell_writes_is_seen_also_where_python_cannot_read_it(code, name, writes):
    assert cells.writes(code, name) == writes


def test_a_broken_cell_that_only_uses_a_name_is_not_meant_to_write_it(after):
    for begin in ("print(", "return ", "assert ", "x = ", ""):
        assert cells.fault(after(GOOD, begin + "my_kl(2"), {"my_kl"}, {"my_kl"}) is None
    for code in ("print(my_kl(2)", "my_kl(2) == 3)", "my_kl == 3)"):
        assert cells.fault(after(GOOD, code), {"my_kl"}, {"my_kl"}) is None


def test_the_names_of_an_answer_are_those_of_its_own_check():
    code = 'check("1.1", exercises.A, (wide, f(narrow)))\ncheck("1.2", exercises.B, other)'
    assert cells.names_checked(code, "1.1") == {"wide", "f", "narrow"}
    assert cells.names_checked(code) == {"wide", "f", "narrow", "other"}
    assert cells.names_checked("check(") == set()
