"""Planted bugs of a class that is graded: strict checks, what nbgrader gets, what is kept, and what the report counts."""

from tests.mutants.bug import planted_in

_ENGINE = ("course_lib/exercises/engine.py", "tests/exercises/test_engine.py")
_NOTEBOOKS = ("tools/classroom/class_notebooks.py", "tests/tools/classroom/test_class_notebooks.py")
_SETTINGS = ("tools/classroom/nbgrader_config.py", "tests/tools/classroom/test_class_notebooks.py")
_FOLDER = ("tools/classroom/class_folder.py", "tests/tools/classroom/test_class_folder.py")
_VERDICTS = ("tools/classroom/verdicts.py", "tests/tools/classroom/test_class_report.py")
_REPORT = ("tools/classroom/class_report.py", "tests/tools/classroom/test_class_report.py")

BUGS = (
    # strict checks
    planted_in(_ENGINE, "full points for a wrong answer", "if verdict != RIGHT and _is_strict():", "if verdict == UNANSWERED and _is_strict():"),
    planted_in(_ENGINE, "full points for no answer", "if verdict != RIGHT and _is_strict():", "if verdict.startswith(NOT_YET) and _is_strict():"),
    planted_in(_ENGINE, "a strict check where strict is switched off", 'os.environ.get("COURSE_STRICT", "") not in ("", "0")', 'bool(os.environ.get("COURSE_STRICT"))'),
    planted_in(_ENGINE, "the code as found told its fault at once", "    return _handed_over.get(exercise) == this", "    return False"),
    planted_in(_ENGINE, "no fault told, whatever was changed", "_handed_over.setdefault(exercise, this) != this:", "_handed_over.setdefault(exercise, this) is None:"),
    planted_in(_ENGINE, "the fault told and taken back", "        _handed_over[exercise] = None\n    return _handed_over.get(exercise) == this", "        return False\n    return _handed_over.get(exercise) == this"),
    # what nbgrader gets
    planted_in(_NOTEBOOKS, "checks that students may change", "locked=True, points=points.pop(0))", "points=points.pop(0))"),
    planted_in(_NOTEBOOKS, "points from the last exercise on", "points=points.pop(0))", "points=points.pop())"),
    planted_in(_NOTEBOOKS, "every exercise worth the same", "kinds.get(name, UNKNOWN_KIND)]", "UNKNOWN_KIND]"),
    planted_in(_NOTEBOOKS, "a set-up cell that students may change", "marks(cell.id, locked=True)\n", "marks(cell.id)\n"),
    planted_in(_NOTEBOOKS, "links that lead out of the folder of a lesson", r'r"](../\1/\1.ipynb"', r'r"](\1.ipynb"'),
    planted_in(_NOTEBOOKS, "an exercise without its check handed out", "if points_left or roles", "if points_left and roles"),
    planted_in(_SETTINGS, "students get the stub of nbgrader", "ClearSolutions, HandOutHoles\n", "ClearSolutions, ClearSolutions\n"),
    planted_in(_SETTINGS, "a hole that stays a comment", 'r"^([ \\t]*)# ?", r"\\1", found[1]', 'r"^([ \\t]*)#! ?", r"\\1", found[1]'),
    planted_in(_SETTINGS, "a second solution handed out", 'if "# BEGIN SOLUTION" in cell.source:', 'if "# BEGIN SOLUTION" == cell.source:'),
    planted_in(_SETTINGS, "no points for a right answer that warns", 'output.name = "stdout"', 'output.name = output.name'),
    planted_in(_SETTINGS, "grading without a time limit", "c.Execute.timeout = 120", "c.Execute.timeout = None or 10**6"),
    # what is kept
    planted_in(_FOLDER, "a lecturer's changes overwritten", "if found not in (None, new, self.record.get(name)):", "if found is False:"),
    planted_in(_FOLDER, "a lesson changed under those who handed it in", "if handed_in and path.exists():", "if handed_in > 99 and path.exists():"),
    planted_in(_FOLDER, "students counted once for each folder", "path.parent.name for each in", "path for each in"),
    planted_in(_FOLDER, "student editions made anew each time", "        if not folder.is_released(lesson):\n            pending", "        if lesson:\n            pending"),
    planted_in(_FOLDER, "a student edition of yesterday's source", "self.record.get(name) == hash_of(source.read_text(\"utf-8\"))", "name in self.record"),
    planted_in(_FOLDER, "a lesson that nbgrader refused called done", "        if error:\n", "        if not lesson:\n"),
    planted_in(_FOLDER, "somebody's folder taken for a class", "any(path.iterdir()) and not (path / RECORD).exists()", "not any(path.iterdir())"),
    planted_in(_FOLDER, "a grader's kernel that is not strict", '"COURSE_STRICT": "1"', '"COURSE_STRICT": "0"'),
    # what the report counts
    planted_in(_VERDICTS, "the first verdict of a cell counts", "return understood(said[-1], exercise)", "return understood(said[0], exercise)"),
    planted_in(_VERDICTS, "hints taken for a part of the sentence", r"|^    \S|\Z)", r"|\Z)"),
    planted_in(_VERDICTS, "verdicts that are raised passed over", 'text = text_of(output.get("evalue"))', 'text = ""'),
    planted_in(_VERDICTS, "only one mistake of an answer counted", '.split(" And: ")', '.split(" And also: ")'),
    planted_in(_VERDICTS, "a stopped check taken for one that was not run", "    if errors:\n", "    if not cell:\n"),
    planted_in(_VERDICTS, "a broken notebook ends the report", "except (ValueError, RecursionError) as error:", "except RecursionError as error:"),
    planted_in(_VERDICTS, "what was handed in read where it was graded", "for name in (GRADED, SUBMITTED):", "for name in (SUBMITTED, GRADED):"),
    planted_in(_VERDICTS, "the worse of two copies counts", "key=lambda each: -each.right", "key=lambda each: each.right"),
    planted_in(_VERDICTS, "a renamed lesson passed over in silence", "    if lesson not in path.stem:\n", "    if not lesson:\n"),
    planted_in(_REPORT, "shares of all students instead of those who handed in", "n, len(verdicts))) for each, n", "n, len(works))) for each, n"),
    planted_in(_REPORT, "the rarest mistake first", "(-made.count / made.students, -made.count,", "(made.count / made.students, made.count,"),
    planted_in(_REPORT, "a student's name that a spreadsheet computes", "[harmless(student), ", "[student, "),
    planted_in(_REPORT, "a table without headers of its rows", """'<tr><th scope="row">{first}</th>{tds}</tr>'""", """'<tr><td>{first}</td>{tds}</tr>'"""),
    planted_in(_REPORT, "a sentence that becomes HTML", "<caption>{html.escape(caption)}</caption>", "<caption>{caption}</caption>"),
)  # fmt: skip
