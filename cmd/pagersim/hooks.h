// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What PagerDuty, Opsgenie and Slack post when somebody acts there, signed as they sign it. Pure.
// Sources: developer.pagerduty.com "Webhooks Overview" and "Verifying Signatures";
// support.atlassian.com/opsgenie "Webhook integration"; docs.slack.dev "block_actions payload" and
// "Verifying requests from Slack".

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cmd/pagersim/chat.h"
#include "cmd/pagersim/person.h"
#include "pkg/base/secret.h"
#include "pkg/base/time.h"

namespace watchfire::pagersim {

// Where they go, and what signs them. An empty URL: nowhere; an empty secret signs all the same.
struct HookTargets {
  std::string pagerduty_url;
  std::string opsgenie_url;
  std::string slack_url;
  Secret pagerduty_secret;
  Secret slack_secret;
};

struct Hook {
  std::string body;
  std::string type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// What a person did there; `event`: another number for each.
Hook PagerDutyHook(const PersonAct& act, const std::string& dedup_key, uint64_t event,
                   const Secret& secret, WallTime now);
Hook OpsgenieHook(const PersonAct& act, const std::string& id, const std::string& alias,
                  WallTime now);
// `user` is a Slack user's id.
Hook SlackHook(const ChatButton& button, const std::string& user, uint64_t event,
               const Secret& secret, WallTime now);

}  // namespace watchfire::pagersim
