"""Probabilistic PCA: the latent-variable model whose likelihood, posterior and ELBO are all closed forms."""

from dataclasses import dataclass

import numpy as np

from course_lib.contracts.arguments import finite_float64, real_array, real_number, whole_number
from course_lib.exact.gaussian import gaussian_log_density, multivariate_gaussian_kl
from course_lib.exact.rows import as_rows


@dataclass(frozen=True, eq=False)
class ProbabilisticPCA:
    r"""A linear Gaussian decoder with a standard normal prior.

    $$z \sim \mathcal N(0, I_q), \qquad x \mid z \sim \mathcal N(Wz + \mu, \sigma^2 I_d)
      \quad\Rightarrow\quad x \sim \mathcal N(\mu, C), \quad C = WW^\top + \sigma^2 I_d$$

    Everything a VAE approximates is exact here, so that `log_prob = elbo + posterior_gap` holds to rounding for
    every Gaussian q.

    Args:
        weights: Floats, `(d, q)`: W, one column per latent.
        mean: Floats, `(d,)`: μ.
        variance: Positive float: σ², the noise variance of each coordinate.

    Raises:
        ValueError: If the shapes do not match or the variance is not positive.

    Example:
        >>> model = ProbabilisticPCA(weights=[[1.0], [0.0]], mean=[0.0, 0.0], variance=1.0)
        >>> [round(float(value), 4) for value in model.log_prob([[0.0, 0.0], [2.0, 0.0]])]
        [-2.1845, -3.1845]

    Reference:
        Tipping & Bishop (1999), Probabilistic principal component analysis, J. R. Stat. Soc. B 61(3).
    """

    weights: np.ndarray
    mean: np.ndarray
    variance: float

    def __post_init__(self):
        weights, mean = finite_float64(self.weights, "weights"), finite_float64(self.mean, "mean")
        if weights.ndim != 2 or mean.shape != weights.shape[:1]:
            raise ValueError(
                f"weights should be (d, q) and mean (d,); got {weights.shape} and {mean.shape}. "
                "Transpose the weights if the latents are the rows."
            )
        if not real_number(self.variance, "variance") > 0:
            raise ValueError(
                f"variance should be positive and finite (it is σ², not its logarithm); got {self.variance}."
            )
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "mean", mean)
        object.__setattr__(self, "variance", float(self.variance))

    @classmethod
    def fit(cls, x, num_latents):
        r"""The maximum of the likelihood, in closed form.

        With the eigenvalues λ₁ ≥ … ≥ λ_d and eigenvectors U of the maximum-likelihood covariance (divided by n, not
        n − 1), equations 7 and 8 of the paper:

        $$\sigma^2 = \frac{1}{d-q} \sum_{j>q} \lambda_j, \qquad W = U_q (\Lambda_q - \sigma^2 I)^{1/2}$$

        Any rotation WR has the same likelihood; this one has orthogonal columns, largest first.

        Args:
            x: Floats, `(n, d)`.
            num_latents: q, with `1 <= q < d`.

        Returns:
            A `ProbabilisticPCA`.

        Raises:
            ValueError: If q is out of range, or the data lie in a q-dimensional plane: σ² would be 0 and the
                likelihood unbounded.

        Example:
            >>> x = np.array([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
            >>> ProbabilisticPCA.fit(x, num_latents=1).variance
            0.5
        """
        x = as_rows(x)
        num_features = x.shape[1]
        num_latents = whole_number(num_latents, "num_latents", 1, num_features - 1)
        mean = x.mean(axis=0)
        eigenvalues, vectors = np.linalg.eigh((x - mean).T @ (x - mean) / len(x))  # ascending
        variance = eigenvalues[:-num_latents].mean()
        if variance <= 1e-12 * eigenvalues[-1]:
            raise ValueError(
                f"the data should vary outside a {num_latents}-dimensional plane; they do not, and the likelihood has "
                "no maximum. Use fewer latents or more examples."
            )
        lengths = np.sqrt(np.maximum(eigenvalues[-num_latents:] - variance, 0.0))
        return cls((vectors[:, -num_latents:] * lengths)[:, ::-1], mean, variance)

    @property
    def covariance(self):
        """C = W Wᵀ + σ² I, float64 `(d, d)`: the covariance of x."""
        return self.weights @ self.weights.T + self.variance * np.eye(len(self.mean))

    def log_prob(self, x):
        """log N(x; μ, C) for rows `(n, d)`: float64 `(n,)`, nats per example."""
        return gaussian_log_density(as_rows(x, len(self.mean)), self.mean, self.covariance)

    def posterior(self, x):
        r"""p(z | x) = N(M⁻¹ Wᵀ (x − μ), σ² M⁻¹), M = Wᵀ W + σ² I.

        Args:
            x: Floats, `(n, d)`.

        Returns:
            Mean, float64 `(n, q)`, and covariance, float64 `(q, q)`: the same for every example.
        """
        centred = as_rows(x, len(self.mean)) - self.mean
        precision = self.weights.T @ self.weights + self.variance * np.eye(
            self.weights.shape[1]
        )  # σ² times the inverse
        return np.linalg.solve(precision, self.weights.T @ centred.T).T, self.variance * np.linalg.inv(precision)

    def sample(self, num_samples, seed=0):
        """Draws from p(x): z from the prior, then x given z. Float64 `(num_samples, d)`."""
        num_samples, rng = whole_number(num_samples, "num_samples"), np.random.default_rng(seed)
        num_features, num_latents = self.weights.shape
        z, noise = rng.standard_normal((num_samples, num_latents)), rng.standard_normal((num_samples, num_features))
        return z @ self.weights.T + self.mean + np.sqrt(self.variance) * noise

    def elbo(self, x, mean, log_var):
        r"""The evidence lower bound of a diagonal Gaussian q(z | x) = N(m, diag s), its expectations done analytically.

        $$-\tfrac d2 \log 2\pi\sigma^2 - \frac{\|x - \mu - Wm\|^2 + \sum_j s_j \|W_{\cdot j}\|^2}{2\sigma^2}
          - \tfrac12 \sum_j \big(s_j + m_j^2 - 1 - \log s_j\big) \le \log p(x)$$

        Args:
            x: Floats, `(n, d)`.
            mean: Floats, `(n, q)`: m.
            log_var: Floats, `(n, q)`: log s.

        Returns:
            Float64 array, `(n,)`: nats per example.

        Example:
            >>> model = ProbabilisticPCA([[1.0], [0.0]], [0.0, 0.0], 1.0)
            >>> gap = model.log_prob([[2.0, 0.0]]) - model.elbo([[2.0, 0.0]], [[1.0]], [[np.log(0.5)]])
            >>> bool(abs(gap[0]) < 1e-12)  # that q is the posterior: nothing is lost
            True
        """
        x, mean, log_var = self._rows_and_q(x, mean, log_var)
        spread = np.exp(log_var) @ np.square(self.weights).sum(axis=0)  # E‖W(z − m)‖²
        distance = np.square(x - self.mean - mean @ self.weights.T).sum(axis=1)
        log_normaliser = 0.5 * len(self.mean) * np.log(2 * np.pi * self.variance)
        rate = 0.5 * np.sum(np.exp(log_var) + np.square(mean) - 1.0 - log_var, axis=1)
        return -log_normaliser - (distance + spread) / (2 * self.variance) - rate

    def posterior_gap(self, x, mean, log_var):
        """KL(q ‖ p(z | x)) of a diagonal Gaussian q, computed from both Gaussians and not from the ELBO.

        Args:
            x: Floats, `(n, d)`.
            mean: Floats, `(n, q)`.
            log_var: Floats, `(n, q)`.

        Returns:
            Float64 array, `(n,)`: nats per example, what the ELBO loses.
        """
        x, mean, log_var = self._rows_and_q(x, mean, log_var)
        covariance = np.exp(log_var)[:, :, None] * np.eye(log_var.shape[1])  # (n, q, q)
        return multivariate_gaussian_kl(mean, covariance, *self.posterior(x))

    def impute(self, x, observed):
        r"""Fill missing coordinates with their conditional mean, μ_m + C_mo C_oo⁻¹ (x_o − μ_o).

        Args:
            x: Floats, `(n, d)`. Missing entries may hold anything, NaN included.
            observed: Booleans, `(d,)`: True where the coordinate is known, the same for all rows.

        Returns:
            Float64 array, `(n, d)`: the observed entries as they were, the others filled.

        Raises:
            ValueError: If `observed` is not a boolean mask of length d, or an observed entry is not finite.

        Example:
            >>> model = ProbabilisticPCA([[1.0], [1.0]], [0.0, 0.0], 1.0)
            >>> model.impute([[2.0, np.nan]], np.array([True, False])).tolist()
            [[2.0, 1.0]]
        """
        observed = np.asarray(observed)
        if observed.dtype != bool or observed.shape != self.mean.shape:
            raise ValueError(
                f"observed should be a boolean mask of shape {self.mean.shape}; got {observed.dtype} {observed.shape}."
            )
        x = real_array(x, "x")
        if x.ndim != 2 or x.shape[1] != len(observed):
            raise ValueError(f"x should have shape (n, {len(observed)}); got {x.shape}.")
        x = as_rows(np.where(observed, x, self.mean), len(self.mean))
        known = self.covariance[np.ix_(observed, observed)]
        slopes = np.linalg.solve(known, self.covariance[np.ix_(observed, ~observed)])
        x[:, ~observed] += (x - self.mean)[:, observed] @ slopes
        return x

    def _rows_and_q(self, x, mean, log_var):
        x, num_latents = as_rows(x, len(self.mean)), self.weights.shape[1]
        mean, log_var = as_rows(mean, num_latents, "mean"), as_rows(log_var, num_latents, "log_var")
        if not len(x) == len(mean) == len(log_var):
            raise ValueError(
                f"x, mean and log_var should have one row per example; got {len(x)}, {len(mean)}, {len(log_var)}."
            )
        return x, mean, log_var
