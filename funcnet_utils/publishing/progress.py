"""Progress of pages: bars on a terminal, plain lines elsewhere, and a closing table."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tqdm import tqdm

QUIET_SECONDS = 15.0


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


class Progress:
    """One line a page: page, cell, time. Safe to call from several threads.

    Parameters
    ----------
    pages : sequence of str
        Pages that will run.
    """

    def __init__(self, pages: Sequence[str]) -> None:
        self._lock = threading.Lock()
        self._width = max((len(page) for page in pages), default=0)
        self._terminal = sys.stderr.isatty()
        self._bars: list[tqdm] = []
        self._running: dict[str, _Line] = {}

    def start(self, page: str) -> None:
        """Show that a page starts."""
        with self._lock:
            line = self._running[page] = _Line(time.monotonic())
            if self._terminal:
                line.bar = tqdm(
                    desc=page.ljust(self._width),
                    bar_format="{desc}  cell {n_fmt}/{total_fmt} |{bar:30}| {elapsed}",
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
            if line.bar is not None:
                line.bar.total, line.bar.n = total, number
                line.bar.refresh()

    def tick(self) -> None:
        """Let the clocks run; call about once a second."""
        with self._lock:
            for page, line in self._running.items():
                if line.bar is not None:
                    line.bar.refresh()
                elif time.monotonic() - line.spoken > QUIET_SECONDS:
                    self._say(page, line.text)

    def end(self, page: str, status: str) -> None:
        """Show that a page has ended."""
        with self._lock:
            if not self._terminal:
                self._say(page, status)
            del self._running[page]

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


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the closing table: page, time, and what happened.

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
    >>> print(table([SimpleNamespace(page="small_world", seconds=12.3, status="ran")]))
    page           time  status
    small_world  12.3 s  ran
    """
    width = max(len(outcome.page) for outcome in outcomes)
    lines = [f"{'page'.ljust(width)}  {'time':>6}  status"]
    for outcome in outcomes:
        seconds = f"{outcome.seconds:.1f} s"
        lines.append(f"{outcome.page.ljust(width)}  {seconds:>6}  {outcome.status}")
    return "\n".join(lines)
