// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The parts of a load. Private to pkg/config; each reads one subject into Config and reports what
// is wrong to `problems`.

#pragma once

#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/config/section.h"
#include "pkg/config/yaml.h"

namespace watchfire::config {

// Alertmanager's subjects.
Global ReadGlobal(Section& root);
void ReadReceivers(Section& root, const std::vector<IntegrationKind>& kinds, Config* config);
void ReadInhibitRules(Section& root, matcher::Mode mode, Config* config);
// `receivers` are known by now: undefined ones are reported.
void ReadRoute(Section& root, matcher::Mode mode, Config* config);
// Keys `matchers`, `match`, `match_re` under the given names.
matcher::Matchers ReadMatchers(Section& section, const std::string& matchers,
                               const std::string& match, const std::string& match_re,
                               matcher::Mode mode);

// Our own top-level keys; from the main file or a --config.extra file.
struct OwnKeys {
  std::vector<std::string> rule_globs;
  std::vector<std::string> slo_globs;
  std::vector<std::string> inbound_key_files;
};
// An inbound key is the only protection of its webhook.
inline constexpr size_t kInboundKeyBytesMin = 8;
OwnKeys ReadOwnKeys(Section& root, Config* config);

void ReadRuleFile(const std::string& path, const std::string& text, Problems* problems,
                  Config* config);
// Fills `windows` from AlertWindows documents and `slos` from Sloth ones.
struct SloWindows {
  Duration period{};
  std::vector<SloWindow> page;
  std::vector<SloWindow> ticket;
};
void ReadSloFile(const std::string& path, const std::string& text, Problems* problems,
                 Config* config, std::optional<SloWindows>* windows);
// Gives every SLO without windows the table of the load, or the workbook's. Reports alerts that can
// never fire.
void FinishSlos(const std::optional<SloWindows>& windows, Problems* problems, Config* config);

// The configuration as YAML, defaults filled in, secrets as <secret>: what /api/v2/status shows.
std::string Original(const Node& root, const Config& config);

}  // namespace watchfire::config
