"""Where the lessons are, and how a source is read."""

import copy
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import jupytext


class LessonError(Exception):
    """What is wrong with a lesson, one sentence per problem."""

    def __init__(self, *problems):
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Course:
    """Where the lessons are, and the address from which a notebook can install the library."""

    root: Path
    address: str | None
    version: str

    @property
    def notebooks(self):
        return self.root / "notebooks"

    @property
    def lessons(self):
        return sorted(path.stem for path in (self.notebooks / "source").glob("*.py"))

    def source(self, lesson):
        return self.notebooks / "source" / f"{lesson}.py"

    def notebook(self, lesson):
        return self.notebooks / f"{lesson}.ipynb"


FOR_THE_LECTURER = ("slide", "notes")  # tags of cells that no notebook has


def read_source(path):
    """The cells of a percent script that make the notebook, comments left as they are."""
    source = read_cells(path)
    source.cells = [cell for cell in source.cells if not is_for_the_lecturer(cell)]
    return source


def read_slides(path):
    """The cells of a percent script that make its slides and the speaker's notes."""
    return [cell for cell in read_cells(path).cells if is_for_the_lecturer(cell)]


def read_cells(path):
    return copy.deepcopy(cells_of(path.read_text("utf-8")))


@lru_cache(maxsize=128)
def cells_of(text):
    """The cells of a text: who reads the same text again, as each page of the builder does, need not parse it again."""
    form = {"extension": ".py", "format_name": "percent", "comment_magics": False}
    return jupytext.reads(text, fmt=form)


def is_for_the_lecturer(cell):
    return any(tag in FOR_THE_LECTURER for tag in tags_of(cell))


def title_of(course, lesson):
    """A lesson's title, without its number."""
    found = re.search(r"^# # (.+)$", course.source(lesson).read_text("utf-8"), re.MULTILINE)
    return found[1].strip() if found else lesson


def tags_of(cell):
    return list(cell.metadata.get("tags", []))
