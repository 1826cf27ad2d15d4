"""Exercises of training a GAN: what moves and what holds still, five broken programs, targets and curves."""

import functools
import itertools
import math
import warnings

import numpy as np

from course_lib.exercises.engine import Entry, Exercise, Mistake
from course_lib.exercises.references import lesson


def _two_pairs(rng):
    of_g, of_d = (int(size) for size in rng.integers((5, 3), (9, 5)))
    return tuple((rng.normal(size=of_g), rng.normal(size=of_d)) for _ in range(2))


DIRECTIONS = Exercise(
    reference=lambda of_d, of_g: (of_g[0], of_d[1]),
    inputs=_two_pairs,
    mistakes=(
        Mistake(
            "as found",
            lambda of_d, of_g: of_g,
            "that is still the program as found: the discriminator descends the *generator's* loss, so it learns to "
            "call samples real. Which loss is the discriminator's own?",
        ),
        Mistake(
            "no bars",
            lambda of_d, of_g: (of_d[0] + of_g[0], of_d[1] + of_g[1]),
            "you added both losses and let every weight descend the sum. Then each player also helps the other: what "
            "is missing are the two bars.",
        ),
        Mistake(
            "one loss for both",
            lambda of_d, of_g: of_d,
            "now both descend the *discriminator's* loss: the generator learns to be recognised.",
        ),
        Mistake(
            "exchanged",
            lambda of_d, of_g: (of_d[0], of_g[1]),
            "each player has the other's loss. These are exactly the two gradients that must not be used.",
        ),
        Mistake(
            "discriminator held still",
            lambda of_d, of_g: (of_g[0], 0 * of_d[1]),
            "no co-operation any more, but no game either: now the discriminator learns nothing.",
        ),
        Mistake(
            "minus",
            lambda of_d, of_g: (-of_d[0], of_d[1]),
            "the generator climbs the discriminator's loss: a fair game, the minimax one, but its slopes vanish where "
            f"D wins ({lesson('gan_theory')}). Use the generator's own loss.",
        ),
        Mistake(
            "climbing the other's loss",
            lambda of_d, of_g: (of_g[0], -of_g[1]),
            "the discriminator climbs the generator's loss, which knows only samples. Data stand in its own loss.",
        ),
        Mistake(
            "order",
            lambda of_d, of_g: (of_d[1], of_g[0]),
            "these are the right two gradients in the wrong order. The generator's comes first.",
        ),
    ),
    hints=(
        "The generator moves by the gradient of its own loss by its own weights, and so does the discriminator.",
        "`of_generator_loss[0]` and `of_discriminator_loss[1]`.",
    ),
)

# which run has which bug; the lesson's reports are anonymous
runs = {
    "P": "no real data",
    "Q": "healthy",
    "R": "co-operation",
    "S": "double sigmoid",
    "T": "frozen discriminator",
}

DIAGNOSES = Exercise(
    reference=runs,
    words=("healthy", "co-operation", "frozen discriminator", "double sigmoid", "no real data"),
    mistakes=(
        Mistake(
            "perfect end",
            runs | {"P": "healthy", "Q": "no real data"},
            "P has the losses of a perfect end, log 4 and log 2, almost from the first step, and its samples are junk. "
            "Such losses say only that D is a coin. What makes *every* D a coin?",
        ),
        Mistake(
            "double sigmoid healthy",
            runs | {"Q": "double sigmoid", "S": "healthy"},
            "Q and S are exchanged: one of them never says less than ½ of any image, so its loss has a floor. Why?",
        ),
        Mistake(
            "frozen and co-operating",
            runs | {"R": "frozen discriminator", "T": "co-operation"},
            "in R and T the generator wins completely. But a frozen D keeps its *first* opinion of real images; look "
            "which D(real) has moved.",
        ),
        Mistake(
            "coin and double sigmoid",
            runs | {"P": "double sigmoid", "S": "no real data"},
            "P and S both end near log 4. But P is there almost from the start, and S tells things apart in between.",
        ),
        Mistake(
            "P",
            Entry("P"),
            "P: D is a coin almost from the first step, and the samples are junk. What makes *every* D a coin?",
        ),
        Mistake("Q", Entry("Q"), "Q: D tells the two apart, never wholly, and the samples become better."),
        Mistake(
            "R",
            Entry("R"),
            "R: the generator wins completely, and D's opinion of real images moves along. Whom does D help?",
        ),
        Mistake("S", Entry("S"), "S: D never says less than ½ of any image, so its loss has a floor. Why?"),
        Mistake("T", Entry("T"), "T: the generator wins completely, and D keeps its first opinion of real images."),
        Mistake(
            "no data and co-operation",
            runs | {"P": "co-operation", "R": "no real data"},
            "where the two co-operate, D helps, and the generator's loss goes to 0. Where both halves of the batch are "
            "samples, nobody can win.",
        ),
    ),
    hints=(
        "Ask each: can D win (a loss far below log 4)? Does D(real) move at all? Who is glad when D says “real”?",
        "Nothing to tell apart: log 4 at once. Both want “real”: D calls everything real. Frozen: D(real) stays.",
    ),
)


def _one_sigmoid(real_logits, fake_logits):
    return np.logaddexp(0, -real_logits) + np.logaddexp(0, fake_logits)


def _squashed(values):
    return 1 / (1 + np.exp(-values))


def _pairs_of_logits(rng):
    n = int(rng.integers(7, 12))
    return rng.normal(2, 3, size=n), rng.normal(-2, 3, size=n)


ONE_SIGMOID = Exercise(
    reference=_one_sigmoid,
    inputs=_pairs_of_logits,
    edges=lambda: [(np.array([-900.0, 900.0, 0.5, -40.0]), np.array([900.0, -900.0, -0.5, 40.0]))],
    mistakes=(
        Mistake(
            "as found",
            lambda r, f: _one_sigmoid(_squashed(r), _squashed(f)),
            "two sigmoids are still there: `np.logaddexp` already holds one (log(1 + e^−ℓ) is −log sigmoid(ℓ)).",
        ),
        Mistake(
            "one side repaired",
            lambda r, f: np.logaddexp(0, -r) + np.logaddexp(0, _squashed(f)),
            "the real half is repaired, and the samples still pass two sigmoids.",
        ),
        Mistake(
            "the other side repaired",
            lambda r, f: np.logaddexp(0, -_squashed(r)) + np.logaddexp(0, f),
            "the half of the samples is repaired, and the real ones still pass two sigmoids.",
        ),
        Mistake(
            "no logarithm",
            lambda r, f: 1 - _squashed(r) + _squashed(f),
            "one sigmoid, but the logarithm has gone: that is a difference of probabilities, with no slope where D is "
            "wrong and sure.",
        ),
        Mistake(
            "logarithm of zero",
            lambda r, f: -np.log(_squashed(r)) - np.log(1 - _squashed(f)),
            "for large logits the sigmoid is rounded to 0 or 1, and the logarithm of 0 is −∞. Work on the logits: "
            "`np.logaddexp(0, …)`.",
        ),
        Mistake(
            "clipped",
            lambda r, f: -sum(np.log(np.clip(_squashed(each), 1e-7, 1 - 1e-7)) for each in (r, -f)),
            "clipping keeps the logarithm finite, and wrong: where D is sure and wrong, its slope is cut to 0. Work on "
            "the logits: `np.logaddexp(0, …)`.",
        ),
        Mistake(
            "a tiny number added",
            lambda r, f: -np.log(_squashed(r) + 1e-8) - np.log(_squashed(-f) + 1e-8),
            "a tiny number inside of the logarithm keeps it finite, and wrong: at a logit of −900, −log D is 900. Work "
            "on the logits: `np.logaddexp(0, …)`.",
        ),
        Mistake(
            "only the data",
            lambda r, f: np.logaddexp(0, -r),
            "the half of the samples is missing: without it, calling everything real is best.",
        ),
        Mistake(
            "mean over the batch",
            lambda r, f: _one_sigmoid(r, f).mean(),
            "one value for each pair is asked for: do not average yet.",
        ),
        Mistake(
            "samples called real",
            lambda r, f: np.logaddexp(0, -r) + np.logaddexp(0, -f),
            "the second term rewards D for calling samples real: it is softplus(+logit) for a sample.",
        ),
        Mistake(
            "relativistic",
            lambda r, f: np.logaddexp(0, f - r),
            "that compares the two logits of a pair: another loss, the relativistic one. Judge each for itself.",
        ),
        Mistake(
            "labels exchanged",
            lambda r, f: np.logaddexp(0, r) + np.logaddexp(0, -f),
            "real and generated are exchanged: this loss is small where D calls real images generated.",
        ),
        Mistake(
            "averaged halves",
            lambda r, f: _one_sigmoid(r, f) / 2,
            "right but for a half: V has two expectations, and both count fully.",
        ),
    ),
    hints=(
        "−log sigmoid(ℓ) = log(1 + e^(−ℓ)) = `np.logaddexp(0, -ℓ)`.",
        "Leave out the line that squashes the logits.",
    ),
)

FLOOR = Exercise(
    reference=math.log1p(math.exp(-1.0)) + math.log(2.0),
    rtol=0.005,
    mistakes=(
        Mistake("zero", 0.0, "0 needs logits of ±∞. After the first sigmoid the “logits” lie between 0 and 1."),
        Mistake(
            "a coin", math.log(4.0), "that is a coin, both numbers 0. A sure D gives 1 to real and 0 to generated."
        ),
        Mistake(
            "one half of it",
            math.log1p(math.exp(-1.0)),
            "that is the real half, softplus(−1). The half of the samples, at 0, adds log 2.",
        ),
        Mistake(
            "symmetric",
            2 * math.log1p(math.exp(-1.0)),
            "generated images can get 0 at best, not −1: their half is softplus(0).",
        ),
        Mistake(
            "worst case",
            math.log1p(math.exp(1.0)) + math.log(2.0),
            "that is the largest one: real at 0, generated at 1. Turn it round.",
        ),
        Mistake("bits", (math.log1p(math.exp(-1.0)) + math.log(2.0)) / math.log(2.0), "that is in bits. Use nats."),
    ),
    hints=("The second sigmoid sees numbers between 0 and 1, not −∞ and ∞.", "softplus(−1) + softplus(0)."),
)


def _two_densities(rng):
    p, q = rng.gamma(1.0, 0.3, size=(2, int(rng.integers(9, 15)))) + 0.01
    return p, q, float(rng.uniform(0.75, 0.95)), float(rng.uniform(0.05, 0.2))


SMOOTHED = Exercise(
    reference=lambda p, q, t, s: (t * p + s * q) / (p + q),
    inputs=_two_densities,
    mistakes=(
        Mistake(
            "hard targets",
            lambda p, q, t, s: p / (p + q),
            "that is the answer for the targets 1 and 0. Where p dominates, D should now say t.",
        ),
        Mistake(
            "one-sided",
            lambda p, q, t, s: t * p / (p + q),
            "that is one-sided smoothing, s = 0. What does a target s > 0 for samples add?",
        ),
        Mistake(
            "densities weighted",
            lambda p, q, t, s: t * p / (t * p + s * q),
            "the denominator collects everything that D is shown, real or generated, whatever its target: p + q.",
        ),
        Mistake(
            "weights of examples",
            lambda p, q, t, s: t * p / (t * p + (1 - s) * q),
            "you weighted the *examples*. Smoothing changes *targets*: a real one pays −t log D − (1 − t) log(1 − D).",
        ),
        Mistake(
            "exchanged",
            lambda p, q, t, s: (s * p + t * q) / (p + q),
            "the targets are exchanged: t belongs to real ones, with the density p.",
        ),
        Mistake(
            "complement",
            lambda p, q, t, s: ((1 - t) * p + (1 - s) * q) / (p + q),
            "that is the probability of *generated*, 1 − D.",
        ),
        Mistake(
            "no denominator",
            lambda p, q, t, s: t * p + s * q,
            "solve a/y = b/(1 − y) to the end: divide by a + b, which is p + q.",
        ),
    ),
    hints=(
        "At one x the loss is −(t p + s q) log y − ((1 − t) p + (1 − s) q) log(1 − y).",
        f"a = t p + s q, b = (1 − t) p + (1 − s) q, and y = a/(a + b) ({lesson('gan_theory')}).",
    ),
)

_MOMENTUM, _EPSILON = 0.99, 1e-3


def _normalised(x, mean, variance):
    return (x - mean) / np.sqrt(variance + _EPSILON)


def _moved(old, new, momentum=_MOMENTUM):
    return momentum * old + (1 - momentum) * new


def _batch_norm(x, mean, variance, training):
    if not training:
        return _normalised(x, mean, variance), mean, variance
    return _normalised(x, x.mean(0), x.var(0)), _moved(mean, x.mean(0)), _moved(variance, x.var(0))


def _as_found(x, mean, variance, training):
    return _normalised(x, mean, variance), mean, variance


def _never_moved(x, mean, variance, training):
    return _batch_norm(x, mean, variance, training)[0], mean, variance


def _never_at_rest(x, mean, variance, training):
    output, *_ = _batch_norm(x, mean, variance, training)
    return output, *_batch_norm(x, mean, variance, True)[1:]


def _always_the_batch(x, mean, variance, training):
    return _normalised(x, x.mean(0), x.var(0)), *_batch_norm(x, mean, variance, training)[1:]


def _by_the_averages(x, mean, variance, training):
    mean, variance = _batch_norm(x, mean, variance, training)[1:]
    return _normalised(x, mean, variance), mean, variance


def _too_fast(x, mean, variance, training):
    if not training:
        return _normalised(x, mean, variance), mean, variance
    new = _moved(mean, x.mean(0), 1 - _MOMENTUM), _moved(variance, x.var(0), 1 - _MOMENTUM)
    return _normalised(x, x.mean(0), x.var(0)), *new


def _by_example(x, mean, variance, training):
    if not training:
        return _normalised(x, mean, variance), mean, variance
    x_mean, x_variance = x.mean(1, keepdims=True), x.var(1, keepdims=True)
    return _normalised(x, x_mean, x_variance), _moved(mean, x.mean(0)), _moved(variance, x.var(0))


def _with_another_variance(of_the_output, of_the_average, epsilon=_EPSILON):
    """Batch normalisation by another variance of the batch, in the output or in the moving average."""

    def answer(x, mean, variance, training):
        if not training:
            return (x - mean) / np.sqrt(variance + epsilon), mean, variance
        output = (x - x.mean(0)) / np.sqrt(of_the_output(x) + epsilon)
        return output, _moved(mean, x.mean(0)), _moved(variance, of_the_average(x))

    return answer


def _variance(x):
    return x.var(0)


def _draw_of_batch_norm(rng):
    training = bool(rng.integers(2**31) % 2 == 0)
    x = rng.normal(1.5, 2.0, size=rng.integers((4, 3), (8, 6)))
    return x, rng.normal(size=x.shape[1]), rng.gamma(2.0, size=x.shape[1]), training


BATCH_NORM = Exercise(
    reference=_batch_norm,
    inputs=_draw_of_batch_norm,
    draws=6,
    mistakes=(
        Mistake(
            "as found",
            _as_found,
            "that is still the layer as found: in training it uses the moving averages, which stay at their start.",
        ),
        Mistake(
            "averages never move",
            _never_moved,
            "the moving averages stay at their start: evaluation will not be normalised.",
        ),
        Mistake(
            "averages move in evaluation",
            _never_at_rest,
            "the averages also move in evaluation: looking at a model must not change it.",
        ),
        Mistake(
            "batch in evaluation",
            _always_the_batch,
            "in evaluation you still use the batch: then a sample depends on which others were drawn beside it.",
        ),
        Mistake(
            "averages in training",
            _by_the_averages,
            "the averages move now, but in training the output must be normalised by *this batch*.",
        ),
        Mistake(
            "momentum exchanged",
            _too_fast,
            "the momentum is on the wrong side: 0.99 of the old average is kept, 0.01 of the batch comes in.",
        ),
        Mistake(
            "divided by n − 1",
            _with_another_variance(lambda x: x.var(0, ddof=1), lambda x: x.var(0, ddof=1)),
            "your variance divides by n − 1. Keras divides by the size of the batch: `x.var(axis=0)`.",
        ),
        Mistake(
            "an average of deviations",
            _with_another_variance(_variance, lambda x: x.std(0)),
            "the second average is one of *variances*, and you let standard deviations in.",
        ),
        Mistake(
            "another small number",
            _with_another_variance(_variance, _variance, epsilon=1e-5),
            "under the root stands the variance plus 0.001, as in the code that you were given.",
        ),
        Mistake(
            "over the features",
            _by_example,
            "you normalise each example over its features: that is layer normalisation. Use axis 0.",
        ),
    ),
    hints=(
        "In training: mean and variance of this batch, over axis 0; the averages become 0.99 old + 0.01 new.",
        "In evaluation nothing changes: the output uses the averages, and they are returned as they came.",
    ),
)

EVIDENCE = Exercise(
    reference={"b", "d"},
    words="abcde",
    mistakes=(
        Mistake(
            "loss as evidence",
            {"a", "b", "d"},
            "(a) is no evidence: with co-operation (R) and with a frozen discriminator (T) it falls to almost 0, too.",
        ),
        Mistake(
            "loss of D as evidence",
            {"b", "c", "d"},
            "(c) is no evidence: log 4 is the loss of any D that is a coin, trained or not.",
        ),
        Mistake(
            "one of them", {"b"}, "one more: what should the samples be compared with, and on equal numbers of them?"
        ),
        Mistake(
            "the other one",
            {"d"},
            "one more: what is the most direct evidence that the discriminator takes part at all?",
        ),
        Mistake(
            "nearest",
            {"b", "d", "e"},
            "(e) was measured with fewer samples: the distance is biased upwards, the more the fewer there are.",
        ),
        Mistake("everything", set("abcde"), "not all of these are evidence. Which would P, R or T also show?"),
    ),
    hints=(
        "Cross out what P, R or T also shows: their samples never come nearer to the data.",
        "Weights that moved and data that matter; a score beside real.",
    ),
)


def _keras_round():
    import keras

    keras.utils.set_random_seed(0)
    discriminator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    generator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    combined = keras.Sequential([generator, discriminator])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    for model in (discriminator, combined):
        model.compile(keras.optimizers.SGD(0.1), loss, run_eagerly=True)
    discriminator.trainable = False  # the recipe of Keras 2, after the first compile
    return generator, discriminator, combined


class _Watched:
    """A Keras model whose `train_on_batch` notes whose step it was, which networks moved, and the labels."""

    def __init__(self, model, players, notes, shown, name):
        vars(self).update(model=model, players=players, notes=notes, shown=shown, name=name)

    def train_on_batch(self, x, y):
        before = {name: player.get_weights() for name, player in self.players.items()}
        said = self.model.train_on_batch(x, y)
        moved = {
            name
            for name, player in self.players.items()
            if any(not np.array_equal(a, b) for a, b in zip(before[name], player.get_weights(), strict=True))
        }
        self.notes.append((self.name, frozenset(moved), np.asarray(y, dtype="float64")))
        self.shown.append((self.name, np.array(x), np.asarray(y, dtype="float64").reshape(-1)))
        return said

    def __getattr__(self, name):
        return getattr(self.model, name)

    def __setattr__(self, name, value):
        setattr(self.model, name, value)


def _judge_round(answer):
    if not callable(answer):
        return "hand over the function `one_round` itself."
    generator, discriminator, combined = _keras_round()
    players, notes, shown = {"G": generator, "D": discriminator}, [], []
    rng = np.random.default_rng(0)
    both, labels = rng.normal(size=(8, 2)), np.repeat([0.0, 1.0], 4)[:, None]
    noise = rng.normal(size=(4, 3))
    watched = [_Watched(m, players, notes, shown, n) for m, n in ((discriminator, "D"), (combined, "G"))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "the model does not have any trainable weights": the symptom
        for _ in range(2):  # the second round begins where the first one left the switches
            answer(*watched, both, labels, noise)
    moved = [[done for who, done, _ in notes if who == name] for name in "DG"]
    if min(map(len, moved)) < 2:
        return "each round trains both: `discriminator.train_on_batch(…)` and `combined.train_on_batch(…)`."
    of_d, of_g = ([set(each) for each in side] for side in moved)
    if not all(each == {"D"} for each in of_d):
        return "thawed too late" if any("D" in each for each in of_g) else "as found"
    if any("D" in each for each in of_g):
        return "never frozen"
    if not all(each == {"G"} for each in of_g):
        return "everything frozen"
    if said := _trained_on_something_else(shown, both, labels.reshape(-1), noise):
        return said
    return None if all(np.all(said == 1.0) for who, _, said in notes if who == "G") else "labelled generated"


def _trained_on_something_else(shown, images, labels, noise):
    """What is wrong with the examples and labels of the steps, or None."""
    of_d, of_g = ([each[1:] for each in shown if each[0] == name] for name in "DG")
    if len(of_d) != 2 or len(of_g) != 2:
        return "a round has one step of each network: one `train_on_batch` of the discriminator, one of the stack."
    for x, y in of_d:
        if x.shape != images.shape or not np.array_equal(np.sort(x, axis=0), np.sort(images, axis=0)):
            return "the discriminator should be shown the whole batch that it is given, `images`, and nothing else."
        order = [int(np.flatnonzero((images == row).all(axis=1))[0]) for row in x]
        if not np.array_equal(y, labels[order]):
            return "the discriminator should learn the labels that come with the images, `labels`, unchanged."
    for x, y in of_g:
        if x.shape != noise.shape or not np.array_equal(np.sort(x, axis=0), np.sort(noise, axis=0)):
            return "the stack should be trained on the `noise` that it is given."
        if ((y > 0) & (y < 1)).any():
            return (
                "the generator's step wants the discriminator to say real, which is 1. Yours asks for less than that."
            )
    return None


def _round(before_d, before_g, freeze_all=False, label=1.0):
    def one_round(discriminator, combined, both, labels, noise):
        if before_d is not None:
            discriminator.trainable = before_d
        discriminator.train_on_batch(both, labels)
        if before_g is not None:
            discriminator.trainable = before_g
        if freeze_all:
            combined.trainable = False
        combined.train_on_batch(noise, np.full((len(noise), 1), label))
        if freeze_all:
            combined.trainable = True

    return lambda: one_round


FROZEN_ROUND = Exercise(
    reference=_round(True, False),
    judge_with=_judge_round,
    mistakes=(
        Mistake(
            "as found",
            _round(None, None),
            "the discriminator still moves by 0.0: it is frozen *now*, whenever it was compiled.",
        ),
        Mistake(
            "never frozen",
            _round(True, True),
            "now the discriminator learns, but the generator's step moves it too: it is taught to call samples real. "
            "Freeze it again before `combined.train_on_batch`.",
        ),
        Mistake(
            "thawed too late",
            _round(False, True),
            "the switches are exchanged: frozen in its own step, free in the generator's.",
        ),
        Mistake(
            "everything frozen",
            _round(True, None, freeze_all=True),
            "you froze the whole pair: now the generator does not move.",
        ),
        Mistake(
            "labelled generated",
            _round(True, False, label=0.0),
            "the right network moves, the wrong way: with the label 0 the generator learns to be *recognised*. Its "
            "step wants the discriminator to say real, which is 1.",
        ),
    ),
    hints=(
        "Keras 3 does not read `trainable` in `compile`. A step that runs eagerly, as these do, reads it each time; a "
        "compiled one at its first call, and keeps to that until `compile` is called again.",
        "`discriminator.trainable = True` before its step, `= False` before the generator's.",
    ),
)


def descend(network, loss, rate=0.1):
    """One step of gradient descent on a loss, for the weights of one network: nothing else moves.

    Args:
        network: Built Keras model.
        loss: Function without arguments that returns a scalar tensor.
        rate: The step size.

    Example:
        >>> import keras
        >>> network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
        >>> descend(network, lambda: network(keras.ops.ones((1, 1)))[0, 0])
        >>> round(float(network.get_weights()[0][0, 0]), 4)
        0.9
    """
    import keras
    from keras import ops

    from course_lib.formulas import input_gradient

    variables = network.trainable_variables
    ends = [0, *np.cumsum([int(np.prod(variable.shape)) for variable in variables]).tolist()]

    def pieces_of(vector):
        pieces = [vector[begin:end] for begin, end in itertools.pairwise(ends)]
        return [ops.reshape(piece, each.shape) for each, piece in zip(variables, pieces, strict=True)]

    def of_the_weights(vector):
        weights = list(zip(variables, pieces_of(vector), strict=True))
        with keras.StatelessScope(state_mapping=weights):
            return loss()

    together = ops.concatenate([ops.reshape(variable.value, (-1,)) for variable in variables])
    for variable, slope in zip(variables, pieces_of(input_gradient(of_the_weights, together)), strict=True):
        variable.assign(variable.value - rate * slope)


def _softplus(logits):
    from keras import ops

    return ops.softplus(logits)


def _mean(values):
    from keras import ops

    return ops.mean(values)


def _l_d(real, fake):
    return _mean(_softplus(-real) + _softplus(fake))


def _l_g(fake):
    return _mean(_softplus(-fake))


def _a_round(d_loss=_l_d, g_loss=_l_g, steps="DG", data=True):
    """A factory of rounds: the loss of D (of logits of data and of samples), that of G (of samples), whose steps."""

    def one_round(generator, discriminator, descend, images, noise):
        def of_d():
            samples = generator(noise)
            return d_loss(discriminator(images if data else generator(noise[::-1])), discriminator(samples))

        def of_g():
            return g_loss(discriminator(generator(noise)))

        def both():
            return of_d() + of_g()

        losses = {"D": of_d, "G": of_g, "d": of_g, "g": of_d, "S": both, "s": both}
        players = {"D": discriminator, "G": generator, "d": discriminator, "g": generator}
        for step in steps:
            descend(players["D" if step == "S" else "G" if step == "s" else step], losses[step])

    return lambda: one_round


def _samples_made_before(generator, discriminator, descend, images, noise):
    samples = generator(noise)
    descend(discriminator, lambda: _l_d(discriminator(images), discriminator(samples)))
    descend(generator, lambda: _l_g(discriminator(samples)))


def _logits_made_before(generator, discriminator, descend, images, noise):
    real, fake = discriminator(images), discriminator(generator(noise))
    descend(discriminator, lambda: _l_d(real, fake))
    descend(generator, lambda: _l_g(discriminator(generator(noise))))


def _sum(values):
    from keras import ops

    return ops.sum(values)


class _StrangeStepError(Exception):
    """Why a step cannot be taken."""


def _after_two_rounds(one_round, asked=None):
    """All weights of the generator and of the discriminator, at the start and after two rounds: two pairs of arrays.

    The networks for which a step was asked are noted in the list `asked`.
    """
    import keras
    from keras import ops

    layers, rng = keras.layers, np.random.default_rng(1)
    players = (
        keras.Sequential([keras.Input((3,)), layers.Dense(4, "tanh"), layers.Dense(2)]),
        keras.Sequential([keras.Input((2,)), layers.Dense(5, "tanh"), layers.Dense(1)]),
    )
    for player in players:
        player.set_weights([rng.normal(size=weight.shape) for weight in player.get_weights()])
    start = [np.concatenate([weight.ravel() for weight in player.get_weights()]) for player in players]

    def noted(network, loss, rate=0.1):
        whose = [name for name, each in zip("GD", players, strict=True) if each is network]
        if not whose:
            raise _StrangeStepError("`descend` takes one of the two networks first: `descend(generator, …)`.")
        if not callable(loss):
            raise _StrangeStepError("the second argument of `descend` is a function that computes the loss.")
        if not network.trainable_variables:
            name = {"G": "generator", "D": "discriminator"}[whose[0]]
            raise _StrangeStepError(
                f"`{name}.trainable` is False where its own step is taken, so there is no weight to move. `descend` "
                "moves one network alone: nothing needs to be frozen."
            )
        if asked is not None:
            asked.append(whose[0])
        descend(network, loss, rate)

    for _ in range(2):
        images, noise = rng.normal(2.0, 1.0, size=(8, 2)), rng.normal(size=(8, 3))
        tensors = (ops.convert_to_tensor(each.astype("float32")) for each in (images, noise))
        one_round(*players, noted, *tensors)
    return start, [np.concatenate([weight.ravel() for weight in player.get_weights()]) for player in players]


def _judge_one_round(answer):
    if not callable(answer):
        return "hand over the function `one_round` itself."
    asked = []
    try:
        start, end = _after_two_rounds(answer, asked)
    except _StrangeStepError as error:
        return str(error)
    moved = [np.abs(a - b).max() > 0 for a, b in zip(start, end, strict=True)]
    if not asked and any(moved):
        return "the networks moved, and not by the `descend` that is handed over: take each step with that one."
    if not asked:
        raise NotImplementedError  # a hole
    if "G" in asked and not moved[0]:
        return "samples made before"
    if "D" in asked and not moved[1]:
        return "logits made before"
    if _ends_like(end, "reference"):
        return None
    for mistake in ONE_ROUND.mistakes:
        if _ends_like(end, mistake.name):
            return mistake.name
    wrong = [not np.allclose(*pair, atol=1e-5) for pair in zip(end, _end_of("reference"), strict=True)]
    names = [name for name, each in zip(("generator", "discriminator"), wrong, strict=True) if each]
    return (
        f"your round moves the {' and the '.join(names)} otherwise than the losses ask: compare them with L_D and L_G."
    )


def _ends_like(end, name):
    return all(np.allclose(*pair, atol=1e-5) for pair in zip(end, _end_of(name), strict=True))


@functools.cache
def _end_of(name):
    """Where the weights go by the reference, or by the mistake of a name."""
    rounds = {mistake.name: mistake.answer for mistake in ONE_ROUND.mistakes} | {"reference": ONE_ROUND.reference}
    return _after_two_rounds(rounds[name]())[1]


ONE_ROUND = Exercise(
    reference=_a_round(),
    judge_with=_judge_one_round,
    mistakes=(
        Mistake("D alone", _a_round(steps="D"), "only the discriminator takes a step. A round trains both."),
        Mistake("G alone", _a_round(steps="G"), "only the generator takes a step: its opponent never learns (run T)."),
        Mistake(
            "co-operation",
            _a_round(steps="dG"),
            "your discriminator descends the *generator's* loss: it learns to call samples real (run R).",
        ),
        Mistake(
            "both descend L_D",
            _a_round(steps="Dg"),
            "your generator descends softplus(+ℓ), as the *discriminator* does at samples: it learns to be recognised.",
        ),
        Mistake(
            "losses exchanged",
            _a_round(steps="dg"),
            "each network descends the other's loss: these are exactly the two gradients that must not be used.",
        ),
        Mistake(
            "the sum for both",
            _a_round(steps="Ss"),
            "each network descends the *sum* of the losses, so each also helps the other. `descend` knows no bars but "
            "whose weights it moves: give it the network's own loss.",
        ),
        Mistake(
            "samples made before",
            lambda: _samples_made_before,
            "your generator does not move: no gradient passes from its loss to its weights. The loss must contain "
            "`discriminator(generator(noise))`: samples made outside of it, or held fixed (`stop_gradient`, NumPy), "
            "are numbers. Or does the loss take logits for probabilities, without `from_logits=True`?",
        ),
        Mistake(
            "logits made before",
            lambda: _logits_made_before,
            "your discriminator does not move: no gradient passes from its loss to its weights. Call "
            "`discriminator(…)` inside of its loss: logits made outside of it, or held fixed (`stop_gradient`, "
            "NumPy), are numbers.",
        ),
        Mistake(
            "the generator first",
            _a_round(steps="GD"),
            "your generator steps first, against the discriminator of before. A step of D comes first, then one of G "
            "against the *new* D.",
        ),
        Mistake(
            "everything generated",
            _a_round(d_loss=lambda real, fake: _l_d(-real, fake)),
            "your discriminator learns to call everything generated, the images as well: for them it is softplus(−ℓ).",
        ),
        Mistake(
            "everything real",
            _a_round(d_loss=lambda real, fake: _l_d(real, -fake)),
            "your discriminator learns to call everything real, the samples as well: for them it is softplus(+ℓ).",
        ),
        Mistake(
            "no real data",
            _a_round(data=False),
            "both halves of the discriminator's batch are samples: the images occur nowhere (run P).",
        ),
        Mistake(
            "labels exchanged",
            _a_round(d_loss=lambda real, fake: _l_d(-real, -fake)),
            "your discriminator learns to call data generated and samples real: softplus(−ℓ) belongs to data.",
        ),
        Mistake(
            "only the data",
            _a_round(d_loss=lambda real, fake: _mean(_softplus(-real))),
            "your discriminator's loss has one half. Without samples, calling everything real is best.",
        ),
        Mistake(
            "only the samples",
            _a_round(d_loss=lambda real, fake: _mean(_softplus(fake))),
            "your discriminator's loss has one half. Without data, calling everything generated is best.",
        ),
        Mistake(
            "half a loss",
            _a_round(d_loss=lambda real, fake: _l_d(real, fake) / 2),
            "the discriminator's step is half as long as asked: L_D adds its two means, as Keras does not.",
        ),
        Mistake(
            "saturating",
            _a_round(g_loss=lambda fake: -_mean(_softplus(fake))),
            "your generator's loss is log(1 − D), the saturating one. Write −log D = softplus(−ℓ).",
        ),
        Mistake(
            "climbs",
            _a_round(g_loss=lambda fake: -_l_g(fake)),
            "your generator climbs its loss: `descend` makes a loss smaller, and it wants −log D small.",
        ),
        Mistake(
            "two sigmoids",
            _a_round(
                d_loss=lambda real, fake: _l_d(_keras_sigmoid(real), _keras_sigmoid(fake)),
                g_loss=lambda fake: _l_g(_keras_sigmoid(fake)),
            ),
            "there are two sigmoids (run S): softplus(−ℓ) = −log sigmoid(ℓ) already holds one.",
        ),
        Mistake(
            "sums",
            _a_round(
                d_loss=lambda real, fake: _sum(_softplus(-real) + _softplus(fake)),
                g_loss=lambda fake: _sum(_softplus(-fake)),
            ),
            "you add up the batch: take the mean, or the step grows with its size.",
        ),
        Mistake("two steps of D", _a_round(steps="DDG"), "the discriminator takes two steps. One each is asked for."),
        Mistake("two steps of G", _a_round(steps="DGG"), "the generator takes two steps. One each is asked for."),
    ),
    hints=(
        "`descend(discriminator, loss)` with L_D, then `descend(generator, loss)` with L_G.",
        "L_D: `ops.mean(ops.softplus(-D(images)) + ops.softplus(D(G(noise))))`. L_G: `softplus(-D(G(noise)))`.",
    ),
)


def _keras_sigmoid(logits):
    from keras import ops

    return ops.sigmoid(logits)
