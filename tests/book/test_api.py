"""The API pages: every public name is there, examples hold, and the search finds them."""

import doctest
import importlib
import pkgutil

import pytest

import funcnet_utils
from tools.project import Project

ROOT = Project.default().root
PAGES = [*sorted((ROOT / "book" / "api").glob("*.md")), ROOT / "book" / "api.md"]


def public_names():
    for info in pkgutil.walk_packages(funcnet_utils.__path__, "funcnet_utils."):
        if any(part.startswith("_") for part in info.name.split(".")):
            continue
        module = importlib.import_module(info.name)
        if info.name.count(".") > 1:
            continue
        for name, value in vars(module).items():
            home = getattr(value, "__module__", None) or ""
            own = home.startswith(f"{info.name}.") if info.ispkg else home == info.name
            public = [name] if own and hasattr(value, "__name__") else []
            if name in getattr(module, "__all__", public) and not name.startswith("_"):
                yield info.name, name


@pytest.fixture(scope="session")
def anchors(soups):
    return {
        tag["id"]: name
        for name, soup in soups.items()
        if name.startswith("book/api")
        for tag in soup.find_all(id=True)
    }


def test_every_public_name_is_documented(anchors):
    names = list(public_names())
    assert len(names) > 80
    missing = []
    for module, name in names:
        value = getattr(importlib.import_module(module), name)
        home = getattr(value, "__module__", module)
        known = {f"{place}.{name}" for place in (module, home, f"module-{module}")} & set(anchors)
        if not known and f"{module}.{name}" != "funcnet_utils.models.ARMS":  # of arms
            missing.append(f"{module}.{name}")
    assert missing == []


def test_every_function_links_to_its_source(soups, html):
    for name in ("graphs", "topology", "stats", "correlation", "models", "studies"):
        page = soups[f"book/api/{name}.html"]
        signatures = page.select("dl.py.function > dt")
        assert signatures
        for signature in signatures:
            link = signature.select_one('a[href*="_modules/"]')
            assert link, signature.get("id")
            path = (html / "book" / "api" / link["href"].split("#")[0]).resolve()
            assert path.is_file()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_examples_hold(page, tmp_path, monkeypatch):
    monkeypatch.setenv("FUNCNET_RESULTS", str(tmp_path))
    text = "".join(
        "\n" if line.startswith("```") else line for line in page.read_text().splitlines(True)
    )
    examples = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    failed = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples).failed
    assert not failed


def test_every_command_is_listed(soups):
    from funcnet_utils.__main__ import app
    from tools.__main__ import app as tools

    page = soups["book/api/command_line.html"]
    for program, commands in (("funcnet", app.commands), ("python -m tools", tools.commands)):
        (section,) = [h.parent for h in page.select("h2") if h.find(string=True) == program]
        assert [h.find(string=True) for h in section.select("h3")] == sorted(commands)


def test_chapters_link_to_the_names_they_use(soups):
    for name, soup in soups.items():
        if name.startswith("notebooks/"):
            targets = [a["href"] for a in soup.select(".api-links a")]
            assert any("#funcnet_utils." in target for target in targets), name


@pytest.mark.parametrize("origin", ["file", "http"])
@pytest.mark.parametrize(
    ("query", "page", "anchor"),
    [
        (
            "local efficiency",
            "notebooks/functional_network",
            "funcnet_utils.graphs.local_efficiency",
        ),
        ("modularity", "notebooks/functional_network", "funcnet_utils.graphs.modularity"),
        ("small_world", "notebooks/small_world", "funcnet_utils.graphs.small_world"),
        ("sigma", "notebooks/small_world", "book/api/graphs.html"),
    ],
)
def test_search_finds_measures_and_functions(origin, query, page, anchor, visit):
    one = visit(origin)
    one.tab.goto(f"{one.origin}/search.html?q={query}")
    one.tab.wait_for_selector("ul.search li a")
    one.tab.wait_for_function(
        "words => words.every(w => [...document.querySelectorAll('ul.search li a')]"
        ".some(a => a.href.includes(w)))",
        arg=[page, anchor],
    )
