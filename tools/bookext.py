"""Sphinx extension of the book: MathJax from this machine, working buttons, single-page output."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sphinx.application import Sphinx
from sphinx.util.fileutil import copy_asset

from tools.html.apilinks import add_links
from tools.html.cards import add_cards
from tools.html.commands import Commands
from tools.html.header import add_header, add_pdf, copy_sources
from tools.html.pagecode import finish_all
from tools.html.slim import slim

MATHJAX = (
    "startup.js",
    "core.js",
    "input/tex.js",
    "input/tex/extensions",
    "output/chtml.js",
    "output/chtml/fonts/tex.js",
    "a11y/assistive-mml.js",
    "output/chtml/fonts/woff-v2",
)
BUTTONS = (
    "use_repository_button",
    "use_issues_button",
    "use_edit_page_button",
)


def copy_assets(app: Sphinx, fault: Exception | None) -> None:
    """Copy the parts of MathJax that the book uses, and tell GitHub Pages to serve all folders."""
    if fault is not None or app.builder.format != "html":
        return
    package = distribution("sphinx-mathjax-offline")
    origin = Path(str(package.locate_file("sphinx-mathjax-offline/static/mathjax")))
    target = Path(app.outdir) / "_static" / "mathjax"
    for part in MATHJAX:
        place = target / part if (origin / part).is_dir() else (target / part).parent
        place.mkdir(parents=True, exist_ok=True)
        copy_asset(str(origin / part), str(place))
    (Path(app.outdir) / ".nojekyll").touch()


def finish_pages(app: Sphinx, fault: Exception | None) -> None:
    """Make what was written lighter: pages first, then the styles that they use."""
    if fault is None and app.builder.name == "html":
        finish_all(Path(app.outdir))
        add_cards(Path(app.outdir))
        slim(Path(app.outdir))


def repository_url(configured: str) -> str:
    """Return the address of the repository: as configured, else the one CI runs for.

    Parameters
    ----------
    configured : str
        `repository: url:` of `_config.yml`.
    """
    if configured:
        return configured.rstrip("/")
    name = os.environ.get("GITHUB_REPOSITORY")
    server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
    return f"{server}/{name}" if name else ""


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


def point_to_sources(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Point Edit and Binder at the .md in the repository and Colab at the published .ipynb."""
    if not pagename.startswith("notebooks/"):
        return
    branch = app.config.html_theme_options.get("repository_branch", "main")
    for button in _flat(context.get("header_buttons", [])):
        url = button.get("url") or ""
        if "colab" in url:
            path = f"/blob/{branch}/{pagename}.ipynb"
            button["url"] = url.replace(path, f"/blob/gh-pages/_sources/{pagename}.ipynb")
        elif "/edit/" in url or "urlpath=" in url:
            button["url"] = url.replace(f"{pagename}.ipynb", f"{pagename}.md")


def _flat(buttons: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for button in buttons:
        yield button
        yield from _flat(button.get("buttons", []))


def drop_duplicate_scripts(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """List every script once: the theme adds some twice, and a second `const` is an error."""
    seen: set[Any] = set()
    scripts = []
    for script in context.get("script_files", []):
        body = getattr(script, "attributes", {}).get("body")
        key = body or getattr(script, "filename", None) or str(script)
        if key not in seen:
            seen.add(key)
            scripts.append(script)
    context["script_files"] = scripts


def mend_markup(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Mend what extensions get wrong: a list role no entry may be in, and repeated identifiers."""
    role, plain = '<div role="list" class="citation-list">', '<div class="citation-list">'
    body = context.get("body", "").replace(role, plain)
    context["body"] = re.sub(r' id="(exercise|solution|proof)-content"', "", body)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    if repository_url(app.config.html_theme_options.get("repository_url", "")):
        app.setup_extension("sphinx_sitemap")
    app.setup_extension("tools.glossary_links")
    app.add_directive("funcnet-commands", Commands)
    app.connect("doctree-resolved", add_links)
    app.connect("config-inited", configure_repository, priority=100)
    app.connect("html-page-context", drop_duplicate_scripts, priority=900)
    app.connect("html-page-context", point_to_sources, priority=900)
    app.connect("html-page-context", mend_markup)
    app.connect("html-page-context", add_header, priority=800)
    app.connect("build-finished", copy_assets)
    app.connect("build-finished", copy_sources)
    app.connect("build-finished", finish_pages, priority=900)
    app.connect("build-finished", add_pdf, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
