"""What the exercises of compression and anomalies accept beside their references."""

import numpy as np
import pytest
from scipy import stats

from course_lib.exercises import compression_and_anomalies as exercises

RIGHT = "right"


def push_by_divmod(state, symbol, frequencies):
    whole, rest = divmod(state, frequencies[symbol])
    return whole * sum(frequencies) + rest + sum(frequencies[i] for i in range(symbol))


def push_by_cumsum(state, symbol, frequencies):
    ends = [0, *np.cumsum(frequencies).tolist()]
    return state // frequencies[symbol] * ends[-1] + ends[symbol] + state % frequencies[symbol]


def masses_by_frozen_laws(mean, log_var, edges):
    laws = [stats.norm(m, np.sqrt(np.exp(v))) for m, v in zip(mean, log_var, strict=True)]
    return np.stack([np.diff(law.cdf(edges)) for law in laws])


def masses_by_differences(mean, log_var, edges):
    below = stats.norm.cdf(edges, loc=mean[:, None], scale=np.exp(log_var / 2)[:, None])
    return below[:, 1:] - below[:, :-1]


def masses_with_the_sum_one(mean, log_var, edges):
    masses = masses_by_differences(mean, log_var, edges)
    return masses / masses.sum(axis=1, keepdims=True)


def threshold_by_partition(calibration, alpha):
    k = int(np.ceil(round((1 - alpha) * (len(calibration) + 1), 9)))
    return np.partition(calibration, k - 1)[k - 1]


def threshold_by_quantile(calibration, alpha):
    level = np.ceil(round((1 - alpha) * (len(calibration) + 1), 9)) / len(calibration)
    return np.quantile(calibration, level - 1e-9, method="inverted_cdf")


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (exercises.PUSH, push_by_divmod),
        (exercises.PUSH, push_by_cumsum),
        (exercises.BIN_MASSES, masses_by_frozen_laws),
        (exercises.BIN_MASSES, masses_by_differences),
        (exercises.BIN_MASSES, masses_with_the_sum_one),
        (exercises.CONFORMAL_THRESHOLD, threshold_by_partition),
        (exercises.CONFORMAL_THRESHOLD, threshold_by_quantile),
        (exercises.AUROC_BY_HAND, 0.458),
        (exercises.AUROC_BY_HAND, 0.46),
        (exercises.BITS_OF_A_VAE, 0.177),
        (exercises.BITS_OF_A_VAE, 0.18),
        (exercises.PRECISION_OF_ALARMS, 0.296),
        (exercises.PRECISION_OF_ALARMS, 0.3),
        (exercises.READ_THE_TABLE, ["(A)", "(f)"]),
    ],
)
def test_a_right_answer_in_other_words_is_accepted(exercise, answer):
    assert exercise.judge(answer) == RIGHT


@pytest.mark.parametrize("answer", [0.04 / 0.14, 0.286, 0.29])
def test_good_parts_that_are_taken_for_all_are_seen(answer):
    assert exercises.PRECISION_OF_ALARMS.judge(answer) != RIGHT
    assert "which are 95 % of all, not all" in exercises.PRECISION_OF_ALARMS.judge(0.286)


def test_a_quotient_of_floats_is_refused():
    said = exercises.PUSH.judge(lambda s, symbol, f: int(s / f[symbol]) * sum(f) + sum(f[:symbol]) + s % f[symbol])
    assert "keeps 53 bits" in said


def test_another_wrong_push_is_answered_with_a_case():
    said = exercises.PUSH.judge(lambda s, symbol, f: s + symbol)
    assert said.startswith("not yet: push(1000, 1, [11, 3, 2]) should be")


def test_a_push_with_numbers_of_numpy_is_told_why_it_stops():
    said = exercises.PUSH.judge(
        lambda s, symbol, f: s // f[symbol] * sum(f) + np.cumsum([0, *f])[symbol] + s % f[symbol]
    )
    assert "NumPy has room for 64" in said
    assert "`int(…)`" in said
    assert "of your cell: " in said


@pytest.mark.parametrize(
    ("turned", "said"),
    [
        (float, "the new state is a float, which keeps 53 bits"),
        (lambda state: np.array(state, dtype=object), "the new state is a number of NumPy"),
        (str, "one whole number; yours is of type str"),
        (lambda state: [state], "one whole number; yours is of type list"),
        (lambda state: None if state > 1000 else state, "for some inputs your function returns None"),
        (lambda state: state + (state > 2**100), "right for short states, and wrong for one of 201 bits"),
    ],
)
def test_a_state_of_another_kind_is_told_so(turned, said):
    assert said in exercises.PUSH.judge(lambda *message: turned(push_by_divmod(*message)))


def test_ties_are_no_reason_to_leave_scores_out():
    def threshold_of_different_scores(calibration, alpha):
        different = np.unique(calibration)
        return different[min(int(np.ceil((1 - alpha) * (len(calibration) + 1) - 1e-9)), len(different)) - 1]

    assert exercises.CONFORMAL_THRESHOLD.judge(threshold_of_different_scores) != RIGHT


def test_the_most_common_slips_in_a_rank_get_their_sentences():
    def one_too_far(calibration, alpha):
        return np.sort(calibration)[int(np.ceil((1 - alpha) * (len(calibration) + 1) - 1e-9))]

    def a_float_for_an_index(calibration, alpha):
        return np.sort(calibration)[np.ceil((1 - alpha) * (len(calibration) + 1)) - 1]

    assert "Python counts from 0" in exercises.CONFORMAL_THRESHOLD.judge(one_too_far)
    assert "an index is a whole number" in exercises.CONFORMAL_THRESHOLD.judge(a_float_for_an_index)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda scores, alpha: np.sort(scores)[round((1 - alpha) * (len(scores) + 1)) - 1], "rounded to the nearest"),
        (lambda scores, alpha: np.quantile(scores, 1 - alpha, method="higher"), "The new one counts, too"),
    ],
)
def test_a_threshold_that_is_right_for_some_numbers_is_refused(answer, sentence):
    assert sentence in exercises.CONFORMAL_THRESHOLD.judge(answer)
