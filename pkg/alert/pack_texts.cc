// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/alert/pack_texts.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <functional>
#include <utility>

#include "pkg/base/strings.h"

namespace watchfire::alert {
namespace {

// What it takes to say what a text is like.
constexpr size_t kWorth = 24;
// A longer text that is like its neighbour's but for so many bytes mostly names its pod, and is
// nobody else's: it is not looked for.
constexpr size_t kNamesPod = 48;
// Put together for one record at most: what its alerts may hold, many times over.
constexpr size_t kMadeBytes = size_t{256} * 1024 * 1024;

// Neighbours share most of their texts (labels/set_pool.h): where they stand tells without a look
// at them.
bool IsSame(std::string_view a, std::string_view b) {
  return (a.data() == b.data() && a.size() == b.size()) || a == b;
}

uint64_t EightAt(const char* from) {
  static_assert(std::endian::native == std::endian::little, "the first byte is the lowest");
  uint64_t eight = 0;
  std::memcpy(&eight, from, sizeof(eight));
  return eight;
}

bool ContinuesRune(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// How many of the first `most` bytes are the same, whole runes of `a`.
size_t SameStart(std::string_view a, std::string_view b, size_t most) {
  size_t same = 0;
  uint64_t unlike = 0;
  while (unlike == 0 && same + 8 <= most) {
    unlike = EightAt(a.data() + same) ^ EightAt(b.data() + same);
    same += static_cast<size_t>(std::countr_zero(unlike)) / 8;  // Of none that differs: 64.
  }
  while (unlike == 0 && same < most && a[same] == b[same]) ++same;
  while (same > 0 && same < a.size() && ContinuesRune(a[same])) --same;
  return same;
}

// The same of the last `most` bytes.
size_t SameEnd(std::string_view a, std::string_view b, size_t most) {
  const auto before_end = [](std::string_view text, size_t bytes) {
    return text.data() + (text.size() - bytes);
  };
  size_t same = 0;
  uint64_t unlike = 0;
  while (unlike == 0 && same + 8 <= most) {
    unlike = EightAt(before_end(a, same + 8)) ^ EightAt(before_end(b, same + 8));
    same += static_cast<size_t>(std::countl_zero(unlike)) / 8;
  }
  while (unlike == 0 && same < most && *before_end(a, same + 1) == *before_end(b, same + 1)) ++same;
  while (same > 0 && ContinuesRune(*before_end(a, same))) --same;
  return same;
}

// Writes what a text is like in one piece, which takes a third of the time, if what is its own
// needs no escapes and is short, such as the name of a pod. Else it returns false, and has done
// nothing.
bool WriteLike(uint32_t like, size_t start, size_t end, std::string_view middle, JsonWriter* json) {
  constexpr size_t kShort = 48;
  constexpr size_t kDigits = 20;
  const auto is_plain = [](char c) { return c >= ' ' && c < '\x7f' && c != '"' && c != '\\'; };
  if (middle.size() > kShort || !std::ranges::all_of(middle, is_plain)) return false;
  std::array<char, 3 * (kDigits + 1) + kShort + 4> room;
  char* to = room.data();
  *to++ = '[';
  for (const uint64_t number : {uint64_t{like}, uint64_t{start}, uint64_t{end}}) {
    to = std::to_chars(to, to + kDigits, number).ptr;
    *to++ = ',';
  }
  *to++ = '"';
  to = std::copy(middle.begin(), middle.end(), to);
  *to++ = '"';
  *to++ = ']';
  json->Raw({room.data(), static_cast<size_t>(to - room.data())});
  return true;
}

}  // namespace

TextNumbers::TextNumbers(size_t alerts) {
  constexpr size_t kUsualTexts = 4;  // Of an alert among others of its kind.
  places_.resize(std::bit_ceil(2 * kUsualTexts * alerts + 2), kNone);
}

uint32_t TextNumbers::NumberOf(std::string_view text, uint32_t before) {
  if (before != kNone && IsSame(texts_[before].text, text)) return before;
  const auto next = static_cast<uint32_t>(texts_.size());
  const Text compared = Compared(text, before);
  if (text.size() > kNamesPod && compared.own() <= kNamesPod) {
    texts_.push_back(compared);
    return next;
  }
  if (2 * (placed_ + 1) > places_.size()) Grow();
  uint32_t& place = PlaceOf(text);
  if (place == kNone) {
    place = next;
    ++placed_;
    texts_.push_back(compared);
  }
  return place;
}

TextNumbers::Text TextNumbers::Compared(std::string_view text, uint32_t before) const {
  const std::string_view other = before == kNone ? std::string_view() : texts_[before].text;
  const size_t most = std::min(text.size(), other.size());
  if (most < kWorth) return {text, kNone, 0, 0};
  const size_t start = SameStart(other, text, most);
  const size_t end = SameEnd(other, text, most - start);
  if (start + end < kWorth) return {text, kNone, 0, 0};
  return {text, before, static_cast<uint32_t>(start), static_cast<uint32_t>(end)};
}

uint32_t& TextNumbers::PlaceOf(std::string_view text) {
  const size_t mask = places_.size() - 1;
  size_t at = std::hash<std::string_view>()(text) & mask;
  while (places_[at] != kNone && texts_[places_[at]].text != text) at = (at + 1) & mask;
  return places_[at];
}

void TextNumbers::Grow() {
  const std::vector<uint32_t> old = std::exchange(places_, {});
  places_.resize(2 * old.size(), kNone);
  for (const uint32_t number : old) {
    if (number != kNone) PlaceOf(texts_[number].text) = number;
  }
}

void TextNumbers::Write(JsonWriter* json) const {
  // A text that has to be repaired as it is written is another one when it is read.
  std::vector<bool> is_sound;
  is_sound.reserve(texts_.size());
  json->StartArray();
  for (const Text& each : texts_) {
    const bool is_like = each.like != kNone && is_sound[each.like];
    const std::string_view own = each.text.substr(each.start, each.own());
    if (is_like && WriteLike(each.like, each.start, each.end, own, json)) {
      is_sound.push_back(true);
      continue;
    }
    is_sound.push_back(IsValidUtf8(is_like ? own : each.text));
    if (!is_like || !is_sound.back()) {
      json->String(each.text);
      continue;
    }
    json->StartArray().Int(each.like).Int(each.start).Int(each.end).String(own).EndArray();
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
