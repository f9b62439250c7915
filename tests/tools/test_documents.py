"""What the documents tell people to type exists: targets of make, commands, options."""

import re

import click
import pytest

from funcnet_utils.__main__ import app as funcnet
from tools.__main__ import app as tools
from tools.project import Project

ROOT = Project.default().root
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "coursework/README.md",
    *("book/*.md", "book/api/*.md"),
)
PATHS = sorted(path for pattern in DOCUMENTS for path in ROOT.glob(pattern))
CODE = re.compile(r"^```(?:bash)?\n(.*?)^```|`([^`\n]+)`", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"(?:^|bin/|\s)(funcnet|python -m tools|py -m tools) ([a-z]+)(.*)")


def typed(text):
    """Yield each line of code in a document, without comments."""
    for found in CODE.finditer(text):
        for line in (found[1] or found[2]).splitlines():
            yield line.split("#")[0].strip()


def test_lines_are_found():
    text = "Run `make book`.\n```bash\nmake test  # all\n.venv/bin/funcnet data x\n```\n"
    assert list(typed(text)) == ["make book", "make test", ".venv/bin/funcnet data x"]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_commands_of_documents_exist(path):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in typed(path.read_text()):
        if line.startswith("make "):
            named = re.sub(r'[A-Z]+=("[^"]*"|\S+)', "", line).split()[1:]
            assert targets.issuperset(n for n in named if not n.startswith(".")), line
        for program, name, rest in COMMAND.findall(line):
            commands = (funcnet if program == "funcnet" else tools).commands
            assert name in commands, line
            command = commands[name]
            options = command.get_params(click.Context(command))
            known = {option for one in options for option in one.opts}
            passed_on = command.context_settings.get("ignore_unknown_options")
            given = set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", rest))
            assert passed_on or given <= known, line
