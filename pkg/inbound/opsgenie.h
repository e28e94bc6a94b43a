// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Opsgenie's Alert API v2: its bodies, its picture of an alert, and its request ids.
// Pure. Source: docs.opsgenie.com/docs/alert-api; reference paging-backends §2.1, §2.4.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/json.h"
#include "pkg/inbound/inbound.h"

namespace watchfire::inbound {

// The annotation that says so when the priority is no longer that of the label.
inline constexpr const char* kUpdatedPriority = "updated_priority";

// A refusal: 400 for what is no JSON, 422 for what makes no sense.
struct OpsgenieFault {
  int status = 422;
  std::string field;  // "": the whole body.
  std::string reason;
};
template <typename T>
using OpsgenieResult = tl::expected<T, OpsgenieFault>;

// POST /v2/alerts. Over-long texts are cut where the vendor cuts them.
OpsgenieResult<Change> ReadOpsgenieCreate(std::string_view body, WallTime now);

// What can be done to an alert, by the last part of its path.
struct OpsgenieAct {
  std::string name;  // Of the request's status: "Acknowledge".
  Change change;
  std::vector<std::string> tags;     // To add to, or take from, those it has.
  std::vector<std::string> removed;  // Keys of details to take away.
  bool removes_tags = false;
  bool is_known = true;  // False: taken, and carried out by nobody (custom actions).
};
// `verb`: acknowledge, unacknowledge, close, notes, snooze, assign, tags, details, message,
// description, priority, escalate, responders, teams or another word; "delete" for DELETE of the
// alert. An empty body is {}.
OpsgenieResult<OpsgenieAct> ReadOpsgenieAct(std::string_view verb, std::string_view body,
                                            WallTime now);

// A new priority is an edit, as it is at the vendor: nobody's ack, snooze or incident may go for
// it, so the labels that routes go by stay. Only a higher one, of what is not in anybody's hand,
// makes routes decide anew: who raises an alert wants those woken that the new priority wakes.
void KeepRoute(const alert::Alert& alert, bool is_in_hand, OpsgenieAct* act);

// An alert as the API shows it.
struct OpsgenieAlert {
  std::string id;  // Of this episode: it differs when the same alias opens again.
  std::string tiny_id;
  std::string alias;
  std::string message;
  std::string priority;  // P1 … P5
  std::string source;
  std::string entity;
  std::string description;
  std::string owner;
  std::vector<std::string> tags;
  std::vector<std::string> actions;
  std::vector<std::string> responders;  // "team:ops"
  labels::LabelSet details;
  bool is_open = true;
  bool is_acknowledged = false;
  bool is_snoozed = false;
  WallTime snoozed_until = kNoTime;
  WallTime created_at = kNoTime;
  WallTime updated_at = kNoTime;
  WallTime closed_at = kNoTime;  // kNoTime: open.
  WallTime acked_at = kNoTime;
  std::string acked_by;

  // Incidents are the caller's to add. `of_key`: labels that no sender gave.
  static OpsgenieAlert Of(const alert::Alert& alert, WallTime at,
                          const labels::LabelSet& of_key = {});
  // `is_whole`: as a single alert is shown, else as in lists.
  void Write(JsonWriter* json, bool is_whole) const;
};

// What became of a request. The id holds it all, so that it is known for ever and stored nowhere;
// it is no secret and proves nothing.
struct OpsgenieRequest {
  uint64_t alert = 0;     // A hash of the alias; 0: none.
  uint8_t action = 0;     // Into kOpsgenieActions.
  uint8_t status = 0;     // Into kOpsgenieStatuses.
  WallTime at = kNoTime;  // To the millisecond.

  std::string Id() const;  // In the form of a UUID.
  static std::optional<OpsgenieRequest> Parse(std::string_view id);
};
uint64_t OpsgenieHash(std::string_view alias);
// Ids hold places in these lists: what is new comes last. Returns that of the name, else Custom's.
inline constexpr std::array<const char*, 20> kOpsgenieActions = {
    "Create",        "Acknowledge",   "UnAcknowledge",     "Close",          "AddNote",
    "Snooze",        "Assign",        "AddTags",           "RemoveTags",     "AddDetails",
    "RemoveDetails", "UpdateMessage", "UpdateDescription", "UpdatePriority", "Delete",
    "Ping",          "Custom",        "Escalate",          "AddResponder",   "AddTeam"};
uint8_t OpsgenieActionIndex(std::string_view name);
struct OpsgenieStatus {
  const char* text;
  bool is_success;
};
inline constexpr std::array<OpsgenieStatus, 8> kOpsgenieStatuses = {{
    {"Created alert", true},
    {"Alert is updated", true},
    {"Alert does not exist", false},
    {"Nobody was paged for this alert yet", false},
    {"Watchfire does not carry out this action", false},
    {"Deduplicated alert", true},
    {"Nobody of that name can be called", false},
    {"Somebody has it in hand, or nobody is left to call", false},
}};

}  // namespace watchfire::inbound
