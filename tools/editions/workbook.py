"""The learner's copies of the lessons: renewed where untouched, never overwritten where changed.

Standard library only, and readable by Python 3.8. `workbook/.copied.json` keeps, for each copy, the hash of the edition
that was offered last: a copy with that hash is untouched. Opening and saving in Jupyter counts as a change: rather one
copy too many than one answer lost.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

RECORD = ".copied.json"
COPIED = ("*.ipynb", "images/*.png", "images/*.svg", "images/*.jpg")


def update(source, workbook):
    """Bring the copies up to date and return one note for each lesson that the learner must look at.

    Args:
        source: the folder of the lessons.
        workbook: the folder of the copies; made if missing.

    Returns:
        A list of strings, empty where nothing needs the learner's attention.
    """
    source, workbook = Path(source), Path(workbook)
    workbook.mkdir(exist_ok=True)
    record = read_record(workbook)
    notes = []
    for pattern in COPIED:
        for lesson in sorted(source.glob(pattern)):
            name = lesson.relative_to(source).as_posix()
            note = update_copy(lesson.read_bytes(), workbook, name, record)
            notes += [note] if note else []
    write_record(workbook, record)
    return notes


def update_copy(edition, workbook, name, record):
    """Renew one copy, or lay the new edition beside a copy that the learner changed; return a note (or nothing)."""
    copy = workbook / name
    offered = record.get(name)
    record[name] = hash_of(edition)
    if put(edition, copy, only_over=(None, offered)) or offered == hash_of(edition):
        return ""
    beside = lay_beside(edition, workbook, name, record)
    return (
        f"{copy.name} has a new edition. You changed your copy, so it stays as it is;\n"
        f"  the new edition lies beside it: {workbook.name}/{beside}\n"
        f"  What to do: open both, carry the answers that you want to keep into the new one, then delete the old one.\n"
        f"  (To start the lesson afresh, delete {workbook.name}/{name} and call again.)"
    )


def lay_beside(edition, workbook, name, record):
    """Write the edition as "name (new version)", numbered where the learner works in that file too; return its name."""
    path = Path(name)
    number = 1
    while True:
        suffix = "new version" if number == 1 else f"new version {number}"
        beside = path.with_name(f"{path.stem} ({suffix}){path.suffix}").as_posix()
        if put(edition, workbook / beside, only_over=(None, record.get(beside))):
            record[beside] = hash_of(edition)
            return beside
        number += 1


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


def hash_of(content):
    return hashlib.sha256(content).hexdigest()


def hash_of_file(path):
    """The hash of a file's bytes; None where there is no file."""
    try:
        return hash_of(path.read_bytes())
    except FileNotFoundError:
        return None


def read_record(workbook):
    """The hashes offered last; nothing where the record is missing or broken (then every changed copy is kept)."""
    try:
        record = json.loads((workbook / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def write_record(workbook, record):
    content = json.dumps(record, indent=1, sort_keys=True).encode()
    put(content, workbook / RECORD, only_over=(hash_of_file(workbook / RECORD),))
