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


def round_by_norm(game, real_batches, weight, rng):
    for x in real_batches:
        made = game.generate(len(x))
        share = rng.random(len(x))[:, None]
        slopes = game.slopes(made + share * (x - made))
        penalty = weight * np.mean((np.linalg.norm(slopes, axis=1) - 1) ** 2)
        game.step_critic(np.mean(game.scores(made)) - np.mean(game.scores(x)) + penalty)
    game.step_generator(-np.mean(game.scores(game.generate(64))))


def round_with_kept_samples(game, real_batches, weight, rng):
    for x in real_batches:
        made, share = game.generate(len(x)), rng.uniform(size=(len(x), 1))
        length = np.sqrt((game.slopes(share * x + (1 - share) * made) ** 2).sum(1))
        game.step_critic(float((game.scores(made) - game.scores(x) + weight * (length - 1) ** 2).mean()))
    game.step_generator(-game.scores(made).mean())


@pytest.mark.parametrize("answer", [round_by_norm, round_with_kept_samples])
def test_a_round_in_other_words_is_right(answer):
    assert wasserstein_gans.WGAN_GP_ROUND.judge(answer) == RIGHT


def test_an_empty_round_is_not_answered_yet():
    def empty(game, real_batches, weight, rng): ...

    assert wasserstein_gans.WGAN_GP_ROUND.judge(empty) == "not answered yet"


def test_positions_in_the_order_of_the_batch_are_refused():
    def in_order(real, samples, rng):
        share = np.sort(rng.uniform(size=len(real))).reshape(-1, *[1] * (real.ndim - 1))
        return share * real + (1 - share) * samples

    assert "in order" in wasserstein_gans.BETWEEN.judge(in_order)
