#!/usr/bin/env bash
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
#
# Checks every rule, SLO and rule test:  rules/tests/check.sh [path to promtool]
# Needs promtool (Debian package prometheus) and python3 with PyYAML (Debian package python3-yaml).

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
promtool=${1:-promtool}
command -v "$promtool" >/dev/null || { echo "check.sh: no promtool at '$promtool'" >&2; exit 2; }
promtool=$(realpath "$(command -v "$promtool")")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# promtool cannot read SLO files, so their alerts are spelled out as rules for it to test.
mkdir -p "$work/tests/slo" "$work/slo"
cp "$here"/slo/*.yml "$work/tests/slo/"
python3 "$here/expand_slo.py" "$work/slo" "$here"/../victor-ai/slo/*.yml \
  "$here"/../slo-starter/*.yml

quietly() {  # Runs promtool; shows what it said only if it failed.
  "$promtool" "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}
quietly check rules "$here"/../{victor-ai,application,kubernetes,watchfire}/*.yml "$work"/slo/*.yml
quietly test rules "$here"/*.yml "$work"/tests/slo/*.yml

python3 "$here/check_coverage.py" "$here/.." "$work/slo"
