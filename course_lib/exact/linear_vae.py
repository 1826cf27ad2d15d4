"""The linear VAE: the one VAE whose best parameters are known, trained here to rounding with an analytic ELBO."""

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from course_lib.contracts.arguments import finite_float64, real_number, whole_number
from course_lib.exact.probabilistic_pca import ProbabilisticPCA
from course_lib.exact.rows import as_rows


@dataclass(frozen=True, eq=False)
class LinearVAE:
    r"""A VAE whose encoder and decoder are linear, and what it does to data of covariance S.

    $$q(z \mid x) = \mathcal N(V(x - \mu), \operatorname{diag} s), \qquad
      p(x \mid z) = \mathcal N(Wz + \mu, \sigma^2 I_d), \qquad p(z) = \mathcal N(0, I_q)$$

    Every expectation over data and draws depends on the data through S alone, so that rate, distortion and ELBO are
    closed forms. They are means over the examples that S was computed from.

    Args:
        decoder_weights: Floats, `(d, q)`: W.
        encoder_weights: Floats, `(q, d)`: V.
        log_var: Floats, `(q,)`: log s, the same for every example.
        variance: Positive float: σ², per coordinate.
        covariance: Floats, `(d, d)`: S, of the data, divided by n.
        mean: Floats, `(d,)`: μ, of the data.

    Example:
        >>> model = LinearVAE([[1.0]], [[0.5]], [np.log(0.5)], 1.0, covariance=[[2.0]], mean=[0.0])
        >>> [round(value, 4) for value in (model.rate, model.distortion, model.elbo)]
        [0.3466, 1.0, -1.7655]

    Reference:
        Lucas, Tucker, Grosse & Norouzi (2019), arXiv:1911.02469; rate and distortion: Alemi et al. (2018),
        arXiv:1711.00464.
    """

    decoder_weights: np.ndarray
    encoder_weights: np.ndarray
    log_var: np.ndarray
    variance: float
    covariance: np.ndarray
    mean: np.ndarray

    def __post_init__(self):
        for name in ("decoder_weights", "encoder_weights", "log_var", "covariance", "mean"):
            object.__setattr__(self, name, finite_float64(getattr(self, name), name))

    @property
    def rates(self):
        r"""The mean KL divergence of each latent, ½(s_j + (V S Vᵀ)_jj − 1 − log s_j): float64 `(q,)`, nats."""
        code_variance = np.sum(self.encoder_weights @ self.covariance * self.encoder_weights, axis=1)
        return 0.5 * (np.exp(self.log_var) + code_variance - 1.0 - self.log_var)

    @property
    def rate(self):
        """Mean KL(q(z|x) ‖ p(z)), summed over the latents: float, nats per example."""
        return float(self.rates.sum())

    @property
    def distortion(self):
        """Mean squared error of the decoded draws, E‖x − μ − Wz‖²: float, squared units of x, summed over features."""
        missed = np.eye(len(self.covariance)) - self.decoder_weights @ self.encoder_weights
        noise = np.exp(self.log_var) @ np.square(self.decoder_weights).sum(axis=0)
        return float(np.vdot(missed @ self.covariance, missed) + noise)

    @property
    def reconstruction(self):
        """Mean −log p(x|z) over the draws, ½ d log 2πσ² + distortion / 2σ²: float, nats per example."""
        return float(
            0.5 * len(self.covariance) * np.log(2 * np.pi * self.variance) + self.distortion / (2 * self.variance)
        )

    @property
    def elbo(self):
        """Mean ELBO, whatever β the model was trained with: float, nats per example."""
        return -self.reconstruction - self.rate

    def encode(self, x):
        """Means and log-variances of q(z|x) for rows `(n, d)`: two float64 arrays, `(n, q)`."""
        mean = (as_rows(x, len(self.mean)) - self.mean) @ self.encoder_weights.T
        return mean, np.broadcast_to(self.log_var, mean.shape)

    @property
    def generative_model(self):
        """Prior and decoder alone, whose exact likelihood is known: a `ProbabilisticPCA`."""
        return ProbabilisticPCA(self.decoder_weights, self.mean, self.variance)


def negative_beta_elbo(parameters, covariance, latent_dim, beta=1.0, variance=None):
    r"""The loss of a linear VAE and its gradient, both analytic: no draws.

    $$\begin{aligned}
    \tfrac d2 \log 2\pi\sigma^2
      &+ \frac{\operatorname{tr}\big((I - WV) S (I - WV)^\top\big) + \sum_j s_j \|W_{\cdot j}\|^2}{2\sigma^2} \\
      &+ \frac\beta2 \sum_j \big(s_j + (V S V^\top)_{jj} - 1 - \log s_j\big)
    \end{aligned}$$

    Args:
        parameters: Floats, `(2 d q + q,)`: W, Vᵀ and log s, raveled; one more, log σ², if `variance` is None.
        covariance: Floats, `(d, d)`: S.
        latent_dim: q.
        beta: Weight of the KL divergence.
        variance: σ², or None to learn it.

    Returns:
        Float, nats per example, and its gradient, float64 in the shape of `parameters`.

    Example:
        >>> value, gradient = negative_beta_elbo([1.0, 0.5, np.log(0.5)], np.array([[2.0]]), 1, variance=1.0)
        >>> round(value, 4), np.abs(gradient).max() < 1e-12  # the posterior of W = 1: nothing is left to gain
        (1.7655, np.True_)
    """
    decoder, encoder, log_var, learned = _unraveled(np.asarray(parameters), len(covariance), latent_dim)
    sigma2, s = np.exp(learned[0]) if variance is None else variance, np.exp(log_var)
    encoded = encoder @ covariance  # (q, d)
    code_covariance, column_lengths = encoded @ encoder.T, np.square(decoder).sum(axis=0)
    missed = np.trace(covariance) - 2 * np.vdot(encoded, decoder.T) + np.vdot(decoder @ code_covariance, decoder)
    distortion = missed + s @ column_lengths
    rate = 0.5 * np.sum(s + np.diag(code_covariance) - 1.0 - log_var)
    value = 0.5 * len(covariance) * np.log(2 * np.pi * sigma2) + distortion / (2 * sigma2) + beta * rate
    by_decoder = (decoder @ code_covariance - encoded.T + decoder * s) / sigma2
    by_encoder = ((decoder.T @ decoder) @ encoded - decoder.T @ covariance) / sigma2 + beta * encoded
    by_log_var = 0.5 * s * column_lengths / sigma2 + 0.5 * beta * (s - 1.0)
    by_log_sigma2 = [0.5 * len(covariance) - distortion / (2 * sigma2)] if variance is None else []
    return float(value), np.concatenate([by_decoder.ravel(), by_encoder.T.ravel(), by_log_var, by_log_sigma2])


def fit_linear_vae(data_or_covariance, latent_dim, beta=1.0, variance=None, seed=0):
    r"""Train a linear VAE to the optimum of its β-ELBO, with L-BFGS from a random start.

    With β = 1 and a learned σ² the optimum is the maximum likelihood of probabilistic PCA. With σ² fixed and
    latents enough, θ = βσ² is the water level: unit i is used exactly if its variance λ_i > θ, and

    $$D = \sum_i \min(\lambda_i, \theta), \qquad R = \tfrac12 \sum_i \max(0, \log(\lambda_i / \theta))$$

    Args:
        data_or_covariance: Floats, `(n, d)`, or their covariance `(d, d)`, divided by n: a symmetric square table is
            taken for a covariance, and the mean for 0.
        latent_dim: q ≥ 1; below d where σ² is learned, for the loss has no minimum with q = d and β < 1.
        beta: Positive weight of the KL divergence.
        variance: σ² > 0, fixed; None learns it.
        seed: Integer, of the start.

    Returns:
        A `LinearVAE`: parameters, `.elbo`, `.rate`, `.distortion`.

    Raises:
        ValueError: If an argument is out of range, or the data lie in a `latent_dim`-dimensional plane while σ² is
            learned: the likelihood has no maximum.

    Example:
        >>> model = fit_linear_vae(np.diag([4.0, 1.0]), latent_dim=2, variance=2.0)
        >>> [round(value, 4) for value in (model.distortion, model.rate)]  # 4 > 2 > 1: one unit of two is used
        [3.0, 0.3466]

    Reference:
        Lucas et al. (2019), arXiv:1911.02469; water-filling: Cover & Thomas (2006), theorem 10.3.3.
    """
    mean, covariance = _mean_and_covariance(data_or_covariance)
    d, beta, variance = len(covariance), real_number(beta, "beta"), _variance(variance)
    q = whole_number(latent_dim, "latent_dim", 1, d - 1 if variance is None else None)
    if beta <= 0:
        raise ValueError(f"beta should be positive, or nothing holds the codes' variances; got {beta}.")
    if variance is None:
        _check_something_is_left(covariance, q)
    scale = np.trace(covariance) / d  # in units in which every covariance is of size 1
    size, learned = 2 * d * q + q, variance is None
    found = optimize.minimize(
        _whitened(covariance / scale, q, beta, None if learned else variance / scale),
        np.random.default_rng(whole_number(seed, "seed")).normal(scale=0.1, size=size + learned),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 50_000, "maxfun": 100_000, "ftol": 0.0, "gtol": 1e-8},
    )
    decoder, whitened, log_var, log_sigma2 = _unraveled(found.x, d, q)
    encoder = whitened @ _inverse_root(covariance)
    sigma2 = float(scale * np.exp(log_sigma2[0])) if learned else variance
    return LinearVAE(decoder * np.sqrt(scale), encoder, log_var, sigma2, covariance, mean)


def _whitened(covariance, latent_dim, beta, variance):
    """The loss by the encoder of whitened data, V S^½ instead of V: the optimiser needs a tenth of the steps."""
    root, size = _inverse_root(covariance), len(covariance) * latent_dim
    of_encoder = slice(size, 2 * size)

    def loss(parameters):
        parameters = parameters.copy()
        parameters[of_encoder] = (root @ parameters[of_encoder].reshape(-1, latent_dim)).ravel()
        value, gradient = negative_beta_elbo(parameters, covariance, latent_dim, beta, variance)
        gradient[of_encoder] = (root @ gradient[of_encoder].reshape(-1, latent_dim)).ravel()
        return value, gradient

    return loss


def _inverse_root(covariance):
    """S^−½, and 0 where the data do not vary."""
    eigenvalues, vectors = np.linalg.eigh(covariance)
    varies = eigenvalues > 1e-10 * eigenvalues[-1]
    return (vectors[:, varies] / np.sqrt(eigenvalues[varies])) @ vectors[:, varies].T


def _unraveled(parameters, num_features, latent_dim):
    """W `(d, q)`, V `(q, d)`, log s `(q,)`, and log σ² `(1,)` or nothing."""
    size = num_features * latent_dim
    decoder, encoder, log_var, learned = np.split(parameters, [size, 2 * size, 2 * size + latent_dim])
    return decoder.reshape(-1, latent_dim), encoder.reshape(-1, latent_dim).T, log_var, learned


def _mean_and_covariance(data_or_covariance):
    table = as_rows(data_or_covariance, name="data_or_covariance")
    if _is_symmetric(table):
        mean, covariance = np.zeros(len(table)), table
    else:
        mean = table.mean(axis=0)
        covariance = (table - mean).T @ (table - mean) / len(table)
    smallest, largest = np.linalg.eigvalsh(covariance)[[0, -1]]
    if smallest < -1e-10 * largest or largest <= 0:
        raise ValueError(
            "the covariance should have no negative eigenvalue, and the data should vary; its eigenvalues lie between "
            f"{smallest:.3g} and {largest:.3g}. Give np.cov(x, rowvar=False, bias=True), or the data themselves."
        )
    return mean, covariance


def _is_symmetric(table):
    return table.shape == table.T.shape and np.abs(table - table.T).max() <= 1e-10 * np.abs(table).max()


def _variance(variance):
    if variance is not None and not real_number(variance, "variance") > 0:
        raise ValueError(f"variance should be positive (it is σ², not its logarithm), or None; got {variance}.")
    return None if variance is None else float(variance)


def _check_something_is_left(covariance, latent_dim):
    eigenvalues = np.linalg.eigvalsh(covariance)
    if eigenvalues[:-latent_dim].mean() <= 1e-12 * eigenvalues[-1]:
        raise ValueError(
            f"the data should vary outside a {latent_dim}-dimensional plane; they do not, and the likelihood has no "
            "maximum. Use fewer latents, or fix the variance."
        )
