r"""The letters of the course's formulas: what each stands for, and in which lesson.

Authors write `docs/symbols.txt`, whose head says how. `letters_in` finds the letters of a formula. `problems_of` says
which letter of a lesson has no row, which row names a lesson without the letter, and where a letter has two meanings in
one lesson that nobody tells apart.
"""

import re
from dataclasses import dataclass, field

from tools.editions.formulas import formulas_of
from tools.editions.lesson_names import lesson_called, name_of, number_of
from tools.editions.lesson_sources import LessonError, read_source
from tools.site.places import sections_of

ROW = re.compile(r"(\\?[A-Za-z]+(?: [A-Z1])?): (.+)")
LINE = re.compile(r"(usually|in|too|apart:|at) (.+)")
GREEK = re.findall(
    r"\w+",
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi varpi rho varrho "
    "sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega "
    "ell",
)
WORDS = re.compile(
    r"\\(?:text\w*|math(?:rm|sf|tt|it)|operatorname\*?|label|tag|begin|end|color)\s*\{(?:[^{}]|\{[^{}]*\})*\}"
)
STYLED = re.compile(r"\\(mathcal|mathbb|mathbf|boldsymbol)\s*(?:\{\s*(\\?\w+)\s*\}|(\\?[A-Za-z]+|\d))")
LATE = re.compile(r"In this lesson|Quiz$")
COMMON = {"that", "what", "which", "with", "from", "each", "other", "where", "this", "besid"}  # as `stems` has them
TOKEN = re.compile(r"\\([A-Za-z]+)|([A-Za-z])")


@dataclass
class Meaning:
    """What a letter stands for: `usually` is the lesson that defines it, else `lessons` names those where it holds.

    `heading` is the section that defines it, empty where a program finds that.
    """

    letter: str
    words: str
    usually: str = ""
    lessons: list = field(default_factory=list)
    apart: str = ""
    heading: str = ""

    @property
    def defined_in(self):
        return self.usually or self.lessons[0]


def letters_in(latex):
    r"""The letters of a formula, each once; words, accents and the places of indices are left out.

    Example:
        >>> letters_in(r"\hat\mu_q = \mathbb E_{z \sim q}[\log p(z)] + \text{a gap}")
        ['\\mathbb E', '\\mu', 'q', 'z', 'p']
    """
    found, latex = [], WORDS.sub(" ", latex)

    def styled(match):
        found.append(f"\\{match[1]} {match[2] or match[3]}")
        return " "

    latex = STYLED.sub(styled, latex)
    for token in TOKEN.finditer(latex):
        if token[2] or token[1] in GREEK:
            found.append(token[2] or f"\\{token[1]}")
    return list(dict.fromkeys(found))


def letters_of(course, lesson):
    """The letters of all formulas in the text of a lesson."""
    text = "\n\n".join(cell.source for cell in read_source(course.source(lesson)).cells if cell.cell_type == "markdown")
    return list(dict.fromkeys(letter for latex, _ in formulas_of(text) for letter in letters_in(latex)))


# --- the file ----------------------------------------------------------------------------------------------------


def meanings_in(text):
    """The rows of `docs/symbols.txt`, in their order.

    Raises:
        LessonError: A line cannot be read, or a row says not where it holds.
    """
    meanings = []
    for line in text.partition("\n---\n")[2].splitlines():
        begins, goes_on = ROW.fullmatch(line), LINE.fullmatch(line.strip())
        if begins:
            meanings.append(Meaning(*begins.groups()))
        elif goes_on and meanings and line.startswith(" "):
            kind, words = goes_on.groups()
            if kind == "apart:":
                meanings[-1].apart = words
            elif kind == "usually":
                meanings[-1].usually = words
            elif kind == "at":
                meanings[-1].heading = words
            else:
                meanings[-1].lessons += re.split(r",\s*", words)
        elif line.strip():
            raise LessonError(f"docs/symbols.txt: cannot read `{line.strip()}`")
    lost = [each.letter for each in meanings if not (each.usually or each.lessons)]
    if lost:
        raise LessonError(f"docs/symbols.txt: the rows of {', '.join(lost)} say not where they hold")
    return meanings


def meanings_of(course):
    return meanings_in((course.root / "docs" / "symbols.txt").read_text("utf-8"))


def where(meanings, letters):
    """For each lesson and each of its letters the meanings that hold there.

    Args:
        meanings: List of `Meaning`.
        letters: Dict from a lesson's name to its letters.

    Returns:
        Dict from pairs of a lesson's name and a letter to lists of `Meaning`.
    """
    answer = {}
    for lesson, used in letters.items():
        for letter in used:
            rows = [each for each in meanings if each.letter == letter]
            named = [each for each in rows if lesson in each.lessons]
            answer[lesson, letter] = named or [each for each in rows if each.usually]
    return answer


def problems_of(meanings, letters):
    """What is wrong with the rows, as sentences; arguments as of `where`."""
    problems, holds = [], where(meanings, letters)
    for (lesson, letter), found in holds.items():
        if not found:
            problems.append(f"`{letter}` in `{lesson}` has no row in docs/symbols.txt")
        if len(found) > 1 and not any(each.apart for each in found):
            words = " / ".join(each.words for each in found)
            problems.append(f"`{letter}` has {len(found)} meanings in `{lesson}`, and no row tells them apart: {words}")
    for each in meanings:
        named = [*each.lessons, *filter(None, [each.usually])]
        problems += [f"`{each.letter}`: no lesson is called `{name}`" for name in named if name not in letters]
        missing = [name for name in each.lessons if name in letters and each.letter not in letters[name]]
        problems += [f"`{each.letter}` ({each.words}): `{name}` has no such letter" for name in missing]
        if not any(each in found for found in holds.values()):
            problems.append(f"`{each.letter}` ({each.words}) holds in no lesson")
    return problems


# --- the page ----------------------------------------------------------------------------------------------------


def page(course):
    """The page of the symbols: Markdown."""
    letters = {name_of(lesson): letters_of(course, lesson) for lesson in course.lessons}
    meanings = meanings_of(course)
    holds = where(meanings, letters)
    sections, rows = {name: sections_of(course, name) for name in letters}, []
    for each in sorted(meanings, key=lambda each: place_of(each.letter)):
        names = [lesson for (lesson, _), found in holds.items() if each in found]
        first = each.defined_in
        marks, section = "**" if first in names else "*", section_of(each, meanings, sections[first])
        links = [link(course, first, marks, section.anchor if section else "")]
        links += [link(course, name) for name in names if name != first]
        apart = f" *Told apart:* {each.apart}." if each.apart else ""
        rows.append(f"| ${each.letter}$ | {each.words}.{apart} | {', '.join(links)} |")
    return PAGE.format(rows="\n".join(rows))


def section_of(meaning, meanings, sections):
    r"""The section in which the lesson that defines a letter has it first, in that meaning; None where it lacks it.

    A lesson may use a letter before it says what it stands for, or for two things. So it is the first paragraph with
    the letter in the form that the meaning quotes, such as $\pi_k$, and with a word of the meaning; else with the form,
    else with a word; else the first with the letter. What promises, asks or looks back comes last.

    Args:
        meaning: The `Meaning`.
        meanings: All of them.
        sections: The sections of the lesson that defines it, list of `Section`.
    """
    if meaning.heading:
        return next((section for section in sections if section.heading == meaning.heading), None)
    own, words, found = forms_in(meaning), stems(meaning.words) - COMMON, []
    of_others = [form for each in meanings if each.letter == meaning.letter and each is not meaning
                 for form in forms_in(each) if meaning.defined_in in each.lessons]  # fmt: skip
    for place, section in enumerate(sections):
        late = place == 0 or bool(LATE.match(section.heading))
        for paragraph in re.split(r"\n\s*\n", f"{section.heading}\n\n{section.text}"):
            formulas = [latex for latex, _ in formulas_of(paragraph)]
            for form in of_others:
                formulas = [form.sub(" ", latex) for latex in formulas]
            if any(meaning.letter in letters_in(latex) for latex in formulas):
                quoted = any(form.search(latex) for form in own for latex in formulas)
                found.append((late, not quoted, not words & stems(paragraph), place, section))
    return min(found, key=lambda each: each[:4])[4] if found else None


def stems(text):
    """The first five letters of the words of a text, set: a weight and weights are one."""
    return {word[:5] for word in re.findall(r"[a-z]{4,}", text.lower())}


def forms_in(meaning):
    r"""The forms of a letter that its meaning quotes, as patterns: $\pi_k$, and not $\pi$, which says nothing more."""
    quoted = [latex for latex, _ in formulas_of(meaning.words) if meaning.letter in letters_in(latex)]
    tokens = [re.findall(r"\\[A-Za-z]+|[^\s{}]", latex) for latex in quoted]
    return [re.compile(r"[\s{}]*".join(map(re.escape, each))) for each in tokens if len(each) > 1]


def place_of(letter):
    """Where a letter stands in the table: as its name in the alphabet, small ones and plain ones first."""
    plain = letter.lstrip("\\").removeprefix("math").split()
    return (plain[-1].lower(), len(plain), letter.startswith("\\"), plain[-1])


def link(course, name, marks="", anchor=""):
    lesson = lesson_called(course, name)
    return f"[{marks}{number_of(lesson)}{marks}](/lessons/{name}.md{'#' if anchor else ''}{anchor})"


PAGE = """\
# Symbols

Every letter of the formulas in the lessons. The bold lesson defines it, and its link leads to the section where. Greek
letters stand where their names stand in the alphabet. An accent changes little: $\\hat x$ is an estimate of $x$,
$\\bar x$ a mean or what is held still. Where a lesson uses a letter for two things, the table says how they are told
apart; a test sees to it.

| letter | what it stands for | lessons |
| --- | --- | --- |
{rows}
"""
