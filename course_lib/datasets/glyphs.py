"""The embedded images: ten letters in twelve fonts, every factor known. The card is `data/glyphs.md`."""

import numpy as np

from course_lib.datasets.archive import embedded_path, read_embedded
from course_lib.datasets.dataset import SPLITS, Dataset, as_images

LETTERS = ("A", "B", "E", "G", "K", "M", "Q", "R", "S", "Z")

FONTS = (
    "DejaVu Sans",
    "DejaVu Sans Bold",
    "DejaVu Sans Mono",
    "DejaVu Serif",
    "DejaVu Serif Bold Italic",
    "STIX",
    "STIX Bold",
    "STIX Italic",
    "Computer Modern",
    "Computer Modern Sans",
    "Computer Modern Italic",
    "Computer Modern Typewriter",
)

POSE = ("rotation", "scale", "shift_x", "shift_y", "thickness")

DIGESTS = {
    "x_train": "fc3119c34f9aabbb07921f738b2d036f385cb122dcc8cbe0726b0923337764c6",
    "y_train": "49578a1d479fcd1efe8f920578f48e719b17428bbdf8ccaf2e6ca49233b2372d",
    "font_train": "0fd3854062f979a1ff0c48f5e4f32f51607852779d2c22cbba74a156bfe0d340",
    "pose_train": "b0be792a979204f722d3087819337ad580989cb73105fab699e800b4d6bd744c",
    "x_validation": "01234631fb77181217e76a859861565f61063c13e221bd83e2c83795ffa623bb",
    "y_validation": "5c83f88b5bd611f7d107041da71a0ed6a2de81c705af01d9c474cf7e27de30cf",
    "font_validation": "cd17a7d943644d7c8bf634472f25fea4db45acd246822e00aabdc276bfe4b661",
    "pose_validation": "386c75964a2ef4bb19344fd76da88bdb00db1d3be15c991e6368f0962b12ee67",
    "x_test": "00a7b9b3f887464b7ae48f8aa22e69a9bf6e4c311ff5f81f3b14e433c245871b",
    "y_test": "ee3733cd2cf7a1e124e51cdb31e5db874644eaa7d846803d7c2cb89b90be0334",
    "font_test": "490ea3b342db9e0f1fe75b6aafc27dd2c89b9e59067bb135d7d19f5d92c36494",
    "pose_test": "66fea8e2eae9ee5a28b316974b5f856ca72edfe85ad61fd2b22e52bfaf23ce5a",
}


def load_glyphs():
    """Load the glyphs: 28×28 grey images of letters, white ink (1) on black (0), drawn from known factors.

    Factors, one array per split, all independent of each other:

    * `letter`, `font`: int32, indices into `LETTERS` and `FONTS`;
    * `rotation`: float32, degrees, anticlockwise, −20 to 20;
    * `scale`: float32, 0.75 to 1, of the largest size;
    * `shift_x`, `shift_y`: float32, pixels to the right and downwards, −2 to 2;
    * `thickness`: float32, pixels added on each side of every stroke, 0.1 to 0.6.

    Returns:
        `Dataset` of 20,000 / 2,000 / 2,000 images, letters exactly balanced in each split.

    Raises:
        DataError: If the file is missing, broken or not the one this code was written for.

    Example:
        >>> data = load_glyphs()
        >>> data.x_train.shape, "".join(data.class_names)
        ((20000, 28, 28, 1), 'ABEGKMQRSZ')
        >>> round(float(data.factors["test"]["rotation"].max()))
        20
    """
    arrays = read_embedded(glyphs_path(), DIGESTS)
    splits, factors = {}, {}
    for split in SPLITS:
        letters = arrays[f"y_{split}"].astype("int32")
        splits |= {f"x_{split}": as_images(arrays[f"x_{split}"]), f"y_{split}": letters}
        poses = np.ascontiguousarray(arrays[f"pose_{split}"].T.astype("float32"))
        fonts = arrays[f"font_{split}"].astype("int32")
        factors[split] = {"letter": letters, "font": fonts} | dict(zip(POSE, poses, strict=True))
    return Dataset("glyphs", **splits, class_names=LETTERS, factors=factors)


def glyphs_path():
    """Where the file is: `data/` of a checkout, or inside the installed package.

    Raises:
        DataError: If it is at neither place.
    """
    return embedded_path("glyphs.npz")
