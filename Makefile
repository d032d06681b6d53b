# Set-up and the two commands of the README, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: reproduce test setup

# The tables and figures of the default configuration.
reproduce: $(VENV)/.ready
	$(BIN)/snakemake --cores all

# The tests.
test: $(VENV)/.ready
	$(BIN)/python -m pytest

setup: $(VENV)/.ready

# The environment: the ranges of pyproject.toml at the versions of constraints.txt.
$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "focusbench needs Python 3.11 or newer; name one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' > $(VENV)/requirements.txt
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off -c constraints.txt -r $(VENV)/requirements.txt
	@touch $@
