// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api-public/v1/org/routing-keys: VictorOps' routing keys are what the route tree says of the
// label routing_key. A key is there when some route names it; its targets are the policies of all
// receivers that an alert with this label may go to, whatever its other labels are.
// Source: reference paging-backends §1.3.

#include <algorithm>
#include <set>
#include <utility>

#include "pkg/api/public_roster.h"
#include "pkg/config/oncall.h"
#include "pkg/matcher/matcher.h"

namespace watchfire::api {
namespace {

using config::Route;
using matcher::Matcher;
using matcher::Op;

constexpr std::string_view kLabel = "routing_key";
// What the key of all that no route names is called.
constexpr const char* kDefault = "default";

bool IsPlain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

// The keys that the routes below name: by = and by =~ "a|b". Other patterns name none.
void AddKeys(const Route& route, std::set<std::string>* keys) {
  for (const Matcher& matcher : route.matchers) {
    if (matcher.name() != kLabel) continue;
    if (matcher.op() == Op::kEqual && !matcher.value().empty()) keys->insert(matcher.value());
    if (matcher.op() != Op::kRegex) continue;
    const std::vector<std::string_view> parts = Split(matcher.value(), '|');
    if (!std::ranges::all_of(parts, IsPlain)) continue;
    keys->insert(parts.begin(), parts.end());
  }
  for (const Route& child : route.routes) AddKeys(child, keys);
}

void AddOnce(const std::string& name, std::vector<std::string>* names) {
  if (std::ranges::find(*names, name) == names->end()) names->push_back(name);
}

// The receivers that an alert with this routing key may go to, once it is at the route: its other
// labels are not known, so that a route which asks for them may take it or not.
void AddReceivers(const Route& route, const std::string& key, std::vector<std::string>* names) {
  bool is_taken = false;  // By a child, for sure.
  for (const Route& child : route.routes) {
    bool is_sure = true;
    bool fits = true;
    for (const Matcher& matcher : child.matchers) {
      if (matcher.name() == kLabel) {
        fits = fits && matcher.MatchesValue(key);
      } else {
        is_sure = false;
      }
    }
    if (!fits) continue;
    AddReceivers(child, key, names);
    is_taken = is_taken || is_sure;
    if (is_sure && !child.continue_matching) return;
  }
  if (!is_taken) AddOnce(route.receiver, names);
}

std::vector<std::string> PoliciesOf(const config::Config& config,
                                    const std::vector<std::string>& receivers) {
  std::vector<std::string> policies;
  for (const std::string& name : receivers) {
    const auto receiver = std::ranges::find(config.receivers, name, &config::Receiver::name);
    if (receiver == config.receivers.end()) continue;
    for (const config::Integration& one : receiver->integrations) {
      if (one.kind != config::kEscalation || one.options == nullptr) continue;
      AddOnce(static_cast<const config::Escalates*>(one.options.get())->policy, &policies);
    }
  }
  return policies;
}

// `shown` is the name of the key, `key` the value of the label.
void WriteKey(const config::Config& config, const oncall::Roster& roster, const std::string& shown,
              const std::string& key, bool is_default, JsonWriter* json) {
  std::vector<std::string> receivers;
  AddReceivers(config.route, key, &receivers);
  json->StartObject().Field("routingKey", shown).Field("isDefault", is_default);
  json->Key("targets").StartArray();
  for (const std::string& name : PoliciesOf(config, receivers)) {
    const oncall::Policy* policy = roster.FindPolicy(name);
    json->StartObject().Field("policyName", name).Field("policySlug", SlugOf(name));
    const std::string team = policy == nullptr ? "" : TeamName(roster, policy->team);
    if (!team.empty()) json->Field("_teamUrl", "/api-public/v1/team/" + SlugOf(team));
    json->EndObject();
  }
  json->EndArray().Key("receivers").StartArray();
  for (const std::string& name : receivers) json->String(name);
  json->EndArray().EndObject();
}

}  // namespace

net::Response GetPublicRoutingKeys(const Call& call) {
  return WithRoster(call, [&](const oncall::Roster& roster) {
    const auto config = call.backend.config();
    std::set<std::string> keys;
    AddKeys(config->route, &keys);
    JsonWriter json;
    json.StartObject().Key("routingKeys").StartArray();
    for (const std::string& key : keys) WriteKey(*config, roster, key, key, false, &json);
    if (!keys.contains(kDefault)) WriteKey(*config, roster, kDefault, "", true, &json);
    return Json(200, json.EndArray().EndObject().Take());
  });
}

net::Response RefusePublicRoutingKey(const Call& call) {
  if (auto refusal = PublicRefusal(call)) return *std::move(refusal);
  net::Response response = PublicError(
      405,
      "a routing key is a route of the configuration file: add one with matchers: "
      "['routing_key=\"KEY\"'] and the receiver of its policy to route.routes, and reload");
  response.headers.push_back({"Allow", "GET,HEAD,OPTIONS"});
  return response;
}

}  // namespace watchfire::api
