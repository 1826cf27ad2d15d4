# ---
# jupyter:
#   course:
#     part: "Part I · Autoencoders"
#     question: "Why is an autoencoder not yet a generative model?"
# ---

# %% [markdown]
# # The latent space: why an autoencoder is not yet a generative model
#
# **The question.** A trained decoder turns eight numbers into a digit. So choose eight numbers yourself, and you have a
# machine that invents digits. Why does that fail, and what is missing?
#
# In this lesson you will
#
# * **build** a convolutional autoencoder, and count what its convolutions save;
# * **draw** codes as a map, and **measure** with a linear probe what can be read off them;
# * **walk** between images and **calculate** with codes, and say what that does *not* prove;
# * **show** by a ruler, and not by taste, what decoding N(0, I) gives;
# * **repair** it: fit a density to the codes (a *two-stage* model), and name what the repair costs.
#
# *To know before:* {lesson: autoencoders}; means, the normal distribution; covariances ({lesson: linear_algebra_and_dynamics}).
# *Time:* {times}; about 45 seconds to run on two CPU cores. A GPU is not needed.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## Eight numbers, by convolution
#
# In lesson {number: autoencoders} every unit saw every pixel. But a stroke is a stroke wherever it stands in the image. A **convolution**
# uses this: a small *filter*, here a window of 3 × 3 weights, is laid on the image at one place after the other, and the
# same weights are used everywhere. With 16 filters and a *stride* of 2 (every second place), an image of 8 × 8 × 1
# becomes 4 × 4 × 16: half the height, half the width, 16 *channels*, one for each filter.
#
# **Exercise {exercise: NUM_WEIGHTS}.** How many parameters (weights and biases) has this layer, 16 filters of 3 × 3 on one channel? And how
# many would a dense layer have that makes as many outputs from the same image? Answer with two whole numbers.

# %% tags=["exercise"]
# BEGIN SOLUTION
in_the_convolution, in_the_dense_layer = 16 * (3 * 3 * 1 + 1), (4 * 4 * 16) * (64 + 1)
# END SOLUTION

# %%
from course_lib.exercises import check
from course_lib.exercises import the_latent_space as exercises

check(exercises.NUM_WEIGHTS, (in_the_convolution, in_the_dense_layer))

# %% [markdown]
# The library's builders stack such layers. The encoder halves twice and ends in a plain code of 8 numbers, without an
# activation. The decoder goes the other way with *transposed* convolutions, which double height and width. (That needs
# sides that can be halved so often: 8 → 4 → 2.)

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np

from course_lib import datasets, networks, plotting
from course_lib.formulas import bernoulli_log_prob
from course_lib.models import Autoencoder

digits = datasets.load("digits")
keras.utils.set_random_seed(run.seed)
encoder = networks.conv_encoder((8, 8, 1), latent_dim=8, filters=(16, 32))
decoder = networks.conv_decoder(8, (8, 8, 1), filters=(32, 16))
# NBVAL_CHECK_OUTPUT
for layer in (*encoder.layers, *decoder.layers):
    print(f"{type(layer).__name__:16} → {layer.output.shape[1:]!s:12} {layer.count_params():6,} parameters")

# %% [markdown]
# Read the arrow of sizes from top to bottom: 64 pixels, a code of 8, 64 logits (lesson {number: autoencoders}: the decoder returns logits,
# and `bernoulli_log_prob` does the rest). We have only 1,259 training images, so one epoch shall go over them 30 times.


# %%
thirty_times = np.tile(digits.x_train, (30, 1, 1, 1))


def trained(autoencoder, epochs, rate, x=thirty_times):
    autoencoder.compile(keras.optimizers.Adam(rate))
    autoencoder.fit(x, epochs=epochs)
    return autoencoder


keras.utils.set_random_seed(run.seed)
model = trained(Autoencoder(encoder, decoder, bernoulli_log_prob), epochs=2, rate=0.005)
plotting.image_rows({"real": digits.x_test[:12], "reconstructed": model.reconstruct(digits.x_test[:12])})
plotting.show(
    alt="Two rows of twelve digits: test digits above, their copies through eight numbers below, readable and a "
    "little soft."
)

# %% [markdown]
# Test digits above, their copies through eight numbers below: readable, a little soft. So every image $x$ now has an
# address $z = \operatorname{encoder}(x)$ in a space of eight dimensions, the **latent space**, and the decoder knows how
# to draw what lives at an address. What is this space like?

# %% [markdown]
# ## A map of the digits
#
# We cannot look at eight dimensions, but at two. Here is a second autoencoder with a code of only **two** numbers (dense
# layers this time: they train faster on such small images), beside the best *flat* map, the first two principal
# components. No labels were used for either; the colours are added afterwards. **Guess before you run the cell:** which
# of the ten digits will be hardest to keep apart on a sheet of paper?

# %%
from course_lib.exact import principal_axes

keras.utils.set_random_seed(run.seed)
plane = Autoencoder(
    networks.dense_encoder((8, 8, 1), 2, (256, 128), activation="silu"),
    networks.dense_decoder(2, (8, 8, 1), (128, 256), activation="silu"),
    bernoulli_log_prob,
)
trained(plane, epochs=2, rate=0.002)
x, x_test = digits.x_train.reshape(-1, 64), digits.x_test.reshape(-1, 64)


def pca_codes(images, num_components):
    return (images.reshape(-1, 64) - x.mean(axis=0)) @ principal_axes(x, num_components)


# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.4), layout="constrained")
test_codes = {"autoencoder, 2": plane.encode(digits.x_test), "PCA, 2": pca_codes(digits.x_test, 2)}
for ax, (name, codes) in zip((left, right), test_codes.items(), strict=True):
    plotting.scatter(codes, digits.y_test, xlabel="first number of the code", ylabel="second number", ax=ax)
    ax.set_title(f"real test digits: {name}", loc="left", fontsize=10)
plotting.show(
    alt="Two maps of the test digits, by an autoencoder with two numbers and by PCA with two. Each class has its own "
    "colour and marker, and its name at its middle; both maps put like with like, and both pile some classes on "
    "top of each other."
)

# %% [markdown]
# Each dot is one test image, each digit's name stands at the median of its dots. Both maps put like with like without
# having been told what is alike, and both pile some digits on top of each other: two numbers are few. (Is
# yours among those whose names stand close together, or on top of each other?) Which map keeps them better apart? We shall measure it.
#
# A map can be read in the other direction too. Lay a grid over the plane and *decode* every crossing. What do you
# expect between two clusters, and what in the corners, where no image lives?

# %%
codes_2d = plane.encode(digits.x_train)
low, high = np.quantile(codes_2d, [0.01, 0.99], axis=0)
grid = np.meshgrid(np.linspace(low[0], high[0], 16), np.linspace(high[1], low[1], 16))
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.4), layout="constrained")
plotting.scatter(codes_2d[::2], digits.y_train[::2], xlabel="first number of the code", ylabel="second number", ax=left)
left.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), title="real: codes of training digits")
pictures = plane.decode(np.stack(grid, axis=-1).reshape(-1, 2).astype("float32"))
plotting.image_grid(pictures, columns=16, title="decoded: one picture for each place of the map", ax=right)
plotting.show(
    alt="Left, the codes of the training digits in the plane, with a colour and a marker for each class. Right, what "
    "the decoder draws on a grid over the same plane: neighbours look alike, between two digits stand shapes "
    "that are neither, and corners without codes are filled as well."
)

# %% [markdown]
# Left the addresses of every other training image, right what the decoder draws at the same places. Neighbours look alike: the
# decoder is continuous, it cannot jump. So between two clusters it *must* draw something between two digits, whether or
# not such a thing exists. And it draws in the empty corners. It was never trained there, and nothing warns you.

# %% [markdown]
# ## Reading a code: the linear probe
#
# "The clusters are well separated" is a matter of taste. A **linear probe** makes it a number (Alain & Bengio, 2016):
# freeze the encoder, fit a *linear* classifier to the codes of the training images, and count how many test images it
# names correctly. The classifier is weak on purpose. What it can read must lie open in the code.

# %%
from course_lib import show
from course_lib.metrics import linear_probe

show(linear_probe)

# %% [markdown]
# Train and test codes are separate, and the scale of the features comes from the training codes alone. With $m = 359$
# test images an accuracy $a$ has a standard error of about $\sqrt{a(1-a)/m}$, two and a half points in the middle.
# **Your guess:** with two numbers, and with eight, does the autoencoder beat PCA? And does it beat the raw pixels?

# %% tags=["proof"]
features = {
    "PCA, 2": (pca_codes(x, 2), pca_codes(x_test, 2)),
    "autoencoder, 2": (codes_2d, plane.encode(digits.x_test)),
    "PCA, 8": (pca_codes(x, 8), pca_codes(x_test, 8)),
    "autoencoder, 8": (model.encode(digits.x_train), model.encode(digits.x_test)),
    "pixels, 64": (x, x_test),
}
accuracy = {name: linear_probe(a, digits.y_train, b, digits.y_test) for name, (a, b) in features.items()}
errors = [np.sqrt(a * (1 - a) / len(x_test)) for a in accuracy.values()]
for (name, a), error in zip(accuracy.items(), errors, strict=True):
    print(f"{name:15} {a:.3f} ± {error:.3f} of the test digits")
ax = plt.subplots(figsize=(6, 2.2), layout="constrained")[1]
ax.barh(list(accuracy), list(accuracy.values()), xerr=errors, color=plotting.PALETTE[0])
ax.set(xlabel="accuracy of the linear probe", xlim=(0, 1))
ax.invert_yaxis()
plotting.show(
    alt="Horizontal bars of the accuracy of a linear probe, with errors. With two numbers the autoencoder is clearly "
    "above PCA, with eight they are about equal, and the 64 pixels are best."
)
assert accuracy["autoencoder, 2"] > accuracy["PCA, 2"], "with two numbers a bent code must show more than a flat one"

# %% [markdown]
# With two numbers the bent code wins by many points. With eight the advantage is gone: PCA is about as good, although
# the autoencoder *reconstructs* clearly better (lesson {number: autoencoders}). And the raw pixels beat them all. Is that a contradiction?
#
# No. The loss asked for pixels, never for classes, and never for codes that a *straight* cut can separate. A code may
# well contain the class in a folded form. What the probe says is how much is linearly readable, no more. That is also the
# honest version of "autoencoders learn features": a code is a short description that one can use for other ends, with
# fewer numbers, and it has to be *measured* whether it is better for yours. With 1,259 labelled images for 64 pixels
# there is nothing to gain; features learnt from unlabelled data pay where labels are few and inputs large. (Denoising
# autoencoders, lesson {number: codes_that_are_too_wide}, were proposed as a first stage of such training; Vincent et al., 2008.)

# %% [markdown]
# ## Walking between digits
#
# What lies between two digits? Take the codes $z_0$ and $z_1$ of two test images and go from one to the other in equal
# steps, $z(t) = (1 - t)\,z_0 + t\,z_1$, with $t$ from 0 to 1.
#
# **Exercise {exercise: WALK}.** Write the walk: `num_steps` codes, both ends included, shape `(num_steps, latent_dim)`.


# %% tags=["exercise"]
def walk(start, end, num_steps):
    # BEGIN SOLUTION
    t = np.linspace(0, 1, num_steps)[:, None]
    return (1 - t) * start + t * end
    # END SOLUTION


# %%
check(exercises.WALK, walk)

# %% [markdown]
# We walk twice between the same two images: once by blending *pixels*, which needs no network, and once by blending
# *codes* and decoding them. **Predict:** what does the middle of each row look like?

# %%
from course_lib.latent import linear_walk

z_test = model.encode(digits.x_test)
rows = {}
for first, last in ((0, 4), (2, 7)):
    i, j = np.argmax(digits.y_test == first), np.argmax(digits.y_test == last)
    rows[f"{first} to {last}: pixels"] = linear_walk(x_test[i], x_test[j], 11).reshape(-1, 8, 8)
    rows[f"{first} to {last}: codes"] = model.decode(linear_walk(z_test[i], z_test[j], 11).astype("float32"))
plotting.image_rows(rows)
plotting.show(
    alt="Four rows of eleven images, two walks between a pair of digits, each by pixels and by codes. In the middle "
    "blended pixels show both digits at half strength; decoded codes deform one into the other."
)

# %% [markdown]
# Look at the middle columns. Blended pixels are a double exposure: both digits at half strength, grey where they differ.
# Decoded codes rather *deform* one digit into the other: strokes move instead of fading, and ink stays black for longer.
# With so few pixels you have to look closely. And two walks are an anecdote; these were chosen because they show it
# well. How would you measure whether the middle of a walk looks like a digit?

# %% [markdown]
# ### A ruler: how far is the nearest real image?
#
# Ask for the distance to the nearest of the 1,259 training images:
#
# $$d(x) = \min_{r \,\in\, \text{training images}} \|x - r\| .$$
#
# Its unit is that of the pixels: one pixel that is black instead of white costs 1. A ruler needs a mark. Held-out real
# digits are not in the training set either, and they are certainly digits: their mean distance is our mark.

# %% tags=["proof"]
from course_lib.metrics import nearest_distance

rng = np.random.default_rng(run.seed)
partner = rng.permutation(len(x_test))
differ = digits.y_test != digits.y_test[partner]
copies = model.reconstruct(digits.x_test)
held_out = nearest_distance(digits.x_test, digits.x_train)
middles = {
    "held-out digits": digits.x_test,
    "their reconstructions": copies,
    "middle of two: pixels": ((digits.x_test + digits.x_test[partner]) / 2)[differ],
    "middle of two: pixels of reconstructions": ((copies + copies[partner]) / 2)[differ],
    "middle of two: codes": model.decode(((z_test + z_test[partner]) / 2)[differ]),
}
mean_distance = {}
for name, images in middles.items():
    d = nearest_distance(images, digits.x_train)
    mean_distance[name] = d.mean()
    print(f"{name:41} {d.mean():.3f} ± {d.std() / np.sqrt(len(d)):.3f} = {d.mean() / held_out.mean():.2f} × held-out")
assert mean_distance["middle of two: codes"] < mean_distance["middle of two: pixels of reconstructions"], (
    "half-way between two codes must be more like a digit than a double exposure"
)

# %% [markdown]
# Over some 320 random pairs of unequal digits, the middle of a walk through the codes lies nearer to real images than a double
# exposure. Why the fourth line? A decoded picture is soft, and a soft picture has an advantage on this ruler (see the
# second line: reconstructions score *better* than the real digits that they copy!). So it is fair to blend
# reconstructions, too, and the advantage shrinks, but it stays. It is not magic either: at about 1.2 times the mark,
# the average middle is *not* as good as a digit. Between clusters there may be nothing to find.

# %% [markdown] tags=["deeper"]
# ### Straight, or along the sphere?
#
# You will meet walks on a great circle (*spherical interpolation*; White, 2016). The reason: in many dimensions, draws
# of N(0, I) all have nearly the same length, $\sqrt{d}$, and the straight line between two of them cuts through the
# empty inside. **How long is the code in the middle** of such a line, in 100 dimensions?

# %% tags=["proof"]
from course_lib.latent import spherical_walk

ends = rng.standard_normal((2, 500, 100))
for name, way in {"straight": linear_walk, "spherical": spherical_walk}.items():
    lengths = np.linalg.norm([way(start, end, 3) for start, end in zip(*ends, strict=True)], axis=-1).mean(axis=0)
    start, end = ends[:, 0]
    stays = np.allclose(way(start, end, 3), way(start + 50, end + 50, 3) - 50)
    print(f"{name:9} length: start {lengths[0]:.2f}, middle {lengths[1]:.2f}, end {lengths[2]:.2f}", end="    ")
    print(f"the same walk if the origin is moved: {stays}")
    assert stays == (name == "straight"), "only the straight walk may be independent of the origin"
    expected = 10 / np.sqrt(2) if name == "straight" else 10
    assert abs(lengths[1] - expected) < 0.2, "straight, the middle must be shorter by √2; along the sphere, as long"

# %% [markdown]
# The middle of the straight line is shorter by $\sqrt2$: about 7.1 instead of 10. For a model whose codes *are* N(0, I)
# the sphere is the better road. For our autoencoder it is not: its codes have no special origin. Move them all by a
# constant, let the first layer of the decoder take it off again, and you have the same autoencoder; the straight walk
# stays the same, the spherical one does not. A road that depends on an accident of the coordinates means nothing.

# %% [markdown]
# ## Calculating with codes: this very face, with glasses
#
# If codes can be blended, can they be added? *Codes with glasses − codes without = glasses*, to be put on anybody. Such
# sums are usually shown, not judged: nobody has the photograph of that very face with glasses. We have it. The course's
# colour faces are drawn from 16 known factors, and `faces.draw` draws **this very face with one factor changed**: the
# *true counterfactual*. The autoencoder, with a code of 32 numbers, is told nothing of the factors:

# %%
from course_lib.datasets import faces

portraits = datasets.load("faces")
x_faces = portraits.x_train[:8_000]
known = {name: values[:8_000] for name, values in portraits.factors["train"].items()}
keras.utils.set_random_seed(run.seed)
face_model = Autoencoder(
    networks.dense_encoder((32, 32, 3), 32, (384,), activation="silu"),
    networks.dense_decoder(32, (32, 32, 3), (384,), activation="silu"),
    bernoulli_log_prob,
)
face_model.compile(keras.optimizers.Adam(0.001))
face_model.fit(x_faces, epochs=6, batch_size=32)
face_codes = face_model.encode(x_faces)

# %% [markdown]
# The direction is a difference of two means over *training* faces: with glasses, and without. But without, **compared
# with whom?** In these training faces nobody with red hair wears glasses (says the data card, `data/faces.md`).
# So the mean of all faces without glasses is a little red-haired, and the difference to it leans away from red. Fair is a
# comparison among faces that occur both ways.
#
# **Exercise {exercise: MEAN_CHANGE}.** `codes` is `(n, d)`; `wears` and `comparable` are booleans `(n,)`. Return the mean code of those that wear,
# minus the mean code of those that do not, both among the comparable: shape `(d,)`.


# %% tags=["exercise"]
def mean_change(codes, wears, comparable):
    # BEGIN SOLUTION
    return codes[wears & comparable].mean(axis=0) - codes[~wears & comparable].mean(axis=0)
    # END SOLUTION


# %%
check(exercises.MEAN_CHANGE, mean_change)

# %% [markdown]
# Now take the test faces that wear no glasses, encode them, add the direction to each code, decode, and put the true
# faces with glasses below. **Predict:** will the glasses sit on a tilted head, too? One direction serves all.


# %%
def direction(values, wears, comparable):
    return values[wears & comparable].mean(axis=0) - values[~wears & comparable].mean(axis=0)


wears_glasses, not_red = known["glasses"] == 1, known["hair"] != faces.KINDS["hair"].index("red")
glasses = direction(face_codes, wears_glasses, not_red)
bare = portraits.factors["test"]["glasses"] == 0
without = portraits.x_test[bare]
truth = faces.draw({name: values[bare] for name, values in portraits.factors["test"].items()} | {"glasses": 1})
codes_without = face_model.encode(without)
edited = {
    "real": without,
    "reconstructed": face_model.decode(codes_without),
    "code arithmetic": face_model.decode(codes_without + glasses),
    "true counterfactual": truth,
}
plt.figure(figsize=(9, 3.8))
plotting.image_rows({name: images[:10] for name, images in edited.items()}, ax=plt.gca())
plotting.show(
    alt="Four rows of ten colour faces: real ones without glasses; their reconstructions, many with a trace of glasses; the "
    "same with the glasses direction added to the code, which wear soft but darker glasses; the true faces with glasses."
)

# %% [markdown]
# Nobody drew the third row. The network was never told that there are glasses, and one and the same vector puts them on
# faces with a beard or a hat, tilted or straight. (They are soft, and in the second row many plain copies
# show a trace of glasses.)
#
# Marvel, then measure: the squared error of each picture to *its own* truth. With which controls? Nothing added. A
# direction of the same make for another factor, the hat. Everybody as comparison. The same sum with *pixels*, once
# on the finished copy and once before it is encoded. And the floor: the truth itself, sent through the autoencoder.

# %% tags=["proof"]
hat = direction(face_codes, known["hat"] == 1, known["beard"] == 0)
careless = direction(face_codes, wears_glasses, np.full(len(x_faces), True))
pixels = direction(x_faces, wears_glasses, not_red)
attempts = {
    "glasses added to the code": edited["code arithmetic"],
    "nothing added": edited["reconstructed"],
    "a hat added to the code": face_model.decode(codes_without + hat),
    "glasses, compared with everybody": face_model.decode(codes_without + careless),
    "glasses added to the copy's pixels": np.clip(edited["reconstructed"] + pixels, 0, 1),
    "glasses added to pixels, then copied": face_model.reconstruct(np.clip(without + pixels, 0, 1)),
    "floor: the truth, copied": face_model.reconstruct(truth),
    "the real face, left alone": without,
}
error = {name: np.square(images - truth).sum(axis=(1, 2, 3)) for name, images in attempts.items()}
more, sure = {}, {}
for name, values in error.items():
    paired = values - error["glasses added to the code"]  # face by face
    more[name], sure[name] = paired.mean(), 3 * paired.std() / np.sqrt(len(paired))
    print(f"{name:37} {values.mean():5.2f}   more than with glasses {more[name]:+6.2f} ± {sure[name] / 3:.2f}")
for name in ("nothing added", "a hat added to the code", "glasses added to the copy's pixels"):
    assert more[name] > sure[name], "codes with glasses must come nearer to the truth than the controls"
assert more["floor: the truth, copied"] < -sure["floor: the truth, copied"], "no sum may be nearer than the floor"
assert abs(more["glasses added to pixels, then copied"]) < 0.2, "before the encoder, pixels must serve as well"

# %% [markdown]
# (In squared grey levels, summed over 3,072 colour values; after ± one standard error of the paired difference.) The sum
# of codes beats "nothing added", the hat and the sum on the finished copy by many standard errors. It closes more than half
# of the gap between doing nothing and the floor. Comparing with everybody changes next to nothing here: that one in five of
# the faces without glasses is a red head, and none of the others, is a small bias.
#
# And now the sober lines. The sum with *pixels*, made before the encoder, does as well: so the wonder is not in the
# addition. It is the decoder, which knows how faces look and turns a clumsy sum into one of them. And the last line:
# the real face *without* glasses is nearer to the truth than any decoded one, since glasses change little and every copy
# pays for its blur. So read pictures of latent arithmetic with these questions: *What does doing nothing score? What
# is the floor? Did anybody need labels?* We did: who wears glasses, and who has red hair. (In word analogies, doing
# nothing explained much of the famous results; Linzen, 2016.)

# %% [markdown] tags=["deeper"]
# ## Do the entries mean something?
#
# We found a direction with labels. Would an entry of the code have served without? For six factors of the faces
# and each of the 32 entries, here is the correlation over the training faces, and beside it the same for a *rotated* model:
# take any rotation $Q$ of the 32-dimensional space, let the new encoder return $Q z$ and the new decoder start with
# $Q^\top$, which undoes it.
#
# **Exercise {exercise: ROTATED}.** Before you look: what do the two models have in common? Give the set of letters.
#
# (a) every reconstruction, and so the loss  (b) the codes  (c) how well a *linear read-out* of the whole code predicts a
# factor  (d) what a single entry is correlated with

# %% tags=["exercise"]
# BEGIN SOLUTION
in_common = {"a", "c"}
# END SOLUTION

# %%
check(exercises.ROTATED, in_common)

# %% [markdown]
# The test: build the rotated model ($Q$ goes into the last kernel of its encoder, $Q^\top$ into the first one of its
# decoder), correlate, and fit a linear regression of each factor on the whole code.

# %%
from sklearn.linear_model import LinearRegression

rotation = np.linalg.qr(np.random.default_rng(run.seed + 1).normal(size=(32, 32)))[0].astype("float32")
fresh = portraits.x_test
turned = Autoencoder(*map(keras.models.clone_model, (face_model.encoder, face_model.decoder)), bernoulli_log_prob)
kernels, others = face_model.encoder.get_weights(), face_model.decoder.get_weights()
turned.encoder.set_weights([*kernels[:-2], kernels[-2] @ rotation, kernels[-1] @ rotation])  # kernel and bias
turned.decoder.set_weights([rotation.T @ others[0], *others[1:]])
pair = {"original": face_model, "rotated": turned}
rebuilt = {name: each.reconstruct(fresh) for name, each in pair.items()}
versions = {name: (each.encode(x_faces), each.encode(fresh)) for name, each in pair.items()}
names = ("tilt", "shift_x", "shift_y", "light", "hair_length", "smile")
factors, fresh_factors = (np.stack([of[n] for n in names], axis=1) for of in (known, portraits.factors["test"]))
correlation = {v: np.corrcoef(z.T, factors.T)[:32, 32:].T for v, (z, _) in versions.items()}
read_out = {
    v: [LinearRegression().fit(z, factors[:, f]).score(z_fresh, fresh_factors[:, f]) for f in range(6)]
    for v, (z, z_fresh) in versions.items()
}
figure, frames = plt.subplots(1, 2, figsize=(9, 2.4), layout="constrained", sharey=True)
for ax, (name, values) in zip(frames, correlation.items(), strict=True):
    drawn = ax.imshow(np.abs(values), vmin=0, vmax=0.8, cmap="Blues", aspect="auto")
    ax.set(title=f"{name} code", xlabel="entry of the code", yticks=range(6), yticklabels=names, xticks=range(0, 32, 5))
figure.colorbar(drawn, ax=frames, label="|correlation|")
plotting.show(
    alt="Two tables of shades side by side, six factors against the entries of the code, original and rotated. In "
    "both each factor but the smile, whose row is blank, is smeared over several entries, and most entries know something "
    "of several factors."
)

# %% [markdown]
# Dark means: this entry knows something of this factor. On the left each factor is smeared over several entries (but
# the smile: no entry knows of it), and most entries know of several factors. On the right, other entries, the same picture. Now the two claims of the
# exercise, in numbers:

# %% tags=["proof"]
print("largest difference of two reconstructions:", f"{np.abs(rebuilt['original'] - rebuilt['rotated']).max():.1e}")
for f, name in enumerate(names):
    best = [f"{np.abs(correlation[v][f]).max():.2f} (entry {np.abs(correlation[v][f]).argmax()})" for v in versions]
    print(f"{name:11} linear read-out R² {read_out['original'][f]:.3f} and {read_out['rotated'][f]:.3f}", end="  ")
    print(f"best entry |r| {best[0]} and {best[1]}")
assert np.abs(rebuilt["original"] - rebuilt["rotated"]).max() < 1e-3, (
    "a rotated code must reconstruct the same pictures"
)
assert np.allclose(*read_out.values(), atol=1e-4), "a rotation must leave every linear read-out as good as it was"
assert np.abs(correlation["original"] - correlation["rotated"]).max() > 0.1, "single entries must have changed"

# %% [markdown]
# ($R^2$ is the share of a factor's variance that the best linear read-out explains on test images; 1 would be all.)
# Light, position, tilt and hair are in the code; of the smile, a few pixels, a linear read-out finds next to nothing. But *where* they are in the
# code is an accident. The rotated model has the same reconstructions, so it has the same loss: *the loss* cannot
# prefer one to the other. For a plain autoencoder this holds for *any* invertible linear map, not only for rotations.
#
# A standard normal prior, as in the VAE to come, does not help: N(0, I) looks the same after a rotation. Locatello et
# al. (2019, Theorem 1) prove it for every prior with independent entries: from the images alone, *disentangled* and
# completely mixed codes cannot be told apart, without assumptions about model and data (*inductive biases*). In their
# study of more than 12,000 models, random seed and hyperparameters mattered more than the choice of the method, and good
# models could not be picked without labels. So "entry 3 is the slant" is a finding about one trained network at best, and
# found with labels, if only with your eyes. Lesson {number: rate_distortion_and_beta} comes back to it.

# %% [markdown]
# ## The decoder as a generator
#
# Now the question of this lesson. Everything so far started from real images. To make a *new* one, somebody has to
# choose a code. The usual suggestion: draw it from N(0, I), a standard normal for each entry, and decode.
# **What do you expect,** given the map above?

# %%
from_prior = model.decode(rng.standard_normal((359, 8)).astype("float32"))
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 2.2), layout="constrained")
plotting.image_grid(digits.x_test[:30], columns=10, title="real: test digits", ax=left)
plotting.image_grid(from_prior[:30], columns=10, title="generated: decoded from N(0, I)", ax=right)
plotting.show(
    alt="Left, thirty real test digits. Right, thirty images decoded from draws of a standard normal: smudges that "
    "cannot be read."
)

# %% [markdown]
# Hardly anything that you could read. The networks are the same that made the fine copies above. What went wrong? Compare where
# the codes of real images lie with where N(0, I) puts its draws:

# %%
z = model.encode(digits.x_train).astype("float64")
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
left.boxplot(z, whis=(1, 99), showfliers=False, positions=range(8))
left.axhspan(-1.96, 1.96, color=plotting.PALETTE[1], alpha=0.3, label="95 % of N(0, 1)")
left.set(xlabel="entry of the code", ylabel="value", title="real: codes of the training digits")
left.legend(frameon=False)
drawn = right.imshow(np.corrcoef(z.T), vmin=-1, vmax=1, cmap="PuOr")
right.set(xlabel="entry of the code", ylabel="entry of the code", title="their correlations")
figure.colorbar(drawn, ax=right)
plotting.show(
    alt="Left, boxes of the values of the eight code entries, around different centres and wider than the band of "
    "the standard normal. Right, a coloured table of their correlations, with colour outside the diagonal, too."
)
centres, widths = z.mean(axis=0), z.std(axis=0)
print(f"entries: mean {centres.min():.1f} to {centres.max():.1f}, deviation {widths.min():.1f} to {widths.max():.1f}")

# %% [markdown]
# Each box holds the middle half of an entry's values, its whiskers reach from 1 % to 99 %; the band is where N(0, 1)
# draws. The real codes are about twice as wide or more, most lie around other centres, and they hang together (right: not
# only the diagonal has colour). N(0, I) is a small ball at a place that means nothing. And how should it be otherwise? **Nowhere
# in the loss of an autoencoder does N(0, I) occur**, nor any other distribution of codes. "The encoder learns the
# distribution of the data" is simply not so: it learns an address for each image. The decoder learnt to draw at those
# addresses, and nowhere else.
#
# Now say the same with the ruler, and put the ruler itself to the test. Beside the junk we measure three "generators"
# that are no such thing.
#
# **Exercise {exercise: RULER}.** Which of the four will the ruler place *below* the mark, as if they were better than real
# digits? Answer with the set of letters.
#
# * (a) decoded draws of N(0, I)
# * (b) copies of training images
# * (c) ten pictures, each the mean of a class of training images
# * (d) one test digit, the nearest to the training images, handed out 359 times

# %% tags=["exercise"]
# BEGIN SOLUTION
below_the_mark = {"b", "c", "d"}
# END SOLUTION

# %%
check(exercises.RULER, below_the_mark)

# %% [markdown]
# Now measure, and the mean of *all* images as well:

# %% tags=["proof"]
class_means = np.stack([digits.x_train[digits.y_train == c].mean(axis=0) for c in range(10)])
mean_picture = digits.x_train.mean(axis=0, keepdims=True)
best_one = digits.x_test[held_out.argmin()]
contestants = {
    "held-out digits": digits.x_test,
    "(a) decoded N(0, I)": from_prior,
    "(b) copies of training images": digits.x_train[:359],
    "(c) the ten class means": class_means,
    "(d) one picture, 359 times": np.repeat(best_one[None], 359, axis=0),
    "the mean of all images": mean_picture,
}
ruler = {name: nearest_distance(images, digits.x_train).mean() for name, images in contestants.items()}
for name, d in ruler.items():
    print(f"{name:30} {d:.3f} = {d / held_out.mean():.2f} × held-out")
assert ruler["(a) decoded N(0, I)"] >= 1.5 * held_out.mean(), "decoded N(0, I) must lie far from every real digit"
assert ruler["(a) decoded N(0, I)"] > ruler["the mean of all images"], (
    "even one grey blot must lie nearer to the digits"
)

# %% [markdown]
# Decoded N(0, I) lies about twice as far from the training digits as held-out digits do, or more, and further even than
# the mean of *all* images, a grey blot that needs no network. That is clear enough. But the three frauds lie *below* the
# mark.
#
# So the ruler can convict, but it cannot acquit. A large distance says: junk. A small one may mean good samples, or
# copies, or blur, or no variety. Whoever quotes it must quote such marks beside it. (Lesson {number: judging_generative_models} has better rulers, in
# pairs: one for quality, one for variety.)

# %% [markdown] tags=["deeper"]
# ### A ReLU on the code, and N(0, I)
#
# A tutorial trains an autoencoder with a ReLU on the code, calls it a "variational autoencoder", and draws from N(0, I).
# With $z = \max(0, a)$ no entry of a code is ever negative.
#
# **Exercise {exercise: REACHABLE_SHARE}.** With eight entries, which share of the draws of N(0, I) has no negative entry, so that a ReLU encoder
# could have produced it at all?

# %% tags=["exercise"]
# BEGIN SOLUTION
share_in_reach = 0.5**8
# END SOLUTION

# %%
check(exercises.REACHABLE_SHARE, share_in_reach)

# %% [markdown]
# Is it so in a network that was trained? Here is that encoder, as found, and a decoder beside it. Look at the smallest
# entry of its codes, and at how many entries are exactly zero.

# %% tags=["proof"]
keras.utils.set_random_seed(run.seed)
hidden = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(128, activation="relu")]
as_found = Autoencoder(
    keras.Sequential([*hidden, keras.layers.Dense(8, activation="relu")]),
    networks.dense_decoder(8, (8, 8, 1), (128,)),
    bernoulli_log_prob,
)
trained(as_found, epochs=1, rate=0.002)
relu_codes = as_found.encode(digits.x_train)
draws = rng.standard_normal((100_000, 8))
print(f"codes: smallest entry {relu_codes.min():.1f}, {100 * np.mean(relu_codes == 0):.0f} % of the entries exactly 0")
print(f"draws of N(0, I) without a negative entry: {100 * np.mean((draws > 0).all(axis=1)):.2f} %")
share = np.mean((draws > 0).all(axis=1))
assert abs(share - 2**-8) < 5 * np.sqrt(2**-8 / len(draws)), "one draw in 256 must lie where such a code can be"
assert np.mean(relu_codes == 0) > 0.05, "and codes must sit on the edge of that corner"

# %% [markdown]
# No entry below zero, and a pile of zeros: the two marks of a ReLU on the code.
#
# **Exercise {exercise: REPAIR_RELU_CODE}: find the bug.** Repair the encoder. There are two ReLUs: which one has to go?

# %% tags=["exercise"]
# BEGIN SOLUTION
my_encoder = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(8),
    ]
)
# INSTEAD
# my_encoder = keras.Sequential(
#     [
#         keras.Input((8, 8, 1)),
#         keras.layers.Flatten(),
#         keras.layers.Dense(128, activation="relu"),
#         keras.layers.Dense(8, activation="relu"),
#     ]
# )
# END SOLUTION

# %%
check(exercises.REPAIR_RELU_CODE, my_encoder)

# %% [markdown]
# Half of each axis is out of reach, and halves multiply: of eight-dimensional draws, 1 in 256 could be a code. The repair
# is the rule of lesson {number: autoencoders}: hidden layers bend, codes stay linear. It does not make an autoencoder variational, though.
# A linear code *can* look like N(0, I); nothing in the loss makes it.

# %% [markdown]
# ## The repair: two stages
#
# If the codes do not follow N(0, I), ask what they do follow. **Stage one:** train the autoencoder, as we did. **Stage
# two:** freeze it, encode the training images, and fit a density to their codes. To generate, draw from the *fitted*
# density and decode:
#
# $$z \sim \hat p(z), \qquad x = \operatorname{decoder}(z) .$$
#
# The simplest density is one Gaussian with the mean $\mu$ and the covariance $C$ of the codes. To draw from it, find a
# matrix $L$ with $L L^\top = C$ (the Cholesky factor) and stretch standard noise: $z = \mu + L\,\varepsilon$ with
# $\varepsilon \sim N(0, I)$. Check: the mean of $z$ is $\mu$, and its covariance
# $\mathbb E[L \varepsilon \varepsilon^\top L^\top] = L\, I\, L^\top = C$.
#
# **Exercise {exercise: GAUSSIAN_CODES}.** Write it for a batch: `codes` is `(n, d)`, `noise` is `(m, d)` with one $\varepsilon$ in each *row*;
# return `m` draws as rows.


# %% tags=["exercise"]
def gaussian_codes(codes, noise):
    # BEGIN SOLUTION
    root = np.linalg.cholesky(np.cov(codes.T))
    return codes.mean(axis=0) + noise @ root.T
    # END SOLUTION


# %%
check(exercises.GAUSSIAN_CODES, gaussian_codes)

# %% [markdown]
# A cloud with ten clusters is no Gaussian. A **mixture** of Gaussians fits better: several Gaussians, each with its own
# mean, covariance and weight (lesson {number: latent_variable_models} derives how it is fitted). The library's `TwoStage` takes any density with `fit`
# and `sample`, such as scikit-learn's mixtures:

# %%
from course_lib.models import TwoStage

show(TwoStage.fit)
show(TwoStage.sample)

# %% [markdown]
# How many components? The density is judged on codes that it has not seen, those of the *validation* images. (Its
# training score goes on rising.) **Guess:** is more always better?

# %%
from sklearn.mixture import GaussianMixture

components = [1, 2, 4, 8, 16, 32]
z_validation = model.encode(digits.x_validation).astype("float64")
scores = {"training codes": [], "validation codes": []}
for count in components:
    density = GaussianMixture(count, random_state=run.seed, reg_covar=1e-3).fit(z)
    scores["training codes"].append(density.score(z))
    scores["validation codes"].append(density.score(z_validation))
ax = plotting.curves(scores, "number of Gaussians", "mean log-density of a code / nats", components)
ax.set(xscale="log", xticks=components, xticklabels=components)
plotting.show(
    alt="Mean log-density of training and validation codes against the number of Gaussians. Both rise at first; then "
    "the training curve goes on rising and the validation curve hardly or not at all."
)
print("validation:", ", ".join(f"{c}: {s:.2f}" for c, s in zip(components, scores["validation codes"], strict=True)))

# %% [markdown]
# From one Gaussian to about eight the codes become clearly more probable, seen or not. Then the curves part: the training
# codes go on gaining, the fresh ones hardly or not at all. With 32 Gaussians for 1,259 codes, each has about 40 codes to
# learn its 44 numbers from (8 for the mean, 36 for the covariance). We take ten. **Guess** how the samples will compare
# with the junk:

# %%
ten = GaussianMixture(10, random_state=run.seed, reg_covar=1e-3)  # TwoStage fits a copy of it
keras.utils.set_random_seed(run.seed)
generators = {
    "N(0, I)": from_prior,
    "one Gaussian": TwoStage(model).fit(digits.x_train).sample(359),
    "ten Gaussians": TwoStage(model, ten).fit(digits.x_train).sample(359),
}
rows = {"real": digits.x_test, "reconstructed": copies}
rows |= {f"generated: {name}": images for name, images in generators.items()}
plotting.image_rows({name: images[:12] for name, images in rows.items()})
plotting.show(
    alt="Rows of twelve images: real, reconstructed, and generated from a standard normal, from one Gaussian and "
    "from ten. The first generated row is junk, the second has strokes, in the third most samples are digits."
)

# %% [markdown]
# The same decoder, three laws of the code. (Only the first two rows belong together, column by column.) One Gaussian
# already gives strokes, with ten most samples are digits. And the ruler?

# %% tags=["proof"]
for name, images in generators.items():
    d = nearest_distance(images, digits.x_train)
    ruler[f"generated: {name}"] = d.mean()
    print(f"{name:14} {d.mean():.3f} ± {d.std() / np.sqrt(len(d)):.3f} = {d.mean() / held_out.mean():.2f} × held-out")
print(f"for comparison: reconstructions {mean_distance['their reconstructions'] / held_out.mean():.2f}, ", end="")
print(f"class means {ruler['(c) the ten class means'] / held_out.mean():.2f}, ", end="")
print(f"mean of all images {ruler['the mean of all images'] / held_out.mean():.2f}")
assert abs(ruler["generated: ten Gaussians"] / held_out.mean() - 1) < 0.25, (
    "two-stage samples must lie as near as digits"
)
assert ruler["generated: N(0, I)"] >= 1.5 * ruler["generated: ten Gaussians"], "the repair must be worth its name"

# %% [markdown]
# From about twice the mark, or more, to about the mark: the decoder was fine all along; *what was missing is a law of the
# code*. Do not read more into it. "As near as real digits" includes the bonus for blur that reconstructions get; and a
# copy would score 0. Did we copy? Put each sample beside its nearest training image. And measure the distance to the
# *reconstructions* of training images: what a generator that copies codes draws is one of these, and scores 0 there.

# %% tags=["proof"]
samples = generators["ten Gaussians"][:12]
gaps = np.square(samples.reshape(-1, 1, 64) - x[None]).sum(axis=-1)
plotting.image_rows({"generated": samples, "nearest training image": digits.x_train[gaps.argmin(axis=1)]})
plotting.show(
    alt="Two rows of twelve images: generated ones above, the nearest training image of each below. They resemble "
    "each other and differ in their strokes."
)
rebuilt = model.reconstruct(digits.x_train)
copier = {"decoded training codes": model.decode(z[:359]), "test, reconstructed": copies}
near = {name: nearest_distance(images, rebuilt) for name, images in (generators | copier).items()}
for name, d in near.items():
    print(f"{name:22} from a training image's reconstruction: {d.mean():.3f}, the nearest {d.min():.3f}")
fresh = near["ten Gaussians"].mean()
assert near["decoded training codes"].max() < 1e-3, "the ruler must see a copier"
assert fresh > 0.6 * near["test, reconstructed"].mean(), "samples must be about as fresh as held-out digits"

# %% [markdown]
# Relatives, not copies: each sample has a neighbour that resembles it, and differs from it in its strokes. By
# the second ruler a copier is at 0, and these samples are about where held-out digits are. So the statement "an autoencoder only copies, only a VAE can
# generate" is half true. A plain autoencoder has no law of its code; give it one afterwards, and it generates (Ghosh et
# al., 2020, with larger models).

# %% [markdown] tags=["deeper"]
# ### A colleague's perfect generator
#
# A colleague has built a two-stage generator, too. Here are the samples and the numbers. **Which of them makes you
# suspicious?**


# %%
def colleague(encode, decode, x, noise):
    codes = encode(x)
    mean, root = codes.mean(axis=0), np.linalg.cholesky(np.cov(codes.T))
    white = np.linalg.solve(root, (codes - mean).T).T  # mean 0, covariance I
    return decode(mean + white[: len(noise)] @ root.T)


twice = [colleague(model.encode, model.decode, digits.x_train, rng.standard_normal((359, 8))) for _ in range(2)]
plotting.image_rows(
    {"first call": twice[0][:12], "second call": twice[1][:12], "real: training data": digits.x_train[:12]}
)
plotting.show(
    alt="Three rows of twelve images: the first call of the colleague's generator, the second call, and training "
    "data in their order. All three rows show the same digits."
)
their_distance = nearest_distance(twice[0], digits.x_train).mean()
print(
    f"distance to the nearest training image: {their_distance:.3f} = {their_distance / held_out.mean():.2f} × held-out"
)
print(f"largest difference between the two calls: {np.abs(twice[0] - twice[1]).max():.0e}")

# %% [markdown]
# Better than real digits, on the ruler. And yet fresh noise in the second call changed nothing, and the "samples" come
# in the order of the training data. **Exercise {exercise: GENERATE}: find the bug,** and repair the function.


# %% tags=["exercise"]
def generate(encode, decode, x, noise):
    codes = encode(x)
    mean, root = codes.mean(axis=0), np.linalg.cholesky(np.cov(codes.T))
    # BEGIN SOLUTION
    return decode(mean + noise @ root.T)
    # INSTEAD
    # white = np.linalg.solve(root, (codes - mean).T).T  # mean 0, covariance I
    # return decode(mean + white[: len(noise)] @ root.T)
    # END SOLUTION


# %%
check(exercises.GENERATE, generate)

# %% [markdown]
# Whitening and stretching undo each other: what came out were **reconstructions of training images**, labelled as
# samples. Three questions uncover it: Does fresh noise change the pictures? Does the function
# still work when the data are taken away after `fit`? How near is the nearest training image?

# %% [markdown]
# ## What the repair costs
#
# If two stages do the job, why does the course go on? Three reasons.
#
# **Its score is no likelihood of images.** The fitted density gives a number $\log \hat p(z)$ for each image. It is tempting to read it
# as "how probable is this image" and to compare models by it. Take our model and measure codes in another unit: the
# new encoder returns $2z$, the new decoder halves first. Pictures, losses, samples: all the same. **Predict:** what
# happens to the log-density?

# %% tags=["proof"]
density = GaussianMixture(1, random_state=run.seed).fit(z).score(z)
doubled = (
    GaussianMixture(1, random_state=run.seed, reg_covar=4e-6).fit(2 * z).score(2 * z)
)  # its ridge, in the new unit
halving, weights = keras.models.clone_model(model.decoder), model.decoder.get_weights()
halving.set_weights([weights[0] / 2, *weights[1:]])  # it halves the codes before anything else
same_pictures = Autoencoder(model.encoder, halving, bernoulli_log_prob).decode(2 * z[:100])
print(f"mean log-density of the codes: {density:.3f} nats, of the doubled codes {doubled:.3f} nats")
print(f"difference {doubled - density:.4f}, −8 log 2 = {-8 * np.log(2):.4f} nats")
assert np.allclose(same_pictures, model.decode(z[:100]), atol=1e-5), "the new decoder must draw the same pictures"
assert abs(doubled - density + 8 * np.log(2)) < 1e-3, "doubling eight entries must cost eight times log 2"

# %% [markdown]
# It falls by $8 \log 2 = 5.55$ nats: if $z' = 2z$, then $\hat p'(z') = \hat p(z)/2^8$, since the same probability is
# spread over $2^8$ times the volume. The same generator, another score. So $\log \hat p(z)$ can compare densities *for one
# encoder* (as we did for the number of Gaussians), and says nothing about images. What speaks of images is
# $\log p(x) = \log \int p(x \mid z)\, \hat p(z)\, dz$, and that integral is the subject of lesson {number: probabilistic_pca_and_monte_carlo}.
#
# **The two stages do not know of each other.** The encoder scattered its codes as was convenient for reconstruction; the
# density has to cope. It is often said that a VAE has the advantage of *training encoder and decoder jointly*. So does
# every autoencoder. What a VAE adds is a term for the codes in the same loss: the encoder is paid for putting them where
# the prior will draw them.
#
# **The target moves.** A density that is fitted while the networks are still training is out of date a moment later.
# To train everything together one needs a loss in which the law of the code occurs. That loss exists. It is called the
# ELBO, and the next lessons lead to it.

# %% [markdown] tags=["deeper"]
# ### The target moves
#
# How fast does it move? Could one simply fit the density while the autoencoder is still training? We try it with a small
# dense one: train for 10 passes, fit ten Gaussians to the codes, go on training. Every 10 passes we look how probable
# the codes of the training images are under the *old* density, and under one that is fitted again.

# %% tags=["proof"]
keras.utils.set_random_seed(run.seed)
growing = Autoencoder(
    networks.dense_encoder((8, 8, 1), 8, (128,)), networks.dense_decoder(8, (8, 8, 1), (128,)), bernoulli_log_prob
)
growing.compile(keras.optimizers.Adam(0.002))
old, curves, losses = None, {"density of pass 10": [], "fitted again": []}, []
for _ in range(5):
    losses += growing.fit(np.tile(digits.x_train, (10, 1, 1, 1)), verbose=0).history["loss"]
    now = TwoStage(growing, ten).fit(digits.x_train)
    old = old or now
    codes = growing.encode(digits.x_train).astype("float64")
    for name, generator in zip(curves, (old, now), strict=True):
        curves[name].append(generator.fitted.score(codes))
plotting.curves(curves, "passes over the data", "mean log-density of a code / nats", [10, 20, 30, 40, 50])
plotting.show(
    alt="Mean log-density of the training codes against passes over the data. Under the density fitted at pass 10 it "
    "falls steeply; fitted again at each moment it falls, too, but far less."
)
print("training loss:", ", ".join(f"{loss:.1f}" for loss in losses), "nats")
assert all(np.diff(losses) < 0), "the autoencoder must have become better all the while"
assert curves["density of pass 10"][-1] < curves["fitted again"][-1] - 5, "a density must age when its codes move"
assert curves["fitted again"][-1] < curves["fitted again"][0], "codes that spread out must become less dense"

# %% [markdown]
# The reconstructions became better all the while (the loss falls), and the codes moved away under the density, which now
# holds them for extremely improbable. Note the other curve, too: even the freshly fitted log-density *falls* while the
# autoencoder improves, because its codes spread out. One more reason not to read it as quality.

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> "The encoder of an autoencoder learns the distribution of the data." Right?</summary>
#
# No. It learns a function from images to codes. The codes of real images do follow *some* law, but the model does not
# know it; nothing in the loss describes it. A generative model needs a law of the code (and of $x$ given the code).
# </details>
#
# <details><summary><b>2.</b> What is the difference between an autoencoder and a generative model?</summary>
#
# A generative model comes with a recipe to draw a new $x$: draw $z$ from a stated law, then $x$ given $z$. An
# autoencoder has the second half only. With a density fitted to its codes it becomes one, of two stages. It is *not*
# the difference that one copies and the other creates.
# </details>
#
# <details><summary><b>3.</b> A tutorial builds 784-32-784 with a ReLU code and a binary cross-entropy, and calls it a
# variational autoencoder. How do you find out from outside, without reading the code?</summary>
#
# Ask the encoder for its outputs: a VAE's has two, a mean and a log-variance, this one has a code. Decode the same image
# twice as in training: a VAE draws noise in between, here nothing does. Look at the smallest entry of the codes: 0.
# Look for a second term in the loss: there is none. Decode draws of N(0, I): junk. It is an autoencoder (and the ReLU
# would stand in the way of the prior, too).
# </details>
#
# <details><summary><b>4.</b> "My samples have a smaller distance to the nearest training image than held-out images
# have, so they are better than real." What do you say?</summary>
#
# Quote the distance of the class means, of reconstructions, and of copies: all are below the mark. Small distances
# reward blur, copies and monotony. Only large ones prove something.
# </details>
#
# <details><summary><b>5.</b> "Entry 5 of my code is the thickness of the stroke: I turned it and saw it." What is this
# worth?</summary>
#
# An observation about this one network. Another start would have mixed the entries differently, and the loss cannot
# prefer an axis. Say how strongly the entry is correlated with the factor, whether other factors move with it, and that
# you needed labels (your eyes) to find it. (Locatello et al., 2019.)
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **built** a convolutional autoencoder: 160 parameters where a dense layer needs 16,640;
# * **drawn** codes as a map and **measured** them: with two numbers a bent code shows more than PCA, with eight it need
#   not, since the loss never asked for classes;
# * **walked** between digits and **put glasses** on faces by adding to their codes, each against its controls; and you saw that a rotated
#   code is just as good, so that single entries have no meaning of their own;
# * **shown** that decoded N(0, I) is more than 1.5 times as far from real digits as digits are, and which frauds that
#   ruler lets pass;
# * **repaired** it by a density on the codes, and named the price: a score of codes that is no likelihood of images, two trainings
#   that do not know of each other, a target that moves.
#
# So why is an autoencoder not yet a generative model? *Because nobody told it where codes come from.* Two stages tell it
# afterwards. The next part of the course tells it from the start.
#
# **Go further.** Replace the two networks of `face_model` by `networks.conv_encoder((32, 32, 3), 32)` and
# `networks.conv_decoder(32, (32, 32, 3))`, and train for 60 epochs (on a GPU). How near does the sum of codes come to the floor then? Try other factors, a beard or a hat, and faces of
# `portraits.x_unseen`, with pairs that no training face has. Then put `TwoStage` on top, with 1, 10 and 100 Gaussians: how
# far does the two-stage repair carry in 32 dimensions?
#
# **Touch it:** [latent walk](../docs/explorables/latent_walk/index.html).
#
# **References.** LeCun et al. (1998), *Gradient-based learning applied to document recognition* (convolutions). ·
# Hinton & Salakhutdinov (2006), *Reducing the dimensionality of data with neural networks*, Science 313. ·
# Vincent et al. (2008), *Extracting and composing robust features with denoising autoencoders*, ICML. ·
# Alain & Bengio (2016), *Understanding intermediate layers using linear classifier probes*, arXiv:1610.01644. ·
# White (2016), *Sampling generative networks*, arXiv:1609.04468 (spherical walks). ·
# Linzen (2016), *Issues in evaluating semantic spaces using word analogies*, arXiv:1606.07736. ·
# Locatello et al. (2019), *Challenging common assumptions in the unsupervised learning of disentangled
# representations*, arXiv:1811.12359. ·
# Ghosh et al. (2020), *From variational to deterministic autoencoders*, arXiv:1903.12436 (two stages).

# %% [markdown] tags=["slide"]
# # The latent space: why an autoencoder is not yet a generative model
#
# A trained decoder turns eight numbers into a digit. So choose eight numbers yourself, and you have a machine that invents digits.
#
# **Why does that fail, and what is missing?**

# %% [markdown] tags=["notes"]
# 1 min. Let somebody say what would come out. Needed from before: autoencoders, means and covariances. Do not say "VAE" yet.

# %% [markdown] tags=["slide"]
# ## Eight numbers, by convolution
#
# A stroke is a stroke wherever it stands: one *filter* of 3 × 3 weights, used at every place.
#
# {figure: eight-numbers-by-convolution-5}
#
# So every image has an address, $z=\operatorname{encoder}(x)$: the **latent space**.

# %% [markdown] tags=["notes"]
# 2 min. Above real test digits, below their copies through eight numbers. Leave out strides and transposed convolutions unless asked.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: NUM_WEIGHTS} · {minutes} minutes
#
# Images of 8 × 8 × 1. Filters: 16 of 3 × 3, with stride 2.
#
# The result: 4 × 4 × 16.
#
# How many parameters, weights and biases,
#
# - has this convolution?
# - has a dense layer that makes as many outputs?

# %% [markdown] tags=["notes"]
# 3 min. 160 and 16,640. Usual wrong answers: 144, the biases forgotten; 16 × 65, one output for each filter instead of 256 in all.

# %% [markdown] tags=["slide"]
# ## Predict: which digits are hardest to part?
#
# A code of *two* numbers. No labels were used.
#
# . . .
#
# {figure: a-map-of-the-digits-3}

# %% [markdown] tags=["notes"]
# 2 min. Take guesses for pairs. Which map is better is hard to say by eye: so it is measured soon.

# %% [markdown] tags=["slide"]
# ## Predict: what is drawn *between* clusters?
#
# . . .
#
# {figure: a-map-of-the-digits-5}
#
# It is continuous: it cannot jump. In the corners, too, nothing warns you.

# %% [markdown] tags=["notes"]
# 2 min. The usual wrong answer: "nothing", or "noise". It must draw something between two digits, whether or not such a thing exists.

# %% [markdown] tags=["slide"]
# ## A linear probe: taste becomes a number
#
# Freeze the encoder. Fit a *linear* classifier to the training codes. Count test images.
#
# . . .
#
# {output: reading-a-code-the-linear-probe-4}
#
# . . .
#
# The loss asked for pixels, never for classes.

# %% [markdown] tags=["notes"]
# 2 min. Ask first: does the autoencoder beat PCA with two numbers, with eight? Does it beat pixels? With two it wins, with eight it need not. The probe tells what is linearly readable, no more.

# %% [markdown] tags=["slide"]
# ## Predict: the middle of a walk
#
# $$z(t)=(1-t)\,z_0+t\,z_1$$
#
# Blend pixels, or blend codes and decode?
#
# . . .
#
# {figure: walking-between-digits-3}

# %% [markdown] tags=["notes"]
# 2 min. Pixels are a double exposure; codes rather deform. Say that two walks are an anecdote, chosen because they show it well. Exercise {exercise: WALK} writes it.

# %% [markdown] tags=["slide"]
# ## A ruler: how far is the nearest real image?
#
# $$d(x)=\min_{r\,\in\,\text{training images}}\|x-r\|$$
#
# Its mark: *held-out* real digits.
#
# . . .
#
# {output: a-ruler-how-far-is-the-nearest-real-image-2}

# %% [markdown] tags=["notes"]
# 2 min. Ask about the second line: reconstructions score better than real digits. Softness has an advantage on this ruler. So the fair comparison is the fourth line with the fifth.

# %% [markdown] tags=["slide"]
# ## This very face, with glasses
#
# *Codes with glasses − codes without = glasses.* Will they sit on a tilted head, too?
#
# . . .
#
# {figure: calculating-with-codes-this-very-face-with-5}

# %% [markdown] tags=["notes"]
# 3 min. One vector for all faces, and the network was never told that there are glasses. The last row is drawn from the known factors: the truth.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: MEAN_CHANGE} · {minutes} minutes
#
# Nobody with red hair wears glasses in the training faces. So who may be compared?
#
# `codes` is `(n, d)`; `wears` and `comparable` are booleans `(n,)`.
#
# Write the mean code of those that wear, minus the mean code of those that do not, **both among the comparable**.

# %% [markdown] tags=["notes"]
# 3 min. Usual wrong answers: only one of the two groups restricted; one mean over everything; the sign.

# %% [markdown] tags=["slide"]
# ## Marvel, then measure
#
# Squared error to each face's *own* truth:
#
# {output: calculating-with-codes-this-very-face-with-7 1-2}
#
# . . .
#
# {output: calculating-with-codes-this-very-face-with-7 6-7}
#
# What does doing *nothing* score? What is the *floor*? Did anybody need *labels*?

# %% [markdown] tags=["notes"]
# 2 min. Three questions for every picture of latent arithmetic. Third line: pixels before the encoder do as well; fourth: the truth itself, sent through the autoencoder. The notebook has more controls. The wonder is the decoder.

# %% [markdown] tags=["slide"]
# ## Quiz: "Entry 3 of my code is the slant." What is this worth?
#
# . . .
#
# Rotate all codes, and let the decoder undo it: the same pictures, the same loss.
#
# {output: do-the-entries-mean-something-5 1-2}
#
# . . .
#
# *Where* a factor stands in the code is an accident. The loss cannot prefer an axis.

# %% [markdown] tags=["notes"]
# 2 min. Also N(0, I) looks the same after a rotation (Locatello et al., 2019). Leave out their 12,000 models.

# %% [markdown] tags=["slide"]
# ## Predict: draw $z\sim\mathcal N(0,I)$ and decode
#
# . . .
#
# {figure: the-decoder-as-a-generator-2}

# %% [markdown] tags=["notes"]
# 2 min. Many expect soft digits. The networks are the same that made the fine copies. Let them say what went wrong before the next slide.

# %% [markdown] tags=["slide"]
# ## Where are the codes of real images?
#
# {figure: the-decoder-as-a-generator-4}
#
# **Nowhere in the loss does $\mathcal N(0,I)$ occur.** The decoder learnt to draw at the addresses of images, and nowhere else.

# %% [markdown] tags=["notes"]
# 2 min. The usual wrong sentence: "the encoder learns the distribution of the data". It learns an address for each image.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: RULER} · {minutes} minutes
#
# Which of these does the ruler place *below* the mark, as if better than real digits?
#
# - (a) decoded $\mathcal N(0,I)$
# - (b) copies of training images
# - (c) the ten class means
# - (d) one good picture, 359 times

# %% [markdown] tags=["notes"]
# 3 min. b, c and d. Let them argue in pairs. The usual wrong answer: b alone.

# %% [markdown] tags=["slide"]
# ## The ruler can convict; it cannot acquit
#
# {output: the-decoder-as-a-generator-7}
#
# A large distance says: junk. A small one may mean good samples, or copies, or blur, or no variety.

# %% [markdown] tags=["notes"]
# 2 min. Decoded N(0, I) lies farther out than the mean of all images, a grey blot that needs no network.

# %% [markdown] tags=["slide"]
# ## The repair: two stages
#
# 1. Train the autoencoder.
# 2. Freeze it; fit a density $\hat p(z)$ to the codes of the training images.
#
# . . .
#
# $$z\sim\hat p(z),\qquad x=\operatorname{decoder}(z)$$
#
# . . .
#
# One Gaussian: $\;z=\mu+L\,\varepsilon$ with $LL^\top=C$. It has the covariance $\;\mathbb E[L\varepsilon\varepsilon^\top L^\top]=C$.

# %% [markdown] tags=["notes"]
# 2 min. Derive the covariance on the board. Exercise {exercise: GAUSSIAN_CODES}, at home: with rows the root must be transposed.

# %% [markdown] tags=["slide"]
# ## Predict: one decoder, three laws of the code
#
# $\mathcal N(0,I)$, one fitted Gaussian, ten of them.
#
# . . .
#
# {figure: the-repair-two-stages-7}

# %% [markdown] tags=["notes"]
# 2 min. Only the first two rows belong together column by column. The decoder was fine all along.

# %% [markdown] tags=["slide"]
# ## And the ruler? And did we copy?
#
# {output: the-repair-two-stages-9 1-3}
#
# . . .
#
# {figure: the-repair-two-stages-11}
#
# Relatives, not copies.

# %% [markdown] tags=["notes"]
# 2 min. "As near as real digits" includes the bonus for blur. The second ruler of the notebook, the distance to reconstructions, gives a copier 0 and these samples about what held-out digits have.

# %% [markdown] tags=["slide"]
# ## Quiz: double all codes, halve in the decoder. What does $\log\hat p(z)$ do?
#
# . . .
#
# {output: what-the-repair-costs-2}
#
# . . .
#
# The same generator, another score: $\log\hat p(z)$ is **no likelihood of images**. That would be $\log\int p(x\mid z)\,\hat p(z)\,dz$.

# %% [markdown] tags=["notes"]
# 2 min. Most say "nothing". Two more costs: the two stages do not know of each other, and a density that is fitted during training is out of date at once.

# %% [markdown] tags=["slide"]
# ## To take home
#
# An autoencoder is not yet a generative model, because **nobody told it where codes come from.**
#
# Two stages tell it afterwards. The next part of the course tells it from the start.
#
# *At home:* exercises {exercise: GAUSSIAN_CODES}, {exercise: REPAIR_RELU_CODE} and {exercise: GENERATE}.

# %% [markdown] tags=["notes"]
# 1 min. {exercise: GENERATE} is a colleague's generator that is better than real: a nice one for the start of the next session.
