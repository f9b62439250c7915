"""Attack the published networks of the primary run with another library, for the book.

`python -m benchmarks.second_opinion` takes some minutes and needs the data of that run.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from funcnet_utils.datasets import load_dataset
from funcnet_utils.models import AttackConfig, attack_table, library_attack, right_answers
from funcnet_utils.studies import published

ATTACKS = (("apgd_ce", 100), ("apgd_dlr", 100), ("square", 5000))
N_IMAGES = 200
TABLE = Path(__file__).parents[1] / "book" / "benchmarks" / "second_opinion.csv"


def compare(arm: str) -> pd.DataFrame:
    """Return the share of images that survive our worst attack, and all of the other library."""
    study = published.load(published.PRIMARY)
    network, data = study.population(arm, 0), load_dataset(study.config.dataset)
    chosen = np.linspace(0, len(data.test) - 1, N_IMAGES).round().astype(int)
    images, labels = data.test.images[chosen], data.test.labels[chosen]
    epsilons = study.config.epsilons[2:5]
    settings = AttackConfig((0.0, *epsilons), n_images=N_IMAGES, seed=0)
    ours = attack_table(network, data.test, settings).query("attack == 'worst'")
    rows = []
    for epsilon in epsilons:
        alive = right_answers(network, images, labels)[0]
        for attack, steps in ATTACKS:
            left = np.flatnonzero(alive)
            if len(left):
                options = {"steps": steps, "restarts": 1, "shape": data.shape}
                moved = library_attack(
                    network, 0, images[left], labels[left], epsilon, attack, **options
                )
                alive[left] = right_answers(network, moved, labels[left])[0]
            rows.append((arm, epsilon, attack, steps, alive.mean()))
        print(*rows[-1], file=sys.stderr)
    table = pd.DataFrame(rows, columns=["arm", "epsilon", "after", "steps", "toolbox"])
    return table.merge(ours[["epsilon", "accuracy"]].rename(columns={"accuracy": "ours"}))


if __name__ == "__main__":
    tables = [compare(arm) for arm in ("vanilla", "batch_norm", "dropout")]
    pd.concat(tables).to_csv(TABLE, index=False, float_format="%.4f")
