"""Real speech: ten digits, spoken by six people, from a file of yours."""

import io
import wave
import zipfile

import numpy as np

from course_lib.contracts.arguments import whole_number
from course_lib.datasets.archive import DataError
from course_lib.datasets.dataset import SPLITS, Dataset
from course_lib.datasets.downloads import given_folder

ADDRESS = "https://github.com/Jakobovski/free-spoken-digit-dataset"


def load_spoken_digits(*, num_samples=4096):
    """Load the Free Spoken Digit Dataset: 3,000 recordings at 8 kHz, fifty of each digit by each of six speakers.

    Read from `fsdd.zip` in the folder named by the environment variable `COURSE_DATA`: the repository, packed (on its
    page, "Code" and "Download ZIP", or one of its releases). Recordings 0 to 4 of each digit and speaker are the test
    split, as its authors have it, and 5 to 9 the validation split. A longer recording is cut at both ends, a shorter
    one stands in the middle between zeros; each has the peak 0.9. The factors are `speaker`, int32, in the order of
    the alphabet, and `length`, int32, the samples of the recording.

    Args:
        num_samples: Of a sound; 4,096 are half a second.

    Returns:
        `Dataset` of points: 2,400 / 300 / 300 sounds `(num_samples,)`.

    Raises:
        DataError: If the file is missing, or is not what it should be.

    Example:
        >>> data = load_spoken_digits()  # doctest: +SKIP
        >>> data.x_train.shape  # doctest: +SKIP
        (2400, 4096)

    Reference:
        Jackson et al. (2018), Free Spoken Digit Dataset, doi:10.5281/zenodo.1342401 (CC BY-SA 4.0).
    """
    whole_number(num_samples, "num_samples", 1)
    folder = given_folder()
    path = None if folder is None else folder / "fsdd.zip"
    if path is None or not path.is_file():
        raise DataError(
            "spoken_digits should be fsdd.zip in a folder that the environment variable COURSE_DATA names; "
            f"{'the variable is not set' if folder is None else f'{folder} has none'}. Get the ZIP of {ADDRESS}, put "
            "it there under this name, or go on with load('vowels'), which is offline."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(name for name in archive.namelist() if name.endswith(".wav"))
            recordings = [(name.rsplit("/", 1)[-1][:-4].split("_"), read_wave(archive.read(name))) for name in names]
    except (zipfile.BadZipFile, wave.Error, EOFError, OSError, ValueError) as error:
        raise DataError(
            f"{path} should hold recordings as .wav files, but: {error}. Get the ZIP of {ADDRESS} again."
        ) from error
    if len(recordings) != 3000 or any(len(parts) != 3 for parts, _ in recordings):
        raise DataError(
            f"{path} should hold 3,000 recordings called digit_speaker_number.wav; it holds {len(recordings)} .wav "
            f"files. Get the ZIP of {ADDRESS} again."
        )
    speakers = sorted({speaker for (_, speaker, _), _ in recordings})
    digits, people, numbers = (
        np.array(column, "int32")
        for column in zip(*((int(d), speakers.index(s), int(n)) for (d, s, n), _ in recordings), strict=True)
    )
    sounds = np.stack([in_the_middle(sound, num_samples) for _, sound in recordings])
    lengths = np.array([len(sound) for _, sound in recordings], "int32")
    arrays, factors = {}, {}
    for split, rows in zip(SPLITS, (numbers >= 10, (numbers >= 5) & (numbers < 10), numbers < 5), strict=True):
        arrays |= {f"x_{split}": sounds[rows], f"y_{split}": digits[rows]}
        factors[split] = {"speaker": people[rows], "length": lengths[rows]}
    return Dataset("spoken_digits", **arrays, class_names=tuple("0123456789"), factors=factors)


def read_wave(content):
    """The samples of a mono 16-bit WAV file at 8 kHz, float32 in [−1, 1].

    Raises:
        ValueError: If it is of another kind.
    """
    with wave.open(io.BytesIO(content)) as file:
        kind = file.getnchannels(), file.getsampwidth(), file.getframerate()
        if kind != (1, 2, 8000):
            raise ValueError(f"one channel of 2 bytes at 8,000 samples a second is expected; got {kind}")
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype("float32") / 32768


def in_the_middle(sound, num_samples):
    """Cut at both ends, or padded with zeros at both, to `num_samples`, with the peak 0.9.

    Example:
        >>> in_the_middle(np.array([1.0, 2.0]), 4).astype("float64").round(3).tolist()
        [0.0, 0.45, 0.9, 0.0]
    """
    missing = num_samples - len(sound)
    if missing < 0:
        sound = sound[-missing // 2 :][:num_samples]
    else:
        sound = np.pad(sound, (missing // 2, missing - missing // 2))
    return (0.9 * sound / max(abs(sound).max(), 1e-9)).astype("float32")
