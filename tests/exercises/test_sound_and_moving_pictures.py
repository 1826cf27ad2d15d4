"""What the exercises of sound and moving pictures accept beside their references."""

import numpy as np
import pytest

from course_lib.exercises import sound_and_moving_pictures as exercises

RIGHT = "right"


def windows_by_a_loop(window, hop):
    return [sum(window[n + m * hop] ** 2 for m in range(len(window) // hop)) for n in range(hop)]


def windows_by_overlap_add(window, hop):
    total = np.zeros(5 * len(window))
    for start in range(0, 4 * len(window), hop):
        total[start : start + len(window)] += window**2
    return total[2 * len(window) : 2 * len(window) + hop]


def repair_by_division(x, magnitudes, stft, istft):
    spectrum = stft(x)
    return istft(magnitudes * spectrum / np.maximum(abs(spectrum), 1e-12))


def repair_by_parts(x, magnitudes, stft, istft):
    phase = np.angle(stft(x))
    return istft(magnitudes * (np.cos(phase) + 1j * np.sin(phase)))


def pairs_by_a_loop(clips):
    return np.stack([clip[..., t : t + 2] for clip in clips for t in range(clips.shape[-1] - 1)])


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (exercises.SUM_OF_WINDOWS, windows_by_a_loop),
        (exercises.SUM_OF_WINDOWS, windows_by_overlap_add),
        (exercises.REPAIR, repair_by_division),
        (exercises.REPAIR, repair_by_parts),
        (exercises.BACK_FROM_LEVELS, lambda picture: 1000.0 ** (picture - 1)),
        (exercises.BACK_FROM_LEVELS, lambda picture: np.exp(3 * np.log(10) * (picture - 1))),
        (exercises.BUZZ, {"a": 4000.0, "b": 0, "c": 2e3, "d": 1000}),
        (exercises.PAIRS_OF_FRAMES, pairs_by_a_loop),
    ],
)
def test_a_right_answer_in_other_words_is_accepted(exercise, answer):
    assert exercise.judge(answer) == RIGHT


def test_buzzes_in_kilohertz_are_told_their_unit():
    assert "Hz are asked" in exercises.BUZZ.judge({"a": 4.0, "b": 0, "c": 2, "d": 1})


def test_two_wrong_buzzes_are_both_named():
    said = exercises.BUZZ.judge({"a": 640, "b": 0, "c": 2000, "d": 4000})
    assert "not with the kernel" in said
    assert "The first has one too" in said
