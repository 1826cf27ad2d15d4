"""What the exercises on Wasserstein GANs accept beside their references, and what they say to half an answer."""

import numpy as np
import pytest
from scipy import stats

from course_lib.exercises import wasserstein_gans

RIGHT = "right"


def counted_from_the_other_end(real, samples, rng):
    share = rng.random((len(real), *[1] * (real.ndim - 1)))
    return real + share * (samples - real)


def by_scipy(p, q, width):
    places = width * np.arange(len(p))
    return stats.wasserstein_distance(places, places, p, q)


def image_by_image(slopes, weight):
    return [weight * (np.linalg.norm(each) - 1) ** 2 for each in slopes]


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (wasserstein_gans.BETWEEN, counted_from_the_other_end),
        (wasserstein_gans.AREA_BETWEEN, by_scipy),
        (wasserstein_gans.PENALTY_OF_IMAGES, image_by_image),
        (wasserstein_gans.SLOPE_OF_TWO_POINTS, lambda distance, weight: (2 * weight + distance) / (2 * weight)),
        (wasserstein_gans.WHICH_ARE_LIPSCHITZ, {"G", "F", "E", "B", "A"}),
        (wasserstein_gans.TRANSPORT_BY_HAND, 2.333),
    ],
)
def test_a_right_answer_in_other_words_is_accepted(exercise, answer):
    assert exercise.judge(answer) == RIGHT


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (0.5, "hand over the function itself"),
        (lambda real, samples, rng: None, "returns None"),
        (lambda real, samples, rng: real[:3], "should give points of that shape"),
        (lambda real, samples, rng: real * np.nan, "not finite"),
    ],
)
def test_points_that_are_none_are_refused_with_what_was_expected(answer, sentence):
    assert sentence in wasserstein_gans.BETWEEN.judge(answer)


def test_a_penalty_that_knows_one_weight_only_is_refused():
    assert wasserstein_gans.PENALTY_OF_IMAGES.judge(lambda slopes, weight: image_by_image(slopes, 10.0)) != RIGHT
