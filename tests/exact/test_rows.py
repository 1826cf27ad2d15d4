import numpy as np
import pytest

from course_lib.exact.rows import as_rows


def test_rows_become_float64_and_keep_their_values():
    rows = as_rows(np.arange(6, dtype="uint8").reshape(2, 3), num_features=3)
    assert rows.dtype == "float64"
    assert rows.tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(
    ("x", "sentence"),
    [
        (np.zeros(3), r"shape \(n, features\).*got \(3,\)"),
        (np.zeros((2, 3, 1)), "Flatten"),
        (np.zeros((0, 3)), "n >= 1"),
        (np.zeros((2, 4)), "3 columns"),
        (np.full((2, 3), np.nan), "finite"),
        (np.full((2, 3), np.inf), "finite"),
    ],
)
def test_other_input_is_refused_with_what_was_expected(x, sentence):
    with pytest.raises(ValueError, match=sentence):
        as_rows(x, num_features=3)
