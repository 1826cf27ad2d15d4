"""Objectives of adversarial training: discriminator logits in, two losses out, one value per example.

Every objective has the same signature, `(real_logits, fake_logits, generator_logits)`. `fake_logits` and
`generator_logits` judge the same samples: the first reach the discriminator's loss (no gradient to the generator), the
second the generator's loss (no gradient to the discriminator). A `GAN` arranges that. Both losses are *minimised*.
"""

import keras
from keras import ops

from course_lib.contracts.arguments import real_number
from course_lib.formulas.events import as_float32


def minimax(real_logits, fake_logits, generator_logits):
    r"""The original zero-sum game; its generator loss *saturates* where the discriminator wins.

    $$L_D = -\log D(x) - \log(1 - D(G(z))), \qquad L_G = \log(1 - D(G(z))), \qquad D = \operatorname{sigmoid}(\ell)$$

    At the optimal discriminator, $-\mathbb E[L_D] = -\log 4 + 2\,\mathrm{JSD}$.

    Args:
        real_logits: Floats, `(batch,)` or `(batch, 1)`. Discriminator logits of data.
        fake_logits: Floats, same shape. Those of samples, without gradient to the generator.
        generator_logits: Floats, same shape. Those of samples, without gradient to the discriminator.

    Returns:
        Two float32 tensors, each `(batch,)`, in nats: the discriminator's loss (≥ 0) and the generator's (≤ 0).

    Example:
        >>> discriminator_loss, generator_loss = minimax([0.0], [0.0], [0.0])
        >>> round(float(discriminator_loss[0]), 4), round(float(generator_loss[0]), 4)  # 2 log 2 and -log 2
        (1.3863, -0.6931)

    Reference:
        Goodfellow et al. (2014), arXiv:1406.2661, eq. 1.
    """
    real, fake, generated = _per_example(real_logits, fake_logits, generator_logits)
    return ops.softplus(-real) + ops.softplus(fake), -ops.softplus(generated)


def non_saturating(real_logits, fake_logits, generator_logits):
    r"""The game as it is played in practice: the generator maximises $\log D$ of its samples.

    $$L_D = -\log D(x) - \log(1 - D(G(z))), \qquad L_G = -\log D(G(z))$$

    Per logit the generator's gradient is $-(1 - D)$, large where the discriminator wins; minimax has $-D$.

    Args:
        real_logits: Floats, `(batch,)` or `(batch, 1)`. Discriminator logits of data.
        fake_logits: Floats, same shape. Those of samples, without gradient to the generator.
        generator_logits: Floats, same shape. Those of samples, without gradient to the discriminator.

    Returns:
        Two float32 tensors, each `(batch,)`, in nats: the discriminator's loss and the generator's, both ≥ 0.

    Example:
        >>> discriminator_loss, generator_loss = non_saturating([0.0], [0.0], [0.0])
        >>> round(float(discriminator_loss[0]), 4), round(float(generator_loss[0]), 4)  # 2 log 2 and log 2
        (1.3863, 0.6931)

    Reference:
        Goodfellow et al. (2014), arXiv:1406.2661, section 3.
    """
    real, fake, generated = _per_example(real_logits, fake_logits, generator_logits)
    return ops.softplus(-real) + ops.softplus(fake), ops.softplus(-generated)


def hinge(real_logits, fake_logits, generator_logits):
    r"""Margin losses: the discriminator stops pushing once an example is on the right side by 1.

    $$L_D = \max(0, 1 - \ell(x)) + \max(0, 1 + \ell(G(z))), \qquad L_G = -\ell(G(z))$$

    Args:
        real_logits: Floats, `(batch,)` or `(batch, 1)`. Discriminator scores of data.
        fake_logits: Floats, same shape. Those of samples, without gradient to the generator.
        generator_logits: Floats, same shape. Those of samples, without gradient to the discriminator.

    Returns:
        Two float32 tensors, each `(batch,)`, in units of the score.

    Example:
        >>> discriminator_loss, generator_loss = hinge([2.0], [-0.5], [-0.5])
        >>> float(discriminator_loss[0]), float(generator_loss[0])
        (0.5, 0.5)

    Reference:
        Lim & Ye (2017), arXiv:1705.02894; Miyato et al. (2018), arXiv:1802.05957, eq. 16-17.
    """
    real, fake, generated = _per_example(real_logits, fake_logits, generator_logits)
    return ops.relu(1.0 - real) + ops.relu(1.0 + fake), -generated


def least_squares(real_logits, fake_logits, generator_logits):
    r"""Squared distances of the scores to the targets 1 (real) and 0 (fake).

    $$L_D = \tfrac12 (\ell(x) - 1)^2 + \tfrac12 \ell(G(z))^2, \qquad L_G = \tfrac12 (\ell(G(z)) - 1)^2$$

    Args:
        real_logits: Floats, `(batch,)` or `(batch, 1)`. Discriminator scores of data (no sigmoid).
        fake_logits: Floats, same shape. Those of samples, without gradient to the generator.
        generator_logits: Floats, same shape. Those of samples, without gradient to the discriminator.

    Returns:
        Two float32 tensors, each `(batch,)`, in squared units of the score, both ≥ 0.

    Example:
        >>> discriminator_loss, generator_loss = least_squares([0.0], [0.0], [0.0])
        >>> float(discriminator_loss[0]), float(generator_loss[0])
        (0.5, 0.5)

    Reference:
        Mao et al. (2017), arXiv:1611.04076, eq. 9.
    """
    real, fake, generated = _per_example(real_logits, fake_logits, generator_logits)
    return 0.5 * ops.square(real - 1.0) + 0.5 * ops.square(fake), 0.5 * ops.square(generated - 1.0)


def wasserstein(real_logits, fake_logits, generator_logits):
    r"""The critic's score difference; an estimate of a transport cost only while the critic is 1-Lipschitz.

    $$L_D = \ell(G(z)) - \ell(x), \qquad L_G = -\ell(G(z))$$

    Args:
        real_logits: Floats, `(batch,)` or `(batch, 1)`. Critic scores of data.
        fake_logits: Floats, same shape. Those of samples, without gradient to the generator.
        generator_logits: Floats, same shape. Those of samples, without gradient to the critic.

    Returns:
        Two float32 tensors, each `(batch,)`, in units of the score.

    Example:
        >>> critic_loss, generator_loss = wasserstein([3.0], [1.0], [1.0])
        >>> float(critic_loss[0]), float(generator_loss[0])
        (-2.0, -1.0)

    Reference:
        Arjovsky, Chintala & Bottou (2017), arXiv:1701.07875, algorithm 1.
    """
    real, fake, generated = _per_example(real_logits, fake_logits, generator_logits)
    return fake - real, -generated


for _objective in (minimax, non_saturating, hinge, least_squares, wasserstein):
    keras.saving.register_keras_serializable(package="course_lib")(_objective)


@keras.saving.register_keras_serializable(package="course_lib")
class OneSidedSmoothing:
    r"""The non-saturating game with softer targets for the *real* examples only.

    $$L_D = -t \log D(x) - (1 - t) \log(1 - D(x)) - \log(1 - D(G(z))), \qquad L_G = -\log D(G(z))$$

    At the optimum $D^* = t\,p / (p + q)$: the discriminator is never more certain of *real* than t. The samples' target
    stays 0. Softened to s it would give $D^* = (t\,p + s\,q)/(p + q)$, whose term in q holds samples where they are.

    Args:
        real_target: The target t of real examples, in (0, 1]; 1 is `non_saturating`.

    Raises:
        ValueError: If the target is no such number.

    Call arguments:
        real_logits: Floats, `(batch,)` or `(batch, 1)`. Discriminator logits of data.
        fake_logits: Floats, same shape. Those of samples, without gradient to the generator.
        generator_logits: Floats, same shape. Those of samples, without gradient to the discriminator.

    Returns:
        Two float32 tensors, each `(batch,)`, in nats: the discriminator's loss and the generator's, both ≥ 0.

    Example:
        >>> smoothed = OneSidedSmoothing(0.9)
        >>> round(float(smoothed([3.0], [0.0], [0.0])[0][0]), 4)  # softplus(-3) + 0.1 · 3 + log 2
        1.0417

    Reference:
        Salimans et al. (2016), Improved techniques for training GANs, arXiv:1606.03498, section 3.4.
    """

    def __init__(self, real_target=0.9):
        self.real_target = real_number(real_target, "real_target")
        if not 0 < self.real_target <= 1:
            raise ValueError(
                f"real_target, the probability wanted for real examples, must lie in (0, 1]; got {real_target!r}. "
                "One-sided smoothing uses 0.9; the target of samples stays 0."
            )

    def __call__(self, real_logits, fake_logits, generator_logits):
        real, fake, generated = _per_example(real_logits, fake_logits, generator_logits)
        of_real = self.real_target * ops.softplus(-real) + (1.0 - self.real_target) * ops.softplus(real)
        discriminator_loss = of_real + ops.softplus(fake)
        return discriminator_loss, ops.softplus(-generated)

    def get_config(self):
        return {"real_target": self.real_target}

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def __repr__(self):
        return f"OneSidedSmoothing({self.real_target:g})"


def _per_example(*logits):
    """Cast to float32, `(batch,)`, so that `(batch, 1)` never meets `(batch,)` and broadcasts."""
    logits = as_float32(*logits)
    for values in logits:
        if len(values.shape) not in (1, 2) or (len(values.shape) == 2 and values.shape[-1] not in (1, None)):
            raise ValueError(
                "A discriminator must return one logit per example, shape (batch,) or (batch, 1); got "
                f"{tuple(values.shape)}. End it in Dense(1)."
            )
    if len({values.shape[0] for values in logits} - {None}) > 1:
        raise ValueError(
            "Real, fake and generator logits must come from batches of one size, or they would broadcast silently; got "
            f"{[tuple(values.shape) for values in logits]}. Draw one sample for each real example."
        )
    return [ops.reshape(values, (-1,)) for values in logits]
