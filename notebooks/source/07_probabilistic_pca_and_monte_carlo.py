# ---
# jupyter:
#   course:
#     part: "Part II · Latent variables, the ELBO and the VAE"
#     question: "What is p(x) where the hidden cause is a number, and why can we so rarely compute it?"
# ---

# %% [markdown]
# # Probabilistic PCA and Monte Carlo: one integral solved, and why the next resists
#
# **The question.** {Lesson: latent_variable_models} added up all that could have caused $x$, when there were two or four causes.
# What if the cause is a *vector of numbers*? Then $p(x)$ is an integral. When can we do it, and what happens when we estimate it?
#
# In this lesson you will
#
# * **solve** the integral once, for probabilistic PCA, and **write** its posterior;
# * **predict** how badly a Monte-Carlo estimate of $p(x)$ fails, and on which side of the truth it lands;
# * **write** an importance-sampling estimate, and **explain** from where one should draw;
# * **place** the families of generative models by what they can do: sample, or say $p(x)$.
#
# *To know before:* {lesson: latent_variable_models} (prior, likelihood, posterior, log-sum-exp, Jensen's inequality);
# covariances, eigenvectors and projections ({lesson: linear_algebra_and_dynamics}).
# *Time:* {times}; about 15 seconds to run on two CPU cores. No network is trained.

# %% tags=["setup"]
import course_lib

run = course_lib.setup(backend=False)

# %% [markdown]
# ## Where z is continuous, p(x) is an integral
#
# Species are few. The slant of a digit, its size, its thickness are numbers, so let $z$ be a vector of $L$ real numbers, the
# *latents*. The sum rule becomes an integral:
#
# $$p(x) = \int p(x \mid z)\, p(z)\, dz .$$
#
# Is a sum always easier? No: a sum over *few* values is. If $z$ is a row of 100 bits, the sum has $2^{100}$ terms and is as
# hopeless as any integral. What counts is whether we can account for *all* causes.
#
# Here is a model for which we can, **probabilistic PCA** (Tipping & Bishop, 1999). A standard normal
# code goes through a linear decoder, and noise is added to each of the $d$ coordinates:
#
# $$z \sim \mathcal N(0, I_L), \qquad x \mid z \sim \mathcal N(Wz + \mu,\ \sigma^2 I_d), \qquad
#   W \text{ a } d \times L \text{ matrix.}$$
#
# In the figure $W = (2, 1)^\top$, $\mu = 0$ and $\sigma = 1$: one latent, two coordinates. **Guess:** which shape has the
# cloud of all $x$? And if only the cross has been seen, where on the line did it come from: the nearest point?

# %%
import matplotlib.pyplot as plt
import numpy as np

from course_lib import plotting
from course_lib.exact import ProbabilisticPCA

rng, orange = np.random.default_rng(run.seed), plotting.PALETTE[5]
line, seen = ProbabilisticPCA([[2.0], [1.0]], [0.0, 0.0], 1.0), np.array([[2.0, 3.0]])
codes = rng.normal(size=(60, 1))
decoded = codes @ line.weights.T
noisy = decoded + rng.normal(size=(60, 2))
(m,), ((v,),) = line.posterior(seen)
foot = line.weights @ line.weights.T @ seen[0] / 5  # its projection: ‖W‖² = 5
_, axes = plt.subplots(1, 3, figsize=(10, 2.8), layout="constrained", sharex=True, sharey=True)
axes[0].scatter(*decoded.T, s=14, c=codes[:, 0], cmap="viridis")
axes[1].plot(*np.stack([decoded, noisy], axis=1).T, color="lightgrey")
axes[1].scatter(*noisy.T, s=14, c=codes[:, 0], cmap="viridis")
plotting.covariance_ellipses([[0, 0]], [line.covariance], color="black", ax=axes[1])
axes[2].plot(*(line.weights * (m + np.sqrt(v) * np.array([-2, 2]))), color=orange, linewidth=5, alpha=0.4)
axes[2].plot(*seen.T, "kX", *foot, "ks", *(line.weights @ m), "o", markerfacecolor=orange, markersize=8)
axes[2].plot(*np.stack([seen[0], foot]).T, color="black", linewidth=0.8)
for ax, title in zip(axes, ("1. decode: Wz", "2. add noise: x", "back: which z?"), strict=True):
    ax.axline((0, 0), (2, 1), color="black", linestyle=":", zorder=0)
    ax.set(title=title, xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
plotting.show(
    alt="Three panels with the same dotted line. First, points on it, coloured by their code. Second, each joined to a point "
    "beside the line, in an ellipse. Third, a cross, its projection onto the line, and a band of probable codes nearer to 0."
)

# %% [markdown]
# Draw a point of the line, then step off it: an ellipse around the line. The third panel goes back. The square is the
# projection of the cross, the nearest point of the line. The dot and the band (two standard deviations) are the **posterior**,
# decoded: nearer to the centre, because codes near 0 are more probable to begin with. The prior pulls.
#
# ### The integral, solved
#
# $x = Wz + \mu + \varepsilon$ with $\varepsilon \sim \mathcal N(0, \sigma^2 I)$ is a linear function of Gaussians, so it is
# Gaussian, and two moments say everything (the cross terms vanish, as $z$ and $\varepsilon$ are independent):
#
# $$\mathbb E[x] = \mu, \qquad \operatorname{Cov}[x] = W\, \mathbb E[z z^\top]\, W^\top + \mathbb E[\varepsilon \varepsilon^\top]
#   = W W^\top + \sigma^2 I = C, \qquad p(x) = \mathcal N(x; \mu, C) .$$
#
# And which codes explain this $x$? With $\bar x = x - \mu$, Bayes' rule gives a Gaussian again:
#
# $$p(z \mid x) = \mathcal N(z;\ m,\ P^{-1}), \qquad P = I + \tfrac{1}{\sigma^2} W^\top W, \qquad
#   m = \tfrac{1}{\sigma^2} P^{-1} W^\top \bar x .$$
#
# Read $P$, the *precision* (inverse variance), as a sum of evidence: 1 from the prior, the rest from the data.
#
# <details><summary>Derivation of both: completing the square</summary>
#
# Likelihood times prior is $(2\pi\sigma^2)^{-d/2} (2\pi)^{-L/2}\, e^{-E/2}$. Sort $E$ by powers of $z$, and complete the square:
#
# $E = \tfrac{1}{\sigma^2} \|\bar x - Wz\|^2 + \|z\|^2
#  = z^\top P z - \tfrac{2}{\sigma^2} z^\top W^\top \bar x + \tfrac{1}{\sigma^2} \bar x^\top \bar x
#  = (z - m)^\top P (z - m) + \tfrac{1}{\sigma^2} \bar x^\top \bar x - m^\top P m .$
#
# As a function of $z$ this is a Gaussian around $m$ with covariance $P^{-1}$: the posterior. Its integral over $z$ is
# $(2\pi)^{L/2} |P|^{-1/2}$. What does not contain $z$ is $\bar x^\top \big[ \tfrac{1}{\sigma^2} I - \tfrac{1}{\sigma^4} W P^{-1} W^\top \big] \bar x
# = \bar x^\top C^{-1} \bar x$ (*Woodbury's identity*: multiply the bracket by $C$ to see it). With $|C| = \sigma^{2d} |P|$, since $WW^\top$ and
# $W^\top W$ have the same eigenvalues apart from 0, the rest is $(2\pi)^{-d/2} |C|^{-1/2}\, e^{-\bar x^\top C^{-1} \bar x / 2}$.
# </details>
#
# **Check it** against an integral that knows nothing of all this: two latents, three coordinates, the trapezoidal rule
# on a fine grid. `log_likelihood` returns $\log p(x \mid z)$ for all pairs of $k$ codes and $n$ examples, shape `(k, n)`.

# %% tags=["proof"]
from course_lib.exact import gaussian_log_density, log_marginal_likelihood


def log_likelihood(model, x, z):
    centred, d = x - model.mean, len(model.mean)
    gram = model.weights.T @ model.weights  # ‖x̄ − Wz‖² = ‖x̄‖² − 2 zᵀWᵀx̄ + zᵀ(WᵀW)z: no array of all k · n · d numbers
    squares = np.square(centred).sum(axis=1) - 2 * z @ (centred @ model.weights).T
    squares = squares + ((z @ gram) * z).sum(axis=1, keepdims=True)
    return -0.5 * (squares / model.variance + d * np.log(2 * np.pi * model.variance))


rng = np.random.default_rng(run.seed)
model = ProbabilisticPCA(weights=[[1.0, 0.5], [-0.5, 1.0], [0.3, -0.8]], mean=[1.0, 0.0, -1.0], variance=0.3)
examples, some_z = model.sample(3, seed=run.seed), rng.normal(size=(5, 2))
by_grid = log_marginal_likelihood(lambda z: log_likelihood(model, examples, z), latent_dim=2, bound=9, num_points=361)
for each in zip(by_grid, model.log_prob(examples), strict=True):
    print("integral {:.10f}    N(x; μ, WWᵀ + σ²I) {:.10f} nats".format(*each))
log_prior = gaussian_log_density(some_z, np.zeros(2), np.eye(2))
by_bayes = log_likelihood(model, examples[:1], some_z)[:, 0] + log_prior - by_grid[0]  # likelihood · prior / p(x)
means, covariance = model.posterior(examples)
assert np.allclose(by_grid, model.log_prob(examples), rtol=0, atol=1e-8), "the marginal must be this Gaussian"
assert np.allclose(by_bayes, gaussian_log_density(some_z, means[0], covariance)), "so must be the posterior"

# %% [markdown]
# Ten digits agree.
#
# **Exercise {exercise: SPREAD}.** Let $W = (3, 4)^\top$ and $\sigma^2 = 11$. What is the standard deviation of $x$ *along* the direction
# of $W$, and what is it *across*? Answer with a tuple, (along, across).

# %% tags=["exercise"]
# BEGIN SOLUTION
spread = (6.0, np.sqrt(11.0))
# END SOLUTION

# %%
from course_lib.exercises import check
from course_lib.exercises import probabilistic_pca_and_monte_carlo as exercises

check(exercises.SPREAD, spread)

# %% [markdown]
# **Exercise {exercise: POSTERIOR}.** Write the posterior of a model with *one* latent: `x`, `weights` and `mean` have shape `(d,)`, `variance` is
# $\sigma^2$. Return the posterior's mean and variance, two numbers.


# %% tags=["exercise"]
def posterior(x, weights, mean, variance):
    # BEGIN SOLUTION
    precision = 1 + weights @ weights / variance
    return weights @ (x - mean) / variance / precision, 1 / precision
    # END SOLUTION


# %%
check(exercises.POSTERIOR, posterior)

# %% [markdown] tags=["deeper"]
# ## Maximum likelihood in one line
#
# With $p(x)$ in closed form one can look for the best $W$ and $\sigma^2$, and Tipping & Bishop found them in closed form,
# too. Let $\lambda_1 \ge \dots \ge \lambda_d$ be the eigenvalues of the data's covariance $S$ (divided by $N$), and $U_L$
# the first $L$ eigenvectors, in the columns. Then $\mu$ is the mean of the data and
#
# $$\sigma^2 = \frac{1}{d-L} \sum_{j>L} \lambda_j, \qquad W = U_L\, (\Lambda_L - \sigma^2 I)^{1/2}, \qquad
#   \Lambda_L = \operatorname{diag}(\lambda_1, \dots, \lambda_L) .$$
#
# In words: *the noise is the average variance that the codes do not explain; the decoder's columns are the principal
# axes, as long as the variance that is left after the noise is taken off.*
#
# <details><summary>Derivation</summary>
#
# The mean log-likelihood, with $\mu$ the data's mean, is
# $\ell = -\frac12 \big( d \log 2\pi + \log |C| + \operatorname{tr} C^{-1} S \big)$.
#
# 1. Its derivative is $\partial \ell / \partial W = C^{-1} S C^{-1} W - C^{-1} W$, so a stationary point has $S C^{-1} W = W$.
# 2. Write $W = \sum_j a_j u_j v_j^\top$ with lengths $a_j > 0$ and orthonormal $u_j$, $v_j$ (its singular values). Then
#    $C u_j = (a_j^2 + \sigma^2) u_j$, hence $C^{-1} W v_j = \frac{a_j}{a_j^2 + \sigma^2} u_j$.
# 3. So 1. says $S u_j = (a_j^2 + \sigma^2)\, u_j$: each column direction is an *eigenvector* of $S$, and
#    $a_j^2 = \lambda_j - \sigma^2$. The $v_j$ stay free: a rotation of the codes that changes no $p(x)$.
# 4. In the directions that are used, $C$ has the eigenvalue $\lambda_j$, in the others $\sigma^2$. Insert:
#    $-2\ell = d \log 2\pi + \sum_\text{used} \log \lambda_j + L + (d-L) \log \sigma^2 + \frac{1}{\sigma^2} \sum_\text{unused} \lambda_j$.
# 5. The derivative in $\sigma^2$ is zero for $\sigma^2 = \frac{1}{d-L} \sum_\text{unused} \lambda_j$, the mean of the
#    unused eigenvalues. What remains is $(d-L) \log \operatorname{mean}_\text{unused}(\lambda) - \sum_\text{unused} \log \lambda_j$
#    plus terms that do not depend on the choice. It is small where the unused ones are nearly equal, so they are
#    neighbours in the order; and the used ones must satisfy $\lambda_j = a_j^2 + \sigma^2 \ge \sigma^2$, so the unused
#    are the smallest.
# </details>
#
# A closed form claims that *nothing* is better. Let a general optimiser try: quasi-Newton ascent (L-BFGS) on all 16
# parameters, from three random starts, with no idea of eigenvectors.

# %% tags=["proof"]
from scipy.optimize import minimize

rng = np.random.default_rng(run.seed)
data = ProbabilisticPCA(rng.normal(size=(5, 2)), rng.normal(size=5), 0.4).sample(300, seed=run.seed + 4)


def mean_nats(parameters):
    W, mean, log_variance = parameters[:10].reshape(5, 2), parameters[10:15], parameters[15]
    return ProbabilisticPCA(W, mean, np.exp(log_variance)).log_prob(data).mean()


closed = ProbabilisticPCA.fit(data, num_latents=2)
climbs = [minimize(lambda p: -mean_nats(p), rng.normal(size=16), method="L-BFGS-B") for _ in range(3)]
reached = np.array([-end.fun for end in climbs])
print(f"closed form {closed.log_prob(data).mean():.8f}, optimiser {reached.round(8)} nats")
print(f"noise variance: closed form {closed.variance:.5f}, optimiser {np.exp([end.x[15] for end in climbs]).round(5)}")
assert (reached <= closed.log_prob(data).mean() + 1e-9).all(), "nothing may be better than the closed form"
assert reached.max() > closed.log_prob(data).mean() - 1e-5, "and the optimiser must get there"

# %% [markdown]
# The optimiser climbs to the same height and never higher.

# %% [markdown] tags=["deeper"]
# ## A generative model of digits
#
# Back to the 8 × 8 digits of {lesson: autoencoders}. `fit`, `log_prob`, `sample`: a generative model trained on data, in a few
# milliseconds. One precaution: the pixels are *whole* numbers from 0 to 16, and a density can be raised without limit by
# narrow spikes on whole numbers. So we spread every value over its unit interval by adding uniform noise
# (*dequantisation*; Uria et al., 2013). **Guess:** how many latents explain *validation* digits best?

# %%
from course_lib import datasets

rng, digits = np.random.default_rng(run.seed), datasets.load("digits")
pixels = [np.rint(16 * part.reshape(-1, 64)) for part in (digits.x_train, digits.x_validation)]
train, validation = (part + rng.uniform(size=part.shape) for part in pixels)  # grey levels, 0 to 17
latents = [1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 60, 63]
fits = {L: ProbabilisticPCA.fit(train, L) for L in latents}
scores = {
    "training": [fits[L].log_prob(train).mean() for L in latents],
    "validation": [fits[L].log_prob(validation).mean() for L in latents],
}
plotting.curves(scores, "number of latents L", "mean log p(x) / nats per image", latents)
plotting.show(
    alt="Mean log p(x) per image against the number of latents, for training and validation images. Both curves rise "
    "and stay together; they are flat at the end."
)
found = [f"L = {L}: {score:.1f}" for L, score in zip(latents, scores["validation"], strict=True)]
print("validation:", *(", ".join(found[five : five + 5]) for five in range(0, len(found), 5)), sep="\n  ")

# %% [markdown]
# The two curves stay together, and both are flat from 56 on: a mean of 64 entries and a 64 × 64 covariance have enough with
# 1,259 images. From 2 latents to 56 the validation likelihood rises by almost 50 nats per image. Are those nats *visible*?
# Draw from three of the models: $z$ from the prior, decode, add the noise.

# %% tags=["proof"]
rows = {"real (validation)": pixels[1][:12]}
rows |= {f"generated, L = {L}": fits[L].sample(12, seed=run.seed + 5) for L in (2, 16, 56)}
plotting.image_rows({name: images.reshape(-1, 8, 8).clip(0, 17) / 17 for name, images in rows.items()})
plotting.show(
    alt="Rows of twelve images: validation digits and samples of models with 2, 16 and 56 latents. With two latents "
    "all is noise; with more the noise fades, and most samples are mere strokes."
)
print(f"noise of the model with 56 latents: σ = {np.sqrt(fits[56].variance):.3f} grey levels")
print(f"noise that we added ourselves: 1/√12 = {1 / np.sqrt(12):.3f} grey levels")
assert abs(np.sqrt(fits[56].variance) - 1 / np.sqrt(12)) < 0.05, "what no latent explains must be our own noise"

# %% [markdown]
# A real generative model, exactly fitted, with an exact likelihood for every image, and its samples are poor. With 56 latents the
# noise has fallen to the 0.29 grey levels that we had put in ourselves: all that can be explained is explained, and yet most samples
# are mere strokes. Two lessons in one figure:
#
# * **Likelihood is not looks.** From 16 latents to 56 the model gained some 25 nats per image, and what one sees of them
#   is mostly speckles that are gone: it became *sure* of pixels that are almost always blank. (Theis et al., 2016.)
# * **The model is too simple, not badly fitted.** Its $p(x)$ is one Gaussian: a single cloud, where digits form many,
#   bent ones. It needs a decoder that bends: a network $f(z)$ in place of $Wz$.

# %% [markdown]
# ## Monte Carlo: a mean over draws
#
# A linear decoder makes simple clouds. Put a network $f(z)$ in place of $Wz$, as in {lesson: the_latent_space}: the two draws stay
# as easy as ever, but $x$ is no longer Gaussian, and **nobody can do the integral**. On a grid? 361 points per axis, as in our
# check, and 16 latents make $361^{16} \approx 10^{41}$ calls of the decoder.
#
# But the integral is an expectation, $p(x) = \mathbb E_{z \sim p(z)}[p(x \mid z)]$, so a mean over draws estimates it:
#
# $$\hat p_K = \frac1K \sum_{k=1}^{K} p(x \mid z_k), \qquad z_1, \dots, z_K \sim p(z).$$
#
# It works for *any* decoder, and it is **unbiased**: $\mathbb E[\hat p_K] = p(x)$, even for $K = 1$. What could go wrong? Its
# variance. For pPCA we can derive it, and that is why we test the method there:
#
# $$\begin{aligned}
# p(x \mid z)^2 &= (2\pi\sigma^2)^{-d}\, e^{-\|x - \mu - Wz\|^2 / \sigma^2}
#   = (4\pi\sigma^2)^{-d/2}\ \mathcal N\!\big(x;\, Wz + \mu,\ \tfrac{\sigma^2}{2} I\big) \\
# \mathbb E_z[p(x \mid z)^2] &= (4\pi\sigma^2)^{-d/2}\ \mathcal N\!\big(x;\, \mu,\ WW^\top + \tfrac{\sigma^2}{2} I\big) \\
# R &= \mathbb E_z[p(x \mid z)^2]\, /\, p(x)^2 - 1 .
# \end{aligned}$$
#
# (The first line is again a Gaussian, of half the variance; the second is the marginal of pPCA, with $\sigma^2/2$.) $R$ is the
# relative variance of one draw, and the relative error of $\hat p_K$ is $\sqrt{R/K}$. **First a gentle case,** two latents and four coordinates.


# %% tags=["proof"]
def log_second_moment(model, x):  # log E[p(x | z)²]
    d, half = len(model.mean), model.variance / 2
    covariance = model.weights @ model.weights.T + half * np.eye(d)
    return -0.5 * d * np.log(8 * np.pi * half) + gaussian_log_density(x, model.mean, covariance)


def relative_variance(model, x):
    return np.exp(log_second_moment(model, x) - 2 * model.log_prob(x)) - 1


rng = np.random.default_rng(run.seed)
gentle = ProbabilisticPCA([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, -1.0]], np.zeros(4), 1.0)
three_codes = np.array([[0.5, -0.5], [-1.0, 0.5], [1.5, 1.5]])  # three examples: two common ones, and a rarer one
x_gentle = three_codes @ gentle.weights.T + [0.5, -0.5, 0.5, -0.5]
ratios = np.exp(log_likelihood(gentle, x_gentle, rng.normal(size=(300_000, 2))) - gentle.log_prob(x_gentle))
measured, theory = ratios.var(axis=0), relative_variance(gentle, x_gentle)  # of p(x | z) / p(x)
errors = np.sqrt((((ratios - ratios.mean(axis=0)) ** 4).mean(axis=0) - measured**2) / len(ratios))
for r, error, formula in zip(measured, errors, theory, strict=True):
    print(f"R measured {r:.2f} ± {error:.2f}, formula {formula:.2f}: error of 100 draws {np.sqrt(formula / 100):.0%}")
assert (np.abs(measured - theory) < 5 * errors).all(), "the variance must follow the formula"

# %% [markdown]
# Fine: a hundred draws give the two common ones to some 15 %. **Now 1,000 coordinates instead of four,** and still only two latents. To measure $R$ by draws
# would fail for the same reason as the estimate itself, so we check it by quadrature. Then come 500 estimates of each of three
# $\log p(x)$, from 100 draws each. On average the estimates of $p(x)$ are right. **Guess:** how far from the truth is the typical one?

# %% tags=["proof"]
rng = np.random.default_rng(run.seed)
wide = ProbabilisticPCA(rng.normal(size=(1000, 2)), np.zeros(1000), 1.0)
x_wide = three_codes @ wide.weights.T + rng.normal(size=(3, 1000))  # the same three codes
log_p_wide, formula = wide.log_prob(x_wide), log_second_moment(wide, x_wide)
R_wide = np.exp(formula - 2 * log_p_wide) - 1
by_grid = log_marginal_likelihood(lambda z: 2 * log_likelihood(wide, x_wide, z), 2, num_points=601, bound=4.5)
print("log E[p(x|z)²]: grid   ", by_grid.round(6))
print("                formula", formula.round(6), "nats")
assert np.allclose(by_grid, formula, rtol=0, atol=1e-6), "the formula must hold in high dimension"


def log_estimate(model, x, K):  # log of the mean of p(x | z) over K draws
    z = rng.normal(size=(K, model.weights.shape[1]))
    return np.logaddexp.reduce(log_likelihood(model, x, z), axis=0) - np.log(K)


misses = np.array([log_estimate(wide, x_wide, K=100) for _ in range(500)]) - log_p_wide  # (estimate, x)
for each, r in zip(misses.T, R_wide, strict=True):
    low, middle, high = np.quantile(each, [0.05, 0.5, 0.95])
    print(f"R = {r:5.0f}: median {middle:6.1f} nats, 90 % in [{low:.0f}, {high:.1f}], too low: {(each < 0).mean():.0%}")
assert (np.median(misses, axis=0) < -2).all(), "with R far above K, the typical estimate must lie far below the truth"

# %% [markdown]
# The typical estimate is *nats* too low, one in twenty by dozens of them, and most are on the low side; the rarer code, far from
# the prior's centre, fares worst. Both facts are true together: the average is rescued by the few estimates with a draw that
# happened to hit; those are several times too large.
#
# **Where do the draws go?** Here are 1,000 codes from the prior, and the posterior of one $x$ for three widths
# of the data. Only draws in or near the ellipse explain $x$; the others contribute next to nothing.

# %%
draws = np.random.default_rng(run.seed).normal(size=(1000, 2))
_, axes = plt.subplots(1, 3, figsize=(8.5, 2.9), layout="constrained", sharey=True)
for ax, d in zip(axes, (4, 64, 1000), strict=True):
    narrow = ProbabilisticPCA(wide.weights[:d], np.zeros(d), 1.0)
    (mean,), covariance = narrow.posterior(x_wide[:1, :d])
    inside = np.einsum("ni,ij,nj->n", draws - mean, np.linalg.inv(covariance), draws - mean) < 4
    ax.scatter(*draws[~inside].T, s=2, color="lightgrey")
    ax.scatter(*draws[inside].T, s=6, color=plotting.PALETTE[1])
    plotting.covariance_ellipses([mean], [covariance], color="black", ax=ax)
    ax.set(title=f"d = {d}: {inside.sum()} of 1,000 inside", xlabel="$z_1$", aspect="equal")
axes[0].set(ylabel="$z_2$")
plotting.show(
    alt="Three panels of the same 1,000 prior draws, with the posterior's ellipse for 4, 64 and 1,000 coordinates. "
    "The ellipse shrinks from panel to panel, and fewer draws lie inside."
)

# %% [markdown]
# The more coordinates testify, the better they determine the code, and the smaller is the posterior (the ellipse holds
# 86 % of it): *the better the codes are determined, the worse the prior is at guessing them.*
#
# ### On which side, and by how much
#
# The low side is no accident. The logarithm bends downwards, so by Jensen
#
# $$\mathbb E[\log \hat p_K] \;\le\; \log \mathbb E[\hat p_K] = \log p(x), \qquad\text{and for small errors}\qquad
#   \mathbb E[\log \hat p_K] - \log p(x) \;\approx\; -\frac{R}{2K} .$$
#
# (Let $\hat p_K = p(x)(1 + \delta)$, with $\mathbb E[\delta] = 0$, $\mathbb E[\delta^2] = R/K$, and take the mean of
# $\log(1+\delta) \approx \delta - \frac12\delta^2$.) **The logarithm of an unbiased estimate is biased low.** In the gentle case both
# means can be seen, over 20,000 estimates for each $K$:

# %% tags=["proof"]
rng, x = np.random.default_rng(run.seed), x_gentle[:1]
R = relative_variance(gentle, x)[0]
for K in (1, 10, 100):
    terms = log_likelihood(gentle, x, rng.normal(size=(20_000 * K, 2))).reshape(20_000, K)
    log_ratio = np.logaddexp.reduce(terms, axis=1) - np.log(K) - gentle.log_prob(x)  # log of the estimate / p(x)
    ratio, error = np.exp(log_ratio).mean(), np.exp(log_ratio).std() / np.sqrt(20_000)
    bias, bias_error = log_ratio.mean(), log_ratio.std() / np.sqrt(20_000)
    print(f"K = {K:3}: mean of p̂/p {ratio:.3f} ± {error:.3f}, ", end="")
    print(f"of log p̂ − log p {bias:.4f} ± {bias_error:.4f}, −R/2K = {-R / (2 * K):.4f} nats")
    assert abs(ratio - 1) < 5 * error, "the estimate of p(x) must be unbiased"
    assert bias < -3 * bias_error, "its logarithm must be biased low"
assert abs(bias + R / 200) < 0.2 * R / 200 + 5 * bias_error, "for large K the bias must approach −R/2K"

# %% [markdown]
# (At $K = 1$ the error is not small, and $-R/2K$ is far off.) Whoever estimates log-likelihoods by simple Monte Carlo is too *pessimistic* on average, and with more draws the same model
# looks better, on average. (A single estimate may still fall.)
#
# **Exercise {exercise: LOG_EVIDENCE}.** Turn the values $\log p(x \mid z_k)$, shape `(K, n)` for $K$ draws and $n$ examples, into the estimate
# $\log \hat p_K(x)$, one per example. The values can be as low as −5000.


# %% tags=["exercise"]
def log_evidence(log_likelihoods):
    # BEGIN SOLUTION
    return np.logaddexp.reduce(log_likelihoods, axis=0) - np.log(len(log_likelihoods))
    # END SOLUTION


# %%
check(exercises.LOG_EVIDENCE, log_evidence)

# %% [markdown]
# ## Importance sampling: draw where the posterior is
#
# Almost none of the $z$ could have caused $x$, and the prior does not know which. **The way out is in the figure with the
# ellipses.** A draw from any other density $q(z)$, the *proposal*, is paid for with a **weight**, $w$:
#
# $$p(x) = \int \frac{p(x \mid z)\, p(z)}{q(z)}\, q(z)\, dz
#   = \mathbb E_{z \sim q}[w], \qquad w = \frac{p(x \mid z)\, p(z)}{q(z)} .$$
#
# ($q$ must be positive wherever $p(x \mid z)\, p(z)$ is.) If $q$ is the posterior, then $w = p(x)$ for *every* draw: one is enough. And if $q$ is only near it? For $L$ latents and a $q$
# with the right mean and $c$ times the posterior's deviations, $R = \big(c^2 / \sqrt{2c^2 - 1}\big)^L - 1$. For $c^2 \le \frac12$ it is infinite.
# **Guess:** is it better to draw from too wide a $q$, or from too narrow a one?

# %% tags=["proof"]
rng, x = np.random.default_rng(run.seed), x_wide[:1]
(center,), covariance = wide.posterior(x)


def log_weights(factor, shape):  # log w for draws of q = N(center, factor² · covariance), divided by p(x)
    z = rng.multivariate_normal(center, factor**2 * covariance, size=int(np.prod(shape)))
    log_q = gaussian_log_density(z, center, factor**2 * covariance)
    log_joint = log_likelihood(wide, x, z)[:, 0] + gaussian_log_density(z, np.zeros(2), np.eye(2))
    return (log_joint - log_q - log_p_wide[0]).reshape(shape)


print(f"prior         : R = {R_wide[0]:.0f}")
for factor in (1.0, 1.5, 3.0):
    squared = (np.exp(log_weights(factor, 200_000)) - 1) ** 2
    R, error, formula = squared.mean(), squared.std() / np.sqrt(200_000), factor**4 / (2 * factor**2 - 1) - 1
    print(f"{factor} deviations: R = {R:.3f} ± {error:.3f}, formula {formula:.3f}")
    assert abs(R - formula) < 5 * error + 1e-12, "the relative variance must follow the formula, 0 for the posterior"

# %%
errors_of = {f"{factor} ×": log_weights(factor, (500, 100)) for factor in (3.0, 1.5, 1.0, 0.6, 0.3)}
errors_of = {name: np.logaddexp.reduce(each, axis=1) - np.log(100) for name, each in errors_of.items()}
errors_of = {"prior": misses[:, 0]} | errors_of
_, ax = plt.subplots(figsize=(7, 3), layout="constrained")
for place, each in enumerate(errors_of.values()):
    ax.plot(place + np.linspace(-0.3, 0.3, 500), each, ".", markersize=2, color=plotting.PALETTE[place])
ax.axhline(0, color="black", linewidth=0.8)
ax.set_xticks(range(6), list(errors_of))
ax.set(
    xlabel="proposal: prior, or posterior with so many times its deviations",
    ylabel="log p̂ − log p / nats",
    ylim=(-6, 3),
)
plotting.show(
    alt="Errors of 500 estimates with 100 draws each for six proposals. The prior's are spread over many nats, mostly "
    "below zero; those of the posterior are exactly zero; a wider one scatters a little, a too narrow one lies below."
)

# %% [markdown]
# The prior's estimates are spread over many nats, most of them below the line, many below the frame. Those of the posterior are all
# *exact*. Too wide a $q$ scatters by a few tenths of a nat, on both sides. Too narrow a one is treacherous: it hardly visits the edges of
# the posterior, so most estimates are too low, and a few far too high (the variance is infinite). **When in doubt, draw wider.**
#
# **Exercise {exercise: IMPORTANCE}. An importance-sampling estimate.** One latent, $z \sim \mathcal N(0, 1)$, and $x \mid z \sim \mathcal N(z\,w,\ \sigma^2 I)$ with
# `weights` $w$ and `x` of shape `(d,)` and `variance` $\sigma^2$. Draw $z_k$ = `mean_q` + `deviation_q` · `noise[k]` and return
# $\log \hat p_K(x)$, one number. Stay in logarithms.


# %% tags=["exercise"]
def importance_estimate(x, weights, variance, mean_q, deviation_q, noise):
    # BEGIN SOLUTION
    def log_normal(value, mean, deviation):
        return -0.5 * ((value - mean) / deviation) ** 2 - np.log(deviation) - 0.5 * np.log(2 * np.pi)

    z = mean_q + deviation_q * noise  # (K,)
    log_likelihoods = log_normal(x, z[:, None] * weights, np.sqrt(variance)).sum(axis=1)
    log_w = log_likelihoods + log_normal(z, 0.0, 1.0) - log_normal(z, mean_q, deviation_q)
    return np.logaddexp.reduce(log_w) - np.log(len(noise))
    # END SOLUTION


# %%
check(exercises.IMPORTANCE, importance_estimate)

# %% [markdown]
# There is a catch, of course: for a network decoder nobody knows the posterior. But an *approximate* one
# would do. Who can tell, from an image, which codes it may have come from? **An encoder can.** That is its job in a
# variational autoencoder; and the mean of $\log w$ under an imperfect $q$ is a lower bound of $\log p(x)$, the $F(q, \theta)$ that
# you met in EM. {Lesson: the_elbo} makes it the objective.

# %% [markdown] tags=["deeper"]
# ## More latents: the end of patience
#
# Let the number of latents grow, and *only* that: always 32 coordinates, and a $W$ with orthogonal columns of length 5, so that every
# code is known to the same $1/\sqrt{26} \approx 0.2$. The prior has to hit this interval in every one of $L$ directions at once. Averaged
# over $x$, the formula for $R$ gives
#
# $$\mathbb E_x[\log(1 + R)] = L \cdot \Big[\log \frac{26}{\sqrt{51}} + 1 - \frac{26}{51}\Big] \approx 1.78\, L :$$
#
# *six times as many draws for each further latent.* **Predict:** how far off is the typical estimate from 1,000 draws, for $L = 16$?

# %% tags=["proof"]
repeats, sizes = run.pick(cpu=300, gpu=3000), [1, 2, 4, 8, 16]
rng = np.random.default_rng(run.seed)
basis = np.linalg.qr(rng.normal(size=(32, 16)))[0]
_, axes = plt.subplots(1, 6, figsize=(11, 2.4), layout="constrained", width_ratios=[1, 1, 1, 1, 1, 1.6])
growth, medians = [], []
for L, ax in zip(sizes, axes, strict=False):
    deep = ProbabilisticPCA(5 * basis[:, :L], np.zeros(32), 1.0)
    many = deep.sample(2000, seed=run.seed + 1)
    growth.append(np.log1p(relative_variance(deep, many)).mean())
    gaps = np.array([log_estimate(deep, many[:10], K=1000) for _ in range(repeats)]) - deep.log_prob(many[:10])
    medians.append(np.median(gaps))
    ax.hist(gaps.ravel(), 20, color=plotting.PALETTE[0])
    ax.axvline(0, color=plotting.PALETTE[1])
    ax.set(title=f"L = {L}", xlabel="$\\log \\hat p - \\log p$ / nats", yticks=[])
axes[5].semilogy(sizes, 100 * np.exp(growth), "o-", color=plotting.PALETTE[0])
axes[5].set(xlabel="latents L", ylabel="draws for ±10 %", xticks=sizes)
plotting.show(
    alt="Five histograms of the error of log p for 1, 2, 4, 8 and 16 latents, with the truth as a line: narrow "
    "around it at first, then farther and farther below. A sixth panel shows the draws needed for ten per cent, "
    "on a logarithmic axis: they rise along a straight line."
)
print("median error / nats:", dict(zip(sizes, np.round(medians, 2).tolist(), strict=True)))
print("mean of log(1 + R), per latent:", np.round(np.array(growth) / sizes, 2))
per_latent = np.log(26 / np.sqrt(51)) + 1 - 26 / 51
assert np.allclose(np.array(growth) / sizes, per_latent, rtol=0.05), "R must grow by the same factor for each latent"
assert abs(medians[0]) < 0.1, "with one latent the typical estimate must be good"
assert medians[-1] < -10, "with sixteen it must be hopelessly low"

# %% [markdown]
# Histograms of the error over ten $x$, the truth at the orange line (mind the scales). One or two latents: excellent. Eight: nearly all are nats too
# low. Sixteen, a modest size for a code: dozens of nats. What grows *exponentially* is the number of draws that one would need, $100 R$ for a
# relative error of 10 %: a straight line on the right.
#
# **Exercise {exercise: DRAWS_NEEDED}.** For one $x$ the relative variance of a draw is $R = 2{,}000$. How many draws give $p(x)$ with a relative
# error of 5 %?

# %% tags=["exercise"]
# BEGIN SOLUTION
draws_needed = 800_000
# END SOLUTION

# %%
check(exercises.DRAWS_NEEDED, draws_needed)

# %% [markdown]
# ## A map of the families
#
# Prior and likelihood are one way to build a generative model. Others start elsewhere. For each, ask two questions: *can
# it draw a new $x$? can it tell $p(x)$ of a given one?*
#
# | family | how it makes $x$ | can it sample? | does it give $p(x)$? |
# |---|---|---|---|
# | latent variable, simple (mixture, pPCA) | draw $z$, then $x$ given $z$ | yes | **exactly**: a short sum, or a closed form |
# | latent variable, network decoder (VAE) | the same | yes | a **lower bound**; estimates by importance weights |
# | adversarial (GAN) | draw $z$, $x = G(z)$, no noise on top | yes | **not at all**: the model is its sampler |
# | autoregressive (PixelCNN, language models) | one entry after the other, $p(x) = \prod_i p(x_i \mid x_{\lt i})$ | yes, step by step | **exactly** |
# | flow | an invertible $x = f(z)$, so $p(x) = p(z)\, \lvert \det \partial z / \partial x \rvert$ | yes | **exactly** |
# | energy based (Boltzmann machines) | $p(x) = e^{-E(x)} / Z$ with an energy $E$ | by long Markov chains | **up to the unknown constant** $Z$ |
# | diffusion | noise, removed in many small steps | yes, step by step | a **lower bound** (or numerically, by solving a differential equation) |
#
# So a discriminator belongs to *one* of the families, the adversarial. Diffusion models *are* latent-variable models, with a fixed
# encoder and a chain of many $z$. Nor are such models new: Boltzmann machines are from 1985, neural autoregressive densities from
# 2000 (Bengio & Bengio), VAEs from December 2013, GANs from June 2014. This course builds the second and third row from
# scratch, and meets the fourth in {lesson: discrete_codes}.
#
# **Exercise {exercise: STATEMENTS}.** Which of these sentences are right? Answer with a set of letters, such as `{"a", "b"}`.
#
# * (a) Every generative model consists of a generator and a discriminator.
# * (b) $p(x) = \sum_z p(x \mid z)\, p(z)$ is the mathematical model behind every generative model.
# * (c) A mixture fitted by EM learns its prior and its likelihood; probabilistic PCA learns only its likelihood.
# * (d) A model can draw perfect samples and yet have no way to say $p(x)$ of a given $x$.
# * (e) A generative model creates new data *instead of* learning from existing data.
# * (f) A log-likelihood of +12 nats for an image proves that the program is wrong.

# %% tags=["exercise"]
# BEGIN SOLUTION
right_ones = {"c", "d"}
# END SOLUTION

# %%
check(exercises.STATEMENTS, right_ones)

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> "A discrete $z$ makes $p(x)$ a sum, so discrete models are tractable." Right?</summary>
#
# Only if $z$ takes *few* values. A row of 100 bits has $2^{100}$ of them, and one draws or bounds, as for an integral.
# </details>
#
# <details><summary><b>2.</b> A script averages $\log p(x \mid z_k)$ over draws from the prior and calls it
# $\log p(x)$. What does it compute?</summary>
#
# The mean of logarithms, not the logarithm of the mean. By Jensen it lies below even in the limit of infinitely many
# draws, usually far below. It is another quantity, not a noisy estimate.
# </details>
#
# <details><summary><b>3.</b> "The estimate of $p(x)$ is unbiased, so with enough test images the mean of
# $\log \hat p(x)$ is right."</summary>
#
# No. Each logarithm is biased low, and averaging over images averages the bias, too. Only more draws *per image*, or
# better placed ones, help.
# </details>
#
# <details><summary><b>4.</b> 500 importance-sampling estimates agree to a tenth of a nat. Are they right?</summary>
#
# Not necessarily: with too narrow a $q$ they agree with each other, below the truth. Try a wider $q$, and see whether they rise.
# </details>
#
# ## In this lesson you have
#
# * **solved** the integral for probabilistic PCA, confirmed it to ten digits, and written its posterior;
# * **predicted** the variance of simple Monte Carlo, and its side: estimates of $\log p(x)$ fail *low*;
# * **written** an importance-sampling estimate: draws from the posterior are exact, wider ones safe, narrower ones treacherous;
# * **placed** the families: all can sample, three say $p(x)$ exactly.
#
# In one sentence: *$p(x)$ is the mean of $p(x \mid z)$ over all codes, almost none of them count, and only the posterior knows which.*
#
# **Go further.** (1) Replace $Wz$ by a small fixed network with two latents. The grid still works: compare
# `log_marginal_likelihood` with `log_estimate` for $K$ = 10 to $10^6$. (2) Draw from a Student $t$ with three degrees of freedom around the
# posterior's mean: is its variance finite for every scale?
#
# **References.** Tipping & Bishop (1999), *Probabilistic principal component analysis*,
# J. R. Stat. Soc. B 61. · Bishop (2006), *Pattern recognition and machine learning*, chapters 11 and 12. ·
# Owen (2013), *Monte Carlo theory, methods and examples*, chapter 9 (importance sampling). ·
# Uria, Murray & Larochelle (2013), *RNADE*, arXiv:1306.0186 (dequantisation). · Theis, van den Oord & Bethge (2016), *A
# note on the evaluation of generative models*, arXiv:1511.01844. · Kingma & Welling (2014), *Auto-encoding variational
# Bayes*, arXiv:1312.6114. · Goodfellow et al. (2014), *Generative adversarial networks*, arXiv:1406.2661. · Bengio & Bengio (2000),
# *Modeling high-dimensional discrete data with multi-layer neural networks*, NIPS 12. · Rezende & Mohamed (2015), *Variational inference with normalizing flows*,
# arXiv:1505.05770. · van den Oord et al. (2016), *Pixel recurrent neural networks*, arXiv:1601.06759. · Ho et al. (2020),
# *Denoising diffusion probabilistic models*, arXiv:2006.11239. · Song et al. (2021), *Score-based generative modeling
# through stochastic differential equations*, arXiv:2011.13456.

# %% [markdown] tags=["slide"]
# # Probabilistic PCA and Monte Carlo: one integral solved, and why the next resists
#
# The cause of a datum is now a *vector of numbers*, so $p(x)$ is an integral.
#
# **When can we do it? And what happens when we estimate it?**

# %% [markdown] tags=["notes"]
# 1 min. Needed from before: prior, likelihood, posterior, log-sum-exp, Jensen; covariances and eigenvectors. No network is trained.

# %% [markdown] tags=["slide"]
# ## The sum becomes an integral
#
# $$p(x)=\int p(x\mid z)\,p(z)\,dz$$
#
# . . .
#
# Is a sum always easier? A row of 100 bits has $2^{100}$ terms.
#
# . . .
#
# What counts is whether we can account for *all* causes.

# %% [markdown] tags=["notes"]
# 2 min. Let somebody answer the question before the fragment. The usual answer is "yes, a sum can be computed".

# %% [markdown] tags=["slide"]
# ## A model that can be solved: probabilistic PCA
#
# $$z\sim\mathcal N(0,I_L),\qquad x\mid z\sim\mathcal N(Wz+\mu,\;\sigma^2I_d)$$
#
# + A standard normal code,
# + a linear decoder $W$, a $d\times L$ matrix,
# + and noise on each of the $d$ coordinates.

# %% [markdown] tags=["notes"]
# 2 min. Tipping and Bishop, 1999. A VAE is this with a network in place of W; say it now and again at the end.

# %% [markdown] tags=["slide"]
# ## Predict: the shape of the cloud, and where the cross came from
#
# Exactly below the cross?
#
# . . .
#
# {figure: where-z-is-continuous-p-x-is-an-integral-2}

# %% [markdown] tags=["notes"]
# 3 min. The cloud is an ellipse around the line. Most place the code at the projection, the square. The posterior, the dot with the band, is nearer to the centre: the prior pulls.

# %% [markdown] tags=["slide"]
# ## The integral, solved
#
# $x=Wz+\mu+\varepsilon$ is linear in Gaussians, so it is Gaussian:
#
# $$\mathbb E[x]=\mu$$
#
# . . .
#
# $$\operatorname{Cov}[x]=W\,\mathbb E[zz^\top]\,W^\top+\mathbb E[\varepsilon\varepsilon^\top]=WW^\top+\sigma^2I$$
#
# . . .
#
# $$p(x)=\mathcal N(x;\;\mu,\;WW^\top+\sigma^2I)$$

# %% [markdown] tags=["notes"]
# 2 min. The cross terms vanish because z and ε are independent. Ask for the sizes of the matrices. Completing the square is in the notebook, folded.

# %% [markdown] tags=["slide"]
# ## The posterior: a sum of evidence
#
# $$p(z\mid x)=\mathcal N(z;\,m,\,P^{-1})$$
#
# . . .
#
# $$P=I+\tfrac1{\sigma^2}W^\top W,\qquad m=\tfrac1{\sigma^2}P^{-1}W^\top(x-\mu)$$
#
# . . .
#
# Precision: 1 from the prior, the rest from the data.

# %% [markdown] tags=["notes"]
# 2 min. Ask what happens for σ → 0, and for σ → ∞. Then: does P depend on x? It does not; that is special to this model.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: SPREAD} · {minutes} minutes
#
# $$W=(3,4)^\top,\qquad\sigma^2=11$$
#
# What is the standard deviation of $x$
#
# - *along* the direction of $W$?
# - *across* it?

# %% [markdown] tags=["notes"]
# 4 min. √(25 + 11) = 6 and √11 ≈ 3.3. Usual wrong answers: the variances 36 and 11; 5 along, the noise forgotten; 0 across.

# %% [markdown] tags=["slide"]
# ## The integral, estimated
#
# Put a network $f(z)$ in place of $Wz$: nobody can do the integral. But it is an expectation:
#
# $$p(x)=\mathbb E_{z\sim p(z)}[p(x\mid z)]$$
#
# . . .
#
# $$\hat p_K=\frac1K\sum_{k=1}^{K}p(x\mid z_k),\qquad z_k\sim p(z)$$
#
# . . .
#
# Unbiased, for any decoder, even with $K=1$. **What could go wrong?**

# %% [markdown] tags=["notes"]
# 2 min. The answer is the variance. A grid: 361 points on each of 16 axes are about 10⁴¹ calls of the decoder.

# %% [markdown] tags=["slide"]
# ## Predict: on average right. So half of the estimates are above the truth?
#
# 1,000 coordinates, two latents, 100 draws each, 500 estimates.
#
# . . .
#
# {output: monte-carlo-a-mean-over-draws-4 3-5}

# %% [markdown] tags=["notes"]
# 3 min. Almost everybody says "half". Typical estimates are nats too low; the average is rescued by the few with a draw that hit. R is the relative variance of one draw.

# %% [markdown] tags=["slide"]
# ## Where do the draws go?
#
# {figure: monte-carlo-a-mean-over-draws-6}
#
# The better the codes are determined, the worse the prior is at guessing them.

# %% [markdown] tags=["notes"]
# 2 min. Only draws in or near the ellipse explain x. From left to right: 4, 64, 1,000 coordinates.

# %% [markdown] tags=["slide"]
# ## On which side, and by how much?
#
# $$\mathbb E[\log\hat p_K]\;\le\;\log\mathbb E[\hat p_K]=\log p(x)$$
#
# . . .
#
# $$\mathbb E[\log\hat p_K]-\log p(x)\;\approx\;-\frac R{2K}$$
#
# . . .
#
# {output: on-which-side-and-by-how-much-2}

# %% [markdown] tags=["notes"]
# 3 min. Jensen again. The approximation is for small errors: at K = 1 it is off, as the first line shows. The same model looks better with more draws, on average.

# %% [markdown] tags=["slide"]
# ## Quiz: a paper reports log p(x) from 100 prior draws. Too good, or too bad?
#
# . . .
#
# Too bad, on average: the logarithm of an unbiased estimate is biased *low*.
#
# . . .
#
# And with more draws the same model looks better.

# %% [markdown] tags=["notes"]
# 2 min. Follow up: may one compare two papers that use different K? Only if both errors are small.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: LOG_EVIDENCE} · {minutes} minutes
#
# From `log_p`, the values $\log p(x\mid z_k)$, shape `(K, n)`:
#
# $$\log\hat p_K(x)=\;?$$
#
# One value per example. The values can be as low as −5000.

# %% [markdown] tags=["notes"]
# 6 min. log-sum-exp over the draws, minus log K. Usual wrong answers: the mean of the logarithms; −log K forgotten; the sum over the examples; exp first, which gives −∞.

# %% [markdown] tags=["slide"]
# ## Importance sampling: draw where the posterior is
#
# $$p(x)=\int\frac{p(x\mid z)\,p(z)}{q(z)}\,q(z)\,dz$$
#
# . . .
#
# $$=\mathbb E_{z\sim q}[w],\qquad w=\frac{p(x\mid z)\,p(z)}{q(z)}$$
#
# . . .
#
# If $q$ is the posterior, $w=p(x)$ for *every* draw.

# %% [markdown] tags=["notes"]
# 2 min. Let them check the last line: posterior times p(x) is the joint. q must be positive wherever the joint is.

# %% [markdown] tags=["slide"]
# ## Predict: too wide a $q$, or too narrow?
#
# Which is the better proposal?
#
# . . .
#
# {figure: importance-sampling-draw-where-the-posterior-is-3}

# %% [markdown] tags=["notes"]
# 3 min. Too narrow is treacherous: most estimates are too low, a few far too high, and the variance is infinite from a factor of √½ down. When in doubt, draw wider.

# %% [markdown] tags=["slide"]
# ## Who can tell which codes an image may have come from?
#
# + For a network decoder nobody knows the posterior.
# + An *approximate* one would do.
# + An **encoder** can learn it: that is its job in a VAE.
#
# . . .
#
# And the mean of $\log w$ under an imperfect $q$ is a lower bound of $\log p(x)$: the objective of the next lesson.

# %% [markdown] tags=["notes"]
# 2 min. This is the hinge of the course. If time is short, leave out everything but this slide and the previous two.

# %% [markdown] tags=["slide"]
# ## Quiz: we know $p(x\mid z)$ and $p(z)$ exactly. So we know $p(x)$?
#
# . . .
#
# We know its *definition*. The value is an integral over all codes, and all but a few of them contribute nothing.
#
# . . .
#
# To sample is easy, two draws. To say $p(x)$ is hard.

# %% [markdown] tags=["notes"]
# 2 min. The map of the families at the end of the notebook sorts models by just these two abilities.

# %% [markdown] tags=["slide"]
# ## To take home
#
# A linear decoder: $p(x)=\mathcal N(x;\mu,WW^\top+\sigma^2I)$.
#
# A network: an integral that prior draws estimate without bias, and mostly far too low. Draw where the posterior is.
#
# *At home:* exercises {exercise: POSTERIOR} and {exercise: IMPORTANCE}.

# %% [markdown] tags=["notes"]
# 1 min. Next: the lower bound, and how far it lies below.
