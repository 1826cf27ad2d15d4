"""What the exercises of speed and scale accept beside their references, and what wrong answers are told."""

import numpy as np
import pytest

from course_lib.exercises import speed_and_scale as exercises

RIGHT = "right"
PACE = {"apart": 58, "shelves": 30, "two decoders": 20, "new GPU": 15}


def by_counting(losses, batch):
    total = 0.0
    for loss in losses:
        total += float(loss) / batch
    return total


def by_shares(losses, batch):
    return np.mean(losses) * len(losses) / batch


def in_bytes(w):
    step = float(np.ptp(w)) / (2**8 - 1)
    zero_point = round(-w.min() / step)
    return np.clip(np.rint(w / step) + zero_point, 0, 255).astype("uint8"), step, zero_point


def in_a_loop(w):
    step = (max(w.ravel()) - min(w.ravel())) / 255
    zero_point = round(-min(w.ravel()) / step)
    return [[round(each / step) + zero_point for each in row] for row in w], step, zero_point


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (exercises.PREDICT_A_PIPELINE, {name: float(each) for name, each in PACE.items()}),
        (exercises.PLACE_THE_CASTS, dict(zip("abcdef", ["Half", "float32", "half", *["Float32"] * 3], strict=True))),
        (exercises.FEWER_STEPS, 100),
        (exercises.FEWER_STEPS, 99.0),
        (exercises.SHARD_LOSS, by_counting),
        (exercises.SHARD_LOSS, by_shares),
        (exercises.INT8, in_bytes),
        (exercises.INT8, in_a_loop),
    ],
)
def test_a_right_answer_in_other_words_is_accepted(exercise, answer):
    assert exercise.judge(answer) == RIGHT


@pytest.mark.parametrize(
    ("exercise", "answer", "said"),
    [
        (exercises.PREDICT_A_PIPELINE, {**PACE, "shelves": 58, "new GPU": 10}, "a faster GPU waits for them"),
        (exercises.PREDICT_A_PIPELINE, {**PACE, "two decoders": 30, "new GPU": 30}, "every 30 ms *two* are ready"),
        (exercises.PLACE_THE_CASTS, dict.fromkeys("abcdef", "half"), "(d): an exponential"),
        (exercises.FEWER_STEPS, 10_000, "momentum needs some, too"),
        (exercises.SHARD_LOSS, lambda losses, batch: np.median(losses), "not yet"),
        (exercises.SHARD_LOSS, lambda losses, batch: losses.sum() / (batch - 1), "not yet"),
        (exercises.INT8, lambda w: in_bytes(w)[:2], "not yet"),
        (exercises.INT8, lambda w: (in_bytes(w)[0].astype("int8"), *in_bytes(w)[1:]), "not yet"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(exercise, answer, said):
    assert said in exercise.judge(answer)
