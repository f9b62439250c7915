"""What attacks and lesions share: images spread over a split, and areas under accuracy."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import numpy as np
import pandas as pd

from funcnet_utils.datasets import Split


def spread(split: Split, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return images spread evenly over a split, which may be sorted by class, and their labels."""
    chosen = np.linspace(0, len(split) - 1, min(count, len(split))).round().astype(int)
    return split.images[chosen], split.labels[chosen]


def tidy(accuracy: np.ndarray, **levels: Iterable[Hashable]) -> pd.DataFrame:
    """Return accuracies as rows, one for each combination of levels, of which the last runs."""
    if len({*levels["network"]}) < len([*levels["network"]]):
        raise ValueError("two networks have one number: give each its own, number=k of classifier.")
    index = pd.MultiIndex.from_product(list(levels.values()), names=list(levels))
    return pd.DataFrame({"accuracy": accuracy.ravel()}, index=index).reset_index()


def attack_auc(table: pd.DataFrame) -> pd.DataFrame:
    """Return the area under the accuracy of each network and attack, over epsilon.

    Parameters
    ----------
    table : DataFrame
        As `attack_table` returns it; other columns, such as the arm, are kept apart.

    Returns
    -------
    DataFrame
        Columns network, attack (and the others) and area: the trapezoid rule, divided by the range
        of epsilon, so in [0, 1]; 1 is never wrong at any epsilon.

    Examples
    --------
    >>> table = pd.DataFrame({"network": 0, "attack": "pgd", "epsilon": [0, 0.1, 0.3],
    ...                       "accuracy": [1.0, 0.5, 0.0]})
    >>> attack_auc(table)["area"].round(6).tolist()
    [0.416667]
    """
    return _areas(table, "epsilon")


def lesion_auc(table: pd.DataFrame) -> pd.DataFrame:
    """Return the area under the accuracy of each network and lesion, over the share.

    Parameters
    ----------
    table : DataFrame
        As `lesion_table` returns it; other columns, such as the arm, are kept apart.

    Returns
    -------
    DataFrame
        Columns network, strategy, clamp (and the others) and area, as in `attack_auc`.

    Examples
    --------
    >>> table = pd.DataFrame({"network": 0, "strategy": "random", "clamp": "zero",
    ...                       "share": [0, 0.5, 1], "accuracy": [1.0, 0.75, 0.0]})
    >>> lesion_auc(table)["area"].tolist()
    [0.625]
    """
    return _areas(table, "share")


def fault_tolerance_table(
    lesions: pd.DataFrame, measures: pd.DataFrame, density: float, measure: str = "local_efficiency"
) -> pd.DataFrame:
    """Return the area of each lesion beside a measure of the same network, ready for a scatter.

    Parameters
    ----------
    lesions : DataFrame
        As `lesion_table` returns it, with a column arm if there are several.
    measures : DataFrame
        The table "graph_measures" of a study: network, density, measure, value, and arm if the
        lesions have one.
    density : float
        Density at which the measure is taken.
    measure : str, default="local_efficiency"
        Name of the measure; the paper calls local efficiency fault tolerance.

    Returns
    -------
    DataFrame
        The rows of `lesion_auc` with the columns accuracy, of the untouched network; relative_area,
        the area divided by it, so that a better network does not look more tolerant for that alone;
        and a column of the name of the measure.

    Raises
    ------
    ValueError
        If the measure is not in the table at that density, or a network has none.
    """
    keys = [column for column in ("arm", "network") if column in lesions.columns]
    chosen = measures[(measures["measure"] == measure) & np.isclose(measures["density"], density)]
    if chosen.empty:
        raise ValueError(
            f"there is no measure {measure!r} at density {density!r}: the table has "
            f"{', '.join(sorted(measures['measure'].unique()))} at densities "
            f"{sorted(measures['density'].unique().tolist())}."
        )
    untouched = lesions[(lesions["strategy"] == "random") & (lesions["share"] == 0)]
    clean = untouched.groupby(keys, sort=False)["accuracy"].first().rename("accuracy")
    found = lesion_auc(lesions).merge(clean.reset_index(), on=keys)
    found["relative_area"] = found["area"] / found["accuracy"]
    joined = found.merge(chosen[[*keys, "value"]].rename(columns={"value": measure}), "left", keys)
    if joined[measure].isna().any() or len(joined) != len(found):
        raise ValueError(f"networks of the lesions and of {measure!r} differ: use one study.")
    return joined


def _areas(table: pd.DataFrame, axis: str) -> pd.DataFrame:
    keys = [column for column in table.columns if column not in (axis, "accuracy")]
    if len(missing := [column for column in table.columns if table[column].isna().any()]):
        raise ValueError(f"column {missing[0]!r} has a row without a value: name its {missing[0]}.")
    curve = table.groupby(keys, sort=False).ngroup().to_numpy()
    order = np.lexsort((table[axis], curve))
    x, y = (table[name].to_numpy(float)[order] for name in (axis, "accuracy"))
    ends = np.cumsum(np.bincount(curve))
    curves = zip(np.split(x, ends)[:-1], np.split(y, ends)[:-1], strict=True)
    with np.errstate(invalid="ignore"):  # one point has no area
        areas = [np.trapezoid(heights, places) / np.ptp(places) for places, heights in curves]
    return table[keys].drop_duplicates().reset_index(drop=True).assign(area=np.array(areas, float))
