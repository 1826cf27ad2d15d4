"""Words as learners spell them: brackets, blanks, hyphens, case, British or American make no other word."""

import re
import unicodedata

_OPENING, _CLOSING = "([{<\"'`“”‘„«", ")]}>\"'`”“’“»"
_SIGNS = str.maketrans({"‖": "||", "∥": "||", "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "·": "*", "×": "*"})


class Word(str):
    """A word that equals its other spellings.

    Attributes:
        written: What the learner typed, without outer blanks, for messages.

    Example:
        >>> Word(" (Non-saturating). ") == Word("non saturating") == Word("nonsaturating")
        True
        >>> Word("memorization") == Word("memorisation"), Word("color") == Word("colour")
        (True, True)
        >>> Word("-log D") == Word("log D")
        False
        >>> Word("(B)").written
        '(B)'
    """

    written: str

    def __new__(cls, written):
        word = super().__new__(cls, _spelling(str(written)))
        word.written = getattr(written, "written", str(written).strip())
        return word


def _spelling(text):
    text = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS).casefold()
    text = _bare(text).replace("_", " ")
    text = re.sub(r"(?<=[^\W\d])-(?=\w)", "", text)  # a hyphen; a minus sign stands elsewhere
    text = re.sub(r"(?<=\w\w)([iy])z(?=e|ing|a)", r"\1s", text)  # American: memorization, analyze
    text = re.sub(r"(?<=col|avi|ghb)or", "our", text)  # color, behavior, neighbor
    return re.sub(r"[\s,;]+", "", text)


def _bare(text):
    """Without blanks, quotation marks, brackets and full stops around it."""
    before = None
    while text != before:
        before, text = text, text.strip().rstrip(".,;:!?") or text.strip()
        inner = text[1:-1]
        place = _OPENING.find(text[0]) if len(text) > 2 else -1
        if place >= 0 and text[-1] in _CLOSING and not set(inner) & set(_OPENING[:4] + _CLOSING[:4]):
            text = inner
        elif text.endswith(")") and "(" not in text and len(text) > 1:  # a)
            text = text[:-1]
    return text


def split(text, words):
    """The words in a text that should have been a set of words.

    Args:
        text: A `Word`, such as "a, c and d", "acd" or "KL and reconstruction".
        words: The words that may occur.

    Returns:
        A list of words.

    Example:
        >>> split(Word("(a), C and d"), "abcd"), split(Word("tell apart"), ("tell apart", "deceive"))
        (['a', 'c', 'd'], ['tellapart'])
    """
    words = [Word(word) for word in words]
    if text in words:
        return [words[words.index(text)]]
    parts = [part for part in re.split(r"[,;/&+]|\band\b", text.written) if part.strip()]
    if words and all(len(word) == 1 for word in words):
        parts = [letter for part in parts for letter in re.findall(r"\w", part)]
    return [Word(part) for part in parts]


def before(one, other, words):
    """Function from an order to whether it puts one word before another, for the `made` of a `Mistake`.

    Args:
        one: The word that comes too early.
        other: The word that should come first.
        words: All words of the order. One that leaves some out, or holds one twice, is no order: the answer is False.

    Example:
        >>> is_too_early = before("b", "a", "abc")
        >>> is_too_early(Word("c, b, a")), is_too_early(("a", "b", "c")), is_too_early("bba")
        (True, False, False)
    """

    def puts_it_before(order):
        order = [Word(word) for word in order]
        complete = sorted(order) == sorted(map(Word, words))
        return complete and order.index(Word(one)) < order.index(Word(other))

    return puts_it_before


def listed(words):
    """Words in quotation marks, with commas between them, as they are written.

    Example:
        >>> print(listed(["both", Word("Score function")]))
        'both', 'Score function'
    """
    return ", ".join(repr(getattr(word, "written", word)) for word in words)
