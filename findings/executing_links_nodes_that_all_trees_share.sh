#!/usr/bin/env bash
# executing 2.3.0 (which IPython's tracebacks go through): after one traceback, copy.deepcopy of
# any syntax tree copies another tree as well. Expected: a tree that was never shown to executing
# is left alone. Seen: executing sets `parent` on each node of the file in the traceback, and
# CPython has one object for all `ast.Load()` of a process; the link stays there, and through it
# every deepcopy of every tree takes the whole file with it. A node of `x` becomes thousands, and
# code that copies nodes one by one slows down many times after an error in a notebook.
# Copy nodes by `ast.iter_fields`, or do not copy.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  executing==2.3.0 stack-data==0.6.3 ipython==9.6.0
{
  for n in $(seq 1000); do echo "a$n = $n"; done
  printf 'def fail(x):\n    return x / 0\n'
} >"$folder/long_module.py"
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import ast
import copy
import sys
from importlib.metadata import version

from IPython.core.ultratb import VerboseTB

import long_module

print("Python", sys.version.split()[0], "executing", version("executing"))


def objects(tree):
    """Return how many nodes a deep copy of a tree makes."""
    made, waiting = {}, [copy.deepcopy(tree)]
    while waiting:
        node = waiting.pop()
        if id(node) not in made:
            made[id(node)] = node
            for value in vars(node).values():
                values = value if isinstance(value, list) else [value]
                waiting += [each for each in values if isinstance(each, ast.AST)]
    return len(made)


small = ast.parse("x", mode="eval")
assert small.body.ctx is ast.parse("y", mode="eval").body.ctx
before = objects(small)
try:
    long_module.fail(1)
except ZeroDivisionError:
    VerboseTB(include_vars=False).structured_traceback(*sys.exc_info())
after = objects(small)
print(f"nodes in a deep copy of `x`: {before} before a traceback, {after} after it")
print("attributes of the one Load():", sorted(vars(small.body.ctx)))
assert before == 3
assert after > 1000
assert "parent" in vars(small.body.ctx)
fresh = ast.parse("z", mode="eval")
assert objects(fresh) == after
PY
