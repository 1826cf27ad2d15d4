"""Exercises of the ELBO: divergences of Gaussians, a wrong sign, gaps, a linear decoder, and weights below 1."""

import numpy as np

from course_lib.exercises import comparison
from course_lib.exercises.engine import Entry, Exercise, Mistake, from_library
from course_lib.exercises.references import lesson


def _kl(mean_q, log_var_q, mean_p, log_var_p):
    return 0.5 * _twice_the_terms(mean_q, log_var_q, mean_p, log_var_p).sum(-1)


def _twice_the_terms(mean_q, log_var_q, mean_p, log_var_p):
    squared = (mean_q - mean_p) ** 2
    return log_var_p - log_var_q + (np.exp(log_var_q) + squared) / np.exp(log_var_p) - 1.0


def _two_gaussians(rng):
    return tuple(rng.normal(size=(4, *rng.integers(3, 9, size=2))))


KL_OF_TWO_GAUSSIANS = Exercise(
    reference=from_library("formulas.gaussian_kl"),
    inputs=_two_gaussians,
    mistakes=(
        Mistake(
            "sign",
            lambda mq, vq, mp, vp: -_kl(mq, vq, mp, vp),
            "the sign is flipped. A divergence is never negative.",
        ),
        Mistake(
            "half forgotten",
            lambda mq, vq, mp, vp: 2 * _kl(mq, vq, mp, vp),
            "exactly twice too large: the ½ in front of the bracket is missing.",
        ),
        Mistake(
            "arguments swapped",
            lambda mq, vq, mp, vp: _kl(mp, vp, mq, vq),
            "that is KL(p‖q). The average is taken under q, so q is what you average over, and the variance of p is "
            "what you divide by.",
        ),
        Mistake(
            "mean over dimensions",
            lambda mq, vq, mp, vp: 0.5 * _twice_the_terms(mq, vq, mp, vp).mean(-1),
            "you averaged over the dimensions. Divergences of independent dimensions add up: sum them.",
        ),
        Mistake(
            "one number",
            lambda mq, vq, mp, vp: _kl(mq, vq, mp, vp).mean(),
            "you averaged over the batch as well. Keep one value per example, shape (batch,).",
        ),
        Mistake(
            "one sum",
            lambda mq, vq, mp, vp: _kl(mq, vq, mp, vp).sum(),
            "you summed over everything. Sum over the last axis only, and keep one value per example, shape (batch,).",
        ),
        Mistake(
            "terms",
            lambda mq, vq, mp, vp: 0.5 * _twice_the_terms(mq, vq, mp, vp),
            "these are the terms, one for each dimension. Sum them over the last axis.",
        ),
        Mistake(
            "σ for σ²",
            lambda mq, vq, mp, vp: _kl(mq, vq / 2, mp, vp / 2),
            "you put σ where σ² belongs. `np.exp(log_var)` is the variance already; exp(½ log_var) is the standard "
            "deviation.",
        ),
        Mistake(
            "log-variance as variance",
            lambda mq, vq, mp, vp: 0.5 * (vp - vq + (vq + (mq - mp) ** 2) / vp - 1).sum(-1),
            "you used log_var as if it were the variance. It is log σ²: exponentiate it in the fraction.",
        ),
        Mistake(
            "log-variance as σ",
            lambda mq, vq, mp, vp: _kl(mq, np.log(vq**2), mp, np.log(vp**2)),
            "you used log_var as if it were σ. It is log σ²: the variance is `np.exp(log_var)`.",
        ),
        Mistake(
            "log σ for log σ²",
            lambda mq, vq, mp, vp: _kl(mq, vq, mp, vp) - 0.25 * (vp - vq).sum(-1),
            "your logarithms are half as large as they should be: the bracket holds log σ², which is `log_var` itself, "
            "not log σ.",
        ),
        Mistake(
            "logs swapped",
            lambda mq, vq, mp, vp: _kl(mq, vq, mp, vp) + (vq - vp).sum(-1),
            "the two logarithms are swapped: it is log σ_p² minus log σ_q².",
        ),
        Mistake(
            "no logs",
            lambda mq, vq, mp, vp: _kl(mq, vq, mp, vp) - 0.5 * (vp - vq).sum(-1),
            "the logarithms of the variances are missing. Without them, nothing stops q from shrinking to a point.",
        ),
        Mistake(
            "no −1",
            lambda mq, vq, mp, vp: 0.5 * (_twice_the_terms(mq, vq, mp, vp) + 1).sum(-1),
            "the −1 is missing: try q = p, where the divergence must be 0.",
        ),
        Mistake(
            "distance not scaled",
            lambda mq, vq, mp, vp: 0.5 * (vp - vq + np.exp(vq - vp) + (mq - mp) ** 2 - 1).sum(-1),
            "the squared distance of the means must be divided by the variance of p, too.",
        ),
        Mistake(
            "multiplied by the variance",
            lambda mq, vq, mp, vp: 0.5 * (vp - vq + (np.exp(vq) + (mq - mp) ** 2) * np.exp(vp) - 1).sum(-1),
            "you multiplied by the variance of p where you should divide.",
        ),
        Mistake(
            "distance not squared",
            lambda mq, vq, mp, vp: 0.5 * (vp - vq + (np.exp(vq) + np.abs(mq - mp)) / np.exp(vp) - 1).sum(-1),
            "the distance of the means enters squared.",
        ),
        Mistake(
            "standard normal",
            lambda mq, vq, mp, vp: _kl(mq, vq, 0.0, 0.0 * vp),
            "that is the divergence from N(0, I). Here p has a mean and a variance of its own.",
        ),
        Mistake(
            "brackets around the sum forgotten",
            lambda mq, vq, mp, vp: 0.5 * (vp - vq + np.exp(vq) + (mq - mp) ** 2 / np.exp(vp) - 1).sum(-1),
            "only the distance of the means is divided by the variance of p. The variance of q is, too: put "
            "brackets around the two.",
        ),
        Mistake(
            "−1 once",
            lambda mq, vq, mp, vp: 0.5 * (_twice_the_terms(mq, vq, mp, vp) + 1).sum(-1) - 0.5,
            "the −1 is subtracted once. It stands in the bracket of *each* dimension: inside the sum.",
        ),
        Mistake(
            "bits",
            lambda mq, vq, mp, vp: _kl(mq, vq, mp, vp) / np.log(2),
            "that is in bits. Nats come from the natural logarithm.",
        ),
        Mistake(
            "in units of the deviation",
            lambda mq, vq, mp, vp: 0.5 * (vp - vq + np.exp(vq - vp) + (mq - mp) ** 2 / np.exp(0.5 * vp) - 1).sum(-1),
            "the squared distance of the means is divided by the *variance* of p, not by its deviation.",
        ),
    ),
    hints=(
        "Write the bracket of step 5 for all entries at once; `np.exp(log_var_p)` is the variance of p.",
        "½ `np.sum(…, axis=-1)` adds the dimensions and keeps the batch.",
    ),
)


REPAIR_STANDARD_NORMAL_KL = Exercise(
    reference=lambda mean, log_var: -0.5 * np.sum(1 + log_var - mean**2 - np.exp(log_var), axis=-1),
    inputs=lambda rng: _two_gaussians(rng)[:2],
    mistakes=(
        Mistake(
            "as found",
            lambda m, v: -0.5 * np.sum(1 + m**2 - np.exp(v), axis=-1),
            "that is still the code as found: the farther the mean goes, the smaller it gets. Which sign does μ² have "
            "in the derivation, and which term is not there at all?",
        ),
        Mistake(
            "logarithm still missing",
            lambda m, v: -0.5 * np.sum(1 - m**2 - np.exp(v), axis=-1),
            "the sign of μ² is right now. But something is missing: let σ shrink to 0, and see that nothing objects.",
        ),
        Mistake(
            "sign still wrong",
            lambda m, v: -0.5 * np.sum(1 + v + m**2 - np.exp(v), axis=-1),
            "log σ² is there now. But μ² still *lowers* the result: a mean far from 0 must cost.",
        ),
        Mistake(
            "sign of the variance",
            lambda m, v: -0.5 * np.sum(1 + v - m**2 + np.exp(v), axis=-1),
            "now σ² has the wrong sign: at μ = 0, σ = 1 the result is not 0.",
        ),
        Mistake(
            "sign of the logarithm",
            lambda m, v: -0.5 * np.sum(1 - v - m**2 - np.exp(v), axis=-1),
            "the logarithm has the wrong sign: with it, σ → 0 is rewarded instead of punished.",
        ),
        Mistake(
            "plus one half",
            lambda m, v: 0.5 * np.sum(1 + v - m**2 - np.exp(v), axis=-1),
            "the bracket is right, and with +½ in front it is *minus* the divergence.",
        ),
        Mistake(
            "plus one half, as found",
            lambda m, v: 0.5 * np.sum(1 + m**2 - np.exp(v), axis=-1),
            "turning the sign in front is no repair: now the result falls without bound as σ grows.",
        ),
        Mistake(
            "clipped",
            lambda m, v: np.maximum(-0.5 * np.sum(1 + m**2 - np.exp(v), axis=-1), 0.0),
            "you cut off the negative values. That hides the symptom; the formula is as wrong as before.",
        ),
        Mistake(
            "absolute value",
            lambda m, v: np.abs(0.5 * np.sum(1 + m**2 - np.exp(v), axis=-1)),
            "an absolute value hides the symptom; the formula is as wrong as before.",
        ),
        Mistake(
            "mean over dimensions",
            lambda m, v: -0.5 * np.mean(1 + v - m**2 - np.exp(v), axis=-1),
            "the bracket is right; but sum over the dimensions, do not average.",
        ),
        Mistake(
            "log σ for log σ²",
            lambda m, v: -0.5 * np.sum(1 + 0.5 * v - m**2 - np.exp(v), axis=-1),
            "the missing term is log σ², which is `log_var` itself, not half of it.",
        ),
        Mistake(
            "σ for σ²",
            lambda m, v: -0.5 * np.sum(1 + v - m**2 - np.exp(0.5 * v), axis=-1),
            "exp(½ log σ²) is σ. The bracket holds σ², which is `np.exp(log_var)`.",
        ),
        Mistake(
            "σ⁴ for σ²",
            lambda m, v: -0.5 * np.sum(1 + v - m**2 - np.exp(v) ** 2, axis=-1),
            "you squared the variance: `np.exp(log_var)` is σ² already.",
        ),
        Mistake(
            "mean not squared",
            lambda m, v: -0.5 * np.sum(1 + v - m - np.exp(v), axis=-1),
            "the mean enters squared: μ and −μ are equally far from 0.",
        ),
        Mistake(
            "half forgotten",
            lambda m, v: -np.sum(1 + v - m**2 - np.exp(v), axis=-1),
            "exactly twice too large: the ½ in front of the bracket is missing.",
        ),
        Mistake(
            "one number",
            lambda m, v: -0.5 * np.sum(1 + v - m**2 - np.exp(v)),
            "the bracket is right; but sum over the last axis alone, and keep one value per example.",
        ),
        Mistake(
            "no 1",
            lambda m, v: -0.5 * np.sum(v - m**2 - np.exp(v), axis=-1),
            "the 1 of the bracket is gone: at μ = 0, σ = 1 the result must be 0.",
        ),
    ),
    hints=(
        "Compare term by term with step 7 of the derivation.",
        "Two things are wrong: one sign, and one term that is missing.",
    ),
)


COVERING_DEVIATION = Exercise(
    reference=5.5**0.5,
    rtol=0.004,
    mistakes=(
        Mistake("the variance", 5.5, "that is the variance. The question is for the standard deviation, its root."),
        Mistake(
            "one hill",
            0.5,
            "that is the deviation of one hill. Such a q gives the other hill almost no mass, and KL(p‖q) makes you "
            "pay for that.",
        ),
        Mistake(
            "without the hills' own width",
            5.25**0.5,
            "that is the spread of the two centres alone. Each hill has a variance of its own, ¼, which adds to it.",
        ),
        Mistake(
            "half the distance",
            2.5,
            "that is half the distance of the hills. They have unequal weights, and a width of their own.",
        ),
        Mistake(
            "equal weights",
            6.5**0.5,
            "that would be right for hills of equal weight. These have 0.7 and 0.3.",
        ),
        Mistake(
            "second moment",
            5.75**0.5,
            "that is the root of E[z²]. The variance is taken around the mean: subtract its square.",
        ),
        Mistake(
            "squared weights",
            (0.25 * (0.7**2 + 0.3**2) + 5.25) ** 0.5,
            "you squared the weights, as for a *sum* of two variables. A mixture is one or the other: 0.7 and 0.3 "
            "weight the variances as they are.",
        ),
        Mistake("the distance", 5.0, "that is the distance of the two hills: far too wide."),
    ),
    hints=(
        "E[z] = 0.7 · (−2) + 0.3 · 3.",
        "The variance is the mean of the hills' own variances plus the variance of their centres around E[z].",
    ),
)


def _gaps(wide, narrow):
    return tuple(0.5 * (ratio - 1 - np.log(ratio)) for ratio in (wide, narrow))


PREDICT_THE_GAP = Exercise(
    reference=_gaps(4.0, 0.25),
    rtol=0.02,
    mistakes=(
        Mistake(
            "swapped",
            _gaps(0.25, 4.0),
            "these two are the wrong way round: either the order (first the q that is too wide), or you took the "
            "average under the posterior. It is taken under q.",
        ),
        Mistake(
            "σ for σ²",
            _gaps(2.0, 0.5),
            "you put the ratio of the deviations where the ratio of the variances belongs: 2² and ½².",
        ),
        Mistake(
            "half forgotten",
            tuple(2 * gap for gap in _gaps(4.0, 0.25)),
            "exactly twice too large: the ½ in front of the bracket is missing.",
        ),
        Mistake(
            "sign",
            tuple(-gap for gap in _gaps(4.0, 0.25)),
            "a gap is a divergence, so it is never negative: the ELBO lies that many nats *below* log p(x).",
        ),
        Mistake(
            "nothing",
            (0.0, 0.0),
            "the gap is 0 only if q is the posterior itself. The mean is right here, the width is not.",
        ),
        Mistake(
            "symmetric",
            (np.log(2.0), np.log(2.0)),
            "that is |log 2|, the change of log σ. KL is not symmetric: too wide and too narrow cost differently.",
        ),
        Mistake("bits", tuple(gap / np.log(2) for gap in _gaps(4.0, 0.25)), "that is in bits. Nats are asked for."),
        Mistake("no logarithm", (1.5, -0.375), "the logarithm is missing: without it, a narrow q would even gain."),
        Mistake(
            "no −1", tuple(gap + 0.5 for gap in _gaps(4.0, 0.25)), "the −1 is missing: for q = posterior the gap is 0."
        ),
        Mistake("too wide", Entry(0), "too wide: the ratio of the variances is 4, in ½ (r − 1 − log r)."),
        Mistake("too narrow", Entry(1), "too narrow: the ratio of the variances is ¼, in ½ (r − 1 − log r)."),
    ),
    hints=(
        "The gap is KL(q‖posterior), for two Gaussians with the same mean.",
        "In step 5 the means cancel. With r = σ_q²/σ_p² what remains is ½ (r − 1 − log r).",
    ),
)


def _expected(x, mean, log_var, weights, offset, variance, *, width=1.0, distance=1.0, constants=None):
    """E_q[log N(x; offset + W z, variance)], with the mistakes that one can make in it."""
    far = distance * np.square(x - offset - mean @ weights.T).sum(axis=1)
    wide = width * (np.exp(log_var) @ np.square(weights).sum(axis=0))
    constants = x.shape[1] if constants is None else constants
    return -0.5 * constants * np.log(2 * np.pi * variance) - (far + wide) / (2 * variance)


def _batch_and_decoder(rng):
    n, pixels, latents = (int(size) for size in rng.integers((3, 7, 2), (7, 10, 5)))
    batch = rng.normal(size=(n, pixels)), rng.normal(size=(n, latents)), rng.normal(size=(n, latents))
    return *batch, rng.normal(size=(pixels, latents)), rng.normal(size=pixels), float(rng.uniform(0.3, 2.0))


EXPECTED_LOG_LIKELIHOOD = Exercise(
    reference=_expected,
    inputs=_batch_and_decoder,
    mistakes=(
        Mistake(
            "at the mean",
            lambda *a: _expected(*a, width=0),
            "that is the log-density at the mean of q. The term of its width is missing: the expectation is over q.",
        ),
        Mistake(
            "width rewarded",
            lambda *a: _expected(*a, width=-1),
            "the width of q has the wrong sign: it makes the reconstructions scatter, which costs.",
        ),
        Mistake(
            "width not divided",
            lambda *a: _expected(*a, width=a[-1]),
            "the width must be divided by 2σ² like the distance: both are squared errors of the decoder.",
        ),
        Mistake(
            "width costs twice",
            lambda *a: _expected(*a, width=2),
            "the width costs twice what it should: distance and width stand over the same 2σ².",
        ),
        Mistake(
            "log-variance for the variance",
            lambda x, m, v, w, b, s: _expected(x, m, v, w, b, s, width=0) - v @ np.square(w).sum(axis=0) / (2 * s),
            "you used log_var as if it were the variance of q: exponentiate it.",
        ),
        Mistake(
            "σ for σ²",
            lambda x, m, v, w, b, s: _expected(x, m, v / 2, w, b, s),
            "exp(½ log_var) is the deviation of q. The width needs its variance, `np.exp(log_var)`.",
        ),
        Mistake(
            "weights not squared",
            lambda x, m, v, w, b, s: _expected(x, m, v, w, b, s, width=0) - np.exp(v) @ w.sum(axis=0) / (2 * s),
            "the entries of W enter the width squared: each column's squared length.",
        ),
        Mistake(
            "lengths of the columns",
            lambda x, m, v, w, b, s: (
                _expected(x, m, v, w, b, s, width=0) - np.exp(v) @ np.sqrt(np.square(w).sum(axis=0)) / (2 * s)
            ),
            "you took the lengths of the columns of W. Their *squares* belong there.",
        ),
        Mistake(
            "no constant",
            lambda *a: _expected(*a, constants=0),
            "the constant −D/2 log 2πσ² is missing. The gap is measured in nats, so it counts.",
        ),
        Mistake(
            "one constant",
            lambda *a: _expected(*a, constants=1),
            "the constant counts once for *each* of the D pixels.",
        ),
        Mistake(
            "a constant for each latent",
            lambda *a: _expected(*a, constants=a[1].shape[1]),
            "the constant counts once for each of the D pixels, not for each latent.",
        ),
        Mistake(
            "deviation in the constant",
            lambda *a: _expected(*a) - 0.25 * a[0].shape[1] * np.log(a[-1]),
            "the logarithm holds 2πσ², and `variance` is σ² already.",
        ),
        Mistake(
            "half forgotten",
            lambda *a: _expected(*a, distance=2, width=2),
            "distance and width are divided by σ² alone. It is 2σ².",
        ),
        Mistake(
            "without the offset",
            lambda x, m, v, w, b, s: _expected(x, m, v, w, 0 * b, s),
            "the offset is missing: the decoder says b + W z.",
        ),
        Mistake("loss", lambda *a: -_expected(*a), "the sign is flipped: a log-likelihood is asked for, not a loss."),
        Mistake(
            "mean over pixels",
            lambda *a: _expected(*a) / a[0].shape[1],
            "you averaged over the pixels. Their log-densities add up.",
        ),
        Mistake(
            "one number",
            lambda *a: _expected(*a).mean(),
            "you averaged over the batch as well. Keep one value per example, shape (batch,).",
        ),
        Mistake(
            "the ELBO",
            lambda *a: _expected(*a) - _kl(a[1], a[2], 0.0, 0.0 * a[2]),
            "that is the whole ELBO. Only the reconstruction term is asked for.",
        ),
    ),
    hints=(
        "`mean @ weights.T + offset` are the decoder's means at the mean of q.",
        "`np.exp(log_var) @ np.square(weights).sum(axis=0)` is the width; it is divided by 2σ², like the distance.",
    ),
)


def _elbo(log_likelihood, log_prior, log_q):
    return (log_likelihood + log_prior - log_q).mean(axis=0)


def _three_tables(rng):
    return tuple(rng.normal(size=(3, *rng.integers(5, 10, size=2))))


ELBO_FROM_DRAWS = Exercise(
    reference=_elbo,
    inputs=_three_tables,
    mistakes=(
        Mistake(
            "log-mean-exp",
            lambda a, b, c: np.log(np.exp(a + b - c).mean(axis=0)),
            "you averaged the weights and took the logarithm afterwards. That estimates log p(x) (it is the K-sample "
            f"bound of {lesson('tighter_bounds')}). The ELBO is the mean of the log-weights.",
        ),
        Mistake(
            "weights",
            lambda a, b, c: np.exp(a + b - c).mean(axis=0),
            "that is the mean of the weights, an estimate of p(x). Stay with the logarithms.",
        ),
        Mistake(
            "plus log q",
            lambda a, b, c: (a + b + c).mean(axis=0),
            "you added log q. A weight *divides* by q, so its logarithm subtracts.",
        ),
        Mistake(
            "no log q",
            lambda a, b, c: (a + b).mean(axis=0),
            "log q is missing. Without it the best q is a single point, the most probable z.",
        ),
        Mistake(
            "no prior",
            lambda a, b, c: (a - c).mean(axis=0),
            "the prior is missing: p(x, z) = p(x | z) p(z).",
        ),
        Mistake(
            "reconstruction alone",
            lambda a, b, c: a.mean(axis=0),
            "that is the reconstruction term alone. Nothing keeps q near the prior.",
        ),
        Mistake(
            "plus KL",
            lambda a, b, c: (a - b + c).mean(axis=0),
            "you added the divergence to the reconstruction term; it is subtracted.",
        ),
        Mistake("loss", lambda a, b, c: -_elbo(a, b, c), "that is the loss, −ELBO. The bound itself is asked for."),
        Mistake(
            "sum over draws",
            lambda a, b, c: (a + b - c).sum(axis=0),
            "you summed over the draws. An expectation is estimated by their mean.",
        ),
        Mistake(
            "wrong axis",
            lambda a, b, c: (a + b - c).mean(axis=1),
            "you averaged over the examples and kept the draws. The draws are axis 0.",
        ),
        Mistake(
            "one number",
            lambda a, b, c: (a + b - c).mean(),
            "you averaged over the examples, too. Return one bound for each example.",
        ),
        Mistake(
            "log-sum-exp",
            lambda a, b, c: np.log(np.exp(a + b - c).sum(axis=0)),
            "you added the weights up and took the logarithm: neither the mean of the log-weights, nor divided by K.",
        ),
        Mistake(
            "self-normalised weights",
            lambda a, b, c: ((a + b - c) * np.exp(a + b - c)).sum(axis=0) / np.exp(a + b - c).sum(axis=0),
            "you weighed the draws by their weights. They come from q already, which is what the average is taken "
            "under: all count alike.",
        ),
        Mistake(
            "sum over everything",
            lambda a, b, c: (a + b - c).sum(),
            "you summed over draws and examples. Average over the draws, axis 0, and keep one bound for each example.",
        ),
        Mistake(
            "the best draw",
            lambda a, b, c: (a + b - c).max(axis=0),
            "that is the best draw alone. The bound is the mean over all of them.",
        ),
    ),
    hints=(
        "The log-weight of a draw is log p(x | z) + log p(z) − log q(z).",
        "Average it over the draws, `axis=0`.",
    ),
)


MEAN_FIELD_GAP = Exercise(
    reference=0.5 * np.log(48 / 17),  # three rows: of two, covariance and precision give the same
    rtol=0.02,
    mistakes=(
        Mistake(
            "half forgotten",
            np.log(48 / 17),
            "exactly twice too large: the ½ is missing.",
        ),
        Mistake(
            "sign",
            -0.5 * np.log(48 / 17),
            "the sign is flipped: a gap is never negative, and |Λ| is never larger than the product of the diagonal.",
        ),
        Mistake("nothing", 0.0, "0 is right only if Λ is diagonal. Here the entries of z hang together."),
        Mistake(
            "determinant alone",
            0.5 * np.log(17.0),
            "that is ½ log|Λ|. Subtract it from ½ Σ log Λ_jj.",
        ),
        Mistake(
            "the covariance's diagonal",
            0.5 * np.log(11 * 12 * 7 / 17**2),
            "that is the gap of the *forward* divergence, from the covariance. The best q for KL(q‖posterior) has the "
            "variances 1/Λ_jj.",
        ),
        Mistake("bits", 0.5 * np.log2(48 / 17), "that is in bits. Nats come from the natural logarithm."),
        Mistake("diagonal alone", 0.5 * np.log(48.0), "that is ½ Σ log Λ_jj. Subtract ½ log|Λ|."),
        Mistake(
            "decimal logarithm",
            0.5 * np.log10(48 / 17),
            "you took the decimal logarithm. Nats come from the natural one.",
        ),
        Mistake(
            "entry not squared",
            0.5 * np.log(48 / 35),
            "the entries beside the diagonal enter the determinant squared: 4 (4 · 3 − 1²) − 3² · 3.",
        ),
    ),
    hints=("|Λ| = 4 (4 · 3 − 1²) − 3² · 3 = 17.", "½ (log 4 + log 4 + log 3 − log|Λ|)."),
)


def _nats_above_the_evidence(mean, log_var, weight=0.5):
    from course_lib.exact import ProbabilisticPCA

    model, x = ProbabilisticPCA([[2.0], [1.0]], [0.0, 0.0], 1.0), [[2.5, 0.5]]
    rate = 0.5 * (np.exp(log_var) + mean**2 - 1 - log_var)
    return float((model.elbo(x, [[mean]], [[log_var]]) - model.log_prob(x))[0] + (1 - weight) * rate)


_POSTERIOR_MEAN, _POSTERIOR_VARIANCE = 5.5 / 6, 1 / 6


def _inspect_counterexample(answer):
    try:
        mean, log_var = (float(np.squeeze(comparison.plain(each))) for each in answer)
    except (TypeError, ValueError):
        return "a pair of numbers is expected: the mean of q and its log-variance."
    if not np.isfinite([mean, log_var]).all() or abs(log_var) > 50:
        return "both numbers should be finite, and the log-variance between −50 and 50."
    above = _nats_above_the_evidence(mean, log_var)
    if above > 1e-9:
        return None
    named = {
        "the prior": (0.0, 0.0),
        "the variance": (_POSTERIOR_MEAN, _POSTERIOR_VARIANCE),
        "the deviation": (_POSTERIOR_MEAN, _POSTERIOR_VARIANCE**0.5),
        "the other sign": (-_POSTERIOR_MEAN, np.log(_POSTERIOR_VARIANCE)),
    }
    for name, place in named.items():
        if np.allclose((mean, log_var), place, atol=0.02):
            return name
    return f"with your q the objective stays {-above:.2f} nats below log p(x). Where is KL(q‖posterior) small?"


COUNTEREXAMPLE = Exercise(
    reference=lambda: (_POSTERIOR_MEAN, np.log(_POSTERIOR_VARIANCE)),
    judge_with=_inspect_counterexample,
    mistakes=(
        Mistake(
            "the prior",
            lambda: (0.0, 0.0),
            "that is the prior. There KL(q‖prior) = 0, so the weight makes no difference: look for a q that is far "
            "from the prior.",
        ),
        Mistake(
            "the variance",
            lambda: (_POSTERIOR_MEAN, _POSTERIOR_VARIANCE),
            "you handed in the posterior's variance, where its logarithm is asked for.",
        ),
        Mistake(
            "the deviation",
            lambda: (_POSTERIOR_MEAN, _POSTERIOR_VARIANCE**0.5),
            "you handed in the posterior's standard deviation, where the logarithm of the variance is asked for.",
        ),
        Mistake(
            "the other sign",
            lambda: (-_POSTERIOR_MEAN, np.log(_POSTERIOR_VARIANCE)),
            "the width is right, the mean has the wrong sign: on that side the reconstruction is poor.",
        ),
    ),
    hints=(
        "The condition is ½ KL(q‖prior) > KL(q‖posterior). For which q is the right-hand side 0?",
        "`posterior_mean` and `posterior_variance` are in your notebook; take the logarithm of the variance.",
    ),
)


_VERDICTS = {"a": "bound", "b": "equality", "c": "bound", "d": "neither", "e": "neither", "f": "equality"}

EQUALITY_OR_BOUND = Exercise(
    reference=_VERDICTS,
    words=("equality", "bound", "neither"),
    mistakes=(
        Mistake(
            "a: equality",
            _VERDICTS | {"a": "equality"},
            "(a) is an equality only if q happens to be the posterior. For every other q it lies below log p(x).",
        ),
        Mistake(
            "b: bound",
            _VERDICTS | {"b": "bound"},
            "(b) adds exactly what the ELBO loses. What is left to lose?",
        ),
        Mistake(
            "c: neither",
            _VERDICTS | {"c": "neither"},
            "(c) subtracts even more than the ELBO does, and never less. Can it come above log p(x)?",
        ),
        Mistake(
            "d: bound",
            _VERDICTS | {"d": "bound"},
            "(d) subtracts only half of KL(q‖prior). You have met a q for which it lies above log p(x).",
        ),
        Mistake(
            "e: bound",
            _VERDICTS | {"e": "bound"},
            "(e) is weight 0. At q = posterior it exceeds log p(x) by KL(posterior‖prior).",
        ),
        Mistake(
            "d and e: bounds",
            _VERDICTS | {"d": "bound", "e": "bound"},
            "(d) and (e) have weights below 1: put in q = posterior and see where you end.",
        ),
        Mistake(
            "f: bound",
            _VERDICTS | {"f": "bound"},
            "in (f) the logarithm is outside the average. Where did Jensen's inequality come in: before or after that?",
        ),
        Mistake(
            "c: equality",
            _VERDICTS | {"c": "equality"},
            "(c) subtracts KL(q‖prior) four times. Is there anything that makes up for that?",
        ),
        Mistake("a: neither", Entry("a"), "(a) is the ELBO itself. Which theorem of this lesson is about it?"),
        Mistake("b: neither", Entry("b"), "(b): log p(x) is the ELBO plus KL(q‖posterior), for every q."),
        Mistake(
            "d: equality", Entry("d"), "(d): at q = posterior the ELBO is log p(x). What does half a KL less do there?"
        ),
        Mistake("e: equality", Entry("e"), "(e) has no KL at all: at q = posterior it lies above log p(x)."),
        Mistake(
            "f: neither", Entry("f"), "(f): write the average as an integral. The q cancels inside of the logarithm."
        ),
        Mistake(
            "all bounds",
            dict.fromkeys(_VERDICTS, "bound"),
            "not all of them: two hold with an equals sign, two hold for some q only.",
        ),
        Mistake(
            "a and c: equalities",
            _VERDICTS | {"a": "equality", "c": "equality"},
            "(a) and (c) cannot both be equal to log p(x): they differ by 3 KL(q‖prior).",
        ),
    ),
    hints=(
        "Put q = posterior into each line: above, below, or equal?",
        "Then put q = prior into each line.",
    ),
)
