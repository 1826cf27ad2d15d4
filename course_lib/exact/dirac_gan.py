"""The Dirac-GAN: the smallest game that shows why GAN training turns in circles."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from course_lib.arguments import real_number, whole_number


@dataclass(frozen=True)
class DiracGAN:
    r"""A generator that is one point θ, a discriminator that is one slope ψ, and data that are all 0.

    $$L(\theta, \psi) = f(\psi\theta) + f(0), \qquad f(t) = -\log(1 + e^{-t}), \qquad f'(t) = \frac{1}{1 + e^{t}}$$

    The discriminator D(x) = ψx climbs L − γψ²/2 (R1: its squared slope at the data), the generator descends L. The only
    equilibrium is (0, 0). As in the paper, D is high on *fakes*; for logits that are high on real data put −ψ for ψ.

    Args:
        step_size: h > 0, the learning rate of both players.
        gamma: γ >= 0, the weight of R1.

    Raises:
        ValueError: If `step_size` is not positive or `gamma` is negative.

    Example:
        >>> game = DiracGAN(step_size=0.5)
        >>> [float(value) for value in game.simultaneous_step(1.0, 0.0)]  # (θ, ψ): at ψ = 0 nothing pulls θ
        [1.0, 0.25]
        >>> eigenvalue_moduli(game.simultaneous_jacobian()).round(6).tolist()  # √(1 + h²/4) > 1: spirals out
        [1.030776, 1.030776]

    Reference:
        Mescheder, Geiger & Nowozin (2018), Which training methods for GANs do actually converge?, arXiv:1801.04406,
        definition 2.1 and lemmas 2.2–2.5; R1 is its equation 9.
    """

    step_size: float
    gamma: float = 0.0

    def __post_init__(self):
        if not real_number(self.step_size, "step_size") > 0 or not real_number(self.gamma, "gamma") >= 0:
            raise ValueError(
                f"step_size should be positive and gamma at least 0; got {self.step_size} and {self.gamma}."
            )

    def simultaneous_step(self, theta, psi):
        """Both players move at once, each from the other's old position.

        Without R1 the radius √(θ² + ψ²) grows by exactly √(1 + h² f′(θψ)²).

        Args:
            theta: Float or array: the generator's point.
            psi: Float or array: the discriminator's slope.

        Returns:
            The next `(theta, psi)`.
        """
        return self._generator_step(theta, psi), self._discriminator_step(theta, psi)

    def alternating_step(self, theta, psi):
        """The discriminator moves, then the generator answers its new position.

        Args:
            theta: Float or array: the generator's point.
            psi: Float or array: the discriminator's slope.

        Returns:
            The next `(theta, psi)`.
        """
        psi = self._discriminator_step(theta, psi)
        return self._generator_step(theta, psi), psi

    def trajectory(self, theta, psi, num_steps, alternating=False):
        """Positions of both players, start included: float64 `(num_steps + 1, 2)`, columns θ and ψ."""
        step = self.alternating_step if alternating else self.simultaneous_step
        positions = [(theta, psi)]
        for _ in range(whole_number(num_steps, "num_steps")):
            positions.append(step(*positions[-1]))
        return np.array(positions, dtype="float64")

    def simultaneous_jacobian(self):
        """Jacobian of a simultaneous step at (0, 0), `(2, 2)`, rows and columns (θ, ψ).

        Its eigenvalues have modulus √(1 − hγ + h²/4) for γ < 1; all lie inside the unit circle iff
        h/4 < γ < 2/h + h/8.
        """
        h, gamma = self.step_size, self.gamma
        return np.array([[1.0, -h / 2], [h / 2, 1.0 - h * gamma]])

    def alternating_jacobian(self):
        """Jacobian of an alternating step at (0, 0), `(2, 2)`: the generator's matrix times the discriminator's.

        Its eigenvalues have modulus √(1 − hγ) for γ < 1 − h/4; without R1, modulus 1 for h <= 4.
        """
        h, gamma = self.step_size, self.gamma
        return np.array([[1.0, -h / 2], [0.0, 1.0]]) @ np.array([[1.0, 0.0], [h / 2, 1.0 - h * gamma]])

    def _generator_step(self, theta, psi):
        return theta - self.step_size * psi * _slope(theta * psi)

    def _discriminator_step(self, theta, psi):
        return psi + self.step_size * (theta * _slope(theta * psi) - self.gamma * psi)


def eigenvalue_moduli(jacobian):
    """Moduli of the eigenvalues, largest first: above 1 the step leaves the equilibrium, below 1 it converges.

    Args:
        jacobian: Floats, `(d, d)`.

    Returns:
        Float64 array, `(d,)`.

    Example:
        >>> eigenvalue_moduli([[0.0, -2.0], [2.0, 0.0]]).round(9).tolist()
        [2.0, 2.0]
    """
    return np.sort(np.abs(np.linalg.eigvals(jacobian)))[::-1]


def _slope(t):
    """f′(t) = 1 / (1 + eᵗ), without overflow."""
    return expit(-np.asarray(t, dtype="float64"))[()]
