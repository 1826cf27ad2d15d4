"""Three numbers that are known before any training, against which a loss curve can be read."""

from typing import NamedTuple

import numpy as np
from scipy.special import entr

from course_lib.contracts.networks import output_shapes
from course_lib.formulas import likelihoods

_LOG_2_PI = np.log(2.0 * np.pi)


class HealthMarks(NamedTuple):
    """What three models cost, nats per example, in falling order (a squared error: in squared units of the data).

    Attributes:
        start: A decoder that answers 0 whatever it is asked, as an untrained one nearly does.
        ignores_code: The best decoder that answers the same for every code.
        floor: The best decoder imaginable, which knows each example; −∞ where a density has no bound.

    Example:
        >>> marks = HealthMarks(start=44.4, ignores_code=27.1, floor=13.7)
        >>> last_loss = 27.2
        >>> "the code is used" if last_loss < marks.ignores_code else "nobody reads the code"
        'nobody reads the code'

    Reference:
        Karpathy (2019), A recipe for training neural networks ("verify loss @ init").
    """

    start: float
    ignores_code: float
    floor: float


def health_marks(model, x):
    r"""What the reconstruction term of a healthy model costs at the start, without its code, and at best.

    For Bernoulli pixels with means $\bar x_j$, and $H$ the entropy of a coin,

    $$D \log 2 \;\ge\; \sum_j H(\bar x_j) \;\ge\; \frac1n \sum_{ij} H(x_{ij}).$$

    An untrained model should begin near the first mark (its KL divergence comes on top). A model whose loss rests at or
    above the second makes no use of its code. No loss of these data can be below the third. The marks are computed in
    NumPy from the data alone: they share no code with the losses that they judge.

    Args:
        model: A model with a `log_likelihood` (`VAE`, `IWAE`, `ConditionalVAE`, `VAEGAN`, `VQVAE`, `Autoencoder`, …);
            of an `Autoencoder` without one, the squared error. It may be untrained, and is only asked what it expects.
        x: Array `(n, ...)`: the data whose loss is to be read.

    Returns:
        `HealthMarks`: three floats.

    Raises:
        ValueError: If the model has no likelihood (a GAN), or one that this function does not know, or the data do not
            fit it.

    Example:
        >>> from course_lib import networks
        >>> from course_lib.models import VAE
        >>> encoder, decoder = networks.dense_gaussian_encoder((2,), 1), networks.dense_decoder(1, (2,))
        >>> vae = VAE(encoder, decoder, likelihoods.bernoulli_log_prob)
        >>> [round(mark, 4) for mark in health_marks(vae, [[0.0, 1.0], [1.0, 1.0]])]  # 2 log 2, log 2, 0
        [1.3863, 0.6931, 0.0]

    Reference:
        Karpathy (2019), A recipe for training neural networks ("verify loss @ init").
    """
    if not hasattr(model, "log_likelihood"):
        raise ValueError(
            f"health_marks needs a model with a log_likelihood, such as a VAE; got a {type(model).__name__}. The "
            "losses of a GAN have other marks: where D cannot tell, 2 log 2 for D and log 2 for G."
        )
    log_likelihood = model.log_likelihood
    x = np.asarray(model.data_contract().checked(x))
    if log_likelihood is likelihoods.categorical_log_prob:
        return _marks_of_symbols(x, output_shapes(model.decoder)[0][-1])
    x = x.reshape(len(x), -1).astype("float64")
    if log_likelihood is likelihoods.bernoulli_log_prob:
        mean = x.mean(axis=0)
        marks = x.shape[1] * np.log(2.0), _coins(mean).sum(), _coins(x).sum() / len(x)
    elif log_likelihood is None:
        marks = _squares(x), x.var(axis=0).sum(), 0.0
    elif log_likelihood is likelihoods.gaussian_log_prob:
        with np.errstate(divide="ignore"):  # a pixel that never changes can be known exactly
            known = 0.5 * (1.0 + _LOG_2_PI + np.log(x.var(axis=0))).sum()
        marks = 0.5 * (x.shape[1] * _LOG_2_PI + _squares(x)), known, -np.inf
    elif isinstance(log_likelihood, likelihoods.FixedGaussian):
        variance = log_likelihood.variance
        constant = 0.5 * x.shape[1] * (_LOG_2_PI + np.log(variance))
        errors = _squares(x), x.var(axis=0).sum(), 0.0
        marks = (constant + each / (2.0 * variance) for each in errors)
    else:
        raise ValueError(
            "health_marks knows bernoulli_log_prob, gaussian_log_prob, gaussian(variance), categorical_log_prob and "
            f"the squared error; got {log_likelihood!r}. Work out for yours what a constant answer costs."
        )
    return HealthMarks(*map(float, marks))


def _marks_of_symbols(x, num_symbols):
    """Integers `(n, ...)`, or vectors of probabilities `(n, ..., num_symbols)`."""
    one_hot = np.eye(num_symbols)[x] if x.dtype.kind in "iu" else x.astype("float64")
    one_hot = one_hot.reshape(len(x), -1, num_symbols)
    mean = one_hot.mean(axis=0)
    marks = len(mean) * np.log(num_symbols), entr(mean).sum(), entr(one_hot).sum() / len(x)
    return HealthMarks(*map(float, marks))


def _coins(p):
    """The entropies of coins, nats."""
    return entr(p) + entr(1.0 - p)


def _squares(x):
    return np.square(x).sum() / len(x)
