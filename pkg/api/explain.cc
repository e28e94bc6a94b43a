// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// GET /api/v1/explain: why alerts were, or were not, told to anybody.

#include <optional>
#include <string>
#include <utility>

#include "pkg/api/handlers.h"
#include "pkg/api/query.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/core/explanation.h"

namespace watchfire::api {
namespace {

using core::Explained;
using core::Explanation;

void WriteTexts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.Key(name).StartArray();
  for (const std::string& text : texts) json.String(text);
  json.EndArray();
}

const char* StateName(Explanation::State state) {
  switch (state) {
    case Explanation::State::kFiring:
      return "firing";
    case Explanation::State::kResolved:
      return "resolved";
    case Explanation::State::kUnknown:
      break;
  }
  return "unknown";
}

void WriteInhibition(JsonWriter& json, const std::optional<core::Inhibition>& inhibition) {
  json.Key("inhibitedBy");
  if (!inhibition) {
    json.Null();
    return;
  }
  json.StartObject().Field("fingerprint", Hex64(inhibition->source)).Key("labels");
  WriteLabels(json, inhibition->source_labels);
  json.Field("rule", static_cast<int64_t>(inhibition->rule));
  json.Field("ruleName", inhibition->rule_name).EndObject();
}

void WriteDecision(JsonWriter& json, const journal::Line& line) {
  json.StartObject();
  WriteTime(json, "at", line.at);
  json.Field("decision", journal::KindName(line.kind));
  if (line.kind == journal::Kind::kInhibited) json.Field("by", Hex64(line.number));
  json.Field("text", line.text).EndObject();
}

void WriteMessage(JsonWriter& json, const journal::Message& message) {
  json.StartObject();
  WriteTime(json, "at", message.at);
  json.Field("reason", message.reason).Field("state", message.firing ? "firing" : "resolved");
  json.Field("alerts", static_cast<int64_t>(message.alerts));
  json.Field("outcome", journal::OutcomeName(message.outcome));
  WriteTime(json, "endedAt", message.ended_at);
  json.Field("attemptsOmitted", static_cast<int64_t>(message.attempts_omitted));
  json.Key("attempts").StartArray();
  for (const journal::Attempt& attempt : message.attempts) {
    json.StartObject();
    WriteTime(json, "at", attempt.at);
    json.Field("seconds", ToSeconds(attempt.took)).Field("accepted", attempt.why.empty());
    json.Field("why", attempt.why).Field("mayHaveArrived", attempt.unknown).EndObject();
  }
  json.EndArray().EndObject();
}

void WriteIntegration(JsonWriter& json, const core::IntegrationExplanation& integration) {
  json.StartObject().Field("integration", integration.kind).Field("index", integration.index);
  json.Field("sendResolved", integration.send_resolved);
  WriteTime(json, "toldAt", integration.told_at);
  json.Field("toldReason", integration.told_reason).Field("toldFiring", integration.told_firing);
  json.Field("toldResolved", integration.told_resolved).Field("inDoubt", integration.in_doubt);
  WriteTime(json, "repeatDue", integration.repeat_due);
  json.Key("messages").StartArray();
  for (const journal::Message& message : integration.messages) WriteMessage(json, message);
  json.EndArray().EndObject();
}

void WriteGroup(JsonWriter& json, const core::GroupExplanation& group) {
  json.StartObject().Field("receiver", group.receiver).Field("groupKey", group.group_key);
  if (!group.fallback_of.empty()) json.Field("fallbackOf", group.fallback_of);
  if (!group.escalation_of.empty()) json.Field("escalationOf", group.escalation_of);
  WriteTexts(json, "path", group.path);
  json.Key("timers");
  if (group.known_route()) {
    json.StartObject().Field("groupWait", FormatDuration(group.group_wait));
    json.Field("groupInterval", FormatDuration(group.group_interval));
    json.Field("repeatInterval", FormatDuration(group.repeat_interval)).EndObject();
  } else {
    json.Null();
  }
  WriteTexts(json, "mutedBy", group.muted_by);
  WriteTime(json, "nextFlush", group.next_flush.value_or(kNoTime));
  json.Key("decisions").StartArray();
  for (const journal::Line& line : group.decisions) WriteDecision(json, line);
  json.EndArray().Key("integrations").StartArray();
  for (const auto& integration : group.integrations) WriteIntegration(json, integration);
  json.EndArray().Key("incident");
  if (group.incident) {
    json.String(std::to_string(group.incident->id));
  } else {
    json.Null();
  }
  json.EndObject();
}

void WriteChain(JsonWriter& json, const Explanation& alert, const Explained& answer) {
  json.Key("chain").StartArray();
  for (const core::Link& link : core::Chain(alert, answer)) {
    json.StartObject();
    WriteTime(json, "at", link.at);
    json.Field("what", link.what).Field("text", link.text).EndObject();
  }
  json.EndArray();
}

void WriteExplanation(JsonWriter& json, const Explanation& alert, const Explained& answer) {
  json.StartObject().Field("fingerprint", Hex64(alert.fingerprint)).Key("labels");
  WriteLabels(json, alert.labels);
  json.Field("state", StateName(alert.state)).Field("summary", core::Summary(alert));
  WriteChain(json, alert, answer);
  WriteTime(json, "receivedAt", alert.received_at);
  json.Field("source", alert.source);
  WriteTime(json, "startsAt", alert.starts_at);
  WriteTime(json, "endsAt", alert.ends_at);
  WriteInhibition(json, alert.inhibited);
  json.Key("silencedBy").StartArray();
  for (const silence::Silence& silence : alert.silences) {
    json.Raw(silence::ToJson(silence, answer.at));
  }
  json.EndArray().Key("groups").StartArray();
  for (const core::GroupExplanation& group : alert.groups) WriteGroup(json, group);
  json.EndArray().Field("cut", alert.cut).EndObject();
}

Result<std::vector<uint64_t>> ReadFingerprints(const net::Request& request) {
  std::vector<uint64_t> fingerprints;
  for (const auto& [name, text] : request.query) {
    if (name != "fingerprint" || text.empty()) continue;
    const std::optional<uint64_t> value = ParseHex64(text);
    if (!value) {
      return InvalidArgument("fingerprint must be 16 hex digits, as in /api/v2/alerts, not " +
                             GoQuote(TruncateRunes(RepairUtf8(text), 100)));
    }
    fingerprints.push_back(*value);
  }
  return fingerprints;
}

// Errors: kInvalidArgument.
Result<core::ExplainRequest> ReadRequest(const Call& call) {
  core::ExplainRequest request;
  Result<std::vector<uint64_t>> fingerprints = ReadFingerprints(call.request);
  if (!fingerprints) return Fail(std::move(fingerprints.error()));
  request.fingerprints = *std::move(fingerprints);
  Result<matcher::Matchers> filter =
      ReadMatchers(call.request, "filter", call.backend.config()->matcher_mode);
  if (!filter) return Fail(std::move(filter.error()));
  request.matchers = *std::move(filter);
  if (!request.fingerprints.empty() && !request.matchers.empty()) {
    return InvalidArgument("fingerprint and filter cannot be given together");
  }
  const std::string* at = call.request.param("at");
  if (at != nullptr && !at->empty()) {
    const Result<WallTime> time = ParseTime(*at);
    if (!time) return InvalidArgument("at: " + time.error().message);
    request.at = *time;
  }
  const Result<std::optional<size_t>> limit = ReadCount(call.request, "limit");
  if (!limit) return Fail(limit.error());
  request.limit = limit->value_or(request.limit);
  const size_t most =
      request.at == kNoTime ? limits::kExplainedAlerts : limits::kExplainedPastAlerts;
  if (request.limit > most) {
    return InvalidArgument("limit must be at most " + std::to_string(most) +
                           (request.at == kNoTime ? "" : " together with at"));
  }
  return request;
}

}  // namespace

net::Response GetExplain(const Call& call) {
  Result<core::ExplainRequest> request = ReadRequest(call);
  if (!request) return Failure(request.error());
  const Result<core::Reply> reply = call.backend.Ask(*std::move(request));
  if (!reply) return Failure(reply.error());
  if (!reply->status) return Failure(reply->status.error());
  const Explained& answer = *reply->explained;
  JsonWriter json;
  json.StartObject();
  WriteTime(json, "at", answer.at);
  json.Field("past", answer.past).Field("shadow", !call.backend.info().shadow.empty());
  WriteTime(json, "recordedSince", answer.recorded_since);
  WriteTime(json, "reconfiguredAt", answer.reconfigured_at);
  json.Field("total", static_cast<int64_t>(answer.total)).Key("alerts").StartArray();
  for (const Explanation& alert : answer.alerts) WriteExplanation(json, alert, answer);
  return Success(json.EndArray().EndObject().Take());
}

}  // namespace watchfire::api
