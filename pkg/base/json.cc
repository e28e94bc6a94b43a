// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/base/json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <utility>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "pkg/base/check.h"
#include "pkg/base/eight.h"
#include "pkg/base/hex64.h"
#include "pkg/base/strings.h"

namespace watchfire {
namespace {

constexpr size_t kFilled = 512;

enum Class : uint8_t {
  kPlain,
  kEscaped,  // In every string.
  kHtml,     // Where HTML is escaped: < > &
  kForeign,  // Part of a rune beyond ASCII.
};

constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> classes{};
  for (size_t i = 0; i < 0x20; ++i) classes[i] = kEscaped;
  classes['"'] = classes['\\'] = kEscaped;
  classes['<'] = classes['>'] = classes['&'] = kHtml;
  for (size_t i = 0x80; i < 256; ++i) classes[i] = kForeign;
  return classes;
}
constexpr std::array<uint8_t, 256> kClasses = MakeClasses();

uint8_t ClassOf(char c) { return kClasses[static_cast<unsigned char>(c)]; }

// Of eight characters those that are not kPlain, nor kHtml or kForeign unless HTML is escaped.
Eight::Marks FindChanging(Eight eight, bool escape_html) {
  const Eight::Marks always = eight.IsBelow(' ') | eight.Is('"') | eight.Is('\\');
  if (!escape_html) return always;
  return always | eight.IsForeign() | eight.Is('<') | eight.Is('>') | eight.Is('&');
}

// Where the first such character from `at` on stands.
size_t SameEnd(std::string_view text, size_t at, bool escape_html) {
  for (; at + Eight::kSize <= text.size(); at += Eight::kSize) {
    const size_t same = Eight::Before(FindChanging(Eight(text.data() + at), escape_html));
    if (same < Eight::kSize) return at + same;
  }
  for (; at < text.size(); ++at) {
    const uint8_t kind = ClassOf(text[at]);
    if (kind == kEscaped || (kind != kPlain && escape_html)) return at;
  }
  return at;
}

// How many of several characters from the first on are kPlain, or kHtml where that is not escaped.
template <size_t kCount>
inline size_t PlainOf(const Several<kCount>& several, bool escape_html) {
  const auto others = several.IsBelowOrForeign(' ') | several.Is('\\');
  if (!escape_html) return Several<kCount>::Before(others | several.Is('"'));
  static_assert(('<' | 2) == '>' && ('"' | 4) == '&', "looked for in pairs");
  return Several<kCount>::Before(others | several.Or(2).Is('>') | several.Or(4).Is('&'));
}

// Copies kSize characters; returns whether all of them are such.
template <size_t kSize>
inline bool CopyIfPlain(const char* from, bool escape_html, char* to) {
  const Several<kSize> several(from);
  several.Write(to);
  return PlainOf(several, escape_html) == kSize;
}

// The same of a text that has from kHalf to twice as many: in two halves that may overlap.
template <size_t kHalf>
inline bool CopyHalvesIfPlain(std::string_view text, bool escape_html, char* to) {
  std::array<char, 2 * kHalf> halves;
  const size_t second = text.size() - kHalf;
  std::memcpy(halves.data(), text.data(), kHalf);
  std::memcpy(halves.data() + kHalf, text.data() + second, kHalf);
  std::memcpy(to, halves.data(), kHalf);
  std::memcpy(to + second, halves.data() + kHalf, kHalf);
  return PlainOf(Several<2 * kHalf>(halves.data()), escape_html) == 2 * kHalf;
}

// Copies a text up to the first character that is no such: most texts have none. Returns where the
// copy ends; anything may stand behind it where the rest of the text would.
char* CopyPlain(std::string_view text, bool escape_html, char* to) {
  constexpr size_t kSize = Sixteen::kSize;
  size_t i = 0;
  for (; i + kSize <= text.size(); i += kSize) {
    const Sixteen sixteen(text.data() + i);
    sixteen.Write(to + i);
    const size_t plain = PlainOf(sixteen, escape_html);
    if (plain < kSize) return to + i + plain;
  }
  if (i == text.size()) return to + i;
  bool is_plain = false;
  if (i > 0) {  // The last sixteen, some of them for the second time.
    const size_t last = text.size() - kSize;
    is_plain = CopyIfPlain<kSize>(text.data() + last, escape_html, to + last);
  } else if (text.size() >= kSize / 2) {
    is_plain = CopyHalvesIfPlain<kSize / 2>(text, escape_html, to);
  } else if (text.size() >= Eight::kSize / 2) {
    is_plain = CopyHalvesIfPlain<Eight::kSize / 2>(text, escape_html, to);
  }
  if (is_plain) return to + text.size();
  const auto is_plain_one = [escape_html](char c) {
    return ClassOf(c) == kPlain || (ClassOf(c) == kHtml && !escape_html);
  };
  for (; i < text.size() && is_plain_one(text[i]); ++i) to[i] = text[i];
  return to + i;
}

constexpr size_t kEscapeMost = 6;  // \u and four digits.

// These write to `to` and return where it ends.
char* WriteUnicode(unsigned code, char* to) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  static constexpr std::string_view kLowerHex = "0123456789abcdef";
  // Go writes what it escapes for HTML in lower case.
  const std::string_view digits = code < 0x20 ? kHex : kLowerHex;
  *to++ = '\\';
  *to++ = 'u';
  for (int shift = 12; shift >= 0; shift -= 4) *to++ = digits[(code >> shift) & 0xf];
  return to;
}

char* WriteEscape(char c, char* to) {
  static constexpr std::string_view kShort = "\b\f\n\r\t\"\\";
  static constexpr std::string_view kLetters = "bfnrt\"\\";
  const size_t found = c == '\n' ? 2 : kShort.find(c);  // Texts have nothing else as often.
  if (found == std::string_view::npos) return WriteUnicode(static_cast<unsigned char>(c), to);
  *to++ = '\\';
  *to++ = kLetters[found];
  return to;
}

char* WriteText(std::string_view text, char* to) { return std::copy(text.begin(), text.end(), to); }

// Returns the code of a line separator that Go escapes with HTML at the start of `text`, or 0.
unsigned LineSeparator(std::string_view text) {
  if (text.starts_with("\u2028")) return 0x2028;
  return text.starts_with("\u2029") ? 0x2029 : 0;
}

}  // namespace

JsonWriter& JsonWriter::StartObject() { return Start(false); }
JsonWriter& JsonWriter::EndObject() { return End(false); }
JsonWriter& JsonWriter::StartArray() { return Start(true); }
JsonWriter& JsonWriter::EndArray() { return End(true); }

void JsonWriter::Grow(size_t bytes) {
  const size_t needed = size_ + bytes;
  if (needed > out_.capacity()) out_.reserve(std::max(needed, 2 * out_.capacity()));
  // A little at a time: what is filled now is still in the cache when it is written.
  out_.resize(std::min(out_.capacity(), needed + kFilled));
}

void JsonWriter::Put(std::string_view text) { Wrote(WriteText(text, Room(text.size()))); }

JsonWriter& JsonWriter::Start(bool is_array) {
  char* to = Separate(Room(2));
  *to++ = is_array ? '[' : '{';
  Wrote(to);
  if (++depth_ > usual_.size()) deeper_.resize(depth_ - usual_.size());
  level_ = At(depth_);
  *level_ = {is_array};
  return *this;
}

JsonWriter& JsonWriter::End(bool is_array) {
  const bool fits =
      level_ != nullptr && level_->is_array == is_array && (is_array || level_->texts % 2 == 0);
  is_sound_ = is_sound_ && fits;
  if (fits) level_ = --depth_ == 0 ? nullptr : At(depth_);
  *Room(1) = is_array ? ']' : '}';
  ++size_;
  return *this;
}

char* JsonWriter::Separate(char* to) {
  if (level_ == nullptr) {
    is_sound_ = is_sound_ && !has_root_;
    has_root_ = true;
    return to;
  }
  if (level_->texts > 0) *to++ = level_->is_array || level_->texts % 2 == 0 ? ',' : ':';
  ++level_->texts;
  return to;
}

JsonWriter& JsonWriter::Key(std::string_view name) {
  is_sound_ = is_sound_ && ExpectsKey();
  return String(name);
}

JsonWriter& JsonWriter::PlainKey(std::string_view name) {
  is_sound_ = is_sound_ && ExpectsKey();
  char* to = Separate(Room(name.size() + 3));
  *to++ = '"';
  to = WriteText(name, to);
  *to++ = '"';
  Wrote(to);
  return *this;
}

JsonWriter& JsonWriter::Field(std::string_view name, std::string_view value) {
  return Member(name, value, false);
}

// Most of what we write is such members: in one piece they cost a third of what they do in seven.
JsonWriter& JsonWriter::Member(std::string_view name, std::string_view value, bool is_plain_name) {
  constexpr std::string_view kBetween = R"(":")";
  char* to = Room(name.size() + value.size() + kBetween.size() + 3);
  if (!ExpectsKey()) return Key(name).String(value);
  if (level_->texts > 0) *to++ = ',';
  *to++ = '"';
  char* const name_end = to + name.size();
  if (is_plain_name) {
    WriteText(name, to);
  } else if (CopyPlain(name, escape_html_, to) != name_end) {
    return Key(name).String(value);  // As if nothing was written yet.
  }
  to = WriteText(kBetween, name_end);
  level_->texts += 2;
  return Text(value, to);
}

JsonWriter& JsonWriter::String(std::string_view value) {
  char* to = Separate(Room(value.size() + 3));
  *to++ = '"';
  return Text(value, to);
}

JsonWriter& JsonWriter::Text(std::string_view text, char* to) {
  char* end = CopyPlain(text, escape_html_, to);
  const auto plain = static_cast<size_t>(end - to);
  if (plain < text.size()) {
    Wrote(end);
    const std::string_view rest = text.substr(plain);
    const bool is_valid = IsValidUtf8(rest);
    PutEscaped(is_valid ? rest : std::string_view(RepairUtf8(rest)));
    end = Room(1);
  }
  *end++ = '"';
  Wrote(end);
  return *this;
}

void JsonWriter::PutEscaped(std::string_view text) {
  size_t written = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    i = SameEnd(text, i, escape_html_);
    if (i == text.size()) break;
    const uint8_t kind = ClassOf(text[i]);
    const unsigned separator = kind == kForeign ? LineSeparator(text.substr(i)) : 0;
    if (kind == kForeign && separator == 0) continue;
    char* to = WriteText(text.substr(written, i - written), Room(i - written + kEscapeMost));
    if (kind == kEscaped) {
      to = WriteEscape(text[i], to);
    } else {
      to = WriteUnicode(separator != 0 ? separator : static_cast<unsigned char>(text[i]), to);
    }
    Wrote(to);
    if (separator != 0) i += 2;
    written = i + 1;
  }
  Put(text.substr(written));
}

JsonWriter& JsonWriter::Plain(std::string_view json) {
  Wrote(WriteText(json, Separate(Room(json.size() + 1))));
  return *this;
}

JsonWriter& JsonWriter::Int(int64_t value) {
  constexpr size_t kMost = 20;
  char* const to = Separate(Room(1 + kMost));
  Wrote(std::to_chars(to, to + kMost, value).ptr);
  return *this;
}

JsonWriter& JsonWriter::Double(double value) {
  if (!std::isfinite(value)) return Null();
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer>(buffer).Double(value);
  return Plain({buffer.GetString(), buffer.GetSize()});
}

JsonWriter& JsonWriter::Bool(bool value) { return Plain(value ? "true" : "false"); }
JsonWriter& JsonWriter::Null() { return Plain("null"); }

JsonWriter& JsonWriter::Hashes(std::span<const uint64_t> hashes) {
  constexpr size_t kEach = kHex64Digits + 3;
  char* to = Separate(Room(kEach * hashes.size() + 3));
  *to++ = '[';
  for (const uint64_t hash : hashes) {
    *to++ = '"';
    WriteHex64(hash, to);
    to += kHex64Digits;
    *to++ = '"';
    *to++ = ',';
  }
  if (!hashes.empty()) --to;
  *to++ = ']';
  Wrote(to);
  return *this;
}

JsonWriter& JsonWriter::Raw(std::string_view json) {
  if (!escape_html_) return Plain(json);
  Plain({});
  PutHtmlEscaped(json);
  return *this;
}

// In whose strings alone the characters can stand.
void JsonWriter::PutHtmlEscaped(std::string_view json) {
  size_t written = 0;
  for (size_t i = 0; i < json.size(); ++i) {
    const uint8_t kind = ClassOf(json[i]);
    if (kind == kPlain || kind == kEscaped) continue;
    const unsigned separator = kind == kForeign ? LineSeparator(json.substr(i)) : 0;
    if (kind == kForeign && separator == 0) continue;
    char* to = WriteText(json.substr(written, i - written), Room(i - written + kEscapeMost));
    Wrote(WriteUnicode(separator != 0 ? separator : static_cast<unsigned char>(json[i]), to));
    if (separator != 0) i += 2;
    written = i + 1;
  }
  Put(json.substr(written));
}

JsonWriter& JsonWriter::Again(size_t from, size_t to, size_t members) {
  const bool fits =
      ExpectsKey() && from < to && to <= size_ && (out_[from] == ',') == (level_->texts > 0);
  is_sound_ = is_sound_ && fits;
  if (!fits) return *this;
  level_->texts += 2 * members;
  char* const end = Room(to - from);
  Wrote(std::copy(out_.data() + from, out_.data() + to, end));
  return *this;
}

std::string JsonWriter::Take() {
  WF_CHECK(is_sound_ && has_root_ && depth_ == 0);
  has_root_ = false;
  out_.resize(std::exchange(size_, 0));
  return std::exchange(out_, {});
}

std::string JsonError(std::string_view type, std::string_view message) {
  JsonWriter json;
  json.StartObject().Field("status", "error").Field("errorType", type).Field("error", message);
  return json.EndObject().Take();
}

}  // namespace watchfire
