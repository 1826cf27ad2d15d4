"""Exercises of the losses of GANs: f-divergences, conjugates, best scores, and what a generator descends."""

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake
from course_lib.exercises.losses import TwoLosses

WHICH_ARE_DIVERGENCES = Exercise(
    reference={"a", "c", "d"},
    words="abcdef",
    mistakes=(
        Mistake(
            "a", Entry("a"), "look at (a) again: its second derivative is 2, and 1² − 1 = 0. Add a multiple of r − 1."
        ),
        Mistake("b", Entry("b"), "look at (b) again: the root bends *down*, so Jensen's inequality turns round."),
        Mistake("c", Entry("c"), "look at (c) again: minus a root bends up, and f(1) = 0. (Its name is Hellinger.)"),
        Mistake("d", Entry("d"), "look at (d) again: it differs from r log r by a multiple of r − 1."),
        Mistake("e", Entry("e"), "look at (e) again: E_p[r − 1] = 0 for *every* q, so it tells nothing apart."),
        Mistake("f", Entry("f"), "look at (f) again: below 1 its second derivative 6(r − 1) is negative."),
    ),
    hints=("Look at the second derivative, and at f(1).", "A multiple of r − 1 changes nothing, and is 0 by itself."),
)

CONJUGATE = Exercise(
    reference=lambda t: np.exp(t - 1),
    inputs=lambda rng: (rng.normal(size=int(rng.integers(5, 10))),),
    mistakes=(
        Mistake(
            "without the 1",
            np.exp,
            "f′(r) is log r + 1, so r = e^(T − 1). (Yours belongs to r log r − r.)",
        ),
        Mistake("r itself is T", lambda t: t - 1, "that is log r. Solve log r + 1 = T for r itself."),
        Mistake(
            "the value of f",
            lambda t: np.exp(t - 1) * (t - 1),
            "that is f(r) at the touching point. The conjugate is r T − f(r).",
        ),
        Mistake(
            "r times T",
            lambda t: t * np.exp(t - 1),
            "that is r T. Subtract f(r) = r log r.",
        ),
        Mistake(
            "the tangent at 0",
            lambda t: -np.exp(t - 1),
            "that is where the tangent meets the axis r = 0, the square in the picture: *minus* the conjugate.",
        ),
        Mistake(
            "plus one",
            lambda t: np.exp(t + 1),
            "log r + 1 = T gives log r = T − 1, not T + 1.",
        ),
        Mistake(
            "the slope",
            lambda t: np.log(np.abs(t)) + 1,
            "that is the slope of f at T. T *is* a slope: find the r that has it.",
        ),
    ),
    hints=("f'(r) = log r + 1 = T, so r = e^(T − 1).", "r T − r log r = r (T − (T − 1)) = r."),
)


_DESCENDS = {
    "log(1 - D)": "2 JSD",
    "-log D": "KL(q||p) - 2 JSD",
    "-logit": "KL(q||p)",
    "-exp(logit)": "KL(p||q)",
}

WHAT_IS_DESCENDED = Exercise(
    reference=_DESCENDS,
    words=("2 JSD", "KL(q||p)", "KL(p||q)", "KL(q||p) - 2 JSD"),
    mistakes=(
        Mistake(
            "both GAN losses descend the JSD",
            _DESCENDS | {"-log D": "2 JSD"},
            "both losses have the same equilibrium, but not the same gradient. At D* −log D is log(1 + r).",
        ),
        Mistake(
            "the KLs exchanged",
            _DESCENDS | {"-logit": "KL(p||q)", "-exp(logit)": "KL(q||p)"},
            "the two KLs are exchanged: for f = r log r, which averages over q, f′ is log r = −ℓ.",
        ),
        Mistake(
            "log(1 - D)",
            Entry("log(1 - D)"),
            "log(1 − D) is the saturating loss: at D* it is V itself, −log 4 + 2 JSD.",
        ),
        Mistake(
            "-log D",
            Entry("-log D"),
            "−log D: at D* that is log(1 + r). A KL is pulled down, and the JSD *up*.",
        ),
        Mistake(
            "-logit", Entry("-logit"), "−logit: at D* the logit is log(p/q); averaged over q, its negative is a KL."
        ),
        Mistake(
            "-exp(logit)",
            Entry("-exp(logit)"),
            "−exp(logit): at D* that is −p/q, the one that climbs the likelihood. Which KL does that?",
        ),
        Mistake(
            "the first two exchanged",
            _DESCENDS | {"log(1 - D)": "KL(q||p) - 2 JSD", "-log D": "2 JSD"},
            "the first two are exchanged: V(D*) = −log 4 + 2 JSD has the saturating loss in it.",
        ),
        Mistake(
            "the last two losses of the JSD",
            _DESCENDS | {"-logit": "KL(q||p) - 2 JSD", "-log D": "KL(q||p)"},
            "−ℓ = log(1 − D) − log D is the sum of the first two losses: add up their divergences.",
        ),
    ),
    hints=(
        "Write each loss as a function of r = q/p = e^(−ℓ), and find f with this f′. A constant in f′ does not count.",
        "log(1 − D) = log r/(1 + r); −log D = log(1 + r); −ℓ = log r; −e^ℓ = −1/r.",
    ),
)


def _a_loss_of_two_shifts(rng):
    a, b, c, d, e = rng.normal(size=5)

    def loss(shift, best_at):
        return a * shift**2 + b * best_at**2 + c * shift * best_at + d * shift - 2 * b * best_at + e * shift**3

    return loss, float(rng.normal()), float(rng.uniform(0.02, 0.2))


HELD_STILL = Exercise(
    reference=lambda loss, shift, h: (loss(shift + h, shift) - loss(shift - h, shift)) / (2 * h),
    inputs=_a_loss_of_two_shifts,
    mistakes=(
        Mistake(
            "as found",
            lambda loss, shift, h: (loss(shift + h, shift + h) - loss(shift - h, shift - h)) / (2 * h),
            "that is still the code as found: when the generator moves by h, your discriminator moves with it.",
        ),
        Mistake(
            "the discriminator alone",
            lambda loss, shift, h: (loss(shift, shift + h) - loss(shift, shift - h)) / (2 * h),
            "now only the discriminator moves. It is the generator that must take the step.",
        ),
        Mistake(
            "half the width",
            lambda loss, shift, h: (loss(shift + h, shift) - loss(shift - h, shift)) / h,
            "from −h to +h is a width of 2h.",
        ),
        Mistake(
            "one side",
            lambda loss, shift, h: (loss(shift + h, shift) - loss(shift, shift)) / h,
            "a one-sided difference is off by about h. Step to both sides, with the discriminator held at `shift`.",
        ),
        Mistake(
            "sign",
            lambda loss, shift, h: (loss(shift - h, shift) - loss(shift + h, shift)) / (2 * h),
            "the sign is flipped: larger minus smaller argument.",
        ),
        Mistake(
            "discriminator at the new place",
            lambda loss, shift, h: (loss(shift + h, shift + h) - loss(shift - h, shift + h)) / (2 * h),
            "you hold the discriminator still, but at the *new* place: it is the best one for the generator now, at "
            "`shift`.",
        ),
        Mistake(
            "precedence",
            lambda loss, shift, h: (loss(shift + h, shift) - loss(shift - h, shift)) / 2 * h,
            "`/ 2 * h` divides by 2 and *multiplies* by h: write `/ (2 * h)`.",
        ),
        Mistake(
            "discriminator at zero",
            lambda loss, shift, h: (loss(shift + h, 0.0) - loss(shift - h, 0.0)) / (2 * h),
            "you hold the discriminator still, but at the wrong place: it is the best one for the generator *now*.",
        ),
    ),
    hints=("Which of the two arguments belongs to the discriminator?", "(loss(b + h, b) − loss(b − h, b)) / 2h."),
)


def _two_densities(rng):
    p, q = rng.gamma(1.0, 0.3, size=(2, int(rng.integers(9, 15)))) + 0.01
    return p, q, float(rng.uniform(0.6, 1.4)), float(rng.uniform(-1.2, -0.2))


BEST_SCORE = Exercise(
    reference=lambda p, q, a, b: (a * p + b * q) / (p + q),
    inputs=_two_densities,
    mistakes=(
        Mistake(
            "targets 1 and 0",
            lambda p, q, a, b: p / (p + q),
            "that is the answer for the targets 1 and 0. Here they are a and b.",
        ),
        Mistake(
            "exchanged",
            lambda p, q, a, b: (b * p + a * q) / (p + q),
            "the targets are exchanged: a belongs to data, with the density p.",
        ),
        Mistake(
            "no denominator",
            lambda p, q, a, b: a * p + b * q,
            "p (s − a) + q (s − b) = 0 has s (p + q) on one side: divide.",
        ),
        Mistake(
            "the middle",
            lambda p, q, a, b: 0 * p + (a + b) / 2,
            "that is right only where the two densities are equal. Weight the targets by p and q.",
        ),
        Mistake(
            "the nearer target",
            lambda p, q, a, b: np.where(p > q, a, b),
            "that is the answer for an absolute error. Squares have the *mean* as their best value.",
        ),
        Mistake(
            "sign",
            lambda p, q, a, b: (a * p - b * q) / (p + q),
            "mind the sign: the derivative is p (s − a) + q (s − b).",
        ),
        Mistake(
            "squares",
            lambda p, q, a, b: (a * p**2 + b * q**2) / (p**2 + q**2),
            "it is the errors that are squared, not the densities.",
        ),
        Mistake(
            "the log-ratio",
            lambda p, q, a, b: np.log(p / q),
            "that is the best logit for the cross-entropy. Minimise p (s − a)²/2 + q (s − b)²/2 over s.",
        ),
    ),
    hints=("Minimise p (s − a)²/2 + q (s − b)²/2 over s.", "p (s − a) + q (s − b) = 0: a mean of the targets."),
)

WHICH_KEEP_A_GRADIENT = Exercise(
    reference={"-log D", "-logit", "-exp(logit)"},
    words=("log(1 - D)", "-log D", "-logit", "-exp(logit)", "-D"),
    mistakes=(
        Mistake("log(1 - D)", Entry("log(1 - D)"), "log(1 − D): 2 JSD has the ceiling 2 log 2."),
        Mistake("-log D", Entry("-log D"), "−log D = log(1 + r) has no upper end: look at the picture."),
        Mistake("-logit", Entry("-logit"), "−logit: it descends a KL. Has that a ceiling?"),
        Mistake("-exp(logit)", Entry("-exp(logit)"), "−exp(logit) = −1/r: its f is −log r. What is f(0)?"),
        Mistake("-D", Entry("-D"), "−D = −1/(1 + r) lies between −1 and 0. Is f finite at 0, and its slope at ∞?"),
    ),
    hints=(
        "A divergence is bounded if f(0) and the slope f′(∞) are finite.",
        "f′ as r → ∞: 0, ∞, ∞, 0, 0 in the order of the question. And f(0)?",
    ),
)


def _three_logits(rng):
    return tuple(rng.normal(size=(3, int(rng.integers(7, 12)))))


def _of_d(half):
    """Both losses from a loss of the discriminator: a function of the logits of data and of samples."""
    return lambda real, fake, generated: (half(real, fake), -generated)


def _of_g(half):
    """Both losses from a loss of the generator."""
    return lambda real, fake, generated: (fake + np.exp(-real), half(generated))


def _reverse_kl(real_logits, fake_logits, generator_logits):
    from keras import ops

    return fake_logits + ops.exp(-real_logits), -generator_logits


_LOSSES_FROM_F = TwoLosses(
    reference=_reverse_kl,
    inputs=_three_logits,
    edges=lambda: [tuple(np.array(each) for each in ([-3.0, 2.0, 1.0], [900.0, -900.0, 0.5], [900.0, -900.0, -1.5]))],
    up_to_constants=True,
    mistakes=(
        Mistake(
            "the other KL",
            lambda real, fake, generated: (np.exp(fake) - real, -np.exp(generated)),
            "that is the game of the lesson, for KL(p‖q). Now f(r) = r log r: f′ = log r + 1, with r = e^(−ℓ).",
        ),
        Mistake(
            "the usual discriminator",
            _of_d(lambda real, fake: np.logaddexp(0, -real) + np.logaddexp(0, fake)),
            "your discriminator has the usual loss. Its best logit is the same, but here its loss is made from this f.",
        ),
        Mistake(
            "the example's discriminator",
            _of_d(lambda real, fake: np.exp(fake) - real),
            "your discriminator has the loss of the example, made from f = −log r. Here f(r) = r log r.",
        ),
        Mistake(
            "data and samples exchanged",
            _of_d(lambda real, fake: real + np.exp(-fake)),
            "in your discriminator's loss data and samples are exchanged: −f′ stands at samples, r f′ − f at data.",
        ),
        Mistake(
            "the bound itself",
            _of_d(lambda real, fake: -fake - np.exp(-real)),
            "that is the bound, which the discriminator *climbs*. A loss is minimised: turn its sign round.",
        ),
        Mistake(
            "r upside down",
            _of_d(lambda real, fake: fake + np.exp(real)),
            "in your discriminator's loss the ratio is upside down: r = q/p = e^(−ℓ).",
        ),
        Mistake(
            "f for its conjugate",
            _of_d(lambda real, fake: fake - real * np.exp(-real)),
            "at data stands r f′(r) − f(r), not f(r): for r log r that is r itself.",
        ),
        Mistake(
            "r f′ alone",
            _of_d(lambda real, fake: fake + (1 - real) * np.exp(-real)),
            "at data stands r f′(r) − f(r): you left out the − f(r).",
        ),
        Mistake(
            "sign at samples",
            _of_d(lambda real, fake: -fake + np.exp(-real)),
            "the sign at samples is wrong: −f′(e^(−ℓ)) = −(1 − ℓ).",
        ),
        Mistake(
            "the generator climbs",
            _of_g(lambda generated: generated),
            "your generator's loss rises with the logit, so it climbs the divergence: its samples run away.",
        ),
        Mistake(
            "non-saturating",
            _of_g(lambda generated: np.logaddexp(0, -generated)),
            "your generator's loss is −log D, which descends KL(q‖p) − 2 JSD. Here it is f′(e^(−ℓ)).",
        ),
        Mistake(
            "f of the ratio",
            _of_g(lambda generated: -generated * np.exp(-generated)),
            "your generator's loss is f(r). The rule says f′(r).",
        ),
        Mistake(
            "T for the logit",
            lambda real, fake, generated: (-fake + np.exp(real - 1), generated),
            "that is right for a network that returns T itself. Here it returns ℓ, and T = 1 − ℓ.",
        ),
        Mistake(
            "the other logits",
            lambda real, fake, generated: (fake + np.exp(-real), -fake),
            "your generator's loss is made from `fake_logits`, through which no gradient reaches the generator. Use "
            "`generator_logits`.",
        ),
        Mistake(
            "order",
            lambda real, fake, generated: (-generated, fake + np.exp(-real)),
            "these are the right losses in the wrong order: the discriminator's comes first.",
        ),
        Mistake(
            "means",
            lambda real, fake, generated: ((fake + np.exp(-real)).mean(), -generated.mean()),
            "keep one value for each example: the mean over the batch is taken once, by the model.",
        ),
    ),
)

LOSSES_FROM_F = Exercise(
    reference=lambda: _LOSSES_FROM_F.reference,
    judge_with=_LOSSES_FROM_F.judge,
    mistakes=_LOSSES_FROM_F.mistakes,
    hints=(
        "f′(r) = log r + 1 = 1 − ℓ, and r f′(r) − f(r) = r = e^(−ℓ).",
        "L_D: ℓ at samples + e^(−ℓ) at data. L_G: −ℓ.",
    ),
)


def _cost(share):
    return (2 - share) * np.log((2 - share) / (2 * (1 - share))) - share * np.log(2.0)


COST_OF_A_LOST_MODE = Exercise(
    reference=_cost,
    inputs=lambda rng: (rng.uniform(0.05, 0.9, size=int(rng.integers(5, 10))),),
    mistakes=(
        Mistake(
            "reverse KL",
            lambda w: -np.log(1 - w),
            "that is KL(q‖p) alone. From it goes 2 JSD: use 2 KL(m‖p), and mind the part where q is 0.",
        ),
        Mistake(
            "twice the JSD",
            lambda w: -np.log(1 - w) - _cost(w),
            "that is 2 JSD, the cost in the saturating game. The non-saturating generator descends KL(q‖p) − 2 JSD.",
        ),
        Mistake(
            "lost part forgotten",
            lambda w: _cost(w) + w * np.log(2.0),
            "you integrated over what is kept. On the lost mode m = p/2, which adds w log ½.",
        ),
        Mistake(
            "lost part with the wrong sign",
            lambda w: _cost(w) + 2 * w * np.log(2.0),
            "on the lost mode m/p = ½, and log ½ is negative.",
        ),
        Mistake("half", lambda w: _cost(w) / 2, "that is KL(m‖p). The divergence is twice that."),
        Mistake(
            "the lost share for the kept one",
            lambda w: _cost(1 - w),
            "you exchanged what is kept with what is lost: w is the share of the data that q never makes.",
        ),
        Mistake(
            "JSD once",
            lambda w: (_cost(w) - np.log(1 - w)) / 2,
            "you subtracted one JSD. There are two of them.",
        ),
    ),
    hints=(
        "On what is kept q = p/(1 − w), so m = p (1 + 1/(1 − w))/2 = p (2 − w)/(2(1 − w)). On the lost mode m = p/2.",
        "2∫m log(m/p): the kept part has 2∫m = (1 − w) + 1, the lost part 2∫m = w.",
    ),
)
