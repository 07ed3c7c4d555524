# Two commands matter: `make run` and `make test`. Both work on a fresh machine: they install what is missing
# where apt is there, and say what to install where it is not. Plain cargo commands do the same; see README.md.
#
# Everything builds in one profile (release), so that dependencies are compiled once.

.DEFAULT_GOAL := help
.PHONY: help run build test bench screenshots fixtures

# What `make run` opens: any arguments of `viewer`.
ARGS ?= demo

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build and open the demo study; ARGS="..." opens something else
	@scripts/run.sh $(ARGS)

build: ## Build the release binary
	@scripts/build.sh

test: ## Install what the tests need and run everything
	@scripts/test.sh

bench: ## Time decoding, display and launch
	@scripts/bench.sh

screenshots: ## Draw the pictures of the README again
	@scripts/screenshots.sh

fixtures: ## Write the files in fixtures/ again
	@scripts/fixtures.sh
