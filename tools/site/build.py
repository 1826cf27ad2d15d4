"""Build the site: `make site` writes it into `dist/site`, to be read from a folder or put on any static host.

    python -m tools.site.build --sphinx .venv-site/bin/python

Two steps. This program, in the course's own environment, writes Markdown: the lessons from their stored notebooks, the
documents, the tables. Sphinx, in an environment of its own, makes pages of it. Nothing is run, neither step asks the
network for anything, and a page asks for nothing but what lies beside it.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools.editions.lesson_cells import find_course
from tools.editions.lesson_names import name_of
from tools.editions.lesson_sources import LessonError
from tools.editions.slides import bundle
from tools.site import bibliography, course_pages, explorables, glossary, reference, symbols
from tools.site.lesson_pages import lesson_page, solutions_of

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
LARGEST = 60  # megabytes, the whole site
FROM_ELSEWHERE = re.compile(
    r"""<(?:script|img|iframe|source|video|audio)\b[^>]*\bsrc=["'](?:https?:)?//[^"']*"""
    r"""|<link\b(?=[^>]*\brel=["'](?:stylesheet|preload|icon))[^>]*\bhref=["'](?:https?:)?//[^"']*"""
)


def write_sources(course, folder):
    """Write what Sphinx reads, and remove what it should read no longer.

    Args:
        course: The `Course`.
        folder: Where to.
    """
    files = {}
    solutions = solutions_of(course)
    reference_pages, names = reference.pages(course)
    touched = explorables.found(course)
    files |= {f"extra/explorables/{name}": data for name, data in explorables.files(course, touched).items()}
    for lesson in course.lessons:
        links = reference.links_below(course, lesson, names)
        page = lesson_page(course, lesson, solutions.get(name_of(lesson), {}), links)
        page.text = explorables.embedded(page.text, name_of(lesson), touched)
        files[f"lessons/{name_of(lesson)}.md"] = f"{page.text}\n{reference.names_of_lesson(lesson, names)}\n"
        for name, data in page.figures.items():  # Sphinx copies what a directive shows, and nothing else
            files[f"extra/sounds/{name}" if name.endswith(".wav") else f"lessons/figures/{name}"] = data
        files[f"extra/notebooks/{lesson}.ipynb"] = course.notebook(lesson).read_bytes()
    for picture in (course.notebooks / "images").glob("*"):
        files[f"images/{picture.name}"] = picture.read_bytes()
    files |= course_pages.pictures_of(course, course_pages.pages_of(course))
    files |= reference_pages | other_pages(course)
    parts = bundle(course.root)
    for name in ("katex.js", "katex.css"):
        files[f"static/{name}"] = parts[name]
    files["site.json"] = json.dumps({"version": course.version, "address": course.address})
    files["look_up/systems.md"] = reference.linked(files["look_up/systems.md"], names)
    renew(folder, files)


def other_pages(course):
    """The Markdown of all pages that are no lessons: dict from a path to its text."""
    pages = course_pages.pages_of(course)
    files = {f"{page}.md": course_pages.document(course, file, pages) for file, page in pages.items()}
    files["index.md"] = course_pages.first_page(course)
    files["lessons/index.md"] = course_pages.lessons_index(course)
    files["about/cite.md"] = course_pages.cite_page(course)
    files |= {
        f"look_up/{each.__name__.rpartition('.')[2]}.md": each.page(course)
        for each in (symbols, glossary, bibliography, explorables)
    }
    for room in course_pages.ROOMS:
        listed = [name.removesuffix(".md") for name in files if name.startswith(f"{room}/")]
        files[f"{room}/index.md"] = course_pages.room_index(room, listed, files.get(f"{room}/index.md"))
    return files


def renew(folder, files):
    """Make a folder hold these files and no others."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)


def sphinx(python, sources, target, doctrees):
    """Let Sphinx make the pages; whether it had nothing to complain of."""
    command = [str(python), "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going", "-j", "2"]
    command += ["-a", "-E", "-c", str(HERE / "sphinx"), "-d", str(doctrees), str(sources), str(target)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def asked_elsewhere(folder):
    """What pages would load from another place: sentences."""
    return [
        f"{path.relative_to(folder)} loads {found[0]}"
        for path in sorted(folder.rglob("*.html"))
        for found in FROM_ELSEWHERE.finditer(path.read_text("utf-8"))
    ]


def main(arguments=None, root=ROOT):
    parser = argparse.ArgumentParser(description="Build the site into dist/site.")
    parser.add_argument("--sphinx", type=Path, required=True, help="the Python that has Sphinx")
    parser.add_argument("--output", type=Path, default=root / "dist" / "site", help="the folder (dist/site)")
    options = parser.parse_args(arguments)
    started, cache = time.monotonic(), root / ".cache" / "site"
    try:
        write_sources(find_course(root), cache / "source")
    except LessonError as error:
        print(error)
        return 1
    shutil.rmtree(options.output, ignore_errors=True)  # or pages of lessons that were renamed would stay
    good = sphinx(options.sphinx, cache / "source", options.output, cache / "doctrees")
    for path in options.output.rglob("*.map"):  # of the theme's scripts: for those who write themes
        path.unlink()
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / ".nojekyll").touch()  # or GitHub leaves out the folders whose names begin with an underscore
    problems = asked_elsewhere(options.output)
    size = sum(path.stat().st_size for path in options.output.rglob("*") if path.is_file()) / 1e6
    if size > LARGEST:
        problems.append(f"the site has {size:.0f} MB, more than {LARGEST}")
    print("\n".join(problems + ([] if good else ["Sphinx complains; see above"])))
    pages = len(list(options.output.rglob("*.html")))
    print(f"{pages} pages, {size:.0f} MB, {time.monotonic() - started:.0f} s: open {options.output / 'index.html'}")
    return 0 if good and not problems else 1


if __name__ == "__main__":
    sys.exit(main())
