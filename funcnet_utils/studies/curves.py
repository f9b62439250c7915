"""Specification curves: the effects of one claim along many paths, judged together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import t

from funcnet_utils import stats
from funcnet_utils.errors import check_choice
from funcnet_utils.stats.resampling import ALPHA, flips, percentiles
from funcnet_utils.studies.paths import LISTS
from funcnet_utils.studies.store import HOME

N_FLIPS = 2**12
ROBUST, FRAGILE, DECIDES = 0.95, 0.5, 0.1
"""Shares of paths, and of the variance of their effects, from which on the words change."""


def least_effect(n: int) -> float:
    """Return the effect from which on the 95% t interval of the mean of n pairs lies above 0.

    Parameters
    ----------
    n : int
        Pairs.

    Examples
    --------
    >>> round(least_effect(10), 3)
    0.602
    """
    quantile = t.ppf(1 - ALPHA / 2, n - 1)
    return float(quantile / np.sqrt(quantile**2 + n - 1))


def effects(pairs: np.ndarray) -> np.ndarray:
    """Return the mean of pairs in units of their root mean square.

    Parameters
    ----------
    pairs : ndarray, shape (..., n)
        Differences.

    Returns
    -------
    ndarray, shape (...), in [-1, 1]
        1 or -1 if all differences are equal; 0 if they are 0 or one is not defined.

    Examples
    --------
    >>> effects(np.array([[2.0, 2.0], [1.0, -1.0], [1.0, np.nan]])).tolist()
    [1.0, 0.0, 0.0]
    """
    pairs = _defined(pairs)
    size = np.sqrt((pairs**2).mean(axis=-1))
    return np.divide(pairs.mean(axis=-1), size, out=np.zeros_like(size), where=size > 0)


def _defined(pairs: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(pairs).any(axis=-1, keepdims=True), 0, pairs)


def judged(pairs: np.ndarray) -> pd.DataFrame:
    """Return what each path says of a claim.

    Parameters
    ----------
    pairs : ndarray, shape (n_parts, n_paths, n)
        Differences, above 0 where they speak for the claim, by part.

    Returns
    -------
    DataFrame
        A row per path: effect, of the part that speaks least for the claim; p, the largest exact
        sign-flip p value of the parts; supports, whether the 95% t interval of every part lies
        above 0 and every p is below .05.
    """
    found = effects(pairs)
    p = np.array([[stats.sign_flip_p(d, 0) for d in part] for part in _defined(pairs)])
    table = pd.DataFrame({"effect": found.min(axis=0), "p": p.max(axis=0)})
    sure = (table["effect"] > least_effect(pairs.shape[-1])) & (table["p"] < ALPHA)
    return table.assign(supports=sure)


def shares_by_chance(pairs: np.ndarray) -> np.ndarray:
    """Return the share of paths that support a claim if the sign of every pair were a toss.

    A flip turns a pair along all paths at once, so that paths stay as alike as they are.

    Parameters
    ----------
    pairs : ndarray, shape (n_parts, n_paths, n)
        As for `judged`.

    Returns
    -------
    ndarray, shape (n_flips,)
        The share without a flip first; over all 2**n flips for n <= 12, else over 4,096 of them,
        which then also stand for all others in the p value of each.

    References
    ----------
    Simonsohn, Simmons, Nelson (2020), doi:10.1038/s41562-020-0912-z.
    """
    signs = flips(pairs.shape[-1], 0, N_FLIPS)
    rank = int(np.ceil(ALPHA * len(signs)))
    supported = np.ones((pairs.shape[1], len(signs)), bool)
    for part in _defined(pairs):
        size = np.sqrt((part**2).mean(axis=1))[:, None]
        turned = part @ signs.T / part.shape[1] / np.where(size > 0, size, 1)
        bound = np.sort(np.abs(turned), axis=1)[:, [-rank]]
        supported &= (turned > least_effect(part.shape[1])) & (np.abs(turned) > bound + 1e-9)
    return supported.mean(axis=0)


def deciding(table: pd.DataFrame, choices: Sequence[str]) -> pd.Series:
    """Return which share of the variance of effects choices account for, alone and jointly.

    Parameters
    ----------
    table : DataFrame
        A row per path: effect, and a column per choice.
    choices : sequence of str
        Choices.

    Returns
    -------
    Series
        joint, what a sum of one term per level of each choice leaves unexplained; then by choice,
        how much less the sum explains without it, largest first. In [0, 1]; they add up to 1 if all
        combinations of levels are there. All are 0 if effects do not vary.
    """
    effect = (table["effect"] - table["effect"].mean()).to_numpy()
    total = (effect**2).sum() or 1.0

    def explained(names: Sequence[str]) -> float:
        terms = pd.get_dummies(table[[*names]].astype(str)).to_numpy(float)
        terms = np.c_[np.ones(len(table)), terms]
        rest = effect - terms @ np.linalg.lstsq(terms, effect)[0]
        return 1 - (rest**2).sum() / total

    whole = explained(choices)
    alone = {name: whole - explained([c for c in choices if c != name]) for name in choices}
    ordered = pd.Series(alone).clip(0).sort_values(ascending=False, kind="stable")
    return pd.concat([pd.Series({"joint": 1 - whole}), ordered])


def word_of(share: float, opposite: float, by_chance: float) -> str:
    """Return the word of a multiverse, by the rule of the protocol.

    Parameters
    ----------
    share, opposite : float
        Shares of paths that support the claim, and its opposite.
    by_chance : float
        Upper end of the interval of the share under A/A.

    Examples
    --------
    >>> word_of(0.97, 0, 0.1), word_of(0.3, 0, 0.1), word_of(0.05, 0.2, 0.1)
    ('robust', 'fragile', 'not supported')
    """
    if opposite >= FRAGILE:
        return "contradicted"
    if share <= by_chance:
        return "not supported"
    if share >= ROBUST:
        return "robust"
    return "fragile" if share < FRAGILE else "depends on choices"


def tables(
    claim: str, listed: pd.DataFrame, pairs: np.ndarray, aa: np.ndarray
) -> tuple[pd.DataFrame, dict[str, object]]:
    """Return the rows of a claim by path, and its row in the table of claims.

    Parameters
    ----------
    claim : str
        Name of the claim.
    listed : DataFrame
        Its paths, the registered one first.
    pairs, aa : ndarray, shape (n_parts, n_paths, n)
        Differences, above 0 where they speak for the claim, of the arm and of A/A.

    Returns
    -------
    by_path : DataFrame
        claim, the choices, effect, p and supports of `judged`; aa and aa_supports, the same of A/A.
    by_claim : dict
        claim, pairs, paths, share and opposite (shares of paths that support the claim, and its
        opposite); aa, aa_low, aa_high (the share under A/A, and 95% of `shares_by_chance`); word;
        registered_effect, registered_p, registered_supports; joint, and by choice the share of
        variance of `deciding`.
    """
    own, null = judged(pairs), judged(aa)
    named = {"aa": null["effect"], "aa_supports": null["supports"].astype(int)}
    by_path = pd.concat([own.astype({"supports": int}).assign(**named), listed], axis=1)
    by_path.insert(0, "claim", claim)
    share, opposite = own["supports"].mean(), judged(-pairs)["supports"].mean()
    low, high = percentiles(shares_by_chance(aa))
    row = {"claim": claim, "pairs": pairs.shape[-1], "paths": len(listed)}
    row |= {"share": share, "opposite": opposite, "aa": null["supports"].mean()}
    row |= {"aa_low": low, "aa_high": high, "word": word_of(share, opposite, high)}
    row |= {f"registered_{name}": value for name, value in own.iloc[0].items()}
    return by_path, row | dict(deciding(by_path, [*listed]))


def told(claim: str) -> str:
    """Return what the published multiverse says of a claim, in a few lines.

    Parameters
    ----------
    claim : str
        A name of `funcnet_utils.studies.paths.LISTS`.
    """
    table = pd.read_csv(HOME / "benchmarks" / "multiverse_claims.csv").set_index("claim")
    check_choice("claim", claim, table.index)
    row, levels = table.to_dict("index")[claim], {n: each[0] for n, each in LISTS[claim].items()}
    order = sorted(levels, key=lambda name: -row[name])
    verb = "supports" if row["registered_supports"] else "does not support"
    lines = (
        f"{claim}: {row['word']}",
        f"{row['paths']} paths, {row['share']:.1%} support the claim, {row['opposite']:.1%} its "
        "opposite",
        f"A/A, no effect: {row['aa']:.1%}; by chance {row['aa_low']:.1%} to {row['aa_high']:.1%}",
        "variance of effects by choice: "
        + ", ".join(f"{name} {row[name]:.0%}" for name in order)
        + f"; jointly {row['joint']:.0%}",
        f"the registered path {verb} it, effect {row['registered_effect']:+.2f}, p "
        f"{row['registered_p']:.2g}: "
        + ", ".join(f"{name} {level}" for name, level in levels.items()),
    )
    return "\n".join(lines)
