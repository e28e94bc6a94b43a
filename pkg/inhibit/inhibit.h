// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Inhibition: an alert stays silent while a matching source alert fires. The index keeps, per rule
// and per combination of `equal` values, every source that may still fire, so a check costs one
// hash look-up a rule whatever the number of alerts. Owned by the core thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/labels/labels.h"

namespace watchfire::inhibit {

struct Verdict {
  uint64_t source = 0;  // Fingerprint of the inhibiting alert.
  size_t rule = 0;      // Index into inhibit_rules.

  bool operator==(const Verdict&) const = default;
};

class Index {
 public:
  explicit Index(std::vector<config::InhibitRule> rules);

  // Takes the newest state of an alert (firing, refreshed or resolved). Idempotent. An alert that
  // had ended when it was last updated is forgotten: later it cannot inhibit. Returns whether the
  // alert is a source of any rule, so that verdicts about others may have changed.
  bool Update(const alert::Alert& alert);
  // Forgets the alert altogether. Unknown ones are fine.
  void Remove(const alert::Alert& alert);

  // Returns the first rule that mutes `labels` at `at`, with its source (the lowest fingerprint
  // among the firing ones), or nullopt. Missing labels equal empty ones. If the target also matches
  // the source side, sources that also match the target side do not count, so nothing inhibits
  // itself. A source counts until its ends_at, even if itself inhibited or silenced.
  // Source: Alertmanager inhibit (reference §5.7); unlike it, every source is remembered.
  std::optional<Verdict> Check(const labels::LabelSet& labels, WallTime at) const;

  // Rule and source pairs remembered. Every source is counted once for each rule it matches.
  size_t size() const;

 private:
  struct Source {
    WallTime ends_at;
    bool two_sided;  // It matches the target side too.
  };
  // By fingerprint, so that the answer never depends on the order of arrival.
  using Sources = std::map<uint64_t, Source>;

  struct RuleIndex {
    config::InhibitRule rule;
    std::unordered_map<std::string, Sources> by_equal;  // Key: EqualKey(). No empty entries.
  };

  // The values of the rule's `equal` labels as one text.
  static std::string EqualKey(const config::InhibitRule& rule, const labels::LabelSet& labels);

  std::vector<RuleIndex> rules_;
};

}  // namespace watchfire::inhibit
