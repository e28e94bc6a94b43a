// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api/v2/alerts and /api/v2/alerts/groups (reference §2.4, §2.6, §2.7).

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/alert/wire.h"
#include "pkg/api/alert_incidents.h"
#include "pkg/api/handlers.h"
#include "pkg/api/query.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/dispatch/notification.h"
#include "pkg/notify/message_environment.h"
#include "pkg/oncall/duty.h"

namespace watchfire::api {
namespace {

using core::AlertRow;

// Ended alerts stay in memory for a while, unseen.
bool IsShown(const AlertRow& row, const core::View& view, const AlertQuery& query) {
  return query.Wants(row) && !row.alert->Resolved(view.at);
}

void WriteTexts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.Key(name).StartArray();
  for (const std::string& text : texts) json.String(text);
  json.EndArray();
}

// `muted_by` names the time intervals that mute the alert's group, where it is shown in one.
template <typename Names>
void WriteAlert(JsonWriter& json, const AlertRow& row, const Names& receivers,
                const std::vector<std::string>& muted_by, const AlertIncidents& incidents) {
  const alert::Alert& alert = *row.alert;
  json.StartObject().Key("annotations");
  WriteLabels(json, alert.annotations);
  json.Field("endsAt", alert::FormatEnd(alert));
  json.Field("fingerprint", Hex64(alert.fingerprint()));
  json.Key("receivers").StartArray();
  for (const auto& name : receivers) json.StartObject().Field("name", name).EndObject();
  json.EndArray();
  json.Field("startsAt", alert::FormatStart(alert));
  json.Key("status").StartObject().Key("inhibitedBy").StartArray();
  if (row.inhibited) json.String(Hex64(row.inhibited->source));
  json.EndArray();
  WriteTexts(json, "mutedBy", muted_by);
  WriteTexts(json, "silencedBy", row.silenced_by);
  const bool suppressed = row.inhibited || !row.silenced_by.empty() || !muted_by.empty();
  json.Field("state", suppressed ? "suppressed" : "active").EndObject();
  json.Field("updatedAt", FormatRfc3339(alert.updated_at));
  if (!alert.generator_url.empty()) json.Field("generatorURL", alert.generator_url);
  json.Key("labels");
  WriteLabels(json, alert.labels);
  incidents.Write(alert.fingerprint(), &json);
  json.EndObject();
}

// About what WriteAlert() writes, rather more than less.
size_t BytesOf(const AlertRow& row) {
  constexpr size_t kFixed = 420;      // Names of members, times, state.
  constexpr size_t kPunctuation = 6;  // "":"",
  const alert::Alert& alert = *row.alert;
  return kFixed + alert.labels.bytes() + alert.annotations.bytes() + alert.generator_url.size() +
         kPunctuation * (alert.labels.size() + alert.annotations.size());
}

// Has the processor fetch the alert of a row that is to be looked at a little later: alerts lie far
// apart in memory.
void Fetch(const AlertRow& row) { __builtin_prefetch(row.alert.get()); }
constexpr size_t kFetchedAhead = 8;

struct GroupAnswer {
  const core::GroupRow* group;
  std::vector<const AlertRow*> alerts;
};

// Of all alerts of the group, whichever of them are asked for. Templates that fail give no labels:
// notifications of the group fail for the same reason, and say so in the log.
labels::LabelSet RouteLabelsOf(const core::GroupRow& group, const core::View& view,
                               const std::string& external_url) {
  if (group.route_labels == nullptr) return {};
  return group.route_labels->Rendered([&](const labels::LabelSet& templates) {
    dispatch::Notification whole;
    whole.receiver = group.receiver;
    whole.group_labels = group.labels;
    whole.route_labels = templates;
    whole.at = view.at;
    whole.external_url = external_url;
    for (const uint64_t fingerprint : *group.alerts) {
      const AlertRow* row = view.Find(fingerprint);
      if (row == nullptr) continue;
      whole.alerts.push_back(row->alert);
    }
    const auto on_call = [&](std::string_view schedule) {
      return oncall::WhoAt(view.roster.get(), std::string(schedule), view.at);
    };
    return notify::RenderRouteLabels(templates, view.config->templates, whole, view.at, on_call)
        .value_or(labels::LabelSet());
  });
}

void WriteGroup(JsonWriter& json, const GroupAnswer& answer, const AlertQuery& query,
                const labels::LabelSet& route_labels, const AlertIncidents& incidents) {
  const core::GroupRow& group = *answer.group;
  json.StartObject().Key("alerts").StartArray();
  for (const AlertRow* row : answer.alerts) {
    // Of all groups that hold it, one entry each.
    std::vector<std::string_view> receivers;
    for (const std::string& name : row->receivers) {
      if (query.WantsReceiver(name)) receivers.push_back(name);
    }
    std::ranges::sort(receivers);
    WriteAlert(json, *row, receivers, group.muted_by, incidents);
  }
  json.EndArray().Key("labels");
  WriteLabels(json, group.labels);
  json.Key("receiver").StartObject().Field("name", group.receiver).EndObject();
  json.Key("routeLabels");
  WriteLabels(json, route_labels);
  json.EndObject();
}

}  // namespace

net::Response GetAlerts(const Call& call) {
  const Result<AlertQuery> query = ReadAlertQuery(call.request, *call.backend.config());
  if (!query) return V2Failure(query.error());
  const Result<AckQuery> acks = ReadAckQuery(call.request, *call.backend.config());
  if (!acks) return V2Failure(acks.error());
  const auto view = call.backend.Read(core::kViewAlerts | core::kViewOpenIncidents);
  if (!view) return V2Failure(view.error());
  const AlertIncidents incidents(**view);
  std::vector<const AlertRow*> rows;
  size_t bytes = 0;
  const bool is_wide = query->marks == 0;  // Else most rows are told by their marks alone.
  // The shards, and the rows in each of them, are in the order of the answer.
  for (const auto& shard : (*view)->alerts) {
    if (!shard) continue;
    for (size_t at = 0; at < shard->size(); ++at) {
      if (is_wide && at + kFetchedAhead < shard->size()) Fetch((*shard)[at + kFetchedAhead]);
      const AlertRow& row = (*shard)[at];
      if (!IsShown(row, **view, *query)) continue;
      if (!query->WantsAnyOf(row.receivers.list())) continue;
      if (!incidents.IsWanted(*acks, row.fingerprint)) continue;
      rows.push_back(&row);
      bytes += BytesOf(row);
    }
  }
  JsonWriter json;
  json.Reserve(bytes);
  json.StartArray();
  for (size_t at = 0; at < rows.size(); ++at) {
    if (at + kFetchedAhead < rows.size()) Fetch(*rows[at + kFetchedAhead]);
    WriteAlert(json, *rows[at], rows[at]->receivers, {}, incidents);
  }
  return V2Json(json.EndArray().Take());
}

net::Response PostAlerts(const Call& call) {
  alert::DecodeOptions options;
  options.now = call.backend.Now();
  const auto config = call.backend.config();
  options.resolve_timeout = config->global.resolve_timeout;
  options.classic_names = config->matcher_mode == matcher::Mode::kClassic;
  auto batch = alert::DecodeAlerts(call.request.body, options);
  if (!batch) {
    if (batch.error().code == alert::kMaxItemsCode) {
      core::AlertsArrived refused;
      refused.oversized = 1;
      // Only counted; the client hears about its own fault.
      static_cast<void>(call.backend.Post(std::move(refused)));
    }
    return V2Framework(batch.error().http_status, batch.error().code, batch.error().message);
  }
  core::AlertsArrived arrived;
  arrived.alerts = std::move(batch->valid);
  arrived.firing = batch->firing;
  arrived.resolved = batch->resolved;
  arrived.invalid = batch->errors.size();
  arrived.over_limit = batch->over_limit;
  // Valid alerts are kept even when their neighbours are not, and the answer names those.
  const Status posted = call.backend.Post(std::move(arrived));
  if (!posted) return V2Failure(posted.error());
  return batch->errors.empty() ? V2Empty(200) : V2Message(400, Join(batch->errors, "\n"));
}

net::Response GetAlertGroups(const Call& call) {
  const Result<AlertQuery> query = ReadAlertQuery(call.request, *call.backend.config());
  if (!query) return V2Failure(query.error());
  const Result<AckQuery> acks = ReadAckQuery(call.request, *call.backend.config());
  if (!acks) return V2Failure(acks.error());
  const auto view = call.backend.Read(core::kViewGroups | core::kViewOpenIncidents);
  if (!view) return V2Failure(view.error());
  const AlertIncidents incidents(**view);
  std::vector<GroupAnswer> answers;
  size_t bytes = 0;
  const auto take = [&](const core::GroupRow& group) {
    if (!query->WantsReceiver(group.receiver) || !query->MayWantAlertsOf(group.labels)) return;
    if (!group.muted_by.empty() && !query->muted) return;
    GroupAnswer answer{&group, {}};
    for (const uint64_t fingerprint : *group.alerts) {
      const AlertRow* row = (*view)->Find(fingerprint);
      if (row == nullptr) continue;
      Fetch(*row);
      answer.alerts.push_back(row);
    }
    std::erase_if(answer.alerts, [&](const AlertRow* row) {
      return !IsShown(*row, **view, *query) || !incidents.IsWanted(*acks, row->fingerprint);
    });
    for (const AlertRow* row : answer.alerts) bytes += BytesOf(*row);
    if (!answer.alerts.empty()) answers.push_back(std::move(answer));
  };
  for (const auto& shard : (*view)->groups) std::ranges::for_each(*shard, take);
  std::ranges::stable_sort(answers, [](const GroupAnswer& a, const GroupAnswer& b) {
    if (a.group->labels.Before(b.group->labels)) return true;
    if (b.group->labels.Before(a.group->labels)) return false;
    return a.group->receiver < b.group->receiver;
  });

  JsonWriter json;
  json.Reserve(bytes);
  json.StartArray();
  for (const GroupAnswer& answer : answers) {
    const std::string& url = call.backend.info().external_url;
    WriteGroup(json, answer, *query, RouteLabelsOf(*answer.group, **view, url), incidents);
  }
  return V2Json(json.EndArray().Take());
}

}  // namespace watchfire::api
