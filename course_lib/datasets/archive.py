"""Arrays in npz files that can be trusted: read without pickle, checked by digest, written whole or not at all."""

import contextlib
import hashlib
import io
import os
import secrets
import zipfile
from pathlib import Path

import numpy as np


class DataError(RuntimeError):
    """A data file is missing, broken or changed, or cannot be fetched or stored; the message says how to repair it."""


def array_digest(array):
    """SHA-256 of an array's bytes in C order, as 64 hexadecimal digits.

    The digest depends on the values only, not on how a file compresses them. It does not cover shape and dtype.

    Example:
        >>> array_digest(np.zeros((2, 3), "uint8"))[:16]
        'b0f66adc83641586'
    """
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def read_npz(path, names, repair):
    """Read named arrays from an npz file, without ever unpickling.

    Args:
        path: The file.
        names: The arrays that it must hold; others are ignored.
        repair: Sentence for the error messages: what the reader can do about a broken file.

    Returns:
        Dict name → array, in the order of `names`.

    Raises:
        DataError: If the file is not there, truncated, changed, not an npz, or lacks an array.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            missing = [name for name in names if f"{name}.npy" not in archive.namelist()]
            if missing:
                held = ", ".join(sorted(entry.removesuffix(".npy") for entry in archive.namelist())) or "nothing"
                raise DataError(f"{path} should hold the arrays {', '.join(names)}, but it holds {held}. {repair}")
            return {name: _read_array(archive, name) for name in names}
    except DataError:
        raise
    except FileNotFoundError as error:
        raise DataError(f"{path} should be an npz file, but there is no such file. {repair}") from error
    except Exception as error:  # of a dozen kinds: zipfile, zlib, NumPy and Python's parser read what the bytes say
        raise DataError(
            f"{path} should be an npz file of plain arrays, but reading it failed ({type(error).__name__}: {error}). "
            f"It may be truncated or changed. {repair}"
        ) from error


def _read_array(archive, name):
    with archive.open(f"{name}.npy") as entry:
        array = np.lib.format.read_array(entry, allow_pickle=False)
        if entry.read(1):  # reading to the end also makes zipfile compare its own checksum
            raise ValueError(f"there are bytes after the end of the array {name}")
    return array


def embedded_path(file):
    """Where a file of the course is: `data/` of a checkout, or inside the installed package.

    Args:
        file: Its name, such as "prose.npz".

    Raises:
        DataError: If it is at neither place.

    Example:
        >>> embedded_path("prose.npz").parts[-2:]
        ('data', 'prose.npz')
    """
    package = Path(__file__).resolve().parents[1]
    places = [package / "data" / file, package.parent / "data" / file]
    for place in places:
        if place.is_file():
            return place
    raise DataError(
        f"{file} should be at {places[0]} (installed course) or {places[1]} (clone), but it is at neither. "
        f"{_repair_of(file)}"
    )


def read_embedded(path, digests):
    """Read the arrays of a file of the course, each compared with its digest.

    Args:
        path: The file, as of `embedded_path`.
        digests: Dict name → SHA-256 as of `array_digest`.

    Returns:
        Dict name → array, in the order of `digests`.

    Raises:
        DataError: If the file is missing, broken or not the one these digests are of.
    """
    repair = _repair_of(Path(path).name)
    arrays = read_npz(path, digests, repair)
    check_digests(arrays, digests, path, repair)
    return arrays


def _repair_of(file):
    return f"Get it again: `git checkout -- data/{file}` in a clone, or install the course again."


def check_digests(arrays, digests, path, repair):
    """Refuse arrays that differ from the ones expected.

    Args:
        arrays: Dict name → array.
        digests: Dict name → SHA-256 as of `array_digest`; every name must be in `arrays`.
        path: Where the arrays came from, for the message.
        repair: Sentence for the message: what the reader can do.

    Raises:
        DataError: If a digest differs: it names the file, the array, and both digests.
    """
    for name, expected in digests.items():
        found = array_digest(arrays[name])
        if found != expected:
            raise DataError(
                f"{path} does not hold the data it should: the SHA-256 of the array {name} should be {expected}, "
                f"but it is {found}. {repair}"
            )


def write_npz(path, arrays, compress=True):
    """Write arrays as an npz: whole or not at all, and the same bytes for the same arrays.

    The file is written beside its place under a name of its own and then renamed, so that other processes see the old
    file or the new one, never half of one. No time of day and no operating system is recorded in it.

    Args:
        path: Where to. Missing folders are made.
        arrays: Dict name → array, of any dtype but object.
        compress: Whether to spend time on a smaller file.

    Raises:
        OSError: If the folder cannot be written to; what was there before is still there.
        ValueError: If an array holds Python objects.
    """
    with replacing(path) as unfinished, zipfile.ZipFile(unfinished, "w") as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.asarray(array, order="C"), version=(1, 0), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
            archive.writestr(entry, content.getvalue(), method, compresslevel=9)


@contextlib.contextmanager
def replacing(path):
    """Context manager: give a path to write to, and on success rename it to `path`; on failure leave `path` alone.

    Args:
        path: The file to make or to replace. Missing folders are made.

    Yields:
        Path of an unfinished file in the same folder, of a name that no other process uses.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
