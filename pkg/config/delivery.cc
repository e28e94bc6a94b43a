// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Our keys that say what is promised about notifications: `delivery`, what goes with `strict`, and
// how receivers are spoken to.

#include <algorithm>
#include <array>
#include <cmath>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

struct Option {
  const char* key;
  std::optional<bool> DeliveryTerms::*field;
};
constexpr std::array<Option, 2> kOptions = {{{"prompt_resolved", &DeliveryTerms::prompt_resolved},
                                             {"exact_repeat", &DeliveryTerms::exact_repeat}}};

constexpr double kPerSecondMin = 0.001;
constexpr double kPerSecondMax = 1000;
constexpr int kBurstMax = 10'000;

// A duration that is not zero, or unset.
std::optional<Duration> ReadPatience(Section& section, const std::string& key) {
  if (!section.Has(key)) return std::nullopt;
  const Duration value = section.PromDuration(key, std::chrono::seconds(1));
  if (value == Duration::zero()) section.Error(key, key + " cannot be zero");
  return value;
}

void ReadRateLimit(Section& section, SendLimits* limits) {
  limits->per_second = section.Double("per_second", 0);
  if (!section.Has("per_second")) {
    section.Error("per_second", "rate_limit needs per_second");
  } else if (!(limits->per_second >= kPerSecondMin && limits->per_second <= kPerSecondMax)) {
    section.Error("per_second", "per_second must be from 0.001 to 1000");
    limits->per_second = 1;
  }
  // As many at once as a second allows, unless said otherwise.
  limits->burst = section.Int("burst", static_cast<int>(std::ceil(limits->per_second)));
  if (section.Has("burst") && (limits->burst < 1 || limits->burst > kBurstMax)) {
    section.Error("burst", "burst must be from 1 to " + std::to_string(kBurstMax));
  }
  section.Finish();
}

}  // namespace

void ReadSending(Section& section, Receiver* receiver) {
  receiver->deadline = ReadPatience(section, "deadline");
  constexpr int kInFlightMax = static_cast<int>(limits::kInFlightPerIntegration);
  SendLimits& limits = receiver->limits;
  limits.max_in_flight = section.Int("max_in_flight", kInFlightMax);
  if (limits.max_in_flight < 1 || limits.max_in_flight > kInFlightMax) {
    section.Error("max_in_flight",
                  "max_in_flight must be from 1 to " + std::to_string(kInFlightMax));
  }
  if (auto rate = section.Child("rate_limit")) ReadRateLimit(*rate, &limits);
  receiver->fallback = section.String("fallback");
  const std::optional<Duration> after = ReadPatience(section, "fallback_after");
  receiver->fallback_after = after.value_or(receiver->fallback_after);
  if (after && receiver->fallback.empty()) {
    section.Error("fallback_after", "fallback_after needs fallback");
  }
}

void CheckFallbacks(Section& root, const Config& config) {
  const YamlNode* receivers = root.impl().Find("receivers");
  if (receivers == nullptr || receivers->kind != YamlNode::Kind::kList) return;
  std::vector<std::string> known;
  for (const Receiver& receiver : config.receivers) known.push_back(receiver.name);
  for (const YamlNode& node : receivers->items) {
    const YamlNode* fallback = node.Find("fallback");
    const YamlNode* name = node.Find("name");
    if (fallback == nullptr || fallback->text.empty() || name == nullptr) continue;
    const auto error = [&](const std::string& message, const std::string& hint = "") {
      root.impl().source.Error(node.At("fallback"), message, hint);
    };
    const auto of = [&](const std::string& receiver) {
      return std::ranges::find(config.receivers, receiver, &Receiver::name);
    };
    const auto target = of(fallback->text);
    if (target == config.receivers.end()) {
      const std::string nearest = Nearest(fallback->text, known);
      error("undefined receiver " + GoQuote(fallback->text) + " used as fallback",
            nearest.empty() ? "" : "did you mean " + GoQuote(nearest) + "?");
    } else if (fallback->text == name->text) {
      error("receiver " + GoQuote(name->text) + " cannot be its own fallback");
    } else if (target->integrations.empty()) {
      error("fallback " + GoQuote(fallback->text) + " tells nobody",
            "give it an integration, or name another receiver");
    } else if (std::ranges::any_of(target->integrations, [](const Integration& one) {
                 return one.kind == kEscalation;
               })) {
      error("fallback " + GoQuote(fallback->text) + " must not escalate",
            "name one that reaches somebody by itself");
    } else if (const auto own = of(name->text);
               own != config.receivers.end() && own->integrations.empty()) {
      error("receiver " + GoQuote(name->text) + " tells nobody and cannot fail",
            "a fallback is for receivers with integrations");
    }
  }
}

std::optional<Delivery> ReadDelivery(Section& section) {
  if (!section.Has("delivery")) return std::nullopt;
  const std::string text = section.String("delivery");
  section.OneOf("delivery", text, {"alertmanager", "strict"}, "unknown delivery");
  return text == "strict" ? Delivery::kStrict : Delivery::kAlertmanager;
}

void ReadTerms(Section& section, DeliveryTerms* terms) {
  const Unshown unshown(section);
  if (const std::optional<Delivery> delivery = ReadDelivery(section)) terms->delivery = *delivery;
  for (const Option& option : kOptions) {
    if (section.Has(option.key)) terms->*option.field = section.Bool(option.key, false);
  }
}

void CheckTerms(Section& section, Delivery delivery) {
  if (delivery == Delivery::kStrict) return;
  const Unshown unshown(section);
  for (const Option& option : kOptions) {
    if (!section.Has(option.key) || !section.Bool(option.key, false)) continue;
    section.Error(option.key, std::string(option.key) + " needs delivery: strict");
  }
}

}  // namespace watchfire::config
