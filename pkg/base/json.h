// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// JSON out, streaming. JSON in is simdjson, where it is read.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace watchfire {

// Writes one JSON value. Calls must nest properly (WF_CHECKed in Take). Strings are repaired to
// valid UTF-8. Numbers print shortest round-trip; NaN and infinities print as null.
class JsonWriter {
 public:
  // `escape_html` writes < > & U+2028 U+2029 as \u escapes, as Go's encoder does by default.
  explicit JsonWriter(bool escape_html = false) : escape_html_(escape_html) {}
  JsonWriter(const JsonWriter&) = delete;  // level_ points into it.
  JsonWriter& operator=(const JsonWriter&) = delete;

  // Makes room for so many bytes: what is large need not be moved as it grows.
  void Reserve(size_t bytes) { out_.reserve(bytes); }

  JsonWriter& StartObject();
  JsonWriter& EndObject();
  JsonWriter& StartArray();
  JsonWriter& EndArray();
  JsonWriter& Key(std::string_view name);
  JsonWriter& String(std::string_view value);
  JsonWriter& Int(int64_t value);
  JsonWriter& Double(double value);
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  // An array of 64-bit hashes: they do not fit the safe integers of JSON, so each is a text of 16
  // lower-case hexadecimal digits, as Hex64 (strings.h) has them.
  JsonWriter& Hashes(std::span<const uint64_t> hashes);
  // Inserts `json`, which must be one whole valid JSON value.
  JsonWriter& Raw(std::string_view json);
  // Bytes written so far.
  size_t size() const { return size_; }
  // Writes members of an object once more: those that took size() from `from` to `to`. The first of
  // them is its object's first either there and here, or neither.
  JsonWriter& Again(size_t from, size_t to, size_t members = 1);

  JsonWriter& Field(std::string_view name, std::string_view value);
  JsonWriter& Field(std::string_view name, const char* value) { return Key(name).String(value); }
  JsonWriter& Field(std::string_view name, int64_t value) { return Key(name).Int(value); }
  JsonWriter& Field(std::string_view name, int value) { return Key(name).Int(value); }
  JsonWriter& Field(std::string_view name, double value) { return Key(name).Double(value); }
  JsonWriter& Field(std::string_view name, bool value) { return Key(name).Bool(value); }

  // The same for names that need no escapes, and are not searched for any.
  JsonWriter& PlainKey(std::string_view name);
  // All that stand in the program are such.
  template <size_t kSize>
  JsonWriter& Key(const char (&name)[kSize]) {
    return PlainKey({name, kSize - 1});
  }
  template <size_t kSize, typename T>
  JsonWriter& Field(const char (&name)[kSize], const T& value) {
    if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      return Member({name, kSize - 1}, value, true);
    } else {
      return PlainKey({name, kSize - 1}).Value(value);
    }
  }
  template <size_t kSize>
  JsonWriter& Key(char (&buffer)[kSize]) = delete;
  template <size_t kSize, typename T>
  JsonWriter& Field(char (&buffer)[kSize], const T& value) = delete;

  // Returns the text and leaves the writer empty.
  std::string Take();

 private:
  struct Level {
    bool is_array = false;
    size_t texts = 0;  // Values so far; in an object, keys too.
  };
  JsonWriter& Value(int64_t value) { return Int(value); }
  JsonWriter& Value(int value) { return Int(value); }
  JsonWriter& Value(double value) { return Double(value); }
  JsonWriter& Value(bool value) { return Bool(value); }

  JsonWriter& Start(bool is_array);
  JsonWriter& End(bool is_array);
  JsonWriter& Plain(std::string_view json);
  bool ExpectsKey() const {
    return level_ != nullptr && !level_->is_array && level_->texts % 2 == 0;
  }
  // The place of a level, of those from 1 on.
  Level* At(size_t depth) {
    return depth <= usual_.size() ? &usual_[depth - 1] : &deeper_[depth - 1 - usual_.size()];
  }
  // Where the next byte goes: so many may be written there, and Wrote() told where they end.
  char* Room(size_t bytes) {
    if (out_.size() - size_ < bytes) Grow(bytes);
    return out_.data() + size_;
  }
  void Grow(size_t bytes);
  void Wrote(const char* end) { size_ = static_cast<size_t>(end - out_.data()); }
  void Put(std::string_view text);
  // Writes what separates the next key or value from the last, at most one byte; returns its end.
  char* Separate(char* to);
  JsonWriter& Member(std::string_view name, std::string_view value, bool is_plain_name);
  // Writes text of which some may need escapes to `to`, where there is room for it, and its end.
  JsonWriter& Text(std::string_view text, char* to);
  // Writes text of well-formed UTF-8.
  void PutEscaped(std::string_view text);
  void PutHtmlEscaped(std::string_view json);

  std::string
      out_;  // Of which size_ bytes are written: to append to it piece by piece takes longer.
  size_t size_ = 0;
  size_t depth_ = 0;
  Level* level_ = nullptr;      // The innermost that is open; null: none is.
  std::array<Level, 8> usual_;  // Without memory of their own.
  std::vector<Level> deeper_;   // Those within them.
  bool is_sound_ = true;  // What was opened last was closed first, and keys stood in objects only.
  bool has_root_ = false;
  const bool escape_html_;
};

// Returns {"status":"error","errorType":code,"error":message} (the shape of our own API).
std::string JsonError(std::string_view type, std::string_view message);

}  // namespace watchfire
