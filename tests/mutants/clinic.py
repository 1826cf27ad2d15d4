"""Planted bugs of what the bug clinic uses: the marks of health, their chart, and the planting of patients."""

from tests.mutants.bug import planted_in

_HEALTH = ("course_lib/metrics/health.py", "tests/metrics/test_health.py")
_CHART = ("course_lib/plotting.py", "tests/test_plotting.py")
_PATIENTS = ("course_lib/patients.py", "tests/test_patients.py")
_CHECKS = ("course_lib/exercises/bug_clinic.py", "tests/exercises/test_bug_clinic.py")
_CALLS = ("course_lib/exercises/calls.py", "tests/exercises/test_calls.py")

BUGS = (
    planted_in(_HEALTH, "a first mark in bits", "x.shape[1] * np.log(2.0)", "x.shape[1] * 1.0"),
    planted_in(_HEALTH, "the entropy of ink alone", "return entr(p) + entr(1.0 - p)", "return entr(p)"),
    planted_in(_HEALTH, "the floor of all images together", "_coins(x).sum() / len(x)", "_coins(x).sum()"),
    planted_in(_HEALTH, "one mean for all pixels", "mean = x.mean(axis=0)\n        marks", "mean = np.full(x.shape[1], x.mean())\n        marks"),
    planted_in(_HEALTH, "a mark of the deviations for the variances", "errors = _squares(x), x.var(axis=0).sum(), 0.0", "errors = _squares(x), x.std(axis=0).sum(), 0.0"),
    planted_in(_HEALTH, "marks that take the variance for twice itself", "constant + each / (2.0 * variance)", "constant + each / variance"),
    planted_in(_HEALTH, "marks that forget the constant of a density", "constant + each / (2.0 * variance)", "each / (2.0 * variance)"),
    planted_in(_HEALTH, "a known variance without its half nat", "0.5 * (1.0 + _LOG_2_PI + np.log(x.var(axis=0)))", "0.5 * (_LOG_2_PI + np.log(x.var(axis=0)))"),
    planted_in(_HEALTH, "one symbol more than there is", "len(mean) * np.log(num_symbols)", "len(mean) * np.log(num_symbols + 1)"),
    planted_in(_HEALTH, "the marks of a GAN", '    if not hasattr(model, "log_likelihood"):', "    if False:"),
    planted_in(_CHART, "a chart that hides its floor", 'zip(("untrained", "ignores its code", "floor"), marks, strict=True)', 'zip(("untrained", "ignores its code"), marks, strict=False)'),
    planted_in(_CHART, "a chart whose curves begin at the first epoch", "ax.plot(range(len(numbers)), numbers, color=colour, marker", "ax.plot(range(1, len(numbers) + 1), numbers, color=colour, marker"),
    planted_in(_CHECKS, "a free bug in every draw", "if rng.random() < 0.5:", "if True:"),
    planted_in(_CHECKS, "no value is larger than one", "bright = 255 * grey", "bright = grey"),
    planted_in(_CHECKS, "NaN that is never met twice", "        (lost.copy(), lost),\n", ""),
    planted_in(_CHECKS, "no difference within the tolerance but in all values", "least, tiny)),", "least)),"),
    planted_in(_CHECKS, "a search that stops is right besides", "map(_fault_of_a_cover, given, matrices)), _STOPS", "map(_fault_of_a_cover, [], matrices)), _STOPS"),
    planted_in(_CHECKS, "a cover of any size", "return None if len(columns) == smallest else", "return None if len(columns) >= smallest else"),
    planted_in(_CALLS, "a float for an index taken for a hole", ' or "are valid indices" in message', ""),
    planted_in(_CALLS, "a comma in a list's index told as a float", 'if "indices must be integers or slices, not tuple" in message:', "if False:"),
    planted_in(_CALLS, "an array of floats for indices told as NumPy does", "|used as indices must be", ""),
    planted_in(_CALLS, "next that found nothing, told as Python does", 'if isinstance(error, StopIteration) or "raised StopIteration" in message:', "if False:"),
    planted_in(_CALLS, "arrays asked for one truth value, told as NumPy does", 'if "truth value of an array" in message:', "if False:"),
    planted_in(_PATIENTS, "a patient that is never cured", "    finally:\n        function.__code__ = healthy", "    finally:\n        pass"),
    planted_in(_PATIENTS, "a patient without its bug", "text.replace(patient.before, patient.after), module", "text, module"),
    planted_in(_PATIENTS, "a bug that occurs twice is planted", "if text.count(before) != 1:", "if text.count(before) < 1:"),
    planted_in(_PATIENTS, "a bug planted in a signature", "node.body[0].lineno <= line", "node.lineno <= line"),
)  # fmt: skip
