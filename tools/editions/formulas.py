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


def unset_letters(text):
    r"""Letters in the formulas of a text that LaTeX writes another way, as sentences; words (`\text{…}`) may have any.

    KaTeX and MathJax set such a letter in another font, or not at all, and the table of symbols does not find it.

    Example:
        >>> unset_letters(r"$\sigma^2=½$, $x_{\text{naïve}}$ and `$½$`")
        ['the formula $\\sigma^2=½$ has `½`: write it as LaTeX does, such as \\tfrac12 for ½ and \\beta for β']
    """
    answer = []
    for formula, _ in formulas_of(text):
        letter = re.search(r"[^\x00-\x7f]", re.sub(r"\\text\w*\s*\{[^{}]*\}", "", formula))
        if letter:
            where = f"the formula ${' '.join(formula.split())}$ has `{letter[0]}`"
            answer.append(rf"{where}: write it as LaTeX does, such as \tfrac12 for ½ and \beta for β")
    return answer
