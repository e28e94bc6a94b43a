// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Immutable text and lists of texts that many values share: copying copies a pointer. Safe to share
// between threads.

#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/shared_value.h"

namespace watchfire {

class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string text)  // NOLINT(google-explicit-constructor): it is one.
      : text_(text.empty() ? Value() : Value(std::move(text))) {}
  SharedText(std::string_view text) : SharedText(std::string(text)) {}  // NOLINT
  SharedText(const char* text) : SharedText(std::string(text)) {}       // NOLINT

  std::string_view view() const { return empty() ? std::string_view() : *text_.get(); }
  operator std::string_view() const { return view(); }  // NOLINT
  bool empty() const { return text_.get() == nullptr; }
  size_t size() const { return view().size(); }
  // Nobody else holds it.
  bool unique() const { return text_.unique(); }

  bool operator==(const SharedText& other) const {
    return text_.get() == other.text_.get() || view() == other.view();
  }
  friend std::ostream& operator<<(std::ostream& out, const SharedText& text) {
    return out << text.view();
  }

 private:
  using Value = SharedValue<std::string>;

  Value text_;  // None when empty.
};

class SharedTexts {
 public:
  using value_type = std::string;
  using const_iterator = std::vector<std::string>::const_iterator;

  SharedTexts() = default;
  SharedTexts(std::vector<std::string> texts)  // NOLINT(google-explicit-constructor): they are.
      : texts_(texts.empty() ? Value() : Value(std::move(texts))) {}

  const std::vector<std::string>& list() const {
    static const std::vector<std::string>& none = *new std::vector<std::string>();
    return empty() ? none : *texts_.get();
  }
  operator const std::vector<std::string>&() const { return list(); }  // NOLINT
  const_iterator begin() const { return list().begin(); }
  const_iterator end() const { return list().end(); }
  size_t size() const { return list().size(); }
  bool empty() const { return texts_.get() == nullptr; }

  bool operator==(const SharedTexts& other) const {
    return texts_.get() == other.texts_.get() || list() == other.list();
  }

 private:
  using Value = SharedValue<std::vector<std::string>>;

  Value texts_;  // None when empty.
};

}  // namespace watchfire
