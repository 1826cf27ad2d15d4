"""Properties of the formulas over shapes, dtypes, memory layouts and numbers at the edges of float32."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops
from scipy import special

from course_lib.formulas import adversarial, divergences, likelihoods
from course_lib.layers import Noise, Sampling
from tests.strategies import LAYOUTS, NO_COUNTS, numbers, repeatable, seeds, shapes

MEANS = (0.0, 1.0, -1.0, 1e4, -1e4, 1e-20)
LOG_VARS = (0.0, 100.0, -100.0, 1e4, -1e4, 90.0, -90.0)
LOGITS = (0.0, 1e4, -1e4, 88.0, -104.0)


def numpy_of(tensor):
    return np.asarray(ops.convert_to_numpy(tensor))


def gaussian_pair(seed, shape, edges=True):
    means, log_vars = (MEANS, LOG_VARS) if edges else ((), ())
    of_edges = (means, log_vars, means, log_vars)
    return [numbers((seed, i), shape, of_edges[i]).astype("float32") for i in range(4)]


def logits_pair(seed, shape, edges=True):
    return [3 * numbers((seed, i), shape, LOGITS if edges else ()).astype("float32") for i in range(2)]


def data_and_logits(seed, shape, edges=True):
    return [(numbers((seed, 7), shape) > 0).astype("float32"), logits_pair(seed, shape, edges)[0]]


def one_hot_and_logits(seed, shape, edges=True):
    symbols = np.random.default_rng(seed).integers(0, shape[-1], shape[:-1])
    return [np.eye(shape[-1], dtype="float32")[symbols], logits_pair(seed, shape, edges)[0]]


FORMULAS = {  # name: (function of tensors, maker of its arguments)
    "gaussian_kl": (divergences.gaussian_kl, gaussian_pair),
    "standard_normal_kl": (divergences.standard_normal_kl, lambda *a: gaussian_pair(*a)[:2]),
    "gaussian_frechet": (divergences.gaussian_frechet, gaussian_pair),
    "categorical_kl": (divergences.categorical_kl, logits_pair),
    "jensen_shannon": (divergences.jensen_shannon, logits_pair),
    "bernoulli": (likelihoods.bernoulli_log_prob, data_and_logits),
    "gaussian": (likelihoods.gaussian_log_prob, lambda *a: gaussian_pair(*a)[:3][::2] + gaussian_pair(*a)[3:]),
    "fixed gaussian": (likelihoods.gaussian(1e-320), lambda *a: gaussian_pair(*a)[::2]),
    "categorical": (likelihoods.categorical_log_prob, one_hot_and_logits),
}
DIVERGENCES = [name for name, (function, _) in FORMULAS.items() if function.__module__.endswith("divergences")]
formulas = pytest.mark.parametrize("name", FORMULAS)


@formulas
@repeatable(8)
@given(seed=seeds(), shape=shapes())
def test_a_formula_gives_one_float32_an_example_and_never_nan_however_extreme_its_input(name, seed, shape):
    function, make = FORMULAS[name]
    values = numpy_of(function(*make(seed, shape)))
    assert values.shape == shape[:1]
    assert values.dtype == np.float32
    assert not np.isnan(values).any()
    if name in DIVERGENCES:
        assert (values >= -1e-6 * math.prod(shape[1:])).all()


@formulas
@repeatable(6)
@given(seed=seeds(), shape=shapes(min_batch=1), layout=st.sampled_from(sorted(LAYOUTS)))
def test_a_formula_does_not_care_how_its_input_lies_in_memory(name, seed, shape, layout):
    function, make = FORMULAS[name]
    arguments = make(seed, shape, False)
    moved = [LAYOUTS[layout](argument) for argument in arguments]
    np.testing.assert_array_equal(numpy_of(function(*moved)), numpy_of(function(*arguments)))


@formulas
@repeatable(6)
@given(
    seed=seeds(), shape=shapes(min_batch=1), dtype=st.sampled_from(("float16", "bfloat16", "float64", "int32", "bool"))
)
def test_a_formula_computes_in_float32_whatever_the_dtype_of_its_input(name, seed, shape, dtype):
    function, make = FORMULAS[name]
    given_dtype = [ops.cast(ops.convert_to_tensor(argument), dtype) for argument in make(seed, shape, False)]
    if function is likelihoods.bernoulli_log_prob:
        given_dtype[0] = ops.cast(given_dtype[0], "bool")
    in_float32 = [ops.cast(argument, "float32") for argument in given_dtype]
    np.testing.assert_array_equal(numpy_of(function(*given_dtype)), numpy_of(function(*in_float32)))


@formulas
@repeatable(6)
@given(seed=seeds(), shape=shapes(min_batch=2))
def test_a_formula_permutes_with_its_batch_and_adds_up_over_joined_events(name, seed, shape):
    function, make = FORMULAS[name]
    here, there = make(seed, shape, False), make(seed + 1, shape, False)
    order = np.random.default_rng(seed).permutation(shape[0])
    values = numpy_of(function(*here))
    np.testing.assert_allclose(numpy_of(function(*(x[order] for x in here))), values[order], rtol=1e-5, atol=1e-6)
    if len(shape) > 2:  # the last axis may hold the categories of one position
        joined = [np.concatenate(pair, axis=1) for pair in zip(here, there, strict=True)]
        total = values + numpy_of(function(*there))
        np.testing.assert_allclose(numpy_of(function(*joined)), total, rtol=1e-5, atol=1e-4)


@formulas
@repeatable(4)
@given(seed=seeds(), shape=shapes(min_batch=2), bad=st.sampled_from((np.nan, np.inf, -np.inf)))
def test_nan_and_infinity_stay_in_their_own_example(name, seed, shape, bad):
    function, make = FORMULAS[name]
    arguments = make(seed, shape, False)
    clean = numpy_of(function(*arguments))
    for argument in arguments:
        dirty = [np.where(np.arange(shape[0]).reshape(-1, *[1] * (x.ndim - 1)) == 0, bad, x) if x is argument else x
                 for x in arguments]  # fmt: skip
        values = numpy_of(function(*dirty))
        np.testing.assert_array_equal(values[1:], clean[1:])
        assert not (np.isnan(bad) and np.isfinite(values[0]))


@formulas
@repeatable(6)
@given(seed=seeds(), shape=shapes(), other=shapes())
def test_shapes_that_differ_are_refused_or_broadcast_where_documented(name, seed, shape, other):
    function, make = FORMULAS[name]
    first, others = make(seed, shape), make(seed, other)
    for place in range(1, len(first)):
        arguments = [*first[:place], others[place], *first[place + 1 :]]
        if shape == other:
            assert numpy_of(function(*arguments)).shape == shape[:1]
            continue
        try:
            assert numpy_of(function(*arguments)).shape == shape[:1]
        except ValueError as error:
            assert str(shape) in str(error) or str(other) in str(error)  # noqa: PT017
            continue
        may_broadcast = (name, place) in (("gaussian_kl", 2), ("gaussian_kl", 3), ("gaussian", 2)) or "frechet" in name
        assert may_broadcast or (name == "categorical" and other == shape[:-1])
        assert np.broadcast_shapes(shape, other) == shape


@pytest.mark.parametrize("bad", [[["a"]], [[1j]], [[1.0], [1.0, 2.0]], None, [[None]], {"a": 1}])
@formulas
def test_what_is_no_array_of_numbers_is_refused(name, bad):
    function, make = FORMULAS[name]
    arguments = make(0, (1, 1))
    for place in range(len(arguments)):
        with pytest.raises(ValueError, match=r"Expected|shape"):
            function(*arguments[:place], bad, *arguments[place + 1 :])


@formulas
def test_single_numbers_are_refused_for_want_of_an_axis_of_examples(name):
    function, make = FORMULAS[name]
    with pytest.raises(ValueError, match="single numbers"):
        function(*[np.array(1.0)] * len(make(0, (1, 1))))


@repeatable(15)
@given(seed=seeds(), shape=shapes(min_batch=1))
def test_divergences_of_equal_distributions_are_zero_also_at_the_edges(seed, shape):
    mean, log_var = gaussian_pair(seed, shape)[:2]
    for function in (divergences.gaussian_kl, divergences.gaussian_frechet):
        np.testing.assert_allclose(numpy_of(function(mean, log_var, mean, log_var)), 0.0, atol=1e-6)
    logits = logits_pair(seed, shape)[0]
    for function in (divergences.categorical_kl, divergences.jensen_shannon):
        np.testing.assert_allclose(numpy_of(function(logits, logits)), 0.0, atol=1e-5)


@repeatable(15)
@given(seed=seeds(), shape=shapes(min_batch=1, max_rank=1))
def test_gaussian_divergences_agree_with_float64_wherever_float32_can_hold_them(seed, shape):
    mean_q, log_var_q, mean_p, log_var_p = gaussian_pair(seed, shape)
    wide = [x.astype("float64") for x in (mean_q, log_var_q, mean_p, log_var_p)]
    with np.errstate(over="ignore", invalid="ignore"):
        log_distance = 2 * np.log(np.maximum(np.abs(wide[0] - wide[2]), 1e-300)) - wide[3]
        terms = wide[3] - wide[1] + np.exp(wide[1] - wide[3]) + np.exp(log_distance) - 1.0
        kl = 0.5 * np.where(wide[0] == wide[2], terms - np.exp(log_distance), terms).sum(axis=1)
        kl = np.where(kl > np.finfo("float32").max, np.inf, kl)
    clear = ~np.isnan(kl) & ~((kl < np.inf) & (kl > 1e37))
    np.testing.assert_allclose(
        numpy_of(divergences.gaussian_kl(mean_q, log_var_q, mean_p, log_var_p))[clear], kl[clear], rtol=1e-4, atol=1e-4
    )


@repeatable(25)
@given(seed=seeds(), batch=st.integers(1, 5), categories=st.integers(1, 6), impossible=st.booleans())
def test_categorical_divergences_agree_with_scipy_where_categories_cannot_occur(seed, batch, categories, impossible):
    logits_p, logits_q = logits_pair(seed, (batch, categories), edges=False)
    if impossible:  # but one category remains possible for each
        rng = np.random.default_rng(seed)
        for logits in (logits_p, logits_q):
            logits[(rng.random(logits.shape) < 0.5) & (np.arange(categories) != rng.integers(categories))] = -np.inf
    p, q = (special.softmax(x.astype("float64"), axis=1) for x in (logits_p, logits_q))
    kl = special.rel_entr(p, q).sum(axis=1)
    jsd = 0.5 * (special.rel_entr(p, (p + q) / 2) + special.rel_entr(q, (p + q) / 2)).sum(axis=1)
    np.testing.assert_allclose(numpy_of(divergences.categorical_kl(logits_p, logits_q)), kl, rtol=1e-4, atol=1e-5)
    found = numpy_of(divergences.jensen_shannon(logits_p, logits_q))
    np.testing.assert_allclose(found, jsd, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(numpy_of(divergences.jensen_shannon(logits_q, logits_p)), found, atol=1e-6)
    assert (found <= math.log(2) + 1e-6).all()


@repeatable(20)
@given(seed=seeds(), shape=shapes(max_rank=3), dtype=st.sampled_from(("uint8", "int16", "int64", ">i4", "bool")))
def test_symbols_score_as_their_one_hot_vectors_and_minus_infinity_where_they_name_none(seed, shape, dtype):
    _, logits = one_hot_and_logits(seed, (*shape, 3))
    symbols = np.random.default_rng(seed).integers(0, 2 if dtype == "bool" else 5, shape).astype(dtype)
    values = numpy_of(likelihoods.categorical_log_prob(symbols, logits))
    outside = (symbols.astype(int) > 2).any(axis=tuple(range(1, len(shape))))
    np.testing.assert_array_equal(values == -np.inf, outside)
    one_hot = np.eye(5)[symbols.astype(int)][..., :3]
    same = numpy_of(likelihoods.categorical_log_prob(one_hot, logits))
    np.testing.assert_allclose(values[~outside], same[~outside], rtol=1e-5)


OBJECTIVES = {
    function.__name__: function
    for function in (
        adversarial.minimax,
        adversarial.non_saturating,
        adversarial.hinge,
        adversarial.least_squares,
        adversarial.wasserstein,
    )
}


@pytest.mark.parametrize("name", OBJECTIVES)
@repeatable(6)
@given(seed=seeds(), batch=st.integers(0, 5), columns=st.lists(st.booleans(), min_size=3, max_size=3))
def test_an_objective_is_finite_for_extreme_logits_in_either_shape(name, seed, batch, columns):
    flat = [3 * numbers((seed, i), (batch,), LOGITS).astype("float32") for i in range(3)]
    either = [x[:, None] if column else x for x, column in zip(flat, columns, strict=True)]
    expected = [numpy_of(loss) for loss in OBJECTIVES[name](*flat)]
    for loss, same in zip(OBJECTIVES[name](*either), expected, strict=True):
        np.testing.assert_array_equal(numpy_of(loss), same)
        assert same.shape == (batch,)
        assert np.isfinite(same).all()


@pytest.mark.parametrize("sizes", [size for size in itertools.product((1, 4), repeat=3) if len(set(size)) > 1])
@pytest.mark.parametrize("name", OBJECTIVES)
def test_an_objective_refuses_batches_of_different_sizes(name, sizes):
    with pytest.raises(ValueError, match="batches of one size"):
        OBJECTIVES[name](*(np.zeros(size) for size in sizes))


@repeatable(15)
@given(seed=seeds(), shape=shapes())
def test_a_draw_has_the_shape_of_its_mean_and_is_never_nan(seed, shape):
    mean, log_var = (x.astype("float32") for x in gaussian_pair(seed, shape)[:2])
    draw = numpy_of(Sampling(seed=seed)(ops.convert_to_tensor(mean), ops.convert_to_tensor(log_var)))
    assert draw.shape == shape
    assert not np.isnan(draw).any()
    certain = log_var <= -1e4
    np.testing.assert_array_equal(draw[certain], mean[certain])


@repeatable(8)
@given(seed=seeds(), num_samples=st.integers(1, 6), noise_dim=st.integers(1, 4))
def test_noise_repeats_for_a_seed(seed, num_samples, noise_dim):
    draws = [numpy_of(Noise(noise_dim, seed=0).draw(num_samples, seed)) for _ in range(2)]
    assert draws[0].shape == (num_samples, noise_dim)
    np.testing.assert_array_equal(*draws)


@pytest.mark.parametrize("bad", NO_COUNTS, ids=repr)
def test_what_is_no_count_or_seed_is_refused_by_the_random_layers(bad):
    calls = [lambda: Noise(bad), lambda: Noise(2, seed=0).draw(bad)]
    if bad is not None:
        calls += [lambda: Noise(2, seed=bad), lambda: Sampling(seed=bad), lambda: Noise(2, seed=0).draw(2, seed=bad)]
    for call in calls:
        with pytest.raises(ValueError, match=r"(noise_dim|num_samples|seed) should"):
            call()


@pytest.mark.parametrize("bad", [0, -1, math.nan, math.inf, True, "1", None, [1.0]], ids=lambda bad: repr(bad)[:9])
def test_what_is_no_variance_is_refused(bad):
    with pytest.raises(ValueError, match="positive, finite"):
        likelihoods.gaussian(bad)


@pytest.mark.parametrize("number", [np.float32(0.25), np.float64(0.25), np.int64(3), 2])
def test_a_variance_may_be_a_number_of_numpy(number):
    assert likelihoods.gaussian(number).get_config() == {"variance": float(number)}
