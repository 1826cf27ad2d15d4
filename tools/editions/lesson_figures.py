"""Every figure has a text: the rules of the cells that draw, and of the pictures that a notebook stores."""

import ast
import re

SHORTEST_TEXT = 40
WIDEST = 12  # inches; what a phone of 390 pixels shows of it, `plotting.show` keeps readable
SMALLEST_LETTERS = 8  # points
SHOWN = ("plotting.show", "plotting.moving_picture", "plotting.slider", "SamplePictures")


def calls_in(code):
    """All calls in a cell, with the name of what is called; none where the cell is no plain Python."""
    try:
        tree = ast.parse(code)
    except SyntaxError:  # reported elsewhere
        return []
    return [(ast.unparse(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def figure_problems(code):
    """Figures without a text, too wide, or with letters that are too small, as sentences."""
    problems = []
    for name, call in calls_in(code):
        values = {each.arg: each.value for each in call.keywords}
        if name in ("plt.show", "figure.show"):
            problems.append(f'`{name}()` gives a figure no text: write `plotting.show(alt="…")`')
        needs_text = name in SHOWN and (name != "SamplePictures" or "draw" in values or len(call.args) > 1)
        if needs_text and letters_of(values.get("alt")) < SHORTEST_TEXT:
            problems.append(
                f'`{name}` gets `alt="…"`, a literal text of at least {SHORTEST_TEXT} characters that says what is '
                "drawn and what one should see"
            )
        problems += size_problems(values)
    return list(dict.fromkeys(problems))


def letters_of(node):
    """How many characters of a text are written in the source; those of an f-string without its values."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return sum(map(len, texts))


def size_problems(values):
    """Widths and sizes of letters, where they are literals, that cannot be read on a small screen."""
    problems, size = [], values.get("figsize")
    width = size.elts[0] if isinstance(size, ast.Tuple) and size.elts else None
    if isinstance(width, ast.Constant) and width.value > WIDEST:
        problems.append(f"a figure is {width.value} inches wide, more than {WIDEST}: draw fewer panels in a row")
    letters = values.get("fontsize")
    if (
        isinstance(letters, ast.Constant)
        and isinstance(letters.value, int | float)
        and letters.value < SMALLEST_LETTERS
    ):
        problems.append(f"letters of {letters.value} points are too small: {SMALLEST_LETTERS} at least")
    return problems


def lines_of_texts(code):
    """How many lines of a cell are texts of figures, for those who do not see them."""
    lines = set()
    for name, call in calls_in(code):
        texts = [each.value for each in call.keywords if each.arg == "alt"]
        if texts and name == "plotting.show":
            lines |= set(range(call.lineno + 1, call.end_lineno + 1))
        elif texts and name in SHOWN:
            lines |= set(range(texts[0].lineno, texts[0].end_lineno + 1))
    return len(lines)


def picture_problems(output):
    """Pictures in an output that have no text, as sentences."""
    metadata, data = output.get("metadata", {}), output.get("data", {})
    problems = [
        f"a figure has no text ({kind}): show it by `plotting.show`"
        for kind in data
        if kind.startswith("image/") and not metadata.get(kind, {}).get("alt")
    ]
    html = data.get("text/html", "")
    if re.search(r"<img\b(?![^>]*\balt=[\"'][^\"'])", html):
        problems.append("a picture in HTML has no `alt`")
    return problems
