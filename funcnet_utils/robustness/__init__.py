"""Robustness of a population as tidy tables: attacks with their self-tests, and lesions."""

from funcnet_utils.robustness.attacks import (
    ATTACKS,
    AttackConfig,
    attack_auc,
    attack_table,
    self_tests,
)
from funcnet_utils.robustness.lesions import (
    STRATEGIES,
    LesionConfig,
    fault_tolerance_table,
    lesion_auc,
    lesion_orders,
    lesion_table,
)

__all__ = [
    "ATTACKS",
    "STRATEGIES",
    "AttackConfig",
    "LesionConfig",
    "attack_auc",
    "attack_table",
    "fault_tolerance_table",
    "lesion_auc",
    "lesion_orders",
    "lesion_table",
    "self_tests",
]
