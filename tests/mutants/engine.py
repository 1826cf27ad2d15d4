"""Planted bugs of the check engine: words, several mistakes, copies, random numbers, digits, tries, answers by rule."""

from tests.mutants.bug import planted_in

_ENGINE = ("course_lib/exercises/engine.py", "tests/exercises/test_engine.py")
_COMPARISON = ("course_lib/exercises/comparison.py", "tests/exercises/test_engine.py")
_CALLS = ("course_lib/exercises/calls.py", "tests/exercises/test_engine.py")
_WORDS = ("course_lib/exercises/words.py", "tests/exercises/test_engine.py")
_AUTOMATIC = ("course_lib/exercises/automatic.py", "tests/exercises/test_automatic.py")
_BENDING = ("course_lib/exercises/bending.py", "tests/exercises/test_things.py")
_CHECKS_01 = ("course_lib/exercises/autoencoders.py", "tests/exercises/test_automatic.py")
_CHECKS_06 = ("course_lib/exercises/the_reparameterization_trick.py", "tests/exercises/test_things.py")
_CHECKS_08 = ("course_lib/exercises/rate_distortion_and_beta.py", "tests/exercises/test_automatic.py")
_CHECKS_12 = ("course_lib/exercises/training_a_gan.py", "tests/exercises/test_things.py")
_FITTING = ("course_lib/exercises/fitting.py", "tests/exercises/test_fitting.py")
_LOSSES = ("course_lib/exercises/losses.py", "tests/exercises/test_losses.py")
_BOUNDS = ("course_lib/exercises/tighter_bounds.py", "tests/exercises/test_things.py")
_CRITICS = ("course_lib/exercises/wasserstein_gans.py", "tests/exercises/test_things.py")
_CODES = ("course_lib/exercises/the_latent_space.py", "tests/exercises/test_things.py")
_CHANGES = ("course_lib/exercises/regularised_autoencoders.py", "tests/exercises/test_things.py")
_WIDE_CODES = ("course_lib/exercises/codes_that_are_too_wide.py", "tests/exercises/test_things.py")
_CHECKS_15 = ("course_lib/exercises/conditional_gans_and_hybrids.py", "tests/exercises/test_things.py")
_CHOICE = ("course_lib/exercises/choosing_a_model.py", "tests/exercises/test_choosing_a_model.py")

BUGS = (
    # several mistakes
    planted_in(_CHOICE, "rates of another range called linear", "if powers.mean() > -1.7:", "if True:"),
    planted_in(_CHOICE, "any two searches that meet called a sum", "np.array_equal(whole[1:], others[:-1])", "np.intersect1d(whole, others).size"),
    planted_in(_ENGINE, "mistakes matched as whole answers", "if some_places and not mistake.whole and", "if False and"),
    planted_in(_ENGINE, "a sentence of the whole said of a part", "if some_places and not mistake.whole and", "if some_places and"),
    planted_in(_ENGINE, "a mistake claimed where only some of its entries are", "if places and places <= wrong and not places & ruler", "if places and not places - wrong == places and places & wrong and not (places & wrong) & ruler"),
    planted_in(_ENGINE, "the smallest mistakes first", "key=lambda each: -len(each[1])", "key=lambda each: len(each[1])"),
    planted_in(_ENGINE, "an entry explained twice", "            if not places & explained:\n", "            if places:\n"),
    planted_in(_ENGINE, "what no mistake explains left unsaid", "said += list(filter(None, map(ruler.difference, rest, expected)))[:1]", "said += []"),
    planted_in(_ENGINE, "a general sentence for a word that cannot be chosen", "if places and all(ruler.can_be_chosen(*pair, places) for pair in zip(given, expected, strict=True)):", "if places:"),
    planted_in(_COMPARISON, "a word judged as the number that should stand there", "            return False\n        values = [", "            pass\n        values = ["),
    planted_in(_ENGINE, "what is missing said of what is unknown", "        if strange := next(filter(None, map(ruler.unknown_members, given, expected)), None):", "        if strange := None:"),
    planted_in(_ENGINE, "a thing with a hole judged", "        if comparison.holds_a_hole(answer):\n            return HALF_EMPTY\n        changed", "        changed"),
    planted_in(_ENGINE, "a number's side left unsaid beside a general sentence", "for path in places if not _is_a_number(comparison.parts(expected[0])[path])", "for path in places"),
    planted_in(_ENGINE, "mistakes that many values show are never named", "return mistake.made is not None and bool(mistake.made(given[0]))", "return False"),
    # spellings
    planted_in(_WORDS, "American spelling refused", '1s", text)  # American', '1z", text)  # American'),
    planted_in(_WORDS, "hyphens that make another word", '(?<=[^\\W\\d])-(?=\\w)', "(?!)"),
    planted_in(_WORDS, "a minus sign taken for a hyphen", '(?<=[^\\W\\d])-(?=\\w)', "-"),
    planted_in(_WORDS, "blanks that make another word", '[\\s,;]+', "[,;]+"),
    planted_in(_WORDS, "orders that leave words out judged as orders", "return complete and order.index", "return order.index"),
    planted_in(_WORDS, "a word too late called too early", "order.index(Word(one)) < order.index(Word(other))", "order.index(Word(one)) > order.index(Word(other))"),
    planted_in(_WORDS, "brackets that make another word", "            text = inner\n", "            pass\n"),
    planted_in(_COMPARISON, "words that cannot be chosen called wrong", "        for each in given if allowed else ():", "        for each in ():"),
    planted_in(_COMPARISON, "a word is no set of one", "        return frozenset(words.split(given, allowed or", "        return given if given.written else frozenset(words.split(given, allowed or"),
    planted_in(_COMPARISON, "a list of one is no word", "    if len(given) == 1 and isinstance(next(iter(given)), str):", "    if False:"),
    planted_in(_COMPARISON, "keys in another spelling are other keys", "keys = [known.get(words.Word(key), key) if isinstance(key, str) else key for key in given]", "keys = list(given)"),
    # numbers
    planted_in(_COMPARISON, "a guess learns its integer part", "(_lost_digits(given, expected) if self.reveal else None)", "_lost_digits(given, expected)"),
    planted_in(_COMPARISON, "two numbers that read alike", "for digits in range(4, 18):", "for digits in range(4, 5):"),
    planted_in(_COMPARISON, "float32 beside float64 passed over in silence", "if given.dtype == np.float32 and expected.dtype == np.float64 and near:", "if False:"),
    planted_in(_COMPARISON, "the largest error instead of the worst", "/ (atol + rtol * np.abs(wide_expected))", "/ 1.0"),
    planted_in(_CALLS, "mixed precisions without a sentence", "if any(words in message.lower() for words in _WORDS_OF_MIXED_PRECISION):", "if False:"),
    planted_in(_COMPARISON, "a decimal comma told as a shape", "comma = expected.ndim == 0 and not self.reveal and _is_a_decimal_comma(given)", 'comma = ""'),
    planted_in(_COMPARISON, "a number in quotation marks told as a word", 'if several else ": leave out the quotation marks."', 'if several else "."'),
    planted_in(_COMPARISON, "a list in quotation marks told to lose them alone", "several = expected.ndim and expected.size > 1", "several = False"),
    planted_in(_COMPARISON, "a function that was not called told as a type", 'as in `x.sum()`?" if called else "."', 'as in `x.sum()`?" if False else "."'),
    planted_in(_COMPARISON, "axes that are left over unsaid", "if given[: len(expected)] == expected else []", "if False else []"),
    planted_in(_COMPARISON, "another logarithm told as a factor", "if abs(factor / each - 1) < 1e-3)", "if False)"),
    planted_in(_ENGINE, "a wrong shape beside no shape", 'if inputs and "the shape should" in said:', "if False:"),
    planted_in(_ENGINE, "a length told as one entry", "inputs and _length_as_a_factor(given, expected, *inputs, ruler)", "None"),
    planted_in(_ENGINE, "any factor called a length", "if len({*many}) > 1 and np.allclose(factors, many, ruler.rtol):", "if len({*many}) > 1:"),
    planted_in(_CALLS, "NumPy's names unknown", "    return [short[0] if name ==", "    return [] if True else [short[0] if name =="),
    planted_in(_COMPARISON, "one entry called several", '1: f"is {array}"}', "}"),
    planted_in(_COMPARISON, "a number that stands for a word explained as one", "isinstance(one, str) != isinstance(other, str)", "isinstance(one, str) > isinstance(other, str)"),
    planted_in(_COMPARISON, "True in quotation marks called no number", 'if expected.dtype.kind == "b" else "a number is"', 'if False else "a number is"'),
    planted_in(_COMPARISON, "a list of words told as NumPy does", 'if value.ndim and value.dtype.kind in "US":', "if False:"),
    planted_in(_CALLS, "NumPy's constants unknown", " or isinstance(getattr(np, name, None), float)", ""),
    planted_in(_CALLS, "a caret between numbers told as Python does", '    "operand type(s) for ^": _NO_POWER,\n', ""),
    planted_in(_CALLS, "a slip told in NumPy's words", "        if words in message.lower():\n            return said\n", "        pass\n"),
    planted_in(_CALLS, "a misspelled name of a module told as Python does", "if isinstance(error, AttributeError) and", "if False and"),
    # copies and random numbers
    planted_in(_ENGINE, "inputs handed over themselves", "            passed = calls.copied(inputs)\n", "            passed = inputs\n"),
    planted_in(_ENGINE, "draws that share the author's arrays", "return [calls.copied(each) for each in (*self._draws(), *edges)]", "return [*self._draws(), *edges]"),
    planted_in(_ENGINE, "results that the next call overwrites", "given.append(calls.copied(answer(*passed)))", "given.append(answer(*passed))"),
    planted_in(_ENGINE, "a judge that hands over its own arrays", "said = self.judge_with(calls.guarded(answer, changed))", "said = self.judge_with(answer)"),
    planted_in(_ENGINE, "a change in place forgiven by a judge", "return _changes(changed[0]) if said is None and changed else self._said(said)", "return self._said(said)"),
    planted_in(_CALLS, "lists handed over themselves", "if type(value) in (tuple, list, set, frozenset):", "if type(value) in (tuple, set, frozenset):"),
    planted_in(_CALLS, "random numbers that differ from try to try", "return make([17, next(numbers)] if seed is None else seed)", "return make(seed)"),
    planted_in(_CALLS, "the lesson's generator left where the check put it", "            generator.bit_generator.state = state\n", "            pass\n"),
    planted_in(_CALLS, "the lesson's own generator not set back before a try", "            generator.bit_generator.state = type(generator.bit_generator)([17, number]).state\n", "            pass\n"),
    planted_in(_CALLS, "layers that draw anew at each try", "            state.assign(np.array([17, number], _array_of(state).dtype))\n", "            pass\n"),
    # cases, other answers, tries
    planted_in(_ENGINE, "edges that are never tried", "edges = self.edges() if self.edges is not None else []", "edges = []"),
    planted_in(_ENGINE, "one accepted draw for all", "return all(map(self.accepts_result, results, cases))", "return any(map(self.accepts_result, results, cases))"),
    planted_in(_ENGINE, "the code as found counted as a try", "if this != last and not exercise.is_as_found(verdict):", "if this != last:"),
    planted_in(_ENGINE, "the same answer counted twice", "if this != last and not exercise.is_as_found(verdict):", "if not exercise.is_as_found(verdict):"),
    # answers by rule, and what they found
    planted_in(_AUTOMATIC, "arguments that never vary excused", 'if exercise.inputs is None or "frozen" in wrong.name or "code for" in wrong.name:', "if exercise.inputs is None:"),
    planted_in(_AUTOMATIC, "no array tried in another order", "yield (*inputs[:number], rng.permutation(value, axis=0), *inputs[number + 1 :])", "pass"),
    planted_in(_AUTOMATIC, "no logit tried far away", "far.flat[0], far.flat[-1] = -_FAR, _FAR", "pass"),
    planted_in(_AUTOMATIC, "constants without a reason", 'if name not in names or not reason.endswith("."):', "if name not in names:"),
    planted_in(_CHECKS_01, "images of one channel", "rng.integers((20, 8, 4, 2), (40, 12, 7, 5))", "(int(rng.integers(20, 40)), 9, 5, 1)"),
    planted_in(_CHECKS_08, "variances that come sorted", "return rng.gamma(1.0, 2.0, size=int(rng.integers(6, 12))), rng.uniform(0.3, 1.5)", "return np.sort(rng.gamma(1.0, 2.0, size=int(rng.integers(6, 12)))), rng.uniform(0.3, 1.5)"),
    planted_in(_CHECKS_06, "a draw judged by two moments", "or _wrong_law(answer, z) or", "or"),
    planted_in(_CHECKS_12, "a round whose batches nobody looks at", "if said := _trained_on_something_else(", "if said := (lambda *_: None)("),
    planted_in(_CHECKS_15, "pairs without their noise", "if not np.array_equal(np.sort(samples[:, :2], axis=0), np.sort(noise, axis=0)):", "if False:"),
    # what stops, and what other arguments it takes
    planted_in(_CALLS, "holes that no message names taken for answers", "return unfilled or raised or _stopped_at_a_hole(error, answer)", "return unfilled or raised"),
    planted_in(_CALLS, "an index taken for a hole", "or id(node) in indices:", "or False:"),
    planted_in(_CALLS, "a name that stands for a hole unread", 'or getattr(node, "id", None) in empty):', "):"),
    planted_in(_CALLS, "other arguments told as Python does", "        if said := misfit(function, inputs, named):\n", "        if said := None:\n"),
    planted_in(_CALLS, "a class that takes other arguments told as Python does", "if isinstance(error, TypeError) and _OTHER_ARGUMENTS.search(_message(error)) and trace is None:", "if False:"),
    planted_in(_COMPARISON, "whole numbers beyond all floats", "    except OverflowError:\n        return float(np.copysign", "    except OverflowError:\n        return float(np.abs"),
    planted_in(_COMPARISON, "counts compared as floats", 'whole = given.dtype.kind in "iu" and expected.dtype.kind in "iu"', "whole = False"),
    planted_in(_ENGINE, "what results do not show never asked", "return self._said(self.then(answer)) if verdict == RIGHT and self.then is not None else verdict", "return verdict"),
    planted_in(_ENGINE, "a special case told as any other", "            if number in edges:\n", "            if False:\n"),
    planted_in(_ENGINE, "anything taken for an exercise", "    if not isinstance(exercise, Exercise):\n", "    if False:\n"),
    # losses that are trained
    planted_in(_FITTING, "a loss that moves nothing accepted", "    if np.abs(moved).max() <= 1e-6 * np.abs(wanted).max():\n        return NO_GRADIENT\n    return None if", "    return None if not moved.any() or"),
    planted_in(_FITTING, "any gradient accepted", "<= 1e-2 * np.abs(wanted).max() else ANOTHER_GRADIENT", "<= 1e2 * np.abs(wanted).max() else ANOTHER_GRADIENT"),
    planted_in(_FITTING, "a batch whose size is known", "model.fit(x, batch_size=4,", "model.fit(x, batch_size=len(x),"),
    planted_in(_FITTING, "an unknown size told as NumPy", "    if is_of_an_unknown_size(error):\n", "    if False:\n"),
    planted_in(_FITTING, "whole numbers beside floats told as NumPy", "    if is_of_two_kinds_of_numbers(error):\n", "    if False:\n"),
    planted_in(_CHANGES, "digits on their heads told as unchanged", "x[:, ::-1], x[:, ::-1, ::-1])", "x[:, ::-1])"),
    planted_in(_LOSSES, "losses that move nobody told as others", "            if np.abs(one - before).max() < 1e-6:\n", "            if False:\n"),
    planted_in(_BOUNDS, "rows of log-weights that share a maximum", "[[900.0, 903.0], [-20_000.0, -20_001.0]]", "[[900.0, 903.0], [897.0, 899.0]]"),
    planted_in(_BOUNDS, "a loss that is cut off called no number", "        if not np.isfinite(value):\n            return name\n", "        if not np.isclose(value, right, rtol=1e-4):\n            return name\n"),
    planted_in(_CRITICS, "positions of a generator of their own", 'return found or (None if np.array_equal(first, repeated) else "a generator of its own")', "return found"),
    planted_in(_CODES, "a law that is nearly that of the codes", "nearness = 1e-3 *", "nearness = 0.04 *"),
    planted_in(_WIDE_CODES, "a contraction that trains nothing", "return _wrong_gradient_of_contraction(penalty)", "return None"),
    planted_in(_AUTOMATIC, "a known batch that nobody tries", "return result * float(inputs[0].shape[0]) / float(inputs[0].shape[0])", "return result"),
    planted_in(_AUTOMATIC, "other random numbers that nobody tries", "own = [np.random.default_rng() if isinstance(each, np.random.Generator) else each for each in inputs]", "own = list(inputs)"),
    planted_in(_AUTOMATIC, "manners that excuse themselves", "done.extend([True] if changed is not result else [])", "done.extend([])"),
    planted_in(_BENDING, "a bend found in every network", "> 1e-4 * np.abs([first, second]).max()", "> -1.0"),
)  # fmt: skip
