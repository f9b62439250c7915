"""Functional networks: units as nodes, correlations as edges; see `functional_network`."""

import os
from importlib import import_module
from typing import Any

# Matrix products of MKL round by where their operands lie in memory, unless it is told otherwise;
# a network must have the same bits in populations of every size.
os.environ.setdefault("MKL_CBWR", "AVX2,STRICT")

_HOMES = {
    "FunctionalNetwork": "network",
    "functional_network": "network",
    "load_dataset": "datasets",
    "studies": "",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(f"{__name__}.{_HOMES[name] or name}")
    return getattr(home, name) if _HOMES[name] else home


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
