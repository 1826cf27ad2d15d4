"""Test set-up shared by the tests and the docstrings' examples."""

import gc
import importlib.util
import os
import sys
import time

import pytest

from tools.environment import dear

FREED = {"at": 0.0}  # seconds of this process
COLLECTED = pytest.StashKey[frozenset]()  # the names of all tests, those that are left out among them
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("MPLBACKEND", "agg")

# The environment for the other backends has no notebook tools and runs the `backend` tests alone.
if importlib.util.find_spec("jupytext") is None:
    collect_ignore_glob = ["tests/tools/*", "tests/mutants/*", "tests/test_lesson*.py", "tools/*"]
if importlib.util.find_spec("playwright") is None:  # `make test-browser` has it in an environment of its own
    collect_ignore_glob = [*globals().get("collect_ignore_glob", []), "tests/browser/*"]


def pytest_collection_finish():
    """What was imported stays: no need to look through it at each collection of garbage."""
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """What `make test` leaves to `make test-all` is nothing for `make check` either."""
    config.stash[COLLECTED] = frozenset(item.nodeid for item in items)
    left = dear.listed()
    for item in items:
        if item.nodeid in left:
            item.add_marker("exhaustive")
        if item.get_closest_marker("exhaustive"):
            item.add_marker("slow")


@pytest.fixture(autouse=True, scope="module")
def _models_freed():
    """The graphs of a file's models go when it ends, if there was time to make many: it takes half a second."""
    yield
    if "keras" in sys.modules and time.process_time() > FREED["at"] + 10:
        import keras

        keras.utils.clear_session()
        _forget_custom_gradients()
        gc.collect()
        FREED["at"] = time.process_time()


def _forget_custom_gradients():
    """TensorFlow has a registry that nothing ever leaves; each custom gradient in it keeps the graph that it is of."""
    operations = sys.modules.get("tensorflow.python.framework.ops")
    registry = getattr(getattr(operations, "gradient_registry", None), "_registry", {})
    for name in [name for name in registry if name.startswith("CustomGradient-")]:
        del registry[name]


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
