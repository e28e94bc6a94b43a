#!/usr/bin/env bash
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
#
# Builds a program of a Go module at one version, with the libraries that its authors built it with:
#
#   build_backend.sh TOOLS MODULE VERSION PACKAGE [FLAG...]
#
# PACKAGE is relative to the module, FLAGs are of `go build`. Leaves TOOLS/bin/NAME, where NAME is
# PACKAGE's last part. `go install` refuses modules with `replace` lines, as Thanos and Mimir are:
# here a module of our own, which takes over their go.mod and go.sum, is what is built. It is kept
# below TOOLS/wrap-NAME. All that is fetched is checked against go.sum and the checksum database.

set -euo pipefail

tools=$(realpath "$1") module=$2 version=$3 package=$4
shift 4
name=${package##*/}

# Where this version is unpacked.
source=$(cd / && go mod download -json "$module@$version" |
  sed -n 's/^[[:space:]]*"Dir": "\(.*\)",$/\1/p')
if [ -z "$source" ]; then
  (cd / && go mod download "$module@$version") || true  # Says why.
  echo "build_backend.sh: no $module@$version" >&2
  exit 1
fi
if go mod edit -json "$source/go.mod" | grep -qE '"Path": "\.{1,2}/'; then
  echo "build_backend.sh: $module@$version replaces modules by its own folders" >&2
  exit 1
fi

work=$tools/wrap-$name
rm -rf "$work"
mkdir -p "$work" "$tools/bin"
cp "$source/go.mod" "$source/go.sum" "$work"
chmod u+w "$work"/*
cd "$work"
go mod edit -module=watchfire.test/wrap "-require=$module@$version"
CGO_ENABLED=0 go build -mod=mod -trimpath "$@" -o "$tools/bin/$name" "$module/$package"
