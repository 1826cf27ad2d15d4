import numpy as np
import pytest

from course_lib import metrics
from course_lib.metrics.scoreboard import SCORES, sample_scores, scores_in_blocks


@pytest.fixture(scope="module")
def sets():
    rng = np.random.default_rng(0)
    return [rng.normal(shift, 1.0, size=(n, 3)) for shift, n in ((0, 120), (0.7, 90), (0, 200), (0, 150))]


def test_every_score_is_the_metric_of_its_name(sets):
    real, generated, train, held_out = sets
    scores = sample_scores(*sets)
    assert tuple(scores) == SCORES
    assert (scores["precision"], scores["recall"]) == metrics.precision_recall(real, generated, 3)
    assert scores["F1"] == pytest.approx(2 / (1 / scores["precision"] + 1 / scores["recall"]))
    assert (scores["density"], scores["coverage"]) == metrics.density_coverage(real, generated, 5)
    assert scores["Fréchet"] == metrics.frechet_distance(real, generated)
    assert scores["kernel"] == metrics.squared_mmd(real, generated)
    assert scores["accuracy"] == metrics.classifier_two_sample_test(real, generated).accuracy
    assert scores["nearer"] == metrics.memorisation(generated, train, held_out).share_nearer


def test_blocks_are_disjoint_pairs_and_the_error_is_their_scatter(sets):
    real, generated, train, held_out = sets
    blocks = [
        sample_scores(real[40 * i : 40 * i + 40], generated[30 * i : 30 * i + 30], train, held_out) for i in range(3)
    ]
    found = scores_in_blocks(*sets, num_blocks=3)
    for name in SCORES:
        values = [block[name] for block in blocks]
        assert found[name] == pytest.approx((np.mean(values), np.std(values, ddof=1) / np.sqrt(3)))


def test_one_block_has_no_error(sets):
    with pytest.raises(ValueError, match="num_blocks should be at least 2"):
        scores_in_blocks(*sets, num_blocks=1)
