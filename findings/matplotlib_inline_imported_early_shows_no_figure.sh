#!/usr/bin/env bash
# matplotlib-inline 0.2.2: imported before there is a shell, its backend makes notebooks lose their
# figures. Expected: with MPLBACKEND set to the inline backend, as Jupyter sets it, a
# cell that plots shows its figure, whatever was imported before. Seen: the backend asks for the
# shell once, while it is imported; where that was too early (a package that takes
# set_matplotlib_formats from it, loaded by a process that later becomes a kernel by a fork, or an
# application that embeds IPython) figures are drawn, never shown and never closed, without a
# word. Import it inside of a function, or run %matplotlib inline.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  matplotlib-inline==0.2.2 matplotlib==3.10.7 ipython==9.6.0 ipykernel==7.1.0
cat >"$folder/shown.py" <<'PY'
import sys

from IPython.core.displaypub import CapturingDisplayPublisher

if "early" in sys.argv:
    from matplotlib_inline.backend_inline import set_matplotlib_formats  # noqa: F401

from ipykernel.inprocess.ipkernel import InProcessInteractiveShell

shell = InProcessInteractiveShell.instance()
shell.display_pub = CapturingDisplayPublisher()
shell.run_cell("import matplotlib.pyplot as plt")
shell.run_cell("_ = plt.plot([0, 1])")
shown = sum("image/png" in output["data"] for output in shell.display_pub.outputs)
shell.run_cell("left = len(plt.get_fignums())")
print(shown, "shown,", shell.user_ns["left"], "left open")
PY
export MPLBACKEND=module://matplotlib_inline.backend_inline MPLCONFIGDIR="$folder"
late=$("$folder/venv/bin/python" "$folder/shown.py" late)
early=$("$folder/venv/bin/python" "$folder/shown.py" early)
echo "imported by the first plot: $late"
echo "imported before there is a shell: $early"
test "$late" = "1 shown, 0 left open"
test "$early" = "0 shown, 1 left open"
