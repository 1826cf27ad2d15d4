import math

import keras
import numpy as np
from keras import layers, ops

from course_lib.contracts.arguments import whole_number
from course_lib.contracts.data import DataContract
from course_lib.formulas.likelihoods import categorical_log_prob
from course_lib.layers import MaskedDense
from course_lib.models.portable import Portable
from course_lib.training.model import UnsupervisedModel, in_batches, weighted_mean


@keras.saving.register_keras_serializable(package="course_lib")
class CodePrior(Portable, UnsupervisedModel):
    r"""An exact distribution over grids of symbols, one symbol after the other.

    $$\log p(k_1, \dots, k_N) = \sum_{i=1}^N \log p(k_i \mid k_1, \dots, k_{i-1})$$

    One network gives all N conditional distributions in one pass: its connections are masked such that the logits of
    position i see the symbols before i and nothing else (MADE). Positions are read row by row. Trained by `fit(codes)`
    on the negative log-probability, in nats; drawing takes N passes.

    Args:
        code_shape: Tuple, the shape of one grid of codes, such as `(7, 7)`; or an integer for a sequence.
        num_codes: Integer K ≥ 2; codes are 0 … K − 1.
        hidden_units: Widths of the hidden layers, each at least the number of positions less one.
        activation: Activation of the hidden layers.
        seed: Integer or None, for the order of the batches and for samples.

    Raises:
        ValueError: If an argument means nothing, or codes do not fit.

    Example:
        >>> prior = CodePrior((2, 2), num_codes=8, seed=0)
        >>> prior.sample(3).shape, prior.log_prob(np.zeros((5, 2, 2), "int32")).shape
        ((3, 2, 2), (5,))

    Reference:
        Germain et al. (2015), MADE, arXiv:1502.03509; as the prior of discrete codes: van den Oord et al. (2017),
        arXiv:1711.00937, section 3.3.
    """

    def __init__(self, code_shape, num_codes, hidden_units=(256,), activation="relu", seed=None, **kwargs):
        super().__init__(**kwargs)
        shape = (code_shape,) if isinstance(code_shape, int) else tuple(code_shape)
        self.code_shape = tuple(whole_number(size, "code_shape", 1) for size in shape)
        self.num_codes = whole_number(num_codes, "num_codes", 2)
        self.num_positions = math.prod(self.code_shape)
        self.hidden_units = tuple(
            whole_number(units, "hidden_units", max(1, self.num_positions - 1)) for units in hidden_units
        )
        self.activation = activation
        self.seed = seed = None if seed is None else whole_number(seed, "seed")
        self.sample_seed = keras.random.SeedGenerator(None if seed is None else seed + 2)
        self.network = self._causal_network()
        self.built = True

    def _causal_network(self):
        codes = keras.Input(self.code_shape, dtype="int32")
        flat = layers.Reshape((self.num_positions,), dtype="int32")(codes)
        features = layers.Flatten()(ops.one_hot(flat, self.num_codes, dtype="float32"))
        degrees = np.repeat(np.arange(self.num_positions), self.num_codes)
        for units in self.hidden_units:
            hidden = np.arange(units) % max(1, self.num_positions - 1)
            features = MaskedDense(degrees, hidden, self.activation)(features)
            degrees = hidden
        earlier = np.repeat(np.arange(self.num_positions) - 1, self.num_codes)  # position i sees up to i − 1
        logits = MaskedDense(degrees, earlier, dtype="float32", name="logits")(features)
        return keras.Model(codes, layers.Reshape((*self.code_shape, self.num_codes), dtype="float32")(logits))

    def call(self, codes, training=None):
        return self.network(codes, training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return weighted_mean(-categorical_log_prob(x, y_pred), sample_weight)

    def log_prob(self, codes):
        """The exact log-probability of each grid of codes.

        Args:
            codes: Integers, `(n, *code_shape)`.

        Returns:
            NumPy array, `(n,)`: nats.

        Raises:
            ValueError: If the codes do not fit.
        """
        codes = self.data_contract().checked(codes, "codes")
        return in_batches(lambda batch: categorical_log_prob(batch, self(batch, training=False)), codes)

    def sample(self, num_samples, seed=None):
        """Draw grids of codes, position by position.

        Args:
            num_samples: Integer ≥ 1.
            seed: Integer for draws that can be repeated; None continues the model's own stream.

        Returns:
            Int32 array, `(num_samples, *code_shape)`.
        """
        num_samples = whole_number(num_samples, "num_samples", 1)
        stream = self.sample_seed if seed is None else keras.random.SeedGenerator(whole_number(seed, "seed"))
        codes = np.zeros((num_samples, self.num_positions), "int32")
        for position in range(self.num_positions):
            logits = self(codes.reshape(num_samples, *self.code_shape), training=False)
            logits = ops.reshape(logits, (num_samples, self.num_positions, self.num_codes))[:, position]
            codes[:, position] = ops.convert_to_numpy(keras.random.categorical(logits, 1, seed=stream))[:, 0]
        return codes.reshape(num_samples, *self.code_shape)

    def data_contract(self):
        return DataContract(self.code_shape, 0, self.num_codes - 1, symbols=True, because=f"{self.num_codes} codes")

    def get_config(self):
        names = ("code_shape", "num_codes", "hidden_units", "activation", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
