"""Self-checks of the exercises: `check` tells right answers, and hints at the rest."""

import importlib
import pkgutil

from coursework.checks.core import Report, check, exercises

for _module in pkgutil.iter_modules(__path__):  # each registers the exercises it solves
    importlib.import_module(f"{__name__}.{_module.name}")
