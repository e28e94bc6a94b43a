#!/usr/bin/env bash
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
#
# Tests the chart, the plain manifests and the Dockerfile without a cluster and without Docker.
#
# usage: deploy_test.sh HELM KUBECTL [--update]
#   --update   first writes copies, goldens, manifests and the table of values anew (render.sh)
# Needs python3 and go: the field tables of Kubernetes come from the module k8s.io/kubectl, which
# building Helm has fetched.
# Prints one line per check; exits 1 if any failed.
set -uo pipefail

helm=$(realpath "${1:?usage: deploy_test.sh HELM KUBECTL [--update]}")
kubectl=$(realpath "${2:?usage: deploy_test.sh HELM KUBECTL [--update]}")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
chart=$root/deploy/helm/watchfire
# The version that Helm 3.11.3 itself depends on.
readonly kubectl_module=k8s.io/kubectl@v0.26.0
readonly kube_version=1.30.0

module=$(go mod download -json "$kubectl_module" | sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p')
swagger=$module/testdata/openapi/swagger.json
if [ ! -f "$swagger" ]; then
  echo "deploy_test: no $swagger: did 'go mod download $kubectl_module' fail?" >&2
  exit 1
fi
work=$(mktemp -d)
export KUBECONFIG=$work/kubeconfig HOME=$work
"$here/fake_api_server.py" "$swagger" "$KUBECONFIG" & server=$!
trap 'kill $server; wait $server 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 300); do
  [ -f "$KUBECONFIG" ] && break
  kill -0 $server 2>/dev/null || { echo "deploy_test: the fake API server died" >&2; exit 1; }
  sleep 0.1
done

passed=0 failed=0
# check NAME COMMAND...: runs the command, shows what it printed only if it failed.
check() {
  local name=$1
  shift
  if "$@" > "$work/output" 2>&1; then
    passed=$((passed + 1))
    echo "ok    $name"
  else
    failed=$((failed + 1))
    echo "FAIL  $name"
    sed 's/^/      /' "$work/output"
  fi
}

# says TEXT COMMAND...: holds if the command prints TEXT. refuses: and it fails as well.
# lacks: the opposite of says.
says() {
  local text=$1
  shift
  "$@" > "$work/said" 2>&1
  grep -qF -- "$text" "$work/said" || { cat "$work/said"; return 1; }
}
refuses() {
  says "$@" && shift && ! "$@" > /dev/null 2>&1
}
lacks() {
  ! says "$@"
}

template() {
  "$helm" template watchfire "$chart" --namespace alerting --kube-version "$kube_version" "$@"
}
notes() {
  "$helm" install watchfire "$chart" --namespace alerting --dry-run "$@" | sed -n '/^NOTES:/,$p'
}
dry_run() { "$kubectl" apply --dry-run=client "$@"; }
fits() { # fits NAME: objects on standard input
  dry_run -o json -f - > "$work/objects.json" &&
    python3 "$here/check_objects.py" "$root" "$1" < "$work/objects.json"
}
scenario() { template --values "$1" | fits "$(basename "$1")"; }
manifests() { sed -s '$a---' "$root"/deploy/k8s/*.yaml | fits deploy/k8s; }
broken() { sed "$1" "$here/goldens/$2" | dry_run -f -; }

[ "${3:-}" = --update ] && check "derived files written" "$here/render.sh" "$helm"
check "chart lints" "$helm" lint --strict "$chart"
check "goldens, copies, manifests and table of values are fresh" "$here/render.sh" "$helm" --check
check "kubectl apply --dry-run=client -f deploy/k8s" dry_run -f "$root/deploy/k8s"
check "deploy/k8s fits together" manifests
for values in "$chart"/ci/*-values.yaml; do
  check "scenario $(basename "$values" -values.yaml)" scenario "$values"
done

# The dry run is worth something only if it refuses what a cluster would refuse.
check "kubectl refuses an unknown field" \
  refuses 'unknown field "servisName"' broken s/serviceName/servisName/ 00-defaults.yaml
check "kubectl refuses a wrong type" \
  refuses 'expected "integer"' broken 's/replicas: 1/replicas: one/' 00-defaults.yaml
check "kubectl refuses an unknown kind" \
  refuses 'no matches for kind "Pager"' broken 's/kind: StatefulSet/kind: Pager/' 00-defaults.yaml
check "kubectl refuses a bad ServiceMonitor" \
  refuses 'unknown field "endpoint"' broken s/endpoints:/endpoint:/ 04-operator.yaml

rejects() { # rejects TEXT ARG...: values the schema or a template refuses, with TEXT in the reason
  check "refused: ${*:2}" refuses "$1" template "${@:2}"
}
rejects "replicaCount: Must be less than or equal to 1" --set replicaCount=2
rejects "Additional property repo is not allowed" --set image.repo=x
rejects "image.digest: Does not match pattern" --set image.digest=sha256:12
rejects "image.pullPolicy must be one of" --set image.pullPolicy=Sometimes
rejects "prometheusUrl: Does not match pattern" --set prometheusUrl=prometheus:9090
rejects "routePrefix: Does not match pattern" --set routePrefix=pager
rejects "Additional property storageclass is not allowed" --set persistence.storageclass=fast
rejects "persistence.size: Does not match pattern" --set persistence.size=big
rejects "service.port: Must be less than or equal to 65535" --set service.port=70000
rejects "service.portName: Does not match pattern" --set service.portName=Http_Web
rejects "service.type must be one of" --set service.type=ExternalName
rejects "config: receivers is required" --set config.receivers=null
rejects "config.receivers: Array must have at least 1 items" --set-json 'config.receivers=[]'
rejects 'templates: Property name of "title" does not match' --set templates.title=x
rejects 'rules.files: Property name of "checkout" does not match' --set rules.files.checkout=x
rejects "podLabels.tier: Invalid type" --set podLabels.tier=1
rejects "Additional property path is not allowed" --set livenessProbe.path=/
rejects "ingress.hosts.0: paths is required" --set-json 'ingress.hosts=[{"host": "a"}]'
rejects 'rules.bundled: no file of the chart matches "no/*.yml"' --set 'rules.bundled={no/*.yml}'
rejects "prometheusRule.enabled: neither bundled nor groups" \
  --set prometheusRule.enabled=true --set-json 'prometheusRule.bundled=[]'
rejects "which is incompatible with Kubernetes v1.23.0" --kube-version 1.23.0

check "a required client certificate leaves the kubelet the port" \
  says "tcpSocket:" template --set webConfig.tls_server_config.client_auth_type=RequireAnyClientCert
check "notes say https when the port does" \
  says "https://localhost:9093/" notes --set webConfig.tls_server_config.cert_file=c
check "notes name unknown values" \
  says "without effect: persistance, replicas" notes --set replicas=2,persistance.size=1Gi
check "notes warn when nobody is paged" says 'goes to the receiver "null"' notes
check "notes warn without persistence" \
  says "persistence is off" notes --set persistence.enabled=false
check "umbrella values are no surprise" \
  lacks "without effect" notes --set global.x=1,enabled=true,x-team.a=1

check "Dockerfile" python3 "$here/check_dockerfile.py" "$root"

echo "deploy: $passed passed, $failed failed"
[ $failed -eq 0 ]
