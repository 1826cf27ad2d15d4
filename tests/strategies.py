"""Hypothesis strategies for the tests: shapes, memory layouts, dtypes and numbers at the edges of float32.

`COURSE_FUZZ=100` multiplies the examples by 100 and draws other ones every time.
"""

import os

import hypothesis
import numpy as np
from hypothesis import strategies as st

_FACTOR = int(os.environ.get("COURSE_FUZZ", "1"))

LAYOUTS = {
    "C order": np.ascontiguousarray,
    "Fortran order": np.asfortranarray,
    "every second value": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "backwards": lambda x: x[::-1].copy()[::-1],
    "read-only": lambda x: _read_only(x.copy()),
    "big-endian": lambda x: x.astype(x.dtype.newbyteorder(">")),
    "nested list": lambda x: x.tolist(),
}

NO_COUNTS = (-1, 1.5, float("nan"), float("inf"), "2", None, True, [2])  # what no number of things can be
NO_TABLES = (
    [["a", "b"]],
    [[1.0], [1.0, 2.0]],
    [[1j, 2.0]],
    None,
    {"x": 1},
    [[None, 1.0]],
    [[np.nan, 1.0]],
    [[1e200, 1]],
)


def repeatable(max_examples):
    """The same examples at every run, and no folder of found ones."""
    return hypothesis.settings(
        max_examples=max_examples * _FACTOR,
        derandomize=_FACTOR == 1,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )


def shapes(min_batch=0, max_rank=4):
    """Shapes `(batch, ...)` of events of rank 1 to `max_rank`, single examples among them."""
    event = st.lists(st.integers(1, 4), min_size=1, max_size=max_rank).map(tuple)
    return st.builds(lambda batch, event: (batch, *event), st.integers(min_batch, 5), event)


def seeds():
    return st.integers(0, 2**32 - 1)


def numbers(seed, shape, edges=(), scale=1.0):
    """Normal numbers, about half of which are replaced by the edges, if there are any."""
    rng = np.random.default_rng(seed)
    x = scale * rng.standard_normal(shape)
    return np.where(rng.random(shape) < 0.5, rng.choice(edges, shape), x) if len(edges) else x


def _read_only(x):
    x.flags.writeable = False
    return x
