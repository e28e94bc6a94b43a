// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Alertmanager's top-level keys but the routing tree (reference alertmanager-compat §3).

#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

InhibitRule ReadInhibitRule(Section& section, matcher::Mode mode) {
  InhibitRule rule;
  rule.name = section.String("name");
  for (const char* side : {"source_", "target_"}) {
    for (const char* key : {"match", "match_re", "matchers"})
      section.impl().Show(std::string(side) + key);
  }
  rule.source = ReadMatchers(section, "source_", mode);
  rule.target = ReadMatchers(section, "target_", mode);
  for (const Text& text : section.impl().Texts("equal")) {
    if (!IsLabelName(text.text, mode)) {
      section.impl().source.Error(text.mark,
                                  "invalid label name " + GoQuote(text.text) + " in equal list");
    }
  }
  rule.equal = section.Strings("equal");
  section.Finish();
  return rule;
}

}  // namespace

const std::vector<std::string>& AlertmanagerKeys() {
  static const auto* const keys = new std::vector<std::string>{
      "global",         "route",   "inhibit_rules", "receivers", "templates", "mute_time_intervals",
      "time_intervals", "tracing", "event_recorder"};
  return *keys;
}

bool IsLabelName(const std::string& name, matcher::Mode mode) {
  return mode == matcher::Mode::kClassic ? labels::IsClassicLabelName(name) : !name.empty();
}

void LoadAlertmanagerKeys(Section& root, Loader* loader) {
  static const YamlNode& nothing = *new YamlNode;
  Config& config = loader->config;
  std::optional<Section> global = root.Child("global");
  // Without the key its defaults are shown all the same.
  if (!global) {
    global = MakeSection(nothing, root.impl().At("global"), root.impl().source,
                         root.impl().Show("global"), "global");
  }
  config.global = ReadGlobal(*global);
  for (Section& rule : root.Children("inhibit_rules")) {
    config.inhibit_rules.push_back(ReadInhibitRule(rule, loader->options.matcher_mode));
  }
  LoadReceivers(root, loader);
  LoadTimeIntervals(root, loader);
  LoadTemplates(root, loader);
  LoadObservability(root);
}

}  // namespace watchfire::config
