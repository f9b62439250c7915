"""The protocol is a chain, the page shows all of it, and the abstract is quoted word by word."""

import copy
import hashlib
import json
import re
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from funcnet_utils.studies import ledgers, protocol, published

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "book").glob("*.md")), *sorted((ROOT / "notebooks").glob("*.md"))]
# A mark of omission stands for any words, so each piece between marks must be in the abstract.
OMISSION = re.compile(r"\s*(?:…|\[…\])\s*")


def test_the_chain_holds_with_plain_tools():
    previous = ""
    for entry in json.loads(protocol.FILE.read_text())["entries"]:
        assert entry["previous"] == previous
        text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        previous = hashlib.sha256(text.encode()).hexdigest()
    assert protocol.digest() == previous


def test_a_change_of_an_early_entry_is_seen(tmp_path, monkeypatch):
    whole = json.loads(protocol.FILE.read_text())
    changed = copy.deepcopy(whole)
    changed["entries"][0]["claims"][0]["direction"] = -1
    file = tmp_path / "protocol.json"
    file.write_text(json.dumps(changed))
    monkeypatch.setattr(protocol, "FILE", file)
    protocol.entries.cache_clear()
    with pytest.raises(ValueError, match=r"entry 1 of .* does not follow"):
        protocol.entries()
    protocol.entries.cache_clear()


def test_an_amendment_that_leaves_the_ledger_alone_makes_no_ledger_old():
    one, *others = protocol.digests_of_same_words()
    assert one == protocol.digest()
    unchanged = [entry.get("ledger") == "unchanged" for entry in protocol.entries()]
    assert len(others) == len(unchanged) - 1 - max(
        k for k, same in enumerate(unchanged) if not same
    )
    kept = published.ledger_of(published.PRIMARY)
    pd.testing.assert_frame_equal(ledgers.published_ledger(published.PRIMARY), kept)


def texts(part):
    """Return all texts inside a part of the protocol."""
    if isinstance(part, dict):
        return [text for each in part.values() for text in texts(each)]
    if isinstance(part, list):
        return [text for each in part for text in texts(each)]
    return [part] if isinstance(part, str) else []


def test_the_page_shows_every_word_of_the_protocol():
    page = (ROOT / "book" / "protocol.md").read_text()
    for entry in protocol.entries():
        shown = {name: part for name, part in entry.items() if name not in ("previous", "claims")}
        claims = [claim | {"samples": []} for claim in entry.get("claims", [])]
        for text in texts([shown, claims]):
            assert text in page, text
        assert protocol.entry_digest(entry) in page


def git(*words):
    return subprocess.run(["git", *words], cwd=ROOT, check=False, capture_output=True, text=True)


@pytest.mark.skipif(
    git("rev-parse", "--is-shallow-repository").stdout.strip() != "false",
    reason="needs the whole history",
)
def test_the_commits_exist():
    for commit in protocol.entries()[0]["commits"]:
        assert git("cat-file", "-e", commit).returncode == 0, commit


def quotations(page):
    """Return what a page quotes from the abstract."""
    text = re.sub(r"\n> ?", " ", page.read_text())
    return re.findall(r'"([^"]*)"\s*-- \{cite:t\}`zhang2023functional`, abstract', text)


def test_every_quotation_of_the_abstract_is_verbatim():
    found = [(page.stem, quote) for page in PAGES for quote in quotations(page)]
    # from its third sentence on, as quotations must have it
    abstract = json.loads(protocol.FILE.read_text())["abstract"]["text"]
    assert {page for page, _ in found} >= {"small_world", "batch_norm", "dropout", "clustering"}
    assert sum(page.read_text().count("`zhang2023functional`, abstract") for page in PAGES) == len(
        found
    )
    for page, quote in found:
        for piece in filter(None, OMISSION.split(quote)):
            assert piece in abstract, (page, piece)
