"""Self-checks of the exercises: `check` tells right answers, and hints at the rest."""

from coursework.checks import (
    adversarial,
    choices,
    clusters,
    correlation,
    engine,
    experiments,
    measures,
    null_models,
    persistence,
    regularization,
    robustness_chapter,
    statistics,
    toys,
)
from coursework.checks.core import Report, check, exercises

__all__ = [
    "Report",
    "adversarial",
    "check",
    "choices",
    "clusters",
    "correlation",
    "engine",
    "exercises",
    "experiments",
    "measures",
    "null_models",
    "persistence",
    "regularization",
    "robustness_chapter",
    "statistics",
    "toys",
]
