// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Formatting by example layouts.

#include <algorithm>

#include "pkg/templates/go_time.h"

namespace watchfire::templates {
namespace {

using Field = LayoutPiece::Field;

std::string Padded(int64_t value, int width, char fill = '0') {
  std::string digits = std::to_string(value < 0 ? -value : value);
  if (digits.size() < size_t(width)) digits.insert(0, size_t(width) - digits.size(), fill);
  return value < 0 ? "-" + digits : digits;
}

// "+0200", "+02:00", "Z" and the other forms of an offset.
std::string FormatOffset(int seconds_east, std::string_view form) {
  if (form.starts_with("Z") && seconds_east == 0) return "Z";
  const bool colons = form.find(':') != std::string_view::npos;
  const size_t digits =
      form.size() - 1 - static_cast<size_t>(std::count(form.begin(), form.end(), ':'));
  const int total = seconds_east < 0 ? -seconds_east : seconds_east;
  std::string out = (seconds_east < 0 ? "-" : "+") + Padded(total / 3600, 2);
  if (digits >= 4) out += (colons ? ":" : "") + Padded(total / 60 % 60, 2);
  if (digits >= 6) out += (colons ? ":" : "") + Padded(total % 60, 2);
  return out;
}

std::string FormatFraction(int32_t nanos, const LayoutPiece& piece) {
  std::string digits = Padded(nanos, 9);
  digits.resize(std::min<size_t>(digits.size(), piece.text.size() - 1));
  digits.append(piece.text.size() - 1 - digits.size(), '0');
  if (piece.field == Field::kFractionNine) {
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.empty()) return "";
  }
  return std::string(1, piece.text[0]) + digits;
}

std::string FormatZoneName(const Zone::Offset& offset) {
  if (!offset.abbreviation.empty()) return offset.abbreviation;
  return FormatOffset(offset.seconds_east, "-0700");
}

std::string FormatDate(const LayoutPiece& piece, const CivilTime& civil) {
  const std::string_view month = kMonthNames[civil.month - 1];
  const std::string_view weekday = kWeekdayNames[civil.weekday];
  switch (piece.field) {
    case Field::kLongMonth:
      return std::string(month);
    case Field::kMonth:
      return std::string(month.substr(0, 3));
    case Field::kNumMonth:
      return std::to_string(civil.month);
    case Field::kZeroMonth:
      return Padded(civil.month, 2);
    case Field::kLongWeekday:
      return std::string(weekday);
    case Field::kWeekday:
      return std::string(weekday.substr(0, 3));
    case Field::kDay:
      return std::to_string(civil.day);
    case Field::kUnderDay:
      return Padded(civil.day, 2, ' ');
    case Field::kZeroDay:
      return Padded(civil.day, 2);
    case Field::kUnderYearDay:
      return Padded(civil.year_day, 3, ' ');
    case Field::kZeroYearDay:
      return Padded(civil.year_day, 3);
    case Field::kLongYear:
      return Padded(civil.year, 4);
    case Field::kYear:
      return Padded(civil.year % 100, 2);
    default:
      return std::string(piece.text);
  }
}

std::string FormatClock(const LayoutPiece& piece, const CivilTime& civil) {
  const int hour12 = civil.hour % 12 == 0 ? 12 : civil.hour % 12;
  switch (piece.field) {
    case Field::kHour:
      return Padded(civil.hour, 2);
    case Field::kHour12:
      return std::to_string(hour12);
    case Field::kZeroHour12:
      return Padded(hour12, 2);
    case Field::kMinute:
      return std::to_string(civil.minute);
    case Field::kZeroMinute:
      return Padded(civil.minute, 2);
    case Field::kSecond:
      return std::to_string(civil.second);
    case Field::kZeroSecond:
      return Padded(civil.second, 2);
    case Field::kUpperPm:
      return civil.hour >= 12 ? "PM" : "AM";
    case Field::kLowerPm:
      return civil.hour >= 12 ? "pm" : "am";
    default:
      return FormatDate(piece, civil);
  }
}

}  // namespace

std::string FormatTime(const GoTime& time, std::string_view layout) {
  const CivilTime civil = ToCivil(time);
  const Zone::Offset offset = time.offset();
  std::string out;
  while (!layout.empty()) {
    const LayoutPiece piece = NextLayoutPiece(layout);
    layout.remove_prefix(piece.text.size());
    switch (piece.field) {
      case Field::kZoneName:
        out += FormatZoneName(offset);
        break;
      case Field::kZoneOffset:
        out += FormatOffset(offset.seconds_east, piece.text);
        break;
      case Field::kFractionZero:
      case Field::kFractionNine:
        out += FormatFraction(time.nanos, piece);
        break;
      default:
        out += FormatClock(piece, civil);
    }
  }
  return out;
}

}  // namespace watchfire::templates
