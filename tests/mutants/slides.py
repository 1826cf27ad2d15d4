"""Planted bugs of the slides: what is no part of the notebook, the rules of a deck, and its one file."""

from tests.mutants.bug import planted_in

_TESTS = "tests/tools/editions/test_lesson_slides.py"
_SOURCES = ("tools/editions/lesson_sources.py", _TESTS)
_BUILDER = ("tools/editions/build_notebooks.py", _TESTS)
_RULES = ("tools/editions/lesson_slides.py", _TESTS)
_DECK = ("tools/editions/slides.py", _TESTS)

_LIVE = ("tools/editions/slides_live.py", _TESTS)

BUGS = (
    planted_in(_SOURCES, "notes in the learner's notebook", 'FOR_THE_LECTURER = ("slide", "notes")', 'FOR_THE_LECTURER = ("slide",)'),
    planted_in(_BUILDER, "slides that --check does not judge", "output_problems(course, stored) + slides", "output_problems(course, stored)"),
    planted_in(_RULES, "decks of any length", "if not FEWEST <= len(slides) <= MOST:", "if not FEWEST <= len(slides):"),
    planted_in(_RULES, "a deck of an hour", "<= sum(minutes) <= LONGEST:", "<= sum(minutes):"),
    planted_in(_RULES, "minutes found anywhere in the notes", "MINUTES.match(self.notes)", "MINUTES.search(self.notes)"),
    planted_in(_RULES, "a slide with a pause and nothing else", 'body.replace(PAUSE, "").strip()', "body.strip()"),
    planted_in(_RULES, "a quiz that shows its answer", 'startswith("Quiz") and not pauses', 'startswith("Quizzes") and not pauses'),
    planted_in(_RULES, "formulas in the notes", 'if "$" in slide.notes:', 'if "$$" in slide.notes:'),
    planted_in(_RULES, "the figure before the one that is named", "return figures[cell][number - 1]", "return figures[cell][number - 2]"),
    planted_in(_RULES, "printed lines from the one after", "return lines[first - 1 : last or first]", "return lines[first : last or first]"),
    planted_in(_RULES, "printed lines too long by a letter", "SMALL_COLUMNS = 81, 94", "SMALL_COLUMNS = 82, 95"),
    planted_in(_RULES, "wrapped lines counted once", "max(1, -(-len(line) // columns))", "max(1, len(line) // columns)"),
    planted_in(_DECK, "a figure without its text", 'alt="{html.escape(text)}"', 'alt=""'),
    planted_in(_DECK, "a text of a figure that ends at a quotation mark", 'alt="{html.escape(text)}"', 'alt="{text}"'),
    planted_in(_DECK, "an answer that is there at once", "and shown is not None:", "and shown:"),
    planted_in(_DECK, "points that come together", "latest += 1\n            appear(token, latest)", "appear(token, latest + 1)"),
    planted_in(_DECK, "another file than the locked one", ".hexdigest() in hashes]", ".hexdigest() or hashes]"),
    planted_in(_DECK, "pip that checks no hash", ', "--require-hashes", "-d"', ', "-d"'),
    planted_in(_DECK, "fonts beside the deck", 'r"url\\((fonts/[^)]+\\.woff2)\\)"', 'r"url\\((font/[^)]+\\.woff2)\\)"'),
    planted_in(_DECK, "a script that ends in the middle", 'r"<\\/script"', '"</script"'),
    planted_in(_LIVE, "a live deck without the cells before", 'cells.append(of_kind(coming.pop(0), "skip"))', "coming.pop(0)"),
    planted_in(_LIVE, "a live deck whose answers are there at once", 'kind = "fragment"', 'kind = "-"'),
)  # fmt: skip
