# ---
# jupyter:
#   course:
#     part: "Part IV · In practice"
#     question: "The loss falls; what is wrong?"
# ---

# %% [markdown]
# # Bug clinic: which test convicts which bug?
#
# **The question.** The loss falls, the samples look so-so, and nobody knows whether the program is right. What do you look
# at? Which tests find which bugs, and how few of them are enough?
#
# In this lesson you will
#
# * **compute** three numbers that a loss curve must be read against, from the data alone, and **diagnose** five curves;
# * **write** a test that finds what no value of the loss shows: examples that depend on each other;
# * **plant** 22 bugs in the library, **run** twelve tests on each, and **see** what the two most popular tests find;
# * **search** for the smallest set of tests that convicts all 22;
# * **repair** a program, and find out why a smaller learning rate does not.
#
# *To know before:* {lesson: the_elbo}, {lesson: the_variational_autoencoder}; cross-entropy as in {lesson: autoencoders}.
# *Time:* {times}; about 45 seconds to run on two CPU cores.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## Six programs, six falling curves
#
# Six programs train the same VAE, with two latent numbers, on the 8 × 8 digits. One is right. In the other five
# *one line* of the library is wrong: `planted(...)` exchanges that line inside a `with` block.

# %%
import contextlib
from unittest import mock

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import ops

from course_lib import datasets, metrics, networks, plotting
from course_lib.formulas import bernoulli_log_prob
from course_lib.models import VAE
from course_lib.patients import PATIENTS, patient, planted

digits = datasets.load("digits")


def new_vae():
    keras.utils.set_random_seed(run.seed)
    encoder = networks.dense_gaussian_encoder((8, 8, 1), 2, (64,), activation="tanh")
    decoder = networks.dense_decoder(2, (8, 8, 1), (64,), activation="tanh")
    return VAE(encoder, decoder, bernoulli_log_prob, seed=run.seed)


def sick(name):  # the library with this bug; with none if the name is empty
    return planted(patient(name)) if name else contextlib.nullcontext()


# %% [markdown]
# We keep each program's loss before training, and after each of twelve epochs.


# %%
def loss(vae, x, **options):
    return float(vae.compute_loss(x, y_pred=vae(x, training=True), **options))


def epochs(vae, x, number=12):  # the loss after each
    keras.utils.set_random_seed(run.seed)
    return vae.fit(x, batch_size=32, epochs=number, verbose=0).history["loss"]


def training():  # a trained program, and its loss before training and after each epoch
    vae = new_vae()
    first = loss(vae, digits.x_train)
    vae.compile(keras.optimizers.Adam(0.01))
    return vae, [first, *epochs(vae, digits.x_train)]


# %% [markdown]
# All six start from the same weights. A draw decides which letter is which program; the key stands below the second chart.

# %%
in_hiding = [
    "no KL",
    "KL of the whole batch",
    "",  # the right program
    "the neighbour's image as target",
    "BCE averaged over pixels",
    "BCE with a second sigmoid",
]
programs = dict(zip("ABCDEF", np.random.default_rng(24).permutation(in_hiding).tolist(), strict=True))
models, curves = {}, {}
for letter, name in programs.items():
    with sick(name):
        models[letter], curves[letter] = training()

# %% [markdown]
# People look at the shape of the curve. Here is each loss divided by its first value. **Which of the six is
# the right program?**

# %% tags=["proof"]
shapes = {letter: np.array(losses) / losses[0] for letter, losses in curves.items()}
ax = plotting.curves(shapes, x=range(13), xlabel="epoch", ylabel="loss / first loss")
ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
plotting.show(
    alt="Six curves, A to F, that fall from 1, fast at first and then slowly, to different heights. The shape does not show "
    "which of them belongs to the right program."
)
assert all(losses[-1] < 0.95 * losses[0] for losses in curves.values()), "the loss of every program must fall"

# %% [markdown]
# All six fall: an optimiser lowers *whatever it is given*. To say "too high" one needs to know how high it should be.
#
# ## Three numbers to know before training
#
# Take a decoder for pixels $x_{ij}\in[0,1]$ (image $i$, pixel $j$) with the Bernoulli likelihood. What can it reach at best?
#
# 1. **It knows nothing**, and answers ½ for each pixel. Then each pixel costs $-x\log\frac12-(1-x)\log\frac12=\log2$, whatever $x$ is:
#    $D\log2$ nats an image.
# 2. **It ignores its code**, so it gives one answer $p_j$ to all images. The mean cost of pixel $j$ is
#    $-\bar x_j\log p_j-(1-\bar x_j)\log(1-p_j)$. That is smallest at $p_j=\bar x_j$, and there it is the entropy $H(\bar x_j)$ of a coin.
# 3. **It knows each image**, and answers $p_{ij}=x_{ij}$. Even then a grey pixel costs $H(x_{ij})>0$.
#
# $$D\log2\;\ge\;\sum_jH(\bar x_j)\;\ge\;\frac1n\sum_{ij}H(x_{ij}).$$
#
# All come from the data alone. What the three answer, to ten digits:

# %%
shown = digits.x_train[:10]
answers = {
    "real": shown,
    "answers ½": np.full_like(shown, 0.5),
    "ignores its code": np.tile(digits.x_train.mean(axis=0), (10, 1, 1, 1)),
    "knows each image": shown,
}
plotting.image_rows(answers)
plotting.show(
    alt="Four rows of ten digits: the real ones; an even grey for all; the same blurred mean image for all; and the digits "
    "themselves, which even a perfect answer does not get for nothing."
)

# %% [markdown]
# **Exercise {exercise: HEALTH_MARKS}: compute them.** `x` is `(n, D)`, with values in [0, 1], some of them exactly 0 or 1. Return the three numbers, in
# this order, in nats per image.


# %% tags=["exercise"]
def my_marks(x):
    # BEGIN SOLUTION
    from scipy.special import entr

    coins = entr(x) + entr(1 - x)
    mean = x.mean(axis=0)
    return x.shape[1] * np.log(2), (entr(mean) + entr(1 - mean)).sum(), coins.sum(axis=1).mean()
    # END SOLUTION


# %%
from course_lib.exercises import bug_clinic as exercises
from course_lib.exercises import check

check(exercises.HEALTH_MARKS, my_marks)

# %% [markdown]
# The library's `metrics.health_marks(model, x)` does the same. **Proof.** Does an untrained VAE start at the first number? Is the second the best constant answer?
# An optimiser looks for the best 64 logits, and knows nothing of entropies.

# %% tags=["proof"]
from scipy.optimize import minimize

marks = metrics.health_marks(new_vae(), digits.x_train)
untrained = loss(new_vae(), digits.x_train)
pixels = digits.x_train.reshape(-1, 64).astype("float64")


def cost_of_constant(logits):
    slope = 1 / (1 + np.exp(-logits)) - pixels.mean(axis=0)
    return (np.logaddexp(0, logits) - pixels * logits).sum(axis=1).mean(), slope


best_constant = minimize(cost_of_constant, np.zeros(64), jac=True).fun
print(f"answers ½: {marks.start:.2f} nats; an untrained VAE {untrained:.2f}")
print(f"ignores its code: {marks.ignores_code:.2f} nats; the best constant found {best_constant:.2f}")
print(f"floor: {marks.floor:.2f} nats")
assert abs(untrained - marks.start) < 3, "an untrained VAE must cost about D log 2"
assert abs(best_constant - marks.ignores_code) < 0.05, (
    "the best constant answer must cost the entropies of the mean image"
)

# %% [markdown]
# (The VAE lies a little above: its KL comes on top, and its answers are not exactly ½.) The *untrained* loss is the cheapest test: one batch, before the first step.
#
# ### The health chart
#
# Now the same six curves in nats, between the three marks. **Before you read on: what is wrong with A, C, D and E?**

# %%
plotting.health_chart(curves, marks)
plotting.show(
    alt="The six curves in nats between three dashed lines: 44.4 untrained, 27.1 ignores its code, 13.7 the floor. A starts "
    "above the first line and rests far above the second; C and D come to rest on the second; E is below the frame; B "
    "and F fall below the second line."
)
print("first loss:", ", ".join(f"{letter} {losses[0]:.1f}" for letter, losses in curves.items()))
print("last loss: ", ", ".join(f"{letter} {losses[-1]:.1f}" for letter, losses in curves.items()))

# %% [markdown]
# **The key:**

# %% tags=["guard"]
print(*(f"{letter}: {name or 'the right program'}" for letter, name in programs.items()), sep="\n")
assert [letter for letter, name in programs.items() if not name] == ["B"], "the text below speaks of these letters"

# %% [markdown]
# * **A** starts *above* $D\log2$ and rests far above the second mark: worse than a constant image. Its second sigmoid keeps
#   every probability between ½ and 0.73, so this decoder can say neither 0 (white)
#   nor 1 (black).
# * **C** starts far out of the frame (each image pays the KL of its batch, before training that of all 1,259 images) and rests *on* the second mark: a code that costs 32 times its price (32 images a batch) is not used.
# * **D** starts well, and rests on the second mark, too. Its target is another image, about which the code says nothing.
# * **E** is far below the floor, where no cross-entropy of these data can be. It starts at the cost of *one* pixel, $\log2$, and a KL. A mean over pixels.
# * **B** and **F** both start well and pass the second mark. B is healthy, F has no KL. **The chart does not tell them apart.** It finds what has a wrong *size*.
#
# The marks hold for your data, too: `plotting.health_chart({"mine": losses}, metrics.health_marks(model, x))`, with the loss before training as first entry.
#
# **Exercise {exercise: DIAGNOSE_CURVES}: diagnose.** Five more curves, of the same digits and marks (44.4, 27.1, 13.7). Give each its most likely cause: `"the mean over pixels"`,
# `"a second sigmoid"`, `"raw pixels"`, `"a code that is ignored"`, `"the sum over the batch"`, `"no KL"`.
#
# * P: starts at 0.70, rests at 0.42
# * Q: starts at 46, rests at 27.1
# * R: starts at 90 and is at −3,000 after an epoch
# * S: starts at 53, rests at 43
# * T: starts at 1,420 with batches of 32, and at 2,840 with batches of 64

# %% tags=["exercise"]
# BEGIN SOLUTION
diagnoses = {
    "P": "the mean over pixels",
    "Q": "a code that is ignored",
    "R": "raw pixels",
    "S": "a second sigmoid",
    "T": "the sum over the batch",
}
# END SOLUTION

# %%
check(exercises.DIAGNOSE_CURVES, diagnoses)

# %% [markdown]
# ## Who depends on whom?
#
# A loss is a mean over examples: $\frac1B\sum_iL_i$, where $L_i$ depends on the image $x_i$ and on its own noise $\varepsilon_i$, and on **nothing of another example**:
#
# $$\frac{\partial L_i}{\partial x_j}=0\quad\text{and}\quad\frac{\partial L_i}{\partial\varepsilon_j}=0\qquad(i\ne j).$$
#
# You need not know what $L_i$ should *be*. Exchange image $j$, or noise $j$, and see which losses move. Two tricks:
# **hand the program its noise** (inside `given(noise)` Keras' random numbers are ours), and ask for one example's loss with a
# `sample_weight` that is 1 there and 0 elsewhere.

# %%
x_train, x_test = ((images > 0.5).astype("float32") for images in (digits.x_train, digits.x_test))
x = x_test[:200]
noise = np.random.default_rng(run.seed).standard_normal((8, 2)).astype("float32")
vae = new_vae()
initial = vae.get_weights()
vae.compile(keras.optimizers.Adam(0.01))
epochs(vae, x_train, 30)
trained = vae.get_weights()


def given(noise):
    return mock.patch("keras.random.normal", lambda shape, **_: ops.convert_to_tensor(noise[: shape[0], : shape[1]]))


def losses(vae, x, noise):  # of each example, (n,)
    with given(noise):
        y_pred = vae(x, training=True)
        return np.array([float(vae.compute_loss(x, y_pred=y_pred, sample_weight=one)) for one in np.eye(len(x))])


# %% [markdown]
# (From here on the digits are black and white: then the Bernoulli likelihood is one, and a bound is a bound. `vae` is trained by the right
# program; `initial` and `trained` are its weights.)
#
# **Predict** the four pictures for the noise: row $i$, column $j$ is black if the loss of example $i$ moves with the noise of example $j$.


# %% tags=["proof"]
def moves(vae, what, j):  # which losses move if the image, or the noise, of example j is exchanged
    now = {"x": x[:5].copy(), "noise": noise[:5].copy()}
    before = losses(vae, **now)
    now[what][j] = {"x": x[10], "noise": [1.5, -1.5]}[what]
    return abs(losses(vae, **now) - before) > 1e-3


names = ("", "noise shared across the batch", "KL of the whole batch", "the neighbour's image as target")
tables = {}
figure, axes = plt.subplots(2, 4, figsize=(9, 4.6), layout="constrained", sharex=True, sharey=True)
for (row, what), (column, name) in ((r, c) for r in enumerate(("noise", "x")) for c in enumerate(names)):
    with sick(name):
        tables[name, what] = np.array([moves(vae, what, j) for j in range(5)]).T
    axes[row, column].imshow(tables[name, what], cmap="Greys", vmin=0, vmax=1)
    axes[0, column].set_title(name or "the right program", fontsize=9)
    axes[row, 0].set_ylabel(f"loss i, if the\n{'image' if what == 'x' else what} is exchanged")
    axes[1, column].set_xlabel("of example j")
plotting.show(
    alt="Eight black-and-white tables of 5 by 5. Of the right program both are diagonal. Shared noise: only the first column "
    "is black. A KL of the whole batch: all black for the image. The neighbour's image: two diagonals."
)
assert all((tables["", what] == np.eye(5)).all() for what in ("noise", "x")), "the right program must be diagonal"
assert all(any((tables[name, what] != np.eye(5)).any() for what in ("noise", "x")) for name in names[1:]), (
    "the others not"
)

# %% [markdown]
# The right program is a diagonal, twice. *Shared noise* is a column: all use the noise of the first. *KL of the whole batch* is black for the image, because every
# image is in everybody's KL; for the noise it is healthy (a KL needs no draw). *The neighbour's image* has a second diagonal. Shared noise changes no expectation
# at all: no *value* of the loss could show it, only a worse gradient.
#
# **Exercise {exercise: LEAKS}: write the test.** `losses_of(noise)` is a program: it takes noise `(n, d)` and returns the losses `(n,)`. Return True if the loss of some example depends on the
# noise of *another* one.


# %% tags=["exercise"]
def leaks(losses_of, noise):
    # BEGIN SOLUTION
    before = losses_of(noise)
    for j in range(len(noise)):
        changed = noise.copy()
        changed[j] += 10
        moved = abs(losses_of(changed) - before) > 1e-6
        if np.delete(moved, j).any():
            return True
    return False
    # END SOLUTION


# %%
check(exercises.LEAKS, leaks)

# %% [markdown]
# ## Twelve tests
#
# Each is a function that says whether a program passes. It *convicts* a bug if the program that has it fails (in the field's words, *kills* the *mutant*). First the four that most people have:


# %%
def finite(vae):
    return np.isfinite(loss(vae, x))


def falls(vae):
    vae.set_weights(initial)
    vae.compile(keras.optimizers.Adam(0.01), run_eagerly=True)
    before = loss(vae, x)
    for _ in range(3):
        vae.train_on_batch(x)
    return loss(vae, x) < before


def two_passes(vae):
    return loss(vae, x) != loss(vae, x)  # the noise is new


def start(vae):
    vae.set_weights(initial)
    return abs(np.mean([loss(vae, x) for _ in range(4)]) - 64 * np.log(2)) < 5


# %% [markdown]
# Then two that compare with an **oracle**, which uses the program's networks and none of its formulas. With two latents the exact $\log p(x)$ is an integral over a plane
# ({lesson: probabilistic_pca_and_monte_carlo}). And the ELBO can be estimated with SciPy's distributions in place of the library's formulas.

# %%
from scipy import stats

from course_lib.exact import log_marginal_likelihood


def log_likelihood(z):  # log p(x | z) of each z and each image, (len(z), 200)
    logits = ops.convert_to_numpy(vae.decoder(z.astype("float32"))).reshape(len(z), -1).astype("float64")
    return logits @ x.reshape(len(x), -1).T - np.logaddexp(0, logits).sum(axis=1, keepdims=True)


def elbo_by_scipy(rng):
    mean, log_var = map(ops.convert_to_numpy, vae.encoder(x))
    q = stats.norm(mean.astype("float64"), np.exp(0.5 * log_var))
    z = q.rvs(random_state=rng)
    p = 1 / (1 + np.exp(-ops.convert_to_numpy(vae.decoder(z.astype("float32"))).astype("float64")))
    log_p = stats.bernoulli(p).logpmf(x).reshape(len(x), -1).sum(axis=1)
    return (log_p + (stats.norm.logpdf(z) - q.logpdf(z)).sum(axis=1)).mean()


exact = log_marginal_likelihood(log_likelihood, 2, num_points=121).mean()
rng = np.random.default_rng(run.seed)
by_scipy = np.array([elbo_by_scipy(rng) for _ in range(30)])

# %% [markdown]
# The two tests: the ELBO of the program must not exceed $\log p(x)$, and it must agree with SciPy within four standard errors. And the next three.


# %%
def bound(vae):
    return -np.mean([loss(vae, x) for _ in range(5)]) < exact


def estimate(vae):
    elbo = -np.array([loss(vae, np.tile(x, (8, 1, 1, 1))) for _ in range(8)])
    error = by_scipy.std() * np.sqrt(1 / 8 + 1 / 30)  # of one of the eight calls, and of SciPy's thirty
    return abs(elbo.mean() - by_scipy.mean()) < 4 * np.hypot(stats.sem(elbo), error)


def repeat(vae):  # a batch in which every example, with its noise, occurs twice has the same loss
    with given(noise[:4]):
        once = loss(vae, x[:4])
    with given(np.tile(noise[:4], (2, 1))):
        return abs(loss(vae, np.tile(x[:4], (2, 1, 1, 1))) - once) < 1e-3


def own_image(vae):
    return list(moves(vae, "x", 2)) == [False, False, True, False, False]


def own_noise(vae):
    return list(moves(vae, "noise", 2)) == [False, False, True, False, False]


# %% [markdown]
# The last three. `moments`: $(z-\mu)/\sigma$ must have mean 0, variance 1, and no correlation between latents. `gradient`: a step of plain gradient descent with rate 1 *is*
# minus the gradient; it must be the slope of the loss, measured by a finite difference in a random direction. `beta`: turn the knob. At β = 2 the loss must be larger by one KL.


# %%
def moments(vae):
    mean, log_var = map(ops.convert_to_numpy, vae.encoder(x))
    e = (ops.convert_to_numpy(vae.sampling(mean, log_var)) - mean) / np.exp(0.5 * log_var)
    found = [e.mean(), (e.var() - 1) / np.sqrt(2), (e[:, 0] * e[:, 1]).mean() / np.sqrt(2)]
    return np.abs(found).max() < 5 / np.sqrt(e.size)


def gradient(vae):
    weights = vae.trainable_variables
    before = [ops.convert_to_numpy(weight).copy() for weight in weights]
    direction = [np.random.default_rng(1).standard_normal(each.shape) for each in before]
    vae.compile(keras.optimizers.SGD(1.0), run_eagerly=True)
    with given(noise):
        vae.train_on_batch(x[:8])
        steps = [old - ops.convert_to_numpy(weight) for old, weight in zip(before, weights, strict=True)]
        ends = []
        for h in (1e-3, -1e-3):
            for weight, old, way in zip(weights, before, direction, strict=True):
                weight.assign(old + h * way)
            ends.append(loss(vae, x[:8]))
    slope = sum((step * way).sum() for step, way in zip(steps, direction, strict=True))
    return np.isclose((ends[0] - ends[1]) / 2e-3, slope, rtol=0.02, atol=0.05)


# %%
def beta(vae):
    mean, log_var = (ops.convert_to_numpy(each).astype("float64") for each in vae.encoder(x[:5]))
    kl = 0.5 * (np.exp(log_var) + mean**2 - 1 - log_var).sum(axis=1)
    once = losses(vae, x[:5], noise)
    vae.beta = 2.0
    twice = losses(vae, x[:5], noise)
    vae.beta = 1.0
    return np.allclose(twice - once, kl, atol=1e-2)


functions = (finite, falls, two_passes, start, bound, estimate, repeat, own_image, own_noise, moments, gradient, beta)
tests = {function.__name__.replace("_", " "): function for function in functions}

# %% [markdown]
# ## Which test convicts which bug?
#
# The patients: 22 bugs of one line each, most of them met in published code. **Predict**, and write down: how many
# does "the loss falls" convict? How many does the strongest test? Is there one that convicts all?

# %% tags=["proof"]
for each in PATIENTS[5::5]:
    print(f"{each.name}\n   - {each.before}\n   + {each.after}")


def convicts(test):
    vae.set_weights(trained)
    vae.sampling.rewind()
    try:
        return not test(vae)
    except Exception:  # a program that stops is convicted, too
        return True


keras.utils.set_random_seed(run.seed)
assert not any(map(convicts, tests.values())), "every test must pass the right program"
matrix = np.zeros((len(PATIENTS), len(tests)), bool)
for row, each in zip(matrix, PATIENTS, strict=True):
    with sick(each.name):
        row[:] = [convicts(test) for test in tests.values()]
assert matrix.any(axis=1).all(), "every bug must be convicted by some test"
assert matrix[:, :2].sum() <= 2, "'finite' and 'falls' must convict next to nobody"
assert not matrix.all(axis=0).any(), "no test alone may convict all"

# %%
figure, ax = plt.subplots(figsize=(8, 6.6), layout="constrained")
ax.imshow(matrix, cmap="Greys", vmin=0, vmax=1.6, aspect="auto")
ax.set_xticks(range(len(tests)), [f"{name} ({count})" for name, count in zip(tests, matrix.sum(axis=0), strict=True)])
ax.set_yticks(range(len(PATIENTS)), [each.name for each in PATIENTS])
ax.tick_params(axis="x", rotation=40, top=True, labeltop=True, bottom=False, labelbottom=False)
plt.setp(ax.get_xticklabels(), ha="left", rotation_mode="anchor")
ax.hlines(np.arange(len(PATIENTS)) + 0.5, -0.5, len(tests) - 0.5, color="white", linewidth=1)
plotting.show(
    alt="A table of 22 bugs by twelve tests, grey where the test convicts. Finite and falls have one bug each, the same "
    "one. Estimate has most, followed by beta and bound; several bugs are convicted by a single test only."
)
counts = [f"{name}: {count}" for name, count in zip(tests, matrix.sum(axis=0), strict=True)]
print(", ".join(counts[:6]), ", ".join(counts[6:]), sep=",\n")
for each, row in zip(PATIENTS, matrix, strict=True):
    if row.sum() == 1:
        print(f"{each.name}: only by {list(tests)[row.argmax()]!r}")

# %% [markdown]
# * "**Finite**" and "**falls**" convict one bug of 22, the same one: its loss is NaN. Everything else falls.
# * The strongest is the **estimate by an independent program**. It needs no idea of what might be wrong, and misses several.
# * A **bound** sees errors in one direction only. *KL without ½*, which counts it twice, makes the ELBO too small, and a bound has nothing against that.
# * *β ignored* is invisible at β = 1. **A test that never turns a knob is blind to it.** The value of the loss is right in *no gradient through σ*, *noise shared across the
#   batch*, *noise constant from call to call*: look at gradients, at dependence, at two calls.
#
# ### The smallest set of tests
#
# **Exercise {exercise: SMALLEST_COVER}: search.** `matrix` is `(bugs, tests)`, True where a test convicts. Return a smallest set of columns, as a list, that together convict every bug
# that any test convicts.


# %% tags=["exercise"]
def smallest_cover(matrix):
    # BEGIN SOLUTION
    from itertools import combinations

    matrix, tests = matrix[matrix.any(axis=1)], range(matrix.shape[1])
    sets = (list(columns) for size in range(len(tests) + 1) for columns in combinations(tests, size))
    return next(columns for columns in sets if matrix[:, columns].any(axis=1).all())
    # END SOLUTION


# %%
check(exercises.SMALLEST_COVER, smallest_cover)

# %% [markdown]
# Of the $2^{12}=4096$ sets of our tests the small ones are tried first. **Predict:** how many tests convict all 22?

# %% tags=["proof"]
from itertools import combinations

covers, size = [], 0
while not covers:
    size += 1
    sets = combinations(range(len(tests)), size)
    covers = [columns for columns in sets if matrix[:, list(columns)].any(axis=1).all()]
for columns in covers:
    print(f"{size} tests are enough:", ", ".join(list(tests)[column] for column in columns))
assert size == 5, "five tests must be needed"
needed = {list(tests)[row.argmax()] for row in matrix if row.sum() == 1}
assert needed <= {list(tests)[column] for column in covers[0]}, "a test that alone convicts some bug must be among them"

# %% [markdown]
# Five are enough, and four are not. Each of them is the only one that convicts some bug. All five know, before the program runs,
# **what must hold**. *Estimate*, *moments* and *beta* have an answer from elsewhere: another program, a law of probability, a formula. *Gradient* and *two passes* hold the program
# against itself: its step against the slope of its loss, one call against the next.
#
# "Finite", "falls", "start" cost a second, and say *where to look*. (With other bugs another set would win. The method stays: plant, test, count.)

# %% [markdown] tags=["deeper"]
# ### Two traps
#
# *A test must first pass the right program.* Else it convicts everybody. That is the first assertion above.
#
# *A test can be right and be asked at the wrong place.* "ELBO ≤ log p" convicts a missing KL. Does it at random weights, too? **Predict.**

# %% tags=["proof"]
light = ["no KL", "KL averaged over latents", "KL capped at one nat"]
found = {}
for words, weights in (("untrained", initial), ("trained", trained)):
    vae.set_weights(weights)
    log_p = log_marginal_likelihood(log_likelihood, 2, num_points=121).mean()
    found[words] = []
    print(f"{words}: exact log p(x) {log_p:.2f} nats")
    for name in light:
        with sick(name):
            elbo = -np.mean([loss(vae, x) for _ in range(5)])
        found[words].append(elbo > log_p)
        print(f"   {name:26} 'ELBO' {elbo:7.2f} nats, {'convicted' if found[words][-1] else 'acquitted'}")
vae.set_weights(trained)
assert not any(found["untrained"]), "at random weights the bound must acquit them all"
assert all(found["trained"]), "and at trained weights convict them all"

# %% [markdown]
# Untrained, the reconstruction alone is already below $\log p$: the code says nothing, and the mean of a logarithm lies below the logarithm of a mean. So the KL can be missing, and nobody notices. Trained, the
# reconstruction is some two nats above, and the KL is what keeps the bound a bound. **Ask where the term that you test matters.** (A KL formula tested at μ = 0, σ = 1 alone, where it is 0, is the same trap.)

# %% [markdown]
# ## Find the bug
#
# A patient seen in a detector of outliers: its VAE is meant to hold the KL of each image near a *capacity* $C$, which grows during training (Burgess et al., 2018),
#
# $$L=\frac1B\sum_i\Big(\text{reconstruction}_i+\beta\,\big|\mathrm{KL}_i-C\big|\Big).$$
#
# At $C=0$, where everybody starts, that should be the β-VAE. Its reconstructions are better than anybody's, its samples junk, and the "ELBO" exceeds $\log p$. Here is a test, which the program below fails:
# *at C = 0 the loss is reconstruction + β KL, and at C = 3 a KL of 1 and one of 5 cost the same.*
#
# **Exercise {exercise: CAPACITY}: find the bug.** Repair it, in at most two lines. `reconstruction` and `kl` are `(batch,)`, nats.


# %% tags=["exercise"]
def my_loss(reconstruction, kl, capacity, beta):
    # BEGIN SOLUTION
    return (reconstruction + beta * np.abs(kl - capacity)).mean()
    # INSTEAD
    # kl = np.clip(kl, 0.0, capacity)
    # return (reconstruction + beta * kl).mean()
    # END SOLUTION


# %%
check(exercises.CAPACITY, my_loss)

# %% [markdown]
# ### Wrong diagnoses
#
# When samples are junk, people turn knobs. Here, with the KL capped at one nat, they train for twice as long, and then
# at a tenth of the learning rate. After each we run the *failing test* (`beta`). Beside it the repaired program, B from the top.

# %% tags=["proof"]
with sick("KL capped at one nat"):
    capped, history = training()
    verdicts = {"as found": (history[-1], beta(capped))}
    for words, rate in {"trained twice as long": 0.01, "then at a tenth of the rate": 0.001}.items():
        capped.optimizer.learning_rate = rate
        verdicts[words] = epochs(capped, digits.x_train)[-1], beta(capped)
verdicts["the line repaired"] = curves["B"][-1], beta(models["B"])
for words, (last, passes) in verdicts.items():
    print(f"{words:27} last loss {last:5.1f} nats; the test {'passes' if passes else 'fails'}")
green = [bool(passes) for _, passes in verdicts.values()]
assert green == [False, False, False, True], "only the repair may turn the test green"
assert verdicts["as found"][0] < verdicts["the line repaired"][0], "without the price of its code a program costs less"

# %% [markdown]
# The test compares two values of one function. **While some image has a KL above one nat, no
# knob turns it green; only the line does.** (Below one nat the cap does nothing.) So first ask for a failing test, then for a cause. And after as many epochs the loss of the
# repaired program is *higher* than as found: a price that is not charged makes the loss look better.

# %% [markdown] tags=["deeper"]
# ## Is that a β? Losses with odd weights
#
# Some bugs leave a right program for *another* objective. A sum in place of a mean is a weight in disguise. Bring these two to the form $c\,(\text{sum over pixels}+\beta\cdot\text{sum over latents})$.
#
# * A page takes the *mean* over 784 pixels as its reconstruction, and the *mean* over 200 latents as its KL, and adds them.
# * Another takes $10^6$ times the *mean* over 784 pixels, and the *sum* over latents.
#
# **Exercise {exercise: EFFECTIVE_BETA}.** Which β does each train with? A tuple of two numbers.

# %% tags=["exercise"]
# BEGIN SOLUTION
betas = (784 / 200, 784 / 1e6)
# END SOLUTION

# %%
check(exercises.EFFECTIVE_BETA, betas)

# %% [markdown]
# Neither is *wrong*. But neither says what it does: the first is strongly regularised, the second is an autoencoder with a little noise. Their pages compare them with "β = 1".

# %% [markdown] tags=["deeper"]
# ## Tests that are ill
#
# Tests are programs, and nobody tests them. Three from public code:
#
# * "the *sum of the differences* is below 10⁻⁶": +1 and −1 cancel, and images in another order pass;
# * "the KL is 0 at μ = 0 and σ = 1": it is, also without ½ and with μ² left out;
# * "the outputs of a trained GAN have mean 0 *and deviation 0*": this refuses the right program, and passes a generator that has died.
#
# **Proof:** the first two pass programs that are wrong, and the third refuses one that is right.

# %% tags=["proof"]
reordered = x[::-1]
kls = {
    "right": lambda mean, log_var: 0.5 * (np.exp(log_var) + mean**2 - 1 - log_var).sum(),
    "without ½": lambda mean, log_var: (np.exp(log_var) + mean**2 - 1 - log_var).sum(),
    "without μ²": lambda mean, log_var: 0.5 * (np.exp(log_var) - 1 - log_var).sum(),
}
at_zero = {name: abs(kl(np.zeros(2), np.zeros(2))) for name, kl in kls.items()}
elsewhere = {name: float(kl(np.array([2.0, -1.0]), np.array([0.5, -1.0]))) for name, kl in kls.items()}
samples = np.random.default_rng(run.seed).normal(size=10_000)  # of a generator that has learned N(0, 1) perfectly
print(f"sum of differences {abs((reordered - x).sum()):.1e}, largest difference {np.abs(reordered - x).max():.0f}")
print("KL at μ = 0, σ = 1:", ", ".join(f"{name} {kl:.3f}" for name, kl in at_zero.items()))
print("KL elsewhere:      ", ", ".join(f"{name} {kl:.3f}" for name, kl in elsewhere.items()))
assert abs((reordered - x).sum()) < 1e-6 < np.abs(reordered - x).max(), "the sum of differences must pass a wrong order"
assert max(at_zero.values()) == 0, "at one point all three must pass"
assert len({round(kl, 6) for kl in elsewhere.values()}) == 3, "elsewhere they must differ"
assert abs(samples.std()) > 0.9, "the right generator must fail the test for deviation 0"

# %% [markdown]
# **Exercise {exercise: SICK_TEST}: find the bug,** in a test. Return True if two arrays agree: the same shape, and every value within 10⁻⁶. NaN agrees with nothing.
# (NumPy's `allclose` has two tolerances, and both act: it allows `atol` + `rtol` · |expected|, with `rtol` = 10⁻⁵ unless you say otherwise.)


# %% tags=["exercise"]
def agree(given, expected):
    # BEGIN SOLUTION
    return given.shape == expected.shape and bool(np.abs(given - expected).max() < 1e-6)
    # INSTEAD
    # difference = (given - expected).sum()
    # return bool(abs(difference) < 1e-6)
    # END SOLUTION


# %%
check(exercises.SICK_TEST, agree)

# %% [markdown] tags=["deeper"]
# ## Marks for other models
#
# The three marks exist for most likelihoods of the course. With a Gaussian of fixed variance σ², "ignores its code" is a constant plus the variance of each pixel divided by 2σ²,
# and the floor is that constant alone. (With a variance for each pixel there is no floor: a density has no upper end, {lesson: what_a_likelihood_decides}.)
# The first mark is then the cost of answering 0, as a fresh network
# nearly does. With categorical pixels, $K$ grey levels cost $\log K$ each. The cell prints the three marks of four models, in this
# order: untrained, ignores its code, floor. **Guess the order of magnitude** before you look: −log of a density may be negative.

# %%
from course_lib.formulas import categorical_log_prob, gaussian
from course_lib.models import Autoencoder

keras.utils.set_random_seed(run.seed)
code, decode = networks.dense_encoder((8, 8, 1), 2, ()), networks.dense_decoder(2, (8, 8, 1), ())
q, levels = networks.dense_gaussian_encoder((8, 8, 1), 2, ()), networks.dense_decoder(2, (8, 8, 1, 17), ())
grey = digits.x_train
kinds = {
    "VAE, Bernoulli": (VAE(q, decode, bernoulli_log_prob), grey),
    "VAE, Gaussian, σ = 0.1": (VAE(q, decode, gaussian(0.01)), grey),
    "VAE, 17 grey levels": (VAE(q, levels, categorical_log_prob), np.round(16 * grey).astype("int32")),
    "autoencoder, squared error": (Autoencoder(code, decode), grey),
}
for name, (model, data) in kinds.items():
    print(f"{name:27}", *(f"{mark:9.2f}" for mark in metrics.health_marks(model, data)))

# %% [markdown] tags=["deeper"]
# ## The ward round
#
# Bugs of whole programs, and where the course treats them: 22 from the articles that this course grew out of, with the test that convicts each.
#
# | bug | what you see | what convicts it | lesson |
# |---|---|---|---|
# | a code wider than the input | copies noise | error on noise below the PCA residual | {number: codes_that_are_too_wide} |
# | raw pixels in a cross-entropy | −3·10¹¹, "great" | the floor | {number: autoencoders} |
# | the wrong shape | an error message | read it: expected, received | {number: autoencoders} |
# | an autoencoder called VAE | samples are junk | `moments`, `beta` | here |
# | a ReLU on the code | half of the prior out of reach | a negative mean exists | {number: the_latent_space} |
# | data without structure | "0.05, fine?" | PCA and the mean beside it | {number: autoencoders} |
# | `predict` called training | nothing changes | the weights moved | {number: the_variational_autoencoder} |
# | $z=\mu\sigma$ | the loss *improves* | `moments` | {number: the_reparameterization_trick} |
# | a layer made inside `call` | other weights each time | count the trainable tensors | {number: the_variational_autoencoder} |
# | zeros as targets for both heads | KL = 0 | "ignores its code" | {number: rate_distortion_and_beta} |
# | comments for bodies | a ladder of errors | one step of `fit` moves all weights | {number: the_variational_autoencoder} |
# | no KL | σ shrinks to 0 | `bound`, at trained weights | here |
# | $1+\mu^2-\sigma^2$ | −4·10⁸ or NaN | KL ≥ 0, at several points | {number: the_elbo} |
# | mean over pixels, sum over latents | collapse | `start` | {number: what_a_likelihood_decides} |
# | an encoder outside the graph | it never learns | every tensor has a gradient | {number: the_variational_autoencoder} |
# | no real data, D not frozen | D and G agree | a G step leaves D alone | {number: training_a_gan} |
# | a second sigmoid | rests at a high loss | `start` | {number: training_a_gan} |
# | freezing as in Keras 2 | D never moves | a D step moves D | {number: training_a_gan} |
# | "log p = ELBO" | – | both sides on pPCA | {number: the_elbo} |
# | β < 1 called a bound | above log p | a counter-example | {number: the_elbo} |
# | a loss summed over two machines | half the step, or twice | `repeat` | here |
# | weight decay for rare classes | still missing | recall by class | {number: conditioning_and_rare_classes} |
#
# And what people say instead:
#
# | symptom | people say | what the test says |
# |---|---|---|
# | samples are junk, reconstructions excellent | "train longer", "a larger decoder" | `bound`, `beta`: the KL does not count |
# | all samples look alike, KL = 0 | "the learning rate" | `start`: a mean over pixels is weighed against a sum over latents |
# | the loss jumps when the batch grows | "a larger batch needs a larger rate" | `repeat`: a sum over the batch |
# | the loss is excellent | nothing | `estimate` |
#
# Some from elsewhere, each with its test. *A debiasing VAE whose indicator multiplies the wrong term:* set the indicator to 0 and to 1. *A coder that restores everything, into files that are too long:* measure the rate, not the round
# trip. *Dropout of the entries of embeddings, called word dropout:* look at which inputs become zero. *A policy gradient that "learns" from a constant reward:* its expected gradient is 0, so use a baseline. *Dropout left on at evaluation:*
# two passes of `evaluate` are equal. *Test draws reused as training noise:* other seeds, same verdict. *A KL warm-up in the validation loss:* evaluate at β = 1. *Labels shuffled apart from images:* a probe on raw pixels. *A sum in float16:*
# `gradient`. *A spectrogram of log-magnitudes inverted as magnitudes:* the round trip. *A threshold chosen on the test set, the best of ten reported:* choose on one set, report on another, once. *An int8 decoder without its zero point:* a black
# image stays black. *A language model that sees the word it predicts:* its probabilities do not sum to 1. *A plot of the true points that eats
# its own array:* the data are the same before and after.

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> "BCE 0.058 after 50 epochs on grey images: nearly perfect." What do you ask?</summary>
#
# The floor. For grey images a perfect copy costs their entropy. On images whose floor is 0.056 per pixel only 0.002 of the 0.058 is error; on others much more may be. And per pixel or per image?
# </details>
#
# <details><summary><b>2.</b> You repair a bug, and the loss goes up. Did you break something?</summary>
#
# Not necessarily. A missing KL, a missing pixel term, or a draw without noise all make the loss smaller. Ask the failing test, not the loss.
# </details>
#
# <details><summary><b>3.</b> "ELBO ≤ log p holds in our test." Does the program have its whole KL?</summary>
#
# You do not know. A bound is blind to errors on the safe side, and at random weights to a missing KL as well.
# </details>
#
# <details><summary><b>4.</b> All examples of a batch share one noise vector. Which value of the loss is wrong?</summary>
#
# None: its expectation is right. The *dependence* is wrong, and the gradient scatters more. Exchange the noise of one example, and see who moves.
# </details>
#
# <details><summary><b>5.</b> Your test suite has 200 tests and all are green. What do you do to find out whether it is any good?</summary>
#
# Plant bugs, one at a time, and count how many turn it red. What survives shows what nobody tests.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **computed** three marks from the data alone, and **diagnosed** five curves that all fell;
# * **written** a test for examples that depend on each other, which no value of the loss shows;
# * **planted** 22 bugs and run twelve tests on each: "the loss falls" convicted the one that was NaN;
# * **searched** the sets of tests, the small ones first: five are enough, four are not;
# * **repaired** a capacity, and seen that no learning rate turns a failing test green.
#
# The loss falls; what is wrong? **Ask what it should be before training, test what must hold whatever the numbers, and plant a bug to see whether your test would notice.**
#
# **Go further.** Plant a bug of your own: `planted(Patient(...))` from `course_lib.patients`. Which of the twelve tests convicts it?
#
# **References.** DeMillo, Lipton & Sayward (1978), *Hints on test data selection*, [IEEE Computer 11](https://doi.org/10.1109/C-M.1978.218136): planted bugs, called *mutants*. · Geweke (2004), *Getting it right: joint distribution
# tests of posterior simulators*, [JASA 99](https://doi.org/10.1198/016214504000001132). · Grosse & Duvenaud (2014), *Testing MCMC code*, [arXiv:1412.5218](https://arxiv.org/abs/1412.5218). · Burgess et al. (2018), *Understanding disentangling in β-VAE*,
# [arXiv:1804.03599](https://arxiv.org/abs/1804.03599). · Karpathy (2019), [*A recipe for training neural networks*](https://karpathy.github.io/2019/04/25/recipe/). · Loaiza-Ganem & Cunningham (2019), *The continuous Bernoulli*,
# [arXiv:1907.06845](https://arxiv.org/abs/1907.06845).

# %% [markdown] tags=["slide"]
# # Bug clinic: which test convicts which bug?
#
# The loss falls. The samples look so-so.
#
# **Is the program right? How would you know, and how few tests are enough?**

# %% [markdown] tags=["notes"]
# 1 min. Ask who has ever trained a wrong program for a day. All hands.

# %% [markdown] tags=["slide"]
# ## Predict: one of these six programs is right. Which?
#
# {figure: six-programs-six-falling-curves-8}
#
# In the other five, one line of the library is wrong.

# %% [markdown] tags=["notes"]
# 3 min. Vote, and write the votes down. Nobody can know: all fall, fast and then slowly. An optimiser lowers whatever it is given. The chart three slides on convicts four.

# %% [markdown] tags=["slide"]
# ## Three numbers to know before training
#
# + **knows nothing**, answers ½: $\;D\log2$
# + **ignores its code**, one answer for all images: $\;\sum_jH(\bar x_j)$
# + **knows each image**: $\;\frac1n\sum_{ij}H(x_{ij})$
#
# . . .
#
# No network, no training: from the data alone.

# %% [markdown] tags=["notes"]
# 3 min. Derive the second on the board: minimise −x̄ log p − (1 − x̄) log(1 − p). Usual question: why is a perfect copy not 0? Grey pixels.

# %% [markdown] tags=["slide"]
# ## What the three answer
#
# {figure: three-numbers-to-know-before-training-2}

# %% [markdown] tags=["notes"]
# 1 min. A VAE whose samples look like the third row has a code that nobody reads.

# %% [markdown] tags=["slide"]
# ## An untrained VAE, and the best constant
#
# {output: three-numbers-to-know-before-training-5}

# %% [markdown] tags=["notes"]
# 2 min. The optimiser that finds the constant knows nothing of entropies. Exercise {exercise: HEALTH_MARKS} computes the three; homework. The trap there is 0 log 0.

# %% [markdown] tags=["slide"]
# ## The health chart
#
# {figure: the-health-chart-2}
#
# It convicts four. Which, and of what?

# %% [markdown] tags=["notes"]
# 3 min. Starts above the first line and rests far above the second: a second sigmoid. Starts out of the frame: the KL of the whole batch. Starts well and rests on the second line: the neighbour's image. Below the frame: the mean over pixels. Two pass the second line: one is right, the other has no KL, and the chart does not tell them apart.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: DIAGNOSE_CURVES} · {minutes} minutes
#
# Marks: 44.4, 27.1, 13.7. What is wrong?
#
# - P: starts at 0.70, rests at 0.42
# - Q: starts at 46, rests at 27.1
# - R: starts at 90 and is at −3,000 after an epoch
# - S: starts at 53, rests at 43
# - T: starts at 1,420 with batches of 32, at 2,840 with 64

# %% [markdown] tags=["notes"]
# 3 min. In pairs. Mean over pixels; a code that is ignored; raw pixels; a second sigmoid; sum over the batch. Usual wrong answer: "no KL" for Q.

# %% [markdown] tags=["slide"]
# ## Quiz: "BCE 0.058 on grey images: nearly perfect." What do you ask?
#
# . . .
#
# The floor. If it is 0.056, only 0.002 is error.
#
# . . .
#
# And: per pixel, or per image?

# %% [markdown] tags=["notes"]
# 2 min. A figure from a published tutorial, whose floor was 0.056.

# %% [markdown] tags=["slide"]
# ## Who depends on whom?
#
# $$\frac{\partial L_i}{\partial x_j}=0\quad\text{and}\quad\frac{\partial L_i}{\partial\varepsilon_j}=0\qquad(i\ne j)$$
#
# + You need not know what $L_i$ should *be*.
# + Hand the program its noise; exchange one example; see who moves.

# %% [markdown] tags=["notes"]
# 2 min. Noise: exchange keras.random.normal. One example's loss: a sample weight of 1 there and 0 elsewhere.

# %% [markdown] tags=["slide"]
# ## Predict: shared noise. Which losses move?
#
# . . .
#
# {figure: who-depends-on-whom-4}

# %% [markdown] tags=["notes"]
# 3 min. Let them draw the 5 by 5 table first. Shared noise is a column. No value of the loss could show it: its expectation is right.

# %% [markdown] tags=["slide"]
# ## Twelve tests
#
# - *what people have:* finite, falls, two passes differ, starts at $D\log2$
# - *oracles:* ELBO ≤ exact $\log p$; ELBO = an estimate by SciPy
# - *dependence:* a repeated batch, own image, own noise
# - *laws and slopes:* moments of $z$, gradient = finite difference
# - *knobs:* β = 2 costs one KL more

# %% [markdown] tags=["notes"]
# 3 min. Each is a function of five to fifteen lines in the notebook. Show one: the gradient as a step of plain descent with rate 1.

# %% [markdown] tags=["slide"]
# ## Predict: 22 bugs. How many does "the loss falls" convict?
#
# And the strongest of the twelve tests?
#
# . . .
#
# {output: which-test-convicts-which-bug-3 1-2}

# %% [markdown] tags=["notes"]
# 2 min. Collect guesses on the board before the fragment. One, and that one is NaN.

# %% [markdown] tags=["slide"]
# ## Bugs × tests
#
# {figure: which-test-convicts-which-bug-3}

# %% [markdown] tags=["notes"]
# 3 min. Look for rows with a single mark. β ignored is invisible at β = 1: a test that never turns a knob is blind to it.

# %% [markdown] tags=["slide"]
# ## Quiz: ELBO ≤ log p holds. Is the KL right?
#
# . . .
#
# Perhaps it is counted twice: the error is on the safe side.
#
# . . .
#
# Or the weights are random: then the reconstruction alone lies below $\log p$, with no KL at all.

# %% [markdown] tags=["notes"]
# 2 min. Both happen in the matrix and on the next slide but one.

# %% [markdown] tags=["slide"]
# ## Predict: how many tests are enough for all 22?
#
# Of the $2^{12}$ sets, try the small ones first.
#
# . . .
#
# {output: the-smallest-set-of-tests-3}

# %% [markdown] tags=["notes"]
# 3 min. Each of the five is the only one for some bug. In common: each knows beforehand what must hold, from elsewhere (estimate, moments, beta) or as a relation (gradient, two passes). Exercise {exercise: SMALLEST_COVER} is homework; the usual wrong answer is greedy.

# %% [markdown] tags=["slide"]
# ## A right test, asked at the wrong place
#
# {output: two-traps-2}

# %% [markdown] tags=["notes"]
# 2 min. Ask where the term that you test matters. And: every test must first pass the right program.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: CAPACITY} · {minutes} minutes: find the bug
#
# Wanted: $\;\text{reconstruction}+\beta\,|\mathrm{KL}-C|$
#
# ```python
# kl = np.clip(kl, 0.0, capacity)
# return (reconstruction + beta * kl).mean()
# ```
#
# Reconstructions better than anybody's, samples are junk.

# %% [markdown] tags=["notes"]
# 3 min. At C = 0 there is no KL at all. Usual wrong repairs: a maximum (free bits), or the clip removed together with the capacity.

# %% [markdown] tags=["slide"]
# ## Wrong diagnoses
#
# {output: wrong-diagnoses-2}
#
# . . .
#
# No knob turns a failing test green. Only the line does.

# %% [markdown] tags=["notes"]
# 2 min. And the repaired program has a higher loss than the broken one.

# %% [markdown] tags=["slide"]
# ## Quiz: your 200 tests are all green. Are they any good?
#
# . . .
#
# Plant bugs, one at a time, and count how many turn them red.
#
# . . .
#
# What survives is what nobody tests.

# %% [markdown] tags=["notes"]
# 2 min. Mutation testing, 1978. The course does it for its own tests; the 22 patients are from that list.

# %% [markdown] tags=["slide"]
# ## To take home
#
# Know what the loss should be *before* training.
#
# Test what must hold: an answer from elsewhere, or a relation.
#
# Plant a bug, and see whether your test would notice.
#
# *At home:* exercises {exercise: HEALTH_MARKS}, {exercise: LEAKS}, {exercise: SMALLEST_COVER}.

# %% [markdown] tags=["notes"]
# 1 min. Homework: the health chart of their own last project.
