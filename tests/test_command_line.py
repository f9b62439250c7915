"""The command `funcnet`: help without waiting, any option of a study, one sentence a mistake."""

import dataclasses
import subprocess
import sys

import pandas as pd
import pytest
from click.testing import CliRunner

from funcnet_utils.__main__ import app
from funcnet_utils.studies import StudyConfig, run
from funcnet_utils.studies.paths import LISTS
from funcnet_utils.studies.store import HOME

QUICK = (
    *("study", "--dataset", "digits", "--hidden", "10,6", "--n-networks", "2", "--n-epochs", "1"),
    *("--arms", "vanilla,dropout", "--density", "0.3", "--densities", "0.3", "--n-null", "1"),
)


@pytest.fixture
def funcnet(tmp_path, monkeypatch):
    monkeypatch.setenv("FUNCNET_RESULTS", str(tmp_path))
    monkeypatch.setenv("FUNCNET_WORKERS", "1")
    return lambda *arguments: CliRunner().invoke(app, arguments)


def test_help_loads_nothing_heavy():
    script = (
        "import sys; from click.testing import CliRunner; from funcnet_utils.__main__ import app; "
        "said = CliRunner().invoke(app, ['--help']).output; assert 'study' in said; "
        "heavy = {'torch', 'numba', 'numpy', 'pandas', 'matplotlib', 'scipy'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_missing_extra_is_named():
    script = (
        "import sys; sys.modules['pandas'] = None; from funcnet_utils.__main__ import app; "
        "app(['results'])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: ")
    assert done.stderr.endswith("pip install 'funcnet-utils[study]'\n")
    assert "Traceback" not in done.stderr


def test_every_field_is_an_option(funcnet):
    said = funcnet("study", "--help").output
    for field in dataclasses.fields(StudyConfig):
        assert f"--{field.name.replace('_', '-')} " in said


def test_a_study_prints_the_means_of_its_arms(funcnet):
    result = funcnet(*QUICK)
    assert result.exit_code == 0, result.output
    config = StudyConfig(
        dataset="digits",
        hidden=(10, 6),
        n_networks=2,
        n_epochs=1,
        arms=("vanilla", "dropout"),
        density=0.3,
        densities=(0.3,),
        n_null=1,
    )
    found = run(config)
    head, *rows = result.output.splitlines()
    assert head.split()[-2:] == ["vanilla", "dropout"]
    shown = {row.split()[0]: row.split()[1:] for row in rows if row}
    assert [float(x) for x in shown["sigma"]] == pytest.approx(
        found.measure("sigma").mean().tolist(), rel=1e-3
    )
    assert f"Configuration: {config.hash}" in result.output
    assert "analysis" in funcnet("results").output


def test_the_multiverse_of_a_claim_is_told_in_five_lines(funcnet):
    tables = [HOME / "benchmarks" / f"multiverse{part}.csv" for part in ("", "_claims")]
    by_path, by_claim = map(pd.read_csv, tables)
    for claim in by_claim["claim"]:
        result = funcnet("multiverse", "--claim", claim)
        assert result.exit_code == 0, result.output
        word, shares, _, choices, registered = result.output.splitlines()
        part, row = by_path[by_path["claim"] == claim], by_claim[by_claim["claim"] == claim]
        assert word == f"{claim}: {row['word'].item()}"
        assert shares.startswith(f"{len(part)} paths, {part['supports'].mean():.1%} support")
        names = [name for name in part if name in LISTS[claim]]
        assert set(names) == set(LISTS[claim])
        first = max(names, key=lambda name: row[name].item())
        assert choices.startswith(f"variance of effects by choice: {first} ")
        verb = "supports it" if part["supports"].iloc[0] else "does not support it"
        assert registered.startswith(f"the registered path {verb}, effect ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("study", "--dataset", "digit"), "did you mean 'digits'"),
        (("study", "--hidden", "ten"), "'ten' is not made of whole numbers"),
        (("study", "--density", "2"), "density is 2.0: choose a share"),
        (("study", "--preset", "paper"), "did you mean 'paper2022'"),
        (("publish", "mnst"), "did you mean 'mnist'"),
        (("data", "mnst"), "there is no data set 'mnst'"),
        (("multiverse", "--claim", "BN-acc"), "claim is 'BN-acc': choose from SW, BN-eff"),
    ],
)
def test_mistakes_get_one_sentence(funcnet, arguments, message):
    result = funcnet(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_model_is_made_without_arguments(funcnet, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("def build(width):\n    return width\n")
    said = funcnet("measure", f"{path}:build", "--data", "digits")
    assert said.exit_code == 2
    assert "build of" in said.output
    assert "is called without arguments: missing a required argument: 'width'." in said.output
