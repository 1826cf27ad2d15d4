"""The headings of a lesson's page, so that a table can link to the section in which something is said first."""

import re
from dataclasses import dataclass

from tools.editions.lesson_names import lesson_called, numbered
from tools.editions.lesson_sources import read_source

HEADING = re.compile(r"(#{1,6}) (.+?)\s*#*")
DEEPEST = 4  # `myst_heading_anchors` of sphinx/conf.py
FORMULA = re.compile(r"(?<![\\$])\$(?!\$)[^$\n]+\$(?!\d)")
LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it, up to the next one; `anchor` is empty where the page has none for it."""

    heading: str
    anchor: str
    text: str


def sections_of(course, name):
    """The sections of a lesson, in their order: list of `Section`; the first is its title with what stands below.

    Args:
        course: The `Course`.
        name: The lesson's name.
    """
    lesson = lesson_called(course, name)
    cells = [cell.source for cell in read_source(course.source(lesson)).cells if cell.cell_type == "markdown"]
    sections, taken, fenced = [], [], False
    for line in numbered(course, lesson, "\n\n".join(cells)).splitlines():
        fenced ^= line.lstrip().startswith("```")
        found = None if fenced else HEADING.fullmatch(line)
        if found:
            anchor = ""
            if len(found[1]) <= DEEPEST:
                anchor = unique(slug(found[2]), taken)
                taken.append(anchor)
            sections.append((found[2], anchor, []))
        elif sections:
            sections[-1][2].append(line)
    if sections:
        sections[0] = (sections[0][0], "", sections[0][2])  # the page's title has a number before it; a page has a top
    return [Section(heading, anchor, "\n".join(lines)) for heading, anchor, lines in sections]


def slug(heading):
    """The name of a heading's place, as MyST makes it: of its words and code, without its formulas.

    Example:
        >>> slug("Two Gaussians: no integral left"), slug("The rate $R$, by `vae.rate`")
        ('two-gaussians-no-integral-left', 'the-rate--by-vaerate')
    """
    words = re.sub(r"[*`]", "", LINK.sub(r"\1", FORMULA.sub("", heading)))
    return re.sub(r"[^\w\u4e00-\u9fff\- ]", "", words.lower().replace(" ", "-"))


def unique(anchor, taken):
    """An anchor, numbered where the page has it before, as MyST does.

    Example:
        >>> unique("summary", ["summary", "summary-1"]), unique("aims", ["summary"])
        ('summary-2', 'aims')
    """
    names = [anchor, *(f"{anchor}-{number}" for number in range(1, len(taken) + 1))]
    return next(name for name in names if name not in taken)
