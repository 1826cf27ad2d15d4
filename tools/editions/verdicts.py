"""What a learner has solved: the verdicts that stand in saved notebooks, and those that `check` kept beside them.

Standard library only, and readable by Python 3.8. `workbook/.progress.json` holds, for each exercise by its name
("the_elbo.TWO_DRAWS"), "right" or "tried"; `course_lib.exercises.progress` writes it while a lesson is worked on.
"""

from __future__ import annotations

import json
import os
import re

RECORD = ".progress.json"
RIGHT, TRIED = "right", "tried"
CHECK = re.compile(r"(?<![\w.])check\(\s*[\"']([^\"']*)[\"'],\s*\w+\.([A-Z]\w*)")
LESSON = re.compile(r"\d\d_(\w+)")


def in_notebook(notebook, file_name):
    """The verdicts that stand in the outputs of a saved lesson.

    Args:
        notebook: a notebook, as JSON.
        file_name: its file's name, "08_the_elbo.ipynb", from which the lesson's name is taken.

    Returns:
        Dict from an exercise's name to "right" or "tried".
    """
    lesson = LESSON.match(file_name)
    found = {}
    for cell in notebook["cells"] if lesson else ():
        if cell["cell_type"] == "code":
            said = text_of_outputs(cell)
            for label, name in CHECK.findall("".join(cell["source"])):
                verdict = re.search(rf"^Exercise {re.escape(label)}: (right|not yet)", said, re.MULTILINE)
                if verdict:
                    found[f"{lesson[1]}.{name}"] = RIGHT if verdict[1] == RIGHT else TRIED
    return found


def text_of_outputs(cell):
    """The plain text of a cell's outputs, printed or displayed."""
    texts = []
    for output in cell.get("outputs") or ():
        text = output.get("text") or (output.get("data") or {}).get("text/plain") or ""
        texts.append("".join(text))
    return "\n".join(texts)


def kept(workbook):
    """The verdicts that are kept in a workbook; nothing where the file is missing or broken."""
    try:
        record = json.loads((workbook / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    known = (RIGHT, TRIED)
    return {name: each for name, each in record.items() if each in known} if isinstance(record, dict) else {}


def keep(workbook, found):
    """Add verdicts to those that are kept; what was once right stays right."""
    before = kept(workbook)
    after = {**before, **{name: each for name, each in found.items() if before.get(name) != RIGHT}}
    if after != before:
        draft = workbook / f"{RECORD}.{os.getpid()}.part"
        draft.write_text(json.dumps(after, indent=1, sort_keys=True), encoding="utf-8")
        draft.replace(workbook / RECORD)
