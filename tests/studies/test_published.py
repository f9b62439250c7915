"""Published studies: small, consistent, and made again from their seeds."""

import dataclasses
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import squareform

from funcnet_utils import models, stats
from funcnet_utils.datasets import load_dataset
from funcnet_utils.studies import claims, ledgers, protocol, published
from funcnet_utils.studies.analysis import analyse_network
from funcnet_utils.studies.blocks import (
    ANALYSIS,
    ATTACKS,
    LESIONS,
    TRAINING,
    Block,
    make_population,
)
from funcnet_utils.studies.claims import CLAIMS
from funcnet_utils.studies.registered import registered

NAMES = published.names()
TRAINED = [name for name in NAMES if not name.endswith(published.UNTRAINED)]
MIB = 2**20


def test_what_was_planned_is_published_and_what_is_frozen_stays():
    planned = published.planned()
    frozen = {name for name in NAMES if name.removesuffix(published.UNTRAINED) in published.FROZEN}
    assert len(frozen) == 2 * len(published.FROZEN)
    assert not frozen & set(planned)
    assert set(NAMES) - frozen <= set(planned)
    for name in set(NAMES) - frozen:
        assert published.load(name).config == planned[name]


def test_published_files_are_small():
    files = [path for path in published.FOLDER.rglob("*") if path.is_file()]
    carried = [path for path in files if not path.parent.name.endswith(published.CORRELATIONS)]
    assert sum(path.stat().st_size for path in carried) < 20 * MIB  # what the wheel carries
    assert sum(path.stat().st_size for path in files) < 35 * MIB


@pytest.mark.parametrize("name", NAMES)
def test_a_record_says_what_is_needed_to_repeat_it(name):
    info = published.load(name).info
    assert {"versions", "seconds", "machine", "code", "stages"} <= set(info)
    assert "/" not in info["machine"]


@pytest.mark.parametrize("name", NAMES)
def test_tables_are_whole(name):
    study = published.load(name)
    networks = study.config.n_networks * len(study.config.arms)
    assert len(study.networks) == networks
    assert len(study.diagrams) == networks
    assert len(study.history) == networks * study.config.n_epochs
    counts = study.loops.query("measure == 'count' and dimension == 1").set_index(
        ["arm", "network"]
    )
    for key, (_, loops) in study.diagrams.items():
        assert len(loops) == counts.loc[key, "value"]


def effect_of(row, *names):
    mean, low, high, p = (row[name] for name in names)
    return stats.Effect(mean, low, high, 0.5, 1.0, p, 0 if np.isnan(p) else 20)


@pytest.mark.parametrize("name", TRAINED)
def test_ledger_is_that_of_the_tables(name):
    study, ledger = published.load(name), published.ledger_of(name).set_index("claim")
    assert list(ledger.index) == list(CLAIMS)
    if "registered" not in ledger:  # published before the first amendment
        ledger = ledger.rename(columns=lambda name: name.replace("left", "adjusted", 1))
        ledger["registered"] = ledger["verdict"]
    if "adjusted_p" in ledger:
        kept = ledger.to_dict("records")
        rows = [{**row, "weakest": effect_of(row, "effect", "low", "high", "p")} for row in kept]
        names = ("adjusted", "adjusted_low", "adjusted_high", "adjusted_p")
        controls = [effect_of(row, *names) for row in kept]
        assert registered(rows, controls) == ledger["registered"].tolist()
    else:
        assert set(ledger["registered"]) <= {"explained away", *claims.SURE, "inconclusive"}
    for claim in (claim for claim in CLAIMS.values() if claim.arm):
        parts = [
            stats.paired_effect(values[claim.arm], values["vanilla"], study.config.seed)
            for values in claim.values(study)
        ]
        weakest = min(parts, key=lambda part: claim.direction * part.hedges_g)
        assert ledger.loc[claim.name, ["effect", "low", "high"]].tolist() == [
            weakest.mean,
            weakest.low,
            weakest.high,
        ]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in TRAINED])
def test_untrained_arms_are_the_same_networks(name):
    study = published.load(name)
    for table, index in (
        (study.graph_measures, ["network", "density", "measure"]),
        (study.loops, ["network", "dimension", "measure"]),
    ):
        wide = table.pivot(index=index, columns="arm", values="value")
        assert (wide.nunique(axis=1, dropna=False) == 1).all()


@pytest.mark.parametrize("name", [name for name in TRAINED if name.startswith("mnist")])
def test_graphs_follow_from_the_published_correlations(name):
    """From r on, every number holds on any processor, to the rounding of the published r."""
    study = published.load(name)
    for arm in study.config.arms[:3]:
        tables, diagrams = analyse_network(study.config, study.correlation(arm, 0), 0)
        for table in ("graph_measures", "loops"):
            kept = getattr(study, table).query("arm == @arm and network == 0")
            kept = kept.drop(columns="arm").reset_index(drop=True)
            pd.testing.assert_frame_equal(
                tables[table], kept, rtol=1e-5, atol=1e-6, check_exact=False
            )
        for mine, theirs in zip(diagrams, study.diagrams[arm, 0], strict=True):
            np.testing.assert_allclose(mine, theirs, atol=1e-6)


@pytest.mark.parametrize("name", sorted(published.RUNS))
def test_a_plain_load_reads_published_correlations_right(name):
    """Without this package: a vector of float32, every pair once, for each network kept."""
    study = published.load(name)
    few = sum(study.config.hidden) <= published.FEW_UNITS
    folder = published.FOLDER / (name if few else name + published.CORRELATIONS)
    with np.load(folder / "arrays.npz") as arrays:
        kept = [each for each in arrays.files if each.startswith("correlation/")]
        assert len(kept) == len(study.config.arms) * (3 if few else 1)
        for each in kept:
            vector, matrix = arrays[each], study.correlation(*_named(each))
            assert vector.dtype == np.float32
            np.testing.assert_array_equal(squareform(vector), matrix - np.diag(np.diag(matrix)))
            row = study.networks.set_index(["arm", "network"]).loc[_named(each)]
            # the mean of |r| over all pairs, from single and from double precision
            assert np.abs(vector).mean(dtype=float) == pytest.approx(row["mean_abs_r"], abs=1e-7)


def _named(array: str) -> tuple[str, int]:
    arm, network = array.removeprefix("correlation/").rsplit("-", 1)
    return arm, int(network)


@pytest.mark.parametrize(
    "arm",
    ["batch_norm", *(pytest.param(a, marks=pytest.mark.slow) for a in ("vanilla", "dropout"))],
)
def test_every_stage_follows_from_the_published_weights(arm):
    """On any processor: the same answers, correlations, attacks and lesions, stage by stage."""
    study = published.load("mnist_5k")
    config, block = study.config, Block(arm, 0, 1)
    dataset, population = load_dataset(config.dataset), study.population(arm, 0)
    row = study.networks.query("arm == @arm and network == 0").iloc[0]
    loss, accuracy = models.evaluate(population, dataset.test)
    assert loss[0] == pytest.approx(row["test_loss"], rel=1e-4)
    assert abs(accuracy[0] - row["test_accuracy"]) * len(dataset.test) <= 1  # a tie may turn
    analysed = ANALYSIS.compute(config, block, population)
    r, kept = analysed.tensors["correlations"][0], study.correlation(arm, 0)
    np.testing.assert_allclose(r, kept, atol=1e-5)  # float32 activations, 1,000 images
    few = dataclasses.replace(config, epsilons=config.epsilons[::3])  # each is a climb of its own
    for stage, name in ((ATTACKS, "attacks"), (LESIONS, "lesions")):
        found = stage.compute(few, block, study.population(arm, 0)).tables[name].assign(arm=arm)
        keys = [column for column in found.columns if column != "accuracy"]
        both = found.merge(study.tables[name], on=keys, suffixes=("", "_kept"))
        assert len(both) == len(found)
        images = config.n_attacked if name == "attacks" else 1000
        # an image at the boundary may fall to the other side: three standard errors of the
        # difference of two shares that agree in all but one image in a hundred
        allowed = 3 * np.sqrt(0.01 / images) + 1 / images
        assert (both["accuracy"] - both["accuracy_kept"]).abs().max() <= allowed


@pytest.mark.parametrize("arm", ["vanilla", "batch_norm", "dropout"])
def test_training_starts_as_published(arm):
    """One network of the middle of its population, alone, on any processor: the first epochs."""
    study = published.load("mnist_5k")
    config = dataclasses.replace(study.config, n_epochs=3, checkpoints=())
    block = Block(arm, 13, 1)
    tables = TRAINING.compute(config, block, make_population(config, block)).tables
    kept = study.history.query("arm == @arm and network == 13 and epoch <= 3")
    np.testing.assert_allclose(tables["history"]["loss"], kept["loss"], rtol=0.01)
    spread = 4 * np.sqrt(0.25 / len(load_dataset("mnist_5k").train))  # of a share of 4,000
    np.testing.assert_allclose(tables["history"]["accuracy"], kept["accuracy"], atol=spread)


def test_a_ledger_by_an_older_protocol_is_made_again():
    kept = published.ledger_of(published.FROZEN[0]).set_index("claim")
    table = ledgers.published_ledger(published.FROZEN[0]).set_index("claim")
    assert (table["protocol"] == protocol.digest()[:12]).all()
    # BCa intervals and means are those that were published, p values are exact now
    pd.testing.assert_frame_equal(
        table[["effect", "low", "high"]], kept[["effect", "low", "high"]], check_exact=False
    )
    assert table.loc["BN-acc", "p"] == pytest.approx(2 / 2**20)
    assert table.loc["CL", "against"] == ""  # most correlations are not published


def test_the_wheel_carries_every_package_and_the_published_studies():
    root = Path(__file__).parents[2]
    setup = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {
        ".".join(file.parent.relative_to(root).parts)
        for room in ("funcnet_utils", "coursework")
        for file in (root / room).rglob("__init__.py")
    }
    tables = {"funcnet_utils.results": ["*.json", "*/*"], "funcnet_utils.benchmarks": ["*"]}
    assert set(setup["packages"]) == folders | set(tables)
    for package, kept in tables.items():
        assert root / setup["package-dir"][package] == published.HOME / package.partition(".")[2]
        assert setup["package-data"][package] == kept
