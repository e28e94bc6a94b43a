// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api/v2/alerts and /api/v2/alerts/groups (reference §2.4, §2.6, §2.7).

#include <algorithm>
#include <set>
#include <unordered_map>

#include "pkg/alert/wire.h"
#include "pkg/api/handlers.h"
#include "pkg/api/query.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::api {
namespace {

using core::AlertRow;

// Everything that fires at the time of the view. Ended alerts stay in memory for a while, unseen.
std::vector<const AlertRow*> Firing(const core::View& view) {
  std::vector<const AlertRow*> rows;
  for (const auto& shard : view.alerts) {
    if (!shard) continue;
    for (const AlertRow& row : *shard) {
      if (!row.alert->Resolved(view.at)) rows.push_back(&row);
    }
  }
  return rows;
}

void WriteTexts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.Key(name).StartArray();
  for (const std::string& text : texts) json.String(text);
  json.EndArray();
}

// `muted_by` names the time intervals that mute the alert's group, where it is shown in one.
template <typename Names>
void WriteAlert(JsonWriter& json, const AlertRow& row, const Names& receivers,
                const std::vector<std::string>& muted_by) {
  const alert::Alert& alert = *row.alert;
  json.StartObject().Key("annotations");
  WriteLabels(json, alert.annotations);
  json.Field("endsAt", alert::FormatEnd(alert));
  json.Field("fingerprint", Hex64(alert.fingerprint()));
  json.Key("receivers").StartArray();
  for (const std::string& name : receivers) json.StartObject().Field("name", name).EndObject();
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
  json.EndObject();
}

struct GroupAnswer {
  const core::GroupRow* group;
  std::vector<const AlertRow*> alerts;
};

}  // namespace

net::Response GetAlerts(const Call& call) {
  const Result<AlertQuery> query =
      ReadAlertQuery(call.request, call.backend.config()->matcher_mode);
  if (!query) return V2Failure(query.error());
  const auto view = call.backend.Read(core::kViewAlerts);
  if (!view) return V2Failure(view.error());
  std::vector<const AlertRow*> rows = Firing(**view);
  std::erase_if(rows, [&](const AlertRow* row) {
    return !query->Wants(*row) || std::ranges::none_of(row->receivers, [&](const auto& receiver) {
      return query->WantsReceiver(receiver);
    });
  });
  std::ranges::sort(rows, {}, [](const AlertRow* row) { return row->alert->fingerprint(); });
  JsonWriter json;
  json.StartArray();
  for (const AlertRow* row : rows) WriteAlert(json, *row, row->receivers, {});
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
  const Result<AlertQuery> query =
      ReadAlertQuery(call.request, call.backend.config()->matcher_mode);
  if (!query) return V2Failure(query.error());
  const auto view = call.backend.Read(core::kViewGroups);
  if (!view) return V2Failure(view.error());
  std::unordered_map<uint64_t, const AlertRow*> firing;
  for (const AlertRow* row : Firing(**view)) firing.emplace(row->alert->fingerprint(), row);

  std::vector<GroupAnswer> answers;
  // Of all groups that hold it, one entry each.
  std::unordered_map<uint64_t, std::multiset<std::string>> receivers;
  for (const core::GroupRow& group : (*view)->groups) {
    if (!query->WantsReceiver(group.receiver)) continue;
    GroupAnswer answer{&group, {}};
    for (const uint64_t fingerprint : group.alerts) {
      const auto found = firing.find(fingerprint);
      if (found == firing.end()) continue;
      receivers[fingerprint].insert(group.receiver);
      if (query->Wants(*found->second)) answer.alerts.push_back(found->second);
    }
    if (!group.muted_by.empty() && !query->muted) answer.alerts.clear();
    if (!answer.alerts.empty()) answers.push_back(std::move(answer));
  }
  std::ranges::stable_sort(answers, [](const GroupAnswer& a, const GroupAnswer& b) {
    if (a.group->labels.Before(b.group->labels)) return true;
    if (b.group->labels.Before(a.group->labels)) return false;
    return a.group->receiver < b.group->receiver;
  });

  JsonWriter json;
  json.StartArray();
  for (const GroupAnswer& answer : answers) {
    json.StartObject().Key("alerts").StartArray();
    for (const AlertRow* row : answer.alerts) {
      WriteAlert(json, *row, receivers[row->alert->fingerprint()], answer.group->muted_by);
    }
    json.EndArray().Key("labels");
    WriteLabels(json, answer.group->labels);
    json.Key("receiver").StartObject().Field("name", answer.group->receiver).EndObject();
    json.Key("routeLabels");
    WriteLabels(json, answer.group->route_labels);
    json.EndObject();
  }
  return V2Json(json.EndArray().Take());
}

}  // namespace watchfire::api
