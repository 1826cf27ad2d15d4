"""What the lessons cite, from the paragraphs **References** at their ends: each work once, with its lessons."""

import re

from tools.editions.lesson_names import name_of, number_of, numbered
from tools.editions.lesson_sources import read_source

PARAGRAPH = re.compile(r"\*\*References\.?\*\*\s+(.+?)(?=\n\s*\n|\Z)", re.DOTALL)
ARXIV = re.compile(r"\[arXiv:([^\]]+)\]")


def works_of(course):
    """The works that the lessons cite.

    Returns:
        List of pairs of a work, in Markdown, and the lessons that cite it; in the order of authors and years.
    """
    works = {}
    for lesson in course.lessons:
        cells = [cell.source for cell in read_source(course.source(lesson)).cells if cell.cell_type == "markdown"]
        for work in works_in(numbered(course, lesson, "\n\n".join(cells))):
            known = next((works[key] for key in keys_of(work) if key in works), [work, []])
            works |= dict.fromkeys(keys_of(work), known)
            known[0] = max(known[0], work, key=how_good)
            known[1] += [lesson] if lesson not in known[1] else []
    once = {id(known): known for known in works.values()}
    return sorted(once.values(), key=lambda known: order(known[0]))


def works_in(text):
    """The works in the references of a text, one string each.

    Example:
        >>> works_in("**References.** Ng (2011), *Sparse coding*. ·\\nPearson (1901), *On lines*. More: Oja (1982).")
        ['Ng (2011), *Sparse coding*', 'Pearson (1901), *On lines*', 'Oja (1982)']
    """
    return [
        re.sub(r"^[^(:]*: (?=[A-Z])", "", " ".join(work.split()).rstrip("."))  # "The model: Kingma …"
        for paragraph in PARAGRAPH.findall(text)
        for work in re.split(r"\s+·\s+|(?<=[^.\s]{2})\.\s+(?=[^\s:(*][^:(.*]{0,40}:\s[A-Z])", paragraph)
        if re.search(r"\(\d{4}\)", work)
    ]


def keys_of(work):
    """What two mentions of a work have in common: its number at arXiv, or its title; else its first author and year."""
    number, title = ARXIV.search(work), re.search(r"\*([^*]+)\*", work)
    keys = [number[1]] if number else []
    keys += [re.sub(r"\W+", " ", title[1]).strip().lower()] if title else []
    return keys or [re.sub(r"(\w+).*?\((\d{4})\).*", r"\1 \2", work)]


def how_good(work):
    """Of two mentions of a work the better one has a title and a link, names no other work, and says more."""
    return ("*" in work, "](" in work, -len(re.findall(r"\(\d{4}\)", work)), len(work))


def order(work):
    year = re.search(r"\((\d{4})\)", work)
    return (re.sub(r"\W+", " ", work.partition("(")[0]).strip().lower(), year[1] if year else "")


def page(course):
    """The page of the works: Markdown."""
    rows = []
    for work, lessons in works_of(course):
        links = ", ".join(f"[{number_of(lesson)}](/lessons/{name_of(lesson)}.md)" for lesson in lessons)
        rows.append(f"* {work}. *Cited in* {links}")
    head = "# Bibliography\n\nWhat the lessons cite, by author, with the lessons that cite it."
    return f"{head}\n\n" + "\n".join(rows) + "\n"
