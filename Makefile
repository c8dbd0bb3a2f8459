PYTHON ?= python3.11
DEV = .venv-dev/bin

.PHONY: serve test check docs clean

# Serves the page with the bundle that ships; installs the runtime dependencies alone.
serve: .venv/installed
	.venv/bin/otak serve

test: .venv-dev/installed
	$(DEV)/python -m pytest

check: .venv-dev/installed
	$(DEV)/ruff check
	$(DEV)/ruff format --check
	$(DEV)/mypy
	$(DEV)/python -m benchmarks.docs --check

# Renews the tables in README.md and docs/ from the committed results.
docs: .venv-dev/installed
	$(DEV)/python -m benchmarks.docs

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --editable .
	touch $@

.venv-dev/installed: pyproject.toml
	$(PYTHON) -m venv .venv-dev
	$(DEV)/pip install --quiet --editable .[dev]
	touch $@

clean:
	rm -rf .venv .venv-dev .mypy_cache .ruff_cache .pytest_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
