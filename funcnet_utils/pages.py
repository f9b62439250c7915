"""Helpers for pages: figure format, run card, numbers for the text, a banner for smoke runs."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

import matplotlib
import pandas as pd
from IPython.core.getipython import get_ipython
from IPython.display import Markdown, display
from matplotlib_inline.backend_inline import set_matplotlib_formats
from myst_nb import glue

from funcnet_utils.errors import closest

SMOKE_NOTE = (
    "This page was run with the smoke profile: it shows that everything works, "
    "and its numbers are meaningless."
)
GLUED: dict[str, str] = {}
VERDICTS = {"supported": "✓", "contradicted": "✗", "inconclusive": "?", "explained away": "≈"}


def setup_figures() -> None:
    """Draw figures as SVG whose bytes depend on nothing but the figure."""
    matplotlib.rcParams["svg.hashsalt"] = "funcnet"
    matplotlib.rcParams["figure.constrained_layout.use"] = True
    if get_ipython() is not None:
        set_matplotlib_formats("svg", metadata={"Date": None})


@dataclass(frozen=True)
class RunCard:
    """A small table of what a page was made from; `run_card` makes one."""

    rows: Mapping[str, str]

    def __repr__(self) -> str:
        """Return the card as text, for readers without HTML."""
        width = max(map(len, self.rows), default=0)
        return "\n".join(f"{name.ljust(width)}  {value}" for name, value in self.rows.items())

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th scope="row">{html.escape(name)}</th><td>{html.escape(value)}</td></tr>'
            for name, value in self.rows.items()
        )
        return (
            '<div class="run-card"><table class="table"><caption>Run card</caption>'
            f"<tbody>{rows}</tbody></table></div>"
        )


@dataclass(frozen=True)
class Note:
    """A sentence in a coloured box; `profile_note` makes one."""

    text: str

    def __repr__(self) -> str:
        """Return the sentence, for readers without HTML."""
        return self.text

    def _repr_html_(self) -> str:
        return f'<div class="smoke-note" role="note">{html.escape(self.text)}</div>'


@dataclass(frozen=True)
class VerdictBox:
    """A claim and its verdict for each arm; `verdict_box` makes one."""

    claim: str
    verdicts: Mapping[str, str]

    def __repr__(self) -> str:
        """Return the verdicts as text, for readers without HTML."""
        return "\n".join([self.claim, *(f"{arm}: {said}" for arm, said in self.verdicts.items())])

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<li class="verdict-{said.replace(" ", "-")}"><strong>{html.escape(arm)}</strong>: '
            f"{VERDICTS[said]} {said}</li>"
            for arm, said in self.verdicts.items()
        )
        return (
            f'<div class="verdict-box"><p>{html.escape(self.claim)}</p>'
            f'<ul class="verdicts">{rows}</ul></div>'
        )


def verdict_box(claim: str, verdicts: Mapping[str, str]) -> VerdictBox:
    """Return a box with a claim and the verdict for each arm, told by sign, word and colour.

    Parameters
    ----------
    claim : str
        The claim, in one sentence.
    verdicts : mapping of str to str
        By arm: supported, contradicted, inconclusive or explained away.

    Raises
    ------
    ValueError
        If a verdict is none of the four.

    Examples
    --------
    >>> verdict_box("Networks are small worlds", {"Vanilla": "supported"})
    Networks are small worlds
    Vanilla: supported
    """
    for said in verdicts.values():
        if said not in VERDICTS:
            raise ValueError(f"there is no verdict {said!r}: {closest(said, VERDICTS)}.")
    return VerdictBox(claim, dict(verdicts))


def run_card(card: Mapping[str, str], profile: str) -> RunCard:
    """Return the run card of a page: profile, then what the study says of itself.

    Parameters
    ----------
    card : mapping of str to str
        From `Study.card()`: configuration hash, seeds, versions, wall time.
    profile : str
        Name of the profile that the page ran with.

    Examples
    --------
    >>> run_card({"configuration": "1f3a", "seed": "0"}, profile="laptop")
    profile        laptop
    configuration  1f3a
    seed           0
    """
    return RunCard({"profile": profile} | {name: str(value) for name, value in card.items()})


def profile_note(profile: str) -> Note | None:
    """Return a warning for pages run with the smoke profile, otherwise nothing.

    Parameters
    ----------
    profile : str
        Name of the profile that the page runs with.

    Examples
    --------
    >>> "meaningless" in profile_note("smoke").text
    True
    >>> profile_note("laptop") is None
    True
    """
    return Note(SMOKE_NOTE) if profile == "smoke" else None


def glue_value(name: str, value: object, fmt: str = "") -> None:
    """Make a value available to the text of the book by its name, with the role `glue:text`.

    Parameters
    ----------
    name : str
        Key of the value, one in the book.
    value : object
        Number or text; NumPy scalars are welcome.
    fmt : str, default=""
        Format specification, such as ".2f". With it the value is glued as finished text.

    Raises
    ------
    ValueError
        If the value is neither a number nor text.
    """
    plain = value.item() if hasattr(value, "item") else value
    if not isinstance(plain, int | float | str):
        raise ValueError(
            f"glued value {name} is a {type(value).__name__}: give one number or one text."
        )
    GLUED[name] = format(plain, fmt)
    glue(name, GLUED[name] if fmt else plain, display=False)


def glue_ledger(table: pd.DataFrame, prefix: str) -> None:
    """Make each row of a ledger available to the text, as "bn-BN-eff" for the prefix "bn".

    Parameters
    ----------
    table : DataFrame
        As `funcnet_utils.studies.claims.ledger` returns it.
    prefix : str
        Of this page.
    """
    for _, row in table.iterrows():
        glue_value(
            f"{prefix}-{row['claim']}",
            f"{row['effect']:+.3f} (95 % interval {row['low']:+.3f} to {row['high']:+.3f}, "
            f"Holm p = {row['p_holm']:.1g}): {row['verdict']}",
        )


def tell(text: str) -> Markdown:
    """Return text with the values of this run, for notebooks outside the book.

    Parameters
    ----------
    text : str
        Markdown with the name of a glued value in ⟦double brackets⟧ wherever it is due.

    Examples
    --------
    >>> GLUED["answer"] = "42"
    >>> tell("It is ⟦answer⟧.").data
    'It is 42.'
    """
    return Markdown(re.sub("⟦(.+?)⟧", lambda name: GLUED.get(name[1], "…"), text))


def key_result(text: str) -> None:
    """Say what the page found, for the table at the end of a run; the page shows nothing of it.

    Parameters
    ----------
    text : str
        A few words with the number that matters most, such as "σ: vanilla 3.47".

    Raises
    ------
    ValueError
        If the text is empty or has more than one line.
    """
    if not text.strip() or "\n" in text:
        raise ValueError(f"the key result is {text!r}: give one line of text.")
    display({"text/plain": text}, metadata={"funcnet": {"key_result": text}}, raw=True)
