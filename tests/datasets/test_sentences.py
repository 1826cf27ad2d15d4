"""The sentences against the choices they are made of."""

import numpy as np
import pytest

from course_lib.datasets import load
from course_lib.datasets.dataset import SPLITS
from course_lib.datasets.sentences import Grammar

GRAMMAR = Grammar()


def words_of(sentence):
    return [GRAMMAR.vocabulary[symbol] for symbol in sentence]


def test_there_are_144_sentences_of_19_words_and_their_probabilities_sum_to_one():
    assert GRAMMAR.sentences.shape == (144, 5)
    assert len(np.unique(GRAMMAR.sentences, axis=0)) == 144
    assert len(GRAMMAR.vocabulary) == len(set(GRAMMAR.vocabulary)) == 19
    assert set(GRAMMAR.sentences.ravel()) == set(range(19))
    assert GRAMMAR.probabilities.sum() == pytest.approx(1)


def test_topic_and_number_show_in_the_words():
    animals = {"dog", "cat", "bird", "dogs", "cats", "birds"}
    for sentence, topic, number in zip(GRAMMAR.sentences, GRAMMAR.topics, GRAMMAR.numbers, strict=True):
        first, subject, verb, the, noun = words_of(sentence)
        assert (subject in animals) == (noun in animals) == (topic == 0)
        assert subject.endswith("s") == (not verb.endswith("s")) == (number == 1)
        assert first in ("the", ("a", "some")[number])
        assert the == "the"


def test_the_shares_are_those_of_the_card():
    p = GRAMMAR.probabilities
    assert p[GRAMMAR.topics == 1].sum() == pytest.approx(0.5)
    assert p[GRAMMAR.numbers == 0].sum() == pytest.approx(0.6)
    words = np.array([words_of(sentence) for sentence in GRAMMAR.sentences])
    assert p[words[:, 0] == "the"].sum() == pytest.approx(0.5)
    assert p[np.isin(words[:, 1], ["dog", "dogs", "king", "kings"])].sum() == pytest.approx(0.5)
    assert p[np.isin(words[:, 4], ["bird", "poet"])].sum() == pytest.approx(0.2)
    assert p[np.isin(words[:, 2], ["sees", "see"])].sum() == pytest.approx(0.7)
    first = np.flatnonzero((words == ["the", "dog", "sees", "the", "dog"]).all(axis=1))
    assert p[first] == pytest.approx(0.5 * 0.6 * 0.5 * 0.5 * 0.7 * 0.5)


def test_log_probabilities_are_those_of_the_table_and_minus_infinity_elsewhere():
    order = np.random.default_rng(0).permutation(144)
    np.testing.assert_allclose(GRAMMAR.log_prob(GRAMMAR.sentences[order]), np.log(GRAMMAR.probabilities[order]))
    broken = GRAMMAR.sentences[:1, ::-1]
    assert GRAMMAR.log_prob(broken)[0] == -np.inf


@pytest.mark.parametrize("sentences", [np.zeros((2, 4), int), np.zeros(5, int), np.zeros((2, 5))])
def test_what_is_no_row_of_five_symbols_is_refused(sentences):
    with pytest.raises(ValueError, match=r"integers \(n, 5\)"):
        GRAMMAR.log_prob(sentences)


def test_draws_have_the_frequencies_of_the_table_and_repeat_with_their_seed():
    drawn, topics = GRAMMAR.sample_labelled(40_000, seed=3)
    frequencies = np.array([(drawn == sentence).all(axis=1).mean() for sentence in GRAMMAR.sentences])
    error = np.sqrt(GRAMMAR.probabilities / 40_000)
    assert (np.abs(frequencies - GRAMMAR.probabilities) < 5 * error).all()
    np.testing.assert_array_equal(drawn, GRAMMAR.sample(40_000, seed=3))
    known = {tuple(row): topic for row, topic in zip(GRAMMAR.sentences.tolist(), GRAMMAR.topics, strict=True)}
    np.testing.assert_array_equal(topics, [known[tuple(row)] for row in drawn.tolist()])


def test_what_is_no_word_is_read_as_dots():
    assert GRAMMAR.read([[0, 19, 20]]) == [f"{GRAMMAR.vocabulary[0]} … …"]


def test_the_splits_are_different_draws_of_the_sizes_asked_for():
    data = load("sentences", num_train=300, num_validation=200, num_test=100, seed=1)
    assert [len(data.split(split)[0]) for split in SPLITS] == [300, 200, 100]
    assert data.is_text
    assert not data.is_image
    assert not np.array_equal(data.x_train[:100], data.x_test)
    assert np.isfinite(data.density.log_prob(data.x_train)).all()
    assert data.class_names == ("animals", "people")
    assert "sequences of 5 int32" in repr(data)
    with pytest.raises(ValueError, match="num_train"):
        load("sentences", num_train=0)
