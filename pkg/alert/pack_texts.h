// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The texts of a record of alerts, under numbers that count from 0. Of neighbours in a group the
// longest texts are the same but for the name of a pod; such a one stands there as what differs
// from its neighbour's, whether or not it came before. Any other one stands there once:
//
//   "Pod web-1 has not been ready.",  [0,8,21,"2"]    8 bytes of text 0, "2", its last 21 bytes
//
// Private to pkg/alert/pack.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "pkg/base/json.h"

namespace watchfire::alert {

// Gives every text its number. The texts live as long as what is packed. Neighbours mostly say the
// same at the same place, which is tried first.
class TextNumbers {
 public:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  // For the texts of so many alerts.
  explicit TextNumbers(size_t alerts);

  // `before` is the number of what stands at the same place of the alert before, or kNone.
  uint32_t NumberOf(std::string_view text, uint32_t before);

  // Writes all of them as an array, by their numbers.
  void Write(JsonWriter* json) const;

 private:
  struct Text {
    std::string_view text;
    uint32_t like;   // The number of one that it has so many bytes in common with.
    uint32_t start;  // First bytes that are the same.
    uint32_t end;    // And last ones.

    size_t own() const { return text.size() - start - end; }
  };

  // Compares the text with the one before, which may be kNone.
  Text Compared(std::string_view text, uint32_t before) const;
  // Where the number of the text stands in places_, or would.
  uint32_t& PlaceOf(std::string_view text);
  void Grow();

  std::vector<Text> texts_;
  std::vector<uint32_t> places_;  // A hash table of numbers, at most half full; of some of texts_.
  size_t placed_ = 0;             // So many.
};

// What TextNumbers wrote.
class TextsRead {
 public:
  // Returns false when it is not such an array. The texts live as long as this and `array` do.
  bool Read(const simdjson::dom::array& array);
  size_t size() const { return texts_.size(); }
  std::string_view operator[](size_t number) const { return texts_[number]; }

 private:
  bool ReadLike(const simdjson::dom::array& parts);

  std::vector<std::string_view> texts_;
  std::deque<std::string> made_;  // Of those that are put together.
  size_t made_bytes_ = 0;
};

}  // namespace watchfire::alert
