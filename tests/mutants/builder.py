"""Planted bugs of the lessons' builder: names for numbers, minutes, the core path, and the texts of figures."""

from tests.mutants.bug import planted_in

_NAMES = ("tools/editions/lesson_names.py", "tests/tools/editions/test_lesson_names.py")
_FILES = ("tools/editions/lesson_files.py", "tests/tools/editions/test_lesson_names.py")
_REFERENCES = ("course_lib/exercises/references.py", "tests/exercises/test_references.py")
_TIMES = ("tools/editions/lesson_times.py", "tests/tools/editions/test_lesson_times.py")
_CELLS = ("tools/editions/lesson_cells.py", "tests/tools/editions/test_lesson_times.py")
_RULES = ("tools/editions/lesson_rules.py", "tests/tools/editions/test_lesson_times.py")
_TORN = ("tools/editions/lesson_rules.py", "tests/tools/editions/test_build_notebooks.py")
_FORMULAS = ("tools/editions/formulas.py", "tests/tools/editions/test_build_notebooks.py")
_FIGURES = ("tools/editions/lesson_figures.py", "tests/tools/editions/test_lesson_figures.py")
_OUTPUTS = ("tools/editions/lesson_figures.py", "tests/tools/editions/test_build_notebooks.py")
_LINES = ("tools/editions/lesson_rules.py", "tests/tools/editions/test_build_notebooks.py")
_BUILDER = ("tools/editions/build_notebooks.py", "tests/tools/editions/test_build_notebooks.py")
_SOURCE = ("course_lib/source.py", "tests/test_source.py")
_PLOTTING = ("course_lib/plotting.py", "tests/test_plotting.py")

BUGS = (
    # names for numbers
    planted_in(_NAMES, "an exercise numbered from nought", "names.index(constant) + 1}", "names.index(constant)}"),
    planted_in(_NAMES, "an exercise of another lesson with the number of this one", "lesson = lesson_called(course, place) if place else lesson", "lesson = lesson or lesson_called(course, place)"),
    planted_in(_NAMES, "a link to a lesson without its number", 'f"{form} {number_of(other)}"', "form"),
    planted_in(_NAMES, "a lesson found by a part of its name", "if name_of(lesson) == name]", "if name in lesson]"),
    planted_in(_NAMES, "a format of a number taken for a name", r"exercise):\s+([^", r"exercise):\s*([^"),
    planted_in(_NAMES, "a literal number that a line break hides", r'r"\b[Ll]essons?[ \n]\d+|', r'r"\b[Ll]essons? \d+|'),
    planted_in(_NAMES, "a literal number of an exercise allowed", r"\b[Ee]xercises?[ \n]\d+\.\d+|", r"\b[Ee]xercises?[ \n]\d+\.\d+x|"),
    planted_in(_NAMES, "a literal link allowed", r"|\b\d\d_\w+\.ipynb", ""),
    planted_in(_NAMES, "two lessons with one number", "number_of(other) == number_of(lesson):", "number_of(other) == lesson:"),
    planted_in(_NAMES, "two lessons with one name", "name_of(other) == name_of(lesson):", "name_of(other) == lesson:"),
    planted_in(_NAMES, "the texts of the checks not looked at", "for each in LITERAL.finditer(text)]\n        for kind", "for each in LITERAL.finditer(path.name)]\n        for kind"),
    planted_in(_NAMES, "unknown names in the checks allowed", "for kind, name in CALL.findall(text):", "for kind, name in CALL.findall(path.name):"),
    planted_in(_FILES, "a README whose map stays as it is", "    if MAP.search(text):\n", "    if not text:\n"),
    planted_in(_FILES, "links of the README with the number of yesterday", r're.sub(r"\b\d\d\b", number_of(lesson), found[1])', "found[1]"),
    planted_in(_FILES, "files that the README names without a link forgotten", "return re.sub(files, lambda found:", "return text or re.sub(files, lambda found:"),
    planted_in(_FILES, "stale files not told", "path.read_text(\"utf-8\") != text]\n    return problems", "path.read_text(\"utf-8\") == 0]\n    return problems"),
    planted_in(_REFERENCES, "a sentence with the exercise before", "names.index(own) + 1}", "names.index(own)}"),
    planted_in(_REFERENCES, "a sentence about a lesson that is none", "    if name not in contents.LESSONS:\n", "    if not name:\n"),
    # minutes
    planted_in(_TIMES, "hurried readers", "WORDS_A_MINUTE = 180", "WORDS_A_MINUTE = 250"),
    planted_in(_TIMES, "display formulas counted as words", "len(displayed) * MINUTES_OF_A_FORMULA", "0 * MINUTES_OF_A_FORMULA"),
    planted_in(_TIMES, "the addresses of links counted as words", r"|\]\([^)]*\)", ""),
    planted_in(_TIMES, "solutions counted as code to read", 'for cell in code if "exercise" not in tags_of(cell)]', "for cell in code]"),
    planted_in(_TIMES, "the set-up cell counted as code to read", 'and "setup" not in tags_of(cell)]', "]"),
    planted_in(_TIMES, "everything to build counted as a function", 'if "judge_with" in arguments:', 'if "judge_by" in arguments:'),
    planted_in(_TIMES, "inputs by position not seen", ' or len(call.args) > 1 else "a value', ' else "a value'),
    planted_in(_TIMES, "a core path of any length", "max(sum(core.said), core.reading + core.exercises) > MOST_CORE_MINUTES", "core.reading > 10 * MOST_CORE_MINUTES"),
    planted_in(_TIMES, "deeper sections counted to the core path", "if each == part], kinds)", "], kinds)"),
    # core and deeper
    planted_in(_TIMES, "a deeper section that ends before its parts", "if level and highest <= level:", "if level and highest <= level + 1:"),
    planted_in(_TIMES, "a deeper section that does not end", "if level and highest <= level:", "if level and highest < level:"),
    planted_in(_TIMES, "code in a text taken for a heading", r're.sub(r"```.*?```", "", cell.source, flags=re.DOTALL), re.MULTILINE)', "cell.source, re.MULTILINE)"),
    planted_in(_TIMES, "a core path that uses what is deeper", "& (set(deeper) - core))", "& (set() - core))"),
    planted_in(_TIMES, "a name that a deeper section changes", "            core -= made\n", ""),
    planted_in(_TIMES, "the arguments of functions taken for names", "isinstance(node, ast.arg)}", "isinstance(node, ast.Slice)}"),
    planted_in(_TIMES, "a section that ends inside a cell", "ends_inside_a_cell(cells) + needed_from_deeper(cells)", "needed_from_deeper(cells)"),
    planted_in(_CELLS, "deeper sections that are not folded", 'folded = {"jp-MarkdownHeadingCollapsed": True} if DEEPER in tags else {}', "folded = {}"),
    planted_in(_CELLS, "everything folded", "if DEEPER in tags else {}", "if tags else {}"),
    planted_in(_CELLS, "deeper sections that do not say so", "        return marked_deeper(cell.source)\n", "        return cell.source\n"),
    planted_in(_CELLS, "a line of times that is not written", ".replace(TIMES, line_of_times(course, lesson))", ""),
    # formulas
    planted_in(_TORN, "a displayed formula torn inside a list", r'(\A|\n[ \t]*\n)[ \t]*\$\$.*?', r'(\A|\n)[ \t]*\$\$.*?'),
    planted_in(_FORMULAS, "an operator that is an index without brackets", "        if operator:", "        if operator and False:"),
    planted_in(_FORMULAS, "letters that formulas have no sign for", r'letter = re.search(r"[^\x00-\x7f]", re', r'letter = re.search(r"[^\x00-\xff]", re'),
    # the texts of figures
    planted_in(_FIGURES, "figures without a text by plt", 'if name in ("plt.show", "figure.show"):', 'if name in ("pyplot.show", "figure.show"):'),
    planted_in(_FIGURES, "a text of any length", "< SHORTEST_TEXT:", "< 1:"),
    planted_in(_FIGURES, "a text that is no literal", "    texts = [part.value for part in parts if isinstance(part, ast.Constant) and", "    if isinstance(node, ast.Name):\n        return 99\n    texts = [part.value for part in parts if isinstance(part, ast.Constant) and"),
    planted_in(_FIGURES, "figures of any width", "width.value > WIDEST:", "width.value > 9 * WIDEST:"),
    planted_in(_FIGURES, "letters of any size", "SMALLEST_LETTERS = 8 ", "SMALLEST_LETTERS = 1 "),
    planted_in(_FIGURES, "texts of figures counted as code", "lines |= set(range(call.lineno + 1, call.end_lineno + 1))", "lines |= set()"),
    planted_in(_LINES, "lines of any length", "if len(line) > MOST_COLUMNS", "if len(line) > 9 * MOST_COLUMNS"),
    planted_in(_LINES, "the source behind what is shown judged", 'list(output.get("data", {})) == ["text/plain"]', '"text/plain" in output.get("data", {})'),
    planted_in(_LINES, "only what is printed judged, and not what is displayed", 'or list(output.get("data", {})) == ["text/plain"]', "or False"),
    planted_in(_BUILDER, "long lines that a run does not refuse", "problems = output_problems(course, notebook) + width_problems(notebook)", "problems = output_problems(course, notebook)"),
    planted_in(_BUILDER, "long lines that --check does not refuse", "    foreign += width_problems(stored)\n", ""),
    planted_in(_SOURCE, "an answer that is not folded", "    if folded is not None:", "    if folded is None and marked == text:"),
    planted_in(_SOURCE, "a line to click on that is taken for HTML", "html.escape(folded)", "folded"),
    planted_in(_OUTPUTS, "stored pictures without a text", 'not metadata.get(kind, {}).get("alt")', "kind not in data"),
    planted_in(_OUTPUTS, "stored pictures with the text of another kind", "not metadata.get(kind, {})", 'not metadata.get("image/png", {})'),
    planted_in(_OUTPUTS, "pictures in HTML without a text", 'html = data.get("text/html", "")', 'html = data.get("text/plain", "")'),
    planted_in(_PLOTTING, "a figure shown without its text", 'display(figure, metadata=metadata)', 'display(figure, metadata={"image/png": {}})'),
    planted_in(_PLOTTING, "a figure that is shown and stays open", "    plt.close(figure)\n    figure.set_facecolor", "    figure.set_facecolor"),
    planted_in(_PLOTTING, "a figure without a ground", '    figure.set_facecolor("white")\n', ""),
    planted_in(_PLOTTING, "letters too small for a phone", "    _enlarge_letters(figure)\n", ""),
    planted_in(_PLOTTING, "letters made smaller", "text.set_fontsize(max(least, text.get_fontsize()))", "text.set_fontsize(least)"),
    planted_in(_PLOTTING, "one marker for all classes", "zip(cycle(PALETTE), cycle(MARKERS), strict=False)", 'zip(cycle(PALETTE), cycle("o"), strict=False)'),
    planted_in(_PLOTTING, "markers that repeat with the colours", "cycle(MARKERS), strict=False)", "cycle(MARKERS[:8]), strict=False)"),
    planted_in(_PLOTTING, "a scatter that does not use its markers", "marker=marker, alpha=0.5", "alpha=0.5"),
    planted_in(_PLOTTING, "a film without its text", ', metadata={"alt": alt})', ")"),
    planted_in(_RULES, "a deeper point that the end takes for the core's", "    if before != after:\n", "    if before < after:\n"),
    planted_in(_RULES, "a deeper point without a deeper section", '    if before and not any("deeper" in', '    if False and not any("deeper" in'),
    planted_in(_RULES, "the second line of a point not read", "((?:[* ] [^", "((?:[*] [^"),
    planted_in(_RULES, "objectives that no rule reads", " + objective_problems(cells)", ""),
)  # fmt: skip
