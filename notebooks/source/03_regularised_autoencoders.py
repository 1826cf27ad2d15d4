# ---
# jupyter:
#   course:
#     part: "Part I · Autoencoders"
#     question: "Has a network learnt what digits are, or these digits by heart?"
# ---

# %% [markdown]
# # Over-fitting and regularisation: learnt by heart, or learnt?
#
# **The question.** A network with room to spare can learn its images by heart. Its training error is then tiny, and it
# knows little about other images. How do we see that, and what helps?
#
# In this lesson you will
#
# * **see** over-fitting in two curves, and what a network that learnt ten digits makes of all others;
# * **write** a training that stops in time and keeps its best weights;
# * **read** learning curves: more images, a larger network, or more steps?
# * **compare** weight decay, noise and augmentation, each with a twin that lacks only that;
# * **choose** an augmentation that leaves the meaning of an image alone.
#
# *To know before:* {lesson: autoencoders}: code, squared error per pixel, training, validation and test images. Python
# and means; no linear algebra. *Time:* {times}; about 40 seconds to run on two CPU cores. A GPU is not needed.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## The idea in one dimension
#
# Eight measurements with errors (dots) of a smooth curve (grey), and polynomials that were fitted to the dots.
# **Guess:** which of the three is nearest to new measurements? (Titles: mean squared errors.)

# %%
import matplotlib.pyplot as plt
import numpy as np

from course_lib import plotting

rng = np.random.default_rng(3)
at, dense = np.linspace(-1, 1, 8), np.linspace(-1, 1, 201)
measured, truth = np.sin(3 * at) + 0.25 * rng.normal(size=8), np.sin(3 * dense)
_, frames = plt.subplots(1, 3, figsize=(8, 2.6), sharey=True, layout="constrained")
for frame, degree in zip(frames, (1, 3, 7), strict=True):
    fitted = np.poly1d(np.polyfit(at, measured, degree))
    training, fresh = np.mean((fitted(at) - measured) ** 2), np.mean((fitted(dense) - truth) ** 2) + 0.25**2
    frame.plot(dense, truth, color="0.7", linewidth=3)
    frame.plot(dense, fitted(dense), color=plotting.PALETTE[0])
    frame.plot(at, measured, "o", color=plotting.PALETTE[1])
    frame.set(title=f"degree {degree}\ntraining {training:.2f}, new {fresh:.2f}", ylim=(-2, 2))
plotting.show(
    alt="Eight dots near a smooth curve, and polynomials of degree 1, 3 and 7. The straight line misses the bend, the "
    "cubic follows the curve, and degree 7 passes through every dot and swings between them."
)

# %% [markdown]
# The more freedom, the smaller the *training* error. The error on *new* data falls and then rises: degree 7 has learnt
# the errors of the measurements, too. This is **over-fitting**. One definition serves for the whole course: *a model is
# over-fitted if something simpler, shorter or more restrained has a smaller error on held-out data.*
#
# ## Learnt by heart
#
# Now a network: small digits, 8 × 8 pixels in [0, 1], but only **100** to learn from, and 512 hidden units on each
# side of a code of 8 numbers. Every network of this lesson is made and trained by the next two functions. Both begin
# at the same seed, so networks of one size start from the same weights; and all take 800 steps of 50 images (unless we
# say so), however many different images there are. (The options will be explained when we need them.)

# %%
import keras
from keras import layers

from course_lib import datasets
from course_lib.models import Autoencoder

digits = datasets.load("digits")
few = digits.x_train[:100]


def autoencoder(hidden=512, decay=0.0, noise=0.0, augmentation=None):
    keras.utils.set_random_seed(run.seed)
    options = {"kernel_regularizer": keras.regularizers.L2(decay)}
    images, noisy = keras.Input((8, 8, 1)), layers.GaussianNoise(noise, seed=1)
    to_code = [layers.Flatten(), noisy, layers.Dense(hidden, "relu", **options), layers.Dense(8, **options)]
    to_pixels = [layers.Dense(hidden, "relu", **options), layers.Dense(64, **options), layers.Reshape((8, 8, 1))]
    encoder, decoder = keras.Sequential([images, *to_code]), keras.Sequential([keras.Input((8,)), *to_pixels])
    return Autoencoder(encoder, decoder, augmentation=augmentation)


def train(model, images, steps=800, epochs=4, **options):
    keras.utils.set_random_seed(run.seed)
    images = np.resize(images, (50 * steps // epochs, 8, 8, 1))  # the images, over and over
    model.compile(keras.optimizers.Adam(2e-3), jit_compile=False)
    return model.fit(images, epochs=epochs, batch_size=50, verbose=0, **options).history


# %% [markdown]
# **Before you run it:** the training error will fall. Which way will the validation error go: down and flat, or down
# and up again?


# %%
def error(model, images):
    return np.square(images - model.reconstruct(images)).mean(dtype="float64")


by_heart = autoencoder()
history = train(by_heart, few, epochs=40, validation_data=digits.x_validation)
steps = 20 * np.arange(1, 41)
best = int(np.argmin(history["val_mse"]))
ax = plotting.curves(
    {"training": history["mse"], "validation": history["val_mse"]}, "steps", "squared error / per pixel", steps
)
ax.plot(steps[best], history["val_mse"][best], "o", color=plotting.PALETTE[1])
ax.set(ylim=(0, 0.06))
plotting.show(
    alt="Error per pixel against training steps. The training curve falls to almost nothing; the validation curve "
    "reaches its lowest point, a dot, early on and then rises."
)

# %% [markdown]
# Down, and up again. From the dot on, the network learns these 100 images and no longer digits; the training curve
# never shows it. Let us look at both kinds of image.

# %% tags=["proof"]
at_best, at_the_end = history["val_mse"][best], np.mean(history["val_mse"][-5:])
print(f"validation error: best {at_best:.4f} after {steps[best]} steps, at the end {at_the_end:.4f} per pixel")
print(f"training error at the end: {error(by_heart, few):.5f} per pixel")
assert at_the_end > 1.1 * at_best, "the shorter training must have the smaller held-out error"
assert error(by_heart, few) < at_the_end / 20, "the network must know its own 100 images far better than others"
rows = {"own": few[:10], "own, reconstructed": by_heart.reconstruct(few[:10])}
rows |= {"held out": digits.x_validation[:10], "held out, rec.": by_heart.reconstruct(digits.x_validation[:10])}
plotting.image_rows(rows)
plotting.show(
    alt="Four rows of ten digits: training images and their reconstructions, which look the same; held-out images and "
    "their reconstructions, with gaps, smears and false strokes."
)

# %% [markdown]
# Its own images come back as they were, the held-out ones with gaps and false strokes.
#
# ## Ten digits, a hundred rounds
#
# How far can it go? Train the same network on **ten** digits. Then hand it a digit that it has never seen, hand it its
# own answer, and so on, a hundred times. **What will come out?**

# %%
from course_lib.training import to_numpy

ten = few[:10]
remembers = autoencoder()
train(remembers, ten)


def again_and_again(model, images, rounds):
    for _ in range(rounds):
        images = to_numpy(model.decoder(model.encoder(images)))
    return images


rows = {"held out": digits.x_validation[:10]}
rows |= {f"round {n}": again_and_again(remembers, digits.x_validation[:10], n) for n in (1, 3, 10, 100)}
rows["the ten it learnt"] = ten
plotting.image_rows({name: images.clip(0, 1) for name, images in rows.items()})
plotting.show(
    alt="Rows of ten digits: held-out ones, what the network makes of them after 1, 3, 10 and 100 rounds, and the ten "
    "training images. From row to row the digits turn into training images."
)

# %% tags=["proof"]
shares = {}
for name, model, images in (("10 digits", remembers, ten), ("100 digits", by_heart, few)):
    end = again_and_again(model, digits.x_validation, 100)
    distances = np.linalg.norm(end.reshape(-1, 1, 64) - images.reshape(-1, 64), axis=2).min(axis=1)
    shares[name] = np.mean(distances < 0.1)
    print(f"learnt from {name}: {shares[name]:.0%} of the held-out digits end within 0.1 of one that it learnt")
apart = np.linalg.norm(digits.x_validation.reshape(-1, 1, 64) - ten.reshape(-1, 64), axis=2).min(axis=1)
print(f"(before the first round the nearest of the ten is {np.median(apart):.1f} away)")
assert shares["10 digits"] > 0.4, "most held-out digits must end at a training image"
assert shares["100 digits"] < 0.05, "with a hundred digits nearly none must"

# %% [markdown]
# Most of them become one of the ten: the training images are *attractors*, the network is an associative memory
# (Radhakrishnan et al., 2020). The network of 100 digits is over-fitted, too, but its memory cannot be read out like
# this. So the picture is a curiosity, and the *held-out error* is the measure.
#
# ## Stop in time
#
# The first cure: stop at the dot. **Early stopping** (Prechelt, 1998) watches the error on validation images. If it has not improved
# for a number of epochs (the **patience**, for the curve jitters), it stops, and goes *back* to the weights of the
# best epoch.
#
# **Exercise {exercise: EARLY_STOPPING}.** Write it. `train_one_epoch(model)` trains; `held_out_error(model)` measures;
# `model` has Keras' `get_weights()` and `set_weights(…)`. Stop at the end of the first epoch that is `patience` epochs
# after the best one so far, or after `most_epochs`. Leave the model with its best weights; return the last epoch and
# the best one, counted from 1. Only a *smaller* error is better.


# %% tags=["exercise"]
def train_with_patience(model, train_one_epoch, held_out_error, patience, most_epochs):
    # BEGIN SOLUTION
    lowest, best_epoch, best_weights = np.inf, 0, model.get_weights()
    for epoch in range(1, most_epochs + 1):
        train_one_epoch(model)
        error_now = held_out_error(model)
        if error_now < lowest:
            lowest, best_epoch, best_weights = error_now, epoch, model.get_weights()
        if epoch - best_epoch >= patience:
            break
    model.set_weights(best_weights)
    return epoch, best_epoch
    # END SOLUTION


# %%
from course_lib.exercises import check
from course_lib.exercises import regularised_autoencoders as exercises

check(exercises.EARLY_STOPPING, train_with_patience)

# %% [markdown]
# Keras has this as a callback:

# %% tags=["proof"]
stopping = keras.callbacks.EarlyStopping("val_mse", mode="min", patience=6, restore_best_weights=True)
stopped = autoencoder()
history = train(stopped, few, epochs=40, validation_data=digits.x_validation, callbacks=[stopping])
errors, now = history["val_mse"], error(stopped, digits.x_validation)
print(f"stopped after epoch {len(errors)} of 40; best epoch {np.argmin(errors) + 1}")
print(f"validation error: best {min(errors):.5f}, last {errors[-1]:.5f}, now {now:.5f} per pixel")
assert abs(now - min(errors)) < 1e-5, "the model must have the weights of its best epoch again"

# %% [markdown]
# The error *now* is that of the best epoch. Without `restore_best_weights=True` you keep the last one. Note that the
# validation images have now been used to decide something, so their error flatters a little; the final word belongs to
# test images. And stopping early only limits the damage. What removes the cause?
#
# ## More images, or a smaller network?
#
# Two networks, 32 and 512 hidden units, each trained with the same 800 steps on 50, 250 and 1,000 images. **Guess:**
# with 50 images, which has the smaller held-out error?

# %% tags=["proof"]
counts, networks, learning = [50, 250, 1000], {}, {}
for hidden in (32, 512):
    for n in counts:
        networks[hidden, n] = autoencoder(hidden)
        train(networks[hidden, n], digits.x_train[:n])
    trained = [(networks[hidden, n], digits.x_train[:n]) for n in counts]
    learning[f"{hidden}, training"] = [error(model, own) for model, own in trained]
    learning[f"{hidden}, held out"] = [error(model, digits.x_validation) for model, _ in trained]
ax = plt.subplots(figsize=(7, 3.2), layout="constrained")[1]
for (name, values), style in zip(learning.items(), ("o:", "o-") * 2, strict=True):
    ax.plot(counts, values, style, color=plotting.PALETTE["512" in name], label=name)
ax.set(xlabel="number of training images", ylabel="squared error / per pixel", xscale="log", ylim=(0, None))
ax.set_xticks(counts, counts)
ax.minorticks_off()
ax.legend(frameon=False, title="hidden units", bbox_to_anchor=(1, 1))
plotting.show(
    alt="Learning curves: error against the number of training images, dotted for training and solid for held-out "
    "images, for 32 and for 512 hidden units. Training error rises, held-out error falls, and they come together; "
    "the large network's held-out error is the lower one throughout."
)
small, large = learning["32, held out"], learning["512, held out"]
gaps = np.subtract(large, learning["512, training"])
ratios = np.divide(large, small).round(2)
print("held-out error, 512 hidden units / 32:", dict(zip(counts, map(float, ratios), strict=True)))
assert gaps[-1] < gaps[0] / 3, "the gap between training and held-out error must close with more images"
assert large[-1] < 0.5 * large[0], "the large network must gain from more images"
assert large[0] < 1.1 * small[0], "with few images the large network must not be clearly worse on held-out ones"

# %% [markdown]
# These are **learning curves**: error against the number of examples. With more images, the training error *rises*
# at first (more to remember), the held-out error falls, and the gap closes. That is the most effective cure, and the most
# expensive.
#
# With 50 images the large network knows its own images almost perfectly and has the greater *gap*, yet its held-out
# error is no worse than the small one's. **A gap is not over-fitting.** Compare held-out errors.
#
# The small network's curves have met at a high error. Has it too few weights? The curves cannot say: perhaps it has
# had too few *steps*. Ask it.

# %% tags=["proof"]
longer = autoencoder(32)
train(longer, digits.x_train[:1000], steps=4000)
before, after, wide = small[-1], error(longer, digits.x_validation), large[-1]
print(
    f"held out, 1,000 images: 32 hidden units, 800 steps {before:.4f}; 4,000 steps {after:.4f}    512 units {wide:.4f}"
)
assert after < 0.9 * before, "more steps must help the small network"
assert wide < 0.85 * after, "and yet five times the steps must not bring it to the large network"

# %% [markdown]
# Both: more steps help, and the large network is still ahead with a fifth of them.
#
# Now you. Four trainings, each with its training error (blue) and validation error (orange); the grey line is the
# validation error of a good network.

# %%
t = np.linspace(0.02, 1, 200)
runs = {
    "A": (0.012 + 0.05 * np.exp(-1.5 * t), 0.013 + 0.05 * np.exp(-1.5 * t)),
    "B": (0.002 + 0.05 * np.exp(-12 * t), 0.022 + 0.04 * np.exp(-14 * t) + 0.014 * t),
    "C": (0.035 + 0.03 * np.exp(-15 * t), 0.036 + 0.03 * np.exp(-15 * t)),
    "D": (0.010 + 0.05 * np.exp(-12 * t), 0.0125 + 0.05 * np.exp(-12 * t)),
}
_, frames = plt.subplots(1, 4, figsize=(9, 2.4), sharey=True, layout="constrained")
for frame, (name, (training, validation)) in zip(frames, runs.items(), strict=True):
    frame.axhline(0.012, color="0.8", linewidth=3)
    plotting.curves({"training": training, "validation": validation}, "share of the steps", "", t, ax=frame)
    frame.set(title=name, ylim=(0, 0.07))
frames[0].set_ylabel("error / per pixel")
plotting.show(
    alt="Four pairs of curves. A: both fall together and are still falling at the end. B: training falls to almost "
    "nothing, validation falls, turns and rises. C: both flat and together at a high error. D: both flat, close to "
    "the grey line."
)

# %% [markdown]
# **Exercise {exercise: READ_THE_CURVES}.** What would you do next with each: `"train longer"`, `"larger network"`,
# `"regularise"` or `"leave it"`? Answer with a dictionary, `{"A": "…", "B": "…", "C": "…", "D": "…"}`.

# %% tags=["exercise"]
# BEGIN SOLUTION
next_steps = {"A": "train longer", "B": "regularise", "C": "larger network", "D": "leave it"}
# END SOLUTION

# %%
check(exercises.READ_THE_CURVES, next_steps)

# %% [markdown]
# ## Regularisers, each beside its twin
#
# There are no more than 100 images. To **regularise** is to restrain the training so that learning by heart does not
# pay:
#
# * **weight decay** (L2; Krogh & Hertz, 1991): add $\lambda \sum w^2$ to the loss, so that large weights cost something;
# * **noise** (Bishop, 1995): add noise to the input and ask for the clean image: no input comes twice;
# * **augmentation**: shift each image at random, here by up to half a pixel, as input *and* target: new examples from
#   old ones;
# * a **smaller network**; and, to see what happens, **mirrored** images.
#
# The *twin* is the network without all of these: the same 100 images, start (except for the small one), 800 steps and
# learning rate. **Rank them first.**

# %% tags=["proof"]
keras.utils.set_random_seed(run.seed)
shift, mirror = (
    layers.RandomTranslation(0.06, 0.06, fill_mode="constant", seed=1),
    layers.RandomFlip("horizontal", seed=1),
)
kinds = {
    "twin": {},
    "32 hidden units": {"hidden": 32},
    "weight decay 0.01": {"decay": 0.01},
    "noise 0.2": {"noise": 0.2},
    "shifted": {"augmentation": shift},
    "mirrored": {"augmentation": mirror},
}
models = {name: autoencoder(**options) for name, options in kinds.items()}
starts = [models[name].get_weights() for name in kinds if name != "32 hidden units"]
assert all(np.array_equal(a, b) for start in starts for a, b in zip(start, starts[0], strict=True)), "equal starts"
validation = {}
for name, model in models.items():
    train(model, few)
    validation[name] = error(model, digits.x_validation)
    print(f"{name:18} own images {error(model, few):.4f}    validation {validation[name]:.4f}    ", end="")
    print(f"{validation[name] / validation['twin']:.2f} × twin")
without_help = min(validation["32 hidden units"], validation["mirrored"])
for name in ("weight decay 0.01", "noise 0.2", "shifted"):
    assert validation[name] < 0.9 * validation["twin"], f"{name} must lower the held-out error of its twin"
    assert validation[name] < 0.92 * without_help, f"{name} must help more than fewer units or a mirror"

# %%
ax = plt.subplots(figsize=(7, 2.6), layout="constrained")[1]
bars = {**validation, "early stopping": error(stopped, digits.x_validation), "1,000 images": large[-1]}
ax.barh(list(bars), list(bars.values()), color=[plotting.PALETTE[0]] * 6 + [plotting.PALETTE[2]] * 2)
ax.axvline(validation["twin"], color="0.4", linestyle=":")
ax.set(xlabel="validation error / per pixel")
ax.invert_yaxis()
plotting.show(
    alt="Horizontal bars of the validation error. Weight decay, noise and shifted images end clearly short of the twin's "
    "dotted line, about where early stopping does; a smaller network and mirrored images come nearer to it; 1,000 "
    "images give by far the shortest bar."
)

# %% [markdown]
# Weight decay, noise and shifting each take between a sixth and a quarter off the held-out error, at no cost in data; early
# stopping helps a little less. A smaller network and mirroring do nothing reliable. The green bar at the bottom shows what no
# regulariser replaces: ten times the images.
#
# All of this was judged on validation images. **Exercise {exercise: HONEST_REPORT}.** Several settings were trained
# from several starts. `validation` and `test` hold the errors, shape `(settings, starts)`. Choose the setting with the
# smallest *mean* validation error; return its index and the error that you may report for it.


# %% tags=["exercise"]
def honest_report(validation, test):
    # BEGIN SOLUTION
    chosen = int(np.argmin(validation.mean(axis=1)))
    return chosen, test[chosen].mean()
    # END SOLUTION


# %%
check(exercises.HONEST_REPORT, honest_report)

# %% [markdown]
# The test images have waited until here, and are opened once: for the setting that validation has chosen, and for its
# twin.

# %% tags=["proof"]
chosen = min(validation, key=validation.get)
reported = {name: error(models[name], digits.x_test) for name in (chosen, "twin")}
print(f"chosen on validation images: {chosen}")
print(f"test error: {reported[chosen]:.4f}, of the twin {reported['twin']:.4f} per pixel")
assert reported[chosen] < 0.9 * reported["twin"], "what validation has chosen must help on test images, too"

# %% [markdown]
# ## What may change without changing the meaning?
#
# Why does shifting help, and mirroring not? Hand mirrored digits to three networks: the twin and these two.

# %% tags=["proof"]
mirrored = digits.x_validation[:, :, ::-1]
for name in ("twin", "shifted", "mirrored"):
    plain, seen_in_a_mirror = validation[name], error(models[name], mirrored)
    print(f"{name:9} validation {plain:.4f}    the same in a mirror {seen_in_a_mirror:.4f} per pixel")
    assert name != "mirrored" or seen_in_a_mirror < 1.2 * plain, "it must know mirrored digits as well as real ones"
    assert name == "mirrored" or seen_in_a_mirror > 1.5 * plain, "and the others must not"
rows = {"real, in a mirror": mirrored[:10]}
rows |= {f"by '{name}'": models[name].reconstruct(mirrored[:10]) for name in ("twin", "shifted", "mirrored")}
plotting.image_rows(rows)
plotting.show(
    alt="Rows of ten digits: mirrored real ones, and their reconstructions by the twin and by the networks trained on "
    "shifted and on mirrored images. Only the last rebuilds mirrored digits well."
)

# %% [markdown]
# The last network has learnt *another distribution*, and half of that does not exist. Its 8 numbers are
# shared between the two. For a model that *generates*, it is worse: it will make mirrored digits. That is called a
# **leak** (Karras et al., 2020). So what *is* a mirrored digit? Ask a classifier that has never seen one: the majority
# of the 5 nearest training images.

# %% tags=["proof"]
from sklearn.neighbors import KNeighborsClassifier

classifier = KNeighborsClassifier(5).fit(digits.x_train.reshape(-1, 64), digits.y_train)
turned = digits.x_validation[:, ::-1, ::-1]
named = {}
for name, images in {"as it is": digits.x_validation, "mirrored": mirrored, "half a turn": turned}.items():
    named[name] = classifier.predict(images.reshape(-1, 64))
    print(f"{name:12} named as the original: {np.mean(named[name] == digits.y_validation):4.0%}")
six = named["half a turn"][digits.y_validation == 6]
print(f"a 6 after half a turn is named 9: {np.mean(six == 9):.0%} of {len(six)}")
assert np.mean(six == 9) > 0.6, "a six that stands on its head must be read as a nine"

# %% [markdown]
# A 6 upside down *is* a 9. An augmentation states what may change about an image without changing what it is. No curve
# decides this for you: you have to know your data.
#
# **Exercise {exercise: ALLOWED_CHANGES}.** Which of these leave the meaning alone? Give a set of letters, such as
# `{"a", "b"}`.
#
# (a) photographs of cats, mirrored left to right · (b) X-rays of the chest, mirrored · (c) stained cells under a
# microscope, turned by any angle · (d) handwritten letters, mirrored · (e) digits, turned by up to 5° · (f) traffic
# lights, with the hue changed at random · (g) spoken words, backwards

# %% tags=["exercise"]
# BEGIN SOLUTION
allowed = {"a", "c", "e"}
# END SOLUTION

# %%
check(exercises.ALLOWED_CHANGES, allowed)

# %% [markdown]
# **Exercise {exercise: CHOOSE_AN_AUGMENTATION}.** Build an augmentation for the digits: a Keras layer, or a
# `keras.Sequential` of several, for images `(batch, 8, 8, 1)`. It should change every image a little, differently each
# time, keep values in [0, 1], and leave a digit what it is. The check tries it on real digits.

# %% tags=["exercise"]
# BEGIN SOLUTION
my_augmentation = keras.Sequential(
    [layers.RandomRotation(0.03, fill_mode="constant"), layers.RandomTranslation(0.06, 0.06, fill_mode="constant")]
)
# END SOLUTION

# %%
check(exercises.CHOOSE_AN_AUGMENTATION, my_augmentation)

# %% [markdown] tags=["deeper"]
# ## Two things called weight decay
#
# Our L2 penalty puts $2\lambda w$ into the *gradient*. "Weight decay" in the strict sense multiplies each weight by
# $1 - \eta\alpha$ in each step, beside the gradient ($\eta$: the learning rate). For plain gradient descent the two
# are the same.
#
# **Exercise {exercise: DECAY_STEP}.** One step of gradient descent on loss $+\, \lambda \sum w^2$: `gradient` is that
# of the loss alone. Return the new weights.


# %% tags=["exercise"]
def decay_step(w, gradient, rate, strength):
    # BEGIN SOLUTION
    return w - rate * (gradient + 2 * strength * w)
    # END SOLUTION


# %%
check(exercises.DECAY_STEP, decay_step)

# %% [markdown]
# So $w \to (1 - 2\eta\lambda) w - \eta g$: a decay with $\alpha = 2\lambda$. Adam, however, divides the gradient of
# each weight by its typical size, and with it the penalty. Two weights that begin at 1 get gradients that are nothing
# but noise (of mean 0), of size 0.1 and of size 10. **How far will each shrink,** with the penalty and with Keras'
# `weight_decay`, which is the strict one?

# %% tags=["proof"]
noise = np.random.default_rng(run.seed).normal(size=(150, 2)).astype("float32") * np.float32([0.1, 10])
noise -= noise.mean(axis=0)


def weights_left(optimizer, penalty):
    w = keras.Variable([1.0, 1.0])
    for each in noise:
        optimizer.apply([keras.ops.convert_to_tensor(each) + 2 * penalty * w], [w])
    return to_numpy(w)


sgd, adam = keras.optimizers.SGD, keras.optimizers.Adam
left = {
    "SGD, penalty": weights_left(sgd(2e-3), 1.0),
    "SGD, decay": weights_left(sgd(2e-3, weight_decay=2.0), 0.0),
    "Adam, penalty": weights_left(adam(2e-3), 0.4),
    "Adam, decay": weights_left(adam(2e-3, weight_decay=2.0), 0.0),
}
for name, w in left.items():
    print(f"{name:14} weight with gradients of size 0.1: {w[0]:.2f}    of size 10: {w[1]:.2f}")
assert np.allclose(left["SGD, penalty"], left["SGD, decay"], atol=1e-4), "without Adam they must be one thing"
quiet, loud = left["Adam, penalty"]
assert quiet < 0.75 < 0.9 < loud, "a penalty must spare the weight with large gradients"
assert np.ptp(left["Adam, decay"]) < 0.1, "and decay must treat both alike"

# %% [markdown]
# (Compare within a row: the strengths differ between them.) With Adam the penalty hardly touches the weight with large
# gradients; decay shrinks both alike. That is the difference between Adam with L2 and **AdamW** (Loshchilov & Hutter, 2019). This lesson used the penalty, because it
# has a loss that one can write down and solve ({lesson: codes_that_are_too_wide}).

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> Training error 0.0002, held-out error 0.009. Over-fitted?</summary>
#
# The gap does not say. Is there a smaller network, an earlier epoch or a regulariser with a smaller *held-out* error?
# Then it is.
# </details>
#
# <details><summary><b>2.</b> "My model generalises badly, so I need a smaller one." Or a larger one?</summary>
#
# Neither follows. Both errors high and close together: too small, or trained too little. Far apart: more data,
# augmentation or a regulariser will help most. Measure on held-out data.
# </details>
#
# <details><summary><b>3.</b> "Augmentation is free data." What does it cost?</summary>
#
# It changes the distribution that is learnt. If the changes leave the meaning alone, that is what you want; if not,
# the model learns things that do not exist, and a generative model will draw them.
# </details>
#
# <details><summary><b>4.</b> You tried 30 settings and report the smallest test error. What is wrong?</summary>
#
# The smallest of 30 is small by luck, too. Choose on validation images, and report the test error of the one chosen.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **seen** over-fitting as two curves that part, and a network that turns held-out digits into its ten training images;
# * **written** a training with patience that goes back to its best weights;
# * **read** learning curves: more images close the gap, and curves that meet do not say why the error is high;
# * **compared** regularisers with a twin: weight decay, noise and shifting help a little more than early
#   stopping, ten times the images far more;
# * **chosen** an augmentation, and seen that a 6 upside down is a 9.
#
# **To take home:** *only the error on data that were never learnt from tells learning from learning by heart, and only
# a twin tells what helped.*
#
# **Go further.** Do the cures add up? Give one network weight decay, noise *and* shifts. How many digits can the
# network remember: where between 10 and 100 does it lose them? Load `"glyphs"`, 28 × 28 pixels: which letters survive
# a mirror?
#
# **References.** Prechelt (1998), *Early stopping, but when?*, in *Neural Networks: Tricks of the Trade*. ·
# Krogh & Hertz (1991), *A simple weight decay can improve generalization*, NeurIPS. ·
# Bishop (1995), *Training with noise is equivalent to Tikhonov regularization*, Neural Computation 7. ·
# Loshchilov & Hutter (2019), *Decoupled weight decay regularization*, arXiv:1711.05101. ·
# Radhakrishnan, Belkin & Uhler (2020), *Overparameterized neural networks implement associative memory*, PNAS 117,
# arXiv:1909.12362. ·
# Karras et al. (2020), *Training generative adversarial networks with limited data*, arXiv:2006.06676.

# %% [markdown] tags=["slide"]
# # Over-fitting and regularisation: learnt by heart, or learnt?
#
# A network with room to spare can learn its images by heart. Its training error is then tiny, and it knows little about other images.
#
# **How do we see that, and what helps?**

# %% [markdown] tags=["notes"]
# 1 min. Needed from before: code, squared error per pixel, training, validation and test images.

# %% [markdown] tags=["slide"]
# ## Predict: which is nearest to *new* measurements?
#
# Eight dots, and polynomials fitted to them.
#
# . . .
#
# {figure: the-idea-in-one-dimension-2}

# %% [markdown] tags=["notes"]
# 3 min. Ask before the figure: degree 1, 3 or 7? Many say 7, "it passes through every dot". It has learnt the errors of the measurements, too.

# %% [markdown] tags=["slide"]
# ## One definition
#
# A model is **over-fitted** if something simpler, shorter or more restrained has a smaller error on *held-out* data.
#
# . . .
#
# It says nothing about the training error, nor about the gap between the two.

# %% [markdown] tags=["notes"]
# 2 min. Keep it on the board. The second line is the trap of the quiz.

# %% [markdown] tags=["slide"]
# ## Predict: 100 digits, 512 units, a code of 8
#
# The training error will fall. The validation error: down and flat, or down and up?
#
# . . .
#
# {figure: learnt-by-heart-4}

# %% [markdown] tags=["notes"]
# 3 min. Down, and up again. From the dot on the network learns these 100 images and no longer digits. The training curve never shows it.

# %% [markdown] tags=["slide"]
# ## Both kinds of image
#
# {figure: learnt-by-heart-6}
#
# {output: learnt-by-heart-6}

# %% [markdown] tags=["notes"]
# 2 min. Point at the gaps, smears and false strokes of the last row.

# %% [markdown] tags=["slide"]
# ## Predict: ten digits learnt, and its own answers handed back a hundred times
#
# . . .
#
# {figure: ten-digits-a-hundred-rounds-2}

# %% [markdown] tags=["notes"]
# 3 min. The training images are *attractors*: an associative memory. With 100 digits this no longer works, so it is a curiosity; the held-out error is the measure.

# %% [markdown] tags=["slide"]
# ## Stop in time
#
# **Early stopping:** watch the validation error. No improvement for some epochs, the **patience**: stop, and go *back* to the best weights.
#
# {output: stop-in-time-3}
#
# . . .
#
# Forgotten most often: `restore_best_weights=True`.

# %% [markdown] tags=["notes"]
# 2 min. The validation images have now decided something, so their error flatters a little. Exercise {exercise: EARLY_STOPPING} writes it: homework.

# %% [markdown] tags=["slide"]
# ## Predict: 50 images. Is the large network worse on held-out images?
#
# 32 hidden units against 512.
#
# . . .
#
# {figure: more-images-or-a-smaller-network-2}

# %% [markdown] tags=["notes"]
# 3 min. It has the greater gap, and yet no worse a held-out error. With more images the training error *rises*: more to remember.

# %% [markdown] tags=["slide"]
# ## Quiz: training error 0.0002, held-out error 0.009. Over-fitted?
#
# . . .
#
# The gap does not say.
#
# . . .
#
# Is there a smaller network, an earlier epoch or a regulariser with a smaller *held-out* error? Then it is.

# %% [markdown] tags=["notes"]
# 2 min. Vote first; nearly everybody says yes. Go back to the definition.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: READ_THE_CURVES} · {minutes} minutes
#
# "Train longer", "larger network", "regularise" or "leave it"?
#
# {figure: more-images-or-a-smaller-network-6}

# %% [markdown] tags=["notes"]
# 4 min. A: train longer. B: regularise. C: larger network. D: leave it. The usual wrong answer: "regularise" for C, where both errors are high and together.

# %% [markdown] tags=["slide"]
# ## Regularise: make learning by heart not pay
#
# + **Weight decay:** add $\lambda\sum w^2$ to the loss.
# + **Noise:** noise on the input, the clean image as target.
# + **Augmentation:** shift each image by up to half a pixel.
# + A **smaller network**; and **mirrored** images.
#
# . . .
#
# **Rank them.** Each beside a *twin* that lacks only that.

# %% [markdown] tags=["notes"]
# 3 min. Same 100 images, start, steps and learning rate. Collect two or three rankings on the board.

# %% [markdown] tags=["slide"]
# ## Each beside its twin
#
# {figure: regularisers-each-beside-its-twin-3}

# %% [markdown] tags=["notes"]
# 2 min. Three of them take about a fifth off. Mirroring and a smaller network do nothing reliable. The shortest bar: ten times the images.

# %% [markdown] tags=["slide"]
# ## An honest report
#
# + Settings are chosen on **validation** images.
# + The error of the winner there flatters: it was chosen for it.
# + **Test** images are opened once, for the setting that was chosen.
#
# . . .
#
# {output: regularisers-each-beside-its-twin-6}

# %% [markdown] tags=["notes"]
# 2 min. Exercise {exercise: HONEST_REPORT} has this in two lines. Usual mistake: the smallest test error is reported.

# %% [markdown] tags=["slide"]
# ## Predict: why does shifting help, and mirroring not?
#
# . . .
#
# {figure: what-may-change-without-changing-the-meaning-2}

# %% [markdown] tags=["notes"]
# 3 min. Only the last network rebuilds mirrored digits: it has learnt another distribution, half of which does not exist. A generative model would draw them: a leak.

# %% [markdown] tags=["slide"]
# ## Ask a classifier
#
# {output: what-may-change-without-changing-the-meaning-4}
#
# . . .
#
# A 6 upside down *is* a 9. An augmentation states what may change without changing the meaning: **know your data.**

# %% [markdown] tags=["notes"]
# 2 min. The classifier: the majority of the five nearest training images, which has never seen a turned one.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: ALLOWED_CHANGES} · {minutes} minutes
#
# Which leave the meaning alone?
#
# - (a) cats, mirrored
# - (b) X-rays of the chest, mirrored
# - (c) stained cells, turned by any angle
# - (d) handwritten letters, mirrored
# - (e) digits, turned by up to 5°
# - (f) traffic lights, hue at random
# - (g) spoken words, backwards

# %% [markdown] tags=["notes"]
# 4 min. a, c and e. The usual wrong answer is b: the heart is on the left.

# %% [markdown] tags=["slide"]
# ## Quiz: "my model generalises badly, so I need a smaller one." Right?
#
# . . .
#
# It does not follow. Both errors high and together: too small, or trained too little.
#
# . . .
#
# Far apart: more data, augmentation or a regulariser help most. Measure on held-out data.

# %% [markdown] tags=["notes"]
# 2 min. And thirty settings with the smallest *test* error reported: what is wrong? The test images have chosen.

# %% [markdown] tags=["slide"]
# ## To take home
#
# The training curve never shows over-fitting. Compare *held-out* errors.
#
# More data help most. A regulariser restrains; an augmentation claims something about the meaning.
#
# *At home:* exercises {exercise: EARLY_STOPPING} and {exercise: CHOOSE_AN_AUGMENTATION}.

# %% [markdown] tags=["notes"]
# 1 min. Next: codes that are too wide, and what keeps them from copying.
