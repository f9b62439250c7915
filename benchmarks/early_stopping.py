"""Train the networks of the chapter on early stopping, for the book.

`python -m benchmarks.early_stopping` takes about twenty minutes on one core. What is finished lies
in the results folder, so a run that was ended goes on where it was.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pandas as pd

from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.early_stopping import training_curves
from funcnet_utils.studies.store import Store

TABLE = Path(__file__).parents[1] / "book" / "benchmarks" / "early_stopping.csv"
DATASETS = ("mnist", "fashion_mnist")
SIZES = (100, 300, 1000, 3000, 10_000)
TRAINING = {"arms": ("vanilla",), "n_epochs": 60, "batch_size": 32, "learning_rate": 1e-3}
N_NETWORKS = 12


if __name__ == "__main__":
    parts = []
    for network, name, size in itertools.product(range(N_NETWORKS), DATASETS, SIZES):
        kept = Store().root / "early_stopping" / f"{name}-{size}-{network}.csv"
        if not kept.exists():
            print(name, size, network, file=sys.stderr)
            rows = training_curves(StudyConfig(dataset=name, **TRAINING), size, network)
            kept.parent.mkdir(parents=True, exist_ok=True)
            unfinished = kept.with_suffix(".part")
            rows.to_csv(unfinished, index=False, float_format="%.5g")
            unfinished.replace(kept)
        parts.append(pd.read_csv(kept).assign(dataset=name, size=size, network=network))
    pd.concat(parts).to_csv(TABLE, index=False)
