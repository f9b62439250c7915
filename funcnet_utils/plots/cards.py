"""Cards: the answer to each claim as a small picture with a sentence, for a page of its own."""

from __future__ import annotations

import html
import math

import pandas as pd

SIGNS = {"supported": "✓", "contradicted": "✗", "equivalent": "=", "inconclusive": "?"}
"""By the first word of a verdict."""


def answer_cards(answers: pd.DataFrame) -> str:
    """Draw a card per claim: its words, the verdict, where the effect lies, and one sentence.

    Parameters
    ----------
    answers : DataFrame
        As `funcnet_utils.studies.answers.answers` returns it.

    Returns
    -------
    str
        A list in HTML; the dot of a card is the effect, the bar its interval, the marks below other
        runs, on a scale of asinh, the claimed side to the right.
    """
    cards = []
    for _, row in answers.iterrows():
        said = row["verdict"].split(",")[0]
        page = f"../notebooks/{row['page']}.html#{row['figure']}"
        cards.append(
            f'<li class="verdict-{said.replace(" ", "-")}"><p class="claim">'
            f'<a href="{page}">{html.escape(row["words"])}</a> '
            f'<span class="verdict">{SIGNS[said]} {html.escape(row["verdict"])}</span></p>'
            f"{_strip(row)}<p>{html.escape(row['sentence'])}</p></li>"
        )
    return f'<ul class="answers">{"".join(cards)}</ul>'


def _strip(row: pd.Series) -> str:
    """Draw an effect with its interval, and other runs below it, on a scale of asinh(sd)."""
    if not math.isfinite(row["mid"]):
        return ""

    def place(sd: float) -> float:
        return 150 + 130 * max(-1.0, min(1.0, math.asinh(sd) / math.asinh(30)))

    parts = [
        f'<line x1="{place(sd):.1f}" x2="{place(sd):.1f}" y1="4" y2="34" class="tick"/>'
        f'<text x="{place(sd):.1f}" y="46">{sd or "0":{"+d" if sd else ""}}</text>'
        for sd in (-10, -1, 0, 1, 10)
    ]
    parts += [
        f'<line x1="{place(mid):.1f}" x2="{place(mid):.1f}" y1="24" y2="32" class="other">'
        f"<title>{html.escape(title)}: {mid:+.1f} sd, {html.escape(said)}</title></line>"
        for title, mid, said in row["others"]
        if math.isfinite(mid)
    ]
    parts.append(
        f'<line x1="{place(row["low"]):.1f}" x2="{place(row["high"]):.1f}" y1="13" y2="13" '
        f'class="interval"/><circle cx="{place(row["mid"]):.1f}" cy="13" r="5"/>'
    )
    told = f"{row['mid']:+.1f} standard deviations, {row['low']:+.1f} to {row['high']:+.1f}"
    return (
        f'<svg viewBox="0 0 300 50" role="img" aria-label="{told}; right of 0 is the claimed side">'
        f"{''.join(parts)}</svg>"
    )
