"""Exercises of stability and mode collapse: spirals, eigenvalues, R1, spectral norms, modes and packs."""

import numpy as np

from course_lib.exercises.engine import Exercise, Mistake

_STEP = 0.2

PREDICTED_SPIRAL = Exercise(
    reference=(1 + _STEP**2 / 4) ** 50,
    rtol=0.003,
    mistakes=(
        Mistake("one step", (1 + _STEP**2 / 4) ** 0.5, "that is the growth of *one* step. A hundred of them multiply."),
        Mistake("circles", 1.0, "that would be a circle. Each step adds something *across* the radius: Pythagoras."),
        Mistake(
            "no root",
            (1 + _STEP**2 / 4) ** 100,
            "the *square* of the radius grows by 1 + h²/4 in a step. Take the root.",
        ),
        Mistake("slope one", (1 + _STEP**2) ** 50, "near (0, 0) the slope f′(0) is 1/2, not 1."),
        Mistake("added up", 1 + 100 * _STEP**2 / 8, "you added the growth of 100 steps. Factors multiply."),
        Mistake("shrinks", (1 + _STEP**2 / 4) ** -50, "the radius grows: the factor is above 1."),
    ),
    hints=("One step multiplies the radius by √(1 + h²/4), with h = 0.2.", "100 steps: (1 + h²/4) to the power of 50."),
)


def _players(step_size):
    generator = np.array([[1.0, -step_size / 2], [0.0, 1.0]])
    discriminator = np.array([[1.0, 0.0], [step_size / 2, 1.0]])
    return generator, discriminator


def _alternating(step_size):
    generator, discriminator = _players(step_size)
    return generator @ discriminator


def _generator_first(step_size):
    generator, discriminator = _players(step_size)
    return discriminator @ generator


ALTERNATING_JACOBIAN = Exercise(
    reference=_alternating,
    inputs=lambda rng: (float(rng.uniform(0.3, 3.0)),),
    mistakes=(
        Mistake(
            "simultaneous",
            lambda h: np.array([[1.0, -h / 2], [h / 2, 1.0]]),
            "that is the *simultaneous* step: its generator looks at the old ψ. It should look at the new one.",
        ),
        Mistake(
            "generator first",
            _generator_first,
            "the matrix on the right acts first. The discriminator moves first, so its matrix stands on the right.",
        ),
        Mistake(
            "sum of the moves",
            lambda h: sum(_players(h)),
            "you added the two matrices. Moves that follow each other multiply.",
        ),
        Mistake(
            "entry by entry",
            lambda h: np.prod(_players(h), axis=0),
            "`*` multiplies entry by entry. The product of two maps is `@`.",
        ),
        Mistake(
            "wrong direction",
            lambda h: _alternating(-h),
            "both signs are turned round: the generator goes down, against ψ, the discriminator up, along θ.",
        ),
        Mistake("slope one", lambda h: _alternating(2 * h), "near (0, 0) the slope f′(0) is 1/2: h/2, not h."),
    ),
    hints=(
        "The generator's matrix leaves ψ alone: its second row is (0, 1). Which row of the discriminator's is (1, 0)?",
        "generator @ discriminator: the right one acts first.",
    ),
)

BEST_GAMMA = Exercise(
    reference=1.0,
    rtol=0.03,
    mistakes=(
        Mistake("the lower border", 0.125, "h/4 is where it *stops growing*: modulus 1, no convergence."),
        Mistake("the upper border", 2 / 0.5 + 0.5 / 8, "that is where it flies apart again: modulus 1."),
        Mistake("none", 0.0, "without R1 it does not converge at all."),
        Mistake(
            "twice as much",
            2.0,
            "beyond γ = 1 the two eigenvalues are real and part: one shrinks, but the *larger* one grows. What counts "
            "is the larger.",
        ),
        Mistake(
            "where the root vanishes",
            (1 + 0.25 / 4) / 0.5,
            "there √(1 − hγ + h²/4) would be 0, but the formula holds only while the eigenvalues are complex, γ < 1.",
        ),
    ),
    hints=(
        "Compute eigenvalue_moduli(DiracGAN(0.5, gamma).simultaneous_jacobian())[0] for many γ and take the smallest.",
        "While the eigenvalues are complex, more γ is better. When do they become real?",
    ),
)


def _slope_of_network(x, weights, bias, v):
    return ((1 - np.tanh(x @ weights + bias) ** 2) * v) @ weights.T  # (batch, inputs)


def _r1(x, weights, bias, v, gamma):
    return 0.5 * gamma * np.square(_slope_of_network(x, weights, bias, v)).sum(axis=1)


def _by_weights(x, weights, bias, v, gamma):
    return 0.5 * gamma * np.square(np.tanh(x @ weights + bias)).sum(axis=1)


def _a_small_network(rng):
    n, d, units = (int(size) for size in rng.integers((5, 3, 5), (9, 7, 9)))
    x, weights = rng.normal(size=(n, d)), rng.normal(size=(d, units)) / np.sqrt(d)
    return x, weights, rng.normal(size=units), rng.normal(size=units) * 2, float(rng.uniform(1.5, 9.0))


R1_PENALTY = Exercise(
    reference=_r1,
    inputs=_a_small_network,
    mistakes=(
        Mistake(
            "as found",
            _by_weights,
            "that is still the gradient with respect to v, a *weight*. R1 asks how D changes when the *image* moves.",
        ),
        Mistake(
            "weight decay",
            lambda x, weights, bias, v, gamma: np.full(
                len(x), 0.5 * gamma * (np.square(weights).sum() + np.square(v).sum())
            ),
            "that is weight decay: it knows nothing of x. R1 is the slope of D *at the data*.",
        ),
        Mistake(
            "without the half",
            lambda x, weights, bias, v, gamma: 2 * _r1(x, weights, bias, v, gamma),
            "the paper's R1 has γ/2 in front.",
        ),
        Mistake(
            "not squared",
            lambda x, weights, bias, v, gamma: 0.5 * gamma * np.sqrt(2 * _r1(x, weights, bias, v, gamma) / gamma),
            "that is the *length* of the gradient. R1 takes its square: a kink at 0 would not come to rest.",
        ),
        Mistake(
            "slope one wanted",
            lambda x, weights, bias, v, gamma: (
                0.5 * gamma * (np.linalg.norm(_slope_of_network(x, weights, bias, v), axis=1) - 1) ** 2
            ),
            "that wants the slope to be 1, as in WGAN-GP. R1 wants it to be 0 at the data.",
        ),
        Mistake(
            "one number",
            lambda x, weights, bias, v, gamma: _r1(x, weights, bias, v, gamma).mean(),
            "one value for each example: the mean over the batch is taken once, in the loss.",
        ),
        Mistake(
            "mean over inputs",
            lambda x, weights, bias, v, gamma: _r1(x, weights, bias, v, gamma) / x.shape[1],
            "you averaged over the coordinates of x. The squared length of a vector is a *sum*.",
        ),
        Mistake(
            "gradient of the mean",
            lambda x, weights, bias, v, gamma: np.full(
                len(x), 0.5 * gamma * np.square(_slope_of_network(x, weights, bias, v).mean(axis=0)).sum()
            ),
            "you averaged the gradients first, where opposite slopes cancel. Square each example's own.",
        ),
        Mistake(
            "slope of tanh without its square",
            lambda x, weights, bias, v, gamma: (
                0.5 * gamma * np.square(((1 - np.tanh(x @ weights + bias)) * v) @ weights.T).sum(axis=1)
            ),
            "the derivative of tanh is 1 − tanh², with a square.",
        ),
        Mistake(
            "v forgotten",
            lambda x, weights, bias, v, gamma: _r1(x, weights, bias, np.ones_like(v), gamma),
            "v is missing: D is v · hidden, so each unit's slope is multiplied by its v.",
        ),
        Mistake(
            "tanh without its slope",
            lambda x, weights, bias, v, gamma: np.full(len(x), 0.5 * gamma * np.square(weights @ v).sum()),
            "the chain rule goes through tanh as well: its derivative is 1 − tanh².",
        ),
    ),
    hints=(
        "D(x) = v·tanh(Wᵀx + b). By the chain rule ∇ₓD = W (v ⊙ (1 − tanh²)).",
        "slope = ((1 - np.tanh(x @ weights + bias) ** 2) * v) @ weights.T has shape (batch, inputs).",
    ),
)


def _power_iteration(kernel, start, num_iterations):
    right = start / np.linalg.norm(start)
    for _ in range(num_iterations):
        left = kernel @ right
        left = left / np.linalg.norm(left)
        right = kernel.T @ left
        right = right / np.linalg.norm(right)
    return float(np.linalg.norm(kernel @ right))


def _kernel_with_a_gap(rng):
    """A small gap and few rounds: an estimate that is still on its way."""
    inputs, units = int(rng.integers(5, 9)), int(rng.integers(3, 6))
    left, right = (np.linalg.qr(rng.normal(size=(size, 3)))[0] for size in (inputs, units))
    kernel = left @ np.diag([2.0, 1.6, 0.4]) @ right.T * rng.uniform(0.8, 3.0)
    return kernel, rng.normal(size=units), int(rng.integers(1, 4))


def _many_rounds():
    """A large kernel and 400 rounds: a vector that is not brought to length one overflows."""
    kernel, start, _ = _kernel_with_a_gap(np.random.default_rng(0))
    return [(30 * kernel, start, 400)]


def _read_out_on_the_left(kernel, start, num_iterations):
    """The length of Wᵀ l, before it is divided by it: half a round behind."""
    right = start
    for _ in range(int(num_iterations)):
        left = kernel @ right / np.linalg.norm(kernel @ right)
        right = kernel.T @ left
    return float(np.linalg.norm(right))


POWER_ITERATION = Exercise(
    reference=_power_iteration,
    inputs=_kernel_with_a_gap,
    edges=_many_rounds,
    accepts=lambda sigma, *inputs: np.isclose(sigma, _read_out_on_the_left(*inputs), rtol=1e-3),
    mistakes=(
        Mistake(
            "squared",
            lambda kernel, start, n: _power_iteration(kernel, start, n) ** 2,
            "that is the eigenvalue of WᵀW, which is σ²: take the root, or the length of W times the unit vector.",
        ),
        Mistake(
            "Frobenius",
            lambda kernel, start, n: float(np.linalg.norm(kernel)),
            "that is the Frobenius norm, the root of the sum of *all* squared singular values. Take the largest.",
        ),
        Mistake(
            "the smallest",
            lambda kernel, start, n: float(np.linalg.svd(kernel, compute_uv=False)[-1]),
            "that is the smallest singular value.",
        ),
        Mistake(
            "largest column",
            lambda kernel, start, n: float(np.linalg.norm(kernel, axis=0).max()),
            "that is the longest column: what W does to the unit vectors of the axes. Other directions grow more.",
        ),
        Mistake(
            "no iteration",
            lambda kernel, start, n: float(np.linalg.norm(kernel @ start) / np.linalg.norm(start)),
            "that is how much W stretches the *start*. Iterate first.",
        ),
        Mistake(
            "not of length one",
            lambda kernel, start, n: float(np.linalg.norm(np.linalg.matrix_power(kernel.T @ kernel, n) @ start)),
            "the vector grows by σ² in each round: divide it by its length each time.",
        ),
        Mistake(
            "start not of length one",
            lambda kernel, start, n: _power_iteration(kernel, start, n) * float(np.linalg.norm(start)),
            "the vector that W acts on must have length one at the end.",
        ),
        Mistake(
            "the vector",
            lambda kernel, start, n: np.linalg.norm(kernel @ start) * start,
            "that is a vector. The norm is one number.",
        ),
    ),
    rtol=1e-3,
    hints=(
        "One round: left = W @ right, divided by its length; right = Wᵀ @ left, divided by its length.",
        "At the end σ is the length of W @ right.",
    ),
)


def _before(one, other):
    """Whether an order has one letter before another, which should come first."""
    return lambda order: sorted(order) == list("abcdef") and order.index(one) < order.index(other)


RANK_THE_CURES = Exercise(
    reference="FDCBAE",
    words="ABCDEF",
    mistakes=(
        Mistake(
            "one left out",
            "FDCBA",
            "each of the six letters stands once in the order.",
            made=lambda order: sorted(order) != list("abcdef"),
        ),
        Mistake("from the worst", "EABCDF", "that is from the worst to the best. The best comes first."),
        Mistake(
            "two time scales help by themselves",
            "FDCEBA",
            "E is no cure: without R1 the modulus is √(1 + s·h²/4), so a faster discriminator spirals out *faster*.",
            made=_before("e", "a"),
        ),
        Mistake(
            "two time scales spoil R1",
            "DCFBAE",
            "with R1 the discriminator's damping grows with its rate too: compute √(1 − s·h·γ + s·h²/4) for F.",
            made=_before("d", "f"),
        ),
        Mistake(
            "simultaneous first",
            "FCDBAE",
            "C and D are turned round: the simultaneous step has the h²/4 that the alternating one is spared.",
            made=_before("c", "d"),
        ),
        Mistake(
            "alternating is enough",
            "BFDCAE",
            "B neither grows nor shrinks: it circles for ever. Those with a modulus below 1 come before it.",
            made=_before("b", "c"),
        ),
        Mistake(
            "alternating is no help",
            "FDCABE",
            "B has modulus 1 exactly, A is above 1.",
            made=_before("a", "b"),
        ),
    ),
    hints=(
        "Compute eigenvalue_moduli(…)[0] for each; DiracGAN takes gamma and discriminator_scale.",
        "Smallest modulus first: three are below 1, one is 1, two are above.",
    ),
)


def _count(samples, means, standard_deviation):
    distances = np.linalg.norm(samples[:, None] - means, axis=2)
    nearest, near = distances.argmin(axis=1), distances.min(axis=1) <= 3 * standard_deviation
    return len(np.unique(nearest[near])), float(near.mean())


def _samples_of_some_modes(rng):
    """Modes in any order: the first is never covered, one has a single sample, two lie 2.5 deviations off."""
    k, deviation = int(rng.integers(8, 12)), float(rng.uniform(0.06, 0.12))
    angles = 2 * np.pi * rng.permutation(k) / k + rng.uniform()
    means = rng.uniform(1.5, 2.5) * np.stack([np.cos(angles), np.sin(angles)], axis=1) + rng.normal(size=2)
    covered = 1 + rng.permutation(k - 1)[: k - 2]  # neither the first nor another one
    good = means[rng.choice(covered[3:], 140)] + deviation * rng.normal(size=(140, 2))
    halfway = means[covered[:2]].repeat(10, axis=0) + 2.5 * deviation * np.array([1.0, 0.0])
    between = means.mean(axis=0) + rng.uniform(-1, 1, size=(int(rng.integers(50, 70)), 2)) * 0.4
    samples = np.concatenate([good, halfway, means[covered[2:3]] + 0.5 * deviation, between])
    return rng.permutation(samples), means, deviation


def _without_radius(samples, means, standard_deviation):
    distances = np.linalg.norm(samples[:, None] - means, axis=2)
    near = distances.min(axis=1) <= 3 * standard_deviation
    return len(np.unique(distances.argmin(axis=1))), float(near.mean())


MODE_COUNTER = Exercise(
    reference=_count,
    inputs=_samples_of_some_modes,
    constant=dict.fromkeys(("axis 1 of samples", "axis 1 of means"), "the lesson's samples are points of a plane."),
    mistakes=(
        Mistake(
            "without the radius",
            _without_radius,
            "a sample far from every mode still counts for the nearest one. Only samples of high quality may cover.",
        ),
        Mistake(
            "one deviation",
            lambda samples, means, deviation: _count(samples, means, deviation / 3),
            "you take one standard deviation. The protocol takes three.",
        ),
        Mistake(
            "variance",
            lambda samples, means, deviation: _count(samples, means, deviation**2),
            "the radius is three standard deviations; you took three *variances*, or squared distances.",
        ),
        Mistake(
            "a fixed radius",
            lambda samples, means, deviation: _count(samples, means, 1.0),
            "the radius is three *standard deviations* of a mode, not 3.",
        ),
        Mistake(
            "samples counted",
            lambda samples, means, deviation: (
                round(_count(samples, means, deviation)[1] * len(samples)),
                _count(samples, means, deviation)[1],
            ),
            "the first number counts samples. Count *modes*: each one once.",
        ),
        Mistake(
            "share of modes",
            lambda samples, means, deviation: (_count(samples, means, deviation)[0],) * 2,
            "the second number is a share: high-quality samples divided by all samples.",
        ),
        Mistake(
            "share of the covered",
            lambda samples, means, deviation: (
                _count(samples, means, deviation)[0],
                _count(samples, means, deviation)[0] / len(means),
            ),
            "the second number is the share of *samples* of high quality, not of modes covered.",
        ),
        Mistake(
            "missing modes",
            lambda samples, means, deviation: (
                len(means) - _count(samples, means, deviation)[0],
                _count(samples, means, deviation)[1],
            ),
            "that is the number of modes that are *missing*.",
        ),
    ),
    hints=(
        "A sample is of high quality where distances.min(axis=1) <= 3 * standard_deviation.",
        "Count the different values of nearest[near].",
    ),
)


def _packed(distribution, packing):
    joint = np.ones(1)
    for _ in range(packing):
        joint = np.multiply.outer(joint, distribution).ravel()
    return joint


def _packed_distance(p, q, packing):
    return 0.5 * float(np.abs(_packed(p, packing) - _packed(q, packing)).sum())


PACKED_DISTANCE = Exercise(
    reference=_packed_distance,
    inputs=lambda rng: (*rng.dirichlet(np.ones(int(rng.integers(4, 7))), size=2), int(rng.integers(2, 4))),
    mistakes=(
        Mistake(
            "one example",
            lambda p, q, packing: _packed_distance(p, q, 1),
            "that is the distance of single examples. Compare the distributions of *packs*.",
        ),
        Mistake(
            "times the packing",
            lambda p, q, packing: packing * _packed_distance(p, q, 1),
            "packing times as much is only an upper bound. Build the distribution of packs.",
        ),
        Mistake(
            "as if one never missed",
            lambda p, q, packing: 1 - (1 - _packed_distance(p, q, 1)) ** packing,
            "1 − (1 − d)^m is right where q is p with modes cut off, and too large elsewhere. Build the packs.",
        ),
        Mistake(
            "without the half",
            lambda p, q, packing: 2 * _packed_distance(p, q, packing),
            "half the sum: a distance of 1 should mean that the two never overlap.",
        ),
        Mistake(
            "pack of one example repeated",
            lambda p, q, packing: 0.5 * float(np.abs(p**packing - q**packing).sum()),
            "p**m is the probability that all m examples are *equal*. A pack holds independent ones: multiply p_i p_j.",
        ),
        Mistake(
            "power of the distance",
            lambda p, q, packing: _packed_distance(p, q, 1) ** packing,
            "a power of a number below 1 is smaller, but packs are *easier* to tell apart.",
        ),
        Mistake(
            "squared differences",
            lambda p, q, packing: 0.5 * float(np.square(_packed(p, packing) - _packed(q, packing)).sum()),
            "total variation takes absolute differences.",
        ),
    ),
    hints=(
        "The probability of the pack (i, j) is p_i p_j: np.multiply.outer(p, p).",
        "Take half the sum of the absolute differences of the two tables.",
    ),
)
