# ---
# jupyter:
#   course:
#     part: "Part III · GANs"
#     question: "What does it take to make it work on images?"
#     gpu: true
# ---

# %% [markdown]
# # Training a GAN: who moves, who holds still, and which number to believe
#
# **The question.** The theory of the game fits on a page, and the losses in four lines. Yet most first programs for it do
# not work, and their curves look fine. What does it take to make a GAN work on images?
#
# In this lesson you will
#
# * **compute** one update of both players by hand, and **prove** that one summed loss takes exactly that step;
# * **diagnose** five training runs by their curves, and **write** one round of a GAN that has none of their bugs;
# * **train** a dense GAN on letters and a small DCGAN on digits, and **judge** both by a distance beside real against real;
# * deeper: **write** batch normalisation, and **derive** what softened targets do to the best discriminator;
# * **choose** a checkpoint by a score of samples, and **explain** why the losses cannot choose it.
#
# *To know before:* the game and its two losses ({lesson: gan_theory}), the chain rule, means and covariances. *Time:* {times}; about 40 seconds to run on two CPU cores. On a GPU it trains longer, and
# better.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## Two losses, and what they must not touch
#
# There are two networks: the generator $G$ (noise $z$ in, image out) and the discriminator $D$ (image in, one *logit*
# $\ell(x)$ out; $D=\sigma(\ell)$, with $\sigma$ the sigmoid, is the probability of "real"). And there are two losses, means
# over a batch:
#
# $$L_D=\operatorname{softplus}(-\ell(x))+\operatorname{softplus}(\ell(\bar G(z))),\qquad
#   L_G=\operatorname{softplus}(-\bar\ell(G(z))).$$
#
# A **bar** means: *this one holds still*. Its weights are numbers here, no gradient reaches them. $D$ descends $L_D$, $G$
# descends $L_G$. The bars are the whole difficulty. Without the one over $G$, the generator would also be improved *for
# the discriminator*; without the one over $\ell$, the discriminator would learn to call samples real.
#
# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import ops
from scipy.special import expit as sigmoid

from course_lib import datasets, metrics, networks, plotting, show
from course_lib.formulas import adversarial, input_gradient
from course_lib.models import GAN, held_still

# %% [markdown]
# As a picture, with a copy of $D$ for each loss. Solid arrows are computed, dashed ones are gradients. **Before you look:** at
# which boxes must a gradient end?

# %%
blue, orange = plotting.PALETTE[0], plotting.PALETTE[5]
places = {"noise z": (0, 0), "G": (1.2, 0), "data x": (1.2, 1.4), "D": (3, 1.4), "D, held still": (3, 0)}
towards_d = {"color": blue, "linestyle": "--", "connectionstyle": "arc3,rad=0.4"}
towards_g = {"color": orange, "linestyle": "--", "connectionstyle": "arc3,rad=-0.4"}
plotting.diagram(
    places | {"$L_D$": (4.6, 1.4), "$L_G$": (4.6, 0)},
    [
        *(
            ("noise z", "G", "", {}),
            ("data x", "D", "", {}),
            ("D", "$L_D$", "", {}),
            ("D, held still", "$L_G$", "", {}),
        ),
        ("G", "D", "samples, held still", {}),
        ("G", "D, held still", "samples", {}),
        ("$L_D$", "D", "", towards_d),
        ("$L_G$", "D, held still", "", towards_g),
        ("D, held still", "G", "through D to G", towards_g),
    ],
    shaded=["D", "G"],
)
plotting.show(
    alt="Boxes and arrows. Data and samples held still go into D and L_D; a dashed blue gradient leads from L_D to D and "
    "ends there. The same samples go into a copy of D that is held still, and L_G; a dashed orange gradient leads from L_G "
    "through the copy to G."
)

# %% [markdown]
# Grey boxes are what a gradient moves: $D$ by $L_D$, $G$ by $L_G$, and nothing else. The course's `GAN` does the same. The
# discriminator answers three times; for one of the two answers on samples its weights are held still (`held_still`), for the
# other the samples (`stop_gradient`). Packs and penalties belong to lesson {number: stability_and_mode_collapse}; here there are none:

# %%
show(GAN.call)
show(held_still)
show(GAN.compute_loss)

# %% [markdown]
# The last line of `compute_loss` adds the two losses and takes the mean. **One sum, one optimiser, one step for both
# players.** That works only if the gradient of the sum is, for the weights of $D$, that of $L_D$ alone, and for the weights
# of $G$ that of $L_G$ alone. Is it? We ask a network that is small enough to compute by hand.
#
# ### Images of 100 numbers
#
# The data: a firefly in the night ({lesson: the_variational_autoencoder}), photographed at 10 × 10 pixels with a
# long exposure, so that each pixel is grey: the probability of light. Printed as negatives: black is light.


# %%
axis = np.linspace(-2.7, 2.7, 10)
places = np.stack(np.meshgrid(axis, -axis), axis=-1).reshape(-1, 2)  # (100, 2): where the pixels are


def fireflies(n, seed):
    at = np.random.default_rng(seed).standard_normal((n, 1, 2))
    return sigmoid(-4 + 8 * np.exp(-np.square(at - places).sum(axis=-1) / (2 * 0.8**2)))


lights, held_out = fireflies(5000, seed=1), fireflies(1000, seed=2)
plotting.image_rows({"real": held_out[:12].reshape(-1, 10, 10)})
plotting.show(
    alt="One row of twelve images of 10 by 10 pixels: dark soft blobs in different places, fireflies printed as "
    "negatives."
)

# %% [markdown]
# The networks: $G$ is 100-16-100, $D$ is 100-16-1, one hidden layer each. Forward, and back by the chain rule. A slope
# $s=\partial L/\partial\ell$ arrives at $D$'s logit; on its way down it leaves the gradients of the weights and, at the end,
# the slope for each *pixel*, which is all that $G$ ever learns from:


# %%
def generate(G, z):
    hidden = np.maximum(z @ G[0] + G[1], 0)
    return sigmoid(hidden @ G[2] + G[3]), hidden


def discriminate(D, x):
    hidden = x @ D[0] + D[1]
    hidden = np.where(hidden > 0, hidden, 0.2 * hidden)
    return hidden @ D[2] + D[3], hidden


def back_through_discriminator(D, x, hidden, slope):
    inner = slope @ D[2].T * np.where(hidden > 0, 1, 0.2)
    return [x.T @ inner, inner.sum(0), hidden.T @ slope, slope.sum(0)], inner @ D[0].T


def back_through_generator(G, z, hidden, made, slope):
    outer = slope * made * (1 - made)  # the sigmoid of the output
    inner = outer @ G[2].T * (hidden > 0)
    return [z.T @ inner, inner.sum(0), hidden.T @ outer, outer.sum(0)]


# %% [markdown]
# The slope of $\operatorname{softplus}(-\ell)$, for whoever wants "real", is $-\sigma(-\ell)$; that of
# $\operatorname{softplus}(\ell)$, for whoever wants "generated", is $\sigma(\ell)$. Both are divided by the size of the batch.
# So one step of both players is:


# %%
def wants_real(logits):
    return -sigmoid(-logits)


def wants_generated(logits):
    return sigmoid(logits)


def gradients(G, D, x, z, wants_real=wants_real, wants_generated=wants_generated):
    """The gradient of each player's own loss by its own weights, and the logits of real images and of samples."""
    made, hidden_of_G = generate(G, z)
    (real_logits, hidden_real), (fake_logits, hidden_fake) = discriminate(D, x), discriminate(D, made)
    by_real, _ = back_through_discriminator(D, x, hidden_real, wants_real(real_logits) / len(x))
    by_fake, _ = back_through_discriminator(D, made, hidden_fake, wants_generated(fake_logits) / len(x))
    _, pixel_slopes = back_through_discriminator(D, made, hidden_fake, wants_real(fake_logits) / len(x))
    of_G = back_through_generator(G, z, hidden_of_G, made, pixel_slopes)
    return of_G, [a + b for a, b in zip(by_real, by_fake, strict=True)], (real_logits, fake_logits)


# %% [markdown]
# Now the library's model with the same weights, batch and noise. `input_gradient` differentiates a function of a vector;
# here the vector is *all weights of both networks*, one after the other.

# %%
keras.utils.set_random_seed(run.seed)
gan = GAN(
    networks.dense_generator(100, (100,), (16,)),
    networks.dense_discriminator((100,), (16,)),
    adversarial.non_saturating,
    seed=run.seed,
)
x = ops.convert_to_tensor(lights[:64].astype("float32"))
z = gan.evaluation_noise(x)
gan.evaluation_noise.rewind()
variables, state = gan.trainable_variables, [variable.value for variable in gan.non_trainable_variables]
ends = [int(end) for end in np.cumsum([np.prod(variable.shape) for variable in variables])]


def gradient_of(loss):
    """The gradient of a function of the model's answers by all weights: G's 3,316, then D's 1,633."""

    def function(vector):
        pieces = zip(ops.split(vector, ends[:-1]), variables, strict=True)
        weights = [ops.reshape(piece, variable.shape) for piece, variable in pieces]
        return loss(gan.stateless_call(weights, state, x, training=False)[0])

    together = ops.concatenate([ops.reshape(variable.value, (-1,)) for variable in variables])
    return ops.convert_to_numpy(input_gradient(function, together)).astype("float64")


# %% [markdown]
# Three gradients: of $L_D$, of $L_G$, and of the sum, each by all 4,949 weights. **Before you run it:** which of the four
# pieces (of two losses, by two networks) must be 0?


# %% tags=["proof"]
def d_loss(answers):
    return ops.mean(ops.softplus(-answers["real_logits"]) + ops.softplus(answers["fake_logits"]))


def g_loss(answers):
    return ops.mean(ops.softplus(-answers["generator_logits"]))


of_d, of_g, of_sum = map(gradient_of, (d_loss, g_loss, lambda answers: d_loss(answers) + g_loss(answers)))
split = gan.generator.count_params()
for name, vector in (("L_D", of_d), ("L_G", of_g), ("the sum", of_sum)):
    lengths = [np.linalg.norm(piece) for piece in (vector[:split], vector[split:])]
    print(f"gradient of {name:7}  by G's weights: length {lengths[0]:.6f}   by D's weights: length {lengths[1]:.6f}")
assert not of_d[:split].any(), "L_D must not move the generator at all"
assert not of_g[split:].any(), "L_G must not move the discriminator at all"
separate = np.concatenate([of_g[:split], of_d[split:]])
error = np.linalg.norm(of_sum - separate) / np.linalg.norm(separate)
assert error < 1e-6, "the gradient of the sum must be the two separate ones, side by side"
print(f"the sum's gradient and the two separate ones differ by {error:.1e} of their length")

# %% [markdown]
# Exactly 0, twice: the bars hold. And is it the *right* step? The chain rule by hand, in 64 bits, shares nothing with the
# library but the weights:

# %% tags=["proof"]
G, D = ([weight.astype("float64") for weight in each.get_weights()] for each in (gan.generator, gan.discriminator))
x_64, z_64 = (ops.convert_to_numpy(each).astype("float64") for each in (x, z))
hand_g, hand_d, (_, fake_logits) = gradients(G, D, x_64, z_64)
by_hand = np.concatenate([piece.ravel() for piece in (*hand_g, *hand_d)])
error = np.linalg.norm(of_sum - by_hand) / np.linalg.norm(by_hand)
print(f"by hand and by the library: {error:.1e} apart, relative to the length")
assert error < 1e-5, "the step computed by hand must be the library's"
made = generate(G, z_64)[0]
leak, _ = back_through_discriminator(D, made, discriminate(D, made)[1], wants_real(fake_logits) / 64)
leak, own = (np.concatenate([each.ravel() for each in part]) for part in (leak, hand_d))
cosine = leak @ own / np.linalg.norm(leak) / np.linalg.norm(own)
print(
    f"without its bar L_G would pull at D with {np.linalg.norm(leak):.3f}, D's own loss with {np.linalg.norm(own):.3f}"
)
print(f"cosine of the angle between the two: {cosine:.2f}")

# %% [markdown]
# Right to five digits and more. The last two lines are a warning: a *forgotten* bar is no small error. It pulls about as hard as
# the discriminator's own loss does, and (a cosine of −1 is the opposite direction) almost straight against it.
#
# Both players step at the same moment, from the same state: **simultaneous** updates. Many programs alternate instead, a
# step of $D$, then one of $G$ against the new $D$. Neither is wrong; they differ in how they circle (lesson {number: stability_and_mode_collapse}).
#
# ### A small game, played by hand
#
# The loop is short: draw real images, draw noise, compute both gradients, let Adam (Kingma & Ba, 2015) take both steps, with
# $\beta_1=0.5$, as Radford et al. (2016) recommend: less memory of old gradients, because the opponent has moved since.


# %%
def adam(weights, gradient, memory, rate=0.002):
    memory["t"] = t = memory.get("t", 0) + 1
    for name, beta, values in (("m", 0.5, gradient), ("v", 0.999, [g**2 for g in gradient])):
        old = memory.get(name, [0.0] * len(values))
        memory[name] = [beta * a + (1 - beta) * b for a, b in zip(old, values, strict=True)]
    size = rate * np.sqrt(1 - 0.999**t) / (1 - 0.5**t)
    return [w - size * m / (np.sqrt(v) + 1e-7) for w, m, v in zip(weights, memory["m"], memory["v"], strict=True)]


def train(gradients, steps=1500, data=lights, batch=64):
    """The two networks after some steps, and after each step L_D, L_G, D(real), D(fake)."""
    rng, players, memories, log = np.random.default_rng(run.seed), (G, D), ({}, {}), []
    for _ in range(steps):
        rows, noise = rng.integers(len(data), size=batch), rng.standard_normal((batch, 100))
        *both, (real, fake) = gradients(*players, data[rows], noise)
        losses = np.logaddexp(0, -real) + np.logaddexp(0, fake), np.logaddexp(0, -fake)
        log.append([each.mean() for each in (*losses, sigmoid(real), sigmoid(fake))])
        players = [adam(*each) for each in zip(players, both, memories, strict=True)]
    return *players, np.array(log)


# %% [markdown]
# How good are samples? Losses cannot say (you will see). We take the **Fréchet distance** (Heusel et al., 2017) between 1,000
# samples and 1,000 real images that were never trained on. With their means $\mu_1,\mu_2$ and covariances $C_1,C_2$ it is
#
# $$\lVert\mu_1-\mu_2\rVert^2+\operatorname{tr}\big(C_1+C_2-2\,(C_1C_2)^{1/2}\big).$$
#
# Lower is better, and two *real* sets give what is possible at this $n$ ({lesson: judging_generative_models} has its proof and its faults).

# %% tags=["proof"]
noise_1000 = np.random.default_rng(7).standard_normal((1000, 100))


def distance(images):
    return metrics.frechet_distance(held_out, images)


beside = distance(fireflies(1000, seed=3))
untrained = distance(generate(G, noise_1000)[0])
healthy_g, healthy_d, log = train(gradients)
trained = distance(generate(healthy_g, noise_1000)[0])
print(f"Fréchet distance, n = 1,000: untrained {untrained:.2f}, trained {trained:.2f}, real against real {beside:.2f}")
assert trained < untrained / 3, "the samples must come three times nearer to the data"

# %% [markdown]
# It learns. It could be better: 16 hidden units and 1,500 steps are not much. But now we know what a healthy run looks like.

# %% [markdown] tags=["deeper"]
# ### Why discrete data are the GAN's difficulty
#
# Our pixels are grey. What if a photograph knew only on and off? On/off *data* are no obstacle yet: the generator stays
# grey and learns to be nearly black and white. But if it has to *draw* its pixels, from the grey values as probabilities,
# the chain of slopes breaks. **Predict:** how many of 100,000 drawn pixels change if all weights of $G$ change a little?

# %% tags=["proof"]
on_off = (np.random.default_rng(3).random(lights.shape) < lights).astype("float64")
maker, _, _ = train(gradients, data=on_off)
nudged = [weight + 1e-9 for weight in maker]
greys, greys_of_nudged = generate(maker, noise_1000)[0], generate(nudged, noise_1000)[0]
draws = np.random.default_rng(4).random(greys.shape)
changed = np.sum((draws < greys) != (draws < greys_of_nudged))
print(f"Fréchet distance of its greys: {distance(greys):.2f}; of its draws to on/off fireflies: ", end="")
print(f"{metrics.frechet_distance(on_off[:1000], (draws < greys).astype('float64')):.2f}")
print(f"greys that change: {np.mean(greys != greys_of_nudged):.1%}; drawn pixels that change: {changed}")
assert np.mean(greys != greys_of_nudged) > 0.99, "the greys must move with the weights"
assert changed == 0, "drawn pixels must not"

# %% [markdown]
# Nearly every grey moves, no drawn pixel does: the derivative of a draw is 0 wherever there is one, and the generator would
# hear nothing. Words are such draws, too. The ways out are those of
# {lesson: the_reparameterization_trick}: score functions (REINFORCE) or softened draws (Gumbel-softmax). A VAE
# does not have this problem with discrete *data*: its decoder is judged by a probability and draws nothing while it learns.

# %% [markdown]
# ## Five runs, four bugs
#
# Here are four ways to break the program, each of them found again and again in published ones. Read what each of them
# does to the gradients:


# %%
def squashed(wants):
    return lambda logits: wants(sigmoid(logits)) * sigmoid(logits) * sigmoid(-logits)  # a sigmoid before the sigmoid


def broken(bug):
    others = np.random.default_rng(5)

    def with_bug(G, D, x, z):
        if bug == "no real data":
            x = generate(G, others.standard_normal(z.shape))[0]
        twice = (squashed(wants_real), squashed(wants_generated)) if bug == "double sigmoid" else ()
        of_G, of_D, (real, fake) = gradients(G, D, x, z, *twice)
        if bug == "frozen discriminator":
            of_D = [np.zeros_like(each) for each in of_D]
        if bug == "co-operation":  # D descends the generator's loss, too
            made = generate(G, z)[0]
            of_D, _ = back_through_discriminator(D, made, discriminate(D, made)[1], wants_real(fake) / len(x))
        return of_G, of_D, (sigmoid(real), sigmoid(fake)) if twice else (real, fake)

    return with_bug


# %% [markdown]
# Here are five runs, P, Q, R, S and T: one with each bug, and a healthy one. You see their logs and their samples, not
# their names.

# %%
from course_lib.exercises import check
from course_lib.exercises import training_a_gan as exercises

logs, rows, scores = {}, {"real": held_out[:10].reshape(-1, 10, 10)}, {}
for letter, bug in exercises.runs.items():
    made_by, _, logs[letter] = train(broken(bug))
    samples = generate(made_by, noise_1000)[0]
    scores[letter], rows[letter] = distance(samples), samples[:10].reshape(-1, 10, 10)
print("run              step    L_D     L_G   D(real)  D(fake)")
for letter, log in logs.items():
    for first, last in ((0, 1), (150, 200), (1400, 1500)):
        print(f"{letter:9} {first + 1:6d}–{last:<5d}", "".join(f"{each:8.3f}" for each in log[first:last].mean(axis=0)))
print(
    "Fréchet:", ", ".join(f"{letter} {score:.1f}" for letter, score in scores.items()), f"(untrained {untrained:.1f})"
)
plotting.image_rows(rows)
plotting.show(
    alt="Rows of ten images: real fireflies, then the samples of the runs P, Q, R, S and T. Some rows have dark "
    "spots like the real ones; others are noise, or one pattern again and again."
)

# %%
figure, frames = plt.subplots(1, 5, figsize=(11, 2.6), layout="constrained", sharex=True, sharey=True)
for ax, (letter, log) in zip(frames, logs.items(), strict=True):
    ax.axhline(np.log(4), color="0.7", linestyle=":")
    for column, name in enumerate(("$L_D$", "$L_G$")):
        ax.plot(
            np.arange(0, 1500, 5),
            log[::5, column].clip(0, 4),
            color=plotting.PALETTE[column],
            linewidth=0.8,
            label=name,
        )
    ax.set(title=letter, xlabel="step")
frames[0].set_ylabel("loss / nats (cut at 4)")
frames[0].legend(frameon=False)
plotting.show(
    alt="Five small panels with the losses of D and G against the step, for the runs P to T, with log 4 as a "
    "dotted line. The courses differ, and some are perfectly calm."
)

# %% [markdown]
# Dotted: log 4, the discriminator's loss at the end of a perfect game (lesson {number: gan_theory}). Of these five one is healthy, three
# learn nothing, and one stops early: its samples come nearer to the data, then no more. **Would you have known from the
# curves alone?** The calmest ones belong to the bugs.
#
# **Exercise {exercise: DIAGNOSES}: diagnose.** Complete the dictionary: keys `"P"` to `"T"`; values `"healthy"`, `"co-operation"`,
# `"frozen discriminator"`, `"double sigmoid"`, `"no real data"`.

# %% tags=["exercise"]
# BEGIN SOLUTION
diagnoses = {
    "P": "no real data",
    "Q": "healthy",
    "R": "co-operation",
    "S": "double sigmoid",
    "T": "frozen discriminator",
}
# END SOLUTION

# %%
check(exercises.DIAGNOSES, diagnoses)

# %% [markdown]
# Next, each bug in turn, and its repair. (The paragraphs below name the runs.)
#
# ### Co-operation
#
# R: the generator's loss falls to 0 and $D(\text{fake})$ rises to 1. Not because the samples are good: *both* networks work
# on it, and for $D$ it is easy to call everything real. In programs this looks like "stack $D$ on $G$, label everything
# *real*, call fit".

# %% tags=["proof"]
report = logs["R"][-100:].mean(axis=0)
print(f"generator's loss {report[1]:.1e}, D(real) {report[2]:.3f}, D(fake) {report[3]:.3f}; Fréchet {scores['R']:.1f}")
assert report[1] < 0.01, "the symptom: the generator's loss nearly vanishes"
assert scores["R"] > untrained / 2, "and its samples are no better for it"

# %% [markdown]
# **Exercise {exercise: DIRECTIONS}: repair.** The function gets the gradient of each loss by the weights of each network, without any bars:
# two pairs (by $G$'s weights, by $D$'s weights). Return the pair of directions that $G$ and $D$ should descend.


# %% tags=["exercise"]
def directions(of_discriminator_loss, of_generator_loss):
    # BEGIN SOLUTION
    return of_generator_loss[0], of_discriminator_loss[1]
    # INSTEAD
    # return of_generator_loss[0], of_generator_loss[1]
    # END SOLUTION


# %%
check(exercises.DIRECTIONS, directions)

# %% [markdown]
# ### No real data
#
# P shows the two numbers that the theory promises for a *perfect* generator, $L_D=\log4$ and $L_G=\log2$, and keeps them.
# If both halves of the batch come from $G$, then $D$ is a coin, whatever $G$ does. There is a test that convicts every
# program of this kind: **exchange the data, and look whether anything changes.**

# %% tags=["proof"]
junk = np.random.default_rng(0).random(lights.shape)
log_of_lights, log_of_junk = (train(broken("no real data"), steps=200, data=data)[2] for data in (lights, junk))
print("last losses with fireflies:", log_of_lights[-1, :2], " with noise instead:", log_of_junk[-1, :2])
assert np.array_equal(log_of_lights, log_of_junk), "without data in the program, other data change no bit"
healthy, other = (train(gradients, steps=200, data=data)[2] for data in (lights, junk))
assert not np.array_equal(healthy, other), "a program that sees data must notice"

# %% [markdown] tags=["deeper"]
# ### A double sigmoid
#
# S has a discriminator that ends in a sigmoid, and a loss that applies its own. The second one gets numbers between 0 and 1
# in the place of logits. **Exercise {exercise: FLOOR}: predict** the smallest value that
# $L_D=\operatorname{softplus}(-d_\text{real})+\operatorname{softplus}(d_\text{fake})$ can take then, for the best
# discriminator of all, in nats.

# %% tags=["exercise"]
# BEGIN SOLUTION
smallest_loss = np.log1p(np.exp(-1)) + np.log(2)
# END SOLUTION

# %%
check(exercises.FLOOR, smallest_loss)

# %% [markdown]
# Here is that floor beside the losses that were measured, and beside it the slopes that reach a generator:

# %% tags=["proof"]
floor = np.logaddexp(0, -1) + np.logaddexp(0, 0)
print(f"floor {floor:.4f}; lowest loss of S {logs['S'][:, 0].min():.4f}, of the healthy Q {logs['Q'][:, 0].min():.4f}")
assert logs["S"][:, 0].min() > floor, "with two sigmoids the loss cannot fall below its floor"
assert logs["Q"][:, 0].min() < floor, "with one it can"
logits = np.array([-6.0, -3.0, 0.0, 3.0, 6.0])
print("slopes for a sample at logits −6 … 6, one sigmoid :", np.abs(wants_real(logits)).round(4))
print("slopes for a sample at logits −6 … 6, two sigmoids:", np.abs(squashed(wants_real)(logits)).round(4))

# %% [markdown]
# The floor is not the worst of it. Look at the slopes: where $D$ is sure that a sample is generated (left), a healthy
# generator gets its full slope of 1, and this one next to nothing: the second sigmoid makes even the non-saturating loss
# saturate. In the end S's $D$ says nearly 0 to everything (which the second sigmoid turns into the ½ of the table), and
# nobody moves. It had begun to learn, and in some runs it even passes our bar of a third of the untrained distance: a bar is no health.
#
# **Exercise {exercise: ONE_SIGMOID}: repair** the discriminator's loss; arrays of logits in, one value for each pair out. As in {lesson: gan_theory}, it
# must survive logits of ±900.


# %% tags=["exercise"]
def discriminator_loss(real_logits, fake_logits):
    # BEGIN SOLUTION
    return np.logaddexp(0, -real_logits) + np.logaddexp(0, fake_logits)
    # INSTEAD
    # real, fake = sigmoid(real_logits), sigmoid(fake_logits)
    # return np.logaddexp(0, -real) + np.logaddexp(0, fake)
    # END SOLUTION


# %%
check(exercises.ONE_SIGMOID, discriminator_loss)

# %% [markdown] tags=["deeper"]
# ### A frozen discriminator
#
# T's generator also wins completely, but against an opponent that never learned: $D(\text{real})$ is where it started. Who
# would freeze $D$? Many tutorials do, in good faith. Their recipe is older than Keras 3:
#
# 1. compile `discriminator`;
# 2. set `discriminator.trainable = False`;
# 3. stack it on the generator and compile the stack.
#
# In Keras 2, `compile` remembered what was trainable, so that `discriminator` went on learning by itself and stood still in
# the stack. **Keras 3 reads `trainable` when a step is traced**, that is, translated into a graph: at the first call after a
# `compile`, and again for a batch of another shape. (With `run_eagerly=True`, as in the cells of this section, nothing is
# translated, and it is read at each call.) **Predict** what the recipe does, then run.

# %% tags=["proof"]
import warnings

keras.utils.set_random_seed(run.seed)
discriminator_1 = networks.dense_discriminator((100,), (16,))
maker_1 = networks.dense_generator(100, (100,), (16,))
loss = keras.losses.BinaryCrossentropy(from_logits=True)
discriminator_1.compile("adam", loss, run_eagerly=True)
discriminator_1.trainable = False
stack_1 = keras.Sequential([maker_1, discriminator_1])
stack_1.compile("adam", loss, run_eagerly=True)
before = discriminator_1.get_weights()
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    for _ in range(3):
        both = np.concatenate([lights[:32], ops.convert_to_numpy(maker_1(noise_1000[:32].astype("float32")))])
        discriminator_1.train_on_batch(both.astype("float32"), np.repeat([[1.0], [0.0]], 32, axis=0))
        stack_1.train_on_batch(noise_1000[:32].astype("float32"), np.ones((32, 1)))
moved = max(np.abs(a - b).max() for a, b in zip(before, discriminator_1.get_weights(), strict=True))
print(f"after 3 rounds the discriminator has moved by {moved}; {len(said)} warnings, the first:")
print("  ", str(said[0].message).split(".")[0] if said else "none")
assert moved == 0.0, "the symptom: the discriminator does not move at all"

# %% [markdown]
# Not one bit, and all that one gets to see is a warning among many lines. **Exercise {exercise: FROZEN_ROUND}: repair** one round of the recipe,
# so that each network moves in its own step and only there. `combined` is the stack; which of the two steps comes first is up to you.


# %% tags=["exercise"]
def one_round(discriminator, combined, images, labels, noise):
    # BEGIN SOLUTION
    discriminator.trainable = True
    discriminator.train_on_batch(images, labels)
    discriminator.trainable = False
    combined.train_on_batch(noise, np.ones((len(noise), 1)))
    # INSTEAD
    # discriminator.train_on_batch(images, labels)
    # combined.train_on_batch(noise, np.ones((len(noise), 1)))
    # END SOLUTION


# %%
check(exercises.FROZEN_ROUND, one_round)

# %% [markdown]
# With `run_eagerly=True` your round is right. In a graph, Keras' default, it is not, unless you compile after each switch:

# %% tags=["proof"]
print("a step after:            frozen | frozen, thawed | trained, frozen | trained, frozen, compiled")
for eagerly in (True, False):
    moved = []
    for switches in ((False,), (False, True), (True, False), (True, False, "compile")):
        keras.utils.set_random_seed(run.seed)
        network = networks.dense_discriminator((100,), (16,))
        network.compile("adam", loss, run_eagerly=eagerly)
        for switch in switches:
            if switch == "compile":
                network.compile("adam", loss, run_eagerly=eagerly)
            else:
                network.trainable = switch
            before = network.get_weights()
            with warnings.catch_warnings(action="ignore"):
                network.train_on_batch(lights[:32].astype("float32"), np.ones((32, 1)))
        moved.append(any(np.any(a != b) for a, b in zip(before, network.get_weights(), strict=True)))
    print(f"run_eagerly={eagerly!s:5}, moves:", *moved)
    expected = [False, True, False, False] if eagerly else [False, False, True, False]
    assert moved == expected, "eagerly the switch counts at once, in a graph what it was when the step was traced"

# %% [markdown]
# Second line: thawed too late, it never moves; frozen too late, it goes on moving. The bars of the course's `GAN` need no
# switches: nothing is frozen, the gradients simply do not exist. So it refuses a frozen network:

# %%
import textwrap

try:
    GAN(maker_1, discriminator_1, adversarial.non_saturating)
except ValueError as error:
    print(textwrap.fill(str(error), 100))

# %% [markdown]
# ## Write one round
#
# Now without the course's `GAN`. In a loop of your own the bars are kept by *who takes the step*. `exercises.descend(network,
# loss)` takes one step of gradient descent on a loss (a function without arguments that returns a number), and moves the
# weights of that network alone:

# %%
show(exercises.descend)

# %% [markdown]
# **Exercise {exercise: ONE_ROUND}: write one round**, a step of $D$ and then one of $G$ against the new $D$ (*alternating* updates). `images` and
# `noise` are tensors, $D$ returns logits, the losses are those at the top of this lesson, means over the batch. The check plays
# two rounds and looks where every weight went.


# %% tags=["exercise"]
def one_round(generator, discriminator, descend, images, noise):
    # BEGIN SOLUTION
    def loss_of_d():
        real, fake = discriminator(images), discriminator(generator(noise))
        return ops.mean(ops.softplus(-real) + ops.softplus(fake))

    def loss_of_g():
        return ops.mean(ops.softplus(-discriminator(generator(noise))))

    descend(discriminator, loss_of_d)
    descend(generator, loss_of_g)
    # END SOLUTION


# %%
check(exercises.ONE_ROUND, one_round)

# %% [markdown]
# ## A dense GAN that draws letters
#
# Now images of 784 pixels: the glyphs. The generator is 32-128-256-784, the discriminator 784-256-128-1. A penalty on the slope
# of $D$ at real images, $\frac\gamma2\lVert\nabla_x\ell(x)\rVert^2$, called R1 (Mescheder et al., 2018), keeps the two from circling (lesson
# {number: stability_and_mode_collapse} derives it). After each epoch a score is
# taken, the Fréchet distance on 32 features of letters (lesson {number: judging_generative_models}) between 1,000 samples and 1,000 images of the
# *validation* set; the final word belongs to the test set. **Predict:** while samples get better, will the discriminator's
# loss fall, rise, or stay?

# %%
from course_lib.features import letter_features
from course_lib.formulas import R1
from course_lib.training import KeepBest, SamplePictures

glyphs = datasets.load("glyphs")
of_validation, of_test = (letter_features(each[:1000]) for each in (glyphs.x_validation, glyphs.x_test))


def letter_distance(gan, real=of_validation, seed=0):
    return metrics.frechet_distance(real, letter_features(gan.sample(1000, seed=seed)))


keras.utils.set_random_seed(run.seed)
letters = GAN(
    networks.dense_generator(32, (28, 28, 1), (128, 256)),
    networks.dense_discriminator((28, 28, 1), (256, 128)),
    adversarial.non_saturating,
    seed=run.seed,
    penalty=R1(5.0),
)
start, start_on_test = letter_distance(letters), letter_distance(letters, of_test, seed=1)
weights_at_first = [each.get_weights() for each in (letters.generator, letters.discriminator)]

# %%
letters.compile(learning_rate=2e-3)
best = KeepBest(letter_distance)
pictures = SamplePictures(lambda: letters.sample(10, seed=1))
epochs = run.pick(cpu=4, gpu=60)
keras.utils.set_random_seed(run.seed)
history = letters.fit(glyphs.x_train, epochs=epochs, verbose=0, callbacks=[best, pictures]).history
shown = {epoch: pictures.pictures[epoch] for epoch in sorted({0, 1, epochs // 2, epochs})}
plotting.filmstrip(shown, real=glyphs.x_test[:10])
plotting.show(
    alt="Rows of ten images: real letters, and samples of the generator untrained and after more and more epochs, "
    "from grey noise to something like letters."
)

# %% [markdown]
# In numbers, beside real against real; and did both networks take part?

# %% tags=["proof"]
score, real_score = letter_distance(letters, of_test, seed=1), metrics.frechet_distance(of_test, of_validation)
print(f"Fréchet distance of features to the test set, n = 1,000: untrained {start_on_test:.1f}")
print(f"epoch {best.best_epoch}, the best on the validation set, {score:.1f}; real {real_score:.2f}")
assert score < start_on_test / 3, "the samples must come three times nearer to the data"
for name, network, at_first in zip("GD", (letters.generator, letters.discriminator), weights_at_first, strict=True):
    step = max(np.abs(a - b).max() for a, b in zip(at_first, network.get_weights(), strict=True))
    print(f"largest change of a weight of {name}: {step:.3f}")
    assert step > 0.01, "both networks must train"

# %% [markdown]
# From grey noise to something like letters, and $D$ and $G$ have both moved. Far from real still, as the number of the
# real images says: never quote a Fréchet distance without it.
#
# ### Losses are not quality

# %% tags=["proof"]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 2.8), layout="constrained")
for colour, (name, label) in zip(
    plotting.PALETTE, {"discriminator_loss": "$L_D$", "generator_loss": "$L_G$"}.items(), strict=False
):
    left.plot(range(1, epochs + 1), history[name], "o-", color=colour, label=label)
left.axhline(np.log(4), color="0.7", linestyle=":")
left.set(xlabel="epoch", ylabel="loss / nats", ylim=(0, None))
left.legend(frameon=False)
right.plot([0, *best.scores], [start, *best.scores.values()], "o-", color=plotting.PALETTE[2], label="samples")
right.axhline(real_score, color="0.5", linestyle="--", label="real against real")
right.set(xlabel="epoch", ylabel="Fréchet distance", yscale="log")
right.legend(frameon=False)
for ax in (left, right):
    ax.xaxis.get_major_locator().set_params(integer=True)
plotting.show(
    alt="Left, both losses against the epoch, the discriminator's rising towards the dotted log 4. Right, the "
    "Fréchet distance of the samples falls with every epoch and stays above that of real against real."
)
assert history["discriminator_loss"][-1] > history["discriminator_loss"][0], "D's loss rises as the samples improve"
assert best.scores[epochs] < best.scores[1], "while the samples improve"

# %% [markdown]
# Right, the samples get better. Left, the discriminator's loss *rises* towards log 4 (dotted), because its
# task gets harder; the generator's goes its own way. Each loss is measured against an opponent that changes. So
#
# * a falling loss is no evidence of learning (runs R and T), and a quiet one is no equilibrium (P);
# * early stopping on $L_D$ keeps the *first* epoch, on $L_G$ here the last: neither has looked at a sample;
# * what can choose is a score that looks at samples. `KeepBest` took it after each epoch, on the same noise each time, and put
#   back the weights of the best one. It chose *on* the validation images, so what is reported is measured on others.

# %% [markdown] tags=["deeper"]
# ## Targets: one-sided smoothing
#
# A sure discriminator has large logits, and an easy trick against certainty is to soften its targets: for real examples
# not 1 but $t=0.9$. The direction matters. Give real examples the target $t$ and samples the target $s$:
#
# $$L_D=\mathbb E_p[-t\log D-(1-t)\log(1-D)]+\mathbb E_q[-s\log D-(1-s)\log(1-D)].$$
#
# **Exercise {exercise: SMOOTHED}: derive** the best $D(x)$ at a point with densities $p$ and $q$ (arrays), as in lesson {number: gan_theory}: collect
# what stands in front of $\log D$ and of $\log(1-D)$.


# %% tags=["exercise"]
def best_with_soft_targets(p, q, t, s):
    # BEGIN SOLUTION
    return (t * p + s * q) / (p + q)
    # END SOLUTION


# %%
check(exercises.SMOOTHED, best_with_soft_targets)

# %% [markdown]
# For $s=0$ it is $t\,\frac p{p+q}$: certainty of *real* is capped at $t$; certainty of *generated* is not, $D=0$ where only
# samples lie. But with $s>0$ there is a term in $q$, and *it rewards a place for having samples*: where data are
# missing ($p=0$), $D=s$ wherever samples lie, so nothing tells them to leave. Hence **one-sided**: soften the real target
# only (Salimans et al., 2016, section 3.4). The library's objective, minimised over the logit, must find it:

# %% tags=["proof"]
from scipy.optimize import minimize_scalar

smoothed = adversarial.OneSidedSmoothing(0.9)
for p, q in ((0.5, 0.5), (0.4, 0.1), (0.05, 0.3)):

    def expected_loss(logit, p=p, q=q):
        paid_for_real, paid_for_fake = (
            float(smoothed([a], [b], [0.0])[0][0]) for a, b in ((logit, -40.0), (40.0, logit))
        )
        return p * paid_for_real + q * (paid_for_fake - float(smoothed([40.0], [-40.0], [0.0])[0][0]))

    found = sigmoid(minimize_scalar(expected_loss, bounds=(-8, 8), method="bounded").x)
    print(f"p = {p}, q = {q}: the best D is {found:.4f}, and t p/(p + q) = {0.9 * p / (p + q):.4f}")
    assert abs(found - 0.9 * p / (p + q)) < 1e-3, "the best smoothed D must be t p/(p + q)"
for target in (0.0, 1.2):
    try:
        adversarial.OneSidedSmoothing(target)
    except ValueError as error:
        print(str(error).split(";")[0])
    else:
        raise AssertionError("a target outside (0, 1] is no probability of real")

# %% [markdown]
# ## A small DCGAN: layers that know whether you train
#
# Images have neighbourhoods, and convolutions use them. The recipe of DCGAN (Radford et al., 2016): strided convolutions
# down, transposed ones up, **batch normalisation** (theirs in both networks, ours in the generator), leaky ReLU in the
# discriminator, Adam with $\beta_1=0.5$. Here for the 8 × 8 digits; 28 × 28 is for a GPU.
#
# Two of its layers behave differently in training and in evaluation:
#
# * **Dropout** (Srivastava et al., 2014) drops units at random in training, and does nothing in evaluation.
# * **Batch normalisation** (Ioffe & Szegedy, 2015) subtracts the mean and divides by the standard deviation of each feature: in training those *of
#   this batch*, in evaluation *moving averages*, which training has kept. Then a learnt gain and shift follow.
#
# A GAN's step must call **both networks in training mode, for real and for samples alike**. And a picture for you must come
# out of evaluation mode, so that it does not depend on which pictures were drawn beside it.

# %%
digits = datasets.load("digits")
parts = {"x_train": digits.x_train, "x_validation": digits.x_validation, "x_test": digits.x_test}
rows_of = {name: images.reshape(len(images), -1) for name, images in parts.items()}


def digit_distance(gan, part="x_validation", seed=0):
    real = rows_of[part]
    return metrics.frechet_distance(real, gan.sample(len(real), seed=seed).reshape(len(real), -1))


def leaky(x):
    return ops.maximum(x, 0.2 * x)  # leaky ReLU


def dcgan(kind=GAN, dropout=0.0):
    keras.utils.set_random_seed(run.seed)
    maker = networks.conv_generator(16, (8, 8, 1), (32, 16))
    discriminator = networks.conv_discriminator((8, 8, 1), (16, 32), leaky, dropout)
    return kind(maker, discriminator, adversarial.non_saturating, seed=run.seed, penalty=R1(2.0))


# %% [markdown]
# ### A training that outlives its session
#
# Colab ends a session that waits too long, and every weight in memory goes with it. So this training keeps itself in your
# Google Drive, *if you have mounted it*: before you run the cell, click the folder symbol at the left, then *Mount Drive*.
# Every six epochs `ResumableTraining` then writes weights, optimiser, random streams and the order of the data into the
# folder below. After a cut, mount the drive and run the lesson again: the training goes on from what was kept and arrives
# where it would have arrived. (`KeepBest` stands before it in the list, so that the best weights are what is kept at the
# end; a resumed run scores the epochs that are still to come.) Without a drive, as on your own machine, nothing is written.

# %%
from pathlib import Path

from course_lib.training import ResumableTraining

drive = Path("/content/drive/MyDrive")  # where Colab mounts it
folder = drive / "generative-models-course" / "trainings" / f"training_a_gan_{run.profile}"
kept = [ResumableTraining(folder, every=6)] if drive.exists() else []

convolutional = dcgan()
start = digit_distance(convolutional, "x_test", seed=1)
convolutional.compile(learning_rate=2e-3)
best = KeepBest(digit_distance, every=6)
epochs = run.pick(cpu=18, gpu=120)
keras.utils.set_random_seed(run.seed)
convolutional.fit(digits.x_train, epochs=epochs, batch_size=64, verbose=0, callbacks=[best, *kept])
score = digit_distance(convolutional, "x_test", seed=1)
real_score = metrics.frechet_distance(rows_of["x_test"], rows_of["x_train"][: len(digits.x_test)])

# %% [markdown]
# Which row would you call real, without the labels?

# %% tags=["proof"]
plotting.image_rows({"real": digits.x_test[:12], "generated": convolutional.sample(12, seed=1)})
plotting.show(alt="Two rows of twelve digits of 8 by 8 pixels: real ones above, generated ones below.")
print(f"Fréchet distance of pixels to {len(digits.x_test)} test images: ", end="")
print(f"untrained {start:.2f}, trained {score:.2f}, as many real {real_score:.2f}")
print("on the way, on the validation set:", {epoch: round(value, 2) for epoch, value in best.scores.items()})
assert score < start / 3, "the samples must come three times nearer to the data"

# %% [markdown]
# The numbers need no labels: the samples are still several times as far from the test images as real ones are.
#
# What moves, and what holds still, once more, now with layers that have a state. `generator_scale=0` multiplies $G$'s steps
# by 0. **Predict** which of $G$'s numbers are the same afterwards, bit by bit: kernels? gains? moving averages?


# %% tags=["proof"]
def copies(variables):
    return [np.array(ops.convert_to_numpy(variable)) for variable in variables]


def same(before, variables):
    return all(np.array_equal(a, b) for a, b in zip(before, copies(variables), strict=True))


held = dcgan()
keras.utils.set_random_seed(run.seed)
for still, option in (("G", "generator_scale"), ("D", "discriminator_scale")):
    held.compile(**{option: 0.0}, run_eagerly=True)
    parts = {"G": held.generator, "D": held.discriminator}
    before = {name: copies(part.trainable_variables) for name, part in parts.items()}
    averages = copies(held.generator.non_trainable_variables)
    held.fit(digits.x_train[:192], batch_size=64, verbose=0)
    unchanged = {name: same(before[name], part.trainable_variables) for name, part in parts.items()}
    moved = not same(averages, held.generator.non_trainable_variables)
    print(f"{still} at scale 0: trainable weights unchanged: {unchanged}; G's moving averages moved: {moved}")
    assert unchanged == {"G": still == "G", "D": still == "D"}, "the held network must not change by a bit"
    assert moved, "moving averages are no weights: they follow the data, whoever trains"

# %% [markdown]
# The trainable weights of the held network are the same, bit for bit. The moving averages are not: they are measurements,
# no weights, and each call in training mode takes one.

# %% [markdown] tags=["deeper"]
# ### Find the bug: batch normalisation in the wrong mode
#
# A colleague's model ignores the `training` that `fit` hands over. It runs without a complaint. (Its noise comes from the
# stream that is meant for evaluation, too; that is not what you are looking for.) Here are three steps of it, and what its
# batch normalisation knows afterwards:


# %% tags=["proof"]
class InTheWrongMode(GAN):
    def call(self, x, training=None):
        return super().call(x, training=False)


for kind in (GAN, InTheWrongMode):
    keras.utils.set_random_seed(run.seed)
    trained = dcgan(kind)
    trained.compile(run_eagerly=True)
    trained.fit(digits.x_train[:192], batch_size=64, verbose=0)
    layers = [layer for layer in trained.generator.layers if isinstance(layer, keras.layers.BatchNormalization)]
    mean = np.concatenate(copies(layer.moving_mean for layer in layers))
    variance = np.concatenate(copies(layer.moving_variance for layer in layers))
    print(f"{kind.__name__:15} moving means {mean.min():.4f} … {mean.max():.4f}", end=", ")
    print(f"variances {variance.min():.4f} … {variance.max():.4f}")
assert np.array_equal(mean, np.zeros_like(mean)), "the symptom: the averages stay at their start, mean 0"
assert np.array_equal(variance, np.ones_like(variance)), "and variance 1: nothing was ever normalised"

# %% [markdown]
# Means of exactly 0, variances of exactly 1: the averages never saw a batch. "Normalised" by 0 and 1, features stay as they
# are: this network *has* no batch normalisation, though it lists two such layers. A small network survives that (try it with
# full training: it may even score better here); a deep one is what batch normalisation was made for. Note the healthy row,
# too: after three steps the averages have moved by three hundredths of the way. They follow slowly, and samples drawn in
# evaluation mode *lag* behind the training for some hundred steps.
#
# **Exercise {exercise: BATCH_NORM}: repair.** `x` is `(batch, features)`. Return the normalised features and the two moving averages as they
# are afterwards. The momentum is 0.99: the old average keeps this share.


# %% tags=["exercise"]
def batch_normalisation(x, moving_mean, moving_variance, training):
    # BEGIN SOLUTION
    mean, variance = moving_mean, moving_variance
    if training:
        mean, variance = x.mean(axis=0), x.var(axis=0)
        moving_mean = 0.99 * moving_mean + 0.01 * mean
        moving_variance = 0.99 * moving_variance + 0.01 * variance
    return (x - mean) / np.sqrt(variance + 0.001), moving_mean, moving_variance
    # INSTEAD
    # return (x - moving_mean) / np.sqrt(moving_variance + 0.001), moving_mean, moving_variance
    # END SOLUTION


# %%
check(exercises.BATCH_NORM, batch_normalisation)

# %% [markdown]
# The other direction, a picture drawn in training mode, is a bug as well. Put the same noise into two batches with other companions, in both modes, and look whether
# the image depends on its neighbours:

# %% tags=["proof"]
noise = np.random.default_rng(0).standard_normal((9, 16)).astype("float32")
other = np.concatenate([noise[:1], 3 * noise[1:]])
maker, averages = convolutional.generator, convolutional.generator.get_weights()
for training in (False, True):
    first, second = (ops.convert_to_numpy(maker(company, training=training))[0] for company in (noise, other))
    apart = np.abs(first - second).max()
    print(f"training={training!s:5}: the same noise in two companies, a pixel differs by {apart:.1%} of black to white")
    assert (apart > 0.01) == training, "only in training mode may an image depend on its neighbours"
maker.set_weights(averages)  # the calls in training mode moved the averages
discriminator_2 = dcgan(dropout=0.3).discriminator
twice = {mode: copies(discriminator_2(digits.x_test[:4], training=mode) for _ in range(2)) for mode in (False, True)}
print(
    f"dropout, two verdicts on the same image: evaluation {np.ptp(twice[False], axis=0).max():.4f} apart, "
    f"training {np.ptp(twice[True], axis=0).max():.4f}"
)
assert np.ptp(twice[False], axis=0).max() == 0 < np.ptp(twice[True], axis=0).max(), "dropout is for training"

# %% [markdown]
# ## What to report
#
# **Exercise {exercise: EVIDENCE}.** A colleague says that her GAN works. Which of these would a program that does nothing, or the wrong
# thing, hardly show? Give a set of letters.
#
# * `"a"`: the generator's loss fell from 0.9 to 0.001.
# * `"b"`: the weights of both networks moved, and exchanging the data changes the result.
# * `"c"`: the discriminator's loss is 1.386, log 4, and stays there.
# * `"d"`: Fréchet distance to 1,000 held-out images: 61 untrained, 6 now, 0.6 for 1,000 real ones.
# * `"e"`: the same with 100 samples: 9, "worse than with 1,000, so more samples make it better".

# %% tags=["exercise"]
# BEGIN SOLUTION
evidence = {"b", "d"}
# END SOLUTION

# %%
check(exercises.EVIDENCE, evidence)

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> A GAN is trained by one optimiser on one summed loss. Do the players not mix?</summary>
#
# Not if the bars are in place: then each loss has the gradient 0 by the other player's weights, and the sum's gradient is the
# two separate ones, side by side. Without the bars the players co-operate. (That holds for optimisers such as Adam, which work
# weight by weight. A common limit on the length of the gradient, `global_clipnorm`, couples the players.)
# </details>
#
# <details><summary><b>2.</b> What does <code>discriminator.trainable = False</code> do in Keras 3, after <code>compile</code>?</summary>
#
# Before the first step it freezes the network wherever it is used, its own training included: it is read when a step is
# traced, at the first call after a <code>compile</code>. After that, nothing, until the next <code>compile</code> (or a batch of
# another shape). With <code>run_eagerly=True</code> it acts at once.
# </details>
#
# <details><summary><b>3.</b> Does early stopping on a GAN's loss make sense?</summary>
#
# No: both losses are measured against a moving opponent, and $L_D$ is lowest where the samples are worst. Stop, or keep
# weights, by a score of samples.
# </details>
#
# <details><summary><b>4.</b> Why not soften the samples' target to 0.1 as well?</summary>
#
# The best $D$ then has a term in $q$: places are rewarded for having samples, and where there are no data, nothing tells
# samples to leave.
# </details>
#
# <details><summary><b>5.</b> "The labels for the generator's step are what the discriminator answered." Right?</summary>
#
# No. $D$'s answer is no label. $D$'s own step needs ones for data and zeros for samples, the generator's step ones for its
# samples, and data must occur in the program.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **computed** a step of both players by hand, and **proved** that the summed loss takes it: the two foreign gradients are
#   exactly 0;
# * **diagnosed** five runs, **repaired** co-operation, and **written** a round in which each network descends its own loss;
# * **trained** a dense GAN and a DCGAN to less than a third of their first distance, and **judged** them beside real data;
# * deeper: **derived** $D^*=t\,p/(p+q)$ for one-sided smoothing, and why it is one-sided;
# * **explained** why a GAN's losses cannot choose a checkpoint, and **chosen** one by a score.
#
# **To take home:** each player descends its own loss and nothing else, in training mode, against an
# opponent that really learns, on real data; and somebody looks at the samples.
#
# **Go further.** On a GPU, change `datasets.load("digits")` to 28 × 28 glyphs, `(8, 8, 1)` to `(28, 28, 1)` and the filters
# to `(64, 32)` and `(32, 64)`; if a training is kept in your drive, give the new one a folder of its own, since two
# trainings are never mixed. *Next:* why the two circle, and what stops it ({lesson: stability_and_mode_collapse}).
#
# **References.** Goodfellow et al. (2014), *Generative adversarial networks*, arXiv:1406.2661. · Kingma & Ba (2015), *Adam*,
# arXiv:1412.6980. · Ioffe & Szegedy (2015), *Batch normalization*, arXiv:1502.03167. · Srivastava et al. (2014), *Dropout*,
# JMLR 15. · Radford, Metz & Chintala (2016), *Unsupervised representation learning with deep convolutional generative
# adversarial networks*, arXiv:1511.06434. · Salimans et al. (2016), *Improved techniques for training GANs*,
# arXiv:1606.03498. · Heusel et al. (2017), *GANs trained by a two time-scale update rule*, arXiv:1706.08500. · Mescheder,
# Geiger & Nowozin (2018), *Which training methods for GANs do actually converge?*, arXiv:1801.04406.

# %% [markdown] tags=["slide"]
# # Training a GAN: who moves, who holds still, and which number to believe
#
# The theory of the game fits on a page, and the losses in four lines. Most first programs for it do not work, and their curves look fine.
#
# **What does it take to make a GAN work on images?**

# %% [markdown] tags=["notes"]
# 1 min. Ask who has trained one, and how they knew that it worked. Needed from before: the game, its two losses, logits. Do not praise any architecture yet.

# %% [markdown] tags=["slide"]
# ## Two losses, and what they must not touch
#
# $$L_D=\operatorname{softplus}(-\ell(x))+\operatorname{softplus}(\ell(\bar G(z)))$$
#
# $$L_G=\operatorname{softplus}(-\bar\ell(G(z)))$$
#
# + $\ell(x)$: the discriminator's **logit**; $D=\sigma(\ell)$.
# + A **bar**: this one holds still. Its weights are numbers, no gradient reaches them.
# + The bars are the whole difficulty.

# %% [markdown] tags=["notes"]
# 2 min. Ask for each bar: what would go wrong without it? Without the first G is improved for D; without the second D learns to call samples real.

# %% [markdown] tags=["slide"]
# ## Predict: at which boxes must a gradient end?
#
# . . .
#
# {figure: two-losses-and-what-they-must-not-touch-4}
#
# Grey: what a gradient moves.

# %% [markdown] tags=["notes"]
# 2 min. Let them draw the two dashed paths on paper first. The usual wrong answer: the orange one ends at D, "the generator learns from D". It passes through D and ends at G.

# %% [markdown] tags=["slide"]
# ## Predict: which of the four pieces are 0?
#
# Two losses, each by the weights of two networks. One optimiser descends the *sum*.
#
# . . .
#
# {output: images-of-100-numbers-10}
#
# . . .
#
# The bars hold: **one sum, one step for both players.**

# %% [markdown] tags=["notes"]
# 2 min. Many say "none, the networks are connected". With bars the sum's gradient is the two separate ones, side by side. This needs an optimiser that works weight by weight, as Adam does; leave out clipping by the global norm unless asked.

# %% [markdown] tags=["slide"]
# ## By hand: what a generator learns from
#
# The slope at the logit of a sample:
#
# | who wants what | loss | slope $\partial L/\partial\ell$ |
# |---|---|---|
# | $D$ wants "generated" | $\operatorname{softplus}(\ell)$ | $\sigma(\ell)$ |
# | $G$ wants "real" | $\operatorname{softplus}(-\ell)$ | $-\sigma(-\ell)$ |
#
# + Backwards through $D$, to a slope for each *pixel*.
# + Backwards through $G$, to its weights. It hears nothing else of the data.

# %% [markdown] tags=["notes"]
# 2 min. Derive one of the two slopes on the board. Leave out the code of the chain rule; it is in the notebook.

# %% [markdown] tags=["slide"]
# ## Predict: how bad is one forgotten bar?
#
# $L_G$ may now move $D$, too. By how much, and in which direction?
#
# . . .
#
# {output: images-of-100-numbers-12}
#
# A cosine of −1 is the opposite direction.

# %% [markdown] tags=["notes"]
# 2 min. The usual wrong answer: "a small disturbance". It pulls about as hard as D's own loss, and nearly straight against it. The first line says that the library and the chain rule by hand agree.

# %% [markdown] tags=["slide"]
# ## A healthy run, to know what it looks like
#
# Fireflies of 10 × 10 pixels, printed as negatives; 16 hidden units; 1,500 steps.
#
# {figure: images-of-100-numbers-2}
#
# {output: a-small-game-played-by-hand-4}

# %% [markdown] tags=["notes"]
# 2 min. The Fréchet distance compares means and covariances of 1,000 samples and 1,000 held-out images. Never quote it without real against real. Its faults have a lesson of their own: leave them out.

# %% [markdown] tags=["slide"]
# ## Five runs, four bugs
#
# - **Co-operation**: $D$ descends the generator's loss.
# - **No real data**: both halves of $D$'s batch are samples.
# - **Double sigmoid**: $D$ ends in one, the loss applies another.
# - **Frozen discriminator**: $D$ never moves.
#
# . . .
#
# And a healthy one. What will the curves of each look like?

# %% [markdown] tags=["notes"]
# 2 min. All four are found again and again in published programs. Take one prediction for each bug before you show the curves.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: DIAGNOSES} · {minutes} minutes
#
# {figure: five-runs-four-bugs-5}
#
# Which run has which bug, and which is healthy? Dotted: log 4. The table of $L_D$, $L_G$, $D(\text{real})$ and $D(\text{fake})$ is in the notebook.

# %% [markdown] tags=["notes"]
# 5 min. In pairs. Usual wrong answers: P is healthy, because it sits on log 4; R is healthy, because its generator's loss falls to 0. Do not name the runs before the next slide.

# %% [markdown] tags=["slide"]
# ## The samples of the same runs
#
# {figure: five-runs-four-bugs-4}
#
# {output: five-runs-four-bugs-4 17}
#
# . . .
#
# P: no real data. Q: healthy. R: co-operation. S: double sigmoid. T: frozen.

# %% [markdown] tags=["notes"]
# 2 min. Ask before the last key: would you have known from the curves alone? The calmest ones belong to bugs. S stops early: its samples come nearer to the data, then no more.

# %% [markdown] tags=["slide"]
# ## Co-operation: the generator's loss falls to 0
#
# {output: co-operation-2}
#
# $D(\text{fake})\approx1$: not because the samples are good. *Both* networks work on it, and for $D$ it is easy to call everything real.
#
# . . .
#
# In programs: stack $D$ on $G$, label everything *real*, call fit.

# %% [markdown] tags=["notes"]
# 2 min. The exercise {exercise: DIRECTIONS} repairs it: G takes the gradient of the generator's loss, D that of its own. Give it as homework if the time is short.

# %% [markdown] tags=["slide"]
# ## Predict: exchange the data for noise. What changes?
#
# In run P, $L_D=\log4$ and $L_G=\log2$: what theory promises for a *perfect* generator.
#
# . . .
#
# {output: no-real-data-2}
#
# Nothing changes, not one bit.
#
# . . .
#
# A test for every program: **exchange the data, and look whether anything changes.**

# %% [markdown] tags=["notes"]
# 2 min. The usual wrong answer: "the loss goes up". There is no data in the program, so other data cannot change it. D is a coin whatever G does.

# %% [markdown] tags=["slide"]
# ## Predict: two sigmoids. What reaches a generator?
#
# Logits −6, −3, 0, 3, 6. At the left $D$ is sure: generated.
#
# . . .
#
# {output: a-double-sigmoid-3 2-3}
#
# . . .
#
# Even the non-saturating loss saturates, and just where the generator is worst.

# %% [markdown] tags=["notes"]
# 2 min. Read the first number of both rows. The loss also has a floor, log(1 + 1/e) + log 2 = 1.006 nats: exercise {exercise: FLOOR}, at home.

# %% [markdown] tags=["slide"]
# ## Quiz: compile $D$, set `trainable = False`, stack it on $G$, compile the stack. Does $D$ learn?
#
# . . .
#
# In Keras 2, yes. In Keras 3:
#
# {output: a-frozen-discriminator-2}
#
# . . .
#
# `trainable` is read when a step is *traced*, not when it is compiled. The course's `GAN` freezes nothing: the gradients do not exist.

# %% [markdown] tags=["notes"]
# 2 min. Many tutorials still have this recipe. Leave out the table of eager and graph mode; who asks finds it in the notebook.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: ONE_ROUND} · {minutes} minutes
#
# Write one round without the course's `GAN`: a step of $D$, then one of $G$ against the *new* $D$.
#
# `descend(network, loss)` takes one step on a loss, and moves the weights of that network alone.
#
# So who keeps the bars here?

# %% [markdown] tags=["notes"]
# 5 min. Answer to the last question: who takes the step. Usual wrong answers: D's loss without real images; the step of G with the discriminator's loss; a sigmoid too many.

# %% [markdown] tags=["slide"]
# ## Predict: samples improve. Will $L_D$ fall, rise, or stay?
#
# . . .
#
# {figure: losses-are-not-quality-2}
#
# It *rises*, towards log 4: its task gets harder.

# %% [markdown] tags=["notes"]
# 2 min. Most say "fall", because losses fall when training works. Early stopping on the discriminator's loss keeps the first epoch. Neither loss has looked at a sample.

# %% [markdown] tags=["slide"]
# ## A dense GAN that draws letters
#
# {figure: a-dense-gan-that-draws-letters-3}
#
# {output: a-dense-gan-that-draws-letters-5 1-2}
#
# Chosen by a score of samples on *validation* images, reported on *test* images.

# %% [markdown] tags=["notes"]
# 2 min. Ask why two sets: who chooses on a set reports too good a number there. R1, the penalty in this training, is derived in the next lesson.

# %% [markdown] tags=["slide"]
# ## Layers that know whether you train
#
# Batch normalisation: $\;\hat x=\dfrac{x-m}{\sqrt{v+\varepsilon}}$
#
# | | $m$ and $v$ | dropout |
# |---|---|---|
# | training | of *this batch* | drops units |
# | evaluation | moving averages | does nothing |
#
# . . .
#
# A GAN's step: both networks in **training** mode. A picture for you: **evaluation** mode.

# %% [markdown] tags=["notes"]
# 2 min. The usual wrong answer: G is in evaluation mode while D learns, "because it holds still". Holding still concerns weights; moving averages are measurements and move in every call in training mode.

# %% [markdown] tags=["slide"]
# ## Predict: does an image depend on its neighbours?
#
# The same noise, drawn in two different batches, in both modes.
#
# . . .
#
# {output: find-the-bug-batch-normalisation-in-the-wrong-5 1-2}
#
# In training mode it does: the batch sets $m$ and $v$.

# %% [markdown] tags=["notes"]
# 2 min. So pictures come out of evaluation mode. The other direction, training in evaluation mode, is exercise {exercise: BATCH_NORM}, at home.

# %% [markdown] tags=["slide"]
# ## A small DCGAN: which row is real?
#
# {figure: a-training-that-outlives-its-session-4}
#
# {output: a-training-that-outlives-its-session-4 1}

# %% [markdown] tags=["notes"]
# 1 min. Strided convolutions down, transposed ones up, batch normalisation in the generator, Adam with β₁ = 0.5. Leave out how a training is kept on a drive.

# %% [markdown] tags=["slide"]
# ## Quiz: a colleague says that her GAN works. Which is evidence?
#
# - a: the generator's loss fell from 0.9 to 0.001.
# - b: both networks moved, and other data change the result.
# - c: $L_D=1.386$, and stays there.
# - d: Fréchet distance: 61 untrained, 6 now, 0.6 for real images.
#
# . . .
#
# **b and d.** Run R shows a, run P shows c.

# %% [markdown] tags=["notes"]
# 2 min. Vote on each. This is exercise {exercise: EVIDENCE}, which has a fifth case: the same distance with 100 samples in the place of 1,000.

# %% [markdown] tags=["slide"]
# ## To take home
#
# Each player descends its own loss and nothing else, in training mode, against an opponent that really learns, on real data.
#
# **And somebody looks at the samples.**
#
# *At home:* exercises {exercise: DIRECTIONS}, {exercise: ONE_SIGMOID} and {exercise: BATCH_NORM}.

# %% [markdown] tags=["notes"]
# 1 min. Next: why the two circle, and what stops it.
