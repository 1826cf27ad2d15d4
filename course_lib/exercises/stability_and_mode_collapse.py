"""Exercises of stability and mode collapse: what steps do, spirals, damping, R1, modes and spectral norms."""

import numpy as np

from course_lib.exercises import fitting
from course_lib.exercises.engine import Entry, Exercise, Mistake, from_library
from course_lib.exercises.words import before

_STEP = 0.2

FATES = Exercise(
    reference={"a": "contract", "b": "circle", "c": "grow", "d": "contract", "e": "grow", "f": "grow"},
    words=("contract", "circle", "grow"),
    mistakes=(
        Mistake(
            "a grows", Entry("a", "grow"), "(a): |λ|² = 0.9² + 0.3² = 0.9, below 1. It is not 0.9 + 0.3 that counts."
        ),
        Mistake("a circles", Entry("a", "circle"), "(a) does turn, and each step also shortens: |λ|² = 0.9² + 0.3²."),
        Mistake("b contracts", Entry("b", "contract"), "(b): λ = ±i. Its real part is 0, its *modulus* is 1."),
        Mistake(
            "b grows",
            Entry("b", "grow"),
            "(b): λ = ±i, of modulus 1: a quarter turn, after four of them all is as before.",
        ),
        Mistake(
            "c circles",
            Entry("c", "circle"),
            "(c): |λ|² = 1² + 0.1², a little more than 1. A little each step is a lot.",
        ),
        Mistake("c contracts", Entry("c", "contract"), "(c): |λ|² = 1² + 0.1²: above 1."),
        Mistake(
            "d grows",
            Entry("d", "grow"),
            "(d): −0.9 jumps to the other side each time, and its modulus is 0.9, below 1.",
        ),
        Mistake(
            "d circles",
            Entry("d", "circle"),
            "(d): jumping back and forth is no circle, since each jump is shorter: |−0.9| < 1.",
        ),
        Mistake(
            "e by its determinant",
            Entry("e", "contract"),
            "(e): the determinant, 0.55, is the *product* of the two. One of them is 1.1, and that one wins.",
        ),
        Mistake("e circles", Entry("e", "circle"), "(e): its eigenvalues are 0.5 and 1.1. Does either have modulus 1?"),
        Mistake(
            "f by its real part",
            Entry("f", "contract"),
            "(f): the real part of μ is negative, so *infinitely small* steps come in. This one is not: λ = 1 + 0.1 μ.",
        ),
        Mistake("f circles", Entry("f", "circle"), "(f): λ = 1 + 0.1 (−0.1 ± 2i) = 0.99 ± 0.2i. What is its modulus?"),
    ),
    hints=(
        "The eigenvalues of [[p, −q], [q, p]] are p ± iq, of modulus √(p² + q²); a diagonal matrix shows its own.",
        "The largest modulus decides: below 1 contract, 1 circle, above 1 grow. For (f) add the identity first.",
    ),
)

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


def _rows(matrix):
    """A matrix as a tuple of its rows."""
    return tuple(tuple(map(float, row)) for row in matrix)


ALTERNATING_JACOBIAN = Exercise(
    reference=_rows(_alternating(1.0)),
    mistakes=(
        Mistake(
            "simultaneous",
            ((1.0, -0.5), (0.5, 1.0)),
            "that is the *simultaneous* step: its generator looks at the old ψ. It should look at the new one.",
        ),
        Mistake(
            "generator first",
            _rows(_generator_first(1.0)),
            "the matrix on the right acts first. The discriminator moves first, so its matrix stands on the right.",
        ),
        Mistake(
            "sum of the moves",
            _rows(sum(_players(1.0))),
            "you added the two matrices. Moves that follow each other multiply.",
        ),
        Mistake(
            "entry by entry",
            _rows(np.prod(_players(1.0), axis=0)),
            "`*` multiplies entry by entry. The product of two maps is `@`.",
        ),
        Mistake(
            "wrong direction",
            _rows(_alternating(-1.0)),
            "the signs are turned round, or rows and columns exchanged: the first row says what becomes of θ, and the "
            "generator goes down, against ψ.",
        ),
        Mistake(
            "slope one", _rows(_alternating(2.0)), "near (0, 0) the slope f′(0) is 1/2: each moves by h/2, not by h."
        ),
    ),
    hints=(
        "The generator's matrix leaves ψ alone: its second row is (0, 1). Which row of the discriminator's is (1, 0)?",
        "generator @ discriminator: the right one acts first.",
    ),
)

NARROWEST = Exercise(
    reference=(_STEP / 2) ** 0.5,
    rtol=0.015,  # 0.32, with two digits, is right
    mistakes=(
        Mistake(
            "the strength for the width", _STEP / 4, "that is h/4, the least γ. A width has γ = s²/2: solve for s."
        ),
        Mistake(
            "the variance", _STEP / 2, "that is s², the variance. The width is the standard deviation: take the root."
        ),
        Mistake(
            "without the half",
            (_STEP / 4) ** 0.5,
            "you took γ = s². The samples and the data give s²/4 each, s²/2 together.",
        ),
        Mistake(
            "one of the two",
            _STEP**0.5,
            "you took γ = s²/4: that is the data alone. The samples are as wide, and they damp as much.",
        ),
        Mistake(
            "stops turning",
            2**0.5,
            "that is γ = 1, where the eigenvalues become real. Less is enough to come in: γ > h/4.",
        ),
        Mistake("none needed", 0.0, "a width of 0 is the point again, and simultaneous steps leave it."),
    ),
    hints=("Simultaneous steps come in for γ > h/4, and the width acts as γ = s²/2.", "s²/2 = h/4, so s = √(h/2)."),
)


class _Discriminator:
    """Logits `(batch, 1)` of a small network: v · tanh(Wᵀx + b), in the backend's own operations."""

    def __init__(self, weights, bias, v):
        self.weights, self.bias, self.v = weights, bias, v

    def __call__(self, x, training=None):
        from keras import ops

        hidden = ops.tanh(ops.matmul(ops.cast(x, "float32"), self.weights) + self.bias)
        return ops.matmul(hidden, self.v[:, None])


_input_gradient = from_library("formulas.gradients.input_gradient")


def _slope(discriminator, real):
    """The gradient of each logit with respect to its own example, float64 `(batch, inputs)`."""
    from keras import ops

    return ops.convert_to_numpy(_input_gradient(discriminator, real)).astype("float64")


def _r1(discriminator, real, gamma):
    return 0.5 * gamma * np.square(_slope(discriminator, real)).sum(axis=1)


def _right_r1(discriminator, real, gamma):
    from keras import ops

    return 0.5 * gamma * ops.sum(ops.square(_input_gradient(discriminator, real)), axis=1)


def _held_fixed(discriminator, real, gamma):
    from keras import ops

    return ops.stop_gradient(_right_r1(discriminator, real, gamma))


def _wrong_gradient_of_r1(answer):
    """Whether the penalty trains a discriminator: what its value cannot show."""

    def penalty(of):
        return lambda network, x, logits: of(network, x, 3.0)

    x = np.random.default_rng(1).normal(size=(7, 3)).astype("float32")
    found = fitting.trouble(penalty(answer), penalty(_right_r1), _a_discriminator_to_train, x)
    if found == fitting.ANOTHER_GRADIENT:
        return "the values are right, and their gradient is not: no part of the slope may be held fixed."
    return found


def _a_discriminator_to_train():
    import keras

    layers, rng = keras.layers, np.random.default_rng(2)
    network = keras.Sequential([keras.Input((3,)), layers.Dense(5, "tanh"), layers.Dense(1)])
    network.set_weights([rng.normal(size=weight.shape) for weight in network.get_weights()])
    return network


def _of_the_probability(discriminator, real, gamma):
    from keras import ops

    return _r1(lambda x: ops.sigmoid(discriminator(x)), real, gamma)


def _of_the_logit(discriminator, real, gamma):
    from keras import ops

    return 0.5 * gamma * np.square(ops.convert_to_numpy(discriminator(real))[:, 0])


def _a_small_discriminator(rng):
    n, d, units = (int(size) for size in rng.integers((5, 3, 5), (9, 7, 9)))
    weights, bias, v = rng.normal(size=(d, units)) / np.sqrt(d), rng.normal(size=units), rng.normal(size=units) * 2
    parts = (each.astype("float32") for each in (weights, bias, v))
    return _Discriminator(*parts), rng.normal(size=(n, d)).astype("float32"), float(rng.uniform(1.5, 9.0))


R1_PENALTY = Exercise(
    reference=_right_r1,
    inputs=_a_small_discriminator,
    rtol=1e-3,
    then=_wrong_gradient_of_r1,
    mistakes=(
        Mistake(
            fitting.NO_GRADIENT,
            _held_fixed,
            "the values are right, but no gradient passes to the weights, so the penalty would train nothing: "
            "something is held fixed (`stop_gradient`), or has left `keras.ops`, for NumPy for one.",
        ),
        Mistake(
            "gradient of the mean",
            lambda discriminator, real, gamma: _r1(discriminator, real, gamma) / len(real) ** 2,
            "that is too small by the batch size *squared*: you took the gradient of the mean logit, which divides "
            "each example's slope by n. `input_gradient` sums by itself: hand it the logits.",
        ),
        Mistake(
            "the logit itself",
            _of_the_logit,
            "that punishes large *logits*. R1 asks how fast the logit changes when x moves: take the gradient first.",
        ),
        Mistake(
            "the probability",
            _of_the_probability,
            "that is the slope of the probability, which is flat where D is sure. R1 takes the slope of the *logit*.",
        ),
        Mistake(
            "without the half",
            lambda discriminator, real, gamma: 2 * _r1(discriminator, real, gamma),
            "the paper's R1 has γ/2 in front.",
        ),
        Mistake(
            "without its strength",
            lambda discriminator, real, gamma: _r1(discriminator, real, 1.0),
            "γ is missing: the sum of squares is multiplied by γ/2.",
        ),
        Mistake(
            "not squared",
            lambda discriminator, real, gamma: 0.5 * gamma * np.linalg.norm(_slope(discriminator, real), axis=1),
            "that is the *length* of the gradient. R1 takes its square: a kink at 0 would not come to rest.",
        ),
        Mistake(
            "slope one wanted",
            lambda discriminator, real, gamma: (
                0.5 * gamma * (np.linalg.norm(_slope(discriminator, real), axis=1) - 1) ** 2
            ),
            "that wants the slope to be 1, as in WGAN-GP. R1 wants it to be 0 at the data.",
        ),
        Mistake(
            "sum before the square",
            lambda discriminator, real, gamma: 0.5 * gamma * _slope(discriminator, real).sum(axis=1) ** 2,
            "you summed over the coordinates before squaring, where slopes of opposite sign cancel. Square first.",
        ),
        Mistake(
            "one number",
            lambda discriminator, real, gamma: _r1(discriminator, real, gamma).mean(),
            "one value for each example: the mean over the batch is taken once, in the loss.",
        ),
        Mistake(
            "mean over inputs",
            lambda discriminator, real, gamma: _r1(discriminator, real, gamma) / real.shape[1],
            "you averaged over the coordinates of x. The squared length of a vector is a *sum*.",
        ),
        Mistake(
            "mean over the batch",
            lambda discriminator, real, gamma: 0.5 * gamma * np.square(_slope(discriminator, real)).sum(axis=0),
            "you summed over the batch (axis 0): one value for each *coordinate*. One for each example is wanted.",
        ),
    ),
    hints=(
        "slope = input_gradient(discriminator, real) has the shape of `real`: row i is the gradient of logit i.",
        "gamma / 2 times the sum over axis 1 of the squares, `ops.sum(ops.square(slope), axis=1)`.",
    ),
)

_FIXED = (0.30, 0.55, 0.62, 0.45)  # what a fixed discriminator says at four modes


def _shares(numbers):
    numbers = tuple(numbers)
    return tuple(number / sum(numbers) for number in numbers)


BEST_REPLY = Exercise(
    reference=(0.0, 0.0, 1.0, 0.0),
    mistakes=(
        Mistake(
            "even",
            (0.25,) * 4,
            "even shares are what the *data* have. Compute the loss of (¼, ¼, ¼, ¼). Can you make it smaller?",
        ),
        Mistake(
            "in proportion",
            _shares(_FIXED),
            "shares in proportion to D still send samples where D says 0.30. Move them to 0.62: the loss falls.",
        ),
        Mistake(
            "the two above one half",
            (0.0, 0.5, 0.5, 0.0),
            "half of your samples stand where D says 0.55. Move them to 0.62: the loss falls.",
        ),
        Mistake(
            "where D is undecided",
            (0.0, 1.0, 0.0, 0.0),
            "D = ½ everywhere belongs to the *equilibrium*. Against this fixed D the loss is least where D is largest.",
        ),
        Mistake(
            "where D says generated",
            (1.0, 0.0, 0.0, 0.0),
            "there D is surest that the sample is generated, and −log D is largest. The generator descends.",
        ),
        Mistake(
            "the odds",
            _shares(probability / (1 - probability) for probability in _FIXED),
            "the odds D/(1 − D) say how to reweight samples towards the data. A generator descends its loss instead.",
        ),
        Mistake(
            "lengths for shares",
            _FIXED,
            "those are D's numbers. Shares of samples add up to 1.",
        ),
    ),
    hints=(
        "The loss is the sum of share × (−log D): a weighted mean of four numbers. How small can a weighted mean be?",
        "A weighted mean is smallest with all weight on the smallest number.",
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


RANK_THE_CURES = Exercise(
    reference="fdcbae",
    words="abcdef",
    mistakes=(
        Mistake(
            "one left out",
            "fdcba",
            "each of the six letters stands once in the order.",
            made=lambda order: sorted(order) != list("abcdef"),
        ),
        Mistake("from the worst", "eabcdf", "that is from the worst to the best. The best comes first."),
        Mistake(
            "two time scales help by themselves",
            "fdceba",
            "(e) is no cure: without R1 the modulus is √(1 + k·h²/4), so a faster discriminator spirals out *faster*.",
            made=before("e", "a", "abcdef"),
        ),
        Mistake(
            "two time scales spoil R1",
            "dcfbae",
            "with R1 D is damped faster as well: compute √(1 − k·h·γ + k·h²/4) for (f), with k = 4.",
            made=before("d", "f", "abcdef"),
        ),
        Mistake(
            "simultaneous first",
            "fcdbae",
            "(c) and (d) are turned round: the simultaneous step has the h²/4 that the alternating one is spared.",
            made=before("c", "d", "abcdef"),
        ),
        Mistake(
            "alternating is enough",
            "bfdcae",
            "(b) neither grows nor shrinks: it circles for ever. Those with a modulus below 1 come before it.",
            made=before("b", "c", "abcdef"),
        ),
        Mistake(
            "alternating is no help",
            "fdcabe",
            "(b) has modulus 1 exactly, (a) is above 1.",
            made=before("a", "b", "abcdef"),
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


def _few_modes():
    """Modes four deviations apart, with samples between them; none covered; one alone."""
    row = np.array([[0.0, 0.0], [0.4, 0.0], [0.8, 0.0]])
    between = np.array([[0.17, 0.0], [0.19, 0.05], [-0.1, 0.1], [3.0, 3.0]])
    return [(between, row, 0.1), (row + 5.0, row, 0.1), (np.array([[0.1, 0.1], [0.2, 0.0]]), row[:1], 0.05)]


def _within_reach_of_any(samples, means, standard_deviation):
    near = np.linalg.norm(samples[:, None] - means, axis=2) <= 3 * standard_deviation
    return int(near.any(axis=0).sum()), float(near.any(axis=1).mean())


def _without_radius(samples, means, standard_deviation):
    distances = np.linalg.norm(samples[:, None] - means, axis=2)
    near = distances.min(axis=1) <= 3 * standard_deviation
    return len(np.unique(distances.argmin(axis=1))), float(near.mean())


MODE_COUNTER = Exercise(
    reference=_count,
    inputs=_samples_of_some_modes,
    edges=_few_modes,
    constant=dict.fromkeys(("axis 1 of samples", "axis 1 of means"), "the lesson's samples are points of a plane."),
    mistakes=(
        Mistake(
            "without the radius",
            _without_radius,
            "a sample far from every mode still counts for the nearest one. Only samples of high quality may cover.",
        ),
        Mistake(
            "every mode within reach",
            _within_reach_of_any,
            "you count each mode that has a sample within three deviations. Where two modes are near each other one "
            "sample would cover both: it counts for the *nearest* alone.",
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
            "those far away as a mode",
            lambda samples, means, deviation: (
                _count(samples, means, deviation)[0] + 1,
                _count(samples, means, deviation)[1],
            ),
            "one mode too many: are the samples far from every mode counted as a mode of their own, such as −1?",
        ),
        Mistake(
            "percent",
            lambda samples, means, deviation: (
                _count(samples, means, deviation)[0],
                100 * _count(samples, means, deviation)[1],
            ),
            "the second number is in percent. A share lies between 0 and 1.",
        ),
        Mistake(
            "number for share",
            lambda samples, means, deviation: (
                _count(samples, means, deviation)[0],
                round(len(samples) * _count(samples, means, deviation)[1]),
            ),
            "the second number counts samples. A *share* is that number divided by how many samples there are.",
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
