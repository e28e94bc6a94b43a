// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/alert/pack_texts.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <functional>
#include <utility>

#include "pkg/base/strings.h"

namespace watchfire::alert {
namespace {

// What it takes to say what a text is like.
constexpr size_t kWorth = 24;
// Put together for one record at most: what its alerts may hold, many times over.
constexpr size_t kMadeBytes = size_t{256} * 1024 * 1024;

// Neighbours share most of their texts (labels/set_pool.h): where they stand tells without a look
// at them.
bool IsSame(std::string_view a, std::string_view b) {
  return (a.data() == b.data() && a.size() == b.size()) || a == b;
}

uint64_t EightAt(const char* from) {
  uint64_t eight = 0;
  std::memcpy(&eight, from, sizeof(eight));
  return eight;
}

bool ContinuesRune(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// How many of the first `most` bytes are the same, whole runes of `a`.
size_t SameStart(std::string_view a, std::string_view b, size_t most) {
  size_t same = 0;
  while (same + 8 <= most && EightAt(a.data() + same) == EightAt(b.data() + same)) same += 8;
  while (same < most && a[same] == b[same]) ++same;
  while (same > 0 && same < a.size() && ContinuesRune(a[same])) --same;
  return same;
}

// The same of the last `most` bytes.
size_t SameEnd(std::string_view a, std::string_view b, size_t most) {
  const auto before_end = [](std::string_view text, size_t bytes) {
    return text.data() + (text.size() - bytes);
  };
  size_t same = 0;
  while (same + 8 <= most && EightAt(before_end(a, same + 8)) == EightAt(before_end(b, same + 8))) {
    same += 8;
  }
  while (same < most && *before_end(a, same + 1) == *before_end(b, same + 1)) ++same;
  while (same > 0 && ContinuesRune(*before_end(a, same))) --same;
  return same;
}

}  // namespace

TextNumbers::TextNumbers(size_t texts_max)
    : places_(std::bit_ceil(2 * texts_max + 2), kNone), mask_(places_.size() - 1) {}

uint32_t TextNumbers::NumberOf(std::string_view text, uint32_t before) {
  if (before != kNone && IsSame(texts_[before].text, text)) return before;
  return LookUp(text, before);
}

uint32_t TextNumbers::LookUp(std::string_view text, uint32_t before) {
  size_t at = std::hash<std::string_view>()(text) & mask_;
  while (places_[at] != kNone && texts_[places_[at]].text != text) at = (at + 1) & mask_;
  if (places_[at] == kNone) {
    const auto number = static_cast<uint32_t>(texts_.size());
    places_[at] = number;
    texts_.push_back({text, before == kNone ? number : before});
  }
  return places_[at];
}

void TextNumbers::Write(JsonWriter* json) const {
  // A text that has to be repaired as it is written is another one when it is read.
  std::vector<bool> is_sound;
  is_sound.reserve(texts_.size());
  json->StartArray();
  for (size_t number = 0; number < texts_.size(); ++number) {
    const auto& [text, like] = texts_[number];
    const std::string_view other = texts_[like].text;
    size_t most = std::min(text.size(), other.size());
    if (like == number || most < kWorth || !is_sound[like]) most = 0;
    const size_t start = SameStart(other, text, most);
    const size_t end = SameEnd(other, text, most - start);
    const std::string_view middle = text.substr(start, text.size() - start - end);
    is_sound.push_back(IsValidUtf8(start + end < kWorth ? text : middle));
    if (start + end < kWorth || !is_sound.back()) {
      json->String(text);
      continue;
    }
    json->StartArray().Int(like).Int(static_cast<int64_t>(start)).Int(static_cast<int64_t>(end));
    json->String(middle).EndArray();
  }
  json->EndArray();
}

bool TextsRead::Read(const simdjson::dom::array& array) {
  for (const simdjson::dom::element element : array) {
    std::string_view text;
    simdjson::dom::array parts;
    if (element.get(text) == simdjson::SUCCESS) {
      texts_.push_back(text);
    } else if (element.get(parts) != simdjson::SUCCESS || !ReadLike(parts)) {
      return false;
    }
  }
  return true;
}

bool TextsRead::ReadLike(const simdjson::dom::array& parts) {
  std::array<uint64_t, 3> numbers{};
  std::string_view middle;
  if (parts.size() != numbers.size() + 1) return false;
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (parts.at(i).get(numbers[i]) != simdjson::SUCCESS) return false;
  }
  if (parts.at(numbers.size()).get(middle) != simdjson::SUCCESS) return false;
  const auto [like, start, end] = numbers;
  if (like >= texts_.size()) return false;
  const std::string_view other = texts_[like];
  if (start > other.size() || end > other.size() - start) return false;
  made_bytes_ += start + middle.size() + end;
  if (made_bytes_ > kMadeBytes) return false;
  std::string& text = made_.emplace_back(other.substr(0, start));
  text.append(middle).append(other.substr(other.size() - end));
  texts_.push_back(text);
  return true;
}

}  // namespace watchfire::alert
