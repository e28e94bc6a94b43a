// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/summaries.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "pkg/base/histogram.h"
#include "pkg/base/strings.h"
#include "pkg/core/audience.h"

namespace watchfire::core {
namespace {

constexpr Duration kTimeout = std::chrono::seconds(30);  // Of one attempt.
constexpr Duration kLook = std::chrono::seconds(1);      // When pages are in the way: look again.

using Fields = std::vector<std::pair<std::string, std::string>>;

}  // namespace

Status Summaries::Restore(const Record& record) {
  return RestoreSummary(record, IsReport(record) ? &reports_ : &handoffs_);
}

void Summaries::LookAgain() {
  for (auto& [schedule, line] : handoffs_) line.next.reset();
}

bool Summaries::is_under_way() const {
  return std::ranges::any_of(std::array{&handoffs_, &reports_}, [](const Lines* lines) {
    return std::ranges::any_of(*lines, [](const auto& entry) {
      return std::ranges::any_of(entry.second.owed,
                                 [](const auto& one) { return bool{one.second.under_way}; });
    });
  });
}

void Summaries::Drop(const std::set<std::string>& configured, Lines* lines, const Turn& turn) {
  std::erase_if(*lines, [&](const auto& entry) {
    if (configured.contains(entry.first)) return false;
    turn.outbox.Add(Record{Table::kMeta, Encode(entry.second).key, std::nullopt}, turn.now.mono);
    return true;
  });
}

std::vector<SummaryTarget> Summaries::ReadyOf(const SummaryLine& line, const Turn& turn) {
  std::vector<SummaryTarget> ready;
  for (const auto& [target, send] : line.owed) {
    if (MayLeave(send, turn.outbox) && send.due <= turn.now.mono) ready.push_back(target);
  }
  return ready;
}

const config::Integration* Summaries::MaySend(SummaryLine* line, const SummaryTarget& target,
                                              Duration patience, const Turn& turn) {
  AutomationSend& send = line->owed.at(target);
  if (send.until == MonoTime()) send.until = turn.now.mono + patience;
  const config::Receiver* receiver = FindReceiver(*turn.config, target.receiver);
  const config::Integration* to = FindIntegration(receiver, target.integration, target.index);
  if (to == nullptr) {
    Settle(line, target, "obsolete", "it is configured no longer", turn);
    return nullptr;
  }
  if (send.until <= turn.now.mono) {
    Settle(line, target, "expired", send.why, turn);
    return nullptr;
  }
  const LaneKey lane{target.receiver, target.integration, target.index};
  if (turn.deliveries.LetBehind(lane, receiver->limits, turn.now.mono)) return to;
  send.due = turn.now.mono + kLook;
  return nullptr;
}

void Summaries::Send(SummaryLine* line, const SummaryTarget& target, const config::Integration& to,
                     std::shared_ptr<const dispatch::Notification> message, const Turn& turn) {
  const DeliveryId id{++turn.last_id};
  line->owed.at(target).under_way = id;
  turn.effects.push_back(Attempt{id, turn.config, &to, std::move(message), kTimeout, turn.roster});
}

bool Summaries::OnAttempted(const Attempted& event, const Turn& turn) {
  for (Lines* lines : {&handoffs_, &reports_}) {
    for (auto& [id, line] : *lines) {
      const auto found = std::ranges::find_if(
          line.owed, [&](const auto& one) { return one.second.under_way == event.id; });
      if (found == line.owed.end()) continue;
      AutomationSend& send = found->second;
      send.under_way = {};
      if (event.kind != Attempted::Kind::kRetry) {
        const bool is_told = event.kind == Attempted::Kind::kDone;
        Settle(&line, SummaryTarget(found->first), is_told ? "told" : "refused", event.why, turn);
        return true;
      }
      send.why = event.why;
      send.due = turn.now.mono + std::max(send.backoff.Next(&turn.rng), event.retry_after);
      Fields fields = {{line.is_report ? "report" : "schedule", id}};
      if (!line.is_report) fields.emplace_back("receiver", found->first.receiver);
      fields.emplace_back("err", event.why);
      turn.effects.push_back(
          Log{Log::Level::kWarn,
              std::string(line.is_report ? "report" : "hand-off") + ": attempt failed, will retry",
              std::move(fields)});
      return true;
    }
  }
  return false;
}

void Summaries::Settle(SummaryLine* line, const SummaryTarget& target, const char* outcome,
                       std::string why, const Turn& turn) {
  line->owed.erase(target);
  Save(line, turn);
  const std::string at = FormatRfc3339(line->change);
  Fields fields;
  if (line->is_report) {
    Count(&turn.stats.reports, {target.receiver, outcome});
    fields = {{"report", line->id}, {"due", at}};
  } else {
    Count(&turn.stats.handoffs, {line->id, outcome});
    fields = {{"schedule", line->id},
              {"at", at},
              {"person", target.person},
              {"receiver", target.receiver}};
  }
  fields.emplace_back("err", std::move(why));
  const bool is_told = std::string_view(outcome) == "told";
  turn.effects.push_back(Log{is_told ? Log::Level::kInfo : Log::Level::kError,
                             std::string(line->is_report ? "report" : "hand-off") +
                                 (is_told ? ": told" : ": not told, given up"),
                             std::move(fields)});
}

void Summaries::Save(SummaryLine* line, const Turn& turn) {
  const Ticket ticket = turn.outbox.AddUrgent(Encode(*line), turn.now.mono);
  for (auto& [target, send] : line->owed) {
    if (!send.intent) send.intent = ticket;
  }
}

MonoTime Summaries::NextOf(const Lines& lines, const std::string& id, const Outbox& outbox,
                           Now now) {
  const auto known = lines.find(id);
  if (known == lines.end() || !known->second.next) return now.mono;
  MonoTime next = now.mono + std::max(Duration::zero(), *known->second.next - now.wall);
  for (const auto& [target, send] : known->second.owed) {
    if (MayLeave(send, outbox)) next = std::min(next, send.due);
  }
  return next;
}

}  // namespace watchfire::core
