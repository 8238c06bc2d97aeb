# `make quickstart` shows a workflow running; `make test` tests everything.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TOOLS := $(VENV)/.tools

.PHONY: quickstart test test-rust test-python test-general stub lint format bench bench-peer build check-machine clean

quickstart: build
	@$(BIN)/python examples/quickstart.py

# The release extension, installed into the virtual environment in editable form.
build: $(TOOLS)
	@echo "Building the extension"
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin develop --release

$(TOOLS): pyproject.toml Makefile | check-machine
	@echo "Making $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check 'pip>=25.1'
	@$(BIN)/pip install --quiet --disable-pip-version-check --group dev
	@touch $@

check-machine:
	@command -v cargo >/dev/null || { echo "cargo is missing: install Rust 1.88 or newer (https://rustup.rs)" >&2; exit 1; }
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.10 or newer" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
		{ echo "$(PYTHON) is $$($(PYTHON) --version), and Python 3.10 or newer is needed: make PYTHON=python3.12" >&2; exit 1; }

test: test-rust test-python test-general

test-rust: check-machine
	cargo test --workspace --quiet

# The program that tests/soak drives workers with.
stub: check-machine
	@cargo build --release --quiet --package callboard-benches --bin stub_service

test-python: build stub
	$(BIN)/pytest --numprocesses 4 --dist worksteal tests

# The same tests without the short ways of the hot path.
test-general: build stub
	CALLBOARD_GENERAL_PATH=1 $(BIN)/pytest --numprocesses 4 --dist worksteal tests

lint: build
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	$(BIN)/ruff format --check python tests examples protos benches
	$(BIN)/ruff check python tests examples protos benches
	$(BIN)/mypy
	$(BIN)/pyright --project pyproject.toml

format:
	cargo fmt --all
	$(BIN)/ruff format python tests examples protos benches
	$(BIN)/ruff check --fix python tests examples protos benches

bench: check-machine
	cargo bench

# Both packages side by side; ROWS and ROUNDS as in `python -m benches.peer --help`.
bench-peer: build
	$(BIN)/python -m benches.peer $(if $(ROWS),--rows $(ROWS)) $(if $(ROUNDS),--rounds $(ROUNDS))

clean:
	rm -rf $(VENV) .venvs target
