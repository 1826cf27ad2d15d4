import keras
from keras import ops

from course_lib.contracts.arguments import whole_number
from course_lib.contracts.data import DataContract
from course_lib.contracts.labels import LabelContract
from course_lib.contracts.networks import output_shapes
from course_lib.formulas import likelihoods
from course_lib.models.parts import (
    as_tuple,
    check_code_fits,
    check_decoder,
    likelihood_contract,
    refuse_activity_regularisers,
    require_networks,
)
from course_lib.models.vae import VAE
from course_lib.training.model import in_batches


@keras.saving.register_keras_serializable(package="course_lib")
class ConditionalVAE(VAE):
    r"""A VAE of data *given* a label: $p(x \mid y) = \int p(z)\,p(x \mid z, y)\,dz$.

    $$L(x, y) = -\mathbb E_{q(z \mid x, y)}[\log p(x \mid z, y)] + \beta \, \mathrm{KL}(q(z \mid x, y) \,\|\, p(z))$$

    For β = 1, $-L$ is a lower bound on $\log p(x \mid y)$. The prior is the same for every label, so that z is asked
    for what the label does not say: style. Trained by `fit(x, y)`. Nothing is learned about $p(y)$: the labels of
    samples are yours to choose.

    Args:
        encoder: Functional Keras model from `[x, one_hot]` to `(mean, log_var)`, each `(batch, latent_dim)`.
        decoder: Functional Keras model from `[z, one_hot]` to the likelihood's parameters. Both get the label as a
            one-hot vector, `(batch, num_classes)`; see `networks.dense_conditional_encoder` and `…_decoder`.
        log_likelihood: As for `VAE`.
        num_classes: Integer ≥ 2; labels are 0 … num_classes − 1.
        beta: As for `VAE`.
        seed: As for `VAE`.
        **kwargs: As for `VAE`.

    Raises:
        ValueError: If networks, likelihood, data or labels do not fit each other.

    Example:
        >>> import numpy as np
        >>> from course_lib import networks
        >>> encoder = networks.dense_conditional_encoder((4,), 2, num_classes=3)
        >>> decoder = networks.dense_conditional_decoder(2, (4,), num_classes=3)
        >>> model = ConditionalVAE(encoder, decoder, likelihoods.bernoulli_log_prob, num_classes=3, seed=0)
        >>> model.sample(5, labels=2).shape, model.elbo(np.zeros((3, 4)), [0, 1, 2]).shape
        ((5, 4), (3,))

    Reference:
        Sohn, Lee & Yan (2015), Learning structured output representation using deep conditional generative models,
        NeurIPS, eq. 4, with their prior network left out; Kingma et al. (2014), arXiv:1406.5298, section 2.
    """

    def __init__(self, encoder, decoder, log_likelihood, num_classes, beta=1.0, seed=None, **kwargs):
        self.num_classes = whole_number(num_classes, "num_classes", 2)
        super().__init__(encoder, decoder, log_likelihood, beta=beta, seed=seed, **kwargs)

    def call(self, inputs, training=None):
        x, one_hot = self._with_one_hot(*inputs)
        mean, log_var = self.encoder([x, one_hot], training=training)
        z = (self.sampling if training else self.evaluation_sampling)(mean, log_var)
        parameters = as_tuple(self.decoder([z, one_hot], training=training))
        return {"mean": mean, "log_var": log_var, "z": z, "parameters": parameters}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return super().compute_loss(x=x[0], y=y, y_pred=y_pred, sample_weight=sample_weight, training=training)

    def elbo(self, x, labels):
        """A lower bound on log p(x | label) of each example, from one draw of z, whatever β is.

        Args:
            x: Array `(n, ...)`.
            labels: Integers `(n,)`, or one integer for all.

        Returns:
            NumPy array, `(n,)`: nats. Each call draws anew.

        Raises:
            ValueError: If data or labels do not fit.
        """

        def elbo(batch, labels):
            y_pred = self((batch, labels), training=False)
            return self.log_likelihood(batch, *y_pred["parameters"]) - self.kl(y_pred)

        x = self.data_contract().checked(x)
        return in_batches(elbo, x, self._labels(labels, len(x)))

    def sample(self, num_samples, labels, seed=None):
        """Generate examples of the classes that you ask for: draw z from the prior, decode it with the label.

        Args:
            num_samples: Integer ≥ 1.
            labels: Integers `(num_samples,)`, or one integer for all.
            seed: Integer for draws that can be repeated; None continues the model's own stream.

        Returns:
            NumPy array, `(num_samples, ...)`, the mean of p(x | z, label) in data space.

        Raises:
            ValueError: If the labels do not fit.
        """
        num_samples = whole_number(num_samples, "num_samples", 1)
        labels = self._labels(labels, num_samples)
        seed = self.prior_seed if seed is None else whole_number(seed, "seed")
        return self.decode(ops.convert_to_numpy(self.prior.sample(num_samples, seed=seed)), labels)

    def encode(self, x, labels):
        """The approximate posterior q(z | x, label): two NumPy arrays `(n, latent_dim)`, means and log-variances."""
        x = self.data_contract().checked(x)

        def heads(batch, labels):
            return ops.stack(self.encoder(self._with_one_hot(batch, labels), training=False), axis=1)

        both = in_batches(heads, x, self._labels(labels, len(x)))
        return both[:, 0], both[:, 1]

    def decode(self, z, labels):
        """The mean of p(x | z, label) in data space: `(n, latent_dim)` and labels to NumPy `(n, ...)`."""
        z = DataContract((self.latent_dim,)).checked(z, "z")
        mean = likelihoods.facts(self.log_likelihood).mean

        def decode(batch, labels):
            return mean(*as_tuple(self.decoder(self._with_one_hot(batch, labels), training=False)))

        return in_batches(decode, z, self._labels(labels, len(z)))

    def reconstruct(self, x, labels):
        """The decoded mean of q(z | x, label): given data through the code and back. Reconstructions, never samples."""
        return self.decode(self.encode(x, labels)[0], labels)

    def given(self, label):
        """The ordinary `VAE` of one class, with the label filled in and the weights shared.

        Whatever works on a VAE (importance weighting, imputation, latent maps) works on it.

        Args:
            label: Integer in 0 … num_classes − 1.

        Returns:
            A `VAE` of p(x | label).

        Raises:
            ValueError: If the label is none of the model's.

        Example:
            >>> from course_lib import networks
            >>> encoder = networks.dense_conditional_encoder((4,), 2, num_classes=3)
            >>> decoder = networks.dense_conditional_decoder(2, (4,), num_classes=3)
            >>> model = ConditionalVAE(encoder, decoder, likelihoods.bernoulli_log_prob, num_classes=3)
            >>> model.given(1).reconstruct([[0.0, 1.0, 1.0, 0.0]]).shape
            (1, 4)
        """
        label = whole_number(label, "label", 0, self.num_classes - 1)
        networks = [_with_label(network, label, self.num_classes) for network in (self.encoder, self.decoder)]
        options = {"beta": float(ops.convert_to_numpy(self.beta)), "seed": self.seed, "prior": self.given_prior}
        return VAE(*networks, self.log_likelihood, **options)

    def label_contract(self):
        return LabelContract(self.num_classes)

    def data_contract(self):
        return likelihood_contract(self.log_likelihood, _input_shapes(self.encoder)[0], self.encoder, self.decoder)

    def check_networks(self):
        require_networks(encoder=self.encoder, decoder=self.decoder)
        data_shape = self._checked_inputs("encoder", "[x, one_hot]")[0]
        code_shape = self._checked_inputs("decoder", "[z, one_hot]")[0]
        check_code_fits(self.encoder, self.decoder, num_outputs=2)
        made = output_shapes(self.encoder)[0]
        if made != code_shape:
            raise ValueError(f"The encoder returns codes of shape {made}, the decoder takes {code_shape}.")
        check_decoder(self.decoder, self.log_likelihood, data_shape)
        refuse_activity_regularisers(self)

    def _checked_inputs(self, name, expected):
        shapes = _input_shapes(getattr(self, name))
        if len(shapes) != 2 or shapes[1] != (self.num_classes,):
            raise ValueError(
                f"The {name} of a ConditionalVAE takes two inputs, {expected}, the second of shape "
                f"({self.num_classes},) for {self.num_classes} classes; this one takes {shapes}. Build it by "
                f"keras.Model([..., keras.Input(({self.num_classes},))], ...)."
            )
        return shapes

    def _labels(self, labels, num_examples):
        if getattr(labels, "ndim", None) == 0 or isinstance(labels, int):
            labels = [labels] * num_examples
        return self.label_contract().checked(labels, num_examples, "labels")

    def _one_hot(self, labels):
        return ops.one_hot(labels, self.num_classes, dtype="float32")

    def _with_one_hot(self, batch, labels):
        return [ops.convert_to_tensor(batch), self._one_hot(labels)]

    def get_config(self):
        return {**super().get_config(), "num_classes": self.num_classes}


@keras.saving.register_keras_serializable(package="course_lib")
class _LabelBeside(keras.layers.Layer):
    """The one-hot vector of one label, for every example of the input."""

    def __init__(self, label, num_classes, **kwargs):
        super().__init__(**kwargs)
        self.label, self.num_classes = label, num_classes

    def call(self, x):
        return ops.one_hot(ops.full((ops.shape(x)[0],), self.label, dtype="int32"), self.num_classes, dtype="float32")

    def compute_output_shape(self, x_shape):
        return (x_shape[0], self.num_classes)

    def get_config(self):
        return {**super().get_config(), "label": self.label, "num_classes": self.num_classes}


def _with_label(network, label, num_classes):
    """A network of `[x, one_hot]` as one of `x` alone."""
    x = keras.Input(_input_shapes(network)[0], dtype=network.inputs[0].dtype)
    return keras.Model(x, network([x, _LabelBeside(label, num_classes)(x)]))


def _input_shapes(network):
    inputs = getattr(network, "inputs", None)
    if not inputs:
        raise ValueError(
            f"The networks of a ConditionalVAE must be functional Keras models, keras.Model(inputs, outputs); got "
            f"{type(network).__name__} without inputs."
        )
    return [tuple(tensor.shape[1:]) for tensor in inputs]
