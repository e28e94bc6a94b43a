// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What other tools say to us in the words of a paging vendor or of their own webhook, put into
// one form, and what follows from it for the alerts we have. Pure: bytes, time and the open alerts
// come in as arguments.
//
//   body --Read…()--> Change --Plan()--> alerts to post, an act on their incidents
//
// One alert for each entity: what a vendor calls entity id, alias or dedup key is the label
// `entity_id`, and with `source` and the labels of the key it came with it says which alert is
// meant. An open alert keeps its labels, so that a text that changes makes no second one.

#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/config/inbound.h"
#include "pkg/labels/labels.h"

namespace watchfire::inbound {

inline constexpr const char* kEntityLabel = "entity_id";
inline constexpr const char* kSourceLabel = "source";

enum class Verb {
  kTrigger,      // Opens an alert, or refreshes the open one.
  kMention,      // Says something: of the open alert, or once.
  kResolve,      // Ends it.
  kAnnotate,     // Changes texts of an open one.
  kAcknowledge,  // These act on its incidents.
  kUnacknowledge,
  kSnooze,
  kAssign,
  kCall,  // Asks for a person, team, schedule or policy.
  kNote,
  kNothing,  // Known, and of no consequence.
};

// What a trigger changes of an alert that is open.
enum class Refresh {
  kNothing,      // Opsgenie: it only counts.
  kAnnotations,  // PagerDuty and webhooks: the texts are those of the last message.
  kSeverity,     // VictorOps: and a worse severity is news, a new alert in place of the old one.
};

struct Change {
  Verb verb = Verb::kTrigger;
  std::string entity;
  labels::LabelSet::Pairs labels;       // Beside source, entity and those of the key.
  labels::LabelSet::Pairs annotations;  // kAnnotate: an empty value removes.
  std::string severity;                 // "critical", "warning", "info"; "": not said.
  WallTime starts_at = kNoTime;         // kNoTime: now.
  WallTime state_at = kNoTime;          // By the sender's clock: what is older does not count.
  Duration lifetime{};                  // Zero: until it is resolved.
  std::string generator_url;
  Refresh refresh = Refresh::kAnnotations;
  std::string actor;         // Who acts; "": nobody in particular.
  std::string note;          // What they say to it.
  WallTime until = kNoTime;  // kSnooze
  std::string assignee;      // kAssign; kCall: as incident::Escalate has it.
};

// Leaves out of an entity id what the key's `entity_without` finds; all of it stays where no letter
// or digit would be left, and if it is as NameByBody() names.
std::string EntityOf(const config::InboundKey& key, const std::string& entity);

// Names the entity of a message that names none, by its body: sent again it is the same one. Nobody
// knows a name to end it by, so it ends by itself, a day after the last such message.
void NameByBody(std::string_view body, Change* change);

// Adds unless `value` is empty, the name is there already, or there are more than an alert can
// have.
void AddText(labels::LabelSet::Pairs* pairs, std::string_view name, std::string_view value);
// Fields of the sender's own making that routes and groups go by.
inline constexpr std::array<std::string_view, 8> kFieldLabels = {
    "team", "service", "environment", "cluster", "namespace", "region", "job", "instance"};
// Adds a field of the sender's own making: as a label if it is one of those, else as an annotation.
void AddField(Change* change, std::string_view name, std::string_view value);

// Returns "critical", "warning" or "info" for the many words that mean them, in any case, among
// them P1 to P5 and Sev0 to Sev4; "" for others.
std::string NormalSeverity(std::string_view word);

// Which alerts a key may touch: source and its labels. Of an entity: that as well.
labels::LabelSet Identity(std::string_view kind, const config::InboundKey& key,
                          std::string_view entity = "");

using Alerts = std::vector<std::shared_ptr<const alert::Alert>>;

// Returns what is to be posted. `open`: the alerts of the entity that fire at `now`. What came
// again changes nothing but the time of its last ingest. Within limits.h: texts for which there is
// no room are cut or left out, and the alert then says so in the annotation `truncated`.
std::vector<alert::Alert> Plan(const Change& change, std::string_view kind,
                               const config::InboundKey& key, const Alerts& open, WallTime now);

// ---- Readers, one file each. `now` is the time of receipt. ----

// Generic REST endpoint of VictorOps. `routing_key`: of the path, may be "". Errors: what the
// vendor says, "Missing fields: message_type". Source: reference paging-backends §1.1.
Result<Change> ReadVictorOps(std::string_view body, std::string_view routing_key,
                             Duration mention_for, WallTime now);

// Events API v2 and v1 of PagerDuty. `routing_key` proves the sender, so it is there even when
// there are errors, which are the vendor's texts; `change` counts only without any.
// Source: reference paging-backends §3.1.
struct PagerDutyEvent {
  std::string routing_key;
  std::vector<std::string> errors;
  Change change;
};
// `header_key`: of the header X-Routing-Key, "" without one; it counts when the body names none.
PagerDutyEvent ReadPagerDuty(std::string_view body, WallTime now, std::string_view header_key = "");
PagerDutyEvent ReadPagerDutyV1(std::string_view body, WallTime now);
// A change event, which notifies nobody: `change` says nothing.
PagerDutyEvent ReadPagerDutyChange(std::string_view body, std::string_view header_key = "");

// Webhooks. One body may be about several entities, at most limits::kInboundAlerts. Errors:
// kInvalidArgument, with the member that is wrong. Source of all shapes: reference paging-backends
// §4.3 and the vendors' pages named in each file.
using Changes = std::vector<Change>;
Result<Changes> ReadGrafana(std::string_view body, WallTime now);
Result<Changes> ReadDatadog(std::string_view body, WallTime now);
Result<Changes> ReadAzureMonitor(std::string_view body, WallTime now);
Result<Changes> ReadGcp(std::string_view body, WallTime now);
Result<Changes> ReadSplunk(std::string_view body, WallTime now);
// `body`: what SNS carries: an alarm of CloudWatch, or any other text, which then is an alert of
// its own that ends after an hour. `subject` and `id`: of the message.
Result<Changes> ReadCloudWatch(std::string_view body, const std::string& subject,
                               const std::string& id, WallTime now);
Result<Changes> ReadGeneric(std::string_view body, const config::InboundMapping& mapping);

}  // namespace watchfire::inbound
