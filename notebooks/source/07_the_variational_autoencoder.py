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
# * **derive** the loss from a likelihood, and the likelihood (its σ!) from somebody's loss;
# * **write** the loss of a VAE, **train** one, and **tell** its reconstructions from its samples;
# * **prove** how tight the bound is, on a world whose truth can be computed, and that a linear VAE is probabilistic
#   PCA;
# * **map** a latent plane by the quantiles of the prior, and **walk** through sixteen dimensions;
# * **diagnose** three broken VAEs from their symptoms, and **read** the β that is hidden in a mean;
# * **bring** data of your own to a model: images, a table, sound, text.
#
# *To know before:* {lesson: the_elbo} (the ELBO, derived in three ways) and {lesson: the_reparameterization_trick} (the draw $z=\mu+\sigma\varepsilon$); Keras as in {lesson: autoencoders}. *Time:* {times}; about 45 seconds to run on two CPU cores.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## Two directions
#
# Which way does a VAE run? From images to codes, or from codes to images? Here it is as a graph. **Look for the arrows
# that a new image needs.**

# %%
import matplotlib.pyplot as plt

from course_lib import plotting

ax = plt.subplots(figsize=(6.5, 2.2), layout="constrained")[1]
for place, name in ((0, "z"), (1, "x")):
    shade = "0.85" if name == "x" else "white"
    ax.annotate(
        name, (place, 0), ha="center", va="center", fontsize=16, bbox={"boxstyle": "circle,pad=0.5", "fc": shade}
    )
down = {"arrowstyle": "-|>", "connectionstyle": "arc3,rad=-0.25", "shrinkA": 24, "shrinkB": 24, "linewidth": 1.5}
ax.annotate("", (1, 0.02), (0, 0.02), arrowprops=down | {"color": plotting.PALETTE[0]})
ax.annotate("", (0, -0.02), (1, -0.02), arrowprops=down | {"color": plotting.PALETTE[5], "linestyle": "--"})
ax.annotate(
    "", (-0.08, 0), (-0.45, 0), arrowprops={"arrowstyle": "-|>", "color": plotting.PALETTE[0], "linewidth": 1.5}
)
ax.text(-0.47, 0, "prior p(z)", ha="right", va="center", color=plotting.PALETTE[0])
ax.text(0.5, 0.62, "decoder: p(x|z), weights θ", ha="center", color=plotting.PALETTE[0])
ax.text(0.5, -0.72, "encoder: q(z|x), weights φ", ha="center", color=plotting.PALETTE[5])
ax.set(xlim=(-1, 1.3), ylim=(-0.9, 0.9))
ax.set_axis_off()
plotting.show(
    alt="A graph of two circles, z and a grey x. A blue arrow enters z from the prior and another goes from z to x, "
    "the decoder; a dashed orange arrow leads back from x to z, the encoder."
)

# %% [markdown]
# Blue is the **generative model**: draw $z$ from the prior, then $x$ from $p_\theta(x\mid z)$. That is all a new image
# needs, so the *decoder is the generator*; there is no third network, and nothing decodes a generated image "back".
# Orange is the **recognition model**: for an image that exists (grey: observed), a guess which $z$ it came from. It is
# there for training, because the bound needs a $q$.
#
# | part | symbol | what it returns | learnt? |
# |---|---|---|---|
# | prior | $p(z)=\mathcal N(0,I)$ | – | no (lesson {number: rate_distortion_and_beta} will) |
# | encoder | $q_\phi(z\mid x)=\mathcal N(\mu,\operatorname{diag}\sigma^2)$ | $\mu$ and $\log\sigma^2$, for *this* $x$ | φ |
# | draw | $z=\mu+\sigma\varepsilon$ | one code | no weights |
# | decoder | $p_\theta(x\mid z)$ | the parameters of a distribution over images | θ |
#
# Read the table twice. The encoder does not return a code, but a distribution over codes, and it learns an approximate
# *posterior*, not "the distribution of the data": that is the blue path, $p_\theta(x)=\int p_\theta(x\mid
# z)\,p(z)\,dz$. The decoder does not return an image, but a distribution over images. Both are trained *together* on
# one objective, the ELBO of lesson {number: the_elbo} (if you cannot derive it in three ways any more, this is the moment to look):
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
# photograph of it: each pixel is on (1) or off (0), independently, given $z$. Far from the firefly a pixel lights up
# by mistake in one case of fifty or so, near it it stays dark as rarely. Written as logits, for a pixel at the place
# $c_i$:
#
# $$p(x_i=1\mid z)=\operatorname{sigmoid}(\ell_i),\qquad \ell_i=-4+8\,e^{-\|z-c_i\|^2/2w^2},\qquad w=0.8 .$$
#
# That *is* a latent-variable model, with two latents and a known decoder. So everything that is usually hidden can be
# computed: $p(x)$ is an integral over a plane (lesson {number: latent_variable_models}). It will be our test bench. **In the photographs below: how
# well can you tell where the firefly is, and when not?**

# %%
import numpy as np

axis = np.linspace(-2.7, 2.7, 10)
pixels = np.stack(np.meshgrid(axis, -axis), axis=-1).reshape(-1, 2)  # (100, 2): the places c_i


def true_logits(z):
    squared_distance = np.square(np.asarray(z)[:, None] - pixels).sum(axis=-1)  # (n, 100)
    return -4 + 8 * np.exp(-squared_distance / (2 * 0.8**2))


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
# Above, what only we know: the probability of light. Below, what the model will see. Where the blob is inside the
# frame, its place can be told to within half a pixel; the last firefly has flown out, and its photograph does not say
# how far.
#
# ### The parts, built
#
# Now the VAE that knows nothing of fireflies. Both networks get one hidden layer. Look at the *ends* of the networks:
# how many heads has the encoder, and which activations do the heads have?

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
# Two heads, and all heads are **linear**. The mean of a code must be able to take either sign (a ReLU there is a bug
# that we will meet). $\log\sigma^2$ may be any number, and $\sigma^2=e^{\log\sigma^2}$ is positive by itself. And the
# decoder returns **logits**: the sigmoid is inside the log-likelihood, where it is safe.
#
# The model joins them. Two methods hold all of it, and this is the library's code, as it runs:

# %%
from course_lib import show

show(VAE.call)

# %%
show(VAE.compute_loss)

# %% [markdown]
# `call` is the path of exercise {exercise: PATHS}, without the last step: encode, draw, decode. It returns the ingredients under
# their names. `compute_loss` makes the objective from them: $-\log p(x\mid z)$, **summed** over the pixels; the KL,
# **summed** over the latents; one value per example each; and then, once, the **mean** over the batch. ($\beta$ is 1
# unless you say otherwise. `free_bits`, and a `prior` that is learnt, belong to lesson {number: rate_distortion_and_beta}: leave them out in your
# mind.) What Keras does around it:
#
# * `fit` takes the data in batches; for each it runs `call(x, training=True)` and `compute_loss`, asks the backend for
#   the gradient by all weights θ and φ, and lets the optimiser (Adam) take a step. There is no target: `fit(x)`, not
#   `fit(x, x)`.
# * The **trackers** average the two terms over the epoch, apart from each other, for the log.
# * `evaluate` runs the same `compute_loss` without steps, on draws of its own that are the same every time.
#
# Sampling is a *layer*: it has `build`, `call` and `get_config`. Only a *model* has `compile`, `fit`, `evaluate` and
# `save`; a class `VAE(keras.layers.Layer)` could not be trained.
#
# **Exercise {exercise: UNTRAINED}.** Before any training you know what the loss should be, and a wrong first loss is the cheapest of all
# bug reports. A decoder that knows nothing gives each value of a pixel the same probability. What is $-\log p(x\mid
# z)$, in nats per image, (first) for binary images of 28 × 28 pixels and logits 0, and (second) for images of 8 × 8
# pixels with 17 grey levels (0 … 16), if each level has its own logit (the *categorical* likelihood), all 0?

# %% tags=["exercise"]
# BEGIN SOLUTION
untrained = (784 * np.log(2), 64 * np.log(17))
# END SOLUTION

# %%
check(exercises.UNTRAINED, untrained)

# %% [markdown]
# And for the firefly: 100 pixels, so 100 log 2 = 69.3 nats. Is that so? A second number to know beforehand is what a
# model gets that **ignores $z$** and only knows how often each pixel $i$ is on, $f_i$. With $-\sum_i f_i\log
# f_i+(1-f_i)\log(1-f_i)$ nats it needs no code at all. A VAE whose ELBO is not better than minus that has learnt
# nothing. Training should move the loss from the first number to well below the second.

# %% tags=["proof"]
vae = VAE(encoder, decoder, bernoulli_log_prob, seed=run.seed)
first = vae.evaluate(x_test, return_dict=True)
often = x_train.mean(axis=0)
without_code = -(often * np.log(often) + (1 - often) * np.log(1 - often)).sum()
print(f"untrained: loss {first['loss']:.1f} = reconstruction {first['reconstruction']:.1f} + KL {first['kl']:.1f} nats")
print(f"100 log 2 = {100 * np.log(2):.1f} nats; without a code {without_code:.1f} nats")
assert abs(first["reconstruction"] - 100 * np.log(2)) < 15, "an untrained decoder must know nothing"

# %% [markdown]
# Train, and look at all three curves. **Your guess:** which of the two terms falls, and does the other one fall, too?

# %% tags=["proof"]
vae.compile(keras.optimizers.Adam(0.005))
keras.utils.set_random_seed(run.seed)
history = vae.fit(x_train, epochs=20, validation_data=x_test, verbose=0).history
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 2.8), layout="constrained")
losses = {"training": history["loss"], "validation": history["val_loss"]}
plotting.curves(losses | {"reconstruction": history["val_reconstruction"]}, "epoch", "nats per image", ax=left)
left.axhline(without_code, color="black", linestyle=":", label="without a code")
left.legend(frameon=False)
plotting.curves({"KL (rate)": history["val_kl"]}, "epoch", "KL / nats per image", ax=right)
right.set_ylim(0, None)
for ax in (left, right):
    ax.xaxis.get_major_locator().set_params(integer=True)
plotting.show(
    alt="Left, training loss, validation loss and reconstruction against the epoch: all fall far below the dotted "
    "line of a model without a code. Right, the KL divergence rises from almost nothing and levels off."
)
last = {name[4:]: values[-1] for name, values in history.items() if name.startswith("val_")}
print(f"loss {last['loss']:.2f} = reconstruction {last['reconstruction']:.2f} + KL {last['kl']:.2f} nats per image")
assert last["loss"] < without_code - 3, "a VAE must be better than a model that ignores the code"

# %% [markdown]
# The loss fell, and the KL, which had been a fraction of a nat before training, **rose** to about three. That is how a
# healthy VAE learns: the code begins to carry something. The KL is the price of that message in nats, and the
# reconstruction repays more than it costs: the curve goes far below the dotted line. A KL that falls to 0 is not
# "converged": it is a model that has stopped talking.

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
# **a VAE's pictures are blurred where the code does not know**: that is a property of the mean, not a fault of the
# training. The lonely speckles are *not* in the code (who would pay nats for them?); they belong to $p(x\mid z)$.
#
# Is the fourth row *the same kind of thing* as the first, or does it only look so? Here is a ruler with a known truth:
# how many pixels are on? Compare the distribution of that number in 10,000 real and 10,000 generated photographs. Then
# a second, sharper one: the exact log-density of each *under the true model*.

# %%
from course_lib.exact import log_marginal_likelihood


def log_likelihood_of(logits, x):
    """A function from codes (m, 2) to log p(x | z), (m, n)."""
    x = np.asarray(x, "float64")

    def log_likelihood(z):
        table = np.asarray(logits(z), "float64")
        return table @ x.T - np.logaddexp(0, table).sum(axis=1, keepdims=True)

    return log_likelihood


# %% [markdown]
# (The integral over the plane needs $\log p(x\mid z)$ on a grid of codes. For Bernoulli pixels it is $\ell\cdot
# x-\sum_i\operatorname{softplus}(\ell_i)$, one product of matrices.)

# %%
generated = vae.sample(500, seed=run.seed + 5)
generated = (rng.random(generated.shape) < generated).astype("float32")
scores = {}
for name, images in {
    "real": x_test,
    "generated": generated,
    "mean pixels, no code": rng.random((500, 100)) < often,
}.items():
    scores[name] = log_marginal_likelihood(log_likelihood_of(true_logits, images), latent_dim=2)
    error = scores[name].std() / np.sqrt(500)
    print(
        f"{name:21} log p under the truth {scores[name].mean():7.2f} ± {error:.2f} nats, pixels on {images.sum(axis=1).mean():5.2f}"
    )

# %% [markdown]
# Under the true law the generated photographs are a nat or two less probable than real ones: the model is good, not
# perfect. Photographs with the right number of lights, in places that are right on average, but without a firefly are
# far less probable: fifteen nats are a factor of three million. (Why is that only half of a test? A model that makes
# one good photograph again and again would pass. The other half comes next: how probable are *real* photographs under
# the *model*?)

# %% [markdown]
# ## How tight is the bound?
#
# For this model, too, $z$ has two dimensions, so its exact $\log p_\theta(x)$ is an integral over a plane: lay a grid
# on it, decode every point, add up (lesson {number: latent_variable_models}). Now three numbers can be compared for each photograph:
#
# 1. the **ELBO**, the mean of the log-weights $\log w_k=\log p(x\mid z_k)+\log p(z_k)-\log q(z_k\mid x)$, $z_k\sim q$;
# 2. the **importance-weighted bound** $\log\frac1K\sum_k w_k$ (lesson {number: the_elbo}, third way). On the *same* draws it is never
#    below the mean of the logarithms: that is Jensen's inequality, for every single photograph;
# 3. the exact $\log p_\theta(x)$, above both in expectation.
#
# And a fourth: the mean of the exact $\log p(x)$ under the *truth*. No model has a higher *expected* one (lesson {number: latent_variable_models}:
# the difference is $\mathrm{KL}(\text{truth}\,\|\,\text{model})\ge0$). **Predict the order of the four, and guess the
# distances.**

# %% tags=["proof"]
from course_lib.metrics import log_importance_weights

K = 100
log_weights = log_importance_weights(vae, x_test, num_samples=K)  # (K, 500)
elbo = log_weights.mean(axis=0)
weighted = np.logaddexp.reduce(log_weights, axis=0) - np.log(K)


def learned_logits(z):
    return ops.convert_to_numpy(vae.decoder(z.astype("float32")))


exact = log_marginal_likelihood(log_likelihood_of(learned_logits, x_test), latent_dim=2)
four = {"ELBO": elbo, f"importance-weighted, K = {K}": weighted, "exact, model": exact, "exact, truth": scores["real"]}
for name, values in four.items():
    print(f"{name:30} {values.mean():8.3f} nats per photograph")
assert (elbo <= weighted + 1e-9).all(), "on the same draws the ELBO is below the weighted bound, for every photograph"
for name, bound in (("ELBO", elbo), ("weighted bound", weighted)):
    error = (exact - bound).std() / np.sqrt(500)
    assert bound.mean() <= exact.mean() + 5 * error, f"the {name} must lie below the exact log p"
assert exact.mean() - weighted.mean() < 0.2, "and the weighted bound of 100 draws only a little"

# %% [markdown]
# The ELBO is a fraction of a nat below the truth about the model; a hundred draws close nearly all of that. The
# distance from there to the last line is no matter of bounds: it is how much the *model* still differs from the world.
# So a loss hides two different shortcomings, and here you see them apart:
#
# $$-\text{ELBO} = \underbrace{H(\text{world})}_{\text{nobody can do better}} + \underbrace{\mathrm{KL}(\text{world}\,\|\,\text{model})}_{\text{the model's fault}}
#   + \underbrace{\mathbb E\,\mathrm{KL}\big(q_\phi(z\mid x)\,\|\,p_\theta(z\mid x)\big)}_{\text{the encoder's fault}} .$$
#
# (Means over photographs from the world; $H$ is its entropy.) The last term is the gap of lesson {number: the_elbo}. **For which
# photographs will it be large?** Here are four, from a small gap to nearly the largest: the exact posterior of the
# model in grey (on the grid), and $q_\phi$ as an ellipse of two standard deviations, which should hold 86 %.

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
# Typically the posterior is a small spot, and the ellipse sits on it, a little too wide or a little beside it. A large
# gap is an ellipse that has *missed*: half a unit beside a spot of that size costs nats. Two things can be at fault.
# The family: an upright ellipse cannot follow a crescent, or two spots (lesson {number: the_elbo}). And the encoder: **one** network
# wrote all these ellipses, 500 of them in a single call, for photographs that it had never seen. That is *amortised*
# inference. It is worst where it had little practice: a firefly far from the centre, or false lights beside it. How
# much of the gap is the family's and how much the encoder's, lesson {number: tighter_bounds} will measure.

# %% [markdown]
# ## The likelihood decides the loss
#
# "The loss of a VAE is the binary cross-entropy." "It is the mean squared error." Neither is *the* loss. You choose a
# likelihood $p(x\mid z)$ that fits the data, and the reconstruction term **is** its negative logarithm:
#
# | data | likelihood | decoder returns | $-\log p(x\mid z)$, summed over the entries $i$ |
# |---|---|---|---|
# | 0 or 1 | Bernoulli | logits | $\sum_i \text{binary cross-entropy}_i$ |
# | real numbers, σ stated | Gaussian | means | $\sum_i(x_i-\mu_i)^2/2\sigma^2+\frac D2\log 2\pi\sigma^2$ |
# | real numbers, σ learnt | Gaussian | means, and a $\log\sigma^2$ | the same, and now the second term matters |
# | symbols, grey *levels* | categorical | a logit per symbol | $-\sum_i\log\operatorname{softmax}(\ell_i)_{x_i}$ |
#
# In the second row hides the most common silent bug of all VAEs. Let $D$ be the number of pixels,
# $\mathrm{SSE}=\sum_i(x_i-\mu_i)^2$.
#
# 1. The objective with a stated σ, without its constant: $\;\frac{1}{2\sigma^2}\,\mathrm{SSE}+\mathrm{KL}$.
# 2. A tutorial that *sums* the squared errors minimises $\;\mathrm{SSE}+\mathrm{KL}$. Compare: $\frac1{2\sigma^2}=1$,
#    so $\sigma^2=\frac12$.
# 3. A tutorial that takes Keras' `mse`, a *mean* over the pixels, minimises $\;\frac1D\mathrm{SSE}+\mathrm{KL}$, so …
#    (next exercise).
# 4. The other view: multiply an objective by a positive constant, and its minimum stays where it is. So step 1 is the
#    same as $\;\mathrm{SSE}+2\sigma^2\,\mathrm{KL}$: **σ² is a price**, it says how many squared pixels a nat is
#    worth. In a Gaussian VAE, β and σ² are one knob: only the product $\beta\sigma^2$ moves the optimum.
# 5. And if σ² is learnt (one number for all pixels)? Set the derivative of $\frac{\mathrm{SSE}}{2\sigma^2}+\frac
#    D2\log\sigma^2$ by $\sigma^2$ to zero, $-\frac{\mathrm{SSE}}{2\sigma^4}+\frac{D}{2\sigma^2}=0$: the best σ² is
#    $\mathrm{SSE}/D$, **the mean squared error itself**, averaged over data and draws. The model states its own σ
#    (Rybkin et al., 2021).
#
# **Exercise {exercise: HIDDEN_VARIANCE}.** Step 3 for images of 28 × 28 pixels between 0 and 1, whose reconstruction term is the *mean* of the
# squared errors over the pixels, plus the KL summed over the latents. Which σ² has the author chosen, without knowing
# it?

# %% tags=["exercise"]
# BEGIN SOLUTION
hidden_variance = 784 / 2
# END SOLUTION

# %%
check(exercises.HIDDEN_VARIANCE, hidden_variance)

# %% [markdown]
# A σ of almost 20, for pixels between 0 and 1! Such a decoder expects noise that would bury every image, so no code is
# worth its nats. **Predict** what the following four models of the 8 × 8 digits do; they differ in σ² alone: $D/2=32$
# (the mean), ½ (the sum), 0.01 (stated), and learnt. For the last one we need a layer with one weight:


# %%
class OneVariance(keras.layers.Layer):
    """Adds to the means one learnt log σ², the same for every pixel and image."""

    def build(self, mean_shape):
        self.log_var = self.add_weight(shape=(), initializer=keras.initializers.Constant(-2.6), name="log_var")

    def call(self, mean):
        return mean, self.log_var + ops.zeros_like(mean)


# %% [markdown]
# `build` makes the weights when the first shape is known (this one begins at $e^{-2.6}=0.07$, the variance of the
# pixels), `call` uses them. (To save such a model, register the class and give it a `get_config` if it has arguments.)

# %%
from course_lib import datasets
from course_lib.formulas import gaussian, gaussian_log_prob

digits = datasets.load("digits")
ten_times = np.tile(digits.x_train, (10, 1, 1, 1))


def gaussian_vae(variance):
    keras.utils.set_random_seed(run.seed)
    encoder = networks.dense_gaussian_encoder((8, 8, 1), 8, (128,))
    decoder = networks.dense_decoder(8, (8, 8, 1), (128,))
    if variance is None:
        decoder = keras.Model(decoder.input, OneVariance()(decoder.output))
    likelihood = gaussian_log_prob if variance is None else gaussian(variance)
    vae = VAE(encoder, decoder, likelihood, seed=run.seed)
    vae.compile(keras.optimizers.Adam(0.005))
    vae.fit(ten_times, epochs=7, verbose=0)
    return vae


by_variance = {"32 (mean)": 32.0, "½ (sum)": 0.5, "0.01 (stated)": 0.01, "learnt": None}
models = {name: gaussian_vae(variance) for name, variance in by_variance.items()}

# %% tags=["proof"]
rows, errors = {"real": digits.x_test[:12]}, {}
for name, model in models.items():
    terms = model.evaluate(digits.x_test, return_dict=True)
    z = model.evaluation_sampling(*map(ops.convert_to_tensor, model.encode(digits.x_test)))
    errors[name] = np.mean((model.decode(ops.convert_to_numpy(z)) - digits.x_test) ** 2)
    print(
        f"σ² = {name:14} KL {terms['kl']:5.2f} nats, squared error {errors[name]:.4f} per pixel, loss {terms['loss']:7.1f} nats"
    )
    rows[f"reconstructed, σ² {name}"] = model.reconstruct(digits.x_test[:12])
    rows[f"generated, σ² {name}"] = model.sample(12, seed=3)
learnt = float(np.exp(models["learnt"].decoder.layers[-1].log_var.numpy()))
print(f"the learnt σ² is {learnt:.4f}; digits vary by {digits.x_test.var(axis=0).mean():.4f} per pixel")
plotting.image_rows(rows)
plotting.show(
    alt="Rows of twelve digits, real, reconstructed and generated, for four variances of the likelihood. With the "
    "largest variance every reconstruction is the same grey average; with the small and the learnt one they are "
    "sharp."
)
assert errors["32 (mean)"] > 0.9 * digits.x_test.var(axis=0).mean(), "with the hidden σ² = D/2 the code must be empty"
assert errors["0.01 (stated)"] < errors["½ (sum)"], "a smaller σ² must buy a smaller error"
assert abs(np.log(learnt / errors["learnt"])) < 0.4, "the learnt σ² must be near the model's own squared error"

# %% [markdown]
# With σ² = 32 every reconstruction is the same grey average, the KL is 0, and the squared error is the variance of the
# digits: nothing went through the code. That is called **collapse**. With ½ it is the same, or nearly so: a code is worth some tenths of a
# nat there at best, which a short training may find or miss (the printed KL says which). With 0.01 the model pays many nats for sharp reconstructions. And the
# learnt one decides for itself, and ends near its own squared error, as step 5 says. (Generated images show *means*,
# as usual.)
#
# Two more warnings. The losses in the last column *can* be compared, since each contains its own constant
# $\frac D2\log2\pi\sigma^2$: they are −ELBOs in nats, of the same images in the same unit (negative ones, too: densities may
# exceed 1), and the learnt σ² is the best of the four. Leave the constant out, as `mse` does, and they cannot. And learn *one* σ², not one
# for each pixel: three pixels of these digits are always 0, a decoder hits them exactly, and their density has no upper
# end (lesson {number: the_elbo}).
#
# Are the library's three log-likelihoods the ones of the table? SciPy as the judge:

# %% tags=["proof"]
from scipy import special, stats

from course_lib.formulas import categorical_log_prob

x, generator = digits.x_test[:5], np.random.default_rng(run.seed)
levels = np.rint(x[..., 0] * 16).astype("int32")  # 0 … 16
means, logits = generator.random(x.shape), generator.normal(size=x.shape)
scores = generator.normal(size=(5, 8, 8, 17))  # not normalised: the library must do it
binary = (x > 0.5).astype("float32")
pairs = {
    "Bernoulli": (bernoulli_log_prob(binary, logits), stats.bernoulli(special.expit(logits)).logpmf(binary)),
    "Gaussian, σ² = 0.04": (gaussian(0.04)(x, means), stats.norm(means, 0.2).logpdf(x)),
    "categorical, 17 levels": (
        categorical_log_prob(levels, scores),
        np.take_along_axis(special.log_softmax(scores, axis=-1), levels[..., None], axis=-1),
    ),
}
for name, (ours, scipys) in pairs.items():
    scipys = scipys.reshape(5, -1).sum(axis=1)
    print(f"{name:23} library {float(ours[0]):9.3f}, scipy {scipys[0]:9.3f} nats, for one image")
    assert np.allclose(ours, scipys, rtol=1e-5), "the library's log-likelihoods must be scipy's, summed over the image"

# %% [markdown]
# **Exercise {exercise: LOSS}: the loss.** Now write it, for a Bernoulli decoder and a batch, with NumPy: `x` and `logits` are
# `(batch, pixels)`, `mean` and `log_var` $(=\log\sigma^2)$ are `(batch, latents)`, `beta` is a number. Return *one
# number*, to be minimised. (For logits, $-\log p(x_i\mid
# z)=x_i\operatorname{softplus}(-\ell_i)+(1-x_i)\operatorname{softplus}(\ell_i)$, and `np.logaddexp(0, a)` is softplus
# of `a`.)


# %% tags=["exercise"]
def vae_loss(x, logits, mean, log_var, beta):
    # BEGIN SOLUTION
    reconstruction = np.sum(x * np.logaddexp(0, -logits) + (1 - x) * np.logaddexp(0, logits), axis=-1)
    kl = 0.5 * np.sum(np.exp(log_var) + mean**2 - 1 - log_var, axis=-1)
    return np.mean(reconstruction + beta * kl)
    # END SOLUTION


# %%
check(exercises.LOSS, vae_loss)

# %% [markdown] tags=["deeper"]
# ## Four promises
#
# A training program makes promises that nobody checks. Here are four, each a line of arithmetic, each broken by some
# published code.
#
# 1. *The loss is a mean.* A batch in which every example (and its noise!) occurs twice has the same loss. (A sum over
#    the batch fails.)
# 2. *`evaluate` is the mean over the data set*, also when the last batch is smaller. (A mean of batch means fails: 500
#    = 3 · 128 + 116.)
# 3. *Every weight learns.* One step changes all tensors of both networks. (An encoder that is not part of the graph
#    fails, and the loss falls all the same.)
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

first_draws = vae.sample(3)
with tempfile.TemporaryDirectory() as folder:
    vae.save(Path(folder) / "vae.keras")
    copy = keras.saving.load_model(Path(folder) / "vae.keras")
same = [np.array_equal(a, b) for a, b in zip(vae.encode(x_test), copy.encode(x_test), strict=True)]
same.append(np.array_equal(vae.decode(z_test), copy.decode(z_test)))
print(f"4. means, log-variances, decoded: equal {same};", end=" ")
next_draws, of_the_copy = vae.sample(3), copy.sample(3)
print("next draws of both: equal", np.array_equal(next_draws, of_the_copy), end="; ")
print("first draws of both: equal", np.array_equal(first_draws, of_the_copy))
assert all(same), "a reloaded model must have the same encoder and decoder"

# %% [markdown]
# All kept. One thing is *not* promised: the file keeps the seeds of the random streams and not their state, so the
# copy begins its draws anew, instead of going on. Ask for `sample(n, seed=...)` where a draw must repeat.

# %% [markdown]
# ## Letters
#
# Fireflies are a world of two numbers. Letters are not: four of them, in twelve fonts, turned, shifted, scaled, thick
# and thin. We binarise the images (ink where a pixel is above ½), so that the Bernoulli likelihood is a likelihood;
# for grey values it is none (lesson {number: autoencoders}). First with a code of **two** numbers, which must therefore be a bad
# compromise, but can be looked at completely.

# %%
glyphs = datasets.load("glyphs")
four = [glyphs.class_names.index(letter) for letter in "AMQZ"]
in_train, in_test = np.isin(glyphs.y_train, four), np.isin(glyphs.y_test, four)
letters_train = (glyphs.x_train[in_train] > 0.5).astype("float32")
letters_test, names_test = (glyphs.x_test[in_test] > 0.5).astype("float32"), glyphs.y_test[in_test]


def letter_vae(latent_dim, epochs):
    keras.utils.set_random_seed(run.seed)
    encoder = networks.dense_gaussian_encoder((28, 28, 1), latent_dim, (256, 64))
    decoder = networks.dense_decoder(latent_dim, (28, 28, 1), (64, 256))
    vae = VAE(encoder, decoder, bernoulli_log_prob, seed=run.seed)
    vae.compile(keras.optimizers.Adam(0.002))
    vae.fit(letters_train, epochs=epochs, verbose=0)
    return vae


plane = letter_vae(2, epochs=run.pick(cpu=8, gpu=24))

# %% [markdown] tags=["deeper"]
# ### A map by the quantiles of the prior
#
# A plane can be shown whole: decode a grid of points. But which? A grid from −5 to 5 shows mostly places where the
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
# the images: it is centred at 0, and wider than the prior (its variances are printed; 1 would be exact). Nobody asked the *single* ellipses to look like the prior; each is small. They *tile* it. So, unlike the
# autoencoder of {lesson: the_latent_space}, whose codes could lie anywhere, a draw from the prior lands
# where images have been, or near it. (The rest of the mismatch is paid for in nats, and seen in the samples; lesson {number: rate_distortion_and_beta}
# measures it, and learns a better prior.) The rate is, roughly, the logarithm of how many such tiles fit into the
# prior.
#
# Second question: what does the model generate, all over the prior? Rows and columns of the next figure are the
# quantiles of exercise {exercise: PRIOR_QUANTILES}.

# %%
quantiles = stats.norm.ppf((np.arange(12) + 0.5) / 12)
places = np.stack(np.meshgrid(quantiles, quantiles[::-1]), axis=-1).reshape(-1, 2)  # row by row, from the top
ax = plt.subplots(figsize=(4.7, 4.9), dpi=72, layout="constrained")[1]
plotting.image_grid(plane.decode(places), columns=12, title="generated: equal shares of the prior", ax=ax)
plotting.show(
    alt="A square of twelve by twelve generated letters at the quantiles of the prior. Neighbours are alike, and "
    "letters flow into each other through shapes that are none."
)

# %% [markdown]
# That is the whole generator on one page. Neighbours are alike, letters flow into each other, and between two letters
# stands something that is neither: the decoder is continuous, so a path from an A to a Q must cross a border. Two
# numbers cannot hold letter, font, angle and shift, so the model keeps what saves most nats, and the rest becomes
# blur: the *mean* over all that the code leaves open.

# %% [markdown]
# ### Sixteen numbers
#
# The same program with a code of 16. **Predict:** which of loss, reconstruction, and KL goes down,
# compared with two numbers, and which goes up? And will the *samples* be as good as the *reconstructions*?

# %%
wide = letter_vae(16, epochs=run.pick(cpu=8, gpu=24))
for name, model in (("2 numbers", plane), ("16 numbers", wide)):
    terms = model.evaluate(letters_test, return_dict=True)
    print(
        f"{name:10} loss {terms['loss']:6.1f} = reconstruction {terms['reconstruction']:6.1f} + KL {terms['kl']:5.1f} nats per image"
    )
chosen = np.concatenate([np.flatnonzero(names_test == letter)[:3] for letter in four])
rows = {"real": letters_test[chosen]}
for name, model in (("2", plane), ("16", wide)):
    rows[f"reconstructed, {name}"] = model.reconstruct(letters_test[chosen])
for name, model in (("2", plane), ("16", wide)):
    rows[f"generated, {name}"] = model.sample(len(chosen), seed=4)
plotting.image_rows(rows)
plotting.show(
    alt="Rows of letters: real, reconstructed with codes of 2 and of 16 numbers, generated with either. With 16 "
    "numbers reconstructions keep font and angle; the samples are not as good."
)

# %% [markdown]
# The KL rises several-fold, the reconstruction falls by more. Reconstructions now keep font and angle. Samples are not
# as good, and that is typical: a reconstruction uses a code that an image has *earned*; a draw from the prior in
# sixteen dimensions hits regions between the tiles more often. A sample that is no letter is a fault of the generative
# model, no matter how sharp the reconstructions are. (A GAN, Part III, has sharper samples and no bound at all; which
# is "more real" must be measured, lesson {number: judging_generative_models}.)
#
# What do single numbers of the code do? A **traversal** changes one entry and holds the others. The latents are sorted
# by their mean KL: what a number *costs* is how much it *says*. **Will the last ones do anything?**

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
    "dear numbers change the shape a lot, several things at once; the cheapest changes least."
)
print("mean KL of each latent, sorted / nats:", rates[ranked].round(2))

# %% [markdown]
# Each row is *generated*: an M (its own code in all other entries), with one number going from −2.5 to 2.5. The dear
# numbers change the shape a lot, several things at a time: they are not "rotation", "thickness" and so on. Nothing in
# the loss asks for that. (A rotation of the code, undone in the decoder, leaves the prior and $\log p(x)$ as they are;
# what it does to the bound of a *diagonal* $q$ you will see below. More in lesson {number: rate_distortion_and_beta}.) The cheapest one does least.
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
    "vanish, and there is no double exposure."
)
lengths = np.linalg.norm(
    z_wide := mean + np.exp(0.5 * log_var) * np.random.default_rng(run.seed).standard_normal(mean.shape), axis=1
)
print(f"length of a code: {lengths.mean():.2f} ± {lengths.std():.2f}; of a draw from the prior about √16 = 4")

# %% [markdown]
# Ends are reconstructions of real letters, everything between is generated. Strokes bend, appear and vanish; there is
# no double exposure. In the middle the straight line cuts through the ball: half-way between two draws the length is
# about $4/\sqrt2$, where the prior in sixteen dimensions has little mass. That is one reason why middles of straight
# walks look blander.

# %% [markdown] tags=["deeper"]
# ## The VAE whose optimum is known
#
# Is a VAE that has been trained *as well as possible* a good model? For networks nobody knows the optimum. For one VAE
# we do: linear encoder, linear decoder, a Gaussian likelihood with one learnt σ². Its decoder with the prior is
# probabilistic PCA (lesson {number: latent_variable_models}), whose maximum likelihood is a formula. Three questions. Does the ELBO reach the
# maximum *log-likelihood*, or does the bound cost something? Which σ² does it learn? And its columns: pPCA itself does
# not care about a rotation of its latents (lesson {number: latent_variable_models}), so what will the VAE's columns be?
#
# **The derivation.** $q(z\mid x)=\mathcal N(V(x-\mu),\operatorname{diag} s)$, $p(x\mid z)=\mathcal
# N(Wz+\mu,\sigma^2I)$, and $S$ the covariance of the data, $C=WW^\top+\sigma^2I$.
#
# 1. Gap of one $x$: $\mathrm{KL}\big(q\,\|\,p(z\mid x)\big)$. The posterior is Gaussian, with mean
#    $M^{-1}W^\top(x-\mu)$ and covariance $\sigma^2M^{-1}$, $M=W^\top W+\sigma^2I$ (lesson {number: latent_variable_models}; there $P=M/\sigma^2$): the mean is *linear* in
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
# This oracle is a sharp one: whoever writes a VAE can make it linear, and compare. A KL averaged over the latents, a
# σ² that is none, a missing ½: all of them miss this number. (A VAE that is trained by draws and Adam gets near it, to
# some hundredths of a nat; the library's tests do that.)

# %% [markdown] tags=["deeper"]
# ## Three strangers
#
# Three colleagues have sent you their VAEs for the fireflies. Networks, data, optimiser and steps are the same as
# ours. **Do not read their code yet**; as in life, you begin with what the models *do*. All three losses fall:

# %% tags=["proof"]
strangers, curves = {}, {}
for name in "ABC":
    keras.utils.set_random_seed(run.seed)
    stranger = exercises.stranger(name, *firefly_networks(), bernoulli_log_prob, seed=run.seed)
    stranger.compile(keras.optimizers.Adam(0.005))
    curves[name] = stranger.fit(x_train, epochs=20, verbose=0).history["loss"]
    strangers[name] = stranger
figure, frames = plt.subplots(1, 3, figsize=(9, 2.2), layout="constrained")
for ax, (name, losses), colour in zip(frames, curves.items(), plotting.PALETTE, strict=False):
    ax.plot(np.arange(1, len(losses) + 1), losses, color=colour)
    ax.set(xlabel="epoch", title=f"{name}: ends at {losses[-1]:.2f}")
    ax.xaxis.get_major_locator().set_params(integer=True)
frames[0].set_ylabel("training loss, as reported")
plotting.show(
    alt="Three small panels with the training loss of the strangers A, B and C against the epoch. All three curves "
    "fall."
)
assert all(losses[-1] < losses[0] for losses in curves.values()), "all three losses must fall"

# %% [markdown]
# By its loss, A beats our own model by several nats, and B by a factor of more than fifty. Never trust a loss that you
# have not defined. Ask what you can ask of *any* model that has an encoder and a decoder:

# %% tags=["proof"]
named, rows, bounds = {"ours": vae} | strangers, {"real": x_test[:12]}, {}
for name, model in named.items():
    mean, log_var = model.encode(x_test)
    rate = 0.5 * (mean**2 + np.exp(log_var) - 1 - log_var).sum(axis=1).mean()
    bounds[name] = bound = np.mean([model.elbo(x_test).mean() for _ in range(10)])
    print(
        f"{name:5} honest ELBO {bound:7.2f} = −(reconstruction {-bound - rate:5.2f} + KL {rate:5.2f}) nats;", end="  "
    )
    print(
        f"typical σ {np.exp(0.5 * np.median(log_var)):.3f}, smallest mean {mean.min():6.2f}, largest {mean.max():5.2f}"
    )
    rows[f"reconstructed, {name}"] = model.reconstruct(x_test[:12])
    rows[f"generated, {name}"] = model.sample(12, seed=6)
plotting.image_rows({name: np.reshape(images, (-1, 10, 10)) for name, images in rows.items()})
plotting.show(
    alt="Rows of twelve photographs: real ones, then reconstructed and generated ones of our model and of the "
    "strangers A, B and C, to be compared with the real row."
)
print(f"a model without any code: {-without_code:.2f} nats")
assert max(bounds, key=bounds.get) == "ours", "with honest bounds, every stranger must be worse than our model"
assert bounds["A"] < -without_code, "and the one with the sharpest reconstructions worse than no code at all"

# %%
figure, frames = plt.subplots(1, 4, figsize=(9, 2.7), layout="constrained")
for ax, (name, model) in zip(frames, named.items(), strict=True):
    mean, log_var = model.encode(x_test)
    ax.scatter(*mean.T, s=3, color=plotting.PALETTE[0])
    plotting.covariance_ellipses([[0, 0]], [[1, 1]], radius=2, color=plotting.PALETTE[5], ax=ax)
    plotting.covariance_ellipses(mean[:40], np.exp(log_var[:40]), color="black", ax=ax)
    ax.set(title=name, xlabel="$z_1$", aspect="equal")
frames[0].set_ylabel("$z_2$")
plotting.show(
    alt="Four maps of codes, ours and those of A, B and C: dots for posterior means, black ellipses for single "
    "posteriors, an orange circle for the prior. They fill the prior to very different degrees."
)

# %% [markdown]
# The means of 500 test photographs (dots), forty posteriors (black, two standard deviations), the prior (orange,
# likewise). In which of the maps do the codes fill the prior?
#
# **Exercise {exercise: DIAGNOSES}: the diagnosis.** One cause for each of `"A"`, `"B"`, `"C"`. The candidates: `"no KL"` (it is missing
# in the loss), `"mean over pixels"` (the reconstruction is averaged over pixels, the KL summed), `"mean over latents"`
# (the KL is averaged over the latents), `"ReLU on the mean"`, `"no noise"` (the draw is the mean). Answer with a
# dictionary, `{"A": "…", "B": "…", "C": "…"}`.

# %% tags=["exercise"]
# BEGIN SOLUTION
diagnoses = {"A": "no KL", "B": "mean over pixels", "C": "ReLU on the mean"}
# END SOLUTION

# %%
check(exercises.DIAGNOSES, diagnoses)

# %% [markdown]
# If you have an answer, read their code.

# %%
show(exercises.stranger)

# %% [markdown]
# <details><summary>What happened to each (open after your diagnosis)</summary>
#
# **A** has no KL. Its "loss" is the reconstruction term alone, so of course it is lower. Nothing holds the codes: the
# means run far out, σ goes towards 0, and the rate would cost dozens of nats, if anybody counted it. It has the
# sharpest reconstructions of all, and the prior covers only a corner of its map; most codes lie outside it: an
# autoencoder with a trace of noise, whose honest ELBO can be worse than that of a model *without any code*.
#
# **B** takes Keras' mean over 100 pixels and adds a summed KL. Multiply by 100: reconstruction + 100 · KL. At β = 100
# no message is worth its price: every posterior *is* the prior (the ellipses are its circle), the decoder ignores $z$,
# each generated image is the average photograph. The loss is per pixel, hence the small number.
#
# **C** has a ReLU on the mean. It is the most dangerous one, for its loss is an honest ELBO, only some nats worse. (A unit whose
# means are all 0 may even have died, as ReLUs do: then its σ is near 1, and the loss is some nats worse again.) But
# no mean is below 0 in any entry: three quarters of the prior's plane are known only from the tails of posteriors at
# their edge, and draws from there are smeared.
# </details>
#
# **Exercise {exercise: REPAIR_THE_LOSS}: find the bug.** Repair B's loss, for NumPy arrays: `x`, `logits` `(batch, pixels)`, `mean`, `log_var`
# `(batch, latents)`; β = 1, in nats per image.


# %% tags=["exercise"]
def repaired_loss(x, logits, mean, log_var):
    # BEGIN SOLUTION
    reconstruction = np.sum(x * np.logaddexp(0, -logits) + (1 - x) * np.logaddexp(0, logits), axis=-1)
    # INSTEAD
    # reconstruction = np.mean(x * np.logaddexp(0, -logits) + (1 - x) * np.logaddexp(0, logits), axis=-1)
    # END SOLUTION
    kl = 0.5 * np.sum(np.exp(log_var) + mean**2 - 1 - log_var, axis=-1)
    return np.mean(reconstruction + kl)


# %%
check(exercises.REPAIR_THE_LOSS, repaired_loss)

# %% [markdown]
# ### β in disguise
#
# B is no invention: a mean where a sum belongs is the most frequent bug in published VAEs, and gives a β that its
# author does not know of. To unmask it, multiply the whole loss by a constant (no optimum moves) until the
# reconstruction is *summed over pixels and averaged over images*. What then stands before the summed and averaged KL
# is β.
#
# **Exercise {exercise: WEIGHTS_IN_DISGUISE}.** Images of 784 binary pixels, 16 latents, batches of 128. BCE is the binary cross-entropy of a
# pixel, KL the divergence of a latent. Which β is it?
#
# * (a) BCE averaged over pixels and images + KL summed over latents, averaged over images
# * (b) BCE summed over pixels, averaged over images + KL averaged over latents and images
# * (c) BCE averaged over pixels and images + KL averaged over latents and images
# * (d) 784 × (BCE averaged over pixels and images) + KL summed over latents, averaged over images
# * (e) BCE summed over pixels, averaged over images + KL summed over latents *and images*
#
# Answer with a dictionary of numbers, `{"a": …, "b": …, "c": …, "d": …, "e": …}`.

# %% tags=["exercise"]
# BEGIN SOLUTION
weights = {"a": 784.0, "b": 1 / 16, "c": 784 / 16, "d": 1.0, "e": 128.0}
# END SOLUTION

# %%
check(exercises.WEIGHTS_IN_DISGUISE, weights)

# %% [markdown]
# Is it really "the same optimum"? Train the library's VAE with $\beta=100$ on the proper sums, beside B: two different
# loss functions, one disease.

# %% tags=["proof"]
beta_100 = VAE(*firefly_networks(), bernoulli_log_prob, beta=100.0, seed=run.seed)
beta_100.compile(keras.optimizers.Adam(0.005))
keras.utils.set_random_seed(run.seed)
beta_100.fit(x_train, epochs=5, verbose=0)
for name, model in {"B, mean over pixels": strangers["B"], "summed, β = 100": beta_100}.items():
    mean, log_var = model.encode(x_test)
    rate = 0.5 * (mean**2 + np.exp(log_var) - 1 - log_var).sum(axis=1).mean()
    bound = np.mean([model.elbo(x_test).mean() for _ in range(10)])
    print(f"{name:20} KL {rate:.4f} nats, ELBO {bound:.2f} nats (without a code {-without_code:.2f})")
    assert rate < 0.1, "a mean over 100 pixels must act like β = 100: no message"
    assert bound < -without_code + 0.5, "and the model must be no better than one without a code"

# %% [markdown]
# ### Seven questions to a VAE that you do not know
#
# | question | a healthy answer | else |
# |---|---|---|
# | What is the loss before training? | $D\log2$ (binary), in nats per image | a mean somewhere, or another unit |
# | Is the loss below that of a model without a code? | yes, by nats | collapse, or nothing learnt |
# | What is the KL at the end? | some nats, and the reconstruction repays them | 0: collapse. Dozens of nats, and a poor ELBO: no KL, or a tiny β |
# | What are σ and the means of the codes? | σ between 0 and 1; means on both sides of 0 | σ ≈ 0: no KL; σ = 1: collapse; one side: ReLU |
# | Do all codes together fill the prior? | centred at 0, variance of the order of 1 | samples will be junk |
# | Do means *and variances* of the draws fit? | yes (lesson {number: the_reparameterization_trick}) | no noise, or the wrong noise |
# | Are the images called "samples" drawn from the prior? | yes | they are reconstructions |
#
# And two for the program: does every tensor of the encoder move in a step, and does the *linear* version reach pPCA?

# %% [markdown] tags=["deeper"]
# ## Your own data
#
# What do you want to model? Images, a table, sound, text: the likelihood says what each must look like. Here is one of
# each, written into a temporary folder as you might find them:

# %%
import tempfile
from pathlib import Path

import pandas as pd
from scipy.io import wavfile

temporary = tempfile.TemporaryDirectory()
folder, generator = Path(temporary.name), np.random.default_rng(run.seed)
(folder / "photos").mkdir()
for number, image in enumerate(digits.x_train[:600]):
    keras.utils.save_img(folder / "photos" / f"{number:03}.png", 255 * image, scale=False)
people = {"height": generator.normal(172, 9, 200), "income": generator.normal(30_000, 8_000, 200), "town": "Ulm"}
pd.DataFrame(people).to_csv(folder / "people.csv", index=False)
seconds = np.arange(16_000) / 8000
wavfile.write(folder / "sound.wav", 8000, (12_000 * np.sin(2000 * seconds**2)).astype("int16"))
(folder / "text.txt").write_text("The cat sat on the mat. " * 50, encoding="utf-8")

# %% [markdown]
# Each has a library that reads it well. All four are read, and none is ready. **What is wrong with each?** Ask the
# models:

# %%
photos = keras.utils.image_dataset_from_directory(
    str(folder / "photos"), labels=None, color_mode="grayscale", image_size=(8, 8), seed=run.seed, verbose=False
)
table = pd.read_csv(folder / "people.csv")
rate, sound = wavfile.read(folder / "sound.wav")
text = (folder / "text.txt").read_text(encoding="utf-8")
alphabet, symbols = np.unique(list(text), return_inverse=True)


def small_vae(shape, likelihood, *symbols):
    networks_of_it = (
        networks.dense_gaussian_encoder(shape, 4, (64,)),
        networks.dense_decoder(4, (*shape, *symbols), (64,)),
    )
    return VAE(*networks_of_it, likelihood, seed=run.seed)


keras.utils.set_random_seed(run.seed)
of_images, of_people = small_vae((8, 8, 1), bernoulli_log_prob), small_vae((2,), gaussian(0.1))
of_sound, of_text = small_vae((64,), gaussian(0.1)), small_vae((24,), categorical_log_prob, len(alphabet))

# %% tags=["proof"]
found = {
    "photos": (of_images, photos),
    "people": (of_people, table),
    "sound": (of_sound, sound.reshape(-1, 64)),
    "text": (of_text, [text[begin : begin + 24] for begin in range(0, len(text), 24)]),
}
refused = {}
keras.utils.set_random_seed(run.seed)
for name, (model, x) in found.items():
    try:
        model.fit(x, verbose=0)
    except ValueError as error:
        refused[name] = str(error)
        print(f"{name}: {error}\n")
assert set(refused) == set(found), "what does not fit must be refused before anything is trained"

# %% [markdown]
# Bytes, a column of words, 16-bit numbers, characters. Each sentence ends in its repair; in your own case, follow it. (In a pipeline
# that is `map`. A table is standardised with the mean and the deviation of its *training* rows.)

# %%
columns = table[["height", "income"]]
ready = {
    "people": (of_people, (columns - columns.mean()) / columns.std()),
    "sound": (of_sound, sound.reshape(-1, 64).astype("float32") / 32768),
    "text": (of_text, symbols.reshape(-1, 24)),
}
for name, (model, x) in ready.items():
    print(f"{name:6} {x.shape[0]:3} examples, ELBO before training {model.elbo(x).mean():7.1f} nats")
of_images.compile(keras.optimizers.Adam(0.005))
keras.utils.set_random_seed(run.seed)
of_images.fit(photos.map(lambda x: x / 255), epochs=15, verbose=0)
rows = {"real": digits.x_train[:12], "generated": of_images.sample(12, seed=1)}
plotting.image_rows(rows)
plotting.show(
    alt="Two rows of twelve images: real digits, and generated ones from a model trained for a few seconds, rough, "
    "on the way to digits."
)

# %% [markdown]
# (Four kinds of data, four units: these bounds are not to be compared.) The folder of images has trained for a second or so: rough, but on the way to digits. The README's page "Your own
# data" has these four as recipes to copy, and says what to do with pairs, labels, weights, and data larger than memory.

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
# <details><summary><b>3.</b> A model has three outputs, reconstruction, μ and log σ², and is compiled with `mse` for each and zeros as targets of the last two. Is that a VAE?</summary>
#
# No. $\frac12(\mu^2+\sigma^2-1-\log\sigma^2)$ is about $\frac12\mu^2+\frac14(\log\sigma^2)^2$ near 0: squares, so it
# looks similar. But the weights are wrong (1 and 1, and a mean over the latents), far from 0 it is a different
# function, and a mean over pixels beside it. Mostly it collapses. And is there a draw at all?
# </details>
#
# <details><summary><b>4.</b> In a VAE class, `call` makes `Dense(latent_dim)(h)` for log σ² anew. It runs, eagerly. What is wrong, and which test finds it?</summary>
#
# A layer that is created in `call` is a new, random one in each call; it is never trained. "Two passes differ" is
# satisfied by it! Count the trainable tensors (two are missing), or ask promise 3: does every tensor of the encoder
# move?
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
# * **derived** that a likelihood *is* the loss, that a mean squared error hides σ² = D/2, and that a learnt σ² is the
#   mean squared error;
# * **written** the loss (sum over the event, mean over the batch), **trained** VAEs on fireflies and letters, and kept
#   samples and reconstructions apart;
# * **proved** ELBO ≤ importance-weighted bound ≤ exact log p on a world whose truth you knew, and that a linear VAE
#   reaches probabilistic PCA and finds its axes;
# * **mapped** a plane by quantiles, seen the aggregated posterior tile the prior, and walked through sixteen
#   dimensions;
# * **diagnosed** a missing KL, a mean for a sum and a ReLU by what they do, and unmasked five weights;
# * **brought** images, a table, sound and text to a model, and read what it says where they do not fit.
#
# How do the parts become one model that generates? *Prior and decoder are the model. The encoder is there so that a
# bound can be climbed, and the bound makes codes of data and draws of the prior the same crowd.*
#
# **Go further.** (1) Train the letter models for 100 and 200 epochs (minutes); watch the gap between
# `evaluate(letters_train)` and `evaluate(letters_test)`: when does the wide one begin to over-fit? (2) Train the
# digits with the categorical likelihood: levels `np.rint(16 * x)` as integers of shape `(n, 8, 8)`, a decoder that
# ends in `Dense(64 * 17)` and `Reshape((8, 8, 17))`, an encoder that begins with `Rescaling(1/16)`. Its ELBO is a true
# log-probability of the file: compare it with 64 log 17. (3) Let two fireflies hang in the night. Which posteriors
# does one Gaussian per photograph fail on now?
#
# **References.** Kingma & Welling (2014), *Auto-encoding variational Bayes*, arXiv:1312.6114 (first version 20
# December 2013). · Rezende, Mohamed & Wierstra (2014), *Stochastic backpropagation and approximate inference in deep
# generative models*, arXiv:1401.4082. · Kingma & Welling (2019), *An introduction to variational autoencoders*,
# arXiv:1906.02691. · Tipping & Bishop (1999), *Probabilistic principal component analysis*, J. R. Stat. Soc. B 61. ·
# Burda, Grosse & Salakhutdinov (2016), *Importance weighted autoencoders*, arXiv:1509.00519. · Lucas, Tucker, Grosse &
# Norouzi (2019), *Don't blame the ELBO! A linear VAE perspective on posterior collapse*, arXiv:1911.02469. · Rybkin,
# Daniilidis & Levine (2021), *Simple and effective VAE training with calibrated decoders*, arXiv:2006.13202. ·
# Loaiza-Ganem & Cunningham (2019), *The continuous Bernoulli*, arXiv:1907.06845. · Mattei & Frellsen (2018),
# *Leveraging the exact likelihood of deep latent variable models*, arXiv:1802.04826. · Locatello et al. (2019),
# *Challenging common assumptions in the unsupervised learning of disentangled representations*, arXiv:1811.12359. ·
# Ghosh et al. (2020), *From variational to deterministic autoencoders*, arXiv:1903.12436.
