"""The area under a curve of accuracy, a network at a time."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd


def areas(table: pd.DataFrame, axis: str) -> pd.DataFrame:
    """Return the area under the accuracy of each curve of a tidy table.

    Parameters
    ----------
    table : DataFrame
        Columns `axis`, accuracy, and at least one that tells curves apart.
    axis : str
        Column along which accuracy is integrated.

    Returns
    -------
    DataFrame
        The columns that tell curves apart, and area: the trapezoid rule, divided by the range of
        the axis, so in [0, 1].
    """
    keys = [column for column in table.columns if column not in (axis, "accuracy")]
    rows = []
    for key, part in table.groupby(keys, sort=False):
        curve = part.sort_values(axis)
        span = curve[axis].iloc[-1] - curve[axis].iloc[0]
        area = np.trapezoid(curve["accuracy"], curve[axis]) / span if span else math.nan
        rows.append((*key, area))
    return pd.DataFrame(rows, columns=[*keys, "area"])
