"""Planted bugs of finite languages, sentences and prose."""

from tests.mutants.bug import planted_in

_LANGUAGE = ("course_lib/exact/finite_language.py", "tests/exact/test_finite_language.py")
_SENTENCES = ("course_lib/datasets/sentences.py", "tests/datasets/test_sentences.py")
_PROSE = ("course_lib/datasets/prose.py", "tests/datasets/test_prose.py")
_SHAKESPEARE = ("course_lib/datasets/shakespeare.py", "tests/datasets/test_shakespeare.py")
_ARCHIVE = ("course_lib/datasets/archive.py", "tests/datasets/test_archive.py")
_COLLECTED = ("tools/data/collect_prose.py", "tests/datasets/test_prose.py")

BUGS = (
    planted_in(_LANGUAGE, "strings in the order of the last place", ".reshape(length, -1).T", '.reshape(length, -1, order="F").T'),
    planted_in(_LANGUAGE, "any number of strings", "if num_symbols**length > 10**7:", "if False:"),
    planted_in(_LANGUAGE, "entropy of a language in bits", "-(shares * np.log(shares)).sum()", "-(shares * np.log2(shares)).sum()"),
    planted_in(_LANGUAGE, "entropy of kinds, not of shares", "np.bincount(group.reshape(-1), probabilities)", "np.bincount(group.reshape(-1)) / len(group)"),
    planted_in(_LANGUAGE, "0 log 0 of a string that never occurs", "shares = shares[shares > 0]", "pass"),
    planted_in(_LANGUAGE, "joint entropy for conditional", "entropy(strings, probabilities, [place, *seen]) - entropy(strings, probabilities, seen)", "entropy(strings, probabilities, [place, *seen])"),
    planted_in(_LANGUAGE, "total correlation with the wrong sign", "return alone - entropy(strings, probabilities)", "return entropy(strings, probabilities) - alone"),
    planted_in(_LANGUAGE, "words hidden with the chance of being shown", "(1 - rate) ** len(seen) * rate ** (place - len(seen))", "rate ** len(seen) * (1 - rate) ** (place - len(seen))"),
    planted_in(_LANGUAGE, "patterns of holes without the full history", "for size in range(place + 1)", "for size in range(max(place, 1))"),
    planted_in(_LANGUAGE, "places counted from the end", "whole_number(place, name, 0, length - 1)", "whole_number(place, name, -length, length - 1)"),
    planted_in(_LANGUAGE, "places beyond the last", "whole_number(place, name, 0, length - 1)", "whole_number(place, name, 0)"),
    planted_in(_LANGUAGE, "a rate beyond 1", "if not 0 <= rate <= 1:", "if False:"),
    planted_in(_LANGUAGE, "probabilities that are none", "if not (probabilities >= 0).all() or not np.isclose(probabilities.sum(), 1.0):", "if False:"),
    planted_in(_SENTENCES, "objects of any topic", "the\", nouns[noun]", "the\", TOPICS[\"animals\"][noun]"),
    planted_in(_SENTENCES, "all nouns alike", "* _OF_NOUNS[subject] * _OF_VERBS", "* (1 / 3) * _OF_VERBS"),
    planted_in(_SENTENCES, "subjects that are always singular", 'nouns if number == "singular" else', "nouns if True else"),
    planted_in(_SENTENCES, "verbs that do not agree", "_VERBS[number][verb]", '_VERBS["singular"][verb]'),
    planted_in(_SENTENCES, "sentences drawn without their probabilities", ", p=self.probabilities)", ")"),
    planted_in(_SENTENCES, "topics of other sentences", "return self.sentences[chosen], self.topics[chosen]", "return self.sentences[chosen], self.topics[np.sort(chosen)]"),
    planted_in(_SENTENCES, "a broken sentence as likely as the rarest", "known.get(tuple(row), 0.0)", "known.get(tuple(row), self.probabilities.min())"),
    planted_in(_SENTENCES, "three splits from one seed", '[whole_number(seed, "seed"), index]', '[whole_number(seed, "seed")]'),
    planted_in(_SENTENCES, "symbols of any shape", 'if sentences.dtype.kind not in "iu" or sentences.ndim != 2 or sentences.shape[1] != length:', "if False:"),
    planted_in(_PROSE, "pieces that run down the columns", ".reshape(-1, length)", '.reshape(-1, length, order="F")'),
    planted_in(_ARCHIVE, "embedded files that nobody checks", "    check_digests(arrays, digests, path, repair)\n    return arrays", "    return arrays"),
    planted_in(_ARCHIVE, "the clone's file before the installed one", "for place in places:", "for place in places[::-1]:"),
    planted_in(_SHAKESPEARE, "any text for Shakespeare", "if digest != DIGEST:", "if False:"),
    planted_in(_SHAKESPEARE, "Shakespeare's validation text in the test", "len(symbols) * 95 // 100]", "len(symbols) * 90 // 100]"),
    planted_in(_SHAKESPEARE, "lines that run into each other", "if each in ALPHABET or each.isspace()", "if each in ALPHABET"),
    planted_in(_SHAKESPEARE, "a text that cannot be read", "except (OSError, UnicodeDecodeError) as error:", "except OSError as error:"),
    planted_in(_COLLECTED, "speaker's notes among the prose", "and '\"notes\"' not in cell.partition(\"\\n\")[0]", ""),
    planted_in(_COLLECTED, "sentences with formulas", " and set(each) <= set(ALPHABET)]", "]"),
)  # fmt: skip
