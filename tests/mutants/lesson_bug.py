"""What a bug planted for a proof cell of a lesson is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LessonBug:
    """One planted bug for a proof cell.

    Attributes:
        name: What is wrong, in words.
        cell: The id of the proof cell that must go red.
        before: The text that is replaced; it must occur exactly once.
        after: The text that replaces it.
        file: Where: "" for the cell itself, the id of an earlier cell, or a file of the library.
        rerun: Ids of earlier cells that run again, with the bug, before the proof cell.
    """

    name: str
    cell: str
    before: str
    after: str
    file: str = ""
    rerun: tuple[str, ...] = ()

    def place_in(self, cell):
        """The id of the cell, or the file, that is changed when `cell` is tried."""
        return self.file or cell


def known_bug(name, cell, rerun=()):
    """A bug of the library that tests/mutants/bugs.py plants too."""
    from tests.mutants.bugs import BUGS  # they import all of their rooms

    [bug] = [bug for bug in BUGS if bug.name == name]
    return LessonBug(name, cell, bug.before, bug.after, bug.file, rerun)
