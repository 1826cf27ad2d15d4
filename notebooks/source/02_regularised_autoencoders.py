# ---
# jupyter:
#   course:
#     part: "Part I · Autoencoders"
#     question: "What keeps an over-complete or over-trained autoencoder honest?"
# ---

# %% [markdown]
# # Regularised autoencoders: what makes a free network honest
#
# **The question.** A network with room to spare can learn its images by heart, or copy whatever it is handed, noise
# included. Both give a small loss and neither has learnt what the data have in common. What keeps an over-trained or
# over-complete autoencoder honest?
#
# In this lesson you will
#
# * **see** over-fitting in two curves, and stop it: at the right epoch, with more examples, with varied examples;
# * **choose** an augmentation that leaves the meaning of an image alone;
# * **derive and prove** what weight decay and noise do to a linear autoencoder: each shrinks every direction by a factor
#   that you can write down;
# * **code** a sparse penalty, and see why a penalty must not depend on the size of the batch;
# * **compare** five ways of keeping a too wide code honest, by tests that a copying network fails.
#
# *To know before:* {lesson: autoencoders}: codes, squared error per image and per pixel, principal axes.
# *Time:* {times}; about 45 seconds to run on two CPU cores. A GPU is not needed.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## Learnt by heart
#
# We take the small digits of lesson {number: autoencoders}, 8 × 8 pixels in [0, 1], but only **100** of them to learn from, and a network
# with plenty of weights: 512 hidden units on each side of a code of 8 numbers. The 179 validation images are never
# learnt from. **Before you run it:** the training error will fall. Which way will the validation error go: down and
# flat, or down and up again?

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

from course_lib import datasets, plotting
from course_lib.models import Autoencoder

digits = datasets.load("digits")
x, x_validation, x_test = (part.reshape(-1, 64) for part in (digits.x_train, digits.x_validation, digits.x_test))
few = x[:100]


def autoencoder(code_size, hidden, first=(), activation=None, decay=(0.0, 0.0), **options):
    in_encoder, in_decoder = ({"kernel_regularizer": keras.regularizers.L2(each) if each else None} for each in decay)
    wide, code = layers.Dense(hidden, "relu", **in_encoder), layers.Dense(code_size, activation, **in_encoder)
    encoder = keras.Sequential([keras.Input((64,)), *first, wide, code])
    wide, output = layers.Dense(hidden, "relu", **in_decoder), layers.Dense(64, **in_decoder)
    decoder = keras.Sequential([keras.Input((code_size,)), wide, output])
    return Autoencoder(encoder, decoder, **options)


# %% [markdown]
# (The options of `autoencoder` will be explained when we need them.) `train` is nearly the function of lesson {number: autoencoders}. It
# lays `copies` of the data behind one another, because every epoch of `fit` has a fixed cost; `falling` lets the
# learning rate fall to zero along a cosine.


# %%
def train(model, x, epochs, rate=3e-3, copies=1, batch_size=128, falling=True, **options):
    x = np.tile(x, (copies,) + (1,) * (x.ndim - 1))
    steps = epochs * int(np.ceil(len(x) / batch_size))
    schedule = keras.optimizers.schedules.CosineDecay(rate, steps) if falling else rate
    model.compile(keras.optimizers.Adam(schedule), jit_compile=False)
    return model.fit(x, epochs=epochs, batch_size=batch_size, verbose=0, **options).history


def error(model, x, target=None):
    return np.square((x if target is None else target) - model.reconstruct(x)).mean(dtype="float64")


keras.utils.set_random_seed(run.seed)
by_heart = autoencoder(8, hidden=512)
history = train(by_heart, few, 50, rate=2e-3, copies=8, batch_size=32, falling=False, validation_data=x_validation)
passes = 8 * np.arange(1, 51)
best = int(np.argmin(history["val_mse"]))
named = {"training": history["mse"], "validation": history["val_mse"]}
ax = plotting.curves(named, "passes over the 100 images", "mse / per pixel", passes)
ax.plot(passes[best], history["val_mse"][best], "o", color=plotting.PALETTE[1])
ax.set(ylim=(0, 0.06))
plotting.show(
    alt="Error per pixel against passes over the 100 images. The training curve falls to almost nothing; the "
    "validation curve reaches its lowest point, a dot, early on and then rises."
)

# %% [markdown]
# Down, and up again. The training error (blue) goes on falling to almost nothing. The validation error (orange) reaches
# its best (the dot) early and then *rises*, while the training error still looks like progress. From the dot on, the
# network learns these 100 images, and no longer digits. This is **over-fitting**: small training error, large held-out
# error.

# %% tags=["proof"]
early, late = history["val_mse"][best], np.mean(history["val_mse"][-5:])
print(
    f"validation: best {early:.4f} after {passes[best]} passes, at the end {late:.4f}    training: {error(by_heart, few):.5f}"
)
assert late > 1.05 * early, "training on must have made the held-out error worse"
assert error(by_heart, few) < late / 20, "the network must know its own 100 images far better than others"
rows = {"real": digits.x_validation[:10], "reconstructed": by_heart.reconstruct(x_validation[:10]).reshape(-1, 8, 8)}
plotting.image_rows(rows)
plotting.show(
    alt="Two rows of ten digits: held-out ones above, their reconstructions by the over-fitted network below, with "
    "visible faults."
)

# %% [markdown]
# Above, held-out digits; below, what the network makes of them. On its own 100 images the difference could not be seen;
# here it could. No training curve would ever have told you.
#
# ### Early stopping
#
# The obvious cure: stop at the dot. "Stop when a preset condition holds" is only half of the rule. The whole is: watch an
# error on *held-out* data; if it has not improved for so many epochs (the **patience**, because the curve jitters),
# stop; and go *back* to the weights of the best epoch. Keras' callback does this, and works with our `fit`:

# %% tags=["proof"]
stopping = keras.callbacks.EarlyStopping("val_loss", patience=6, restore_best_weights=True)
keras.utils.set_random_seed(run.seed)
stopped = autoencoder(8, hidden=512)
options = {"rate": 2e-3, "copies": 8, "batch_size": 32, "falling": False, "validation_data": x_validation}
history = train(stopped, few, 50, callbacks=[stopping], **options)
now = stopped.evaluate(x_validation)[0]
print(f"stopped after epoch {len(history['val_loss'])}; best epoch {np.argmin(history['val_loss']) + 1}")
print(
    f"validation loss: best {min(history['val_loss']):.5f}, last {history['val_loss'][-1]:.5f}, now {now:.5f} per image"
)
assert abs(now - min(history["val_loss"])) < 1e-4, "the model must have the weights of its best epoch again"

# %% [markdown]
# The model's loss *now* is that of the best epoch, not of the last. Without `restore_best_weights=True` you would keep
# the weights of the last epoch, which is worse by construction: it is the one at which patience ran out.
#
# Two warnings. The validation images have now been used for a decision, so their error flatters a little; the final word
# belongs to the test images. And it needs an error worth watching: the losses of a GAN, later in the course, are no such
# thing.
#
# **Exercise {exercise: STOP_AND_KEEP}.** Given the validation losses of a long training, in which epoch does training stop and which epoch's
# weights are kept? Count epochs from 1. Training stops at the end of the first epoch that is `patience` epochs after the
# best one so far (or at the last epoch of the list).


# %% tags=["exercise"]
def stop_and_keep(losses, patience):
    # BEGIN SOLUTION
    best = 1
    for epoch in range(1, len(losses) + 1):
        if losses[epoch - 1] < losses[best - 1]:
            best = epoch
        if epoch - best >= patience:
            break
    return epoch, best
    # END SOLUTION


# %%
from course_lib.exercises import check
from course_lib.exercises import regularised_autoencoders as exercises

check(exercises.STOP_AND_KEEP, stop_and_keep)

# %% [markdown]
# ## More examples, or a smaller network?
#
# Early stopping limits the damage. What removes the cause? People recommend a simpler model *and* a more powerful one,
# and more data. Let the held-out error decide: two networks, with 32 and with 512 hidden units, trained for equally many
# steps on 50, 250 and all 1,259 images. **Your guess:** with 50 images, will the small network beat the
# large one on held-out images?

# %% tags=["proof"]
counts = [50, 250, len(x)]
learning = {}
for hidden in (32, 512):
    for n in counts:
        keras.utils.set_random_seed(run.seed)
        model = autoencoder(8, hidden)
        train(model, x[:n], epochs=4, copies=12_500 // n, batch_size=64)
        learning.setdefault(f"{hidden}, training", []).append(error(model, x[:n]))
        learning.setdefault(f"{hidden}, held out", []).append(error(model, x_test))
ax = plt.subplots(figsize=(7, 3.2), layout="constrained")[1]
for (name, values), style in zip(learning.items(), ("o:", "o-") * 2, strict=True):
    ax.plot(counts, values, style, color=plotting.PALETTE["512" in name], label=name)
ax.set(xlabel="number of training images", ylabel="mse / per pixel", xscale="log", ylim=(0, None), xticks=counts)
ax.set_xticks(counts, counts)
ax.minorticks_off()
ax.legend(frameon=False, title="hidden units", bbox_to_anchor=(1, 1))
plotting.show(
    alt="Learning curves: error against the number of training images, dotted for training and solid for held-out "
    "images, for 32 and for 512 hidden units. Training error rises, held-out error falls, and they come "
    "together; for the large network the gap is wider at first and the fall is greater."
)
ratios = [learning[f"{hidden}, held out"][-1] / learning[f"{hidden}, held out"][0] for hidden in (32, 512)]
print(f"held-out error with {counts[-1]:,} images / with 50: {ratios[0]:.2f} (32 hidden), {ratios[1]:.2f} (512 hidden)")
assert ratios[1] < 0.5, "the large network must gain from more examples"
gaps = [learning["512, held out"][i] - learning["512, training"][i] for i in range(len(counts))]
assert gaps[-1] < gaps[0] / 3, "the gap between training and held-out error must close with more examples"

# %% [markdown]
# This is a **learning curve**: error against the number of examples. Dotted: training; solid: held out. With more
# examples the training error *rises* (more to remember, until the small network is full) and the held-out error falls;
# the two come together. For the large network the held-out error falls by more than half, for the small one much less: it has run out of weights, not of
# data, as you see from its two curves, which have nearly met.
#
# And with 50 images? The large one has a far greater *gap*, for it knows its 50 images almost perfectly, yet its held-out
# error is no larger than the small one's. So neither slogan is right. A gap alone is no reason for a smaller network;
# a network is too large only if a smaller one does better *on held-out data*, and that has to be measured.
#
# ## Varied examples
#
# More examples are the best cure, and usually the most expensive. **Augmentation** makes new ones from old ones: turn,
# shift, crop or mirror them, each time at random. For an autoencoder the changed image is input *and* target. The
# library takes any Keras layer for it (`augmentation=`), and uses it in training only. Three networks on the same 100
# images. **Guess** which augmentation helps on real, held-out digits.

# %%
few_images = digits.x_train[:100]
keras.utils.set_random_seed(run.seed)
kinds = {
    "none": None,
    "shifted": layers.RandomTranslation(0.06, 0.06, fill_mode="constant"),  # up to half a pixel of eight
    "mirrored": layers.RandomFlip("horizontal"),
}
augmented = {}
for name, augmentation in kinds.items():
    keras.utils.set_random_seed(run.seed)
    encoder = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(512, "relu"), layers.Dense(8)])
    decoder = keras.Sequential(
        [keras.Input((8,)), layers.Dense(512, "relu"), layers.Dense(64), layers.Reshape((8, 8, 1))]
    )
    augmented[name] = Autoencoder(encoder, decoder, augmentation=augmentation)
    train(augmented[name], few_images, epochs=2, rate=2e-3, copies=200, batch_size=50, falling=False)

# %% [markdown]
# We judge each on held-out digits, and, out of curiosity, on the same digits seen in a mirror.

# %% tags=["proof"]
mirror = digits.x_test[:, :, ::-1]
judged = {name: (error(m, few_images), error(m, digits.x_test), error(m, mirror)) for name, m in augmented.items()}
for name, (own, fresh, in_the_mirror) in judged.items():
    print(
        f"{name:9} training {own:.4f}    held out {fresh:.4f}    held out, in the mirror {in_the_mirror:.4f}  per pixel"
    )
assert judged["shifted"][1] < 0.92 * judged["none"][1], "shifting must help on held-out digits"
assert judged["mirrored"][2] < 0.7 * judged["none"][2], "a network trained on mirrored digits must know mirrored digits"
rows = {
    "real, in the mirror": mirror[:10],
    **{f"by '{name}'": m.reconstruct(mirror[:10]) for name, m in augmented.items()},
}
plotting.image_rows(rows)
plotting.show(
    alt="Rows of ten digits: mirrored real ones, and their reconstructions by networks trained without augmentation, "
    "with shifted and with mirrored images. Only the last network rebuilds mirrored digits well."
)

# %% [markdown]
# Shifting by half a pixel clearly lowers the held-out error, at no cost in data. Mirroring gives little or nothing. But
# look at the last column: the network trained on mirrored digits rebuilds mirrored digits as well as real ones. Nobody
# asked it to. It has learnt *another distribution*, half of which are things that do not exist. For an autoencoder this
# is harmless until you use its error to spot the unusual (a mirrored 4 now passes). For a generative model it is worse: it
# will *make* mirrored digits. That is called a leak (Karras et al., 2020, arXiv:2006.06676; Zhao et al., 2020,
# arXiv:2006.10738).
#
# What is a mirrored digit, then? Ask a judge that has never seen one: the majority of the 5 nearest training images.

# %% tags=["proof"]
from sklearn.neighbors import KNeighborsClassifier

judge = KNeighborsClassifier(5).fit(x, digits.y_train)
changes = {"as it is": digits.x_test, "mirrored": mirror, "upside down": digits.x_test[:, ::-1, ::-1]}
names = {name: judge.predict(images.reshape(-1, 64)) for name, images in changes.items()}
for name, named in names.items():
    print(f"{name:12} named as the original: {np.mean(named == digits.y_test):4.0%}")
six = names["upside down"][digits.y_test == 6]
print(f"a 6 upside down is named 9: {np.mean(six == 9):.0%} of {len(six)}")
assert np.mean(six == 9) > 0.6, "a six that stands on its head must be read as a nine"

# %% [markdown]
# A 6 upside down *is* a 9. An augmentation states what may change about an image without changing what it is. For
# photographs of cats a mirror is fine; for digits and letters it changes the meaning; for a stain on a microscope slide any
# angle will do. No curve decides this for you. You have to know your data.
#
# **Exercise {exercise: CHOOSE_AN_AUGMENTATION}.** Choose an augmentation for the digits: a Keras layer, or a `keras.Sequential` of several, for images
# `(batch, 8, 8, 1)`. It should change every image a little, differently each time, keep values in [0, 1], and leave a
# digit what it is. The check tries it on real digits.

# %% tags=["exercise"]
# BEGIN SOLUTION
my_augmentation = keras.Sequential(
    [layers.RandomRotation(0.03, fill_mode="constant"), layers.RandomTranslation(0.06, 0.06, fill_mode="constant")]
)
# END SOLUTION

# %%
check(exercises.CHOOSE_AN_AUGMENTATION, my_augmentation)

# %% [markdown]
# ## Too wide a code
#
# So far a bottleneck of 8 numbers did half of the work. Now take it away: a code of **128** numbers for 64 pixels,
# trained on all 1,259 images. Such a code is **over-complete**, and copying is a perfect solution. How do we find out
# whether the network copies? Hand it something that should *not* come back: digits with noise on them, and pure noise.

# %% tags=["proof"]
rng = np.random.default_rng(run.seed)
sigma = 0.3
noisy_test = (x_test + sigma * rng.normal(size=x_test.shape)).astype("float32")
pure_noise = rng.uniform(size=x_test.shape).astype("float32")

keras.utils.set_random_seed(run.seed)
models = {"no regulariser": autoencoder(128, hidden=256)}
train(models["no regulariser"], x, epochs=5, copies=10)
copy = models["no regulariser"]
print(f"held-out digits, unharmed: {error(copy, x_test):.5f} per pixel    (variance {x_test.var(axis=0).mean():.4f})")
print(
    f"held-out digits with noise of variance {sigma**2:.2f}: {error(copy, noisy_test, x_test):.4f} from the clean digit"
)
assert error(copy, x_test) < 0.003, "a code of 128 numbers must be able to copy 64 pixels"
assert error(copy, noisy_test, x_test) > 0.03, "a network that copies must hand back a good part of the noise"

# %%
real, noisy, noise = digits.x_test[:6], noisy_test[:6].reshape(-1, 8, 8, 1), pure_noise[:3].reshape(-1, 8, 8, 1)
shown = np.concatenate([real, noisy, noise])
copies = copy.reconstruct(shown.reshape(-1, 64)).reshape(-1, 8, 8)
plotting.image_rows({"input": shown.clip(0, 1), "output": copies.clip(0, 1)})  # noise is darker than ink, too
plotting.show(
    alt="Two rows of images, the input above and the output of a wide network below: six digits, the same six with "
    "noise, three fields of pure noise. The output repeats all of them, noise included."
)

# %% [markdown]
# From left to right: six real digits, the same six with noise, three images of pure noise. On fresh digits the error is
# tiny: by the ruler of lesson {number: autoencoders} this is a triumph, a *generalising* one. The rest of the picture says what it is: the
# noise on the digits comes back, and the pure noise comes back too, only a little duller. The network has learnt the
# identity, near enough, and the identity generalises to everything. **A small held-out error is not the goal.** What we
# want is a network that gives back digits and *refuses the rest*.
#
# ## Weight decay, solved exactly
#
# The oldest medicine is a price on large weights: add $\lambda \sum w^2$ to the loss, called **weight decay** or L2
# regularisation. What does it do to an autoencoder? For a linear one the answer is exact (Kunin et al., 2019). Let the
# data be centred with covariance $C$, whose eigenvalues are $\lambda_1 \ge \lambda_2 \ge \dots$ and eigenvectors $v_j$.
# Encoder and decoder are matrices $W_1$ and $W_2$, the code is as wide as the data, and
#
# $$L(W_1, W_2) = \frac1n \sum_i \|x_i - W_2 W_1 x_i\|^2 + \lambda \left( \|W_1\|_F^2 + \|W_2\|_F^2 \right),$$
#
# where $\|W\|_F^2$ is the sum of all squared entries and $\lambda$ (no index) the strength. Write $A = W_2 W_1$ for what
# the two do together and $a_j = v_j^\top A v_j$ for the **gain**: the share of direction $v_j$ that gets through.
#
# *Step 1, the error, by direction.* Since $\frac1n \sum_i x_i x_i^\top = C = \sum_j \lambda_j v_j v_j^\top$,
#
# $$\frac1n \sum_i \|(I - A) x_i\|^2 = \operatorname{tr}\big((I - A) C (I - A)^\top\big)
#   = \sum_j \lambda_j \|(I - A) v_j\|^2 \ge \sum_j \lambda_j (1 - a_j)^2 ,$$
#
# because a vector is at least as long as its component along $v_j$, which here is $v_j^\top (I - A) v_j = 1 - a_j$.
#
# *Step 2, the price, by direction.* With $V$ the orthogonal matrix of all $v_j$ and $S$ the diagonal matrix of the signs
# of the $a_j$,
#
# $$\sum_j |a_j| = \operatorname{tr}(S V^\top W_2 W_1 V) \le \|S V^\top W_2\|_F \, \|W_1 V\|_F
#   = \|W_2\|_F \|W_1\|_F \le \tfrac12 \left( \|W_1\|_F^2 + \|W_2\|_F^2 \right).$$
#
# The first $\le$ is Cauchy–Schwarz (the trace of a product is an inner product), the equality holds because orthogonal
# matrices leave $\|\cdot\|_F$ alone, and the last $\le$ is $2ab \le a^2 + b^2$.
#
# *Step 3, together.* Every direction has become a problem of one number:
#
# $$L \ge \sum_j \left[ \lambda_j (1 - a_j)^2 + 2 \lambda |a_j| \right].$$
#
# *Step 4, minimise each bracket.* For $a_j > 0$ its derivative is $-2\lambda_j (1 - a_j) + 2\lambda$, zero at
# $a_j = 1 - \lambda / \lambda_j$. If that is negative the bracket grows from $a_j = 0$ on in both directions. So
#
# $$a_j = \max\left(0, \; 1 - \frac{\lambda}{\lambda_j}\right).$$
#
# *Step 5, the bound is reached* by $W_1 = \operatorname{diag}(\sqrt{a_j}) V^\top$ and $W_2 = W_1^\top$: then
# $A = \sum_j a_j v_j v_j^\top$, every $\le$ above is an equality, and the squared singular values of *each* factor are
# the $a_j$. (Rotating the code, $W_1 \to Q W_1$ and $W_2 \to W_2 Q^\top$, changes nothing.) $\square$
#
# Read it: directions with a variance below $\lambda$ are switched off entirely. **An over-complete code with weight decay
# makes its own bottleneck.**
#
# **Exercise {exercise: DIRECTIONS_LEFT}.** The code has 64 numbers, $\lambda = 0.03$. On our digits (`x`), how many directions will stay on? Use
# `principal_variances` from `course_lib.exact`, and predict before we train.

# %% tags=["exercise"]
# BEGIN SOLUTION
from course_lib.exact import principal_variances

directions_left = int(np.sum(principal_variances(x) > 0.03))
# END SOLUTION

# %%
check(exercises.DIRECTIONS_LEFT, directions_left)

# %% [markdown]
# Now the proof. First an optimiser that knows nothing of eigenvalues: L-BFGS, in float64, on all entries of $W_1$ and
# $W_2$ from a random start. The gradients, with $R = I - W_2 W_1$: $\;\partial L / \partial W_2 = -2 R C W_1^\top + 2
# \lambda W_2$ and $\partial L / \partial W_1 = -2 W_2^\top R C + 2 \lambda W_1$.

# %% tags=["proof"]
from scipy.optimize import minimize

decay = 0.03
covariance = np.cov(x.T.astype("float64"), bias=True)
variances, axes = (part[..., ::-1] for part in np.linalg.eigh(covariance))
spectrum = np.linalg.svd(x.astype("float64") - x.mean(axis=0), compute_uv=False) ** 2 / len(x)
assert np.allclose(variances, spectrum, atol=1e-6), "they must be the squared singular values of the data, over n"
theory = np.maximum(0, 1 - decay / np.maximum(variances, 1e-12))


def loss_and_gradient(flat):
    w1, w2 = flat.reshape(2, 64, 64)
    rest = np.eye(64) - w2 @ w1
    loss = np.sum((rest @ covariance) * rest) + decay * np.sum(flat**2)
    return loss, 2 * np.stack([-w2.T @ rest @ covariance, -rest @ covariance @ w1.T]).ravel() + 2 * decay * flat


# %% [markdown]
# `loss_and_gradient` takes all 8,192 entries in one row, as the optimiser wants them. Run it, and compare *each* factor
# with the theory.

# %% tags=["proof"]
start = 0.2 * rng.normal(size=2 * 64 * 64)
found = minimize(
    loss_and_gradient, start, jac=True, method="L-BFGS-B", options={"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-8}
)
singular = {
    name: np.linalg.svd(w, compute_uv=False) ** 2 for name, w in zip("12", found.x.reshape(2, 64, 64), strict=True)
}
print(f"squared singular values, theory: {theory[:6].round(5)} …")
for name, values in singular.items():
    print(
        f"                             W{name}: {values[:6].round(5)} …  largest difference {np.abs(values - theory).max():.0e}"
    )
    assert np.abs(values - theory).max() < 1e-3, "each factor must have the squared singular values max(0, 1 − λ/λ_j)"
lowest = np.sum(np.where(theory > 0, 2 * decay - decay**2 / np.maximum(variances, 1e-12), variances))
print(f"loss: found {found.fun:.7f}, derived {lowest:.7f} per image; directions on: {np.sum(singular['1'] > 1e-3)}")
assert abs(found.fun / lowest - 1) < 1e-5, "the smallest loss must be the one that the derivation gives"

# %% [markdown]
# L-BFGS stops at the loss of the derivation and at its singular values, in both factors. And the library, with its
# `Dense` layers, biases, Adam and mini-batches? Weight decay is Keras' own `kernel_regularizer`; the model adds it to
# the loss once per example, not once per batch or per pixel.

# %% tags=["proof"]
keras.utils.set_random_seed(run.seed)
encoder = keras.Sequential([keras.Input((64,)), layers.Dense(64, kernel_regularizer=keras.regularizers.L2(decay))])
decoder = keras.Sequential([keras.Input((64,)), layers.Dense(64, kernel_regularizer=keras.regularizers.L2(decay))])
decayed = Autoencoder(encoder, decoder)
train(decayed, x, epochs=2, rate=0.02, copies=80, batch_size=256)
kernels = [keras.ops.convert_to_numpy(network.layers[-1].kernel) for network in (encoder, decoder)]
learnt = {"encoder": kernels[0], "decoder": kernels[1]}
learnt = {name: np.linalg.svd(kernel, compute_uv=False) ** 2 for name, kernel in learnt.items()}
ax = plotting.curves({"theory": theory, **learnt}, "number j of the direction", "squared singular value")
for line, marker in zip(ax.lines[1:], "ox", strict=True):
    line.set(marker=marker, linestyle="", markersize=4)
ax.legend(frameon=False)
plotting.show(
    alt="Squared singular value against the number of the direction. The theoretical curve falls to zero and stays "
    "there; the markers of the trained encoder and decoder lie on it."
)
clear = np.abs(variances / decay - 1) > 0.25
for name, values in learnt.items():
    off = np.abs(values - theory)
    print(
        f"{name}: largest difference from theory {off.max():.3f}; where the variance is not nearly λ {off[clear].max():.3f}"
    )
    assert off.max() < 0.1, "the library's weights must follow the theory"
    assert off[clear].max() < 0.03, "away from the threshold they must follow it closely"

# %% [markdown]
# The line is theory, the markers are the singular values of the two trained `Dense` layers. They lie on it, down to the
# directions that are switched off. (The largest difference is at the kink. Where a variance is nearly $\lambda$ the loss
# is almost flat, and Adam takes its time.) The 64-wide code has become a code of the size that you predicted.
#
# ## Denoising
#
# Another idea (Vincent et al., 2008): damage the input, and ask for the *undamaged* image. Nobody can copy their way
# through that. **Exercise {exercise: BEST_GAIN}.** In one direction the data have variance 0.16. You observe a value with noise of standard
# deviation 0.3 on top, and answer with $a$ times the observation. Which $a$ has the smallest expected squared error?
# (Think before you read on.)

# %% tags=["exercise"]
# BEGIN SOLUTION
best_gain = 0.16 / (0.16 + 0.3**2)
# END SOLUTION

# %%
check(exercises.BEST_GAIN, best_gain)

# %% [markdown]
# In full, for a linear denoiser $\hat x = W (x + \varepsilon)$ of centred data, with noise $\varepsilon$ independent of
# $x$, mean 0 and covariance $\sigma^2 I$. First average over the noise, *analytically*:
#
# $$L(W) = \mathbb{E} \|x - W x - W \varepsilon\|^2
#   = \mathbb{E} \|(I - W) x\|^2 - 2\, \mathbb{E}\big[ x^\top (I - W)^\top W \varepsilon \big] + \mathbb{E} \|W \varepsilon\|^2 .$$
#
# The middle term is 0, because $\varepsilon$ has mean 0 and is independent of $x$. With
# $\mathbb{E}\, \varepsilon \varepsilon^\top = \sigma^2 I$ the last one is $\sigma^2 \operatorname{tr}(W W^\top)$:
#
# $$L(W) = \operatorname{tr}\big( (I - W) C (I - W)^\top \big) + \sigma^2 \|W\|_F^2 .$$
#
# (So noise at the input *is* weight decay, on the product of the two factors.) Set the derivative to zero:
#
# $$\frac{\partial L}{\partial W} = -2 (I - W) C + 2 \sigma^2 W = 0
#   \;\Longleftrightarrow\; W (C + \sigma^2 I) = C
#   \;\Longleftrightarrow\; W = C (C + \sigma^2 I)^{-1} .$$
#
# $L$ is convex and $C + \sigma^2 I$ invertible, so this is the one minimum. It is the **Wiener filter** (Wiener, 1949). It
# has the eigenvectors of $C$, and the gain of direction $v_j$ is $\lambda_j / (\lambda_j + \sigma^2)$. At the minimum
# $L = \operatorname{tr}(C) - \operatorname{tr}(W C)$: insert $\sigma^2 W = (I - W) C$.
#
# Prove it twice. First with the averaged loss, by an optimiser; then with noise that is really drawn. For the
# second there is a sharp test: at the minimum the *gradient* is zero on average. A mini-batch gives the gradient
# $-2 (x - W \tilde x) \tilde x^\top$ with $\tilde x = x + \varepsilon$, never exactly zero, so we measure its mean over many draws
# in units of its standard error. If the theory holds, these numbers must look like draws of a standard normal
# distribution.

# %% tags=["proof"]
wiener = covariance @ np.linalg.inv(covariance + sigma**2 * np.eye(64))


def averaged_loss(flat):
    w = flat.reshape(64, 64)
    rest = np.eye(64) - w
    loss = np.sum((rest @ covariance) * rest) + sigma**2 * np.sum(w**2)
    return loss, 2 * (sigma**2 * w - rest @ covariance).ravel()


found = minimize(
    averaged_loss, 0.2 * rng.normal(size=64 * 64), jac=True, method="L-BFGS-B", options={"ftol": 1e-16, "gtol": 1e-9}
)
off = np.abs(found.x.reshape(64, 64) - wiener).max()
print(f"noise averaged analytically: largest difference from C(C + σ²I)⁻¹ {off:.1e}")
assert off < 1e-6, "the best linear denoiser must be the Wiener filter"

# %% tags=["proof"]
centred = (x - x.mean(axis=0)).astype("float64")
varying = covariance.diagonal() > 0  # pixels that are never inked have no error, and no standard error


def gradient_in_standard_errors(w, draws=60):
    gradients = []
    for _ in range(draws):
        seen = centred + sigma * rng.normal(size=centred.shape)
        gradients.append((-2 * (centred - seen @ w.T).T @ seen / len(seen))[varying])
    return np.mean(gradients, axis=0) / (np.std(gradients, axis=0, ddof=1) / np.sqrt(draws))


for share in (1, 0.95):
    z = gradient_in_standard_errors(share * wiener)
    typical = np.sqrt(np.mean(z**2))
    print(
        f"{share:4.0%} of the filter: gradient / standard error, root mean square {typical:.2f}, largest {np.abs(z).max():.1f}"
    )
    if share == 1:
        assert 0.85 < typical < 1.2, "at the Wiener filter only chance may be left of the gradient"
        assert np.abs(z).max() < 7, "and no single entry may be off by more than chance allows"
assert typical > 1.5, "the test must see a filter that is 5 % off"

# %% [markdown]
# Zero within standard errors at the filter, and plainly not zero 5 % beside it. Now the library. A denoising
# autoencoder needs no new class: put Keras' `GaussianNoise` first in the encoder. It acts in training only, and the
# target, being the model's input *before* that layer, stays clean. In the same cell, a picture of everything so far: the
# gain that each method gives to each direction.

# %% tags=["proof"]
keras.utils.set_random_seed(run.seed)
encoder = keras.Sequential([keras.Input((64,)), layers.GaussianNoise(sigma), layers.Dense(64)])
decoder = keras.Sequential([keras.Input((64,)), layers.Dense(64)])
denoiser = Autoencoder(encoder, decoder)
train(denoiser, x, epochs=2, rate=0.02, copies=80, batch_size=256)
through = keras.ops.convert_to_numpy(encoder.layers[-1].kernel) @ keras.ops.convert_to_numpy(decoder.layers[-1].kernel)
gains = {"bottleneck of 8": np.arange(64) < 8, "weight decay": theory, "denoising": variances / (variances + sigma**2)}
ax = plotting.curves(gains, "variance of the direction", "gain $a_j$", variances)
ax.plot(
    variances, np.sum(axes * (kernels[1].T @ kernels[0].T @ axes), axis=0), "x", color=plotting.PALETTE[1], markersize=4
)
learnt_gains = np.sum(axes * (through.T @ axes), axis=0)
ax.plot(variances, learnt_gains, "o", color=plotting.PALETTE[2], markersize=4)
ax.set(xscale="log", xlim=(1e-3, 1))
plotting.show(
    alt="Gain of a direction against its variance on a logarithmic axis, for three methods. The bottleneck is a step "
    "from 0 to 1, weight decay is 0 up to a threshold and then rises, denoising rises smoothly everywhere; "
    "markers of trained networks lie on the curves."
)
print(
    f"denoising, largest difference of a learnt gain from theory: {np.abs(learnt_gains - gains['denoising']).max():.3f}"
)
assert np.abs(learnt_gains - gains["denoising"]).max() < 0.1, "the trained denoiser must have the Wiener filter's gains"

# %% [markdown]
# Lines are theory; crosses and dots are trained networks. Here are three ways of being honest in one picture. A
# **bottleneck** cuts: a direction is kept whole or lost whole. **Weight decay** cuts too, where the variance falls below
# $\lambda$, and shrinks what it keeps. **Denoising** never cuts; it turns each direction down in proportion to the noise
# in it. None gives the identity, $a_j = 1$ everywhere.

# %% [markdown] tags=["deeper"]
# ### A denoiser that does not
#
# A colleague has trained a wide network on noisy digits. The loss fell smoothly, to a satisfying value. This is what the
# network does to noisy digits that it has not seen:

# %%
keras.utils.set_random_seed(run.seed)
colleague = autoencoder(128, hidden=256, augmentation=layers.GaussianNoise(sigma))
train(colleague, x, epochs=4, copies=10)
shown = {"input": noisy_test, "colleague's output": colleague.reconstruct(noisy_test), "real": x_test}
plotting.image_rows({name: images[:10].reshape(-1, 8, 8).clip(0, 1) for name, images in shown.items()})
plotting.show(
    alt="Three rows of ten digits: noisy input, the colleague's output, and the real images. The output is about as "
    "noisy as the input."
)

# %% [markdown]
# Not much. **Exercise {exercise: TRAINING_PAIR}: find the bug.** This is how the colleague made the pairs (input, target) to train on; `x` and
# `noise` have the same shape. Repair it. (We reproduced the bug by handing the noise to `augmentation=`. Do you see why?)


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

# %% [markdown] tags=["deeper"]
# ## A price on the code
#
# Instead of the weights we can charge for the *code* $h$ of an image: $\sum_j |h_j|$ (**L1**), $\sum_j h_j^2$ (**L2**).
# Near zero L1 keeps pulling with the same force, so that many entries end at zero; L2's pull fades. There is still one
# reconstruction loss, plus this; there is no "loss of the encoder". But a price on the code alone can be dodged. Watch:

# %%
from course_lib.formulas import penalties
from course_lib.training import to_numpy

small_scale = keras.models.clone_model(copy.encoder), keras.models.clone_model(copy.decoder)
for network, original in zip(small_scale, (copy.encoder, copy.decoder), strict=True):
    network.set_weights(original.get_weights())
for variable in small_scale[0].layers[-1].weights:
    variable.assign(variable / 1000)
small_scale[1].layers[0].kernel.assign(1000 * small_scale[1].layers[0].kernel)
dodging = Autoencoder(*small_scale)
for name, model in {"as trained": copy, "code divided by 1,000": dodging}.items():
    price = to_numpy(penalties.l1(model.encode(x_test))).mean()
    print(f"{name:22} L1 of the code {price:8.4f} per image    error {error(model, x_test):.6f} per pixel")

# %% [markdown]
# The same network, the same error, a thousandth of the price. The encoder whispers and the decoder turns the volume up.
# A price on the code means something only if the decoder's scale is limited too, by weight decay on the decoder or by a
# norm constraint. Keep this in mind.
#
# The **sparse** autoencoder asks for something else than small numbers: *few* active units at a time. A sigmoid keeps
# every unit between 0 and 1, and each unit is asked to be active only a share $\rho$ of the time, say 5 %. Let
# $\hat\rho_j$ be the mean activity of unit $j$ over the $n$ images of a batch. Think of two coins, one that shows heads
# with probability $\rho$ and one with $\hat\rho_j$. The price is the KL divergence between them (Ng, 2011), the
# expected log-ratio of their probabilities under the first coin. (KL divergences return in lesson {number: the_elbo}, with all their
# properties.) Two outcomes, two terms:
#
# $$\operatorname{KL}(\rho \,\|\, \hat\rho_j) = \underbrace{\rho \log \frac{\rho}{\hat\rho_j}}_{\text{heads}}
#   + \underbrace{(1 - \rho) \log \frac{1 - \rho}{1 - \hat\rho_j}}_{\text{tails}} .$$
#
# Its derivative with respect to $\hat\rho_j$ is $-\rho / \hat\rho_j + (1 - \rho)/(1 - \hat\rho_j)$, zero exactly at
# $\hat\rho_j = \rho$, where the price is 0. The second derivative, $\rho/\hat\rho_j^2 + (1 - \rho)/(1 - \hat\rho_j)^2$,
# is positive everywhere: the price is convex, and grows without bound if a unit dies.
#
# **Exercise {exercise: SPARSE_PENALTY}.** Code the penalty: `activations` has shape `(n, units)`. Sum over the units; return one value per image,
# shape `(n,)`, as all formulas of the library do (here all $n$ are equal, for it is a property of the batch).


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
# Train a network with this price, and two to compare it with: one without, and one that also has weight decay on the
# *decoder* (the second of the two numbers in `decay`). How *sparse* are the codes? The mean activity cannot say. A measure
# that does not care about the scale is $S = \bar h^2 / \overline{h^2}$, the squared mean over the units of an image
# divided by the mean square (Treves & Rolls, 1991). It is 1 if all units are equally active, and 0.05 if 5 % of
# them are on and the others off. **Your guess:** what will $S$ be for the three?

# %%
sparsity = penalties.Sparse(weight=0.3, target=0.05)
keras.utils.set_random_seed(run.seed)
sigmoid_codes = {
    "free": autoencoder(128, 256, activation="sigmoid"),
    "penalty": autoencoder(128, 256, activation="sigmoid", penalty=sparsity),
    "penalty, decoder decays": autoencoder(128, 256, activation="sigmoid", penalty=sparsity, decay=(0, 0.01)),
}
codes = {}
for name, model in sigmoid_codes.items():
    train(model, x, epochs=5, copies=10)
    codes[name] = model.encode(x_test)
models["sparse"] = sigmoid_codes["penalty, decoder decays"]

# %% tags=["proof"]
treves_rolls = {name: np.mean(h.mean(axis=1) ** 2 / np.square(h).mean(axis=1)) for name, h in codes.items()}
ax = plt.subplots(figsize=(7.5, 2.8), layout="constrained")[1]
for (name, h), colour in zip(codes.items(), plotting.PALETTE, strict=False):
    ax.hist(h.ravel(), np.linspace(0, 1, 41), histtype="step", color=colour, linewidth=1.5, label=name)
    print(f"{name:24} mean {h.mean():.3f}   S {treves_rolls[name]:.2f}   entries above ½: {np.mean(h > 0.5):.1%}")
ax.set(xlabel="activity of a unit for an image", ylabel="entries", yscale="log")
ax.legend(frameon=False, bbox_to_anchor=(1, 1))
plotting.show(
    alt="Histograms of unit activities between 0 and 1 on a logarithmic scale. Without a price they spread over the "
    "whole range; with the price alone hardly any is above one half; with decay on the decoder, too, most are "
    "near 0 and a few reach high values."
)
assert all(abs(codes[name].mean() - 0.05) < 0.03 for name in codes if name != "free"), (
    "mean activities must meet the target"
)
free, whispered, sparse = treves_rolls.values()
assert sparse < 0.75 * whispered < 0.75 * free, "only with a decoder that cannot shout must the code become sparse"

# %% [markdown]
# (Mind the logarithmic scale.) Without a price (blue) activities spread over the whole range. The price alone (orange)
# brings the *mean* to its target, as asked, and yet hardly an entry is above one half: the units whisper, every one a
# little, and the decoder turns the volume up. The sigmoid has prevented nothing, and the price sees only means: a unit
# that says 0.05 for *every* image pays nothing. With decay on the decoder (green) the mean is nearly the same, but now most entries are near 0 and a few speak
# up: that is a sparse code. **Before you believe in a regulariser, measure the property that you wanted, not the one that
# you charged for.**
#
# ### The strength must not depend on the batch
#
# The mean over the images is taken once, for the whole loss. Otherwise the strength of a penalty changes with the
# batch size, and nobody notices, because every training runs. Here is a colleague's loss for an L1 penalty, evaluated
# with the same network and the same weight; only the number of images that are handed over together differs. A mean over
# other images differs a little. What do you see?


# %%
def colleagues_loss(x, reconstruction, codes, weight):
    errors = np.sum((x - reconstruction) ** 2, axis=1)
    return np.mean(errors) + weight * np.sum(np.abs(codes))


rebuilt, code = copy.reconstruct(x_test), copy.encode(x_test)
for size in (32, 64, 128, 256):
    print(f"batch of {size:3d}: loss {colleagues_loss(x_test[:size], rebuilt[:size], code[:size], 0.01):7.2f}")

# %% [markdown]
# The loss doubles when the batch does. So would the pull on the codes, and an experiment with another batch size would be
# an experiment with another penalty. **Exercise {exercise: REPAIRED_LOSS}: find the bug.** Repair the function.


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
# This bug is not made up. Keras layers have an `activity_regularizer`, and what it does depends on the version: in
# Keras 3.13 the penalty is summed over the batch, as your colleague did; in 3.15 it is divided by the batch size. The
# same script trains another model after an update. So the library refuses it, and takes penalties that return one value
# per image. The test: a batch in which every image occurs twice must cost the same.

# %% tags=["proof"]
keras.utils.set_random_seed(run.seed)
try:
    layer = layers.Dense(8, activity_regularizer="l1", name="code")
    Autoencoder(keras.Sequential([keras.Input((64,)), layer]), keras.Sequential([keras.Input((8,)), layers.Dense(64)]))
except ValueError as refusal:
    print(refusal, "\n")
priced = [penalties.L1(0.01), penalties.L2(0.01), penalties.Sparse(0.3, 0.05), penalties.Contractive(0.01)]
batch = x_test[:100]
for penalty in priced:
    encoder = models["sparse"].encoder
    once, twice = (to_numpy(penalty(encoder, b, encoder(b))).mean() for b in (batch, np.repeat(batch, 2, axis=0)))
    by_regulariser = [float(keras.regularizers.L1(0.01)(encoder(b))) for b in (batch, np.repeat(batch, 2, axis=0))]
    print(f"{penalty!r:20} {once:9.5f}    every image twice {twice:9.5f}")
    assert abs(once / twice - 1) < 1e-4, "repeating every example must leave a penalty unchanged"
print(f"{'a bare regulariser':20} {by_regulariser[0]:9.5f}    every image twice {by_regulariser[1]:9.5f}")

# %% [markdown]
# There is one dependence left, an honest one. The sparse penalty compares the target with the mean of a *batch*,
# and a mean of few images is uncertain. The price is convex, so uncertainty costs: by Jensen's inequality the average of
# the price over batches is higher than the price of the average. How much? Let $m$ be the true mean activity of a unit
# and $s^2$ the variance of its activity; a batch mean has variance $s^2 / n$. Expand to second order around $m$. The
# zeroth term is the price at $m$, the first averages to zero, and of the second remains half of the second derivative
# times the variance:
#
# $$\mathbb{E}\, \operatorname{KL}(\rho \,\|\, \hat\rho) - \operatorname{KL}(\rho \,\|\, m)
#   \approx \frac{1}{2} \left( \frac{\rho}{m^2} + \frac{1 - \rho}{(1 - m)^2} \right) \frac{s^2}{n} .$$
#
# We draw batches of many sizes from the sparse network's codes and measure.

# %%
codes = models["sparse"].encode(x).astype("float64")
mean, variance, rho = codes.mean(axis=0), codes.var(axis=0), 0.05
sizes = np.array([16, 32, 64, 128, 256, 512])


def price(activity):
    return np.sum(rho * np.log(rho / activity) + (1 - rho) * np.log((1 - rho) / (1 - activity)), axis=-1)


def bias_of_batches(size, draws=300):
    drawn = [price(codes[rng.integers(len(codes), size=size)].mean(axis=0)) - price(mean) for _ in range(draws)]
    return np.mean(drawn), np.std(drawn) / np.sqrt(draws)


measured, standard_errors = np.transpose([bias_of_batches(size) for size in sizes])
predicted = (rho / mean**2 + (1 - rho) / (1 - mean) ** 2) @ variance / 2 / sizes

# %% tags=["proof"]
ax = plotting.curves({"second order": predicted}, "images in a batch", "bias of the penalty / nats", sizes)
ax.errorbar(sizes, measured, 2 * standard_errors, fmt="o", color=plotting.PALETTE[1], label="measured, ± 2 SE")
ax.set(xscale="log", yscale="log")
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.legend(frameon=False)
plotting.show(
    alt="Bias of the penalty against the number of images in a batch, both axes logarithmic. The predicted line "
    "falls with slope minus one, and the measured points with their error bars follow it."
)
within = np.abs(measured - predicted) < 5 * standard_errors + 0.1 * predicted
assert np.all(within[3:]), "for large batches the bias must be the one of second order"
assert measured[0] > 8 * measured[-1], "the bias must fall as one over the batch size"

# %% [markdown]
# A straight line of slope −1 with both axes logarithmic: twice the batch, half the bias (SE: standard error). At 128 images it is a small
# correction; with batches of 16 a sparse penalty asks for something slightly different from what you wrote down.

# %% [markdown] tags=["deeper"]
# ## A price on reacting
#
# The last idea (Rifai et al., 2011): what does *noise* do to a code? A small change $\delta$ of the image changes it by
# $J \delta$, with the **Jacobian** $J_{ji} = \partial h_j / \partial x_i$. The **contractive** autoencoder pays for every
# entry, $\|J\|_F^2 = \sum_{j,i} J_{ji}^2$: the code should react to as little as possible, and the reconstruction error decides to what.
# It needs a derivative *inside* the loss, of which training takes the derivative again. This is the library's:

# %%
from course_lib import show
from course_lib.formulas import squared_jacobian_norm

show(squared_jacobian_norm)

# %% [markdown]
# Is it right? Finite differences know nothing of gradients: move one pixel by $\pm 10^{-5}$, compute the code in float64
# with NumPy, and divide.

# %% tags=["proof"]
keras.utils.set_random_seed(run.seed)
tanh_encoder = keras.Sequential([keras.Input((64,)), layers.Dense(32, "tanh"), layers.Dense(16, "tanh")])
weights = [weight.astype("float64") for weight in tanh_encoder.get_weights()]


def code_in_float64(images):
    hidden = np.tanh(images @ weights[0] + weights[1])
    return np.tanh(hidden @ weights[2] + weights[3])


images, step = x_test[:20].astype("float64"), 1e-5
columns = [(code_in_float64(images + step * e) - code_in_float64(images - step * e)) / (2 * step) for e in np.eye(64)]
by_differences = np.square(columns).sum(axis=(0, 2))
by_the_library = to_numpy(squared_jacobian_norm(tanh_encoder, x_test[:20]))
print(f"first three images: library {by_the_library[:3].round(5)}, finite differences {by_differences[:3].round(5)}")
assert np.allclose(by_the_library, by_differences, rtol=1e-4), "the penalty must be the squared norm of the Jacobian"

# %% [markdown]
# Equal, image by image. (For small noise of variance $\sigma^2$ the expected squared change of the code is
# $\sigma^2 \|J\|_F^2$, so this is a close relative of denoising, without drawing any noise. Its scale can be dodged
# as above, so the decoder pays weight decay.)

# %% [markdown] tags=["deeper"]
# ## Five networks, two questions
#
# Now all of them, with a code of 128 numbers each, trained on the same digits. Two questions to each: how far
# from the clean digit is its answer to a noisy one, and does it refuse pure noise? An honest network scores *low* on the
# first and *high* on the second. **Your ranking?**

# %%
keras.utils.set_random_seed(run.seed)
models["weight decay"] = autoencoder(128, 256, decay=(0.01, 0.01))
models["denoising"] = autoencoder(128, 256, first=[layers.GaussianNoise(sigma)])
for name in ("weight decay", "denoising"):
    train(models[name], x, epochs=5, copies=10)
contracting = penalties.Contractive(0.1)
models["contractive"] = autoencoder(128, 256, decay=(0.001, 0.001), penalty=contracting)
contractive_history = train(models["contractive"], x, epochs=1, copies=4, batch_size=32)

# %% [markdown]
# (The contractive one trains on fewer passes: it needs the gradient of each of its 128 code units, and so a step costs
# many times more.) The answers:

# %% tags=["proof"]
answers = {name: (error(m, x_test), error(m, noisy_test, x_test), error(m, pure_noise)) for name, m in models.items()}
print("                clean digit    noisy digit → clean    pure noise    (errors per pixel)")
for name, (clean, cleaned, refused) in answers.items():
    print(f"{name:15} {clean:11.4f} {cleaned:22.4f} {refused:13.4f}")
mean = x.mean(axis=0)
filtered = np.square(mean + (noisy_test - mean) @ wiener.T - x_test).mean()
print(f"{'Wiener filter':15} {'':11} {filtered:22.4f}\n{'doing nothing':15} {0:11.4f} {sigma**2:22.4f} {0:13.4f}")
assert all(answers[n][1] < 0.8 * answers["no regulariser"][1] for n in answers if n != "no regulariser"), (
    "every regulariser must hand back less noise than the network without one"
)
assert all(answers[n][2] > answers["no regulariser"][2] for n in answers if n != "no regulariser"), (
    "every regulariser must refuse pure noise more than the network without one"
)
assert answers["denoising"][1] < filtered, "the non-linear denoiser must beat the best linear one"

# %%
rows = {"noisy": noisy_test, **{name: model.reconstruct(noisy_test) for name, model in models.items()}, "real": x_test}
plotting.image_rows({name: images[:10].reshape(-1, 8, 8).clip(0, 1) for name, images in rows.items()})
plotting.show(
    alt="Rows of ten digits: noisy input, what each of the networks makes of it, and the real images. The copying "
    "network returns the noise, the regularised ones take most of it away."
)

# %% [markdown]
# By the first column alone you would choose the network that copies. By the other two it is the worst: every
# regulariser takes a large part of the noise away, and every one has a larger error on pure noise. Denoising is best at
# what it was trained for, and beats the Wiener filter, the best *linear* denoiser there is: bending pays here too. The
# others never saw a noisy image and improve on the copying network all the same.
#
# And all of them rebuild clean digits *less* well. That is the price, and it cannot be avoided: whoever refuses
# something sometimes refuses a little too much. Regularising is choosing what to give up.

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> Training error 0.0002, held-out error 0.009. Over-fitted?</summary>
#
# There is a gap, but a gap is not the question. Is there a smaller network, a stopping epoch, a regulariser with a
# *lower held-out error*? Only then is it over-fitted. And for an over-complete code even a tiny held-out error may be
# copying: test it with noise.
# </details>
#
# <details><summary><b>2.</b> "My model generalises badly, so I need a more complex one." Or a simpler one?</summary>
#
# Neither follows. Look at the two curves. Both errors high and close together: too small (or trained too little). Far
# apart: more data, augmentation or a regulariser will help most.
# </details>
#
# <details><summary><b>3.</b> "Augmentation is free data." What does it cost?</summary>
#
# It changes the distribution that is learnt. Harmless if the changes leave the meaning alone; if not, the model learns
# things that do not exist, and a generative model will draw them.
# </details>
#
# <details><summary><b>4.</b> You double the batch size and your sparse code becomes less sparse. What do you suspect?</summary>
#
# A penalty whose strength depends on the batch: summed over the batch (then sparser), or divided by it twice (then less).
# Each image's penalty must stand beside that image's error, with one mean over both.
# </details>
#
# <details><summary><b>5.</b> Does weight decay make rare classes count more?</summary>
#
# No. It shrinks directions of small variance first, and what is rare contributes little variance. Rare classes need other
# weights, resampling or a condition (lesson {number: conditional_and_discrete_codes}).
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **seen** over-fitting as two curves that part, stopped it at the best epoch, and measured what more and varied
#   examples do;
# * **chosen** an augmentation, and seen that a 6 upside down is a 9;
# * **derived and proved** the gains of a linear autoencoder: $\max(0, 1 - \lambda/\lambda_j)$ under weight decay, and
#   $\lambda_j/(\lambda_j + \sigma^2)$ under noise, the Wiener filter;
# * **coded** the sparse penalty, one value per image, its bias of order one over the batch size measured;
# * **compared** five networks by what they refuse: small error alone is no virtue.
#
# **Go further.** Change `sigma` to 0.1 and to 0.6: how do the two kinds of gain move, and does the denoiser still beat the
# Wiener filter? Train the wide networks ten times longer (minutes): does the copying network become more or less honest? Or
# load `"glyphs"`, 784 pixels, and look for an augmentation that leaves a letter a letter: which letters survive a mirror?
#
# **References.** Wiener (1949), *Extrapolation, interpolation, and smoothing of stationary time series*. ·
# Tibshirani (1996), *Regression shrinkage and selection via the lasso*, JRSS B 58. ·
# Prechelt (1998), *Early stopping, but when?*, in *Neural Networks: Tricks of the Trade*. ·
# Vincent et al. (2008), *Extracting and composing robust features with denoising autoencoders*, ICML. ·
# Ng (2011), *Sparse autoencoder*, CS294A lecture notes. ·
# Treves & Rolls (1991), *What determines the capacity of autoassociative memories in the brain?*, Network 2. ·
# Rifai et al. (2011), *Contractive auto-encoders*, ICML. ·
# Kunin et al. (2019), *Loss landscapes of regularized linear autoencoders*, arXiv:1901.08168. ·
# Karras et al. (2020), *Training generative adversarial networks with limited data*, arXiv:2006.06676. ·
# Zhao et al. (2020), *Image augmentations for GAN training*, arXiv:2006.02595, and *Differentiable augmentation for
# data-efficient GAN training*, arXiv:2006.10738.
