import hashlib
import io
import multiprocessing
import zipfile

import numpy as np
import pytest

from course_lib.datasets import archive
from course_lib.datasets.archive import (
    DataError,
    array_digest,
    check_digests,
    embedded_path,
    read_embedded,
    read_npz,
    replacing,
    write_npz,
)

ARRAYS = {"pixels": np.arange(60, dtype="uint8").reshape(5, 3, 4), "labels": np.array([3, 1, 4, 1, 5], "uint8")}
REPAIR = "Do this."


def write_half(path, content):
    with replacing(path) as unfinished:
        unfinished.write_bytes(content[: len(content) // 2])
        raise KeyboardInterrupt


def rewrite_in_turns(path, num_writes):
    for number in range(num_writes):
        write_npz(path, {"number": np.full(20_000, number % 7, "uint8")})


def test_arrays_come_back_as_they_were_written(tmp_path):
    path = tmp_path / "new folder" / "arrays.npz"
    write_npz(path, ARRAYS)
    ours, numpys = read_npz(path, ARRAYS, REPAIR), np.load(path, allow_pickle=False)
    assert list(ours) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert ours[name].dtype == array.dtype
        np.testing.assert_array_equal(ours[name], array)
        np.testing.assert_array_equal(numpys[name], array)


def test_files_written_by_numpy_are_read(tmp_path):
    np.savez_compressed(tmp_path / "numpy.npz", **ARRAYS)
    np.testing.assert_array_equal(read_npz(tmp_path / "numpy.npz", ["labels"], REPAIR)["labels"], ARRAYS["labels"])


def test_equal_arrays_give_equal_bytes_at_any_time(tmp_path, monkeypatch):
    write_npz(tmp_path / "a.npz", ARRAYS)
    monkeypatch.setattr("time.localtime", lambda *_: (2031, 5, 6, 7, 8, 9, 0, 0, 0))
    write_npz(tmp_path / "b.npz", {name: np.asfortranarray(array) for name, array in ARRAYS.items()})
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_digest_is_sha256_of_the_bytes_in_c_order():
    array = np.array([[1, 2, 3], [4, 5, 6]], "uint8")
    expected = hashlib.sha256(bytes([1, 2, 3, 4, 5, 6])).hexdigest()
    assert array_digest(array) == array_digest(np.asfortranarray(array)) == expected
    assert array_digest(array.T) == hashlib.sha256(bytes([1, 4, 2, 5, 3, 6])).hexdigest()


def test_an_embedded_file_is_compared_with_its_digests_and_the_message_says_how_to_get_it(tmp_path):
    path, digests = tmp_path / "small.npz", {name: array_digest(array) for name, array in ARRAYS.items()}
    write_npz(path, ARRAYS)
    assert list(read_embedded(path, digests)) == list(ARRAYS)
    write_npz(path, ARRAYS | {"pixels": ARRAYS["pixels"] + 1})
    with pytest.raises(DataError, match=r"small\.npz.*pixels.*git checkout -- data/small\.npz"):
        read_embedded(path, digests)


def test_an_embedded_file_is_that_of_the_installed_package_before_that_of_a_clone(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "__file__", str(tmp_path / "course_lib" / "datasets" / "archive.py"))
    with pytest.raises(DataError, match=r"small\.npz should be at .* but it is at neither.*git checkout"):
        embedded_path("small.npz")
    for folder in (tmp_path, tmp_path / "course_lib"):
        write_npz(folder / "data" / "small.npz", ARRAYS)
        assert embedded_path("small.npz") == folder / "data" / "small.npz"


def test_a_changed_value_is_refused_with_both_digests():
    digests = {name: array_digest(array) for name, array in ARRAYS.items()}
    check_digests(ARRAYS, digests, "here.npz", REPAIR)
    changed = ARRAYS | {"labels": np.array([3, 1, 4, 1, 6], "uint8")}
    with pytest.raises(DataError, match=r"here\.npz.*labels.*Do this\.") as caught:
        check_digests(changed, digests, "here.npz", REPAIR)
    assert digests["labels"] in str(caught.value)
    assert array_digest(changed["labels"]) in str(caught.value)


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.3, 0.7, 0.99])
def test_a_truncated_file_is_refused_by_name(tmp_path, kept):
    path = tmp_path / "cut.npz"
    write_npz(path, ARRAYS)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(DataError, match=r"cut\.npz.*Do this\."):
        read_npz(path, ARRAYS, REPAIR)


def test_a_flipped_byte_anywhere_is_refused_or_harmless(tmp_path):
    path = tmp_path / "flipped.npz"
    write_npz(path, ARRAYS)
    content, refused = path.read_bytes(), 0
    for position in range(len(content)):
        path.write_bytes(content[:position] + bytes([content[position] ^ 0x55]) + content[position + 1 :])
        try:
            arrays = read_npz(path, ARRAYS, REPAIR)
        except DataError:
            refused += 1
        else:
            assert all(array_digest(arrays[name]) == array_digest(ARRAYS[name]) for name in ARRAYS)
    assert refused > len(content) / 2


def test_pickled_objects_are_refused_and_never_run(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (tmp_path.joinpath("ran").touch, ())

    objects = np.empty(5, object)
    objects[:] = [Bomb() for _ in range(5)]
    np.savez(tmp_path / "bomb.npz", pixels=ARRAYS["pixels"], labels=objects)
    with pytest.raises(DataError, match=r"bomb\.npz.*allow_pickle=False"):
        read_npz(tmp_path / "bomb.npz", ARRAYS, REPAIR)
    assert not (tmp_path / "ran").exists()


def test_a_missing_file_a_folder_and_other_formats_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"none\.npz.*no such file.*Do this\."):
        read_npz(tmp_path / "none.npz", ARRAYS, REPAIR)
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(DataError, match=r"folder\.npz.*Do this\."):
        read_npz(tmp_path / "folder.npz", ARRAYS, REPAIR)
    with (tmp_path / "array.npz").open("wb") as file:
        np.save(file, ARRAYS["pixels"])
    with pytest.raises(DataError, match=r"array\.npz.*Do this\."):
        read_npz(tmp_path / "array.npz", ARRAYS, REPAIR)
    with zipfile.ZipFile(tmp_path / "text.npz", "w") as archive:
        archive.writestr("pixels.npy", "not an array")
        archive.writestr("labels.npy", "not an array")
    with pytest.raises(DataError, match=r"text\.npz.*Do this\."):
        read_npz(tmp_path / "text.npz", ARRAYS, REPAIR)


def test_a_missing_array_is_named_with_the_ones_there_are(tmp_path):
    write_npz(tmp_path / "other.npz", {"images": ARRAYS["pixels"], "labels": ARRAYS["labels"]})
    with pytest.raises(DataError, match="should hold the arrays pixels, labels, but it holds images, labels"):
        read_npz(tmp_path / "other.npz", ARRAYS, REPAIR)


def test_an_interrupted_write_keeps_the_old_file_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "kept.npz"
    write_npz(path, ARRAYS)
    before = path.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        write_half(path, before)
    assert path.read_bytes() == before
    with pytest.raises(ValueError, match="allow_pickle=False"):
        write_npz(path, {"objects": np.array([{}, None])} | ARRAYS)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept.npz"]


def test_a_reader_never_sees_half_of_what_another_process_writes(tmp_path):
    path = tmp_path / "shared.npz"
    rewrite_in_turns(path, 1)
    writer = multiprocessing.get_context("spawn").Process(target=rewrite_in_turns, args=(path, 150))
    writer.start()
    seen, reads = set(), 0
    while writer.is_alive() or reads == 0:
        number = read_npz(path, ["number"], REPAIR)["number"]
        assert len(np.unique(number)) == 1
        seen.add(int(number[0]))
        reads += 1
    writer.join()
    assert writer.exitcode == 0
    assert len(seen) > 1, "the reader should have read while the writer wrote"


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"'shape'", b"B'hape'"), (b"}", b"\x7f"), (b"|u1", b",u1"), (b"|u1", b"|O1"), (b"(5, 3", b"(5,-3")],
)
def test_a_header_that_makes_no_sense_is_refused_although_its_checksum_is_right(tmp_path, before, after):
    path, content = tmp_path / "odd.npz", io.BytesIO()
    np.save(content, ARRAYS["pixels"])
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pixels.npy", content.getvalue().replace(before, after, 1))
    with pytest.raises(DataError, match=r"odd\.npz.*Do this\."):
        read_npz(path, ["pixels"], REPAIR)
