"""The maximum spanning tree, written once: of a matrix, of a forest and more pairs, of a scan.

A pair i < j of n nodes has the key i * n + j. Ties go to the smaller key, so the order of pairs is
total and the tree is unique.
"""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import kernel


def spanning_tree_keys(strength: np.ndarray) -> np.ndarray:
    """Return the keys of the maximum spanning tree of a symmetric matrix, shape (n - 1,)."""
    nodes = np.arange(len(strength))
    none = np.zeros(0), np.zeros(0, np.int64)
    # a tile is read column by column, and the matrix is its own transpose
    return spanning_forest(*none, strength.T, nodes, nodes, True, len(strength))[1]


@kernel
def spanning_forest(strength, keys, tile, rows, columns, upper, n):  # type: ignore[no-untyped-def]
    """Return the maximum spanning forest of a forest and of the pairs of a tile, by Boruvka.

    Parameters
    ----------
    strength, keys : ndarray, shape (m,)
        The forest so far.
    tile : ndarray, shape (a, b)
        Strengths between the nodes `rows` and `columns`; -1 for what is not a node.
    upper : bool
        Whether only the part above the diagonal of the tile counts.
    n : int
        Number of nodes.

    Returns
    -------
    tuple of ndarray
        Strengths and keys of the new forest.
    """
    group = np.arange(n)
    new_strength, new_keys = np.empty(max(n - 1, 0)), np.empty(max(n - 1, 0), np.int64)
    found = 0
    best, choice = np.empty(n), np.empty(n, np.int64)
    while True:
        best[:] = -np.inf
        choice[:] = -1
        for e in range(len(keys)):
            _offer(strength[e], keys[e], group[keys[e] // n], group[keys[e] % n], best, choice)
        for b in range(len(columns)):
            v = columns[b]
            if v < 0:
                continue
            own = group[v]
            for a in range(b if upper else len(rows)):
                u = rows[a]
                if u < 0 or group[u] == own:
                    continue
                w = tile[a, b]
                if w >= best[own] or w >= best[group[u]]:
                    _offer(w, u * n + v, group[u], own, best, choice)
        before = found
        for g in range(n):
            if choice[g] >= 0 and join(group, choice[g] // n, choice[g] % n):
                new_strength[found], new_keys[found] = best[g], choice[g]
                found += 1
        if found == before:
            return new_strength[:found].copy(), new_keys[:found].copy()
        for v in range(n):
            group[v] = root(group, v)


@kernel
def _offer(strength, key, one, other, best, choice):  # type: ignore[no-untyped-def]
    """Let two groups choose a pair between them if it is better than theirs."""
    if one != other:
        for g in (one, other):
            if strength > best[g] or (strength == best[g] and key < choice[g]):
                best[g], choice[g] = strength, key


@kernel
def root(parent, v):  # type: ignore[no-untyped-def]
    """Return the node that stands for the group of a node, and shorten the path to it."""
    while parent[v] != v:
        parent[v] = parent[parent[v]]
        v = parent[v]
    return v


@kernel
def join(parent, u, v):  # type: ignore[no-untyped-def]
    """Join the groups of two nodes; tell whether they were apart."""
    u, v = root(parent, u), root(parent, v)
    parent[u] = v
    return u != v
