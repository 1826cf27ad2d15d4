"""The prose: file, splits, and the tool that made it."""

import re
from pathlib import Path

import numpy as np
import pytest

from course_lib.datasets import DataError, archive, load, prose, read_prose
from course_lib.datasets.dataset import SPLITS
from tools.data.collect_prose import plain, text_cells

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def arrays():
    return archive.read_npz(prose.prose_path(), prose.DIGESTS, "")


def test_the_pieces_are_the_text_in_its_order(arrays):
    data = load("prose", length=50)
    for split in SPLITS:
        x = data.split(split)[0]
        np.testing.assert_array_equal(x.reshape(-1), arrays[split][: x.size])
        assert len(arrays[split]) - x.size < 50


def test_it_reads_like_prose_and_stays_in_its_alphabet(arrays):
    text = read_prose(arrays["test"])
    assert set(text) <= set(prose.ALPHABET)
    assert len(set(prose.ALPHABET)) == len(prose.ALPHABET) == 41
    assert " the " in text
    assert "latent" in text
    assert "  " not in text
    assert not re.search("[1-9A-Z$`{}|]", text)


def test_no_sentence_of_the_test_lessons_was_learned(arrays):
    known, asked = (set(re.split(r"(?<=[.?!]) ", read_prose(arrays[split]))) for split in ("train", "test"))
    assert len(known & {sentence for sentence in asked if len(sentence) > 40}) == 0


def test_the_card_tells_sizes_digests_and_licence(arrays):
    card = (ROOT / "data" / "prose.md").read_text("utf-8")
    for split, digest in prose.DIGESTS.items():
        assert digest in card
        assert f"{len(arrays[split]):,}" in card
    assert f"{prose.prose_path().stat().st_size:,} bytes" in card
    assert "CC BY 4.0" in card


def test_a_changed_file_is_refused(tmp_path, monkeypatch, arrays):
    archive.write_npz(tmp_path / "prose.npz", arrays | {"test": arrays["test"][::-1]})
    monkeypatch.setattr(prose, "prose_path", lambda: tmp_path / "prose.npz")
    with pytest.raises(DataError, match="SHA-256 of the array test"):
        load("prose")


@pytest.mark.parametrize("length", [0, 2.5, "long"])
def test_a_length_that_is_none_is_refused(length):
    with pytest.raises(ValueError, match="length"):
        load("prose", length=length)


def test_the_tool_takes_text_and_leaves_slides_notes_and_code():
    source = (
        "# %% [markdown]\n# # Title\n#\n# We count **twelve** apples, and 3 pears.\n#\n# $x$ is a formula, and goes.\n"
        '\n# %%\nprint("no text")\n\n# %% [markdown] tags=["slide"]\n# No slide is taken.\n'
        '\n# %% [markdown] tags=["notes"]\n# 3 min. Nor a note of the speaker.\n'
    )
    cells = text_cells(source)
    assert len(cells) == 1
    assert plain(cells[0]) == ["we count twelve apples, and 0 pears."]
