"""Summaries of diagrams against closed forms, gudhi and persim."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcnet_utils import topology

EMPTY = np.zeros((0, 2))
GRID = np.linspace(0, 1, 101)


def random_diagram(m: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    births = rng.uniform(0, 0.7, m)
    return np.column_stack([births, births + rng.uniform(0.001, 0.3, m)])


def test_loops_counts_lives_longer_than_a_bound() -> None:
    diagram = np.array([[0, 0.25], [0, 0.5], [0.5, 1.5], [0, np.inf]])
    assert [topology.loops(diagram, bound) for bound in (0, 0.25, 0.5, 1, 2)] == [4, 3, 2, 1, 1]
    assert topology.loops(np.array([[1.0, 1.0]])) == 0
    assert topology.loops(EMPTY) == 0


@given(st.integers(0, 40), st.integers(0, 1000))
def test_betti_curve_counts_the_living(m: int, seed: int) -> None:
    ticks = np.random.default_rng(seed).integers(0, 50, (m, 2))
    diagram = np.column_stack([ticks[:, 0], ticks.sum(axis=1)]) / 100
    births, deaths = diagram.T
    expected = [((births <= t) & (t < deaths)).sum() for t in GRID]
    assert topology.betti_curve(diagram, GRID).tolist() == expected


def test_betti_curve_of_components_ends_at_one() -> None:
    rng = np.random.default_rng(0)
    upper = np.triu(rng.random((20, 20)), 1)
    curve = topology.betti_curve(topology.persistence(upper + upper.T)[0], GRID)
    assert curve[0] == 20
    assert curve[-1] == 1
    assert (np.diff(curve) <= 0).all()


def test_summary_by_hand() -> None:
    found = topology.summary(np.array([[0, 0.25], [0.5, 0.75], [0.25, 0.75], [0, np.inf]]))
    assert found == pytest.approx(
        {
            "count": 3,
            "count_005": 3,
            "total": 1,
            "mean": 1 / 3,
            "max": 0.5,
            "l2": np.sqrt(3 / 8),
            "entropy": 1.5 * np.log(2),
        },
        rel=1e-12,
    )


@pytest.mark.parametrize("diagram", [EMPTY, [], np.array([[0, np.inf]]), np.array([[0.5, 0.5]])])
def test_summary_of_no_life_is_zero(diagram: np.ndarray) -> None:
    found = topology.summary(diagram)
    assert {key: value for key, value in found.items() if key != "count"} == {
        "count_005": 0, "total": 0, "mean": 0, "max": 0, "l2": 0, "entropy": 0
    }  # fmt: skip


def test_entropy_equals_gudhi() -> None:
    representations = pytest.importorskip("gudhi.representations")
    diagram = random_diagram(30, 1)
    expected = representations.Entropy(mode="scalar")(diagram)[0]
    assert topology.summary(diagram)["entropy"] == pytest.approx(expected, rel=1e-9)


def test_landscape_by_hand() -> None:
    diagram = np.array([[0.0, 1.0], [0.5, 1.0], [0.0, np.inf]])
    found = topology.landscape(diagram, [0, 0.25, 0.5, 0.75, 1])
    assert found.tolist() == [[0, 0.25, 0.5, 0.25, 0], [0, 0, 0, 0.25, 0], *[[0] * 5] * 3]


def test_landscape_equals_gudhi() -> None:
    representations = pytest.importorskip("gudhi.representations")
    diagram = random_diagram(25, 2)
    theirs = representations.Landscape(num_landscapes=5, resolution=101, sample_range=[0, 1])
    expected = theirs.fit_transform([diagram]).reshape(5, 101) / np.sqrt(2)  # their unit
    np.testing.assert_allclose(topology.landscape(diagram, GRID), expected, atol=1e-12)


def test_silhouette_is_a_weighted_mean_of_tents() -> None:
    one, other = np.array([[0.0, 0.5]]), np.array([[0.25, 1.0]])
    alone = [topology.silhouette(d, GRID) for d in (one, other)]
    both = np.vstack([one, other])
    expected = (0.5 * alone[0] + 0.75 * alone[1]) / 1.25
    np.testing.assert_allclose(topology.silhouette(both, GRID), expected, atol=1e-15)


def test_persistence_image_sums_to_the_total_life() -> None:
    # the bumps lie inside [0, 1] by 8 standard deviations or more
    diagram = np.array([[0.5, 1.0], [0.4, 1.0], [0.0, np.inf]])
    image = topology.persistence_image(diagram)
    assert image.shape == (20, 20)
    assert image.sum() / 20**2 == pytest.approx(1.1, rel=1e-5)
    row, column = np.unravel_index(np.argmax(image), image.shape)
    assert (column / 20, row / 20) == pytest.approx((0.43, 0.57), abs=0.06)


def test_empty_diagrams_give_zeros() -> None:
    assert not topology.landscape(EMPTY, GRID).any()
    assert not topology.silhouette(EMPTY, GRID).any()
    assert not topology.persistence_image(EMPTY).any()
    assert not topology.betti_curve(EMPTY, GRID).any()


@pytest.mark.parametrize(
    "call",
    [
        lambda: topology.loops(EMPTY, -1),
        lambda: topology.loops(EMPTY, np.nan),
        lambda: topology.loops(np.zeros((3, 3))),
        lambda: topology.loops(np.array([[np.nan, 1]])),
        lambda: topology.loops(np.array([[0, np.nan]])),
        lambda: topology.loops(np.array([[2, 1]])),
    ],
)
def test_bad_input_is_refused(call) -> None:
    with pytest.raises(ValueError, match=r"choose|a diagram has"):
        call()
