"""The course as Colab meets it: an environment with Colab's packages, into which a lesson's first cell installs it.

`make test-colab` builds the lessons with the address of a clone of the last commit, opens them in a folder without the
course, sees that the first cell installs the course and changes nothing else, and runs the library's tests and every
lesson there. `ARGS="--without-lessons"` runs the set-up cell and the tests only. Standard library only.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path

from environment import Environment, clean_variables, course_environment, prepare
from find_python import SetupError

COURSE = "generative-models-course"
AUTHORS = ("architecture", "benchmarks*", "build_notebooks", "colab", "course_tool", "draw_glyphs", "environment_files")
NOT_THERE = tuple(f"--ignore-glob=tests/test_{name}.py" for name in (*AUTHORS, "mutants"))  # nobody runs these in Colab
SHOWN = ("tensorflow", "keras", "numpy", "matplotlib", "scikit-learn", "ipywidgets")

# For the course's own Python: every lesson as it would be handed out by a repository at that address.
BUILD = """
import sys
from pathlib import Path
import nbformat
root, address, target = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
sys.path.insert(0, str(root / "tools"))
from lesson_cells import Course, find_course, make_notebook
course = Course(root, address, find_course(root).version)
for lesson in course.lessons:
    nbformat.write(make_notebook(course, lesson), target / f"{lesson}.ipynb")
"""

# For Colab's Python: run a notebook, or only its cells up to the set-up cell.
RUN = """
import sys
import nbclient, nbformat
notebook = nbformat.read(sys.argv[1], as_version=4)
if "--set-up-only" in sys.argv:
    last = next(i for i, cell in enumerate(notebook.cells) if "setup" in cell.metadata.get("tags", []))
    notebook.cells = notebook.cells[: last + 1]
    notebook.cells[last].source += "\\nassert 'site-packages' in course_lib.__file__, course_lib.__file__"
try:
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
except Exception as error:
    sys.exit(str(error)[-3000:])
"""


def colab_environment(root):
    """Colab's packages, without the course: that comes by the set-up cell."""
    preferred = ("3.12", "3.13", "3.11")
    return Environment(Path(root), ".venv-colab", "requirements-colab.lock", False, preferred, running_first=False)


def test_in_colabs_environment(root, with_lessons, run_pytest):
    """Print what was seen; return 0 if the course works in Colab's environment, else 1."""
    environment = colab_environment(root)
    prepare(environment)
    prepare(course_environment(root))
    folder = root / ".cache" / "colab"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "lessons").mkdir(parents=True)
    repository = clone(root, folder / "repository")
    program(course_environment(root), BUILD, str(root), repository.resolve().as_uri(), str(folder / "lessons"))
    lessons = sorted((folder / "lessons").glob("*.ipynb"))
    problems = install_by_the_set_up_cell(environment, lessons[0])
    if not problems:
        part = run_pytest(environment, "colab", ["tests", "-m", "not slow", *NOT_THERE], PYTHONPATH=str(root))
        problems += [] if part.good else ["the tests of the library (above)"]
        for lesson in lessons if with_lessons else []:
            problems += run_lesson(environment, lesson)
    for problem in problems:
        print(f"FAILED  {problem}")
    print(f"\ntest-colab: {'FAILED' if problems else 'all good'}")
    return 1 if problems else 0


def clone(root, target):
    """A clone of the last commit, with the tag that a release has; return its folder."""
    if git(root, "status", "--porcelain"):
        print("NOTE  What is not committed is tested by the unit tests, but not installed by the set-up cell.")
    git(root, "clone", "--quiet", "--no-hardlinks", str(root), str(target))
    text = (target / "course_lib" / "__init__.py").read_text(encoding="utf-8")
    git(target, "tag", "--force", "v" + text.split('__version__ = "')[1].split('"')[0])
    return target


def install_by_the_set_up_cell(environment, lesson):
    """Run the first cells of a lesson where the course is missing; return what went wrong."""
    program(environment, "-m", "pip", "uninstall", "--yes", "--quiet", COURSE)
    before = packages(environment)
    print("\n--- the set-up cell installs the course", flush=True)
    problems = run_lesson(environment, lesson, "--set-up-only")
    after = packages(environment)
    print("  " + ", ".join(f"{name} {after.get(name)}" for name in SHOWN))
    changed = [name for name in sorted({*before, *after} - {COURSE}) if before.get(name) != after.get(name)]
    return problems + [f"the set-up cell changed {name}: {before.get(name)}, {after.get(name)}" for name in changed]


def run_lesson(environment, lesson, *options):
    started = time.monotonic()
    done = program(environment, RUN, str(lesson), *options, cwd=lesson.parent, check=False)
    print(f"  {lesson.stem}: {'FAILED' if done.returncode else 'ok'}, {time.monotonic() - started:.0f} s", flush=True)
    return [f"{lesson.stem}\n{done.stderr[-3000:]}"] if done.returncode else []


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
