# SPDX-License-Identifier: GPL-2.0-or-later
# Makefile - every door of the house; `make help` lists them.

SHELL := /bin/bash
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all
B := build

# --- what `make help` shows ----------------------------------------------
## all|userspace: keelsond, keelsonctl, keelson-cni (in build/bin)
## modules|build keelson.ko for KERNEL=6.1 (default) or 6.12 (in build/modules/KERNEL)
## images|localhost/pause and localhost/busybox, what tests and the demo run (in build/images)
## demo|packages, build, a cluster of 3 nodes in the VM, an example workload, proof; SHELL=1 stays in a shell inside
## check|all tests; last line "N passed, N failed"
## check-unit|unit tests, under ASan and UBSan
## check-net|selftests/net in the VM, for KERNEL= (one) or both
## check-cluster|the cluster tests, with the real etcd, containerd and kubectl
## check-modules|the module without warnings on both kernels (W=1, sparse)
## fuzz|look for input that breaks TARGET= (selftests/fuzz/fuzz_TARGET.c) for SECONDS=60; needs clang and its libFuzzer
## check-debug|selftests/net on a kernel with KASAN, lockdep, kmemleak (built first: takes a while)
## bench|instructions per transaction, side by side (build/bench/datapath.json)
## deps|install the Debian packages all this needs
## install|binaries, man pages, units, DKMS source tree (DESTDIR=, PREFIX=)
## clean|remove build/

# `make demo SHELL=1` sets SHELL for make too: remember it and put bash back.
ifeq ($(origin SHELL),command line)
DEMO_SHELL := $(SHELL)
override SHELL := /bin/bash
MAKEOVERRIDES := $(filter-out SHELL=%,$(MAKEOVERRIDES))
endif

# --- flags ----------------------------------------------------------------
CC := gcc
CPPFLAGS := -D_GNU_SOURCE -Iuserspace -Ikmod/include/uapi -I$(B)/gen
WARN := -Wall -Wextra -Werror -Wno-unused-parameter -Wmissing-prototypes -Wstrict-prototypes -Wshadow
CFLAGS := -std=gnu11 -O2 -g $(WARN)
SAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
PKGS := libsystemd libmicrohttpd libcurl libnghttp2 libprotobuf-c libcjson yaml-0.1 zlib libnl-3.0 libnl-route-3.0 libmnl libnftnl openssl gnutls
LDLIBS = $(shell pkg-config --libs $(PKGS)) -lm
CPPFLAGS_PKG = $(shell pkg-config --cflags libnl-3.0)

# --- userspace: one archive a folder, lowest layer first --------------------
LIBS := base rpc store schema meta kinds registry rest controllers scheduler net agent
API := schema meta kinds registry rest
DIR_OF = $(if $(filter $(1),$(API)),api/)$(1)
SRC_OF = $(wildcard userspace/$(call DIR_OF,$(1))/*.c)
PROTOS := $(wildcard userspace/*/*.proto)
PROTO_C := $(patsubst userspace/%.proto,$(B)/gen/%.pb-c.c,$(PROTOS))
PROTO_H := $(PROTO_C:.c=.h)
# Tables of the API as C: fields of types, kinds.
TABLE_C := $(B)/gen/api/schema/tables.c $(B)/gen/api/kinds/table.c
TABLE_H := $(TABLE_C:.c=.h)
PROGRAMS := keelsond keelsonctl keelson-cni

# Three builds of each: what is installed, what is tested, what is fuzzed.
define lib_rules
$(B)/$(2)/lib$(1).a: $(patsubst userspace/%.c,$(B)/$(2)/%.o,$(call SRC_OF,$(1))) \
		     $(patsubst $(B)/gen/%.c,$(B)/$(2)/gen/%.o,$(filter $(B)/gen/$(call DIR_OF,$(1))/%,$(PROTO_C) $(TABLE_C)))
	@rm -f $$@; ar rcs $$@ $$^
endef
$(foreach b,obj asan fuzz,$(foreach l,$(LIBS),$(eval $(call lib_rules,$(l),$(b)))))

.PHONY: all
all: $(PROGRAMS:%=$(B)/bin/%) $(B)/bin/loopback

# containerd looks for a CNI plugin of this name beside the others.
$(B)/bin/loopback: $(B)/bin/keelson-cni
	@ln -sfn keelson-cni $@

$(B)/gen/%.pb-c.c $(B)/gen/%.pb-c.h: userspace/%.proto
	@mkdir -p $(@D); echo "  PROTOC  $<"
	@protoc-c -Iuserspace --c_out=$(B)/gen $<
FIELDS := $(addprefix userspace/api/schema/,fields.tsv fields-more.tsv docs.tsv docs-more.tsv)
$(B)/gen/api/schema/tables.%: userspace/api/schema/tables.awk $(FIELDS)
	@mkdir -p $(@D); echo "  AWK     $@"
	@LC_ALL=C awk -v header=$(if $(filter h,$*),1,0) -f $^ >$@.tmp && mv $@.tmp $@
$(B)/gen/api/kinds/table.%: userspace/api/kinds/kinds.awk userspace/api/kinds/kinds.tsv
	@mkdir -p $(@D); echo "  AWK     $@"
	@LC_ALL=C awk -v header=$(if $(filter h,$*),1,0) -f $^ >$@.tmp && mv $@.tmp $@
.SECONDARY: $(PROTO_C) $(PROTO_H) $(TABLE_C) $(TABLE_H)
$(B)/obj/%.o: userspace/%.c | $(PROTO_H) $(TABLE_H)
	@mkdir -p $(@D); echo "  CC      $<"
	@$(CC) $(CPPFLAGS) $(CPPFLAGS_PKG) $(CFLAGS) -MMD -MP -c -o $@ $<
$(B)/asan/%.o: userspace/%.c | $(PROTO_H) $(TABLE_H)
	@mkdir -p $(@D); echo "  CC [S]  $<"
	@$(CC) $(CPPFLAGS) $(CPPFLAGS_PKG) $(CFLAGS) -O1 $(SAN) -MMD -MP -c -o $@ $<
$(B)/fuzz/%.o: userspace/%.c | $(PROTO_H) $(TABLE_H)
	@mkdir -p $(@D); echo "  CC [F]  $<"
	@$(FUZZ_CC) $(CPPFLAGS) $(CPPFLAGS_PKG) $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/obj/gen/%.o: $(B)/gen/%.c | $(TABLE_H)
	@mkdir -p $(@D); $(CC) $(CPPFLAGS) -std=gnu11 -O2 -g -c -o $@ $<
$(B)/asan/gen/%.o: $(B)/gen/%.c | $(TABLE_H)
	@mkdir -p $(@D); $(CC) $(CPPFLAGS) -std=gnu11 -O1 -g $(SAN) -c -o $@ $<

$(B)/fuzz/gen/%.o: $(B)/gen/%.c | $(TABLE_H)
	@mkdir -p $(@D); $(FUZZ_CC) $(CPPFLAGS) $(FUZZ_CFLAGS) -c -o $@ $<

# Who sees whom: an archive and those below it, in the order of linking.
BELOW_base := base
BELOW_rpc := rpc $(BELOW_base)
BELOW_store := store $(BELOW_rpc)
BELOW_schema := schema $(BELOW_base)
BELOW_meta := meta schema $(BELOW_store)
BELOW_kinds := kinds $(BELOW_meta)
BELOW_registry := registry $(BELOW_kinds)
BELOW_rest := rest $(BELOW_registry)
BELOW_controllers := controllers $(BELOW_kinds)
BELOW_scheduler := scheduler $(BELOW_controllers)
BELOW_net := net $(BELOW_base)
BELOW_agent := agent net $(BELOW_kinds)
BELOW_cmd := agent net scheduler controllers $(BELOW_rest)

# Each program links the layers it may see: keelsonctl and the plugin only net and base.
LINK_keelsond := $(BELOW_cmd)
LINK_keelsonctl := $(BELOW_net)
LINK_keelson-cni := $(BELOW_net)
# A program is cmd/NAME.c plus, if there is one, the folder cmd/NAME/.
define program_rules
$(B)/bin/$(1): $(patsubst userspace/%.c,$(B)/obj/%.o,userspace/cmd/$(1).c $(wildcard userspace/cmd/$(1)/*.c)) $(LINK_$(1):%=$(B)/obj/lib%.a)
	@mkdir -p $$(@D); echo "  LD      $$@"
	@$(CC) -o $$@ $$(filter %.o,$$^) $$(filter %.a,$$^) $$(LDLIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program_rules,$(p))))

-include $(shell [ -d $(B) ] && find $(B)/obj $(B)/asan $(B)/fuzz -name '*.d' 2>/dev/null)

# --- unit tests: selftests/unit/test_LIB_what.c links LIB and the layers below ---
UNIT_SRC := $(wildcard selftests/unit/test_*.c)
UNIT_BIN := $(patsubst selftests/unit/%.c,$(B)/unit/%,$(UNIT_SRC))
define unit_rule
$(B)/unit/$(1): selftests/unit/$(1).c $$(BELOW_$(word 2,$(subst _, ,$(1))):%=$(B)/asan/lib%.a)
	@mkdir -p $$(@D); echo "  LD [S]  $$@"
	@$(CC) $(CPPFLAGS) $$(CPPFLAGS_PKG) $(CFLAGS) -Iselftests/unit -O1 $(SAN) -MMD -MP -MF $(B)/asan/$(1).d -o $$@ $$< \
		$$(filter %.a,$$^) $$(LDLIBS) -lcmocka
endef
$(foreach t,$(UNIT_BIN),$(eval $(call unit_rule,$(notdir $(t)))))
.PHONY: unit
unit: $(UNIT_BIN)

# --- fuzz targets: selftests/fuzz/fuzz_LIB_what.c, linked likewise --------------
# With replay.c they run over their corpus, with libFuzzer they look for more.
FUZZ_SRC := $(wildcard selftests/fuzz/fuzz_*.c)
FUZZ_NAMES := $(patsubst selftests/fuzz/fuzz_%.c,%,$(FUZZ_SRC))
FUZZ_CC := clang
FUZZ_CFLAGS := -std=gnu11 -O1 -g $(SAN) -fsanitize=fuzzer-no-link
$(B)/asan/replay.o: selftests/fuzz/replay.c
	@mkdir -p $(@D); $(CC) $(CPPFLAGS) $(CFLAGS) -O1 $(SAN) -MMD -MP -c -o $@ $<
define fuzz_rule
$(B)/unit/fuzz_$(1): selftests/fuzz/fuzz_$(1).c $(B)/asan/replay.o $$(BELOW_$(word 1,$(subst _, ,$(1))):%=$(B)/asan/lib%.a)
	@mkdir -p $$(@D); echo "  LD [S]  $$@"
	@$(CC) $(CPPFLAGS) $$(CPPFLAGS_PKG) $(CFLAGS) -O1 $(SAN) -MMD -MP -MF $(B)/asan/fuzz_$(1).d -o $$@ $$< \
		$$(filter %.o %.a,$$^) $$(LDLIBS)
$(B)/fuzz/fuzz_$(1): selftests/fuzz/fuzz_$(1).c $$(BELOW_$(word 1,$(subst _, ,$(1))):%=$(B)/fuzz/lib%.a)
	@mkdir -p $$(@D); echo "  LD [F]  $$@"
	@$(FUZZ_CC) $(CPPFLAGS) $$(CPPFLAGS_PKG) $(FUZZ_CFLAGS) -fsanitize=fuzzer -MMD -MP -MF $(B)/fuzz/fuzz_$(1).d -o $$@ $$< \
		$$(filter %.a,$$^) $$(LDLIBS)
endef
$(foreach t,$(FUZZ_NAMES),$(eval $(call fuzz_rule,$(t))))
unit: $(FUZZ_NAMES:%=$(B)/unit/fuzz_%)
.PHONY: fuzz
fuzz:
	@B=$(B) selftests/fuzz/run "$(TARGET)" $(or $(SECONDS),60)

# --- the module -------------------------------------------------------------
# Built in a copy per kernel, so that two kernels never share an object file.
# KDIR= names a kernel's build tree instead of Debian's headers.
KERNEL ?= 6.1
MODDIR = $(B)/modules/$(KERNEL)
.PHONY: modules
modules:
	@kdir=$(KDIR); [ -n "$$kdir" ] || kdir=/lib/modules/$$(scripts/kernel-release $(KERNEL))/build || exit 1; \
	mkdir -p $(MODDIR) && cp -pru Kbuild kmod $(MODDIR)/ && \
	$(MAKE) --no-print-directory -C "$$kdir" M=$(abspath $(MODDIR)) $(MODFLAGS) modules && \
	cp $(MODDIR)/kmod/keelson.ko $(MODDIR)/keelson.ko

# --- doors -------------------------------------------------------------------
images:
	@scripts/images $(B)/images
.PHONY: images deps demo check check-unit check-net check-cluster check-modules check-debug bench install clean help
deps:
	@scripts/install-deps
demo: deps
	@DEMO_SHELL=$(DEMO_SHELL) scripts/demo
check: deps
	@selftests/run
check-unit: deps
	@selftests/run unit
check-net: deps
	@selftests/run net
check-cluster: deps
	@selftests/run cluster
check-debug: deps
	@selftests/run debug
check-modules: deps
	@selftests/run modules
bench: deps
	@selftests/bench/run
install: all
	@DESTDIR=$(DESTDIR) PREFIX=$(or $(PREFIX),/usr/local) scripts/install
clean:
	rm -rf $(B)
help:
	@sed -n 's/^## \([^|]*\)|\(.*\)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | while IFS='|' read -r t d; do printf '  %-14s %s\n' "$$t" "$$d"; done
