"""Bugs for the proofs of the lesson on linear algebra and dynamics."""

from tests.mutants.lesson_bug import LessonBug

CLOUD, PLANES, LONG_RUN, PLAYERS, FAR = (
    "a-cloud-has-a-width-in-every-direction-3",
    "projecting-onto-a-line-5",
    "where-does-an-iteration-go-5",
    "one-player-descends-two-players-circle-2",
    "how-long-a-step-may-be-and-what-the-jacobian-3",
)

BUGS = [
    LessonBug("the covariance is divided by n − 1", CLOUD, "np.cov(leaves.T, bias=True)", "np.cov(leaves.T)"),
    LessonBug("the covariances are left out", CLOUD, "(S @ directions)", "(np.diag(np.diag(S)) @ directions)"),
    LessonBug(
        "the directions are not of length 1",
        CLOUD,
        "np.stack([np.cos(angles), np.sin(angles)])",
        "np.stack([np.ones_like(angles), np.sin(angles)])",
    ),
    LessonBug("the smallest eigenvectors are kept", PLANES, "vectors[:, -k:]", "vectors[:, :k]"),
    LessonBug("rows are taken for eigenvectors", PLANES, "vectors[:, -k:]", "vectors[-k:].T"),
    LessonBug(
        "the real part is taken for the modulus",
        LONG_RUN,
        "np.abs(np.linalg.eigvals(J)).max()",
        "np.linalg.eigvals(J).real.max()",
    ),
    LessonBug("a hundred steps are counted as two hundred", LONG_RUN, "** (1 / 100)", "** (1 / 200)"),
    LessonBug("the limit of the step is 1 / λ", PLAYERS, "limit = 2 / 6", "limit = 1 / 6"),
    LessonBug("the players move in turn", PLAYERS, "[[1.0, -h], [h, 1.0]]", "[[1.0, -h], [h, 1.0 - h**2]]"),
    LessonBug("the modulus is not a root", PLAYERS, "(1 + h**2) ** 150", "(1 + h**2) ** 300"),
    LessonBug(
        "the real part rules near the fixed point",
        FAR,
        "np.abs(np.linalg.eigvals(A)).max()",
        "np.linalg.eigvals(A).real.max()",
    ),
    LessonBug("the iteration is linear everywhere", FAR, "np.tanh(A @ orbit[-1])", "A @ orbit[-1]"),
]
