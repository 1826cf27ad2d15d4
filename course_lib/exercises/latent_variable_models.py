"""Exercises of latent-variable models: mixtures, maximum likelihood, EM, pPCA, Monte Carlo, the families."""

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake

RESPONSIBILITY = Exercise(
    reference=0.8,
    rtol=0.01,
    mistakes=(
        Mistake(
            "prior forgotten",
            0.5,
            "both species explain 21 g equally well, that is right. But before the bird landed they were not equally "
            "probable: the prior counts, too.",
        ),
        Mistake(
            "the first garden",
            0.6,
            "0.6 was the share of A in the first garden. Here it is 0.8; and does the weight of 21 g change it?",
        ),
        Mistake("the other species", 0.2, "that is the responsibility of B. We ask for A, the common one."),
        Mistake(
            "not divided",
            0.8 * np.exp(-0.5 * 1.5**2) / (2 * np.sqrt(2 * np.pi)),
            "that is the joint, p(x, A). Divide it by p(x), the sum over both species.",
        ),
        Mistake(
            "likelihood only",
            np.exp(-0.5 * 1.5**2) / (2 * np.sqrt(2 * np.pi)),
            "that is the likelihood of 21 g for species A. Multiply by the prior and divide by the sum over both.",
        ),
    ),
    hints=(
        "21 g is 3 g from either mean, and the spreads are equal: so the two likelihoods are equal.",
        "0.8 ℓ / (0.8 ℓ + 0.2 ℓ), whatever ℓ is.",
    ),
)


def _log_normal(x, means, deviations):
    return -0.5 * ((x[:, None] - means) / deviations) ** 2 - np.log(deviations) - 0.5 * np.log(2 * np.pi)


def _log_joint(x, weights, means, deviations):
    return np.log(weights) + _log_normal(x, means, deviations)


def _log_marginal(x, weights, means, deviations):
    return np.logaddexp.reduce(_log_joint(x, weights, means, deviations), axis=1)


def _literal(x, weights, means, deviations):
    with np.errstate(divide="ignore", under="ignore"):
        return np.log(np.exp(_log_joint(x, weights, means, deviations)).sum(axis=1))


def _garden(rng):
    means = rng.uniform(10, 30, size=2)
    x = rng.permutation(np.append(rng.uniform(5, 35, size=int(rng.integers(5, 9))), [300.0, 1000.0]))
    first = rng.uniform(0.2, 0.8)
    return x, np.array([first, 1 - first]), means, rng.uniform(1.5, 4.0, size=2)


LOG_MARGINAL = Exercise(
    reference=_log_marginal,
    inputs=_garden,
    constant=dict.fromkeys(
        ("axis 0 of weights", "axis 0 of means", "axis 0 of deviations"), "the garden has two species."
    ),
    mistakes=(
        Mistake(
            "underflow",
            _literal,
            "the ordinary birds are right, and the pigeons get −∞: their densities underflow to 0. Stay in logarithms "
            "and use `np.logaddexp`.",
        ),
        Mistake(
            "sum of logarithms",
            lambda x, weights, means, deviations: (weights * _log_normal(x, means, deviations)).sum(axis=1),
            "you averaged log-densities. The sum over z stands inside the logarithm: log Σ π N, not Σ π log N (which "
            "is smaller, by Jensen).",
        ),
        Mistake(
            "all logarithms added",
            lambda *garden: _log_joint(*garden).sum(axis=1),
            "you added the log-terms: that multiplies the two probabilities. The bird is A *or* B, so add "
            "probabilities.",
        ),
        Mistake(
            "no weights",
            lambda x, weights, means, deviations: np.logaddexp.reduce(_log_normal(x, means, deviations), axis=1),
            "the prior weights are missing: your density has the total mass 2.",
        ),
        Mistake(
            "weights twice",
            lambda x, weights, means, deviations: _log_marginal(x, weights**2, means, deviations),
            "the weights occur twice. Each term is log π + log N.",
        ),
        Mistake(
            "variance for deviation",
            lambda x, weights, means, deviations: _log_marginal(x, weights, means, np.sqrt(deviations)),
            "you used the deviations as variances. Square them: the exponent is −(x − μ)² / 2σ².",
        ),
        Mistake(
            "deviation squared twice",
            lambda x, weights, means, deviations: _log_marginal(x, weights, means, deviations**2),
            "you squared the deviations twice: `deviations` are σ, so the variances are their squares.",
        ),
        Mistake(
            "no 1/σ",
            lambda x, weights, means, deviations: np.logaddexp.reduce(
                _log_joint(x, weights, means, deviations) + np.log(deviations), axis=1
            ),
            "the 1/σ of the Gaussian is missing. It is not a constant here: the two components differ in it.",
        ),
        Mistake(
            "no 2π",
            lambda *garden: _log_marginal(*garden) + 0.5 * np.log(2 * np.pi),
            "the constant −½ log 2π of the Gaussian is missing, so this is no density yet.",
        ),
        Mistake(
            "the larger term",
            lambda *garden: _log_joint(*garden).max(axis=1),
            "you kept only the larger of the two terms. Where both matter, between the means, that is too low.",
        ),
        Mistake(
            "no logarithm",
            lambda *garden: np.exp(_log_marginal(*garden)),
            "this is p(x). Asked for is its logarithm.",
        ),
        Mistake(
            "responsibilities",
            lambda *garden: np.exp(_log_joint(*garden)[:, 0] - _log_marginal(*garden)),
            "this is the responsibility of the first component. Asked for is the denominator's logarithm, log p(x).",
        ),
    ),
    hints=(
        "For each component: log π − ½ ((x − μ)/σ)² − log σ − ½ log 2π, an array `(n, 2)`.",
        "`np.logaddexp(a, b)` is log(exp(a) + exp(b)), without leaving logarithms.",
    ),
)


NATS_LOST = Exercise(
    reference=0.5,
    rtol=0.01,
    mistakes=(
        Mistake(
            "the half is lost",
            1.0,
            "the exponent of the Gaussian is −(x − μ)² / 2σ², so divide the squared distance by 2σ². You took σ².",
        ),
        Mistake("not divided by the variance", 2.0, "you lost the variance: divide the squared distance by 2σ² = 8."),
        Mistake(
            "nothing lost",
            0.0,
            "the spread is right, but the mean is wrong, and that costs: birds near 16 g become much less probable, "
            "and those near 20 g only a little more.",
        ),
        Mistake(
            "cross-entropy",
            0.5 + 0.5 * np.log(2 * np.pi * np.e * 4),
            "that is the whole cross-entropy. The truth, too, has to pay its entropy: subtract it.",
        ),
        Mistake("sign", -0.5, "a loss is asked for. No model beats the truth on average, so it cannot be negative."),
        Mistake("unit distance", 0.125, "the means are 2 g apart, not 1 g."),
        Mistake("squared distance", 4.0, "that is the squared distance of the means. Divide it by 2σ² = 8."),
        Mistake("variance squared", 0.25, "you divided by σ⁴: the 2² in the law is σ² already."),
        Mistake("bits", 0.5 / np.log(2), "that is in bits. Nats come from the natural logarithm."),
    ),
    hints=(
        "log p*(x) − log p(x) = [(x − 20)² − (x − 18)²] / (2 · 4).",
        "The mean of (x − 18)² is 4. The mean of (x − 20)² is 4 + 2².",
    ),
)


def _from_responsibilities(x, r, old_means=None):
    counts = r.sum(axis=0)
    means = r.T @ x / counts
    centre = means if old_means is None else old_means
    deviations = np.sqrt((r * (x[:, None] - centre) ** 2).sum(axis=0) / counts)
    return counts / len(x), means, deviations


def _responsibilities(x, weights, means, deviations):
    log_joint = _log_joint(x, weights, means, deviations)
    return np.exp(log_joint - np.logaddexp.reduce(log_joint, axis=1, keepdims=True))


def _em_step(x, weights, means, deviations):
    return _from_responsibilities(x, _responsibilities(x, weights, means, deviations))


def _changed(change, *inputs):
    """The right step, with `change(weights, means, deviations)` applied to its result."""
    return change(*_em_step(*inputs))


def _hard_step(x, *parameters):
    r = _responsibilities(x, *parameters)
    return _from_responsibilities(x, np.eye(r.shape[1])[r.argmax(axis=1)])


def _step_without_weights(x, weights, means, deviations):
    return _em_step(x, np.full(len(weights), 1 / len(weights)), means, deviations)


def _step_over_the_data(x, *parameters):
    joint = np.exp(_log_joint(x, *parameters))
    return _from_responsibilities(x, joint / joint.sum(axis=0))


def _step_of_the_joint(x, *parameters):
    return _from_responsibilities(x, np.exp(_log_joint(x, *parameters)))


def _with_weights_of_sum_one(step, *inputs):
    weights, means, deviations = step(*inputs)
    return weights / weights.sum(), means, deviations


def _step_around_old_means(x, weights, means, deviations):
    return _from_responsibilities(x, _responsibilities(x, weights, means, deviations), old_means=means)


def _step_divided_by_n(x, *parameters):
    r = _responsibilities(x, *parameters)
    means = r.T @ x / len(x)
    return r.mean(axis=0), means, np.sqrt((r * (x[:, None] - means) ** 2).sum(axis=0) / len(x))


def _fish(rng):
    n, k = int(rng.integers(50, 80)), int(rng.integers(3, 6))
    components = np.append(np.arange(k), rng.integers(k, size=n - k))
    x = 3.0 * components + rng.normal(size=n)
    weights, order = rng.dirichlet(np.full(k, 3.0)), rng.permutation(k)
    return x, weights, (3.0 * np.arange(k) + 0.4 * rng.normal(size=k))[order], rng.uniform(0.8, 1.8, size=k)


EM_STEP = Exercise(
    reference=_em_step,
    inputs=_fish,
    mistakes=(
        Mistake(
            "hard counts",
            _hard_step,
            "you gave each datum wholly to its most probable component. That is another algorithm (hard EM, a relative "
            "of k-means), without EM's guarantee: let each datum be split, r of it to each.",
        ),
        Mistake(
            "no prior in the E-step",
            _step_without_weights,
            "your responsibilities ignore the weights: r is proportional to π N, not to N.",
        ),
        Mistake(
            "normalised over the data",
            _step_over_the_data,
            "your responsibilities sum to 1 over the *data*. Each datum should hand out one unit: normalise over the "
            "components, `axis=1`.",
        ),
        Mistake(
            "joint for posterior",
            _step_of_the_joint,
            "you weight with the joint p(x, k). Divide each row by its sum, to get p(k | x).",
        ),
        Mistake(
            "variance around the old mean",
            _step_around_old_means,
            "your spreads are measured around the *old* means. The M-step maximises over all parameters: use the new "
            "ones.",
        ),
        Mistake(
            "variances",
            lambda *inputs: _changed(lambda weights, means, deviations: (weights, means, deviations**2), *inputs),
            "your last array holds the variances. Asked for are deviations: take the root.",
        ),
        Mistake(
            "counts",
            lambda x, *parameters: _changed(
                lambda weights, means, deviations: (weights * len(x), means, deviations), x, *parameters
            ),
            "your first array holds the counts N_k. Divide by N: weights sum to 1.",
        ),
        Mistake(
            "divided by N",
            _step_divided_by_n,
            "you divided the sums by N. A weighted mean is divided by the sum of its weights, N_k.",
        ),
        Mistake(
            "nothing learnt",
            lambda x, weights, means, deviations: (weights, means, deviations),
            "these are the old parameters.",
        ),
        Mistake(
            "responsibilities",
            lambda x, *parameters: _responsibilities(x, *parameters),
            "these are the responsibilities: the E-step, and it is right. Now the M-step.",
        ),
    ),
    hints=(
        "E-step: `joint` is π N, shape (n, k); `r = joint / joint.sum(axis=1, keepdims=True)`.",
        "M-step: `counts = r.sum(axis=0)`, then `r.T @ x / counts`, then the weighted squares around these new means.",
    ),
)


REPAIRED_STEP = Exercise(
    reference=_em_step,
    inputs=_fish,
    mistakes=(
        Mistake(
            "as found",
            lambda *inputs: _with_weights_of_sum_one(_step_over_the_data, *inputs),
            "it still is the colleague's step. Print `r.sum(axis=0)` and `r.sum(axis=1)`: which of them should be all "
            "ones?",
        ),
        Mistake(
            "not normalised at all",
            lambda *inputs: _with_weights_of_sum_one(_step_of_the_joint, *inputs),
            "now r is proportional to the joint p(x, k), so crowded places still count more. Each *row* should sum "
            "to 1.",
        ),
        Mistake(
            "no prior",
            _step_without_weights,
            "each datum hands out one unit now, but the weights have got lost: `log_joint` was right with them.",
        ),
        Mistake(
            "hard counts",
            _hard_step,
            "each datum now goes wholly to one component. That sum is right, but EM splits: keep the responsibilities.",
        ),
        Mistake(
            "old means",
            _step_around_old_means,
            "the responsibilities are right now. But the spreads should be measured around the new means, as they were "
            "in the colleague's step.",
        ),
    ),
    hints=(
        "What does `r` add up to over the components, for one bird? And over the birds, for one component?",
        "`np.logaddexp.reduce(…, axis=…, keepdims=True)`: along which axis lie the components?",
    ),
)


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


def _log_evidence(log_likelihoods):
    return np.logaddexp.reduce(log_likelihoods, axis=0) - np.log(len(log_likelihoods))


def _literal_evidence(log_likelihoods):
    with np.errstate(divide="ignore", under="ignore"):
        return np.log(np.exp(log_likelihoods).mean(axis=0))


def _log_likelihoods(rng):
    offsets = np.array([900.0, 2.0, 5000.0, 10.0, 100.0, 40.0])[: int(rng.integers(5, 7))]
    return (3 * rng.normal(size=(int(rng.integers(7, 11)), len(offsets))) - offsets,)


LOG_EVIDENCE = Exercise(
    reference=_log_evidence,
    inputs=_log_likelihoods,
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
            "(f): p(x) is a density, and its unit matters. In kilograms, our birds had positive log-densities.",
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
