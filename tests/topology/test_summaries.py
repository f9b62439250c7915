"""Summaries of diagrams by hand, and against persim where it has the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from funcnet_utils import topology

DIAGRAM = np.array([[0.1, 0.5], [0.2, 0.3], [0.3, 0.6]])
EMPTY = np.zeros((0, 2))
GRID = np.linspace(0, 1, 101)


def test_summary_by_hand():
    found = topology.summary(DIAGRAM)
    assert found["count"] == 3
    assert found["count_005"] == 3
    assert found["total"] == pytest.approx(0.8)
    assert found["mean"] == pytest.approx(0.8 / 3)
    assert found["max"] == pytest.approx(0.4)
    assert found["l2"] == pytest.approx(np.sqrt(0.16 + 0.01 + 0.09))
    shares = np.array([4, 1, 3]) / 8
    assert found["entropy"] == pytest.approx(-(shares * np.log(shares)).sum())


def test_empty_and_endless():
    assert set(topology.summary(EMPTY).values()) == {0.0}
    assert topology.summary([[0.0, np.inf]])["count"] == 0
    assert topology.loops(EMPTY) == 0
    assert topology.loops([[0.0, np.inf]]) == 1
    assert not topology.betti_curve(EMPTY, GRID).any()
    assert not topology.landscape(EMPTY, GRID).any()
    assert not topology.silhouette(EMPTY, GRID).any()


def test_loops_need_more_than_the_lifetime():
    assert topology.loops(DIAGRAM, 0.05) == 3
    assert topology.loops([[0.0, 0.25]], 0.25) == 0


diagrams = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 50)).map(
        lambda p: (p[0] / 100, (p[0] + p[1]) / 100)
    ),
    max_size=12,
).map(lambda points: np.array(points).reshape(-1, 2))


@given(diagrams)
def test_betti_curve_counts_what_is_alive(diagram):
    curve = topology.betti_curve(diagram, GRID)
    for t, value in zip(GRID, curve, strict=True):
        assert value == sum(birth <= t < death for birth, death in diagram)


@given(diagrams)
def test_landscape_layers_descend_and_hold_the_area(diagram):
    grid = np.linspace(0, 1, 1001)
    layers = topology.landscape(diagram, grid, n_layers=max(len(diagram), 1))
    assert (np.diff(layers, axis=0) <= 0).all()
    area = np.trapezoid(layers, grid, axis=1).sum()
    lifetimes = diagram[:, 1] - diagram[:, 0]
    # a tent is a triangle of area (lifetime / 2)^2; the grid meets its corners
    assert area == pytest.approx((lifetimes**2 / 4).sum(), abs=1e-5)


def test_image_puts_a_bump_at_birth_and_lifetime():
    image = topology.persistence_image([[0.25, 1.0]], resolution=100, bandwidth=0.02)
    row, column = np.unravel_index(image.argmax(), image.shape)
    assert (row, column) == pytest.approx((75, 25), abs=1)
    # a normal density of weight 0.75, all of it inside the square
    assert image.sum() / 100**2 == pytest.approx(0.75, rel=1e-3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: topology.loops(np.zeros((3, 3))), "births and deaths"),
        (lambda: topology.loops([[0.5, 0.1]]), "after its death"),
        (lambda: topology.loops(DIAGRAM, -1), "min_lifetime is -1"),
        (lambda: topology.summary([[np.nan, 0.1]]), "not finite"),
        (lambda: topology.landscape(DIAGRAM, GRID, n_layers=0), "n_layers is 0"),
        (lambda: topology.persistence_image(DIAGRAM, bandwidth=0), "bandwidth 0"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
