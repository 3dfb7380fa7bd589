# `make demo` and `make test` are all a newcomer needs: on a bare machine with Python 3.11 or newer each one
# first sets up .venv (once), then does its work.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CLIMB := $(BIN)/climb
DEMO := demo

# One thread a process: the models of the tests are small, and sums come out the same on every machine.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest

.PHONY: help demo test identity slow readme check lint types clean

help:
	@echo 'make demo      prepare a corpus, train six small models, compare two curricula (minutes on a laptop)'
	@echo 'make test      the test suite'
	@echo 'make identity  every kind of curriculum, interrupted and split: the same run (minutes)'
	@echo 'make slow      the long tests'
	@echo 'make readme    the commands of the README, as written'
	@echo 'make check     lint, format and types'
	@echo 'make clean     remove .venv, caches and the demo'

# The first interpreter that runs, is new enough and can make environments. Each is tried, because the shims of
# version managers are there for versions that are not. The stamp is written last: a killed set-up starts again.
$(READY): requirements.txt pyproject.toml
	@for python in python3.13 python3.12 python3.11 python3 python; do \
	    if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        found=$$python; break; \
	    fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
	    echo 'climb needs Python 3.11 or newer with its venv module: install it (Debian and Ubuntu: python3-venv) and run make again.' >&2; \
	    exit 1; \
	fi; \
	if ! $(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$found."; \
	    "$$found" -m venv --clear $(VENV); \
	fi
	@echo 'Installing the pinned packages into $(VENV) (minutes, once).'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY)
	@mkdir -p $(DEMO)
	cd $(DEMO) && $(abspath $(CLIMB)) prep --preset demo
	cd $(DEMO) && $(abspath $(CLIMB)) sweep demo
	cd $(DEMO) && $(abspath $(CLIMB)) compare runs/none-s* runs/vocab_linear-s* --out comparison.html
	@echo 'Open $(DEMO)/comparison.html in a browser; $(DEMO)/data/sample/report.html shows the corpus.'

# Files in their order: by default those with few tests come last, and the longest test is one of few in its file.
test: $(READY)
	$(PYTEST) -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder

identity: $(READY)
	$(PYTEST) -m slow tests/climb/test_identity.py -n auto --maxprocesses 8

slow: $(READY)
	$(PYTEST) -m slow

readme: $(READY)
	$(PYTEST) -m 'slow or not slow' tests/test_readme.py

check: lint types

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# The type checker sees what users get: the wheel, unpacked, because it does not follow editable installs.
types: $(READY)
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(BIN)/python -m build --no-isolation --outdir "$$folder" . >"$$folder/log" 2>&1 || { cat "$$folder/log"; exit 1; }; \
	$(BIN)/python -m zipfile -e "$$folder"/*.whl "$$folder/site"; \
	settings=$$PWD/pyproject.toml; mypy=$$PWD/$(BIN)/mypy; \
	cd "$$folder" && MYPYPATH="$$folder/site" "$$mypy" --config-file "$$settings" -p climb

clean:
	rm -rf $(VENV) $(DEMO) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
