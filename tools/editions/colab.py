"""The course as Colab meets it: an environment with Colab's packages, into which a lesson's first cell installs it.

`make test-colab` makes the kit that `make colab` writes, and unpacks it in a folder without git, without a clone and
without the course. There it runs the first cell of a lesson as it was handed out, with the wheel in each of the places
where a person may have put it, with none, and with the address of a repository; sees that the cell installs the course
and changes nothing else; and runs the library's tests and every lesson. `ARGS="--newest"` does it with the newest Keras
and TensorFlow that the course knows, `ARGS="--without-lessons"` without the lessons and the slow tests. Standard
library only.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tools.environment.find_python import SetupError
from tools.environment.virtual_environment import (
    Environment,
    clean_variables,
    course_environment,
    described_machine,
    prepare,
)

COURSE = "generative-models-course"
PYTHONS = ("3.13", "3.12")  # Colab's own, and the one that it had until August 2026
AUTHORS = ("test_architecture.py", "benchmarks", "explorables", "mutants", "tools")  # need more than Colab has
NOT_THERE = tuple(f"--ignore=tests/{name}" for name in AUTHORS)
SHOWN = ("tensorflow", "keras", "jax", "numpy", "matplotlib", "scikit-learn", "ipython", "ipywidgets")
CONTENT = Path("/content")  # where Colab starts, and mounts a drive
MARK = ".made-by-test-colab"

# For the course's own Python: the first lesson as it would be handed out by a repository at that address.
BUILD = """
import sys
from pathlib import Path
import nbformat
root, address, target = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
sys.path.insert(0, str(root))
from tools.editions.lesson_cells import find_course, make_notebook
from tools.editions.lesson_sources import Course
course = Course(root, address, find_course(root).version)
nbformat.write(make_notebook(course, course.lessons[0]), target / f"{course.lessons[0]}.ipynb")
"""

# For Colab's Python: run a notebook, or only its cells up to the set-up cell. What the cell says comes out as JSON.
RUN = """
import json, sys
import nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
last = next(i for i, cell in enumerate(notebook.cells) if "setup" in cell.metadata.get("tags", []))
if "--set-up-only" in sys.argv:
    notebook.cells = notebook.cells[: last + 1]
    notebook.cells[last].source += "\\nassert 'site-packages' in course_lib.__file__, course_lib.__file__"
try:
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
except Exception as error:
    sys.stderr.write(str(error)[-3000:])
    sys.exit(1)
finally:
    print(json.dumps(notebook.cells[last].outputs))
"""


@dataclass(frozen=True)
class Place:
    """Where a person may have put the wheel: in words, and the folders of the notebook and of the wheel in /content."""

    words: str
    notebook: str
    wheel: str | None


PLACES = (
    Place("beside the notebook", "here", "here"),
    Place("in the folder above the notebook", "here/lessons", "here"),
    Place("uploaded to Colab", "elsewhere", "."),
    Place("on the mounted drive", "elsewhere", "drive/MyDrive/generative-models-course"),
    Place("in a folder of the mounted drive", "elsewhere", "drive/MyDrive/Colab Notebooks/generative-models-course"),
)


def colab_environment(root):
    """Colab's packages, without the course: that comes by the set-up cell."""
    return Environment(Path(root), ".venv-colab", "requirements-colab.lock", False, PYTHONS, running_first=False)


def newest_environment(root):
    """Colab's Python with the newest packages that the course knows, those of its lock; again without the course."""
    return Environment(Path(root), ".venv-colab-newest", "requirements.lock", False, PYTHONS, running_first=False)


def test_in_colabs_environment(root, with_lessons, newest, run_pytest):
    """Print what was seen; return 0 if the course works in Colab's environment, else 1."""
    environment = newest_environment(root) if newest else colab_environment(root)
    prepare(environment)
    prepare(course_environment(root))
    kit = unpacked_kit(root, root / ".cache" / "colab")
    with content_folder(kit.parent) as content:
        problems = set_up_in_each_place(environment, kit, content)
        problems += set_up_from_an_address(root, environment, content)
        if not problems:
            title = "colab-newest" if newest else "colab"
            left_out = "not exhaustive" if with_lessons else "not slow"
            part = run_pytest(environment, title, ["tests", "-m", left_out, *NOT_THERE], PYTHONPATH=str(root))
            problems += [] if part.good else ["the tests of the library (above)"]
        if not problems and with_lessons:
            problems += run_the_lessons(environment, kit, content)
    for problem in problems:
        print(f"FAILED  {problem}")
    print(f"\ntest-colab: {'FAILED' if problems else 'all good'}")
    return 1 if problems else 0


def unpacked_kit(root, folder):
    """Make the kit as `make colab` does, and unpack it; return the folder that is in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    python = str(course_environment(root).python)
    tool = [python, "-m", "tools.editions.colab_kit", "--output", str(folder / "colab.zip")]
    done = subprocess.run(tool, env=clean_variables(course_environment(root)), capture_output=True, text=True)
    print(f"\n--- the kit\n{done.stdout.strip()}", flush=True)
    if done.returncode:
        raise SetupError(f"the kit could not be made. {(done.stderr or done.stdout).strip()[-2000:]}")
    with zipfile.ZipFile(folder / "colab.zip") as archive:
        archive.extractall(folder)
    [kit] = [path for path in folder.iterdir() if path.is_dir()]
    return kit


# --- the set-up cell


def set_up_in_each_place(environment, kit, content):
    """Run the first cells of a lesson with the wheel in each place, and with none; return what went wrong."""
    print(f"\n--- the set-up cell, {described_machine(environment)}, in {content}", flush=True)
    lesson, *others = sorted(kit.glob("*.ipynb"))
    problems = set_up_alone(environment, laid_out(lesson, content, Place("alone", "alone", None)))
    for place in PLACES:
        problems += install_by_the_set_up_cell(environment, laid_out(lesson, content, place), f"wheel {place.words}")
        lesson = next(
            (each for each in others if "setup(backend=False)" in each.read_text("utf-8")), lesson
        )  # in seconds
    return problems


def set_up_from_an_address(root, environment, content):
    """The same with a lesson of a repository that has an address: a clone of the last commit stands for it."""
    folder = root / ".cache" / "colab"
    repository = clone(root, folder / "repository")
    empty(content)
    built = ["-c", BUILD, str(root), repository.resolve().as_uri(), str(content)]
    done = subprocess.run([str(course_environment(root).python), *built], capture_output=True, text=True)
    if done.returncode:
        raise SetupError(f"a lesson with an address could not be built. {done.stderr.strip()[-2000:]}")
    return install_by_the_set_up_cell(environment, next(content.glob("*.ipynb")), "from an address")


def clone(root, target):
    """A clone of the last commit, with the tag that a release has; return its folder."""
    if git(root, "status", "--porcelain"):
        print("NOTE  What is not committed is in the kit, but not at the address.")
    git(root, "clone", "--quiet", "--no-hardlinks", str(root), str(target))
    text = (target / "course_lib" / "__init__.py").read_text(encoding="utf-8")
    git(target, "tag", "--force", "v" + text.split('__version__ = "')[1].split('"')[0])
    return target


@contextlib.contextmanager
def content_folder(spare):
    """The real /content where there is none yet and one may be made; else a folder that stands for it."""
    if is_left_behind(CONTENT):
        shutil.rmtree(CONTENT)
    path = CONTENT
    try:
        path.mkdir()
    except OSError:
        path = spare / "content"
        path.mkdir()
    try:
        (path / MARK).write_text(str(os.getpid()), encoding="ascii")
        yield path
    finally:
        shutil.rmtree(path)


def is_left_behind(path):
    """Whether a run that was killed made this folder; that of a run which still goes on is not to be touched."""
    if os.name != "posix":
        return False
    try:
        os.kill(int((path / MARK).read_text(encoding="ascii")), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError):
        pass
    return False


def laid_out(lesson, content, place):
    """Put a lesson of the kit, and its wheel, where a person would have put them; return the lesson."""
    empty(content)
    [wheel] = lesson.parent.glob("*.whl")
    (content / place.notebook).mkdir(parents=True)
    if place.wheel is not None:
        (content / place.wheel).mkdir(parents=True, exist_ok=True)
        shutil.copy(wheel, content / place.wheel)
    lesson = Path(shutil.copy(lesson, content / place.notebook))
    redirect(lesson, content)
    return lesson


def empty(content):
    for path in content.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != MARK:
            path.unlink()


def redirect(lesson, content):
    """Where another folder stands for /content, the lesson has to look there."""
    if content != CONTENT:
        text = lesson.read_text(encoding="utf-8")
        lesson.write_text(text.replace("/content/", f"{content.as_posix()}/"), encoding="utf-8")


def install_by_the_set_up_cell(environment, lesson, words):
    """Run the first cells of a lesson where the course is missing; return what went wrong."""
    program(environment, "-m", "pip", "uninstall", "--yes", "--quiet", COURSE)
    before = packages(environment)
    started = time.monotonic()
    problems, said = run_lesson(environment, lesson, "--set-up-only", quietly=True)
    after = packages(environment)
    changed = [name for name in sorted({*before, *after} - {COURSE}) if before.get(name) != after.get(name)]
    problems += [f"the set-up cell changed {name}: {before.get(name)}, {after.get(name)}" for name in changed]
    if COURSE not in after:
        problems.append("the set-up cell did not install the course")
    print(f"  {words}: {'FAILED' if problems else 'ok'}, {time.monotonic() - started:.0f} s; {spoken(said)}")
    print("    " + ", ".join(f"{name} {after[name]}" for name in SHOWN if name in after), flush=True)
    return [f"{words}: {problem}" for problem in problems]


def set_up_alone(environment, lesson):
    """Run the first cells of a lesson that has nothing beside it: one sentence must say what to do."""
    program(environment, "-m", "pip", "uninstall", "--yes", "--quiet", COURSE)
    problems, said = run_lesson(environment, lesson, "--set-up-only", quietly=True)
    errors = [output for output in said if output["output_type"] == "error"]
    sentence = errors[0]["evalue"] if errors else ""
    good = bool(problems) and "upload it" in sentence and sentence.count(". ") == 0
    chained = any("During handling" in line for error in errors for line in error["traceback"])
    print(f"  alone: {'ok' if good and not chained else 'FAILED'}\n    {sentence}", flush=True)
    return [] if good and not chained else [f"a lesson that is alone says: {sentence or spoken(said) or 'nothing'}"]


def spoken(outputs):
    return " ".join(output.get("text", "").strip() for output in outputs)


def run_the_lessons(environment, kit, content):
    """Every lesson, in the kit as it was unpacked; return what went wrong."""
    empty(content)
    folder = Path(shutil.copytree(kit, content / kit.name))
    print(f"\n--- the lessons, in {folder}", flush=True)
    return [problem for lesson in sorted(folder.glob("*.ipynb")) for problem in run_lesson(environment, lesson)[0]]


def run_lesson(environment, lesson, *options, quietly=False):
    """Run a lesson; return what went wrong, and the outputs of its set-up cell."""
    started = time.monotonic()
    done = program(environment, RUN, str(lesson), *options, cwd=lesson.parent, check=False)
    if not quietly:
        verdict = "FAILED" if done.returncode else "ok"
        print(f"  {lesson.stem}: {verdict}, {time.monotonic() - started:.0f} s", flush=True)
    lines = done.stdout.splitlines()
    problems = [f"{lesson.stem}\n{done.stderr[-3000:]}"] if done.returncode else []
    return problems, json.loads(lines[-1]) if lines else []


def packages(environment):
    """The name and version of everything installed."""
    listed = program(environment, "-m", "pip", "list", "--format=json", "--disable-pip-version-check").stdout
    return {package["name"].lower(): package["version"] for package in json.loads(listed)}


def program(environment, code, *arguments, cwd=None, check=True):
    """Run a program, or a module after `-m`, with an environment's Python."""
    code = [code] if code == "-m" else ["-c", code]
    done = subprocess.run(
        [str(environment.python), *code, *arguments],
        cwd=None if cwd is None else str(cwd),
        env=clean_variables(environment),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    if check and done.returncode:
        raise SetupError(f"{' '.join(arguments)} failed: {done.stderr[-2000:]}")
    return done


def git(folder, *arguments):
    done = subprocess.run(["git", *arguments], cwd=str(folder), capture_output=True, text=True)
    if done.returncode:
        raise SetupError(f"git {' '.join(arguments)} failed: {done.stderr.strip()}")
    return done.stdout
