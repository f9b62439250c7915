"""The Leiden algorithm for modularity in whole numbers, on lists of neighbours.

A gain is compared as ends * link - strength * total, a whole number, so nothing depends on
rounding. Every start draws from a generator of its own.
"""

from __future__ import annotations

import numpy as np

from funcnet_utils._bits import kernel
from funcnet_utils.graphs._rewiring import _high, _next_word


@kernel
def best_communities(starts, tails, seeds, rounds):  # type: ignore[no-untyped-def]
    """Return the modularity times the squared number of ends, and the module of each node.

    The neighbours of node v are `tails[starts[v]:starts[v + 1]]`, which are the ends at v. Each
    seed is one start; a start ends after `rounds` passes over all levels, or when one of them
    gains nothing.
    """
    n, ends = len(starts) - 1, len(tails)
    links = np.ones(ends, np.int64)
    strength = starts[1:] - starts[:-1]
    best = np.arange(n)
    highest = np.int64(-1) << 62
    for seed in seeds:
        state = np.array([seed], np.uint64)
        community = np.arange(n)
        reached = np.int64(-1) << 62
        for _ in range(rounds):
            trial = _round(starts, tails, links, strength, ends, community.copy(), state)
            value = _value(starts, tails, strength, ends, trial)
            if value <= reached:
                break
            community, reached = trial, value
        if reached > highest:
            best, highest = community, reached
    return highest, _numbered(best, n)[0]


@kernel
def _value(starts, tails, strength, ends, community):  # type: ignore[no-untyped-def]
    """Return the modularity of a partition, times the square of the number of ends."""
    total = np.zeros(len(community), np.int64)
    within = np.int64(0)
    for v in range(len(community)):
        total[community[v]] += strength[v]
        for at in range(starts[v], starts[v + 1]):
            within += community[tails[at]] == community[v]
    value = within * ends
    for sum_ in total:
        value -= sum_ * sum_
    return value


@kernel
def _round(starts, tails, links, strength, ends, community, state):  # type: ignore[no-untyped-def]
    """Move nodes, refine, make each refined community a node, and go on; return communities."""
    node_of = np.arange(len(community))  # the node of this level that an original node is in
    while True:
        _move(starts, tails, links, strength, ends, community, state)
        refined, parts = _refine(starts, tails, links, strength, ends, community, state)
        if parts == len(strength):
            return community[node_of]
        node_of = refined[node_of]
        starts, tails, links, strength, community = _aggregate(
            starts, tails, links, strength, community, refined, parts
        )


@kernel
def _shuffled(size, state):  # type: ignore[no-untyped-def]
    order = np.arange(size)
    for i in range(size - 1, 0, -1):
        j = _high(_next_word(state), i + 1)
        order[i], order[j] = order[j], order[i]
    return order


@kernel
def _move(starts, tails, links, strength, ends, community, state):  # type: ignore[no-untyped-def]
    """Move nodes to their best community in place, as long as a neighbour of theirs has moved."""
    size = len(strength)
    total = np.zeros(size, np.int64)
    members = np.zeros(size, np.int64)
    for v in range(size):
        total[community[v]] += strength[v]
        members[community[v]] += 1
    free, n_free = np.empty(size, np.int64), 0  # labels without members: free[:n_free]
    for c in range(size):
        if members[c] == 0:
            free[n_free] = c
            n_free += 1
    queue = _shuffled(size, state)
    waiting = np.ones(size, np.bool_)
    link, near = np.zeros(size, np.int64), np.empty(size, np.int64)
    head, left = 0, size
    while left:
        v = queue[head]
        head = head + 1 if head + 1 < size else 0
        left -= 1
        waiting[v] = False
        old = community[v]
        total[old] -= strength[v]
        n_near = 0
        for at in range(starts[v], starts[v + 1]):
            c = community[tails[at]]
            if link[c] == 0:
                near[n_near] = c
                n_near += 1
            link[c] += links[at]
        best, gain = old, ends * link[old] - strength[v] * total[old]
        for p in range(n_near):
            c = near[p]
            value = ends * link[c] - strength[v] * total[c]
            if value > gain:
                best, gain = c, value
            link[c] = 0
        if gain < 0:
            best = free[n_free - 1]
        total[best] += strength[v]
        if best == old:
            continue
        if members[best] == 0:
            n_free -= 1
        members[best] += 1
        members[old] -= 1
        if members[old] == 0:
            free[n_free] = old
            n_free += 1
        community[v] = best
        for at in range(starts[v], starts[v + 1]):
            u = tails[at]
            if not waiting[u] and community[u] != best:
                waiting[u] = True
                place = head + left
                queue[place if place < size else place - size] = u
                left += 1


@kernel
def _refine(starts, tails, links, strength, ends, community, state):  # type: ignore[no-untyped-def]
    """Merge nodes inside their communities only; return parts numbered from 0, and how many.

    A node that is still alone joins the part of its community with the largest gain, if both are
    well connected to the rest of the community.
    """
    size = len(strength)
    whole = np.zeros(size, np.int64)
    for v in range(size):
        whole[community[v]] += strength[v]
    part = np.arange(size)
    total = strength.copy()
    alone = np.ones(size, np.bool_)
    outward = np.zeros(size, np.int64)  # links from a part to the rest of its community
    for v in range(size):
        for at in range(starts[v], starts[v + 1]):
            if community[tails[at]] == community[v]:
                outward[v] += links[at]
    link, near = np.zeros(size, np.int64), np.empty(size, np.int64)
    for v in _shuffled(size, state):
        rest = whole[community[v]] - strength[v]
        if not alone[v] or outward[v] * ends < strength[v] * rest:
            continue
        n_near = 0
        for at in range(starts[v], starts[v + 1]):
            u = tails[at]
            if community[u] == community[v]:
                if link[part[u]] == 0:
                    near[n_near] = part[u]
                    n_near += 1
                link[part[u]] += links[at]
        best, gain, joint = -1, np.int64(0), np.int64(0)
        for p in range(n_near):
            c = near[p]
            value = ends * link[c] - strength[v] * total[c]
            if value > gain and outward[c] * ends >= total[c] * (whole[community[v]] - total[c]):
                best, gain, joint = c, value, link[c]
            link[c] = 0
        if best >= 0:
            part[v] = best
            alone[v] = alone[best] = False
            total[best] += strength[v]
            outward[best] += outward[v] - 2 * joint
    return _numbered(part, size)


@kernel
def _numbered(labels, bound):  # type: ignore[no-untyped-def]
    """Return labels numbered from 0 in the order in which they first appear, and how many."""
    number = np.full(bound, -1)
    numbered = np.empty(len(labels), np.int64)
    count = 0
    for v in range(len(labels)):
        if number[labels[v]] < 0:
            number[labels[v]] = count
            count += 1
        numbered[v] = number[labels[v]]
    return numbered, count


@kernel
def _aggregate(starts, tails, links, strength, community, part, parts):  # type: ignore[no-untyped-def]
    """Make each part a node: return its links, strengths and the community it starts in."""
    first = np.zeros(parts + 1, np.int64)  # the members of part p: member[first[p]:first[p + 1]]
    for p in part:
        first[p + 1] += 1
    for p in range(parts):
        first[p + 1] += first[p]
    place, member = first.copy(), np.empty(len(part), np.int64)
    for v in range(len(part)):
        member[place[part[v]]] = v
        place[part[v]] += 1
    above = _numbered(community[member[first[:-1]]], len(strength))[0]
    strengths = np.zeros(parts, np.int64)
    new_starts = np.zeros(parts + 1, np.int64)
    new_tails = np.empty(len(tails), np.int32)
    new_links = np.empty(len(tails), np.int64)
    link = np.zeros(parts, np.int64)
    filled = 0
    for p in range(parts):
        begin = filled
        for at in range(first[p], first[p + 1]):
            v = member[at]
            strengths[p] += strength[v]
            for k in range(starts[v], starts[v + 1]):
                q = part[tails[k]]
                if q == p:
                    continue
                if link[q] == 0:
                    new_tails[filled] = q
                    filled += 1
                link[q] += links[k]
        for k in range(begin, filled):
            new_links[k] = link[new_tails[k]]
            link[new_tails[k]] = 0
        new_starts[p + 1] = filled
    return new_starts, new_tails[:filled].copy(), new_links[:filled].copy(), strengths, above
