"""Models: train a population, probe it, attack it and lesion it; or any torch module."""

from funcnet_utils.arms import ARMS, Arm, get_arm
from funcnet_utils.models.attack_tables import ATTACKS, AttackConfig, attack_table, self_tests
from funcnet_utils.models.attacks import fgsm, pgd, robust_accuracy
from funcnet_utils.models.classifier import Classifier, classifier, gradient_sizes, right_answers
from funcnet_utils.models.curves import attack_auc, fault_tolerance_table, lesion_auc
from funcnet_utils.models.lesion_tables import STRATEGIES, LesionConfig, lesion_orders, lesion_table
from funcnet_utils.models.lesions import lesion_curve, weight_noise_curve
from funcnet_utils.models.library_attacks import library_attack
from funcnet_utils.models.perturbations import gaussian_noise, pixel_flips
from funcnet_utils.models.population import Population
from funcnet_utils.models.probe import activations, correlations
from funcnet_utils.models.training import TrainingError, evaluate, moved, train
