# ---
# jupyter:
#   course:
#     part: "Part II · Latent variables, the ELBO and the VAE"
#     question: "What does the latent code spend its nats on?"
# ---

# %% [markdown]
# # Rate, distortion and β: what a code spends its nats on
#
# **The question.** A VAE pays for its code in nats, and buys good pictures with them. What does it get for a nat, where
# does it stop buying, and what happens if you change the price?
#
# In this lesson you will
#
# * **split** the ELBO into a rate and a distortion, and **place** any code in the plane of the two;
# * **derive** the best codes of a linear VAE, one line a step: Shannon's curve, with β as its slope;
# * **predict** which latent dimensions a given β puts to sleep, and **recognise** a collapsed code by its active units;
# * **diagnose** three trainings from their curves, and **use** warm-up and free bits for what they are good for;
# * **compare** the prior with the codes that the encoder really sends, and **learn** a better one;
# * **measure** whether single dimensions stand for single causes, and **say** why nothing guarantees it.
#
# *To know before:* {lesson: the_elbo} (the ELBO and its gap, bounds and weights) and {lesson: the_variational_autoencoder} (the VAE and its training).
# *Time:* {times}; about 45 seconds to run on two CPU cores. A GPU is not needed.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## Two prices, one plane
#
# Turn the ELBO of lesson {number: the_elbo} around, and it is a bill with two items:
#
# $$-\text{ELBO}(x) = \underbrace{\mathbb E_{q(z\mid x)}\big[-\log p(x\mid z)\big]}_{\text{distortion } D(x)}
#   + \underbrace{\mathrm{KL}\big(q(z\mid x)\,\|\,p(z)\big)}_{\text{rate } R(x)} .$$
#
# * The **distortion** is what the code leaves unsaid: the nats that are still needed to write down $x$ when $z$ is known.
# * The **rate** is what the code costs: the nats that $q(z\mid x)$ needs beyond the prior. It is 0 only if $q(z\mid x)$ is
#   the prior; then $z$ says nothing about $x$.
#
# Every model is a point $(R, D)$ of a plane, averaged over the data (Alemi et al., 2018). Which points are possible?
#
# Begin with the smallest case: $x\sim\mathcal N(0,\lambda)$, one Gaussian number with $\lambda = 4$. Encoder
# $q(z\mid x) = \mathcal N(vx, s)$, prior $\mathcal N(0, 1)$, and a decoder that returns the best guess $\hat x = wz$. For
# the moment measure the distortion by the squared error $D = \mathbb E(x - \hat x)^2$. Here are 2,000 encoders with random
# $v$ and $s$. **Before you run the cell:** will the points fill the plane, or is there a border? And is a larger rate
# always good for a smaller error?

# %% tags=["proof"]
import matplotlib.pyplot as plt
import numpy as np

from course_lib import plotting

rng = np.random.default_rng(run.seed)
variance_of_x = 4.0
v, s = rng.uniform(0, 1.2, size=2000), np.exp(rng.uniform(-4, 1.5, size=2000))
code_variance = v**2 * variance_of_x + s
rates = 0.5 * (code_variance - 1 - np.log(s))
errors = variance_of_x * s / code_variance
border = np.linspace(0.05, variance_of_x, 200)
ax = plt.subplots(figsize=(5.4, 3.4), layout="constrained")[1]
ax.scatter(rates, errors, s=4, color=plotting.PALETTE[4], alpha=0.5, linewidths=0, label="2,000 random encoders")
ax.plot(0.5 * np.log(variance_of_x / border), border, color="black", label="½ log(λ/D)")
ax.set(xlabel="rate R / nats", ylabel="squared error D", xlim=(-0.1, 4), ylim=(0, 4.2))
ax.legend(frameon=False)
plotting.show(
    alt="Squared error against rate for 2,000 random encoders. The dots fill the region above a falling black "
    "border, ½ log(λ/D), and none lies below it."
)
above = rates - 0.5 * np.log(variance_of_x / errors)
print(f"rate above the border: at least {above.min():.1e} nats, at most {above.max():.1f}")
assert above.min() > -1e-12, "no encoder may pay less than ½ log(λ/D)"

# %% [markdown]
# Rate and error of the dots are formulas. Do drawn numbers obey them? Five of the encoders, each with the decoder that a
# straight line through its own draws gives, and the rate as the mean of $\log q(z\mid x)-\log p(z)$:

# %% tags=["proof"]
from scipy import stats

measured = np.random.default_rng(run.seed + 1)
for i in range(5):
    drawn_x = 2 * measured.normal(size=100_000)
    drawn_z = v[i] * drawn_x + np.sqrt(s[i]) * measured.normal(size=100_000)
    missed = np.square(drawn_x - drawn_z * (drawn_x @ drawn_z) / (drawn_z @ drawn_z))
    paid = stats.norm.logpdf(drawn_z, v[i] * drawn_x, np.sqrt(s[i])) - stats.norm.logpdf(drawn_z)
    print(f"R {paid.mean():.3f} (formula {rates[i]:.3f}), D {missed.mean():.3f} (formula {errors[i]:.3f})")
    for draws, formula in ((missed, errors[i]), (paid, rates[i])):
        assert abs(draws.mean() - formula) < 5 * draws.std() / np.sqrt(100_000), "formula and draws must agree"

# %% [markdown]
# Each dot is an encoder. There is a border, and nobody gets below it; but one can waste rate at will: some dots pay three
# nats and see little. So a large rate is no merit by itself.
#
# ### Where does the border come from?
#
# The best linear decoder is a regression of $x$ on $z$. Write $c = v^2\lambda + s$ for the variance of the codes over all
# the data.
#
# 1. The best $w$ is $\mathrm{Cov}(x, z)/\mathrm{Var}(z) = v\lambda/c$.
# 2. What it misses is $D = \lambda - \frac{(v\lambda)^2}{c} = \lambda\,\frac{c - v^2\lambda}{c} = \lambda\,\frac sc$.
# 3. The rate is the Gaussian divergence of lesson {number: the_elbo}, averaged over $x$ (only the mean $vx$ depends on it):
#    $R = \tfrac12\big(s + v^2\lambda - 1 - \log s\big) = \tfrac12\big(c - 1 - \log s\big)$.
# 4. Insert $s = cD/\lambda$ from step 2:
#    $$R = \underbrace{\tfrac12\log\frac\lambda D}_{\text{what the code tells}}
#      + \underbrace{\tfrac12\big(c - 1 - \log c\big)}_{\text{what it wastes}\;\ge\;0} .$$
#
# The second bracket is $\mathrm{KL}(\mathcal N(0, c)\,\|\,\mathcal N(0, 1))$: the divergence of *all the codes taken
# together* from the prior. It is 0 exactly if $c = 1$, if the codes as a whole look like the prior. What remains,
# $\tfrac12\log(\lambda/D)$, is **Shannon's rate-distortion function** of a Gaussian (Shannon, 1959): the fewest nats with
# which *any* code, of whatever kind, can reach the error $D$.
#
# Both halves will come back: the first in a minute, the second as the *aggregated posterior* near the end.

# %% [markdown]
# ## β is a slope
#
# A β-VAE minimises $D + \beta R$, with the distortion in nats. For a Gaussian likelihood with fixed variance $\sigma^2$
# the distortion in nats is $\frac{1}{2\sigma^2}\mathbb E(x - \hat x)^2$ plus a constant; from now on $D$ stands for the
# squared error, and we write the factor.
#
# Along the border, what is the best point for a given β?
#
# 1. The loss is $L(D) = \frac{D}{2\sigma^2} + \frac\beta2\log\frac\lambda D$, for $0 < D \le \lambda$.
# 2. Its derivative is $\frac{1}{2\sigma^2} - \frac{\beta}{2D}$. It is 0 at $D = \beta\sigma^2$, negative before and positive
#    after.
# 3. Call $\theta = \beta\sigma^2$ the **level**. If $\theta < \lambda$, the best point is $D = \theta$ and
#    $R = \tfrac12\log(\lambda/\theta)$.
# 4. If $\theta \ge \lambda$, the loss falls all the way to $D = \lambda$: there $R = 0$, $v = 0$, $s = 1$. The code is the
#    prior, whatever $x$ is. The unit has **collapsed**: one nat of rate would cost more than the error that it saves.
#
# Now $x$ with many entries. Turn it onto the principal axes of its covariance: independent directions $i$ with variances
# $\lambda_i$, one latent unit for each, and both $D$ and $R$ add up. Each direction solves its own problem, with the *same*
# level:
#
# $$\boxed{\;D = \sum_i\min(\lambda_i, \theta), \qquad R = \tfrac12\sum_i\log^+\frac{\lambda_i}\theta, \qquad
#   \theta = \beta\sigma^2\;}$$
#
# where $\log^+ t = \max(0, \log t)$. Unit $i$ is **active** exactly if $\lambda_i > \theta$. Information theory calls it
# *reverse water-filling* (Cover & Thomas, 2006, theorem 10.3.3): pour water up to the level θ over columns of height
# $\lambda_i$; what is under water is missed, what stands out is transmitted.
#
# **Exercise {exercise: ACTIVE_UNITS}.** A data set has the variances 6, 3, 1.5, 0.8, 0.4 and 0.2 along its principal axes. The likelihood has
# $\sigma^2 = 0.5$, and you train with $\beta = 2$. How many units will be active?

# %% tags=["exercise"]
# BEGIN SOLUTION
my_active_units = 3
# END SOLUTION

# %%
from course_lib.exercises import check
from course_lib.exercises import rate_distortion_and_beta as exercises

check(exercises.ACTIVE_UNITS, my_active_units)

# %% [markdown]
# **Exercise {exercise: WATER_FILLING}.** Write the box: from the variances `(k,)` and the level to two numbers, first the distortion, then the
# rate in nats.


# %% tags=["exercise"]
def water_filling(eigenvalues, level):
    # BEGIN SOLUTION
    distortion = np.minimum(eigenvalues, level).sum()
    rate = 0.5 * np.log(np.maximum(eigenvalues / level, 1.0)).sum()
    return distortion, rate
    # END SOLUTION


# %%
check(exercises.WATER_FILLING, water_filling)

# %% [markdown]
# ### Does a VAE find it?
#
# The derivation chose everything cleverly: axes, units, decoder. A VAE is told none of it. Take data with the variances of
# the exercise, turned in a random direction, and train a **linear VAE**: six latents, a full encoder matrix, a full decoder
# matrix, a variance for each unit. Its loss is a closed form (lesson {number: the_variational_autoencoder}), so no draws disturb the comparison; an optimiser
# sees the loss and nothing else. β runs from small to large. **Predict:** at which β does the last unit fall asleep?

# %% tags=["proof"]
from course_lib.exact import fit_linear_vae

eigenvalues, sigma2 = np.array([6.0, 3.0, 1.5, 0.8, 0.4, 0.2]), 0.5
axes = np.linalg.qr(rng.normal(size=(6, 6)))[0]
covariance = axes @ np.diag(eigenvalues) @ axes.T
fits = {beta: fit_linear_vae(covariance, 6, beta, sigma2) for beta in (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)}


def water_level(eigenvalues, level):
    return np.minimum(eigenvalues, level).sum(), 0.5 * np.log(np.maximum(eigenvalues / level, 1)).sum()


print("   β      θ    distortion: found   box      rate: found    box       active: found   λ > θ")
for beta, fit in fits.items():
    level = beta * sigma2
    box = water_level(eigenvalues, level)
    active = (fit.rates > 1e-3).sum(), (eigenvalues > level).sum()
    print(f"{beta:4g}  {level:5.2f}  {fit.distortion:17.5f} {box[0]:9.5f} {abs(fit.rate):13.5f} {box[1]:9.5f}", end="")
    print(f"{active[0]:13d} {active[1]:10d}")
    assert abs(fit.distortion - box[0]) < 1e-4, "the linear VAE must reach the water level's distortion"
    assert abs(fit.rate - box[1]) < 1e-4, "the linear VAE must pay Shannon's rate, and not a nat more"
    assert active[0] == active[1], "a unit must be active exactly if its variance is above the level"

# %% [markdown]
# All numbers agree: the optimiser finds the axes, gives each unit one of them, pays Shannon's rate, and puts units to sleep
# one by one. The last one sleeps as soon as $\theta = \beta\sigma^2$ passes 6, at $\beta = 12$.
#
# What does it look like? Left the columns for $\beta = 2$, right the plane with the curve of the box. Where do you expect
# the seven trained models, and what is the slope of the curve at each?

# %%
levels = np.geomspace(0.05, 8, 300)
curve = np.array([water_level(eigenvalues, level) for level in levels])
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
left.bar(range(1, 7), eigenvalues, color=plotting.PALETTE[1], label="transmitted")
left.bar(range(1, 7), np.minimum(eigenvalues, 1.0), color=plotting.PALETTE[0], label="missed")
left.axhline(1.0, color="black", linewidth=1, label="level θ = βσ² = 1")
left.set(xlabel="principal axis", ylabel="variance λ")
left.legend(frameon=False)
right.plot(curve[:, 1], curve[:, 0], color="black", label="the box, all levels")
right.plot([f.rate for f in fits.values()], [f.distortion for f in fits.values()], "o", color=plotting.PALETTE[5])
for beta, fit in fits.items():
    right.annotate(f"β = {beta:g}", (fit.rate, fit.distortion), xytext=(6, 3), textcoords="offset points", fontsize=9)
right.set(xlabel="rate R / nats", ylabel="squared error D", xlim=(-0.3, 9), ylim=(-0.3, 13.5))
right.legend(frameon=False)
plotting.show(
    alt="Left, six columns of variance with a water level: the part above it is transmitted, the part below missed, "
    "and the last columns are all under water. Right, squared error against rate: a falling curve with the "
    "trained models as dots on it, from small β at the lower right to large β at the upper left."
)

# %% [markdown]
# The trained models (dots) lie on Shannon's curve. **β chooses the place**: where the curve falls by $2\sigma^2\beta$ for
# one more nat, the β-VAE stops buying. A small β buys much and sees sharply; a large one saves, and misses more. At
# $\beta = 16$ nothing is bought at all: a total collapse, with no bug anywhere.
#
# So collapse has a reason here, and it is a good one: *this direction is not worth its price*. Remember it when a network's
# unit sleeps: the first question is not "which trick wakes it?" but "is there anything for it to say?"
#
# ### And which β is right?
#
# The ELBO itself, with weight 1, whatever β the training used, is the yardstick: it is a bound on $\log p(x)$. Moving
# along the curve changes it. **Predict:** for which β is the *training* ELBO largest?

# %% tags=["proof"]
betas = np.geomspace(0.1, 20, 101)
by_the_box = [water_level(eigenvalues, beta * sigma2) for beta in betas]
constant = 0.5 * len(eigenvalues) * np.log(2 * np.pi * sigma2)
curve_of_elbos = [-constant - d / (2 * sigma2) - r for d, r in by_the_box]
ax = plotting.curves({"by the box": curve_of_elbos}, x=betas, xlabel="β", ylabel="training ELBO / nats per example")
ax.plot(list(fits), [fit.elbo for fit in fits.values()], "o", color=plotting.PALETTE[5], label="trained")
ax.set_xscale("log")
ax.legend(frameon=False)
plotting.show(
    alt="Training ELBO against β on a logarithmic axis: a curve with its peak at β = 1, and the trained models as "
    "dots on it."
)
elbo_of = {beta: fit_linear_vae(covariance, 6, beta, sigma2).elbo for beta in (0.7, 0.9, 1.1, 1.4)} | {
    1.0: fits[1.0].elbo
}
print("  ".join(f"β = {beta:g}: {elbo_of[beta]:.5f}" for beta in sorted(elbo_of)), " nats, trained")
assert max(elbo_of, key=elbo_of.get) == 1.0, "the trained model with β = 1 must have the best training ELBO"
assert max(curve_of_elbos) <= elbo_of[1.0] + 1e-6, "no level of the box may have a better one"

# %% [markdown]
# The peak is at 1, of course: *whoever optimises something else gets less of this.* The rest follows from what you know:
#
# * For $\beta \ge 1$ the objective $-D - \beta R$ is still a lower bound on $\log p(x)$, for every $q$, only a looser one;
#   for $\beta < 1$ it is **not a bound** (lesson {number: the_elbo}). The *ELBO* of the trained model is a bound in either case.
# * "log p(x) = E[log p(x|z)] − β·KL", with an equals sign, is wrong twice: the gap is missing, and so is $\beta = 1$.
# * β is a hyperparameter only for somebody who says what it is tuned *for*. Tuned for the β-loss, the smallest β wins,
#   tuned for the training ELBO, 1 does. For pictures, or for a code that forgets details, it may be another one.
#
# One warning before β meets networks. In the box, β and σ² occur only as the product $\beta\sigma^2$. A Gaussian likelihood
# with $\sigma^2 = 1$, "because the constant does not matter", *is* a choice of β. The mean over pixels instead of the sum
# is another. You cannot leave β out; you can only not know it.

# %% [markdown]
# ## A β that does nothing
#
# A colleague writes the loss of a β-VAE, trains with $\beta = ¼$, 1 and 3, and finds the same model three times. "So β does
# not matter on my data." Here is the one-unit case with that loss, trained by gradient descent on $\log s$ (with $c = 1$,
# the code stays on the border: $D = \lambda s$, $R = -\tfrac12\log s$). **Watch the symptom:** where should the rate of the
# three runs end?


# %%
def terms(log_s):
    reconstruction = 0.5 * np.log(2 * np.pi * sigma2) + variance_of_x * np.exp(log_s) / (2 * sigma2)
    return np.array([reconstruction]), np.array([-0.5 * log_s])


def as_found(reconstruction, kl, beta):
    return np.mean(beta * (reconstruction + kl))


def rate_after_training(loss, beta, log_s=-0.1, h=1e-5):
    for _ in range(500):
        slope = (loss(*terms(log_s + h), beta) - loss(*terms(log_s - h), beta)) / (2 * h)
        log_s = log_s - 0.2 * slope
    return float(terms(log_s)[1][0])


for beta in (0.25, 1.0, 3.0):
    expected = 0.5 * np.log(variance_of_x / (beta * sigma2))
    print(f"β = {beta:4g}: rate {rate_after_training(as_found, beta):.4f} nats, by the box {expected:.4f}")

# %% [markdown]
# Three times 1.04 nats, whatever β is. The loss of the run with $\beta = 3$ is three times as large, and its minimum is at
# the same place; it is only approached faster or slower. (Under Adam, which divides the gradient by its own size, not even
# that would change.)
#
# **Exercise {exercise: REPAIR_BETA_LOSS}: find the bug.** Repair the loss. The arguments are `(batch,)`, `(batch,)` and a number; return one number.


# %% tags=["exercise"]
def beta_loss(reconstruction, kl, beta):
    # BEGIN SOLUTION
    return np.mean(reconstruction + beta * kl)
    # INSTEAD
    # return np.mean(beta * (reconstruction + kl))
    # END SOLUTION


# %%
check(exercises.REPAIR_BETA_LOSS, beta_loss)

# %% [markdown]
# The library's loss, for comparison. **β multiplies the KL, and nothing else**; the tracked `kl` and `reconstruction` are
# the terms themselves, without β, so that runs with different β can be compared.

# %%
import keras

from course_lib import datasets, networks
from course_lib.formulas import bernoulli_log_prob
from course_lib.models import VAE

course_lib.show(VAE.compute_loss)

# %% [markdown]
# ## The plane, for a network
#
# Now images: the glyphs, made binary (ink or no ink), so that the Bernoulli likelihood is a probability and its nats mean
# what they say. Four VAEs that differ in nothing but β. Ten latents, small dense networks, a short training. **Predict** for
# $\beta$ = ¼, 1, 8 and 64: which of rate and distortion rises? Which model has the best ELBO on *new* images?

# %%
glyphs = datasets.load("glyphs")
x, held_out = ((images > 0.5).astype("float32") for images in (glyphs.x_train, glyphs.x_validation))


def trained(images=x, latent_dim=10, prior=None, callbacks=None, epochs=10, **options):
    keras.utils.set_random_seed(run.seed)
    encoder = networks.dense_gaussian_encoder((28, 28, 1), latent_dim, (128,))
    decoder = networks.dense_decoder(latent_dim, (28, 28, 1), (128,))
    vae = VAE(encoder, decoder, bernoulli_log_prob, seed=run.seed, prior=prior and prior(encoder), **options)
    vae.compile(keras.optimizers.Adam(4e-3), jit_compile=False)  # too short to earn XLA's compilation
    vae.fit(images, batch_size=200, epochs=epochs, callbacks=callbacks, verbose=0)
    return vae


vaes = {beta: trained(beta=beta) for beta in (0.25, 1.0, 8.0, 64.0)}

# %% [markdown]
# `rate_and_distortion` gives both items of the bill for each image, in nats. (From here on $D$ is in nats again.)

# %% tags=["proof"]
from course_lib.metrics import rate_and_distortion

bills = {beta: rate_and_distortion(vae, held_out, num_samples=4) for beta, vae in vaes.items()}
on_training = {beta: np.mean(rate_and_distortion(vae, x[:4000]), axis=1) for beta, vae in vaes.items()}
elbos = {beta: -rate - distortion for beta, (rate, distortion) in bills.items()}
for beta, (rate, distortion) in bills.items():
    print(f"β = {beta:4g}:  training R {on_training[beta][0]:5.1f}, D {on_training[beta][1]:5.1f}", end="    ")
    print(f"validation R {rate.mean():5.1f}, D {distortion.mean():5.1f}, ELBO {elbos[beta].mean():7.2f} nats")
for beta in (0.25, 8.0, 64.0):
    difference = elbos[1.0] - elbos[beta]
    error = difference.std() / np.sqrt(len(difference))
    print(f"β = 1 against {beta:4g}: {difference.mean():.2f} ± {error:.2f} nats better, image by image")
    assert difference.mean() > 3 * error, "β = 1 must win by more than three paired standard errors"
rates, distortions = np.array(list(on_training.values())).T
assert (np.diff(rates) < 0).all(), "a larger β must buy less"
assert (np.diff(distortions) > 0).all(), "and miss more"

# %% [markdown]
# As in the box: a dearer rate buys less and misses more. And $\beta = 1$ has the best ELBO on new images, by far more than
# the errors. (The errors are *paired*: each image is compared with itself, so that hard and easy images cancel. They are
# over images, for one training each: another start moves the gap, too.)
#
# Do not read more into it. It holds here because there are 20,000 training images. On *small* data a network over-fits
# its training images, and a dearer rate then acts against it: the β that is best on new images moves above 1. The peak at
# exactly 1 belongs to the training ELBO.
#
# What do the nats buy? The same ten new images through the four models:

# %%
shown = held_out[:10]
rows = {"real": shown} | {f"reconstructed, β = {beta:g}": vae.reconstruct(shown) for beta, vae in vaes.items()}
plotting.image_rows(rows)
plotting.show(
    alt="Rows of ten letters: real ones and reconstructions for growing β. Fine strokes go first, then the shape, "
    "until every image gets the same blot."
)

# %% [markdown]
# From row to row the details go: first serifs and thin strokes, then the shape of the letter, until at $\beta = 64$ the
# decoder shows the same blot for every image. The blur is the distortion: the average of all that $x$ could have been, given
# $z$. (These are reconstructions. None of them says how the model's *samples* look.)
#
# Which latents carry the nats? A **unit** is active if its posterior mean moves with the data (Burda et al., 2016):
#
# $$A_u = \operatorname{Var}_x\big(\mathbb E_{q(z\mid x)}[z_u]\big) > 0.01 .$$

# %% tags=["proof"]
from course_lib.metrics import active_units, unit_activities

active = {}
figure, frames = plt.subplots(1, 4, figsize=(10, 2.6), layout="constrained", sharey=True)
for ax, (beta, vae) in zip(frames, vaes.items(), strict=True):
    mean, log_var = vae.encode(held_out)
    rate_of_units = np.asarray(vae.prior.kl_of_dimensions(mean, log_var)).mean(axis=0)
    activity = unit_activities(mean)
    order = np.argsort(-rate_of_units)
    ax.bar(range(1, 11), rate_of_units[order], color=np.where(activity[order] > 0.01, plotting.PALETTE[0], "0.7"))
    active[beta] = active_units(mean)
    ax.set(title=f"β = {beta:g}: {active[beta]} of 10 active", xlabel="latent unit, sorted", xticks=range(1, 11))
    assert rate_of_units[activity < 0.01].sum() < 0.1, "a unit that never moves must cost almost nothing"
frames[0].set_ylabel("mean rate / nats")
plotting.show(
    alt="Four bar charts of the mean rate of ten latent units, sorted, for growing β. Columns are many and tall at "
    "first, then fewer and lower, and at the largest β none is left."
)
assert active[1.0] > active[8.0] > active[64.0] == 0, "units must fall asleep one after the other as the price rises"

# %% [markdown]
# Blue: active; grey: asleep (their columns are too flat to be seen). The columns stand out of the water as in the picture of the box, and sink as β rises: at
# $\beta = 8$ some units sleep while others still earn their price, at $\beta = 64$ none is left. A network is not linear, so its
# $\lambda_i$ cannot be read off a covariance; but the law is the same: what is not worth its price is not sent. (One caution.
# The law is about the optimum, and what you see is where a short training got to. A unit may also sleep because nothing has
# woken it yet: the table below has both.)

# %% [markdown]
# ## Collapse, and what it looks like
#
# Three more trainings of the same network, of which two have gone wrong. One averages the likelihood *over the pixels*, as
# Keras' own `binary_crossentropy` does, and sums the KL over the latents: with 784 pixels this is $\beta = 784$ in
# disguise. One forgot the KL: $\beta = 0$. And one is healthy: its β rises from 0 to 1 in the first epochs, a **warm-up**
# (Bowman et al., 2016; Sønderby et al., 2016), which lets a decoder learn to use the code before the code has a price.

# %%
options = {name: exercises.options_of(name) for name in "ABC"}  # do not look them up before you have a diagnosis
runs = {name: trained(x[:6000], **options[name]) for name in "ABC"}
histories = {name: vae.history.history for name, vae in runs.items()}

# %% [markdown]
# Here is what you would see while they train. The two terms are shown as they are, without β. **Before you read on,** decide
# for each run: which is which?

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
for ax, term, label in ((left, "kl", "rate"), (right, "reconstruction", "distortion")):
    values = {name: history[term] for name, history in histories.items()}
    plotting.curves(values, xlabel="epoch", ylabel=f"training {label} / nats", ax=ax)
left.set_yscale("symlog", linthresh=1)
plotting.show(
    alt="Two panels against the epoch for the runs A, B and C: left the rate, right the distortion. The three runs "
    "have different courses."
)

# %% [markdown]
# **Exercise {exercise: DIAGNOSE}.** For each of A, B and C: `"collapse"`, `"no KL"` or `"warm-up"`?

# %% tags=["exercise"]
# BEGIN SOLUTION
my_diagnosis = {"A": "collapse", "B": "warm-up", "C": "no KL"}
# END SOLUTION

# %%
check(exercises.DIAGNOSE, my_diagnosis)

# %% [markdown]
# If you have an answer, read how they were made. And did a loss say it?

# %% tags=["proof"]
course_lib.show(exercises.options_of)
for name, history in histories.items():
    print(f"{name}: training loss {history['loss'][0]:.1f} → {history['loss'][-1]:.1f}")
    assert history["loss"][-1] < history["loss"][0], "all three losses must fall"

# %% [markdown]
# All three losses fell, all three trainings were calm: *a falling loss is no diagnosis*. Side by side, the healthy run and
# the collapsed one: reconstructions, samples, and two numbers.

# %% tags=["proof"]
shown = held_out[:10]
for name, title in (("B", "healthy"), ("A", "collapsed")):
    vae = runs[name]
    rows = {"real": shown, "reconstructed": vae.reconstruct(shown), "generated": vae.sample(10, seed=1)}
    ax = plotting.image_rows(rows)
    rate, distortion = rate_and_distortion(vae, held_out)
    units = active_units(vae.encode(held_out)[0])
    bill = f"R {rate.mean():.1f}, D {distortion.mean():.1f} nats"
    ax.set_title(f"{title}: {units} of 10 units active, {bill}", loc="left", fontsize=10)
    plotting.show(
        alt=f"Three rows of ten letters from the {title} run: real ones, reconstructions and samples. In a healthy "
        "run they look like letters; in a collapsed one all are the same average glyph."
    )
    assert (units == 0) == (title == "collapsed"), "the active-unit count must see the planted collapse, and no other"

# %% [markdown]
# The collapsed decoder has heard nothing: it gives *every* image the same reconstruction, the average glyph, and its
# samples are nearly that average, too. So its distortion can be predicted without any VAE: it is what independent pixels cost, each
# with its average brightness.

# %% tags=["proof"]
brightness = x.mean(axis=0).clip(1e-4, 1 - 1e-4)
without_code = -(held_out * np.log(brightness) + (1 - held_out) * np.log(1 - brightness)).sum(axis=(1, 2, 3))
print(f"independent pixels: {without_code.mean():.1f} nats; the collapsed VAE: {distortion.mean():.1f} nats")
assert abs(without_code.mean() - distortion.mean()) < 6, "a collapsed VAE must be as good as independent pixels"

# %% [markdown]
# More training could win back the nats to the independent pixels, and no more. Count the active units of every VAE you train; it costs one line.
#
# Here is what was seen, as a table to keep:
#
# | symptom | cause | what to do |
# |---|---|---|
# | all units asleep, all reconstructions alike | the rate is too dear: β, σ², or a mean where a sum belongs | repair the price |
# | all units asleep, *samples* good, reconstructions unlike their input | a decoder that needs no code (such as one of text that sees its own past) | weaken it, free bits |
# | some units asleep, ELBO as good as with fewer latents | nothing left worth its price | nothing: this is how it should be |
# | asleep from the first epoch on, awake with warm-up | a poor local optimum at the start of training | warm-up |
# | rate grows and grows, best reconstructions of all | no KL, or no noise | put it back |
#
# Two remarks on the warm-up. While β rises, it pushes the loss up, whatever the networks learn; so compare epochs by the
# ELBO only. And it changes the
# *path*, not the goal: at its end the loss is the same as without it. If it ends elsewhere, there was a local optimum.

# %% [markdown] tags=["deeper"]
# ### Free bits
#
# Another way to keep units awake: let the first $\kappa$ nats of every latent dimension be free (Kingma et al., 2016, eq.
# 15, who call them λ). For a batch of $B$ examples, with $\mathrm{KL}_{ij}$ the divergence of dimension $j$ for example $i$,
#
# $$\text{rate term} = \sum_j\max\Big(\kappa,\;\frac1B\sum_i\mathrm{KL}_{ij}\Big) .$$
#
# Below κ the term is constant: its gradient is 0, and nothing pushes the dimension to sleep.
#
# **Exercise {exercise: FREE_BITS}.** Write it: from a table `(batch, latent_dim)` and κ to one number.


# %% tags=["exercise"]
def rate_with_free_bits(kl, free_bits):
    # BEGIN SOLUTION
    return np.maximum(kl.mean(axis=0), free_bits).sum()
    # END SOLUTION


# %%
check(exercises.FREE_BITS, rate_with_free_bits)

# %% [markdown]
# The library's `VAE(…, free_bits=κ)` does the same and still returns one value per example: a dimension above κ contributes
# each example's own divergence, one below κ contributes κ. The tracked `kl` stays the true one, so the ELBO cannot be
# flattered.
#
# Take $\beta = 64$, where the units slept, and allow each of them half a nat. **Predict:** will all ten be active? And will
# the ELBO be better for it?

# %% tags=["proof"]
awake, units, spent = trained(beta=64.0, free_bits=0.5), {}, {}
for name, vae in {"β = 64": vaes[64.0], "β = 64, free bits ½": awake}.items():
    rate, distortion = rate_and_distortion(vae, held_out, num_samples=4)
    mean, log_var = vae.encode(held_out)
    rate_of_units = np.sort(np.asarray(vae.prior.kl_of_dimensions(mean, log_var)).mean(axis=0))
    units[name], spent[name] = active_units(mean), rate.mean()
    print(
        f"{name:19} active {units[name]:2d}   rate {rate.mean():5.1f}, distortion {distortion.mean():6.1f}",
        end="",
    )
    print(f"   ELBO {-(rate + distortion).mean():7.2f} nats   smallest rates {rate_of_units[:3].round(2)}")
assert list(units.values()) == [0, 10], "free bits, and they alone, must keep all ten awake at this price"
assert 2 < spent["β = 64, free bits ½"] < 6, "and what they spend must be about what was given, ten times half a nat"

# %% [markdown]
# All ten are awake, each with a good part of the half nat that it was given, and the distortion is far smaller. The ELBO is better,
# too: at $\beta = 64$ the price was too high, and free nats are a discount. But compare it with the ELBO at $\beta = 1$ without
# any free bits, further up: it is still far below. An active unit is not good in itself: *the number of active units can be
# bought.* What they are worth shows in the ELBO, and in what you want to do with the code.

# %% [markdown]
# ## What the encoder really sends
#
# The prior is what the decoder is told to expect. What comes is another thing: draw an image, then a code from its
# $q(z\mid x)$. The density of such codes is the **aggregated posterior**
#
# $$q(z) = \frac1N\sum_{n=1}^N q(z\mid x_n) .$$
#
# The rate contains it. Insert $q(z)$ into the mean rate:
#
# 1. $\bar R = \frac1N\sum_n\mathbb E_{q(z\mid x_n)}\Big[\log\frac{q(z\mid x_n)}{p(z)}\Big]$
# 2. $\phantom{\bar R} = \frac1N\sum_n\mathbb E_{q(z\mid x_n)}\Big[\log\frac{q(z\mid x_n)}{q(z)}\Big]
#    + \frac1N\sum_n\mathbb E_{q(z\mid x_n)}\Big[\log\frac{q(z)}{p(z)}\Big]$, multiplying and dividing by $q(z)$;
# 3. the second average is one over $q(z)$, since nothing in the bracket depends on $n$:
#
# $$\boxed{\;\bar R = \underbrace{I(x; z)}_{\text{what the code tells}}
#   + \underbrace{\mathrm{KL}\big(q(z)\,\|\,p(z)\big)}_{\text{what it wastes}}\;}$$
#
# with $I(x; z)$ the **mutual information** of image and code under the encoder (Hoffman & Johnson, 2016). It is step 4 of the
# one-unit case, for any VAE. So the mean rate is an upper bound on what the code tells about the image; and the networks pay
# for every difference between the codes that come and the prior.
#
# **Exercise {exercise: BEST_PRIOR}.** Keep encoder and decoder as they are, and choose the prior freely. What is the smallest mean rate that any
# prior can reach? (a) 0; (b) $I(x; z)$; (c) $\mathrm{KL}(q(z)\|\mathcal N(0, I))$; (d) the rate that they have with
# $\mathcal N(0, I)$. Answer with one letter, such as `"a"`.

# %% tags=["exercise"]
# BEGIN SOLUTION
my_smallest_rate = "b"
# END SOLUTION

# %%
check(exercises.BEST_PRIOR, my_smallest_rate)

# %% [markdown]
# Look at it in two dimensions, in a VAE with two latents and a cheap rate, $\beta = ¼$. The library's `VampPrior` (Tomczak & Welling, 2018) is a mixture of the encoder's answers to
# some inputs; handed *all* images, it is the aggregated posterior itself. The two terms are computed apart, so that
# their sum says something: the first from the table of all $q(z_n\mid x_m)$, the second from the library's log-density at
# *other* draws.

# %% tags=["proof"]
from scipy import stats

from course_lib.priors import VampPrior

flat = trained(latent_dim=2, beta=0.25, epochs=5)
images = x[:2000]
aggregated = VampPrior(flat.encoder, pseudo_inputs=images)
mean, log_var = flat.encode(images)
z, fresh = ((mean + np.exp(0.5 * log_var) * rng.normal(size=mean.shape)).astype("float32") for _ in range(2))
log_q = stats.norm.logpdf(z[:, None], mean, np.exp(0.5 * log_var)).sum(axis=2)  # log q(z_n | x_m), for all pairs
tells = np.diag(log_q) - (np.logaddexp.reduce(log_q, axis=1) - np.log(len(z)))
log_aggregated = np.concatenate([np.asarray(aggregated.log_prob(part)) for part in np.split(fresh, 4)])
wastes = log_aggregated - np.asarray(flat.prior.log_prob(fresh))
rate, _ = rate_and_distortion(flat, images)
difference = tells + wastes - rate
error = difference.std() / np.sqrt(len(z))
print(
    f"I(x; z) {tells.mean():.3f}  +  KL(q(z)‖p(z)) {wastes.mean():.3f}  =  {(tells + wastes).mean():.3f} ± {error:.3f}"
)
print(f"mean rate, in closed form: {rate.mean():.3f} nats.   (No code can tell more than log N = {np.log(2000):.2f})")
assert abs(difference.mean()) < 5 * error, "rate = mutual information + KL of the aggregated posterior, within 5 errors"
assert 0 < tells.mean() < np.log(2000), "a code of 2,000 images tells between 0 and log 2,000 nats"

# %% [markdown]
# The first part is information, the second is waste. **Exercise {exercise: BEST_PRIOR} says how to get rid of the waste: change the prior.**
# Without touching a network: fit a mixture of Gaussians to codes (by scikit-learn) and use it as $p(z)$. We do so for this
# flat model, and for the one with ten latents and $\beta = 1$. **Predict:** what will happen to the rate, to the distortion,
# to the ELBO?

# %%
from sklearn.mixture import GaussianMixture

from course_lib.priors import GaussianMixturePrior


def with_fitted_prior(vae, num_components=50):
    mean, log_var = vae.encode(x[:10_000])
    codes = mean + np.exp(0.5 * log_var) * rng.normal(size=mean.shape)
    fitted = GaussianMixture(num_components, covariance_type="diag", random_state=run.seed).fit(codes)
    prior = GaussianMixturePrior(vae.latent_dim, num_components)
    prior.means.assign(fitted.means_)
    prior.log_vars.assign(np.log(fitted.covariances_))
    prior.logits.assign(np.log(fitted.weights_))
    return VAE(vae.encoder, vae.decoder, bernoulli_log_prob, prior=prior, seed=run.seed)


# %% [markdown]
# (Codes, not means: the prior must expect the width of $q(z\mid x)$, too.) Two models, before and after, on new images:

# %% tags=["proof"]
repaired = {"flat": with_fitted_prior(flat), "ten latents": with_fitted_prior(vaes[1.0])}
for name, vae in {"flat": flat, "ten latents": vaes[1.0]}.items():
    (rate, distortion), (new_rate, same) = (rate_and_distortion(m, held_out, 4) for m in (vae, repaired[name]))
    saved, error = (rate - new_rate).mean(), (rate - new_rate).std() / np.sqrt(len(rate))
    print(
        f"{name:12} R {rate.mean():.3f} → {new_rate.mean():.3f}   D {distortion.mean():.3f} → {same.mean():.3f}", end=""
    )
    print(
        f"   ELBO {-(rate + distortion).mean():.3f} → {-(new_rate + same).mean():.3f} (+{saved:.2f} ± {error:.2f}) nats"
    )
    assert np.array_equal(distortion, same), "the prior must not touch the distortion"
    assert saved > 3 * error, "a prior fitted to the codes must lower the rate of new images"

# %% [markdown]
# The distortion did not move by a digit, and the rate fell: a better bound, for free, on the $\log p(x)$ of a model with
# another prior. This is lesson {number: the_latent_space}'s
# two-stage repair with a price tag on it: *there* the density of the codes had no likelihood of images; *here* it is the
# prior of one.
#
# What does that look like, in the flat model? Dots are codes of new images, four letters in colour and the rest grey; lines
# are the prior's density, at 3, 10, 30 and 90 % of its maximum. Which codes does the round prior hardly expect?

# %%
figure, frames = plt.subplots(1, 2, figsize=(7.5, 3.6), layout="constrained", sharex=True, sharey=True)
mean, log_var = flat.encode(held_out[:800])
codes = mean + np.exp(0.5 * log_var) * rng.normal(size=mean.shape)
line = np.linspace(-6, 6, 141)
grid = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2).astype("float32")
for ax, (name, vae) in zip(frames, {"N(0, I)": flat, "fitted mixture": repaired["flat"]}.items(), strict=True):
    density = np.exp(np.asarray(vae.prior.log_prob(grid))).reshape(141, 141)
    ax.scatter(*codes.T, s=3, color="0.75", linewidths=0)
    for colour, letter in zip(plotting.PALETTE, "AMQZ", strict=False):
        of_letter = codes[glyphs.y_validation[:800] == glyphs.class_names.index(letter)]
        ax.scatter(*of_letter.T, s=6, color=colour, linewidths=0, label=letter)
    levels = density.max() * np.array([0.03, 0.1, 0.3, 0.9])
    ax.contour(line, line, density, levels=levels, colors="black", linewidths=0.7)
    ax.set(title=f"prior: {name}", xlabel="$z_1$", ylabel="$z_2$", aspect="equal")
    ax.label_outer()
ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5), markerscale=2)
plotting.show(
    alt="Two maps of the same codes in the plane, four letters in colour, with lines of the prior's density. Left, "
    "the round hill of the standard normal fits them badly; right, the lines of the fitted mixture follow the "
    "codes."
)

# %% [markdown]
# Left, the prior is a round hill; the codes reach far beyond it (with $\beta = ¼$ leaving the hill is cheap) and leave a part
# of it nearly empty. Right, the lines follow the codes. A *sample* takes its code from the lines: on the left, letters that
# live at the rim are hardly ever drawn, and codes that no image ever had are. So if reconstructions are good and samples are
# not, look here.
#
# ### A prior that learns
#
# Learning the prior *together* with the networks goes one step farther: the codes can now lie as they like.
# `VAE(…, prior=GaussianMixturePrior(…))` learns weights, means and variances; a `VampPrior` with a few pseudo-inputs learns
# these. The KL has no closed form any more; the library estimates it from the draw that is there anyway,
# $\log q(z\mid x) - \log p(z)$, without bias. Ten latents, thirty pseudo-inputs, everything else as before. **Predict:** will
# only the rate gain?

# %% tags=["proof"]
vamp = trained(prior=lambda encoder: VampPrior(encoder, pseudo_inputs=x[:30]))
bills["vamp"] = rate_and_distortion(vamp, held_out, 4)
fitted_afterwards = rate_and_distortion(repaired["ten latents"], held_out, 4)
for name, bill in {"N(0, I)": bills[1.0], "fitted afterwards": fitted_afterwards, "VampPrior": bills["vamp"]}.items():
    gain = sum(bills[1.0]) - sum(bill)
    print(f"{name:18} R {bill[0].mean():6.2f}   D {bill[1].mean():6.2f}   ELBO {-sum(bill).mean():8.2f}", end="   ")
    print(f"against N(0, I): {gain.mean():+.2f} ± {gain.std() / np.sqrt(len(gain)):.2f} nats")
assert gain.mean() > 3 * gain.std() / np.sqrt(len(gain)), "the learned prior must give the better bound"

# %% [markdown]
# Look at both items of the bill: it is not the rate alone that changes. A code that need not be squeezed into a round hill is
# free to say other things, too. And the samples? They come from the prior, so they change with it:

# %%
models = {"N(0, I)": vaes[1.0], "fitted afterwards": repaired["ten latents"], "VampPrior": vamp}
plotting.image_rows({f"generated, {name}": vae.sample(12, seed=2) for name, vae in models.items()})
plotting.show(
    alt="Three rows of twelve generated letters: by the standard normal prior, by a prior fitted afterwards, and by "
    "a VampPrior."
)

# %% [markdown]
# Are there more legible letters from row to row? Twelve pictures prove nothing. The nats above are averages over 2,000 images;
# how to judge *samples* is the question of lesson {number: judging_generative_models}.

# %% [markdown] tags=["deeper"]
# ## One dimension, one cause?
#
# The last promise that is made for β (Higgins et al., 2017): with a larger β every latent dimension stands for *one* cause of
# the data, the code is **disentangled**. On the glyphs the causes are known, so it can be measured. For each factor $v_k$ take the two
# dimensions that tell most about it, $z_{(1)}$ and $z_{(2)}$; the **mutual information gap** (Chen et al., 2018) is
#
# $$\text{MIG}_k = \frac{I(z_{(1)}; v_k) - I(z_{(2)}; v_k)}{H(v_k)} \in [0, 1],$$
#
# with $H(v_k)$ the entropy of the factor and $I(z_j;v_k)=\sum p(z_j,v_k)\log\frac{p(z_j,v_k)}{p(z_j)\,p(v_k)}$ their mutual
# information, for which each latent is cut into bins. 1: one dimension knows it all, no other anything. 0: two know the same.
#
# **Exercise {exercise: GAP_FROM_TABLE}.** From the table of the mutual information of every pair, `(latent_dim, factors)`, and the entropies
# `(factors,)` to the gap of each factor.


# %% tags=["exercise"]
def gaps(information, entropies):
    # BEGIN SOLUTION
    second, first = np.sort(information, axis=0)[-2:]
    return (first - second) / entropies
    # END SOLUTION


# %%
check(exercises.GAP_FROM_TABLE, gaps)

# %% [markdown]
# Now three models of the sweep. Real-valued factors are cut into five bins of equal share. What do you expect of the gap
# as β rises: larger for every factor?

# %%
from course_lib.metrics import mutual_information, mutual_information_gap

names = ("letter", "font", "rotation", "scale", "shift_x", "shift_y", "thickness")
known = glyphs.factors["validation"]
columns = [known[name] for name in names[:2]]
columns += [np.digitize(known[name], np.quantile(known[name], [0.2, 0.4, 0.6, 0.8])) for name in names[2:]]
factors = np.stack(columns, axis=1)
figure, frames = plt.subplots(1, 3, figsize=(10, 2.8), layout="constrained", sharey=True)
for ax, (beta, vae) in zip(frames, vaes.items(), strict=False):
    codes = vae.encode(held_out)[0]
    drawn = ax.imshow(mutual_information(codes, factors).T, vmin=0, vmax=0.6, cmap="Blues", aspect="auto")
    gap = mutual_information_gap(codes, factors)
    ax.set(title=f"β = {beta:g}, mean gap {gap.mean():.3f}", xlabel="latent unit", xticks=range(10), yticks=range(7))
    ax.set_yticklabels(names)
    print(f"β = {beta:4g}: " + ", ".join(f"{name} {value:.2f}" for name, value in zip(names, gap, strict=True)))
figure.colorbar(drawn, ax=frames, label="information / nats")
plotting.show(
    alt="Three tables of shades, seven factors against ten latent units, for growing β: dark where a unit knows "
    "something of a factor. Most factors are known by several units, and the letter by nearly all."
)

# %% [markdown]
# Dark: this unit knows something of this factor. (Twenty bins and 2,000 images make even independent numbers share a few
# hundredths of a nat: the pale background is bias.) Some gaps grow with β (at 8 a shift may have a unit almost to itself), others
# do not, and another seed would give another picture. None comes near 1: most factors are known by several units, and the letter
# by nearly all.
#
# ### Why nothing guarantees it
#
# Suppose a model *were* disentangled: two causes, each with its own axis of $z\sim\mathcal N(0, I)$. Take the codes and turn
# them by 45°, $z' = Uz$, and let the decoder turn them back first, $p'(x\mid z') = p(x\mid U^\top z')$. Then
#
# 1. the prior is the same: $\log p(z') = -\tfrac12\|Uz\|^2 + \text{const} = -\tfrac12\|z\|^2 + \text{const}$, for a rotation
#    keeps lengths;
# 2. the likelihood is the same, $p'(x\mid z') = p(x\mid z)$, by construction;
# 3. so $p(x)$ is the same for every $x$. No amount of data, and no likelihood, can tell the two models apart.
#
# **Predict:** the gap of the straight code, and of the turned one.

# %% tags=["proof"]
from course_lib.priors import StandardNormal

causes = rng.normal(size=(20_000, 2))
known_causes = np.stack([np.digitize(c, np.quantile(c, np.arange(1, 8) / 8)) for c in causes.T], axis=1)
turn = np.sqrt(0.5) * np.array([[1.0, -1.0], [1.0, 1.0]])
straight = causes + 0.05 * rng.normal(size=causes.shape)
turned = straight @ turn.T


def decoder(z):
    return np.stack([z[:, 0] ** 3, np.sin(2 * z[:, 1]), z[:, 0] * z[:, 1]], axis=1)


prior = StandardNormal(2)
moved = np.abs(decoder(straight) - decoder(turned @ turn)).max()  # the turned model turns back first
changed = np.ptp([np.asarray(prior.log_prob(code)) for code in (straight, turned)], axis=0).max()
print(f"largest change of a decoded x: {moved:.0e}, of log p(z): {changed:.0e} nats")
print(f"gap for each cause, straight: {mutual_information_gap(straight, known_causes).round(3)}", end="    ")
print(f"turned by 45°: {mutual_information_gap(turned, known_causes).round(3)}")
assert max(moved, changed) < 1e-4, "the rotation must leave decoded data and prior unchanged"
assert mutual_information_gap(straight, known_causes).min() > 0.6, "the straight code must have a large gap"
assert mutual_information_gap(turned, known_causes).max() < 0.03, "the turned code must have almost none"

# %% [markdown]
# The same model of the data, to rounding; and the gap is gone. Locatello et al. (2019, theorem 1) prove it for every prior
# with independent entries: *without assumptions about model and data, disentanglement cannot be learned from $x$ alone.*
# In their study of more than 12,000 models, the random seed mattered more than the method, and good models could not be
# picked without labels.
#
# Then why do β-VAEs sometimes line up with causes? Because of an assumption that is easily overlooked: the encoder's $q$ has
# *independent* entries. Lesson {number: the_elbo} showed that such a $q$ pays for posteriors that are tilted; so the ELBO, unlike
# $p(x)$, prefers some axes to others, namely the local principal axes (Rolinek et al., 2019), as the linear VAE did at the
# top of this lesson (Lucas et al., 2019). If the causes lie along them, with different variances, you are lucky. "β-VAE gives interpretable
# latents" is a hope to be tested with known factors, not a property of the method.

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> "log p(x) ≥ E[log p(x | z)] − β·KL, the β-weighted lower bound." For which β is it one, for every
# q?</summary>
#
# For $\beta \ge 1$: more is subtracted than in the ELBO, and $\mathrm{KL} \ge 0$. For $\beta < 1$ it exceeds $\log p(x)$ at
# $q$ = posterior. It is *the* ELBO at 1 only, and never an equality for every $q$.
# </details>
#
# <details><summary><b>2.</b> Three of your ten units are asleep. Should you use warm-up, free bits, or seven latents?</summary>
#
# First ask what they could say: compare the ELBO with that of a run with warm-up. If it is the same, the units sleep
# because nothing is left that is worth its price, and seven latents do as well. Free bits would wake them whether they
# have something to say or not.
# </details>
#
# <details><summary><b>3.</b> A mean rate of 12 nats. So the code tells 12 nats about the image?</summary>
#
# At most. $\bar R = I(x; z) + \mathrm{KL}(q(z)\|p(z))$: what the codes as a whole differ from the prior is paid, too, and
# tells nothing.
# </details>
#
# <details><summary><b>4.</b> A paper tunes β by the validation loss of the β-VAE. What will it find?</summary>
#
# The smallest β of its list, since KL ≥ 0. Tune by what does not depend on β: the ELBO, a bound of lesson {number: tighter_bounds}, or the purpose.
# </details>
#
# <details><summary><b>5.</b> A Gaussian decoder with squared error ‖x − x̂‖² (no ½, no σ²) plus KL. Which σ² is this at
# β = 1?</summary>
#
# $\sigma^2 = ½$: then $\frac{1}{2\sigma^2} = 1$. Every scaling of the error is a choice of σ², and only $\beta\sigma^2$
# decides which units are active.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **split** the ELBO into rate and distortion, and seen that no encoder gets below Shannon's curve while many waste;
# * **derived** reverse water-filling, $D = \sum\min(\lambda_i, \theta)$, $R = \tfrac12\sum\log^+(\lambda_i/\theta)$ with
#   $\theta = \beta\sigma^2$, and found it again in an optimiser's answer, to four decimals;
# * **predicted** which units sleep, and seen a total collapse by its active units: none;
# * **diagnosed** a collapsed, a free and a warmed-up training, and **used** free bits without mistaking activity for value;
# * **compared** the prior with the aggregated posterior, $\bar R = I + \mathrm{KL}(q(z)\|p(z))$, and **learned** a prior that
#   wastes less;
# * **measured** the gap of a code, and turned it away without changing the model of the data.
#
# What does the code spend its nats on? On whatever saves more distortion than it costs, at the price β: and on nothing
# else, except on the difference between the codes that come and the prior that was promised.
#
# **Go further.** Train the sweep for 100 epochs (on a GPU, or over lunch): does β = 1 still win on new images? Reduce the training data to 1,000
# glyphs (`x = x[:1000]`) and sweep β from ½ to 4: where is the best validation ELBO now? Give the model with $\beta = ¼$
# a fitted prior (`with_fitted_prior(vaes[0.25])`): how much of its rate was waste, and which ELBO is best now?
#
# **References.** Shannon (1959), *Coding theorems for a discrete source with a fidelity criterion*, IRE Conv. Rec. 7. ·
# Cover & Thomas (2006), *Elements of information theory*, 2nd ed., chapter 10. ·
# Bowman et al. (2016), *Generating sentences from a continuous space*, arXiv:1511.06349. ·
# Sønderby et al. (2016), *Ladder variational autoencoders*, arXiv:1602.02282. ·
# Burda, Grosse & Salakhutdinov (2016), *Importance weighted autoencoders*, arXiv:1509.00519. ·
# Hoffman & Johnson (2016), *ELBO surgery*, NIPS workshop on approximate inference. ·
# Kingma et al. (2016), *Improving variational inference with inverse autoregressive flow*, arXiv:1606.04934. ·
# Higgins et al. (2017), *β-VAE: learning basic visual concepts with a constrained variational framework*, ICLR. ·
# Alemi et al. (2018), *Fixing a broken ELBO*, arXiv:1711.00464. ·
# Tomczak & Welling (2018), *VAE with a VampPrior*, arXiv:1705.07120. ·
# Chen, Li, Grosse & Duvenaud (2018), *Isolating sources of disentanglement in VAEs*, arXiv:1802.04942. ·
# Locatello et al. (2019), *Challenging common assumptions in the unsupervised learning of disentangled representations*,
# arXiv:1811.12359. ·
# Lucas, Tucker, Grosse & Norouzi (2019), *Don't blame the ELBO!*, arXiv:1911.02469. ·
# Rolinek, Zietlow & Martius (2019), *Variational autoencoders pursue PCA directions (by accident)*, arXiv:1812.06775.
