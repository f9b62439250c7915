"""What the figures of distances show."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb

from funcnet_utils import plots


def test_embedding_has_a_colour_and_a_legend_entry_an_arm():
    points = np.arange(12.0).reshape(6, 2)
    arms = ["vanilla", "dropout", "vanilla", "other", "dropout", "vanilla"]
    figure, ax = plt.subplots()
    assert plots.plot_embedding(points, arms, ax) is ax
    assert len({c.get_label() for c in ax.collections}) == 3
    first = ax.collections[0]
    np.testing.assert_array_equal(first.get_offsets(), points[[0, 2, 5]])
    assert tuple(first.get_facecolor()[0][:3]) == to_rgb(plots.COLORS["vanilla"])
    plt.close(figure)


def test_distance_matrix_names_and_parts_the_arms():
    distances = np.abs(np.arange(5.0)[:, None] - np.arange(5.0))
    figure, ax = plt.subplots()
    assert plots.plot_distance_matrix(distances, ["vanilla"] * 2 + ["dropout"] * 3, "W2", ax) is ax
    shown = ax.collections[0].get_array()
    np.testing.assert_array_equal(np.ravel(shown), distances.ravel())
    assert ax.get_xticks().tolist() == [1.0, 3.5]
    assert sorted({line.get_xdata()[0] for line in ax.lines if line.get_xdata()[0] > 1}) == [2]
    assert figure.axes[1].get_ylabel() == "W2"
    plt.close(figure)
