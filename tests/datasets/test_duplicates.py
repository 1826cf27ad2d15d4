"""Planted duplicates are found, and nothing else, in arrays and in folders."""

import numpy as np
import pytest
from PIL import Image

from course_lib import datasets
from course_lib.datasets.duplicates import duplicates


def images(seed, count):
    return np.random.default_rng(seed).random((count, 8, 8, 1)).astype("float32")


def test_planted_copies_noise_and_breaks_are_found_and_nothing_else():
    train, test = images(0, 700), images(1, 40)
    test[3], test[5] = train[11], train[699] + 0.01
    train[600], test[7, 2, 2] = train[4], np.nan
    found = duplicates({"train": train, "test": test}, near=0.02)
    assert found.equal == [("train 4", "train 600"), ("train 11", "test 3")]
    assert [pair[:2] for pair in found.near] == [("train 699", "test 5")]
    assert found.near[0][2] == pytest.approx(0.01, rel=1e-4)
    assert found.broken == ["test 7"]
    assert found.across("train", "test") == [("train 11", "test 3"), ("train 699", "test 5")]


def test_a_set_that_was_not_searched_is_no_set_without_leaks():
    found = duplicates({"train": images(0, 3), "test": images(1, 3), "empty": images(2, 0)})
    assert found.parts == ("train", "test", "empty")
    assert found.across("train", "test") == found.across("test", "empty") == []
    with pytest.raises(ValueError, match="'train', 'test', 'empty'; got 'tset'"):
        found.across("train", "tset")


def test_names_of_sets_may_hold_a_slash_and_names_of_pictures_a_space(tmp_path):
    found = duplicates({"T-shirt/top": np.zeros((1, 3)), "7 of 9": np.zeros((2, 3))})
    assert found.across("T-shirt/top", "7 of 9") == [("T-shirt/top 0", "7 of 9 0", "7 of 9 1")]
    (tmp_path / "cats 2").mkdir()
    for name in ("my cat.png", "cats 2/a 1.png"):
        Image.fromarray(np.zeros((4, 4), "uint8")).save(tmp_path / name)
    found = duplicates(tmp_path)
    assert sorted(found.parts) == ["", "cats 2"]
    assert found.across("", "cats 2") == [("cats 2/a 1.png", "my cat.png")]


def test_near_pairs_are_all_pairs_within_the_distance():
    x = np.random.default_rng(2).random((1100, 3))
    found = duplicates({"x": x}, near=0.02)
    apart = np.sqrt(((x[:, None] - x) ** 2).mean(axis=-1))
    rows, columns = np.nonzero(np.triu(apart <= 0.02, 1))
    expected = {(f"x {one}", f"x {other}") for one, other in zip(rows, columns, strict=True)}
    assert {pair[:2] for pair in found.near} == expected
    assert len(expected) > 10
    distances = [pair[2] for pair in found.near]
    assert distances == sorted(distances)


def test_three_equal_ones_are_one_group_and_one_of_them_is_near_to_others():
    x = np.array([[1.0], [2.0], [1.0], [1.0], [1.001]])
    found = duplicates({"x": x}, near=0.01)
    assert found.equal == [("x 0", "x 2", "x 3")]
    assert [pair[:2] for pair in found.near] == [("x 0", "x 4")]


def test_zero_and_minus_zero_are_equal_and_the_dtype_does_not_matter():
    assert duplicates({"a": np.array([[0.0, 1.0]]), "b": np.array([[-0.0, 1]], "float32")}).equal == [("a 0", "b 0")]


def test_the_embedded_sets_hold_no_equal_images():
    digits = datasets.load("digits")
    assert duplicates({"train": digits.x_train, "test": digits.x_test}).equal == []


def test_a_folder_of_pictures(tmp_path):
    across, down = np.meshgrid(np.linspace(0, 1, 30), np.linspace(0, 1, 40))
    pixels = (255 * np.stack([across, down])).astype("uint8")
    for name, each in {"cats/a.png": pixels[0], "cats/b.png": pixels[1], "dogs/c.png": pixels[0]}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(each).save(tmp_path / name)
    Image.fromarray(pixels[1]).resize((60, 80), Image.Resampling.NEAREST).save(tmp_path / "dogs/larger.bmp")
    (tmp_path / "dogs/torn.jpg").write_bytes(b"no picture")
    (tmp_path / "dogs/notes.txt").write_text("no picture either", "utf-8")
    found = duplicates(tmp_path, near=0.02)
    assert found.equal == [("cats/a.png", "dogs/c.png")]
    assert [pair[:2] for pair in found.near] == [("cats/b.png", "dogs/larger.bmp")]
    assert found.broken == ["dogs/torn.jpg"]
    assert found.across("cats", "dogs") == [("cats/a.png", "dogs/c.png"), ("cats/b.png", "dogs/larger.bmp")]
    assert duplicates(str(tmp_path)).near == []


@pytest.mark.parametrize(
    ("examples", "near", "message"),
    [
        ({}, 0.0, "at least one set"),
        ({"a": np.zeros((2, 3)), "b": np.zeros((2, 4))}, 0.0, "one shape"),
        ({"a": np.zeros((2, 3))}, -1.0, "near should be at least 0"),
        ("no such folder", 0.0, "a dictionary of arrays or a folder"),
    ],
)
def test_what_cannot_be_searched_is_refused(examples, near, message):
    with pytest.raises(ValueError, match=message):
        duplicates(examples, near)


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(ValueError, match="it holds none"):
        duplicates(tmp_path)
