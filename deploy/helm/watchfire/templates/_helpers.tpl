{{- /* Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0 */ -}}
{{- define "watchfire.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- /* At most 52 characters: a StatefulSet's name plus a revision hash must fit in a label. */ -}}
{{- define "watchfire.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- $name := include "watchfire.name" . }}
{{- $long := printf "%s-%s" .Release.Name $name }}
{{- ternary .Release.Name $long (contains $name .Release.Name) | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "watchfire.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{- /* Immutable in a StatefulSet: never a version, a chart or a user's label in here. */ -}}
{{- define "watchfire.selectorLabels" -}}
app.kubernetes.io/name: {{ include "watchfire.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "watchfire.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 }}
{{ include "watchfire.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /*
Metadata of every object. Takes dict: root, and optionally name or suffix, namespace, labels,
annotations.
*/ -}}
{{- define "watchfire.metadata" -}}
name: {{ default (printf "%s%s" (include "watchfire.fullname" .root) (default "" .suffix)) .name }}
namespace: {{ default (include "watchfire.namespace" .root) .namespace }}
labels:
  {{- include "watchfire.labels" .root | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "watchfire.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "watchfire.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "watchfire.image" -}}
{{- $registry := default .Values.image.registry .Values.global.imageRegistry }}
{{- with $registry }}{{ . }}/{{ end }}{{ .Values.image.repository }}
{{- if .Values.image.digest }}@{{ .Values.image.digest }}
{{- else }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}
{{- end }}

{{- /* The route prefix without its last slash, so that it can stand before /-/ready. */ -}}
{{- define "watchfire.prefix" -}}
{{- $path := .Values.routePrefix | trimAll "/" }}
{{- with $path }}/{{ . }}{{ end }}
{{- end }}

{{- define "watchfire.scheme" -}}
{{- ternary "https" "http" (not (empty .Values.webConfig.tls_server_config)) }}
{{- end }}

{{- /*
What a probe does. Takes dict: root, path, probe (its values). The kubelet has neither a password nor
a certificate: where one is asked for, it looks whether the port is open, which is all that /-/ready
says.
*/ -}}
{{- define "watchfire.probe" -}}
{{- $web := .root.Values.webConfig }}
{{- $tls := default dict $web.tls_server_config }}
{{- $certificate := has $tls.client_auth_type (list "RequireAnyClientCert" "RequireAndVerifyClientCert") }}
{{- if or .probe.httpGet .probe.tcpSocket .probe.exec }}
{{- else if or $web.basic_auth_users $certificate }}
tcpSocket:
  port: {{ .root.Values.service.portName }}
{{- else }}
httpGet:
  path: {{ include "watchfire.prefix" .root }}{{ .path }}
  port: {{ .root.Values.service.portName }}
  {{- if $tls }}
  scheme: HTTPS
  {{- end }}
{{- end }}
{{ toYaml .probe }}
{{- end }}

{{- define "watchfire.configSecretName" -}}
{{- default (printf "%s-config" (include "watchfire.fullname" .)) .Values.existingSecret }}
{{- end }}

{{- define "watchfire.configKey" -}}
{{- ternary .Values.existingSecretKey "watchfire.yml" (not (empty .Values.existingSecret)) }}
{{- end }}

{{- /*
A YAML map of file name to text. Takes dict: root, key (for the message), bundled (globs below
files/rules), files (map of name to text or map). A bundled file a/b.yml becomes a-b.yml, because a
ConfigMap's keys hold no slash.
*/ -}}
{{- define "watchfire.files" -}}
{{- $out := dict }}
{{- $root := .root }}
{{- $key := .key }}
{{- range $glob := .bundled }}
{{- $found := $root.Files.Glob (printf "files/rules/%s" $glob) }}
{{- if not $found }}
{{- fail (printf "%s.bundled: no file of the chart matches %q" $key $glob) }}
{{- end }}
{{- range $path, $bytes := $found }}
{{- $_ := set $out ($path | trimPrefix "files/rules/" | replace "/" "-") (toString $bytes) }}
{{- end }}
{{- end }}
{{- range $name, $file := .files }}
{{- $_ := set $out $name (ternary $file (toYaml $file) (kindIs "string" $file)) }}
{{- end }}
{{- toYaml $out }}
{{- end }}

{{- define "watchfire.ruleFiles" -}}
{{- include "watchfire.files" (merge (dict "root" . "key" "rules") .Values.rules) }}
{{- end }}

{{- define "watchfire.sloFiles" -}}
{{- include "watchfire.files" (merge (dict "root" . "key" "slos") .Values.slos) }}
{{- end }}

{{- /*
Top-level values this chart does not know, as a JSON list. NOTES.txt names them; refusing them would
break umbrella charts.
*/ -}}
{{- define "watchfire.unknownValues" -}}
{{- $known := .Files.Get "files/known-values.txt" | trim | splitList "\n" }}
{{- $unknown := list }}
{{- range $name, $_ := .Values }}
{{- if not (or (has $name $known) (hasPrefix "x-" $name)) }}
{{- $unknown = append $unknown $name }}
{{- end }}
{{- end }}
{{- toJson $unknown }}
{{- end }}
