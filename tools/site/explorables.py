"""The place of the explorables: pages of plain HTML and JavaScript that one can touch without Python.

`docs/explorables/NAME/` holds an `index.html` that needs no network and an `about.json` with `lesson` (its name),
`section` (one of the lesson's headings), `title` and `height` (in pixels). The folder is copied, its page with a link
to the lesson, and shown in a frame below that heading of the lesson's page; one more page lists them all.
"""

import html
import json
import re
from dataclasses import dataclass

from tools.editions.lesson_names import lesson_called, name_of, number_of
from tools.editions.lesson_sources import LessonError, title_of


@dataclass(frozen=True)
class Explorable:
    """One of them: its folder's name, and where and how it is shown."""

    name: str
    lesson: str
    section: str
    title: str
    height: int = 480


def found(course):
    """The explorables of the course.

    Raises:
        LessonError: One lacks its page, says not where it belongs, or names a lesson that nobody has.
    """
    answer = []
    for about in sorted((course.root / "docs" / "explorables").glob("*/about.json")):
        try:
            each = Explorable(about.parent.name, **json.loads(about.read_text("utf-8")))
        except (TypeError, ValueError) as error:
            raise LessonError(f"docs/explorables/{about.parent.name}/about.json: {error}") from None
        if not (about.parent / "index.html").exists():
            raise LessonError(f"docs/explorables/{each.name} has no index.html")
        lesson_called(course, each.lesson)
        answer.append(each)
    return answer


def files(course, explorables):
    """What is copied: dict from a path below `explorables/` to its bytes. A page by itself says where it comes from."""
    folder = course.root / "docs" / "explorables"
    paths = [path for each in explorables for path in (folder / each.name).rglob("*") if path.is_file()]
    shared = [path for path in folder.glob("*") if path.is_file()]  # scripts and styles that several of them use
    copied = {path.relative_to(folder).as_posix(): path.read_bytes() for path in [*paths, *shared]}
    for each in explorables:
        title = html.escape(title_of(course, lesson_called(course, each.lesson)))
        home = (
            f'<p class="home"><a href="../../lessons/{each.lesson}.html">From the lesson <cite>{title}</cite></a></p>'
        )
        place = f"{each.name}/index.html"
        copied[place] = copied[place].replace(b"</main>", f"{home}\n</main>".encode(), 1)
    return copied


def page(course):
    """The page that lists them: Markdown."""
    rows = [
        f'* <a href="../explorables/{each.name}/index.html">{html.escape(each.title)}</a>, '
        f"in [{number_of(lesson)} {title_of(course, lesson).partition(':')[0]}](/lessons/{name_of(lesson)}.md)"
        for each in found(course)
        for lesson in [lesson_called(course, each.lesson)]
    ]
    rows.sort(key=lambda row: row.partition("[")[2])
    head = (
        "# Explorables: pages to touch\n\n"
        "Small pages that compute while you move something, with the mouse or with the keys; they need neither "
        "Python nor a network. Each stands in a lesson, too, below what it is about."
    )
    return f"{head}\n\n" + "\n".join(rows) + "\n"


def embedded(text, lesson, explorables):
    """A lesson's page with its explorables, each below its heading.

    Raises:
        LessonError: The page has no such heading.
    """
    for each in explorables:
        if each.lesson != lesson:
            continue
        heading = re.search(rf"^#+ {re.escape(each.section)}\s*$", text, re.MULTILINE)
        if not heading:
            raise LessonError(f"docs/explorables/{each.name}: `{lesson}` has no heading `{each.section}`")
        place, title = f"../explorables/{each.name}/index.html", html.escape(each.title)
        frame = (
            f'<figure class="explorable"><iframe src="{place}" title="{title}" height="{each.height}" loading="lazy">'
            f'</iframe><figcaption><a href="{place}">{title}</a> (to touch, without Python)</figcaption></figure>'
        )
        text = f"{text[: heading.end()]}\n\n{frame}\n{text[heading.end() :]}"
    return text
