"""Planted bugs of stability and mode collapse: parallel GANs, the count of modes, the Dirac-GAN, the lesson's checks."""

from tests.mutants.bug import planted_in

_PARALLEL_DENSE = ("course_lib/layers/parallel_dense.py", "tests/layers/test_parallel_dense.py")
_POWER = ("course_lib/layers/power_iteration.py", "tests/layers/test_power_iteration.py")
_PARALLEL_GAN = ("course_lib/models/parallel_gan.py", "tests/models/test_parallel_gan.py")
_COVERAGE = ("course_lib/metrics/mode_coverage.py", "tests/metrics/test_mode_coverage.py")
_PARALLEL_NETWORKS = ("course_lib/networks/parallel.py", "tests/networks/test_networks.py")
_DIRAC = ("course_lib/exact/dirac_gan.py", "tests/exact/test_dirac_gan.py")
_CHECKS_13 = (
    "course_lib/exercises/stability_and_mode_collapse.py",
    "tests/exercises/test_stability_and_mode_collapse.py",
)

BUGS = (
    planted_in(_PARALLEL_DENSE, "every block through the kernel of the first copy", "ops.matmul(blocks, kernel) + self.bias", "ops.matmul(blocks, kernel[:1]) + self.bias"),
    planted_in(_PARALLEL_DENSE, "every block with the bias of the first copy", "ops.matmul(blocks, kernel) + self.bias", "ops.matmul(blocks, kernel) + self.bias[:1]"),
    planted_in(_PARALLEL_DENSE, "copies without their activation", "outputs = self.activation(ops.matmul(blocks, kernel) + self.bias)", "outputs = ops.matmul(blocks, kernel) + self.bias"),
    planted_in(_PARALLEL_DENSE, "kernels of copies scaled by the inputs alone", "limit = (6 / (inputs + self.units)) ** 0.5", "limit = (6 / inputs) ** 0.5"),
    planted_in(_PARALLEL_DENSE, "one norm for all copies", "kernel / ops.cast(self.largest_singular_values(training), kernel.dtype)", "kernel / ops.max(self.largest_singular_values(training))"),
    planted_in(_PARALLEL_DENSE, "kernels of copies multiplied by their norms", "kernel = kernel / ops.cast(", "kernel = kernel * ops.cast("),
    planted_in(_PARALLEL_DENSE, "vectors of copies that gradients move", 'trainable=False,', 'trainable=True,'),
    planted_in(_PARALLEL_DENSE, "a reloaded layer of copies without its normalisation", '"spectral_normalization": self.spectral_normalization,', '"spectral_normalization": False,'),
    planted_in(_POWER, "singular vectors of any length", "return vector / ops.maximum(length, 1e-12)", "return vector / ops.maximum(length, 1.0)"),
    planted_in(_POWER, "one length for the vectors of all matrices", "ops.square(vector), axis=-1, keepdims=True)", "ops.square(vector))"),
    planted_in(_POWER, "a power iteration that stands still", "for _ in range(iterations):", "for _ in range(0):"),
    planted_in(_PARALLEL_DENSE, "images dealt to copies", "if len(input_shape) != 2 or input_shape[-1] is None:", "if input_shape[-1] is None:"),
    planted_in(_PARALLEL_GAN, "packs across copies", "ops.roll(blocks, -step, axis=1)", "ops.roll(blocks, -step, axis=0)"),
    planted_in(_PARALLEL_GAN, "packs dealt from the whole batch", "blocks = ops.reshape(x, (self.copies, -1, *x.shape[1:]))", "blocks = ops.reshape(x, (1, -1, *x.shape[1:]))"),
    planted_in(_PARALLEL_GAN, "packs of an example and itself", "ops.roll(blocks, -step, axis=1)", "ops.roll(blocks, 0 * step, axis=1)"),
    planted_in(_PARALLEL_GAN, "a data set that does not divide among copies", "len(x) % self.copies or batch_size % self.copies:", "batch_size % self.copies:"),
    planted_in(_PARALLEL_GAN, "batches dealt in training alone", "return super().evaluate(x, y, batch_size=self._dealt(x, batch_size), **kwargs)", "return super().evaluate(x, y, batch_size=batch_size, **kwargs)"),
    planted_in(_PARALLEL_GAN, "a saved model that forgets its copies", 'return {**super().get_config(), "copies": self.copies}', 'return {**super().get_config(), "copies": 1}'),
    planted_in(_COVERAGE, "a squared distance within a plain radius", "<= np.square(radius * deviation[nearest])", "<= radius * deviation[nearest]"),
    planted_in(_COVERAGE, "one deviation for three", "<= np.square(radius * deviation[nearest])", "<= np.square(deviation[nearest])"),
    planted_in(_COVERAGE, "the first mode's deviation for all", "deviation[nearest])", "deviation[0])"),
    planted_in(_COVERAGE, "samples of the farthest mode", "nearest = squared.argmin(axis=1)", "nearest = squared.argmax(axis=1)"),
    planted_in(_COVERAGE, "the nearest in standard deviations", "nearest = squared.argmin(axis=1)", "nearest = (squared / deviation**2).argmin(axis=1)"),
    planted_in(_COVERAGE, "distances along the first axis alone", "for j in range(means.shape[1]))", "for j in range(1))"),
    planted_in(_COVERAGE, "a share of modes for a share of samples", "float(near.mean())", "float((counts > 0).mean())"),
    planted_in(_COVERAGE, "two samples needed for a mode", "int(np.count_nonzero(counts))", "int(np.count_nonzero(counts > 1))"),
    planted_in(_COVERAGE, "empty modes left out of the counts", "nearest[near], minlength=len(means))", "nearest[near], minlength=0)"),
    planted_in(_COVERAGE, "the mixture's deviation before the given one", "    if standard_deviation is None:\n        standard_deviation = getattr", "    if True:\n        standard_deviation = getattr"),
    planted_in(_PARALLEL_NETWORKS, "parallel discriminators that forget the norms of hidden layers", "_parallel_layers(inputs, copies, hidden_units, activation, spectral_normalization)", "_parallel_layers(inputs, copies, hidden_units, activation)"),
    planted_in(_PARALLEL_NETWORKS, "parallel discriminators that forget the norm of the logit", "ParallelDense(1, copies, spectral_normalization=spectral_normalization, dtype", "ParallelDense(1, copies, dtype"),
    planted_in(_PARALLEL_NETWORKS, "parallel generators of one layer", "    for units in whole_numbers(hidden_units, \"hidden_units\"):\n        features = ParallelDense(units, copies, activation, spectral_normalization)(features)\n    return features", "    return ParallelDense(hidden_units[-1], copies, activation, spectral_normalization)(features)"),
    planted_in(_PARALLEL_NETWORKS, "a generator of points that ends in a bend", "ParallelDense(data_dim, copies, dtype", "ParallelDense(data_dim, copies, activation, dtype"),
    planted_in(_DIRAC, "R1 of half the strength", "theta * _slope(theta * psi) - self.gamma * psi", "theta * _slope(theta * psi) - self.gamma * psi / 2"),
    planted_in(_DIRAC, "R1 by the absolute slope", "theta * _slope(theta * psi) - self.gamma * psi", "theta * _slope(theta * psi) - self.gamma * np.sign(psi)"),
    planted_in(_DIRAC, "a Dirac slope with the wrong sign", "return expit(-np.asarray", "return expit(np.asarray"),
    planted_in(_DIRAC, "a field with the slope 1 at rest", "[[0.0, -0.5], [0.5, -self.gamma]]", "[[0.0, -1.0], [1.0, -self.gamma]]"),
    planted_in(_DIRAC, "R1 on the generator", "[[0.0, -0.5], [0.5, -self.gamma]]", "[[-self.gamma, -0.5], [0.5, 0.0]]"),
    planted_in(_DIRAC, "a simultaneous step that is alternating", "return self._generator_step(theta, psi), self._discriminator_step(theta, psi)", "psi = self._discriminator_step(theta, psi)\n        return self._generator_step(theta, psi), psi"),
    planted_in(_DIRAC, "an alternating step that is simultaneous", "        psi = self._discriminator_step(theta, psi)\n        return self._generator_step(theta, psi), psi", "        return self._generator_step(theta, psi), self._discriminator_step(theta, psi)"),
    planted_in(_DIRAC, "matrices of the two players added", "return generator @ discriminator", "return generator + discriminator - np.eye(2)"),
    planted_in(_DIRAC, "the generator's time scale for the discriminator's", "np.diag([1.0, self.discriminator_scale])", "np.diag([self.discriminator_scale, 1.0])"),
    planted_in(_DIRAC, "two time scales that square", "return psi + self.discriminator_scale * self.step_size *", "return psi + self.discriminator_scale**2 * self.step_size *"),
    planted_in(_DIRAC, "an interval of R1 that begins at 0", "return h / 4, 2 / rate + h / 8", "return 0.0, 2 / rate + h / 8"),
    planted_in(_DIRAC, "an interval of R1 of one time scale", "return h / 4, 2 / rate + h / 8", "return h / 4, 2 / h + h / 8"),
    planted_in(_DIRAC, "a path that forgets its start", "positions = [(theta, psi)]\n", "positions = [step(theta, psi)]\n"),
    planted_in(_DIRAC, "the smallest eigenvalue first", "return np.sort(np.abs(np.linalg.eigvals(jacobian)))[::-1]", "return np.sort(np.abs(np.linalg.eigvals(jacobian)))"),
    planted_in(_DIRAC, "real parts for moduli", "return np.sort(np.abs(np.linalg.eigvals(jacobian)))[::-1]", "return np.sort(np.abs(np.linalg.eigvals(jacobian).real))[::-1]"),
    planted_in(_DIRAC, "a time scale of 0", 'if not real_number(self.discriminator_scale, "discriminator_scale") > 0:', "if False:"),
    planted_in(_CHECKS_13, "a spiral that circles", "reference=(1 + _STEP**2 / 4) ** 50,", "reference=1.0,"),
    planted_in(_CHECKS_13, "the generator first in the product", "    return generator @ discriminator\n", "    return discriminator @ generator\n"),
    planted_in(_CHECKS_13, "the width of the data alone", "reference=(_STEP / 2) ** 0.5,", "reference=_STEP**0.5,"),
    planted_in(_CHECKS_13, "a finite step judged by its real part", '"e": "grow", "f": "grow"},', '"e": "grow", "f": "contract"},'),
    planted_in(_CHECKS_13, "a reply that hedges", "reference=(0.0, 0.0, 1.0, 0.0),", "reference=(0.0, 0.5, 0.5, 0.0),"),
    planted_in(_CHECKS_13, "R1 of the mean logit", "ops.sum(ops.square(_input_gradient(discriminator, real)), axis=1)", "ops.sum(ops.square(_input_gradient(discriminator, real) / len(real)), axis=1)"),
    planted_in(_CHECKS_13, "an answer of R1 without its half", "return 0.5 * gamma * ops.sum(ops.square(_input", "return gamma * ops.sum(ops.square(_input"),
    planted_in(_CHECKS_13, "a power iteration that stops at the start", "    for _ in range(num_iterations):", "    for _ in range(0):"),
    planted_in(_CHECKS_13, "the cures in the order of hope", 'reference="fdcbae",', 'reference="fdcabe",'),
    planted_in(_CHECKS_13, "a counter of one deviation", "distances.min(axis=1) <= 3 * standard_deviation\n    return len(np.unique(nearest[near]))", "distances.min(axis=1) <= standard_deviation\n    return len(np.unique(nearest[near]))"),
)  # fmt: skip
