"""What can be downloaded, from catalogue.json: files, mirrors, size and SHA-256 of contents."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Member:
    """Decompressed content: its name within an archive, its exact size in bytes, its SHA-256."""

    name: str
    n_bytes: int
    sha256: str


@dataclass(frozen=True)
class RemoteFile:
    """One compressed file, the mirrors that offer it, and what it must contain."""

    name: str
    urls: tuple[str, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Remote:
    """A data set that is downloaded: its files, in the order in which they are parsed."""

    name: str
    files: tuple[RemoteFile, ...]
    classes: tuple[str, ...]
    source: str


def _remote(name: str, facts: dict) -> Remote:
    parts = tuple(
        RemoteFile(
            file,
            tuple(f"{mirror}/{file}" for mirror in facts["mirrors"]),
            tuple(Member(*member) for member in members),
        )
        for file, members in facts["files"].items()
    )
    return Remote(name, parts, tuple(facts["classes"]), facts["source"])


_FACTS = json.loads(files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8"))
REMOTES = {name: _remote(name, facts) for name, facts in _FACTS.items()}
