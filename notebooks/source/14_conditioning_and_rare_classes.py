# ---
# jupyter:
#   course:
#     part: "Part II · Latent variables, the ELBO and the VAE"
#     question: "How do we steer generation, and what helps a rare class?"
#     gpu: true
# ---

# %% [markdown]
# # Conditioning and rare classes: a letter, a face or a missing half on request
#
# **The question.** A VAE draws *some* letter. How do we steer it: this letter, a face of this description, the half of an image that
# fits the other half? And what helps a class of which there are few examples?
#
# In this lesson you will
#
# * **condition** a VAE on a label, and **predict** how many nats a label can save;
# * **spell out** a description, and **ask** for faces that were never seen in training, judged against the exact truth;
# * **fill in** the missing half of an image, and **prove** the method on a model whose answer is exact;
# * **report** a model class by class, and **decide** by controls what helps a rare class;
# * deeper: **find the bug** in a weighted loss.
#
# *To know before:* the VAE ({lesson: the_variational_autoencoder}), the ELBO ({lesson: the_elbo}), probabilistic PCA
# ({lesson: probabilistic_pca_and_monte_carlo}).
# *Time:* {times}; less than a minute to run on two CPU cores.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## A letter on request
#
# The VAE of a set of letters is $p(x)=\int p(z)\,p(x\mid z)\,dz$: which letter comes out is decided by the draw of $z$, and you
# have no say in it. So give the label $y$ to *both* networks, and model each letter's images separately:
#
# $$p(x\mid y)=\int p(z)\,p(x\mid z,y)\,dz .$$
#
# Nothing in lesson {number: the_elbo}'s derivation changes if every density carries "given $y$":
#
# 1. $\log p(x\mid y)=\log\int p(z)\,p(x\mid z,y)\,dz=\log\mathbb E_{q}\Big[\frac{p(z)\,p(x\mid z,y)}{q(z\mid x,y)}\Big]$ for any
#    $q(z\mid x,y)$ that is positive where it matters;
# 2. the logarithm of a mean is at least the mean of the logarithms (Jensen), so
#    $\log p(x\mid y)\ge\mathbb E_q\big[\log p(x\mid z,y)\big]-\mathrm{KL}\big(q(z\mid x,y)\,\|\,p(z)\big).$
#
# This is the **conditional VAE** (Kingma et al., 2014; Sohn, Lee & Yan, 2015, who also let the prior depend on $y$). Note what
# is missing: $p(y)$. How often a letter occurs is not learned; when you generate, the letter is your choice.
#
# In a drawing: the label is beside the data on the way in, and beside the code on the way out.

# %%
from itertools import pairwise, product

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import ops

from course_lib import datasets, networks, plotting, show

blue, orange = plotting.PALETTE[0], plotting.PALETTE[5]
names = {
    "image x": (0, 1),
    "encoder": (1.4, 1),
    "$q(z\\mid x,y)$": (2.9, 1),
    "decoder": (4.4, 1),
    "$p(x\\mid z,y)$": (5.9, 1),
}
way = list(names)
plotting.diagram(
    names | {"label y": (2.9, 0)},
    [(a, b, "", {"color": blue}) for a, b in pairwise(way)]
    + [("label y", network, "", {"color": orange}) for network in ("encoder", "decoder")],
    shaded=["encoder", "decoder"],
)
plotting.show(
    alt="Boxes and arrows: the image goes through the encoder to the code and through the decoder back to an image. From "
    "a box below, the label, arrows lead to the encoder and to the decoder."
)

# %% [markdown]
# In code, the label is a one-hot vector that both networks get as a second input:

# %%
from course_lib.models import ConditionalVAE

show(ConditionalVAE.call)

# %% [markdown]
# We train it on the glyphs: ten letters in twelve fonts, here in pure black and white (so that the Bernoulli formula is a
# probability). `fit(x, y)` takes integer labels.

# %%
from course_lib.formulas import bernoulli_log_prob

glyphs, SHAPE = datasets.load("glyphs"), (28, 28, 1)
letters = np.array(glyphs.class_names)
x_train, x_test = ((x > 0.5).astype("float32") for x in (glyphs.x_train[:8_000], glyphs.x_test))
y_train, y_test = glyphs.y_train[:8_000], glyphs.y_test

keras.utils.set_random_seed(run.seed)
encoder = networks.dense_conditional_encoder(SHAPE, 5, 10, (256,))
decoder = networks.dense_conditional_decoder(5, SHAPE, 10, (256,))
model = ConditionalVAE(encoder, decoder, bernoulli_log_prob, num_classes=10, seed=run.seed)
model.compile(keras.optimizers.Adam(0.003))
history = model.fit(x_train, y_train, epochs=8, verbose=0)
print(f"loss of the first and the last epoch: {history.history['loss'][0]:.1f}, {history.history['loss'][-1]:.1f} nats")

# %% [markdown]
# Now draw five codes $z$ from the prior, and decode **each of them with all ten labels**. Down a column the label is the same,
# along a row the code. **Predict:** what will the images of one *row* have in common?

# %%
z = np.random.default_rng(1).normal(size=(5, 5)).astype("float32")
generated = model.decode(np.repeat(z, 10, axis=0), np.tile(np.arange(10), 5))
plotting.image_grid(generated, columns=10, title="generated: one code a row, one label a column")
plotting.show(
    alt="A grid of generated letters, five rows of one code each and ten columns of one label each. Down a column "
    "the letter is the same; along a row weight, slant and size are alike."
)

# %% [markdown]
# The letter comes from the label. What the label does not say is left to $z$: weight, slant, serifs, size, place. Nobody told
# the model that there is such a thing as a font. Why does one code mean "bold and upright" for *every* letter? The loss does
# not ask for it: turn $z$ by a rotation of its own for each label, in encoder and decoder alike, and neither the prior nor
# $p(x\mid y)$ changes, but the meaning of a code now differs from letter to letter. It is the **network** that is shared: one set
# of hidden units serves all ten labels, and what draws a bold B is most easily used to draw a bold E.
#
# Do the samples *obey*? Looking is not measuring. Let a classifier of real images, which has never seen the model, name them.
# And obeying is not enough: a model with *one* image per letter would obey perfectly. So also compare the
# **variance within a letter** with the real one. (A decoded mean is smoother than an image: the variance of $x$ is that of the
# means, plus the mean of the pixels' own variance $p(1-p)$.)

# %% tags=["proof"]
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

keras.utils.set_random_seed(run.seed)
classifier = make_pipeline(PCA(40), SVC(C=10)).fit(x_train[:3000].reshape(-1, 784), y_train[:3000])
asked = np.repeat(np.arange(10), 50)
samples = model.sample(500, asked, seed=run.seed)
obeyed = np.mean(classifier.predict(samples.reshape(-1, 784)) == asked)
real_names = np.mean(classifier.predict(x_test[:500].reshape(-1, 784)) == y_test[:500])


def variance_within(images, labels, own=0.0):
    return np.mean([(images[labels == k].var(axis=0) + own).sum() for k in range(10)])


spread = variance_within(samples, asked, (samples * (1 - samples)).mean(axis=0))
real_spread = variance_within(x_test, y_test)
print(f"named as asked: {obeyed:.2f} of the samples; rightly named: {real_names:.2f} of real images")
print(f"variance within a letter: samples {spread:.1f}, real {real_spread:.1f} (summed over the pixels, ink²)")
assert obeyed > 0.8, "samples must be named as the letter that was asked for"
assert 0.6 < spread / real_spread < 1.4, "and they must vary within a letter as real ones do"

# %% [markdown]
# ### What is a label worth?
#
# **Exercise {exercise: SAVED_BY_THE_LABEL}: predict.** Whoever knows the label is less surprised by the image. By Bayes' rule
# $p(x\mid y)\,p(y)=p(x)\,p(y\mid x)$, and there are ten letters, all equally frequent. What is the *most* that a label can add to
# the log-probability of an image, $\log p(x\mid y)-\log p(x)$, in nats?

# %% tags=["exercise"]
# BEGIN SOLUTION
most_saved = np.log(10)
# END SOLUTION

# %%
from course_lib.exercises import check
from course_lib.exercises import conditioning_and_rare_classes as exercises

check(exercises.SAVED_BY_THE_LABEL, most_saved)

# %% [markdown]
# The same rule turns the model round: $p(y\mid x)\propto p(x\mid y)\,p(y)$. A model that can *draw* each letter can *read*. Put in
# the ELBO for $\log p(x\mid y)$, for each of the ten labels, and name the image by the best. Nobody trained a classifier.

# %% tags=["proof"]
few, of_few = x_test[:500], y_test[:500]
scores = np.stack([np.mean([model.elbo(few, k) for _ in range(3)], axis=0) for k in range(10)])  # (label, image)
named = scores.argmax(axis=0)
right = scores[of_few, np.arange(500)]
saved = right - (np.logaddexp.reduce(scores, axis=0) - np.log(10))
print(f"read rightly: {np.mean(named == of_few):.3f} of {len(few)} images")
print(f"the label saves {saved.mean():.2f} nats on average; at most log 10 = {np.log(10):.2f} are possible")
assert np.mean(named == of_few) > 0.9, "the conditional model must read what it can draw"

# %% [markdown]
# (ELBOs stand in for $\log p(x\mid y)$, and $\log p(x)$ is their mean over labels, $\log\frac1{10}\sum_y p(x\mid y)$.) Most images
# save nearly all that can be saved: there is no doubt which letter they are. Compare the nats of a conditional model with those of
# *another*, unconditional model, and this bound need not hold: then two networks are compared, and not one with itself.

# %% [markdown]
# ## A face by description
#
# A label need not be one word. The course's colour faces are drawn from known factors, five of which are *kinds*: skin (6), hair
# (5), beard, glasses and hat (yes or no). "Brown skin, red hair, a beard, no glasses, a hat" is one of $6\cdot5\cdot2\cdot2\cdot2=240$
# combinations. Two pairs are **never together in training**: a hat and a beard, and glasses and red hair. Can we ask for a bearded
# face with a hat, from a model that has never seen one?
#
# It depends on how we *write the description down*. One way is to number the 240 combinations. Another is to spell it out: a
# one-hot vector for each kind, one behind the other.
#
# **Exercise {exercise: SPELL_OUT}.** Write the second way: `kinds` is `(n, f)`, integers, `sizes` is a list of `f` numbers of possible values; return
# `(n, sum(sizes))` of zeros and ones.


# %% tags=["exercise"]
def spell_out(kinds, sizes):
    # BEGIN SOLUTION
    return np.concatenate([np.eye(size)[kinds[:, place]] for place, size in enumerate(sizes)], axis=1)
    # END SOLUTION


# %%
check(exercises.SPELL_OUT, spell_out)

# %% [markdown]
# To compare the two ways fairly, both models get *the same networks*: a vector of 17 entries for the spelling and 240 for the number.
# One model finds its description in the first 17 and zeros behind, the other zeros first and a one among the 240. A fixed table
# turns the number of a combination into that vector. All else is equal: initial weights, 4,000 faces, their order, the noise.
# (As in {lesson: the_variational_autoencoder}, the cross-entropy of colours is not quite a likelihood; it serves.)

# %%
from course_lib.datasets import faces

SIZES = [len(values) for values in faces.KINDS.values()]
combinations = np.array(list(product(*map(range, SIZES))))  # (240, 5)
one_hots = [np.eye(size)[column] for size, column in zip(SIZES, combinations.T, strict=True)]
spelling, number = np.concatenate(one_hots, axis=1), np.eye(240)
TABLES = {
    "spelled out": np.concatenate([spelling, 0 * number], axis=1),
    "numbered": np.concatenate([0 * spelling, number], axis=1),
}


def number_of(factors):
    return np.ravel_multi_index([factors[kind] for kind in faces.KINDS], SIZES)


def told(network, table):
    """The network with the number of a combination as second input, looked up in a fixed table."""
    first, label = keras.Input(network.inputs[0].shape[1:]), keras.Input(table.shape[:1])
    look_up = keras.layers.Dense(table.shape[1], use_bias=False, trainable=False)
    described = look_up(label)
    look_up.set_weights([table])
    return keras.Model([first, label], network([first, described]))


# %% [markdown]
# Now the two trainings, on small pictures of 24 × 24 pixels.

# %%
pictures, LOOK = datasets.load("faces", size=24, num_train=4000), (24, 24, 3)
x_faces, label_of_faces = pictures.x_train, number_of(pictures.factors["train"])
artists = {}
for way, table in TABLES.items():
    keras.utils.set_random_seed(run.seed)
    parts = (
        told(networks.dense_conditional_encoder(LOOK, 16, 257, (256,)), table),
        told(networks.dense_conditional_decoder(16, LOOK, 257, (256,)), table),
    )
    artists[way] = ConditionalVAE(*parts, bernoulli_log_prob, num_classes=240, seed=run.seed)
    epochs = run.pick(cpu=5, gpu=60)
    artists[way].compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.0015, epochs * 125)))
    artists[way].fit(x_faces, label_of_faces, batch_size=32, epochs=epochs, verbose=0)

# %% [markdown]
# Order faces: eight descriptions, the right four of which no training face has. Each *row* is one code $z$ from the prior. **Predict:**
# which of the two models will put a hat on a bearded man?

# %%
orders = np.array(  # skin, hair, beard, glasses, hat
    [
        [0, 0, 0, 0, 0],
        [2, 3, 1, 0, 0],
        [4, 0, 0, 1, 1],
        [1, 2, 1, 1, 0],
        [1, 0, 1, 0, 1],
        [4, 2, 1, 1, 1],
        [0, 3, 0, 1, 0],
        [2, 3, 1, 1, 1],
    ]
)
asked_faces = np.ravel_multi_index(orders.T, SIZES)
z = np.random.default_rng(0).normal(size=(2, 16)).astype("float32")
rows = {
    f"{way}, code {row + 1}": artist.decode(np.repeat(z[row : row + 1], 8, axis=0), asked_faces)
    for way, artist in artists.items()
    for row in range(2)
}
plt.figure(figsize=(8, 3.6))
plotting.image_rows(rows, ax=plt.gca())
plotting.show(
    alt="Four rows of eight generated faces, two codes for each of two models; the left four columns are descriptions "
    "from training, the right four are new pairs such as hat and beard. With the description spelled out the new ones "
    "look as asked; with numbers the right half shows the same vague face in each column."
)

# %% [markdown]
# Down a column the description is the same; along a row the background, the clothes and the pose. The model that reads the
# spelling does as told in all eight, as far as such small, soft pictures show it. The one that reads numbers does so on the left
# alone, and after a short training hardly there: its faces differ a little in colour, no more (it has about 25 pictures of each
# description). Its four faces on the right are the same.
#
# **How near to the truth?** Here we can do what nobody can with photographs: `faces.draw` draws the *true* face with one factor changed. Take test
# faces without a hat, encode them with their own label, decode them with the label "the same, with a hat", and compare each
# picture with its own truth. The controls: the other model; the face's *own* label (nothing is asked); the
# real face left alone; and, as a floor, the truth itself sent through the model.

# %%
known, edits = pictures.factors["test"], {}
for kind, bearded in (("hat, no beard (seen)", 0), ("hat and beard (new)", 1)):
    who = (known["hat"] == 0) & (known["beard"] == bearded)
    before = {name: values[who] for name, values in known.items()}
    after = before | {"hat": np.ones_like(before["hat"])}
    edits[kind] = {"left alone": pictures.x_test[who], "truth": faces.draw(after, size=24)}
    for way, artist in artists.items():
        codes = artist.encode(pictures.x_test[who], number_of(before))[0]
        edits[kind][f"{way}: own label"] = artist.decode(codes, number_of(before))
        edits[kind][f"{way}: asked"] = artist.decode(codes, number_of(after))
    edits[kind]["floor"] = artists["spelled out"].reconstruct(edits[kind]["truth"], number_of(after))
plt.figure(figsize=(8, 3.6))
order = {"left alone": "real", "spelled out: asked": "spelled out", "numbered: asked": "numbered", "truth": "truth"}
plotting.image_rows({name: edits["hat and beard (new)"][which][:8] for which, name in order.items()}, ax=plt.gca())
plotting.show(
    alt="Four rows of eight bearded faces: the real ones without a hat, a hat asked for by the spelled-out description, "
    "which sits on a bearded head, the same by number, which gives vague faces, and the true faces with hats."
)

# %% tags=["proof"]
errors = {
    kind: {name: np.square(images - made["truth"]).sum(axis=(1, 2, 3)) for name, images in made.items()}
    for kind, made in edits.items()
}


def further(kind, control, than="spelled out: asked"):
    """How much further from the truth the control is, in standard errors of the paired difference."""
    paired = errors[kind][control] - errors[kind][than]
    return paired.mean() / (paired.std() / np.sqrt(len(paired)))


print(" " * 22, *errors, sep="  ")
for name in edits["hat and beard (new)"]:
    if name != "truth":
        print(f"{name:22}", *(f"{of_kind[name].mean():{len(kind)}.1f}" for kind, of_kind in errors.items()), sep="  ")
for way in artists:
    more = further("hat, no beard (seen)", f"{way}: own label", f"{way}: asked")
    assert more > 5, "asked for a hat on a pair from training, both models must come nearer to the truth"
for control in ("spelled out: own label", "numbered: asked"):
    assert further("hat and beard (new)", control) > 5, "spelled out, the new pair must be nearer than both controls"
assert further("hat and beard (new)", "floor") < -3, "and no order may beat the truth itself"

# %% [markdown]
# (Squared differences, summed over the 1,728 colour values of a picture; some 330 faces for each line.) The order by spelling is
# much nearer to the truth than the face's own label, on the pair from training *and* on the new one. The order by number helps
# for what was seen, though less. For the new pair it is hardly better than asking for nothing: the entry of that number was 0 in every training step, so
# its weights still have their initial values, and mean nothing. (The face that is left alone is a strong control: all of its pixels are
# right but those of the hat, while each face of a model is blurred, which alone costs as much as the floor says.)
#
# So **a model combines what its input lets it combine**. One number for each combination is a list of names, and a name that was never
# used has no meaning.

# %% [markdown]
# ## The missing half
#
# Steering by a *part* of the image: the top is seen, $x_o$, the bottom is missing, $x_m$. Which bottom would you expect? For a
# Gaussian that is a formula. Split mean and covariance into the seen and the missing part; then
#
# $$\mathbb E[x_m\mid x_o]=\mu_m+C_{mo}\,C_{oo}^{-1}\,(x_o-\mu_o),$$
#
# because $x_m-C_{mo}C_{oo}^{-1}x_o$ is uncorrelated with $x_o$ (compute the covariance: $C_{mo}-C_{mo}C_{oo}^{-1}C_{oo}=0$), for
# Gaussians therefore independent of it, and so it keeps its own mean, whatever $x_o$ is.
#
# **Exercise {exercise: CONDITIONAL_MEAN}.** Write it. `x` is `(n, d)`; `observed` is a mask of `d` Booleans, the same for all rows. Return whole rows.
# The missing entries of `x` hold nothing of use.


# %% tags=["exercise"]
def my_imputation(x, observed, mean, covariance):
    # BEGIN SOLUTION
    filled = x.copy()
    known = covariance[np.ix_(observed, observed)]
    slopes = np.linalg.solve(known, covariance[np.ix_(observed, ~observed)])
    filled[:, ~observed] = mean[~observed] + (x - mean)[:, observed] @ slopes
    return filled
    # END SOLUTION


# %%
check(exercises.CONDITIONAL_MEAN, my_imputation)

# %% [markdown]
# For a VAE there is no formula, but there is a latent: the pixels are independent *given* $z$. So
#
# 1. $\mathbb E[x_m\mid x_o]=\int \mathbb E[x_m\mid z]\;p(z\mid x_o)\,dz$: decode, and average over what $z$ could be;
# 2. $p(z\mid x_o)\propto p(z)\,p(x_o\mid z)$ cannot be drawn from. Draw from something near it, $r(z)$, and correct by
#    *weights*: $\;w_k=\frac{p(x_o\mid z_k)\,p(z_k)}{r(z_k)}$, divided by their sum;
# 3. for $r$ take the encoder. It wants a whole image: give it $x_o$ and a *guess* of $x_m$, and put the answer in place of the
#    guess, a few times (Rezende et al., 2014, appendix F; the weights: Mattei & Frellsen, 2019).
#
# The guess only decides where to look. The weights make the answer right, whatever the guess and however wrong the encoder: as
# the number of draws grows it becomes the model's own conditional mean. **Proof** on a VAE whose answer is known: a linear
# decoder, which makes it probabilistic PCA, and an encoder that is *deliberately wrong*.

# %% tags=["proof"]
from course_lib.exact import ProbabilisticPCA
from course_lib.formulas import gaussian
from course_lib.imputation import impute
from course_lib.models import VAE

weights, center, variance = np.array([[1.2, 0.3], [0.5, -0.9], [-0.7, 0.4], [0.2, 1.1]]), np.array([0.5, -1, 2, 0]), 0.4
keras.utils.set_random_seed(run.seed)
linear = VAE(
    networks.dense_gaussian_encoder((4,), 2, ()), networks.dense_decoder(2, (4,), ()), gaussian(variance), seed=run.seed
)
linear.decoder.set_weights([weights.T, center])
slopes = np.random.default_rng(3).normal(scale=0.1, size=(4, 2))
linear.encoder.set_weights([slopes, np.array([0.6, -0.6]), 0 * slopes, np.full(2, 0.5)])  # wrong in place and in width

seen = np.array([True, False, True, False])
rows = np.random.default_rng(run.seed).normal(size=(5, 4)) + center
exact = ProbabilisticPCA(weights, center, variance).impute(rows, seen)
answers = np.array([impute(linear, rows, seen, num_samples=4000, num_rounds=2, seed=s) for s in range(8)])
error = answers.std(axis=0)[:, ~seen].max() / np.sqrt(8)
largest = np.abs(answers.mean(axis=0) - exact).max()
print(f"largest difference from the exact conditional mean {largest:.4f} ± {error:.4f}")
assert largest < 6 * error + 0.02, "imputation must give the exact conditional mean, even with a wrong encoder"

# %% [markdown]
# Now letters. Each column: a real image, what is seen of it, and two fillings: given the *right* label, and given the **next
# letter** of the alphabet of this data set. **Before you look:** the top of a K is not the top of an M. What will a model do that is
# told "this is an M"?

# %% tags=["proof"]
top = np.zeros(SHAPE, bool)
top[:14] = True
columns = np.array([np.flatnonzero(y_test == k)[3] for k in range(10)])
real = x_test[columns]
vae_of = [model.given(k) for k in range(10)]
filled = {
    name: np.concatenate([impute(vae_of[(k + shift) % 10], real[k : k + 1], top, num_rounds=5) for k in range(10)])
    for name, shift in (("filled in, right label", 0), ("filled in, next letter", 1))
}
plotting.image_rows({"real": real, "seen": real * top, **filled})
plotting.show(
    alt="Four rows of ten letters: real ones, their visible upper halves, the lower half filled in for the right "
    "label, where style follows the seen half, and for the next letter, where another letter is completed."
)
hidden = ~np.broadcast_to(top, real.shape)
for name, images in filled.items():
    wrong = np.square(images - real)[hidden].mean()
    print(f"{name}: mean squared error of the missing pixels {wrong:.3f}")
blank = np.square(x_train[:, 14:].mean(axis=0) - real[:, 14:]).mean()
right_error = np.square(filled["filled in, right label"] - real)[hidden].mean()
print(f"the mean of all training images instead: {blank:.3f}")
assert right_error < 0.8 * blank, "the seen half and the label must tell more than the mean image"

# %% [markdown]
# Given the right label, weight and slant of the hidden half follow the seen one. Given a wrong label, the model does what it was
# asked: among the codes of an M it looks for one whose upper half is most like the seen one, and draws the lower half of that M.
# `model.given(k)` is the ordinary VAE of one letter, with the label filled in. Imputed pixels are **means**: they are grey where
# the model is unsure.

# %% [markdown]
# ## The rare class
#
# Real data are not balanced. Take four letters: 1,000 images each of B, E and K, and only 25 of R.

# %%
x_all, y_all = (glyphs.x_train > 0.5).astype("float32"), glyphs.y_train
chosen = [1, 2, 4, 7]
sizes = dict(zip(chosen, (1000, 1000, 1000, 25), strict=True))
picked = np.concatenate([np.flatnonzero(y_all == k)[: sizes[k]] for k in chosen])
x_rare, y_rare = x_all[picked], np.searchsorted(chosen, y_all[picked])
mask = np.isin(y_test, chosen)
x_four, y_four = x_test[mask], np.searchsorted(chosen, y_test[mask])

# %% [markdown]
# A VAE is trained on all 3,025 images, with nothing done about R. Averaged over data like these (1 in 121 an R) its ELBO hardly
# knows that there are Rs. So ask **class by class**, on test images, of which there are 200 of each.
#
# **Exercise {exercise: PER_CLASS_REPORT}.** Write the report: the mean of `values` within each class, as an array of `num_classes` numbers, NaN for
# a class without examples (the mean of nothing is NaN already).


# %% tags=["exercise"]
def per_class(values, labels, num_classes):
    # BEGIN SOLUTION
    return np.array([values[labels == k].mean() for k in range(num_classes)])
    # END SOLUTION


# %%
check(exercises.PER_CLASS_REPORT, per_class)

# %% [markdown]
# (The cells below have such a report of their own, so that nothing depends on yours.)
#
# Trainings that are compared should differ in *one* thing, and the initial weights are one, too: from another start the ELBO of R
# can be another by several nats. So each way of training is run from the **same three starts**, with the same order of the data,
# and compared start by start with its *twin*, the training "as it is" from that start. (The conditional network has other layers,
# and starts of its own.)


# %%
from course_lib.models import VAE


def trained_from_starts(x, y=None, optimizer=None, epochs=4, starts=range(3)):
    """Train from each start; yields the model after each."""
    labels = () if y is None else (4,)
    build_encoder = networks.dense_gaussian_encoder if y is None else networks.dense_conditional_encoder
    build_decoder = networks.dense_decoder if y is None else networks.dense_conditional_decoder
    parts = build_encoder(SHAPE, 6, *labels, (128,)), build_decoder(6, SHAPE, *labels, (128,))
    made = (VAE if y is None else ConditionalVAE)(*parts, bernoulli_log_prob, *labels, seed=run.seed)
    made.compile(optimizer or keras.optimizers.Adam(0.006))
    made.optimizer.build(made.trainable_variables)
    at_first = [ops.convert_to_numpy(variable) for variable in made.optimizer.variables]
    for start in starts:
        keras.utils.set_random_seed(run.seed + 100 * start)
        for network in parts:
            network.set_weights(keras.models.clone_model(network).get_weights())
        for variable, value in zip(made.optimizer.variables, at_first, strict=True):
            variable.assign(value)
        made.fit(x, y, batch_size=64, epochs=epochs, verbose=0)
        yield made


# %%
reports = {}  # name → a table (start, class)


def report(name, x, y=None, **how):
    labels, table = () if y is None else (y_four,), []
    for made in trained_from_starts(x, y, **how):
        values = np.mean([made.elbo(x_four, *labels) for _ in range(2)], axis=0)
        table.append([values[y_four == k].mean() for k in range(4)])
    reports[name] = np.array(table)
    cells = "  ".join(f"{letters[c]} {mean:6.1f}" for c, mean in zip(chosen, reports[name].mean(axis=0), strict=True))
    gains = (reports[name] - reports["as it is"])[:, 3]
    print(f"{name:12} {cells} nats; R against its twin {gains.mean():+5.1f} ± {gains.std(ddof=1) / 3**0.5:.1f}")
    return made


plain = report("as it is", x_rare)

# %% [markdown]
# R comes last, if only by a few nats. But letters differ, and a row by itself tells nothing: with 1,000 images of R as well, a test R has about
# −111 nats, the *best* of the four (six runs, not shown here). So R is some 14 nats behind. A mean over the data as they come hides
# it, because R's share of that mean is less than one percent. Now what? Three remedies are often named: **weight decay**,
# **resampling** (show the rare class more often, or give it weight), and **conditioning**. One of the three only *sounds* like a remedy.
#
# **Weight decay** pulls every weight of the network towards 0 in each step, by $\eta\lambda\theta$ with the learning rate $\eta$. There is no
# $y$ in it. The classes enter through $\frac1n\sum_i\nabla\ell_i$ as before, R with the share $\frac{25}{3025}$.
# (The "weight" of a class is another weight.)
#
# **Resampling** shows each R forty times an epoch. On average that is the gradient of a loss in which an R has forty times the weight.
#
# **Conditioning** leaves the data and their shares as they are. The label says which images are Rs; B, E and K still teach what
# strokes and styles are; and you can *ask* for an R.
#
# A control that is easily forgotten: a VAE of the **25 Rs alone**. Put the four in order before you run it: by the ELBO of a test R.

# %% tags=["proof"]
counts = np.bincount(y_rare)
again = np.repeat(np.arange(len(y_rare)), 1000 // counts[y_rare])
report("weight decay", x_rare, optimizer=keras.optimizers.AdamW(0.006, weight_decay=0.1))
report("resampled", x_rare[again], epochs=3)  # 3 · 63 steps, and the others 4 · 48
report("25 Rs alone", x_rare[y_rare == 3], epochs=40)
conditional = report("conditional", x_rare, y_rare)
both = next(trained_from_starts(x_rare[again], y_rare[again], epochs=3, starts=[2]))  # conditional, and resampled
print("mean of the four classes:")
print(*(f"{name:12} {table.mean():6.1f}" for name, table in reports.items()), sep="\n")
gain = {name: table - reports["as it is"] for name, table in reports.items()}  # (start, class)
of_r = {name: table[:, 3].mean() for name, table in gain.items()}
assert abs(of_r["weight decay"]) < 2, "weight decay must leave R where it was, but for a little"
assert of_r["resampled"] > of_r["weight decay"] + 2, "resampling must do more for R than decay"
assert gain["resampled"][:, :3].sum(axis=1).mean() < -of_r["resampled"], (
    "and the others together must pay more than R gains"
)
assert of_r["conditional"] > 1, "the conditional model must be better for R than the one without labels"
assert gain["conditional"].mean() > 1, "and the four classes together must not pay for it"
assert of_r["25 Rs alone"] < -20, "B, E and K must help R by far most"

# %% [markdown]
# The ± is the standard error over three starts. Read each row beside "as it is":
#
# * **Weight decay** leaves R where it was, to within a nat or so, as its formula says.
# * **Resampling** gives R several nats, and the other three *together* lose more, so that the mean over the four classes is *worse*
#   than before. Is the model only one of another distribution now, in which one letter in four is an R? No: the mean over the four
#   classes *is* the ELBO under that distribution, and it fell. The same 25 Rs are seen again and again and learnt by heart: they
#   end at about −70 nats (not shown here), new ones some forty-five lower, and below the −111 that 1,000 different Rs bring.
# * **25 Rs alone** cost a new R tens of nats more (and 120 or 240 passes instead of 40 still more: it is learning by heart). What B, E
#   and K teach about strokes and styles is by far the best that the rare class gets.
# * **Conditioning** gains a few nats for R (mind the ±), and nobody pays. These are two networks with different inputs, so not all of
#   the gain is the label's: the others gain as well.
#
# And a conditional model can be *asked*. Does it draw what it is asked for? The classifier of the first section names 200 samples of each
# model, among them the one that is asked *and* was shown each R forty times.

# %% tags=["proof"]
drawn = {
    "as it is": plain.sample(200, seed=2),
    "asked for R": conditional.sample(200, 3, seed=2),
    "asked, and resampled": both.sample(200, 3, seed=2),
}
plotting.image_rows({"real R, of the 25": x_rare[y_rare == 3][:8]} | {name: each[:8] for name, each in drawn.items()})
plotting.show(
    alt="Four rows of eight images: real Rs; samples of the plain model, which are other letters; samples of the conditional "
    "model asked for R, few of which are an R; and of the one that also saw each R forty times, most of which are."
)
share = {name: np.mean(letters[classifier.predict(each.reshape(-1, 784))] == "R") for name, each in drawn.items()}
print(", ".join(f"{name}: {100 * value:.0f} % named R" for name, value in share.items()))
assert share["asked for R"] > share["as it is"] + 0.1, "asking must bring out more Rs"
assert share["asked, and resampled"] > share["asked for R"] + 0.2, "and resampling must make the model obey"

# %% [markdown]
# Asking alone is not enough: most of what is drawn has another name, or hardly one. The weights behind the label R were moved by 25 images in
# 3,025, so in such a short training they have hardly learned what the label means. Shown more often, they have. So the two remedies do
# different things, and belong together: the label says what is wanted, resampling sees to it that the label is learned.
#
# The plain model *should* draw an R once in 121 times: that is how its data are. A generative model of unbalanced data is not broken
# if it is unbalanced. Resampling, weights and asking are three ways of wanting something else, and each says so openly. None of
# them is more data: 25 examples stay 25 examples. **Augmentation** makes new
# Rs from old ones: turn and shift the 25 a little ({lesson: regularised_autoencoders}). That adds the variation which
# you know to be harmless, and no new fonts.

# %% [markdown] tags=["deeper"]
# ## Weights are copies, and a bug in them
#
# Instead of repeating the Rs one can give them **weights**. What must a weight mean, and does the loss that you are handed use it?
#
# Give example $i$ the weight $w_i=\frac{n}{C\,n_{y_i}}$, where $n_{y_i}$ is the number of examples of its class (of $C$): then
# every class has the same total. Here is a VAE as one finds it, with a loss of its own. It is trained twice, from the same
# start and on every ninth image: without weights, and with an R that weighs about 40 times a K. **Predict** the difference.

# %% tags=["proof"]
from course_lib.contracts import class_weights


class AsFound(VAE):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return ops.mean(-self.log_likelihood(x, *y_pred["parameters"]) + self.kl(y_pred))


losses = {}
for name, weight in (("no weights", None), ("weights", class_weights(y_rare, 4))):
    keras.utils.set_random_seed(run.seed)
    parts = networks.dense_gaussian_encoder(SHAPE, 6, (128,)), networks.dense_decoder(6, SHAPE, (128,))
    found = AsFound(*parts, bernoulli_log_prob, seed=run.seed)
    found.compile(keras.optimizers.Adam(0.005))
    history = found.fit(x_rare[::9], epochs=4, verbose=0, sample_weight=None if weight is None else weight[::9])
    losses[name] = history.history["loss"]
    print(f"{name:10} loss of the first and the last epoch: {losses[name][0]:.4f}, {losses[name][-1]:.4f} nats")
assert losses["weights"] == losses["no weights"], "the weights of the model as found must have no effect at all"

# %% [markdown]
# Not a small difference: **none**, to the last digit. Whoever writes a loss must apply the weights in it. Keras hands them over and
# does nothing more; nobody warns you.
#
# How should they enter? A weight of 2 should mean *two copies*. Let $\ell_i$ be the loss of example $i$; with $w_i$ copies of each,
# there are $\sum_i w_i$ examples, and their mean is
#
# $$\frac{\sum_i w_i\,\ell_i}{\sum_i w_i}\,.$$
#
# Keras' own losses divide by the *number of rows* instead, unless told otherwise (recent versions know
# `reduction="mean_with_sample_weight"`). That is the same only if the weights of every batch happen to have
# the mean 1; otherwise the scale of the loss, and with it the step of plain gradient descent, changes from batch to batch.
# Losses 1 and 3, weights 0 and 3:

# %% tags=["proof"]
by_keras = float(keras.losses.MeanSquaredError()([[0.0], [0.0]], [[1.0], [3**0.5]], sample_weight=[0.0, 3.0]))
print(f"Keras: (0 · 1 + 3 · 3) / 2 = {by_keras:.2f}; mean of the copies: (0 · 1 + 3 · 3) / 3 = {9 / 3:.2f}")
assert abs(by_keras - 4.5) < 1e-4, "Keras divides by the number of rows"

# %% [markdown]
# **Exercise {exercise: WEIGHTED_LOSS}: find the bug.** The line of the loss, in NumPy. Repair it: `losses` and `weights` are `(batch,)`.


# %% tags=["exercise"]
def weighted_loss(losses, weights):
    # BEGIN SOLUTION
    return np.sum(weights * losses) / np.sum(weights)
    # INSTEAD
    # return np.mean(losses)
    # END SOLUTION


# %%
check(exercises.WEIGHTED_LOSS, weighted_loss)

# %% [markdown]
# **Proof**, with the library's VAE, that a weight is a number of copies: in the loss *and* in the step that follows. Copies must see
# the same noise, so the noise is switched off.


# %% tags=["proof"]
class NoNoise(keras.layers.Layer):
    def call(self, mean, log_var):
        return mean


def one_step(x, sample_weight=None):
    keras.utils.set_random_seed(run.seed)
    parts = networks.dense_gaussian_encoder(SHAPE, 2, (16,)), networks.dense_decoder(2, SHAPE, (16,))
    vae = VAE(*parts, bernoulli_log_prob, seed=run.seed)
    vae.sampling = NoNoise()
    vae.compile(keras.optimizers.SGD(1e-4))
    loss = vae.fit(x, batch_size=len(x), sample_weight=sample_weight, verbose=0).history["loss"][0]
    return loss, np.concatenate([w.ravel() for w in vae.get_weights()])


copies = np.arange(30) % 4
(weighted, by_weight), (repeated, by_copies) = (
    one_step(x_rare[:30], copies),
    one_step(x_rare[:30].repeat(copies, axis=0)),
)
print(f"weighted loss {weighted:.4f}, loss of the copies {repeated:.4f} nats")
print(f"largest difference of a weight after the step {np.abs(by_weight - by_copies).max():.1e}")
assert abs(weighted - repeated) < 1e-3, "the weighted loss must be that of repeated data"
assert np.abs(by_weight - by_copies).max() < 1e-6, "and so must its gradient"

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> In a conditional VAE, does z still encode the letter?</summary>
#
# It could, but it would pay KL for what the decoder is told free of charge: p(x|y) charges nothing for y. What is left for z is style.
# </details>
#
# <details><summary><b>2.</b> A catalogue has 50 colours and 40 shapes, and you give each of the 2,000 combinations its own one-hot label. 300 of
# them have no picture. What will the model draw for these?</summary>
#
# Nothing that is meant: the weights of a label that never occurred are as they were initialised. Give it a one-hot vector of the colour
# *and* one of the shape: then each part occurs in many pictures. Whether the pair works must be measured, on pairs that were held out.
# </details>
#
# <details><summary><b>3.</b> "Our rare class is generated badly, so we increased the weight decay." Sensible?</summary>
#
# Weight *decay* shrinks the network's weights, whatever class an example has. Class *weights*, resampling and conditioning know about
# classes. The names are a trap.
# </details>
#
# <details><summary><b>4.</b> You pass `sample_weight` to `fit`, and your model overrides `compute_loss`. What must you check?</summary>
#
# That the weights are used there at all, and that the loss is divided by their sum. Train twice, with and without: if the curves are
# equal to the last digit, they are not used.
# </details>
#
# <details><summary><b>5.</b> An imputed half looks grey and soft. Is the model bad?</summary>
#
# Not necessarily. It is a mean over all halves that fit the seen one. Where they differ, a mean is grey.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **conditioned** a VAE on a label, seen style and letter part ways, and **predicted** that ten labels save at most log 10 = 2.3 nats;
# * **spelled out** descriptions, **asked** for a hat and a beard that were never together, and judged them against the exact truth;
# * **filled in** missing halves by weighted draws, and **proved** the method on probabilistic PCA, with a wrong encoder;
# * **reported** class by class, and **decided**, with a twin for each start and a control, that weight decay is no remedy for
#   a rare class, and that asking and resampling belong together;
# * deeper: **found the bug** in a loss that ignored its weights, and shown that Σwℓ/Σw is repetition.
#
# How do we steer generation? By giving the model what we know, a label, a description or a part, written so that it can be combined.
# And a rare class? The label says which one is wanted, resampling sees to it that the label is learned, and what its few examples cannot
# show, the other classes teach.
#
# **Go further.** On a GPU, give `datasets.load("faces")` its 32 × 32 pixels and train for 60 epochs. Ask for glasses on red hair, the other pair that
# no training face has: do glasses change enough pixels to be judged by a squared error? And write a table that spells out hair and skin
# but *numbers* the eight combinations of beard, glasses and hat: which orders will fail?
#
# **References.** Kingma, Rezende, Mohamed & Welling (2014), *Semi-supervised learning with deep generative models*, arXiv:1406.5298. ·
# Rezende, Mohamed & Wierstra (2014), *Stochastic backpropagation and approximate inference in deep generative models*,
# arXiv:1401.4082. · Sohn, Lee & Yan (2015), *Learning structured output representation using deep conditional generative
# models*, NeurIPS. · Mattei & Frellsen (2019), *MIWAE: deep generative modelling and imputation of incomplete data sets*,
# arXiv:1812.02633.

# %% [markdown] tags=["slide"]
# # Conditioning and rare classes: a letter, a face or a missing half on request
#
# A VAE draws *some* letter.
#
# **How do we steer it: this letter, a face of this description, the half that fits the other half?**
#
# And what helps a class of which there are few examples?

# %% [markdown] tags=["notes"]
# 1 min. Needed from before: the VAE and its ELBO. Ask what decides which letter comes out: the draw of z, and nobody has a say in it.

# %% [markdown] tags=["slide"]
# ## The label goes to both networks
#
# {figure: a-letter-on-request-2}
#
# $$p(x\mid y)=\int p(z)\,p(x\mid z,y)\,dz$$

# %% [markdown] tags=["notes"]
# 2 min. Ask which network needs the label. Usual wrong answer: the decoder alone. The encoder must guess the posterior given x and y.

# %% [markdown] tags=["slide"]
# ## The same ELBO, "given y"
#
# $$\log p(x\mid y)=\log\mathbb E_q\Big[\frac{p(z)\,p(x\mid z,y)}{q(z\mid x,y)}\Big]$$
#
# . . .
#
# $$\ge\;\mathbb E_q\big[\log p(x\mid z,y)\big]-\mathrm{KL}\big(q(z\mid x,y)\,\|\,p(z)\big)$$
#
# . . .
#
# What is missing? $p(y)$. How often a letter occurs is not learned: it is **your choice**.

# %% [markdown] tags=["notes"]
# 2 min. Nothing new is derived; every density carries "given y". Leave out priors that depend on y.

# %% [markdown] tags=["slide"]
# ## Predict: one row, one code
#
# Five codes from the prior, each decoded with all ten labels. What do the images of one *row* share?
#
# . . .
#
# {figure: a-letter-on-request-8}

# %% [markdown] tags=["notes"]
# 3 min. Weight, slant, size; nobody told the model of fonts. The loss does not ask for it: one shared network makes it so. That argument can wait for home.

# %% [markdown] tags=["slide"]
# ## Do the samples obey?
#
# A classifier of real images that never saw the model. But one image per letter would obey, too. So measure the spread as well:
#
# . . .
#
# {output: a-letter-on-request-10}

# %% [markdown] tags=["notes"]
# 2 min. Ask for a model that obeys perfectly and is useless. Then the second number is wanted. Leave out the variance of the pixels themselves.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: SAVED_BY_THE_LABEL} · {minutes} minutes
#
# Ten letters, all equally frequent. By Bayes' rule
#
# $$p(x\mid y)\,p(y)=p(x)\,p(y\mid x).$$
#
# **What is the most that a label can add to the log-probability of an image, in nats?**

# %% [markdown] tags=["notes"]
# 3 min. log 10 = 2.30, for p(y|x) is at most 1. Usual wrong answers: 1; log 2 (10) bits taken for nats; "it depends on the model".

# %% [markdown] tags=["slide"]
# ## A model that can draw can read
#
# $$p(y\mid x)\propto p(x\mid y)\,p(y)$$
#
# Put in the ELBO for each of ten labels; the best one names the image. Nobody trained a classifier.
#
# . . .
#
# {output: what-is-a-label-worth-3}

# %% [markdown] tags=["notes"]
# 2 min. ELBOs stand in for log p(x|y). The bound holds inside one model; two different networks may differ by more.

# %% [markdown] tags=["slide"]
# ## A face by description
#
# Skin (6), hair (5), beard, glasses, hat: $6\cdot5\cdot2\cdot2\cdot2=240$ combinations.
#
# Never together in training: **a hat and a beard**; glasses and red hair.
#
# + *Numbered*: one label of 240.
# + *Spelled out*: a one-hot vector for each kind, one behind the other.
# + Same networks, same first weights, same faces.

# %% [markdown] tags=["notes"]
# 2 min. Let them vote: does the way of writing matter? Leave out the table that makes both inputs equally long.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: SPELL_OUT} · {minutes} minutes
#
# Write the second way, in NumPy:
#
#     def spell_out(kinds, sizes):
#         """kinds (n, f) integers, sizes f numbers of values
#         -> (n, sum(sizes)) zeros and ones"""
#
# Sizes 3 and 2: what is the row of `[2, 0]`?

# %% [markdown] tags=["notes"]
# 3 min. The row is 0 0 1 1 0. Usual wrong answer: one label for the pair, which is the numbering again. np.eye(size)[column] does one kind.

# %% [markdown] tags=["slide"]
# ## Predict: who puts a hat on a bearded man?
#
# . . .
#
# {figure: a-face-by-description-7}

# %% [markdown] tags=["notes"]
# 2 min. Rows are codes, columns descriptions. The four on the right are new pairs. The numbered model shows one vague face four times.

# %% [markdown] tags=["slide"]
# ## Judged by the truth
#
# `faces.draw` makes the *true* face with a hat.
#
# {figure: a-face-by-description-9}

# %% [markdown] tags=["notes"]
# 2 min. What nobody can do with photographs. Ask which controls are needed before showing the numbers: own label, the other model, the face left alone, and the truth sent through the model.

# %% [markdown] tags=["slide"]
# ## Nearer to the truth than what?
#
# Squared difference from the true face; smaller is better.
#
# | faces without a hat, asked for one | seen pair | new pair |
# |---|---|---|
# | spelled out | nearer than its own label | nearer than its own label, and than *numbered* |
# | numbered | nearer than its own label | hardly better than asking nothing |
#
# **A model combines what its input lets it combine.**

# %% [markdown] tags=["notes"]
# 2 min. The numbers are in the notebook; read the new pair aloud from there. A number that never occurred has weights that mean nothing.

# %% [markdown] tags=["slide"]
# ## The missing half
#
# For a Gaussian there is a formula; $x_o$ is seen, $x_m$ missing:
#
# $$\mathbb E[x_m\mid x_o]=\mu_m+C_{mo}\,C_{oo}^{-1}(x_o-\mu_o)$$
#
# . . .
#
# For a VAE, pixels are independent *given* $z$: decode, and average over what $z$ could be.
#
# $$\mathbb E[x_m\mid x_o]=\int\mathbb E[x_m\mid z]\;p(z\mid x_o)\,dz$$

# %% [markdown] tags=["notes"]
# 2 min. The formula is a regression with many outputs. Its exercise is for home. Ask what cannot be drawn from: p(z | x_o).

# %% [markdown] tags=["slide"]
# ## Draw nearby, correct by weights
#
# $$w_k=\frac{p(x_o\mid z_k)\,p(z_k)}{r(z_k)}$$
#
# + For $r$ take the encoder, with a guess in the place of $x_m$.
# + Put the answer in place of the guess, a few times.
# + The weights make it right, even with a wrong encoder:
#
# . . .
#
# {output: the-missing-half-3}

# %% [markdown] tags=["notes"]
# 3 min. The last line is a probabilistic PCA whose answer is exact, with an encoder that is wrong on purpose. Usual wrong answer: the guess biases the result. It only decides where to look.

# %% [markdown] tags=["slide"]
# ## Predict: the top of a K, "this is an M"
#
# . . .
#
# {figure: the-missing-half-5}
#
# Imputed pixels are **means**: grey where the model is unsure.

# %% [markdown] tags=["notes"]
# 3 min. Fourth row: it looks for the M that looks like this from above. Third row: style follows the seen half. Sharper is not better here.

# %% [markdown] tags=["slide"]
# ## Quiz: an imputed half is grey and soft. Is the model bad?
#
# . . .
#
# Not necessarily.
#
# . . .
#
# It is a mean over all halves that fit the seen one. Where these differ, a mean is grey.

# %% [markdown] tags=["notes"]
# 1 min. Ask what one would show in place of a mean: single draws, with the weights as probabilities.

# %% [markdown] tags=["slide"]
# ## The rare class
#
# 1,000 images each of B, E and K; **25 of R**. One VAE for all, as it is:
#
# {output: the-rare-class-6}
#
# Would the mean ELBO over the data have shown it?

# %% [markdown] tags=["notes"]
# 2 min. No: R's share of that mean is less than one percent. Report class by class. Each training has a twin from the same start; R against its twin is 0 here by definition.

# %% [markdown] tags=["slide"]
# ## Predict: which remedy helps a new R?
#
# + **Weight decay**: every weight of the network towards 0.
# + **Resampling**: each R forty times an epoch.
# + **Conditioning**: the label as an input.
# + A control: a VAE of the **25 Rs alone**.
#
# Put them in order, by the ELBO of a test R.

# %% [markdown] tags=["notes"]
# 3 min. Two minutes in pairs. Weight decay only sounds like a remedy: there is no y in it. The weight of a class is another weight.

# %% [markdown] tags=["slide"]
# ## What each remedy buys, and who pays
#
# {output: the-rare-class-8 1-4}
#
# + Resampling: R gains, the other three together lose more.
# + 25 Rs alone: by far the worst. B, E and K teach what strokes are.
# + Conditioning: nobody pays.

# %% [markdown] tags=["notes"]
# 3 min. ± is over three starts. Usual wrong answer: resampling is free. The same 25 Rs are learned by heart. Do not make much of half a nat.

# %% [markdown] tags=["slide"]
# ## Ask for an R
#
# {figure: the-rare-class-10}
#
# {output: the-rare-class-10}
#
# The label says what is wanted; resampling sees to it that the label is learned.

# %% [markdown] tags=["notes"]
# 2 min. The plain model should draw an R once in 121 times: so are its data. 25 examples stay 25 examples.

# %% [markdown] tags=["slide"]
# ## Quiz: "Our rare class is drawn badly, so we increased the weight decay."
#
# . . .
#
# Weight *decay* shrinks the network's weights, whatever class an example has.
#
# . . .
#
# Class *weights*, resampling and conditioning know about classes. **The names are a trap.**

# %% [markdown] tags=["notes"]
# 1 min. The bug in a weighted loss is a deeper section: say only that a weight of 2 should mean two copies.

# %% [markdown] tags=["slide"]
# ## To take home
#
# Steer a model by giving it what you know, a label, a description or a part, **written so that it can be combined**.
#
# Report class by class, with a twin and a control. Asking and resampling belong together.
#
# *At home:* exercises {exercise: CONDITIONAL_MEAN}, {exercise: PER_CLASS_REPORT} and {exercise: WEIGHTED_LOSS}.

# %% [markdown] tags=["notes"]
# 1 min. Next: a code that is a word.
