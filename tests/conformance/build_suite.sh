#!/usr/bin/env bash
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
#
# Compiles Alertmanager's own acceptance tests, from Debian's source packages or from the module of
# a release:
#
#   build_suite.sh PACKAGES TOOLS         PACKAGES: a directory with suite-packages.txt's .deb files
#   build_suite.sh vX.Y.Z TOOLS NAME      that release; needs the Go that its go.mod names
#
# Leaves TOOLS/acceptance, or TOOLS/NAME, with a program for each suite that is run, and `tests`: a
# line "suite Test" for every test function found in the sources, whether it is run or not. Beside a
# release's is its amtool. Of the sources nothing is kept. What is fetched of a release is checked
# against the checksum database and its own go.sum.

set -euo pipefail

origin=$1 tools=$(realpath "$2") name=${3:-acceptance}
work=$(mktemp -d "$tools/suite.XXXXXX")
trap 'rm -rf "$work"' EXIT
made=$work/made
mkdir "$made"

unpack_packages() { # unpack_packages DIRECTORY
  local package
  for package in "$1"/*.deb; do dpkg -x "$package" "$work"; done
  export GOPATH=$work/usr/share/gocode GO111MODULE=off GOFLAGS=''
  cd "$GOPATH/src/github.com/prometheus/alertmanager"
}

unpack_release() { # unpack_release VERSION
  local answer
  answer=$(cd / && go mod download -json "github.com/prometheus/alertmanager@$1") ||
    { echo "$answer" >&2; return 1; }
  # Go keeps it read-only, and vouches for what its cache holds by that.
  cp -r "$(sed -n 's/^[[:space:]]*"Dir": "\(.*\)",$/\1/p' <<< "$answer")" "$work/source"
  chmod -R u+w "$work/source"
  cd "$work/source"
}

build_amtool() { # build_amtool VERSION
  # A test reads the version that it says.
  local info=github.com/prometheus/common/version
  go build -ldflags "-X $info.Version=${1#v} -X $info.Revision=release -X $info.Branch=HEAD" \
    -o "$made/amtool" ./cmd/amtool
}

export CGO_ENABLED=0
case $origin in
  v[0-9]*)
    unpack_release "$origin"
    build_amtool "$origin"
    ;;
  *) unpack_packages "$(realpath "$origin")" ;;
esac

cd test
grep -rHoE '^func Test[A-Za-z0-9_]*\(\w+ \*testing\.T\)' --include='*_test.go' . |
  sed -E 's!^\./(.*)/[^/]*:func (\w+).*!\1 \2!' | sort > "$made/tests"
for suite in with_api_v2 cli; do
  go test -c -o "$made/$suite.test" "./$suite/acceptance"
done
rm -rf "${tools:?}/$name"
mv "$made" "$tools/$name"
