#!/usr/bin/env bash
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
#
# Compiles tests/bench/peer over Alertmanager's packages from Debian:
#
#   build_render_peer.sh PACKAGES TOOLS
#
# PACKAGES is a directory with the .deb files of ../conformance/suite-packages.txt. Leaves
# TOOLS/render-peer with the program and the templates that it reads.

set -euo pipefail

packages=$(realpath "$1")
tools=$(realpath "$2")
source=$(dirname "$(realpath "$0")")/peer

work=$(mktemp -d "$tools/peer.XXXXXX")
trap 'rm -rf "$work"' EXIT
for package in "$packages"/*.deb; do dpkg -x "$package" "$work"; done

export GOPATH=$work/usr/share/gocode GO111MODULE=off GOFLAGS='' CGO_ENABLED=0
mkdir -p "$GOPATH/src/watchfire"
cp -r "$source" "$GOPATH/src/watchfire/peer"
go build -o "$work/render-peer/peer" watchfire/peer
mkdir "$work/render-peer/templates"
cp "$GOPATH/src/github.com/prometheus/alertmanager/template/"*.tmpl "$work/render-peer/templates"
rm -rf "$tools/render-peer"
mv "$work/render-peer" "$tools/render-peer"
