// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/dates.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <string_view>

namespace watchfire::wfctl {
namespace {

struct Element {
  std::string_view layout;
  const char* format;  // For strftime.
};

// Longest first where one begins with another. All times are in UTC, so zones are plain text.
constexpr std::array kElements = {
    Element{"January", "%B"}, Element{"Jan", "%b"},        Element{"Monday", "%A"},
    Element{"Mon", "%a"},     Element{"MST", "UTC"},       Element{"2006", "%Y"},
    Element{"002", "%j"},     Element{"01", "%m"},         Element{"02", "%d"},
    Element{"03", "%I"},      Element{"04", "%M"},         Element{"05", "%S"},
    Element{"06", "%y"},      Element{"_2", "%e"},         Element{"15", "%H"},
    Element{"PM", "%p"},      Element{"pm", "%P"},         Element{"Z07:00", "Z"},
    Element{"Z0700", "Z"},    Element{"-07:00", "+00:00"}, Element{"-0700", "+0000"},
    Element{"-07", "+00"},    Element{"1", "%-m"},         Element{"2", "%-d"},
    Element{"3", "%-I"},      Element{"4", "%-M"},         Element{"5", "%-S"}};

// ".000" and ",999" are fractions of the second: as many digits, with 9 no trailing zeros.
size_t FractionLength(std::string_view layout) {
  if (layout.size() < 2 || (layout[0] != '.' && layout[0] != ',')) return 0;
  if (layout[1] != '0' && layout[1] != '9') return 0;
  const size_t end = std::min(layout.find_first_not_of(layout[1], 1), layout.size());
  const bool digit_follows = end < layout.size() && layout[end] >= '0' && layout[end] <= '9';
  return digit_follows || end > 10 ? 0 : end;
}

std::string Fraction(std::string_view layout, int64_t nanos) {
  std::string digits = std::to_string(nanos);
  digits.insert(0, 9 - digits.size(), '0');
  digits.resize(layout.size() - 1);
  if (layout[1] == '9') {
    while (digits.ends_with('0')) digits.pop_back();
    if (digits.empty()) return "";
  }
  return layout[0] + digits;
}

}  // namespace

std::string FormatDate(WallTime time, const std::string& layout) {
  if (time == kNoTime) return "-";
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const std::time_t unix_seconds = seconds.time_since_epoch().count();
  std::tm parts{};
  ::gmtime_r(&unix_seconds, &parts);
  std::string out;
  std::string_view rest = layout;
  while (!rest.empty()) {
    if (const size_t fraction = FractionLength(rest); fraction > 0) {
      out += Fraction(rest.substr(0, fraction), (time - seconds).count());
      rest.remove_prefix(fraction);
      continue;
    }
    size_t taken = 0;
    for (const Element& element : kElements) {
      if (!rest.starts_with(element.layout)) continue;
      char buffer[64];
      out.append(buffer, std::strftime(buffer, sizeof(buffer), element.format, &parts));
      taken = element.layout.size();
      break;
    }
    if (taken == 0) out += rest[0];
    rest.remove_prefix(taken == 0 ? 1 : taken);
  }
  return out;
}

}  // namespace watchfire::wfctl
