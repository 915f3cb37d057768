# SPDX-License-Identifier: MIT
# What people type.  The build itself is meson's (meson.build); this installs
# what is missing (tools/setup.sh), then calls it.

PREFIX ?= /usr/local
BUILD  := build
LEAN   := build-lean
IMAGE  := $(BUILD)/image
MICROVM := $(BUILD)/cli/microvm
CHECK  := python3 tools/check.py

.DEFAULT_GOAL := build

.PHONY: help build demo check check-asan check-tsan check-kvm fuzz tidy bench \
	bench-kvm format \
	install clean setup-build setup-check setup-bench

help:
	@echo 'make build      the library and the microvm command, in build/'
	@echo 'make demo       build, make a guest image, boot it'
	@echo 'make check      all tests this machine can run'
	@echo 'make check-asan make check-tsan make fuzz make tidy   parts of it'
	@echo 'make check-kvm  all there is to test of KVM, in emulated hosts'
	@echo 'make bench      measure; make bench-kvm: under KVM, beside QEMU'
	@echo 'make format     lay out the C files'
	@echo 'make install    to PREFIX ($(PREFIX)); DESTDIR is heeded'
	@echo 'make clean      remove the build directories'

setup-build:
	@tools/setup.sh build

setup-check:
	@tools/setup.sh build check

setup-bench:
	@tools/setup.sh build bench

$(BUILD)/build.ninja: | setup-build
	meson setup --prefix '$(PREFIX)' $(BUILD)

build: setup-build $(BUILD)/build.ninja
	ninja -C $(BUILD) product

demo: build
	tools/demo.sh $(MICROVM) $(IMAGE)

check: setup-check
	$(CHECK) all

check-asan: setup-check
	$(CHECK) asan

check-tsan: setup-check
	$(CHECK) tsan

check-kvm: setup-check
	$(CHECK) kvm

fuzz: setup-check
	$(CHECK) --seconds $(or $(SECONDS),60) fuzz

tidy: setup-check
	$(CHECK) tidy

bench: build setup-bench
	ninja -C $(BUILD) tests/bench/bench-link
	tests/bench/run $(MICROVM) $(IMAGE) --link $(BUILD)/tests/bench/bench-link

# As it would be given away: one file each, with all libraries in it.
$(LEAN)/build.ninja: | setup-build
	meson setup -Dstatic_deps=true -Dc_link_args=-static $(LEAN)

bench-kvm: build setup-bench $(LEAN)/build.ninja
	PYTHONPATH=tests:tests/kvm BUILD=$(CURDIR)/$(LEAN) \
		MICROVM=$(CURDIR)/$(MICROVM) \
		IMAGES=$(CURDIR)/$(BUILD)/tests/boot/images \
		python3 tests/bench/kvm.py $(KVM_HOSTS)

format:
	tools/check-format.sh -i

install: setup-build $(BUILD)/build.ninja
	meson configure --prefix '$(PREFIX)' $(BUILD)
	ninja -C $(BUILD) product
	meson install --no-rebuild -C $(BUILD)

clean:
	rm -rf build build-asan build-tsan build-fuzz build-arm64 $(LEAN)
