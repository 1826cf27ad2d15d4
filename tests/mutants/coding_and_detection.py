"""Planted bugs of the coder, the detectors and the search for duplicates."""

from tests.mutants.bug import planted_in

_CODING = ("course_lib/coding.py", "tests/test_coding.py")
_EXACT = ("course_lib/exact/detection.py", "tests/exact/test_detection.py")
_DETECTION = ("course_lib/metrics/detection.py", "tests/metrics/test_detection.py")
_DUPLICATES = ("course_lib/datasets/duplicates.py", "tests/datasets/test_duplicates.py")
_NAMED = ("course_lib/datasets/named_examples.py", "tests/datasets/test_duplicates.py")
_SUSPECTS = ("course_lib/datasets/suspect_labels.py", "tests/datasets/test_suspect_labels.py")
_CHECKS = ("course_lib/exercises/compression_and_anomalies.py", "tests/exercises/test_compression_and_anomalies.py")

BUGS = (
    planted_in(_CODING, "push that pushes the first symbol first", "each[::-1].tolist()", "each.tolist()"),
    planted_in(_CODING, "push that forgets the symbols before", "* total + start + self.state", "* total + self.state"),
    planted_in(_CODING, "pop that takes the edge of the symbol before", 'side="right"', 'side="left"'),
    planted_in(_CODING, "an empty message is one of floats", "    if symbols.size == 0:\n", "    if False:\n"),
    planted_in(_CODING, "as many tables as one likes", "if frequencies.ndim == 2 and len(frequencies) not in (1, len(symbols)):", "if False:"),
    planted_in(_CODING, "rows of symbols are symbols", "symbols.ndim == 1 and symbols.dtype", "symbols.dtype"),
    planted_in(_CODING, "a table of zeros is a table", "if not tables.any(axis=-1).all():", "if False:"),
    planted_in(_CODING, "frequencies that may be 0", "frequencies + 1 + (order < missing)", "frequencies + (order < missing)"),
    planted_in(_CODING, "the smallest remainders are rounded up", "np.argsort(frequencies - shares", "np.argsort(shares - frequencies"),
    planted_in(_CODING, "latents that are drawn from the prior", "z = stack.pop(posterior(x))\n        stack.push(x", "z = stack.pop(prior)\n        stack.push(x"),
    planted_in(_CODING, "a latent pushed before its example", "        stack.push(x, likelihood(z))\n        stack.push(z, prior)\n", "        stack.push(z, prior)\n        stack.push(x, likelihood(z))\n"),
    planted_in(_CODING, "examples in the order of the stack", "return np.array(examples[::-1])", "return np.array(examples)"),
    planted_in(_CODING, "a latent that is not pushed back", "        stack.push(z, posterior(x))\n        examples", "        examples"),
    planted_in(_EXACT, "the area upside down", "integrate.trapezoid((1 - alarms) * anomalous", "integrate.trapezoid(alarms * anomalous"),
    planted_in(_EXACT, "average precision over all alarms", "integrate.trapezoid(precision * anomalous", "integrate.trapezoid(precision * normal"),
    planted_in(_EXACT, "the prevalence of the normal ones", "prevalence * hits, (1 - prevalence) * alarms", "(1 - prevalence) * hits, prevalence * alarms"),
    planted_in(_EXACT, "a ratio of deviations for one of variances", "stats.f.sf(scale**-2", "stats.f.sf(1 / scale"),
    planted_in(_EXACT, "the law of false alarms without the new score", "stats.beta(num_calibration + 1 - order, order)", "stats.beta(max(num_calibration - order, 0.5), order)"),
    planted_in(_DETECTION, "an area that knows the direction only by name", "np.repeat([0, 1], [len(normal)", "np.repeat([1, 0], [len(normal)"),
    planted_in(_DETECTION, "a prevalence that is not used", "sample_weight=weights", "sample_weight=None"),
    planted_in(_DETECTION, "weights of the other class", "share / len(anomalous), (1 - share) / len(normal)", "(1 - share) / len(anomalous), share / len(normal)"),
    planted_in(_DETECTION, "a rank among n scores", "(1 - alpha) * (len(scores) + 1)", "(1 - alpha) * len(scores)"),
    planted_in(_DETECTION, "a rank that is rounded down", "order = math.ceil(", "order = math.floor("),
    planted_in(_DETECTION, "a rank pushed up by rounding", "(len(scores) + 1) - 1e-9)", "(len(scores) + 1))"),
    planted_in(_DETECTION, "the next larger score", "np.sort(scores)[order - 1]", "np.sort(scores)[min(order, len(scores) - 1)]"),
    planted_in(_DUPLICATES, "near ones only within a block of rows", "candidates + np.array([start, 0])", "candidates"),
    planted_in(_DUPLICATES, "distances that are summed", "float(np.sqrt(np.mean(", "float(np.sqrt(np.sum("),
    planted_in(_NAMED, "zero and minus zero differ", '.astype("float64") + 0.0', '.astype("float64")'),
    planted_in(_DUPLICATES, "every copy is near to the others again", "{names[0]: rows[names[0]] for names in groups.values()}", "rows"),
    planted_in(_DUPLICATES, "a leak is any group of the first set", "set(sets) <= {", "set(sets) & {"),
    planted_in(_DUPLICATES, "a misspelt set has no leaks", "        if unknown:\n", "        if False:\n"),
    planted_in(_DUPLICATES, "a set without examples was not searched", "dict.fromkeys(examples if isinstance(examples, dict) else ())", "dict.fromkeys(())"),
    planted_in(_NAMED, "a label ends at its slash", "return name_of_set if row.isdecimal() else", "return name_of_set if row.isdecimal() and '/' not in name else"),
    planted_in(_NAMED, "a picture's set ends at its space", "return name_of_set if row.isdecimal() else", "return name_of_set if name_of_set and '/' not in name or row.isdecimal() else"),
    planted_in(_DUPLICATES, "broken examples are compared", "row is None or not np.isfinite(row).all()", "row is None"),
    planted_in(_SUSPECTS, "an example votes for itself", "apart[block, start + block] = np.inf", "apart[block, block] = np.inf"),
    planted_in(_SUSPECTS, "the farthest neighbours", "np.argpartition(apart, count - 1", "np.argpartition(-apart, count - 1"),
    planted_in(_SUSPECTS, "distances that lose their digits", "rows = rows - rows.mean(axis=0)", "rows = (rows - 0.0).astype('float32')"),
    planted_in(_SUSPECTS, "a tie is a suspicion", "np.flatnonzero(most > agree)", "np.flatnonzero(most >= agree)"),
    planted_in(_SUSPECTS, "the most certain ones last", "key=lambda suspect: suspect.agree)", "key=lambda suspect: -suspect.agree)"),
    planted_in(_SUSPECTS, "broken examples have neighbours", "row is not None and np.isfinite(row).all()]", "row is not None]"),
    planted_in(_CHECKS, "alarms so rare that all parts are good ones", "_HITS, _FALSE = 0.05 * 0.8, 0.95 * 0.1", "_HITS, _FALSE = 0.05 * 0.8, 0.1"),
    planted_in(_CHECKS, "ties of which the largest is asked for", "[1.0, 2.0, 4.0], 13)), 0.6)", "[1.0, 2.0, 4.0], 13)), 0.3)"),
    planted_in(_CHECKS, "a state that need be no whole number", "not isinstance(each, int)]", "not isinstance(each, int | float)]"),
    planted_in(_CHECKS, "a push judged by its first message", "if given == [_push(*message) for message in _MESSAGES]:", "if given[:5] == [_push(*message) for message in _MESSAGES[:5]]:"),
)  # fmt: skip
