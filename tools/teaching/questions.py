"""The questions of a lesson, which are in no learner's edition: `docs/teaching/NAME.md`, found by the lesson's name.

A page has two parts, and each question its own heading:

    # The ELBO

    ## For discussion

    ### Why is the first direction the one we can compute?

    *Listen for:* …

    ## For the exam

    ### What two entries cost

    The question. *Solution.* The answer, its numbers **bold**.

    ```python
    >>> print(round(0.5 * 0.25, 3))
    0.125

    ```

Three questions for discussion and two for the exam. Each bold number of a solution is printed by the block below it,
and a test runs the blocks: so no answer can be wrong by a slip of the pen.
"""

import re
from dataclasses import dataclass

from tools.editions.lesson_names import name_of
from tools.editions.lesson_sources import LessonError

FOLDER = "docs/teaching"
DISCUSSION, EXAM = "For discussion", "For the exam"
HOW_MANY = {DISCUSSION: 3, EXAM: 2}
ANSWER_BEGINS = {DISCUSSION: "*Listen for:*", EXAM: "*Solution.*"}
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
NUMBER = r"\d+(?:\.\d+)?"


@dataclass(frozen=True)
class Question:
    """A question, what is told about its answer, and the block that computes its numbers."""

    title: str
    text: str
    answer: str
    code: str

    @property
    def stated(self):
        """The bold numbers of the answer."""
        bold = re.findall(r"\*\*([^*]+)\*\*", self.answer)
        return [number for words in bold for number in re.findall(NUMBER, words.replace(",", ""))]

    @property
    def printed(self):
        """The numbers that the block says it prints."""
        lines = [line for line in self.code.splitlines() if not line.startswith((">>>", "..."))]
        return re.findall(NUMBER, re.sub(r"(?<=\d),(?=\d{3})", "", "\n".join(lines)))


def questions_of(course, lesson):
    """The questions of a lesson: dict from the parts of a page to lists of `Question`.

    Raises:
        LessonError: A page is missing, or cannot be understood.
    """
    page = read_page(course.root / FOLDER / f"{name_of(lesson)}.md", course.root)
    return {part: page[part] for part in HOW_MANY}


def read_page(path, root):
    """The questions of one page."""
    where = path.relative_to(root).as_posix()
    if not path.exists():
        raise LessonError(
            f"{where} is missing: the questions of lesson `{path.stem}`, 3 for discussion and 2 for an exam"
        )
    text = re.sub(r"^# .*\n", "", path.read_text("utf-8"))
    parts = dict(sections(text, "##"))
    if set(parts) != set(HOW_MANY):
        raise LessonError(f"{where} has the parts {sorted(parts)}; it needs {' and '.join(HOW_MANY)}")
    page, problems = {}, []
    for part, body in parts.items():
        asked = sections(body, "###")
        page[part] = [question(title, words, ANSWER_BEGINS[part]) for title, words in asked]
        if len(asked) != HOW_MANY[part]:
            problems.append(f"{where}: {len(asked)} questions {part.lower()}, {HOW_MANY[part]} are wanted")
        problems += [f"{where}: {each}" for one in page[part] for each in problems_of(one, part)]
    if problems:
        raise LessonError(*problems)
    return page


def sections(text, marks):
    """The sections of a text: pairs of heading and what stands below it."""
    _, *found = re.split(rf"^{marks} (.+)$", text, flags=re.MULTILINE)
    return list(zip(found[::2], found[1::2], strict=True))


def question(title, words, begins):
    """A question from the text below its heading."""
    code = "\n".join(BLOCK.findall(words))
    text, _, answer = BLOCK.sub("", words).partition(begins)
    return Question(title.strip(), text.strip(), answer.strip(), code)


def problems_of(one, part):
    """What is wrong with a question, as sentences."""
    if not one.answer:
        return [f"`{one.title}` has no answer: it begins with {ANSWER_BEGINS[part]}"]
    missing = [number for number in one.stated if number not in one.printed] if part == EXAM else []
    return [
        f"`{one.title}` states {number}, which the block below it does not print: compute it there"
        for number in missing
    ]
