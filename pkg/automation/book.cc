// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/automation/book.h"

#include <algorithm>

#include "pkg/base/check.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"

namespace watchfire::automation {
namespace {

using config::AutomationAction;
using config::AutomationRule;

constexpr Duration kHour = std::chrono::hours(1);
constexpr Duration kSkew = std::chrono::minutes(1);          // Of a clock that was set back.
constexpr Duration kActPatience = std::chrono::minutes(15);  // For a message to be taken.
constexpr size_t kTextRunes = 512;

bool Has(std::string_view text, const std::string& lower) {
  return ToLower(text).find(lower) != std::string::npos;
}

bool IsNamed(const std::string& pattern, const Subject& subject) {
  return pattern.empty() || Has(subject.title, pattern) || Has(subject.entity_id, pattern) ||
         std::ranges::any_of(subject.alerts,
                             [&](const std::string& name) { return Has(name, pattern); });
}

bool IsAmong(const std::string& word, const std::vector<std::string>& words) {
  return std::ranges::find(words, word) != words.end();
}

}  // namespace

Stats::Stats() : seconds({1, 5, 15, 30, 60, 120, 300, 600, 1800}) {}

void Book::Changed(uint64_t incident) {
  if (!terms_.rules.empty() || of_incident_.contains(incident)) changed_.insert(incident);
}

std::vector<uint64_t> Book::TakeIncidents(WallTime now) {
  std::set<uint64_t> ids = std::exchange(changed_, {});
  while (!timers_.empty() && timers_.begin()->first <= now) {
    ids.insert(timers_.begin()->second);
    timers_.erase(timers_.begin());
  }
  return {ids.begin(), ids.end()};
}

bool Book::Fits(const AutomationRule& rule, const Subject& subject) const {
  return IsAmong(subject.state, rule.states) &&
         (rule.severities.empty() || IsAmong(subject.severity, rule.severities)) &&
         IsNamed(rule.pattern, subject) && !subject.find_alerts(rule.matchers, 1).empty();
}

// Whether as many alerts fire as the rule wants, with those of other incidents. When this one makes
// it so, these are looked at again, for the rule is for each of them now.
bool Book::AreEnough(const AutomationRule& rule, const Subject& subject, bool fits) {
  if (rule.alerts <= 1) return true;
  const auto wanted = static_cast<size_t>(rule.alerts);
  std::map<uint64_t, std::set<uint64_t>>& of_each = gathered_[rule.name];
  // Looks at no more incidents than it must, for there may be thousands.
  const auto are_enough = [&] {
    std::set<uint64_t> all;  // An alert that goes to two receivers is one in two incidents.
    for (const auto& [id, alerts] : of_each) {
      all.insert(alerts.begin(), alerts.end());
      if (all.size() >= wanted) return true;
    }
    return false;
  };
  const bool were_enough = are_enough();
  if (fits) {
    of_each[subject.id] = subject.find_alerts(rule.matchers, wanted);
  } else {
    of_each.erase(subject.id);
  }
  if (!are_enough()) return false;
  if (were_enough) return true;
  for (const auto& [id, alerts] : of_each) {
    if (id != subject.id) changed_.insert(id);
  }
  return true;
}

void Book::Over(uint64_t incident) {
  for (auto& [rule, of_each] : gathered_) of_each.erase(incident);
}

// Or is about to.
bool Book::HasAcknowledged(uint64_t incident) const {
  const auto of_it = of_incident_.find(incident);
  if (of_it == of_incident_.end()) return false;
  return std::ranges::any_of(of_it->second, [&](const std::string& id) {
    const Run& run = runs_.at(id);
    return run.action == AutomationAction::kAcknowledge &&
           (!run.outcome || run.outcome == Outcome::kSuccess);
  });
}

int Book::ActedWithinHour(const std::string& rule, WallTime now) const {
  const auto acted = acted_.find(rule);
  if (acted == acted_.end()) return 0;
  return static_cast<int>(std::distance(acted->second.upper_bound(now - kHour),
                                        acted->second.upper_bound(now + kSkew)));
}

WallTime Book::FreeAt(const AutomationRule& rule, WallTime now) const {
  const std::multiset<WallTime>& acted = acted_.at(rule.name);
  auto last = acted.upper_bound(now - kHour);
  std::advance(last, ActedWithinHour(rule.name, now) - rule.max_per_hour);
  return *last + kHour;
}

std::vector<std::string> Book::Consider(const Subject& subject, WallTime now) {
  std::vector<std::string> begun;
  bool is_stopped = false;  // Rules that are left are not for it, nor do its alerts count for them.
  for (const AutomationRule& rule : terms_.rules) {
    Run run;
    run.incident = subject.id;
    run.cycle = subject.cycle;
    run.rule = rule.name;
    const bool fits = !is_stopped && Fits(rule, subject);
    const bool are_enough = AreEnough(rule, subject, fits);
    if (runs_.contains(run.id())) {
      is_stopped |= rule.stop;
      continue;
    }
    if (!fits || !are_enough) continue;
    if (now < subject.cycle_at + rule.after) {
      timers_.emplace(subject.cycle_at + rule.after, subject.id);
      continue;
    }
    const bool is_ack = rule.action == AutomationAction::kAcknowledge;
    if (is_ack && HasAcknowledged(subject.id)) continue;
    if (runs_.size() >= limits::kAutomationRuns) {
      ++stats_.refused;
      break;
    }
    begun.push_back(Begin(rule, subject, now));
    is_stopped = rule.stop;
  }
  return begun;
}

std::string Book::Begin(const AutomationRule& rule, const Subject& subject, WallTime now) {
  Run run;
  run.incident = subject.id;
  run.cycle = subject.cycle;
  run.rule = rule.name;
  run.action = rule.action;
  run.at = now;
  const std::string id = run.id();
  if (!rule.dry_run && rule.needs_approval) {
    run.state = State::kWaiting;
    run.due = now + rule.approval_timeout;
    run.text = "waits for somebody to approve it";
    Put(std::move(run));
    return id;
  }
  Act(&run, now);
  if (rule.dry_run) run.acted_at = kNoTime;
  const bool is_limited = ActedWithinHour(rule.name, now) >= rule.max_per_hour;
  if (!rule.dry_run && is_limited) run.acted_at = kNoTime;
  Put(std::move(run));
  if (rule.dry_run) {
    Done(id, Outcome::kDryRun, "dry run: nothing was done", now);
  } else if (is_limited) {
    Done(id, Outcome::kLimited,
         "it has run " + std::to_string(rule.max_per_hour) +
             " times within an hour (max_per_hour): nothing was done",
         now);
  }
  return id;
}

void Book::Act(Run* run, WallTime now) const {
  run->state = State::kActing;
  run->acted_at = now;
  run->due = now + kActPatience;
  run->text.clear();
}

bool Book::IsStillFor(const Run& run, const Subject& subject, WallTime now) const {
  const AutomationRule* rule = RuleOf(run);
  return rule != nullptr && run.cycle == subject.cycle && Fits(*rule, subject) &&
         now >= subject.cycle_at + rule->after;
}

const Run* Book::Find(const std::string& id) const {
  const auto found = runs_.find(id);
  return found == runs_.end() ? nullptr : &found->second;
}

const AutomationRule* Book::RuleOf(const Run& run) const {
  const AutomationRule* rule = terms_.Find(run.rule);
  return rule != nullptr && rule->action == run.action ? rule : nullptr;
}

std::vector<std::string> Book::OpenOf(uint64_t incident) const {
  const auto of_it = of_incident_.find(incident);
  std::vector<std::string> ids;
  if (of_it == of_incident_.end()) return ids;
  std::ranges::copy_if(of_it->second, std::back_inserter(ids),
                       [&](const std::string& id) { return open_.contains(id); });
  return ids;
}

Status Book::Decide(const std::string& id, bool is_approved, const std::string& by, WallTime now) {
  if (by.empty()) {
    return InvalidArgument("actor is empty: say who acts, for example {\"actor\": \"ada\"}");
  }
  if (by.size() > limits::kIncidentNameBytes) {
    return InvalidArgument("actor is longer than " + std::to_string(limits::kIncidentNameBytes) +
                           " bytes");
  }
  const Run* found = Find(id);
  if (found == nullptr) return Fail(Code::kNotFound, "no run " + GoQuote(id));
  if (found->state != State::kWaiting) {
    return Fail(Code::kConflict,
                "run " + id + " does not wait for anybody: it is " +
                    (found->outcome ? OutcomeName(*found->outcome) : StateName(found->state)));
  }
  if (const AutomationRule* rule = is_approved ? RuleOf(*found) : nullptr;
      rule != nullptr && ActedWithinHour(rule->name, now) >= rule->max_per_hour) {
    return Fail(Code::kConflict, rule->name + " has run " + std::to_string(rule->max_per_hour) +
                                     " times within an hour (max_per_hour): approve it after " +
                                     FormatRfc3339(FreeAt(*rule, now), 0));
  }
  Run run = *found;
  run.by = by;
  if (is_approved) Act(&run, now);
  Put(std::move(run));
  if (!is_approved) Done(id, Outcome::kRejected, "refused by " + by, now);
  return {};
}

void Book::GoOn(const std::string& id, State state, WallTime due, std::string text) {
  Run run = runs_.at(id);
  WF_CHECK(run.state != State::kDone && state != State::kDone);
  run.state = state;
  run.due = due;
  run.text = TruncateRunes(text, kTextRunes);
  Put(std::move(run));
}

void Book::Done(const std::string& id, Outcome outcome, std::string text, WallTime now) {
  Run run = runs_.at(id);
  WF_CHECK(run.state != State::kDone);
  run.state = State::kDone;
  run.outcome = outcome;
  run.due = kNoTime;
  run.ended_at = now;
  run.text = TruncateRunes(text, kTextRunes);
  Count(&stats_.runs, {run.rule, config::AutomationActionName(run.action), OutcomeName(outcome)});
  const bool is_finished =
      outcome == Outcome::kSuccess || outcome == Outcome::kFailure || outcome == Outcome::kTimeout;
  if (is_finished && run.acted_at != kNoTime) {
    stats_.seconds.Observe({run.rule}, std::max(0.0, ToSeconds(now - run.acted_at)));
  }
  Put(std::move(run));
}

void Book::SetTicket(const std::string& id, TicketState state, const std::string& group) {
  Run run = runs_.at(id);
  run.ticket = state;
  if (!group.empty()) run.ticket_group = group;
  Put(std::move(run));
}

std::vector<std::string> Book::TicketsOf(uint64_t incident) const {
  const auto of_it = of_incident_.find(incident);
  std::vector<std::string> ids;
  if (of_it == of_incident_.end()) return ids;
  for (const std::string& id : of_it->second) {
    const TicketState state = runs_.at(id).ticket;
    if (state == TicketState::kOpen || state == TicketState::kClosing) ids.push_back(id);
  }
  std::ranges::stable_sort(ids, std::greater(),
                           [this](const std::string& id) { return runs_.at(id).cycle; });
  return ids;
}

std::vector<std::string> Book::Overdue(WallTime now) const {
  std::vector<std::string> ids;
  for (const auto& [due, id] : dues_) {
    if (due > now) break;
    ids.push_back(id);
  }
  return ids;
}

std::optional<WallTime> Book::next_due() const {
  if (!changed_.empty()) return WallTime();
  std::optional<WallTime> next;
  if (!timers_.empty()) next = timers_.begin()->first;
  if (!dues_.empty() && (!next || dues_.begin()->first < *next)) next = dues_.begin()->first;
  return next;
}

// Takes the new state into every index.
void Book::Put(Run run) {
  const std::string id = run.id();
  const auto old = runs_.find(id);
  const WallTime acted_before = old == runs_.end() ? kNoTime : old->second.acted_at;
  if (old != runs_.end()) dues_.erase({old->second.due, id});
  if (run.acted_at != kNoTime && run.acted_at != acted_before) {
    std::multiset<WallTime>& acted = acted_[run.rule];
    acted.insert(run.acted_at);
    acted.erase(acted.begin(), acted.lower_bound(run.acted_at - 2 * kHour));
  }
  of_incident_[run.incident].insert(id);
  if (run.state == State::kDone) {
    open_.erase(id);
  } else {
    open_.insert(id);
    dues_.emplace(run.due, id);
  }
  unsaved_.insert(id);
  runs_.insert_or_assign(id, std::move(run));
}

std::vector<Record> Book::TakeRecords() {
  std::vector<Record> records;
  for (const std::string& id : std::exchange(unsaved_, {})) {
    if (const Run* run = Find(id)) records.push_back(Encode(*run));
  }
  return records;
}

std::vector<Record> Book::Collect(const std::function<Life(uint64_t)>& life) {
  std::vector<Record> records;
  for (auto it = of_incident_.begin(); it != of_incident_.end();) {
    const Life lives = life(it->first);
    const bool is_gone = lives == Life::kUnknown ||
                         (lives == Life::kOver && runs_.size() >= limits::kAutomationRuns);
    if (!is_gone) {
      ++it;
      continue;
    }
    for (const std::string& id : it->second) {
      dues_.erase({runs_.at(id).due, id});
      open_.erase(id);
      unsaved_.erase(id);
      runs_.erase(id);
      records.push_back({Table::kAutomation, id, std::nullopt});
    }
    it = of_incident_.erase(it);
  }
  return records;
}

Status Book::Restore(const Record& record) {
  Result<Run> run = Decode(record);
  if (!run) return Fail(run.error());
  changed_.insert(run->incident);
  const std::string id = run->id();
  Put(*std::move(run));
  unsaved_.erase(id);
  return {};
}

}  // namespace watchfire::automation
