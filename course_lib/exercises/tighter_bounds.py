"""Exercises of tighter bounds: log-mean-exp, the surrogate, what draws are worth, gaps, a table."""

import numpy as np

from course_lib.exercises import fitting
from course_lib.exercises.engine import Entry, Exercise, Mistake, from_library


def _log_sum_exp(log_weights):
    return np.logaddexp.reduce(log_weights, axis=0)


def _naive(log_weights):
    with np.errstate(over="ignore", divide="ignore"):
        return np.log(np.mean(np.exp(log_weights), axis=0))


def _with_one_maximum(log_weights):
    largest = log_weights.max()
    with np.errstate(divide="ignore"):
        return largest + np.log(np.mean(np.exp(log_weights - largest), axis=0))


def _with_one_taken_out(log_weights, reference):
    with np.errstate(all="ignore"):
        return reference + np.log(np.mean(np.exp(log_weights - reference), axis=0))


def _far_apart(rng):
    """Examples whose log-weights lie around −1200, −40, 3, 900 … nats; in some of them one lies far from the rest."""
    centres = np.array([-1200.0, -40.0, 3.0, 900.0, -20_000.0, 0.0, 11_900.0])[: int(rng.integers(6, 8))]
    logs = centres + rng.normal(scale=2.0, size=(int(rng.integers(6, 10)), len(centres)))
    logs[0, 1] -= 1000.0
    logs[-1, 2] -= 6000.0
    logs[2, 5] += 3000.0  # one good draw beside useless ones
    return (logs,)


LOG_MEAN_EXP = Exercise(
    reference=from_library("metrics.log_mean_exp"),
    inputs=_far_apart,
    mistakes=(
        Mistake(
            "naive",
            _naive,
            "some of your answers are infinite: e^(−1200) is 0 for a computer, and e^900 is ∞. Take the largest "
            "log-weight out before you exponentiate.",
        ),
        Mistake(
            "the minimum taken out",
            lambda logs: _with_one_taken_out(logs, logs.min(axis=0)),
            "you take out the *smallest* log-weight: the others are then far above 0, and e of that overflows. The "
            "largest one must become 0.",
        ),
        Mistake(
            "the mean taken out",
            lambda logs: _with_one_taken_out(logs, logs.mean(axis=0)),
            "you take out the mean: one log-weight far below pulls it down, and e of the rest overflows. Take out the "
            "largest one.",
        ),
        Mistake(
            "one maximum for all",
            _with_one_maximum,
            "you subtract the largest number of the whole table. Beside 900, all weights near −1200 vanish: "
            "each example needs its own maximum.",
        ),
        Mistake(
            "sum for mean",
            _log_sum_exp,
            "that is the logarithm of the *sum*. The mean divides by K: subtract log K.",
        ),
        Mistake(
            "K added",
            lambda logs: _log_sum_exp(logs) + np.log(len(logs)),
            "log K has the wrong sign: dividing by K *subtracts* log K.",
        ),
        Mistake(
            "K for log K",
            lambda logs: _log_sum_exp(logs) - len(logs),
            "you subtracted K. Inside the logarithm it is a division by K, outside it is − log K.",
        ),
        Mistake(
            "divided outside",
            lambda logs: _log_sum_exp(logs) / len(logs),
            "you divided the logarithm by K. The division belongs inside: outside it is − log K.",
        ),
        Mistake(
            "mean of the logs",
            lambda logs: logs.mean(axis=0),
            "that is the mean of the logarithms, the ELBO's estimate. Here the mean comes first, the logarithm last.",
        ),
        Mistake(
            "maximum not added back",
            lambda logs: _log_sum_exp(logs - logs.max(axis=0)) - np.log(len(logs)),
            "you took the maximum out and never put it back: add it at the end.",
        ),
        Mistake(
            "maximum alone",
            lambda logs: logs.max(axis=0),
            "that is the best draw alone. The others count too, and K divides.",
        ),
        Mistake(
            "best draw over K",
            lambda logs: logs.max(axis=0) - np.log(len(logs)),
            "that keeps the best draw only. Sum over all K of them, each relative to the best.",
        ),
    ),
    hints=(
        "m = log_weights.max(axis=0); then exp(log_weights - m) lies between 0 and 1.",
        "m + log(mean(exp(log_weights - m), axis=0)).",
    ),
)


ONE_GOOD_DRAW = Exercise(
    reference=-90.0 - float(np.log(2)),
    rtol=6e-5,  # two decimals
    mistakes=(
        Mistake(
            "not divided", -90.0, "the second draw adds nothing to the sum, but it does count in the mean: K is 2."
        ),
        Mistake(
            "mean of the logs", -545.0, "that is the mean of the logarithms, the ELBO's estimate from these draws."
        ),
        Mistake("doubled", -90.0 + float(np.log(2)), "you multiplied by 2. The mean of w and 0 is w/2."),
        Mistake("halved log", -45.0, "you halved the logarithm. The *weight* is halved: subtract log 2."),
        Mistake("sum of the logs", -1090.0, "that is the sum of the logarithms: the product of the weights."),
        Mistake("bits", -91.0, "that is one bit less. In nats, halving costs log 2 = 0.69."),
    ),
    hints=("The second weight is e^(−910) times the first: nothing. What is the mean of w and 0?",),
)


def _normalised(log_weights):
    return np.exp(log_weights - _log_sum_exp(log_weights))


def _surrogate(log_weights):
    return np.sum(_normalised(log_weights) * log_weights, axis=0)


def _some_log_weights(rng):
    centres = np.array([-850.0, -1100.0, -97.0, 3.0])[: int(rng.integers(3, 5))]
    return (centres + rng.normal(scale=2.5, size=(int(rng.integers(7, 12)), len(centres))),)


REPAIR_THE_REPORT = Exercise(
    reference=from_library("metrics.log_mean_exp"),
    inputs=_some_log_weights,
    mistakes=(
        Mistake(
            "as found",
            _surrogate,
            "that is still the surrogate: its gradient is right, its value is not. It lies above the bound by "
            "KL(w̃ ‖ uniform).",
        ),
        Mistake(
            "surrogate minus log K",
            lambda logs: _surrogate(logs) - np.log(len(logs)),
            "you subtracted log K from the surrogate. Its excess is *at most* log K; now the value is too low.",
        ),
        Mistake(
            "uniform weights",
            lambda logs: logs.mean(axis=0),
            "that is the ELBO's estimate. It is a bound, but not the one that this model climbs.",
        ),
        Mistake("not divided", _log_sum_exp, "log K is missing: you report the logarithm of the sum."),
        Mistake(
            "best draw",
            lambda logs: logs.max(axis=0),
            "that is the best draw of each example. No bound at all: more draws, a higher number.",
        ),
        Mistake(
            "weights averaged",
            lambda logs: np.mean(_normalised(logs) * logs, axis=0),
            "the normalised weights sum to 1 already; a mean divides by K once more. And the sum would still be the "
            "surrogate.",
        ),
    ),
    hints=("Which quantity did we prove to lie below log p(x)?", "Return `log_mean_exp(log_weights)`."),
)


def _excess(log_weights):
    weights = _normalised(log_weights)
    return np.sum(weights * np.log(np.where(weights > 0, weights * len(weights), 1.0)), axis=0)


EXCESS = Exercise(
    reference=_excess,
    inputs=_some_log_weights,
    edges=lambda: [(np.array([[-90.0, -3.0], [-1000.0, -4.0], [-91.5, -3.5]]),)],  # the second draw weighs nothing
    mistakes=(
        Mistake(
            "a weight of 0",
            lambda logs: np.sum(_normalised(logs) * np.log(_normalised(logs) * len(logs)), axis=0),
            "right, but for a draw that weighs nothing, e⁻⁹¹⁰ of the best: there w̃ is 0, and 0 · log 0 gives NaN. Its "
            "limit is 0.",
        ),
        Mistake(
            "entropy",
            lambda logs: np.log(len(logs)) - _excess(logs),
            "that is the entropy of the weights. The divergence is log K minus it: 0 where all weights are equal.",
        ),
        Mistake("sign", lambda logs: -_excess(logs), "the sign is flipped: a divergence is never negative."),
        Mistake(
            "without K",
            lambda logs: _excess(logs) - np.log(len(logs)),
            "log K is missing: the uniform distribution over K draws gives each 1/K.",
        ),
        Mistake(
            "other direction",
            lambda logs: -np.mean(np.log(_normalised(logs) * len(logs)), axis=0),
            "that is KL(uniform ‖ w̃), the other direction. The average is over w̃.",
        ),
        Mistake(
            "mean for sum",
            lambda logs: _excess(logs) / len(logs),
            "you averaged over the draws. The weights w̃ already sum to 1.",
        ),
        Mistake(
            "not normalised",
            lambda logs: np.sum(np.exp(logs) * (logs + np.log(len(logs))), axis=0),
            "these weights do not sum to 1. Normalise first: w̃ = w / Σ w.",
        ),
        Mistake(
            "bits",
            lambda logs: _excess(logs) / np.log(2),
            "that is in bits. Nats, please: the natural logarithm.",
        ),
    ),
    hints=("w̃ = exp(log w − log Σ w), one column for each example.", "Σ_k w̃_k log(K w̃_k)."),
)


PREDICT_ESS = Exercise(
    reference=18.0**2 / (9.0**2 + 9.0),
    rtol=1e-3,
    mistakes=(
        Mistake("K", 10.0, "that is K, the number of draws. It would be the answer if all weights were equal."),
        Mistake("one", 1.0, "so bad it is not: the nine others together weigh as much as the heavy one."),
        Mistake(
            "sum over maximum",
            2.0,
            "that is the sum divided by the largest weight. Square the sum, and divide by the sum of the squares.",
        ),
        Mistake("sum over sum of squares", 0.2, "you forgot to square the sum: (Σ w)² / Σ w²."),
        Mistake("share", 0.36, "that is the share of the draws. Multiply by K."),
        Mistake("inverse", 90.0 / 324.0, "that is 1/ESS: the other way up."),
        Mistake(
            "sum of the weights", 18.0, "that is the sum of the weights. Square it, and divide by the sum of squares."
        ),
        Mistake("entropy", 6.0, "that is exp of the entropy, another measure of the same. Here it is (Σw)² / Σw²."),
    ),
    hints=("Σ w = 9 + 9 · 1.", "Σ w² = 81 + 9 · 1."),
)


def iwae_loss():
    """The loss of the exercise, complete: minus the mean over the batch of the log of the mean weight.

    Returns:
        A function of log-weights `(batch, K)`, a tensor, that returns one number, nats per example.
    """
    from keras import ops

    return lambda log_weights: -ops.mean(ops.logsumexp(log_weights, axis=1) - np.log(log_weights.shape[1]))


def _without_gradient():
    from keras import ops

    return lambda log_weights: iwae_loss()(ops.stop_gradient(log_weights))


def _with_one_largest_for_all():
    from keras import ops

    def loss(log_weights):
        largest = ops.max(log_weights)
        return -ops.mean(largest + ops.log(ops.mean(ops.exp(log_weights - largest), axis=1)))

    return loss


def _without_the_largest():
    from keras import ops

    return lambda log_weights: -ops.mean(ops.log(ops.mean(ops.exp(log_weights), axis=1)))


def _handed_in(loss):
    """A factory of the loss as a learner hands it in: NumPy's `loss(log_weights)` in tensors."""

    def made():
        from keras import ops

        return lambda log_weights: ops.convert_to_tensor(np.float32(loss(ops.convert_to_numpy(log_weights))))

    return made


def _bounds(logs, axis=1):
    return np.logaddexp.reduce(logs, axis=axis) - np.log(logs.shape[axis])


_LOSSES = {
    "mean of the logs": (
        lambda logs: -logs.mean(),
        "that is the mean of the logarithms: the loss of the VAE, from K draws. Here the logarithm comes last.",
    ),
    "without log K": (
        lambda logs: -np.mean(np.logaddexp.reduce(logs, axis=1)),
        "log K is missing: that is the logarithm of the *sum* of the weights, no bound. (Its gradient is right.)",
    ),
    "log K added": (
        lambda logs: -np.mean(np.logaddexp.reduce(logs, axis=1) + np.log(logs.shape[1])),
        "log K has the wrong sign: the mean divides by K, so the logarithm loses log K.",
    ),
    "log of the batch": (
        lambda logs: -np.mean(np.logaddexp.reduce(logs, axis=1) - np.log(len(logs))),
        "you subtract the logarithm of the number of images. The mean is over the K draws, axis 1.",
    ),
    "divided by K": (
        lambda logs: -np.mean(np.logaddexp.reduce(logs, axis=1) / logs.shape[1]),
        "you divide the logarithm by K. Inside the logarithm it is a division, outside it is − log K.",
    ),
    "best draw": (
        lambda logs: -np.mean(logs.max(axis=1)),
        "that is the best draw of each image: it lies above the bound, and teaches nothing to the others.",
    ),
    "over the batch": (
        lambda logs: -np.mean(_bounds(logs, axis=0)),
        "you took the mean weight over the *images*. The draws of one image stand in a row: axis 1.",
    ),
    "one logarithm for all": (
        lambda logs: -_bounds(logs.reshape(1, -1))[0],
        "you took one logarithm of the mean weight of all images: each image has its own p(x). First the bound of each "
        "row, then the mean over the batch.",
    ),
    "sum over the batch": (
        lambda logs: -_bounds(logs).sum(),
        "you summed over the batch: the loss, and the step, would grow with the batch. Take the mean.",
    ),
    "sign": (
        lambda logs: _bounds(logs).mean(),
        "that is the bound, which is to be made *large*. A loss is made small: change the sign.",
    ),
    "no mean": (
        lambda logs: -_bounds(logs),
        "one number for the batch is asked for: take the mean at the end.",
    ),
    "surrogate": (
        lambda logs: -np.mean(_surrogate(logs.T)),
        "that is the surrogate Σ w̃ log w. Even with w̃ held fixed, so that its gradient is right, its value beats the "
        "bound. Write the bound itself.",
    ),
}


def _judge_iwae_loss(answer):
    """None if values and gradient are right, the name of a mistake, or a sentence."""
    from keras import ops

    if not callable(answer):
        return "hand over the function itself, not its result."
    tables = [
        np.random.default_rng(seed).normal(centre, 3.0, size).astype("float32")
        for seed, (centre, size) in enumerate([(-4.0, (7, 5)), (-40.0, (6, 9)), (3.0, (4, 6))])
    ]
    given = [answer(ops.convert_to_tensor(table)) for table in tables]
    if any(each is None or each is ... for each in given):
        raise NotImplementedError  # a hole
    values = [np.asarray(ops.convert_to_numpy(each), "float64") for each in given]
    doubles = [table.astype("float64") for table in tables]
    for name, (loss, _) in _LOSSES.items():
        wrong = [np.asarray(loss(table)) for table in doubles]
        if all(
            one.shape == two.shape and np.allclose(one, two, rtol=1e-4) for one, two in zip(values, wrong, strict=True)
        ):
            return name
    if values[0].shape:
        return f"one number is asked for; yours has the shape {values[0].shape}."
    for value, table in zip(values, doubles, strict=True):
        right = -_bounds(table).mean()
        if not np.isclose(value, right, rtol=1e-4):
            return f"for log-weights {table.shape} the loss should be {right:.4f}; yours is {value:.4f}."
    if said := _wrong_far_away(answer):
        return said
    answers = (lambda network, x, logs, of=of: of(logs) for of in (answer, iwae_loss()))
    found = fitting.trouble(*answers, _table, np.arange(7))
    if found == fitting.ANOTHER_GRADIENT:
        return "the value is right, and its gradient is not: no part of the bound may be held fixed."
    return found


def _wrong_far_away(answer):
    """What goes wrong where e to the power of a log-weight is 0 or infinite for a computer, or None."""
    from keras import ops

    near_each_other, apart = [[-600.0, -603.0], [-20_000.0, -601.0]], [[900.0, 903.0], [-20_000.0, -20_001.0]]
    for table, name in ((near_each_other, "overflow"), (apart, "one maximum for all")):
        table = np.float32(table)
        value = float(ops.convert_to_numpy(answer(ops.convert_to_tensor(table))))
        right = -_bounds(table.astype("float64")).mean()
        if not np.isfinite(value):
            return name
        if not np.isclose(value, right, rtol=1e-4):
            return (
                f"for log-weights {table.tolist()} your loss is {value:.1f}, and {right:.1f} is right. Is something "
                "cut off, by `ops.clip` or by a small number inside the logarithm? `ops.logsumexp` needs neither."
            )
    return None


def _table():
    """Seven rows of five log-weights, which are looked up by their numbers: weights that can be trained."""
    import keras

    table = keras.layers.Embedding(7, 5)
    table.build((None,))
    table.set_weights([np.random.default_rng(0).normal(-4.0, 3.0, size=(7, 5))])
    return table


IWAE_LOSS = Exercise(
    reference=iwae_loss,
    judge_with=_judge_iwae_loss,
    mistakes=(
        *(Mistake(name, _handed_in(loss), sentence) for name, (loss, sentence) in _LOSSES.items()),
        Mistake(
            "overflow",
            _without_the_largest,
            "for weights near e^(−600) your loss is no number: e^(−600) is 0 in float32. `ops.logsumexp` takes the "
            "largest out first.",
        ),
        Mistake(
            "one maximum for all",
            _with_one_largest_for_all,
            "you take out the largest log-weight of the whole table: beside an image near e^(900) one near e^(−20000) "
            "becomes 0. Each row needs its own maximum: `ops.logsumexp` does that.",
        ),
        Mistake(
            "no gradient",
            _without_gradient,
            "the value is right, but no gradient passes: something is held fixed (`stop_gradient`), or has left "
            "`keras.ops`.",
        ),
    ),
    hints=(
        "The draws are axis 1: `ops.logsumexp(log_weights, axis=1)`.",
        "Subtract log K, take the mean, change the sign.",
    ),
)


PREDICT_SNR = Exercise(
    reference=(0.1, 10.0),
    rtol=0.05,
    mistakes=(
        Mistake(
            "both grow",
            (10.0, 10.0),
            "the decoder's grows. But the encoder's *mean* gradient shrinks like 1/K, faster than its noise.",
        ),
        Mistake("swapped", (10.0, 0.1), "these two are the wrong way round: the encoder's signal is what shrinks."),
        Mistake(
            "without the root",
            (0.01, 100.0),
            "you forgot that the noise shrinks, too, like 1/√K. Divide signal by noise.",
        ),
        Mistake(
            "noise only",
            (10.0, 100.0),
            "check both parts of each ratio: encoder, signal 1/K and noise 1/√K; "
            "decoder, signal constant and noise 1/√K.",
        ),
        Mistake("decoder constant", (0.1, 1.0), "the decoder's signal stays, and its noise shrinks."),
        Mistake(
            "encoder constant",
            (1.0, 10.0),
            "the encoder's signal goes to 0: in the limit the bound is log p(x), which does not depend on q.",
        ),
        Mistake("nothing changes", (1.0, 1.0), "more draws do change the noise: both are means over draws."),
        Mistake("encoder", Entry(0), "encoder: the signal shrinks like 1/K, the noise like 1/√K. Divide."),
        Mistake("decoder", Entry(1), "decoder: the signal stays, the noise shrinks like 1/√K. Divide."),
    ),
    hints=("Encoder: (1/K) / (1/√K).", "Decoder: 1 / (1/√K), with K = 100."),
)


WHICH_GAP = Exercise(
    reference=(7.0, 5.0),
    rtol=1e-3,
    mistakes=(
        Mistake(
            "swapped",
            (5.0, 7.0),
            "these two are the wrong way round: amortisation is what a search for each image alone wins back.",
        ),
        Mistake("whole", (12.0, 5.0), "12 nats is the whole distance from the encoder's ELBO to log p(x)."),
        Mistake("whole and approximation", Entry(0, 5.0), "5 nats are what remains *after* the search for the best q."),
        Mistake(
            "amortisation for approximation", Entry(1, 7.0), "7 nats are what the search wins. What remains after it?"
        ),
        Mistake("whole and amortisation", (7.0, 12.0), "the second is what remains after the search."),
        Mistake("signs", (-7.0, -5.0), "gaps are distances: both are positive."),
        Mistake("amortisation", Entry(0), "amortisation: from the encoder's q to the best one, −92 → −85."),
        Mistake("approximation", Entry(1), "approximation: from the best q to log p(x), −85 → −80."),
    ),
    hints=("−92 → −85 → −80.", "amortisation: best q minus encoder's q."),
)


_FAIR = frozenset("af")

READ_A_TABLE = Exercise(
    reference=set(_FAIR),
    words="abcdef",
    mistakes=(
        Mistake(
            "a alone",
            {"a"},
            "one line is missing: a change of units changes no comparison. 84.78 "
            "nats over 784 pixels are 84.78 / (784 · log 2) bits each.",
        ),
        Mistake(
            "f alone",
            {"f"},
            "one line is missing: which line differs from the published one in nothing but the model?",
        ),
        Mistake(
            "b too",
            set(_FAIR | {"b"}),
            "(b) is an ELBO, a looser bound than the published one: it says what the "
            "model is *at least*, and hides its gap.",
        ),
        Mistake(
            "c too",
            set(_FAIR | {"c"}),
            "(c) is another data set: its pixels were drawn once and for all, for training too.",
        ),
        Mistake(
            "d too",
            set(_FAIR | {"d"}),
            "(d) averages over the first 1,000 images only, and they are not a random choice: they are easier.",
        ),
        Mistake(
            "e too",
            set(_FAIR | {"e"}),
            "(e) is no log-likelihood: for grey values the Bernoulli formula is not "
            "normalised, and its best value depends on the images.",
        ),
        Mistake(
            "a and b",
            {"a", "b"},
            "(b) is a looser bound, and a change of units is missing from your list.",
        ),
        Mistake(
            "all",
            set("abcdef"),
            "four of them differ in the data, in the images or in what was estimated. Ask of "
            "each: same binarisation, same split, same estimator?",
        ),
    ),
    hints=("Three things must match: binarisation, split, estimator (K).", "A unit is not one of them."),
)
