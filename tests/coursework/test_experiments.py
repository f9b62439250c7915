"""Checks whose right answers depend on the run: what they accept, and what they say."""

import networkx as nx
import numpy as np
import pytest

from coursework import checks
from funcnet_utils import graphs


def sigmas(neighbours):
    rings = (
        nx.connected_watts_strogatz_graph(n, neighbours, 0.1, seed=1) for n in (50, 100, 200, 400)
    )
    return [graphs.small_world(graphs.from_networkx(ring), 20, 3).sigma for ring in rings]


@pytest.mark.parametrize("answer", [None, ..., [..., ...], [0.5, ...]])
def test_a_stub_that_nobody_filled_in_is_no_answer_yet(answer):
    assert "no answer yet" in checks.check("fn-ex-2", answer).text


def test_sigma_of_other_nulls_is_right_and_of_other_rings_is_not():
    assert checks.check("sw-ex-1", sigmas(6)).right  # other seeds of the rewired graphs
    assert "0.1" in checks.check("sw-ex-1", sigmas(10)).text
    assert "grow" in checks.check("sw-ex-1", sigmas(6)[::-1]).text


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("fn-ex-1", [12, 0.3, 0.25], "✓"),
        ("fn-ex-1", [0.5, 0.3, 0.25], "counts nodes"),
        ("fn-ex-1", [12, 3, 0.25], "between 0 and 1"),
        ("fn-ex-1", [12, 0.3, 0.3], "one graph twice"),
        ("fn-ex-2", [0.0, 0.2], "✓"),
        ("fn-ex-2", [1.2, 0.2], "sign of r"),
        ("fn-ex-2", [0.0, 1.5], "Divide"),
        ("sw-ex-2", [-0.4, -0.2, -0.3, -0.6], "✓"),
        ("sw-ex-2", [3.4, 4.5, 5.3, 1.8], "did you take σ"),
        ("sw-ex-2", [-0.4, -0.4, -0.3, -0.6], "twice"),
        ("sw-ex-2", -0.4, "one mean"),
        ("sw-ex-1", [1.0, 2.0], "four numbers"),
        ("bn-ex-2", [0.2, 0.1, 0.3], "✓"),
        ("bn-ex-2", [0.05, 0.05, 0.05], "did you cut at a density"),
        ("bn-ex-2", [20, 10, 30], "share of all pairs"),
        ("bn-ex-2", 0.2, "three numbers"),
        ("bn-ex-3", [0.02, 0.01, 0.03], "✓"),
        ("bn-ex-3", [0.01, 0.02, 0.03], "order is mean, low, high"),
        ("bn-ex-3", [0.02, 0.02, 0.02], "no width"),
        ("bn-ex-3", [3.1, 2.0, 4.0], "global efficiency"),
        ("bn-ex-3", 0.02, "three numbers"),
        ("do-ex-2", [0.6, 0.7], "✓"),
        ("do-ex-2", [0.17, 0.19], "✓"),
        ("do-ex-2", [0.06, 0.07], "not divided"),
        ("do-ex-2", [2.0, 0.7], "in [0, 1]"),
        ("do-ex-2", [0.6, 0.6], "one arm twice"),
        ("do-ex-2", 0.6, "two numbers"),
        ("dv-ex-2", [0.5, 0.4, 0.6], "✓"),
        ("dv-ex-2", [1.0, 0.4, 0.6], "pairs i < j"),
        ("dv-ex-2", [0.5, 0.5, 0.6], "one arm twice"),
        ("dv-ex-2", 0.5, "three numbers"),
        ("le-ex-1", [5, 8], "✓"),
        ("le-ex-1", [8, 5], "no support can be lost"),
        ("le-ex-1", [5, 12], "from 0 to 11"),
        ("le-ex-1", 5, "two numbers"),
        ("le-ex-2", [0.02, 0.01, 0.03], "✓"),
        ("le-ex-2", [0.01, 0.02, 0.03], "order is"),
        ("do-ex-3", [-0.01, -0.02, 0.03], "✓"),
        ("do-ex-3", [-5, -6, -4], "local efficiency"),
    ],
)
def test_what_is_accepted_and_what_is_said(name, answer, said):
    assert said in repr(checks.check(name, np.array(answer)))
