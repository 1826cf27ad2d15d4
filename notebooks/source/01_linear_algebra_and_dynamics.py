# ---
# jupyter:
#   course:
#     question: "Which directions matter in a cloud of data, and where does an iteration go?"
# ---

# %% [markdown]
# # Linear algebra and dynamics: the directions that a matrix only stretches
#
# **The question.** A cloud of data is wide in some directions and narrow in others. A training loop comes to rest, circles,
# or runs away. Which few numbers of a matrix tell you so in advance?
#
# In this lesson you will
#
# * **compute** a covariance, and the variance of a cloud along any direction;
# * **explain** why the widest direction is an eigenvector;
# * **project** points onto a line or a plane, and **say** what is lost;
# * **predict** from the eigenvalues of a Jacobian whether an iteration contracts, circles or grows;
# * **say** which step lengths let gradient descent converge, and why none saves a game of two players.
#
# *To know before:* vectors, products of matrices, derivatives, complex numbers, NumPy. No networks.
# *Time:* {times}; about 5 seconds to run. Come back to this page when a later lesson points to it.

# %% tags=["setup"]
import course_lib

run = course_lib.setup(backend=False)

# %% [markdown]
# ## A cloud has a width in every direction
#
# Somebody has measured the length and the width of 400 leaves, in mm: an array of shape `(400, 2)`, one row per leaf.
# With the mean $\mu$, the **covariance matrix** is
#
# $$S = \frac1n \sum_{i=1}^n (x_i - \mu)(x_i - \mu)^\top .$$
#
# Its diagonal holds the variances of length and of width, in mm². Off the diagonal stands their **covariance**, positive
# where the two rise together.
#
# **Exercise {exercise: COVARIANCE}.** Write it, for `x` of shape `(n, d)`. Divide by $n$, as the formula does.


# %% tags=["exercise"]
def covariance(x):
    # BEGIN SOLUTION
    centred = x - x.mean(axis=0)
    return centred.T @ centred / len(x)
    # END SOLUTION


# %%
from course_lib.exercises import check
from course_lib.exercises import linear_algebra_and_dynamics as exercises

check(exercises.COVARIANCE, covariance)

# %% [markdown]
# How wide is the cloud in *another* direction, given by a vector $u$ of length 1? The position of a leaf along $u$ is the
# number $u^\top (x_i - \mu)$, and the mean of its square is
#
# $$\frac1n \sum_i \big(u^\top (x_i - \mu)\big)^2 = u^\top \Big[\frac1n \sum_i (x_i - \mu)(x_i - \mu)^\top\Big] u = u^\top S\, u .$$
#
# So $S$ knows the variance in every direction. **Guess:** length varies most, width less. Is the cloud widest exactly
# along the length?

# %% tags=["proof"]
import matplotlib.pyplot as plt
import numpy as np

from course_lib import plotting

rng = np.random.default_rng(run.seed)
leaves = np.array([60.0, 30.0]) + rng.normal(size=(400, 2)) @ [[9.0, 3.0], [0.0, 3.0]]
S = np.cov(leaves.T, bias=True)  # bias=True: divide by n
angles = np.linspace(0, np.pi, 181)
directions = np.stack([np.cos(angles), np.sin(angles)])  # (2, 181), each of length 1
measured = (leaves @ directions).var(axis=0)  # along each direction
formula = (directions * (S @ directions)).sum(axis=0)  # uᵀ S u
eigenvalues, eigenvectors = np.linalg.eigh(S)  # ascending; the vectors are the columns
print("eigenvalues", eigenvalues.round(2), "mm²; widest and narrowest of 181 directions:", end=" ")
print(measured.max().round(2), measured.min().round(2), "mm²")
assert np.allclose(measured, formula, rtol=1e-10), "the variance along u must be uᵀ S u"
assert abs(measured.max() / eigenvalues[1] - 1) < 1e-3, "the largest variance must be the largest eigenvalue"
assert abs(measured.min() / eigenvalues[0] - 1) < 2e-2, "and the smallest variance the smallest eigenvalue"

# %%
_, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.2), layout="constrained", width_ratios=[1.3, 1])
left.scatter(*leaves.T, s=4, color="lightgrey")
plotting.covariance_ellipses([leaves.mean(axis=0)], [S], color="black", ax=left)
for value, vector, colour in zip(eigenvalues, eigenvectors.T, plotting.PALETTE[:2], strict=True):
    left.quiver(*leaves.mean(axis=0), *(2 * np.sqrt(value) * vector), color=colour, scale_units="xy", scale=1, zorder=3)
left.set(xlabel="length / mm", ylabel="width / mm", aspect="equal", title="two deviations, 2√λ · u")
right.plot(np.degrees(angles[::10]), measured[::10], "o", color=plotting.PALETTE[5], label="measured")
formulas = {"$u^\\top S\\,u$": formula}
plotting.curves(formulas, "angle of u to the length axis / degrees", "variance / mm²", np.degrees(angles), right)
for value in eigenvalues:
    right.axhline(value, color="grey", linestyle=":")
right.set(xticks=[0, 45, 90, 135, 180])
plotting.show(
    alt="Left, a cloud of leaves with an ellipse and two arrows along its long and its short axis. Right, the variance "
    "against the angle of the direction: a wave between two dotted lines, the eigenvalues."
)

# %% [markdown]
# No: the widest direction is turned from the length axis, since long leaves tend to be wide. An **eigenvector** of $S$ is a
# direction that $S$ only stretches, $Su = \lambda u$, and its **eigenvalue** $\lambda$ says by how much. The variance along it is
# $u^\top S\,u = \lambda\, u^\top u = \lambda$.
#
# Why is the widest direction one? Turn $u$ a little, by $\varepsilon v$ with $v$ across $u$. To first order the variance
# changes by $2\varepsilon\, v^\top S u$. At a maximum this is 0 for every $v$ across $u$, so $Su$ has no part across $u$: it is a
# multiple of $u$.
#
# A covariance is *symmetric*, $S = S^\top$. Then all eigenvalues are real, and there are $d$ eigenvectors at right angles
# (`np.linalg.eigh`, smallest first). As columns of $U$ they give $U^\top U = I$ and $S = U \Lambda U^\top$, with the
# eigenvalues on the diagonal of $\Lambda$. Here none is negative: they are variances. The eigenvectors of a covariance are
# called **principal axes**; the *first* is the one with the largest eigenvalue. The *sign* of an eigenvector means nothing.
#
# ## Projecting onto a line
#
# The point of a line through $\mu$ along $u$ that is nearest to $x$ is its **projection**, $\mu + u\, u^\top (x - \mu)$. What
# is left over stands at right angles to the line, so by Pythagoras the two squared lengths add up. For several orthonormal
# directions, the columns of $U_k$ (shape `(d, k)`), it is $\mu + U_k U_k^\top (x - \mu)$: $k$ numbers $U_k^\top(x-\mu)$
# describe the point. That is the *code* of {lesson: autoencoders}.
#
# **Exercise {exercise: PROJECT}.** Project rows: `x` is `(n, d)`, `mean` is `(d,)`, `axes` is `(d, k)` with orthonormal columns.


# %% tags=["exercise"]
def project(x, mean, axes):
    # BEGIN SOLUTION
    return mean + (x - mean) @ axes @ axes.T
    # END SOLUTION


# %%
check(exercises.PROJECT, project)

# %% [markdown]
# Together, the variances along all axes make the **total variance**, the mean of $\|x - \mu\|^2$. It is the **trace** of
# $S$, the sum of its diagonal. Turned axes share it out differently, and the sum stays, because $\operatorname{tr}(AB)=\operatorname{tr}(BA)$:
#
# $$\operatorname{tr}(U^\top S\, U) = \operatorname{tr}(S\, U U^\top) = \operatorname{tr} S = \sum_j \lambda_j .$$
#
# **Predict:** onto which line must the leaves be projected, to lose as little as possible?

# %%
_, axes = plt.subplots(1, 3, figsize=(9.6, 3), layout="constrained", width_ratios=[1.2, 1.2, 1])
some, middle = leaves[:40], leaves.mean(axis=0)
lines = {"length axis": np.array([1.0, 0.0]), "first eigenvector": eigenvectors[:, 1]}
for ax, (name, u) in zip(axes, lines.items(), strict=False):
    feet = middle + np.outer((some - middle) @ u, u)
    ax.plot(*np.stack([some, feet], axis=1).T, color=plotting.PALETTE[5], linewidth=0.8)
    ax.axline(middle, middle + u, color="grey", linewidth=0.8)
    ax.plot(*some.T, ".", *feet.T, "k.", markersize=4)
    lost = S.trace() - u @ S @ u
    ax.set(title=f"{name}: {lost:.1f} mm² lost", xlabel="length / mm", ylabel="width / mm", aspect="equal")
axes[2].stackplot(np.degrees(angles), formula, S.trace() - formula, colors=plotting.PALETTE[:2], alpha=0.7)
axes[2].set(xlabel="angle of the axes / degrees", ylabel="variance / mm²", title="two axes share the trace")
axes[2].set(xticks=[0, 45, 90, 135, 180], ylim=(0, 1.05 * S.trace()))
axes[2].text(8, 35, "first axis")
axes[2].text(88, 75, "second")
plotting.show(
    alt="Two panels with forty leaves joined by short lines to their projections: onto the length axis, and onto the first "
    "eigenvector, where the lines are shorter. A third panel: two stacked areas whose sum is the same at each angle."
)

# %% [markdown]
# The lost part is the variance *across* the line. It is the total minus what is kept. So the best line is the
# first eigenvector, the best plane that of the first two, and so on; what is lost is **the sum of the eigenvalues left
# out**. Here it is in five dimensions, for $k$ axes, against 1,000 random choices of as many:

# %% tags=["proof"]
rng = np.random.default_rng(run.seed)
points = rng.normal(size=(300, 5)) @ rng.normal(size=(5, 5))
centred = points - points.mean(axis=0)
values, vectors = np.linalg.eigh(centred.T @ centred / len(points))
for k in (1, 2, 3):
    kept = vectors[:, -k:]
    lost = np.square(centred - centred @ kept @ kept.T).sum(axis=1).mean()
    bases = np.linalg.qr(rng.normal(size=(1000, 5, k)))[0]  # orthonormal columns, 1,000 times
    others = [np.square(centred - centred @ basis @ basis.T).sum(axis=1).mean() for basis in bases]
    print(f"k = {k}: lost {lost:.3f}, eigenvalues left out {values[:-k].sum():.3f}, best random {min(others):.3f}")
    assert abs(lost - values[:-k].sum()) < 1e-9, "what is lost must be the sum of the eigenvalues left out"
    assert min(others) >= lost, "no other plane may lose less than the first eigenvectors"

# %% [markdown]
# **Exercise {exercise: LEFT_OVER}.** Four coordinates have the variances 5, 3, 1 and 1. The three largest eigenvalues of their covariance
# are 6, 2.5 and 1. What does the best projection onto a *plane* lose on average, as squared distance?

# %% tags=["exercise"]
# BEGIN SOLUTION
left_over = 1.5
# END SOLUTION

# %%
check(exercises.LEFT_OVER, left_over)

# %% [markdown]
# More words that you will meet:
#
# | word | meaning |
# |---|---|
# | orthonormal columns | lengths 1, at right angles: $U^\top U = I$ |
# | rank | how many independent directions the columns of a matrix span |
# | determinant | the product of the eigenvalues: the factor by which a matrix changes volumes, up to its sign |
# | positive definite | symmetric, and all eigenvalues above 0: the cloud has a width in every direction |
# | singular values of $W$ | $W = U \operatorname{diag}(s)\, V^\top$ with orthonormal columns; $s^2$ are the eigenvalues of $W^\top W$ |
#
# ## Where does an iteration go?
#
# A training loop is an **iteration**: $x_{t+1} = g(x_t)$. A **fixed point** $x^*$ is a place where it rests, $g(x^*) = x^*$.
# Near it only the slopes of $g$ count. They form the **Jacobian** $J$, with $J_{ij} = \partial g_i / \partial x_j$ at $x^*$. A
# small distance $\delta_t = x_t - x^*$ becomes, to first order,
#
# $$\delta_{t+1} = J\, \delta_t, \qquad\text{so along an eigenvector: } \delta_t = \lambda^t\, \delta_0 .$$
#
# Hence the size of $\lambda$ decides. $|\lambda| < 1$: the distance shrinks. $|\lambda| > 1$: it grows. A Jacobian
# need not be symmetric, and its eigenvalues can be **complex**: a pair $r e^{\pm i\varphi}$. Then, seen in suitable axes,
# each step turns by the angle $\varphi$ and stretches by the **modulus** $r = |\lambda|$. The *largest* modulus wins in the end. So draw the eigenvalues
# into the complex plane, and ask where they lie: inside the unit circle, on it, or outside?
#
# **Predict** the four paths. Their eigenvalues: 0.9 and 0.65; 1.1 and 0.7; $0.96 \pm 0.28i$; $1 \pm 0.3i$. (The figure has them in
# its lower row.)

# %%
steps = {
    "contracts": np.array([[0.85, 0.1], [0.1, 0.7]]),
    "grows in one direction": np.array([[0.9, 0.2], [0.2, 0.9]]),
    "circles": np.array([[0.96, -0.28], [0.28, 0.96]]),
    "spirals outwards": np.array([[1.0, -0.3], [0.3, 1.0]]),
}


def path(J, start, count):
    return np.stack([np.linalg.matrix_power(J, t) @ start for t in range(count)])


_, axes = plt.subplots(2, 4, figsize=(9.6, 4.9), layout="constrained")
for (name, J), above, below in zip(steps.items(), *axes, strict=True):
    for start, colour in zip([[1.0, 0.1], [-0.6, 0.7], [0.3, -0.8]], plotting.PALETTE, strict=False):
        above.plot(*path(J, start, 18).T, ".-", color=colour, linewidth=0.8)
        above.plot(*start, "o", color=colour)
    above.plot(0, 0, "k+", markersize=10)
    above.set(title=name, xlim=(-2.2, 2.2), ylim=(-2.2, 2.2), aspect="equal")
    plotting.eigenvalue_plane({"λ": np.linalg.eigvals(J)}, ax=below)
    below.set(xlim=(-1.25, 1.25), ylim=(-1.25, 1.25))
    below.get_legend().remove()
axes[0, 0].set(xlabel="$\\delta_1$", ylabel="$\\delta_2$")
plotting.show(
    alt="Four iterations in the plane above their eigenvalues. Contracting: both lie inside the unit circle. Growing in one "
    "direction: one outside. Circling: a pair on the circle. Spiralling outwards: a pair outside of it."
)

# %% [markdown]
# The second panel has one eigenvalue inside (0.7) and one outside (1.1): paths first draw nearer along one direction, then
# leave along the other. Inside in *all* directions is what "converges" needs.
#
# **Exercise {exercise: SPECTRAL_RADIUS}.** Write the largest modulus of the eigenvalues of a Jacobian `(d, d)`, which need not be symmetric.


# %% tags=["exercise"]
def spectral_radius(jacobian):
    # BEGIN SOLUTION
    return np.abs(np.linalg.eigvals(jacobian)).max()
    # END SOLUTION


# %%
check(exercises.SPECTRAL_RADIUS, spectral_radius)

# %% [markdown]
# Now in numbers: how much does the distance change in one step, on average over the steps from 100 to 200?

# %% tags=["proof"]
for name, J in steps.items():
    distance = np.linalg.norm(path(J, [1.0, 0.1], 201), axis=1)
    factor = (distance[200] / distance[100]) ** (1 / 100)
    modulus = np.abs(np.linalg.eigvals(J)).max()
    print(f"{name:22}: {factor:.4f} a step, largest modulus {modulus:.4f}")
    assert abs(factor - modulus) < 1e-3, "in the long run the distance must change by the largest modulus"

# %% [markdown]
# **Exercise {exercise: FATES}.** Each matrix is the Jacobian of an iteration. What becomes of a small distance in the end, to first order? Give a
# dictionary from each letter to `"contracts"`, `"circles"` or `"grows"`: `{"A": "…", "B": "…", "C": "…", "D": "…"}`.
#
# $$A = \begin{pmatrix} 0.8 & 0.5 \\ 0.5 & 0.8 \end{pmatrix} \quad B = \begin{pmatrix} 0.6 & -0.6 \\ 0.6 & 0.6 \end{pmatrix} \quad
#   C = \begin{pmatrix} 0.5 & 4 \\ 0 & 0.5 \end{pmatrix} \quad D = \begin{pmatrix} 0.6 & -0.8 \\ 0.8 & 0.6 \end{pmatrix}$$

# %% tags=["exercise"]
# BEGIN SOLUTION
fates = {"A": "grows", "B": "contracts", "C": "contracts", "D": "circles"}
# END SOLUTION

# %%
check(exercises.FATES, fates)

# %% [markdown]
# ## One player descends, two players circle
#
# Near a minimum a loss is a bowl, $\frac12 \delta^\top H \delta$, with a symmetric $H$ of second derivatives. Its gradient is $H\delta$, and gradient
# descent is $\delta \leftarrow \delta - h H \delta$. So $J = I - hH$, with the eigenvalues $1 - h\lambda$: real, and all inside
# $(-1, 1)$ if $0 < h < 2/\lambda_{\max}$. The steepest direction limits the step, and the flattest one then needs many of them.
#
# *Two* players with opposed aims, $\theta \leftarrow \theta - h\psi$ and $\psi \leftarrow \psi + h\theta$, have
# $J = I + h \begin{pmatrix} 0 & -1 \\ 1 & 0 \end{pmatrix}$ with the eigenvalues $1 \pm ih$ and the modulus
# $\sqrt{1 + h^2}$. **Predict:** which of the two can a smaller step save?

# %% tags=["proof"]
H = np.array([[5.0, 2.0], [2.0, 2.0]])  # eigenvalues 6 and 1
limit = 2 / 6
for h in (0.5 * limit, 0.97 * limit, 1.03 * limit):
    descent, game = np.eye(2) - h * H, np.array([[1.0, -h], [h, 1.0]])
    one, two = (np.linalg.norm(path(J, [1.0, 0.3], 301)[-1]) for J in (descent, game))
    print(f"h = {h:.3f}: distance after 300 steps, descent {one:.1e}, game {two:.1e}")
    assert (one < 1e-3) == (h < limit), "gradient descent must converge exactly below 2 / λmax"
    assert abs(two / (np.hypot(1.0, 0.3) * (1 + h**2) ** 150) - 1) < 1e-9, "the game must grow by √(1 + h²) a step"

# %% [markdown]
# Descent is saved by a smaller step, the game is not: $\sqrt{1 + h^2}$ is above 1 for *every* step length, so a smaller one only
# lets it leave more slowly. That is why GANs need more than a small
# learning rate ({lesson: stability_and_mode_collapse}).

# %% [markdown] tags=["deeper"]
# ## How long a step may be, and what the Jacobian does not tell
#
# **Exercise {exercise: LARGEST_STEP}.** For $H = \begin{pmatrix} 6 & 2 \\ 2 & 3 \end{pmatrix}$: below which step length does gradient descent converge?
# Answer with a fraction, or with three digits. (Trace and determinant give the two eigenvalues.)

# %% tags=["exercise"]
# BEGIN SOLUTION
largest_step = 2 / 7
# END SOLUTION

# %%
check(exercises.LARGEST_STEP, largest_step)

# %% [markdown]
# *Far away.* $J$ describes the neighbourhood of the fixed point. Take $g(x) = \tanh(Ax)$, entry by entry, where $A$ turns by
# 20° and stretches by 1.1. At 0 the slope of $\tanh$ is 1, so $J = A$. A path that starts near 0 must grow by 1.1 a step.
# But $\tanh$ stays below 1. **What will become of it?**
#
# *On the way.* The modulus speaks of the end. Matrix $C$ of the exercise contracts, but first its distance grows.

# %% tags=["proof"]
turn = np.radians(20)
A = 1.1 * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
orbit = [np.array([1e-3, 0.0])]
for _ in range(300):
    orbit.append(np.tanh(A @ orbit[-1]))
distance = np.linalg.norm(orbit, axis=1)
early, late = (distance[30] / distance[0]) ** (1 / 30), distance[200:]
print(f"first 30 steps: {early:.4f} a step; after 200 steps between {late.min():.2f} and {late.max():.2f}")
assert abs(early - np.abs(np.linalg.eigvals(A)).max()) < 1e-3, "near the fixed point the modulus must rule"
assert late.min() > 0.3, "it must not come back"
assert late.max() < 1, "nor go to infinity: the path must stay on a ring"
C = np.array([[0.5, 4.0], [0.0, 0.5]])
transient = np.linalg.norm(path(C, [0.0, 1.0], 30), axis=1)
print("distances under C:", transient[:4].round(2), "…", transient[-1].round(8))

# %%
_, (left, right) = plt.subplots(1, 2, figsize=(8, 3.1), layout="constrained")
left.plot(*np.array(orbit).T, ".-", linewidth=0.5, markersize=3, color=plotting.PALETTE[0])
left.plot(0, 0, "k+", markersize=10)
left.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal", title="tanh(Ax): out, and onto a ring")
plotting.curves({"under C": transient}, "step", "distance", range(30), right)
right.set(yscale="log", title="C: first out, then in")
plotting.show(
    alt="Left, a path that spirals out of the fixed point and then stays on a ring. Right, the distance under matrix C "
    "on a logarithmic axis: it rises fourfold at first, then falls steadily."
)

# %% [markdown]
# The path leaves the fixed point as the modulus says, and then circles on a ring: "grows" does not mean "to infinity". Under
# $C$ the distance first grows fourfold. (Its two eigenvectors coincide; where they are at right angles, the distance never
# grows by more than the largest modulus.) And at modulus *exactly* 1 the first order does not decide: the next terms do.

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> Two programs find principal axes with opposite signs. Which is wrong?</summary>
#
# Neither. If $Su = \lambda u$, then $S(-u) = \lambda(-u)$. Compare *spans* or projections $uu^\top$, never signs.
# </details>
#
# <details><summary><b>2.</b> All entries of a Jacobian are below 1. Does the iteration contract?</summary>
#
# Not necessarily: matrix $A$ of the exercise has the eigenvalue 1.3. Entries depend on the axes; eigenvalues do not.
# </details>
#
# <details><summary><b>3.</b> The variances of all coordinates are known. Is the widest direction, too?</summary>
#
# No, only the trace, the total. How directions share it depends on the covariances.
# </details>
#
# ## In this lesson you have
#
# * **computed** covariances, and the variance $u^\top S\,u$ along any direction;
# * **explained** why the widest direction is an eigenvector, and its eigenvalue the variance there;
# * **projected** onto axes; what is lost is the sum of the eigenvalues left out, and all of them sum to the trace;
# * **predicted** iterations: inside the unit circle they contract, on it they keep their distance, outside they grow;
# * **seen** that gradient descent converges for $h < 2/\lambda_{\max}$, and this game for no $h$ at all.
#
# In one sentence: *along an eigenvector a matrix is a single number, and these numbers say how wide a cloud is and where an
# iteration goes.*
#
# **Go further.** Write *power iteration* (multiply by $S$, divide by the length, repeat) and plot the angle to the first
# eigenvector: by which factor does it shrink in a step?
#
# **References.** Strang (2016), *Introduction to linear algebra*, chapters 4, 6 and 7. · Deisenroth, Faisal & Ong (2020),
# *Mathematics for machine learning*, chapters 2–5 and 10. · Strogatz (1994), *Nonlinear dynamics and chaos*, chapters 5, 6 and 10. ·
# Trefethen & Embree (2005), *Spectra and pseudospectra* (growth on the way).

# %% [markdown] tags=["slide"]
# # Linear algebra and dynamics: the directions that a matrix only stretches
#
# A cloud of data is wide in some directions and narrow in others. A training loop comes to rest, circles, or runs away.
#
# **Which few numbers of a matrix tell you so in advance?**

# %% [markdown] tags=["notes"]
# 1 min. No networks today. Later lessons point back to this one.

# %% [markdown] tags=["slide"]
# ## A cloud has a covariance
#
# 400 leaves, length and width in mm, an array of shape `(400, 2)`:
#
# $$S=\frac1n\sum_{i=1}^n(x_i-\mu)(x_i-\mu)^\top$$
#
# On its diagonal the variances, off it the covariance.

# %% [markdown] tags=["notes"]
# 2 min. Ask for the shape and the unit of S: 2 × 2, mm². Exercise {exercise: COVARIANCE} writes it; homework.

# %% [markdown] tags=["slide"]
# ## The width in another direction
#
# Along a vector $u$ of length 1:
#
# $$\frac1n\sum_i\big(u^\top(x_i-\mu)\big)^2$$
#
# . . .
#
# $$=u^\top\Big[\frac1n\sum_i(x_i-\mu)(x_i-\mu)^\top\Big]u=u^\top S\,u$$
#
# . . .
#
# $S$ knows the variance in *every* direction.

# %% [markdown] tags=["notes"]
# 2 min. Let somebody pull u out of the sum.

# %% [markdown] tags=["slide"]
# ## Predict: length varies most. Is the cloud widest exactly along the length?
#
# . . .
#
# {figure: a-cloud-has-a-width-in-every-direction-4}

# %% [markdown] tags=["notes"]
# 3 min. Most say yes. The widest direction is turned: long leaves tend to be wide.

# %% [markdown] tags=["slide"]
# ## Eigenvectors: only stretched
#
# $$Su=\lambda u\qquad\Rightarrow\qquad u^\top S\,u=\lambda$$
#
# . . .
#
# Why is the widest direction one? Turn $u$ by $\varepsilon v$, with $v$ across $u$:
#
# $$u^\top S\,u\;\to\;u^\top S\,u+2\varepsilon\,v^\top S u$$
#
# . . .
#
# At a maximum this is 0 for every $v$ across $u$: $Su$ is a multiple of $u$.

# %% [markdown] tags=["notes"]
# 3 min. The symmetry of S is used twice: real eigenvalues, and right angles. The sign of an eigenvector means nothing.

# %% [markdown] tags=["slide"]
# ## Quiz: two programs find principal axes with opposite signs. Which is wrong?
#
# . . .
#
# Neither: if $Su=\lambda u$, then $S(-u)=\lambda(-u)$.
#
# . . .
#
# Compare spans, or projections $uu^\top$, never signs.

# %% [markdown] tags=["notes"]
# 2 min. A test that compares signs fails on another machine.

# %% [markdown] tags=["slide"]
# ## Projecting onto a line
#
# $$x\;\mapsto\;\mu+u\,u^\top(x-\mu)$$
#
# . . .
#
# Several directions, the columns of $U_k$:
#
# $$x\;\mapsto\;\mu+U_kU_k^\top(x-\mu)$$
#
# The $k$ numbers $U_k^\top(x-\mu)$ describe the point: a **code**.

# %% [markdown] tags=["notes"]
# 2 min. Pythagoras: kept and lost add up. Exercise {exercise: PROJECT} is homework. The word "code" returns with the autoencoders.

# %% [markdown] tags=["slide"]
# ## Predict: onto which line must the leaves be projected, to lose least?
#
# . . .
#
# {figure: projecting-onto-a-line-3}

# %% [markdown] tags=["notes"]
# 2 min. The first eigenvector. The third panel: kept and lost always add up to the trace.

# %% [markdown] tags=["slide"]
# ## What is lost
#
# $$\operatorname{tr}(U^\top S\,U)=\operatorname{tr}S=\sum_j\lambda_j$$
#
# . . .
#
# The best $k$ axes are the first $k$ eigenvectors; lost is **the sum of the eigenvalues left out**.
#
# . . .
#
# {output: projecting-onto-a-line-5}

# %% [markdown] tags=["notes"]
# 2 min. Five dimensions, against 1,000 random planes. The total does not depend on the axes.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: LEFT_OVER} · {minutes} minutes
#
# Four coordinates have the variances 5, 3, 1 and 1.
#
# The three largest eigenvalues of their covariance are 6, 2.5 and 1.
#
# **What does the best projection onto a *plane* lose on average?**

# %% [markdown] tags=["notes"]
# 4 min. The trace is 10, so 10 − 8.5 = 1.5. Usual wrong answers: 1, the fourth eigenvalue forgotten; 2, the two smallest variances.

# %% [markdown] tags=["slide"]
# ## Where does an iteration go?
#
# $$x_{t+1}=g(x_t),\qquad g(x^*)=x^*$$
#
# . . .
#
# Near the fixed point only the slopes count, $J_{ij}=\partial g_i/\partial x_j$:
#
# $$\delta_{t+1}=J\,\delta_t$$
#
# . . .
#
# Along an eigenvector: $\delta_t=\lambda^t\,\delta_0$.

# %% [markdown] tags=["notes"]
# 2 min. A training loop is such an iteration. δ is the distance from the fixed point.

# %% [markdown] tags=["slide"]
# ## Complex eigenvalues turn
#
# A pair $r\,e^{\pm i\varphi}$: each step turns by $\varphi$ and stretches by the **modulus** $r=|\lambda|$.
#
# + $|\lambda|<1$: the distance shrinks.
# + $|\lambda|>1$: it grows.
# + The *largest* modulus wins in the end.

# %% [markdown] tags=["notes"]
# 2 min. A Jacobian need not be symmetric, so its eigenvalues may be complex. Draw the unit circle on the board.

# %% [markdown] tags=["slide"]
# ## Predict the four paths
#
# Both eigenvalues inside the unit circle; one outside; a pair on the circle; a pair outside.
#
# . . .
#
# {figure: where-does-an-iteration-go-2}

# %% [markdown] tags=["notes"]
# 3 min. Let them draw the four paths before the figure. The second panel: one inside and one outside, so in the end it leaves.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: FATES} · {minutes} minutes
#
# Contracts, circles or grows, in the end?
#
# $$A=\begin{pmatrix}0.8&0.5\\0.5&0.8\end{pmatrix}\quad B=\begin{pmatrix}0.6&-0.6\\0.6&0.6\end{pmatrix}$$
#
# $$C=\begin{pmatrix}0.5&4\\0&0.5\end{pmatrix}\quad D=\begin{pmatrix}0.6&-0.8\\0.8&0.6\end{pmatrix}$$

# %% [markdown] tags=["notes"]
# 5 min. A grows, 1.3; B contracts, 0.85; C contracts, 0.5; D circles, 1. Usual wrong answers: A contracts, "all entries are below 1"; C grows, because of the 4.

# %% [markdown] tags=["slide"]
# ## One player descends
#
# Near a minimum: $\frac12\delta^\top H\delta$, gradient $H\delta$, step length $h$.
#
# $$J=I-hH,\qquad\text{eigenvalues }1-h\lambda$$
#
# . . .
#
# All inside $(-1,1)$ if
#
# $$0<h<\frac2{\lambda_{\max}}$$

# %% [markdown] tags=["notes"]
# 2 min. The steepest direction limits the step, and the flattest one then needs many of them. Exercise {exercise: LARGEST_STEP} is a deeper one.

# %% [markdown] tags=["slide"]
# ## Two players circle
#
# $\theta\leftarrow\theta-h\psi,\qquad\psi\leftarrow\psi+h\theta$
#
# $$J=I+h\begin{pmatrix}0&-1\\1&0\end{pmatrix},\qquad|1\pm ih|=\sqrt{1+h^2}$$
#
# . . .
#
# **Predict:** which of the two does a smaller step save, descent or the game?
#
# . . .
#
# {output: one-player-descends-two-players-circle-2}

# %% [markdown] tags=["notes"]
# 3 min. Descent only; the game leaves more slowly. That is why GANs need more than a small learning rate.

# %% [markdown] tags=["slide"]
# ## Quiz: all entries of a Jacobian are below 1. Does the iteration contract?
#
# . . .
#
# Not necessarily: matrix $A$ has the eigenvalue 1.3.
#
# . . .
#
# Entries depend on the axes; eigenvalues do not.

# %% [markdown] tags=["notes"]
# 2 min. And the other way round: C has an entry of 4, and contracts in the end.

# %% [markdown] tags=["slide"]
# ## To take home
#
# Along an eigenvector a matrix is a single number.
#
# These numbers say how wide a cloud is, and where an iteration goes.
#
# *At home:* exercises {exercise: COVARIANCE} and {exercise: PROJECT}.

# %% [markdown] tags=["notes"]
# 1 min. Next: autoencoders; a linear one is the projection of today.
