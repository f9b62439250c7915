"""Follow the specialization of networks of the primary run through training, for the book.

`python -m benchmarks.specialization` takes a quarter of an hour, and trains ten networks in another
order of batches; it needs the store in which `python -m benchmarks.by_epoch` has kept the others.
"""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd

from benchmarks.by_epoch import ARMS, primary_small
from funcnet_utils import studies
from funcnet_utils.studies.matched import AA
from funcnet_utils.studies.specialization import specialization_at

TABLE = Path(__file__).parents[1] / "book" / "benchmarks" / "specialization.csv"


if __name__ == "__main__":
    study = studies.run(replace(primary_small(), arms=(*ARMS, AA)))
    config, rows = study.config, []
    for key in itertools.product(config.arms, range(config.n_networks), config.epochs_kept):
        print(*key, file=sys.stderr)
        names = dict(zip(("arm", "network", "epoch"), key, strict=True))
        rows.append(names | specialization_at(study, *key))
    pd.DataFrame(rows).to_csv(TABLE, index=False, float_format="%.5g")
