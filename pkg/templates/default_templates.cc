// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/default_templates.h"

#include "pkg/base/check.h"

namespace watchfire::templates {
namespace {

// There are three ways to tell the alerts: "sections" packed closely, "spaced" with empty lines
// around, "markdown" with headings. Each starts with a line break, so that a headline may precede.
constexpr std::string_view kBlocks = R"tmpl(
{{- define "__alertmanager" }}Alertmanager{{ end -}}
{{- define "__alertmanagerURL" -}}
  {{ .ExternalURL }}/#/alerts?receiver={{ urlquery .Receiver }}
{{- end -}}
{{- define "__description" }}{{ end -}}
{{- define "__subject" -}}
  [{{ toUpper .Status }}{{ with .Alerts.Firing }}:{{ len . }}{{ end }}] {{ "" -}}
  {{ .GroupLabels.Values.Join " " }} {{ "" -}}
  {{ if lt (len .GroupLabels) (len .CommonLabels) -}}
    ({{ (.CommonLabels.Remove .GroupLabels.Names).Values.Join " " }})
  {{- end -}}
{{ end -}}

{{- define "__text_alert_list" }}{{ range $alert := . -}}
Labels:
{{ range $alert.Labels.SortedPairs }} - {{ .Name }} = {{ .Value }}
{{ end -}}
Annotations:
{{ range $alert.Annotations.SortedPairs }} - {{ .Name }} = {{ .Value }}
{{ end -}}
Source: {{ $alert.GeneratorURL }}
{{ end }}{{ end -}}

{{- define "__text_alert_list_markdown" }}{{ range $alert := . }}
Labels:
{{ range $alert.Labels.SortedPairs }}  - {{ .Name }} = {{ .Value }}
{{ end }}
Annotations:
{{ range $alert.Annotations.SortedPairs }}  - {{ .Name }} = {{ .Value }}
{{ end }}
Source: {{ $alert.GeneratorURL }}
{{ end }}
{{ end -}}

{{- define "__watchfire_headline" }}{{ .CommonAnnotations.Values.Join " " }}{{ end -}}
{{- define "__watchfire_sections" }}
{{ with .Alerts.Firing }}Alerts Firing:
{{ template "__text_alert_list" . }}{{ end }}
{{ with .Alerts.Resolved }}Alerts Resolved:
{{ template "__text_alert_list" . }}{{ end }}{{ end -}}
{{- define "__watchfire_spaced" }}
{{ with .Alerts.Firing }}
Alerts Firing:
{{ template "__text_alert_list" . }}
{{ end }}
{{ with .Alerts.Resolved }}
Alerts Resolved:
{{ template "__text_alert_list" . }}
{{ end }}
{{ end -}}
{{- define "__watchfire_markdown" }}
{{ with .Alerts.Firing }}
# Alerts Firing:
{{ template "__text_alert_list_markdown" . }}
{{ end }}
{{ with .Alerts.Resolved }}
# Alerts Resolved:
{{ template "__text_alert_list_markdown" . }}
{{ end }}
{{ end -}}
{{- define "__watchfire_color" }}{{ if .Alerts.Firing }}danger{{ else }}good{{ end }}{{ end -}}
{{- define "__watchfire_link" -}}
  {{ template "__subject" . }} | {{ template "__alertmanagerURL" . }}
{{- end -}}
)tmpl";

constexpr std::string_view kMessages = R"tmpl(
{{- define "discord.default.content" }}{{ end -}}
{{- define "discord.default.message" }}{{ template "__watchfire_spaced" . }}{{ end -}}
{{- define "discord.default.title" }}{{ template "__subject" . }}{{ end -}}
{{- define "email.default.subject" }}{{ template "__subject" . }}{{ end -}}
{{- define "jira.default.description" }}{{ template "__watchfire_markdown" . }}{{ end -}}
{{- define "jira.default.priority" }}{{ $worst := "" -}}
  {{ range list .Alerts.Firing .Alerts.Resolved }}{{ if not $worst }}{{ range . -}}
    {{ if eq .Labels.severity "critical" }}{{ $worst = "High" }}{{ break -}}
    {{ else if eq .Labels.severity "warning" }}{{ $worst = "Medium" -}}
    {{ else if and (eq .Labels.severity "info") (not $worst) }}{{ $worst = "Low" }}{{ end -}}
  {{ end }}{{ end }}{{ end }}{{ $worst -}}
{{ end -}}
{{- define "jira.default.summary" }}{{ template "__subject" . }}{{ end -}}
{{- define "mattermost.default.color" }}{{ template "__watchfire_color" . }}{{ end -}}
{{- define "mattermost.default.fallback" }}{{ template "__watchfire_link" . }}{{ end -}}
{{- define "mattermost.default.text" }}{{ template "__watchfire_markdown" . }}{{ end -}}
{{- define "mattermost.default.title" }}{{ template "__subject" . }}{{ end -}}
{{- define "mattermost.default.titlelink" }}{{ template "__alertmanagerURL" . }}{{ end -}}
{{- define "mattermost.default.username" }}{{ template "__alertmanager" . }}{{ end -}}
{{- define "msteams.default.summary" }}{{ template "__subject" . }}{{ end -}}
{{- define "msteams.default.text" }}{{ template "__watchfire_markdown" . }}{{ end -}}
{{- define "msteams.default.title" }}{{ template "__subject" . }}{{ end -}}
{{- define "msteamsv2.default.text" }}{{ template "__watchfire_markdown" . }}{{ end -}}
{{- define "msteamsv2.default.title" }}{{ template "__subject" . }}{{ end -}}
{{- define "opsgenie.default.description" -}}
  {{ template "__watchfire_headline" . }}{{ template "__watchfire_sections" . }}
{{- end -}}
{{- define "opsgenie.default.message" }}{{ template "__subject" . }}{{ end -}}
{{- define "opsgenie.default.source" }}{{ template "__alertmanagerURL" . }}{{ end -}}
{{- define "pagerduty.default.client" }}{{ template "__alertmanager" . }}{{ end -}}
{{- define "pagerduty.default.clientURL" }}{{ template "__alertmanagerURL" . }}{{ end -}}
{{- define "pagerduty.default.description" }}{{ template "__subject" . }}{{ end -}}
{{- define "pagerduty.default.instances" }}{{ template "__text_alert_list" . }}{{ end -}}
{{- define "pushover.default.message" -}}
  {{ template "__watchfire_headline" . }}{{ template "__watchfire_spaced" . }}
{{- end -}}
{{- define "pushover.default.title" }}{{ template "__subject" . }}{{ end -}}
{{- define "pushover.default.url" }}{{ template "__alertmanagerURL" . }}{{ end -}}
{{- define "rocketchat.default.alias" }}{{ template "__alertmanager" . }}{{ end -}}
{{- define "rocketchat.default.emoji" }}{{ end -}}
{{- define "rocketchat.default.iconurl" }}{{ end -}}
{{- define "rocketchat.default.text" }}{{ end -}}
{{- define "rocketchat.default.title" }}{{ template "__subject" . }}{{ end -}}
{{- define "rocketchat.default.titlelink" }}{{ template "__alertmanagerURL" . }}{{ end -}}
{{- define "slack.default.callbackid" }}{{ end -}}
{{- define "slack.default.color" }}{{ template "__watchfire_color" . }}{{ end -}}
{{- define "slack.default.fallback" }}{{ template "__watchfire_link" . }}{{ end -}}
{{- define "slack.default.footer" }}{{ end -}}
{{- define "slack.default.iconemoji" }}{{ end -}}
{{- define "slack.default.iconurl" }}{{ end -}}
{{- define "slack.default.pretext" }}{{ end -}}
{{- define "slack.default.text" }}{{ with ackURL }}<{{ . }}|Acknowledge>{{ end }}{{ end -}}
{{- define "slack.default.title" }}{{ template "__subject" . }}{{ end -}}
{{- define "slack.default.titlelink" }}{{ template "__alertmanagerURL" . }}{{ end -}}
{{- define "slack.default.username" }}{{ template "__alertmanager" . }}{{ end -}}
{{- define "sns.default.message" -}}
  {{ template "__watchfire_headline" . }}{{ template "__watchfire_spaced" . }}
{{- end -}}
{{- define "sns.default.subject" }}{{ template "__subject" . }}{{ end -}}
{{- define "telegram.default.message" }}{{ template "__watchfire_spaced" . }}{{ end -}}
{{- define "victorops.default.entity_display_name" }}{{ template "__subject" . }}{{ end -}}
{{- define "victorops.default.monitoring_tool" }}{{ template "__alertmanager" . }}{{ end -}}
{{- define "victorops.default.state_message" -}}
  {{ template "__watchfire_headline" . }}{{ template "__watchfire_sections" . }}
{{- end -}}
{{- define "webex.default.message" -}}
  {{ template "__watchfire_headline" . }}{{ template "__watchfire_spaced" . }}
{{- end -}}
{{- define "wechat.default.agent_id" }}{{ end -}}
{{- define "wechat.default.message" -}}
  {{ template "__subject" . }}
{{ template "__watchfire_headline" . }}{{ template "__watchfire_sections" . }}
AlertmanagerUrl:
{{ template "__alertmanagerURL" . }}
{{- end -}}
{{- define "wechat.default.to_party" }}{{ end -}}
{{- define "wechat.default.to_tag" }}{{ end -}}
{{- define "wechat.default.to_user" }}{{ end -}}
)tmpl";

// Mail programs know little CSS and no style sheets: tables and attributes. Some show no more than
// the first 100 kB, so that what is repeated is not indented.
constexpr std::string_view kEmail = R"tmpl(
{{- define "__watchfire_email_alerts" }}{{ range . }}
<tr><td style="padding: 0 24px 20px; font-size: 14px; line-height: 20px; color: #333">
<b>Labels</b><br>
{{ range .Labels.SortedPairs }}{{ .Name }} = {{ .Value }}<br>{{ end }}
{{- with .Annotations }}
<b>Annotations</b><br>
{{ range .SortedPairs }}{{ .Name }} = {{ .Value }}<br>{{ end }}{{ end }}
<a href="{{ .GeneratorURL }}" style="color: #348eda">Source</a>
</td></tr>
{{- end }}{{ end -}}

{{- define "__watchfire_email_heading" }}
      <tr><td style="padding: 0 24px 12px; font-size: 17px; color: #333"><b>[{{ .count }}] {{ .word }}</b></td></tr>
{{- end -}}

{{- define "email.default.html" -}}
<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="UTF-8">
  <meta name="viewport" content="width=device-width">
  <title>{{ template "__subject" . }}</title>
</head>
<body style="margin: 0; background: #f6f6f6; font-family: Helvetica, Arial, sans-serif">
  <table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
    <table role="presentation" width="600" cellpadding="0" cellspacing="0" style="margin: 20px 0; background: #fff; border: 1px solid #e9e9e9">
      <tr><td align="center" bgcolor="{{ if .Alerts.Firing }}#E6522C{{ else }}#68B90F{{ end }}" style="padding: 20px; color: #fff; font-size: 16px">
        {{ len .Alerts }} alert{{ if ne (len .Alerts) 1 }}s{{ end }} for
        {{- range .GroupLabels.SortedPairs }} {{ .Name }}={{ .Value }}{{ end }}
      </td></tr>
      <tr><td align="center" style="padding: 24px">
        <a href="{{ template "__alertmanagerURL" . }}" style="padding: 10px 20px; background: #348eda; color: #fff; text-decoration: none"><b>View in Alertmanager</b></a>
      </td></tr>
{{- with ackURL }}
      <tr><td align="center" style="padding: 0 24px 24px">
        <a href="{{ . }}" style="padding: 10px 20px; background: #b3261e; color: #fff; text-decoration: none"><b>Acknowledge</b></a>
      </td></tr>
{{- end }}
{{- with .Alerts.Firing }}
{{- template "__watchfire_email_heading" (dict "count" (len .) "word" "Firing") }}
{{- template "__watchfire_email_alerts" . }}
{{- end }}
{{- with .Alerts.Resolved }}
{{- template "__watchfire_email_heading" (dict "count" (len .) "word" "Resolved") }}
{{- template "__watchfire_email_alerts" . }}
{{- end }}
    </table>
    <p style="font-size: 12px; color: #999"><a href="{{ .ExternalURL }}" style="color: #999">Sent by {{ template "__alertmanager" . }}</a></p>
  </td></tr></table>
</body>
</html>
{{ end -}}
)tmpl";

}  // namespace

const TemplateSet& DefaultTemplates() {
  static const auto* const defaults = [] {
    auto* set = new TemplateSet(AlertmanagerFunctions(), MissingKey::kZero);
    for (const std::string_view text : {kBlocks, kMessages, kEmail}) {
      const Status parsed = set->Parse("default.tmpl", text);
      WF_CHECK(parsed.has_value());  // Our own texts.
    }
    return set;
  }();
  return *defaults;
}

}  // namespace watchfire::templates
