"""Data sets: images in [0, 1] with labels, offline first, verified, never silently replaced."""

from funcnet_utils.datasets.download import data_folder
from funcnet_utils.datasets.loaders import DATASETS, dataset_identity, load_dataset
from funcnet_utils.datasets.records import DataError, Dataset, Split
