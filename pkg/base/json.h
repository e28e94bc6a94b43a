// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// JSON out, streaming. JSON in is simdjson, where it is read.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace watchfire {

// Writes one JSON value. Calls must nest properly (WF_CHECKed in Take). Strings are repaired to
// valid UTF-8. Numbers print shortest round-trip; NaN and infinities print as null.
class JsonWriter {
 public:
  // `escape_html` writes < > & U+2028 U+2029 as \u escapes, as Go's encoder does by default.
  explicit JsonWriter(bool escape_html = false) : escape_html_(escape_html) {}

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

  // Returns the text and leaves the writer empty.
  std::string Take();

 private:
  struct Level {
    bool is_array;
    size_t texts = 0;  // Values so far; in an object, keys too.
  };
  JsonWriter& Start(bool is_array);
  JsonWriter& End(bool is_array);
  JsonWriter& Plain(std::string_view json);
  // Where the next byte goes: so many may be written there, and Wrote() told where they end.
  char* Room(size_t bytes);
  void Wrote(const char* end) { size_ = static_cast<size_t>(end - out_.data()); }
  void Put(std::string_view text);
  // Writes what separates the next key or value from the last, at most one byte; returns its end.
  char* Separate(char* to);
  // Writes a member of texts that need no escapes; false, and nothing done, where it cannot.
  bool WritePlainMember(std::string_view name, std::string_view value);
  // Writes text of well-formed UTF-8.
  void PutEscaped(std::string_view text);
  void PutHtmlEscaped(std::string_view json);

  std::string
      out_;  // Of which size_ bytes are written: to append to it piece by piece takes longer.
  size_t size_ = 0;
  std::vector<Level> levels_;
  bool is_sound_ = true;  // What was opened last was closed first, and keys stood in objects only.
  bool has_root_ = false;
  const bool escape_html_;
};

// Returns {"status":"error","errorType":code,"error":message} (the shape of our own API).
std::string JsonError(std::string_view type, std::string_view message);

}  // namespace watchfire
