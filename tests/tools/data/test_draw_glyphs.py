import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course_lib.datasets import archive, glyphs

ROOT = Path(__file__).resolve().parents[3]
UPRIGHT = {"rotation": 0.0, "scale": 1.0, "shift_x": 0.0, "shift_y": 0.0, "thickness": 0.3}


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("draw_glyphs", ROOT / "tools" / "data" / "draw_glyphs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def stored():
    return archive.read_npz(ROOT / "data" / "glyphs.npz", [*glyphs.DIGESTS, "letters", "fonts", "pose_names"], "")


def draw(tool, letter="E", font="DejaVu Sans", **pose):
    image = tool.draw_image(glyphs.LETTERS.index(letter), glyphs.FONTS.index(font), **(UPRIGHT | pose))
    return image.astype("float64") / 255


def box(image):
    rows, columns = np.flatnonzero(image.sum(axis=1)), np.flatnonzero(image.sum(axis=0))
    return rows[0], rows[-1], columns[0], columns[-1]


def test_names_and_order_are_the_same_in_script_file_and_loader(tool, stored):
    assert tool.LETTERS == glyphs.LETTERS == tuple(stored["letters"])
    assert tuple(tool.FONTS) == glyphs.FONTS == tuple(stored["fonts"])
    assert tuple(tool.POSE_RANGES) == glyphs.POSE == tuple(stored["pose_names"])


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_the_factors_are_drawn_again_the_same(tool, stored, split):
    letters, fonts, poses = tool.draw_factors(split)
    np.testing.assert_array_equal(letters, stored[f"y_{split}"])
    np.testing.assert_array_equal(fonts, stored[f"font_{split}"])
    np.testing.assert_array_equal(poses, stored[f"pose_{split}"])


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_the_first_images_are_drawn_again_the_same(tool, stored, split):
    again = tool.draw_split(split, num_images=150)[f"x_{split}"].astype("int16")
    difference = np.abs(again - stored[f"x_{split}"][:150])
    # zero with the versions of the card; another FreeType may round an outline differently
    assert difference.mean() < 1.0
    assert difference.mean(axis=(1, 2)).max() < 6.0


def test_another_seed_draws_other_factors_with_the_same_balance(tool, stored):
    letters, fonts, poses = tool.draw_factors("test", seed=1)
    assert not np.array_equal(letters, stored["y_test"])
    assert not np.array_equal(poses, stored["pose_test"])
    np.testing.assert_array_equal(np.bincount(letters), np.bincount(stored["y_test"]))
    np.testing.assert_array_equal(np.bincount(fonts), np.bincount(stored["font_test"]))


@pytest.mark.parametrize("font", glyphs.FONTS)
def test_a_quarter_turn_is_a_quarter_turn_of_the_pixels(tool, font):
    turned, upright = draw(tool, "R", font, rotation=90.0), draw(tool, "R", font)
    assert np.abs(turned - np.rot90(upright)).mean() < 0.004  # rot90 turns anticlockwise
    assert np.abs(turned - np.rot90(upright, -1)).mean() > 0.05


@pytest.mark.parametrize(("right", "down"), [(1, 0), (0, 1), (-2, 2), (2, -1)])
def test_a_shift_of_whole_pixels_rolls_the_pixels(tool, right, down):
    shifted = draw(tool, "G", shift_x=float(right), shift_y=float(down))
    np.testing.assert_allclose(shifted, np.roll(draw(tool, "G"), (down, right), axis=(0, 1)), atol=3 / 255)


@pytest.mark.parametrize("letter", glyphs.LETTERS)
def test_the_letter_box_is_centred_and_has_the_stated_diagonal(tool, letter):
    top, bottom, left, right = box(draw(tool, letter, thickness=0.1) > 0.4)
    assert abs(top + bottom - 27) <= 1
    assert abs(left + right - 27) <= 1
    assert np.hypot(bottom - top + 1, right - left + 1) == pytest.approx(tool.DIAGONAL, abs=1.6)


@pytest.mark.parametrize("letter", glyphs.LETTERS)
def test_no_pose_in_the_ranges_reaches_over_the_border(tool, letter):
    largest = {"scale": tool.POSE_RANGES["scale"][1], "thickness": tool.POSE_RANGES["thickness"][1]}
    room = 14 - max(tool.POSE_RANGES["shift_x"][1], tool.POSE_RANGES["shift_y"][1])  # pixels from the centre
    for font in glyphs.FONTS:
        for rotation in (-20.0, -10.0, 0.0, 10.0, 20.0):
            top, bottom, left, right = box(draw(tool, letter, font, rotation=rotation, **largest))
            assert max(14 - top, bottom - 13, 14 - left, right - 13) <= room


def test_scale_shrinks_the_letter_and_not_the_added_thickness(tool):
    large, small = (draw(tool, "E", scale=scale, thickness=0.2) for scale in (1.0, 0.75))
    heights = [bottom - top + 1 for top, bottom, _, _ in (box(large > 0.4), box(small > 0.4))]
    assert heights[1] / heights[0] == pytest.approx(0.75, abs=0.06)
    # a stroke 0.5 px wider all around adds ink in proportion to the outline, which shrinks by the scale
    added = [
        draw(tool, "S", scale=s, thickness=0.6).sum() - draw(tool, "S", scale=s, thickness=0.1).sum() for s in (1, 0.75)
    ]
    assert added[1] / added[0] == pytest.approx(0.75, abs=0.06)


def test_every_letter_is_in_every_font_and_all_drawings_differ(tool):
    drawings = {(letter, font): draw(tool, letter, font) for letter in glyphs.LETTERS for font in glyphs.FONTS}
    assert len({drawing.tobytes() for drawing in drawings.values()}) == 120
    for drawing in drawings.values():
        assert 40 < drawing.sum() < 230
        assert drawing[[0, -1]].sum() + drawing[:, [0, -1]].sum() == 0
    # a font without the letter would draw the same empty box for all of them
    for font in glyphs.FONTS:
        for one in glyphs.LETTERS:
            for other in glyphs.LETTERS:
                if one < other:
                    assert np.abs(drawings[one, font] - drawings[other, font]).mean() > 0.02


@pytest.mark.slow
def test_the_script_writes_the_same_bytes_again_and_a_contact_sheet(tool, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tool, "SPLIT_SIZES", {"train": 480, "validation": 60, "test": 60})
    for name in ("one", "two"):
        arguments = [
            "draw_glyphs.py",
            "--output",
            str(tmp_path / f"{name}.npz"),
            "--sheet",
            str(tmp_path / f"{name}.png"),
        ]
        monkeypatch.setattr(sys, "argv", arguments)
        tool.main()
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    arrays = archive.read_npz(tmp_path / "one.npz", glyphs.DIGESTS, "")
    assert archive.array_digest(arrays["x_train"]) in capsys.readouterr().out
    assert (tmp_path / "one.png").stat().st_size > 10_000


def test_ink_at_the_border_is_refused(tool):
    images = np.zeros((3, 28, 28), "uint8")
    tool.refuse_clipped(images, "test")
    images[1, 27, 5] = 9
    with pytest.raises(ValueError, match=r"1 of 3 test images.*image 1: 9.*lower DIAGONAL"):
        tool.refuse_clipped(images, "test")


def test_the_script_runs_by_itself_and_explains_its_options():
    command = [sys.executable, ROOT / "tools" / "data" / "draw_glyphs.py", "--help"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    result = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert "--sheet" in result.stdout
