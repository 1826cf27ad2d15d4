"""An nbgrader course of the lessons, in `classroom/`: `make classroom` writes it.

    python -m tools.classroom.class_folder --nbgrader PYTHON                  # all lessons
    python -m tools.classroom.class_folder --nbgrader PYTHON 05 the_elbo      # some
    python -m tools.classroom.class_folder --nbgrader PYTHON --output FOLDER  # elsewhere

PYTHON is that of the environment which has nbgrader. In the folder come to be

    nbgrader_config.py     the settings: time limits, how solutions become holes; yours once you have changed it
    source/LESSON/         the instructor edition, with solutions and points
    release/LESSON/        the student edition, made from it by nbgrader
    gradebook.db           nbgrader's table of points

The command may be stopped and called again: what is done is kept. A lesson that you have changed in `source/` stays
yours, and its student edition is made from it; one that has submissions is left alone.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat

from tools.classroom.class_notebooks import class_notebook
from tools.editions.build_notebooks import ROOT, named_lessons
from tools.editions.lesson_cells import find_course
from tools.editions.lesson_sources import LessonError

HERE = Path(__file__).resolve().parent
SETTINGS = HERE / "nbgrader_config.py"
GENERATE = HERE / "generate_assignments.py"
KERNEL = "generative-models-grading"
RECORD = ".written.json"  # file → the hash of what was written last, and `release/…` → that of the source it is from
ADVICE = """\
Hand out   the notebooks in {folder}/release/
Collect    into {folder}/submitted/STUDENT/LESSON/LESSON.ipynb, the lesson's file under its own name
Grade      cd {folder}, then {nbgrader} autograde LESSON
           This RUNS what students wrote, with your rights: as another user, or in a container without a network.
Feedback   {nbgrader} generate_feedback LESSON; the points: {nbgrader} export
Report     make class-report FOLDER={folder}"""


class ClassroomError(Exception):
    """What keeps a class folder from being written, and how to repair it."""


@dataclass
class ClassFolder:
    """The folder of a class, and what this command has written into it."""

    path: Path

    def __post_init__(self):
        self.record = read_record(self.path / RECORD)
        self.notes = []

    def put(self, name, text):
        """Write a file where it is missing or as it was written last; a file that somebody changed stays.

        Returns:
            Whether the file is now the one of this edition.
        """
        path, new = self.path / name, hash_of(text)
        found = hash_of(path.read_text("utf-8")) if path.exists() else None
        if found not in (None, new, self.record.get(name)):
            return False
        if found != new:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_name(f".{path.name}.unfinished")
            unfinished.write_text(text, "utf-8", newline="\n")
            unfinished.replace(path)
        self.remember(name, new)
        return True

    def remember(self, name, what):
        self.record[name] = what
        (self.path / RECORD).write_text(json.dumps(self.record, indent=1, sort_keys=True), "utf-8")

    def submissions(self, lesson):
        """How many students have handed in a lesson, or were graded."""
        found = {
            path.parent.name for each in ("submitted", "autograded") for path in self.path.glob(f"{each}/*/{lesson}")
        }
        return len(found)

    def source(self, lesson):
        return f"source/{lesson}/{lesson}.ipynb"

    def is_released(self, lesson):
        """Whether the student edition is the one of the source as it is now."""
        name = f"release/{lesson}/{lesson}.ipynb"
        source = self.path / self.source(lesson)
        return (self.path / name).exists() and self.record.get(name) == hash_of(source.read_text("utf-8"))

    def mark_released(self, lesson):
        source = (self.path / self.source(lesson)).read_text("utf-8")
        self.remember(f"release/{lesson}/{lesson}.ipynb", hash_of(source))


def hash_of(text):
    return hashlib.sha256(text.encode()).hexdigest()


def read_record(path):
    """What was written before; nothing where the record is missing or broken: then every changed file is kept."""
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


# --- sources -----------------------------------------------------------------------------------------------------


def write_sources(course, lessons, folder):
    """Write the settings and the instructor editions; return the lessons whose student edition must be made."""
    if not folder.put("nbgrader_config.py", SETTINGS.read_text("utf-8")):
        folder.notes.append("nbgrader_config.py was changed by you and stays. Delete it to get the course's own.")
    pending = []
    for lesson in lessons:
        text = nbformat.writes(class_notebook(course, lesson)).rstrip("\n") + "\n"
        name, handed_in = folder.source(lesson), folder.submissions(lesson)
        path = folder.path / name
        if handed_in and path.exists():
            if hash_of(path.read_text("utf-8")) != hash_of(text):
                folder.notes.append(
                    f"{lesson} has another edition, but {handed_in} have handed in theirs: it stays as they got it."
                )
            if folder.is_released(lesson):
                continue
        elif not folder.put(name, text):
            folder.notes.append(f"{name} was changed by you and stays. Delete it to get the new edition.")
        if not folder.is_released(lesson):
            pending.append(lesson)
    return pending


# --- nbgrader ----------------------------------------------------------------------------------------------------


def install_kernel(nbgrader, python, root):
    """Make the kernel in which nbgrader runs notebooks: the course's own Python, where checks are strict.

    Args:
        nbgrader: The Python of the environment that has nbgrader.
        python: The Python that has the course.
        root: The folder of the checkout.
    """
    prefix = subprocess.run([nbgrader, "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True)
    if prefix.returncode:
        raise ClassroomError(
            f"Expected nbgrader's Python, came {nbgrader}, which does not run ({prefix.stderr.strip()[-300:]}). Delete "
            f"the folder .venv-classroom and call again."
        )
    folder = Path(prefix.stdout.strip()) / "share" / "jupyter" / "kernels" / KERNEL
    folder.mkdir(parents=True, exist_ok=True)
    spec = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Generative models, graded",
        "language": "python",
        "env": {"COURSE_STRICT": "1", "COURSE_PROFILE": "cpu", "KERAS_BACKEND": "tensorflow", "PYTHONPATH": str(root)},
    }
    (folder / "kernel.json").write_text(json.dumps(spec, indent=1), "utf-8")


def release(nbgrader, lessons, folder):
    """Let nbgrader make the student editions, and the gradebook.

    Raises:
        ClassroomError: It could not, for some lessons; the others are done.
    """
    command, failed = [nbgrader, str(GENERATE), *lessons], {}
    process = subprocess.Popen(
        command,
        cwd=folder.path,
        env=variables_of(nbgrader),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    waiting, said = list(lessons), []
    for line in process.stdout:
        try:
            outcome = json.loads(line)
            lesson, error = outcome["lesson"], outcome["error"]
        except (ValueError, TypeError, KeyError):  # a sentence of nbgrader's own
            said.append(line.strip())
            continue
        waiting.remove(lesson)
        if error:
            failed[lesson] = last_line(error)
        else:
            folder.mark_released(lesson)
            print(f"  {lesson}", flush=True)
    process.wait()
    failed |= {lesson: last_line("\n".join(said)) for lesson in waiting}
    if failed:
        reasons = "\n".join(f"  {lesson}: {reason}" for lesson, reason in failed.items())
        raise ClassroomError(
            f"Expected {len(lessons)} student editions, came {len(lessons) - len(failed)}. nbgrader says:\n{reasons}\n"
            f"What you changed in {folder.path.name}/source/ is the likely cause: delete that lesson's folder there, "
            f"and call again. (The others are done.)"
        )


def variables_of(nbgrader):
    """nbgrader calls its own programs by name, such as alembic: they must be found."""
    variables = dict(os.environ, PATH=os.pathsep.join([str(Path(nbgrader).parent), os.environ.get("PATH", os.defpath)]))
    for name in ("PYTHONPATH", "JUPYTER_CONFIG_DIR", "VIRTUAL_ENV"):
        variables.pop(name, None)
    return variables


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "nothing"


# --- the command -------------------------------------------------------------------------------------------------


def write_class(course, names, path, nbgrader, python=sys.executable):
    """Write the class folder, or bring it up to date.

    Args:
        course: The `Course`.
        names: The lessons as a person names them; all of them where it is empty.
        path: The folder; made if missing.
        nbgrader: The Python that has nbgrader.
        python: The Python that has the course.

    Returns:
        The `ClassFolder`.

    Raises:
        ClassroomError: nbgrader could not do its part.
        LessonError: A lesson could not be built, or is unknown.
    """
    lessons = named_lessons(course, names)
    if path.exists() and any(path.iterdir()) and not (path / RECORD).exists():
        raise ClassroomError(
            f"Expected a new folder or one that this command has made, came {path}, which holds other files. Name "
            f'another one: ARGS="--output FOLDER".'
        )
    path.mkdir(parents=True, exist_ok=True)
    folder = ClassFolder(path)
    folder.remember("made by", "make classroom")
    pending = write_sources(course, lessons, folder)
    install_kernel(nbgrader, python, course.root)
    print(f"{len(lessons)} lessons in {path}/source; student editions to make: {len(pending)}", flush=True)
    if pending:
        release(nbgrader, pending, folder)
    return folder


def main(arguments=None, root=ROOT):
    parser = argparse.ArgumentParser(description="Write an nbgrader course of the lessons.")
    parser.add_argument("lessons", nargs="*", help="as in `05`, `the_elbo`; all of them where none is named")
    parser.add_argument("--output", type=Path, help="the folder of the class (classroom)")
    parser.add_argument("--nbgrader", required=True, help="the Python of the environment that has nbgrader")
    options = parser.parse_args(arguments)
    path = (options.output or root / "classroom").absolute()
    try:
        folder = write_class(find_course(root), options.lessons, path, options.nbgrader)
    except (ClassroomError, LessonError) as error:
        print(error, file=sys.stderr)
        return 1
    for note in folder.notes:
        print(f"NOTE  {note}")
    shown = path.relative_to(root) if path.is_relative_to(root) else path
    print(ADVICE.format(folder=shown, nbgrader=Path(options.nbgrader).with_name("nbgrader")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
