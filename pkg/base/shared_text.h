// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Immutable text and lists of texts that many values share: copying copies a pointer. Safe to share
// between threads.

#pragma once

#include <atomic>
#include <compare>
#include <cstddef>
#include <functional>
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
      : text_(text.empty() ? Value() : Value(Hashed(std::move(text)))) {}
  SharedText(std::string_view text) : SharedText(std::string(text)) {}  // NOLINT
  SharedText(const char* text) : SharedText(std::string(text)) {}       // NOLINT

  const std::string& str() const {
    static const std::string& none = *new std::string();
    return empty() ? none : text_.get()->text;
  }
  std::string_view view() const { return empty() ? std::string_view() : text_.get()->text; }
  operator std::string_view() const { return view(); }   // NOLINT
  operator const std::string&() const { return str(); }  // NOLINT
  bool empty() const { return text_.get() == nullptr; }
  size_t size() const { return view().size(); }
  // As std::hash has it of the text; worked out once for all that share it.
  size_t hash() const { return empty() ? Hashed::Of({}) : text_.get()->hash(); }
  // Nobody else holds it.
  bool unique() const { return text_.unique(); }

  bool operator==(const SharedText& other) const {
    return text_.get() == other.text_.get() || view() == other.view();
  }
  std::strong_ordering operator<=>(const SharedText& other) const {
    return text_.get() == other.text_.get() ? std::strong_ordering::equal : view() <=> other.view();
  }
  bool operator==(const std::string& other) const { return view() == other; }
  bool operator==(std::string_view other) const { return view() == other; }
  bool operator==(const char* other) const { return view() == other; }
  // To be put in order with anything else, it would first be copied into a SharedText.
  template <typename Other>
  std::strong_ordering operator<=>(const Other& other) const = delete;
  friend std::ostream& operator<<(std::ostream& out, const SharedText& text) {
    return out << text.view();
  }

 private:
  struct Hashed {
    explicit Hashed(std::string of) : text(std::move(of)) {}
    Hashed(Hashed&& other) noexcept : text(std::move(other.text)) {}

    static size_t Of(std::string_view text) { return std::hash<std::string_view>()(text); }
    size_t hash() const {
      size_t known = hash_if_known.load(std::memory_order_relaxed);
      if (known == 0) hash_if_known.store(known = Of(text), std::memory_order_relaxed);
      return known;
    }

    std::string text;
    mutable std::atomic<size_t> hash_if_known = 0;
  };
  using Value = SharedValue<Hashed>;

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
