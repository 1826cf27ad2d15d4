"""The solutions that `solution` shows are those of the solved lessons, which the tests run."""

import itertools
import json
import re
from pathlib import Path

import pytest

from course_lib.exercises import contents, solutions
from tools.editions.build_notebooks import find_course, make_notebook
from tools.editions.lesson_files import stale_files, written_files
from tools.editions.lesson_names import name_of

COURSE = find_course(Path(__file__).resolve().parents[3])


@pytest.mark.parametrize("lesson", COURSE.lessons)
def test_each_solution_is_the_cell_above_its_check_in_the_solved_lesson(lesson):
    cells = make_notebook(COURSE, lesson, solved=True).cells
    solved = {}
    for above, cell in itertools.pairwise(cells):
        if cell.cell_type == "code" and "exercise" in above.metadata.get("tags", []):
            for own in re.findall(r"\bcheck\(\s*\"[\d.]+\",\s*exercises\.([A-Z]\w*)", cell.source):
                solved[own] = above.source
    assert set(solved) == set(contents.EXERCISES[name_of(lesson)])
    for own, code in solved.items():
        assert solutions.solution_of(f"{name_of(lesson)}.{own}") == code
        assert "your turn" not in code
        assert "SOLUTION" not in code


def test_the_stored_solutions_are_renewed_with_the_other_files_of_the_builder():
    written = written_files(COURSE)
    [path] = [path for path in written if path.name == "solutions.json"]
    assert path == Path(solutions.__file__).with_name("solutions.json")
    assert not [problem for problem in stale_files(COURSE) if "solutions.json" in problem]
    assert json.loads(path.read_text("utf-8")) == json.loads(written[path])
