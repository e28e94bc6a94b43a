// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What responders do to our pages at a vendor, as its webhooks tell it. Pure. Sources, read
// 2026-11: developer.pagerduty.com "Webhooks Overview" and "Verifying Signatures",
// support.atlassian.com/opsgenie "Webhook integration"; reference paging-backends §2.5, §3.2.

#pragma once

#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/base/secret.h"
#include "pkg/base/time.h"

namespace watchfire::inbound {

struct ResponderAct {
  enum class Kind { kNothing, kAcknowledge, kResolve, kNote };

  Kind kind = Kind::kNothing;  // kNothing: of no consequence here.
  std::string entity_id;       // PagerDuty's incident key, Opsgenie's alias; "": it says none.
  std::string page;            // What the vendor calls it: tells `mark`s of one page from others.
  std::string actor;           // Never empty; not shortened.
  std::string actor_id;        // What the vendor calls the person besides; "": nothing.
  bool is_person = false;
  std::string text;       // What they say to it, "" for nothing; not shortened.
  std::string mark;       // The same in each delivery of this act, another in every other's.
  WallTime at = kNoTime;  // When it was done there; kNoTime: it does not say.
};

// A webhook v3 of PagerDuty. Errors: kInvalidArgument: no JSON object, or none with an event that
// has an id and a type.
Result<ResponderAct> ReadPagerDutyWebhook(std::string_view body);

// Whether one of the signatures in X-PagerDuty-Signature is that of the body by `secret`. An empty
// secret signs nothing.
bool IsSignedByPagerDuty(std::string_view body, const Secret& secret, std::string_view signatures);

// One of Opsgenie's webhook integration. Errors: kInvalidArgument: no JSON object, or none with an
// action and an alert that has an id.
Result<ResponderAct> ReadOpsgenieWebhook(std::string_view body);

}  // namespace watchfire::inbound
