"""One way to say that a name is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def closest(name: str, known: Iterable[str]) -> str:
    """Return the remedy for an unknown name: the closest known one, and the whole list.

    Parameters
    ----------
    name : str
        The name that was given.
    known : iterable of str
        The names that exist.

    Examples
    --------
    >>> closest("droput", ["vanilla", "dropout"])
    "did you mean 'dropout'? (choose from vanilla, dropout)"
    >>> closest("xyz", ["vanilla", "dropout"])
    'choose from vanilla, dropout'
    """
    names = list(known)
    choice = f"choose from {', '.join(names)}"
    match = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {match[0]!r}? ({choice})" if match else choice
