# tchat. `make run` is all that a newcomer needs; `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help run build test interop vm bench fuzz check format install uninstall bootstrap clean

PREFIX ?= /usr/local
SWIFT ?= swift
# All at once would take turns on a few threads, and those that wait for a socket would run out of their patience.
TESTS_AT_ONCE ?= 12
# For each target of `make fuzz`.
SECONDS ?= 60
BINARY := .build/release/tchat
# The Swift runtime inside: the binary runs on machines without a toolchain, and starts sooner.
RELEASE := -c release --product tchat --static-swift-stdlib
MANUAL := .build/plugins/GenerateManual/outputs/tchat/tchat.1
COPIES := bin/tchat share/bash-completion/completions/tchat share/man/man1/tchat.1 lib/systemd/system/tchat.service

help: ## say what there is to make
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: build ## build and start `tchat demo`: a call with a test camera, all on this machine
	@$(BINARY) demo

build: bootstrap ## leave the release binary at .build/release/tchat
	$(SWIFT) build $(RELEASE)

test: bootstrap ## run the whole test suite
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$(TESTS_AT_ONCE) $(SWIFT) test

interop: ## calls and signaling with Chromium, aiortc and python-socketio, judged by others than tchat
	@Scripts/bootstrap build interop
	$(SWIFT) build $(RELEASE)
	@"$$(Tests/Interop/setup.sh)" Tests/Interop/run.py $(ARGUMENTS)

vm: ## a call from a V4L2 camera and an ALSA card, in a small virtual machine
	@Scripts/bootstrap build interop vm
	$(SWIFT) build $(RELEASE)
	@"$$(Tests/Interop/setup.sh)" Tests/VM/run.py $(ARGUMENTS)

bench: ## measure calls and the signaling server, beside others of their kind
	@Scripts/bootstrap build interop bench
	$(SWIFT) build $(RELEASE)
	$(SWIFT) build --package-path Benchmarks -c release
	@"$$(Tests/Interop/setup.sh)" Benchmarks/run.py $(ARGUMENTS)

fuzz: bootstrap ## libFuzzer over all that reads the network, SECONDS=60 for each target
	$(SWIFT) build --package-path Fuzz -c release --sanitize=fuzzer -Xswiftc -parse-as-library -Xswiftc -enable-testing
	@Fuzz/run.py --seconds $(SECONDS) $(ARGUMENTS)

check: ## formatting, house rules, scripts: before a change goes in
	@Scripts/check

format: ## let swift format mend what it can
	$(SWIFT) format --in-place --parallel --recursive Sources Tests Fuzz/Sources Benchmarks/Sources Package.swift Fuzz/Package.swift Benchmarks/Package.swift

install: build ## copy tchat, its manual, completions and systemd unit to PREFIX (default /usr/local)
	install -D -m 755 $(BINARY) "$(DESTDIR)$(PREFIX)/bin/tchat"
	install -d "$(DESTDIR)$(PREFIX)/share/bash-completion/completions" "$(DESTDIR)$(PREFIX)/lib/systemd/system"
	$(BINARY) --generate-completion-script bash > "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/tchat"
	sed 's|/usr/local/bin/tchat|$(PREFIX)/bin/tchat|' Assets/tchat.service > "$(DESTDIR)$(PREFIX)/lib/systemd/system/tchat.service"
	@# The last: the plugin links a tchat of its own.
	$(SWIFT) package plugin generate-manual
	install -D -m 644 $(MANUAL) "$(DESTDIR)$(PREFIX)/share/man/man1/tchat.1"

uninstall: ## remove what install copied
	rm -f $(COPIES:%="$(DESTDIR)$(PREFIX)/%")

bootstrap: ## check the toolchain, install the Debian packages that are missing
	@Scripts/bootstrap build

clean: ## remove what was built
	rm -rf .build Fuzz/.build Benchmarks/.build out
