// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api/v2/alerts and /api/v2/alerts/groups (reference §2.4, §2.6, §2.7).

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/alert/wire.h"
#include "pkg/api/alert_incidents.h"
#include "pkg/api/handlers.h"
#include "pkg/api/query.h"
#include "pkg/api/respond.h"
#include "pkg/base/fetch.h"
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

// What WriteAlert() writes, rather more than less.
size_t BytesOf(const AlertRow& row) {
  constexpr size_t kFixed = 420;      // Names of members, times, state.
  constexpr size_t kPunctuation = 6;  // "":"",
  const alert::Alert& alert = *row.alert;
  return kFixed + alert.labels.bytes() + alert.annotations.bytes() + alert.generator_url.size() +
         kPunctuation * (alert.labels.size() + alert.annotations.size());
}

// About what all rows of an answer take, rather more than less: by every sixteenth of them, for
// the texts of each lie somewhere else in memory. Room that is not needed costs nothing.
class Estimate {
 public:
  void Add(const AlertRow& row) {
    if (rows_++ % kEvery == 0) bytes_ += BytesOf(row);
  }
  size_t bytes() const {
    const size_t looked_at = (rows_ + kEvery - 1) / kEvery;
    return looked_at == 0 ? 0 : rows_ * (bytes_ / looked_at + kSpare);
  }

 private:
  static constexpr size_t kEvery = 16;
  static constexpr size_t kSpare = 100;

  size_t rows_ = 0;
  size_t bytes_ = 0;
};

// Alerts lie far apart in memory. These have the processor fetch the alert of a row that is to be
// looked at a little later, and then what it says.
void FetchAlert(const AlertRow& row) { FetchWhole(*row.alert); }
void FetchTexts(const AlertRow& row) {
  constexpr size_t kUsualBytes = 384;  // With what is theirs besides texts.
  row.alert->labels.Fetch(kUsualBytes / 2);
  row.alert->annotations.Fetch(kUsualBytes);
}
constexpr size_t kFetchedAhead = 8;

struct GroupAnswer {
  const core::GroupRow* group;
  std::vector<const AlertRow*> alerts = {};
  size_t bytes = 0;  // About.
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
  struct Answer {
    std::shared_ptr<const core::View> view;
    AlertIncidents incidents;
    std::vector<const AlertRow*> rows = {};
  };
  auto answer = std::make_shared<Answer>(Answer{*view, AlertIncidents(**view)});
  auto& [of, incidents, rows] = *answer;
  Estimate estimate;
  const bool is_wide = query->marks == 0;  // Else most rows are told by their marks alone.
  // The shards, and the rows in each of them, are in the order of the answer.
  for (const auto& shard : of->alerts) {
    if (!shard) continue;
    for (size_t at = 0; at < shard->size(); ++at) {
      if (is_wide && at + kFetchedAhead < shard->size()) {
        __builtin_prefetch((*shard)[at + kFetchedAhead].alert.get());
      }
      const AlertRow& row = (*shard)[at];
      if (!IsShown(row, *of, *query)) continue;
      if (!query->WantsAnyOf(row.receivers.list())) continue;
      if (!incidents.IsWanted(*acks, row.fingerprint)) continue;
      rows.push_back(&row);
      estimate.Add(row);
    }
  }
  return V2Array(rows.size(), estimate.bytes(), [answer](JsonWriter* json, size_t at) {
    const std::vector<const AlertRow*>& all = answer->rows;
    if (at + 2 * kFetchedAhead < all.size()) FetchAlert(*all[at + 2 * kFetchedAhead]);
    if (at + kFetchedAhead < all.size()) FetchTexts(*all[at + kFetchedAhead]);
    WriteAlert(*json, *all[at], all[at]->receivers, {}, answer->incidents);
  });
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
  struct Answer {
    AlertQuery query;
    std::shared_ptr<const core::View> view;
    AlertIncidents incidents;
    std::vector<GroupAnswer> groups = {};
  };
  auto answer = std::make_shared<Answer>(Answer{*query, *view, AlertIncidents(**view)});
  size_t bytes = 0;
  const auto take = [&](const core::GroupRow& group) {
    if (!query->WantsReceiver(group.receiver) || !query->MayWantAlertsOf(group.labels)) return;
    if (!group.muted_by.empty() && !query->muted) return;
    GroupAnswer taken{&group};
    for (const uint64_t fingerprint : *group.alerts) {
      const AlertRow* row = (*view)->Find(fingerprint);
      if (row == nullptr) continue;
      __builtin_prefetch(row->alert.get());
      taken.alerts.push_back(row);
    }
    std::erase_if(taken.alerts, [&](const AlertRow* row) {
      return !IsShown(*row, **view, *query) || !answer->incidents.IsWanted(*acks, row->fingerprint);
    });
    Estimate estimate;
    for (const AlertRow* row : taken.alerts) estimate.Add(*row);
    taken.bytes = estimate.bytes();
    bytes += taken.bytes;
    if (!taken.alerts.empty()) answer->groups.push_back(std::move(taken));
  };
  for (const auto& shard : (*view)->groups) std::ranges::for_each(*shard, take);
  std::ranges::stable_sort(answer->groups, [](const GroupAnswer& a, const GroupAnswer& b) {
    if (a.group->labels.Before(b.group->labels)) return true;
    if (b.group->labels.Before(a.group->labels)) return false;
    return a.group->receiver < b.group->receiver;
  });

  const std::string url = call.backend.info().external_url;
  return V2Array(answer->groups.size(), bytes, [answer, url](JsonWriter* json, size_t at) {
    // What is written of the first alerts of the next ones, while this one is written.
    const auto fetch = [&answer](size_t which, auto each) {
      constexpr size_t kMost = 64;
      if (which >= answer->groups.size()) return;
      const std::vector<const AlertRow*>& alerts = answer->groups[which].alerts;
      for (size_t i = 0; i < std::min(kMost, alerts.size()); ++i) each(*alerts[i]);
    };
    fetch(at + 2, FetchAlert);
    fetch(at + 1, FetchTexts);
    const GroupAnswer& group = answer->groups[at];
    json->Reserve(json->size() + group.bytes);  // One may be nearly all there is.
    WriteGroup(*json, group, answer->query, RouteLabelsOf(*group.group, *answer->view, url),
               answer->incidents);
  });
}

}  // namespace watchfire::api
