"""Sphinx extension: the first use of a glossary term on each page leads to the glossary.

Terms are found at build time in running text, so that authors write plain words. Headings, code,
mathematics, links, captions and the glossary itself are left alone.
"""

import functools
import re
from collections.abc import Iterator

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.nodes import make_refnode

SKIPPED = (  # what is in a paragraph, or holds one
    *(nodes.reference, nodes.literal, nodes.math, nodes.raw, nodes.problematic, nodes.citation),
    *(nodes.footnote, addnodes.glossary, addnodes.literal_strong, addnodes.literal_emphasis),
)


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


def find_terms(text: str, terms: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and term of each term in a text, the longest term first.

    Parameters
    ----------
    text : str
        Running text.
    terms : tuple of str
        A term without capitals may begin a sentence; one with capitals is matched as it is.

    Examples
    --------
    >>> list(find_terms("Small worlds, pgd, PGD", ("world", "small world", "PGD")))
    [(0, 12, 'small world'), (19, 22, 'PGD')]
    """
    forms, pattern = _forms(terms)
    for match in pattern.finditer(text):
        words = " ".join(match[0].split())
        yield *match.span(), forms.get(words) or forms[words.lower()]


@functools.cache
def _forms(terms: tuple[str, ...]) -> tuple[dict[str, str], re.Pattern[str]]:
    """Return the term of each form, and a pattern of all forms, the longest first."""
    forms = {plural(term): term for term in terms} | {term: term for term in terms}
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    words = [r"\s+".join(map(re.escape, form.split())) for form in longest_first]
    choices = [f"(?i:{each})" if each == each.lower() else each for each in words]
    return forms, re.compile(rf"(?<![\w-])(?:{'|'.join(choices)})(?![\w-])")


def running_text(doctree: nodes.document) -> list[nodes.Text]:
    """Return the texts of paragraphs in which a term may be linked, in order.

    Parameters
    ----------
    doctree : docutils.nodes.document
        A page, resolved; the parser's pieces of one line each are joined, as terms cross lines.
    """
    # the text of a link that the theme has shortened has no parent
    for parent in {text.parent for text in doctree.findall(nodes.Text)} - {None}:
        for place in range(len(parent) - 1, 0, -1):
            if all(isinstance(child, nodes.Text) for child in parent[place - 1 : place + 1]):
                parent[place - 1 : place + 1] = [nodes.Text(parent[place - 1] + parent[place])]
    skipped = doctree.findall(lambda node: isinstance(node, SKIPPED))
    left = {id(text) for node in skipped for text in node.findall(nodes.Text)}
    texts = [text for p in doctree.findall(nodes.paragraph) for text in p.findall(nodes.Text)]
    return [text for text in texts if text.parent and id(text) not in left]


def link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Turn the first use of each term on a page into a link; see the module.

    Parameters
    ----------
    app : Sphinx
        The build.
    doctree : docutils.nodes.document
        The page, changed in place.
    docname : str
        Its name.
    """
    objects = app.env.domaindata["std"]["objects"]
    places = {term: place for (kind, term), place in objects.items() if kind == "term"}
    terms, documents = tuple(places), {document for document, _ in places.values()}
    if app.builder.format != "html" or not terms or docname in documents:
        return
    for text in running_text(doctree):
        plain, pieces, end = text.astext(), list[nodes.Node](), 0
        for start, stop, term in find_terms(plain, terms):
            if term in places:  # else it was linked before
                words, (document, anchor) = nodes.Text(plain[start:stop]), places.pop(term)
                link = make_refnode(app.builder, docname, document, anchor, words)
                link["classes"].append("glossary-link")
                pieces += [nodes.Text(plain[end:start]), link]
                end = stop
        if pieces:
            text.parent.replace(text, [*pieces, nodes.Text(plain[end:])])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx; last, so that other extensions have placed their text."""
    app.connect("doctree-resolved", link_terms, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
