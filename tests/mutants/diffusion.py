"""Planted bugs of diffusion: the exact process on the line, the denoiser, and the briefs of the last lesson."""

from tests.mutants.bug import planted_in

_EXACT = ("course_lib/exact/diffusion_1d.py", "tests/exact/test_diffusion_1d.py")
_DENOISER = ("course_lib/models/denoiser.py", "tests/models/test_denoiser.py")
_BRIEFS = ("course_lib/exercises/where_next.py", "tests/exercises/test_where_next.py")

BUGS = (
    planted_in(_EXACT, "noise that grows half as fast as the data fade", "-np.expm1(-2 * t)", "-np.expm1(-t)"),
    planted_in(_EXACT, "humps that do not move inwards", "means = signal * self.means[:, None]", "means = self.means[:, None]"),
    planted_in(_EXACT, "humps that keep their width beside the noise", "(signal * self.deviations[:, None]) ** 2 + noise**2", "self.deviations[:, None] ** 2 + noise**2"),
    planted_in(_EXACT, "a score that points downhill", "(means - _points(x)) / variances", "(_points(x) - means) / variances"),
    planted_in(_EXACT, "a score divided by deviations", "(means - _points(x)) / variances", "(means - _points(x)) / np.sqrt(variances)"),
    planted_in(_EXACT, "a denoiser that does not know that data fade", "(_points(x) - signal * clean)", "(_points(x) - clean)"),
    planted_in(_EXACT, "a denoiser without a prior", "self.log_prob(clean[:, 0])[:, None] - 0.5", "-0.5"),
    planted_in(_EXACT, "a floor averaged over clean values", "np.exp(self.log_prob(x, t)) * self", "np.exp(self.log_prob(x)) * self"),
    planted_in(_EXACT, "a distribution function by variances", "(_points(x) - means) / np.sqrt(variances)", "(_points(x) - means) / variances"),
    planted_in(_EXACT, "times before the data", "if (t < 0).any():", "if False:"),
    planted_in(_EXACT, "denoising where there is no noise", '"t") < _SHORTEST:', '"t") < 0:'),
    planted_in(_EXACT, "a quantile of everything", "if not ((share > 0) & (share < 1)).all():", "if False:"),
    planted_in(_EXACT, "weights below 0 in a mixture under noise", "(self.weights <= 0).any() or ", ""),
    planted_in(_EXACT, "humps without width", "if (self.deviations <= 0).any():", "if False:"),
    planted_in(_DENOISER, "times of training that are uniform", 'ops.square(ops.convert_to_tensor(u, "float32"))', 'ops.convert_to_tensor(u, "float32")'),
    planted_in(_DENOISER, "noisy data that do not fade", "noisy = signal * ops.cast(x, \"float32\")", "noisy = ops.cast(x, \"float32\")"),
    planted_in(_DENOISER, "data in half precision beside a float32 signal", "signal * ops.cast(x, \"float32\")", "signal * x"),
    planted_in(_DENOISER, "a denoiser that is asked at the time, not at its root", "math.sqrt(t / self.longest))", "t / self.longest)"),
    planted_in(_DENOISER, "a sampler that stops half way", "np.linspace(1, 0, whole", "np.linspace(1, 0.5, whole"),
    planted_in(_DENOISER, "a sampler that keeps the guess in its noise", "(x - signal * guess)", "(x - guess)"),
    planted_in(_DENOISER, "a denoiser that is evaluated on draws of training", "if not training:", "if False:"),
    planted_in(_DENOISER, "a diffusion of no length", "if self.longest <= 0:", "if False:"),
    planted_in(_DENOISER, "a denoising network of any shape", "if taken != [made, (1,)]:", "if False:"),
    planted_in(_DENOISER, "denoising beyond the longest time", 'if not 0 <= real_number(t, "t") <= self.longest:', "if False:"),
    planted_in(_BRIEFS, "a last step that is known by its time", ", (0.05, 0.02)  #", "  #"),
    planted_in(_BRIEFS, "a detector judged by its best case", "worst = min(areas, key=areas.get)", "worst = max(areas, key=areas.get)"),
    planted_in(_BRIEFS, "a detector that sees each kind of damage apart", "order = np.random.default_rng(seed).permutation(len(images))", "order = np.arange(len(images))"),
    planted_in(_BRIEFS, "a limit that no baseline was measured for", '"compress": 8.4', '"compress": 9.9'),
    planted_in(_BRIEFS, "copies with a pixel changed that count as drawn", "_COPY = 3.0", "_COPY = 1e-6"),
    planted_in(_BRIEFS, "a code that counts in what it codes", "if not np.allclose(given, log_p[hidden", "if False and not np.allclose(given, log_p[hidden"),
    planted_in(_BRIEFS, "a code that was never summed", "if not abs(np.exp(log_p).sum() - 1) < 1e-6:", "if False:"),
    planted_in(_BRIEFS, "copies that count as drawn", "< _COPY) > 0.02:", "< _COPY) > 2:"),
    planted_in(_BRIEFS, "moved copies that count as drawn", "< _MOVED_COPY) > 0.02:", "< _MOVED_COPY) > 2:"),
    planted_in(_BRIEFS, "amplitudes that know where a letter stands", 'np.abs(np.fft.fft2(images, axes=(1, 2), norm="ortho"))', "images"),
    planted_in(_BRIEFS, "letters that need no seed", "np.abs(given - again).mean() > 1e-3", "False"),
    planted_in(_BRIEFS, "letters that are the same for all seeds", "np.abs(given - others).mean() < 1e-3", "False"),
    planted_in(_BRIEFS, "a density turned round that is told of pale letters", 'if areas["specks"] < 0.1 and areas["faded"] > 0.9:', "if False:"),
    planted_in(_BRIEFS, "sentences whose last word knows nothing of the first", "first == 0, _MANNER[0], _MANNER[1]", "first == 0, 0.55, 0.55"),
    planted_in(_BRIEFS, "a hidden split that learners train on", '_held_out("test", _HIDDEN_SEED)', '_held_out("train", _HIDDEN_SEED)'),
)  # fmt: skip
