"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug, known_bug

STEP, SUM, EM, WIDE = (
    "em-at-work",
    "where-z-takes-few-values-p-x-is-a-sum",
    "em-guess-the-hidden-refit-repeat-2",
    "monte-carlo-right-on-average-and-useless",
)
MIXTURE = "course_lib/exact/gaussian_mixture.py"

BUGS = [
    LessonBug(
        "the components are not weighted in the distribution",
        f"{SUM}-4",
        "0.6 * stats.norm.cdf(x, 18, 2) + 0.4 *",
        "0.5 * stats.norm.cdf(x, 18, 2) + 0.5 *",
    ),
    LessonBug(
        "the ceiling is forgotten", "maximum-likelihood-moves-the-model-towards-the-2", "[-entropy - kl_1d(", "[-kl_1d("
    ),
    LessonBug(
        "the divergence is taken the other way round",
        "maximum-likelihood-moves-the-model-towards-the-2",
        "kl_1d(log_density(birds), log_density(model), 0, 50)",
        "kl_1d(log_density(model), log_density(birds), 0, 50)",
    ),
    LessonBug(
        "the derivative is divided by the deviation, not the variance",
        EM,
        "(weight - 22.0) / 9.0)",
        "(weight - 22.0) / 3.0)",
    ),
    LessonBug(
        "the joint forgets the prior",
        "why-the-likelihood-never-falls-2",
        "np.array([0.6, 0.4]) * stats.norm.pdf",
        "stats.norm.pdf",
    ),
    LessonBug(
        "the planted weights are changed over",
        f"{STEP}-6",
        "found.weights[order] - planted.weights",
        "found.weights[order[::-1]] - planted.weights",
    ),
    LessonBug(
        "the data term forgets the factor of the cross term",
        "where-z-is-continuous-p-x-is-an-integral-2",
        "- 2 * cross",
        "- cross",
    ),
    LessonBug(
        "the closed form keeps one axis too few", "maximum-likelihood-in-one-line-2", "num_latents=2)", "num_latents=1)"
    ),
    LessonBug(
        "the variance of a uniform number is taken for its deviation",
        "a-generative-model-of-digits-4",
        "np.sqrt(fits[56].variance) - 1 / np.sqrt(12)) < 0.05",
        "np.sqrt(fits[56].variance) - 1 / 12) < 0.05",
    ),
    LessonBug(
        "the second moment forgets to halve the variance",
        f"{WIDE}-2",
        "len(model.mean), model.variance / 2",
        "len(model.mean), model.variance",
    ),
    LessonBug(
        "the grid integrates p(x | z), not its square",
        f"{WIDE}-4",
        "lambda z: 2 * log_likelihood(wide",
        "lambda z: log_likelihood(wide",
    ),
    LessonBug(
        "the E-step forgets the prior",
        f"{STEP}-2",
        "        log_joint = self._log_joint(x)\n",
        "        log_joint = self._log_joint(x) - np.log(self.weights)\n",
        MIXTURE,
    ),
    LessonBug(
        "the M-step forgets the examples' shares",
        EM,
        "means = responsibilities.T @ x / shares[:, None]",
        "means = responsibilities.T @ x / len(x) + 0 * shares[:, None]",
        MIXTURE,
    ),
    LessonBug(
        "the logarithm is taken before the mean",
        "on-which-side-and-by-how-much-2",
        "np.logaddexp.reduce(terms, axis=1) - np.log(K) - gentle",
        "terms.mean(axis=1) - gentle",
    ),
    LessonBug(
        "the sum of the draws is never divided by their number",
        "more-latents-the-end-of-patience-2",
        "np.logaddexp.reduce(log_likelihood(model, x, z), axis=0) - np.log(K)",
        "np.logaddexp.reduce(log_likelihood(model, x, z), axis=0)",
        f"{WIDE}-4",
        (f"{WIDE}-4",),
    ),
    LessonBug(
        "the weight forgets the prior",
        "more-latents-the-end-of-patience-4",
        "log_weight += gaussian_log_density(z, np.zeros(16), np.eye(16)) - gaussian",
        "log_weight -= gaussian",
    ),
    known_bug("pPCA covariance divided by n − 1", "maximum-likelihood-in-one-line-2"),
]
