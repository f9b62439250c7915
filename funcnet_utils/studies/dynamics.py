"""Functional networks through training: their measures and their robustness at one checkpoint."""

from __future__ import annotations

import numpy as np
import pandas as pd

from funcnet_utils.datasets import load_dataset
from funcnet_utils.models import Population
from funcnet_utils.models.attacks import survivors
from funcnet_utils.models.curves import spread
from funcnet_utils.models.training import evaluate
from funcnet_utils.studies.analysis import functional_network
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.controls import GRAPH_MEASURES

N_IMAGES = 200
STEPS = 10


def measures_now(config: StudyConfig, population: Population, matrices: np.ndarray) -> pd.DataFrame:
    """Return measures of networks with the parameters that they have now.

    Parameters
    ----------
    config : StudyConfig
        Of the study.
    population : Population
        Networks.
    matrices : ndarray, shape (n_networks, n_hidden, n_hidden)
        Their signed correlations; with too many dead units for a spanning tree, no measures of
        graphs.

    Returns
    -------
    DataFrame
        network (0 is the first), measure, value: accuracy, mean_abs_r, loops, four of graphs,
        and ``robust E``, the share in [0, 1] of at most 200 test images that survive PGD of ten
        steps and one start at epsilon E.
    """
    rows: list[tuple[int, str, float]] = []
    for network, matrix in enumerate(matrices):
        net = functional_network(config, matrix)
        found = {"mean_abs_r": net.strength[np.triu_indices(len(net.r), 1)].mean()}
        found["loops"] = len(net.diagrams()[1])
        if config.density >= 2 / max(len(net.units), 2):
            graph = net.graph(config.density)
            found |= {name: of(graph, config.seed) for name, of in GRAPH_MEASURES.items()}
        rows += [(network, name, float(value)) for name, value in found.items()]
    test = load_dataset(config.dataset).test
    rows += [(k, "accuracy", share) for k, share in enumerate(evaluate(population, test)[1])]
    images, labels = spread(test, min(N_IMAGES, config.n_attacked))
    samples = (population, images, labels, config.epsilons)
    alive = survivors(*samples, steps=STEPS, restarts=1, seed=config.seed).mean(2)
    for epsilon, shares in zip(config.epsilons, alive, strict=True):
        rows += [(k, f"robust {epsilon:g}", float(share)) for k, share in enumerate(shares)]
    return pd.DataFrame(rows, columns=["network", "measure", "value"])
