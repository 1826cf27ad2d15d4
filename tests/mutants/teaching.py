"""Planted bugs of what a lecturer gets: sheets, questions, plans, the table of systems, and the hub's recipe."""

from tests.mutants.bug import planted_in

_SHEETS = ("tools/teaching/sheets.py", "tests/tools/teaching/test_sheets.py")
_FORMULAS = ("tools/teaching/mathematics.py", "tests/tools/teaching/test_sheets.py")
_QUESTIONS = ("tools/teaching/questions.py", "tests/tools/teaching/test_questions.py")
_PLANS = ("tools/editions/lesson_plans.py", "tests/tools/editions/test_lesson_plans.py")
_FILES = ("tools/editions/lesson_files.py", "tests/tools/editions/test_lesson_plans.py")
_SYSTEMS = ("tools/editions/systems.py", "tests/tools/editions/test_systems.py")
_SYSTEMS_BUILT = ("tools/editions/lesson_files.py", "tests/tools/editions/test_systems.py")
_HUB = ("hub/jupyterhub_config.py", "tests/hub/test_hub.py")
_STUDENT = ("hub/student.py", "tests/hub/test_hub.py")

BUGS = (
    planted_in(_SHEETS, "a sheet that shows holes for solutions", "solution = without_markers(cells[last].source)", "solution = cells[last].source"),
    planted_in(_SHEETS, "a sheet with the first mistake of each exercise only", "for each in asked.exercise.mistakes\n", "for each in asked.exercise.mistakes[:1]\n"),
    planted_in(_SHEETS, "a sheet whose deeper exercises count as core", "asked.append(Asked(label, name, question, solution, kind, minutes, deeper[here], exercise))", "asked.append(Asked(label, name, question, solution, kind, minutes, False, exercise))"),
    planted_in(_SHEETS, "a sheet with the minutes of a function for every exercise", "minutes = MINUTES_OF_AN_EXERCISE[kind]", "minutes = 8"),
    planted_in(_SHEETS, "a sheet whose links need the notebooks", r'return re.sub(r"\[([^\]]+)\]\([^)\s]+\.ipynb\)", r"\1", words)', "return words"),
    planted_in(_SHEETS, "a sheet left over from a lesson's old number", "if path.stem not in course.lessons:", "if path.stem == course:"),
    planted_in(_FORMULAS, "formulas sought inside code", 'if found["code"]:', 'if found["code"] and found["display"]:'),
    planted_in(_QUESTIONS, "numbers of answers that nobody compares", "if number not in one.printed] if part == EXAM else []", "if number == one.printed] if part == EXAM else []"),
    planted_in(_QUESTIONS, "a thousand that ends at its comma", 'words.replace(",", "")', "words"),
    planted_in(_QUESTIONS, "a question without an answer let through", "    if not one.answer:\n", "    if not one.title:\n"),
    planted_in(_QUESTIONS, "a page with too few questions let through", "if len(asked) != HOW_MANY[part]:", "if len(asked) > HOW_MANY[part]:"),
    planted_in(_PLANS, "a plan that names a lesson twice", "        seen |= set(lessons)\n", ""),
    planted_in(_PLANS, "the deeper sections within the hours of the core path", "**{in_hours(reading + exercises)}**", "**{in_hours(reading + exercises + deeper)}**"),
    planted_in(_PLANS, "hours whose minutes have one digit", "{minutes % 60:02d}", "{minutes % 60}"),
    planted_in(_PLANS, "what is done at home left over as well", 'set(PARTS) - parts["in_class"] - parts["home"])', 'set(PARTS) - parts["in_class"])'),
    planted_in(_FILES, "plans that the builder does not write", "files[plans] = planned(course, plans.read_text(\"utf-8\"))", "files[plans] = plans.read_text(\"utf-8\")"),
    planted_in(_SYSTEMS, "a proof cell that holds every section above it", "for depth, name in above if depth < len(level)]", "for depth, name in above]"),
    planted_in(_SYSTEMS, "a system held by a test file that is gone", "not (course.root / name).is_file()", "not name"),
    planted_in(_SYSTEMS, "two rows that share what holds them", "[replace(place) for place in other.places]", "list(other.places)"),
    planted_in(_SYSTEMS_BUILT, "a check that is blind to what the systems name", "        problems += problems_of(course, systems_of(course))\n", ""),
    planted_in(_HUB, "a hub that lets everybody in", "if TRIAL:\n", "if True:\n"),
    planted_in(_HUB, "a hub that cuts a training", "cull_busy=False", "cull_busy=True"),
    planted_in(_HUB, "a hub whose kernels run in the hub's own environment", "[str(COURSE_PYTHON), \"-m\"", "[sys.executable, \"-m\""),
    planted_in(_STUDENT, "a student's limit in megabytes", "int(float(gigabytes) * 2**30)", "int(float(gigabytes) * 2**40)"),
    planted_in(_STUDENT, "a student's server in the folder of the lessons", "f\"--ServerApp.root_dir={folder}\"", "\"--ServerApp.root_dir=/\""),
)  # fmt: skip
