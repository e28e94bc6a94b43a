// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/go_time.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <utility>

namespace watchfire::templates {
namespace {

constexpr int64_t kDaySeconds = 86'400;
constexpr int64_t kNanosPerSecond = 1'000'000'000;

class ConstantZone : public Zone {
 public:
  ConstantZone(std::string abbreviation, int seconds_east)
      : offset_{seconds_east, std::move(abbreviation)} {}

  std::string_view name() const override { return offset_.abbreviation; }
  Offset At(int64_t /*unix_seconds*/) const override { return offset_; }

 private:
  const Offset offset_;
};

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar. Years start in March here,
// so that the leap day is the last one.
int64_t DaysFromCivil(int64_t year, int month, int day) {
  if (month <= 2) --year;
  const int64_t era = FloorDivide(year, 400);
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

void CivilFromDays(int64_t days, CivilTime* civil) {
  days += 719'468;
  const int64_t era = FloorDivide(days, 146'097);
  const int64_t day_of_era = days - era * 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month = (5 * day_of_year + 2) / 153;
  civil->day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
  civil->month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  civil->year = year_of_era + era * 400 + (civil->month <= 2 ? 1 : 0);
}

struct Token {
  std::string_view text;
  LayoutPiece::Field field;
};

using Field = LayoutPiece::Field;

// Longer ones before their own beginnings.
constexpr Token kTokens[] = {
    {"January", Field::kLongMonth},
    {"Jan", Field::kMonth},
    {"Monday", Field::kLongWeekday},
    {"Mon", Field::kWeekday},
    {"MST", Field::kZoneName},
    {"002", Field::kZeroYearDay},
    {"01", Field::kZeroMonth},
    {"02", Field::kZeroDay},
    {"03", Field::kZeroHour12},
    {"04", Field::kZeroMinute},
    {"05", Field::kZeroSecond},
    {"06", Field::kYear},
    {"15", Field::kHour},
    {"1", Field::kNumMonth},
    {"2006", Field::kLongYear},
    {"2", Field::kDay},
    {"__2", Field::kUnderYearDay},
    {"_2", Field::kUnderDay},
    {"3", Field::kHour12},
    {"4", Field::kMinute},
    {"5", Field::kSecond},
    {"PM", Field::kUpperPm},
    {"pm", Field::kLowerPm},
    {"-070000", Field::kZoneOffset},
    {"-07:00:00", Field::kZoneOffset},
    {"-0700", Field::kZoneOffset},
    {"-07:00", Field::kZoneOffset},
    {"-07", Field::kZoneOffset},
    {"Z070000", Field::kZoneOffset},
    {"Z07:00:00", Field::kZoneOffset},
    {"Z0700", Field::kZoneOffset},
    {"Z07:00", Field::kZoneOffset},
    {"Z07", Field::kZoneOffset},
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// ".000" or ",999": a run of one digit that no other digit follows.
LayoutPiece FractionPiece(std::string_view layout) {
  if (layout.size() < 2 || (layout[0] != '.' && layout[0] != ',')) return {};
  if (layout[1] != '0' && layout[1] != '9') return {};
  const size_t end = std::min(layout.find_first_not_of(layout[1], 1), layout.size());
  if (end < layout.size() && IsDigit(layout[end])) return {};
  return {layout[1] == '0' ? Field::kFractionZero : Field::kFractionNine, layout.substr(0, end)};
}

// The field at the start of `layout`, or a literal without text.
LayoutPiece FieldPiece(std::string_view layout) {
  for (const Token& token : kTokens) {
    if (!layout.starts_with(token.text)) continue;
    const char next = layout.size() > token.text.size() ? layout[token.text.size()] : '\0';
    const bool word = next >= 'a' && next <= 'z';
    if ((token.field == Field::kMonth || token.field == Field::kWeekday) && word) continue;
    // An underscore before a whole year is only an underscore.
    if (token.field == Field::kUnderDay && layout.substr(1).starts_with("2006")) return {};
    return {token.field, layout.substr(0, token.text.size())};
  }
  return FractionPiece(layout);
}

// Prints value / 10^digits of a second without trailing zeros.
std::string WithFraction(uint64_t value, int digits) {
  uint64_t scale = 1;
  for (int i = 0; i < digits; ++i) scale *= 10;
  std::string out = std::to_string(value / scale);
  std::string fraction = std::to_string(value % scale);
  fraction.insert(0, static_cast<size_t>(digits) - std::min(fraction.size(), size_t(digits)), '0');
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return fraction.empty() ? out : out + "." + fraction;
}

}  // namespace

std::shared_ptr<const Zone> FixedZone(std::string abbreviation, int seconds_east) {
  return std::make_shared<ConstantZone>(std::move(abbreviation), seconds_east);
}

Zone::Offset GoTime::offset() const {
  return zone == nullptr ? Zone::Offset{0, "UTC"} : zone->At(seconds);
}

GoTime FromWallTime(WallTime time) {
  GoTime out;
  if (time == kNoTime) return out;
  out.seconds = FloorDivide(ToNanos(time), kNanosPerSecond);
  out.nanos = static_cast<int32_t>(ToNanos(time) - out.seconds * kNanosPerSecond);
  return out;
}

CivilTime ToCivil(const GoTime& time) {
  CivilTime civil;
  const int64_t local = time.seconds + time.offset().seconds_east;
  const int64_t days = FloorDivide(local, kDaySeconds);
  const int64_t rest = local - days * kDaySeconds;
  CivilFromDays(days, &civil);
  civil.hour = static_cast<int>(rest / 3600);
  civil.minute = static_cast<int>(rest / 60 % 60);
  civil.second = static_cast<int>(rest % 60);
  civil.weekday = static_cast<int>(days + 4 - FloorDivide(days + 4, 7) * 7);
  civil.year_day = static_cast<int>(days - DaysFromCivil(civil.year, 1, 1)) + 1;
  return civil;
}

int64_t CivilSeconds(const CivilTime& civil) {
  const int64_t carry = FloorDivide(civil.month - 1, 12);
  const int month = civil.month - static_cast<int>(carry) * 12;
  const int64_t days = DaysFromCivil(civil.year + carry, month, 1) + civil.day - 1;
  return days * kDaySeconds + civil.hour * 3600 + civil.minute * 60 + civil.second;
}

GoTime Add(const GoTime& time, Duration duration) {
  GoTime out = time;
  out.seconds += duration.count() / kNanosPerSecond;
  int64_t nanos = time.nanos + duration.count() % kNanosPerSecond;
  if (nanos < 0) {
    nanos += kNanosPerSecond;
    --out.seconds;
  } else if (nanos >= kNanosPerSecond) {
    nanos -= kNanosPerSecond;
    ++out.seconds;
  }
  out.nanos = static_cast<int32_t>(nanos);
  return out;
}

Duration Subtract(const GoTime& a, const GoTime& b) {
  const int64_t seconds = a.seconds - b.seconds;
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max() / kNanosPerSecond;
  if (seconds >= kMax) return Duration::max();
  if (seconds <= -kMax) return Duration::min();
  return Duration(seconds * kNanosPerSecond + (a.nanos - b.nanos));
}

Duration Remainder(const GoTime& time, Duration unit) {
  if (unit <= Duration::zero()) return {};
  const auto since = static_cast<__int128>(time.seconds - GoTime().seconds) * kNanosPerSecond +
                     static_cast<__int128>(time.nanos);
  const __int128 rest = since % unit.count();
  return Duration(static_cast<int64_t>(rest < 0 ? rest + unit.count() : rest));
}

LayoutPiece NextLayoutPiece(std::string_view layout) {
  static constexpr std::array<bool, 256> kStarts = [] {
    std::array<bool, 256> starts{};
    starts['.'] = starts[','] = true;  // Fractions.
    for (const Token& token : kTokens) starts[static_cast<unsigned char>(token.text[0])] = true;
    return starts;
  }();
  for (size_t i = 0; i < layout.size(); ++i) {
    if (!kStarts[static_cast<unsigned char>(layout[i])]) continue;
    const LayoutPiece piece = FieldPiece(layout.substr(i));
    if (piece.field == Field::kLiteral) continue;
    return i == 0 ? piece : LayoutPiece{Field::kLiteral, layout.substr(0, i)};
  }
  return {Field::kLiteral, layout};
}

std::string TimeString(const GoTime& time) {
  return FormatTime(time, "2006-01-02 15:04:05.999999999 -0700 MST");
}

std::string DurationString(Duration duration) {
  if (duration == Duration::zero()) return "0s";
  const bool negative = duration < Duration::zero();
  // The most negative duration has no positive counterpart in int64.
  const uint64_t nanos = negative ? 0 - static_cast<uint64_t>(duration.count())
                                  : static_cast<uint64_t>(duration.count());
  std::string out = negative ? "-" : "";
  if (nanos < 1000) return out + std::to_string(nanos) + "ns";
  if (nanos < 1'000'000) return out + WithFraction(nanos, 3) + "µs";
  if (nanos < 1'000'000'000) return out + WithFraction(nanos, 6) + "ms";
  const uint64_t minutes = nanos / 60'000'000'000;
  if (minutes >= 60) out += std::to_string(minutes / 60) + "h";
  if (minutes > 0) out += std::to_string(minutes % 60) + "m";
  return out + WithFraction(nanos % 60'000'000'000, 9) + "s";
}

}  // namespace watchfire::templates
