# Everything the repository does. `make` alone lists the targets. Needs Python 3.11+ (with venv) and make, nothing else.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: setup run test lint fmt migrate seed bench soak screenshots docs help

# The first Python at hand that is new enough; deploy/environment.py says so in a sentence where none is.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; exit 0; }; done; echo python3)
BIN := .venv/bin
PORT ?= 8000

export FLASK_APP := wsgi
export PORT
# Compiled files are what makes the second start quick.
unexport PYTHONDONTWRITEBYTECODE

help: ## list these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort | sed 's/:.*## /\t/' | while IFS="$$(printf '\t')" read -r name what; do printf '  make %-12s %s\n' "$$name" "$$what"; done

setup: ## make the environment .venv from requirements.lock, and the files the browser loads
	@$(PYTHON) deploy/environment.py
	@$(MAKE) -s static/build/stamp tracker/translations/en/LC_MESSAGES/messages.mo

static/build/stamp: $(wildcard static/css/*.css) static/icons.txt static/favicon.svg tracker/web/assets.py requirements.lock
	@$(BIN)/python -m tracker.web.assets >/dev/null && touch $@

tracker/translations/en/LC_MESSAGES/messages.mo: tracker/translations/en/LC_MESSAGES/messages.po
	@$(BIN)/python -m tracker.web.catalogue

run: setup ## start the application with demo data on 127.0.0.1:$PORT (8000)
	@TRACKER_ENV="$${TRACKER_ENV:-demo}" exec $(BIN)/python -m tracker.operations.launch

test: setup lint ## check everything, from nothing: style, layers, types, templates, tests
	@$(BIN)/python -m pytest -n 2

lint: setup ## ruff, import-linter, mypy, djlint
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/mypy
	@$(BIN)/djlint --lint --quiet templates
	@$(BIN)/djlint --check --quiet templates

fmt: setup ## put code and templates into shape
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .
	@$(BIN)/djlint --reformat --quiet templates || true

migrate: setup ## bring the database to the newest version
	@$(BIN)/flask db upgrade

seed: setup ## load the shipped sets, the calendar, the sample authorities and the demo data
	@$(BIN)/flask seed --demo

bench: setup ## time the pages beside their floors, print a table and JSON
	@$(BIN)/python -m tests.bench

soak: setup ## killed senders and uploads, a crowd of edits, a simulated year reconciled, letters measured in LibreOffice, every page looked at by axe
	@$(BIN)/python -m tests.soak
	@$(BIN)/python -m tests.soak.letters
	@$(BIN)/python -m tests.soak.pages

screenshots: setup ## take the pictures of the README and the guides, and of every page and state into screenshots/
	@$(BIN)/python -m tests.screenshots --out screenshots

docs: setup ## print the reference pages of docs/ from the code, and take what the screen says now into the English catalogue
	@$(BIN)/flask reference
	@$(BIN)/python -m tracker.web.catalogue gather
