"""Draw the embedded image set `data/glyphs.npz`: letters of known font, pose and weight.

Every image is drawn from its factors and from nothing else: a letter of one of the fonts that ship inside matplotlib,
drawn large, thickened, then rotated, scaled and shifted in one step and averaged down to 28×28 grey pixels. The same
versions of Pillow and NumPy give the same file, byte for byte. `data/glyphs.md` is the card of the result. After a
change here, copy the printed digests into `course_lib/datasets/glyphs.py` and into the card. Needs the course installed
(or the clone on PYTHONPATH) and Pillow 11.2 or newer, which thickens outlines by fractions of a pixel.

    python -m tools.data.draw_glyphs                       # draw, write data/glyphs.npz, print the digests
    python -m tools.data.draw_glyphs --sheet sheet.png     # also a contact sheet, to look at
"""

import argparse
import time
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from course_lib.datasets.archive import array_digest, write_npz

LETTERS = ("A", "B", "E", "G", "K", "M", "Q", "R", "S", "Z")

FONTS = {  # name in the data set: file inside matplotlib
    "DejaVu Sans": "DejaVuSans.ttf",
    "DejaVu Sans Bold": "DejaVuSans-Bold.ttf",
    "DejaVu Sans Mono": "DejaVuSansMono.ttf",
    "DejaVu Serif": "DejaVuSerif.ttf",
    "DejaVu Serif Bold Italic": "DejaVuSerif-BoldItalic.ttf",
    "STIX": "STIXGeneral.ttf",
    "STIX Bold": "STIXGeneralBol.ttf",
    "STIX Italic": "STIXGeneralItalic.ttf",
    "Computer Modern": "cmr10.ttf",
    "Computer Modern Sans": "cmss10.ttf",
    "Computer Modern Italic": "cmti10.ttf",
    "Computer Modern Typewriter": "cmtt10.ttf",
}

POSE_RANGES = {  # each uniform and independent of all other factors
    "rotation": (-20.0, 20.0),  # degrees, anticlockwise
    "scale": (0.75, 1.0),  # of the largest size
    "shift_x": (-2.0, 2.0),  # pixels, to the right
    "shift_y": (-2.0, 2.0),  # pixels, downwards
    "thickness": (0.1, 0.6),  # pixels added on each side of every stroke
}

SPLIT_SIZES = {"train": 20_000, "validation": 2_000, "test": 2_000}

SIZE = 28  # pixels
SUPERSAMPLING = 4
DIAGONAL = 22.0  # pixels from corner to corner of a letter's box at scale 1, before it is thickened
GREY_STEP = 3  # images keep 86 grey levels, 0, 3, …, 255: no eye sees it, and the file is a fifth smaller
MARGIN = 8  # supersampled pixels around the large drawing, room for the thickening


def draw_factors(split, seed=0):
    """Draw the factors of every image of a split.

    Letters are exactly balanced, and fonts as nearly as the size allows within each letter; the order is shuffled.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        seed: Integer. Splits of one seed use independent streams.

    Returns:
        Tuple of arrays: letters uint8 `(n,)`, fonts uint8 `(n,)`, poses float16 `(n, 5)` in the order of `POSE_RANGES`.
    """
    size = SPLIT_SIZES[split]
    rng = np.random.default_rng([seed, list(SPLIT_SIZES).index(split)])
    per_letter = size // len(LETTERS)
    letters = np.repeat(np.arange(len(LETTERS)), per_letter)
    fonts = np.arange(size) % len(FONTS)
    order = rng.permutation(size)
    low, high = np.array(list(POSE_RANGES.values())).T
    poses = rng.uniform(low, high, size=(size, len(low))).astype("float16")
    return letters[order].astype("uint8"), fonts[order].astype("uint8"), poses


def draw_image(letter, font, rotation, scale, shift_x, shift_y, thickness):
    """Draw one image from its factors.

    Args:
        letter: Index into `LETTERS`.
        font: Index into `FONTS`.
        rotation: Degrees, anticlockwise.
        scale: Size, 1 for a letter whose box measures `DIAGONAL` pixels from corner to corner.
        shift_x: Pixels to the right, of the centre of the letter's box from the centre of the image.
        shift_y: Pixels downwards.
        thickness: Pixels added on each side of every stroke, whatever the scale.

    Returns:
        uint8 array `(28, 28)`: 0 is background, 255 is ink.
    """
    truetype, (left, top, right, bottom) = fitted_font(letter, font)
    width, height = right - left + 2 * MARGIN, bottom - top + 2 * MARGIN
    large = Image.new("L", (width, height))
    ImageDraw.Draw(large).text(
        (MARGIN - left, MARGIN - top),
        LETTERS[letter],
        font=truetype,
        fill=255,
        stroke_width=SUPERSAMPLING * float(thickness) / float(scale),
        anchor="ls",
    )
    side = SIZE * SUPERSAMPLING
    backwards = inverse_pose(
        rotation,
        scale,
        centre_there=(width / 2, height / 2),
        centre_here=(side / 2 + SUPERSAMPLING * float(shift_x), side / 2 + SUPERSAMPLING * float(shift_y)),
    )
    placed = large.transform((side, side), Image.Transform.AFFINE, backwards, Image.Resampling.BICUBIC)
    grey = np.asarray(placed.reduce(SUPERSAMPLING))
    return (np.round(grey / GREY_STEP) * GREY_STEP).astype("uint8")


@cache
def fitted_font(letter, font):
    """Return a font in the size at which the letter's box has the full diagonal, and that box from the baseline."""
    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / list(FONTS.values())[font]
    probe = ImageFont.truetype(path, 500, layout_engine=ImageFont.Layout.BASIC)
    left, top, right, bottom = ink_box(probe, LETTERS[letter])
    size = probe.size * SUPERSAMPLING * DIAGONAL / np.hypot(right - left, bottom - top)
    fitted = ImageFont.truetype(path, float(size), layout_engine=ImageFont.Layout.BASIC)
    return fitted, ink_box(fitted, LETTERS[letter])


def ink_box(truetype, letter):
    """Return left, top, right, bottom of the ink, from the baseline (Pillow's own box counts the empty sides too)."""
    origin = int(2 * truetype.size)
    canvas = Image.new("L", (2 * origin, 2 * origin))
    ImageDraw.Draw(canvas).text((origin, origin), letter, font=truetype, fill=255, anchor="ls")
    return tuple(edge - origin for edge in canvas.getbbox())


def inverse_pose(rotation, scale, centre_there, centre_here):
    """Return the six numbers with which Pillow looks up, for a pixel here, the place there that it shows."""
    cosine = np.cos(np.radians(float(rotation))) / float(scale)
    sine = np.sin(np.radians(float(rotation))) / float(scale)
    (there_x, there_y), (here_x, here_y) = centre_there, centre_here
    return (
        cosine, -sine, there_x - cosine * here_x + sine * here_y,
        sine, cosine, there_y - sine * here_x - cosine * here_y,
    )  # fmt: skip


def draw_split(split, seed=0, num_images=None):
    """Draw a split, or its first `num_images`, as arrays named as in the file."""
    letters, fonts, poses = (factor[:num_images] for factor in draw_factors(split, seed))
    images = np.stack([draw_image(*one) for one in zip(letters, fonts, *poses.T, strict=True)])
    refuse_clipped(images, split)
    return {f"x_{split}": images, f"y_{split}": letters, f"font_{split}": fonts, f"pose_{split}": poses}


def refuse_clipped(images, split):
    border = np.ones((SIZE, SIZE), bool)
    border[1:-1, 1:-1] = False
    worst = images[:, border].max(axis=1)
    if worst.max() > 0:
        raise ValueError(
            f"expected an empty border of one pixel, but {np.count_nonzero(worst)} of {len(images)} {split} images "
            f"have ink there (image {worst.argmax()}: {worst.max()}). Narrow POSE_RANGES or lower DIAGONAL."
        )


def contact_sheet(images, columns=12, magnify=3, gap=2):
    """Lay images out in rows, as a Pillow image."""
    rows = -(-len(images) // columns)
    step = SIZE + gap
    sheet = np.full((rows * step + gap, columns * step + gap), 70, "uint8")
    for index, image in enumerate(images):
        y, x = gap + step * (index // columns), gap + step * (index % columns)
        sheet[y : y + SIZE, x : x + SIZE] = image
    return Image.fromarray(sheet).resize((magnify * sheet.shape[1], magnify * sheet.shape[0]), Image.Resampling.NEAREST)


def main():
    root = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description="Draw the embedded image set of letters with known factors.")
    parser.add_argument("--output", type=Path, default=root / "data" / "glyphs.npz")
    parser.add_argument("--sheet", type=Path, help="also write a contact sheet: a row a letter, a column a font")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    start = time.perf_counter()
    arrays = {}
    for split in SPLIT_SIZES:
        arrays |= draw_split(split, options.seed)
    arrays |= {"letters": np.array(LETTERS), "fonts": np.array(list(FONTS)), "pose_names": np.array(list(POSE_RANGES))}
    write_npz(options.output, arrays)
    total = sum(SPLIT_SIZES.values())
    megabytes = options.output.stat().st_size / 1e6
    print(f"{options.output}: {total:,} images, {megabytes:.2f} MB, {time.perf_counter() - start:.1f} s")
    for name, array in arrays.items():
        if array.dtype.kind != "U":
            print(f'    "{name}": "{array_digest(array)}",')
    if options.sheet:
        images, letters, fonts = arrays["x_train"], arrays["y_train"], arrays["font_train"]
        cells = [(letter, font) for letter in range(len(LETTERS)) for font in range(len(FONTS))]
        first = [np.flatnonzero((letters == letter) & (fonts == font))[0] for letter, font in cells]
        contact_sheet(images[first]).save(options.sheet)


if __name__ == "__main__":
    main()
