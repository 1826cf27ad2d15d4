"""The course's words: a page of `docs/glossary.txt`, each word linked to where its lesson speaks of it first."""

import re

from tools.editions.lesson_names import lesson_called, number_of
from tools.editions.lesson_sources import LessonError, read_source

ROW = re.compile(r"(.+?) \[(\w+)(?:, ([^\]]+))?\]: (.+)")


def terms_in(text):
    """The rows of a glossary: list of a word, a lesson's name, the words to look for there, and the meaning.

    Raises:
        LessonError: A row cannot be read, or a word has two.
    """
    rows = [ROW.fullmatch(line) or line for line in text.partition("\n---\n")[2].splitlines() if line.strip()]
    wrong = [row for row in rows if isinstance(row, str)]
    terms = [(row[1], row[2], row[3] or row[1], row[4]) for row in rows if not isinstance(row, str)]
    words = [term[0].lower() for term in terms]
    wrong += sorted({f"{word}, twice" for word in words if words.count(word) > 1})
    if wrong:
        raise LessonError(*(f"docs/glossary.txt: cannot read `{each}`" for each in wrong))
    return sorted(terms, key=lambda term: term[0].lower())


def place_of(course, word, name):
    """The heading below which a lesson first has a word, in bold if it has it so anywhere; None where it has it not."""
    cells = [
        each.source
        for each in read_source(course.source(lesson_called(course, name))).cells
        if each.cell_type == "markdown"
    ]
    spoken = re.escape(word).replace(r"\ ", r"[\s-]+")
    for form in (rf"\*\*[^*]*{spoken}[^*]*\*\*", rf"(?<!\w){spoken}"):
        heading = ""
        for line in "\n".join(cells[1:]).splitlines():
            found = re.match(r"#{2,4} (.+)", line)
            heading = found[1].strip() if found else heading
            if re.search(form, line, re.IGNORECASE):
                return heading
    return "" if re.search(spoken, cells[0], re.IGNORECASE) else None


def anchor(heading):
    """The place of a heading on its page, as Sphinx names it; none for a heading with a formula or code.

    Example:
        >>> anchor("Two Gaussians: no integral left")
        '#two-gaussians-no-integral-left'
    """
    if not heading or re.search(r"[$`*\[<{]", heading):
        return ""
    return "#" + re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def page(course):
    """The page of the words: Markdown."""
    terms = terms_in((course.root / "docs" / "glossary.txt").read_text("utf-8"))
    entries = []
    for word, name, spoken, meaning in terms:
        lesson, heading = lesson_called(course, name), place_of(course, spoken, name)
        where = f"[lesson {number_of(lesson)}](/lessons/{name}.md{anchor(heading)})"
        entries.append(f"**{word}**\n: {meaning} *See* {where}.")
    return "# Glossary\n\nThe course's words, each with the lesson that defines it.\n\n" + "\n\n".join(entries) + "\n"
