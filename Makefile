# Two commands do all the set-up: `make lessons` and `make test`. Paths are relative, so a folder
# with a space in its name is fine. Options of the lesson runner: make lessons RUN="09 --jobs 2".
PYTHON ?= $(shell for p in python3.12 python3.11 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null \
	&& echo $$p && break; done)
BIN = .venv/bin

.PHONY: lessons test lab site lab-page lint clean

lessons: .venv/installed
	$(BIN)/python -m islesedu lessons run $(RUN)

test: .venv/installed
	$(BIN)/python -m pytest -n 2 --dist worksteal --junitxml build/tests.xml

lab: .venv/installed
	$(BIN)/python -m jupyter lab --notebook-dir=notebooks

# The V-Net in a page of its own, build/lab/index.html: needs npm (docs/lab.md). Its patients take a minute.
lab-page: .venv/installed
	$(BIN)/python -m pip install --disable-pip-version-check -q -e ".[onnx]" -c constraints.txt
	npm ci --prefix web --ignore-scripts --no-audit --no-fund
	$(BIN)/islesedu data make build/lab-patients --training 10 --test 0 --seed 25 --scale 0.4 --packed
	$(BIN)/islesedu network-lab build/lab-patients/training --output build/lab --run data/network \
	  --run data/network_trial --cases training_7,training_11,training_9,training_5,training_8

# Runs lessons that are missing in build/lessons, then writes build/site. Options: make site SITE="--no-run".
# With npm, the V-Net in the page is part of it.
site: .venv/installed
	@if command -v npm >/dev/null 2>&1; then $(MAKE) lab-page; fi
	$(BIN)/python -m docs.website $(SITE)

lint: .venv/installed
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/lint-imports

# All but what has been solved.
clean:
	test ! -d build || find build -mindepth 1 -maxdepth 1 ! -name progress.json -exec rm -rf {} +

# Installs only when the list of packages is newer than the last time all went well.
.venv/installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "islesedu needs Python 3.11, 3.12 or 3.13 on the PATH"; exit 1; }
	@echo "Installing into .venv: once, 2 to 5 minutes, 3.5 GB of disk. pip names each package as it comes."
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check -e ".[lab,dev]" -c constraints.txt
	touch $@
