import itertools
import math

import keras
import numpy as np
from keras import ops

from course_lib.contracts.arguments import real_number, whole_number
from course_lib.contracts.data import DataContract
from course_lib.layers import Noise, Position
from course_lib.models.autoencoder import squared_error
from course_lib.models.parts import deserialised, require_networks
from course_lib.models.portable import Portable
from course_lib.training.model import UnsupervisedModel, in_batches, weighted_mean


@keras.saving.register_keras_serializable(package="course_lib")
class Denoiser(Portable, UnsupervisedModel):
    r"""A diffusion model: one network that takes noise of every strength away, and makes data out of noise alone.

    Data fade while noise grows, and the network learns the clean example; the best answer is the mean of all that the
    noisy one may have come from. The loss is summed over the values of an example and averaged over the batch.

    $$x_t = \alpha_t x + \sigma_t \varepsilon, \quad \alpha_t = e^{-t}, \quad \sigma_t^2 = 1 - e^{-2t}, \qquad
      L = \|x - \hat x(x_t, u)\|^2, \qquad \hat x^\star = \mathbb E[x \mid x_t]$$

    The time is $t = T u^2$ with $u$ uniform in [0, 1), so that half of all draws lie in the first quarter. A sample
    starts from noise and keeps, step by step, what the answer leaves of it:
    $x_s = \alpha_s \hat x + \frac{\sigma_s}{\sigma_t}(x_t - \alpha_t \hat x)$ for $s < t$. Data should have mean 0 and
    variance near 1.

    Args:
        network: Keras model from `[x_t, u]`, float32 of shapes `(batch, ...)` and `(batch, 1)`, to the shape of the
            data.
        longest: T > 0, the time at which sampling starts: little of the data may be left. $e^{-3}$ is 5 %.
        seed: Integer or None, for noise, times, the order of the batches, and samples.

    Raises:
        ValueError: If an argument means nothing, the network takes or returns other shapes, or the data do not fit.

    Example:
        >>> import numpy as np
        >>> noisy, time = keras.Input((2,)), keras.Input((1,))
        >>> network = keras.Model([noisy, time], keras.layers.Dense(2)(keras.layers.Concatenate()([noisy, time])))
        >>> model = Denoiser(network, seed=0)
        >>> model.sample(5, seed=1).shape, model.denoise(np.ones((3, 2)), t=0.5).shape
        ((5, 2), (3, 2))

    Reference:
        Ho et al. (2020), Denoising diffusion probabilistic models, arXiv:2006.11239; a network that answers the clean
        example: Salimans & Ho (2022), arXiv:2202.00512; the sampler: Song, Meng & Ermon (2021), Denoising diffusion
        implicit models, arXiv:2010.02502, eq. 12 with σ = 0.
    """

    def __init__(self, network, longest=3.0, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.network, self.seed, self.longest = network, seed, real_number(longest, "longest")
        self.check_networks()
        self.data_shape = tuple(network.output_shape[1:])
        size, seeds = math.prod(self.data_shape), [None if seed is None else seed + number for number in range(5)]
        self.noise, self.evaluation_noise, self.sample_noise = (Noise(size, each) for each in seeds[:3])
        self.position, self.evaluation_position = (Position(each) for each in seeds[3:])
        self.built = True

    def signal_and_noise(self, u):
        r"""$\alpha_t$ and $\sigma_t$ at $t = T u^2$: what is left of the data, and the noise beside it.

        Args:
            u: Floats `(...)` in [0, 1], roots of shares of the longest time.

        Returns:
            Two float32 tensors of the shape of u, each in [0, 1].

        Example:
            >>> noisy, time = keras.Input((2,)), keras.Input((1,))
            >>> model = Denoiser(keras.Model([noisy, time], keras.layers.Dense(2)(noisy + time)), longest=3.0)
            >>> [[round(float(each), 3) for each in pair] for pair in model.signal_and_noise([0.0, 1.0])]
            [[1.0, 0.05], [0.0, 0.999]]
        """
        t = self.longest * ops.square(ops.convert_to_tensor(u, "float32"))
        return ops.exp(-t), ops.sqrt(-ops.expm1(-2 * t))

    def call(self, x, training=None):
        noise, position = self.noise, self.position
        if not training:
            noise, position = self.evaluation_noise, self.evaluation_position
        u, noise = position(x), ops.reshape(noise(x), ops.shape(x))
        signal, deviation = (ops.reshape(each, (-1,) + (1,) * (len(x.shape) - 1)) for each in self.signal_and_noise(u))
        noisy = signal * ops.cast(x, "float32") + deviation * ops.cast(noise, "float32")
        return self.network([noisy, ops.reshape(u, (-1, 1))], training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return weighted_mean(squared_error(x, y_pred) + self.weight_penalty(), sample_weight)

    def denoise(self, x, t):
        r"""The network's answer $\hat x$ to noisy data.

        Args:
            x: Array `(n, ...)`, floats: noisy data $x_t$, in units in which data have mean 0 and variance near 1.
            t: Their time, one number from 0 to `longest`.

        Returns:
            NumPy array, float32, same shape and units.

        Raises:
            ValueError: If the time lies outside, or the data do not fit.

        Example:
            >>> noisy, time = keras.Input((2,)), keras.Input((1,))
            >>> model = Denoiser(keras.Model([noisy, time], keras.layers.Dense(2)(noisy + time)), seed=0)
            >>> model.denoise([[0.5, -1.0]], t=0.3).shape
            (1, 2)
        """
        if not 0 <= real_number(t, "t") <= self.longest:
            raise ValueError(f"t should lie between 0 and longest={self.longest:g}; got {t!r}.")
        return self._denoised(self.data_contract().checked(x), math.sqrt(t / self.longest))

    def _denoised(self, x, u):
        def answer(noisy):
            return self.network([ops.convert_to_tensor(noisy), ops.full((len(noisy), 1), u)], training=False)

        return in_batches(answer, x)

    def sample(self, num_samples, seed=None, steps=50):
        """Draw new data: from noise alone, in steps that are dense near the data.

        Args:
            num_samples: Integer ≥ 1.
            seed: Integer for draws that can be repeated; None continues the model's own stream.
            steps: Integer ≥ 1, how often the network is asked.

        Returns:
            NumPy array, float32, `(num_samples, *data_shape)`, in the units of the data.

        Raises:
            ValueError: If a count is no integer or less than 1.

        Example:
            >>> noisy, time = keras.Input((2,)), keras.Input((1,))
            >>> model = Denoiser(keras.Model([noisy, time], keras.layers.Dense(2)(noisy + time)), seed=0)
            >>> bool((model.sample(3, seed=1, steps=10) == model.sample(3, seed=1, steps=10)).all())
            True
        """
        noise = ops.convert_to_numpy(self.sample_noise.draw(whole_number(num_samples, "num_samples", 1), seed))
        x = noise.reshape(num_samples, *self.data_shape)
        for u, lower in itertools.pairwise(np.linspace(1, 0, whole_number(steps, "steps", 1) + 1)):
            guess = self._denoised(x, u)
            (signal, deviation), (next_signal, next_deviation) = (
                map(float, self.signal_and_noise(each)) for each in (u, lower)
            )
            x = next_signal * guess + next_deviation / deviation * (x - signal * guess)
        return x

    @property
    def evaluation_draws(self):
        return (self.evaluation_noise, self.evaluation_position)

    def data_contract(self):
        return DataContract(self.data_shape, because="noise of variance 1", loudest=10.0)

    def check_networks(self):
        require_networks(network=self.network)
        if self.longest <= 0:
            raise ValueError(f"longest should be positive, the time at which nothing is left; got {self.longest!r}.")
        inputs = getattr(self.network, "inputs", None) or []
        taken, made = [tuple(each.shape[1:]) for each in inputs], tuple(getattr(self.network, "output_shape", ()))[1:]
        if taken != [made, (1,)]:
            raise ValueError(
                f"The network must take [x_t, u], shapes {made or '(...)'} and (1,), and return the shape of x_t; it "
                f"takes {taken} and returns {made}. Build it as keras.Model([noisy, time], answer)."
            )

    def get_config(self):
        network = keras.saving.serialize_keras_object(self.network)
        return {**super().get_config(), "network": network, "longest": self.longest, "seed": self.seed}

    @classmethod
    def from_config(cls, config):
        return cls(**deserialised(config, "network"))
