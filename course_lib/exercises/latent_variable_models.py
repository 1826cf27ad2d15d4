"""Exercises of latent-variable models: mixtures, maximum likelihood, EM and its bound."""

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
        *(
            Mistake(
                f"{tiny:g} in the logarithm",
                lambda *garden, tiny=tiny: np.log(np.exp(_log_marginal(*garden)) + tiny),
                f"the {tiny:g} that you added keeps the logarithm finite, and invents a density of {tiny:g} "
                "everywhere: every pigeon costs the same. Stay in logarithms.",
            )
            for tiny in (1e-12, 1e-10, 1e-8, 1e-300)
        ),
        Mistake(
            "maximum not added back",
            lambda *garden: _log_marginal(*garden) - _log_joint(*garden).max(axis=1),
            "you subtracted the largest term, which is wise. Add it again after the logarithm.",
        ),
        Mistake(
            "no half",
            lambda x, weights, means, deviations: (
                _log_marginal(x, weights, means, deviations / np.sqrt(2)) - 0.5 * np.log(2)
            ),
            "the ½ in the exponent is missing: −½ ((x − μ)/σ)².",
        ),
        Mistake(
            "divided by 2σ",
            lambda x, weights, means, deviations: np.logaddexp.reduce(
                np.log(weights)
                - (x[:, None] - means) ** 2 / (2 * deviations)
                - np.log(deviations * np.sqrt(2 * np.pi)),
                axis=1,
            ),
            "you divided the squared distance by 2σ. It is 2σ².",
        ),
        Mistake(
            "log σ added",
            lambda x, weights, means, deviations: np.logaddexp.reduce(
                _log_joint(x, weights, means, deviations) + 2 * np.log(deviations), axis=1
            ),
            "log σ has the wrong sign: the Gaussian is divided by σ.",
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


def _step_with_smaller_counts(x, *parameters):
    counts = _responsibilities(x, *parameters).sum(axis=0)
    weights, means, deviations = _em_step(x, *parameters)
    return weights, means, deviations * np.sqrt(counts / (counts - 1))


def _step_with_new_responsibilities(x, weights, means, deviations):
    new_weights, new_means, _ = _em_step(x, weights, means, deviations)
    r = _responsibilities(x, weights, new_means, deviations)
    return new_weights, new_means, np.sqrt((r * (x[:, None] - new_means) ** 2).sum(axis=0) / r.sum(axis=0))


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
            "another order",
            lambda *inputs: _changed(lambda weights, means, deviations: (means, deviations, weights), *inputs),
            "the three arrays are right, in another order: weights, means, deviations.",
        ),
        Mistake(
            "means first",
            lambda *inputs: _changed(lambda weights, means, deviations: (means, weights, deviations), *inputs),
            "the first two arrays are exchanged: the weights come first.",
        ),
        Mistake(
            "σ for σ² in the E-step",
            lambda x, weights, means, deviations: _from_responsibilities(
                x, _responsibilities(x, weights, means, np.sqrt(deviations))
            ),
            "your E-step uses the deviations as variances: the exponent is −(x − μ)² / 2σ².",
        ),
        Mistake(
            "no 1/σ in the E-step",
            lambda x, weights, means, deviations: _from_responsibilities(
                x, _responsibilities(x, weights * deviations, means, deviations)
            ),
            "the 1/σ of the Gaussians is missing in the E-step. It does not cancel: the components differ in it.",
        ),
        Mistake(
            "divided by N_k − 1",
            _step_with_smaller_counts,
            "you divided the squares by N_k − 1. The maximum of the likelihood divides by N_k.",
        ),
        Mistake(
            "only the means",
            lambda x, weights, means, deviations: (weights, _em_step(x, weights, means, deviations)[1], deviations),
            "the means are right. The weights and the deviations are still the old ones.",
            whole=True,
        ),
        Mistake(
            "weights as before",
            lambda x, weights, means, deviations: (weights, *_em_step(x, weights, means, deviations)[1:]),
            "the weights are the old ones. They are refitted, too: N_k / N.",
        ),
        Mistake(
            "deviations as before",
            lambda x, weights, means, deviations: (*_em_step(x, weights, means, deviations)[:2], deviations),
            "the deviations are the old ones. They are refitted, too.",
        ),
        Mistake(
            "two steps",
            lambda x, *parameters: _em_step(x, *_em_step(x, *parameters)),
            "you made two steps. One is asked for.",
        ),
        Mistake(
            "E-step in between",
            _step_with_new_responsibilities,
            "you computed the responsibilities again, with the new means, before the spreads. They are *held fixed* "
            "during the M-step.",
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


_GAP = 0.5 * np.log(0.5 / 0.8) + 0.5 * np.log(0.5 / 0.2)

GAP = Exercise(
    reference=_GAP,
    rtol=0.02,
    mistakes=(
        Mistake(
            "the other way round",
            0.8 * np.log(0.8 / 0.5) + 0.2 * np.log(0.2 / 0.5),
            "that is KL(posterior ‖ q). The gap is KL(q ‖ posterior): the mean is taken under q.",
        ),
        Mistake("sign", -_GAP, "a bound lies *below*, and we ask by how much: the number is positive."),
        Mistake("bits", _GAP / np.log(2), "that is in bits. Nats come from the natural logarithm."),
        Mistake("no gap", 0.0, "the gap is 0 only where q is the posterior, and (0.5, 0.5) is not."),
        Mistake("a sum", 2 * _GAP, "you added the two log-ratios. Their *mean* under q has the weights 0.5 and 0.5."),
        Mistake(
            "first term", 0.5 * np.log(0.5 / 0.8), "that is the term of A alone (it is negative). Add the one of B."
        ),
        Mistake("second term", 0.5 * np.log(0.5 / 0.2), "that is the term of B alone. Add the one of A."),
        Mistake("distance", 0.3, "0.3 is how far the probabilities are apart. The gap is a divergence, in nats."),
        Mistake("log 2", np.log(2), "log 2 is the entropy of q. The gap compares q with the posterior."),
        Mistake("squares", 0.18, "that is the sum of the squared differences. The gap is a divergence, in nats."),
    ),
    hints=(
        "KL(q ‖ p) = Σ q log (q / p), with q = (0.5, 0.5) and p = (0.8, 0.2).",
        "0.5 log (0.5 / 0.8) + 0.5 log (0.5 / 0.2).",
    ),
)

VERDICTS = Exercise(
    reference={"a": "guilty", **dict.fromkeys("bcde", "not proven")},
    words=("guilty", "not proven"),
    mistakes=(
        Mistake(
            "a rounding",
            Entry("a", "not proven"),
            "(a): 0.02 nats are no rounding. Which of the three steps of the chain would have to fail?",
        ),
        Mistake(
            "a rise acquits",
            Entry("b", "guilty"),
            "(b): a rise is what a correct program shows. It does not prove it right, but it convicts nobody.",
        ),
        Mistake(
            "over-fitting",
            Entry("c", "guilty"),
            "(c): the theorem is about the data that EM is fitted to. On other data a fall is over-fitting.",
        ),
        Mistake(
            "another step",
            Entry("d", "guilty"),
            "(d): with the 0.001 the M-step no longer maximises F, so the theorem says nothing exact about it.",
        ),
        Mistake(
            "positive",
            Entry("e", "guilty"),
            "(e): p(x) is a density and may exceed 1. Remember the birds in kilograms.",
        ),
    ),
    hints=(
        "The theorem: an exact EM step never lowers the exact likelihood of the data it is fitted to. What follows?",
    ),
)
