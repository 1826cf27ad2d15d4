"""What the site does beyond Sphinx and its theme: formulas by KaTeX, deeper sections, pictures with their size."""

import html
import struct
from pathlib import Path

from docutils import nodes

DEEPER = "Deeper: the core path does without this section."


def setup(app):
    app.add_html_math_renderer("katex", (inline_formula, None), (display_formula, None))
    app.connect("doctree-read", mark_deeper_sections)
    app.connect("doctree-read", give_pictures_their_size)
    app.connect("doctree-read", join_empty_cells)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def latex_of(node):
    """The LaTeX of a formula, for the page's script."""
    return html.escape(node.astext(), quote=False)


def inline_formula(self, node):
    self.body.append(f'<span class="math inline">{latex_of(node)}</span>')
    raise nodes.SkipNode


def display_formula(self, node):
    self.body.append(f'<div class="math block">{latex_of(node)}</div>\n')
    raise nodes.SkipNode


def mark_deeper_sections(app, doctree):
    """A section whose first words say that it is deeper gets a class, by which a reader can hide all of them."""
    for section in doctree.findall(nodes.section):
        first = next((child for child in section.children if isinstance(child, nodes.paragraph)), None)
        if first is not None and first.astext() == DEEPER:
            section["classes"].append("deeper")
            first["classes"].append("says-deeper")


def join_empty_cells(app, doctree):
    """The name of a part goes over the whole width of the contents."""
    for table in doctree.findall(nodes.table):
        for row in table.findall(nodes.row) if "contents" in table["classes"] else ():
            first, *others = row.children
            if first.astext() and not any(each.astext() for each in others):
                first["morecols"] = len(others)
                for each in others:
                    row.remove(each)


def give_pictures_their_size(app, doctree):
    """The size of a PNG, so that the page does not jump when it is loaded."""
    for image in doctree.findall(nodes.image):
        path = Path(app.srcdir) / image["uri"].lstrip("/")
        if path.suffix == ".png" and path.exists():
            width, height = struct.unpack(">II", path.read_bytes()[16:24])
            image["width"], image["height"] = f"{width}px", f"{height}px"
