"""Tiny Shakespeare: from a made-up file, and from the real one where COURSE_DATA has it."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from course_lib.datasets import DataError, load, read_prose, shakespeare
from course_lib.datasets.dataset import SPLITS
from course_lib.datasets.prose import ALPHABET

ROOT = Path(__file__).resolve().parents[2]
REAL_FOLDER = Path(os.environ.get("COURSE_DATA") or ROOT.parent / "shared" / "data")
MADE_UP = "".join(f"SPEAKER {number}:\nWords & words,\nnumber {number}!\n\n" for number in range(100))


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A made-up text in the place of the real one."""
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.setattr(shakespeare, "DIGEST", hashlib.sha256(MADE_UP.encode()).hexdigest())
    path = tmp_path / "tinyshakespeare.txt"
    path.write_text(MADE_UP, "utf-8")
    return path


def test_the_pieces_are_the_text_in_its_order_in_the_characters_of_the_prose(file):
    data = load("shakespeare", length=10)
    text = "".join(read_prose(data.split(split)[0]) for split in SPLITS)
    assert text.startswith("speaker 0: words and words, number 0! speaker 0: words")
    assert set(text) <= set(ALPHABET)
    expected = " ".join(MADE_UP.lower().replace("&", "and").split())
    assert len(expected) - 3 * 10 < len(text) <= len(expected)
    assert data.name == "shakespeare"
    assert data.is_text


def test_the_splits_are_ninety_five_and_five_per_cent_and_follow_each_other(file):
    whole = shakespeare.plain(MADE_UP)
    data = load("shakespeare", length=1)
    sizes = [len(data.split(split)[0]) for split in SPLITS]
    np.testing.assert_allclose(sizes, np.array([0.9, 0.05, 0.05]) * len(whole), atol=1)
    assert "".join(read_prose(data.split(split)[0]) for split in SPLITS) == whole


def test_lines_ended_in_the_way_of_windows_are_the_same_text(file):
    expected = load("shakespeare").x_train
    file.write_bytes(MADE_UP.replace("\n", "\r\n").encode())
    np.testing.assert_array_equal(load("shakespeare").x_train, expected)


def test_characters_that_the_prose_has_not_are_left_out():
    assert shakespeare.plain("Exit\t$ [ROMEO]\n\n& 42 more: “so”") == "exit romeo and 00 more: so"


@pytest.mark.parametrize("setting", ["", None, "a folder"])
def test_without_the_file_the_message_says_where_to_get_it_and_what_does_without(tmp_path, monkeypatch, setting):
    if setting is None:
        monkeypatch.delenv("COURSE_DATA", raising=False)
    else:
        monkeypatch.setenv("COURSE_DATA", setting and str(tmp_path))
    found = f"there is none in {tmp_path}" if setting else "COURSE_DATA is not set"
    with pytest.raises(DataError, match=r"tinyshakespeare\.txt.*https://.*load\('prose'\)") as caught:
        load("shakespeare")
    assert found in str(caught.value)


def test_a_folder_that_is_none_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"COURSE_DATA should name a folder, but .*nowhere"):
        load("shakespeare")


def test_another_text_is_refused_with_both_digests(file):
    file.write_text(MADE_UP.replace("number 7", "number 8"), "utf-8")
    with pytest.raises(DataError, match=rf"tinyshakespeare\.txt should have the SHA-256 {shakespeare.DIGEST}.*load\("):
        load("shakespeare")


def test_a_file_that_is_no_text_is_refused(file):
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="a text that can be read"):
        load("shakespeare")


@pytest.mark.parametrize("length", [0, 2.5, "long"])
def test_a_length_that_is_none_is_refused(file, length):
    with pytest.raises(ValueError, match="length"):
        load("shakespeare", length=length)


@pytest.mark.skipif(
    not (REAL_FOLDER / "tinyshakespeare.txt").is_file(),
    reason="no tinyshakespeare.txt: name its folder in COURSE_DATA to test the real file",
)
def test_the_real_file_is_the_one_expected(monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(REAL_FOLDER))
    data = load("shakespeare", length=64)
    assert read_prose(data.x_train[0]).startswith("first citizen: before we proceed any further, hear me speak. all")
    assert [data.split(split)[0].size for split in SPLITS] == [997_312, 55_360, 55_360]
