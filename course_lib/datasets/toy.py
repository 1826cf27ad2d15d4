"""Toy densities on the line and in the plane: exact log-density, exact sampler."""

from dataclasses import dataclass

import numpy as np

from course_lib.contracts.arguments import finite_float64, real_array, real_number, whole_number


@dataclass(frozen=True, eq=False)
class IsotropicMixture:
    r"""Mixture of round Gaussians: the one density behind every toy.

    $$p(x) = \sum_k \pi_k \, \mathcal N(x; \mu_k, \sigma_k^2 I)$$

    Args:
        weights: Floats, `(k,)`: non-negative, sum 1.
        means: Floats, `(k, d)`.
        standard_deviation: Positive float, or `(k,)` of them.
        labels: Integers, `(k,)`: the class of each component; None makes each its own class.

    Raises:
        ValueError: If the shapes do not match, the weights are no distribution or a deviation is not positive.

    Example:
        >>> toy = IsotropicMixture([0.5, 0.5], [[-1.0], [1.0]], standard_deviation=1.0)
        >>> round(float(toy.log_density([[0.0]])[0]), 4), toy.sample(3).shape
        (-1.4189, (3, 1))
    """

    weights: np.ndarray
    means: np.ndarray
    standard_deviation: np.ndarray
    labels: np.ndarray | None = None

    def __post_init__(self):
        means, weights = finite_float64(self.means, "means"), finite_float64(self.weights, "weights")
        if means.ndim != 2 or weights.shape != means.shape[:1]:
            raise ValueError(f"means should be (k, d) and weights (k,); got {means.shape} and {weights.shape}.")
        if (weights < 0).any() or not np.isclose(weights.sum(), 1.0):
            raise ValueError(f"weights should be non-negative with sum 1; got {weights}. Divide them by their sum.")
        deviation = finite_float64(self.standard_deviation, "standard_deviation")
        if deviation.shape not in ((), weights.shape) or not (deviation > 0).all():
            raise ValueError(f"standard_deviation should be positive, one or one per component; got {deviation}.")
        labels = np.arange(len(means)) if self.labels is None else real_array(self.labels, "labels")
        if labels.shape != weights.shape or labels.dtype.kind not in "iu":
            raise ValueError(
                f"labels should be integers ({len(means)},), one per component; got {labels.dtype} {labels.shape}."
            )
        object.__setattr__(self, "means", means)
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "standard_deviation", np.broadcast_to(deviation, weights.shape))
        object.__setattr__(self, "labels", labels.astype("int32"))

    @property
    def modes(self):
        """The centres, float64 `(k, d)`, where each component is a mode of its own; else None (moons)."""
        return self.means if len(np.unique(self.labels)) == len(self.labels) else None

    def log_density(self, x):
        """Exact log p(x).

        Args:
            x: Floats, `(n, d)`; on the line `(n,)` as well.

        Returns:
            Float64 array, `(n,)`: nats.

        Raises:
            ValueError: If `x` has another shape, or holds NaN or infinity.
        """
        x, num_features = finite_float64(x, "x"), self.means.shape[1]
        if x.ndim == 1 and num_features == 1:
            x = x[:, None]
        if x.ndim != 2 or x.shape[1] != num_features:
            raise ValueError(f"x should have shape (n, {num_features}); got {x.shape}.")
        squared = sum(np.square(np.subtract.outer(x[:, j], self.means[:, j])) for j in range(num_features))  # (n, k)
        variance = np.square(self.standard_deviation)
        with np.errstate(divide="ignore"):  # a weight may be 0
            log_weights = np.log(self.weights)
        log_joint = log_weights - 0.5 * (squared / variance + num_features * np.log(2 * np.pi * variance))
        return np.logaddexp.reduce(log_joint, axis=1)

    def sample(self, num_samples, seed=0):
        """Draws from p(x): float64 `(num_samples, d)`."""
        return self.sample_labelled(num_samples, seed)[0]

    def sample_labelled(self, num_samples, seed=0):
        """Draws with their class: float64 `(num_samples, d)` and int32 `(num_samples,)`."""
        num_samples, rng = whole_number(num_samples, "num_samples"), np.random.default_rng(seed)
        component = rng.choice(len(self.weights), size=num_samples, p=self.weights / self.weights.sum())
        noise = rng.standard_normal((num_samples, self.means.shape[1]))
        return self.means[component] + self.standard_deviation[component, None] * noise, self.labels[component]


def ring(num_modes=8, radius=2.0, standard_deviation=0.02):
    """Equal Gaussians on a circle: the standard test for mode collapse.

    A perfect sampler puts 1 − exp(−4.5) = 98.9 % of its points within three standard deviations of a mode.

    Args:
        num_modes: How many.
        radius: Of the circle around the origin.
        standard_deviation: Of each Gaussian.

    Returns:
        An `IsotropicMixture` in the plane; the first mode lies at (radius, 0), the others follow counter-clockwise.

    Example:
        >>> ring(num_modes=4).modes.round(6).tolist()[0]
        [2.0, 0.0]

    Reference:
        Metz et al. (2017), Unrolled generative adversarial networks, arXiv:1611.02163.
    """
    num_modes, radius = whole_number(num_modes, "num_modes", 1), real_number(radius, "radius")
    angles = 2 * np.pi * np.arange(num_modes) / num_modes
    return _equal_mixture(radius * np.stack([np.cos(angles), np.sin(angles)], axis=1), standard_deviation)


def grid(side=5, spacing=2.0, standard_deviation=0.05):
    """Equal Gaussians on a square grid around the origin.

    Args:
        side: Gaussians per side.
        spacing: Distance of neighbours.
        standard_deviation: Of each Gaussian.

    Returns:
        An `IsotropicMixture` in the plane with `side**2` modes.

    Example:
        >>> grid().modes.shape, grid().modes.max(axis=0).tolist()
        ((25, 2), [4.0, 4.0])

    Reference:
        Srivastava et al. (2017), VEEGAN, arXiv:1705.07761; Lin et al. (2018), PacGAN, arXiv:1712.04086.
    """
    side, spacing = whole_number(side, "side", 1), real_number(spacing, "spacing")
    axis = spacing * (np.arange(side) - (side - 1) / 2)
    return _equal_mixture(np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2), standard_deviation)


def moons(standard_deviation=0.1):
    """Two interleaved half circles of radius 1, centred on the origin.

    Each arc is a fine chain of Gaussians, neighbours at most half a standard deviation apart: smooth to the eye, and
    with an exact density.

    Args:
        standard_deviation: The width of the arcs.

    Returns:
        An `IsotropicMixture` in the plane; labels 0 (upper arc) and 1 (lower arc).

    Example:
        >>> x, y = moons().sample_labelled(1000)
        >>> x.shape, np.unique(y).tolist(), moons().modes is None
        ((1000, 2), [0, 1], True)
    """
    if not real_number(standard_deviation, "standard_deviation") > 0:
        raise ValueError(f"standard_deviation should be positive; got {standard_deviation}.")
    per_arc = max(16, int(np.ceil(2 * np.pi / standard_deviation)) + 1)
    angles = np.linspace(0, np.pi, per_arc)
    upper = np.stack([np.cos(angles) - 0.5, np.sin(angles) - 0.25], axis=1)
    return _equal_mixture(np.concatenate([upper, -upper]), standard_deviation, np.repeat([0, 1], per_arc))


def mixture_1d(means=(-2.0, 1.0), standard_deviation=(0.5, 0.8), weights=(0.4, 0.6)):
    """A mixture of Gaussians on the line.

    Args:
        means: Floats, one per component.
        standard_deviation: One positive float, or one per component.
        weights: Floats, one per component: non-negative, sum 1.

    Returns:
        An `IsotropicMixture` on the line: draws are `(n, 1)`.

    Example:
        >>> round(float(mixture_1d([0.0], 1.0, [1.0]).log_density([0.0])[0]), 4)
        -0.9189
    """
    return IsotropicMixture(weights, finite_float64(means, "means")[..., None], standard_deviation)


def _equal_mixture(means, standard_deviation, labels=None):
    return IsotropicMixture(np.full(len(means), 1 / len(means)), means, standard_deviation, labels)
