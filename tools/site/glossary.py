"""The course's words: a page of `docs/glossary.txt`, each word linked to where its lesson speaks of it first."""

import re

from tools.editions.lesson_names import lesson_called, number_of
from tools.editions.lesson_sources import LessonError
from tools.site.places import sections_of

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


def section_of(word, sections):
    """The section that first has a word, in bold if any has it so; the title's comes last. None where none has it.

    Args:
        word: The word as the lesson has it.
        sections: The sections of the lesson, list of `Section`.
    """
    spoken = re.escape(word).replace(r"\ ", r"[\s-]+")
    bold, plain = (
        re.compile(rf"\*\*[^*]*{spoken}[^*]*\*\*", re.IGNORECASE),
        re.compile(rf"(?<!\w){spoken}", re.IGNORECASE),
    )
    for form, places in (
        (bold, sections[1:]),
        (plain, sections[1:]),
        (re.compile(spoken, re.IGNORECASE), sections[:1]),
    ):
        for section in places:
            if any(form.search(line) for line in (section.heading, *section.text.splitlines())):
                return section
    return None


def page(course):
    """The page of the words: Markdown."""
    terms = terms_in((course.root / "docs" / "glossary.txt").read_text("utf-8"))
    entries = []
    for word, name, spoken, meaning in terms:
        section = section_of(spoken, sections_of(course, name))
        anchor = f"#{section.anchor}" if section and section.anchor else ""
        where = f"[lesson {number_of(lesson_called(course, name))}](/lessons/{name}.md{anchor})"
        entries.append(f"**{word}**\n: {meaning} *See* {where}.")
    return "# Glossary\n\nThe course's words, each with the lesson that defines it.\n\n" + "\n\n".join(entries) + "\n"
