"""What the exercises on text accept beside their references, against the library."""

import lzma

import numpy as np
import pytest
from keras import ops

from course_lib.datasets.sentences import Grammar
from course_lib.exercises import text as exercises
from course_lib.formulas import input_gradient

RIGHT = "right"


def by_indexing(x, begin):
    answer = np.empty_like(x)
    answer[:, 0], answer[:, 1:] = begin, x[:, :-1]
    return answer


def by_padding(x, begin):
    return np.pad(x, ((0, 0), (1, 0)), constant_values=begin)[:, :-1]


def by_copying(history, uniform, rate, hidden, training):
    answer = history.copy()
    if training:
        later = answer[:, 1:]
        later[uniform[:, 1:] < rate] = hidden
    return answer


def by_loops(logits, draws, rewards):
    q = np.exp(logits) / np.exp(logits).sum()
    total = 0
    for place, (word, reward) in enumerate(zip(draws, rewards, strict=True)):
        score = -q.copy()
        score[word] += 1
        total = total + (reward - np.delete(rewards, place).mean()) * score
    return total / len(draws)


def by_scaling(logits, draws, rewards):
    """The mean over all as the baseline, made unbiased."""
    q, n = np.exp(logits) / np.exp(logits).sum(), len(draws)
    return n / (n - 1) * ((rewards - rewards.mean()) @ (np.eye(len(q))[draws] - q)) / n


def by_keras(logits, draws, rewards):
    others = (rewards.sum() - rewards) / (len(rewards) - 1)

    def gain(logits):
        log_q = ops.take(ops.log_softmax(logits), draws)
        return ops.mean(ops.cast(rewards - others, "float32") * log_q)[None]

    return ops.convert_to_numpy(input_gradient(gain, ops.convert_to_tensor(logits, "float32")))


def without_q(logits, draws, rewards):
    """Distances from the others' mean add up to 0, so what q would subtract adds up to nothing."""
    others = (rewards.sum() - rewards) / (len(rewards) - 1)
    return ((rewards - others)[:, None] * np.eye(len(logits))[draws]).mean(axis=0)


def in_bytes(compress, train, test):
    both, seen = (len(compress(bytes(text, "utf-8"))) for text in (train + test, train))
    return (both - seen) / len(test) * 8


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (exercises.PERPLEXITY_PER_WORD, 2.575),
        (exercises.PERPLEXITY_PER_WORD, np.exp(Grammar().entropy) ** 0.2),
        (exercises.SHIFTED, by_indexing),
        (exercises.SHIFTED, by_padding),
        (exercises.WORD_DROPOUT, by_copying),
        (exercises.POLICY_GRADIENT, by_loops),
        (exercises.POLICY_GRADIENT, by_scaling),
        (exercises.POLICY_GRADIENT, by_keras),
        (exercises.POLICY_GRADIENT, without_q),
        (exercises.RANK, "bac"),
        (exercises.BITS_PER_CHARACTER, in_bytes),
    ],
)
def test_a_right_answer_in_other_words_is_accepted(exercise, answer):
    assert exercise.judge(answer) == RIGHT


def test_the_entropy_asked_about_is_that_of_the_grammar():
    assert np.exp(Grammar().entropy / 5) == pytest.approx(exercises.PERPLEXITY_PER_WORD.reference)


def test_the_policy_gradient_is_unbiased_and_that_with_the_mean_over_all_is_not():
    logits, reward = np.array([0.3, -0.4, 0.9]), np.array([2.0, 5.0, 1.0])
    q = np.exp(logits) / np.exp(logits).sum()
    pairs = [(np.array([i, j]), q[i] * q[j]) for i in range(3) for j in range(3)]  # every batch of two
    found = sum(chance * by_loops(logits, draws, reward[draws]) for draws, chance in pairs)
    np.testing.assert_allclose(found, q * (reward - q @ reward))
    steps = [(np.eye(3)[draws] - q, reward[draws], chance) for draws, chance in pairs]
    half = sum(chance * ((rewards - rewards.mean()) @ step) / 2 for step, rewards, chance in steps)
    np.testing.assert_allclose(half, found / 2)


def test_a_compressor_that_has_read_the_test_text_needs_next_to_nothing():
    rng = np.random.default_rng(0)
    train, test = ("".join(rng.choice(list("abcdefgh "), size)) for size in (4000, 2000))
    fair = exercises.BITS_PER_CHARACTER.reference(lzma.compress, train, test)
    unfair = exercises.BITS_PER_CHARACTER.reference(lzma.compress, train + test, test)
    assert fair > 2.5
    assert unfair < fair / 5
