import numpy as np
import pytest
from scipy.spatial import geometric_slerp

from course_lib.latent import linear_walk, spherical_walk

RNG = np.random.default_rng(0)


def unit(dimension):
    direction = RNG.normal(size=dimension)
    return direction / np.linalg.norm(direction)


@pytest.mark.parametrize("walk", [linear_walk, spherical_walk])
@pytest.mark.parametrize("num_steps", [2, 3, 11])
def test_a_walk_begins_at_one_end_and_ends_at_the_other(walk, num_steps):
    start, end = RNG.normal(size=4), RNG.normal(size=4)
    codes = walk(start, end, num_steps)
    assert codes.shape == (num_steps, 4)
    np.testing.assert_allclose(codes[[0, -1]], [start, end], atol=1e-12)


@pytest.mark.parametrize("dimension", [1, 5])
def test_a_straight_walk_agrees_with_interpolating_each_entry(dimension):
    start, end = RNG.normal(size=dimension), RNG.normal(size=dimension)
    t = np.linspace(0, 1, 8)
    expected = np.stack([np.interp(t, [0, 1], ends) for ends in zip(start, end, strict=True)], axis=1)
    np.testing.assert_allclose(linear_walk(start, end, 8), expected, atol=1e-12)


@pytest.mark.parametrize("dimension", [2, 3, 16])
def test_a_spherical_walk_between_unit_codes_agrees_with_scipy(dimension):
    start, end = unit(dimension), unit(dimension)
    expected = geometric_slerp(start, end, np.linspace(0, 1, 9))
    np.testing.assert_allclose(spherical_walk(start, end, 9), expected, atol=1e-12)


def test_a_spherical_walk_keeps_the_length_and_turns_evenly():
    codes = spherical_walk(3 * unit(16), 3 * unit(16), 9)
    np.testing.assert_allclose(np.linalg.norm(codes, axis=1), 3.0, rtol=1e-12)
    steps = np.linalg.norm(np.diff(codes, axis=0), axis=1)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-9)


def test_the_straight_walk_between_right_angles_comes_closer_to_the_origin_by_root_two():
    assert np.linalg.norm(linear_walk([5.0, 0.0], [0.0, 5.0], 3)[1]) == pytest.approx(5 / np.sqrt(2))


@pytest.mark.parametrize("angle", [1e-9, 1e-5])
def test_a_spherical_walk_over_a_small_angle_is_straight(angle):
    start, end = np.array([2.0, 0.0]), 2 * np.array([np.cos(angle), np.sin(angle)])
    np.testing.assert_allclose(spherical_walk(start, end, 5), linear_walk(start, end, 5), atol=1e-9)


def test_a_spherical_walk_between_equal_directions_changes_the_length_evenly():
    np.testing.assert_allclose(spherical_walk([1.0, 0.0], [3.0, 0.0], 3), [[1, 0], [2, 0], [3, 0]])


def test_moving_the_origin_moves_a_straight_walk_along_and_bends_a_spherical_one():
    start, end, shift = RNG.normal(size=3), RNG.normal(size=3), np.full(3, 5.0)
    np.testing.assert_allclose(linear_walk(start + shift, end + shift, 5) - shift, linear_walk(start, end, 5))
    moved = spherical_walk(start + shift, end + shift, 5) - shift
    assert np.abs(moved - spherical_walk(start, end, 5)).max() > 0.1


@pytest.mark.parametrize("walk", [linear_walk, spherical_walk])
@pytest.mark.parametrize(
    ("start", "end", "num_steps", "sentence"),
    [
        (np.zeros((1, 3)), np.ones((1, 3)), 5, r"take one row of it, codes\[0\]"),
        (np.ones(3), np.ones(2), 5, r"got \(3,\) and \(2,\)"),
        (np.ones(3), np.zeros(3) + 2, 1, "at least 2"),
    ],
)
def test_ends_that_are_no_codes_are_refused(walk, start, end, num_steps, sentence):
    with pytest.raises(ValueError, match=sentence):
        walk(start, end, num_steps)


@pytest.mark.parametrize(("start", "sentence"), [([0.0, 0.0], "zero has no direction"), ([-2.0, 0.0], "opposite")])
def test_ends_without_one_great_circle_are_refused(start, sentence):
    with pytest.raises(ValueError, match=sentence):
        spherical_walk(start, [1.0, 0.0], 5)
