// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Texts that many entries share, each kept once: names of groups, receivers, rules, silences.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace watchfire::journal {

using TextId = uint32_t;  // 0 is the empty text.

class Texts {
 public:
  // Returns the id of `text`, one more user of which then exists.
  TextId Use(std::string_view text);
  TextId Take(std::string text);  // The same of a text that it may keep.
  // One more user of a text that has some, and one less. The last one takes the text with it.
  TextId Share(TextId id);
  void Release(TextId id);

  // Returns 0 when nobody uses it.
  TextId Find(std::string_view text) const;
  // Valid until its last user releases it.
  std::string_view Get(TextId id) const;
  // Of all texts together.
  size_t bytes() const { return bytes_; }

 private:
  struct Slot {
    std::string text;
    size_t users = 0;
  };

  TextId Add(std::string text);

  std::deque<Slot> slots_;  // Of id 1 and up; texts stay where they are, for the keys of ids_.
  std::vector<TextId> free_;
  std::unordered_map<std::string_view, TextId> ids_;
  size_t bytes_ = 0;
};

}  // namespace watchfire::journal
