// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/incident_book.h"

#include <algorithm>

#include "pkg/base/check.h"

namespace watchfire::pagersim {
namespace {

constexpr std::string_view kSystem = "SYSTEM";

bool IsAlert(MessageType type) {
  return type == MessageType::kCritical || type == MessageType::kWarning;
}

}  // namespace

std::string_view Name(MessageType type) {
  switch (type) {
    case MessageType::kCritical:
      return "CRITICAL";
    case MessageType::kWarning:
      return "WARNING";
    case MessageType::kAcknowledgement:
      return "ACKNOWLEDGEMENT";
    case MessageType::kInfo:
      return "INFO";
    case MessageType::kRecovery:
      return "RECOVERY";
  }
  return "";
}

std::string_view Name(Phase phase) {
  switch (phase) {
    case Phase::kTriggered:
      return "triggered";
    case Phase::kAcknowledged:
      return "acknowledged";
    case Phase::kResolved:
      return "resolved";
  }
  return "";
}

const Transition* Incident::acknowledgement() const {
  for (auto it = transitions.rbegin(); it != transitions.rend(); ++it) {
    if (it->to == Phase::kAcknowledged) return &*it;
    if (it->to == Phase::kTriggered) return nullptr;
  }
  return nullptr;
}

void IncidentBook::Configure(const Settings& settings, WallTime now) {
  const bool maintenance_ends = settings_.maintenance && !settings.maintenance;
  settings_ = settings;
  if (!maintenance_ends) return;
  // The end of maintenance starts the paging of what is still triggered, from the first step.
  for (auto& [number, incident] : incidents_) {
    if (incident.phase == Phase::kTriggered && incident.muted) {
      Move(incident, {Phase::kTriggered, now, std::string(kSystem), false, "maintenance ended"});
    }
    incident.muted = false;
  }
}

IncidentBook::Change IncidentBook::Apply(Message message, WallTime now) {
  if (settings_.paused || message.type == MessageType::kInfo) return {};
  Incident* incident = FindActive(message.entity_id);
  if (incident == nullptr) return Open(std::move(message), now);

  const MessageType type = message.type;
  const bool pops_out = incident->phase == Phase::kAcknowledged &&
                        incident->severity == MessageType::kWarning &&
                        type == MessageType::kCritical;
  const std::string by = message.ack_author.empty() ? std::string(kSystem) : message.ack_author;
  const std::string note = message.ack_message;
  incident->latest = std::move(message);
  ++incident->sequence;
  if (IsAlert(type)) {
    ++incident->alert_count;
    incident->severity = type;
    incident->last_alert = now;
  }
  if (pops_out) {
    Move(*incident, {Phase::kTriggered, now, std::string(kSystem), false, "WARNING to CRITICAL"});
  } else if (type == MessageType::kRecovery) {
    Move(*incident, {Phase::kResolved, now, std::string(kSystem), false, ""});
  } else if (type == MessageType::kAcknowledgement && incident->phase == Phase::kTriggered) {
    Move(*incident, {Phase::kAcknowledged, now, by, false, note});
  } else {
    return {incident->number, false};
  }
  return {incident->number, true};
}

IncidentBook::Change IncidentBook::Open(Message message, WallTime now) {
  const bool opens = message.type == MessageType::kCritical ||
                     (message.type == MessageType::kWarning && settings_.warning_opens);
  if (!opens || !MakeRoom()) return {};

  Incident& incident = incidents_[++last_number_];
  incident.number = last_number_;
  incident.severity = message.type;
  incident.latest = std::move(message);
  incident.alert_count = 1;
  incident.muted = settings_.maintenance;
  incident.started = now;
  incident.last_alert = now;
  active_[incident.latest.entity_id] = incident.number;
  Move(incident, {Phase::kTriggered, now, std::string(kSystem), false, ""});
  return {incident.number, true};
}

bool IncidentBook::MakeRoom() {
  if (incidents_.size() < kMaxIncidents) return true;
  const auto resolved = std::ranges::find_if(
      incidents_, [](const auto& entry) { return entry.second.phase == Phase::kResolved; });
  if (resolved == incidents_.end()) return false;
  incidents_.erase(resolved);
  return true;
}

Result<IncidentBook::Change> IncidentBook::Acknowledge(uint64_t number, const std::string& user,
                                                       const std::string& note, WallTime now) {
  const Result<Incident*> incident = FindForUser(number);
  if (!incident) return Fail(incident.error());
  if ((*incident)->phase == Phase::kAcknowledged) return Change{number, false};
  Move(**incident, {Phase::kAcknowledged, now, user, true, note});
  return Change{number, true};
}

Result<IncidentBook::Change> IncidentBook::Resolve(uint64_t number, const std::string& user,
                                                   const std::string& note, WallTime now) {
  const Result<Incident*> incident = FindForUser(number);
  if (!incident) return Fail(incident.error());
  Move(**incident, {Phase::kResolved, now, user, true, note});
  return Change{number, true};
}

std::vector<uint64_t> IncidentBook::Tick(WallTime now) {
  std::vector<uint64_t> changed;
  const auto due = [now](Duration after, WallTime since) {
    return after > Duration::zero() && now - since >= after;
  };
  for (auto& [number, incident] : incidents_) {
    if (incident.phase == Phase::kResolved) continue;
    const bool triggered = incident.phase == Phase::kTriggered;
    if (due(settings_.auto_resolve, std::max(incident.last_alert, incident.last().at))) {
      Move(incident, {Phase::kResolved, now, std::string(kSystem), false, "no news"});
    } else if (triggered && !incident.muted && due(settings_.auto_ack, incident.last().at)) {
      Move(incident, {Phase::kAcknowledged, now, "simulated-responder", true, "on it"});
    } else if (!triggered && due(settings_.pop_out, incident.last().at)) {
      Move(incident, {Phase::kTriggered, now, std::string(kSystem), false, "ack wore off"});
    } else {
      continue;
    }
    changed.push_back(number);
  }
  return changed;
}

const Incident* IncidentBook::Find(uint64_t number) const {
  const auto found = incidents_.find(number);
  return found == incidents_.end() ? nullptr : &found->second;
}

Incident* IncidentBook::FindActive(const std::string& entity_id) {
  const auto found = active_.find(entity_id);
  if (found == active_.end()) return nullptr;
  const auto incident = incidents_.find(found->second);
  WF_CHECK(incident != incidents_.end());
  return &incident->second;
}

Result<Incident*> IncidentBook::FindForUser(uint64_t number) {
  const auto found = incidents_.find(number);
  if (found == incidents_.end()) {
    return Fail(Code::kNotFound, "no incident " + std::to_string(number));
  }
  if (found->second.phase == Phase::kResolved) {
    return Fail(Code::kConflict, "incident " + std::to_string(number) + " is already resolved");
  }
  return &found->second;
}

void IncidentBook::Move(Incident& incident, Transition transition) {
  incident.phase = transition.to;
  ++incident.sequence;
  if (transition.to == Phase::kResolved) active_.erase(incident.latest.entity_id);
  // The first transition tells when it all began; what gives way are the ones after it.
  if (incident.transitions.size() == kMaxTransitions) {
    incident.transitions.erase(incident.transitions.begin() + 1);
  }
  incident.transitions.push_back(std::move(transition));
}

}  // namespace watchfire::pagersim
