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
# measures the opponent, a VAE's bound measures nats. Which number says whether the samples are good, whether they are
# *all* that the data hold, and whether they are not simply copies?
#
# In this lesson you will
#
# * **write** precision by balls in NumPy (deeper: and the Inception score), and **repair** a Fréchet distance;
# * **prove** precision and recall where the answer is known;
# * **derive** what the Fréchet distance scores when both laws are *equal*, and how that depends on the number of images;
# * **find** planted copies, and **read** which score sees which failure, and which failure none sees;
# * **choose** a score for the failure that you fear.
#
# *To know before:* the VAE ({lesson: the_variational_autoencoder}), bounds in nats ({lesson: tighter_bounds}), training a GAN
# ({lesson: training_a_gan}); means, covariance matrices and their eigenvalues. *Time:* {times}; about 25 seconds to run on two
# CPU cores. Nothing is trained here: two trained models are compared in {lesson: head_to_head}.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## Five ways to fail
#
# We build the failures ourselves, from real letters in black and white: then we know what every score *should* say. The first
# row below does not fail: fresh real images. Then: half of the images are patchworks, glued from quarters of four letters; five
# of ten letters are missing; training images are handed out; one image a letter is repeated; all images are out of focus.
# **One number is the same wherever generators of letters are compared: $n=1000$ samples against 1,000 test images.**

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
# **Before you read on:** order these six from best to worst. Your order depends on what you want the samples *for*. No formula
# can repair that; so this lesson looks for several numbers, each with one meaning.
#
# ## Precision and recall, of a generator
#
# Accuracy, precision, recall and F1 are scores of a *classifier*: of the images that it called "A", how many are an A? A sample
# has no right label, so those definitions cannot be applied. What can be asked of a *generator* is (Sajjadi et al., 2018):
#
# * **precision**: how much of what it makes is plausible?
# * **recall**: how much of the data can it make?
#
# For distributions $p$ (data) and $q$ (generator) over a list of outcomes this is exact. Say that $q$ has precision $\alpha$ and
# recall $\beta$ if both contain the same part $\mu$ (a distribution): $q=\alpha\mu+(1-\alpha)\,\text{rest}$,
# $\;p=\beta\mu+(1-\beta)\,\text{rest}'$. Fix the ratio $\lambda=\alpha/\beta$ and ask for the largest such pair:
#
# 1. the rests are not negative, so $\alpha\mu\le q$ and $\beta\mu\le p$, that is $\alpha\mu\le\lambda p$;
# 2. together $\alpha\mu\le\min(\lambda p,q)$, outcome by outcome; sum over the outcomes, with $\sum\mu=1$:
# 3. $\alpha(\lambda)=\sum\min(\lambda p,\,q)$ and $\beta(\lambda)=\alpha(\lambda)/\lambda$: no pair is larger, and
#    $\mu=\min(\lambda p,q)/\alpha$ attains it, for then neither rest is negative.
#
# Every $\lambda$ gives one point: a *curve* of precision against recall. **Proof**, against a search through all common parts:

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
# The ends are what we wanted: two letters of four have precision 1 and recall ½, half garbage the reverse. In between lies
# more: unequal shares reach 1 at both ends, and yet their curve bends inwards. One pair of numbers is a summary already.
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
# data say: the **ball** of a real point reaches to its $k$-th nearest real neighbour. Precision is the share of samples
# in some real ball; recall is the same with the parts exchanged: the share of real points in some ball of the *samples*
# (Kynkäänniemi et al., 2019).

# %%
from scipy.spatial.distance import cdist

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

# %% [markdown]
# **Exercise {exercise: PRECISION}: write a score.** `real` is `(n, d)`, `samples` `(m, d)`; `cdist(a, b)` gives all distances, `(len(a), len(b))`. The
# edge of a ball belongs to it.


# %% tags=["exercise"]
def my_precision(real, samples, num_neighbors):
    # BEGIN SOLUTION
    radii = np.sort(cdist(real, real), axis=1)[:, num_neighbors]  # column 0 is the point itself
    return (cdist(samples, real) <= radii).any(axis=1).mean()
    # END SOLUTION


# %%
check(exercises.PRECISION, my_precision)

# %% [markdown]
# Do these numbers mean what the exact ones mean? **Predict** all four rows, then run. The data are two tight clusters, far
# apart; garbage is a tight cluster far from both. (From here on the library's `metrics.precision_recall`, which needs no answer
# of yours.)

# %% tags=["proof"]
clusters = np.array([[-10.0, 0.0], [10.0, 0.0]])


def tight(places, n, seed):
    draws = np.random.default_rng(run.seed + seed)
    return np.asarray(places)[np.arange(n) % len(places)] + 0.1 * draws.normal(size=(n, 2))


real = tight(clusters, 1000, 0)
cases = {
    "the same law": (tight(clusters, 1000, 1), 1.0, 1.0),
    "one of two": (tight(clusters[:1], 1000, 1), 1.0, 0.5),
    "half garbage": (np.concatenate([tight(clusters, 500, 1), tight([[0.0, 500.0]], 500, 2)]), 0.5, 1.0),
    "disjoint": (tight(clusters + 100, 1000, 1), 0.0, 0.0),
}
for name, (samples, *expected) in cases.items():
    found = metrics.precision_recall(real, samples)
    print(
        f"{name:13} precision {found[0]:.3f} (exact {expected[0]:.1f}), recall {found[1]:.3f} (exact {expected[1]:.1f})",
        end="",
    )
    print(f", F1 {metrics.f_score(*found):.2f}")
    assert np.allclose(found, expected, atol=0.08), "balls must agree with the exact precision and recall"

# %% [markdown]
# Two numbers are hard to rank, so people take the harmonic mean, **F1** $=2PR/(P+R)$. It is nearer to the worse of the two, and
# forgets which one that was: *one of two* and *half garbage* have nearly the same F1, and opposite faults.
#
# ### Many dimensions
#
# In the plane two samples of one law scored nearly 1 and 1. **Predict** precision and recall of two samples of the same standard
# normal law in 64 dimensions.

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
    "dimension grows; coverage stays where it is, and density scatters about 1."
)
print(f"64 dimensions: precision {rows['precision'][-1]:.2f}, recall {rows['recall'][-1]:.2f}")
assert 0.5 < rows["precision"][-1] < 0.75, "in 64 dimensions equal laws must fall to about two thirds"
assert 0.95 < rows["coverage"][-1] < 1, "and coverage must stay"

# %% [markdown]
# Between 0.6 and 0.7: a *perfect* generator, and about a third of its samples "implausible". In many dimensions the volume
# outside of all balls is large, and $n$ points do not fill it. So **read precision and recall beside the score of fresh real
# data, at the same $n$, $k$ and features.**
#
# The other two curves stay (density scatters more, as a few crowded balls are counted often). **Density** and **coverage** (Naeem et al., 2020) use balls around the *real* points only: coverage is
# the share of real balls that hold a sample; density counts in how many real balls a sample lies, divided by the number
# that is expected for equal laws.

# %% [markdown] tags=["deeper"]
# ### Why density and coverage know what equal laws score
#
# With real points $X_1,\dots,X_N$ and samples $Y_1,\dots,Y_M$
#
# $$\text{density}=\frac1{kM}\sum_{j=1}^{M}\sum_{i=1}^{N}\mathbf 1\{Y_j\in B_k(X_i)\},\qquad
#   \text{coverage}=\frac1N\sum_{i=1}^{N}\mathbf 1\{\text{some }Y_j\in B_k(X_i)\}.$$
#
# Stand at $X_i$ and sort *all* other points by their distance from you: $N-1$ real ones and $M$ samples. If both laws are equal
# and have no ties (a density will do; a law on ten points will not), nobody could tell which is which: every order is equally
# likely, in every dimension.
#
# 1. $B_k(X_i)$ holds no sample exactly if the first $k$ points in that order are all real. The first is real with
#    probability $\frac{N-1}{M+N-1}$, the second then with $\frac{N-2}{M+N-2}$, and so on:
#    $\;\mathbb E[\text{coverage}]=1-\prod_{i=1}^{k}\frac{N-i}{M+N-i}.$
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
coin = np.random.default_rng(run.seed).integers(0, 2, size=(2, 90, 1)).astype(float)
print(f"two equal laws with ties, on two points: density {metrics.density_coverage(coin[0, :60], coin[1], 3)[0]:.1f}")

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
# And what can *they* not see? Density has a blind spot, the middle. **Predict** the four scores of a generator
# that draws the *mean* of a 64-dimensional normal law, always.

# %% tags=["proof"]
real, middle = np.random.default_rng(run.seed).normal(size=(1000, 64)), np.zeros((1000, 64))
density, coverage = metrics.density_coverage(real, middle)
precision, recall = metrics.precision_recall(real, middle)
print(
    f"always the mean: precision {precision:.2f}, recall {recall:.2f}, density {density:.0f}, coverage {coverage:.2f}"
)
apart = np.sort(cdist(real, real), axis=1)
reach, norms = apart[:, 5], np.linalg.norm(real, axis=1)
print(f"median distance: of two points {np.median(apart[:, 1:]):.1f}, to the fifth neighbour {np.median(reach):.1f},")
print(f"to the mean {np.median(norms):.1f}; the mean lies in {np.mean(norms <= reach):.1%} of the balls")
assert density > 150, "the mean must lie in nearly every ball"

# %% [markdown]
# Typical points are $\sqrt{128}\approx11.3$ apart, even the fifth nearest of 1,000 is still about 9 away, and the mean only
# $\sqrt{64}=8$: it lies in nearly every ball. A perfect precision, a perfect coverage, and a density *two hundred* times too
# large ($n/k=1000/5$). Only recall objects. For images the mean is a *blur*.

# %% [markdown]
# ## The Fréchet distance, alias FID
#
# Most papers report one number, the **Fréchet Inception distance** (FID; Heusel et al., 2017). *Inception* is the network,
# Inception-v3, trained to name 1,000 kinds of photographs; each image becomes the 2,048 numbers before its last layer. Our
# images are letters, so our **features** come from a small network that the course has trained to name letters and fonts: 32
# numbers an image (its card: `data/letter_features.md`). What follows is the same for both.
#
# Fit a Gaussian to each set of features. The distance is the cheapest transport from one to the other, where carrying over a
# distance costs its *square* (the squared 2-Wasserstein distance). In one dimension the cheapest transport keeps the order
# ({lesson: wasserstein_gans}), here $x\mapsto m_b+\frac{s_b}{s_a}(x-m_a)$, so it costs $(m_a-m_b)^2+(s_a-s_b)^2$. In $d$ dimensions
# (Dowson & Landau, 1982)
#
# $$\|m_a-m_b\|^2+\operatorname{tr}\big(A+B-2(A^{1/2}BA^{1/2})^{1/2}\big).$$
#
# **Proof**: of the first by sorting and pairing, which needs no formula; of the second by moving one Gaussian to the
# other, with $x\mapsto Tx$, $T=A^{-1/2}(A^{1/2}BA^{1/2})^{1/2}A^{-1/2}$. It is the slope of a convex function, and so the cheapest map.

# %% tags=["proof"]
from scipy import linalg, stats

quantiles = (np.arange(200_000) + 0.5) / 200_000
a, b = stats.norm(1.0, 0.5).ppf(quantiles), stats.norm(-0.5, 2.0).ppf(quantiles)
transported = np.mean((np.sort(a) - np.sort(b)) ** 2)
formula = metrics.frechet_of_gaussians([1.0], [[0.25]], [-0.5], [[4.0]])
print(f"one dimension: cost of the sorted pairs {transported:.4f}, closed form {formula:.4f}")
assert abs(transported - formula) < 1e-3, "the closed form must be the cost of the cheapest transport"
A, B = (half @ half.T + 0.1 * np.eye(3) for half in np.random.default_rng(run.seed).normal(size=(2, 3, 3)))
root_of_a = linalg.sqrtm(A)
T = np.linalg.solve(root_of_a, linalg.sqrtm(root_of_a @ B @ root_of_a)) @ np.linalg.inv(root_of_a)
moved = np.trace((np.eye(3) - T) @ A @ (np.eye(3) - T))
formula = metrics.frechet_of_gaussians(np.zeros(3), A, np.zeros(3), B)
print(f"three correlated axes: cost of x → Tx {moved:.4f}, closed form {formula:.4f}")
assert np.allclose((T @ A @ T, T), (B, T.T)), "x → Tx must carry one law to the other, and be a slope"
assert np.isclose(formula, moved), "its cost must be the distance"

# %% [markdown]
# **Exercise {exercise: FRECHET}: find the bug.** Here is a Fréchet distance from a hurried afternoon, and a generator that has collapsed to the
# mean of the data.


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
# Zero, a perfect score. Repair it. `a` and `b` are covariances `(d, d)`, not diagonal; `root` (above) is the matrix root.


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
# ### A score without its $n$ is half a number
#
# The distance of two *equal* Gaussians is 0. That of two *samples* of it is not, as each has its own mean and
# covariance. How large is it, for $n\gg d$ points each and a covariance with eigenvalues $\lambda_1,\dots,\lambda_d$ (its axes)?
#
# 1. *Means.* On axis $i$, $m_a-m_b$ has the variance $2\lambda_i/n$: in all $\frac2n\sum_i\lambda_i$.
# 2. *Covariances.* Write $A=\Lambda+E$, $B=\Lambda+F$. To second order the trace term is
#    $\sum_{ij}\frac{(E_{ij}-F_{ij})^2}{2(\lambda_i+\lambda_j)}$ (on one axis:
#    $(\sqrt{\lambda+e}-\sqrt{\lambda+f})^2\approx\frac{(e-f)^2}{4\lambda}$).
# 3. $E_{ij}$ and $F_{ij}$ have the variance $\lambda_i\lambda_j/n$ off the diagonal, and $2\lambda_i^2/n$ on it.
#
# $$\text{bias}\approx\frac1n\Big(2\sum_i\lambda_i+\sum_{ij}(1+\delta_{ij})\frac{\lambda_i\lambda_j}{\lambda_i+\lambda_j}\Big)
#   \;=\;\frac1n\Big(2d+\frac{d(d+1)}2\Big)\quad\text{if all }\lambda_i=1.$$
#
# ($\delta_{ij}$ is 1 for $i=j$, else 0.) With 2,048 independent features of variance 1 a *perfect* generator would have a FID of 42
# at the usual $n=50{,}000$ (Chong & Forsyth, 2020, remove the bias). **Predict** with the formula: two sets of 1,000 fresh letters, 32 features?

# %%
from course_lib.features import letter_features

of_train, of_fresh, of_test = map(letter_features, (train, fresh, test))


def bias_times_n(covariance):
    size = np.linalg.eigvalsh(covariance)
    return 2 * size.sum() + np.sum((1 + np.eye(len(size))) * np.outer(size, size) / np.add.outer(size, size))


counts, draws = (125, 250, 500, 1000, 2000), np.random.default_rng(run.seed)
held_out = np.concatenate([of_fresh, of_test])
letters = {n: held_out[[draws.permutation(4000)[: 2 * n] for _ in range(20)]].reshape(20, 2, n, 32) for n in counts}
normal = {n: draws.normal(size=(20, 2, n, 8)) for n in counts}

# %% tags=["proof"]
laws = {
    "standard normal, 8": (normal, bias_times_n(np.eye(8))),
    "letters, 32": (letters, bias_times_n(np.cov(held_out.T))),
}
measured = {
    name: np.array([[metrics.frechet_distance(*pair) for pair in sets[n]] for n in counts])
    for name, (sets, _) in laws.items()
}
for name, (_, constant) in laws.items():
    mean, error = measured[name][3].mean(), measured[name][3].std() / np.sqrt(20)
    print(f"{name} features, n = 1000: measured {mean:.3f} ± {error:.3f}, by the law {constant / 1000:.3f}")
    assert abs(mean / (constant / 1000) - 1) < 0.2, "equal laws must score the bias that was derived"
print(f"were the 32 features independent, of variance 1: {bias_times_n(np.eye(32)) / 1000:.3f}")

# %% [markdown]
# The law is for Gaussian features; letters come within ten per cent of it or so. Now against $n$: the bias (left), and
# four scores of one and the same bad generator, *out of focus* (right). **Which of them fall?**

# %% tags=["proof"]
blurred = letter_features(shuffled["out of focus"])
against_n = {"precision": [], "recall": [], "density": [], "coverage": []}
for n in counts[:4]:
    blocks = [(of_test[s : s + n], blurred[s : s + n]) for s in range(0, 1000, n)]
    scores = [(*metrics.precision_recall(*block), *metrics.density_coverage(*block)) for block in blocks]
    for name, value in zip(against_n, np.mean(scores, axis=0), strict=True):
        against_n[name].append(value)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
for (name, (_, constant)), colour in zip(laws.items(), plotting.PALETTE, strict=False):
    left.errorbar(
        counts, measured[name].mean(axis=1), measured[name].std(axis=1), fmt="o", color=colour, label=f"{name} features"
    )
    left.plot(counts, constant / np.array(counts), color=colour, linewidth=1)
left.set(yscale="log", ylabel="Fréchet distance of equal laws")
left.legend(frameon=False)
plotting.curves(against_n, x=counts[:4], xlabel="n", ylabel="score of one bad generator", ax=right).set(ylim=(0, 1.7))
for ax, shown in ((left, counts), (right, counts[:4])):
    ax.set(xscale="log", xlabel="n")
    ax.set_xticks(shown, shown)
    ax.minorticks_off()
plotting.show(
    alt="Left, Fréchet distances of equal laws against n on logarithmic axes: points with error bars on two falling "
    "straight lines, which are the derived law. Right, four scores of the same blurred images against n: precision, "
    "density and coverage fall with n, recall is low throughout."
)
print("n = 125 → 1000:", ", ".join(f"{name} {values[0]:.2f} → {values[-1]:.2f}" for name, values in against_n.items()))
assert against_n["coverage"][0] > against_n["coverage"][-1] + 0.1, "coverage of unequal laws must fall with n"

# %% [markdown]
# **With more images on both sides the same generator looks better** by the Fréchet distance, and *worse* by precision and
# coverage: with more real points the balls shrink, and a bad sample no longer passes. Scores of different $n$ cannot be
# compared, in either direction.
#
# And the Fréchet distance looks at means and covariances only. Two laws that share them are the same to it:

# %% tags=["proof"]
draws = np.random.default_rng(run.seed + 1)
bell = draws.normal(size=(1000, 2))
corners = draws.choice([-1.0, 1.0], size=(1000, 2)) * np.sqrt(0.97) + np.sqrt(0.03) * draws.normal(size=(1000, 2))
figure, axes = plt.subplots(1, 2, figsize=(6, 2.8), layout="constrained", sharex=True, sharey=True)
for ax, title, points in zip(axes, ("real: one bell", "generated: four clusters"), (bell, corners), strict=True):
    plotting.scatter(points, xlabel="$x_1$", ylabel="$x_2$", ax=ax).set_title(title, fontsize=10)
plotting.show(
    alt="Two clouds of points with the same means and covariances: real ones in one bell, generated ones in four "
    "clusters with an empty middle."
)
apart, control = metrics.frechet_distance(bell, corners), metrics.frechet_distance(bell, draws.normal(size=(1000, 2)))
precision, recall = metrics.precision_recall(bell, corners)
print(f"Fréchet {apart:.4f}, of fresh real points {control:.4f}; but precision {precision:.2f}, recall {recall:.2f}")
assert apart < 0.05, "equal means and covariances must score nearly 0"
assert recall < 0.75, "recall must see that the middle is empty"

# %% [markdown] tags=["deeper"]
# ## The Inception score
#
# The oldest score of the family (Salimans et al., 2016) needs no real images at all, only a classifier $p(y\mid x)$. Each sample
# should be *named clearly*, and all names should *occur*. Both are in one number, with $p(y)$ the mean of $p(y\mid x)$ over the samples:
#
# $$\text{IS}=\exp\Big(\mathbb E_x\,\mathrm{KL}\big(p(y\mid x)\,\big\|\,p(y)\big)\Big),\qquad 1\le\text{IS}\le\text{number of classes}.$$
#
# **Exercise {exercise: INCEPTION_SCORE}: write a score.** `probabilities` is `(n, classes)`, rows that sum to 1. A classifier may be *certain*: $0\log0=0$.


# %% tags=["exercise"]
def my_inception_score(probabilities):
    # BEGIN SOLUTION
    mean = probabilities.mean(axis=0)
    ratio = np.where(probabilities > 0, probabilities, 1.0) / np.where(mean > 0, mean, 1.0)
    return np.exp((probabilities * np.log(ratio)).sum(axis=1).mean())
    # END SOLUTION


# %%
check(exercises.INCEPTION_SCORE, my_inception_score)

# %% [markdown]
# Our network names ten letters, so the best score is 10. **Predict:** which of the six generators of the beginning gets it?

# %% tags=["proof"]
from scipy.special import rel_entr

from course_lib.features import letter_scores

inception = {}
for name, images in shuffled.items():
    probabilities = np.exp(letter_scores(images)[0])
    inception[name] = np.exp(rel_entr(probabilities, probabilities.mean(axis=0)).sum(axis=1).mean())
    print(f"{name:18} {inception[name]:5.2f}")
assert abs(inception["five letters only"] - 5) < 0.3, "five letters, named clearly, must score five"
assert inception["one image a letter"] > 9.5, "one image a letter must be as good as all"

# %% [markdown]
# *One image a letter* is as good as real data, and so are *copies*; *five letters* score 5. The score sees what the names see, and no
# variety within a name (Barratt & Sharma, 2018). Today it is reported mostly for comparison with old papers.

# %% [markdown] tags=["deeper"]
# ## A kernel distance without bias
#
# Is there a distance that is 0 *on average* for equal laws? Map each point to a vector $\phi(x)$ of more features, and
# compare the means (the **maximum mean discrepancy**, Gretton et al., 2012):
#
# $$\mathrm{MMD}^2=\big\|\mathbb E\,\phi(X)-\mathbb E\,\phi(Y)\big\|^2
#   =\mathbb E\,k(X,X')+\mathbb E\,k(Y,Y')-2\,\mathbb E\,k(X,Y),$$
#
# where $k(x,y)=\phi(x)^\top\phi(y)$, and $X'$ is a second, *independent* draw. Only the kernel $k$ is needed, never $\phi$. The **kernel distance** (KID;
# Bińkowski et al., 2018) uses $k(x,y)=(x^\top y/d+1)^3$, whose $\phi$ holds all products of up to three coordinates: it compares
# moments up to the third.
#
# The estimate replaces each mean by a mean over pairs. The word *independent* is where it goes wrong: $x_i$ and $x_i$ are
# not. With those pairs the mean is too large by $\frac1n\big(\mathbb E\,k(X,X)-\mathbb E\,k(X,X')\big)>0$ for
# each set; without them each term is exactly unbiased. Here is the usual short version, and what it says of *equal* laws:


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
# About half of the values are negative: a *squared* distance below zero is no mistake here, it is the price of being right on
# average. What is it blind to? Whatever does not move a moment up to the third. Does it see the four clusters?

# %%
value, error = metrics.kernel_distance(bell, corners)
print(f"bell against four clusters: {value:.3f} ± {error:.3f}")

# %% [markdown]
# It does not: they differ from the bell in their *fourth* moment. A kernel of another form would see them. (CMMD, Jayasumana et
# al., 2024, takes a Gaussian kernel, on features of the network CLIP.)

# %% [markdown] tags=["deeper"]
# ## Can anybody tell? The classifier two-sample test
#
# Then let a *learner* look for any difference. Train a classifier to tell real from generated, on one half;
# count its right answers on the other half (Lopez-Paz & Oquab, 2017). If both laws are equal, held-out labels are as good as coin
# tosses, whatever was learned: $r$ right answers of $n$ have the mean $n/2$ and a standard deviation of about $\sqrt n/2$, and the
# probability that a coin does as well is $\;p=2^{-n}\sum_{s\ge r}\binom ns$. (Nearly. Equal *numbers* of both kinds are held out,
# so a rule that answers "real" for half of them scatters by the factor $\sqrt{n/(n-1)}$ more: at $n=1000$ nothing, at $n=10$ five per
# cent.) With `math.comb` for $\binom ns$:

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
print(f"(a coin: {result.null_deviation:.3f})")
print(f"p < 0.05 in {np.mean(alarms):.1%}; on its training data: {on_training:.0%}")
assert abs(np.mean(accuracies) - 0.5) < 5 * error, "equal laws must leave held-out accuracy at one half"
assert np.std(accuracies) < 1.25 * result.null_deviation, "and it must scatter as a coin does"

# %% [markdown]
# On its training data it is always right, and that says nothing; held out it is a coin. And the four clusters? That
# depends on the classifier. **Predict**: logistic regression on the coordinates, their squares and products (the library's
# usual one), and 15 nearest neighbours.

# %% tags=["proof"]
for name, classifier in (("squares and products", None), ("15 nearest neighbours", KNeighborsClassifier(15))):
    result = metrics.classifier_two_sample_test(bell, corners, classifier)
    print(f"{name:21}: {result.accuracy:.3f} of {result.num_test} rightly told apart, p = {result.p_value:.1e}")
assert result.p_value < 1e-6, "the nearest neighbours must see the four clusters"

# %% [markdown]
# The first knows second moments, and these are equal: it finds little, if anything. The second sees the clusters at once. **A high
# accuracy proves a difference; a low one only says that this classifier found none.**

# %% [markdown]
# ## Nats, and why they disagree with samples
#
# A model with a density can be judged without samples: by its bound on images that it has not seen ({lesson: tighter_bounds}).
# That finds over-fitting, which samples hide. A GAN has no density, so it has no such number. But do good nats mean good samples?
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
# Two good models may differ by more than that. **Measured** on laws whose densities we know, beside a model that fails in
# the opposite way: a *copier* whose samples are training points with a little noise.

# %% tags=["proof"]
draws = np.random.default_rng(run.seed)
dimension = 20
law, garbage = stats.multivariate_normal(np.zeros(dimension)), stats.multivariate_normal(np.full(dimension, 30.0))
points, seen = law.rvs(1000, random_state=run.seed + 1), law.rvs(300, random_state=run.seed + 2)
good = law.logpdf(points)
mixture = np.logaddexp(np.log(0.01) + good, np.log(0.99) + garbage.logpdf(points))
kernels = -0.5 * cdist(points, seen, "sqeuclidean") / 0.01 - 0.5 * dimension * np.log(2 * np.pi * 0.01)
copier = np.logaddexp.reduce(kernels, axis=1) - np.log(len(seen))
copied = seen[draws.integers(0, 300, 1000)] + 0.1 * draws.normal(size=(1000, dimension))
drawn = np.concatenate([law.rvs(10, random_state=run.seed + 3), garbage.rvs(990, random_state=run.seed + 3)])
drawn_anew = law.rvs(1000, random_state=run.seed + 4)
rows = {"the law itself": (good, drawn_anew), "99 % garbage": (mixture, drawn), "copies with noise": (copier, copied)}
precisions = {name: metrics.precision_recall(points, samples)[0] for name, (_, samples) in rows.items()}
for name, (nats, _) in rows.items():
    print(f"{name:18} {nats.mean():9.1f} nats on new points, precision {precisions[name]:.2f}")
assert abs(good.mean() - mixture.mean() - np.log(100)) < 1e-6, "garbage must cost log 100 nats where it never lies"
assert precisions["99 % garbage"] < 0.05 < 0.6 < precisions["copies with noise"], "and its samples must be worthless"
assert copier.mean() < mixture.mean() - 50, "the copier must lose far more"

# %% [markdown]
# The model whose samples are worthless loses 4.6 nats; the copier, whose samples score as the law's own do, loses
# hundreds. Nats and samples answer different questions. Report both where both exist.
#
# ## Copies
#
# Every score of samples so far compared them with real images, and none asked: *which* real images? A copier of the
# training set passes them all. Look at the nearest training image of each sample, on features; and since no distance is near or
# far by itself, compare with the distances of held-out real images, which are as fresh as an image can be (Meehan et al.,
# 2020).
#
# Every tenth of the next 1,000 images is a copy with one pixel flipped, so that none is exact:

# %% tags=["proof"]
mixed = fresh[:1000].copy()
planted = np.arange(0, 1000, 10)
mixed[planted] = train[rng.integers(0, len(train), len(planted))]
mixed[planted, 13, 13] = 1 - mixed[planted, 13, 13]
found = metrics.memorisation(letter_features(mixed), of_train, of_test)
alarms = np.delete(found.copies, planted)
assert (found.distances[planted] > 0).all(), "no copy may be exact"
print(
    f"planted copies found: {found.copies[planted].sum()} of {len(planted)}; false alarms: {alarms.sum()} of {len(alarms)}"
)
print(f"nearer to the training set than held-out images: {found.share_nearer:.2f} of all pairs (fresh images: 0.50)")
assert found.copies[planted].mean() >= 0.8, "nearly every planted copy must be found"
assert alarms.mean() < 0.05, "fresh images must hardly be called copies"

# %% [markdown]
# All or nearly all are found, with about one false alarm in a hundred: the threshold is the lowest hundredth of the
# held-out distances. What is this test blind to? Whatever its distance does not call near. Move the copies by two pixels:

# %%
shifted = np.roll(train[:1000], 2, axis=2)
for name, view in (("pixels", lambda x: x), ("features", letter_features)):
    result = metrics.memorisation(view(shifted), view(train[:5000]), view(test[:1000]))
    print(f"copies moved by two pixels, seen in {name:8}: {result.copies.mean():.0%} are called copies")

# %% [markdown]
# Hardly any. "No copies were found" is a sentence about a distance.
#
# ## The table of blind spots
#
# All scores for the six generators of the beginning, and for two more: *noise*, whose pixels are black or white independently,
# with the ink that letters have on average; and *specks*, the fresh real images with four pixels of each flipped.
# **Predict** the row of each.

# %%
noise = (rng.random((1000, 28, 28, 1)) < fresh.mean(axis=0)).astype("float32")
specks = fresh[:1000].copy().reshape(1000, -1)
turned = rng.permuted(np.tile(np.arange(784), (1000, 1)), axis=1)[:, :4]
np.put_along_axis(specks, turned, 1 - np.take_along_axis(specks, turned, axis=1), axis=1)
specks = specks.reshape(1000, 28, 28, 1)
plotting.image_rows({"noise": noise[:12], "specks": specks[:12]})
plotting.show(
    alt="Two rows of twelve generated images: noise, denser in the middle, in which no letter can be seen; and letters "
    "with a few isolated wrong pixels beside and in the ink."
)
table = {
    name: metrics.sample_scores(of_test[:1000], letter_features(images), of_train, of_test[1000:])
    for name, images in {**shuffled, "noise": noise, "specks": specks}.items()
}

# %% [markdown]
# *kernel* is the kernel distance, without bias; *accuracy* that of a classifier which tells samples from real images (held
# out, ½ is best); *nearer* the share of pairs in which a sample is nearer to the training set than a held-out image is (½ is
# best). The shade is the difference to the first row, black from 0.3 on (Fréchet distance: from 3 on).

# %% tags=["proof"]
columns = list(table["copies"])
values = np.array([[scores[column] for column in columns] for scores in table.values()])
shade = np.abs(values - values[0]) / np.where(np.array(columns) == "Fréchet", 3.0, 0.3)
ax = plt.subplots(figsize=(9, 3.4), layout="constrained")[1]
ax.imshow(shade, cmap="Greys", vmin=0, vmax=1, aspect="auto")
for (row, column), value in np.ndenumerate(values):
    ax.text(
        column, row, f"{value:.2f}", ha="center", va="center", color="white" if shade[row, column] > 0.6 else "black"
    )
ax.set_xticks(range(len(columns)), columns)
ax.set_yticks(range(len(table)), table)
plotting.show(
    alt="A table of nine scores of eight generators, shaded where a score differs from that of fresh real images. "
    "Copies are dark in the last column only, specks nowhere, noise everywhere but in precision."
)
rings = {
    name: {c for c, dark in zip(columns, row, strict=True) if dark > 0.5}
    for name, row in zip(table, shade, strict=True)
}
assert {"precision", "recall"} & rings["half patchworks"] == {"precision"}, "garbage must cost precision"
assert {"precision", "recall"} & rings["five letters only"] == {"recall"}, "lost letters must cost recall"
assert rings["copies"] == {"nearer"}, "only the distance to the training set may see copies"
assert rings["specks"] == set(), "no score may see the specks"
assert {"recall", "coverage", "Fréchet", "accuracy"} <= rings["noise"], "nearly all must see noise"
assert "precision" not in rings["noise"], "and precision must not"

# %% [markdown]
# * *Copies* stand out in the last column only. *Patchworks* keep their recall, *five letters* their precision: each score sees its
#   own failure. From the Fréchet distance nobody could guess the cause.
# * *One image a letter* is perfectly plausible, with recall 0: its points lie on each other, so their balls have no extent.
# * *Noise* and *out of focus* have a high precision. To these features both are faint average letters, and the middle is covered by
#   many balls. Recall, coverage, both distances and the accuracy see them: **a precision without its recall means nothing.**
# * *Specks* raise no alarm anywhere, and you see them at once. A network that learned to *name* letters has learned to ignore specks.
#
# So the features decide what can be seen. Inception's lie so near to the 1,000 names of ImageNet that a better match of the
# *names* lowers the FID of the same images (Kynkäänniemi et al., 2023). Newer papers add features of **CLIP** (trained on
# pictures and their captions) and **DINOv2** (trained without labels); of those compared, DINOv2's agreed best with people
# (Stein et al., 2023). Even how images are made smaller before the network changes a FID (Parmar et al., 2022).
# **Look at the pictures, too.**
#
# | score | needs | sees | blind to | equal laws | with $n$ |
# |---|---|---|---|---|---|
# | precision | real images, features | implausible samples | what is missing, copies; flattered by blur | below 1, falls with $d$ | falls if laws differ |
# | recall | the same | what is missing | implausible samples, copies | below 1, falls with $d$ | depends |
# | density, coverage | the same | implausible samples (density), what is missing (coverage) | copies, the middle | 1 and $1-\prod\frac{N-i}{M+N-i}$ | fall if laws differ |
# | Fréchet (FID) | the same | means, covariances | shape, copies; names no cause | bias $\propto1/n$ | falls |
# | kernel (KID) | the same | moments up to the third | higher ones, copies | 0 | no bias |
# | Inception score | a classifier | unclear names, missing names | variety within a name, copies | that of real images | rises a little |
# | two-sample test | real images | what its classifier can learn | copies | ½ | power grows |
# | memorisation | the training set | near copies | copies that its distance does not see | ½ | no bias |
# | held-out bound | a density | over-fitting | garbage up to 99 % | – | no bias |
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
# ## Quiz
#
# <details><summary><b>1.</b> "We evaluate our generator by accuracy, recall and F1, as usual." What must you ask?</summary>
#
# Of what? These are scores of a classifier, which has right answers to compare with; a sample has none. A generator has a
# precision and a recall, defined on distributions and estimated with balls on features. Accuracy appears too, as that of
# somebody who tells samples from data, where ½ is perfect.
# </details>
#
# <details><summary><b>2.</b> A paper reports a kernel distance of −0.002 ± 0.004. A typing error?</summary>
#
# No: an unbiased estimate of a squared distance near 0 is negative about every second time. At this $n$ the samples could not be
# told from the data by this kernel.
# </details>
#
# <details><summary><b>3.</b> Your generator has precision 0.64 and recall 0.62. Poor?</summary>
#
# Perhaps perfect: in 64 dimensions two samples of one law score that. Compare with fresh real data at the same $n$, $k$ and
# features.
# </details>
#
# <details><summary><b>4.</b> FID 12.1 with 10,000 samples, FID 9.8 with 50,000. Which model is better?</summary>
#
# Nobody knows. The bias falls as $1/n$, so the second was measured with a smaller one. Measure both at the same $n$.
# </details>
#
# <details><summary><b>5.</b> The two-sample test gives an accuracy of 0.51, p = 0.3. Are the laws equal?</summary>
#
# This classifier, with so many examples, found no difference. A copier of the training set would pass too.
# </details>
#
# <details><summary><b>6.</b> Can a model with an excellent FID on faces draw ears badly?</summary>
#
# Yes, if Inception's features do not see ears well. A score sees what its features see.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **written** precision by balls (deeper: and the Inception score), and **repaired** a Fréchet distance without its trace;
# * **proved** precision and recall as curves and on clusters, and seen perfection score two thirds in 64 dimensions;
# * **derived** the bias of the Fréchet distance, a constant over $n$, and met it on letters;
# * **found** planted copies that no other score had seen, and **read** the table: specks that no score sees;
# * **chosen** a score for each failure.
#
# Is it any good? **Ask *good for what*, choose the score that sees the failure you fear, put fresh real data beside it at the
# same $n$, and look at the pictures.**
#
# **Go further.** Draw precision and recall against $k$, from 1 to 20. Judge lesson {number: conditioning_and_rare_classes}'s conditional VAE letter by letter: which letter has the lowest recall?
# Flip 4, 8, 16, 32 pixels of each image: which score notices first?
#
# **References.** Dowson & Landau (1982), *The Fréchet distance between multivariate normal distributions*, Journal of
# Multivariate Analysis 12. · Gretton et al. (2012), *A kernel two-sample test*, JMLR 13. · Salimans et al. (2016), *Improved
# techniques for training GANs*, arXiv:1606.03498. · Theis, van den Oord & Bethge (2016), *A note on the evaluation of generative
# models*, arXiv:1511.01844. · Heusel et al. (2017), *GANs trained by a two time-scale update rule*, arXiv:1706.08500. ·
# Lopez-Paz & Oquab (2017), *Revisiting classifier two-sample tests*, arXiv:1610.06545. · Barratt & Sharma (2018), *A note on the
# Inception score*, arXiv:1801.01973. · Sajjadi et al. (2018), *Assessing generative models via precision and recall*,
# arXiv:1806.00035. · Bińkowski et al. (2018), *Demystifying MMD GANs*, arXiv:1801.01401. · Kynkäänniemi et al. (2019),
# *Improved precision and recall metric for assessing generative models*, arXiv:1904.06991. · Naeem et al. (2020), *Reliable
# fidelity and diversity metrics for generative models*, arXiv:2002.09797. · Meehan, Chaudhuri & Dasgupta (2020), *A
# non-parametric test to detect data-copying in generative models*, arXiv:2004.05675. · Chong & Forsyth (2020), *Effectively
# unbiased FID and Inception score*, arXiv:1911.07023. · Parmar, Zhang & Zhu (2022), *On aliased resizing and surprising subtleties
# in GAN evaluation*, arXiv:2104.11222. · Kynkäänniemi et al. (2023), *The role of ImageNet classes in Fréchet Inception distance*,
# arXiv:2203.06026. · Stein et al. (2023), *Exposing flaws of generative model evaluation metrics and their unfair treatment of
# diffusion models*, arXiv:2306.04675. · Jayasumana et al. (2024), *Rethinking FID*, arXiv:2401.09603.

# %% [markdown] tags=["slide"]
# # Judging generative models: every score is blind to something
#
# You have a generator and a thousand of its samples.
#
# **Which number says whether they are good, whether they are *all* that the data hold, and whether they are not simply copies?**

# %% [markdown] tags=["notes"]
# 1 min. The loss does not tell: a GAN's loss measures the opponent, a VAE's bound measures nats. Nothing is trained today.

# %% [markdown] tags=["slide"]
# ## Predict: order these six generators from best to worst
#
# {figure: five-ways-to-fail-2}

# %% [markdown] tags=["notes"]
# 3 min. On paper, in pairs. Then ask two pairs: the orders differ, because they depend on what the samples are *for*. No formula can repair that, so we look for several numbers with one meaning each.

# %% [markdown] tags=["slide"]
# ## Precision and recall, of a *generator*
#
# A sample has no right label, so a classifier's scores do not apply.
#
# + **Precision:** how much of what it makes is plausible?
# + **Recall:** how much of the data can it make?
#
# . . .
#
# Both contain the same part $\mu$:
#
# $$q=\alpha\,\mu+(1-\alpha)\,\text{rest},\qquad p=\beta\,\mu+(1-\beta)\,\text{rest}'$$

# %% [markdown] tags=["notes"]
# 2 min. Sajjadi et al., 2018. α is the precision, β the recall. The usual confusion: precision and recall of a classifier.

# %% [markdown] tags=["slide"]
# ## A curve, not a pair
#
# $$\alpha(\lambda)=\sum\min(\lambda p,\,q),\qquad\beta(\lambda)=\frac{\alpha(\lambda)}\lambda$$
#
# {figure: precision-and-recall-of-a-generator-2}

# %% [markdown] tags=["notes"]
# 2 min. Leave out the derivation, three lines in the notebook. Unequal shares reach 1 at both ends, and still bend inwards.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: PREDICT_PRECISION_AND_RECALL} · {minutes} minutes
#
# A generator knows three of four equally frequent letters, all three equally well.
#
# Every fifth sample is garbage.
#
# **What are the largest precision and the largest recall?**

# %% [markdown] tags=["notes"]
# 4 min. 0.8 and 0.75. Usual wrong answers: the two exchanged; recall 0.6, the garbage counted against both.

# %% [markdown] tags=["slide"]
# ## From lists to points
#
# {figure: from-lists-to-points-2}
#
# The **ball** of a real point reaches to its $k$-th real neighbour. Precision: the share of samples in some ball.

# %% [markdown] tags=["notes"]
# 2 min. Recall exchanges the parts: balls around the samples. Exercise {exercise: PRECISION} writes it in a few lines; homework.

# %% [markdown] tags=["slide"]
# ## Predict: two samples of one law, in 64 dimensions
#
# In the plane they score 0.98 and 0.98. And here?
#
# . . .
#
# {output: many-dimensions-2}
#
# {figure: many-dimensions-2}

# %% [markdown] tags=["notes"]
# 3 min. A *perfect* generator, and a third of its samples "implausible". So read every score beside that of fresh real data, at the same n, k and features.

# %% [markdown] tags=["slide"]
# ## The Fréchet distance, alias FID
#
# Two Gaussians, and the cheapest transport at squared cost:
#
# $$\|m_a-m_b\|^2+\operatorname{tr}\big(A+B-2(A^{1/2}BA^{1/2})^{1/2}\big)$$
#
# + on *features* of a network, not on pixels;
# + it sees means and covariances, nothing else.

# %% [markdown] tags=["notes"]
# 2 min. Inception's features in most papers, letters' features here. In one dimension: (m_a − m_b)² + (s_a − s_b)². Exercise {exercise: FRECHET} repairs a broken one that gives 0 to a collapsed generator.

# %% [markdown] tags=["slide"]
# ## Predict: the Fréchet distance of two samples of the same letters
#
# 1,000 each, 32 features. Is it 0?
#
# . . .
#
# {output: a-score-without-its-is-half-a-number-3}
#
# . . .
#
# $$\text{bias}\approx\frac1n\Big(2d+\frac{d(d+1)}2\Big)\quad\text{if all }\lambda_i=1$$

# %% [markdown] tags=["notes"]
# 3 min. Each sample has its own mean and covariance. With 2,048 independent features of variance 1 a perfect generator has a FID of 42 at n = 50,000.

# %% [markdown] tags=["slide"]
# ## A score without its $n$ is half a number
#
# {figure: a-score-without-its-is-half-a-number-5}

# %% [markdown] tags=["notes"]
# 2 min. With more images on both sides it looks better by the Fréchet distance, and worse by precision and coverage. The generator is the same.

# %% [markdown] tags=["slide"]
# ## Quiz: FID 12.1 with 10,000 samples, 9.8 with 50,000. Which model is better?
#
# . . .
#
# Nobody knows: the bias falls as $1/n$, so the second was measured with a smaller one.
#
# . . .
#
# Measure both at the same $n$.

# %% [markdown] tags=["notes"]
# 2 min. Vote first: most say the second.

# %% [markdown] tags=["slide"]
# ## What the Fréchet distance cannot see
#
# {figure: a-score-without-its-is-half-a-number-7}
#
# {output: a-score-without-its-is-half-a-number-7}

# %% [markdown] tags=["notes"]
# 2 min. Same means, same covariances. Ask which of the other numbers objects: the recall.

# %% [markdown] tags=["slide"]
# ## Are they copies?
#
# The nearest training image of each sample, beside the same distance of held-out images:
#
# {output: copies-2}
#
# . . .
#
# Move the copies by two pixels:
#
# {output: copies-4}

# %% [markdown] tags=["notes"]
# 3 min. Ask before the fragment how many are still found. "No copies were found" is a sentence about a distance.

# %% [markdown] tags=["slide"]
# ## Predict: two more generators
#
# *Noise*: independent pixels, with the ink of letters. *Specks*: real images, four pixels of each flipped.
#
# {figure: the-table-of-blind-spots-2}
#
# Which scores see them?

# %% [markdown] tags=["notes"]
# 2 min. Let them say it for precision, recall and the Fréchet distance. The next slide has the table.

# %% [markdown] tags=["slide"]
# ## The table of blind spots
#
# {figure: the-table-of-blind-spots-4}

# %% [markdown] tags=["notes"]
# 4 min. Row by row. Copies: the last column only. Noise and blur: a high precision, because to these features they are faint average letters. Specks: nowhere, though you see them at once; a network that names letters has learnt to ignore them.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: CHOOSE_A_METRIC} · {minutes} minutes
#
# Which metric sees each failure best? Each once: recall, precision, memorisation, held-out bound, two-sample test.
#
# - dropped letters
# - patchworks
# - copies
# - a density that fits the training images alone
# - anything at all

# %% [markdown] tags=["notes"]
# 4 min. In the order of the list: recall, precision, memorisation, held-out bound, two-sample test.

# %% [markdown] tags=["slide"]
# ## Quiz: precision 0.64, recall 0.62. A poor generator?
#
# . . .
#
# Perhaps a perfect one: in 64 dimensions two samples of one law score that.
#
# . . .
#
# Compare with fresh real data at the same $n$, $k$ and features.

# %% [markdown] tags=["notes"]
# 2 min. If they have answered wrongly, go back to the slide on 64 dimensions.

# %% [markdown] tags=["slide"]
# ## To take home
#
# Every score is blind to something. Choose the one that sees the failure that you fear.
#
# Say $n$, the features, and what fresh real data score. And **look at the pictures.**
#
# *At home:* exercises {exercise: PRECISION} and {exercise: FRECHET}.

# %% [markdown] tags=["notes"]
# 1 min. Next: two trained models, and how we would know which is better.
