"""Loops of samples of points: those of known circles, and intervals that cover the truth."""

import numpy as np
import pytest
from scipy.stats import binom

from funcnet_utils import errors, topology


def circles(radii, n, spread=0.0):
    """Return distances between random points on circles far from each other, n on each."""
    rng = np.random.default_rng(0)
    centres = 10.0 * np.arange(len(radii))
    angles = rng.uniform(0, 2 * np.pi, (n, len(radii)))
    points = (centres + radii * np.exp(1j * angles) + rng.normal(0, spread, angles.shape)).ravel()
    return np.abs(points[:, None] - points)


def test_long_loops_of_circles_are_those_of_all_points():
    distances = circles([1.0, 1.5, 2.0], 150, spread=0.02)
    exact = topology.persistence(distances)[1]
    assert topology.loops(exact, 0.8) == 3
    for n_points in (200, 300):
        found = topology.sampled_loops(distances, n_points, 0.8, n_draws=8)
        assert found["long"] == (3, 3, 3)
        assert found["max"][0] < topology.summary(exact)["max"]  # fewer points, later births


def test_samples_of_all_points_are_exact():
    distances = circles([1.0, 1.5], 20, spread=0.3)
    exact = topology.persistence(distances)[1]
    found = topology.sampled_loops(distances, len(distances), 0.3, n_draws=3, seed=5)
    expected = {"long": topology.loops(exact, 0.3)} | topology.summary(exact)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], 3 * [value], rtol=1e-14, err_msg=name)


def test_intervals_cover_the_mean_as_often_as_they_say():
    """The truth is the mean of all draws of all runs, 150 times as many as one run has."""
    distances, trials = circles([1.0, 1.5], 20, spread=0.3), 150
    runs = [topology.sampled_loops(distances, 24, 0.3, 20, seed) for seed in range(trials)]
    least, most = binom.ppf([0.0005, 0.9995], trials, 0.95)
    for name in ("long", "count", "total", "max"):
        means, low, high = np.array([run[name] for run in runs]).T
        truth = means.mean()
        assert least <= np.count_nonzero((low <= truth) & (truth <= high)) <= most, name


def test_only_what_is_drawn_is_read(tmp_path):
    n = 500
    distances = circles([1.0], n)
    file = np.memmap(tmp_path / "distances", np.float64, "w+", shape=(n, n))
    file[:] = distances
    assert topology.sampled_loops(file, 30, 0.5) == topology.sampled_loops(distances, 30, 0.5)
    drawn = np.random.default_rng(0).choice(n, 30, replace=False)
    others = np.setdiff1d(np.arange(n), drawn)
    file[others] = file[:, others] = np.nan  # which the second draw meets
    with pytest.raises(ValueError, match="there is NaN or infinity"):
        topology.sampled_loops(file, 30, 0.5, n_draws=2)


def test_long_draws_are_announced_once_before_they_start(monkeypatch):
    distances = circles([1.0], 200, spread=0.02)
    monkeypatch.setattr(errors, "LONG", 3 * topology.time_estimate(distances[:60, :60]))
    with pytest.warns(errors.LongComputationWarning, match="loops of 8 draws of 60") as seen:
        topology.sampled_loops(distances, 60, 0.5, n_draws=8)
    assert [warning.filename for warning in seen] == [__file__]
