"""A run that nothing disturbs, with which the others are compared."""

import os
import time
from pathlib import Path

import pytest
from small_runs import ENTRIES, entries, run


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """Its report, its seconds, and its store."""
    paths = [Path(__file__).parent, Path(__file__).parents[2]]
    os.environ["PYTHONPATH"] = os.pathsep.join(map(str, paths))
    root = tmp_path_factory.mktemp("whole") / "store"
    run(root.with_name("first"))  # Numba compiles, once
    began = time.monotonic()
    report = run(root)
    assert report["fault"] == ""
    assert len(report["written"]) == len(entries(root)) == ENTRIES
    return report, time.monotonic() - began, root
