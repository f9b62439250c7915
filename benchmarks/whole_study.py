"""The study of the paper's size, put together from its measured parts."""

from __future__ import annotations

from typing import Any

from benchmarks.graph_cases import ARM
from benchmarks.network_cases import EPOCH

N_ARMS, N_EPOCHS, N_NETWORKS = 3, 100, 20
TARGET = 10.0
STUDY = "study of the paper's size"


def whole_study(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a row for each way to run the published loop, if its parts were measured.

    Training is that many times one epoch of one network; the analysis is that of one arm by the
    igraph pipeline, or by ours on one core, once an arm.
    """
    arm = next((r for r in rows if r["step"] == ARM and r["ratio"]), None)
    found = []
    for row in rows:
        if row["step"] != EPOCH or not row["ratio"] or arm is None:
            continue
        epochs = N_ARMS * N_NETWORKS * N_EPOCHS
        seconds, peer_seconds = (
            epochs * row[side] + N_ARMS * arm[side] for side in ("seconds_ours", "seconds_peer")
        )
        found.append(
            {
                **row,
                "step": STUDY,
                "peer": f"{row['peer']}, igraph",
                "seconds_ours": seconds,
                "seconds_peer": peer_seconds,
                "ratio": peer_seconds / seconds,
                "target": TARGET,
                "difference": None,
                "version": f"{row['version']}, {arm['version']}",
                "note": f"{N_ARMS * N_NETWORKS} networks, {N_EPOCHS} epochs, extrapolated from one "
                "epoch; with the measures and sigma of three arms",
            }
        )
    return found
