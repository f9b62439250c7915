"""Helpers for pages: figure format, run card, numbers for the text, a banner for smoke runs."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

import matplotlib
import pandas as pd
from docutils import nodes
from docutils.parsers.rst import Directive
from IPython.core.getipython import get_ipython
from IPython.display import Markdown, display
from myst_nb import glue

from funcnet_utils.errors import check_choice
from funcnet_utils.plots.cards import SIGNS, answer_cards
from funcnet_utils.studies import answers, protocol

SMOKE_NOTE = (
    "This page was run with the smoke profile: it shows that everything works, "
    "and its numbers are meaningless."
)
GLUED: dict[str, str] = {}


def setup() -> None:
    """Draw figures as SVG whose bytes depend on nothing but the figure; show five digits."""
    matplotlib.rcParams["svg.hashsalt"] = "funcnet"
    matplotlib.rcParams["figure.constrained_layout.use"] = True
    if (shell := get_ipython()) is not None:
        # imported before there is a shell, it would not draw in it
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", metadata={"Date": None})
        shell.run_line_magic("precision", "%.5g")


@dataclass(frozen=True)
class Shown:
    """What a page shows: text for the terminal, HTML for the book."""

    text: str
    html: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def run_card(card: Mapping[str, str], profile: str) -> Shown:
    """Return a small table of what a page was made from, with the digest of the protocol.

    Parameters
    ----------
    card : mapping of str to str
        From `Study.card()`: configuration hash, seeds, versions, wall time.
    profile : str
        Name of the profile that the page ran with.

    Examples
    --------
    >>> run_card({"configuration": "1f3a", "seed": "0"}, profile="laptop")  # doctest: +ELLIPSIS
    profile        laptop
    configuration  1f3a
    seed           0
    Protocol       ...
    """
    rows = {"profile": profile} | {name: str(value) for name, value in card.items()}
    rows["Protocol"] = protocol.digest()[:12]
    width = max(map(len, rows))
    body = "".join(
        f'<tr><th scope="row">{html.escape(name)}</th><td>{html.escape(value)}</td></tr>'
        for name, value in rows.items()
    )
    return Shown(
        "\n".join(f"{name.ljust(width)}  {value}" for name, value in rows.items()),
        '<div class="run-card"><table class="table"><caption>Run card</caption>'
        f"<tbody>{body}</tbody></table></div>",
    )


def profile_note(profile: str) -> Shown | None:
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
    if profile != "smoke":
        return None
    return Shown(SMOKE_NOTE, f'<div class="smoke-note" role="note">{SMOKE_NOTE}</div>')


def verdict_box(claim: str, verdicts: Mapping[str, str]) -> Shown:
    """Return a box with a claim and the verdict for each arm, told by sign, word and colour.

    Parameters
    ----------
    claim : str
        The claim, in one sentence.
    verdicts : mapping of str to str
        By arm: supported, contradicted, equivalent or inconclusive, and what follows a comma or a
        semicolon, as `both_words` makes them.

    Examples
    --------
    >>> verdict_box("Networks are small worlds", {"Vanilla": "supported"})
    Networks are small worlds
    Vanilla: supported
    """
    first = {arm: re.split("[,;]", said)[0] for arm, said in verdicts.items()}
    for word in first.values():
        check_choice("the verdict", word, SIGNS)
    rows = "".join(
        f'<li class="verdict-{first[arm]}"><strong>{html.escape(arm)}</strong>: '
        f"{SIGNS[first[arm]]} {said}</li>"
        for arm, said in verdicts.items()
    )
    return Shown(
        "\n".join([claim, *(f"{arm}: {said}" for arm, said in verdicts.items())]),
        f'<div class="verdict-box"><p>{html.escape(claim)}</p>'
        f'<ul class="verdicts">{rows}</ul></div>',
    )


def both_words(row: Mapping[str, str] | pd.Series) -> str:
    """Return the verdict and the word about its control, of a row of a ledger.

    Parameters
    ----------
    row : mapping of str to str
        With verdict and control, as `funcnet_utils.studies.claims.ledger` returns them.

    Examples
    --------
    >>> both_words({"verdict": "supported", "control": "holds"})
    'supported; control: holds'
    """
    return row["verdict"] + (f"; control: {row['control']}" if row["control"] else "")


class Answers(Directive):
    """The answer on one page, from the published runs: the directive `answers` of the book."""

    def run(self) -> list[nodes.Node]:
        """Return a sentence and a card per claim."""
        rows = answers.answers()
        cards = nodes.raw("", answer_cards(rows), format="html")
        return [nodes.paragraph(text=answers.summary(rows)), cards]


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
            f"{row['effect']:+.3f} (95% interval {row['low']:+.3f} to {row['high']:+.3f}, "
            f"Holm p = {row['p_holm']:.1g}): {both_words(row)}",
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
    """
    if not text.strip() or "\n" in text:
        raise ValueError(f"the key result is {text!r}: give one line of text.")
    display({"text/plain": text}, metadata={"funcnet": {"key_result": text}}, raw=True)
