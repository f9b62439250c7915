"""Sphinx extension: close each chapter with links to the names of the package that its code uses.

sphinx-codeautolink 0.20 would do, but stops at the sections without titles of sphinx-exercise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from docutils import nodes
from sphinx.application import Sphinx

CALL = re.compile(r"\b([a-z_]+)\.([A-Za-z_]\w*)")
IMPORT = re.compile(r"^from (funcnet_utils[\w.]*) import \(?([\w ,\n]+)", re.MULTILINE)


def used_names(code: Iterable[str]) -> list[str]:
    """Return the full names of the package that code may use, sorted.

    Parameters
    ----------
    code : iterable of str
        Cells of a page.

    Examples
    --------
    >>> used_names(["from funcnet_utils.arms import ARMS", "graphs.hqs(w, 3, seed)"])
    ['funcnet_utils.arms.ARMS', 'funcnet_utils.graphs.hqs']
    """
    text = "\n".join(code)
    found = {f"funcnet_utils.{room}.{name}" for room, name in CALL.findall(text)}
    for module, names in IMPORT.findall(text):
        found |= {f"{module}.{name.strip()}" for name in names.split(",") if name.strip()}
    return sorted(found)


def add_links(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Add a line of links to the API below the text of a chapter."""
    if not docname.startswith("notebooks/"):
        return
    blocks = doctree.findall(nodes.literal_block)
    known = app.env.domaindata["py"]["objects"]
    line = nodes.paragraph("", classes=["api-links"])
    for name in used_names(b.astext() for b in blocks if "python" in b.get("language", "")):
        if name in known:
            uri = app.builder.get_relative_uri(docname, known[name].docname)
            link = nodes.reference("", "", internal=True, refuri=f"{uri}#{known[name].node_id}")
            link += nodes.literal("", name.removeprefix("funcnet_utils."))
            line += nodes.Text(", ") if len(line) else nodes.strong("", "In the API: ")
            line += link
    if len(line):
        next(iter(doctree.findall(nodes.section))).append(line)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("doctree-resolved", add_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
