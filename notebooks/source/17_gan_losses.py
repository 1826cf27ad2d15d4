# ---
# jupyter:
#   course:
#     part: "Part III · GANs"
#     question: "What does a generator descend, with each of the usual losses?"
# ---

# %% [markdown]
# # One rule for GAN losses: what each makes of the best discriminator, and what its generator descends
#
# **The question.** Saturating, non-saturating, least squares, hinge: every GAN program has its loss. Against the best
# discriminator, which distance from the data does each of them make smaller? And what follows for the samples?
#
# In this lesson you will
#
# * **recognise** f-divergences, and **see** a discriminator as a tangent of $f$;
# * **derive** the rule that gives the divergence a generator descends, and **apply** it to the usual losses;
# * **find** the best score for least squares and for the hinge, and **tell** which losses keep a gradient far from the data;
# * **write** the two losses of a game for a divergence of your choice in `keras.ops`;
# * **predict** which losses cover all modes, and **train** a GAN that climbs the likelihood of the data.
#
# *To know before:* the best discriminator $D^*=p/(p+q)$, its logit $\ell^*=\log p-\log q$, the Jensen–Shannon divergence and
# the two losses of a generator ({lesson: gan_theory}); KL in both directions and Jensen's inequality
# ({lesson: the_elbo}); convex functions. *Time:* {times}; about 35 seconds to run on two CPU cores. A GPU is not needed.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## Divergences made of a ratio
#
# As before, $p$ is the density of the data, $q$ that of the samples, and now $r(x)=\frac{q(x)}{p(x)}$ is their ratio. The
# best discriminator knows it: $\ell^*=-\log r$. Take any function $f$ with
#
# $$D_f(q\,\|\,p)=\mathbb E_{x\sim p}\big[f(r(x))\big],\qquad f\text{ convex},\quad f(1)=0 .$$
#
# This is an **f-divergence** (Ali & Silvey, 1966; Csiszár, 1967). It is never negative, by Jensen's inequality:
# $\mathbb E_p[f(r)]\ge f(\mathbb E_p[r])=f(1)=0$, since $\mathbb E_p[r]=\int q=1$. And it is 0 only for $q=p$ if $f$ really
# bends at 1. Two functions that differ by a multiple of $r-1$ make the same divergence ($\mathbb E_p[r-1]=0$).
#
# | divergence | $f(r)$ | $f'(r)$, without constants |
# |---|---|---|
# | $\mathrm{KL}(q\,\Vert\,p)$, reverse | $r\log r$ | $\log r$ |
# | $\mathrm{KL}(p\,\Vert\,q)$, forward: maximum likelihood | $-\log r$ | $-1/r$ |
# | $2\,\mathrm{JSD}$ | $\log\frac2{1+r}+r\log\frac{2r}{1+r}$ | $\log\frac r{1+r}$ |
# | $2\,\mathrm{KL}(m\,\Vert\,p)=\mathrm{KL}(q\,\Vert\,p)-2\,\mathrm{JSD}$ | $(1+r)\log\frac{1+r}2$ | $\log(1+r)$ |
# | total variation, $\int\lvert q-p\rvert$ (elsewhere often half of it) | $\lvert r-1\rvert$ | $\operatorname{sign}(r-1)$ |
#
# ($m=\frac12(p+q)$ is the mixture.) Here are their curves, each with the multiple of $r-1$ that lays its tangent at 1 flat.
# **Before you look:** which ones stay finite for $r\to0$, where data are that nobody generates?

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import ops
from scipy.special import expit as sigmoid
from scipy.stats import norm

from course_lib import datasets, networks, plotting
from course_lib.exact import expectation_1d, jensen_shannon_1d, kl_1d, non_saturating_divergence, optimal_logit
from course_lib.formulas import adversarial
from course_lib.models import GAN

# %% [markdown]
# The five functions, and what is subtracted:

# %%
f_of = {
    "KL(q‖p)": lambda r: r * np.log(r),
    "KL(p‖q)": lambda r: -np.log(r),
    "2 JSD": lambda r: np.log(2 / (1 + r)) + r * np.log(2 * r / (1 + r)),
    "KL(q‖p) − 2 JSD": lambda r: (1 + r) * np.log((1 + r) / 2),
    "total variation": lambda r: np.abs(r - 1),
}
slope_at_1 = {"KL(q‖p)": 1, "KL(p‖q)": -1, "2 JSD": 0, "KL(q‖p) − 2 JSD": 1, "total variation": 0}
r = np.linspace(0.005, 4, 800)
ax = plt.subplots(figsize=(6.5, 3.2), layout="constrained")[1]
for colour, (name, f) in zip(plotting.PALETTE, f_of.items(), strict=False):
    ax.plot(r, f(r) - slope_at_1[name] * (r - 1), color=colour, label=name)
ax.set(xlabel="r = q/p", ylabel="f(r)", ylim=(-0.1, 2.5))
ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
plotting.show(
    alt="Five convex curves f against r, all zero at r = 1. At r = 0 only the one of KL(p‖q) goes to infinity; the one of "
    "KL(q‖p) minus 2 JSD is the lowest there. Right of 1, as far as is drawn (r = 4), that of total variation is the highest."
)

# %% [markdown]
# Only the forward KL (orange) punishes $r=0$, *missing* data, without end. Now the numbers, for $p=\mathcal N(0,1)$ and
# $q=\mathcal N(b,1)$. Three of them have closed forms: $b^2/2$, $b^2/2$ again, and $4\Phi(b/2)-2$.


# %% tags=["proof"]
def f_divergence(f, log_q, log_p=norm.logpdf, ends=(-14, 14)):
    return expectation_1d(lambda x: f(np.exp(log_q(x) - log_p(x))), log_p, *ends)


for b in (0.5, 1.5):
    found = {name: f_divergence(f, norm(b, 1).logpdf) for name, f in f_of.items()}
    print(f"b = {b}:\n   ", ", ".join(f"{name} {value:.4f}" for name, value in found.items()))
    oracle = {"KL(q‖p)": b**2 / 2, "KL(p‖q)": b**2 / 2, "total variation": 4 * norm.cdf(b / 2) - 2}
    for name, value in oracle.items():
        assert abs(found[name] - value) < 1e-4, f"{name} must have its closed form"
    assert abs(found["KL(q‖p)"] - found["2 JSD"] - found["KL(q‖p) − 2 JSD"]) < 1e-4, "the fourth is a difference"

# %% [markdown]
# **Exercise {exercise: WHICH_ARE_DIVERGENCES}.** Which of these $f$ make a divergence, one that is never negative and 0 only for $q=p$? Give a set
# of letters. `"a"`: $r^2-1$ · `"b"`: $\sqrt r-1$ · `"c"`: $1-\sqrt r$ · `"d"`: $r\log r-r+1$ · `"e"`: $r-1$ ·
# `"f"`: $(r-1)^3$.

# %% tags=["exercise"]
# BEGIN SOLUTION
divergences = {"a", "c", "d"}
# END SOLUTION

# %%
from course_lib.exercises import check
from course_lib.exercises import gan_losses as exercises

check(exercises.WHICH_ARE_DIVERGENCES, divergences)

# %% [markdown]
# ## A discriminator is a tangent
#
# $\mathbb E_p[f(q/p)]$ needs the two densities. A GAN has samples only. Here is how a convex function gets rid of the ratio:
# it lies above each of its tangents, and touches it.

# %%
f, slope = f_of["KL(q‖p)"], lambda r: np.log(r) + 1
ax = plt.subplots(figsize=(5.5, 3.2), layout="constrained")[1]
ax.plot(r, f(r), color="black", label="f(r) = r log r")
for colour, at in zip(plotting.PALETTE[1:], (0.5, 1.0, 2.0), strict=False):
    ax.plot(r, f(at) + slope(at) * (r - at), "--", color=colour, label=f"slope T = {slope(at):.2f}")
    ax.plot(at, f(at), "o", color=colour, markersize=5)
    ax.plot(0, f(at) - at * slope(at), "s", color=colour, markersize=5)
ax.set(xlabel="r", ylabel="f(r) and its tangents", xlim=(-0.1, 4), ylim=(-2.2, 4))
ax.legend(frameon=False)
plotting.show(
    alt="The convex curve r log r in black and three dashed tangents, each below the curve and touching it at a dot. "
    "Squares mark where the tangents meet the vertical axis."
)

# %% [markdown]
# A tangent is known by its slope $T$. Where it meets the axis $r=0$ (squares) stands $-f^*(T)$; this $f^*$ is called the
# **conjugate** of $f$. So the tangent is the line $T\,r-f^*(T)$, and
#
# $$f(r)\ge T\,r-f^*(T),\qquad\text{with equality at }T=f'(r),\qquad f^*(f'(r))=r\,f'(r)-f(r).$$
#
# Now choose a slope $T(x)$ for each $x$ and take the mean over $p$. The ratio goes, because $\mathbb E_p[T\,r]=\int q\,T$:
#
# $$D_f(q\,\|\,p)\;\ge\;\mathbb E_{x\sim q}\big[T(x)\big]-\mathbb E_{x\sim p}\big[f^*(T(x))\big].$$
#
# On the right there are two means over *samples*, and a function $T$ that a network can learn by climbing them: a
# discriminator. The best one is $T^*=f'(q/p)$, and its value is the divergence. **There is a game for every f**: this is the
# f-GAN (Nowozin, Cseke & Tomioka, 2016), by a bound of Nguyen, Wainwright & Jordan (2010).

# %% [markdown] tags=["deeper"]
# ### A conjugate by hand
#
# **Exercise {exercise: CONJUGATE}.** Derive $f^*(T)$ for $f(r)=r\log r$: solve $f'(r)=T$ for $r$, and put it into $r\,T-f(r)$. (The
# squares in the picture tell you whether you are right.)


# %% tags=["exercise"]
def conjugate(t):
    # BEGIN SOLUTION
    return np.exp(t - 1)
    # END SOLUTION


# %%
check(exercises.CONJUGATE, conjugate)

# %% [markdown]
# ### One logit for all games
#
# Let the network return the logit $\ell$ as before, and take $T=f'(e^{-\ell})$. Then *every* one of these games has the same
# best discriminator, $\ell^*=\log p-\log q$, and the two losses are
#
# $$L_D=-f'(e^{-\ell})\big|_{\text{samples}}+\big[r f'(r)-f(r)\big]_{r=e^{-\ell}}\big|_{\text{data}},\qquad L_G=f'(e^{-\ell})\big|_{\text{samples}}.$$
#
# For $2\,\mathrm{JSD}$ these are the binary cross-entropy and the saturating loss $\log(1-D)$, up to constants: the GAN of
# 2014. **Is the bound a bound?** $f(r)=r\log r$, $p=\mathcal N(0,1)$, $q=\mathcal N(1,1)$: the divergence is ½. Predict the
# order of the four discriminators.

# %% tags=["proof"]
log_q = norm(1, 1).logpdf
bounds = {}
for name, logit in {
    "the best, log p − log q": lambda x: optimal_logit(x, norm.logpdf, log_q),
    "the best, halved": lambda x: 0.5 * optimal_logit(x, norm.logpdf, log_q),
    "the best, plus 0.3": lambda x: optimal_logit(x, norm.logpdf, log_q) + 0.3,
    "a coin flip, 0": np.zeros_like,
}.items():
    over_samples = expectation_1d(lambda x, of=logit: 1 - of(x), log_q, -14, 14)  # T = f'(e^−ℓ) = 1 − ℓ
    over_data = expectation_1d(lambda x, of=logit: np.exp(-of(x)), norm.logpdf, -14, 14)  # r f'(r) − f(r) = r
    bounds[name] = over_samples - over_data
    print(f"{name:24} bound {bounds[name]:.5f}, KL(q‖p) = 0.5")
best, *others = bounds.values()
assert abs(best - 0.5) < 1e-6, "the best discriminator must reach the divergence"
assert max(others) < 0.5, "and every other one must stay below"

# %% [markdown]
# ## What the generator descends
#
# The discriminator's loss and the generator's need not come from the same $f$ (in the non-saturating GAN they do not). So
# let $L(\ell)$ be *any* loss of the generator, and $D$ the best one for where the generator stands, $\theta_0$. It holds still
# while the gradient is taken. Differentiate an f-divergence under the integral:
#
# $$\nabla_\theta\int p\,f\Big(\frac{q_\theta}p\Big)=\int f'\Big(\frac{q_{\theta_0}}p\Big)\,\nabla_\theta q_\theta=\nabla_\theta\,\mathbb E_z\big[f'(r)\big|_{x=G_\theta(z)}\big].$$
#
# On the right stands the gradient of a generator's loss, $f'(r)$ at the samples. Hence the rule:
#
# > **Against the best discriminator, the generator with the loss $L(\ell)$ descends the divergence with $f'(r)=L(-\log r)$.**
#
# And is that $f$ convex? $f'$ must rise with $r=e^{-\ell}$: exactly if $L$ *falls* with the logit. **Every generator loss
# that falls with the logit descends an f-divergence.** One that rises *climbs* one: so did the co-operating GAN of
# {lesson: gan_theory}, whose samples ran away.
#
# **Exercise {exercise: WHAT_IS_DESCENDED}.** Which divergence is descended by each of four losses? Write each as a function of $r$
# (at the best $D$, which is $\frac1{1+r}$), and look that $f'$ up in the first table. Answer with a dictionary: keys `"log(1 - D)"`,
# `"-log D"`, `"-logit"` and `"-exp(logit)"`; values `"2 JSD"`, `"KL(q||p)"`, `"KL(p||q)"`, `"KL(q||p) - 2 JSD"`. One of them makes a GAN climb the *likelihood* of the data.

# %% tags=["exercise"]
# BEGIN SOLUTION
descended = {
    "log(1 - D)": "2 JSD",
    "-log D": "KL(q||p) - 2 JSD",
    "-logit": "KL(q||p)",
    "-exp(logit)": "KL(p||q)",
}
# END SOLUTION

# %%
check(exercises.WHAT_IS_DESCENDED, descended)

# %% [markdown]
# So $-\log D=\log(1+r)$ descends $\mathrm{KL}(q\,\|\,p)-2\,\mathrm{JSD}$ (Arjovsky & Bottou, 2017, theorem 2.5): mind the
# **minus**. The usual GAN loss does not minimise the Jensen–Shannon divergence. (What it does minimise is never negative, as
# Shannon et al., 2020, noticed: it equals $2\,\mathrm{KL}(m\,\|\,p)$.) The saturating loss descends $2\,\mathrm{JSD}$, so
# the gradients of the two usual losses add up to that of $\mathrm{KL}(q\,\|\,p)$.
#
# Measured, for $G(z)=az+b$ and a mixture of two Gaussians. Left side: the mean over samples of (slope of the loss) × (slope of
# $\ell^*$ along $x$) × $(z,1)$. Right side: divergences as integrals, and their differences as $a$ and $b$ change a little.
# The two sides share nothing but the rule that integrates. Each loss must find its twin, and only one.

# %%
from course_lib.exact import generator_gradient

ENDS = (-14, 14)
mixture = {"means": (-1.0, 1.0), "standard_deviation": (0.5, 1.2), "weights": (0.4, 0.6)}
data = datasets.load("mixture_1d", num_train=20_000, seed=run.seed, **mixture)
log_p = data.density.log_density
slopes = {
    "log(1 − D), saturating": lambda logit: -sigmoid(logit),
    "−log D, non-saturating": lambda logit: -sigmoid(-logit),
    "−logit": lambda logit: -np.ones_like(logit),
    "−exp(logit)": lambda logit: -np.exp(logit),
}
four = {
    "KL(p‖q)": lambda log_q: kl_1d(log_p, log_q, *ENDS),
    "KL(q‖p)": lambda log_q: kl_1d(log_q, log_p, *ENDS),
    "KL(q‖p) − 2 JSD": lambda log_q: non_saturating_divergence(log_p, log_q, *ENDS),
    "2 JSD": lambda log_q: 2 * jensen_shannon_1d(log_p, log_q, *ENDS),
}


# %% tags=["proof"]
def difference(divergence, a, b, h=1e-4):
    """The gradient of a divergence of N(b, a²) from the data, by differences."""
    sides = [[divergence(norm(b + s * db, a + s * da).logpdf) for s in (h, -h)] for da, db in ((1, 0), (0, 1))]
    return np.array([(above - below) / (2 * h) for above, below in sides])


for a, b in ((0.8, 1.5), (2.0, -1.0)):
    of_divergences = {name: difference(divergence, a, b) for name, divergence in four.items()}
    for name, slope in slopes.items():
        gradient = generator_gradient(slope, log_p, norm.logpdf, a, b, *ENDS)
        twins = [other for other, each in of_divergences.items() if np.allclose(gradient, each, rtol=1e-5, atol=1e-6)]
        print(f"a = {a}, b = {b:4}: {name:22} gradient {gradient.round(5)}, as for {' and '.join(twins)}")
        assert len(twins) == 1, "each loss must descend one of the four divergences, and no other"

# %% [markdown] tags=["deeper"]
# ### A theorem that seems to fail
#
# A colleague checks theorem 2.5 without the library. She computes the *value* of the non-saturating loss,
# $\mathbb E_{q_b}[-\log D^*]$ as an integral, with the best $D$ for the generator, at $b+h$ and at $b-h$, and divides the difference by
# $2h$:


# %% tags=["proof"]
def value_of_the_loss(shift, best_at):
    """E[−log D*] of N(shift, 1) against data N(0, 1), where D* is the best for a generator at `best_at`."""
    log_q, opponent = norm(shift, 1).logpdf, norm(best_at, 1).logpdf
    return expectation_1d(lambda x: np.logaddexp(0, -optimal_logit(x, norm.logpdf, opponent)), log_q, -20, 20)


h = 1e-4
for b in (0.5, 1.0, 2.0):
    hers = (value_of_the_loss(b + h, b + h) - value_of_the_loss(b - h, b - h)) / (2 * h)
    theorem = generator_gradient(lambda logit: -sigmoid(-logit), norm.logpdf, norm.logpdf, 1.0, b, -20, 20)[1]
    print(f"b = {b}: she finds {hers:.5f}, the theorem says {theorem:.5f}")
    assert abs(hers - theorem) > 0.02, "the symptom: her slope is not the theorem's"

# %% [markdown]
# The theorem is right. **Exercise {exercise: HELD_STILL}: find the bug** in her slope. `loss(shift, best_at)` is a function like the one
# above.


# %% tags=["exercise"]
def slope_of_the_loss(loss, shift, h):
    # BEGIN SOLUTION
    return (loss(shift + h, shift) - loss(shift - h, shift)) / (2 * h)
    # INSTEAD
    # return (loss(shift + h, shift + h) - loss(shift - h, shift - h)) / (2 * h)
    # END SOLUTION


# %%
check(exercises.HELD_STILL, slope_of_the_loss)

# %% [markdown]
# A gradient step sees the *present* discriminator; how $D$ will answer is not in it. The value at $D^*$ is something else,
# $\mathrm{KL}(q\,\|\,p)-\mathrm{KL}(q\,\|\,m)+\log2$, and its slope is hers.

# %% [markdown]
# ## Other discriminators: least squares and hinge
#
# Some losses do not ask for a probability. The network returns a **score** $s$, and what is minimised is
#
# | | discriminator: at data, at samples | generator: at samples |
# |---|---|---|
# | least squares (Mao et al., 2017) | $\frac12(s-1)^2$, $\;\frac12s^2$ | $\frac12(s-1)^2$ |
# | hinge (Lim & Ye, 2017; SAGAN, BigGAN) | $\max(0,1-s)$, $\;\max(0,1+s)$ | $-s$ |
#
# What is the best score? Point by point, as before: minimise $p\cdot$(loss at data) $+\;q\cdot$(loss at samples). For the
# hinge it is $\operatorname{sign}(p-q)$: between $-1$ and $1$ the sum $p(1-s)+q(1+s)$ is a straight line, which is lowest at
# an end.
#
# **Exercise {exercise: BEST_SCORE}.** And for least squares? Take any two targets: $a$ for data (above: 1) and $b$ for samples (above: 0).
# Give the best score from the densities at $x$ (arrays).


# %% tags=["exercise"]
def best_score(p, q, a, b):
    # BEGIN SOLUTION
    return (a * p + b * q) / (p + q)
    # END SOLUTION


# %%
check(exercises.BEST_SCORE, best_score)

# %% [markdown]
# Do networks find these? Three of them, which differ in the loss alone: same data, generator (at rest, $G(z)=1.3z$), start
# and batches.

# %%
x = np.linspace(-3, 3.5, 651)
p, q = np.exp(log_p(x)), norm(0, 1.3).pdf(x)
best_scores = {"cross-entropy": np.log(p / q), "least squares": p / (p + q), "hinge": np.sign(p - q)}
objectives = (adversarial.non_saturating, adversarial.least_squares, adversarial.hinge)
learned = {}
for name, objective in zip(best_scores, objectives, strict=True):
    keras.utils.set_random_seed(run.seed)
    generator = networks.dense_generator(1, (1,), (), output_activation=None)
    generator.set_weights([np.array([[1.3]]), np.array([0.0])])
    discriminator = networks.dense_discriminator((1,), (32, 32), activation="tanh")
    game = GAN(generator, discriminator, objective, seed=run.seed)
    game.compile(learning_rate=keras.optimizers.schedules.CosineDecay(0.01, 1600), generator_scale=0)
    game.fit(data.x_train, epochs=40, batch_size=500, verbose=0)
    learned[name] = ops.convert_to_numpy(discriminator(np.float32(x)[:, None]))[:, 0]

# %% tags=["proof"]
figure, frames = plt.subplots(1, 4, figsize=(11, 2.7), layout="constrained")
plotting.curves({"p (data)": p, "q (generator)": q}, x=x, xlabel="x", ylabel="density", ax=frames[0])
for ax, (name, score) in zip(frames[1:], best_scores.items(), strict=True):
    ax.plot(x, score, color="black", label="best")
    ax.plot(x, learned[name], "--", color=plotting.PALETTE[5], label="trained")
    ax.set(xlabel="x", title=name)
frames[1].set_ylabel("score")
frames[1].legend(frameon=False)
plotting.show(
    alt="Left, the densities of data and generator. Then the best score in black and the trained one, dashed, for three "
    "losses: a log-ratio that dips to minus 3 and rises to 1, the same shape squeezed between 0 and 1, and steps between "
    "minus 1 and 1."
)
weights = (p + q) / np.sum(p + q)
for name, score in best_scores.items():
    error = np.sum(weights * np.abs(learned[name] - score))
    print(
        f"{name:13} mean |trained − best| {error:.3f}; on average, scores are {np.sum(weights * np.abs(score)):.3f} large"
    )
    assert error < (0.35 if name == "hinge" else 0.05), "a trained score must come near to the best one"
agree = np.sum(weights * (np.sign(learned["hinge"]) == np.sign(p - q)))
assert agree > 0.9, "the trained hinge score must have the sign of p − q nearly everywhere"

# %% [markdown]
# The cross-entropy learns the log-ratio, least squares learns $D^*=p/(p+q)$ itself, the hinge learns only *which* of the two
# is larger (with ramps for steps: a smooth network cannot jump). The Wasserstein loss, $s$ at samples minus $s$ at data, has
# no best score at all without a further condition: it could grow for ever ({lesson: wasserstein_gans}).
#
# The rule holds for them, too. Least squares: $L=\frac12(D^*-1)^2=\frac12\big(\frac r{1+r}\big)^2=f'(r)$, rising in $r$. Hinge:
# $L=-\operatorname{sign}(p-q)=\operatorname{sign}(r-1)$, so it descends the total variation.
#
# ### Which losses keep a gradient far from the data?
#
# Data $\mathcal N(0,1)$, generator $\mathcal N(b,1)$, the best discriminator of each loss. **Predict:** least squares was
# introduced against vanishing gradients. Is its gradient still there at $b=6$?

# %% tags=["proof"]
shifts = np.linspace(0.25, 8, 32)
of_logit = {  # each generator's loss as a function of the best discriminator's logit: its slope
    "−log D": lambda logit: -sigmoid(-logit),
    "log(1 − D)": lambda logit: -sigmoid(logit),
    "least squares": lambda logit: -sigmoid(logit) * sigmoid(-logit) ** 2,
}
far = {
    name: np.array([generator_gradient(slope, norm.logpdf, norm.logpdf, 1.0, b, -20, 20)[1] for b in shifts])
    for name, slope in of_logit.items()
}
far["hinge"] = 2 * norm.pdf(shifts / 2)  # the slope of 4Φ(b/2) − 2
ax = plotting.curves(far, x=shifts, xlabel="distance b of the generator", ylabel="dL/db against the best D")
ax.set(yscale="log", ylim=(1e-4, 20))
plotting.show(
    alt="The gradient against the distance of the generator, on a logarithmic axis, for four losses. That of −log D rises; "
    "those of log(1 − D), least squares and the hinge fall towards zero."
)
print("at b = 6:", ", ".join(f"{name} {np.interp(6, shifts, values):.4f}" for name, values in far.items()))
squares = [
    f_divergence(lambda r: 0.5 * (r - 2 * np.log1p(r) - 1 / (1 + r)), norm(b, 1).logpdf) for b in (1.4999, 1.5001)
]
assert abs(np.diff(squares)[0] / 2e-4 - np.interp(1.5, shifts, far["least squares"])) < 1e-3, "f' is ½ (r/(1 + r))²"
assert far["−log D"][-1] > 7.9, "the non-saturating gradient must stay"
assert max(far[name][-1] for name in ("log(1 − D)", "least squares", "hinge")) < 0.01, "the others must vanish"

# %% [markdown]
# It is gone, and the hinge's as well. A divergence that is bounded must be flat far away, and it is bounded if $f(0)$ and the
# slope $f'(\infty)$ are finite: so with $2\,\mathrm{JSD}$, least squares and total variation. Least squares does help while
# $D$ is *not* the best one: a score far below its target pulls in proportion. That is why such games are played with a
# discriminator that is kept from being too good: few steps, a bounded slope ({lesson: wasserstein_gans}).
#
# **Exercise {exercise: WHICH_KEEP_A_GRADIENT}.** Which generator losses descend a divergence without an upper bound, so that a gradient remains
# however far the samples are? A set out of `"log(1 - D)"`, `"-log D"`, `"-logit"`, `"-exp(logit)"`, `"-D"`.

# %% tags=["exercise"]
# BEGIN SOLUTION
unbounded = {"-log D", "-logit", "-exp(logit)"}
# END SOLUTION

# %%
check(exercises.WHICH_KEEP_A_GRADIENT, unbounded)

# %% [markdown]
# ## One mode or all of them?
#
# Now the consequence for samples. In lesson {number: the_elbo} a single Gaussian was fitted to two modes: the forward divergence
# $\mathrm{KL}(p\,\|\,q)$ **covered** both, the reverse one **chose** one. And the divergences of GANs?
#
# Data: two equal modes at ±2, each with standard deviation ½. The generator makes one Gaussian, $G(z)=az+b$. First an exact
# search, without any network, from a narrow start and from a wide one:

# %% tags=["proof"]
from scipy.optimize import minimize

modes = datasets.load(
    "mixture_1d", num_train=4000, means=(-2.0, 2.0), standard_deviation=0.5, weights=(0.5, 0.5), seed=run.seed
)
log_modes, GRID = modes.density.log_density, (-14, 14, 2001)
measures = {
    "KL(p‖q)": lambda log_q: kl_1d(log_modes, log_q, *GRID),
    "KL(q‖p)": lambda log_q: kl_1d(log_q, log_modes, *GRID),
    "2 JSD": lambda log_q: 2 * jensen_shannon_1d(log_modes, log_q, *GRID),
    "KL(q‖p) − 2 JSD": lambda log_q: non_saturating_divergence(log_modes, log_q, *GRID),
}
fits = {}
for name, measure in measures.items():
    found = [
        minimize(lambda t, of=measure: of(norm(t[0], np.exp(t[1])).logpdf), start, method="Nelder-Mead", tol=1e-4)
        for start in ((-1.7, -0.5), (0.1, 0.6))
    ]
    fits[name] = min((each.fun, each.x[0], np.exp(each.x[1])) for each in found)
    print(f"{name:16}", ", ".join(f"{each.fun:.3f} at N({each.x[0]:.2f}, {np.exp(each.x[1]):.2f}²)" for each in found))
cover, choose = fits["KL(p‖q)"], fits["KL(q‖p) − 2 JSD"]
assert np.abs(np.array(cover[1:]) - [0, np.sqrt(4.25)]).max() < 0.05, "forward KL must cover: mean 0, variance 2² + ½²"
assert abs(abs(choose[1]) - 2) + abs(choose[2] - 0.5) < 0.05, "KL(q‖p) − 2 JSD must choose one mode"

# %%
positions = np.linspace(-4, 4, 81)
figure, frames = plt.subplots(1, 4, figsize=(11, 2.5), layout="constrained")
for ax, colour, (name, measure) in zip(frames, plotting.PALETTE, measures.items(), strict=False):
    values = np.array([measure(norm(b, 0.5).logpdf) for b in positions])
    density = np.exp(log_modes(positions)) / 0.4 * np.ptp(values)
    ax.fill_between(positions, values.min(), values.min() + density, color="0.9")
    ax.plot(positions, values, color=colour)
    lowest = values < values.min() + 1e-6
    ax.plot(positions[lowest], values[lowest], "o", color="black", markersize=5)
    ax.set(xlabel="position b (scale ½)", title=name)
frames[0].set_ylabel("nats")
plotting.show(
    alt="Four divergences against the position of a narrow generator, with the two modes of the data in grey. KL(p‖q) is "
    "lowest between the modes; the other three are lowest on the modes, with a ridge between."
)

# %% [markdown]
# The likelihood (left) puts a narrow generator *between* the modes, where there are hardly any data, because it must not miss
# either. The other three put it on one mode, with a ridge on the way to the other. With a free width, $\mathrm{KL}(q\,\|\,p)-2\,\mathrm{JSD}$
# prefers one mode to both by more than a nat: half of the data are missing, and it is content. ($2\,\mathrm{JSD}$ has two solutions
# that are almost equally good.)
#
# ### A GAN that climbs the likelihood
#
# By the rule one line of a program should decide this: the generator's loss. So we train three GANs that differ in nothing
# else. All have the usual discriminator, its loss, networks, start (narrow, on the left mode), data and steps; the
# generator's loss is $-e^{\ell}$, $-\ell$ or $-\log D$. **Predict** where each of them ends. ($e^{\ell}$ is continued by its
# tangent beyond $\ell=5$, so that no single logit explodes.)


# %%
def steep(logits):
    return ops.exp(ops.minimum(logits, 5.0)) + np.exp(5.0) * ops.relu(logits - 5.0)


generator_losses = {
    "KL(p‖q)": lambda logits: -steep(logits),
    "KL(q‖p)": lambda logits: -logits,
    "KL(q‖p) − 2 JSD": lambda logits: ops.softplus(-logits),
}


def with_usual_discriminator(generator_loss):
    return lambda real, fake, own: (ops.softplus(-real) + ops.softplus(fake), generator_loss(own))


# %% [markdown]
# The path of scale and shift, epoch by epoch:


# %%
def play(objective, epochs=60):
    keras.utils.set_random_seed(run.seed)
    maker = networks.dense_generator(1, (1,), (), output_activation=None)
    maker.set_weights([np.array([[0.5]]), np.array([-1.5])])
    gan = GAN(maker, networks.dense_discriminator((1,), (32, 32), activation="tanh"), objective, seed=run.seed)
    gan.compile(learning_rate=0.01, generator_scale=0.5)
    path = [[0.5, -1.5]]
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: path.append([float(weight.item()) for weight in maker.get_weights()])
    )
    gan.fit(modes.x_train, epochs=epochs, batch_size=200, verbose=0, callbacks=[keep])
    return np.array(path)


paths = {name: play(with_usual_discriminator(loss)) for name, loss in generator_losses.items()}

# %% tags=["proof"]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
x = np.linspace(-6, 6, 601)
left.fill_between(x, np.exp(log_modes(x)), color="0.9")
for colour, style, (name, path) in zip(plotting.PALETTE, ("-", "-", "--"), paths.items(), strict=False):
    scale, shift = np.abs(path[-20:, 0]).mean(), path[-20:, 1].mean()
    left.plot(x, norm(shift, scale).pdf(x), style, color=colour)
    right.plot(path[:, 1], np.abs(path[:, 0]), style, color=colour, label=name)
    right.plot(fits[name][1], fits[name][2], "*", color=colour, markersize=12)
    print(f"{name:16} trained: N({shift:.2f}, {scale:.2f}²), exact: N({fits[name][1]:.2f}, {fits[name][2]:.2f}²)")
    near = abs(shift - fits[name][1]) + abs(scale - fits[name][2])
    assert near < 0.35, "the trained generator must end where its divergence is lowest"
left.set(xlabel="x", ylabel="density", title="where the three GANs end")
right.set(xlabel="shift b", ylabel="scale |a|", title="their paths (stars: the exact minima)")
right.legend(frameon=False)
plotting.show(
    alt="Left, the two modes of the data in grey, two narrow Gaussians on the left mode and a wide one over both. Right, "
    "the paths of shift and scale: two stay at the left mode, the third goes to shift 0 and scale 2, where its star is."
)

# %% [markdown]
# One line decides: the GAN with $-e^{\ell}$ leaves the mode on which it stood and covers the data, as maximum likelihood
# would; the two others, from the same start, stay. (Covering with one Gaussian is not *better*: about half of its samples lie
# where there are hardly any data.) Mind the condition of the rule, *against the best discriminator*: a discriminator's loss that is hard
# to minimise can spoil the prediction. You can see it below.
#
# **Exercise {exercise: LOSSES_FROM_F}: write a game.** Now both losses from one $f$, by the formulas for $L_D$ and $L_G$ above. An example:
# for the forward KL, $f=-\log r$, we have $f'=-1/r=-e^{\ell}$ and $r f'-f=-1-\ell$, hence
# $L_D=e^{\ell}\big|_\text{samples}-(1+\ell)\big|_\text{data}$ and $L_G=-e^{\ell}$. Do the same for the reverse KL,
# $f(r)=r\log r$: from logits, in `keras.ops`, one value per example. Constants do not matter. Then let it play,
# `play(reverse_kl)[-1]`: where should it end? And if you pair the *example's* $L_D$ with $L_G=-\ell$?


# %% tags=["exercise"]
def reverse_kl(real_logits, fake_logits, generator_logits):
    # BEGIN SOLUTION
    return fake_logits + ops.exp(-real_logits), -generator_logits
    # END SOLUTION


# %%
check(exercises.LOSSES_FROM_F, reverse_kl)

# %% [markdown]
# With your pair the generator should stay on its mode. With the example's $L_D$ and $L_G=-\ell$ it covers, against the rule's
# prediction. That $L_D$ is hard on a discriminator: where data are a thousand times denser than samples, the best logit is
# out of a small network's reach (and out of that of `steep`). So $D$ is not the best one, and the rule does not speak of it.

# %% [markdown] tags=["deeper"]
# ### The cost of a lost mode
#
# Suppose $q$ is the data *without* a part that holds the share $w$: $q=\frac{p}{1-w}$ on what is kept, and 0 on what is
# lost.
#
# * Forward: $\mathrm{KL}(p\,\|\,q)=\infty$, however small $w$ is.
# * Reverse: $\mathrm{KL}(q\,\|\,p)=\int q\log\frac1{1-w}=-\log(1-w)$.
# * Non-saturating: use $2\,\mathrm{KL}(m\,\|\,p)$.
#
# **Exercise {exercise: COST_OF_A_LOST_MODE}.** Work out the last line as a function of $w$ (an array of shares).


# %% tags=["exercise"]
def cost_of_a_lost_mode(w):
    # BEGIN SOLUTION
    return (2 - w) * np.log((2 - w) / (2 * (1 - w))) - w * np.log(2)
    # END SOLUTION


# %%
check(exercises.COST_OF_A_LOST_MODE, cost_of_a_lost_mode)

# %% [markdown]
# And the opposite: $q=(1-\varepsilon)\,p+\varepsilon\cdot$(junk where $p$ is 0). There $\mathrm{KL}(q\,\|\,p)=\infty$, so the
# non-saturating cost is infinite, while the forward one is $-\log(1-\varepsilon)$. (JSD is symmetric: both cost the same.)

# %%
share = np.linspace(0.001, 0.9, 300)
dice_p, dice_q = np.stack([1 - share, share]), np.stack([np.ones(300), np.zeros(300)])  # two faces; q lost the second
dice_m = (dice_p + dice_q) / 2
non_saturating = 2 * np.sum(dice_m * np.log(dice_m / dice_p), axis=0)  # 2 KL(m‖p)
saturating = -np.log(1 - share) - non_saturating
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained", sharey=True)
left.plot(share, saturating, color=plotting.PALETTE[1], label="2 JSD")
left.plot(share, non_saturating, color=plotting.PALETTE[2], label="KL(q‖p) − 2 JSD")
right.plot(share, saturating, color=plotting.PALETTE[1])
right.plot(share, -np.log(1 - share), color=plotting.PALETTE[0], label="KL(p‖q), likelihood")
left.set(xlabel="share of the data that q has lost", ylabel="cost / nats", title="lost (likelihood: infinite)")
right.set(xlabel="share of junk among the samples", title="junk (KL(q‖p) − 2 JSD: infinite)")
figure.legend(frameon=False, loc="outside lower center", ncols=3)
plotting.show(
    alt="Left, the cost of losing a share of the data: both generator losses rise slowly from zero. Right, the cost of "
    "junk: the saturating one is the same, the likelihood's rises faster."
)
cost = dict(zip((0.01, 0.1, 0.5), np.interp((0.01, 0.1, 0.5), share, non_saturating), strict=True))
print("cost of losing a share of the data:", ", ".join(f"{100 * w:.0f} %: {nats:.3f} nats" for w, nats in cost.items()))

# %% [markdown]
# For the usual loss **losing is cheap, junk is forbidden**: half of all data may go for about a quarter of a nat. The
# likelihood has it exactly the other way round. Take this for what it is: a statement about the objective at the best $D$,
# and *one* reason for lost modes. GANs whose loss descends the forward KL also lose modes (Goodfellow, 2016), and games can
# be won where no divergence would show the way (Fedus et al., 2018). The *dynamics* have their share:
# {lesson: stability_and_mode_collapse} counts modes.

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> "A GAN minimises the Jensen–Shannon divergence." True?</summary>
#
# The saturating generator does, against the best $D$. The non-saturating one descends $\mathrm{KL}(q\,\|\,p)-2\,\mathrm{JSD}$, in
# which the JSD has a minus. And a $D$ that is not the best makes both statements approximate.
# </details>
#
# <details><summary><b>2.</b> Two programs have the same discriminator loss and different generator losses. Do they have the same best discriminator? The same gradient?</summary>
#
# The same best discriminator: that is decided by $L_D$ alone. Another gradient: that is decided by $L_G$, through
# $f'(r)=L_G(-\log r)$.
# </details>
#
# <details><summary><b>3.</b> A colleague uses the generator loss $\log(1+e^{\ell})$. What does her generator do, and why?</summary>
#
# The loss rises with the logit, so $f$ is concave, and she *climbs* a divergence: samples run away from the data.
# </details>
#
# <details><summary><b>4.</b> Can the output of a hinge discriminator be used as an estimate of $\log p-\log q$?</summary>
#
# No: its best score is the sign of $p-q$ and has forgotten how much larger one of them is. That of the cross-entropy can.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **recognised** f-divergences by a convex $f$ with $f(1)=0$, and **seen** that a discriminator chooses a tangent for each $x$;
# * **derived** that a generator with the loss $L(\ell)$ descends the divergence with $f'(r)=L(-\log r)$, and **applied** it:
#   $2\,\mathrm{JSD}$, $\mathrm{KL}(q\,\|\,p)-2\,\mathrm{JSD}$, both KLs, total variation;
# * **found** the best scores: the log-ratio, $D^*$ and a sign; and **told** that bounded divergences lose their gradient;
# * **written** the losses of a game from an $f$;
# * **predicted** that $-e^{\ell}$ covers and the usual loss chooses, and **trained** GANs to where they belong.
#
# **To take home:** the discriminator's loss decides what $D$ learns, the generator's loss decides what is descended, and the
# rule is $f'(r)=L(-\log r)$.
#
# **Go further.** Replace the line by the ring of eight Gaussians and a generator with two hidden layers, and count the modes
# it finds with the generator losses $-e^{\ell}$ and $-\log D$, five seeds each. *Next:* make it work on images
# ({lesson: training_a_gan}).
#
# **References.** Ali & Silvey (1966), *A general class of coefficients of divergence of one distribution from another*, J. R.
# Stat. Soc. B 28. · Csiszár (1967), *Information-type measures of difference of probability distributions*, Studia Sci. Math.
# Hung. 2. · Nguyen, Wainwright & Jordan (2010), *Estimating divergence functionals and the likelihood ratio by convex risk
# minimization*, arXiv:0809.0853. · Nowozin, Cseke & Tomioka (2016), *f-GAN*, arXiv:1606.00709. · Goodfellow (2016), *NIPS 2016
# tutorial: generative adversarial networks*, arXiv:1701.00160. · Arjovsky & Bottou (2017), *Towards principled methods for
# training generative adversarial networks*, arXiv:1701.04862. · Mao et al. (2017), *Least squares generative adversarial
# networks*, arXiv:1611.04076. · Lim & Ye (2017), *Geometric GAN*, arXiv:1705.02894. · Fedus et al. (2018), *Many paths to
# equilibrium: GANs do not need to decrease a divergence at every step*, arXiv:1710.08446. · Zhang et al. (2019),
# *Self-attention generative adversarial networks*, arXiv:1805.08318. · Brock, Donahue & Simonyan (2019), *Large scale GAN
# training for high fidelity natural image synthesis*, arXiv:1809.11096. · Shannon et al. (2020), *Non-saturating GAN training
# as divergence minimization*, arXiv:2010.08029.

# %% [markdown] tags=["slide"]
# # One rule for GAN losses
#
# Saturating, non-saturating, least squares, hinge: every GAN program has its loss.
#
# **Against the best discriminator, which distance from the data does each make smaller? And what follows for the samples?**

# %% [markdown] tags=["notes"]
# 1 min. Needed from before: the best discriminator, its logit, JSD, both losses of a generator; KL in both directions.

# %% [markdown] tags=["slide"]
# ## Divergences made of a ratio
#
# $$r(x)=\frac{q(x)}{p(x)},\qquad D_f(q\,\|\,p)=\mathbb E_{x\sim p}\big[f(r(x))\big]$$
#
# with $f$ convex and $f(1)=0$.
#
# . . .
#
# $$\mathbb E_p[f(r)]\;\ge\;f(\mathbb E_p[r])=f(1)=0$$
#
# . . .
#
# The best discriminator knows the ratio: $\ell^*=-\log r$.

# %% [markdown] tags=["notes"]
# 3 min. p is the data, q the samples. Jensen is the only tool. Ask why the mean of r under p is 1.

# %% [markdown] tags=["slide"]
# ## The usual ones
#
# | divergence | $f(r)$ | $f'(r)$ |
# |---|---|---|
# | $\mathrm{KL}(q\,\Vert\,p)$ | $r\log r$ | $\log r$ |
# | $\mathrm{KL}(p\,\Vert\,q)$: likelihood | $-\log r$ | $-1/r$ |
# | $2\,\mathrm{JSD}$ | $\log\frac2{1+r}+r\log\frac{2r}{1+r}$ | $\log\frac r{1+r}$ |
# | $\mathrm{KL}(q\,\Vert\,p)-2\,\mathrm{JSD}$ | $(1+r)\log\frac{1+r}2$ | $\log(1+r)$ |
# | total variation | $\lvert r-1\rvert$ | $\operatorname{sign}(r-1)$ |

# %% [markdown] tags=["notes"]
# 2 min. The derivatives without constants. They need only the last column later: leave the table on the board or hand it out.

# %% [markdown] tags=["slide"]
# ## Predict: which stay finite for $r\to0$?
#
# There are data that nobody generates.
#
# . . .
#
# {figure: divergences-made-of-a-ratio-4}

# %% [markdown] tags=["notes"]
# 3 min. Only the forward KL, the likelihood, punishes missing data without end. Most expect that all do.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: WHICH_ARE_DIVERGENCES} · {minutes} minutes
#
# Which $f$ make a divergence, never negative and 0 only for $q=p$?
#
# - (a) $r^2-1$
# - (b) $\sqrt r-1$
# - (c) $1-\sqrt r$
# - (d) $r\log r-r+1$
# - (e) $r-1$
# - (f) $(r-1)^3$

# %% [markdown] tags=["notes"]
# 4 min. a, c and d. Usual wrong answers: b, which is concave; e, which is 0 for every q; f, which is not convex below 1; a left out because it is negative for r < 1.

# %% [markdown] tags=["slide"]
# ## A discriminator is a tangent
#
# A GAN has samples, no densities. A convex function lies above its tangents:
#
# $$f(r)\;\ge\;T\,r-f^*(T)$$
#
# . . .
#
# Choose a slope $T(x)$ for each $x$; the ratio goes:
#
# $$D_f(q\,\|\,p)\;\ge\;\mathbb E_{x\sim q}[T(x)]-\mathbb E_{x\sim p}[f^*(T(x))]$$
#
# . . .
#
# Two means over *samples*: there is a game for every $f$.

# %% [markdown] tags=["notes"]
# 3 min. f* of the slope is minus the height at which the tangent meets the axis. The best T is f′(q/p). f-GAN: Nowozin, Cseke and Tomioka, 2016.

# %% [markdown] tags=["slide"]
# ## The tangents
#
# {figure: a-discriminator-is-a-tangent-2}

# %% [markdown] tags=["notes"]
# 2 min. Show with a ruler: every slope gives a bound, the right one touches. Exercise {exercise: CONJUGATE} is a deeper one.

# %% [markdown] tags=["slide"]
# ## Predict: the order of four discriminators
#
# $f(r)=r\log r$, $p=\mathcal N(0,1)$, $q=\mathcal N(1,1)$. The divergence is ½.
#
# The best logit; the best, halved; the best plus 0.3; a coin flip.
#
# . . .
#
# {output: one-logit-for-all-games-2}

# %% [markdown] tags=["notes"]
# 2 min. With T = f′(exp(−ℓ)) every game has the same best logit. Ask whether any number could be above ½: no, it is a bound.

# %% [markdown] tags=["slide"]
# ## What does the generator descend?
#
# $D$ is the best one for where the generator stands, and holds still.
#
# $$\nabla_\theta\int p\,f\Big(\frac{q_\theta}p\Big)=\int f'\Big(\frac{q_{\theta_0}}p\Big)\,\nabla_\theta q_\theta$$
#
# . . .
#
# $$=\nabla_\theta\,\mathbb E_z\big[f'(r)\big|_{x=G_\theta(z)}\big]$$
#
# . . .
#
# **The generator with the loss $L(\ell)$ descends the divergence with $f'(r)=L(-\log r)$.**

# %% [markdown] tags=["notes"]
# 3 min. The rule of the title. Ask what must hold for f to be convex: L falls with the logit. One that rises climbs a divergence: the co-operating GAN.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: WHAT_IS_DESCENDED} · {minutes} minutes
#
# Which divergence does each loss descend?
#
# - $\log(1-D)$
# - $-\log D$
# - $-\ell$
# - $-e^{\ell}$
#
# Choose from $2\,\mathrm{JSD}$, $\mathrm{KL}(q\|p)$, $\mathrm{KL}(p\|q)$, $\mathrm{KL}(q\|p)-2\,\mathrm{JSD}$. One of them climbs the *likelihood*.

# %% [markdown] tags=["notes"]
# 5 min. In the order of the list: 2 JSD; KL(q‖p) − 2 JSD; KL(q‖p); KL(p‖q). The usual wrong answer: "−log D descends the JSD". Mind the minus.

# %% [markdown] tags=["slide"]
# ## Measured
#
# {output: what-the-generator-descends-4 1-4}

# %% [markdown] tags=["notes"]
# 1 min. Left the loss, right the divergence as an integral; the two share only the rule. This was computed for a mixture of two Gaussians and G(z) = az + b.

# %% [markdown] tags=["slide"]
# ## Quiz: "the usual GAN minimises the Jensen–Shannon divergence." Right?
#
# . . .
#
# With $\log(1-D)$, against the best $D$: yes.
#
# . . .
#
# With the usual loss, $-\log D$: no. It descends $\mathrm{KL}(q\|p)-2\,\mathrm{JSD}$, with a *minus* before the JSD.

# %% [markdown] tags=["notes"]
# 2 min. Arjovsky and Bottou, 2017, theorem 2.5. It is still a divergence: twice KL(m‖p).

# %% [markdown] tags=["slide"]
# ## Scores that are no probabilities
#
# | | $D$: at data, at samples | $G$ |
# |---|---|---|
# | least squares | $\frac12(s-1)^2,\;\frac12s^2$ | $\frac12(s-1)^2$ |
# | hinge | $\max(0,1-s),\;\max(0,1+s)$ | $-s$ |
#
# . . .
#
# {figure: other-discriminators-least-squares-and-hinge-4}

# %% [markdown] tags=["notes"]
# 3 min. Cross-entropy learns the log-ratio, least squares D* itself, the hinge only which density is larger. Exercise {exercise: BEST_SCORE} is for home.

# %% [markdown] tags=["slide"]
# ## Predict: least squares at a distance of 6
#
# It was introduced against vanishing gradients. Is its gradient still there?
#
# . . .
#
# {figure: which-losses-keep-a-gradient-far-from-the-data-2}

# %% [markdown] tags=["notes"]
# 3 min. It is gone, and the hinge's too: a bounded divergence must be flat far away. It helps while D is *not* the best one.

# %% [markdown] tags=["slide"]
# ## Predict: one mode, or both?
#
# One Gaussian, two modes at ±2. Where does each divergence put it?
#
# . . .
#
# {figure: one-mode-or-all-of-them-3}

# %% [markdown] tags=["notes"]
# 3 min. The likelihood puts it *between* the modes; the other three on one mode, with a ridge on the way.

# %% [markdown] tags=["slide"]
# ## A GAN that climbs the likelihood
#
# Three GANs. They differ in one line, the generator's loss.
#
# {figure: a-gan-that-climbs-the-likelihood-5}

# %% [markdown] tags=["notes"]
# 2 min. All start narrow, on the left mode. Let them guess which one leaves it: the one with −exp(ℓ). Covering is not better: most of its samples lie between the modes.

# %% [markdown] tags=["slide"]
# ## Quiz: so a GAN loses modes *because* of its loss?
#
# . . .
#
# In part. Against the best $D$ the usual loss makes losing cheap and junk dear.
#
# . . .
#
# But GANs whose loss descends the forward KL lose modes too: the *dynamics* have their share.

# %% [markdown] tags=["notes"]
# 2 min. Goodfellow, 2016; Fedus et al., 2018. The lesson on stability counts modes.

# %% [markdown] tags=["slide"]
# ## To take home
#
# $$f'(r)=L(-\log r)$$
#
# Against the best discriminator, every generator loss that falls with the logit descends an f-divergence: read off which one, and you know what it forgives.
#
# *At home:* exercises {exercise: BEST_SCORE}, {exercise: WHICH_KEEP_A_GRADIENT} and {exercise: LOSSES_FROM_F}.

# %% [markdown] tags=["notes"]
# 1 min. Next: training a GAN on images.
