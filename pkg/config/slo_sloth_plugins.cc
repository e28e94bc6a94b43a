// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Plugins of Sloth's files. They are programs in Go, which nothing here runs: those that come with
// Sloth are known by what they do, others are errors (reference slo-and-rules §2.1, §3.1).

#include <algorithm>
#include <array>
#include <string_view>

#include "pkg/base/strings.h"
#include "pkg/config/slo_reader.h"

namespace watchfire::config {
namespace {

constexpr std::string_view kCore = "sloth.dev/core/";  // What Sloth does by itself, and so do we.
constexpr std::string_view kWait = "sloth.dev/contrib/alert_for/v1";

struct Plugin {
  std::string_view id;
  bool is_idle;  // There is nothing for it to do here.
  const char* hint;
};

constexpr std::array kPlugins = {
    Plugin{"sloth.dev/contrib/rule_intervals/v1", true,
           "evaluation.interval says how often SLOs are evaluated"},
    Plugin{"sloth.dev/contrib/info_labels/v1", true, "no rules are written"},
    Plugin{"sloth.dev/contrib/remove_labels/v1", true,
           "labels may change without loss of history, and stay on alerts"},
    Plugin{"sloth.dev/contrib/sli_total_amount_rules/v1", true, "no rules are written"},
    Plugin{"sloth.dev/contrib/validate_victoria_metrics/v1", true,
           "the datasource's flavor says what its queries may be"},
    Plugin{"sloth.dev/contrib/denominator_corrected_rules/v1", false,
           "for little traffic choose watchfire/v1 with min_bad and min_total"},
    Plugin{"sloth.dev/contrib/error_budget_exhausted_alert/v1", false,
           "an error budget policy tells when it is exhausted"},
};

void Judge(Section& section, const std::string& id) {
  if (id.empty()) return section.Error("id", "id must be set", "that of a plugin of Sloth");
  if (id == kWait || id.starts_with(kCore)) return;
  const auto known = std::ranges::find(kPlugins, id, &Plugin::id);
  if (known == kPlugins.end()) {
    section.Error("id", "plugin " + GoQuote(id) + " cannot be run: it is a program in Go",
                  "remove it, and say what it does in a file of rules or of watchfire/v1");
  } else if (known->is_idle) {
    section.Warn("id", "plugin " + GoQuote(id) + " has no effect", known->hint);
  } else {
    section.Error("id", "plugin " + GoQuote(id) + " is not known here", known->hint);
  }
}

}  // namespace

void ReadSlothPlugins(Section& section, const std::string& key, bool* waits) {
  std::optional<Section> plugins = section.Child(key);
  if (!plugins) return;
  if (plugins->Bool("overridePrevious", false)) {
    *waits = false;
    plugins->Warn("overridePrevious", "Sloth's own plugins cannot be left out",
                  "page_alert and ticket_alert have disable");
  }
  for (Section& plugin : plugins->Children("chain")) {
    const std::string id = plugin.String("id");
    plugin.Value("config");
    plugin.Int("priority", 0);
    Judge(plugin, id);
    *waits |= id == kWait;
    plugin.Finish();
  }
  plugins->Finish();
}

void ReadSliPlugin(Section& sli) {
  std::optional<Section> plugin = sli.Child("plugin");
  if (!plugin) return;
  const std::string id = plugin->String("id");
  plugin->Value("options");
  plugin->Finish();
  sli.Error("plugin", "plugin " + GoQuote(id) + " cannot be run: it is a program in Go",
            "say the query that it makes, which sloth generate prints, as raw or events");
}

}  // namespace watchfire::config
