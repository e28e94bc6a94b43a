// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What pages and recoveries do to incidents, and the indexes.

#include "pkg/incident/registry.h"

#include <algorithm>
#include <utility>

#include "pkg/base/check.h"
#include "pkg/base/digest.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/incident/analytics.h"
#include "pkg/incident/change.h"

namespace watchfire::incident {
namespace {

const Ack& Monitoring(Registry::Recovery how) {
  static const auto& said = *new Ack{"monitoring", ActorType::kAutomation, "pipeline", ""};
  static const auto& silence = *new Ack{"monitoring", ActorType::kAutomation, "clock",
                                        "nobody repeated it, and nobody said that it is over"};
  return how == Registry::Recovery::kSaid ? said : silence;
}

// How many groups both begin with: one of a thousand changes at a time, mostly the last.
size_t FirstChange(const Incident& before, const Incident& after) {
  if (!IsOpen(before.state) || !IsOpen(after.state)) return 0;
  const auto difference = std::mismatch(before.groups.begin(), before.groups.end(),
                                        after.groups.begin(), after.groups.end());
  return static_cast<size_t>(difference.first - before.groups.begin());
}

void Describe(const Page& page, Incident* incident) {
  incident->title = page.title;
  if (!page.team.empty()) incident->team = page.team;
  if (!page.service.empty()) incident->service = page.service;
  for (const auto& [name, url] : page.links) incident->links[name] = url;
}

void NoteBeginning(const Page& page, Incident* incident) {
  incident->started_at = page.started_at;
  incident->is_start_known = page.is_start_known;
  incident->detected_at = page.detected_at;
  incident->is_by_human = page.is_by_human;
  incident->is_test = page.is_test;
}

// When it opened, or reopened last: what began a cycle by the clock began no episode.
WallTime BeganAt(const Incident& incident) {
  return incident.reopened.empty() ? incident.opened_at : incident.reopened.back();
}

// A group is over. Of several the one that is told of last need not have been the last; and our
// clock may have been set back.
void NoteEnd(WallTime ended_at, WallTime now, Incident* incident) {
  if (ended_at == kNoTime) ended_at = now;
  ended_at = std::min(std::max(ended_at, BeganAt(*incident)), now);
  incident->ended_at = std::max(incident->ended_at, ended_at);
}

}  // namespace

std::vector<Record> Registry::OnAttempt(Page page, WallTime now) {
  if (Fit(&page)) ++stats_.cut;
  if (const auto open = FindOpen(page.receiver, page.group_key))
    return {Continue(*open, page, now)};
  if (const auto before = FindLast(page.receiver, page.group_key)) {
    if (auto record = ComeBack(*before, page, now)) {
      // One that is open stays what it is.
      if (IsOpen(before->state)) return {*std::move(record)};
      return Correlate(before->id, *std::move(record), now);
    }
  }
  const uint64_t id = last_id_ + 1;
  return Correlate(id, Open(page, now), now);
}

Record Registry::Open(const Page& page, WallTime now) {
  Incident incident;
  incident.id = ++last_id_;
  incident.receiver = page.receiver;
  incident.group_key = page.group_key;
  incident.entity_id = Sha256Hex(page.group_key);
  incident.team = "none";
  RaiseSeverity(page.severity.empty() ? "none" : page.severity, terms_, &incident);
  Describe(page, &incident);
  incident.correlation = page.correlation;
  incident.backend = page.backend;
  NoteBeginning(page, &incident);
  incident.opened_at = incident.cycle_at = now;
  incident.alerts = page.alerts;
  incident.bare_alerts = page.bare_alerts;
  incident.groups = {{page.receiver, page.group_key, incident.entity_id, page.alert_count}};
  AwaitAnswer(&incident, now);
  CountOpened(incident, page);
  AddEvent(&incident, {now, "opened", page.receiver, "pipeline", incident.title});
  return Put(std::move(incident));
}

// What has just opened, or reopened, goes on in the oldest open one of its correlation.
Registry::Records Registry::Correlate(uint64_t id, Record record, WallTime now) {
  const std::string correlation = incidents_.at(id)->correlation;
  if (correlation.empty()) return {std::move(record)};
  const Ack rule{"correlate_by", ActorType::kAutomation, "rule", correlation};
  for (const uint64_t other : correlated_.at(correlation)) {
    // One that is full takes no more; the next ones then gather in another.
    if (other == id || !CanTake(*incidents_.at(other), *incidents_.at(id))) continue;
    return *MergeInto(id, other, rule, now);
  }
  return {std::move(record)};
}

// A page of a group that `before` was about: it belongs there still, or reopens it. Returns nothing
// when it does not.
std::optional<Record> Registry::ComeBack(const Incident& before, const Page& page, WallTime now) {
  if (!IsOpen(before.state)) {
    const bool is_soon =
        terms_.reopen_within > Duration::zero() && now - before.resolved_at <= terms_.reopen_within;
    const bool goes_on = is_soon && before.is_test == page.is_test;
    return goes_on ? std::optional(Reopen(before, page, now)) : std::nullopt;
  }
  const Group group{page.receiver, page.group_key, Sha256Hex(page.group_key), page.alert_count};
  if (!HasRoomFor(before, {group})) return std::nullopt;
  Incident incident = before;
  incident.groups.push_back(group);
  AddEvent(&incident, {now, "rejoined", page.receiver, "pipeline", page.title});
  return Continue(std::move(incident), page, now);
}

// The state of an incident whose group is paged once more.
Record Registry::Continue(Incident incident, const Page& page, WallTime now) {
  if (incident.is_test && !page.is_test) {
    // From here on it counts, and so does its next page. Who has the test in hand saw no more.
    if (incident.ack || incident.snooze) EndHold(&incident, "monitoring", "pipeline", now);
    NoteBeginning(page, &incident);
    Describe(page, &incident);
    incident.paged_at = incident.cycle_paged_at = kNoTime;
    incident.response = {};
    AwaitAnswer(&incident, now);
    CountOpened(incident, page);
  }
  // A page tells of all alerts of its group, and of no other group's.
  if (incident.groups.size() == 1) incident.alerts.clear();
  AddAlerts(page.alerts, page.bare_alerts, &incident);
  for (Group& group : incident.groups) {
    const bool is_its = group.receiver == page.receiver && group.group_key == page.group_key;
    if (is_its) group.alerts = std::max(group.alerts, page.alert_count);
  }
  const std::string level = incident.level;
  const bool is_graver = IsGraverThanHeld(page.severity, incident, terms_);
  if (IsWorse(page.severity, incident.severity, terms_)) {
    AddEvent(&incident, {now, "severity", "monitoring", "pipeline", page.severity});
    RaiseSeverity(page.severity, terms_, &incident);
    Describe(page, &incident);
  }
  if (incident.level != level) AwaitAnswer(&incident, now);
  if (is_graver) {
    CountEngaged(incident, now, now);
    EndHold(&incident, "monitoring", "pipeline", now);
  }
  return Put(std::move(incident));
}

Record Registry::Reopen(Incident incident, const Page& page, WallTime now) {
  StartCycle(&incident, now);
  incident.owner.clear();
  incident.resolved_at = incident.ended_at = kNoTime;
  incident.resolved_by.clear();
  incident.resolved_how.clear();
  incident.counts_at = kNoTime;
  // It hurts again, and there is more to learn.
  incident.mitigated_at = kNoTime;
  incident.mitigated_by.clear();
  incident.postmortem = {};
  incident.groups = {{page.receiver, page.group_key, Sha256Hex(page.group_key), page.alert_count}};
  AwaitAnswer(&incident, now);
  incident.correlation = page.correlation;
  // It was short, it was no end.
  if (incident.verdict && incident.verdict->rule == kShort) incident.verdict.reset();
  incident.reopened.push_back(now);
  if (incident.reopened.size() > static_cast<size_t>(config::kFlappingCountMax)) {
    incident.reopened.erase(incident.reopened.begin());
  }
  AddEvent(&incident, {now, "reopened", page.receiver, "pipeline", page.title});
  Count(&StatsOf(incident).reopened, TeamAndSeverity(incident));
  const auto recent = std::ranges::count_if(
      incident.reopened, [&](WallTime at) { return now - at <= terms_.flapping_within; });
  if (!incident.verdict && terms_.flapping_count > 0 && recent >= terms_.flapping_count) {
    Count(&StatsOf(incident).flapping, TeamAndSeverity(incident));
    Judge(&incident,
          {Outcome::kNoise, "classification", "flapping", now,
           "reopened " + std::to_string(recent) + " times within " +
               FormatDuration(terms_.flapping_within)},
          "rule");
  }
  return Continue(std::move(incident), page, now);
}

std::optional<Record> Registry::OnPaged(const Page& page, WallTime now) {
  const auto open = FindOpen(page.receiver, page.group_key);
  if (!open) return std::nullopt;
  Incident incident = *open;
  CountPerson(incident, page.to);
  AddEvent(&incident, {now, "paged", page.receiver, page.backend, page.to});
  if (incident.paged_at == kNoTime) {
    incident.paged_at = now;
    Count(&StatsOf(incident).paged, TeamAndSeverity(incident));
    if (IsEscalated(incident)) CountEscalated(incident);
    StatsOf(incident).page_seconds.Observe(TeamAndSeverity(incident),
                                           Took("page", incident.detected_at, now));
    StatsOf(incident).send_seconds.Observe(TeamAndSeverity(incident),
                                           SecondsBetween(incident.opened_at, now));
  }
  if (incident.cycle_paged_at == kNoTime) {
    incident.cycle_paged_at = now;
    CountPage(incident, page, now);
    CountOvertaken(incident, now);
  }
  paged_rules_.Note(incident, now);
  return Put(std::move(incident));
}

std::optional<Record> Registry::OnPageFailed(const Page& page, const std::string& why,
                                             WallTime now) {
  const auto open = FindOpen(page.receiver, page.group_key);
  if (!open) return std::nullopt;
  Incident incident = *open;
  const std::string whom = page.to.empty() ? "" : page.to + ": ";
  AddEvent(&incident, {now, "page_failed", page.receiver, page.backend,
                       TruncateRunes(whom + why, kTextRunes)});
  return Put(std::move(incident));
}

std::optional<Record> Registry::OnEscalated(uint64_t id, Event event) {
  const auto found = Find(id);
  if (found == nullptr) return std::nullopt;
  Incident incident = *found;
  event.text = TruncateRunes(event.text, kTextRunes);
  CountEscalation(incident, event);
  AddEvent(&incident, std::move(event));
  return Put(std::move(incident));
}

std::optional<Record> Registry::OnRecovered(const std::string& receiver,
                                            const std::string& group_key, WallTime now,
                                            Recovery how, WallTime ended_at) {
  const auto open = FindOpen(receiver, group_key);
  if (!open) return std::nullopt;
  const auto is_this = [&](const Group& group) {
    return group.receiver == receiver && group.group_key == group_key;
  };
  return EndGroups(*open, is_this, Monitoring(how), now, ended_at);
}

// An incident is over when the last of its groups is.
Record Registry::EndGroups(Incident incident, const std::function<bool(const Group&)>& are_over,
                           const Ack& by, WallTime now, WallTime ended_at) {
  std::string ended;
  for (const Group& group : incident.groups) {
    if (!are_over(group)) continue;
    ended += (ended.empty() ? "" : ", ") + group.receiver + " " + group.group_key;
    incident.past_alerts += group.alerts;
  }
  std::erase_if(incident.groups, are_over);
  if (incident.groups.empty()) return Close(std::move(incident), by, now, ended_at);
  NoteEnd(ended_at, now, &incident);
  ended = TruncateRunes(ended, kTextRunes);
  AddEvent(&incident, {now, "recovered", by.actor, by.channel,
                       by.note.empty() ? ended : ended + ": " + by.note});
  return Put(std::move(incident));
}

Record Registry::Close(Incident incident, const Ack& by, WallTime now, WallTime ended_at) {
  const bool by_itself = by.channel == "pipeline";
  NoteEnd(ended_at, now, &incident);
  Answer(&incident, by, now);
  CountEngaged(incident, incident.ended_at, now);
  End(State::kResolved, by.actor, now, &incident);
  const bool is_timeout = by.channel == "escalation" || by.channel == "clock";
  incident.resolved_how = by_itself    ? "monitoring"
                          : is_timeout ? kTimedOut
                                       : ActorTypeName(by.actor_type);
  WantPostmortem(&incident);
  AddEvent(&incident, {now, "resolved", by.actor, by.channel, by.note, false,
                       incident.ended_at == now ? kNoTime : incident.ended_at});
  // Whoever put it off had looked at it.
  const bool is_unseen = incident.acked_at == kNoTime && incident.owner.empty();
  if (by_itself && is_unseen && !incident.verdict && terms_.noise_within > Duration::zero() &&
      incident.ended_at - BeganAt(incident) <= terms_.noise_within) {
    Judge(&incident,
          {Outcome::kNoise, "classification", kShort, now,
           "over within " + FormatDuration(terms_.noise_within) + ", and nobody had seen to it"},
          "rule");
  }
  if (terms_.reopen_within > Duration::zero()) {
    // The last instant at which a page reopens it is still before.
    incident.counts_at = now + terms_.reopen_within + std::chrono::nanoseconds(1);
  } else {
    CountEnd(&incident);
  }
  return Put(std::move(incident));
}

void Registry::Judge(Incident* incident, Verdict verdict, const std::string& channel) {
  AddEvent(incident, {verdict.at, "classified", verdict.by, channel,
                      std::string(OutcomeName(verdict.outcome)) +
                          (verdict.reason.empty() ? "" : ": " + verdict.reason)});
  incident->verdict = std::move(verdict);
  if (incident->verdict->rule != kShort) CountVerdict(*incident);
}

bool Registry::IsInHand(const std::string& receiver, const std::string& group_key) const {
  const auto open = FindOpen(receiver, group_key);
  return open != nullptr && open->state != State::kTriggered;
}

std::vector<uint64_t> Registry::FindOpenByEntity(const std::string& entity_id) const {
  std::set<uint64_t> ids;
  for (const auto& [ref, group] : open_) {
    if (group.entity_id == entity_id) ids.insert(group.id);
  }
  return {ids.begin(), ids.end()};
}

std::vector<Record> Registry::Collect(WallTime before) {
  std::vector<Record> deletions;
  for (auto it = incidents_.begin(); it != incidents_.end();) {
    const Incident& incident = *it->second;
    const bool is_over = incidents_.size() > limits::kIncidents;
    const bool is_old = incident.resolved_at < before || is_over;
    // The newest stays, so that its number is not given out again after a restart.
    if (IsOpen(incident.state) || !is_old || incident.id == last_id_) {
      ++it;
      continue;
    }
    deletions.push_back({Table::kIncident, std::to_string(incident.id), std::nullopt});
    if (incident.resolved_at >= before) ++stats_.dropped;
    timers_.erase({NextDue(incident), incident.id});
    if (incident.counts_at != kNoTime) {
      Incident ended = incident;
      CountEnd(&ended);
    }
    if (!incident.is_test) {
      Count(&stats_.forgotten, {incident.receiver, incident.team, incident.service});
    }
    const auto latest = latest_.find({incident.receiver, incident.group_key});
    if (latest != latest_.end() && latest->second == incident.id) latest_.erase(latest);
    it = incidents_.erase(it);
  }
  return deletions;
}

Status Registry::Restore(const Record& record) {
  Result<Incident> incident = FromJson(record.value.value_or(""), terms_);
  if (!incident) return Fail(incident.error());
  last_id_ = std::max(last_id_, incident->id);
  CountFromNothing(*incident);
  paged_rules_.Note(*incident, LastPagedAt(*incident));
  Put(*std::move(incident));
  return {};
}

std::shared_ptr<const Incident> Registry::Find(uint64_t id) const {
  const auto found = incidents_.find(id);
  return found == incidents_.end() ? nullptr : found->second;
}

std::shared_ptr<const Incident> Registry::FindOpen(const std::string& receiver,
                                                   const std::string& group_key) const {
  const auto found = open_.find({receiver, group_key});
  return found == open_.end() ? nullptr : incidents_.at(found->second.id);
}

// The incident that the group had last, or the one that goes on in its place. Null: none is known.
std::shared_ptr<const Incident> Registry::FindLast(const std::string& receiver,
                                                   const std::string& group_key) const {
  const auto latest = latest_.find({receiver, group_key});
  if (latest == latest_.end()) return nullptr;
  std::shared_ptr<const Incident> incident = Find(latest->second);
  // Merges lead from an open incident to another, so they never lead round in a circle.
  while (incident != nullptr && incident->state == State::kMerged) {
    incident = Find(incident->merged_into);
  }
  return incident;
}

Record Registry::Put(Incident incident) {
  const uint64_t id = incident.id;
  changed_.insert(id);
  std::shared_ptr<const Incident>& place = incidents_[id];
  const auto before = std::exchange(place, std::make_shared<const Incident>(std::move(incident)));
  if (before != nullptr) Unindex(*before, FirstChange(*before, *place));
  Index(*place, before == nullptr ? 0 : FirstChange(*before, *place));
  return {Table::kIncident, std::to_string(id), ToJson(*place)};
}

// Enters all but the first `kept` groups, which are known.
void Registry::Index(const Incident& incident, size_t kept) {
  uint64_t& latest = latest_[{incident.receiver, incident.group_key}];
  latest = std::max(latest, incident.id);
  const WallTime due = NextDue(incident);
  if (due != kNoTime) timers_.emplace(due, incident.id);
  if (!IsOpen(incident.state)) return;
  open_ids_.insert(incident.id);
  for (size_t i = kept; i < incident.groups.size(); ++i) {
    const Group& group = incident.groups[i];
    open_[{group.receiver, group.group_key}] = {incident.id, group.entity_id};
  }
  if (!incident.correlation.empty()) correlated_[incident.correlation].insert(incident.id);
}

// Takes out all but the first `kept` groups, which stay known.
void Registry::Unindex(const Incident& incident, size_t kept) {
  open_ids_.erase(incident.id);
  for (size_t i = kept; i < incident.groups.size(); ++i) {
    const auto open = open_.find({incident.groups[i].receiver, incident.groups[i].group_key});
    if (open != open_.end() && open->second.id == incident.id) open_.erase(open);
  }
  const auto correlated = correlated_.find(incident.correlation);
  if (correlated != correlated_.end()) {
    correlated->second.erase(incident.id);
    if (correlated->second.empty()) correlated_.erase(correlated);
  }
  timers_.erase({NextDue(incident), incident.id});
}

}  // namespace watchfire::incident
