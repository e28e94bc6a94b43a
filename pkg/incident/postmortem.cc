// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/incident/postmortem.h"

#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/check.h"
#include "pkg/templates/default_templates.h"

namespace watchfire::incident {
namespace {

using templates::Value;
using Entries = std::vector<std::pair<std::string, Value>>;

constexpr std::string_view kDefault = R"(# Post-mortem: {{ .Title }}

| | |
|---|---|
| Incident | #{{ .ID }}, {{ .State }} |
| Severity | {{ .Level }} (alerts: {{ .Severity }}) |
| Team | {{ .Team }} |
{{ if .Service }}| Service | {{ .Service }} |
{{ end }}{{ if .Owner }}| Owner | {{ .Owner }} |
{{ end }}{{ range $role, $name := .Roles }}| {{ $role }} | {{ $name }} |
{{ end }}{{ range $name, $url := .Links }}| {{ $name }} | <{{ $url }}> |
{{ end }}| Paged through | {{ .Receiver }} ({{ .Backend }}) |
{{ if .AckedBy }}| Acknowledged by | {{ .AckedBy }} |
{{ end }}{{ if .MitigatedBy }}| Mitigated by | {{ .MitigatedBy }} |
{{ end }}{{ if .ResolvedBy }}| Resolved by | {{ .ResolvedBy }} |
{{ end }}{{ with .Classification }}| Classification | {{ .As }}, by {{ .By }}{{ if .Reason }}: {{ .Reason }}{{ end }} |
{{ end }}{{ if .MergedInto }}| Merged into | #{{ .MergedInto }} |
{{ end }}{{ if .Merged }}| Merged into this one | {{ range $i, $id := .Merged }}{{ if $i }}, {{ end }}#{{ $id }}{{ end }} |
{{ end }}
## Summary

<!-- Two or three sentences: what broke, who noticed, what ended it. -->

## Impact

<!-- Who was affected, how badly, for how long. What it cost of the error budget. -->

## Times and figures

| Moment | At |
|---|---|
{{ range .Moments }}| {{ .Name }} | {{ if .At }}{{ .At }}{{ else }}not yet{{ end }} |
{{ end }}
| From | To | Took |
|---|---|---|
{{ range .Intervals }}| {{ .From }} | {{ .To }} | {{ .Took }} |
{{ end }}
{{ if .Reopened }}It was reopened {{ .Reopened }} time{{ if ne .Reopened 1 }}s{{ end }}.

{{ end }}## Alerts

{{ range .Alerts }}- {{ . }}
{{ end }}
## Timeline

| At | What | Who | Through | |
|---|---|---|---|---|
{{ range .Timeline }}| {{ .At }} | {{ .Kind }} | {{ .Actor }} | {{ .Channel }} | {{ .Text }} |
{{ end }}{{ if .DroppedEvents }}
{{ .DroppedEvents }} further events found no room in the timeline.
{{ end }}
## Notifications

{{ if .Notifications }}| At | What | Receiver | Through | |
|---|---|---|---|---|
{{ range .Notifications }}| {{ .At }} | {{ .Kind }} | {{ .Actor }} | {{ .Channel }} | {{ .Text }} |
{{ end }}{{ else }}None went out.
{{ end }}
## Notes

{{ range .Notes }}- {{ .At }} {{ .Actor }}: {{ .Text }}
{{ else }}None were taken.
{{ end }}
## Root cause

<!-- What had to be true for this to happen? Ask on until the answer is no person. -->

## What went well

-

## What went wrong

-

## Where we were lucky

-

## Action items

| What | Owner | Due | Status |
|---|---|---|---|
| | | | open |

## Lessons

-
)";

// One line that stays within the cell of a table.
std::string Cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

Value Text(std::string_view text) { return Value::String(Cell(text)); }

std::string TimeText(WallTime time) { return time == kNoTime ? "" : FormatRfc3339(time, 0); }

std::string SpanText(Duration span) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(span);
  if (whole.count() > 0) return FormatDuration(whole);
  return FormatDuration(std::chrono::floor<std::chrono::milliseconds>(span));
}

struct Moment {
  const char* name;
  WallTime at;
};

Value Moments(const std::vector<Moment>& moments) {
  std::vector<Value> all;
  for (const Moment& moment : moments) {
    all.push_back(
        Value::Of(Entries{{"Name", Text(moment.name)}, {"At", Text(TimeText(moment.at))}}));
  }
  return Value::Of(std::move(all));
}

// Between two moments that are both known and came in that order.
void AddInterval(const Moment& from, const Moment& to, std::vector<Value>* intervals) {
  if (from.at == kNoTime || to.at == kNoTime || to.at < from.at) return;
  const Duration span = to.at - from.at;
  intervals->push_back(Value::Of(Entries{{"From", Text(from.name)},
                                         {"To", Text(to.name)},
                                         {"Took", Text(SpanText(span))},
                                         {"Seconds", Value::Float(ToSeconds(span))}}));
}

template <typename Wanted>
Value Events(const Incident& incident, Wanted is_wanted) {
  std::vector<Value> all;
  for (const Event& event : incident.timeline) {
    if (!is_wanted(event)) continue;
    all.push_back(Value::Of(Entries{{"At", Text(TimeText(event.at))},
                                    {"Kind", Text(event.kind)},
                                    {"Actor", Text(event.actor)},
                                    {"Channel", Text(event.channel)},
                                    {"Text", Text(event.text)}}));
  }
  return Value::Of(std::move(all));
}

Value Pairs(const std::map<std::string, std::string>& map) {
  Entries entries;
  for (const auto& [name, text] : map) entries.emplace_back(name, Text(text));
  return Value::Of(std::move(entries));
}

Value Classification(const std::optional<Verdict>& verdict) {
  if (!verdict) return Value::Bool(false);
  return Value::Of(Entries{{"As", Text(OutcomeName(verdict->outcome))},
                           {"By", Text(verdict->by)},
                           {"Source", Text(verdict->source())},
                           {"Reason", Text(verdict->reason)},
                           {"At", Text(TimeText(verdict->at))}});
}

void AddFigures(const Incident& incident, Entries* dot) {
  const Moment started{incident.is_start_known.value_or(true) ? "condition held" : "alert fired",
                       incident.started_at};
  const Moment detected{"alert received", incident.detected_at};
  const Moment opened{"incident opened", incident.opened_at};
  const Moment paged{"page accepted", incident.paged_at};
  const Moment acked{"acknowledged", incident.acked_at};
  const bool is_over = !IsOpen(incident.state);
  const Moment over{incident.state == State::kMerged ? "merged" : "resolved",
                    is_over ? incident.ended_at : kNoTime};
  const Moment mitigated{"mitigated", incident.mitigated_at};
  std::vector<Moment> moments = {started, detected, opened, paged, acked};
  if (mitigated.at != kNoTime) moments.push_back(mitigated);
  moments.push_back(over);
  // The end is told with a flush.
  if (is_over && incident.resolved_at > incident.ended_at) {
    moments.push_back({"end told", incident.resolved_at});
  }
  dot->emplace_back("Moments", Moments(moments));
  std::vector<Value> intervals;
  AddInterval(started, detected, &intervals);
  AddInterval(detected, paged, &intervals);
  AddInterval(paged.at == kNoTime ? opened : paged, acked, &intervals);
  AddInterval(acked, mitigated, &intervals);
  AddInterval(mitigated, over, &intervals);
  AddInterval(acked, over, &intervals);
  AddInterval(opened, mitigated, &intervals);
  AddInterval(opened, over, &intervals);
  AddInterval(started, over, &intervals);
  dot->emplace_back("Intervals", Value::Of(std::move(intervals)));
}

Value Dot(const Incident& incident) {
  Entries dot = {{"ID", Text(std::to_string(incident.id))},
                 {"Title", Text(incident.title)},
                 {"State", Text(StateName(incident.state))},
                 {"Severity", Text(incident.severity)},
                 {"Level", Text(incident.level)},
                 {"Team", Text(incident.team)},
                 {"Service", Text(incident.service)},
                 {"Owner", Text(incident.owner)},
                 {"Receiver", Text(incident.receiver)},
                 {"Backend", Text(incident.backend)},
                 {"AckedBy", Text(incident.acked_by)},
                 {"MitigatedBy", Text(incident.mitigated_by)},
                 {"ResolvedBy", Text(incident.resolved_by)},
                 {"Roles", Pairs(incident.roles)},
                 {"Links", Pairs(incident.links)},
                 {"Classification", Classification(incident.verdict)},
                 {"Reopened", Value::Int(static_cast<int64_t>(incident.reopened.size()))},
                 {"DroppedEvents", Value::Int(static_cast<int64_t>(incident.dropped_events))}};
  const uint64_t into = incident.merged_into;
  dot.emplace_back("MergedInto", Text(into == 0 ? "" : std::to_string(into)));
  std::vector<std::string> merged;
  for (const uint64_t id : incident.merged) merged.push_back(std::to_string(id));
  dot.emplace_back("Merged", Value::Strings(std::move(merged)));
  std::vector<std::string> alerts;
  for (const std::string& name : incident.alerts) alerts.push_back(Cell(name));
  dot.emplace_back("Alerts", Value::Strings(std::move(alerts)));
  AddFigures(incident, &dot);
  dot.emplace_back("Timeline", Events(incident, [](const Event&) { return true; }));
  dot.emplace_back("Notes", Events(incident, [](const Event& e) { return e.kind == "note"; }));
  dot.emplace_back("Notifications", Events(incident, [](const Event& event) {
                     return event.kind == "paged" || event.kind == "page_failed";
                   }));
  return Value::Of(std::move(dot));
}

const templates::TemplateSet& DefaultSet() {
  static const auto& set = *[] {
    auto* made = new templates::TemplateSet(templates::DefaultTemplates());
    WF_CHECK(made->Parse(kPostmortemTemplate, kDefault).has_value());
    return made;
  }();
  return set;
}

}  // namespace

Result<std::string> RenderPostmortem(const Incident& incident,
                                     const templates::TemplateSet& templates,
                                     const templates::Environment& environment) {
  const bool is_own = templates.Has(kPostmortemTemplate);
  return (is_own ? templates : DefaultSet())
      .Execute(kPostmortemTemplate, Dot(incident), environment);
}

}  // namespace watchfire::incident
