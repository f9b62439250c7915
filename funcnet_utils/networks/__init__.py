"""Networks: train a population, show it images, correlate its hidden units."""

from funcnet_utils.arms import ARMS, Arm, get_arm
from funcnet_utils.networks.attacks import fgsm, pgd, robust_accuracy
from funcnet_utils.networks.lesions import lesion_curve, weight_noise_curve
from funcnet_utils.networks.population import Population, network_seeds
from funcnet_utils.networks.probe import (
    activations,
    correlations,
    dead_units,
    functional_weights,
)
from funcnet_utils.networks.training import TrainingError, evaluate, train

__all__ = [
    "ARMS",
    "Arm",
    "Population",
    "TrainingError",
    "activations",
    "correlations",
    "dead_units",
    "evaluate",
    "fgsm",
    "functional_weights",
    "get_arm",
    "lesion_curve",
    "network_seeds",
    "pgd",
    "robust_accuracy",
    "train",
    "weight_noise_curve",
]
