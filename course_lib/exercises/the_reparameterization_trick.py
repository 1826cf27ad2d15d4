"""Exercises of the reparameterization trick: drawing, gradient estimators, and discrete draws."""

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


def _leave_one_out(values, score):
    others = (values.sum(axis=1, keepdims=True) - values) / (values.shape[1] - 1)
    return ((values - others) * score).mean(axis=1)


def _values_and_scores(rng):
    shape = rng.integers((5, 3), (9, 7))
    return rng.normal(size=shape) ** 2 + rng.uniform(1.0, 3.0, size=(shape[0], 1)), rng.normal(size=shape)


LEAVE_ONE_OUT = Exercise(
    reference=_leave_one_out,
    inputs=_values_and_scores,
    mistakes=(
        Mistake(
            "own draw included",
            lambda f, s: ((f - f.mean(axis=1, keepdims=True)) * s).mean(axis=1),
            "your baseline is the mean of *all* draws, each one's own included: that shrinks the gradient by the "
            "factor 1 − 1/K. Take the mean of the others (or divide the sum by K − 1 instead of K).",
        ),
        Mistake(
            "not divided",
            lambda f, s: ((f - f.mean(axis=1, keepdims=True)) * s).sum(axis=1),
            "the sum of (f − mean) times the score must be divided by K − 1.",
        ),
        Mistake(
            "sum over draws",
            lambda f, s: f.shape[1] * _leave_one_out(f, s),
            "you summed over the K draws, which makes the gradient K times too large: take their mean.",
        ),
        Mistake(
            "K − 1 twice",
            lambda f, s: f.shape[1] / (f.shape[1] - 1) * _leave_one_out(f, s),
            "you divided by K − 1 twice. With the mean of the others as baseline, the estimates are averaged over K.",
        ),
        Mistake(
            "others divided by K",
            lambda f, s: ((f - (f.sum(axis=1, keepdims=True) - f) / f.shape[1]) * s).mean(axis=1),
            "the others are K − 1 draws: divide their sum by K − 1 to get their mean.",
        ),
        Mistake(
            "sum of the others",
            lambda f, s: ((2 * f - f.sum(axis=1, keepdims=True)) * s).mean(axis=1),
            "you subtracted the *sum* of the other draws. The baseline is their mean.",
        ),
        Mistake(
            "no baseline",
            lambda f, s: (f * s).mean(axis=1),
            "the baseline is missing: that is the plain score-function estimator.",
        ),
        Mistake(
            "sign",
            lambda f, s: -_leave_one_out(f, s),
            "the sign is flipped: f minus the baseline, not the baseline minus f.",
        ),
        Mistake(
            "baseline added",
            lambda f, s: ((f + (f.sum(axis=1, keepdims=True) - f) / (f.shape[1] - 1)) * s).mean(axis=1),
            "you added the baseline. That is unbiased too, but the variance grows: subtract it.",
        ),
        Mistake(
            "wrong axis",
            lambda f, s: ((f - (f.sum(axis=0) - f) / (len(f) - 1)) * s).mean(axis=1),
            "your baseline is the mean of the other *rows*, which are other estimates. The others are in the same row.",
        ),
        Mistake(
            "mean over the wrong axis",
            lambda f, s: ((f - (f.sum(axis=1, keepdims=True) - f) / (f.shape[1] - 1)) * s).mean(axis=0),
            "you averaged over the rows. One estimate for each row is asked for: average over its K draws, axis 1.",
        ),
        Mistake(
            "both over the wrong axis",
            lambda f, s: _leave_one_out(f.T, s.T),
            "rows and columns are exchanged: the K draws of one estimate stand in one row.",
        ),
        Mistake(
            "one baseline for all",
            lambda f, s: ((f - f.mean()) * s).mean(axis=1),
            "you subtracted one number from all values. Each draw has a baseline of its own: the mean of the others "
            "in its row.",
        ),
        Mistake(
            "not averaged",
            lambda f, s: (f - (f.sum(axis=1, keepdims=True) - f) / (f.shape[1] - 1)) * s,
            "these are the K single estimates of each row. Take their mean, shape (n,).",
        ),
        Mistake(
            "one number",
            lambda f, s: _leave_one_out(f, s).mean(),
            "you averaged over everything. One estimate for each row is asked for, shape (n,).",
        ),
        Mistake(
            "baseline after the product",
            lambda f, s: (f * s - (f.sum(axis=1, keepdims=True) - f) / (f.shape[1] - 1)).mean(axis=1),
            "you subtracted the baseline from the product, which shifts the gradient. What has mean 0 is the baseline "
            "*times the score*.",
        ),
        Mistake(
            "no score",
            lambda f, s: (f - (f.sum(axis=1, keepdims=True) - f) / (f.shape[1] - 1)).mean(axis=1),
            "your estimates are all 0: the differences to the others add up to 0 in a row. Take them of the values "
            "alone, and multiply each by its score before the mean.",
        ),
        Mistake(
            "the baseline divides",
            lambda f, s: (f * (f.shape[1] - 1) / (f.sum(axis=1, keepdims=True) - f) * s).mean(axis=1),
            "you divided by the baseline, which changes the gradient itself. Subtract it.",
        ),
    ),
    hints=(
        "The sum of the others is the sum of the row (`keepdims=True`) minus the draw's own value.",
        "(f − mean of the others) times the score, and the mean over axis 1.",
    ),
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
            "1 − u",
            lambda logits, u: np.argmax(logits + _gumbel(1 - u), axis=-1),
            "you took 1 − u for u. That has the same law, but these are not the draws of the numbers that are given.",
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


def _one_hot(scores):
    return np.eye(len(scores))[np.argmax(scores)]


def _through_softmax(y, slope, tau):
    return y * (slope - np.sum(y * slope)) / tau


def _relaxed(scores, tau):
    return _softmax(scores / tau)


def _draw_and_slope(logits, gumbel, slope, tau, hard):
    y = _relaxed(logits + gumbel, tau)
    return y, slope(_one_hot(y) if hard else y)


def _gumbel_gradient(logits, gumbel, slope, tau, hard):
    return _through_softmax(*_draw_and_slope(logits, gumbel, slope, tau, hard), tau)


def _then(gradient):
    """A wrong way from the draw and the slope at it to the gradient."""
    return lambda logits, gumbel, slope, tau, hard: gradient(*_draw_and_slope(logits, gumbel, slope, tau, hard), tau)


def _a_draw_and_a_slope(rng):
    size, tau, hard = int(rng.integers(3, 6)), rng.uniform(1.3, 2.0), rng.uniform() < 0.5
    logits = rng.uniform(-20, 20) + 2 * rng.normal(size=size)  # their level does not matter
    gumbel = _gumbel(rng.uniform(0.2, 0.8, size=size))
    gumbel[np.argsort(logits)[-2]] += 1.5 + np.ptp(np.sort(logits)[-2:])  # so that the noise chooses the winner
    weights = rng.uniform(1.0, 3.0, size=size) * rng.choice([-1, 1], size=size)
    return logits, gumbel, lambda point: weights * (1 + point) ** 2, tau, hard


def _a_flat_draw():
    """The winner has neither the largest logit nor the largest noise, nor half of the softened point."""
    logits, gumbel = np.array([1.0, 0.6, 0.0]), np.array([0.0, 0.6, 0.9])
    return [(logits, gumbel, lambda point: np.array([1.5, -2.0, 1.0]) * (1 + point) ** 2, 2.0, True)]


GUMBEL_GRADIENT = Exercise(
    reference=_gumbel_gradient,
    inputs=_a_draw_and_a_slope,
    edges=_a_flat_draw,
    draws=6,
    mistakes=(
        Mistake(
            "no temperature in the slope",
            lambda ell, g, slope, tau, hard: tau * _gumbel_gradient(ell, g, slope, tau, hard),
            "1/τ is missing: the inner derivative of (ℓ + g)/τ.",
        ),
        Mistake(
            "times the temperature",
            lambda ell, g, slope, tau, hard: tau**2 * _gumbel_gradient(ell, g, slope, tau, hard),
            "you multiplied by τ. The inner derivative of (ℓ + g)/τ is 1/τ.",
        ),
        Mistake(
            "no temperature in the softmax",
            lambda ell, g, slope, tau, hard: _gumbel_gradient(ell, g, slope, 1.0, hard) / tau,
            "the softmax is taken of ℓ + g: divide it by τ first.",
        ),
        Mistake(
            "no temperature",
            lambda ell, g, slope, tau, hard: _gumbel_gradient(ell, g, slope, 1.0, hard),
            "there is no τ in your answer: it divides inside the softmax, and comes out again as the inner derivative.",
        ),
        Mistake(
            "logits alone cooled",
            lambda ell, g, slope, tau, hard: _gumbel_gradient(ell, tau * g, slope, tau, hard),
            "you divided the logits by τ, and not the noise: it is (ℓ + g)/τ.",
        ),
        Mistake(
            "no noise",
            lambda ell, g, slope, tau, hard: _gumbel_gradient(ell, 0 * g, slope, tau, hard),
            "the noise is missing: the softmax is taken of (ℓ + g)/τ.",
        ),
        Mistake(
            "noise subtracted",
            lambda ell, g, slope, tau, hard: _gumbel_gradient(ell, -g, slope, tau, hard),
            "you subtracted the noise. It is added to the logits.",
        ),
        Mistake(
            "no sum",
            _then(lambda y, s, tau: y * s / tau),
            "Σ y f′ is missing: a logit also lowers the entries of all others, because they add up to 1.",
        ),
        Mistake(
            "plain sum",
            _then(lambda y, s, tau: y * (s - s.sum()) / tau),
            "the sum that you subtract must be weighted: Σ y f′.",
        ),
        Mistake(
            "plain mean",
            _then(lambda y, s, tau: y * (s - s.mean()) / tau),
            "you subtracted the plain mean of f′. Subtract its mean weighted by y, Σ y f′.",
        ),
        Mistake(
            "diagonal alone",
            _then(lambda y, s, tau: y * (1 - y) * s / tau),
            "y(1 − y) is the diagonal of the Jacobian only. Each logit moves the other entries, too.",
        ),
        Mistake(
            "sum without y",
            _then(lambda y, s, tau: (s - np.sum(y * s)) / tau),
            "the factor y before the bracket is missing.",
        ),
        Mistake(
            "argmax's own gradient",
            lambda ell, g, slope, tau, hard: (0.0 if hard else 1.0) * _gumbel_gradient(ell, g, slope, tau, hard),
            "with `hard` your gradient is 0: that of the argmax itself (or the Jacobian taken at the one-hot point). "
            "Straight-through lies: it keeps the Jacobian of y.",
        ),
        Mistake(
            "hard ignored",
            lambda ell, g, slope, tau, hard: _gumbel_gradient(ell, g, slope, tau, False),
            "with `hard`, f is computed at the one-hot point, so f′ is taken there. You take it at y.",
        ),
        Mistake(
            "always hard",
            lambda ell, g, slope, tau, hard: _gumbel_gradient(ell, g, slope, tau, True),
            "without `hard`, f is computed at y, so f′ is taken there. You take it at the one-hot point.",
        ),
        Mistake(
            "hard and soft exchanged",
            lambda ell, g, slope, tau, hard: _gumbel_gradient(ell, g, slope, tau, not hard),
            "`hard` is the wrong way round: with it, f′ is taken at the one-hot point.",
        ),
        Mistake(
            "most probable category",
            lambda ell, g, slope, tau, hard: _through_softmax(
                (y := _relaxed(ell + g, tau)), slope(_one_hot(ell) if hard else y), tau
            ),
            "with `hard`, your one-hot point is that of the largest *logit*, in every draw. Take that of ℓ + g.",
        ),
        Mistake(
            "slope at the logits",
            lambda ell, g, slope, tau, hard: _through_softmax(_relaxed(ell + g, tau), slope(ell), tau),
            "f is a function of the softened draw, not of the logits: take `slope` at y (or at the one-hot point).",
        ),
        Mistake(
            "slope before the softmax",
            lambda ell, g, slope, tau, hard: _through_softmax(_relaxed(ell + g, tau), slope((ell + g) / tau), tau),
            "you took `slope` before the softmax. Take it at y (or at the one-hot point).",
        ),
        Mistake(
            "sign",
            lambda ell, g, slope, tau, hard: -_gumbel_gradient(ell, g, slope, tau, hard),
            "the sign is flipped: f′ minus Σ y f′.",
        ),
        Mistake(
            "slope alone",
            _then(lambda y, s, tau: s),
            "that is the slope by y. The chain goes on: through the softmax, down to the logits.",
        ),
        Mistake(
            "the draw itself",
            lambda ell, g, slope, tau, hard: _one_hot(ell + g) if hard else _relaxed(ell + g, tau),
            "that is the draw. The gradient of f at it is asked for.",
        ),
    ),
    hints=(
        "First y = softmax((ℓ + g)/τ), then s = slope(y), or slope(one-hot) with `hard`.",
        "Then y (s − Σ y s)/τ, with the same y in both cases.",
    ),
)
