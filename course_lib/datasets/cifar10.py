"""CIFAR-10: the authors' archive, held to its published digests and read without running what it says."""

import pickle
import tarfile
from pathlib import Path

import numpy as np

from course_lib.datasets.archive import DataError
from course_lib.datasets.dataset import check_num_validation, split_off_validation
from course_lib.datasets.downloads import (
    TRY_LATER,
    check_file,
    check_record,
    download_room,
    fetch,
    find_or_download,
    given_file,
    repair_of_given,
    store,
    store_with_record,
)

FILE = "cifar-10-python.tar.gz"
ADDRESS = f"https://www.cs.toronto.edu/~kriz/{FILE}"

DIGESTS = {
    "md5": "c58f30108f718f92721af3b95e74349a",  # the authors' page; torchvision's datasets/cifar.py has the same
    "sha256": "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",  # Keras' datasets/cifar10.py, and
    # torchvision's prototype/datasets/_builtin/cifar.py has the same
}

SHAPES = {
    "x_train": (50_000, 32, 32, 3),
    "y_train": (50_000,),
    "x_test": (10_000, 32, 32, 3),
    "y_test": (10_000,),
}

BATCHES = {"train": tuple(f"data_batch_{number}" for number in range(1, 6)), "test": ("test_batch",)}

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def load_cifar10(*, num_validation=10_000, cache=None):
    """Load CIFAR-10: 32×32 colour photographs of ten kinds of animals and vehicles.

    Looked for in the folder named by `COURSE_DATA`, as `cifar10.npz` (arrays `x_train y_train x_test y_test`, uint8) or
    as the authors' `cifar-10-python.tar.gz`; then in the cache; then downloaded (170 MB) from the authors' address. The
    archive is compared with two digests before it is opened: the MD5 of the authors' page, which torchvision has, too,
    and the SHA-256 that Keras and torchvision have. Its pickles may build arrays and nothing else. From a download the
    arrays are kept (184 MB) with a record of their SHA-256, and later loads compare with that. No digest of the arrays
    is published that we know of, so the values of an npz of yours without a record are *unchecked*: only shapes and the
    number of images per class must be right. As float32, all 60,000 photographs take 740 MB of memory.

    Args:
        num_validation: The *last* so many of the 50,000 training images are the validation split; their order is random
            with respect to the class. 10,000 leaves 40,000 for training.
        cache: Folder to keep the download in; None means `cache_folder()`.

    Returns:
        `Dataset` of 40,000 / 10,000 / 10,000 images `(32, 32, 3)` by default.

    Raises:
        ValueError: If `num_validation` is not in 1…49,999.
        DataError: If the file is broken, changed, or can be neither downloaded nor stored.

    Example:
        >>> data = load_cifar10()  # doctest: +SKIP
        >>> data.x_train.shape  # doctest: +SKIP
        (40000, 32, 32, 3)

    Reference:
        Krizhevsky (2009), Learning multiple layers of features from tiny images, chapter 3. No licence is stated.
    """
    check_num_validation(num_validation, SHAPES["y_train"][0])
    path = given_file(FILE)
    if path is not None and given_file("cifar10.npz") is None:
        arrays = read_archive(path, repair_of_given(path))
    else:
        arrays = find_or_download("cifar10", SHAPES, cache, check_record, download_cifar10)
    return split_off_validation("cifar10", arrays, num_validation, CLASSES)


def download_cifar10(folder):
    """Download the archive, check it, and store its arrays as one npz with its record."""
    with download_room(folder, "cifar10") as room:
        arrays = read_archive(fetch(ADDRESS, Path(room), "cifar10", folder, FILE), TRY_LATER)
        # the authors' compressed archive is only 7 % smaller: photographs hardly shrink
        store(lambda: store_with_record(folder / "cifar10.npz", arrays, compress=False), folder)


def read_archive(path, repair):
    """Read the four arrays of the authors' archive for Python, once its digests are right.

    Args:
        path: The file.
        repair: Sentence for the error messages: what the reader can do about a bad file.

    Returns:
        Dict of uint8 arrays, as in `SHAPES`.

    Raises:
        DataError: If it is another file, or does not hold what it should.
    """
    check_file(path, DIGESTS, repair)
    wanted, batches = {*BATCHES["train"], *BATCHES["test"]}, {}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:  # in the file's order: going back would unpack it from its beginning
                name = member.name.rpartition("/")[2]
                if member.isfile() and name in wanted:
                    batches[name] = read_batch(archive.extractfile(member))
        arrays = {}
        for split, names in BATCHES.items():
            pixels, labels = (np.concatenate(parts) for parts in zip(*(batches[name] for name in names), strict=True))
            number, height, width, channels = SHAPES[f"x_{split}"]
            planes = pixels.reshape(number, channels, height, width)  # all red values of an image come first
            arrays[f"x_{split}"] = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
            arrays[f"y_{split}"] = labels.reshape(SHAPES[f"y_{split}"])
    except Exception as error:  # of a dozen kinds: tarfile, zlib, pickle and NumPy read what the bytes say
        raise DataError(
            f"{path} should hold the batches {', '.join(sorted(wanted))} of CIFAR-10, but reading it failed "
            f"({type(error).__name__}: {error}). {repair}"
        ) from error
    return arrays


def read_batch(file):
    """Read the pixels, uint8 `(n, channels · height · width)`, and the labels, uint8 `(n,)`, of one pickled batch.

    Raises:
        ValueError: If they are of another kind.
        pickle.UnpicklingError: If the pickle asks for anything but arrays.
    """
    batch = ArrayUnpickler(file, encoding="bytes").load()  # bytes: Python 2 wrote it
    pixels, labels = batch[b"data"], np.asarray(batch[b"labels"])
    if not (isinstance(pixels, np.ndarray) and pixels.dtype == np.uint8 and pixels.ndim == 2):
        raise ValueError(f"pixels should be a table of uint8; got {type(pixels).__name__}")
    if labels.shape != pixels.shape[:1] or labels.dtype.kind != "i" or not ((labels >= 0) & (labels < 10)).all():
        raise ValueError(f"labels should be {len(pixels)} integers in 0…9; got {labels.dtype} {labels.shape}")
    return pixels, labels.astype("uint8")


class ArrayUnpickler(pickle.Unpickler):
    """An unpickler that can build NumPy arrays, and refuses to look up anything else.

    Example:
        >>> import io
        >>> ArrayUnpickler(io.BytesIO(pickle.dumps(print))).load()
        Traceback (most recent call last):
            ...
        _pickle.UnpicklingError: a data file should hold arrays only, but it asks for builtins.print
    """

    _KNOWN = {  # noqa: RUF012
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
        # what NumPy wrote into pickles before version 2; called as _reconstruct(ndarray, (0,), b"b") and then filled
        ("numpy.core.multiarray", "_reconstruct"): np.ndarray.__new__,
    }

    def find_class(self, module, name):
        """Return what arrays are built with, by its name in the pickle."""
        if (module, name) in self._KNOWN:
            return self._KNOWN[module, name]
        raise pickle.UnpicklingError(f"a data file should hold arrays only, but it asks for {module}.{name}")
