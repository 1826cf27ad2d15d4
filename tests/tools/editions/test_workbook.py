from pathlib import Path

import pytest

from tools.editions import workbook

LESSON = "01_autoencoders.ipynb"
BESIDE = "01_autoencoders (new version).ipynb"


@pytest.fixture
def house(tmp_path):
    """A checkout in a folder with a space in its name, with lesson 01 copied once."""
    house = House(tmp_path / "my course")
    house.publish(b"edition 1")
    assert house.update() == []
    return house


class House:
    def __init__(self, root):
        self.source, self.workbook = root / "notebooks", root / "workbook"
        self.source.mkdir(parents=True)

    def publish(self, content, name=LESSON):
        (self.source / name).write_bytes(content)

    def learner_writes(self, content, name=LESSON):
        (self.workbook / name).write_bytes(content)

    def update(self):
        return workbook.update(self.source, self.workbook)

    @property
    def copies(self):
        return {path.name: path.read_bytes() for path in self.workbook.iterdir() if path.name != workbook.RECORD}


def test_lessons_are_copied(house):
    assert house.copies == {LESSON: b"edition 1"}


def test_only_lessons_and_their_pictures_are_copied(house):
    (house.source / "lesson_tools.py").write_text("")
    (house.source / "source").mkdir()
    (house.source / "source" / "01_autoencoders.py").write_text("")
    (house.source / "images").mkdir()
    (house.source / "images" / "bottleneck.png").write_bytes(b"picture")
    house.update()
    assert sorted(path.name for path in house.workbook.iterdir()) == [workbook.RECORD, LESSON, "images"]
    assert (house.workbook / "images" / "bottleneck.png").read_bytes() == b"picture"


def test_a_changed_copy_is_never_overwritten(house):
    house.learner_writes(b"my answers")
    for edition in (b"edition 1", b"edition 2", b"edition 3"):
        house.publish(edition)
        house.update()
        assert house.copies[LESSON] == b"my answers"


def test_an_untouched_copy_is_renewed_quietly(house):
    house.publish(b"edition 2")
    assert house.update() == []
    assert house.copies == {LESSON: b"edition 2"}


def test_a_new_edition_of_a_changed_lesson_appears_beside_it_with_a_note(house):
    house.learner_writes(b"my answers")
    house.publish(b"edition 2")
    [note] = house.update()
    assert house.copies == {LESSON: b"my answers", BESIDE: b"edition 2"}
    assert BESIDE in note
    assert "What to do" in note


def test_a_note_is_given_once(house):
    house.learner_writes(b"my answers")
    assert house.update() == []
    house.publish(b"edition 2")
    assert len(house.update()) == 1
    assert house.update() == []


def test_a_discarded_new_edition_stays_away(house):
    house.learner_writes(b"my answers")
    house.publish(b"edition 2")
    house.update()
    (house.workbook / BESIDE).unlink()
    assert house.update() == []
    assert house.copies == {LESSON: b"my answers"}


def test_an_untouched_new_edition_is_renewed_by_the_next_one(house):
    house.learner_writes(b"my answers")
    for edition in (b"edition 2", b"edition 3"):
        house.publish(edition)
        assert len(house.update()) == 1
    assert house.copies == {LESSON: b"my answers", BESIDE: b"edition 3"}


def test_a_new_edition_in_which_the_learner_works_is_kept_too(house):
    house.learner_writes(b"my answers")
    house.publish(b"edition 2")
    house.update()
    house.learner_writes(b"more answers", BESIDE)
    house.publish(b"edition 3")
    [note] = house.update()
    third = "01_autoencoders (new version 2).ipynb"
    assert house.copies == {LESSON: b"my answers", BESIDE: b"more answers", third: b"edition 3"}
    assert third in note


def test_taking_over_the_new_edition_makes_the_copy_untouched_again(house):
    house.learner_writes(b"my answers")
    house.publish(b"edition 2")
    house.update()
    (house.workbook / BESIDE).replace(house.workbook / LESSON)
    house.publish(b"edition 3")
    assert house.update() == []
    assert house.copies == {LESSON: b"edition 3"}


def test_deleting_a_copy_brings_it_back(house):
    (house.workbook / LESSON).unlink()
    assert house.update() == []
    assert house.copies == {LESSON: b"edition 1"}


@pytest.mark.parametrize("record", [None, b"", b"{broken", b"[]"])
def test_without_its_record_every_differing_copy_counts_as_changed(house, record):
    path = house.workbook / workbook.RECORD
    path.unlink() if record is None else path.write_bytes(record)
    house.publish(b"edition 2")
    assert len(house.update()) == 1
    assert house.copies == {LESSON: b"edition 1", BESIDE: b"edition 2"}


def test_a_lesson_that_left_the_course_stays_in_the_workbook(house):
    (house.source / LESSON).unlink()
    assert house.update() == []
    assert house.copies == {LESSON: b"edition 1"}


def test_answers_saved_during_the_update_survive(house, monkeypatch):
    write_bytes = Path.write_bytes

    def learner_saves_meanwhile(path, content):
        write_bytes(path, content)
        if path.name.endswith(".part") and LESSON in path.name:
            write_bytes(house.workbook / LESSON, b"saved this very moment")

    house.publish(b"edition 2")
    monkeypatch.setattr(Path, "write_bytes", learner_saves_meanwhile)
    [note] = house.update()
    assert house.copies == {LESSON: b"saved this very moment", BESIDE: b"edition 2"}
    assert BESIDE in note


def test_nothing_is_written_in_place(house, monkeypatch):
    write_bytes, written = Path.write_bytes, []
    monkeypatch.setattr(Path, "write_bytes", lambda path, content: (written.append(path), write_bytes(path, content)))
    house.publish(b"edition 2")
    written.clear()
    house.update()
    assert written
    assert all(path.suffix == ".part" and not path.exists() for path in written)


def test_an_interrupted_copy_leaves_the_old_one_whole(house, monkeypatch):
    write_bytes = Path.write_bytes

    def disk_full(path, content):
        write_bytes(path, content[:3])
        raise OSError(28, "No space left on device")

    house.publish(b"edition 2")
    with monkeypatch.context() as broken:
        broken.setattr(Path, "write_bytes", disk_full)
        with pytest.raises(OSError, match="No space left"):
            house.update()
    assert house.copies == {LESSON: b"edition 1"}
    assert house.update() == []
    assert house.copies == {LESSON: b"edition 2"}
