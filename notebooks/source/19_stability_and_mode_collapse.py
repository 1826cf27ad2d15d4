# ---
# jupyter:
#   course:
#     part: "Part III · GANs"
#     question: "Why do GANs oscillate, and what stops it?"
# ---

# %% [markdown]
# # Stability and mode collapse: why GANs oscillate, and what damps them
#
# **The question.** Why may the game of two losses oscillate where one loss would settle, what damps it, and how does a
# generator lose modes of the data?
#
# In this lesson you will
#
# * **tell** by eigenvalues whether training steps contract, circle or grow;
# * **predict** the spiral of the smallest GAN, and **prove** its growth;
# * **derive** what damps it: R1, and the width of the data;
# * **write** R1, and a count of modes; **count** them in twenty generators, and **explain** what the speed of the
#   discriminator has to do with them.
#
# *To know before:* the game and its losses ({lesson: gan_theory}), training a GAN ({lesson: training_a_gan}), and
# determinants, eigenvalues and moduli ({lesson: linear_algebra_and_dynamics}). *Time:* {times}; about 45 seconds to run
# on two CPU cores.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## What a step does near an equilibrium
#
# A training step maps the players' parameters to new ones, $u\mapsto F(u)$. An **equilibrium** stays, $F(u^*)=u^*$.
# Close to it, each step multiplies a small deviation by a matrix, the **Jacobian** $A$ of $F$ there. Along an
# eigenvector that is a factor $|\lambda|$ in length; a complex pair also *turns*, a negative
# $\lambda$ jumps to the other side. This is **linear stability**:
#
# * all $|\lambda|<1$: the steps **contract**; from near enough, training converges;
# * one $|\lambda|>1$: they **grow**, and training leaves;
# * the largest $|\lambda|=1$: $A$ **circles** (or stands still), and does not say what $F$ itself does.

# %%
import matplotlib.pyplot as plt
import numpy as np

from course_lib import plotting

turn = np.array([[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]])
steps = {"contract, |λ| = 0.85": 0.85 * turn, "circle, |λ| = 1": turn, "grow, |λ| = 1.08": 1.08 * turn}
paths = {
    name: np.array([np.linalg.matrix_power(step, n) @ (0.7, 0.0) for n in range(19)]) for name, step in steps.items()
}

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.4), layout="constrained")
plotting.eigenvalue_plane({name: np.linalg.eigvals(step) for name, step in steps.items()}, ax=left)
left.set(xlim=(-1.3, 1.3), ylim=(-1.3, 1.3), title="eigenvalues and the unit circle")
left.legend(frameon=False, loc="center left")
plotting.phase_portrait(paths, ax=right)
right.set(xlabel="first parameter", ylabel="second parameter", title="18 steps from the dot")
right.get_legend().remove()
plotting.show(
    alt="Left, three pairs of eigenvalues in the complex plane: inside, on and outside the unit circle. Right, what 18 "
    "steps with each do in the plane of two parameters: a spiral inwards, a circle, a spiral outwards."
)

# %% [markdown]
# One turn, three moduli. **Proof** on random matrices: the largest modulus decides what many steps do to lengths.

# %% tags=["proof"]
from course_lib.exact import DiracGAN, eigenvalue_moduli

draws, apart = np.random.default_rng(run.seed), []
for step in draws.normal(size=(200, 2, 2)):
    after = [np.linalg.norm(np.linalg.matrix_power(step, n), 2) for n in (100, 200)]
    apart.append(abs(np.log(after[1] / after[0]) / 100 - np.log(eigenvalue_moduli(step)[0])))
print(f"200 random steps: log growth of a step and log |λ| differ by {max(apart):.3f} at most")
assert max(apart) < 0.05, "the growth per step must be the largest modulus"

# %% [markdown]
# Training follows a field, $F(u)=u+h\,v(u)$ with the learning rate $h$. If $\mu$ is an eigenvalue of the Jacobian $J$ of $v$,
# then $\lambda=1+h\mu$ is one of $A=I+hJ$. Infinitely small steps come in if $\operatorname{Re}\mu<0$; finite ones need
# $|1+h\mu|<1$, which is more.
#
# **Exercise {exercise: FATES}: contract, circle or grow?** Say of each step, `"contract"`, `"circle"` or `"grow"`:
# (a) $\begin{pmatrix}0.9&-0.3\\0.3&0.9\end{pmatrix}$; (b) $\begin{pmatrix}0&-1\\1&0\end{pmatrix}$;
# (c) $\begin{pmatrix}1&-0.1\\0.1&1\end{pmatrix}$; (d) $\begin{pmatrix}-0.9&0\\0&0.5\end{pmatrix}$;
# (e) $\begin{pmatrix}0.5&0\\0&1.1\end{pmatrix}$; (f) $I+0.1\,J$ with $J=\begin{pmatrix}-0.1&-2\\2&-0.1\end{pmatrix}$.

# %% tags=["exercise"]
# BEGIN SOLUTION
fates = {"a": "contract", "b": "circle", "c": "grow", "d": "contract", "e": "grow", "f": "grow"}
# END SOLUTION

# %%
from course_lib.exercises import check
from course_lib.exercises import stability_and_mode_collapse as exercises

check(exercises.FATES, fates)

# %% [markdown]
# ## The smallest GAN
#
# All data lie at 0. The generator makes one point, $\theta$; the discriminator's logit is a line, $\psi x$, high on
# *samples* as in the paper (for "real" put $-\psi$). Both share one
# objective, $f(\theta\psi)$ with $f(t)=-\log(1+e^{-t})$, which $D$ climbs and $G$ descends: the **Dirac-GAN**
# (Mescheder et al., 2018). Its equilibrium is $\theta=\psi=0$. Each player moves along its own slope, with $f'(t)=\frac1{1+e^t}$:
#
# $$v(\theta,\psi)=\big(-\psi\,f'(\theta\psi),\;\;\theta\,f'(\theta\psi)\big).$$
#
# **Before you look:** do the arrows of this field point towards the middle?

# %%
game = DiracGAN(step_size=0.2)
paths = {
    "simultaneous": game.trajectory(1.0, 0.0, 150),
    "alternating": game.trajectory(1.0, 0.0, 150, alternating=True),
}
plotting.phase_portrait(paths, field=game.vector_field)
plotting.show(
    alt="Paths of two players in their plane, with grey arrows of the field that turn around the equilibrium. The "
    "simultaneous path spirals outwards; the alternating one stays on a ring."
)

# %% [markdown]
# They go *around*: $\theta v_\theta+\psi v_\psi=0$, and nothing pulls inwards. At
# the equilibrium $f'(0)=\frac12$, so $J=\begin{pmatrix}0&-\frac12\\\frac12&0\end{pmatrix}$ and $\mu=\pm\frac i2$.
#
# ### Simultaneous steps grow
#
# Both move at once, by $h\,v$:
#
# 1. By linear stability $|\lambda|=|1\pm\frac{ih}2|=\sqrt{1+h^2/4}$, above 1 for *every* $h$.
# 2. Here even the exact growth is known: the step stands at right angles to the position and has the length
#    $hf'(\theta\psi)\,r$, so by Pythagoras $r_\text{new}=r\,\sqrt{1+h^2f'(\theta\psi)^2}$, from everywhere.
#
# **Proof**, on every step of measured paths, and on the eigenvalues of the step's Jacobian:

# %% tags=["proof"]
for step_size in (0.1, 0.5, 1.0):
    game = DiracGAN(step_size)
    path = game.trajectory(0.6, -0.4, 60)
    radius = np.hypot(*path.T)
    slope = 1 / (1 + np.exp(path[:-1].prod(axis=1)))
    formula = np.sqrt(1 + step_size**2 * slope**2)
    modulus = eigenvalue_moduli(game.simultaneous_jacobian())
    print(f"h = {step_size}: radius {radius[0]:.2f} → {radius[-1]:.2f}; modulus {modulus[0]:.6f}", end=", ")
    print(f"√(1 + h²/4) = {np.sqrt(1 + step_size**2 / 4):.6f}")
    assert np.abs(radius[1:] / radius[:-1] - formula).max() < 1e-12, "each step must grow by √(1 + h² f′(θψ)²)"
    assert np.abs(modulus - np.sqrt(1 + step_size**2 / 4)).max() < 1e-12, (
        "at the equilibrium the modulus is √(1 + h²/4)"
    )

# %% [markdown]
# **Exercise {exercise: PREDICTED_SPIRAL}: predict the spiral.** Near the equilibrium, $h=0.2$: by which factor has the radius grown after 100 steps?

# %% tags=["exercise"]
# BEGIN SOLUTION
growth = (1 + 0.2**2 / 4) ** 50
# END SOLUTION

# %%
check(exercises.PREDICTED_SPIRAL, growth)

# %% [markdown]
# ### Alternating steps circle
#
# Now $D$ moves first, then $G$ answers its *new* position. Near the equilibrium each move is a matrix that changes one row.
#
# **Exercise {exercise: ALTERNATING_JACOBIAN}: derive** the Jacobian of one alternating step at $(0,0)$, rows and columns $(\theta,\psi)$, as a
# product of two matrices, and give its numbers for $h=1$. The generator moves to $\theta-\frac h2\psi$, the discriminator to $\psi+\frac h2\theta$.

# %% tags=["exercise"]
# BEGIN SOLUTION
generator, discriminator = np.array([[1.0, -0.5], [0.0, 1.0]]), np.array([[1.0, 0.0], [0.5, 1.0]])
alternating = generator @ discriminator
# END SOLUTION

# %%
check(exercises.ALTERNATING_JACOBIAN, alternating)

# %% [markdown]
# For every $h$ its determinant is $1\cdot1$, its trace $2-h^2/4$. The eigenvalues are a complex pair while $|2-h^2/4|<2$, so
# for $h<4$, and then $|\lambda|^2=\det=1$. Modulus 1 does not decide, so the path is measured too:

# %% tags=["proof"]
for step_size in (0.1, 1.0, 3.9, 4.0, 4.1):
    moduli = eigenvalue_moduli(DiracGAN(step_size).alternating_jacobian())
    print(f"h = {step_size}: moduli {moduli.round(6)}")
    if step_size <= 4:
        assert np.abs(moduli - 1).max() < 1e-6, "up to h = 4 alternating steps have modulus 1"
    else:
        assert moduli[0] > 1.1, "beyond h = 4 one of them leaves"
radius = np.hypot(*DiracGAN(0.2).trajectory(0.1, 0.0, 2000, alternating=True).T)
print(f"2,000 alternating steps with h = 0.2 stay between radius {radius.min():.4f} and {radius.max():.4f}")
assert 0.09 < radius.min() < radius.max() < 0.12, "alternating steps must neither leave nor arrive"

# %% [markdown]
# ## R1: damping at the data
#
# **R1** adds $\frac\gamma2\,\mathbb E_p\lVert\nabla_x\ell(x)\rVert^2$, the squared slope of the logit $\ell$ at the data, to the
# discriminator's loss (same paper, equation 9). It asks for what is true at the end: if samples and
# data have one density, the best logit is 0, without slope. In the Dirac-GAN $\nabla_x\ell=\psi$, so the
# velocity of $D$ gets a damping term, $-\gamma\psi$:
#
# $$J=\begin{pmatrix}0&-\frac12\\\frac12&-\gamma\end{pmatrix},\qquad
#   \mu=\tfrac12\Big(-\gamma\pm\sqrt{\gamma^2-1}\Big).$$
#
# For $\gamma>0$ both real parts are negative. For *steps*, $\lambda=1+h\mu$ with $h<4$:
#
# 1. $\gamma<1$: a complex pair, so $|\lambda|^2=\det(I+hJ)=1-h\gamma+\frac{h^2}4$. It is below 1 iff $\gamma>\frac h4$.
# 2. $\gamma\ge1$: both $\mu$ are real and negative, so $\lambda<1$. The smaller $\lambda$ stays above $-1$ iff
#    $h\big(\gamma+\sqrt{\gamma^2-1}\big)<4$, which is $\gamma<\frac2h+\frac h8$. Stronger damping
#    overshoots; beyond $\gamma=1$ the *larger* $\lambda$ grows again.
# 3. Alternating, the determinant is $1\cdot(1-h\gamma)$: modulus $\sqrt{1-h\gamma}$ while the pair is complex, which is for
#    $\gamma<1-\frac h4$. No $h^2/4$ to overcome.

# %% tags=["proof"]
for step_size in (0.2, 0.5, 1.0):
    low, high = DiracGAN(step_size).stable_gammas()
    for gamma, stable in ((low - 1e-3, False), (low + 1e-3, True), (high - 1e-3, True), (high + 1e-3, False)):
        modulus = eigenvalue_moduli(DiracGAN(step_size, gamma).simultaneous_jacobian())[0]
        assert (modulus < 1) == stable, "stable exactly if h/4 < γ < 2/h + h/8"
    for gamma in (0.1, 0.5, 0.8):
        together = eigenvalue_moduli(DiracGAN(step_size, gamma).simultaneous_jacobian())
        in_turn = eigenvalue_moduli(DiracGAN(step_size, gamma).alternating_jacobian())
        assert np.allclose(together, np.sqrt(1 - step_size * gamma + step_size**2 / 4)), "modulus with R1, simultaneous"
        if gamma < 1 - step_size / 4:
            assert np.allclose(in_turn, np.sqrt(1 - step_size * gamma)), "modulus with R1, alternating"
    print(f"h = {step_size}: simultaneous steps converge for {low:.3f} < γ < {high:.3f}")

# %% [markdown]
# And *paths*, from some way off?

# %% tags=["proof"]
damped = DiracGAN(0.2, gamma=0.3)
for alternating, formula in ((False, np.sqrt(1 - 0.06 + 0.01)), (True, np.sqrt(1 - 0.06))):
    radius = np.hypot(*damped.trajectory(0.8, 0.0, 400, alternating).T)
    measured = (radius[400] / radius[100]) ** (1 / 300)
    print(f"{alternating = }: measured factor a step {measured:.5f}, formula {formula:.5f}")
    assert abs(measured - formula) < 1e-3, "the measured path must shrink by the modulus of its eigenvalues"

# %% [markdown]
# Try it yourself: in a running notebook the next figure has sliders for $h$ and $\gamma$. **Say first:** at $h=1$, which
# $\gamma$ brings the simultaneous path in fastest, and what happens beyond 2.1?


# %%
def two_players(step_size_h, damping_gamma):
    game = DiracGAN(step_size_h, damping_gamma)
    jacobians = {"simultaneous": game.simultaneous_jacobian(), "alternating": game.alternating_jacobian()}
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
    paths = {name: game.trajectory(1.0, 0.0, 60, alternating=name == "alternating") for name in jacobians}
    plotting.phase_portrait(paths, field=game.vector_field, reach=2.0, ax=left)
    left.get_legend().remove()
    left.set_title("60 steps from the dot")
    named = {
        f"{name}: |λ| ≤ {eigenvalue_moduli(step)[0]:.3f}": np.linalg.eigvals(step) for name, step in jacobians.items()
    }
    plotting.eigenvalue_plane(named, ax=right)
    right.set(title="eigenvalues and the unit circle", xlim=(-2.2, 1.3), ylim=(-1.9, 1.3))
    right.legend(frameon=False, loc="lower left")
    return figure


plotting.slider(
    two_players,
    step_size_h=(0.05, 1.0, 0.8),
    damping_gamma=(0.0, 3.0, 0.3),
    alt="Left, the paths of simultaneous and alternating steps in the plane of the two players, over the arrows of the "
    "field: both spiral to the middle. Right, their eigenvalues, all inside the unit circle.",
)

# %% [markdown]
# At $h=1$ the two eigenvalues of the simultaneous step meet at $\gamma=1$, at $\lambda=\frac12$: nothing comes in faster. Stronger
# damping drives them apart. One goes back towards 1, which is slow; the other passes $-1$ at $\gamma=2.125$, and then the path
# jumps from side to side, each time further.

# %% [markdown]
# ## Data that are not a point
#
# Now let data and samples have a **width**: $x\sim\mathcal N(0,s^2)$ and
# $x\sim\mathcal N(\theta,s^2)$, the same discriminator, no penalty. Now $D$ climbs
# $\mathbb E[f(\psi(\theta+s\varepsilon))]+\mathbb E[f(-\psi s\varepsilon)]$, so its velocity is
#
# $$v_\psi=\mathbb E\big[(\theta+s\varepsilon)\,f'(\psi(\theta+s\varepsilon))\big]
#   -\mathbb E\big[s\varepsilon\,f'(-\psi s\varepsilon)\big],\qquad \varepsilon\sim\mathcal N(0,1).$$
#
# Differentiate by $\psi$ at $(0,0)$, with $f''(0)=-\frac14$: the samples give $-\frac14s^2$, the data another
# $-\frac14s^2$. All else in $J$ stays, so $-\frac{s^2}2$ stands where R1 puts $-\gamma$: **near the equilibrium, the width
# of the data acts as R1 with $\gamma=s^2/2$.** **Proof** from the field alone, with expectations as sums over 80 nodes
# (Gauss–Hermite):


# %%
nodes, weights = np.polynomial.hermite_e.hermegauss(80)
weights = weights / weights.sum()  # E[g(ε)] = weights @ g(nodes) for ε ~ N(0, 1)


def wide_field(theta, psi, width):
    theta, psi = np.asarray(theta)[..., None], np.asarray(psi)[..., None]
    real, fake = width * nodes, theta + width * nodes
    pull, push = 1 / (1 + np.exp(psi * fake)), 1 / (1 + np.exp(-psi * real))  # f′ at samples, at data
    return -psi[..., 0] * (pull @ weights), (fake * pull - real * push) @ weights


def wide_path(width, start, num_steps, h=0.2):
    path = [np.array(start)]
    for _ in range(num_steps):
        path.append(path[-1] + h * np.array(wide_field(*path[-1], width)))
    return np.array(path)


# %% tags=["proof"]
for width in (0.0, 0.3, 0.5, 1.0):
    gamma, e = width**2 / 2, 1e-4
    by_psi, by_theta = (
        np.subtract(wide_field(*d, width), wide_field(*-d, width)) / (2 * e) for d in e * np.eye(2)[::-1]
    )
    jacobian = np.stack([by_theta, by_psi], axis=1)
    radius = np.hypot(*wide_path(width, (0.01, 0.0), 300).T)
    measured, formula = (radius[300] / radius[100]) ** (1 / 200), np.sqrt(1 - 0.2 * gamma + 0.01)
    far = np.hypot(*wide_path(width, (0.6, -0.4), 600)[-1])
    print(f"s = {width}: γ = {gamma:.3f}, factor a step {measured:.4f}, formula {formula:.4f}", end="; ")
    print(f"radius 0.72 → {far:.3f} in 600 steps")
    assert np.abs(jacobian - DiracGAN(0.2, gamma).field_jacobian()).max() < 1e-6, "a width must act as R1 with γ = s²/2"
    assert abs(measured - formula) < 1e-3, "and the path must follow its eigenvalues"
    assert (far < 0.72) == (gamma > 0.2 / 4), "it comes in exactly if s²/2 > h/4"
twin = wide_path(0.0, (0.6, -0.4), 600) - DiracGAN(0.2).trajectory(0.6, -0.4, 600)
assert np.abs(twin).max() < 1e-9, "with width 0 it must be the Dirac-GAN itself"

# %% [markdown]
# Side by side, the last one with $s^2/2=0.3=\gamma$:

# %%
same = np.sqrt(2 * 0.3)
games = {
    "a point, no penalty": (DiracGAN(0.2).vector_field, DiracGAN(0.2).trajectory(0.8, 0.0, 120)),
    "a point, R1 with γ = 0.3": (damped.vector_field, damped.trajectory(0.8, 0.0, 120)),
    "width s = 0.77, no penalty": (lambda *players: wide_field(*players, same), wide_path(same, (0.8, 0.0), 120)),
}
figure, axes = plt.subplots(1, 3, figsize=(9, 3.3), layout="constrained", sharey=True)
for ax, (name, (field, path)) in zip(axes, games.items(), strict=True):
    plotting.phase_portrait({name: path}, field=field, reach=1.5, ax=ax)
    ax.get_legend().remove()
    ax.set_title(name)
    ax.label_outer()
plotting.show(
    alt="Three fields of arrows with a path each. For a point without a penalty the arrows go around and the path spirals "
    "outwards. With R1, and with wide data without a penalty, the arrows bend inwards and both paths spiral to the middle."
)

# %% [markdown]
# The last two are nearly one picture. So "GANs oscillate" is true of *concentrated* data. Where data and samples have a
# density ("absolutely continuous"), training can converge locally without
# a penalty (Nagarajan & Kolter, 2017). Images are thin: in most directions of pixel space their width is next to nothing.
# There R1 damps, or **instance noise**, a width made by noise on data *and* samples (Sønderby et al., 2017).
#
# **Exercise {exercise: NARROWEST}.** Simultaneous steps, $h=0.2$, no penalty: which width $s$ must the data exceed for the
# steps to come in?

# %% tags=["exercise"]
# BEGIN SOLUTION
narrowest = np.sqrt(0.2 / 2)
# END SOLUTION

# %%
check(exercises.NARROWEST, narrowest)

# %% [markdown]
# ### Write R1
#
# For a network the slope comes from automatic differentiation. `input_gradient(function, x)` is the gradient of the *sum* of
# the function's values, so row $i$ belongs to example $i$:

# %%
import keras
from keras import ops

from course_lib.formulas import input_gradient

print(ops.convert_to_numpy(input_gradient(lambda x: x**2, ops.array([[1.0, 3.0], [0.0, -1.0]]))))

# %% [markdown]
# **Exercise {exercise: R1_PENALTY}.** Write R1 as you would hand it to a GAN: `discriminator(x)` gives logits `(batch, 1)`, `real` is
# `(batch, inputs)`; return one value for each example, `(batch,)`.


# %% tags=["exercise"]
def r1_penalty(discriminator, real, gamma):
    # BEGIN SOLUTION
    slope = input_gradient(discriminator, real)
    return gamma / 2 * ops.sum(ops.square(slope), axis=1)
    # END SOLUTION


# %%
check(exercises.R1_PENALTY, r1_penalty)

# %% [markdown]
# (R2 is the same at *samples*. A VAE does not circle: the Jacobian of *one* loss is symmetric, with real eigenvalues.)
#
# ## Mode collapse, counted
#
# The other failure: a generator leaves out parts of the data, and no loss says so. On
# a ring of eight Gaussians it can be *counted* (Srivastava et al., 2017): a sample is of **high quality** if it lies within
# $3\sigma$ of the nearest mean; a mode is **covered** if at least one such sample belongs to it.
#
# **Exercise {exercise: MODE_COUNTER}.** Write it: `samples` `(n, 2)`, `means` `(k, 2)`; return (modes covered, share of high quality). All
# distances, `(n, k)`, are `np.linalg.norm(samples[:, None] - means, axis=2)`.


# %% tags=["exercise"]
def count_modes(samples, means, standard_deviation):
    # BEGIN SOLUTION
    distances = np.linalg.norm(samples[:, None] - means, axis=2)
    near = distances.min(axis=1) <= 3 * standard_deviation
    return len(np.unique(distances.argmin(axis=1)[near])), near.mean()
    # END SOLUTION


# %%
check(exercises.MODE_COUNTER, count_modes)

# %% [markdown]
# **The counter first:** what does a *perfect* sampler score? In the plane the squared distance is
# exponential: $P(r\le3\sigma)=1-e^{-4.5}=98.9\,\%$.

# %% tags=["proof"]
from course_lib import metrics
from course_lib.datasets import toy

ring = toy.ring()
perfect = metrics.mode_coverage(ring.sample(2500, seed=run.seed), ring)
expected = 1 - np.exp(-4.5)
error = np.sqrt(expected * (1 - expected) / 2500)
print(
    f"a perfect sampler: {perfect.modes} of 8 modes, {perfect.high_quality:.2%} of high quality, expected {expected:.2%}"
)
assert perfect.modes == 8, "a perfect sampler must cover all modes"
assert abs(perfect.high_quality - expected) < 4 * error, "and score 1 − e^(−4.5), within four standard errors"

# %% [markdown]
# ### Twenty generators at once
#
# One run ranks nothing. `ParallelGAN` trains twenty independent GANs as one model, each with
# its own weights, noise and batches; 900 updates on every machine, since the question is what happens *early*.
# Four games, from equal starts, data and noise, differ in one thing each: R1, or who
# learns at a quarter of the rate, $D$ or both. **Predict:** how many of the twenty will have all eight modes?

# %%
from course_lib import networks
from course_lib.formulas import R1, adversarial
from course_lib.models import ParallelGAN

STEPS, COPIES, PARTS = 900, 20, 3
x = ring.sample(STEPS * 64 * COPIES, seed=run.seed)


def new_gan(penalty=None, **scales):
    keras.utils.set_random_seed(run.seed)
    generator = networks.parallel_generator(4, 2, COPIES, (64, 64))
    discriminator = networks.parallel_discriminator(2, COPIES, (64, 64))
    gan = ParallelGAN(generator, discriminator, adversarial.non_saturating, COPIES, seed=run.seed, penalty=penalty)
    gan.compile(learning_rate=keras.optimizers.schedules.CosineDecay(3e-3, STEPS), jit_compile=False, **scales)
    return gan


def ascent(gan, points):
    """The direction in which each copy's discriminator calls points (copies, n, 2) more real."""
    slope = input_gradient(lambda x: gan.discriminator(x, training=False), points.reshape(-1, 2))
    return ops.convert_to_numpy(slope).reshape(points.shape)


# %% [markdown]
# At three moments we keep samples, where $D$ sends them, and what the first $D$ says:


# %%
def trained(gan):
    """Samples and ascent directions at three moments."""
    moments = []
    for part in np.split(x, PARTS):
        gan.fit(part, batch_size=64 * COPIES, epochs=1, verbose=0, shuffle=False)
        samples = gan.sample_copies(2500, seed=run.seed + 1)
        moments.append((samples, ascent(gan, samples[:, :200]), likely_real(gan)))
    return moments


grid = np.stack(np.meshgrid(*2 * [np.linspace(-3, 3, 40)]), axis=-1).reshape(1, -1, 2).repeat(COPIES, axis=0)


def likely_real(gan):
    logits = ops.convert_to_numpy(gan.discriminator(grid.reshape(-1, 2), training=False))
    return 1 / (1 + np.exp(-logits[:1600].reshape(40, 40)))


keras.utils.set_random_seed(run.seed)
games = {
    "R1, γ = 1": trained(new_gan(R1(1.0))),
    "no penalty": trained(new_gan()),
    "slow D": trained(new_gan(discriminator_scale=0.25)),
    "slow D, slow G": trained(new_gan(discriminator_scale=0.25, generator_scale=0.25)),
}

# %% tags=["proof"]
modes = {name: [metrics.mode_coverage(copy, ring).modes for copy in moments[-1][0]] for name, moments in games.items()}
complete = {name: sum(number == 8 for number in numbers) for name, numbers in modes.items()}
mean = {name: np.mean(numbers) for name, numbers in modes.items()}
for name, numbers in modes.items():
    error = np.std(numbers, ddof=1) / np.sqrt(COPIES)
    chance = np.sqrt(complete[name] * (1 - complete[name] / COPIES))
    print(
        f"{name:14} all 8 in {complete[name]:2} ± {chance:.1f}; modes {mean[name]:.2f} ± {error:.2f}:", *sorted(numbers)
    )
gained = np.subtract(modes["R1, γ = 1"], modes["no penalty"])
error = gained.std(ddof=1) / np.sqrt(COPIES)
print(f"R1 minus none, start by start: {gained.mean():.2f} ± {error:.2f} modes", end="; ")
print(f"more in {sum(gained > 0)} starts, fewer in {sum(gained < 0)}")
assert complete["R1, γ = 1"] >= 18, "with R1 nearly every generator must find the whole ring"
assert sum(gained > 0) >= sum(gained < 0) + 3, "without a penalty, from the same starts, some must not"
assert mean["slow D"] < 3, "with a slow discriminator most of the ring must be missing"
assert mean["slow D, slow G"] > mean["slow D"] + 1, "with both slow, more of it must be found"

# %% [markdown]
# Five of the twenty, one column a start: those that did *worst* without a penalty. Grey circles (far larger
# than $3\sigma$) are the modes.

# %%
worst = np.argsort(modes["no penalty"], kind="stable")[:5]
figure, frames = plt.subplots(4, 5, figsize=(8, 6.6), layout="constrained", sharex=True, sharey=True)
for row, (name, moments) in zip(frames, games.items(), strict=True):
    for ax, copy in zip(row, worst, strict=True):
        ax.plot(*ring.means.T, "o", color="0.75", markersize=8)
        ax.plot(*moments[-1][0][copy, :200].T, ".", color=plotting.PALETTE[5], markersize=2)
        ax.set(title=f"{modes[name][copy]} of 8", xlabel="$x_1$", aspect="equal", xlim=(-3, 3), ylim=(-3, 3))
        ax.label_outer()
    row[0].set_ylabel(f"{name}\n$x_2$")
plotting.show(
    alt="Twenty panels, four trainings in rows and five starts in columns: grey circles are the eight modes on a ring, dots "
    "are generated. With R1 the samples lie around the ring in all five; without a penalty, in these five, they "
    "scatter and hit a part of the modes; with the slow discriminator they sit in one place or on one streak; with "
    "both slow they scatter, or lie in a band."
)

# %% [markdown]
# With R1 nearly every generator has the whole ring. Without a
# penalty, from the same starts, many have not: here a few modes, there all eight, so one run could have shown anything. With the
# slow discriminator most of the data are missing, and not because $D$ has learnt less: with *both* slow
# more modes are there. What counts is who is faster.
#
# ### Why a slow discriminator loses modes
#
# Hold $D$ still. The generator's loss $L_G=\mathbb E_{x\sim q}[-\log D(x)]$ is a mean over its distribution $q$, smallest
# with all weight on the best place. Nothing in it rewards variety; only the *answer* of $D$ does, which
# makes a crowded place look generated.
#
# **Exercise {exercise: BEST_REPLY}.** A fixed $D$ says "real" with probability 0.30, 0.55, 0.62 and 0.45 at four modes. Which shares
# of samples $(q_1,\dots,q_4)$ minimise $L_G$?

# %% tags=["exercise"]
# BEGIN SOLUTION
best_reply = np.array([0.0, 0.0, 1.0, 0.0])
# END SOLUTION

# %%
check(exercises.BEST_REPLY, best_reply)

# %% [markdown]
# A slow $D$ is nearly a fixed one. **Predict** by your answer: which way does a slow $D$ send the samples, and which way one
# that learns as fast as $G$? This is the first start:

# %%
figure, frames = plt.subplots(2, 3, figsize=(6.3, 4.5), layout="constrained", sharex=True, sharey=True)
for row, name in zip(frames, ("slow D", "no penalty"), strict=True):
    for number, (ax, (samples, arrows, probability)) in enumerate(zip(row, games[name], strict=True), start=1):
        arrows = arrows[0] / np.linalg.norm(arrows[0], axis=1, keepdims=True)
        plotting.discriminator_field(probability, ring.means, samples[0, :200], ax=ax)
        ax.plot(*ring.means.T, "o", color="0.3", markersize=6, fillstyle="none")
        ax.quiver(*samples[0, :200:8].T, *0.8 * arrows[::8].T, angles="xy", scale_units="xy", scale=1, width=0.008)
        ax.set_title(f"{number * STEPS // PARTS} updates")
        ax.label_outer()
    row[0].set_ylabel(f"{name}\n$x_2$")
plotting.show(
    alt="Two rows of three moments: the plane coloured by the discriminator's probability of real, eight modes as rings, orange "
    "samples with arrows in the direction in which it rises. With the slow discriminator all samples are in one place, their arrows are "
    "parallel, and the place changes from moment to moment; at equal rates samples soon lie around the ring with arrows in all directions."
)

# %% [markdown]
# Blue is "real", red "generated"; arrows, all of one length, point to where $D$ rises. A slow $D$ sends its samples the
# *same* way, to its present maximum, and on together when it has noticed. Measured in all twenty at
# the end: the length of the *mean* of these arrows (1: parallel; 0: they cancel), the share of
# samples in the fullest mode (an even ring has 0.125), and in how many copies that is another mode than 300 updates before
# (mere chance where all are nearly even).


# %% tags=["proof"]
def fullest(samples):
    """The mode to which most samples of each copy belong, and their share."""
    nearest = np.linalg.norm(samples[:, :, None] - ring.means, axis=3).argmin(axis=2)
    counts = np.array([np.bincount(each, minlength=8) for each in nearest])
    return counts.argmax(axis=1), counts.max(axis=1) / counts.sum(axis=1)


parallel = {}
for name, moments in games.items():
    arrows = moments[-1][1] / np.linalg.norm(moments[-1][1], axis=2, keepdims=True)
    parallel[name] = np.linalg.norm(arrows.mean(axis=1), axis=1)
    (before, _), (now, share) = fullest(moments[-2][0]), fullest(moments[-1][0])
    error = parallel[name].std(ddof=1) / np.sqrt(COPIES)
    print(f"{name:14} mean arrow {parallel[name].mean():.2f} ± {error:.2f}; fullest mode {share.mean():.2f}", end=", ")
    print(f"another one in {sum(before != now)} of {COPIES}")
assert parallel["slow D"].mean() > 0.8, "with a slow discriminator all samples must be sent the same way"
assert max(parallel[name].mean() for name in games if name != "slow D") < 0.6, "with equal rates they must not"

# %% [markdown]
# And an intervention, from *one* state after 300 updates: $G$ learns for 100 more while $D$ moves, or is frozen.

# %% tags=["proof"]
keras.utils.set_random_seed(run.seed)
gan = new_gan()
gan.fit(x[: 300 * 64 * COPIES], batch_size=64 * COPIES, epochs=1, verbose=0, shuffle=False)
start, reached = gan.get_weights(), {}
for name, scale in (("moving D", 1.0), ("frozen D", 0.0)):
    keras.utils.set_random_seed(run.seed)
    gan.set_weights(start)
    gan.compile(learning_rate=2e-3, jit_compile=False, discriminator_scale=scale)
    gan.fit(x[-100 * 64 * COPIES :], batch_size=64 * COPIES, epochs=1, verbose=0, shuffle=False)
    samples = gan.sample_copies(2500, seed=run.seed + 1)
    reached[name] = [metrics.mode_coverage(copy, ring).modes for copy in samples]
    error = np.std(reached[name], ddof=1) / np.sqrt(COPIES)
    print(f"{name}: modes {np.mean(reached[name]):.2f} ± {error:.2f}, fullest {fullest(samples)[1].mean():.2f}")
assert np.mean(reached["frozen D"]) < 1 < 2 < np.mean(reached["moving D"]), "a frozen discriminator must lose the modes"

# %% [markdown]
# This collapse is a chase: the faster generator runs as one to where $D$ is high, and is nowhere else meanwhile.
# The Dirac-GAN, where a slower $D$ leaves *more slowly*, is no contradiction: its one point has no
# modes to lose, and eigenvalues speak of the neighbourhood of the equilibrium. Modes are lost on the way there.
# For good? 900 updates cannot tell; the next table is of 15,000.

# %% [markdown]
# ### The table
#
# `make benchmark-modes` trains five seeds of eight methods for 15,000 updates, on the ring and on a grid of 25. *Reverse KL*
# (Lin et al., 2018) gives every sample to its nearest mode, near or not, and measures in nats how far these shares are from
# equal ones: 0 if every mode has its share, $\log8=2.08$ or $\log25=3.22$ if one has them all. Measured on
# 2026-11-29 on an AMD EPYC with AVX-512, 2 cores; means ± standard errors:
#
# | method | ring: modes | high quality | reverse KL | grid: modes | high quality | reverse KL |
# |--- |--- |--- |--- |--- |--- |---|
# | a perfect sampler | 8 | 98.9 % | 0.00 | 25 | 98.9 % | 0.00 |
# | non-saturating | 8.0 ± 0.0 | 95.4 ± 0.5 % | 0.01 ± 0.00 | 22.4 ± 1.1 | 56.5 ± 6.9 % | 0.23 ± 0.02 |
# | … D 4 times slower | 8.0 ± 0.0 | 51.2 ± 5.2 % | 0.03 ± 0.00 | 15.6 ± 3.9 | 7.1 ± 3.1 % | 0.54 ± 0.47 |
# | … G 4 times slower | 7.6 ± 0.4 | 90.1 ± 0.5 % | 0.15 ± 0.07 | 20.0 ± 1.0 | 18.2 ± 3.2 % | 0.30 ± 0.02 |
# | … packs of 2 | 8.0 ± 0.0 | 96.4 ± 0.2 % | 0.00 ± 0.00 | 23.8 ± 0.4 | 40.3 ± 5.3 % | 0.06 ± 0.02 |
# | … packs of 2, D 4 times slower | 8.0 ± 0.0 | 95.1 ± 0.4 % | 0.00 ± 0.00 | 12.2 ± 2.7 | 4.6 ± 0.9 % | 0.20 ± 0.03 |
# | … R1, γ = 1 | 8.0 ± 0.0 | 94.8 ± 0.2 % | 0.00 ± 0.00 | 25.0 ± 0.0 | 58.1 ± 6.3 % | 0.01 ± 0.00 |
# | Wasserstein, penalty λ = 1 | 8.0 ± 0.0 | 27.1 ± 11.1 % | 0.00 ± 0.00 | 14.6 ± 1.3 | 3.0 ± 1.0 % | 0.49 ± 0.09 |
# | hinge, spectral normalisation | 0.4 ± 0.2 | 0.2 ± 0.2 % | 1.86 ± 0.09 | 5.0 ± 1.8 | 1.6 ± 0.5 % | 1.45 ± 0.33 |
#
# How to read it: the same networks, batches and rates for all, *nothing tuned for one method*. R1 alone covers the grid in
# every seed, and evenly. The three columns answer three questions: the Wasserstein row has all eight modes of the ring in
# equal shares, yet only a quarter of its samples lie within $3\sigma$ of a mode ($\sigma=0.02$; 0.05 on the grid). Both of the
# last rows restrain the discriminator's slope: the penalty pulls it towards 1, spectral normalisation keeps it at 1 or below,
# often far below. How far off their other samples are, these counts do not say. (*Hinge* is the pair of losses
# $L_D=\max(0,1-\ell(x))+\max(0,1+\ell(G(z)))$, $L_G=-\ell(G(z))$; Lim & Ye, 2017.)
#
# And read the errors before the means. With the slow discriminator the five generators have 23, 1, 15, 22 and 17 modes of the
# grid. On the ring all five have 8 here: they were late, not lost. Three days earlier, on another processor,
# the same five seeds had 7, 0, 8, 1 and 8 modes of the ring. Five seeds tell what a method can do, and not how often.
#
# And the papers that made this count popular? From table 1 of VEEGAN (Srivastava et al., 2017; means of five runs) and of
# PacGAN (Lin et al., 2018; ten runs). PacGAN's rows were compared with the authors' own picture of that table; VEEGAN's rows are from memory,
# so look before you cite:
#
# | published | ring: modes | high quality | reverse KL | grid: modes | high quality | reverse KL |
# |--- |--- |--- |--- |--- |--- |---|
# | VEEGAN: its GAN | 1 | 99.3 % | – | 3.3 | 0.5 % | – |
# | VEEGAN: VEEGAN | 8 | 52.9 % | – | 24.6 | 40 % | – |
# | PacGAN: its GAN | 6.3 ± 0.5 | 98.2 ± 0.2 % | 0.45 ± 0.09 | 17.3 ± 0.8 | 94.8 ± 0.7 % | 0.70 ± 0.07 |
# | PacGAN: ALI | 6.6 ± 0.3 | 97.6 ± 0.4 % | 0.36 ± 0.04 | 24.1 ± 0.4 | 95.7 ± 0.6 % | 0.14 ± 0.03 |
# | PacGAN: packs of 2 | 7.9 ± 0.1 | 95.6 ± 2.0 % | 0.07 ± 0.03 | 23.8 ± 0.7 | 91.3 ± 0.8 % | 0.13 ± 0.04 |
#
# *GAN* has 3.3 modes of the grid in one table, 17.3 in the other and 22.4 in ours, counted by the same rule: the three
# train different networks for different times (PacGAN layers of 400 units and 400,000 updates). Nineteen modes between two rows
# with one name: so compare rows of one table only. `benchmarks/MODES.md` has the protocols and what differs.

# %% [markdown] tags=["deeper"]
# ## Two time scales
#
# May $D$ simply learn faster (TTUR; Heusel et al., 2017)? With $k$ times the rate for $D$ and no penalty the determinant is
# $1+k\,h^2/4$: the point leaves *faster*. With R1 the damping grows as well: $\sqrt{1-kh\gamma+kh^2/4}$ while complex.

# %% tags=["proof"]
for scale in (1, 4, 10):
    for gamma in (0.0, 0.3):
        game, formula = DiracGAN(0.2, gamma, scale), np.sqrt(1 - scale * 0.2 * gamma + scale * 0.01)
        modulus = eigenvalue_moduli(game.simultaneous_jacobian())[0]
        radius = np.hypot(*game.trajectory(1e-12, 0.0, 400).T)  # so near that no path leaves the neighbourhood
        measured = (radius[400] / radius[100]) ** (1 / 300)
        print(f"D {scale:2d} times faster, γ = {gamma}: formula {formula:.4f}, measured {measured:.4f}")
        assert np.isclose(modulus, formula), "the rate of D must multiply both the damping and the growth"
        assert abs(measured - formula) < 0.01, "paths must follow the modulus"

# %% [markdown]
# **Exercise {exercise: RANK_THE_CURES}: rank the cures.** A point of data, $h=0.2$; where there is R1, $\gamma=0.3$; where $D$ is faster, four
# times. (a) simultaneous; (b) alternating; (c) simultaneous with R1; (d) alternating with R1; (e) simultaneous, $D$ faster; (f)
# simultaneous with R1, $D$ faster. A string of six letters, the smallest modulus first. (`DiracGAN(0.2, gamma, scale)` and
# `eigenvalue_moduli` are at hand.)

# %% tags=["exercise"]
# BEGIN SOLUTION
ranking = "fdcbae"
# END SOLUTION

# %%
check(exercises.RANK_THE_CURES, ranking)

# %% [markdown] tags=["deeper"]
# ## Spectral normalisation: a bounded slope everywhere
#
# One can also *bound* the slope of $D$ everywhere. A dense layer stretches a difference at most by its largest **singular value**
# $\lVert W\rVert$. Divide by it, and a network of
# such layers and of ReLUs is **1-Lipschitz** (Miyato et al., 2018): its slope is at most 1, often far less. **Power iteration** finds $\lVert W\rVert$: apply $W$ and $W^\top$ in
# turn, to length one each time. With the two largest singular values $a_1>a_2$ the *vector's* error shrinks by
# $(a_2/a_1)^2$ a round, that of the norm by its square.
#
# **Exercise {exercise: POWER_ITERATION}.** Write it: `kernel` `(inputs, units)`, `start` `(units,)`; return the estimate of $\lVert W\rVert$ after
# `num_iterations` rounds, a number. (Many must not overflow.)


# %% tags=["exercise"]
def largest_singular_value(kernel, start, num_iterations):
    # BEGIN SOLUTION
    right = start / np.linalg.norm(start)
    for _ in range(num_iterations):
        left = kernel @ right
        right = kernel.T @ (left / np.linalg.norm(left))
        right = right / np.linalg.norm(right)
    return float(np.linalg.norm(kernel @ right))
    # END SOLUTION


# %%
check(exercises.POWER_ITERATION, largest_singular_value)

# %% [markdown]
# **Proof** for the library's layer, with planted singular values 3, 1 and 0.5. And a warning: a convolution's kernel is
# *reshaped* to a matrix, whose norm is not the operator's (Sedghi et al., 2019).

# %% tags=["proof"]
from course_lib.layers import SpectralNormalization

draws = np.random.default_rng(run.seed)
left, right = (np.linalg.qr(draws.normal(size=(size, 3)))[0] for size in (6, 4))
keras.utils.set_random_seed(run.seed)
layer = SpectralNormalization(keras.layers.Dense(4, use_bias=False))
layer.build((None, 6))
layer.layer.kernel.assign(left @ np.diag([3.0, 1.0, 0.5]) @ right.T)
for _ in range(30):
    layer(ops.ones((1, 6)), training=True)
found = float(ops.convert_to_numpy(layer.largest_singular_value()))
print(f"dense: planted 3, found {found:.6f}")
assert abs(found - 3) < 1e-4, "the spectral norm must be the largest singular value"

kernel = np.ones((3, 1, 1, 1)) / np.sqrt(3)  # a filter of three equal numbers: as a column it has length 1
operator = np.array([[kernel[1 + i - j, 0, 0, 0] if abs(i - j) < 2 else 0.0 for j in range(40)] for i in range(40)])
reshaped, true = np.linalg.norm(kernel.reshape(3, 1), 2), np.linalg.norm(operator, 2)
print(f"convolution: reshaped kernel {reshaped:.3f}, the operator on 40 pixels {true:.3f} (at most √3)")
assert true > 1.7 * reshaped, "a convolution may stretch more than its reshaped kernel says"

# %% [markdown] tags=["deeper"]
# ## Packs
#
# **PacGAN** shows the discriminator several examples of *one* source at once. A pack of $m$ independent examples has the law $p(x_1)\cdots p(x_m)$, and the total variation between the laws of packs
# grows with $m$. A generator that has lost two of eight modes, and one that is uneven by the same amount, have the *same*
# distance from the data as long as one example is seen:


# %% tags=["proof"]
def packs_of(p, m):
    """The probability of every pack of m independent symbols."""
    return p if m == 1 else np.multiply.outer(packs_of(p, m - 1), p).ravel()


def distance_of_packs(p, q, m):
    return 0.5 * np.abs(packs_of(p, m) - packs_of(q, m)).sum()


data = np.full(8, 1 / 8)
lost, uneven = np.array([1 / 6] * 6 + [0.0] * 2), np.array([3 / 16] * 4 + [1 / 16] * 4)
for m in (1, 2, 3, 4):
    print(f"packs of {m}: two modes lost {distance_of_packs(data, lost, m):.3f}", end=", ")
    print(f"all modes, uneven {distance_of_packs(data, uneven, m):.3f}")
assert np.isclose(distance_of_packs(data, lost, 1), distance_of_packs(data, uneven, 1)), (
    "one example cannot tell them apart"
)
assert distance_of_packs(data, lost, 4) > distance_of_packs(data, uneven, 4) + 0.1, "packs punish a lost mode more"
assert np.isclose(distance_of_packs(data, lost, 3), 1 - 0.75**3), "with modes cut off it is 1 − (1 − d)^m"

# %% [markdown]
# Why $1-(1-d)^m$, if modes with the share $d$ of the data are lost and the others kept in proportion? Then
# $q=p/(1-d)$ on what is kept, so packs of kept symbols alone are likelier under $q$, and all others have probability 0. The total variation is the
# mass of $p$ on those others: the probability that a pack of *data* shows a lost symbol. A generator that is
# only uneven overlaps in every pack, and pays less. What packs do in training, read in the table, errors first.

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> "GANs oscillate because the learning rate is too high." Right?</summary>
#
# Not in the Dirac-GAN: simultaneous steps leave at every rate. With R1 or wide data it matters: h < 4γ.
# </details>
#
# <details><summary><b>2.</b> All your samples look alike, and change together every few hundred updates. What now?</summary>
#
# That is the chase of a slow discriminator: raise its rate, or lower the generator's.
# </details>
#
# <details><summary><b>3.</b> A generator covers 8 of 8 modes with 2,500 samples. Is its distribution right?</summary>
#
# Not necessarily: one sample is enough for a mode. Look at the counts of each.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **told** by moduli whether steps contract, circle or grow, **predicted** a spiral, and **proved** its growth;
# * **derived** the damping of R1, and of the width of the data, $\gamma=s^2/2$;
# * **written** R1 and a count of modes, **counted**, and **explained** by a chase what a slow discriminator loses.
#
# Why do GANs oscillate? Each player's slope stands at right angles to where both should go, and only damping turns
# the circle into a spiral inwards: the width of the data, or, where data are thin, R1. And modes are lost in a chase: a
# generator that is faster than its discriminator runs as one to where $D$ is high, and is nowhere else meanwhile.
#
# **Go further.** Give the Dirac-GAN noise in its steps: where do alternating steps drift?
#
# **Touch it:** [Dirac-GAN](../docs/explorables/dirac_gan/index.html).
#
# **References.** Mescheder, Geiger & Nowozin (2018), *Which training methods for GANs do actually converge?*,
# arXiv:1801.04406. · Nagarajan & Kolter (2017), *Gradient descent GAN optimization is locally stable*, arXiv:1706.04156.
# · Sønderby et al. (2017), *Amortised MAP inference for image super-resolution*, arXiv:1610.04490. · Heusel et al.
# (2017), *GANs trained by a two time-scale update rule converge to a local Nash equilibrium*, arXiv:1706.08500. ·
# Srivastava et al. (2017), *VEEGAN: reducing mode collapse in GANs using implicit variational learning*,
# arXiv:1705.07761. · Lin et al. (2018), *PacGAN: the power of two samples in generative adversarial networks*,
# arXiv:1712.04086. · Lim & Ye (2017), *Geometric GAN*, arXiv:1705.02894. · Miyato et al. (2018), *Spectral normalization
# for generative adversarial networks*, arXiv:1802.05957. · Sedghi, Gupta & Long (2019), *The singular values of
# convolutional layers*, arXiv:1805.10408.

# %% [markdown] tags=["slide"]
# # Stability and mode collapse: why GANs oscillate, and what damps them
#
# One loss settles in a valley. Two losses, each against the other, may go round and round.
#
# **Why may the game oscillate, what damps it, and how does a generator lose modes of the data?**

# %% [markdown] tags=["notes"]
# 1 min. Ask who has seen samples change for ever without getting better. Needed from before: the two losses, eigenvalues and moduli.

# %% [markdown] tags=["slide"]
# ## What a step does near an equilibrium
#
# A training step maps the parameters of both players: $u\mapsto F(u)$. An equilibrium stays: $F(u^*)=u^*$.
#
# + Near it a step multiplies a deviation by a matrix, the **Jacobian** $A$.
# + All $|\lambda|<1$: **contract**.
# + One $|\lambda|>1$: **grow**.
# + The largest $|\lambda|=1$: $A$ **circles**, or stands still. It cannot decide for $F$.

# %% [markdown] tags=["notes"]
# 2 min. The usual wrong answer: "the real part must be negative". That is for a field; for steps it is the modulus. A complex pair also turns.

# %% [markdown] tags=["slide"]
# ## Predict: three eigenvalue pairs, three paths
#
# Inside, on and outside the unit circle: draw 18 steps.
#
# . . .
#
# {figure: what-a-step-does-near-an-equilibrium-3}

# %% [markdown] tags=["notes"]
# 2 min. One turn, three moduli. Ask which colour is which before they read the legend.

# %% [markdown] tags=["slide"]
# ## From a field to a step
#
# $$F(u)=u+h\,v(u)\qquad A=I+hJ\qquad\lambda=1+h\mu$$
#
# . . .
#
# | | comes in if |
# |---|---|
# | infinitely small steps | $\operatorname{Re}\mu<0$ |
# | steps of size $h$ | $\lvert1+h\mu\rvert<1$ |
#
# The second asks for more.

# %% [markdown] tags=["notes"]
# 2 min. Draw the disc around −1/h on the board: μ must lie in it, not only to the left of the axis. h is the learning rate.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: FATES} · {minutes} minutes
#
# Contract, circle or grow?
#
# $$\text{(a)}\begin{pmatrix}0.9&-0.3\\0.3&0.9\end{pmatrix}\qquad\text{(b)}\begin{pmatrix}0&-1\\1&0\end{pmatrix}\qquad\text{(c)}\begin{pmatrix}1&-0.1\\0.1&1\end{pmatrix}$$
#
# $$\text{(f)}\;\;I+0.1\,J,\qquad J=\begin{pmatrix}-0.1&-2\\2&-0.1\end{pmatrix}$$
#
# The notebook has (d) and (e), too.

# %% [markdown] tags=["notes"]
# 4 min. For these a complex pair has the modulus √det: 0.95, 1, 1.005, and for (f) about 1.01. The usual wrong answer is (f): "the real parts are negative, so it contracts". The steps are too long.

# %% [markdown] tags=["slide"]
# ## The smallest GAN
#
# All data at 0. One sample at $\theta$. The discriminator's logit is a line, high on *samples*: $\psi x$.
#
# . . .
#
# $$v(\theta,\psi)=\big(-\psi\,f'(\theta\psi),\;\;\theta\,f'(\theta\psi)\big),\qquad f'(t)=\frac1{1+e^t}$$
#
# . . .
#
# Equilibrium: $\theta=\psi=0$. The **Dirac-GAN**.

# %% [markdown] tags=["notes"]
# 2 min. Say the sign aloud: for "real" put −ψ. D climbs f(θψ), G descends the same. Source: Mescheder et al. (2018).

# %% [markdown] tags=["slide"]
# ## Predict: do the arrows point towards the middle?
#
# . . .
#
# {figure: the-smallest-gan-2}
#
# They go *around*: $\theta v_\theta+\psi v_\psi=0$. Nothing pulls inwards.

# %% [markdown] tags=["notes"]
# 3 min. Most draw arrows to the middle, as for one loss. Compute the scalar product on the board: it is one line. At the equilibrium μ = ±i/2.

# %% [markdown] tags=["slide"]
# ## Both move at once: the path grows
#
# $$J=\begin{pmatrix}0&-\frac12\\\frac12&0\end{pmatrix},\qquad\mu=\pm\tfrac i2$$
#
# . . .
#
# $$|\lambda|=\Big|1\pm\frac{ih}2\Big|=\sqrt{1+\frac{h^2}4}>1\quad\text{for every }h$$
#
# . . .
#
# {output: simultaneous-steps-grow-2}

# %% [markdown] tags=["notes"]
# 2 min. Geometry: the step stands at right angles to the position, so by Pythagoras the radius grows. The radius far out grows more slowly than near, since f′ changes.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: PREDICTED_SPIRAL} · {minutes} minutes
#
# Simultaneous steps near the equilibrium, $h=0.2$.
#
# **By which factor has the radius grown after 100 steps?**
#
# First a guess: 1.01, 1.6, or 7?

# %% [markdown] tags=["notes"]
# 3 min. Answer: 1.01 to the power 50, about 1.64. Usual wrong answers: the power 100, which forgets the root; 1.005, a single step.

# %% [markdown] tags=["slide"]
# ## First $D$, then $G$ against the new $D$
#
# $$\begin{pmatrix}1&-\frac h2\\0&1\end{pmatrix}\begin{pmatrix}1&0\\\frac h2&1\end{pmatrix}\qquad\det=1$$
#
# . . .
#
# A complex pair with $|\lambda|^2=\det=1$, as long as $h<4$: **it circles.**
#
# . . .
#
# {output: alternating-steps-circle-3}

# %% [markdown] tags=["notes"]
# 2 min. Determinants multiply: each move changes one row and has determinant 1. Modulus 1 does not decide, so a path is measured: it neither leaves nor arrives. Exercise {exercise: ALTERNATING_JACOBIAN} is this product with h = 1.

# %% [markdown] tags=["slide"]
# ## Quiz: "GANs oscillate because the learning rate is too high." Right?
#
# . . .
#
# Not in the Dirac-GAN: simultaneous steps leave at *every* rate, and alternating ones circle.
#
# . . .
#
# Something has to **damp**. Then the rate matters.

# %% [markdown] tags=["notes"]
# 1 min. Vote first. Smaller steps only make the same spiral slower.

# %% [markdown] tags=["slide"]
# ## R1: damping at the data
#
# $$\frac\gamma2\,\mathbb E_p\lVert\nabla_x\ell(x)\rVert^2\quad\text{added to the discriminator's loss}$$
#
# . . .
#
# In the Dirac-GAN $\nabla_x\ell=\psi$:
#
# $$J=\begin{pmatrix}0&-\frac12\\\frac12&-\gamma\end{pmatrix},\qquad\mu=\tfrac12\Big(-\gamma\pm\sqrt{\gamma^2-1}\Big)$$
#
# . . .
#
# For $\gamma>0$ both real parts are negative.

# %% [markdown] tags=["notes"]
# 2 min. It asks for what is true at the end: where samples and data have one density, the best logit is 0, without slope. Ask whether it would be wrong to ask for slope 0 early in training; leave the answer open.

# %% [markdown] tags=["slide"]
# ## Predict: is more damping always better?
#
# . . .
#
# {output: r1-damping-at-the-data-2}
#
# . . .
#
# Simultaneous steps come in for $\;\dfrac h4<\gamma<\dfrac2h+\dfrac h8$. Too weak: it still leaves. Too strong: the steps overshoot.

# %% [markdown] tags=["notes"]
# 2 min. Most forget the upper end. The lower end comes from the determinant, 1 − hγ + h²/4. Alternating steps have no h²/4 to overcome.

# %% [markdown] tags=["slide"]
# ## Data that are not a point
#
# Data $\mathcal N(0,s^2)$, samples $\mathcal N(\theta,s^2)$, the same discriminator, *no* penalty. In $J$:
#
# $$\text{the samples give }-\tfrac14s^2,\quad\text{the data }-\tfrac14s^2$$
#
# . . .
#
# So $-\dfrac{s^2}2$ stands where R1 puts $-\gamma$: **near the equilibrium, a width damps as R1 with $\gamma=\dfrac{s^2}2$.**

# %% [markdown] tags=["notes"]
# 2 min. It is f″(0) = −¼, twice. All else in J stays. Exercise {exercise: NARROWEST}, at home: which width must the data exceed with h = 0.2?

# %% [markdown] tags=["slide"]
# ## Predict: three games, which of them come in?
#
# . . .
#
# {figure: data-that-are-not-a-point-5}
#
# "GANs oscillate" is true of *concentrated* data. Images are thin: in most directions next to no width.

# %% [markdown] tags=["notes"]
# 2 min. The last two are nearly one picture, since γ = s²/2. Instance noise makes a width on purpose. Here stop the first half.

# %% [markdown] tags=["slide"]
# ## Mode collapse, counted
#
# Eight Gaussians on a ring. A sample is of **high quality** within $3\sigma$ of the nearest mean; a mode is **covered** by one such sample.
#
# . . .
#
# What does a *perfect* sampler score?
#
# . . .
#
# {output: mode-collapse-counted-3}

# %% [markdown] tags=["notes"]
# 2 min. The usual wrong answer: 100 %, or 99.7 % as on the line. In the plane it is 1 − e^(−4.5). Test a counter first on a sampler that is known. Writing it is exercise {exercise: MODE_COUNTER}.

# %% [markdown] tags=["slide"]
# ## Predict: twenty starts. How many have all eight modes?
#
# R1, no penalty, a slow $D$ (a quarter of the rate), both slow. After 900 updates:
#
# . . .
#
# {output: twenty-generators-at-once-5 1-4}

# %% [markdown] tags=["notes"]
# 2 min. Take a number for each before the key. Same starts, data and noise in all four. Without a penalty one run could have shown anything, from one or two modes to eight.

# %% [markdown] tags=["slide"]
# ## The five worst starts without a penalty
#
# {figure: twenty-generators-at-once-7}

# %% [markdown] tags=["notes"]
# 2 min. Slow D is bad, and not because D has learnt less: with both slow more modes are there. What counts is who is faster.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: BEST_REPLY} · {minutes} minutes
#
# A *fixed* $D$ says "real" with probability 0.30, 0.55, 0.62 and 0.45 at four modes.
#
# Which shares of samples $(q_1,\dots,q_4)$ minimise
#
# $$L_G=\mathbb E_{x\sim q}[-\log D(x)]\,?$$

# %% [markdown] tags=["notes"]
# 3 min. All weight on the third. Usual wrong answers: in proportion to D; equal shares. Nothing in a mean rewards variety; only the answer of D does.

# %% [markdown] tags=["slide"]
# ## Predict: where do the arrows of a slow $D$ point?
#
# . . .
#
# {figure: why-a-slow-discriminator-loses-modes-3}

# %% [markdown] tags=["notes"]
# 2 min. All the same way, to its present maximum, and on together when D has noticed: a chase. Blue is real, red is generated. In the lower row the arrows cancel.

# %% [markdown] tags=["slide"]
# ## An intervention: one state, two continuations
#
# The generator learns for 100 more updates, from the same 300.
#
# {output: why-a-slow-discriminator-loses-modes-7}
#
# . . .
#
# A frozen $D$ loses the modes. For good? In the table of the notebook, after 15,000 updates, a slow $D$ on the ring was *late*, not lost.

# %% [markdown] tags=["notes"]
# 2 min. Do not promise anything from one machine: three days earlier, on another processor, the same five seeds had 7, 0, 8, 1 and 8 modes. Errors before means.

# %% [markdown] tags=["slide"]
# ## Quiz: 8 of 8 modes with 2,500 samples. Is the distribution right?
#
# . . .
#
# Not necessarily: one sample is enough for a mode. Count each.
#
# . . .
#
# And if all samples look alike, and change together? The chase: raise the rate of $D$, or lower the generator's.

# %% [markdown] tags=["notes"]
# 1 min. Leave out packs and spectral normalisation: they are deeper sections.

# %% [markdown] tags=["slide"]
# ## To take home
#
# Each player's slope stands at right angles to where both should go. Only damping turns the circle into a spiral inwards: **the width of the data, or R1.**
#
# A generator faster than its discriminator runs as one to where $D$ is high.
#
# *At home:* exercises {exercise: NARROWEST}, {exercise: R1_PENALTY} and {exercise: MODE_COUNTER}.

# %% [markdown] tags=["notes"]
# 1 min. Next: what if the distance were a transport cost?
