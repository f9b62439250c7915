"""Parameters and profiles: what is passed to a page, and what is refused."""

import pytest

from tools.parameters import check_value, page_parameters
from tools.profiles import page_values, read_profile


def test_parameters_are_read_from_the_tagged_cell(project):
    assert page_parameters(project.source("sums")) == {
        "n_networks": 3,
        "density": 0.05,
        "hidden": "100-50",
        "profile": "none",
    }


@pytest.mark.parametrize("statement", ["n = len('abc')", "a = b = 1", "n += 1", "n = [1]", "n = x"])
def test_parameters_are_plain_values(project, statement):
    project.page("odd", parameters=statement)
    with pytest.raises(ValueError, match="plain"):
        page_parameters(project.source("odd"))


def test_two_parameter_cells_are_refused(project):
    project.page("odd", parameters="n = 1")
    text = project.source("odd").read_text()
    project.source("odd").write_text(text + text[text.index("```{code-cell}") :])
    with pytest.raises(ValueError, match="2 cells"):
        page_parameters(project.source("odd"))


@pytest.mark.parametrize(
    ("value", "default", "expected"),
    [
        ("5", 20, 5),
        ("1e-3", 0.5, 0.001),
        (1, 0.5, 1.0),
        ("true", False, True),
        ("100", "100-50", "100"),
        (100, "100-50", "100"),
        ("-2", 1, -2),
    ],
)
def test_values_take_the_type_of_the_default(value, default, expected):
    checked = check_value("name", value, default)
    assert checked == expected
    assert type(checked) is type(default)


@pytest.mark.parametrize(
    ("value", "default"),
    [
        ("five", 20),
        ("5.5", 20),
        (2.5, 20),
        (True, 20),
        ("nan", 0.5),
        ("inf", 0.5),
        ("", 1),
        ("yes please", True),
        (None, 1),
        ([1], 1),
        (True, "text"),
    ],
)
def test_values_of_another_type_are_refused(value, default):
    with pytest.raises(ValueError, match=r"parameter width is .*: give .*, such as "):
        check_value("width", value, default)


def test_profile_then_page_then_command_line(project):
    project.page("plain", parameters="seed = 0")
    project.profile("laptop", "values: {n_networks: 20, seed: 1}\npages: {sums: {density: 0.1}}\n")
    assert page_values(project, "sums", "laptop", {}) == {
        "n_networks": 20,
        "density": 0.1,
        "profile": "laptop",
    }
    assert page_values(project, "plain", "laptop", {}) == {"seed": 1}
    assert page_values(project, "sums", "laptop", {"density": "0.2"})["density"] == 0.2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("values: {n_network: 1}", "did you mean 'n_networks'"),
        ("pages: {sum: {density: 1}}", "did you mean 'sums'"),
        ("pages: {sums: {densitie: 1}}", "did you mean 'density'"),
        ("value: {n_networks: 1}", "did you mean 'values'"),
        ("values: {n_networks: many}", "whole number"),
        ("values: 3", "values is no mapping"),
        ("values: [n_networks]", "values is no mapping"),
        ("values: ''", "values is no mapping"),
        ("pages: {sums: 3}", "sums is no mapping"),
        ("pages: [sums]", "pages is no mapping"),
        ("pages: sums", "pages is no mapping"),
        ("- 3", "laptop is no mapping"),
        ("values: {", "not valid YAML"),
        ("values: {3: 4}", "the key 3 is unknown"),
        ("values: {~: 4}", "the key ~ is unknown"),
        ("values: {[a, b]: 4}", "the key"),
        ("values: {n_networks: 1, n_networks: 2}", "n_networks is unknown or stands twice: keep"),
        ("values: {}\nvalues: {}", "values is unknown or stands twice: keep"),
        ("values: {n_networks: 010}", "010, which YAML reads as 8"),
        ("values: {n_networks: -0_10}", "-0_10, which YAML reads as -8"),
        ("values: {n_networks: 1:30}", "1:30, which YAML reads as 90"),
        ("values: {density: 1:30.5}", "1:30.5, which YAML reads as 90.5"),
        ("values: {hidden: 0100}", "0100, which YAML reads as 64"),
        ("values: {n_networks: [1]}", "whole number"),
        ("values: {n_networks: 2020-99-99}", "month must be"),
        ("values: {n_networks: !!python/name:x 3}", "could not determine a constructor"),
        ("values: {n_networks: !!int ''}", "index out of range"),
        ("values: {n_networks: !!bool maybe}", "maybe"),
        ("values: {n_networks: !!timestamp x}", "laptop.yml, line 2: "),
        ("values: {n_networks: 1}\n---\nvalues: {}", "single document"),
        ("description: \0", "not valid YAML"),
    ],
)
def test_mistakes_in_a_profile_are_named(project, text, message):
    project.profile("laptop", "\n" + text)
    line = 3 if "\n" in text else 2
    path = project.notebooks / "profiles" / "laptop.yml"
    with pytest.raises(ValueError, match=message) as fault:
        page_values(project, "sums", "laptop", {})
    assert str(fault.value).startswith(f"{path}, line {line}")
    assert "\n" not in str(fault.value)


def test_a_profile_is_utf_8(project):
    path = project.notebooks / "profiles" / "laptop.yml"
    path.write_bytes(b"values:\n  n_networks: 1  # caf\xe9\n")
    with pytest.raises(ValueError, match=r"laptop\.yml, line 2 is not valid YAML in UTF-8"):
        page_values(project, "sums", "laptop", {})
    path.write_bytes("# café\nvalues: {n_networks: 1}\npages:\n".encode())
    assert page_values(project, "sums", "laptop", {})["n_networks"] == 1


def test_unknown_profile(project):
    with pytest.raises(ValueError, match="did you mean 'laptop'"):
        read_profile(project, "labtop")
