#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# hello.sh - the steps of `make demo` on a cluster of three nodes. TAP. In the VM.
cd "$(dirname "$0")/../.." || exit 1
if out=$(scripts/cluster --nodes 3 -- scripts/demo-steps 2>&1); then
	echo "ok 1 - the demo's steps hold"
	echo "1..1"
else
	echo "not ok 1 - the demo's steps hold"
	printf '%s\n' "$out" | sed 's/^/# /'
	echo "1..1"
	exit 1
fi
