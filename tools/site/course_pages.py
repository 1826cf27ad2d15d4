"""The other pages of the site: contents with minutes, and the course's own documents with links that lead somewhere."""

import posixpath
import re
from pathlib import Path

import yaml

from tools.editions.lesson_names import name_of, number_of
from tools.editions.lesson_sources import LessonError, read_source, title_of
from tools.editions.lesson_times import times_of
from tools.site.lesson_pages import page_of, picture

# A file of the repository → the page that it becomes. A page of docs/ that is not named here stands in `about`.
PAGES = {
    "docs/teaching.md": "teaching/index",
    "docs/slides.md": "teaching/slides",
    "docs/hub.md": "teaching/hub",
    "docs/systems.md": "look_up/systems",
    "docs/silent_mistakes.md": "look_up/silent_mistakes",
    "data/README.md": "look_up/data",
    "data/glyphs.md": "look_up/data_glyphs",
    "data/faces.md": "look_up/data_faces",
    "data/prose.md": "look_up/data_prose",
    "data/letter_features.md": "look_up/data_letter_features",
    "docs/times.md": "measured/times",
    "benchmarks/RESULTS.md": "measured/results",
    "benchmarks/PROFILES.md": "measured/profiles",
    "benchmarks/MODES.md": "measured/modes",
    "benchmarks/HEAD_TO_HEAD.md": "measured/head_to_head",
    "benchmarks/MNIST.md": "measured/mnist",
    "benchmarks/FULL_SIZE.md": "measured/full_size",
    "benchmarks/RECIPES.md": "measured/recipes",
    "docs/publishing.md": "about/publishing",
    "CHANGELOG.md": "about/changelog",
}
ROOMS = {  # folder → title, words, and its pages in their order with what one finds there
    "look_up": (
        "Look it up",
        "What a word or a letter means, where it is defined, where a method works, what was read, and what goes wrong.",
        {
            "look_up/glossary": "the course's words, each in a sentence, with the lesson that defines it",
            "look_up/explorables": "six that compute while you move something, without Python",
            "look_up/symbols": "every letter of the formulas, and what it stands for in which lesson",
            "look_up/systems": "171 models, methods and uses, and where each works here",
            "look_up/silent_mistakes": "programs that run, and are wrong; with a test for each",
            "look_up/bibliography": "what the lessons cite, and which lesson cites it",
            "look_up/data": "the data sets, and where they come from",
            "look_up/data_glyphs": "letters that the course has drawn",
            "look_up/data_faces": "faces that the course draws",
            "look_up/data_prose": "the course's own text",
            "look_up/data_letter_features": "the network that names letters and fonts",
        },
    ),
    "measured": (
        "What was measured",
        "Numbers that programs of this repository have measured and written, with the machine and the date.",
        {
            "measured/results": "speed and memory beside other ways to write the same training",
            "measured/profiles": "every lesson with the large profile, and with other seeds",
            "measured/head_to_head": "equal images, parameters and seconds, five seeds",
            "measured/modes": "nine ways to train, beside two published tables",
            "measured/mnist": "a paper's table, and how near to it the time allowed",
            "measured/full_size": "how far each training is, and what it shows so far",
            "measured/recipes": "a search for a better training in the same processor seconds",
            "measured/times": "the rates, and the sums of each lesson",
        },
    ),
    "teaching": (
        "Teaching",
        "",
        {
            "teaching/slides": "how the decks are made, shown and written",
            "teaching/hub": "a recipe for JupyterHub, and what was measured",
        },
    ),
    "about": (
        "About",
        "How to cite the course, what changed, how these pages are published, and larger machines.",
        {
            "about/cite": "for a paper or a syllabus",
            "about/changelog": "what is new",
            "about/publishing": "how to put these pages on a host",
            "about/scale": "the library on several devices and with data of your own",
        },
    ),
}
LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])+)\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
PICTURE = re.compile(r"^((?:\* )?)([^\n]*\[[^\]\n]+\]\(([^)\s]+\.png)\)[^\n]*)$", re.MULTILINE)


def pages_of(course):
    """The documents of the course that are there: dict from a file of the repository to its page."""
    others = {f"docs/{path.name}": f"about/{path.stem}" for path in sorted((course.root / "docs").glob("*.md"))}
    return {file: page for file, page in (others | PAGES).items() if (course.root / file).exists()}


def document(course, file, pages):
    """The Markdown of a document, its links as the site needs them.

    Args:
        course: The `Course`.
        file: The document's path in the repository.
        pages: What `pages_of` gives.
    """
    text = re.sub(r"<!--.*?-->\n?", "", (course.root / file).read_text("utf-8"), flags=re.DOTALL)
    text = text.replace("; do not edit.", ".", 1)  # is said to whoever has the file
    return with_links(course, with_pictures(text), posixpath.dirname(file), pages)


def with_pictures(text):
    """A text in which a line that links to a picture shows it, and its words say what is seen.

    Example:
        >>> print(with_pictures("* [The picture](results/a.png) after 3 updates: real; generated."))
        * The picture after 3 updates: real; generated.
        <BLANKLINE>
          ![The picture after 3 updates: real; generated.](/pictures/a.png)
    """

    def shown(found):
        mark, line, path = found.groups()
        words = LINK.sub(r"\1", line)
        place = f"![{words}](/pictures/{posixpath.basename(path)})"
        return f"{mark}{words}\n\n{' ' * len(mark)}{place}"

    return PICTURE.sub(shown, text)


def pictures_of(course, pages):
    """The pictures to which the documents link: dict from a path to its bytes."""
    found = {}
    for file in pages:
        for _, _, path in PICTURE.findall((course.root / file).read_text("utf-8")):
            name = f"pictures/{posixpath.basename(path)}"
            if name in found:
                raise LessonError(f"two pictures of the documents are called {posixpath.basename(path)}")
            found[name] = (course.root / file).parent.joinpath(path).read_bytes()
    return found


def with_links(course, text, folder, pages):
    """A text whose links lead to pages of the site, or to the repository; where that has no address, words remain."""
    kept = []

    def aside(found):
        page = pages.get(posixpath.join(folder, found[0].strip("`")))
        kept.append(f"[](/{page}.md)" if page else found[0])  # a file's name in the repository is a page's title here
        return f"\0{len(kept) - 1}\0"

    text = LINK.sub(lambda found: link(course, *found.groups(), folder, pages), CODE.sub(aside, text))
    return re.sub(r"\0(\d+)\0", lambda found: kept[int(found[1])], text)


def link(course, words, target, folder, pages):
    if re.match(r"[a-z]+:|#", target):
        return f"[{words}]({target})"
    path, _, place = target.partition("#")
    path, place = posixpath.normpath(posixpath.join(folder, path)), f"#{place}" if place else ""
    lesson = re.fullmatch(r"notebooks/\d\d_(\w+)\.ipynb", path)
    if lesson:
        return f"[{words}]({page_of(course, lesson[1])}{place})"
    if path in pages:
        words = "" if re.fullmatch(r"`?[\w/]+\.md`?", words) else words  # a page has a title, and no file's name
        return f"[{words}](/{pages[path]}.md{place})"
    if course.address:
        return f"[{words}]({course.address.removesuffix('.git')}/blob/v{course.version}/{path})"
    return words


# --- pages that list pages ---------------------------------------------------------------------------------------


def toctree(pages, caption=""):
    """The pages that come next, for Sphinx; the pages list them in words of their own."""
    lines = ["```{toctree}", ":hidden:", *([f":caption: {caption}"] if caption else []), "", *pages, "```"]
    return "\n".join(lines)


def parts_of(course):
    """The lessons of each part: list of pairs of a part, empty for the first lessons, and its lessons."""
    parts = []
    for lesson in course.lessons:
        part = read_source(course.source(lesson)).metadata.get("course", {}).get("part")
        if not parts or (part is not None and part != parts[-1][0]):
            parts.append((part or "", []))
        parts[-1][1].append(lesson)
    return parts


def contents(course):
    """The table of the lessons, with the question and the minutes of each."""
    rows = ["```{table}", ":class: contents", "", "| lesson | the question | core, min | deeper, min |"]
    rows += ["| --- | --- | ---: | ---: |"]
    for part, lessons in parts_of(course):
        rows += [f"| **{part}** | | | |"] if part else []
        for lesson in lessons:
            core, deeper = times_of(course, lesson)
            question = read_source(course.source(lesson)).metadata["course"]["question"]
            more = f"{sum(deeper.said)}" if sum(deeper.said) else "–"
            rows.append(
                f"| [{numbered_title(course, lesson)}](/lessons/{name_of(lesson)}.md) | {question} "
                f"| {sum(core.said)} | {more} |"
            )
    return "\n".join([*rows, "```"])


def numbered_title(course, lesson):
    """A lesson's number and what stands before the colon of its title."""
    return f"{number_of(lesson)} {title_of(course, lesson).partition(':')[0]}"


def lessons_index(course):
    trees = [
        toctree([f"{numbered_title(course, lesson)} <{name_of(lesson)}.md>" for lesson in lessons], part or "First")
        for part, lessons in parts_of(course)
    ]
    return (
        "# The lessons\n\nOne question each. *Core* is the time to read and solve what the rest builds on, *deeper* "
        "what the sections marked so take beyond it ([how minutes are counted](/measured/times.md)). A page shows a "
        "lesson as it ran: to change it and to have answers checked, download its notebook.\n\n"
        + contents(course)
        + "\n\n"
        + "\n\n".join(trees)
        + "\n"
    )


def room_index(room, pages, text=None):
    """The first page of a room: its own text where it has one, and the pages that stand in it.

    Args:
        room: A key of `ROOMS`.
        pages: The other pages of the room that exist, from the root, without ending.
        text: The Markdown of its first page, where a document is that.
    """
    title, words, told = ROOMS[room]
    listed = [page for page in told if page in pages] + sorted(set(pages) - set(told) - {f"{room}/index"})
    rows = "\n".join(f"* [](/{page}.md){': ' + told[page] if page in told else ''}" for page in listed)
    tree = toctree([f"/{page}.md" for page in listed])
    if text:
        return f"{text.rstrip()}\n\n## More\n\n{rows}\n\n{tree}\n"
    return f"# {title}\n\n{words}\n\n{rows}\n\n{tree}\n"


def first_page(course):
    """The page that a visitor sees first."""
    core = sum(sum(times_of(course, lesson)[0].said) for lesson in course.lessons)
    text = (Path(__file__).parent / "first_page.md").read_text("utf-8")
    readme = (course.root / "README.md").read_text("utf-8")
    alt = re.search(r"!\[([^\]]+)\]\(notebooks/images/course\.png\)", readme)[1]
    return text.format(
        picture=picture("/images/course.png", alt),
        lessons=len(course.lessons),
        hours=round(core / 60),
        contents=contents(course),
        tree=toctree(f"{room}/index" for room in ("lessons", "look_up", "reference", "measured", "teaching", "about")),
    )


def cite_page(course):
    """How to cite the course, from `CITATION.cff`."""
    known = yaml.safe_load((course.root / "CITATION.cff").read_text("utf-8"))
    authors = [each.get("name") or f"{each['family-names']}, {each['given-names']}" for each in known["authors"]]
    address, year = known.get("url") or known.get("repository-code"), str(known.get("date-released", ""))[:4]
    fields = {
        "title": f"{{{known['title']}}}",
        "author": " and ".join(f"{{{name}}}" if "," not in name else name for name in authors),
        "version": known["version"],
        **({"year": year} if year else {}),
        **({"url": address} if address else {}),
    }
    entry = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    named = ", ".join(authors) + (f" ({year})" if year else "")
    words = f"{named}. *{known['title']}.* Version {known['version']}." + (f" {address}" if address else "")
    return (
        f"# How to cite\n\n{words}\n\n```bibtex\n@software{{generative_models_course,\n{entry}\n}}\n```\n\n"
        "The version stands in `course_lib.__version__` and in what each lesson's first cell prints. The code is under "
        "the MIT License, text and figures under CC BY 4.0: copy, translate and change them, and say whose they were.\n"
    )
