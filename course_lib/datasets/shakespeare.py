"""Tiny Shakespeare, from a file of the reader's own, in the characters of the course's prose. Nothing is downloaded."""

import hashlib

import numpy as np

from course_lib.datasets.archive import DataError
from course_lib.datasets.downloads import given_folder
from course_lib.datasets.prose import ALPHABET, in_pieces

FILE = "tinyshakespeare.txt"
ADDRESS = "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
DIGEST = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"  # SHA-256 of the text, lines ended by \n


def load_shakespeare(length=64):
    """Load a million characters of Shakespeare's plays in small letters, cut into pieces of equal length.

    Looked for as `tinyshakespeare.txt` in the folder named by the environment variable `COURSE_DATA`, and compared with
    its SHA-256. The symbols are those of `load("prose")`: small letters, "&" written "and", every digit 0, one space
    between words and between lines. The first 90 % are for training, 5 % for validation, the last 5 % for testing.

    Args:
        length: Integer ≥ 1, characters of a piece.

    Returns:
        `Dataset` of int32 sequences `(n, length)`, which `read_prose` reads. Its one class is "shakespeare".

    Raises:
        ValueError: If the length is no integer ≥ 1.
        DataError: If COURSE_DATA names no folder, or the file is missing, broken or another one.

    Example:
        >>> data = load_shakespeare()  # doctest: +SKIP
        >>> read_prose(data.x_train[0, :14])  # doctest: +SKIP
        'first citizen:'

    Reference:
        Karpathy (2015), The unreasonable effectiveness of recurrent neural networks, which published the file.
    """
    text = plain(_checked_text())
    place = {character: index for index, character in enumerate(ALPHABET)}
    symbols = np.array([place[character] for character in text], "int32")
    parts = np.split(symbols, [len(symbols) * 90 // 100, len(symbols) * 95 // 100])
    return in_pieces("shakespeare", dict(zip(("train", "validation", "test"), parts, strict=True)), length)


def plain(text):
    """The text in the characters of `ALPHABET`.

    Example:
        >>> plain("KING:\\nCome, 3 & more;  away!")
        'king: come, 0 and more; away!'
    """
    written = text.lower().replace("&", "and").translate({ord(digit): "0" for digit in "123456789"})
    return " ".join("".join(each for each in written if each in ALPHABET or each.isspace()).split())


def _checked_text():
    folder = given_folder()
    path = None if folder is None else folder / FILE
    get = f"Get it from {ADDRESS} and call it {FILE}; or go on with load('prose'), which is offline."
    if path is None or not path.is_file():
        found = "COURSE_DATA is not set" if path is None else f"there is none in {folder}"
        raise DataError(
            f"shakespeare should be the file {FILE} in the folder that the environment variable COURSE_DATA names, "
            f"but {found}. {get}"
        )
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} should be a text that can be read, but: {error}. {get}") from error
    digest = hashlib.sha256(text.encode()).hexdigest()
    if digest != DIGEST:
        raise DataError(f"{path} should have the SHA-256 {DIGEST}, but it has {digest}: it is another text. {get}")
    return text
