"""The answer on one page: what the primary run found for each claim, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from funcnet_utils.arms import ARMS
from funcnet_utils.models import fault_tolerance_table
from funcnet_utils.studies import published
from funcnet_utils.studies.claims import CLAIMS
from funcnet_utils.studies.ledgers import control_title, published_names, published_title

PAPER_EPOCHS = 100
"""Runs of fewer epochs are pilots, and no pilot answers."""
FEWEST = 9  # networks of each arm: 2 ** (1 - n), the least p of sign flips, survives 11 claims
CONTROLS = {
    "explained": "explains it",
    "holds": "the effect remains",
    "reversed": "the sign is the opposite",
    "undecided": "cannot tell",
}
SUBJECTS = {"batch_norm": "batch normalization …", "dropout": "dropout …"}
SHARES = ("test accuracy", "generalization gap", "robust accuracy")
UNITS = dict.fromkeys(SHARES, (100.0, 2, " points")) | {"loops": (1.0, 0, "")}
"""By measure: scale, digits and name of the unit."""


def answers() -> pd.DataFrame:
    """Return the answer of the primary run to each claim, and where the other runs stand.

    Returns
    -------
    DataFrame
        A row per claim: claim, words, page, figure, verdict, control, sentence; low, mid, high, the
        effect with its 95% interval in standard deviations, positive on the claimed side (NaN
        where the claim is no difference of arms); others, a list of (title, mid, verdict) of the
        published runs of at least as many epochs.
    """
    whole = {
        name: published.ledger_of(name).set_index("claim", drop=False).to_dict("index")
        for name in published_names()
        if published.config_of(name).n_epochs >= PAPER_EPOCHS
    }
    rows = []
    for name, row in whole.pop(published.PRIMARY).items():
        low, mid, high = _standardized(row)
        others = [
            (published_title(other), _standardized(theirs[name])[1], theirs[name]["verdict"])
            for other, theirs in whole.items()
            if name in theirs
        ]
        kept = {each: row[each] for each in ("claim", "page", "figure", "verdict", "control")}
        kept |= {"words": _words(str(name)), "sentence": sentence(row["claim"], row)}
        rows.append(kept | {"low": low, "mid": mid, "high": high, "others": others})
    return pd.DataFrame(rows)


def summary(rows: pd.DataFrame) -> str:
    """Return one paragraph about all answers: how many stand, of which run, and who agrees.

    Parameters
    ----------
    rows : DataFrame
        As `answers` returns it.
    """
    verdicts, runs = rows["verdict"], rows["others"].tolist()
    first = verdicts.str.partition(",")[0].value_counts()
    words = " and ".join(f"{count} {word}" for word, count in first.items())
    small, weak = (verdicts.str.endswith(end).sum() for end in ("negligible", "specific"))
    undone = rows["control"].isin(["explained", "reversed"]) & (verdicts == "supported")
    titles = {title for others in runs for title, _, _ in others}
    pairs = zip(verdicts, runs, strict=True)
    same = sum(all(said == mine for _, _, said in others) for mine, others in pairs)
    stand = ((verdicts == "supported") & (rows["control"] == "holds")).sum()
    return (
        f"In short, {stand} of {len(rows)} claims are supported with an effect that matters and "
        f"that no control takes away. The primary run ({published_title(published.PRIMARY)}) "
        f"finds {words} of {len(rows)} claims. Of those supported, {small} have an effect too "
        f"small to matter, {weak} {'is' if weak == 1 else 'are'} not specific, and in "
        f"{undone.sum()} others a control explains the effect or turns its sign. All "
        f"{len(titles)} other runs of {PAPER_EPOCHS} epochs give the same verdict on {same} of the "
        f"{len(rows)} claims."
    )


def first_line(own: pd.DataFrame) -> str:
    """Return what the primary run says of some claims, and where a page's run says otherwise.

    Parameters
    ----------
    own : DataFrame
        Rows of the page's ledger, as `funcnet_utils.studies.claims.ledger` returns it.
    """
    primary = published.ledger_of(published.PRIMARY).set_index("claim")
    mine = own.set_index("claim")["verdict"]
    said = [
        f"{sentence(row['claim'], row | {'control': ''})} So “{_words(row['claim'])}” is "
        f"{row['verdict']}."
        for row in primary.loc[list(mine.index)].reset_index().to_dict("records")
    ]
    other = mine[mine != primary["verdict"][mine.index]]
    also = ", ".join(f"“{_words(str(name))}” is {word}" for name, word in other.items())
    few = f", as no claim can be sure with fewer than {FEWEST} networks of each arm"
    also += few * bool(also and own["n"].min() < FEWEST)
    return f"On {published_title(published.PRIMARY)}: {' '.join(said)} This page's own run " + (
        f"differs: there {also}." if also else "says the same."
    )


def _words(name: str) -> str:
    """Return the words of a claim, with its subject."""
    return CLAIMS[name].words.replace("…", SUBJECTS.get(CLAIMS[name].arm, ""))


def fault_tolerance(density: float = 0.05) -> str:
    """Return what lesions of the primary run say of batch norm, with either clamp, in a sentence.

    Parameters
    ----------
    density : float, default=0.05
        Share of the pairs of units that are edges.
    """
    study = published.load(published.PRIMARY)
    local = study.measure("local_efficiency", density)
    table = fault_tolerance_table(study.lesions, study.graph_measures, density, "local_efficiency")
    table = table[table["strategy"] == "random"]
    wide = table.pivot(index=["clamp", "network"], columns="arm", values="relative_area")
    more = (wide["batch_norm"] > wide["vanilla"]).groupby("clamp").sum()
    lower, n = int((local["batch_norm"] < local["vanilla"]).sum()), len(local)
    return (
        f"On {published_title(published.PRIMARY)}, batch norm has the lower local efficiency in "
        f"{lower} of {n} pairs, and tolerates more silenced units in {more['mean']} of them when "
        f"they are set to their mean, but in {more['zero'] or 'none'} when they are set to 0. The "
        "answer depends on the clamp, so local efficiency is not fault tolerance."
    )


def sentence(name: str, row: Mapping[Any, Any]) -> str:
    """Return one plain sentence about a row of a ledger, with the effect and its 95% interval.

    Parameters
    ----------
    name : str
        The claim, such as "BN-eff".
    row : mapping
        Its row: effect, low, high, measure, control and against.
    """
    scale, digits, unit = UNITS.get(row["measure"], (1.0, 3, ""))
    lower = row["effect"] < 0
    ends = [row[each] * (-scale if lower else scale) for each in ("effect", "low", "high")]
    effect, low, high = (
        f"{end:.{digits}f}".replace("-", "−") for end in (ends[0], *sorted(ends[1:]))
    )
    interval = f"(95% interval {low} to {high})"
    if name == "CL":
        said = f"Clusters of diagrams match the arms with a Rand index of {effect} {interval}"
    elif name == "SW":
        said = f"σ exceeds 1 by {effect} in the arm where it does so least {interval}"
    else:
        way = "lower" if lower else "higher"
        way += ", the less certain of the two" if len(CLAIMS[name].samples) > 1 else ""
        arm = ARMS[CLAIMS[name].arm].title.capitalize()
        over = ", averaged over attack sizes," if row["measure"] == "robust accuracy" else ""
        said = f"{arm}: {row['measure']}{over} {way} by {effect}{unit} {interval}"
    if (word := row["control"]) in CONTROLS:
        said += f". Control ({control_title(row['against'])}): {CONTROLS[word]}"
    return f"{said}."


def _standardized(row: Mapping[Any, Any]) -> tuple[float, float, float]:
    """Return low end, effect and high end in pooled standard deviations, claimed side positive."""
    if not np.isfinite(row["hedges_g"]) or not row["effect"]:
        return np.nan, np.nan, np.nan
    scale = row["direction"] * row["hedges_g"] / row["effect"]
    low, high = sorted((scale * row["low"], scale * row["high"]))
    return low, scale * row["effect"], high
