// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <array>
#include <cstdio>

#include "pkg/base/strings.h"
#include "pkg/config/slo_reader.h"
#include "pkg/timeinterval/parse.h"

namespace watchfire::config {

const CalendarUnit* FindCalendarUnit(std::string_view text) {
  using Unit = CalendarPeriod::Unit;
  static constexpr std::array<CalendarUnit, 5> kUnits = {{{"day", "d", Unit::kDay, 1, 1},
                                                          {"week", "w", Unit::kDay, 7, 7},
                                                          {"month", "M", Unit::kMonth, 1, 30},
                                                          {"quarter", "Q", Unit::kMonth, 3, 90},
                                                          {"year", "Y", Unit::kMonth, 12, 365}}};
  for (const CalendarUnit& unit : kUnits) {
    if (text == unit.name || text == unit.letter) return &unit;
  }
  return nullptr;
}

std::optional<cctz::civil_second> ReadCivil(Section& section, const std::string& key) {
  const std::string text = section.String(key);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, length = 0;
  const int found = std::sscanf(text.c_str(), "%4d-%2d-%2d%*1[ T]%2d:%2d:%2d%n", &year, &month,
                                &day, &hour, &minute, &second, &length);
  const bool is_whole = found == 6 && static_cast<size_t>(length) == text.size();
  const cctz::civil_second civil(year, month, day, hour, minute, second);
  // Not the 30th of February, which is another day then.
  const bool is_real = civil.month() == month && civil.day() == day && civil.hour() == hour &&
                       civil.minute() == minute && civil.second() == second;
  if (is_whole && is_real && year >= 1970 && year <= 2100) return civil;
  section.Error(key, "not a valid " + key + ": " + GoQuote(text), "as in 2026-01-01 00:00:00");
  return std::nullopt;
}

timeinterval::Location ReadZone(Section& section, const std::string& key) {
  const auto location = timeinterval::ParseLocation(section.String(key, "UTC"));
  if (location) return *location;
  section.Error(key, location.error().message, "as in Europe/Berlin");
  return {};
}

}  // namespace watchfire::config
