# Two commands do all set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
SHELL := /bin/bash
# Where torch comes from; pip's own index unless set. README names the one without CUDA.
TORCH_INDEX ?=

.PHONY: help demo test lint format bench bench-peers clean

help:
	@echo "make demo    set up, index the sample columns, run three searches"
	@echo "make test    set up, run every test"
	@echo "make lint    formatter, linter, types, layers"
	@echo "make bench   measure speed and size; prints a table, writes JSON"
	@echo "make bench-peers ARGS='--archive DIR'   the same work by other search engines"
	@echo "make clean   remove what the above made"
	@echo "TORCH_INDEX=URL after any of them: where to get torch, first time; README names one without CUDA"

# A stamp per set of packages: a second run installs nothing.
$(VENV)/.made: constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Byline needs Python 3.11 or later; set PYTHON=") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --constraint constraints.txt $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch
	touch $@

$(VENV)/.installed: $(VENV)/.made pyproject.toml constraints.txt
	@echo "Installing Byline and what it needs into $(VENV) (a few minutes the first time) …"
	$(PIP) install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.installed
	$(PIP) install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: $(VENV)/.installed
	$(BIN)/byline demo

# In as many processes as there are processors, up to four, a file of tests in one of them; `-n 0`
# in ARGS runs all in one. Tests start Byline hundreds of times: its bytecode is kept.
test: $(VENV)/.dev
	HF_HUB_OFFLINE=1 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest \
	  -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev
	HF_HUB_OFFLINE=1 $(BIN)/python -m benchmarks.run $(ARGS)

bench-peers: $(VENV)/.dev
	HF_HUB_OFFLINE=1 $(BIN)/python -m benchmarks.peers.run $(ARGS)

clean:
	rm -rf $(VENV) .venv-peers build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
