"""Profiles: named sets of parameter values, global and for one page."""

from collections.abc import Mapping
from typing import Any

import yaml

from funcnet_utils.errors import closest
from tools.parameters import Scalar, check_values, page_parameters
from tools.project import Project

DEFAULT_PROFILE = "laptop"
KEYS = ("description", "values", "pages")


def profile_names(project: Project) -> list[str]:
    """Return the names of the profiles of a project, sorted."""
    return sorted(path.stem for path in (project.notebooks / "profiles").glob("*.yml"))


def read_profile(project: Project, name: str) -> dict[str, Any]:
    """Return a profile: `description`, `values` for all pages, `pages` with values for one page.

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
    known = profile_names(project)
    if name not in known:
        raise ValueError(f"there is no profile {name!r}: {closest(name, known)}")
    path = project.notebooks / "profiles" / f"{name}.yml"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as fault:
        raise ValueError(f"{path} is not valid YAML: {fault}") from fault
    if not isinstance(content, Mapping):
        raise ValueError(f"{path} is not a mapping: write the keys {', '.join(KEYS)}.")
    for key in set(content) - set(KEYS):
        raise ValueError(f"{path} has an unknown key {key!r}: {closest(str(key), KEYS)}")
    values, pages = content.get("values") or {}, content.get("pages") or {}
    if not all(isinstance(part, Mapping) for part in (values, pages, *pages.values())):
        raise ValueError(f"{path}: values and each entry of pages must be mappings, name: value.")
    project.check_pages([str(page) for page in pages])
    anywhere = {name for page in project.pages() for name in page_parameters(project.source(page))}
    for name in set(values) - anywhere if anywhere else ():
        raise ValueError(f"{path}: no page has a parameter {name!r}: {closest(name, anywhere)}")
    return {"description": content.get("description", ""), "values": values, "pages": pages}


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
    if "profile" in defaults:
        values["profile"] = profile
    return check_values(page, values | content["pages"].get(page, {}) | dict(overrides), defaults)
