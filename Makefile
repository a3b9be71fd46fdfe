# `make install` needs Python 3.11 or newer and nothing else; every other target calls it first.
# PYTHON=/path/to/python3 chooses the interpreter, ARGS="tests/test_cases.py -k redis" what `make test` runs.
# JOBS=4 is right for two cores: about half of a test run is waiting for other processes.

PYTHON ?= python3
JOBS ?= 4
ARGS ?=
RUNS ?= 5
SLOW_RUNS ?= 1
BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo test lint format bench accuracy lock schema

help:
	@echo "make install   .venv with the command in it: $(BIN)/patchwright"
	@echo "make demo      the service at work on a real push, beside a stand-in for GitHub; REPO=checkout, KEEP=1 to stay up"
	@echo "make test      the tests; ARGS=... goes to pytest"
	@echo "make lint      ruff and mypy; make format lets ruff write"
	@echo "make bench     time and memory beside other tools; REPO=path, RUNS=5, SLOW_RUNS=1 (Fixit and LibCST take minutes a run)"
	@echo "make accuracy  findings against known lines; CHECKOUTS=dir, KNOWN=file.tsv"
	@echo "make schema    docs/patchwright.schema.json anew, for editors"
	@echo "make lock      requirements.lock (all) and requirements-service.lock (the image) anew from pyproject.toml"

install: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=/path/to/python3 install" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: install
	@$(BIN)/python -m tests.demo $(REPO)

# Bytecode is written even where the environment says otherwise: hundreds of processes would compile everything anew.
test: install
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install
	$(BIN)/python -m tests.bench --runs $(RUNS) --slow-runs $(SLOW_RUNS) $(if $(REPO),--repo $(REPO))

accuracy: install
	@$(BIN)/python -m tests.accuracy $(CHECKOUTS) $(KNOWN)

schema: install
	$(BIN)/python -m tests.packaging.schema

# The build's own needs are locked too, because the project itself is installed without build isolation.
lock: install
	$(BIN)/python -m pip --disable-pip-version-check install --quiet uv
	printf '%s\n' "hatchling>=1.27" editables | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --extra dev $(ARGS) \
		--output-file requirements.lock pyproject.toml -
	printf '%s\n' "hatchling>=1.27" editables | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --extra observability --constraint requirements.lock $(ARGS) \
		--output-file requirements-service.lock pyproject.toml -
