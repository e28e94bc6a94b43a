// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Reports are sent when a day, week or month is over (`reports`), the way hand-offs are
// (handing_over.cc): what is stored says up to which one that is so and who has not been told. One
// that was due while nobody was running is sent afterwards; of several, the last. The text is made
// once in each life of the process, as of when it was due.

#include <algorithm>
#include <utility>

#include "pkg/base/check.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/core/core.h"
#include "pkg/core/report_text.h"
#include "pkg/core/summary.h"

namespace watchfire::core {
namespace {

constexpr Duration kPatience = std::chrono::hours(24);
constexpr Duration kTimeout = std::chrono::seconds(30);  // Of one attempt.
constexpr Duration kLook = std::chrono::seconds(1);      // When pages are in the way: look again.
constexpr Duration kLookAhead = std::chrono::hours(24);
constexpr Duration kAhead = std::chrono::hours(24);  // A clock that was further ahead was wrong.
constexpr const char* kAlertName = "AlertingReport";

}  // namespace

void Core::SendReports() {
  if (config_->reports.empty() && reports_.empty()) return;
  std::map<std::string, const config::Report*> reports;
  for (const config::Report& report : config_->reports) reports.emplace(report.id(), &report);
  for (auto it = reports_.begin(); it != reports_.end();) {
    if (reports.contains(it->first)) {
      ++it;
      continue;
    }
    Store(Record{Table::kMeta, Encode(it->second).key, std::nullopt});
    it = reports_.erase(it);
  }
  bool has_written = false;
  for (const auto& [id, report] : reports) {
    HandoffLine& line = reports_[id];
    line.schedule = id;
    line.is_report = true;
    // The first tells of the first time that is over from now on.
    if (line.done == kNoTime || line.done > now_.wall + kAhead) {
      line.done = now_.wall;
      Save(&line);
    }
    if (line.next && *line.next > now_.wall + kLookAhead) line.next.reset();
    if (!line.next || *line.next <= now_.wall) {
      const WallTime due = config::LastDue(*report, now_.wall);
      // A clock that was set back and right again brings a time that has been told of.
      if (due > line.done && due != line.change) BeginReport(*report, &line, due);
      line.next = std::min(config::NextDue(*report, now_.wall), now_.wall + kLookAhead);
    }
    std::vector<HandoffTarget> ready;
    for (const auto& [target, send] : line.owed) {
      if (MayLeave(send) && send.due <= now_.mono) ready.push_back(target);
    }
    for (const HandoffTarget& target : ready) {
      // A text takes a look at every incident: pages wait for one at most. The next is at once.
      if (line.text.empty() && std::exchange(has_written, true)) break;
      SendReport(*report, &line, target);
    }
  }
}

void Core::BeginReport(const config::Report& report, HandoffLine* of, WallTime due) {
  HandoffLine& line = *of;
  // Who has not taken the one before by now gets this one, which has its figures in brackets.
  for (const auto& [target, send] : line.owed) Count(&stats_.reports, {target.receiver, "expired"});
  line.owed.clear();
  line.text.clear();
  line.done = line.change = due;
  const config::Receiver* receiver = FindReceiver(report.receiver);
  WF_CHECK(receiver != nullptr);  // The loader refuses undefined receivers.
  for (const config::Integration& one : receiver->integrations) {
    if (!config::CanTellHandoff(one.kind)) continue;
    if (line.owed.size() == limits::kHandoffTargets) {
      Count(&stats_.reports, {report.receiver, "cut"});
      Emit(Log{Log::Level::kWarn,
               "report: told to the first " + std::to_string(limits::kHandoffTargets) +
                   " integrations only",
               {{"receiver", report.receiver}}});
      break;
    }
    AutomationSend& send = line.owed[{"", report.receiver, one.kind, one.index}];
    send.until = now_.mono + kPatience;
  }
  Save(&line);
}

void Core::SendReport(const config::Report& report, HandoffLine* of, const HandoffTarget& target) {
  HandoffLine& line = *of;
  AutomationSend& send = line.owed.at(target);
  if (send.until == MonoTime()) send.until = now_.mono + kPatience;  // Of a life before this.
  const config::Receiver* receiver = FindReceiver(target.receiver);
  const config::Integration* to = FindTarget(receiver, target);
  if (to == nullptr) return SettleReport(&line, target, "obsolete", "it is configured no longer");
  if (send.until <= now_.mono) return SettleReport(&line, target, "expired", send.why);
  const LaneKey lane{target.receiver, target.integration, target.index};
  if (!deliveries_.LetBehind(lane, receiver->limits, now_.mono)) {
    send.due = now_.mono + kLook;
    return;
  }
  if (line.text.empty()) {
    std::vector<WallTime> breaches;
    for (size_t i = 0; i < slos_->slos().size(); ++i) {
      const auto& known = slos_->budget(i).breaches;
      breaches.insert(breaches.end(), known.begin(), known.end());
    }
    line.text = ReportText(report, line.change, incidents_.all(), breaches, roster_.get());
  }
  send.under_way = DeliveryId{++last_id_};
  Emit(Attempt{send.under_way, config_, to, ReportMessage(report, line, target), kTimeout});
}

std::shared_ptr<const dispatch::Notification> Core::ReportMessage(
    const config::Report& report, const HandoffLine& line, const HandoffTarget& target) const {
  labels::LabelSet::Pairs names = {{"alertname", kAlertName}, {"severity", "info"}};
  if (!report.team.empty()) names.emplace_back("team", report.team);
  const Summary summary = {"report",
                           {"id", line.schedule},
                           line.change,
                           labels::LabelSet(std::move(names)),
                           labels::LabelSet{{"alertname", kAlertName}},
                           line.text};
  return SummaryMessage(summary, target, options_.external_url, now_.wall);
}

// Returns whether it is about a report.
bool Core::OnReportAttempted(const Attempted& event) {
  for (auto& [id, line] : reports_) {
    for (auto& [target, send] : line.owed) {
      if (send.under_way != event.id) continue;
      send.under_way = {};
      if (event.kind == Attempted::Kind::kRetry) {
        send.why = event.why;
        send.due = now_.mono + std::max(send.backoff.Next(&rng_), event.retry_after);
        Emit(Log{Log::Level::kWarn,
                 "report: attempt failed, will retry",
                 {{"report", id}, {"err", event.why}}});
        return true;
      }
      const bool is_told = event.kind == Attempted::Kind::kDone;
      SettleReport(&line, HandoffTarget(target), is_told ? "told" : "refused", event.why);
      return true;
    }
  }
  return false;
}

void Core::SettleReport(HandoffLine* line, const HandoffTarget& target, const char* outcome,
                        std::string why) {
  line->owed.erase(target);
  Save(line);
  Count(&stats_.reports, {target.receiver, outcome});
  const bool is_told = std::string_view(outcome) == "told";
  Emit(Log{
      is_told ? Log::Level::kInfo : Log::Level::kError,
      is_told ? "report: told" : "report: not told, given up",
      {{"report", line->schedule}, {"due", FormatRfc3339(line->change)}, {"err", std::move(why)}}});
}

std::optional<MonoTime> Core::NextReport(Now now) const {
  if (config_->reports.empty()) return reports_.empty() ? std::nullopt : std::optional(now.mono);
  std::optional<MonoTime> next;
  const auto consider = [&](MonoTime due) {
    if (!next || due < *next) next = due;
  };
  for (const config::Report& report : config_->reports) {
    const auto known = reports_.find(report.id());
    if (known == reports_.end() || !known->second.next) {
      consider(now.mono);
      continue;
    }
    consider(now.mono + std::max(Duration::zero(), *known->second.next - now.wall));
    for (const auto& [target, send] : known->second.owed) {
      if (MayLeave(send)) consider(send.due);
    }
  }
  return next;
}

}  // namespace watchfire::core
