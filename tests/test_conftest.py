"""What the tests do to stay small: no graph of a file's models outlives the file."""

import subprocess
import sys
from pathlib import Path

import keras
import pytest

ROOT = Path(__file__).resolve().parents[1]
FREED = """
import gc, weakref
import tensorflow as tf
import conftest

@tf.function
def slope(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.nn.silu(x)  # has a gradient of its own
    return tape.gradient(y, x)

slope(tf.constant([1.0, 2.0]))
graph = weakref.ref(slope.get_concrete_function(tf.constant([1.0, 2.0])).graph)
del slope
gc.collect()
assert graph() is not None, "TensorFlow frees it by itself now: conftest.py need not do it"
conftest._forget_custom_gradients()
gc.collect()
assert graph() is None, "something else holds it now"
"""


@pytest.mark.slow
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="the registry is TensorFlow's")
def test_a_graph_with_a_custom_gradient_is_freed_when_its_file_is_over():
    """In a process of its own: what other tests leave behind may hold a graph, too."""
    ran = subprocess.run([sys.executable, "-c", FREED], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
