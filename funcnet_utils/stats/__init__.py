"""Statistics: effects, intervals, tests and verdicts. The unit is one trained network.

Effects say how large (`paired_effect`), corrections how many were tried (`holm`, `mtpc`), controls
what else could explain it (`adjusted_effect`, `mediation`, `rank_correlation`), and `verdicts` what
follows, by rule.
"""

from funcnet_utils.stats.association import Association, rank_correlation
from funcnet_utils.stats.covariates import Mediation, adjusted_effect, mediation
from funcnet_utils.stats.density_sweep import SweepTest, mtpc
from funcnet_utils.stats.effects import (
    Effect,
    cliffs_delta,
    hedges_g,
    one_sample_effect,
    paired_effect,
)
from funcnet_utils.stats.multiple import benjamini_hochberg, holm
from funcnet_utils.stats.reliability import Reliability, icc
from funcnet_utils.stats.resampling import bootstrap_interval, sign_flip_p
from funcnet_utils.stats.tost import Equivalence, equivalence
from funcnet_utils.stats.verdicts import verdict, verdicts

__all__ = [
    "Association",
    "Effect",
    "Equivalence",
    "Mediation",
    "Reliability",
    "SweepTest",
    "adjusted_effect",
    "benjamini_hochberg",
    "bootstrap_interval",
    "cliffs_delta",
    "equivalence",
    "hedges_g",
    "holm",
    "icc",
    "mediation",
    "mtpc",
    "one_sample_effect",
    "paired_effect",
    "rank_correlation",
    "sign_flip_p",
    "verdict",
    "verdicts",
]
