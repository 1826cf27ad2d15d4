from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from course_lib.contracts.arguments import real_number, whole_number
from course_lib.contracts.networks import require_posterior
from course_lib.formulas.divergences import standard_normal_kl
from course_lib.formulas.gradients import input_gradient
from course_lib.metrics.compilation import compiled

_ROWS_AT_ONCE = 20_000
_DECAYS, _TINY = (0.9, 0.999), 1e-8  # Adam's


class AmortisationGap(NamedTuple):
    """What `amortisation_gap` found.

    Attributes:
        gap: Float64 `(n,)`, nats ≥ 0: `elbo - encoder_elbo`.
        elbo: Float64 `(n,)`, nats: the ELBO of the best q found for each example.
        encoder_elbo: Float64 `(n,)`, nats: the ELBO of the encoder's q, on the same draws.
        mean: `(n, latent_dim)`, the means of the best q.
        log_var: `(n, latent_dim)`, its log-variances.
    """

    gap: np.ndarray
    elbo: np.ndarray
    encoder_elbo: np.ndarray
    mean: np.ndarray
    log_var: np.ndarray


def amortisation_gap(vae, x, num_samples=16, num_steps=200, learning_rate=0.05, seed=0):
    r"""What one encoder for all examples costs, compared with an optimiser that works for each example alone.

    $$\text{gap}(x) = \max_{\mu, \log\sigma^2} \text{ELBO}\big(x;\, \mathcal N(\mu, \operatorname{diag}\sigma^2)\big)
      - \text{ELBO}\big(x;\, q_\phi(z \mid x)\big) \ge 0$$

    Adam climbs the ELBO of each example, decoder fixed, from the encoder's answer on, and the best place on its way is
    kept. Every ELBO is the mean over the same draws of the noise, so the gap is never negative. But the search has seen
    these draws: with few of them the best place suits them a little too well. Judge it on fresh ones with
    `elbo_of_posterior`.

    Args:
        vae: A `VAE`, or any model with `encoder`, `decoder` and `log_likelihood` like it.
        x: Array `(n, ...)`.
        num_samples: Integer ≥ 1, draws of the noise for each example.
        num_steps: Integer ≥ 0, steps of Adam; its step size falls to 0 like a cosine.
        learning_rate: Positive number, the first step size, in units of z and of log σ².
        seed: Integer; the noise, and so the answer, repeats.

    Returns:
        An `AmortisationGap`. What remains between its `elbo` and log p(x) is the *approximation* gap, the price of the
        family of diagonal Gaussians.

    Raises:
        ValueError: If an argument is out of range, or the data do not fit the model.

    Example:
        >>> from course_lib import networks
        >>> from course_lib.formulas import likelihoods
        >>> from course_lib.models import VAE
        >>> encoder, decoder = networks.dense_gaussian_encoder((4,), 2), networks.dense_decoder(2, (4,))
        >>> vae = VAE(encoder, decoder, likelihoods.gaussian(1.0))
        >>> found = amortisation_gap(vae, np.zeros((3, 4)), num_steps=5)
        >>> found.gap.shape, bool((found.gap >= 0).all())
        ((3,), True)

    Reference:
        Cremer, Li & Duvenaud (2018), Inference suboptimality in variational autoencoders, arXiv:1801.03558, section 3.
    """
    require_posterior(vae, "amortisation_gap")
    num_steps = whole_number(num_steps, "num_steps")
    if not real_number(learning_rate, "learning_rate") > 0:
        raise ValueError(f"learning_rate should be positive; got {learning_rate!r}. 0.05 is a good start.")
    parts = []
    for batch, noise in _batches(vae, x, num_samples, seed):
        start = _stacked(*vae.encoder(batch, training=False))
        parts.append(_climb(_elbo_and_gradient(vae, batch, noise, num_steps), start, num_steps, learning_rate))
    best, elbo, encoder_elbo = (np.concatenate(part) for part in zip(*parts, strict=True))
    return AmortisationGap(elbo - encoder_elbo, elbo, encoder_elbo, best[:, 0], best[:, 1])


def elbo_of_posterior(vae, x, mean, log_var, num_samples=100, seed=0):
    r"""The evidence lower bound of each example for a Gaussian q of your choice, whatever the encoder says.

    $$\mathbb E_{q}[\log p(x \mid z)] - \mathrm{KL}(q \,\|\, p(z)),
      \qquad q = \mathcal N(\mu, \operatorname{diag}\sigma^2)$$

    The first term is the mean over draws, the second exact for the standard normal prior.

    Args:
        vae: As for `amortisation_gap`.
        x: Array `(n, ...)`.
        mean: Floats, `(n, latent_dim)`.
        log_var: Floats, `(n, latent_dim)`.
        num_samples: Integer ≥ 1, draws for each example.
        seed: Integer; the draws repeat.

    Returns:
        NumPy array, float64, `(n,)`: nats per example.

    Raises:
        ValueError: If the shapes do not match or the data do not fit the model.

    Example:
        >>> from course_lib import networks
        >>> from course_lib.formulas import likelihoods
        >>> from course_lib.models import VAE
        >>> encoder, decoder = networks.dense_gaussian_encoder((4,), 2), networks.dense_decoder(2, (4,))
        >>> vae = VAE(encoder, decoder, likelihoods.gaussian(1.0))
        >>> elbo_of_posterior(vae, np.zeros((3, 4)), np.zeros((3, 2)), np.zeros((3, 2))).shape
        (3,)

    Reference:
        Kingma & Welling (2014), arXiv:1312.6114, eq. 7.
    """
    require_posterior(vae, "elbo_of_posterior")
    elbo = compiled(lambda *tensors: _elbo(vae, *tensors), _networks(vae), num_rows=len(x) * num_samples)
    q, parts = None, []
    for batch, noise in _batches(vae, x, num_samples, seed):
        if q is None:
            _check_shapes((len(x), noise.shape[-1]), mean, log_var)
            q = _stacked(mean, log_var)
        here, q = q[: batch.shape[0]], q[batch.shape[0] :]
        parts.append(ops.convert_to_numpy(elbo(batch, ops.convert_to_tensor(here), noise)))
    return np.concatenate(parts).astype("float64")


def _check_shapes(expected, mean, log_var):
    if not expected == np.shape(mean) == np.shape(log_var):
        raise ValueError(
            f"mean and log_var should have shape (n, latent_dim), here {expected}: one row for each example, one "
            f"number for each latent; got {np.shape(mean)} and {np.shape(log_var)}."
        )


def _batches(vae, x, num_samples, seed):
    """Yield examples and their noise `(examples × draws, latent_dim)`, few enough to bound the memory."""
    num_samples = whole_number(num_samples, "num_samples", 1)
    if hasattr(vae, "data_contract"):
        x = vae.data_contract().checked(x)
    if len(x) == 0:
        raise ValueError(f"x is empty: its shape is {x.shape}. Give at least one example.")
    seed_generator = keras.random.SeedGenerator(whole_number(seed, "seed", 0, 2**32 - 1))
    at_once = max(1, _ROWS_AT_ONCE // num_samples)
    for start in range(0, len(x), at_once):
        batch = ops.convert_to_tensor(x[start : start + at_once])
        mean, _ = vae.encoder(batch[:1], training=False)
        shape = (batch.shape[0] * num_samples, mean.shape[-1])
        yield batch, keras.random.normal(shape, dtype="float32", seed=seed_generator)


def _stacked(mean, log_var):
    """Means and log-variances as one float32 NumPy array, `(n, 2, latent_dim)`."""
    return np.stack([ops.convert_to_numpy(ops.cast(part, "float32")) for part in (mean, log_var)], axis=1)


def _networks(vae):
    return [vae.decoder, getattr(vae, "prior", None), vae.log_likelihood]


def _elbo(vae, x, q, noise):
    """The ELBO of each example, the mean over its draws, which stand side by side in `noise`: `(n,)`."""
    draws = noise.shape[0] // x.shape[0]
    x = ops.repeat(x, draws, axis=0)
    q = ops.reshape(
        ops.expand_dims(q, 1) * ops.ones((1, draws, 1, 1)), (-1, *q.shape[1:])
    )  # a gradient without integers
    mean, log_var = q[:, 0], q[:, 1]
    z = mean + ops.exp(0.5 * log_var) * noise
    parameters = vae.decoder(z, training=False)
    parameters = parameters if isinstance(parameters, (list, tuple)) else (parameters,)
    prior = getattr(vae, "prior", None)
    rate = standard_normal_kl(mean, log_var) if prior is None else prior.kl(mean, log_var, z)
    return ops.mean(ops.reshape(vae.log_likelihood(x, *parameters) - rate, (-1, draws)), axis=1)


def _elbo_and_gradient(vae, x, noise, num_steps):
    """From q to its ELBO `(n,)` and the slopes `(n, 2, latent_dim)`, as float64."""

    def both(x, q, noise):
        return _elbo(vae, x, q, noise), input_gradient(lambda q: _elbo(vae, x, q, noise), q)

    function = compiled(both, _networks(vae), num_rows=4 * noise.shape[0] * (num_steps + 1))
    return lambda q: [
        ops.convert_to_numpy(part).astype("float64")
        for part in function(x, ops.convert_to_tensor(q.astype("float32")), noise)
    ]


def _climb(elbo_and_gradient, q, num_steps, learning_rate):
    """Adam from `q` on; the best place and its ELBO, and the ELBO of the start, for each example."""
    q = q.astype("float64")
    moments = np.zeros((2, *q.shape))
    elbo, slopes = elbo_and_gradient(q)
    best, highest, first = q.copy(), elbo.copy(), elbo
    for step in range(1, num_steps + 1):
        moments[0] += (1 - _DECAYS[0]) * (slopes - moments[0])
        moments[1] += (1 - _DECAYS[1]) * (np.square(slopes) - moments[1])
        mean, square = (moment / (1 - decay**step) for moment, decay in zip(moments, _DECAYS, strict=True))
        rate = learning_rate * 0.5 * (1 + np.cos(np.pi * (step - 1) / num_steps))
        q = q + rate * mean / (np.sqrt(square) + _TINY)
        elbo, slopes = elbo_and_gradient(q)
        better = elbo > highest  # never true of NaN
        best[better], highest[better] = q[better], elbo[better]
    return best, highest, first
