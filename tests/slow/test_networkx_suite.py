"""networkx's own tests, run through the backend: each function is called, and its tests pass.

networkx computes what the backend cannot, so that tests of it pass, too, and a backend without any
function passes them all. Therefore calls are counted.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from funcnet_utils.networkx_info import FUNCTIONS

pytestmark = pytest.mark.slow

MODULES = [
    "assortativity.tests.test_correlation",
    "centrality.tests.test_betweenness_centrality",
    "community.tests.test_leiden",
    "community.tests.test_louvain",
    "community.tests.test_modularity_max",
    "community.tests.test_quality",
    "shortest_paths.tests.test_generic",
    "tests.test_cluster",
    "tests.test_distance_measures",
    "tests.test_efficiency",
    "tests.test_smallworld",
]
SKIPS = ("not offered: ", "condition: not set(nx.config.backend_priority")


def suite(folder, modules, **variables):
    """Run tests of networkx in a process of its own; return what was counted, and the output."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    own = [str(Path(__file__).parent), str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")]
    environment = os.environ | {
        "NETWORKX_TEST_BACKEND": "funcnet",
        "NETWORKX_FALLBACK_TO_NX": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, own)),
        "FUNCNET_CALLS": str(folder / "calls.json"),
        **variables,
    }
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "counting_calls",
        "-p",
        "no:cacheprovider",
    ]
    command += ["-p", "no:xdist", "-c", str(folder / "pytest.ini"), "--pyargs"]
    command += [f"networkx.algorithms.{module}" for module in modules]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert (folder / "calls.json").exists(), done.stdout + done.stderr
    return json.loads((folder / "calls.json").read_text()), done


def shortfalls(counts):
    """Return the functions that no passing test called, or some other test did."""
    return [
        name
        for name in FUNCTIONS
        if not counts["calls"].get(name)
        or counts["outcomes"].get(name, {}).keys() != {"passed"}
        or not all(counts["refused"].get(name, {"a reason": 0}))
    ]


def test_networkx_tests_pass_through_the_backend(tmp_path):
    counts, done = suite(tmp_path, MODULES)
    for name in FUNCTIONS:
        tests = counts["outcomes"].get(name, {})
        print(f"{name}: {counts['calls'].get(name, 0)} calls in tests {tests}")
        for reason, times in counts["refused"].get(name, {}).items():
            print(f"    left to networkx {times} times: {reason}")
    print("skipped:", counts["skipped"])
    assert done.returncode == 0, done.stdout
    assert counts["outcomes"][""].keys() == {"passed"}
    assert shortfalls(counts) == []
    assert [
        why for why in counts["skipped"] if not why.removeprefix("Skipped: ").startswith(SKIPS)
    ] == []


def test_a_backend_without_functions_is_found_out(tmp_path):
    modules = ["tests.test_efficiency", "tests.test_cluster"]
    counts, done = suite(tmp_path, modules, FUNCNET_EMPTY="1")
    assert done.returncode == 0, done.stdout
    assert counts["outcomes"][""].keys() == {"passed"}  # networkx sees nothing wrong
    assert shortfalls(counts) == list(FUNCTIONS)
