import gzip
import hashlib
import multiprocessing
import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest

from course_lib.datasets import DataError, archive, downloads, load, mnist

ROOT = Path(__file__).resolve().parents[2]
REAL_FOLDER = Path(os.environ.get("COURSE_DATA") or ROOT.parent / "shared" / "data")
needs_real_mnist = pytest.mark.skipif(
    not (REAL_FOLDER / "mnist.npz").is_file(),
    reason="no mnist.npz: name its folder in COURSE_DATA to test the real file",
)

SMALL_SHAPES = {"x_train": (60, 5, 4), "y_train": (60,), "x_test": (20, 5, 4), "y_test": (20,)}
SMALL = {
    "x_train": np.random.default_rng(0).integers(0, 256, (60, 5, 4)).astype("uint8"),
    "y_train": (np.arange(60) % 10).astype("uint8"),
    "x_test": np.random.default_rng(1).integers(0, 256, (20, 5, 4)).astype("uint8"),
    "y_test": (np.arange(20) % 10).astype("uint8"),
}
SMALL_DIGESTS = {name: archive.array_digest(array) for name, array in SMALL.items()}
NAMES = ["mnist", "fashion_mnist"]
KERAS_GET_FILE = downloads.keras_get_file


def idx_gz(array):
    header = struct.pack(f">{1 + array.ndim}i", 0x0800 + array.ndim, *array.shape)
    return gzip.compress(header + array.tobytes(), mtime=0)


def fill_network(folder):
    """Lay out what the download address would serve, in a folder."""
    folder.mkdir(parents=True)
    np.savez_compressed(folder / "mnist.npz", **SMALL)
    for name, (file, _) in mnist.FASHION_FILES.items():
        (folder / file).write_bytes(idx_gz(SMALL[name]))


def fetch_from(network, fetched=None):
    def fetch(address, room, md5=None):
        file = address.rsplit("/", 1)[-1]
        shutil.copy(network / file, room / file)
        if fetched is not None:
            fetched.append(file)
        if md5 is not None and hashlib.md5((room / file).read_bytes()).hexdigest() != md5:
            raise ValueError("Incomplete or corrupted file detected.")
        return room / file

    return fetch


def small_world(replace, network):
    """Make the module expect the small data: `replace(object, name, value)`."""
    replace(mnist, "SHAPES", SMALL_SHAPES)
    replace(mnist, "MNIST_DIGESTS", SMALL_DIGESTS)
    files = {
        name: (file, hashlib.md5(idx_gz(SMALL[name])).hexdigest()) for name, (file, _) in mnist.FASHION_FILES.items()
    }
    replace(mnist, "FASHION_FILES", files)
    replace(downloads, "keras_get_file", fetch_from(network))


@pytest.fixture
def network(tmp_path, monkeypatch):
    folder = tmp_path / "network"
    fill_network(folder)
    small_world(monkeypatch.setattr, folder)
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.delenv("COURSE_CACHE", raising=False)
    return folder


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache folder"


@pytest.fixture
def offline(monkeypatch):
    def fail(address, room, md5=None):
        (room / "half").write_bytes(b"half of the data")
        raise URLError("Name or service not known")

    monkeypatch.setattr(downloads, "keras_get_file", fail)


def load_small(name, cache=None):
    return load(name, num_validation=10, cache=cache)


def is_small(data):
    images = np.concatenate([data.x_train, data.x_validation, data.x_test])[..., 0]
    np.testing.assert_allclose(images, np.concatenate([SMALL["x_train"], SMALL["x_test"]]) / 255, rtol=1e-6)
    assert len(data.x_validation) == 10
    np.testing.assert_array_equal(np.concatenate([data.y_train, data.y_validation]), SMALL["y_train"])
    np.testing.assert_array_equal(data.y_test, SMALL["y_test"])
    return True


def everything_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


FILES = {"mnist": ["mnist.npz"], "fashion_mnist": ["fashion_mnist.npz", "fashion_mnist.sha256"]}


# The real file


@pytest.mark.slow
@needs_real_mnist
def test_real_mnist_is_loaded_and_split(monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(REAL_FOLDER))
    data = load("mnist")
    assert data.x_train.shape == (50_000, 28, 28, 1)
    assert data.x_validation.shape == data.x_test.shape == (10_000, 28, 28, 1)
    assert data.y_train[:5].tolist() == [5, 0, 4, 1, 9]
    labels = np.concatenate([data.y_train, data.y_validation])
    assert np.bincount(labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    pixels = np.concatenate([data.x_train, data.x_validation])
    # the normalisation constants that everybody quotes
    assert pixels.mean(dtype="float64") == pytest.approx(0.1307, abs=5e-5)
    assert pixels.std(dtype="float64") == pytest.approx(0.3081, abs=5e-5)


@pytest.mark.slow
@needs_real_mnist
def test_real_mnist_validation_images_are_the_last_of_the_training_file(monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(REAL_FOLDER))
    data = load("mnist", num_validation=5000)
    with np.load(REAL_FOLDER / "mnist.npz", allow_pickle=False) as file:
        np.testing.assert_array_equal(
            np.round(data.x_validation[..., 0] * 255).astype("uint8"), file["x_train"][-5000:]
        )
        np.testing.assert_array_equal(data.y_train, file["y_train"][:-5000])


@needs_real_mnist
def test_loading_a_file_that_is_there_imports_no_keras():
    code = "import sys; from course_lib.datasets import load; load('mnist'); print('keras' in sys.modules)"
    environment = {**os.environ, "COURSE_DATA": str(REAL_FOLDER)}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert result.stdout.strip() == "False"


@needs_real_mnist
def test_a_truncated_copy_of_real_mnist_is_refused(tmp_path, monkeypatch):
    content = (REAL_FOLDER / "mnist.npz").read_bytes()
    (tmp_path / "mnist.npz").write_bytes(content[: len(content) // 2])
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    with pytest.raises(DataError, match=re.escape(str(tmp_path / "mnist.npz"))):
        load("mnist")


def test_embedded_mnist_digests_are_the_published_ones():
    prefixes = {name: digest[:16] for name, digest in mnist.MNIST_DIGESTS.items()}
    assert prefixes == {
        "x_train": "741c988805d008ac",
        "y_train": "1feba77c54802fa5",
        "x_test": "6d87418db22cc802",
        "y_test": "ddeff807876a9661",
    }
    assert {len(digest) for digest in mnist.MNIST_DIGESTS.values()} == {64}


# Download and cache


@pytest.mark.parametrize("name", NAMES)
def test_a_download_is_kept_and_used_again(network, cache, monkeypatch, name):
    fetched = []
    monkeypatch.setattr(downloads, "keras_get_file", fetch_from(network, fetched))
    assert is_small(load_small(name, cache))
    assert len(fetched) == (1 if name == "mnist" else 4)
    assert is_small(load_small(name, cache))
    assert len(fetched) == (1 if name == "mnist" else 4)
    assert everything_in(cache) == FILES[name]


@pytest.mark.parametrize("name", NAMES)
def test_no_network_says_what_to_do_and_leaves_nothing(network, cache, offline, name):
    with pytest.raises(DataError, match=r"Name or service not known.*COURSE_DATA.*load\('glyphs'\)") as caught:
        load_small(name, cache)
    assert mnist.ADDRESS in str(caught.value)
    assert str(cache) in str(caught.value)
    assert everything_in(cache) == []


@pytest.mark.parametrize("name", NAMES)
def test_an_interrupted_download_leaves_nothing(network, cache, monkeypatch, name):
    def interrupted(address, room, md5=None):
        (room / address.rsplit("/", 1)[-1]).write_bytes(b"PK\x03\x04 half")
        raise KeyboardInterrupt

    monkeypatch.setattr(downloads, "keras_get_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load_small(name, cache)
    assert everything_in(cache) == []
    monkeypatch.setattr(downloads, "keras_get_file", fetch_from(network))
    assert is_small(load_small(name, cache))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.95])
def test_half_a_download_never_reaches_the_cache(network, cache, name, kept):
    for file in network.iterdir():
        content = file.read_bytes()
        file.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(DataError):
        load_small(name, cache)
    assert everything_in(cache) == []


def test_a_changed_download_never_reaches_the_cache(network, cache):
    changed = SMALL["x_train"].copy()
    changed[3, 2, 1] ^= 1
    np.savez_compressed(network / "mnist.npz", **(SMALL | {"x_train": changed}))
    (network / mnist.FASHION_FILES["x_train"][0]).write_bytes(idx_gz(changed))
    with pytest.raises(DataError, match="SHA-256 of the array x_train"):
        load_small("mnist", cache)
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz failed"):
        load_small("fashion_mnist", cache)
    assert everything_in(cache) == []


def test_fashion_files_carry_the_published_md5():
    published = {
        "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
        "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
        "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
    }
    assert dict(mnist.FASHION_FILES.values()) == published
    assert "train-images" in mnist.FASHION_FILES["x_train"][0]
    assert "train-labels" in mnist.FASHION_FILES["y_train"][0]
    assert "t10k-images" in mnist.FASHION_FILES["x_test"][0]
    assert "t10k-labels" in mnist.FASHION_FILES["y_test"][0]
    assert len(mnist.FASHION_CLASSES) == 10


@pytest.mark.slow
def test_keras_downloads_checks_and_complains(network, cache, monkeypatch):
    monkeypatch.setattr(downloads, "keras_get_file", KERAS_GET_FILE)
    monkeypatch.setattr(mnist, "ADDRESS", network.as_uri() + "/")
    for name in NAMES:
        assert is_small(load_small(name, cache))
    assert everything_in(cache) == sorted(FILES["mnist"] + FILES["fashion_mnist"])
    labels = network / mnist.FASHION_FILES["y_test"][0]
    labels.write_bytes(idx_gz(SMALL["y_test"][::-1].copy()))
    with pytest.raises(DataError, match=r"t10k-labels.*failed.*hash"):
        load_small("fashion_mnist", cache / "second")
    (network / "mnist.npz").unlink()
    with pytest.raises(DataError, match=r"mnist\.npz failed.*COURSE_DATA"):
        load_small("mnist", cache / "second")
    assert everything_in(cache / "second") == []


# A bad file in the cache


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kept", [0.0, 0.3, 0.99])
def test_a_truncated_cache_is_refused_and_kept(network, cache, offline, monkeypatch, name, kept):
    monkeypatch.setattr(downloads, "keras_get_file", fetch_from(network))
    load_small(name, cache)
    path = cache / f"{name}.npz"
    path.write_bytes(path.read_bytes()[: int(kept * path.stat().st_size)])
    broken = path.read_bytes()
    with pytest.raises(DataError, match=f"Delete {re.escape(str(path))} and load again"):
        load_small(name, cache)
    assert path.read_bytes() == broken
    path.unlink()
    assert is_small(load_small(name, cache))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("array", SMALL)
def test_a_changed_value_in_a_sound_file_is_refused(network, cache, name, array):
    load_small(name, cache)
    path = cache / f"{name}.npz"
    arrays = archive.read_npz(path, SMALL, "")
    flat = arrays[array].reshape(-1)
    flat[[0, 1]] = flat[[1, 0]]  # same labels per class, same brightness
    archive.write_npz(path, arrays)
    with pytest.raises(DataError, match=f"SHA-256 of the array {array} should be {SMALL_DIGESTS[array]}"):
        load_small(name, cache)


@pytest.mark.parametrize("name", NAMES)
def test_a_flipped_byte_is_refused_or_harmless(network, cache, name):
    load_small(name, cache)
    path = cache / f"{name}.npz"
    content, refused = path.read_bytes(), 0
    positions = range(0, len(content), 11)
    for position in positions:
        path.write_bytes(content[:position] + bytes([content[position] ^ 0xFF]) + content[position + 1 :])
        try:
            data = load_small(name, cache)
        except DataError:
            refused += 1
        else:
            assert is_small(data)
    assert refused > len(positions) / 2


def test_wrong_names_shapes_and_types_are_refused(network, cache):
    path = cache / "mnist.npz"
    for arrays, sentence in (
        ({"images": SMALL["x_train"]}, "but it holds images"),
        (SMALL | {"x_test": SMALL["x_test"].reshape(20, 4, 5)}, r"x_test should be uint8 \(20, 5, 4\)"),
        (SMALL | {"x_test": SMALL["x_test"].view("int8")}, r"x_test should be uint8 \(20, 5, 4\), but it is int8"),
    ):
        archive.write_npz(path, arrays)
        with pytest.raises(DataError, match=sentence):
            load_small("mnist", cache)


def test_pickled_arrays_are_refused(network, cache):
    cache.mkdir()
    np.savez(cache / "mnist.npz", **(SMALL | {"x_train": SMALL["x_train"].astype(object)}))
    with pytest.raises(DataError, match="allow_pickle=False"):
        load_small("mnist", cache)


def test_fashion_without_its_record_is_refused_in_the_cache(network, cache):
    load_small("fashion_mnist", cache)
    record = cache / "fashion_mnist.sha256"
    for text, sentence in (("nonsense\n", "a line `digest  array`"), ("00  x_train\n", "should name x_train, y_train")):
        record.write_text(text)
        with pytest.raises(DataError, match=sentence):
            load_small("fashion_mnist", cache)
    record.unlink()
    with pytest.raises(DataError, match=r"fashion_mnist\.sha256, but that file is missing.*Delete"):
        load_small("fashion_mnist", cache)


def test_the_record_is_stored_before_the_arrays(network, cache, monkeypatch):
    def power_failure(path, arrays, compress):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(downloads, "write_npz", power_failure)
        with pytest.raises(KeyboardInterrupt):
            load_small("fashion_mnist", cache)
    assert everything_in(cache) == ["fashion_mnist.sha256"]
    assert is_small(load_small("fashion_mnist", cache))


# COURSE_DATA


@pytest.mark.parametrize("name", NAMES)
def test_course_data_comes_before_cache_and_network(network, cache, offline, tmp_path, monkeypatch, name):
    given = tmp_path / "given"
    archive.write_npz(given / f"{name}.npz", SMALL)
    monkeypatch.setenv("COURSE_DATA", str(given))
    archive.write_npz(cache / f"{name}.npz", {"never": np.zeros(1)})
    assert is_small(load_small(name, cache))


@pytest.mark.parametrize("name", NAMES)
def test_a_bad_file_in_course_data_is_an_error_even_with_a_good_cache(network, cache, tmp_path, monkeypatch, name):
    load_small(name, cache)
    given = tmp_path / "given"
    given.mkdir()
    (given / f"{name}.npz").write_bytes(b"<html>404</html>")
    monkeypatch.setenv("COURSE_DATA", str(given))
    with pytest.raises(DataError, match=r"Replace .*given.*or unset COURSE_DATA"):
        load_small(name, cache)


def test_course_data_without_the_file_falls_back_to_the_cache(network, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert is_small(load_small("mnist", cache))


def test_course_data_that_is_no_folder_is_an_error(network, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"COURSE_DATA should name a folder, but .*nowhere"):
        load_small("mnist", cache)


def test_fashion_that_you_vouch_for_is_still_checked_for_its_labels(network, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "given"))
    labels = SMALL["y_train"].copy()
    labels[0] = 1
    archive.write_npz(tmp_path / "given" / "fashion_mnist.npz", SMALL | {"y_train": labels})
    with pytest.raises(DataError, match=r"y_train should hold 6 labels of each class, but holds \[5, 7, 6"):
        load_small("fashion_mnist", cache)


# Folders


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_that_cannot_be_made_is_named_before_anything_is_fetched(network, tmp_path, monkeypatch, name):
    fetched = []
    monkeypatch.setattr(downloads, "keras_get_file", fetch_from(network, fetched))
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DataError, match=r"file.*cannot be written to.*cache=.*COURSE_CACHE"):
        load_small(name, tmp_path / "file" / "cache")
    assert fetched == []


@pytest.mark.parametrize("name", NAMES)
def test_a_read_only_folder_is_named_and_what_is_in_it_kept(network, cache, monkeypatch, name):
    cache.mkdir()
    (cache / "other.npz").write_bytes(b"precious")

    def read_only(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    for owner, function in ((downloads.tempfile, "TemporaryDirectory"), (Path, "replace")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, function, read_only)
            with pytest.raises(DataError, match=r"cache folder, but it cannot be written to.*COURSE_CACHE"):
                load_small(name, cache)
        assert everything_in(cache) == ["other.npz"]


def test_course_cache_is_used(network, cache, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(cache))
    assert is_small(load_small("mnist"))
    assert everything_in(cache) == ["mnist.npz"]


# Two at once


def load_in_a_process(network, cache, start, answers):
    small_world(setattr, network)
    os.environ.pop("COURSE_DATA", None)
    start.wait(timeout=300)
    try:
        answers.put([is_small(load_small(name, cache)) for name in NAMES])
    except Exception as error:
        answers.put(repr(error))


def test_two_processes_at_once_both_succeed_and_leave_one_good_copy(network, cache):
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(2), context.Queue()
    processes = [context.Process(target=load_in_a_process, args=(network, cache, start, answers)) for _ in range(2)]
    for process in processes:
        process.start()
    assert [answers.get(timeout=300) for _ in processes] == [[True, True]] * 2
    for process in processes:
        process.join()
    assert everything_in(cache) == sorted(FILES["mnist"] + FILES["fashion_mnist"])
    for name in NAMES:
        assert is_small(load_small(name, cache))


# Small pieces


@pytest.mark.parametrize("num_validation", [0, -1, 60_000])
@pytest.mark.parametrize("name", NAMES)
def test_an_impossible_validation_split_is_refused_before_loading(name, num_validation):
    with pytest.raises(ValueError, match=f"1…59999; got {num_validation}"):
        load(name, num_validation=num_validation)


def test_idx_files_are_read_and_others_refused(tmp_path):
    images = SMALL["x_test"]
    path = tmp_path / "images.gz"
    path.write_bytes(idx_gz(images))
    np.testing.assert_array_equal(mnist.read_idx(path, images.shape), images)
    for content in (
        b"",
        b"no gzip",
        idx_gz(images)[:-9],
        idx_gz(SMALL["y_test"]),
        idx_gz(images.reshape(20, 4, 5)),
        b"\x1f\x8b",
        idx_gz(images)[:10] + b"\xff" + idx_gz(images)[11:],  # no such kind of block
    ):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"images\.gz should"):
            mnist.read_idx(path, images.shape)
