#!/usr/bin/env bash
# networkx 3.6.1: whatever a backend's module holds under the name of a networkx function is taken
# as its implementation, a mere import of a helper included; the "functions" that the entry point
# networkx.backend_info announces decide nothing but the documentation. Expected by many: only
# announced functions are dispatched, and others raise "not implemented". Seen: a backend that
# announces `transitivity` alone and has `from networkx import average_clustering` for its own use is
# called for nx.average_clustering(G, backend=...), calls itself through networkx without end, and
# raises RecursionError; networkx.diameter, which it does not hold, raises NotImplementedError.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check networkx==3.6.1
site="$("$folder/venv/bin/python" -c 'import site; print(site.getsitepackages()[0])')"
mkdir "$site/toy-1.dist-info"
printf 'Metadata-Version: 2.1\nName: toy\nVersion: 1\n' > "$site/toy-1.dist-info/METADATA"
printf '[networkx.backends]\ntoy = toy\n[networkx.backend_info]\ntoy = toy_info:info\n' \
  > "$site/toy-1.dist-info/entry_points.txt"
printf 'def info():\n    return {"functions": {"transitivity": {}}}\n' > "$site/toy_info.py"
cat > "$site/toy.py" <<'PY'
from networkx import average_clustering  # for its own use


class Converted:
    __networkx_backend__ = "toy"


def convert_from_nx(graph, **_):
    return Converted()


def convert_to_nx(value, **_):
    return value


def transitivity(G):
    return 0.5
PY
"$folder/venv/bin/python" - <<'PY'
import networkx as nx

graph = nx.path_graph(3)
print("announced:", "average_clustering:", "toy" in nx.average_clustering.backends, nx.__version__)
assert "toy" not in nx.average_clustering.backends
assert nx.transitivity(graph, backend="toy") == 0.5
seen = {}
for function in (nx.average_clustering, nx.diameter):
    try:
        function(graph, backend="toy")
    except Exception as error:
        seen[function.__name__] = type(error).__name__
print(seen)
assert seen == {"average_clustering": "RecursionError", "diameter": "NotImplementedError"}
PY
