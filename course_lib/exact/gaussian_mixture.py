"""Mixture of Gaussians: a latent variable with finitely many values, so the evidence is a sum."""

from dataclasses import dataclass

import numpy as np

from course_lib.contracts.arguments import finite_float64, real_array, whole_number
from course_lib.exact.gaussian import cholesky_factor, gaussian_log_density
from course_lib.exact.rows import as_rows


@dataclass(frozen=True, eq=False)
class GaussianMixture:
    r"""Mixture of full-covariance Gaussians, with exact likelihood, posterior and EM.

    $$p(x) = \sum_k \pi_k \, \mathcal N(x; \mu_k, C_k)$$

    Args:
        weights: Floats, `(num_components,)`: positive, sum 1.
        means: Floats, `(num_components, d)`.
        covariances: Floats, `(num_components, d, d)`: symmetric and positive definite.

    Raises:
        ValueError: If the shapes do not match, the weights are no distribution, or a covariance is not
            positive definite.

    Example:
        >>> coin = GaussianMixture([0.5, 0.5], [[-1.0], [1.0]], [[[1.0]], [[1.0]]])
        >>> round(float(coin.log_prob([[0.0]])[0]), 4), coin.responsibilities([[0.0]]).round(9).tolist()
        (-1.4189, [[0.5, 0.5]])

    Reference:
        Dempster, Laird & Rubin (1977), J. R. Stat. Soc. B 39(1); Bishop (2006), section 9.2.
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    def __post_init__(self):
        for name in ("weights", "means"):
            object.__setattr__(self, name, finite_float64(getattr(self, name), name))
        object.__setattr__(self, "covariances", real_array(self.covariances, "covariances").astype("float64"))
        if self.weights.ndim != 1 or (self.weights < 0).any() or not np.isclose(self.weights.sum(), 1.0):
            raise ValueError(
                f"weights should be non-negative with sum 1; got {self.weights}. Divide them by their sum."
            )
        if self.means.ndim != 2 or self.covariances.shape != (*self.means.shape, self.means.shape[-1]):
            raise ValueError(
                f"means should be (k, d), covariances (k, d, d); got {self.means.shape} and {self.covariances.shape}."
            )
        if len(self.weights) != len(self.means):
            raise ValueError(
                f"each mean should have a weight; got {len(self.weights)} weights, {len(self.means)} means."
            )
        cholesky_factor(self.covariances)

    @classmethod
    def fit(cls, x, num_components, num_starts=10, max_steps=1000, tolerance=1e-9, seed=0):
        """EM from several random starts; the mixture with the highest likelihood of `x` is kept.

        A start is `num_components` of the examples as means, the covariance of all data, and equal weights. A start in
        which a component shrinks onto single points is abandoned: there the likelihood grows without bound and its
        supremum is no model.

        Args:
            x: Floats, `(n, d)`.
            num_components: How many Gaussians.
            num_starts: How many starts.
            max_steps: EM steps of a start at most.
            tolerance: A start ends when the mean log-likelihood rises by less, in nats.
            seed: Seed of the starts.

        Returns:
            A `GaussianMixture`.

        Raises:
            ValueError: If a count is out of range, there are fewer examples than components, or every start collapsed.

        Example:
            >>> x = np.array([[-5.1], [-5.0], [-4.9], [4.9], [5.0], [5.1]])
            >>> sorted(GaussianMixture.fit(x, num_components=2).means.ravel().round(3).tolist())
            [-5.0, 5.0]
        """
        x = as_rows(x)
        num_components = whole_number(num_components, "num_components (at most one per example)", 1, len(x))
        num_starts, max_steps = whole_number(num_starts, "num_starts", 1), whole_number(max_steps, "max_steps")
        rng = np.random.default_rng(seed)
        ends = [cls._climb(x, cls._start(x, num_components, rng), max_steps, tolerance) for _ in range(num_starts)]
        ends = [end for end in ends if end is not None]
        if not ends:
            raise ValueError(
                f"all {num_starts} starts collapsed onto single points: {num_components} components are too many for "
                f"{len(x)} examples. Use fewer components, more examples or more starts."
            )
        return max(ends, key=lambda mixture: mixture.log_prob(x).mean())

    @classmethod
    def _start(cls, x, num_components, rng):
        covariance = np.atleast_2d(np.cov(x, rowvar=False, bias=True))
        means = x[rng.choice(len(x), num_components, replace=False)]
        return cls(np.full(num_components, 1 / num_components), means, np.tile(covariance, (num_components, 1, 1)))

    @staticmethod
    def _climb(x, mixture, max_steps, tolerance):
        """The end of EM from `mixture`, or None if a component collapsed on the way."""
        smallest_variance = 1e-10 * x.var(axis=0).max()
        log_likelihood = mixture.log_prob(x).mean()
        for _ in range(max_steps):
            try:
                mixture = mixture.em_step(x)
            except np.linalg.LinAlgError:
                return None
            if np.linalg.eigvalsh(mixture.covariances).min() < smallest_variance:
                return None
            before, log_likelihood = log_likelihood, mixture.log_prob(x).mean()
            if log_likelihood - before < tolerance:
                break
        return mixture

    def em_step(self, x):
        r"""One step of expectation-maximisation; the likelihood of `x` never falls.

        $$\begin{aligned}
        r_{nk} &= p(k \mid x_n), & N_k &= \sum_n r_{nk}, & \pi_k &= \frac{N_k}{N}, \\
        \mu_k &= \frac1{N_k}\sum_n r_{nk} x_n, & C_k &= \frac1{N_k}\sum_n r_{nk} (x_n-\mu_k)(x_n-\mu_k)^\top
        \end{aligned}$$

        Args:
            x: Floats, `(n, d)`.

        Returns:
            The next `GaussianMixture`. No regularisation is added: it would break the guarantee.

        Raises:
            numpy.linalg.LinAlgError: (a ValueError) if a component shrinks onto fewer than d + 1 points.
        """
        x = as_rows(x, self.means.shape[1])
        responsibilities = self.responsibilities(x)
        shares = responsibilities.sum(axis=0)  # N_k
        if (shares == 0).any():
            raise np.linalg.LinAlgError("a component has lost every example. Start it nearer to the data.")
        means = responsibilities.T @ x / shares[:, None]
        centred = x[None] - means[:, None]  # (k, n, d)
        covariances = np.einsum("nk,kni,knj->kij", responsibilities, centred, centred, optimize=True)
        return GaussianMixture(shares / len(x), means, covariances / shares[:, None, None])

    def log_prob(self, x):
        """log p(x) for rows `(n, d)`: float64 `(n,)`, nats per example."""
        return np.logaddexp.reduce(self._log_joint(x), axis=1)

    def responsibilities(self, x):
        """p(k | x) for rows `(n, d)`: float64 `(n, num_components)`, each row sums to 1."""
        log_joint = self._log_joint(x)
        return np.exp(log_joint - np.logaddexp.reduce(log_joint, axis=1, keepdims=True))

    def sample(self, num_samples, seed=0):
        """Draws from p(x): a component, then a point. Float64 `(num_samples, d)`."""
        num_samples, rng = whole_number(num_samples, "num_samples"), np.random.default_rng(seed)
        component = rng.choice(len(self.weights), size=num_samples, p=self.weights / self.weights.sum())
        noise = rng.standard_normal((num_samples, self.means.shape[1]))
        return self.means[component] + np.einsum("nij,nj->ni", cholesky_factor(self.covariances)[component], noise)

    def _log_joint(self, x):
        """log π_k + log N(x; μ_k, C_k), `(n, num_components)`."""
        x = as_rows(x, self.means.shape[1])
        log_densities = [
            gaussian_log_density(x, *component) for component in zip(self.means, self.covariances, strict=True)
        ]
        with np.errstate(divide="ignore"):  # a weight may be 0
            return np.stack(log_densities, axis=1) + np.log(self.weights)
