"""Exercises of the reparameterization trick: drawing, two gradient estimators, and discrete draws."""

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake


def _draw(mean, log_var, noise):
    return mean + np.exp(0.5 * log_var) * noise


DRAW = Exercise(
    reference=_draw,
    inputs=lambda rng: tuple(rng.normal(size=(3, *rng.integers(3, 9, size=2)))),
    mistakes=(
        Mistake(
            "variance for deviation",
            lambda m, v, e: m + np.exp(v) * e,
            "you scale the noise by σ², the variance. Take σ, its root: half the logarithm.",
        ),
        Mistake(
            "log-variance as scale",
            lambda m, v, e: m + v * e,
            "you scale the noise by log σ² itself, which may even be negative. Take the exponential first.",
        ),
        Mistake(
            "half of the exponential",
            lambda m, v, e: m + 0.5 * np.exp(v) * e,
            "the ½ belongs inside the exponential: e^(½ log σ²) is σ, and ½ e^(log σ²) is half of σ².",
        ),
        Mistake("no scale", lambda m, v, e: m + e, "σ is missing: every code gets noise of deviation 1."),
        Mistake(
            "no noise, product",
            lambda m, v, e: m * np.exp(0.5 * v),
            "the noise is missing. μ · σ is one point: a code without any randomness.",
        ),
        Mistake(
            "no noise, sum",
            lambda m, v, e: m + np.exp(0.5 * v),
            "the noise is missing. μ + σ is one point, one deviation above the mean.",
        ),
        Mistake("no mean", lambda m, v, e: np.exp(0.5 * v) * e, "the mean is missing."),
        Mistake(
            "mean scaled, too",
            lambda m, v, e: np.exp(0.5 * v) * (m + e),
            "you scale the mean, too. Scale the noise first, then move it by μ.",
        ),
        Mistake(
            "mean times noise",
            lambda m, v, e: m * e + np.exp(0.5 * v),
            "μ and σ have changed places: σ scales the noise, μ is added.",
        ),
        Mistake(
            "sign in the exponent",
            lambda m, v, e: m + np.exp(-0.5 * v) * e,
            "the sign in the exponent is wrong: that is 1/σ.",
        ),
        Mistake(
            "product of three",
            lambda m, v, e: m * np.exp(0.5 * v) * e,
            "you multiply everything: the mean of that is 0. μ is *added*.",
        ),
        Mistake(
            "noise subtracted",
            lambda m, v, e: m - np.exp(0.5 * v) * e,
            "you subtracted. The draws have the same law, but they are not those of the noise that is given: add it.",
        ),
        Mistake(
            "root of the logarithm",
            lambda m, v, e: m + np.sqrt(np.abs(v)) * e,
            "the root of log σ² is not σ. Take the exponential of half of it.",
        ),
        Mistake(
            "noise squared",
            lambda m, v, e: m + np.exp(0.5 * v) * e**2,
            "the noise enters as it is, not squared: squares push every code to one side.",
        ),
    ),
    hints=("σ = exp(½ log σ²).", "Scale the noise by σ, then add μ."),
)


_ROWS = 40_000
_MEAN, _LOG_VAR = np.array([1.5, -2.0, 0.4]), np.array([0.8, -1.5, 2.0])


def _inspect_draw(answer):
    if not callable(answer):
        return "a function of (mean, log_var, rng) is expected: hand over the function itself."
    rng = np.random.default_rng(6)
    mean, log_var = np.tile(_MEAN, (_ROWS, 1)), np.tile(_LOG_VAR, (_ROWS, 1))
    z, again = (np.asarray(answer(mean, log_var, rng), "float64") for _ in range(2))
    if z.shape != mean.shape:
        return f"the codes should have the shape of `mean`, {mean.shape}; yours have {z.shape}."
    if not np.isfinite(z).all():
        return "some of your codes are not finite."
    if len(np.unique(z[:, 0])) == 1 and not np.array_equal(z, again):
        return "one noise for the batch"
    return _wrong_moments(z) or _wrong_dependence(z, again) or _wrong_law(answer, z) or _wrong_source(answer)


def _wrong_moments(z):
    mean, variance, error = z.mean(axis=0), z.var(axis=0), np.sqrt(2 / _ROWS)
    scale, sigma = np.exp(_LOG_VAR), np.exp(0.5 * _LOG_VAR)
    if (variance < 1e-9).all():
        return "as found" if np.allclose(mean, _MEAN * sigma) else "no noise"
    expected = {
        "variance for deviation": (_MEAN, scale**2),
        "no scale": (_MEAN, np.ones(3)),
        "multiplied by noise": (np.zeros(3), _MEAN**2 * scale),
        "noise beside the product": (_MEAN * sigma, np.ones(3)),
        "no mean": (np.zeros(3), scale),
        "uniform noise": (_MEAN + 0.5 * sigma, scale / 12),
    }
    for name, (wanted_mean, wanted_variance) in expected.items():
        near = np.abs(mean - wanted_mean) < 6 * np.sqrt(variance / _ROWS)
        if near.all() and (np.abs(variance / wanted_variance - 1) < 12 * error).all():
            return name
    if (np.abs(mean - _MEAN) > 6 * np.sqrt(scale / _ROWS)).any():
        return f"asked for the means {_MEAN.round(2)}, your draws have {mean.round(2)}."
    if (np.abs(variance / scale - 1) > 6 * error).any():
        return f"asked for the variances {scale.round(2)}, your draws have {variance.round(2)}."
    return None


def _wrong_source(answer):
    first, second = (
        np.asarray(answer(_MEAN[None], _LOG_VAR[None], np.random.default_rng(7)), "float64") for _ in range(2)
    )
    return None if np.array_equal(first, second) else "noise of its own"


def _wrong_law(answer, z):
    """Moments are necessary, not enough: a coin ±σ has them, too. So look at the shape, at the rows, and elsewhere."""
    rng = np.random.default_rng(8)
    mean, log_var = 3 * rng.normal(size=(4000, 2)), rng.normal(size=(4000, 2))
    elsewhere = np.asarray(answer(mean, log_var, rng), "float64")
    standard = (z - _MEAN) / np.exp(0.5 * _LOG_VAR)
    if len(np.unique(np.abs(standard[:, 0]).round(12))) > 0.9 * _ROWS:
        if max(map(_distance_from_a_gaussian, standard.T)) > 2.5:
            return "not Gaussian"
    elif _distance_from_a_gaussian(standard[: _ROWS // 2, 0]) > 2.5:
        return "not Gaussian"
    else:
        return "rows with the same noise"
    if (
        elsewhere.shape != mean.shape
        or _distance_from_a_gaussian(((elsewhere - mean) / np.exp(0.5 * log_var)).ravel()) > 2.5
    ):
        return "your draws are right where all rows have the same μ and σ. Here each row has its own: use its own."
    return None


def _distance_from_a_gaussian(standard):
    """√n times the largest gap between the shares below a value, drawn and N(0, 1) (Kolmogorov)."""
    from scipy.special import ndtr

    shares, n = ndtr(np.sort(standard)), len(standard)
    return np.sqrt(n) * np.abs(shares - (np.arange(n) + 0.5) / n).max()


def _wrong_dependence(z, again):
    if np.array_equal(z, again):
        return "the same noise in every call"
    correlation = np.corrcoef(z.T)[np.triu_indices(3, 1)]
    if (np.abs(correlation) > 6 / np.sqrt(_ROWS)).any():
        return "one noise for all entries"
    return None


def _made(draw):
    return lambda: draw


REPAIR_THE_DRAW = Exercise(
    reference=_made(lambda m, v, rng: _draw(m, v, rng.standard_normal(m.shape))),
    judge_with=_inspect_draw,
    mistakes=(
        Mistake(
            "as found",
            _made(lambda m, v, rng: m * np.exp(0.5 * v)),
            "that is still the code as found: many draws for the same μ and σ are all the same point. Their variance "
            "is 0, where σ² was asked for.",
        ),
        Mistake(
            "no noise",
            _made(lambda m, v, rng: m + np.exp(0.5 * v)),
            "many draws for the same μ and σ are still all the same point. Where is the noise?",
        ),
        Mistake(
            "multiplied by noise",
            _made(lambda m, v, rng: m * np.exp(0.5 * v) * rng.standard_normal(m.shape)),
            "there is noise now. But your draws have the mean 0: μ must be added, not multiplied.",
        ),
        Mistake(
            "noise beside the product",
            _made(lambda m, v, rng: m * np.exp(0.5 * v) + rng.standard_normal(m.shape)),
            "your draws have the mean μσ and the variance 1: σ belongs to the noise, not to μ.",
        ),
        Mistake(
            "no scale",
            _made(lambda m, v, rng: m + rng.standard_normal(m.shape)),
            "the means are right, but every variance is 1: scale the noise by σ.",
        ),
        Mistake(
            "variance for deviation",
            _made(lambda m, v, rng: _draw(m, 2 * v, rng.standard_normal(m.shape))),
            "the means are right, but the variances are σ⁴: you scale by σ² instead of σ.",
        ),
        Mistake(
            "no mean",
            _made(lambda m, v, rng: np.exp(0.5 * v) * rng.standard_normal(m.shape)),
            "the variances are right, but all means are 0: add μ.",
        ),
        Mistake(
            "uniform noise",
            _made(lambda m, v, rng: _draw(m, v, rng.uniform(size=m.shape))),
            "your noise is uniform in (0, 1): it has the mean ½ and the variance 1/12. Take a standard normal.",
        ),
        Mistake(
            "not Gaussian",
            _made(lambda m, v, rng: _draw(m, v, rng.choice([-1.0, 1.0], m.shape))),
            "mean and variance are right, and the law is not: a Gaussian has its own shape between and beyond ±σ. Take "
            "`rng.standard_normal`.",
        ),
        Mistake(
            "rows with the same noise",
            _made(lambda m, v, rng: _draw(m, v, np.resize(rng.standard_normal((len(m) // 2, m.shape[1])), m.shape))),
            "some examples of the batch share their noise (up to its sign). Each needs its own: noise of the shape of "
            "`mean`.",
        ),
        Mistake(
            "one noise for the batch",
            _made(lambda m, v, rng: _draw(m, v, rng.standard_normal(m.shape[-1]))),
            "all examples of the batch get the same noise. Each needs its own: noise of the shape of `mean`.",
        ),
        Mistake(
            "one noise for all entries",
            _made(lambda m, v, rng: _draw(m, v, rng.standard_normal((len(m), 1)))),
            "mean and variance are right, but the entries of one code move together. Each needs its own noise: noise "
            "of the shape of `mean`.",
        ),
        Mistake(
            "the same noise in every call",
            _made(lambda m, v, rng: _draw(m, v, np.random.default_rng(0).standard_normal(m.shape))),
            "the moments are right, but every call draws the same noise. Use the `rng` that you are given, and do not "
            "seed inside the function.",
        ),
        Mistake(
            "noise of its own",
            _made(lambda m, v, rng: _draw(m, v, np.random.default_rng().standard_normal(m.shape))),
            "the draws are right, but they do not come from the `rng` that you are given: with the same generator they "
            "should repeat.",
        ),
    ),
    hints=(
        "What varies, if you draw again for the same μ and σ?",
        "z = μ + σ ε, with ε = rng.standard_normal(mean.shape).",
    ),
)


def _variances(mu, sigma):
    return 4 * sigma**2, mu**4 / sigma**2 + 14 * mu**2 + 15 * sigma**2


_PATHWISE, _SCORE = _variances(2.0, 0.5)

PREDICT_THE_VARIANCES = Exercise(
    reference=(_PATHWISE, _SCORE),
    rtol=0.01,
    mistakes=(
        Mistake("swapped", (_SCORE, _PATHWISE), "these two are the wrong way round: pathwise first."),
        Mistake(
            "σ for σ²",
            (4 * 0.5, 2.0**4 / 0.5 + 14 * 2.0**2 + 15 * 0.5),
            "you put σ where σ² belongs.",
        ),
        Mistake(
            "deviations",
            (_PATHWISE**0.5, _SCORE**0.5),
            "the second is a standard deviation. The variance is asked for.",
        ),
        Mistake(
            "second moments",
            (_PATHWISE + 16.0, _SCORE + 16.0),
            "these are the means of the squares. Subtract the squared mean, (2μ)².",
        ),
        Mistake("pathwise: σ", Entry(0, 2.0), "in the first you put σ where σ² belongs."),
        Mistake("pathwise: deviation", Entry(0, 0.5), "the first: a variance is asked for; the slope is 2z, not z."),
        Mistake(
            "pathwise: second moment",
            Entry(0, 17.0),
            "the first is the mean of the square. Subtract the squared mean, (2μ)².",
        ),
        Mistake("pathwise: μ and σ", Entry(0, 16.0), "the first: 4μ² is the squared mean, not the variance."),
        Mistake("score: σ", Entry(1, 95.5), "in the second you put σ where σ² belongs."),
        Mistake(
            "second moment of one",
            (_PATHWISE, _SCORE + 16.0),
            "the second is the mean of the square (step 4). Subtract the squared mean, 4μ².",
        ),
        Mistake(
            "multiplied by σ²",
            (_PATHWISE, 2.0**4 * 0.5**2 + 14 * 2.0**2 + 15 * 0.5**2),
            "in the second, μ⁴ is *divided* by σ².",
        ),
        Mistake(
            "square of μ for its fourth power",
            (_PATHWISE, 2.0**2 / 0.5**2 + 14 * 2.0**2 + 15 * 0.5**2),
            "the first term of the second has μ to the fourth power.",
        ),
        Mistake("μ and σ swapped", _variances(0.5, 2.0), "you exchanged μ and σ."),
        Mistake("the ratio", (1.0, 1.0), "the two estimators share their mean, not their variance."),
        Mistake(
            "in units of σ²",
            (4.0, 4.0**4 + 14 * 4.0**2 + 15),
            "these are the variances in units of σ². Multiply by σ² = ¼.",
        ),
        Mistake("pathwise", Entry(0), "pathwise: the slope of z² is 2z, and its variance is 4σ²."),
        Mistake("score function", Entry(1), "score function: step 5 has the formula; μ = 2, σ² = ¼."),
    ),
    hints=("4σ², with σ² = ¼.", "μ⁴/σ² = 16 · 4; the other two terms are 14 · 4 and 15/4."),
)


def _score_function(values, z, mean, deviation, baseline):
    return (values - baseline) * (z - mean) / deviation**2


def _draws_of_a_gaussian(rng):
    mean, deviation, baseline = rng.normal() + 0.5, rng.uniform(0.4, 0.8), rng.uniform(0.5, 2.0)
    z = mean + deviation * rng.normal(size=int(rng.integers(30, 50)))
    return z**2 + 1, z, mean, deviation, baseline


SCORE_FUNCTION = Exercise(
    reference=_score_function,
    inputs=_draws_of_a_gaussian,
    mistakes=(
        Mistake(
            "no baseline",
            lambda f, z, m, s, b: f * (z - m) / s**2,
            "the baseline is missing. Subtract it from f before you multiply.",
        ),
        Mistake(
            "divided by the deviation",
            lambda f, z, m, s, b: (f - b) * (z - m) / s,
            "you divided by σ. The score is (z − μ)/σ² (which is ε/σ, if ε is the noise).",
        ),
        Mistake(
            "not divided",
            lambda f, z, m, s, b: (f - b) * (z - m),
            "the score is (z − μ)/σ²: the division is missing.",
        ),
        Mistake(
            "sign",
            lambda f, z, m, s, b: -_score_function(f, z, m, s, b),
            "the sign is flipped: the score by μ is (z − μ)/σ², it points from μ to the draw.",
        ),
        Mistake(
            "baseline added",
            lambda f, z, m, s, b: (f + b) * (z - m) / s**2,
            "you added the baseline. That is unbiased too, but the variance grows: subtract it.",
        ),
        Mistake(
            "baseline after the product",
            lambda f, z, m, s, b: f * (z - m) / s**2 - b,
            "you subtracted the baseline from the product. That shifts the gradient by −b; what has mean 0 is "
            "b times the score.",
        ),
        Mistake(
            "score alone",
            lambda f, z, m, s, b: (z - m) / s**2,
            "that is the score alone, with mean 0. Multiply it by f − b.",
        ),
        Mistake(
            "log-density for score",
            lambda f, z, m, s, b: -(f - b) * (z - m) ** 2 / (2 * s**2),
            "you multiplied by the log-density. The score is its *derivative* by μ.",
        ),
        Mistake(
            "mean over draws",
            lambda f, z, m, s, b: _score_function(f, z, m, s, b).mean(),
            "you averaged over the draws. Keep one estimate for each, shape (n,).",
        ),
        Mistake(
            "pathwise",
            lambda f, z, m, s, b: 2 * z,
            "that is the pathwise estimator for z². Here f is known by its values alone.",
        ),
        Mistake(
            "the baseline divides",
            lambda f, z, m, s, b: f / b * (z - m) / s**2,
            "you divided by the baseline, which changes the gradient itself. Subtract it.",
        ),
        Mistake(
            "a baseline of its own",
            lambda f, z, m, s, b: (f - f.mean()) * (z - m) / s**2,
            "you subtracted the mean of these very draws. Use the `baseline` that is given: it does not depend on "
            "them, so it adds no bias.",
        ),
        Mistake(
            "leave-one-out",
            lambda f, z, m, s, b: (f - (f.sum() - f) / (len(f) - 1)) * (z - m) / s**2,
            "that baseline, the mean of the *other* draws, is a good one. Here use the one that is given.",
        ),
        Mistake(
            "score by σ",
            lambda f, z, m, s, b: (f - b) * ((z - m) ** 2 / s**3 - 1 / s),
            "that is the score by σ. The gradient by the mean is asked for: (z − μ)/σ².",
        ),
        Mistake(
            "score at the noise",
            lambda f, z, m, s, b: (f - b) * z / s**2,
            "the distance of the draw from the *mean* belongs in the score: z − μ.",
        ),
    ),
    hints=("The score by μ is (z − μ)/σ².", "(f − b) times the score."),
)


_RIGHT = {"a": "both", "b": "score function", "c": "score function", "d": "score function", "e": "pathwise"}

WHICH_APPLIES = Exercise(
    reference=_RIGHT,
    words=("pathwise", "score function", "both", "neither"),
    mistakes=(
        Mistake(
            "a: score function",
            _RIGHT | {"a": "score function"},
            "(a) has kinks, but no jumps. A draw hits a kink with probability 0, and f is continuous there.",
        ),
        Mistake(
            "a: pathwise",
            _RIGHT | {"a": "pathwise"},
            "(a) can be done pathwise, but not only so. What does the score function need of f?",
        ),
        Mistake(
            "b: both",
            _RIGHT | {"b": "both"},
            "(b) is a step: right or wrong. What is the derivative of a step, at every draw?",
        ),
        Mistake("b: pathwise", _RIGHT | {"b": "pathwise"}, "in (b) the pathwise estimate is 0 for every draw."),
        Mistake(
            "c: both",
            _RIGHT | {"c": "both"},
            "(c): f has a derivative, but the path from the noise to z ends in a jump from 0 to 1.",
        ),
        Mistake(
            "c: neither",
            _RIGHT | {"c": "neither"},
            "(c): a discrete z has a probability that can be differentiated by θ. The derivation needs no more.",
        ),
        Mistake(
            "d: both",
            _RIGHT | {"d": "both"},
            "(d): you get no f′ from the program, and the pathwise estimator consists of it.",
        ),
        Mistake(
            "e: both",
            _RIGHT | {"e": "both"},
            "(e): put in the score. It is −1/a for every draw, so the estimate is −z²/a, with the mean −a/3; "
            "the truth is d(a²/3)/da. Step 1 forgot that the end of the integral moves.",
        ),
        Mistake(
            "e: score function",
            _RIGHT | {"e": "score function"},
            "(e): there is a path, z = a·u with u uniform in (0, 1). And is the mean of the score 0 here?",
        ),
        Mistake(
            "e: neither",
            _RIGHT | {"e": "neither"},
            "(e): there is a smooth path, z = a·u with u uniform in (0, 1).",
        ),
        Mistake("a: neither", Entry("a"), "(a): a Gaussian draw has a path and a score, and f has kinks only."),
        Mistake("b: neither", Entry("b"), "(b): one of the two estimators needs no more than the values of f."),
        Mistake("c: pathwise", Entry("c"), "(c): z jumps from 0 to 1, so no path from θ to z has a derivative."),
        Mistake(
            "d: else", Entry("d"), "(d): the program gives you values of f. Which estimator needs no more than these?"
        ),
        Mistake(
            "b, c, d: neither",
            _RIGHT | {"b": "neither", "c": "neither", "d": "neither"},
            "one of the two needs nothing but the values of f.",
        ),
        Mistake(
            "all but c",
            {"a": "both", "b": "both", "c": "score function", "d": "both", "e": "both"},
            "a Gaussian draw is not enough for pathwise: look at what f is in (b) and (d), and compute (e).",
        ),
    ),
    hints=(
        "Pathwise: is there f′, is f continuous, and does z move smoothly with the parameter?",
        "Score function: is E[score] = 0? Where does the support depend on the parameter?",
    ),
)


def _gumbel(uniform):
    return -np.log(-np.log(uniform))


def _softmax(logits):
    return np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)


def _logits_and_uniform(rng):
    shape = rng.integers((200, 3), (300, 7))
    return rng.normal(size=shape), rng.uniform(size=shape)


GUMBEL_MAX = Exercise(
    reference=lambda logits, uniform: np.argmax(logits + _gumbel(uniform), axis=-1),
    inputs=_logits_and_uniform,
    mistakes=(
        Mistake(
            "no noise",
            lambda logits, u: np.argmax(logits, axis=-1),
            "that is the most probable category, the same every time. Either the noise is missing, or one number is "
            "added to all categories of a draw, and cancels: each category needs its own.",
        ),
        Mistake(
            "no logits",
            lambda logits, u: np.argmax(u, axis=-1),
            "that is the largest noise: all categories are equally probable. Add the logits.",
        ),
        Mistake(
            "uniform noise",
            lambda logits, u: np.argmax(logits + u, axis=-1),
            "you added the uniform number itself. Turn it into a Gumbel first: g = −log(−log u).",
        ),
        Mistake(
            "one logarithm",
            lambda logits, u: np.argmax(logits - np.log(u), axis=-1),
            "one logarithm is missing: g = −log(−log u).",
        ),
        Mistake(
            "sign of the noise",
            lambda logits, u: np.argmax(logits - _gumbel(u), axis=-1),
            "the sign of the noise is wrong. It matters: a Gumbel is not symmetric.",
        ),
        Mistake(
            "smallest",
            lambda logits, u: np.argmin(logits + _gumbel(u), axis=-1),
            "you took the smallest entry, instead of the largest.",
        ),
        Mistake(
            "probabilities",
            lambda logits, u: np.argmax(_softmax(logits) + _gumbel(u), axis=-1),
            "you added the noise to the probabilities. It belongs on their logarithms, the logits.",
        ),
        Mistake(
            "multiplied",
            lambda logits, u: np.argmax(logits * _gumbel(u), axis=-1),
            "you multiplied by the noise. It is added.",
        ),
        Mistake(
            "wrong axis",
            lambda logits, u: np.argmax(logits + _gumbel(u), axis=0),
            "you compared the draws with each other. The categories are the last axis.",
        ),
        Mistake(
            "the largest value",
            lambda logits, u: np.max(logits + _gumbel(u), axis=-1),
            "you returned the largest value. The question is which category has it: its index.",
        ),
        Mistake(
            "one-hot",
            lambda logits, u: np.eye(logits.shape[1])[np.argmax(logits + _gumbel(u), axis=-1)],
            "right category, but as one-hot rows. Return the index, shape (n,).",
        ),
        Mistake(
            "counted from 1",
            lambda logits, u: np.argmax(logits + _gumbel(u), axis=-1) + 1,
            "you count from 1. Categories count from 0, as `np.argmax` does.",
        ),
        Mistake(
            "cumulative",
            lambda logits, u: (np.cumsum(_softmax(logits), axis=-1) < u[:, :1]).sum(axis=-1),
            "that draws from the right distribution, by one uniform number and the sums of the probabilities. "
            "Here add a Gumbel to each logit.",
        ),
    ),
    hints=("g = −log(−log u).", "`np.argmax(…, axis=-1)` of logits + g."),
)
