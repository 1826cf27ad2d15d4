"""Planted bugs of the metrics that judge a generative model."""

from tests.mutants.bug import planted_in

_PRECISION = ("course_lib/metrics/precision_recall.py", "tests/metrics/test_precision_recall.py")
_COVERAGE = ("course_lib/metrics/density_coverage.py", "tests/metrics/test_density_coverage.py")
_KERNEL = ("course_lib/metrics/kernel_distance.py", "tests/metrics/test_kernel_distance.py")
_TWO_SAMPLE = ("course_lib/metrics/two_sample_test.py", "tests/metrics/test_two_sample_test.py")
_COPIES = ("course_lib/metrics/memorisation.py", "tests/metrics/test_memorisation.py")
_SCOREBOARD = ("course_lib/metrics/scoreboard.py", "tests/metrics/test_scoreboard.py")
_FEATURES = ("course_lib/features.py", "tests/test_features.py")
_BALLS = ("course_lib/plotting.py", "tests/test_plotting.py")

BUGS = (
    planted_in(
        _PRECISION,
        "F1 as an arithmetic mean",
        "(1 + beta**2) * precision * recall / weighted",
        "(precision + recall) / 2",
    ),
    planted_in(
        _PRECISION,
        "F-score that weighs precision by beta",
        "beta**2 * precision + recall",
        "precision + beta**2 * recall",
    ),
    planted_in(_PRECISION, "F-score without the factor two", "(1 + beta**2) * precision", "beta**2 * precision"),
    planted_in(
        _PRECISION,
        "ball to one neighbour too few",
        "np.partition(distances, num_neighbors - 1, axis=1)[:, num_neighbors - 1]",
        "np.partition(distances, num_neighbors - 1, axis=1)[:, max(num_neighbors - 2, 0)]",
    ),
    planted_in(
        _COVERAGE,
        "balls around the samples in density and coverage",
        "radii = neighbour_distances(real, num_neighbors)",
        "real, generated = generated, real\n    radii = neighbour_distances(real, num_neighbors)",
    ),
    planted_in(
        _COVERAGE,
        "density that forgets k",
        "inside.sum() / (num_neighbors * len(generated))",
        "inside.sum() / len(generated)",
    ),
    planted_in(
        _COVERAGE, "density over the real points", "(num_neighbors * len(generated))", "(num_neighbors * len(real))"
    ),
    planted_in(
        _COVERAGE,
        "density and coverage swapped",
        "return float(inside.sum() / (num_neighbors * len(generated))), float((inside > 0).mean())",
        "return float((inside > 0).mean()), float(inside.sum() / (num_neighbors * len(generated)))",
    ),
    planted_in(
        _COVERAGE, "coverage of balls without their edge", "cdist(chunk, real) <= radii", "cdist(chunk, real) < radii"
    ),
    planted_in(_COVERAGE, "coverage only of the last chunk", "inside += (cdist", "inside = (cdist"),
    planted_in(
        _COVERAGE, "expected coverage that counts the centre", "order = np.arange(1, k + 1)", "order = np.arange(k)"
    ),
    planted_in(
        _COVERAGE,
        "expected coverage with one neighbour too few",
        "order = np.arange(1, k + 1)",
        "order = np.arange(1, k)",
    ),
    planted_in(
        _COVERAGE,
        "expected coverage with real and generated exchanged",
        "(num_real - order) / (num_generated + num_real - order)",
        "(num_generated - order) / (num_generated + num_real - order)",
    ),
    planted_in(
        _KERNEL,
        "kernel distance with pairs of a point with itself",
        "(kernel.sum() - np.trace(kernel)) / (len(x) * (len(x) - 1))",
        "kernel.mean()",
    ),
    planted_in(_KERNEL, "kernel distance divided by all pairs", "(len(x) * (len(x) - 1))", "(len(x) * len(x))"),
    planted_in(_KERNEL, "kernel distance with one cross term", "- 2.0 * across", "- across"),
    planted_in(_KERNEL, "kernel without the dimension", "a @ b.T / a.shape[1] + 1.0", "a @ b.T + 1.0"),
    planted_in(_KERNEL, "quadratic kernel", "+ 1.0) ** 3", "+ 1.0) ** 2"),
    planted_in(
        _KERNEL,
        "kernel distance that is never negative",
        "return float(_mean_of_pairs(real)",
        "return abs(_mean_of_pairs(real)",
    ),
    planted_in(
        _KERNEL,
        "kernel distance's error is the scatter of one block",
        "estimates.std(ddof=1) / math.sqrt(num_blocks)",
        "estimates.std(ddof=1)",
    ),
    planted_in(
        _KERNEL,
        "blocks drawn with replacement",
        "order = rng.permutation(len(x))[: num_blocks * size]",
        "order = rng.integers(0, len(x), num_blocks * size)",
    ),
    planted_in(
        _KERNEL,
        "blocks in the given order",
        "order = rng.permutation(len(x))[: num_blocks * size]",
        "order = np.arange(num_blocks * size)",
    ),
    planted_in(
        _TWO_SAMPLE,
        "two-sample test judged on its training data",
        "x, labels = _labelled(real[:held_out], generated[:held_out])",
        "x, labels = _labelled(real[held_out:], generated[held_out:])",
    ),
    planted_in(
        _TWO_SAMPLE,
        "two-sample test trained on its test data too",
        "classifier.fit(*_labelled(real[held_out:], generated[held_out:]))",
        "classifier.fit(*_labelled(real, generated))",
    ),
    planted_in(
        _TWO_SAMPLE,
        "two-sample test of unequal numbers",
        "(x[rng.permutation(len(x))[:count]] for x in (real, generated))",
        "(x[rng.permutation(len(x))] for x in (real, generated))",
    ),
    planted_in(
        _TWO_SAMPLE,
        "two-sample test in the given order",
        "(x[rng.permutation(len(x))[:count]] for x in (real, generated))",
        "(x[:count] for x in (real, generated))",
    ),
    planted_in(_TWO_SAMPLE, "p-value without the observed number", "binom.sf(num_right - 1,", "binom.sf(num_right,"),
    planted_in(_TWO_SAMPLE, "p-value of the lower tail", "binom.sf(num_right - 1,", "binom.cdf(num_right - 1,"),
    planted_in(
        _TWO_SAMPLE,
        "deviation of a coin without its half",
        "0.5 / math.sqrt(len(labels))",
        "1.0 / math.sqrt(len(labels))",
    ),
    planted_in(
        _TWO_SAMPLE,
        "labels of real and generated exchanged",
        "np.repeat([1, 0], [len(real)",
        "np.repeat([0, 1], [len(real)",
    ),
    planted_in(
        _COPIES,
        "copies compared with the held-out images themselves",
        "nearest_distance(samples, train), nearest_distance(held_out, train)",
        "nearest_distance(samples, held_out), nearest_distance(held_out, train)",
    ),
    planted_in(_COPIES, "copies are the far ones", "(distances < threshold)", "(distances > threshold)"),
    planted_in(_COPIES, "exact copies forgiven", " | (distances == 0)", ""),
    planted_in(
        _COPIES,
        "threshold from the far end",
        "np.quantile(usual, copy_quantile)",
        "np.quantile(usual, 1 - copy_quantile)",
    ),
    planted_in(_COPIES, "ties count as nearer", "0.5 * equal", "1.0 * equal"),
    planted_in(
        _COPIES,
        "share of samples that are farther",
        "farther = len(usual) - np.searchsorted",
        "farther = np.searchsorted",
    ),
    planted_in(
        _SCOREBOARD,
        "scores of density and coverage exchanged",
        "density, coverage = density_coverage",
        "coverage, density = density_coverage",
    ),
    planted_in(
        _SCOREBOARD,
        "every block against the same real examples",
        "zip(_cut(real, num_blocks), _cut",
        "zip(_cut(real, num_blocks)[:1] * num_blocks, _cut",
    ),
    planted_in(
        _SCOREBOARD,
        "error of the blocks without their number",
        "v.std(ddof=1) / math.sqrt(num_blocks)",
        "v.std(ddof=1)",
    ),
    planted_in(
        _FEATURES,
        "features after a second activation",
        "np.maximum(x @ kernel + bias, 0.0) @ outer + weights",
        "np.maximum(x @ kernel + bias, 0.0) @ np.maximum(outer, 0.0) + weights",
    ),
    planted_in(
        _FEATURES,
        "features without the activation",
        "np.maximum(x @ kernel + bias, 0.0) @ outer",
        "(x @ kernel + bias) @ outer",
    ),
    planted_in(
        _FEATURES, "scores of letters from standardised features", '* weights["deviation"] + weights["mean"]', ""
    ),
    planted_in(
        _FEATURES, "features of images beyond the range", "images.min() >= 0 and images.max() <= 1", "images.min() >= 0"
    ),
    planted_in(
        _BALLS, "balls with diameters for radii", "plt.Circle(centre, radius,", "plt.Circle(centre, radius / 2,"
    ),
)
