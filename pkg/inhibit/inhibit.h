// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Inhibition: an alert stays silent while a matching source alert fires. The index keeps, for all
// rules with the same target side and per combination of `equal` values, every source that may
// still fire, so a check costs a few hash look-ups whatever the number of alerts and of rules that
// say nothing about it. Owned by the core thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/base/time.h"
#include "pkg/config/config.h"
#include "pkg/labels/labels.h"
#include "pkg/matcher/anchors.h"

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
  // had ended when it was last updated is forgotten: later it cannot inhibit. Returns whether a
  // verdict about another alert may be another at `at` than before: a source that merely goes on
  // changes nothing.
  bool Update(const alert::Alert& alert, WallTime at);
  bool Update(const alert::Alert& alert) { return Update(alert, alert.updated_at); }
  // Forgets the alert altogether. Unknown ones are fine.
  // Returns whether it was known.
  bool Remove(const alert::Alert& alert);
  // Forgets the sources that had ended by `before`: no verdict of a later time is another one, and
  // Check() does not look at them any more. Costs a look at every source.
  void DropEnded(WallTime before);

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
  // By rule and fingerprint, so that the answer never depends on the order of arrival.
  using Sources = std::map<std::pair<size_t, uint64_t>, Source>;

  // Rules with one target side and the same labels that are to be equal.
  struct Side {
    matcher::Matchers target;
    std::vector<std::string> equal;
    std::vector<std::string> equal_but;
    std::unordered_map<std::string, Sources> by_equal = {};  // Key: KeyOf(). No empty entries.

    // What is to be equal of `labels`, as one text.
    std::string KeyOf(const labels::LabelSet& labels) const;
  };

  Side& SideOf(size_t rule) { return sides_[side_of_[rule]]; }
  // Returns the first source in `sources` that counts against `labels`, or null.
  const Sources::value_type* FirstOf(const Sources& sources, const labels::LabelSet& labels,
                                     WallTime at) const;

  std::vector<matcher::Matchers> sources_;  // Of each rule.
  std::vector<size_t> side_of_;             // Of each rule, into sides_.
  std::vector<Side> sides_;
  matcher::Anchors by_source_;  // Rules by their source side.
  matcher::Anchors by_target_;  // Sides by their target.
};

}  // namespace watchfire::inhibit
