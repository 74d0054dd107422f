# Everything runs in .venv, which the first target that needs it makes.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.cwtui-ready
USER_STAMP := $(VENV)/.cwtui-installed

.PHONY: help demo test lint types contracts bench screenshots fixtures keys format clean

help:            ## Show these targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

$(USER_STAMP): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(STAMP): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(USER_STAMP)

demo: $(USER_STAMP)   ## Explore the shipped recording: no AWS, no credentials
	@$(BIN)/cwtui --mock

# The programs that tests start share what the first of them compiled.
test: export PYTHONDONTWRITEBYTECODE :=
test: lint types contracts  ## Lint, types, import rules, then every test
	$(BIN)/python -m pytest -n 3 --dist worksteal

lint: $(STAMP)   ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)  ## mypy --strict
	$(BIN)/mypy

contracts: $(STAMP)  ## The import rules of the house
	$(BIN)/lint-imports

format: $(STAMP) ## Let ruff rewrite what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP)  ## Figures, as ratios measured in one run
	@for script in benchmarks/[a-z]*.py; do \
		name=$$(basename $$script .py); echo "== $$name"; $(BIN)/python -m benchmarks.$$name || exit 1; done

screenshots: $(STAMP)  ## Draw the README's pictures from the shipped recording
	$(BIN)/python docs/screenshots.py

fixtures: $(STAMP)  ## Write the shipped recordings again, byte for byte
	$(BIN)/python fixtures/generate.py

keys: $(STAMP)   ## Write docs/keys.md from the key table
	$(BIN)/python docs/write_keys.py

clean:           ## Remove the environment and what tools left behind
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
