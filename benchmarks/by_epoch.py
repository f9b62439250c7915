"""Follow the networks of the primary run through training, for the book.

`python -m benchmarks.by_epoch` trains half of them again on this machine (half an hour on two
cores), which takes the data of that run, and keeps every checkpoint in the store.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from funcnet_utils import studies
from funcnet_utils.studies import published
from funcnet_utils.studies.config import StudyConfig

ARMS = ("vanilla", "batch_norm", "dropout")
TABLE = Path(__file__).parents[1] / "book" / "benchmarks" / "by_epoch.csv"


def primary_small() -> StudyConfig:
    """Return the configuration of half of the primary run, on this machine."""
    primary = published.load(published.PRIMARY).config
    config = replace(primary, arms=ARMS, n_networks=10, block_size=5, device="cpu")
    return replace(config, densities=(config.density,), n_null=1)


if __name__ == "__main__":
    followed = studies.run(primary_small(), dynamics=True).dynamics
    followed.to_csv(TABLE, index=False, float_format="%.5g")
