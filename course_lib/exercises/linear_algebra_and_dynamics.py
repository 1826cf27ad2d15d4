"""Exercises of linear algebra and dynamics: covariance, projection, trace, and the eigenvalues of iterations."""

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake


def _covariance(x):
    centred = x - x.mean(axis=0)
    return centred.T @ centred / len(x)


def _correlation(x):
    standardised = (x - x.mean(axis=0)) / x.std(axis=0)
    return standardised.T @ standardised / len(x)


def _measured_leaves(rng):
    n, d = int(rng.integers(6, 12)), int(rng.integers(2, 5))
    return (rng.uniform(1, 5, size=d) + rng.normal(size=(n, d)) @ rng.normal(size=(d, d)),)


COVARIANCE = Exercise(
    reference=_covariance,
    inputs=_measured_leaves,
    mistakes=(
        Mistake(
            "not centred",
            lambda x: x.T @ x / len(x),
            "the mean is still in it: subtract `x.mean(axis=0)` from each row first.",
        ),
        Mistake(
            "divided by n − 1",
            lambda x: _covariance(x) * len(x) / (len(x) - 1),
            "you divided by n − 1 (as `np.cov` does, unless it is told `bias=True`). The formula divides by n.",
        ),
        Mistake("not divided", lambda x: _covariance(x) * len(x), "you have the sum over the rows. Divide it by n."),
        Mistake(
            "divided by d",
            lambda x: _covariance(x) * len(x) / x.shape[1],
            "you divided by the number of coordinates. The mean is taken over the n rows.",
        ),
        Mistake(
            "rows for columns",
            lambda x: (x - x.mean(axis=0)) @ (x - x.mean(axis=0)).T / len(x),
            "the result should be (d, d), and yours is (n, n): one row per *coordinate*, so the transposed array "
            "comes first.",
        ),
        Mistake(
            "centred along the rows",
            lambda x: (x - x.mean(axis=1, keepdims=True)).T @ (x - x.mean(axis=1, keepdims=True)) / len(x),
            "you subtracted from each row the mean of its own entries. The mean μ is one row: `x.mean(axis=0)`.",
        ),
        Mistake(
            "one mean for all",
            lambda x: (x - x.mean()).T @ (x - x.mean()) / len(x),
            "you subtracted one number from all entries. Each coordinate has its own mean: `axis=0`.",
        ),
        Mistake(
            "correlation", _correlation, "these are correlations: you divided by the deviations, which S does not."
        ),
        Mistake(
            "variances only",
            lambda x: x.var(axis=0),
            "these are the variances, the diagonal of S. The covariances off the diagonal are missing.",
        ),
        Mistake(
            "diagonal only",
            lambda x: np.diag(x.var(axis=0)),
            "the diagonal is right. Off it you have zeros, as if no two coordinates rose together.",
        ),
    ),
    hints=(
        "`centred = x - x.mean(axis=0)`, shape (n, d).",
        "The sum of the products of rows i and j over all leaves is one matrix product, `centred.T @ centred`.",
    ),
)


def _project(x, mean, axes):
    return mean + (x - mean) @ axes @ axes.T


def _points_and_axes(rng):
    d = int(rng.integers(4, 7))
    k, n = int(rng.integers(1, d - 1)), int(rng.integers(7, 12))
    axes = np.linalg.qr(rng.normal(size=(d, k)))[0]
    return rng.normal(size=(n, d)) + 2.0, rng.uniform(1, 3, size=d), axes


PROJECT = Exercise(
    reference=_project,
    inputs=_points_and_axes,
    mistakes=(
        Mistake(
            "not centred",
            lambda x, mean, axes: x @ axes @ axes.T,
            "that is the projection onto a plane through 0. Yours should go through the mean: subtract it first, and "
            "add it in the end.",
        ),
        Mistake(
            "mean not added",
            lambda x, mean, axes: (x - mean) @ axes @ axes.T,
            "the mean was subtracted and never added again: your plane goes through 0.",
        ),
        Mistake(
            "mean added, not subtracted",
            lambda x, mean, axes: mean + x @ axes @ axes.T,
            "you added the mean without subtracting it first.",
        ),
        Mistake(
            "codes",
            lambda x, mean, axes: (x - mean) @ axes,
            "these are the k codes of each point. Multiply by `axes.T` and add the mean, to get back to d coordinates.",
        ),
        Mistake(
            "the rest",
            lambda x, mean, axes: x - _project(x, mean, axes),
            "that is what is left over, at right angles to the plane. The projection is the other part.",
        ),
        Mistake(
            "removed",
            lambda x, mean, axes: x - (x - mean) @ axes @ axes.T,
            "you removed the directions of `axes` and kept the others. It should be the other way round.",
        ),
        Mistake(
            "own mean",
            lambda x, mean, axes: _project(x, x.mean(axis=0), axes),
            "you used the mean of these rows. `mean` is handed over: it may come from other data.",
        ),
        Mistake(
            "first axis only",
            lambda x, mean, axes: _project(x, mean, axes[:, :1]),
            "you used the first axis only. All k columns span the plane.",
        ),
    ),
    hints=(
        "For one row: μ + U Uᵀ (x − μ). For rows, transpose: (x − μ) U Uᵀ.",
        "`(x - mean) @ axes` has shape (n, k); `… @ axes.T` brings it back to (n, d).",
    ),
)

LEFT_OVER = Exercise(
    reference=1.5,
    rtol=0.003,
    mistakes=(
        Mistake(
            "the last one",
            0.5,
            "0.5 is the fourth eigenvalue: right, from the trace. A plane keeps *two* directions, so two are left out.",
        ),
        Mistake(
            "the third one",
            1.0,
            "the third eigenvalue is left out, and so is the fourth, which the trace tells you: all four sum to 10.",
        ),
        Mistake("kept", 8.5, "that is what the plane keeps. Subtract it from the trace."),
        Mistake(
            "coordinates",
            2.0,
            "you left out the two coordinates of smallest variance. The best plane is spanned by eigenvectors, and "
            "loses less.",
        ),
        Mistake("share", 0.15, "that is the lost *share* of the total variance. Asked for is the squared distance."),
        Mistake("share kept", 0.85, "that is the share that is kept."),
        Mistake("root", np.sqrt(1.5), "you took the root. The squared distance is asked for."),
        Mistake("a line", 4.0, "that is what a *line* loses. A plane keeps two eigenvectors."),
        Mistake(
            "three kept", 9.5, "that is the sum of the three eigenvalues given. Which ones does a plane leave out?"
        ),
    ),
    hints=(
        "The trace is 5 + 3 + 1 + 1 = 10, and it is the sum of all four eigenvalues.",
        "A plane keeps the two largest eigenvalues. What is left of the trace?",
    ),
)

FATES = Exercise(
    reference={"A": "grows", "B": "contracts", "C": "contracts", "D": "circles"},
    words=("contracts", "circles", "grows"),
    mistakes=(
        Mistake(
            "A by its entries",
            Entry("A", "contracts"),
            "(A): all entries are below 1, but what does A make of the vector (1, 1)?",
        ),
        Mistake("A circles", Entry("A", "circles"), "(A) is symmetric: its eigenvalues are real, so nothing turns."),
        Mistake(
            "B turns",
            Entry("B", "circles"),
            "(B) turns, by 45° a step. Its eigenvalues are 0.6 ± 0.6i: what is their modulus?",
        ),
        Mistake(
            "B grows",
            Entry("B", "grows"),
            "(B): the modulus of 0.6 ± 0.6i is the *root* of 0.36 + 0.36, not 0.6 + 0.6.",
        ),
        Mistake(
            "C by its entries",
            Entry("C", "grows"),
            "(C): the 4 makes the distance grow at first. In the end the eigenvalues decide; those of a triangular "
            "matrix stand on its diagonal.",
        ),
        Mistake("C circles", Entry("C", "circles"), "(C) is triangular: its eigenvalues are real, twice 0.5."),
        Mistake(
            "D by its entries",
            Entry("D", "contracts"),
            "(D): its entries are below 1. Its eigenvalues are 0.6 ± 0.8i: what is their modulus?",
        ),
        Mistake("D grows", Entry("D", "grows"), "(D): the modulus of 0.6 ± 0.8i is √(0.36 + 0.64)."),
    ),
    hints=(
        "For [[a, b], [b, a]] the eigenvalues are a ± b; for [[a, −b], [b, a]] they are a ± ib, of modulus √(a² + b²).",
        "A triangular matrix has its eigenvalues on the diagonal.",
    ),
)

LARGEST_STEP = Exercise(
    reference=2 / 7,
    rtol=0.01,
    mistakes=(
        Mistake(
            "one over",
            1 / 7,
            "with 1/λ the steepest direction arrives in a single step. It may overshoot and still converge, up to "
            "twice that.",
        ),
        Mistake(
            "the flattest",
            1.0,
            "that is 2 over the *smallest* eigenvalue. The steep direction would diverge: 1 − 7h = −6.",
        ),
        Mistake(
            "the trace",
            2 / 9,
            "that is 2 over the sum of the eigenvalues. It converges (fastest of all, even), but it is not the limit.",
        ),
        Mistake(
            "the diagonal",
            1 / 3,
            "you took 6, the largest entry of the diagonal. The steepest direction is an eigenvector, and steeper.",
        ),
        Mistake(
            "the deviation", 2 / np.sqrt(7), "you took the root of the eigenvalue. It stands there as it is: 1 − hλ."
        ),
        Mistake("inverse", 3.5, "that is λ/2. A steeper bowl needs a *smaller* step: 2/λ."),
        Mistake("the eigenvalue", 7.0, "7 is the largest eigenvalue. Now: for which h is |1 − 7h| below 1?"),
    ),
    hints=(
        "The eigenvalues sum to the trace, 9, and multiply to the determinant, 14.",
        "|1 − hλ| < 1 for both of them: the larger one decides.",
    ),
)


def _spectral_radius(jacobian):
    return np.abs(np.linalg.eigvals(jacobian)).max()


def _turning(rng):
    d = int(rng.integers(3, 6))
    return (rng.normal(size=(d, d)) / np.sqrt(d),)


def _special_steps():
    turned = np.array([[0.0, -1.2], [1.2, 0.0]])
    return [(turned,), (np.array([[0.5, 4.0], [0.0, 0.5]]),), (np.diag([-1.5, 0.2, 1.1]),), (np.diag([0.3, -0.9]),)]


SPECTRAL_RADIUS = Exercise(
    reference=_spectral_radius,
    inputs=_turning,
    edges=_special_steps,
    mistakes=(
        Mistake(
            "no modulus",
            lambda jacobian: np.linalg.eigvals(jacobian).max(),
            "eigenvalues may be complex, and `max` of complex numbers takes the one with the largest real part. Take "
            "each modulus first, `np.abs`.",
        ),
        Mistake(
            "largest real part",
            lambda jacobian: np.linalg.eigvals(jacobian).real.max(),
            "that is the largest real part. What counts for a step is the distance from 0 in the complex plane, "
            "`np.abs`; and −1.5 is farther than 1.1.",
        ),
        Mistake(
            "modulus of the real parts",
            lambda jacobian: np.abs(np.linalg.eigvals(jacobian).real).max(),
            "you dropped the imaginary parts: a pure turn by 90° would have the modulus 0.",
        ),
        Mistake(
            "symmetric only",
            lambda jacobian: np.abs(np.linalg.eigvalsh(jacobian)).max(),
            "`eigvalsh` and `eigh` read one triangle and take the matrix for symmetric. A Jacobian need not be: "
            "`eigvals`.",
        ),
        Mistake(
            "spectral norm",
            lambda jacobian: np.linalg.norm(jacobian, 2),
            "that is the largest *singular* value, the most that one step can stretch. In the long run the "
            "eigenvalues decide.",
        ),
        Mistake(
            "Frobenius norm",
            lambda jacobian: np.linalg.norm(jacobian),
            "`np.linalg.norm` gives the root of the sum of all squared entries. Take eigenvalues.",
        ),
        Mistake(
            "the smallest",
            lambda jacobian: np.abs(np.linalg.eigvals(jacobian)).min(),
            "that is the smallest modulus. In the end the largest wins.",
        ),
        Mistake(
            "all of them",
            lambda jacobian: np.abs(np.linalg.eigvals(jacobian)),
            "these are all moduli. Asked for is the largest.",
        ),
        Mistake(
            "root of the determinant",
            lambda jacobian: np.abs(np.linalg.det(jacobian)) ** (1 / len(jacobian)),
            "the determinant is the *product* of all eigenvalues, so its root is a mean of them, not the largest.",
        ),
    ),
    hints=(
        "`np.linalg.eigvals` gives complex numbers, where there are any.",
        "`np.abs` of a complex number is its modulus.",
    ),
)
