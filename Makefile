# Everything a person needs. Works with python3 (3.11 or later), venv and pip alone; uses uv where it is there.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Setting up compiles it in place, where there is a compiler. (-qq: setuptools says of every build that to name extensions
# in pyproject.toml is experimental.)
EXTENSION := src/aiotables/core/_models.c
COMPILED := $(EXTENSION:.c=.*.so) $(EXTENSION:.c=.*.pyd)
RIVALS := .venv-generator/.ready
PRISM := .prism/node_modules/.bin/prism
# Versions of Python beside the first that the tests also run on, where the machine has them.
OTHERS ?= python3.11 python3.12 python3.13 python3.14

.PHONY: help demo test test-one test-others check generate outcomes contract bench docs clean chaos

help: ## List these targets.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

$(READY): pyproject.toml constraints.txt $(EXTENSION)
	@echo "setting up $(VENV)"
	@rm -f $(COMPILED)
	@if command -v uv >/dev/null; then \
		uv venv -q --allow-existing --python $(PYTHON) $(VENV); \
		uv pip install -q --python $(BIN)/python -c constraints.txt --build-constraint constraints.txt --reinstall-package aiotables -e '.[cli,emulator,scale]' --group dev; \
	else \
		$(PYTHON) -m venv $(VENV); \
		$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt pip; \
		$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt --build-constraint constraints.txt -e '.[cli,emulator,scale]' --group dev; \
	fi
	@touch $@

demo: $(READY) ## Start the emulator, apply a real manifest with lost replies, prove the result. Under a minute.
	@$(BIN)/python docs/demo/run.py

test: test-one test-others ## Run all tests, on each version of Python that the machine has.

# Three at once on two cores: tests wait for half of their time, for processes, databases and browsers.
test-one: $(READY)
	@.ci/compiled $(BIN)/python
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -n 3
	$(BIN)/python -m coverage combine -q
	$(BIN)/python -m coverage report --fail-under=100
	@command -v chromium chromium-browser google-chrome >/dev/null && command -v chromedriver >/dev/null \
		|| echo "Chromium is not on this machine, so the emulator's page was not tried in a browser: apt-get install chromium chromium-driver"

test-others: $(READY)
	@PYTHON=$(PYTHON) VENV=$(VENV) .ci/others $(OTHERS)

check: $(READY) ## Lint, types, fragments, and whether the generated code is up to date.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/python -m codegen lint
	$(BIN)/python -m codegen check

generate: $(READY) ## Make the models and operations from openapi/, and tell what changed since the last commit.
	$(BIN)/python -m codegen generate
	@if git rev-parse --quiet --verify HEAD >/dev/null 2>&1; then $(BIN)/python -m codegen diff HEAD; fi

outcomes: $(READY) ## Try every create with every fault, and write docs/outcomes.md.
	$(BIN)/python tests/test_outcomes.py

contract: $(READY) ## Let others judge: schemathesis calls the emulator, and the client calls Prism, a server of the fragments (needs Node).
	@if command -v npm >/dev/null; then \
		$(MAKE) -s $(PRISM); \
		$(BIN)/python -m pytest -q tests/contract --schemathesis --prism $(PRISM); \
	else \
		echo "npm, which comes with Node, is not on this machine: nothing is checked against Prism"; \
		$(BIN)/python -m pytest -q tests/contract --schemathesis; \
	fi

$(PRISM): tests/contract/package-lock.json
	@echo "installing Prism into .prism"
	@mkdir -p .prism
	@cp tests/contract/package.json tests/contract/package-lock.json .prism
	@npm ci --prefix .prism --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(RIVALS): $(READY) tests/benchmarks/generator.txt
	@echo "installing what to compare with, and openapi-python-client into .venv-generator"
	@if command -v uv >/dev/null; then \
		uv pip install -q --python $(BIN)/python -c constraints.txt --group bench; \
	else \
		$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt --group bench; \
	fi
	@$(PYTHON) -m venv .venv-generator
	@.venv-generator/bin/python -m pip install -q --disable-pip-version-check -r tests/benchmarks/generator.txt
	@touch $@

bench: $(READY) $(RIVALS) ## Print what is claimed of speed and memory, as ratios to a baseline in the same run.
	@for each in tests/benchmarks/bench_*.py; do PYTHONPATH=. $(BIN)/python $$each || exit; done

chaos: $(READY) ## Lose replies of very many creates, kill apply at every point and workers very often, part hosts, and check that all is there once.
	$(BIN)/python -m pytest -q -s tests/test_chaos.py tests/emulator/test_virtual.py --creates 10000
	$(BIN)/python -m pytest -q tests/provision/test_kill.py --kills 200
	$(BIN)/python -m pytest -q -s tests/provision/test_every_point.py --points 0
	$(BIN)/python -m pytest -q tests/provision/engines/test_chaos_of_workers.py --teams 4000
	$(BIN)/python -m pytest -q -s -rs tests/provision/engines/test_two_hosts.py --cut 30

docs: $(READY) ## Build the documentation into docs/_build/.
	$(BIN)/sphinx-build -q -W -b html docs docs/_build

clean: ## Remove what was made.
	rm -rf $(VENV) .venv-* .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist docs/_build docs/demo/.state .prism src/aiotables.egg-info
	rm -f $(COMPILED)
