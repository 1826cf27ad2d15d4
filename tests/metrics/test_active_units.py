import numpy as np
import pytest

from course_lib.metrics import active_units, unit_activities

CODES = np.random.default_rng(0).normal(size=(500, 4)) * [1.0, 0.3, 0.05, 0.0] + [0.0, 5.0, 1.0, -2.0]


def test_the_activity_is_the_variance_of_the_means():
    expected = [np.mean((code - np.mean(code)) ** 2) for code in CODES.T]
    np.testing.assert_allclose(unit_activities(CODES), expected, rtol=1e-12, atol=1e-30)


def test_a_unit_is_active_if_its_mean_moves_and_not_if_it_is_merely_far_from_zero():
    assert active_units(CODES) == 2
    assert active_units(CODES + np.array([0, 0, 0, 1e3])) == 2


@pytest.mark.parametrize(("threshold", "count"), [(0.0, 3), (1e-3, 3), (0.01, 2), (0.5, 1), (2.0, 0)])
def test_the_threshold_is_a_variance(threshold, count):
    assert active_units(CODES, threshold) == count


def test_a_variance_of_exactly_the_threshold_is_not_active():
    assert active_units([[-0.5], [0.5]], threshold=0.25) == 0


def test_a_collapsed_code_has_no_active_units():
    assert active_units(np.ones((10, 7))) == 0


def test_repeating_the_data_changes_nothing():
    np.testing.assert_allclose(unit_activities(np.tile(CODES, (3, 1))), unit_activities(CODES))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((np.zeros((5,)),), "means should have shape"),
        ((np.zeros((1, 3)),), "n ≥ 2"),
        ((np.zeros((3, 0)),), "means should have shape"),
        ((np.zeros((2, 5, 3)),), "give the first of the two"),
        (([[np.nan], [1.0]],), "finite"),
        ((CODES, -0.1), "threshold should be ≥ 0"),
        ((CODES, None), "threshold should be one finite number"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        active_units(*arguments)
