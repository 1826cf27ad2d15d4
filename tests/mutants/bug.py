"""What a planted bug is."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Bug:
    """One planted bug.

    Attributes:
        name: What is wrong, in words.
        file: The file that is changed, from the root of the checkout.
        before: The text that is replaced; it must occur exactly once.
        after: The text that replaces it.
        tests: The test file that must go red.
    """

    name: str
    file: str
    before: str
    after: str
    tests: str


def lesson_file(name):
    """The source of a lesson, which is called by its name and has any number: `training_a_gan`."""
    [path] = (ROOT / "notebooks" / "source").glob(f"[0-9][0-9]_{name}.py")
    return path.relative_to(ROOT).as_posix()


def planted_in(place, name, before, after):
    """A bug in one of the places `(file, test file)`."""
    file, tests = place
    return Bug(name, file, before, after, tests)
