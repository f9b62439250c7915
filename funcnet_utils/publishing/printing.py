"""The book on paper: all chapters as one document, printed by Chromium."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import distribution
from pathlib import Path

from bs4 import BeautifulSoup

from funcnet_utils.publishing.project import Project

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NO_BROWSER = "no Chromium and no Chrome here: install one to print a PDF."
SECONDS = 300
TITLE = "The living book of functional networks"
SUBTITLE = "Neurons as nodes, correlations as edges, graph theory and topology as explanation"
ON_SCREEN_ONLY = (
    ".headerlink, script, noscript, button, template, details.hide.above-input, .viewcode-link, "
    ".copybtn, iframe, [data-screen-only]"
)
STYLE = """
@page { size: A4; margin: 20mm 18mm 22mm;
        @bottom-center { content: counter(page); font: 9pt "DejaVu Sans", sans-serif; } }
@page :first { @bottom-center { content: none; } }
body { font: 10pt/1.45 "DejaVu Serif", Georgia, serif; color: #111; margin: 0; }
h1, h2, h3, h4, nav strong { font-family: "DejaVu Sans", sans-serif; line-height: 1.2;
        break-after: avoid; }
h1 { font-size: 21pt; } section section h2 { font-size: 15pt; } h3 { font-size: 12pt; }
.title-page { height: 235mm; display: flex; flex-direction: column; justify-content: center;
        break-after: page; }
.title-page p.title { font: bold 34pt/1.15 "DejaVu Sans", sans-serif; margin: 0 0 8mm; }
.title-page img { max-width: 100%; margin: 10mm 0; }
.chapter { break-before: page; }
.chapter + section > :is(h1, h2, h3) { font-size: 20pt; }
td p, th p { margin: 0; }
.citation { display: flex; gap: 4mm; } .citation p { margin: 0 0 2mm; }
a { color: #0a4a75; text-decoration: none; overflow-wrap: anywhere; }
img { max-width: 100%; height: auto; }
figure, .cell_output, table, .admonition { break-inside: avoid; }
.api table, .py.class { break-inside: auto; }
figure { margin: 5mm 0; text-align: center; }
figcaption { font-size: 9pt; text-align: left; }
pre { font: 8pt/1.35 "DejaVu Sans Mono", monospace; background: #f4f4f4; padding: 2mm 3mm;
        white-space: pre-wrap; overflow-wrap: anywhere; }
code { font: 0.87em "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; font-size: 8.5pt; max-width: 100%; }
td, th { border-bottom: .4pt solid #999; padding: 1mm 2mm; text-align: left; vertical-align: top;
        overflow-wrap: anywhere; }
blockquote { border-left: 2pt solid #999; margin-left: 0; padding-left: 4mm; }
.admonition, .proof, .verdict-box, .smoke-note { border-left: 2.5pt solid #0072b2;
        background: #f6f8fa; padding: 1mm 4mm; margin: 4mm 0; }
.admonition-title, .verdict-box p { font-weight: bold; }
dt.sig { font: bold 8.5pt "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
dd { margin-left: 6mm; }
.swatch { display: inline-block; width: .9em; height: .9em; }
"""


def browser() -> str | None:
    """Return the path of Chromium or Chrome, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def mathjax_address() -> str:
    """Return the address of the installed copy of MathJax."""
    package = distribution("sphinx-mathjax-offline")
    place = package.locate_file("sphinx-mathjax-offline/static/mathjax/tex-chtml.js")
    return Path(str(place)).resolve().as_uri()


def print_page(source: Path, target: Path) -> None:
    """Print an HTML file as PDF, tagged and with an outline of its headings.

    Parameters
    ----------
    source : Path
        The page.
    target : Path
        Where the PDF goes.

    Raises
    ------
    ValueError
        If there is no browser, or it does not print.
    """
    path = browser()
    if path is None:
        raise ValueError(NO_BROWSER)
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder) / "printed.pdf"
        command = [path, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        command += ["--generate-pdf-document-outline", "--export-tagged-pdf"]
        command += [f"--user-data-dir={folder}/profile", "--virtual-time-budget=120000"]
        command += ["--allow-file-access-from-files", f"--print-to-pdf={printed}"]
        try:
            subprocess.run(
                [*command, source.resolve().as_uri()], capture_output=True, timeout=SECONDS
            )
        except subprocess.TimeoutExpired as fault:
            raise ValueError(f"{path} did not print within {SECONDS} s: try again.") from fault
        if not printed.exists() or not printed.read_bytes().startswith(b"%PDF"):
            raise ValueError(f"{path} did not print {source}: open the page with it to see why.")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(printed, target)


def book_on_paper(page: str) -> str:
    """Return the single page of the book as a document for the printer.

    Maths is drawn, solutions are open, and what only a screen can use is left out.

    Parameters
    ----------
    page : str
        HTML that Sphinx wrote as one page.
    """
    soup = BeautifulSoup(page, "html.parser")
    article = soup.select_one("article")
    if article is None:
        raise ValueError("the single page of the book has no article: build it again.")
    for tag in article.select(ON_SCREEN_ONLY):
        tag.decompose()
    for tag in article.select("details"):
        tag["open"] = ""
    for link in article.select("a[href]"):
        if not str(link["href"]).startswith(("#", "http")):
            del link["href"]
    for span in article.select('span[id^="document-"]'):
        span.attrs["class"] = "chapter"
        span.name = "div"
    return (
        '<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">'
        f"<title>{TITLE}</title>"
        '<link rel="stylesheet" href="_static/pygments.css">'
        f"<style>{STYLE}</style>"
        "<script>MathJax = {options: {enableMenu: false, processHtmlClass: 'math'}}</script>"
        f'<script defer src="{mathjax_address()}"></script></head><body>'
        f'<div class="title-page"><p class="title">{TITLE}</p><p>{SUBTITLE}</p>'
        '<img src="_static/pipeline.png" alt="">'
        "<p>Edition for print, made from the same run as the book on the screen.</p></div>"
        f"{article}</body></html>"
    )


def print_book(project: Project) -> Path:
    """Print the whole book, and return the PDF.

    Parameters
    ----------
    project : Project
        With all pages executed.

    Raises
    ------
    ValueError
        If there is no browser, the pages cannot be put together, or the printing fails.
    """
    if browser() is None:
        raise ValueError(NO_BROWSER)
    source = project.build / "singlehtml" / "book" / "intro.html"
    source.unlink(missing_ok=True)
    print("printing the book ...", file=sys.stderr, flush=True)
    main = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", main, "build", str(project.root)]
    options = ["--builder", "singlehtml", "--all", "-q", "--keep-going"]
    done = subprocess.run([*command, *options], cwd=project.root, capture_output=True, text=True)
    if done.returncode or not source.exists():
        raise ValueError(f"the pages could not be put together for print: {done.stderr[-500:]}")
    page = source.read_text(encoding="utf-8")
    printed = project.build / "singlehtml" / "print.html"  # pictures are named from here
    printed.write_text(book_on_paper(page), encoding="utf-8")
    print_page(printed, project.pdf)
    return project.pdf
