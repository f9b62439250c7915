"""Sphinx extension: the first use of a glossary term on each page leads to the glossary.

Terms are found at build time in running text, so that authors write plain words. Headings, code,
mathematics, links, captions and the glossary itself are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

SKIPPED = (
    nodes.title,
    nodes.subtitle,
    nodes.rubric,
    nodes.reference,
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.math_block,
    nodes.caption,
    nodes.raw,
    nodes.citation,
    nodes.footnote,
    nodes.footnote_reference,
    nodes.citation_reference,
    nodes.term,
    nodes.problematic,
    addnodes.glossary,
    addnodes.toctree,
    addnodes.desc_signature,
    addnodes.pending_xref,
    addnodes.literal_strong,
    addnodes.literal_emphasis,
)
HOVER = 240


@dataclass(frozen=True)
class Entry:
    """One definition of the glossary, which may have several terms.

    Parameters
    ----------
    document : str
        Page of the glossary.
    anchor : str
        Place of its first term.
    definition : str
        Shown while the pointer rests on a link.
    """

    document: str
    anchor: str
    definition: str


def plural(term: str) -> str:
    """Return the regular plural of a term.

    Parameters
    ----------
    term : str
        One or more words; the last one takes the ending.

    Examples
    --------
    >>> [plural(word) for word in ("node", "density", "null model", "arm", "Betti number", "loss")]
    ['nodes', 'densities', 'null models', 'arms', 'Betti numbers', 'losses']
    """
    if re.search(r"[^aeiou]y$", term):
        return term[:-1] + "ies"
    return term + ("es" if re.search(r"(s|x|z|ch|sh)$", term) else "s")


def forms(term: str) -> list[str]:
    """Return how a term may be written in a sentence: as it is, and in the plural.

    Parameters
    ----------
    term : str
        A term without capitals may also begin a sentence; one with capitals is matched as it is.

    Examples
    --------
    >>> forms("edge"), forms("HQS")
    (['edge', 'edges'], ['HQS', 'HQSs'])
    """
    return [term, plural(term)]


class Finder:
    """Finds terms in text, the longest first.

    Parameters
    ----------
    entries : dict of str to Entry
        By term.
    """

    def __init__(self, entries: dict[str, Entry]) -> None:
        self.entries = {form: entry for term, entry in entries.items() for form in forms(term)}
        self.entries |= entries  # a term wins over the plural of another one
        choices = sorted(self.entries, key=lambda form: (-len(form), form))
        body = "|".join(map(_pattern, choices))
        self.pattern = re.compile(rf"(?<![\w-])(?:{body})(?![\w-])") if choices else None

    def find(self, text: str) -> Iterator[tuple[int, int, Entry]]:
        """Yield start, end and entry of each term in a text.

        Parameters
        ----------
        text : str
            Running text.
        """
        for match in self.pattern.finditer(text) if self.pattern else ():
            found = " ".join(match[0].split())
            entry = self.entries.get(found) or self.entries.get(found.lower())
            if entry is not None:
                yield *match.span(), entry


def _pattern(form: str) -> str:
    words = r"\s+".join(map(re.escape, form.split()))
    return f"(?i:{words})" if form == form.lower() else words


def glossary_entries(document: str, doctree: nodes.document) -> dict[str, Entry]:
    """Return the entries of the glossaries on a page, by term.

    Parameters
    ----------
    document : str
        Name of the page.
    doctree : docutils.nodes.document
        Its content.
    """
    found: dict[str, Entry] = {}
    for glossary in doctree.findall(addnodes.glossary):
        for item in glossary.findall(nodes.definition_list_item):
            terms = list(item.findall(nodes.term))
            definition = next(iter(item.findall(nodes.definition)), None)
            text = " ".join(definition.astext().split()) if definition is not None else ""
            entry = Entry(document, terms[0]["ids"][0], shortened(text))
            found |= {term.astext(): entry for term in terms}
    return found


def shortened(text: str, limit: int = HOVER) -> str:
    """Return a text of at most `limit` characters, cut after a word.

    Parameters
    ----------
    text : str
        A definition.
    limit : int, default=240
        Largest length.

    Examples
    --------
    >>> shortened("Two words and more", limit=12)
    'Two words …'
    """
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0] + " …"


def running_text(doctree: nodes.document) -> list[nodes.Text]:
    """Return the pieces of text of a page in which terms may become links, in order.

    Parameters
    ----------
    doctree : docutils.nodes.document
        A page, resolved.
    """
    for parent in {text.parent for text in doctree.findall(nodes.Text)}:
        _join_lines(parent)
    return [
        text
        for paragraph in doctree.findall(nodes.paragraph)
        for text in paragraph.findall(nodes.Text)
        if not any(isinstance(outer, SKIPPED) for outer in _around(text))
    ]


def _join_lines(parent: nodes.Element) -> None:
    """Join neighbouring pieces of text: the parser makes one a line, and terms cross lines."""
    joined: list[nodes.Node] = []
    for child in parent.children:
        if joined and isinstance(child, nodes.Text) and isinstance(joined[-1], nodes.Text):
            joined[-1] = nodes.Text(joined[-1].astext() + child.astext())
        else:
            joined.append(child)
    if len(joined) < len(parent.children):
        parent[:] = joined


def _around(node: nodes.Node) -> Iterable[nodes.Node]:
    while node.parent is not None:
        node = node.parent
        yield node


def link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Turn the first use of each entry on a page into a link; see the module.

    Parameters
    ----------
    app : Sphinx
        The build.
    doctree : docutils.nodes.document
        The page, changed in place.
    docname : str
        Its name.
    """
    entries = _all_entries(app)
    glossaries = {entry.document for entry in entries.values()}
    if app.builder.format != "html" or docname in glossaries:
        return
    finder, used = Finder(entries), set[Entry]()
    for text in running_text(doctree):
        plain, pieces, end = text.astext(), list[nodes.Node](), 0
        for start, stop, entry in finder.find(plain):
            if entry in used:
                continue
            used.add(entry)
            pieces += [nodes.Text(plain[end:start]), _link(app, docname, plain[start:stop], entry)]
            end = stop
        if pieces:
            text.parent.replace(text, [*pieces, nodes.Text(plain[end:])])


def _all_entries(app: Sphinx) -> dict[str, Entry]:
    objects = app.env.domaindata["std"]["objects"]
    documents = sorted({place[0] for (kind, _), place in objects.items() if kind == "term"})
    found: dict[str, Entry] = {}
    for document in documents:
        found |= glossary_entries(document, app.env.get_doctree(document))
    return found


def _link(app: Sphinx, docname: str, words: str, entry: Entry) -> nodes.reference:
    address = f"{app.builder.get_relative_uri(docname, entry.document)}#{entry.anchor}"
    return nodes.reference(
        "",
        words,
        internal=True,
        refuri=address,
        reftitle=entry.definition,
        classes=["glossary-link"],
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx; last, so that other extensions have placed their text."""
    app.connect("doctree-resolved", link_terms, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
