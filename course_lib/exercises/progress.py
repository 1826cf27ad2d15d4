"""What is solved: kept beside the learner's lessons, and shown on a page of contents.

`check` keeps its verdicts in `.progress.json` where the notebook lies in a workbook that `make course` made (elsewhere
nothing is kept), and renews `contents.md` beside it. `make progress` prints the same page, and knows of the verdicts in
saved notebooks, too.
"""

import contextlib
import json
import os
import re
import sys
from pathlib import Path

from course_lib.exercises import contents

RECORD, PAGE, WORKBOOK = ".progress.json", "contents.md", ".copied.json"
RIGHT, TRIED = "right", "tried"
SIGNS = {RIGHT: "✓", TRIED: "✗", None: "○"}


def keep(name, verdict, folder="."):
    """Keep a verdict where there is a place to keep it; what was once right stays right.

    Args:
        name: The exercise, such as "the_elbo.KL_OF_TWO_GAUSSIANS".
        verdict: "right" or "tried".
        folder: The folder of the notebook.

    Returns:
        Whether something was written.
    """
    folder = Path(folder)
    if not (folder / WORKBOOK).exists():
        return False
    before = kept(folder)
    if before.get(name) in (RIGHT, verdict):
        return False
    with contextlib.suppress(OSError):  # a full disk or a folder that is read-only: the verdict is on the screen
        _write(folder / RECORD, json.dumps({**before, name: verdict}, indent=1, sort_keys=True))
        write_page(folder)
        return True
    return False


def kept(folder):
    """The verdicts that are kept in a folder.

    Args:
        folder: A path.

    Returns:
        Dict from an exercise's name to "right" or "tried"; empty where there is no record, or a broken one.
    """
    try:
        record = json.loads((Path(folder) / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: each for name, each in record.items() if each in (RIGHT, TRIED)} if isinstance(record, dict) else {}


def write_page(folder):
    """Write `contents.md`, with links to the lessons and a sign for each exercise."""
    _write(Path(folder) / PAGE, page(Path(folder)))


def page(folder):
    """The page of contents.

    Args:
        folder: The path of the workbook.

    Returns:
        Markdown.
    """
    verdicts, rows, all_said, unfinished = kept(folder), [], [], []
    for lesson, names in contents.EXERCISES.items():
        number = contents.LESSONS[lesson]
        file = f"{number}_{lesson}.ipynb"
        title = f"[{number} · {title_of(folder / file)}]({file})"
        said = [verdicts.get(f"{lesson}.{name}") for name in names]
        signs = " · ".join(f"{SIGNS[each]} {int(number)}.{place}" for place, each in enumerate(said, start=1))
        rows.append(f"| {title} | {said.count(RIGHT)} of {len(said)} | {signs} |")
        all_said += said
        unfinished += [title] if said.count(RIGHT) < len(said) else []
    next_one = f" Next: {unfinished[0]}" if unfinished else ""
    return "\n".join(
        [
            "# Contents, and what you have solved",
            "",
            f"**{all_said.count(RIGHT)} of {len(all_said)} exercises are right.**{next_one}",
            "",
            "| lesson | right | exercises: ✓ right, ✗ tried, ○ not yet answered |",
            "| --- | --- | --- |",
            *rows,
            "",
            "*Each check keeps what it said. For lessons that came from elsewhere: `make progress`.*",
            "",
        ]
    )


def title_of(notebook):
    """The title of a lesson, without its number and its second half; the lesson's name where there is no file."""
    try:
        with notebook.open(encoding="utf-8") as file:
            found = re.search(r'"# (?:\d\d · )?([^"\\]+)', file.read(4000))
    except (OSError, ValueError):
        found = None
    return found[1].partition(":")[0].strip() if found else notebook.stem[3:].replace("_", " ")


def _write(path, text):
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        draft.write_text(text, "utf-8", newline="\n")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def main(folder, *options):
    """Write the page; print it, too, unless asked to be quiet. Where it cannot be written, that is said."""
    try:
        write_page(folder)
    except OSError as error:
        path = Path(folder) / PAGE
        what = "is a folder: move it away" if path.is_dir() else f"cannot be written ({error.strerror or error})"
        print(f"{path} {what}. What you have solved is kept all the same.", file=sys.stderr)
    if "--quiet" not in options:
        print(page(Path(folder)))
