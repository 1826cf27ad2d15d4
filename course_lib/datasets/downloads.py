"""Data sets that are downloaded once: where they are looked for, how they are fetched, checked and kept."""

import hashlib
import os
import socket
import sys
import tempfile
from pathlib import Path

import numpy as np

from course_lib.datasets.archive import DataError, array_digest, check_digests, read_npz, replacing, write_npz

TIMEOUT = 30  # seconds without a single byte before a download is given up
TRY_LATER = "The download is broken, or the file was changed at its source: try again later."


def find_or_download(name, shapes, cache, check, download):
    """Return the checked arrays of `<name>.npz` from COURSE_DATA, the cache or the network, in this order.

    A file that is found and fails its check is an error, never skipped, replaced or deleted.

    Args:
        name: Of the data set.
        shapes: Dict array → shape.
        cache: Folder or None.
        check: Function `(arrays, path, repair, record_required)` that raises `DataError`.
        download: Function `(folder)` that leaves a checked `<name>.npz` in the folder.

    Returns:
        Dict of uint8 arrays of these shapes.
    """
    path = given_file(f"{name}.npz")
    if path is not None:
        return read_checked(path, shapes, check, repair_of_given(path), record_required=False)
    folder = Path(cache).expanduser() if cache is not None else cache_folder()
    path = folder / f"{name}.npz"
    if not path.exists():
        download(folder)
    repair = f"Delete {path} and load again: it will be downloaded anew."
    return read_checked(path, shapes, check, repair, record_required=True)


def given_folder():
    """Return the folder that the environment variable COURSE_DATA names, or None.

    A relative one is looked up from the working directory, then from the clone (notebooks run in their own folder).

    Raises:
        DataError: If it names something that is not a folder.
    """
    value = os.environ.get("COURSE_DATA", "")
    if not value:
        return None
    for folder in (Path(value).expanduser(), Path(__file__).resolve().parents[2] / value):
        if folder.is_dir():
            return folder
    raise DataError(f"COURSE_DATA should name a folder, but {value!r} is none. Correct the variable, or unset it.")


def given_file(name):
    """Return the path of a file in the folder that COURSE_DATA names, or None where it is not there."""
    folder = given_folder()
    return folder / name if folder is not None and (folder / name).exists() else None


def repair_of_given(path):
    """What to do about a bad file of the reader's own."""
    return f"Replace {path} (folder named by COURSE_DATA), or unset COURSE_DATA to have it downloaded."


def cache_folder():
    """Return the folder for downloads: COURSE_CACHE if set, `data/cache` in a clone, else the user's cache folder."""
    if os.environ.get("COURSE_CACHE"):
        return Path(os.environ["COURSE_CACHE"]).expanduser()
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file() and (checkout / "data" / "glyphs.npz").is_file():
        return checkout / "data" / "cache"
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "generative-models-course"


def read_checked(path, shapes, check, repair, record_required):
    """Read a file and hold it to its shapes and digests before anything uses it."""
    arrays = read_npz(path, shapes, repair)
    for name, shape in shapes.items():
        if arrays[name].shape != shape or arrays[name].dtype != np.uint8:
            raise DataError(
                f"{path}: the array {name} should be uint8 {shape}, but it is {arrays[name].dtype} "
                f"{arrays[name].shape}. {repair}"
            )
    check(arrays, path, repair, record_required)
    return arrays


def check_record(arrays, path, repair, record_required):
    """Hold arrays to the record of their digests beside the file, and labels to as many images of each class."""
    record = path.with_suffix(".sha256")
    if record.is_file():
        check_digests(arrays, read_record(record, arrays, repair), path, f"{repair} Delete {record.name} as well.")
    elif record_required:
        raise DataError(f"{path} should have its digests beside it, in {record}, but that file is missing. {repair}")
    check_balance(arrays, path, repair)


def check_balance(arrays, path, repair):
    """Raise a `DataError` unless training and test set hold as many labels of each of ten classes."""
    for name in ("y_train", "y_test"):
        expected = [len(arrays[name]) // 10] * 10
        found = np.bincount(arrays[name], minlength=10).tolist()
        if found != expected:
            raise DataError(
                f"{path}: {name} should hold {expected[0]} labels of each class, but holds {found}. {repair}"
            )


def read_record(record, names, repair):
    """Read lines `digest  array`, as `sha256sum` writes them for files."""
    try:
        digests = {name: digest for digest, name in (line.split() for line in record.read_text("ascii").splitlines())}
    except (ValueError, OSError) as error:
        raise DataError(f"{record} should hold a line `digest  array` per array, but: {error}. {repair}") from error
    if set(digests) != set(names):
        raise DataError(f"{record} should name {', '.join(names)}, but names {', '.join(digests)}. {repair}")
    return digests


def store_with_record(path, arrays, compress=True):
    """Store the arrays beside a record of their digests."""
    # the record first: when the npz is there, so is its record, whenever the power fails
    with replacing(path.with_suffix(".sha256")) as unfinished:
        unfinished.write_text("".join(f"{array_digest(array)}  {name}\n" for name, array in arrays.items()), "ascii")
    write_npz(path, arrays, compress)


def check_file(path, digests, repair):
    """Hold a whole file to its published digests.

    Args:
        path: The file.
        digests: Dict algorithm, as `hashlib` calls it → hexadecimal digits.
        repair: Sentence for the message: what the reader can do.

    Raises:
        DataError: If a digest differs, or the file cannot be read.
    """
    found = {algorithm: hashlib.new(algorithm, usedforsecurity=False) for algorithm in digests}
    try:
        with Path(path).open("rb") as file:
            while piece := file.read(2**20):
                for each in found.values():
                    each.update(piece)
    except OSError as error:
        raise DataError(f"{path} should be a file that can be read, but: {error}. {repair}") from error
    for algorithm, expected in digests.items():
        if found[algorithm].hexdigest() != expected:
            raise DataError(
                f"{path} is not the file it should be: its {algorithm.upper()} should be {expected}, but it is "
                f"{found[algorithm].hexdigest()}. It may be truncated or changed. {repair}"
            )


def download_room(folder, name):
    """Make a folder of our own inside the cache: two processes never write to the same file."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(dir=folder, prefix=f".{name}-")
    except OSError as error:
        raise unwritable(folder, error) from error


def store(write, folder):
    """Write into the cache; a folder that cannot be written to becomes a sentence."""
    try:
        write()
    except OSError as error:
        raise unwritable(folder, error) from error


def unwritable(folder, error):
    """The error for a folder that downloads cannot be kept in."""
    return DataError(
        f"downloads should be kept in {folder}, but it cannot be written to ({type(error).__name__}: {error}). Name "
        "another folder: load(..., cache='some/folder'), or the environment variable COURSE_CACHE."
    )


def fetch(address, room, name, folder, by_hand, md5=None):
    """Download into the folder `room` and return the path; a failure becomes a sentence.

    Args:
        address: Of the file.
        room: Where to.
        name: Of the data set, for the message.
        folder: The cache, for the message.
        by_hand: The file that the reader may put into a folder instead.
        md5: Digest that the file must have, or None.

    Raises:
        DataError: If there is no network, or the file is not the one expected.
    """
    try:
        return keras_get_file(address, room, md5)
    except Exception as error:  # Keras raises a bare Exception when there is no network
        raise DataError(
            f"{name} is not in {folder} and downloading {address} failed ({type(error).__name__}: {error}). "
            f"Connect to the Internet and load again; or put {by_hand} from another computer into a folder and "
            "name that folder in the environment variable COURSE_DATA; or go on with load('glyphs'), which is offline."
        ) from error


def keras_get_file(address, room, md5=None):
    """Download with Keras, which shows the progress and compares the MD5."""
    import keras

    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT)
    try:
        file = address.rsplit("/", 1)[-1]
        path = keras.utils.get_file(
            file, address, file_hash=md5, hash_algorithm="md5", cache_dir=str(room), cache_subdir=""
        )
    finally:
        socket.setdefaulttimeout(before)
    return Path(path)
