import keras
from keras import ops

from course_lib import likelihoods
from course_lib.data_contract import DataContract
from course_lib.inspection import input_shape
from course_lib.models.parts import as_tuple, check_code_fits, check_decoder, deserialised, likelihood_contract
from course_lib.training import UnsupervisedModel, in_batches, weighted_mean


@keras.saving.register_keras_serializable(package="course_lib")
class Autoencoder(UnsupervisedModel):
    r"""An encoder and a decoder trained to give back their input through a code.

    $$L(x) = \|x - \hat x\|^2, \quad \hat x = \operatorname{decoder}(\operatorname{encoder}(x)), \qquad
      \text{or } L(x) = -\log p(x \mid \operatorname{decoder}(\operatorname{encoder}(x)))$$

    The loss is summed over the values of an example and averaged over the batch; `mse` in the logs is the same
    squared error per value, whichever loss is trained.

    Args:
        encoder: Keras model from data `(batch, ...)` to a code `(batch, latent_dim)`.
        decoder: Keras model from the code back to the shape of the data: values, or a likelihood's parameters
            (Bernoulli: logits).
        log_likelihood: None for the squared error, or one of `course_lib.likelihoods`.

    Raises:
        ValueError: If code and decoder do not fit, the decoder ends in a sigmoid where logits belong, or the data
            are not what the networks and the likelihood expect.

    Example:
        >>> import numpy as np
        >>> from course_lib import networks
        >>> model = Autoencoder(networks.dense_encoder((4,), 2, ()), networks.dense_decoder(2, (4,), ()))
        >>> model.reconstruct(np.zeros((3, 4))).shape, model.encode(np.zeros((3, 4))).shape
        ((3, 4), (3, 2))

    Reference:
        Hinton & Salakhutdinov (2006), Science 313; for the linear case Baldi & Hornik (1989).
    """

    def __init__(self, encoder, decoder, log_likelihood=None, **kwargs):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.decoder = decoder
        self.log_likelihood = log_likelihood
        self.mse_tracker = keras.metrics.Mean(name="mse")
        self.check_networks()
        self.built = encoder.built and decoder.built

    def call(self, x, training=None):
        return {"parameters": as_tuple(self.decoder(self.encoder(x, training=training), training=training))}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        error = squared_error(x, self._mean(*y_pred["parameters"]))
        values_per_example = ops.cast(ops.size(x) / ops.shape(x)[0], "float32")
        self.mse_tracker.update_state(error / values_per_example, sample_weight)
        if self.log_likelihood is None:
            return weighted_mean(error, sample_weight)
        return weighted_mean(-self.log_likelihood(x, *y_pred["parameters"]), sample_weight)

    def encode(self, x):
        """The codes of data.

        Args:
            x: Array `(n, ...)`.

        Returns:
            NumPy array, `(n, latent_dim)`.
        """
        x = self._checked_input(x, None, "x")
        return in_batches(lambda batch: self.encoder(batch, training=False), x)

    def decode(self, codes):
        """Data space from codes: the decoder's values, or the mean of the likelihood.

        Args:
            codes: Array `(n, latent_dim)`.

        Returns:
            NumPy array, `(n, ...)`.
        """
        return in_batches(lambda batch: self._mean(*as_tuple(self.decoder(batch, training=False))), codes)

    def reconstruct(self, x):
        """Data through the code and back, in data space.

        Args:
            x: Array `(n, ...)`.

        Returns:
            NumPy array, same shape. Reconstructions of given data, never samples.
        """
        return self.decode(self.encode(x))

    def data_contract(self):
        if self.log_likelihood is None:
            return DataContract(input_shape(self.encoder))
        return likelihood_contract(self.log_likelihood, input_shape(self.encoder))

    def check_networks(self):
        check_code_fits(self.encoder, self.decoder, num_outputs=1)
        check_decoder(self.decoder, self.log_likelihood, input_shape(self.encoder))

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
        }

    @classmethod
    def from_config(cls, config):
        return cls(**deserialised(config, "encoder", "decoder", "log_likelihood"))


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
    x, reconstruction = ops.cast(x, "float32"), ops.cast(reconstruction, "float32")
    likelihoods.require_same_shape(x, reconstruction, "reconstruction")
    return ops.sum(ops.square(x - reconstruction), axis=tuple(range(1, len(x.shape))))
