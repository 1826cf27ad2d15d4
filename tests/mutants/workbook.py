"""Planted bugs of the learner's workbook: copies, merging, verdicts, solutions, progress, interrupts, sliders."""

from tests.mutants.bug import planted_in

_WORKBOOK = ("tools/editions/workbook.py", "tests/tools/editions/test_workbook.py")
_VERDICTS = ("tools/editions/verdicts.py", "tests/tools/editions/test_workbook.py")
_NOTEBOOK = ("course_lib/exercises/notebook.py", "tests/exercises/test_notebook.py")
_CELLS = ("course_lib/exercises/cells.py", "tests/exercises/test_cells.py")
_ENGINE = ("course_lib/exercises/engine.py", "tests/exercises/test_notebook.py")
_SOLUTIONS = ("course_lib/exercises/solutions.py", "tests/exercises/test_notebook.py")
_PROGRESS = ("course_lib/exercises/progress.py", "tests/exercises/test_notebook.py")
_FILES = ("tools/editions/lesson_files.py", "tests/tools/editions/test_lesson_solutions.py")
_TRAINING = ("course_lib/training/model.py", "tests/training/test_interrupts.py")
_CALLBACKS = ("course_lib/training/callbacks.py", "tests/training/test_interrupts.py")
_LINE = ("course_lib/training/passing_line.py", "tests/training/test_passing_line.py")
_RUNTIME = ("course_lib/runtime.py", "tests/training/test_passing_line.py")
_FIT = ("course_lib/training/model.py", "tests/training/test_passing_line.py")
_HUB = ("hub/jupyterhub_config.py", "tests/hub/test_hub.py")
_PLOTTING = ("course_lib/plotting.py", "tests/test_plotting.py")

BUGS = (
    # copies and merging
    planted_in(_WORKBOOK, "copies that hold the outputs", 'return {**cell, "outputs": [], "execution_count": None} if', "return cell if"),
    planted_in(_WORKBOOK, "an exercise that stops Run all", "[*tags, *([] if NEVER_STOPS in tags else [NEVER_STOPS])]", "tags"),
    planted_in(_WORKBOOK, "answers found by their numbers", '        if found and f"{role} {found[1]}" not in used:\n', "        if False:\n"),
    planted_in(_WORKBOOK, "a lesson with a new number copied afresh", "    return same[-1] if same else None", "    return None"),
    planted_in(_WORKBOOK, "cells of the learner left behind", "        self.added = len(own)\n", "        self.added, behind = len(own), {}\n"),
    planted_in(_WORKBOOK, "an empty cell taken for a change", "elif key is None and source_of(cell).strip() and", "elif key is None and"),
    planted_in(_WORKBOOK, "an answer overwritten by the cell before it", "            while place < len(self.keys) and self.was_deleted(self.keys[place]):", "            while False:"),
    planted_in(_WORKBOOK, "two cells with one id", "                name = unused(id_of(cell), used)", '                name = id_of(cell) or "mine"'),
    planted_in(_WORKBOOK, "a merge that keeps no old file", "    aside = laid_aside(content, old_file, word, today)\n", "    aside = old_file\n"),
    planted_in(_WORKBOOK, "an answer saved meanwhile overwritten", "        if hash_of_file(target) not in only_over:\n            return False\n", ""),
    planted_in(_WORKBOOK, "a changed cell of the lesson thrown away", "        elif self.known.get(key) == hash_of_cell(new):\n", "        elif False:\n"),
    planted_in(_WORKBOOK, "a broken copy left as it is", "    if copy is None:\n", "    if False:\n"),
    planted_in(_VERDICTS, "what was right forgotten after a wrong try", "if before.get(name) != RIGHT}", "}"),
    # verdicts
    planted_in(_NOTEBOOK, "a program's notebook shown to a person", '    return None if shell is None else runtime.shell_of_a_person(shell)', "    return shell"),
    planted_in(_CELLS, "any broken cell accused", "left if cell.mentions(name))", "left)"),
    planted_in(_CELLS, "the oldest cell looked at", "    left, later = set(names), set()\n    for cell in reversed(ran):\n", "    left, later = set(names), set()\n    for cell in ran:\n"),
    planted_in(_CELLS, "a cell accused of what it was", "if cell.place is None or cell.place not in later:", "if True:"),
    planted_in(_CELLS, "what was never there called old", 'if wrote is None or not before else', "if wrote is None else"),
    planted_in(_CELLS, "an answer before the error called unwritten", "ended = each.end_lineno < self.line if", "ended = False if"),
    planted_in(_CELLS, "a loop that was stopped called unbegun", "or beside or isinstance(each, _COMPOUND)\n", "or beside\n"),
    planted_in(_CELLS, "a statement in the line of the error called unreached", "ended or beside or", "ended or"),
    planted_in(_CELLS, "a cell of the shell taken for Python", "    if command and command not in _COMMANDS:\n", "    if False:\n"),
    planted_in(_CELLS, "an error that was hidden taken for none", "not stopped and not self.hides_errors", "not stopped"),
    planted_in(_CELLS, "a broken call accused of writing nothing", r"(?:\([^()\n]*\)[ \t]*)?[=:](?!=)", "[ \\t]*[(=:]"),
    planted_in(_CELLS, "capitals that hide a name", "{other.lower(): other for", "{other: other for"),
    planted_in(_CELLS, "names of functions taken for the notebook's", "    if isinstance(node, _NAMES_OF_THEIR_OWN) or", "    if"),
    planted_in(_CELLS, "the line of another cell", "else _line_of(error)  #", "else (_line_of(error) or 0) + 1  #"),
    planted_in(_CELLS, "a deleted answer called never written", "    if number is not None:\n", "    if False:\n"),
    planted_in(_NOTEBOOK, "a cell that checks its own answer accused of an older one", "return set() if any(cells.writes(code, name) for name in names) else names", "return names"),
    planted_in(_NOTEBOOK, "a cell named that nobody knows", "if not written or None in written:", "if not written:"),
    planted_in(_NOTEBOOK, "one name of two shown", "for number, names in written.items())", "for number, names in [*written.items()][:1])"),
    planted_in(_NOTEBOOK, "a lost name told as Python does", "    if lost:\n", "    if False:\n"),
    planted_in(_NOTEBOOK, "a check of two arguments told as Python does", 'str(error).startswith("check()")', "False"),
    planted_in(_NOTEBOOK, "cells forgotten", "    _ran.extend([] if cell is None else [cell])\n", ""),
    planted_in(_NOTEBOOK, "an answer that becomes markup", "html.escape(text, quote=False)", "text"),
    planted_in(_ENGINE, "the same answer greeted as a new one", "if this == last and not fault else []", "if False else []"),
    # solutions and progress
    planted_in(_SOLUTIONS, "a solution before it was tried", "    if not anyway and tries_of(name) < TRIES:", "    if False:"),
    planted_in(_SOLUTIONS, "a name in small letters refused", ".casefold())\n", ")\n"),
    planted_in(_SOLUTIONS, "the tenth exercise read as the first", "if isinstance(which, float) and longer:", "if False:"),
    planted_in(_PROGRESS, "a page that cannot be written stops everything", "    except OSError as error:\n        path", "    except ZeroDivisionError as error:\n        path"),
    planted_in(_PROGRESS, "what was right called tried", "    if before.get(name) in (RIGHT, verdict):", "    if before.get(name) == verdict:"),
    planted_in(_PROGRESS, "verdicts written into every folder", "    if not (folder / WORKBOOK).exists():", "    if False:"),
    planted_in(_FILES, "holes in the place of solutions", "name: without_markers(above.source).strip()", "name: above.source.strip()"),
    # trainings and sliders
    planted_in(_TRAINING, "the history of the training before", '        if history is before or not hasattr(history, "epoch"):', '        if not hasattr(history, "epoch"):'),
    planted_in(_TRAINING, "a script that cannot be interrupted", "            if not in_a_notebook() or time", "            if time"),
    planted_in(_TRAINING, "a loop of trainings that cannot be interrupted", "            UnsupervisedModel._interrupted_at = time.monotonic()\n", ""),
    planted_in(_CALLBACKS, "a trained network called untrained", 'if epoch or not getattr(self.model, "was_trained", False) else TrainedBefore()', ""),
    planted_in(_PLOTTING, "a slider that draws the first figure again", "drawn(**{name: each.value for name, each in sliders.items()})", "drawn(**first)"),
    planted_in(_PLOTTING, "a slider with no way to go", " and highest - lowest > _NARROWEST", ""),
    planted_in(_PLOTTING, "a slider of words", "    return isinstance(value, Real) and not", "    return not"),
    planted_in(_PLOTTING, "a slider beyond what a browser counts", "max(abs(lowest), abs(highest)) <= _FARTHEST and ", ""),
    planted_in(_PLOTTING, "a slider whose text tells nothing of its values", '        metadata["image/png"]["alt"] += f" Here: {said}."\n', ""),
    # a sign of life
    planted_in(_LINE, "a sign of life in what a program runs", "    if shell is None or any(", "    if any("),
    planted_in(_LINE, "a sign of life that stays", '        if self.display is not None:\n            self.display.update(_in_mime_types(""), raw=True)\n', ""),
    planted_in(_LINE, "a line for each training of a cell", "cls.running = cls.running or cls(shell)", "cls.running = cls(shell)"),
    planted_in(_LINE, "the count of trainings of the cell before", "        CellLine.running = None\n", ""),
    planted_in(_LINE, "two displays of one training", "isinstance(callback, (Progress, PassingLine))", "isinstance(callback, PassingLine)"),
    planted_in(_LINE, "two lines of one training", "isinstance(callback, (Progress, PassingLine))", "isinstance(callback, Progress)"),
    planted_in(_LINE, "a line for which steps run one by one", "    may_miss_batches = True", "    may_miss_batches = False"),
    planted_in(_LINE, "a long epoch without a sign of life", "        if batch and self.line.is_due():", "        if False:"),
    planted_in(_LINE, "a long epoch that hides the losses", " + self.latest)", ")"),
    planted_in(_LINE, "steps counted from nought", "step {step + 1}{steps}", "step {step}{steps}"),
    planted_in(_LINE, "a line that flickers", "return time.monotonic() - self.shown_at >= _PAUSE", "return True"),
    planted_in(_LINE, "plain Keras without a sign of life", 'kwargs.get("verbose") == 0 and', "False and"),
    planted_in(_LINE, "plain Keras without the callbacks that were given", "keras.tree.flatten(callbacks or [])", "[]"),
    planted_in(_LINE, "plain Keras' progress bar and a line", 'kwargs.get("verbose") == 0 and not', "not"),
    planted_in(_RUNTIME, "a set-up that forgets plain Keras", "    if backend and shell_of_a_person():\n", "    if False:\n"),
    planted_in(_RUNTIME, "a program's Keras changed", "    if backend and shell_of_a_person():\n", "    if backend:\n"),
    planted_in(_FIT, "a quiet training without a sign of life", "            callbacks = with_a_sign_of_life(callbacks)\n", "            pass\n"),
    # what a learner sees
    planted_in(_NOTEBOOK, "a sign too pale to be read", '"#007A5A"', '"#009E73"'),
    planted_in(_WORKBOOK, "a copy that opens with the installer", "            cell[\"metadata\"][folded[0]] = folded[1]\n", ""),
    planted_in(_WORKBOOK, "marks of tests in a copy", 'MARKS.sub("", source_of(cell))', "source_of(cell)"),
    planted_in(_HUB, "a class without the course's settings", 'str(ROOT / "tools" / "environment" / "jupyter")', 'str(ROOT / "tools" / "jupyter")'),
)  # fmt: skip
