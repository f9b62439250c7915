"""Every exercise: the right answer, each typical mistake, and answers of the wrong kind."""

import inspect

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from scipy.spatial.distance import pdist, squareform

from coursework import checks
from coursework.checks import adversarial, core, null_models, statistics, toys
from coursework.checks.core import Solution
from funcnet_utils import graphs, topology

SOLUTIONS = {name: function() for name, (_, function) in core._EXERCISES.items()}
NUMERIC = {name: s for name, s in SOLUTIONS.items() if isinstance(s, Solution)}
MISTAKES = [
    (name, number) for name, solution in NUMERIC.items() for number in range(len(solution.mistakes))
]


def apart(name, number):
    """Whether a mistake leads to another answer than all before it."""
    solution = NUMERIC[name]
    value = np.asarray(solution.mistakes[number][0], float)
    earlier = [solution.right, *(m[0] for m in solution.mistakes[:number])]
    return not any(core._near(value, other, solution.tolerance) for other in earlier)


@pytest.mark.parametrize("name", NUMERIC)
def test_right_answers_are_right(name):
    solution = NUMERIC[name]
    report = checks.check(name, solution.right)
    assert report.right
    assert repr(report).startswith(f"✓ {name}")
    assert checks.check(name, np.asarray(solution.right) + 0.4 * solution.tolerance).right


@pytest.mark.parametrize(("name", "number"), MISTAKES)
def test_each_mistake_has_its_own_hint(name, number):
    value, hint = NUMERIC[name].mistakes[number]
    assert apart(name, number), "two mistakes, or a mistake and the truth, give the same answer"
    report = checks.check(name, value)
    assert not report.right
    assert report.text == hint


@pytest.mark.parametrize("name", checks.exercises())
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


@pytest.mark.parametrize("name", NUMERIC)
def test_signs_and_percent_are_noticed(name):
    solution = NUMERIC[name]
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
        "st-ex-1": [0.0625, 6],
        "st-ex-2": 2 * u / 100 - 1,
        "st-ex-3": [0.005, 0.066, 0.066, 0.048, 0.4],
    }
    for name, answer in answers.items():
        assert checks.check(name, answer).right, name


def test_least_third_correlation_is_where_the_matrix_turns_singular():
    r = NUMERIC["cor-ex-4"].right
    matrix = np.array([[1, 0.9, r], [0.9, 1, 0.8], [r, 0.8, 1]])
    assert np.linalg.eigvalsh(matrix)[0] == pytest.approx(0, abs=1e-9)


def test_attack_turns_the_linear_model():
    weights, bias, image = toys.linear_model()
    attacked = NUMERIC["adv-ex-2"].right
    assert weights @ image + bias > 0 > weights @ attacked + bias
    assert np.abs(attacked - image).max() <= adversarial.EPSILON + 1e-12
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


def test_curves_of_an_attack():
    attack, noise = [0.9, 0.5, 0.1], [0.9, 0.9, 0.8]
    assert checks.check("adv-ex-4", [attack, noise]).right
    cases = {
        "two rows": [attack],
        "share": [[90, 50, 10], [90, 90, 80]],
        "epsilon 0": [[0.8, 0.5, 0.1], noise],
        "in the order": [noise, attack],
        "rises": [[0.9, 0.1, 0.4], noise],
        "hardly bites": [[0.9, 0.88, 0.87], [0.9, 0.9, 0.9]],
    }
    for part, answer in cases.items():
        assert part in checks.check("adv-ex-4", answer).text


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
    assert null_models.N_NULL == 20
    assert statistics.P_VALUES.max() < 1
    assert topology.persistence(toys.distances(toys.circle(6)))[1][0] == pytest.approx(
        [1, np.sqrt(3)]
    )


def test_every_exercise_says_why():
    for praise, function in core._EXERCISES.values():
        assert len(praise) > 20
        assert inspect.getdoc(function)
