"""When the cells of earlier runs began."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any


class Times:
    """When the cells of the last run of each page began: a guess of the time left, no more.

    Parameters
    ----------
    path : Path
        JSON file; anything else that lies there counts as nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def of(self, page: str, profile: str) -> list[float]:
        """Return the seconds at which each cell began, then the end; empty if not known."""
        times = self._read().get(f"{page}, {profile}", [])
        return [float(each) for each in times] if isinstance(times, list) else []

    def keep(self, page: str, profile: str, times: list[float]) -> None:
        """Remember the times of a page that ran to its end."""
        with self._lock:
            content = self._read() | {f"{page}, {profile}": [round(t, 2) for t in times]}
            beside = self._path.with_suffix(".partial")
            beside.write_text(json.dumps(content, indent=1), encoding="utf-8")
            beside.replace(self._path)

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}
