"""The transformer of the chapter on networks of others, its text, and the published tables."""

import inspect
import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks import minilm, others
from funcnet_utils import FunctionalNetwork, functional_network
from funcnet_utils.studies import published

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "notebooks" / "networks_of_others.md").read_text()
TABLES = ROOT / "book" / "benchmarks"
KEPT = pd.read_csv(TABLES / "others.csv")
EDGES = pd.read_csv(TABLES / "others_edges.csv")
FACTS = {
    "hidden_size": 12,
    "num_attention_heads": 3,
    "intermediate_size": 20,
    "layer_norm_eps": 1e-12,
    "vocab_size": 30,
    "max_position_embeddings": 9,
    "type_vocab_size": 2,
}


class Letters:
    """A tokenizer: each letter is a token, and special tokens are 27 and 28."""

    def no_truncation(self):
        self.whole = True

    def no_padding(self):
        self.bare = True

    def token_to_id(self, name):
        return {"[CLS]": 27, "[SEP]": 28}[name]

    def encode(self, text, add_special_tokens):
        assert self.whole
        assert self.bare
        assert not add_special_tokens
        return type("Encoding", (), {"ids": [ord(letter) - 96 for letter in text]})


def bert(n_layers):
    """Random weights under the names of BERT."""
    rng, width, inner = np.random.default_rng(0), 12, 20
    shapes = {
        f"embeddings.{name}_embeddings.weight": (n, width)
        for name, n in (("word", 30), ("position", 9), ("token_type", 2))
    }
    shapes |= {f"embeddings.LayerNorm.{end}": (width,) for end in ("weight", "bias")}
    for k in range(n_layers):
        square = [f"attention.self.{x}" for x in ("query", "key", "value")]
        sizes = dict.fromkeys((*square, "attention.output.dense"), (width, width))
        sizes |= {"intermediate.dense": (inner, width), "output.dense": (width, inner)}
        for name, size in sizes.items():
            shapes[f"encoder.layer.{k}.{name}.weight"] = size
            shapes[f"encoder.layer.{k}.{name}.bias"] = size[:1]
        for name in ("attention.output", "output"):
            for end in ("weight", "bias"):
                shapes[f"encoder.layer.{k}.{name}.LayerNorm.{end}"] = (width,)
    drawn = {name: 0.5 * rng.normal(size=size) for name, size in shapes.items()}
    return {name: torch.from_numpy(x).float() for name, x in drawn.items()}


def by_hand(weights, ids, n_layers):
    """BERT in NumPy, for one sequence without padding: its outputs, and what GELU shows."""
    from scipy.special import erf

    w = {name: x.double().numpy() for name, x in weights.items()}

    def dense(x, name):
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(x, name):
        centred = x - x.mean(1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(1, keepdims=True) + 1e-12)
        return scaled * w[f"{name}.LayerNorm.weight"] + w[f"{name}.LayerNorm.bias"]

    x = w["embeddings.word_embeddings.weight"][ids]
    x = x + w["embeddings.position_embeddings.weight"][: len(ids)]
    x, shown = norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings"), []
    for k in range(n_layers):
        layer = f"encoder.layer.{k}"
        q, key, v = (
            dense(x, f"{layer}.attention.self.{name}").reshape(len(ids), 3, 4)
            for name in ("query", "key", "value")
        )
        scores = np.exp(np.einsum("ihd,jhd->hij", q, key) / 2)  # the root of 4 units per head
        scores /= scores.sum(2, keepdims=True)
        read = np.einsum("hij,jhd->ihd", scores, v).reshape(len(ids), 12)
        x = norm(x + dense(read, f"{layer}.attention.output.dense"), f"{layer}.attention.output")
        inner = dense(x, f"{layer}.intermediate.dense")
        shown.append(inner * (1 + erf(inner / np.sqrt(2))) / 2)
        x = norm(x + dense(shown[-1], f"{layer}.output.dense"), f"{layer}.output")
    return x, shown


def test_the_encoder_computes_what_bert_does():
    weights = bert(2)
    model = minilm.encoder(FACTS, weights, 2).double()
    letters = np.random.default_rng(1).choice([*"abcdefghijklmnopqrst"], 120)
    texts = ["".join(part) for part in np.split(letters, [50, 53])]
    text = minilm.windows(Letters(), texts, seed=0, size=8)
    net = functional_network(
        model, text, layers="layers.*.activation", mask="counted", progress=False
    )
    shown = [[], []]
    for ids, read in zip(text["ids"], text["read"], strict=True):
        ids = ids[read].numpy()
        assert (ids[0], ids[-1]) == (27, 28)
        outputs, units = by_hand(weights, ids, 2)
        with torch.no_grad():
            alone = model(torch.from_numpy(ids)[None], torch.ones(1, len(ids), dtype=torch.bool))
        np.testing.assert_allclose(alone[0], outputs, atol=1e-10)
        for k in (0, 1):
            shown[k].append(units[k][1:-1])  # without the special tokens
    signals = np.concatenate([np.concatenate(each) for each in shown], axis=1)
    assert net.n_samples == len(signals) == 120  # letters of all texts
    np.testing.assert_allclose(net.r, np.corrcoef(signals.T), atol=1e-10)


def test_windows_hold_each_text_once_and_follow_the_seed():
    texts = ["abcdefghij", "klm", "n"]
    one, same, other = (minilm.windows(Letters(), texts, seed, size=6) for seed in (0, 0, 3))
    assert torch.equal(one["ids"], same["ids"])
    assert not torch.equal(one["ids"], other["ids"])
    for text in (one, other):
        counted = sorted(text["ids"][text["counted"]].tolist())
        assert counted == list(range(1, 15))
        assert (text["ids"][~text["read"]] == 0).all()
        assert (text["read"].sum(1) - text["counted"].sum(1) == 2).all()


def test_a_missing_or_unknown_weight_is_an_error():
    with pytest.raises(KeyError):
        minilm.encoder(FACTS, bert(1), 2)


def test_the_twin_has_the_weights_of_a_start():
    drawn = minilm.twin(bert(2), 0.02, seed=0)
    assert drawn.keys() == bert(2).keys()
    for name, x in drawn.items():
        if name.endswith("bias"):
            assert not x.any()
        elif "LayerNorm" in name:
            assert (x == 1).all()
        else:
            assert abs(x.std() / 0.02 - 1) < 5 / np.sqrt(2 * x.numel())  # five standard errors


@pytest.mark.parametrize("name", ["folder", "Encoder", "encoder", "windows"])
def test_the_page_shows_the_code_that_was_run(name):
    assert inspect.getsource(getattr(minilm, name)).rstrip() in PAGE


def test_a_package_that_is_not_there_is_none():
    assert minilm.folder("no_such_package_at_all") is None
    assert minilm.folder("funcnet_utils") == ROOT / "funcnet_utils"


def test_the_page_names_what_to_install():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = set(extras["optional-dependencies"]["others"])
    named = set(re.findall(r"pip install --no-deps (.+)", PAGE)[0].split())
    assert named < wanted
    cell = re.search(r"NEEDED = \{.*?(?=```)", PAGE, re.DOTALL)[0]
    for installed in (True, False):
        said = {}
        names = {
            "find_spec": lambda name, there=installed: there or None,
            "pages": type("Pages", (), {"glue_value": staticmethod(said.__setitem__)}),
        }
        exec(cell, names)
        assert set(names["NEEDED"].values()) == named
        assert [wheel in said["ot-missing"] for wheel in named] == [not installed] * len(named)


def test_the_tables_hold_what_the_page_reads():
    assert {"planted", "brain", "person", "trained", "untrained"} == set(KEPT["kind"])
    measures = ["clustering", "global_efficiency", "local_efficiency", "modularity", "loops"]
    assert np.isfinite(KEPT[[*measures, "degree_assortativity", "sigma"]]).all(axis=None)
    assert (KEPT.loc[KEPT["null"].notna(), "n"] == others.N_NULL).all()
    assert (
        KEPT.loc[KEPT["null"].notna(), "sigma_max"] >= KEPT["sigma"].dropna()[KEPT["null"].notna()]
    ).all()
    assert set(KEPT["density"]) == {0.01, 0.05, 0.1}
    samples = KEPT.loc[KEPT["name"] == "MiniLM", "samples"].dropna()
    assert len(samples) == 2 * (3 * others.N_LAYERS + 2)  # densities of halves, and all layers
    assert (samples >= 40_000).all()
    assert EDGES["jaccard"].between(0, 1).all()
    assert len(EDGES[EDGES["name"] == "MiniLM"]) == 2 * others.N_LAYERS * 2 * 7
    for name in ("others.csv", "others_edges.csv"):
        assert (TABLES / name).stat().st_size < 400_000


def test_rows_can_be_computed_again():
    study = published.load("mnist")
    net = FunctionalNetwork.from_correlation(study.correlation("dropout", 1).astype(float))
    for again in others.rows(others.part(net, 100, 2), others.HIGH, 2):
        row = KEPT[(KEPT["name"] == "mnist") & (KEPT["part"] == "dropout") & (KEPT["network"] == 1)]
        row = row[(row["nodes"] == 100) & (row["draw"] == 2) & (row["density"] == again["density"])]
        for measure, value in again.items():
            assert row[measure].item() == pytest.approx(value, rel=1e-3, abs=1e-4), measure


def test_planted_signals_are_told_apart():
    planted = KEPT[(KEPT["kind"] == "planted") & (KEPT["density"] == 0.1)]
    own = planted[planted["null"].isna()].set_index("name")
    hqs = planted[planted["null"] == "hqs"].set_index("name")
    assert (own["p"] < 0.05).to_dict() == {"ring": True, "blocks": False, "independent": False}
    assert own["sigma"]["blocks"] > hqs["sigma_max"]["blocks"]
    assert own["sigma"]["independent"] < hqs["sigma_max"]["independent"]


def test_a_brain_is_measured_again():
    if minilm.folder("brainspace") is None:
        pytest.skip("brainspace is not installed")
    net = others.group("schaefer", 100, "main")
    for again in others.rows(net, others.HIGH):
        row = KEPT[(KEPT["kind"] == "brain") & (KEPT["nodes"] == 100) & KEPT["null"].isna()]
        row = row[(row["name"] == "schaefer") & (row["part"] == "main")]
        row = row[row["density"] == again["density"]]
        for measure, value in again.items():
            assert row[measure].item() == pytest.approx(value, rel=1e-3, abs=1e-4), measure
