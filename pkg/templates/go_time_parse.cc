// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Parsing by example layouts.

#include <algorithm>
#include <optional>

#include "pkg/base/strings.h"
#include "pkg/templates/go_time.h"

namespace watchfire::templates {
namespace {

using Field = LayoutPiece::Field;

// As package time quotes: what is not printable ASCII as bytes.
std::string Quote(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x80) {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// Reads a time by a layout, piece by piece.
class TimeParser {
 public:
  TimeParser(std::string_view layout, std::string_view text)
      : layout_(layout), text_(text), rest_(text) {}

  Result<GoTime> Parse() {
    for (std::string_view layout = layout_; !layout.empty();) {
      const LayoutPiece piece = NextLayoutPiece(layout);
      layout.remove_prefix(piece.text.size());
      const std::string_view before = rest_;
      if (!Read(piece, layout)) {
        if (!range_.empty()) break;
        // Of a literal what matched is gone.
        const std::string_view rest = piece.field == Field::kLiteral ? rest_ : before;
        return InvalidArgument("parsing time " + Quote(text_) + " as " + Quote(layout_) +
                               ": cannot parse " + Quote(rest) + " as " + Quote(piece.text));
      }
    }
    if (range_.empty() && !rest_.empty()) {
      return InvalidArgument("parsing time " + Quote(text_) + ": extra text: " + Quote(rest_));
    }
    return Finish();
  }

 private:
  bool Read(const LayoutPiece& piece, std::string_view layout) {
    switch (piece.field) {
      case Field::kLiteral:
        return Literal(piece.text);
      case Field::kLongMonth:
      case Field::kMonth:
        return Name(kMonthNames, piece.field == Field::kMonth, &civil_.month);
      case Field::kLongWeekday:
      case Field::kWeekday: {
        int weekday = 0;
        return Name(kWeekdayNames, piece.field == Field::kWeekday, &weekday);
      }
      case Field::kZoneName:
        return ZoneName();
      case Field::kZoneOffset:
        return Offset(piece.text);
      case Field::kUpperPm:
      case Field::kLowerPm:
        return Noon(piece.field == Field::kUpperPm);
      case Field::kFractionZero:
        return Fraction(piece.text.size() - 1);
      case Field::kFractionNine: {
        const bool absent = rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') ||
                            rest_[1] < '0' || rest_[1] > '9';
        return absent || Fraction(CountDigits(rest_.substr(1)));
      }
      default:
        return Number(piece, layout);
    }
  }

  static size_t CountDigits(std::string_view text) {
    return std::min(text.find_first_not_of("0123456789"), text.size());
  }

  // A run of spaces in the layout matches any run, also none.
  bool Literal(std::string_view literal) {
    while (!literal.empty()) {
      if (literal[0] == ' ') {
        if (!rest_.empty() && rest_[0] != ' ') return false;
        literal.remove_prefix(std::min(literal.find_first_not_of(' '), literal.size()));
        rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
        continue;
      }
      if (rest_.empty() || rest_[0] != literal[0]) return false;
      literal.remove_prefix(1);
      rest_.remove_prefix(1);
    }
    return true;
  }

  template <size_t kCount>
  bool Name(const char* const (&names)[kCount], bool is_short, int* number) {
    for (size_t i = 0; i < kCount; ++i) {
      const std::string_view name = std::string_view(names[i]).substr(0, is_short ? 3 : 100);
      if (ToLower(rest_.substr(0, name.size())) != ToLower(name)) continue;
      rest_.remove_prefix(name.size());
      *number = static_cast<int>(i) + 1;
      return true;
    }
    return false;
  }

  // Reads `least` to `most` digits.
  std::optional<int> Digits(size_t least, size_t most) {
    const size_t count = std::min(CountDigits(rest_), most);
    if (count < least) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, count)) value = value * 10 + (c - '0');
    rest_.remove_prefix(count);
    return value;
  }

  bool Set(std::optional<int> value, int low, int high, const char* what, int* field) {
    if (!value) return false;
    *field = *value;
    if (*value < low || *value > high) {
      range_ = what;
      return false;
    }
    return true;
  }

  bool Number(const LayoutPiece& piece, std::string_view layout) {
    const bool under = piece.field == Field::kUnderDay || piece.field == Field::kUnderYearDay;
    while (under && !rest_.empty() && rest_[0] == ' ' && rest_.size() > 1) rest_.remove_prefix(1);
    switch (piece.field) {
      case Field::kLongYear: {
        const std::optional<int> year = Digits(4, 4);
        civil_.year = year.value_or(0);
        return year.has_value();
      }
      case Field::kYear: {
        const std::optional<int> year = Digits(2, 2);
        civil_.year = year.value_or(0) + (year.value_or(0) >= 69 ? 1900 : 2000);
        return year.has_value();
      }
      case Field::kNumMonth:
        return Set(Digits(1, 2), 1, 12, "month", &civil_.month);
      case Field::kZeroMonth:
        return Set(Digits(2, 2), 1, 12, "month", &civil_.month);
      case Field::kDay:
      case Field::kUnderDay:
        return Set(Digits(1, 2), 0, 99, "day", &civil_.day);
      case Field::kZeroDay:
        return Set(Digits(2, 2), 0, 99, "day", &civil_.day);
      case Field::kUnderYearDay:
      case Field::kZeroYearDay:
        year_day_given_ = true;
        return Set(Digits(under ? 1 : 3, 3), 0, 999, "day-of-year", &civil_.year_day);
      case Field::kHour:
        return Set(Digits(1, 2), 0, 23, "hour", &civil_.hour);
      case Field::kHour12:
        return Set(Digits(1, 2), 0, 12, "hour", &civil_.hour);
      case Field::kZeroHour12:
        return Set(Digits(2, 2), 0, 12, "hour", &civil_.hour);
      case Field::kMinute:
        return Set(Digits(1, 2), 0, 59, "minute", &civil_.minute);
      case Field::kZeroMinute:
        return Set(Digits(2, 2), 0, 59, "minute", &civil_.minute);
      default:
        return Second(piece.field == Field::kZeroSecond ? 2 : 1, layout);
    }
  }

  // A fraction after the seconds is read also when the layout has none.
  bool Second(size_t least, std::string_view layout) {
    if (!Set(Digits(least, 2), 0, 59, "second", &civil_.second)) return false;
    const bool fraction = rest_.size() >= 2 && (rest_[0] == '.' || rest_[0] == ',') &&
                          CountDigits(rest_.substr(1)) > 0;
    if (!fraction || (!layout.empty() && (layout[0] == '.' || layout[0] == ','))) return true;
    return Fraction(CountDigits(rest_.substr(1)));
  }

  bool Fraction(size_t digits) {
    if (rest_.size() < digits + 1 || (rest_[0] != '.' && rest_[0] != ',')) return false;
    if (CountDigits(rest_.substr(1)) < digits) return false;
    std::string text(rest_.substr(1, std::min<size_t>(digits, 9)));
    text.append(9 - text.size(), '0');
    nanos_ = static_cast<int32_t>(std::stol(text));
    rest_.remove_prefix(digits + 1);
    return true;
  }

  bool Noon(bool upper) {
    const std::string_view word = rest_.substr(0, 2);
    const bool pm = word == (upper ? "PM" : "pm");
    if (!pm && word != (upper ? "AM" : "am")) return false;
    afternoon_ = pm;
    morning_ = !pm;
    rest_.remove_prefix(2);
    return true;
  }

  bool ZoneName() {
    if (rest_.starts_with("UTC")) {
      rest_.remove_prefix(3);
      utc_ = true;
      return true;
    }
    size_t count = 0;
    while (count < rest_.size() && rest_[count] >= 'A' && rest_[count] <= 'Z') ++count;
    if (count < 3 || count > 5) return false;
    zone_name_ = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return true;
  }

  bool Offset(std::string_view form) {
    if (form[0] == 'Z' && rest_.starts_with("Z")) {
      rest_.remove_prefix(1);
      utc_ = true;
      return true;
    }
    if (rest_.empty() || (rest_[0] != '+' && rest_[0] != '-')) return false;
    const int sign = rest_[0] == '-' ? -1 : 1;
    rest_.remove_prefix(1);
    int total = 0;
    int unit = 3600;
    for (std::string_view left = form.substr(1); !left.empty(); unit /= 60) {
      if (left[0] == ':') {
        if (!Literal(":")) return false;
        left.remove_prefix(1);
      }
      const std::optional<int> part = Digits(2, 2);
      if (!part) return false;
      total += *part * unit;
      left.remove_prefix(2);
    }
    offset_ = sign * total;
    return true;
  }

  Result<GoTime> Finish() {
    if (range_.empty()) CheckDay();
    if (!range_.empty()) {
      return InvalidArgument("parsing time " + Quote(text_) + ": " + range_ + " out of range");
    }
    if (afternoon_ && civil_.hour < 12) civil_.hour += 12;
    if (morning_ && civil_.hour == 12) civil_.hour = 0;
    GoTime time;
    time.seconds = CivilSeconds(civil_);
    time.nanos = nanos_;
    if (offset_ && !utc_) {
      time.seconds -= *offset_;
      if (*offset_ != 0) time.zone = FixedZone(std::string(zone_name_), *offset_);
    } else if (!zone_name_.empty() && !utc_) {
      time.zone = FixedZone(std::string(zone_name_), 0);
    }
    return time;
  }

  void CheckDay() {
    if (year_day_given_) {
      civil_.month = 1;
      civil_.day = civil_.year_day;
    }
    GoTime time;
    time.seconds = CivilSeconds(civil_);
    const CivilTime real = ToCivil(time);
    const bool same = year_day_given_ ? real.year == civil_.year
                                      : real.month == civil_.month && real.day == civil_.day;
    if (!same) range_ = year_day_given_ ? "day-of-year" : "day";
  }

  const std::string_view layout_;
  const std::string_view text_;
  std::string_view rest_;
  std::string range_;  // Names the number that is out of range.
  CivilTime civil_{.year = 0};
  int32_t nanos_ = 0;
  bool year_day_given_ = false;
  bool afternoon_ = false;
  bool morning_ = false;
  bool utc_ = false;
  std::optional<int> offset_;
  std::string_view zone_name_;
};

}  // namespace

Result<GoTime> ParseTimeLayout(std::string_view layout, std::string_view text) {
  return TimeParser(layout, text).Parse();
}

}  // namespace watchfire::templates
