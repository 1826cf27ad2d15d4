"""Exercises of GAN theory: the best discriminator, what it measures, and the two losses."""

import math

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake, from_library
from course_lib.exercises.losses import TwoLosses
from course_lib.exercises.words import before


def _sigmoid(logits):
    return 1 / (1 + np.exp(-logits))


def _two_densities(rng):
    p, q = rng.gamma(1.0, 0.3, size=(2, int(rng.integers(9, 15)))) + 0.01
    q[3] = 0.0
    return p, q


BEST_PROBABILITY = Exercise(
    reference=lambda p, q: p / (p + q),
    inputs=_two_densities,
    mistakes=(
        Mistake("of the fakes", lambda p, q: q / (p + q), "that is the probability of *generated*. D is that of real."),
        Mistake(
            "ratio",
            lambda p, q: p / q,
            "a ratio of densities has no upper end, and D is a probability. Where is 1 − y?",
        ),
        Mistake(
            "inverse ratio",
            lambda p, q: q / p,
            "the ratio is upside down, and it is no probability: solve a/y = b/(1 − y) for y.",
        ),
        Mistake(
            "squares",
            lambda p, q: p**2 / (p**2 + q**2),
            "with squares you minimise squared errors of something else. Here the derivative is a/y − b/(1 − y).",
        ),
        Mistake(
            "a verdict",
            lambda p, q: (p > q).astype(float),
            "that is a verdict, right most often. But the logarithm punishes being sure and wrong without end: give "
            "the probability.",
        ),
        Mistake(
            "difference", lambda p, q: (p - q) / (p + q), "that runs from −1 to 1. A probability runs from 0 to 1."
        ),
        Mistake(
            "logit",
            lambda p, q: np.log(p) - np.log(q),
            "that is the logit of the answer, log y/(1 − y). Give the probability y itself.",
        ),
        Mistake("mean", lambda p, q: (p + q) / 2, "that is the density of the mixture that D is shown, not D."),
        Mistake("a coin", lambda p, q: 0 * p + 0.5, "½ is the answer only where both densities are equal."),
    ),
    hints=("Set the derivative of a log y + b log(1 − y) to 0: a/y = b/(1 − y).", "Multiply out: a(1 − y) = b y."),
)


def _unequal(rng):
    log_p, log_q = rng.normal(size=(2, int(rng.integers(6, 11)))) - 2
    return log_p, log_q, int(rng.integers(2, 9)), int(rng.integers(10, 40))


UNEQUAL_NUMBERS = Exercise(
    reference=lambda log_p, log_q, num_real, num_fake: log_p - log_q + np.log(num_real / num_fake),
    inputs=_unequal,
    mistakes=(
        Mistake(
            "equal numbers",
            lambda log_p, log_q, real, fake: log_p - log_q,
            "that is the answer for equal numbers. Who sees many more fakes should also *expect* more of them.",
        ),
        Mistake(
            "upside down",
            lambda log_p, log_q, real, fake: log_p - log_q - np.log(real / fake),
            "your correction points the wrong way: more fakes must make D *less* inclined to say real.",
        ),
        Mistake(
            "no logarithm",
            lambda log_p, log_q, real, fake: log_p - log_q + real / fake,
            "the numbers multiply the densities. In a logit they therefore enter by their logarithm.",
        ),
        Mistake(
            "multiplied",
            lambda log_p, log_q, real, fake: (log_p - log_q) * real / fake,
            "you multiplied the logit. It is the densities that the numbers multiply.",
        ),
        Mistake(
            "shares",
            lambda log_p, log_q, real, fake: log_p - log_q + np.log(real / (real + fake)),
            "that is the share of the real ones among all. What counts in a logit is real to fake.",
        ),
        Mistake(
            "probability",
            lambda log_p, log_q, real, fake: _sigmoid(log_p - log_q + np.log(real / fake)),
            "that is the probability. The logit is asked for.",
        ),
        Mistake(
            "labels swapped",
            lambda log_p, log_q, real, fake: log_q - log_p + np.log(fake / real),
            "that is the logit of *generated*: the sign is flipped.",
        ),
    ),
    hints=(
        "Maximise n log y · p + k log(1 − y) · q at each point, with n real and k generated examples.",
        "D* = n p / (n p + k q); take its logit.",
    ),
)


def _xlogy(x, y):
    return np.where(x > 0, x * np.log(np.where(x > 0, y, 1.0)), 0.0)


def _kl(p, q):
    with np.errstate(divide="ignore"):
        return (_xlogy(p, p) - _xlogy(p, q)).sum(axis=-1)


def _jsd(p, q):
    return 0.5 * _kl(p, (p + q) / 2) + 0.5 * _kl(q, (p + q) / 2)


def _dice(rng):
    p, q = rng.dirichlet(np.ones(int(rng.integers(5, 9))), size=(2, int(rng.integers(6, 11))))
    p[:2, :3], q[1:3, 2:5] = 0.0, 0.0  # some faces never come up
    return p / p.sum(axis=1, keepdims=True), q / q.sum(axis=1, keepdims=True)


JENSEN_SHANNON = Exercise(
    reference=_jsd,
    inputs=_dice,
    mistakes=(
        Mistake("no halves", lambda p, q: 2 * _jsd(p, q), "twice too large: both divergences have a ½ in front."),
        Mistake(
            "no mixture",
            lambda p, q: 0.5 * _kl(p, q) + 0.5 * _kl(q, p),
            "you compared p and q with each other: that has no upper end. Compare each with the mixture m.",
        ),
        Mistake("one half of it", lambda p, q: _kl(p, (p + q) / 2), "that is KL(p‖m) alone. q has a say, too."),
        Mistake("KL", _kl, "that is KL(p‖q), which is infinite where q is 0 and p is not."),
        Mistake(
            "from the mixture",
            lambda p, q: 0.5 * _kl((p + q) / 2, p) + 0.5 * _kl((p + q) / 2, q),
            "the order is reversed: the average is taken under p and under q, and m stands in the denominator.",
        ),
        Mistake("bits", lambda p, q: _jsd(p, q) / np.log(2), "these are bits. Take the natural logarithm, for nats."),
        Mistake(
            "sum as mixture",
            lambda p, q: 0.5 * _kl(p, p + q) + 0.5 * _kl(q, p + q),
            "p + q has mass 2: the mixture is half of it. Your result is log 2 too small.",
        ),
        Mistake("root", lambda p, q: np.sqrt(_jsd(p, q)), "that is its root (which is a distance, in fact)."),
        Mistake(
            "one number",
            lambda p, q: _jsd(p, q).mean(),
            "keep one value for each pair of dice: sum over the last axis.",
        ),
        Mistake(
            "mean over faces",
            lambda p, q: _jsd(p, q) / p.shape[-1],
            "you averaged over the faces of the dice. An expectation is a sum of probability times value.",
        ),
    ),
    hints=(
        "m = (p + q) / 2, and KL(p‖m) = Σ p log(p/m). Where p is 0 the term is 0.",
        "`np.where(p > 0, p / m, 1.0)` inside the logarithm keeps 0 · log 0 from becoming NaN.",
    ),
)


_AT_THE_END = {
    "D": 0.5,
    "V": -math.log(4.0),
    "discriminator_loss": math.log(4.0),
    "generator_loss": math.log(2.0),
}

EQUILIBRIUM = Exercise(
    reference=_AT_THE_END,
    rtol=0.005,
    mistakes=(
        Mistake(
            "everything vanishes",
            {"D": 0.5, "V": 0.0, "discriminator_loss": 0.0, "generator_loss": 0.0},
            "losses of 0 would mean that D is always right *and* G always fools it. At D = ½, what is log D?",
        ),
        Mistake(
            "D is sure",
            {"D": 1.0, "V": 0.0, "discriminator_loss": 0.0, "generator_loss": 0.0},
            "if q = p, there is nothing to tell: what is p/(p + q) then?",
        ),
        Mistake(
            "D is fooled",
            _AT_THE_END | {"D": 1.0},
            "that D calls everything real would be a fooled one. The *best* one, for q = p, is p/(p + p).",
        ),
        Mistake(
            "one half of V",
            _AT_THE_END | {"V": -math.log(2.0), "discriminator_loss": math.log(2.0)},
            "that is one half of V: it has two expectations, and D is a coin in both.",
        ),
        Mistake(
            "sign of V",
            _AT_THE_END | {"V": math.log(4.0), "discriminator_loss": -math.log(4.0)},
            "V is a sum of logarithms of probabilities, so it is negative; the loss is −V.",
        ),
        Mistake(
            "bits",
            {"D": 0.5, "V": -2.0, "discriminator_loss": 2.0, "generator_loss": 1.0},
            "right, in *bits*. In nats, take natural logarithms.",
        ),
        Mistake(
            "saturating",
            Entry("generator_loss", -math.log(2.0)),
            "−log 2 is the *saturating* loss, log(1 − D). The non-saturating one is −log D.",
        ),
        Mistake(
            "mean over the two halves",
            Entry("discriminator_loss", math.log(2.0)),
            "log 2 is the *mean* over the two halves of a batch, as Keras reports it. The loss −V adds them up.",
        ),
        Mistake(
            "sign of the loss",
            Entry("discriminator_loss", -math.log(4.0)),
            "a loss that is a sum of −log of probabilities cannot be negative: it is −V.",
        ),
        Mistake("sign of V alone", Entry("V", math.log(4.0)), "V adds up logarithms of probabilities: it is negative."),
        Mistake("half of V alone", Entry("V", -math.log(2.0)), "V has two expectations, and D is a coin in both."),
        Mistake("generator certain", Entry("generator_loss", 0.0), "a generator loss of 0 needs D = 1 at its samples."),
        Mistake("D fooled", Entry("D", 0.0), "D = 0 would call everything generated. For q = p it is p/(p + p)."),
        Mistake(
            "the same loss for both",
            _AT_THE_END | {"generator_loss": math.log(4.0)},
            "the generator's loss has one term, −log D of its samples.",
        ),
        Mistake("D", Entry("D"), "D: it is p/(p + q), with q = p."),
        Mistake("V", Entry("V"), "V: the sum of two expectations of log ½."),
        Mistake("discriminator_loss", Entry("discriminator_loss"), "discriminator_loss: it is −V."),
        Mistake("generator_loss", Entry("generator_loss"), "generator_loss: one term, −log D, at D = ½."),
    ),
    hints=("D* = p/(p + q), with q = p.", "V = log ½ + log ½, and the generator pays −log ½."),
)


unknown_losses = {
    "A": lambda logits: np.logaddexp(0.0, -logits),
    "B": lambda logits: np.logaddexp(0.0, logits),
    "C": lambda logits: -logits,
    "D": lambda logits: -np.logaddexp(0.0, logits),
}

_NAMES = {"A": "non-saturating", "B": "discriminator", "C": "sum", "D": "saturating"}

WHICH_LOSS = Exercise(
    reference=_NAMES,
    words=("saturating", "non-saturating", "sum", "discriminator"),
    mistakes=(
        Mistake(
            "saturating and not",
            _NAMES | {"A": "saturating", "D": "non-saturating"},
            "A and D are exchanged. Saturating means: *no* slope where D wins, at very negative logits.",
        ),
        Mistake(
            "discriminator and saturating",
            _NAMES | {"B": "saturating", "D": "discriminator"},
            "B and D are exchanged: a generator gains when the logit of its sample *rises*, so its slope is negative.",
        ),
        Mistake(
            "discriminator and non-saturating",
            _NAMES | {"A": "discriminator", "B": "non-saturating"},
            "A and B are exchanged: who wants the logit of a sample to rise?",
        ),
        Mistake(
            "sum and non-saturating",
            _NAMES | {"A": "sum", "C": "non-saturating"},
            "A and C are exchanged: the slope of −log D runs out where the generator wins.",
        ),
        Mistake("A", Entry("A"), "A: its slope is −1 at very negative logits, where D wins, and 0 at large ones."),
        Mistake("B", Entry("B"), "B: it *grows* with the logit of a sample. Who gains when that falls?"),
        Mistake("C", Entry("C"), "C: its slope is −1 everywhere: −D and −(1 − D) added up."),
        Mistake("D", Entry("D"), "D: its slope is 0 at very negative logits, where D wins. What is that called?"),
        Mistake(
            "sum and saturating",
            _NAMES | {"C": "saturating", "D": "sum"},
            "C and D are exchanged: −D and −(1 − D) add up to the same number everywhere.",
        ),
    ),
    hints=(
        "Take differences: (loss(ℓ + h) − loss(ℓ − h)) / 2h at ℓ = −4, 0 and 4.",
        "Compare with −D and −(1 − D), where D = sigmoid(ℓ) is 0.02, ½ and 0.98 there.",
    ),
)


def _three_logits(rng):
    return tuple(3 * rng.normal(size=(3, int(rng.integers(7, 12)))))


def _softplus(logits):
    return np.logaddexp(0.0, logits)


def _of_d(half):
    """Both losses from a loss of the discriminator: a function of the logits of data and of samples."""
    return lambda real, fake, generated: (half(real, fake), _softplus(-generated))


def _of_g(half):
    """Both losses from a loss of the generator."""
    return lambda real, fake, generated: (_softplus(-real) + _softplus(fake), half(generated))


_TWO_LOSSES = TwoLosses(
    reference=from_library("formulas.adversarial.non_saturating"),
    inputs=_three_logits,
    edges=lambda: [
        tuple(np.array(each) for each in ([-900.0, 900.0, 2.0], [900.0, -900.0, 1.0], [-900.0, 900.0, 3.0]))
    ],
    mistakes=(
        Mistake(
            "samples called real",
            _of_d(lambda real, fake: _softplus(-real) + _softplus(-fake)),
            "your discriminator is rewarded for calling samples real: −log(1 − D) is softplus(+ℓ).",
        ),
        Mistake(
            "labels of D exchanged",
            _of_d(lambda real, fake: _softplus(real) + _softplus(-fake)),
            "real and generated are exchanged in the discriminator's loss: it is small where D calls data generated.",
        ),
        Mistake(
            "V itself",
            _of_d(lambda real, fake: -_softplus(-real) - _softplus(fake)),
            "that is V, which the discriminator wants *large*. A loss is minimised: −V.",
        ),
        Mistake(
            "mean of the halves",
            _of_d(lambda real, fake: (_softplus(-real) + _softplus(fake)) / 2),
            "you averaged the discriminator's two halves: V has two expectations, and both count fully.",
        ),
        Mistake(
            "only the data",
            _of_d(lambda real, fake: _softplus(-real)),
            "the discriminator's loss has a second half, for samples. Without it, calling everything real is best.",
        ),
        Mistake(
            "probabilities",
            _of_d(lambda real, fake: 1 - _sigmoid(real) + _sigmoid(fake)),
            "the discriminator's loss has lost its logarithms: that is a difference of probabilities, with no slope "
            "where D is wrong and sure.",
        ),
        Mistake(
            "two sigmoids",
            _of_d(lambda real, fake: _softplus(-_sigmoid(real)) + _softplus(_sigmoid(fake))),
            "there are two sigmoids in the discriminator's loss: softplus(−ℓ) = −log sigmoid(ℓ) already holds one.",
        ),
        Mistake(
            "clipped",
            lambda real, fake, generated: (
                -np.log(np.clip(_sigmoid(real), 1e-7, 1 - 1e-7)) - np.log(np.clip(_sigmoid(-fake), 1e-7, 1 - 1e-7)),
                -np.log(np.clip(_sigmoid(generated), 1e-7, 1 - 1e-7)),
            ),
            "clipping keeps the logarithms finite, and wrong: where D is sure and wrong, the slope is cut to 0. Work "
            "on the logits: `ops.softplus`.",
        ),
        Mistake(
            "a tiny number added",
            lambda real, fake, generated: (
                -np.log(_sigmoid(real) + 1e-8) - np.log(_sigmoid(-fake) + 1e-8),
                -np.log(_sigmoid(generated) + 1e-8),
            ),
            "a tiny number inside of the logarithm keeps it finite, and wrong: at a logit of −900, −log D is 900. Work "
            "on the logits: `ops.softplus`.",
        ),
        Mistake(
            "logarithm of zero",
            lambda real, fake, generated: (
                -np.log(_sigmoid(real)) - np.log(_sigmoid(-fake)),
                -np.log(_sigmoid(generated)),
            ),
            "for large logits D is rounded to 0 or 1, and log 0 is −∞. Work on the logits: `ops.softplus`.",
        ),
        Mistake(
            "co-operation",
            _of_g(_softplus),
            "your generator's loss falls where D is *sure that a sample is generated*: the two would co-operate. The "
            "generator wants to be called real.",
        ),
        Mistake(
            "saturating",
            _of_g(lambda generated: -_softplus(generated)),
            "your generator's loss is log(1 − D), the saturating one: its slope is gone where D wins. Write −log D.",
        ),
        Mistake(
            "sign of the generator's loss",
            _of_g(lambda generated: -_softplus(-generated)),
            "your generator's loss is log D. A loss is minimised, and the generator wants D to be *large*.",
        ),
        Mistake(
            "minus the logit",
            _of_g(lambda generated: -generated),
            "−ℓ as the generator's loss has the right direction, and is another one: the sum of both.",
        ),
        Mistake(
            "a probability",
            _of_g(lambda generated: -_sigmoid(generated)),
            "−D as the generator's loss, without the logarithm, has the slope D(1 − D), which vanishes on both sides.",
        ),
        Mistake(
            "the other logits",
            lambda real, fake, generated: (_softplus(-real) + _softplus(fake), _softplus(-fake)),
            "your generator's loss is made from `fake_logits`, through which no gradient reaches the generator, but "
            "one reaches the *discriminator*. Use `generator_logits`.",
        ),
        Mistake(
            "the generator's logits for D",
            lambda real, fake, generated: (_softplus(-real) + _softplus(generated), _softplus(-generated)),
            "your discriminator's loss is made from `generator_logits`, through which no gradient reaches its weights. "
            "Use `fake_logits`.",
        ),
        Mistake(
            "order",
            lambda real, fake, generated: (_softplus(-generated), _softplus(-real) + _softplus(fake)),
            "these are the right losses in the wrong order: the discriminator's comes first.",
        ),
        Mistake(
            "means",
            lambda real, fake, generated: (
                (_softplus(-real) + _softplus(fake)).mean(),
                _softplus(-generated).mean(),
            ),
            "keep one value for each example: the mean over the batch is taken once, by the model.",
        ),
    ),
)

TWO_LOSSES = Exercise(
    reference=lambda: _TWO_LOSSES.reference,
    judge_with=_TWO_LOSSES.judge,
    mistakes=_TWO_LOSSES.mistakes,
    hints=(
        "−log D = softplus(−ℓ) and −log(1 − D) = softplus(ℓ).",
        "L_D: softplus(−real) + softplus(fake). L_G: softplus(−generator).",
    ),
)


_IN_ORDER = ("deep belief network", "VAE", "GAN", "theorem 2.5")

WHO_CAME_FIRST = Exercise(
    reference=_IN_ORDER,
    words=("theorem 2.5", "GAN", "deep belief network", "VAE"),
    mistakes=(
        Mistake(
            "GAN before VAE",
            ("deep belief network", "GAN", "VAE", "theorem 2.5"),
            "the VAE was half a year earlier: December 2013 against June 2014.",
            made=before("GAN", "VAE", _IN_ORDER),
        ),
        Mistake(
            "nothing before 2013",
            ("VAE", "GAN", "deep belief network", "theorem 2.5"),
            "deep generative models did not begin with these two. Look at the first line of the table.",
            made=before("VAE", "deep belief network", _IN_ORDER),
        ),
        Mistake(
            "theory first",
            ("deep belief network", "theorem 2.5", "VAE", "GAN"),
            "the theorem explains GANs that had been trained for years.",
            made=before("theorem 2.5", "GAN", _IN_ORDER),
        ),
        Mistake("backwards", _IN_ORDER[::-1], "that is the order from the newest to the oldest."),
        Mistake(
            "one twice",
            ("deep belief network", "VAE", "GAN", "GAN"),
            "each of the four stands once in the order.",
            whole=True,
            made=lambda order: len(set(order)) < 4,
        ),
    ),
    hints=("Two of them are from the time before and after: 2006 and 2017.", "December 2013, then June 2014."),
)
