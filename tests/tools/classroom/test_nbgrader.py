"""A class from clone to grades, with the real nbgrader: three students hand in a lesson.

nbgrader has an environment of its own, which `make test-classroom` makes; without it these tests are skipped.
"""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tools.classroom import class_folder, class_report
from tools.classroom.class_folder import write_class
from tools.editions.lesson_cells import find_course, make_notebook
from tools.environment.virtual_environment import classroom_environment, is_ready

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = classroom_environment(ROOT)
NBGRADER = ENVIRONMENT.python
LESSON = "01_linear_algebra_and_dynamics"
POINTS = {"1-1": 8, "1-2": 8, "1-3": 4, "1-4": 8, "1-5": 4, "1-6": 4}
LIMIT = 8  # seconds for a cell
pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.skipif(not is_ready(ENVIRONMENT), reason="nbgrader is not installed here: call `make test-classroom`"),
]

SCORES = """
import json, sys
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    scores = {
        each.student.id: {grade.name: [grade.auto_score, grade.max_score] for grade in each.notebooks[0].grades}
        for each in book.assignment_submissions(sys.argv[1])
    }
print(json.dumps(scores))
"""


def nbgrader(folder, *words):
    """Run nbgrader as a lecturer does, in the folder of the class."""
    command = [str(NBGRADER), "-m", "nbgrader", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr


def hand_in(folder, student, answers):
    """The student edition with some exercise cells filled in."""
    notebook = nbformat.read(folder / "release" / LESSON / f"{LESSON}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    target = folder / "submitted" / student / LESSON / f"{LESSON}.ipynb"
    target.parent.mkdir(parents=True)
    nbformat.write(notebook, target)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The folder of a class in which everything was done once; the solved cells; what nbgrader said."""
    folder = tmp_path_factory.mktemp("class") / "classroom"
    course = find_course(ROOT)
    write_class(course, [LESSON], folder, str(NBGRADER), python=sys.executable)
    settings = folder / "nbgrader_config.py"
    settings.write_text(f"{settings.read_text('utf-8')}c.Execute.timeout = {LIMIT}\n", "utf-8")
    solved = {
        cell.id: cell.source for cell in make_notebook(course, LESSON, solved=True).cells if "exercise-" in cell.id
    }
    wrong = "def covariance(x):\n    centred = x - x.mean(axis=0)\n    return centred.T @ centred / (len(x) - 1)"
    warns = "import sys\n\nprint('a warning', file=sys.stderr)\n"
    first = solved["exercise-1-2"].split("\n")
    first.insert(1, "    import sys\n    print('a warning', file=sys.stderr)")
    hand_in(folder, "ada", solved)
    half = {"exercise-1-1": wrong, "exercise-1-2": "\n".join(first), "exercise-1-3": warns + solved["exercise-1-3"]}
    hand_in(folder, "ben", half)
    stuck = {"exercise-1-1": "def covariance(x):\n    while True:\n        pass", "exercise-1-2": "def project(x, mean"}
    hand_in(folder, "cy", solved | stuck)
    said = [nbgrader(folder, "autograde", LESSON), nbgrader(folder, "generate_feedback", LESSON)]
    return folder, solved, said


def test_the_student_edition_has_the_holes_of_the_lesson_and_no_solution(graded):
    folder, solved, _ = graded
    released = nbformat.read(folder / "release" / LESSON / f"{LESSON}.ipynb", as_version=4)
    lesson = {cell.id: cell.source for cell in make_notebook(find_course(ROOT), LESSON).cells}
    found = {cell.id: cell.source for cell in released.cells if "exercise-" in cell.id}
    assert found == {name: lesson[name] for name in solved}
    checks = {cell.id[6:]: cell.metadata for cell in released.cells if cell.id.startswith("check-")}
    assert {name: each.nbgrader["points"] for name, each in checks.items()} == POINTS
    assert all(not each.editable and not each.deletable and each.nbgrader["locked"] for each in checks.values())


def test_everything_was_graded_although_one_student_never_ends(graded):
    folder, _, said = graded
    assert [code for code, _ in said] == [0, 0], said
    done = subprocess.run([str(NBGRADER), "-c", SCORES, LESSON], cwd=folder, capture_output=True, text=True,
                          env=class_folder.variables_of(str(NBGRADER)))  # fmt: skip
    scores = json.loads(done.stdout)
    assert {name: most for name, (_, most) in scores["ada"].items()} == {f"check-{at}": n for at, n in POINTS.items()}
    got = {who: {name[6:] for name, (points, most) in grades.items() if points} for who, grades in scores.items()}
    assert got == {"ada": set(POINTS), "ben": {"1-2", "1-3"}, "cy": {"1-3", "1-4", "1-5", "1-6"}}
    assert all(points in (0, most) for grades in scores.values() for points, most in grades.values())


def test_the_feedback_says_what_was_wrong(graded):
    folder, _, _ = graded
    page = {
        who: (folder / "feedback" / who / LESSON / f"{LESSON}.html").read_text("utf-8") for who in ("ada", "ben", "cy")
    }
    assert "Exercise 1.1: right" in page["ada"]
    assert "not yet: " in page["ben"]
    assert "not answered yet" in page["ben"]
    assert "CellTimeoutError" in page["cy"] or "KeyboardInterrupt" in page["cy"]
    assert "SyntaxError" in page["cy"]


def test_the_points_can_be_exported(graded):
    folder, _, _ = graded
    code, said = nbgrader(folder, "export")
    assert code == 0, said
    with (folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert rows == {"ada": 36.0, "ben": 12.0, "cy": 20.0}


@pytest.mark.skipif(os.name == "nt", reason="nbgrader's exchange needs a shared folder of Unix")
def test_the_student_edition_can_be_released_by_the_exchange(graded, tmp_path):
    folder, _, _ = graded
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    code, said = nbgrader(folder, "release_assignment", LESSON, f"--Exchange.root={exchange}")
    assert code == 0, said
    assert (exchange / "generative-models" / "outbound" / LESSON / f"{LESSON}.ipynb").exists()


def test_the_report_reads_what_was_graded(graded, tmp_path):
    folder, _, _ = graded
    assert class_report.main([str(folder), "--output", str(tmp_path)]) == 0
    with (tmp_path / "class.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    exercises = [name for name in rows["ada"] if name.startswith("1.")]
    assert [rows["ada"][name] for name in exercises] == ["right"] * 6
    assert [rows["ben"][name] for name in exercises] == ["wrong", "right", "right", "empty", "empty", "empty"]
    assert [rows["cy"][name] for name in exercises] == ["stopped", "stopped", "right", "right", "right", "right"]
    text = (tmp_path / "report.md").read_text("utf-8")
    assert "1 of 3" in text


def test_a_second_call_makes_nothing_anew_and_leaves_what_was_handed_in(graded, capsys):
    folder, _, _ = graded
    released = folder / "release" / LESSON / f"{LESSON}.ipynb"
    before = released.stat().st_mtime_ns
    again = write_class(find_course(ROOT), [LESSON], folder, str(NBGRADER), python=sys.executable)
    assert "editions to make: 0" in capsys.readouterr().out
    assert released.stat().st_mtime_ns == before
    assert again.notes == ["nbgrader_config.py was changed by you and stays. Delete it to get the course's own."]
