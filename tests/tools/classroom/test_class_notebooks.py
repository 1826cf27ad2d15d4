"""tools/classroom/class_notebooks.py and nbgrader_config.py: what nbgrader reads of a lesson, without nbgrader."""

import re
import sys
import types
from pathlib import Path

import nbformat
import pytest

from tools.classroom import class_notebooks
from tools.classroom.class_notebooks import class_notebook, points_of, with_regions
from tools.editions.lesson_cells import find_course, make_notebook, with_holes, without_markers
from tools.editions.lesson_sources import LessonError, read_source, tags_of

ROOT = Path(__file__).resolve().parents[3]
COURSE = find_course(ROOT)
SETTINGS = ROOT / "tools" / "classroom" / "nbgrader_config.py"
SAMPLE = ("01_linear_algebra_and_dynamics", "06_latent_variable_models")


class Settings(types.SimpleNamespace):
    """What nbgrader's `get_config()` gives: every attribute is there."""

    def __getattr__(self, name):
        setattr(self, name, Settings())
        return getattr(self, name)


@pytest.fixture
def settings(monkeypatch):
    """The settings, read without nbgrader; what its own stub would leave is visible."""

    class Parent:
        def preprocess_cell(self, cell, resources, cell_index):
            cell.source = f"nbgrader's own: {cell.source}"
            return cell, resources

    before, after, clear, execute = object(), object(), type("ClearSolutions", (Parent,), {}), object()
    traits = types.SimpleNamespace(default_args=([before, clear, execute, after],))
    converters = types.SimpleNamespace(
        GenerateAssignment=types.SimpleNamespace(preprocessors=traits),
        Autograde=types.SimpleNamespace(autograde_preprocessors=traits),
    )
    preprocessors = types.SimpleNamespace(ClearSolutions=clear, Execute=execute, NbGraderPreprocessor=object)
    monkeypatch.setitem(sys.modules, "nbgrader", types.ModuleType("nbgrader"))
    monkeypatch.setitem(sys.modules, "nbgrader.converters", converters)
    monkeypatch.setitem(sys.modules, "nbgrader.preprocessors", preprocessors)
    monkeypatch.setenv("PATH", "/somewhere")
    names = {"get_config": Settings}
    exec(compile(SETTINGS.read_text("utf-8"), str(SETTINGS), "exec"), names)
    return types.SimpleNamespace(**names, default=[before, clear, execute, after])


def lesson_number(number):
    [lesson] = [lesson for lesson in COURSE.lessons if lesson.startswith(number)]
    return lesson


# --- metadata ---


@pytest.mark.parametrize("lesson", SAMPLE)
def test_an_exercise_is_a_solution_and_its_check_a_locked_test_with_points(lesson):
    notebook = class_notebook(COURSE, lesson)
    nbformat.validate(notebook)
    marks = {cell.id: cell.metadata.nbgrader for cell in notebook.cells if "nbgrader" in cell.metadata}
    setup, *others = marks
    assert setup == "setup"
    assert {role.split("-")[0] for role in others} == {"exercise", "check"}
    for name, mark in marks.items():
        assert re.fullmatch("[a-zA-Z0-9_-]+", mark["grade_id"])
        assert (mark["grade_id"], mark["schema_version"], mark["cell_type"], mark["task"]) == (name, 3, "code", False)
        is_exercise, is_check = name.startswith("exercise-"), name.startswith("check-")
        assert (mark["solution"], mark["grade"], mark["locked"]) == (is_exercise, is_check, not is_exercise)
        assert ("points" in mark) == is_check
    assert [each["points"] for name, each in marks.items() if name.startswith("check-")] == points_of(COURSE, lesson)


def test_an_exercise_is_worth_its_minutes():
    assert points_of(COURSE, SAMPLE[0]) == [8, 8, 4, 8, 4, 4]
    assert 10 in points_of(COURSE, lesson_number("17"))  # a thing to build


def test_the_rest_of_a_lesson_is_that_of_the_learners():
    lesson = SAMPLE[0]
    ours, theirs = class_notebook(COURSE, lesson), make_notebook(COURSE, lesson)
    assert [cell.id for cell in ours.cells] == [cell.id for cell in theirs.cells]
    code = [(one.source, other.source) for one, other in zip(ours.cells, theirs.cells, strict=True)
            if one.cell_type == "code" and not one.id.startswith("exercise-")]  # fmt: skip
    assert all(one == other for one, other in code)
    assert "graded" in ours.cells[0].source
    assert all(not cell.get("outputs") for cell in ours.cells)


def test_links_to_other_lessons_lead_into_their_folders():
    texts = "\n".join(cell.source for cell in class_notebook(COURSE, SAMPLE[0]).cells if cell.cell_type == "markdown")
    links = re.findall(r"\]\(([^)]*\.ipynb)\)", texts)
    assert links
    for link in links:
        assert re.fullmatch(r"\.\./(\d\d_\w+)/\1\.ipynb", link), link


def test_an_exercise_without_its_check_is_refused():
    notebook = class_notebook(COURSE, SAMPLE[0])
    cells = [cell for cell in notebook.cells if cell.id != "check-1-2"]
    with pytest.raises(LessonError, match="one check below each exercise, came exercise-1-1, check-1-1, exercise-1-2"):
        class_notebooks.refuse_lone_cells(SAMPLE[0], types.SimpleNamespace(cells=cells), [])
    with pytest.raises(LessonError, match="one check below each exercise"):
        class_notebooks.refuse_lone_cells(SAMPLE[0], notebook, [4])


# --- settings ---


def test_students_get_the_holes_of_the_lesson_in_every_exercise(settings):
    hand_out, number = settings.HandOutHoles(), 0
    for lesson in COURSE.lessons:
        for written in read_source(COURSE.source(lesson)).cells:
            if "exercise" in tags_of(written):
                cell = nbformat.v4.new_code_cell(
                    with_regions(written.source), metadata={"nbgrader": {"solution": True}}
                )
                kept = re.sub(r"[ \t]*### INSTEAD\n(?:[ \t]*#.*\n)*(?=[ \t]*### END)", "", cell.source)
                kept = re.sub(r"[ \t]*### (?:BEGIN|END) SOLUTION(?:\n|$)", "", kept).rstrip()
                assert kept == without_markers(written.source).rstrip()  # the instructor edition runs
                assert hand_out.preprocess_cell(cell, {}, 0)[0].source == with_holes(written.source)
                number += 1
    assert number > 100


def test_a_solution_without_what_to_hand_out_gets_the_stub_of_nbgrader(settings):
    cell = nbformat.v4.new_code_cell("### BEGIN SOLUTION\nx = 3\n### END SOLUTION")
    cell.metadata.nbgrader = {"solution": True}
    assert settings.HandOutHoles().preprocess_cell(cell, {}, 0)[0].source.startswith("nbgrader's own: ### BEGIN")
    two = with_regions("# BEGIN SOLUTION\nx = 3\n# END SOLUTION") + "\n### BEGIN SOLUTION\ny = 4\n### END SOLUTION"
    cell = nbformat.v4.new_code_cell(two, metadata={"nbgrader": {"solution": True}})
    handed_out = settings.HandOutHoles().preprocess_cell(cell, {}, 0)[0].source
    assert handed_out.startswith("nbgrader's own: x = ...  # your turn\n### BEGIN SOLUTION\ny")


def test_a_right_answer_that_warns_keeps_its_points(settings):
    outputs = [nbformat.v4.new_output("stream", name="stderr", text="a warning")]
    graded = nbformat.v4.new_code_cell("check()", outputs=outputs, metadata={"nbgrader": {"grade": True}})
    other = nbformat.v4.new_code_cell("x", outputs=outputs)
    calm = settings.WarningsAreNoErrors()
    assert calm.preprocess_cell(other, {}, 0)[0].outputs[0].name == "stderr"
    assert calm.preprocess_cell(graded, {}, 0)[0].outputs[0].name == "stdout"


def test_the_settings_change_one_preprocessor_add_one_and_limit_the_time(settings):
    before, clear, execute, after = settings.default
    assert settings.c.GenerateAssignment.preprocessors == [before, settings.HandOutHoles, execute, after]
    assert settings.c.Autograde.autograde_preprocessors == [
        before, clear, execute, settings.WarningsAreNoErrors, after
    ]  # fmt: skip
    assert 60 <= settings.c.Execute.timeout <= 300
    assert settings.c.Execute.kernel_name == "generative-models-grading"


def test_nbgrader_finds_its_own_programs(settings):
    assert settings.os.environ["PATH"].split(settings.os.pathsep) == [str(Path(sys.executable).parent), "/somewhere"]
