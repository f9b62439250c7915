"""Models: train a population, probe it, attack it and lesion it."""

from funcnet_utils.arms import ARMS, Arm, get_arm
from funcnet_utils.models.attack_tables import (
    ATTACKS,
    AttackConfig,
    attack_auc,
    attack_table,
    self_tests,
)
from funcnet_utils.models.attacks import fgsm, pgd, robust_accuracy
from funcnet_utils.models.lesion_tables import (
    STRATEGIES,
    LesionConfig,
    fault_tolerance_table,
    lesion_auc,
    lesion_orders,
    lesion_table,
)
from funcnet_utils.models.lesions import lesion_curve, weight_noise_curve
from funcnet_utils.models.population import Population, network_seeds
from funcnet_utils.models.probe import activations, correlations
from funcnet_utils.models.training import TrainingError, evaluate, train

__all__ = [
    "ARMS",
    "ATTACKS",
    "STRATEGIES",
    "Arm",
    "AttackConfig",
    "LesionConfig",
    "Population",
    "TrainingError",
    "activations",
    "attack_auc",
    "attack_table",
    "correlations",
    "evaluate",
    "fault_tolerance_table",
    "fgsm",
    "get_arm",
    "lesion_auc",
    "lesion_curve",
    "lesion_orders",
    "lesion_table",
    "network_seeds",
    "pgd",
    "robust_accuracy",
    "self_tests",
    "train",
    "weight_noise_curve",
]
