# Two commands do all the set-up:
#   make lab    installs the course and opens it in JupyterLab
#   make test   installs what the tests need and runs them all
# `make help` lists the rest. People without make: README.md, "Without make".

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TLCOURSE := $(BIN)/tlcourse

.DEFAULT_GOAL := help
.PHONY: help lab test check bench notebooks clean

help:
	@echo "make lab        install the course and open it in JupyterLab"
	@echo "make test       install what the tests need and run all of them"
	@echo "make check      style and types only"
	@echo "make bench      print the speed tables"
	@echo "make notebooks  run the chapters again and keep their outputs"
	@echo "make clean      remove the environment"

lab: $(VENV)/.lab
	$(TLCOURSE) doctor
	$(TLCOURSE) lab

test: $(VENV)/.test check
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.test
	$(BIN)/python bench/features.py

notebooks: $(VENV)/.test
	TQDM_DISABLE=1 TLCOURSE_CACHE=$$(mktemp -d) \
	$(BIN)/jupyter nbconvert --to notebook --inplace --execute chapters/[0-9]*.ipynb
	$(BIN)/python -m tests.chapters.tidy

clean:
	rm -rf $(VENV)

# An environment is remade when pyproject.toml changes. The marks are written last, so that an
# interrupted install is taken up again.
$(VENV)/.made:
	$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(not (3, 11) <= v <= (3, 13) and f"Python 3.11 to 3.13 is needed, this is {v[0]}.{v[1]}: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.lab: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --editable '.[lab,fast,export]'
	touch $@

$(VENV)/.test: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --editable '.[lab,fast,export,test]'
	touch $(VENV)/.lab $@
