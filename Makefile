# `make` makes its own environment in .venv; nothing needs installing by hand but Python 3.11 or newer.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.can-run
DEV := $(VENV)/.can-develop
CODE := src streams schemas tests $(wildcard benchmarks)
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-annotate

# Whatever a lock needs is in the lock: nothing is resolved here, so that no later release and no old pip can change
# what is installed (docs/decisions/dependencies.md). uv is quicker where it is there.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
ifneq ($(shell command -v uv),)
PIP := uv pip install --quiet --python $(BIN)/python
endif
INSTALL := $(PIP) --no-deps --require-hashes

.PHONY: help venv format lint types test coverage check pythons simulate stop-trials demo run bench lock wheel clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(DEV) ## make .venv with every tool, each download checked against its hash

# What the demo and `make run` use. The project goes in editable, built by the locked hatchling.
$(RUN): pyproject.toml requirements/run.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
	@$(INSTALL) -r requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(RUN) requirements/dev.txt
	@$(INSTALL) -r requirements/dev.txt
	@touch $@

format: $(DEV) ## write the code in the one format
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix-only --quiet $(CODE)

lint: $(DEV) ## format and every lint rule, checked
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)

types: $(DEV) ## mypy, strict
	$(BIN)/mypy

test: $(DEV) ## every test, with a real Kafka broker
	$(BIN)/pytest

coverage: $(DEV) ## every test, and which lines none of them reaches
	$(BIN)/pytest --cov --cov-report=term

pythons: ## install, unit tests and one broker test on every other supported Python that is there
	@.ci/pythons

check: lint types test ## what CI runs: format, lint, types, tests

simulate: $(DEV) ## a thousand seeded histories with faults; the suite runs twenty
	$(BIN)/python -m tests.simulation

stop-trials: $(DEV) ## 150 workers told to stop at moments of chance; the suite does two
	STOP_TRIALS=150 $(BIN)/pytest -s tests/broker/test_pipeline_stop.py -k any_moment

demo: $(RUN) ## a broker, a worker, the sample history and its counts
	$(BIN)/incident-pipeline demo

run: $(RUN) ## start a broker and a worker, and stay
	$(BIN)/incident-pipeline run

bench: $(DEV) ## measure reports per second on the real broker
	$(BIN)/python -m benchmarks.whole_path

lock: $(DEV) ## resolve the requirement files again (UPGRADE=--upgrade for newer versions)
	$(COMPILE) $(UPGRADE) pyproject.toml -o requirements/core.txt
	$(COMPILE) $(UPGRADE) -c requirements/core.txt --extra broker --group editable pyproject.toml -o requirements/run.txt
	$(COMPILE) $(UPGRADE) -c requirements/run.txt --extra broker --group dev pyproject.toml -o requirements/dev.txt

wheel: $(DEV) ## build dist/: the sdist, and the wheel from it
	$(BIN)/python -m build --no-isolation

clean: ## remove the environment, builds, caches and the local broker's data
	rm -rf $(VENV) .venv-* build dist .run .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis
