"""Sphinx extension of the book: MathJax from this machine, working buttons, links to the API."""

import os
import re
import shutil
from base64 import b64encode
from collections.abc import Iterable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.images import get_image_size
from sphinx.util.nodes import make_refnode

from funcnet_utils.pages import Answers
from tools.coursework import Coursework
from tools.printing import PDF, browser, mathjax_folder
from tools.project import Project

# of MathJax
UNUSED = shutil.ignore_patterns("sre", "tex-*", "mml*", "*svg*", "ui", "node-main.js")
BUTTONS = ("use_repository_button", "use_issues_button", "use_edit_page_button")
SIZE = r'width="\1" height="\2"'  # a browser then keeps the shape of a picture on a phone
WORDS_PER_MINUTE = 200
VIEWPORT_AGAIN = r'<meta name="viewport" content="[^"]*initial-scale=1" ?/>'
START = r'\A(?:.*?<meta charset="utf-8" ?/>)?'  # a page that redirects names no charset
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-hashes' {}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'"
)
INLINE = re.compile(r'<script(?![^>]* src=)[^>]*>(.*?)</script>| onclick="([^"]*)"', re.DOTALL)
CALL = re.compile(r"\b(?!funcnet_utils)([a-z_]+)\.([A-Za-z_]\w*)")
IMPORT = re.compile(r"^from (funcnet_utils[\w.]*) import (?:\(([^)]+)\)|(.+))$", re.MULTILINE)
UNTIMED = ("book/api", "book/bibliography", "book/changes", "book/explorer")


def copy_assets(app: Sphinx, fault: Exception | None) -> None:
    """Copy the parts of MathJax that the book uses and the sources that its buttons offer."""
    if fault is not None or app.builder.format != "html":
        return
    out = Path(app.outdir)
    shutil.copytree(mathjax_folder(), out / "_static/mathjax", ignore=UNUSED, dirs_exist_ok=True)
    sources = out / "_sources" / "notebooks"
    sources.mkdir(parents=True, exist_ok=True)
    for source in (Path(app.srcdir) / "notebooks").glob("*.md"):
        shutil.copy(source, sources)
    work = Coursework(Project(Path(app.srcdir)))
    address = app.config.html_theme_options.get("repository_url", "")
    for path in sources.glob("*.ipynb"):  # Sphinx offers its own source, full of roles
        nbformat.write(work.download(nbformat.read(path, as_version=4), address), path)
    for page in out.rglob("*.html"):  # themes leave what unfolds the navigation without a name,
        text = page.read_text(encoding="utf-8")  # and name the width of a phone three times
        text = text.replace("<summary><span", '<summary aria-label="Pages below"><span')
        page.write_text(with_policy(re.sub(VIEWPORT_AGAIN, "", text)), encoding="utf-8")


def with_policy(page: str) -> str:
    """Return a page that loads nothing from elsewhere, and runs no script but those it has now.

    Parameters
    ----------
    page : str
        HTML.

    Examples
    --------
    >>> with_policy('<meta charset="utf-8" /><script>f()</script>').count("'sha256-")
    1
    >>> with_policy("<meta />").endswith(" /><meta />")
    True
    """
    scripts = {"".join(found) for found in INLINE.findall(page)}
    digests = (b64encode(sha256(text.encode()).digest()).decode() for text in sorted(scripts))
    policy = POLICY.format(" ".join(f"'sha256-{digest}'" for digest in digests))
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}" />'
    return re.sub(START, lambda found: found[0] + meta, page, count=1, flags=re.DOTALL)


def repository_url(configured: str) -> str:
    """Return the address of the repository: as configured, else the one CI runs for.

    Parameters
    ----------
    configured : str
        `repository: url:` of `_config.yml`.
    """
    name = os.environ.get("GITHUB_REPOSITORY")
    server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
    return configured.rstrip("/") or (f"{server}/{name}" if name else "")


def pages_url(repository: str) -> str:
    """Return the address where GitHub Pages serves a repository.

    Parameters
    ----------
    repository : str
        Address of the repository.

    Examples
    --------
    >>> pages_url("https://github.com/someone/book")
    'https://someone.github.io/book/'
    """
    owner, name = urlsplit(repository).path.strip("/").split("/")[:2]
    return f"https://{owner.lower()}.github.io/{name}/"


def configure_repository(app: Sphinx, config: Any) -> None:
    """Derive every address from the repository; without one, show no button that leads nowhere."""
    options = config.html_theme_options
    url = repository_url(options.get("repository_url", ""))
    if not url:
        options.pop("launch_buttons", None)
        return
    options["repository_url"] = url
    options |= dict.fromkeys(BUTTONS, True)
    config.sitemap_url_scheme = "{link}"
    config.html_baseurl = config.ogp_site_url = pages_url(url)


def complete_singlehtml(app: Sphinx) -> None:
    """Give the one-page builder all handlers of nodes: extensions that name it hide the others."""
    handlers = app.registry.translation_handlers
    handlers["singlehtml"] = handlers.get("html", {}) | handlers.get("singlehtml", {})


def size_pictures(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Give pictures their size, so that the text does not jump; Sphinx then links their files."""
    for picture in doctree.findall(nodes.image):
        path = Path(app.srcdir) / picture["uri"]
        size = get_image_size(path) if path.is_file() else None
        if size and not {"width", "height", "scale"} & set(picture.attributes):
            picture["width"], picture["height"] = map(str, size)
            picture["loading"] = "lazy"


def minutes_to_read(doctree: nodes.Element) -> int:
    """Return the minutes that the paragraphs of a page take, at least 1; code does not count.

    Parameters
    ----------
    doctree : docutils.nodes.Element
        A page.
    """
    words = sum(len(text.astext().split()) for text in doctree.findall(nodes.paragraph))
    return 1 + words // WORDS_PER_MINUTE


def add_header(app: Sphinx, pagename: str, _: str, context: dict[str, Any], doctree: Any) -> None:
    """Say how long a page takes; offer its source and the printed book; point buttons to sources.

    Edit and Binder lead to the .md in the repository, and Colab to the published .ipynb.
    """
    if doctree is None or app.builder.name != "html":
        return
    chapter, link = pagename.startswith("notebooks/"), partial(context["pathto"], resource=True)
    offers = [(f"_sources/{pagename}.md", ".md", "Download source file")] * chapter
    offers += [(PDF, "book as .pdf", "Download the book")] * bool(browser())
    own = {"type": "link", "icon": "fas fa-file", "label": "download"}
    groups = context.get("header_buttons", [])
    for button in (button for one in groups for button in (one, *one.get("buttons", ()))):
        url = (button.get("url") or "") if chapter else ""
        if "colab" in url:
            button["url"] = re.sub("/blob/.+/notebooks/", "/blob/gh-pages/_sources/notebooks/", url)
        elif "/edit/" in url or "urlpath=" in url:
            button["url"] = url.replace(f"{pagename}.ipynb", f"{pagename}.md")
    for downloads in (one["buttons"] for one in groups if one.get("label") == "download-buttons"):
        for path, text, tooltip in offers:
            downloads.append(own | {"url": link(path), "text": text, "tooltip": tooltip})
    if not pagename.startswith(UNTIMED):
        line = f"About {(n := minutes_to_read(doctree))} minute{'s' * (n > 1)} to read"
        if browser() and pagename == app.config.root_doc:
            line += f' · <a href="{link(PDF)}">Download as PDF</a>'
        line = f'</h1>\n<p class="page-facts">{line}</p>'
        context["body"] = context["body"].replace("</h1>", line, 1)


def mend_page(app: Sphinx, pagename: str, _: str, context: dict[str, Any], doctree: Any) -> None:
    """Mend what extensions get wrong: scripts listed twice, a false role, repeated identifiers."""
    scripts: dict[Any, Any] = {}
    for script in context.get("script_files", []):
        body = getattr(script, "attributes", {}).get("body")
        scripts.setdefault(body or getattr(script, "filename", None) or str(script), script)
    context["script_files"] = list(scripts.values())
    body = context.get("body", "").replace(' role="list" class="citation-list"', "")
    body = re.sub(r' id="(exercise|solution|proof)-content"', "", body)
    context["body"] = re.sub(r'style="width: (\d+)px; height: (\d+)px;"', SIZE, body)


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
    for module, *names in IMPORT.findall(text):
        found |= {f"{module}.{name}" for name in "".join(names).replace(",", " ").split()}
    return sorted(found)


def add_links(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Add a line of links to the API below a chapter.

    sphinx-codeautolink 0.20 would do, but stops at the sections without titles of sphinx-exercise.
    """
    if not docname.startswith("notebooks/"):
        return
    blocks = doctree.findall(nodes.literal_block)
    known = app.env.domaindata["py"]["objects"]
    line = nodes.paragraph("", classes=["api-links"])
    for name in used_names(b.astext() for b in blocks if "python" in b.get("language", "")):
        if target := known.get(name):
            words = nodes.literal("", name.removeprefix("funcnet_utils."))
            line += nodes.Text(", ") if len(line) else nodes.strong("", "In the API: ")
            line += make_refnode(app.builder, docname, target.docname, target.node_id, words)
    if len(line):
        next(iter(doctree.findall(nodes.section))).append(line)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    if repository_url(app.config.html_theme_options.get("repository_url", "")):
        app.setup_extension("sphinx_sitemap")
    app.setup_extension("tools.glossary_links")
    app.add_directive("answers", Answers)
    app.connect("config-inited", configure_repository, priority=100)
    app.connect("builder-inited", complete_singlehtml)
    app.connect("doctree-resolved", size_pictures)
    app.connect("doctree-resolved", add_links)
    app.connect("html-page-context", mend_page, priority=900)
    app.connect("html-page-context", add_header, priority=900)
    app.connect("build-finished", copy_assets, priority=900)  # after the page that redirects
    return {"parallel_read_safe": True, "parallel_write_safe": True}
