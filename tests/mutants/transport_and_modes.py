"""Planted bugs of transport, Lipschitz constants and the counting of modes."""

from tests.mutants.bug import planted_in

_LIPSCHITZ = ("course_lib/metrics/lipschitz.py", "tests/metrics/test_lipschitz.py")
_EXACT = ("course_lib/exact/transport.py", "tests/exact/test_transport.py")

_TRANSPORT = (
    planted_in(_EXACT, "squared ways on the line for plain ones", "np.abs(np.sort(a) - np.sort(b)).mean()", "np.square(np.sort(a) - np.sort(b)).mean()"),
    planted_in(_EXACT, "samples on the line in the order they came", "np.abs(np.sort(a) - np.sort(b)).mean()", "np.abs(a - b).mean()"),
    planted_in(_EXACT, "the smallest sent to the largest", "np.abs(np.sort(a) - np.sort(b)).mean()", "np.abs(np.sort(a) - np.sort(b)[::-1]).mean()"),
    planted_in(_EXACT, "a transport cost that grows with the sample", "np.abs(np.sort(a) - np.sort(b)).mean()", "np.abs(np.sort(a) - np.sort(b)).sum()"),
    planted_in(_EXACT, "unequal samples compared by their means", "return float(stats.wasserstein_distance(a, b))", "return float(abs(a.mean() - b.mean()))"),
    planted_in(_EXACT, "a sample in rows taken for one on the line", "if values.ndim != 1 or values.size == 0:", "if False:"),
    planted_in(_EXACT, "areas between distribution functions that cancel", "integrate.trapezoid(np.abs(gap), x=x)", "abs(integrate.trapezoid(gap, x=x))"),
    planted_in(_EXACT, "squared gaps between distribution functions", "integrate.trapezoid(np.abs(gap), x=x)", "integrate.trapezoid(np.square(gap), x=x)"),
    planted_in(_EXACT, "total variation for transport", "gap = _distribution_function(log_p, x) - _distribution_function(log_q, x)", "gap = density_on(x, log_p) - density_on(x, log_q)"),
    planted_in(_EXACT, "earth lost beyond the interval", "if not abs(cumulative[-1] - 1) < 1e-3:", "if False:"),
    planted_in(_EXACT, "the identity plan for the best one", "plan[optimize.linear_sum_assignment(cost)] = 1 / n", "plan[np.arange(n), np.arange(n)] = 1 / n"),
    planted_in(_EXACT, "the dearest plan", "plan[optimize.linear_sum_assignment(cost)] = 1 / n", "plan[optimize.linear_sum_assignment(cost, maximize=True)] = 1 / n"),
    planted_in(_EXACT, "a plan that carries n times the earth", "plan[optimize.linear_sum_assignment(cost)] = 1 / n", "plan[optimize.linear_sum_assignment(cost)] = 1"),
    planted_in(_EXACT, "the dearest plan of unequal numbers", "optimize.linprog(cost.ravel(), A_eq", "optimize.linprog(-cost.ravel(), A_eq"),
    planted_in(_EXACT, "a plan that may leave everything where it is", "A_eq=sparse.vstack([rows, columns]), b_eq=shares", "A_ub=sparse.vstack([rows, columns]), b_ub=shares"),
    planted_in(_EXACT, "a little of everything to everywhere", "return np.maximum(solution.x, 0).reshape(n, m)", "return np.full((n, m), 1 / (n * m))"),
    planted_in(_EXACT, "a plan with its axes exchanged", "return np.maximum(solution.x, 0).reshape(n, m)", "return np.maximum(solution.x, 0).reshape(m, n).T"),
    planted_in(_EXACT, "the cost of a plan averaged over all pairs", "return float((transport_plan(x, y) * _costs(x, y)).sum())", "return float((transport_plan(x, y) * _costs(x, y)).mean())"),
    planted_in(_EXACT, "squared costs for plain ones", "return distance.cdist(x, y)", 'return distance.cdist(x, y, "sqeuclidean")'),
    planted_in(_EXACT, "costs along the streets", "return distance.cdist(x, y)", 'return distance.cdist(x, y, "cityblock")'),
    planted_in(_EXACT, "points of two spaces", "if x.shape[1] != y.shape[1]:", "if False:"),
    planted_in(_EXACT, "points that are no rows", "if values.ndim != 2 or values.size == 0:", "if False:"),
    planted_in(_EXACT, "a potential with max for min", "- of_targets).min(axis=1)", "- of_targets).max(axis=1)"),
    planted_in(_EXACT, "a potential that forgets the prices", "(_costs(points, targets) - of_targets)", "_costs(points, targets)"),
    planted_in(_EXACT, "a potential that pays the prices twice", "(_costs(points, targets) - of_targets)", "(_costs(points, targets) - 2 * of_targets)"),
    planted_in(_EXACT, "prices added where they are taken off", "(_costs(points, targets) - of_targets)", "(_costs(points, targets) + of_targets)"),
    planted_in(_EXACT, "a potential low at the data", "return lambda points: (_costs", "return lambda points: -(_costs"),
    planted_in(_EXACT, "prices of the wrong sample", "of_targets = solution.x[n:]", "of_targets = solution.x[:m]"),
    planted_in(_EXACT, "prices that need only fit on average", "b_ub=cost.ravel(), bounds=pinned", "b_ub=np.full(cost.size, cost.mean()), bounds=pinned"),
    planted_in(_LIPSCHITZ, "the mean slope for the steepest", "return float((rises[gaps > 0] / gaps[gaps > 0]).max())", "return float((rises[gaps > 0] / gaps[gaps > 0]).mean())"),
    planted_in(_LIPSCHITZ, "the steepest rise over the longest way", "return float((rises[gaps > 0] / gaps[gaps > 0]).max())", "return float(rises.max() / gaps.max())"),
    planted_in(_LIPSCHITZ, "rises with their sign", "rises = np.abs(np.subtract.outer(", "rises = (np.subtract.outer("),
    planted_in(_LIPSCHITZ, "the squared gradient for its length", "np.linalg.norm(slopes.reshape(len(slopes), -1), axis=1).max()", "np.square(slopes.reshape(len(slopes), -1)).sum(axis=1).max()"),
    planted_in(_LIPSCHITZ, "a critic measured with dropout", "(lambda x: critic(x, training=False))", "(lambda x: critic(x, training=True))"),
    planted_in(_LIPSCHITZ, "coinciding points divided by 0", "if not gaps.any():", "if False:"),
)  # fmt: skip

_PARALLEL_DENSE = ("course_lib/layers/parallel_dense.py", "tests/layers/test_parallel_dense.py")
_PARALLEL_GAN = ("course_lib/models/parallel_gan.py", "tests/models/test_parallel_gan.py")
_COVERAGE = ("course_lib/metrics/mode_coverage.py", "tests/metrics/test_mode_coverage.py")
_DIRAC_GAN = ("course_lib/exact/dirac_gan.py", "tests/exact/test_dirac_gan.py")

_MODES = (
    planted_in(_PARALLEL_DENSE, "copies that take turns in the batch", "blocks = ops.reshape(inputs, (self.copies, -1, inputs.shape[-1]))", "blocks = ops.swapaxes(ops.reshape(inputs, (-1, self.copies, inputs.shape[-1])), 0, 1)"),
    planted_in(_PARALLEL_DENSE, "copies that begin with a range for all together", "limit = (6 / (inputs + self.units)) ** 0.5", "limit = (6 / (self.copies * (inputs + self.units))) ** 0.5"),
    planted_in(_PARALLEL_DENSE, "a kernel divided by a number that holds still", "times(kernel, right), axis=-1)", "times(ops.stop_gradient(kernel), right), axis=-1)"),
    planted_in(_PARALLEL_DENSE, "power iterations of copies that go on in evaluation", "        if training:\n", "        if True:\n"),
    planted_in(_PARALLEL_DENSE, "power iterations of copies that are forgotten", "self.right_vectors.assign(right)", "pass"),
    planted_in(_PARALLEL_GAN, "copies that share one loss", "return self.copies * mean_and_penalty - (self.copies - 1) * self.weight_penalty()", "return mean_and_penalty"),
    planted_in(_PARALLEL_GAN, "a weight penalty for each copy", "self.copies * mean_and_penalty - (self.copies - 1) * self.weight_penalty()", "self.copies * mean_and_penalty"),
    planted_in(_PARALLEL_GAN, "weights that mix the copies", "if sample_weight is not None:", "if False:"),
    planted_in(_PARALLEL_GAN, "packs that reach into the next copy", "ops.roll(blocks, -step, axis=1)", "ops.reshape(ops.roll(ops.reshape(blocks, (-1, x.shape[-1])), -step, axis=0), ops.shape(blocks))"),
    planted_in(_PARALLEL_GAN, "samples dealt out in turn", "return samples.reshape(self.copies, num_samples, *samples.shape[1:])", "return samples.reshape(num_samples, self.copies, *samples.shape[1:]).swapaxes(0, 1)"),
    planted_in(_PARALLEL_GAN, "a batch that cannot be dealt", "if len(x) % self.copies or batch_size % self.copies:", "if False:"),
    planted_in(_COVERAGE, "modes covered by samples that are far", "counts = np.bincount(nearest[near], minlength=len(means))", "counts = np.bincount(nearest, minlength=len(means))"),
    planted_in(_COVERAGE, "a radius of variances", "<= np.square(radius * deviation[nearest])", "<= radius * np.square(deviation[nearest])"),
    planted_in(_COVERAGE, "one deviation for all modes", "np.square(radius * deviation[nearest])", "np.square(radius * deviation.mean())"),
    planted_in(_COVERAGE, "a border that belongs to nobody", "nearest] <= np.square(", "nearest] < np.square("),
    planted_in(_COVERAGE, "reverse KL of the good samples alone", "shares = np.bincount(nearest, minlength=len(means)) / len(samples)", "shares = counts / max(counts.sum(), 1)"),
    planted_in(_COVERAGE, "KL of the modes the other way round", "special.rel_entr(shares, weights)", "special.rel_entr(weights, shares)"),
    planted_in(_COVERAGE, "equal weights of the modes assumed", 'getattr(mixture_or_means, "weights", np.full(len(means), 1 / len(means)))', "np.full(len(means), 1 / len(means))"),
    planted_in(_COVERAGE, "samples counted for modes", "return ModeCoverage(int(np.count_nonzero(counts))", "return ModeCoverage(int(counts.sum())"),
    planted_in(_DIRAC_GAN, "a discriminator at the generator's pace", "return psi + self.discriminator_scale * self.step_size", "return psi + self.step_size"),
    planted_in(_DIRAC_GAN, "R1 that pushes", "theta * _slope(theta * psi) - self.gamma * psi", "theta * _slope(theta * psi) + self.gamma * psi"),
    planted_in(_DIRAC_GAN, "a generator that climbs", "return -psi * _slope(theta * psi)", "return psi * _slope(theta * psi)"),
    planted_in(_DIRAC_GAN, "the generator before the discriminator", "return generator @ discriminator", "return discriminator @ generator"),
    planted_in(_DIRAC_GAN, "an upper border of γ without the step", "return h / 4, 2 / rate + h / 8", "return h / 4, 2 / rate"),
)  # fmt: skip

BUGS = (*_MODES, *_TRANSPORT)
