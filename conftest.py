"""Test set-up shared by the tests and the docstrings' examples."""

import importlib.util
import os
import sys

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("MPLBACKEND", "agg")

# The environment for the other backends has no notebook tools and runs the `backend` tests alone.
if importlib.util.find_spec("jupytext") is None:
    collect_ignore_glob = ["tests/test_build_notebooks.py", "tests/test_lesson*.py", "tools/*"]


@pytest.fixture(autouse=True)
def _seeded():
    """The same global random state at the start of every test that uses Keras."""
    if "keras" in sys.modules:
        import keras

        keras.utils.set_random_seed(0)


@pytest.fixture(autouse=True)
def _figures_closed():
    yield
    if "matplotlib.pyplot" in sys.modules:
        import matplotlib.pyplot as plt

        plt.close("all")
