"""The digest follows what is executed, sees code and not prose, and not where a file lies."""

import ast
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from funcnet_utils.studies import blocks, provenance
from funcnet_utils.studies.blocks import Block
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.provenance import SOURCES, Code, digest_of, versions

ROOT = Path(__file__).parents[2]
BLOCKS = "funcnet_utils.studies.blocks"
# what a key holds by value, and what carries numbers without deciding them
CARRIERS = tuple(
    f"funcnet_utils.{name}"
    for name in (
        *("studies.config", "studies.store", "studies.provenance", "studies.scheduling"),
        *("arms", "errors", "plots", "pages", "__main__"),
    )
)
CONFIG = StudyConfig(
    dataset="digits",
    hidden=(8, 6),
    arms=("batch_norm",),
    n_networks=1,
    n_epochs=1,
    density=0.4,
    densities=(),
    n_null=1,
    epsilons=(0.1,),
    n_attacked=10,
    attack_steps=1,
    attack_restarts=1,
    n_lesions=1,
)


OWN = Code(SOURCES)  # read once for all tests


def reach(code, stage):
    entries = [(each.__module__, each.__qualname__) for each in stage.functions("digits")]
    return code.reach(entries)


def digest(code, stage):
    return digest_of(reach(code, stage))


class Stranger:
    """What a reader of tracebacks leaves on nodes that all trees share: the tree of another."""

    def __deepcopy__(self, memo):
        raise AssertionError("a digest went into a tree that is not its own")


def test_a_digest_does_not_follow_links_between_trees():
    shared = ast.parse("x").body[0].value.ctx
    assert shared is ast.parse("y").body[0].value.ctx
    before = digest(OWN, blocks.TRAINING)
    shared.parent = Stranger()
    try:
        assert digest(Code(SOURCES), blocks.TRAINING) == before
    finally:
        del shared.parent


def files():
    """Files of the package by the names of their modules."""
    found = {}
    for file in provenance.PACKAGE.rglob("*.py"):
        parts = file.relative_to(provenance.PACKAGE.parent).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = file
    return found


def executed(call):
    """Top-level definitions of the package that a call goes through."""
    found = set()
    modules = {str(file): name for name, file in files().items()}

    def watch(frame, event, _):
        code = frame.f_code
        if event == "call" and (module := modules.get(code.co_filename)):
            name = code.co_qualname.split(".")[0]
            if not name.startswith("<"):
                found.add((module, name))

    sys.setprofile(watch)
    try:
        call()
    finally:
        sys.setprofile(None)
    return {each for each in found if not each[0].startswith(CARRIERS)}


def changed(source, name):
    """Return a module in which one definition computes something else."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            node.body.append(ast.parse("changed = 1").body[0])
            return ast.unparse(tree)
    raise AssertionError(f"{name} is not defined there")


def code_with(module, name):
    """The code with one definition changed; the other modules are those read before."""
    code = Code({**SOURCES, module: changed(SOURCES[module], name)})
    parse, read = code._module, code._statement
    code._module = lambda each: (parse if each == module else OWN._module)(each)
    code._statement = lambda each, what: (read if each == module else OWN._statement)(each, what)
    return code


def test_threads_read_the_code_in_turn():
    fresh, stages = Code(SOURCES), blocks.STAGES * 2
    with ThreadPoolExecutor(len(stages)) as pool:
        found = list(pool.map(lambda stage: digest(fresh, stage), stages))
    assert found == [digest(OWN, stage) for stage in stages]


@pytest.mark.parametrize("stage", blocks.STAGES, ids=lambda stage: stage.kind)
def test_whatever_runs_changes_the_key(stage):
    block = Block("batch_norm", 0, 1)
    weights = blocks.TRAINING.compute(CONFIG, block, blocks.make_population(CONFIG, block)).tensors

    def call():
        population = blocks.make_population(CONFIG, block, weights if stage.trained else None)
        stage.compute(CONFIG, block, population)

    blocks.load_dataset.__globals__["_load"].cache_clear()  # so that loading is seen as well
    names = executed(call)
    assert (BLOCKS, stage.compute.__name__) in names
    assert ("funcnet_utils.datasets.records", "split") in names  # scaling of pixels
    assert len(names) > 10
    reached = reach(OWN, stage)
    for module, name in names:
        assert code_with(module, name)._read((module, name))[0] != reached[module, name]
    for module, name in (("funcnet_utils.datasets.records", "split"), (BLOCKS, "_weight_norms")):
        same = digest(code_with(module, name), stage) == digest_of(reached)
        assert same == ((module, name) not in names)


@pytest.mark.parametrize("stage", blocks.STAGES, ids=lambda stage: stage.kind)
def test_what_decides_no_number_leaves_the_key(stage):
    idle = [
        *("studies.scheduling", "studies.study", "studies.claims", "studies.published"),
        *("plots.arms", "plots.studies", "pages", "__main__", "stats.effects"),
    ]
    broken = {f"funcnet_utils.{name}": "raise SystemExit\n" for name in idle}
    assert broken.keys() < SOURCES.keys()
    assert digest(Code({**SOURCES, **broken}), stage) == digest(OWN, stage)


def test_attacks_do_not_change_training():
    module = "funcnet_utils.models.attacks"
    code = Code({**SOURCES, module: changed(SOURCES[module], "survivors")})
    assert digest(code, blocks.TRAINING) == digest(OWN, blocks.TRAINING)
    assert digest(code, blocks.ATTACKS) != digest(OWN, blocks.ATTACKS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("funcnet_utils.models.training", "funcnet_utils.models.learning"),
        ("funcnet_utils.datasets.records", "funcnet_utils.pictures"),
        ("funcnet_utils.graphs.small_world", "funcnet_utils.graphs._worlds"),
    ],
)
def test_a_moved_file_leaves_the_key(old, new):
    code = Code(
        {
            (new if module == old else module): source.replace(
                f"from {old} import", f"from {new} import"
            )
            for module, source in SOURCES.items()
        }
    )
    assert code.sources.keys() != SOURCES.keys()
    for stage in blocks.STAGES:
        assert digest(code, stage) == digest(OWN, stage)


def tiny(source, helper="def scale(x):\n    return 2 * x\n"):
    return {"pack": "", "pack.entry": source, "pack.helper": helper}


def of(sources):
    return digest_of(Code(sources).reach([("pack.entry", "f")]))


PLAIN = "from pack.helper import scale\n\ndef f(x: int) -> int:\n    return scale(x)\n"


@pytest.mark.parametrize(
    "same",
    [
        '"""Prose."""\nfrom pack.helper import scale\n\ndef f(x):\n    return scale(x)  # why\n',
        'from pack.helper import scale\n\ndef f(x):\n    """Say."""\n    return scale(x)\n',
        "from pack import helper\n\ndef f(x):\n    return helper.scale(x)\n",
        "from pack.helper import scale as s\n\ndef f(x):\n    return s(x)\n",
        "def f(x):\n    from pack.helper import scale\n\n    return scale(x)\n",
        "import pack.helper\n\ndef f(x):\n    return pack.helper.scale(x)\n",
    ],
)
def test_prose_and_ways_to_import_leave_the_digest(same):
    assert of(tiny(same)) == of(tiny(PLAIN))


def test_a_helper_a_constant_or_a_statement_of_a_module_changes_it():
    before = of(tiny(PLAIN))
    assert of(tiny(PLAIN, "def scale(x):\n    return 3 * x\n")) != before
    assert of(tiny("import numpy\nnumpy.seterr('raise')\n" + PLAIN)) != before
    one, two = (f"K = {k}\n\ndef scale(x):\n    return K * x\n" for k in (2, 3))
    assert of(tiny(PLAIN, one)) != of(tiny(PLAIN, two))
    unused = "def other(x):\n    return 0\n\n" + PLAIN
    assert of(tiny(unused)) == before


def test_messages_of_errors_do_not_count():
    texts = [
        f"def f(x):\n    if x < 0:\n        raise ValueError('{t}')\n    return x\n" for t in "ab"
    ]
    assert of(tiny(texts[0])) == of(tiny(texts[1]))
    assert of(tiny(texts[0])) != of(tiny(texts[0].replace("x < 0", "x < 1")))


def test_digest_of_files_ignores_prose(tmp_path):
    one, other = tmp_path / "a" / "m.py", tmp_path / "b" / "m.py"
    for file, text in ((one, "x = 1\n"), (other, '"""Doc."""\nx = 1  # why\n')):
        file.parent.mkdir()
        file.write_text(text)
    before = provenance.source_digest([one])
    assert provenance.source_digest([other]) == before
    other.write_text("x = 2\n")
    assert provenance.source_digest([other]) != before


def test_sources_are_those_of_the_import(monkeypatch):
    """A file that is edited while a kernel lives does not describe what this kernel computes."""
    monkeypatch.setattr(Path, "read_text", None)
    provenance.code_digest.cache_clear()
    assert len(blocks.TRAINING.code("digits")) == 12


def test_versions_name_the_libraries():
    assert {"python", "numpy", "torch"} <= versions().keys()


def test_floors_are_kept():
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout
