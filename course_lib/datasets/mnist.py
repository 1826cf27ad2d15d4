"""MNIST and Fashion-MNIST: downloaded once, checked before every use."""

import gzip
import zlib
from pathlib import Path

import numpy as np

from course_lib.datasets.archive import DataError, check_digests
from course_lib.datasets.dataset import check_num_validation, split_off_validation
from course_lib.datasets.downloads import (
    TRY_LATER,
    check_record,
    download_room,
    fetch,
    find_or_download,
    read_checked,
    store,
    store_with_record,
)

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
    published MD5 of its four files. No SHA-256 of the arrays is published that we know of, so against a published one
    they are *unchecked*: theirs is recorded in `fashion_mnist.sha256` at the download, and later loads compare with
    that. A file without a record is accepted from `COURSE_DATA` only (you vouch for it), and then shapes and the number
    of images per class must be right.

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
    return _load("fashion_mnist", num_validation, cache, check_record, download_fashion_mnist, FASHION_CLASSES)


def _load(name, num_validation, cache, check, download, class_names):
    check_num_validation(num_validation, SHAPES["y_train"][0])
    arrays = find_or_download(name, SHAPES, cache, check, download)
    return split_off_validation(name, arrays, num_validation, class_names)


def check_mnist(arrays, path, repair, record_required):
    """Hold MNIST to the digests in this module."""
    check_digests(arrays, MNIST_DIGESTS, path, repair)


def download_mnist(folder):
    """Download MNIST into the cache; nothing is stored before it is checked."""
    with download_room(folder, "mnist") as room:
        fetched = fetch(f"{ADDRESS}mnist.npz", Path(room), "mnist", folder, "mnist.npz")
        read_checked(fetched, SHAPES, check_mnist, TRY_LATER, record_required=True)
        store(lambda: fetched.replace(folder / "mnist.npz"), folder)


def download_fashion_mnist(folder):
    """Download the four files of Fashion-MNIST, check their MD5s and store one npz with its record."""
    with download_room(folder, "fashion_mnist") as room:
        arrays = {}
        for name, (file, md5) in FASHION_FILES.items():
            path = fetch(ADDRESS + file, Path(room), "fashion_mnist", folder, "fashion_mnist.npz", md5)
            arrays[name] = read_idx(path, SHAPES[name])
        store(lambda: store_with_record(folder / "fashion_mnist.npz", arrays), folder)


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
