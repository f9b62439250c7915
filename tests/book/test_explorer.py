"""The explorer: its data against the package, and its page in a real browser without a network."""

import json

import networkx as nx
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from funcnet_utils import graphs, studies, topology
from funcnet_utils.studies import published
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.store import Store
from tools import explorer
from tools.explorer import MEASURES, edge_order
from tools.project import Project

FOLDER = Project.default().root / "book" / "_static" / "explorer"
DATA = FOLDER / "data"
FILES = sorted(DATA.glob("*.*.js"))
SMALL = StudyConfig(
    dataset="digits",
    hidden=(20, 12),
    n_networks=2,
    n_epochs=1,
    density=0.1,
    densities=(0.2,),
    n_null=2,
)


def read(path):
    """The content of a data file."""
    return json.loads(path.read_text().removeprefix(explorer.BEFORE).removesuffix(explorer.AFTER))


def ends(record):
    """Edges in the order of the file, as pairs (i, j)."""
    kind = f"<u{record['edge_bytes']}"
    places = np.frombuffer(bytes.fromhex(record["edges"]), dtype=kind)
    rows, columns = np.triu_indices(record["n"], 1)
    return np.stack([rows[places], columns[places]], axis=1)


def adjacency(record, count):
    graph = np.zeros((record["n"], record["n"]), dtype=bool)
    i, j = ends(record)[:count].T
    graph[i, j] = graph[j, i] = True
    return graph


@pytest.fixture(scope="session")
def kept():
    """The published run, whose networks the page shows: training again depends on the processor."""
    return published.load("mnist_5k")


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    return studies.run(SMALL, store=Store(tmp_path_factory.mktemp("store")), workers=1)


def test_the_page_shows_the_networks_of_the_published_run(kept):
    content = read(DATA / "mnist_5k.dropout.js")
    record = content["networks"][0]
    net = kept.functional_network("dropout", 0)
    weights, layers = net.strength, net.layers
    renew = "the data are not those of the published run: make both on one processor"
    for name in MEASURES:
        own = [kept.measure(name, d)["dropout"].iloc[0] for d in content["densities"]]
        np.testing.assert_allclose(record["measures"][name], own, rtol=1e-9, err_msg=renew)
    for density, count in zip(content["densities"], record["n_edges"], strict=True):
        cut = graphs.spanning_density_graph(weights, density)
        np.testing.assert_array_equal(adjacency(record, count), cut, err_msg=renew)
    for stored, diagram in zip(record["diagrams"], kept.diagrams["dropout", 0], strict=True):
        finite = diagram[np.isfinite(diagram[:, 1])]
        single = 2**-24  # rounding of float32, in which bars in [0, 1] are published
        np.testing.assert_allclose(np.array(stored).T, finite, rtol=0, atol=single, err_msg=renew)
    assert record["layers"] == layers.tolist()
    pairs = np.frombuffer(bytes.fromhex(record["matrix"]), dtype=np.uint8) / 255
    assert np.abs(pairs - weights[np.triu_indices(150, 1)]).max() <= 0.5 / 255 + 1e-9


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_stored_edges_have_the_stored_measures(path):
    content = read(path)
    for record in content["networks"]:
        n = record["n"]
        counts = [round(d * n * (n - 1) / 2) for d in content["densities"]]
        assert record["n_edges"] == counts
        stack = np.stack([adjacency(record, count) for count in counts])
        own = record["measures"]
        np.testing.assert_allclose(own["clustering"], graphs.clustering(stack), rtol=1e-9)
        lengths = graphs.characteristic_path_length(stack)
        np.testing.assert_allclose(own["characteristic_path_length"], lengths, rtol=1e-9)
        ratio = np.divide(own["clustering"], own["C_rand"]) / np.divide(lengths, own["L_rand"])
        np.testing.assert_allclose(own["sigma"], ratio, rtol=1e-9)
        at = content["densities"].index(content["density"])
        drawn = stack[at]
        groups = [
            set(np.flatnonzero(np.equal(record["modules"], m))) for m in set(record["modules"])
        ]
        quality = own["modularity"][at]
        found = nx.community.modularity(nx.from_numpy_array(drawn), groups)
        assert found == pytest.approx(quality, abs=1e-9)  # the modules drawn have the Q shown
        places = np.array([record["x"], record["y"]])
        assert places.shape == (2, n)
        assert places.min() >= 0
        assert places.max() <= 1000


def test_edges_are_taken_tree_first_then_by_weight_then_by_place():
    weights = np.random.default_rng(0).integers(0, 4, (12, 12)) / 4  # many ties
    weights = np.maximum(weights, weights.T)
    rows, columns = np.triu_indices(12, 1)
    for density in (2 / 12, 0.3, 0.7, 1):
        order = edge_order(weights, density)
        graph = np.zeros((12, 12), dtype=bool)
        graph[rows[order], columns[order]] = True
        np.testing.assert_array_equal(
            graph | graph.T, graphs.spanning_density_graph(weights, density)
        )
    assert edge_order(weights, 0.3).tolist() == edge_order(weights, 1)[:20].tolist()


def test_the_same_study_gives_the_same_bytes(small, tmp_path):
    runs = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        explorer.export([(small, [0, 1])], folder)
        runs.append({path.name: path.read_bytes() for path in sorted(folder.iterdir())})
    assert runs[0] == runs[1]
    assert [*runs[0]] == [
        "digits.batch_norm.js",
        "digits.dropout.js",
        "digits.vanilla.js",
        "index.js",
    ]


def test_the_files_are_small():
    sizes = {p.name: p.stat().st_size for p in FOLDER.rglob("*") if p.is_file()}
    assert sum(size for name, size in sizes.items() if name not in ("README.txt",)) < 1_500_000


@pytest.fixture
def at_page(visit):
    def start(origin="file", anchor="", **settings):
        one = visit(origin, **settings)
        one.tab.goto(f"{one.origin}/book/explorer.html{anchor}", wait_until="load")
        one.tab.wait_for_selector("#explorer[data-ready]")
        return one

    return start


def shown(tab, measure, column=1):
    place = f'[data-measure="{measure}"] td:nth-of-type({column}) data'
    return float(tab.locator(place).first.get_attribute("value"))


def test_the_slider_shows_what_python_computes(at_page, kept):
    one = at_page(anchor="#data=mnist_5k&arm=dropout&net=0&density=5")
    tab, weights = one.tab, kept.functional_network("dropout", 0).strength
    slider = tab.locator("#fx-density")
    assert slider.get_attribute("aria-valuetext") == "5%"
    slider.focus()
    for key, density in (("ArrowRight", 0.06), ("End", 0.30), ("Home", 0.02)):
        tab.keyboard.press(key)
        tab.wait_for_function(f"document.activeElement.ariaValueText == '{density * 100:g}%'")
        graph = graphs.spanning_density_graph(weights, density)
        assert int(tab.locator("#fx-edges").get_attribute("value")) == graph.sum() // 2
        expected = {
            "clustering": graphs.clustering(graph),
            "transitivity": graphs.transitivity(graph),
            "characteristic_path_length": graphs.characteristic_path_length(graph),
            "global_efficiency": graphs.global_efficiency(graph),
            "local_efficiency": graphs.local_efficiency(graph),
        }
        for name, value in expected.items():
            assert shown(tab, name) == pytest.approx(value, rel=1e-9), (name, density)
        for name, place in (("modularity", 1), ("sigma", 1)):
            value = kept.measure(name, density)["dropout"].iloc[0]
            assert shown(tab, name, place) == pytest.approx(value, rel=1e-9)
        null = kept.measure("C_rand", density)["dropout"].iloc[0]
        assert shown(tab, "clustering", 2) == pytest.approx(null, rel=1e-9)
        degree = graph.sum(0)
        said = tab.locator("#fx-hist").get_attribute("aria-label")
        assert f"least {degree.min()}, most {degree.max()}" in said
    tab.wait_for_function("document.getElementById('fx-live').textContent.includes('2%')")
    assert one.faults == []


def test_the_filtration_counts_what_is_alive(at_page, kept):
    tab = at_page(anchor="#data=mnist_5k&arm=dropout&net=0&density=5").tab
    h0, h1 = kept.diagrams["dropout", 0]
    for eps in (0.0, 0.25, 0.4, 0.5, 1.0):
        tab.locator("#fx-eps").fill(str(eps))
        tab.wait_for_function(f"+document.getElementById('fx-eps-out').textContent == {eps}")
        alive = tab.eval_on_selector_all("#fx-betti data", "found => found.map(d => +d.value)")
        grid = np.array([eps])
        assert alive == [topology.betti_curve(h, grid)[0] for h in (h0, h1)]


def test_keys_alone_reach_everything_and_the_address_keeps_it(at_page):
    one = at_page(reduced_motion="reduce")
    tab = one.tab
    tab.locator("#fx-data").focus()
    reached = []
    for _ in range(14):
        reached.append(tab.evaluate("document.activeElement.id"))
        outline = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert reached[-1] == "" or outline != "none", reached[-1]
        if reached[-1] == "fx-arm":
            tab.keyboard.press("ArrowDown")
            tab.wait_for_function("location.hash.includes('arm=batch_norm')")
            tab.wait_for_selector("#explorer:not([aria-busy])")
        if reached[-1] == "fx-unit":
            tab.keyboard.type("7")
        if reached[-1] == "fx-density":
            tab.keyboard.press("ArrowLeft")
        if reached[-1] == "fx-play":
            before = tab.evaluate("location.hash")
            tab.keyboard.press("Enter")
            tab.wait_for_function("before => location.hash != before", arg=before)
            tab.keyboard.press("Enter")
        tab.keyboard.press("Tab")
    wanted = ("data", "arm", "net", "layout", "colour", "unit", "density", "play", "eps", "link")
    assert [f"fx-{name}" for name in wanted] == [
        name for name in reached if name.removeprefix("fx-") in wanted
    ]
    address = tab.evaluate("location.hash")
    assert "arm=batch_norm" in address
    assert "density=4" in address
    assert "unit=7" in address
    label = tab.locator("#fx-graph").get_attribute("aria-label")
    again = at_page(anchor=address).tab
    assert again.locator("#fx-graph").get_attribute("aria-label") == label
    assert one.faults == []


def test_a_visit_loads_little(at_page, capsys):
    tab = at_page("http").tab
    sent = tab.evaluate(
        "['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))"
        ".map(entry => [entry.name, entry.decodedBodySize])"
    )
    names = [name for name, _ in sent]
    assert any("mnist_5k.vanilla.js" in name for name in names)
    assert not any("dropout" in name for name in names), "arms are loaded when they are chosen"
    own = sum(size for name, size in sent if "explorer" in name)
    theme = sum(size for name, size in sent) - own
    ready = tab.get_attribute("#explorer", "data-ready")
    with capsys.disabled():
        print(
            f"\nexplorer: {own / 1e3:.0f} kB, and {theme / 1e3:.0f} kB that all pages share; ",
            end="",
        )
        print(f"drawn {ready} ms after its script began")
    assert 100_000 < own < 600_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "anchor", ["#arm=dropout&colour=module&layout=ring", "#arm=vanilla&unit=3&eps=0.4"]
)
def test_states_are_accessible_and_fit_a_phone(at_page, scheme, anchor):
    size = {"width": 390, "height": 844}
    one = at_page(anchor=anchor, color_scheme=scheme, reduced_motion="reduce", viewport=size)
    one.tab.locator(".fx-table summary").click()
    for summary in one.tab.locator(".fx-tasks summary").all():
        summary.click()
    assert one.tab.evaluate("document.documentElement.scrollWidth") <= 390
    found = Axe().run(one.tab, options={"preload": False}).response["violations"]
    serious = [fault for fault in found if fault["impact"] in ("serious", "critical")]
    assert [(f["id"], n["html"][:200], n["any"][:1]) for f in serious for n in f["nodes"]] == []
    assert one.faults == []


def test_a_task_sets_the_scene_and_its_answer_comes_from_the_data(at_page):
    tab = at_page(reduced_motion="reduce").tab
    tab.locator(".fx-tasks button").first.click()
    tab.wait_for_function("location.hash.includes('arm=dropout')")
    tab.locator(".fx-tasks summary").first.click()
    said = tab.locator("[data-answer=sweep]")
    record = read(DATA / "mnist_5k.dropout.js")["networks"][0]
    sigma = record["measures"]["sigma"]
    assert f"σ from {sigma[0]:.2f} to {sigma[-1]:.2f}" in said.inner_text()
