// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Snapshots for readers.

#include "pkg/core/view.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "pkg/core/core.h"
#include "pkg/core/runs.h"

namespace watchfire::core {

Stats::Stats()
    : ingest_delay({1, 5, 15, 30, 60, 120, 300, 900, 3600}),
      rule_pending({1, 15, 30, 60, 120, 300, 600, 900, 1800, 3600}),
      notification_latency({1, 5, 10, 15, 20}),
      query_seconds({0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}),
      commit_seconds({0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5}) {}

uint64_t PairMark(std::string_view name, std::string_view value) {
  const std::hash<std::string_view> hash;
  const uint64_t mixed = (hash(name) ^ (hash(value) << 1)) * 0x9e3779b97f4a7c15ULL;
  return (uint64_t{1} << (mixed >> 58)) | (uint64_t{1} << (mixed >> 52 & 63));
}

uint64_t LabelMarks(const labels::LabelSet& labels) {
  uint64_t marks = 0;
  for (const labels::Label& label : labels) marks |= PairMark(label.name, label.value);
  return marks;
}

const AlertRow* View::Find(uint64_t fingerprint) const {
  const auto& shard = alerts[AlertShardOf(fingerprint)];
  if (shard == nullptr) return nullptr;
  const auto found = std::ranges::lower_bound(*shard, fingerprint, {}, &AlertRow::fingerprint);
  return found != shard->end() && found->fingerprint == fingerprint ? &*found : nullptr;
}

namespace {

// Rows of alerts, and of groups, that are made for readers in one step: what comes meanwhile waits
// for no more, and of a hundred thousand alerts all are made in fifty steps.
constexpr size_t kRowsPerStep = 2'048;
// As often as this each row is made for a reader who waits; then he waits no longer, whatever has
// changed again.
constexpr size_t kRounds = 3;

unsigned WithImplied(unsigned parts) {
  if ((parts & kViewStats) != 0) {
    parts |= kViewAlerts | kViewIncidents | kViewRules | kViewSlos | kViewHeartbeats;
  }
  if ((parts & kViewGroups) != 0) parts |= kViewAlerts;
  return parts;
}

}  // namespace

void Core::On(ViewRequest event) {
  event.parts = WithImplied(event.parts);
  if ((event.parts & kViewAlerts) != 0) {
    views_wanted_.push_back(event);
  } else {
    Emit(Reply{event.reply_to, {}, MakeView(event.parts), {}, {}});
  }
}

// All are answered by what holds at one moment, once not much is left to be made for it.
void Core::AnswerViews() {
  if (views_wanted_.empty()) return;
  RefreshSilenced();
  rows_made_ +=
      alerts_.Prepare(kRowsPerStep, [this](AlertRow row) { return Filled(std::move(row)); });
  if (!groups_made_ && AreGroupsWanted()) {
    groups_made_ = group_rows_.Prepare(dispatcher_->groups(), *mutes_, kRowsPerStep);
    if (!groups_made_) return;
  }
  if (alerts_.changed_rows() > kRowsPerStep && rows_made_ < kRounds * alerts_.size()) return;
  rows_made_ = 0;
  groups_made_ = false;
  for (const ViewRequest& request : std::exchange(views_wanted_, {})) {
    Emit(Reply{request.reply_to, {}, MakeView(request.parts), {}, {}});
  }
}

bool Core::AreGroupsWanted() const {
  return std::ranges::any_of(
      views_wanted_, [](const ViewRequest& request) { return (request.parts & kViewGroups) != 0; });
}

AlertRow Core::Filled(AlertRow row) const {
  if (!row.alert->Resolved(now_.wall)) {
    row.inhibited = inhibit_->Check(row.alert->labels, now_.wall);
  }
  return row;
}

std::shared_ptr<const View> Core::MakeView(unsigned parts) {
  auto view = std::make_shared<View>();
  view->at = now_.wall;
  view->roster = roster_;
  view->config = config_;
  if ((parts & kViewAlerts) != 0) {
    view->alerts = alerts_.Publish([this](AlertRow row) { return Filled(std::move(row)); });
  }
  if ((parts & kViewGroups) != 0) {
    view->groups = group_rows_.Publish(dispatcher_->groups(), *mutes_);
  }
  if ((parts & kViewSilences) != 0) view->silences = silences_.Snapshot();
  if ((parts & kViewIncidents) != 0) {
    view->incidents = incidents_.all();
    view->incidents_since = now_.wall - IncidentRetention();
  }
  if ((parts & kViewOpenIncidents) != 0) view->open_incidents = OpenIncidents();
  if ((parts & kViewRules) != 0) {
    for (size_t group = 0; group < rules_->groups().size(); ++group) {
      for (size_t rule = 0; rule < rules_->groups()[group].rules.size(); ++rule) {
        RuleRow row{group, rule, rules_->status(group, rule), {}};
        for (const rules::Instance* instance : rules_->instances(group, rule)) {
          row.instances.push_back(*instance);
        }
        if ((parts & kViewEvaluations) != 0) row.history = rules_->history(group, rule);
        view->rules.push_back(std::move(row));
      }
    }
  }
  if ((parts & kViewSlos) != 0) AddSlos(view.get());
  if ((parts & kViewHeartbeats) != 0) view->heartbeats = heartbeats_.rows();
  if ((parts & kViewOverrides) != 0) view->overrides = overrides_.List();
  if ((parts & kViewExclusions) != 0) view->exclusions = exclusions_.List();
  const bool all_runs = (parts & kViewAllAutomation) != 0;
  if ((parts & kViewAutomation) != 0 || all_runs)
    view->automation = runs_->AutomationRuns(all_runs);
  if ((parts & kViewStats) != 0) view->stats = MakeStats();
  return view;
}

void Core::AddSlos(View* view) const {
  for (size_t i = 0; i < slos_->slos().size(); ++i) {
    view->slos.push_back(slos_->status(i));
    view->counting.push_back(slos_->counting(i));
    view->budgets.push_back(slos_->budget(i));
    view->excluded.push_back(exclusions_.At(slos_->slos()[i], now_.wall));
  }
}

std::vector<OpenIncident> Core::OpenIncidents() const {
  std::vector<OpenIncident> all;
  for (const uint64_t id : incidents_.open()) {
    OpenIncident open{incidents_.Find(id), {}};
    for (const incident::Group& group : open.incident->groups) {
      for (const dispatch::GroupId there :
           dispatcher_->FindByKey(group.group_key, group.receiver)) {
        open.alerts.push_back(dispatcher_->Find(there)->alerts.order());
      }
    }
    all.push_back(std::move(open));
  }
  return all;
}

Stats Core::MakeStats() {
  CountTimeOnCall();
  Stats stats = stats_;
  stats.incidents = incidents_.stats();
  const auto rules = incidents_.CountPagedRules(now_.wall);
  stats.rules_with_runbook = rules.with_runbook;
  stats.rules_without_runbook = rules.without;
  runs_->AddAutomationTo(&stats);
  stats.rule_groups = rules_->stats();
  stats.slo_series = slos_->counted_series();
  if (journal_.dropped() > 0) stats.limit_exceeded[{"journal"}] = journal_.dropped();
  stats.alerts_per_name_max = name_limits_.limit();
  stats.groups = dispatcher_->groups().size();
  stats.inhibit_rules = config_->inhibit_rules.size();
  stats.store_pending = outbox_.size() + NotedChanges();
  stats.store_failing = outbox_.failing();
  stats.deliveries = deliveries_.size();
  for (const DeliveryQueue::LaneState& lane : deliveries_.Lanes()) {
    const LabelValues who = {lane.key.receiver, lane.key.integration,
                             std::to_string(lane.key.index)};
    stats.circuits_open[who] = lane.is_open ? 1 : 0;
    stats.circuit_openings[who] = lane.openings;
    stats.waiting[who] = static_cast<double>(lane.waiting);
    if (lane.is_up) stats.backends_up[who] = *lane.is_up ? 1 : 0;
  }
  stats.silences = silences_.Count(now_.wall);
  stats.silence_queries = silences_.query_stats();
  stats.log_queries = nflog_.queries();
  stats.alerts_flapping = flapping_.CountFlapping(now_.wall);
  return stats;
}

}  // namespace watchfire::core
