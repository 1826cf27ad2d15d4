# ---
# jupyter:
#   course:
#     part: "Part IV · In practice"
#     question: "What is a density good for, besides samples?"
# ---

# %% [markdown]
# # Compression, anomalies and clean data: what a density is good for
#
# **The question.** You have a model that gives $p(x)$. You may not want a single sample of it. What is the number
# good for? Three trades live on it: files get shorter, alarms ring, and bad data are found. In each of them there is
# a mistake that looks like success.
#
# In this lesson you will
#
# * **write** an entropy coder in one line, and **prove** that it spends $-\log_2p(x)$ bits;
# * **code** digits with a latent-variable model, and find out what a perfect round trip proves;
# * **derive** when an anomaly is *more* probable than the data, and **read** a table in which no score wins;
# * **set** a threshold with a guarantee that holds for every distribution (deeper: and **say** how many of its alarms are
#   true if anomalies are rare);
# * **find** duplicates and leaks in a data set, your own too (deeper: and wrong labels).
#
# *To know before:* the ELBO ({lesson: the_elbo}), mixtures and EM ({lesson: latent_variable_models}), probabilistic PCA
# ({lesson: probabilistic_pca_and_monte_carlo}). *Time:* {times}; about 40 seconds to run on two CPU cores.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## A probability is a length
#
# You and I share a table of probabilities, and I send you symbols. A symbol with $p=\frac12$ deserves one bit, as it
# halves what is possible, and one with $p=\frac18$ three: in general $-\log_2p$ bits, **1 nat = 1.44 bits**. On
# average no code is shorter than the entropy $-\sum p\log_2p$ (Shannon, 1948). But what is a code of 0.4 bits?
#
# Put the whole message into *one* whole number $s$, the **state**. Make the probabilities whole frequencies $f$ with
# the sum $M$, and call $c$ the sum of the frequencies before a symbol. To code the symbol,
#
# $$\text{push:}\qquad s\;\mapsto\;\lfloor s/f\rfloor\,M+c+(s\bmod f).$$
#
# The new state is about $s\cdot M/f=s/p$: it has grown by $-\log_2p$ bits, whole or not. And nothing is lost, for
# $s\bmod M$ lies among the $f$ places from $c$ on, which belong to this symbol alone. This is an **asymmetric numeral
# system** (ANS; Duda, 2013); it packs your files in Zstandard, your pictures in JPEG XL. Here is how a symbol is
# taken out again:


# %%
def pop(state, frequencies):
    rest, place = divmod(state, sum(frequencies))
    symbol = start = 0
    while place >= start + frequencies[symbol]:
        start, symbol = start + frequencies[symbol], symbol + 1
    return frequencies[symbol] * rest + place - start, symbol


# %% [markdown]
# **Exercise {exercise: PUSH}.** Write the other half. `frequencies` is a list of whole numbers; all numbers here are
# Python's own, which have no largest one. Return the new state.


# %% tags=["exercise"]
def push(state, symbol, frequencies):
    # BEGIN SOLUTION
    frequency, start = frequencies[symbol], sum(frequencies[:symbol])
    return state // frequency * sum(frequencies) + start + state % frequency
    # END SOLUTION


# %%
from course_lib.exercises import check
from course_lib.exercises import compression_and_anomalies as exercises

check(exercises.PUSH, push)

# %% [markdown]
# The library's `Ans` is a **stack** of this kind: what was pushed last comes out first. **Predict** for 5,000 symbols
# with the probabilities 0.7, 0.2 and 0.1, and an entropy of 1.157 bits: how many bits will the state have? And if the
# table is rounded to 32nds, or to eighths?

# %% tags=["proof"]
import matplotlib.pyplot as plt
import numpy as np

from course_lib import coding, plotting

rng = np.random.default_rng(run.seed)
probabilities = np.array([0.7, 0.2, 0.1])
symbols = rng.choice(3, size=5000, p=probabilities)
ideal = -np.log2(probabilities)[symbols].sum()
for precision in (16, 5, 3):
    frequencies = coding.quantise_probabilities(probabilities, precision)
    stack = coding.Ans()
    stack.push(symbols, frequencies)
    bits, used = stack.num_bits, frequencies / 2**precision
    rounding = np.log2(probabilities / used)[symbols].sum()
    kl = np.sum(probabilities * np.log2(probabilities / used))
    added = f"{rounding:.0f}" if rounding > 0.5 else "nothing"
    print(f"{precision:2} bits of precision: {bits:,} bits; −Σ log₂ p = {ideal:,.0f}, rounding adds {added}", end=" ")
    print(f"(5,000 KL(p‖rounded): {5000 * kl:.0f})")
    assert np.array_equal(stack.pop(np.tile(frequencies, (5000, 1))), symbols), "the stack must give back every symbol"
    assert abs(bits - ideal - rounding) <= precision + 1, (
        "the state must have −Σ log₂ of the rounded table, and a start"
    )

# %% [markdown]
# The length is the ideal one, and a few bits of start for the whole message (about as many as the precision, at most). A
# rounded table $r$ costs $\mathrm{KL}(p\|r)$ a symbol: **to code with the wrong model costs the divergence.** As a
# picture, with the frequencies 11, 3 and 2 at the left, and the state's length at the right:

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 2.8), layout="constrained", width_ratios=(1, 1.3))
owner = np.repeat([0, 1, 2], [11, 3, 2])
for place in range(48):
    left.bar(place % 16, 0.8, bottom=place // 16, width=0.9, color=plotting.PALETTE[owner[place % 16]])
    left.text(place % 16, place // 16 + 0.4, place, ha="center", va="center", fontsize=8, color="white")
left.set(yticks=[], xticks=[], xlabel="state mod 16 names the symbol")
left.spines[:].set_visible(False)
stack, lengths = coding.Ans(2**16), []
for symbol in symbols[:40]:
    stack.push([symbol], coding.quantise_probabilities(probabilities))
    lengths.append(np.log2(float(stack.state)) - 16)
right.step(np.arange(1, 41), lengths, where="post", color=plotting.PALETTE[0], label="state")
right.plot(np.arange(1, 41), np.cumsum(-np.log2(probabilities)[symbols[:40]]), ".", color="black", label="−Σ log₂ p")
right.set(xlabel="symbols pushed", ylabel="bits")
right.legend(frameon=False)
plotting.show(
    alt="Left, the numbers 0 to 47 in three rows of sixteen; eleven columns have the colour of the first symbol, three "
    "of the second, two of the third. Right, the length of the state in bits against the symbols pushed: steps that "
    "pass through the dots of the summed code lengths."
)

# %% [markdown]
# ## Who writes digits in the fewest bits?
#
# Real data: scans of digits, 8×8 pixels, black or white. Stored plainly, an image has 64 bits. **Predict** the order:
# zlib, bz2 and lzma (the compressors behind .zip, .bz2 and .xz); independent pixels, each with its own probability;
# and a **Bernoulli mixture** of 30 kinds of images, fitted by EM,
#
# $$p(x)=\sum_{k=1}^{30}w_k\prod_j p_{kj}^{x_j}(1-p_{kj})^{1-x_j}.$$
#
# A control: the models have seen training images, so the compressors may, too. Their second number is what the test
# images *add* to a file that already holds training images. And each gets the pixels as it likes them better: eight a
# byte, or one.

# %%
import bz2
import lzma
import zlib

from course_lib import datasets

digits = datasets.load("digits")
train, validation, test = (
    (x > 0.5).reshape(len(x), 64).astype(int) for x in (digits.x_train, digits.x_validation, digits.x_test)
)


def log2_joint(x, weights, p):
    return np.log2(weights) + x @ np.log2(p).T + (1 - x) @ np.log2(1 - p).T  # (n, kinds)


def fitted_mixture(x, kinds, seed, steps=60):
    share = np.random.default_rng(seed).dirichlet(np.full(kinds, 0.1), size=len(x))
    for _ in range(steps):
        weights = (share.sum(axis=0) + 1) / (len(x) + kinds)
        p = (share.T @ x + 0.5) / (share.sum(axis=0)[:, None] + 1)
        joint = log2_joint(x, weights, p)
        share = np.exp2(joint - np.logaddexp2.reduce(joint, axis=1, keepdims=True))
    return weights, p


# %%
def bits_of_compressors(train, test):
    packed, plain = lambda x: np.packbits(x > 0, axis=1).tobytes(), lambda x: x.astype("uint8").tobytes()
    bits = {}
    for name, compress in {"zlib": lambda b: zlib.compress(b, 9), "bz2": bz2.compress, "lzma": lzma.compress}.items():
        lengths = []
        for form, seen in ((packed, train), (plain, train[-4000:])):  # a block of bz2 has no room for more
            old, new = form(seen), form(test)
            lengths.append((len(compress(new)), len(compress(old + new)) - len(compress(old))))
        bits[name], bits[f"{name}, training images seen"] = 8 * np.min(lengths, axis=0) / len(test)
    return bits


rates = bits_of_compressors(train, test)
weights, p = fitted_mixture(train, 30, run.seed)
for name, model in {"independent pixels": fitted_mixture(train, 1, 0), "mixture of 30 kinds": (weights, p)}.items():
    rates[name] = -np.logaddexp2.reduce(log2_joint(test, *model), axis=1).mean()
colours = 6 * [plotting.PALETTE[1]] + 2 * [plotting.PALETTE[0]]
ax = plt.subplots(figsize=(7, 2.8), layout="constrained")[1]
ax.bar_label(ax.barh(list(rates), list(rates.values()), color=colours), fmt="%.1f", padding=3)
ax.set(xlabel="bits an image (stored plainly: 64)", xlim=(0, 48))
ax.invert_yaxis()
plotting.show(
    alt="Bars of bits an image of the test set. zlib, bz2 and lzma need clearly less than 64, and still less if they have "
    "seen the training images; independent pixels are among them; the mixture of thirty kinds needs the fewest of all."
)

# %% [markdown]
# The compressors look for *repeated bytes*, and a digit is hardly ever written twice. The mixture knows what varies.
# (Both sides must own the model, as they must own zlib: its 30 tables are not counted.) But its number is a promise so
# far, and no file: its pixels are not independent, so no pixel has a table of its own.
#
# ## Bits back
#
# The model has a latent $z$, the kind $k$. Given $z$, the pixels are independent: push $x$ with $p(x\mid z)$, then
# $z$ with $p(z)$. That costs $-\log_2p(x\mid z)-\log_2p(z)$. Too much, even for the best $z$: several $z$ would have
# served, and which one I took is information that you never asked for.
#
# So let that choice carry a message. My stack holds bits already, from earlier files. To choose $z$ I **pop** it with
# a distribution $q(z\mid x)$: from random bits this is a draw of $z$, and the stack *shrinks* by $-\log_2q(z\mid x)$.
# You decode $z$ and $x$, know $q$, and push $z$ back: those bits return to you (Hinton & van Camp, 1993; Townsend et
# al., 2019). In all
#
# $$\begin{aligned}\text{net bits}&=\underbrace{-\log_2p(x\mid z)}_{\text{push }x}\;\underbrace{-\log_2p(z)}_{\text{push }z}\;\underbrace{+\log_2q(z\mid x)}_{\text{bits back}},\\
# \mathbb E_q[\text{net bits}]&=\frac{-\text{ELBO}}{\ln2}=-\log_2p(x)+\frac{\mathrm{KL}(q\,\|\,\text{posterior})}{\ln2}.\end{aligned}$$
#
# **The ELBO is a file size.** With the exact posterior it is $-\log_2p(x)$ for *every* $z$. **Proof**, with all test
# images: the length with the best kind of each image and nothing back; a file with bits back; and a file with a
# careless $q$ that takes all kinds for equally probable. **Predict:** will both files restore the images?

# %%
tables = coding.quantise_probabilities(np.stack([1 - p, p], axis=-1), 24)  # (kinds, 64, 2)
prior = coding.quantise_probabilities(weights[None], 24)


def coded(q_of, before):
    stack = coding.Ans(before)
    model = (q_of, lambda z: tables[z[0]], prior)
    coding.push_with_bits_back(stack, test, *model)
    bits = stack.num_bits - before.bit_length()
    restored = np.array_equal(coding.pop_with_bits_back(stack, len(test), *model), test)
    return bits, restored and stack.state == before


def posterior(x):
    joint = log2_joint(x[None], weights, p)
    return coding.quantise_probabilities(np.exp2(joint - np.logaddexp2.reduce(joint, axis=1)), 24)


# %% tags=["proof"]
before = int.from_bytes(rng.bytes(300), "little")
evidence = -np.logaddexp2.reduce(log2_joint(test, weights, p), axis=1).sum()
best_kind = -log2_joint(test, weights, p).max(axis=1).sum()
careless = coding.quantise_probabilities(np.full((1, 30), 1 / 30), 24)
files = {"exact posterior": coded(posterior, before), "careless q": coded(lambda x: careless, before)}
files["exact, but an empty stack"] = coded(posterior, 1)
print(f"−Σ log₂ p(x) = {evidence:,.0f} bits; best kind, nothing back: {best_kind:,.0f} bits")
for name, (bits, restored) in files.items():
    print(f"{name:25}: {bits:6,} bits; images and first bits restored: {restored}")
assert all(restored for _, restored in files.values()), "every one of the files must restore the images and the bits"
assert abs(files["exact posterior"][0] - evidence) < 2, "with the exact posterior the file must have −log₂ p(x) bits"
assert evidence < best_kind < files["careless q"][0] / 1.3, "nothing back must cost more, and a careless q far more"

# %% [markdown]
# The promise was kept to the bit. (Little came back: nearly every image has *one* kind that fits. A sharp posterior has
# nothing to give back.) An empty stack has no random bits, so its first $z$ are no draws, and it pays some tens of bits
# once. And the careless file, twice as long, restores everything as well. **A round trip says that the decoder mirrors
# the encoder. It says nothing of the model. The rate does.**
#
# ### A continuous code, and a famous slip
#
# For a VAE $z$ is a real number. Cut the line into 256 bins *of equal prior mass*: then pushing $z$ costs exactly
# 8 bits, and $q(z\mid x)$ is a table of the mass that a Gaussian has in each bin. Try it on a small model where all is
# known: one latent, 24 pixels, 100 images.

# %%
from scipy import stats
from scipy.special import log_expit, ndtri
from scipy.stats import norm

edges, centres = ndtri(np.linspace(0, 1, 257)), ndtri((np.arange(256) + 0.5) / 256)
slopes, offsets = np.random.default_rng(1).normal(0, (1.2, 0.5), size=(24, 2)).T
logits = np.outer(centres, slopes) + offsets  # (bins, pixels)
x = (rng.random((100, 24)) < 1 / (1 + np.exp(-logits[rng.integers(0, 256, 100)]))).astype(int)
log_joint = (x @ log_expit(logits).T + (1 - x) @ log_expit(-logits).T) / np.log(2) - 8  # (images, bins), in bits
log_p = np.logaddexp2.reduce(log_joint, axis=1)
exact = np.exp2(log_joint - log_p[:, None])
mean = exact @ centres
variance = exact @ centres**2 - mean**2


def masses(mean, scale):
    inside = np.diff(norm.cdf((edges - mean[:, None]) / scale[:, None]), axis=1)
    return inside / inside.sum(axis=1, keepdims=True)


two_sided = coding.quantise_probabilities(np.stack([1 / (1 + np.exp(logits)), 1 / (1 + np.exp(-logits))], -1), 32)

# %% [markdown]
# **Exercise {exercise: BIN_MASSES}: find the bug.** This coder restores every image, and its files are some two per
# cent too long. `mean` and `log_var` are $(n,)$, as an encoder returns them, `edges` $(b+1,)$. Return the mass in each
# bin, $(n,b)$.


# %% tags=["exercise"]
def bin_masses(mean, log_var, edges):
    # BEGIN SOLUTION
    return np.diff(stats.norm.cdf((edges - mean[:, None]) / np.exp(0.5 * log_var)[:, None]), axis=1)
    # INSTEAD
    # return np.diff(stats.norm.cdf((edges - mean[:, None]) / np.exp(log_var)[:, None]), axis=1)
    # END SOLUTION


# %%
check(exercises.BIN_MASSES, bin_masses)

# %% [markdown]
# **Proof**, for every $q$: the file has the bits that the formula says for the $z$ that were used, and on average the
# evidence plus the KL, which we can sum here.

# %% tags=["proof"]
queue = {"exact": exact, "Gaussian": masses(mean, np.sqrt(variance)), "variance for scale": masses(mean, variance)}
excess = {}
print(f"−Σ log₂ p(x) = {-log_p.sum():,.1f} bits; best z, nothing back: {-log_joint.max(axis=1).sum():,.0f} bits")
for name, q in queue.items():
    table = {pixels.tobytes(): coding.quantise_probabilities(row[None], 32) for pixels, row in zip(x, q, strict=True)}
    model = (lambda pixels, table=table: table[pixels.tobytes()], lambda z: two_sided[z[0]], np.ones((1, 256), int))
    files = []
    for chain in range(8):
        stack = coding.Ans(before := int.from_bytes(np.random.default_rng(chain).bytes(100), "little"))
        z = coding.push_with_bits_back(stack, x, *model)[:, 0]
        files.append(stack.num_bits - before.bit_length())
        net = np.log2(q[np.arange(100), z]) - log_joint[np.arange(100), z]  # bits of each image
        assert abs(files[-1] - net.sum()) <= 1.01, "the file must have the bits of the z that were used"
        restored = np.array_equal(coding.pop_with_bits_back(stack, 100, *model), x) and stack.state == before
        assert restored, "images and first bits must come back, whatever q is"
    excess[name] = np.cumsum(net + log_p)
    kl, error = np.sum(q * np.log2(np.maximum(q, 1e-300) / exact)), np.std(files) / np.sqrt(8) + 0.2
    print(
        f"{name:18}: {np.mean(files):7,.1f} ± {error:.1f} bits, evidence + KL = {kl - log_p.sum():7,.1f}; restored: {restored}"
    )
    assert abs(np.mean(files) + log_p.sum() - kl) < 5 * error, "on average it must be the evidence and the divergence"

# %%
ax = plotting.curves(excess, xlabel="images coded", ylabel="bits beyond −Σ log₂ p(x)")
plotting.show(
    alt="Bits beyond the evidence against the images coded, for the last file of each q. The exact one stays at "
    "zero, the Gaussian wanders about it, the variance taken for the scale climbs to some tens of bits."
)

# %% [markdown]
# All restore everything. The Gaussian costs about a bit for 100 images; the slip a few tens, which nobody would see by
# looking. (With an *arbitrary* $q$ the slip can even be shorter: first be near the posterior, then compare.)
#
# A trap: the decoder must compute *exactly* the encoder's tables. One last digit in one probability, and from there on
# all is garbage.

# %% [markdown] tags=["deeper"]
# ## A trained VAE as a compressor
#
# **Exercise {exercise: BITS_OF_A_VAE}.** A VAE of images with 784 black or white pixels was trained with β = 4. On
# test images the reconstruction costs 78 nats, the KL is 18 nats. How many bits *per pixel* will its bits-back files
# have, about?

# %% tags=["exercise"]
# BEGIN SOLUTION
bits_per_pixel = (78 + 18) / np.log(2) / 784
# END SOLUTION

# %%
check(exercises.BITS_OF_A_VAE, bits_per_pixel)

# %% [markdown]
# Nothing is left to invent: train a VAE, cut each latent into bins, push and pop. Two of them: for the digits, and for
# the course's letters, 784 pixels, in black and white. The networks are copied to NumPy, for the trap. **Predict:**
# will the file have the bits of the ELBO? More than the mixture's, or fewer?

# %%
import keras

from course_lib import networks
from course_lib.formulas import bernoulli_log_prob
from course_lib.models import VAE

glyphs = datasets.load("glyphs")
letters_train, letters_test = (
    (x > 0.5).reshape(len(x), 784).astype(int) for x in (glyphs.x_train, glyphs.x_test[:200])
)


def trained(x, latents, units, epochs):
    keras.utils.set_random_seed(run.seed)
    encoder = networks.dense_gaussian_encoder(x.shape[1:], latents, (units,))
    vae = VAE(encoder, networks.dense_decoder(latents, x.shape[1:], (units,)), bernoulli_log_prob, seed=run.seed)
    vae.compile(keras.optimizers.Adam(0.003))
    vae.fit(x.astype("float32"), batch_size=64, epochs=epochs, verbose=0)
    return vae


vaes = {"digits": trained(train, 4, 128, 100), "letters": trained(letters_train, 16, 300, 7)}


# %%
def coder(vae, dtype="float64"):
    into, out = (network.get_weights() for network in (vae.encoder, vae.decoder))
    out = [each.astype(dtype) for each in out]

    def posterior(x):
        hidden = np.maximum(x @ into[0].astype("float64") + into[1], 0)
        mean, log_var = hidden @ into[2] + into[3], hidden @ into[4] + into[5]
        return coding.quantise_probabilities(masses(mean, np.exp(0.5 * log_var)), 24)

    def likelihood(z):
        hidden = np.maximum(centres[z].astype(dtype) @ out[0] + out[1], 0)
        ink = 1 / (1 + np.exp(-(hidden @ out[2] + out[3]).astype("float64")))
        return coding.quantise_probabilities(np.stack([1 - ink, ink], axis=-1), 24)

    return posterior, likelihood, np.ones((vae.latent_dim, 256), int)


# %% [markdown]
# One file for both: some random bits, the digits upon them, the letters on top. So the letters get *their* random bits
# from the digits' file. It is written to the disk, read, and opened from its end.

# %% tags=["proof"]
import tempfile
from pathlib import Path

images = {"digits": test, "letters": letters_test}
promised, of_file, file_error = {}, {}, {}
stack = coding.Ans(before := int.from_bytes(np.random.default_rng(run.seed).bytes(200), "little"))
for name, x in images.items():
    bits = stack.num_bits
    coding.push_with_bits_back(stack, x, *coder(vaes[name]))
    of_file[name] = (stack.num_bits - bits) / len(x)
    elbos = np.stack([vaes[name].elbo(x.astype("float32")) for _ in range(20)]) / np.log(2)
    promised[name], file_error[name] = -elbos.mean(), np.sqrt(elbos.var(axis=0).mean() / len(x))  # of the draws of z
path = Path(tempfile.mkdtemp(), "images.ans")
path.write_bytes(stack.state.to_bytes((stack.num_bits + 7) // 8, "little"))
stack = coding.Ans(int.from_bytes(path.read_bytes(), "little"))
for name, x in reversed(images.items()):
    restored = np.array_equal(coding.pop_with_bits_back(stack, len(x), *coder(vaes[name])), x)
    print(f"{name:7}: −ELBO / ln 2 = {promised[name]:6.2f} bits an image, ", end="")
    print(f"in the file {of_file[name]:6.2f} ± {file_error[name]:.2f}; restored: {restored}")
    assert restored, "the file must give back every image"
    limit = 5 * file_error[name] + 0.01 * promised[name]  # the bins are not endlessly fine
    assert abs(of_file[name] - promised[name]) < limit, "the file must have −ELBO / ln 2 bits an image"
print(f"images.ans: {path.stat().st_size:,} bytes for {len(test)} digits and {len(letters_test)} letters")
assert stack.state == before, "and at last the bits of the beginning"

# %% tags=["proof"]
letter_rates = bits_of_compressors(letters_train, letters_test) | {"VAE, file": of_file["letters"]}
letter_rates["VAE, −ELBO / ln 2"] = promised["letters"]
digit_rates = rates | {"VAE, file": of_file["digits"], "VAE, −ELBO / ln 2": promised["digits"]}
figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
both = {"digits (64 pixels)": digit_rates, "letters (784)": letter_rates}
for ax, (name, bits) in zip(axes, both.items(), strict=True):
    colours = [plotting.PALETTE[1 if each[:3] in ("zli", "bz2", "lzm") else 0] for each in bits]
    ax.bar_label(ax.barh(list(bits), list(bits.values()), color=colours), fmt="%.1f", padding=3)
    ax.set(title=name, xlabel="bits an image", xlim=(0, 1.3 * max(bits.values())))
    ax.invert_yaxis()
plotting.show(
    alt="Bars of bits an image, for digits at the left and letters at the right. The VAE's file and its ELBO have the "
    "same length. For digits they are near the mixture's; for letters they are about as short as bz2 that has seen "
    "training letters, and all others are longer."
)
gap = of_file["letters"] - letter_rates["bz2, training images seen"]
print(f"letters: the VAE's file and bz2's that has seen letters differ by {gap:+.1f} bits an image")
assert abs(gap) < 5, "of letters bz2, as it likes them, must need about as many bits as the network"

# %% [markdown]
# The ELBO on held-out images *is* the length of a file that can be opened again. For 1,259 tiny digits the exact
# mixture is a match for the network. For letters it is **a draw**: bz2, once it has seen letters with a byte for each
# pixel, needs about as many bits as the VAE. (It looks back over a block of 900 kB, some 4,000 letters after its first
# step; zlib over 32 kB. lzma sees all 20,000, packed, and needs some twenty bits more.) And both sides must own what they
# have seen: the letters' networks are two megabytes of weights, 4,000 packed letters are 0.4. What speaks for the
# network is that longer training makes its files shorter (*Go further*: by how much?).
#
# Now the trap: you decode on another machine, which computes the decoder in float32.

# %%
stack = coding.Ans(before)
coding.push_with_bits_back(stack, test, *coder(vaes["digits"]))
broken = coding.pop_with_bits_back(stack, 12, *coder(vaes["digits"], "float32"))
some = np.random.default_rng(run.seed).integers(0, 256, size=(200, 4))
here, there = (coder(vaes["digits"], dtype)[1] for dtype in ("float64", "float32"))
differ = np.mean([(here(z) != there(z)).any(axis=-1).mean() for z in some])
plotting.image_rows({"pushed last": test[-12:].reshape(-1, 8, 8), "decoded in float32": broken.reshape(-1, 8, 8)})
plotting.show(
    alt="Two rows of twelve binary digits. Above, the last twelve images of the file; below, what a decoder in float32 "
    "gives back: it begins at the right, and soon there are other digits, clear or scribbled, and no copies."
)
print(f"{differ:.0%} of the 24-bit frequencies differ between float64 and float32")

# %% [markdown]
# The stack is unpacked from its end, at the right. After the first wrong number the decoder reads random bits, and
# popping random bits with a model *is* drawing from it: so the garbage may look like perfect digits. Coders in use
# compute their tables in whole numbers, or with one batch shape on one machine. (A network's last digit may also
# change with the size of the batch.)

# %% [markdown] tags=["deeper"]
# ## What rounding a real number costs
#
# A real number has infinitely many bits; a file of real numbers needs a step Δ. Round $X\sim\mathcal N(0,1)$ to the
# next multiple of Δ and code the index: it costs the entropy $H(\Delta)$, with a mean squared error $D(\Delta)$. No
# code of any kind can have that error for less than $R(D)=\frac12\log_2\frac1D$ bits
# ({lesson: rate_distortion_and_beta}). How far above is the simplest of all coders? For a fine step
#
# $$D\approx\frac{\Delta^2}{12},\qquad H\approx h(X)-\log_2\Delta=\tfrac12\log_2(2\pi e)-\log_2\Delta,$$
#
# $$\text{so that}\quad H-R(D)\to\tfrac12\log_2\frac{2\pi e}{12}=0.2546\text{ bits}.$$
#
# Networks that compress pictures (Ballé et al., 2017) cannot train through a rounding, whose slope is 0: in training
# they *add uniform noise* $U$ of width Δ, and use $h(X+U)-\log_2\Delta$ for the bits. **Predict:** is that right for
# all steps?

# %% tags=["proof"]
steps, rows = np.array([0.25, 0.5, 1.0, 1.5, 2.0, 3.0]), {"rounding": [], "uniform noise": [], "least, R(D)": []}
x_axis = np.linspace(-14, 14, 280_001)
for step in steps:
    index = np.arange(-60, 61)
    shares = np.diff(norm.cdf((np.arange(-60, 62) - 0.5) * step))
    error = np.trapezoid(norm.pdf(x_axis) * (x_axis - step * np.round(x_axis / step)) ** 2, x_axis)
    noisy = (norm.cdf(x_axis + step / 2) - norm.cdf(x_axis - step / 2)) / step  # the density of X + U
    rows["rounding"].append(-np.sum(shares[shares > 0] * np.log2(shares[shares > 0])))
    rows["uniform noise"].append(-np.trapezoid(noisy * np.log2(np.maximum(noisy, 1e-300)), x_axis) - np.log2(step))
    rows["least, R(D)"].append(0.5 * np.log2(1 / error))
    if step <= 1:
        assert abs(error / (step**2 / 12) - 1) < 1e-4, "the error of a fine step must be Δ²/12"
        assert abs(rows["rounding"][-1] - rows["uniform noise"][-1]) < 1e-4, "and noise must cost what rounding costs"
above = np.subtract(rows["rounding"], rows["least, R(D)"])
print("step Δ:  ", *(f"{step:7.2f}" for step in steps))
print("H − R(D):", *(f"{bits:7.4f}" for bits in above), "bits")
print(f"Δ = 3: rounding {rows['rounding'][-1]:.3f} bits, the noise says {rows['uniform noise'][-1]:.3f}")
assert above[0] > 0.5 * np.log2(2 * np.pi * np.e / 12) > above[0] - 0.01, "a fine step must lie 0.2546 bits above R(D)"
assert rows["uniform noise"][-1] > rows["rounding"][-1] + 0.1, "and for a coarse step the noise must say too much"

# %%
plotting.curves(rows, x=steps, xlabel="step Δ, in standard deviations", ylabel="bits a number")
plotting.show(
    alt="Bits a number against the step, three falling curves. Rounding and uniform noise agree up to a step of about "
    "1.5 and then part, the noise above; the least possible rate lies a quarter of a bit below at fine steps."
)

# %% [markdown]
# A quarter of a bit for no cleverness at all. And the noise is an honest price for fine steps only: a latent that a
# network has learnt to ignore, with a step much wider than its spread, costs nearly nothing in the file and something
# in training.

# %% [markdown]
# ## An unlikely image is an anomaly. Is it?
#
# The second trade: ring where $-\log p(x)$ is large. How good is a score? The **AUROC** (area under the ROC curve) is
# the probability that an anomaly scores higher than a normal example: 1 is perfect, ½ knows nothing, 0 is perfect and
# upside down.
#
# **Exercise {exercise: AUROC_BY_HAND}.** $\log p$ of four normal images: 90, 95, 100, 110. Of three anomalies: 92,
# 95, 120. What is the AUROC of the score $-\log p$? (Ties count one half.)

# %% tags=["exercise"]
# BEGIN SOLUTION
auroc = 5.5 / 12
# END SOLUTION

# %%
check(exercises.AUROC_BY_HAND, auroc)

# %% [markdown]
# Now the simplest case. Data from $\mathcal N(0,I_d)$, and the model knows it *exactly*. The anomalies are too tame:
# $\mathcal N(0,\frac14I_d)$, half as far from the middle. $-\log p$ grows with $\|x\|^2$, and a ratio of two
# independent mean squares has an F distribution:
#
# $$\text{AUROC}=P\big(\tfrac14\|y\|^2>\|x\|^2\big)=P\Big(F_{d,d}>\frac1{1/4}\Big).$$
#
# **Predict** it for $d=2$, 10 and 64.

# %% tags=["proof"]
from course_lib import metrics
from course_lib.exact import auroc_of_scaled_gaussians

figure, axes = plt.subplots(1, 3, figsize=(9, 2.4), layout="constrained")
for ax, dimension in zip(axes, (2, 10, 64), strict=True):
    normal, tame = rng.normal(size=(4000, dimension)), 0.5 * rng.normal(size=(4000, dimension))
    score, score_of_tame = (0.5 * (each**2).sum(axis=1) for each in (normal, tame))
    measured = metrics.detection(score, score_of_tame).auroc
    expected = auroc_of_scaled_gaussians(dimension, 0.5)
    typical = metrics.detection(*(abs(each - dimension / 2) for each in (score, score_of_tame))).auroc
    print(
        f"d = {dimension:2}: AUROC of −log p {measured:.4f} measured, {expected:.4g} exact; of |log p − mean| {typical:.4f}"
    )
    assert abs(measured - expected) < 5 * np.sqrt(expected / 4000) + 1e-6, "the AUROC must be the one that F says"
    for values, name, colour in ((normal, "data", 0), (tame, "anomalies", 5)):
        ax.hist(np.linalg.norm(values, axis=1), 40, density=True, alpha=0.7, color=plotting.PALETTE[colour], label=name)
    ax.set(title=f"d = {dimension}", xlabel="distance from the middle", yticks=[])
axes[0].legend(frameon=False)
assert typical > 0.99, "in 64 dimensions the typical distance must tell them apart"
plotting.show(
    alt="Histograms of the distance from the middle, of data and of anomalies half as wide, in 2, 10 and 64 dimensions. "
    "In two they overlap; in 64 both are narrow bells far apart, at 8 and at 4, and nothing lies near 0."
)

# %% [markdown]
# Worse than chance, and exponentially so, with a perfect model. The density *is* highest in the middle; but in 64
# dimensions nobody lives there, for the middle has hardly any volume. So ask not "is it improbable?" but "is its
# $\log p$ **typical**?": $|\log p(x)-\text{mean}|$ (Nalisnick et al., 2019a, b, found both on photographs: a model of
# CIFAR-10 gives house numbers more density than its own images).
#
# ### Letters and faces
#
# Is that a curiosity of Gaussians? Take the letters, and small faces in colour, each with a probabilistic PCA of 40
# latents, whose $\log p$ is exact. Nine kinds of visitors come. **Predict** for the score $-\log p$: which of them will
# pass for *better* letters than letters? And will it be the same ones for the faces?

# %%
from scipy.ndimage import gaussian_filter

from course_lib.exact import ProbabilisticPCA

letters, faces = datasets.load("glyphs"), datasets.load("faces", size=16, num_train=4000)
grey_letters = letters.x_test[1000:1500, 6:22, 6:22].repeat(3, axis=-1)
small = np.pad(digits.x_train[:500].repeat(3, axis=1).repeat(3, axis=2), ((0, 0), (2, 2), (2, 2), (0, 0)))


def visitors_of(data, others, blur):
    images = data.x_test[:500].astype("float64")
    return {
        "fresh ones": data.x_test[500:1000],
        "mirrored": images[:, :, ::-1],
        "faded to ¼": images / 4,
        "blurred": gaussian_filter(images, (0, blur, blur, 0)),
        "blank": np.zeros_like(images),
        "the mean image": np.broadcast_to(data.x_train.mean(axis=0), images.shape),
        "from another set": others,
        "noise": rng.random(images.shape),
        "inverted": 1 - images,
    }


# %%
visitors = {"letters": visitors_of(letters, small, 2), "faces": visitors_of(faces, grey_letters, 1)}
figure, axes = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
for ax, (name, kinds) in zip(axes, visitors.items(), strict=True):
    plotting.image_rows({kind: np.clip(each[:7], 0, 1) for kind, each in kinds.items()}, ax=ax)
    ax.set_title(name)
axes[1].set_yticks([])
plotting.show(
    alt="Nine rows of seven images, of letters at the left and of faces at the right: fresh ones, mirrored, faded to a "
    "quarter, blurred, blank, the mean of the training images, digits or letters as strangers, noise, and inverted."
)

# %% [markdown]
# Three scores for each of them; the third is the squared distance to the nearest of 3,000 training images. Blue is a
# score that finds them, red one that is upside down.


# %%
def table_of(data, kinds):
    def flat(x):
        return np.asarray(x, "float64").reshape(len(x), -1)

    model, neighbours = ProbabilisticPCA.fit(flat(data.x_train), num_latents=40), flat(data.x_train[:3000])
    mean_log_p = model.log_prob(flat(data.x_validation)).mean()
    x = flat(np.concatenate([data.x_test[:500], *kinds.values()]))
    log_p = model.log_prob(x)
    apart = (x**2).sum(axis=1) + np.min((neighbours**2).sum(axis=1) - 2 * x @ neighbours.T, axis=1)
    scores = {"−log p": -log_p, "typicality": abs(log_p - mean_log_p), "nearest": apart}
    scores = {name: each.reshape(-1, 500) for name, each in scores.items()}  # (1 + kinds, images)
    return {
        kind: [-scores["−log p"][row].mean(), *(metrics.detection(s[0], s[row]).auroc for s in scores.values())]
        for row, kind in enumerate(kinds, start=1)
    }


tables = {name: table_of(data, visitors[name]) for name, data in {"letters": letters, "faces": faces}.items()}

# %% tags=["proof"]
figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
for ax, (name, rows) in zip(axes, tables.items(), strict=True):
    values = np.array(list(rows.values()))
    ax.imshow(values[:, 1:], cmap="RdBu", vmin=0, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(values[:, 1:]):
        ax.text(
            column, row, f"{value:.3f}", ha="center", va="center", color="white" if abs(value - 0.5) > 0.35 else "black"
        )
    ax.set(title=name, xticks=range(3), xticklabels=["−log p", "typicality", "nearest"])
    ax.set_yticks(range(9), [f"{kind}: {nats:,.0f} nats" for kind, nats in zip(rows, values[:, 0], strict=True)])
plotting.show(
    alt="Two tables of AUROC, nine kinds of visitors and three scores. For letters, minus log p gives faded, blurred and "
    "blank pages and the mean letter zero; typicality finds these and hardly the mirrored ones. For faces the mean face "
    "is at zero and blurred ones are low; faded and blank ones are found by all three scores, mirrored ones by none."
)
of_letters, of_faces = tables["letters"], tables["faces"]
tame = ("faded to ¼", "blurred", "blank", "the mean image")
assert max(of_letters[kind][1] for kind in tame) < 0.02, "to −log p tame images must look too good for letters"
assert min(of_letters[kind][2] for kind in tame) > 0.9, "typicality must see them"
assert of_letters["mirrored"][2] < 0.6 < 0.75 < of_letters["mirrored"][3], "and hardly mirrors, which neighbours do"
assert of_faces["the mean image"][1] < 0.02 < 0.98 < of_faces["blank"][1], "a mean face must look too good, a blank not"
assert max(of_faces["mirrored"][1:]) < 0.65, "and a mirrored face must pass with every score"

# %% [markdown]
# **Exercise {exercise: READ_THE_TABLE}.** Which sentences about the *letters* are right? Answer with a set of letters.
#
# * (a) To this model blank pages are more probable than letters.
# * (b) With the right threshold, $-\log p$ *large* finds faded letters.
# * (c) Typicality finds all that $-\log p$ finds, and more.
# * (d) An AUROC of 0.000 says that the score knows nothing of the difference.
# * (e) That blank pages are more probable than letters proves the model bad.
# * (f) The mean of a column depends on which anomalies somebody thought of.

# %% tags=["exercise"]
# BEGIN SOLUTION
right_sentences = {"a", "f"}
# END SOLUTION

# %%
check(exercises.READ_THE_TABLE, right_sentences)

# %% [markdown]
# A blank page has 917 nats, a letter some 540, and the mean image, the mode of the model, more than any. That alone is no
# fault of the model. A letter is one of very many letters, which share the mass; a blank page is one simple image
# near the middle of all. *Typicality* repairs these rows and loses another: the $\log p$ of mirrored letters hardly
# leaves the range of the letters' own, and the distance to the *nearest* one, which knows no density at all, sees them
# best. With faces some rows turn round: a black picture is far from every face, and $-\log p$ finds it at once. The
# mean face still looks too good, and a blurred one a little; a mirrored face passes with every score: it *is* a face,
# while a mirrored R is no letter, and no score was told. **No score wins everywhere; the table is the result**, and it
# only has the rows that somebody thought of.

# %% [markdown] tags=["deeper"]
# ## Where reconstruction is blind
#
# Many detectors ring where an autoencoder reconstructs badly. What can they not see? Take the linear one, PCA: its
# error is the distance from its plane. A shift *along* the plane leaves that distance as it is, for every example, so
# the AUROC is ½. A shift *across* it rings at once. The **Mahalanobis distance** inside the plane,
# $\sum_j z_j^2/\lambda_j$, sees the first: normal scores follow $\chi^2_q$, shifted ones the non-central
# $\chi^2_q(\delta^2)$. And if the direction of the shift is known, the best of all scores is the coordinate in that
# direction (Neyman & Pearson, 1933), with $\text{AUROC}=\Phi(\delta/\sqrt2)$.

# %%
from scipy.stats import chi2, ncx2

from course_lib.exact import detection_1d

deviations = np.array([3.0, 2.5, 2.0, 1.8, 1.5, 0.3, 0.3, 0.3, 0.3, 0.3])  # five axes to keep, five to leave out
turned = np.linalg.qr(rng.normal(size=(10, 10)))[0]
seen, clean, other = rng.normal(size=(3, 4000, 10)) * deviations @ turned
middle = seen.mean(axis=0)
axes = np.linalg.svd(seen - middle, full_matrices=False)[2]
plane, delta = axes[:5], 1.0
moved = {"along": other + delta * 3.0 * axes[0], "across": other + delta * 3.0 * axes[9]}


def code(x):
    return (x - middle) @ plane.T


error_of = {"reconstruction": lambda x: ((x - middle - code(x) @ plane) ** 2).sum(axis=1)}
error_of["Mahalanobis in the plane"] = lambda x: (code(x) ** 2 / code(seen).var(axis=0)).sum(axis=1)
error_of["the direction itself"] = lambda x: code(x)[:, 0]

# %% tags=["proof"]
found = {
    (way, name): metrics.detection(score(clean), score(x)).auroc
    for way, x in moved.items()
    for name, score in error_of.items()
}
for (way, name), value in found.items():
    print(f"shift {way:6}: {name:24} {value:.3f}")
exact_mahalanobis = detection_1d(lambda t: chi2.logpdf(t, 5), lambda t: ncx2.logpdf(t, 5, delta**2), 1e-9, 90)[0]
best = norm.cdf(delta / np.sqrt(2))
print(f"exact: ½, {exact_mahalanobis:.4f} (Mahalanobis) and {best:.4f} (the best possible); measured ± 0.006")
change = np.abs(error_of["reconstruction"](moved["along"]) - error_of["reconstruction"](other)).max()
print(f"along the plane the error of an example changes by {change:.0e} at most")
assert change < 1e-9, "along the plane no example may change its error"
assert abs(found["along", "reconstruction"] - 0.5) < 5 / np.sqrt(6 * 4000), "so the error must know nothing of it"
assert abs(found["along", "Mahalanobis in the plane"] - exact_mahalanobis) < 0.03, "the distance must follow χ²"
assert abs(found["along", "the direction itself"] - best) < 0.03, "the known direction must reach what is possible"
assert max(error_of, key=lambda name: found["along", name]) == "the direction itself", "and no other score may beat it"
assert found["across", "reconstruction"] > 0.99, "and across the plane the error must ring"

# %% [markdown]
# The error of reconstruction and the distance in the plane are the two halves of $-\log p$ of probabilistic PCA.
# Whoever uses one half is blind in the other.

# %% [markdown]
# ## A threshold with a guarantee
#
# A score is no alarm. Where is the line? You read "mean plus two deviations", which supposes a bell. There is a line
# that supposes nothing. Keep $n$ normal examples aside which trained nothing: the **calibration** scores. Now a new
# normal score comes. If all $n+1$ come from one law, and no two are equal, each *rank* of the new one is equally
# probable. So it lies above the $k$-th smallest of the $n$ with probability
#
# $$P(\text{false alarm})=\frac{n+1-k}{n+1}\le\alpha\quad\text{for}\quad k=\lceil(1-\alpha)(n+1)\rceil,$$
#
# whatever the law and whatever the score (**conformal** prediction; Vovk et al., 2005; for anomalies Bates et al., 2023). With ties it is at most that.
#
# **Exercise {exercise: CONFORMAL_THRESHOLD}.** Write it. `calibration` holds the scores `(n,)`, in no order, and
# `alpha` is large enough for $k\le n$.


# %% tags=["exercise"]
def threshold(calibration, alpha):
    # BEGIN SOLUTION
    order = int(np.ceil((1 - alpha) * (len(calibration) + 1) - 1e-9))
    return np.sort(calibration)[order - 1]
    # END SOLUTION


# %%
check(exercises.CONFORMAL_THRESHOLD, threshold)

# %% [markdown]
# **Predict**, for 99 calibration scores and $\alpha=5\%$ of three laws, one with tails so heavy that it has no
# variance: which rule keeps its promise, this one or "mean plus 1.645 deviations", which has 5 % for a bell?

# %% tags=["proof"]
from course_lib.exact import law_of_false_alarms

laws = {"Gaussian": stats.norm(), "log-normal": stats.lognorm(1.0), "Student t, 2": stats.t(2)}
expected, shares = law_of_false_alarms(99, 95), {}
for number, (name, law) in enumerate(laws.items()):
    calibrations = law.rvs(size=(3000, 99), random_state=np.random.default_rng([run.seed, number]))
    lines = np.array([metrics.conformal_threshold(each, 0.05) for each in calibrations])
    shares[name] = law.sf(lines)  # the exact false-alarm rate of each line
    by_deviations = law.sf(calibrations.mean(axis=1) + 1.645 * calibrations.std(axis=1)).mean()
    error = shares[name].std() / np.sqrt(3000)
    print(f"{name:12}: conformal {shares[name].mean():.4f} ± {error:.4f}, mean + 1.645 deviations {by_deviations:.4f}")
    assert abs(shares[name].mean() - 0.05) < 5 * error, "the rate must be 5 % on average, for every law"
    assert abs(np.mean(shares[name] < expected.ppf(0.95)) - 0.95) < 0.02, "and scatter as its Beta law says"
ax = plt.subplots(figsize=(5.5, 2.8), layout="constrained")[1]
ax.hist(list(shares.values()), 25, density=True, label=list(shares), color=plotting.PALETTE[:3])
rate = np.linspace(0, 0.15, 200)
ax.plot(rate, expected.pdf(rate), color="black", label="Beta(5, 95)")
ax.set(xlabel="false-alarm rate of one calibration", ylabel="density", xlim=(0, 0.15))
ax.legend(frameon=False)
plotting.show(
    alt="Histograms of the false-alarm rates of three thousand calibrations for three laws, all on the same curve, a hump "
    "around five per cent that reaches from one to twelve."
)

# %% [markdown]
# Three laws, one curve (Wilks, 1941). The bell's rule is near 5 % for the bell; for the others it rings too often or too seldom.
# But read the guarantee as it is: 5 % *on average over calibrations*. With 99 scores, yours may give 9 %; and the new
# data must come from the same law.

# %% [markdown] tags=["deeper"]
# ### How rare are they?
#
# Your detector finds 90 % of the anomalies at 5 % false alarms. Its AUROC is 0.97. One part in a thousand is broken.
# **Predict:** of the parts that it rejects, how many are broken? This share of true alarms among all alarms is the
# **precision**; its mean over the thresholds, weighted by how many more anomalies each of them finds, is the **average precision**.

# %% tags=["proof"]
prevalences = np.array([0.5, 0.1, 0.05, 0.01, 0.001])
precision = prevalences * 0.9 / (prevalences * 0.9 + (1 - prevalences) * 0.05)
normal, anomalous = norm(0, 1), norm(2, 1)
sample = rng.normal(size=200_000), rng.normal(2, 1, size=200_000)
print(
    "precision of an alarm:",
    ", ".join(f"{each:.1%} of {p:.1%}" for each, p in zip(precision, prevalences, strict=True)),
)
print("N(0, 1) against N(2, 1):")
for prevalence in (0.5, 0.1, 0.01):
    exact_auroc, exact_ap = detection_1d(normal.logpdf, anomalous.logpdf, -9, 12, prevalence)
    measured = metrics.detection(*sample, prevalence)
    print(f"prevalence {prevalence:4}: AUROC {measured.auroc:.3f} (exact {exact_auroc:.3f}), ", end="")
    print(f"average precision {measured.average_precision:.3f} (exact {exact_ap:.3f})")
    assert abs(exact_auroc - norm.cdf(2 / np.sqrt(2))) < 1e-4, "the AUROC must be Φ(δ/√2), however rare anomalies are"
    assert abs(measured.average_precision - exact_ap) < 0.025, "the weighted sample must have the exact precision"

# %% [markdown]
# Two of a hundred. The same as curves, by scikit-learn: each point is one threshold.

# %%
from sklearn.metrics import precision_recall_curve, roc_curve

scored, broken = np.concatenate(sample), np.repeat([0, 1], 200_000)
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")
for colour, prevalence in enumerate((0.5, 0.1, 0.01)):
    weight = np.where(broken == 1, prevalence, 1 - prevalence)
    false, hits, _ = roc_curve(broken, scored, sample_weight=weight)
    share_true, recall, _ = precision_recall_curve(broken, scored, sample_weight=weight)
    style = {"color": plotting.PALETTE[colour], "linewidth": 7 - 3 * colour, "label": f"prevalence {prevalence}"}
    left.plot(false[::50], hits[::50], **style)
    right.plot(recall[::200], share_true[::200], color=plotting.PALETTE[colour])
left.set(xlabel="false-alarm rate", ylabel="share of anomalies found", title="ROC")
right.set(xlabel="share found (recall)", ylabel="share of alarms that are true", title="precision and recall")
left.legend(frameon=False)
plotting.show(
    alt="Left, ROC curves for three prevalences, which lie on one another. Right, precision against recall for the same: "
    "three curves, the lower the rarer the anomalies."
)

# %% [markdown]
# The AUROC asks about one anomaly and one normal example, and never how many there are of each; the average precision does (Davis & Goadrich, 2006). Report it at the prevalence *of your
# application*, not of your test set.
#
# **Exercise {exercise: PRECISION_OF_ALARMS}.** A detector finds 80 % of the broken parts and rings for 10 % of the
# good ones. One part in 20 is broken. Of the parts that it rejects, what share is broken?

# %% tags=["exercise"]
# BEGIN SOLUTION
share_broken = 0.05 * 0.8 / (0.05 * 0.8 + 0.95 * 0.1)
# END SOLUTION

# %%
check(exercises.PRECISION_OF_ALARMS, share_broken)

# %% [markdown]
# ## Are the data what you think?
#
# The third trade needs no density. Before all of it: copies in a data set make a rate look small and a test look
# passed. Here is a data set with planted faults: ten training images slipped into the test set, of which five with a
# little noise; and one broken image. **`datasets.duplicates`** looks for them; it takes arrays, or *a folder of your
# own pictures*.

# %% tags=["proof"]
source, places = rng.choice(3000, 10, replace=False), rng.choice(500, 11, replace=False)
train_set, test_set = letters.x_train[:3000].copy(), letters.x_test[:500].copy()
test_set[places[:10]] = train_set[source]
test_set[places[5:10]] += 0.02 * rng.normal(size=(5, 28, 28, 1)).astype("float32")
test_set[places[10], 3, 3] = np.nan
before = datasets.duplicates({"train": letters.x_train[:3000], "test": letters.x_test[:500]}, near=0.025)
found = datasets.duplicates({"train": train_set, "test": test_set}, near=0.025)
planted = {(f"train {one}", f"test {other}") for one, other in zip(source, places[:10], strict=True)}
print(f"without the faults: {len(before.equal)} equal, {len(before.near)} near, {len(before.broken)} broken")
print(f"with them: {len(found.equal)} equal, {len(found.near)} near, {len(found.broken)} broken: {found.broken[0]}")
assert [*before.equal, *before.near, *before.broken] == [], "the letters themselves must have no copies"
assert set(found.across("train", "test")) == planted, "the copies found must be those that were planted"
assert found.broken == [f"test {places[10]}"], "and the broken image the one that was broken"

# %% [markdown]
# Your own folder, sub-folders and all, is one line, where `near` compares thumbnails:
#
# ```python
# report = datasets.duplicates("my_pictures", near=0.03)
# report.across("cats", "dogs")   # one picture, two labels
# ```

# %% [markdown] tags=["deeper"]
# ### Wrong labels
#
# A wrong label leaves no copy. But an example is *suspect* if among its ten nearest neighbours another label is more
# frequent than its own. Twenty training digits get a wrong label; **`datasets.suspect_labels`** takes a set for each label, or a folder with a
# folder for each label: `datasets.suspect_labels("my_pictures")`.

# %% tags=["proof"]
given, wrong = digits.y_train.copy(), rng.choice(len(digits.y_train), 20, replace=False)
given[wrong] = (given[wrong] + rng.integers(1, 10, size=20)) % 10
suspects = datasets.suspect_labels({f"{label}": digits.x_train[given == label] for label in range(10)})
named = {f"{given[row]} {np.sum(given[:row] == given[row])}": f"{digits.y_train[row]}" for row in wrong}
hits = [suspect for suspect in suspects if suspect.name in named]
right_guess = sum(named[suspect.name] == suspect.neighbours_say for suspect in hits)
print(f"{len(suspects)} suspects; of 20 wrong labels {len(hits)} are among them, {right_guess} with the right guess")
assert len(hits) >= 18, "nearly all of the wrong labels must be suspect"
assert right_guess >= 17, "and their neighbours must know the right one"
assert len(suspects) - len(hits) <= 40, "and few others"

# %% [markdown]
# The other suspects are probably right, and written oddly: so look, before you delete.

# %% [markdown] tags=["deeper"]
# ### A leak of our own making
#
# In grey no two of the digits are equal. But we made them black and white. **Predict:** how many of the 359 test
# images now have an equal one in the training set?

# %% tags=["proof"]
in_grey = datasets.duplicates({"train": digits.x_train, "validation": digits.x_validation, "test": digits.x_test})
leaks = datasets.duplicates({"train": train, "test": test}).across("train", "test")
leaked = {name for leak in leaks for name in leak if name.startswith("test")}
print(f"in grey {len(in_grey.equal)} images are equal; in black and white {len(leaked)} images of the test set,")
print(f"of {len(test)}, stand in the training set too")
pairs = [[int(name.split()[1]) for name in (leak[0], leak[-1])] for leak in leaks[:8]]
rows = {"training": digits.x_train[[one for one, _ in pairs]], "test": digits.x_test[[other for _, other in pairs]]}
plotting.image_rows(rows | {"both, black and white": train[[one for one, _ in pairs]].reshape(-1, 8, 8)})
plotting.show(
    alt="Three rows of eight digits: training images in grey, test images in grey, similar and not equal, and below the "
    "one black and white image that both become."
)
assert not in_grey.equal, "in grey no two of the digits may be equal"
assert 0.02 < len(leaked) / len(test) < 0.04, "of the black and white test images three in a hundred must be leaks"

# %% [markdown]
# Three in a hundred test images were in the training set *after our own preparation*: with fewer shades fewer images
# are possible. Whoever asks "does it memorise?" ({lesson: judging_generative_models}) must look at what the model has
# seen.

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> "Our neural compressor restores all images bit by bit, so its model is right." What do you ask for?</summary>
#
# The rate. Any $q$ and any model restore everything, if both sides use the same; a wrong one costs bits. Compare the
# file with −ELBO/ln 2, and with zlib, bz2 and lzma.
# </details>
#
# <details><summary><b>2.</b> A VAE with 32 float codes "compresses 784 pixels to 32 numbers, by the factor 24". Right?</summary>
#
# A float is no length: 32 floats of 32 bits are 1,024 bits, more than 784 black or white pixels. The length of a
# lossless file is about −ELBO/ln 2 bits; with rounding, the entropy of the rounded codes, and an error beside it.
# </details>
#
# <details><summary><b>3.</b> A model of street photographs gives a grey wall more density than any street. Is it broken?</summary>
#
# Not for this reason. Simple images near the middle may have the highest density, in a perfect model too. They are
# not *typical*.
# </details>
#
# <details><summary><b>4.</b> "We chose the threshold so that 5 % of the training images ring." Why does it ring more often in use?</summary>
#
# The model was fitted to those images, so their scores are lower than those of new ones. Calibrate on images that
# trained nothing and chose nothing.
# </details>
#
# <details><summary><b>5.</b> Detector A has AUROC 0.95, detector B 0.93. One case in 10,000 is an anomaly. Which one?</summary>
#
# One cannot tell: what counts is the far left end of the curve, where hardly any normal case rings. Ask for precision
# at this prevalence.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **written** an entropy coder, and **proved** that it spends $-\log_2p(x)$ bits, and the KL more if the table is wrong;
# * **coded** digits with bits back: the ELBO is the length of a file, and a round trip proves nothing;
# * **derived** that a perfect density ranks tame anomalies as the most probable, and **read** a table that no score wins;
# * **set** a threshold that holds for every law (deeper: and **said** that AUROC does not know how rare anomalies are);
# * **found** planted copies and a broken image (deeper: wrong labels, and a leak that our own preparation had made).
#
# What is a density good for, besides samples? **For lengths it is exactly the right number. For alarms it is one
# score among several. And no number is better than the data that it was counted on.**
#
# **Go further.** Train the letters' VAE for 60 epochs: how many bits does its ELBO save, and does the file follow?
# Replace the prior's equal bins by steps of equal *width*: what changes in the rate, and what in the round trip? Run
# `datasets.duplicates` and `datasets.suspect_labels` on a folder that you believe to be clean.
#
# **References.** Neyman & Pearson (1933), *On the problem of the most efficient tests of statistical hypotheses*,
# Phil. Trans. R. Soc. A 231. · Wilks (1941), *Determination of sample sizes for setting tolerance limits*, Ann. Math.
# Stat. 12. · Shannon (1948), *A mathematical theory of communication*, Bell System Technical Journal 27. · Hinton &
# van Camp (1993), *Keeping the neural networks simple by minimizing the description length of the weights*, COLT. ·
# Vovk, Gammerman & Shafer (2005), *Algorithmic learning in a random world*, Springer. · Davis & Goadrich (2006), *The
# relationship between precision-recall and ROC curves*, ICML. · Duda (2013), *Asymmetric numeral systems*,
# arXiv:1311.2540. · Ballé, Laparra & Simoncelli (2017), *End-to-end optimized image compression*, arXiv:1611.01704. ·
# Nalisnick et al. (2019a), *Do deep generative models know what they don't know?*, arXiv:1810.09136. · Nalisnick et
# al. (2019b), *Detecting out-of-distribution inputs to deep generative models using typicality*, arXiv:1906.02994. ·
# Townsend, Bird & Barber (2019), *Practical lossless compression with latent variables using bits back coding*,
# arXiv:1901.04866. · Bates et al. (2023), *Testing for outliers with conformal p-values*, arXiv:2104.08279.

# %% [markdown] tags=["slide"]
# # Compression, anomalies and clean data: what a density is good for
#
# You have a model that gives $p(x)$, and you may not want a single sample of it.
#
# **What is the number good for?**

# %% [markdown] tags=["notes"]
# 1 min. Three trades: files, alarms, clean data. Each has a mistake that looks like success; they will meet all three.

# %% [markdown] tags=["slide"]
# ## A probability is a length
#
# $$\text{length of }x=-\log_2p(x)\text{ bits}$$
#
# + $p=\frac12$: one bit. $p=\frac18$: three.
# + 1 nat = 1.44 bits.
# + The wrong table costs $\mathrm{KL}(p\,\|\,r)$ a symbol more.
# + And 0.4 bits? Put the *whole message* into one number.

# %% [markdown] tags=["notes"]
# 2 min. Ask what a code of 0.4 bits could be before the last line. Shannon, 1948.

# %% [markdown] tags=["slide"]
# ## One whole number that grows
#
# $$\text{push:}\quad s\mapsto\lfloor s/f\rfloor\,M+c+(s\bmod f)$$
#
# {figure: a-probability-is-a-length-7}

# %% [markdown] tags=["notes"]
# 3 min. Frequencies f with the sum M; c is what stands before the symbol. Left: the last digit in base 16 names the symbol. Right: the state grows by the ideal length. It is a stack: last in, first out. Exercise {exercise: PUSH} writes the line; homework.

# %% [markdown] tags=["slide"]
# ## Predict: 5,000 symbols, probabilities 0.7, 0.2, 0.1
#
# The entropy is 1.157 bits a symbol. How many bits has the file? And with a rounded table?
#
# . . .
#
# {output: a-probability-is-a-length-5}

# %% [markdown] tags=["notes"]
# 2 min. Most say "a bit per symbol at least". The start of the file costs some ten bits, once.

# %% [markdown] tags=["slide"]
# ## Predict: who writes digits in the fewest bits?
#
# zlib, bz2, lzma; independent pixels; a mixture of 30 kinds. Plainly: 64 bits.
#
# . . .
#
# {figure: who-writes-digits-in-the-fewest-bits-3}

# %% [markdown] tags=["notes"]
# 3 min. Ask what the second bar of each compressor controls for: the models have seen training images too. The mixture's number is a promise so far.

# %% [markdown] tags=["slide"]
# ## Bits back
#
# $$\underbrace{-\log_2p(x\mid z)}_{\text{push }x}\;\underbrace{-\log_2p(z)}_{\text{push }z}\;\underbrace{+\log_2q(z\mid x)}_{\text{bits back}}$$
#
# + Several $z$ would serve: let the choice carry a message.
# + *Pop* $z$ with $q(z\mid x)$ from bits that are there already.
# + The receiver knows $q$, and pushes them back.
#
# . . .
#
# On average: $-\text{ELBO}/\ln2$. **The ELBO is a file size.**

# %% [markdown] tags=["notes"]
# 4 min. The most important slide. Draw a stack on the board, and pop, push, push. Popping from random bits is drawing. The usual question: whose bits are they? Those of the file before.

# %% [markdown] tags=["slide"]
# ## Predict: which of these files can be opened again?
#
# The exact posterior; and a careless $q$, all 30 kinds equally probable.
#
# . . .
#
# {output: bits-back-3}

# %% [markdown] tags=["notes"]
# 3 min. Vote. All of them: a round trip says that the decoder mirrors the encoder, and nothing of the model. Little comes back here because nearly every image has one kind only.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: BIN_MASSES} · {minutes} minutes
#
# A published coder restores every image. Its files are two per cent too long. What is wrong?
#
# ```python
# stats.norm.cdf((edges - mean) / np.exp(log_var))
# ```

# %% [markdown] tags=["notes"]
# 4 min. In pairs. Variance for scale. Usual wrong answers: the bins are too coarse; too few random bits at the start.

# %% [markdown] tags=["slide"]
# ## The slip, in bits
#
# {figure: a-continuous-code-and-a-famous-slip-6}
#
# The file has the evidence *and* the KL. Nothing else shows it.

# %% [markdown] tags=["notes"]
# 2 min. Ask what a test must look at: the rate beside the evidence, or beside −ELBO in bits.

# %% [markdown] tags=["slide"]
# ## Quiz: "32 float codes instead of 784 pixels: compressed 24 times." Right?
#
# . . .
#
# 32 floats of 32 bits are 1,024 bits: more than 784 black or white pixels.
#
# . . .
#
# A length is $-\log_2p$, or the entropy of the *rounded* code with the error beside it.

# %% [markdown] tags=["notes"]
# 2 min. Vote first. The same mistake stands in many introductions to autoencoders.

# %% [markdown] tags=["slide"]
# ## An unlikely image is an anomaly. Is it?
#
# + Ring where $-\log p(x)$ is large.
# + **AUROC:** the probability that an anomaly scores higher than a normal example.
# + 1 is perfect, ½ knows nothing, 0 is perfect and upside down.
#
# . . .
#
# Data $\mathcal N(0,I_d)$, anomalies $\mathcal N(0,\frac14I_d)$, and a perfect model. **The AUROC?**

# %% [markdown] tags=["notes"]
# 3 min. Let them write a number for 2, 10 and 64 dimensions. Most say one half or more.

# %% [markdown] tags=["slide"]
# ## Worse than chance, exponentially
#
# {figure: an-unlikely-image-is-an-anomaly-is-it-3}
#
# $$\text{AUROC}=P(F_{d,d}>4)$$

# %% [markdown] tags=["notes"]
# 3 min. 0.2, 0.02 and nearly nothing. The density is highest in the middle, and nobody lives there: hardly any volume. So ask whether log p is typical, not whether it is low.

# %% [markdown] tags=["slide"]
# ## Predict: which visitors look *more* probable than letters? Than faces?
#
# {figure: letters-and-faces-3}

# %% [markdown] tags=["notes"]
# 2 min. Each writes down the rows. Probabilistic PCA with 40 latents, exact log p.

# %% [markdown] tags=["slide"]
# ## No score wins everywhere
#
# {figure: letters-and-faces-6}

# %% [markdown] tags=["notes"]
# 4 min. Row by row. The blank page beats every letter, and a black picture no face. Typicality repairs that and is nearly blind to mirrors; the nearest letter is not. Is a mirrored face an anomaly? The table only has the rows that somebody thought of. Exercise {exercise: READ_THE_TABLE} is homework.

# %% [markdown] tags=["slide"]
# ## Quiz: a model gives a grey wall more density than any street. Broken?
#
# . . .
#
# Not for this reason: simple images near the middle may have the highest density, in a perfect model too.
#
# . . .
#
# They are not *typical*.

# %% [markdown] tags=["notes"]
# 2 min. If they say "broken", go back to the three histograms.

# %% [markdown] tags=["slide"]
# ## A threshold with a guarantee
#
# $n$ scores of normal examples that trained nothing. A new one has each of $n+1$ ranks with equal probability:
#
# $$P(\text{false alarm})=\frac{n+1-k}{n+1}$$
#
# + for every law, and every score (with ties: at most that);
# + on average over calibrations.

# %% [markdown] tags=["notes"]
# 2 min. Let them say why: exchangeable, no ties. The threshold is the k-th smallest. Exercise {exercise: CONFORMAL_THRESHOLD} writes it.

# %% [markdown] tags=["slide"]
# ## Three laws, one curve
#
# {figure: a-threshold-with-a-guarantee-3}
#
# {output: a-threshold-with-a-guarantee-3}

# %% [markdown] tags=["notes"]
# 3 min. Ask which rule keeps its promise. One single calibration may still have nine per cent.

# %% [markdown] tags=["slide"]
# ## Predict: 90 % found, 5 % false alarms, one part in 1,000 broken
#
# Of the parts that are rejected, how many are broken?
#
# . . .
#
# {output: how-rare-are-they-2 1}
#
# First the share of alarms that are right, then the share of parts that are broken. The AUROC knows nothing of the second.

# %% [markdown] tags=["notes"]
# 2 min. The usual answer is 90 %. Two of a hundred. Report average precision at the prevalence of the application.

# %% [markdown] tags=["slide"]
# ## To take home
#
# **For lengths a density is exactly the right number. For alarms it is one score among several.**
#
# A round trip proves nothing: look at the rate.
#
# *At home:* exercises {exercise: PUSH} and {exercise: CONFORMAL_THRESHOLD}. Search your own data for duplicates.

# %% [markdown] tags=["notes"]
# 1 min. The cleaning of data, the VAE as a compressor and the blindness of reconstruction are in the notebook.
