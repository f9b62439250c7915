"""Every package that is imported is declared, and the engine imports only what it needs."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
OWN = {"funcnet_utils", "coursework", "tools", "benchmarks", "conftest"}
IMPORTED_AS = {  # where the name of a distribution is not the one that is imported
    "adversarial-robustness-toolbox": "art",
    "beautifulsoup4": "bs4",
    "bctpy": "bct",
    "giotto-ph": "gph",
    "ipython": "ipython",
    "markdown-it-py": "markdown_it",
    "pillow": "pil",
    "pot": "ot",
    "pytest-xdist": "xdist",
    "pyyaml": "yaml",
    "scikit-learn": "sklearn",
}
ENGINE = ("graphs", "correlation.py", "errors.py", "arms.py", "__init__.py", "__main__.py")
UNDER_TEST = {"funcnet_utils/networkx_backend.py: pytest"}  # in the hook for networkx's tests
NEEDS = [  # folder, and the extras with which it must run
    ("funcnet_utils", {"study", "crosscheck", "cluster", "book"}),
    ("tools", {"book"}),
    ("coursework/checks", {"study"}),
    ("benchmarks", {"bench", "test", "others"}),
    ("tests", {"test", "bench"}),
]


def declared(extras):
    """Names under which the packages of the engine and of some extras are imported."""
    found, waiting, seen = set(), ["", *extras], set()
    while waiting:
        extra = waiting.pop()
        seen.add(extra)
        for line in EXTRAS[extra] if extra else PROJECT["dependencies"]:
            name = re.match(r"[\w.-]+", line)[0].lower()
            if name == PROJECT["name"]:
                inner = re.search(r"\[(.*?)\]", line)[1].split(",")
                waiting += [one for one in inner if one not in seen]
            else:
                found.add(IMPORTED_AS.get(name, name.replace("-", "_")))
    return found


def imported(path, top=False):
    """Packages that a file imports, in lower case; with `top`, only when it is imported itself."""
    tree = ast.parse(path.read_text())
    checking = [n for n in tree.body if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n)]
    typing = {id(inner) for block in checking for inner in ast.walk(block)}
    for node in tree.body if top else ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module]
        if id(node) not in typing:
            yield from (name.split(".")[0] for name in names)


def missing(paths, known, top=False):
    local = OWN | {path.stem for path in paths}
    return {
        f"{path.relative_to(ROOT)}: {name}"
        for path in paths
        for name in imported(path, top)
        if name not in sys.stdlib_module_names and name not in local and name.lower() not in known
    }


@pytest.mark.parametrize(("folder", "extras"), NEEDS, ids=[folder for folder, _ in NEEDS])
def test_imported_packages_are_declared(folder, extras):
    found = missing(sorted((ROOT / folder).rglob("*.py")), declared(extras))
    assert found - UNDER_TEST == set()


def test_the_engine_needs_no_extra():
    rooms = [ROOT / "funcnet_utils" / room for room in ENGINE]
    paths = [p for room in rooms for p in (room.rglob("*.py") if room.is_dir() else [room])]
    assert missing(paths, declared(()), top=True) == set()


def test_an_undeclared_package_is_seen(tmp_path):
    path = ROOT / "tests" / "tools" / "test_dependencies.py"
    assert missing([path], set()) == {
        f"{path.relative_to(ROOT)}: {name}" for name in ("packaging", "pytest")
    }


def test_every_bound_holds_for_the_pinned_versions():
    from packaging.requirements import Requirement

    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    pins = {name.lower().replace("_", "-"): version for name, version in pins.items()}
    wanted = [*PROJECT["dependencies"], *(line for lines in EXTRAS.values() for line in lines)]
    for requirement in map(Requirement, wanted):
        if requirement.name != PROJECT["name"]:
            pin = pins.get(requirement.name.lower().replace("_", "-"))
            if pin is not None or requirement.specifier:
                assert pin, f"{requirement.name} is not in constraints.txt"
                assert requirement.specifier.contains(pin), f"{requirement}, pinned {pin}"
