# `make demo` shows the main job, `make test` runs the tests; both set up what they need.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# One worker for each core: whoever has done its part takes over from the others, test by test.
PYTEST := $(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist worksteal

.PHONY: help demo gallery test test-long check mutants bench docs lock clean
.DEFAULT_GOAL := help

help:
	@echo "make demo [ARGS=--once]   try Lastgood with a local Slack and simulated devices"
	@echo "make gallery              pictures of every message, modal and Home tab, in data/gallery/"
	@echo "make test [ARGS=...]      run the tests: minutes (ARGS go to pytest)"
	@echo "make test-long [ARGS=...] run the slow ones: kills, ten weeks, memory"
	@echo "make check                lint, types, walls"
	@echo "make mutants [ARGS=...]   put small faults into the code and count those that the tests notice"
	@echo "make bench [ARGS=...]     measure speed and memory on this machine"
	@echo "make docs                 write the pages of docs/ that come from the code anew"
	@echo "make lock                 write requirements*.txt anew"

$(READY): requirements-dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Lastgood needs Python 3.11 or newer: try make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY)
	$(BIN)/python -m demo $(ARGS)

gallery: $(READY)
	$(BIN)/python -m demo.gallery $(ARGS)

test: $(READY)
	$(PYTEST) -m "not long" $(ARGS)

test-long: $(READY)
	$(PYTEST) -m long $(ARGS)

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_walls.py

mutants: $(READY)
	$(BIN)/python -m tests.mutants $(ARGS)

bench: $(READY)
	$(BIN)/python -m bench $(ARGS)

docs: $(READY)
	$(BIN)/python -m tests.support.pages

# uv only resolves; the index it asked is left out, so that the lock works with any mirror.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml
lock:
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet 'uv>=0.9,<1'
	$(LOCK) --output-file requirements.txt
	$(LOCK) --group dev --output-file requirements-dev.txt

clean:
	rm -rf $(VENV)
