"""The book's own pages, executed once with the smoke profile, and built in a copy."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup
from filelock import FileLock
from playwright.sync_api import sync_playwright

from tools.book import build_html, server
from tools.project import Project
from tools.runner import Outcome, plan, run

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PARTS = ("_config.yml", "_toc.yml", "constraints.txt", "book", "notebooks")


def toc_pages(toc):
    """Names of the pages of the book, in order."""
    chapters = [chapter for part in toc["parts"] for chapter in part["chapters"]]
    groups = [[chapter, *chapter.get("sections", ())] for chapter in chapters]
    return [toc["root"], *(leaf["file"] for group in groups for leaf in group)]


def pytest_generate_tests(metafunc):
    if "book_page" in metafunc.fixturenames:
        toc = yaml.safe_load((Project.default().root / "_toc.yml").read_text())
        metafunc.parametrize("book_page", toc_pages(toc))


@pytest.fixture(scope="session")
def smoke_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy, so that tests leave the pages and the results of the reader alone."""
    original, copy = Project.default(), tmp_path_factory.mktemp("project")
    if not original.pages():
        pytest.skip("notebooks/ has no page")
    for part in (*PARTS, "CHANGELOG.md"):
        source = original.root / part
        if source.is_dir():
            shutil.copytree(source, copy / part, ignore=shutil.ignore_patterns("*.ipynb"))
        else:
            shutil.copy(source, copy / part)
    return Project(copy)


@pytest.fixture(scope="session")
def outcomes(smoke_project: Project) -> Iterator[dict[str, Outcome]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FUNCNET_RESULTS", str(Path(smoke_project.root) / "results"))
        patch.setenv("FUNCNET_WORKERS", "1")  # two pages at a time fill the cores
        kept = Project.default().build / "smoke"  # `make slow` uses again what `make test` ran
        done = run(plan(smoke_project, profile="smoke", out=kept), n_workers=2)
        for outcome in done:
            if not outcome.failure:
                shutil.copy(outcome.output, smoke_project.notebooks)
        yield {outcome.page: outcome for outcome in done}


@pytest.fixture(scope="session")
def html(request, tmp_path_factory):
    """The built book; of several processes, the first builds it and the others wait."""
    own = tmp_path_factory.getbasetemp()
    link = (own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own) / "html"
    with FileLock(f"{link}.lock"):
        if not link.exists():
            link.symlink_to(build(request))
    return link.resolve()


def build(request):
    project = request.getfixturevalue("smoke_project")
    outcomes = request.getfixturevalue("outcomes")
    assert not any(outcome.failure for outcome in outcomes.values())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_REPOSITORY", "someone/book")  # addresses and buttons, as published
        patch.setenv("GITHUB_SERVER_URL", "https://github.com")
        assert build_html(project) == 0, "a warning or an error: see the output above"
    return project.html


@pytest.fixture(scope="session")
def soups(html):
    return {
        path.relative_to(html).as_posix(): BeautifulSoup(path.read_text(), "html.parser")
        for path in html.rglob("*.html")
    }


@pytest.fixture(scope="session")
def browser():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        reason = f"no browser: none of {', '.join(BROWSERS)} is installed"
        if os.environ.get("FUNCNET_NEED_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def origins(html):
    with server(html, 0) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield {"file": html.as_uri(), "http": f"http://127.0.0.1:{httpd.server_port}"}
        httpd.shutdown()


class Visit:
    """A browser tab that reaches nothing but the book, and remembers what went wrong."""

    def __init__(self, browser, origin, **settings):
        self.faults = []
        self.origin = origin
        self.context = browser.new_context(**settings)
        self.context.route("**/*", self._guard)
        self.tab = self.context.new_page()
        self.tab.wait_for_function = self._wait
        self.tab.on("console", self._console)
        self.tab.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.tab.on("response", self._response)

    def _wait(self, expression, arg=None):
        """Ask again and again; the browser's own waiting needs `eval`, which pages forbid."""
        for _ in range(300):
            if self.tab.evaluate(expression, arg):
                return
            self.tab.wait_for_timeout(100)
        raise TimeoutError(f"never true: {expression}")

    def _guard(self, route):
        url = route.request.url
        if url.startswith((self.origin, "data:", "blob:")):
            route.continue_()
        else:
            self.faults.append(f"remote: {url}")
            route.abort()

    def _console(self, message):
        if message.type == "error":
            self.faults.append(f"console: {message.text}")

    def _response(self, response):
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def open(self, page):
        self.tab.goto(f"{self.origin}/{page}.html", wait_until="load")
        self.tab.evaluate("() => window.MathJax?.startup?.promise")
        return self.tab


@pytest.fixture
def visit(browser, origins):
    visits = []

    def start(origin="file", **settings):
        visits.append(Visit(browser, origins[origin], **settings))
        return visits[-1]

    yield start
    for one in visits:
        one.context.close()


COLUMNS = (
    *("page", "FCP ms", "LCP ms", "blocked ms", "layout shift"),
    *("kB", "with figures", "requests", "elements"),
)


def pytest_terminal_summary(terminalreporter):
    """Show what pages cost, as measured by the tests of their quality in any process."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    costs = [
        value
        for report in reports
        for name, value in report.user_properties
        if name == "page cost" and report.when == "call"
    ]
    if not costs:
        return
    rows = [list(COLUMNS), *sorted(costs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    terminalreporter.section("pages on a phone, first visit, without compression")
    for row in rows:
        name, *numbers = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        terminalreporter.line("  ".join([name.strip().ljust(widths[0]), *numbers]))
