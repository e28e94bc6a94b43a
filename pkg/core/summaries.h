// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What is sent by itself and not because an alert fires: the summary of a shift when others come on
// call (`oncall.handoffs`, handing_over.cc), and the report of a day, week or month (`reports`,
// reporting.cc).
//
// Each is begun once, stored with those who are to be told, and then sent to each of them behind
// all pages, until it is taken, refused or given up. Owned by the core thread.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/rng.h"
#include "pkg/base/time.h"
#include "pkg/core/delivery.h"
#include "pkg/core/event.h"
#include "pkg/core/options.h"
#include "pkg/core/outbox.h"
#include "pkg/core/summary_line.h"
#include "pkg/core/view.h"
#include "pkg/incident/registry.h"
#include "pkg/oncall/model.h"
#include "pkg/silence/set.h"
#include "pkg/slo/slo.h"

namespace watchfire::core {

class Summaries {
 public:
  // What a turn of the core lends: what the texts are made of, and where what follows goes.
  struct Turn {
    Now now;
    const std::shared_ptr<const config::Config>& config;
    const Options& options;
    const std::shared_ptr<const oncall::Roster>& roster;  // With overrides; null: there is none.
    const incident::Registry& incidents;
    const silence::Set& silences;
    const slo::Engine& slos;
    DeliveryQueue& deliveries;  // Says when an integration has no page to take.
    Outbox& outbox;
    Rng& rng;
    uint64_t& last_id;  // Of deliveries.
    Stats& stats;
    Effects& effects;
  };

  // Takes back one that IsHandoff() or IsReport(). Errors: kCorrupt.
  Status Restore(const Record& record);

  // Begins what time has made due and sends what is owed.
  void HandOverShifts(const Turn& turn);
  void SendReports(const Turn& turn);
  // The end of an attempt. Returns whether it is about one of these.
  bool OnAttempted(const Attempted& event, const Turn& turn);
  // Shifts may be others from now on: they are looked at again.
  void LookAgain();

  // When there is something to do; nullopt: never, as things are.
  std::optional<MonoTime> NextHandoff(const config::Config& config, const oncall::Roster* roster,
                                      const Outbox& outbox, Now now) const;
  std::optional<MonoTime> NextReport(const config::Config& config, const Outbox& outbox,
                                     Now now) const;
  // Whether the end of an attempt is awaited.
  bool is_under_way() const;

 private:
  using Lines = std::map<std::string, SummaryLine>;

  static void BeginHandoff(SummaryLine* line, const oncall::Schedule& schedule, WallTime change,
                           const Turn& turn);
  static void SendHandoff(SummaryLine* line, const SummaryTarget& target, const Turn& turn);
  static void BeginReport(SummaryLine* line, const config::Report& report, WallTime due,
                          const Turn& turn);
  static void SendReport(SummaryLine* line, const config::Report& report,
                         const SummaryTarget& target, const Turn& turn);

  // What both have in common (summaries.cc).
  // Forgets those that are configured no longer: whose id is not among `configured`.
  static void Drop(const std::set<std::string>& configured, Lines* lines, const Turn& turn);
  // To whom it is to be sent now.
  static std::vector<SummaryTarget> ReadyOf(const SummaryLine& line, const Turn& turn);
  // The integration, when it can take it now; null when it is settled, or has to wait for pages.
  // What a life before this one has begun is given up after `patience`.
  static const config::Integration* MaySend(SummaryLine* line, const SummaryTarget& target,
                                            Duration patience, const Turn& turn);
  static void Send(SummaryLine* line, const SummaryTarget& target, const config::Integration& to,
                   std::shared_ptr<const dispatch::Notification> message, const Turn& turn);
  // It is done with, told or not.
  static void Settle(SummaryLine* line, const SummaryTarget& target, const char* outcome,
                     std::string why, const Turn& turn);
  // What is owed leaves when that is stored.
  static void Save(SummaryLine* line, const Turn& turn);
  // When the line wants to be looked at; `lines` may not have it yet.
  static MonoTime NextOf(const Lines& lines, const std::string& id, const Outbox& outbox, Now now);

  Lines handoffs_;  // By schedule: of all that are configured.
  Lines reports_;   // By id: of all that are configured.
};

}  // namespace watchfire::core
