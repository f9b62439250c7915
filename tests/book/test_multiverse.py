"""The figure of the multiverse in a real browser: what is chosen, and what the page answers."""

import json

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe

from funcnet_utils.studies.store import HOME


@pytest.fixture
def at_page(visit):
    def start(origin="file", **settings):
        one = visit(origin, **settings)
        one.tab.goto(f"{one.origin}/notebooks/multiverse.html", wait_until="load")
        one.tab.wait_for_selector("#multiverse[data-ready]")
        return one

    return start


@pytest.fixture(scope="module")
def table():
    return pd.read_csv(HOME / "benchmarks" / "multiverse.csv")


def said(tab):
    return tab.locator("#mv-said").inner_text()


def test_what_is_chosen_is_counted_as_pandas_counts(at_page, table):
    one = at_page()
    tab = one.tab
    part = table[table["claim"] == "BN-eff"]
    share = part["supports"].sum()
    assert said(tab).startswith(f"{len(part)} of {len(part)} paths fit, and {share} of them")
    tab.locator("[data-choice=edges]").select_option(label="partial")
    tab.locator("[data-choice=probe]").select_option(label="train")
    part = part.query("edges == 'partial' and probe == 'train'")
    assert said(tab).startswith(
        f"{len(part)} of 700 paths fit, and {part['supports'].sum()} of them"
    )
    drawn = tab.locator("#mv-curve circle.mv-yes, #mv-curve circle.mv-no").count()
    assert drawn == len(part)
    assert f"; {len(part)} fit the choices" in tab.locator("#mv-curve").get_attribute("aria-label")
    tab.locator("#mv-claim").select_option("DO-ft lesions")
    part = table.query("claim == 'DO-ft lesions' and clamp == 'mean'")
    tab.locator("[data-choice=clamp]").select_option(label="mean")
    assert said(tab).startswith(
        f"{len(part)} of 480 paths fit, and {part['supports'].sum()} of them"
    )
    assert one.faults == []


def test_the_registered_path_and_choices_without_a_path(at_page, table):
    tab = at_page().tab
    tab.locator("#mv-registered").click()
    first = table[table["claim"] == "BN-eff"].iloc[0]
    verb = "supports" if first["supports"] else "does not support"
    effect = f"{first['effect']:+.2f}".replace("-", "−")
    assert said(tab).startswith(f"This path {verb} the claim")
    assert f"effect {effect} (95% interval" in said(tab)
    assert "it is the registered path" in said(tab)
    tab.locator("[data-choice=probe]").select_option(label="noise")
    tab.locator("[data-choice=edges]").select_option(label="within")
    assert said(tab).startswith("No path of the list")
    tab.locator("#mv-all").click()
    assert said(tab).startswith("700 of 700 paths fit")


def test_keys_alone_choose_and_a_live_region_answers(at_page):
    one = at_page()
    tab = one.tab
    tab.locator("#mv-claim").focus()
    before, reached = said(tab), []
    for _ in range(12):
        reached.append(
            tab.evaluate("document.activeElement.dataset.choice || document.activeElement.id")
        )
        outline = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", reached[-1]
        if reached[-1] == "edges":
            tab.keyboard.press("ArrowDown")
        if reached[-1] == "mv-registered":
            tab.keyboard.press("Enter")
            break
        tab.keyboard.press("Tab")
    assert reached == [
        *("mv-claim", "edges", "sign", "dead", "probe", "threshold", "density", "null", "seed"),
        "mv-registered",
    ]
    assert said(tab) != before
    assert said(tab).startswith("This path")
    assert tab.locator("#mv-said").get_attribute("aria-live") == "polite"
    assert one.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits_a_phone(at_page, scheme):
    size = {"width": 390, "height": 844}
    one = at_page(color_scheme=scheme, viewport=size)
    tab = one.tab
    for claim in ("SW", "BN-rob"):
        tab.locator("#mv-claim").select_option(claim)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    found = Axe().run(tab, "#multiverse", options={"preload": False}).response["violations"]
    serious = [fault for fault in found if fault["impact"] in ("serious", "critical")]
    assert [(f["id"], n["html"][:200]) for f in serious for n in f["nodes"]] == []
    assert one.faults == []


def test_the_page_carries_its_own_numbers(at_page, table):
    tab = at_page("http").tab
    facts = json.loads(tab.locator("#mv-data").text_content())
    for claim, rows in table.groupby("claim"):
        assert facts["claims"][claim]["effect"] == rows["effect"].tolist()
        assert facts["claims"][claim]["supports"] == rows["supports"].tolist()
