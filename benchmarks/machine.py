"""What the numbers were measured on."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from funcnet_utils.studies.provenance import processor, versions

ROOT = Path(__file__).parents[1]
PEERS = (
    "bctpy",
    "giotto-ph",
    "gudhi",
    "igraph",
    "netneurotools",
    "networkit",
    "networkx",
    "persim",
    "POT",
    "ripser",
    "rustworkx",
)


def machine() -> dict[str, Any]:
    """Return processor, cores, memory, versions, date and commit."""
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _commit(),
        "cpu": processor(),
        "cores": os.cpu_count(),
        "memory_gib": _memory(),
        "load": [round(load, 1) for load in os.getloadavg()] if hasattr(os, "getloadavg") else [],
        "system": f"{platform.system()} {platform.machine()}",
        "versions": versions(),
        "peers": {name: _version(name) for name in PEERS},
    }


def _memory() -> float | None:
    if "SC_PHYS_PAGES" in getattr(os, "sysconf_names", ()):
        return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1)
    return None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=10"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
    except OSError:
        return ""
    return done.stdout.strip()
