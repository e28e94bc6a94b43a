// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The formatter behind format.h: one value by one verb.

#pragma once

#include <string>
#include <string_view>

#include "pkg/templates/value.h"

namespace watchfire::templates {

// What stands between % and the verb.
struct FormatFlags {
  bool minus = false;
  bool plus = false;
  bool sharp = false;
  bool space = false;
  bool zero = false;
  bool plus_v = false;   // %+v: names of fields.
  bool sharp_v = false;  // %#v: Go syntax.
  bool has_width = false;
  bool has_precision = false;
  int width = 0;
  int precision = 0;
};

class Formatter {
 public:
  // Appends to `out`.
  explicit Formatter(std::string* out) : out_(*out) {}

  FormatFlags flags;

  void Print(const Value& value, char32_t verb);
  // The text has outgrown limits::kTemplateOutputBytes; nothing more is added.
  bool full() const;

 private:
  void PrintPlain(const Value& value, std::string_view type, char32_t verb, int depth);
  void PrintNested(const Value& value, char32_t verb, int depth);
  void BadVerb(char32_t verb);
  void Bool(bool truth, char32_t verb);
  void Integer(int64_t number, IntType type, char32_t verb);
  void Digits(uint64_t number, bool negative, unsigned base, char32_t verb);
  void Unicode(uint64_t number);
  void Float(double number, char32_t verb);
  void FloatDigits(double number, char verb, int precision);
  void String(std::string_view text, char32_t verb);
  void Quoted(std::string_view text);
  void HexBytes(std::string_view text, bool upper);
  void PrintList(const List& list, std::string_view type, char32_t verb, int depth);
  void PrintMap(const Map& map, std::string_view type, char32_t verb, int depth);
  void PrintStruct(const Object& object, char32_t verb, int depth);
  void Separate(size_t index);
  void Pad(std::string_view text);
  void PadUnsigned(std::string_view text);
  void Fill(int count);
  std::string_view Cut(std::string_view text) const;

  std::string& out_;
  const Value* shown_ = nullptr;  // What a mistake in the verb is told of.
  bool in_error_ = false;         // Inside a %!verb(…): String() methods are not asked.
};

// Restores %#U's and %q's idea of what prints: true when GoQuote shows `rune` as it is.
bool IsPrintableRune(char32_t rune);

// Adds the zeros and the point that # asks for to a formatted float.
std::string WithTrailingZeros(std::string number, char verb, int precision);

}  // namespace watchfire::templates
