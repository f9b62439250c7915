"""Ledgers as tables and sentences, of a page's own study and of those published."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from pandas.io.formats.style import Styler

from funcnet_utils import stats
from funcnet_utils.stats import Effect, Mediation
from funcnet_utils.studies import matched, protocol, published
from funcnet_utils.studies.claims import CLAIMS, ledger, parts_of
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.study import Study

TITLES = {
    "mnist_5k": "MNIST (5,000 digits)",
    "digits": "digits",
    "mnist": "MNIST",
    "fashion_mnist": "Fashion-MNIST",
    "cifar10": "CIFAR-10",
    "cifar10_jpeg": "CIFAR-10 (JPEG copy)",
}
QUANTITIES = {"mean_abs_r": "mean |r|", "sd_abs_r": "spread of |r|"}


def control_title(against: str) -> str:
    """Return what a row of a ledger was compared with, in words."""
    kind, colon, name = against.partition(": ")
    return kind + colon + QUANTITIES.get(name, name.replace("_", " "))


def dataset_title(name: str) -> str:
    """Return what people call a data set; a name without a title is returned as it is."""
    return TITLES.get(name, name)


def run_title(config: StudyConfig) -> str:
    """Return data set, hidden layers and epochs of a study, in a few words."""
    name = dataset_title(config.dataset)
    seed = f", seed {config.seed}" if config.seed else ""
    return f"{name}, {'-'.join(map(str, config.hidden))}, {config.n_epochs} epochs{seed}"


def published_title(name: str) -> str:
    """Return the title of a published study; a frozen one says so."""
    frozen = ", frozen" if name in published.FROZEN else ""
    return run_title(published.config_of(name)) + frozen


def published_names(study: Study | None = None) -> list[str]:
    """Return the names of the published studies of trained networks.

    Parameters
    ----------
    study : Study, optional
        The study of a page; a published study of the same configuration is left out.
    """
    mine = study and study.config
    order = [published.PRIMARY, *published.RUNS]
    trained = [name for name in published.names() if not name.endswith(published.UNTRAINED)]
    trained.sort(key=lambda name: order.index(name) if name in order else len(order))
    return [name for name in trained if published.config_of(name) != mine]


def published_ledgers(study: Study, names: list[str] | None = None) -> pd.DataFrame:
    """Return the ledgers of all published studies but that of a page.

    Parameters
    ----------
    study : Study
        The study of the page.
    names : list of str, optional
        Claims to keep, by default all.

    Returns
    -------
    DataFrame
        As `funcnet_utils.studies.claims.ledger`, with a column title: data set, hidden
        layers, epochs.
    """
    others = published_names(study)
    parts = [published_ledger(name).assign(title=published_title(name)) for name in others]
    table = pd.concat(parts, ignore_index=True)
    return table[table["claim"].isin(names or CLAIMS)]


@functools.cache
def published_ledger(name: str) -> pd.DataFrame:
    """Return the ledger of a published study, made again if it is by an older protocol."""
    kept = published.ledger_of(name)
    same = [digest[:12] for digest in protocol.digests_of_same_words()]
    current = "protocol" in kept and kept["protocol"].isin(same).all()
    return kept if current else ledger(published.load(name))


def all_runs(study: Study, names: list[str] | None = None) -> pd.DataFrame:
    """Return the ledger of a page's study above those of all published studies.

    Parameters
    ----------
    study, names
        As in `published_ledgers`.

    Returns
    -------
    DataFrame
        As `published_ledgers`, with a column run: "this page" or "published".
    """
    title = f"{run_title(study.config)}, this page"
    mine = ledger(study, names).assign(title=title, run="this page")
    others = published_ledgers(study, names).assign(run="published")
    return pd.concat([mine, others], ignore_index=True)


def ledger_table(table: pd.DataFrame, uid: str, *, links: bool = False) -> Styler:
    """Return rows of a ledger as a table for readers.

    Parameters
    ----------
    table : DataFrame
        As `all_runs` or `funcnet_utils.studies.claims.ledger` returns it.
    uid : str
        Identifier of the table, one in the book.
    links : bool, default=False
        Link each claim to its figure.
    """
    claim = '<a href="{page}.html#{figure}">{claim}</a>' if links else "{claim}"
    shown = []
    for row in table.to_dict("records"):
        needs = row["n_needed"]
        settle = "" if np.isnan(needs) else f"<br>(n = {needs:.0f} would settle it)"
        left = _span(row, "left", "left_"), control_title(row["against"])
        parts = row["parts"].replace("_", " ")
        registered = f'<span class="registered">{row["registered"]}</span>'
        cells = {
            "claim": claim.format_map(row),
            "verdict; registered": f"{row['verdict']}{settle}<br>{registered}",
            "control": f"{row['control']}; {parts}".strip("; ").replace("; ", "<br>"),
            "run": row.get("title", ""),
            "effect (95% interval), p": f"{_span(row, 'effect', '')}<br>p = {row['p_holm']:.1g}",
            "left (95% interval)": "<br>".join(filter(None, left)),
            "A/A": row["aa"],
        }
        shown.append(cells)
    empty = [name for name in ("run", "A/A") if not any(row[name] for row in shown)]
    return pd.DataFrame(shown).drop(columns=empty).style.hide(axis="index").set_uuid(uid)


def _span(row: Mapping[Any, Any], mean: str, prefix: str) -> str:
    middle, low, high = row[mean], row[f"{prefix}low"], row[f"{prefix}high"]
    return "" if np.isnan(middle) else f"{middle:+.3f}<br>({low:+.3f} to {high:+.3f})"


def interval(effect: Effect | Mediation, mean: str = "mean") -> str:
    """Return an effect with its 95% interval as text.

    Parameters
    ----------
    effect : Effect or Mediation
        What `funcnet_utils.stats` returned.
    mean : str, default="mean"
        Field of the effect itself; "indirect" of a mediation.
    """
    return f"{getattr(effect, mean):+.3f} (95% interval {effect.low:+.3f} to {effect.high:+.3f})"


def same_before_training(untrained: Study) -> str:
    """Return "exactly 0" if no arm of an untrained study differs from another in anything claimed.

    Parameters
    ----------
    untrained : Study
        A study without training, with attacks.
    """
    tables = [table for claim in CLAIMS.values() for table in claim.values(untrained)]
    same = all((table.nunique(axis=1) == 1).all() for table in tables)
    return "exactly 0" if same else "NOT 0"


def controls_table(study: Study) -> pd.DataFrame:
    """Return what every control leaves of every part of a claim, the primary ones first.

    Parameters
    ----------
    study : Study
        As for `funcnet_utils.studies.claims.ledger`.

    Returns
    -------
    DataFrame
        Columns claim, part, effect, against, left, left_low, left_high, noise, control (the word,
        whether or not the effect is sure).
    """
    rows = []
    for claim in CLAIMS.values():
        for part in parts_of(claim, study):
            row = {"claim": claim.name, "part": part.name, "effect": part.effect.mean}
            for kind, left in part.lefts.items():
                word = stats.control_word(part.differences, left[0])
                rows.append(row | matched.left_of({kind: left}) | {"control": word})
    return pd.DataFrame(rows)


BY = (
    ("BN-eff", "test_accuracy", 1, ("global_efficiency",)),
    ("BN-loops", "test_accuracy", 1, ("loops",)),
    ("BN-ft", "robust_area", 1, ("local_efficiency",)),
    ("DO-spec", "generalization_gap", -1, ("clustering", "modularity")),
    ("DO-spec", "robust_area", 1, ("clustering", "modularity")),
    ("DO-ft", "generalization_gap", -1, ("local_efficiency",)),
    ("DO-ft", "robust_area", 1, ("local_efficiency",)),
)
"""Claim, what it is said to bring, claimed sign of their association, and measures."""


def associations(study: Study) -> pd.DataFrame:
    """Return whether measures predict what the paper says they bring: a row per "by" and group.

    Parameters
    ----------
    study : Study
        A study with attacks and at least 4 networks per arm.

    Returns
    -------
    DataFrame
        Columns claim, measure, outcome, direction, where (an arm, or "pairs": differences from
        vanilla), rho (Spearman's), low, high, p, p_bh (over the table), n, least (the smallest rho
        that n networks find with a probability of 80%), word: "associated as claimed", "associated
        against the claim" or "no association found".

    References
    ----------
    Fieller, Hartley, Pearson (1957), doi:10.1093/biomet/44.3-4.470, for the error of rho.
    """
    rows = []
    for name, outcome, sign, measures in BY:
        arm, config = CLAIMS[name].arm, study.config
        for measure in measures if {arm, "vanilla"} <= set(config.arms) else ():
            x, y = (matched.sample(study, each) for each in (measure, outcome))
            groups = {each: (x[each], y[each]) for each in ("vanilla", arm)}
            groups["pairs"] = x[arm] - x["vanilla"], y[arm] - y["vanilla"]
            for where, pair in groups.items():
                found = vars(stats.rank_correlation(*pair, config.seed))
                about = {"claim": name, "measure": measure, "outcome": outcome}
                rows.append(about | {"direction": sign, "where": where} | found)
    table = pd.DataFrame(rows)
    table["p_bh"] = stats.benjamini_hochberg(table["p"])
    table["least"] = [stats.smallest_rho(n) for n in table["n"]]
    sure = (table["p_bh"] < stats.ALPHA) & (table["low"] * table["high"] > 0)
    claimed = table["rho"] * table["direction"] > 0
    words = ["associated as claimed", "associated against the claim"]
    return table.assign(word=np.select([sure & claimed, sure], words, "no association found"))
