# ruff: noqa: B905  (zip has no `strict` in Python 3.8)
"""The learner's copies of the lessons: without outputs, renewed where untouched, merged cell by cell where changed.

Standard library only, and readable by Python 3.8. `workbook/.copied.json` keeps, for each copy, the edition that was
offered last: its hash, and for each cell its id, its key and its hash. A cell with that hash is untouched, whatever
Jupyter did to outputs and metadata. A *key* outlives new numbers: the name of the exercise that a cell answers or
checks, else the cell's id. So a lesson that has another number today is the same lesson, found by its name.

Nothing is lost: where a learner wrote anything, the old file stays beside the new one, with the date in its name.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
from pathlib import Path

from tools.editions import verdicts

RECORD = ".copied.json"
PICTURES = ("images/*.png", "images/*.svg", "images/*.jpg")
CHECK = re.compile(r"(?<![\w.])check\(\s*[\"'][^\"']*[\"'],\s*\w+\.([A-Z]\w*)")
BUILDERS_ID = re.compile(r"(?![0-9a-f]{8}(-|$))[a-z0-9]+(-[a-z0-9]+)*")  # a slug, and no random number
MARKS = re.compile(r"^# NBVAL_[A-Z_]+\n?", re.MULTILINE)  # words to those who test the course
SET_UP = "# Set-up: run this cell first. A click on it shows what it does.\n"
NEVER_STOPS = "raises-exception"  # the tag of a cell after whose error JupyterLab runs the next one


def update(source, workbook, today=None):
    """Bring the copies up to date and return one note for each lesson that the learner must look at.

    Args:
        source: the folder of the lessons.
        workbook: the folder of the copies; made if missing.
        today: the date in the names of old files, such as "2026-11-29"; the machine's if left out.

    Returns:
        A list of strings, empty where nothing needs the learner's attention.
    """
    source, workbook = Path(source), Path(workbook)
    today = today or datetime.date.today().isoformat()
    workbook.mkdir(exist_ok=True)
    record = read_record(workbook)
    notes = []
    for lesson in sorted(source.glob("*.ipynb")):
        edition = edition_of(lesson.read_bytes())
        if edition is None:
            notes.append(f"{lesson.name} of the course is not whole, and was not copied. Try `git status`.")
            continue
        try:
            before = renamed_from(source, workbook, lesson.name)
            note = update_copy(edition, workbook, lesson.name, record, before, today)
        except (IsADirectoryError, FileNotFoundError, PermissionError) as error:  # in the way of this lesson alone
            note = f"{lesson.name} was not brought up to date: {error}. Move what is in the way and call again."
        notes += [note] if note else []
        write_record(workbook, record)  # after each lesson: an update may be stopped
    for pattern in PICTURES:
        for picture in sorted(source.glob(pattern)):
            name = picture.relative_to(source).as_posix()
            put(picture.read_bytes(), workbook / name, only_over=(None, record.get(name)))
            record[name] = hash_of(picture.read_bytes())
    write_record(workbook, record)
    return notes


def renamed_from(source, workbook, name):
    """The learner's copy of a lesson under the number that it had before; None where there is none."""
    if (workbook / name).exists():
        return None
    same = sorted(workbook.glob(f"[0-9][0-9]{glob_of(name[2:])}"), key=lambda path: path.stat().st_mtime)
    same = [path.name for path in same if not (source / path.name).exists()]
    return same[-1] if same else None


def glob_of(text):
    return re.sub(r"([*?[])", r"[\1]", text)


def update_copy(edition, workbook, name, record, before, today):
    """Renew or merge one copy; return a note, or nothing where the learner wrote nothing.

    Args:
        edition: the new edition, a notebook without outputs.
        workbook: the folder of the copies.
        name: the lesson's file.
        record: what was offered last; changed in place.
        before: the name of the learner's copy, where the lesson has a new number; else None.
        today: the date, for the name of the old file.
    """
    new, old_file = as_bytes(edition), workbook / (before or name)
    offered = record.get(before or name)
    content = bytes_of_file(old_file)
    if content is None:
        put(new, workbook / name, only_over=(None,))
        record[name] = entry_of(edition)
        return ""
    copy = read_notebook(content)
    if copy is None:
        note = f"{old_file.name} could not be read as a notebook, and a fresh copy of the lesson is in its place."
        return replaced(new, workbook, name, old_file, content, record, edition, note, "unreadable", today)
    entry = offered if isinstance(offered, dict) else {}
    if not before and entry.get("edition") == hash_of(new):
        return ""
    known = entry["cells"] if isinstance(entry.get("cells"), dict) else {}
    merged = Merge(copy["cells"], known, edition["cells"])
    if offered == hash_of(content) or not merged.changed:  # an untouched copy; the first of them, of an older record
        verdicts.keep(workbook, verdicts.in_notebook(copy, name))
        if before and put(new, workbook / name, only_over=(None,)):
            remove(old_file, hash_of(content))
        elif not before and not put(new, old_file, only_over=(hash_of(content),)):
            return ""  # saved meanwhile: the next call sees it
        record.pop(before, None)
        record[name] = entry_of(edition)
        return ""
    verdicts.keep(workbook, verdicts.in_notebook(copy, name))
    whole = as_bytes({**edition, "cells": merged.cells})
    return replaced(whole, workbook, name, old_file, content, record, edition, merged.in_words(name), "before", today)


def replaced(new, workbook, name, old_file, content, record, edition, note, word, today):
    """Lay the learner's file aside, put the new one in its place, and say where the old one is."""
    aside = laid_aside(content, old_file, word, today)
    if not put(new, workbook / name, only_over=(None if old_file.name != name else hash_of(content),)):
        remove(aside, hash_of(content))
        return ""  # saved meanwhile: nothing was touched, and the next call sees it
    if old_file.name != name:
        remove(old_file, hash_of(content))
        record.pop(old_file.name, None)
    record[name] = entry_of(edition)
    return f"{note}\n  Your old file lies beside it: {workbook.name}/{aside.name}"


def laid_aside(content, path, word, today):
    """Write a learner's file under a name that says when it was laid aside; the path of what was written."""
    number = 1
    while True:
        again = f", {number}" if number > 1 else ""
        aside = path.with_name(f"{path.stem} ({word} {today}{again}){path.suffix}")
        if not aside.exists() and put(content, aside, only_over=(None,)):
            return aside
        number += 1


# --- merging -----------------------------------------------------------------------------------------------------


class Merge:
    """A learner's cells in a new edition.

    Args:
        old: the cells of the learner's copy.
        known: what was offered: dict from a cell's id to its key and its hash; empty where that is not known.
        new: the cells of the new edition.

    Attributes:
        cells: the cells of the merged notebook, with ids that occur once.
        answers: the keys of the exercises whose answers were carried.
        kept: the keys of other cells that the learner changed, and the new edition did not.
        added: how many cells of the learner's own were carried.
        only_in_the_old_file: the keys of changed cells that have no place in the new edition.
    """

    def __init__(self, old, known, new):
        self.known = dict(known.values())
        self.keys = keys_of(new)
        self.answers, self.kept, self.only_in_the_old_file, self.added = [], [], [], 0
        claimed, own = self.claim(old, known, new)
        self.claimed = claimed
        self.note_what_left(claimed)
        cells = [self.merged(key, claimed.get(key), cell) for key, cell in zip(self.keys, new)]
        self.cells = self.with_own_cells(cells, own)
        self.changed = bool(self.answers or self.kept or self.only_in_the_old_file or self.added)

    def claim(self, old, known, new):
        """Which cell of the copy is which cell of the lesson; and the learner's own, each with the key before it."""
        ids, computed = [id_of(cell) for cell in old], keys_of(old)
        by_hash = {code: key for key, code in known.values()}
        by_hash.update({hash_of_cell(cell): key for key, cell in zip(self.keys, new)})
        claimed, which = {}, [None] * len(old)
        for surely in (True, False):  # first those that have their id still
            for here, cell in enumerate(old):
                if which[here] is None:
                    wished = [known[ids[here]][0]] if ids[here] in known else []
                    if not surely:
                        wished = [key for key in (computed[here], by_hash.get(hash_of_cell(cell))) if key]
                        wished = [key for key in wished if key in self.keys or key in self.known]
                    free = [key for key in wished if key not in claimed]
                    if free:
                        which[here] = free[0]
                        claimed[free[0]] = cell
        own, before = [], None
        for key, cell, name in zip(which, old, ids):
            if key in self.keys:
                before = key
            elif key is None and source_of(cell).strip() and not (self.was_a_cell_of_the_lesson(name, cell)):
                own.append((before, cell))
        return claimed, own

    def was_a_cell_of_the_lesson(self, name, cell):
        """Without a record: a cell with an id as the builder makes them, which the new edition does not have."""
        if self.known or not BUILDERS_ID.fullmatch(name or "") or name in self.keys:
            return False
        self.only_in_the_old_file.append(name)
        return True

    def note_what_left(self, claimed):
        gone = [key for key in claimed if key not in self.keys]
        self.only_in_the_old_file += [key for key in gone if hash_of_cell(claimed[key]) != self.known.get(key)]

    def merged(self, key, old, new):
        """One cell of the new edition, with what the learner wrote in it."""
        if old is None or hash_of_cell(old) in (hash_of_cell(new), self.known.get(key)):
            return new
        if key.startswith("exercise "):
            self.answers.append(key)
        elif self.known.get(key) == hash_of_cell(new):
            self.kept.append(key)
        else:
            self.only_in_the_old_file.append(key)
            return new
        return without_outputs({**old, "metadata": {**old.get("metadata", {}), **new["metadata"]}, "id": new["id"]})

    def with_own_cells(self, cells, own):
        """The merged cells with the learner's own, each behind the cell behind which it stood."""
        places = {key: place for place, key in enumerate(self.keys)}
        behind = {}
        for before, cell in own:
            place = places[before] + 1 if before is not None else 0
            while place < len(self.keys) and self.was_deleted(self.keys[place]):  # it stood behind these, too
                place += 1
            behind.setdefault(place, []).append(without_outputs(cell))
        self.added = len(own)
        whole, used = [], {cell["id"] for cell in cells}
        for place in range(len(cells) + 1):
            for cell in behind.get(place, ()):
                name = unused(id_of(cell), used)
                used.add(name)
                whole.append({**cell, "id": name})
            whole += cells[place : place + 1]
        return whole

    def was_deleted(self, key):
        return key in self.known and key not in self.claimed

    def in_words(self, name):
        """The note for the learner."""
        parts = [
            counted(len(self.answers), "your answer to {} exercise", "your answers to {} exercises"),
            counted(len(self.kept), "{} cell that you changed", "{} cells that you changed"),
            counted(self.added, "{} cell of your own", "{} cells of your own"),
        ]
        carried = ", ".join(part for part in parts if part)
        words = f"{name} is a new edition" + (f", with {carried}." if carried else ".")
        if self.only_in_the_old_file:
            cells = ", ".join(f"`{key}`" for key in self.only_in_the_old_file)
            words += f"\n  Cells that you changed, and that are gone or different in it: {cells}."
        return words + "\n  It has no outputs yet: run it from the top."


def counted(number, one, many):
    return (one if number == 1 else many).format(number) if number else ""


def unused(name, used):
    """An id that no other cell has; Jupyter takes letters, digits, - and _, 64 at the most."""
    name = name if isinstance(name, str) and re.fullmatch(r"[\w-]{1,48}", name, re.ASCII) else "mine"
    number, wished = 2, name
    while wished in used:
        wished, number = f"{name}-{number}", number + 1
    return wished


# --- notebooks ---------------------------------------------------------------------------------------------------


def edition_of(content):
    """The learner's edition of a stored lesson: without outputs, and no exercise stops *Run all*; None if it is broken.

    Args:
        content: the bytes of an executed notebook.
    """
    notebook = read_notebook(content)
    if notebook is None:
        return None
    keys = keys_of(notebook["cells"])
    cells = [without_outputs(without_machinery(cell)) for cell in notebook["cells"]]
    for number, (key, cell) in enumerate(zip(keys, cells)):
        cell["id"] = id_of(cell) or f"cell-{number}"
        if key and key.startswith(("exercise ", "check ")):
            tags = cell["metadata"].get("tags") or []
            cell["metadata"]["tags"] = [*tags, *([] if NEVER_STOPS in tags else [NEVER_STOPS])]
    return {**notebook, "cells": cells}


def without_machinery(cell, title=SET_UP, folded=("jupyter", {"source_hidden": True})):
    """A lesson's cell as a learner meets it: no marks for tests, and the set-up cell folded to its first line.

    Args:
        cell: a cell, as JSON; it is not changed.
        title: that first line.
        folded: a name and a value of the metadata by which the place where the lesson is opened shows it so.
    """
    cell = {**cell, "metadata": dict(cell.get("metadata") or {})}
    if cell["cell_type"] == "code":
        cell["source"] = MARKS.sub("", source_of(cell)).splitlines(True)
        if "setup" in (cell["metadata"].get("tags") or []):
            cell["source"].insert(0, title)
            cell["metadata"][folded[0]] = folded[1]
    return cell


def read_notebook(content):
    """A notebook as Jupyter saves it, from its bytes; None if it is broken."""
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
    except ValueError:  # no JSON, or no text
        return None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    whole = isinstance(cells, list) and all(
        isinstance(cell, dict)
        and isinstance(cell.get("cell_type"), str)
        and isinstance(cell.get("metadata", {}), dict)
        and isinstance(cell.get("metadata", {}).get("tags", []), list)
        and all(isinstance(output, dict) for output in _list_or_nothing(cell.get("outputs")))
        and isinstance(cell.get("source"), (str, list))
        and all(isinstance(line, str) and is_text(line) for line in cell["source"])
        for cell in cells
    )
    return notebook if whole else None


def _list_or_nothing(value):
    return value if isinstance(value, list) else []


def is_text(line):
    """Whether a string can be saved: JSON can spell half a character."""
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True


def source_of(cell):
    return "".join(cell["source"])


def id_of(cell):
    """Its id; None in files of an older form, which have none."""
    return cell["id"] if isinstance(cell.get("id"), str) else None


def without_outputs(cell):
    return {**cell, "outputs": [], "execution_count": None} if cell["cell_type"] == "code" else cell


def keys_of(cells):
    """A name for each cell that outlives new numbers: what it answers or checks, or its id (None if it has none)."""
    keys, used = [], set()
    for here, cell in enumerate(cells):
        key, code = id_of(cell), cell["cell_type"] == "code"
        if code and "exercise" in (cell.get("metadata", {}).get("tags") or []) and here + 1 < len(cells):
            found, role = CHECK.search(source_of(cells[here + 1])), "exercise"
        else:
            found, role = CHECK.search(source_of(cell)) if code else None, "check"
        if found and f"{role} {found[1]}" not in used:
            key = f"{role} {found[1]}"
        keys.append(key)
        used.add(key)
    return keys


def entry_of(edition):
    """What the record keeps of an edition."""
    keys = keys_of(edition["cells"])
    cells = {cell["id"]: [key, hash_of_cell(cell)] for key, cell in zip(keys, edition["cells"])}
    return {"edition": hash_of(as_bytes(edition)), "cells": cells}


def hash_of_cell(cell):
    """Of what a person writes in a cell: its kind and its text, blanks at line ends apart."""
    lines = [line.rstrip() for line in source_of(cell).strip().splitlines()]
    return hash_of("\n".join([cell["cell_type"], *lines]).encode())[:16]


def as_bytes(notebook):
    try:
        return (json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
    except UnicodeEncodeError:  # half a character, which JSON can hold and UTF-8 cannot
        return (json.dumps(notebook, indent=1, sort_keys=True) + "\n").encode()


# --- files -------------------------------------------------------------------------------------------------------


def put(content, target, only_over):
    """Write atomically, and only over a file with one of these hashes (None: no file); return whether it is there now.

    The hash is taken again when the new file is complete, just before it takes the old one's place: a learner may have
    saved meanwhile.
    """
    found = hash_of_file(target)
    if found == hash_of(content) or found not in only_over:
        return found == hash_of(content)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(content)
        if hash_of_file(target) not in only_over:
            return False
        draft.replace(target)
    finally:
        if draft.exists():
            draft.unlink()
    return True


def remove(path, only_with):
    """Remove a file that is elsewhere, too, if it still has that hash."""
    if hash_of_file(path) == only_with:
        path.unlink()


def hash_of(content):
    return hashlib.sha256(content).hexdigest()


def bytes_of_file(path):
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def hash_of_file(path):
    """The hash of a file's bytes; None where there is no file."""
    content = bytes_of_file(path)
    return None if content is None else hash_of(content)


def read_record(workbook):
    """What was offered last; nothing where the record is missing or broken (then every changed cell is kept)."""
    try:
        record = json.loads((workbook / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: entry for name, entry in record.items() if is_entry(entry)} if isinstance(record, dict) else {}


def is_entry(entry):
    """Whether an entry of the record is a hash, or an edition with the hashes of its cells."""
    cells = entry.get("cells") if isinstance(entry, dict) else None
    return isinstance(entry, str) or (
        isinstance(cells, dict)
        and all(isinstance(each, list) and [type(part) for part in each] == [str, str] for each in cells.values())
    )


def write_record(workbook, record):
    content = json.dumps(record, indent=1, sort_keys=True).encode()
    put(content, workbook / RECORD, only_over=(hash_of_file(workbook / RECORD),))
