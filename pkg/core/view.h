// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What readers see: an immutable snapshot that core hands out on request. Because the request goes
// through core's queue, a reader always sees its own earlier writes.

#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/automation/book.h"
#include "pkg/base/histogram.h"
#include "pkg/base/shared_text.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/core/route_labels.h"
#include "pkg/heartbeat/heartbeat.h"
#include "pkg/incident/incident.h"
#include "pkg/inhibit/inhibit.h"
#include "pkg/oncall/overrides.h"
#include "pkg/rules/rules.h"
#include "pkg/silence/set.h"
#include "pkg/slo/slo.h"

namespace watchfire::core {

struct AlertRow {
  std::shared_ptr<const alert::Alert> alert;
  SharedTexts receivers;  // In route order.
  std::optional<inhibit::Verdict> inhibited;
  SharedTexts silenced_by;  // Ids of the silences in force that match, sorted.
  bool flushed = false;     // A group has been flushed with it; before that it is "unprocessed".
  uint64_t marks = 0;       // LabelMarks() of its labels.
  uint64_t fingerprint = 0;
};
// Shard i holds, in order, the fingerprints whose highest bits are i.
inline constexpr int kAlertShardBits = 10;
using AlertShards =
    std::array<std::shared_ptr<const std::vector<AlertRow>>, size_t{1} << kAlertShardBits>;
inline size_t AlertShardOf(uint64_t fingerprint) { return fingerprint >> (64 - kAlertShardBits); }

// A few bits for each pair of `labels`: a set that lacks one of PairMark(name, value) does not hold
// that pair. Tells most alerts that a reader does not want without a look at their labels.
uint64_t LabelMarks(const labels::LabelSet& labels);
uint64_t PairMark(std::string_view name, std::string_view value);

struct GroupRow {
  std::string receiver;
  labels::LabelSet labels;
  std::shared_ptr<const RouteLabels> route_labels = {};  // Those that its route adds; null: none.
  std::shared_ptr<const std::vector<uint64_t>> alerts;   // Fingerprints, in notification order.
  std::string key = {};
  // The time intervals that mute its route now: the mute intervals that hold, or all its active
  // intervals when none of them does.
  std::vector<std::string> muted_by;
};
// All groups by id, in shards that views share while their groups do not change. None is null.
using GroupShards = std::vector<std::shared_ptr<const std::vector<GroupRow>>>;

// An open incident and the alerts it is about: of each group of alerts, their fingerprints.
struct OpenIncident {
  std::shared_ptr<const incident::Incident> incident;
  std::vector<std::shared_ptr<const std::vector<uint64_t>>> alerts;
};

struct RuleRow {
  size_t group = 0;  // Into config->rule_groups.
  size_t rule = 0;
  rules::RuleStatus status;
  std::vector<rules::Instance> instances;
  rules::History history = {};  // kViewEvaluations
};

// Plain counters; pkg/telemetry names them. Label values in the order given.
struct Stats {
  CounterMap alerts_received;  // status
  uint64_t alerts_invalid = 0;
  CounterMap alerts_limited;          // alertname
  size_t alerts_per_name_max = 0;     // 0: no limit
  CounterMap episodes;                // team, service, severity, source
  HistogramMap ingest_delay;          // severity, source
  HistogramMap rule_pending;          // severity, source
  CounterMap alerts_suppressed;       // by (MutedText): episodes, each once
  CounterMap notifications;           // integration, receiver
  CounterMap notifications_failed;    // integration, receiver, reason
  CounterMap requests;                // integration, receiver
  CounterMap requests_failed;         // integration, receiver
  HistogramMap notification_latency;  // integration, receiver
  CounterMap suppressed;              // reason
  CounterMap ends_untold;             // integration
  CounterMap fallbacks;               // receiver, fallback
  CounterMap escalation_steps;        // policy, outcome
  CounterMap unreachable;             // policy
  CounterMap vendor_updates;          // integration, action, outcome
  GaugeMap oncall_gaps;               // schedule: seconds of the coming week with nobody
  GaugeMap oncall_seconds;            // team, person: that he was on call
  CounterMap handoffs;                // schedule, outcome
  CounterMap reports;                 // receiver, outcome
  GaugeMap backends_up;               // receiver, integration, index: 1 if the last try was taken
  GaugeMap circuits_open;             // receiver, integration, index
  CounterMap circuit_openings;        // receiver, integration, index
  GaugeMap waiting;                   // receiver, integration, index
  CounterMap queries;                 // result
  Histogram query_seconds;
  CounterMap samples_written;  // result
  CounterMap policy_changes;   // slo, state
  CounterMap commits;          // result
  Histogram commit_seconds;
  CounterMap limit_exceeded;  // limit
  incident::Stats incidents;
  automation::Stats automation;
  size_t automation_waiting = 0;  // Runs that wait for a person.
  std::vector<rules::GroupStats> rule_groups;
  size_t slo_series = 0;  // Label sets that the events of SLOs are counted by.
  size_t groups = 0;
  size_t inhibit_rules = 0;
  size_t store_pending = 0;
  bool store_failing = false;
  size_t deliveries = 0;  // Under way or waiting.
  silence::Counts silences;
  silence::QueryStats silence_queries;
  CounterMap clock_skew;   // delay: those that were negative, and taken for 0
  CounterMap alert_flaps;  // team: alerts that began to flap
  size_t alerts_flapping = 0;
  CounterMap slo_pages;       // correlated ("yes", "no"); empty without SLOs
  CounterMap slo_losses;      // paged ("yes", "no"); empty without SLOs
  CounterMap rerouted;        // from_team, to_team
  uint64_t pages_joined = 0;  // Into a page of the same person's, in a storm.
  uint64_t alerts_enriched = 0;
  size_t rules_with_runbook = 0;  // Names of alerts that paged lately, with one and without.
  size_t rules_without_runbook = 0;
  CounterMap foreign_acks;    // team: first acks by somebody of other teams alone
  GaugeMap oncall_coverage;   // schedule: share of the coming four weeks with anybody
  uint64_t log_queries = 0;   // To the notification log.
  uint64_t maintenances = 0;  // How often what is old was dropped.
  Stats();
};

struct View {
  // Null when it is not among `alerts`.
  const AlertRow* Find(uint64_t fingerprint) const;

  WallTime at = kNoTime;
  std::shared_ptr<const config::Config> config;
  // Who is on call when: that of the configuration with the overrides that people made. Null:
  // there are no schedules.
  std::shared_ptr<const oncall::Roster> roster;
  AlertShards alerts;  // kViewAlerts; else null shards
  GroupShards groups;  // kViewGroups (implies kViewAlerts)
  std::map<uint64_t, std::shared_ptr<const incident::Incident>> incidents;  // kViewIncidents
  // kViewIncidents: what was resolved before may have been forgotten.
  WallTime incidents_since = kNoTime;
  std::vector<OpenIncident> open_incidents;     // kViewOpenIncidents
  std::vector<RuleRow> rules;                   // kViewRules
  std::vector<slo::SloStatus> slos;             // kViewSlos; same order as config->slos
  std::vector<heartbeat::Row> heartbeats;       // kViewHeartbeats
  std::vector<oncall::MadeOverride> overrides;  // kViewOverrides; by id
  std::vector<slo::Exclusion> exclusions;       // kViewExclusions; by id
  // kViewAutomation, kViewAllAutomation; the last one first
  std::vector<automation::Run> automation;
  std::vector<slo::Counting> counting;                            // kViewSlos; the same
  std::vector<slo::Budget> budgets;                               // kViewSlos; the same
  std::vector<std::optional<slo::Holding>> excluded;              // kViewSlos; the same
  std::shared_ptr<const std::vector<silence::Silence>> silences;  // kViewSilences; by id
  std::optional<Stats> stats;  // kViewStats (implies alerts, incidents, rules, SLOs, heartbeats)
};

}  // namespace watchfire::core
