"""The table of docs/systems.md: 171 rows, and every lesson, heading, proof, exercise, name and file that they name."""

import functools
import importlib
import re
from collections import Counter
from pathlib import Path

import pytest

from tools.editions import lesson_files, systems
from tools.editions.lesson_cells import find_course
from tools.editions.lesson_names import name_of
from tools.editions.lesson_sources import Course, LessonError

ROOT = Path(__file__).resolve().parents[3]
COURSE = find_course(ROOT)
PAGE = (ROOT / "docs" / "systems.md").read_text("utf-8")
IN_EACH_ARTICLE = {"S0": 33, "S1": 37, "S2": 41, "S3": 23, "S4": 37}
STILL_TO_COME = {  # rows that nothing holds yet
    *("S0.22", "S0.23"),  # a book and a course of videos: no systems, the lessons have references of their own
}
SMALL = {
    "docs/systems.md": "# A page\n\n<!-- the systems -->\n<!-- end of the systems -->\n",
    "docs/systems.txt": "A word before.\n\n# Kinds\nS0.1: a start\n    in start: How?\n    by proof, tests/x.py\n"
    "S0.2: another\n    as S0.1\n    but less\nS0.3: a talk\n    told start: Why?\n"
    "S0.4: speech\n    in speed_and_scale: And?\n",
    "notebooks/source/00_start.py": "# %% [markdown]\n# # Start: why?\n#\n# ## Why?\n\n# %%\n1\n\n# %% [markdown]\n"
    '# ## How?\n#\n# ### So\n\n# %% tags=["proof"]\nassert True\n',
    "tests/x.py": "",
}


@functools.cache
def rows():
    return systems.systems_of(COURSE)


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.setattr(systems, "COMING", {"speed_and_scale": "Speed and scale"})
    for name, text in SMALL.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return Course(tmp_path, None, "0.1")


# --- the table of this course ------------------------------------------------------------------------------------


def test_the_page_is_what_its_source_says():
    assert systems.with_systems(COURSE, PAGE) == PAGE, (
        "build any lesson with --no-execute: the builder writes the tables"
    )


def test_every_system_of_every_article_has_one_row():
    wanted = [f"{article}.{number}" for article, count in IN_EACH_ARTICLE.items() for number in range(1, count + 1)]
    written = re.findall(r"^\| (S\d\.\d+) \|", PAGE, re.MULTILINE)
    assert len(wanted) == 171
    assert sorted(written) == sorted(wanted)


def test_headings_proofs_exercises_and_test_files_are_there():
    assert systems.problems_of(COURSE, rows()) == []


def test_every_name_of_the_library_resolves():
    named = {name for row in rows() for place in row.places for name in place.by if is_of_the_library(name)}
    assert len(named) > 50
    assert [name for name in sorted(named) if not resolves(name)] == []


def test_every_row_is_held_by_something_but_those_that_are_still_to_come():
    assert {row.id for row in rows() if not row.is_held} == STILL_TO_COME
    assert all(row.places for row in rows()), "a row that nothing holds must say so, too"


def test_no_lesson_that_is_there_is_said_to_come():
    there = set(systems.COMING) & set(map(name_of, COURSE.lessons))
    assert there == set(), "take these from COMING in tools/editions/systems.py: their rows are checked now"


def is_of_the_library(name):
    return name != "proof" and "/" not in name and not systems.is_exercise(name)


def resolves(name):
    module, _, attribute = name.rpartition(".")
    try:
        return hasattr(importlib.import_module(f"course_lib.{module}"), attribute)
    except ModuleNotFoundError:
        return False


def test_a_name_that_the_library_lacks_does_not_resolve():
    assert resolves("models.VAE")
    assert not resolves("models.Vae")
    assert not resolves("model.VAE")


# --- how the builder writes and checks one -----------------------------------------------------------------------


def test_the_builder_writes_the_page(small):
    lesson_files.renew_files(small)
    page = (small.root / "docs" / "systems.md").read_text("utf-8")
    link = "[00 Start](../notebooks/00_start.ipynb)"
    assert f"| S0.1 | a start | {link}: *How?* | proof, [x.py](../tests/x.py) |" in page
    assert f"| S0.2 | another | {link}: *How?*<br>(but less) | proof, [x.py](../tests/x.py) |" in page
    assert f"| S0.3 | a talk | mentioned in {link}: *Why?*; not built | – |" in page
    assert "| S0.4 | speech | to come: Speed and scale, *And?* | – |" in page
    assert "Of 4 rows **2** work here today, **0** wait" in page
    assert lesson_files.stale_files(small) == []
    lesson_files.renew_files(small)
    assert (small.root / "docs" / "systems.md").read_text("utf-8") == page, "a second time must change nothing"


def test_a_lesson_that_has_come_is_linked_and_checked(small):
    (small.root / "notebooks" / "source" / "01_speed_and_scale.py").write_text(
        "# %% [markdown]\n# # Speed and scale: what?\n", "utf-8"
    )
    assert "[01 Speed and scale](../notebooks/01_speed_and_scale.ipynb): *And?*" in systems.tables_of(
        small, systems.systems_of(small)
    )
    assert problems(small, "") == ["docs/systems.txt, S0.4: `speed_and_scale` has no heading `And?`"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("in start: When?", "S0.5: `start` has no heading `When?`"),
        ("in start: Why?\n    by proof", "S0.5: no proof cell of `start` stands under `Why?`"),
        ("in start: How?\n    by TWO_DRAWS", "S0.5: `start` checks no exercise `TWO_DRAWS`"),
        ("in start: How?\n    by tests/y.py", "S0.5: no file `tests/y.py`"),
    ],
    ids=["heading", "proof", "exercise", "file"],
)
def test_what_a_row_names_and_is_not_there_is_said(small, line, said):
    assert problems(small, f"S0.5: a fifth\n    {line}\n") == [f"docs/systems.txt, {said}"]


def test_the_builder_says_so_too(small):
    lesson_files.renew_files(small)
    lesson = small.source("00_start")
    lesson.write_text(lesson.read_text("utf-8").replace("## How?", "## How so?"), "utf-8")
    told = Counter(each for each in lesson_files.stale_files(small) if "docs/systems.txt" in each)
    assert told == {f"docs/systems.txt, S0.{number}: `start` has no heading `How?`": 1 for number in (1, 2)}


def problems(course, more):
    return systems.problems_of(course, systems.systems_in(SMALL["docs/systems.txt"] + more))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("S0.1: again\n", "line 14: S0.1 has a row already"),
        ("S0.5: a fifth\n    as S0.6\n", "line 15: nothing above fits `as S0.6`"),
        ("S0.5: a fifth\n    by proof\n", "line 15: nothing above fits `by proof`"),
        ("S0.5 without a colon\n", "line 14: cannot read `S0.5 without a colon`"),
    ],
    ids=["twice", "as", "by", "unreadable"],
)
def test_what_cannot_be_read_is_said(more, said):
    with pytest.raises(LessonError, match=re.escape(said)):
        systems.systems_in(SMALL["docs/systems.txt"] + more)


def test_an_unknown_lesson_is_said(small):
    (small.root / "docs" / "systems.txt").write_text("# Kinds\nS0.1: a start\n    in nowhere: How?\n", "utf-8")
    with pytest.raises(LessonError, match="no lesson is called `nowhere`"):
        lesson_files.renew_files(small)


def test_rows_that_share_their_places_do_not_share_what_holds_them():
    first, second = systems.systems_in("# Kinds\nS0.1: a\n    in start: How?\nS0.2: b\n    as S0.1\n    by proof\n")
    assert (first.is_held, second.is_held) == (False, True)
