// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// An immutable, sorted label set: the identity of an alert. Copying copies a pointer; one
// allocation holds all text. Safe to share between threads.

#pragma once

#include <compare>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace watchfire::labels {

struct Label {
  std::string_view name;
  std::string_view value;

  auto operator<=>(const Label&) const = default;
};

class LabelSet {
 public:
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  LabelSet() = default;
  // Sorts by name bytewise; of duplicate names the last wins; pairs with an empty value stay
  // (alerts drop them before they come here, annotations keep them).
  explicit LabelSet(Pairs pairs);
  LabelSet(std::initializer_list<std::pair<std::string, std::string>> pairs)
      : LabelSet(Pairs(pairs)) {}

  const Label* begin() const { return rep_ ? rep_->labels.data() : nullptr; }
  const Label* end() const { return rep_ ? rep_->labels.data() + rep_->labels.size() : nullptr; }
  size_t size() const { return rep_ ? rep_->labels.size() : 0; }
  bool empty() const { return size() == 0; }

  // Returns the value, "" when the name is absent (Prometheus: absent equals empty).
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;

  // FNV-1a 64 over name, 0xFF, value, 0xFF in name order: the fingerprint that Prometheus and
  // Alertmanager print. Source: prometheus/common model.LabelsToSignature.
  uint64_t fingerprint() const;

  // Returns this set with `pairs` laid over it; an empty value removes the name.
  LabelSet With(const Pairs& pairs) const;
  // Returns only the labels whose names are in `names` (and present).
  LabelSet Only(const std::vector<std::string>& names) const;

  Pairs pairs() const;
  // Bytes of all names and values.
  size_t bytes() const { return rep_ ? rep_->text.size() : 0; }

  // {a="1", b="x"}: names bytewise, values quoted as Go does. The form of group keys and logs.
  std::string ToString() const;

  bool operator==(const LabelSet& other) const;
  // Alertmanager's order: fewer labels first; then, over the union of names bytewise, the set that
  // lacks a name is smaller, else values compare. Source: model.LabelSet.Before.
  bool Before(const LabelSet& other) const;

 private:
  struct Rep {
    std::string text;
    std::vector<Label> labels;  // Views into text.
    uint64_t fingerprint = 0;
  };
  std::shared_ptr<const Rep> rep_;  // Null when empty.
};

// [a-zA-Z_][a-zA-Z0-9_]*
bool IsClassicLabelName(std::string_view name);

}  // namespace watchfire::labels
