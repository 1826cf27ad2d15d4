"""Bugs for the proofs of the lesson on mixtures and EM."""

from tests.mutants.lesson_bug import LessonBug

SUM, LIKELIHOOD, BOUND, STEP, WRONG = (
    "where-z-takes-few-values-p-x-is-a-sum-4",
    "maximum-likelihood-moves-the-model-towards-the-2",
    "a-lower-bound-that-touches-2",
    "em-at-work",
    "five-wrong-programs",
)
MIXTURE = "course_lib/exact/gaussian_mixture.py"

BUGS = [
    LessonBug(
        "the components are not weighted in the distribution",
        SUM,
        "0.6 * stats.norm.cdf(x, 18, 2) + 0.4 *",
        "0.5 * stats.norm.cdf(x, 18, 2) + 0.5 *",
    ),
    LessonBug("the ceiling is forgotten", LIKELIHOOD, "[-entropy - kl_1d(", "[-kl_1d("),
    LessonBug(
        "the divergence is taken the other way round",
        LIKELIHOOD,
        "kl_1d(log_density(birds), log_density(model), 0, 50)",
        "kl_1d(log_density(model), log_density(birds), 0, 50)",
    ),
    LessonBug("the bound forgets the entropy of q", BOUND, " - np.log(held))", ")"),
    LessonBug(
        "q is no posterior",
        BOUND,
        "start.responsibilities(weight[:, None])",
        "np.full((len(weight), 2), 0.5)",
    ),
    LessonBug(
        "the M-step forgets the examples' shares",
        BOUND,
        "means = responsibilities.T @ x / shares[:, None]",
        "means = responsibilities.T @ x / len(x) + 0 * shares[:, None]",
        MIXTURE,
    ),
    LessonBug(
        "the E-step forgets the prior",
        f"{STEP}-2",
        "        log_joint = self._log_joint(x)\n",
        "        log_joint = self._log_joint(x) - np.log(self.weights)\n",
        MIXTURE,
    ),
    LessonBug(
        "the planted weights are changed over",
        f"{STEP}-5",
        "found.weights[order] - planted.weights",
        "found.weights[order[::-1]] - planted.weights",
    ),
    LessonBug(
        "fresh points are the training points",
        f"{STEP}-5",
        "fresh = planted.sample(20_000, seed=run.seed + 2)",
        "fresh = points",
    ),
    LessonBug(
        "the right step forgets 1 / σ",
        f"{WRONG}-3",
        "/ deviations) ** 2) / deviations",
        "/ deviations) ** 2)",
        f"{WRONG}-2",
        (f"{WRONG}-2",),
    ),
    LessonBug(
        "the E-step without the prior has it",
        f"{WRONG}-3",
        'np.full(2, 0.5) if bug == "E-step without the prior" else weights',
        "weights",
        f"{WRONG}-2",
        (f"{WRONG}-2",),
    ),
    LessonBug(
        "the step has the length of the deviation, not of the variance",
        "em-and-the-gradient-2",
        "length = 9.0 /",
        "length = 3.0 /",
    ),
]
