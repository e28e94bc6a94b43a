// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Our keys that say what is promised about notifications: `delivery`, and what goes with `strict`.

#include <array>

#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

struct Option {
  const char* key;
  std::optional<bool> DeliveryTerms::*field;
};
constexpr std::array<Option, 2> kOptions = {{{"prompt_resolved", &DeliveryTerms::prompt_resolved},
                                             {"exact_repeat", &DeliveryTerms::exact_repeat}}};

}  // namespace

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
