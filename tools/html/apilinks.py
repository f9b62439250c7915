"""Close each chapter with links to the names of the package that its code uses."""

from __future__ import annotations

import re
from collections.abc import Iterable

from docutils import nodes
from sphinx.application import Sphinx

ROOMS = ("datasets", "graphs", "networks", "plots", "stats", "study", "topology")
CALL = re.compile(rf"\b({'|'.join(ROOMS)})\.([A-Za-z_]\w*)")
IMPORT = re.compile(r"^from (funcnet_utils[\w.]*) import \(?([\w ,\n]+)", re.MULTILINE)


def used_names(code: Iterable[str]) -> list[str]:
    """Return the full names of the package that code uses, sorted.

    Parameters
    ----------
    code : iterable of str
        Cells of a page.

    Examples
    --------
    >>> used_names(["from funcnet_utils.arms import ARMS", "graphs.hqs(w, 3, seed)"])
    ['funcnet_utils.arms.ARMS', 'funcnet_utils.graphs.hqs']
    """
    found = set()
    for cell in code:
        found |= {f"funcnet_utils.{room}.{name}" for room, name in CALL.findall(cell)}
        for module, names in IMPORT.findall(cell):
            found |= {f"{module}.{name.strip()}" for name in names.split(",") if name.strip()}
    return sorted(found)


def add_links(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Add a line of links to the API below the text of a chapter.

    Parameters
    ----------
    app : Sphinx
    doctree : document
        Of a page, with its references resolved.
    docname : str
        Name of the page.
    """
    if not docname.startswith("notebooks/"):
        return
    blocks = doctree.findall(nodes.literal_block)
    code = [b.astext() for b in blocks if "python" in b.get("language", "")]
    known = app.env.domaindata["py"]["objects"]
    line = nodes.paragraph("", classes=["api-links"])
    for name in used_names(code):
        entry = known.get(name)
        if entry is None:
            continue
        uri = app.builder.get_relative_uri(docname, entry.docname)
        link = nodes.reference("", "", internal=True, refuri=f"{uri}#{entry.node_id}")
        link += nodes.literal("", name.removeprefix("funcnet_utils."))
        line += nodes.Text(", ") if len(line) else nodes.strong("", "In the API: ")
        line += link
    sections = list(doctree.findall(nodes.section))
    if len(line) and sections:
        sections[0] += line
