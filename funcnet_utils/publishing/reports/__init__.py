"""What the chapters on experiments share: ledgers, sentences and figures of studies."""

from funcnet_utils.publishing.reports.figures import (
    plot_against_null,
    plot_attacks,
    plot_ledger,
    plot_lesions,
    plot_panels,
    plot_strength,
    plot_verdicts,
)
from funcnet_utils.publishing.reports.ledgers import (
    all_runs,
    glue_ledger,
    interval,
    ledger_table,
    published_ledgers,
    published_names,
    run_title,
    same_before_training,
)

__all__ = [
    "all_runs",
    "glue_ledger",
    "interval",
    "ledger_table",
    "plot_against_null",
    "plot_attacks",
    "plot_ledger",
    "plot_lesions",
    "plot_panels",
    "plot_strength",
    "plot_verdicts",
    "published_ledgers",
    "published_names",
    "run_title",
    "same_before_training",
]
