"""The coder against entropies, an enumerated model and an independent coder."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import rel_entr

from course_lib.coding import Ans, pop_with_bits_back, push_with_bits_back, quantise_probabilities

RANDOM_BITS = int.from_bytes(np.random.default_rng(0).bytes(200), "little")


@given(state=st.integers(0, 2**80), table=st.lists(st.integers(0, 9), min_size=1, max_size=6).filter(any))
def test_pop_and_push_undo_each_other_from_every_state(state, table):
    stack = Ans(state)
    symbols = stack.pop(np.tile(table, (5, 1)))
    stack.push(symbols, table)
    assert stack.state == state


@given(
    symbols=st.lists(st.integers(0, 3), max_size=40),
    table=st.lists(st.integers(1, 50), min_size=4, max_size=4),
    state=st.integers(0, 2**40),
)
def test_symbols_come_back_in_order_and_the_state_is_the_one_of_the_beginning(symbols, table, state):
    stack = Ans(state)
    stack.push(np.array(symbols, "int64"), table)
    assert stack.pop(np.tile(table, (len(symbols), 1))).tolist() == symbols
    assert stack.state == state


@pytest.mark.parametrize("nothing", [[], np.zeros(0), np.zeros(0, int), np.zeros((0, 3))])
@pytest.mark.parametrize("table", [[1, 2], np.zeros((0, 2), int)])
def test_no_symbols_leave_the_stack_as_it_is(nothing, table):
    stack = Ans(1000)
    stack.push(nothing, table)
    assert stack.state == 1000


def test_one_push_is_the_formula():
    stack = Ans(1000)
    stack.push([1], [11, 3, 2])
    assert stack.state == 1000 // 3 * 16 + 11 + 1000 % 3


def test_each_symbol_has_a_table_of_its_own():
    rng = np.random.default_rng(1)
    tables = rng.integers(1, 20, size=(30, 5))
    symbols = rng.integers(0, 5, size=30)
    stack = Ans(RANDOM_BITS)
    stack.push(symbols, tables)
    lengths = -np.log2(tables[np.arange(30), symbols] / tables.sum(axis=1))
    assert abs(stack.num_bits - RANDOM_BITS.bit_length() - lengths.sum()) <= 1
    np.testing.assert_array_equal(stack.pop(tables), symbols)


def test_the_length_is_the_entropy_and_what_the_rounded_table_costs():
    rng = np.random.default_rng(2)
    p = np.array([0.5, 0.3, 0.15, 0.05])
    symbols = rng.choice(4, size=4000, p=p)
    for precision in (4, 12):
        table = quantise_probabilities(p, precision)
        stack = Ans(RANDOM_BITS)
        stack.push(symbols, table)
        bits = stack.num_bits - RANDOM_BITS.bit_length()
        assert abs(bits - -np.log2(table / 2**precision)[symbols].sum()) <= 1
        error = 5 * np.log2(p).std() * np.sqrt(4000)
        expected = 4000 * (-(p * np.log2(p)).sum() + rel_entr(p, table / 2**precision).sum() / np.log(2))
        assert abs(bits - expected) < error


def test_symbols_popped_from_random_bits_are_draws():
    table = np.array([1, 2, 5])
    drawn = Ans(int.from_bytes(np.random.default_rng(3).bytes(4000), "little")).pop(np.tile(table, (3000, 1)))
    shares = np.bincount(drawn, minlength=3) / 3000
    np.testing.assert_array_less(np.abs(shares - table / 8), 5 * np.sqrt(table / 8 * (1 - table / 8) / 3000))


@given(
    weights=st.lists(st.floats(0, 1), min_size=1, max_size=12).filter(lambda each: sum(each) > 1e-3),
    precision=st.integers(4, 40),
)
def test_frequencies_have_the_sum_and_none_is_zero(weights, precision):
    p = np.array(weights) / np.sum(weights)
    frequencies = quantise_probabilities(p, precision)
    assert frequencies.sum() == 2**precision
    assert frequencies.min() >= 1
    share = p * (2**precision - len(p)) + 1
    assert np.abs(frequencies - share).max() <= 1 + 1e-3


def test_rows_are_rounded_as_if_alone():
    p = np.random.default_rng(4).dirichlet(np.ones(6), size=(3, 4))
    together = quantise_probabilities(p, 10)
    alone = [[quantise_probabilities(row, 10) for row in rows] for rows in p]
    np.testing.assert_array_equal(together, alone)


def a_model(seed=0, bins=64, pixels=12, count=60):
    """A latent with equal bins, pixels that depend on it, images, and log₂ of the joint, all by enumeration."""
    rng = np.random.default_rng(seed)
    ink = 1 / (1 + np.exp(-np.outer(np.linspace(-2, 2, bins), rng.normal(size=pixels)) - rng.normal(size=pixels)))
    x = (rng.random((count, pixels)) < ink[rng.integers(0, bins, count)]).astype(int)
    joint = x @ np.log2(ink).T + (1 - x) @ np.log2(1 - ink).T - np.log2(bins)
    return x, quantise_probabilities(np.stack([1 - ink, ink], -1), 32), joint


def coded(x, tables, q, state=RANDOM_BITS):
    """Net bits, the latents used, and whether all came back."""
    rows = {image.tobytes(): quantise_probabilities(row[None], 32) for image, row in zip(x, q, strict=True)}
    model = (lambda image: rows[image.tobytes()], lambda z: tables[z[0]], np.ones((1, q.shape[1]), int))
    stack = Ans(state)
    used = push_with_bits_back(stack, x, *model)
    bits = stack.num_bits - state.bit_length()
    back = pop_with_bits_back(stack, len(x), *model)
    return bits, used[:, 0], np.array_equal(back, x) and stack.state == state


def test_with_the_exact_posterior_the_file_has_the_bits_of_the_evidence():
    x, tables, joint = a_model()
    evidence = np.logaddexp2.reduce(joint, axis=1)
    bits, _, restored = coded(x, tables, np.exp2(joint - evidence[:, None]))
    assert restored
    assert abs(bits + evidence.sum()) <= 1.01


def test_with_any_q_all_comes_back_and_the_bits_are_those_of_the_latents_that_were_used():
    x, tables, joint = a_model(1)
    q = np.random.default_rng(5).dirichlet(np.ones(64), size=len(x))
    for image in np.unique(x, axis=0):  # equal images need one q
        same = (x == image).all(axis=1)
        q[same] = q[same][0]
    bits, used, restored = coded(x, tables, q)
    rows = np.arange(len(x))
    assert restored
    assert abs(bits - (np.log2(q[rows, used]) - joint[rows, used]).sum()) <= 1.01


def test_on_average_the_file_has_the_evidence_and_the_divergence():
    x, tables, joint = a_model(2)
    evidence = np.logaddexp2.reduce(joint, axis=1)
    exact = np.exp2(joint - evidence[:, None])
    q = 0.5 * exact + 0.5 / 64
    files = [
        coded(x, tables, q, int.from_bytes(np.random.default_rng(chain).bytes(100), "little"))[0] for chain in range(30)
    ]
    expected = -evidence.sum() + rel_entr(q, exact).sum() / np.log(2)
    assert abs(np.mean(files) - expected) < 5 * np.std(files) / np.sqrt(30)


def test_two_latents_are_popped_and_pushed_in_the_same_order():
    rng = np.random.default_rng(6)
    posterior, prior = rng.integers(1, 9, size=(2, 7)), rng.integers(1, 9, size=(2, 7))
    noise = rng.integers(1, 9, size=(7, 7, 3, 2))
    x = rng.integers(0, 2, size=(20, 3))
    model = (lambda image: posterior + image[0], lambda z: noise[z[0], z[1]], prior)
    stack = Ans(RANDOM_BITS)
    push_with_bits_back(stack, x, *model)
    np.testing.assert_array_equal(pop_with_bits_back(stack, 20, *model), x)
    assert stack.state == RANDOM_BITS


def test_the_largest_remainders_are_rounded_up():
    assert quantise_probabilities([0.62, 0.27, 0.11], 3).tolist() == [4, 2, 2]  # 1 + 3.1, 1 + 1.35, 1 + 0.55


@pytest.mark.backend  # where the packages of developers are, which a learner need not have
def test_an_independent_coder_needs_as_many_bits():
    constriction = pytest.importorskip("constriction", reason="an independent coder, for `make test-backends`")
    p = np.array([0.62, 0.25, 0.1, 0.03])
    symbols = np.random.default_rng(7).choice(4, size=20_000, p=p)
    judge = constriction.stream.stack.AnsCoder()
    judge.encode_reverse(symbols.astype("int32"), constriction.stream.model.Categorical(p, perfect=False))
    stack = Ans()
    stack.push(symbols, quantise_probabilities(p, 24))
    assert abs(stack.num_bits - judge.num_valid_bits()) < 64


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Ans(1.0), "state should be an integer"),
        (lambda: Ans(-1), "state should be at least 0"),
        (lambda: Ans().push([2], [1, 1]), "symbols should be integers in 0 … 1"),
        (lambda: Ans().push([0.0], [1, 1]), "symbols should be integers"),
        (lambda: Ans().push(["a"], [1, 1]), "symbols should be integers in 0 … 1, .*; got <U1 of shape"),
        (lambda: Ans().push([[0, 1]], [1, 1]), r"got int64 of shape \(1, 2\)"),
        (lambda: Ans().push([0, 1], np.ones((3, 2), int)), "a table for each of the 2 symbols, .*; got 3 tables"),
        (lambda: Ans().push([], [0.5, 0.5]), "quantise_probabilities"),
        (lambda: Ans().push([1], [1, 0]), "frequency 0 cannot be coded"),
        (lambda: Ans().push([1], [0.5, 0.5]), "quantise_probabilities"),
        (lambda: Ans().pop([[1, -1]]), "frequencies should be whole numbers ≥ 0"),
        (lambda: Ans(5).pop([[1, 2], [0, 0]]), "a table of zeros"),
        (lambda: pop_with_bits_back(Ans(), -1, None, None, None), "num_examples should be at least 0"),
        (lambda: quantise_probabilities([0.5, 0.4]), "Divide by the sum"),
        (lambda: quantise_probabilities([1.5, -0.5]), "at least 0"),
        (lambda: quantise_probabilities(np.full(9, 1 / 9), 3), "precision should lie in 4"),
        (lambda: quantise_probabilities([0.5, 0.5], 41), "precision should lie in"),
    ],
)
def test_what_cannot_be_coded_is_refused_with_a_repair(call, message):
    with pytest.raises(ValueError, match=message):
        call()
