import io
import itertools
import sys

import matplotlib.colors
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from course_lib import plotting
from course_lib.plotting import (
    PALETTE,
    balls,
    class_marks,
    covariance_ellipses,
    curves,
    diagram,
    discriminator_field,
    eigenvalue_plane,
    filmstrip,
    health_chart,
    image_grid,
    image_rows,
    labelled_points,
    moving_picture,
    phase_portrait,
    scatter,
    show,
)

RNG = np.random.default_rng(0)
PICTURES = RNG.random((7, 5, 6))
POINTS = RNG.normal(size=(30, 2))
LABELS = np.arange(30) % 3

DRAWINGS = {
    "image_grid": lambda **options: image_grid(PICTURES, columns=3, **options),
    "image_rows": lambda **options: image_rows({"real": PICTURES, "generated": PICTURES[..., None]}, **options),
    "health_chart": lambda **options: health_chart({"mine": [3, 2, 1]}, (3.0, 2.0, 0.5), **options),
    "curves": lambda **options: curves({"training": [3, 2, 1]}, xlabel="epoch", ylabel="loss / nats", **options),
    "scatter": lambda **options: scatter(POINTS, LABELS, **options),
    "scatter without labels": lambda **options: scatter(POINTS, **options),
    "discriminator_field": lambda **options: discriminator_field(np.eye(4), POINTS, POINTS, POINTS, **options),
    "balls": lambda **options: balls(POINTS, np.ones(30), **options),
    "phase_portrait": lambda **options: phase_portrait({"spiral": POINTS}, **options),
    "eigenvalue_plane": lambda **options: eigenvalue_plane({"h = 1": [1 + 1j, 1 - 1j]}, **options),
    "diagram": lambda **options: diagram({"z": (0, 0), "G": (1, 1)}, [("z", "G", "", {})], **options),
    "labelled_points": lambda **options: labelled_points({"a": (0, 1)}, xlabel="x", ylabel="y", **options),
    "covariance_ellipses": lambda **options: covariance_ellipses(POINTS[:3], np.exp(POINTS[3:6]), **options),
}
drawing = pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS.keys())


def canvas(ax):
    (image,) = ax.get_images()
    return np.asarray(image.get_array())


@drawing
def test_every_drawing_returns_its_axes_in_one_new_figure(draw):
    assert plt.get_fignums() == []
    ax = draw()
    assert isinstance(ax, plt.Axes)
    assert plt.get_fignums() == [ax.figure.number]


@drawing
def test_a_given_ax_is_drawn_on_and_no_figure_is_opened(draw):
    _, (left, right) = plt.subplots(1, 2)
    assert draw(ax=right) is right
    assert len(plt.get_fignums()) == 1
    assert not left.has_data()
    assert right.has_data()


@drawing
def test_every_drawing_can_be_rendered(draw, tmp_path):
    draw().figure.savefig(tmp_path / "figure.png", dpi=40)
    assert (tmp_path / "figure.png").stat().st_size > 500


@drawing
def test_what_is_drawn_is_not_changed(draw):
    before = PICTURES.copy(), POINTS.copy()
    draw()
    assert np.array_equal(PICTURES, before[0])
    assert np.array_equal(POINTS, before[1])


def test_ones_are_ink_and_zeros_are_paper():
    ax = image_grid(np.stack([np.ones((4, 4)), np.zeros((4, 4))]), columns=2)
    (image,) = ax.get_images()
    assert np.all(canvas(ax)[:, :4] == 0)
    assert np.all(canvas(ax)[:, 5:] == 1)
    black, white = image.cmap(image.norm([0.0, 1.0]))[:, :3]
    assert black.tolist() == [0, 0, 0]
    assert white.tolist() == [1, 1, 1]


def test_a_pale_set_of_pictures_stays_pale():
    assert image_grid(np.full((2, 4, 4), 0.2)).get_images()[0].get_clim() == (0, 1)


def test_images_stand_row_by_row_with_a_gap_of_paper():
    drawn = canvas(image_grid(PICTURES, columns=3))
    assert drawn.shape == (3 * 6 - 1, 3 * 7 - 1)
    for index, picture in enumerate(PICTURES):
        row, column = divmod(index, 3)
        assert np.array_equal(drawn[6 * row : 6 * row + 5, 7 * column : 7 * column + 6], 1 - picture)
    assert np.all(drawn[5::6] == 1)
    assert np.all(drawn[:, 6::7] == 1)
    assert np.all(drawn[12:, 7:] == 1)  # the last row has one picture


def test_fewer_images_than_columns_make_one_row_of_them():
    assert canvas(image_grid(PICTURES[:2], columns=10)).shape == (5, 13)


def test_a_channel_axis_changes_nothing():
    assert np.array_equal(canvas(image_grid(PICTURES[..., None])), canvas(image_grid(PICTURES)))


def test_values_beyond_the_unit_interval_are_clipped():
    assert canvas(image_grid(np.array([[[-0.5, 1.5]]]))).tolist() == [[1.0, 0.0]]


def test_a_grid_says_what_it_shows():
    assert image_grid(PICTURES, title="generated").get_title(loc="left") == "generated"
    assert image_grid(PICTURES).get_title(loc="left") == ""


def test_what_a_linear_decoder_overshoots_here_and_there_is_clipped_as_it_was():
    images = np.random.default_rng(1).random((2, 9, 9))
    images[0, 0, :6], images[1, 1, :6] = -0.6, 1.7
    drawn = canvas(image_grid(images, columns=2))
    assert np.array_equal(drawn[:, :9], 1 - np.clip(images[0], 0, 1))
    assert np.array_equal(drawn[:, 10:], 1 - np.clip(images[1], 0, 1))


DRAWN = {
    "image_grid": image_grid,
    "image_rows": lambda images: image_rows({"real": images}),
    "filmstrip": lambda images: filmstrip({0: images}, real=images),
}
drawn_by = pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)


@drawn_by
@pytest.mark.parametrize("shape", [(28, 28), (5, 784), (0, 8, 8), (2, 5, 8, 8, 1), (), (9, 8, 3), (9, 8, 1)])
def test_what_are_no_images_is_refused(draw, shape):
    with pytest.raises(ValueError, match=r"must have shape \(n, height, width\)") as caught:
        draw(np.zeros(shape))
    assert str(shape) in str(caught.value)
    assert plt.get_fignums() == []


@drawn_by
@pytest.mark.parametrize(
    ("images", "what"),
    [
        (2 * PICTURES - 1, "values from -0.9"),
        (0.4 * PICTURES - 0.2, "values from -0.1"),  # a tanh generator before training
        (255 * PICTURES, "Raw pixels"),
        ((255 * PICTURES).astype("int64"), "Raw pixels"),
        ((16 * PICTURES).astype("int64"), "/ 15"),
        ((65535 * PICTURES).astype("uint16"), "16 bits"),
        ((PICTURES - 0.5) / 0.29, "From the least to the largest"),
        (np.moveaxis(RNG.random((7, 8, 9, 3)), -1, 1), "channels come first"),
        (RNG.random((7, 1, 8, 9)), "channels come first"),
        (RNG.random((7, 8, 9, 4)), "opacity"),
        (RNG.random((7, 8, 9, 2)), "one channel"),
        (RNG.random((9, 8, 3)), "one image"),
        (RNG.random((28, 28)), "one image"),
        (RNG.random((7, 784)), "flat"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_would_make_a_wrong_picture_is_refused_and_the_repair_makes_the_right_one(draw, images, what):
    before = images.copy()
    with pytest.raises(ValueError, match=r"must (have shape|lie in)") as caught:
        draw(images)
    message = str(caught.value)
    assert what in message
    code = message[message.rindex("? ") + 2 :] if "? " in message else message[message.rindex(": ") + 2 :]
    code = code.rsplit(": ", 1)[-1].removesuffix(".")
    draw(eval(code, {"images": images, "np": np}))
    assert np.array_equal(images, before)


def test_bytes_are_drawn_as_the_greys_they_are():
    grey = (255 * PICTURES).astype("uint8")
    assert np.allclose(canvas(image_grid(grey)), canvas(image_grid(grey / 255.0)))
    binary = (PICTURES > 0.5).astype("uint8")
    assert np.array_equal(canvas(image_grid(binary)), canvas(image_grid(PICTURES > 0.5)))
    assert set(np.unique(canvas(image_grid(binary)))) == {0.0, 1.0}


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
def test_colours_are_drawn_as_they_are_on_paper(dtype):
    colours = RNG.random((5, 6, 7, 3))
    images = (255 * colours).astype("uint8") if dtype == "uint8" else colours.astype(dtype)
    ax = image_grid(images, columns=3)
    drawn = canvas(ax)
    assert drawn.shape == (2 * 7 - 1, 3 * 8 - 1, 3)
    expected = images / 255 if dtype == "uint8" else images
    assert np.allclose(drawn[7:13, 8:15], expected[4])
    assert np.all(drawn[6] == 1)
    assert np.all(drawn[7:, 16:] == 1)
    rows = canvas(image_rows({"real": images, "made": images[::-1]}))
    assert np.allclose(rows[:6, :7], expected[0])
    assert np.allclose(rows[7:, :7], expected[-1])


def test_rows_of_several_sizes_or_of_grey_and_colour_are_refused():
    with pytest.raises(ValueError, match="all grey or all in colour"):
        image_rows({"real": RNG.random((5, 6, 7, 3)), "made": RNG.random((5, 6, 7))})
    with pytest.raises(ValueError, match="images of one size"):
        image_rows({"real": RNG.random((5, 6, 7)), "made": RNG.random((5, 7, 7))})
    with pytest.raises(ValueError, match="at least one row"):
        image_rows({})


@drawn_by
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_pictures_of_a_training_that_broke_are_no_blank_pictures(draw, bad):
    images = PICTURES.copy()
    images[2:4, 1, 1] = bad
    with pytest.raises(ValueError, match=r"NaN or infinity in 2 of 7.*its training broke"):
        draw(images)


def test_pictures_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="must be an array of numbers"):
        image_grid(np.array([[["a"]]]))


@pytest.mark.parametrize("bad", [np.full((3, 3), 2.0), np.full((3, 3), -5.0), np.full((3, 3), np.nan)])
def test_logits_in_the_place_of_probabilities_are_refused(bad):
    with pytest.raises(ValueError, match=r"numbers in \[0, 1\].*1 / \(1 \+ np.exp\(-logits\)\)"):
        discriminator_field(bad, POINTS, POINTS)


def test_rows_are_labelled_at_their_height_and_hold_their_images():
    ax = image_rows({"real": PICTURES, "reconstructed": 1 - PICTURES})
    assert [label.get_text() for label in ax.get_yticklabels()] == ["real", "reconstructed"]
    assert ax.get_yticks().tolist() == [2.5, 8.5]  # the middles of rows 0–4 and 6–10, within half a pixel
    drawn = canvas(ax)
    assert np.array_equal(drawn[:5, :6], 1 - PICTURES[0])
    assert np.array_equal(drawn[6:, :6], PICTURES[0])
    assert np.array_equal(drawn[6:, -6:], PICTURES[-1])
    assert ax.get_xticks().size == 0


def test_rows_of_different_lengths_are_refused_with_their_lengths():
    with pytest.raises(ValueError, match="as many images") as caught:
        image_rows({"real": PICTURES, "generated": PICTURES[:3]})
    assert "'real': 7" in str(caught.value)
    assert "'generated': 3" in str(caught.value)
    with pytest.raises(ValueError, match="as many images"):
        image_rows({})


def test_curves_count_from_one_and_are_labelled():
    ax = curves({"training": [3, 2, 1], "validation": [4, 3]}, xlabel="epoch", ylabel="loss / nats")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss / nats")
    assert [line.get_xydata().tolist() for line in ax.lines] == [[[1, 3], [2, 2], [3, 1]], [[1, 4], [2, 3]]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["training", "validation"]
    assert [line.get_color() for line in ax.lines] == list(PALETTE[:2])


def test_curves_over_a_given_axis_keep_it():
    ax = curves({"a": [1, 2]}, xlabel="latent dimensions", ylabel="nats", x=[8, 16])
    assert ax.lines[0].get_xdata().tolist() == [8, 16]


def test_more_curves_than_colours_begin_again():
    ax = curves({str(i): [i] for i in range(10)}, xlabel="x", ylabel="y")
    assert len(ax.lines) == 10
    assert ax.lines[8].get_color() == PALETTE[0]


def test_a_health_chart_begins_before_training_and_names_its_marks():
    ax = health_chart({"mine": [44.0, 30.0, 20.0], "runaway": [44.0, -3e5]}, (44.4, 27.1, 13.7))
    curve = next(line for line in ax.lines if line.get_label() == "mine")
    assert list(curve.get_xdata()) == [0, 1, 2]
    assert [text.get_text() for text in ax.texts] == ["untrained: 44.4", "ignores its code: 27.1", "floor: 13.7"]
    low, high = ax.get_ylim()
    assert 0 < low < 13.7 < 44.4 < high < 60, "what runs away does not squash the rest"


def test_labels_of_marks_that_coincide_stand_above_and_below():
    ax = health_chart({"mine": [2.0, 1.0]}, (187.5, 187.5, 14.5))
    assert [text.get_va() for text in ax.texts] == ["bottom", "top", "center"]
    ax = health_chart({"mine": [2.0, 1.0]}, (44.4, 27.1, 13.7))
    assert [text.get_va() for text in ax.texts] == ["center", "center", "center"]


def test_a_mark_that_is_not_finite_is_left_out_of_a_health_chart():
    ax = health_chart({"mine": [2.0, 1.0]}, (3.0, 1.0, -np.inf))
    assert [text.get_text() for text in ax.texts] == ["untrained: 3.0", "ignores its code: 1.0"]


def test_classes_have_their_colour_and_their_name_at_their_median():
    ax = scatter(POINTS, LABELS, class_names=("A", "B", "C"))
    assert [text.get_text() for text in ax.texts] == ["A", "B", "C"]
    for label, text in enumerate(ax.texts):
        assert text.get_position() == pytest.approx(np.median(POINTS[label == LABELS], axis=0))
    found = [collection.get_facecolor()[0, :3] for collection in ax.collections]
    assert np.allclose(found, [matplotlib.colors.to_rgb(colour) for colour in PALETTE[:3]])
    drawn = np.concatenate([np.asarray(collection.get_offsets()) for collection in ax.collections])
    assert np.array_equal(np.sort(drawn, axis=0), np.sort(POINTS, axis=0))


def test_names_belong_to_labels_though_some_are_absent():
    ax = scatter(POINTS[:4], [2, 2, 0, 0], class_names=("A", "B", "C"))
    assert [text.get_text() for text in ax.texts] == ["A", "C"]
    assert [text.get_text() for text in scatter(POINTS[:4], [2, 2, 0, 0]).texts] == ["0", "2"]


def test_axes_of_a_scatter_are_labelled():
    assert scatter(POINTS).get_xlabel() == "$z_1$"
    ax = scatter(POINTS, xlabel="first component", ylabel="second component")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("first component", "second component")


# What people without one kind of cone see, in linear RGB (Viénot, Brettel & Mollon, 1999).
DICHROMACIES = {
    "deuteranopia": [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]],
    "protanopia": [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]],
}


@pytest.mark.parametrize("matrix", DICHROMACIES.values(), ids=DICHROMACIES.keys())
def test_neighbouring_colours_of_the_palette_differ_for_people_who_see_few_colours(matrix):
    linear = np.array([matplotlib.colors.to_rgb(colour) for colour in PALETTE]) ** 2.2
    seen = np.clip(linear @ np.transpose(matrix), 0, 1) ** (1 / 2.2)
    steps = np.linalg.norm(np.diff(seen, axis=0), axis=1)
    assert len(set(PALETTE)) == len(PALETTE) == 8
    assert steps.min() > 0.2


def test_an_ellipse_has_the_asked_distance_from_its_mean_in_standard_deviations():
    means = np.array([[1.0, -2.0], [0.0, 3.0]])
    covariances = np.array([[[2.0, 0.9], [0.9, 0.7]], [[0.1, 0.0], [0.0, 4.0]]])
    ax = covariance_ellipses(means, covariances, radius=1.5)
    for line, mean, covariance in zip(ax.lines, means, covariances, strict=True):
        away = line.get_xydata() - mean
        distances = np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance), away)
        np.testing.assert_allclose(distances, 1.5**2, rtol=1e-9)
        np.testing.assert_allclose(away[:-1].mean(axis=0), 0, atol=1e-9)  # closed, and all the way round


def test_two_variances_stand_for_a_diagonal_covariance_and_the_legend_names_ellipses_once():
    variances = np.array([[1.0, 4.0], [0.25, 9.0]])
    ax = covariance_ellipses(np.zeros((2, 2)), variances, radius=2.0, label="q(z|x)")
    ends = [line.get_xydata().max(axis=0) for line in ax.lines]
    np.testing.assert_allclose(ends, 2.0 * np.sqrt(variances), rtol=1e-9)
    assert ax.get_legend_handles_labels()[1] == ["q(z|x)"]


@pytest.mark.parametrize(("means", "covariances"), [(np.zeros((3, 4)), np.ones((3, 4))), (np.zeros((3, 2)), np.eye(2))])
def test_ellipses_of_what_is_no_plane_are_refused(means, covariances):
    with pytest.raises(ValueError, match="means should be"):
        covariance_ellipses(means, covariances)


def test_balls_are_circles_of_their_own_radius_around_their_centres():
    radii = np.linspace(0.5, 2.0, 30)
    ax = balls(POINTS, radii, label="real")
    np.testing.assert_allclose([patch.center for patch in ax.patches], POINTS)
    np.testing.assert_allclose([patch.radius for patch in ax.patches], radii)
    assert ax.get_aspect() == 1.0
    assert ax.get_legend_handles_labels()[1] == ["real"]


@pytest.mark.parametrize(("centres", "radii"), [(np.zeros((3, 3)), np.ones(3)), (np.zeros((3, 2)), np.ones(2))])
def test_balls_outside_the_plane_or_without_a_radius_each_are_refused(centres, radii):
    with pytest.raises(ValueError, match="centres should be"):
        balls(centres, radii)


def test_each_named_point_stands_where_it_belongs_with_its_name():
    ax = labelled_points({"good": (0.9, 0.8), "bad": (0.1, 0.2)}, xlabel="recall", ylabel="precision")
    assert [(text.get_text(), text.xy) for text in ax.texts] == [("good", (0.9, 0.8)), ("bad", (0.1, 0.2))]
    places = [dots.get_offsets()[0].tolist() for dots in ax.collections]
    assert places == [[0.9, 0.8], [0.1, 0.2]]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("recall", "precision")


def test_a_phase_portrait_shows_each_path_its_start_and_arrows_of_one_length_along_the_field():
    paths = {"in": POINTS[:5], "out": POINTS[5:9]}
    ax = phase_portrait(paths, field=lambda theta, psi: (-3 * psi, 3 * theta))
    by_label = {line.get_label(): line.get_xydata() for line in ax.lines}
    for label, path in paths.items():
        np.testing.assert_allclose(by_label[label], path)
    starts = [line.get_xydata()[0] for line in ax.lines if line.get_marker() == "o"]
    np.testing.assert_allclose(starts, [POINTS[0], POINTS[5]])
    (arrows,) = [each for each in ax.collections if hasattr(each, "U")]
    np.testing.assert_allclose(np.hypot(arrows.U, arrows.V), 1.0)
    at = arrows.get_offsets()
    np.testing.assert_allclose(arrows.U * at[:, 0] + arrows.V * at[:, 1], 0, atol=1e-9)  # along the circles
    assert (arrows.V * at[:, 0] - arrows.U * at[:, 1] > 0).all()  # counter-clockwise
    assert np.abs(at).max() > np.abs(POINTS[:9]).max()


def test_phase_portraits_of_one_reach_can_be_compared():
    for path in ([[0.1, 0.0]], [[7.0, 0.0]]):
        ax = phase_portrait({"path": path}, field=lambda theta, psi: (-psi, theta), reach=1.5)
        (arrows,) = [each for each in ax.collections if hasattr(each, "U")]
        assert ax.get_xlim() == ax.get_ylim() == (-1.5, 1.5)
        assert np.abs(arrows.get_offsets()).max() == 1.5


def test_a_field_that_vanishes_somewhere_has_no_arrow_there():
    ax = phase_portrait({"rest": [[0.0, 1.0]]}, field=lambda theta, psi: (0 * theta, 0 * psi))
    (arrows,) = [each for each in ax.collections if hasattr(each, "U")]
    assert not np.hypot(arrows.U, arrows.V).any()


def test_a_diagram_has_its_boxes_grey_ones_and_arrows_from_box_to_box():
    bent = {"color": PALETTE[1], "connectionstyle": "arc3,rad=0.5"}
    arrows = [("noise", "G", "z", {}), ("G", "noise", "gradient", bent)]
    ax = diagram({"noise": (0, 0), "G": (2, 0)}, arrows, shaded=["G"])
    by_text = {text.get_text(): text for text in ax.texts if text.get_text()}
    assert list(by_text) == ["noise", "G", "z", "gradient"]
    grounds = [by_text[name].get_bbox_patch().get_facecolor()[0] for name in ("noise", "G")]
    assert grounds == pytest.approx([1.0, 0.85])
    drawn = [(text.xyann, text.xy) for text in ax.texts if not text.get_text()]
    assert drawn == [((0, 0), (2, 0)), ((2, 0), (0, 0))]
    assert by_text["z"].get_position() == (1, 0)
    ax.figure.canvas.draw()
    [*_, arrow] = [text.arrow_patch for text in ax.texts if not text.get_text()]
    middle = ax.transData.inverted().transform(arrow.get_path().vertices.mean(axis=0))
    assert np.sign(by_text["gradient"].get_position()[1]) == np.sign(middle[1]) != 0  # beside the bent arrow
    assert by_text["gradient"].get_color() == PALETTE[1]


def test_an_arrow_of_a_diagram_to_no_box_is_refused_by_name():
    with pytest.raises(ValueError, match="must join two of z, G; got 'D'"):
        diagram({"z": (0, 0), "G": (1, 0)}, [("G", "D", "", {})])


def test_an_eigenvalue_plane_shows_the_numbers_and_the_unit_circle():
    ax = eigenvalue_plane({"a": [[1 + 2j], [3 - 1j]], "real": [0.5]})
    circle, first, second = ax.lines
    np.testing.assert_allclose(np.hypot(*circle.get_xydata().T), 1.0)
    np.testing.assert_allclose(first.get_xydata(), [[1, 2], [3, -1]])
    np.testing.assert_allclose(second.get_xydata(), [[0.5, 0]])
    assert first.get_marker() != second.get_marker()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "real"]


def test_a_field_has_its_low_rows_below_and_an_arrow_at_each_sample():
    probability = np.array([[0.1, 0.1], [0.6, 0.6]])  # more real where x_2 is high
    samples, arrows = np.array([[0.0, 0.0], [1.0, -1.0]]), np.array([[0.5, 0.0], [0.0, 1.0]])
    ax = discriminator_field(probability, POINTS, samples, arrows, reach=2.0)
    field, [quiver] = ax.images[0], [one for one in ax.collections if hasattr(one, "U")]
    assert (field.origin, field.get_extent()) == ("lower", [-2.0, 2.0, -2.0, 2.0])
    assert np.array_equal(field.get_array(), probability)
    assert field.get_clim() == (0, 1), "white is undecided, whatever the probabilities are"
    low, high = field.cmap(field.norm(0.1)), field.cmap(field.norm(0.9))
    assert low[0] > low[2], "red is generated"
    assert high[2] > high[0], "blue is real"
    assert np.array_equal(quiver.XY, samples)
    assert np.array_equal(np.stack([quiver.U, quiver.V], axis=1), arrows)
    assert quiver.scale == 1
    assert quiver.angles == quiver.scale_units == "xy"


def test_a_moving_picture_plays_every_frame_and_stays_at_the_last():
    film = moving_picture(
        lambda share: image_grid(np.full((1, 4, 4), share)), [0.0, 0.5, 1.0], "It darkens.", 0.2, dpi=20
    )
    with Image.open(io.BytesIO(film.data)) as played:
        shown = []
        for frame in range(played.n_frames):
            played.seek(frame)
            shown.append(
                (np.asarray(played.convert("L"))[played.height // 2, played.width // 2], played.info["duration"])
            )
        assert played.info["loop"] == 0
    assert [duration for _, duration in shown] == [200, 200, 800]
    assert shown[0][0] > shown[1][0] > shown[2][0], "white is 0, black is 1"
    assert not plt.get_fignums(), "no figure stays open, to be shown once more"


def test_a_moving_picture_needs_a_frame():
    with pytest.raises(ValueError, match="at least one frame"):
        moving_picture(image_grid, [], "Nothing.")


WORDS = "Seven grey pictures of noise, side by side in three columns."


@pytest.fixture
def displayed(monkeypatch):
    """What `show` hands to the notebook: figures and their metadata."""
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda figure, metadata: shown.append((figure, metadata)))
    return shown


@drawing
def test_a_figure_is_shown_once_with_its_text_and_closed(draw, displayed):
    ax = draw()
    show(alt=WORDS)
    assert displayed == [(ax.figure, {"image/png": {"alt": WORDS}})]
    assert plt.get_fignums() == []


@pytest.mark.parametrize("part", [lambda ax: ax, lambda ax: ax.figure], ids=["an Axes", "a figure"])
def test_of_two_figures_the_one_that_is_named_is_shown(part, displayed):
    first, _ = image_grid(PICTURES), image_grid(PICTURES)
    show(part(first), alt=WORDS)
    assert [figure for figure, _ in displayed] == [first.figure]
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize("text", ["", "A figure.", None, 3])
def test_a_figure_without_a_text_is_not_shown(text, displayed):
    image_grid(PICTURES)
    with pytest.raises(ValueError, match=r"at least 40 characters; got .*what one should see"):
        show(alt=text)
    assert displayed == []


def test_nothing_drawn_is_not_shown(displayed):
    with pytest.raises(ValueError, match="Draw it first"):
        show(alt=WORDS)
    assert plt.get_fignums() == []


def test_a_shown_figure_has_a_white_ground_whatever_the_settings(displayed, tmp_path):
    with plt.rc_context({"figure.facecolor": (0, 0, 0, 0)}):
        show(curves({"training": [3, 2, 1]}, xlabel="epoch", ylabel="loss / nats"), alt=WORDS)
        [(figure, _)] = displayed
        figure.savefig(tmp_path / "figure.png", dpi=40)
    with Image.open(tmp_path / "figure.png") as stored:
        assert stored.convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)


@pytest.mark.parametrize("width", [4.0, 9.0, 12.0])
def test_letters_can_be_read_on_a_phone_however_wide_the_figure_is(width, displayed):
    figure, axes = plt.subplots(1, 3, figsize=(width, 3))
    for ax in axes:
        curves({"training": [3, 2, 1]}, xlabel="epoch", ylabel="loss / nats", ax=ax)
        ax.legend(fontsize=6)
        ax.set_title("three", fontsize=14)
        ax.text(1, 1, "here", fontsize=7)
    figure.canvas.draw()
    axes[0].set_xlim(0, 40)  # new ticks
    show(figure, alt=WORDS)
    figure.canvas.draw()
    sizes = [text.get_fontsize() for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
    assert min(sizes) * 390 / (72 * width) >= 5 - 1e-9
    assert {14.0} <= set(sizes), "large letters stay as they are"


@drawing
def test_what_the_library_draws_can_be_read_on_a_phone_as_it_is(draw):
    figure = draw().figure
    figure.canvas.draw()
    sizes = [text.get_fontsize() for text in figure.findobj(Text) if text.get_text()]
    assert min(sizes, default=10) * 390 / (72 * figure.get_figwidth()) >= 5


def test_ten_classes_have_ten_marks():
    ax = scatter(RNG.normal(size=(100, 2)), np.arange(100) % 10)
    marks = [(tuple(each.get_facecolor()[0]), each.get_paths()[0].vertices.tobytes()) for each in ax.collections]
    assert len(set(marks)) == 10
    assert len({marker for _, marker in marks}) == 10, "whoever sees no colour has ten markers"
    first = list(itertools.islice(class_marks(), 80))
    assert len({marker for _, marker in first[:10]}) == 10
    assert [colour for colour, _ in first[:8]] == list(PALETTE)


def test_a_moving_picture_has_its_text():
    film = moving_picture(lambda share: image_grid(np.full((1, 4, 4), share)), [0.0, 1.0], "It darkens.", dpi=20)
    _, metadata = film._repr_mimebundle_()
    assert metadata["image/gif"]["alt"] == "It darkens."


# --- sliders ---


def _bell(width, count=1):
    return curves({"y": np.full(count + 1, width)}, xlabel="x", ylabel="y")


_SLIDERS = {"width": (0.5, 2.0, 1.0), "count": (1, 9, 3), "alt": "A line whose height and length the sliders choose."}


class _Shown:
    """What a notebook displays, and what takes the place of what."""

    def __init__(self):
        self.displayed, self.updates = [], []

    def display(self, thing, **options):
        self.displayed.append((thing, options))
        return self

    def update(self, thing, **options):
        self.updates.append((thing, options))


@pytest.fixture
def screen(monkeypatch):
    shown = _Shown()
    monkeypatch.setattr("IPython.display.display", shown.display)
    return shown


def test_a_slider_that_nobody_can_move_is_the_figure_alone_with_its_text(screen):
    plotting.slider(_bell, **_SLIDERS)
    [(figure, options)] = screen.displayed
    assert isinstance(figure, plt.Figure)
    assert options == {"metadata": {"image/png": {"alt": f"{_SLIDERS['alt']} Here: width 1, count 3."}}}
    assert figure.number not in plt.get_fignums()


def test_a_slider_without_ipywidgets_is_the_figure_alone(screen, monkeypatch):
    monkeypatch.setattr(plotting, "shell_of_a_person", lambda: "shell")
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    plotting.slider(_bell, **_SLIDERS)
    assert len(screen.displayed) == 1


def test_a_person_moves_sliders_and_the_figure_is_drawn_anew_in_its_place(screen, monkeypatch):
    pytest.importorskip("ipywidgets")
    monkeypatch.setattr(plotting, "shell_of_a_person", lambda: "shell")
    plotting.slider(_bell, **_SLIDERS)
    (figure, options), (box, _) = screen.displayed
    assert options["display_id"] is True
    width, count = box.children
    assert (type(width).__name__, type(count).__name__) == ("FloatSlider", "IntSlider")
    assert [(each.min, each.max, each.value, each.description) for each in box.children] == [
        (0.5, 2.0, 1.0, "width"),
        (1, 9, 3, "count"),
    ]
    width.value = 1.5
    count.value = 7
    assert len(screen.displayed) == 2
    (first, _), (second, after) = screen.updates
    assert first.axes[0].lines[0].get_ydata().tolist() == [1.5] * 4
    assert second.axes[0].lines[0].get_ydata().tolist() == [1.5] * 8
    assert after["metadata"]["image/png"]["alt"].endswith("Here: width 1.5, count 7.")
    assert figure.axes[0].lines[0].get_ydata().tolist() == [1.0] * 4


@pytest.mark.parametrize(
    ("ends", "step"),
    [((0.2, 3.0), 0.05), ((-2.0, 2.0), 0.05), ((-3.0, 3.0), 0.1), ((0.0, 1.0), 0.02), ((0.0, 900.0), 10)],
)
def test_a_slider_moves_in_round_steps(ends, step):
    assert plotting._round_step(*ends) == pytest.approx(step)


_ODD_ENDS = [
    {"width": each}
    for each in (1.0, None, "123", (1, 1, 1), ("0", "2", "1"), (0, np.nan, 0), (0, np.inf, 1), (0.0, 1e300, 1.0),
                 (0, 10**400, 1), (0, 5e-324, 0), (False, True, True), (0, 1, None))
]  # fmt: skip


@pytest.mark.parametrize(
    "values", [{}, {"width": (0.0, 1.0, 2.0)}, {"width": (0.0, 1.0)}, {"width": (3, 1, 2)}, *_ODD_ENDS]
)
def test_a_slider_that_cannot_be_moved_is_refused(values):
    with pytest.raises(ValueError, match="each slider must be"):
        plotting.slider(_bell, alt=_SLIDERS["alt"], **values)


def test_a_slider_of_numbers_of_numpy_is_one_of_whole_numbers(screen, monkeypatch):
    pytest.importorskip("ipywidgets")
    monkeypatch.setattr(plotting, "shell_of_a_person", lambda: "shell")
    plotting.slider(_bell, alt=_SLIDERS["alt"], width=np.linspace(0, 2, 3)[[0, 2, 1]], count=tuple(np.array([1, 9, 3])))
    assert [type(each).__name__ for each in screen.displayed[1][0].children] == ["FloatSlider", "IntSlider"]
    with pytest.raises(ValueError, match="draw must be a function"):
        plotting.slider("a bell", **_SLIDERS)
