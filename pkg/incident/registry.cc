// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What pages and recoveries do to incidents, and the indexes.

#include "pkg/incident/registry.h"

#include <algorithm>
#include <iterator>

#include "pkg/base/check.h"
#include "pkg/base/digest.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/incident/change.h"

namespace watchfire::incident {
namespace {

const Ack& Monitoring() {
  static const auto& monitoring = *new Ack{"monitoring", ActorType::kAutomation, "pipeline", ""};
  return monitoring;
}

std::vector<std::string> Union(const std::vector<std::string>& a,
                               const std::vector<std::string>& b) {
  std::vector<std::string> all;
  std::ranges::set_union(a, b, std::back_inserter(all));
  if (all.size() > limits::kIncidentAlerts) all.resize(limits::kIncidentAlerts);
  return all;
}

void RaiseSeverity(const std::string& severity, const config::Incidents& terms,
                   Incident* incident) {
  incident->severity = severity;
  if (incident->level_by.empty()) incident->level = LevelOf(severity, terms);
}

void Describe(const Page& page, Incident* incident) {
  incident->title = TruncateRunes(page.title, kTitleRunes);
  if (!page.team.empty()) incident->team = page.team;
  if (!page.service.empty()) incident->service = page.service;
  for (const auto& [name, url] : page.links) incident->links[name] = url;
}

}  // namespace

std::vector<Record> Registry::OnAttempt(const Page& page, WallTime now) {
  const GroupRef group{page.receiver, page.group_key};
  if (const auto open = FindOpen(group)) return {Continue(*open, page)};
  if (const auto before = FindPredecessor(group)) {
    if (auto record = ComeBack(*before, page, now)) return {*std::move(record)};
  }
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
  incident.started_at = page.started_at;
  incident.detected_at = page.detected_at;
  incident.opened_at = incident.cycle_at = now;
  incident.alerts = page.alerts;
  incident.groups = {{page.receiver, page.group_key, incident.entity_id}};
  AddEvent(&incident, {now, "opened", page.receiver, "pipeline", incident.title});
  const uint64_t id = incident.id;
  Record record = Put(std::move(incident));
  if (page.correlation.empty()) return {std::move(record)};
  const uint64_t oldest = *correlated_.at(page.correlation).begin();
  if (oldest == id) return {std::move(record)};
  const Ack rule{"correlate_by", ActorType::kAutomation, "rule", page.correlation};
  // One that is full takes no more: this one then stays by itself.
  Result<Records> merged = MergeInto(id, oldest, rule, now);
  return merged ? *std::move(merged) : Records{std::move(record)};
}

// A page of a group that `before` was about: it belongs there still, or reopens it. Returns nothing
// when it does not.
std::optional<Record> Registry::ComeBack(const Incident& before, const Page& page, WallTime now) {
  if (!IsOpen(before.state)) {
    const bool is_soon =
        terms_.reopen_within > Duration::zero() && now - before.resolved_at <= terms_.reopen_within;
    return is_soon ? std::optional(Reopen(before, page, now)) : std::nullopt;
  }
  if (before.groups.size() >= limits::kIncidentGroups) return std::nullopt;
  Incident incident = before;
  incident.groups.push_back({page.receiver, page.group_key, Sha256Hex(page.group_key)});
  AddEvent(&incident, {now, "rejoined", page.receiver, "pipeline", page.title});
  return Continue(std::move(incident), page);
}

// The state of an incident whose group is paged once more.
Record Registry::Continue(Incident incident, const Page& page) {
  incident.alerts = incident.groups.size() > 1 ? Union(incident.alerts, page.alerts) : page.alerts;
  if (SeverityRank(page.severity) > SeverityRank(incident.severity)) {
    RaiseSeverity(page.severity, terms_, &incident);
    Describe(page, &incident);
  }
  return Put(std::move(incident));
}

Record Registry::Reopen(Incident incident, const Page& page, WallTime now) {
  StartCycle(&incident, now);
  incident.owner.clear();
  incident.resolved_at = kNoTime;
  incident.resolved_by.clear();
  incident.groups = {{page.receiver, page.group_key, Sha256Hex(page.group_key)}};
  // It was short, it was no end.
  if (incident.verdict && incident.verdict->rule == "short") incident.verdict.reset();
  incident.reopened.push_back(now);
  if (incident.reopened.size() > static_cast<size_t>(config::kFlappingCountMax)) {
    incident.reopened.erase(incident.reopened.begin());
  }
  AddEvent(&incident, {now, "reopened", page.receiver, "pipeline", page.title});
  Count(&stats_.reopened, TeamAndSeverity(incident));
  const auto recent = std::ranges::count_if(
      incident.reopened, [&](WallTime at) { return now - at <= terms_.flapping_within; });
  if (!incident.verdict && terms_.flapping_count > 0 && recent >= terms_.flapping_count) {
    Count(&stats_.flapping, TeamAndSeverity(incident));
    Judge(&incident,
          {Outcome::kNoise, "classification", "flapping", now,
           "reopened " + std::to_string(recent) + " times within " +
               FormatDuration(terms_.flapping_within)},
          "rule");
  }
  return Continue(std::move(incident), page);
}

std::optional<Record> Registry::OnPaged(const Page& page, WallTime now) {
  const auto open = FindOpen({page.receiver, page.group_key});
  if (!open) return std::nullopt;
  Incident incident = *open;
  AddEvent(&incident, {now, "paged", page.receiver, page.backend, ""});
  if (incident.paged_at == kNoTime) {
    incident.paged_at = now;
    Count(&stats_.paged, TeamAndSeverity(incident));
    stats_.page_seconds.Observe(TeamAndSeverity(incident),
                                SecondsBetween(incident.detected_at, now));
  }
  if (incident.cycle_paged_at == kNoTime) {
    incident.cycle_paged_at = now;
    Count(&stats_.pages, TeamAndSeverity(incident));
  }
  return Put(std::move(incident));
}

std::optional<Record> Registry::OnPageFailed(const Page& page, const std::string& why,
                                             WallTime now) {
  const auto open = FindOpen({page.receiver, page.group_key});
  if (!open) return std::nullopt;
  Incident incident = *open;
  AddEvent(&incident, {now, "page_failed", page.receiver, page.backend, why});
  return Put(std::move(incident));
}

std::optional<Record> Registry::OnRecovered(const std::string& receiver,
                                            const std::string& group_key, WallTime now) {
  const auto open = FindOpen({receiver, group_key});
  if (!open) return std::nullopt;
  Incident incident = *open;
  std::erase_if(incident.groups, [&](const Group& group) {
    return group.receiver == receiver && group.group_key == group_key;
  });
  if (incident.groups.empty()) return Close(std::move(incident), Monitoring(), now);
  AddEvent(&incident, {now, "recovered", "monitoring", "pipeline", receiver + " " + group_key});
  return Put(std::move(incident));
}

Record Registry::Close(Incident incident, const Ack& by, WallTime now) {
  const bool was_acked = incident.acked_at != kNoTime;
  if (!was_acked && incident.paged_at != kNoTime) {
    Count(&stats_.resolved_unacked, TeamAndSeverity(incident));
  }
  const bool by_itself = by.channel == "pipeline";
  stats_.resolve_seconds.Observe(
      {incident.team, incident.severity, by_itself ? "monitoring" : ActorTypeName(by.actor_type)},
      SecondsBetween(incident.opened_at, now));
  incident.state = State::kResolved;
  incident.resolved_at = now;
  incident.resolved_by = by.actor;
  incident.ack.reset();
  incident.snooze.reset();
  incident.groups.clear();
  AddEvent(&incident, {now, "resolved", by.actor, by.channel, by.note});
  if (by_itself && !was_acked && !incident.verdict && terms_.noise_within > Duration::zero() &&
      now - incident.cycle_at <= terms_.noise_within) {
    Judge(&incident,
          {Outcome::kNoise, "classification", "short", now,
           "over within " + FormatDuration(terms_.noise_within) + ", and nobody had acknowledged"},
          "rule");
  }
  return Put(std::move(incident));
}

void Registry::Judge(Incident* incident, Verdict verdict, const std::string& channel) {
  Count(&stats_.outcomes, {OutcomeName(verdict.outcome), verdict.source(), incident->team});
  AddEvent(incident, {verdict.at, "classified", verdict.by, channel,
                      std::string(OutcomeName(verdict.outcome)) +
                          (verdict.reason.empty() ? "" : ": " + verdict.reason)});
  incident->verdict = std::move(verdict);
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
  Put(*std::move(incident));
  return {};
}

std::shared_ptr<const Incident> Registry::Find(uint64_t id) const {
  const auto found = incidents_.find(id);
  return found == incidents_.end() ? nullptr : found->second;
}

std::shared_ptr<const Incident> Registry::FindOpen(const GroupRef& group) const {
  const auto found = open_.find(group);
  return found == open_.end() ? nullptr : incidents_.at(found->second.id);
}

// The incident that the group had last, or the one that goes on in its place. Null: none is known.
std::shared_ptr<const Incident> Registry::FindPredecessor(const GroupRef& group) const {
  const auto latest = latest_.find(group);
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
  std::shared_ptr<const Incident>& place = incidents_[id];
  if (place != nullptr) Unindex(*place);
  place = std::make_shared<const Incident>(std::move(incident));
  Index(*place);
  return {Table::kIncident, std::to_string(id), ToJson(*place)};
}

void Registry::Index(const Incident& incident) {
  uint64_t& latest = latest_[{incident.receiver, incident.group_key}];
  latest = std::max(latest, incident.id);
  if (!IsOpen(incident.state)) return;
  open_ids_.insert(incident.id);
  for (const Group& group : incident.groups) {
    open_[{group.receiver, group.group_key}] = {incident.id, group.entity_id};
  }
  if (!incident.correlation.empty()) correlated_[incident.correlation].insert(incident.id);
  const WallTime due = NextDue(incident);
  if (due != kNoTime) timers_.emplace(due, incident.id);
}

void Registry::Unindex(const Incident& incident) {
  open_ids_.erase(incident.id);
  for (const Group& group : incident.groups) {
    const auto open = open_.find({group.receiver, group.group_key});
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
