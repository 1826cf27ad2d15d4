# ---
# jupyter:
#   course:
#     part: "Part III · GANs"
#     question: "Is it any good?"
#     gpu: true
# ---

# %% [markdown]
# # Judging generative models: every score is blind to something
#
# **The question.** Is it any good? You have a generator and a thousand of its samples. The loss does not tell: a GAN's loss
# measures the opponent, a VAE's bound measures nats. So which number says whether the samples are good, whether they are
# *all* that the data hold, and whether they are not simply copies?
#
# In this lesson you will
#
# * **predict** precision and recall of a generator, and **prove** them where the answer is known;
# * **find the bug** in three metrics: a point that is its own neighbour, a distance without its trace, pairs counted twice;
# * **derive** what coverage, density, the Fréchet and the kernel distance score when both laws are *equal*;
# * **test** whether a classifier can tell samples from data, and **find** planted copies;
# * **choose** a metric for a failure, and **compare** a VAE with a GAN on equal terms.
#
# *To know before:* the VAE ({lesson: the_variational_autoencoder}), bounds in nats ({lesson: tighter_bounds}), training a GAN ({lesson: training_a_gan}). *Time:* {times}; about 45 seconds to run on two CPU cores.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## Five ways to fail
#
# We build the failures ourselves, from real letters in black and white: then we know what every score *should* say. Half of the second generator's images are patchworks, glued from quarters of four letters; the third has lost five
# of ten letters; the fourth hands out training images; the fifth knows one image a letter; the sixth is out of focus.

# %%
import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import gaussian_filter

from course_lib import datasets, metrics, plotting

glyphs = datasets.load("glyphs")
train, fresh, test = ((x > 0.5).astype("float32") for x in (glyphs.x_train, glyphs.x_validation, glyphs.x_test))
names, rng = glyphs.y_validation, np.random.default_rng(run.seed)
patchworks = fresh[:500].copy()
for place, (rows, columns) in enumerate(((0, 14), (14, 0), (14, 14)), start=1):
    patchworks[:, rows : rows + 14, columns : columns + 14] = fresh[500 * place :][:500, rows:, columns:][:, :14, :14]
one_each = np.stack([fresh[names == letter][0] for letter in range(10)])
generators = {
    "fresh real images": fresh[:1000],
    "half patchworks": np.concatenate([fresh[:500], patchworks]),
    "five letters only": fresh[names < 5][:1000],
    "copies": train[:1000],
    "one image a letter": np.tile(one_each, (100, 1, 1, 1)),
    "out of focus": gaussian_filter(fresh[:1000], (0, 1.2, 1.2, 0)),
}
shuffled = {name: images[rng.permutation(1000)] for name, images in generators.items()}
plotting.image_rows({name: images[:12] for name, images in shuffled.items()})
plotting.show(
    alt="Six rows of twelve images, one for each generator: fresh real letters, half patchworks of quarters, five "
    "letters only, copies, one image a letter, and letters out of focus."
)

# %% [markdown]
# **Before you read on:** order these six from best to worst. You will find that your order depends on what you want the
# samples *for*. Nobody can repair that with a better formula; so this lesson looks for several numbers, each with one
# meaning.
#
# ## Precision and recall, of a generator
#
# Accuracy, precision, recall and F1 are known as scores of a *classifier*: of the images that it called "A", how many are
# an A? Sometimes they are listed as scores of generative models as if nothing had to be added. But a sample has no right
# label, so those definitions cannot even be applied. What can be asked of a *generator* is this (Sajjadi et al., 2018):
#
# * **precision**: how much of what it makes is plausible?
# * **recall**: how much of the data can it make?
#
# For distributions $p$ (data) and $q$ (generator) over a list of outcomes, this becomes exact. Say that $q$ has precision
# $\alpha$ and recall $\beta$ if both contain the same part $\mu$ (a distribution): $q=\alpha\mu+(1-\alpha)\,\text{rest}$,
# $\;p=\beta\mu+(1-\beta)\,\text{rest}'$. Fix the ratio $\lambda=\alpha/\beta$ and ask for the largest such pair:
#
# 1. the rests are not negative, so $\alpha\mu\le q$ and $\beta\mu\le p$, that is $\alpha\mu\le\lambda p$;
# 2. together $\alpha\mu\le\min(\lambda p,q)$, outcome by outcome; sum over the outcomes, with $\sum\mu=1$:
# 3. $\alpha(\lambda)=\sum\min(\lambda p,\,q)$ and $\beta(\lambda)=\alpha(\lambda)/\lambda=\sum\min(p,\,q/\lambda)$: no pair is
#    larger, and $\mu=\min(\lambda p,q)/\alpha$ attains it, for then neither rest is negative.
#
# Every $\lambda$ gives one point: a *curve* of precision against recall, not one pair. At $\lambda=1$ both are
# $\sum\min(p,q)=1-\tfrac12\sum|p-q|$, one minus the total variation distance.

# %% tags=["proof"]
data = np.array([0.25, 0.25, 0.25, 0.25, 0.0])  # four letters, and (last) garbage
laws = {
    "all four": np.array([0.25, 0.25, 0.25, 0.25, 0.0]),
    "two letters only": np.array([0.5, 0.5, 0.0, 0.0, 0.0]),
    "half garbage": np.array([0.125, 0.125, 0.125, 0.125, 0.5]),
    "unequal shares": np.array([0.55, 0.25, 0.15, 0.05, 0.0]),
}
ratios = np.tan(np.linspace(1e-4, np.pi / 2 - 1e-4, 400))
ax = plt.subplots(figsize=(4.6, 3.4), layout="constrained")[1]
for (name, law), colour in zip(laws.items(), plotting.PALETTE, strict=False):
    alpha = np.array([np.minimum(ratio * data, law).sum() for ratio in ratios])
    ax.plot(alpha / ratios, alpha, color=colour, label=name)
    shared = np.minimum(data, law).sum()
    assert abs(shared - (1 - 0.5 * np.abs(data - law).sum())) < 1e-12, "at ratio 1 both are 1 − total variation"
    print(f"{name:17} largest precision {alpha.max():.2f}, largest recall {(alpha / ratios).max():.2f}")
share = np.linspace(0.001, 0.999, 999)  # all common parts μ of two outcomes
part, p, q = np.stack([share, 1 - share]), np.array([[0.7], [0.3]]), np.array([[0.4], [0.6]])
for ratio in (0.25, 0.5, 1.0, 2.0, 4.0):
    best = np.minimum(ratio * p / part, q / part).min(axis=0).max()
    assert abs(best - np.minimum(ratio * p, q).sum()) < 5e-3, "no other part μ may allow a larger precision"
ax.set(xlabel="recall β", ylabel="precision α", xlim=(0, 1.05), ylim=(0, 1.05))
ax.legend(frameon=False, fontsize=8)
plotting.show(
    alt="Curves of precision against recall for four laws. All four letters fill the square; two letters only end at "
    "recall one half, half garbage at precision one half; unequal shares reach both ends and bend inwards."
)

# %% [markdown]
# The ends of the curves are what we wanted: two letters of four have precision 1 and recall ½, half garbage the reverse. In
# between lies more: the generator with unequal shares makes everything and nothing wrong, its largest values are 1 and 1,
# and yet its curve bends inwards. One pair of numbers is a summary already.
#
# **Exercise {exercise: PREDICT_PRECISION_AND_RECALL}: predict.** A generator knows three of four equally frequent letters, all three equally well. Every fifth
# sample is garbage. Give the largest precision and the largest recall, `(precision, recall)`.

# %% tags=["exercise"]
# BEGIN SOLUTION
predicted = (0.8, 0.75)
# END SOLUTION

# %%
from course_lib.exercises import check
from course_lib.exercises import judging_generative_models as exercises

check(exercises.PREDICT_PRECISION_AND_RECALL, predicted)

# %% [markdown]
# ### From lists to points
#
# Images have no list of outcomes: no two are equal. What is "plausible" then? *Near* to something real. How near? Let the
# data say: around each real point draw a ball that reaches to its $k$-th nearest real neighbour. Precision is the share of
# samples in some real ball; recall is the same with the parts exchanged, the share of real points in some ball of the
# samples (Kynkäänniemi et al., 2019). Few lines:

# %% tags=["proof"]
from scipy.spatial.distance import cdist


def covered(points, centres, k=3):
    radii = np.sort(cdist(centres, centres), axis=1)[:, k]  # column 0 is the point itself
    return float((cdist(points, centres) <= radii).any(axis=1).mean())


rng = np.random.default_rng(run.seed + 3)
real, samples = rng.normal(size=(12, 2)), rng.normal([1.2, 0.4], 0.8, size=(12, 2))
ax = plotting.balls(real, np.sort(cdist(real, real), axis=1)[:, 3], label="real, with balls to the 3rd neighbour")
ax.scatter(*samples.T, marker="x", color=plotting.PALETTE[5], label="generated")
ax.set(xlabel="$x_1$", ylabel="$x_2$")
ax.legend(frameon=False, fontsize=8, loc="upper left")
plotting.show(
    alt="Twelve real points in the plane, each with a blue disc that reaches to its third neighbour, small where "
    "points are dense and large where they are few, and twelve crosses for samples, which count where they lie "
    "inside a disc."
)
precision, recall = covered(samples, real), covered(real, samples)
print(f"precision {precision:.2f}, recall {recall:.2f}; the library: {metrics.precision_recall(real, samples, 3)}")
assert (precision, recall) == metrics.precision_recall(real, samples, 3), (
    "the library must compute what is written here"
)

# %% [markdown]
# Each cross inside a blue disc counts for precision. Do these numbers mean what the exact ones mean? **Predict** all four
# rows, then run. The data are two tight heaps, far apart; garbage is a tight heap far from both.

# %% tags=["proof"]
heaps = np.array([[-10.0, 0.0], [10.0, 0.0]])


def tight(places, n, seed):
    draws = np.random.default_rng(run.seed + seed)
    return np.asarray(places)[np.arange(n) % len(places)] + 0.1 * draws.normal(size=(n, 2))


real = tight(heaps, 1000, 0)
cases = {
    "the same law": (tight(heaps, 1000, 1), 1.0, 1.0),
    "one heap of two": (tight(heaps[:1], 1000, 1), 1.0, 0.5),
    "half garbage": (np.concatenate([tight(heaps, 500, 1), tight([[0.0, 500.0]], 500, 2)]), 0.5, 1.0),
    "disjoint": (tight(heaps + 100, 1000, 1), 0.0, 0.0),
}
for name, (samples, *expected) in cases.items():
    found = metrics.precision_recall(real, samples)
    print(
        f"{name:16} precision {found[0]:.3f} (about {expected[0]:.1f}), recall {found[1]:.3f} (about {expected[1]:.1f})"
    )
    assert np.allclose(found, expected, atol=0.08), "balls must agree with the exact precision and recall"

# %% [markdown]
# Two numbers are hard to rank, so people take the harmonic mean of both, **F1** $=2PR/(P+R)$. It is nearer to the worse of
# the two than to the better. But it forgets which one that was: a generator of one heap and one of half garbage have the same F1, and the opposite
# disease.

# %%
for name in ("one heap of two", "half garbage"):
    precision, recall = metrics.precision_recall(real, cases[name][0])
    print(f"{name:16} P {precision:.2f}, R {recall:.2f}, F1 {metrics.f_score(precision, recall):.2f}")

# %% [markdown]
# ### Find the bug: whose neighbour am I?
#
# Somebody writes the radius as "the $k$-th smallest number in the row of distances". Watch what it does to two samples of
# the *same* law, for $k=1$:


# %%
def broken_radii(points, num_neighbors):
    distances = np.linalg.norm(points[:, None] - points[None], axis=-1)
    return np.sort(distances, axis=1)[:, num_neighbors - 1]


same = np.random.default_rng(run.seed).normal(size=(2, 300, 2))
for k in (1, 2, 3):
    inside = (cdist(same[1], same[0]) <= broken_radii(same[0], k)).any(axis=1).mean()
    print(f"k = {k}: broken precision {inside:.3f}, the library's {metrics.precision_recall(*same, k)[0]:.3f}")

# %% [markdown]
# At $k=1$ nothing is plausible any more. At $k=3$ the number is only a bit too small, and nobody would notice: it is the
# library's number for $k=2$. **Exercise {exercise: RADII}.** Repair it. `points` is `(n, d)`; return the `n` radii.


# %% tags=["exercise"]
def radii(points, num_neighbors):
    # BEGIN SOLUTION
    distances = np.linalg.norm(points[:, None] - points[None], axis=-1)
    return np.sort(distances, axis=1)[:, num_neighbors]
    # INSTEAD
    # distances = np.linalg.norm(points[:, None] - points[None], axis=-1)
    # return np.sort(distances, axis=1)[:, num_neighbors - 1]
    # END SOLUTION


# %%
check(exercises.RADII, radii)

# %% [markdown] tags=["deeper"]
# ## Many dimensions, and two scores that survive them
#
# In the plane two samples of one law scored nearly 1 and 1. **Predict** the precision of two samples of the same standard
# normal law in 64 dimensions, 1,000 points each.

# %% tags=["proof"]
dimensions, rows = (1, 2, 4, 8, 16, 32, 64), {"precision": [], "recall": [], "density": [], "coverage": []}
for dimension in dimensions:
    equal = np.random.default_rng(run.seed + dimension).normal(size=(2, 1000, dimension))
    for name, value in zip(rows, (*metrics.precision_recall(*equal), *metrics.density_coverage(*equal)), strict=True):
        rows[name].append(value)
ax = plotting.curves(rows, x=dimensions, xlabel="dimension", ylabel="score of two equal laws")
ax.set(ylim=(0, 1.2), xscale="log", xticks=dimensions, xticklabels=dimensions)
plotting.show(
    alt="Four scores of two equal laws against the dimension, logarithmic. Precision and recall fall as the "
    "dimension grows; density and coverage stay where they are."
)
print(f"64 dimensions: precision {rows['precision'][-1]:.2f}, recall {rows['recall'][-1]:.2f}")
assert 0.5 < rows["precision"][-1] < 0.75, "in 64 dimensions equal laws must fall to about two thirds"

# %% [markdown]
# Between 0.6 and 0.7: a *perfect* generator, and about a third of its samples "implausible", about a third of the data "not
# covered". In many dimensions all points are far from each other, the volume outside of all balls is large, and $n$ points
# do not fill it. So such a number can be perfect in one room and poor in another: **precision and recall must be read beside the score of fresh real data, at the same $n$,
# $k$ and features.**
#
# The other two curves stay where they are (density scatters more, as a few crowded balls are counted often). **Density and coverage** (Naeem et al., 2020) use only balls around the *real*
# points $X_1,\dots,X_N$:
#
# $$\text{density}=\frac1{kM}\sum_{j=1}^{M}\sum_{i=1}^{N}\mathbf 1\{Y_j\in B_k(X_i)\},\qquad
#   \text{coverage}=\frac1N\sum_{i=1}^{N}\mathbf 1\{\text{some }Y_j\in B_k(X_i)\}.$$
#
# Why are they known for equal laws, in every dimension, whatever the law? Stand at $X_i$ and sort *all* other points by
# their distance from you: $N-1$ real ones and $M$ samples. If both laws are equal, nobody could tell which is which: every
# order is equally likely.
#
# 1. $B_k(X_i)$ holds no sample exactly if the first $k$ points in that order are all real. The first is real with
#    probability $\frac{N-1}{M+N-1}$, the second then with $\frac{N-2}{M+N-2}$, and so on, $k$ factors. So
#    $\;\mathbb E[\text{coverage}]=1-\prod_{i=1}^{k}\frac{N-i}{M+N-i}$.
# 2. One sample $Y_j$ among the $N-1$ real points has each of $N$ ranks with probability $1/N$; it lies in the ball if its
#    rank is at most $k$, with probability $k/N$. There are $NM$ pairs, divided by $kM$: $\;\mathbb E[\text{density}]=1$.
#
# **Proof**, by simulation, with unequal $N$ and $M$ so that a wrong index would show:

# %% tags=["proof"]
for dimension in (2, 64):
    draws = np.random.default_rng(run.seed + dimension)
    pairs = [(draws.normal(size=(60, dimension)), draws.normal(size=(90, dimension))) for _ in range(300)]
    scores = np.array([metrics.density_coverage(*pair, num_neighbors=3) for pair in pairs])
    errors = scores.std(axis=0) / np.sqrt(len(scores))
    expected = np.array([1.0, metrics.expected_coverage(60, 90, num_neighbors=3)])
    for name, mean, error, value in zip(("density", "coverage"), scores.mean(axis=0), errors, expected, strict=True):
        print(f"{dimension:2} dimensions: {name:8} {mean:.4f} ± {error:.4f}, expected {value:.4f}")
    assert np.all(abs(scores.mean(axis=0) - expected) < 5 * errors), "equal laws must score their expectation"

# %% [markdown]
# **Exercise {exercise: COVERAGE_BY_HAND}: by hand.** Real points 0, 1, 3, 8 on a line; samples 1.5, 2 and −4; $k=1$. Give `(density, coverage)`.
# (The edge of a ball belongs to it.)

# %% tags=["exercise"]
# BEGIN SOLUTION
by_hand = (4 / 3, 2 / 4)
# END SOLUTION

# %%
check(exercises.COVERAGE_BY_HAND, by_hand)

# %% [markdown]
# And what can *they* not see? Density has a blind spot of its own, the middle. **Predict** the four scores of a generator
# that draws the *mean* of a 64-dimensional normal law, always.

# %% tags=["proof"]
real, middle = np.random.default_rng(run.seed).normal(size=(1000, 64)), np.zeros((1000, 64))
density, coverage = metrics.density_coverage(real, middle)
precision, recall = metrics.precision_recall(real, middle)
print(
    f"always the mean: precision {precision:.2f}, recall {recall:.2f}, density {density:.0f}, coverage {coverage:.2f}"
)
assert density > 50, "the mean must lie in most balls"

# %% [markdown]
# The mean is $\sqrt{64}=8$ away from a typical point, whose neighbours are nearly $\sqrt{128}=11$ away. So the mean lies in
# every ball: a perfect precision, a perfect coverage, and a density *two hundred* times too large ($n/k=1000/5$). Only recall
# objects.
# For images the mean is a *blur*, and a density far above 1 says so, if you know how to read it.

# %% [markdown]
# ## The Fréchet distance: two means, two covariances
#
# The score that most papers report (as FID, on features of a network trained on photographs; Heusel et al., 2017) fits a
# Gaussian to each set of features, and takes the squared cost of transporting one to the other. In one dimension the
# cheapest transport keeps the order ({lesson: wasserstein_gans}), here $x\mapsto m_b+\frac{s_b}{s_a}(x-m_a)$,
# so that the cost is
#
# $$\mathbb E\Big[\big(m_a-m_b+(1-\tfrac{s_b}{s_a})(x-m_a)\big)^2\Big]=(m_a-m_b)^2+(s_a-s_b)^2 ;$$
#
# in $d$ dimensions (Dowson & Landau, 1982) $\;\|m_a-m_b\|^2+\operatorname{tr}\big(A+B-2(A^{1/2}BA^{1/2})^{1/2}\big)$.
# **Proof** of the first against the transport itself, which needs no formula: sort both samples and pair them. And of the
# second where the covariances are diagonal, so that the axes are separate problems, and where they are not: there
# $x\mapsto Tx$ with $T=A^{-1/2}(A^{1/2}BA^{1/2})^{1/2}A^{-1/2}$ is the slope of a convex function, and so the cheapest map.

# %% tags=["proof"]
from scipy import linalg, stats

quantiles = (np.arange(200_000) + 0.5) / 200_000
a, b = stats.norm(1.0, 0.5).ppf(quantiles), stats.norm(-0.5, 2.0).ppf(quantiles)
transported = np.mean((np.sort(a) - np.sort(b)) ** 2)
formula = metrics.frechet_of_gaussians([1.0], [[0.25]], [-0.5], [[4.0]])
print(f"cost of the sorted pairs {transported:.4f}, closed form {formula:.4f}")
assert abs(transported - formula) < 1e-3, "the closed form must be the cost of the cheapest transport"
deviations_a, deviations_b = np.array([1.0, 2.0, 0.3]), np.array([0.5, 2.5, 0.0])
several = metrics.frechet_of_gaussians(np.zeros(3), np.diag(deviations_a**2), np.ones(3), np.diag(deviations_b**2))
print(f"three axes {several:.4f}, axis by axis {3 + np.sum((deviations_a - deviations_b) ** 2):.4f}")
assert np.isclose(several, 3 + np.sum((deviations_a - deviations_b) ** 2)), "independent axes must add up"
A, B = (half @ half.T + 0.1 * np.eye(3) for half in np.random.default_rng(run.seed).normal(size=(2, 3, 3)))
root = linalg.sqrtm(A)
T = np.linalg.solve(root, linalg.sqrtm(root @ B @ root)) @ np.linalg.inv(root)
moved = np.trace((np.eye(3) - T) @ A @ (np.eye(3) - T))
print(f"axes that hang together: {metrics.frechet_of_gaussians(np.zeros(3), A, np.zeros(3), B):.4f}, moved {moved:.4f}")
assert np.allclose((T @ A @ T, T), (B, T.T)), "x → Tx must carry one law to the other, and be a slope"
assert np.isclose(metrics.frechet_of_gaussians(np.zeros(3), A, np.zeros(3), B), moved), "its cost must be the distance"

# %% [markdown]
# ### Find the bug: a generator that never varies
#
# Here is a Fréchet distance from a hurried afternoon, and a generator that has collapsed to the mean of the data.


# %%
def root(matrix):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T


def broken_frechet(mean_a, a, mean_b, b):
    return np.sum((mean_a - mean_b) ** 2)


real = np.random.default_rng(run.seed).normal([3.0, 1.0], [1.0, 2.0], size=(1000, 2))
collapsed = np.tile(real.mean(axis=0), (1000, 1))
moments = [part for x in (real, collapsed) for part in (x.mean(axis=0), np.cov(x.T))]
print(f"collapsed generator: broken {broken_frechet(*moments):.4f}, right {metrics.frechet_of_gaussians(*moments):.4f}")

# %% [markdown]
# Zero, a perfect score. **Exercise {exercise: FRECHET}.** Repair it. `a` and `b` are covariances `(d, d)`, not diagonal; `root` (above) is
# the matrix root.


# %% tags=["exercise"]
def my_frechet(mean_a, a, mean_b, b):
    # BEGIN SOLUTION
    cross = root(root(a) @ b @ root(a))
    return np.sum((mean_a - mean_b) ** 2) + np.trace(a + b - 2 * cross)
    # INSTEAD
    # return np.sum((mean_a - mean_b) ** 2)
    # END SOLUTION


# %%
check(exercises.FRECHET, my_frechet)

# %% [markdown]
# ### What two samples of one law score
#
# The distance of two *equal* Gaussians is 0. The distance of two *samples* of it is not, as each sample has its own mean
# and covariance. How large is it, for $N(0,I_d)$ and $n$ points each, $n\gg d$?
#
# 1. *Means.* Each entry of $m_a-m_b$ has the variance $2/n$; there are $d$ of them: $2d/n$.
# 2. *Covariances.* Write $A=I+E$, $B=I+F$ with small $E$, $F$. To second order the trace term is $\tfrac14\|E-F\|^2$, a
#    quarter of the sum of the squares of all entries (on one axis: $(\sqrt{1+e}-\sqrt{1+f})^2\approx\tfrac14(e-f)^2$).
# 3. A diagonal entry of $E$ has the variance $2/n$, one off the diagonal $1/n$: together
#    $\frac{2d+d(d-1)}n=\frac{d(d+1)}n$. $F$ is independent of $E$, so
#    $\tfrac14\cdot2\cdot\frac{d(d+1)}n=\frac{d(d+1)}{2n}$.
#
# In all $\;\big(2d+\tfrac{d(d+1)}2\big)/n$. With 2,048 features, as in a FID, that would be about $2{,}100{,}000/n$: a FID
# of 42 for $n=50{,}000$, if the features were independent and equally wide. (They are not, and so it is less; but it is not
# 0.) **Predict** the bias for $d=8$, $n=1000$.

# %% tags=["proof"]
size, count, repeats = 8, 1000, 200
draws = np.random.default_rng(run.seed)
scores = [metrics.frechet_distance(*draws.normal(size=(2, count, size))) for _ in range(repeats)]
bias, error = np.mean(scores), np.std(scores) / np.sqrt(repeats)
expected = (2 * size + size * (size + 1) / 2) / count
print(f"equal laws, n = {count}: {bias:.5f} ± {error:.5f}, by the formula {expected:.5f}")
assert abs(bias - expected) < 5 * error, "the bias must be the one derived"
smaller = metrics.frechet_distance(*draws.normal(size=(2, 250, size)))
print(f"a quarter of the points scores about four times as much: {smaller:.5f}")

# %% [markdown]
# So a Fréchet distance without its $n$ is half a number: **who draws more samples looks better.** And it looks at means and
# covariances only. Two laws that share them are the same to it, whatever their shape:

# %% tags=["proof"]
draws = np.random.default_rng(run.seed + 1)
bell = draws.normal(size=(1000, 2))
corners = draws.choice([-1.0, 1.0], size=(1000, 2)) * np.sqrt(0.97) + np.sqrt(0.03) * draws.normal(size=(1000, 2))
figure, axes = plt.subplots(1, 2, figsize=(6, 2.8), layout="constrained", sharex=True, sharey=True)
for ax, title, points in zip(axes, ("real: one bell", "generated: four heaps"), (bell, corners), strict=True):
    plotting.scatter(points, xlabel="$x_1$", ylabel="$x_2$", ax=ax).set_title(title, fontsize=10)
plotting.show(
    alt="Two clouds of points with the same means and covariances: real ones in one bell, generated ones in four "
    "heaps with an empty middle."
)
apart, control = metrics.frechet_distance(bell, corners), metrics.frechet_distance(bell, draws.normal(size=(1000, 2)))
precision, recall = metrics.precision_recall(bell, corners)
print(f"Fréchet {apart:.4f}, of fresh real points {control:.4f}; but precision {precision:.2f}, recall {recall:.2f}")
assert apart < 0.05, "equal means and covariances must score nearly 0"
assert recall < 0.75, "recall must see that the middle is empty"

# %% [markdown] tags=["deeper"]
# ## A kernel distance without bias
#
# Is there a distance that is 0 *on average* for equal laws? Map each point to a vector $\phi(x)$ of more features, and
# compare the means:
#
# $$\mathrm{MMD}^2=\big\|\mathbb E\,\phi(X)-\mathbb E\,\phi(Y)\big\|^2
#   =\mathbb E\,k(X,X')+\mathbb E\,k(Y,Y')-2\,\mathbb E\,k(X,Y),\qquad k(x,y)=\phi(x)^\top\phi(y),$$
#
# where $X'$ is a second, *independent* draw. Only the kernel $k$ is needed, never $\phi$. The **kernel distance** (KID;
# Bińkowski et al., 2018) uses $k(x,y)=(x^\top y/d+1)^3$: its $\phi$ holds all products of up to three coordinates, so it
# compares moments up to the third.
#
# The estimate replaces each mean by a mean over pairs. The word *independent* is where it goes wrong: $x_i$ and $x_i$ are
# not independent. With those pairs the mean is too large by $\frac1n\big(\mathbb E\,k(X,X)-\mathbb E\,k(X,X')\big)>0$ for
# each set; without them each term is exactly unbiased, and so is their sum.
#
# ### Find the bug: pairs that are none
#
# Here is the usual short version, and what it says of *equal* laws:


# %%
def kernel(x, y):
    return (x @ y.T / x.shape[1] + 1) ** 3


def broken_mmd(within_x, within_y, across):
    return within_x.mean() + within_y.mean() - 2 * across.mean()


draws, plain, unbiased = np.random.default_rng(run.seed), [], []
for _ in range(400):
    x, y = draws.normal(size=(2, 100, 8))
    plain.append(broken_mmd(kernel(x, x), kernel(y, y), kernel(x, y)))
    unbiased.append(metrics.squared_mmd(x, y))  # the library's, for later
print(f"equal laws: mean {np.mean(plain):.4f} ± {np.std(plain) / 20:.4f}, smallest {min(plain):.4f}")

# %% [markdown]
# Never near 0, however equal the laws are. **Exercise {exercise: UNBIASED_MMD}.** Repair it. `within_x` is `(n, n)`, the kernel of all pairs of
# real points; `within_y` is `(m, m)`; `across` is `(n, m)`.


# %% tags=["exercise"]
def my_mmd(within_x, within_y, across):
    # BEGIN SOLUTION
    def pairs(kernel):
        return (kernel.sum() - np.trace(kernel)) / (len(kernel) * (len(kernel) - 1))

    return pairs(within_x) + pairs(within_y) - 2 * across.mean()
    # INSTEAD
    # return within_x.mean() + within_y.mean() - 2 * across.mean()
    # END SOLUTION


# %%
check(exercises.UNBIASED_MMD, my_mmd)

# %% [markdown]
# **Proof** that the library's estimate, of the same draws, is 0 on average:

# %% tags=["proof"]
error = np.std(unbiased) / np.sqrt(len(unbiased))
print(f"equal laws: mean {np.mean(unbiased):.4f} ± {error:.4f}, {np.mean(np.array(unbiased) < 0):.0%} negative")
assert abs(np.mean(unbiased)) < 5 * error, "the unbiased distance of equal laws must average 0"
assert np.mean(plain) > 20 * np.std(plain) / 20, "with the diagonal it cannot"

# %% [markdown]
# Without the diagonal half of the values are negative: a *squared* distance below zero is not a mistake here, it is the
# price of being right on average. `metrics.kernel_distance` cuts the rows into ten blocks and returns the mean with its
# standard error, so that you see whether 0 is within reach. What it is blind to: whatever does not move a moment up to the
# third. Does it see the four heaps?

# %%
value, error = metrics.kernel_distance(bell, corners)
print(f"bell against four heaps: {value:.3f} ± {error:.3f}")

# %% [markdown]
# It does not: the heaps differ from the bell in their *fourth* moment. A kernel of another form would see them; every fixed
# kernel with few features has something that it cannot see.

# %% [markdown] tags=["deeper"]
# ## Can anybody tell?
#
# Then let a *learner* look for a difference, any difference. Train a classifier to tell real from generated, on one half;
# count its right answers on the other half (Lopez-Paz & Oquab, 2017). If both laws are equal, held-out labels are coin
# tosses to every rule: $r$ right answers of $n$ have the mean $n/2$ and a standard deviation of at most $\sqrt n/2$, so the
# accuracy scatters around ½ by $\frac1{2\sqrt n}$, and the probability that a coin does as well is
# $\;p=2^{-n}\sum_{s\ge r}\binom ns$. With `math.comb` for $\binom ns$:

# %%
import math

print(
    f"of {2**10:,} ways that ten tosses can fall, {math.comb(10, 9)} have nine right answers and {math.comb(10, 10)} has ten"
)

# %% [markdown]
# **Exercise {exercise: P_VALUE}.** Write this p-value.


# %% tags=["exercise"]
def p_value(num_right, num_test):
    # BEGIN SOLUTION
    return sum(math.comb(num_test, s) for s in range(num_right, num_test + 1)) / 2**num_test
    # END SOLUTION


# %%
check(exercises.P_VALUE, p_value)

# %% [markdown]
# "Held-out" is the word that carries everything. **Predict** the accuracy on its *own training half* of a nearest-neighbour
# classifier, for equal laws.

# %% tags=["proof"]
from sklearn.neighbors import KNeighborsClassifier

accuracies, alarms = [], []
for seed in range(200 * run.seed, 200 * run.seed + 200):
    x, y = np.random.default_rng(seed).normal(size=(2, 100, 2))
    result = metrics.classifier_two_sample_test(x, y, KNeighborsClassifier(1), seed=seed)
    accuracies.append(result.accuracy)
    alarms.append(result.p_value < 0.05)
both, labels = np.concatenate([x, y]), np.repeat([1, 0], 100)
on_training = KNeighborsClassifier(1).fit(both, labels).score(both, labels)
error = np.std(accuracies) / np.sqrt(200)
print(f"equal laws, held out: {np.mean(accuracies):.3f} ± {error:.3f}, deviation {np.std(accuracies):.3f}", end=" ")
print(
    f"(a coin: {result.null_deviation:.3f}); p < 0.05 in {np.mean(alarms):.1%}; on its training data: {on_training:.0%}"
)
assert abs(np.mean(accuracies) - 0.5) < 5 * error, "equal laws must leave held-out accuracy at one half"
assert np.std(accuracies) < 1.25 * result.null_deviation, "and it must scatter as a coin does"

# %% [markdown]
# On its training data it is always right, and that says nothing. On the held-out half it is a coin. And the four heaps,
# which neither the Fréchet nor the kernel distance saw? That depends on who judges. **Predict**: logistic regression on the
# coordinates, their squares and products (the library's usual judge), and 15 nearest neighbours.

# %% tags=["proof"]
for name, judge in (("squares and products", None), ("15 nearest neighbours", KNeighborsClassifier(15))):
    result = metrics.classifier_two_sample_test(bell, corners, judge)
    print(f"{name:21}: {result.accuracy:.3f} of {result.num_test} rightly told apart, p = {result.p_value:.1e}")
assert result.p_value < 1e-6, "the nearest neighbours must see the four heaps"

# %% [markdown]
# The first judge knows second moments, and these are equal: it finds little, if anything. The second one sees the heaps at once. The asymmetry to
# remember: **a high accuracy proves a difference; a low one only says that this classifier found none.** And the test may
# find a difference that you do not care about: on *pixels* it tells any VAE from black-and-white images, as the VAE's means
# have grey edges.

# %% [markdown]
# ## Nats, and why they disagree with samples
#
# A model with a density can be judged without samples: by its bound on images that it has not seen ({lesson: tighter_bounds}). That finds over-fitting, which samples hide. A GAN has no density, so it has no such
# number. But do good nats mean good samples?
#
# **Exercise {exercise: PRICE_OF_GARBAGE}: predict.** Take a good model of images with density $p$, at −88 nats per image. Replace it by a mixture:
# 1 % of the good model, 99 % garbage. The samples are now nearly all garbage. How many nats does that cost per image, at
# most? (Theis et al., 2016.)

# %% tags=["exercise"]
# BEGIN SOLUTION
nats_lost = np.log(100)
# END SOLUTION

# %%
check(exercises.PRICE_OF_GARBAGE, nats_lost)

# %% [markdown]
# Two good models may differ by more than that. **Proof** on laws whose densities we know, beside a model that fails in
# the opposite way: a *copier* whose samples are training points with a little noise.

# %% tags=["proof"]
draws = np.random.default_rng(run.seed)
dimension = 20
law, garbage = stats.multivariate_normal(np.zeros(dimension)), stats.multivariate_normal(np.full(dimension, 30.0))
points, seen = law.rvs(500, random_state=run.seed + 1), law.rvs(300, random_state=run.seed + 2)
good = law.logpdf(points)
mixture = np.logaddexp(np.log(0.01) + good, np.log(0.99) + garbage.logpdf(points))
kernels = -0.5 * cdist(points, seen, "sqeuclidean") / 0.01 - 0.5 * dimension * np.log(2 * np.pi * 0.01)
copier = np.logaddexp.reduce(kernels, axis=1) - np.log(len(seen))
copied = seen[draws.integers(0, 300, 500)] + 0.1 * draws.normal(size=(500, dimension))
drawn = np.concatenate([law.rvs(5, random_state=run.seed + 3), garbage.rvs(495, random_state=run.seed + 3)])
drawn_anew = law.rvs(500, random_state=run.seed + 4)
print(
    f"the law itself    {good.mean():9.1f} nats on new points, precision {metrics.precision_recall(points, drawn_anew)[0]:.2f}"
)
print(f"99 % garbage      {mixture.mean():9.1f} nats, precision {metrics.precision_recall(points, drawn)[0]:.2f}")
print(f"copies with noise {copier.mean():9.1f} nats, precision {metrics.precision_recall(points, copied)[0]:.2f}")
assert np.all(good - mixture <= np.log(100) + 1e-9), "garbage must cost at most log 100 nats"
assert copier.mean() < mixture.mean() - 50, "the copier must lose far more"

# %% [markdown]
# The model whose samples are worthless loses 4.6 nats; the copier, whose samples score about as the law's own do, loses
# hundreds. Nats and samples answer different questions. Report both where both exist.
#
# ## Copies
#
# Every score *of samples* so far compared them with real images, and none asked: *which* real images? A copier of the
# training set passes them all. Look at the nearest training example of each sample; and since no distance is near or far by
# itself, compare with the distances of held-out real images, which are as fresh as an image can be.
#
# Pixels are a poor ruler for it, as a letter that moved by one pixel is far from itself. So from here on we measure on
# **features**: the last hidden layer of a small network that the course has trained to name letters and fonts (its card:
# `data/letter_features.md`).

# %% tags=["proof"]
from course_lib.features import letter_features

of_train, of_fresh, of_test = map(letter_features, (train, fresh, test))
mixed = fresh[:500].copy()
planted = np.arange(0, 500, 10)
mixed[planted] = train[rng.integers(0, len(train), len(planted))]
mixed[planted, 13, 13] = 1 - mixed[planted, 13, 13]  # no copy is exact: one pixel in the middle is turned round
found = metrics.memorisation(letter_features(mixed), of_train, of_test)
alarms = np.delete(found.copies, planted)
print(
    f"planted copies found: {found.copies[planted].sum()} of {len(planted)}; false alarms: {alarms.sum()} of {len(alarms)}"
)
print(f"nearer to the training set than held-out images: {found.share_nearer:.2f} of all pairs (fresh images: 0.50)")
assert found.copies[planted].mean() >= 0.8, "nearly every planted copy must be found, though none is exact"
assert alarms.mean() < 0.05, "fresh images must hardly be called copies"

# %% [markdown]
# Every tenth image was a copy, and all or nearly all of them are found, with about one false alarm in a hundred: the threshold is the
# lowest hundredth of the held-out distances. What is this test blind to? Whatever its ruler does not call near. Move the
# copies by two pixels:

# %%
moved = np.roll(train[:500], 2, axis=2)
for name, view in (("pixels", lambda x: x), ("features", letter_features)):
    result = metrics.memorisation(view(moved), view(train[:5000]), view(test[:500]))
    print(f"copies moved by two pixels, seen in {name:8}: {result.copies.mean():.0%} are called copies")

# %% [markdown]
# Hardly any. "No copies were found" is a sentence about a ruler.
#
# ## The table of blind spots
#
# Now all scores, on features, for the six generators that we built at the start: 1,000 images each, against 1,000 test
# images.

# %%
table = {
    name: metrics.sample_scores(of_test[:1000], letter_features(images), of_train[:5000], of_test[1000:])
    for name, images in shuffled.items()
}
columns = list(table["copies"])
print(" " * 18 + "".join(f"{name:>10}" for name in columns))
for name, scores in table.items():
    print(f"{name:18}" + "".join(f"{scores[column]:10.2f}" for column in columns))

# %% [markdown]
# *accuracy* is the classifier's on held-out features (½ is best), *nearer* the share of pairs in which a sample is nearer
# to the training set than a held-out image (½ is best). Read it row by row, against the first one, which is what perfection
# scores here. In the plane of precision and recall:

# %% tags=["proof"]
places = {name: (scores["recall"], scores["precision"]) for name, scores in table.items()}
ax = plotting.labelled_points(places, xlabel="recall", ylabel="precision")
ax.set(xlim=(-0.05, 1.25), ylim=(0, 1.1), title="six generators on features of letters")
plotting.show(
    alt="Six named points in the plane of recall and precision. Patchworks lose precision, five letters lose recall, "
    "one image a letter has recall 0, letters out of focus hardly more, and copies lie beside the fresh real "
    "images."
)
assert table["half patchworks"]["precision"] < table["fresh real images"]["precision"] - 0.15, "garbage costs precision"
assert table["five letters only"]["recall"] < 0.65 < table["fresh real images"]["recall"], "lost letters cost recall"
assert table["copies"]["nearer"] > 0.99, "copies are nearer than held-out images"
assert abs(table["copies"]["accuracy"] - 0.5) < 0.07, "and nothing else sees them"

# %% [markdown]
# * *Copies* lie beside the real images in every column but the last.
# * *Half patchworks* keep their recall; *five letters* keep their precision. Each score sees its own disease.
# * *One image a letter* is perfectly plausible, with recall 0: its points lie on each other, so their balls have no extent.
#   Coverage is nearly 0 as well.
# * *Out of focus* keeps nearly all of its precision and hardly any recall: the features of blurred letters lie close together,
#   so *their* balls are small and reach few real images, while half of the real balls still hold one of them (coverage). To
#   these features a blurred letter is a plausible one.
# * *Half patchworks* and *five letters only* have Fréchet distances from which nobody could guess the cause.
#
# And what is *every* column blind to? Whatever the features do not see. Here is a generator of noise: each pixel black or
# white, independently, with the share of ink that it has on average. **Predict** its precision.

# %% tags=["proof"]
noise = (rng.random((1000, 28, 28, 1)) < fresh.mean(axis=0)).astype("float32")
plotting.image_rows({"generated: noise": noise[:12]})
plotting.show(
    alt="One row of twelve generated images of independent black and white pixels: noise that is denser in the "
    "middle, in which no letter can be seen."
)
on_pixels = metrics.precision_recall(test[:500].reshape(500, -1), noise[:500].reshape(500, -1))
on_features = metrics.precision_recall(of_test[:1000], letter_features(noise))
print(f"precision of noise on pixels {on_pixels[0]:.2f}, on features of letters {on_features[0]:.2f}")
assert on_pixels[0] < 0.05 < 0.6 < on_features[0], "the features must mistake noise for letters"

# %% [markdown]
# The network has learned to name letters, and has never been asked whether something *is* one. To it, such noise is a faint
# average letter, in the midst of all others; and the middle is covered by many balls. Published scores stand on a network
# that was trained to name photographs, and inherit its blind spots in the same way. **Look at the pictures, too.**
#
# **Exercise {exercise: CHOOSE_A_METRIC}: choose.** For each failure, the metric that sees it best, each word used once: `"recall"`, `"precision"`,
# `"memorisation"`, `"held-out bound"`, `"two-sample test"`. Answer with a dictionary whose keys are `"dropped letters"`,
# `"patchworks"`, `"copies"`, `"density that fits the training images alone"` and `"anything at all"`.

# %% tags=["exercise"]
# BEGIN SOLUTION
choices = {
    "dropped letters": "recall",
    "patchworks": "precision",
    "copies": "memorisation",
    "density that fits the training images alone": "held-out bound",
    "anything at all": "two-sample test",
}
# END SOLUTION

# %%
check(exercises.CHOOSE_A_METRIC, choices)

# %% [markdown]
# ## Head to head, small: a VAE and a GAN
#
# "VAEs are stable but blurry, GANs are sharp but drop modes": is that so, here? A comparison is worth something if the two
# differ in *one* thing. So: the same images, the same generator, as many parameters in all, and as many updates with
# batches of the same size (and for each a step size that suits it: 0.002 and 0.001). The VAE's encoder has two heads of 16 numbers; the GAN's discriminator gets exactly these
# layers, with its 32 numbers joined in one logit.

# %% tags=["proof"]
import keras

from course_lib import networks
from course_lib.formulas import adversarial, bernoulli_log_prob, gradient_penalties
from course_lib.models import GAN, VAE

SHAPE, UNITS, LATENTS = (28, 28, 1), 96, 16
keras.utils.set_random_seed(run.seed)
encoder = networks.dense_gaussian_encoder(SHAPE, LATENTS, (UNITS,))
decoder = networks.dense_decoder(LATENTS, SHAPE, (UNITS,))
vae = VAE(encoder, decoder, bernoulli_log_prob, seed=run.seed)
generator = networks.dense_generator(LATENTS, SHAPE, (UNITS,))
discriminator = networks.dense_discriminator(SHAPE, (UNITS, 2 * LATENTS))
slope = gradient_penalties.R1(10.0)
gan = GAN(generator, discriminator, adversarial.non_saturating, seed=run.seed, penalty=slope)
vae.compile(keras.optimizers.Adam(0.002))
gan.compile(learning_rate=0.001)
contestants = {"VAE": vae, "GAN": gan}
numbers = {name: sum(np.prod(w.shape) for w in model.trainable_variables) for name, model in contestants.items()}
print(f"parameters: VAE {numbers['VAE']:,}, GAN {numbers['GAN']:,}")
assert abs(numbers["VAE"] / numbers["GAN"] - 1) < 1e-3, "both must have as many parameters, to one in a thousand"

# %% tags=["proof"]
from time import process_time

epochs, seconds = 3, {}
for name, model in contestants.items():
    began = process_time()
    keras.utils.set_random_seed(run.seed)
    model.fit(train, batch_size=64, epochs=epochs, verbose=0)
    seconds[name] = process_time() - began
updates = {name: int(model.optimizer.iterations) for name, model in contestants.items()}
print(f"updates {updates}; processor seconds: VAE {seconds['VAE']:.0f}, GAN {seconds['GAN']:.0f}")
assert updates["VAE"] == updates["GAN"], "both must have taken as many steps"

# %% [markdown]
# (A GAN's step costs more: two networks, and R1's gradient of a gradient. At equal *time* it would take fewer steps: that
# is the longer comparison below.) Now the page of pictures. Three things are shown, and must never be mixed up: what is
# **real**, what was **reconstructed** (a real image went in), and what was **generated** (noise went in). A GAN
# reconstructs nothing.

# %%
from_vae, from_gan = vae.sample(2000, seed=run.seed), gan.sample(2000, seed=run.seed)
nearest = cdist(letter_features(from_gan[:12]), of_train).argmin(axis=1)
plotting.image_rows(
    {
        "real (test)": test[:12],
        "reconstructed by the VAE": vae.reconstruct(test[:12]),
        "generated by the VAE": from_vae[:12],
        "generated by the GAN": from_gan[:12],
        "nearest training images": train[nearest],
    }
)
plotting.show(
    alt="Five rows of twelve images: real test letters, reconstructions by the VAE, samples of the VAE, samples of "
    "the GAN, and for each of these the nearest training image, of which none is a copy."
)

# %% [markdown]
# (The last row: the training image nearest to each image of the row above it, on features. None is a copy.) Say in words
# what you see before you read numbers: which row is sharper, which is more legible, which repeats itself? Then the scores,
# each with its error: four blocks of 500 samples, each against a block of test images of its own. The first row is what
# fresh real images score under the same rules.

# %%
contenders = {"fresh real": of_fresh, "VAE": letter_features(from_vae), "GAN": letter_features(from_gan)}
judged = {name: metrics.scores_in_blocks(of_test, x, of_train[:5000], of_test[:500]) for name, x in contenders.items()}
print(" " * 11 + "".join(f"{name:>14}" for name in judged["VAE"]))
for name, scores in judged.items():
    print(f"{name:11}" + "".join(f"{mean:8.2f} ±{error:4.2f}" for mean, error in scores.values()))
print(f"VAE: at least {vae.elbo(test).mean():.1f} nats per test image. GAN: no density, no nats.")


# %% tags=["proof"]
def wins(score, sign):
    (mean, error), (other, its_error) = judged["VAE"][score], judged["GAN"][score]
    gap = sign * (mean - other) / np.hypot(error, its_error)
    return "VAE" if gap > 2 else "GAN" if gap < -2 else "nobody (within two standard errors)"


for score, sign in (("precision", 1), ("recall", 1), ("coverage", 1), ("Fréchet", -1), ("kernel", -1)):
    print(f"{score:9}: {wins(score, sign)}")
perfect = judged["fresh real"]
assert perfect["coverage"][0] > max(judged["VAE"]["coverage"][0], judged["GAN"]["coverage"][0]), "nobody is perfect"
assert max(judged[name]["nearer"][0] for name in ("VAE", "GAN")) < 0.6, "neither may have copied its training set"

# %% [markdown]
# Precision above 0.7 for pictures like these? You have seen why: *out of focus* scored 0.88, and noise did. The features of a
# soft, half-made letter lie in the middle of all letters, where many balls overlap. Recall and coverage are not fooled, and
# beside them the precision reads differently: these samples are *timid*. A precision without its recall means nothing.
#
# The error here is that of the *samples*: another 500 images, another score. It does **not** contain the luck of the
# training. One seed of each ranks these two trainings, not the two families. For that, train several seeds.

# %% [markdown]
# ## Head to head, in full
#
# `make benchmark-head-to-head`, in the course's repository, trains four models with equal parameters and equal *processor
# seconds*, five seeds each, and judges all by the same scores. **Predict** before you look: which of VAE, GAN with R1,
# WGAN-GP and VAE-GAN ({lesson: conditional_gans_and_hybrids}) has the highest precision, which the highest recall? The table is the last one that was
# measured; ± is the standard error over seeds, a star marks the best, and every other that differs from it by less than two
# standard errors of the difference.

# %%
stored = """
2026-11-26, AMD EPYC with AVX2, 2 cores, about 20 processor seconds a run
model        fresh real images  VAE            GAN, R1         WGAN-GP        VAE-GAN
seeds                           5              5               5              5
updates                         2,030          1,420           1,270          800
precision    0.91               0.49 ± 0.01    0.42 ± 0.02     0.29 ± 0.01    0.62 ± 0.03*
recall       0.93               0.51 ± 0.01    0.48 ± 0.03     0.63 ± 0.01*   0.19 ± 0.05
F1           0.92               0.50 ± 0.00*   0.44 ± 0.01     0.40 ± 0.01    0.27 ± 0.05
density      1.00               0.37 ± 0.01    0.29 ± 0.02     0.19 ± 0.01    0.48 ± 0.03*
coverage     0.98               0.44 ± 0.00*   0.40 ± 0.01     0.35 ± 0.01    0.33 ± 0.02
Fréchet      0.09               3.73 ± 0.15    2.16 ± 0.20*    2.56 ± 0.24*   8.14 ± 0.99
kernel       -0.007             0.263 ± 0.010  0.116 ± 0.014*  0.212 ± 0.036  0.516 ± 0.055
accuracy     0.52               0.80 ± 0.00*   0.81 ± 0.01*    0.80 ± 0.00*   0.89 ± 0.01
nearer       0.49               0.09 ± 0.00    0.06 ± 0.00     0.03 ± 0.00    0.13 ± 0.01*
ELBO / nats                     -94.7 ± 0.4    none            none           -112.3 ± 1.9
"""
print(stored)

# %% [markdown]
# Four models, and several orders. The *VAE-GAN* has the best precision, by far the worst recall and the largest Fréchet
# distance: the most timid of the four, and no winner. *WGAN-GP* is its opposite, the best recall and the worst precision.
# The *GAN with R1* and WGAN-GP have the smallest Fréchet distances, the *VAE* the best F1 and the best coverage. Whoever
# wants one of them to win can choose the score. What does not depend on that choice:
#
# * nobody is near the first column: twenty seconds of training are not enough, for any of them;
# * a judge tells each of them from real images in about four cases of five, or more;
# * larger networks (256 units for 96) and more updates (2,030 for 939) have brought the VAE a much better recall than in the small
#   table, and a worse precision: it has left the timid middle, and pays for it in the score that loved the middle. (By how much,
#   the two tables cannot say: the small one scores 500 images at a time, this one 2,000, and the precision of unequal laws falls
#   with n);
# * a costlier step means fewer of them: in the same seconds the VAE took the most updates, the VAE-GAN the fewest;
# * `nearer` is far *below* ½: the samples are farther from the training set than real images are. They are no copies, they
#   are not good enough for that;
# * the errors are small beside the gaps, but they hold for *these* networks, step sizes and twenty seconds. In a large study
#   with enough tuning for each of them, the families of GANs could hardly be told apart (Lucic et al., 2018).
#
# **Exercise {exercise: READ_A_LEADERBOARD}: read a leaderboard.** You train a model and measure: *Fréchet 1.62 ± 0.05; 2,000 samples, letter
# features, against the test images, mean of five seeds*. Which rows of the board may your number be *compared* with?
#
# * (a) 1.91 ± 0.06; 2,000 samples, letter features, test images, mean of five seeds.
# * (b) 1.75 ± 0.05; 1,000 samples, letter features, test images, mean of five seeds.
# * (c) 0.88 ± 0.03; 2,000 samples, features of a network for photographs, test images, mean of five seeds.
# * (d) 1.58 ± 0.07; 2,000 samples, letter features, test images, mean of five seeds.
# * (e) 1.40 ± 0.04; 2,000 samples, letter features, *training* images, mean of five seeds.
# * (f) 1.31; 2,000 samples, letter features, test images, the best of twenty seeds.
#
# Answer with a set of letters, such as `{"b", "c"}`.

# %% tags=["exercise"]
# BEGIN SOLUTION
comparable = {"a", "d"}
# END SOLUTION

# %%
check(exercises.READ_A_LEADERBOARD, comparable)

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> "We evaluate our generator by accuracy, recall and F1, as usual." What must you ask?</summary>
#
# Of what? These are scores of a classifier, which has right answers to compare with; a sample has none. A generator has a
# precision (are its samples plausible?) and a recall (does it cover the data?), defined on distributions and estimated with
# balls on features. Accuracy appears too, but as the accuracy of a *judge* who tells samples from data, where ½ is perfect.
# </details>
#
# <details><summary><b>2.</b> A VAE's reconstruction term is good, its KL term is small. Is the model good?</summary>
#
# Neither term alone is a quality. Their sum bounds log p(x), on held-out images; what samples look like is another
# question. A small KL with a poor reconstruction is a collapse, and a good reconstruction with an enormous KL is an
# autoencoder.
# </details>
#
# <details><summary><b>3.</b> VAE or GAN: which gives the better samples?</summary>
#
# Neither, by family. What differs is what is optimised: a VAE climbs a bound on the likelihood, so it must cover the data,
# and pays with samples between the modes; a GAN must fool a judge, which punishes implausible samples and hardly what is
# missing. A VAE has a density bound, an encoder and one loss that falls; a GAN has none of these. Which samples score
# better depends on networks, data, time, and on the score. And a claim such as "VAEs train slowly" needs a clock: here a
# GAN's step costs more.
# </details>
#
# <details><summary><b>4.</b> A paper reports a kernel distance of −0.002 ± 0.004. A typing error?</summary>
#
# No: an unbiased estimate of a squared distance near 0 is negative every second time. It says that the samples could not be
# told from the data by this kernel, at this n.
# </details>
#
# <details><summary><b>5.</b> Your generator has precision 0.64 and recall 0.62. Poor?</summary>
#
# Perhaps perfect: in 64 dimensions two samples of one law score that. Score fresh real data at the same n, k and features,
# and compare with that.
# </details>
#
# <details><summary><b>6.</b> The two-sample test gives an accuracy of 0.51, p = 0.3. Are the laws equal?</summary>
#
# This classifier, with so many examples, found no difference. A copier of the training set would pass too.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **predicted** precision and recall of a generator, and **proved** them on heaps, and seen perfection score 0.63 in 64
#   dimensions;
# * **found the bugs** of a self-counting neighbour, a missing trace and a diagonal that makes equal laws differ;
# * **derived** what equal laws score: coverage by counting orders, density 1, the Fréchet distance $(2d+d(d+1)/2)/n$, the
#   kernel distance 0;
# * **tested** samples with a classifier and its coin, and **found** planted copies that no other score had seen;
# * **chosen** a metric for each failure, and **compared** a VAE with a GAN on equal parameters, updates and seconds.
#
# Is it any good? Ask *good for what*, choose the score that sees the failure you fear, put fresh real data beside it, and
# give the error.
#
# **Go further.** Train the small head to head for 100 epochs: who catches up? Draw precision and recall
# against $k$, from 1 to 20. Or judge lesson {number: conditional_and_discrete_codes}'s conditional VAE letter by letter: which letter has the lowest recall?
#
# **References.** Dowson & Landau (1982), *The Fréchet distance between multivariate normal distributions*, Journal of
# Multivariate Analysis 12. · Gretton et al. (2012), *A kernel two-sample test*, JMLR 13. · Theis, van den Oord & Bethge
# (2016), *A note on the evaluation of generative models*, arXiv:1511.01844. · Heusel et al. (2017), *GANs trained by a two
# time-scale update rule*, arXiv:1706.08500. · Lopez-Paz & Oquab (2017), *Revisiting classifier two-sample tests*,
# arXiv:1610.06545. · Sajjadi et al. (2018), *Assessing generative models via precision and recall*, arXiv:1806.00035. ·
# Bińkowski et al. (2018), *Demystifying MMD GANs*, arXiv:1801.01401. · Lucic et al. (2018), *Are GANs created equal?*,
# arXiv:1711.10337. · Kynkäänniemi et al. (2019), *Improved precision and recall metric for assessing generative models*,
# arXiv:1904.06991. · Naeem et al. (2020), *Reliable fidelity and diversity metrics for generative models*,
# arXiv:2002.09797. · Meehan, Chaudhuri & Dasgupta (2020), *A non-parametric test to detect data-copying in generative
# models*, arXiv:2004.05675.
