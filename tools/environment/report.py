"""Read what pytest wrote (JUnit XML) and say it in words that a learner understands.

Standard library only, and readable by Python 3.8.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

LISTED = 10


@dataclass(frozen=True)
class Case:
    """One test, or one cell of a lesson."""

    group: str
    name: str
    outcome: str
    seconds: float


@dataclass
class Part:
    """One run of pytest: what it was about, how it ended, and its cases."""

    title: str
    exit_code: int
    seconds: float
    cases: list = field(default_factory=list)

    def count(self, *outcomes):
        return sum(case.outcome in outcomes for case in self.cases)

    @property
    def failed(self):
        return [case for case in self.cases if case.outcome in ("failed", "error")]

    @property
    def good(self):
        return self.exit_code == 0 and not self.failed and self.count("passed") > 0

    @property
    def groups(self):
        """Group name → its cases, in the order in which they ran."""
        groups = {}
        for case in self.cases:
            groups.setdefault(case.group, []).append(case)
        return groups


def read_part(title, exit_code, seconds, path):
    """Read a JUnit file; a missing or broken one (pytest was killed) gives a part without cases."""
    try:
        tree = ElementTree.parse(str(path))
    except (OSError, ElementTree.ParseError):
        return Part(title, exit_code, seconds)
    cases = [
        Case(case.get("classname", ""), case.get("name", ""), outcome_of(case), float(case.get("time", 0)))
        for case in tree.iter("testcase")
    ]
    return Part(title, exit_code, seconds, cases)


def outcome_of(case):
    for tag, outcome in (("error", "error"), ("failure", "failed"), ("skipped", "skipped")):
        if case.find(tag) is not None:
            return outcome
    return "passed"


def summary(library, lessons, expected_lessons, machine):
    """The closing words of `make test`.

    Args:
        library: the `Part` of the unit tests.
        lessons: the `Part` of the lessons, or None where there was none to run.
        expected_lessons: the lessons' paths, all of which must have run.
        machine: Python and operating system, in words.

    Returns:
        The lines as one string, and whether everything is as it should be.
    """
    lines = ["", f"Summary ({machine})", library_line(library)]
    good = library.good
    if lessons is None:
        lines.append("  lessons   none found in notebooks/: the checkout is not complete")
        good = False
    else:
        lines += lesson_lines(lessons, expected_lessons)
        good = good and lessons.good and not missing_lessons(lessons, expected_lessons)
    if good:
        ran = counted(len(expected_lessons), "lesson")
        checks = counted(library.count("passed"), "check")
        lines += ["", f"{checks} of the library passed; {ran} ran; everything on this machine works."]
    else:
        lines += ["", *what_to_do(library, lessons)]
    return "\n".join(lines), good


def library_line(part):
    return f"  library   {counted_outcomes(part)}, {part.seconds:.0f} s"


def counted_outcomes(part):
    if not part.cases:
        return f"no result: pytest ended with code {part.exit_code}"
    words = f"{counted(part.count('passed'), 'check')} passed"
    if part.failed:
        words += f", {len(part.failed)} FAILED"
    if part.count("skipped"):
        words += f", {part.count('skipped')} skipped"
    return words if part.good or part.failed else f"{words}, but pytest ended with code {part.exit_code}"


def lesson_lines(part, expected):
    lines = [f"  lessons   {part.seconds:.0f} s in all"]
    for lesson in expected:
        cells = part.groups.get(group_of(part, lesson), [])
        seconds = sum(case.seconds for case in cells)
        wrong = [case.name for case in cells if case.outcome in ("failed", "error")]
        verdict = f"FAILED in {', '.join(wrong[:3])}" if wrong else f"{counted(len(cells), 'cell')} ran"
        lines.append(f"    {Path(lesson).stem}: {verdict if cells else 'DID NOT RUN'}, {seconds:.1f} s")
    return lines


def missing_lessons(part, expected):
    return [lesson for lesson in expected if not part.groups.get(group_of(part, lesson))]


def group_of(part, lesson):
    """Pytest names a lesson's cells by its path, with dots for slashes."""
    name = Path(lesson).name
    return next((group for group in part.groups if group == name or group.endswith(f".{name}")), None)


def what_to_do(library, lessons):
    parts = [part for part in (library, lessons) if part is not None]
    failed = [case for part in parts for case in part.failed]
    lines = ["Not everything works on this machine yet."]
    lines += [f"  failed: {case.group} {case.name}" for case in failed[:LISTED]]
    if len(failed) > LISTED:
        lines.append(f"  … and {len(failed) - LISTED} more")
    if any(part.exit_code < 0 or part.exit_code == 137 for part in parts):
        lines.append("  A run was ended from outside, most often for want of memory: close other programs, try again.")
    return [
        *lines,
        "What to do: each failure is explained above, in its own words. If you changed course_lib, tests or notebooks,",
        "look there first (`git status` lists your changes). If you changed nothing, it is our fault: please report it",
        'with this summary (README.md, "How to report a problem").',
    ]


def counted(number, noun):
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
