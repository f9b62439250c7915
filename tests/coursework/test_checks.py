"""Exercises without a run: right answers, typical mistakes, and answers of the wrong kind."""

import inspect
import itertools
import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from scipy.spatial.distance import pdist, squareform
from sklearn.metrics import adjusted_rand_score, rand_score

from coursework import checks
from coursework.checks import core, toys
from coursework.checks.core import RECORDS, SOLVERS
from funcnet_utils import graphs, topology

ARMS, CLUSTERS = list("AAABBCCCB"), [0, 0, 0, 1, 1, 1, 2, 2, 2]
VOTES = [4, 2, 1, 1, 1, 1, 0.5, 0.5, -1, -1.5]


def parameters(name):
    return inspect.signature(SOLVERS[name]).parameters.keys() if name in SOLVERS else ()


FIXED = {  # exercises with one right answer for everybody
    name: SOLVERS[name]() if name in SOLVERS else core._written(RECORDS[name])
    for name in RECORDS
    if not parameters(name)
}
ALONE = [name for name in RECORDS if set(parameters(name)) <= {"answer"}]
MISTAKES = [(name, key) for name, solution in FIXED.items() for key in solution.mistakes]


@pytest.mark.parametrize("name", FIXED)
def test_right_answers_are_right_and_near_ones_are_not(name):
    solution = FIXED[name]
    report = checks.check(name, solution.right)
    assert report.right
    assert repr(report).startswith(f"✓ {name}")
    assert checks.check(name, solution.right + 0.4 * solution.tolerance).right
    assert not checks.check(name, solution.right + 3 * solution.tolerance).right


@pytest.mark.parametrize(("name", "key"), MISTAKES)
def test_each_mistake_has_its_own_hint(name, key):
    value = FIXED[name].mistakes[key]
    report = checks.check(name, value)
    assert not report.right
    assert report.text == RECORDS[name]["hints"][key.rstrip("0123456789")]


def test_every_exercise_has_its_texts_and_every_hint_is_used():
    assert set(SOLVERS) <= set(RECORDS)
    for name, record in RECORDS.items():
        assert len(record["praise"]) > 20
        assert 0 < record["minutes"] <= 90
        if name in SOLVERS:
            assert "right" not in record
            assert len(inspect.getdoc(SOLVERS[name])) > 20
    for name, solution in FIXED.items():
        used = {key.rstrip("0123456789") for key in solution.mistakes}
        assert used == set(RECORDS[name]["hints"]), name


@pytest.mark.parametrize("name", ALONE)
@pytest.mark.parametrize("answer", [[0.1, 0.2, 0.3], [0.5, 0.5], [1, 2], 0.3, np.eye(10), [[1, 0]]])
def test_invented_answers_are_not_right(name, answer):
    assert not checks.check(name, answer).right


@pytest.mark.parametrize("name", ALONE)
@pytest.mark.parametrize(
    "answer",
    [
        None,
        ...,
        "0.5",
        b"1",
        float("nan"),
        [],
        [[1, 2], [3]],
        {"a": 1},
        {1, 2},
        1j,
        print,
        object(),
        np.zeros((0, 0)),
        np.full((10, 10), np.nan),
        np.zeros((2, 3, 4)),
        pd.DataFrame({"a": ["x"]}),
        np.array([object()]),
        [10**400],
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_no_answer_is_an_error_or_right_by_accident(name, answer):
    report = checks.check(name, answer)
    assert not report.right
    assert repr(report).startswith("Hint: ")
    assert len(report.text) > 20


@pytest.mark.parametrize("name", FIXED)
def test_signs_and_percent_are_noticed(name):
    solution = FIXED[name]
    right = np.asarray(solution.right, float)
    assert not checks.check(name, -right).right
    assert not checks.check(name, 100 * right).right
    assert not checks.check(name, right + 10).right


def test_shapes_are_asked_for():
    assert checks.check("cor-ex-2", [[0.8]]).right
    assert "single number" in checks.check("cor-ex-2", [0.8, 0.8]).text
    assert "shape (2,)" in checks.check("cor-ex-1", 0.6).text
    assert "NaN" in checks.check("cor-ex-2", np.nan).text
    assert "Very close" in checks.check("cor-ex-2", 0.79).text
    assert "percent" in checks.check("cor-ex-2", 80).text


def test_unknown_exercise_is_an_error():
    with pytest.raises(ValueError, match="did you mean 'cor-ex-2'"):
        checks.check("cor-ex2", 1)


def test_missing_parts_of_the_run_are_named():
    with pytest.raises(ValueError, match=r"write check\('bn-ex-2', answer, trained=trained\)"):
        checks.check("bn-ex-2", [0.1, 0.2, 0.3])
    with pytest.raises(ValueError, match=r"write check\('cor-ex-1', answer\)"):
        checks.check("cor-ex-1", [1, 2], trained=None)


def test_report_in_html_is_told_by_word_and_class():
    right = checks.check("cor-ex-2", 0.8)._repr_html_()
    wrong = core.Report("x", False, "a < b")._repr_html_()
    assert 'class="check check-right"' in right
    assert "✓ Right:" in right
    assert 'class="check check-hint"' in wrong
    assert "a &lt; b" in wrong
    assert "✓" not in repr(core.Report("x", False, "a"))


def test_right_answers_by_other_means():
    """Other libraries and closed forms, not the code of the checks."""
    bridge = nx.Graph(toys.EDGES)
    x, y = toys.signals().T
    arm, reference = toys.arms()
    u = scipy_stats.mannwhitneyu(arm, reference).statistic
    points = squareform(pdist(toys.circle(10, noise=0.15)))
    tree = nx.minimum_spanning_tree(nx.from_numpy_array(points)).size(weight="weight")
    halves = [set(range(5)), set(range(5, 10))]
    all_halves = np.arange(2**15, dtype=np.uint16).view(np.float16).astype(float)
    answers = {
        "cor-ex-2": scipy_stats.pearsonr(x, y).statistic,
        "gm-ex-1": [559, 149],
        "gm-ex-2": nx.average_clustering(bridge),
        "gm-ex-3": nx.average_shortest_path_length(bridge),
        "gm-ex-4": nx.community.modularity(bridge, halves),
        "nm-ex-1": [1 / 21, 99],
        "nm-ex-2": graphs.small_world(toys.shortcuts(), 20, 0).sigma,
        "ph-ex-1": [1, len(nx.cycle_basis(bridge))],
        "ph-ex-2": tree,
        "ph-ex-4": [np.sqrt(0.2**2 + 0.005), 0.2],
        "adv-ex-1": 0.1,
        "adv-ex-3": [0.5, (0.00925 + 0.03 + 0.02 + 0.02) / 0.3],
        "rob-ex-1": [5, 4.25],  # 4 + 2 + 1 + 1 + 1 = 9 > 8.5; half of 8.5
        "bn-ex-1": [-0.4, 0.4],
        "do-ex-1": [0.6 * 0.5, 0.6 * 0.8],
        "dv-ex-1": [((all_halves >= 0.5) & (all_halves < 1)).sum(), math.comb(1000, 2)],
        "cl-ex-1": [adjusted_rand_score(ARMS, CLUSTERS), adjusted_rand_score(ARMS, [0] * 9)],
        "pf-ex-1": nx.average_clustering(bridge),
        "st-ex-1": [0.0625, 6],
        "st-ex-2": 2 * u / 100 - 1,
        "st-ex-3": [0.005, 0.066, 0.066, 0.048, 0.4],
    }
    for name, answer in answers.items():
        assert checks.check(name, answer).right, name


def test_least_third_correlation_is_where_the_matrix_turns_singular():
    r = FIXED["cor-ex-4"].right
    matrix = np.array([[1, 0.9, r], [0.9, 1, 0.8], [r, 0.8, 1]])
    assert np.linalg.eigvalsh(matrix)[0] == pytest.approx(0, abs=1e-9)


def test_attack_turns_the_linear_model():
    weights, bias, image = toys.linear_model()
    attacked = FIXED["adv-ex-2"].right
    assert weights @ image + bias > 0 > weights @ attacked + bias
    assert np.abs(attacked - image).max() <= 0.15 + 1e-12
    assert attacked.min() == 0
    assert attacked.max() == 1


def test_windmill_passes_and_others_get_a_reason():
    wind = nx.windmill_graph(6, 3)
    assert checks.check("gm-ex-5", nx.to_numpy_array(wind)).right
    cases = {
        "square": np.zeros((10, 9)),
        "only 0 and 1": 2 * np.ones((10, 10)),
        "no direction": np.triu(np.ones((10, 10)), 1),
        "itself": np.eye(10),
        "10 to 200": toys.ring(6, 2),
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
        "1 loops": toys.circle(12),
        "no loop at all": np.column_stack([np.arange(10), np.zeros(10)]),
        "10 to 60": toys.circle(8),
        "shape (n, 2)": np.zeros((10, 3)),
        "not finite": np.full((10, 2), np.inf),
    }
    for part, answer in cases.items():
        assert part in checks.check("ph-ex-5", answer).text


def test_simulated_false_alarms():
    p = np.random.default_rng(0).random((2000, 10))
    assert checks.check("st-ex-5", (p < 0.05).any(1).mean()).right
    cases = {
        "chance of one test": (p < 0.05).mean(),
        "expected number": (p < 0.05).sum(1).mean(),
        "no false alarm": 0.95**10,
        "[0, 1]": (p < 0.05).any(1).sum(),
        "500": 0.2,
        "one share": [0.4, 0.4],
    }
    for part, answer in cases.items():
        assert part in checks.check("st-ex-5", answer).text


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
    assert checks.check("rob-ex-1", [5, np.mean(halves)]).right


def test_the_index_without_chance_is_named():
    plain = [rand_score(ARMS, CLUSTERS), rand_score(ARMS, [0] * 9)]
    assert "Rand index" in checks.check("cl-ex-1", plain).text


def test_sigma_of_other_nulls_is_right_and_of_other_rings_is_not():
    def sigmas(neighbours):
        rings = (
            nx.connected_watts_strogatz_graph(n, neighbours, 0.1, seed=1)
            for n in (50, 100, 200, 400)
        )
        return [graphs.small_world(graphs.from_networkx(ring), 20, 3).sigma for ring in rings]

    assert checks.check("sw-ex-1", sigmas(6)).right  # other seeds of the rewired graphs
    assert "0.1" in checks.check("sw-ex-1", sigmas(10)).text
    assert "grow" in checks.check("sw-ex-1", sigmas(6)[::-1]).text
    assert "four numbers" in checks.check("sw-ex-1", [1.0, 2.0]).text


@pytest.mark.parametrize("answer", [None, ..., [..., ...], [0.5, ...]])
def test_a_stub_that_nobody_filled_in_is_no_answer_yet(answer):
    assert "no answer yet" in checks.check("cor-ex-1", answer).text
