# Needs Python 3.11 or newer (with venv) and make; everything else is installed into .venv.
.DEFAULT_GOAL := help
.PHONY: help demo run site test fire check format words lock setup bench bench-requester bench-money bench-browser bench-quality bench-cost clean-data
.NOTPARALLEL: # the catalogs are built by what the environment's stamp installs
# Containers like to forbid it; then every process compiles all of Django anew, which takes seconds.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
PY := $(VENV)/bin/python
# Runs a command with the embedded PostgreSQL there, and stops afterwards what it started.
HOLD := $(PY) -m crowd.kernel.postgres hold
FIND_PYTHON = for p in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done
SCRIPTS := crowd/web/static/web/build/task.js
CATALOGS := $(patsubst %.po,%.mo,$(wildcard crowd/locale/*/LC_MESSAGES/*.po))

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST) | expand -t 22

demo: $(VENV)/demo.stamp $(CATALOGS) $(SCRIPTS) ## a demo marketplace, filled and worked through, then served (SERVE=0: not served)
	@CROWD_DEMO=1 $(HOLD) $(PY) manage.py demo $(if $(filter 0,$(SERVE)),--no-serve)

run: $(VENV)/base.stamp $(CATALOGS) $(SCRIPTS) ## the site: web server, job worker and beat, until Ctrl-C
	@$(HOLD) $(PY) manage.py serve --migrate

site: $(VENV)/base.stamp $(CATALOGS) $(SCRIPTS) ## what a site for others runs from: packages, translations, scripts (docs/deploy.md)

test: $(VENV)/dev.stamp $(CATALOGS) $(SCRIPTS) ## the whole test suite (ARGS="-k ledger -x")
	@$(PY) -m tests -n auto --dist worksteal $(ARGS)

fire: $(VENV)/dev.stamp $(CATALOGS) $(SCRIPTS) ## everything killed again and again under load (ARGS="--seed 2 --seconds 300")
	@CROWD_DATA="$${CROWD_DATA:-.crowd}/tests" $(HOLD) $(PY) -m tests.fire $(ARGS)

check: $(VENV)/dev.stamp $(SCRIPTS) ## style, types, layers, migrations, deploy settings, templates
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(PY) crowd/frontend/build.py --types
	$(VENV)/bin/lint-imports
	$(HOLD) $(PY) manage.py makemigrations --check --dry-run
	set -a && . deploy/example.env && $(PY) manage.py check --deploy --fail-level WARNING
	git ls-files -z '*.html' | xargs -0 -r $(VENV)/bin/djade --target-version 5.2 --check
	$(PY) -m crowd.kernel.catalogs check

format: $(VENV)/dev.stamp ## put the code into the usual form
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	git ls-files -z '*.py' | xargs -0 -r $(VENV)/bin/django-upgrade --target-version 5.2
	git ls-files -z '*.html' | xargs -0 -r $(VENV)/bin/djade --target-version 5.2

words: $(VENV)/dev.stamp ## bring the translations in line with the code
	$(PY) -m crowd.kernel.catalogs update
	$(PY) -m crowd.kernel.catalogs compile

setup: $(VENV)/dev.stamp $(CATALOGS) $(SCRIPTS) ## the environment for developing

lock: $(VENV)/dev.stamp ## resolve requirements/*.in anew into the hashed *.txt
	@set -e; compile="$(VENV)/bin/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --quiet $(LOCK_ARGS)"; \
	$$compile requirements/dev.in -o requirements/dev.txt; \
	$$compile requirements/tools.in -o requirements/tools.txt; \
	for name in $(filter-out dev tools,$(basename $(notdir $(wildcard requirements/*.in)))); do \
	$$compile -c requirements/dev.txt requirements/$$name.in -o requirements/$$name.txt; done
	@! grep -n '://' requirements/*.txt

# The scripts of the pages. Needs Node 20, which is installed into .venv where there is none.
$(SCRIPTS): $(wildcard crowd/frontend/src/*.ts crowd/frontend/src/*/*.ts crowd/frontend/src/*/*/*.ts) crowd/frontend/package-lock.json crowd/frontend/build.mjs
	@echo "Building the scripts of the pages ..."
	@$(PY) crowd/frontend/build.py

%.mo: %.po
	@$(PY) -m crowd.kernel.catalogs compile

bench: $(VENV)/dev.stamp $(CATALOGS) $(SCRIPTS) ## how fast submit-and-next is, beside PostgreSQL alone (ARGS="--sizes 10k --case size")
	$(PY) -m bench.marketplace $(ARGS)

bench-requester: $(VENV)/dev.stamp $(CATALOGS) $(SCRIPTS) ## large imports and exports, pages over many projects (ARGS="--rows 100k")
	$(PY) -m bench.marketplace.requester $(ARGS)

bench-money: $(VENV)/dev.stamp $(CATALOGS) $(SCRIPTS) ## 100,000 acceptances in one job, the balance of a million transfers
	$(PY) -m bench.marketplace.money $(ARGS)

bench-browser: $(VENV)/dev.stamp $(CATALOGS) $(SCRIPTS) ## from submitting to the next task, in Chromium (ARGS="--tasks 20")
	$(PY) -m bench.browser $(ARGS)

bench-quality: $(VENV)/bench.stamp ## truth inference against crowd-kit: accuracy, calibration, speed, memory
	$(PY) -m bench.quality.report

bench-cost: $(VENV)/dev.stamp ## what asking only as often as needed saves (DATASETS=../shared/datasets)
	$(HOLD) sh -c '$(PY) manage.py migrate -v 0 && $(PY) manage.py cost --output docs/benchmarks/cost.md \
	$(foreach set,cf_amt bluebird rte dog,$(or $(DATASETS),../shared/datasets)/$(set))'

clean-data: ## stop the embedded PostgreSQL and delete the data folder
	@data="$${CROWD_DATA:-.crowd}"; if [ -x $(PY) ]; then \
	for each in "$$data" "$$data/tests"; do CROWD_DATA="$$each" $(PY) -m crowd.kernel.postgres stop; done; fi; \
	rm -rf "$$data"

$(PY):
	@python=$$($(FIND_PYTHON)); test -n "$$python" || { echo "Python 3.11 or newer with venv is needed \
	(Debian: apt install python3-venv). Name another one with make PYTHON=..."; exit 1; }; \
	echo "Creating $(VENV) with $$python ..."; "$$python" -m venv $(VENV)

# uv is only a faster pip; where it cannot be had or cannot reach the packages, pip does the same.
$(VENV)/%.stamp: requirements/%.txt requirements/tools.txt | $(PY)
	@echo "Installing requirements/$*.txt ..."
	@test -x $(VENV)/bin/uv || $(PY) -m pip install --quiet --require-hashes -r requirements/tools.txt || true
	@VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install --quiet --require-hashes -r requirements/$*.txt \
	|| $(PY) -m pip install --quiet --require-hashes -r requirements/$*.txt
	@touch $@
