import random

import keras
from keras import ops

from course_lib.contracts.arguments import whole_number


@keras.saving.register_keras_serializable(package="course_lib")
class Noise(keras.layers.Layer):
    r"""Draws standard normal noise, one row for each example of a batch: $z \sim \mathcal N(0, I)$.

    Args:
        noise_dim: Integer ≥ 1, the number of noise dimensions.
        seed: Integer ≥ 0 or None. Seed of the layer's own random stream; None takes one from Keras' global seed.

    Raises:
        ValueError: If the number of dimensions or of draws is not a positive integer, or the seed is none.

    Call arguments:
        x: Tensor `(batch, ...)`. Only its length is used.

    Output shape:
        `(batch, noise_dim)`, float32.

    Example:
        >>> tuple(Noise(3, seed=0)(ops.zeros((5, 28, 28, 1))).shape)
        (5, 3)
    """

    def __init__(self, noise_dim, seed=None, **kwargs):
        super().__init__(autocast=False, **kwargs)
        self.noise_dim = whole_number(noise_dim, "noise_dim", 1)
        self.seed = random.randint(1, 10**9) if seed is None else whole_number(seed, "seed", 0, 2**32 - 1)
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        self.built = True  # nothing is left to make; Keras would read a batch of data to find that out

    def call(self, x):
        return self._draw(ops.shape(x)[0], self.seed_generator)

    def draw(self, num_samples, seed=None):
        """Draw `(num_samples, noise_dim)`, from the layer's stream or, with an integer seed, repeatably."""
        seed = self.seed_generator if seed is None else whole_number(seed, "seed", 0, 2**32 - 1)
        return self._draw(whole_number(num_samples, "num_samples", 1), seed)

    def _draw(self, num_samples, seed):
        return keras.random.normal((num_samples, self.noise_dim), dtype="float32", seed=seed)

    def compute_output_shape(self, x_shape):
        return (x_shape[0], self.noise_dim)

    def rewind(self):
        """Return to the start of the random stream, so that the next draws repeat the first ones."""
        self.seed_generator.state.assign([self.seed, 0])

    def get_config(self):
        return {**super().get_config(), "noise_dim": self.noise_dim, "seed": self.seed}
