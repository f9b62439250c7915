"""A directive that lists the commands of `funcnet` with their help, never out of date."""

from __future__ import annotations

import importlib

import click
from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class Commands(SphinxDirective):
    """One section a command: what it does, and its options as its own help tells them."""

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        # the command line stands above this floor, and is only shown here
        app: click.Group = importlib.import_module("tools.__main__").app
        context = click.Context(app, info_name="funcnet", terminal_width=76, max_content_width=76)
        return [
            self._section(name, command, context) for name, command in sorted(app.commands.items())
        ]

    def _section(self, name: str, command: click.Command, parent: click.Context) -> nodes.section:
        inner = click.Context(command, info_name=name, parent=parent)
        inner.terminal_width = inner.max_content_width = 76
        text = command.get_help(inner)
        section = nodes.section(ids=[f"funcnet-{name}"], names=[f"funcnet-{name}"])
        section += nodes.title("", f"funcnet {name}")
        section += nodes.literal_block(text, text, language="text")
        self.state.document.note_explicit_target(section)
        return section
