"""The planted bugs: each a small change to a copy of the course that a named test file must notice.

`make mutants` plants them one by one and fails if one survives. Most are mistakes that published code makes; the rest
are the ways in which this library could quietly go wrong. `before` must occur exactly once in the file.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bug:
    """One planted bug.

    Attributes:
        name: What is wrong, in words.
        file: The file that is changed, from the root of the checkout.
        before: The text that is replaced; it must occur exactly once.
        after: The text that replaces it.
        tests: The test file that must go red.
    """

    name: str
    file: str
    before: str
    after: str
    tests: str


_DIVERGENCES = ("course_lib/divergences.py", "tests/test_divergences.py")
_ARGUMENTS = ("course_lib/arguments.py", "tests/test_arguments.py")
_EVENTS = ("course_lib/events.py", "tests/test_likelihoods.py")
_LIKELIHOODS = ("course_lib/likelihoods.py", "tests/test_likelihoods.py")
_ADVERSARIAL = ("course_lib/adversarial.py", "tests/test_adversarial.py")
_SAMPLING = ("course_lib/layers/sampling.py", "tests/test_layers_sampling.py")
_NOISE = ("course_lib/layers/noise.py", "tests/test_layers_noise.py")
_VAE = ("course_lib/models/vae.py", "tests/test_models_vae.py")
_GAN = ("course_lib/models/gan.py", "tests/test_models_gan.py")
_AUTOENCODER = ("course_lib/models/autoencoder.py", "tests/test_models_autoencoder.py")
_GRADIENTS = ("course_lib/gradients.py", "tests/test_gradients.py")
_PENALTIES = ("course_lib/penalties.py", "tests/test_penalties.py")
_TRAINING = ("course_lib/training.py", "tests/test_training.py")
_RESIDENT = ("course_lib/resident.py", "tests/test_training.py")
_CONTRACT = ("course_lib/data_contract.py", "tests/test_data_contract.py")
_OPTIMIZERS = ("course_lib/optimizers.py", "tests/test_optimizers.py")
_IMPORTANCE = ("course_lib/metrics/importance_weighted.py", "tests/test_metrics_importance_weighted.py")
_FRECHET = ("course_lib/metrics/frechet_distance.py", "tests/test_metrics_frechet_distance.py")
_PRECISION = ("course_lib/metrics/precision_recall.py", "tests/test_metrics_precision_recall.py")
_PROBE = ("course_lib/metrics/linear_probe.py", "tests/test_metrics_linear_probe.py")
_NEAREST = ("course_lib/metrics/nearest_distance.py", "tests/test_metrics_nearest_distance.py")
_TWO_STAGE = ("course_lib/models/two_stage.py", "tests/test_models_two_stage.py")
_LATENT = ("course_lib/latent.py", "tests/test_latent.py")
_PCA = ("course_lib/exact/principal_components.py", "tests/test_exact_principal_components.py")
_PARTS = ("course_lib/models/parts.py", "tests/test_models_vae.py")
_PPCA = ("course_lib/exact/probabilistic_pca.py", "tests/test_exact_probabilistic_pca.py")
_ARCHIVE = ("course_lib/archive.py", "tests/test_archive.py")
_MNIST = ("course_lib/datasets/mnist.py", "tests/test_datasets_mnist.py")
_DIGITS = ("course_lib/datasets/digits.py", "tests/test_datasets_digits.py")
_GLYPHS = ("course_lib/datasets/glyphs.py", "tests/test_datasets_glyphs.py")
_RESUMING = ("course_lib/resuming.py", "tests/test_resuming.py")
_GUMBEL = ("course_lib/layers/gumbel_softmax.py", "tests/test_layers_gumbel_softmax.py")
_ENGINE = ("course_lib/exercises/engine.py", "tests/test_exercises_engine.py")

_KL = "return 0.5 * sum_over_event(ops.exp(log_var) + ops.square(mean) - 1.0 - log_var)"
_GENERAL_KL = "terms = log_var_p - log_var_q + ops.exp(log_var_q - log_var_p) + squared_distance - 1.0"
_GAUSSIAN = "return -0.5 * sum_over_event(_LOG_2_PI + log_var + ops.square((x - mean) * finite_exp(-0.5 * log_var)))"
_BERNOULLI = "return -sum_over_event(x * ops.softplus(-logits) + (1.0 - x) * ops.softplus(logits))"
_DRAW = "return mean + ops.exp(0.5 * log_var) * noise"
_NORMAL = 'noise = keras.random.normal(ops.shape(mean), dtype="float32", seed=self.seed_generator)'


def _planted(name, place, before, after):
    file, tests = place
    return Bug(name, file, before, after, tests)


BUGS = (
    # divergences
    _planted("KL without ½", _DIVERGENCES, _KL, _KL.replace("0.5 * ", "")),
    _planted("KL with a flipped sign", _DIVERGENCES, _KL, _KL.replace("0.5", "-0.5")),
    _planted("KL averaged over latents", _DIVERGENCES, _KL, _KL.replace("sum_over_event", "(lambda v: ops.mean(v, -1))")),
    _planted("KL summed over the batch", _DIVERGENCES, _KL, _KL.replace("sum_over_event", "ops.sum")),
    _planted("KL of log-variance read as variance", _DIVERGENCES, _KL, _KL.replace("ops.exp(log_var)", "log_var")),
    _planted("KL of log-variance read as σ", _DIVERGENCES, _KL, _KL.replace("ops.exp(log_var)", "ops.square(log_var)")),
    _planted("KL with 1 + μ² − σ²", _DIVERGENCES, _KL, "return 0.5 * sum_over_event(1.0 + ops.square(mean) - ops.exp(log_var))"),
    _planted("KL in half precision", _EVENTS, 'ops.cast(real_tensor(tensor), "float32") for', "real_tensor(tensor) for"),
    _planted("KL of p and q swapped", _DIVERGENCES, _GENERAL_KL, _GENERAL_KL.replace("log_var_p - log_var_q +", "log_var_q - log_var_p +")),
    _planted("KL with the wrong variance below", _DIVERGENCES, "finite_exp(-0.5 * log_var_p)", "finite_exp(-0.5 * log_var_q)"),
    _planted("KL without −1", _DIVERGENCES, _GENERAL_KL, _GENERAL_KL.replace(" - 1.0", "")),
    _planted("categorical KL reversed", _DIVERGENCES, "expected(ops.exp(log_q), log_q - log_p)", "expected(ops.exp(log_p), log_p - log_q)"),
    _planted("JSD without its halves", _DIVERGENCES, "return 0.5 * sum_over_event(terms)\n\n\ndef gaussian_frechet", "return sum_over_event(terms)\n\n\ndef gaussian_frechet"),
    _planted("Fréchet distance of variances", _DIVERGENCES, "finite_exp(0.5 * ops.maximum", "finite_exp(ops.maximum"),
    # likelihoods
    _planted("mean instead of sum over pixels", _EVENTS, "return ops.sum(values, axis=tuple(range(1, len(values.shape))))", "return ops.mean(values, axis=tuple(range(1, len(values.shape))))"),
    _planted("sum over the last axis only", _EVENTS, "return ops.sum(values, axis=tuple(range(1, len(values.shape))))", "return ops.sum(values, axis=-1)"),
    _planted("BCE from probabilities", _LIKELIHOODS, _BERNOULLI, "return sum_over_event(x * ops.log(logits + 1e-7) + (1.0 - x) * ops.log(1.0 - logits + 1e-7))"),
    _planted("BCE with a second sigmoid", _LIKELIHOODS, _BERNOULLI, _BERNOULLI.replace("(-logits)", "(-ops.sigmoid(logits))").replace("(logits)", "(ops.sigmoid(logits))")),
    _planted("BCE with x and 1 − x swapped", _LIKELIHOODS, _BERNOULLI, _BERNOULLI.replace("(-logits)", "(LOGITS)").replace("(logits)", "(-logits)").replace("(LOGITS)", "(logits)")),
    _planted("BCE of the ink alone", _LIKELIHOODS, _BERNOULLI, "return -sum_over_event(x * ops.softplus(-logits))"),
    _planted("Gaussian without its constant", _LIKELIHOODS, _GAUSSIAN, _GAUSSIAN.replace("_LOG_2_PI + ", "")),
    _planted("Gaussian without its log-variance", _LIKELIHOODS, _GAUSSIAN, _GAUSSIAN.replace("log_var + ops", "ops")),
    _planted("Gaussian with σ for σ²", _LIKELIHOODS, _GAUSSIAN, _GAUSSIAN.replace("-0.5 * log_var", "-0.25 * log_var")),
    _planted("fixed variance as σ", _LIKELIHOODS, "math.log(self.variance)", "2.0 * math.log(self.variance)"),
    _planted("fixed variance ignored", _LIKELIHOODS, "math.log(self.variance)", "0.0"),
    _planted("categorical over the wrong axis", _LIKELIHOODS, "expected(x, ops.log_softmax(logits, axis=-1))", "expected(x, ops.log_softmax(logits, axis=1))"),
    _planted("shapes that broadcast are accepted", _EVENTS, "if not _same_shape(x.shape, other.shape):", "if False:"),
    _planted("the Bernoulli mean is its logit", _LIKELIHOODS, "mean=ops.sigmoid", "mean=lambda logits: logits"),
    # adversarial objectives
    _planted("labels swapped", _ADVERSARIAL, "return ops.softplus(-real) + ops.softplus(fake), ops.softplus(-generated)", "return ops.softplus(real) + ops.softplus(-fake), ops.softplus(-generated)"),
    _planted("non-saturating loss that saturates", _ADVERSARIAL, "ops.softplus(fake), ops.softplus(-generated)", "ops.softplus(fake), -ops.softplus(generated)"),
    _planted("generator that helps the discriminator", _ADVERSARIAL, "ops.softplus(fake), ops.softplus(-generated)", "ops.softplus(fake), ops.softplus(generated)"),
    _planted("discriminator without real data", _ADVERSARIAL, "return ops.softplus(-real) + ops.softplus(fake), ops.softplus(-generated)", "return ops.softplus(fake), ops.softplus(-generated)"),
    _planted("hinge without its margin", _ADVERSARIAL, "ops.relu(1.0 - real)", "ops.relu(-real)"),
    _planted("critic upside down", _ADVERSARIAL, "return fake - real, -generated", "return real - fake, -generated"),
    _planted("logits that broadcast", _ADVERSARIAL, "return [ops.reshape(values, (-1,)) for values in logits]", "return logits"),
    # the reparameterisation
    _planted("noise missing", _SAMPLING, _DRAW, "return mean + 0.0 * noise"),
    _planted("z = μ exp(½ log σ²)", _SAMPLING, _DRAW, "return mean * ops.exp(0.5 * log_var) + 0.0 * noise"),
    _planted("σ² for σ", _SAMPLING, _DRAW, _DRAW.replace("0.5 * log_var", "log_var")),
    _planted("log σ² read as σ", _SAMPLING, _DRAW, _DRAW.replace("ops.exp(0.5 * log_var)", "log_var")),
    _planted("noise shared across the batch", _SAMPLING, _NORMAL, _NORMAL.replace("ops.shape(mean)", "(1, mean.shape[-1])")),
    _planted("noise shared across latents", _SAMPLING, _NORMAL, _NORMAL.replace("ops.shape(mean)", "(ops.shape(mean)[0], 1)")),
    _planted("noise constant from call to call", _SAMPLING, _NORMAL, _NORMAL.replace("self.seed_generator", "0")),
    _planted("uniform noise", _SAMPLING, _NORMAL, _NORMAL.replace("random.normal", "random.uniform")),
    _planted("the draw in half precision", _SAMPLING, "super().__init__(autocast=False, **kwargs)", "super().__init__(**kwargs)"),
    _planted("rewinding forgotten", _SAMPLING, "self.seed_generator.state.assign([self.seed, 0])", "pass"),
    _planted("a generator's noise constant", _NOISE, "ops.shape(x)[0], self.seed_generator)", "ops.shape(x)[0], self.seed)"),
    # the VAE
    _planted("β on the reconstruction", _VAE, "weighted_mean(reconstruction + self.beta * kl, sample_weight)", "weighted_mean(self.beta * reconstruction + kl, sample_weight)"),
    _planted("β ignored", _VAE, "weighted_mean(reconstruction + self.beta * kl, sample_weight)", "weighted_mean(reconstruction + kl, sample_weight)"),
    _planted("no KL", _VAE, "weighted_mean(reconstruction + self.beta * kl, sample_weight)", "weighted_mean(reconstruction, sample_weight)"),
    _planted("the likelihood with the wrong sign", _VAE, "reconstruction = -self.log_likelihood(x", "reconstruction = self.log_likelihood(x"),
    _planted("noise drawn anew inside evaluate", _VAE, "return (self.evaluation_sampling,)", "return ()"),
    _planted("evaluation disturbs the training stream", _VAE, "sampling = self.sampling if training else self.evaluation_sampling", "sampling = self.sampling"),
    _planted("training without noise", _VAE, "z = sampling(mean, log_var)", "z = mean if training else sampling(mean, log_var)"),
    _planted("no gradient through σ", _VAE, "z = sampling(mean, log_var)", "z = sampling(mean, ops.stop_gradient(log_var))"),
    _planted("mean and log-variance swapped", _VAE, "return heads[:, 0], heads[:, 1]", "return heads[:, 1], heads[:, 0]"),
    _planted("sample returns reconstructions' codes", _VAE, "self.decode(keras.random.normal(noise_shape", "self.decode(0.0 * keras.random.normal(noise_shape"),
    _planted("sample from a wider prior", _VAE, "self.decode(keras.random.normal(noise_shape", "self.decode(2.0 * keras.random.normal(noise_shape"),
    _planted("sample shows logits", _VAE, "return in_batches(lambda batch: mean(*as_tuple(self.decoder(batch, training=False))), z)", "return in_batches(lambda batch: as_tuple(self.decoder(batch, training=False))[0], z)"),
    _planted("ELBO with β", _VAE, 'return reconstruction - standard_normal_kl(y_pred["mean"], y_pred["log_var"])', 'return reconstruction - 2.0 * standard_normal_kl(y_pred["mean"], y_pred["log_var"])'),
    _planted("the networks are not checked", _VAE, "        check_decoder(self.decoder, self.log_likelihood, input_shape(self.encoder))\n", ""),
    # the GAN
    _planted("the discriminator's loss moves the generator", _GAN, "self.discriminator(ops.stop_gradient(samples), training=training)", "self.discriminator(samples, training=training)"),
    _planted("the generator's loss moves the discriminator", _GAN, "held_still = [ops.stop_gradient(weight.value) for", "held_still = [weight.value for"),
    _planted("the generator gets no gradient", _GAN, '"generator_logits": self.judge_held_still(samples, training=training)', '"generator_logits": self.judge_held_still(ops.stop_gradient(samples), training=training)'),
    _planted("real data are judged twice", _GAN, "self.discriminator(ops.stop_gradient(samples), training=training)", "self.discriminator(x, training=training)"),
    _planted("real and fake swapped", _GAN, 'y_pred["real_logits"], y_pred["fake_logits"], y_pred["generator_logits"]', 'y_pred["fake_logits"], y_pred["real_logits"], y_pred["generator_logits"]'),
    _planted("D and G swapped in the time scales", _GAN, "scales = [generator_scale] * len(self.generator.trainable_variables)", "scales = [discriminator_scale] * len(self.generator.trainable_variables)"),
    _planted("the generator's loss forgotten", _GAN, "return weighted_mean(discriminator_loss + generator_loss, sample_weight)", "return weighted_mean(discriminator_loss, sample_weight)"),
    _planted("frozen D accepted", _GAN, "if network.built and not network.trainable_variables:", "if False:"),
    _planted("a discriminator's sigmoid accepted", _GAN, 'in ("sigmoid", "softmax", "hard_sigmoid")', "in ()"),
    _planted("inference-mode judge", _GAN, "stateless_call(held_still, state, samples, training=training)", "stateless_call(held_still, state, samples, training=False)"),
    _planted("samples in training mode", _GAN, "self.generator(batch, training=False)", "self.generator(batch, training=True)"),
    _planted("evaluation draws anew", _GAN, "return (self.evaluation_noise,)", "return ()"),
    # the autoencoder
    _planted("squared error averaged over pixels", _AUTOENCODER, "return sum_over_event(ops.square(x - reconstruction))", "return sum_over_event(ops.square(x - reconstruction)) / x.shape[-1]"),
    _planted("mse reported per picture", _AUTOENCODER, "error / values_per_example", "error"),
    _planted("the autoencoder ignores its likelihood", _AUTOENCODER, "reconstruction = error if self.log_likelihood is None else", "reconstruction = error if True else"),
    # training
    _planted("weights divided by the batch size", _TRAINING, "return ops.sum(sample_weight * values) / ops.where(total > 0, total, 1.0)", "return ops.mean(sample_weight * values)"),
    _planted("in_batches drops the last slice", _TRAINING, "starts = range(0, len(arrays[0]), batch_size)", "starts = range(0, len(arrays[0]) - batch_size + 1, batch_size)"),
    _planted("evaluate with another number of steps", _TRAINING, "kept = self._test_functions.get(self.steps_per_execution)", "kept = next(iter(self._test_functions.values()), None)"),
    _planted("validation data unchecked", ("course_lib/training.py", "tests/test_models_vae.py"), "validation_data = self._checked_validation(validation_data)", "pass"),
    _planted("validation weights dropped", _TRAINING, "return x if sample_weight is None else _weighted(x, sample_weight, _BATCH_SIZE)", "return x"),
    _planted("labels accepted", _TRAINING, "        if y is not None:\n            raise", "        if False:\n            raise"),
    _planted("the order does not follow the epoch", _RESIDENT, "np.random.default_rng((self.seed, epoch))", "np.random.default_rng(self.seed)"),
    _planted("the last batch dropped", _RESIDENT, "return -(-self.full_batches // self.steps) + (self.rest > 0)", "return -(-self.full_batches // self.steps)"),
    _planted("padding rows trained on", _RESIDENT, "lambda step: step < count[0], body", "lambda step: step < tf.shape(rows)[0], body"),
    _planted("a resumed run begins at epoch 0", _RESIDENT, "self.batches.begin_epoch(epoch)", "pass"),
    _planted("a step scale ignored", _OPTIMIZERS, "learning_rate * scale)", "learning_rate)"),
    # data contracts
    _planted("NaN accepted", _CONTRACT, "if not (np.isfinite(low) and np.isfinite(high)):", "if False:"),
    _planted("0–255 accepted", _CONTRACT, "above = self.maximum is not None and high > self.maximum", "above = False"),
    _planted("labels as images accepted", _CONTRACT, "if expected is None or _fits(x.shape[1:], expected):", "if True:"),
    # metrics
    _planted("importance weights without log-mean-exp", _IMPORTANCE, "chunk = np.logaddexp.reduce(log_weights, axis=0)", "chunk = log_weights.sum(axis=0)"),
    _planted("importance weights not divided by K", _IMPORTANCE, "return total - np.log(num_samples)", "return total"),
    _planted("the proposal's density forgotten", _IMPORTANCE, "log_weights = log_joint - gaussian_log_prob(z, mean, log_var)", "log_weights = log_joint"),
    _planted("the prior forgotten", _IMPORTANCE, " + gaussian_log_prob(z, ops.zeros_like(z), 0.0)", ""),
    _planted("examples and draws mixed up", _IMPORTANCE, ".reshape(-1, draws).T", ".reshape(draws, -1)"),
    _planted("Fréchet distance without the trace term", _FRECHET, " - 2 * overlap", ""),
    _planted("Fréchet distance of roots", _FRECHET, "return float(max(distance, 0.0))", "return float(np.sqrt(max(distance, 0.0)))"),
    _planted("precision and recall swapped", _PRECISION, "return _covered(generated, real, num_neighbors), _covered(real, generated, num_neighbors)", "return _covered(real, generated, num_neighbors), _covered(generated, real, num_neighbors)"),
    _planted("a point is its own neighbour", _PRECISION, "start + np.arange(len(chunk))] = np.inf", "start + np.arange(len(chunk))] = 0.0"),
    # exact models
    _planted("residual of the first components", _PCA, "variances[rank:]", "variances[:rank]"),
    _planted("pPCA covariance divided by n − 1", _PPCA, "(x - mean).T @ (x - mean) / len(x))", "(x - mean).T @ (x - mean) / (len(x) - 1))"),
    _planted("pPCA's ELBO without the spread", _PPCA, "(distance + spread)", "distance"),
    # data
    _planted("a checksum not compared", _ARCHIVE, "if found != expected:", "if False:"),
    _planted("a download left half-written", _ARCHIVE, "yield unfinished\n        unfinished.replace(path)", "yield path"),
    _planted("pickled data read", _ARCHIVE, "read_array(entry, allow_pickle=False)", "read_array(entry, allow_pickle=True)"),
    _planted("MNIST's checksums not compared", _MNIST, "    check_digests(arrays, MNIST_DIGESTS, path, repair)\n", "    pass\n"),
    _planted("MNIST's validation images also in training", _MNIST, "x_train=images[:-num_validation]", "x_train=images"),
    _planted("a data split that leaks", _DIGITS, "rows[num_test + num_validation :]", "rows[num_test:]"),
    _planted("factors in the wrong order", _GLYPHS, "dict(zip(POSE, poses, strict=True))", "dict(zip(POSE, poses[::-1], strict=True))"),
    # exercises
    _planted("a check that accepts a named mistake", _ENGINE, "        if not any(differences):\n            return RIGHT", "        if not all(differences):\n            return RIGHT"),
    _planted("a check that knows no mistake", _ENGINE, "        for mistake in self.mistakes:\n            if self._is_made", "        for mistake in ():\n            if self._is_made"),
    _planted("a hole counts as right", _ENGINE, "        if comparison.is_nothing_but_holes(answer):\n            return UNANSWERED", "        if comparison.is_nothing_but_holes(answer):\n            return RIGHT"),
    # latent space
    _planted("a probe judged on what it was fitted to", _PROBE, ".score(test_codes, test_labels))", ".score(train_codes, train_labels))"),
    _planted("a probe with the penalty upside down", _PROBE, "C=1.0 / regularisation", "C=regularisation"),
    _planted("a probe without standardised features", _PROBE, "make_pipeline(StandardScaler(), ", "make_pipeline("),
    _planted("the nearest distance squared", _NEAREST, "np.linalg.norm(samples - reference[nearest], axis=1)", "np.square(samples - reference[nearest]).sum(axis=1)"),
    _planted("the nearest row by the product alone", _NEAREST, "(half_squares - chunk @ reference.T)", "(-chunk @ reference.T)"),
    _planted("the nearest row without the half", _NEAREST, "half_squares = 0.5 * ", "half_squares = "),
    _planted("the nearest distance in the wrong direction", _NEAREST, "reference, samples = feature_pair(", "samples, reference = feature_pair("),
    _planted("two-stage samples that are reconstructions", _TWO_STAGE, "        density.fit(codes)\n", "        density.fit(codes)\n        density.sample = lambda num_samples: codes[:num_samples]\n"),
    _planted("two-stage samples from N(0, I)", _TWO_STAGE, "codes = _draw(self.fitted, num_samples, seed)", "codes = np.random.default_rng(seed).normal(size=(num_samples, 2))"),
    _planted("the seed of two-stage samples ignored", _TWO_STAGE, "density.random_state = seed", "pass"),
    _planted("mixture samples in the order of the components", _TWO_STAGE, "return np.random.default_rng(seed).permutation(codes)", "return codes"),
    _planted("the density given is fitted itself", _TWO_STAGE, "density = _fresh(self.density)", "density = self.density"),
    _planted("sampling a density that was never fitted", _TWO_STAGE, "if self.fitted is None:", "if False:"),
    _planted("a walk that stops short", _LATENT, "np.linspace(0, 1, num_steps)[:, None]", "np.linspace(0, 1, num_steps, endpoint=False)[:, None]"),
    _planted("a walk that starts at the end", _LATENT, "    return (1 - t) * start + t * end\n\n\ndef spherical_walk", "    return t * start + (1 - t) * end\n\n\ndef spherical_walk"),
    _planted("a sphere's half angle", _LATENT, "angle = 2 * np.arctan2", "angle = np.arctan2"),
    _planted("a spherical walk not divided by its sine", _LATENT, " / np.sin(angle)", ""),
    # input at the edges
    _planted("a NaN where a variance is too small for float32", _EVENTS, "ops.exp(ops.minimum(x, _LARGEST_EXPONENT))", "ops.exp(x)"),
    _planted("0 times the logarithm of 0", _EVENTS, "ops.where(probabilities == 0, 0.0, values)", "values"),
    _planted("an integer that names no symbol is certain", _LIKELIHOODS, "ops.where(is_symbol, log_probabilities, -math.inf), axis=-1, initial=-math.inf", "ops.where(is_symbol, log_probabilities, -math.inf), axis=-1, initial=0.0"),
    _planted("symbols cut to integers", _LIKELIHOODS, 'if "float" in keras.backend', 'if "string" in keras.backend'),
    _planted("log-variances that broadcast in the KL", _DIVERGENCES, '    require_same_shape(mean, log_var, "log_var", "mean")\n', ""),
    _planted("infinity minus infinity in the Fréchet distance", _DIVERGENCES, "larger * (1.0 - ops.exp(-0.5 * ops.abs(log_var_a - log_var_b)))", "ops.exp(0.5 * log_var_a) - ops.exp(0.5 * log_var_b)"),
    _planted("impossible categories in the JSD", _DIVERGENCES, "ops.maximum(log, _IMPOSSIBLE)", "log"),
    _planted("one real logit against a batch of fakes", _ADVERSARIAL, "if len({values.shape[0] for values in logits} - {None}) > 1:", "if False:"),
    _planted("a parser's exception from a broken archive", _ARCHIVE, "except Exception as error:", "except (OSError, ValueError, zipfile.BadZipFile) as error:"),
    _planted("a decompressor's exception from a broken download", _MNIST, "except (OSError, EOFError, zlib.error) as error:", "except (OSError, EOFError) as error:"),
    _planted("a Boolean counts", _ARGUMENTS, "isinstance(value, numbers.Integral) and not isinstance(value, bool)", "isinstance(value, numbers.Integral)"),
    _planted("squares that overflow", _ARGUMENTS, "if x.size and np.abs(x).max() > _LARGEST:", "if False:"),
    # regularised autoencoders
    _planted("a gradient that cannot be differentiated again", _GRADIENTS, "return tape.gradient(total, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)", "return tf.stop_gradient(tape.gradient(total, x, unconnected_gradients=tf.UnconnectedGradients.ZERO))"),
    _planted("a Jacobian of the summed code", _GRADIENTS, "ops.cast(function(x), \"float32\") * chosen", "ops.cast(function(x), \"float32\")"),
    _planted("a Jacobian averaged over the batch", _GRADIENTS, "return ops.sum(ops.reshape(squares, (ops.shape(x)[0], -1)), axis=1)", "return ops.sum(ops.reshape(squares, (ops.shape(x)[0], -1)), axis=1) / ops.cast(ops.shape(x)[0], \"float32\")"),
    _planted("the examples of a Jacobian mixed up", _GRADIENTS, "chosen = ops.tile(ops.eye(units), (ops.shape(x)[0], 1))", "chosen = ops.repeat(ops.eye(units), ops.shape(x)[0], axis=0)"),
    _planted("a penalty averaged over the code", _PENALTIES, "return sum_over_event(ops.abs(*as_float32(codes)))", "return ops.mean(ops.abs(*as_float32(codes)), axis=-1)"),
    _planted("a penalty summed over the batch", _PENALTIES, "return sum_over_event(ops.square(*as_float32(codes)))", "return ops.sum(ops.square(codes)) * ops.ones_like(codes[:, 0])"),
    _planted("L2 without its square", _PENALTIES, "return sum_over_event(ops.square(*as_float32(codes)))", "return sum_over_event(ops.abs(*as_float32(codes)))  # L2"),
    _planted("data whose squares overflow float32 accepted", _CONTRACT, "_LARGEST = 1e15", "_LARGEST = 3e38"),
    _planted("sparsity of single activities", _PENALTIES, "ops.mean(activations, axis=0)", "activations"),
    _planted("sparsity the other way round", _PENALTIES, "kl = target * (math.log(target) - ops.log(activity))", "kl = activity * (ops.log(activity) - math.log(target))"),
    _planted("sparsity without its second term", _PENALTIES, "    kl += (1 - target) * (math.log(1 - target) - ops.log(1 - activity))\n", ""),
    _planted("sparsity averaged over the units", _PENALTIES, "return ops.sum(kl) * ops.ones_like(activations[:, 0])", "return ops.mean(kl) * ops.ones_like(activations[:, 0])"),
    _planted("the contractive penalty of a noisy encoder", _PENALTIES, "encoder(x, training=False), x)", "encoder(x, training=True), x)"),
    _planted("the strength of a penalty ignored", _PENALTIES, "return self.weight * l1(codes)", "return l1(codes)"),
    _planted("a penalty that is logged but not in the loss", _AUTOENCODER, "weighted_mean(reconstruction + self._penalties(y_pred, sample_weight), sample_weight)", "weighted_mean(reconstruction + 0.0 * self._penalties(y_pred, sample_weight), sample_weight)"),
    _planted("weight decay forgotten", _AUTOENCODER, " + self.weight_penalty()\n        if", "\n        if"),
    _planted("weight decay divided by the batch", _AUTOENCODER, " + self.weight_penalty()\n        if", ' + self.weight_penalty() / ops.cast(ops.shape(codes)[0], "float32")\n        if'),
    _planted("an augmented input with the old target", _AUTOENCODER, 'return {"target": target, "codes"', 'return {"target": x, "codes"'),
    _planted("augmentation in evaluation", _AUTOENCODER, "if training and self.augmentation is not None else x", "if self.augmentation is not None else x"),
    _planted("augmentation left out", _AUTOENCODER, "if training and self.augmentation is not None else x", "if False else x"),
    _planted("an activity regulariser accepted", _PARTS, '        if getattr(layer, "activity_regularizer", None) is not None:', "        if False:"),
    _planted("a denoiser in inference mode", _AUTOENCODER, "codes = self.encoder(target, training=training)", "codes = self.encoder(target, training=False)"),
    _planted("XLA for images that are turned", ("course_lib/training.py", "tests/test_models_autoencoder.py"), "return compilable and not slow_under_xla", "return not slow_under_xla"),
    # evaluation and weights
    _planted("evaluate returns the last batch only", _TRAINING, "return super().evaluate(x, batch_size=batch_size,", "return super().evaluate(x[-batch_size:] if batch_size else x, batch_size=batch_size,"),
    _planted("the surrogate's value for the bound", _IMPORTANCE, "chunk = np.logaddexp.reduce(log_weights, axis=0)", "total_weight = np.logaddexp.reduce(log_weights, axis=0)\n        chunk = (np.exp(log_weights - total_weight) * log_weights).sum(axis=0) + np.log(len(log_weights))"),
    _planted("a batch without weight divides by zero", _TRAINING, "ops.where(total > 0, total, 1.0)", "total"),
    _planted("a VAE's weight decay forgotten", _VAE, ", sample_weight) + self.weight_penalty()", ", sample_weight)"),
    _planted("a GAN's weight decay forgotten", _GAN, ", sample_weight) + self.weight_penalty()", ", sample_weight)"),
    _planted("symbols without a logit accepted", _PARTS, "maximum = facts.maximum if logits is None else logits[0][-1] - 1", "maximum = facts.maximum"),
    _planted("weights read in the loop's own body", _RESIDENT, '@tf.function(reduce_retracing=True, experimental_attributes={"_noinline": True})', "@tf.autograph.experimental.do_not_convert"),
    # interrupted training
    _planted("a resumed run with another optimiser state", _RESUMING, "return [*model.variables, *model.optimizer.variables]", "return list(model.variables)"),
    _planted("a resumed run with fresh random streams", _RESUMING, "return [*model.variables, *model.optimizer.variables]", "return [*model.weights, *model.optimizer.variables]"),
    _planted("a resumed run with another order of the data", _RESUMING, '_batches(self.model).seed = facts["order"]', "pass"),
    _planted("a resumed run that skips an epoch", _RESUMING, "epochs if done else len(self.logs)", "epochs if done else len(self.logs) + 1"),
    _planted("curves that begin at the interruption", _RESUMING, "            self.model.history.history = {", "            _ = {"),
    _planted("evaluation draws of another process", _RESUMING, "            layer.seed = seed\n", "            pass\n"),
    _planted("a broken file begins anew in silence", _RESUMING, "        if kept:\n            self._resume(kept)", "        if kept:\n            try:\n                self._resume(kept)\n            except Exception:\n                self.logs = []"),
    _planted("the training of another model continued", _RESUMING, "        if differing:\n", "        if False:\n"),
    _planted("a finished training is trained again", _RESUMING, "done = facts[\"finished\"] and facts[\"epochs\"] >= epochs", "done = False"),
    _planted("a later fit begins in the middle", _RESUMING, "    def on_epoch_begin(self, epoch, logs=None):\n        self.model._initial_epoch = None", "    def on_epoch_begin(self, epoch, logs=None):\n        pass"),
    _planted("kept after every epoch, whatever was asked", _RESUMING, "if len(self.logs) % self.every == 0:", "if True:"),
    _planted("a training of another backend is continued", _RESUMING, "        \"backend\": keras.backend.backend(),\n", ""),
    _planted("the last epoch not kept", _RESUMING, "            self._keep(finished=True)\n", ""),
    # discrete draws
    _planted("Gumbel noise without its second logarithm", _GUMBEL, "return -ops.log(-ops.log(uniform))", "return -ops.log(uniform)"),
    _planted("Gumbel noise of the wrong sign", _GUMBEL, "return -ops.log(-ops.log(uniform))", "return ops.log(-ops.log(uniform))"),
    _planted("no Gumbel noise at all", _GUMBEL, "logits + self._gumbel(ops.shape(logits))", "logits"),
    _planted("one Gumbel noise for the whole batch", _GUMBEL, "self._gumbel(ops.shape(logits))", "self._gumbel((1, *logits.shape[1:]))"),
    _planted("the Gumbel temperature multiplies", _GUMBEL, ") / self.temperature", ") * self.temperature"),
    _planted("the Gumbel temperature cools the logits alone", _GUMBEL, "(logits + self._gumbel(ops.shape(logits))) / self.temperature", "logits / self.temperature + self._gumbel(ops.shape(logits))"),
    _planted("a Gumbel-softmax that is never hard", _GUMBEL, "return straight_through(soft) if self.hard else soft", "return soft"),
    _planted("a Gumbel-softmax that is always hard", _GUMBEL, "return straight_through(soft) if self.hard else soft", "return straight_through(soft)"),
    _planted("a hard Gumbel draw without a gradient", _GUMBEL, "return one_hot + (soft - ops.stop_gradient(soft))", "return one_hot"),
    _planted("straight-through that returns the soft Gumbel value", _GUMBEL, "return one_hot + (soft - ops.stop_gradient(soft))", "return ops.stop_gradient(one_hot - one_hot) + soft"),
    _planted("straight-through that doubles the Gumbel gradient", _GUMBEL, "one_hot + (soft - ops.stop_gradient(soft))", "one_hot + 2 * (soft - ops.stop_gradient(soft))"),
    _planted("infinite Gumbel noise where the uniform is zero", _GUMBEL, "minval=_SMALLEST_UNIFORM, ", ""),
    _planted("Gumbel draws in half precision", _GUMBEL, "super().__init__(autocast=False, **kwargs)", "super().__init__(**kwargs)"),
    _planted("a Gumbel layer that repeats its draws", _GUMBEL, "seed=self.seed_generator)", "seed=self.seed)"),
    _planted("a Gumbel layer rewound to another seed", _GUMBEL, "self.seed_generator.state.assign([self.seed, 0])", "self.seed_generator.state.assign([self.seed + 1, 0])"),
    _planted("a Gumbel temperature forgotten in the copy", _GUMBEL, "temperature = float(ops.convert_to_numpy(self._temperature))", "temperature = 1.0"),
    _planted("a Gumbel temperature of zero accepted", _GUMBEL, 'if not real_number(value, "temperature") > 0:', 'if not real_number(value, "temperature") >= 0:'),
    _planted("a single Gumbel logit accepted", _GUMBEL, "if len(logits.shape) < 2 or logits.shape[-1] < 2:", "if len(logits.shape) < 2:"),
)  # fmt: skip
