"""The formulas of a markdown text, and what LaTeX has no sign for."""

import re

FORMULA = re.compile(
    r"(?P<code>```.*?```|(?<!`)`[^`\n]+`(?!`))|\$\$(?P<display>.+?)\$\$|(?<![\\$])\$(?P<inline>[^$\n]+(?:\n[^$\n]+)*)\$(?!\d)",
    re.DOTALL,
)


def formulas_of(text):
    """The formulas of a markdown text, code left out: pairs of LaTeX and whether it is displayed.

    Example:
        >>> formulas_of("$a$ costs 5 € in `$HOME`, and $$b + c$$")
        [('a', False), ('b + c', True)]
    """
    found = (each for each in FORMULA.finditer(text) if not each["code"])
    return [(each["display"] or each["inline"], bool(each["display"])) for each in found]


def formulas_not_set(text):
    r"""What KaTeX does not set in the formulas of a text, as sentences; words (`\text{…}`) may have any letters.

    A letter that LaTeX writes another way comes in another font, or not at all, and the table of symbols does not find
    it. An operator as an index needs its brackets: `w_{\max}`.

    Example:
        >>> formulas_not_set(r"$\sigma^2=½$, $x_{\text{naïve}}$ and `$½$`")
        ['the formula $\\sigma^2=½$ has `½`: write it as LaTeX does, such as \\tfrac12 for ½ and \\beta for β']
    """
    answer = []
    for formula, _ in formulas_of(text):
        letter = re.search(r"[^\x00-\x7f]", re.sub(r"\\text\w*\s*\{[^{}]*\}", "", formula))
        if letter:
            where = f"the formula ${' '.join(formula.split())}$ has `{letter[0]}`"
            answer.append(rf"{where}: write it as LaTeX does, such as \tfrac12 for ½ and \beta for β")
        operator = re.search(r"[_^]\s*(\\(?:min|max|log|exp|inf|sup|lim|det|arg\w*))(?![a-z])", formula)
        if operator:
            where = f"the formula ${' '.join(formula.split())}$ has a bare `{operator[0]}`"
            answer.append(f"{where}: KaTeX sets `{operator[0][0]}{{{operator[1]}}}` alone")
    return answer
