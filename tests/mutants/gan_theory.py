"""Planted bugs of the theory of GANs: what a generator descends at the optimal discriminator."""

from tests.mutants.bug import planted_in

_OBJECTIVE = ("course_lib/exact/generator_objective.py", "tests/exact/test_generator_objective.py")

_PICTURES = ("course_lib/plotting.py", "tests/test_plotting.py")

_LOSSES = ("course_lib/exercises/losses.py", "tests/exercises/test_losses.py")

BUGS = (
    planted_in(_PICTURES, "arrows of a diagram turned round", 'ax.annotate("", places[end], places[start], arrowprops=style)', 'ax.annotate("", places[start], places[end], arrowprops=style)'),
    planted_in(_PICTURES, "a text on the other side of its bent arrow", "(y + to_y) / 2 - bend * (to_x - x)", "(y + to_y) / 2 + bend * (to_x - x)"),
    planted_in(_PICTURES, "a diagram without grey boxes", '"0.85" if name in shaded else "white"', '"white"'),
    planted_in(_PICTURES, "an arrow of a diagram to nowhere", "    if unknown:\n", "    if False:\n"),
    planted_in(_LOSSES, "losses whose round nobody trains", "if np.abs(one - other).max() > 1e-4:", "if False:"),
    planted_in(_LOSSES, "losses that leave the tensors unnoticed", "        if left:\n", "        if False:\n"),
    planted_in(_LOSSES, "losses whose constants count", "values[-1] * self.up_to_constants", "values[-1] * 0"),
    planted_in(_LOSSES, "losses whose holes are wrong answers", "raise NotImplementedError  # a hole", 'return "a hole."'),
    planted_in(_PICTURES, "a field upside down", 'extent=extent, origin="lower", cmap=steps', 'extent=extent, origin="upper", cmap=steps'),
    planted_in(_PICTURES, "blue for what looks generated", 'plt.get_cmap("RdBu", 15)', 'plt.get_cmap("RdBu_r", 15)'),
    planted_in(_PICTURES, "colours that stretch over what occurs", "cmap=steps, vmin=0, vmax=1,", "cmap=steps,"),
    planted_in(_PICTURES, "arrows of a length of their own", 'scale_units="xy", scale=1,', 'scale_units="xy",'),
    planted_in(_PICTURES, "a film of its first frame", "append_images=pictures[1:]", "append_images=pictures[:1] * (len(pictures) - 1)"),
    planted_in(_OBJECTIVE, "a generator's density without its change of variables", " / scale) - np.log(abs(scale))", " / scale)"),
    planted_in(_OBJECTIVE, "a generator's density times its scale", "- np.log(abs(scale))", "+ np.log(abs(scale))"),
    planted_in(_OBJECTIVE, "a generator's density that is blind to mirrors", "- shift) / scale) - np", "- shift) / abs(scale)) - np"),
    planted_in(_OBJECTIVE, "a generator's density shifted the other way", 'dtype="float64") - shift) / scale)', 'dtype="float64") + shift) / scale)'),
    planted_in(_OBJECTIVE, "a generator that may be a single point", "if scale == 0:", "if False:"),
    planted_in(_OBJECTIVE, "a pull without the discriminator's slope along x", " * rise / (2 * step)", ""),
    planted_in(_OBJECTIVE, "a pull of twice the discriminator's slope", "rise / (2 * step)", "rise / step"),
    planted_in(_OBJECTIVE, "a pull by the logit for its loss", "return slope(optimal_logit(x, log_p, log_q)) * rise", "return optimal_logit(x, log_p, log_q) * rise"),
    planted_in(_OBJECTIVE, "a pull of the discriminator with the labels swapped", "return slope(optimal_logit(x, log_p, log_q)) * rise", "return slope(optimal_logit(x, log_q, log_p)) * rise"),
    planted_in(_OBJECTIVE, "a scale pulled by where the samples are, not by their noise", "pull(x) * (x - shift) / scale, log_q", "pull(x) * x, log_q"),
    planted_in(_OBJECTIVE, "a scale pulled by the mirrored noise", "pull(x) * (x - shift) / scale, log_q", "pull(x) * (x - shift) / abs(scale), log_q"),
    planted_in(_OBJECTIVE, "a scale pulled per unit of x", "pull(x) * (x - shift) / scale, log_q", "pull(x) * (x - shift), log_q"),
    planted_in(_OBJECTIVE, "a shift pulled where the data are", "expectation_1d(pull, log_q, *ends)", "expectation_1d(pull, log_p, *ends)"),
    planted_in(_OBJECTIVE, "scale and shift exchanged", "np.array([for_scale, expectation_1d(pull, log_q, *ends)])", "np.array([expectation_1d(pull, log_q, *ends), for_scale])"),
    planted_in(_OBJECTIVE, "the divergence of the non-saturating loss with one JSD", "- 2 * jensen_shannon_1d(", "- jensen_shannon_1d("),
    planted_in(_OBJECTIVE, "the divergence of the non-saturating loss with the JSD added", "- 2 * jensen_shannon_1d(", "+ 2 * jensen_shannon_1d("),
    planted_in(_OBJECTIVE, "the divergence of the non-saturating loss that covers", "kl_1d(log_q, log_p, *ends)", "kl_1d(log_p, log_q, *ends)"),
)  # fmt: skip
