"""All cases, in the order of the table."""

from __future__ import annotations

from benchmarks import backend_cases, graph_cases, network_cases, topology_cases
from benchmarks.harness import Case


def all_cases(quick: bool) -> list[Case]:
    """Return all cases, or the same steps on small inputs."""
    return [
        case
        for module in (graph_cases, backend_cases, topology_cases, network_cases)
        for case in module.cases(quick)
    ]


def find(key: str, quick: bool) -> Case:
    """Return the case of that name."""
    return next(case for case in all_cases(quick) if case.key == key)
