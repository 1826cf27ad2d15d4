import json
from pathlib import Path

import nbformat
import pytest

from tools.editions import verdicts, workbook

LESSON = "06_the_elbo.ipynb"
MOVED = "08_the_elbo.ipynb"
TODAY = "2026-11-29"
BACKUP = f"06_the_elbo (before {TODAY}).ipynb"
HOLE = "def my_kl(mean):\n    return ...  # your turn"
ANSWER = "def my_kl(mean):\n    return mean**2 / 2"


def code(name, text, tags=(), outputs=(), count=None):
    metadata = {"tags": list(tags)} if tags else {}
    return {
        "id": name,
        "cell_type": "code",
        "source": text.splitlines(keepends=True),
        "metadata": metadata,
        "outputs": list(outputs),
        "execution_count": count,
    }


def markdown(name, text):
    return {"id": name, "cell_type": "markdown", "source": text, "metadata": {}}


def printed(text):
    return {"output_type": "stream", "name": "stdout", "text": [text]}


def notebook(*cells):
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def lesson(number="6", kl="1", intro="Predict.", exercise=HOLE, extra=(), proof="assert True"):
    """An executed lesson with two exercises, as the builder stores it."""
    return notebook(
        markdown("the-elbo", "# The ELBO"),
        code("setup", "import course_lib", ["setup"], [printed("course_lib 0.1.0\n")], 1),
        markdown("kl", intro),
        *extra,
        code(f"exercise-{number}-{kl}", exercise, ["exercise"], count=2),
        code(
            f"check-{number}-{kl}",
            f'check("{number}.{kl}", exercises.KL, my_kl)',
            outputs=[printed(f"Exercise {number}.{kl}: not answered yet\n")],
            count=3,
        ),
        code(f"exercise-{number}-9", "gap = ...  # your turn", ["exercise"], count=4),
        code(f"check-{number}-9", f'check("{number}.9", exercises.GAP, gap)', count=5),
        code("proof", proof, ["proof"], count=6),
        markdown("end", "In this lesson you have …"),
    )


def texts_of_copy(edition):
    """What the cells of an untouched copy say, by their ids."""
    return {
        cell["id"]: (workbook.SET_UP if cell["id"] == "setup" else "") + "".join(cell["source"])
        for cell in edition["cells"]
    }


class House:
    """A checkout in a folder with a space in its name, with one lesson copied once."""

    def __init__(self, root):
        self.source, self.workbook = root / "notebooks", root / "workbook"
        self.source.mkdir(parents=True)
        self.publish(lesson())
        assert self.update() == []

    def publish(self, edition, name=LESSON):
        (self.source / name).write_text(json.dumps(edition), encoding="utf-8")

    def move(self, edition):
        (self.source / LESSON).unlink()
        self.publish(edition, MOVED)

    def saved(self, name=LESSON):
        return json.loads((self.workbook / name).read_text(encoding="utf-8"))

    def save(self, copy, name=LESSON):
        (self.workbook / name).write_text(json.dumps(copy), encoding="utf-8")

    def update(self):
        return workbook.update(self.source, self.workbook, TODAY)

    def edit(self, name, text):
        copy = self.saved()
        [cell] = [cell for cell in copy["cells"] if cell["id"] == name]
        cell["source"] = text
        self.save(copy)

    def insert(self, place, cell):
        copy = self.saved()
        copy["cells"].insert(place, cell)
        self.save(copy)

    def delete(self, *names):
        copy = self.saved()
        copy["cells"] = [cell for cell in copy["cells"] if cell["id"] not in names]
        self.save(copy)

    @property
    def files(self):
        return sorted(path.name for path in self.workbook.iterdir() if not path.name.startswith("."))

    def texts(self, name=LESSON):
        return {cell["id"]: "".join(cell["source"]) for cell in self.saved(name)["cells"]}


@pytest.fixture
def house(tmp_path):
    return House(tmp_path / "my course")


# --- copies ------------------------------------------------------------------------------------------------------


def test_copies_have_no_outputs_and_no_counts(house):
    cells = house.saved()["cells"]
    assert [cell["cell_type"] for cell in cells].count("code") == 6
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells if "outputs" in cell)
    assert any(cell["outputs"] for cell in lesson()["cells"] if "outputs" in cell)  # the stored lesson has some


def test_copies_are_notebooks_and_hold_what_the_lesson_holds(house):
    nbformat.validate(nbformat.read(house.workbook / LESSON, as_version=4))
    assert house.texts() == texts_of_copy(lesson())


def test_the_set_up_cell_is_folded_to_its_first_line_and_tests_leave_no_marks(house):
    marked = code("proof", "# NBVAL_CHECK_OUTPUT\nprint('# NBVAL_CHECK_OUTPUT')\nprint(1)")
    edition = notebook(*(marked if cell["id"] == "proof" else cell for cell in lesson()["cells"]))
    house.publish(edition)
    house.update()
    saved = {cell["id"]: cell for cell in house.saved()["cells"]}
    assert [name for name, cell in saved.items() if "jupyter" in cell["metadata"]] == ["setup"]
    assert saved["setup"]["metadata"]["jupyter"] == {"source_hidden": True}
    assert saved["setup"]["source"][0].startswith("# Set-up: run this cell first")
    assert "".join(saved["proof"]["source"]) == "print('# NBVAL_CHECK_OUTPUT')\nprint(1)"
    nbformat.validate(nbformat.read(house.workbook / LESSON, as_version=4))


def test_a_set_up_cell_that_was_copied_unfolded_is_renewed_in_silence(house):
    plain = {**lesson(), "cells": [{**cell, "metadata": {}} for cell in lesson()["cells"]]}
    house.publish({**plain, "cells": [cell for cell in plain["cells"] if cell["id"] != "kl"]})
    house.update()
    house.publish(lesson())
    assert house.update() == []
    assert house.texts() == texts_of_copy(lesson())


def test_exercises_and_their_checks_do_not_stop_run_all_and_other_cells_do(house):
    tags = {cell["id"]: cell["metadata"].get("tags", []) for cell in house.saved()["cells"]}
    calm = {name for name, each in tags.items() if "raises-exception" in each}
    assert calm == {"exercise-6-1", "check-6-1", "exercise-6-9", "check-6-9"}


def test_only_lessons_and_their_pictures_are_copied(house):
    (house.source / "lesson_tools.py").write_text("")
    (house.source / "source").mkdir()
    (house.source / "source" / "06_the_elbo.py").write_text("")
    (house.source / "images").mkdir()
    (house.source / "images" / "bottleneck.png").write_bytes(b"picture")
    house.update()
    assert house.files == [LESSON, "images"]
    assert (house.workbook / "images" / "bottleneck.png").read_bytes() == b"picture"


def test_a_picture_is_renewed_where_the_learner_did_not_change_it(house):
    picture, copy = house.source / "images" / "b.png", house.workbook / "images" / "b.png"
    picture.parent.mkdir()
    picture.write_bytes(b"one")
    house.update()
    picture.write_bytes(b"two")
    house.update()
    assert copy.read_bytes() == b"two"
    copy.write_bytes(b"mine")
    picture.write_bytes(b"three")
    house.update()
    assert copy.read_bytes() == b"mine"


def test_without_a_new_edition_a_copy_stays_byte_for_byte(house):
    house.edit("exercise-6-1", ANSWER)
    before = (house.workbook / LESSON).read_bytes()
    assert house.update() == house.update() == []
    assert (house.workbook / LESSON).read_bytes() == before


def test_a_lesson_that_was_only_run_again_is_no_new_edition(house):
    house.edit("exercise-6-1", ANSWER)
    again = lesson()
    again["cells"][1]["outputs"] = [printed("course_lib 0.1.0, on another machine\n")]
    house.publish(again)
    assert house.update() == []
    assert house.files == [LESSON]


def test_deleting_a_copy_brings_it_back_fresh(house):
    house.edit("exercise-6-1", ANSWER)
    (house.workbook / LESSON).unlink()
    assert house.update() == []
    assert house.texts()["exercise-6-1"] == HOLE


def test_a_lesson_that_left_the_course_stays_in_the_workbook(house):
    (house.source / LESSON).unlink()
    assert house.update() == []
    assert house.files == [LESSON]


def test_a_lesson_of_the_course_that_is_broken_is_not_copied_and_this_is_said(house):
    (house.source / LESSON).write_text("{", encoding="utf-8")
    [note] = house.update()
    assert "git status" in note
    assert house.texts()["exercise-6-1"] == HOLE


# --- untouched copies --------------------------------------------------------------------------------------------


def as_jupyter_saves_it(copy):
    """Opened, run and saved: outputs, counts, versions, another order of keys; the same cells."""
    for number, cell in enumerate(copy["cells"]):
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [printed("something\n")], number + 1
        cell["metadata"]["collapsed"] = False
        cell["source"] = "".join(cell["source"])
    copy["metadata"] = {"language_info": {"name": "python", "version": "3.12.1"}}
    return copy


def test_a_copy_that_was_only_run_is_renewed_in_silence(house):
    house.save(as_jupyter_saves_it(house.saved()))
    house.publish(lesson(intro="Predict, then run."))
    assert house.update() == []
    assert house.files == [LESSON]
    assert house.texts()["kl"] == "Predict, then run."


def test_an_empty_cell_at_the_end_is_no_change(house):
    house.insert(99, code("9f1c2a3b", "  \n"))
    house.publish(lesson(intro="New."))
    assert house.update() == []
    assert house.files == [LESSON]


def test_a_copy_that_an_older_version_of_these_tools_made_is_renewed_in_silence(house):
    executed = json.dumps(lesson())
    (house.workbook / LESSON).write_text(executed, encoding="utf-8")
    record = {LESSON: workbook.hash_of(executed.encode())}
    (house.workbook / workbook.RECORD).write_text(json.dumps(record), encoding="utf-8")
    house.publish(lesson(intro="New."))
    assert house.update() == []
    assert house.files == [LESSON]
    assert house.texts()["kl"] == "New."


# --- merging -----------------------------------------------------------------------------------------------------


def test_an_answer_is_carried_into_the_new_edition_and_the_old_file_kept(house):
    house.edit("exercise-6-1", ANSWER)
    old = (house.workbook / LESSON).read_bytes()
    house.publish(lesson(intro="Better words."))
    [note] = house.update()
    assert house.texts()["exercise-6-1"] == ANSWER
    assert house.texts()["kl"] == "Better words."
    assert house.texts()["exercise-6-9"] == "gap = ...  # your turn"
    assert house.files == [BACKUP, LESSON]
    assert (house.workbook / BACKUP).read_bytes() == old
    assert "your answer to 1 exercise" in note
    assert BACKUP in note
    nbformat.validate(nbformat.read(house.workbook / LESSON, as_version=4))


def test_a_merge_is_made_once(house):
    house.edit("exercise-6-1", ANSWER)
    house.publish(lesson(intro="Better words."))
    assert len(house.update()) == 1
    assert house.update() == []
    assert house.files == [BACKUP, LESSON]


def test_a_second_merge_on_the_same_day_keeps_both_old_files(house):
    house.edit("exercise-6-1", ANSWER)
    for intro in ("Two.", "Three."):
        house.publish(lesson(intro=intro))
        house.update()
    assert house.files == [BACKUP, f"06_the_elbo (before {TODAY}, 2).ipynb", LESSON]
    assert house.texts()["exercise-6-1"] == ANSWER


def test_an_exercise_with_a_new_number_is_found_by_its_name(house):
    house.edit("exercise-6-1", ANSWER)
    new = (
        code("exercise-6-1", "new = ...  # your turn", ["exercise"]),
        code("check-6-1", 'check("6.1", exercises.NEW, new)'),
    )
    house.publish(lesson(kl="2", extra=new))
    house.update()
    assert house.texts()["exercise-6-1"] == "new = ...  # your turn"
    assert house.texts()["exercise-6-2"] == ANSWER


def test_a_lesson_with_a_new_number_is_found_by_its_name(house):
    house.edit("exercise-6-1", ANSWER)
    house.move(lesson(number="8"))
    [note] = house.update()
    assert house.files == [BACKUP, MOVED]
    assert house.texts(MOVED)["exercise-8-1"] == ANSWER
    assert "8.1" in house.texts(MOVED)["check-8-1"]
    assert MOVED in note
    assert house.update() == []


def test_an_untouched_lesson_with_a_new_number_moves_in_silence(house):
    house.move(lesson(number="8"))
    assert house.update() == []
    assert house.files == [MOVED]


def test_a_file_of_the_learner_that_ends_like_a_lesson_is_left_alone(house):
    house.save(house.saved(), "notes_to_the_elbo.ipynb")
    house.save(house.saved(), "06_the_elbo_again.ipynb")
    (house.workbook / LESSON).unlink()
    house.move(lesson(number="8"))
    house.update()
    assert house.files == ["06_the_elbo_again.ipynb", MOVED, "notes_to_the_elbo.ipynb"]


@pytest.mark.parametrize(("place", "neighbour"), [(0, 1), (4, 3), (99, -2)], ids=["top", "middle", "bottom"])
def test_a_cell_of_the_learner_is_carried_to_its_place(house, place, neighbour):
    house.insert(place, markdown("9f1c2a3b-aaaa", "my own words"))
    house.publish(lesson(intro="New."))
    [note] = house.update()
    order = [cell["id"] for cell in house.saved()["cells"]]
    before = [cell["id"] for cell in lesson()["cells"]]
    assert order.index("9f1c2a3b-aaaa") == min(place, len(before))
    assert order[neighbour] == before[place if place == 0 else neighbour if place == 4 else -1]
    assert "1 cell of your own" in note


def test_a_cell_that_replaced_a_deleted_exercise_stands_after_it(house):
    house.delete("exercise-6-1")
    house.insert(3, code("9f1c2a3b", ANSWER))
    house.publish(lesson(intro="New."))
    house.update()
    order = [cell["id"] for cell in house.saved()["cells"]]
    assert order[3:6] == ["exercise-6-1", "9f1c2a3b", "check-6-1"]


def test_an_exercise_that_was_cut_and_pasted_is_still_the_exercise(house):
    house.delete("exercise-6-1")
    house.insert(3, code("9f1c2a3b-aaaa", ANSWER, ["exercise"]))
    house.publish(lesson(intro="New."))
    house.update()
    assert house.texts()["exercise-6-1"] == ANSWER
    assert "9f1c2a3b-aaaa" not in house.texts()


def test_deleted_cells_come_back_and_nothing_else_changes(house):
    house.edit("exercise-6-1", ANSWER)
    house.delete("kl", "check-6-1", "proof", "the-elbo")
    house.publish(lesson(intro="New."))
    house.update()
    assert house.texts() == {
        **texts_of_copy(lesson(intro="New.")),
        "exercise-6-1": ANSWER,
    }
    assert list(house.texts()) == [cell["id"] for cell in lesson()["cells"]]


def test_duplicated_ids_lose_neither_cell(house):
    house.edit("exercise-6-1", ANSWER)
    house.insert(4, code("exercise-6-1", "my_second_try = 1", ["exercise"]))
    house.insert(5, code("exercise-6-1", "my_third_try = 2"))
    house.publish(lesson(intro="New."))
    house.update()
    texts = [("".join(cell["source"])) for cell in house.saved()["cells"]]
    assert {ANSWER, "my_second_try = 1", "my_third_try = 2"} <= set(texts)
    ids = [cell["id"] for cell in house.saved()["cells"]]
    assert len(set(ids)) == len(ids)


def test_ids_that_another_program_dropped_are_not_needed(house):
    house.edit("exercise-6-1", ANSWER)
    house.insert(99, markdown("x", "my own words"))
    copy = house.saved()
    for cell in copy["cells"]:
        del cell["id"]
    copy["nbformat_minor"] = 4
    house.save(copy)
    house.publish(lesson(intro="New."))
    house.update()
    expected = texts_of_copy(lesson(intro="New.", exercise=ANSWER)).values()
    assert ["".join(cell["source"]) for cell in house.saved()["cells"]] == [*expected, "my own words"]
    nbformat.validate(nbformat.read(house.workbook / LESSON, as_version=4))


def test_a_changed_cell_of_the_lesson_is_kept_where_the_new_edition_has_not_changed_it(house):
    house.edit("proof", "assert 1 + 1 == 2")
    house.publish(lesson(intro="New."))
    [note] = house.update()
    assert house.texts()["proof"] == "assert 1 + 1 == 2"
    assert "1 cell that you changed" in note


def test_a_cell_that_both_changed_is_the_editions_and_the_note_names_it(house):
    house.edit("proof", "assert 1 + 1 == 2")
    house.publish(lesson(proof="assert 2 == 2"))
    [note] = house.update()
    assert house.texts()["proof"] == "assert 2 == 2"
    assert "`proof`" in note
    assert "1 + 1" in (house.workbook / BACKUP).read_text(encoding="utf-8")


def test_an_answer_whose_exercise_left_the_lesson_is_in_the_old_file_and_named(house):
    house.edit("exercise-6-1", ANSWER)
    new = lesson()
    new["cells"] = [cell for cell in new["cells"] if not cell["id"].endswith("-6-1")]
    house.publish(new)
    [note] = house.update()
    assert "exercise KL" in note
    assert ANSWER not in house.texts().values()
    assert "mean**2 / 2" in (house.workbook / BACKUP).read_text(encoding="utf-8")


@pytest.mark.parametrize("record", [None, b"", b"{broken", b"[]", b'{"06_the_elbo.ipynb": 3}'])
def test_without_its_record_answers_and_own_cells_are_carried_too(house, record):
    path = house.workbook / workbook.RECORD
    path.unlink() if record is None else path.write_bytes(record)
    house.edit("exercise-6-1", ANSWER)
    house.insert(99, markdown("9f1c2a3b-aaaa", "my own words"))
    house.publish(lesson(intro="New."))
    assert len(house.update()) == 1
    assert house.texts()["exercise-6-1"] == ANSWER
    assert house.texts()["9f1c2a3b-aaaa"] == "my own words"
    assert house.texts()["kl"] == "New."
    assert BACKUP in house.files


@pytest.mark.parametrize("content", ["", "{", "[1, 2]", '{"cells": [{"cell_type": "code"}]}', '{"worksheets": []}'])
def test_a_copy_that_is_no_notebook_is_laid_aside_and_a_fresh_one_put_in_its_place(house, content):
    (house.workbook / LESSON).write_text(content, encoding="utf-8")
    [note] = house.update()
    aside = f"06_the_elbo (unreadable {TODAY}).ipynb"
    assert aside in note
    assert (house.workbook / aside).read_text(encoding="utf-8") == content
    assert house.texts()["exercise-6-1"] == HOLE
    assert house.update() == []


# --- never half, never lost --------------------------------------------------------------------------------------


def test_answers_saved_during_the_update_survive(house, monkeypatch):
    write_bytes, later = Path.write_bytes, json.dumps(lesson(exercise="saved = 'this very moment'")).encode()

    def learner_saves_meanwhile(path, content):
        write_bytes(path, content)
        if path.name.startswith(f".{LESSON}"):
            write_bytes(house.workbook / LESSON, later)

    house.edit("exercise-6-1", ANSWER)
    house.publish(lesson(intro="New."))
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", learner_saves_meanwhile)
        assert house.update() == []
    assert (house.workbook / LESSON).read_bytes() == later
    assert house.files == [LESSON]
    assert len(house.update()) == 1  # the next call carries what was saved
    assert house.texts()["exercise-6-1"] == "saved = 'this very moment'"
    assert house.texts()["kl"] == "New."


def test_nothing_is_written_in_place(house, monkeypatch):
    write_bytes, written = Path.write_bytes, []
    monkeypatch.setattr(Path, "write_bytes", lambda path, content: (written.append(path), write_bytes(path, content)))
    house.edit("exercise-6-1", ANSWER)
    house.publish(lesson(intro="New."))
    written.clear()
    house.update()
    assert {path.name.split(".ipynb")[0] for path in written} >= {".06_the_elbo", f".{BACKUP[:-6]}"}
    assert all(path.suffix == ".part" and not path.exists() for path in written if path.parent == house.workbook)


@pytest.mark.parametrize("full", [BACKUP, LESSON])
def test_a_full_disk_leaves_the_learners_file_whole(house, monkeypatch, full):
    write_bytes = Path.write_bytes

    def disk_full(path, content):
        if path.name.startswith(f".{full}"):
            write_bytes(path, content[:3])
            raise OSError(28, "No space left on device")
        write_bytes(path, content)

    house.edit("exercise-6-1", ANSWER)
    old = (house.workbook / LESSON).read_bytes()
    house.publish(lesson(intro="New."))
    with monkeypatch.context() as broken:
        broken.setattr(Path, "write_bytes", disk_full)
        with pytest.raises(OSError, match="No space left"):
            house.update()
    assert (house.workbook / LESSON).read_bytes() == old
    assert not [path for path in house.workbook.iterdir() if path.suffix == ".part"]
    assert len(house.update()) == 1
    assert house.texts()["exercise-6-1"] == ANSWER


def test_every_stored_lesson_is_merged_with_an_answer_to_each_of_its_exercises(tmp_path):
    """With the course's own lessons: all answers arrive, in a lesson whose number and all other cells changed."""
    source, copies = tmp_path / "notebooks", tmp_path / "workbook"
    source.mkdir()
    for path in sorted((Path(__file__).parents[3] / "notebooks").glob("*.ipynb")):
        stored = path.read_bytes()
        (source / path.name).write_bytes(stored)
        workbook.update(source, copies, TODAY)
        copy = json.loads((copies / path.name).read_text(encoding="utf-8"))
        answers = {}
        for cell in copy["cells"]:
            if "exercise" in cell["metadata"].get("tags", []):
                cell["source"] = answers[cell["id"]] = f"mine = {len(answers)}"
        (copies / path.name).write_text(json.dumps(copy), encoding="utf-8")
        (source / path.name).unlink()
        moved = "99" + path.name[2:]
        edition = stored.replace(b"exercise-", b"exercise-9").replace(b"check-", b"check-9")
        (source / moved).write_bytes(edition)
        notes = workbook.update(source, copies, TODAY)
        found = {cell["id"]: cell["source"] for cell in json.loads((copies / moved).read_text("utf-8"))["cells"]}
        assert {name: found[name.replace("exercise-", "exercise-9")] for name in answers} == answers, path.name
        assert len(notes) == bool(answers)
        (source / moved).unlink()


# --- verdicts ----------------------------------------------------------------------------------------------------


def test_verdicts_are_read_from_saved_notebooks_by_the_names_of_exercises():
    display = {"output_type": "display_data", "data": {"text/plain": ["Exercise 6.9: not yet: too large."]}}
    copy = lesson()
    copy["cells"][4]["outputs"] = [printed("Exercise 6.1: right\n")]
    copy["cells"][6]["outputs"] = [display]
    assert verdicts.in_notebook(copy, LESSON) == {"the_elbo.KL": "right", "the_elbo.GAP": "tried"}
    assert verdicts.in_notebook(lesson(), LESSON) == {}  # not answered yet
    assert verdicts.in_notebook(copy, "notes.ipynb") == {}


def test_verdicts_in_a_copy_outlive_its_outputs(house):
    copy = house.saved()
    copy["cells"][4]["outputs"] = [printed("Exercise 6.1: right\n")]
    house.save(copy)
    house.publish(lesson(intro="New."))
    house.update()
    assert verdicts.kept(house.workbook) == {"the_elbo.KL": "right"}


def test_what_was_right_once_stays_right(tmp_path):
    verdicts.keep(tmp_path, {"the_elbo.KL": "right"})
    verdicts.keep(tmp_path, {"the_elbo.KL": "tried", "the_elbo.GAP": "tried"})
    assert verdicts.kept(tmp_path) == {"the_elbo.KL": "right", "the_elbo.GAP": "tried"}


@pytest.mark.parametrize("content", ["", "[]", '{"the_elbo.KL": 3}'])
def test_a_broken_record_of_verdicts_counts_as_none(tmp_path, content):
    (tmp_path / verdicts.RECORD).write_text(content, encoding="utf-8")
    assert verdicts.kept(tmp_path) == {}


def test_a_folder_in_the_place_of_a_lesson_stops_no_other_lesson(house):
    (house.workbook / MOVED).mkdir()
    house.publish(lesson(), MOVED)
    house.publish(lesson(intro="Guess."))
    [note] = house.update()
    assert MOVED in note
    assert "was not brought up to date" in note
    assert house.texts()["kl"] == "Guess."
    (house.workbook / MOVED).rmdir()
    assert house.update() == []
    assert house.texts(MOVED)["kl"] == "Predict."


@pytest.mark.parametrize(
    "damage",
    [
        lambda cell: cell.update(source="a\ud800"),
        lambda cell: cell["metadata"].update(tags=3),
        lambda cell: cell.update(outputs=["x"]),
    ],
    ids=["half a character", "tags", "outputs"],
)
def test_a_copy_with_a_cell_that_is_no_cell_is_laid_aside_whole(house, damage):
    copy = house.saved()
    damage(copy["cells"][3])
    house.save(copy)
    before = (house.workbook / LESSON).read_bytes()
    house.publish(lesson(intro="Guess."))
    [note] = house.update()
    assert "could not be read as a notebook" in note
    assert house.texts()["kl"] == "Guess."
    assert before in [path.read_bytes() for path in house.workbook.iterdir() if path.is_file()]


@pytest.mark.parametrize("entry", [3, None, ["x"], {"cells": {"a": 3}}, {"cells": {"a": ["k"]}}, {"cells": 1}])
def test_a_record_that_is_no_record_counts_as_none(house, entry):
    record = house.workbook / workbook.RECORD
    record.write_text(json.dumps({**json.loads(record.read_text("utf-8")), LESSON: entry}), "utf-8")
    house.edit("exercise-6-1", ANSWER)
    house.publish(lesson(intro="Guess."))
    house.update()
    assert house.texts()["kl"] == "Guess."
    assert ANSWER in house.texts().values()
