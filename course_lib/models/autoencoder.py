import keras
from keras import ops

from course_lib.contracts.data import DataContract
from course_lib.contracts.networks import input_shape
from course_lib.formulas import likelihoods
from course_lib.formulas.events import as_float32, require_same_shape, sum_over_event
from course_lib.formulas.penalties import check_penalty
from course_lib.models.parts import (
    as_tuple,
    built_on_first_data,
    check_code_fits,
    check_decoder,
    deserialised,
    likelihood_contract,
    loudest_data,
    meet_coders,
    refuse_activity_regularisers,
)
from course_lib.models.portable import Portable
from course_lib.training.model import UnsupervisedModel, in_batches, weighted_mean


@keras.saving.register_keras_serializable(package="course_lib")
class Autoencoder(Portable, UnsupervisedModel):
    r"""An encoder and a decoder trained to give back their input through a code.

    $$L(x) = \|x - \hat x\|^2 \quad\text{or}\quad L(x) = -\log p(x \mid \hat x), \qquad
      \hat x = \operatorname{decoder}(\operatorname{encoder}(x))$$

    The loss is summed over the values of an example and averaged over the batch; `mse` in the logs is the same
    squared error per value, whichever loss is trained. What is added to L (a penalty on the code, the networks' weight
    regularisers) is in the logs as `penalty`.

    A denoising autoencoder needs no option: put `keras.layers.GaussianNoise` or `Dropout` first in the encoder, and the
    target stays clean; or, where the noise is in the data, train by `fit(noisy, clean)`. With an augmentation, by
    contrast, the changed image is input *and* target, and none can be given.

    Args:
        encoder: Keras model from data `(batch, ...)` to a code `(batch, latent_dim)`.
        decoder: Keras model from the code back to the shape of the data: values, or a likelihood's parameters
            (Bernoulli: logits).
        log_likelihood: None for the squared error, or one of `course_lib.formulas.likelihoods`.
        penalty: None, or one of `course_lib.formulas.penalties`, such as `Sparse(weight, target)`: a serialisable
            function of `(encoder, x, codes)` that returns `(batch,)`.
        augmentation: None, or a Keras layer such as `keras.layers.RandomRotation(0.05)` that changes data in training.

    Raises:
        ValueError: If code and decoder do not fit, the decoder ends in a sigmoid where logits belong, a network has an
            `activity_regularizer`, or the data are not what the networks and the likelihood expect.

    Example:
        >>> import numpy as np
        >>> from course_lib import networks
        >>> model = Autoencoder(networks.dense_encoder((4,), 2, ()), networks.dense_decoder(2, (4,), ()))
        >>> model.reconstruct(np.zeros((3, 4))).shape, model.encode(np.zeros((3, 4))).shape
        ((3, 4), (3, 2))

    Reference:
        Hinton & Salakhutdinov (2006), Science 313; for the linear case Baldi & Hornik (1989).
    """

    def __init__(self, encoder, decoder, log_likelihood=None, penalty=None, augmentation=None, **kwargs):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.decoder = decoder
        self.log_likelihood = log_likelihood
        self.penalty = penalty
        self.augmentation = augmentation
        self.mse_tracker = keras.metrics.Mean(name="mse")
        penalised = penalty is not None or _has_weight_regularisers(self)
        self.penalty_tracker = keras.metrics.Mean(name="penalty") if penalised else None
        self.check_networks()
        self.built = encoder.built and decoder.built

    def call(self, x, training=None):
        target = self.augmentation(x, training=True) if training and self.augmentation is not None else x
        codes = self.encoder(target, training=training)
        return {"target": target, "codes": codes, "parameters": as_tuple(self.decoder(codes, training=training))}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        target, parameters = y_pred["target"], y_pred["parameters"]
        if y is not None and self.takes_targets:
            target = y
        error = squared_error(target, self._mean(*parameters))
        values_per_example = ops.cast(ops.size(target) / ops.shape(target)[0], "float32")
        self.mse_tracker.update_state(error / values_per_example, sample_weight)
        reconstruction = error if self.log_likelihood is None else -self.log_likelihood(target, *parameters)
        return weighted_mean(reconstruction + self._penalties(y_pred, sample_weight), sample_weight)

    def _penalties(self, y_pred, sample_weight):
        """The penalty on the codes `(batch,)`, plus the weights' own, which each example carries in full."""
        if self.penalty_tracker is None:
            return 0.0
        codes = y_pred["codes"]
        one_per_example = ops.reshape(ops.cast(codes, "float32"), (ops.shape(codes)[0], -1))[:, 0]
        penalties = ops.zeros_like(one_per_example) + self.weight_penalty()
        if self.penalty is not None:
            penalties += self.penalty(self.encoder, y_pred["target"], codes)
        self.penalty_tracker.update_state(penalties, sample_weight)
        return penalties

    def encode(self, x):
        """The codes of data.

        Args:
            x: Array `(n, ...)`.

        Returns:
            NumPy array, `(n, latent_dim)`.
        """
        x = self.data_contract().checked(x)
        return in_batches(lambda batch: self.encoder(batch, training=False), x)

    def decode(self, codes):
        """Data space from codes: the decoder's values, or the mean of the likelihood.

        Args:
            codes: Array `(n, latent_dim)`.

        Returns:
            NumPy array, `(n, ...)`.

        Raises:
            ValueError: If the codes do not fit the decoder or are not finite.
        """
        codes = DataContract(input_shape(self.decoder)).checked(codes, "codes")
        return in_batches(lambda batch: self._mean(*as_tuple(self.decoder(batch, training=False))), codes)

    def reconstruct(self, x):
        """Data through the code and back, in data space.

        Args:
            x: Array `(n, ...)`.

        Returns:
            NumPy array, same shape. Reconstructions of given data, never samples.
        """
        return self.decode(self.encode(x))

    @property
    def takes_targets(self):
        return self.augmentation is None

    def data_contract(self):
        shape = input_shape(self.encoder)
        if self.log_likelihood is None:
            contract = DataContract(shape, because="the squared error", loudest=loudest_data(None))
        else:
            contract = likelihood_contract(self.log_likelihood, shape, self.encoder, self.decoder)
        return built_on_first_data(contract, self)

    def check_networks(self):
        meet_coders(self.encoder, self.decoder)
        check_code_fits(self.encoder, self.decoder, num_outputs=1)
        check_decoder(self.decoder, self.log_likelihood, input_shape(self.encoder))
        refuse_activity_regularisers(self)
        if self.penalty is not None:
            check_penalty(self.penalty, self.encoder)

    def _mean(self, *parameters):
        if self.log_likelihood is None:
            return parameters[0]
        return likelihoods.facts(self.log_likelihood).mean(*parameters)

    def get_config(self):
        return {
            **super().get_config(),
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "decoder": keras.saving.serialize_keras_object(self.decoder),
            "log_likelihood": keras.saving.serialize_keras_object(self.log_likelihood),
            "penalty": keras.saving.serialize_keras_object(self.penalty),
            "augmentation": keras.saving.serialize_keras_object(self.augmentation),
        }

    @classmethod
    def from_config(cls, config):
        return cls(**deserialised(config, "encoder", "decoder", "log_likelihood", "penalty", "augmentation"))


def _has_weight_regularisers(model):
    return any(
        value is not None
        for layer in model._flatten_layers()
        for name, value in vars(layer).items()
        if name.endswith("_regularizer")
    )


def squared_error(x, reconstruction):
    r"""The squared distance of data and reconstruction, $\sum_i (x_i - \hat x_i)^2$.

    Args:
        x: Numbers, `(batch, ...)`.
        reconstruction: Floats, same shape.

    Returns:
        Float32 tensor, `(batch,)`: squared units of the data per example, summed over its values.

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> float(squared_error(ops.zeros((1, 2)), ops.ones((1, 2)))[0])
        2.0
    """
    x, reconstruction = as_float32(x, reconstruction)
    require_same_shape(x, reconstruction, "reconstruction")
    return sum_over_event(ops.square(x - reconstruction))
