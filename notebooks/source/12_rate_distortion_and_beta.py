# ---
# jupyter:
#   course:
#     part: "Part II · Latent variables, the ELBO and the VAE"
#     question: "What does the latent code spend its nats on?"
# ---

# %% [markdown]
# # Rate, distortion and β: what a code spends its nats on
#
# **The question.** A VAE pays for its code in nats, and gets better reconstructions for them. What does a nat buy, where
# does buying stop, and what happens if you change the price, β?
#
# In this lesson you will
#
# * **split** the ELBO into a rate and a distortion, and **place** any code in the plane of the two;
# * **derive** the best codes of a linear VAE, one line a step: Shannon's curve, with β as its slope;
# * **predict** at which β each latent dimension falls asleep, and **recognise** a collapsed code by its active units;
# * **diagnose** three trainings from their curves, and **use** warm-up (deeper: and free bits) for what it is good for;
# * **compare** the prior with the codes that the encoder really sends (deeper: and **learn** a better one);
# * deeper: **measure** whether single dimensions stand for single causes, and **say** why nothing guarantees it.
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
# * The **rate** is what the code costs: the extra nats to tell a draw of $q(z\mid x)$ to somebody who expects draws of the
#   prior. It is 0 only if $q(z\mid x)$ is the prior; if it is, for every $x$, then $z$ says nothing about $x$.
#
# Every model is a point $(R, D)$ of a plane, averaged over the data (Alemi et al., 2018). Which points are possible?
#
# Begin with the smallest case: $x\sim\mathcal N(0,\lambda)$, one Gaussian number with $\lambda = 4$. Encoder
# $q(z\mid x) = \mathcal N(vx, s)$, prior $\mathcal N(0, 1)$, and a decoder that returns the best guess $\hat x = wz$. For
# the moment, instead of the distortion, look at the squared error $E = \mathbb E(x - \hat x)^2$. Here are 2,000 encoders with random
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
border = np.geomspace(1e-3, variance_of_x, 200)
ax = plt.subplots(figsize=(5.4, 3.4), layout="constrained")[1]
ax.scatter(rates, errors, s=4, color=plotting.PALETTE[4], alpha=0.5, linewidths=0, label="2,000 random encoders")
ax.plot(0.5 * np.log(variance_of_x / border), border, color="black", label="R = ½ log(λ/E)")
ax.set(xlabel="rate R / nats", ylabel="squared error E", xlim=(-0.1, 4), ylim=(0, 4.2))
ax.legend(frameon=False)
plotting.show(
    alt="Squared error against rate for 2,000 random encoders. The dots lie above a falling black border, "
    "R = ½ log(λ/E), many close to it, some far to the right of it, and none below it."
)
above = rates - 0.5 * np.log(variance_of_x / errors)
print(f"rate above the border: at least {above.min():.1e} nats, at most {above.max():.1f}")
assert above.min() > -1e-12, "no encoder may pay less than ½ log(λ/E)"

# %% [markdown]
# Rate and error of the dots are formulas. Do drawn numbers obey them? Five of the encoders, each with the decoder that a
# straight line through its own draws gives, and the rate as the mean of $\log q(z\mid x)-\log p(z)$:

# %% tags=["proof"]
from scipy import special, stats

measured = np.random.default_rng(run.seed + 1)
for i in range(5):
    drawn_x = 2 * measured.normal(size=100_000)
    drawn_z = v[i] * drawn_x + np.sqrt(s[i]) * measured.normal(size=100_000)
    missed = np.square(drawn_x - drawn_z * (drawn_x @ drawn_z) / (drawn_z @ drawn_z))
    paid = stats.norm.logpdf(drawn_z, v[i] * drawn_x, np.sqrt(s[i])) - stats.norm.logpdf(drawn_z)
    print(f"R {paid.mean():.3f} (formula {rates[i]:.3f}), E {missed.mean():.3f} (formula {errors[i]:.3f})")
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
# 2. What it misses is $E = \lambda - \frac{(v\lambda)^2}{c} = \lambda\,\frac{c - v^2\lambda}{c} = \lambda\,\frac sc$.
# 3. The rate is the Gaussian divergence of lesson {number: the_elbo}, averaged over $x$ (only the mean $vx$ depends on it):
#    $R = \tfrac12\big(s + v^2\lambda - 1 - \log s\big) = \tfrac12\big(c - 1 - \log s\big).$
# 4. Insert $s = cE/\lambda$ from step 2:
#    $$R = \underbrace{\tfrac12\log\frac\lambda E}_{\text{what the code tells}} +
#      \underbrace{\tfrac12\big(c - 1 - \log c\big)}_{\text{what it wastes}\;\ge\;0} .$$
#
# The second bracket is $\mathrm{KL}(\mathcal N(0, c)\,\|\,\mathcal N(0, 1))$: the divergence of *all the codes taken
# together* from the prior. It is 0 exactly if $c = 1$, if the codes as a whole look like the prior. What remains,
# $\tfrac12\log(\lambda/E)$, is **Shannon's rate-distortion function** of a Gaussian (Shannon, 1959): the fewest nats with
# which *any* code, of whatever kind, can reach the error $E$.
#
# Both halves will come back: the first in a minute, the second as the *aggregated posterior* near the end.

# %% [markdown]
# ## β is a slope
#
# A β-VAE minimises $D + \beta R$, with the distortion $D$ in nats. For a Gaussian likelihood with fixed variance
# $\sigma^2$ it is $D = \frac{E}{2\sigma^2}$ plus a constant.
#
# Along the border, what is the best point for a given β?
#
# 1. The loss is $L(E) = \frac{E}{2\sigma^2} + \frac\beta2\log\frac\lambda E$, for $0 < E \le \lambda$.
# 2. Its derivative is $\frac{1}{2\sigma^2} - \frac{\beta}{2E}$. It is 0 at $E = \beta\sigma^2$, negative before and positive
#    after.
# 3. Call $\theta = \beta\sigma^2$ the **level**. If $\theta < \lambda$, the best point is $E = \theta$ and
#    $R = \tfrac12\log(\lambda/\theta)$.
# 4. If $\theta \ge \lambda$, the loss falls all the way to $E = \lambda$: there $R = 0$, $v = 0$, $s = 1$. The code is the
#    prior, whatever $x$ is. The unit has **collapsed**: one nat of rate would cost more than the error that it saves.
#
# Now $x$ with many entries. Turn it onto the principal axes of its covariance: independent directions $i$ with variances
# $\lambda_i$, one latent unit for each, and both $E$ and $R$ add up. Each direction solves its own problem, with the *same*
# level:
#
# $$\boxed{\;E = \sum_i\min(\lambda_i, \theta), \qquad R = \tfrac12\sum_i\log^+\frac{\lambda_i}\theta, \qquad
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
# **Exercise {exercise: WATER_FILLING}.** Write the formula in the frame (*the box*, from now on): from the variances `(k,)` and
# the level to two numbers, first the squared error, then the rate in nats.


# %% tags=["exercise"]
def water_filling(eigenvalues, level):
    # BEGIN SOLUTION
    error = np.minimum(eigenvalues, level).sum()
    rate = 0.5 * np.log(np.maximum(eigenvalues / level, 1.0)).sum()
    return error, rate
    # END SOLUTION


# %%
check(exercises.WATER_FILLING, water_filling)

# %% [markdown] tags=["deeper"]
# ### Move β yourself
#
# In a running notebook the next figure has a slider. One number again, $\lambda=4$ and $\sigma^2=\tfrac12$: the best $q(z\mid x)$
# for three values of $x$, and its point on the border. **Say first:** what does a larger β do to the three curves, and from
# which β on are they one?


# %%
def at_beta(beta):
    s = min(0.5 * beta / variance_of_x, 1.0)  # E = λs = βσ², for the codes have the variance c = 1
    v, z = np.sqrt((1 - s) / variance_of_x), np.linspace(-4, 4, 401)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 2.8), layout="constrained")
    densities = {f"q(z | x = {seen})": stats.norm.pdf(z, v * seen, np.sqrt(s)) for seen in (-3, 0, 3)}
    plotting.curves(densities | {"prior": stats.norm.pdf(z)}, xlabel="z", ylabel="density", x=z, ax=left)
    left.legend(frameon=False, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1))
    right.plot(0.5 * np.log(variance_of_x / border), border, color="black")
    right.plot(-0.5 * np.log(s), variance_of_x * s, "o", color=plotting.PALETTE[5])
    right.set(xlabel="rate R / nats", ylabel="squared error E", xlim=(-0.1, 2.5), ylim=(-0.1, 4.2))
    return figure


plotting.slider(
    at_beta,
    beta=(0.1, 10.0, 1.0),
    alt="Left, three bells, the best q for three values of x, side by side, and the wider bell of the prior. Right, the "
    "border of squared error against rate, with a dot on it where this β ends.",
)

# %% [markdown]
# A larger β makes the three wider and moves them together, so $z$ tells less about $x$. At
# $\beta=\lambda/\sigma^2=8$ all three are the prior: $R=0$ and $E=\lambda$. The collapse comes without a jump.

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


print("   β      θ         error: found      box      rate: found    box       active: found   λ > θ")
for beta, fit in fits.items():
    level = beta * sigma2
    box = water_level(eigenvalues, level)
    active = (fit.rates > 1e-3).sum(), (eigenvalues > level).sum()
    print(f"{beta:4g}  {level:5.2f}  {fit.distortion:17.5f} {box[0]:9.5f} {abs(fit.rate):13.5f} {box[1]:9.5f}", end="")
    print(f"{active[0]:13d} {active[1]:10d}")
    assert abs(fit.distortion - box[0]) < 1e-4, "the linear VAE must reach the water level's error"
    assert abs(fit.rate - box[1]) < 1e-4, "the linear VAE must pay Shannon's rate, and not a nat more"
    assert active[0] == active[1], "a unit must be active exactly if its variance is above the level"

# %% [markdown]
# All numbers agree: the optimiser finds the axes, gives each unit one of them, pays Shannon's rate, and lets units fall
# asleep one by one. The last one sleeps as soon as $\theta = \beta\sigma^2$ passes 6, at $\beta = 12$.
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
right.set(xlabel="rate R / nats", ylabel="squared error E", xlim=(-0.3, 9), ylim=(-0.3, 13.5))
right.legend(frameon=False)
plotting.show(
    alt="Left, six columns of variance with a water level: the part above it is transmitted, the part below missed, "
    "and the last columns are all under water. Right, squared error against rate: a falling curve with the "
    "trained models as dots on it, from small β at the lower right to large β at the upper left."
)

# %% [markdown]
# The trained models (dots) lie on Shannon's curve. **β chooses the place**: where the curve falls by $2\sigma^2\beta$ for
# one more nat, the β-VAE stops buying. A small β buys much and misses little; a large one saves, and misses more. At
# $\beta = 16$ nothing is bought at all: a total collapse, with no bug anywhere.
#
# So collapse has a reason here, and it is a good one: *this direction is not worth its price*. Remember it when a network's
# unit sleeps: the first question is not "which trick wakes it?" but "is there anything for it to say?"
#
# ### Faces, and units that fall asleep one by one
#
# So much for six made-up variances. Here are the course's colour faces, in coordinates in which the box can be read: the
# first 64 principal axes, which hold nine tenths of the variance of 3,072 colour values. Their standard deviations run from
# 4.0 down to 0.3. A likelihood with $\sigma = \tfrac12$, so $\sigma^2 = \tfrac14$, says which errors do not matter.

# %%
import keras
from sklearn.decomposition import PCA

from course_lib import datasets, networks
from course_lib.formulas import gaussian
from course_lib.models import VAE

portraits = datasets.load("faces")
some_faces = portraits.x_train[:3000].reshape(3000, -1)
axes_of_faces = PCA(64, svd_solver="randomized", iterated_power=1, random_state=run.seed).fit(some_faces)


def coordinates(images):
    return axes_of_faces.transform(images.reshape(len(images), -1)).astype("float32")


def pictures(x):
    return axes_of_faces.inverse_transform(x).reshape(-1, 32, 32, 3).clip(0, 1)


x, held_out = coordinates(portraits.x_train), coordinates(portraits.x_validation)
variances_of_faces, sigma2_of_faces = np.linalg.eigvalsh(np.cov(x.T, bias=True))[::-1], 0.25

# %% [markdown]
# A linear VAE with 16 latents, now as people train it: Keras, Adam, one noisy draw for each face. One training, in which
# the price rises step by step, from $\beta = 4$ to 128, and after each step the rate of each unit is noted. The box says:
# unit $i$ costs $\tfrac12\log(\lambda_i/\beta\sigma^2)$, and sleeps from $\beta = \lambda_i/\sigma^2$ on. **Sketch the rates
# against β, on a logarithmic axis, before you run the cell.**

# %% tags=["proof"]
keras.utils.set_random_seed(run.seed)
parts = networks.dense_gaussian_encoder((64,), 16, ()), networks.dense_decoder(16, (64,), ())
linear = VAE(*parts, gaussian(sigma2_of_faces), seed=run.seed)
linear.compile(keras.optimizers.Adam(0.01), jit_compile=False)
prices, rates_found = 4 * 2 ** np.arange(0, 5.5, 0.5), []
for beta in prices:
    linear.beta = beta
    linear.fit(x, batch_size=200, epochs=15 if beta == 4 else 5, verbose=0)
    rates_found.append(np.sort(np.mean(linear.prior.kl_of_dimensions(*linear.encode(x)), axis=0))[::-1])
many, sleeps_at = np.geomspace(4, 128, 200), variances_of_faces[:16] / sigma2_of_faces
by_the_box = 0.5 * np.log(np.maximum(sleeps_at / prices[:, None], 1))
ax = plt.subplots(figsize=(7, 3.4), layout="constrained")[1]
for i in range(10):
    colour = plt.get_cmap("viridis")(i / 10)
    ax.plot(many, 0.5 * np.log(np.maximum(sleeps_at[i] / many, 1)), color=colour, linewidth=1)
    ax.plot(prices, np.array(rates_found)[:, i], "o", color=colour, markersize=4)
ax.set(
    xscale="log", xlabel="β", ylabel="rate of a unit / nats", xticks=prices[::2], xticklabels=prices[::2].astype(int)
)
plotting.show(
    alt="Rate of each of ten units against β, logarithmic. Ten parallel falling lines, each ending at zero at another "
    "β, and the dots of the trained units on or near them, the nearer the larger β is."
)
off = np.abs(np.array(rates_found) - by_the_box)[prices >= 8]
print("the box: units fall asleep at β =", sleeps_at[:10].round(0).astype(int))
paying = {int(beta): int((rates > 0.05).sum()) for beta, rates in zip(prices.round(), rates_found, strict=True)}
print("units that pay more than 0.05 nats:", paying, sep="\n  ")
print(f"β ≥ 8: a trained unit is off its line by {off.mean():.3f} nats on average, {off.max():.2f} at most")
assert off.max() < 0.25, "each unit must pay what the box says"

# %% [markdown]
# Lines: the box; dots: the trained units, sorted. Parallel lines, for each doubling of β takes the same ½ log 2 from every unit that is
# awake; and one after the other reaches zero. (At the left the dots of the large units lie low and those of the small
# ones high: there the units still share axes, and turning them apart is slow work for Adam. The mean in the print counts the
# units that sleep, too.)
#
# ### And which β is right?
#
# The ELBO itself, with weight 1, whatever β the training used, is the yardstick: it is a bound on $\log p(x)$. Moving
# along the curve changes it. **Predict:** for which β is the *training* ELBO largest?

# %% tags=["proof"]
betas = np.geomspace(0.1, 20, 101)
of_the_box = [water_level(eigenvalues, beta * sigma2) for beta in betas]
constant = 0.5 * len(eigenvalues) * np.log(2 * np.pi * sigma2)
curve_of_elbos = [-constant - d / (2 * sigma2) - r for d, r in of_the_box]
ax = plotting.curves({"by the box": curve_of_elbos}, x=betas, xlabel="β", ylabel="training ELBO / nats per example")
ax.plot(list(fits), [fit.elbo for fit in fits.values()], "o", color=plotting.PALETTE[5], label="trained")
ax.set_xscale("log")
ax.legend(frameon=False)
plotting.show(
    alt="Training ELBO against β on a logarithmic axis: a curve with its peak at β = 1, and the trained models as "
    "dots on it."
)
elbo_of = {beta: fit_linear_vae(covariance, 6, beta, sigma2).elbo for beta in (0.8, 1.25)} | {1.0: fits[1.0].elbo}
print("  ".join(f"β = {beta:g}: {elbo_of[beta]:.5f}" for beta in sorted(elbo_of)), " nats, trained")
assert max(elbo_of, key=elbo_of.get) == 1.0, "the trained model with β = 1 must have the best training ELBO"
assert max(curve_of_elbos) <= elbo_of[1.0] + 1e-6, "no level of the box may have a better one"

# %% [markdown]
# The peak is at 1, of course: *whoever optimises something else gets less of this.* The rest follows from what you know:
#
# * For $\beta \ge 1$ the objective $-D - \beta R$ is still a lower bound on $\log p(x)$, for every $q$, only a looser one;
#   for $\beta < 1$ it is **not a bound** (lesson {number: the_elbo}). The *ELBO* of the trained model is a bound in either case.
# * "log p(x) = E[log p(x|z)] − β·KL", with an equals sign, is wrong twice: the gap is missing, and so is $\beta = 1$.
# * β is a hyperparameter only for somebody who says what it is tuned *for*. Tuned for the *training* β-loss, the smallest β wins;
#   tuned for the training ELBO, 1 does. For pictures, or for a code that forgets details, it may be another one.
#
# One warning before β meets networks. In the box, β and σ² occur only as the product $\beta\sigma^2$. A Gaussian likelihood
# with $\sigma^2 = 1$, "because the constant does not matter", *is* a choice of β. The mean over pixels instead of the sum
# is another. You cannot leave β out; you can only not know it.

# %% [markdown]
# ## A β that does nothing
#
# A colleague writes the loss of a β-VAE, trains with $\beta = \tfrac14$, 1 and 3, and finds the same model three times. "So β does
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
course_lib.show(VAE.compute_loss)

# %% [markdown]
# ## The plane, for a network
#
# The same faces, and now with a hidden layer on each side. Five VAEs from the same first weights, with the same data in the
# same order; only β differs. **Predict** for $\beta$ = ¼, 1, 8, 32 and 128: which of rate and distortion rises? Which model has
# the best ELBO on *new* faces?


# %%
def trained(images=x, latent_dim=16, prior=None, epochs=15, seed=run.seed, model=VAE, callbacks=None, **options):
    keras.utils.set_random_seed(seed)
    encoder = networks.dense_gaussian_encoder((64,), latent_dim, (128,))
    decoder = networks.dense_decoder(latent_dim, (64,), (128,))
    prior = prior and prior(encoder)
    vae = model(encoder, decoder, gaussian(sigma2_of_faces), seed=seed, prior=prior, **options)
    vae.compile(keras.optimizers.Adam(4e-3), jit_compile=False)  # too short to earn XLA's compilation
    vae.fit(images, batch_size=200, epochs=epochs, callbacks=callbacks, verbose=0)
    return vae


vaes = {beta: trained(beta=beta) for beta in (0.25, 1.0, 8.0, 32.0, 128.0)}

# %% [markdown]
# `rate_and_distortion` gives both items of the bill for each face, in nats. (Distortions are nats of a *density* of 64 numbers:
# another unit of grey would add a constant to all of them. Only differences count.)

# %% tags=["proof"]
from course_lib.metrics import rate_and_distortion

bills = {beta: rate_and_distortion(vae, held_out, num_samples=4) for beta, vae in vaes.items()}
on_training = {beta: np.mean(rate_and_distortion(vae, x[:4000]), axis=1) for beta, vae in vaes.items()}
elbos = {beta: -rate - distortion for beta, (rate, distortion) in bills.items()}
for beta, (rate, distortion) in bills.items():
    print(f"β = {beta:4g}:  training R {on_training[beta][0]:5.1f}, D {on_training[beta][1]:5.1f}", end="    ")
    print(f"validation R {rate.mean():5.1f}, D {distortion.mean():5.1f}, ELBO {elbos[beta].mean():7.2f} nats")
for beta in (0.25, 8.0, 32.0, 128.0):
    difference = elbos[1.0] - elbos[beta]
    error = difference.std() / np.sqrt(len(difference))
    print(f"β = 1 against {beta:4g}: {difference.mean():.2f} ± {error:.2f} nats better, face by face")
    assert difference.mean() > 3 * error, "β = 1 must win by more than three paired standard errors"
rates, distortions = np.array(list(on_training.values())).T
assert (np.diff(rates) < 0).all(), "a larger β must buy less"
assert (np.diff(distortions) > 0).all(), "and miss more"

# %% [markdown]
# As in the box: a higher price buys less and misses more. And $\beta = 1$ has the best ELBO on new faces, by far more than
# the errors. (The errors are *paired*: each face is compared with itself, so that hard and easy ones cancel. They are
# over faces, for one training each: another start moves the gap, too.)
#
# Do not read more into it. Here are 10,000 training faces. On *small* data a network over-fits its training images, and a
# higher price then acts against it: the β that is best on new images may lie above 1. The peak at exactly 1 belongs to the
# training ELBO.
#
# What do the nats buy? The same six new faces through the five models. The second row is the best that 64 axes can do.
# **Guess before you look:** what goes first, the glasses or the colour of the background?

# %%
shown = held_out[:10]
rows = {"real": portraits.x_validation[:6], "64 axes": pictures(shown[:6])}
rows |= {f"reconstructed, β = {beta:g}": pictures(vae.reconstruct(shown[:6])) for beta, vae in vaes.items()}
plotting.image_rows(rows)
plotting.show(
    alt="Rows of six colour faces: real ones, the same on 64 axes, and reconstructions for growing β. Glasses and mouths "
    "fade first, then hats, hair and background, until every face is the same blurred mean."
)

# %% [markdown]
# From row to row the details go: glasses and mouths first, which change few pixels; then hats and hair; at $\beta = 32$ little more
# is left than a trace of light or dark, and at 128 the decoder shows the same mean face for everybody. Mind that the squared error decides
# what is a detail, not the eye: one would rather have kept the glasses than the background. (These are reconstructions. None of
# them says how the model's *samples* look.)
#
# Which latents carry the nats? A **unit** is active if its posterior mean moves with the data (Burda et al., 2016):
#
# $$A_u = \operatorname{Var}_x\big(\mathbb E_{q(z\mid x)}[z_u]\big) > 0.01 .$$

# %% tags=["proof"]
from course_lib.metrics import active_units, unit_activities

active = {}
figure, frames = plt.subplots(1, 5, figsize=(11, 2.5), layout="constrained", sharey=True)
for ax, (beta, vae) in zip(frames, vaes.items(), strict=True):
    mean, log_var = vae.encode(held_out)
    rate_of_units = np.asarray(vae.prior.kl_of_dimensions(mean, log_var)).mean(axis=0)
    activity = unit_activities(mean)
    order = np.argsort(-rate_of_units)
    ax.bar(range(1, 17), rate_of_units[order], color=np.where(activity[order] > 0.01, plotting.PALETTE[0], "0.7"))
    ax.plot(range(1, 17), 0.5 * np.log(np.maximum(sleeps_at / beta, 1)), ".", color="black", markersize=4)
    active[beta] = active_units(mean)
    ax.set(title=f"β = {beta:g}: {active[beta]} active", xlabel="latent unit, sorted", xticks=(1, 6, 11, 16))
    assert rate_of_units[activity < 0.01].sum() < 0.15, "a unit that never moves must cost almost nothing"
frames[0].set_ylabel("mean rate / nats")
plotting.show(
    alt="Five bar charts of the mean rate of sixteen latent units, sorted, for growing β, with the linear VAE's rates as "
    "black dots. Columns are many and tall at first, then fewer and lower, and at the largest β none is left."
)
assert active[1.0] > active[8.0] > active[32.0] > active[128.0] == 0, "units must fall asleep as the price rises"

# %% [markdown]
# Blue: active; grey: asleep (columns too flat to be seen); black dots: the linear VAE, by the box. The network's units share
# the nats otherwise than sixteen straight lines would, but the law is the same: what is not worth its price is not sent. (The
# rule's threshold is low: at $\beta = 32$ it counts units that send a hundredth of a nat.)
#
# Where should the *total* collapse come? Near it, codes say so little that any network is as good as linear: so by the box at
# $\beta = \lambda_1/\sigma^2\approx 63$, where the last line of the linear VAE's picture ends. At twice that price we find it. One
# caution: the law is about the optimum, and what you see is where a training got to. A unit may also sleep because nothing has
# woken it *yet*: the table further down has both.

# %% [markdown]
# ## Collapse, and what it looks like
#
# Three more trainings of the same network, of which two have gone wrong. One takes Keras' `mean_squared_error` for its
# reconstruction: a mean over 64 numbers, without the ½ and without σ². So it is $E/64$ where $E/2\sigma^2 = 2E$ belongs,
# beside a KL that is summed: $\beta = 128$ in disguise. One forgot the KL: $\beta = 0$. And one is healthy: its β rises from 0
# to 1 in the first epochs, a **warm-up** (Bowman et al., 2016; Sønderby et al., 2016), which lets a decoder learn to use the
# code before the code has a price.

# %%
options = {name: exercises.options_of(name) for name in "ABC"}  # do not look them up before you have a diagnosis
runs = {name: trained(x[:5000], **options[name]) for name in "ABC"}
histories = {name: vae.history.history for name, vae in runs.items()}

# %% [markdown]
# Here is what you would see while they train. The two terms are shown as they are, in nats, without β. **Before you read on,**
# decide for each run: which is which?

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
# If you have an answer, open how they were made. And did a loss say it?

# %% tags=["proof"]
course_lib.show(exercises.options_of, folded="How A, B and C were trained (open after your diagnosis)")
for name, history in histories.items():
    print(f"{name}: training loss {history['loss'][0]:.2f} → {history['loss'][-1]:.2f}")
    assert history["loss"][-1] < history["loss"][0], "all three losses must fall"

# %% [markdown]
# All three losses fell, all three trainings were calm: *a falling loss is no diagnosis*. Side by side, the healthy run and
# the collapsed one: reconstructions, samples, and two numbers.

# %% tags=["proof"]
for name, title in (("B", "healthy"), ("A", "collapsed")):
    vae = runs[name]
    rows = {"real": shown, "reconstructed": vae.reconstruct(shown), "generated": vae.sample(10, seed=1)}
    ax = plotting.image_rows({label: pictures(row) for label, row in rows.items()})
    rate, distortion = rate_and_distortion(vae, held_out)
    units = active_units(vae.encode(held_out)[0])
    bill = f"R {rate.mean():.1f}, D {distortion.mean():.1f} nats"
    ax.set_title(f"{title}: {units} of 16 units active, {bill}", loc="left", fontsize=10)
    plotting.show(
        alt=f"Three rows of ten faces from the {title} run: real ones, reconstructions and samples. In a healthy run they "
        "differ from each other; in a collapsed one all are the same mean face."
    )
    assert (units == 0) == (title == "collapsed"), "the active-unit count must see the planted collapse, and no other"

# %% [markdown]
# The collapsed decoder has heard nothing: it gives *every* face the same reconstruction, the mean face, and its
# samples are the same. So its distortion can be predicted without any VAE: it is what the faces cost under one Gaussian
# about their mean, with the variance σ² in each of the 64 directions.

# %% tags=["proof"]
without_code = -stats.norm.logpdf(held_out, x.mean(axis=0), sigma2_of_faces**0.5).sum(axis=1)
print(f"the mean face for everybody: {without_code.mean():.2f} nats; the collapsed VAE: {distortion.mean():.2f} nats")
assert abs(without_code.mean() - distortion.mean()) < 3, "a collapsed VAE must be as good as the mean face"

# %% [markdown]
# Count the active units of every VAE you train; it costs one line. A table to keep (the cases of the second and the fourth row do not
# occur in this lesson):
#
# | symptom | cause | what to do |
# |---|---|---|
# | all units asleep, all reconstructions alike | the price of the rate is too high: β, σ², or a mean where a sum belongs | repair the price |
# | all units asleep, *samples* good, reconstructions unlike their input | a decoder that needs no code (such as one of text that sees its own past) | weaken it, free bits |
# | some units asleep, ELBO as good as with fewer latents | nothing left worth its price | nothing: this is how it should be |
# | asleep from the first epoch on, awake with warm-up | a poor local optimum at the start of training, or a short training | warm-up, patience |
# | rate grows and grows, best reconstructions of all | no KL, or no noise | put it back |
#
# Two remarks on the warm-up. While β rises, it pushes the loss up, whatever the networks learn; so compare epochs by the
# ELBO only. And it changes the *path*, not the goal: at its end the loss is the same as without it. If, both trained until
# nothing moves, it ends elsewhere, there was a local optimum.

# %% [markdown] tags=["deeper"]
# ### The three runs on a health chart
#
# The number of "the mean face for everybody" is one of three that the library computes of any data and likelihood, before any training:
# the **health chart** draws a training between them. Here is rate + distortion (β = 1) of the three runs.

# %%
from course_lib.metrics import health_marks

marks = health_marks(runs["B"], x[:5000])
bills_of_runs = {name: [np.nan, *np.add(each["kl"], each["reconstruction"])] for name, each in histories.items()}
plotting.health_chart(bills_of_runs, marks)
plotting.show(
    alt="Rate plus distortion of the runs A, B and C against the epoch, between dashed lines: an untrained decoder and a "
    "model that ignores its code, which coincide, and the floor. A rests on the upper line, C turns upwards below it, B is lowest."
)

# %% [markdown]
# A rests on "ignores its code": that is a collapse, seen without a picture. (The upper two marks coincide: these faces are centred, so a decoder that
# answers 0 answers the mean face.) B lies far below. And C, whose distortion is the best of the three, pays for it
# with a rate that its loss does not count: from the third epoch or so on its bill rises while it learns. No run comes near the floor, where every face is known exactly for nothing.

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
# Take $\beta = 128$, where the units slept, and allow each of them half a nat. **Predict:** will all sixteen be active? And
# will the ELBO be better for it?

# %% tags=["proof"]
awake, units, spent = trained(beta=128.0, free_bits=0.5), {}, {}
for name, vae in {"β = 128": vaes[128.0], "β = 128, free bits ½": awake}.items():
    rate, distortion = rate_and_distortion(vae, held_out, num_samples=4)
    mean, log_var = vae.encode(held_out)
    rate_of_units = np.sort(np.asarray(vae.prior.kl_of_dimensions(mean, log_var)).mean(axis=0))
    units[name], spent[name] = active_units(mean), rate.mean()
    print(f"{name:20} active {units[name]:2d}   rate {rate.mean():5.1f}, distortion {distortion.mean():6.1f}")
    print(f"{'':20} ELBO {-(rate + distortion).mean():7.2f} nats, smallest rates {rate_of_units[:3].round(2)}")
assert list(units.values()) == [0, 16], "free bits, and they alone, must keep all sixteen awake at this price"
assert 3 < spent["β = 128, free bits ½"] < 10, (
    "and what they spend must be about what was given, sixteen times half a nat"
)

# %% [markdown]
# All are awake, each with a good part of the half nat that it was given, and the distortion is far smaller. The ELBO is better,
# too: at $\beta = 128$ the price was too high, and free nats are a discount. But compare it with the ELBO at $\beta = 1$ without
# any free bits, further up: it is still below. An active unit is not good in itself: *the number of active units can be
# bought.* What they are worth shows in the ELBO, and in what you want to do with the code.

# %% [markdown]
# ## What the encoder really sends
#
# The prior is what the decoder is told to expect. What comes is another thing: draw a face, then a code from its
# $q(z\mid x)$. The density of such codes is the **aggregated posterior**
#
# $$q(z) = \frac1N\sum_{n=1}^N q(z\mid x_n) .$$
#
# The rate contains it. Insert $q(z)$ into the mean rate:
#
# 1. $\bar R = \frac1N\sum_n\mathbb E_{q(z\mid x_n)}\Big[\log\frac{q(z\mid x_n)}{p(z)}\Big]$
# 2. $\phantom{\bar R} = \frac1N\sum_n\mathbb E_{q(z\mid x_n)}\Big[\log\frac{q(z\mid x_n)}{q(z)}\Big] +
#    \frac1N\sum_n\mathbb E_{q(z\mid x_n)}\Big[\log\frac{q(z)}{p(z)}\Big]$, multiplying and dividing by $q(z)$;
# 3. the second average is one over $q(z)$, since nothing in the bracket depends on $n$:
#
# $$\boxed{\;\bar R = \underbrace{I(x; z)}_{\text{what the code tells}}
#   + \underbrace{\mathrm{KL}\big(q(z)\,\|\,p(z)\big)}_{\text{what it wastes}}\;}$$
#
# with $I(x; z)$ the **mutual information** of face and code under the encoder (Hoffman & Johnson, 2016). It is step 4 of the
# one-unit case, for any VAE. So the mean rate is an upper bound on what the code tells about the face; and the networks pay
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
# Does it hold for a trained VAE? One with two latents, $\beta = 1$, and 1,000 faces, so that all three numbers can be had
# *apart*, each by its own way: the rate in closed form; $I(x; z)$ by Monte Carlo, from the table of $q(z_n\mid x_m)$ for one draw
# $z_n$ of each face; the divergence by *adding up a grid* of the plane, without any draw. None is made from the other two.

# %% tags=["proof"]
flat = trained(latent_dim=2)
mean, log_var = (part.astype("float64") for part in flat.encode(x[:1000]))
variance = np.exp(log_var)


def log_q_of_all(z):
    """log q(z_n | x_m) for every row of z and every face: `(n, 1000)`."""
    squares = z**2 @ (1 / variance).T - 2 * z @ (mean / variance).T + (mean**2 / variance).sum(axis=1)
    return -0.5 * squares - 0.5 * log_var.sum(axis=1) - np.log(2 * np.pi)


table = log_q_of_all(mean + np.sqrt(variance) * rng.normal(size=mean.shape))
tells = np.diag(table) - special.logsumexp(table, axis=1) + np.log(1000)
line, step = np.linspace(-6, 6, 201, retstep=True)
grid = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
q_on_grid = np.concatenate([np.exp(log_q_of_all(part)).mean(axis=1) for part in np.split(grid, 201)])
wastes = (special.xlogy(q_on_grid, q_on_grid) - q_on_grid * stats.norm.logpdf(grid).sum(axis=1)).sum() * step**2
rate = 0.5 * (variance + mean**2 - 1 - log_var).sum(axis=1)
error = (tells - rate).std() / np.sqrt(1000)
print(
    f"the grid holds {q_on_grid.sum() * step**2:.6f} of q(z), which is as narrow as σ = {np.sqrt(variance.min()):.3f}"
)
print(f"I(x; z) {tells.mean():.3f}  +  KL(q(z)‖p(z)) {wastes:.3f}  =  {tells.mean() + wastes:.3f} ± {error:.3f} nats")
print(f"mean rate, in closed form {rate.mean():.3f} nats.  (No code can tell more than log N = {np.log(1000):.2f})")
assert abs(tells.mean() + wastes - rate.mean()) < 4 * error, "the rate must be what is told and what is wasted"

# %% [markdown]
# The first part is information, the second is waste. **Exercise {exercise: BEST_PRIOR} says how to get rid of the waste: change the prior.**
# Without touching a network: fit a mixture of Gaussians to codes (by scikit-learn) and use it as $p(z)$. We do so for this
# flat model, and for the one with sixteen latents and $\beta = 1$. **Predict:** what will happen to the rate, to the distortion,
# to the ELBO?

# %%
from sklearn.mixture import GaussianMixture

from course_lib.priors import GaussianMixturePrior


def with_fitted_prior(vae, num_components=30):
    mean, log_var = vae.encode(x[:5000])
    codes = mean + np.exp(0.5 * log_var) * rng.normal(size=mean.shape)
    fitted = GaussianMixture(num_components, covariance_type="diag", random_state=run.seed).fit(codes)
    prior = GaussianMixturePrior(vae.latent_dim, num_components)
    prior.means.assign(fitted.means_)
    prior.log_vars.assign(np.log(fitted.covariances_))
    prior.logits.assign(np.log(fitted.weights_))
    return VAE(vae.encoder, vae.decoder, gaussian(sigma2_of_faces), prior=prior, seed=run.seed)


# %% [markdown]
# (Codes, not means: the prior must expect the width of $q(z\mid x)$, too.) Two models, before and after, on new faces:

# %% tags=["proof"]
repaired = {"flat": with_fitted_prior(flat), "sixteen latents": with_fitted_prior(vaes[1.0])}
for name, vae in {"flat": flat, "sixteen latents": vaes[1.0]}.items():
    (rate, distortion), (new_rate, same) = (rate_and_distortion(m, held_out, 4) for m in (vae, repaired[name]))
    saved, error = (rate - new_rate).mean(), (rate - new_rate).std() / np.sqrt(len(rate))
    print(
        f"{name:15} R {rate.mean():.2f} → {new_rate.mean():.2f}   D {distortion.mean():.2f} → {same.mean():.2f}", end=""
    )
    print(
        f"   ELBO {-(rate + distortion).mean():.2f} → {-(new_rate + same).mean():.2f} (+{saved:.2f} ± {error:.2f}) nats"
    )
    assert np.array_equal(distortion, same), "the prior must not touch the distortion"
    assert saved > 3 * error, "a prior fitted to the codes must lower the rate of new faces"

# %% [markdown]
# The distortion did not move by a digit, and the rate fell: a better bound, for free, on the $\log p(x)$ of a model with
# another prior. This is lesson {number: the_latent_space}'s
# two-stage repair with a price tag on it: *there* the density of the codes had no likelihood of images; *here* it is the
# prior of one.
#
# What does that look like, in the flat model? Dots are codes of new faces, in the colour of their skin; lines
# are the prior's density, at 3, 10, 30 and 90 % of its maximum. Which codes does the round prior hardly expect?

# %%
figure, frames = plt.subplots(1, 2, figsize=(6, 3), layout="constrained", sharex=True, sharey=True)
mean, log_var = flat.encode(held_out[:350])
codes = mean + np.exp(0.5 * log_var) * rng.normal(size=mean.shape)
skin, tones = portraits.factors["validation"]["skin"][:350], np.linspace(0.1, 0.95, 6)
for ax, (name, vae) in zip(frames, {"N(0, I)": flat, "fitted mixture": repaired["flat"]}.items(), strict=True):
    density = np.exp(np.asarray(vae.prior.log_prob(grid.astype("float32")))).reshape(201, 201)
    ax.scatter(*codes.T, s=6, c=tones[skin], cmap="copper_r", vmin=0, vmax=1, linewidths=0)
    levels = density.max() * np.array([0.03, 0.1, 0.3, 0.9])
    ax.contour(line, line, density, levels=levels, colors="tab:blue", linewidths=0.8)
    ax.set(title=f"prior: {name}", xlabel="$z_1$", ylabel="$z_2$", aspect="equal", xlim=(-4, 4), ylim=(-4, 4))
    ax.label_outer()
plotting.show(
    alt="Two maps of the same codes in the plane, coloured from light to dark skin, with lines of the prior's density. Left "
    "the round hill of the standard normal, right the lines of the fitted mixture, which follow the codes."
)

# %% [markdown]
# Left, the prior is a round hill; right, the lines follow the codes. (In places light and dark skin lie apart, and nobody told
# the model that there are such kinds.) A *sample* takes its code from the lines: on the left, faces where codes are dense are
# drawn too rarely, and codes that no face ever had are drawn, too. So if reconstructions are good and samples are not, look
# here.

# %% [markdown] tags=["deeper"]
# ### A prior that learns
#
# Learning the prior *together* with the networks goes one step farther: the codes can now lie as they like.
# `VAE(…, prior=GaussianMixturePrior(…))` learns weights, means and variances; a `VampPrior` (Tomczak & Welling, 2018) is a
# mixture of the encoder's answers to a few pseudo-inputs, and learns these. The KL has no closed form any more; the library
# estimates it from the draw that is there anyway, $\log q(z\mid x) - \log p(z)$, without bias. Sixteen latents, thirty
# pseudo-inputs, the rest as for $\beta = 1$ above. **Predict:** will only the rate gain?

# %% tags=["proof"]
from course_lib.priors import VampPrior

vamp = trained(prior=lambda encoder: VampPrior(encoder, pseudo_inputs=x[:30]))
bills["vamp"] = rate_and_distortion(vamp, held_out, 4)
fitted_afterwards = rate_and_distortion(repaired["sixteen latents"], held_out, 4)
for name, bill in {"N(0, I)": bills[1.0], "fitted afterwards": fitted_afterwards, "VampPrior": bills["vamp"]}.items():
    gain = sum(bills[1.0]) - sum(bill)
    print(f"{name:18} R {bill[0].mean():6.2f}   D {bill[1].mean():6.2f}   ELBO {-sum(bill).mean():8.2f}", end="   ")
    print(f"against N(0, I): {gain.mean():+.2f} ± {gain.std() / np.sqrt(len(gain)):.2f} nats")
assert gain.mean() > 3 * gain.std() / np.sqrt(len(gain)), "the learned prior must give the better bound"

# %% [markdown]
# Look at both items of the bill. And the samples? They come from the prior, so they change with it:

# %%
models = {"N(0, I)": vaes[1.0], "fitted afterwards": repaired["sixteen latents"], "VampPrior": vamp}
plotting.image_rows({f"generated, {name}": pictures(vae.sample(12, seed=2)) for name, vae in models.items()})
plotting.show(
    alt="Three rows of twelve generated faces: by the standard normal prior, by a prior fitted afterwards, and by "
    "a VampPrior."
)

# %% [markdown]
# Are there better faces from row to row? Twelve pictures prove nothing. The nats above are averages over 1,000 faces;
# how to judge *samples* is the question of lesson {number: judging_generative_models}.

# %% [markdown] tags=["deeper"]
# ## One dimension, one cause?
#
# The last promise that is made for β (Higgins et al., 2017): with a larger β every latent dimension stands for *one* cause of
# the data, the code is **disentangled**. Look before you measure: a **traversal** takes the code of one face and moves *one*
# unit from −2.5 to 2.5, the others held. Four rows: the four most expensive units at $\beta = 8$. And a control: the same
# model, the same four units, after the code has been *turned* at random, and turned back inside the decoder. **Guess:** do the
# pictures tell which code is the turned one?

# %%
vae, steps = vaes[8.0], np.linspace(-2.5, 2.5, 5)
codes, log_var = vae.encode(held_out)
units = np.argsort(-np.asarray(vae.prior.kl_of_dimensions(codes, log_var)).mean(axis=0))[:8]  # those that are awake
random_turn = np.eye(16)
random_turn[np.ix_(units, units)] = np.linalg.qr(np.random.default_rng(run.seed).normal(size=(8, 8)))[0]
figure, frames = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
for ax, turn, title in zip(frames, (np.eye(16), random_turn), ("as trained", "turned"), strict=True):
    rows = {}
    for unit in units[:4]:
        moved = np.repeat(codes[:1] @ turn.T, 5, axis=0)
        moved[:, unit] = steps
        rows[f"unit {unit}"] = pictures(vae.decode((moved @ turn).astype("float32")))  # the decoder turns back first
    plotting.image_rows(rows, ax=ax).set_title(title)
plotting.show(
    alt="Two blocks of four rows of five faces, traversals of four units: left of the trained code, right of the turned one. "
    "Each row changes several things at once: skin and hair, hat and background."
)

# %% [markdown]
# Both change faces smoothly, and hardly a row changes one thing only. On faces drawn from known factors this need not stay
# an impression. For each factor $v_k$ take the two dimensions that tell most about it, $z_{(1)}$ and $z_{(2)}$; the **mutual
# information gap** (Chen et al., 2018) is
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
# Four codes: $\beta = 1$; $\beta = 8$; that one turned; and $\beta = 8$ trained again from other first weights. Real-valued
# factors are cut into five bins of equal share. What do you expect of the gaps: larger for every factor as β rises?

# %%
from course_lib.metrics import mutual_information, mutual_information_gap

names = ("skin", "hair", "hair_length", "hat", "beard", "glasses", "background", "light", "tilt")
known = portraits.factors["train"]
factors = np.stack(
    [
        known[n] if n in datasets.faces.KINDS else np.digitize(known[n], np.quantile(known[n], [0.2, 0.4, 0.6, 0.8]))
        for n in names
    ],
    axis=1,
)
at_eight = vae.encode(x)[0]
versions = {"β = 1": vaes[1.0].encode(x)[0], "β = 8": at_eight, "β = 8, turned": at_eight @ random_turn.T}
versions["β = 8, again"] = trained(beta=8.0, seed=run.seed + 100).encode(x)[0]
figure, frames = plt.subplots(1, 4, figsize=(11, 2.8), layout="constrained", sharey=True)
print(" " * 14, *(f" {factor}" for factor in names))
for ax, (name, codes) in zip(frames, versions.items(), strict=True):
    drawn = ax.imshow(mutual_information(codes, factors).T, vmin=0, vmax=0.6, cmap="Blues", aspect="auto")
    gap = mutual_information_gap(codes, factors)
    ax.set(title=f"{name}\nmean gap {gap.mean():.3f}", xlabel="latent unit", xticks=range(0, 16, 5), yticks=range(9))
    ax.set_yticklabels(names)
    print(f"{name:14}", *(f"{value:{len(factor) + 1}.2f}" for factor, value in zip(names, gap, strict=True)))
figure.colorbar(drawn, ax=frames, label="information / nats")
plotting.show(
    alt="Four tables of shades, nine factors against sixteen latent units: dark where a unit knows something of a factor. "
    "Most factors are known by several units, in the trained codes as in the turned one."
)

# %% [markdown]
# Dark: this unit knows something of this factor. No gap comes near 1: most factors are known by several units, glasses by hardly
# any (they change few pixels, so few nats are spent on them). And mind the controls. A random turn, or other first weights, move
# the gaps about as much as a price eight times as high does: from one training each nobody could say what β did. The turned code is not
# even a worse model. Here is why:
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
# **Predict:** the gap of the straight code, and of the turned one. (And, in the first line, $\log p(x\mid z) + \log p(z)$ of
# our faces and of their turned codes.)

# %% tags=["proof"]
z = at_eight[:2000].astype("float64")
log_joint = {}
for name, turn in {"straight": np.eye(16), "turned": random_turn}.items():
    turned_codes = z @ turn.T
    decoded = np.asarray(vae.decoder((turned_codes @ turn).astype("float32")))
    likelihood = stats.norm.logpdf(x[:2000], decoded, sigma2_of_faces**0.5).sum(axis=1)
    log_joint[name] = likelihood + stats.norm.logpdf(turned_codes).sum(axis=1)
print("mean log p(x, z) / nats:", {name: float(values.mean().round(3)) for name, values in log_joint.items()})
causes = rng.normal(size=(20_000, 2))
known_causes = np.stack([np.digitize(c, np.quantile(c, np.arange(1, 8) / 8)) for c in causes.T], axis=1)
straight = causes + 0.05 * rng.normal(size=causes.shape)
turned = straight @ (np.sqrt(0.5) * np.array([[1.0, -1.0], [1.0, 1.0]])).T
print(f"gap for each cause, straight: {mutual_information_gap(straight, known_causes).round(3)}", end="    ")
print(f"turned by 45°: {mutual_information_gap(turned, known_causes).round(3)}")
assert np.abs(log_joint["straight"] - log_joint["turned"]).max() < 0.01, "turning must leave prior and likelihood alone"
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
# First ask what they could say: compare the ELBO with that of a run with warm-up, both trained to the end. If it is the
# same, nothing is left that is worth its price, and seven latents do as well. Free bits would wake them whether they
# have something to say or not.
# </details>
#
# <details><summary><b>3.</b> A mean rate of 12 nats. So the code tells 12 nats about the image?</summary>
#
# At most. $\bar R = I(x; z) + \mathrm{KL}(q(z)\|p(z))$: the difference of the codes as a whole from the prior is paid for, too,
# and tells nothing.
# </details>
#
# <details><summary><b>4.</b> A paper tunes β by the validation loss of the β-VAE. What will it find?</summary>
#
# Usually a small one, and for no good reason: the yardstick changes with β. (For one fixed model $D + \beta R$ is smallest
# at the smallest β, since KL ≥ 0; but each β has its own model here, and without any price new images are coded badly, so it
# need not be the smallest.) Tune by what does not depend on β: the ELBO, a bound of lesson {number: tighter_bounds}, or the purpose.
# </details>
#
# <details><summary><b>5.</b> A Gaussian decoder with squared error ‖x − x̂‖² (no ½, no σ²) plus KL. Which σ² is this at
# β = 1?</summary>
#
# $\sigma^2 = \tfrac12$: then $\frac{1}{2\sigma^2} = 1$. Every scaling of the error is a choice of σ², and only $\beta\sigma^2$
# decides which units are active.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **split** the ELBO into rate and distortion, and seen that no encoder gets below Shannon's curve while many waste;
# * **derived** reverse water-filling, $E = \sum\min(\lambda_i, \theta)$, $R = \tfrac12\sum\log^+(\lambda_i/\theta)$ with
#   $\theta = \beta\sigma^2$, and found it again in an optimiser's answer, to four decimals;
# * **predicted** at which β each unit falls asleep, and seen a total collapse by its active units: none;
# * **diagnosed** a collapsed, a free and a warmed-up training (deeper: and **used** free bits without mistaking activity for value);
# * **compared** the prior with the aggregated posterior, $\bar R = I + \mathrm{KL}(q(z)\|p(z))$ (deeper: and **learned** a
#   prior that wastes less);
# * deeper: **measured** the gap of a code, and turned a large one away without changing the model of the data.
#
# What does the code spend its nats on? On whatever saves more distortion than it costs, at the price β: and on nothing
# else, except on the difference between the codes that come and the prior that was promised.
#
# **Go further.** Take 1,000 faces for training (`x = x[:1000]`) and sweep β from ½ to 4: where is the best validation ELBO
# now? Give the model with $\beta = \tfrac14$ a fitted prior (`with_fitted_prior(vaes[0.25])`): how much of its rate was waste, and
# which ELBO is best now? Or change σ², and find the β that leaves every unit as it was.
#
# **Touch it:** [β and the water level](../docs/explorables/water_level/index.html).
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

# %% [markdown] tags=["slide"]
# # Rate, distortion and β: what a code spends its nats on
#
# A VAE pays for its code in nats, and gets better reconstructions for them.
#
# **What does a nat buy, where does buying stop, and what happens if you change the price, β?**

# %% [markdown] tags=["notes"]
# 1 min. Needed from before: the ELBO with its gap, and a VAE that was trained once. Do not say "trade-off" yet.

# %% [markdown] tags=["slide"]
# ## The ELBO, turned around, is a bill
#
# $$-\text{ELBO}=\underbrace{\mathbb E_{q(z\mid x)}\big[-\log p(x\mid z)\big]}_{\text{distortion }D}+\underbrace{\mathrm{KL}\big(q(z\mid x)\,\|\,p(z)\big)}_{\text{rate }R}$$
#
# + **Distortion**: nats that are still needed to write $x$ down when $z$ is known.
# + **Rate**: nats that the code costs. It is 0 only if $q(z\mid x)$ is the prior.
# + Averaged over the data, every model is a point of the plane.

# %% [markdown] tags=["notes"]
# 2 min. The usual wrong answer: a large rate is good in itself. Leave it standing; the next picture refutes it.

# %% [markdown] tags=["slide"]
# ## Predict: is there a border?
#
# $x\sim\mathcal N(0,4)$, encoder $\mathcal N(vx,s)$, 2,000 random $v$ and $s$: do they fill the plane?
#
# . . .
#
# {figure: two-prices-one-plane-2}

# %% [markdown] tags=["notes"]
# 3 min. Vote: border or none. A dot far to the right and high up pays three nats and sees little. Error here is squared error; it becomes nats after two slides.

# %% [markdown] tags=["slide"]
# ## Where does the border come from?
#
# With $c=v^2\lambda+s$, the variance of all codes:
#
# $$E=\lambda\,\frac sc\qquad R=\tfrac12\,(c-1-\log s)$$
#
# . . .
#
# $$R=\underbrace{\tfrac12\log\frac\lambda E}_{\text{what the code tells}}+\underbrace{\tfrac12\,(c-1-\log c)}_{\text{what it wastes}\;\ge\;0}$$
#
# The first is **Shannon's** function: no code of any kind does better. The second is $\mathrm{KL}(\mathcal N(0,c)\,\|\,\mathcal N(0,1))$.

# %% [markdown] tags=["notes"]
# 3 min. Ask where the waste is 0: c = 1, if the codes as a whole look like the prior. It comes back at the end. Leave out the regression for w.

# %% [markdown] tags=["slide"]
# ## β is a slope
#
# $$L(E)=\frac E{2\sigma^2}+\frac\beta2\log\frac\lambda E\qquad\text{is least at}\qquad E=\beta\sigma^2$$
#
# . . .
#
# With many directions of variance $\lambda_i$, one level $\theta=\beta\sigma^2$ for all:
#
# $$E=\sum_i\min(\lambda_i,\theta)\qquad R=\tfrac12\sum_i\log^+\frac{\lambda_i}\theta$$
#
# . . .
#
# A unit is **active** exactly if $\lambda_i>\theta$. The others are under water.

# %% [markdown] tags=["notes"]
# 3 min. Draw columns and a water level on the board. Usual wrong answer: β and σ² are two knobs. Here they occur only as a product.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: ACTIVE_UNITS} · {minutes} minutes
#
# Variances along the principal axes: 6, 3, 1.5, 0.8, 0.4, 0.2.
#
# The likelihood has $\sigma^2=0.5$, and you train with $\beta=2$.
#
# **How many units will be active?**
#
# And at which β does the last one fall asleep?

# %% [markdown] tags=["notes"]
# 3 min. Level 1, so three; the last sleeps at β = 12. Usual wrong answers: comparing with β alone, or with σ² alone; six, because six latents were given.

# %% [markdown] tags=["slide"]
# ## Predict: does a VAE find it?
#
# A linear VAE with six latents is told neither axes nor levels. An optimiser sees the loss alone.
#
# . . .
#
# {output: does-a-vae-find-it-2}

# %% [markdown] tags=["notes"]
# 2 min. "Found" beside "box". No draws here: the loss is a closed form. Read one row aloud, β = 2. At β = 16 a total collapse, with no bug anywhere.

# %% [markdown] tags=["slide"]
# ## Columns under water, points on a curve
#
# {figure: does-a-vae-find-it-4}
#
# β chooses the place on Shannon's curve.

# %% [markdown] tags=["notes"]
# 2 min. The slope of the curve at a point is −2σ²β: there a further nat is not worth its price. So collapse can have a good reason: nothing to say that is worth it.

# %% [markdown] tags=["slide"]
# ## Predict: faces, and a price that rises
#
# Sixteen latents, Adam, noisy draws; β from 4 to 128. Sketch each unit's rate against β.
#
# . . .
#
# {figure: faces-and-units-that-fall-asleep-one-by-one-4}

# %% [markdown] tags=["notes"]
# 3 min. Lines are the box, dots the trained units. Parallel, for each doubling of β takes ½ log 2 from every unit awake. At the left units still share axes. Leave out how the 64 axes were made.

# %% [markdown] tags=["slide"]
# ## Predict: which β has the best training ELBO?
#
# . . .
#
# {figure: and-which-is-right-2}
#
# Whoever optimises something else gets less of this.

# %% [markdown] tags=["notes"]
# 2 min. Many say "it depends on the data". The training ELBO is the yardstick with weight 1, whatever was trained. On small data new images may prefer a β above 1.

# %% [markdown] tags=["slide"]
# ## Quiz: "E[log p(x|z)] − β·KL is a lower bound." For which β?
#
# . . .
#
# For $\beta\ge1$: more is subtracted than in the ELBO, and $\mathrm{KL}\ge0$.
#
# . . .
#
# For $\beta<1$ it can exceed $\log p(x)$: take $q$ = posterior.
#
# . . .
#
# The *ELBO* of the trained model is a bound in either case.

# %% [markdown] tags=["notes"]
# 2 min. Usual wrong answer: "for all". With an equals sign it is wrong twice: the gap is missing, and so is β = 1.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: REPAIR_BETA_LOSS} · {minutes} minutes
#
# "I trained with three β, and nothing changed."
#
#     def as_found(reconstruction, kl, beta):
#         return np.mean(beta * (reconstruction + kl))
#
# Three trainings:
#
# {output: a-that-does-nothing-2}
#
# **Find the bug.**

# %% [markdown] tags=["notes"]
# 3 min. β multiplies everything: the minimum stays where it was. Usual wrong answer: a larger learning rate. In the lesson they repair the function.

# %% [markdown] tags=["slide"]
# ## Predict: a network, five prices
#
# Same faces, same first weights, a hidden layer on each side. Which of $R$ and $D$ rises with β? Which model is best on new faces?
#
# . . .
#
# {output: the-plane-for-a-network-4 1-5}

# %% [markdown] tags=["notes"]
# 2 min. Distortions are nats of a density: only differences count. β = 1 wins by far more than the paired errors, which are in the notebook.

# %% [markdown] tags=["slide"]
# ## What goes first: the glasses or the background?
#
# . . .
#
# {figure: the-plane-for-a-network-6}

# %% [markdown] tags=["notes"]
# 2 min. Glasses and mouths: few pixels. The squared error decides what is a detail, not the eye. These are reconstructions; they say nothing about samples.

# %% [markdown] tags=["slide"]
# ## Units fall asleep
#
# A unit is active if its posterior mean moves: $\operatorname{Var}_x\big(\mathbb E_q[z_u]\big)>0.01$.
#
# {figure: the-plane-for-a-network-8}

# %% [markdown] tags=["notes"]
# 1 min. Black dots: the linear box. The network shares the nats otherwise, by the same law. The threshold is low.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: DIAGNOSE} · {minutes} minutes
#
# Three trainings: which one **collapsed**, which has **no KL**, which had a **warm-up**?
#
# {figure: collapse-and-what-it-looks-like-4}

# %% [markdown] tags=["notes"]
# 4 min. A collapse (a mean over 64 numbers in place of the sum over 2σ² is β = 128 in disguise), B warm-up, C no KL. Usual wrong answer: the lowest distortion is the healthy one.

# %% [markdown] tags=["slide"]
# ## Healthy and collapsed
#
# {figure: collapse-and-what-it-looks-like-9}
#
# {figure: collapse-and-what-it-looks-like-9 2}
#
# All three losses fell: **a falling loss is no diagnosis.** Count the active units.

# %% [markdown] tags=["notes"]
# 2 min. The collapsed decoder shows everybody the mean face. Its distortion can be predicted without any VAE; the notebook does it.

# %% [markdown] tags=["slide"]
# ## Asleep: a fault or not?
#
# | what is seen | cause | what to do |
# |---|---|---|
# | all asleep, all reconstructions alike | price too high | repair β, σ², mean or sum |
# | some asleep, ELBO as good as with fewer latents | nothing left worth its price | nothing |
# | asleep early, awake with warm-up | poor local optimum, or short training | warm-up, patience |
# | rate grows and grows | no KL, or no noise | put it back |

# %% [markdown] tags=["notes"]
# 1 min. To keep, not to read aloud. Free bits are a deeper section: the number of active units can be bought.

# %% [markdown] tags=["slide"]
# ## What the encoder really sends
#
# All codes together: $q(z)=\frac1N\sum_n q(z\mid x_n)$, the **aggregated posterior**.
#
# . . .
#
# $$\bar R=\frac1N\sum_n\mathbb E_{q(z\mid x_n)}\Big[\log\frac{q(z\mid x_n)}{q(z)}+\log\frac{q(z)}{p(z)}\Big]$$
#
# . . .
#
# $$\bar R=\underbrace{I(x;z)}_{\text{what the code tells}}+\underbrace{\mathrm{KL}\big(q(z)\,\|\,p(z)\big)}_{\text{what it wastes}}$$

# %% [markdown] tags=["notes"]
# 2 min. The same split as for one Gaussian, now for any VAE. The second average is one over q(z), for nothing in it depends on n.

# %% [markdown] tags=["slide"]
# ## Quiz: the best prior for this encoder?
#
# Encoder and decoder stay. What is the smallest mean rate that any prior can reach?
#
# (a) 0 · (b) $I(x;z)$ · (c) $\mathrm{KL}(q(z)\|\mathcal N(0,I))$ · (d) the rate as it is
#
# . . .
#
# **(b)**, with $p(z)=q(z)$: the waste can go, the information cannot.

# %% [markdown] tags=["notes"]
# 2 min. It is exercise {exercise: BEST_PRIOR} of the lesson. Usual wrong answer: 0. That would need an encoder that says nothing.

# %% [markdown] tags=["slide"]
# ## A better bound, for free
#
# A mixture of Gaussians, fitted to codes, as the prior; the networks stay:
#
# {output: what-the-encoder-really-sends-7}
#
# {figure: what-the-encoder-really-sends-9}

# %% [markdown] tags=["notes"]
# 2 min. Ask first: what happens to D? It does not move by a digit. If reconstructions are good and samples are not, look here.

# %% [markdown] tags=["slide"]
# ## To take home
#
# $$R=\tfrac12\sum_i\log^+\frac{\lambda_i}{\beta\sigma^2}\qquad\bar R=I(x;z)+\mathrm{KL}\big(q(z)\,\|\,p(z)\big)$$
#
# A code spends nats on whatever saves more distortion than it costs, at the price β; and on the difference between the codes that come and the prior that was promised.
#
# *At home:* exercises {exercise: WATER_FILLING} and {exercise: GAP_FROM_TABLE}.

# %% [markdown] tags=["notes"]
# 1 min. Next: bounds that lie closer to log p(x).
