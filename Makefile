# `make` alone prints the commands. Each is described where it is defined, by its ## comment.

PYTHON ?= python3
ARGS   ?=
PYTEST ?=

PY   := .venv/bin/python
# The Python that is named; where none is, that of the checkout if it has been made.
AT_HAND := $(if $(filter file,$(origin PYTHON)),$(firstword $(wildcard $(PY)) $(PYTHON)),$(PYTHON))
NODE := $(PY) tools/node.py
# pytest's workers: three on two cores, as browser tests wait for pages and processes; tests that share a
# fixture stay together (tests/conftest.py).
WORKERS := -n 3 --dist loadscope --no-loadscope-reorder
TSC  := $(NODE) node_modules/typescript/bin/tsc
PRETTIER := $(NODE) node_modules/prettier/bin/prettier.cjs
ESLINT := $(NODE) node_modules/eslint/bin/eslint.js
# All JavaScript there is.
SCRIPTS := static tests/js tools/texts bench eslint.config.js

# The one pin chosen by hand; `make constraints` resolves everything else around it.
TORCH := torch==2.13.0

MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# One target after the other, but for those that `test` makes side by side.
ifndef SIDE_BY_SIDE
.NOTPARALLEL:
endif
# Each prints what it has to say at its end (make 4), not line by line between the others'.
TOGETHER := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
.PHONY: help run test thorough lint types test-js test-python format bench gpu-check screenshots gallery docs package try-package constraints clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.run ## Start Glassnet and open it in the browser (ARGS="--port 9000" for options)
	.venv/bin/glassnet serve $(ARGS)

test: .venv/.dev node_modules/.installed ## Check everything, browser tests included
	$(MAKE) --no-print-directory -j 2 $(TOGETHER) SIDE_BY_SIDE=yes lint types test-js
	$(MAKE) --no-print-directory test-python

lint: .venv/.dev node_modules/.installed ## Check style and spelling, Python and JavaScript
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m codespell_lib
	$(PRETTIER) --check --log-level warn --cache --cache-location .build/prettier $(SCRIPTS)
	$(ESLINT) --cache --cache-location .build/eslint $(SCRIPTS)

types: .venv/.dev node_modules/.installed ## Check the types, Python and JavaScript
	$(PY) -m tools.package
	$(PY) -m mypy
	$(TSC) -p .
	$(TSC) -p tests/js

test-js: .venv/.dev ## Run the unit tests of the browser code in Node
	find tests/js -name '*.test.js' | sort | xargs -n 40 -P 2 $(NODE) --test

test-python: .venv/.dev node_modules/.installed ## Run pytest, browser tests included (PYTEST="-k frame" picks some)
	browser=$$($(PY) tools/browser.py) && CHROMIUM="$$browser" $(PY) -m pytest $(WORKERS) --durations=20 $(PYTEST)

thorough: .venv/.dev node_modules/.installed ## Run the tests that take too long for every time: products, seeds, kills, load
	browser=$$($(PY) tools/browser.py) && CHROMIUM="$$browser" $(PY) -m pytest $(WORKERS) -m thorough $(PYTEST)

format: .venv/.dev node_modules/.installed ## Rewrite the code in the project's style
	$(PY) -m ruff check --fix-only
	$(PY) -m ruff format
	$(PRETTIER) --write --log-level warn $(SCRIPTS)

bench: .venv/.dev ## Measure (ARGS="name" for one benchmark)
	$(PY) -m bench $(ARGS)

gpu-check: ## Check the engine on a GPU, with the Python at hand (PYTHON=…): device tests, then figures
	$(AT_HAND) -m tools.gpu_check $(ARGS)

screenshots: .venv/.dev ## Photograph the pages anew, into docs/images (ARGS="walk light" for some)
	browser=$$($(PY) tools/browser.py) && CHROMIUM="$$browser" $(PY) -m tools.screenshots $(ARGS)

gallery: .venv/.dev ## Draw the gallery's pictures of examples that have changed (ARGS="--all" for every one)
	$(PY) -m tools.gallery $(ARGS)

docs: .venv/.dev ## Build the documentation site into .build/site, and check its links
	$(PY) -m tools.docs_site

package: ## Build the source distribution and the wheel into dist/, and check both
	rm -rf dist .build/packaging
	$(PYTHON) -m venv .build/packaging
	.build/packaging/bin/python -m pip install build check-wheel-contents twine
	.build/packaging/bin/python -m build
	.build/packaging/bin/python -m twine check --strict dist/*
	.build/packaging/bin/check-wheel-contents dist

try-package: package ## Start the wheel with pipx and uvx, outside the checkout, as its users do (downloads torch)
	.build/packaging/bin/python -m pip install pipx uv
	cd "$$(mktemp -d)" && "$(CURDIR)"/.build/packaging/bin/pipx run --no-cache --spec "$(CURDIR)"/dist/*.whl glassnet --version
	cd "$$(mktemp -d)" && "$(CURDIR)"/.build/packaging/bin/uvx --from "$(CURDIR)"/dist/*.whl glassnet --version

constraints: ## Resolve every dependency anew, into constraints.txt
	rm -rf .build/resolve
	$(PYTHON) -m venv .build/resolve
	.build/resolve/bin/python -m pip install '$(TORCH)' -e '.[dev,node]'
	{ echo '# What Glassnet and its checks were tested with. Written by `make constraints`; edit pyproject.toml instead.'; \
	  .build/resolve/bin/python -m pip freeze --all --exclude pip --exclude-editable | sed -E 's/\+[a-z0-9.]+$$//'; } > .build/constraints.txt
	mv .build/constraints.txt constraints.txt
	rm -rf .build/resolve

clean: ## Remove what was built and cached; runs in data/ stay
	rm -rf .venv node_modules .build build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One thread for each worker: more slow each other down on busy cores, and change the low bits of results.
test test-python thorough bench: export OMP_NUM_THREADS = 1
test test-python thorough bench: export MKL_NUM_THREADS = 1
# Tests start many processes: what one of them has compiled, the others need not.
test test-js test-python thorough: export PYTHONDONTWRITEBYTECODE =

# What is installed is stamped, so that a second start is immediate.

# No pip means no environment, or one whose making was interrupted.
define environment
@$(PYTHON) -c 'import sys; sys.exit("Glassnet needs Python 3.11 or newer, not " + sys.version.split()[0] + ": try make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
@test -x .venv/bin/pip || $(PYTHON) -m venv .venv
endef

.venv/.run: pyproject.toml constraints.txt setup.py
	$(environment)
	$(PY) -m pip install -c constraints.txt -e .
	@touch $@

.venv/.dev: pyproject.toml constraints.txt setup.py
	$(environment)
	$(PY) -m pip install -c constraints.txt -e '.[dev]'
	@touch .venv/.run $@

node_modules/.installed: package-lock.json | .venv/.dev
	$(NODE) npm ci --ignore-scripts
	@touch $@
