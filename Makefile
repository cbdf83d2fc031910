# Every command a developer types; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup run test test-storage check bench chaos format lock clean

PYTHON ?= python3
BIN := .venv/bin

# What a real installation sets; nothing is connected to.
PRODUCTION := env STUDIO_DATA_DIR=$(CURDIR)/var/check STUDIO_BASE_URL=https://studio.example \
	DATABASE_URL=postgres://studio:unused@localhost/studio CELERY_BROKER_URL=redis://localhost:6379/0 \
	AWS_STORAGE_BUCKET_NAME=studio AWS_ACCESS_KEY_ID=unused AWS_SECRET_ACCESS_KEY=unused \
	AWS_S3_ENDPOINT_URL=https://s3.example EMAIL_URL=smtp://mail.example:25 \
	DJANGO_SECRET_KEY=for-the-check-only-0123456789abcdefghijklmnopqrstuvwxyz \
	STUDIO_ENCRYPTION_KEYS=Zm9yLXRoZS1jaGVjay1vbmx5LTAxMjM0NTY3ODlhYmM= \
	STUDIO_SIGNING_KEY=for-the-check-only DASHSCOPE_API_KEY=sk-for-the-check-only

help:  ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

setup: .venv/.installed  ## make .venv with everything the lock file names; does nothing when up to date

.venv/.installed: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Wan Studio needs Python 3.11 or newer; choose one with PYTHON=python3.12.")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9'
	@VIRTUAL_ENV= $(BIN)/uv sync --frozen --inexact --quiet --python $(BIN)/python
	@touch $@

run: setup  ## serve the whole studio at http://127.0.0.1:8000 (PORT=8080 make run)
	@exec $(BIN)/python manage.py run

test: setup  ## run every test: SQLite with files, then PostgreSQL with Redis
	@$(BIN)/python tests/run.py

test-storage: setup  ## prove the storage against a strict S3 server over https (part of `make test`, too)
	@$(BIN)/python -m tests.storage.radosgw

check: setup  ## format, lint, templates, types, migrations and the deploy check
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	@find templates -name '*.html' | xargs -r $(BIN)/djade --target-version 5.2 --check
	$(BIN)/mypy .
	$(BIN)/python manage.py makemigrations --check --dry-run
	@$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

bench: setup  ## measure what the promises of speed rest on
	@$(BIN)/python -m bench

chaos: setup  ## kill real processes while 500 takes are made (40 of them in `make test`; CHAOS_SEED=… repeats one)
	@CHAOS_TAKES=$${CHAOS_TAKES:-500} $(BIN)/python -m pytest -m chaos -p no:randomly -s tests/chaos

format: setup  ## format Python and templates
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .
	@find templates -name '*.html' | xargs -r $(BIN)/djade --target-version 5.2 || test $$? = 1

lock: setup  ## resolve pyproject.toml into uv.lock again
	@$(BIN)/uv lock

clean:  ## remove .venv and caches, never the data in var/
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
