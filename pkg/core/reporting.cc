// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Reports are sent when a day, week or month is over (`reports`), the way hand-offs are
// (handing_over.cc): what is stored says up to which one that is so and who has not been told. One
// that was due while nobody was running is sent afterwards; of several, the last. The text is made
// once in each life of the process, as of when it was due.

#include <algorithm>
#include <utility>

#include "pkg/base/check.h"
#include "pkg/base/histogram.h"
#include "pkg/base/limits.h"
#include "pkg/core/audience.h"
#include "pkg/core/report_text.h"
#include "pkg/core/summaries.h"
#include "pkg/core/summary.h"

namespace watchfire::core {
namespace {

constexpr Duration kPatience = std::chrono::hours(24);
constexpr Duration kLookAhead = std::chrono::hours(24);
constexpr Duration kAhead = std::chrono::hours(24);  // A clock that was further ahead was wrong.
constexpr const char* kAlertName = "AlertingReport";

std::shared_ptr<const dispatch::Notification> MessageOf(const config::Report& report,
                                                        const SummaryLine& line,
                                                        const SummaryTarget& target,
                                                        const Summaries::Turn& turn) {
  labels::LabelSet::Pairs names = {{"alertname", kAlertName}, {"severity", "info"}};
  if (!report.team.empty()) names.emplace_back("team", report.team);
  const Summary summary = {"report",
                           {"id", line.id},
                           line.change,
                           labels::LabelSet(std::move(names)),
                           labels::LabelSet{{"alertname", kAlertName}},
                           line.text};
  return SummaryMessage(summary, target, turn.options.external_url, turn.now.wall);
}

}  // namespace

void Summaries::SendReports(const Turn& turn) {
  const WallTime now = turn.now.wall;
  if (turn.config->reports.empty() && reports_.empty()) return;
  std::map<std::string, const config::Report*> reports;
  std::set<std::string> ids;
  for (const config::Report& report : turn.config->reports) {
    reports.emplace(report.id(), &report);
    ids.insert(report.id());
  }
  Drop(ids, &reports_, turn);
  bool has_written = false;
  for (const auto& [id, report] : reports) {
    SummaryLine& line = reports_[id];
    line.id = id;
    line.is_report = true;
    // The first tells of the first time that is over from now on.
    if (line.done == kNoTime || line.done > now + kAhead) {
      line.done = now;
      Save(&line, turn);
    }
    if (line.next && *line.next > now + kLookAhead) line.next.reset();
    if (!line.next || *line.next <= now) {
      const WallTime due = config::LastDue(*report, now);
      // A clock that was set back and right again brings a time that has been told of.
      if (due > line.done && due != line.change) BeginReport(&line, *report, due, turn);
      line.next = std::min(config::NextDue(*report, now), now + kLookAhead);
    }
    for (const SummaryTarget& target : ReadyOf(line, turn)) {
      // A text takes a look at every incident: pages wait for one at most. The next is at once.
      if (line.text.empty() && std::exchange(has_written, true)) break;
      SendReport(&line, *report, target, turn);
    }
  }
}

void Summaries::BeginReport(SummaryLine* of, const config::Report& report, WallTime due,
                            const Turn& turn) {
  SummaryLine& line = *of;
  // Who has not taken the one before by now gets this one, which has its figures in brackets.
  for (const auto& [target, send] : line.owed) {
    Count(&turn.stats.reports, {target.receiver, "expired"});
  }
  line.owed.clear();
  line.text.clear();
  line.done = line.change = due;
  const config::Receiver* receiver = FindReceiver(*turn.config, report.receiver);
  WF_CHECK(receiver != nullptr);  // The loader refuses undefined receivers.
  for (const config::Integration& one : receiver->integrations) {
    if (!config::CanTellHandoff(one.kind)) continue;
    if (line.owed.size() == limits::kHandoffTargets) {
      Count(&turn.stats.reports, {report.receiver, "cut"});
      turn.effects.push_back(Log{Log::Level::kWarn,
                                 "report: told to the first " +
                                     std::to_string(limits::kHandoffTargets) + " integrations only",
                                 {{"receiver", report.receiver}}});
      break;
    }
    AutomationSend& send = line.owed[{"", report.receiver, one.kind, one.index}];
    send.until = turn.now.mono + kPatience;
  }
  Save(&line, turn);
}

void Summaries::SendReport(SummaryLine* of, const config::Report& report,
                           const SummaryTarget& target, const Turn& turn) {
  SummaryLine& line = *of;
  const config::Integration* to = MaySend(&line, target, kPatience, turn);
  if (to == nullptr) return;
  if (line.text.empty()) {
    std::vector<WallTime> breaches;
    for (size_t i = 0; i < turn.slos.slos().size(); ++i) {
      const auto& known = turn.slos.budget(i).breaches;
      breaches.insert(breaches.end(), known.begin(), known.end());
    }
    line.text = ReportText(report, line.change, turn.incidents.all(), breaches, turn.roster.get());
  }
  Send(&line, target, *to, MessageOf(report, line, target, turn), turn);
}

std::optional<MonoTime> Summaries::NextReport(const config::Config& config, const Outbox& outbox,
                                              Now now) const {
  if (config.reports.empty()) return reports_.empty() ? std::nullopt : std::optional(now.mono);
  MonoTime next = MonoTime::max();
  for (const config::Report& report : config.reports) {
    next = std::min(next, NextOf(reports_, report.id(), outbox, now));
  }
  return next;
}

}  // namespace watchfire::core
