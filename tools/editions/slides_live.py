"""The slides of a lesson as a notebook that JupyterLab shows as slides, with code that runs (`jupyterlab-rise`)."""

import nbformat

from tools.editions.lesson_slides import (
    LINE_OF_STORED,
    PAUSE,
    figure_of,
    figures_in,
    lines_of,
    printed_in,
    slides_of,
    stored_in,
)


def live_notebook(course, lesson):
    """A deck as a notebook: a figure is the cell that draws it, and the cells before it are there, but not shown.

    Args:
        course: The `Course`.
        lesson: The lesson, `NN_name`; its stored notebook gives the cells and their outputs.

    Returns:
        An `nbformat` notebook whose cells have the metadata `slideshow`.
    """
    stored = nbformat.read(course.notebook(lesson), as_version=4)
    figures, printed = figures_in(stored), printed_in(stored)
    coming = [cell for cell in stored.cells if cell.cell_type == "code"]
    cells = []
    for slide in slides_of(course, lesson):
        shown = set()
        for kind, piece in pieces(slide.text):
            if not LINE_OF_STORED.fullmatch(piece):
                cells.append(of_kind(nbformat.v4.new_markdown_cell(piece), kind))
                continue
            for what, name, first, last in stored_in(piece):
                if name in [cell.id for cell in coming]:
                    while coming[0].id != name:
                        cells.append(of_kind(coming.pop(0), "skip"))
                    cells.append(of_kind(coming.pop(0), kind))
                    shown.add(name)
                elif what == "figure":
                    picture, text = figure_of(figures, name, first)
                    cell = nbformat.v4.new_markdown_cell(f"![{text}](attachment:figure.png)")
                    cell.attachments = {"figure.png": {"image/png": picture}}
                    cells.append(of_kind(cell, kind))
                elif name not in shown:
                    lines = "\n".join(lines_of(printed, name, first, last))
                    cells.append(of_kind(nbformat.v4.new_markdown_cell(f"```\n{lines}\n```"), kind))
                kind = "-"
        cells.append(of_kind(nbformat.v4.new_markdown_cell(slide.notes), "notes"))
    for number, cell in enumerate(cells):
        cell.id = f"slide-{number}"
    metadata = {name: value for name, value in stored.metadata.items() if name in ("kernelspec", "language_info")}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def pieces(text):
    """A slide in pieces, each text or a line of what is stored: pairs of how it appears and the piece."""
    kind, gathered, answer = "slide", [], []

    def gather():
        nonlocal kind, gathered
        piece = "\n".join(gathered).strip()
        if piece:
            answer.append((kind, piece))
            kind = "-"
        gathered = []

    for line in text.splitlines():
        if line.strip() == PAUSE:
            gather()
            kind = "fragment"
        elif LINE_OF_STORED.fullmatch(line.strip()):
            gather()
            gathered = [line]
            gather()
        else:
            gathered.append(line)
    gather()
    return answer


def of_kind(cell, kind):
    folded = {"jupyter": {"source_hidden": True}} if cell.cell_type == "code" else {}  # a click shows the code
    cell.metadata = nbformat.from_dict({"slideshow": {"slide_type": kind}} | folded)
    return cell
