"""Bugs for the proofs of the lesson on probabilistic PCA and Monte Carlo."""

from tests.mutants.lesson_bug import LessonBug, known_bug

SOLVED, CLOSED, MONTE_CARLO, IMPORTANCE, MORE = (
    "the-integral-solved-2",
    "maximum-likelihood-in-one-line-2",
    "monte-carlo-a-mean-over-draws",
    "importance-sampling-draw-where-the-posterior-is-2",
    "more-latents-the-end-of-patience-2",
)
PPCA = "course_lib/exact/probabilistic_pca.py"

BUGS = [
    LessonBug("the data term forgets the factor of the cross term", SOLVED, "- 2 * z @", "- z @"),
    LessonBug(
        "the posterior's covariance forgets the noise",
        SOLVED,
        ".T).T, self.variance * np.linalg.inv(precision)",
        ".T).T, np.linalg.inv(precision)",
        PPCA,
    ),
    LessonBug("the closed form keeps one axis too few", CLOSED, "num_latents=2)", "num_latents=1)"),
    known_bug("pPCA covariance divided by n − 1", CLOSED),
    LessonBug(
        "the variance of a uniform number is taken for its deviation",
        "a-generative-model-of-digits-4",
        "np.sqrt(fits[56].variance) - 1 / np.sqrt(12)) < 0.05",
        "np.sqrt(fits[56].variance) - 1 / 12) < 0.05",
    ),
    LessonBug(
        "the second moment forgets to halve the variance",
        f"{MONTE_CARLO}-2",
        "len(model.mean), model.variance / 2",
        "len(model.mean), model.variance",
    ),
    LessonBug(
        "the grid integrates p(x | z), not its square",
        f"{MONTE_CARLO}-4",
        "lambda z: 2 * log_likelihood(wide",
        "lambda z: log_likelihood(wide",
    ),
    LessonBug(
        "the logarithm is taken before the mean",
        "on-which-side-and-by-how-much-2",
        "np.logaddexp.reduce(terms, axis=1) - np.log(K) - gentle",
        "terms.mean(axis=1) - gentle",
    ),
    LessonBug(
        "the weight forgets the prior",
        IMPORTANCE,
        "log_likelihood(wide, x, z)[:, 0] + gaussian_log_density(z, np.zeros(2), np.eye(2))",
        "log_likelihood(wide, x, z)[:, 0]",
    ),
    LessonBug(
        "the proposal's deviations are scaled in the draws only",
        IMPORTANCE,
        "log_q = gaussian_log_density(z, center, factor**2 * covariance)",
        "log_q = gaussian_log_density(z, center, covariance)",
    ),
    LessonBug(
        "the sum of the draws is never divided by their number",
        MORE,
        "np.logaddexp.reduce(log_likelihood(model, x, z), axis=0) - np.log(K)",
        "np.logaddexp.reduce(log_likelihood(model, x, z), axis=0)",
        f"{MONTE_CARLO}-4",
        (f"{MONTE_CARLO}-4",),
    ),
    LessonBug("the columns grow with L, too", MORE, "5 * basis[:, :L]", "np.sqrt(L) * 5 * basis[:, :L]"),
]
