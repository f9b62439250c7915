"""Write the data of the explorer: one script a data set and arm, read without a network.

A browser that opens a page from a folder may not fetch a JSON file, but it may run a script. So
each file is JSON inside one call, ``FUNCNET_EXPLORER.push({...})``, and is loaded when its arm is
chosen.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from funcnet_utils.arms import get_arm
from funcnet_utils.datasets import DATASETS
from funcnet_utils.plots import COLORS, LAYER_COLORS
from funcnet_utils.studies import published
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.ledgers import dataset_title
from funcnet_utils.studies.study import Study, run
from tools.explorer_record import network_record

SHOWN = StudyConfig(dataset="mnist_5k", n_networks=3)
PUBLISHED = "mnist"  # its correlations are kept for network 0 of each arm
EDGE_SHARE = 0.30
BEFORE, AFTER = "FUNCNET_EXPLORER.push(", ");\n"


def export_all(folder: Path) -> list[Path]:
    """Write all data of the explorer: the default study, also untrained, and a published one.

    Parameters
    ----------
    folder : Path
        Where to write; data files already there are deleted first.

    Returns
    -------
    list of Path
    """
    for old in folder.glob("*.js"):
        old.unlink()
    for config in (SHOWN, SHOWN.untrained()):
        export(run(config), range(config.n_networks), folder)
    export(published.load(PUBLISHED), [0], folder)
    return sorted(folder.glob("*.js"))


def export(
    study: Study, networks: Sequence[int], folder: Path, *, max_density: float = EDGE_SHARE
) -> list[Path]:
    """Write the networks of a study for the explorer.

    The same study gives the same bytes. A study of 0 epochs becomes the arm "untrained", written
    once, because its arms are identical.

    Parameters
    ----------
    study : Study
        Results to show; its configuration is written beside the numbers.
    networks : sequence of int
        Which networks of each arm.
    folder : Path
        Where to write; made if missing.
    max_density : float, default=0.3
        Densities of the study up to this one are kept, in (0, 1]. Large networks need fewer.

    Returns
    -------
    list of Path
        The files, named ``<data set>.<arm>.js``, and ``index.js``, which lists all in the folder.

    Raises
    ------
    ValueError
        If no network or no density is left to write.
    """
    densities = [d for d in study.config.densities if d <= max_density]
    if not len(networks) or not densities:
        raise ValueError(
            f"there is nothing to write for networks {list(networks)} up to density "
            f"{max_density}: give at least one network and a density of the study, "
            f"{', '.join(map(str, study.config.densities))}."
        )
    folder.mkdir(parents=True, exist_ok=True)
    untrained = study.config.n_epochs == 0
    paths = []
    for arm in study.config.arms[: 1 if untrained else None]:
        name = "untrained" if untrained else arm
        content = {
            "dataset": study.config.dataset,
            "arm": name,
            "title": "untrained" if untrained else get_arm(arm).title,
            "color": COLORS[name],
            "densities": densities,
            "density": study.config.density,
            "config": study.config.as_dict(),
            "hash": study.config.hash,
            "code": study.info["code"],
            "networks": [network_record(study, arm, k, densities) for k in networks],
        }
        paths.append(folder / f"{study.config.dataset}.{name}.js")
        paths[-1].write_text(BEFORE + _json(content) + AFTER, encoding="utf-8")
    return [*paths, write_index(folder)]


def read(path: Path) -> dict[str, Any]:
    """Return the content of a file that `export` wrote.

    Parameters
    ----------
    path : Path
        A file ``<data set>.<arm>.js``.
    """
    return json.loads(path.read_text(encoding="utf-8").removeprefix(BEFORE).removesuffix(AFTER))


def write_index(folder: Path) -> Path:
    """Write ``index.js``, the list of the data files in a folder, and return its path.

    Parameters
    ----------
    folder : Path
        Where `export` wrote.
    """
    found = [read(path) for path in sorted(folder.glob("*.*.js"))]
    ranks = list(COLORS)
    found.sort(key=lambda content: (content["dataset"], ranks.index(content["arm"])))
    index = {
        "layer_colors": LAYER_COLORS,
        "datasets": [
            {
                "name": name,
                "title": dataset_title(name),
                "arms": [_entry(content) for content in found if content["dataset"] == name],
            }
            for name in sorted({c["dataset"] for c in found}, key=list(DATASETS).index)
        ],
    }
    path = folder / "index.js"
    path.write_text(f"window.FUNCNET_EXPLORER_INDEX = {_json(index)};\n", encoding="utf-8")
    return path


def _entry(content: dict[str, Any]) -> dict[str, Any]:
    config = content["config"]
    return {
        **{key: content[key] for key in ("arm", "title", "color", "densities", "density", "hash")},
        "hidden": config["hidden"],
        "n_epochs": config["n_epochs"],
        "n_null": config["n_null"],
        "networks": [record["network"] for record in content["networks"]],
    }


def _json(content: Any) -> str:
    return json.dumps(content, separators=(",", ":"), allow_nan=False)
