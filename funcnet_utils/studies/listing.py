"""List what the results store holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SHOWN = ("dataset", "hidden", "n_networks", "n_epochs", "seed")


def list_results(folder: Path) -> str:
    """Return one line an entry: name, kind, size, configuration.

    Parameters
    ----------
    folder : Path
        Root of the store.

    Examples
    --------
    >>> list_results(Path("/nowhere"))
    'the store /nowhere is empty'
    """
    lines = [
        f"{entry.parent.name:<24} {_kind(entry):<12} {_size(entry.parent):>9}  {_summary(entry)}"
        for entry in sorted(folder.glob("*/config.json"))
    ]
    if not lines:
        return f"the store {folder} is empty"
    return "\n".join([f"{'entry':<24} {'kind':<12} {'size':>9}  configuration", *lines])


def _config(entry: Path) -> dict[str, Any]:
    try:
        content = json.loads(entry.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"kind": "unreadable"}
    return content if isinstance(content, dict) else {"kind": "unreadable"}


def _kind(entry: Path) -> str:
    return str(_config(entry).get("kind", "?"))


def _summary(entry: Path) -> str:
    content = _config(entry)
    inner = content.get("config", content)
    values = inner if isinstance(inner, dict) else content
    return ", ".join(f"{name}={values[name]}" for name in SHOWN if name in values)


def _size(folder: Path) -> str:
    total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return f"{total / 1e6:.2f} MB"
