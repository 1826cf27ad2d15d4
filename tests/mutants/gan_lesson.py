"""Planted bugs of lessons 12, 14 and 15: their checks, and checkpoints of a training that is resumed."""

from tests.mutants.bug import planted_in

_CHECKS = ("course_lib/exercises/training_a_gan.py", "tests/exercises/test_training_a_gan.py")
_CHECKS_14 = ("course_lib/exercises/wasserstein_gans.py", "tests/exercises/test_wasserstein_gans.py")
_CHECKS_15 = (
    "course_lib/exercises/conditional_gans_and_hybrids.py",
    "tests/exercises/test_conditional_gans_and_hybrids.py",
)
_KEEP_BEST = ("course_lib/training/callbacks.py", "tests/training/test_callbacks.py")
_RESUMING = ("course_lib/training/resuming.py", "tests/training/test_callbacks.py")

BUGS = (
    planted_in(_CHECKS, "each player with the other's loss", "reference=lambda of_d, of_g: (of_g[0], of_d[1])", "reference=lambda of_d, of_g: (of_d[0], of_g[1])"),
    planted_in(_CHECKS, "a loss of one half of the batch", "return np.logaddexp(0, -real_logits) + np.logaddexp(0, fake_logits)", "return np.logaddexp(0, -real_logits)"),
    planted_in(_CHECKS, "a floor with −1 for samples", "reference=math.log1p(math.exp(-1.0)) + math.log(2.0)", "reference=2 * math.log1p(math.exp(-1.0))"),
    planted_in(_CHECKS, "a round without the generator's step accepted", 'if _ends_like(end, "reference"):', 'if _ends_like(end, "reference") or _ends_like(end, "the generator first"):'),
    planted_in(_CHECKS, "a step up the loss", "variable.value - rate * slope", "variable.value + rate * slope"),
    planted_in(_CHECKS, "a step without its size", "variable.value - rate * slope", "variable.value - slope"),
    planted_in(_CHECKS, "a hole taken for a wrong round", "    if not asked:\n        raise NotImplementedError", "    if False:\n        raise NotImplementedError"),
    planted_in(_CHECKS, "smoothing of one side for both", "reference=lambda p, q, t, s: (t * p + s * q) / (p + q)", "reference=lambda p, q, t, s: t * p / (p + q)"),
    planted_in(_CHECKS, "a momentum on the wrong side", "return momentum * old + (1 - momentum) * new", "return (1 - momentum) * old + momentum * new"),
    planted_in(_CHECKS, "a batch variance divided by n − 1", "return _normalised(x, x.mean(0), x.var(0)), _moved", "return _normalised(x, x.mean(0), x.var(0, ddof=1)), _moved"),
    planted_in(_CHECKS, "batch normalisation tried in training alone", "training = bool(rng.integers(2**31) % 2 == 0)", "training = True"),
    planted_in(_CHECKS, "a judge that lets the generator's step move D", 'if any("D" in each for each in of_g):\n', "if False:\n"),
    planted_in(_CHECKS, "a falling loss as evidence", 'reference={"b", "d"}', 'reference={"a", "b", "d"}'),
    planted_in(_KEEP_BEST, "scores numbered from the resumption", "epochs = epoch + 1\n        if epochs % self.every", "epochs = len(self.scores) + 1\n        if epochs % self.every"),
    planted_in(_RESUMING, "a finished training kept without its best weights", "self._keep(finished=True)", "pass"),
    planted_in(_CHECKS_15, "variance about the mean of all classes", "features[labels == label].mean(axis=0) for label in labels", "features.mean(axis=0) for label in labels"),
    planted_in(_CHECKS_15, "a median of values in the order of the list", "return values[order][np.searchsorted(np.cumsum(weights[order]), 0.5)]", "return values[np.searchsorted(np.cumsum(weights), 0.5)]"),
    planted_in(_CHECKS_15, "a generator's pull with the judge's sign", "return _sigmoid(logit), -weight * _sigmoid(-logit)", "return _sigmoid(logit), weight * _sigmoid(-logit)"),
    planted_in(_CHECKS_14, "the area between two histograms with its sign", "return float(np.abs(np.cumsum(p - q)).sum() * width)", "return float(np.cumsum(p - q).sum() * width)"),
    planted_in(_CHECKS_14, "points behind the ends accepted, others refused", "outside = (place < -1e-6).any() or (place > 1 + 1e-6).any()", "outside = not ((place < -1e-6).any() or (place > 1 + 1e-6).any())"),
    planted_in(_CHECKS_14, "a length for each row of an image", "return np.sqrt(np.square(slopes).sum(axis=(1, 2, 3)))", "return np.sqrt(np.square(slopes).sum(axis=(2, 3))).mean(axis=1)"),
)  # fmt: skip
