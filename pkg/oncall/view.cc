// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/view.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "pkg/base/strings.h"
#include "pkg/config/scalar.h"
#include "pkg/oncall/local_time.h"
#include "pkg/oncall/reader.h"
#include "pkg/timeinterval/parse.h"

namespace watchfire::oncall {
namespace {

using config::KindName;
using config::YamlNode;
using Kind = YamlNode::Kind;

std::string Shown(const std::string& text) { return GoQuote(TruncateRunes(text, 60)); }

std::optional<int64_t> Digits(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool HasOffset(std::string_view text) {
  const size_t clock = text.find_first_of("Tt ");
  if (clock == std::string_view::npos) return false;
  return text.find_first_of("Zz+-", clock) != std::string_view::npos;
}

}  // namespace

std::string ScalarText(const YamlNode& node) { return node.kind == Kind::kScalar ? node.text : ""; }

const YamlNode* View::Find(const std::string& key) {
  asked_.insert(key);
  const YamlNode* found = node_->Find(key);
  return found == nullptr || found->kind == Kind::kNull ? nullptr : found;
}

bool View::Has(const std::string& key) const {
  const YamlNode* found = node_->Find(key);
  return found != nullptr && found->kind != Kind::kNull;
}

bool View::HasList(const std::string& key) const {
  const YamlNode* found = node_->Find(key);
  return found != nullptr && found->kind == Kind::kList;
}

bool View::HasMap(const std::string& key) const {
  const YamlNode* found = node_->Find(key);
  return found != nullptr && found->kind == Kind::kMap;
}

std::optional<View> View::Get(const std::string& key) {
  const YamlNode* found = Find(key);
  return found == nullptr ? std::nullopt : std::optional(View(*found, *source_));
}

std::vector<View> View::Items(const std::string& key) {
  std::vector<View> items;
  const YamlNode* found = Find(key);
  if (found == nullptr) return items;
  if (found->kind == Kind::kList) {
    for (const YamlNode& item : found->items) items.emplace_back(item, *source_);
  } else if (found->kind == Kind::kMap) {
    items.emplace_back(*found, *source_);
  } else {
    Error(key, key + ": expected a list, found " + KindName(found->kind));
  }
  return items;
}

std::vector<View> View::Maps(const std::string& key) {
  std::vector<View> maps;
  for (const View& item : Items(key)) {
    if (item.is_map()) {
      maps.push_back(item);
    } else {
      source_->Error(item.mark(),
                     key + ": expected a mapping, found " + KindName(item.node().kind));
    }
  }
  return maps;
}

std::string View::Text(const std::string& key, const std::string& fallback) {
  const YamlNode* found = Find(key);
  if (found == nullptr) return fallback;
  if (found->kind == Kind::kScalar) return found->text;
  Error(key, key + ": expected a text, found " + KindName(found->kind));
  return fallback;
}

std::vector<std::string> View::Texts(const std::string& key) {
  const YamlNode* found = Find(key);
  if (found != nullptr && found->kind == Kind::kScalar) return {found->text};
  std::vector<std::string> texts;
  for (const View& item : Items(key)) {
    if (item.node().kind == Kind::kScalar) {
      texts.push_back(item.node().text);
    } else {
      source_->Error(item.mark(), key + ": expected a text, found " + KindName(item.node().kind));
    }
  }
  return texts;
}

bool View::Bool(const std::string& key, bool fallback) {
  const YamlNode* found = Find(key);
  if (found == nullptr) return fallback;
  const auto value =
      found->kind == Kind::kScalar ? config::ParseYamlBool(found->text) : std::optional<bool>();
  // Zero for "off" is what some write where a switch is meant.
  if (!value && found->text == "0") return false;
  if (!value) Error(key, key + ": expected true or false");
  return value.value_or(fallback);
}

int64_t View::Int(const std::string& key, int64_t fallback, int64_t min, int64_t max) {
  const YamlNode* found = Find(key);
  if (found == nullptr) return fallback;
  const auto number =
      found->kind == Kind::kScalar ? config::ParseYamlInt(found->text) : std::optional<int64_t>();
  if (!number) {
    Error(key, key + ": expected a whole number, found " +
                   (found->kind == Kind::kScalar ? Shown(found->text) : KindName(found->kind)));
    return fallback;
  }
  if (*number < min || *number > max) {
    Error(key, key + ": " + std::to_string(*number) + " is not within " + std::to_string(min) +
                   " and " + std::to_string(max));
  }
  return std::clamp(*number, min, max);
}

Result<WallTime> ParseZonedOrLocal(std::string_view text, const Location& zone) {
  // Minutes alone are what people write; the parser below wants seconds before an offset only.
  Result<WallTime> time = ParseTime(text);
  if (!time && text.size() == 16 && text[10] == ' ') {
    std::string with_t(text);
    with_t[10] = 'T';
    time = ParseTime(with_t);
  }
  if (!time) {
    return InvalidArgument(Shown(std::string(text)) +
                           " is no time (write 2024-01-15T09:00:00Z, or without Z for local time)");
  }
  if (*time == kNoTime || *time < kEarliest || *time > kLatest) {
    return InvalidArgument(Shown(std::string(text)) + " is not within 1701 and 2248");
  }
  if (HasOffset(text)) return time;
  return FirstInstant(ToLocal(*time, cctz::utc_time_zone()), zone.zone);
}

std::optional<WallTime> View::Time(const std::string& key, const Location& zone) {
  if (Find(key) == nullptr) return std::nullopt;
  const std::string text = Text(key);
  if (text.empty()) return std::nullopt;
  const Result<WallTime> time = ParseZonedOrLocal(text, zone);
  if (time) return *time;
  Error(key, key + ": " + time.error().message);
  return std::nullopt;
}

WallTime View::NeedTime(const std::string& key, const Location& zone) {
  const std::optional<WallTime> time = Time(key, zone);
  if (!time && !Has(key)) Error(key, key + " must be set");
  return time.value_or(FromNanos(0));
}

std::optional<LocalTime> View::WallClock(const std::string& key) {
  if (Find(key) == nullptr) return std::nullopt;
  const std::string text = Text(key);
  const Location utc{"UTC", cctz::utc_time_zone()};
  const Result<WallTime> time = ParseZonedOrLocal(text, utc);
  if (!time || HasOffset(text)) return std::nullopt;
  return ToLocal(*time, utc.zone);
}

Location View::Zone(const std::string& key, const Location& fallback) {
  const std::string name = Text(key);
  if (name.empty()) return fallback;
  Result<Location> zone = timeinterval::ParseLocation(name);
  if (zone) return *std::move(zone);
  Error(key, key + ": " + zone.error().message, "an IANA name such as Europe/Berlin");
  return fallback;
}

std::optional<Location> View::ZoneIfKnown(const std::string& key) {
  const std::string name = Text(key);
  if (name.empty()) return std::nullopt;
  Result<Location> zone = timeinterval::ParseLocation(name);
  if (zone) return *std::move(zone);
  Warn(key, key + ": " + zone.error().message, "an IANA name such as Europe/Berlin");
  return std::nullopt;
}

Duration View::Span(const std::string& key, Duration fallback, Duration unit) {
  const YamlNode* found = Find(key);
  if (found == nullptr) return fallback;
  const std::string text = ScalarText(*found);
  constexpr int64_t kMax = 366LL * 24 * 3600;
  if (const auto number = Digits(text)) {
    if (*number >= 0 && *number <= kMax / std::max<int64_t>(1, unit.count() / 1'000'000'000)) {
      return *number * unit;
    }
  } else if (const auto duration = ParseDuration(text); duration) {
    if (*duration <= std::chrono::seconds(kMax)) return *duration;
  }
  Error(key, key + ": " + Shown(text) + " is no duration up to a year", "such as 15m or 1h30m");
  return fallback;
}

void View::Error(const std::string& key, const std::string& message, const std::string& hint) {
  source_->Error(At(key), message, hint);
}

void View::Warn(const std::string& key, const std::string& message, const std::string& hint) {
  source_->Warn(At(key), message, hint);
}

void View::Finish() {
  const std::vector<std::string> known(asked_.begin(), asked_.end());
  for (const config::Key& key : node_->keys) {
    if (asked_.contains(key.text)) continue;
    const std::string near = source_->problems->full() ? "" : Nearest(key.text, known);
    source_->Error(
        key.mark, "unknown key " + Shown(key.text),
        near.empty() ? "known here: " + Join(known, ", ") : "did you mean " + near + "?");
  }
}

std::optional<int64_t> ParseClock(std::string_view text) {
  if (text.ends_with('Z') || text.ends_with('z')) text.remove_suffix(1);
  const std::vector<std::string_view> parts = Split(text, ':');
  if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
  std::array<int64_t, 3> numbers{};
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto number = parts[i].size() <= 2 ? Digits(parts[i]) : std::nullopt;
    if (!number || *number < 0 || *number > (i == 0 ? 24 : 59)) return std::nullopt;
    numbers[i] = *number;
  }
  const int64_t seconds = numbers[0] * 3600 + numbers[1] * 60 + numbers[2];
  return seconds > Window::kDay ? std::nullopt : std::optional(seconds);
}

int ParseDay(std::string_view text) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
  // Splunk On-Call's own ones of a single letter.
  static constexpr std::array<std::string_view, 7> kShort = {"m", "t", "w", "th", "f", "sa", "su"};
  const std::string lower = ToLower(text);
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (lower == kShort[i]) return static_cast<int>(i);
    if (lower.size() >= 2 && kNames[i].starts_with(lower)) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace watchfire::oncall
