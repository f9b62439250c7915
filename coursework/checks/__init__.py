"""Self-checks of the exercises: `check` tells right answers, and hints at the rest."""

from coursework.checks import (
    adversarial,
    clusters,
    correlation,
    engine,
    experiments,
    measures,
    null_models,
    persistence,
    robustness,
    statistics,
    toys,
    verdicts,
)
from coursework.checks.core import Report, check, exercises
