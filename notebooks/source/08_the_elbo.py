# ---
# jupyter:
#   course:
#     part: "Part II · Latent variables, the ELBO and the VAE"
#     question: "Which bound do we climb, and how far below the truth is it?"
# ---

# %% [markdown]
# # The ELBO: a bound that we can climb, and its distance from the truth
#
# **The question.** A latent-variable model cannot say how probable an image is: the integral is too hard. So it climbs
# another number, below the truth. Which one, and how far below? The whole lesson in one line:
#
# $$\underbrace{\log p(x)}_{\text{the truth, out of reach}}
#   = \underbrace{\text{ELBO}(q)}_{\text{what we climb}}
#   + \underbrace{\mathrm{KL}(q\,\|\,\text{posterior})}_{\text{what we lose: never negative}}$$
#
# In this lesson you will
#
# * **derive** the divergence KL of two Gaussians, one line a step, and **check** it with an integral and random draws;
# * **say** what a divergence is not, and **predict** what a fit does in either direction;
# * **derive** the ELBO in two ways (deeper: a third), **write** it for a linear decoder, and **measure** its gap where the truth is known;
# * **explain** what an encoder is, and what it costs if its family of answers is too simple;
# * deeper: **decide** which weighted objectives are still bounds, and which have no upper end at all.
#
# *To know before:* {lesson: latent_variable_models} (a model with a latent $z$), {lesson: probabilistic_pca_and_monte_carlo} (its likelihood as an integral); densities,
# expectations, derivatives. Nothing about variational inference.
# *Time:* {times}; about 15 seconds to run on two CPU cores. A GPU is not needed.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## How different are two distributions?
#
# What we lose is a divergence, so we begin there. Two people describe the same uncertain number $z$: one says it has the
# density $q$, the other $p$. The **log ratio** $\log q(z) - \log p(z)$ tells how much more $q$ had expected a point, in
# **nats** (1 nat = 1.44 bits). Average it over points that come *from $q$*, and you have the **Kullback–Leibler
# divergence** (Kullback & Leibler, 1951):
#
# $$\mathrm{KL}(q\,\|\,p) = \mathbb E_{z\sim q}\big[\log q(z) - \log p(z)\big] = \int q(z)\,\log\frac{q(z)}{p(z)}\,dz .$$
#
# **Before you run the cell:** where $p$ had expected the point more, the log ratio is negative. Can that part outweigh the
# positive one? And will exchanging the roles of $q$ and $p$ change the number?

# %%
import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm

from course_lib import plotting
from course_lib.exact import kl_1d

q, p = norm(1.0, 0.6), norm(0.0, 1.0)
z = np.linspace(-3.5, 3.5, 400)
integrand = q.pdf(z) * (q.logpdf(z) - p.logpdf(z))
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 2.8), layout="constrained")
plotting.curves({"q": q.pdf(z), "p": p.pdf(z)}, xlabel="z", ylabel="density", x=z, ax=left)
right.fill_between(z, integrand, where=integrand > 0, color=plotting.PALETTE[0], label="q expected more")
right.fill_between(z, integrand, where=integrand < 0, color=plotting.PALETTE[5], label="p expected more")
right.set(xlabel="z", ylabel="q(z) · log ratio / nats")
right.legend(frameon=False)
plotting.show(
    alt="Left, two overlapping bell curves, q and p. Right, the integrand of their divergence: a large area above "
    "zero where q expected more, and a smaller one below zero where p did."
)
print(f"KL(q‖p) = {kl_1d(q.logpdf, p.logpdf, -12, 12):.3f} nats, KL(p‖q) = {kl_1d(p.logpdf, q.logpdf, -12, 12):.3f}")

# %% [markdown]
# KL is the blue area minus the orange one, which is smaller: $q$, its weight, is small where $p$ expected more. The other
# direction is a different number: the divergence is **not symmetric**, so it is no distance. (`kl_1d` integrates on a
# fine grid. It knows no formula, so it can test ours.)

# %% [markdown] tags=["deeper"]
# ### Move q yourself
#
# In a running notebook the next figure has sliders for $q$, and $p$ is as above. It begins with a $q$ as wide as $p$, moved
# aside. **Say first:** which direction is then the greater one? And what will make the two differ? Then move, and watch.


# %%
def q_against_p(mean_of_q, deviation_of_q):
    q = norm(mean_of_q, deviation_of_q)
    directions = {"KL(q‖p)": kl_1d(q.logpdf, p.logpdf, -40, 40), "KL(p‖q)": kl_1d(p.logpdf, q.logpdf, -40, 40)}
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 2.8), layout="constrained", width_ratios=(2, 1))
    plotting.curves({"q": q.pdf(z), "p": p.pdf(z)}, xlabel="z", ylabel="density", x=z, ax=left)
    bars = right.barh(list(directions), list(directions.values()), color=plotting.PALETTE[2])
    right.bar_label(bars, fmt="%.2f", padding=3)
    right.set(xlabel="nats", xlim=(0, max(3, 1.3 * max(directions.values()))))
    return figure


plotting.slider(
    q_against_p,
    mean_of_q=(-2.0, 2.0, 1.0),
    deviation_of_q=(0.2, 3.0, 1.0),
    alt="Left, the densities q and p: bells of the same width, q moved to the right. Right, two bars of the same length, the "
    "divergence in either direction.",
)

# %% [markdown]
# Neither: bells of one width are as far apart in one direction as in the other. What makes the two differ is the width. Make
# $q$ narrow, and $\mathrm{KL}(p\|q)$ becomes the greater one; make it wide, and it is $\mathrm{KL}(q\|p)$. The first argument
# chooses the points, and what costs most are points that the second one hardly expects.

# %% [markdown]
# ### Never negative: the proof
#
# One inequality does it: $\log t \le t - 1$ for every $t > 0$, with equality only at $t = 1$. (The line $t - 1$ is the
# tangent of the logarithm at 1, and the logarithm bends down.) Put in the ratio $t = p(z)/q(z)$:
#
# $$-\mathrm{KL}(q\|p)
#   = \mathbb E_q\Big[\log\frac{p(z)}{q(z)}\Big]
#   \le \mathbb E_q\Big[\frac{p(z)}{q(z)} - 1\Big]
#   = \int_{q>0} p(z)\,dz - \int q(z)\,dz \le 1 - 1 = 0 .$$
#
# So $\mathrm{KL}(q\|p) \ge 0$, and 0 only if $q$ and $p$ are the same. Try a thousand random pairs of loaded dice: how many of
# the *single* terms, and how many of the sums, will be negative?

# %% tags=["proof"]
rng = np.random.default_rng(run.seed)
dice_q, dice_p = rng.dirichlet(np.ones(6), size=(2, 1000))
terms = dice_q * (np.log(dice_q) - np.log(dice_p))
divergences = terms.sum(axis=1)
print(
    f"{100 * np.mean(terms < 0):.0f} % of the terms are negative; the smallest of 1,000 sums is {divergences.min():.4f}"
)
assert divergences.min() > 0, "the divergence of two different distributions must be positive"

# %% [markdown]
# ### Not the cross-entropy
#
# You will read that "KL is the cross-entropy loss". The **cross-entropy** is only one half of it:
#
# $$\mathrm{KL}(q\|p) = \underbrace{-\,\mathbb E_q[\log p(z)]}_{\text{cross-entropy } H(q,\,p)}
#   \;-\; \underbrace{\big(-\,\mathbb E_q[\log q(z)]\big)}_{\text{entropy } H(q)} .$$
#
# **Predict for the first line of the table:** $q = p = \mathcal N(0, 1)$. What is KL, and is the cross-entropy also 0?
# And of the other two lines: which $q$ does each of the two numbers prefer?

# %% tags=["proof"]
from course_lib.exact import expectation_1d

for sigma in (1.0, 1.2, 0.1):
    q = norm(0, sigma)
    cross_entropy = expectation_1d(lambda z: -p.logpdf(z), q.logpdf, -12, 12)
    entropy = expectation_1d(lambda z, q=q: -q.logpdf(z), q.logpdf, -12, 12)
    kl = kl_1d(q.logpdf, p.logpdf, -12, 12)
    print(f"q = N(0, {sigma}²)   KL {kl:6.4f} = cross-entropy {cross_entropy:6.4f} − entropy {entropy:7.4f}    nats")
    assert abs(cross_entropy - 0.5 * (np.log(2 * np.pi) + sigma**2)) < 1e-6, "it must be ½ (log 2π + σ²)"
    assert abs(entropy - 0.5 * np.log(2 * np.pi * np.e * sigma**2)) < 1e-6, "and the entropy ½ log 2πeσ²"
    assert abs(kl - (cross_entropy - entropy)) < 1e-6, "KL must be the cross-entropy minus the entropy of q"

# %% [markdown]
# For $q = p$ the cross-entropy is the entropy, $\tfrac12\log 2\pi e = 1.4189$ nats. KL prefers the second line, which is nearly
# right; the cross-entropy the third, a needle. If $q$ is *given* (the data, in a classifier), $H(q)$ is a constant, and the
# two have one minimum. If $q$ is what you *choose*, as here, the entropy keeps it from collapsing onto a point.

# %% [markdown]
# ## Two Gaussians: no integral left
#
# The course needs KL for Gaussians. Let $q = \mathcal N(\mu_q, \sigma_q^2)$ and
# $p = \mathcal N(\mu_p, \sigma_p^2)$, first for a single number $z$.
#
# 1. The definition: $\mathrm{KL}(q\|p) = \mathbb E_q[\log q(z) - \log p(z)]$.
# 2. Insert both densities,
#    $\log q(z) = -\tfrac12\log 2\pi - \tfrac12\log\sigma_q^2 - \frac{(z-\mu_q)^2}{2\sigma_q^2}$ and the same with $p$. The
#    $2\pi$ cancels:
#    $$\mathrm{KL} = \mathbb E_q\Big[\tfrac12\log\sigma_p^2 - \tfrac12\log\sigma_q^2 -
#      \frac{(z-\mu_q)^2}{2\sigma_q^2} + \frac{(z-\mu_p)^2}{2\sigma_p^2}\Big].$$
# 3. The third term: $\mathbb E_q[(z-\mu_q)^2] = \sigma_q^2$, the definition of the variance. So it is $-\tfrac12$.
# 4. The last term: write $z - \mu_p = (z-\mu_q) + (\mu_q-\mu_p)$ and square. The mixed product averages to 0, because
#    $\mathbb E_q[z-\mu_q] = 0$. What remains is $\mathbb E_q[(z-\mu_p)^2] = \sigma_q^2 + (\mu_q-\mu_p)^2$.
# 5. Collect:
#    $$\mathrm{KL}(q\|p) = \tfrac12\Big[\log\sigma_p^2 - \log\sigma_q^2 +
#      \frac{\sigma_q^2 + (\mu_q-\mu_p)^2}{\sigma_p^2} - 1\Big].$$
# 6. Several independent dimensions: both densities are products, their logarithms are sums, so the divergences of the
#    dimensions $j$ **add up**: $\mathrm{KL} = \sum_j \mathrm{KL}_j$.
# 7. If $p = \mathcal N(0, I)$, then $\mu_p = 0$, $\sigma_p^2 = 1$, and
#    $$\mathrm{KL}\big(q\,\|\,\mathcal N(0, I)\big) = \tfrac12\sum_j\big(\mu_j^2 + \sigma_j^2 - 1 - \log\sigma_j^2\big).$$
#
# **Exercise {exercise: KL_OF_TWO_GAUSSIANS}.** Write step 5 with step 6 for a whole batch. All four arguments have shape `(batch, dimensions)`, and
# `log_var` is $\log\sigma^2$, as a network will return it. Return one value per example, shape `(batch,)`.


# %% tags=["exercise"]
def kl_of_two_gaussians(mean_q, log_var_q, mean_p, log_var_p):
    # BEGIN SOLUTION
    ratio = (np.exp(log_var_q) + (mean_q - mean_p) ** 2) / np.exp(log_var_p)
    return 0.5 * np.sum(log_var_p - log_var_q + ratio - 1.0, axis=-1)
    # END SOLUTION


# %%
from course_lib.exercises import check
from course_lib.exercises import the_elbo as exercises

check(exercises.KL_OF_TWO_GAUSSIANS, kl_of_two_gaussians)

# %% [markdown]
# The library has the same formula. Does it equal the definition? Here is the integral, at several points. (At one point a
# wrong formula can be right by accident.)

# %% tags=["proof"]
from course_lib.formulas import gaussian_kl, standard_normal_kl

for mean_q, log_var_q, mean_p, log_var_p in [(-0.7, 1.1, 0, 0), (2, -3, 0, 0), (0.3, 0.5, -1, 0.8), (1, 1, 1, -1)]:
    q, p = norm(mean_q, np.exp(log_var_q / 2)), norm(mean_p, np.exp(log_var_p / 2))
    by_integral = kl_1d(q.logpdf, p.logpdf, mean_q - 12 * q.std(), mean_q + 12 * q.std())
    by_formula = float(gaussian_kl([[mean_q]], [[log_var_q]], [[mean_p]], [[log_var_p]])[0])
    print(f"integral {by_integral:.6f}    formula {by_formula:.6f}")
    assert abs(by_integral - by_formula) < 1e-5 * (1 + by_integral), "the closed form must equal the definition"

# %% [markdown]
# And in many dimensions, where no grid can help: draw from $q$ and average the log ratio, a **Monte-Carlo** estimate, within
# five of its standard errors.

# %% tags=["proof"]
mean, log_var = rng.normal(size=20), rng.normal(size=20)
draws = mean + np.exp(0.5 * log_var) * rng.normal(size=(20_000, 20))
log_ratio = (norm.logpdf(draws, mean, np.exp(0.5 * log_var)) - norm.logpdf(draws)).sum(axis=1)
estimate, error = log_ratio.mean(), log_ratio.std() / np.sqrt(len(log_ratio))
by_formula = float(standard_normal_kl(mean[None], log_var[None])[0])
print(f"20 dimensions: {estimate:.3f} ± {error:.3f} nats by Monte Carlo, {by_formula:.3f} by the formula")
assert abs(estimate - by_formula) < 5 * error, "the formula must lie within five standard errors of the estimate"

# %% [markdown]
# ### What a code costs
#
# Later, a network will answer every image with a Gaussian $q$, and pay $\mathrm{KL}(q\|\mathcal N(0,1))$ for each entry
# of the code. **Guess the order before you look:** (A) move the mean by 2; (B) shrink the standard
# deviation from 1 to 0.1; (C) widen it from 1 to 3. Where on the map are all $q$ that cost the same as (A)?

# %%
means, deviations = np.meshgrid(np.linspace(-3, 3, 121), np.geomspace(0.08, 4, 120))
cost = np.asarray(standard_normal_kl(means.reshape(-1, 1), 2 * np.log(deviations).reshape(-1, 1))).reshape(means.shape)
ax = plt.subplots(figsize=(5.5, 3.4), layout="constrained")[1]
lines = ax.contour(means, deviations, cost, levels=[0.1, 0.5, 1, 2, 3, 4, 5, 6], cmap="viridis_r")
ax.clabel(lines, fmt="%g")
for name, place in {"A": (2, 1), "B": (0, 0.1), "C": (0, 3), "prior": (0, 1)}.items():
    ax.annotate(name, place, ha="center", va="center", bbox={"boxstyle": "round,pad=0.2", "fc": "white"})
ax.set(xlabel="mean of q", ylabel="standard deviation of q", yscale="log", title="KL(q ‖ N(0, 1)) / nats")
ax.set_yticks([0.1, 0.2, 0.5, 1, 2, 4], ["0.1", "0.2", "0.5", "1", "2", "4"])
ax.minorticks_off()
plotting.show(
    alt="A map of costs: lines of equal divergence from the standard normal over mean and standard deviation of q, "
    "around the prior. The lines are crowded at large deviations; A, B and C mark a moved mean, a shrunken and a "
    "widened q."
)
costs = standard_normal_kl([[2.0], [0.0], [0.0]], 2 * np.log([[1.0], [0.1], [3.0]]))
print(", ".join(f"({name}) {float(nats):.2f} nats" for name, nats in zip("ABC", costs, strict=True)))

# %% [markdown]
# (A) lies on the line marked 2, and (B) just inside it. Widening three-fold (C) costs more than shrinking ten-fold (B),
# because σ² grows much faster than −log σ². Being elsewhere (A) costs half the squared distance, being sure only a
# logarithm: each *halving* of a small σ costs about log 2 = 0.69 nats, one bit.

# %% [markdown] tags=["deeper"]
# ## A divergence that goes to minus infinity
#
# A tutorial's code contains the expression $1 + \mu^2 - e^{\log\sigma^2}$. A colleague finishes it as
# $-\tfrac12\sum_j(1 + \mu_j^2 - \sigma_j^2)$ and *tests* it: at $\mu = 0$, $\sigma = 1$ it gives 0, as it must; at
# $\mu = -0.7$, $\log\sigma^2 = 1.1$ it gives 0.757, positive, plausible. Then it becomes a loss. Here are 60 steps of
# gradient descent on it, and 60 on the library's. **Watch the symptom:** what should the minimum be?


# %%
def as_found(mean, log_var):
    return -0.5 * (1 + mean**2 - np.exp(log_var))


def correct(mean, log_var):
    return float(standard_normal_kl([[mean]], [[log_var]])[0])


def descend(divergence, rate=0.1, h=1e-3):
    place, path = np.array([0.5, 0.3]), []
    for _ in range(60):
        path.append(divergence(*place))
        slopes = [(divergence(*(place + h * e)) - divergence(*(place - h * e))) / (2 * h) for e in np.eye(2)]
        place = place - rate * np.array(slopes)
    return np.array(path)


falling = {"as found": descend(as_found), "correct": descend(correct)}
ax = plotting.curves(falling, xlabel="step of gradient descent", ylabel="“KL” / nats")
ax.set_yscale("symlog", linthresh=1)
ax.set_title("which of these is a divergence?")
plotting.show(
    alt="Two curves against the step of gradient descent. The correct divergence settles at 0; the one as found "
    "crosses 0 and falls ever faster to large negative values."
)

# %% [markdown]
# The library's curve settles at 0. The other one crosses 0 and falls ever faster, to almost −10,000 nats (the axis is linear
# between −1 and 1 and logarithmic beyond). A divergence *cannot* be negative, so you need no debugger to know that this is
# none. Beside a reconstruction term it would send the codes to infinity, and look like wonderful progress.

# %% tags=["proof"]
as_found_end, correct_end = (path[-1] for path in falling.values())
print(f"after 60 steps: as found {as_found_end:,.0f} nats, the library's {correct_end:.5f}")
assert as_found_end < -1_000, "the expression as found must fall below every bound"
assert (np.diff(falling["as found"]) < 0).all(), "and its 'loss' must improve in every single step"
assert 0 <= correct_end < 1e-3, "the divergence must settle at zero"

# %% [markdown]
# **Exercise {exercise: REPAIR_STANDARD_NORMAL_KL}: find the bug.** Repair the expression, for a batch `(batch, dimensions)`. (Testing it at one point was
# not enough; `check` tests it at many.)


# %% tags=["exercise"]
def repaired_kl(mean, log_var):
    # BEGIN SOLUTION
    return -0.5 * np.sum(1 + log_var - mean**2 - np.exp(log_var), axis=-1)
    # INSTEAD
    # return -0.5 * np.sum(1 + mean**2 - np.exp(log_var), axis=-1)
    # END SOLUTION


# %%
check(exercises.REPAIR_STANDARD_NORMAL_KL, repaired_kl)

# %% [markdown]
# A test for any divergence, then: several points; the sign; and the gradient, for it is the gradient that trains.

# %% [markdown]
# ## Two directions, two characters
#
# It matters which direction you minimise. Let $p$ have two hills (modes), at −2 and
# 3, both with standard deviation ½, with weights 0.7 and 0.3. Fit **one** Gaussian $q = \mathcal N(m, v)$ to it, once
# with each divergence.
#
# *Forward,* $\mathrm{KL}(p\|q)$: only $-\mathbb E_p[\log q]$ depends on $q$, and
#
# $$-\mathbb E_p[\log q(z)] = \tfrac12\log 2\pi v + \frac{\mathbb E_p[(z-m)^2]}{2v} .$$
#
# Its derivatives are zero at $m = \mathbb E_p[z]$ and at $v = \mathbb E_p[(z-m)^2]$: the best $q$ takes over the **mean and
# the variance of $p$**.
#
# *Reverse,* $\mathrm{KL}(q\|p)$: no such formula.
#
# **Exercise {exercise: COVERING_DEVIATION}.** Predict the *standard deviation* of the forward fit. And before you look at the picture: what will
# the reverse fit do?

# %% tags=["exercise"]
# BEGIN SOLUTION
deviation_of_the_forward_fit = np.sqrt(0.5**2 + 0.7 * 1.5**2 + 0.3 * 3.5**2)
# END SOLUTION

# %%
check(exercises.COVERING_DEVIATION, deviation_of_the_forward_fit)

# %% [markdown]
# Now both fits by a numerical optimiser, the reverse one from two different starts.

# %%
from scipy import optimize

from course_lib.datasets import toy

two_hills = toy.mixture_1d(means=(-2.0, 3.0), standard_deviation=(0.5, 0.5), weights=(0.7, 0.3))
p_log = two_hills.log_density


def forward(parameters):
    return kl_1d(p_log, norm(parameters[0], np.exp(parameters[1])).logpdf, -7, 8, num_points=1501)


def reverse(parameters):
    q = norm(parameters[0], np.exp(parameters[1]))
    return kl_1d(q.logpdf, p_log, q.mean() - 9 * q.std(), q.mean() + 9 * q.std(), num_points=1501)


fits = {}
for name, objective, start in (("forward", forward, 1.0), ("reverse", reverse, -1.0), ("reverse, again", reverse, 4.0)):
    found = optimize.minimize(objective, [start, 0.0], method="Nelder-Mead", tol=1e-7)
    fits[name] = norm(found.x[0], np.exp(found.x[1]))
    print(f"{name:14} mean {found.x[0]:6.3f}   divergence {found.fun:.4f} nats")

# %% [markdown]
# What do these three fits look like?

# %% tags=["proof"]
z = np.linspace(-7, 8, 600)
figure, frames = plt.subplots(1, 2, figsize=(9, 2.8), layout="constrained", sharey=True)
for ax, names in zip(frames, (["forward"], ["reverse", "reverse, again"]), strict=True):
    ax.fill_between(z, np.exp(p_log(z)), color="0.85", label="p")
    for name, colour in zip(names, plotting.PALETTE, strict=False):
        ax.plot(z, fits[name].pdf(z), color=colour, label=name)
    ax.set(xlabel="z", title="minimise " + ("KL(p‖q)" if names == ["forward"] else "KL(q‖p)"))
    ax.legend(frameon=False)
frames[0].set(ylabel="density", ylim=(0, 1.2))
plotting.show(
    alt="Two hills of unequal height in grey, twice. Left, the fit that minimises KL(p‖q) is one wide bell over "
    "both. Right, the two that minimise KL(q‖p) each sit on one hill."
)
mean_of_p = expectation_1d(lambda z: z, p_log, -7, 8)
moments = (mean_of_p, expectation_1d(lambda z: (z - mean_of_p) ** 2, p_log, -7, 8) ** 0.5)
assert np.allclose((fits["forward"].mean(), fits["forward"].std()), moments, atol=1e-3), "forward must match moments"
assert abs(reverse([-2, np.log(0.5)]) + np.log(0.7)) < 1e-3, "on the left hill, q costs −log 0.7 nats"

# %% [markdown]
# The forward fit is **mass-covering**: where $p$ has mass and $q$ none, $\log p/q$ explodes, so $q$ must reach everywhere,
# and puts its peak where almost nothing is. The reverse fit is **mode-seeking**: what $q$ leaves out costs nothing, what it
# puts into the empty valley costs a lot. It takes one hill; which one depends on the start. On the left hill $p$ is about
# 0.7 times $q$, so every log ratio is $-\log 0.7 = 0.36$ nats.
#
# What follows uses the **reverse** direction, with $q$ in front: we can draw from $q$, and not from the other one.

# %% [markdown]
# ## Variational inference: an integral becomes a climb
#
# Recall lesson {number: probabilistic_pca_and_monte_carlo}. A model draws a latent $z$ from the **prior** $p(z)$, then an observation $x$ from the **likelihood**
# $p(x\mid z)$. Their product is the **joint** density $p(x, z) = p(x\mid z)\,p(z)$. Two things we want, both behind the
# same integral:
#
# $$\underbrace{p(x) = \int p(x, z)\,dz}_{\text{evidence: how probable is } x?}
#   \qquad\qquad \underbrace{p(z\mid x) = \frac{p(x, z)}{p(x)}}_{\text{posterior: which } z \text{ made } x?}$$
#
# **Variational inference** takes a family of distributions $q(z)$, say all Gaussians, and *looks for the member that is
# closest to the posterior*, by the smallest $\mathrm{KL}(q\,\|\,p(z\mid x))$: optimisation instead of integration (Jordan et
# al., 1999; Blei et al., 2017). But how can we minimise the divergence from something that we cannot compute?
#
# ### First way: the gap
#
# Take any density $q(z)$ that puts no mass where the posterior has none (for Gaussians: any at all). Then
#
# 1. $\log p(x) = \mathbb E_q[\log p(x)]$, for it does not depend on $z$;
# 2. $\phantom{\log p(x)} = \mathbb E_q\big[\log\frac{p(x, z)}{p(z\mid x)}\big]$, by the definition of the posterior;
# 3. $\phantom{\log p(x)} = \mathbb E_q\big[\log\frac{p(x, z)}{q(z)}\big] + \mathbb E_q\big[\log\frac{q(z)}{p(z\mid x)}\big]$,
#    multiplying and dividing by $q(z)$;
# 4. and the second one is a divergence that we know:
#
# $$\boxed{\;\log p(x) = \underbrace{\mathbb E_q\big[\log p(x, z) - \log q(z)\big]}_{\text{ELBO}(q)}
#   + \underbrace{\mathrm{KL}\big(q(z)\,\|\,p(z\mid x)\big)}_{\text{the gap}\;\ge\;0}\;}$$
#
# The first term is the **evidence lower bound**, ELBO. It contains only things we can evaluate, and it is *below*
# $\log p(x)$ by exactly the divergence that we wanted to minimise. So **climbing the ELBO with $q$ closes the gap**, without
# ever computing it. With $p(x, z) = p(x\mid z)\,p(z)$ the ELBO
# falls into two parts:
#
# $$\text{ELBO}(q) = \underbrace{\mathbb E_q[\log p(x\mid z)]}_{\text{reconstruction term}}
#   - \underbrace{\mathrm{KL}\big(q(z)\,\|\,p(z)\big)}_{\text{rate}} .$$
#
# The loss of a VAE is −ELBO, and these two terms are all of it. Mind the two divergences: the **rate** is to the *prior*,
# the **gap** to the *posterior*.
#
# Now on a model whose truth is known. One latent, two observed numbers: $z\sim\mathcal N(0,1)$,
# $x\mid z\sim\mathcal N(Wz, I)$ with $W = (2, 1)^\top$. Probabilistic PCA has all of it in closed form.

# %%
from course_lib.exact import ProbabilisticPCA

model = ProbabilisticPCA(weights=[[2.0], [1.0]], mean=[0.0, 0.0], variance=1.0)
x = np.array([[2.5, 0.5]])
posterior_mean, posterior_variance = (float(np.squeeze(part)) for part in model.posterior(x))
prior, posterior = norm(0, 1), norm(posterior_mean, posterior_variance**0.5)
candidates = {
    "the prior": prior,
    "shifted": norm(posterior_mean - 0.6, posterior.std()),
    "wider by half": norm(posterior_mean, 1.5 * posterior.std()),
    "the posterior": posterior,
}
log_evidence = float(model.log_prob(x)[0])
print(f"posterior: mean {posterior_mean:.4f}, variance {posterior_variance:.4f}.    log p(x) = {log_evidence:.4f} nats")

# %% [markdown]
# Four candidates for $q$, and one observation $x$. **Exercise {exercise: PREDICT_THE_GAP}.** Predict two more gaps, in nats. A $q$ has the
# right mean, but its standard deviation is (first) *twice*, (second) *half* that of the posterior. How far does its ELBO lie
# below $\log p(x)$? You need neither $x$ nor $W$. Which of the two is worse?

# %% tags=["exercise"]
# BEGIN SOLUTION
gap_if_too_wide, gap_if_too_narrow = (0.5 * (ratio - 1 - np.log(ratio)) for ratio in (2.0**2, 0.5**2))
# END SOLUTION

# %%
check(exercises.PREDICT_THE_GAP, (gap_if_too_wide, gap_if_too_narrow))

# %% [markdown]
# ELBO and gap are now computed apart, each from its own definition; do they add up to $\log p(x)$? **Guess** which of the four
# lies lowest.


# %% tags=["proof"]
def log_likelihood(z):
    return norm.logpdf(x, np.outer(z, model.weights) + model.mean, model.variance**0.5).sum(axis=1)


def log_joint(z):
    return log_likelihood(z) + prior.logpdf(z)


ax = plt.subplots(figsize=(6, 2.8), layout="constrained")[1]
for name, q in candidates.items():
    elbo = expectation_1d(lambda z, q=q: log_joint(z) - q.logpdf(z), q.logpdf, -12, 12)
    gap = kl_1d(q.logpdf, posterior.logpdf, -12, 12)
    ax.bar(name, gap, bottom=elbo, width=0.5, color=plotting.PALETTE[5], alpha=0.5)
    ax.plot(name, elbo, "_", color=plotting.PALETTE[0], markersize=40, markeredgewidth=3)
    print(f"{name:14} ELBO {elbo:8.4f} + gap {gap:7.4f} = {elbo + gap:.4f}    log p(x) {log_evidence:.4f}")
    assert abs(elbo + gap - log_evidence) < 1e-8, "ELBO plus gap must be log p(x), for every q"
ax.axhline(log_evidence, color="black", linestyle="--")
ax.set(ylabel="nats", ylim=(-8, -3), title="dashed: log p(x);  blue: ELBO;  bar: gap")
plotting.show(
    alt="For each of four q a blue mark, its ELBO, and a bar from there up to the same dashed line, log p(x). The bar is "
    "longest for the prior and vanishes for the posterior, whose mark lies on the line."
)

# %% [markdown]
# Four different bounds, four different gaps, one sum. (And your two? The reverse divergence forgives being too sure, and
# punishes being too wide.) Is this only so in a toy? Take probabilistic PCA with 8 latents, fitted to the 8 × 8 digits of
# lesson {number: autoencoders}, and for every test image a *poor* $q$, somewhere near the posterior.

# %% tags=["proof"]
from course_lib import datasets

digits = datasets.load("digits")
images = digits.x_test.reshape(-1, 64).astype("float64")
pca = ProbabilisticPCA.fit(digits.x_train.reshape(-1, 64), num_latents=8)
exact_mean, exact_covariance = pca.posterior(images)
exact_log_var = np.log(np.diag(exact_covariance)) + 0 * exact_mean
mean = exact_mean + 0.2 * rng.normal(size=exact_mean.shape)
log_var = exact_log_var + 0.5 * rng.normal(size=mean.shape)
evidence, gap = pca.log_prob(images), pca.posterior_gap(images, mean, log_var)
worst = np.abs(evidence - pca.elbo(images, mean, log_var) - gap).max()
print(f"mean log p(x) {evidence.mean():.3f} nats, mean gap {gap.mean():.3f} nats")
print(f"largest |log p(x) − ELBO − gap| of {len(images)} images: {worst:.0e} nats in float64")
assert worst < 1e-10, "log p(x) = ELBO + gap must hold to rounding"

# %% [markdown]
# An identity, not an approximation: it holds for each of the 359 images. (A positive $\log p(x)$? It is the logarithm of a
# *density*, which may exceed 1. We come back to that.)
#
# `pca.elbo` did the work. Do it yourself: the rate you have written, the reconstruction term is missing. The decoder says
# $x\sim\mathcal N(b + Wz,\ \sigma^2 I)$ for $D$ pixels, and step 4 of the Gaussian derivation, once more, gives
# $\mathbb E_q\|x - b - Wz\|^2 = \|x - b - Wm\|^2 + \sum_j s_j\|W_{\cdot j}\|^2$ with the means $m$ and variances $s$ of $q$ and
# the columns $W_{\cdot j}$. So
#
# $$\mathbb E_q[\log p(x\mid z)] = -\frac D2\log 2\pi\sigma^2 - \frac{\|x - b - Wm\|^2}{2\sigma^2}
#   - \underbrace{\frac1{2\sigma^2}\sum_j s_j\|W_{\cdot j}\|^2}_{\text{what the width of } q \text{ costs}} .$$
#
# **Exercise {exercise: EXPECTED_LOG_LIKELIHOOD}.** Write it for a batch: `x` `(batch, D)`, `mean` and `log_var` of $q$ `(batch, latents)`,
# `weights` `(D, latents)`, `offset` `(D,)`, `variance` one number. Return one value per example.


# %% tags=["exercise"]
def expected_log_likelihood(x, mean, log_var, weights, offset, variance):
    # BEGIN SOLUTION
    distance = np.square(x - offset - mean @ weights.T).sum(axis=1)
    width = np.exp(log_var) @ np.square(weights).sum(axis=0)
    return -0.5 * x.shape[1] * np.log(2 * np.pi * variance) - (distance + width) / (2 * variance)
    # END SOLUTION


# %%
check(exercises.EXPECTED_LOG_LIKELIHOOD, expected_log_likelihood)

# %% [markdown]
# The same with the library's formulas, where the gap is another divergence of two Gaussians:

# %% tags=["proof"]
from course_lib.formulas import gaussian_log_prob

at_the_mean = gaussian_log_prob(images, mean @ pca.weights.T + pca.mean, np.full((1, 1), np.log(pca.variance)))
width_cost = np.exp(log_var) @ np.square(pca.weights).sum(axis=0) / (2 * pca.variance)
reconstruction = np.asarray(at_the_mean) - width_cost
rate = np.asarray(standard_normal_kl(mean, log_var))
gap = np.asarray(gaussian_kl(mean, log_var, exact_mean, exact_log_var))  # this posterior is diagonal
worst = np.abs(evidence - (reconstruction - rate + gap)).max()
print(f"largest |log p(x) − (reconstruction − rate + gap)|: {worst:.0e} nats in float32")
assert worst < 1e-4, "log p(x) = ELBO + gap must hold to 1e-4 in the library's float32"

# %% [markdown]
# ### Second way: Jensen's inequality
#
# Start from the integral itself, and bring in a $q$ that is positive wherever $p(x, z)$ is:
#
# 1. $\log p(x) = \log\int p(x, z)\,dz$
# 2. $\phantom{\log p(x)} = \log\int q(z)\,\frac{p(x, z)}{q(z)}\,dz = \log\mathbb E_q\big[\frac{p(x, z)}{q(z)}\big]$
# 3. $\phantom{\log p(x)} \ge \mathbb E_q\big[\log\frac{p(x, z)}{q(z)}\big] = \text{ELBO}(q)$.
#
# Step 3 is **Jensen's inequality**: *the logarithm of an average is at least the average of the logarithms.* Its proof is
# the tangent again, at the average $a = \mathbb E[w]$ of a positive quantity $w$: take the expectation of
# $\log w \le \log a + \frac{w - a}{a}$, and the fraction vanishes. This way is short, but does not tell how much is
# lost: exactly the gap. Try it with two numbers, whose average is $a = 5$:

# %%
pair = np.array([1.0, 9.0])
# NBVAL_CHECK_OUTPUT
print(f"log of the average {np.log(pair.mean()):.4f}  ≥  average of the logarithms {np.log(pair).mean():.4f}")

# %% [markdown] tags=["deeper"]
# ### Third way: importance weights
#
# Step 2 above says that $p(x)$ is an expectation under $q$, so it can be estimated: draw $z$ from $q$ and compute the
# **importance weight**
#
# $$w(z) = \frac{p(x, z)}{q(z)} = \frac{p(x\mid z)\,p(z)}{q(z)}, \qquad \mathbb E_q[w] = p(x) .$$
#
# 1. One draw is an unbiased estimate of $p(x)$. Write it as $w = p(x)\,(1 + \varepsilon)$, with a relative error
#    $\varepsilon$ of mean $\mathbb E_q[\varepsilon] = 0$.
# 2. Its logarithm is $\log w = \log p(x) + \log(1 + \varepsilon)$, and *its* mean is, by definition, the ELBO. So
#    $\text{ELBO} = \log p(x) + \mathbb E_q[\log(1+\varepsilon)]$.
# 3. Since $\log(1+\varepsilon) \le \varepsilon$, the ELBO is at most $\log p(x)$: the bound once more.
# 4. If the errors are small, $\log(1+\varepsilon) \approx \varepsilon - \tfrac12\varepsilon^2$, so the gap is about
#    $\tfrac12\mathbb E_q[\varepsilon^2]$: **half the relative variance of the weights.**
# 5. The gap is 0 exactly if all weights are equal. Then $p(x, z)/q(z)$ is a constant, namely $p(x)$, so
#    $q(z) = p(x, z)/p(x)$: the posterior.
#
# Look at the weights of our candidates. **Before you run the cell:** which histogram will be a single needle, which
# one the widest, and where does the ELBO lie in each?

# %% tags=["proof"]
figure, frames = plt.subplots(1, 4, figsize=(10, 2.6), layout="constrained", sharey=True)
for ax, (name, q) in zip(frames, candidates.items(), strict=True):
    z = q.rvs(20_000, random_state=0)
    log_weights = log_joint(z) - q.logpdf(z)
    ax.hist(log_weights, bins=np.linspace(-12, 2, 57), color=plotting.PALETTE[4], weights=np.full(len(z), 1 / len(z)))
    ax.axvline(log_evidence, color="black", linestyle="--", label="log p(x)")
    ax.axvline(log_weights.mean(), color=plotting.PALETTE[5], label="ELBO")
    ax.set(title=f"q: {name}", xlabel="log-weight / nats", yscale="log", xticks=(-12, -8, -4, 0))
    closed_form = model.elbo(x, [[q.mean()]], [[2 * np.log(q.std())]])[0]
    error = log_weights.std() / np.sqrt(len(z))
    print(f"{name:14} mean log w {log_weights.mean():8.4f} ± {error:.4f} (closed form {closed_form:8.4f})", end="    ")
    weights = np.exp(log_weights)
    mean_error = weights.std() / weights.mean() / np.sqrt(len(z))
    print(f"log mean w {np.log(weights.mean()):.4f} ± {mean_error:.4f}")
    assert abs(log_weights.mean() - closed_form) < 5 * error + 1e-9, "the mean log-weight must be the ELBO"
frames[0].set_ylabel("share of the draws")
frames[3].legend(frameon=False, loc="upper left")
plotting.show(
    alt="Four histograms of log-weights, one for each q, with the lines of log p(x) and of the ELBO. Under the "
    "posterior there is a single needle and both lines coincide; the wider the weights scatter, to both sides of "
    "log p(x), the farther the ELBO lies to the left."
)
print(f"log p(x) = {log_evidence:.4f}; log-weights under the posterior differ by {np.ptp(log_weights):.0e} nats")
assert np.ptp(log_weights) < 1e-10, "under the posterior all weights must be equal"

# %% [markdown]
# Under the posterior every draw gives the same weight, $p(x)$ itself. The more the weights scatter, the more their mean log
# lies below. (A part of the prior's fall left of the frame.) Single weights may well be *above* $p(x)$: of the shifted $q$, a
# few per cent of the draws, at the right end, carry a large part of $\mathbb E[w]$. And `log mean w`, with the logarithm taken
# last, is right for all four within a few standard errors: averaging weights before the logarithm tightens the bound. That
# is lesson {number: tighter_bounds}.
#
# Does step 4 hold, half the relative variance? Let $q$ be the posterior, shifted a little, and then by more:

# %% tags=["proof"]
for shift in (0.1, 0.3, 1.0):
    q = norm(posterior_mean + shift * posterior.std(), posterior.std())
    gap = kl_1d(q.logpdf, posterior.logpdf, -12, 12)
    relative_variance = expectation_1d(
        lambda z, q=q: (np.exp(log_joint(z) - q.logpdf(z) - log_evidence) - 1) ** 2, q.logpdf, -12, 12
    )
    print(
        f"shifted by {shift:.1f} posterior deviations: gap {gap:.5f}, half the relative variance {relative_variance / 2:.5f}"
    )
    assert shift > 0.3 or abs(gap - relative_variance / 2) < 0.06 * gap, "for small errors the gap is half the variance"

# %% [markdown]
# For small shifts, yes; for large ones the two part, as an approximation of second order must.
#
# **Exercise {exercise: ELBO_FROM_DRAWS}.** The third way is how a VAE computes its bound when there is no closed form. For each example you get
# several draws of $z$ from its $q$, and the three log-densities at these draws, each as a table `(draws, examples)`.
# Return the estimated ELBO of each example.


# %% tags=["exercise"]
def elbo_from_draws(log_likelihood, log_prior, log_q):
    # BEGIN SOLUTION
    return np.mean(log_likelihood + log_prior - log_q, axis=0)
    # END SOLUTION


# %%
check(exercises.ELBO_FROM_DRAWS, elbo_from_draws)

# %% [markdown]
# Three ways, one number:
#
# | way | says | tells you |
# |---|---|---|
# | the gap | $\log p(x) = \text{ELBO} + \mathrm{KL}(q\,\Vert\,\text{posterior})$ | how far below, and what closes it |
# | Jensen | $\log\mathbb E_q[w] \ge \mathbb E_q[\log w]$ | why it is below |
# | importance weights | $\text{ELBO} = \mathbb E_q[\log w]$, gap ≈ ½ relative variance of $w$ | how to estimate and to tighten it |

# %% [markdown]
# ## The encoder: an approximate posterior
#
# Two choices are to be made: which family, and who finds its parameters.
#
# ### What a simple family costs
#
# A family of *independent* entries, $q(z) = \prod_j q_j(z_j)$, is called **mean-field**. A VAE's is Gaussian,
# $q_j = \mathcal N(m_j, s_j)$ with variances $s_j$: a network can return it as two lists. Suppose that the posterior is a
# Gaussian with mean $\mu$ and **precision** matrix $\Lambda$ (the inverse of its covariance) whose entries do depend on each
# other. What does the best $q$ look like? The divergence, for $k$ entries:
#
# 1. $\mathrm{KL}(q\|p) = \mathbb E_q[\log q(z)] - \mathbb E_q[\log p(z)]$
# 2. The $2\pi$ cancels: $\;\mathrm{KL} = -\tfrac12\sum_j(\log s_j + 1) - \tfrac12\log|\Lambda| +
#    \tfrac12\mathbb E_q[(z-\mu)^\top\Lambda(z-\mu)].$
# 3. The covariance of $q$ is diagonal, and only the diagonal of $\Lambda$ meets it:
#    $\;\mathrm{KL} = \tfrac12\Big[-\sum_j\log s_j - k - \log|\Lambda| + (m-\mu)^\top\Lambda(m-\mu) +
#    \sum_j\Lambda_{jj}s_j\Big].$
# 4. The smallest value in $m$ is at $m = \mu$. In $s_j$: $-\frac1{s_j} + \Lambda_{jj} = 0$, so $s_j = 1/\Lambda_{jj}$.
# 5. Insert both: what is left is the price of the family,
#    $$\text{gap} = \tfrac12\Big(\sum_j\log\Lambda_{jj} - \log|\Lambda|\Big).$$
#
# **Exercise {exercise: MEAN_FIELD_GAP}.** A posterior has the precision $\Lambda = \begin{pmatrix}4 & 3 & 0\\ 3 & 4 & 1\\ 0 & 1 & 3\end{pmatrix}$. How
# many nats does the best mean-field $q$ lose?

# %% tags=["exercise"]
# BEGIN SOLUTION
mean_field_gap = 0.5 * (np.log(4.0 * 4.0 * 3.0) - np.log(4.0 * (4.0 * 3.0 - 1.0) - 3.0 * 3.0 * 3.0))
# END SOLUTION

# %%
check(exercises.MEAN_FIELD_GAP, mean_field_gap)

# %% [markdown]
# Now let an optimiser do it, for two latents, three observed numbers, and columns of $W$ that are not at right angles, so that
# the posterior's entries depend on each other. It sees only the ELBO, never the posterior. **Predict:** along each axis,
# will the best $q$ be narrower than the posterior, as wide, or wider?

# %% tags=["proof"]
tilted = ProbabilisticPCA(weights=[[2.0, 1.2], [1.0, 0.9], [0.5, -0.2]], mean=np.zeros(3), variance=0.5)
one_x = tilted.sample(1, seed=run.seed + 1)
true_mean, true_covariance = tilted.posterior(one_x)
precision = np.linalg.inv(true_covariance)


def negative_elbo(parameters):
    return -tilted.elbo(one_x, parameters[None, :2], parameters[None, 2:])[0]


found = optimize.minimize(negative_elbo, np.zeros(4), method="BFGS", options={"gtol": 1e-8, "xrtol": 1e-10})
best_mean, best_variance = found.x[:2], np.exp(found.x[2:])
gap_left = tilted.log_prob(one_x)[0] + found.fun
predicted = 0.5 * (np.log(np.diag(precision)).sum() - np.linalg.slogdet(precision)[1])
print("mean:     found", best_mean.round(4), "  posterior", true_mean[0].round(4))
print("variance: found", best_variance.round(4), "  1/Λ_jj", (1 / np.diag(precision)).round(4))
print("          of the posterior's entries", np.diag(true_covariance).round(4))
print(f"gap:      left  {gap_left:.6f}        predicted {predicted:.6f} nats")
assert np.allclose(best_mean, true_mean[0], atol=1e-4), "mean-field must find the posterior's mean"
assert np.allclose(best_variance * np.diag(precision), 1, atol=1e-3), "its variances must be 1/Λ_jj"
assert abs(gap_left - predicted) < 1e-6, "what is left must be ½ (Σ log Λ_jj − log|Λ|)"

# %% [markdown]
# All three as derived, and the variances are far smaller than those of the posterior's entries:

# %%
circle = np.stack([np.cos(np.linspace(0, 2 * np.pi, 200)), np.sin(np.linspace(0, 2 * np.pi, 200))])
ax = plt.subplots(figsize=(5.4, 3.4), layout="constrained")[1]
ellipses = {"posterior": true_covariance, "best mean-field q": np.diag(best_variance), "prior": np.eye(2)}
for (name, covariance), style in zip(ellipses.items(), ("-", "-", ":"), strict=True):
    centre = np.zeros(2) if name == "prior" else best_mean
    for radius in (1, 2):
        line = centre[:, None] + radius * np.linalg.cholesky(covariance) @ circle
        colour = {"posterior": "black", "prior": "0.5"}.get(name, plotting.PALETTE[5])
        ax.plot(*line, style, color=colour, label=name if radius == 1 else None)
ax.set(xlabel="$z_1$", ylabel="$z_2$", aspect="equal")
ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.02, 1))
plotting.show(
    alt="Ellipses of one and two standard deviations in the plane: a long tilted posterior, the best mean-field q, "
    "upright and far too short along the posterior's long axis, and the round prior."
)

# %% [markdown]
# The orange $q$ stands in the right place, but it is far too short along the posterior's long axis (ellipses at one and two
# standard deviations). $1/\Lambda_{jj}$ is the variance that $z_j$ has left *when all other entries are known*. They are not
# known; so a mean-field VAE tends to be too sure of its codes: do **not read its σ as the true uncertainty.**

# %% [markdown]
# ### Who finds the parameters?
#
# We could run an optimiser for every $x$. Or train **one network** that answers every $x$ with the parameters of its
# $q$, written $q_\phi(z\mid x)$ with the network's weights $\phi$: the **encoder** of a VAE. As all examples share the work,
# this is **amortised** inference. Three things follow.
#
# * The encoder returns **two numbers per entry**, a mean and a log-variance (two `Dense` heads, or one of twice the width,
#   split). And somebody has to draw from them.
# * It is an approximate **posterior**. It does *not* "learn the distribution of the data": that is the decoder with the
#   prior, $p(x) = \int p(x\mid z)\,p(z)\,dz$.
# * Its weights φ climb the ELBO, which contains $-\log q_\phi$: the entropy is *rewarded*.
#
# The smallest encoder there is: mean $= Ax + b$, and one log-variance for each entry, the same for all $x$; ten weights in
# all, trained on the mean ELBO of 200 observations. **Predict:** how many nats below $\log p(x)$ will it stop, compared with
# an optimiser that works on each $x$ alone?

# %% tags=["proof"]
train_x, new_x = tilted.sample(200, seed=run.seed + 2), tilted.sample(200, seed=run.seed + 3)


def encode(phi, x):
    return x @ phi[:6].reshape(3, 2) + phi[6:8], np.tile(phi[8:], (len(x), 1))


outcome = optimize.minimize(
    lambda phi: -tilted.elbo(train_x, *encode(phi, train_x)).mean(),
    np.zeros(10),
    method="BFGS",
    options={"gtol": 1e-6, "xrtol": 1e-10},
)
evidence = tilted.log_prob(train_x).mean()
new_gap = tilted.log_prob(new_x) - tilted.elbo(new_x, *encode(outcome.x, new_x))
print(f"training: log p(x) {evidence:.4f}, ELBO {-outcome.fun:.4f}, below by {evidence + outcome.fun:.6f} nats")
print(f"200 new observations: below by {new_gap.min():.6f} to {new_gap.max():.6f}; each x alone: {predicted:.6f} nats")
assert np.allclose(new_gap, predicted, atol=1e-4), (
    "one encoder must serve new observations as well as an optimiser would"
)

# %% [markdown]
# The mean-field gap stays, but nothing is lost by *sharing* one encoder, not even on new observations. That is luck of this
# model, whose posterior mean is linear in $x$ and whose covariance is the same for all $x$. With a non-linear decoder an
# encoder falls short of the per-example optimum, too; this **amortisation gap** is measured in lesson
# {number: tighter_bounds}.
#
# ### What the bound does to the model
#
# In a VAE the ELBO is climbed in *both* sets of weights: φ closes the gap, the decoder's θ push $\log p_\theta(x)$ up. Is the
# θ with the highest bound the one with the highest likelihood? Here θ is one number, the angle between the two columns of
# $W$. 500 observations come from a model with 50°; for each θ here are the exact mean log-likelihood and the ELBO at the
# best mean-field $q$ of each. **Guess:** where does the bound touch, and on which side of 50° is its top?


# %% tags=["proof"]
def columns_at(angle):
    columns = [[1.4, 1.2 * np.cos(angle)], [0.0, 1.2 * np.sin(angle)]]
    return ProbabilisticPCA(columns, np.zeros(2), 0.5)


data = columns_at(np.radians(50)).sample(500, seed=run.seed + 4)
degrees = np.arange(20, 131)
likelihood, bound = np.empty(len(degrees)), np.empty(len(degrees))
for here, angle in enumerate(np.radians(degrees)):
    theta = columns_at(angle)
    its_mean, its_covariance = theta.posterior(data)
    its_precision = np.linalg.inv(its_covariance)
    q_log_var = np.tile(-np.log(np.diag(its_precision)), (len(data), 1))
    likelihood[here], bound[here] = theta.log_prob(data).mean(), theta.elbo(data, its_mean, q_log_var).mean()
    price = 0.5 * (np.log(np.diag(its_precision)).sum() - np.linalg.slogdet(its_precision)[1])
    assert abs(likelihood[here] - bound[here] - price) < 1e-9, "what the best q loses must be the mean-field gap"
best_degrees = degrees[likelihood.argmax()], degrees[bound.argmax()]
print(f"highest likelihood at {best_degrees[0]}°, highest bound at {best_degrees[1]}°")
assert best_degrees[1] > best_degrees[0] + 5, "the bound must prefer columns nearer to right angles"

# %%
ax = plotting.curves({"log p(x)": likelihood, "ELBO": bound}, "θ / degrees", "mean nats per observation", degrees)
ax.fill_between(degrees, bound, likelihood, color="0.9", label="gap")
for values, best, colour in zip((likelihood, bound), best_degrees, plotting.PALETTE, strict=False):
    ax.plot(best, values.max(), "o", color=colour)
ax.legend(frameon=False)
plotting.show(
    alt="Mean log-likelihood and mean ELBO against the angle between the decoder's columns. The ELBO lies below, touches "
    "at 90 degrees, and has its top, a dot, at a larger angle than the likelihood has."
)

# %% [markdown]
# The bound touches at 90°, where the posterior is diagonal and the family holds it. Elsewhere it loses the gap (grey), so its
# top is moved: **the bound prefers models whose posteriors its family can match.** How a gradient finds its way to φ
# through random draws is lesson {number: the_reparameterization_trick}.

# %% [markdown] tags=["deeper"]
# ## A weight on the rate: which objectives are bounds?
#
# Many programs multiply the rate by a weight, called β or λ (Higgins et al., 2017, for β > 1):
#
# $$L_\beta(q) = \mathbb E_q[\log p(x\mid z)] - \beta\,\mathrm{KL}(q\,\|\,p(z)) .$$
#
# It is *maximised* over θ and φ; β is chosen beforehand. Some call it "log p(x)". Is it at least a bound?
#
# 1. Add and subtract the rate: $L_\beta(q) = \text{ELBO}(q) + (1-\beta)\,\mathrm{KL}(q\|p(z))$.
# 2. Insert the first way: $L_\beta(q) = \log p(x) - \mathrm{KL}(q\|p(z\mid x)) + (1-\beta)\,\mathrm{KL}(q\|p(z)).$
# 3. So the objective lies above the truth **exactly where**
#    $$(1-\beta)\,\mathrm{KL}(q\,\|\,\text{prior}) > \mathrm{KL}(q\,\|\,\text{posterior}).$$
# 4. For $\beta \ge 1$ the left side is never positive: a lower bound for **every** $q$. For β > 1 it is a looser one; only
#    β = 1 gives *the* ELBO, which can touch $\log p(x)$.
# 5. For $\beta < 1$ take $q$ = posterior: the right side is 0, the left side is positive (unless posterior and prior are
#    equal, and $z$ says nothing about $x$). **Not a bound.**
#
# **Exercise {exercise: COUNTEREXAMPLE}.** Prove it with a counter-example. For our model with one latent and $x = (2.5, 0.5)$, find a Gaussian $q$
# whose objective with β = ½ lies *above* $\log p(x)$. Hand in its mean and its log-variance.

# %% tags=["exercise"]
# BEGIN SOLUTION
my_q = (posterior_mean, np.log(posterior_variance))
# END SOLUTION

# %%
check(exercises.COUNTEREXAMPLE, my_q)

# %% [markdown]
# Now all $q$ at once, on a map of means and standard deviations. The objective is computed from its two terms, the
# criterion from the two divergences; do they agree at every point? **And guess:** for which of β = ¼, ½, 0.9, 1, 2 will a
# part of the map be above the truth, and is the prior ever in it?

# %% tags=["proof"]
means, deviations = np.meshgrid(np.linspace(-1, 2.5, 141), np.geomspace(0.1, 2, 120))
q_mean, q_log_var = means.reshape(-1, 1), 2 * np.log(deviations).reshape(-1, 1)
many_x = np.repeat(x, len(q_mean), axis=0)
distance = np.square(many_x - q_mean * model.weights.T).sum(axis=1) + np.square(model.weights).sum() * np.exp(
    q_log_var[:, 0]
)
reconstruction = -np.log(2 * np.pi * model.variance) - distance / (2 * model.variance)  # two observed numbers
rate = 0.5 * (q_mean**2 + np.exp(q_log_var) - 1 - q_log_var)[:, 0]
gap = model.posterior_gap(many_x, q_mean, q_log_var)
excess = {beta: reconstruction - beta * rate - log_evidence for beta in (0.25, 0.5, 0.9, 1.0, 2.0)}
for beta, nats in excess.items():
    above, criterion = nats > 1e-9, (1 - beta) * rate - gap > 1e-9
    print(f"β = {beta:4}: above log p(x) at {above.sum():5} of {len(gap)} places; highest {nats.max():+.4f} nats")
    assert (above == criterion).all(), "above log p(x) exactly where (1−β) KL(q‖prior) > KL(q‖posterior)"
    assert above.any() == (beta < 1), "there must be violations for weights below 1, and none from 1 on"

# %% [markdown]
# Objective and criterion agree at every place. Here is the map.

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained", width_ratios=(1.2, 1))
for beta, colour in zip((0.25, 0.5, 0.9), plotting.PALETTE, strict=False):
    left.contour(means, deviations, excess[beta].reshape(means.shape), levels=[0], colors=[colour])
    left.plot([], [], color=colour, label=f"β = {beta}")
for name, place in {"prior": (0, 1), "posterior": (posterior_mean, posterior.std())}.items():
    left.plot(*place, "o", color="black", markersize=4)
    apart = (6, 6) if name == "prior" else (38, 30)
    left.annotate(name, place, xytext=apart, textcoords="offset points", arrowprops={"arrowstyle": "-", "lw": 0.6})
left.set(xlabel="mean of q", ylabel="standard deviation of q", yscale="log", title="inside: above log p(x)")
left.set_yticks([0.1, 0.2, 0.5, 1, 2], ["0.1", "0.2", "0.5", "1", "2"])
left.minorticks_off()
left.legend(frameon=False, loc="lower left")
betas = np.linspace(0.1, 2, 60)
at_posterior = log_evidence + (1 - betas) * kl_1d(posterior.logpdf, prior.logpdf, -12, 12)
best = [(reconstruction - beta * rate).max() for beta in betas]
values = {"at the best q": best, "at the posterior": at_posterior}
plotting.curves(values, x=betas, xlabel="weight β", ylabel="objective / nats", ax=right)
right.axhline(log_evidence, color="black", linestyle="--")
right.annotate("log p(x)", (1.6, log_evidence), xytext=(0, 4), textcoords="offset points")
plotting.show(
    alt="Left, in the plane of mean and deviation of q, lines for three weights inside which the objective "
    "lies above log p(x): around the posterior, smaller as the weight grows, never around the prior. Right, "
    "objective against the weight at the best q and at the posterior: both cross log p(x) at weight 1."
)

# %% [markdown]
# Left: inside each line the objective lies above $\log p(x)$. The regions shrink as β grows towards 1, around the posterior,
# and never contain the prior (there the rate is 0 and the weight does nothing). Right: the objective at the posterior and at
# its own best $q$. Both cross the truth at β = 1. To the left an optimiser *will* end up above it; to the right even the
# best $q$ stays below, and it is no longer the posterior.
#
# So β ≠ 1 is a legitimate *objective*, with a purpose (lesson {number: rate_distortion_and_beta}), but its value is not a log-likelihood. And since the
# rate is never negative, a smaller β gives a larger number at the same $q$: values of different β must not be compared.
#
# **Exercise {exercise: EQUALITY_OR_BOUND}: equality or bound?** How is $\log p(x)$ related to each of these, **for every** $q$ that has mass
# exactly where the posterior has? Say `"equality"`, `"bound"` (log p(x) is at least that, and sometimes more) or `"neither"`.
#
# * (a) $\mathbb E_q[\log p(x\mid z)] - \mathrm{KL}(q\|p(z))$
# * (b) $\mathbb E_q[\log p(x\mid z)] - \mathrm{KL}(q\|p(z)) + \mathrm{KL}(q\|p(z\mid x))$
# * (c) $\mathbb E_q[\log p(x\mid z)] - 4\,\mathrm{KL}(q\|p(z))$
# * (d) $\mathbb E_q[\log p(x\mid z)] - \tfrac12\,\mathrm{KL}(q\|p(z))$
# * (e) $\mathbb E_q[\log p(x\mid z)]$ alone
# * (f) $\log\mathbb E_q[p(x, z)/q(z)]$
#
# Answer with a dictionary, `{"a": "…", "b": "…", "c": "…", "d": "…", "e": "…", "f": "…"}`.

# %% tags=["exercise"]
# BEGIN SOLUTION
verdicts = {"a": "bound", "b": "equality", "c": "bound", "d": "neither", "e": "neither", "f": "equality"}
# END SOLUTION

# %%
check(exercises.EQUALITY_OR_BOUND, verdicts)

# %% [markdown] tags=["deeper"]
# ## Which terms have an end?
#
# "A VAE trains stably because its loss is bounded." Is it? Go through the terms.
#
# * The **rate** is never below 0 and has no upper end: $\mu^2/2$ grows for ever.
# * The **Bernoulli** reconstruction term, for pixels that are 0 or 1, is the logarithm of a probability: never above 0.
#   Then the ELBO is at most 0.
# * The **Gaussian** one is the logarithm of a *density*, and a density may be larger than 1. A pixel that is hit exactly
#   has $-\tfrac12\log 2\pi\sigma^2$, which grows without end as σ² → 0.

# %%
for variance in (1.0, 1e-2, 1e-4, 1e-8):
    exact_hit = float(gaussian_log_prob([[0.3]], [[0.3]], [[np.log(variance)]])[0])
    print(
        f"σ² = {variance:5.0e}: a pixel hit exactly has log-density {exact_hit:6.2f}, a loss of {-exact_hit:6.2f} nats"
    )

# %% [markdown]
# With a *stated* σ² there is a ceiling. If σ² is learned, it depends on whether the decoder can hit anything exactly. Three
# models learn their variance; $n = 20$ observations of $d = 3$ numbers. **Which of them has a best σ²?**
#
# * *A:* probabilistic PCA with one latent, one σ² for all; the data fill all three dimensions (full rank).
# * *B:* the same model, but the data lie exactly on a line: the decoder can hit every point.
# * *C:* the data of A, but the variance may differ from example to example: a mixture of one broad Gaussian and one that
#   sits on the first observation with its own σ² (a latent with two values, and a decoder whose variance depends on it).
#
# For each σ² we compute the *exact* mean log-likelihood (for A and B with the best $W$ for that σ²; Tipping & Bishop,
# 1999).

# %%
from course_lib.exact import gaussian_log_density

full = np.random.default_rng(run.seed + 5).normal(size=(20, 3)) @ np.diag([2.0, 1.0, 0.7])
centre = full.mean(axis=0)
eigenvalues, vectors = np.linalg.eigh(np.cov(full.T, bias=True))
line_data = centre + (full - centre) @ np.outer(vectors[:, -1], vectors[:, -1])
variances = np.geomspace(1e-7, 10, 81)


def shared_variance(data, variance):
    weights = vectors[:, -1:] * np.sqrt(max(eigenvalues[-1] - variance, 0))
    return ProbabilisticPCA(weights, centre, variance).log_prob(data).mean()


def own_variance(variance):
    broad = gaussian_log_density(full, centre, np.cov(full.T))
    return (np.logaddexp(broad, gaussian_log_density(full, full[0], variance * np.eye(3))) - np.log(2)).mean()


likelihoods = {
    "A: shared σ², full rank": [shared_variance(full, v) for v in variances],
    "B: shared σ², data on a line": [shared_variance(line_data, v) for v in variances],
    "C: σ² of one example": [own_variance(v) for v in variances],
}

# %% [markdown]
# The picture:

# %% tags=["proof"]
ax = plotting.curves(likelihoods, x=variances, xlabel="σ²", ylabel="mean log p(x) / nats")
ax.set(xscale="log", ylim=(-9, 14))
best_fit = ProbabilisticPCA.fit(full, num_latents=1)
ax.plot(best_fit.variance, best_fit.log_prob(full).mean(), "o", color=plotting.PALETTE[0])
plotting.show(
    alt="Mean log p(x) against the variance on a logarithmic axis, for three models. A has a peak, marked by a dot, and falls on both sides; "
    "B rises steeply and without end as the variance shrinks, C slowly and without end."
)
top = max(likelihoods["A: shared σ², full rank"])
e_folds = np.log(variances[10] / variances[0])
slope_b, slope_c = (-(likelihoods[key][10] - likelihoods[key][0]) / e_folds for key in list(likelihoods)[1:])
print(f"A: best on the grid {top:.4f}, maximum likelihood {best_fit.log_prob(full).mean():.4f} (the dot)")
print(f"B: + {slope_b:.4f} nats each time σ² shrinks by the factor e; (d − 1)/2 = {(3 - 1) / 2:.4f}")
print(f"C: + {slope_c:.4f} nats each time σ² shrinks by the factor e; d/(2n) = {3 / (2 * 20):.4f}")
below_the_dot = best_fit.log_prob(full).mean() - top
assert -1e-9 < below_the_dot < 0.01, "full-rank pPCA must reach its maximum likelihood and never exceed it"
assert abs(slope_b - 1) < 1e-3, "data that the decoder hits exactly must gain (d − 1)/2 nats per factor e, without end"
assert abs(slope_c - 0.075) < 1e-3, "a variance of one's own must gain d/(2n) nats per factor e, without end"

# %% [markdown]
# Only A (blue) has a top: too small a σ² is punished by the points it misses. B (orange) rises for ever, one nat each time
# σ² shrinks by the factor $e$: the two directions off the line have nothing to miss. C (green) looks harmless, but rises for
# ever, too: one observation is enough. So with a flexible network that returns its own variance for each $z$, the likelihood
# of a VAE is unbounded (Mattei & Frellsen, 2018).
#
# So *bounded* is a property of the decoder's likelihood, not of the VAE. State σ², or learn one for all and keep an eye on
# it, or bound it from below.

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> "log p(x) = E[log p(x | z)] − KL(q‖p(z))." What is missing?</summary>
#
# The gap, $\mathrm{KL}(q\|p(z\mid x))$, or a ≥ sign. Equality holds only for $q$ = posterior.
# </details>
#
# <details><summary><b>2.</b> A colleague's estimated ELBO of one image lies 0.3 nats above the exact log p(x). A bug?</summary>
#
# Not yet proven: the bound holds for the expectation, and an average of a few draws may lie above it. Ask for the standard
# error. If it is 0.01, or if all terms are closed forms, it is a bug: or β < 1.
# </details>
#
# <details><summary><b>3.</b> The KL term of a VAE: the difference between encoder and decoder? the uncertainty of the code?
# the distance to the true distribution?</summary>
#
# None of these. It is the divergence of $q_\phi(z\mid x)$ from the prior $p(z)$, one value per example: cross-entropy with the
# prior *minus* the entropy of $q$.
# </details>
#
# <details><summary><b>4.</b> Model 1 has a mean test ELBO of −90, model 2 of −92. Is model 1 the better density?</summary>
#
# Not necessarily: each bound hides a gap of its own. Estimate the gaps (lesson {number: tighter_bounds}).
# </details>
#
# <details><summary><b>5.</b> You choose λ by the largest value of E[log p(x | z)] − λ KL on validation data. What happens?
# </summary>
#
# For one model and one $q$, λ = 0 wins: the rate is never negative. If each λ has its own model it may be another, but the
# yardstick changes with λ. Compare what does not: the ELBO, or an estimate of $\log p(x)$.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **derived** the divergence of two Gaussians in seven steps, and checked it with an integral and within standard errors;
# * **said** what KL is not: symmetric, a cross-entropy, ever negative; and seen forward fits cover and reverse fits choose;
# * **derived** the ELBO in two ways (deeper: a third), **written** it for a linear decoder, and measured $\log p(x) = \text{ELBO} + \text{gap}$
#   to ten decimals on digits;
# * **explained** the encoder as an approximate posterior, shared by all $x$; too sure if its entries are independent; and
#   seen the bound pull the model towards posteriors that it can match;
# * deeper: **decided** that weighted objectives are bounds from β = 1 upwards and *the* ELBO at 1 only, and that a Gaussian
#   likelihood with a free variance has no upper end.
#
# Which bound do we climb? $\mathbb E_q[\log p(x\mid z)] - \mathrm{KL}(q\|p(z))$. And how far below the truth is it? By
# $\mathrm{KL}(q\|p(z\mid x))$, not a nat more.
#
# **Go further.** Multiply the fitted PCA's weights from the right by a rotation of the eight latents (`np.linalg.qr`), and
# compute the mean-field gap ([touch it](../docs/explorables/elbo_meter/index.html)): the likelihood stays, the best ELBO
# does not. Why?
#
# **References.** Kullback & Leibler (1951), *On information and sufficiency*, Ann. Math. Stat. 22. ·
# Jordan, Ghahramani, Jaakkola & Saul (1999), *An introduction to variational methods for graphical models*, Machine
# Learning 37. · Tipping & Bishop (1999), *Probabilistic principal component analysis*, J. R. Stat. Soc. B 61. ·
# Kingma & Welling (2014), *Auto-encoding variational Bayes*, arXiv:1312.6114. ·
# Burda, Grosse & Salakhutdinov (2016), *Importance weighted autoencoders*, arXiv:1509.00519. ·
# Blei, Kucukelbir & McAuliffe (2017), *Variational inference: a review for statisticians*, arXiv:1601.00670. ·
# Higgins et al. (2017), *β-VAE: learning basic visual concepts with a constrained variational framework*, ICLR. ·
# Mattei & Frellsen (2018), *Leveraging the exact likelihood of deep latent variable models*, arXiv:1802.04826. ·
# Cremer, Li & Duvenaud (2018), *Inference suboptimality in variational autoencoders*, arXiv:1801.03558.

# %% [markdown] tags=["slide"]
# # The ELBO: a bound that we can climb, and its distance from the truth
#
# A latent-variable model cannot say how probable an image is: the integral is too hard. So it climbs another number, one below the truth.
#
# **Which number is it, and how far below?**

# %% [markdown] tags=["notes"]
# 1 min. Needed from before: a model with a latent z, and its likelihood as an integral. The word "bound" is enough; do not define the ELBO yet.

# %% [markdown] tags=["slide"]
# ## How different are two distributions?
#
# $$\mathrm{KL}(q\,\|\,p)=\mathbb E_{z\sim q}\big[\log q(z)-\log p(z)\big]$$
#
# + At a point: how much more had $q$ expected it than $p$?
# + On average, over points that come *from* $q$.
# + In nats: 1 nat = 1.44 bits.

# %% [markdown] tags=["notes"]
# 2 min. Read the log ratio aloud before the average. The usual wrong answer later on: averaging over p.

# %% [markdown] tags=["slide"]
# ## Predict: can it be negative? Is it symmetric?
#
# . . .
#
# {figure: how-different-are-two-distributions-2}
#
# {output: how-different-are-two-distributions-2}

# %% [markdown] tags=["notes"]
# 3 min. Vote on both. Orange is the negative part; it is weighted with q, and q is small where p expected more. Symmetric: no, so it is no distance.

# %% [markdown] tags=["slide"]
# ## Never negative
#
# One inequality: $\log t\le t-1$, with equality only at $t=1$.
#
# $$-\mathrm{KL}(q\|p)=\mathbb E_q\Big[\log\frac pq\Big]$$
#
# . . .
#
# $$\le\;\mathbb E_q\Big[\frac pq-1\Big]$$
#
# . . .
#
# $$=\int_{q>0}p\,dz-1\;\le\;0$$

# %% [markdown] tags=["notes"]
# 2 min. Draw the tangent of the logarithm at 1 on the board. Single terms are negative half of the time; no sum ever is.

# %% [markdown] tags=["slide"]
# ## Quiz: "KL is the cross-entropy loss." Right?
#
# . . .
#
# $$\mathrm{KL}(q\|p)=\underbrace{-\mathbb E_q[\log p]}_{\text{cross-entropy}}-\underbrace{\big(-\mathbb E_q[\log q]\big)}_{\text{entropy of }q}$$
#
# . . .
#
# {output: not-the-cross-entropy-2}
#
# If $q$ is *chosen*, the entropy keeps it from becoming a needle.

# %% [markdown] tags=["notes"]
# 2 min. If q is given, as in a classifier, the entropy is constant and the sentence does no harm. Ask which q each of the two numbers prefers: the second line, and the third.

# %% [markdown] tags=["slide"]
# ## Two Gaussians: no integral left
#
# $$\mathrm{KL}(q\|p)=\tfrac12\Big[\log\sigma_p^2-\log\sigma_q^2+\frac{\sigma_q^2+(\mu_q-\mu_p)^2}{\sigma_p^2}-1\Big]$$
#
# . . .
#
# Independent dimensions add up. With $p=\mathcal N(0,I)$:
#
# $$\mathrm{KL}=\tfrac12\sum_j\big(\mu_j^2+\sigma_j^2-1-\log\sigma_j^2\big)$$

# %% [markdown] tags=["notes"]
# 2 min. The derivation is in the notebook, seven lines; leave it for home. Say only where σ_q² + (μ_q − μ_p)² comes from.

# %% [markdown] tags=["slide"]
# ## Predict: which costs most?
#
# From the prior $\mathcal N(0,1)$: (A) move the mean by 2, (B) shrink $\sigma$ to 0.1, (C) widen it to 3.
#
# . . .
#
# {figure: what-a-code-costs-2}
#
# {output: what-a-code-costs-2}

# %% [markdown] tags=["notes"]
# 3 min. Most put B first: "ten-fold". Widening costs σ², being sure costs only −log σ². Each halving of a small σ costs log 2 = 0.69 nats.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: COVERING_DEVIATION} · {minutes} minutes
#
# $p$ has two hills, at −2 and 3, both with deviation ½, with weights 0.7 and 0.3.
#
# One Gaussian $q$ minimises $\mathrm{KL}(p\,\|\,q)$: it takes over the mean and the variance of $p$.
#
# **What is its standard deviation?**
#
# And what will minimising $\mathrm{KL}(q\,\|\,p)$ do?

# %% [markdown] tags=["notes"]
# 4 min. Usual wrong answers: ½, the width of one hill; the variance 5.5 instead of its root 2.35; forgetting the spread between the hills.

# %% [markdown] tags=["slide"]
# ## Two directions, two characters
#
# {figure: two-directions-two-characters-5}
#
# Forward covers the mass. Reverse seeks a mode. We shall use the **reverse** one: we can draw from $q$.

# %% [markdown] tags=["notes"]
# 2 min. Where q is 0, the reverse divergence does not look. Which hill it takes depends on the start.

# %% [markdown] tags=["slide"]
# ## Variational inference
#
# $$p(x)=\int p(x\mid z)\,p(z)\,dz\qquad p(z\mid x)=\frac{p(x,z)}{p(x)}$$
#
# + Do not compute the integral.
# + Take a family of $q$ that can be handled.
# + Look for the member closest to the posterior: smallest $\mathrm{KL}(q\,\|\,p(z\mid x))$.
# + But how do we minimise a distance to something that we cannot compute?

# %% [markdown] tags=["notes"]
# 2 min. Let the last question stand for a moment. Leave out the history.

# %% [markdown] tags=["slide"]
# ## The gap
#
# $$\log p(x)=\mathbb E_q\Big[\log\frac{p(x,z)}{p(z\mid x)}\Big]$$
#
# . . .
#
# $$=\mathbb E_q\Big[\log\frac{p(x,z)}{q(z)}\Big]+\mathbb E_q\Big[\log\frac{q(z)}{p(z\mid x)}\Big]$$
#
# . . .
#
# $$\log p(x)=\text{ELBO}(q)+\mathrm{KL}\big(q\,\|\,p(z\mid x)\big)$$
#
# The sum is fixed: **climbing the ELBO closes the gap.**

# %% [markdown] tags=["notes"]
# 3 min. The most important slide. One fragment at a time. Ask what can be evaluated: the first term. Ask what is constant: the left side.

# %% [markdown] tags=["slide"]
# ## Two terms, two divergences
#
# $$\text{ELBO}(q)=\underbrace{\mathbb E_q[\log p(x\mid z)]}_{\text{reconstruction}}-\underbrace{\mathrm{KL}(q\,\|\,p(z))}_{\text{rate}}$$
#
# + The **rate** is to the *prior*.
# + The **gap** is to the *posterior*.
# + The loss of a VAE is −ELBO: two terms, and no third.

# %% [markdown] tags=["notes"]
# 2 min. The usual wrong answer: "log p(x) = reconstruction − rate". It forgets the gap.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: PREDICT_THE_GAP} · {minutes} minutes
#
# A $q$ has the right mean. Its standard deviation is
#
# - *twice* that of the posterior;
# - *half* that of the posterior.
#
# How many nats does its ELBO lie below $\log p(x)$? Which is worse?

# %% [markdown] tags=["notes"]
# 4 min. They need no x and no model, only the formula for two Gaussians: ½(r − 1 − log r), with the ratio r of the variances. Usual wrong answers: the ratio of deviations in place of variances; the two gaps exchanged.

# %% [markdown] tags=["slide"]
# ## Four bounds, four gaps, one sum
#
# {output: variational-inference-an-integral-becomes-a-5}
#
# . . .
#
# Twice as wide loses 0.81 nats, half as wide 0.32. And on 359 images of digits, with a poor $q$ for each:
#
# {output: variational-inference-an-integral-becomes-a-7}

# %% [markdown] tags=["notes"]
# 2 min. An identity, not an approximation. A positive log p(x) is no mistake: it is the logarithm of a density.

# %% [markdown] tags=["slide"]
# ## The same by Jensen's inequality
#
# $$\log p(x)=\log\mathbb E_q\Big[\frac{p(x,z)}{q(z)}\Big]$$
#
# . . .
#
# $$\ge\;\mathbb E_q\Big[\log\frac{p(x,z)}{q(z)}\Big]=\text{ELBO}(q)$$
#
# . . .
#
# Short, but it does not say how much was lost. The first way does.

# %% [markdown] tags=["notes"]
# 1 min. The third way, importance weights, is a deeper section: leave it out.

# %% [markdown] tags=["slide"]
# ## Predict: a simple family
#
# The posterior is long and tilted. The best $q$ with *independent* entries: narrower along each axis, as wide, or wider?
#
# . . .
#
# {figure: the-encoder-an-approximate-posterior-5}

# %% [markdown] tags=["notes"]
# 3 min. Most say "as wide". Each entry gets the variance that is left when all other entries are known: too sure. So do not read σ of a VAE as the true uncertainty.

# %% [markdown] tags=["slide"]
# ## Who finds the parameters?
#
# {output: who-finds-the-parameters-2}
#
# One **encoder** answers every $x$: amortised inference. The gap of its family stays.

# %% [markdown] tags=["notes"]
# 2 min. Here nothing is lost by sharing; in this model the posterior mean is linear in x. With a real decoder an amortisation gap comes on top: the lesson on tighter bounds.

# %% [markdown] tags=["slide"]
# ## Quiz: the ELBO of a model rose by 2 nats. Did log p(x) rise?
#
# . . .
#
# Not necessarily: $\log p(x)=\text{ELBO}+\text{gap}$. The encoder may only have closed 2 nats of the gap.
#
# . . .
#
# With the model held still, $\log p(x)$ *cannot* move: then all of it is gap.

# %% [markdown] tags=["notes"]
# 2 min. Vote first. The encoder moves the gap, the decoder moves both.

# %% [markdown] tags=["slide"]
# ## To take home
#
# $$\log p(x)=\text{ELBO}(q)+\mathrm{KL}\big(q\,\|\,\text{posterior}\big)$$
#
# The ELBO lies below the truth by exactly the divergence from $q$ to the posterior.
#
# *At home:* exercises {exercise: KL_OF_TWO_GAUSSIANS} and {exercise: MEAN_FIELD_GAP}.

# %% [markdown] tags=["notes"]
# 1 min. Next: how a gradient finds its way through random draws.
