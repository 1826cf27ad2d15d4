"""Planted bugs of the learner's workbook: copies, and what an update carries into new editions."""

from tests.mutants.bug import planted_in

_WORKBOOK = ("tools/editions/workbook.py", "tests/tools/editions/test_workbook.py")

BUGS = (
    # copies and merging
    planted_in(_WORKBOOK, "copies that hold the outputs", 'return {**cell, "outputs": [], "execution_count": None} if', "return cell if"),
    planted_in(_WORKBOOK, "an exercise that stops Run all", "[*tags, *([] if NEVER_STOPS in tags else [NEVER_STOPS])]", "tags"),
    planted_in(_WORKBOOK, "answers found by their numbers", '        if found and f"{role} {found[1]}" not in used:\n', "        if False:\n"),
    planted_in(_WORKBOOK, "a lesson with a new number copied afresh", "    return same[-1] if same else None", "    return None"),
    planted_in(_WORKBOOK, "cells of the learner left behind", "        self.added = len(own)\n", "        self.added, behind = len(own), {}\n"),
    planted_in(_WORKBOOK, "an empty cell taken for a change", "elif key is None and source_of(cell).strip() and", "elif key is None and"),
)  # fmt: skip
