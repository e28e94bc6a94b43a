// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/incident/incident.h"

#include <algorithm>
#include <charconv>

#include "pkg/base/check.h"
#include "pkg/base/digest.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"

namespace watchfire::incident {

// In json.cc.
Result<Incident> FromJson(std::string_view json);

namespace {

// Bucket edges hold the usual targets: 2 min, 5 min, 15 min, 30 min, 1 h (reference §7.3).
const std::vector<double>& AckBuckets() {
  static const auto& buckets =
      *new std::vector<double>{15, 30, 60, 120, 300, 600, 900, 1800, 3600, 14400};
  return buckets;
}

std::vector<double> ResolveBuckets() {
  return {60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 259200};
}

constexpr size_t kTitleRunes = 256;

// The last places are kept for what must not be missing.
void AddEvent(Incident* incident, Event event) {
  constexpr size_t kReserved = 50;
  const bool vital = event.kind == "acked" || event.kind == "resolved";
  if (incident->timeline.size() + (vital ? 0 : kReserved) < limits::kIncidentEvents) {
    incident->timeline.push_back(std::move(event));
  }
}

// Foreign or stepped clocks must not give negative durations.
double SecondsBetween(WallTime from, WallTime to) {
  return from == kNoTime || to < from ? 0.0 : ToSeconds(to - from);
}

Status CheckActor(const Ack& ack) {
  if (ack.actor.empty()) {
    return InvalidArgument("actor is empty: say who acts, for example {\"actor\": \"ada\"}");
  }
  if (ack.actor.size() > limits::kNoteBytes || ack.note.size() > limits::kNoteBytes) {
    return InvalidArgument("actor or note is longer than " + std::to_string(limits::kNoteBytes) +
                           " bytes");
  }
  return {};
}

}  // namespace

const char* StateName(State state) {
  switch (state) {
    case State::kTriggered:
      return "triggered";
    case State::kAcknowledged:
      return "acknowledged";
    case State::kResolved:
      return "resolved";
  }
  return "unknown";
}

const char* ActorTypeName(ActorType type) {
  return type == ActorType::kHuman ? "human" : "automation";
}

int SeverityRank(std::string_view severity) {
  if (severity == "critical" || severity == "page") return 4;
  if (severity == "error") return 3;
  if (severity == "warning" || severity == "ticket") return 2;
  if (severity == "info" || severity == "none" || severity.empty()) return 0;
  return 1;
}

Stats::Stats()
    : ack_seconds(AckBuckets()),
      resolve_seconds(ResolveBuckets()),
      page_seconds({0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600}) {}

Record Registry::OnAttempt(const Page& page, WallTime now) {
  if (const auto open = FindOpen({page.receiver, page.group_key})) {
    Incident incident = *open;
    incident.alerts = page.alerts;
    if (SeverityRank(page.severity) > SeverityRank(incident.severity)) {
      incident.severity = page.severity;
      incident.title = TruncateRunes(page.title, kTitleRunes);
      if (!page.team.empty()) incident.team = page.team;
    }
    return Put(std::move(incident));
  }
  Incident incident;
  incident.id = ++last_id_;
  incident.receiver = page.receiver;
  incident.group_key = page.group_key;
  incident.entity_id = Sha256Hex(page.group_key);
  incident.title = TruncateRunes(page.title, kTitleRunes);
  incident.severity = page.severity.empty() ? "none" : page.severity;
  incident.team = page.team.empty() ? "none" : page.team;
  incident.backend = page.backend;
  incident.started_at = page.started_at;
  incident.detected_at = page.detected_at;
  incident.opened_at = now;
  incident.alerts = page.alerts;
  AddEvent(&incident, {now, "opened", page.receiver, "pipeline", incident.title});
  open_[{page.receiver, page.group_key}] = incident.id;
  return Put(std::move(incident));
}

std::optional<Record> Registry::OnPaged(const Page& page, WallTime now) {
  const auto open = FindOpen({page.receiver, page.group_key});
  if (!open) return std::nullopt;
  Incident incident = *open;
  AddEvent(&incident, {now, "paged", page.receiver, page.backend, ""});
  if (incident.paged_at == kNoTime) {
    incident.paged_at = now;
    const LabelValues labels = {incident.team, incident.severity};
    Count(&stats_.paged, labels);
    Count(&stats_.pages, labels);
    stats_.page_seconds.Observe(labels, SecondsBetween(incident.detected_at, now));
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
  Result<Record> record =
      Resolve(open->id, {"monitoring", ActorType::kAutomation, "pipeline", ""}, now);
  WF_CHECK(record.has_value());
  return *std::move(record);
}

Result<Record> Registry::Acknowledge(uint64_t id, const Ack& ack, WallTime now) {
  WF_RETURN_IF_ERROR(CheckActor(ack));
  const auto found = incidents_.find(id);
  if (found == incidents_.end()) {
    return Fail(Code::kNotFound, "no incident " + std::to_string(id));
  }
  Incident incident = *found->second;
  if (incident.state == State::kResolved) {
    return Fail(Code::kConflict, "incident " + std::to_string(id) + " is already resolved");
  }
  if (incident.state == State::kAcknowledged && incident.acked_by == ack.actor) {
    return Put(std::move(incident));  // A vendor repeats itself.
  }
  if (incident.state == State::kAcknowledged) {
    AddEvent(&incident, {now, "note", ack.actor, ack.channel, "acknowledged again: " + ack.note});
    return Put(std::move(incident));
  }
  incident.state = State::kAcknowledged;
  incident.acked_at = now;
  incident.acked_by = ack.actor;
  AddEvent(&incident, {now, "acked", ack.actor, ack.channel, ack.note});
  // Ack time runs from the first page a vendor accepted (metric M5). An ack that overtakes the
  // vendor's answer counts from the opening.
  const WallTime paged = incident.paged_at == kNoTime ? incident.opened_at : incident.paged_at;
  stats_.ack_seconds.Observe(
      {incident.team, incident.severity, incident.backend, ActorTypeName(ack.actor_type), "first"},
      SecondsBetween(paged, now));
  return Put(std::move(incident));
}

Result<Record> Registry::Resolve(uint64_t id, const Ack& by, WallTime now) {
  WF_RETURN_IF_ERROR(CheckActor(by));
  const auto found = incidents_.find(id);
  if (found == incidents_.end()) {
    return Fail(Code::kNotFound, "no incident " + std::to_string(id));
  }
  Incident incident = *found->second;
  if (incident.state == State::kResolved) {
    return Fail(Code::kConflict, "incident " + std::to_string(id) + " is already resolved");
  }
  const LabelValues labels = {incident.team, incident.severity};
  if (incident.state == State::kTriggered && incident.paged_at != kNoTime) {
    Count(&stats_.resolved_unacked, labels);
  }
  const std::string resolver =
      by.channel == "pipeline" ? "monitoring" : ActorTypeName(by.actor_type);
  stats_.resolve_seconds.Observe({incident.team, incident.severity, resolver},
                                 SecondsBetween(incident.opened_at, now));
  incident.state = State::kResolved;
  incident.resolved_at = now;
  incident.resolved_by = by.actor;
  AddEvent(&incident, {now, "resolved", by.actor, by.channel, by.note});
  open_.erase({incident.receiver, incident.group_key});
  return Put(std::move(incident));
}

std::vector<uint64_t> Registry::FindOpenByEntity(const std::string& entity_id) const {
  std::vector<uint64_t> ids;
  for (const auto& [group, id] : open_) {
    if (incidents_.at(id)->entity_id == entity_id) ids.push_back(id);
  }
  std::ranges::sort(ids);
  return ids;
}

std::vector<Record> Registry::Collect(WallTime before) {
  std::vector<Record> deletions;
  for (auto it = incidents_.begin(); it != incidents_.end();) {
    const Incident& incident = *it->second;
    const bool is_over = incidents_.size() > limits::kIncidents;
    const bool is_old = incident.resolved_at < before || is_over;
    // The newest stays, so that its number is not given out again after a restart.
    if (incident.state != State::kResolved || !is_old || incident.id == last_id_) {
      ++it;
      continue;
    }
    deletions.push_back({Table::kIncident, std::to_string(incident.id), std::nullopt});
    if (incident.resolved_at >= before) ++stats_.dropped;
    it = incidents_.erase(it);
  }
  return deletions;
}

Status Registry::Restore(const Record& record) {
  Result<Incident> incident = FromJson(record.value.value_or(""));
  if (!incident) return Fail(incident.error());
  last_id_ = std::max(last_id_, incident->id);
  if (incident->state != State::kResolved) {
    open_[{incident->receiver, incident->group_key}] = incident->id;
  }
  const uint64_t id = incident->id;
  incidents_[id] = std::make_shared<const Incident>(*std::move(incident));
  return {};
}

std::shared_ptr<const Incident> Registry::Find(uint64_t id) const {
  const auto found = incidents_.find(id);
  return found == incidents_.end() ? nullptr : found->second;
}

std::shared_ptr<const Incident> Registry::FindOpen(const GroupRef& group) const {
  const auto found = open_.find(group);
  return found == open_.end() ? nullptr : incidents_.at(found->second);
}

Record Registry::Put(Incident incident) {
  const uint64_t id = incident.id;
  auto stored = std::make_shared<const Incident>(std::move(incident));
  incidents_[id] = stored;
  return {Table::kIncident, std::to_string(id), ToJson(*stored)};
}

}  // namespace watchfire::incident
