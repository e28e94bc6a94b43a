// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/enriching.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "pkg/base/limits.h"

namespace watchfire::core {
namespace {

// What the look-ups know of it and it does not say. The texts are theirs.
std::vector<labels::Label> LackedBy(const alert::Alert& alert,
                                    const std::vector<config::Enrichment>& lookups) {
  std::vector<labels::Label> lacked;
  for (const config::Enrichment& lookup : lookups) {
    const std::string_view value = alert.labels.Get(lookup.label);
    if (value.empty()) continue;
    const auto found = lookup.entries.find(value);
    if (found == lookup.entries.end()) continue;
    for (const auto& [name, text] : found->second) {
      const bool is_known = !alert.annotations.Get(name).empty() ||
                            std::ranges::find(lacked, name, &labels::Label::name) != lacked.end();
      if (!is_known) lacked.push_back({name, text});
    }
  }
  return lacked;
}

}  // namespace

Enriched Enrich(const std::vector<config::Enrichment>& lookups, alert::Alert* alert) {
  Enriched done;
  const std::vector<labels::Label> lacked = LackedBy(*alert, lookups);
  if (lacked.empty()) return done;
  size_t bytes = alert->annotations.bytes() + alert->generator_url.size();
  std::vector<labels::Label> all(alert->annotations.begin(), alert->annotations.end());
  for (const labels::Label& label : lacked) {
    if (bytes + label.name.size() + label.value.size() > limits::kAnnotationBytesPerAlert) {
      ++done.left_out;
      continue;
    }
    bytes += label.name.size() + label.value.size();
    all.push_back(label);  // The last of a name counts: an empty text gives way to it.
    ++done.given;
  }
  if (done.given > 0) alert->annotations = labels::LabelSet::FromViews(std::move(all));
  return done;
}

}  // namespace watchfire::core
