import random

import keras
from keras import ops

from course_lib.contracts.arguments import whole_number


@keras.saving.register_keras_serializable(package="course_lib")
class Sampling(keras.layers.Layer):
    r"""Draws from a diagonal Gaussian so that gradients reach its parameters.

    The reparameterization trick: the randomness is drawn first, then moved and scaled,

    $$z = \mu + \sigma \, \varepsilon, \qquad \varepsilon \sim \mathcal N(0, I),
      \qquad \sigma = e^{\frac12 \log\sigma^2}.$$

    It is a way of drawing, not a term of the loss. It draws in training and in evaluation alike, in float32 under
    every precision policy.

    Args:
        seed: Integer ≥ 0 or None. Seed of the layer's own random stream; None takes one from Keras' global seed.

    Call arguments:
        mean: Floats, `(batch, latent_dim)`.
        log_var: Floats, same shape: the log-variances, $\log\sigma^2$.

    Output shape:
        Same as `mean`, float32.

    Raises:
        ValueError: If the two shapes differ, or the seed is no such integer.

    Example:
        >>> z = Sampling(seed=0)(ops.zeros((10_000, 1)), ops.full((10_000, 1), 2 * ops.log(3.0)))
        >>> round(float(ops.std(z)), 1)
        3.0

    Reference:
        Kingma & Welling (2014), arXiv:1312.6114, section 2.4; Rezende et al. (2014), arXiv:1401.4082.
    """

    def __init__(self, seed=None, **kwargs):
        super().__init__(autocast=False, **kwargs)  # half precision would round the draw
        self.seed = random.randint(1, 10**9) if seed is None else whole_number(seed, "seed", 0, 2**32 - 1)
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        self.built = True  # nothing is left to make; Keras would read a batch of data to find that out

    def call(self, mean, log_var):
        mean, log_var = ops.cast(mean, "float32"), ops.cast(log_var, "float32")
        if tuple(mean.shape) != tuple(log_var.shape):
            raise ValueError(
                "Sampling expects mean and log_var of the same shape, one variance per latent dimension; got "
                f"{tuple(mean.shape)} and {tuple(log_var.shape)}."
            )
        noise = keras.random.normal(ops.shape(mean), dtype="float32", seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_var) * noise

    def compute_output_shape(self, mean_shape, log_var_shape=None):
        return mean_shape

    def rewind(self):
        """Return to the start of the random stream, so that the next draws repeat the first ones."""
        self.seed_generator.state.assign([self.seed, 0])

    def get_config(self):
        return {**super().get_config(), "seed": self.seed}
