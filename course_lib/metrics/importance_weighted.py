import keras
import numpy as np
from keras import ops

from course_lib.arguments import whole_number
from course_lib.likelihoods import gaussian_log_prob

_ROWS_AT_ONCE = 20_000


def importance_weighted_log_likelihood(vae, x, num_samples, seed=0, rows_at_once=_ROWS_AT_ONCE):
    r"""A lower bound on each example's $\log p(x)$ that tightens with the number of samples.

    $$\log \frac1K \sum_{k=1}^K w_k, \qquad w_k = \frac{p(x \mid z_k)\, p(z_k)}{q(z_k \mid x)},
      \quad z_k \sim q(z \mid x)$$

    K = 1 is the ELBO by Monte Carlo; the bound holds in expectation and approaches $\log p(x)$ as K grows.

    Args:
        vae: A `VAE`, or any model with `encoder`, `decoder` and `log_likelihood` like it.
        x: Array `(n, ...)`.
        num_samples: Integer K ≥ 1.
        seed: Integer; the draws, and so the answer, repeat.
        rows_at_once: Integer; memory is bounded by the decoder's activations for so many rows.

    Returns:
        NumPy array, float64, `(n,)`: nats per example.

    Raises:
        ValueError: If K is not an integer ≥ 1, or the data do not fit the model.

    Example:
        >>> from course_lib import likelihoods, networks
        >>> from course_lib.models import VAE
        >>> encoder, decoder = networks.dense_gaussian_encoder((4,), 2), networks.dense_decoder(2, (4,))
        >>> vae = VAE(encoder, decoder, likelihoods.gaussian(1.0))
        >>> importance_weighted_log_likelihood(vae, np.zeros((3, 4)), num_samples=10).shape
        (3,)

    Reference:
        Burda, Grosse & Salakhutdinov (2016), arXiv:1509.00519, eq. 8.
    """
    total = None
    for log_weights in _chunks_of_log_weights(vae, x, num_samples, seed, rows_at_once):
        chunk = np.logaddexp.reduce(log_weights, axis=0)
        total = chunk if total is None else np.logaddexp(total, chunk)
    return total - np.log(num_samples)


def log_importance_weights(vae, x, num_samples, seed=0, rows_at_once=_ROWS_AT_ONCE):
    r"""The logarithms of the importance weights, $\log p(x \mid z_k) + \log p(z_k) - \log q(z_k \mid x)$.

    Args:
        vae: As for `importance_weighted_log_likelihood`.
        x: Array `(n, ...)`.
        num_samples: Integer K ≥ 1.
        seed: Integer; the draws repeat.
        rows_at_once: Integer, as for `importance_weighted_log_likelihood`.

    Returns:
        NumPy array, float64, `(num_samples, n)`: nats.

    Raises:
        ValueError: As for `importance_weighted_log_likelihood`.

    Example:
        >>> from course_lib import likelihoods, networks
        >>> from course_lib.models import VAE
        >>> encoder, decoder = networks.dense_gaussian_encoder((4,), 2), networks.dense_decoder(2, (4,))
        >>> vae = VAE(encoder, decoder, likelihoods.gaussian(1.0))
        >>> log_importance_weights(vae, np.zeros((3, 4)), num_samples=10).shape
        (10, 3)

    Reference:
        Burda, Grosse & Salakhutdinov (2016), arXiv:1509.00519, section 3.
    """
    return np.concatenate(list(_chunks_of_log_weights(vae, x, num_samples, seed, rows_at_once)))


def _chunks_of_log_weights(vae, x, num_samples, seed, rows_at_once):
    """Yield log-weights `(chunk, n)`, all examples at once, few enough draws to bound the memory."""
    num_samples, rows_at_once = (
        whole_number(num_samples, "num_samples", 1),
        whole_number(rows_at_once, "rows_at_once", 1),
    )
    if hasattr(vae, "data_contract"):
        x = vae.data_contract().checked(x)
    if len(x) == 0:
        raise ValueError(f"x is empty: its shape is {x.shape}. Give at least one example.")
    seed_generator = keras.random.SeedGenerator(whole_number(seed, "seed", 0, 2**32 - 1))
    pieces = [x[start : start + rows_at_once] for start in range(0, len(x), rows_at_once)]
    posteriors = [vae.encoder(piece, training=False) for piece in pieces]
    chunk = max(1, rows_at_once // len(x))
    for start in range(0, num_samples, chunk):
        draws = min(chunk, num_samples - start)
        parts = [
            _log_weights(vae, piece, *posterior, draws, seed_generator)
            for piece, posterior in zip(pieces, posteriors, strict=True)
        ]
        yield np.concatenate(parts, axis=1)


def _log_weights(vae, x, mean, log_var, draws, seed_generator):
    x, mean, log_var = (ops.repeat(tensor, draws, axis=0) for tensor in (x, mean, log_var))
    mean, log_var = ops.cast(mean, "float32"), ops.cast(log_var, "float32")
    z = mean + ops.exp(0.5 * log_var) * keras.random.normal(ops.shape(mean), dtype="float32", seed=seed_generator)
    parameters = vae.decoder(z, training=False)
    parameters = parameters if isinstance(parameters, (list, tuple)) else (parameters,)
    log_joint = vae.log_likelihood(x, *parameters) + gaussian_log_prob(z, ops.zeros_like(z), 0.0)
    log_weights = log_joint - gaussian_log_prob(z, mean, log_var)
    return ops.convert_to_numpy(log_weights).astype("float64").reshape(-1, draws).T
