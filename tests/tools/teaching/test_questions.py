"""Questions for discussion and exams: three and two a lesson, and no number that nobody computed."""

import doctest
from pathlib import Path

import pytest

from tools.editions.lesson_cells import find_course
from tools.editions.lesson_names import name_of
from tools.editions.lesson_sources import LessonError
from tools.teaching import questions

ROOT = Path(__file__).resolve().parents[3]
COURSE = find_course(ROOT)
FOLDER = ROOT / questions.FOLDER
PAGES = sorted(FOLDER.glob("*.md"))
PAGE = """\
# A lesson

## For discussion

### One?

*Listen for:* one.

### Two?

*Listen for:* two.

### Three?

Think of $x$.

*Listen for:* three.

## For the exam

### Four

Compute. *Solution.* It is **0.25** and **1,200**.

```python
>>> print(0.5**2, "1,200")
0.25 1,200
```

### Five

Explain. *Solution.* Because.
"""


@pytest.mark.parametrize("lesson", COURSE.lessons)
def test_each_lesson_has_its_questions(lesson):
    found = questions.questions_of(COURSE, lesson)
    assert [len(found[part]) for part in (questions.DISCUSSION, questions.EXAM)] == [3, 2]


def test_each_page_belongs_to_a_lesson():
    names = {name_of(lesson) for lesson in COURSE.lessons}
    assert {path.stem for path in PAGES} <= names, "a page without a lesson: rename or delete it"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_numbers_of_the_answers_are_computed(path):
    page = questions.read_page(path, ROOT)
    blocks = [each.code for each in page[questions.EXAM] if each.code]
    assert blocks, "at least one exam question of a lesson has a number"
    for number, block in enumerate(blocks):
        test = doctest.DocTestParser().get_doctest(block, {}, f"{path.stem}, block {number}", path.name, 0)
        said = []
        failed = doctest.DocTestRunner().run(test, out=said.append).failed
        assert test.examples, "a block holds examples, `>>> …`"
        assert not failed, "".join(said)


def test_a_page_is_read(tmp_path):
    page = written(tmp_path, PAGE)
    assert [each.title for each in page[questions.DISCUSSION]] == ["One?", "Two?", "Three?"]
    assert page[questions.DISCUSSION][2].text == "Think of $x$."
    four = page[questions.EXAM][0]
    assert (four.answer, four.stated, four.printed) == (
        "It is **0.25** and **1,200**.",
        ["0.25", "1200"],
        ["0.25", "1200"],
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("**0.25**", "**0.26**", "states 0.26"),
        ("**1,200**", "**1,300**", "states 1300"),
        ("### Two?", "Two?", "2 questions for discussion, 3 are wanted"),
        ("### Five", "Five", "1 questions for the exam, 2 are wanted"),
        ("*Listen for:* two.", "Two.", "`Two?` has no answer"),
        ("*Solution.* Because.", "Because.", "`Five` has no answer"),
        ("## For the exam", "## Exam", "needs For discussion and For the exam"),
    ],
    ids=["number", "thousands", "discussion", "exam", "listen", "solution", "heading"],
)
def test_what_is_wrong_with_a_page_is_said(tmp_path, old, new, said):
    assert PAGE.count(old) == 1
    with pytest.raises(LessonError, match=said.replace("?", r"\?")):
        written(tmp_path, PAGE.replace(old, new))


def test_a_lesson_without_a_page_is_named(tmp_path):
    with pytest.raises(LessonError, match=r"docs/teaching/new_lesson.md is missing"):
        questions.read_page(tmp_path / "docs" / "teaching" / "new_lesson.md", tmp_path)


def written(folder, text):
    path = folder / "page.md"
    path.write_text(text, "utf-8")
    return questions.read_page(path, folder)
