# ---
# jupyter:
#   course:
#     part: "Part I · Autoencoders"
#     question: "What keeps a code that is wider than the data from copying?"
# ---

# %% [markdown]
# # Codes that are too wide: what keeps an over-complete code from copying?
#
# **The question.** Give an autoencoder a code with more numbers than the image has pixels, and it can copy: the error
# is small, also on new images, and the code says nothing about the data. What holds such a code in check?
#
# In this lesson you will
#
# * **see** a network that copies, and catch it by what it does to noise;
# * **derive** in one line each what weight decay and noise do to one direction of the data, and find both in trained
#   layers;
# * **write** a denoising autoencoder in Keras, and the penalty of a contractive one;
# * **compare** five networks, each with the twin that lacks only the thing named;
# * deeper: **prove** it for matrices, and **repair** a penalty that depends on the size of the batch.
#
# *To know before:* {lesson: autoencoders} (principal axes and their variances) and {lesson: regularised_autoencoders}
# (weight decay, noise, twins). Derivatives, variances; for the deeper sections matrices, traces and eigenvectors.
# *Time:* {times}; about 30 seconds to run on two CPU cores. A GPU is not needed.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## More numbers than pixels
#
# Digits of 64 pixels, and a code of **128** numbers: it is **over-complete**. Encoder and decoder have one layer each,
# the code is $z = \max(0, W x + b)$ (ReLU). All networks of this lesson come from the next two functions. Where the call
# says nothing else, they have the same start, the same 1,000 steps of 128 images and the same learning rate, which falls
# to zero along a cosine.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers, ops

from course_lib import datasets, plotting
from course_lib.models import Autoencoder

digits = datasets.load("digits")
x, held_out = (part.reshape(-1, 64) for part in (digits.x_train, digits.x_validation))


def autoencoder(penalty=None, decay=(0.0, 0.0), noise=0.0, width=128, activation="relu"):
    keras.utils.set_random_seed(run.seed)
    of_encoder, of_decoder = map(keras.regularizers.L2, decay)
    noisy, code = layers.GaussianNoise(noise, seed=1), layers.Dense(width, activation, kernel_regularizer=of_encoder)
    encoder = keras.Sequential([keras.Input((64,)), noisy, code])
    decoder = keras.Sequential([keras.Input((width,)), layers.Dense(64, kernel_regularizer=of_decoder)])
    return Autoencoder(encoder, decoder, penalty=penalty)


def train(model, steps=1000, rate=3e-3, batch=128):
    keras.utils.set_random_seed(run.seed)
    images = np.resize(x, (steps * batch, 64))  # the images, over and over
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(rate, steps)), jit_compile=False)
    model.fit(images, epochs=1, batch_size=batch, verbose=0)
    return model


# %% [markdown]
# How do we find out whether a network copies? Hand it something that should *not* come back: noise. Let $\varepsilon$
# be noise on the image $x$, and $f$ the network. The **noise handed back** is
#
# $$\frac{\langle f(x + \varepsilon) - f(x),\, \varepsilon \rangle}{\|\varepsilon\|^2} ,$$
#
# summed above and below over all images: 1 for a network that copies, 0 for one that does not care. **Guess** it for
# our network.

# %% tags=["proof"]
sigma = 0.3
noise = (sigma * np.random.default_rng(run.seed).normal(size=held_out.shape)).astype("float32")


def measured(model):
    clean, noisy = model.reconstruct(held_out), model.reconstruct(held_out + noise)
    errors = [np.square(answer - held_out).mean() for answer in (clean, noisy)]
    handed_back = np.sum((noisy - clean) * noise) / np.sum(noise**2)
    return *errors, handed_back, np.mean(model.encode(held_out) > 0)


copying = train(autoencoder())
on_clean, on_noisy, handed_back, _ = measured(copying)
print(f"held-out digits: error {on_clean:.5f} per pixel, of a variance of {held_out.var(axis=0).mean():.4f}")
print(f"the same with noise: error {on_noisy:.4f} from the clean digit (doing nothing: {sigma**2:.4f})")
print(f"noise handed back: {handed_back:.0%}")
assert on_clean < 0.003, "a code of 128 numbers must be able to copy 64 pixels"
assert handed_back > 0.5, "and must hand back most of the noise"

# %%
rows = {"real": held_out, "with noise": held_out + noise, "handed back": copying.reconstruct(held_out + noise)}
plotting.image_rows({name: images[:10].reshape(-1, 8, 8).clip(0, 1) for name, images in rows.items()})
plotting.show(
    alt="Three rows of ten digits: real ones, the same with noise, and what the network makes of the noisy ones: most of "
    "the noise is still there."
)

# %% [markdown]
# On held-out digits the error is tiny: not over-fitted at all. And yet it has learnt next to nothing about digits:
# most of the noise comes back. On the pixels that digits use it has come close to the identity, and the identity
# generalises. **A small held-out error is not the goal.** We want a network that gives back digits and *not the rest*.
#
# ## One direction at a time
#
# What do the cures do? Look at a *linear* network, and turn the coordinates to the principal axes: along axis $j$ the
# (centred) data are numbers $x$ of variance $\lambda_j$. There the network answers $a$ times what it sees, with the
# **gain** $a$. Copying is $a = 1$.
#
# **Noise.** It sees $x + \varepsilon$, with noise of variance $\sigma^2$, and should answer $x$. **Exercise
# {exercise: BEST_GAIN}.** Let $\lambda_j = 0.16$ and $\sigma = 0.3$. Which gain has the smallest expected squared
# error?

# %% tags=["exercise"]
# BEGIN SOLUTION
best_gain = 0.16 / (0.16 + 0.3**2)
# END SOLUTION

# %%
from course_lib.exercises import check
from course_lib.exercises import codes_that_are_too_wide as exercises

check(exercises.BEST_GAIN, best_gain)

# %% [markdown]
# In general: $x - a(x + \varepsilon) = (1 - a) x - a \varepsilon$, and the two parts are uncorrelated, so the error is
#
# $$(1 - a)^2 \lambda_j + a^2 \sigma^2, \qquad \text{smallest at}\quad a_j = \frac{\lambda_j}{\lambda_j + \sigma^2} .$$
#
# This is the **Wiener filter** (Wiener, 1949): each direction is turned down by the noise's *share* of what is seen.
#
# **Weight decay.** The gain is a product of two weights, $a = w_2 w_1$, and costs $\lambda (w_1^2 + w_2^2)$ ($\lambda$
# without an index is the strength). Because $(|w_1| - |w_2|)^2 \ge 0$ that is at least $2\lambda |a|$, and exactly
# that where the two are equally large. So training minimises
#
# $$(1 - a)^2 \lambda_j + 2 \lambda |a|, \qquad \text{smallest at}\quad a_j = \max\Big(0,\; 1 - \frac{\lambda}{\lambda_j}\Big) .$$
#
# (For $a > 0$ the derivative is $-2\lambda_j(1 - a) + 2\lambda$.) Draw both, for a direction with much variance and
# one with little:

# %%
a, decay = np.linspace(-0.2, 1.1, 261), 0.03
costs = {"noise": lambda variance: (1 - a) ** 2 * variance + a**2 * sigma**2}
costs["weight decay"] = lambda variance: (1 - a) ** 2 * variance + 2 * decay * np.abs(a)
_, frames = plt.subplots(1, 2, figsize=(8, 2.8), sharey=True, layout="constrained")
for frame, (name, cost) in zip(frames, costs.items(), strict=True):
    for variance, colour in zip((0.16, 0.02), plotting.PALETTE, strict=False):
        lowest = cost(variance).argmin()
        frame.plot(a, cost(variance), color=colour, label=f"variance {variance}")
        frame.plot(a[lowest], cost(variance)[lowest], "o", color=colour)
    frame.set(title=name, xlabel="gain $a$")
frames[0].set_ylabel("expected cost")
frames[1].legend(frameon=False)
plotting.show(
    alt="Cost against gain. With noise, both curves are parabolas whose lowest points lie between 0 and 1, lower for the "
    "direction of small variance. With weight decay the curve has a kink at 0, and for small variance the kink is "
    "its lowest point."
)

# %% [markdown]
# Noise gives smooth valleys: no gain is ever 0. Weight decay has a *kink* at 0, and for a direction with a variance
# below $\lambda$ the kink is the lowest point: the direction is switched off. **An over-complete code with weight
# decay makes its own bottleneck.** (That the directions really do not mix is proved in the deeper section.)
#
# **Exercise {exercise: DIRECTIONS_LEFT}.** A linear network with a code of 64 numbers and $\lambda = 0.03$: how many
# of the 64 directions of our digits (`x`) stay on? `principal_variances` from `course_lib.exact` gives the
# $\lambda_j$.

# %% tags=["exercise"]
# BEGIN SOLUTION
from course_lib.exact import principal_variances

directions_left = int(np.sum(principal_variances(x) > 0.03))
# END SOLUTION

# %%
check(exercises.DIRECTIONS_LEFT, directions_left)

# %% [markdown]
# Now train two such networks, with `Dense` layers, biases, Adam and mini-batches, which know nothing of principal
# axes. Lines: theory; markers: the gains that were learnt.

# %% tags=["proof"]
covariance = np.cov(x.T.astype("float64"), bias=True)
variances, axes = np.linalg.eigh(covariance)
kinds = {"weight decay": {"decay": (decay, decay)}, "denoising": {"noise": sigma}}
theory = {
    "weight decay": np.maximum(0, 1 - decay / variances.clip(1e-12)),
    "denoising": variances / (variances + sigma**2),
}
kernels, gains = {}, {}
for name, options in kinds.items():
    model = train(autoencoder(width=64, activation=None, **options), steps=800, rate=0.02, batch=256)
    kernels[name] = [ops.convert_to_numpy(part.layers[-1].kernel) for part in (model.encoder, model.decoder)]
    gains[name] = np.sum(axes * ((kernels[name][0] @ kernels[name][1]).T @ axes), axis=0)
ax = plotting.curves({"bottleneck of 8": np.arange(64) >= 56, **theory}, "variance of the direction", "gain", variances)
for (name, learnt), marker, colour in zip(gains.items(), "xo", plotting.PALETTE[1:], strict=False):
    off = np.abs(learnt - theory[name])
    ax.plot(variances, learnt, marker, color=colour, markersize=4, label=f"{name}, learnt")
    print(f"{name}: largest difference of a learnt gain from theory {off.max():.3f}")
    assert off.max() < 0.1, f"{name} must have the gains of theory"
ax.set(xscale="log", xlim=(1e-3, 1))
ax.legend(frameon=False, fontsize=8)
plotting.show(
    alt="Gain of a direction against its variance on a logarithmic axis. A bottleneck is a step from 0 to 1, weight decay is "
    "0 up to a threshold and then rises, denoising rises smoothly everywhere; the markers of trained networks lie on the "
    "curves."
)

# %% [markdown]
# Three ways to be less than the identity. A **bottleneck** keeps a direction whole or loses it whole. **Weight decay**
# cuts small directions and shrinks the rest. **Denoising** shrinks all, the small ones most.
#
# ## Denoising
#
# A network that is not linear can do better than a gain for each axis (Vincent et al., 2008). The best possible answer
# to a noisy $\tilde x$ is the average of all clean images that it may have come from. If the data are $n$ points, that
# is exactly
#
# $$\hat x(\tilde x) = \sum_i w_i\, x_i, \qquad w_i \propto \exp\!\Big(\!-\frac{\|\tilde x - x_i\|^2}{2\sigma^2}\Big) .$$
#
# Draw it for points on a curve: an arrow from each $\tilde x$ to its answer.

# %% tags=["proof"]
from scipy.special import logsumexp, softmax

angles = np.linspace(0, 1.5 * np.pi, 60)
points, width = np.stack([np.cos(angles), np.sin(angles)], axis=1), 0.25


def exponents(seen):
    return -np.square(seen[:, None] - points).sum(axis=2) / (2 * width**2)


grid = np.stack(np.meshgrid(*[np.linspace(-1.5, 1.5, 11)] * 2), axis=-1).reshape(-1, 2)
arrows = softmax(exponents(grid), axis=1) @ points - grid
ax = plt.subplots(figsize=(4.5, 4.5), layout="constrained")[1]
ax.quiver(*grid.T, *arrows.T, angles="xy", scale_units="xy", scale=1, width=0.004, color=plotting.PALETTE[1])
ax.plot(*points.T, "o", color=plotting.PALETTE[0], markersize=4)
ax.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
plotting.show(
    alt="Points on three quarters of a circle, and arrows from a grid of places to the best denoised answer. From outside "
    "they end on or near the curve, the longer the further away; near the centre, where points lie on all sides, they are short."
)
step = 1e-5 * np.eye(2)
slopes = [logsumexp(exponents(grid + e), axis=1) - logsumexp(exponents(grid - e), axis=1) for e in step]
by_differences = np.transpose(slopes) / 2e-5
print(
    f"largest difference of arrow / variance from the slope of log p: {np.abs(arrows / width**2 - by_differences).max():.1e}"
)
assert np.allclose(arrows / width**2, by_differences, atol=1e-4), "arrow = σ² times the slope of the log-density"

# %% [markdown]
# A denoiser pulls what it sees back to the data: it has to know *where the data are*. More precisely, each arrow is
# $\sigma^2$ times the slope of the log-density of the noisy data, the **score**; the cell has checked it by finite
# differences (Vincent, 2011; Alain & Bengio, 2014). Diffusion models are built on this.
#
# **Exercise {exercise: DENOISER}.** Write a denoising autoencoder as a Keras model. `call` passes the image through
# noise (a layer that acts in training only), encoder and decoder. `compute_loss` gets the *clean* `x` and what `call`
# returned, `y_pred`: return the squared error, summed over the pixels of an image, averaged over the batch. The check
# trains your class on Gaussian data and compares it with the Wiener filter.


# %% tags=["exercise"]
class Denoiser(keras.Model):
    def __init__(self, encoder, decoder, sigma):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.noise = layers.GaussianNoise(sigma)

    def call(self, x, training=None):
        # BEGIN SOLUTION
        return self.decoder(self.encoder(self.noise(x, training=training)))
        # END SOLUTION

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        # BEGIN SOLUTION
        return ops.mean(ops.sum(ops.square(x - y_pred), axis=-1))
        # END SOLUTION


# %%
check(exercises.DENOISER, Denoiser)

# %% [markdown]
# The library needs no new class for it: the noise layer stands first in the encoder, and the target is the model's
# input *before* that layer.

# %%
denoising = train(autoencoder(noise=sigma))
rows = {"with noise": held_out + noise, "copying": copying.reconstruct(held_out + noise)}
rows |= {"denoising": denoising.reconstruct(held_out + noise), "real": held_out}
plotting.image_rows({name: images[:10].reshape(-1, 8, 8).clip(0, 1) for name, images in rows.items()})
plotting.show(
    alt="Rows of ten digits: with noise, handed back by the copying network, cleaned by the denoising one, and real. The "
    "denoising network removes nearly all of the noise."
)

# %% [markdown]
# One hands the noise back, the other removes most of it: same layers, same start, another task.
#
# ## Few active units
#
# A **sparse** code describes each image by a *few* of its many units. The usual penalty is **L1**, $\sum_j |z_j|$ (Tibshirani, 1996):
# near zero it keeps pulling with the same force (the kink again), so that many entries end at exactly 0. But a penalty
# on the code alone can be dodged:

# %% tags=["proof"]
from course_lib.formulas import penalties
from course_lib.training import to_numpy

dodging = autoencoder()
w, b, v, c = copying.get_weights()
dodging.set_weights([w / 1000, b / 1000, 1000 * v, c])
price = {}
for name, model in {"as trained": copying, "code divided by 1,000": dodging}.items():
    price[name] = to_numpy(penalties.l1(model.encode(held_out))).mean()
    print(f"{name:22} L1 {price[name]:8.4f} per image    error {measured(model)[0]:.6f} per pixel")
same = np.allclose(copying.reconstruct(held_out), dodging.reconstruct(held_out), atol=1e-4)
assert same, "both must answer alike"
assert price["code divided by 1,000"] < price["as trained"] / 900, "and the price must be a thousandth"

# %% [markdown]
# One and the same network at a thousandth of the price: the code is small and the decoder makes it large again. So the
# decoder's scale has to be limited, too: here by weight decay on the decoder. And since that is a second change, the
# twin of the sparse network is the one *with* this decay and without L1.

# %%
networks = {"copying": copying, "denoising": denoising, "decoder decay": train(autoencoder(decay=(0, 0.01)))}
networks["L1 + decoder decay"] = train(autoencoder(penalties.L1(0.05), decay=(0, 0.01)))
pictures = {}
for name in ("decoder decay", "L1 + decoder decay"):
    active = np.mean(networks[name].encode(held_out) > 0)
    print(f"{name:18}: {active:.0%} of the 128 units active for an image")
    most = networks[name].encode(held_out).mean(axis=0).argsort()[::-1][:12]
    kernel = to_numpy(networks[name].decoder.layers[-1].kernel)[most]
    pictures[name] = (0.5 + 0.5 * kernel / np.abs(kernel).max(axis=1, keepdims=True)).reshape(-1, 8, 8)
plotting.image_rows(pictures)
plotting.show(
    alt="Two rows of twelve small pictures, what the twelve most active units add to an image, dark for ink and light for less "
    "ink. Without L1 they look like noise; with L1 like pieces of strokes."
)

# %% [markdown]
# Each picture is what one unit adds to an image (dark: ink, light: less ink). With L1 an image is put together from
# fewer units. (Today such codes, of up to millions of units, are used to look for concepts inside language models;
# Gao et al., 2024.)

# %% [markdown] tags=["deeper"]
# ### The strength must not depend on the batch
#
# A colleague's loss with an L1 penalty, for one network and one strength. Only the number of images differs that are
# handed over together:


# %%
def colleagues_loss(x, reconstruction, codes, weight):
    errors = np.sum((x - reconstruction) ** 2, axis=1)
    return np.mean(errors) + weight * np.sum(np.abs(codes))


rebuilt, codes = copying.reconstruct(x), copying.encode(x)
for size in (32, 64, 128, 256):
    print(f"batch of {size:3d}: loss {colleagues_loss(x[:size], rebuilt[:size], codes[:size], 0.05):7.2f}")

# %% [markdown]
# The loss doubles with the batch, and so does the pull on the codes: another batch size would be another penalty.
# **Exercise {exercise: REPAIRED_LOSS}: find the bug.** Repair the function.


# %% tags=["exercise"]
def repaired_loss(x, reconstruction, codes, weight):
    errors = np.sum((x - reconstruction) ** 2, axis=1)
    # BEGIN SOLUTION
    return np.mean(errors + weight * np.sum(np.abs(codes), axis=1))
    # INSTEAD
    # return np.mean(errors) + weight * np.sum(np.abs(codes))
    # END SOLUTION


# %%
check(exercises.REPAIRED_LOSS, repaired_loss)

# %% [markdown]
# The bug is real: the `activity_regularizer` of Keras layers sums over the batch in Keras 3.13 and divides by its size
# in 3.15, so one script trains two models. The library refuses it; its penalties return one value per image. The test:
# a batch with every image twice costs the same.

# %% tags=["proof"]
encoder, batch = networks["L1 + decoder decay"].encoder, held_out[:100]
twice = np.repeat(batch, 2, axis=0)
for penalty in (penalties.L1(0.05), penalties.L2(0.05), penalties.Contractive(0.1)):
    one, two = (to_numpy(penalty(encoder, images, encoder(images))).mean() for images in (batch, twice))
    print(f"{penalty!r:18} {one:9.5f}    every image twice {two:9.5f}")
    assert abs(one / two - 1) < 1e-4, "repeating every example must leave a penalty unchanged"
one, two = (float(keras.regularizers.L1(0.05)(encoder(images))) for images in (batch, twice))
print(f"Keras' L1, bare    {one:9.5f}    every image twice {two:9.5f}")

# %% [markdown]
# ## React to little
#
# The last idea (Rifai et al., 2011): a small change $\delta$ of the image changes the code by $J\delta$, with the
# **Jacobian** $J_{ji} = \partial z_j / \partial x_i$. The **contractive** autoencoder pays for
# $\|J\|_F^2 = \sum_{j,i} J_{ji}^2$: let the code react to as little as possible; the reconstruction error decides to
# what. (Small noise of variance $\sigma^2$ moves the code by a squared distance of $\sigma^2 \|J\|_F^2$ on average, so
# this is a close relative of denoising.)
#
# In general this needs derivatives inside the loss. For one layer it is a formula: the slope of unit $j$ times its
# weights $w_j$. A ReLU has slope 1 where it is active, else 0, so $\|J\|_F^2$ is the sum of $\|w_j\|^2$ over the
# *active* units.


# %%
def contraction(encoder, x, codes):
    lengths = ops.sum(ops.square(encoder.layers[-1].kernel), axis=0)  # ‖w_j‖², one for each unit
    return 0.1 * ops.sum(ops.cast(codes > 0, "float32") * lengths, axis=-1)


networks["contraction + decoder decay"] = train(autoencoder(contraction, decay=(0, 0.01)))

# %% [markdown]
# Is the formula right? Two witnesses: the library's, which differentiates any encoder, and finite differences in
# float64, which know no derivatives.

# %% tags=["proof"]
from course_lib.formulas import squared_jacobian_norm

encoder, images, tiny = networks["contraction + decoder decay"].encoder, held_out[:20], 1e-6
kernel, bias = (to_numpy(each).astype("float64") for each in encoder.layers[-1].weights)


def code_in_float64(images):
    return np.maximum(0, images.astype("float64") @ kernel + bias)


moved = [(code_in_float64(images + tiny * e) - code_in_float64(images - tiny * e)) / (2 * tiny) for e in np.eye(64)]
by_differences = np.square(moved).sum(axis=(0, 2))
by_formula = to_numpy(contraction(encoder, images, encoder(images))) / 0.1
by_the_library = to_numpy(squared_jacobian_norm(encoder, images))
for name, values in {"formula": by_formula, "library": by_the_library, "differences": by_differences}.items():
    print(f"{name:12} first three images {values[:3].round(4)}")
    assert np.allclose(values, by_differences, rtol=1e-3), f"the {name} must be the squared norm of the Jacobian"

# %% [markdown]
# **Exercise {exercise: CONTRACTION}.** Write the penalty for an encoder of one *sigmoid* layer, as in the paper:
# $\|J\|_F^2$ for each image, shape `(n,)`, without a strength. `codes` are the outputs of the sigmoid,
# `encoder.layers[-1].kernel` has shape `(pixels, units)`. (The slope of $s = 1 / (1 + e^{-t})$ is $s (1 - s)$.)


# %% tags=["exercise"]
def my_contraction(encoder, x, codes):
    # BEGIN SOLUTION
    slopes = codes * (1 - codes)
    lengths = ops.sum(ops.square(encoder.layers[-1].kernel), axis=0)
    return ops.sum(ops.square(slopes) * lengths, axis=-1)
    # END SOLUTION


# %%
check(exercises.CONTRACTION, my_contraction)

# %% [markdown]
# ## Each beside its twin
#
# Now all networks together. **Exercise {exercise: TWINS}.** First, who is compared with whom?
# All runs have the same start and data.
#
# | run | penalty or noise | decoder decay | steps |
# | --- | --- | --- | --- |
# | A | none | no | 1,000 |
# | B | none | yes | 1,000 |
# | C | L1 | yes | 1,000 |
# | D | L1 | yes | 2,000 |
# | E | noise | no | 1,000 |
# | F | noise | yes | 1,000 |
#
# For each claim, name the run that the one in brackets must be compared with: `"L1"` (C), `"noise"` (E), `"noise under
# decay"` (F), `"decay under noise"` (F), `"steps"` (D). Answer with a dictionary, `{"L1": "…", "noise": "…", …}`, of these five.

# %% tags=["exercise"]
# BEGIN SOLUTION
twins = {"L1": "B", "noise": "A", "noise under decay": "B", "decay under noise": "E", "steps": "C"}
# END SOLUTION

# %%
check(exercises.TWINS, twins)

# %% [markdown]
# **Your ranking**: who hands back least noise, and whose answer to a noisy digit is nearest to the clean one? (The
# Wiener filter is the best *linear* answer.)

# %% tags=["proof"]
networks["weight decay, both"] = train(autoencoder(decay=(0.01, 0.01)))
twin_of = {"weight decay, both": "copying", "denoising": "copying", "decoder decay": "copying"}
twin_of |= {"L1 + decoder decay": "decoder decay", "contraction + decoder decay": "decoder decay"}
table = {name: measured(networks[name]) for name in ("copying", *twin_of)}
print(f"{'':27} clean  noisy → clean  handed back  units active  twin")
for name, (clean, cleaned, back, active) in table.items():
    print(f"{name:27} {clean:.4f}{cleaned:14.4f}{back:13.2f}{active:14.0%}  {twin_of.get(name, '')}")
wiener, mean = covariance @ np.linalg.inv(covariance + sigma**2 * np.eye(64)), x.mean(axis=0)
filtered = np.square(mean + (held_out + noise - mean) @ wiener.T - held_out).mean()
print(f"{'Wiener filter':27} {'':6}{filtered:14.4f}\n{'doing nothing':27} 0.0000{sigma**2:14.4f}{1:13.2f}")
for name, twin in twin_of.items():
    assert table[name][2] < 0.87 * table[twin][2], f"{name} must hand back less noise than its twin"
    assert table[name][0] > table[twin][0], f"{name} must rebuild clean digits less well than its twin"
for name in ("weight decay, both", "denoising", "contraction + decoder decay"):
    assert table[name][1] < 0.7 * table[twin_of[name]][1], f"{name} must clean noisy digits better than its twin"
assert table["L1 + decoder decay"][1] > 0.85 * table["decoder decay"][1], "and L1 must not, by much"
assert table["L1 + decoder decay"][3] < 0.6 * table["decoder decay"][3], "what L1 buys must be few active units"
assert table["denoising"][1] < filtered, "the non-linear denoiser must beat the best linear one"

# %%
_, frames = plt.subplots(1, 2, figsize=(9, 2.8), sharey=True, layout="constrained")
names, colours = list(table), [plotting.PALETTE[twin_of.get(name) == "decoder decay"] for name in table]
for frame, column, label in zip(frames, (1, 2), ("noisy → clean: error / per pixel", "noise handed back"), strict=True):
    frame.barh(names, [table[name][column] for name in names], color=colours)
    frame.set(xlabel=label)
frames[0].axvline(filtered, color="0.4", linestyle=":")
frames[0].text(filtered, -0.7, "Wiener filter", ha="center", fontsize=8)
frames[0].invert_yaxis()
plotting.show(
    alt="Bars for six networks: error on noisy digits, and noise handed back. Copying is worst in both; denoising and "
    "contraction are best in both; L1 hands back much less noise than decoder decay, at nearly the same error."
)

# %% [markdown]
# (Orange: the twin is *decoder decay*, not *copying*.) By the table's first column alone you would choose the network
# that copies. Beside its twin, every one hands back less noise, and pays with the error on clean digits. Denoising is
# best at what it was trained for, and beats the best linear filter; contraction comes close without ever having seen
# noise.
#
# And L1? It hands back much less noise, yet its answers are no nearer to the clean digit. What it buys is
# something else: few active units. **Measure the property that you wanted, beside the twin without it.**

# %% [markdown] tags=["deeper"]
# ## The directions do not mix: the proof
#
# (Kunin et al., 2019.) Let the data be centred with covariance $C = \sum_j \lambda_j v_j v_j^\top$, the code as wide
# as the data, and
#
# $$L(W_1, W_2) = \frac1n \sum_i \|x_i - W_2 W_1 x_i\|^2 + \lambda \left( \|W_1\|_F^2 + \|W_2\|_F^2 \right),$$
#
# where $\|W\|_F^2$ is the sum of all squared entries. Write $A = W_2 W_1$ and $a_j = v_j^\top A v_j$.
#
# *The error, by direction.* A vector is at least as long as its component along $v_j$, so
#
# $$\frac1n \sum_i \|(I - A) x_i\|^2 = \sum_j \lambda_j \|(I - A) v_j\|^2 \ge \sum_j \lambda_j (1 - a_j)^2 .$$
#
# *The price, by direction.* With $V$ the matrix of all $v_j$ and $S$ the diagonal matrix of the signs of the $a_j$,
#
# $$\sum_j |a_j| = \operatorname{tr}(S V^\top W_2 W_1 V) \le \|S V^\top W_2\|_F \, \|W_1 V\|_F
#   = \|W_2\|_F \|W_1\|_F \le \tfrac12 \left( \|W_1\|_F^2 + \|W_2\|_F^2 \right)$$
#
# by Cauchy–Schwarz (a trace of a product is an inner product) and $2ab \le a^2 + b^2$. Together $L \ge \sum_j
# [\lambda_j (1 - a_j)^2 + 2\lambda|a_j|]$, the one-dimensional problem. The bound is *reached* by $W_1 =
# \operatorname{diag}(\sqrt{a_j}) V^\top$, $W_2 = W_1^\top$. And only like that, up to a
# rotation of the code: equality in all steps forces $V^\top W_2 = (W_1 V)^\top$ and $A v_j = a_j v_j$, so the rows of
# $V^\top W_2$ are at right angles and have the squared lengths $a_j$. They are the squared singular values of *each*
# factor. $\square$
#
# Let an optimiser that knows nothing of eigenvectors try, in float64 from a random start: L-BFGS on all 8,192 entries,
# with the gradients $-2 R C W_1^\top + 2 \lambda W_2$ and $-2 W_2^\top R C + 2 \lambda W_1$, where $R = I - W_2 W_1$.

# %% tags=["proof"]
from scipy.optimize import minimize


def loss_and_gradient(flat):
    w1, w2 = flat.reshape(2, 64, 64)
    rest = np.eye(64) - w2 @ w1
    loss = np.sum((rest @ covariance) * rest) + decay * np.sum(flat**2)
    return loss, 2 * np.stack([-w2.T @ rest @ covariance, -rest @ covariance @ w1.T]).ravel() + 2 * decay * flat


start = 0.2 * np.random.default_rng(run.seed).normal(size=2 * 64 * 64)
options = {"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-8}
found = minimize(loss_and_gradient, start, jac=True, method="L-BFGS-B", options=options)
predicted = np.sort(theory["weight decay"])[::-1]
for name, matrix in zip("12", found.x.reshape(2, 64, 64), strict=True):
    squares = np.linalg.svd(matrix, compute_uv=False) ** 2
    print(f"W{name}: squared singular values, largest difference from theory {np.abs(squares - predicted).max():.0e}")
    assert np.abs(squares - predicted).max() < 1e-3, (
        "each factor must have the squared singular values max(0, 1 − λ/λ_j)"
    )
derived = np.sum(np.where(variances > decay, 2 * decay - decay**2 / variances.clip(1e-12), variances))
print(f"loss: found {found.fun:.7f}, derived {derived:.7f} per image")
assert abs(found.fun / derived - 1) < 1e-5, "the smallest loss must be the one that the derivation gives"

# %% [markdown]
# The same for noise. For $\hat x = W(x + \varepsilon)$ the expected error is $\operatorname{tr}((I - W) C (I -
# W)^\top) + \sigma^2 \|W\|_F^2$ (so noise *is* a decay, of the product of the two factors), convex in $W$, with
# derivative
#
# $$-2 (I - W) C + 2 \sigma^2 W = 0 \;\Longleftrightarrow\; W = C (C + \sigma^2 I)^{-1} .$$
#
# A test with noise that is really drawn: at the minimum the *gradient* $-2 (x - W\tilde x)\tilde x^\top$ is zero on
# average. We measure its mean over many draws in standard errors: at the filter it must look like a standard normal;
# 5 % beside it, it must not.

# %% tags=["proof"]
centred, rng = (x - x.mean(axis=0)).astype("float64"), np.random.default_rng(run.seed)
varying = covariance.diagonal() > 0  # pixels that are never inked have no error, and no standard error


def gradient_in_standard_errors(w, draws=60):
    gradients = []
    for _ in range(draws):
        seen = centred + sigma * rng.normal(size=centred.shape)
        gradients.append((-2 * (centred - seen @ w.T).T @ seen / len(seen))[varying])
    return np.mean(gradients, axis=0) / (np.std(gradients, axis=0, ddof=1) / np.sqrt(draws))


typical = {}
for share in (1, 0.95):
    typical[share] = np.sqrt(np.mean(gradient_in_standard_errors(share * wiener) ** 2))
    print(f"{share:4.0%} of the filter: root mean square of gradient / standard error {typical[share]:.2f}")
assert 0.85 < typical[1] < 1.2, "at the Wiener filter only chance may be left of the gradient"
assert typical[0.95] > 1.5, "the test must see a filter that is 5 % off"

# %% [markdown] tags=["deeper"]
# ## A denoiser that does not
#
# A colleague has trained a wide network on noisy digits. The loss fell smoothly. This is what it does to noisy digits
# that it has not seen:

# %%
keras.utils.set_random_seed(run.seed)
colleague = Autoencoder(*(keras.models.clone_model(part) for part in (copying.encoder, copying.decoder)),
                        augmentation=layers.GaussianNoise(sigma, seed=1))  # fmt: skip
train(colleague)
shown = {"with noise": held_out + noise, "colleague's": colleague.reconstruct(held_out + noise), "real": held_out}
plotting.image_rows({name: images[:10].reshape(-1, 8, 8).clip(0, 1) for name, images in shown.items()})
plotting.show(
    alt="Three rows of ten digits: with noise, the colleague's output, and the real images. The output is about as "
    "noisy as the input."
)

# %% [markdown]
# Not much. **Exercise {exercise: TRAINING_PAIR}: find the bug.** This is how the colleague made the pairs (input,
# target) to train on; `x` and `noise` have the same shape. Repair it. (We reproduced the bug by handing the noise to
# `augmentation=`. Do you see why?)


# %% tags=["exercise"]
def training_pair(x, noise):
    # BEGIN SOLUTION
    return x + noise, x
    # INSTEAD
    # x = x + noise
    # return x, x
    # END SOLUTION


# %%
check(exercises.TRAINING_PAIR, training_pair)

# %% [markdown]
# Why `augmentation=`? It changes the input *and* the target. Noise must change the input alone.

# %% [markdown] tags=["deeper"]
# ## A price on the mean activity
#
# The classic sparse autoencoder (Ng, 2011) has a sigmoid code, and asks each unit to be active a share $\rho$ of the
# time. Let $\hat\rho_j$ be the mean activity of unit $j$ over the $n$ images of a batch. Think of two coins, one that
# shows heads with probability $\rho$ and one with $\hat\rho_j$. The price is the KL divergence between them, the
# expected log-ratio of their probabilities under the first coin (more in {lesson: the_elbo}):
#
# $$\operatorname{KL}(\rho \,\|\, \hat\rho_j) = \underbrace{\rho \log \frac{\rho}{\hat\rho_j}}_{\text{heads}}
#   + \underbrace{(1 - \rho) \log \frac{1 - \rho}{1 - \hat\rho_j}}_{\text{tails}} .$$
#
# It is 0 at $\hat\rho_j = \rho$, convex, and grows without bound if a unit dies.
#
# **Exercise {exercise: SPARSE_PENALTY}.** Code it: `activations` has shape `(n, units)`. Sum over the units; return
# one value per image, shape `(n,)`, all equal, for it is a property of the batch.


# %% tags=["exercise"]
def sparse_penalty(activations, target):
    # BEGIN SOLUTION
    activity = activations.mean(axis=0)
    kl = target * np.log(target / activity) + (1 - target) * np.log((1 - target) / (1 - activity))
    return np.full(len(activations), kl.sum())
    # END SOLUTION


# %%
check(exercises.SPARSE_PENALTY, sparse_penalty)

# %% [markdown]
# It sees only means: a unit that says 0.05 for *every* image pays nothing. And a mean of few images is uncertain. The
# price is convex, so by Jensen's inequality uncertainty costs. To second order around the true mean $m$ of a unit
# whose activity has variance $s^2$,
#
# $$\mathbb{E}\, \operatorname{KL}(\rho \,\|\, \hat\rho) - \operatorname{KL}(\rho \,\|\, m)
#   \approx \frac{1}{2} \left( \frac{\rho}{m^2} + \frac{1 - \rho}{(1 - m)^2} \right) \frac{s^2}{n} .$$
#
# We draw batches of many sizes from the codes of a network trained with this price, and measure. (The term of first
# order is 0 on average; we subtract it, for it would only add noise.)

# %%
active = {}
for name, penalty in {"sigmoid": None, "sigmoid + KL": penalties.Sparse(0.3, 0.05)}.items():
    model = train(autoencoder(penalty, decay=(0, 0.01), activation="sigmoid"))
    active[name] = model.encode(x).astype("float64")
    print(f"{name:14} mean activity {active[name].mean():.3f}, above one half {np.mean(active[name] > 0.5):.1%}")
codes, rho, rng = active["sigmoid + KL"], 0.05, np.random.default_rng(run.seed)
mean_activity, variance = codes.mean(axis=0), codes.var(axis=0)
slope = -rho / mean_activity + (1 - rho) / (1 - mean_activity)


def price_of(activity):
    return np.sum(rho * np.log(rho / activity) + (1 - rho) * np.log((1 - rho) / (1 - activity)), axis=-1)


def excess_of_batches(size, draws=300):
    means = np.array([codes[rng.integers(len(codes), size=size)].mean(axis=0) for _ in range(draws)])
    excess = price_of(means) - price_of(mean_activity) - (means - mean_activity) @ slope
    return excess.mean(), excess.std() / np.sqrt(draws)


# %% tags=["proof"]
sizes = np.array([16, 32, 64, 128, 256, 512])
excess, standard_errors = np.transpose([excess_of_batches(size) for size in sizes])
predicted = (rho / mean_activity**2 + (1 - rho) / (1 - mean_activity) ** 2) @ variance / 2 / sizes
ax = plotting.curves({"second order": predicted}, "images in a batch", "excess of the penalty / nats", sizes)
ax.errorbar(sizes, excess, 2 * standard_errors, fmt="o", color=plotting.PALETTE[1], label="measured, ± 2 SE")
ax.set(xscale="log", yscale="log")
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.legend(frameon=False)
plotting.show(
    alt="Excess of the penalty against the number of images in a batch, both axes logarithmic. The predicted line "
    "falls with slope minus one, and the measured points with their error bars follow it."
)
print("measured / second order:", dict(zip(map(int, sizes), map(float, (excess / predicted).round(2)), strict=True)))
assert np.all(np.abs(excess - predicted) < 5 * standard_errors), "the excess must be the one of second order"
assert np.all(standard_errors < 0.06 * predicted), "and measured well enough to tell"

# %% [markdown]
# Twice the batch, half the excess (SE: standard error). With batches of 16 a sparse penalty asks for something
# slightly different from what you wrote down.

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> A code of 128 numbers for 64 pixels, tiny error on held-out images. Is it a good code?</summary>
#
# The identity has that, too. Hand it something that should not come back, such as noise.
# </details>
#
# <details><summary><b>2.</b> Weight decay and noise both shrink directions. What is the difference?</summary>
#
# Decay switches off every direction with a variance below its strength; noise switches off none.
# </details>
#
# <details><summary><b>3.</b> You put the noise into the images before `fit(x)`. What has been trained?</summary>
#
# A network that gives back noisy images: the target is noisy as well. The target must be the clean image.
# </details>
#
# <details><summary><b>4.</b> You double the batch size and the code becomes less sparse. What do you suspect?</summary>
#
# First: half as many steps in an epoch. Then a penalty whose strength depends on the batch. For a price on
# batch means also the smaller excess of larger batches.
# </details>
#
# <details><summary><b>5.</b> "Our sparse network removes half of the noise." Compared with what?</summary>
#
# With the same network without the sparse penalty, and with everything else (activation, decay, steps, start) kept.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **seen** a network that copies, with a tiny held-out error, and caught it by the noise that it hands back;
# * **derived** the gains $\max(0, 1 - \lambda/\lambda_j)$ of weight decay and $\lambda_j/(\lambda_j + \sigma^2)$ of
#   noise, and found both in trained layers;
# * **written** a denoising autoencoder, and the contractive penalty;
# * **compared** five networks with their twins: weight decay, denoising and contraction bring a noisy digit
#   nearer to the clean one, sparsity does not; it buys few active units;
# * deeper: **proved** it for matrices, and **repaired** a penalty that grew with the batch.
#
# **To take home:** *a code is not good because the error is small; ask what it refuses, beside a twin.*
#
# **Go further.** Change `sigma` to 0.1 and to 0.6: does the denoiser still beat the Wiener filter? Keep the 10 largest
# entries of the code and set the others to 0 (Makhzani & Frey, 2013): no penalty, nothing to dodge. How does it
# compare?
#
# **References.** Wiener (1949), *Extrapolation, interpolation, and smoothing of stationary time series*. · Vincent et
# al. (2008), *Extracting and composing robust features with denoising autoencoders*, ICML. · Vincent (2011), *A
# connection between score matching and denoising autoencoders*, Neural Computation 23. · Alain & Bengio (2014), *What
# regularized auto-encoders learn from the data-generating distribution*, JMLR 15, arXiv:1211.4246. · Tibshirani
# (1996), *Regression shrinkage and selection via the lasso*, JRSS B 58. · Ng (2011), *Sparse autoencoder*, CS294A
# lecture notes. · Makhzani & Frey (2013), *k-sparse autoencoders*, arXiv:1312.5663. · Gao et al. (2024), *Scaling and
# evaluating sparse autoencoders*, arXiv:2406.04093. · Rifai et al. (2011), *Contractive auto-encoders*, ICML. · Kunin
# et al. (2019), *Loss landscapes of regularized linear autoencoders*, arXiv:1901.08168.

# %% [markdown] tags=["slide"]
# # Codes that are too wide: what keeps an over-complete code from copying?
#
# Give an autoencoder a code with more numbers than the image has pixels, and it can copy: the error is small, also on new images.
#
# **What holds such a code in check?**

# %% [markdown] tags=["notes"]
# 1 min. Needed from before: principal axes and their variances; weight decay, noise, twins.

# %% [markdown] tags=["slide"]
# ## A test for copying
#
# 64 pixels, a code of **128** numbers. Hand it something that should *not* come back, noise $\varepsilon$:
#
# $$\frac{\langle f(x+\varepsilon)-f(x),\,\varepsilon\rangle}{\|\varepsilon\|^2}$$
#
# + 1 for a network that copies;
# + 0 for one that does not care.

# %% [markdown] tags=["notes"]
# 2 min. Summed above and below over all images. Ask for the value of the identity: 1.

# %% [markdown] tags=["slide"]
# ## Predict: how much noise comes back?
#
# . . .
#
# {figure: more-numbers-than-pixels-5}
#
# {output: more-numbers-than-pixels-4}

# %% [markdown] tags=["notes"]
# 3 min. On held-out digits the error is tiny: not over-fitted at all, and yet it has learnt next to nothing about digits. The identity generalises.

# %% [markdown] tags=["slide"]
# ## A small held-out error is not the goal
#
# We want a network that gives back digits, and *not the rest*.
#
# . . .
#
# Three ways to be less than the identity:
#
# - a **bottleneck**
# - **weight decay**
# - **noise** on the input

# %% [markdown] tags=["notes"]
# 1 min. The rest of the lesson asks what each of them does, in one direction of the data.

# %% [markdown] tags=["slide"]
# ## One direction at a time: noise
#
# Along axis $j$ the data have the variance $\lambda_j$; the network answers $a$ times what it sees.
#
# $$x-a(x+\varepsilon)=(1-a)\,x-a\,\varepsilon$$
#
# . . .
#
# $$\text{error}=(1-a)^2\lambda_j+a^2\sigma^2$$
#
# . . .
#
# Copying is $a=1$. Which $a$ is best?

# %% [markdown] tags=["notes"]
# 2 min. A linear network, in the coordinates of the principal axes. The two parts are uncorrelated, so the squares add up.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: BEST_GAIN} · {minutes} minutes
#
# $$\lambda_j=0.16,\qquad\sigma=0.3$$
#
# **Which gain $a$ has the smallest expected squared error?**

# %% [markdown] tags=["notes"]
# 4 min. 0.16 / (0.16 + 0.09) = 0.64. Usual wrong answers: σ in place of σ², which gives 0.35; 1, copying; √0.64.

# %% [markdown] tags=["slide"]
# ## The Wiener filter
#
# $$a_j=\frac{\lambda_j}{\lambda_j+\sigma^2}$$
#
# . . .
#
# Each direction is turned down by the noise's *share* of what is seen: smooth, never 0.

# %% [markdown] tags=["notes"]
# 1 min. Ask for the two limits: large λ and small λ.

# %% [markdown] tags=["slide"]
# ## One direction at a time: weight decay
#
# $a=w_2w_1$ costs $\lambda(w_1^2+w_2^2)\ge2\lambda|a|$.
#
# . . .
#
# $$(1-a)^2\lambda_j+2\lambda|a|$$
#
# . . .
#
# $$a_j=\max\Big(0,\;1-\frac\lambda{\lambda_j}\Big)$$

# %% [markdown] tags=["notes"]
# 3 min. The inequality is a square: (|w₁| − |w₂|)² ≥ 0. λ without an index is the strength. The kink at 0 switches a direction off.

# %% [markdown] tags=["slide"]
# ## Predict: which curve has a kink, and where?
#
# Expected cost against the gain: noise, and weight decay.
#
# . . .
#
# {figure: one-direction-at-a-time-3}
#
# For a small variance the kink is the lowest point: the direction is off.

# %% [markdown] tags=["notes"]
# 2 min. An over-complete code with weight decay makes its own bottleneck.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: DIRECTIONS_LEFT} · {minutes} minutes
#
# A linear network, a code of 64 numbers, $\lambda=0.03$.
#
# **How many of the 64 directions of our digits stay on?**
#
# `principal_variances` from `course_lib.exact` gives the $\lambda_j$.

# %% [markdown] tags=["notes"]
# 4 min. Count the variances above 0.03. Usual wrong answers: those above the root of λ; all 64.

# %% [markdown] tags=["slide"]
# ## Trained layers find it
#
# {figure: one-direction-at-a-time-6}
#
# {output: one-direction-at-a-time-6}

# %% [markdown] tags=["notes"]
# 2 min. Lines: theory. Markers: Dense layers with biases, Adam and mini-batches, which know nothing of principal axes.

# %% [markdown] tags=["slide"]
# ## Denoising pulls back to the data
#
# $$\hat x(\tilde x)=\sum_iw_i\,x_i,\qquad w_i\propto\exp\!\Big(\!-\frac{\|\tilde x-x_i\|^2}{2\sigma^2}\Big)$$
#
# {figure: denoising-2}

# %% [markdown] tags=["notes"]
# 3 min. The best answer is the average of all clean images that it may have come from. Each arrow is σ² times the slope of the log-density, the score: diffusion models are built on this.

# %% [markdown] tags=["slide"]
# ## A denoising network
#
# {figure: denoising-5}
#
# Noise on the input, in training; the *clean* image is the target.

# %% [markdown] tags=["notes"]
# 2 min. Exercise {exercise: DENOISER} writes it as a Keras model: homework. The classic bug: the target is noisy as well.

# %% [markdown] tags=["slide"]
# ## Few active units
#
# Price on the code: $\sum_j|z_j|$, the **L1** penalty.
#
# . . .
#
# **Predict:** how can the network dodge it?
#
# . . .
#
# {output: few-active-units-2}
#
# The decoder makes it large again: limit the decoder's scale, too.

# %% [markdown] tags=["notes"]
# 3 min. One and the same network at a thousandth of the price. That is a second change, so the twin is the network with decoder decay and without L1.

# %% [markdown] tags=["slide"]
# ## React to little
#
# A small change $\delta$ of the image changes the code by $J\delta$:
#
# $$\|J\|_F^2=\sum_{j,i}\Big(\frac{\partial z_j}{\partial x_i}\Big)^2$$
#
# . . .
#
# The **contractive** autoencoder pays for it. A ReLU has slope 1 where it is active: the sum of $\|w_j\|^2$ over the *active* units.

# %% [markdown] tags=["notes"]
# 2 min. A close relative of denoising: small noise moves the code by a squared distance of σ²‖J‖² on average. Exercise {exercise: CONTRACTION} is homework.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: TWINS} · {minutes} minutes
#
# | run | penalty or noise | decoder decay | steps |
# |---|---|---|---|
# | A | none | no | 1,000 |
# | B | none | yes | 1,000 |
# | C | L1 | yes | 1,000 |
# | D | L1 | yes | 2,000 |
# | E | noise | no | 1,000 |
# | F | noise | yes | 1,000 |
#
# Compare with whom? L1 (C), noise (E), noise under decay (F), decay under noise (F), steps (D)

# %% [markdown] tags=["notes"]
# 4 min. B, A, B, E, C. The usual wrong answer is A for L1: two things differ.

# %% [markdown] tags=["slide"]
# ## Predict: who hands back least noise?
#
# . . .
#
# {figure: each-beside-its-twin-4}

# %% [markdown] tags=["notes"]
# 3 min. By the error on clean digits alone one would choose the network that copies. Denoising is best at what it was trained for; contraction comes close without ever having seen noise. L1 buys something else: few active units.

# %% [markdown] tags=["slide"]
# ## Quiz: held-out error 0.0003 per pixel. A good autoencoder?
#
# . . .
#
# The network that copies has it: the identity generalises.
#
# . . .
#
# Measure the property that you wanted, beside the twin without it.

# %% [markdown] tags=["notes"]
# 2 min. Ask which measurement they would make: the noise handed back.

# %% [markdown] tags=["slide"]
# ## To take home
#
# A wide code copies unless something makes copying cost.
#
# Weight decay cuts small directions, denoising shrinks them, contraction reacts to little.
#
# *At home:* exercises {exercise: DENOISER} and {exercise: CONTRACTION}.

# %% [markdown] tags=["notes"]
# 1 min. Next: what lies between the codes.
