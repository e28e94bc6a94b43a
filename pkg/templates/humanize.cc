// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/humanize.h"

#include <cmath>
#include <string_view>

#include "pkg/base/strings.h"
#include "pkg/templates/format_float.h"
#include "pkg/templates/literals.h"
#include "pkg/templates/time_value.h"

namespace watchfire::templates {
namespace {

constexpr std::string_view kLarge[] = {"k", "M", "G", "T", "P", "E", "Z", "Y"};
constexpr std::string_view kSmall[] = {"m", "u", "n", "p", "f", "a", "z", "y"};
constexpr std::string_view kBinary[] = {"ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"};

std::string FourDigits(double value) { return FormatFloat(value, 'g', 4); }

// Divides by `base` while the value has more than one group of digits before the point.
template <size_t kCount>
std::string Grown(double value, double base, const std::string_view (&prefixes)[kCount]) {
  std::string_view prefix;
  for (const std::string_view next : prefixes) {
    if (std::fabs(value) < base) break;
    prefix = next;
    value /= base;
  }
  return FourDigits(value) + std::string(prefix);
}

std::string Shrunk(double value) {
  std::string_view prefix;
  for (const std::string_view next : kSmall) {
    if (std::fabs(value) >= 1) break;
    prefix = next;
    value *= 1000;
  }
  return FourDigits(value) + std::string(prefix);
}

Result<int64_t> Nanos(double seconds, const char* what) {
  if (!std::isfinite(seconds)) return InvalidArgument("value is NaN or Inf");
  const double nanos = seconds * 1e9;
  if (nanos >= 0x1p63 || nanos < -0x1p63) {
    return InvalidArgument(FormatGoFloat(seconds) + " cannot be represented as a nanoseconds " +
                           what + " since it overflows int64");
  }
  return static_cast<int64_t>(nanos);
}

}  // namespace

Result<double> ToFloat(const Value& value) {
  if (value.type() == "time.Duration") {
    return static_cast<double>(*value.Base().as_int()) / 1e9;
  }
  if (const double* real = value.as_float()) return *real;
  if (const int64_t* integer = value.as_int()) return static_cast<double>(*integer);
  if (const std::string_view* text = value.as_string();
      text != nullptr && value.type() == kStringType) {
    double number = 0;
    if (ParseFloat(*text, &number)) return number;
    return InvalidArgument("strconv.ParseFloat: parsing " + GoQuote(*text) + ": " +
                           (std::isinf(number) ? "value out of range" : "invalid syntax"));
  }
  return InvalidArgument("can't convert " + std::string(value.type()) + " to float");
}

std::string Humanize(double value) {
  if (value == 0 || !std::isfinite(value)) return FourDigits(value);
  return std::fabs(value) >= 1 ? Grown(value, 1000, kLarge) : Shrunk(value);
}

std::string Humanize1024(double value) {
  if (std::fabs(value) <= 1 || !std::isfinite(value)) return FourDigits(value);
  return Grown(value, 1024, kBinary);
}

std::string HumanizeDuration(double seconds) {
  if (!std::isfinite(seconds)) return FourDigits(seconds);
  if (seconds == 0) return FourDigits(seconds) + "s";
  if (std::fabs(seconds) < 1) return Shrunk(seconds) + "s";
  const std::string sign = seconds < 0 ? "-" : "";
  seconds = std::fabs(seconds);
  if (seconds < 60) return sign + FourDigits(seconds) + "s";
  // Beyond int64 there is nothing to count in days any more; Go's conversion gives the lowest one.
  const bool fits = seconds < 0x1p63;
  const int64_t whole = fits ? static_cast<int64_t>(seconds) : INT64_MIN;
  const int64_t parts[] = {whole / 86'400, whole / 3600 % 24, whole / 60 % 60, whole % 60};
  std::string out;
  for (size_t i = 0; i < 4; ++i) {
    if (out.empty() && parts[i] == 0 && i < 3) continue;
    out += (out.empty() ? "" : " ") + std::to_string(parts[i]) + "dhms"[i];
  }
  return sign + out;
}

std::string HumanizePercentage(double ratio) { return FourDigits(ratio * 100) + "%"; }

Result<GoTime> TimeFromSeconds(double seconds) {
  const Result<int64_t> nanos = Nanos(seconds, "timestamp");
  if (!nanos) return Fail(nanos.error());
  return FromWallTime(FromNanos(*nanos / 1'000'000 * 1'000'000));
}

Result<Duration> DurationFromSeconds(double seconds) {
  const Result<int64_t> nanos = Nanos(seconds, "duration");
  if (!nanos) return Fail(nanos.error());
  return Duration(*nanos);
}

}  // namespace watchfire::templates
