"""Progress of pages: bars with the time left, plain lines elsewhere, and a closing table."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tqdm import tqdm

QUIET_SECONDS = 15.0
BAR = re.compile(
    r"^(?P<what>.*?): +\d+%\|.*\| (?P<done>\d+)/(?P<total>\d+) \[[\d:]+<(?P<left>[\d:?]+)"
)


class Outcome(Protocol):
    """What the closing table needs to know of a page."""

    @property
    def page(self) -> str:
        """Name of the page."""

    @property
    def seconds(self) -> float:
        """Wall time."""

    @property
    def status(self) -> str:
        """One of ran, cached, failed, stopped."""

    @property
    def key_result(self) -> str:
        """What the page found, in a few words; empty if it does not say."""


class Progress:
    """One line a page: page, cell, time, time left. Safe to call from several threads.

    Parameters
    ----------
    pages : sequence of str
        Pages that will run.
    earlier : mapping of str to list of float, optional
        By page, the seconds after which each cell of its last run began, then those of its end.
    """

    def __init__(
        self, pages: Sequence[str], earlier: Mapping[str, Sequence[float]] | None = None
    ) -> None:
        self._earlier = earlier or {}
        self._lock = threading.Lock()
        self._width = max((len(page) for page in pages), default=0)
        self._terminal = sys.stderr.isatty()
        self._bars: list[tqdm] = []
        self._running: dict[str, _Line] = {}

    def start(self, page: str, study: Path | None = None) -> None:
        """Show that a page starts, whose studies write their progress to a file."""
        with self._lock:
            line = self._running[page] = _Line(time.monotonic(), study=study)
            if self._terminal:
                line.bar = tqdm(
                    desc=page.ljust(self._width),
                    bar_format="{desc}  cell {n_fmt}/{total_fmt} |{bar:30}| {elapsed}{postfix}",
                    total=0,
                    position=len(self._bars),
                )
                self._bars.append(line.bar)
            else:
                self._say(page, "starting")

    def cell(self, page: str, number: int, total: int) -> None:
        """Note that a page has come to a code cell."""
        with self._lock:
            line = self._running[page]
            line.text = f"cell {number}/{total}"
            line.begun.append(time.monotonic() - line.started)
            if line.bar is not None:
                line.bar.total, line.bar.n = total, number
                line.bar.refresh()

    def tick(self) -> None:
        """Let the clocks run; call about once a second."""
        with self._lock:
            for page, line in self._running.items():
                left = self._left(page, line)
                if line.bar is not None:
                    line.bar.set_postfix_str(left, refresh=True)
                elif time.monotonic() - line.spoken > QUIET_SECONDS:
                    self._say(page, f"{line.text}{', ' * bool(left)}{left}")

    def end(self, page: str, status: str) -> list[float]:
        """Show that a page has ended; return when its cells began and when it ended."""
        with self._lock:
            line = self._running[page]
            if line.bar is not None:
                line.bar.set_postfix_str(status, refresh=True)
            else:
                self._say(page, status)
            del self._running[page]
            return [*line.begun, time.monotonic() - line.started]

    def _left(self, page: str, line: _Line) -> str:
        if line.study is not None and (said := study_progress(line.study)):
            return said
        times = self._earlier.get(page, [])
        inside = time.monotonic() - line.started - (line.begun[-1] if line.begun else 0.0)
        seconds = time_left(times, len(line.begun), inside)
        return "" if seconds is None else f"about {seconds:.0f} s left"

    def close(self) -> None:
        """Leave the lines as they are."""
        for bar in self._bars:
            bar.close()

    def _say(self, page: str, text: str) -> None:
        line = self._running[page]
        line.spoken = time.monotonic()
        seconds = line.spoken - line.started
        print(f"{page.ljust(self._width)}  {text} ({seconds:.0f} s)", file=sys.stderr, flush=True)


@dataclass
class _Line:
    """Where a running page is, and when a plain line last said so."""

    started: float
    text: str = "starting"
    spoken: float = 0.0
    bar: tqdm | None = None
    begun: list[float] = field(default_factory=list)
    study: Path | None = None


def study_progress(path: Path) -> str:
    """Return how far a study is that writes its bar to a file; empty if none is running.

    Parameters
    ----------
    path : Path
        File that `funcnet_utils.studies.scheduling.fill` writes to.
    """
    try:
        bars = re.split(r"[\r\n]+", path.read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        return ""
    found = BAR.match(bars[-1])
    if found is None or found["done"] == found["total"]:
        return ""
    return f"{found['what']}: {found['done']} of {found['total']} blocks, {found['left']} left"


def time_left(times: Sequence[float], cells: int, inside: float) -> float | None:
    """Return the seconds that a page still needs if it goes on as the last time.

    Parameters
    ----------
    times : sequence of float
        Seconds after which each cell of the last run began, then those of its end.
    cells : int
        Cells that have begun in this run.
    inside : float
        Seconds since the last of them began.

    Returns
    -------
    float or None
        None if the last run is not known or had fewer cells.

    Examples
    --------
    >>> time_left([1.0, 2.0, 12.0, 15.0], cells=2, inside=4.0)
    9.0
    >>> time_left([], cells=2, inside=4.0) is None
    True
    """
    if not 1 <= cells < len(times):
        return None
    begun, following, end = times[cells - 1], times[cells], times[-1]
    return end - following + max(0.0, following - begun - inside)


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the closing table: page, time, what happened, and what the page found.

    Parameters
    ----------
    outcomes : sequence of Outcome
        One for each page.

    Returns
    -------
    str

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> page = {"page": "small_world", "seconds": 12.3, "status": "ran", "key_result": "σ = 3.5"}
    >>> print(table([SimpleNamespace(**page)]))
    page           time  status  key result
    small_world  12.3 s  ran     σ = 3.5
    """
    width = max(len(outcome.page) for outcome in outcomes)
    lines = [f"{'page'.ljust(width)}  {'time':>6}  {'status':<7} key result"]
    for outcome in outcomes:
        seconds = f"{outcome.seconds:.1f} s"
        line = f"{outcome.page.ljust(width)}  {seconds:>6}  {outcome.status:<7} "
        lines.append((line + outcome.key_result).rstrip())
    return "\n".join(lines)
