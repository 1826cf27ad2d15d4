"""What the exercises of lesson 14 accept beside their references, and what they say to half an answer."""

import numpy as np
import pytest
from scipy import stats

from course_lib.exercises import lesson_14

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
        (lesson_14.BETWEEN, counted_from_the_other_end),
        (lesson_14.AREA_BETWEEN, by_scipy),
        (lesson_14.PENALTY_OF_IMAGES, image_by_image),
        (lesson_14.SLOPE_OF_TWO_POINTS, lambda distance, weight: (2 * weight + distance) / (2 * weight)),
        (lesson_14.WHICH_ARE_LIPSCHITZ, {"G", "F", "E", "B", "A"}),
        (lesson_14.TRANSPORT_BY_HAND, 2.333),
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
    assert sentence in lesson_14.BETWEEN.judge(answer)


def test_a_penalty_that_knows_one_weight_only_is_refused():
    assert lesson_14.PENALTY_OF_IMAGES.judge(lambda slopes, weight: image_by_image(slopes, 10.0)) != RIGHT
