"""Which points make a loop: a short cycle through the edge with which it is born."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from funcnet_utils.errors import ROUNDING, check_distances, check_real


def representative_cycle(distances: np.ndarray, birth: float) -> np.ndarray:
    """Return the points of the shortest cycle that is closed when a loop is born.

    A loop is born with an edge. The cycle is this edge and the shortest path between its ends along
    earlier edges, by the sum of their lengths. It lives as long as the loop at least: it differs
    from any other cycle of that birth by older loops. Edges of equal length enter in the order of
    their ends; if several have that of the birth, the one with the longest path is taken.

    Parameters
    ----------
    distances : ndarray, shape (n, n)
        As for `persistence`.
    birth : float
        Birth of the loop, as `persistence` returns it, up to 1e-9 of it.

    Returns
    -------
    ndarray of int64, shape (k,), k >= 3
        Indices of points in the order of the cycle; the last is joined to the first by the edge
        with which the loop is born.

    Raises
    ------
    ValueError
        If no loop is born with an edge of that length (of those that close a cycle, most are filled
        by a triangle at once), or the distances are refused by `persistence`.

    References
    ----------
    Emmett, Schweinhart, Rabadan (2015), arXiv:1511.01426.

    Examples
    --------
    >>> square = np.array([[0, 1, 2, 1], [1, 0, 1, 2], [2, 1, 0, 1], [1, 2, 1, 0]])
    >>> representative_cycle(square, birth=1).tolist()
    [2, 1, 0, 3]
    """
    matrix = check_distances(distances)
    birth = check_real("birth", birth, -np.inf, np.inf)
    margin = ROUNDING * abs(birth)
    rows, columns = np.nonzero(np.triu(matrix <= birth + margin, 1))
    in_order = np.argsort(matrix[rows, columns], kind="stable")
    rows, columns = rows[in_order], columns[in_order]
    lengths = matrix[rows, columns]
    cycles = []
    for born in np.flatnonzero(lengths >= birth - margin):
        graph = coo_array((lengths[:born], (rows[:born], columns[:born])), matrix.shape).tocsr()
        first, last = rows[born], columns[born]
        near = (graph + graph.T)[[first, last]].tolil().rows
        if set(near[0]) & set(near[1]):  # a triangle fills what the edge closes
            continue
        total, before = dijkstra(graph, directed=False, indices=first, return_predecessors=True)
        if np.isfinite(total[last]):
            path = [last]
            while path[-1] != first:
                path.append(before[path[-1]])
            cycles.append((total[last], path[::-1]))
    if not cycles:
        raise ValueError(
            f"birth is {birth!r}, and no loop is born with an edge of that length: give a birth in "
            "H1, as persistence returns it for the same distances."
        )
    return np.array(max(cycles, key=lambda found: found[0])[1], dtype=np.int64)
