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


def stored_otherwise(number=lambda q: q, zero_point=lambda each: each):
    def answer(w):
        q, step, zero = in_a_loop(w)
        return number(np.array(q)), step, zero_point(zero)

    return answer


def from_the_smallest(w):
    _, step, zero_point = in_a_loop(w)
    return np.rint((w - w.min()) / step), step, zero_point


def up_to_the_largest_size(w):
    step = (np.abs(w).max() - w.min()) / 255
    zero_point = round(-w.min() / step)
    return np.rint(w / step) + zero_point, step, zero_point


def without_a_zero_point(w):
    return np.rint(w / (np.abs(w).max() / 127)), np.abs(w).max() / 127, 0


@pytest.mark.parametrize(
    ("exercise", "answer", "said"),
    [
        (exercises.PREDICT_A_PIPELINE, {**PACE, "shelves": 58, "new GPU": 10}, "a faster GPU waits for them"),
        (exercises.PREDICT_A_PIPELINE, {**PACE, "two decoders": 30, "new GPU": 30}, "every 30 ms *two* are ready"),
        (exercises.PLACE_THE_CASTS, dict.fromkeys("abcdef", "half"), "(d): an exponential"),
        (exercises.FEWER_STEPS, 10_000, "momentum needs some, too"),
        (exercises.FEWER_STEPS, 75, "with the detour of the double roots"),
        (exercises.SHARD_LOSS, lambda losses, batch: losses.mean() / 4, "for four devices with equal shards"),
        (exercises.SHARD_LOSS, lambda losses, batch: abs(losses.sum()) / batch, "wrong in a special case"),
        (exercises.SHARD_LOSS, lambda losses, batch: np.median(losses), "not yet"),
        (exercises.SHARD_LOSS, lambda losses, batch: losses.sum() / (batch - 1), "not yet"),
        (exercises.INT8, lambda w: in_bytes(w)[:2], "not yet"),
        (exercises.INT8, stored_otherwise(lambda q: q.astype("int8")), "NumPy's int8 ends at 127"),
        (exercises.INT8, stored_otherwise(lambda q: q - 128, lambda each: each - 128), "go from −128 to 127"),
        (exercises.INT8, stored_otherwise(zero_point=lambda each: -each), "q is right"),
        (exercises.INT8, from_the_smallest, "the two roundings do not fit"),
        (exercises.INT8, up_to_the_largest_size, "not the largest |w|"),
        (exercises.INT8, without_a_zero_point, "the symmetric recipe"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(exercise, answer, said):
    assert said in exercise.judge(answer)
