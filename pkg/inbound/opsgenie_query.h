// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The searches of Opsgenie's clients. Pure. Source: support.atlassian.com/opsgenie, "Search queries
// for alerts"; reference paging-backends §2.1.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/inbound/opsgenie.h"

namespace watchfire::inbound {

// A search such as `status: open AND (priority: P1 OR tag: vip) AND NOT message: test*`.
//
// Conditions are joined by AND, OR and NOT in capitals and by parentheses; AND binds stronger than
// OR, and stands between what nothing joins. `field: (a OR b)` says the field once. A word without
// a field is looked for in the message and the description, as are values of these two: anywhere,
// or the whole for `=`. Other values are all that the field holds. In any of them `*` stands for
// any letters, and capitals are as small ones. Quotes hold blanks and signs together. Numbers
// (count, tinyId) and times are compared by < > <= >= as well; a day without a time is all of it,
// in UTC: `<=` takes what came on it, and `>` does not.
class OpsgenieQuery {
 public:
  static constexpr size_t kTokensMax = 1000;
  static constexpr size_t kWordMax = 1000;  // Bytes.
  static constexpr size_t kDepthMax = 50;

  // Errors: kInvalidArgument, naming what cannot be read.
  static Result<OpsgenieQuery> Parse(std::string_view text);
  bool Matches(const OpsgenieAlert& alert) const;

 private:
  friend class OpsgenieQueryParser;
  struct Condition {
    std::string field;  // "": a word of the message.
    std::string op;     // : = < > <= >=
    std::string value;  // In lower case.
    // Of a count or a time: in milliseconds. They differ for a day.
    int64_t first = 0;
    int64_t last = 0;
  };
  // A tree in a list: what a node joins stands before it.
  struct Node {
    enum class Kind { kCondition, kAnd, kOr, kNot } kind = Kind::kCondition;
    Condition condition;
    std::vector<size_t> below;
  };

  bool Holds(size_t node, const OpsgenieAlert& alert) const;
  static bool Compare(int64_t have, const Condition& want);
  static bool Fits(const Condition& condition, const OpsgenieAlert& alert);

  std::vector<Node> nodes_;  // The last one is the whole; none: everything matches.
};

}  // namespace watchfire::inbound
