"""Studies: compose, keep, resume and distribute the experiments of the book."""

from funcnet_utils.studies.config import PRESETS, StudyConfig, parse_hidden
from funcnet_utils.studies.study import Study, run
