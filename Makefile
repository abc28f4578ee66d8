# Two commands matter: `make demo` plans a course and plans it again, `make test` runs the tests.
# Each sets up what it needs in .venv: Python 3.11 or newer, no other tool.

VENV ?= .venv
OUT ?= out
BIN := $(VENV)/bin
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p $(NEW_ENOUGH) 2>/dev/null && echo $$p && break; done)
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet

EXAMPLE := examples/course.toml --protocol examples/ketamine-migraine.toml \
	--person examples/person.toml --as-of 2027-02-20

MINUTES ?= 5
COUNT ?= 70
SEED ?= 1
COVERED := $(VENV)/covered

.PHONY: demo test fuzz coverage mutants lint types docs-check docs site benchmarks clean

# A plan, a wish that cannot be, and a day that closes once people know of the plan.
demo: $(VENV)/.package
	@$(BIN)/protocol-sched plan $(EXAMPLE) --clinic examples/clinic.toml --out $(OUT)
	@printf '\nWhat if infusion 3 is to be on Wednesday 10 March at 16:00?\n\n'
	@$(BIN)/protocol-sched explain $(EXAMPLE) --clinic examples/clinic.toml \
		--wish 'infusion 3 on 2027-03-10 at 16:00' --count 1 || true
	@printf '\nWhat if the clinic closes on Wednesday 10 March, once everybody knows these dates?\n\n'
	@cp examples/clinic.toml $(OUT)/clinic.toml
	@printf '\n[[closures]]\nfirst = 2027-03-10\nwhy = "water damage"\n' >>$(OUT)/clinic.toml
	@$(BIN)/protocol-sched replan $(EXAMPLE) --clinic $(OUT)/clinic.toml \
		--previous $(OUT)/plan.json --out $(OUT)/changed | awk '{ sub(/\): /, "):\n  "); print }'

# More than eight workers cost more to start than they save.
test: $(VENV)/.test
	@$(BIN)/pytest --numprocesses auto --maxprocesses 8 --dist worksteal

# New random worlds for every law, where `make test` draws the same ones each time.
fuzz: $(VENV)/.test
	@$(BIN)/python tests/fuzz.py $(MINUTES)
	@PYTHONPATH=tests $(BIN)/python tests/fuzz_calendars.py $(MINUTES)
	@PYTHONPATH=tests $(BIN)/python tests/fuzz_standards.py $(MINUTES)

# Which lines and branches the tests run, and which test runs which line. Not in the gate: it makes
# the tests take three times as long.
coverage: $(VENV)/.test
	@mkdir -p $(COVERED)
	@COVERAGE_FILE=$(COVERED)/data $(BIN)/pytest --numprocesses auto --maxprocesses 8 \
		--dist worksteal --cov=protocol_sched --cov-branch --cov-context=test --cov-report= \
		--junitxml=$(COVERED)/times.xml
	@COVERAGE_FILE=$(COVERED)/data $(BIN)/coverage report

# Small faults put into the sources one at a time, SEED says which, against the tests near them; after
# `make coverage` against the tests that run their lines.
mutants: $(VENV)/.test
	@$(BIN)/python tests/mutants.py --count $(COUNT) --seed $(SEED) \
		$(if $(wildcard $(COVERED)/times.xml),$(COVERED)/data $(COVERED)/times.xml)

lint: $(VENV)/.test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.test
	@$(BIN)/mypy

# Run what README.md, docs/ and the notebook show, and compare; `make docs` writes the outputs.
docs-check: $(VENV)/.test
	@$(BIN)/pytest tests/test_docs.py

docs: $(VENV)/.test
	@$(BIN)/python tests/test_docs.py
	@$(BIN)/python tests/notebooks.py

# The documentation as pages, in site/; a warning is an error.
SITE ?= site

site: $(VENV)/.site
	@$(BIN)/mkdocs build --strict --quiet --site-dir $(abspath $(SITE))

# With SUITE=DIR the standard courses of a bench folder are measured too.
benchmarks: $(VENV)/.bench
	@$(BIN)/pytest benchmarks --benchmark-timer time.process_time $(if $(SUITE),--suite $(SUITE)) --benchmark-json $(VENV)/run.json
	@$(BIN)/python benchmarks/page.py $(VENV)/run.json docs/performance.md

clean:
	rm -rf $(VENV) $(OUT) $(SITE) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# A virtual environment whose Python is gone is made again, and all in it.
ifneq ($(shell $(BIN)/python -c 'print("runs")' 2>/dev/null),runs)
.PHONY: $(VENV)/pyvenv.cfg
endif

# An editable install follows the sources; only new metadata asks for another one.
$(VENV)/.package: pyproject.toml $(VENV)/pyvenv.cfg
	@$(PIP) --editable .
	@touch $@

$(VENV)/.test: pyproject.toml $(VENV)/pyvenv.cfg
	@$(PIP) --editable '.[test]'
	@touch $@ $(VENV)/.package

$(VENV)/.site: pyproject.toml $(VENV)/pyvenv.cfg
	@$(PIP) --editable '.[docs]'
	@touch $@ $(VENV)/.package

$(VENV)/.bench: pyproject.toml $(VENV)/pyvenv.cfg
	@$(PIP) --editable '.[test,bench]'
	@touch $@ $(VENV)/.test $(VENV)/.package

$(VENV)/pyvenv.cfg:
	@test -n "$(PYTHON)" && $(PYTHON) $(NEW_ENOUGH) || { \
		echo "Python 3.11 or newer is needed; $(or $(PYTHON),python3) is $$($(or $(PYTHON),python3) --version 2>&1)." >&2; \
		echo "Name one with: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Setting up $(VENV) (once, about a minute) ..."
	@$(PYTHON) -m venv --clear $(VENV) || { \
		echo "$(PYTHON) could not make a virtual environment." >&2; \
		echo "On Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
