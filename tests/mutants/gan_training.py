"""Planted bugs of the training of a GAN: penalties, smoothing, packing, spectral normalisation, checkpoints."""

from tests.mutants.bug import planted_in

_GAN = ("course_lib/models/gan.py", "tests/models/test_gan.py")
_PENALTIES = ("course_lib/formulas/gradient_penalties.py", "tests/formulas/test_gradient_penalties.py")
_ADVERSARIAL = ("course_lib/formulas/adversarial.py", "tests/formulas/test_adversarial.py")
_SPECTRAL = ("course_lib/layers/spectral_normalization.py", "tests/layers/test_spectral_normalization.py")
_POSITION = ("course_lib/layers/position.py", "tests/layers/test_position.py")
_KEEP_BEST = ("course_lib/training/callbacks.py", "tests/training/test_callbacks.py")
_NETWORKS = ("course_lib/networks/dense.py", "tests/networks/test_networks.py")

BUGS = (
    # gradient penalties
    planted_in(_PENALTIES, "R1 at the samples", "return 0.5 * self.gamma * squared_slope(discriminator, real)", "return 0.5 * self.gamma * squared_slope(discriminator, samples)"),
    planted_in(_PENALTIES, "R2 at the data", "return 0.5 * self.gamma * squared_slope(discriminator, samples)", "return 0.5 * self.gamma * squared_slope(discriminator, real)"),
    planted_in(_PENALTIES, "R1 without its half", "return 0.5 * self.gamma * squared_slope(discriminator, real)", "return self.gamma * squared_slope(discriminator, real)"),
    planted_in(_PENALTIES, "slopes averaged over the pixels", "return sum_over_event(ops.square(*as_float32(slope)))", "return sum_over_event(ops.square(*as_float32(slope))) / slope.shape[-1]"),
    planted_in(_PENALTIES, "slopes that are not squared", "return sum_over_event(ops.square(*as_float32(slope)))", "return sum_over_event(ops.abs(*as_float32(slope)))"),
    planted_in(_PENALTIES, "a slope with batch statistics", "discriminator(x, training=False)", "discriminator(x, training=True)"),
    planted_in(_PENALTIES, "a slope that the weights do not feel", "slope = input_gradient(lambda x: discriminator(x, training=False), x)", "slope = ops.stop_gradient(input_gradient(lambda x: discriminator(x, training=False), x))"),
    planted_in(_PENALTIES, "penalty points off the segment", "return position * real + (1.0 - position) * samples", "return position * real + samples"),
    planted_in(_PENALTIES, "penalty points at the data alone", "return position * real + (1.0 - position) * samples", "return real + 0.0 * position * samples"),
    planted_in(_PENALTIES, "ends of the segment exchanged", "return position * real + (1.0 - position) * samples", "return position * samples + (1.0 - position) * real"),
    planted_in(_PENALTIES, "a slope pulled to 0", "excess = _root(squared) - 1.0", "excess = _root(squared)"),
    planted_in(_PENALTIES, "the squared slope pulled to 1", "excess = _root(squared) - 1.0", "excess = squared - 1.0"),
    planted_in(_PENALTIES, "a one-sided penalty with two sides", "ops.relu(excess) if self.one_sided else excess", "excess"),
    planted_in(_PENALTIES, "NaN where the slope is 0", "return ops.where(positive, ops.sqrt(ops.where(positive, squared, 1.0)), 0.0)", "return ops.sqrt(squared)"),
    planted_in(_POSITION, "one position for the whole batch", "return keras.random.uniform((ops.shape(x)[0],), dtype=\"float32\", seed=self.seed_generator)", "return ops.ones((ops.shape(x)[0],)) * keras.random.uniform((), dtype=\"float32\", seed=self.seed_generator)"),
    planted_in(_POSITION, "positions from a bell", "keras.random.uniform(", "keras.random.normal("),
    # the GAN that uses them
    planted_in(_GAN, "a penalty that is tracked and not added", "discriminator_loss = discriminator_loss + penalty", "pass"),
    planted_in(_GAN, "a penalty subtracted", "discriminator_loss = discriminator_loss + penalty", "discriminator_loss = discriminator_loss - penalty"),
    planted_in(_GAN, "a penalty without the weights of its examples", "discriminator_loss = discriminator_loss + penalty", "discriminator_loss = discriminator_loss + ops.mean(penalty)"),
    planted_in(_GAN, "a penalty that moves the generator", "real, ops.stop_gradient(samples), position(real))", "real, samples, position(real))"),
    planted_in(_GAN, "evaluation with the positions of training", "position = self.position if training else self.evaluation_position", "position = self.position"),
    planted_in(_GAN, "packs of one example repeated", "ops.roll(x, -step, axis=0)", "ops.roll(x, 0, axis=0)"),
    planted_in(_GAN, "packs that look back", "ops.roll(x, -step, axis=0)", "ops.roll(x, step, axis=0)"),
    planted_in(_GAN, "single samples judged among packs", "real, samples = self.packs(x), self.packs(generated)", "real, samples = self.packs(x), ops.concatenate([generated] * self.packing, axis=-1)"),
    # objective
    planted_in(_ADVERSARIAL, "smoothing in reverse", "of_real = self.real_target * ops.softplus(-real) + (1.0 - self.real_target) * ops.softplus(real)", "of_real = (1.0 - self.real_target) * ops.softplus(-real) + self.real_target * ops.softplus(real)"),
    planted_in(_ADVERSARIAL, "smoothing on both sides", "discriminator_loss = of_real + ops.softplus(fake)", "discriminator_loss = of_real + self.real_target * ops.softplus(fake) + (1.0 - self.real_target) * ops.softplus(-fake)"),
    planted_in(_ADVERSARIAL, "a target above 1", "if not 0 < self.real_target <= 1:", "if not 0 < self.real_target:"),
    # spectral normalisation
    planted_in(_SPECTRAL, "a kernel multiplied by its singular value", "normalised = kernel / ops.cast(", "normalised = kernel * ops.cast("),
    planted_in(_SPECTRAL, "a power iteration that goes on in evaluation", "iterations = self.power_iterations if training else 0", "iterations, training = self.power_iterations, True"),
    planted_in(_SPECTRAL, "a power iteration that is forgotten", "self.right_vector.assign(right)", "pass"),
    planted_in(_SPECTRAL, "a singular value without its gradient", "return ops.dot(left, times(matrix, right))", "return ops.stop_gradient(ops.dot(left, times(matrix, right)))"),
    planted_in(_SPECTRAL, "the length of the kernel for its singular value", "return ops.dot(left, times(matrix, right))", "return ops.sqrt(ops.sum(ops.square(matrix)))"),
    planted_in(_NETWORKS, "a last layer that is not normalised", "inputs, features = flat_features(data_shape, hidden_units, activation, dropout, wrapped)\n    return keras.Model(inputs, wrapped(head(1, \"logit\"))(features)", "inputs, features = flat_features(data_shape, hidden_units, activation, dropout, wrapped)\n    return keras.Model(inputs, _head(1, \"logit\")(features)"),
    # checkpoints
    planted_in(_KEEP_BEST, "the worst weights kept", "if score < lowest:", "if not score < lowest:"),
    planted_in(_KEEP_BEST, "the last weights kept", "self.model.set_weights(self.best_weights)", "pass"),
    planted_in(_KEEP_BEST, "the first score kept for ever", "lowest = math.inf if self.best_epoch is None else self.scores[self.best_epoch]", "lowest = math.inf if self.best_epoch is None else -math.inf"),
    planted_in(_KEEP_BEST, "scored in every epoch", "if epochs % self.every:", "if False:"),
)  # fmt: skip
