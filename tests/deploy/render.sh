#!/usr/bin/env bash
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
#
# Writes everything under deploy and tests/deploy that is derived from something else:
#   deploy/helm/watchfire/files       copies of rules and grafana/dashboards, because Helm reads no
#                                     file outside a chart
#   deploy/helm/watchfire/README.md   the table of values, from the comments of values.yaml
#   deploy/k8s                        plain manifests: the scenario 01-plain-manifests, rendered
#   tests/deploy/goldens              each ci scenario rendered; copies stand there as one line each
# With --check it writes nothing, prints the differences and exits 1 if there are any.
#
# usage: render.sh HELM [--check]
set -euo pipefail

helm=${1:?usage: render.sh HELM [--check]}
mode=${2:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# A Helm built from source believes it talks to Kubernetes 1.20.
readonly kube_version=1.30.0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chart=$work/deploy/helm/watchfire
mkdir -p "$work/deploy/helm" "$work/deploy/k8s" "$work/tests/deploy/goldens"
cp -r "$root/deploy/helm/watchfire" "$work/deploy/helm/"

copy_files() {
  rm -rf "$chart/files"
  mkdir -p "$chart/files/dashboards" "$chart/files/rules"
  cp "$root"/grafana/dashboards/*.json "$chart/files/dashboards/"
  (cd "$root/rules" &&
    find . -name '*.yml' -not -path './tests/*' -exec cp --parents {} "$chart/files/rules/" \;)
  { sed -n 's/^\([a-zA-Z]*\):.*/\1/p' "$chart/values.yaml"; printf '%s\n' enabled tags; } |
    LC_ALL=C sort > "$chart/files/known-values.txt"
}

# render CHART SCENARIO: prints the scenario's objects.
render() {
  "$helm" template watchfire "$1" --namespace alerting --kube-version "$kube_version" \
    --values "$chart/ci/$2-values.yaml"
}

render_goldens() {
  # What the copies say is tested where they come from, so a changed rule leaves every golden alone.
  local stub=$work/stub scenario file
  cp -r "$chart" "$stub"
  find "$stub/files/dashboards" "$stub/files/rules" -type f -printf '%P %p\n' |
    while read -r name file; do
      case $name in
        *.json) printf '{"title": "contents of %s"}\n' "$name" > "$file" ;;
        *) printf 'groups: [{name: contents of %s, rules: []}]\n' "$name" > "$file" ;;
      esac
    done
  for file in "$chart"/ci/*-values.yaml; do
    scenario=$(basename "$file" -values.yaml)
    render "$stub" "$scenario" > "$work/tests/deploy/goldens/$scenario.yaml"
  done
}

render_manifests() {
  local licence object kind name
  licence=$(head -n 1 "$chart/values.yaml")
  cat > "$work/deploy/k8s/00-namespace.yaml" <<EOF
$licence
apiVersion: v1
kind: Namespace
metadata:
  name: watchfire
  labels:
    pod-security.kubernetes.io/enforce: restricted
EOF
  # Helm prints objects in the order of installation; a number in the file's name keeps it.
  render "$chart" 01-plain-manifests |
    sed -E '/^ *(helm\.sh\/chart|app\.kubernetes\.io\/managed-by): |^# Source: /d' |
    csplit --quiet --elide-empty-files --suppress-matched --prefix "$work/object" - '/^---$/' '{*}'
  local number=10
  for object in "$work"/object*; do
    kind=$(sed -n 's/^kind: //p' "$object" | tr '[:upper:]' '[:lower:]')
    name=$(sed -n '/^metadata:/,/^  name:/s/^  name: watchfire//p' "$object")
    { echo "$licence"; cat "$object"; } > "$work/deploy/k8s/$number-$kind$name.yaml"
    number=$((number + 10))
  done
  cp "$root/deploy/k8s/README.md" "$work/deploy/k8s/"
}

copy_files
python3 "$here/values_table.py" "$chart/values.yaml" "$chart/README.md"
render_goldens
render_manifests

status=0
for path in deploy/helm/watchfire deploy/k8s tests/deploy/goldens; do
  if [ "$mode" = --check ]; then
    diff -ruN "$root/$path" "$work/$path" || status=1
  else
    rm -rf "${root:?}/$path"
    cp -r "$work/$path" "$root/$path"
  fi
done
[ $status -eq 0 ] ||
  echo "render.sh: derived files are stale: run tests/deploy/render.sh HELM, review the diff" >&2
exit $status
