// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One mapping of a document of any vendor, read field by field. What is there and cannot be what it
// should is reported with its place; what is not asked for is no error, because vendors add fields
// (but see Finish). Private to pkg/oncall.

#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/time.h"
#include "pkg/config/problems.h"
#include "pkg/config/yaml.h"
#include "pkg/oncall/local_time.h"
#include "pkg/oncall/model.h"

namespace watchfire::oncall {

class View {
 public:
  // Both outlive it.
  View(const config::YamlNode& node, const config::Source& source)
      : node_(&node), source_(&source) {}

  const config::YamlNode& node() const { return *node_; }
  const config::Source& source() const { return *source_; }
  bool is_map() const { return node_->kind == config::YamlNode::Kind::kMap; }

  bool Has(const std::string& key) const;      // Present and not null.
  bool HasList(const std::string& key) const;  // And a list.
  bool HasMap(const std::string& key) const;
  // The value of a key, or of the first of several that is there; nullopt when absent or null.
  std::optional<View> Get(const std::string& key);
  // The entries of a list; one that is a mapping itself stands for a list of it. Nothing when
  // absent or null; another kind is reported.
  std::vector<View> Items(const std::string& key);
  // The mappings among them; others are reported.
  std::vector<View> Maps(const std::string& key);

  // Any scalar as a text. A list or mapping is reported.
  std::string Text(const std::string& key, const std::string& fallback = "");
  std::vector<std::string> Texts(const std::string& key);
  bool Bool(const std::string& key, bool fallback);
  // Outside [min, max] is reported, and gives the nearest.
  int64_t Int(const std::string& key, int64_t fallback, int64_t min, int64_t max);
  // RFC 3339; without an offset it is the time on the wall in `zone`. Nullopt when absent.
  std::optional<WallTime> Time(const std::string& key, const Location& zone);
  // The same, and its absence is reported.
  WallTime NeedTime(const std::string& key, const Location& zone);
  // The same as it stands there, if it stands without an offset; nullopt otherwise.
  std::optional<LocalTime> WallClock(const std::string& key);
  // A zone's name; absent or unknown, which is reported: the fallback.
  Location Zone(const std::string& key, const Location& fallback);
  // Of a vendor's user: absent, or unknown, which is warned of: nullopt.
  std::optional<Location> ZoneIfKnown(const std::string& key);
  // "15m", "1h30m", 90s; a bare number counts in `unit`.
  Duration Span(const std::string& key, Duration fallback, Duration unit);

  config::Mark At(const std::string& key) const { return node_->At(key); }
  config::Mark mark() const { return node_->mark; }
  void Error(const std::string& key, const std::string& message, const std::string& hint = "");
  void Warn(const std::string& key, const std::string& message, const std::string& hint = "");

  // Reports keys that nobody asked for. For documents of our own.
  void Finish();

 private:
  const config::YamlNode* Find(const std::string& key);

  const config::YamlNode* node_;
  const config::Source* source_;
  std::set<std::string> asked_;
};

// A scalar's text: also of a list's entry.
std::string ScalarText(const config::YamlNode& node);

// "9:30", "09:30", "09:30:00", "24:00", with or without a Z behind it: seconds since midnight.
// Nullopt for anything else.
std::optional<int64_t> ParseClock(std::string_view text);

// "monday", "Mon", "mo", "m", "MO": 0, Monday .. 6; -1 for anything else.
int ParseDay(std::string_view text);

}  // namespace watchfire::oncall
