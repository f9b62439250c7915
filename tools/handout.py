"""The hand-out: student notebooks as one document on paper, printed by Chromium."""

from __future__ import annotations

import html
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from tools.printing import print_page

STYLE = """
@page { size: A4; margin: 20mm 18mm; }
body { font: 10.5pt/1.45 "DejaVu Serif", Georgia, serif; color: #111; }
h1 { font-size: 20pt; } h1 ~ h1 { break-before: page; }
h2 { font-size: 14pt; } h3 { font-size: 12pt; } h1, h2, h3 { break-after: avoid; }
pre { font: 8.5pt/1.35 "DejaVu Sans Mono", monospace; background: #f4f4f4; padding: 6pt;
      white-space: pre-wrap; overflow-wrap: anywhere; }
pre.answer { border: 1pt solid #555; background: none; min-height: 45mm; }
blockquote { border-left: 3pt solid #999; margin-left: 0; padding-left: 8pt; }
table { border-collapse: collapse; break-inside: avoid; }
td, th { border: .5pt solid #888; padding: 2pt 6pt; }
.about { color: #333; }
"""


def page(notebooks: Sequence[Any], title: str, mathjax: str) -> str:
    """Return student notebooks as one HTML page; hidden cells are left out.

    Parameters
    ----------
    notebooks : sequence of nbformat.NotebookNode
        From `Coursework.notebook`.
    title : str
        Title of the hand-out.
    mathjax : str
        Address of MathJax's `tex-chtml.js`.
    """
    markdown = MarkdownIt("commonmark").enable("table")
    markdown.use(dollarmath_plugin, allow_space=False, renderer=_math)
    formatter = HtmlFormatter(style="bw", nowrap=True)
    body = []
    for notebook in notebooks:
        for cell in notebook.cells:
            tags = cell.metadata.get("tags", [])
            told = re.search(r'pages\.tell\(r"""\n(.*)\n"""\)', cell.source, re.DOTALL)
            if "setup" in tags:
                continue
            if cell.cell_type == "markdown":
                body.append(markdown.render(cell.source))
            elif "tell" in tags and told:
                body.append(markdown.render(re.sub("⟦.+?⟧", "`____`", told[1])))
            elif not cell.metadata.get("jupyter", {}).get("source_hidden"):
                kind = ' class="answer"' if "stub" in tags else ""
                body.append(f"<pre{kind}>{highlight(cell.source, PythonLexer(), formatter)}</pre>")
    script = "MathJax = {tex: {inlineMath: [['\\\\(', '\\\\)']]}, options: {enableMenu: false}}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}'
        f"</title><style>{STYLE}{formatter.get_style_defs('pre')}</style>"
        f'<script>{script}</script><script src="{mathjax}"></script></head>'
        f'<body><p class="about"><strong>{html.escape(title)}</strong>. Hand-out. A blank ____ '
        "is a number that your own run computes: fill it in. Cells that only draw are left out."
        f"</p>{''.join(body)}</body></html>"
    )


def _math(content: str, options: dict[str, Any]) -> str:
    escaped = html.escape(content)
    return f"\\[{escaped}\\]" if options.get("display_mode") else f"\\({escaped}\\)"


def print_pdf(content: str, target: Path) -> None:
    """Print an HTML page as PDF.

    Parameters
    ----------
    content : str
        The page.
    target : Path
        Where the PDF goes.

    Raises
    ------
    ValueError
        If there is no browser, or it does not print.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "handout.html"
        source.write_text(content, encoding="utf-8")
        print_page(source, target)
