# SPDX-License-Identifier: MIT

GO ?= go

# Modules of their own in this repository, so that what they need is not needed by
# those who import ours.
MODULES := examples bench/upcall

.DEFAULT_GOAL := check

.PHONY: kernel kernel-here release examples kernels check test generate lint bench fixtures programs pages screenshots help

check: ## Compare everything we ship with everything that attests to it (the main job; needs Go alone)
	@$(GO) run ./cmd/abigen check

# What tests allocate is garbage soon: with GOGC it is collected less often, which
# takes an eighth of the processor's time away. With -trimpath the build cache knows
# what was built in another clone.
test: ## Run the tests (needs Go alone)
	GOGC=400 $(GO) test -trimpath ./...

examples: ## Build and test the examples and bench/upcall, which mount (needs root and /dev/fuse for that)
	@for dir in $(MODULES); do echo "go test ./... in $$dir"; \
		$(GO) -C $$dir vet ./... && $(GO) -C $$dir test -count=1 $(if $(V),-v) ./... || exit 1; done

generate: ## Make the generated files again (needs Go alone)
	$(GO) generate ./...

fixtures: ## Compile everything that is committed compiled again and compare (needs clang-19 and llvm-19)
	$(GO) run ./internal/btffixture -check
	sh bpf/emu/testdata/build.sh -check
	sh bpf/internal/testobject/build.sh -check
	sh gen/vet/testdata/build.sh -check
	sh bpf/kerneltest/testdata/refuse/build.sh -check
	$(GO) run ./internal/bpfbuild -check

programs: ## Compile the reference programs (needs clang-19 and llvm-19); CHECK=1 compares with the committed objects instead
	$(GO) run ./internal/bpfbuild $(if $(CHECK),-check)

lint: ## Run gofmt, go vet, staticcheck and golangci-lint
	@unformatted=$$(gofmt -l .); \
	if [ -n "$$unformatted" ]; then echo "gofmt: not formatted:"; echo "$$unformatted"; exit 1; fi
	@for dir in . $(MODULES); do echo "go vet ./... in $$dir"; $(GO) -C $$dir vet ./... || exit 1; done
	@missing=; for tool in staticcheck golangci-lint; do \
		command -v $$tool >/dev/null || missing="$$missing $$tool"; \
	done; \
	if [ -n "$$missing" ]; then \
		echo "lint: not installed, so not run:$$missing (CONTRIBUTING.md says how to get them)"; fi
	@for dir in . $(MODULES); do (cd $$dir; \
		if command -v staticcheck >/dev/null; then echo "staticcheck ./... in $$dir"; staticcheck ./... || exit 1; fi; \
		if command -v golangci-lint >/dev/null; then echo "golangci-lint run in $$dir"; golangci-lint run || exit 1; fi) || exit 1; done

bench: ## Measure everything beside what others do and write BENCHMARKS.md (minutes); ROWS=RE measures only rows whose name matches, and writes nothing
	@$(GO) run ./bench $(if $(ROWS),-rows '$(ROWS)',-markdown BENCHMARKS.md -readme README.md) $(if $(ROUNDS),-rounds $(ROUNDS))

conformance: ## Compare us with clang on every kernel header and on random records, and compile Go for every header (minutes; needs clang-19 and the headers); LOSSES=all and FULL=all do all of it for every target
	@$(GO) run ./internal/conformance/conform $(if $(LOSSES),-losses $(LOSSES))
	@$(GO) run ./internal/conformance/gogen $(if $(FULL),-full $(FULL))

kernels: ## Generate Go for every struct_ops type of the running kernel and of Debian's, and compare (needs a network)
	@sh internal/kernels/check.sh

kernel: ## Run what needs a kernel with the type in two of Debian's, emulated (as root; needs qemu-system-x86_64 and a network); KERNEL=7.3, REVISION=R4 and RUN=TestX do less
	@GO='$(GO)' KERNEL='$(KERNEL)' REVISION='$(REVISION)' RUN='$(RUN)' ARGS='$(ARGS)' sh internal/testkernel/kernel.sh

kernel-here: ## Run the same in the running kernel, which has the type (as root); it skips what this kernel lacks
	@tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; $(GO) build -o "$$tmp/abigen" ./cmd/abigen && \
	ABIGEN="$$tmp/abigen" $(GO) test -count=1 -v $(if $(RUN),-run '$(RUN)') ./bpf/kerneltest $(ARGS)

release: ## Build the command for every platform of a release into dist, with checksums (needs Go alone)
	@GO=$(GO) sh internal/release/build.sh dist

pages: ## Look at every page in a headless browser (needs chromium; with AXE=axe.min.js also for accessibility)
	@$(GO) run ./internal/pages $(if $(AXE),-axe $(AXE))

screenshots: ## Take the screenshots of README.md again (needs chromium)
	@$(GO) run ./internal/pages -screenshots docs/images

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
