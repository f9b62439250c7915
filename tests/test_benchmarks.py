"""The benchmarks run on small inputs, and each peer that is installed computes what we compute."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module", params=["clustering", pytest.param("", marks=pytest.mark.slow)])
def tables(request, tmp_path_factory):
    """Tables of one step, and of all."""
    out = tmp_path_factory.mktemp("tables")
    command = [sys.executable, "-m", "funcnet_utils", "bench", "--quick", "--out", str(out)]
    command += ["--step", request.param]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out


def test_every_installed_peer_agrees(tables):
    rows = pd.read_csv(tables / "results.csv", dtype={"note": str})  # all may be empty
    notes = rows["note"].fillna("")
    assert not notes.str.contains("failed").any(), rows[notes.str.contains("failed")].to_string()
    without = rows["ratio"].isna()
    assert notes[without].str.contains("not installed").all()
    assert (~without).any()
    assert (rows.loc[~without, ["seconds_ours", "seconds_peer"]] > 0).all(axis=None)


def test_growth_is_measured_for_every_step(tables):
    rows = pd.read_csv(tables / "growth.csv")
    assert (rows["seconds"] > 0).all()
    assert (rows.groupby(["step", rows["density"].fillna(0)])["n"].nunique() > 1).all()
    assert np.isfinite(rows["slope"]).all()


def test_machine_is_described(tables):
    facts = json.loads((tables / "machine.json").read_text())
    assert {"cpu", "cores", "commit", "date", "versions", "peers"} <= facts.keys()


def test_memory_of_a_route_is_measured_in_a_process_of_its_own(tmp_path):
    key, file = "clustering, n=150", tmp_path / "value.npy"
    command = [sys.executable, "-m", "benchmarks.alone", key, "funcnet", str(file), "--quick"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["mebibytes"] >= 0
    assert 0 < np.load(file)[0] < 1
