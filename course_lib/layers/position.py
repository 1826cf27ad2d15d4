import random

import keras
from keras import ops

from course_lib.contracts.arguments import whole_number


@keras.saving.register_keras_serializable(package="course_lib")
class Position(keras.layers.Layer):
    r"""Draws one position between two ends for each example of a batch: $t \sim \mathcal U(0, 1)$.

    Args:
        seed: Integer ≥ 0 or None. Seed of the layer's own random stream; None takes one from Keras' global seed.

    Raises:
        ValueError: If the seed is no such integer.

    Call arguments:
        x: Tensor `(batch, ...)`. Only its length is used.

    Output shape:
        `(batch,)`, float32, in [0, 1).

    Example:
        >>> tuple(Position(seed=0)(ops.zeros((5, 28, 28, 1))).shape)
        (5,)
    """

    def __init__(self, seed=None, **kwargs):
        super().__init__(autocast=False, **kwargs)
        self.seed = random.randint(1, 10**9) if seed is None else whole_number(seed, "seed", 0, 2**32 - 1)
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        self.built = True  # nothing is left to make; Keras would read a batch of data to find that out

    def call(self, x):
        return keras.random.uniform((ops.shape(x)[0],), dtype="float32", seed=self.seed_generator)

    def compute_output_shape(self, x_shape):
        return (x_shape[0],)

    def rewind(self):
        """Return to the start of the random stream, so that the next draws repeat the first ones."""
        self.seed_generator.state.assign([self.seed, 0])

    def get_config(self):
        return {**super().get_config(), "seed": self.seed}
