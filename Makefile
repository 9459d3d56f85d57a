# Mailkeel. `make demo` shows the main job on the built-in sandbox; `make test` runs every test.
# Both install what is missing first.

SHELL := /bin/bash
.DEFAULT_GOAL := help

DEBUG := .build/debug/mailkeel
RELEASE := .build/release/mailkeel
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60

.PHONY: help demo test build release install check format bench fuzz fuzz-selftest fuzz-coverage coverage clean

help: ## This list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## Install what is missing, build, and run the main job on the built-in sandbox.
	@.ci/demo $(DEBUG)

test: build ## Install what the tests need, then run them all.
	@.ci/install-packages test
	@.ci/test $(DEBUG)

build: ## Build for debugging.
	@.ci/install-packages build
	@swift build

release: ## Build as shipped: optimised, with the Swift runtime, libyaml and SQLite inside.
	@.ci/install-packages build
	@swift build -c release --product mailkeel --static-swift-stdlib

install: release ## Install the release build below PREFIX (/usr/local).
	@install -D -s -m 755 $(RELEASE) $(DESTDIR)$(PREFIX)/bin/mailkeel
	@echo "Installed $(DESTDIR)$(PREFIX)/bin/mailkeel"

check: ## Layout, imports, file sizes, scripts: in seconds, without building.
	@.ci/check

format: ## Lay out the sources.
	@swift format -i -r --parallel Sources Tests Package.swift

bench: release ## Measure start-up, tokens, loading, planning, recording, refreshing and logins against their goals, as ratios in one run.
	@.ci/install-packages bench
	@swift build -c release --product LoginThroughput --static-swift-stdlib
	@Tests/Benchmarks/run $(RELEASE)

fuzz: ## Fuzz the manifest loader, the layout and the protocol parsers for FUZZ_SECONDS each.
	@.ci/install-packages build
	@.ci/fuzz $(FUZZ_SECONDS)

fuzz-selftest: ## Show that the fuzzer finds the crash planted in each target of the loader, mail and OAuth, from its corpus alone.
	@.ci/install-packages build
	@.ci/fuzz selftest

fuzz-coverage: ## How much of the manifest loader, the mail parsers and the OAuth parsers their fuzz corpora reach.
	@.ci/install-packages build
	@.ci/fuzz-coverage

coverage: ## Which lines the unit tests reach.
	@.ci/install-packages test
	@.ci/coverage

clean: ## Remove what was built.
	@rm -rf .build .build-*
