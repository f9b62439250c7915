"""What no source of the project does: unpickle, evaluate text, or download without a SHA-256."""

import ast
import re
from pathlib import Path

import jupytext
import pytest

from funcnet_utils.datasets.download import REMOTES

ROOT = Path(__file__).parents[1]
FOLDERS = ("funcnet_utils", "tools", "coursework", "benchmarks", "findings", "book", ".")
PICKLES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal", "jsonpickle"}
NETWORK = {"urllib.request", "requests", "httpx", "aiohttp", "http.client", "ftplib", "pooch"}
NETWORK |= {"socket", "smtplib", "torchvision", "huggingface_hub", "openml"}
DOWNLOADS = "funcnet_utils/datasets/download.py"  # the one place, which checks a SHA-256
CALLS = {"eval", "exec", "compile", "__import__", "execfile"}
METHODS = {
    *("torch.load", "joblib.load", "joblib.dump", "pd.read_pickle", "pandas.read_pickle"),
    *("os.system", "os.popen", "yaml.load", "yaml.unsafe_load", "yaml.full_load", "np.fromregex"),
    *("torch.hub.load", "pickle.loads", "urllib.request.urlopen"),
}


def faults(code: str, may_download: bool = False) -> list[str]:
    """Return what a Python source must not do, each with its line."""
    found = []
    for node in ast.walk(ast.parse(code)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        bad = PICKLES if may_download else PICKLES | NETWORK
        found += [f"{node.lineno}: import {n}" for n in names if {n, n.split(".")[0]} & bad]
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        words = {word.arg: ast.unparse(word.value) for word in node.keywords}
        if (
            called in CALLS | METHODS
            or called.endswith((".to_pickle", ".read_pickle"))
            or re.search(r"(^|\.)fetch_\w+$", called)  # of scikit-learn
            or words.get("allow_pickle", "False") != "False"
            or words.get("shell", "False") != "False"
            or words.get("weights_only", "True") != "True"
        ):
            found.append(f"{node.lineno}: {called}")
    return found


def python_sources() -> dict[str, str]:
    files = {
        path
        for folder in FOLDERS
        for path in (ROOT / folder).glob("*.py" if folder == "." else "**/*.py")
    }
    sources = {path.relative_to(ROOT).as_posix(): path.read_text() for path in sorted(files)}
    for page in sorted((ROOT / "notebooks").glob("*.md")):
        cells = (cell.source for cell in jupytext.read(page).cells if cell.cell_type == "code")
        code = "\n".join(cells)
        sources[f"notebooks/{page.name}"] = re.sub(r"^[%!].*$", "", code, flags=re.M)
    return sources


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from dill import loads",
        "eval('1')",
        "exec('x')",
        "torch.load(path)",
        "np.load(path, allow_pickle=True)",
        "subprocess.run('ls', shell=True)",
        "from urllib.request import urlopen",
        "from urllib import request",
        "import requests",
        "from sklearn.datasets import fetch_openml\nfetch_openml('x')",
        "datasets.fetch_openml('x')",
        "yaml.load(text)",
        "table.to_pickle('x')",
    ],
)
def test_the_search_finds(code):
    assert faults(code)


def test_the_search_lets_pass():
    assert faults("model.eval()\nnp.load(p, allow_pickle=False)\nyaml.safe_load(t)") == []
    assert faults("import pooch", may_download=True) == []


def test_no_pickle_no_eval_and_one_place_that_downloads():
    sources = python_sources()
    assert len(sources) > 100
    bad = {name: faults(code, name == DOWNLOADS) for name, code in sources.items()}
    assert {name: found for name, found in bad.items() if found} == {}


def test_every_download_has_a_sha256():
    members = [m for remote in REMOTES.values() for own in remote["files"].values() for m in own]
    assert len(members) > 5
    assert all(re.fullmatch("[0-9a-f]{64}", sha256) for _, _, sha256 in members)


def test_scripts_of_the_pages_evaluate_and_fetch_nothing():
    scripts = [p for p in (ROOT / "book").rglob("*.js") if "vendor" not in p.parts]
    own = [path for path in scripts if "data" not in path.parts]
    assert own
    for path in own:
        found = re.findall(
            r"\beval\(|new Function|\bfetch\(|XMLHttpRequest|https?://", path.read_text()
        )
        assert found == [], path.name
