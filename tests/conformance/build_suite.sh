#!/usr/bin/env bash
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
#
# Compiles Alertmanager's own acceptance tests from Debian's source packages:
#
#   build_suite.sh PACKAGES TOOLS
#
# PACKAGES is a directory with the .deb files of suite-packages.txt. Leaves TOOLS/acceptance with a
# program for each suite that is run, and `tests`: a line "suite Test" for every test function found
# in the sources, whether it is run or not. Of the sources nothing is kept.

set -euo pipefail

packages=$(realpath "$1")
tools=$(realpath "$2")

work=$(mktemp -d "$tools/suite.XXXXXX")
trap 'rm -rf "$work"' EXIT
for package in "$packages"/*.deb; do dpkg -x "$package" "$work"; done

export GOPATH=$work/usr/share/gocode GO111MODULE=off GOFLAGS='' CGO_ENABLED=0
cd "$GOPATH/src/github.com/prometheus/alertmanager/test"

mkdir "$work/acceptance"
grep -rHoE '^func Test[A-Za-z0-9_]*\(\w+ \*testing\.T\)' --include='*_test.go' . |
  sed -E 's!^\./(.*)/[^/]*:func (\w+).*!\1 \2!' | sort > "$work/acceptance/tests"
for suite in with_api_v2 cli; do
  go test -c -o "$work/acceptance/$suite.test" "./$suite/acceptance"
done
rm -rf "$tools/acceptance"
mv "$work/acceptance" "$tools/acceptance"
