"""Exercises of probabilistic PCA and Monte Carlo: spread, posterior, log-evidence, importance weights, the families."""

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake

SPREAD = Exercise(
    reference=(6.0, np.sqrt(11.0)),
    rtol=0.01,
    mistakes=(
        Mistake("variances", (36.0, 11.0), "these are the variances. Take the roots."),
        Mistake(
            "no noise along W",
            (5.0, np.sqrt(11.0)),
            "5 is the length of W, the spread of W z alone. The noise acts along this direction, too.",
        ),
        Mistake(
            "no noise across",
            (6.0, 0.0),
            "across, the code has no say, but the noise has: it acts in every direction.",
        ),
        Mistake(
            "σ² for σ across",
            Entry(1, 11.0),
            "11 is the *variance* of the noise, and a standard deviation is asked for.",
        ),
        Mistake("the variance along W", Entry(0, 36.0), "36 is the variance along W. Take its root."),
        Mistake(
            "variances along W multiplied",
            Entry(0, 25.0),
            "25 is the *square* of the length of W; add 11, take the root.",
        ),
        Mistake(
            "the same in both",
            Entry(1, 6.0),
            "across, W z does not move at all: 36 is the variance along W alone.",
        ),
        Mistake("no noise at all", (5.0, 0.0), "that is W z alone. The noise acts in both directions."),
        Mistake(
            "deviations added",
            (5.0 + np.sqrt(11.0), np.sqrt(11.0)),
            "you added deviations. For independent parts the *variances* add.",
        ),
        Mistake(
            "swapped", (np.sqrt(11.0), 6.0), "the two numbers are right, but swapped: the first is the one along W."
        ),
        Mistake(
            "σ² for σ",
            (5.0 + 11.0, 11.0),
            "11 is the variance of the noise, and it must be added to the variance of W z, not to its deviation.",
        ),
        Mistake(
            "11 squared",
            (np.sqrt(25.0 + 121.0), 11.0),
            "11 is σ² already: do not square it again.",
        ),
        Mistake("along", Entry(0), "along W: the variance is ‖W‖² + σ². Take its root."),
        Mistake("across", Entry(1), "across W: only the noise acts there, with the variance 11."),
    ),
    hints=(
        "C = W Wᵀ + 11 I. For a unit vector u, the variance along u is uᵀ C u.",
        "Along W, W Wᵀ contributes ‖W‖² = 25; across, 0.",
    ),
)


def _posterior(x, weights, mean, variance):
    precision = 1 + weights @ weights / variance
    return weights @ (x - mean) / variance / precision, 1 / precision


def _least_squares(x, weights, mean, variance):
    length = weights @ weights
    return weights @ (x - mean) / length, variance / length


def _one_latent(rng):
    d = int(rng.integers(3, 7))
    return rng.normal(size=d) + 1.0, rng.normal(size=d), rng.uniform(-2, 2, size=d), float(rng.uniform(0.3, 3.0))


def _changed(change, *inputs):
    """The right posterior, with `change(mean, variance)` applied to it."""
    return change(*_posterior(*inputs))


POSTERIOR = Exercise(
    reference=_posterior,
    inputs=_one_latent,
    mistakes=(
        Mistake(
            "no prior",
            _least_squares,
            "that is the projection onto the line (least squares): the prior is missing. It adds 1 to the precision, "
            "and pulls the code towards 0.",
        ),
        Mistake(
            "not centred",
            lambda x, weights, mean, variance: _posterior(x, weights, 0 * mean, variance),
            "you did not subtract `mean`: z explains x − μ.",
        ),
        Mistake(
            "precision",
            lambda *inputs: _changed(lambda mean, variance: (mean, 1 / variance), *inputs),
            "your second number is the precision P. The variance is 1/P.",
        ),
        Mistake(
            "deviation",
            lambda *inputs: _changed(lambda mean, variance: (mean, np.sqrt(variance)), *inputs),
            "your second number is the standard deviation. Asked for is the variance.",
        ),
        Mistake(
            "σ for σ²",
            lambda x, weights, mean, variance: _posterior(x, weights, mean, variance**2),
            "you squared `variance`: it is σ² already.",
        ),
        Mistake(
            "no σ²",
            lambda x, weights, mean, variance: _posterior(x, weights, mean, 1.0),
            "`variance` does not occur: the noisier the data, the less they should say.",
        ),
        Mistake(
            "not divided by P",
            lambda x, weights, mean, variance: (
                weights @ (x - mean) / variance,
                _posterior(x, weights, mean, variance)[1],
            ),
            "the variance is right. For the mean, the evidence wᵀ(x − μ)/σ² must be divided by the precision P.",
        ),
        Mistake(
            "mean without σ²",
            lambda x, weights, mean, variance: (
                weights @ (x - mean) * _posterior(x, weights, mean, variance)[1],
                _posterior(x, weights, mean, variance)[1],
            ),
            "the variance is right. In the mean, wᵀ(x − μ) should be divided by σ², too.",
        ),
        Mistake(
            "the other convention",
            lambda x, weights, mean, variance: (
                _posterior(x, weights, mean, variance)[0],
                1 / (weights @ weights + variance),
            ),
            "the mean is right. With M = wᵀw + σ² the variance is σ²/M, not 1/M.",
        ),
        Mistake(
            "decoded",
            lambda x, weights, mean, variance: (
                weights * _posterior(x, weights, mean, variance)[0],
                _posterior(x, weights, mean, variance)[1],
            ),
            "your mean is decoded, a point of the data space. The code itself is one number.",
        ),
    ),
    hints=(
        "The precision is 1 (prior) plus wᵀw/σ² (data).",
        "The mean is wᵀ(x − μ)/σ², divided by the precision.",
    ),
)


def _log_evidence(log_likelihoods):
    return np.logaddexp.reduce(log_likelihoods, axis=0) - np.log(len(log_likelihoods))


def _literal_evidence(log_likelihoods):
    with np.errstate(divide="ignore", under="ignore"):
        return np.log(np.exp(log_likelihoods).mean(axis=0))


def _log_likelihoods(rng):
    offsets = np.array([900.0, 2.0, 5000.0, 10.0, 100.0, 40.0])[: int(rng.integers(5, 7))]
    return (3 * rng.normal(size=(int(rng.integers(7, 11)), len(offsets))) - offsets,)


def _one_draw_that_explains_it():
    return [(np.array([[-5000.0, -4.0], [-10.0, -6.0], [-3000.0, -5.0]]),)]


LOG_EVIDENCE = Exercise(
    reference=_log_evidence,
    inputs=_log_likelihoods,
    edges=_one_draw_that_explains_it,
    atol=1e-3,
    rtol=1e-7,  # next to 5,000 nats, one nat is a small share
    mistakes=(
        Mistake(
            "mean of the logarithms",
            lambda log_likelihoods: log_likelihoods.mean(axis=0),
            "you averaged the logarithms. That is below log p(x) even with infinitely many draws (Jensen): average the "
            "likelihoods, then take the logarithm.",
        ),
        Mistake(
            "underflow",
            _literal_evidence,
            "right where the values are moderate, and −∞ elsewhere: exp(−900) is 0 for the computer. Use "
            "`np.logaddexp.reduce`.",
        ),
        Mistake(
            "sum for mean",
            lambda log_likelihoods: np.logaddexp.reduce(log_likelihoods, axis=0),
            "you took the logarithm of the sum. The estimate is a *mean* over K draws: subtract log K.",
        ),
        Mistake(
            "divided by K outside",
            lambda log_likelihoods: np.logaddexp.reduce(log_likelihoods, axis=0) / len(log_likelihoods),
            "you divided the logarithm by K. The division by K stands inside: outside, it becomes − log K.",
        ),
        Mistake(
            "wrong number of draws",
            lambda log_likelihoods: np.logaddexp.reduce(log_likelihoods, axis=0) - np.log(log_likelihoods.shape[1]),
            "you subtracted the logarithm of the number of examples. K is the length of the first axis.",
        ),
        Mistake(
            "over the examples",
            lambda log_likelihoods: np.logaddexp.reduce(log_likelihoods, axis=1) - np.log(log_likelihoods.shape[1]),
            "you averaged over the examples. The draws are the first axis: `axis=0`.",
        ),
        Mistake(
            "the best draw",
            lambda log_likelihoods: log_likelihoods.max(axis=0),
            "you took the best draw alone. The estimate is the mean of all K likelihoods.",
        ),
        *(
            Mistake(
                f"{tiny:g} in the logarithm",
                lambda log_likelihoods, tiny=tiny: np.log(np.exp(log_likelihoods).mean(axis=0) + tiny),
                f"the {tiny:g} that you added keeps the logarithm finite, and invents an evidence of {tiny:g} for "
                "every example. Stay in logarithms.",
            )
            for tiny in (1e-12, 1e-8, 1e-300)
        ),
        Mistake(
            "maximum not added back",
            lambda log_likelihoods: _log_evidence(log_likelihoods) - log_likelihoods.max(axis=0),
            "you subtracted the largest value, which is wise. Add it again after the logarithm.",
        ),
        Mistake(
            "log K added",
            lambda log_likelihoods: _log_evidence(log_likelihoods) + 2 * np.log(len(log_likelihoods)),
            "log K has the wrong sign: a mean *divides* by K.",
        ),
        Mistake(
            "bits",
            lambda log_likelihoods: _log_evidence(log_likelihoods) / np.log(2),
            "that is in bits: keep to the natural logarithm.",
        ),
        Mistake(
            "everything averaged",
            lambda log_likelihoods: _log_evidence(log_likelihoods).mean(),
            "you averaged over the examples, too. Return one value per example.",
        ),
    ),
    hints=(
        "log of the mean = log of the sum − log K.",
        "`np.logaddexp.reduce(a, axis=0)` is log(exp(a).sum(axis=0)), without leaving logarithms.",
    ),
)


def _log_normal(value, mean, deviation):
    return -0.5 * ((value - mean) / deviation) ** 2 - np.log(deviation) - 0.5 * np.log(2 * np.pi)


def _log_factors(x, weights, variance, mean_q, deviation_q, noise):
    """The draws, and log p(x | z), log p(z), log q(z) at them."""
    z = mean_q + deviation_q * noise
    log_likelihoods = _log_normal(x, z[:, None] * weights, np.sqrt(variance)).sum(axis=1)
    return z, log_likelihoods, _log_normal(z, 0.0, 1.0), _log_normal(z, mean_q, deviation_q)


def _log_mean_exp(logs):
    return np.logaddexp.reduce(logs) - np.log(len(logs))


def _importance(*inputs):
    _, log_likelihoods, log_prior, log_q = _log_factors(*inputs)
    return _log_mean_exp(log_likelihoods + log_prior - log_q)


def _combined(combine):
    """An estimate that combines the logarithms in another way."""
    return lambda *inputs: combine(*_log_factors(*inputs)[1:])


def _literal_importance(*inputs):
    _, log_likelihoods, log_prior, log_q = _log_factors(*inputs)
    with np.errstate(divide="ignore", under="ignore"):
        return np.log(np.mean(np.exp(log_likelihoods) * np.exp(log_prior) / np.exp(log_q)))


def _draws_of_the_prior(x, weights, variance, mean_q, deviation_q, noise):
    log_likelihoods, log_prior = _log_factors(x, weights, variance, 0.0, 1.0, noise)[1:3]
    return _log_mean_exp(log_likelihoods + log_prior - _log_normal(noise, mean_q, deviation_q))


def _simple_monte_carlo(x, weights, variance, mean_q, deviation_q, noise):
    return _log_mean_exp(_log_factors(x, weights, variance, 0.0, 1.0, noise)[1])


def _one_latent_and_noise(rng, d=None):
    d = d or int(rng.integers(3, 7))
    weights, variance = rng.normal(size=d), float(rng.uniform(0.3, 2.5))
    x = weights * rng.normal() + np.sqrt(variance) * rng.normal(size=d)
    mean, spread = _posterior(x, weights, 0 * x, variance)
    mean_q, deviation_q = float(mean + 0.5 * np.sqrt(spread)), float(np.sqrt(spread) * rng.uniform(1.3, 1.8))
    return x, weights, variance, mean_q, deviation_q, rng.normal(size=int(rng.integers(8, 14)))


IMPORTANCE = Exercise(
    reference=_importance,
    inputs=_one_latent_and_noise,
    edges=lambda: [_one_latent_and_noise(np.random.default_rng(7), d=900)],
    mistakes=(
        Mistake(
            "q forgotten",
            _combined(lambda likelihood, prior, q: _log_mean_exp(likelihood + prior)),
            "the draws come from q, and you do not divide by its density: − log q(z) is missing.",
        ),
        Mistake(
            "prior forgotten",
            _combined(lambda likelihood, prior, q: _log_mean_exp(likelihood - q)),
            "the prior is missing: the weight is p(x | z) p(z) / q(z).",
        ),
        Mistake(
            "no weight",
            _combined(lambda likelihood, prior, q: _log_mean_exp(likelihood)),
            "you averaged p(x | z) as if the draws came from the prior. Draws from q are paid for with p(z) / q(z).",
        ),
        Mistake(
            "multiplied by q",
            _combined(lambda likelihood, prior, q: _log_mean_exp(likelihood + prior + q)),
            "you multiplied by q(z). Divide by it: subtract its logarithm.",
        ),
        Mistake(
            "mean of the logarithms",
            _combined(lambda likelihood, prior, q: (likelihood + prior - q).mean()),
            "you averaged the log-weights. That is a lower bound of log p(x) (the next lesson's!), not an estimate of "
            "it: average the weights, then take the logarithm.",
        ),
        Mistake(
            "sum for mean",
            _combined(lambda likelihood, prior, q: np.logaddexp.reduce(likelihood + prior - q)),
            "you took the logarithm of the sum. The estimate is a mean over K draws: subtract log K.",
        ),
        Mistake(
            "underflow",
            _literal_importance,
            "right for few coordinates, and −∞ for 900: the likelihood underflows. Use `np.logaddexp.reduce`.",
        ),
        Mistake(
            "no logarithm",
            lambda *inputs: np.exp(_importance(*inputs)),
            "this is the estimate of p(x). Asked for is its logarithm.",
        ),
        Mistake(
            "the best draw",
            _combined(lambda likelihood, prior, q: (likelihood + prior - q).max()),
            "you took the largest weight alone. The estimate is the mean of all K.",
        ),
        Mistake(
            "all log-weights",
            _combined(lambda likelihood, prior, q: likelihood + prior - q),
            "these are the log-weights of the K draws, and they are right. Now the logarithm of their mean.",
        ),
        Mistake(
            "draws of the prior",
            _draws_of_the_prior,
            "your draws are the noise itself, not mean_q + deviation_q · noise.",
        ),
        Mistake(
            "simple Monte Carlo",
            _simple_monte_carlo,
            "that draws from the prior and averages the likelihood. Draw from q, and weight.",
        ),
        Mistake(
            "q without 1/σ",
            lambda *inputs: _importance(*inputs) - np.log(inputs[4]),
            "the 1/σ of q is missing: its density is divided by deviation_q.",
        ),
        Mistake(
            "log σ of q with the wrong sign",
            lambda *inputs: _importance(*inputs) - 2 * np.log(inputs[4]),
            "log deviation_q has the wrong sign in log q: the density is divided by it.",
        ),
        Mistake(
            "variance as deviation",
            lambda x, weights, variance, *q_and_noise: _importance(x, weights, variance**2, *q_and_noise),
            "you used `variance` as the deviation of the noise. It is σ².",
        ),
        Mistake(
            "likelihood without its constant",
            lambda *inputs: _importance(*inputs) + 0.5 * len(inputs[0]) * np.log(2 * np.pi * inputs[2]),
            "the likelihood is no density yet: −d/2 log 2πσ² is missing.",
        ),
        Mistake(
            "constant once",
            lambda *inputs: _importance(*inputs) + 0.5 * (len(inputs[0]) - 1) * np.log(2 * np.pi * inputs[2]),
            "the constant of the likelihood occurs once. Each of the d coordinates has one.",
        ),
        Mistake(
            "mean over the coordinates",
            lambda *inputs: _combined(
                lambda likelihood, prior, q: _log_mean_exp(likelihood / len(inputs[0]) + prior - q)
            )(*inputs),
            "you averaged the log-likelihood over the coordinates. Independent coordinates multiply: sum.",
        ),
        Mistake(
            "deviation squared",
            lambda x, weights, variance, mean_q, deviation_q, noise: _importance(
                x, weights, variance, mean_q, deviation_q**2, noise
            ),
            "you squared `deviation_q`: it is a deviation already.",
        ),
    ),
    hints=(
        "`z = mean_q + deviation_q * noise`, shape (K,); `z[:, None] * weights` has shape (K, d).",
        "Three log-densities, each (K,): log p(x | z) (a sum over d), log p(z), log q(z). Then log w, and its "
        "log-mean-exp.",
    ),
)


DRAWS_NEEDED = Exercise(
    reference=800_000,
    mistakes=(
        Mistake(
            "error not squared",
            40_000,
            "you divided R by the error. The error is √(R/K): *its square* is R/K.",
        ),
        Mistake("ten per cent", 200_000, "that is enough for 10 %. Half the error needs four times the draws."),
        Mistake(
            "twice those for ten per cent",
            400_000,
            "half the error does not need twice the draws, but four times as many.",
        ),
        Mistake("R itself", 2_000, "with K = R draws the relative error is √(R/K) = 1, that is 100 %."),
        Mistake("root of R", 894, "you took the root of R. Solve √(R/K) = 0.05 for K: no root is left."),
        Mistake("per cent squared", 80, "5 % is 0.05, not 5."),
        Mistake("four hundred", 400, "1/0.05² is 400: now times R."),
    ),
    hints=("√(R/K) = 0.05, so R/K = 0.0025.", "K = 2,000 / 0.0025."),
)


STATEMENTS = Exercise(
    reference={"c", "d"},
    words="abcdef",
    mistakes=(
        Mistake(
            "a GAN's parts for all",
            {"a", "c", "d"},
            "(a): look at the table again. In which of its rows does a discriminator occur?",
        ),
        Mistake(
            "the sum for all",
            {"b", "c", "d"},
            "(b): where z is continuous it is an integral, and the rows for autoregressive, flow and energy-based "
            "models do not marginalise over a z at all.",
        ),
        Mistake(
            "instead of learning",
            {"c", "d", "e"},
            "(e): where did EM get its means from? A generative model learns from existing data, in order to make new.",
        ),
        Mistake(
            "positive logarithms",
            {"c", "d", "f"},
            "(f): p(x) is a density, and its unit matters. In kilograms, the birds of the garden had positive "
            "log-densities.",
        ),
        Mistake(
            "not the samplers",
            {"c"},
            "(d): which row of the table can sample and says of p(x) “not at all”?",
        ),
        Mistake(
            "not the prior",
            {"d"},
            "(c): what are the π_k of a mixture? Does the M-step change them? And what is the prior of pPCA?",
        ),
        Mistake(
            "both formulas",
            {"b", "d"},
            "(b) is about latent-variable models with finitely many z; and do not forget who learns a prior.",
        ),
        Mistake("all", {"a", "b", "c", "d", "e", "f"}, "only a minority of them is right."),
    ),
    hints=("Two are right. For (d), think of a model that is nothing but its sampler.",),
)
