"""What the exercises on scores accept beside their references."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.special import rel_entr, xlogy
from sklearn.neighbors import NearestNeighbors

from course_lib.exercises import judging_generative_models as exercises

RIGHT = "right"


def by_loops(real, samples, num_neighbors):
    inside = 0
    radii = [sorted(np.linalg.norm(real - point, axis=1))[num_neighbors] for point in real]
    for sample in samples:
        inside += any(np.linalg.norm(sample - point) <= radius for point, radius in zip(real, radii, strict=True))
    return inside / len(samples)


def by_scikit_learn(real, samples, num_neighbors):
    radii = NearestNeighbors(n_neighbors=num_neighbors + 1).fit(real).kneighbors(real)[0][:, -1]
    return np.mean(np.any(cdist(samples, real) <= radii * (1 + 1e-12), axis=1))


def by_the_diagonal(real, samples, num_neighbors):
    apart = cdist(real, real)
    np.fill_diagonal(apart, np.inf)
    return (cdist(samples, real) <= np.partition(apart, num_neighbors - 1)[:, num_neighbors - 1]).any(1).mean()


def by_entropies(probabilities):
    mean = probabilities.mean(axis=0)
    return np.exp(xlogy(probabilities, probabilities).sum(axis=1).mean() - xlogy(mean, mean).sum())


def by_relative_entropy(probabilities):
    return np.exp(np.mean(np.sum(rel_entr(probabilities, probabilities.mean(0, keepdims=True)), axis=-1)))


def with_a_small_number(probabilities):
    mean = probabilities.mean(axis=0)
    return np.exp((probabilities * (np.log(probabilities + 1e-12) - np.log(mean + 1e-12))).sum(1).mean())


@pytest.mark.parametrize("answer", [by_loops, by_scikit_learn, by_the_diagonal])
def test_a_precision_in_other_words_is_right(answer):
    assert exercises.PRECISION.judge(answer) == RIGHT


@pytest.mark.parametrize("answer", [by_entropies, by_relative_entropy, with_a_small_number])
def test_an_inception_score_in_other_words_is_right(answer):
    assert exercises.INCEPTION_SCORE.judge(answer) == RIGHT
