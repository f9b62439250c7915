"""What checks say: hints about shape, sign and percent, reasons of free answers, the toys."""

import itertools

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch

from coursework import checks
from coursework.checks import core, toys
from coursework.checks.core import SOLVERS
from funcnet_utils import graphs, topology

VOTES = [4, 2, 1, 1, 1, 1, 0.5, 0.5, -1, -1.5]


def test_shapes_are_asked_for():
    assert checks.check("cor-ex-4", [[0.4585]]).right
    assert "single number" in checks.check("cor-ex-4", [0.4585, 0.4585]).text
    assert "shape (2,)" in checks.check("cor-ex-1", 0.6).text
    assert "NaN" in checks.check("cor-ex-2", np.nan).text
    assert "Very close" in checks.check("cor-ex-4", 0.45).text
    assert "percent" in checks.check("cor-ex-4", 45.8466).text


TEXTS = [["-0.6", "0.6"], np.array(["-0.6", "0.6"]), pd.Series(["-0.6", "0.6"]), [-0.6, "0.6"]]


@pytest.mark.parametrize("answer", [[-0.6 + 1j, 0.6], b"0.6", *TEXTS, torch.tensor([1j])])
def test_what_is_no_number_is_named(answer):
    assert "give a number or an array" in checks.check("cor-ex-1", answer).text
    assert type(answer).__name__ in checks.check("cor-ex-1", answer).text
    assert "no answer yet" in checks.check("cor-ex-1", [None, 0.6]).text


def test_percent_is_meant_for_shares():
    report = checks.check("es-ex-1", [800, 800, 500, 700])
    assert not report.right
    assert "percent" not in report.text


def test_unknown_exercise_is_an_error():
    with pytest.raises(ValueError, match="did you mean 'cor-ex-2'"):
        checks.check("cor-ex2", 1)


def test_missing_parts_of_the_run_are_named():
    with pytest.raises(ValueError, match=r"write check\('bn-ex-2', answer, trained=trained\)"):
        checks.check("bn-ex-2", [0.1, 0.2, 0.3])
    with pytest.raises(ValueError, match=r"write check\('cor-ex-1', answer\)"):
        checks.check("cor-ex-1", [1, 2], trained=None)


def test_report_in_html_is_told_by_word_and_class():
    right = checks.check("cor-ex-4", 0.4585)._repr_html_()
    wrong = core.Report("x", False, "a < b")._repr_html_()
    assert 'class="check check-right"' in right
    assert "✓ Right:" in right
    assert 'class="check check-hint"' in wrong
    assert "a &lt; b" in wrong
    assert "✓" not in repr(core.Report("x", False, "a"))


def test_attack_turns_the_linear_model():
    weights, bias, image = toys.linear_model()
    attacked = SOLVERS["adv-ex-2"]().right
    assert weights @ image + bias > 0 > weights @ attacked + bias
    assert np.abs(attacked - image).max() <= 0.15 + 1e-12
    assert attacked.min() == 0
    assert attacked.max() == 1


def test_windmill_passes_and_others_get_a_reason():
    wind = nx.windmill_graph(6, 3)
    for kind in (nx.to_numpy_array, nx.adjacency_matrix, nx.to_pandas_adjacency):
        assert checks.check("gm-ex-5", kind(wind)).right
    cases = {
        "square": np.zeros((10, 9)),
        "only 0 and 1": 2 * np.ones((10, 10)),
        "no direction": np.triu(np.ones((10, 10)), 1),
        "itself": np.eye(10),
        "10 to 200": toys.ring(6, 2),
        "you have 201": np.ones((201, 201)),
        "from_networkx": wind,
        "C = 0.58": toys.bridge(),
    }
    for part, answer in cases.items():
        assert part in checks.check("gm-ex-5", answer).text


def test_rewired_graphs_pass_and_others_get_a_reason():
    bridge = toys.bridge()
    assert any(checks.check("nm-ex-4", g).right for g in graphs.rewired(bridge, 20, 1))
    double = bridge.astype(int)
    double[0, 1] = double[1, 0] = 2
    loop = bridge.copy()
    loop[9, 9] = True
    directed = bridge.copy()
    directed[0, 9] = True
    fewer = bridge.copy()
    fewer[8, 9] = fewer[9, 8] = False
    cases = {
        "14 of 14 edges are old": bridge,
        "double edge": double,
        "joined to itself": loop,
        "no direction": directed,
        "Node 8 has degree 3": fewer,
        "(10, 10)": toys.ring(8, 2),
    }
    for part, answer in cases.items():
        assert part in checks.check("nm-ex-4", answer).text


def test_two_circles_pass_and_others_get_a_reason():
    both = np.concatenate([toys.circle(12), toys.circle(12) + np.array([4, 0])])
    assert checks.check("ph-ex-5", both).right
    cases = {
        "0.3: 1, not 2": toys.circle(12),
        "no loop at all": np.column_stack([np.arange(10), np.zeros(10)]),
        "10 to 60": toys.circle(8),
        "shape (n, 2)": np.zeros((10, 3)),
        "not finite": np.full((10, 2), np.inf),
        "larger than 1e100": 1e200 * toys.circle(12),
    }
    for part, answer in cases.items():
        assert part in checks.check("ph-ex-5", answer).text


def test_toys_are_what_their_docstrings_say():
    r = np.corrcoef(toys.tuned_units().T)
    step = np.subtract.outer(np.arange(10), np.arange(10))
    np.testing.assert_allclose(r, np.cos(np.pi * step / 10), atol=1e-12)
    assert toys.ring(10, 4).sum() == 40
    size = np.abs(np.corrcoef(toys.ten_units().T))
    assert size[0, 3] > 0.5 > size[0, 5]
    _, classes = toys.common_cause()
    assert np.bincount(classes).tolist() == [100, 100, 100]
    assert topology.persistence(toys.distances(toys.circle(6)))[1][0] == pytest.approx(
        [1, np.sqrt(3)]
    )


def test_the_vote_turns_with_five_units_and_no_fewer():
    def least_score(silent):
        chosen = itertools.combinations(VOTES, silent)
        return min(sum(VOTES) - sum(units) for units in chosen)

    assert least_score(4) > 0 > least_score(5)
    halves = [sum(units) for units in itertools.combinations(VOTES, 5)]
    assert checks.check("ft-ex-1", [5, np.mean(halves)]).right


EMPTY = [None, ..., [..., ...], [0.5, ...], [[0.5, 1], [...]], np.full((2, 3), ...)]


@pytest.mark.parametrize("answer", [*EMPTY, np.array([None]), pd.Series([0.5, None], dtype=object)])
def test_a_stub_that_nobody_filled_in_is_no_answer_yet(answer):
    assert "no answer yet" in checks.check("cor-ex-1", answer).text


TENSOR = torch.tensor([-0.6, 0.6], dtype=torch.float64, requires_grad=True)
COLUMN = np.array([[-0.6], [0.6]])
VECTORS = [TENSOR, list(TENSOR), COLUMN, COLUMN.T, pd.DataFrame(COLUMN), list(COLUMN)]
VECTORS += [pd.Series([-0.6, 0.6]), (-0.6, 0.6), np.ma.array([-0.6, 0.6])]


@pytest.mark.parametrize("answer", VECTORS)
def test_a_vector_may_have_any_form(answer):
    assert checks.check("cor-ex-1", answer).right
    assert not checks.check("cor-ex-1", [*answer, 0.6]).right


class Sly:
    def __iter__(self):
        raise RuntimeError

    def __getattribute__(self, name):
        raise RuntimeError(name)


@pytest.mark.filterwarnings("error")
def test_what_a_check_cannot_read_is_no_traceback():
    assert "from this Sly" in checks.check("cor-ex-1", Sly()).text
    assert not checks.check("cor-ex-1", [Sly(), 0.6]).right
    hidden = [np.ma.array([-0.6, 0.6], mask=[False, True]), np.ma.array([1, 2], mask=True)]
    for answer in (*hidden, [-0.6, np.ma.masked]):
        assert "NaN" in checks.check("cor-ex-1", answer).text
    assert not checks.check("cor-ex-1", np.full(2, np.longdouble("1e4000"))).right
