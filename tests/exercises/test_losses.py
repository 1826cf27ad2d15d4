"""Losses written in `keras.ops`: right ones in other words pass, mistakes are named, and a round is trained."""

import keras
import numpy as np
import pytest
from keras import ops

from course_lib.exercises import gan_losses, gan_theory
from course_lib.exercises.automatic import accepted
from course_lib.exercises.engine import UNANSWERED

JUDGES = {"the usual game": gan_theory._TWO_LOSSES, "a game of an f": gan_losses._LOSSES_FROM_F}


@pytest.mark.parametrize("judge", JUDGES.values(), ids=JUDGES)
@pytest.mark.filterwarnings("ignore")
def test_the_values_alone_make_a_sound_exercise(judge):
    assert judge.values.problems() == []
    assert accepted(judge.values) == []


def by_cross_entropy(real, fake, generated):
    def cross_entropy(label, logits):
        return keras.losses.binary_crossentropy(label * ops.ones_like(logits), logits, from_logits=True)

    return cross_entropy(1.0, real) + cross_entropy(0.0, fake), cross_entropy(1.0, generated)


def with_constants(real, fake, generated):
    return [fake - 1 + ops.exp(-real), 1 - generated]


def flattened(real, fake, generated):
    real, fake, generated = (ops.reshape(each, (-1,)) for each in (real, fake, generated))
    return ops.logaddexp(0.0, -real) + ops.logaddexp(0.0, fake), ops.logaddexp(0.0, -generated)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (gan_theory.TWO_LOSSES, by_cross_entropy),
        (gan_theory.TWO_LOSSES, flattened),
        (gan_losses.LOSSES_FROM_F, with_constants),
    ],
)
def test_right_losses_in_other_words_are_accepted(exercise, answer):
    assert exercise.judge(answer) == "right"


def in_numpy(real, fake, generated):
    real, fake, generated = map(ops.convert_to_numpy, (real, fake, generated))
    return np.logaddexp(0, -real) + np.logaddexp(0, fake), np.logaddexp(0, -generated)


def without_a_gradient(real, fake, generated):
    return ops.softplus(-real) + ops.softplus(fake), ops.softplus(-ops.stop_gradient(generated))


def with_half_a_gradient(real, fake, generated):
    of_d, of_g = ops.softplus(-real) + ops.softplus(fake), ops.softplus(-generated)
    return of_d, 0.5 * of_g + ops.stop_gradient(0.5 * of_g)


def of_a_known_size(real, fake, generated):
    return ops.softplus(-real) + ops.softplus(fake), ops.softplus(-generated) * float(real.shape[0] / real.shape[0])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (in_numpy, "they are no tensors"),
        (without_a_gradient, "the generator does not move: no gradient passes"),
        (with_half_a_gradient, "does not move the generator as it should"),
        (of_a_known_size, "the number of examples is not known"),
        (lambda real, fake, generated: (ops.softplus(-real), ops.softplus(generated)), "has a second half"),
        (lambda real, fake, generated: (ops.softplus(-real), ops.softplus(generated)), "the two would co-operate"),
        (lambda real, fake, generated: ops.softplus(-real), "2"),
        ("softplus", "hand over the function itself"),
    ],
)
def test_wrong_losses_are_told_what_is_wrong(answer, said):
    assert said in gan_theory.TWO_LOSSES.judge(answer)


@pytest.mark.parametrize("result", [..., None, (..., ...)])
def test_a_hole_is_no_answer(result):
    assert gan_theory.TWO_LOSSES.judge(lambda real, fake, generated: result).startswith(UNANSWERED)
