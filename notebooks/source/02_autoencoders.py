# ---
# jupyter:
#   course:
#     part: "Part I · Autoencoders"
#     question: "What does squeezing data through a bottleneck learn?"
# ---

# %% [markdown]
# # Autoencoders: a bottleneck learns what the data have in common
#
# **The question.** Push an image through a code of a few numbers and ask for the image back. What does a network learn
# when we squeeze the data like that, and how would we know that it learnt it *well*?
#
# In this lesson you will
#
# * **build** an encoder, a code and a decoder, and train them together with one loss;
# * **say** what squared error and binary cross-entropy measure, in which unit, and what their smallest values mean;
# * **prove** that a linear autoencoder reaches the error of the principal components, and no more (deeper: and their span);
# * **beat** the best linear code with a non-linear one, on images that it has never seen;
# * **judge** two networks that tutorials like to show (deeper: a third), and repair what is wrong with them.
#
# *To know before:* Python, derivatives, averages and variances; eigenvectors and projections, which
# {lesson: linear_algebra_and_dynamics} shows. Nothing about autoencoders.
# *Time:* {times}; about 40 seconds to run on two CPU cores. A GPU is not needed.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## Eight numbers for sixty-four pixels
#
# Handwritten digits of 8 × 8 pixels, each between 0 (paper) and 1 (ink): an image is a vector $x$ of 64 numbers.
# *Validation* images are set aside to watch a training with, *test* images for the final word.

# %%
import matplotlib.pyplot as plt
import numpy as np

from course_lib import datasets, plotting

digits = datasets.load("digits")
x, x_validation, x_test = (part.reshape(-1, 64) for part in (digits.x_train, digits.x_validation, digits.x_test))
plotting.image_grid(digits.x_train[:20], columns=10, title=f"real: 20 of {len(x):,} training images")
plotting.show(
    alt="Twenty handwritten digits of 8 by 8 pixels in two rows, dark strokes on white paper; the corners are mostly "
    "empty."
)

# %% [markdown]
# Could 8 numbers describe each of these images? The corners are mostly empty, neighbouring pixels tend to be dark together. Let
# two small networks find a description:
#
# * the **encoder** turns an image $x$ into a **code** $z$ of 8 numbers;
# * the **decoder** turns a code back into an image $\hat x$, the **reconstruction**.
#
# Together they are an **autoencoder**. All that the decoder knows about an image must pass through the narrow code, the
# **bottleneck**. We start with one `Dense` layer each and no activation: code entries are weighted sums of the pixels,
# reconstructed pixels weighted sums of the code entries (each plus a bias).
#
# **Before you run the cell:** how many weights and biases do the two networks have together?

# %%
import keras
from keras import layers

from course_lib.models import Autoencoder

keras.utils.set_random_seed(run.seed)
encoder = keras.Sequential([keras.Input((64,)), layers.Dense(8)])
decoder = keras.Sequential([keras.Input((8,)), layers.Dense(64)])
linear = Autoencoder(encoder, decoder)
# NBVAL_CHECK_OUTPUT
print(f"encoder {encoder.count_params()} + decoder {decoder.count_params()} = {linear.count_params()} parameters")

# %% [markdown]
# The encoder has 64 · 8 weights and 8 biases, the decoder 8 · 64 and 64. Now `fit` changes all of them, step by step, so
# that the reconstruction comes closer to the image. There are no labels: the image itself is the target.

# %%
keras.utils.set_random_seed(run.seed)
linear.fit(x, epochs=20)
shown = digits.x_test[:10]
rebuilt = linear.reconstruct(x_test[:10]).reshape(-1, 8, 8)
plotting.image_rows({"real": shown, "reconstructed": rebuilt})
plotting.show(
    alt="Two rows of ten small images: test digits above, their reconstructions by the linear autoencoder below. "
    "Shapes begin to show in the lower row, among grey shadows, but are hard to read."
)

# %% [markdown]
# The loss fell in every epoch, yet you would not read these digits aloud. Is that all that eight numbers can do, or did we
# stop too early? We need to know what the loss *is*, and how low it could get.

# %% [markdown]
# ## The ruler: what the loss measures
#
# This is the code that just ran:

# %%
from course_lib import show
from course_lib.models import squared_error

show(Autoencoder.compute_loss)
show(squared_error)

# %% [markdown]
# We gave no `log_likelihood` (it comes later in this lesson), so the loss is the squared error. For $n$ images of $D$
# values, with $x_{ij}$ the pixel $j$ of image $i$ and $\hat x_{ij}$ its reconstruction:
#
# $$L = \frac1n \sum_{i=1}^{n} \|x_i - \hat x_i\|^2, \qquad \|x_i - \hat x_i\|^2 = \sum_{j=1}^{D} (x_{ij} - \hat x_{ij})^2 .$$
#
# **Sum over the pixels of an image, mean over the images** (`weighted_mean` without weights is the plain mean): an error
# *per image*. Keras' own `"mean_squared_error"` also averages over the pixels, an error *per pixel*, $D$ times smaller; the
# library reports that one too, as `mse`. Neither is wrong. But 1.5 and 0.024 may be the very same result, so a loss
# without its unit says nothing.
#
# And there is *one* loss, no "encoder loss" plus "decoder loss": the error is measured at the far end, and its gradient
# flows back through both networks.
#
# **Exercise {exercise: PER_IMAGE}.** A paper reports Keras' mean squared error, per pixel. Convert it to our unit, per image. `images` is
# the batch, `(n, height, width, channels)`; the images need not be square.


# %% tags=["exercise"]
def per_image(mse_per_pixel, images):
    # BEGIN SOLUTION
    return mse_per_pixel * np.prod(images.shape[1:])
    # END SOLUTION


# %%
from course_lib.exercises import autoencoders as exercises
from course_lib.exercises import check

check(exercises.PER_IMAGE, per_image)

# %% [markdown]
# A loss needs two **baselines**: what it costs to know nothing, and the best that one can hope for. First: a decoder that
# receives *no* information has to answer every image with the same picture. **Guess first:** which picture has the smallest
# squared error: plain paper, even grey, the pixelwise median, or the pixelwise mean?

# %%
candidates = {"paper": np.zeros(64), "grey ½": np.full(64, 0.5), "median": np.median(x, axis=0), "mean": x.mean(axis=0)}
errors = {name: np.square(x - picture).sum(axis=1).mean() for name, picture in candidates.items()}
_, frames = plt.subplots(1, 4, figsize=(6, 1.9), layout="constrained")
for frame, (name, picture) in zip(frames, candidates.items(), strict=True):
    plotting.image_grid(picture.reshape(1, 8, 8), title=f"{name}\n{errors[name]:.2f} per image", ax=frame)
    frame.set(frame_on=True, xticks=[], yticks=[])
    frame.set_axis_on()
plotting.show(
    alt="Four pictures side by side that answer every image alike: plain paper, even grey, the pixelwise median and "
    "the pixelwise mean, each with its error. The blurry mean has the smallest."
)

# %% [markdown]
# The blurry mean wins, and it must: the derivative of $\frac1n\sum_i (x_i - c)^2$ is zero where $c$ is the mean of the
# $x_i$, and what is left is their variance. So the first baseline is the *total variance*, the variances of all pixels
# added up. This is also why reconstructions look soft: where the code leaves a decoder in doubt, squared error pays it to
# answer with an average. Let an optimiser that knows nothing of means look for a better picture:

# %% tags=["proof"]
from scipy.optimize import minimize

best = minimize(lambda picture: np.square(x - picture).sum(axis=1).mean(dtype="float64"), np.full(64, 0.5))
total_variance = x.var(axis=0).sum()
print(f"best picture that a search finds {best.fun:.4f}, mean picture {errors['mean']:.4f}", end="    ")
print(f"total variance {total_variance:.4f}    per image")
assert abs(best.fun - total_variance) < 1e-4, "the best constant picture must leave exactly the total variance"
assert np.abs(best.x - x.mean(axis=0)).max() < 1e-2, "and it must be the mean picture"

# %% [markdown]
# An error above 4.69 per image is worse than knowing nothing: there our autoencoder was in its first dozen epochs. At about
# 4 after all 20, it had barely started. How low could it come?

# %% [markdown]
# ## The best linear code is known exactly
#
# For a linear encoder and decoder, nobody has to train anything to know the best possible loss. Take the covariance
# matrix $C = \frac1n\sum_i (x_i - \bar x)(x_i - \bar x)^\top$ with the mean picture $\bar x$. Its eigenvectors
# $v_1, v_2, \dots$ are the **principal axes**; its eigenvalues $\lambda_1 \ge \lambda_2 \ge \dots$ are the variances of the
# data along them, and add up to the total variance. A code that keeps the first $k$ coordinates along these axes loses
# the variance along all the others, and no linear code of $k$ numbers loses less (Eckart & Young, 1936; for linear
# autoencoders Baldi & Hornik, 1989):
#
# $$\min_{\text{linear codes of } k \text{ numbers}} L = \lambda_{k+1} + \lambda_{k+2} + \dots + \lambda_D .$$
#
# This is **principal component analysis** (PCA; Pearson, 1901), and the right-hand side the *PCA residual*. How much is
# lost with eight numbers out of 64? More or less than half of the total variance?

# %%
from course_lib.exact import principal_variances

variances = principal_variances(x)
residuals = [variances[k:].sum() for k in range(65)]
print(f"total {variances.sum():.3f}    residual of 8: {residuals[8]:.4f} per image, {residuals[8] / 64:.4f} per pixel")
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")
left.bar(range(1, 65), variances, color=[plotting.PALETTE[0]] * 8 + [plotting.PALETTE[1]] * 56)
left.set(xlabel="number j of the axis", ylabel="variance $λ_j$ / per image")
right.plot(residuals, color=plotting.PALETTE[0])
right.plot(8, residuals[8], "o", color=plotting.PALETTE[1])
right.set(xlabel="code size k", ylabel="PCA residual / per image", ylim=(0, None))
plotting.show(
    alt="Left, bars of the variance along each of the 64 principal axes: the first eight, blue, are tall, the other "
    "56, orange, are low and sink to nothing. Right, the PCA residual falls with the size of the code, steeply "
    "at first; a dot marks eight numbers."
)

# %% [markdown]
# Left: a code of eight numbers keeps the eight blue bars and loses the 56 orange ones. Right, that loss for every code size:
# from the total variance, 4.69, down to 1.53 at $k = 8$ (the dot), so eight numbers keep two thirds of the variance.
#
# **Exercise {exercise: PCA_RESIDUAL}.** Predict the loss of the best linear autoencoder without training one. `data` has shape `(n, D)`;
# return the residual of `code_size` numbers, per example. (`np.linalg.eigvalsh` gives the eigenvalues of a symmetric
# matrix.)


# %% tags=["exercise"]
def pca_residual(data, code_size):
    # BEGIN SOLUTION
    centred = data - data.mean(axis=0)
    eigenvalues = np.linalg.eigvalsh(centred.T @ centred / len(data))[::-1]
    return eigenvalues[code_size:].sum()
    # END SOLUTION


# %%
check(exercises.PCA_RESIDUAL, pca_residual)

# %% [markdown]
# Does gradient descent, which has never heard of eigenvalues, arrive at 1.53? It gets 750 passes over the data and a
# learning rate that falls to zero along a cosine. (`copies` lays the data several times behind one another, because every
# epoch of `fit` has a fixed cost.)


# %%
def train(model, x, epochs, rate=3e-3, copies=1, batch_size=128, **options):
    x = np.tile(x, (copies, 1))
    steps = epochs * int(np.ceil(len(x) / batch_size))
    schedule = keras.optimizers.schedules.CosineDecay(rate, steps)
    model.compile(keras.optimizers.Adam(schedule), jit_compile=False)
    return model.fit(x, epochs=epochs, batch_size=batch_size, verbose=0, **options)


# %% [markdown]
# The decoder's weights are eight pictures, and its reconstructions are mixtures of them (plus the bias). Do they *span* the
# same subspace as the principal axes? With the error we record $\|\sin\Theta\|_F^2$, the sum of the squared sines of the eight
# angles between the two: 0 if they are equal, 8 if no direction is right.

# %% tags=["proof"]
from course_lib.exact import principal_axes, subspace_distance

axes = principal_axes(x, 8)
keras.utils.set_random_seed(run.seed)
linear = Autoencoder(
    keras.Sequential([keras.Input((64,)), layers.Dense(8)]), keras.Sequential([keras.Input((8,)), layers.Dense(64)])
)
ratios, distances = [], []


def record(epoch, logs):
    directions = keras.ops.convert_to_numpy(linear.decoder.layers[-1].kernel).T  # (64, 8)
    distances.append(subspace_distance(directions, axes))
    ratios.append(np.square(x - linear.reconstruct(x)).sum(axis=1).mean(dtype="float64") / residuals[8])


watch = keras.callbacks.LambdaCallback(on_epoch_end=record)
train(linear, x, epochs=30, copies=25, rate=0.02, batch_size=256, callbacks=[watch])
print(f"autoencoder / PCA residual = {ratios[-1]:.6f}, sin² = {distances[-1]:.5f}")
assert 1 - 1e-5 <= ratios[-1] <= 1.01, "a linear autoencoder must reach the PCA residual, and cannot fall below it"
assert distances[-1] < 0.05, "at the end the decoder must span the principal subspace"

# %% [markdown]
# The error is the optimum to four digits: trained long enough, the network is as good as the theory allows, and never
# better. And it spans the same eight directions, though not axis by axis: any invertible mixture of the eight numbers is an
# equally good code, if the decoder undoes it. So do not read a meaning into entry 3 of a code.

# %% [markdown] tags=["deeper"]
# ### How far is the span?
#
# An error close to the optimum does not say that the *directions* are found. Swap $v_8$ for $v_9$ and you lose only
# $\lambda_8 - \lambda_9$; if the two variances are nearly equal, a wrong direction is almost free. Let the *excess* be the
# error minus the residual. Then for every linear autoencoder, trained or not,
#
# $$\|\sin\Theta\|_F^2 \;\le\; \frac{\text{excess}}{\lambda_k - \lambda_{k+1}} .$$
#
# <details><summary>Why? Four lines.</summary>
#
# Let $P$ project onto the decoder's span and let $p_j = \|P v_j\|^2$, between 0 and 1, with $\sum_j p_j = k$. Then
# $s = \|\sin\Theta\|_F^2 = \sum_{j\le k} (1 - p_j) = \sum_{j>k} p_j$. The error of the autoencoder is at least that of
# the projection, $\sum_j \lambda_j (1 - p_j)$, so the excess is at least
# $\sum_{j\le k} \lambda_j (1 - p_j) - \sum_{j>k} \lambda_j p_j \ge \lambda_k s - \lambda_{k+1} s$.
# </details>
#
# **Guess before the figure:** when the error is within 3 % of the optimum, how much of the eight directions is still
# wrong?

# %% tags=["proof"]
excess = (np.array(ratios) - 1) * residuals[8]
bound = excess / (variances[7] - variances[8])
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")
passes = 25 * np.arange(1, 31)
plotting.curves(
    {"autoencoder": ratios, "optimum": 0 * passes + 1}, "passes over the data", "error / residual", passes, left
)
plotting.curves({"measured": distances, "bound": bound}, "passes over the data", r"$\|\sin\Theta\|^2_F$", passes, right)
right.set(yscale="log")
plotting.show(
    alt="Two panels against passes over the data. Left, the error of the autoencoder divided by the optimum comes "
    "down to the line at one early on. Right, on a logarithmic scale, the squared sine between the two subspaces "
    "goes on falling to the end, always below its bound."
)
for i in (int(np.argmax(np.array(ratios) < 1.03)), 29):
    print(f"{passes[i]} passes: error / residual {ratios[i]:.4f}, sin² {distances[i]:.6f}, bound {bound[i]:.6f}")
assert np.all(distances <= bound + 1e-6), "no span may be further from the principal one than its excess allows"

# %% [markdown]
# Left, the error is within 3 % of the optimum after a small part of the training. Right (a logarithmic scale), at that
# moment a good part of a direction is still wrong (sin² is printed), and the bound allows it: the gap
# $\lambda_8 - \lambda_9$ is only 0.017, so an excess of a few hundredths buys a lot of angle. Measured and bound then fall
# together, a hundredfold and more. **A loss near the optimum is evidence about the loss. About what was learnt it says
# something only relative to the gap.**
#
# The span is found, then. Do the decoder's eight pictures look like the principal axes?

# %%
directions = keras.ops.convert_to_numpy(linear.decoder.layers[-1].kernel)
pictures = {"principal axes": axes.T, "decoder weights": directions}
rows = {name: (0.5 + 0.5 * p / np.abs(p).max(axis=1, keepdims=True)).reshape(-1, 8, 8) for name, p in pictures.items()}
plotting.image_rows(rows)
plotting.show(
    alt="Two rows of eight pictures, grey for zero: the principal axes above, the decoder's weights below. No "
    "picture of one row occurs in the other."
)

# %% [markdown]
# Grey is zero, dark is positive, light is negative. The two rows span the same subspace, yet no picture of one occurs in the
# other: the decoder's are mixtures. Another start would have mixed differently.

# %% [markdown]
# ### A straight code and a bent one
#
# The baseline of 1.53 holds for *linear* codes: it supposes that the images lie near a flat eight-dimensional sheet. Why
# should the sheet be flat? Two dimensions can be drawn. Here is a cloud along a parabola, and a code of *one* number. Left
# the best linear autoencoder, PCA (`pca_copy`): every point goes to its foot on a straight line. Right, an autoencoder with
# one hidden layer of ReLUs, $\max(0, a)$, on each side. **Where will its points go?**


# %%
def pca_copy(x, fresh, code_size):
    mean, axes = x.mean(axis=0), principal_axes(x, code_size)
    return mean + (fresh - mean) @ axes @ axes.T


def bent_autoencoder(code_size, size=64):
    encoder = keras.Sequential([keras.Input((size,)), layers.Dense(256, activation="relu"), layers.Dense(code_size)])
    decoder = keras.Sequential([keras.Input((code_size,)), layers.Dense(256, activation="relu"), layers.Dense(size)])
    return Autoencoder(encoder, decoder)


# %%
keras.utils.set_random_seed(run.seed)
rng = np.random.default_rng(run.seed)
along = rng.uniform(-1, 1, size=800)
cloud = np.stack([along, along**2], axis=1) + 0.07 * rng.normal(size=(800, 2))
curve = bent_autoencoder(1, size=2)
train(curve, cloud, epochs=10, rate=0.01, copies=40)
figure, frames = plt.subplots(1, 2, figsize=(8, 2.9), layout="constrained", sharey=True)
answers = {"PCA": pca_copy(cloud, cloud, 1), "bent": curve.reconstruct(cloud)}
for ax, (name, copies) in zip(frames, answers.items(), strict=True):
    ax.plot(*cloud.T, ".", color="0.75", markersize=4)
    ax.plot(*np.stack([cloud[:60], copies[:60]]).transpose(2, 0, 1), color=plotting.PALETTE[5], linewidth=0.8)
    ax.plot(*copies.T, ".", color=plotting.PALETTE[0], markersize=2)
    error = np.square(cloud - copies).sum(axis=1).mean()
    ax.set(title=f"{name}: error {error:.3f} per point", xlabel="$x_1$", aspect="equal")
frames[0].set_ylabel("$x_2$")
plotting.show(
    alt="A grey cloud along a parabola, twice. Left, every point is joined to its foot on a straight, nearly horizontal line, far "
    "away at both ends and in the middle. Right, to a line that follows the parabola, a short way."
)

# %% [markdown]
# The line follows the cloud, and the error is a fraction. The code is one number in both pictures: the *map* may bend. Such
# a curved sheet is called a **manifold** (for images: Hinton & Salakhutdinov, 2006).
#
# ## What bending buys
#
# Back to the digits and eight numbers, with a hidden layer in the encoder and one in the decoder. A model that can bend can
# also learn its training images by heart. So the comparison is fair only on held-out images, for PCA, too: its mean and axes
# come from the training images. **Your guess:** will bending win there, and by how much?

# %%
keras.utils.set_random_seed(run.seed)
bent = bent_autoencoder(8)
history = train(bent, x, epochs=16, copies=5, validation_data=x_validation).history

# %% [markdown]
# Did it train well, and did it learn its images by heart?

# %% tags=["proof"]
errors = {"training": history["mse"], "validation": history["val_mse"]}
plotting.curves(errors, "passes over the data", "mse / per pixel", x=5 * np.arange(1, 17))
plotting.show(
    alt="Training and validation error per pixel against passes over the data. Both curves fall and flatten; "
    "validation ends a little higher and never turns upwards."
)
pca_8 = np.square(x_test - pca_copy(x, x_test, 8)).mean()
bent_8 = np.square(x_test - bent.reconstruct(x_test)).mean()
print(f"held out, code of 8: PCA {pca_8:.4f} per pixel, bent autoencoder {bent_8:.4f} per pixel")
assert bent_8 < 0.0185 < pca_8, "on held-out digits a non-linear code of 8 numbers must clearly beat PCA's"

# %% [markdown]
# Validation ends a little above training and never turns upwards: little was learnt by heart. And on the test images the
# bent code makes about *half* the error of the best flat one. Can you see the difference?

# %%
rebuilt = {"real": x_test, "PCA, 8": pca_copy(x, x_test, 8), "bent, 8": bent.reconstruct(x_test)}
plotting.image_rows({name: images[:10].reshape(-1, 8, 8) for name, images in rebuilt.items()})
plotting.show(
    alt="Three rows of ten digits: real ones, copies by PCA with eight numbers, copies by the bent autoencoder with "
    "eight. The PCA copies have grey shadows around the strokes; those of the autoencoder are crisper."
)

# %% [markdown]
# Eight fixed pictures cannot cancel everywhere at once: PCA leaves grey shadows on the paper. One experiment is an anecdote,
# so here are other code sizes, with the same 80 passes. **Where will the ratio of the two errors be smallest:** at 2 numbers,
# or at 16?

# %%
sizes, bent_errors = [2, 4, 8, 16], []
for size in sizes:
    keras.utils.set_random_seed(run.seed)
    model = bent if size == 8 else bent_autoencoder(size)
    if model is not bent:
        train(model, x, epochs=4, copies=20)
    bent_errors.append(np.square(x_test - model.reconstruct(x_test)).mean())
pca_errors = {k: np.square(x_test - pca_copy(x, x_test, k)).mean() for k in range(1, 21)}
ax = plotting.curves(
    {"PCA": [*pca_errors.values()]}, "code size / numbers", "held-out error / per pixel", [*pca_errors]
)
ax.plot(sizes, bent_errors, "o-", color=plotting.PALETTE[1], label="bent autoencoder")
ax.set(ylim=(0, None), xticks=range(0, 21, 2))
ax.legend(frameon=False)
plotting.show(
    alt="Held-out error per pixel against the number of code entries. The curve of PCA falls slowly; the marked "
    "points of the bent autoencoder lie below it at every size."
)
for size, error in zip(sizes, bent_errors, strict=True):
    print(f"code of {size:2d}: PCA {pca_errors[size]:.4f}, bent {error:.4f}, ratio {error / pca_errors[size]:.2f}")

# %% [markdown]
# Neither: the ratio is smallest in the middle. With 2 numbers both are poor, with 16 PCA has little left to lose. Read
# across, 8 bent numbers are about as good as 14 flat ones. It is bought with more weights and longer training, and without
# PCA's guarantee: nobody knows how low a bent code can go.

# %% [markdown] tags=["deeper"]
# ### What do the eight numbers do?
#
# Encode one digit, change a single entry, decode. Each row takes one of the first four entries from its smallest to its
# largest value on the training images; the other seven stay as they are.

# %%
codes = bent.encode(x)
start = bent.encode(x_test[:1])


def turned(entry, values):
    changed = np.repeat(start, len(values), axis=0)
    changed[:, entry] = values
    return bent.decode(changed).reshape(-1, 8, 8)


plotting.image_rows({f"entry {j}": turned(j, np.linspace(codes[:, j].min(), codes[:, j].max(), 11)) for j in range(4)})
plotting.show(
    alt="Four rows of eleven decoded digits. In each row one entry of the code goes from its smallest to its largest "
    "value: the digit changes smoothly into other shapes, some of which are no digits."
)

# %% [markdown]
# The digit changes smoothly into other shapes, and some are no digits at all: only codes of real images were ever decoded in
# training. (Lesson {number: the_latent_space} starts from this.) Nor has an entry a name such as "slant". In a
# running notebook the next figure has two sliders: choose an entry, and turn it.


# %%
def turned_once(entry, value):
    figure, ax = plt.subplots(figsize=(2.4, 2.6), layout="constrained")
    plotting.image_grid(turned(entry, [value]), title=f"entry {entry} set to {value:.1f}", ax=ax)
    return figure


limit = np.ceil(np.abs(codes).max())
plotting.slider(
    turned_once,
    entry=(0, 7, 0),
    value=(-limit, limit, 0.0),
    alt="The digit that the decoder draws when one entry of the code of a test digit is changed, and all others are as they "
    "were.",
)

# %% [markdown]
# ## A code that is wider than its input
#
# Here is a network as tutorials print it: layers of 28, 128, 64, 64, 28 units, "the encoder compresses the input
# to 64 features". It takes 28 numbers, one *row* of an image. We feed it the rows of letters; and noise, 28 independent
# numbers, each uniform between 0 and 1, whose principal axes all have the same variance. So a *linear* code of $k$ numbers
# keeps just the share $k/28$ of it.
#
# **Your guess, for the 64-wide code:** will the error on fresh noise be near the variance of the noise (it learnt
# nothing), near half of it, or near zero?

# %%
letters = datasets.load("glyphs")  # one line to change: "mnist"
data = {
    "rows of letters": (letters.x_train[:1000].reshape(-1, 28), letters.x_test[:200].reshape(-1, 28)),
    "noise": (rng.uniform(size=(28_000, 28)).astype("float32"), rng.uniform(size=(5_600, 28)).astype("float32")),
}


def row_autoencoder(code_size):
    encoder = keras.Sequential([keras.Input((28,)), layers.Dense(128, activation="relu"), layers.Dense(code_size)])
    decoder = keras.Sequential([keras.Input((code_size,)), layers.Dense(64, activation="relu"), layers.Dense(28)])
    return Autoencoder(encoder, decoder)


# %% [markdown]
# Beside the 64-wide code we put a real bottleneck, 8 numbers. All four networks have the same training, each on one kind of
# data, and are tested on fresh data of that kind, beside PCA with as many numbers.

# %% tags=["proof"]
models, row_errors = {}, {}
for code_size in (64, 8):
    for name, (rows, fresh) in data.items():
        keras.utils.set_random_seed(run.seed)
        model = models[code_size, name] = row_autoencoder(code_size)
        train(model, rows, epochs=4, batch_size=256, rate=0.005)
        error = row_errors[code_size, name] = np.square(fresh - model.reconstruct(fresh)).mean()
        variance, of_pca = fresh.var(axis=0).mean(), np.square(fresh - pca_copy(rows, fresh, min(code_size, 28))).mean()
        print(f"code of {code_size:2d}, {name:15}: error {error:.4f}, of PCA {of_pca:.4f}    variance {variance:.4f}")
noise_kept = 1 - row_errors[8, "noise"] / (1 / 12)
print(f"of the noise the code of 8 keeps {noise_kept:.0%}; 8/28 = {8 / 28:.0%}")
assert row_errors[64, "noise"] < row_errors[8, "noise"] / 4, "a code of 64 numbers for 28 must copy most of the noise"
assert abs(noise_kept - 8 / 28) < 0.05, "eight numbers must keep their share of the noise, and no more"

# %% [markdown]
# The 64-wide code copies noise almost perfectly. No wonder: 64 numbers have room for 28, so the task has a solution that
# learns nothing about the data, *copy the input*. A small loss here is no achievement. Such a code is called
# **over-complete**.
#
# With 8 numbers the two kinds of data part ways: of the noise they keep their share of the variance, $8/28$, of the rows of
# letters nearly all. **What a bottleneck keeps beyond the share $k/D$, it keeps because the data have structure** (or
# because its map is wilder than any that we train, like the snake in the deeper section below). Put the rows back together:

# %%
pictures = {"rows of letters": letters.x_test[:5, ..., 0], "noise": data["noise"][1][: 5 * 28].reshape(-1, 28, 28)}
rows = {"real": np.concatenate(list(pictures.values()))}
for code_size in (64, 8):
    parts = [models[code_size, name].reconstruct(each.reshape(-1, 28)) for name, each in pictures.items()]
    rows[f"code of {code_size}"] = np.concatenate(parts).reshape(-1, 28, 28)
plotting.image_rows(rows)
plotting.show(
    alt="Three rows of images, five letters on the left and five fields of noise on the right: the originals, the "
    "copies through a code of 64 numbers, which look the same, and those through 8, where letters survive a "
    "little smeared and the noise turns to grey."
)

# %% [markdown]
# Second row: letters and noise alike come back unharmed. Third row: the letters survive with a little smear, the noise
# becomes a grey that only vaguely follows the original.
#
# **Exercise {exercise: BOTTLENECKS}.** Which of these networks have a bottleneck? Give the set of their letters, such as `{"a", "f"}`. The
# numbers are the widths of the layers, input first.
#
# * (a) 28-128-64-64-28
# * (b) 784-32-784
# * (c) 10-5-10
# * (d) 64-256-8-256-64
# * (e) 64-16-64-16-64
# * (f) 784-1024-784

# %% tags=["exercise"]
# BEGIN SOLUTION
with_bottleneck = {"b", "c", "d", "e"}
# END SOLUTION

# %%
check(exercises.BOTTLENECKS, with_bottleneck)

# %% [markdown] tags=["deeper"]
# ## Nothing in common: noise, and a snake
#
# Another tutorial network is 10-5-10, with a ReLU on the code and a sigmoid, $1/(1 + e^{-a})$, on the output. It is shown
# at work on ten independent values, uniform between 0 and 1, each of variance 1/12. Its loss falls and settles. Is that
# good?
#
# **Exercise {exercise: NOISE_RESIDUAL}.** What is the smallest error *per value* that a linear code of 5 numbers can reach
# on this noise, in the limit of very many examples? (A decimal number. What are the ten eigenvalues?)

# %% tags=["exercise"]
# BEGIN SOLUTION
best_linear_error = 5 / 12 / 10
# END SOLUTION

# %%
check(exercises.NOISE_RESIDUAL, best_linear_error)

# %% [markdown]
# Now run it as found, and with a longer training; and a linear one with that same longer training, all from one start. If
# you do not trust the theorem, here are also 1,000 linear codes drawn at random. The code $B^\top x$ has the best decoder
# $CB(B^\top CB)^{-1}$, which leaves
# $\operatorname{trace}(C) - \operatorname{trace}\big[(B^\top CB)^{-1}B^\top C^2B\big]$.

# %%
noise = rng.uniform(size=(10_000, 10)).astype("float32")


def noise_autoencoder(code="linear", output="linear"):
    keras.utils.set_random_seed(run.seed)
    encoder = keras.Sequential([keras.Input((10,)), layers.Dense(5, activation=code)])
    return Autoencoder(encoder, keras.Sequential([keras.Input((5,)), layers.Dense(10, activation=output)]))


networks_of_noise = {
    "10-5-10 as found": noise_autoencoder("relu", "sigmoid"),
    "as found, longer": noise_autoencoder("relu", "sigmoid"),
    "linear, longer": noise_autoencoder(),
}
for name, model in networks_of_noise.items():
    keras.utils.set_random_seed(run.seed)
    options = {"epochs": 6, "copies": 4, "rate": 0.02} if "longer" in name else {"epochs": 10, "rate": 1e-3}
    train(model, noise, **options)

C = np.cov(noise.T, bias=True)
bases = rng.normal(size=(1000, 10, 5))
kept = [np.trace(np.linalg.solve(B.T @ C @ B, B.T @ C @ C @ B)) for B in bases]
random_codes = (np.trace(C) - np.array(kept)) / 10

# %% [markdown]
# How do they compare?

# %% tags=["proof"]
noise_errors = {"mean": noise.var(axis=0).mean()}
for name, model in networks_of_noise.items():
    noise_errors[name] = np.square(noise - model.reconstruct(noise)).mean(dtype="float64")
noise_errors["best of 1,000 random"] = random_codes.min()
noise_errors["PCA, 5 numbers"] = principal_variances(noise)[5:].sum() / 10
ax = plt.subplots(figsize=(6, 2.4), layout="constrained")[1]
bars = ax.barh(list(noise_errors), list(noise_errors.values()), color=plotting.PALETTE[0])
ax.bar_label(bars, fmt="%.4f", padding=3)
ax.set(xlabel="training error / per value", xlim=(0, 0.1))
ax.invert_yaxis()
plotting.show(
    alt="Horizontal bars of the training error on noise for six answers. The mean is worst, the network as found comes "
    "next, then the same trained longer; the other three are nearly equal: the linear network, the best of many "
    "random codes, and PCA."
)
alive = int(np.sum(networks_of_noise["as found, longer"].encode(noise).max(axis=0) > 0))
of_the_living = principal_variances(noise)[alive:].sum() / 10
print(f"as found, longer: {alive} of 5 units alive; PCA with {alive} numbers {of_the_living:.4f}")
assert abs(noise_errors["as found, longer"] - of_the_living) < 0.002, "it must reach the PCA of its living units"
for name in ("linear, longer", "best of 1,000 random"):
    assert noise_errors[name] > (1 - 1e-5) * noise_errors["PCA, 5 numbers"], "no linear code may beat the PCA residual"

# %% [markdown]
# The network as found lies between the mean (about 1/12) and the best linear code (about 1/24): a training stopped half-way. Trained
# longer it comes to PCA, but only with the units that are *alive*: a unit of its ReLU code that is 0 for every example
# carries nothing, and costs $1/120 = 0.0083$. No linear code, trained or random, gets below PCA, which is a little better
# than $1/24 = 0.0417$ because it is fitted to these very 10,000 examples. *No amount of training makes noise compressible
# by a linear code.*
#
# By a linear code! Take a point in the unit square, two independent uniform numbers. A linear code of one number loses one of
# two variances, 1/12. A bent one can do better. Cut the square into $N$ horizontal strips and run through them like a snake,
# there and back. The code is the position along the snake:


# %%
def snake(points, num_strips):
    strip = np.minimum(np.floor(points[:, 1] * num_strips), num_strips - 1)
    along = np.where(strip % 2 == 0, points[:, 0], 1 - points[:, 0])
    return (strip + along) / num_strips


def unroll(code, num_strips):
    strip = np.minimum(np.floor(code * num_strips), num_strips - 1)
    along = code * num_strips - strip
    return np.stack([np.where(strip % 2 == 0, along, 1 - along), (strip + 0.5) / num_strips], axis=1)


# %% [markdown]
# `unroll` answers with the point on the middle line of the strip. The horizontal position survives exactly; the
# vertical one is off by at most half a strip, uniformly, and a uniform number of width $1/N$ has variance $1/(12N^2)$.
# That is the whole error. **Guess:** how many strips bring the linear code's error down to a thousandth?

# %% tags=["proof"]
square = rng.uniform(size=(100_000, 2))
strips = 2 ** np.arange(9)
measured = {"exact code": [], "8-bit code": []}
for n in strips:
    code = snake(square, n)
    for name, kept in {"exact code": code, "8-bit code": (np.floor(code * 256) + 0.5) / 256}.items():
        lost = np.square(square - unroll(kept, n)).sum(axis=1)
        geometry = 1 / (12 * n**2) + (name == "8-bit code") * (n / 256) ** 2 / 12
        standard_error = lost.std() / np.sqrt(len(square))
        measured[name].append(lost.mean())
        assert abs(lost.mean() - geometry) < 5 * standard_error, "the snake must cost what its geometry says"
print(f"linear {1 / 12:.5f}    snake of 32 strips {measured['exact code'][5]:.7f} (geometry: {1 / 12 / 32**2:.7f})")

# %% [markdown]
# Thirty-two strips: $32^2 = 1024$ times smaller. So independent noise *can* go through a bottleneck, if the map is wild
# enough. The cell also measured the same code rounded to 8 bits, 256 different values. What does rounding do?

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
left.plot(*unroll(np.linspace(0, 1, 4000, endpoint=False), 8).T, color=plotting.PALETTE[0])
points, decoded = square[:25], unroll(snake(square[:25], 8), 8)
left.plot([points[:, 0], decoded[:, 0]], [points[:, 1], decoded[:, 1]], color=plotting.PALETTE[1])
left.plot(*points.T, "o", color=plotting.PALETTE[1], markersize=4)
left.set(xlabel="first number", ylabel="second number", aspect="equal", xlim=(-0.05, 1.05), ylim=(-0.05, 1.05))
plotting.curves(measured, "number of strips N", "squared error / per point", strips, right)
right.axhline(1 / 12, color="black", linestyle=":", label="best linear code")
right.set(xscale="log", yscale="log")
right.legend(frameon=False)
plotting.show(
    alt="Left, a line that runs back and forth through a square in eight strips, and 25 points joined to the places on "
    "it to which they are decoded. Right, squared error against the number of strips, both logarithmic: the "
    "exact code falls in a straight line, the rounded one turns and climbs, and a dotted line marks the best "
    "linear code."
)

# %% [markdown]
# Right, the exact code (blue) falls as $1/N^2$ without end. The rounded one (orange) turns at $N = 16$: 16 strips with 16
# distinguishable places on each are a 16 × 16 grid, and 8 bits cannot name more places. **The width of a code is not its
# size:** one real number can hide any amount of information, and only bits can be counted. And what keeps a trained
# autoencoder from this trick is not the bottleneck alone: smooth networks, trained by gradients, do not find wild maps.

# %% [markdown]
# ## Another ruler: binary cross-entropy
#
# Many tutorials train with **binary cross-entropy** (BCE) instead. The decoder returns, for each pixel, a probability
# $p$ that the pixel is ink; the loss is minus the log-probability of what is there, summed over the pixels of an image:
#
# $$-\log p(x \mid p) = -\sum_{j} \big( x_j \log p_j + (1 - x_j) \log(1 - p_j) \big) .$$
#
# Its unit is the **nat** (1 nat = 1.44 bits). For binary pixels this is a likelihood: each pixel is a coin, $p_j$ its bias.
# For grey values it is used all the same. **Look at the formula first:** for a pixel of 0.3, which $p$ is best, and is the
# loss then zero?

# %%
p = np.linspace(0.005, 0.995, 397)
losses = {f"x = {target}": -target * np.log(p) - (1 - target) * np.log(1 - p) for target in (0, 0.3, 1)}
ax = plotting.curves(losses, "prediction p", "cross-entropy / nats", p)
lowest = losses["x = 0.3"].argmin()
ax.plot(p[lowest], losses["x = 0.3"][lowest], "o", color=plotting.PALETTE[1])
ax.set(ylim=(0, 3))
plotting.show(
    alt="Cross-entropy against the prediction p for the targets 0, 0.3 and 1: curves that rise without bound towards a "
    "wrong certain answer; the one for 0.3 is lowest at p = 0.3, a dot well above zero."
)

# %% [markdown]
# Like squared error, it is smallest at $p = x$: its derivative is $(p - x)/(p(1 - p))$. Unlike it, it rises without bound
# towards a certain but wrong answer. And the lowest point of the orange curve is not zero: a perfect copy of this grey
# pixel costs 0.61 nats. That floor is the **entropy** of the target,
# $H(x) = -x\log x - (1-x)\log(1-x)$, zero only for $x = 0$ and $x = 1$. So for grey images a loss of zero is out of reach,
# and not because the network is bad. (Nor is it quite a likelihood: Loaiza-Ganem & Cunningham, 2019, say what is missing.)
# How high is the floor for a whole letter?

# %% tags=["proof"]
from scipy.special import entr, logit

from course_lib.formulas import bernoulli_log_prob

images, fresh_images = letters.x_train.reshape(-1, 784), letters.x_test.reshape(-1, 784)
for name, pixels in {"grey": fresh_images, "binary": np.round(fresh_images)}.items():
    perfect_logits = np.clip(logit(pixels.astype("float64")), -40, 40)
    copy_cost = float(np.mean(-bernoulli_log_prob(pixels, perfect_logits)))
    entropy = (entr(pixels) + entr(1 - pixels)).sum(axis=1, dtype="float64").mean()
    print(f"{name:6} letters: perfect copy {copy_cost:.3f} nats per image, entropy of the targets {entropy:.3f}")
    assert abs(copy_cost - entropy) < 1e-3 * (1 + entropy), "a perfect copy must cost the entropy of its targets"
floor = (entr(fresh_images) + entr(1 - fresh_images)).sum(axis=1, dtype="float64").mean()

# %% [markdown]
# About 43 nats per image for grey letters, 0 for letters rounded to black and white. Remember the 43: it is in every
# BCE of grey letters that follows, however good the network. (`logit` is the inverse of the sigmoid: $\ell = \log\frac{p}{1-p}$. The
# library's decoders return such **logits** $\ell$ and leave the sigmoid to the loss.)
#
# **Exercise {exercise: CROSS_ENTROPY}.** Write the loss itself, for a batch: `x` and `p` have shape `(n, pixels)`, all $p$ strictly between 0
# and 1. Return nats per image, shape `(n,)`.


# %% tags=["exercise"]
def cross_entropy(x, p):
    # BEGIN SOLUTION
    return -np.sum(x * np.log(p) + (1 - x) * np.log(1 - p), axis=1)
    # END SOLUTION


# %%
check(exercises.CROSS_ENTROPY, cross_entropy)

# %% [markdown] tags=["deeper"]
# ### A loss below the floor
#
# A floor at the entropy means that BCE can never be negative. Watch this. A colleague trains 28-128-64-64-28 on rows of
# letters, in plain Keras, with the sigmoid and the loss that the tutorial has. The pixels come as an image file holds
# them. **What do you think of the loss?**

# %% tags=["proof"]
pixels = np.round(255 * letters.x_train[:1000, ..., 0]).astype("uint8")
rows = pixels[:500].reshape(-1, 28).astype("float32")
keras.utils.set_random_seed(run.seed)
hidden = [layers.Dense(units, activation="relu") for units in (128, 64, 64)]
colleague = keras.Sequential([keras.Input((28,)), *hidden, layers.Dense(28, activation="sigmoid")])
colleague.compile("adam", "binary_crossentropy")
losses = colleague.fit(rows, rows, epochs=4, batch_size=128, verbose=0).history["loss"]
print("loss by epoch:", ", ".join(f"{loss:.1e}" for loss in losses))
assert losses[-1] < losses[0] < 0, "on raw pixels the cross-entropy must run away below zero"

# %% [markdown]
# It falls beautifully: on TensorFlow millions below zero, then billions. (JAX and PyTorch clip $p$, so there it stops at some
# thousands.) No error, no warning. But it has passed the floor, so something is broken.
#
# **Exercise {exercise: PREPARE_PIXELS}: find the bug.** This is how the colleague prepared the pixels (`uint8`, shape `(n, 28, 28)`). Which
# target makes the formula above fall without bound? Repair the function.


# %% tags=["exercise"]
def prepare(pixels):
    # BEGIN SOLUTION
    return pixels.reshape(-1, 28).astype("float32") / 255
    # INSTEAD
    # return pixels.reshape(-1, 28).astype("float32")
    # END SOLUTION


# %%
check(exercises.PREPARE_PIXELS, prepare)

# %% [markdown]
# With $x > 1$ the factor $1 - x$ is negative, and then $-(1 - x)\log(1 - p)$ falls to $-\infty$ as $p$ goes to 1: the
# network is rewarded for painting everything black. So the library checks the data *before* it trains. Every model states a
# **contract**: the shape of one example, the range that its likelihood allows, no NaN. Hand it what is often handed over:

# %%
import textwrap

careful = Autoencoder(models[8, "rows of letters"].encoder, models[8, "rows of letters"].decoder, bernoulli_log_prob)
with_nan = pixels.reshape(-1, 28) / 255
with_nan[3, 5] = np.nan
mishaps = {
    "raw pixels": pixels.reshape(-1, 28),
    "standardised": (pixels.reshape(-1, 28) - 40.0) / 80.0,
    "a NaN inside": with_nan,
    "images, not rows": pixels / 255,
    "labels, not data": letters.y_train,
}
keras.utils.set_random_seed(run.seed)
for name, wrong in mishaps.items():
    try:
        careful.fit(wrong)
    except ValueError as error:
        print(textwrap.fill(f"{name}: {error}", 100, break_on_hyphens=False), end="\n\n")

# %% [markdown]
# Each refusal says what was expected, what came and what to do. Harmless differences are not refused: float64, booleans and
# `uint8` pixels that are only 0 and 1 become float32.

# %% [markdown] tags=["deeper"]
# ### Why logits
#
# In theory it is the same whether a decoder returns $p = \operatorname{sigmoid}(\ell)$ or the logit $\ell$. In float32
# it is not. Take a pixel of paper, $x = 0$, and a decoder that is sure of ink, $\ell = 20$. The cost is
# $-\log(1 - p) = \log(1 + e^{\ell})$, almost exactly 20 nats:

# %%
sure = np.float32(20.0)
p = 1 / (1 + np.exp(-sure))
with np.errstate(divide="ignore"):
    from_probability = -np.log(1 - p)
from_logit = -float(bernoulli_log_prob([[0.0]], [[sure]])[0])
# NBVAL_CHECK_OUTPUT
print(f"from the probability {p:.1f}: {from_probability} nats    from the logit: {from_logit:.4f} nats")

# %% [markdown]
# In float32 the probability has become exactly 1, and its cost infinite; the logit still knows. So the library refuses a
# decoder that ends in a sigmoid where it expects logits.

# %% [markdown]
# ## 784-32-784, built and judged
#
# One more tutorial network takes whole letters: 784 pixels, a code of 32 numbers, 784 pixels, one `Dense` layer on each
# side, with a ReLU on the code and a sigmoid on the output. Sometimes it is even printed under the name "variational
# autoencoder", which it is not: there is no probability distribution on its code and no noise in it.
#
# **Exercise {exercise: BUILD_784_32_784}.** Build it the better way: an `Autoencoder` of two `Sequential`s, a linear code, logits as output,
# trained by `bernoulli_log_prob`. (`Autoencoder` takes the log-likelihood as its third argument.)

# %% tags=["exercise"]
# BEGIN SOLUTION
my_autoencoder = Autoencoder(
    keras.Sequential([keras.Input((784,)), layers.Dense(32)]),
    keras.Sequential([keras.Input((32,)), layers.Dense(784)]),
    bernoulli_log_prob,
)
# END SOLUTION

# %%
check(exercises.BUILD_784_32_784, my_autoencoder)

# %% [markdown]
# Whatever you handed in, we go on with models of our own: with a linear code and with the tutorial's ReLU on it, each from
# the same two starts.


# %%
def letter_autoencoder(activation, start):
    keras.utils.set_random_seed(start)
    encoder = keras.Sequential([keras.Input((784,)), layers.Dense(32, activation=activation)])
    decoder = keras.Sequential([keras.Input((32,)), layers.Dense(784)])
    model = Autoencoder(encoder, decoder, bernoulli_log_prob)
    train(model, images, epochs=4, rate=0.005, batch_size=64)
    return model


kinds = {"linear code": None, "ReLU code": "relu"}
starts = range(run.seed, run.seed + 2)
autoencoders = {name: [letter_autoencoder(kind, start) for start in starts] for name, kind in kinds.items()}

# %% [markdown]
# Now judge them on 2,000 fresh letters, beside the floor, the mean picture, and PCA with 32 numbers. BCE minus the floor is
# what the network is to blame for. **Which code will be better, and why?**

# %% tags=["proof"]
mean_picture = np.clip(images.mean(axis=0), 1e-6, 1 - 1e-6)
nothing = float(np.mean(-bernoulli_log_prob(fresh_images, np.tile(logit(mean_picture), (len(fresh_images), 1)))))
by_pca = pca_copy(images, fresh_images, 32)
error_of_pca = np.square(fresh_images - by_pca).mean()
print(f"{'mean picture':12}: BCE {nothing:6.1f} nats = floor {floor:.1f} + {nothing - floor:5.1f}")
judged = {}
for name, trained in autoencoders.items():
    logits = [np.asarray(model.decoder(model.encoder(fresh_images))) for model in trained]
    bce = [-np.mean(bernoulli_log_prob(fresh_images, each)) for each in logits]
    judged[name] = np.array([bce, [np.square(fresh_images - 1 / (1 + np.exp(-each))).mean() for each in logits]]).T
    (bce, mse), spread = judged[name].mean(axis=0), ", ".join(f"{each - floor:.1f}" for each in bce)
    print(
        f"{name:12}: BCE {bce:6.1f} nats = floor {floor:.1f} + {bce - floor:5.1f} (starts: {spread})    mse {mse:.4f}"
    )
print(f"{'PCA, 32':12}: {'':59} mse {error_of_pca:.4f} per pixel")
assert all((scores[:, 0] > floor).all() for scores in judged.values()), "no network may cost less than a perfect copy"
assert judged["linear code"][:, 0].max() < judged["ReLU code"][:, 0].min(), (
    "a linear code must cost less from every start"
)
assert judged["linear code"][:, 1].max() < error_of_pca, (
    "a sigmoid behind a linear code must beat PCA on images of ink and paper"
)

# %% [markdown]
# More than half of the linear code's BCE is floor, so "about 72 nats, down from 182" hides the real progress: from 139 nats
# above a perfect copy to about 30. In squared error, for which neither network was trained, the linear code beats PCA of the same
# size: the sigmoid lets the reconstruction saturate at paper and ink. And the tutorial's ReLU costs several nats more, from
# either start. What does it do to the code?

# %%
all_codes = {name: trained[0].encode(fresh_images) for name, trained in autoencoders.items()}
ax = plt.subplots(figsize=(5.5, 2.6), layout="constrained")[1]
for (name, values), colour in zip(all_codes.items(), plotting.PALETTE, strict=False):
    ax.hist(values.ravel(), bins=np.linspace(-20, 30, 51), color=colour, alpha=0.6, label=name)
    dead = int(np.sum(values.max(axis=0) <= 0))
    print(f"{name:12}: {100 * np.mean(values == 0):4.1f} % of the entries exactly 0, {dead} of 32 units always 0")
ax.set(xlabel="value of a code entry", ylabel="entries")
ax.legend(frameon=False)
plotting.show(
    alt="Histograms of the entries of two codes of letters. The linear code spreads over both sides of zero; the "
    "ReLU code has nothing below zero and a tall column at exactly zero."
)

# %% [markdown]
# The linear code uses both sides of zero; the ReLU code has lost the negative half. Its column at exactly zero is mostly
# made of *dead* units, which are zero for every image and carry nothing. Later in the course a code is asked to look like a
# standard normal distribution. A ReLU code never can: half of that distribution is negative. **Hidden layers bend; codes
# and outputs stay linear.**

# %%
rows = {"real": letters.x_test[:10]}
for name, trained in autoencoders.items():
    rows[name] = trained[0].reconstruct(fresh_images[:10]).reshape(-1, 28, 28)
rows["PCA, 32"] = by_pca[:10].reshape(-1, 28, 28)
plotting.image_rows(rows)
plotting.show(
    alt="Rows of ten letters: real ones and reconstructions from 32 numbers by the autoencoders and by PCA. All can "
    "be read; those by PCA have grey ghosts on the paper."
)

# %% [markdown]
# PCA leaves grey ghosts on the paper, the other two keep it clean. All are *reconstructions* of letters that you handed in.
# None of these models can yet make up a new one.

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> "My autoencoder reaches a BCE of 0.058 on grey images." Good or bad?</summary>
#
# Nobody can say. Per pixel or per image? And where is the floor: if the entropy of the targets is 0.056 per pixel, 0.058
# is excellent; for binary targets it may be poor.
# </details>
#
# <details><summary><b>2.</b> Two people train the same network, one with the sum over pixels, one with the mean. Who gets
# the better reconstructions?</summary>
#
# The minimum is the same: one loss is the other times a constant. (With Adam even the steps are almost the same.) The choice
# becomes serious as soon as a second term stands beside this one, as in a VAE: then the constant decides how the two are
# weighed.
# </details>
#
# <details><summary><b>3.</b> Does a linear autoencoder find the principal components?</summary>
#
# It finds their *span*, if it is trained to the optimum and if $\lambda_k > \lambda_{k+1}$. The single axes, their order
# and their scale are not determined: the decoder's pictures were mixtures.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **built** an encoder, a code and a decoder, and trained them with one loss: sum over the pixels, mean over the images;
# * **said** what the losses mean: squared error runs from the total variance, which knowing nothing costs, down to 0; BCE
#   ends at the entropy of the targets, 43 nats for a grey letter;
# * **proved** that a linear autoencoder reaches the PCA residual (deeper: and its span);
# * **beaten** PCA on held-out digits with a bent code, at every code size you tried;
# * **judged** 28-128-64-64-28 (no bottleneck) and 784-32-784 (better with a linear code); deeper: 10-5-10 (noise for data).
#
# So what does squeezing learn? *What the data have in common*: the directions, and the bends, along which they vary.
# Where they have nothing in common, it keeps its share $k/D$, and no more.
#
# **Go further.** Change one line, `letters = datasets.load("glyphs")`, to `"mnist"` (downloaded once, 11 MB) and run from
# there: which numbers of the text change, and which cannot?
#
# **References.** Pearson (1901), *On lines and planes of closest fit to systems of points in space*. ·
# Eckart & Young (1936), *The approximation of one matrix by another of lower rank*, Psychometrika 1. ·
# Baldi & Hornik (1989), *Neural networks and principal component analysis*, Neural Networks 2. ·
# Hinton & Salakhutdinov (2006), *Reducing the dimensionality of data with neural networks*, Science 313. ·
# Loaiza-Ganem & Cunningham (2019), *The continuous Bernoulli*, arXiv:1907.06845.

# %% [markdown] tags=["slide"]
# # Autoencoders: a bottleneck learns what the data have in common
#
# Push an image through a code of a few numbers, and ask for the image back.
#
# **What does a network learn when we squeeze the data like that? And how would we know that it learnt it *well*?**

# %% [markdown] tags=["notes"]
# 1 min. Needed from before: averages and variances, eigenvectors, projections. The second question is the lesson.

# %% [markdown] tags=["slide"]
# ## Eight numbers for sixty-four pixels
#
# {figure: eight-numbers-for-sixty-four-pixels-2}
#
# Could you describe each of these with 8 numbers instead of 64?

# %% [markdown] tags=["notes"]
# 1 min. 8 × 8 pixels, between 0, paper, and 1, ink. Corners are mostly empty, neighbours tend to be dark together.

# %% [markdown] tags=["slide"]
# ## Encoder, code, decoder
#
# $$x\;\xrightarrow{\;\text{encoder}\;}\;z\;\xrightarrow{\;\text{decoder}\;}\;\hat x$$
#
# 64 → **8** → 64: everything that the decoder knows must pass through the **bottleneck**.
#
# . . .
#
# **Predict:** one `Dense` layer each, no activation. How many weights and biases?
#
# . . .
#
# {output: eight-numbers-for-sixty-four-pixels-4}

# %% [markdown] tags=["notes"]
# 3 min. 64 · 8 + 8 and 8 · 64 + 64. The usual wrong answer forgets the biases. No labels: the image is the target.

# %% [markdown] tags=["slide"]
# ## Twenty epochs later
#
# {figure: eight-numbers-for-sixty-four-pixels-6}
#
# Is that all that eight numbers can do, or did we stop too early?

# %% [markdown] tags=["notes"]
# 2 min. "The loss goes down" cannot tell. We need to know what the number is, and how low it could get.

# %% [markdown] tags=["slide"]
# ## The ruler
#
# $$L=\frac1n\sum_{i=1}^n\|x_i-\hat x_i\|^2,\qquad\|x_i-\hat x_i\|^2=\sum_{j=1}^D(x_{ij}-\hat x_{ij})^2$$
#
# + **Sum** over the pixels, **mean** over the images: an error *per image*.
# + Keras' `mse` averages over the pixels too: *per pixel*, $D$ times smaller.
# + *One* loss, not one for each network.

# %% [markdown] tags=["notes"]
# 2 min. 1.5 and 0.024 may be the very same result: a loss without its unit says nothing. Exercise {exercise: PER_IMAGE} is homework.

# %% [markdown] tags=["slide"]
# ## Predict: one picture for all. Which has the smallest squared error?
#
# Plain paper, even grey, the pixelwise median, or the pixelwise mean?
#
# . . .
#
# {figure: the-ruler-what-the-loss-measures-5}

# %% [markdown] tags=["notes"]
# 3 min. The first baseline: a code of zero numbers. The mean wins, because the derivative of a sum of squares is zero there; what is left is the total variance. That is why reconstructions look soft.

# %% [markdown] tags=["slide"]
# ## The best linear code is known exactly
#
# Covariance $C$ with eigenvalues $\lambda_1\ge\lambda_2\ge\dots$
#
# . . .
#
# $$\min_{\text{linear codes of }k\text{ numbers}}L=\lambda_{k+1}+\dots+\lambda_D$$
#
# . . .
#
# Principal component analysis; the sum is the **PCA residual**. Nobody has to train anything.

# %% [markdown] tags=["notes"]
# 2 min. Eckart and Young, 1936; Baldi and Hornik, 1989, for autoencoders. The second baseline.

# %% [markdown] tags=["slide"]
# ## Predict: eight of 64. More or less than half of the variance lost?
#
# . . .
#
# {figure: the-best-linear-code-is-known-exactly-2}
#
# {output: the-best-linear-code-is-known-exactly-2}

# %% [markdown] tags=["notes"]
# 2 min. A third is lost. The curve is steep at first: digits do have a lot in common.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: PCA_RESIDUAL} · {minutes} minutes
#
# Predict the loss of the best linear autoencoder without training one.
#
# `data`: `(n, D)`. Return the residual of `code_size` numbers, per example.
#
# `np.linalg.eigvalsh` gives the eigenvalues of a symmetric matrix, the smallest first.

# %% [markdown] tags=["notes"]
# 7 min. Usual wrong answers: the kept eigenvalues instead of those left out; data not centred; a division by n − 1; the order of eigvalsh.

# %% [markdown] tags=["slide"]
# ## Predict: does gradient descent arrive there?
#
# It has never heard of eigenvalues.
#
# . . .
#
# {figure: how-far-is-the-span-2}

# %% [markdown] tags=["notes"]
# 3 min. The error does, early on. The *directions* take much longer: an error within 3 % of the optimum may still miss a good part of a direction, because nearly equal eigenvalues make a wrong one almost free.

# %% [markdown] tags=["slide"]
# ## Only the span is learnt
#
# {figure: how-far-is-the-span-4}
#
# Principal axes above, the decoder's weights below.

# %% [markdown] tags=["notes"]
# 2 min. The two rows span the same subspace, yet no picture of one occurs in the other. So do not read a meaning into entry 3 of a code.

# %% [markdown] tags=["slide"]
# ## What bending buys
#
# One hidden layer with a ReLU in each network; the code stays eight numbers wide.
#
# . . .
#
# {output: what-bending-buys-4}
#
# {figure: what-bending-buys-6}

# %% [markdown] tags=["notes"]
# 3 min. Ask for a guess before the fragment. On *held-out* images: a bendable model can learn its training images by heart. About half the error of the best flat code.

# %% [markdown] tags=["slide"]
# ## Predict: where is the ratio of the two errors smallest, at 2 numbers or at 16?
#
# . . .
#
# {figure: what-bending-buys-8}

# %% [markdown] tags=["notes"]
# 2 min. Neither: in the middle. Read across: 8 bent numbers are about as good as 14 flat ones.

# %% [markdown] tags=["slide"]
# ## Predict: 28-128-64-64-28, trained on *noise*
#
# 28 independent numbers. Error near the variance, near half of it, or near zero?
#
# . . .
#
# {output: a-code-that-is-wider-than-its-input-4}
#
# . . .
#
# 64 numbers have room for 28: *copy the input*. A small loss is no achievement.

# %% [markdown] tags=["notes"]
# 3 min. What a bottleneck keeps beyond its share k/D, it keeps because the data have structure. Most guess "near the variance".

# %% [markdown] tags=["slide"]
# ## What a bottleneck keeps
#
# {figure: a-code-that-is-wider-than-its-input-6}

# %% [markdown] tags=["notes"]
# 1 min. Second row: nothing was squeezed. Third row: letters survive, the noise becomes grey.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: BOTTLENECKS} · {minutes} minutes
#
# Which networks have a bottleneck? The widths of the layers, input first:
#
# - (a) 28-128-64-64-28
# - (b) 784-32-784
# - (c) 10-5-10
# - (d) 64-256-8-256-64
# - (e) 64-16-64-16-64
# - (f) 784-1024-784

# %% [markdown] tags=["notes"]
# 3 min. b, c, d and e. The usual wrong answer leaves e out: the bottleneck need not be in the middle.

# %% [markdown] tags=["slide"]
# ## Quiz: two papers report losses of 1.5 and 0.024 for the same digits. Which is better?
#
# . . .
#
# They may be the same result: 1.5 per image is $1.5/64\approx0.024$ per pixel.
#
# . . .
#
# A loss without its unit says nothing.

# %% [markdown] tags=["notes"]
# 2 min. Ask what else one must know: training or held-out images.

# %% [markdown] tags=["slide"]
# ## To take home
#
# A bottleneck rebuilds what the data have in common.
#
# A loss needs a ruler: what it costs to know nothing, and the best that can be reached.
#
# *At home:* exercise {exercise: PER_IMAGE}, and the quiz.

# %% [markdown] tags=["notes"]
# 1 min. Next: over-fitting, and what helps.
