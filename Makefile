# `make` lists what there is to do. Everything runs in .venv, made on first use.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON := .venv/bin/python
NOTEBOOKS := $(PYTHON) tools/run_notebooks.py
# JupyterLab refuses to work for root unless told that this is meant.
LAB_OPTIONS := $(shell [ "$$(id -u)" != 0 ] || echo --allow-root)

.PHONY: help lab run check slides html present test quick fresh refresh folds whistled bench clean student \
    developer

help:  ## list these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | \
	    sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

lab: student  ## open notebook 1 in JupyterLab
	@$(PYTHON) -m jupyterlab $(LAB_OPTIONS) notebooks/1_data_processing.ipynb

run: student  ## execute all notebooks; pages in build/pages/ (CORPUS=data/my_voices)
	@$(NOTEBOOKS) run $(if $(CORPUS),--corpus "$(CORPUS)")

check: student  ## is this machine ready? each line OK or FAIL, with the remedy
	@$(PYTHON) tools/check_machine.py

slides: developer  ## the notebooks as slides, in build/slides/; no network needed
	@$(PYTHON) tools/slides.py

html: developer  ## the site in build/site/, printed lessons in build/handouts/
	@$(PYTHON) tools/build_site.py

present: developer  ## live slides: JupyterLab with settings for "Toggle Deck"
	@JUPYTER_CONFIG_PATH=$(CURDIR)/tools/jupyter $(PYTHON) -m jupyterlab $(LAB_OPTIONS) \
	    notebooks/1_data_processing.ipynb

quick: developer  ## the tests that need no notebook, browser or training
	@$(PYTHON) -m pytest -m "not notebooks and not browser and not training"

test: developer  ## all tests, those of the browser and the recordings if they are there
	@$(PYTHON) -m pytest

fresh: developer  ## are the committed notebooks clean and up to date, is the code tidy
	@$(NOTEBOOKS) check && $(PYTHON) -m ruff check .

refresh: developer  ## execute the notebooks on the real recordings, in place (ONLY="3 5")
	@$(NOTEBOOKS) refresh $(ONLY) && $(PYTHON) tools/list_functions.py

folds: developer  ## hold every actor out once: the predictions behind the score
	@$(PYTHON) tools/score_folds.py

whistled: developer  ## train the network of lesson 4 that knows happy by a whistle
	@$(PYTHON) tools/train_whistled.py

bench: developer  ## measure what the project claims about speed and score
	@$(PYTHON) benchmarks/run.py

clean:  ## remove build/ and caches; .venv/ and data/ stay
	@rm -rf build .pytest_cache .ruff_cache
	@for folder in notebooks tools tests benchmarks; do [ ! -d $$folder ] || \
	    find $$folder -depth \( -name __pycache__ -o -name .ipynb_checkpoints \
	        -o -name '*.part' \) -exec rm -rf {} +; done
	@echo "Removed build/ and caches."

# --- the environment ---------------------------------------------------------

student: .venv/student-ready
developer: .venv/developer-ready

# A pyenv shim exists for versions that are not there, so each is asked to run.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
.venv/made:
	@first() { for python in python3.13 python3.12 python3.11 python3; do \
	    $$python -c "$$1" >/dev/null 2>&1 && echo $$python && return; done; }; \
	python=$$(first "import ensurepip, venv; $(FITS)"); \
	if [ -n "$$python" ]; then \
	    echo "Making .venv with $$($$python --version)"; \
	    rm -rf .venv && $$python -m venv .venv && touch $@; \
	elif [ -n "$$(first "$(FITS)")" ]; then \
	    echo "Python is here, but cannot make a virtual environment."; \
	    echo "On Debian and Ubuntu: sudo apt-get install python3-venv"; \
	    echo "Then run make again."; \
	    exit 1; \
	else \
	    echo "This course needs Python 3.11, 3.12 or 3.13, and none of them runs here."; \
	    echo "Install one (https://www.python.org/downloads), then run make again."; \
	    exit 1; \
	fi

.venv/student-ready: .venv/made requirements.txt
	@echo "Installing requirements.txt into .venv (some minutes the first time)"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/developer-ready: .venv/made requirements.txt requirements-dev.txt
	@echo "Installing requirements-dev.txt into .venv (some minutes the first time)"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch .venv/student-ready $@
