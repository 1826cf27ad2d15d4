"""The proofs of the lessons and the bugs that turn them red: `make mutants ARGS=lessons` plants them."""

from collections import Counter
from pathlib import Path

import pytest

from tests.mutants import plant_in_lessons
from tests.mutants.lesson_bug import LessonBug
from tools.editions import lesson_cells, lesson_names, lesson_proofs

ROOT = Path(__file__).resolve().parents[2]
COURSE = lesson_cells.find_course(ROOT)
LESSON = """\
# %% [markdown]
# # Tiny

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %%
import numpy as np

from course_lib.exact import gaussian_log_density

rng = np.random.default_rng(run.seed)
numbers, seen = np.arange(4.0), []

# %% [markdown]
# Its area is an identity.

# %% tags=["proof"]
seen.append(rng.normal())
assert numbers.mean() == 1.5, "the mean must be 3/2"
assert len(seen) == 1, "it must have run once"
print("a figure")

# %% [markdown]
# And the library:

# %% tags=["proof"]
density = float(np.exp(gaussian_log_density([[0.0]], np.zeros(1), np.eye(1)))[0])
assert abs(density - 1 / np.sqrt(2 * np.pi)) < 1e-9, "the normal density at 0 must be 1/√(2π)"

# %% [markdown]
# In this lesson you have been brief.
"""


@pytest.fixture
def course(tmp_path):
    (tmp_path / "notebooks" / "source").mkdir(parents=True)
    (tmp_path / "tests" / "mutants").mkdir(parents=True)
    (tmp_path / "course_lib").symlink_to(ROOT / "course_lib")
    (tmp_path / "notebooks" / "source" / "00_tiny.py").write_text(LESSON, "utf-8")
    return lesson_cells.Course(tmp_path, None, "0")


def write(course, old, new):
    path = course.source("00_tiny")
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


# --- the real lessons --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lesson", COURSE.lessons)
def test_every_cell_that_asserts_has_a_role_and_every_proof_was_seen_red(lesson):
    assert lesson_proofs.proof_problems(COURSE, lesson) == []


def test_no_lesson_waits_that_has_nothing_to_wait_for():
    assert not set(lesson_proofs.PENDING) - set(map(lesson_names.name_of, COURSE.lessons))
    assert all(number > 0 for number in lesson_proofs.PENDING.values())


@pytest.mark.parametrize("lesson", COURSE.lessons)
def test_a_bug_changes_one_place_and_is_for_a_proof_of_its_lesson(lesson):
    bugs, proofs = plant_in_lessons.bugs_of(lesson), lesson_proofs.proof_cells(COURSE, lesson)
    cells = lesson_names.numbered_source(COURSE, lesson).cells
    code = {
        name: lesson_cells.built_text(COURSE, cell, True)
        for name, cell in zip(lesson_cells.cell_ids(cells), cells, strict=True)
        if cell.cell_type == "code"
    }
    names = list(code)
    for bug in bugs:
        place = bug.place_in(bug.cell)
        text = code[place] if place in code else (ROOT / place).read_text("utf-8")
        assert text.count(bug.before) == 1, f"the text of '{bug.name}' must occur once in {place}"
        assert bug.after != bug.before
        assert bug.cell in proofs, f"{bug.cell} is no proof cell of {lesson}"
        order = [names.index(name) for name in (*bug.rerun, bug.cell)]
        assert order == sorted(set(order)), f"'{bug.name}' runs cells again, in their order, before {bug.cell}"
        assert place not in code or place in (*bug.rerun, bug.cell)
    assert not [key for key, count in Counter((bug.name, bug.cell) for bug in bugs).items() if count > 1]


@pytest.mark.parametrize("lesson", COURSE.lessons)
def test_what_is_on_record_is_a_bug_that_is_planted(lesson):
    planted = {(bug.cell, bug.name) for bug in plant_in_lessons.bugs_of(lesson)}
    records = lesson_proofs.convictions(COURSE).get(lesson_names.name_of(lesson), [])
    assert {(each["cell"], each["bug"]) for each in records} <= planted
    assert all(each["message"] for each in records)


# --- a tiny lesson -----------------------------------------------------------------------------------------------

FIRST, SECOND = "00-tiny-4", "00-tiny-6"
DENSITY = "course_lib/exact/gaussian.py"


def tried(course, *bugs, wanted=(FIRST, SECOND)):
    return plant_in_lessons.try_lesson(course, "00_tiny", list(bugs), set(wanted))


def test_a_bug_in_the_cell_is_convicted_with_its_message_and_leaves_no_trace(course):
    [found], complaints = tried(course, LessonBug("sum", FIRST, "numbers.mean()", "numbers.sum()"))
    assert complaints == []  # the cell itself still found its list empty
    assert (found["cell"], found["bug"], found["message"]) == (FIRST, "sum", "the mean must be 3/2")


def test_a_bug_in_the_library_is_planted_in_the_living_function_and_taken_out(course):
    from course_lib.exact import gaussian_log_density

    before = gaussian_log_density([[0.0]], [0.0], [[1.0]])
    bug = LessonBug("π forgotten", SECOND, "len(factor) * np.log(2 * np.pi)", "len(factor) * np.log(2)", DENSITY)
    [found], complaints = tried(course, bug)
    assert found["bug"] == "π forgotten"
    assert complaints == []
    assert gaussian_log_density([[0.0]], [0.0], [[1.0]]) == before


def test_a_bug_in_an_earlier_cell_makes_it_run_again(course):
    five = LessonBug("five", FIRST, "arange(4.0)", "arange(5.0)", "00-tiny-2", ("00-tiny-2",))
    [found], complaints = tried(course, five)
    assert found["message"] == "the mean must be 3/2"
    assert complaints == []


@pytest.mark.parametrize(
    ("bug", "word"),
    [
        (LessonBug("harmless", FIRST, "rng.normal()", "rng.uniform()"), "SURVIVED"),
        (LessonBug("no name", FIRST, "rng.normal()", "nowhere"), "STOPPED WITH NAMEERROR"),
        (LessonBug("gone", FIRST, "rng.gamma()", "rng.normal()"), "CANNOT BE PLANTED"),
    ],
)
def test_a_bug_that_proves_nothing_is_reported(course, bug, word):
    found, [complaint] = tried(course, bug)
    assert found == []
    assert complaint.startswith(word)


def test_a_proof_that_is_red_without_a_bug_is_reported(course):
    write(course, "== 1.5", "== 2.5")
    _, [complaint] = tried(course)
    assert complaint.startswith(f"RED WITHOUT A BUG 00_tiny `{FIRST}`: AssertionError")


def test_a_record_holds_until_the_deciding_part_of_the_cell_changes(course, monkeypatch):
    assert len(lesson_proofs.proof_problems(course, "00_tiny")) == 2
    cells = lesson_proofs.proof_cells(course, "00_tiny")
    records = [{"cell": n, "digest": lesson_proofs.digest(c), "bug": "b", "message": "m"} for n, c in cells.items()]
    plant_in_lessons.remember(course, "00_tiny", records)
    assert lesson_proofs.proof_problems(course, "00_tiny") == []
    write(course, 'print("a figure")', 'print("another figure")')  # after the last assertion
    assert lesson_proofs.proof_problems(course, "00_tiny") == []
    write(course, "numbers.mean() ==", "np.mean(numbers) ==")
    [problem] = lesson_proofs.proof_problems(course, "00_tiny")
    assert problem.startswith(f"cell `{FIRST}`: no bug on record")
    monkeypatch.setitem(lesson_proofs.PENDING, "tiny", 1)
    assert lesson_proofs.proof_problems(course, "00_tiny") == []
    monkeypatch.setitem(lesson_proofs.PENDING, "tiny", 2)
    assert "lower it" in lesson_proofs.proof_problems(course, "00_tiny")[0]


def test_a_cell_that_asserts_says_what_it_is(course):
    write(course, '# %% tags=["proof"]\nseen', "# %%\nseen")
    problems = lesson_proofs.proof_problems(course, "00_tiny")
    assert problems[0] == f"cell `{FIRST}`: it asserts, so it has one of the tags proof, guard, identity"
    write(course, "# %%\nseen", '# %% tags=["identity"]\nseen')
    assert len(lesson_proofs.proof_problems(course, "00_tiny")) == 1  # the text before it says so
    write(course, "is an identity", "is a number")
    assert "the text before it does not say so" in lesson_proofs.proof_problems(course, "00_tiny")[0]
