r"""Priors $p(z)$ of a latent-variable model: the standard normal, and two that are learned with the networks.

A prior is a Keras layer with `log_prob(z)`, one value per example in nats, and `sample(num_samples)`. A `VAE` is handed
one by `prior=`; without it has the standard normal, whose KL divergence needs no draw.
"""

import keras
from keras import ops

from course_lib.contracts.arguments import finite_float64, whole_number
from course_lib.contracts.networks import input_shape, output_shapes
from course_lib.formulas.divergences import standard_normal_kl
from course_lib.formulas.events import as_float32
from course_lib.formulas.likelihoods import gaussian_log_prob


class Prior(keras.layers.Layer):
    r"""The base of every prior: subclasses define `log_prob` and `sample`.

    Args:
        latent_dim: Integer ≥ 1.

    Call arguments:
        z: Floats, `(batch, latent_dim)`. Calling the layer is calling `log_prob`.

    Raises:
        ValueError: If `latent_dim` is no such integer.
    """

    def __init__(self, latent_dim, **kwargs):
        super().__init__(autocast=False, **kwargs)  # half precision would round log-probabilities
        self.latent_dim = whole_number(latent_dim, "latent_dim", 1)
        self.built = True  # what there is to learn is made by __init__

    def call(self, z):
        return self.log_prob(z)

    def log_prob(self, z):
        """The log-density at codes `(batch, latent_dim)`: float32 tensor `(batch,)`, nats per example."""
        raise NotImplementedError(
            f"{type(self).__name__} has no log_prob(z). Define it: (batch, latent_dim) → (batch,)."
        )

    def sample(self, num_samples, seed=None):
        """Draws: float32 tensor `(num_samples, latent_dim)`."""
        raise NotImplementedError(f"{type(self).__name__} has no sample(num_samples, seed). Define it.")

    def kl(self, mean, log_var, z):
        r"""The divergence of a diagonal Gaussian from this prior, from one draw of that Gaussian.

        $$\widehat{\mathrm{KL}} = \log q(z \mid x) - \log p(z), \qquad z \sim q(z \mid x)
          = \mathcal N(\mu, \operatorname{diag}\sigma^2)$$

        Unbiased, in value and in gradient through z. A single draw may be negative; the divergence is not.

        Args:
            mean: Floats, `(batch, latent_dim)`. Means of q.
            log_var: Floats, same shape. Its log-variances.
            z: Floats, same shape. One reparameterized draw from q for each example.

        Returns:
            Float32 tensor, `(batch,)`: nats per example.
        """
        return gaussian_log_prob(z, mean, log_var) - self.log_prob(z)

    def compute_output_shape(self, z_shape):
        return z_shape[:1]

    def get_config(self):
        return {**super().get_config(), "latent_dim": self.latent_dim}


@keras.saving.register_keras_serializable(package="course_lib")
class StandardNormal(Prior):
    r"""The standard normal, $p(z) = \mathcal N(0, I)$: nothing to learn, and a divergence in closed form.

    Args:
        latent_dim: Integer ≥ 1.

    Example:
        >>> prior = StandardNormal(1)
        >>> round(float(prior.log_prob([[0.0]])[0]), 4)  # -½ log 2π
        -0.9189
        >>> tuple(prior.sample(5, seed=0).shape)
        (5, 1)

    Reference:
        Kingma & Welling (2014), arXiv:1312.6114, section 3.
    """

    def log_prob(self, z):
        """The log-density at codes `(batch, latent_dim)`: float32 tensor `(batch,)`, nats per example."""
        (z,) = as_float32(z)
        return gaussian_log_prob(z, ops.zeros_like(z), 0.0)

    def sample(self, num_samples, seed=None):
        """Draws: float32 tensor `(num_samples, latent_dim)`.

        Args:
            num_samples: Integer ≥ 1.
            seed: Integer for draws that can be repeated, a `keras.random.SeedGenerator` to go on with, or None.
        """
        shape = whole_number(num_samples, "num_samples", 1), self.latent_dim
        return keras.random.normal(shape, dtype="float32", seed=seed)

    def kl(self, mean, log_var, z=None):
        """The divergence of a diagonal Gaussian, in closed form; the draw is not needed."""
        return standard_normal_kl(mean, log_var)

    def kl_of_dimensions(self, mean, log_var):
        """The divergence of each latent dimension: float32 tensor `(batch, latent_dim)`, whose row sums are `kl`."""
        each = standard_normal_kl(ops.reshape(mean, (-1, 1)), ops.reshape(log_var, (-1, 1)))
        return ops.reshape(each, (-1, self.latent_dim))


@keras.saving.register_keras_serializable(package="course_lib")
class GaussianMixturePrior(Prior):
    r"""A mixture of diagonal Gaussians whose weights, means and variances are learned with the networks.

    $$p(z) = \sum_{k=1}^K \pi_k \, \mathcal N\big(z;\, m_k, \operatorname{diag} s_k^2\big), \qquad
      \pi = \operatorname{softmax}(\text{logits})$$

    It begins with equal weights, unit variances and means drawn from N(0, I).

    Args:
        latent_dim: Integer ≥ 1.
        num_components: Integer K ≥ 1.
        seed: Integer or None. Seed of the first means.

    Example:
        >>> prior = GaussianMixturePrior(latent_dim=2, num_components=3, seed=0)
        >>> tuple(prior.log_prob(ops.zeros((4, 2))).shape), tuple(prior.sample(5, seed=0).shape)
        ((4,), (5, 2))

    Reference:
        Tomczak & Welling (2018), VAE with a VampPrior, arXiv:1705.07120, section 2 (the "MoG" prior).
    """

    def __init__(self, latent_dim, num_components=10, seed=None, **kwargs):
        super().__init__(latent_dim, **kwargs)
        self.num_components = whole_number(num_components, "num_components", 1)
        self.seed = None if seed is None else whole_number(seed, "seed")
        shape = self.num_components, self.latent_dim
        first_means = keras.initializers.RandomNormal(stddev=1.0, seed=self.seed)
        self.means = _float32_weight(self, "means", shape, first_means)
        self.log_vars = _float32_weight(self, "log_vars", shape, "zeros")
        self.logits = _float32_weight(self, "logits", shape[:1], "zeros")

    def log_prob(self, z):
        """The log-density at codes `(batch, latent_dim)`: float32 tensor `(batch,)`, nats per example."""
        return _mixture_log_prob(z, self.logits, self.means, self.log_vars)

    def sample(self, num_samples, seed=None):
        """Draws: float32 tensor `(num_samples, latent_dim)`; `seed` as for `StandardNormal`."""
        return _mixture_sample(num_samples, self.logits, self.means, self.log_vars, seed)

    def get_config(self):
        return {**super().get_config(), "num_components": self.num_components, "seed": self.seed}


@keras.saving.register_keras_serializable(package="course_lib")
class VampPrior(Prior):
    r"""A mixture of what the encoder answers to K invented inputs, which are learned with the networks.

    $$p(z) = \frac1K \sum_{k=1}^K q(z \mid u_k)$$

    The prior with the smallest mean rate is the aggregated posterior, the mixture of the answers to *all* data; this
    is the same mixture over a few pseudo-inputs $u_k$. They may be any numbers, and need not look like data.

    Args:
        encoder: The VAE's own encoder, from data `(batch, ...)` to `(mean, log_var)`; built, so that its shapes are
            known. Its weights remain the VAE's, and learn from both.
        num_components: Integer K ≥ 1; None to count `pseudo_inputs`.
        pseudo_inputs: Numbers `(K, ...)`, in the shape of the data, to begin with, such as K training examples. None
            begins with numbers drawn uniformly from [0, 1].
        seed: Integer or None. Seed of those numbers.

    Raises:
        ValueError: If the encoder is not built or does not return two codes, or the pseudo-inputs do not fit it.

    Example:
        >>> from course_lib import networks
        >>> encoder = networks.dense_gaussian_encoder((4,), 2)
        >>> prior = VampPrior(encoder, num_components=3, seed=0)
        >>> tuple(prior.log_prob(ops.zeros((5, 2))).shape), tuple(prior.pseudo_inputs.shape)
        ((5,), (3, 4))

    Reference:
        Tomczak & Welling (2018), VAE with a VampPrior, arXiv:1705.07120, eq. 9.
    """

    def __init__(self, encoder, num_components=None, pseudo_inputs=None, seed=None, **kwargs):
        super().__init__(_latent_dim_of(encoder), **kwargs)
        self.encoder = encoder
        self.seed = None if seed is None else whole_number(seed, "seed")
        initializer = keras.initializers.RandomUniform(0.0, 1.0, seed=self.seed)
        if pseudo_inputs is not None:
            pseudo_inputs = _checked_pseudo_inputs(pseudo_inputs, num_components, input_shape(encoder))
            num_components, initializer = len(pseudo_inputs), lambda shape, dtype=None: pseudo_inputs
        self.num_components = whole_number(num_components, "num_components", 1)
        shape = self.num_components, *input_shape(encoder)
        self.pseudo_inputs = _float32_weight(self, "pseudo_inputs", shape, initializer)

    def components(self):
        """The encoder's answers to the pseudo-inputs: float32 means and log-variances, each `(K, latent_dim)`."""
        return as_float32(*self.encoder(self.pseudo_inputs, training=False))

    def log_prob(self, z):
        """The log-density at codes `(batch, latent_dim)`: float32 tensor `(batch,)`, nats per example."""
        return _mixture_log_prob(z, ops.zeros(self.num_components), *self.components())

    def sample(self, num_samples, seed=None):
        """Draws: float32 tensor `(num_samples, latent_dim)`; `seed` as for `StandardNormal`."""
        return _mixture_sample(num_samples, ops.zeros(self.num_components), *self.components(), seed)

    def get_config(self):
        config = {key: value for key, value in super().get_config().items() if key != "latent_dim"}
        encoder = keras.saving.serialize_keras_object(self.encoder)
        return {**config, "encoder": encoder, "num_components": self.num_components, "seed": self.seed}

    @classmethod
    def from_config(cls, config):
        encoder = config["encoder"]
        if isinstance(encoder, dict):  # else the model's own
            encoder = keras.saving.deserialize_keras_object(encoder)
        return cls(**{**config, "encoder": encoder})


def _mixture_log_prob(z, logits, means, log_vars):
    r"""$\log \sum_k \pi_k \, \mathcal N(z; m_k, s_k^2)$ of codes `(batch, latent_dim)`: `(batch,)`."""
    (z,) = as_float32(z)
    num_components, latent_dim = means.shape
    pairs = (ops.shape(z)[0], num_components, latent_dim)
    each = gaussian_log_prob(
        *(ops.reshape(ops.broadcast_to(tensor, pairs), (-1, latent_dim)) for tensor in (z[:, None], means, log_vars))
    )
    return ops.logsumexp(ops.reshape(each, (-1, num_components)) + ops.log_softmax(logits), axis=-1)


def _mixture_sample(num_samples, logits, means, log_vars, seed):
    num_samples = whole_number(num_samples, "num_samples", 1)
    if not isinstance(seed, keras.random.SeedGenerator):  # an integer would make both draws from the same numbers
        seed = keras.random.SeedGenerator(seed)
    chosen = keras.random.categorical(ops.expand_dims(logits, 0), num_samples, seed=seed)[0]
    mean, log_var = ops.take(means, chosen, axis=0), ops.take(log_vars, chosen, axis=0)
    return mean + ops.exp(0.5 * log_var) * keras.random.normal(ops.shape(mean), dtype="float32", seed=seed)


def _float32_weight(layer, name, shape, initializer):
    return layer.add_weight(shape=shape, initializer=initializer, dtype="float32", autocast=False, name=name)


def _latent_dim_of(encoder):
    codes = output_shapes(encoder) if input_shape(encoder) else None
    if codes is None or len(codes) != 2:
        found = "it is not built" if codes is None else f"it returns {len(codes)} tensor(s)"
        raise ValueError(f"encoder must be the VAE's own: a built model that returns (mean, log_var); {found}.")
    return codes[0][-1]


def _checked_pseudo_inputs(pseudo_inputs, num_components, data_shape):
    pseudo_inputs = finite_float64(pseudo_inputs, "pseudo_inputs").astype("float32")
    if pseudo_inputs.shape[1:] != data_shape or not len(pseudo_inputs):
        raise ValueError(f"pseudo_inputs must have the shape (K, *{data_shape}) of data; got {pseudo_inputs.shape}.")
    if num_components not in (None, len(pseudo_inputs)):
        raise ValueError(
            f"num_components is {num_components!r}, but there are {len(pseudo_inputs)} pseudo_inputs. Give only one."
        )
    return pseudo_inputs
