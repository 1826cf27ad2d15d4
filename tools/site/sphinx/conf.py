"""What Sphinx is told; `tools/site/build.py` calls it with the sources that it wrote."""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SOURCES = ROOT / ".cache" / "site" / "source"
sys.path[:0] = [str(HERE), str(ROOT)]
SITE = json.loads((SOURCES / "site.json").read_text("utf-8"))

project = "Generative models, proved as you go"
copyright = "2026, the course authors. Text and figures CC BY 4.0, code MIT"
release = version = SITE["version"]
language = "en"
extensions = ["myst_parser", "course_site"]
exclude_patterns = ["extra", "static"]

myst_enable_extensions = ["dollarmath", "attrs_inline", "deflist"]
myst_disable_syntax = ["myst_line_comment", "myst_block_break"]
myst_dmath_double_inline = True
myst_dmath_allow_labels = False
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # documents whose headings skip a level: the pages' own are put in order
smartquotes = False
add_module_names = False
toc_object_entries_show_parents = "hide"
html_math_renderer = "katex"

html_theme = "pydata_sphinx_theme"
html_title = "Generative models, proved as you go"
html_static_path = [str(HERE / "static"), str(SOURCES / "static")]
html_extra_path = [str(SOURCES / "extra")]
html_css_files = ["katex.css", "site.css"]
html_js_files = ["katex.js", "site.js"]
html_show_sphinx = False
html_show_sourcelink = False
html_copy_source = False
html_permalinks_icon = "#"
html_theme_options = {
    "logo": {"text": "Generative models"},
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "navigation_depth": 2,
    "search_bar_text": "Search the course",
    "secondary_sidebar_items": ["page-toc"],
    "primary_sidebar_end": [],
    "footer_start": ["copyright"],
    "footer_end": [],
    "back_to_top_button": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_context = {"default_mode": "auto"}
