import numpy as np
import pytest

from course_lib.datasets.canvas import Canvas, oklch

BLACK, WHITE, ONE = np.zeros((3, 1), "float32"), np.ones((3, 1), "float32"), np.ones(1, "float32")


def canvas(size=64, scale=1.0, shift_x=0.0, shift_y=0.0, tilt=0.0):
    pose = [np.float32([value]) for value in (scale, shift_x, shift_y, tilt)]
    return Canvas(BLACK, size, *pose, neck=0.5)


def ink(picture):
    """Share of the picture that is white, and the centre of what is."""
    levels = picture.pixels(0 * ONE)[0, :, :, 0] / 255
    place = (np.arange(len(levels)) + 0.5) / len(levels) * 2 - 1
    return levels.mean(), levels.sum(0) @ place / levels.sum(), levels.sum(1) @ place / levels.sum()


@pytest.mark.parametrize("size", [16, 33, 64])
@pytest.mark.parametrize("scale", [0.8, 1.0])
def test_an_ellipse_and_a_rectangle_cover_their_areas(size, scale):
    picture = canvas(size, scale)
    part = picture.part("body", -1, -1, 1, 1)
    part.paint(part.ellipse(0.1, -0.05, 0.6, 0.4), WHITE)
    share, x, y = ink(picture)
    assert share == pytest.approx(np.pi * 0.6 * 0.4 * scale**2 / 4, rel=0.02)
    assert [x, y] == pytest.approx([0.1 * scale, -0.05 * scale], abs=0.01)
    picture = canvas(size, scale)
    part = picture.part("body", -1, -1, 1, 1)
    part.paint(part.rectangle(-0.6, -0.4, 0.4, 0.5, 0.2), WHITE)
    share, x, y = ink(picture)
    assert share == pytest.approx((1.0 * 0.9 - (4 - np.pi) * 0.2**2) * scale**2 / 4, rel=0.02)
    assert [x, y] == pytest.approx([-0.1 * scale, 0.05 * scale], abs=0.01)


def test_the_head_turns_about_the_neck_and_the_body_does_not():
    for tilt in (-12, 0, 7):
        turned, still = canvas(tilt=tilt), canvas(tilt=tilt)
        for picture, frame in ((turned, "head"), (still, "body")):
            part = picture.part(frame, -0.2, -0.7, 0.2, -0.3)
            part.paint(part.ellipse(0, -0.5, 0.15, 0.15), WHITE)
        angle = np.deg2rad(tilt)
        assert ink(turned)[1:] == pytest.approx([-np.sin(angle), 0.5 - np.cos(angle)], abs=0.01)
        assert ink(still)[1:] == pytest.approx([0, -0.5], abs=0.01)


def test_a_part_holds_its_shape_whole_whatever_the_pose():
    rng = np.random.default_rng(0)
    scale, x, y, tilt = (
        rng.uniform(*ends, 50).astype("float32") for ends in ((0.7, 1), (-0.1, 0.1), (-0.1, 0.1), (-30, 30))
    )
    pictures = []
    for box in ((-0.3, -0.4, 0.2, 0.1), (-3, -3, 3, 3)):
        picture = Canvas(np.repeat(BLACK, 50, 1), 32, scale, x, y, tilt, neck=0.5)
        part = picture.part("head", *box)
        part.paint(part.rectangle(-0.3, -0.4, 0.2, 0.1, 0.05), WHITE)
        pictures.append(picture.pixels(0 * tilt))
    np.testing.assert_array_equal(*pictures)


def test_lines_thinner_than_a_pixel_keep_their_ink():
    for left in np.linspace(0.1, 0.13, 7):
        picture = canvas()
        part = picture.part("body", -1, -1, 1, 1)
        part.paint(part.rectangle(left, -0.5, left + 0.4 / 32, 0.5, 0.0), WHITE)
        assert ink(picture)[0] == pytest.approx(0.4 / 32 * 1.0 / 4, rel=0.1)


def test_opacity_mixes_what_is_above_with_what_is_below():
    picture = canvas()
    part = picture.part("body", -2, -2, 2, 2)
    part.paint(part.ellipse(0, 0, 9, 9), WHITE, np.float32(0.5))
    part.paint(part.ellipse(0, 0, 9, 9), BLACK, np.float32(0.2))
    assert set(picture.pixels(0 * ONE).flat) == {102}


def test_edges_are_smooth_and_the_light_comes_from_the_right():
    picture = canvas()
    part = picture.part("body", -1, -1, 1, 1)
    part.paint(part.ellipse(0, 0, 0.5, 0.5), WHITE)
    assert len(np.unique(picture.pixels(0 * ONE))) > 10
    picture.colours[:] = 0.5
    row = picture.pixels(np.float32([0.1]))[0, 3, :, 0].astype(float)
    np.testing.assert_allclose(row, 127.5 * (1 + 0.1 * (np.arange(64) - 31.5) / 32), atol=0.51)


@pytest.mark.parametrize(
    ("colour", "lightness", "chroma", "hue"),
    [
        ((1, 0, 0), 0.62796, 0.25768, 29.234),
        ((0, 1, 0), 0.86644, 0.29483, 142.495),
        ((0, 0, 1), 0.45201, 0.31321, 264.052),
        ((1, 1, 0), 0.96798, 0.21101, 109.769),
        ((0.38857, 0.38857, 0.38857), 0.5, 0.0, 0.0),
    ],
)
def test_hues_are_those_of_the_published_colour_space(colour, lightness, chroma, hue):
    # the coordinates that CSS Color 4 gives for the primaries
    np.testing.assert_allclose(oklch(lightness, chroma, np.array([hue]))[:, 0], colour, atol=0.02)
