"""The cheapest matching of two sets of points that may also stay alone.

Shortest augmenting paths, after rounds in which rows bid for their best column (Jonker, Volgenant
1987, doi:10.1007/BF02278710). Besides the columns, each row has the choice of none, at cost 0.
"""

from __future__ import annotations

import numba
import numpy as np

from funcnet_utils.topology._bits import kernel

ROUNDS = 16
# minima in any order, on several numbers at once
vectorized = numba.njit(cache=True, nogil=True, fastmath={"reassoc", "nsz", "nnan"})


@kernel
def cheapest_matching(cost):  # type: ignore[no-untyped-def]
    """Return the column of each row, or -1, so that the sum of the chosen costs is least.

    `cost` has shape (n, m); each row and each column is chosen at most once. It is fast if the
    negative costs of a row stand close together.
    """
    n, m = cost.shape
    spans = np.zeros((n, 2), np.int64)  # from the first to behind the last negative cost
    for i in range(n):
        for j in range(m):
            if cost[i, j] < 0:
                if spans[i, 1] == 0:
                    spans[i, 0] = j
                spans[i, 1] = j + 1
    column = np.full(n, -1)
    row = np.full(m, -1)
    price = np.zeros(m)  # at most 0, and 0 as long as the column is alone
    for start in _bid(cost, spans, column, row, price):
        _augment(cost, spans, start, column, row, price)
    return column


@kernel
def _bid(cost, spans, column, row, price):  # type: ignore[no-untyped-def]
    """Let rows bid for their best column in rounds; return the rows that still wait."""
    waiting = np.arange(len(column))
    for _ in range(ROUNDS):
        losers = 0
        for i in waiting:
            best = second = 0.0
            at = -1
            for j in range(spans[i, 0], spans[i, 1]):
                value = cost[i, j] - price[j]
                if value < best:
                    best, second, at = value, best, j
                elif value < second:
                    second = value
            if at < 0:
                continue
            price[at] += best - second
            if row[at] >= 0:
                column[row[at]] = -1
                waiting[losers] = row[at]
                losers += 1
            row[at] = i
            column[i] = at
        waiting = waiting[:losers]
    return waiting


@kernel
def _augment(cost, spans, start, column, row, price):  # type: ignore[no-untyped-def]
    """Give a row a column, or none, along the shortest path."""
    m = len(row)
    path = np.full(m, np.inf)
    before = np.empty(m, np.int64)
    open_price = price.copy()
    done = np.empty(m, np.int64)
    lengths = np.empty(m)
    n_done = 0
    alone, alone_row = 0.0, start
    i, shift = start, 0.0
    while True:
        span = slice(spans[i, 0], spans[i, 1])
        _extend(cost[i, span], open_price[span], shift, path[span], before[span], i)
        least = _least(path)
        if least >= alone:
            least = alone
            last = column[alone_row]
            column[alone_row] = -1
            break
        last = 0
        while path[last] != least:
            last += 1
        if row[last] < 0:
            break
        i = row[last]
        shift = cost[i, last] - price[last] - least
        if -shift < alone:
            alone, alone_row = -shift, i
        # a column that is done is never reached again
        path[last] = np.inf
        open_price[last] = -np.inf
        done[n_done] = last
        lengths[n_done] = least
        n_done += 1
    for k in range(n_done):
        price[done[k]] += lengths[k] - least
    while last >= 0:
        i = before[last]
        row[last] = i
        last, column[i] = column[i], last


@vectorized
def _extend(cost, price, shift, path, before, i):  # type: ignore[no-untyped-def]
    """Shorten the paths by way of row i."""
    for j in range(len(cost)):
        length = cost[j] - price[j] - shift
        shorter = length < path[j]
        path[j] = length if shorter else path[j]
        before[j] = i if shorter else before[j]


@vectorized
def _least(path):  # type: ignore[no-untyped-def]
    least = np.inf
    for length in path:
        least = min(least, length)
    return least
