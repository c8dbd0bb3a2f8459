PYTHON ?= python3.11
DEV = .venv-dev/bin
# Node and npm come with the development environment.
NPM = cd edge_app/web && PATH="$(CURDIR)/$(DEV):$$PATH" npm
# A build of the page without them, as for serve, takes this away with the rest.
PACKAGES = edge_app/web/node_modules/.dev-installed
PAGE = hatch_build.py $(shell git ls-files edge_app/web edge_app/languages)

.PHONY: serve test fuzz night wheelhouse arm check docs results results-toy clean

# Serves the page with the bundle that ships; installs the runtime dependencies alone.
serve: .venv/installed
	.venv/bin/otak serve

test: $(PACKAGES)
	$(NPM) test
	$(DEV)/python -m pytest

# Reads a hundred thousand mutated files, and keeps in runs/fuzz those that a worker did not bear. make fuzz
# FUZZ="--start 5000" goes on where another run stopped.
fuzz: .venv-dev/installed
	$(DEV)/python -m tests.fuzz $(FUZZ)

# Screens an archive of 100,000 drawn files while its workers and itself are killed. make night NIGHT="--files 5000"
night: .venv-dev/installed
	mkdir -p runs
	$(DEV)/python -m tests.night $(NIGHT)

# Makes dist/otak-VERSION-arm64.pyz, which installs Otak on a Raspberry Pi without internet, and the wheel beside it.
wheelhouse: .venv-dev/installed
	rm -rf dist
	$(DEV)/python -m wheelhouse make

# Installs it on emulated Raspberry Pis under Debian 12 and 13, and compares them with this machine; takes an hour.
# make arm ARM="--debian 13 --cpu cortex-a72"
arm: wheelhouse
	$(DEV)/python -m tests.arm dist/otak-*-arm64.pyz $(ARM)

check: $(PACKAGES)
	$(DEV)/ruff check
	$(DEV)/ruff format --check
	$(DEV)/mypy
	$(NPM) run check
	$(DEV)/python -m benchmarks docs --check
	$(DEV)/python -m benchmarks results --check

# Renews the tables in README.md and docs/ from the committed results.
docs: .venv-dev/installed
	$(DEV)/python -m benchmarks docs

# Makes every committed result again, training included: make results DATA=FOLDER OOD=FOLDER LITE0_WEIGHTS=FILE
# [WEIGHTS=FILE]. It takes days without a GPU, can be interrupted, and goes on where it stopped.
results: .venv-dev/installed
	$(DEV)/python -m benchmarks results --data "$(DATA)" $(if $(OOD),--out-of-distribution "$(OOD)") \
		$(if $(LITE0_WEIGHTS),--lite0-weights "$(LITE0_WEIGHTS)") $(if $(WEIGHTS),--weights "$(WEIGHTS)")

# The whole plan of results on small nets and drawn slices.
results-toy: .venv-dev/installed
	rm -rf runs/toy
	$(DEV)/python -m tests.phantoms runs/toy/data --collections --per-class 20
	$(DEV)/python -m benchmarks results --data runs/toy/data --toy runs/toy/out
	$(DEV)/python -m benchmarks results --toy runs/toy/out --check

.venv/installed: pyproject.toml $(PAGE)
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --editable .
	touch $@

.venv-dev/installed: pyproject.toml $(PAGE)
	$(PYTHON) -m venv .venv-dev
	$(DEV)/pip install --quiet --editable .[dev]
	touch $@

$(PACKAGES): .venv-dev/installed
	$(NPM) ci --ignore-scripts
	touch $@

clean:
	rm -rf .venv .venv-dev .mypy_cache .ruff_cache .pytest_cache build dist edge_app/page edge_app/web/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
