// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Remarks about receivers and the policies that they escalate by.

#include <algorithm>
#include <set>

#include "pkg/advice/remarks.h"
#include "pkg/base/strings.h"
#include "pkg/oncall/model.h"

namespace watchfire::advice {
namespace {

using config::Receiver;
using config::Route;
using config::YamlNode;

// Below it nobody can have read a page and acknowledged it.
constexpr Duration kAnswer = std::chrono::minutes(2);

void CollectUsed(const Route& route, std::set<std::string>* used) {
  used->insert(route.receiver);
  for (const Route& child : route.routes) CollectUsed(child, used);
}

// Whoever pages by a policy has `oncall.fallback`, without which nothing loads.
void AdviseFallback(const Receiver& receiver, const YamlNode& node, Remarks* remarks) {
  const auto pagers = std::ranges::count(receiver.integrations, true, &config::Integration::pages);
  const bool escalates = std::ranges::any_of(
      receiver.integrations, [](const auto& one) { return one.kind == config::kEscalation; });
  if (pagers != 1 || escalates || !receiver.fallback.empty()) return;
  remarks->Add("page-without-fallback", node.At("name"),
               "receiver " + GoQuote(receiver.name) +
                   " pages by one integration, and nobody hears of what that does not take");
}

void AdviseWebhooks(const YamlNode& receiver, Remarks* remarks) {
  for (size_t i = 0; const YamlNode* webhook = Entry(receiver, "webhook_configs", i); ++i) {
    const YamlNode* url = webhook->Find("url");
    if (url == nullptr) continue;
    const bool is_own =
        url->text.ends_with("/api/v1/alerts") || url->text.ends_with("/api/v2/alerts");
    // Not the URL itself: it may hold a password.
    if (is_own) remarks->Add("own-api-webhook", url->mark, "sends to an Alertmanager's /api");
  }
}

// Says what is hasty about the policy, or "".
std::string Haste(const oncall::Policy& policy) {
  const oncall::Step* before = nullptr;
  for (const oncall::Step& step : policy.steps) {
    if (before != nullptr && step.after > before->after && step.after - before->after < kAnswer) {
      return "goes on after " + FormatDuration(step.after - before->after);
    }
    before = &step;
  }
  const bool repeats = policy.repeat.count > 0;
  if (repeats && policy.repeat.wait < kAnswer) {
    return "begins again after " + FormatDuration(policy.repeat.wait);
  }
  if (policy.repeat.resolve_after && policy.repeat.wait < kAnswer) {
    return "resolves " + FormatDuration(policy.repeat.wait) + " after its last step";
  }
  return "";
}

void AdvisePolicies(const config::Config& config, const Receiver& receiver, const YamlNode& node,
                    std::set<std::string>* seen, Remarks* remarks) {
  if (config.oncall.roster == nullptr) return;
  for (const config::Integration& one : receiver.integrations) {
    if (one.kind != config::kEscalation) continue;
    const std::string& name = static_cast<const config::Escalates*>(one.options.get())->policy;
    const oncall::Policy* policy = config.oncall.roster->FindPolicy(name);
    if (policy == nullptr || !seen->insert(policy->name).second) continue;
    const YamlNode* entry = Entry(node, "escalation_configs", static_cast<size_t>(one.index));
    const std::string haste = Haste(*policy);
    if (entry == nullptr || haste.empty()) continue;
    remarks->Add("hasty-policy", entry->At("policy"),
                 "policy " + GoQuote(policy->name) + " " + haste);
  }
}

}  // namespace

void AdviseReceivers(const config::Config& config, const YamlNode& root, Remarks* remarks) {
  std::set<std::string> used;
  CollectUsed(config.route, &used);
  std::set<std::string> policies;
  for (size_t i = 0; i < config.receivers.size(); ++i) {
    const Receiver& receiver = config.receivers[i];
    const YamlNode* node = Entry(root, "receivers", i);
    if (node == nullptr) return;
    if (used.contains(receiver.name)) AdviseFallback(receiver, *node, remarks);
    AdviseWebhooks(*node, remarks);
    AdvisePolicies(config, receiver, *node, &policies, remarks);
  }
}

}  // namespace watchfire::advice
