"""Entropies of finite languages against SciPy, independent choices and brute force."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from course_lib.datasets.sentences import Grammar
from course_lib.exact import conditional_entropy, entropy, every_string, price_of_word_dropout, total_correlation

GRAMMAR = Grammar()
LANGUAGE = GRAMMAR.sentences, GRAMMAR.probabilities


@pytest.fixture
def random_language():
    strings = every_string(3, 4)
    return strings, np.random.default_rng(0).dirichlet(np.full(len(strings), 0.3))


def test_every_string_occurs_once_in_the_order_of_the_digits():
    np.testing.assert_array_equal(every_string(3, 4), list(product(range(3), repeat=4)))
    assert every_string(3, 4).dtype == np.int32


def test_too_many_strings_are_refused():
    with pytest.raises(ValueError, match=r"2,476,099 strings|19 symbols at 6 places"):
        every_string(19, 6)


def test_the_entropy_agrees_with_scipy(random_language):
    strings, p = random_language
    assert entropy(strings, p) == pytest.approx(stats.entropy(p))
    alone = [p[strings[:, 2] == symbol].sum() for symbol in range(3)]
    assert entropy(strings, p, [2]) == pytest.approx(stats.entropy(alone))
    assert entropy(strings, p, []) == pytest.approx(0, abs=1e-12)


def test_strings_without_probability_count_nothing():
    assert entropy([[0, 0], [0, 1], [1, 1]], [0.5, 0.0, 0.5]) == pytest.approx(np.log(2))


def test_a_conditional_entropy_is_a_mean_of_entropies(random_language):
    strings, p = random_language
    expected = 0.0
    for seen in product(range(3), repeat=2):
        fits = (strings[:, [0, 3]] == seen).all(axis=1)
        shares = np.array([p[fits & (strings[:, 1] == symbol)].sum() for symbol in range(3)])
        expected += shares.sum() * stats.entropy(shares)
    assert conditional_entropy(strings, p, 1, [0, 3]) == pytest.approx(expected)


def test_the_chain_rule_adds_up(random_language):
    strings, p = random_language
    total = sum(conditional_entropy(strings, p, place, range(place)) for place in range(4))
    assert total == pytest.approx(entropy(strings, p))


def test_independent_symbols_have_no_total_correlation_and_copies_have_all():
    rows = [np.random.default_rng(seed).dirichlet(np.ones(3)) for seed in range(2)]
    assert total_correlation(every_string(3, 2), np.outer(*rows).ravel()) == pytest.approx(0, abs=1e-12)
    assert total_correlation([[0, 0, 0], [1, 1, 1]], [0.5, 0.5]) == pytest.approx(2 * np.log(2))


def test_the_entropy_of_the_grammar_is_that_of_its_choices():
    choices = ([0.5, 0.5], [0.6, 0.4], [0.5, 0.5], [0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.7, 0.3])
    assert entropy(*LANGUAGE) == pytest.approx(sum(map(stats.entropy, choices)))
    assert total_correlation(*LANGUAGE) == pytest.approx(1.702665, abs=1e-6)


def test_the_price_of_word_dropout_goes_from_the_entropy_to_that_of_single_words():
    assert price_of_word_dropout(*LANGUAGE, 0) == pytest.approx(entropy(*LANGUAGE))
    assert price_of_word_dropout(*LANGUAGE, 1) == pytest.approx(sum(entropy(*LANGUAGE, [t]) for t in range(5)))
    prices = [price_of_word_dropout(*LANGUAGE, rate) for rate in (0, 0.25, 0.5, 0.75, 1)]
    np.testing.assert_allclose(prices, [4.7295, 5.0920, 5.4967, 5.9434, 6.4321], atol=1e-4)


def test_the_price_is_an_expectation_over_patterns_of_holes(random_language):
    strings, p = random_language
    rng, total = np.random.default_rng(1), []
    for _ in range(400):
        shown = rng.uniform(size=4) >= 0.3
        total.append(sum(conditional_entropy(strings, p, t, np.flatnonzero(shown[:t])) for t in range(4)))
    error = np.std(total) / 20
    assert abs(np.mean(total) - price_of_word_dropout(strings, p, 0.3)) < 5 * error


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_a_rate_that_is_no_probability_is_refused(rate):
    with pytest.raises(ValueError, match="rate"):
        price_of_word_dropout(*LANGUAGE, rate)


@pytest.mark.parametrize(
    ("places", "sentence"),
    [
        ([5], r"places should lie in 0 … 4; got 5"),
        ([0, -1], r"places should lie in 0 … 4; got -1"),
        ([1.0], "should be an integer"),
        (3, r"list.*\[3\]"),
    ],
)
def test_a_place_outside_of_the_strings_is_refused(places, sentence):
    with pytest.raises(ValueError, match=sentence):
        entropy(*LANGUAGE, places)
    with pytest.raises(ValueError, match=sentence.replace("places", "places seen")):
        conditional_entropy(*LANGUAGE, 1, places)


@pytest.mark.parametrize("place", [5, -1])
def test_a_symbol_that_there_is_not_has_no_conditional_entropy(place):
    with pytest.raises(ValueError, match=f"^place should lie in 0 … 4; got {place}"):
        conditional_entropy(*LANGUAGE, place, [0])


@pytest.mark.parametrize("function", [total_correlation, lambda *language: price_of_word_dropout(*language, 0.5)])
@pytest.mark.parametrize("strings", [[0, 1], 3])
def test_one_string_without_its_axis_is_refused(function, strings):
    with pytest.raises(ValueError, match="strings should be"):
        function(strings, [0.5, 0.5])


@pytest.mark.parametrize(
    ("strings", "probabilities"),
    [
        ([[0, 1]], [0.5]),
        ([[0, 1], [1, 1]], [1.0]),
        ([[0.0, 1.0]], [1.0]),
        ([0, 1], [0.5, 0.5]),
        ([[0], [1]], [1.5, -0.5]),
    ],
)
def test_what_is_no_language_is_refused(strings, probabilities):
    with pytest.raises(ValueError, match=r"strings should be|probabilities should be"):
        entropy(strings, probabilities)
