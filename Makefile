# Every target calls `python -m tools` in .venv, which is made on first use.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
PACKAGES = $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
# numba compiles kernels, and Python packages, while pip installs the next ones
KERNELS = 'import numpy as np; from funcnet_utils import FunctionalNetwork as F; r = np.random.default_rng(0); \
  net = F.from_activations(r.normal(size=(99, 30))); net.measures(0.2); net.small_world(2, 0, 0.2); net.diagrams()'
COMPILE = $(BIN)/python -m compileall -qq -j 0 -x '/(torch|sympy|tests?)/' $(PACKAGES)

.DEFAULT_GOAL := help
.PHONY: help book notebooks notebook html sphinx serve lab coursework lint test slow faults fuzz bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

book: $(READY) ## run the pages that changed, build _build/html and print it as PDF
	@$(BIN)/python -m tools book

notebooks: $(READY) ## run the pages that changed
	@$(BIN)/python -m tools notebooks

notebook: $(READY) ## run one page and open it: make notebook PAGE=small_world ARGS="-p seed 7"
	@test -n "$(PAGE)" || { echo 'name a page: make notebook PAGE=small_world ARGS="-p dataset fashion_mnist"'; exit 2; }
	@$(BIN)/python -m tools run $(PAGE) $(ARGS) --open

html: $(READY) ## build the book from pages that were run before
	@$(BIN)/python -m tools html

sphinx: $(READY) ## build the book with plain Sphinx in .venv-sphinx, from pages that were run before
	@$(BIN)/python -m tools sphinx

serve: $(READY) ## read the book at http://127.0.0.1:8000
	@$(BIN)/python -m tools serve

lab: .venv/.lab ## open copies of the pages, yours to change, in JupyterLab
	@$(BIN)/python -m tools lab

coursework: $(READY) ## write student notebooks, instructor versions, hand-out and rubric
	@$(BIN)/python -m tools coursework $(ARGS)

lint: .venv/.test ## check style, types, layers and spelling
	@$(BIN)/python -m tools lint

test: .venv/.test ## run the tests
	@$(BIN)/python -m tools test

slow: .venv/.test ## run the tests that take minutes or environments of their own
	@$(BIN)/python -m tools test -m slow -n 2

faults: .venv/.test ## kill, damage and starve runs of a study, 50 times each
	@FUNCNET_FAULTS=50 $(BIN)/python -m tools test -m slow tests/faults/test_faults.py

fuzz: .venv/.test ## read a million damaged files
	@$(BIN)/python -m tests.faults.fuzzing 1000000

bench: .venv/.bench ## time every step beside other libraries
	@$(BIN)/funcnet bench

clean: ## delete _build and executed pages, keep .venv, results and what you wrote
	@if test -x $(BIN)/python; then $(BIN)/python -m tools clean; fi

$(READY): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$$($(PYTHON) --version) is too old: install Python 3.11 or newer, or name one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "Python has no venv: install it, on Debian and Ubuntu with: apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing the pinned packages into .venv; this takes some minutes the first time"
	@$(PIP) --no-compile -e .
	@nice $(BIN)/python -c $(KERNELS) & one=$$!; $(PIP) --no-compile -e '.[study]' && { \
	  nice $(COMPILE) & trap "kill $$one $$! 2>/dev/null" EXIT INT; $(PIP) --no-compile -e '.[book]' && wait; }
	@$(COMPILE) & PYTHONDONTWRITEBYTECODE= $(BIN)/python -m tools.worker && wait # compiles what is used of the rest
	@touch $@

.venv/.lab .venv/.test .venv/.bench: .venv/.%: $(READY)
	@echo "installing the packages for $*"
	@$(PIP) -e '.[$*]'
	@touch $@
