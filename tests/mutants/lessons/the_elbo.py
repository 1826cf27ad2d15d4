"""Bugs for the proofs of the lesson of this name."""

from tests.mutants.lesson_bug import LessonBug, known_bug

MAP = "a-weight-on-the-rate-which-objectives-are-bounds-3"
THIRD, SECOND = "third-way-importance-weights", "variational-inference-an-integral-becomes-a"

BUGS = [
    LessonBug(
        "the divergence of dice is weighted by p instead of q",
        "never-negative-the-proof-2",
        "terms = dice_q *",
        "terms = dice_p *",
    ),
    LessonBug(
        "the cross-entropy is taken under p instead of q",
        "not-the-cross-entropy-2",
        "-p.logpdf(z), q.logpdf, -12, 12)",
        "-p.logpdf(z), p.logpdf, -12, 12)",
    ),
    LessonBug(
        "the variance is used for the deviation",
        "two-gaussians-no-integral-left-3",
        "np.exp(log_var_q / 2)",
        "np.exp(log_var_q)",
    ),
    LessonBug(
        "the draws have the variance for a deviation",
        "two-gaussians-no-integral-left-5",
        "mean + np.exp(0.5 * log_var)",
        "mean + np.exp(log_var)",
    ),
    LessonBug(
        "the expression as found is given its missing term",
        "a-divergence-that-goes-to-minus-infinity-4",
        "return -0.5 * (1 + mean**2 - np.exp(log_var))",
        "return -0.5 * (1 + log_var - mean**2 - np.exp(log_var))",
        "a-divergence-that-goes-to-minus-infinity-2",
        ("a-divergence-that-goes-to-minus-infinity-2",),
    ),
    LessonBug(
        "forward minimises the reverse divergence",
        "two-directions-two-characters-5",
        '("forward", forward, 1.0)',
        '("forward", reverse, 1.0)',
        "two-directions-two-characters-3",
        ("two-directions-two-characters-3",),
    ),
    LessonBug(
        "the gap is taken the other way round",
        f"{SECOND}-5",
        "kl_1d(q.logpdf, posterior.logpdf",
        "kl_1d(posterior.logpdf, q.logpdf",
    ),
    LessonBug(
        "the ELBO forgets half of the rate",
        f"{SECOND}-7",
        "evidence - pca.elbo(images, mean, log_var) - gap",
        "evidence - pca.elbo(images, mean, 0.5 * log_var) - gap",
    ),
    LessonBug("the width costs twice", f"{SECOND}-10", "/ (2 * pca.variance)", "/ pca.variance"),
    LessonBug(
        "the weights forget the prior", f"{THIRD}-2", "log_weights = log_joint(z)", "log_weights = log_likelihood(z)"
    ),
    LessonBug(
        "half the relative variance without its square", f"{THIRD}-4", "- 1) ** 2, q.logpdf", "- 1) ** 1, q.logpdf"
    ),
    LessonBug(
        "the best variances are the posterior's entries",
        "the-encoder-an-approximate-posterior-3",
        "best_variance * np.diag(precision), 1",
        "best_variance / np.diag(true_covariance), 1",
    ),
    LessonBug(
        "the encoder gives both latents one variance",
        "who-finds-the-parameters-2",
        "np.tile(phi[8:], (len(x), 1))",
        "np.tile(phi[8:9], (len(x), 2))",
    ),
    LessonBug(
        "the best variances are the posterior's own, for every angle",
        "what-the-bound-does-to-the-model-2",
        "-np.log(np.diag(its_precision))",
        "np.log(np.diag(its_covariance))",
    ),
    LessonBug("the rate is not halved", MAP, "rate = 0.5 *", "rate = 1.0 *"),
    LessonBug(
        "the slope is read per decade",
        "which-terms-have-an-end-6",
        "np.log(variances[10] / variances[0])",
        "np.log10(variances[10] / variances[0])",
    ),
    LessonBug(
        "the direction keeps its whole variance, the noise comes on top",
        "which-terms-have-an-end-6",
        "np.linalg.eigh(np.cov(full.T, bias=True))",
        "np.linalg.eigh(np.cov(full.T, bias=False) * 2)",
        "which-terms-have-an-end-4",
        ("which-terms-have-an-end-4",),
    ),
    known_bug("KL with the wrong variance below", "two-gaussians-no-integral-left-3"),
    known_bug("KL averaged over latents", "two-gaussians-no-integral-left-5"),
    known_bug("Gaussian without its constant", f"{SECOND}-10"),
    known_bug("pPCA's ELBO without the spread", f"{SECOND}-7"),
]
