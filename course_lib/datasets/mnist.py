"""MNIST and Fashion-MNIST: downloaded once, checked before every use."""

import gzip
import os
import socket
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np

from course_lib.contracts.arguments import whole_number
from course_lib.datasets.archive import DataError, array_digest, check_digests, read_npz, replacing, write_npz
from course_lib.datasets.dataset import Dataset, as_images

ADDRESS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

SHAPES = {"x_train": (60_000, 28, 28), "y_train": (60_000,), "x_test": (10_000, 28, 28), "y_test": (10_000,)}

MNIST_DIGESTS = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}

FASHION_FILES = {  # array: (file, MD5 published in the README of zalandoresearch/fashion-mnist)
    "x_train": ("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
    "y_train": ("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
    "x_test": ("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
    "y_test": ("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
}

FASHION_CLASSES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)

TIMEOUT = 30  # seconds without a single byte before a download is given up


def load_mnist(*, num_validation=10_000, cache=None):
    """Load MNIST: 28×28 scans of handwritten digits, white ink (1) on black (0), 256 grey levels.

    Looked for as `mnist.npz` in the folder named by the environment variable `COURSE_DATA`, then in the cache, then
    downloaded (11 MB) from where Keras gets it. In each case the SHA-256 of every array is compared before use.

    Args:
        num_validation: The *last* so many of the 60,000 training images are the validation split; the order of the
            file is random with respect to the digit. 10,000 leaves 50,000 for training.
        cache: Folder to keep the download in; None means `cache_folder()`.

    Returns:
        `Dataset` of 50,000 / 10,000 / 10,000 images `(28, 28, 1)` by default.

    Raises:
        ValueError: If `num_validation` is not in 1…59,999.
        DataError: If the file is broken, changed, or can be neither downloaded nor stored.

    Example:
        >>> data = load_mnist()  # doctest: +SKIP
        >>> data.x_train.shape  # doctest: +SKIP
        (50000, 28, 28, 1)

    Reference:
        LeCun, Bottou, Bengio & Haffner (1998), Gradient-based learning applied to document recognition.
    """
    return _load("mnist", num_validation, cache, check_mnist, download_mnist, tuple("0123456789"))


def load_fashion_mnist(*, num_validation=10_000, cache=None):
    """Load Fashion-MNIST: 28×28 grey photographs of clothes, in the format of MNIST and harder.

    Looked for as `fashion_mnist.npz` (arrays `x_train y_train x_test y_test`, uint8) in the folder named by
    `COURSE_DATA`, then in the cache, then downloaded (31 MB) from where Keras gets it. A download is compared with the
    published MD5 of its four files, and the SHA-256 of the arrays is recorded in `fashion_mnist.sha256` beside them:
    later loads compare with that. A file without a record is accepted from `COURSE_DATA` only (you vouch for it), and
    then shapes and the number of images per class must be right.

    Args:
        num_validation: The *last* so many of the 60,000 training images are the validation split.
        cache: Folder to keep the download in; None means `cache_folder()`.

    Returns:
        `Dataset` of 50,000 / 10,000 / 10,000 images `(28, 28, 1)` by default.

    Raises:
        ValueError: If `num_validation` is not in 1…59,999.
        DataError: If the file is broken, changed, or can be neither downloaded nor stored.

    Example:
        >>> data = load_fashion_mnist()  # doctest: +SKIP
        >>> data.class_names[9]  # doctest: +SKIP
        'Ankle boot'

    Reference:
        Xiao, Rasul & Vollgraf (2017), arXiv:1708.07747 (MIT licence).
    """
    checks = check_fashion_mnist, download_fashion_mnist
    return _load("fashion_mnist", num_validation, cache, *checks, FASHION_CLASSES)


def _load(name, num_validation, cache, check, download, class_names):
    check_num_validation(num_validation)
    arrays = find_or_download(name, cache, check, download)
    return split_off_validation(name, arrays, num_validation, class_names)


def check_num_validation(num_validation):
    """Raise a `ValueError` unless so many training images can be set aside."""
    num_images = SHAPES["y_train"][0]
    if not 1 <= whole_number(num_validation, "num_validation", -np.inf) < num_images:
        raise ValueError(
            f"num_validation should lie in 1…{num_images - 1}; got {num_validation}. The default is 10000."
        )


def split_off_validation(name, arrays, num_validation, class_names):
    """Make the `Dataset`; the last training images become the validation split."""
    images, labels = as_images(arrays["x_train"]), arrays["y_train"].astype("int32")
    return Dataset(
        name,
        x_train=images[:-num_validation],
        y_train=labels[:-num_validation],
        x_validation=images[-num_validation:],
        y_validation=labels[-num_validation:],
        x_test=as_images(arrays["x_test"]),
        y_test=arrays["y_test"].astype("int32"),
        class_names=class_names,
    )


def find_or_download(name, cache, check, download):
    """Return the checked arrays of `<name>.npz` from COURSE_DATA, the cache or the network, in this order.

    A file that is found and fails its check is an error, never skipped, replaced or deleted.

    Args:
        name: Of the data set.
        cache: Folder or None.
        check: Function `(arrays, path, repair, record_required)` that raises `DataError`.
        download: Function `(folder)` that leaves a checked `<name>.npz` in the folder.

    Returns:
        Dict of uint8 arrays, as in `SHAPES`.
    """
    given = given_folder()
    if given is not None and (given / f"{name}.npz").exists():
        path = given / f"{name}.npz"
        repair = f"Replace {path} (folder named by COURSE_DATA), or unset COURSE_DATA to have it downloaded."
        return read_checked(path, check, repair, record_required=False)
    folder = Path(cache).expanduser() if cache is not None else cache_folder()
    path = folder / f"{name}.npz"
    if not path.exists():
        download(folder)
    repair = f"Delete {path} and load again: it will be downloaded anew."
    return read_checked(path, check, repair, record_required=True)


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


def read_checked(path, check, repair, record_required):
    """Read a file and hold it to its shapes and digests before anything uses it."""
    arrays = read_npz(path, SHAPES, repair)
    for name, shape in SHAPES.items():
        if arrays[name].shape != shape or arrays[name].dtype != np.uint8:
            raise DataError(
                f"{path}: the array {name} should be uint8 {shape}, but it is {arrays[name].dtype} "
                f"{arrays[name].shape}. {repair}"
            )
    check(arrays, path, repair, record_required)
    return arrays


def check_mnist(arrays, path, repair, record_required):
    """Hold MNIST to the digests in this module."""
    check_digests(arrays, MNIST_DIGESTS, path, repair)


def check_fashion_mnist(arrays, path, repair, record_required):
    """Hold Fashion-MNIST to the record written when it was downloaded."""
    record = path.with_suffix(".sha256")
    if record.is_file():
        check_digests(arrays, read_record(record, repair), path, f"{repair} Delete {record.name} as well.")
    elif record_required:
        raise DataError(f"{path} should have its digests beside it, in {record}, but that file is missing. {repair}")
    for name in ("y_train", "y_test"):
        expected = [len(arrays[name]) // 10] * 10
        found = np.bincount(arrays[name], minlength=10).tolist()
        if found != expected:
            raise DataError(
                f"{path}: {name} should hold {expected[0]} labels of each class, but holds {found}. {repair}"
            )


def read_record(record, repair):
    """Read lines `digest  array`, as `sha256sum` writes them for files."""
    try:
        digests = {name: digest for digest, name in (line.split() for line in record.read_text("ascii").splitlines())}
    except (ValueError, OSError) as error:
        raise DataError(f"{record} should hold a line `digest  array` per array, but: {error}. {repair}") from error
    if set(digests) != set(SHAPES):
        raise DataError(f"{record} should name {', '.join(SHAPES)}, but names {', '.join(digests)}. {repair}")
    return digests


def download_mnist(folder):
    """Download MNIST into the cache; nothing is stored before it is checked."""
    with download_room(folder, "mnist") as room:
        fetched = fetch("mnist.npz", Path(room), "mnist", folder)
        repair = "The download is broken, or the file was changed at its source: try again later."
        read_checked(fetched, check_mnist, repair, record_required=True)
        store(lambda: fetched.replace(folder / "mnist.npz"), folder)


def download_fashion_mnist(folder):
    """Download the four files of Fashion-MNIST, check their MD5s and store one npz with its record."""
    with download_room(folder, "fashion_mnist") as room:
        arrays = {}
        for name, (file, md5) in FASHION_FILES.items():
            arrays[name] = read_idx(fetch(file, Path(room), "fashion_mnist", folder, md5), SHAPES[name])
        store(lambda: store_with_record(folder / "fashion_mnist.npz", arrays), folder)


def store_with_record(path, arrays):
    """Store the arrays beside a record of their digests."""
    # the record first: when the npz is there, so is its record, whenever the power fails
    with replacing(path.with_suffix(".sha256")) as unfinished:
        unfinished.write_text("".join(f"{array_digest(array)}  {name}\n" for name, array in arrays.items()), "ascii")
    write_npz(path, arrays)


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


def fetch(file, room, name, folder, md5=None):
    """Download `ADDRESS + file` into the folder `room` and return its path; a failure becomes a sentence."""
    try:
        return keras_get_file(ADDRESS + file, room, md5)
    except Exception as error:  # Keras raises a bare Exception when there is no network
        raise DataError(
            f"{name} is not in {folder} and downloading {ADDRESS + file} failed ({type(error).__name__}: {error}). "
            f"Connect to the Internet and load again; or put {name}.npz from another computer into a folder and "
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


def read_idx(path, shape):
    """Read a gzipped IDX file of unsigned bytes: magic number, one big-endian length per axis, then the bytes.

    Args:
        path: The `.gz` file.
        shape: The shape that it must have.

    Returns:
        uint8 array of that shape.

    Raises:
        DataError: If it is no such file.
    """
    header = b"".join(number.to_bytes(4, "big") for number in (0x0800 + len(shape), *shape))
    try:
        with gzip.open(path) as file:
            content = file.read()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path.name} should be a gzip file, but: {error}. Try the download again later.") from error
    if content[: len(header)] != header or len(content) != len(header) + np.prod(shape):
        raise DataError(
            f"{path.name} should hold unsigned bytes of shape {shape}, a header {header.hex()} and {np.prod(shape)} "
            f"bytes; got {content[: len(header)].hex()} and {len(content) - len(header)} bytes. Try again later."
        )
    return np.frombuffer(content, "uint8", offset=len(header)).reshape(shape)
