"""The wheel in an empty environment: the engine alone, then studies and coursework as well."""

import json
import os

import pytest
from environments import HERE, ROOT, Environment, build_wheel

pytestmark = pytest.mark.slow

MEGABYTES = 460  # of the issue that asked for layers: numpy, scipy, numba, llvmlite, networkx
ENGINE = """
import importlib.util, json, sys
import networkx as nx, numpy as np
import funcnet_utils
from funcnet_utils import FunctionalNetwork, graphs
graph = nx.karate_club_graph()
adjacency = nx.to_numpy_array(graph, weight=None) > 0
causes = np.random.default_rng(0).normal(size=(400, 2))
x = np.repeat(causes, 10, axis=1) + np.random.default_rng(1).normal(size=(400, 20))
net = FunctionalNetwork.from_activations({"first": x[:, :10], "second": x[:, 10:]})
print(json.dumps({
    "file": funcnet_utils.__file__,
    "networkx": nx.local_efficiency(graph),
    "own": graphs.local_efficiency(adjacency),
    "backend": nx.local_efficiency(graph, backend="funcnet"),
    "r": float(abs(net.r - np.corrcoef(x.T)).max()),
    "measures": net.measures(0.2),
    "sigma": net.small_world(5, seed=0, density=0.2).sigma,
    "loaded": sorted({"torch", "pandas", "matplotlib", "sklearn"} & set(sys.modules)),
    "there": [n for n in ("torch", "pandas", "matplotlib") if importlib.util.find_spec(n)],
}))
"""
STUDY = """
import json
import coursework
from coursework import checks
from funcnet_utils.studies import published
from funcnet_utils.studies.store import Store
name = published.names()[0]
print(json.dumps({
    "file": coursework.__file__,
    "names": published.names(),
    "sigma": published.load(name).measure("sigma").mean().tolist(),
    "exercises": checks.exercises(),
    "wrong": repr(checks.check("cor-ex-1", [-0.6, -0.6])),
    "right": checks.check("cor-ex-1", [-0.6, 0.6]).right,
    "store": str(Store().root),
    "tables": sorted(path.name for path in (published.HOME / "benchmarks").iterdir()),
}))
"""
QUICK = (
    *("study", "--dataset", "digits", "--hidden", "10,6", "--n-networks", "2", "--n-epochs", "1"),
    *("--arms", "vanilla,dropout", "--density", "0.3", "--densities", "0.3", "--n-null", "1"),
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """An environment with the wheel and what the engine needs, and a folder for a user."""
    folder = tmp_path_factory.mktemp("wheel")
    environment = Environment(folder / "venv")
    environment.pip("install", build_wheel(folder), "-c", ROOT / "constraints.txt")
    environment.home = folder / "home"
    environment.home.mkdir()
    return environment


def answers(environment, code):
    """Return what isolated code prints as JSON, run by a user away from the clone."""
    variables = {"HOME": str(environment.home), "NUMBA_CACHE_DIR": str(environment.home / "numba")}
    command = (environment.python, "-I", "-c", code)
    done = environment.run(*command, cwd=environment.home, variables=variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_engine_is_small(installed):
    sizes = {
        each.name: sum(file.stat().st_size for file in each.rglob("*")) / 1e6
        for each in installed.packages.iterdir()
        if each.is_dir()
    }
    print(f"{sum(sizes.values()):.0f} MB:", {k: round(v) for k, v in sizes.items() if v > 1})
    assert {"numpy", "scipy", "numba", "llvmlite", "networkx", "funcnet_utils"} <= sizes.keys()
    assert sum(sizes.values()) <= MEGABYTES


def test_the_engine_measures_without_the_rest(installed):
    found = answers(installed, ENGINE)
    assert found["file"].startswith(str(installed.packages))
    assert found["there"] == found["loaded"] == []
    assert found["own"] == pytest.approx(found["networkx"], rel=1e-12)
    assert found["backend"] == pytest.approx(found["networkx"], rel=1e-12)
    assert found["r"] < 1e-12
    assert found["measures"]["density"] == 0.2
    assert found["sigma"] > 1  # two groups


def test_the_command_line_answers(installed):
    done = installed.run(installed.folder / "bin" / "funcnet", "--help", cwd=installed.home)
    assert done.returncode == 0, done.stderr
    assert "study" in done.stdout


def test_what_is_not_installed_is_named(installed):
    done = installed.run(installed.folder / "bin" / "funcnet", *QUICK, cwd=installed.home)
    assert done.returncode == 2
    assert "pip install 'funcnet-utils[study]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_studies_and_coursework_come_with_the_wheel(installed):
    # the extra [study] as it is installed beside this test, to save minutes: test_versions
    # installs it as pyproject.toml names it
    (installed.packages / "study.pth").write_text(f"{HERE}{os.linesep}")
    found = answers(installed, STUDY)
    assert found["file"].startswith(str(installed.packages))
    folders = (path.parent.name for path in (ROOT / "book" / "results").glob("*/manifest.json"))
    with_a_clone = ("-correlations", "-seed1", "-seed2", "2026-11", "2026-11-untrained", "-100")
    with_a_clone += ("fashion_mnist-untrained", "cifar10_jpeg-untrained")
    assert found["names"] == sorted(name for name in folders if not name.endswith(with_a_clone))
    assert all(sigma > 0 for sigma in found["sigma"])
    assert len(found["exercises"]) > 50
    assert found["wrong"].startswith("Hint: ")
    assert found["right"] is True
    tables = ["growth.csv", "machine.json", "multiverse_claims.csv", "results.csv"]
    assert found["tables"] == [*tables, "second_opinion.csv"]
    assert found["store"].startswith(str(installed.home))

    before = {path for path in installed.packages.rglob("*") if "__pycache__" not in path.parts}
    done = installed.run(
        *(installed.folder / "bin" / "funcnet", *QUICK),
        cwd=installed.home,
        variables={"HOME": str(installed.home), "FUNCNET_WORKERS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert "sigma" in done.stdout
    after = {path for path in installed.packages.rglob("*") if "__pycache__" not in path.parts}
    assert after == before
    assert list((installed.home).rglob("funcnet/results/*/manifest.json"))
