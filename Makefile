# `make run` and `make test` prepare .venv themselves. Paths are relative on purpose: the project may live in a folder with spaces.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test test-all check golden bench lock clean

BIN := .venv/bin
STAMP := .venv/.installed
BENCH_STAMP := .venv/.installed-bench
PACKAGES := radar scenarios streams twin console
CODE := $(PACKAGES) tests benchmarks
# Two workers: more than the CI machine has cores only adds memory. `make test WORKERS=8` on a larger one.
WORKERS ?= 2

help: ## show the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

setup: $(STAMP) ## prepare .venv from locks/dev.txt (does nothing when it is up to date)

$(STAMP): pyproject.toml locks/dev.txt tools/setup.sh
	@sh tools/setup.sh locks/dev.txt $(STAMP)

$(BENCH_STAMP): $(STAMP) locks/bench.txt
	@sh tools/setup.sh locks/bench.txt $(BENCH_STAMP)

run: $(STAMP) ## show the product: invented orders in, warnings out
	@$(BIN)/radar demo

test: check ## house rules, then the quick tests
	@$(BIN)/python -m pytest -n $(WORKERS) -m "not slow"

test-all: check ## house rules, then every test, the slow ones too
	@$(BIN)/python -m pytest -n $(WORKERS)

check: $(STAMP) ## ruff, mypy strict, import contracts
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/python -m mypy $(CODE)
	@$(BIN)/lint-imports --no-logo

golden: $(STAMP) ## write tests/golden anew; read the diff and say in the commit why it moved
	@RADAR_GOLDEN=write $(BIN)/python -m pytest -m golden
	@git status --short -- tests/golden

bench: $(BENCH_STAMP) ## every benchmark, one after the other (ratios, CPU time)
	@set -e; for file in benchmarks/[a-z]*.py; do \
	    name=$$(basename "$$file" .py); echo "== $$name"; $(BIN)/python -m "benchmarks.$$name"; \
	done

lock: ## resolve pyproject.toml into locks/*.txt (UPGRADE=1: newest versions)
	@UPGRADE=$(UPGRADE) sh tools/lock.sh

clean: ## remove caches and .venv, never data or stores
	@rm -rf .venv .venv-lock .venv-uv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
