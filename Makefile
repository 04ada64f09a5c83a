# Every target makes .venv first; that takes a moment only when requirements.lock or pyproject.toml changed.

PY := .venv/bin/python
N ?= 20000
KILLS ?= 500
ROOM ?= rules
MUTANTS ?= 400
PLUGS ?= 10000
SWIPES ?= 10000
DAYS ?= 365
CUTS ?= 200
SALES ?= 100
SEEDS ?= 200
STEPS ?= 40
BOXES ?= 1000
SHOPS ?= 6

.DEFAULT_GOAL := help
.PHONY: help venv demo demo-once check test bench requirements fuzz soak-kill soak-broker soak-cluster soak-plugs soak-bank soak-year hil hil-full power-cuts audit-deps simulate fleet month faults lock papers screens incidents mutate deb

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

venv: .venv/made ## .venv with everything that run and tests need

.venv/made: requirements.lock pyproject.toml tools/venv.sh
	@bash tools/venv.sh

demo: venv ## a shop counter, live, until Ctrl-C
	@$(PY) -m tests.demo

demo-once: venv ## the same, checks what it shows, ends by itself
	@$(PY) -m tests.demo --once

check: venv ## format, lint, types, import contracts, tidiness, wire coverage (two minutes)
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-logo
	$(PY) -m pytest -q tests/tidy
	MEMBERBOX_FUZZ_N=100 $(PY) -m coverage run -m pytest -q tests/drivers/wire
	$(PY) -m coverage report

test: venv ## every test once; installs what they need beside pip, or says what cannot run
	@bash tools/test-tools.sh
	$(PY) -m pytest -n 2 --dist loadfile

bench: venv ## the rows of the quality table that need no special host
	@$(PY) -m tests.bench

requirements: venv ## which rows of the catalogue are shown by a test
	@$(PY) -m tests.requirements_report

fuzz: venv ## N=20000 inputs for each fuzz target
	MEMBERBOX_FUZZ_N=$(N) $(PY) -m pytest -q -k fuzz --timeout 0

soak-kill: venv ## KILLS=500 times kill -9 of the box during sales
	@$(PY) -m tests.soak.kill --kills $(KILLS)

soak-broker: KILLS := 100
soak-broker: venv ## KILLS=100 times kill -9 of brokers, headquarters, its database and boxes in mid-flow
	@$(PY) -m tests.soak.broker --kills $(KILLS)

soak-cluster: KILLS := 100
soak-cluster: venv ## KILLS=100 times kill -9 of workers, their brokers, booking, PostgreSQL and boxes in mid-flow
	@$(PY) -m tests.soak.cluster --kills $(KILLS)

soak-plugs: venv ## PLUGS=10000 times a device pulled and plugged: threads and handles stay flat
	MEMBERBOX_SOAK_PLUGS=$(PLUGS) $(PY) -m pytest -q -s tests/drivers/test_supervision.py -k flat

soak-bank: venv ## SWIPES=10000 bank cards swiped at the real box: not one byte of them anywhere
	@$(PY) -m tests.soak.bank --swipes $(SWIPES)

soak-year: venv ## DAYS=365 of a shop with SALES=100 a day: memory, handles, threads, disk stay flat (LEAK=handle, LEAK=memory: must fail)
	@$(PY) -m tests.soak.year --days $(DAYS) --sales $(SALES) $(if $(LEAK),--leak $(LEAK))

power-cuts: venv ## CUTS=200 power cuts under a guest in the middle of sales, and two controls that must be caught
	@$(PY) -m tests.hil.power_cuts --cuts $(CUTS)

audit-deps: ## known vulnerabilities of what requirements.lock names (needs the network)
	@bash tools/audit-deps.sh

hil: venv ## the box in QEMU guests (no KVM) alone: devices of a real kernel, power cuts; make test has it too
	@bash tools/test-tools.sh
	$(PY) -m pytest -q -n 2 --dist loadfile -m hil tests/hil

hil-full: hil power-cuts ## and CUTS=200 power cuts under it, the worst days of the package under systemd, and P7 and P8 inside the guest
	$(PY) -m pytest -q tests/deb/full_upgrade.py tests/hil/full_appliance.py
	@$(PY) -m tests.hil.measures

simulate: venv ## SEEDS=200 histories of STEPS=40 events with every fault; SEED=7: that one, in words
	@$(PY) -m tests.simulation --seeds $(SEEDS) --steps $(STEPS) $(if $(SEED),--seed $(SEED))

month: DAYS := 31
month: venv ## SHOPS=6 of several owners live DAYS=31; headquarters closes the month, and it is the sum of their Z
	@$(PY) -m tests.hq.worked_month --shops $(SHOPS) --days $(DAYS)

fleet: venv ## BOXES=1000 shops on one headquarters, with an outage and a new pack; AT_ONCE=n: so many send together
	@$(PY) -m tests.fleet --boxes $(BOXES) $(if $(AT_ONCE),--at-once $(AT_ONCE))

mutate: venv ## ROOM=rules (or ledger, counter, protocol), MUTANTS=400: changes of the code that no test notices
	@$(PY) -m tests.soak.mutate --room $(ROOM) --mutants $(MUTANTS)

faults: venv ## take the handling of each device fault out, and see its test fail
	@$(PY) -m tests.contract.faults

papers: venv ## the pictures of all papers (tests/display/golden) and docs/PAPERS.md
	@$(PY) -m tests.display.regenerate
	@$(PY) -m tests.display.papers_page

screens: venv ## the pictures of the customer's page in docs/screens, by a real Chromium
	@$(PY) -m tests.kiosk.screens

incidents: venv ## the pictures of the technician's handbook, from what the commands print
	@$(PY) -m tests.incidents

deb: venv ## the Debian packages, arm64 and amd64, of the last commit, into dist/
	@$(PY) -m deb

lock: ## requirements.lock anew from pyproject.toml (needs the network)
	@bash tools/lock.sh
