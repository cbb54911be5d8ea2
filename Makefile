# Two commands on a fresh machine: `make demo` shows the main job, `make test` proves it. Both set up what they need.
# Only Python 3.11 or newer, make, and a package index are assumed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# So many tests at the same time, a file of them on one worker: what a file sets up is set up once.
WORKERS ?= 2

.PHONY: setup dev demo test check fuzz crash lint types layers format lock bundle sbom licences clean help

help:
	@echo "make setup   environment with the locked libraries"
	@echo "make demo    sample office, two nights, sandbox   (ARGS=--no-serve ends by itself)"
	@echo "make test    everything: lint, types, layers, tests"
	@echo "make fuzz    damaged and hostile bytes for every parser, for ten minutes   (LINGBAO_FUZZ_SECONDS=3600 for longer)"
	@echo "make crash   the sender killed 200 times over 20,000 notices: what is lost, what doubled?"
	@echo "make format  put the code into form"
	@echo "make lock    compile the lock files anew"
	@echo "make bundle  all that a machine without internet needs, in one file (docs/how-to/offline.md)"
	@echo "make sbom    the bill of materials, and the page of licences, anew from the lock"

setup: $(VENV)/.run
dev: $(VENV)/.dev

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更新版本。Python 3.11 or newer is needed."; exit 2; }
	$(PYTHON) -m venv $(VENV)

# Two calls: pip does not install a hashed lock and an editable project in one. --no-deps: the lock is complete, and pip
# takes an extra that a library asks for (sqlalchemy[asyncio]) for one more requirement without a hash.
$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(VENV)/.run $@

demo: setup
	$(BIN)/lingbao demo $(ARGS)

test: lint types layers check

check: dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

fuzz: dev
	LINGBAO_FUZZ_SECONDS=$${LINGBAO_FUZZ_SECONDS:-600} LINGBAO_FUZZ_SEED=$${LINGBAO_FUZZ_SEED:-$$(date +%s)} \
		$(BIN)/python -m pytest tests/sources/test_fuzz.py $(ARGS)

crash: setup
	$(BIN)/lingbao bench kill --kills 200 --notices 20000 $(ARGS)

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: dev
	$(BIN)/mypy

layers: dev
	$(BIN)/lint-imports

format: dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# UV_NO_CONFIG and no index on the line: the locks name no index, and hold on any mirror.
lock: $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	UV_NO_CONFIG=1 $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		pyproject.toml --extra build -o requirements.lock
	UV_NO_CONFIG=1 $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		pyproject.toml --extra build --group dev -o requirements-dev.lock

bundle: dev
	$(BIN)/python -m deploy.tools.bundle $(ARGS)

sbom: licences
	$(BIN)/python -m deploy.tools.sbom

licences: dev
	$(BIN)/python -m deploy.tools.licences

clean:
	rm -rf $(VENV) var build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
