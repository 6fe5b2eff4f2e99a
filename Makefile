# `make` makes its own environment in .venv; nothing needs installing by hand but Python 3.11 or newer.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOCKS := requirements/core.txt requirements/broker.txt requirements/dev.txt
CODE := src streams schemas tests $(wildcard benchmarks)
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.PHONY: help venv format lint types test coverage check simulate demo run bench lock wheel clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(STAMP) ## make .venv with every tool, each download checked against its hash

# The project goes in editable, built by the locked hatchling rather than a fresh download.
$(STAMP): pyproject.toml $(LOCKS)
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null; then \
		uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt; \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
	@touch $@

format: $(STAMP) ## write the code in the one format
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix-only --quiet $(CODE)

lint: $(STAMP) ## format and every lint rule, checked
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)

types: $(STAMP) ## mypy, strict
	$(BIN)/mypy

test: $(STAMP) ## every test, with a real Kafka broker
	$(BIN)/pytest

coverage: $(STAMP) ## every test, and which lines none of them reaches
	$(BIN)/pytest --cov --cov-report=term

check: lint types test ## what CI runs: format, lint, types, tests

simulate: $(STAMP) ## a thousand seeded histories with faults; the suite runs twenty
	$(BIN)/python -m tests.simulation

demo: $(STAMP) ## a broker, a worker, the sample history and its counts
	$(BIN)/incident-pipeline demo

run: $(STAMP) ## start a broker and a worker, and stay
	$(BIN)/incident-pipeline run

bench: $(STAMP) ## measure reports per second on the real broker
	$(BIN)/python -m benchmarks.whole_path

lock: $(STAMP) ## resolve the requirement files again (UPGRADE=--upgrade for newer versions)
	$(COMPILE) $(UPGRADE) pyproject.toml -o requirements/core.txt
	$(COMPILE) $(UPGRADE) -c requirements/core.txt --extra broker pyproject.toml -o requirements/broker.txt
	$(COMPILE) $(UPGRADE) -c requirements/broker.txt --extra broker --group dev pyproject.toml -o requirements/dev.txt

wheel: $(STAMP) ## build dist/: the sdist, and the wheel from it
	$(BIN)/python -m build --no-isolation

clean: ## remove the environment, builds, caches and the local broker's data
	rm -rf $(VENV) build dist .run .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis
