// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/journal/texts.h"

#include <utility>

#include "pkg/base/check.h"

namespace watchfire::journal {

TextId Texts::Use(std::string_view text) {
  if (text.empty()) return 0;
  const TextId known = Find(text);
  return known != 0 ? Share(known) : Add(std::string(text));
}

TextId Texts::Take(std::string text) {
  if (text.empty()) return 0;
  const TextId known = Find(text);
  return known != 0 ? Share(known) : Add(std::move(text));
}

TextId Texts::Add(std::string text) {
  TextId id = 0;
  if (free_.empty()) {
    slots_.emplace_back();
    id = static_cast<TextId>(slots_.size());
  } else {
    id = free_.back();
    free_.pop_back();
  }
  Slot& slot = slots_[id - 1];
  slot = {std::move(text), 1};
  ids_.emplace(slot.text, id);
  bytes_ += slot.text.size();
  return id;
}

TextId Texts::Share(TextId id) {
  if (id == 0) return 0;
  WF_CHECK(slots_[id - 1].users > 0);
  ++slots_[id - 1].users;
  return id;
}

void Texts::Release(TextId id) {
  if (id == 0) return;
  Slot& slot = slots_[id - 1];
  WF_CHECK(slot.users > 0);
  if (--slot.users > 0) return;
  bytes_ -= slot.text.size();
  ids_.erase(slot.text);
  slot.text = {};
  free_.push_back(id);
}

TextId Texts::Find(std::string_view text) const {
  const auto found = ids_.find(text);
  return found == ids_.end() ? 0 : found->second;
}

std::string_view Texts::Get(TextId id) const {
  if (id == 0) return {};
  return slots_[id - 1].text;
}

}  // namespace watchfire::journal
