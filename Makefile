# The whole developer interface. `make demo` and `make test` need Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Tests and small networks run side by side; a BLAS that starts threads for each small product only slows them.
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: demo test test-examples check format golden bench bench-soak bench-tables bench-examples bench-peers clean help

help:
	@echo "make demo    set up an environment and train a network on a real table"
	@echo "make test    set up and run all tests"
	@echo "make test-examples  run all scripts in examples/ in their quick form"
	@echo "make check   lint and type-check"
	@echo "make format  format the code"
	@echo "make bench   measure the speed beside other frameworks (ONLY=small,cnn ROUNDS=3; make bench-peers installs them)"
	@echo "make bench-tables  measure how accurate fit is on real tables beside scikit-learn (TABLES='titanic adult' SEEDS=0)"
	@echo "make bench-examples  run examples/ in full on real data (EXAMPLES='mnist_convnet gcn_cora')"
	@echo "make bench-soak  whether memory stays flat"
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

test-examples: $(VENV)/.dev
	CHAINRULE_EXAMPLES=all $(BIN)/python -m pytest tests/test_examples.py

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .

# Others are measured in environments of their own; BENCH_KERAS and BENCH_TORCH may name folders that exist already.
bench: $(VENV)/.dev
	$(BIN)/python -m bench --only '$(ONLY)' --contenders '$(CONTENDERS)' --rounds $(or $(ROUNDS),5)

bench-soak: $(VENV)/.dev
	$(BIN)/python -m bench.soak --predict $(or $(PREDICT),100000) --fit $(or $(FIT),1000) --models $(or $(MODELS),500)

# Rows and reference scores are those of ../shared/data; docs/results.md gets the table.
bench-tables: $(VENV)/.dev
	$(BIN)/python scripts/bench_tables.py $(TABLES) --seeds $(or $(SEEDS),0,1,2)
	$(BIN)/python scripts/bench_tables.py --write

bench-examples: $(VENV)/.dev
	$(BIN)/python scripts/bench_examples.py $(EXAMPLES)
	$(BIN)/python scripts/bench_examples.py --write

bench-peers: bench/.peers/keras/.made bench/.peers/torch/.made

bench/.peers/keras/.made:
	$(PYTHON) -m venv bench/.peers/keras
	bench/.peers/keras/bin/pip install --quiet --disable-pip-version-check keras tensorflow-cpu jax jaxlib pandas scikit-learn
	touch $@

bench/.peers/torch/.made:
	$(PYTHON) -m venv bench/.peers/torch
	bench/.peers/torch/bin/pip install --quiet --disable-pip-version-check numpy torch==2.13.0 \
		--extra-index-url https://download.pytorch.org/whl/cpu
	touch $@

clean:
	rm -rf $(VENV) demo build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
