"""Which tests `make test` leaves to `make test-all`: those that take long and that no planted bug needs.

tests/left_to_test_all.txt lists them, and conftest.py marks them `exhaustive`. `python -m tools.environment.dear`
writes the list anew from the last `make test-all` of this machine: a case of a test that has several goes from 0.08 s,
a test alone from 0.3 s, and of each test that convicts no bug its cheapest case stays. CI runs them all.
Standard library only.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "tests" / "left_to_test_all.txt"
RESULTS = ROOT / ".cache" / "results-all.xml"
WITNESSES = ROOT / "tests" / "mutants" / "convicted_by.json"
OF_SEVERAL, ALONE = 0.08, 0.3


def main():
    witnesses = {each["test"] for each in json.loads(WITNESSES.read_text("utf-8")).values()}
    names = dear(measured(RESULTS), witnesses)
    LIST.write_text("".join(f"{name}\n" for name in names), "utf-8")
    print(f"{len(names)} tests are left to make test-all: tests/left_to_test_all.txt")


def measured(results):
    """Test → seconds, of the tests in tests/."""
    seconds = {}
    for case in ElementTree.parse(results).getroot().iter("testcase"):
        if case.get("classname", "").startswith("tests."):
            seconds[f"{case.get('classname').replace('.', '/')}.py::{case.get('name')}"] = float(case.get("time"))
    return seconds


def dear(seconds, witnesses):
    """The names of the tests that take long, convict nobody, and have a cheaper case beside them or stand alone."""
    cases = defaultdict(list)
    for name in seconds:
        cases[name.split("[")[0]].append(name)
    left = []
    for function, names in cases.items():
        if function in witnesses:
            continue
        free = sorted((name for name in names if name not in witnesses), key=lambda name: (seconds[name], name))
        cheapest_stays = len(names) > 1 and len(free) == len(names)
        limit = OF_SEVERAL if len(names) > 1 else ALONE
        left += [name for name in free[1 if cheapest_stays else 0 :] if seconds[name] >= limit]
    return sorted(left)


def listed(path=LIST):
    """What stands in the list."""
    return frozenset(path.read_text("utf-8").splitlines()) if path.exists() else frozenset()


if __name__ == "__main__":
    main()
