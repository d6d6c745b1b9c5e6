# The whole developer interface. `make demo` and `make test` need Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Tests and small networks run side by side; a BLAS that starts threads for each small product only slows them.
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: demo test check format golden clean help

help:
	@echo "make demo    set up an environment and train a network on a real table"
	@echo "make test    set up and run all tests"
	@echo "make check   lint and type-check"
	@echo "make format  format the code"
	@echo "make clean   remove the environment and what was made"

$(VENV)/.core: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.core
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: $(VENV)/.core
	$(BIN)/chainrule fit examples/data/penguins.csv --target species --out demo/penguins --seed 1 --force

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) demo build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
