# ---
# jupyter:
#   course:
#     part: "Part II · Latent variables, the ELBO and the VAE"
#     question: "What does a likelihood decide, and how does one tell that a VAE is broken?"
# ---

# %% [markdown]
# # What a likelihood decides, and how a VAE breaks
#
# **The question.** "The loss of a VAE is the cross-entropy." "It is the mean squared error." Which is it, what does the
# choice decide, and how do you tell a VAE that has gone wrong?
#
# In this lesson you will
#
# * **derive** the loss from a likelihood, and the likelihood (its σ!) from somebody's loss;
# * **compute** the best variance of a Gaussian decoder, and **predict** what a wrong one does;
# * **measure** what the cross-entropy of grey pixels leaves out;
# * **diagnose** three broken VAEs from their symptoms, and **repair** one;
# * **read** the β that is hidden in a mean.
#
# *To know before:* {lesson: the_variational_autoencoder} (a VAE written and trained, its two terms, the fireflies); the
# density of a Gaussian, and a derivative set to 0. *Time:* {times}; about 30 seconds to run on two CPU cores.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## The likelihood decides the loss
#
# Neither is *the* loss. You choose a likelihood $p(x\mid z)$ that fits the data, and the reconstruction term **is** its negative logarithm:
#
# | data | likelihood | decoder returns | $-\log p(x\mid z)$, summed over the entries $i$ |
# |---|---|---|---|
# | 0 or 1 | Bernoulli | logits | $\sum_i \text{binary cross-entropy}_i$ |
# | real numbers, σ stated | Gaussian | means | $\sum_i(x_i-\mu_i)^2/2\sigma^2+\frac D2\log 2\pi\sigma^2$ |
# | real numbers, σ learnt | Gaussian | means, and a $\log\sigma^2$ | the same, and now the second term matters |
# | symbols, grey *levels* | categorical | a logit per symbol | $-\sum_i\log\operatorname{softmax}(\ell_i)_{x_i}$ |
#
# In the second row hides a bug that no program reports. Let $D$ be the number of pixels,
# $\mathrm{SSE}=\sum_i(x_i-\mu_i)^2$.
#
# 1. The objective with a stated σ, without its constant: $\;\frac{1}{2\sigma^2}\,\mathrm{SSE}+\mathrm{KL}$.
# 2. A tutorial that *sums* the squared errors minimises $\;\mathrm{SSE}+\mathrm{KL}$. Compare: $\frac1{2\sigma^2}=1$,
#    so $\sigma^2=\frac12$.
# 3. A tutorial that takes Keras' `mse`, a *mean* over the pixels, minimises $\;\frac1D\mathrm{SSE}+\mathrm{KL}$, so …
#    (next exercise).
# 4. The other view: multiply an objective by a positive constant, and its minimum stays where it is. So step 1 is the
#    same as $\;\mathrm{SSE}+2\sigma^2\,\mathrm{KL}$: **σ² is a price**: a nat is
#    worth $2\sigma^2$ of squared error (squared grey values). In a Gaussian VAE, β and σ² are one knob: only the product $\beta\sigma^2$ moves the optimum.
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
from course_lib.exercises import check
from course_lib.exercises import what_a_likelihood_decides as exercises

check(exercises.HIDDEN_VARIANCE, hidden_variance)

# %% [markdown]
# A σ of almost 20, for pixels between 0 and 1! Such a decoder expects noise that would bury every image. Here is what
# σ² does to one image of 64 pixels: its $-\log p(x\mid z)$ against σ², once for a decoder that gives each image the
# mean picture (squared error 0.074 per pixel), once for one that reconstructs well (0.015). **Where is each curve
# lowest? And at which σ² is a good reconstruction worth most nats?**

# %%
import matplotlib.pyplot as plt
import numpy as np

from course_lib import plotting

variance = np.geomspace(0.003, 60, 200)
valleys = {}
for name, error in (("mean picture, 0.074", 0.074), ("reconstruction, 0.015", 0.015)):
    valleys[name] = 64 * (error / (2 * variance) + 0.5 * np.log(2 * np.pi * variance))
ax = plotting.curves(valleys, "σ² of the decoder", "−log p(x | z) / nats per image", variance)
for chosen in (0.01, 0.5, 32):
    ax.axvline(chosen, color="0.6", linestyle=":")
    ax.text(chosen, 262, f"{chosen:g}", ha="center", color="0.4")
for error in (0.074, 0.015):
    ax.plot(error, 32 * (1 + np.log(2 * np.pi * error)), "ko")
ax.set(xscale="log", ylim=(-100, 260))
plotting.show(
    alt="Two valleys of minus log-likelihood against the decoder's variance on a logarithmic axis. Each is lowest, at a "
    "black dot, where the variance is the squared error; far to the right the two curves coincide."
)

# %% [markdown]
# Each valley is lowest at its own squared error (dots). The *vertical distance* of the curves is what a good
# reconstruction earns, $64\cdot0.059/2\sigma^2$ nats: 189 at σ² = 0.01, not quite 4 at ½, and 0.06 at 32: the
# smaller σ², the more. A code has to pay its KL out of that.
#
# **Exercise {exercise: BEST_VARIANCE}: the σ² of a model.** For data `x`, `(n, pixels)`, several codes were drawn from
# each $q(z\mid x)$ and decoded: `decoded`, `(draws, n, pixels)`, the means of $p(x\mid z)$. Return the one σ², the same
# for all pixels, images and draws, that makes the reconstruction term smallest.


# %% tags=["exercise"]
def best_variance(x, decoded):
    # BEGIN SOLUTION
    return np.mean((x - decoded) ** 2)
    # END SOLUTION


# %%
check(exercises.BEST_VARIANCE, best_variance)

# %% [markdown]
# **Predict** what the following four models of the 8 × 8 digits do. Networks, first weights, data and steps are the
# same; σ² alone differs: $D/2=32$ (the mean), ½ (the sum), 0.01 (stated), and learnt. For the last one we need a layer
# with one weight:


# %%
import keras
from keras import ops


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
from course_lib import datasets, networks
from course_lib.formulas import gaussian, gaussian_log_prob
from course_lib.models import VAE

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
    vae.fit(ten_times, batch_size=64, epochs=8, verbose=0)
    return vae


by_variance = {"32 (mean)": 32.0, "½ (sum)": 0.5, "0.01 (stated)": 0.01, "learnt": None}
models = {name: gaussian_vae(variance) for name, variance in by_variance.items()}

# %% tags=["proof"]
rows, errors, losses = {"real": digits.x_test[:12]}, {}, {}
for name, model in models.items():
    terms = model.evaluate(digits.x_test, return_dict=True)
    losses[name] = terms["loss"]
    z = model.evaluation_sampling(*map(ops.convert_to_tensor, model.encode(digits.x_test)))
    errors[name] = np.mean((model.decode(ops.convert_to_numpy(z)) - digits.x_test) ** 2)
    print(
        f"σ² = {name:14} KL {terms['kl']:5.2f} nats, squared error {errors[name]:.4f} per pixel, loss {terms['loss']:7.1f} nats"
    )
    rows[f"reconstructed, σ² {name}"] = np.clip(model.reconstruct(digits.x_test[:12]), 0, 1)
    rows[f"generated, σ² {name}"] = np.clip(model.sample(12, seed=3), 0, 1)
learnt = float(np.exp(models["learnt"].decoder.layers[-1].log_var.numpy()))
print(f"the learnt σ² is {learnt:.4f}; digits vary by {digits.x_test.var(axis=0).mean():.4f} per pixel")
plotting.image_rows(rows)
plotting.show(
    alt="Rows of twelve digits, real, reconstructed and generated, for four variances of the likelihood. With the "
    "largest variance every reconstruction is the same grey average; with the small and the learnt one they are "
    "sharp."
)
assert min(losses, key=losses.get) == "learnt", "the learnt σ² must have the best loss of the four"
assert errors["32 (mean)"] > 0.9 * digits.x_test.var(axis=0).mean(), "with the hidden σ² = D/2 the code must be empty"
assert errors["0.01 (stated)"] < errors["½ (sum)"], "a smaller σ² must buy a smaller error"
assert abs(np.log(learnt / errors["learnt"])) < 0.4, "the learnt σ² must be near the model's own squared error"

# %% [markdown]
# With σ² = 32 every reconstruction is the same grey average, the KL is 0, and the squared error is the variance of the
# digits: nothing went through the code. That is called **posterior collapse**. With ½ a code saves some tenths of a
# nat at best and costs nearly as much, so a short training may find or miss it (the printed KL says which). With 0.01 the model pays many nats
# for sharp reconstructions. And the learnt one ends near its own squared error, as step 5 says. (Generated images show
# *means*; a Gaussian's may leave the range of the greys, and are cut there for the figure.)
#
# The losses in the last column *can* be compared: each contains its own constant $\frac D2\log2\pi\sigma^2$, so they are
# −ELBOs in nats, of the same images in the same unit (negative ones, too: densities may exceed 1). Leave the constant
# out, as `mse` does, and they cannot. And learn *one* σ², not one for each pixel: three pixels of these digits are
# always 0, a decoder hits them exactly, and their density has no upper end (lesson {number: the_elbo}).
#
# Are the library's log-likelihoods those of the table? SciPy as the judge, on logits and scores that are *not*
# normalised:

# %% tags=["proof"]
from scipy import special, stats

from course_lib.formulas import bernoulli_log_prob, categorical_log_prob

x, generator = digits.x_test[:5], np.random.default_rng(run.seed)
levels = np.rint(x[..., 0] * 16).astype("int32")  # 0 … 16
means, logits = generator.random(x.shape), generator.normal(size=x.shape)
scores = generator.normal(size=(5, 8, 8, 17))  # not normalised: the library must do it
binary = (x > 0.5).astype("float32")
pairs = {
    "Bernoulli": (bernoulli_log_prob(binary, logits), stats.bernoulli(special.expit(logits)).logpmf(binary)),
    "Gaussian, σ² = 0.04": (gaussian(0.04)(x, means), stats.norm(means, 0.2).logpdf(x)),
    "Gaussian, σ² learnt": (
        gaussian_log_prob(x, means, 0.5 * logits),
        stats.norm(means, np.exp(0.25 * logits)).logpdf(x),
    ),
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
# The price decides what a code can earn, and that is known *before* training: three marks for each price, from the data alone.

# %%
from course_lib.metrics import health_marks

for name in ("32 (mean)", "½ (sum)", "0.01 (stated)"):
    marks = health_marks(models[name], digits.x_test)
    print(
        f"σ² = {name:14} untrained {marks.start:6.1f}, without a code {marks.ignores_code:6.1f}, floor {marks.floor:6.1f} nats;",
        f"this model {losses[name]:6.1f}",
    )

# %% [markdown]
# With σ² = 32 the best model imaginable is less than a tenth of a nat better than one without a code, and no KL is so cheap: collapse is no accident there. With
# 0.01 a code can earn more than 200 nats, and ours earned more than half of it. (The learnt σ² has no such floor: a density has no upper end.)

# %% [markdown]
# ## Bernoulli on greys
#
# A pixel of grey 0.3 is neither on nor off, and many programs train on its cross-entropy all the same,
# $-x\log\lambda-(1-x)\log(1-\lambda)$. Is $\lambda^x(1-\lambda)^{1-x}$ a density for $x$ between 0 and 1? It would have to
# integrate to 1. **Your guess: for which λ does it?**

# %% tags=["proof"]
from scipy.integrate import quad


def integral(probability):
    """The integral of λ^x (1−λ)^(1−x) over x from 0 to 1, for λ other than ½."""
    return (2 * probability - 1) / np.log(probability / (1 - probability))


probability = np.linspace(0.005, 0.995, 200)
by_quadrature = [quad(lambda x, p=p: p**x * (1 - p) ** (1 - x), 0, 1)[0] for p in probability]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 2.8), layout="constrained")
plotting.curves({"integral": integral(probability)}, "λ of the decoder", "integral over x", probability, left)
left.set_ylim(0, 1.05)
greys = {f"x = {x:g}": -x * np.log(probability) - (1 - x) * np.log(1 - probability) for x in (0, 0.2, 0.5)}
plotting.curves(greys, "λ of the decoder", "cross-entropy / nats", probability, right)
right.set_ylim(0, 2)
plotting.show(
    alt="Left, the integral against the decoder's probability: one half at most, in the middle, falling to 0 at both ends. "
    "Right, cross-entropy of x = 0 and of two greys: each is lowest where the probability is x, but for the greys the "
    "lowest value is not 0."
)
ink = digits.x_test.reshape(len(digits.x_test), -1)
hit = np.clip(ink, 0.01, 0.99) + 1e-6  # a decoder that hits the greys
floor = -(ink * np.log(hit) + (1 - ink) * np.log(1 - hit)).sum(axis=1)
missing = -np.log(integral(hit)).sum(axis=1)
print(f"a decoder that hits all greys of a digit to 1 % has a cross-entropy of {floor.mean():.1f} nats, and not near 0")
print(f"and −log(integral), which is left out, is {missing.mean():.1f} nats (64 log 2 = {64 * np.log(2):.1f} at least)")
assert np.allclose(by_quadrature, integral(probability), atol=1e-6), "the closed form must be the integral"
assert missing.min() > 64 * np.log(2), "for greys the 'density' must integrate to ½ at most, for every pixel"

# %% [markdown]
# For none: it integrates to ½ at most, and to less for a decoder that is sure: no density, so its logarithm is no log-likelihood, and the
# "ELBO" built on it is no ELBO. Two consequences, in opposite directions. The *place* of the minimum is right
# (right figure: λ = x), so reconstructions look fine. The *values* are not nats of anything: they are not 0 for a perfect
# reconstruction, they cannot be compared with another likelihood's, and the price of the KL beside them is arbitrary.
# What to do: binarise the pixels (and say how), divide by the integral (the *continuous Bernoulli*, Loaiza-Ganem &
# Cunningham, 2019), or choose a likelihood for greys: Gaussian, or categorical over the levels.

# %% [markdown]
# ## Three strangers
#
# Three colleagues have sent you their VAEs for the fireflies of lesson {number: the_variational_autoencoder}: a light at
# a place $z\sim\mathcal N(0,I)$, photographed with 100 pixels, on or off.

# %%
axis = np.linspace(-2.7, 2.7, 10)
pixels = np.stack(np.meshgrid(axis, -axis), axis=-1).reshape(-1, 2)  # (100, 2): where the pixels are


def photographs(n, seed):
    rng = np.random.default_rng(seed)
    squared_distance = np.square(rng.standard_normal((n, 1, 2)) - pixels).sum(axis=-1)
    light = special.expit(-4 + 8 * np.exp(-squared_distance / (2 * 0.8**2)))
    return (rng.random((n, 100)) < light).astype("float32")


x_train, x_test = photographs(10_000, seed=run.seed), photographs(500, seed=run.seed + 1)
often = x_train.mean(axis=0)
without_code = (special.entr(often) + special.entr(1 - often)).sum()


def trained(make, epochs=20, **options):
    keras.utils.set_random_seed(run.seed)
    encoder = networks.dense_gaussian_encoder((100,), 2, (64,), activation="tanh")
    decoder = networks.dense_decoder(2, (100,), (64,), activation="tanh")
    model = make(encoder, decoder, bernoulli_log_prob, seed=run.seed, **options)
    model.compile(keras.optimizers.Adam(0.01))
    return model, model.fit(x_train, batch_size=100, epochs=epochs, verbose=0).history["loss"]


# %% [markdown]
# Data, networks, first weights, noise, optimiser and steps are the same for all of them and for ours; one thing differs
# in each. **Do not read their code yet**; as in life, you begin with what the models *do*. All three losses fall:

# %% tags=["proof"]
vae, our_losses = trained(VAE)
strangers, curves = {}, {}
for name in "ABC":
    strangers[name], curves[name] = trained(lambda *parts, name=name, **seed: exercises.stranger(name, *parts, **seed))
figure, frames = plt.subplots(1, 4, figsize=(9.5, 2.2), layout="constrained")
for ax, (name, losses), colour in zip(frames, ({"ours": our_losses} | curves).items(), plotting.PALETTE, strict=False):
    ax.plot(np.arange(1, len(losses) + 1), losses, color=colour)
    ax.set(xlabel="epoch", title=f"{name}: ends at {losses[-1]:.2f}")
    ax.xaxis.get_major_locator().set_params(integer=True)
frames[0].set_ylabel("training loss, as reported")
plotting.show(
    alt="Four small panels with the training loss of our model and of the strangers A, B and C against the epoch. All "
    "four curves fall, to very different numbers."
)
assert all(losses[-1] < losses[0] for losses in curves.values()), "all three losses must fall"
assert curves["A"][-1] < our_losses[-1] - 1, "A must look better than our model by its own loss"

# %% [markdown]
# By its loss, A beats our own model by several nats, and B by a factor of more than fifty. Never trust a loss that you
# have not defined. Ask what you can ask of *any* model that has an encoder and a decoder:

# %% tags=["proof"]
named, rows, bounds = {"ours": vae} | strangers, {"real": x_test[:12]}, {}
for name, model in named.items():
    mean, log_var = model.encode(x_test)
    rate = 0.5 * (mean**2 + np.exp(log_var) - 1 - log_var).sum(axis=1).mean()
    bounds[name] = bound = np.mean([model.elbo(x_test).mean() for _ in range(10)])
    typical = np.exp(0.5 * np.median(log_var))
    print(f"{name:5} honest ELBO {bound:7.2f} = −(reconstruction {-bound - rate:5.2f} + KL {rate:5.2f}) nats")
    print(f"      typical σ {typical:.3f}, smallest mean {mean.min():6.2f}, largest {mean.max():5.2f}")
    rows[f"reconstructed, {name}"] = model.reconstruct(x_test[:12])
    rows[f"generated, {name}"] = model.sample(12, seed=6)
plotting.image_rows({name: np.reshape(images, (-1, 10, 10)) for name, images in rows.items()})
plotting.show(
    alt="Rows of twelve photographs: real ones, then reconstructed and generated ones of our model and of the "
    "strangers A, B and C, to be compared with the real row."
)
print(f"a model without any code: {-without_code:.2f} nats")
assert max(bounds, key=bounds.get) == "ours", "with honest bounds, every stranger must be worse than our model"
assert bounds["A"] < -without_code, "and A must be worse than a model without any code"

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
# likewise; A's posteriors are too small to be seen). In which maps do all posteriors together fill the prior? And in which
# do they tell one photograph from another?
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
# If you have an answer, open their code.

# %%
from course_lib import show

show(exercises.stranger, folded="The code of A, B and C (open after your diagnosis)")

# %% [markdown]
# <details><summary>What happened to each (open after your diagnosis)</summary>
#
# **A** has no KL. Its "loss" is the reconstruction term alone, so of course it is lower. Nothing holds the codes: the
# means run far out, σ goes towards 0, and the rate would cost dozens of nats, if anybody counted it. Its
# reconstructions are as sharp as any, and the prior covers only a corner of its map; most codes lie outside it: an
# autoencoder with a trace of noise, whose ELBO is worse than that of a model *without any code*.
#
# **B** takes Keras' mean over 100 pixels and adds a summed KL. Multiply by 100: reconstruction + 100 · KL. At β = 100
# no message is worth its price: every posterior *is* the prior (the ellipses are its circle), the decoder ignores $z$,
# each generated image is the average photograph. The loss is per pixel, hence the small number.
#
# **C** has a ReLU on the mean. It is the most dangerous one, for its loss is an honest ELBO, only some nats worse. (A unit whose
# means are all 0 may even have died, as ReLUs do: then its σ is near 1, and the loss is some nats worse again.) But
# no mean is below 0 in any entry: three quarters of the prior's plane are known only from the tails of posteriors at
# their edge, and draws from far out there are smeared.
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
# B is no invention: a mean stands where a sum belongs in many a tutorial, and gives a β that its author does not know
# of. To unmask it, multiply the whole loss by a constant (no optimum moves) until the
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
beta_100, _ = trained(VAE, beta=100.0)
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
# | Have the draws the means *and the variances* that the encoder states? | yes (lesson {number: the_reparameterization_trick}) | no noise, or the wrong noise |
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
_ = (folder / "text.txt").write_text("The cat sat on the mat. " * 50, encoding="utf-8")

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
import textwrap

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
        print(textwrap.fill(f"{name}: {error}", 100, break_on_hyphens=False), end="\n\n")
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
# <details><summary><b>1.</b> Two papers report losses for the same images, 41 with `sum of squares + KL` and 0.09 with `mse + KL`. Which model is better?</summary>
#
# Nobody can say: neither number is an ELBO, the constants are left out, and the units differ. Find each one's σ² (½ and
# $D/2$), put the constants back, and compare the ELBOs; and expect the second to have collapsed.
# </details>
#
# <details><summary><b>2.</b> "With binary cross-entropy my reconstructions of grey images are fine, so it is a likelihood." Right?</summary>
#
# The first half may be, for the minimum is at λ = x. The second is not: $\lambda^x(1-\lambda)^{1-x}$ does not integrate to 1
# over the greys, so there is no log p(x) that the "ELBO" would bound.
# </details>
#
# <details><summary><b>3.</b> Why not let the decoder give each pixel of each image a variance of its own, without a limit?</summary>
#
# Where it hits a pixel exactly, the density grows without end as σ² → 0: the objective has no maximum, and training runs
# to infinity on the pixels that never change. One σ² for all, or a floor, or a likelihood of *levels*.
# </details>
#
# <details><summary><b>4.</b> A model has three outputs, reconstruction, μ and log σ², and is compiled with `mse` for each and zeros as targets of the last two. Is that a VAE?</summary>
#
# No. $\frac12(\mu^2+\sigma^2-1-\log\sigma^2)$ is about $\frac12\mu^2+\frac14(\log\sigma^2)^2$ near 0: squares, so it
# looks similar. But the weights are wrong (1 and 1, and a mean over the latents), far from 0 it is a different
# function, and a mean over pixels beside it. Mostly it collapses. And is there a draw at all?
# </details>
#
# <details><summary><b>5.</b> A model's KL is 0.0 nats and its loss lies below everything published. What do you ask first?</summary>
#
# How its loss is defined: whether a mean over pixels hides a β of their number. Then its ELBO in nats per image, beside
# that of a model without a code.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **derived** that a likelihood *is* the loss, that a mean squared error hides σ² = D/2;
# * **computed** that a learnt σ² is the mean squared error, and seen four models of which it is the best;
# * **measured** that a perfect reconstruction of greys has a cross-entropy of many nats, and that its constant is missing;
# * **diagnosed** a missing KL, a mean for a sum and a ReLU by what they do, and **repaired** one;
# * **read** five weights in disguise.
#
# What does a likelihood decide? *What a nat buys: how exact a picture must be before a number in the code pays for
# itself. A loss whose likelihood nobody can name has a β that nobody has chosen.*
#
# **Go further.** Train the digits with the categorical likelihood: levels `np.rint(16 * x)` as integers of shape
# `(n, 8, 8)`, a decoder that ends in `Dense(64 * 17)` and `Reshape((8, 8, 17))`, an encoder that begins with
# `Rescaling(1/16)`. Its ELBO is a true log-probability of the file: compare it with 64 log 17.
#
# **References.** The learnt σ²: Rybkin, Daniilidis & Levine (2021), *Simple and effective VAE training with calibrated
# decoders*, arXiv:2006.13202. · Greys: Loaiza-Ganem & Cunningham (2019), *The continuous Bernoulli: fixing a pervasive
# error in variational autoencoders*, arXiv:1907.06845. · Densities without an upper end: Mattei & Frellsen (2018),
# *Leveraging the exact likelihood of deep latent variable models*, arXiv:1802.04826. · β: Higgins et al. (2017),
# *β-VAE: learning basic visual concepts with a constrained variational framework*, ICLR.

# %% [markdown] tags=["slide"]
# # What a likelihood decides, and how a VAE breaks
#
# "The loss of a VAE is the cross-entropy." "It is the mean squared error."
#
# **Which is it? What does the choice decide? And how do you tell a VAE that has gone wrong?**

# %% [markdown] tags=["notes"]
# 1 min. Needed from before: a VAE written and trained, its two terms, the fireflies. Let two people defend the two quotations.

# %% [markdown] tags=["slide"]
# ## The likelihood decides the loss
#
# | data | likelihood | $-\log p(x\mid z)$ |
# |---|---|---|
# | 0 or 1 | Bernoulli | $\sum_i$ binary cross-entropy |
# | real, $\sigma$ stated | Gaussian | $\sum_i(x_i-\mu_i)^2/2\sigma^2+\frac D2\log2\pi\sigma^2$ |
# | real, $\sigma$ learnt | Gaussian | the same, and the second term matters |
# | levels | categorical | $-\sum_i\log\operatorname{softmax}(\ell_i)_{x_i}$ |
#
# Neither is *the* loss: choose what fits the data.

# %% [markdown] tags=["notes"]
# 3 min. Point at the sums: over the entries, never a mean. The rest of the first half is about the second row.

# %% [markdown] tags=["slide"]
# ## A variance that nobody has chosen
#
# $$\frac1{2\sigma^2}\,\mathrm{SSE}+\mathrm{KL}$$
#
# . . .
#
# A tutorial that *sums* squared errors:
#
# $$\mathrm{SSE}+\mathrm{KL}\quad\Rightarrow\quad\sigma^2=\tfrac12$$
#
# . . .
#
# A tutorial that takes Keras' `mse`, a *mean* over $D$ pixels:
#
# $$\tfrac1D\,\mathrm{SSE}+\mathrm{KL}\quad\Rightarrow\quad\sigma^2=\;?$$

# %% [markdown] tags=["notes"]
# 2 min. SSE is the sum of squared errors over the pixels. Do not answer the last line.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: HIDDEN_VARIANCE} · {minutes} minutes
#
# Images of 28 × 28 pixels between 0 and 1.
#
# The loss: the *mean* of the squared errors over the pixels, plus the KL summed over the latents.
#
# **Which $\sigma^2$ has the author chosen, without knowing it?**

# %% [markdown] tags=["notes"]
# 4 min. 1/2σ² = 1/784, so σ² = 392, σ almost 20. Usual wrong answers: 1/784; 784; the σ instead of the σ².

# %% [markdown] tags=["slide"]
# ## A price, and the best price
#
# $$\mathrm{SSE}+2\sigma^2\,\mathrm{KL}$$
#
# A nat is worth $2\sigma^2$ of squared error: $\beta$ and $\sigma^2$ are one knob.
#
# . . .
#
# And a *learnt* $\sigma^2$?
#
# $$-\frac{\mathrm{SSE}}{2\sigma^4}+\frac D{2\sigma^2}=0\quad\Rightarrow\quad\sigma^2=\frac{\mathrm{SSE}}D$$
#
# the mean squared error itself.

# %% [markdown] tags=["notes"]
# 2 min. Let them set the derivative to zero. "Averaged over data and draws": one σ² for all pixels.

# %% [markdown] tags=["slide"]
# ## Predict: where is each curve lowest?
#
# One image: mean picture (0.074 per pixel), good decoder (0.015).
#
# . . .
#
# {figure: the-likelihood-decides-the-loss-3}

# %% [markdown] tags=["notes"]
# 3 min. Each at its own squared error. The vertical distance is what a good reconstruction earns: 189 nats at σ² = 0.01, 0.06 nats at 32. A code has to pay its KL out of that.

# %% [markdown] tags=["slide"]
# ## Predict: four models, only the variance differs
#
# $\sigma^2=32$, ½, 0.01, and learnt. Which of them uses its code?
#
# . . .
#
# {output: the-likelihood-decides-the-loss-9 1-4}
#
# . . .
#
# **Posterior collapse:** with $\sigma^2=32$ the KL is 0, and nothing goes through the code.
#
# . . .
#
# The learnt one ends near its own squared error. These losses *can* be compared: each contains its constant.

# %% [markdown] tags=["notes"]
# 2 min. Ask for the KL of the first model before the numbers appear. The next slide has the pictures.

# %% [markdown] tags=["slide"]
# ## What they look like
#
# {figure: the-likelihood-decides-the-loss-9}

# %% [markdown] tags=["notes"]
# 2 min. Ask for the row of σ² = 32: reconstructions are all the same grey average. Generated images are means. For one σ² for each pixel the density has no upper end: three pixels are always 0.

# %% [markdown] tags=["slide"]
# ## Predict: is $\lambda^x(1-\lambda)^{1-x}$ a density for greys?
#
# For which $\lambda$ does it integrate to 1?
#
# . . .
#
# {figure: bernoulli-on-greys-2}

# %% [markdown] tags=["notes"]
# 3 min. For none: ½ at most. The place of the minimum is right, so reconstructions look fine; the values are nats of nothing.

# %% [markdown] tags=["slide"]
# ## Quiz: "My reconstructions are fine, so it is a likelihood." Right?
#
# . . .
#
# The first half may be: the minimum is at $\lambda=x$.
#
# . . .
#
# The second is not: no density, so no $\log p(x)$ that the "ELBO" could bound.
#
# {output: bernoulli-on-greys-2 1}

# %% [markdown] tags=["notes"]
# 2 min. What to do: binarise and say how; the continuous Bernoulli; Gaussian; categorical over the levels.

# %% [markdown] tags=["slide"]
# ## Three strangers
#
# Three VAEs of the fireflies. One thing differs in each. All losses fall.
#
# {figure: three-strangers-4}

# %% [markdown] tags=["notes"]
# 2 min. By its loss A beats our own model, and B by a factor of more than fifty. Never trust a loss that you have not defined.

# %% [markdown] tags=["slide"]
# ## What can we ask of any VAE?
#
# {output: three-strangers-6}
#
# . . .
#
# - Is the ELBO above that of a model without a code?
# - What is the KL? What are σ and the means?

# %% [markdown] tags=["notes"]
# 2 min. Go through A, B, C line by line. B: KL 0 and σ = 1. A: KL of dozens of nats, σ near 0. C: no mean below 0.

# %% [markdown] tags=["slide"]
# ## Where are their codes?
#
# {figure: three-strangers-7}
#
# Dots: means. Black: single posteriors. Orange: the prior.

# %% [markdown] tags=["notes"]
# 2 min. Ask in which maps the posteriors fill the prior: in ours and in B. B's are all alike, so filling it is not enough. Let them look for a minute without talking.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: DIAGNOSES} · {minutes} minutes
#
# One cause for each of A, B and C:
#
# - "no KL"
# - "mean over pixels"
# - "mean over latents"
# - "ReLU on the mean"
# - "no noise"

# %% [markdown] tags=["notes"]
# 5 min. In pairs. A: no KL. B: mean over pixels. C: ReLU on the mean. The usual wrong answer is "no noise" for A; its σ is small because nothing holds it.

# %% [markdown] tags=["slide"]
# ## β in disguise
#
# $$\tfrac1{100}\,\text{reconstruction}+\mathrm{KL}\;\;\equiv\;\;\text{reconstruction}+100\,\mathrm{KL}$$
#
# . . .
#
# Multiply until the reconstruction is *summed over pixels and averaged over images*. What then stands before the KL is β.
#
# . . .
#
# {output: in-disguise-3}

# %% [markdown] tags=["notes"]
# 2 min. Multiplying a loss moves no optimum. Two different loss functions, one disease.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: WEIGHTS_IN_DISGUISE} (a, b) · {minutes} minutes
#
# 784 binary pixels, 16 latents. Which β is it?
#
# - (a) BCE averaged over pixels and images + KL summed over latents, averaged over images
# - (b) BCE summed over pixels, averaged over images + KL averaged over latents and images

# %% [markdown] tags=["notes"]
# 4 min. (a) 784, (b) 1/16. Leave (c) to (e) for home. Usual wrong answers: the inverse; forgetting that in (b) the pixels are right already.

# %% [markdown] tags=["slide"]
# ## Quiz: losses of 41 ("sum of squares + KL") and 0.09 ("mse + KL"). Which model is better?
#
# . . .
#
# Nobody can say: neither is an ELBO, and the units differ.
#
# . . .
#
# Find each $\sigma^2$, ½ and $D/2$; put the constants back; compare. And expect the second to have collapsed.

# %% [markdown] tags=["notes"]
# 2 min. Two papers, the same images. This is the sentence that they will need when they read papers.

# %% [markdown] tags=["slide"]
# ## To take home
#
# A likelihood decides what a nat buys: how exact a picture must be before a number in the code pays for itself.
#
# A loss whose likelihood nobody can name has a β that nobody has chosen.
#
# *At home:* exercises {exercise: BEST_VARIANCE} and {exercise: REPAIR_THE_LOSS}.

# %% [markdown] tags=["notes"]
# 1 min. The seven questions to an unknown VAE, at the end of the notebook, are worth a print-out.
