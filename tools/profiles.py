"""Profiles: named sets of parameter values, global and for one page."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from funcnet_utils.errors import closest
from tools.parameters import Scalar, check_value, page_parameters
from tools.project import Project

DEFAULT_PROFILE = "laptop"
MISREAD = re.compile(r":|^[-+]?0[0-9_]+$")  # 1:30 is 90 to YAML, 010 is 8


def read_profile(project: Project, name: str) -> dict[str, Any]:
    """Return a profile: `values` for all pages, `pages` with values for one page.

    Parameters
    ----------
    project : Project
        Where the profiles are.
    name : str
        File name without `.yml`.

    Raises
    ------
    ValueError
        If the profile does not exist, or has keys, pages or parameters that do not.
    """
    names = sorted(path.stem for path in (project.notebooks / "profiles").glob("*.yml"))
    if name not in names:
        raise ValueError(f"there is no profile {name!r}: {closest(name, names)}")
    known: dict[str, Any] = {"description": [""], "values": {}, "pages": {}}
    for page in project.pages():
        defaults = page_parameters(project.source(page))
        known["pages"][page] = {each: [default] for each, default in defaults.items()}
        for each, default in defaults.items():
            known["values"].setdefault(each, []).append(default)
    path = project.notebooks / "profiles" / f"{name}.yml"
    content = path.read_bytes()
    try:
        node = yaml.compose(content)
    except yaml.YAMLError as fault:
        mark, said = getattr(fault, "problem_mark", None), str(fault).splitlines()[0]
        line = mark.line if mark else content.count(b"\n", 0, getattr(fault, "position", 0))
        raise ValueError(f"{path}, line {line + 1} is not valid YAML in UTF-8: {said}.") from None
    return {"values": {}, "pages": {}} | (_read(path, name, node, known) if node else {})


def _read(path: Path, name: str, node: Any, known: Any) -> Any:
    """Return what stands under a name: a mapping of known keys, or a value fit for all defaults."""
    found: dict[str, Any] = {}
    mapping, place = isinstance(known, dict), f"{path}, line {node.start_mark.line + 1}: "
    if mapping and isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            text, place = str(key.value), f"{path}, line {key.start_mark.line + 1}: "
            if text not in known or text in found:
                remedy = "keep one" if text in found else closest(text, known)
                raise ValueError(f"{place}the key {text:.40} is unknown or stands twice: {remedy}.")
            found[text] = _read(path, text, value, known[text])
        return found
    if mapping and not node.tag.endswith(":null"):
        raise ValueError(f"{place}{name} is no mapping: write lines `name: value` below it.")
    try:
        scalar = isinstance(node, yaml.ScalarNode)
        value = yaml.SafeLoader("").construct_document(node) if scalar else [name]
        if type(value) in (int, float) and MISREAD.search(node.value):
            raise ValueError(f"{name} is {node.value}, which YAML reads as {value}.")
        return found if mapping else [check_value(name, value, one) for one in known] and value
    except Exception as fault:  # each tag of YAML has its own errors
        raise ValueError(place + " ".join(str(fault).split())) from None


def page_values(
    project: Project, page: str, profile: str, overrides: Mapping[str, str]
) -> dict[str, Scalar]:
    """Return the values of one run of a page: profile, then page, then the command line.

    A global value of the profile reaches only the pages that have the parameter. A page with a
    parameter `profile` is told which profile it runs with.

    Parameters
    ----------
    project : Project
        Where pages and profiles are.
    page : str
        Name of the page.
    profile : str
        Name of the profile.
    overrides : mapping of str to str
        Values from the command line.

    Raises
    ------
    ValueError
        If a parameter does not exist or a value has the wrong type.
    """
    content = read_profile(project, profile)
    defaults = page_parameters(project.source(page))
    values = {name: value for name, value in content["values"].items() if name in defaults}
    values |= {"profile": profile} if "profile" in defaults else {}
    values |= content["pages"].get(page, {}) | dict(overrides)
    if unknown := [name for name in values if name not in defaults]:
        remedy = closest(unknown[0], defaults) if defaults else "it has none"
        raise ValueError(f"page {page} has no parameter {unknown[0]!r}: {remedy}.")
    return {name: check_value(name, value, defaults[name]) for name, value in values.items()}
