"""Examples with their names, from arrays or from a folder of pictures: what the searches for faults read."""

import math
from pathlib import Path

import numpy as np

from course_lib.contracts.arguments import real_array

_PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
_THUMBNAIL = 16


def named_examples(examples):
    """Yield (name, bytes, row) of each example; a file that is no picture has the row None.

    Args:
        examples: Dict from the name of a set to numbers `(n, ...)`, or a folder of pictures. The rows of pictures are
            thumbnails of 16×16 pixels from 0 to 1, in grey; the bytes are those of all pixels.
    """
    return _in_sets(examples) if isinstance(examples, dict) else _in_folder(Path(examples))


def set_of(name):
    """The set or folder of an example, from its name: `"train"` of `"train 17"`, `"cats"` of `"cats/a.png"`.

    Rows of arrays end with their number, and pictures with their suffix: so `"T-shirt/top"` of `"T-shirt/top 17"`, and
    `""` of `"my cat.png"`, which lies in the folder itself.
    """
    name_of_set, _, row = name.rpartition(" ")
    return name_of_set if row.isdecimal() else name.rpartition("/")[0]


def _in_sets(sets):
    arrays = {name: real_array(x, name) for name, x in sets.items()}
    shapes = {name: x.shape[1:] for name, x in arrays.items()}
    if len(set(shapes.values())) != 1:
        raise ValueError(f"examples should hold at least one set, and all examples one shape; got {shapes}.")
    for name, x in arrays.items():
        rows = x.reshape(len(x), math.prod(x.shape[1:])).astype("float64") + 0.0  # −0 is 0
        for number, row in enumerate(rows):
            yield f"{name} {number}", row.tobytes(), row


def _in_folder(folder):
    from PIL import Image, UnidentifiedImageError

    if not folder.is_dir():
        raise ValueError(f"examples should be a dictionary of arrays or a folder of pictures; got {str(folder)!r}.")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _PICTURES)
    if not paths:
        raise ValueError(f"the folder {folder.name!r} should hold pictures, {' '.join(_PICTURES)}; it holds none.")
    for path in paths:
        name = path.relative_to(folder).as_posix()
        try:
            with Image.open(path) as picture:
                grey = picture.convert("L")
                thumbnail = grey.resize((_THUMBNAIL, _THUMBNAIL), Image.Resampling.BOX)
        except (UnidentifiedImageError, OSError):
            yield name, b"", None
            continue
        yield name, f"{grey.size}".encode() + grey.tobytes(), np.asarray(thumbnail, "float64").ravel() / 255
