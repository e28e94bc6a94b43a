// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/email/mime.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "pkg/base/eight.h"
#include "pkg/base/strings.h"
#include "pkg/notify/email/address.h"

namespace watchfire::notify::email {
namespace {

constexpr size_t kLineMax = 76;
constexpr size_t kWordMax = 75;  // RFC 2047 section 2.
constexpr std::string_view kWordBegin = "=?utf-8?q?";
constexpr std::string_view kWordEnd = "?=";
constexpr char kHex[] = "0123456789ABCDEF";
constexpr std::array<std::string_view, 6> kAddressHeaders = {"From", "To",       "Cc",
                                                             "Bcc",  "Reply-To", "Sender"};

bool IsPlain(std::string_view text) {
  return std::ranges::all_of(text,
                             [](unsigned char c) { return (c >= ' ' && c <= '~') || c == '\t'; });
}

std::string Escaped(unsigned char byte) { return {'=', kHex[byte >> 4], kHex[byte & 15]}; }

// One character in an encoded word. What is left as it is may stand in a phrase, too.
std::string EncodeByte(unsigned char byte) {
  if (byte == ' ') return "_";
  const bool safe = (byte >= '0' && byte <= '9') || ((byte | 32) >= 'a' && (byte | 32) <= 'z') ||
                    byte == '!' || byte == '*' || byte == '+' || byte == '-' || byte == '/';
  return safe ? std::string(1, static_cast<char>(byte)) : Escaped(byte);
}

// Words of whole characters, with blanks between them that a reader leaves out.
std::string EncodeWords(std::string_view text) {
  std::string out(kWordBegin);
  size_t length = kWordBegin.size();
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
    std::string character;
    for (; i < end; ++i) character += EncodeByte(static_cast<unsigned char>(text[i]));
    if (length + character.size() + kWordEnd.size() > kWordMax) {
      out += std::string(kWordEnd) + " " + std::string(kWordBegin);
      length = kWordBegin.size();
    }
    out += character;
    length += character.size();
  }
  return out + std::string(kWordEnd);
}

std::string EncodeValue(const std::string& name, const std::string& value) {
  if (IsPlain(value)) return value;
  if (std::ranges::count(kAddressHeaders, name) == 0) return EncodeWords(value);
  const auto addresses = ParseAddressList(value);
  if (!addresses) return EncodeWords(value);
  std::vector<std::string> parts;
  for (const Address& address : *addresses) {
    std::string part = "<" + address.address + ">";
    if (!address.name.empty()) part = EncodeWords(address.name) + " " + part;
    parts.push_back(part);
  }
  return Join(parts, ", ");
}

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// The text of one quoted-printable line, at most 75 characters, and room for one step beyond.
class Line {
 public:
  explicit Line(std::string* out) : out_(out) {}

  // Takes what may stand as it is at `from`, of eight characters. Returns how many it took; fewer
  // than eight: the next one may not, or the line is full.
  size_t TakeEight(const char* from) {
    const Eight eight(from);
    const size_t plain =
        Eight::Before(eight.IsBelow(' ') | eight.IsForeign() | eight.Is('\x7f') | eight.Is('='));
    std::memcpy(text_.data() + length_, from, Eight::kSize);
    const size_t taken = std::min(plain, kTextMax - length_);
    length_ += taken;
    return taken;
  }
  bool IsFull() const { return length_ == kTextMax; }
  void Plain(char c) {
    MakeRoom(1);
    text_[length_++] = c;
  }
  void Encoded(char c) {
    MakeRoom(3);
    const auto byte = static_cast<unsigned char>(c);
    text_[length_++] = '=';
    text_[length_++] = kHex[byte >> 4];
    text_[length_++] = kHex[byte & 15];
  }
  // A blank may not be the last of a line.
  void EncodeLastBlank() {
    if (length_ > 0 && IsBlank(text_[length_ - 1])) Encoded(text_[--length_]);
  }
  void End(std::string_view end) {
    out_->append(text_.data(), length_).append(end);
    length_ = 0;
  }

 private:
  // The last column is for the "=" of a soft line break.
  static constexpr size_t kTextMax = kLineMax - 1;

  void MakeRoom(size_t size) {
    if (length_ + size > kTextMax) End("=\r\n");
  }

  std::string* const out_;
  std::array<char, kTextMax + Eight::kSize> text_;
  size_t length_ = 0;
};

}  // namespace

bool IsHeaderName(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return c > ' ' && c <= '~' &&
           std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
  });
}

std::string CanonicalHeader(const std::string& name) {
  if (!IsHeaderName(name)) return name;
  std::string out = ToLower(name);
  for (size_t i = 0; i < out.size(); ++i) {
    const bool starts_word = i == 0 || out[i - 1] == '-';
    if (starts_word && out[i] >= 'a' && out[i] <= 'z') out[i] = static_cast<char>(out[i] - 32);
  }
  return out;
}

std::string HeaderLine(const std::string& name, const std::string& value) {
  std::string line = name + ": " + EncodeValue(name, value);
  std::string out;
  // The blank after the name is no place to fold: a line of blanks alone is not allowed.
  for (size_t from = name.size() + 2; line.size() > kLineMax;) {
    size_t at = line.rfind(' ', kLineMax);
    if (at == std::string::npos || at < from) at = line.find(' ', std::max(from, kLineMax));
    if (at == std::string::npos || line.find_first_not_of(" \t", at) == std::string::npos) break;
    out += line.substr(0, at) + "\r\n";
    line.erase(0, at);
    from = line.find_first_not_of(" \t");
  }
  return out + line + "\r\n";
}

std::string FormatDate(WallTime time) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{std::chrono::sys_days(days)};
  const std::chrono::weekday weekday{std::chrono::sys_days(days)};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time - days).count();
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d +0000",
                kDays[weekday.c_encoding()], unsigned{date.day()},
                kMonths[unsigned{date.month()} - 1], int{date.year()},
                static_cast<int>(seconds / 3600), static_cast<int>(seconds / 60 % 60),
                static_cast<int>(seconds % 60));
  return text.data();
}

void AppendQuotedPrintable(std::string_view text, std::string* out) {
  out->reserve(out->size() + text.size() + text.size() / 8);
  Line line(out);
  for (size_t i = 0; i < text.size();) {
    if (i + Eight::kSize <= text.size() && !line.IsFull()) {
      const size_t taken = line.TakeEight(text.data() + i);
      i += taken;
      if (taken == Eight::kSize || line.IsFull()) continue;
    }
    const char c = text[i++];
    if (c == '\r' || c == '\n') {
      if (c == '\r' && i < text.size() && text[i] == '\n') ++i;
      line.EncodeLastBlank();
      line.End("\r\n");
    } else if ((c >= ' ' && c <= '~' && c != '=') || c == '\t') {
      line.Plain(c);
    } else {
      line.Encoded(c);
    }
  }
  line.EncodeLastBlank();
  line.End("");
}

}  // namespace watchfire::notify::email
