"""MyST Markdown as plain Markdown, for notebooks that are read outside the book."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^(?P<mark>`{3,}|:{3,}|~{3,})(?P<rest>.*)$")
DIRECTIVE = re.compile(r"^\{(?P<name>[\w:-]+)\}\s*(?P<argument>.*)$")
OPTION = re.compile(r"^:(?P<key>[\w-]+):\s*(?P<value>.*)$")
ROLE = re.compile(r"\{(?P<name>[a-z][\w:-]*)\}`(?P<text>[^`]+)`")
TITLED = re.compile(r"^(?P<title>.*?)\s*<(?P<target>[^<>]+)>$", re.DOTALL)
EQUATION = re.compile(r"\$\$(.+?)\$\$[ ]*\((?P<label>[\w-]+)\)", re.DOTALL)
DROPPED = {"raw", "toctree", "contents", "bibliography", "iframe", "tableofcontents", "image"}
CODE = {"code-block", "code", "sourcecode", "mermaid", "prompt"}
NOTES = {
    **dict.fromkeys(("admonition", "dropdown"), ""),
    **{
        name: name.capitalize()
        for name in ("note", "tip", "hint", "important", "warning", "caution", "attention")
    },
    "danger": "Danger",
    "error": "Error",
    "seealso": "See also",
}


@dataclass
class Block:
    """A stretch of a page: plain text, a fence of code, or a directive.

    Parameters
    ----------
    name : str
        Name of the directive; "" for text, "fence" for a fence of code.
    argument : str
        What follows the name: a title, a label, the language of a fence.
    body : str
        The text inside.
    options : dict of str to str
        Options of the directive.
    """

    name: str
    argument: str
    body: str
    options: dict[str, str] = field(default_factory=dict)


def blocks(text: str) -> Iterator[Block]:
    r"""Cut Markdown into text, fences and directives.

    Parameters
    ----------
    text : str
        MyST Markdown.

    Examples
    --------
    >>> [(block.name, block.body) for block in blocks("a\n```{note} N\nb\n```\nc")]
    [('', 'a'), ('note', 'b'), ('', 'c')]
    """
    lines, plain = text.split("\n"), list[str]()
    place = 0
    while place < len(lines):
        opened = FENCE.match(lines[place])
        place += 1
        if opened is None:
            plain.append(lines[place - 1])
            continue
        mark, body = opened["mark"], list[str]()
        while place < len(lines) and not _closes(lines[place], mark):
            body.append(lines[place])
            place += 1
        place += 1
        if plain:
            yield Block("", "", "\n".join(plain))
            plain = []
        directive = DIRECTIVE.match(opened["rest"].strip())
        if directive is None:
            yield Block("fence", opened["rest"].strip(), "\n".join(body))
        else:
            options = _options(body)
            yield Block(directive["name"], directive["argument"], "\n".join(body), options)
    if plain:
        yield Block("", "", "\n".join(plain))


def _closes(line: str, mark: str) -> bool:
    stripped = line.rstrip()
    return len(stripped) >= len(mark) and set(stripped) == {mark[0]}


def _options(body: list[str]) -> dict[str, str]:
    """Take the options off the top of a directive."""
    found = {}
    while body and (option := OPTION.match(body[0].strip())):
        found[option["key"]] = option["value"].strip()
        body.pop(0)
    while found and body and not body[0].strip():
        body.pop(0)
    return found


@dataclass
class Plain:
    """Turns MyST into plain Markdown.

    Parameters
    ----------
    folder : Path
        Folder of the page, for files that it includes.
    numbers : dict of str to str
        What a label is called, such as "Figure 2"; labels of other pages too.
    cite : callable
        Gives the text for a key of the bibliography and a way of citing, "t" or "p".
    title : callable
        Gives the title of a page by its path as a page writes it.
    """

    folder: Path
    numbers: dict[str, str]
    cite: Callable[[str, str], str]
    title: Callable[[str], str]

    def text(self, source: str) -> str:
        """Return plain Markdown; a glued value becomes its name in ⟦double brackets⟧.

        Parameters
        ----------
        source : str
            MyST Markdown.
        """
        parts = [self.block(block) for block in blocks(source)]
        return re.sub(r"\n{3,}", "\n\n", "\n\n".join(parts)).strip("\n")

    def block(self, block: Block) -> str:
        """Return one block as plain Markdown.

        Parameters
        ----------
        block : Block
            From `blocks`.
        """
        name, body = block.name, block.body
        if name == "":
            return self._prose(body)
        if name == "fence" or name in CODE:
            return f"```{block.argument}\n{body}\n```"
        if name in DROPPED:
            return ""
        if name == "literalinclude":
            code = (self.folder / block.argument).read_text(encoding="utf-8").rstrip()
            return f"```{block.options.get('language', '')}\n{code}\n```"
        if name == "math":
            return f"$$\n{body}{self._tag(block.options.get('label', ''))}\n$$"
        if name in NOTES:
            heading = NOTES[name] or self._prose(block.argument)
            first = "" if NOTES[name] == "" or not block.argument else block.argument + "\n"
            return _quoted(f"**{heading}.** {self.text(first + body)}")
        if name in ("figure", "table", "list-table"):
            return self._captioned(block)
        if name.startswith("prf:"):
            label = block.options.get("label", "")
            kind = self.numbers.get(label, name.removeprefix("prf:").capitalize())
            about = f" ({self._prose(block.argument)})" if block.argument else ""
            return f"**{kind}{about}.** {self.text(body)}"
        heading = f"**{self._prose(block.argument)}**\n\n" if block.argument else ""
        return heading + self.text(body)

    def _captioned(self, block: Block) -> str:
        label = block.options.get("name", "")
        if block.name == "figure":
            kind, content, caption = "Figure", "", self.text(block.body)
        else:
            rows = _table(block.body) if block.name == "list-table" else block.body
            kind, content, caption = "Table", self._prose(rows), self._prose(block.argument)
        said = f"**{self.numbers.get(label, kind)}.** {caption}" if caption else ""
        return "\n\n".join(filter(None, (content, said)))

    def _prose(self, text: str) -> str:
        kept = [
            line
            for line in text.split("\n")
            if not re.match(r"^(\([\w-]+\)=|%\s.*|%|\+\+\+.*)\s*$", line)
        ]
        text = EQUATION.sub(
            lambda found: f"$${found[1].rstrip()}{self._tag(found['label'])}\n$$", "\n".join(kept)
        )
        text = re.sub(r"\[([^\]]+)\]\([^():]+\.md(#[\w-]+)?\)", r"*\1*", text)
        return ROLE.sub(self._role, text)

    def _tag(self, label: str) -> str:
        number = self.numbers.get(label, "")
        return f" \\tag{{{number.strip('()')}}}" if number else ""

    def _role(self, found: re.Match[str]) -> str:
        name, text = found["name"], found["text"]
        titled = TITLED.match(text)
        shown, target = (titled["title"], titled["target"]) if titled else ("", text)
        if name.startswith("glue"):
            return f"⟦{target.split(':')[0]}⟧"
        if name.startswith("cite"):
            return self.cite(text, "t" if name.endswith(":t") else "p")
        if name in ("numref", "eq", "ref", "prf:ref", "numeq"):
            return shown or self.numbers.get(target, "the place named " + target)
        if name == "doc":
            return f"*{shown or self.title(target)}*"
        if name == "math":
            return f"${text}$"
        if name in ("term", "abbr", "sub", "sup", "index", "download"):
            return shown or target
        return f"`{shown or target.removeprefix('~').rsplit('.', 1)[-1]}`"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _table(body: str) -> str:
    """Turn the rows of a list-table into a pipe table."""
    rows: list[list[str]] = []
    for line in body.split("\n"):
        if line.startswith("* -"):
            rows.append([line[3:].strip()])
        elif re.match(r"^\s+-(\s|$)", line) and rows:
            rows[-1].append(line.strip()[1:].strip())
        elif line.strip() and rows:
            rows[-1][-1] += " " + line.strip()
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([*lines[:1], "|" + "---|" * len(rows[0]), *lines[1:]]) if rows else ""
