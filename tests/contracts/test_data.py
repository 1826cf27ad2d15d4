import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from course_lib.contracts.containers import is_in_memory, kind_of
from course_lib.contracts.data import DataContract

IMAGES = (4, 5, 1)
UNIT = DataContract(IMAGES, 0.0, 1.0, because="bernoulli_log_prob")
SIGNED = DataContract(IMAGES, -1.0, 1.0, because="a generator that ends in tanh")
FREE = DataContract(IMAGES, because="gaussian_log_prob")
SYMBOLS = DataContract((3,), 0.0, 4.0, symbols=True, because="categorical_log_prob")
POINTS = DataContract((2,))
RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, size=(6, *IMAGES))
GREY = RNG.random((6, *IMAGES))


def refusal(contract, x, name="x"):
    with pytest.raises(ValueError, match=name) as caught:
        contract.checked(x, name)
    return str(caught.value)


def test_data_within_the_contract_come_back_as_they_are():
    for contract, x in ((UNIT, GREY), (SIGNED, 2 * GREY - 1), (FREE, 20 * GREY - 10), (POINTS, [[1.5, -2.0]])):
        checked = contract.checked(np.asarray(x, "float32"))
        assert checked.dtype == "float32"
        assert np.array_equal(checked, np.asarray(x, "float32"))


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "float32", "float64", "float16"])
@pytest.mark.parametrize(
    ("contract", "expected", "repair"),
    [
        (UNIT, "must lie in [0, 1] for bernoulli_log_prob", "x.astype('float32') / 255."),
        (SIGNED, "must lie in [-1, 1] for a generator that ends in tanh", "x.astype('float32') / 127.5 - 1."),
        (FREE, "around 0 or in [0, 1]", "x.astype('float32') / 255."),
    ],
    ids=["bernoulli", "tanh", "unbounded"],
)
def test_raw_pixels_are_refused_with_the_way_to_scale_them(contract, expected, repair, dtype):
    sentence = refusal(contract, PIXELS.astype(dtype))
    assert expected in sentence
    assert f"from {PIXELS.min()} to {PIXELS.max()}" in sentence
    assert repair in sentence
    repaired = eval(repair.removesuffix("."), {"x": PIXELS.astype(dtype)})
    assert contract.checked(repaired).dtype == "float32"  # the advice is good


def test_raw_pixels_that_are_no_longer_whole_are_refused_where_the_range_is_known():
    assert "/ 255" in refusal(UNIT, PIXELS * 0.999)
    assert "/ 127.5" in refusal(SIGNED, PIXELS * 0.999)


def test_images_around_zero_are_told_how_to_move_to_the_unit_interval():
    sentence = refusal(UNIT, 2 * GREY - 1)
    assert "[0, 1]" in sentence
    assert "(x + 1) / 2" in sentence
    assert np.allclose(UNIT.checked(((2 * GREY - 1) + 1) / 2), GREY)


def test_standardised_images_are_refused_by_a_bernoulli_and_accepted_by_a_gaussian():
    standardised = (GREY - GREY.mean()) / GREY.std()
    assert "Gaussian likelihood" in refusal(UNIT, standardised)
    assert np.allclose(FREE.checked(standardised), standardised)


@pytest.mark.parametrize(
    ("contract", "x", "interval"),
    [
        (DataContract((2,), None, 1.0), [[2.0, 0.0]], "[-∞, 1] for this model; got values from 0 to 2. Scale"),
        (DataContract((2,), 0.0, None), [[2.0, -0.5]], "[0, ∞]"),
    ],
)
def test_a_range_with_one_bound_is_written_with_infinity(contract, x, interval):
    assert interval in refusal(contract, x)


@pytest.mark.parametrize("contract", [UNIT, SIGNED, FREE])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_counted_and_located(contract, bad):
    x = GREY.copy()
    x[2, 1, 3, 0] = x[4, 0, 0, 0] = bad
    sentence = refusal(contract, x)
    assert "must be finite" in sentence
    assert "got 2 NaN or infinite" in sentence
    assert "(2, 1, 3, 0)" in sentence
    assert "~np.isfinite(x)" in sentence


@pytest.mark.parametrize(
    ("places", "repair"),
    [
        ([(0, 0), (0, 1), (0, 2)], "; is the first one a header? x[1:]."),
        ([(0, 0), (0, 1)], ": x[np.isfinite(x).reshape(len(x), -1).all(axis=1)]."),
        ([(0, 0), (0, 1), (0, 2), (2, 1)], ": x[np.isfinite(x).reshape(len(x), -1).all(axis=1)]."),
        ([(1, 2)], ": x[np.isfinite(x).reshape(len(x), -1).all(axis=1)]."),
        ([(0, 1), (1, 1), (2, 1), (3, 1)], "; is it a column of text? np.delete(x, [1], axis=1)."),
        ([(0, 1), (1, 1), (2, 1), (3, 1), (2, 0)], "; is it a column of text? np.delete(x, [1], axis=1)."),
        ([(0, 1), (1, 0), (2, 2), (3, 1)], "repair or drop them."),
        ([(row, column) for row in range(4) for column in range(3)], "repair or drop them."),
    ],
)
def test_what_is_not_finite_is_dropped_by_the_code_that_drops_it_and_no_more(places, repair):
    x = RNG.normal(size=(4, 3))
    for place in places:
        x[place] = np.nan
    sentence = refusal(DataContract((3,)), x)
    assert sentence.endswith(repair)
    code = repair.rsplit(": ", 1)[-1].rsplit("? ", 1)[-1].removesuffix(".")
    if "x[" in code:
        kept = eval(code, {"x": x, "np": np})
        assert np.isfinite(kept).all() == (len(places) != 5)
        assert len(kept)


@pytest.mark.parametrize(
    ("expected", "shape", "repair"),
    [
        (IMAGES, (6, 4, 5), "channel axis: x[..., None]"),
        (IMAGES, (6, 20), "x.reshape((-1, 4, 5, 1))"),
        (IMAGES, (4, 5, 1), "x[None] makes a batch of one"),
        (IMAGES, (6,), "labels: pass the images"),
        (IMAGES, (6, 4, 5, 3), "channels differs: 3 came, 1 expected"),
        (IMAGES, (6, 1, 4, 5), "np.moveaxis(x, 1, -1)"),
        ((8, 8, 3), (6, 3, 8, 8), "np.moveaxis(x, 1, -1)"),
        (IMAGES, (6, 9, 9, 1), "build the networks for its shape"),
        (IMAGES, (2, 3, 4, 5, 1), "build the networks for its shape"),
        ((2,), (2,), "x[None] makes a batch of one"),
        ((784,), (784,), "x[None] makes a batch of one"),
        ((784,), (100,), "labels: pass the data"),
        ((64,), (16000,), "labels: pass the data. A long signal? Cut it into windows: x[: len(x) // 64 * 64].reshape"),
        ((64,), (16000, 2), "Sound of 2 channels? Take their mean. Cut it into windows: x.mean(axis=1)[: len(x)"),
        ((784,), (6, 28, 28), "x.reshape((-1, 784))"),
        ((2,), (6, 3), "values per example differs: 3 came, 2 expected"),
        ((1,), (6,), "last axis: x[..., None]"),
        ((None, 3), (6, 5), "build the networks for its shape"),
    ],
)
def test_a_wrong_shape_is_named_beside_the_expected_one_with_a_repair(expected, shape, repair):
    sentence = refusal(DataContract(expected), np.zeros(shape))
    assert str(shape) in sentence
    assert "must have shape (examples, " + ", ".join("any" if n is None else str(n) for n in expected) in sentence
    assert repair in sentence


@pytest.mark.parametrize("shape", [(6, 4, 5), (6, 20), (4, 5, 1), (6, 1, 4, 5)])
def test_the_advised_repair_of_a_shape_makes_it_fit(shape):
    x = RNG.random(shape)
    sentence = refusal(FREE, x)
    code = next(
        part
        for part in ("x[..., None]", "x.reshape((-1, 4, 5, 1))", "x[None]", "np.moveaxis(x, 1, -1)")
        if part in sentence
    )
    assert FREE.checked(eval(code, {"x": x, "np": np})).shape[1:] == IMAGES


def test_a_single_number_is_no_data_set():
    for contract in (POINTS, DataContract(None)):
        assert "single number 5" in refusal(contract, 5.0)


def test_free_axes_accept_any_length_and_an_unknown_shape_accepts_any_shape():
    assert DataContract((None, None, 1)).checked(GREY).shape == GREY.shape
    assert DataContract(None).checked(np.zeros((2, 3, 4, 5, 6))).shape == (2, 3, 4, 5, 6)


@pytest.mark.parametrize("labels", [np.arange(10), np.arange(10)[:, None], np.arange(10).astype("float32")])
def test_labels_where_images_belong_are_refused(labels):
    sentence = refusal(UNIT, labels)
    assert "(examples, 4, 5, 1)" in sentence
    assert str(labels.shape) in sentence


@pytest.mark.parametrize("empty", [np.zeros((0, *IMAGES)), [], np.zeros((3, 0))])
def test_an_empty_array_is_refused(empty):
    sentence = refusal(UNIT, empty)
    assert "is empty" in sentence
    assert "at least one example" in sentence


@pytest.mark.parametrize(
    ("x", "came"),
    [
        (np.array([["a", "b"]]), "<U1"),
        (np.array([[None, 1.0]], dtype=object), "object"),
        (np.ones((1, 2), "complex64"), "complex64"),
        (np.array([["2026-01-01", "2026-01-02"]], "datetime64[D]"), "datetime64"),
        (None, "object"),
        ({"pixels": 1.0}, "object"),
    ],
)
def test_what_holds_no_real_numbers_is_refused_by_its_dtype(x, came):
    sentence = refusal(POINTS, x)
    assert "real numbers" in sentence
    assert came in sentence
    assert "Convert it first" in sentence


def test_ragged_lists_are_refused():
    sentence = refusal(POINTS, [[1.0, 2.0], [3.0]])
    assert "array of numbers" in sentence
    assert "got list" in sentence
    assert "the same shape" in sentence


@pytest.mark.parametrize("dtype", ["float16", "float64", "longdouble", "bool", "uint8", "int8", "int64"])
def test_binary_images_of_every_type_become_float32(dtype):
    binary = (GREY > 0.5).astype(dtype)
    for contract in (UNIT, SIGNED, FREE):
        checked = contract.checked(binary)
        assert checked.dtype == "float32"
        assert np.array_equal(checked, binary.astype("float32"))


def test_symbols_stay_integers():
    for dtype in ("uint8", "int64", "bool"):
        x = RNG.integers(0, 2, size=(6, 3)).astype(dtype)
        checked = SYMBOLS.checked(x)
        assert checked.dtype == "int32"
        assert np.array_equal(checked, x)


def test_symbols_that_are_fractions_or_out_of_range_are_refused():
    assert "integers that name symbols for categorical_log_prob; got float64" in refusal(SYMBOLS, np.ones((6, 3)))
    assert "Convert them: np.asarray(x).astype('int32')" in refusal(SYMBOLS, [[0.0, 2.0, 1.0]])
    assert "Number the symbols" in refusal(SYMBOLS, [[0.0, 0.5, 1.0]])
    sentence = refusal(SYMBOLS, [[0, 1, 5]])
    assert "[0, 4]" in sentence
    assert "from 0 to 5" in sentence
    assert "Number the symbols from 0" in sentence
    assert "Number the symbols from 0" in refusal(SYMBOLS, [[-1, 0, 1]])


def test_numbers_that_would_overflow_are_refused_and_not_made_infinite():
    assert "must fit into float32" in refusal(POINTS, [[1e300, 0.0]])
    assert "must fit into float32" in refusal(POINTS, [[-1e16, 0.0]])
    assert "must fit into int32" in refusal(DataContract((2,), 0.0, symbols=True), [[2**40, 0]])
    assert POINTS.checked([[1e15, -1e15]]).dtype == "float32"


def test_points_in_the_plane_may_be_as_large_as_they_like():
    for points in ([[1e6, -1e6]], [[200, 255], [0, 17]], RNG.integers(0, 256, size=(50, 2))):
        assert np.array_equal(POINTS.checked(points), np.asarray(points, "float32"))


def test_vectors_of_counts_are_not_taken_for_pixels():
    counts = RNG.poisson(20.0, size=(50, 100))
    assert counts.max() > 1
    assert np.array_equal(DataContract((100,)).checked(counts), counts.astype("float32"))
    tall = RNG.integers(0, 256, size=(50, 10))
    assert np.array_equal(DataContract((10,)).checked(tall), tall.astype("float32"))


def test_images_that_are_whole_numbers_in_places_are_not_taken_for_raw_pixels():
    x = 4 * GREY
    x[0, 0, 0, 0], x[1, 1, 1, 0] = 0, 3
    assert np.array_equal(FREE.checked(x), x.astype("float32"))


def test_flattened_raw_pixels_are_refused_like_images():
    assert "Divide by 255" in refusal(DataContract((784,)), RNG.integers(0, 256, size=(5, 784)))


def test_the_array_that_came_is_not_changed():
    for original in (PIXELS / 255.0, GREY.astype("float32"), GREY > 0.5):
        before = original.copy()
        UNIT.checked(original)
        assert np.array_equal(original, before)
        assert original.dtype == before.dtype


def test_data_are_called_by_the_name_they_were_given():
    for bad in (PIXELS, GREY[..., 0], GREY * np.nan, np.zeros((0, 4)), [["a"]]):
        assert refusal(UNIT, bad, "validation_data").startswith("validation_data ")


@pytest.mark.backend
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16", "int32", "bool"])
def test_tensors_of_the_running_backend_are_data(dtype):
    from keras import ops

    x = (GREY > 0.5).astype("float32")
    checked = UNIT.checked(ops.cast(x, dtype))
    assert checked.dtype == "float32"
    assert np.array_equal(checked, x)
    assert "Divide by" in refusal(UNIT, ops.cast(200 * x, dtype)) if dtype != "bool" else True


@pytest.mark.backend
def test_what_a_network_returns_is_data():
    import keras

    outputs = keras.layers.Dense(2)(np.ones((3, 5), "float32"))  # on PyTorch it carries a gradient
    assert POINTS.checked(outputs).shape == (3, 2)
    assert POINTS.checked(keras.Variable(np.ones((3, 2)))).shape == (3, 2)


@pytest.mark.backend
def test_a_pipeline_and_a_tensor_are_no_containers():
    import keras

    assert kind_of(keras.ops.ones((2, 3))) is None
    assert is_in_memory(keras.ops.ones((2, 3)))

    class Batches(keras.utils.PyDataset):
        def __getitem__(self, index):
            return GREY

        def __len__(self):
            return 1

    assert not is_in_memory(Batches())


FEW = settings(max_examples=40, deadline=None, database=None, derandomize=True)
DTYPES = st.sampled_from(["float16", "float32", "float64"])


def finite_images(low, high):
    shapes = st.integers(1, 3).map(lambda n: (n, *IMAGES))
    return DTYPES.flatmap(
        lambda dtype: arrays.arrays(
            dtype, shapes, elements=st.floats(low, high, width=int(dtype[-2:]), allow_nan=False)
        )
    )


@pytest.mark.slow
@FEW
@given(finite_images(-1, 1))
def test_any_finite_array_of_the_right_shape_and_range_is_accepted_and_returned_equal(x):
    checked = SIGNED.checked(x)
    assert checked.dtype == "float32"
    assert np.array_equal(checked, x.astype("float32"))


@FEW
@given(finite_images(0, 1), st.data())
def test_any_array_with_one_nan_is_refused_at_its_place(x, data):
    where = tuple(data.draw(st.integers(0, size - 1)) for size in x.shape)
    x[where] = np.nan
    for contract in (UNIT, SIGNED, FREE):
        assert str(where) in refusal(contract, x)


@FEW
@given(finite_images(0, 1), st.data(), st.sampled_from([-0.25, 1.25, -3.0, 300.0]))
def test_any_array_with_one_value_out_of_range_is_refused(x, data, outside):
    x[tuple(data.draw(st.integers(0, size - 1)) for size in x.shape)] = outside
    assert "must lie in [0, 1]" in refusal(UNIT, x)


@FEW
@given(arrays.array_shapes(min_dims=1, max_dims=5, max_side=6))
def test_any_other_shape_is_refused(shape):
    if shape[1:] != IMAGES:
        assert str(shape) in refusal(UNIT, np.zeros(shape))


@pytest.mark.parametrize("value", [2 + 1e-12, 255 - 1e-9, 255 + 1e-9, 1 + 1e-12])
def test_data_are_judged_as_float32_so_that_what_was_returned_is_accepted_or_refused_alike(value):
    x = np.full((3, 2, 2, 1), value)
    contract = DataContract((2, 2, 1))
    if value < 2:
        np.testing.assert_array_equal(contract.checked(contract.checked(x)), np.ones_like(x))
    else:
        for same in (x, x.astype("float32")):
            with pytest.raises(ValueError, match="raw pixels"):
                contract.checked(same)
