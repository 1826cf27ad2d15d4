"""Make the slides: one HTML file per lesson that needs no network, and its PDF.

    python -m tools.editions.slides                    # every lesson with a deck, into dist/slides/
    python -m tools.editions.slides the_elbo           # one lesson ("08" and "08_the_elbo" will do)
    python -m tools.editions.slides --no-pdf           # the HTML alone
    python -m tools.editions.slides --live             # notebooks beside them, for JupyterLab with jupyterlab-rise

`lesson_slides.py` says how slides are written. A deck holds all that it needs in its one file: figures from the stored
notebook, reveal.js, KaTeX with its fonts. So it can be copied to a stick, sent by mail, and shown in a room without
network; a folder beside it would be left behind. It costs about 1 MB a deck. KaTeX and not MathJax: it sets a formula
at once, so that no slide jumps, weighs a third, and writes MathML for those who listen. reveal.js and KaTeX are not in
git: pip downloads them once, checks their SHA-256 against `requirements-slides.lock`, and they stay in `.cache/slides`.

In the browser: arrows and space move, `S` opens the speaker's view, `F` fills the screen, `O` shows all slides, `?` the
other keys. The PDF is printed by Chromium, if the machine has one.
"""

import argparse
import base64
import hashlib
import html
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from tools.editions.build_notebooks import ROOT, named_lessons
from tools.editions.lesson_cells import find_course
from tools.editions.lesson_names import number_of
from tools.editions.lesson_slides import (
    LINE_OF_STORED,
    PAUSE,
    figure_of,
    figures_in,
    is_wide,
    lines_of,
    printed_in,
    slide_problems,
    slides_of,
    stored_in,
)
from tools.editions.lesson_sources import LessonError, title_of
from tools.editions.slides_live import live_notebook

HERE = Path(__file__).parent
LOCK = "requirements-slides.lock"
REVEAL = ("sphinx_revealjs", "sphinx_revealjs/_static/revealjs/")
KATEX = ("djangocms_katex", "djangocms_katex/static/djangocms_katex/vendor/katex/")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
KINDS = {"Predict": "predict", "Exercise": "exercise", "Quiz": "quiz", "To take home": "home"}
PDF_SECONDS = 120

# --- what a deck carries with it ---------------------------------------------------------------------------------


def bundle(root):
    """The scripts and styles that every deck carries, from two packages of which pip and we check the SHA-256.

    Args:
        root: The checkout; the packages are kept in its `.cache/slides`.

    Returns:
        Dict of texts: `reveal.js`, `notes.js`, `reveal.css`, `katex.js`, `katex.css` (its fonts inside), `licences`.

    Raises:
        LessonError: They are not here and cannot be downloaded, or are not those that were locked.
    """
    reveal, katex = (locked_package(root, name) for name, _ in (REVEAL, KATEX))
    with zipfile.ZipFile(reveal) as of_reveal, zipfile.ZipFile(katex) as of_katex:

        def text(archive, name):
            return archive.read(name).decode("utf-8")

        def font(found):
            return f"url(data:font/woff2;base64,{base64.b64encode(of_katex.read(KATEX[1] + found[1])).decode()})"

        style = text(of_katex, KATEX[1] + "katex.min.css")
        style = re.sub(r',url\(fonts/[^)]+\.(?:woff|ttf)\) format\("\w+"\)', "", style)
        return {
            "reveal.js": text(of_reveal, REVEAL[1] + "dist/reveal.js"),
            "notes.js": text(of_reveal, REVEAL[1] + "plugin/notes/notes.js"),
            "reveal.css": text(of_reveal, REVEAL[1] + "dist/reveal.css"),
            "katex.js": text(of_katex, KATEX[1] + "katex.min.js"),
            "katex.css": re.sub(r"url\((fonts/[^)]+\.woff2)\)", font, style),
            "licences": text(of_reveal, REVEAL[1] + "LICENSE") + "\n" + text(of_katex, KATEX[1] + "LICENSE"),
        }


def locked_package(root, name):
    """The file of a locked package, downloaded by pip where it is missing or is another than the locked one."""
    folder = root / ".cache" / "slides"
    found = package_in(root, folder, name)
    if not found:
        download(root, folder)
        found = package_in(root, folder, name)
    if not found:
        raise LessonError(
            f"pip left no `{name}` with the SHA-256 of {LOCK} in .cache/slides: delete that folder, call again"
        )
    return found


def package_in(root, folder, name):
    hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", (root / LOCK).read_text("utf-8"))
    good = [path for path in folder.glob(f"{name}-*.whl") if hashlib.sha256(path.read_bytes()).hexdigest() in hashes]
    return good[0] if good else None


def download(root, folder):
    """Let pip fetch the packages of the lock, and check their hashes."""
    folder.mkdir(parents=True, exist_ok=True)
    print("Downloading reveal.js and KaTeX, once (4 MB) …", flush=True)
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-input", "-q", "--no-deps"]
    command += ["--only-binary", ":all:", "--require-hashes", "-d", str(folder), "-r", str(root / LOCK)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        said = [line for line in run.stderr.splitlines() if line.startswith("ERROR")] or run.stderr.splitlines()
        raise LessonError(
            "reveal.js and KaTeX are not in .cache/slides yet, and pip could not download them: connect to the network "
            "(or name your proxy to pip) and call again; afterwards no network is needed. pip says: "
            + "; ".join(said[-2:])
        )


# --- from Markdown to HTML ---------------------------------------------------------------------------------------


def slide_html(slide, figures, printed):
    """A slide as a `section` of reveal.js, with its notes.

    Args:
        slide: A `Slide`.
        figures: What `figures_in` finds in the stored notebook.
        printed: What `printed_in` finds there.
    """
    kind = next((kind for word, kind in KINDS.items() if slide.title.startswith(word)), "plain")
    kind = "title" if slide.text.startswith("# ") else kind
    body = markdown(figures, printed).renderer.render(fragments(parsed(slide.text)), OPTIONS, {})
    notes = markdown(figures, printed).renderer.render(parsed(slide.notes), OPTIONS, {})
    return f'<section class="{kind}">\n{body}<aside class="notes">\n{notes}</aside>\n</section>\n'


def markdown(figures=None, printed=None):
    """A renderer of Markdown with mathematics, and with what the stored notebook has."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    dollarmath_plugin(reader, double_inline=True)
    reader.add_render_rule("math_inline", lambda self, tokens, here, *_: formula("span", "inline", tokens[here]))
    reader.add_render_rule("math_inline_double", lambda self, tokens, here, *_: formula("span", "block", tokens[here]))
    reader.add_render_rule("math_block", lambda self, tokens, here, *_: formula("div", "block", tokens[here]))
    reader.add_render_rule("stored", lambda self, tokens, here, *_: stored_html(tokens[here], figures, printed))
    return reader


OPTIONS = markdown().options


def parsed(text):
    """The tokens of a text; a paragraph that names something stored becomes one token of the type `stored`."""
    tokens, answer = markdown().parse(text), []
    while tokens:
        token = tokens.pop(0)
        inside = tokens[0].content if token.type == "paragraph_open" else ""
        if token.level == 0 and LINE_OF_STORED.fullmatch(inside.strip()):
            token = Token("stored", "", 0, content=inside)
            del tokens[:2]
        answer.append(token)
    return answer


def fragments(tokens):
    """The same tokens without the pauses: what follows a pause, and each point of a list with `+`, comes later."""
    answer, shown, latest = [], None, -1
    appearing = 0  # the level of the points of a list that come one by one
    while tokens:
        token = tokens.pop(0)
        if token.type == "paragraph_open" and token.level == 0 and tokens[0].content == PAUSE:
            latest += 1
            shown = latest
            del tokens[:2]
            continue
        if token.type == "bullet_list_open" and token.markup == "+" and not appearing:
            appearing = token.level + 1
        elif token.type == "bullet_list_close" and token.level + 1 == appearing:
            appearing = 0
        elif token.type == "list_item_open" and token.level == appearing and appearing:
            latest += 1
            appear(token, latest)
        elif token.level == 0 and token.nesting >= 0 and shown is not None:
            appear(token, shown)
        answer.append(token)
    return answer


def appear(token, number):
    token.attrJoin("class", "fragment")
    token.attrSet("data-fragment-index", str(number))


def formula(element, kind, token):
    attributes = "".join(
        f' {name}="{html.escape(str(value))}"' for name, value in token.attrs.items() if name != "class"
    )
    classes = " ".join(filter(None, ["math", kind, token.attrs.get("class")]))
    return f'<{element} class="{classes}"{attributes}>{html.escape(token.content.strip())}</{element}>'


def when(token, *classes):
    """The classes of an element, and the attribute that says with which key it appears."""
    index = token.attrs.get("data-fragment-index")
    classes = " ".join(filter(None, [*classes, token.attrs.get("class")]))
    return classes, "" if index is None else f' data-fragment-index="{index}"'


def stored_html(token, figures, printed):
    """Figures side by side, or what a cell printed."""
    parts = []
    for kind, cell, first, last in stored_in(token.content):
        if kind == "output":
            lines = lines_of(printed, cell, first, last)
            size = ' class="small"' if is_wide(lines) else ""
            parts.append(f"<pre{size}>{html.escape(chr(10).join(lines))}</pre>")
            continue
        picture, text = figure_of(figures, cell, first)
        width, height = struct.unpack(">II", base64.b64decode(picture)[16:24])
        size = f'width="{width}" height="{height}"'
        parts.append(f'<img alt="{html.escape(text)}" {size} src="data:image/png;base64,{picture}">')
    kind = "figures" if "<img" in parts[0] else "printed"
    classes, index = when(token, kind)
    return f'<div class="{classes}"{index}>{"".join(parts)}</div>\n'


def deck_html(course, lesson, parts):
    """The whole file of a deck.

    Raises:
        LessonError: The lesson has no slides, they break a rule, or its notebook cannot be read.
    """
    try:
        notebook = nbformat.read(course.notebook(lesson), as_version=4)
    except Exception:  # nbformat raises many kinds for a broken file
        raise LessonError(f"its notebook cannot be read: run `make notebooks LESSONS={lesson}` first") from None
    problems = slide_problems(course, lesson, notebook)
    if problems:
        raise LessonError(*problems)
    figures, printed = figures_in(notebook), printed_in(notebook)
    slides = "".join(slide_html(slide, figures, printed) for slide in slides_of(course, lesson))
    name = f"{number_of(lesson)} · {title_of(course, lesson)}"
    template = (HERE / "slides_deck.html").read_text("utf-8")
    values = parts | {
        "slides": slides,
        "title": html.escape(re.sub(r"[$`*]", "", name)),
        "number": number_of(lesson),
        "deck.css": (HERE / "slides_deck.css").read_text("utf-8"),
        "licences": re.sub("--+", "—", parts["licences"]),
    }
    for script in ("reveal.js", "notes.js", "katex.js"):
        values[script] = values[script].replace("</script", r"<\/script")
    return re.sub(r"\{\{([\w.]+)\}\}", lambda found: values[found[1]], template)


# --- the PDF -----------------------------------------------------------------------------------------------------


def find_browser():
    """The path of a Chromium: the one that `CHROMIUM` names, or the first on the path; None where there is none."""
    return next(filter(None, map(shutil.which, (os.environ.get("CHROMIUM") or "", *BROWSERS))), None)


def print_pdf(browser, page, target):
    """Print a deck, one page a slide with all its fragments.

    Raises:
        LessonError: The browser wrote nothing.
    """
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, "--headless", "--disable-gpu", f"--user-data-dir={profile}", "--no-pdf-header-footer"]
        command += ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        command += [f"--print-to-pdf={target}", f"{page.resolve().as_uri()}?paper"]
        target.unlink(missing_ok=True)
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=PDF_SECONDS, check=False)
            words = run.stderr.strip().splitlines()[-1:] or [f"it ended with {run.returncode}"]
        except (OSError, subprocess.TimeoutExpired) as error:
            words = [str(error)]
    if not target.exists():
        raise LessonError(f"no PDF: {browser} did not print {page.name}: {words[0]}")


# --- the command -------------------------------------------------------------------------------------------------


def make_deck(course, lesson, folder, parts, browser, live=False):
    """Write a deck, its PDF and the notebook that runs; a line for the report."""
    page = folder / f"{lesson}.html"
    text = deck_html(course, lesson, parts)
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = page.with_name(f".{page.name}.unfinished")
    unfinished.write_text(text, "utf-8", newline="\n")
    unfinished.replace(page)
    if browser:
        print_pdf(browser, page, page.with_suffix(".pdf"))
    if live:
        nbformat.write(live_notebook(course, lesson), page.with_suffix(".ipynb"))
    slides = slides_of(course, lesson)
    minutes = sum(slide.minutes for slide in slides)
    return f"{len(slides)} slides, {minutes:g} minutes, {len(text) / 1e6:.1f} MB{', PDF' if browser else ''}"


def main(arguments=None, root=ROOT):
    parser = argparse.ArgumentParser(description="Write the slides of the lessons into dist/slides/.")
    parser.add_argument(
        "lessons", nargs="*", metavar="LESSON", help="such as the_elbo; all with slides if none is named"
    )
    parser.add_argument("--no-pdf", action="store_true", help="write the HTML alone")
    parser.add_argument("--live", action="store_true", help="write notebooks for JupyterLab with jupyterlab-rise, too")
    parser.add_argument("--output", type=Path, default=root / "dist" / "slides", help="the folder (dist/slides)")
    options = parser.parse_args(arguments)
    try:
        course = find_course(root)
        lessons = named_lessons(course, options.lessons)
        without = [lesson for lesson in lessons if not slides_of(course, lesson)]
        if options.lessons and without:
            raise LessonError(
                f"{', '.join(without)}: no slides are written yet (tools/editions/lesson_slides.py says how)"
            )
        parts = bundle(root)
    except LessonError as error:
        print(error)
        return 1
    browser = None if options.no_pdf else find_browser()
    failures = 0
    for lesson in lessons:
        if lesson in without:
            continue
        try:
            print(f"{lesson}: {make_deck(course, lesson, options.output, parts, browser, options.live)}", flush=True)
        except LessonError as error:
            failures += 1
            print("\n    ".join([f"{lesson}: FAILED", *error.problems]), flush=True)
    if without:
        print(f"no slides yet: {', '.join(without)}")
    if not browser and not options.no_pdf:
        print("No PDF was written: there is no Chromium on this machine. Install one, or name it: CHROMIUM=/path/to/it")
    print(f"The decks are in {options.output}; open one in a browser, S shows the speaker's notes.")
    return min(1, failures)


if __name__ == "__main__":
    sys.exit(main())
