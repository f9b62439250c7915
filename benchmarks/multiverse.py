"""Follow every claim along its registered list of paths, for the book.

`python -m benchmarks.multiverse` takes a quarter of an hour; it needs the store in which
`python -m benchmarks.specialization` has kept the networks, and goes on where it was stopped.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.by_epoch import ARMS, primary_small
from funcnet_utils import studies
from funcnet_utils.studies import multiverse, published
from funcnet_utils.studies.curves import tables
from funcnet_utils.studies.matched import AA
from funcnet_utils.studies.paths import LISTS, paths
from funcnet_utils.studies.provenance import code_digest
from funcnet_utils.studies.store import Entry, Store

BOOK = Path(__file__).parents[1] / "book" / "benchmarks"
RUNS = (published.PRIMARY, f"{published.PRIMARY}-seed1", f"{published.PRIMARY}-seed2")


def network(study: studies.Study, number: int) -> Entry:
    """Return the pairs of one number along all paths about graphs and loops."""
    probed, arrays = multiverse.Probed(study, number), {}
    for claim, choices in LISTS.items():
        if "edges" in choices:
            print(number, claim, file=sys.stderr)
            pairs = multiverse.network_pairs(probed, claim, paths(claim))
            arrays |= {f"{claim}/{k}": each for k, each in enumerate(pairs)}
    return Entry(arrays=arrays)


if __name__ == "__main__":
    study = studies.run(replace(primary_small(), arms=(*ARMS, AA)))
    found = []
    for number in range(study.config.n_networks):
        key = {
            "network": number,
            "study": study.config.hash,
            "code": code_digest(multiverse.network_pairs),
        }
        entry = Store().get_or_compute("multiverse", key, lambda n=number: network(study, n))
        found.append(entry.arrays)
    curves = {seed: published.load(name) for seed, name in enumerate(RUNS)}
    by_path, by_claim = [], []
    for claim, choices in LISTS.items():
        pairs = (
            multiverse.curve_pairs(curves, claim)
            if "range" in choices
            else [np.stack([each[f"{claim}/{k}"] for each in found], axis=-1) for k in (0, 1)]
        )
        rows, row = tables(claim, paths(claim), *pairs)
        by_path.append(rows)
        by_claim.append(row)
    for name, table in (("", pd.concat(by_path)), ("_claims", pd.DataFrame(by_claim))):
        table.to_csv(BOOK / f"multiverse{name}.csv", index=False, float_format="%.3g")
