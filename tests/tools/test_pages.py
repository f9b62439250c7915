"""Helpers for pages and for the built book."""

import json

import numpy as np
import pytest

from funcnet_utils.pages import glue_value, profile_note, run_card, verdict_box
from funcnet_utils.studies.store import Store
from tools import bookext


def test_run_card_escapes_html():
    page = run_card({"note": "<b>&"}, profile="smoke")._repr_html_()
    assert "&lt;b&gt;&amp;" in page
    assert "<td>smoke</td>" in page


def test_only_smoke_gets_a_note():
    assert "meaningless" in profile_note("smoke")._repr_html_()
    assert profile_note("paper") is None


def test_verdicts_are_told_by_word_and_class():
    box = verdict_box("A < B", {"Vanilla": "supported, negligible; control: holds"})._repr_html_()
    assert "<p>A &lt; B</p>" in box
    assert 'class="verdict-supported"' in box
    assert "✓ supported, negligible; control: holds" in box
    with pytest.raises(ValueError, match="did you mean 'supported'"):
        verdict_box("A", {"Vanilla": "support"})


def test_numpy_scalars_are_glued_as_plain_numbers(monkeypatch):
    glued = {}
    monkeypatch.setattr(
        "funcnet_utils.pages.glue",
        lambda name, value, display: glued.__setitem__(name, value),
    )
    glue_value("mean", np.float64(0.126))
    glue_value("text", np.float32(0.126), ".2f")
    glue_value("count", np.int64(3))
    assert glued == {"mean": 0.126, "text": "0.13", "count": 3}
    assert [type(value) for value in glued.values()] == [float, str, int]
    with pytest.raises(ValueError, match="one number"):
        glue_value("list", [1])


def test_addresses_follow_from_the_repository(monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    assert bookext.repository_url("") == ""
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/book")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    assert bookext.repository_url("") == "https://github.com/someone/book"
    assert bookext.repository_url("https://github.com/a/b/") == "https://github.com/a/b"


def test_results_are_listed_even_if_one_is_damaged(tmp_path):
    for name, text in (
        ("1f3a", json.dumps({"kind": "study", "dataset": "digits", "seed": 0})),
        ("2b", "{"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(text)
    _, good, bad = Store(tmp_path).listing().splitlines()
    assert good.split()[:2] == ["1f3a", "study"]
    assert good.endswith("dataset=digits, seed=0")
    assert bad.split()[:2] == ["2b", "unreadable"]
