"""Faces in colour, drawn here from known factors: any face, and the same face with one thing changed."""

import contextlib
import difflib
import hashlib
import itertools
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from course_lib.contracts.arguments import whole_number
from course_lib.datasets import canvas, portraits
from course_lib.datasets.archive import DataError, read_npz, write_npz
from course_lib.datasets.dataset import Dataset
from course_lib.datasets.downloads import cache_folder

KINDS = {  # factor: what its integers 0, 1, … stand for
    "skin": ("porcelain", "rose", "honey", "bronze", "brown", "ebony"),
    "hair": ("black", "brown", "blond", "red", "grey"),
    "beard": ("no", "yes"),
    "glasses": ("no", "yes"),
    "hat": ("no", "yes"),
}
RANGES = {  # factor: its least and its largest value
    "hair_length": (0.0, 1.0),
    "smile": (-1.0, 1.0),
    "gaze": (-1.0, 1.0),
    "brows": (-1.0, 1.0),
    "tilt": (-12.0, 12.0),
    "scale": (0.85, 1.0),
    "shift_x": (-0.05, 0.05),
    "shift_y": (-0.03, 0.03),
    "background": (0.0, 360.0),
    "clothes": (0.0, 360.0),
    "light": (-1.0, 1.0),
}
FACTORS = (*KINDS, *RANGES)
CLASSES = ("bare", "glasses", "hat", "glasses and hat")


def load_faces(*, size=32, num_train=10_000, cache=None):
    """Load the faces: pictures in colour, every factor known, two pairs of factors never together in training.

    No training, validation or test face has a hat and a beard, or glasses and red hair; each unseen face has such a
    pair (see `is_unseen`). The other combinations of kinds are equally frequent; all else is uniform and independent.

    The pictures are drawn here and kept in the cache, where the next load finds them. What another version drew, or
    what is broken, is drawn anew; where the cache cannot be written to, they are drawn at each load.

    Args:
        size: Integer ≥ 8, pixels along each side.
        num_train: Integer ≥ 1, training faces.
        cache: Folder to keep the pictures in; None means the folder that downloads are kept in.

    Returns:
        `Dataset` of 10,000 / 1,000 / 1,000 pictures `(size, size, 3)`, and 1,000 in `x_unseen`. The label says what is
        worn, an index into `CLASSES`. The factors of each split, all that `draw` needs, are integers for `KINDS` and
        float32 for `RANGES`; the card, `data/faces.md`, says what they mean.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
        >>> data = load_faces(size=16, num_train=100)
        >>> data.x_train.shape, data.x_unseen.shape, data.class_names[3]
        ((100, 16, 16, 3), (1000, 16, 16, 3), 'glasses and hat')
        >>> these = data.factors["test"]
        >>> bool((draw(these, size=16) == data.x_test).all())
        True
        >>> with_glasses = draw(these | {"glasses": 1})  # the same faces, but for this
    """
    size, num_train = whole_number(size, "size", 8), whole_number(num_train, "num_train", 1)
    sizes = {"train": num_train, "validation": 1_000, "test": 1_000, "unseen": 1_000}
    factors = {
        split: sample_factors(number, seed, unseen=split == "unseen")
        for seed, (split, number) in enumerate(sizes.items())
    }
    pixels = _kept_or_drawn(factors, size, Path(cache).expanduser() if cache is not None else cache_folder())
    splits = {f"x_{split}": _as_colours(pixels[split]) for split in sizes}
    splits |= {f"y_{split}": face["glasses"] + 2 * face["hat"] for split, face in factors.items()}
    return Dataset("faces", **splits, class_names=CLASSES, factors=factors)


def draw(factors, size=32):
    """Draw exactly the faces that have these factors.

    Args:
        factors: Dict with all of `FACTORS`, each a number or an array `(n,)`, within `KINDS` or `RANGES`.
        size: Integer ≥ 8, pixels along each side.

    Returns:
        float32 `(n, size, size, 3)` in [0, 1], in steps of 1/255. The same numbers, whatever else is drawn in the call.

    Raises:
        ValueError: If a factor is missing, unknown, out of its range or of another length than the others.

    Example:
        >>> one = {name: values[0] for name, values in sample_factors(1).items()}
        >>> draw(one | {"smile": np.linspace(-1, 1, 5)}, size=64).shape  # one face, from sad to glad
        (5, 64, 64, 3)
    """
    return _as_colours(_pixels(_checked(factors), whole_number(size, "size", 8)))


def sample_factors(num_faces, seed=0, *, unseen=False):
    """Draw factors at random: every combination of kinds equally often, everything else uniform and independent.

    Args:
        num_faces: Integer ≥ 1.
        seed: Integer ≥ 0.
        unseen: Whether to take the combinations that training leaves out, or the others.

    Returns:
        Dict with all of `FACTORS` → int32 or float32 `(num_faces,)`.

    Raises:
        ValueError: If `num_faces` or `seed` is no such integer.

    Example:
        >>> faces = sample_factors(1000)
        >>> bool(is_unseen(faces).any()), bool((faces["hat"] & faces["beard"]).any())
        (False, False)
    """
    rng = np.random.default_rng([whole_number(seed, "seed"), int(unseen)])
    num_faces = whole_number(num_faces, "num_faces", 1)
    combinations = np.array(list(itertools.product(*(range(len(kinds)) for kinds in KINDS.values()))), "int32").T
    combinations = combinations[:, is_unseen(dict(zip(KINDS, combinations, strict=True))) == unseen]
    chosen = rng.permutation(np.arange(num_faces) % combinations.shape[1])
    factors = dict(zip(KINDS, combinations[:, chosen], strict=True))
    return factors | {
        name: (low + (high - low) * rng.random(num_faces)).astype("float32") for name, (low, high) in RANGES.items()
    }


def is_unseen(factors):
    """Whether faces have a combination that no training face has: a hat and a beard, or glasses and red hair.

    Args:
        factors: Dict with `hat`, `beard`, `glasses` and `hair`, each a number or an array `(n,)`; others are not read.

    Returns:
        Booleans `(n,)`.

    Raises:
        ValueError: If one of the four is missing, out of its range or of another length than the others.

    Example:
        >>> is_unseen({"hat": np.array([1, 1, 0]), "beard": np.array([1, 0, 0]), "glasses": 1, "hair": 0})
        array([ True, False, False])
    """
    four = ("hat", "beard", "glasses", "hair")
    if isinstance(factors, Mapping):
        factors = {name: each for name, each in factors.items() if name in four}
    hat, beard, glasses, hair = _checked(factors, four).values()
    return (hat == 1) & (beard == 1) | (glasses == 1) & (hair == KINDS["hair"].index("red"))


def _checked(factors, names=FACTORS):
    """The factors as arrays of one length, int32 or float32."""
    given = list(factors) if isinstance(factors, Mapping) else []
    unknown, missing = [name for name in given if name not in names], [name for name in names if name not in given]
    if unknown or missing:
        closest = difflib.get_close_matches(str(unknown[0]), names, n=1) if unknown else []
        guess = f" Did you mean {closest[0]!r}?" if closest else " Start from sample_factors(1)."
        raise ValueError(
            f"factors should be a dict with all of {', '.join(names)}, and no others; unknown: "
            f"{', '.join(map(str, unknown)) or '(none)'}; missing: {', '.join(missing) or '(none)'}.{guess}"
        )
    arrays = {name: np.atleast_1d(factors[name]) for name in names}
    lengths = {name: array.shape for name, array in arrays.items() if array.shape != (1,)}
    if len(set(lengths.values())) > 1 or any(len(shape) != 1 or not shape[0] for shape in lengths.values()):
        raise ValueError(f"each factor should be a number or an array (n,), of one n for all; got {lengths}.")
    for name, array in arrays.items():
        low, high = RANGES[name] if name in RANGES else (0, len(KINDS[name]) - 1)
        is_number = array.dtype.kind in "biuf" and ((low <= array) & (array <= high)).all()
        if not is_number or (name in KINDS and (array != np.floor(array)).any()):
            wanted = (
                f"lie in {low} … {high}" if name in RANGES else f"be an integer in 0 … {high}: {', '.join(KINDS[name])}"
            )
            strange = array if array.dtype.kind not in "biuf" else np.array([array.min(), array.max()])
            raise ValueError(f"{name} should {wanted}; got {strange}.")
    arrays = {name: array.astype("int32" if name in KINDS else "float32") for name, array in arrays.items()}
    return dict(zip(names, np.broadcast_arrays(*arrays.values()), strict=True))


def _kept_or_drawn(factors, size, folder):
    """The pixels of each split, from the cache if this very code has drawn them, else drawn and, if possible, kept."""
    path = folder / f"faces_{size}_{len(factors['train']['hat'])}.npz"
    recipe = np.array(_recipe())
    try:
        kept = read_npz(path, ("recipe", *factors), "")
        if np.array_equal(kept.pop("recipe"), recipe):
            return kept
    except DataError:  # not there, or broken
        pass
    pixels = {split: _pixels(face, size) for split, face in factors.items()}
    with contextlib.suppress(OSError):  # a folder that cannot be written to
        write_npz(path, {"recipe": recipe} | pixels, compress=False)
    return pixels


def _recipe():
    """What the pixels depend on: the text of the three modules that make them, and NumPy's random numbers."""
    code = b"".join(Path(file).read_bytes() for file in (__file__, portraits.__file__, canvas.__file__))
    return hashlib.sha256(code + np.__version__.encode()).hexdigest()


def _as_colours(pixels):
    return pixels.astype("float32") / np.float32(255)


def _pixels(factors, size):
    """uint8 pictures `(n, size, size, 3)`, drawn in portions that stay near the processor."""
    num_faces, portion = len(factors["hat"]), max(1, 2**18 // size**2)
    portions = [slice(start, start + portion) for start in range(0, num_faces, portion)]
    return np.concatenate(
        [portraits.paint({name: values[some] for name, values in factors.items()}, size) for some in portions]
    )
