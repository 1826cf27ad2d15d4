"""The course for Colab and Kaggle, for a repository that has no public address: `make colab` writes dist/colab.zip.

    python -m tools.editions.colab_kit                    # dist/colab.zip
    python -m tools.editions.colab_kit --output x.zip     # another place

In it are the stored lessons without their outputs (so that no answer stands below a "predict"), the library as a
wheel, which the first cell of each lesson finds and installs, and README.txt, which says how to begin. The same course
gives the same bytes. The file is written under another name and then renamed: nobody ever sees half of it.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import nbformat

from tools.editions.build_notebooks import ROOT, check_lesson
from tools.editions.lesson_cells import colab_address, find_course, wheel_name
from tools.editions.lesson_sources import LessonError, read_source
from tools.editions.workbook import without_machinery

FOLDER = "generative-models-course"
WHEN = (2020, 2, 2, 0, 0, 0)  # the time of everything in the file, as in the wheel
TITLE, FOLDED = "#@title Set-up: run this cell first\n", ("cellView", "form")  # Colab shows the title alone
PAGE = Path(__file__).with_name("colab_readme.txt")
ADVICE = f"""\
Unpack it, put its folder `{FOLDER}` into your Google Drive, and open a lesson there with Colab; mount the
drive (folder symbol at the left) and run the first cell. README.txt says it step by step, and the way on Kaggle too."""
ADDRESS = """
  This course has an address, {address}:
  its lessons install the library from there, and you need not upload the file. The
  machine must be allowed to use the internet (Kaggle: Settings, Turn on internet).
"""


def main(arguments=None, root=ROOT):
    parser = argparse.ArgumentParser(description="Write the lessons, the library and instructions into one zip file.")
    parser.add_argument("--output", type=Path, help="the file to write (dist/colab.zip)")
    target = parser.parse_args(arguments).output or root / "dist" / "colab.zip"
    try:
        names = write_kit(root, target)
    except LessonError as error:
        print(error)
        return 1
    shown = target.relative_to(root) if target.is_relative_to(root) else target
    megabytes = target.stat().st_size / 1e6
    print(f"{shown}, {megabytes:.1f} MB: {len(names) - 2} lessons without outputs, the library, README.txt.\n{ADVICE}")
    return 0


def write_kit(root, target):
    """Write the kit of the course in a folder.

    Returns:
        The names of what is in it.

    Raises:
        LessonError: A stored lesson is not what its source says, or the wheel cannot be built.
    """
    course = find_course(root)
    files = {f"{lesson}.ipynb": lesson_for_the_kit(course, lesson) for lesson in course.lessons}
    files[wheel_name(course.version)] = built_wheel(course)
    files["README.txt"] = page(course)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name in sorted(files):
                entry = zipfile.ZipInfo(f"{FOLDER}/{name}", date_time=WHEN)
                entry.create_system, entry.external_attr = 3, 0o644 << 16  # the same on Windows
                entry.compress_type = zipfile.ZIP_STORED if name.endswith(".whl") else zipfile.ZIP_DEFLATED
                archive.writestr(entry, files[name])
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return sorted(files)


def lesson_for_the_kit(course, lesson):
    """The bytes of a stored lesson without its outputs; where Colab can open the others, its links lead there."""
    problems = check_lesson(course, lesson)
    if problems:
        raise LessonError(f"{lesson} is not what its source says ({problems[0]}): call `make notebooks`, and again.")
    notebook = nbformat.read(course.notebook(lesson), as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            shown = without_machinery(cell, TITLE, FOLDED)
            cell.source, cell.metadata = "".join(shown["source"]), nbformat.from_dict(shown["metadata"])
            cell.outputs, cell.execution_count = [], None
        else:
            cell.source = with_absolute_links(course, cell.source)
    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode()


def with_absolute_links(course, text):
    """Links to other lessons as Colab's own addresses: a lesson that is opened from a drive has no neighbours."""

    def absolute(link):
        address = colab_address(course, link[1]) if link[1] in course.lessons else None
        return f"]({address}{link[2] or ''})" if address else link[0]

    return re.sub(r"\]\((\w+)\.ipynb(#[^)\s]*)?\)", absolute, text)


def built_wheel(course):
    """The bytes of the wheel, built without the network."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
        done = subprocess.run(command, cwd=course.root, capture_output=True, text=True)
        wheel = Path(folder, wheel_name(course.version))
        if done.returncode or not wheel.exists():
            raise LessonError(f"the wheel could not be built: {(done.stderr or done.stdout).strip()[-500:]}")
        return wheel.read_bytes()


def page(course):
    """The page of instructions: plain text, which Colab, Drive, Kaggle and everybody can show."""
    with_gpu = [lesson[:2] for lesson in course.lessons if asks_for_a_gpu(course, lesson)]
    text = PAGE.read_text("utf-8").format(
        wheel=wheel_name(course.version),
        version=course.version,
        first=course.lessons[0],
        last=course.lessons[-1],
        gpu_lessons=", ".join(with_gpu) or "none",
        address=ADDRESS.format(address=course.address) if course.address else "",
    )
    return text.encode()


def asks_for_a_gpu(course, lesson):
    return read_source(course.source(lesson)).metadata.get("course", {}).get("gpu", False)


if __name__ == "__main__":
    sys.exit(main())
