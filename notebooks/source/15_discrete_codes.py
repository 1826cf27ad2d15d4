# ---
# jupyter:
#   course:
#     part: "Part II · Latent variables, the ELBO and the VAE"
#     question: "Can a code be a word, in an alphabet that is learned?"
#     gpu: true
# ---

# %% [markdown]
# # Discrete codes: an image as a word in an alphabet of its own
#
# **The question.** A letter is one of ten, its font one of twelve. Much of what we name comes in kinds, and a language has a *finite*
# alphabet. Must a code be a list of numbers, or can it be a word, in an alphabet that is learned?
#
# In this lesson you will
#
# * **look up** the nearest code, and **say** which term of a VQ-VAE moves which part;
# * **find the bug** in the running means of a codebook, and **revive** dead codes;
# * **predict** a perplexity, and what a word costs in bits;
# * **write** a first grammar of words by counting, and **learn** a better one;
# * **draw** letters from it, and judge them beside random words.
#
# *To know before:* {lesson: the_reparameterization_trick} (straight-through gradients, Gumbel-softmax), the ELBO
# ({lesson: the_elbo}).
# *Time:* {times}; about 30 seconds to run on two CPU cores, less on a GPU.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## Codes that are symbols
#
# Let the code be a grid of symbols (van den Oord et al., 2017). There is a **codebook** of $K$ vectors $e_1,\dots,e_K$. The encoder
# makes a vector $z$ for each position of the grid, and each is replaced by the nearest vector of the book:
#
# $$k=\arg\min_j\|z-e_j\|^2,\qquad z\;\to\;e_k .$$
#
# The numbers $k$, one for each position, are the **word** of the image; the decoder gets the vectors $e_k$. This is a **VQ-VAE**
# (*vector quantization*):

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import ops

from course_lib import datasets, networks, plotting, show
from course_lib.formulas import bernoulli_log_prob, input_gradient
from course_lib.models import VQVAE

blue, orange = plotting.PALETTE[0], plotting.PALETTE[5]
back = {"color": orange, "linestyle": "--", "connectionstyle": "arc3,rad=0.45"}
places = {"image x": (0, 0), "encoder": (1.3, 0), "grid of z": (2.6, 0), "nearest $e_k$": (4.1, 0), "decoder": (5.6, 0)}
way = [*places, "$p(x\\mid e_k)$"]
plotting.diagram(
    places | {way[-1]: (7, 0), "codebook": (4.1, 1.6), "word k": (4.1, -1)},
    [(way[place], way[place + 1], "", {"color": blue}) for place in range(5)]
    + [("codebook", "nearest $e_k$", "", {}), ("nearest $e_k$", "word k", "", {})]
    + [("decoder", "grid of z", "gradient, straight through", back)],
    shaded=["encoder", "decoder", "codebook"],
)
plotting.show(
    alt="Boxes and arrows: an image goes through the encoder to a grid of vectors z, each is replaced by the nearest vector of "
    "the codebook, whose number is written into the word, and the decoder gets the vectors. A dashed arrow leads the gradient "
    "from the decoder past the codebook straight to z."
)

# %% [markdown]
# In the plane one sees what "nearest" does: each code owns a cell, and all vectors in a cell become one symbol.

# %%
points, _ = datasets.load("moons").split("train")
rng = np.random.default_rng(run.seed)
book = points[rng.choice(len(points), 7, replace=False)]
mesh = np.stack(np.meshgrid(np.linspace(-2.4, 2.4, 240), np.linspace(-2.4, 2.4, 240)), axis=-1)
cells = np.square(mesh[..., None, :] - book).sum(axis=-1).argmin(axis=-1)
figure, ax = plt.subplots(figsize=(5, 3.4), layout="constrained")
ax.contour(mesh[..., 0], mesh[..., 1], cells, levels=np.arange(7) + 0.5, colors="0.6", linewidths=0.8)
ax.scatter(*points[:400].T, s=4, color=blue, linewidths=0)
ax.scatter(*book.T, s=40, color=orange)
for k, place in enumerate(book):
    ax.annotate(f"{k}", place, textcoords="offset points", xytext=(6, 4))
ax.set(xlabel="$z_1$", ylabel="$z_2$")
plotting.show(
    alt="Points on two half-moons and seven numbered codes. Straight lines cut the plane into seven cells, one around each "
    "code: all points of a cell get its number."
)

# %% [markdown]
# **Exercise {exercise: NEAREST_CODE}.** Look them up: `z` is `(batch, positions, length)`, `codebook` is `(K, length)`; return the numbers of the
# nearest codes, `(batch, positions)`.


# %% tags=["exercise"]
def nearest_code(z, codebook):
    # BEGIN SOLUTION
    return np.square(z[..., None, :] - codebook).sum(axis=-1).argmin(axis=-1)
    # END SOLUTION


# %%
from course_lib.exercises import check
from course_lib.exercises import discrete_codes as exercises

check(exercises.NEAREST_CODE, nearest_code)

# %% [markdown]
# ### Who is moved by what?
#
# Rounding has the slope 0 almost everywhere: no gradient would reach the encoder. The way out is lesson {number: the_reparameterization_trick}'s straight-through (Bengio et al., 2013),
# here without noise: *compute* with $e_k$, *differentiate* as if it had been $z$. And since nothing then tells the codebook where to
# go, two more terms are needed. A bar holds still what stands under it, and γ is a weight (¼ in the library); the squares are
# summed over all positions:
#
# $$L=\underbrace{-\log p(x\mid e_k)}_{\text{log-likelihood}}
#   +\underbrace{\|\bar z-e_k\|^2}_{\text{codebook}}+\gamma\underbrace{\|z-\bar e_k\|^2}_{\text{commitment}} .$$
#
# **Exercise {exercise: WHO_MOVES}.** Who is moved by each term? For each, answer `"encoder"`, `"decoder"`, `"codebook"`, `"both networks"` (encoder and
# decoder) or `"all three"`, in a dictionary with the keys `"log-likelihood"`, `"codebook"` and `"commitment"`.

# %% tags=["exercise"]
# BEGIN SOLUTION
moves = {"log-likelihood": "both networks", "codebook": "codebook", "commitment": "encoder"}
# END SOLUTION

# %%
check(exercises.WHO_MOVES, moves)

# %% [markdown]
# In the library, the straight-through line and the two terms:

# %%
from course_lib.layers import VectorQuantizer

show(VectorQuantizer.call)

# %% [markdown]
# **Proof** of the line `quantized`: whatever follows, here $f(q)=\sum q^3$, computes with $e_k$, and its gradient arrives at $z$
# *unchanged*, as $f'(e_k)$. With plain rounding, the control, nothing arrives.

# %% tags=["proof"]
layer = VectorQuantizer(7, 2, seed=run.seed)
layer.codebook.assign(book)
z = ops.convert_to_tensor(points[:200, None, :], "float32")
straight = ops.convert_to_numpy(input_gradient(lambda z: layer(z)["quantized"] ** 3, z))
rounded = ops.convert_to_numpy(input_gradient(lambda z: layer.lookup(layer.nearest(z)) ** 3, z))
e_k = ops.convert_to_numpy(layer.lookup(layer.nearest(z)))
print(f"straight through: largest difference from f'(e_k) {np.abs(straight - 3 * e_k**2).max():.0e}")
print(f"rounding alone: largest gradient {np.abs(rounded).max():.0e}")
assert np.abs(straight - 3 * e_k**2).max() < 1e-4, "straight through, the gradient of e_k must arrive at z as it is"
assert np.abs(rounded).max() == 0, "and through rounding alone none may arrive"

# %% [markdown]
# ### Running means, and a bug in them
#
# There is a second way to move the codebook. Write $i\to k$ if code $k$ is the nearest one of the vector $z_i$. The code that
# minimises $\sum_{i\to k}\|z_i-e_k\|^2$ is the **mean** of its vectors (set the derivative $2\sum_{i\to k}(e_k-z_i)$ to 0):
# that is *k-means*. So keep running counts and sums, *exponential moving averages* with a share $\rho$ of the old
# (`ema_decay`): with the $n_k$ vectors of code $k$ in this batch,
# $N_k\leftarrow\rho N_k+(1-\rho)n_k$ and $m_k\leftarrow\rho m_k+(1-\rho)\sum_{i\to k}z_i$; and put $e_k=m_k/N_k$. Then
# the codebook term is not needed.
#
# **Exercise {exercise: RUNNING_MEANS}: find the bug.** One such step, as found. `counts` is $N$, `sums` is $m$, `z` holds the vectors of a batch,
# `(n, length)`, and `codes` their codes, `(n,)`; the new codebook is returned. It runs, and where all codes
# are equally frequent it even looks right.


# %% tags=["exercise"]
def running_means(counts, sums, z, codes, decay):
    chosen = np.eye(len(counts))[codes]  # (n, K)
    # BEGIN SOLUTION
    counts = decay * counts + (1 - decay) * chosen.sum(axis=0)
    sums = decay * sums + (1 - decay) * chosen.T @ z
    return sums / counts[:, None]
    # INSTEAD
    # means = chosen.T @ z / np.maximum(chosen.sum(axis=0), 1)[:, None]
    # return decay * sums / counts[:, None] + (1 - decay) * means
    # END SOLUTION


# %%
check(exercises.RUNNING_MEANS, running_means)

# %% [markdown] tags=["deeper"]
# ### What does a copy count?
#
# The two ways differ in something that is easy to overlook. Both squared distances are sums over *one* example, so repeating every
# example of a batch changes neither loss nor gradients. Do the running means notice? **Predict**, then let one step of each be
# taken on a batch and on the same batch twice.

# %% tags=["proof"]
letters = (datasets.load("glyphs").x_train[:32] > 0.5).astype("float32")


def one_vq_step(x, **options):
    keras.utils.set_random_seed(run.seed)
    book = VectorQuantizer(8, 2, seed=run.seed, **options)
    parts = (
        networks.dense_grid_encoder((28, 28, 1), (3,), 2, (16,)),
        networks.dense_grid_decoder((3,), 2, (28, 28, 1), (16,)),
    )
    vqvae = VQVAE(*parts, book, bernoulli_log_prob, seed=run.seed)
    vqvae.compile(keras.optimizers.SGD(1e-3))
    loss = vqvae.fit(x, batch_size=len(x), verbose=0).history["loss"][0]
    return loss, [w.copy() for w in vqvae.encoder.get_weights()], ops.convert_to_numpy(book.codebook)


once, twice = letters, letters.repeat(2, axis=0)
for name, options in (("codebook term", {}), ("running means", {"ema_decay": 0.9})):
    (loss, encoder_1, book_1), (loss_2, encoder_2, book_2) = one_vq_step(once, **options), one_vq_step(twice, **options)
    of_encoder = max(np.abs(a - b).max() for a, b in zip(encoder_1, encoder_2, strict=True))
    of_book = np.abs(book_1 - book_2).max()
    print(f"{name}: loss {loss:.4f}, of the doubled batch {loss_2:.4f}")
    print(f"  largest difference after the step: encoder {of_encoder:.0e}, codebook {of_book:.0e}")
    assert abs(loss - loss_2) < 1e-3, "repeating a batch must not change the loss"
    assert of_encoder < 1e-5, "nor what the encoder learns from it"
    assert (of_book < 1e-5) == (name == "codebook term"), "the running means, and they alone, must count the copies"

# %% [markdown]
# The running means count vectors *per batch*, so they notice. It is no fault; but a model with them trains differently with
# another batch size, and it counts an example of weight 2 once.

# %% [markdown]
# ### Dead codes
#
# A code that is nobody's nearest gets no gradient and no mean. It stays where it is as long as no vector comes near it: it is **dead**. (While
# the encoder learns, its vectors move, and one may pass by; nobody sees to it.) How many codes are in use is measured
# by the **perplexity** $\exp\big(-\sum_k p_k\log p_k\big)$ of their shares $p_k$: $K$ if all are equally
# frequent, 1 if one code does everything.
#
# **Exercise {exercise: PERPLEXITY}: predict.** A book has 512 codes. Half of all vectors go to one code, the other half in equal parts to four others.
# What is the perplexity?

# %% tags=["exercise"]
# BEGIN SOLUTION
effective_codes = np.exp(0.5 * np.log(2) + 4 * 0.125 * np.log(8))
# END SOLUTION

# %%
check(exercises.PERPLEXITY, effective_codes)

# %% [markdown]
# Five codes are in use, and they count like four equally frequent ones.
#
# Here is a planted case: points in the plane, and 16 codes of which only one starts near them. The repair: a code whose running
# count falls below a small number is **revived**, which means it is put on a vector drawn from the batch (Dhariwal et al., 2020;
# Zeghidour et al., 2021). **Predict** both perplexities after 100 batches.

# %% tags=["proof"]
from course_lib.layers import perplexity

far_away = np.random.default_rng(run.seed).normal(size=(16, 2)) * 0.1 + [[12.0, 8.0]]
far_away[0] = 0.0
figure, frames = plt.subplots(1, 3, figsize=(9, 3), layout="constrained")
in_use = {}
for ax, (name, revive_below) in zip(
    frames, (("start", None), ("without revival", None), ("with revival", 1.0)), strict=True
):
    layer = VectorQuantizer(16, 2, ema_decay=0.9, revive_below=revive_below, seed=run.seed)
    for variable, value in ((layer.codebook, far_away), (layer.counts, np.ones(16)), (layer.sums, far_away)):
        variable.assign(value)
    for batch in range(0 if name == "start" else 100):
        layer(points[batch * 100 : batch * 100 + 100], training=True)
    in_use[name] = float(perplexity(layer(points)["codes"], 16))
    ax.scatter(*points[:1000].T, s=3, color="0.7", linewidths=0)
    ax.scatter(*ops.convert_to_numpy(layer.codebook).T, s=30, color=plotting.PALETTE[5])
    ax.set(title=f"{name}: perplexity {in_use[name]:.1f}", xlabel="$z_1$", ylabel="$z_2$")
plotting.show(
    alt="Three panels of points on two half-moons with 16 codes: at the start all but one lie far away; without "
    "revival one sits in the middle of the points and the others stay away; with revival they spread over the "
    "points."
)
assert in_use["without revival"] < 1.01 < 8 < in_use["with revival"], "revival must bring dead codes into use"

# %% [markdown]
# Grey: the points; orange: the codes. Without revival one code serves all points, from their middle, and fifteen lie dead at the upper right
# where they began. With it the codes have spread over the data within these 100 batches (note the narrower axes).

# %% [markdown]
# ## Letters in an alphabet of 32 symbols
#
# Now a VQ-VAE of all ten letters: 16 positions, each one of 32 codes. **Exercise {exercise: PRICE_OF_THE_CODE}: predict.** How many *bits* are needed to
# write down such a code, at most? (An image as it is takes 784.)

# %% tags=["exercise"]
# BEGIN SOLUTION
most_bits = 16 * np.log2(32)
# END SOLUTION

# %%
check(exercises.PRICE_OF_THE_CODE, most_bits)

# %% [markdown]
# A tenth of the raw image, then; if the words are not all equally frequent, less. But the image does not come back exactly. To
# write down *all* of it one pays for the word and for what it leaves unsaid: in bits, the negative bound divided by log 2
# (it is printed in the next section). We train on all letters, in pure black and white:

# %%
glyphs, SHAPE = datasets.load("glyphs"), (28, 28, 1)
x_train, x_test = ((x > 0.5).astype("float32") for x in (glyphs.x_train[:12_000], glyphs.x_test))
keras.utils.set_random_seed(run.seed)
vqvae = VQVAE(
    networks.dense_grid_encoder(SHAPE, (16,), 4, (256,)),
    networks.dense_grid_decoder((16,), 4, SHAPE, (256,)),
    VectorQuantizer(32, 4, ema_decay=0.95, revive_below=2.0, seed=run.seed),
    bernoulli_log_prob,
    seed=run.seed,
)
vqvae.compile(keras.optimizers.Adam(0.003))
history = vqvae.fit(x_train, epochs=8, verbose=0)
codes = vqvae.encode(x_train)
print(f"perplexity of the last epoch: {history.history['perplexity'][-1]:.1f} of 32")
print("the first image as a word:", codes[0])

# %% [markdown]
# Nearly all codes are in use. And the images?

# %%
plotting.image_rows(
    {"real": x_test[:12], "reconstructed": vqvae.reconstruct(x_test[:12]), "generated": vqvae.sample(12, seed=0)}
)
plotting.show(
    alt="Three rows of twelve images: real letters, their good reconstructions by the VQ-VAE, and generated images "
    "from random words of codes, mostly scribble."
)

# %% [markdown]
# The reconstructions are good: the words say what the letter was. The generated images are mostly scribble, although every symbol in
# them is a legal one. **What went wrong?** Nothing yet. They were made from *random words*, all $32^{16}$ equally likely; and random words are
# as little a language here as "xqzt" is English.

# %% [markdown]
# ## The grammar of the codes
#
# So the words need a distribution $p(k_1,\dots,k_{16})$, a *prior* over the code as in every VAE. Any such distribution makes the VQ-VAE a
# proper model, with a bound that costs two lines. The image could have come from every word:
#
# 1. $\log p(x)=\log\sum_{k}p(k)\,p(x\mid e_k)$, a sum over all $32^{16}$ words;
# 2. all terms are positive, so keep one of them, the word $k(x)$ that the encoder chose:
#    $\;\log p(x)\ge\log p\big(x\mid e_{k(x)}\big)+\log p\big(k(x)\big)$.
#
# This *is* an ELBO. Its $q$ puts all of its mass on one word, and the KL of such a $q$ to the prior is $-\log p(k(x))$. With uniform words it
# is $16\log32=55.5$ nats for every image: a constant, without a gradient. That is why a VQ-VAE's loss shows no KL. A better grammar
# makes the words that *do* occur cheaper.
#
# The simplest grammar counts. **Exercise {exercise: FREQUENCIES}.** Take the symbols as independent, each place with frequencies of its own:
# $p(k)=\prod_i p_i(k_i)$, where $p_i(k)$ is the share of $k$ at place $i$ in the training words, *with one added to every count* (so
# that no symbol costs infinitely much). Return $\log p$ of each row of `words`, `(n,)`; `training` is `(m, places)`.


# %% tags=["exercise"]
def log_prob_by_frequency(words, training, num_codes):
    # BEGIN SOLUTION
    counts = 1 + np.array([np.bincount(column, minlength=num_codes) for column in training.T])  # (places, codes)
    log_share = np.log(counts / counts.sum(axis=1, keepdims=True))
    return log_share[np.arange(words.shape[1]), words].sum(axis=1)
    # END SOLUTION


# %%
check(exercises.FREQUENCIES, log_prob_by_frequency)

# %% [markdown]
# Frequencies are no grammar yet: a "q" would not call for a "u". Any distribution can be written as one symbol after the other
# (an **autoregressive** prior):
#
# $$\log p(k_1,\dots,k_N)=\sum_{i}\log p(k_i\mid k_1,\dots,k_{i-1}),$$
#
# and one network can give all $N$ terms in one pass, if connections are cut so that the answer for position $i$ depends on
# nothing but the positions *before* $i$ (MADE, Germain et al., 2015). Give every hidden unit a degree $d$: it may see the
# symbols of the positions up to $d$, and the answer for position $i$ may see hidden units of a degree below $i$. All other weights are
# multiplied by 0. Here are the connections that remain for four positions and six hidden units:

# %%
figure, ax = plt.subplots(figsize=(6, 2.8), layout="constrained")
degrees = np.array([0, 1, 2, 0, 1, 2])
for hidden, degree in enumerate(degrees):
    colour = plotting.PALETTE[(0, 5, 2)[degree]]
    for symbol in range(4):
        if symbol <= degree:
            ax.plot([symbol + 1, hidden], [0, 1], color=colour, linewidth=1)
        if degree < symbol:
            ax.plot([hidden, symbol + 1], [1, 2], color=colour, linewidth=1)
    ax.annotate(
        f"d = {degree}", (hidden, 1), ha="center", va="center", bbox={"boxstyle": "round", "fc": "white", "ec": colour}
    )
for symbol in range(4):
    for height, text in ((0, f"symbol {symbol}"), (2, f"answer {symbol}")):
        ax.annotate(text, (symbol + 1, height), ha="center", va="center", bbox={"boxstyle": "round", "fc": "0.9"})
ax.set(xlim=(-0.6, 5.6), ylim=(-0.3, 2.3))
ax.set_axis_off()
plotting.show(
    alt="A network of four symbols below, six hidden units with degrees 0, 1, 2 in the middle and four answers above. Lines lead "
    "from a symbol to hidden units of its degree or a higher one, and from these to answers of later places only; the answer "
    "of place 0 has no line at all."
)

# %% [markdown]
# Follow the lines upward from symbol 2: they end at answer 3 alone. **Proof** for a tiny grammar, before it has learned anything: its
# probabilities over *all* words sum to 1, and changing a symbol moves no answer at or before its place.

# %% tags=["proof"]
from itertools import product

from course_lib.models import CodePrior

tiny = CodePrior((4,), num_codes=3, hidden_units=(32,), seed=run.seed)
rng = np.random.default_rng(run.seed)
tiny.network.set_weights([rng.normal(size=w.shape) for w in tiny.network.get_weights()])
words = np.array(list(product(range(3), repeat=4)), "int32")
total = np.exp(tiny.log_prob(words).astype("float64")).sum()
print(f"the probabilities of all {len(words)} words sum to {total:.7f}")
assert abs(total - 1) < 1e-5, "an exact distribution must sum to one"
before = ops.convert_to_numpy(tiny(words))
for place in range(4):
    changed = words.copy()
    changed[:, place] = (changed[:, place] + 1) % 3
    moved = np.abs(ops.convert_to_numpy(tiny(changed)) - before).max(axis=(0, 2)) > 0
    print(f"another symbol at place {place} moves the answers for the places {np.flatnonzero(moved).tolist()}")
    assert np.flatnonzero(moved).tolist() == list(range(place + 1, 4)), "a symbol may move only the answers after it"

# %% [markdown]
# Now the real grammar, trained on the words of the training images by plain maximum likelihood. It is a model of its own; the VQ-VAE is
# handed it to sample from. Put the three in order, in nats for a word of a *test* image: uniform words, frequencies, the grammar.

# %% tags=["proof"]
keras.utils.set_random_seed(run.seed)
prior = CodePrior((16,), num_codes=32, hidden_units=(256,), seed=run.seed)
prior.compile(keras.optimizers.Adam(0.003))
prior.fit(codes, epochs=10, verbose=0)

test_words = vqvae.encode(x_test)
counted = 1 + np.array([np.bincount(column, minlength=32) for column in codes.T])
shares = counted / counted.sum(axis=1, keepdims=True)
cost = {
    "uniform words": np.full(len(test_words), 16 * np.log(32)),
    "frequencies": -np.log(shares)[np.arange(16), test_words].sum(axis=1),
    "grammar": -prior.log_prob(test_words),
}
unsaid = -vqvae.elbo(x_test) - cost["uniform words"]  # before a prior is set, words are uniform
for name, nats in cost.items():
    bits = (unsaid + nats).mean() / np.log(2)
    print(f"{name:13}: {nats.mean():5.1f} ± {nats.std() / len(nats) ** 0.5:.1f} nats a word, {bits:.0f} bits an image")
for dear, cheap, least in (("uniform words", "frequencies", 0), ("frequencies", "grammar", 3)):
    paired = cost[dear] - cost[cheap]
    assert paired.mean() > 5 * paired.std() / len(paired) ** 0.5 + least, f"{cheap} must be cheaper than {dear}"

# %% [markdown]
# In the last column stands what it takes to write down *all* of the image: the word, and what it leaves unsaid, the negative bound in
# bits. (784 bits are the image as it is.) Frequencies save little: nearly every symbol is in use at nearly every place.
# Knowing what stands *before* it saves several times as much.
#
# Do these nats show? Generate from all three, and judge 300 images of each by the distance to the nearest of the training images. (A low
# distance is no proof of quality, copies have 0, but scribble is far from every letter.) The control: reconstructed test images,
# whose words are real.

# %% tags=["proof"]
from course_lib.metrics import nearest_distance

rng = np.random.default_rng(run.seed)
by_frequency = np.stack([rng.choice(32, size=300, p=share) for share in shares], axis=1)
random_images = vqvae.sample(300, seed=0)
vqvae.set_prior(prior)
drawn = {
    "random words": random_images,
    "frequencies": vqvae.decode(by_frequency),
    "grammar": vqvae.sample(300, seed=0),
    "words of test images": vqvae.reconstruct(x_test[:300]),
}
plotting.image_rows({name: images[:12] for name, images in drawn.items()})
plotting.show(
    alt="Four rows of twelve images: from random words, mostly scribble; from words by frequency, mostly scribble as "
    "well; from the grammar, some of which look like letters; and reconstructed test images, clear letters."
)
distance = {name: nearest_distance(images, x_train) for name, images in drawn.items()}
for name, values in distance.items():
    print(f"{name:20}: distance to the nearest training image {values.mean():.2f} ± {values.std() / 300**0.5:.2f}")
for worse, better in (("random words", "grammar"), ("frequencies", "grammar"), ("grammar", "words of test images")):
    error = np.hypot(distance[worse].std(), distance[better].std()) / 300**0.5
    assert distance[worse].mean() - distance[better].mean() > 3 * error, (
        f"{better} must be nearer to letters than {worse}"
    )

# %% [markdown]
# The same decoder, the same codebook: what changed is which words are said. The grammar's images are nearer to letters than those of
# random words or of frequencies, and not yet as near as real words. Not every sample is a letter: a grammar of a few
# seconds' learning makes mistakes. Autoencoder first, density of its codes afterwards: that is the two-stage generator of
# {lesson: the_latent_space}, but with an exact density of symbols in place of a Gaussian.

# %% [markdown] tags=["deeper"]
# ## What does one word leave out?
#
# The bound keeps one term of a sum. How much is in the others? For 32¹⁶ words nobody can say. So train a VQ-VAE with so few words
# that all can be summed: two positions, 16 codes, 256 words. Bayes' rule says what the gap must be: $\log p(x)$ minus the bound is
# $-\log p(k(x)\mid x)$, the surprise of the model itself at the encoder's choice. It is 0 if no other word could have made the image.

# %% tags=["proof"]
from scipy.special import logsumexp

keras.utils.set_random_seed(run.seed)
small = VQVAE(
    networks.dense_grid_encoder(SHAPE, (2,), 4, (128,)),
    networks.dense_grid_decoder((2,), 4, SHAPE, (128,)),
    VectorQuantizer(16, 4, ema_decay=0.95, revive_below=2.0, seed=run.seed),
    bernoulli_log_prob,
    seed=run.seed,
)
small.compile(keras.optimizers.Adam(0.003))
small.fit(x_train[:6000], epochs=8, verbose=0)
every_word = np.array(list(product(range(16), repeat=2)), "int32")
pixels = np.clip(small.decode(every_word).reshape(256, -1).astype("float64"), 1e-12, 1 - 1e-12)
flat = x_test[:500].reshape(500, -1)
joint = flat @ np.log(pixels).T + (1 - flat) @ np.log1p(-pixels).T - np.log(256)  # (image, word)
exact, bound = logsumexp(joint, axis=1), small.elbo(x_test[:500])
posterior, number = joint - exact[:, None], small.encode(x_test[:500]) @ [16, 1]
chosen = posterior[np.arange(500), number]
print(f"log p(x) {exact.mean():.2f}, bound {bound.mean():.2f}, gap {np.mean(exact - bound):.2f} nats")
print(
    f"−log p(k(x) | x): {-chosen.mean():.2f} nats; the best word is chosen for {np.mean(posterior.argmax(1) == number):.0%}"
)
assert (exact - bound).min() > -0.05, "one term of a sum of positive terms must lie below the sum"
assert np.abs(exact - bound + chosen).max() < 0.05, "and the gap must be the surprise at the encoder's word"

# %% [markdown]
# The gap is small beside the rest, and it has two parts: words that would have done as well, and images for which the nearest code is not the
# best word. The encoder is asked for the *nearest vector*, not for the most probable word. A $q$ that spreads its mass over several words would
# close the gap. Then the word is *drawn*, and its gradient needs the score function or the Gumbel-softmax of
# {lesson: the_reparameterization_trick}; VQ-VAEs do without by being certain.

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> A VQ-VAE has 512 codes and a perplexity of 9. Is the codebook too small?</summary>
#
# No: too much of it is dead or hardly used. A larger book would not help. Revive codes, or let them follow running means, or begin on the data.
# </details>
#
# <details><summary><b>2.</b> Does a VQ-VAE without a prior over its codes define p(x)?</summary>
#
# Only if you say which words are how likely. With uniform words it is a model, and a poor one: its samples show it. The
# reconstructions look good either way, and tell nothing about it.
# </details>
#
# <details><summary><b>3.</b> "VQ-VAEs have no KL term, so they are no VAEs." Right?</summary>
#
# No. q is certain of one word, so its KL to uniform words is the constant N log K, which no gradient sees. It is still paid, and a
# trained prior over the words lowers it.
# </details>
#
# <details><summary><b>4.</b> You leave out the commitment term. What can go wrong?</summary>
#
# The encoder is moved by the likelihood alone, with a gradient computed at $e_k$. Nothing keeps $z$ near its code: it may
# run away, faster than the codebook follows, and then the copied gradient says little about $z$.
# </details>
#
# <details><summary><b>5.</b> In a MADE, may the answer for position i see symbol i?</summary>
#
# No: it would be told what it predicts. The loss would fall to nearly 0, the "probabilities" of all words would not sum to 1, and samples
# would be nonsense, because in sampling the symbol is not there yet.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **looked up** nearest codes, and **said** which term moves what;
# * **found the bug** in running means that forgot how many vectors they were means of, and **revived** dead codes;
# * **predicted** that a word of 16 symbols out of 32 takes at most 80 bits, and a perplexity;
# * **written** a grammar by counting, and **learned** one that is exact and causal;
# * **drawn** letters from it, nearer to real ones than those of random words.
#
# Can a code be a word? Yes, if we also learn which words are said.
#
# **Go further.** Train the VQ-VAE for 24 epochs: its images get better (in one run the bound with uniform words rose from −114 to −103 nats), and
# its words harder to say (51 nats by the same grammar, not 41; 55 by frequencies, not 53). Why? Because of this the lesson's sizes are the same in
# every profile. Then let it have `positions=(49,)` and 256 codes, on a GPU, and its grammar two hidden layers of 1,024. Or *ask* for letters
# from the grammar, as in {lesson: conditioning_and_rare_classes}: train one `CodePrior` for each letter. By which bound would you compare the
# ten with the one?
#
# **References.** Bengio, Léonard & Courville (2013), *Estimating or propagating gradients through stochastic neurons for conditional
# computation*, arXiv:1308.3432. · Germain, Gregor, Murray & Larochelle (2015), *MADE: masked autoencoder for distribution estimation*,
# arXiv:1502.03509. · van den Oord, Vinyals & Kavukcuoglu (2017), *Neural discrete representation learning*, arXiv:1711.00937. ·
# Dhariwal et al. (2020), *Jukebox: a generative model for music*, arXiv:2005.00341. · Zeghidour et al. (2021), *SoundStream: an
# end-to-end neural audio codec*, arXiv:2107.03312.

# %% [markdown] tags=["slide"]
# # Discrete codes: an image as a word in an alphabet of its own
#
# A letter is one of ten, its font one of twelve. A language has a *finite* alphabet.
#
# **Must a code be a list of numbers, or can it be a word, in an alphabet that is learned?**

# %% [markdown] tags=["notes"]
# 1 min. Needed from before: straight-through gradients, and the ELBO. Ask what comes in kinds: letters, fonts, species, words.

# %% [markdown] tags=["slide"]
# ## Codes that are symbols
#
# {figure: codes-that-are-symbols-2}
#
# The **codebook** has $K$ vectors; each $z$ is replaced by the nearest one, and the numbers $k$ are the **word**.

# %% [markdown] tags=["notes"]
# 3 min. Follow the blue arrows, then ask where the dashed one is needed. Say "VQ-VAE", vector quantization, once.

# %% [markdown] tags=["slide"]
# ## Every code owns a cell
#
# $$k=\arg\min_j\|z-e_j\|^2,\qquad z\to e_k$$
#
# {figure: codes-that-are-symbols-4}

# %% [markdown] tags=["notes"]
# 2 min. All vectors of a cell become one symbol. Ask what is lost: where in the cell z was.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: NEAREST_CODE} · {minutes} minutes
#
# Look them up, in NumPy, without a loop:
#
#     def nearest_code(z, codebook):
#         """z (batch, positions, length),
#         codebook (K, length) -> numbers (batch, positions)"""
#
# **Which shape does the table of all differences have?**

# %% [markdown] tags=["notes"]
# 4 min. (batch, positions, K, length), by z[..., None, :]. Usual wrong answer: the minimum over the wrong axis; argmax in place of argmin.

# %% [markdown] tags=["slide"]
# ## Who is moved by what?
#
# Rounding has slope 0. So: *compute* with $e_k$, *differentiate* as if it were $z$. A bar holds still:
#
# $$L=\underbrace{-\log p(x\mid e_k)}_{\text{log-likelihood}}+\underbrace{\|\bar z-e_k\|^2}_{\text{codebook}}+\gamma\underbrace{\|z-\bar e_k\|^2}_{\text{commitment}}$$

# %% [markdown] tags=["notes"]
# 2 min. Ask why two more terms: straight through, the likelihood passes the codebook by, and nothing tells it where to go.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: WHO_MOVES} · {minutes} minutes
#
# Who is moved by each of the three terms?
#
# - log-likelihood
# - codebook
# - commitment
#
# *Encoder, decoder, codebook, both networks, or all three?*

# %% [markdown] tags=["notes"]
# 3 min. Both networks; codebook; encoder. Usual wrong answer: the likelihood moves all three. Its gradient arrives at z, past e_k.

# %% [markdown] tags=["slide"]
# ## Does the gradient really pass?
#
# $f(q)=\sum q^3$ computes with $e_k$. What arrives at $z$?
#
# . . .
#
# {output: who-is-moved-by-what-5}

# %% [markdown] tags=["notes"]
# 1 min. With straight-through f'(e_k), unchanged; with rounding alone nothing at all. It is a biased gradient, and it works.

# %% [markdown] tags=["slide"]
# ## A second way: running means
#
# The best $e_k$ for its vectors is their **mean**: k-means. Keep running counts and sums:
#
# $$N_k\leftarrow\rho N_k+(1-\rho)\,n_k\qquad m_k\leftarrow\rho m_k+(1-\rho)\!\!\sum_{i\to k}z_i$$
#
# . . .
#
# $$e_k=\frac{m_k}{N_k}$$
#
# Then the codebook term is not needed.

# %% [markdown] tags=["notes"]
# 2 min. Derive the mean by setting the derivative to 0. Leave out what a copy counts; it is a deeper section.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: RUNNING_MEANS} · {minutes} minutes
#
# **Find the bug.** It runs, and where all codes are equally frequent it even looks right.
#
#     chosen = np.eye(len(counts))[codes]  # (n, K)
#     size = chosen.sum(axis=0)
#     means = chosen.T @ z / np.maximum(size, 1)[:, None]
#     old = sums / counts[:, None]
#     return decay * old + (1 - decay) * means

# %% [markdown] tags=["notes"]
# 3 min. It averages means: a code with one vector moves as far as one with a hundred, and one without any is pulled to the origin. Divide once, at the end.

# %% [markdown] tags=["slide"]
# ## Dead codes
#
# A code that is nobody's nearest gets no gradient and no mean.
#
# How many are in use? The **perplexity** of the shares $p_k$:
#
# $$\exp\Big(-\sum_kp_k\log p_k\Big)$$
#
# + $K$ if all are equally frequent.
# + 1 if one code does everything.

# %% [markdown] tags=["notes"]
# 2 min. It is the exponential of an entropy in nats. Ask for the value of two codes with shares ½ and ½.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: PERPLEXITY} · {minutes} minutes
#
# A book has 512 codes. Half of all vectors go to one code, the other half in equal parts to four others.
#
# **What is the perplexity?**
#
# And is the book too small?

# %% [markdown] tags=["notes"]
# 3 min. Entropy ½ log 2 + ½ log 8 = log 4, so 4: five in use count like four. Usual wrong answers: 5; 512; the entropy itself. Not too small: too dead.

# %% [markdown] tags=["slide"]
# ## Predict: sixteen codes, one of them near
#
# A code whose running count falls too low is **revived**: put on a vector of the batch. The perplexities after 100 batches?
#
# . . .
#
# {figure: dead-codes-3}

# %% [markdown] tags=["notes"]
# 2 min. Without revival 1, for ever. Mind the axes: the right panel is zoomed in. Nobody sees to it unless you do.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: PRICE_OF_THE_CODE} · {minutes} minutes
#
# A VQ-VAE of letters: 16 positions, each one of 32 codes. An image of black and white pixels takes 784 bits.
#
# **How many bits for the word, at most?**
#
# Is that the price of the *image*?

# %% [markdown] tags=["notes"]
# 2 min. 16 · 5 = 80. Usual wrong answer: 16 · 32. And no: what the word leaves unsaid is still to be paid.

# %% [markdown] tags=["slide"]
# ## What went wrong?
#
# {figure: letters-in-an-alphabet-of-32-symbols-5}
#
# . . .
#
# Nothing yet. Third row: *random* words. They are as little a language as "xqzt".

# %% [markdown] tags=["notes"]
# 2 min. Let them look for a bug first. Every symbol is legal, and nearly all codes are in use. Reconstructions tell nothing about samples.

# %% [markdown] tags=["slide"]
# ## A word needs a prior
#
# $$\log p(x)=\log\sum_kp(k)\,p(x\mid e_k)$$
#
# . . .
#
# Keep one positive term, the encoder's word:
#
# $$\log p(x)\ge\log p\big(x\mid e_{k(x)}\big)+\log p\big(k(x)\big)$$
#
# . . .
#
# Uniform words: $-\log p(k)=16\log32=55.5$ nats, a constant without a gradient.

# %% [markdown] tags=["notes"]
# 3 min. The sum has 32 to the 16 terms. It is an ELBO: q puts all its mass on one word, and the KL of such a q to the prior is −log p(k(x)).

# %% [markdown] tags=["slide"]
# ## Quiz: "VQ-VAEs have no KL term, so they are no VAEs." Right?
#
# . . .
#
# No. $q$ is certain of one word: its KL to uniform words is the constant $N\log K$, which no gradient sees.
#
# . . .
#
# It is still paid, and a trained prior over the words lowers it.

# %% [markdown] tags=["notes"]
# 1 min. The loss does not show it, so people forget it when they count bits.

# %% [markdown] tags=["slide"]
# ## A grammar: one symbol after the other
#
# $$\log p(k_1,\dots,k_N)=\sum_i\log p(k_i\mid k_1,\dots,k_{i-1})$$
#
# {figure: the-grammar-of-the-codes-3}

# %% [markdown] tags=["notes"]
# 2 min. MADE: one network, all terms in one pass. Follow the lines upward from symbol 2: they end at answer 3 alone.

# %% [markdown] tags=["slide"]
# ## Quiz: may answer i see symbol i?
#
# . . .
#
# No: it would be told what it predicts. The loss falls to nearly 0, and the "probabilities" no longer sum to 1.
#
# . . .
#
# Ours, before it has learned anything:
#
# {output: the-grammar-of-the-codes-5}

# %% [markdown] tags=["notes"]
# 2 min. Samples would be nonsense, for in sampling the symbol is not there yet. Read the first printed line: an exact distribution.

# %% [markdown] tags=["slide"]
# ## Predict: uniform, frequencies, grammar
#
# Nats for the word of a *test* image. How much does counting save, how much the grammar?
#
# . . .
#
# {output: the-grammar-of-the-codes-7}

# %% [markdown] tags=["notes"]
# 2 min. Most expect much from frequencies. Nearly every symbol is in use at nearly every place; what stands before it says far more. Last column: the whole image.

# %% [markdown] tags=["slide"]
# ## Do the nats show?
#
# {figure: the-grammar-of-the-codes-9}
#
# Same decoder, same codebook. **What changed is which words are said.**

# %% [markdown] tags=["notes"]
# 2 min. The distances to the nearest training image are in the notebook, in this order. A low distance is no proof: copies have 0. Not every sample is a letter.

# %% [markdown] tags=["slide"]
# ## To take home
#
# Can a code be a word? Yes, if we also learn **which words are said**.
#
# $$\log p(x)\ge\log p\big(x\mid e_{k(x)}\big)+\log p\big(k(x)\big)$$
#
# *At home:* exercise {exercise: FREQUENCIES}, a first grammar by counting.

# %% [markdown] tags=["notes"]
# 1 min. The same two stages as for the latent space: autoencoder first, density of its codes afterwards, here an exact one.
