"""Exercises of training a GAN: what moves and what holds still, five broken programs, targets and curves."""

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

# which disease has which patient; the lesson's reports are anonymous
patients = {
    "P": "no real data",
    "Q": "healthy",
    "R": "co-operation",
    "S": "double sigmoid",
    "T": "frozen discriminator",
}

DIAGNOSES = Exercise(
    reference=patients,
    words=("healthy", "co-operation", "frozen discriminator", "double sigmoid", "no real data"),
    mistakes=(
        Mistake(
            "perfect end",
            patients | {"P": "healthy", "Q": "no real data"},
            "P has the losses of a perfect end, log 4 and log 2, almost from the first step, and its samples are junk. "
            "Such losses say only that D is a coin. What makes *every* D a coin?",
        ),
        Mistake(
            "double sigmoid healthy",
            patients | {"Q": "double sigmoid", "S": "healthy"},
            "Q and S are exchanged: one of them never says less than ½ of any image, so its loss has a floor. Why?",
        ),
        Mistake(
            "frozen and co-operating",
            patients | {"R": "frozen discriminator", "T": "co-operation"},
            "in R and T the generator wins completely. But a frozen D keeps its *first* opinion of real images; look "
            "which D(real) has moved.",
        ),
        Mistake(
            "coin and double sigmoid",
            patients | {"P": "double sigmoid", "S": "no real data"},
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
            patients | {"P": "co-operation", "R": "no real data"},
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


def _a_sampler(rng):
    n, rows, d, latents = (int(size) for size in rng.integers((30, 5, 3, 2), (50, 10, 6, 5)))
    data, kernel = rng.random((n, d)), rng.normal(size=(latents, d))
    return data, lambda noise: np.tanh(noise @ kernel), rng.permutation(n)[:rows], rng.normal(size=(rows, latents))


REAL_AND_FAKE = Exercise(
    reference=lambda data, generate, rows, noise: (data[rows], generate(noise)),
    inputs=_a_sampler,
    mistakes=(
        Mistake(
            "as found",
            lambda data, generate, rows, noise: (generate(noise[::-1]), generate(noise)),
            "the data still occur nowhere: both halves come from the generator.",
        ),
        Mistake(
            "exchanged",
            lambda data, generate, rows, noise: (generate(noise), data[rows]),
            "real and generated are exchanged: D would learn to call the data generated.",
        ),
        Mistake(
            "data twice",
            lambda data, generate, rows, noise: (data[rows], data[rows]),
            "now both halves are data: D is a coin again, and never sees a sample.",
        ),
        Mistake(
            "the first rows",
            lambda data, generate, rows, noise: (data[: len(rows)], generate(noise)),
            "that is the same few images in every step. Use the rows that were drawn.",
        ),
        Mistake(
            "all the data",
            lambda data, generate, rows, noise: (data, generate(noise)),
            "that is the whole data set. D needs as many real ones as generated ones: the rows that were drawn.",
        ),
    ),
    hints=("Where does `data` occur in the function?", "`data[rows]` are the real images of this step."),
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
