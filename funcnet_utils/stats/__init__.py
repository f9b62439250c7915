"""Statistics: effects, intervals, tests and verdicts. The unit is one trained network.

Effects say how large (`paired_effect`), corrections how many were tried (`holm`, `mtpc`), controls
what else could explain it (`adjusted_effect`, `mediation`, `rank_correlation`), and `verdict` what
follows, by rule. Samples contain one finite number per network; samples that are compared in pairs
are of one length. Others are refused with a ValueError.
"""

from funcnet_utils.stats.agreement import (
    Association,
    Reliability,
    icc,
    rank_correlation,
    smallest_rho,
)
from funcnet_utils.stats.covariates import Mediation, adjusted_effect, leverage, mediation
from funcnet_utils.stats.effects import (
    Effect,
    Equivalence,
    SweepTest,
    cliffs_delta,
    equivalence,
    hedges_g,
    mtpc,
    one_sample_effect,
    paired_effect,
)
from funcnet_utils.stats.resampling import ALPHA, bootstrap_interval, sign_flip_p, t_interval
from funcnet_utils.stats.verdicts import (
    PART,
    benjamini_hochberg,
    control_word,
    holm,
    pairs_needed,
    verdict,
)
