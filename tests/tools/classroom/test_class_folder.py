"""tools/classroom/class_folder.py: what `make classroom` writes and keeps, with a program that stands for nbgrader."""

import ast
import json
import os
import sys
from pathlib import Path

import nbformat
import pytest

from tools.classroom import class_folder
from tools.classroom.class_folder import ClassFolder, ClassroomError, write_class
from tools.editions.lesson_cells import find_course
from tools.editions.lesson_sources import LessonError

ROOT = Path(__file__).resolve().parents[3]
COURSE = find_course(ROOT)
LESSON, OTHER = "00_start_here", "01_linear_algebra_and_dynamics"

# Called as nbgrader's Python is: for its prefix, and to generate lessons, which it copies. It fails where it is told.
STAND_IN = """\
import json, os, pathlib, shutil, sys
if sys.argv[1] == "-c":
    print({prefix!r})
    sys.exit()
with open({calls!r}, "a") as file:
    file.write(" ".join(sys.argv[2:]) + "\\n")
for lesson in sys.argv[2:]:
    if lesson == os.environ.get("FAILS"):
        print("a sentence of its own")
        error = "Traceback\\n  File\\nRuntimeError: duplicate cell\\n"
        print(json.dumps({{"lesson": lesson, "error": error}}), flush=True)
    elif lesson == os.environ.get("DIES"):
        sys.exit("out of memory")
    else:
        shutil.copytree(f"source/{{lesson}}", f"release/{{lesson}}", dirs_exist_ok=True)
        print(json.dumps({{"lesson": lesson, "error": None}}), flush=True)
"""
pytestmark = pytest.mark.skipif(os.name == "nt", reason="what stands for nbgrader is a script of Unix")


@pytest.fixture
def room(tmp_path):
    """A folder for the class, with what stands for nbgrader's Python, and the calls of it."""

    class Room:
        path = tmp_path / "classroom"
        prefix = tmp_path / "environment"
        nbgrader = prefix / "bin" / "python"
        calls = tmp_path / "calls.txt"

        def write(self, *lessons):
            return write_class(COURSE, list(lessons), self.path, str(self.nbgrader), python="/the/course/python")

        def generated(self):
            return self.calls.read_text("utf-8").split() if self.calls.exists() else []

        def source(self, lesson=LESSON):
            return self.path / "source" / lesson / f"{lesson}.ipynb"

    made = Room()
    made.nbgrader.parent.mkdir(parents=True)
    script = tmp_path / "stand_in.py"
    script.write_text(STAND_IN.format(prefix=str(made.prefix), calls=str(made.calls)), "utf-8")
    made.nbgrader.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n', "utf-8")  # paths may have spaces
    made.nbgrader.chmod(0o755)
    return made


def test_the_folder_has_settings_sources_student_editions_and_a_strict_kernel(room):
    room.write("00", "linear_algebra_and_dynamics")
    assert room.generated() == [LESSON, OTHER]
    assert (room.path / "nbgrader_config.py").read_text("utf-8") == class_folder.SETTINGS.read_text("utf-8")
    for lesson in (LESSON, OTHER):
        notebook = nbformat.read(room.source(lesson), as_version=4)
        assert any("### BEGIN SOLUTION" in cell.source for cell in notebook.cells)
        assert (room.path / "release" / lesson / f"{lesson}.ipynb").exists()
    kernel = json.loads(
        (room.prefix / "share/jupyter/kernels/generative-models-grading/kernel.json").read_text("utf-8")
    )
    assert kernel["argv"][0] == "/the/course/python"
    assert kernel["env"]["COURSE_STRICT"] == "1"
    assert kernel["env"]["PYTHONPATH"] == str(ROOT)


def test_a_second_call_does_only_what_is_missing(room):
    room.write("00")
    assert room.write("00").notes == []
    room.write("00", "01")
    assert room.generated() == [LESSON, OTHER]


def test_a_run_that_ended_early_goes_on_where_it_was(room, monkeypatch):
    monkeypatch.setenv("DIES", OTHER)
    with pytest.raises(ClassroomError, match=r"Expected 2 student editions, came 1.*\n.*dynamics: out of memory"):
        room.write("00", "01")
    monkeypatch.delenv("DIES")
    room.write("00", "01")
    assert room.generated() == [LESSON, OTHER, OTHER]


def test_what_nbgrader_refuses_is_named_with_its_reason_and_the_repair(room, monkeypatch):
    monkeypatch.setenv("FAILS", LESSON)
    with pytest.raises(ClassroomError) as caught:
        room.write("00", "01")
    assert "Expected 2 student editions, came 1." in str(caught.value)
    assert f"{LESSON}: RuntimeError: duplicate cell" in str(caught.value)
    assert "delete that lesson's folder there" in str(caught.value)
    assert (room.path / "release" / OTHER / f"{OTHER}.ipynb").exists()


def test_a_source_that_the_lecturer_changed_stays_and_is_what_students_get(room):
    room.write("00")
    changed = room.source().read_text("utf-8").replace("Start here", "Start now")
    room.source().write_text(changed + " ", "utf-8")
    folder = room.write("00")
    assert room.source().read_text("utf-8") == changed + " "
    assert folder.notes == [
        f"source/{LESSON}/{LESSON}.ipynb was changed by you and stays. Delete it to get the new edition."
    ]
    assert room.generated() == [LESSON, LESSON]
    room.source().unlink()
    assert room.write("00").notes == []
    assert room.generated() == [LESSON] * 3


def test_a_new_edition_replaces_the_one_that_was_written_before(room):
    folder = room.write("00")
    old = '{"an older edition": true}'
    room.source().write_text(old, "utf-8")
    folder.remember(folder.source(LESSON), class_folder.hash_of(old))
    folder.mark_released(LESSON)
    assert room.write("00").notes == []
    assert "### BEGIN SOLUTION" in room.source().read_text("utf-8")
    assert room.generated() == [LESSON, LESSON]


def test_a_lesson_that_was_handed_in_stays_as_the_students_got_it(room):
    folder = room.write("00")
    old = '{"an older edition": true}'
    room.source().write_text(old, "utf-8")
    folder.remember(folder.source(LESSON), class_folder.hash_of(old))
    folder.mark_released(LESSON)
    (room.path / "submitted" / "ada" / LESSON).mkdir(parents=True)
    (room.path / "autograded" / "ada" / LESSON).mkdir(parents=True)
    (room.path / "submitted" / "ben" / LESSON).mkdir(parents=True)
    again = room.write("00")
    assert room.source().read_text("utf-8") == old
    assert room.generated() == [LESSON]
    assert again.notes == [f"{LESSON} has another edition, but 2 have handed in theirs: it stays as they got it."]


def test_settings_that_the_lecturer_changed_stay(room):
    room.write("00")
    settings = room.path / "nbgrader_config.py"
    settings.write_text(settings.read_text("utf-8") + "c.Execute.timeout = 30\n", "utf-8")
    assert "nbgrader_config.py was changed by you" in room.write("00").notes[0]
    assert "timeout = 30" in settings.read_text("utf-8")


def test_a_folder_with_other_files_is_refused(room):
    room.path.mkdir()
    (room.path / "thesis.tex").write_text("mine", "utf-8")
    with pytest.raises(ClassroomError, match=r"Expected a new folder .*which holds other files. Name another one"):
        room.write("00")
    assert [path.name for path in room.path.iterdir()] == ["thesis.tex"]


def test_a_record_that_is_broken_keeps_every_changed_file(room):
    room.write("00")
    room.source().write_text("{}", "utf-8")
    (room.path / ".written.json").write_text("[1, 2", "utf-8")
    assert ClassFolder(room.path).record == {}
    assert len(room.write("00").notes) == 1
    assert room.source().read_text("utf-8") == "{}"


def test_the_command_says_what_to_do_next_and_that_grading_runs_programs(room, capsys):
    assert class_folder.main(["00", "--output", str(room.path), "--nbgrader", str(room.nbgrader)], ROOT) == 0
    said = capsys.readouterr().out
    for word in (
        "release/",
        "submitted/STUDENT/LESSON/LESSON.ipynb",
        "autograde",
        "RUNS what students wrote",
        "class-report",
    ):
        assert word in said


def test_the_command_names_what_it_cannot_do(room, capsys):
    assert class_folder.main(["99", "--output", str(room.path), "--nbgrader", str(room.nbgrader)], ROOT) == 1
    assert "there is no lesson '99'" in capsys.readouterr().err
    room.nbgrader.write_text("#!/bin/sh\necho broken >&2\nexit 3\n", "utf-8")
    assert class_folder.main(["00", "--output", str(room.path), "--nbgrader", str(room.nbgrader)], ROOT) == 1
    assert "does not run (broken). Delete the folder .venv-classroom" in capsys.readouterr().err
    with pytest.raises(LessonError):
        room.write("nothing")


def test_nbgraders_own_programs_are_found_and_the_lecturers_variables_do_not_bend_it(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    variables = class_folder.variables_of("/some/bin/python")
    assert variables["PATH"].split(os.pathsep)[0] == "/some/bin"
    assert "PYTHONPATH" not in variables


def test_what_generates_is_python_for_an_environment_without_the_course():
    code = class_folder.GENERATE.read_text("utf-8")
    assert "tools" not in [
        line.split()[1].split(".")[0] for line in code.splitlines() if line.startswith(("from", "import"))
    ]
    assert ast.parse(code)
