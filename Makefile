# Set-up and the two commands of the README, and the checks that CI makes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := -m pip install --disable-pip-version-check --progress-bar off -c constraints.txt

.PHONY: reproduce test check format docs setup

# The tables and figures of the default configuration.
reproduce: $(VENV)/.ready
	$(BIN)/snakemake --cores all

# The tests, on every core; a module's tests stay together, since they share what they prepare.
test: $(VENV)/.tools
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

# Format, lint, types: what CI looks at before the tests.
check: $(VENV)/.tools
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/mypy

# Put every file into the form that `check` wants.
format: $(VENV)/.tools
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/snakefmt Snakefile workflow/rules

# The documentation site, in docs/_site; a warning is an error.
docs: $(VENV)/.docs
	$(BIN)/sphinx-build -q -W --keep-going -d .cache/doctrees docs docs/_site

setup: $(VENV)/.ready

# The environment: the ranges of pyproject.toml at the versions of constraints.txt.
$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "focusbench needs Python 3.11 or newer; name one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' > $(VENV)/requirements.txt
	$(BIN)/python $(INSTALL) -r $(VENV)/requirements.txt
	@touch $@

# What tests and checks need besides.
$(VENV)/.tools: $(VENV)/.ready
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["dev"], sep="\n")' > $(VENV)/tools.txt
	$(BIN)/python $(INSTALL) -r $(VENV)/tools.txt
	@touch $@

# What the documentation site needs besides.
$(VENV)/.docs: $(VENV)/.ready
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["docs"], sep="\n")' > $(VENV)/docs.txt
	$(BIN)/python $(INSTALL) -r $(VENV)/docs.txt
	@touch $@
