"""Links to the glossary, on a tiny Sphinx project."""

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.utils import new_document
from sphinx.application import Sphinx

from tools.glossary_links import find_terms, running_text

CONF = """
extensions = ["myst_parser", "tools.glossary_links"]
myst_enable_extensions = ["dollarmath"]
root_doc = "index"
"""
GLOSSARY = """# Glossary

```{glossary}
node
  A point of a graph, such as a node of a network.

null model
null graph
  Random in everything else.

HQS
  A null model of correlations.

small world
  Clustered and short.
```
"""
INDEX = """# A node in a heading

`node` in code, $node$ in maths, and a [node](other.md) in a link.

```{figure} picture.svg
:alt: picture

A node in a caption.
```

```python
node = 1
```

Nodes are points. A node is linked once. So is *HQS*, but hqs is no term.

- A small
  world, once; nodetool and node-link and anode are other words.

| table | null graphs |
|---|---|
| null model | small world |

```{toctree}
other
sub/page
glossary
```
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    source = tmp_path_factory.mktemp("source")
    (source / "sub").mkdir()
    files = {
        "conf.py": CONF,
        "index.md": INDEX,
        "glossary.md": GLOSSARY,
        "other.md": "# Other\n\nNothing here.\n",
        "sub/page.md": "# Page\n\nOne **null\nmodel** and two null graphs.\n",
        "picture.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
    }
    for name, text in files.items():
        (source / name).write_text(text)
    pages = {}
    for builder in ("html", "singlehtml"):
        out = source / "_build" / builder
        app = Sphinx(
            source, source, out, source / "_build" / "trees", builder, status=None, warning=None
        )
        app.build(force_all=True)
        assert app.statuscode == 0
        for path in out.rglob("*.html"):
            name = f"{builder}/{path.relative_to(out).as_posix()}"
            pages[name] = BeautifulSoup(path.read_text(), "html.parser")
    return pages


def links(page):
    return [(link.get_text(), link["href"]) for link in page.select(".glossary-link")]


def test_first_use_of_each_term_is_linked(built):
    found = links(built["html/index.html"])
    assert [" ".join(words.split()) for words, _ in found] == [
        "Nodes",
        "HQS",
        "small world",
        "null graphs",
        "null model",
    ]
    assert [href for _, href in found] == [
        "glossary.html#term-node",
        "glossary.html#term-HQS",
        "glossary.html#term-small-world",
        "glossary.html#term-null-graph",
        "glossary.html#term-null-model",
    ]


def test_headings_code_maths_links_and_captions_are_left_alone(built):
    page = built["html/index.html"]
    for selector in ("h1", "code", "pre", ".math", "figcaption", ".toctree-wrapper"):
        assert page.select(selector), selector
        assert not page.select(f"{selector} .glossary-link"), selector
    assert page.find("a", string="node")["href"] == "other.html"


def test_links_lead_somewhere_from_any_folder(built):
    anchors = {tag["id"] for tag in built["html/glossary.html"].find_all(id=True)}
    pages = ("html/index.html", "html/sub/page.html")
    for href in (href for name in pages for _, href in links(built[name])):
        assert href.split("#")[1] in anchors
    assert links(built["html/sub/page.html"]) == [
        ("null\nmodel", "../glossary.html#term-null-model"),
        ("null graphs", "../glossary.html#term-null-graph"),
    ]


def test_the_glossary_links_nothing_to_itself(built):
    assert links(built["html/glossary.html"]) == []


def test_one_page_for_all_links_within_itself(built):
    page = built["singlehtml/index.html"]
    found = links(page)
    assert found[0][0] == "Nodes"
    assert not page.select("dl.glossary .glossary-link")
    anchors = {tag["id"] for tag in page.find_all(id=True)}
    assert {href.split("#")[1] for _, href in found} <= anchors


def test_longest_term_wins_and_capitals_count():
    text = "Small worlds, a world, pgd, PGD"
    found = find_terms(text, ("world", "small world", "PGD"))
    assert [(text[start:stop], term) for start, stop, term in found] == [
        ("Small worlds", "small world"),
        ("world", "world"),
        ("PGD", "PGD"),
    ]


def test_text_without_a_parent_is_left_alone():
    doctree = new_document("page")
    paragraph, link = nodes.paragraph("", "A small world."), nodes.reference("", "")
    link.children.append(nodes.Text("owner/repository"))  # as the theme shortens addresses
    doctree += [paragraph, nodes.paragraph("", "", link)]
    assert [text.astext() for text in running_text(doctree)] == ["A small world."]
