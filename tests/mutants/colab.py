"""Planted bugs of the way to Colab: the set-up cell, addresses, the kit, its test, and a training on a drive."""

from tests.mutants.bug import lesson_file, planted_in

_CELL = ("tools/editions/lesson_cells.py", "tests/tools/editions/test_colab.py")
_ADDRESS = ("tools/editions/lesson_cells.py", "tests/tools/editions/test_build_notebooks.py")
_KIT = ("tools/editions/colab_kit.py", "tests/tools/editions/test_colab_kit.py")
_COLAB = ("tools/editions/colab.py", "tests/tools/editions/test_colab.py")
_LESSON = (lesson_file("training_a_gan"), "tests/test_lesson_training_a_gan.py")

BUGS = (
    planted_in(_CELL, "a wheel installed with all that it depends on", '"-qq", "--no-deps", newest]', '"-qq", newest]'),
    planted_in(_CELL, "versions compared as words", '[int(n) for n in re.findall("[0-9]+", wheel.rsplit("course-")[-1])]', 'wheel.rsplit("course-")[-1]'),
    planted_in(_CELL, "the number of a folder taken for a version", 'wheel.rsplit("course-")[-1])])', "wheel)])"),
    planted_in(_CELL, "the oldest of several wheels", "newest = max(nearest,", "newest = min(nearest,"),
    planted_in(_CELL, "a drive searched one folder deep only", "for depth in range(5)]", "for depth in range(4)]"),
    planted_in(_CELL, "a whole drive searched", "for depth in range(5)]", "for depth in range(8)]"),
    planted_in(_CELL, "the folder above the notebook forgotten", 'places = ["", "*/", "../"]', 'places = ["", "*/"]'),
    planted_in(_CELL, "data sets of Kaggle forgotten", 'for root in ("/content/", "/kaggle/input/")', 'for root in ("/content/",)'),
    planted_in(_CELL, "an error below which Colab gives advice of its own", "        raise FileNotFoundError(\n", "        raise ModuleNotFoundError(\n"),
    planted_in(_CELL, "a wheel that pip refused passed over", '"--no-deps", newest]).returncode:', '"--no-deps", newest]) is None:'),
    planted_in(_ADDRESS, "an address that pip cannot reach passed over", '"--no-deps", course]).returncode:', '"--no-deps", course]) is None:'),
    planted_in(_ADDRESS, "the port of ssh in an https address", "return f\"https://{parts.hostname.removeprefix('ssh.')}{parts.path}\"", 'return f"https://{parts.netloc}{parts.path}"'),
    planted_in(_ADDRESS, "a private server taken for a public one", 'parts.scheme == "ssh" and parts.username == "git" and parts.hostname', 'parts.scheme == "ssh"'),
    planted_in(_ADDRESS, "remotes in the short form of ssh ignored", "    if short:\n", "    if False:\n"),
    planted_in(_KIT, "lessons handed out with what they ask to predict", "cell.outputs, cell.execution_count = [], None", "cell.execution_count = None"),
    planted_in(_KIT, "a stale lesson handed out", "    if problems:\n        raise LessonError(f\"{lesson} is not", "    if False:\n        raise LessonError(f\"{lesson} is not"),
    planted_in(_KIT, "the time of making in the kit", "date_time=WHEN", "date_time=(2026, 1, 1, 0, 0, 0)"),
    planted_in(_KIT, "a kit written into its place", 'unfinished = target.with_name(f".{target.name}.unfinished")', "unfinished = target"),
    planted_in(_KIT, "links into another lesson that lose their section", "{address}{link[2] or ''}", "{address}"),
    planted_in(_COLAB, "somebody's /content removed", "if is_left_behind(CONTENT):", "if CONTENT.exists():"),
    planted_in(_COLAB, "packages that came unasked not seen", "sorted({*before, *after} - {COURSE})", "sorted({*before} - {COURSE})"),
    planted_in(_COLAB, "two sentences accepted for one", 'and sentence.count(". ") == 0', ""),
    planted_in(_COLAB, "two tracebacks accepted for one", 'any("During handling" in line for', 'any("At handling" in line for'),
    planted_in(_LESSON, "a training kept before the best weights are put back", "callbacks=[best, *kept]", "callbacks=[*kept, best]"),
    planted_in(_LESSON, "the trainings of two profiles in one folder", 'f"training_a_gan_{run.profile}"', '"training_a_gan"'),
)  # fmt: skip
