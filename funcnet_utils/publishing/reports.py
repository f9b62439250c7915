"""What the chapters on experiments share: ledgers as tables and sentences, published results."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas.io.formats.style import Styler

from funcnet_utils import plots, published
from funcnet_utils.arms import ARMS
from funcnet_utils.claims import ledger, robust_area
from funcnet_utils.plots import COLORS, REFERENCE, name_arms
from funcnet_utils.publishing import pages
from funcnet_utils.stats import Effect, Mediation
from funcnet_utils.study import Study

CLAIMED_MEASURES = ("global_efficiency", "local_efficiency", "clustering", "modularity", "sigma")

MARKS = {
    "supported": ("o", "#0072B2"),
    "contradicted": ("X", "#D55E00"),
    "explained away": ("D", "#CC79A7"),
    "inconclusive": ("s", "#777777"),
}
DATASETS = {
    "mnist_5k": "MNIST, 5,000 digits",
    "digits": "digits",
    "mnist": "MNIST",
    "fashion_mnist": "Fashion-MNIST",
    "cifar10": "CIFAR-10",
    "cifar10_jpeg": "CIFAR-10 (JPEG copy)",
}


def published_names() -> list[str]:
    """Return the names of the published studies of trained networks."""
    return [name for name in published.names() if not name.endswith(published.UNTRAINED)]


def all_runs(study: Study, names: list[str] | None = None) -> pd.DataFrame:
    """Return the ledger of this page's study above those of all published runs.

    Parameters
    ----------
    study : Study
        The study of the page; a published study of the same configuration is left out.
    names : list of str, optional
        Claims to keep, by default all.

    Returns
    -------
    DataFrame
        As `funcnet_utils.claims.ledger`, with a column run: "this page" or "published", and a
        column title: data set, hidden layers, epochs.
    """
    parts = [ledger(study, names).assign(run="this page")]
    for name in published_names():
        if published.load(name).config != study.config:
            kept = published.ledger_of(name)
            kept = kept if names is None else kept[kept["claim"].isin(names)]
            parts.append(kept.assign(run="published"))
    table = pd.concat(parts, ignore_index=True)
    table["title"] = [
        f"{DATASETS.get(row['dataset'], row['dataset'])}, {row['hidden']}, "
        f"{row['n_epochs']} epochs" + (", this page" if row["run"] == "this page" else "")
        for _, row in table.iterrows()
    ]
    return table


def ledger_table(table: pd.DataFrame, uid: str, *, links: bool = False) -> Styler:
    """Return rows of a ledger as a table for readers.

    Parameters
    ----------
    table : DataFrame
        As `all_runs` or `funcnet_utils.claims.ledger` returns it.
    uid : str
        Identifier of the table, one in the book.
    links : bool, default=False
        Link each claim to its figure.
    """
    name = "{claim}"
    if links:
        name = '<a href="{page}.html#{figure}">{claim}</a>'
    shown = pd.DataFrame(
        {
            "claim": [name.format_map(row) for _, row in table.iterrows()],
            "measure": table["measure"],
            **({"run": table["title"]} if "title" in table else {}),
            "effect": table["effect"].map("{:+.3f}".format),
            "95 % interval": [
                f"{low:+.3f} to {high:+.3f}"
                for low, high in zip(table["low"], table["high"], strict=True)
            ],
            "p (Holm)": table["p_holm"].map("{:.1g}".format),
            "left": [
                "" if np.isnan(left) else f"{left:+.3f} ({low:+.3f} to {high:+.3f})"
                for left, low, high in zip(
                    table["left"], table["left_low"], table["left_high"], strict=True
                )
            ],
            "densities": table["densities"],
            "verdict": table["verdict"],
        }
    )
    return shown.style.hide(axis="index").set_uuid(uid)


def plot_verdicts(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the verdicts of several runs as a grid, told by mark, word and colour.

    Parameters
    ----------
    table : DataFrame
        As `all_runs` returns it.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        A row a claim, a column a run.
    """
    ax = ax or plt.gca()
    claims, runs = (list(dict.fromkeys(table[column])) for column in ("claim", "title"))
    for _, row in table.iterrows():
        x, y = runs.index(row["title"]), claims.index(row["claim"])
        marker, color = MARKS[row["verdict"]]
        ax.plot(x - 0.35, y, marker, color=color, markersize=8)
        ax.text(x - 0.27, y, row["verdict"], va="center", fontsize="small")
    ax.set_xticks(range(len(runs)), [run.replace(", ", "\n") for run in runs], fontsize="small")
    ax.set_yticks(range(len(claims)), claims)
    ax.set(xlim=(-0.5, len(runs) - 0.4), ylim=(len(claims) - 0.5, -0.5))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def interval(effect: Effect | Mediation, mean: str = "mean") -> str:
    """Return an effect with its 95 % interval as text.

    Parameters
    ----------
    effect : Effect or Mediation
        What `funcnet_utils.stats` returned.
    mean : str, default="mean"
        Field of the effect itself; "indirect" of a mediation.
    """
    return f"{getattr(effect, mean):+.3f} (95 % interval {effect.low:+.3f} to {effect.high:+.3f})"


def glue_ledger(table: pd.DataFrame, prefix: str) -> None:
    """Make each row of a ledger available to the text, as "bn-BN-eff" for the prefix "bn".

    Parameters
    ----------
    table : DataFrame
        As `funcnet_utils.claims.ledger` returns it.
    prefix : str
        Of this page.
    """
    for _, row in table.iterrows():
        pages.glue_value(
            f"{prefix}-{row['claim']}",
            f"{row['effect']:+.3f} (95 % interval {row['low']:+.3f} to {row['high']:+.3f}, "
            f"Holm p = {row['p_holm']:.1g}): {row['verdict']}",
        )


def same_before_training(untrained: Study) -> str:
    """Return "exactly 0" if no arm of an untrained study differs from another in anything claimed.

    Parameters
    ----------
    untrained : Study
        A study without training.
    """
    tables = [
        untrained.network_measure("test_accuracy"),
        untrained.network_measure("generalization_gap"),
        *(untrained.measure(name) for name in CLAIMED_MEASURES),
        untrained.loop_measure("count"),
        robust_area(untrained),
    ]
    same = all((table.nunique(axis=1) == 1).all() for table in tables)
    return "exactly 0" if same else "NOT 0"


def plot_ledger(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw paired effects in pooled standard deviations, claimed direction to the right.

    Parameters
    ----------
    table : DataFrame
        Rows of a ledger with a finite Hedges g.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
        A row each, from top to bottom; the mark tells the verdict.
    """
    ax = ax or plt.gca()
    rows = table[np.isfinite(table["hedges_g"])].iloc[::-1]
    for place, (_, row) in enumerate(rows.iterrows()):
        scale = row["hedges_g"] / row["effect"] * row["direction"] if row["effect"] else 0.0
        marker, color = MARKS[row["verdict"]]
        ends = sorted((row["low"] * scale, row["high"] * scale))
        ax.plot(ends, [place, place], color=color, linewidth=2)
        ax.plot(row["effect"] * scale, place, marker, color=color, markersize=8)
    ax.axvline(0, **REFERENCE)
    names = [f"{row['claim']}: {row['measure']}" for _, row in rows.iterrows()]
    ax.set_yticks(range(len(rows)), names)
    ax.set(xlabel="effect in the claimed direction, in standard deviations (Hedges g)")
    present = [verdict for verdict in MARKS if verdict in set(rows["verdict"])]
    handles = [
        plt.Line2D([], [], marker=MARKS[v][0], color=MARKS[v][1], linestyle="", label=v)
        for v in present
    ]
    ax.legend(handles=handles, frameon=False, loc="upper left", bbox_to_anchor=(0, -0.18), ncols=4)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def plot_panels(tables: dict[str, pd.DataFrame]) -> Figure:
    """Draw measures side by side, every network as a dot in the column of its arm.

    Parameters
    ----------
    tables : dict of str to DataFrame
        Name of each measure, and its table with a row a network and a column an arm.
    """
    wide = 5.5 if len(tables) == 1 else 8.5
    fig, axes = plt.subplots(1, len(tables), figsize=(wide, 3.2), squeeze=False)
    for (name, table), ax in zip(tables.items(), axes.flat, strict=True):
        plots.plot_arms(table, name, ax=ax)
    return fig


def plot_strength(study: Study, arm: str, measure: str) -> Figure:
    """Draw mean ``|r|`` of every network, and how differences of a measure go with it.

    Parameters
    ----------
    study : Study
        A study with vanilla networks.
    arm : str
        The arm that is compared with vanilla.
    measure : str
        A graph measure.
    """
    strength, values = study.network_measure("mean_abs_r"), study.measure(measure)
    fig, axes = plt.subplots(1, 2, figsize=(8.5, 3.2))
    plots.plot_arms(strength, "mean |r|", ax=axes[0])
    axes[1].plot(
        strength[arm] - strength["vanilla"],
        values[arm] - values["vanilla"],
        "o",
        color=COLORS[arm],
        label=f"a pair: {ARMS[arm].title} minus vanilla",
    )
    axes[1].axhline(0, **REFERENCE)
    axes[1].axvline(0, **REFERENCE)
    axes[1].set(
        xlabel="difference in mean |r|", ylabel=f"difference in {measure.replace('_', ' ')}"
    )
    axes[1].legend(frameon=False, fontsize="small")
    sns.despine(fig)
    return fig


def plot_attacks(study: Study, attacks: dict[str, str]) -> Figure:
    """Draw accuracy against epsilon, a panel an attack.

    Parameters
    ----------
    study : Study
        Its networks are attacked now, if they were not before.
    attacks : dict of str to str
        Attacks of `funcnet_utils.robustness.attack_table`, and their titles.
    """
    wide = 6.0 if len(attacks) == 1 else 8.5
    fig, axes = plt.subplots(1, len(attacks), figsize=(wide, 3.2), sharey=True, squeeze=False)
    for (attack, name), ax in zip(attacks.items(), axes.flat, strict=True):
        _curves(study.attacks[study.attacks["attack"] == attack], "epsilon", ax)
        ax.set(xlabel="largest change of a pixel, ε", ylabel="accuracy", title=name)
    return fig


def plot_lesions(study: Study, lesions: dict[tuple[str, str], str]) -> Figure:
    """Draw accuracy against the share of silent units, a panel a kind of lesion.

    Parameters
    ----------
    study : Study
        Its networks are lesioned now, if they were not before.
    lesions : dict of (str, str) to str
        Strategy and clamp, as in `funcnet_utils.robustness.lesion_table`, and their titles.
    """
    fig, axes = plt.subplots(1, len(lesions), figsize=(8.5, 3.2), sharey=True)
    table = study.lesions
    for ((strategy, clamp), name), ax in zip(lesions.items(), axes, strict=True):
        chosen = (table["strategy"] == strategy) & (table["clamp"] == clamp)
        _curves(table[chosen], "share", ax)
        ax.set(xlabel="share of hidden units that are silent", ylabel="accuracy", title=name)
    return fig


def _curves(table: pd.DataFrame, x: str, ax: Axes) -> None:
    sns.lineplot(
        table,
        x=x,
        y="accuracy",
        hue="arm",
        style="arm",
        markers=True,
        dashes=False,
        errorbar="sd",
        palette=COLORS,
        ax=ax,
    )
    ax.set_ylim(0, 1.02)
    name_arms(ax)
    sns.despine(ax=ax)
