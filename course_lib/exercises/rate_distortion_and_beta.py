"""Checks of rate, distortion and β: water levels, broken losses, and what three curves say."""

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake

ACTIVE_UNITS = Exercise(
    reference=3,
    mistakes=(
        Mistake("β forgotten", 4, "you compared with σ² alone. The level is θ = βσ²: β raises it."),
        Mistake("σ² forgotten", 2, "you compared with β alone. The level is θ = βσ²; β is a mere number, λ is not."),
        Mistake("σ² over β", 5, "you divided by β. A *higher* price must put more units to sleep, not wake them."),
        Mistake("all", 6, "all six would be used only if the level were below the smallest variance."),
        Mistake("none", 0, "none would be used only if the level were above the largest variance."),
    ),
    hints=("θ = βσ² = 2 · 0.5.", "Count the λ that are larger than θ."),
)


def _water(eigenvalues, level):
    return np.minimum(eigenvalues, level).sum(), 0.5 * np.log(np.maximum(eigenvalues / level, 1.0)).sum()


def _variances_and_level(rng):
    return rng.gamma(1.0, 2.0, size=int(rng.integers(6, 12))), rng.uniform(0.3, 1.5)


WATER_FILLING = Exercise(
    reference=_water,
    inputs=_variances_and_level,
    mistakes=(
        Mistake(
            "swapped",
            lambda e, t: _water(e, t)[::-1],
            "both numbers are right, in the wrong order: first the squared error, then the rate.",
        ),
        Mistake(
            "maximum",
            lambda e, t: (np.maximum(e, t).sum(), _water(e, t)[1]),
            "your error takes the larger of λ and θ. No direction can be missed by more than its variance.",
        ),
        Mistake(
            "half forgotten",
            lambda e, t: (_water(e, t)[0], 2 * _water(e, t)[1]),
            "your rate is twice too large: a unit costs *half* the logarithm of λ/θ.",
        ),
        Mistake(
            "sleeping units earn",
            lambda e, t: (_water(e, t)[0], 0.5 * np.log(e / t).sum()),
            "in your rate the units below the level count negative. A unit that sleeps costs 0.",
        ),
        Mistake(
            "absolute value",
            lambda e, t: (_water(e, t)[0], 0.5 * np.abs(np.log(e / t)).sum()),
            "an absolute value makes sleeping units cost something. They cost 0: log⁺ is the logarithm where it is "
            "positive, and 0 elsewhere.",
        ),
        Mistake(
            "active only",
            lambda e, t: (t * (e > t).sum(), _water(e, t)[1]),
            "your error forgets the sleeping units: each is missed by its whole variance λ.",
        ),
        Mistake(
            "sleeping only",
            lambda e, t: (e[e <= t].sum(), _water(e, t)[1]),
            "your error forgets the active units: each is still missed by θ.",
        ),
        Mistake(
            "the rest of the variance",
            lambda e, t: (np.maximum(e - t, 0).sum(), _water(e, t)[1]),
            "λ − θ is what stands out of the water: the variance that the code *transmits*. The error is what it "
            "misses.",
        ),
        Mistake(
            "bits",
            lambda e, t: (_water(e, t)[0], _water(e, t)[1] / np.log(2)),
            "your rate is in bits. Nats come from the natural logarithm.",
        ),
        Mistake(
            "per unit",
            lambda e, t: (np.minimum(e, t), 0.5 * np.log(np.maximum(e / t, 1.0))),
            "those are the terms of each unit. Add them up: two numbers are asked for.",
        ),
        Mistake(
            "sign of the rate",
            lambda e, t: (_water(e, t)[0], -_water(e, t)[1]),
            "your rate is negative: log(θ/λ) for log(λ/θ). A rate is what is paid.",
        ),
        Mistake(
            "upside down",
            lambda e, t: (_water(e, t)[0], 0.5 * np.log(np.maximum(t / e, 1.0)).sum()),
            "your rate lets the *sleeping* units pay: λ and θ are exchanged in the logarithm. A unit pays where λ > θ.",
        ),
        Mistake(
            "averaged",
            lambda e, t: tuple(each / len(e) for each in _water(e, t)),
            "you averaged over the units. Errors and rates add up.",
        ),
        Mistake(
            "decimal logarithm",
            lambda e, t: (_water(e, t)[0], _water(e, t)[1] / np.log(10)),
            "your rate has the decimal logarithm. Nats come from the natural one.",
        ),
        Mistake(
            "no logarithm of the ratio",
            lambda e, t: (_water(e, t)[0], 0.5 * np.maximum(np.log(e) - t, 0.0).sum()),
            "you subtracted θ from a logarithm. The logarithm is of the *ratio*: log λ − log θ.",
        ),
    ),
    hints=("`np.minimum(eigenvalues, level)` is the water in each column.", "log⁺(t) = log(max(t, 1))."),
)


def _terms_and_beta(rng):
    reconstruction, kl = rng.gamma(((9.0,), (4.0,)), ((8.0,), (3.0,)), size=(2, int(rng.integers(12, 20))))
    return reconstruction, kl, rng.uniform(2.0, 5.0)


def _cheap_rates():
    """β below 1, which the lesson uses too."""
    return [(*_terms_and_beta(np.random.default_rng(9))[:2], beta) for beta in (0.25, 0.0)]


REPAIR_BETA_LOSS = Exercise(
    reference=lambda reconstruction, kl, beta: np.mean(reconstruction + beta * kl),
    inputs=_terms_and_beta,
    edges=_cheap_rates,
    mistakes=(
        Mistake(
            "as found",
            lambda r, k, b: np.mean(b * (r + k)),
            "that is still the code as found: β multiplies everything, and the best model stays where it was.",
        ),
        Mistake(
            "the other term",
            lambda r, k, b: np.mean(b * r + k),
            "now β multiplies the reconstruction. That has an effect, the opposite one: it is a weight of 1/β.",
        ),
        Mistake(
            "divided",
            lambda r, k, b: np.mean(r + k / b),
            "you divide by β: a larger β would make the rate *cheaper*.",
        ),
        Mistake(
            "a mixture",
            lambda r, k, b: np.mean((1 - b) * r + b * k),
            "β is a weight ≥ 0 of the KL, not a share between 0 and 1; for β > 1 you reward a bad reconstruction.",
        ),
        Mistake("ignored", lambda r, k, b: np.mean(r + k), "β is not used at all."),
        Mistake(
            "added",
            lambda r, k, b: np.mean(r + b + k),
            "you added β: a constant has no gradient, and the best model stays where it was.",
        ),
        Mistake(
            "minus", lambda r, k, b: np.mean(r - b * k), "the KL has the wrong sign: the loss is −ELBO, and KL adds."
        ),
        Mistake("summed", lambda r, k, b: np.sum(r + b * k), "take the mean over the batch, not the sum."),
        Mistake(
            "no mean", lambda r, k, b: r + b * k, "one number for the batch is asked for: take the mean at the end."
        ),
        Mistake(
            "the bound for the loss",
            lambda r, k, b: -np.mean(r + b * k),
            "that is to be made large. The loss is to be made small: both terms are costs already, and add.",
        ),
        Mistake(
            "one less",
            lambda r, k, b: np.mean(r + (b - 1) * k),
            "the KL counts β − 1 times in yours. β = 1 must be the plain bound.",
        ),
        Mistake(
            "one more",
            lambda r, k, b: np.mean(r + k + b * k),
            "the KL counts 1 + β times: it stands there once more without β.",
        ),
        Mistake(
            "KL summed over the batch",
            lambda r, k, b: np.mean(r) + b * np.sum(k),
            "the KL is summed over the batch and the reconstruction averaged: the price of the code grows with "
            "the batch. Average both.",
        ),
    ),
    hints=("Which of the two terms is the price of the code?", "β multiplies the KL, and nothing else."),
)


_DIAGNOSIS = {"A": "collapse", "B": "warm-up", "C": "no KL"}


def _diagnosis(a, b, c):
    return {"A": a, "B": b, "C": c}


def options_of(name):
    """How the trainings A, B and C of the lesson differ. (Do not read on before you have a diagnosis.)"""
    from keras import losses, ops

    from course_lib.models import VAE
    from course_lib.training.callbacks import KLWarmup

    class MeanSquaredErrorAndKL(VAE):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            super().compute_loss(x, y, y_pred, sample_weight, training)  # for the two curves, in nats
            (mean,) = y_pred["parameters"]
            return ops.mean(losses.mean_squared_error(x, mean) + self.kl(y_pred))

    return {
        "A": {"model": MeanSquaredErrorAndKL},  # a mean over 64 numbers for a sum in nats
        "B": {"callbacks": [KLWarmup(epochs=4)]},
        "C": {"beta": 0.0},
    }[name]


DIAGNOSE = Exercise(
    reference=_DIAGNOSIS,
    words=("collapse", "no KL", "warm-up"),
    mistakes=(
        Mistake(
            "A and C swapped",
            _diagnosis("no KL", "warm-up", "collapse"),
            "A and C are the wrong way round. A code without a price grows; a collapsed one has a rate of 0.",
        ),
        Mistake(
            "A and B swapped",
            _diagnosis("warm-up", "collapse", "no KL"),
            "A and B are the wrong way round: a collapsed run has a rate near 0 at the end. Which of A and B has?",
        ),
        Mistake(
            "B and C swapped",
            _diagnosis("collapse", "no KL", "warm-up"),
            "B and C are the wrong way round: both begin with an expensive code; under a warm-up its price rises, and "
            "what happens to the rate then?",
        ),
        Mistake("A", Entry("A"), "A has a rate of 0 at the end: its code says nothing."),
        Mistake("B", Entry("B"), "B begins with an expensive code, and its rate comes down while the price rises."),
        Mistake(
            "C", Entry("C"), "C's rate never comes down, and its pictures are the best: what does a code cost there?"
        ),
        Mistake(
            "turned one way",
            _diagnosis("warm-up", "no KL", "collapse"),
            "none of the three is right. Look at the rate alone: in which run is it 0, in which does it never come "
            "down?",
        ),
        Mistake(
            "turned the other way",
            _diagnosis("no KL", "collapse", "warm-up"),
            "none is right. Begin with the run whose rate is 0: its decoder has heard nothing about the image.",
        ),
        Mistake(
            "all collapsed",
            _diagnosis("collapse", "collapse", "collapse"),
            "three different diagnoses are asked for, one for each run.",
        ),
    ),
    hints=("A rate of 0 nats says that q(z|x) is the prior, for every x.", "The run without KL has the best pictures."),
)


def _free(kl, free_bits):
    return np.maximum(kl.mean(axis=0), free_bits).sum()


def _rates_of_dimensions(rng):
    n, d = int(rng.integers(10, 15)), int(rng.integers(6, 9))
    return rng.gamma(0.5, 1.0, size=(n, d)) * rng.permutation(np.geomspace(0.05, 4.0, d)), rng.uniform(0.9, 1.2)


FREE_BITS = Exercise(
    reference=_free,
    inputs=_rates_of_dimensions,
    mistakes=(
        Mistake(
            "for every example",
            lambda kl, f: np.maximum(kl, f).sum(axis=1).mean(),
            "you took the larger of the two for every single example. The free nats are an allowance *on average* over "
            "the batch: an example may use less if another uses more.",
        ),
        Mistake(
            "on the total, all allowances",
            lambda kl, f: np.maximum(kl.sum(axis=1).mean(), f * kl.shape[1]),
            "you pooled the allowances of all dimensions. Compare dimension by dimension, then add up.",
        ),
        Mistake(
            "minimum",
            lambda kl, f: np.minimum(kl.mean(axis=0), f).sum(),
            "that is the smaller of the two: the loss would stop growing where the rate is *large*.",
        ),
        Mistake(
            "subtracted",
            lambda kl, f: np.maximum(kl.mean(axis=0) - f, 0).sum(),
            "you subtracted the allowance. Its gradient is right, and its value is κ · (dimensions) too small: the "
            "formula asks for the larger of mean and κ.",
        ),
        Mistake(
            "the mean rate",
            lambda kl, f: np.maximum(kl.sum(axis=1).mean(), f),
            "that is the mean rate itself: either the free nats are not used, or the whole code got one allowance, and "
            "one talkative dimension uses it up. Each latent dimension has its own.",
        ),
        Mistake(
            "averaged",
            lambda kl, f: np.maximum(kl.mean(axis=0), f).mean(),
            "add the dimensions up, do not average them: an average is β = 1/latent_dim in disguise.",
        ),
        Mistake(
            "wrong axis",
            lambda kl, f: np.maximum(kl.mean(axis=1), f).sum(),
            "you averaged over the dimensions and kept the examples. The examples are axis 0.",
        ),
        Mistake(
            "per dimension",
            lambda kl, f: np.maximum(kl.mean(axis=0), f),
            "those are the terms of each dimension. Add them up: one number is asked for.",
        ),
        Mistake(
            "nothing below the allowance",
            lambda kl, f: np.where(kl.mean(axis=0) > f, kl.mean(axis=0), 0.0).sum(),
            "below the allowance your term is 0, so it jumps at κ. The larger of the two stays at κ there.",
        ),
        Mistake(
            "sum over the batch",
            lambda kl, f: np.maximum(kl.sum(axis=0), f).sum(),
            "you summed over the batch: with many examples no dimension is ever below its allowance. Take the mean.",
        ),
        Mistake(
            "added",
            lambda kl, f: (kl.mean(axis=0) + f).sum(),
            "you added the allowance. That is a constant: it leaves every gradient as it was. Take the larger of "
            "the two.",
        ),
        Mistake(
            "median",
            lambda kl, f: np.maximum(np.median(kl, axis=0), f).sum(),
            "you took the median over the batch. The rate of a dimension is a *mean* of the examples' divergences.",
        ),
    ),
    hints=(
        "First the mean over the batch: one number for each dimension.",
        "`np.maximum(…, free_bits)`, then the sum.",
    ),
)


BEST_PRIOR = Exercise(
    reference="b",
    words="abcd",
    mistakes=(
        Mistake(
            "a",
            "a",
            "(a) would need KL = 0 for every example, so the same q for all of them. The networks stay as they are, "
            "and their code does tell something about x: at least I(x; z) must be paid.",
        ),
        Mistake(
            "c",
            "c",
            "(c) is what the best prior *saves*, R − I. What remains to be paid?",
        ),
        Mistake(
            "d",
            "d",
            "(d) is the rate under N(0, I). It is the least possible only if the aggregated posterior is N(0, I).",
        ),
    ),
    hints=("Which of the two terms of the identity contains the prior?", "A divergence is smallest where it is 0."),
)


def _gap(information, entropies):
    second, first = np.sort(information, axis=0)[-2:]
    return (first - second) / entropies


def _information_and_entropies(rng):
    dimensions, factors = int(rng.integers(5, 9)), int(rng.integers(3, 5))
    return rng.uniform(0.0, 1.5, size=(dimensions, factors)), rng.uniform(1.5, 2.5, size=factors)


GAP_FROM_TABLE = Exercise(
    reference=_gap,
    inputs=_information_and_entropies,
    mistakes=(
        Mistake(
            "not normalised",
            lambda i, h: _gap(i, 1.0),
            "divide by the factor's entropy, or factors with more values would count more.",
        ),
        Mistake(
            "the best alone",
            lambda i, h: i.max(axis=0) / h,
            "that is the best dimension alone. The *gap* asks how far it is ahead of the second best.",
        ),
        Mistake(
            "to the worst",
            lambda i, h: (i.max(axis=0) - i.min(axis=0)) / h,
            "you subtracted the smallest entry. The rival is the *second* best dimension.",
        ),
        Mistake(
            "to the mean",
            lambda i, h: (i.max(axis=0) - i.mean(axis=0)) / h,
            "you subtracted the mean over the dimensions. The rival is the second best one.",
        ),
        Mistake(
            "the first two",
            lambda i, h: (i[0] - i[1]) / h,
            "those are the first two dimensions, not the best two: sort each column first.",
        ),
        Mistake(
            "sign",
            lambda i, h: -_gap(i, h),
            "the sign is flipped: `np.sort` puts the largest last.",
        ),
        Mistake(
            "one number",
            lambda i, h: _gap(i, h).mean(),
            "one gap for each factor is asked for; do not average yet.",
        ),
        Mistake(
            "by dimension",
            lambda i, h: (np.sort(i, axis=1)[:, -1] - np.sort(i, axis=1)[:, -2]) / h.mean(),
            "you compared the factors of each dimension. Compare the dimensions for each factor: columns, axis 0.",
        ),
        Mistake(
            "sorted along the factors",
            lambda i, h: (np.sort(i, axis=1)[-1] - np.sort(i, axis=1)[-2]) / h,
            "you sorted each row. The dimensions are compared for each factor: sort the columns, axis 0.",
        ),
        Mistake(
            "places",
            lambda i, h: (np.argsort(i, axis=0)[-1] - np.argsort(i, axis=0)[-2]) / h,
            "`np.argsort` gives the places of the entries. Their values are asked for: `np.sort`.",
        ),
        Mistake(
            "multiplied by the entropy",
            lambda i, h: _gap(i, 1.0) * h,
            "you multiplied by the entropy. Divide: a gap is a share of what there is to know about a factor.",
        ),
        Mistake(
            "second and third",
            lambda i, h: (np.sort(i, axis=0)[-2] - np.sort(i, axis=0)[-3]) / h,
            "those are the second and the third best. The last row of the sorted table is the best.",
        ),
    ),
    hints=("`np.sort(information, axis=0)` sorts every column, the largest last.", "Rows −1 and −2 are the best two."),
)
