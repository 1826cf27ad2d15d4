"""What a planted bug is."""

from pathlib import Path

from course_lib.patients import Patient as Bug

ROOT = Path(__file__).resolve().parents[2]


def lesson_file(name):
    """The source of a lesson, which is called by its name and has any number: `training_a_gan`."""
    [path] = (ROOT / "notebooks" / "source").glob(f"[0-9][0-9]_{name}.py")
    return path.relative_to(ROOT).as_posix()


def planted_in(place, name, before, after):
    """A bug in one of the places `(file, test file)`."""
    file, tests = place
    return Bug(name, file, before, after, tests)
