import numpy as np
import pytest

from course_lib.contracts.arguments import finite_float64, real_array, real_number, shape_of_example, whole_number


@pytest.mark.parametrize("value", [1, np.int8(1), np.uint64(1)])
def test_integers_of_every_kind_are_whole_numbers(value):
    assert whole_number(value, "k", 1, 1) == 1
    assert type(whole_number(value, "k")) is int


@pytest.mark.parametrize("bad", [1.0, True, np.True_, "1", None, np.nan, [1], np.array([1])])
def test_what_is_no_integer_is_refused_by_name(bad):
    with pytest.raises(ValueError, match="k should be an integer; got"):
        whole_number(bad, "k")


def test_a_whole_number_out_of_range_is_refused_with_the_range():
    with pytest.raises(ValueError, match="k should be at least 1; got 0"):
        whole_number(0, "k", 1)
    with pytest.raises(ValueError, match="k should lie in 1 … 3; got 4"):
        whole_number(4, "k", 1, 3)


def test_numbers_of_every_kind_are_real_numbers():
    assert [real_number(value, "r") for value in (2, -0.5, np.float32(0.25), np.int64(3))] == [2.0, -0.5, 0.25, 3.0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, True, "1", None, 1j, [1.0], 10**400])
def test_what_is_no_finite_number_is_refused_by_name(bad):
    with pytest.raises(ValueError, match="r should be one finite number"):
        real_number(bad, "r")


def test_arrays_keep_their_dtype_but_for_booleans():
    for dtype in ("float16", "float32", "int8", ">f8", "uint64"):
        assert real_array(np.ones(2, dtype), "x").dtype == dtype
    assert real_array([True], "x").dtype == "uint8"


@pytest.mark.parametrize("bad", ["a", ["1"], [1j], None, [[1], [1, 2]], np.array(["2020"], "M8[s]"), {"x": 1}])
def test_what_is_no_array_of_real_numbers_is_refused_by_name(bad):
    with pytest.raises(ValueError, match="x must be an array of"):
        real_array(bad, "x")


def test_finite_numbers_that_can_be_squared_become_float64_and_others_are_refused():
    assert finite_float64(np.ones((2, 0), "float16"), "x").dtype == "float64"
    assert np.isfinite(np.square(finite_float64([1e150, -1e150], "x"))).all()
    for bad, sentence in ((np.nan, "finite"), (np.inf, "finite"), (-1e151, "squares overflow")):
        with pytest.raises(ValueError, match=f"x should .*{sentence}"):
            finite_float64([0.0, bad], "x")


@pytest.mark.parametrize("shape", [(None,), (None, 28, 1), [28, 28, None]])
def test_a_shape_of_which_any_size_is_unknown_is_refused_with_what_to_do(shape):
    with pytest.raises(ValueError, match=r"all of whose sizes are known.*Crop or pad the examples to one size"):
        shape_of_example(shape)
