#!/bin/sh
# SPDX-License-Identifier: MIT
#
#	sh gen/vet/testdata/build.sh          compiles the test object again
#	sh gen/vet/testdata/build.sh -check   compiles it elsewhere and compares
#
# bpf/internal/testobject/objects.sh says what it needs.
set -eu
cd "$(dirname "$0")/bpf"
. ../../../../bpf/internal/testobject/objects.sh

begin gen/vet/testdata/bpf . "$@"
compile events.bpf.c events.bpf.o -target bpfel -mcpu=v3
finish
