"""The protocol: what was registered, and each amendment, in a chain that shows every change."""

from __future__ import annotations

import functools
import hashlib
import json
from typing import Any

from funcnet_utils.studies.store import HOME

FILE = HOME / "results" / "protocol.json"


def entry_digest(entry: dict[str, Any]) -> str:
    """Return the SHA-256 of an entry as canonical JSON, which names the digest of the one before.

    Parameters
    ----------
    entry : dict
        What was registered or changed, with the key previous.
    """
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@functools.cache
def entries() -> list[dict[str, Any]]:
    """Return the registered claims and rule, then the amendments, oldest first.

    Raises
    ------
    ValueError
        If an entry was changed after another one followed it.
    """
    found, previous = json.loads(FILE.read_text(encoding="utf-8"))["entries"], ""
    for number, entry in enumerate(found):
        if entry["previous"] != previous:
            raise ValueError(f"entry {number} of {FILE} does not follow: add entries, change none.")
        previous = entry_digest(entry)
    return found


def digests_of_same_words() -> list[str]:
    """Return the digests of the last entries, back to the last that changed words of ledgers."""
    found = []
    for entry in reversed(entries()):
        found.append(entry_digest(entry))
        if entry.get("ledger") != "unchanged":
            break
    return found


def digest() -> str:
    """Return the digest of the last entry, and so of the whole chain."""
    return entry_digest(entries()[-1])
