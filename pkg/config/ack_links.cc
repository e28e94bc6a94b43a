// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Reads `incidents.ack_links`.

#include "pkg/config/ack_links.h"

#include <algorithm>
#include <array>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

// A link is as hard to forge as its secret is to guess.
void AddSecret(Section& section, const std::string& name, bool required, Loader* loader,
               AckLinks* links) {
  Secret secret = ReadSecret(section, name, required, loader);
  if (secret.empty()) return;
  if (secret.reveal().size() < limits::kAckLinkSecretBytesMin) {
    const std::string key = section.Has(name) ? name : name + "_file";
    section.Error(key,
                  key + " of ack_links has " + std::to_string(secret.reveal().size()) +
                      " bytes, and needs " + std::to_string(limits::kAckLinkSecretBytesMin),
                  "openssl rand -base64 32");
    return;
  }
  links->secrets.push_back(std::move(secret));
}

void ReadActions(Section& section, AckLinks* links) {
  static constexpr std::array<std::string_view, 4> kActions = {"acknowledge", "resolve", "snooze",
                                                               "escalate"};
  if (!section.Has("actions")) return;
  const std::vector<std::string> actions = section.Strings("actions");
  for (const std::string& action : actions) {
    if (std::ranges::find(kActions, action) != kActions.end()) continue;
    section.Error("actions", "unknown action " + GoQuote(action) + " of ack_links",
                  "some of acknowledge, resolve, snooze, escalate");
  }
  const auto has = [&](std::string_view action) {
    return std::ranges::find(actions, action) != actions.end();
  };
  if (!has("acknowledge")) {
    section.Error("actions", "the actions of ack_links must hold acknowledge");
  }
  links->may_resolve = has("resolve");
  links->may_snooze = has("snooze");
  links->may_escalate = has("escalate");
}

Duration ReadSpan(Section& section, const std::string& key, Duration fallback) {
  const Duration span = section.PromDuration(key, fallback);
  if (span > Duration::zero() && span <= limits::kIncidentHold) return span;
  section.Error(key, key + " of ack_links must be more than zero and at most " +
                         FormatDuration(limits::kIncidentHold));
  return fallback;
}

}  // namespace

void ReadAckLinks(Section& section, Loader* loader) {
  AckLinks& links = loader->config.incidents.ack_links;
  AddSecret(section, "secret", true, loader, &links);
  AddSecret(section, "previous_secret", false, loader, &links);
  links.expires_after = ReadSpan(section, "expires_after", links.expires_after);
  ReadActions(section, &links);
  links.snooze_for = ReadSpan(section, "snooze_for", links.snooze_for);
  section.Finish();
}

}  // namespace watchfire::config
