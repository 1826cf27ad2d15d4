"""The Dirac-GAN: the smallest game that shows why GAN training turns in circles."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from course_lib.contracts.arguments import real_number, whole_number


@dataclass(frozen=True)
class DiracGAN:
    r"""A generator that is one point θ, a discriminator that is one slope ψ, and data that are all 0.

    $$L(\theta, \psi) = f(\psi\theta) + f(0), \qquad f(t) = -\log(1 + e^{-t}), \qquad f'(t) = \frac{1}{1 + e^{t}}$$

    The discriminator D(x) = ψx climbs L − γψ²/2 (R1: its squared slope at the data), the generator descends L. The only
    equilibrium is (0, 0). As in the paper, D is high on *fakes*; for logits that are high on real data put −ψ for ψ.

    Args:
        step_size: h > 0, the learning rate of both players.
        gamma: γ >= 0, the weight of R1.
        discriminator_scale: s > 0; the discriminator's learning rate is s·h (two time scales).

    Raises:
        ValueError: If `step_size` or `discriminator_scale` is not positive or `gamma` is negative.

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
    discriminator_scale: float = 1.0

    def __post_init__(self):
        if not real_number(self.step_size, "step_size") > 0 or not real_number(self.gamma, "gamma") >= 0:
            raise ValueError(
                f"step_size should be positive and gamma at least 0; got {self.step_size} and {self.gamma}."
            )
        if not real_number(self.discriminator_scale, "discriminator_scale") > 0:
            raise ValueError(
                f"discriminator_scale should be positive; got {self.discriminator_scale}. 1 gives equal steps."
            )

    def vector_field(self, theta, psi):
        r"""The direction in which each player moves: $(-\psi f'(\theta\psi),\; \theta f'(\theta\psi) - \gamma\psi)$.

        Args:
            theta: Float or array: the generator's point.
            psi: Float or array: the discriminator's slope.

        Returns:
            The two velocities `(of theta, of psi)`, before they are multiplied by learning rates.
        """
        return -psi * _slope(theta * psi), theta * _slope(theta * psi) - self.gamma * psi

    def field_jacobian(self):
        """Jacobian of the vector field at (0, 0), `(2, 2)`; its eigenvalues are (−γ ± √(γ² − 1)) / 2.

        A negative real part pulls in, none turns in circles: without R1 they are ±i/2.
        """
        return np.array([[0.0, -0.5], [0.5, -self.gamma]])

    def stable_gammas(self):
        """The open interval of γ in which simultaneous steps of this size converge: (h/4, 2/(s·h) + h/8).

        Returns:
            Two floats `(low, high)`; where low >= high, no γ helps.

        Example:
            >>> DiracGAN(step_size=1.0).stable_gammas()
            (0.25, 2.125)
        """
        h, rate = self.step_size, self.discriminator_scale * self.step_size
        return h / 4, 2 / rate + h / 8

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
        h/4 < γ < 2/h + h/8. With two time scales put s·h for the first h and s·h² for h²: without R1 the modulus is
        √(1 + s·h²/4), above 1 whatever s is.
        """
        return np.eye(2) + self._rates() @ self.field_jacobian()

    def alternating_jacobian(self):
        """Jacobian of an alternating step at (0, 0), `(2, 2)`: the generator's matrix times the discriminator's.

        Its eigenvalues have modulus √(1 − hγ) for γ < 1 − h/4; without R1, modulus 1 for h <= 4.
        """
        generator, discriminator = (np.eye(2) + self._rates() * player @ self.field_jacobian() for player in np.eye(2))
        return generator @ discriminator

    def _rates(self):
        return self.step_size * np.diag([1.0, self.discriminator_scale])

    def _generator_step(self, theta, psi):
        return theta + self.step_size * self.vector_field(theta, psi)[0]

    def _discriminator_step(self, theta, psi):
        return psi + self.discriminator_scale * self.step_size * self.vector_field(theta, psi)[1]


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
