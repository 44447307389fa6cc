# Lightbox. `make run` and `make test` install what they need first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
KEYWORDS := $(addprefix -k ,t mark LightboxError InvalidInput UnsupportedMedia TooLarge NotFound Conflict Forbidden TooManyRequests Unavailable DeadlineExceeded DiskFull Note:2)
LOCALES := assets/locales

.PHONY: help setup run test lint format lock text soak audit clean

help:  ## Show the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.installed  ## Install what running needs

run: setup  ## Start Lightbox; PORT= and LIGHTBOX_HOME= are honoured
	@exec $(BIN)/python -m dashboard run

test: $(VENV)/.tested lint  ## Lint, then run every test
	$(BIN)/python -m pytest

lint: $(VENV)/.tested  ## Format, style, types, import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/.tested  ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/.tested  ## Compile the pinned requirements from pyproject.toml
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-emit-index-url --no-header pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-emit-index-url --no-header --extra dev -c requirements.txt pyproject.toml -o tests/requirements.txt

text: $(VENV)/.tested  ## Bring the translation catalogues up to date with the code
	$(BIN)/pybabel -q extract --no-wrap --no-default-keywords $(KEYWORDS) --no-location --omit-header --sort-output -o $(LOCALES)/lightbox.pot dashboard
	$(BIN)/pybabel -q update --no-wrap -D lightbox -l zh --no-fuzzy-matching --ignore-obsolete --omit-header -i $(LOCALES)/lightbox.pot -d $(LOCALES)

soak: $(VENV)/.tested  ## Ten minutes at half of what it can do: nothing may grow; SECONDS= is honoured
	$(BIN)/python -m tests.bench.load --seconds $(or $(SECONDS),600) L7

audit: $(VENV)/.created  ## Look for known holes in the pinned requirements; needs pypi.org
	$(PYTHON) -m venv $(VENV)/audit
	$(VENV)/audit/bin/python -m pip install --quiet pip-audit
	$(VENV)/audit/bin/pip-audit --requirement requirements.txt --no-deps --disable-pip

clean:  ## Remove what was installed here
	rm -rf $(VENV)

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Lightbox needs Python 3.11 or newer."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.created requirements.txt
	$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/.tested: $(VENV)/.installed tests/requirements.txt tests/browser.sh
	$(BIN)/python -m pip install --quiet -r tests/requirements.txt
	PATH="$(abspath $(BIN)):$$PATH" sh tests/browser.sh
	@touch $@
