# Salur. `make` alone prints the targets below; the text after ## is their help.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run build demo web test bench load model simulate proof mutants fuzz schemathesis cluster hardship deb deb-trial setup-tests fmt lint clean clean-demo

LISTEN  ?= 127.0.0.1:8080
# The dev profile: a cold build is about three times as quick as the release one, and cryptography,
# SQLite and PDF are optimised in it too (see Cargo.toml). `make run PROFILE=release` for measuring.
PROFILE ?= dev
CARGO   ?= cargo

TARGET_DIR := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
SALUR  = $(TARGET_DIR)/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))/salur
PDF   := demo/kupon-tahap-1.pdf
# One member of the demonstration's description, without asking for jq.
member = $$(sed -n 's/.*"$(1)" *: *"\([^"]*\)".*/\1/p' demo/demo.json | head -n 1)

help: ## this list
	@echo 'Salur: signed QR vouchers for aid distribution points.'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo 'Settings: LISTEN=127.0.0.1:8080, PROFILE=dev|release (for run), ONLY="step …" (for test and bench).'

run: build demo ## build, make the demonstration in ./demo on the first run, serve it
	@awk -v listen='$(LISTEN)' -v pdf='$(PDF)' -f assets/ops/welcome.awk demo/demo.json
	@exec $(SALUR) serve --dir demo --listen $(LISTEN)

build: web
	@$(CARGO) build --locked --profile $(PROFILE)

# A demonstration that was cut short is of no use, and its folder would be refused the next time. The
# marker lies outside, so that only a folder which this recipe began is ever thrown away.
demo: build
	@if [ -e $(TARGET_DIR)/demo-unfinished ]; then rm -rf demo; fi
	@if [ ! -s demo/demo.json ]; then \
	  if [ -e demo ]; then echo "demo/ is there, but holds no demo.json: move it away, or run 'make clean-demo'." >&2; exit 1; fi; \
	  touch $(TARGET_DIR)/demo-unfinished; umask 077; \
	  $(SALUR) demo --dir demo --json > $(TARGET_DIR)/demo.json; \
	  mv $(TARGET_DIR)/demo.json demo/demo.json; \
	  rm $(TARGET_DIR)/demo-unfinished; \
	fi
	@if [ ! -s $(PDF) ]; then \
	  $(SALUR) print --dir demo --round "$(call member,round_id)" -o demo/unfinished.pdf >&2 && mv demo/unfinished.pdf $(PDF); \
	fi

# The front end. The stamp lies beside the packages and not in dist, for all of dist goes into the binary.
NODE_OK   := $(shell node -e 'process.exit(+(process.versions.node.split(".")[0] < 18))' 2>/dev/null && echo yes)
WEB_FROM  := $(shell find assets -name node_modules -prune -o -name dist -prune -o -type f -print 2>/dev/null)
WEB_STAMP := assets/node_modules/.salur-built
WEB_PKGS  := assets/node_modules/.package-lock.json

web: $(if $(wildcard assets/package.json),$(if $(NODE_OK),$(WEB_STAMP),web-without-node)) ## bundle the front end under assets/, when node is there
	@:

$(WEB_PKGS): assets/package-lock.json
	cd assets && npm ci --no-fund --no-audit --loglevel=error
	@touch $@

$(WEB_STAMP): $(WEB_PKGS) $(WEB_FROM) $(if $(wildcard assets/dist/*.js),,web-anew)
	cd assets && npm run -s build
	@touch $@

.PHONY: web-anew web-without-node
web-anew:
web-without-node:
	@echo 'make: no node of version 18 or newer is here, so the scripts of the desk page are left out.' >&2
	@echo '      Every page still works, without the sound and the catching of stray scans.' >&2
	@echo '      For them: install node and npm (Debian: apt-get install nodejs npm), then run make again.' >&2

test: ## install what the tests need, then run every check (what .ci/run calls)
	@bash tests/run.sh $(ONLY)

bench: ## measure, beside the bare engine in the same run (ONLY="intake search")
	@$(CARGO) bench --locked --bench bench -- $(ONLY)

load: ## play a distribution day: 20 points, 40 desks, a million households (SALUR_LOAD_HOUSEHOLDS=26000)
	@$(CARGO) bench --locked --bench bench -- load

model: ## explore the large worlds of the lease protocol, in release
	@$(CARGO) test --locked --release --test model -- --ignored --nocapture

SEEDS ?= 10000
simulate: ## play bad days of the lease protocol by seed (SEEDS=10000 FIRST=0), OFFICE=database over the real office
	@SEEDS=$(SEEDS) $(CARGO) test --locked --release --test simulate -- --nocapture

FUZZ_SECONDS ?= 600
fuzz: ## hostile bytes against every parser, FUZZ_SECONDS=600 each (FUZZ_TARGET=csv FUZZ_SEED=7)
	@FUZZ_SECONDS=$(FUZZ_SECONDS) $(CARGO) test --locked --release --test fuzz -- --nocapture no_bytes_break_a_parser

schemathesis: ## hostile and ordinary calls made from openapi.json, as each role (CASES=20 SEED=7 ROLES="admin issuer")
	@$(CARGO) build --locked
	@CASES='$(or $(CASES),20)' SEED='$(or $(SEED),7)' ROLES='$(ROLES)' bash tests/schemathesis/run.sh

proof: ## the long proofs on real processes: fleet, kills, sweeps, bad network, failover; each leaf of a log spoiled (an hour or more)
	@bash tests/setup.sh
	@$(CARGO) test --locked --release --test suite -- --ignored --nocapture proof_
	@$(CARGO) build --locked
	@for engine in sqlite postgres; do \
	  SALUR_PROOF=full SALUR_TEST_DB=$$engine $(CARGO) test --locked --test suite -- --nocapture --test-threads=2 \
	    fleet:: crash:: sweep:: failover:: backups:: | grep -E '^(proof:|test |failures:|error|----)' ; \
	done

cluster: build ## kill the database's leader under load: Patroni, etcd, HAProxy, pgbouncer (KILLS=2 SEED=1)
	@SALUR_BIN=$(SALUR) bash tests/cluster/run.sh failover.py

hardship: build ## slow clients, full disk, jumping clock, a database that goes away (SCENES="disk away")
	@SALUR_BIN=$(SALUR) bash tests/cluster/run.sh hardship.py

deb: PROFILE = release
deb: build ## Debian's package, in target/deb (PROFILE=dev to try it quickly)
	@bash assets/ops/deb/build.sh $(SALUR) $(TARGET_DIR)/deb

deb-trial: deb ## install it on a Debian 12 with systemd of its own: start, upgrade, remove, purge (as root)
	@bash tests/deb/run.sh $(TARGET_DIR)/deb/salur_*.deb

mutants: ## take each rule of the lease protocol out of the code: the tests must go red (ONLY="2 8")
	@python3 tests/mutants/rules.py $(ONLY)

setup-tests: ## only install what the tests need
	@bash tests/setup.sh

fmt: ## format the Rust sources
	@$(CARGO) fmt -- --config-path tests/lint

lint: ## clippy with the lists of tests/lint
	@CLIPPY_CONF_DIR=$(CURDIR)/tests/lint $(CARGO) clippy --locked --all-targets -- -D warnings

clean: ## remove what was built (the demonstration stays)
	@$(CARGO) clean
	@rm -rf assets/dist assets/node_modules tests/browser/node_modules

clean-demo: ## remove the demonstration in ./demo
	@rm -rf demo $(TARGET_DIR)/demo-unfinished
