"""CIFAR-10, from a small archive of the true format, as Python 2 and an old NumPy wrote it. Nothing is downloaded."""

import hashlib
import importlib.util
import io
import pickle
import re
import shutil
import struct
import tarfile
import warnings
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest

from course_lib.datasets import DataError, archive, cifar10, downloads, load

SMALL = {
    "x_train": np.random.default_rng(0).integers(0, 256, (50, 5, 4, 3)).astype("uint8"),
    "y_train": (np.arange(50) % 10).astype("uint8"),
    "x_test": np.random.default_rng(1).integers(0, 256, (20, 5, 4, 3)).astype("uint8"),
    "y_test": (np.arange(20) // 2).astype("uint8"),
}
SHAPES = {name: array.shape for name, array in SMALL.items()}
KEPT = ["cifar10.npz", "cifar10.sha256"]


def text(content):
    return b"U" + bytes([len(content)]) + content


def whole(number):
    return b"J" + struct.pack("<i", number)


def pickled_array(array):
    """An array of uint8, as NumPy 1 wrote it on Python 2."""
    empty = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
    uint8 = b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNN" + whole(-1) + whole(-1) + b"K\x00tb"
    shape = b"(" + b"".join(map(whole, array.shape)) + b"t"
    content = b"T" + struct.pack("<i", array.size) + array.tobytes()
    return empty + b"(K\x01" + shape + uint8 + b"\x89" + content + b"tb"


def batch(pixels, labels):
    """A batch file: a table of all red, then all green, then all blue values of each image, and a list of labels."""
    table = pixels.transpose(0, 3, 1, 2).reshape(len(pixels), -1)
    entries = {
        b"batch_label": text(b"a batch"),
        b"labels": b"](" + b"".join(whole(int(label)) for label in labels) + b"e",
        b"data": pickled_array(table),
    }
    return b"\x80\x02}(" + b"".join(text(name) + entry for name, entry in entries.items()) + b"u."


def batches(arrays=SMALL):
    files = {"test_batch": batch(arrays["x_test"], arrays["y_test"])}
    for number in (4, 1, 3, 2, 5):  # in the archive they stand in no order
        rows = slice(10 * (number - 1), 10 * number)
        files[f"data_batch_{number}"] = batch(arrays["x_train"][rows], arrays["y_train"][rows])
    return files


def tar_gz(files):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as made:
        folder = tarfile.TarInfo("cifar-10-batches-py")
        folder.type = tarfile.DIRTYPE
        made.addfile(folder)
        for name, file in {"batches.meta": b"\x80\x02}.", **files, "readme.html": b"<html>"}.items():
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            entry.size = len(file)
            made.addfile(entry, io.BytesIO(file))
    return content.getvalue()


class World:
    """What stands at the authors' address, and what was fetched from there."""

    def __init__(self, folder, replace):
        self.path, self.replace, self.fetched = folder / cifar10.FILE, replace, 0
        replace(cifar10, "SHAPES", SHAPES)
        replace(downloads, "keras_get_file", self.fetch)
        self.publish(tar_gz(batches()))

    def publish(self, content):
        self.path.write_bytes(content)
        digests = {name: hashlib.new(name, content).hexdigest() for name in cifar10.DIGESTS}
        self.replace(cifar10, "DIGESTS", digests)

    def fetch(self, address, room, md5=None):
        assert address == cifar10.ADDRESS
        self.fetched += 1
        return shutil.copy(self.path, room / cifar10.FILE)


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.delenv("COURSE_CACHE", raising=False)
    (tmp_path / "network").mkdir()
    return World(tmp_path / "network", monkeypatch.setattr)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache folder"


@pytest.fixture
def given(tmp_path, monkeypatch):
    folder = tmp_path / "given"
    folder.mkdir()
    monkeypatch.setenv("COURSE_DATA", str(folder))
    return folder


def load_small(cache=None):
    return load("cifar10", num_validation=10, cache=cache)


def is_small(data):
    images = np.concatenate([data.x_train, data.x_validation, data.x_test])
    np.testing.assert_allclose(images, np.concatenate([SMALL["x_train"], SMALL["x_test"]]) / 255, rtol=1e-6)
    assert len(data.x_validation) == 10
    np.testing.assert_array_equal(np.concatenate([data.y_train, data.y_validation]), SMALL["y_train"])
    np.testing.assert_array_equal(data.y_test, SMALL["y_test"])
    return True


def everything_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_the_digests_and_the_address_are_those_of_keras():
    source = Path(importlib.util.find_spec("keras").origin).parent / "src" / "datasets" / "cifar10.py"
    said = source.read_text("utf-8")
    assert cifar10.DIGESTS["sha256"] in said
    assert cifar10.ADDRESS in said
    assert {name: len(digest) for name, digest in cifar10.DIGESTS.items()} == {"md5": 32, "sha256": 64}
    # the authors' page; torchvision has the same
    assert cifar10.DIGESTS["md5"] == "c58f30108f718f92721af3b95e74349a"


def test_the_true_shapes_and_classes():
    assert cifar10.SHAPES["x_train"] == (50_000, 32, 32, 3)
    assert cifar10.SHAPES["x_test"] == (10_000, 32, 32, 3)
    assert cifar10.CLASSES[:3] == ("airplane", "automobile", "bird")
    assert cifar10.CLASSES[7:] == ("horse", "ship", "truck")
    assert len(cifar10.CLASSES) == 10


def test_a_download_becomes_colour_images_is_kept_and_used_again(world, cache):
    data = load_small(cache)
    assert is_small(data)
    assert data.x_train.shape == (40, 5, 4, 3)
    assert data.x_train.dtype == np.float32
    assert data.y_train.dtype == np.int32
    assert is_small(load_small(cache))
    assert world.fetched == 1
    assert everything_in(cache) == KEPT


def test_reading_the_old_pickles_warns_of_nothing(world, cache):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert is_small(load_small(cache))


@pytest.mark.slow
def test_the_archive_is_read_as_keras_reads_it(world, tmp_path):
    from keras.src.datasets.cifar import load_batch

    pixels, labels = np.random.default_rng(2).integers(0, 256, (4, 32, 32, 3)).astype("uint8"), [3, 1, 4, 1]
    (tmp_path / "batch").write_bytes(batch(pixels, labels))
    table, read = load_batch(str(tmp_path / "batch"))
    np.testing.assert_array_equal(np.transpose(table, (0, 2, 3, 1)), pixels)
    ours, own = cifar10.read_batch(io.BytesIO((tmp_path / "batch").read_bytes()))
    np.testing.assert_array_equal(ours.reshape(table.shape), table)
    assert own.tolist() == list(read) == labels


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.95])
def test_half_a_download_never_reaches_the_cache(world, cache, kept):
    content = world.path.read_bytes()
    world.path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(DataError, match=r"MD5 should be .* truncated or changed.*try again later"):
        load_small(cache)
    assert everything_in(cache) == []


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_both_digests_of_the_archive_are_compared_before_it_is_opened(world, cache, monkeypatch, algorithm):
    monkeypatch.setattr(cifar10, "DIGESTS", cifar10.DIGESTS | {algorithm: "0" * 32})
    monkeypatch.setattr(cifar10, "ArrayUnpickler", None)
    with pytest.raises(DataError, match=f"its {algorithm.upper()} should be 0000"):
        load_small(cache)
    assert everything_in(cache) == []


def test_an_interrupted_download_leaves_nothing(world, cache, monkeypatch):
    def interrupted(address, room, md5=None):
        (room / cifar10.FILE).write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(downloads, "keras_get_file", interrupted)
        with pytest.raises(KeyboardInterrupt):
            load_small(cache)
    assert everything_in(cache) == []
    assert is_small(load_small(cache))


def test_no_network_says_what_to_do_and_leaves_nothing(world, cache, monkeypatch):
    def fail(address, room, md5=None):
        raise URLError("Name or service not known")

    monkeypatch.setattr(downloads, "keras_get_file", fail)
    with pytest.raises(DataError, match=r"not known.*put cifar-10-python\.tar\.gz.*COURSE_DATA.*load\('glyphs'\)"):
        load_small(cache)
    assert everything_in(cache) == []


@pytest.mark.parametrize("array", SMALL)
def test_a_changed_value_in_the_cache_is_refused_and_kept(world, cache, array):
    load_small(cache)
    path = cache / "cifar10.npz"
    arrays = archive.read_npz(path, SMALL, "")
    flat = arrays[array].reshape(-1)
    flat[[0, -1]] = flat[[-1, 0]]
    archive.write_npz(path, arrays)
    with pytest.raises(DataError, match=rf"SHA-256 of the array {array} .*Delete .*Delete cifar10\.sha256"):
        load_small(cache)
    assert path.exists()


def test_without_its_record_the_cache_is_refused(world, cache):
    load_small(cache)
    (cache / "cifar10.sha256").unlink()
    with pytest.raises(DataError, match=r"cifar10\.sha256, but that file is missing"):
        load_small(cache)


# COURSE_DATA


def test_an_npz_of_yours_comes_before_an_archive_of_yours_and_that_before_the_cache(world, cache, given):
    load_small(cache)
    world.fetched = 0
    shutil.copy(world.path, given)
    (cache / "cifar10.npz").write_bytes(b"never read")
    assert is_small(load_small(cache))
    (given / cifar10.FILE).write_bytes(b"never read")
    archive.write_npz(given / "cifar10.npz", SMALL)
    assert is_small(load_small(cache))
    assert world.fetched == 0
    assert everything_in(cache) == KEPT
    assert everything_in(given) == [cifar10.FILE, "cifar10.npz"]


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.95])
def test_a_truncated_archive_of_yours_is_an_error_even_with_a_good_cache(world, cache, given, kept):
    load_small(cache)
    content = world.path.read_bytes()
    (given / cifar10.FILE).write_bytes(content[: int(kept * len(content))])
    with pytest.raises(DataError, match=r"given.*truncated or changed.*Replace .*given.*or unset COURSE_DATA"):
        load_small(cache)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"images": SMALL["x_train"]}, "but it holds images"),
        (SMALL | {"x_test": SMALL["x_test"][..., 0]}, r"x_test should be uint8 \(20, 5, 4, 3\)"),
        (SMALL | {"y_train": SMALL["y_train"][:, None]}, r"y_train should be uint8 \(50,\), but it is uint8 \(50, 1\)"),
        (SMALL | {"x_train": SMALL["x_train"].astype("float32")}, "x_train should be uint8 .* but it is float32"),
        (SMALL | {"y_test": SMALL["y_test"] // 2}, "y_test should hold 2 labels of each class"),
    ],
    ids=["names", "grey", "a column of labels", "floats", "half of the classes"],
)
def test_wrong_arrays_of_yours_are_refused(world, given, arrays, sentence):
    archive.write_npz(given / "cifar10.npz", arrays)
    with pytest.raises(DataError, match=sentence):
        load_small()


# An archive whose digests are right and whose content is not


def changed(**files):
    return tar_gz({**batches(), **files})


class Evil:
    def __reduce__(self):
        return print, ("the pickle ran",)


WRONG_CONTENT = {
    "no archive": (b"<html>404</html>", "ReadError"),
    "a batch is missing": (tar_gz({k: v for k, v in batches().items() if k != "data_batch_3"}), "data_batch_3"),
    "a smaller batch": (changed(data_batch_2=batch(SMALL["x_train"][:9], SMALL["y_train"][:9])), "reshape"),
    "labels of another length": (
        changed(data_batch_2=batch(SMALL["x_train"][:10], SMALL["y_train"][:9])),
        r"labels should be 10 integers in 0…9; got int64 \(9,\)",
    ),
    "a label of 10": (changed(test_batch=batch(SMALL["x_test"], [10] * 20)), "labels should be 20 integers in 0…9"),
    "pixels of another kind": (
        changed(test_batch=pickle.dumps({b"data": [[1.5]], b"labels": [0]}, 3)),
        "pixels should be a table of uint8; got list",
    ),
    "half a pickle": (changed(test_batch=batches()["test_batch"][:-40]), "reading it failed"),
}


@pytest.mark.parametrize("case", WRONG_CONTENT)
def test_an_archive_with_the_wrong_content_is_refused(world, cache, case):
    content, sentence = WRONG_CONTENT[case]
    world.publish(content)
    with pytest.raises(DataError, match=rf"should hold the batches data_batch_1, .*{sentence}"):
        load_small(cache)
    assert everything_in(cache) == []


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_never_run(world, cache, capsys, protocol):
    world.publish(changed(test_batch=pickle.dumps(Evil(), protocol)))
    with pytest.raises(DataError, match=r"should hold arrays only, but it asks for .*print"):
        load_small(cache)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["numpy\nload", "numpy.core.multiarray\nscalar", "os\nsystem", "builtins\neval"])
def test_nothing_but_arrays_can_be_asked_for(name):
    with pytest.raises(pickle.UnpicklingError, match=re.escape(name.replace("\n", "."))):
        cifar10.ArrayUnpickler(io.BytesIO(b"\x80\x02c" + name.encode() + b"\n.")).load()


@pytest.mark.parametrize("num_validation", [0, -1, 50_000])
def test_an_impossible_validation_split_is_refused_before_loading(num_validation):
    with pytest.raises(ValueError, match=f"1…49999; got {num_validation}"):
        load("cifar10", num_validation=num_validation)
