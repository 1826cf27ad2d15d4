"""What a planted bug is."""

from dataclasses import dataclass


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


def planted_in(place, name, before, after):
    """A bug in one of the places `(file, test file)`."""
    file, tests = place
    return Bug(name, file, before, after, tests)
