"""A mixture of Gaussians on the line, under noise that grows: density, score and best denoiser at every time."""

from dataclasses import dataclass

import numpy as np
from scipy import integrate, optimize
from scipy.special import ndtr

from course_lib.contracts.arguments import finite_float64, real_number

_REACH = 12.0  # deviations around the means that hold all mass
_POINTS = 2001
_SHORTEST = 1e-3  # below, the grid is too coarse for what the noise leaves open


@dataclass(frozen=True, eq=False)
class Diffusion1D:
    r"""Data on the line that fade while noise grows, with everything that a diffusion model has to learn.

    $$x_0 \sim \sum_k \pi_k \, \mathcal N(\mu_k, s_k^2), \qquad
      x_t = \alpha_t x_0 + \sigma_t \varepsilon, \quad \alpha_t = e^{-t}, \quad \sigma_t^2 = 1 - e^{-2t}, \quad
      \varepsilon \sim \mathcal N(0, 1)$$

    Each $x_t$ is again a mixture, with means $\alpha_t \mu_k$ and variances $\alpha_t^2 s_k^2 + \sigma_t^2$; for large
    t it is a standard normal. Density, score and quantiles come from that closed form. The denoiser comes from its
    definition, an integral over $x_0$ that knows of no score: so the two can judge one another.

    Args:
        weights: Floats, `(k,)`: positive, sum 1; kept as float64, like the others.
        means: Floats, `(k,)`, in units of x.
        deviations: Floats, `(k,)`: positive, in units of x.

    Raises:
        ValueError: If an argument is not finite, the lengths differ, the weights are no distribution, or a deviation is
            not positive.

    Example:
        >>> coin = Diffusion1D([0.5, 0.5], [-2.0, 2.0], [0.5, 0.5])
        >>> coin.score([0.0, 1.0], t=0.5).round(3).tolist(), round(coin.denoising_error(0.5), 4)
        ([0.0, 0.181], 0.9082)

    Reference:
        Song et al. (2021), Score-based generative modeling through stochastic differential equations,
        arXiv:2011.13456; the process is their variance-preserving one with a constant rate β = 2.
    """

    weights: np.ndarray
    means: np.ndarray
    deviations: np.ndarray

    def __post_init__(self):
        for name in ("weights", "means", "deviations"):
            object.__setattr__(self, name, finite_float64(getattr(self, name), name))
        if self.weights.ndim != 1 or (self.weights <= 0).any() or not np.isclose(self.weights.sum(), 1.0):
            raise ValueError(f"weights should be positive with sum 1; got {self.weights}. Divide them by their sum.")
        if not self.weights.shape == self.means.shape == self.deviations.shape:
            raise ValueError(
                "weights, means and deviations should be equally many; got "
                f"{self.weights.shape}, {self.means.shape} and {self.deviations.shape}."
            )
        if (self.deviations <= 0).any():
            raise ValueError(f"deviations should be positive; got {self.deviations}. They are σ, not log σ.")

    @staticmethod
    def signal_and_noise(t):
        r"""$\alpha_t = e^{-t}$ and $\sigma_t = \sqrt{1 - e^{-2t}}$: what is left of the data, and the noise beside it.

        Args:
            t: Time ≥ 0, a number or an array `(...)`.

        Returns:
            Two float64 arrays (numbers for a number), of the shape of t, each in [0, 1].

        Raises:
            ValueError: If a time is negative or not finite.

        Example:
            >>> signal, noise = Diffusion1D.signal_and_noise(0.5)
            >>> round(float(signal**2 + noise**2), 12)
            1.0
        """
        t = finite_float64(t, "t")
        if (t < 0).any():
            raise ValueError(f"t should be at least 0, where the data are; got {t.min()}.")
        return np.exp(-t), np.sqrt(-np.expm1(-2 * t))

    def log_prob(self, x, t=0.0):
        """log p_t(x), in nats.

        Args:
            x: Floats, `(n,)`.
            t: Time ≥ 0, one number; at 0 stand the data.

        Returns:
            Float64 array, `(n,)`.

        Raises:
            ValueError: If x has another shape, something is not finite, or t is negative.

        Example:
            >>> Diffusion1D([1.0], [0.0], [1.0]).log_prob([0.0, 1.0], t=2.0).round(3).tolist()
            [-0.919, -1.419]
        """
        return np.logaddexp.reduce(self._log_joint(x, t)[0], axis=0)

    def score(self, x, t=0.0):
        r"""The slope of the log-density, $\partial_x \log p_t(x)$, in nats per unit of x.

        Args:
            x: Floats, `(n,)`.
            t: Time ≥ 0, one number.

        Returns:
            Float64 array, `(n,)`.

        Raises:
            ValueError: If x has another shape, something is not finite, or t is negative.

        Example:
            >>> Diffusion1D([1.0], [0.0], [1.0]).score([0.0, 1.5], t=2.0).round(3).tolist()
            [0.0, -1.5]
        """
        log_joint, means, variances = self._log_joint(x, t)
        shares = np.exp(log_joint - np.logaddexp.reduce(log_joint, axis=0))
        return (shares * (means - _points(x)) / variances).sum(axis=0)

    def denoised(self, x, t):
        r"""The best guess of the clean value, $\mathbb E[x_0 \mid x_t = x]$, by an integral over $x_0$.

        $$\mathbb E[x_0 \mid x_t] = \frac{\int x_0\, p(x_0)\, \mathcal N(x_t; \alpha_t x_0, \sigma_t^2)\, dx_0}
                                       {\int p(x_0)\, \mathcal N(x_t; \alpha_t x_0, \sigma_t^2)\, dx_0}$$

        Args:
            x: Floats, `(n,)`: noisy values.
            t: Time, one number, at least 0.001.

        Returns:
            Float64 array, `(n,)`, in units of x.

        Raises:
            ValueError: If x has another shape, something is not finite, or t is smaller: at 0 nothing is to be guessed.

        Example:
            >>> coin = Diffusion1D([0.5, 0.5], [-2.0, 2.0], [0.5, 0.5])
            >>> coin.denoised([-1.0, 1.0], t=0.5).round(3).tolist()
            [-1.837, 1.837]

        Reference:
            Robbins (1956), An empirical Bayes approach to statistics, Berkeley Symposium, who credits Tweedie: it is
            $(x + \sigma_t^2\, \partial_x \log p_t(x)) / \alpha_t$.
        """
        mean, _ = self._posterior_moments(x, t)
        return mean

    def denoising_error(self, t):
        r"""The floor of every denoiser's squared error, $\mathbb E[\operatorname{Var}(x_0 \mid x_t)]$, two integrals.

        Args:
            t: Time, one number, at least 0.001.

        Returns:
            Float, in squared units of x: near 0 with little noise, the variance of the data where nothing else is left.

        Raises:
            ValueError: If t is smaller or not finite.

        Example:
            >>> round(Diffusion1D([1.0], [0.0], [2.0]).denoising_error(1.0), 4)  # 4 σ² / (4 α² + σ²)
            2.4599

        Reference:
            Guo, Shamai & Verdú (2005), arXiv:cs/0412108: half of it is the slope of the mutual information in nats, by
            the signal-to-noise ratio.
        """
        x = self._grid(t)
        return float(integrate.trapezoid(np.exp(self.log_prob(x, t)) * self._posterior_moments(x, t)[1], x=x))

    def cdf(self, x, t=0.0):
        """The share of the mass of p_t that lies below x.

        Args:
            x: Floats, `(n,)`.
            t: Time ≥ 0, one number.

        Returns:
            Float64 array, `(n,)`, in [0, 1].

        Raises:
            ValueError: If x has another shape, something is not finite, or t is negative.

        Example:
            >>> Diffusion1D([0.5, 0.5], [-2.0, 2.0], [0.5, 0.5]).cdf([-2.0, 0.0]).round(3).tolist()
            [0.25, 0.5]
        """
        _, means, variances = self._log_joint(x, t)
        return (self.weights[:, None] * ndtr((_points(x) - means) / np.sqrt(variances))).sum(axis=0)

    def quantile(self, share, t=0.0):
        """Where a share of the mass of p_t lies below: the inverse of `cdf`.

        Args:
            share: Floats, `(n,)`, between 0 and 1.
            t: Time ≥ 0, one number.

        Returns:
            Float64 array, `(n,)`, in units of x, to about 1e-12.

        Raises:
            ValueError: If a share is not strictly between 0 and 1, there is another shape, or t is negative.

        Example:
            >>> Diffusion1D([0.5, 0.5], [-2.0, 2.0], [0.5, 0.5]).quantile([0.25, 0.75]).round(3).tolist()
            [-2.0, 2.0]
        """
        share = _points(share)
        if not ((share > 0) & (share < 1)).all():
            raise ValueError(f"share should lie strictly between 0 and 1; got {share.min()} to {share.max()}.")
        ends = self._grid(t)[[0, -1]]
        return np.array([optimize.brentq(lambda x, s=s: self.cdf([x], t)[0] - s, *ends, xtol=1e-13) for s in share])

    def _log_joint(self, x, t):
        """log π_k + log N(x; means, variances), `(k, n)`, with the means and variances of x_t, `(k, 1)`."""
        signal, noise = self.signal_and_noise(real_number(t, "t"))
        means = signal * self.means[:, None]
        variances = (signal * self.deviations[:, None]) ** 2 + noise**2
        squares = np.log(2 * np.pi * variances) + (_points(x) - means) ** 2 / variances
        return np.log(self.weights[:, None]) - 0.5 * squares, means, variances

    def _posterior_moments(self, x, t):
        """Mean and variance of x_0 given x_t, by the trapezoidal rule."""
        if real_number(t, "t") < _SHORTEST:
            raise ValueError(f"t should be at least {_SHORTEST:g}: without noise the clean value is known; got {t!r}.")
        signal, noise = self.signal_and_noise(t)
        clean = self._grid(0.0)[:, None]
        log_weights = self.log_prob(clean[:, 0])[:, None] - 0.5 * ((_points(x) - signal * clean) / noise) ** 2
        weights = np.exp(log_weights - log_weights.max(axis=0))
        weights /= weights.sum(axis=0)
        mean = (weights * clean).sum(axis=0)
        return mean, (weights * (clean - mean) ** 2).sum(axis=0)

    def _grid(self, t):
        _, means, variances = self._log_joint([0.0], t)
        reach = _REACH * np.sqrt(variances)
        return np.linspace((means - reach).min(), (means + reach).max(), _POINTS)


def _points(x):
    x = finite_float64(x, "x")
    if x.ndim != 1:
        raise ValueError(f"x should have shape (n,); got {x.shape}. Flatten it, or write [x] for a single number.")
    return x
