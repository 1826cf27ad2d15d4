# ---
# jupyter:
#   course:
#     part: "Part II · Latent variables, the ELBO and the VAE"
#     question: "How do the parts become one model that generates?"
# ---

# %% [markdown]
# # The variational autoencoder: two networks, one bound, new images
#
# **The question.** You have a prior, a bound, and a draw that lets gradients through. How do these parts become *one*
# model, which learns from images and then makes images of its own?
#
# In this lesson you will
#
# * **name** every part of a VAE, and **say** which of them are needed to train and which to generate;
# * **write** a VAE in fifteen lines of Keras, **train** it, and **compare** it with the library's, epoch by epoch;
# * **see** what each of the two terms of the loss pulls at, and **tell** reconstructions from samples;
# * **measure** how tight the bound is, on a world whose truth can be computed;
# * **walk** through a code of sixteen numbers.
#
# *To know before:* {lesson: the_elbo} (the ELBO and its gap) and {lesson: the_reparameterization_trick} (the draw
# $z=\mu+\sigma\varepsilon$); a class that inherits in Python; Keras as in {lesson: autoencoders}. *Time:* {times};
# less than a minute to run on two CPU cores.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## The parts, and two directions
#
# Which way does a VAE run? From images to codes, or from codes to images? Here are all of its parts, with the shapes
# of what passes between them, for images of 100 pixels and codes of two numbers. **Look for the path that a new image
# needs.**

# %%
import matplotlib.pyplot as plt

from course_lib import plotting

BLUE, ORANGE = plotting.PALETTE[0], plotting.PALETTE[5]
places = {  # name: (x, y, text, colour)
    "x": (0.0, 1, "image x\n(batch, 100)", "black"),
    "encoder": (2.0, 1, "encoder φ", ORANGE),
    "heads": (4.0, 1, "mean, log σ²\n(batch, 2) each", ORANGE),
    "z": (6.0, 1, "z = μ + σ ε\n(batch, 2)", "black"),
    "decoder": (7.9, 1, "decoder θ", BLUE),
    "logits": (9.8, 1, "logits\n(batch, 100)", BLUE),
    "noise": (6.0, 2.1, "noise ε", "black"),
    "kl": (4.0, 2.1, "KL(q ‖ prior)", "black"),
    "reconstruction": (9.8, 2.1, "−log p(x | z)", "black"),
    "prior": (6.0, -0.1, "prior: z ~ N(0, I)", BLUE),
    "new": (9.8, -0.1, "draw: new x\n(batch, 100)", BLUE),
}
arrows = "x encoder, encoder heads, heads z, noise z, z decoder, decoder logits, heads kl, logits reconstruction"

# %%
ax = plt.subplots(figsize=(10, 2.9), layout="constrained")[1]
for x, y, text, colour in places.values():
    frame = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": colour}
    ax.text(x, y, text, ha="center", va="center", color=colour, bbox=frame, fontsize=9, zorder=3)
for pair in f"{arrows}, prior decoder, logits new".split(", "):
    start, end = (places[name] for name in pair.split())
    generates = pair in ("prior decoder", "decoder logits", "logits new")
    style = {"arrowstyle": "-|>", "color": BLUE if generates else "black", "shrinkB": 42 if start[1] == end[1] else 22}
    ax.annotate("", end[:2], start[:2], arrowprops=style | {"linewidth": 2 if generates else 1}, zorder=1)
ax.text(7.0, 2.75, "loss = KL + reconstruction, the mean over the batch", ha="center", fontsize=10)
ax.set(xlim=(-0.9, 10.8), ylim=(-0.6, 3))
ax.set_axis_off()
plotting.show(
    alt="The parts of a VAE in a row: image, encoder, its two heads, the draw, decoder, logits, with their shapes; above "
    "them the two terms of the loss. Below, in blue, the path of a new image: prior, decoder, draw."
)

# %% [markdown]
# Blue is the **generative model**: draw $z$ from the prior, then $x$ from $p_\theta(x\mid z)$. That is all a new image
# needs, so the *decoder is the generator*. Orange is the **recognition model**: for an image that exists, a guess which
# $z$ it came from. It is there for training, because the bound needs a $q$.
#
# | part | symbol | what it returns | learnt? |
# |---|---|---|---|
# | prior | $p(z)=\mathcal N(0,I)$ | – | no (lesson {number: rate_distortion_and_beta} learns one) |
# | encoder | $q_\phi(z\mid x)=\mathcal N(\mu,\operatorname{diag}\sigma^2)$ | $\mu$ and $\log\sigma^2$, for *this* $x$ | φ |
# | draw | $z=\mu+\sigma\varepsilon$ | one code | no weights |
# | decoder | $p_\theta(x\mid z)$ | the parameters of a distribution over images | θ |
#
# The encoder does not return a code, but a distribution over codes: an approximate *posterior*. The decoder does not
# return an image, but a distribution over images. Both are trained *together* on one objective, the ELBO of lesson
# {number: the_elbo}:
#
# $$\text{loss}(x)=-\text{ELBO}(x)=\underbrace{\mathbb E_{q_\phi(z\mid x)}\big[-\log p_\theta(x\mid z)\big]}_{\text{reconstruction}}
#   +\underbrace{\mathrm{KL}\big(q_\phi(z\mid x)\,\|\,p(z)\big)}_{\text{rate}} .$$
#
# **Exercise {exercise: PATHS}.** Here are six steps. Write down, as a string of letters in their order, which of them make up *one
# training step's loss*, and which make up *a new image*: a dictionary `{"train": "…", "generate": "…"}`.
#
# * a: draw $z$ from the prior
# * b: encode $x$ to $\mu$ and $\log\sigma^2$
# * c: draw $z=\mu+\sigma\varepsilon$
# * d: decode $z$ to the parameters of $p(x\mid z)$
# * e: draw $x$ from $p(x\mid z)$
# * f: take $-\log p(x\mid z)$ of the given $x$, and add the KL

# %% tags=["exercise"]
# BEGIN SOLUTION
paths = {"train": "bcdf", "generate": "ade"}
# END SOLUTION

# %%
from course_lib.exercises import check
from course_lib.exercises import the_variational_autoencoder as exercises

check(exercises.PATHS, paths)

# %% [markdown]
# ## A world whose truth we know
#
# A firefly hangs in the night, at a place $z=(z_1,z_2)\sim\mathcal N(0,I)$. A camera of 10 × 10 pixels takes one
# photograph: each pixel is on (1) or off (0), independently, given $z$. Far from the firefly a pixel lights up by
# mistake once in 56 photographs (sigmoid(−4) ≈ 1/56); at its very centre it stays dark as rarely. As logits, for a
# pixel at the place $c_i$:
#
# $$p(x_i=1\mid z)=\operatorname{sigmoid}(\ell_i),\qquad \ell_i=-4+8\,e^{-\|z-c_i\|^2/2w^2},\qquad w=0.8 .$$
#
# That *is* a latent-variable model, with two latents and a known decoder, so everything that is usually hidden can be
# computed: $p(x)$ is an integral over a plane (lesson {number: probabilistic_pca_and_monte_carlo}). **In the photographs below: how
# well can you tell where the firefly is, and when not?**

# %%
import numpy as np

axis = np.linspace(-2.7, 2.7, 10)
pixels = np.stack(np.meshgrid(axis, -axis), axis=-1).reshape(-1, 2)  # (100, 2): the places c_i


def true_logits(z, width=0.8):
    squared_distance = np.square(np.asarray(z)[:, None] - pixels).sum(axis=-1)  # (n, 100)
    return -4 + 8 * np.exp(-squared_distance / (2 * width**2))


def photographs(n, seed):
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((n, 2))
    return z, (rng.random((n, 100)) < 1 / (1 + np.exp(-true_logits(z)))).astype("float32")


_, x_train = photographs(10_000, seed=run.seed)
z_test, x_test = photographs(500, seed=run.seed + 1)

# %%
shown = [*range(11), np.abs(z_test).max(axis=1).argmax()]  # eleven as they come, and the one that is farthest out
light = 1 / (1 + np.exp(-true_logits(z_test[shown])))
plotting.image_rows({"p(x = 1 | z)": light.reshape(-1, 10, 10), "real: drawn": x_test[shown].reshape(-1, 10, 10)})
plotting.show(
    alt="Two rows of twelve images of 10 by 10 pixels: above, smooth blobs of the probability of light; below, the "
    "speckled photographs drawn from them. The last blob has left the frame."
)

# %% [markdown]
# Above, what only we know: the probability of light. Below, what the model will see. Inside the frame the place of the
# blob can be told to within half a pixel; the last firefly has flown out, and its photograph does not say how far.
#
# ### What the two terms pull at
#
# Before any network: take the *true* decoder, and for each of twelve photographs the best Gaussian $q(z\mid x)$, found
# by an optimiser. Three times: for the reconstruction term alone, for the loss, and for the KL alone. **What will the
# twelve ellipses look like in each?**

# %%
from scipy.optimize import minimize

noise = np.random.default_rng(run.seed).standard_normal((64, 2))


def two_terms(q, x):
    mean, log_var = q[:2], q[2:]
    logits = true_logits(mean + np.exp(0.5 * log_var) * noise)
    reconstruction = (np.logaddexp(0, logits) - x * logits).sum(axis=1).mean()
    return np.array([reconstruction, 0.5 * (np.exp(log_var) + mean**2 - 1 - log_var).sum()])


pulls = {"reconstruction alone": (1, 0), "the loss: both": (1, 1), "KL alone": (0, 1)}
figure, frames = plt.subplots(1, 3, figsize=(9, 3), layout="constrained", sharex=True, sharey=True)
for ax, (name, weights) in zip(frames, pulls.items(), strict=True):
    starts = [np.array([*np.clip(z, -3, 3), -2.0, -2.0]) for z in z_test[:12]]
    limits = [(-4, 4), (-4, 4), (-9, 2), (-9, 2)]
    losses = [lambda q, x=x, weights=weights: two_terms(q, x) @ weights for x in x_test[:12]]
    best = np.array([minimize(*pair, bounds=limits).x for pair in zip(losses, starts, strict=True)])
    plotting.covariance_ellipses([[0, 0]], [[1, 1]], color=ORANGE, ax=ax)
    plotting.covariance_ellipses(best[:, :2], np.exp(best[:, 2:]), color="black", ax=ax)
    ax.plot(*best[:, :2].T, ".", color=BLUE)
    ax.set(title=f"{name}\nσ typically {np.exp(0.5 * np.median(best[:, 2:])):.2f}", aspect="equal", xlabel="$z_1$")
frames[0].set(ylabel="$z_2$", xlim=(-3, 3), ylim=(-3, 3))
plotting.show(
    alt="Three maps of the code plane with the ellipses of twelve posteriors and the circle of the prior: points for the "
    "reconstruction alone, small ellipses for both terms, twelve copies of the prior's circle for the KL alone."
)

# %% [markdown]
# (Dots: means. Black: two standard deviations. Orange: the prior, likewise.) The **reconstruction** pulls each mean to
# the place that explains the photograph best, and each σ to 0 (the optimiser was stopped at 0.01): an autoencoder. The **KL** pulls *each* ellipse to the
# whole prior, so that the code says nothing. Their sum settles where a little more precision would cost as many nats as
# it saves. How many nats a pixel is worth is the likelihood's business ({lesson: what_a_likelihood_decides}).
#
# ### The networks
#
# Now a VAE that knows nothing of fireflies: it has to learn the decoder, too, and one encoder for all photographs. Look
# at the *ends* of the networks: how many heads has the encoder, and which activations do the heads have?

# %%
import keras
from keras import ops

from course_lib import networks
from course_lib.formulas import bernoulli_log_prob
from course_lib.models import VAE


def firefly_networks(latent_dim=2):
    keras.utils.set_random_seed(run.seed)
    encoder = networks.dense_gaussian_encoder((100,), latent_dim, (64,), activation="tanh")
    return encoder, networks.dense_decoder(latent_dim, (100,), (64,), activation="tanh")


encoder, decoder = firefly_networks()
# NBVAL_CHECK_OUTPUT
for layer in (*encoder.layers, *decoder.layers):
    activation = getattr(layer, "activation", None)
    print(f"{type(layer).__name__:11} → {layer.output.shape[-1]:4} {getattr(activation, '__name__', ''):7}", end="")
    print(f"{layer.count_params():6,} parameters")

# %% [markdown]
# Two heads, and all heads are **linear**. The mean of a code must be able to take either sign. $\log\sigma^2$ may be any
# number, and $\sigma^2=e^{\log\sigma^2}$ is positive by itself. And the decoder returns **logits**: the sigmoid is inside
# the log-likelihood, where it is safe.
#
# ## Write it
#
# A VAE in Keras is a `keras.Model` with two methods. `fit` takes the data in batches; for each it runs `call(x)` and
# hands the answer to `compute_loss` as `y_pred`, asks for the gradient with respect to all weights θ and φ, and lets the optimiser
# take a step. There is no target: `fit(x)`, not `fit(x, x)`.
#
# **Exercise {exercise: WRITE_A_VAE}: write a VAE.** Fill in both methods, with `keras.ops` (`ops.exp`, `ops.sum`,
# `ops.mean`, `ops.softplus`, `ops.shape`).
#
# * `call`: encode `x`, `(batch, 100)`; draw $z$ with `keras.random.normal(shape, seed=self.noise)`; decode. Return
#   three things: the mean, the log-variance, the logits.
# * `compute_loss`: $-\log p(x\mid z)=\sum_i\operatorname{softplus}(\ell_i)-x_i\ell_i$, **summed** over the pixels;
#   $\mathrm{KL}=\frac12\sum_j(\sigma_j^2+\mu_j^2-1-\log\sigma_j^2)$, **summed** over the latents, times `self.beta`;
#   then, once, the **mean** over the batch. One number, in nats per image, to be minimised.


# %% tags=["exercise"]
class FireflyVAE(keras.Model):
    def __init__(self, encoder, decoder, beta=1.0, seed=0):
        super().__init__()
        self.encoder, self.decoder, self.beta = encoder, decoder, beta
        self.noise = keras.random.SeedGenerator(seed)  # moves on with every draw

    def call(self, x):
        # BEGIN SOLUTION
        mean, log_var = self.encoder(x)
        noise = keras.random.normal(ops.shape(mean), seed=self.noise)
        return mean, log_var, self.decoder(mean + ops.exp(0.5 * log_var) * noise)
        # END SOLUTION

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        # BEGIN SOLUTION
        mean, log_var, logits = y_pred
        reconstruction = ops.sum(ops.softplus(logits) - x * logits, axis=-1)
        kl = 0.5 * ops.sum(ops.exp(log_var) + mean**2 - 1 - log_var, axis=-1)
        return ops.mean(reconstruction + self.beta * kl)
        # END SOLUTION


# %%
check(exercises.WRITE_A_VAE, FireflyVAE)

# %% [markdown]
# The check runs your class on networks with known weights: is the noise there, is it standard normal, one for each image
# and latent, new in each step; is the loss the right number, for β = 2.5; does it hold for logits of ±60; does `fit`
# move every weight?
#
# And here is the library's, as it runs. (`free_bits` and a `prior` that is learnt belong to lesson
# {number: rate_distortion_and_beta}. The trackers average the two terms for the log.)

# %%
from course_lib import show

show(VAE.call)
show(VAE.compute_loss)

# %% [markdown]
# ### Before the first step
#
# Before any training you know what the loss should be, and a wrong first loss is the cheapest of all bug reports.
#
# **Exercise {exercise: UNTRAINED}.** A decoder that knows nothing gives each value of a pixel the same probability. What
# is $-\log p(x\mid z)$, in nats per image, (first) for binary images of 28 × 28 pixels and logits 0, and (second) for
# images of 8 × 8 pixels with 17 grey levels (0 … 16), if each level has its own logit (the *categorical* likelihood),
# all 0? A tuple of two numbers.

# %% tags=["exercise"]
# BEGIN SOLUTION
untrained = (784 * np.log(2), 64 * np.log(17))
# END SOLUTION

# %%
check(exercises.UNTRAINED, untrained)

# %% [markdown]
# And for the firefly: 100 log 2 = 69.3 nats, or nearly, since the first weights are not quite 0. A second number to know
# beforehand is what a model gets that **ignores $z$** and only knows how often each pixel $i$ is on, $f_i$:
# $-\sum_i\big[f_i\log f_i+(1-f_i)\log(1-f_i)\big]$ nats. A VAE whose loss is not below that has learnt nothing.

# %% tags=["proof"]
vae = VAE(encoder, decoder, bernoulli_log_prob, seed=run.seed)
first = vae.evaluate(x_test, return_dict=True)
often = x_train.mean(axis=0)
without_code = -(often * np.log(often) + (1 - often) * np.log(1 - often)).sum()
print(f"untrained: loss {first['loss']:.1f} = reconstruction {first['reconstruction']:.1f} + KL {first['kl']:.1f} nats")
print(f"100 log 2 = {100 * np.log(2):.1f} nats; without a code {without_code:.1f} nats")
assert abs(first["reconstruction"] - 100 * np.log(2)) < 15, "an untrained decoder must know nothing"

# %% [markdown]
# ### Train both
#
# The same data in the same order (they are independent draws, so they need no shuffling), the same first weights, the
# same seed for the noise: your class, and the library's. (If yours is not
# right yet, the course's own takes its place.) **Your guess:** which of the two terms falls, and does the other one
# fall, too? And how far apart will the two losses be?

# %% tags=["proof"]
ready = exercises.WRITE_A_VAE.judge(FireflyVAE) == "right"
yours = (FireflyVAE if ready else exercises.written_vae())(*firefly_networks(), seed=run.seed)
fitted = {}
for name, model in {"yours": yours, "the library's": vae}.items():
    keras.utils.set_random_seed(run.seed)
    model.compile(keras.optimizers.Adam(0.005), jit_compile=False)  # building takes longer than training
    validation = x_test if model is vae else None
    fitted[name] = model.fit(
        x_train, batch_size=100, epochs=20, shuffle=False, validation_data=validation, verbose=0
    ).history
same_draws = [VAE(each.encoder, each.decoder, bernoulli_log_prob, seed=run.seed) for each in (yours, vae)]
elbos = [-model.evaluate(x_test, return_dict=True)["loss"] for model in same_draws]
for name, elbo in zip(fitted, elbos, strict=True):
    first_epoch, last_epoch = fitted[name]["loss"][0], fitted[name]["loss"][-1]
    print(f"{name:13} training loss {first_epoch:.3f}, …, {last_epoch:.3f}; test ELBO {elbo:.3f} nats per photograph")
apart = np.abs(np.subtract(*(history["loss"] for history in fitted.values()))).max()
print(f"farthest apart in any epoch: {apart:.4f} nats")
assert apart < 0.5, "a VAE of fifteen lines must have the loss of the library's, epoch by epoch"
assert abs(elbos[0] - elbos[1]) < 0.3, "and its networks must be as good"

# %% [markdown]
# Fifteen lines are a VAE. With the noise drawn as the exercise says even the draws are the library's, and the
# losses agree to the last digits; noise drawn in another way leaves some tenths of a nat in the first epochs. And the two terms?

# %% tags=["proof"]
history = fitted["the library's"]
told = {name: [first[name], *history[f"val_{name}"]] for name in ("loss", "reconstruction", "kl")}
epochs = np.arange(21)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 2.8), layout="constrained")
falling = {"loss (−ELBO)": told["loss"], "reconstruction": told["reconstruction"]}
plotting.curves(falling, "epoch", "nats per test photograph", epochs, left)
left.axhline(without_code, color="black", linestyle=":", label="without a code")
left.set_ylim(15, 45)
left.legend(frameon=False)
plotting.curves({"KL (rate)": told["kl"]}, "epoch", "KL / nats per photograph", epochs, right)
right.set_ylim(0, None)
for ax in (left, right):
    ax.set_xticks(range(0, 21, 5))
plotting.show(
    alt="Left, loss and reconstruction of test photographs against the epoch: both fall far below the dotted line of a "
    "model without a code. Right, the KL divergence rises from almost nothing and levels off."
)
last = {name: values[-1] for name, values in told.items()}
print(
    f"loss {last['loss']:.2f} = reconstruction {last['reconstruction']:.2f} + KL {last['kl']:.2f} nats per photograph"
)
assert last["loss"] < without_code - 3, "a VAE must be better than a model that ignores the code"
assert last["kl"] > told["kl"][0] + 1, "and its code must have begun to carry something"

# %% [markdown]
# The loss fell, and the KL, a fraction of a nat before training (epoch 0), **rose** to about three: the code begins to
# carry something. The KL is the price of that message, and the reconstruction repays more than it costs. A KL that
# falls to 0 is not "converged": the code has gone unused.

# %% [markdown] tags=["deeper"]
# ### The losses on a health chart
#
# Both numbers to know beforehand, and a third, come from the data alone, for any model with a likelihood: also for yours.

# %%
from course_lib import metrics

marks = metrics.health_marks(vae, x_train)
plotting.health_chart({"loss (−ELBO)": told["loss"], "reconstruction": told["reconstruction"]}, marks)
plotting.show(
    alt="Loss and reconstruction of test photographs between three dashed lines. Both start near the upper one, of an "
    "untrained decoder, and end below the middle one, of a model that ignores its code; the lowest is 0."
)

# %% [markdown]
# This is a **health chart**. It says: the training began where an untrained model should, and left the model that ignores its code behind within the
# first epochs. The floor, the best imaginable, is 0 for pixels that are on or off. No decoder reaches it here: the pixels are
# drawn at random, whatever the code says. ({lesson: bug_clinic} reads such charts of programs that are wrong.)

# %% [markdown]
# ## Reconstructions and samples
#
# Two kinds of images come out of a VAE, and published figures confuse them. A **reconstruction** begins with a real
# image: encode, decode. A **sample** begins with nothing: draw $z$ from the prior, decode, and draw $x$. A
# reconstruction can be good in a model that cannot generate at all (lesson {number: the_latent_space}), so label your figures.
#
# **Exercise {exercise: GENERATE}.** Generate, for a Bernoulli decoder. You get `decode` (from codes `(n, 2)` to logits `(n, pixels)`)
# and all the randomness: `noise`, `(n, 2)`, standard normal, and `uniform`, `(n, pixels)`, uniform between 0 and 1.
# Return `n` binary images.


# %% tags=["exercise"]
def generate(decode, noise, uniform):
    # BEGIN SOLUTION
    probability = 1 / (1 + np.exp(-decode(noise)))
    return (uniform < probability).astype("float64")
    # END SOLUTION


# %%
check(exercises.GENERATE, generate)

# %% [markdown]
# The library's `sample` stops one step earlier: it returns the *mean* of $p(x\mid z)$, here the probability of light.
# Papers nearly always print means, and call them samples. What is the difference to the eye? And do the drawn ones
# pass for photographs?

# %%
means = vae.sample(12, seed=2)
rng = np.random.default_rng(2)
rows = {
    "real": x_test[:12],
    "reconstructed": vae.reconstruct(x_test[:12]),
    "generated: mean of p(x|z)": means,
    "generated: draw from p(x|z)": rng.random(means.shape) < means,
}
plotting.image_rows({name: np.reshape(images, (-1, 10, 10)) for name, images in rows.items()})
plotting.show(
    alt="Four rows of twelve images: real speckled photographs, smooth reconstructions, smooth generated means, and "
    "generated draws, which are speckled like the photographs."
)

# %% [markdown]
# The means are smooth, the draws speckled like the photographs. A mean averages over all that the code leaves open, so
# **a VAE's pictures are blurred where the code does not know**: a property of the mean, not a fault of the training. The
# lonely speckles are *not* in the code (it would cost more nats than it saves); they belong to $p(x\mid z)$.
#
# Is the fourth row *the same kind of thing* as the first? One measure with a known truth: how many pixels are on, in
# 10,000 photographs each. Real ones; real ones again (what a perfect model would reach); generated ones; and, for
# contrast, photographs in which each pixel is on as often as in the data, but without a firefly.

# %% tags=["proof"]
means = vae.sample(10_000, seed=run.seed + 5)
generated = (rng.random(means.shape) < means).astype("float32")
sets = {
    "real": x_train,
    "real again": photographs(10_000, seed=run.seed + 2)[1],
    "generated": generated,
    "pixels alone": (rng.random((10_000, 100)) < often).astype("float32"),
}
shares = {name: np.bincount(x.sum(axis=1).astype(int), minlength=30)[:30] / 10_000 for name, x in sets.items()}
ax = plotting.curves(shares, "pixels that are on", "share of the photographs", np.arange(30))
plotting.show(
    alt="Four curves of the share of photographs against the number of pixels that are on. Real, real again and generated "
    "nearly coincide; the curve of independent pixels has another shape."
)
apart = {name: 0.5 * np.abs(share - shares["real"]).sum() for name, share in shares.items()}
for name, x in sets.items():
    on = x.sum(axis=1)
    print(
        f"{name:12} on {on.mean():5.2f} ± {on.std() / 100:.2f}, spread {on.std():.2f}; share that differs {apart[name]:.3f}"
    )
spread = {name: x.sum(axis=1).std() for name, x in sets.items()}
off = {name: abs(spread[name] - spread["real"]) for name in sets}
assert off["generated"] < 0.25 * off["pixels alone"], "generated counts must spread as the real ones do"

# %% [markdown]
# The *means* differ by half a pixel at most, also that of the last row: a mean tells little. The *distribution* tells more: a firefly lights
# about as many pixels wherever it hangs, so real counts spread less than those of independent pixels. The generated ones
# have nearly the right spread, and are not as near as real ones again: good, not perfect. A second, sharper measure: the exact log-probability of each photograph under the *true* model. It needs
# $\log p(x\mid z)$ on a grid of codes; for Bernoulli pixels that is $\ell\cdot x-\sum_i\operatorname{softplus}(\ell_i)$,
# one product of matrices.

# %%
from course_lib.exact import log_marginal_likelihood


def log_likelihood_of(logits, x):
    """A function from codes (m, 2) to log p(x | z), (m, n)."""
    x = np.asarray(x, "float64")

    def log_likelihood(z):
        table = np.asarray(logits(z), "float64")
        return table @ x.T - np.logaddexp(0, table).sum(axis=1, keepdims=True)

    return log_likelihood


# %%
scores = {}
for name, images in {"real": x_test, "generated": generated[:500], "pixels alone": sets["pixels alone"][:500]}.items():
    scores[name] = log_marginal_likelihood(log_likelihood_of(true_logits, images), latent_dim=2, num_points=161)
    error = scores[name].std() / np.sqrt(500)
    print(f"{name:12} log p under the truth {scores[name].mean():7.2f} ± {error:.2f} nats per photograph")

# %% [markdown]
# Under the true model the generated photographs are at most a nat or two less probable than real ones (compare the
# difference with the errors). Photographs without a firefly are far less probable: fifteen nats are a factor of three million. (Why is that only half
# of a test? A model that makes one good photograph again and again would pass. The other half comes next: how probable
# are *real* photographs under the *model*?)

# %% [markdown]
# ## How tight is the bound?
#
# For this model, too, $z$ has two dimensions, so its exact $\log p_\theta(x)$ is an integral over a plane: lay a grid
# on it, decode every point, add up (lesson {number: probabilistic_pca_and_monte_carlo}). Now three numbers can be compared for each photograph:
#
# 1. the **ELBO**, the mean of the log-weights $\log w_k=\log p(x\mid z_k)+\log p(z_k)-\log q(z_k\mid x)$, $z_k\sim q$;
# 2. the **importance-weighted bound** $\log\frac1K\sum_k w_k$ (lesson {number: the_elbo}, third way). On the *same* draws it is never
#    below the ELBO: Jensen's inequality;
# 3. the exact $\log p_\theta(x)$, above both in expectation.
#
# And a fourth: the mean of the exact $\log p(x)$ under the *truth*. No model has a higher *expected* one (lesson {number: latent_variable_models}:
# the difference is $\mathrm{KL}(\text{truth}\,\|\,\text{model})\ge0$). So the order of the four is settled. **Guess the three
# distances.**

# %% tags=["proof"]
from course_lib.metrics import log_importance_weights

K = 100
log_weights = log_importance_weights(vae, x_test, num_samples=K)  # (K, 500)
elbo = log_weights.mean(axis=0)
weighted = np.logaddexp.reduce(log_weights, axis=0) - np.log(K)


def learned_logits(z):
    return ops.convert_to_numpy(vae.decoder(z.astype("float32")))


exact = log_marginal_likelihood(log_likelihood_of(learned_logits, x_test), latent_dim=2, num_points=161)
four = {"ELBO": elbo, f"importance-weighted, K = {K}": weighted, "exact, model": exact, "exact, truth": scores["real"]}
for name, values in four.items():
    print(f"{name:30} {values.mean():8.3f} nats per photograph")
for name, bound in (("ELBO", elbo), ("weighted bound", weighted)):
    error = (exact - bound).std() / np.sqrt(500)
    assert bound.mean() <= exact.mean() + 5 * error, f"the {name} must lie below the exact log p"
assert exact.mean() - weighted.mean() < 0.1, "and the weighted bound of 100 draws only a little"
assert exact.mean() < scores["real"].mean(), "no model may be better than the truth, in the mean"

# %% [markdown]
# The ELBO is a fraction of a nat below the model's exact log p; a hundred draws close nearly all of that. The distance
# from there to the last line has nothing to do with bounds: it is how much the *model* still differs from the world.
# So a loss hides two different shortcomings, and here you see them apart:
#
# $$-\text{ELBO} = \underbrace{H(\text{world})}_{\text{nobody can do better}} + \underbrace{\mathrm{KL}(\text{world}\,\|\,\text{model})}_{\text{the model's fault}}
#   + \underbrace{\mathbb E\,\mathrm{KL}\big(q_\phi(z\mid x)\,\|\,p_\theta(z\mid x)\big)}_{\text{the fault of }q} .$$
#
# (Means over photographs from the world; $H$ is its entropy.)
#
# ### The bound beneath the likelihood
#
# How does climbing a bound climb the likelihood? Suppose that the decoder has one weight, $s$: the code $z$ puts the
# light at $sz$. (The truth: $s=1$.) For each $s$ we can compute the exact mean of $\log p_s(x)$, and, for a fixed $q$,
# the ELBO. Two choices of $q$: the exact posteriors of the model with $s=0.8$; and round Gaussians, at the posterior
# means of $s=1$, with a σ of 0.3, which is too wide. **Where does each bound touch the curve?**

# %%
side = np.linspace(-4, 4, 81)
codes = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)  # a grid of step 0.1
log_prior = -0.5 * np.square(codes).sum(axis=1, keepdims=True) - np.log(2 * np.pi) + 2 * np.log(0.1)


def log_joint_at(s):
    return log_likelihood_of(lambda z: true_logits(s * z), x_test[:100])(codes) + log_prior


def normalised(table):
    return table - np.logaddexp.reduce(table)  # over the codes


# %%
means = np.exp(normalised(log_joint_at(1.0))).T @ codes
wide_q = -0.5 * np.square(codes[:, None] - means).sum(axis=2) / 0.3**2
fixed = {"ELBO, q: posterior of s = 0.8": log_joint_at(0.8), "ELBO, q: Gaussians, σ = 0.3": wide_q}
scale, curves = np.linspace(0.6, 1.3, 15), {"log p(x)": []} | {name: [] for name in fixed}
for s in scale:
    log_joint = log_joint_at(s)
    curves["log p(x)"].append(np.logaddexp.reduce(log_joint).mean())
    for name, log_q in zip(fixed, map(normalised, fixed.values()), strict=True):
        curves[name].append((np.exp(log_q) * (log_joint - log_q)).sum(axis=0).mean())
ax = plotting.curves(curves, "weight s of the decoder", "nats per photograph", scale)
ax.plot(0.8, np.interp(0.8, scale, curves["log p(x)"]), "ko")
ax.set_ylim(max(curves["log p(x)"]) - 8, max(curves["log p(x)"]) + 1)
plotting.show(
    alt="Three curves against a weight of the decoder. The exact log-likelihood is a gentle hill; one bound touches it at "
    "0.8 and falls off steeply on both sides; the bound of wide Gaussians lies below it everywhere."
)

# %% [markdown]
# A bound with an exact posterior touches where that posterior belongs, and only there. Its top lies a little to the
# right of 0.8: climbing it takes $s$ to a better likelihood; then a new posterior touches at the new place, and so on.
# That is EM (lesson {number: latent_variable_models}), and since the bound is narrower than the hill, its steps are
# short. A VAE does the same with both at once, a small step of θ and a small step of $q$. The Gaussians touch nowhere: the
# vertical distance is the **gap**, $\mathbb E\,\mathrm{KL}(q\,\|\,p(z\mid x))$.
#
# ### Where the gap is large
#
# **For which photographs will it be?** Here are four, from a small gap to nearly the largest: the exact posterior of our
# model in grey (on a grid), and $q_\phi$ as an ellipse of two standard deviations, which should hold 86 %.

# %%
gap = exact - elbo
order = np.argsort(gap)
chosen = [order[50], order[250], order[450], order[-2]]
mean, log_var = vae.encode(x_test[chosen])
grid = np.stack(np.meshgrid(np.linspace(-3, 3, 121), np.linspace(-3, 3, 121)), axis=-1)
log_joint = log_likelihood_of(learned_logits, x_test[chosen])(grid.reshape(-1, 2)).T - 0.5 * np.square(
    grid.reshape(-1, 2)
).sum(axis=1)
figure, frames = plt.subplots(2, 4, figsize=(9, 4.3), layout="constrained", height_ratios=(0.55, 1))
for column, index in enumerate(chosen):
    plotting.image_grid(x_test[index : index + 1].reshape(1, 10, 10), ax=frames[0, column])
    ax = frames[1, column]
    posterior = np.exp(log_joint[column] - log_joint[column].max()).reshape(121, 121)
    ax.contourf(grid[..., 0], grid[..., 1], posterior, levels=np.linspace(0.02, 1, 8), cmap="Greys")
    plotting.covariance_ellipses(
        mean[column : column + 1], np.exp(log_var[column : column + 1]), color=plotting.PALETTE[5], ax=ax
    )
    ax.set(title=f"gap {gap[index]:.2f} nats", xlabel="$z_1$", aspect="equal", xlim=(-3, 3), ylim=(-3, 3))
frames[1, 0].set_ylabel("$z_2$")
plotting.show(
    alt="Four photographs, and under each its exact posterior in grey with the encoder's ellipse. From left to right "
    "the gap grows: at first the ellipse sits on the spot, in the end it lies beside it."
)

# %% [markdown]
# (A light on the right need not have a large $z_1$: nothing tells the model how to turn its plane against the sky.)
# Typically the posterior is a small spot, and the ellipse sits on it, a little too wide or a little beside it. A large
# gap is an ellipse that has *missed*. Two things can be at fault. The family: an upright ellipse cannot follow a
# crescent, or two spots (lesson {number: the_elbo}). And the encoder: **one** network wrote all these ellipses in a
# single call, for photographs that it had never seen. That is *amortised* inference. It is worst where it had little
# practice: a firefly far from the centre, or false lights beside it. Lesson {number: tighter_bounds} measures how much
# of the gap is the family's and how much the encoder's.

# %% [markdown] tags=["deeper"]
# ## Four promises
#
# A training program makes promises that nobody checks. Here are four, each a line of arithmetic.
#
# 1. *The loss is a mean.* A batch in which every example (and its noise!) occurs twice has the same loss. (A sum over
#    the batch fails.)
# 2. *`evaluate` is the mean over the data set*, also when the last batch is smaller. (A mean of batch means fails: 500
#    = 3 · 128 + 116.)
# 3. *Every weight learns.* There are as many trainable tensors as the networks were built with, and one step changes
#    all of them. (An encoder that is not part of the graph fails, and the loss falls all the same.)
# 4. *A saved model is the model.* After loading, encoder and decoder return the same numbers.

# %% tags=["proof"]
outputs = vae(x_test[:128], training=False)
twice = keras.tree.map_structure(lambda tensor: ops.concatenate([tensor, tensor]), outputs)
once, doubled = (
    float(vae.compute_loss(np.tile(x_test[:128], (n, 1)), y_pred=y)) for n, y in ((1, outputs), (2, twice))
)
print(f"1. the loss of a batch {once:.5f}, of the batch and its noise repeated {doubled:.5f}")
assert abs(once - doubled) < 1e-4, "repeating a batch and its noise must not change the loss"

vae.evaluation_sampling.rewind()
each = [-vae.elbo(x_test[start : start + 128]) for start in range(0, 500, 128)]  # the same draws as in evaluate
evaluated, averaged = vae.evaluate(x_test), np.mean(np.concatenate(each))
evaluated = evaluated[0] if isinstance(evaluated, list) else evaluated
mean_of_means = np.mean([batch.mean() for batch in each])
print(f"2. evaluate {evaluated:.5f}, mean over 500 images {averaged:.5f} (mean of batch means {mean_of_means:.5f})")
assert abs(evaluated - averaged) < 1e-4, (
    "with fixed noise, evaluate must be the mean over the data, ragged batch included"
)
many = -log_weights.mean(axis=0)
assert abs(evaluated - many.mean()) < 5 * (each[0].std() + many.std()) / np.sqrt(500), (
    "and other draws must agree within errors"
)

# %% [markdown]
# The third and the fourth:

# %% tags=["proof"]
import tempfile
from pathlib import Path

before = [ops.convert_to_numpy(weight).copy() for weight in vae.trainable_variables]
keras.utils.set_random_seed(run.seed)
vae.fit(x_train[:128], epochs=1, verbose=0)
moved = [np.abs(ops.convert_to_numpy(w) - b).max() for w, b in zip(vae.trainable_variables, before, strict=True)]
print(f"3. {sum(change > 0 for change in moved)} of {len(moved)} tensors have moved in one step")
assert min(moved) > 0, "every tensor of both networks must receive a gradient"
assert len(moved) == 2 * (3 + 2), "a kernel and a bias for each of the three and two dense layers"

first_draws = vae.sample(3)
with tempfile.TemporaryDirectory() as folder:
    vae.save(Path(folder) / "vae.keras")
    copy = keras.saving.load_model(Path(folder) / "vae.keras")
same = [np.array_equal(a, b) for a, b in zip(vae.encode(x_test), copy.encode(x_test), strict=True)]
same.append(np.array_equal(vae.decode(z_test), copy.decode(z_test)))
print(f"4. means, log-variances, decoded: equal {same}")
next_draws, of_the_copy = vae.sample(3), copy.sample(3)
print("   next draws of both: equal", np.array_equal(next_draws, of_the_copy), end="; ")
print("first draws of both: equal", np.array_equal(first_draws, of_the_copy))
assert all(same), "a reloaded model must have the same encoder and decoder"

# %% [markdown]
# All kept. One thing is *not* promised: the file keeps the seeds of the random streams and not their state, so the
# copy begins its draws anew, instead of going on. Ask for `sample(n, seed=...)` where a draw must repeat.

# %% [markdown]
# ## Letters
#
# Fireflies are a world of two numbers. Letters are not: four of them, in twelve fonts, turned, shifted, scaled, thick
# and thin. We binarise the images (ink where a pixel is above ½), so that the Bernoulli likelihood is a likelihood.
# Two models, with codes of **two** and of **sixteen** numbers; all else is equal. **Predict:** which of loss,
# reconstruction, and KL goes down with sixteen numbers, and which goes up? And will the *samples* be as good as the
# *reconstructions*?

# %%
from course_lib import datasets

glyphs = datasets.load("glyphs")
four = [glyphs.class_names.index(letter) for letter in "AMQZ"]
in_train, in_test = np.isin(glyphs.y_train, four), np.isin(glyphs.y_test, four)
letters_train = (glyphs.x_train[in_train] > 0.5).astype("float32")
letters_test, names_test = (glyphs.x_test[in_test] > 0.5).astype("float32"), glyphs.y_test[in_test]


def letter_vae(latent_dim, epochs):
    keras.utils.set_random_seed(run.seed)
    encoder = networks.dense_gaussian_encoder((28, 28, 1), latent_dim, (256, 64))
    decoder = networks.dense_decoder(latent_dim, (28, 28, 1), (64, 256))
    model = VAE(encoder, decoder, bernoulli_log_prob, seed=run.seed)
    model.compile(keras.optimizers.Adam(0.003))
    model.fit(letters_train, batch_size=64, epochs=epochs, verbose=0)
    return model


plane, wide = (letter_vae(size, epochs=run.pick(cpu=5, gpu=24)) for size in (2, 16))

# %% tags=["proof"]
losses = {}
for name, model in (("2 numbers", plane), ("16 numbers", wide)):
    terms = model.evaluate(letters_test, return_dict=True)
    print(
        f"{name:10} loss {terms['loss']:6.1f} = reconstruction {terms['reconstruction']:6.1f} + KL {terms['kl']:5.1f} nats"
    )
    losses[name] = terms
chosen = np.concatenate([np.flatnonzero(names_test == letter)[:3] for letter in four])
rows = {"real": letters_test[chosen]}
for name, model in (("2", plane), ("16", wide)):
    rows[f"reconstructed, {name}"] = model.reconstruct(letters_test[chosen])
for name, model in (("2", plane), ("16", wide)):
    rows[f"generated, {name}"] = model.sample(len(chosen), seed=4)
plotting.image_rows(rows)
plotting.show(
    alt="Rows of letters: real, reconstructed with codes of 2 and of 16 numbers, generated with either. With 16 numbers "
    "reconstructions keep font and angle; the samples are not as good."
)
small, large = losses["2 numbers"], losses["16 numbers"]
assert large["kl"] > 2 * small["kl"], "more numbers must carry more nats"
assert large["loss"] < small["loss"] - 10, "and the reconstruction must repay them"

# %% [markdown]
# The KL rises several-fold, the reconstruction falls by more. Reconstructions now keep font and angle. Samples are not
# as good, and that is typical: a reconstruction uses a code that belongs to an image; a draw from the prior in sixteen
# dimensions lands more often where no image has been. A sample that is no letter is a fault of the generative model, no
# matter how sharp the reconstructions are.
#
# What do single numbers of the code do? A **traversal** changes one entry and holds the others. The latents are sorted
# by their mean KL: what a number *costs* limits what it can *say*. **Will the last one do anything?**

# %%
mean, log_var = wide.encode(letters_test)
rates = 0.5 * (mean**2 + np.exp(log_var) - 1 - log_var).mean(axis=0)
ranked = np.argsort(-rates)
start = mean[chosen[3]]
rows = {}
for place in (0, 1, 2, ranked.size - 1):
    unit = ranked[place]
    codes = np.tile(start, (9, 1))
    codes[:, unit] = np.linspace(-2.5, 2.5, 9)
    rows[f"z{unit + 1}: {rates[unit]:.2f} nats"] = wide.decode(codes)
plotting.image_rows(rows)
plotting.show(
    alt="Four rows of nine generated letters, in each of which one number of the code goes from low to high. The "
    "costly numbers change the shape a lot, several things at once; the cheapest changes least."
)
print("mean KL of each latent, sorted / nats:", rates[ranked].round(2), sep="\n")

# %% [markdown]
# Each row is *generated*: an M (its own code in all other entries), with one number going from −2.5 to 2.5. The costly
# numbers change the shape a lot, several things at a time: they are not "rotation", "thickness" and so on. Nothing in
# the loss asks for that (more in lesson {number: rate_distortion_and_beta}). The cheapest one does least.
#
# And a **walk** between two letters, as in lesson {number: the_latent_space}, from code to code:

# %%
from course_lib.latent import linear_walk

rows = {}
for first, last in ((chosen[0], chosen[4]), (chosen[7], chosen[9])):
    name = " to ".join(glyphs.class_names[names_test[end]] for end in (first, last))
    rows[name] = wide.decode(linear_walk(mean[first], mean[last], 11))
plotting.image_rows(rows)
plotting.show(
    alt="Two rows of eleven images, walks from one letter to another through the codes: strokes bend, appear and "
    "vanish on the way."
)
lengths = np.linalg.norm(
    z_wide := mean + np.exp(0.5 * log_var) * np.random.default_rng(run.seed).standard_normal(mean.shape), axis=1
)
print(f"length of a code: {lengths.mean():.2f} ± {lengths.std():.2f}; of a draw from the prior about √16 = 4")

# %% [markdown]
# Ends are reconstructions of real letters, everything between is generated. Strokes bend, appear and vanish; blended
# *pixels* would show both letters at once all the way. In the middle the straight line cuts through the ball: half-way between two draws the length is
# about $4/\sqrt2$, where the prior in sixteen dimensions has little mass: one reason why middles look blander.

# %% [markdown] tags=["deeper"]
# ### A map by the quantiles of the prior
#
# The code of two numbers is a plane, and a plane can be shown whole: decode a grid of points. But which? A grid from −5 to 5 shows mostly places where the
# prior never goes, one from −1 to 1 hides what more than half of all draws would give. The fair choice gives **every picture
# the same probability**: cut the prior into $n$ slices of equal probability along each axis and take the middle (in
# probability) of each, $z_i=\Phi^{-1}\big(\frac{i+\frac12}{n}\big)$, $i=0\dots n-1$, with $\Phi$ the distribution
# function of $\mathcal N(0,1)$ (Kingma & Welling, 2014, appendix). For independent entries of the prior, $n\times n$
# such pictures share its mass evenly.
#
# **Exercise {exercise: PRIOR_QUANTILES}.** Return these $n$ numbers, smallest first.


# %% tags=["exercise"]
def prior_quantiles(n):
    # BEGIN SOLUTION
    from scipy import stats

    return stats.norm.ppf((np.arange(n) + 0.5) / n)
    # END SOLUTION


# %%
check(exercises.PRIOR_QUANTILES, prior_quantiles)

# %% [markdown]
# First question: do the codes of real images *fill* the prior (circles: one and two of its standard deviations)? If
# not, draws from it will land where the decoder was never trained.

# %% tags=["proof"]
mean, log_var = plane.encode(letters_test)
spread = np.exp(log_var)
z = mean + np.sqrt(spread) * np.random.default_rng(run.seed).standard_normal(mean.shape)
ax = plotting.scatter(z, names_test, glyphs.class_names)
plotting.covariance_ellipses(mean[:40], spread[:40], color="black", ax=ax)
for radius in (1, 2):
    plotting.covariance_ellipses([[0, 0]], [[1, 1]], radius, color="0.4", ax=ax)
ax.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), aspect="equal", title="real test letters: one draw of z each")
plotting.show(
    alt="Codes of test letters in the plane, a colour and a marker for each letter, with small ellipses of single "
    "posteriors and two circles of the prior. Together the codes cover the prior and reach a little beyond it."
)
print("all draws together: mean", z.mean(axis=0).round(2), " variance", z.var(axis=0).round(2), " (prior: 0 and 1)")
assert np.abs(z.mean(axis=0)).max() < 0.5, "the codes must lie where the prior is"
assert z.var(axis=0).max() < 2.5, "and hardly farther out"

# %% [markdown]
# Each dot is a draw from the $q$ of one image, the small black ellipses (two standard deviations) are single
# posteriors, for forty of them. All dots together are the **aggregated posterior**, the mean of $q_\phi(z\mid x)$ over
# the images: centred at 0, and wider than the prior (1 would be exact). Each single ellipse *is* asked to be the prior
# (that is its KL), and pays for refusing; the reconstruction keeps it small. Only all of them *together* can be like
# the prior for free: they *tile* it. So a draw from the prior lands where images have been, or near it. (The rest of the
# mismatch is seen in the samples; lesson {number: rate_distortion_and_beta} measures it, and learns a better prior.)
#
# Second question: what does the model generate, all over the prior? Rows and columns of the next figure are the
# quantiles of exercise {exercise: PRIOR_QUANTILES}.

# %%
quantiles = exercises.quantiles_of_the_prior(12)
corners = np.stack(np.meshgrid(quantiles, quantiles[::-1]), axis=-1).reshape(-1, 2)  # row by row, from the top
ax = plt.subplots(figsize=(4.7, 4.9), dpi=72, layout="constrained")[1]
plotting.image_grid(plane.decode(corners), columns=12, title="generated: equal shares of the prior", ax=ax)
plotting.show(
    alt="A square of twelve by twelve generated letters at the quantiles of the prior. Neighbours are alike, and "
    "letters flow into each other through shapes that are none."
)

# %% [markdown]
# That is the whole generator on one page. Neighbours are alike, letters flow into each other, and between two letters
# stands something that is neither: the decoder is continuous. Two numbers cannot hold letter, font, angle and shift, so
# the model keeps what saves most nats, and the rest becomes blur: the *mean* over all that the code leaves open.

# %% [markdown] tags=["deeper"]
# ### Walk in the plane
#
# In a running notebook the next figure has two sliders, for the two numbers of a code $z=(a,b)$. Left, the place where
# you are, among codes of real letters; right, what the decoder makes of it. **Say first:** on the way from one letter's
# codes to another's, will the image change at once or by degrees? And what will the decoder return at $(3,3)$?


# %%
def decoded_at(a, b):
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.5, 3.4), layout="constrained", width_ratios=(1.5, 1))
    plotting.scatter(z, names_test, glyphs.class_names, ax=left)
    left.plot(a, b, "P", color="black", markeredgecolor="white", markersize=14)
    left.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), aspect="equal", xlabel="a", ylabel="b")
    plotting.image_grid(plane.decode(np.array([[a, b]])), title="generated", ax=right)
    return figure


plotting.slider(
    decoded_at,
    a=(-3.0, 3.0, -1.5),
    b=(-3.0, 3.0, 1.0),
    alt="Left, the codes of real test letters in the plane, a colour and a marker for each letter, and a black cross at the "
    "place that the sliders choose. Right, the image that the decoder makes of this place.",
)

# %% [markdown]
# By degrees: a small step changes the image a little, and between two letters it passes through shapes that are none. At
# $(3,3)$ hardly an image has its code. The decoder answers all the same, as a function does, but nothing in the training
# said what. The prior rarely goes there, and that is why it does not hurt.

# %% [markdown] tags=["deeper"]
# ## The VAE whose optimum is known
#
# Is a VAE that has been trained *as well as possible* a good model? For networks nobody knows the optimum. For one VAE
# we do: linear encoder, linear decoder, a Gaussian likelihood with one learnt σ². Its decoder with the prior is
# probabilistic PCA (lesson {number: probabilistic_pca_and_monte_carlo}), whose maximum likelihood is a formula. Three questions. Does the ELBO reach the
# maximum *log-likelihood*, or does the bound cost something? Which σ² does it learn? And its columns: pPCA itself does
# not care about a rotation of its latents (lesson {number: probabilistic_pca_and_monte_carlo}), so what will the VAE's columns be?
#
# **The derivation.** $q(z\mid x)=\mathcal N(V(x-\mu),\operatorname{diag} s)$, $p(x\mid z)=\mathcal
# N(Wz+\mu,\sigma^2I)$, and $S$ the covariance of the data, $C=WW^\top+\sigma^2I$.
#
# 1. Gap of one $x$: $\mathrm{KL}\big(q\,\|\,p(z\mid x)\big)$. The posterior is Gaussian, with mean
#    $M^{-1}W^\top(x-\mu)$ and covariance $\sigma^2M^{-1}$, $M=W^\top W+\sigma^2I$ (lesson {number: probabilistic_pca_and_monte_carlo}; there $P=M/\sigma^2$): the mean is *linear* in
#    $x$, the covariance the *same* for all $x$.
# 2. So the best $V$ is $M^{-1}W^\top$: a linear encoder loses nothing in the mean.
# 3. The best diagonal $s$ is $1/\Lambda_{jj}$ with the precision $\Lambda=M/\sigma^2$, and the gap that remains is the
#    mean-field gap of lesson {number: the_elbo}, $\frac12(\sum_j\log\Lambda_{jj}-\log|\Lambda|)\ge0$.
# 4. It is 0 exactly if $M$ is diagonal, that is, if the **columns of $W$ are orthogonal**.
# 5. Among all $W R$ with a rotation $R$, which have the same likelihood, there is one with orthogonal columns: the
#    principal axes, scaled. So the largest ELBO *equals* the largest log-likelihood, and is taken **only** there
#    (Lucas et al., 2019; the rotation is fixed up to order and signs, if the eigenvalues differ).
#
# Now train it: L-BFGS on the analytic ELBO of all training digits, from a random start, $W$, $V$, $\log s$,
# $\log\sigma^2$ all free. Here is the loss; it does no draws, because the expectations are known.

# %%
from course_lib.exact import ProbabilisticPCA, fit_linear_vae, negative_beta_elbo, principal_axes

show(negative_beta_elbo)

# %% tags=["proof"]
digits = datasets.load("digits")
x = digits.x_train.reshape(-1, 64).astype("float64")
linear = fit_linear_vae(x, latent_dim=4, seed=run.seed)
pca = ProbabilisticPCA.fit(x, num_latents=4)
maximum = pca.log_prob(x).mean()
print(
    f"ELBO {linear.elbo:.9f}, maximum log-likelihood of pPCA {maximum:.9f}: short by {maximum - linear.elbo:.1e} nats"
)
print(f"learnt σ² {linear.variance:.7f}, mean of the discarded eigenvalues {pca.variance:.7f}")
assert abs(maximum - linear.elbo) < 1e-6, "the linear VAE must reach the maximum likelihood of pPCA"

order = np.argsort(-np.linalg.norm(linear.decoder_weights, axis=0))
columns = linear.decoder_weights[:, order] / np.linalg.norm(linear.decoder_weights[:, order], axis=0)
axes = principal_axes(x, 4)
cosines = np.sum(columns * axes, axis=0)
print("cosines of its columns with the principal axes:", cosines.round(6))
assert np.all(np.abs(cosines) > 1 - 1e-4), "the decoder's columns must be the principal axes up to sign and order"

# %% [markdown]
# Nothing is lost, to better than a millionth of a nat; σ² is the mean variance of what four axes leave over; and the
# columns *are* the principal axes, up to order and sign. Now rotate the latents of this optimum in the plane of the
# first and the last of them, give the rotated model its best encoder, and watch likelihood and ELBO. **Which of the
# two notices?**

# %% tags=["proof"]
angle = np.deg2rad(np.linspace(0, 90, 19))
likelihoods, elbos = [], []
for a in angle:
    turn = np.eye(4)
    turn[np.ix_([0, 3], [0, 3])] = [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]
    turned = ProbabilisticPCA(pca.weights @ turn, pca.mean, pca.variance)
    mean, covariance = turned.posterior(x)
    log_var = -np.log(np.diag(np.linalg.inv(covariance))) + 0 * mean
    likelihoods.append(turned.log_prob(x).mean())
    elbos.append(turned.elbo(x, mean, log_var).mean())
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 2.9), layout="constrained", width_ratios=(1, 1.4))
curves = {"log-likelihood": likelihoods, "best ELBO": elbos}
plotting.curves(curves, "rotation of two latents / degrees", "nats per image", np.rad2deg(angle), left)
left.legend(frameon=False, loc="center")
signed = (columns * np.sign(cosines)).T
pictures = {"VAE's columns": signed, "principal axes": axes.T}
plotting.image_rows({name: (0.5 + 1.2 * rows).reshape(-1, 8, 8) for name, rows in pictures.items()}, ax=right)
plotting.show(
    alt="Left, log-likelihood and best ELBO against the rotation of two latents: the likelihood is flat, the ELBO "
    "dips in between. Right, two rows of four pictures, the VAE's columns and the principal axes, which look "
    "alike."
)
assert np.ptp(likelihoods) < 1e-9, "the likelihood must not notice a rotation of the latents"
assert elbos[0] - min(elbos) > 0.01, "the ELBO of a diagonal q must"

# %% [markdown]
# The likelihood is flat, the ELBO is not; a few hundredths of a nat, but an optimiser feels them. The diagonal $q$
# *breaks the symmetry*, and picks the axes. (So in this model the VAE "disentangles", by the family of its $q$ and
# because the eigenvalues differ. With a network for a decoder there is no such theorem.) Right, the four columns as
# images, with their signs turned; grey is 0.
#
# This test is a sharp one: whoever writes a VAE can make it linear, and compare. A KL averaged over the latents, σ in
# the place of σ², a missing ½: with any of them the number is another. (A VAE that is trained by draws and Adam gets near it, to
# some hundredths of a nat; the library's tests do that.)

# %% [markdown]
# ## Something to marvel at
#
# Everything above was grey and small, and nothing in the program knows that. Here are faces in colour, 32 × 32 × 3 numbers
# each, drawn by the library from sixteen known factors (skin, hair, hat, smile …) that the model is never told. The same
# two methods, wider networks, a code of 32 numbers. (Colours are not binary, so the cross-entropy is not quite a
# likelihood here: {lesson: what_a_likelihood_decides} says what it leaves out. The pictures do not mind.)

# %%
faces = datasets.load("faces")
keras.utils.set_random_seed(run.seed)
encoder = networks.dense_gaussian_encoder((32, 32, 3), 32, (256,))
decoder = networks.dense_decoder(32, (32, 32, 3), (256,))
portraits = VAE(encoder, decoder, bernoulli_log_prob, seed=run.seed)
epochs = run.pick(cpu=5, gpu=40)
falling_rate = keras.optimizers.schedules.CosineDecay(0.003, epochs * 188)
portraits.compile(keras.optimizers.Adam(falling_rate))
portraits.fit(faces.x_train[:6000], batch_size=32, epochs=epochs, verbose=0)
rows = {
    "real": faces.x_test[:9],
    "reconstructed": portraits.reconstruct(faces.x_test[:9]),
    "generated": portraits.sample(9, seed=1),
    "generated, too": portraits.sample(9, seed=2),
}
plotting.image_rows(rows)
plotting.show(
    alt="Four rows of nine small faces in colour: real, reconstructed (softer), and two rows of generated faces with new "
    "mixtures of hair, hats, beards and glasses."
)

# %%
ends = portraits.encode(faces.x_test[:6])[0]
walks = {f"face {a + 1} to {b + 1}": portraits.decode(linear_walk(ends[a], ends[b], 9)) for a, b in ((0, 4), (1, 5))}
plotting.image_rows(walks)
plotting.show(
    alt="Two rows of nine faces, walks between the codes of two real faces: skin, hair and hat change by degrees, and every "
    "step is a face."
)

# %% [markdown]
# Nobody has drawn the faces of the third and fourth rows: each is 32 draws from a normal distribution and one pass
# through a decoder that was trained for less than half a minute. What the code holds (skin, hair, the colours of
# clothes and background) is clear; what it leaves open (glasses or none, the mouth) is the mean of the possibilities,
# half a pair of glasses. The walks lead from one real face to another through faces that exist nowhere.

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> "To generate an image, a VAE compresses one and restores it from the code." Right?</summary>
#
# No: that is a reconstruction, it needs an image, and it is lossy. To generate: $z\sim p(z)$, then $x\sim
# p_\theta(x\mid z)$. The encoder is not used.
# </details>
#
# <details><summary><b>2.</b> "The advantage of a VAE is that encoder and decoder are learnt jointly."</summary>
#
# So they are in every autoencoder. What a VAE has in addition: a law on the codes, so that one can draw; a bound on
# $\log p(x)$, so that models can be compared; and a posterior for each $x$ instead of a point. (A density fitted to an
# autoencoder's codes afterwards can draw, too: lesson {number: the_latent_space}, "two-stage".)
# </details>
#
# <details><summary><b>3.</b> "The KL asks all codes <i>together</i> to look like the prior." Right?</summary>
#
# No: it asks the posterior of *each* image to. It is refused, at a price; that all of them together resemble the prior
# is what results. (A penalty on all codes together is another model, the adversarial or the Wasserstein autoencoder.)
# </details>
#
# <details><summary><b>4.</b> In a VAE class, `call` makes `Dense(latent_dim)(h)` for log σ² anew. It runs, eagerly. What is wrong, and which test finds it?</summary>
#
# A layer that is created in `call` is a new, random one in each call; it is never trained. "Two passes differ" is
# satisfied by it, and "every tensor of the model moves", too: the model does not know of it. *Count* the trainable
# tensors: two are missing.
# </details>
#
# <details><summary><b>5.</b> A VAE's samples are blurred. Is the training not finished?</summary>
#
# Perhaps; but blur is also what a *mean* of $p(x\mid z)$ looks like when the code leaves much open, or when the
# likelihood (independent pixels, a large σ) tolerates it. More latents, a smaller σ², or a better decoder change it;
# more epochs need not. Whether another model is "more real" has to be measured.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **named** the parts: prior and decoder generate, the encoder is an approximate posterior for training, the draw is
#   between them;
# * **written** a VAE in fifteen lines (sum over the event, mean over the batch), and **compared** it with the library's;
# * **seen** that the reconstruction pulls each posterior to a point and the KL to the prior, and kept samples and
#   reconstructions apart;
# * **measured** ELBO < importance-weighted bound < exact log p < truth, and seen the bound beneath the likelihood;
# * **walked** through sixteen numbers, of which some say much and some next to nothing.
#
# How do the parts become one model that generates? *Prior and decoder are the model. The encoder is there so that a
# bound can be climbed; what training leaves is a decoder that turns draws from the prior into images.*
#
# **Go further.** (1) Train the letter models for 100 and 200 epochs (minutes); watch the gap between
# `evaluate(letters_train)` and `evaluate(letters_test)`: when does the wide one begin to over-fit? (2) Let two fireflies
# hang in the night. Which posteriors does one Gaussian per photograph fail on now?
#
# **References.** The model: Kingma & Welling (2014), *Auto-encoding variational Bayes*, arXiv:1312.6114 (first version
# 20 December 2013), and, found independently, Rezende, Mohamed & Wierstra (2014), *Stochastic backpropagation and
# approximate inference in deep generative models*, arXiv:1401.4082. · An introduction by the authors: Kingma & Welling
# (2019), *An introduction to variational autoencoders*, arXiv:1906.02691. · The weighted bound: Burda, Grosse &
# Salakhutdinov (2016), *Importance weighted autoencoders*, arXiv:1509.00519. · The linear VAE: Tipping & Bishop (1999),
# *Probabilistic principal component analysis*, J. R. Stat. Soc. B 61; Lucas, Tucker, Grosse & Norouzi (2019), *Don't blame the ELBO!*, arXiv:1911.02469.

# %% [markdown] tags=["slide"]
# # The variational autoencoder: two networks, one bound, new images
#
# You have a prior, a bound, and a draw that lets gradients through.
#
# **How do these parts become *one* model, which learns from images and then makes images of its own?**

# %% [markdown] tags=["notes"]
# 1 min. Needed from before: the ELBO and its gap, and the draw z = μ + σε. Ask: which way does a VAE run, from images to codes or from codes to images?

# %% [markdown] tags=["slide"]
# ## Predict: which path does a new image need?
#
# . . .
#
# {figure: the-parts-and-two-directions-3}
#
# Blue: the **generative model**. Orange: the **recognition model**, for training.

# %% [markdown] tags=["notes"]
# 3 min. Let them trace a path before the key, on the board: image, encoder, draw, decoder. The usual wrong answer begins with an image: that is a reconstruction.

# %% [markdown] tags=["slide"]
# ## The parts
#
# | part | symbol | learnt? |
# |---|---|---|
# | prior | $p(z)=\mathcal N(0,I)$ | no |
# | encoder | $q_\phi(z\mid x)=\mathcal N(\mu,\operatorname{diag}\sigma^2)$ | $\phi$ |
# | draw | $z=\mu+\sigma\varepsilon$ | no weights |
# | decoder | $p_\theta(x\mid z)$ | $\theta$ |
#
# The encoder returns a distribution over codes, the decoder one over images.

# %% [markdown] tags=["notes"]
# 2 min. The usual wrong sentence: "the encoder returns the code". It returns an approximate posterior, and the decoder no image but the parameters of a distribution.

# %% [markdown] tags=["slide"]
# ## One objective for both
#
# $$-\text{ELBO}(x)=\underbrace{\mathbb E_{q_\phi(z\mid x)}\big[-\log p_\theta(x\mid z)\big]}_{\text{reconstruction}}$$
#
# . . .
#
# $$+\;\underbrace{\mathrm{KL}\big(q_\phi(z\mid x)\,\|\,p(z)\big)}_{\text{rate}}$$
#
# . . .
#
# Two terms, and no third. *Why is the encoder there at all?* The bound needs a $q$.

# %% [markdown] tags=["notes"]
# 1 min. Ask which of the two terms the decoder's weights occur in: the first only.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: PATHS} · {minutes} minutes
#
# - a: draw $z$ from the prior
# - b: encode $x$ to $\mu$ and $\log\sigma^2$
# - c: draw $z=\mu+\sigma\varepsilon$
# - d: decode $z$ to the parameters of $p(x\mid z)$
# - e: draw $x$ from $p(x\mid z)$
# - f: take $-\log p(x\mid z)$ of the given $x$, add the KL
#
# Which letters, in order, are *a training step's loss*? And *a new image*?

# %% [markdown] tags=["notes"]
# 3 min. bcdf and ade. Usual wrong answers: bcde for a new image; a without e, which stops at the mean.

# %% [markdown] tags=["slide"]
# ## A world whose truth we know
#
# A firefly at $z\sim\mathcal N(0,I)$, 100 pixels that are on or off.
#
# {figure: a-world-whose-truth-we-know-3}
#
# Where is it? And when can you not tell?

# %% [markdown] tags=["notes"]
# 2 min. Two latents and a known decoder: p(x) is an integral over a plane, so all that is usually hidden can be computed. The last one has flown out: its photograph does not say how far.

# %% [markdown] tags=["slide"]
# ## Predict: what do the two terms pull at?
#
# The true decoder, twelve photographs, the best Gaussian $q$ for each: draw the ellipses.
#
# . . .
#
# {figure: what-the-two-terms-pull-at-2}

# %% [markdown] tags=["notes"]
# 3 min. Most have the left one right. On the right all twelve become the prior: a code that says nothing. The sum settles where more precision would cost as many nats as it saves.

# %% [markdown] tags=["slide"]
# ## The ends of the networks
#
# + Two heads, both **linear**: $\mu$ may have either sign.
# + $\log\sigma^2$ may be any number; $\sigma^2=e^{\log\sigma^2}$ is positive by itself.
# + The decoder returns **logits**. The sigmoid is inside the log-likelihood, where it is safe.

# %% [markdown] tags=["notes"]
# 1 min. Ask what a ReLU on the mean would do: half of the prior out of reach on every axis.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: WRITE_A_VAE} · {minutes} minutes
#
# Fill in two methods of a `keras.Model`:
#
# - `call(x)`: encode; draw $z$ with `self.noise`; decode. Return mean, log-variance, logits.
# - `compute_loss`: $-\log p(x\mid z)=\sum_i\operatorname{softplus}(\ell_i)-x_i\ell_i$, plus `beta` times $\mathrm{KL}=\frac12\sum_j(\sigma_j^2+\mu_j^2-1-\log\sigma_j^2)$.
#
# **Sum** over pixels and latents; then, once, the **mean** over the batch.

# %% [markdown] tags=["notes"]
# 7 min. Usual wrong answers: a mean over pixels; e to the log σ² in the place of σ; the same noise in each step. The check names them. Who is ready early reads the library's.

# %% [markdown] tags=["slide"]
# ## Predict: what is the loss before the first step?
#
# 100 pixels, on or off. And without a code, from how often each pixel is on?
#
# . . .
#
# {output: before-the-first-step-3}
#
# . . .
#
# A wrong first loss is the cheapest of all bug reports.

# %% [markdown] tags=["notes"]
# 2 min. 100 log 2, since a decoder that knows nothing gives ½. Exercise {exercise: UNTRAINED} asks for other images. A VAE whose loss is not below "without a code" has learnt nothing.

# %% [markdown] tags=["slide"]
# ## Predict: which of the two terms falls?
#
# . . .
#
# {figure: train-both-4}
#
# The KL **rises**: the code begins to carry something. The reconstruction repays more than it costs.

# %% [markdown] tags=["notes"]
# 2 min. Most say that both fall. A KL that falls to 0 is not "converged": the code has gone unused. The class of fifteen lines has the library's loss, epoch by epoch.

# %% [markdown] tags=["slide"]
# ## Quiz: reconstruction or sample? What is the difference?
#
# . . .
#
# A **reconstruction** begins with a real image: encode, decode. A **sample** begins with nothing: $z$ from the prior, decode, draw $x$.
#
# . . .
#
# {figure: reconstructions-and-samples-3}

# %% [markdown] tags=["notes"]
# 2 min. Published figures confuse them, and usually print the mean of p(x|z) as a sample. Means are smooth, draws speckled: blur is where the code does not know. {exercise: GENERATE} is the exercise for home.

# %% [markdown] tags=["slide"]
# ## Is it the *same kind* of photograph?
#
# How many pixels are on?
#
# {figure: reconstructions-and-samples-5}
#
# {output: reconstructions-and-samples-5}

# %% [markdown] tags=["notes"]
# 2 min. Ask why means tell little: independent pixels have the right one, too. The spread tells more. Good, and not perfect: compare "real again".

# %% [markdown] tags=["slide"]
# ## Predict: put four numbers in order
#
# The ELBO; the importance-weighted bound; the exact $\log p(x)$ of the model; that of the truth.
#
# . . .
#
# {output: how-tight-is-the-bound-2}

# %% [markdown] tags=["notes"]
# 2 min. Take bets on the distances, too. No model has a higher expected log p than the truth. On the same draws the weighted bound is never below the ELBO.

# %% [markdown] tags=["slide"]
# ## Whose fault is what remains?
#
# $$-\text{ELBO}=\underbrace{H(\text{world})}_{\text{nobody's}}$$
#
# . . .
#
# $$+\underbrace{\mathrm{KL}(\text{world}\,\|\,\text{model})}_{\text{the model's}}$$
#
# . . .
#
# $$+\underbrace{\mathbb E\,\mathrm{KL}\big(q_\phi(z\mid x)\,\|\,p_\theta(z\mid x)\big)}_{\text{the fault of }q}$$

# %% [markdown] tags=["notes"]
# 2 min. Means over photographs from the world. Go back to the four numbers and say which difference is which term.

# %% [markdown] tags=["slide"]
# ## Predict: where does a bound touch?
#
# A decoder with one weight, $s$; a fixed $q$. The truth: $s=1$.
#
# . . .
#
# {figure: the-bound-beneath-the-likelihood-3}
#
# At the posterior's own $s$, and only there. Climb, refit $q$, climb: EM in small steps.

# %% [markdown] tags=["notes"]
# 2 min. The orange q is the exact posterior of s = 0.8. The top of the bound lies to the right of 0.8: climbing it improves the likelihood. Gaussians that are too wide touch nowhere: the distance is the gap.

# %% [markdown] tags=["slide"]
# ## Where the gap is large
#
# {figure: where-the-gap-is-large-2}
#
# The *family*: an upright ellipse. Or the *encoder*: one network for all photographs.

# %% [markdown] tags=["notes"]
# 2 min. Grey is the exact posterior. A large gap is an ellipse that has missed. How much is whose fault: the lesson on tighter bounds.

# %% [markdown] tags=["slide"]
# ## Predict: letters, with 2 and with 16 numbers
#
# Which of loss, reconstruction and KL goes down?
#
# . . .
#
# {figure: letters-3}
#
# {output: letters-3}

# %% [markdown] tags=["notes"]
# 3 min. KL rises, reconstruction falls by more. Ask which rows are better: reconstructions keep font and angle; samples are not as good, since draws from the prior land where no image has been.

# %% [markdown] tags=["slide"]
# ## Something to marvel at
#
# {figure: something-to-marvel-at-2}
#
# Nobody has drawn the last two rows: 32 normal numbers each.

# %% [markdown] tags=["notes"]
# 1 min. The same two methods, wider networks. What is sure is sharp; what the code leaves open is a mean, half a pair of glasses.

# %% [markdown] tags=["slide"]
# ## Quiz: "A VAE's advantage is that encoder and decoder are learnt jointly."
#
# . . .
#
# So they are in every autoencoder. What a VAE has in addition:
#
# - a law on the codes, so that one can draw;
# - a bound on $\log p(x)$, so that models can be compared;
# - a posterior for each $x$ instead of a point.

# %% [markdown] tags=["notes"]
# 1 min. Vote. And "the KL asks all codes together to look like the prior"? No: each image's posterior. That all together resemble it is what results.

# %% [markdown] tags=["slide"]
# ## To take home
#
# Prior and decoder are the model.
#
# **The encoder is there so that a bound can be climbed; what training leaves is a decoder that turns draws from the prior into images.**
#
# *At home:* exercises {exercise: UNTRAINED}, {exercise: GENERATE} and {exercise: PRIOR_QUANTILES}.

# %% [markdown] tags=["notes"]
# 1 min. Next: what the likelihood decides about all this.
