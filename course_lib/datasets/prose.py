"""The course's own prose, character by character: a real text, embedded, under the course's own licence."""

import numpy as np

from course_lib.contracts.arguments import whole_number
from course_lib.datasets.archive import embedded_path, read_embedded
from course_lib.datasets.dataset import SPLITS, Dataset

ALPHABET = " abcdefghijklmnopqrstuvwxyz.,:;?!'\"()-+%0"
DIGESTS = {
    "train": "f68d412f3106bb18bca7769bb660bf84660dcfbb8fbdbc63a294e04249ce824a",
    "validation": "0126115bf5eb23cf6df4f73d1cefc8e61775aa585166ce042e25bf119c157f74",
    "test": "f7bb541ee81f669b20b50410fe4df0a4fbc156fa41be1be106268d2ee0824956",
}


def load_prose(length=64):
    """Load the prose of the lessons in small letters, cut into pieces of equal length.

    The pieces follow each other: `x_train.reshape(-1)` is the text, less the few characters that fill no piece. A
    symbol is the place of a character in `ALPHABET`; every digit is written 0. Training, validation and test are
    different lessons, and no sentence occurs twice.

    Args:
        length: Integer ≥ 1, characters of a piece.

    Returns:
        `Dataset` of int32 sequences `(n, length)`. Its one class is "prose".

    Raises:
        DataError: If the file is missing, broken or not the one this code was written for.

    Example:
        >>> data = load_prose(length=32)
        >>> data.x_test.dtype, data.x_test.shape[1], read_prose(data.x_test[0, :3]).islower()
        (dtype('int32'), 32, True)
    """
    return in_pieces("prose", read_embedded(prose_path(), DIGESTS), length)


def in_pieces(name, texts, length):
    """The `Dataset` of texts that are cut into pieces of equal length.

    Args:
        name: Of the data set, and of its one class.
        texts: Dict split → integers `(characters,)`, places in `ALPHABET`.
        length: Integer ≥ 1, characters of a piece; the few characters at the end that fill none are left out.

    Raises:
        ValueError: If the length is no integer ≥ 1.
    """
    length = whole_number(length, "length", 1)
    splits = {}
    for split in SPLITS:
        pieces = texts[split][: len(texts[split]) // length * length].reshape(-1, length)
        splits |= {f"x_{split}": pieces.astype("int32"), f"y_{split}": np.zeros(len(pieces), "int32")}
    return Dataset(name, **splits, class_names=(name,))


def read_prose(symbols):
    """The text that a row of symbols stands for.

    Example:
        >>> read_prose([20, 8, 5, 0, 5, 12, 2, 15])
        'the elbo'
    """
    return "".join(ALPHABET[symbol] for symbol in np.ravel(symbols))


def prose_path():
    """Where the file is: `data/` of a checkout, or inside the installed package.

    Raises:
        DataError: If it is at neither place.
    """
    return embedded_path("prose.npz")
