// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// `incidents:` what an incident's life depends on beside its pages and the people. Every default is
// one that a team can live with; zero switches a rule off.

#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "pkg/base/time.h"
#include "pkg/config/ack_links.h"

namespace watchfire::config {

inline constexpr int kFlappingCountMax = 32;  // So many reopenings of an incident are remembered.
inline constexpr int kAlertFlappingCountMin = 3;  // Fewer changes are one alert that came back.
inline constexpr int kAlertFlappingCountMax = 100;

inline constexpr size_t kRunbooksMax = 1000;
inline constexpr size_t kRunbookBytesMax = 256UL * 1024;
using RunbookTexts = std::map<std::string, std::string, std::less<>>;  // By alert.

// What the vendor that was paged is told of what happened here. Bits of Integration::takes.
enum VendorAct : unsigned {
  kVendorAcknowledge = 1,
  kVendorUnacknowledge = 2,
  kVendorNote = 4,
  kVendorResolve = 8,
  kVendorEscalate = 16,
};
inline constexpr VendorAct kVendorActs[] = {kVendorAcknowledge, kVendorUnacknowledge, kVendorNote,
                                            kVendorResolve, kVendorEscalate};
inline constexpr unsigned kVendorEveryAct = 31;
// "acknowledge", "unacknowledge", "note", "resolve", "escalate"
const char* VendorActName(VendorAct act);

struct Incidents {
  // `retention`: so long resolved ones are kept, or for --data.retention if that is longer.
  Duration retention = std::chrono::hours(24 * 90);
  // `reopen_within`: a page that comes this soon after its incident was resolved reopens it, later
  // ones open another. Zero: never.
  Duration reopen_within = std::chrono::minutes(5);
  // `ack.expires_after`: of acks that name no end. Zero: they hold until the incident is over.
  Duration ack_expires_after{};
  // `ack.remind_before`: so long before an ack expires there is a reminder. Zero: none.
  Duration remind_before = std::chrono::minutes(5);
  // `classification.noise_within`: what monitoring resolves this soon, and nobody acknowledged,
  // snoozed or was given, is noise. Zero: the rule is off.
  Duration noise_within = std::chrono::minutes(5);
  // `classification.flapping_count` reopenings within `flapping_within` are noise. Zero: off.
  int flapping_count = 3;
  Duration flapping_within = std::chrono::hours(1);
  // `correlate_by`: an alert label, or else annotation, whose value makes incidents one. "": none.
  std::string correlate_by;
  // `severities`: values of the label `severity`, over the defaults of incident::LevelOf().
  std::map<std::string, std::string, std::less<>> severities;
  // `response_targets`: by level, SEV1 to SEV4: so soon somebody takes an incident. A level that is
  // absent has no target.
  std::map<std::string, Duration, std::less<>> response_targets;
  // `postmortem.levels`: whose incidents want a post-mortem, reviewed `postmortem.due_within` of
  // their end. Empty: none.
  std::set<std::string, std::less<>> postmortem_levels;
  Duration postmortem_due_within = std::chrono::hours(24 * 5);
  // `alert_flapping.count` beginnings and ends of one alert `within` that time are flapping. Zero:
  // none ever is. Source: reference paging-backends §7.3.
  int alert_flapping_count = 5;
  Duration alert_flapping_within = std::chrono::hours(1);
  // `runbooks`: Markdown to show beside incidents, by the name of the alert. Null: none.
  std::shared_ptr<const RunbookTexts> runbooks;
  AckLinks ack_links;
  // `tell_vendors`: whether acks, notes and resolves are told to those that were paged, unless an
  // integration says otherwise (`tell_acks`). Off: an unmodified alertmanager.yml sends what
  // Alertmanager sends, and an ack at a vendor ends that vendor's own escalation.
  bool tell_vendors = false;
};

}  // namespace watchfire::config
