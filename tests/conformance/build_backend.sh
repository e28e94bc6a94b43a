#!/usr/bin/env bash
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
#
# Builds a backend of the suite `backends` at one version, with the libraries and the tags that its
# authors build it with:
#
#   build_backend.sh TOOLS thanos|mimir
#
# Leaves TOOLS/bin/thanos or TOOLS/bin/mimir; needs Go 1.26. `go install` refuses modules with
# `replace` lines, as these are: what is built here is a module of our own, below TOOLS/wrap-NAME,
# that takes over their go.mod and go.sum. All that is fetched is checked against go.sum and the
# checksum database.

set -euo pipefail

tools=$(realpath "$1") name=$2
case $name in
  thanos)
    module=github.com/thanos-io/thanos version=v0.42.4  # The newest that Go 1.26.8 takes.
    tags=slicelabels  # Without it Thanos takes labels for what they are not, and ends.
    ;;
  mimir)
    # Its releases have no versions that Go knows, only the one it makes up of a commit.
    module=github.com/grafana/mimir version=v1.3.1-0.20260423142704-aced80d74930
    tags=stringlabels
    ;;
  *)
    echo "build_backend.sh: \"$name\" is neither thanos nor mimir" >&2
    exit 2
    ;;
esac

# Where this version is unpacked.
answer=$(cd / && go mod download -json "$module@$version") || { echo "$answer" >&2; exit 1; }
source=$(sed -n 's/^[[:space:]]*"Dir": "\(.*\)",$/\1/p' <<< "$answer")

work=$tools/wrap-$name
rm -rf "$work"
mkdir -p "$work" "$tools/bin"
cp "$source/go.mod" "$source/go.sum" "$work"
chmod u+w "$work"/*
cd "$work"
go mod edit -module=watchfire.test/wrap "-require=$module@$version"
# What debuggers need is left out: it is a good part of the build.
CGO_ENABLED=0 go build -mod=mod -trimpath "-tags=$tags" -ldflags=-w -gcflags=all=-dwarf=false \
  -o "$tools/bin/$name" "$module/cmd/$name"
