"""The answer on one page: sentences from rows of a ledger, cards, and the README that quotes it."""

import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from funcnet_utils import stats
from funcnet_utils.plots import answer_cards
from funcnet_utils.studies import published
from funcnet_utils.studies.answers import (
    FEWEST,
    PAPER_EPOCHS,
    answers,
    fault_tolerance,
    first_line,
    sentence,
    summary,
)
from funcnet_utils.studies.claims import CLAIMS

ROW = {"measure": "test accuracy", "effect": 0.0028, "low": 0.0023, "high": 0.0034, "control": ""}


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        (
            "BN-acc",
            {"control": "holds", "against": "equal training loss"},
            "Batch norm: test accuracy higher by 0.28 points (95% interval 0.23 to 0.34). "
            "Control (equal training loss): the effect remains.",
        ),
        (
            "BN-ft",
            {"measure": "local efficiency", "effect": -0.05, "low": -0.064, "high": -0.039},
            "Batch norm: local efficiency lower by 0.050 (95% interval 0.039 to 0.064).",
        ),
        (
            "BN-loops",
            {"measure": "loops", "effect": 69.6, "low": -0.4, "high": 75.8},
            "Batch norm: loops higher by 70 (95% interval −0 to 76).",
        ),
        (
            "DO-spec",
            {"measure": "clustering and modularity", "effect": 0.17, "low": 0.15, "high": 0.18},
            "Dropout: clustering and modularity higher, the less certain of the two by 0.170 "
            "(95% interval 0.150 to 0.180).",
        ),
        (
            "CL",
            {"measure": "adjusted Rand index", "effect": 1, "low": 0.9, "high": 1},
            "Clusters of diagrams match the arms with a Rand index of 1.000 "
            "(95% interval 0.900 to 1.000).",
        ),
    ],
)
def test_a_row_becomes_one_sentence(name, changes, said):
    assert sentence(name, ROW | changes) == said


@pytest.fixture(scope="module")
def found():
    return answers()


def test_every_claim_is_answered_by_the_primary_run(found):
    assert not found["sentence"].str.contains("_").any()  # names of columns are no words
    ledger = published.ledger_of(published.PRIMARY)
    assert found["claim"].tolist() == list(CLAIMS) == ledger["claim"].tolist()
    assert found["verdict"].tolist() == ledger["verdict"].tolist()
    assert ledger["n_epochs"].unique().tolist() == [PAPER_EPOCHS], "no pilot answers"
    paired = found[found["claim"].str.match("BN|DO")]
    # the claimed side is positive, and the interval holds the effect
    assert ((paired["mid"] > 0) == paired["verdict"].str.startswith("supported")).all()
    assert ((paired["low"] <= paired["mid"]) & (paired["mid"] <= paired["high"])).all()
    for others in found["others"]:
        assert not any(f" {epochs} epochs" in title for title, _, _ in others for epochs in (2, 30))


def test_cards_show_words_and_places(found):
    cards = answer_cards(found)
    assert cards.count("<li ") == len(found)
    assert cards.count("<svg ") == int(found["mid"].notna().sum())
    for row in found.itertuples():
        assert f'href="../notebooks/{row.page}.html#{row.figure}"' in cards
    one = found.head(1).assign(low=-1.0, mid=0.0, high=1.0, others=[[("a", math.inf, "supported")]])
    (x,) = re.findall(r'<circle cx="([\d.]+)"', answer_cards(one))
    assert float(x) == 150  # the middle of the strip
    assert 'class="other"' not in answer_cards(one)


def test_summary_counts(found):
    row = found.iloc[0].to_dict() | {"verdict": "supported"}
    same, other = [("run", 1.0, "supported")], [("run", 1.0, "contradicted")]
    two = [
        row | {"others": same, "control": "holds"},
        row | {"others": other, "control": "reversed"},
    ]
    said = summary(pd.DataFrame(two))
    assert said.startswith("In short, 1 of 2 claims are supported with an effect that matters")
    assert "finds 2 supported of 2 claims. Of those supported, 0 have" in said
    assert (
        "and in 1 others a control explains the effect or turns its sign. All 1 other runs" in said
    )
    assert said.endswith("give the same verdict on 1 of the 2 claims.")


def test_readme_and_first_page_say_the_same(found):
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert summary(found) in readme, (
        f"the published runs changed; README should say: {summary(found)}"
    )


def test_the_first_line_of_a_chapter_says_where_its_own_run_disagrees():
    own = published.ledger_of(published.PRIMARY).query("claim in ['BN-rob', 'DO-rob']").copy()
    said = first_line(own)
    assert said.startswith("On MNIST, 100-50, 100 epochs: ")
    assert said.count("robust accuracy, averaged over attack sizes, higher by") == 2
    assert said.endswith("This page's own run says the same.")
    own.loc[own["claim"] == "DO-rob", "verdict"] = "inconclusive"
    differs = "differs: there “dropout … and robustness of models” is inconclusive"
    assert first_line(own).endswith(f"{differs}.")
    assert first_line(own.assign(n=5)).endswith(
        f"{differs}, as no claim can be sure with fewer than 9 networks of each arm."
    )


@pytest.mark.parametrize(("n", "sure"), [(8, False), (9, True)])
def test_so_many_networks_make_a_claim_sure(n, sure):
    effects = [stats.paired_effect(np.arange(n) + 1.0, np.zeros(n), 0) for _ in CLAIMS]
    words = {
        stats.verdict(effect, p, 1)
        for effect, p in zip(effects, stats.holm([each.p for each in effects]), strict=True)
    }
    assert words == {"supported" if sure else "inconclusive"}
    assert (n >= FEWEST) == sure


def test_the_sentence_on_fault_tolerance_follows_from_the_tables():
    study = published.load(published.PRIMARY)
    lesions = study.lesions.query("strategy == 'random' and arm in ['vanilla', 'batch_norm']")
    curves = lesions.groupby(["clamp", "network", "arm", "share"])["accuracy"].mean().unstack()
    heights = (curves.iloc[:, 1:].to_numpy() + curves.iloc[:, :-1].to_numpy()) / 2
    areas = (heights * np.diff(curves.columns)).sum(1) / curves.iloc[:, 0]
    wide = areas.unstack("arm")
    more = (wide["batch_norm"] > wide["vanilla"]).groupby("clamp").sum()
    local = study.measure("local_efficiency", 0.05)
    lower = (local["batch_norm"] < local["vanilla"]).sum()
    said = fault_tolerance()
    assert f"lower local efficiency in {lower} of 20 pairs" in said
    assert f"units in {more['mean']} of them" in said
    assert f"but in {more['zero'] or 'none'} when" in said
    assert more["zero"] < 10 < more["mean"]  # or the last sentence would be false
