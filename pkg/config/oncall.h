// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Who is on call, as far as a configuration says it: `oncall_files`, `oncall` and receivers'
// `escalation_configs`. Schedules and policies are pkg/oncall's, a folder above this one; whoever
// calls Load() brings the reader of its files (LoadOptions::read_oncall).

#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "pkg/base/time.h"

namespace watchfire::oncall {
struct Roster;
}

namespace watchfire::config {

// The kind of the integration that hands its group's incident over to an escalation policy. Its
// options are an Escalates.
inline constexpr const char* kEscalation = "escalation";

struct Escalates {
  std::string policy;  // As the roster calls it.
};

// One of a person's notification rules: which receiver, and how long after the person's turn.
struct ContactRule {
  std::string receiver;  // A defined one that has integrations and does not itself escalate.
  Duration after{};      // At most limits::kContactDelay.
  // What kind of contact it is, as ContactMethod() says it; "": none that rules know.
  std::string method = {};

  bool operator==(const ContactRule&) const = default;
};

// One word for what documents call alike: "push" (app, mobile_app …), "sms", "voice" (phone …),
// "email"; anything else in lower case.
std::string ContactMethod(const std::string& said);

// The summary of a shift is sent when others come on call.
struct Handoff {
  std::string schedule;  // As the roster calls it.
  // Of a defined one, the integrations that can tell it (CanTellHandoff). "": the first contact of
  // whoever comes on call.
  std::string receiver;

  bool operator==(const Handoff&) const = default;
};

// Whether a hand-off can be told by integrations of this kind: not where every message opens
// something that somebody has to close.
bool CanTellHandoff(const std::string& integration);

// Of somebody whom many incidents page at once: from then on each of his receivers gets one page in
// so long, which names all that wait, until nothing pages him any more.
struct Storm {
  size_t incidents = 0;  // So many within `within` are a storm; 0: never.
  Duration within = std::chrono::minutes(1);
  Duration every = std::chrono::minutes(1);

  bool operator==(const Storm&) const = default;
};

struct Oncall {
  std::shared_ptr<const oncall::Roster> roster;  // Null without oncall_files.
  // By the name by which the roster calls the person, or the address that a policy tells.
  std::map<std::string, std::vector<ContactRule>> contacts;
  // As the file has them, of those whose own rules drop or retime some of `contacts`.
  std::map<std::string, std::vector<ContactRule>> all_contacts = {};
  // The receiver that is paged when a step reaches nobody, and when a policy has run out. Set iff
  // some receiver escalates or the file says so.
  std::string fallback;
  std::vector<Handoff> handoffs;
  Storm storm;
  bool person_metrics = false;  // Metrics of the time on call, and of pages, name people.
};

// How somebody is told by a step: by the contacts as the person's rules time them, or, of a step
// that ignores rules, by all there are and at once. Empty if there are none.
std::vector<ContactRule> ContactsOf(const Oncall& oncall, const std::string& person,
                                    bool ignores_rules);

struct Config;
// The policies, or calls of one step, by which receivers and rules of automation page.
std::set<std::string> PoliciesOf(const Config& config);

}  // namespace watchfire::config
