"""Exercises of the latent space: convolutions, walks, directions, rotated and ReLU codes, two stages."""

import numpy as np

from course_lib.exercises import calls
from course_lib.exercises.engine import Entry, Exercise, Mistake, from_library

NUM_WEIGHTS = Exercise(
    reference=(160, 16_640),
    mistakes=(
        Mistake(
            "no biases",
            (144, 16_384),
            "you counted the weights alone. Each filter has a bias, and so has each unit of a dense layer.",
        ),
        Mistake(
            "a filter for each place",
            (2_560, 16_640),
            "you gave every place its own filters. A convolution uses the same 16 filters at all 4 × 4 places: that is "
            "its whole point.",
        ),
        Mistake(
            "16 outputs",
            (160, 1_040),
            "the output of the convolution has 4 × 4 × 16 = 256 numbers, and the dense layer should have as "
            "many units, not 16.",
        ),
        Mistake(
            "one bias a layer",
            (145, 16_385),
            "you counted one bias for the whole layer. There is one for each filter, and one for each dense unit.",
        ),
        Mistake("swapped", (16_640, 160), "the order is: first the convolution, then the dense layer."),
        Mistake(
            "the stride forgotten", Entry(1, 66_560), "dense: the stride is 2, so there are 4 × 4 places, not 8 × 8."
        ),
        Mistake("convolution", Entry(0), "convolution: each of 16 filters has 3 × 3 weights and one bias."),
        Mistake("dense", Entry(1), "dense: every one of its outputs has a weight for each input, and a bias."),
    ),
    hints=(
        "A filter looks at a window of 3 × 3 × 1 numbers and has one bias; there are 16 of them.",
        "Each of the 256 dense units sees all 64 pixels and has one bias.",
    ),
)


def _walk(start, end, num_steps, t=None):
    t = np.linspace(0, 1, num_steps) if t is None else t
    return (1 - t)[:, None] * start + t[:, None] * end


WALK = Exercise(
    reference=from_library("latent.linear_walk"),
    inputs=lambda rng: (*rng.normal(size=(2, int(rng.integers(3, 9)))), int(rng.integers(4, 9))),
    mistakes=(
        Mistake(
            "backwards",
            lambda start, end, num_steps: _walk(end, start, num_steps),
            "your walk runs from `end` to `start`.",
        ),
        Mistake(
            "the end is missing",
            lambda start, end, num_steps: _walk(start, end, num_steps, np.arange(num_steps) / num_steps),
            "your walk stops one step before `end`: the last share t must be 1. `np.linspace(0, 1, num_steps)` "
            "includes both ends.",
        ),
        Mistake(
            "the ends are missing",
            lambda start, end, num_steps: _walk(start, end, num_steps + 2)[1:-1],
            "your walk leaves out its two ends. The first code should be `start`, the last one `end`.",
        ),
        Mistake(
            "not weighted down",
            lambda start, end, num_steps: start + np.linspace(0, 1, num_steps)[:, None] * end,
            "you add `end` without taking `start` away: at t = 1 you are at start + end. The weights are 1 − t and t.",
        ),
        Mistake(
            "transposed",
            lambda start, end, num_steps: _walk(start, end, num_steps).T,
            "the shape is (latent_dim, num_steps). One code is one row: (num_steps, latent_dim).",
        ),
        Mistake(
            "whole steps",
            lambda start, end, num_steps: _walk(start, end, num_steps, np.arange(float(num_steps))),
            "your t counts 0, 1, 2, …: you are at `end` after one step and walk on far beyond it. t is a share, from 0 "
            "to 1.",
        ),
        Mistake(
            "a jump",
            lambda start, end, num_steps: np.where(np.linspace(0, 1, num_steps)[:, None] < 0.5, start, end),
            "your walk jumps from `start` to `end` half-way. Every step should mix the two.",
        ),
    ),
    hints=(
        "`t = np.linspace(0, 1, num_steps)` are the shares; `t[:, None]` has one row for each step.",
        "(1 − t) of the start plus t of the end.",
    ),
)


def _faces_to_compare(rng):
    n, d = int(rng.integers(50, 70)), int(rng.integers(3, 7))
    return rng.normal(size=(n, d)) + rng.normal(size=d), rng.random(n) < 0.3, rng.random(n) < 0.7


MEAN_CHANGE = Exercise(
    reference=lambda codes, wears, comparable: (
        codes[wears & comparable].mean(axis=0) - codes[~wears & comparable].mean(axis=0)
    ),
    inputs=_faces_to_compare,
    mistakes=(
        Mistake(
            "backwards",
            lambda codes, wears, comparable: (
                codes[~wears & comparable].mean(axis=0) - codes[wears & comparable].mean(axis=0)
            ),
            "your direction takes the glasses off. Those that wear come first, those that do not are subtracted.",
        ),
        Mistake(
            "compared with everybody",
            lambda codes, wears, comparable: codes[wears].mean(axis=0) - codes[~wears].mean(axis=0),
            "you did not use `comparable`: whatever else differs between the two groups is now part of your direction.",
        ),
        Mistake(
            "only those without are comparable",
            lambda codes, wears, comparable: codes[wears].mean(axis=0) - codes[~wears & comparable].mean(axis=0),
            "you chose the comparable among those that do not wear only. Both means should be among the comparable.",
        ),
        Mistake(
            "only those with are comparable",
            lambda codes, wears, comparable: codes[wears & comparable].mean(axis=0) - codes[~wears].mean(axis=0),
            "you chose the comparable among those that wear only. Both means should be among the comparable.",
        ),
        Mistake(
            "minus the mean of all",
            lambda codes, wears, comparable: codes[wears & comparable].mean(axis=0) - codes[comparable].mean(axis=0),
            "you subtracted the mean of all the comparable. It holds those that wear, too: too short a direction.",
        ),
        Mistake(
            "nothing subtracted",
            lambda codes, wears, comparable: codes[wears & comparable].mean(axis=0),
            "this is the mean code of those that wear: a place, no direction. Subtract the mean of those that do not.",
        ),
        Mistake(
            "the others are not comparable",
            lambda codes, wears, comparable: (
                codes[wears & comparable].mean(axis=0) - codes[~(wears & comparable)].mean(axis=0)
            ),
            "`~(wears & comparable)` are all others, comparable or not. Those to subtract are `~wears & comparable`.",
        ),
        Mistake(
            "sums",
            lambda codes, wears, comparable: (
                codes[wears & comparable].sum(axis=0) - codes[~wears & comparable].sum(axis=0)
            ),
            "you summed the codes. The two groups have different sizes: take means.",
        ),
        Mistake(
            "one number",
            lambda codes, wears, comparable: codes[wears & comparable].mean() - codes[~wears & comparable].mean(),
            "you averaged over the entries of the code, too. A direction has one number for each entry: `axis=0`.",
        ),
    ),
    hints=(
        "`wears & comparable` chooses rows: `codes[wears & comparable]`. `~wears` are those that do not wear.",
        "Two means over axis 0, and their difference.",
    ),
)


ROTATED = Exercise(
    reference={"a", "c"},
    words="abcd",
    mistakes=(
        Mistake(
            "the axes too",
            {"a", "c", "d"},
            "(d) is about single axes, and after the rotation each new entry is a mixture of all old ones.",
        ),
        Mistake(
            "the loss only",
            {"a"},
            "look at (c) again: a linear read-out may choose its own weights, so it can undo the rotation.",
        ),
        Mistake(
            "not the pictures",
            Entry("a"),
            "look at (a) again: the new decoder undoes the rotation before it decodes.",
        ),
        Mistake(
            "nothing survives",
            set(),
            "the new decoder undoes the rotation before it decodes. What does the pair of networks give back, then?",
        ),
        Mistake(
            "the codes",
            {"a", "b", "c"},
            "(b): the codes themselves are other numbers now; it is the pictures that stay the same.",
        ),
        Mistake(
            "everything",
            {"a", "b", "c", "d"},
            "the codes change, (b), and with them what a single entry says, (d).",
        ),
    ),
    hints=("Write down what the new encoder and the new decoder do to one image, one after the other.",),
)


REACHABLE_SHARE = Exercise(
    reference=0.5**8,
    rtol=0.03,
    mistakes=(
        Mistake("one axis", 0.5, "that is the share for one entry. All eight must be positive at once."),
        Mistake(
            "half of eight",
            0.5 / 8,
            "you divided by 8. The eight entries are independent: their probabilities multiply.",
        ),
        Mistake(
            "the others",
            1 - 0.5**8,
            "that is the share that is out of reach. How much is left?",
        ),
        Mistake(
            "in per cent",
            100 * 0.5**8,
            "that is the number of per cent. As a share it lies between 0 and 1.",
        ),
        Mistake("none", 0.0, "it is small, but not zero: a draw may have eight positive entries."),
        Mistake(
            "two entries",
            0.25,
            "that is right for a code of two numbers, one quarter of the plane. Here there are eight.",
        ),
    ),
    hints=(
        "An entry of N(0, I) is positive with probability one half.",
        "For independent events, the probability that all happen is the product.",
    ),
)


def _encoder(*, code=None, hidden="relu", code_size=8):
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Flatten(),
            layers.Dense(128, activation=hidden),
            layers.Dense(code_size, activation=code),
        ]
    )


def _inspect_encoder(encoder):
    import keras

    from course_lib.contracts.networks import final_activation, input_shape, output_shapes
    from course_lib.exercises.bending import bends

    if not isinstance(encoder, keras.Model):
        return f"a Keras model is expected here, and yours is of type {type(encoder).__name__}."
    taken, codes = input_shape(encoder), output_shapes(encoder)
    if taken is None or codes is None:
        return "your network is not built yet: begin with `keras.Input((8, 8, 1))`."
    if taken != (8, 8, 1) or len(codes) != 1 or len(codes[0]) != 1:
        return f"the encoder should take images (8, 8, 1) and return one code; yours takes {taken} and returns {codes}."
    if codes[0] != (8,):
        return "code size"
    end = final_activation(encoder)
    named = {"relu": "as found", "tanh": "tanh", "sigmoid": "sigmoid", "softplus": "softplus"}
    if end in named:
        return named[end]
    if end != "linear":
        return f"your code ends in {end}. Leave the activation of the last layer out."
    images = np.random.default_rng(0).random((2, 16, 8, 8, 1)).astype("float32")
    return None if bends(encoder, *images) else "all linear"


REPAIR_RELU_CODE = Exercise(
    reference=_encoder,
    judge_with=_inspect_encoder,
    mistakes=(
        Mistake(
            "as found",
            lambda: _encoder(code="relu"),
            "your code still ends in a ReLU: print `keras.ops.min(my_encoder(digits.x_train))`. It is never negative.",
        ),
        Mistake(
            "tanh",
            lambda: _encoder(code="tanh"),
            "tanh gives both signs, but only between −1 and 1. Every third entry of N(0, I) lies outside.",
        ),
        Mistake(
            "sigmoid",
            lambda: _encoder(code="sigmoid"),
            "a sigmoid lies between 0 and 1: even less of N(0, I) is in reach than with a ReLU.",
        ),
        Mistake(
            "softplus",
            lambda: _encoder(code="softplus"),
            "softplus is a ReLU with a rounded corner. It kills no units, but it is never negative either.",
        ),
        Mistake(
            "all linear",
            lambda: _encoder(hidden=None),
            "you took out the wrong ReLU: now nothing bends, and the network is no better than PCA. Keep the "
            "hidden one.",
        ),
        Mistake("code size", lambda: _encoder(code_size=16), "the code should keep its eight numbers."),
    ),
    hints=("Hidden layers bend; the code stays linear.", "Which of the two `Dense` layers is the code?"),
)


def _draws(codes, noise, *, root=lambda covariance: np.linalg.cholesky(covariance).T, mean=True):
    shift = codes.mean(axis=0) if mean else 0
    return shift + noise @ root(np.cov(codes.T))


def _codes_and_noise(rng):
    n, m, d = (int(size) for size in rng.integers((60, 7, 3), (90, 12, 6)))
    return rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + rng.normal(size=d), rng.normal(size=(m, d))


def _is_a_root(centred, codes, noise):
    """Whether noise @ A = centred for a matrix with AᵀA = C (by n or n − 1): any such A gives the law of the codes."""
    root, *_ = np.linalg.lstsq(noise, centred, rcond=None)
    covariances = [np.cov(codes.T, ddof=ddof) for ddof in (0, 1)]
    nearness = 1e-3 * np.abs(covariances[1]).max()
    same = any(np.allclose(root.T @ root, covariance, rtol=0.0, atol=nearness) for covariance in covariances)
    return same and np.allclose(noise @ root, centred, atol=1e-4 * np.abs(centred).max())


def _of_this_very_law(inputs, accepts):
    """For `then`: the tolerance of a mistake's name is wide, and what is right has the law of the codes."""

    def then(answer):
        cases = [inputs(np.random.default_rng(seed)) for seed in range(3)]
        same = all(accepts(np.asarray(answer(*calls.copied(case)), "float64"), *case) for case in cases)
        return None if same else "a wider law"

    return then


def _has_the_law(draws, codes, noise):
    return _is_a_root(draws - codes.mean(axis=0), codes, noise)


def _root_of_more(covariance):
    return np.linalg.cholesky(covariance + 0.1 * np.eye(len(covariance))).T


_A_WIDER_LAW = (
    "the covariance of your draws is near that of the codes, and not the same: did you add something to it? It has a "
    "root as it is; where a computer complains, 10⁻⁶ on the diagonal is enough."
)

GAUSSIAN_CODES = Exercise(
    reference=_draws,
    inputs=_codes_and_noise,
    accepts=_has_the_law,
    then=_of_this_very_law(_codes_and_noise, _has_the_law),
    rtol=0.03,  # n or n − 1
    atol=0.02,
    mistakes=(
        Mistake("a wider law", lambda codes, noise: _draws(codes, noise, root=_root_of_more), _A_WIDER_LAW),
        Mistake(
            "not transposed",
            lambda codes, noise: _draws(codes, noise, root=np.linalg.cholesky),
            "you multiplied by L instead of its transpose. A row of noise times L has the covariance LᵀL, not LLᵀ: the "
            "variances land on the wrong entries.",
        ),
        Mistake(
            "no mean",
            lambda codes, noise: _draws(codes, noise, mean=False),
            "the mean of the codes is missing: your draws are centred on 0.",
        ),
        Mistake(
            "covariance for its root",
            lambda codes, noise: _draws(codes, noise, root=lambda covariance: covariance),
            "you multiplied by the covariance itself. Noise times a matrix A has the covariance AᵀA: you need a root.",
        ),
        Mistake(
            "each entry alone",
            lambda codes, noise: codes.mean(axis=0) + noise * codes.std(axis=0, ddof=1),
            "you scaled each entry by its own deviation. That forgets the correlations between entries.",
        ),
        Mistake(
            "variances for deviations",
            lambda codes, noise: codes.mean(axis=0) + noise * codes.var(axis=0, ddof=1),
            "you scaled each entry by its variance, without the correlations and without a root.",
        ),
        Mistake(
            "N(0, I)",
            lambda codes, noise: noise,
            "these are still draws of N(0, I): nothing of the codes has gone in.",
        ),
    ),
    hints=(
        "All randomness comes from `noise`. A root is `L = np.linalg.cholesky(np.cov(codes.T))`: L @ L.T gives C.",
        "For one column of noise e the draw is mean + L e. With the draws as rows, e L becomes a product with L.T.",
    ),
)


def _networks(rng):
    n, m, pixels, d = (int(size) for size in rng.integers((50, 7, 6, 2), (80, 11, 9, 5)))
    encoder, start = rng.normal(size=(pixels, d)), rng.normal(size=d)
    decoder, paper = rng.normal(size=(d, pixels)), rng.normal(size=pixels)
    x = rng.normal(size=(n, pixels)) @ rng.normal(size=(pixels, pixels)) + 1
    return (
        (lambda x: x @ encoder + start),
        (lambda codes: np.tanh(codes @ decoder / 10 + paper)),
        x,
        rng.normal(size=(m, d)),
    )


def _moments(codes):
    return codes.mean(axis=0), np.linalg.cholesky(np.cov(codes.T))


def _generated(encode, decode, x, noise):
    mean, root = _moments(encode(x))
    return decode(mean + noise @ root.T)


def _decodes_such_draws(images, encode, decode, x, noise):
    """Whether the images are decoded draws of the codes' law, from the noise by any root of the covariance."""
    codes = encode(x)
    paper = np.arctanh(decode(np.zeros((1, codes.shape[1]))))
    weights = np.arctanh(decode(np.eye(codes.shape[1]))) - paper
    draws = np.linalg.lstsq(weights.T, (np.arctanh(images) - paper).T, rcond=None)[0].T
    return np.allclose(decode(draws), images, atol=1e-6) and _is_a_root(draws - codes.mean(axis=0), codes, noise)


def _reconstructed(encode, decode, x, noise):
    return decode(encode(x[: len(noise)]))


def _jittered(encode, decode, x, noise):
    return decode(encode(x[: len(noise)]) + noise)


GENERATE = Exercise(
    reference=_generated,
    inputs=_networks,
    accepts=_decodes_such_draws,
    then=_of_this_very_law(_networks, _decodes_such_draws),
    rtol=0.03,  # n or n − 1
    atol=0.01,
    mistakes=(
        Mistake(
            "a wider law",
            lambda encode, decode, x, noise: decode(_draws(encode(x), noise, root=_root_of_more)),
            _A_WIDER_LAW,
        ),
        Mistake(
            "as found",
            _reconstructed,
            "these are reconstructions of the first examples of x, as in the colleague's function. Where does `noise` "
            "go in? Whatever it holds, the result is the same.",
        ),
        Mistake(
            "jitter",
            _jittered,
            "these are reconstructions with noise on their codes: each is a variant of one given example. Start from "
            "the mean of all codes.",
        ),
        Mistake(
            "N(0, I)",
            lambda encode, decode, x, noise: decode(noise),
            "you decode N(0, I): the junk of the section before. Give the noise the mean and the covariance of the "
            "codes.",
        ),
        Mistake(
            "not transposed",
            lambda encode, decode, x, noise: decode(_moments(encode(x))[0] + noise @ _moments(encode(x))[1]),
            "multiply the rows of noise by the transposed root, `root.T`.",
        ),
        Mistake(
            "no mean",
            lambda encode, decode, x, noise: decode(noise @ _moments(encode(x))[1].T),
            "the mean of the codes is missing: your codes are centred on 0.",
        ),
        Mistake(
            "not stretched",
            lambda encode, decode, x, noise: decode(_moments(encode(x))[0] + noise),
            "the noise has the right centre now, but still the covariance I: stretch it by the root.",
        ),
        Mistake(
            "entry by entry",
            lambda encode, decode, x, noise: decode(encode(x).mean(axis=0) + noise * encode(x).std(axis=0, ddof=1)),
            "you scaled each entry of the noise by its own deviation. That forgets the correlations between entries: "
            "multiply by `root.T`.",
        ),
        Mistake(
            "codes",
            lambda encode, decode, x, noise: _moments(encode(x))[0] + noise @ _moments(encode(x))[1].T,
            "these are codes. The images are one step away: decode them.",
        ),
        Mistake(
            "noise in data space",
            lambda encode, decode, x, noise: decode(encode(x[: len(noise)])) + 0.1 * noise[:, :1],
            "you add noise to finished pictures. A new image comes from a new *code*.",
        ),
    ),
    hints=(
        "Print `generate(…)` for two different `noise` arrays: what changes?",
        "`white` and `noise` have the same mean and covariance. Only one of them is new.",
    ),
)


RULER = Exercise(
    reference={"b", "c", "d"},
    words="abcd",
    mistakes=(
        Mistake(
            "copies only",
            {"b"},
            "two more lie below the mark. What has the ruler against a soft picture, what against a repeated one?",
        ),
        Mistake(
            "prior too",
            {"a", "b", "c", "d"},
            "(a) is the only one that the ruler catches: it lies far above the mark.",
        ),
        Mistake(
            "not the repeater",
            {"b", "c"},
            "(d): a single good picture, handed out 359 times, has the distance of that one picture. The ruler "
            "looks at each sample alone, so it never notices.",
        ),
        Mistake(
            "not the copies",
            {"c", "d"},
            "(b): how far is a copy of a training image from the nearest training image?",
        ),
        Mistake(
            "not the blur",
            {"b", "d"},
            "(c): a mean is soft. How did the soft reconstructions score, beside the real digits?",
        ),
        Mistake(
            "the prior",
            {"a"},
            "(a) is what the ruler does catch. The question is who slips through.",
        ),
    ),
    hints=("The ruler asks of each sample, alone: how far is the nearest training image?",),
)
