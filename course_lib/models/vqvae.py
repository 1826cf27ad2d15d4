import math

import keras
from keras import ops

from course_lib.contracts.arguments import whole_number
from course_lib.contracts.data import DataContract
from course_lib.contracts.networks import input_shape, output_shapes
from course_lib.formulas import likelihoods
from course_lib.layers import VectorQuantizer
from course_lib.layers.vector_quantizer import Perplexity
from course_lib.models.code_prior import CodePrior
from course_lib.models.parts import (
    as_tuple,
    check_decoder,
    deserialised,
    likelihood_contract,
    meet_coders,
    refuse_activity_regularisers,
    require_networks,
)
from course_lib.models.portable import Portable
from course_lib.training.model import UnsupervisedModel, in_batches, weighted_mean


@keras.saving.register_keras_serializable(package="course_lib")
class VQVAE(Portable, UnsupervisedModel):
    r"""An autoencoder whose code is a grid of symbols: each vector of the encoder becomes the nearest code of a book.

    $$L(x) = -\log p(x \mid e_{k(x)}) + \|\bar z - e_k\|^2 + \gamma \|z - \bar e_k\|^2,
      \qquad z = \operatorname{encoder}(x)$$

    The symbols k(x) are a function of x: nothing is drawn, and the loss has no KL divergence. With *any* distribution
    p(k) over grids of symbols it is still a generative model, and

    $$\log p(x) \ge \log p(x \mid e_{k(x)}) + \log p(k(x)),$$

    whose right-hand side is `elbo`. At first p(k) is uniform; a `CodePrior` fitted to `model.encode(x)` and
    handed over by `set_prior` is what samples are drawn from.

    Args:
        encoder: Keras model from data to vectors, `(batch, ..., code_dim)`: a grid of positions.
        decoder: Keras model from such a grid to the likelihood's parameters.
        quantizer: A `VectorQuantizer` of the same `code_dim`.
        log_likelihood: One of `course_lib.formulas.likelihoods`.
        seed: Integer or None, for the order of the batches and for samples without a prior.

    Raises:
        ValueError: If networks, quantizer and likelihood do not fit each other, or the data do not fit them.

    Example:
        >>> import numpy as np
        >>> from course_lib import networks
        >>> encoder = networks.dense_grid_encoder((8, 8, 1), positions=(4,), code_dim=2)
        >>> decoder = networks.dense_grid_decoder((4,), code_dim=2, data_shape=(8, 8, 1))
        >>> model = VQVAE(encoder, decoder, VectorQuantizer(16, 2), likelihoods.bernoulli_log_prob, seed=0)
        >>> model.encode(np.zeros((3, 8, 8, 1))).shape, model.sample(5).shape
        ((3, 4), (5, 8, 8, 1))

    Reference:
        van den Oord, Vinyals & Kavukcuoglu (2017), arXiv:1711.00937, eq. 3.
    """

    takes_targets = True

    def __init__(self, encoder, decoder, quantizer, log_likelihood, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.decoder = decoder
        self.quantizer = quantizer
        self.log_likelihood = log_likelihood
        self.seed = seed = None if seed is None else whole_number(seed, "seed")
        self.uniform_seed = keras.random.SeedGenerator(None if seed is None else seed + 2)
        self.check_networks()
        self.set_prior(None)
        self.reconstruction_tracker = keras.metrics.Mean(name="reconstruction")
        self.quantization_tracker = keras.metrics.Mean(name="quantization")
        self.perplexity_tracker = Perplexity(quantizer.num_codes)
        self.built = encoder.built and decoder.built

    def call(self, x, training=None):
        quantized = self.quantizer(self.encoder(x, training=training), training=training)
        return {**quantized, "parameters": as_tuple(self.decoder(quantized["quantized"], training=training))}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        reconstruction = -self.log_likelihood(x if y is None else y, *y_pred["parameters"])
        self.reconstruction_tracker.update_state(reconstruction, sample_weight)
        self.quantization_tracker.update_state(y_pred["commitment"], sample_weight)
        self.perplexity_tracker.update_state(y_pred["codes"])
        return weighted_mean(reconstruction + y_pred["loss"], sample_weight) + self.weight_penalty()

    def encode(self, x):
        """The symbols of data.

        Args:
            x: Array `(n, ...)`.

        Returns:
            Int32 array, `(n, *code_shape)`, in 0 … num_codes − 1.
        """
        x = self.data_contract().checked(x)
        return in_batches(lambda batch: self.quantizer.nearest(self._vectors(batch)), x)

    def decode(self, codes):
        """The mean of p(x | codes) in data space.

        Args:
            codes: Integers, `(n, *code_shape)`.

        Returns:
            NumPy array, `(n, ...)`.

        Raises:
            ValueError: If the codes do not fit.
        """
        mean = likelihoods.facts(self.log_likelihood).mean
        return in_batches(lambda batch: mean(*self._decoded(batch)), self._code_contract().checked(codes, "codes"))

    def reconstruct(self, x):
        """Data to symbols and back. Reconstructions, never samples."""
        return self.decode(self.encode(x))

    def elbo(self, x):
        """A lower bound on log p(x): the log-likelihood given the symbols, plus their log-probability.

        Args:
            x: Array `(n, ...)`.

        Returns:
            NumPy array, `(n,)`: nats, without any noise. The prior is `self.prior`, or uniform before there is one.
        """
        x = self.data_contract().checked(x)
        codes = self.encode(x)
        likelihood = in_batches(lambda x, codes: self.log_likelihood(x, *self._decoded(codes)), x, codes)
        if self.prior is None:
            return likelihood - math.prod(self.code_shape) * math.log(self.quantizer.num_codes)
        return likelihood + self.prior.log_prob(codes)

    def sample(self, num_samples, seed=None):
        """Generate: draw symbols from the prior, decode them.

        Args:
            num_samples: Integer ≥ 1.
            seed: Integer for draws that can be repeated; None continues the model's own stream.

        Returns:
            NumPy array, `(num_samples, ...)`, in data space. Before a prior is set the symbols are uniform.
        """
        if self.prior is not None:
            return self.decode(self.prior.sample(num_samples, seed))
        shape = (whole_number(num_samples, "num_samples", 1), *self.code_shape)
        seed = self.uniform_seed if seed is None else whole_number(seed, "seed")
        codes = keras.random.randint(shape, 0, self.quantizer.num_codes, dtype="int32", seed=seed)
        return self.decode(ops.convert_to_numpy(codes))

    @property
    def prior(self):
        """The `CodePrior`, or None for uniform symbols."""
        return self._prior

    def set_prior(self, prior):
        """Use a distribution over grids of symbols. It stays a model of its own: this one neither trains nor saves it.

        Args:
            prior: A `CodePrior` fitted to `encode(x)` of this model, or None for uniform symbols.

        Raises:
            ValueError: If it is no `CodePrior`, or one of other grids or another number of codes.
        """
        if not (prior is None or isinstance(prior, CodePrior)):
            raise ValueError(f"The prior should be a CodePrior, or None for uniform symbols; got {prior!r}.")
        if prior is not None and (prior.code_shape, prior.num_codes) != (self.code_shape, self.quantizer.num_codes):
            raise ValueError(
                f"The prior should be CodePrior({self.code_shape}, {self.quantizer.num_codes}), like the codes; got "
                f"one for grids {prior.code_shape} of {prior.num_codes} codes."
            )
        object.__setattr__(self, "_prior", prior)  # not a part: its weights are not this model's to train

    @property
    def code_shape(self):
        """The shape of one grid of symbols, read off the encoder."""
        return output_shapes(self.encoder)[0][:-1]

    def data_contract(self):
        return likelihood_contract(self.log_likelihood, input_shape(self.encoder), self.encoder, self.decoder)

    def check_networks(self):
        require_networks(encoder=self.encoder, decoder=self.decoder)
        if not isinstance(self.quantizer, VectorQuantizer):
            raise ValueError(f"quantizer should be a layers.VectorQuantizer; got {type(self.quantizer).__name__}.")
        meet_coders(self.encoder, self.decoder)
        made, taken = output_shapes(self.encoder), input_shape(self.decoder)
        if made is None or taken is None:
            raise ValueError("The grid of codes is read off the networks: begin them with keras.Input.")
        if len(made) != 1 or len(made[0]) < 2 or made[0][-1] != self.quantizer.code_dim or made[0] != taken:
            raise ValueError(
                f"The encoder should return one tensor (batch, positions, {self.quantizer.code_dim}), vectors for the "
                f"quantizer, and the decoder take it; the encoder returns {made}, the decoder takes {taken}."
            )
        check_decoder(self.decoder, self.log_likelihood, input_shape(self.encoder))
        refuse_activity_regularisers(self)

    def _vectors(self, x):
        return ops.cast(self.encoder(x, training=False), "float32")

    def _decoded(self, codes):
        return as_tuple(self.decoder(self.quantizer.lookup(codes), training=False))

    def _code_contract(self):
        last = self.quantizer.num_codes - 1
        return DataContract(self.code_shape, 0, last, symbols=True, because=f"{last + 1} codes")

    def get_config(self):
        parts = ("encoder", "decoder", "quantizer", "log_likelihood")
        saved = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in parts}
        return {**super().get_config(), **saved, "seed": self.seed}

    @classmethod
    def from_config(cls, config):
        return cls(**deserialised(config, "encoder", "decoder", "quantizer", "log_likelihood"))
