// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/time_value.h"

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "pkg/templates/function.h"

namespace watchfire::templates {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

// time.Month or time.Weekday: a number with a name.
class NamedNumber : public Object {
 public:
  NamedNumber(std::string_view type, int64_t number, const char* name)
      : type_(type), number_(number), name_(name) {}

  std::string_view type() const override { return type_; }
  Value Underlying() const override { return Value::Int(number_); }
  std::optional<std::string> String() const override { return name_; }
  std::span<const Function> methods() const override;

 private:
  const std::string_view type_;
  const int64_t number_;
  const char* const name_;
};

class DurationObject : public Object {
 public:
  explicit DurationObject(Duration duration) : duration_(duration) {}

  Duration duration() const { return duration_; }
  std::string_view type() const override { return "time.Duration"; }
  Value Underlying() const override { return Value::Int(duration_.count(), IntType::kInt64); }
  std::optional<std::string> String() const override { return DurationString(duration_); }
  std::span<const Function> methods() const override;

 private:
  const Duration duration_;
};

class TimeObject : public Object {
 public:
  explicit TimeObject(GoTime time) : time_(std::move(time)) {}

  const GoTime& time() const { return time_; }
  std::string_view type() const override { return "time.Time"; }
  std::optional<std::string> String() const override { return TimeString(time_); }
  Value Json() const override {
    return Value::String(FormatTime(time_, "2006-01-02T15:04:05.999999999Z07:00"));
  }
  std::span<const Function> methods() const override;

 private:
  const GoTime time_;
};

Result<Value> Text(std::string text) { return Value::String(std::move(text)); }
Result<Value> Int64(int64_t number) { return Value::Int(number, IntType::kInt64); }
Result<Value> Time(GoTime time) { return TimeValue(std::move(time)); }

Result<Value> StringOf(const Call& call) { return Text(*call.self->String()); }

constexpr Function kNamedNumberMethods[] = {{"String", "", StringOf}};

std::span<const Function> NamedNumber::methods() const { return kNamedNumberMethods; }

Duration SelfDuration(const Call& call) {
  return static_cast<const DurationObject*>(call.self)->duration();
}

Result<Value> InUnits(const Call& call, int64_t nanos_per_unit) {
  const Duration duration = SelfDuration(call);
  const int64_t whole = duration.count() / nanos_per_unit;
  const int64_t rest = duration.count() % nanos_per_unit;
  return Value::Float(static_cast<double>(whole) +
                      static_cast<double>(rest) / static_cast<double>(nanos_per_unit));
}

Result<Value> Hours(const Call& call) { return InUnits(call, 3600 * kNanosPerSecond); }
Result<Value> Minutes(const Call& call) { return InUnits(call, 60 * kNanosPerSecond); }
Result<Value> Seconds(const Call& call) { return InUnits(call, kNanosPerSecond); }
Result<Value> Milliseconds(const Call& call) {
  return Int64(SelfDuration(call).count() / 1'000'000);
}
Result<Value> Microseconds(const Call& call) { return Int64(SelfDuration(call).count() / 1000); }
Result<Value> Nanoseconds(const Call& call) { return Int64(SelfDuration(call).count()); }

Result<Value> Abs(const Call& call) {
  const Duration duration = SelfDuration(call);
  if (duration == Duration::min()) return DurationValue(Duration::max());
  return DurationValue(duration < Duration::zero() ? -duration : duration);
}

// Towards zero, to a multiple of the argument.
Result<Value> Truncate(const Call& call) {
  const Duration duration = SelfDuration(call);
  const int64_t unit = call.integer(0);
  return DurationValue(unit <= 0 ? duration : duration - duration % unit);
}

// To the nearest multiple, halves away from zero; saturates.
Result<Value> Round(const Call& call) {
  const Duration duration = SelfDuration(call);
  const int64_t unit = call.integer(0);
  if (unit <= 0) return DurationValue(duration);
  const bool negative = duration < Duration::zero();
  const int64_t rest = std::abs(duration.count() % unit);
  const Duration down = negative ? duration + Duration(rest) : duration - Duration(rest);
  if (rest < unit - rest) return DurationValue(down);
  const int64_t step = unit - rest;
  if (negative) {
    const bool fits = duration.count() >= std::numeric_limits<int64_t>::min() + step;
    return DurationValue(fits ? duration - Duration(step) : Duration::min());
  }
  const bool fits = duration.count() <= std::numeric_limits<int64_t>::max() - step;
  return DurationValue(fits ? duration + Duration(step) : Duration::max());
}

constexpr Function kDurationMethods[] = {
    {"Abs", "", Abs},
    {"Hours", "", Hours},
    {"Microseconds", "", Microseconds},
    {"Milliseconds", "", Milliseconds},
    {"Minutes", "", Minutes},
    {"Nanoseconds", "", Nanoseconds},
    {"Round", "d", Round},
    {"Seconds", "", Seconds},
    {"String", "", StringOf},
    {"Truncate", "d", Truncate},
};

std::span<const Function> DurationObject::methods() const { return kDurationMethods; }

const GoTime& Self(const Call& call) { return static_cast<const TimeObject*>(call.self)->time(); }
const GoTime& Other(const Call& call) { return *AsTime(call.args[0]); }

Result<Value> Number(int number) { return Value::Int(number); }

Result<Value> TimeAdd(const Call& call) { return Time(Add(Self(call), Duration(call.integer(0)))); }
Result<Value> TimeAddDate(const Call& call) {
  constexpr int64_t kMost = 1'000'000;  // Years, months or days: keeps the calendar in int64.
  for (const size_t i : {0U, 1U, 2U}) {
    if (std::abs(call.integer(i)) > kMost) return InvalidArgument("date out of range");
  }
  GoTime time = Self(call);
  CivilTime civil = ToCivil(time);
  const int offset = time.offset().seconds_east;
  civil.year += call.integer(0);
  civil.month += static_cast<int>(call.integer(1));
  civil.day += static_cast<int>(call.integer(2));
  time.seconds = CivilSeconds(civil) - offset;
  // The clock on the wall stays, also when the zone's offset is another one then.
  time.seconds += offset - time.offset().seconds_east;
  return Time(time);
}
Result<Value> TimeAfter(const Call& call) { return Value::Bool(Other(call).Before(Self(call))); }
Result<Value> TimeBefore(const Call& call) { return Value::Bool(Self(call).Before(Other(call))); }
Result<Value> TimeCompare(const Call& call) {
  if (Self(call).Equal(Other(call))) return Number(0);
  return Number(Self(call).Before(Other(call)) ? -1 : 1);
}
Result<Value> TimeEqual(const Call& call) { return Value::Bool(Self(call).Equal(Other(call))); }
Result<Value> TimeFormat(const Call& call) { return Text(FormatTime(Self(call), call.text(0))); }
Result<Value> TimeIsZero(const Call& call) { return Value::Bool(Self(call).IsZero()); }
// Down to a multiple of the argument, and to the nearest one, halves up.
Result<Value> TimeTruncate(const Call& call) {
  return Time(Add(Self(call), -Remainder(Self(call), Duration(call.integer(0)))));
}
Result<Value> TimeRound(const Call& call) {
  const Duration unit(call.integer(0));
  const Duration rest = Remainder(Self(call), unit);
  const bool is_less_than_half = rest < unit - rest || unit <= Duration::zero();
  return Time(Add(Self(call), is_less_than_half ? -rest : unit - rest));
}
Result<Value> TimeSub(const Call& call) { return DurationValue(Subtract(Self(call), Other(call))); }
Result<Value> TimeUnix(const Call& call) { return Int64(Self(call).seconds); }
Result<Value> TimeUnixMilli(const Call& call) {
  return Int64(Self(call).seconds * 1000 + Self(call).nanos / 1'000'000);
}
Result<Value> TimeUnixMicro(const Call& call) {
  return Int64(Self(call).seconds * 1'000'000 + Self(call).nanos / 1000);
}
Result<Value> TimeUnixNano(const Call& call) {
  // Wraps around far from 1970, as Go's does.
  const auto seconds = static_cast<uint64_t>(Self(call).seconds);
  return Int64(
      static_cast<int64_t>(seconds * kNanosPerSecond + static_cast<uint64_t>(Self(call).nanos)));
}
// Servers live in UTC here, so that the same page reads the same everywhere.
Result<Value> TimeUtc(const Call& call) {
  GoTime time = Self(call);
  time.zone = nullptr;
  return Time(time);
}
Result<Value> TimeYear(const Call& call) { return Value::Int(ToCivil(Self(call)).year); }
Result<Value> TimeMonth(const Call& call) {
  const int month = ToCivil(Self(call)).month;
  return Value::Of(std::make_shared<NamedNumber>("time.Month", month, kMonthNames[month - 1]));
}
Result<Value> TimeWeekday(const Call& call) {
  const int day = ToCivil(Self(call)).weekday;
  return Value::Of(std::make_shared<NamedNumber>("time.Weekday", day, kWeekdayNames[day]));
}
Result<Value> TimeDay(const Call& call) { return Number(ToCivil(Self(call)).day); }
Result<Value> TimeHour(const Call& call) { return Number(ToCivil(Self(call)).hour); }
Result<Value> TimeMinute(const Call& call) { return Number(ToCivil(Self(call)).minute); }
Result<Value> TimeSecond(const Call& call) { return Number(ToCivil(Self(call)).second); }
Result<Value> TimeYearDay(const Call& call) { return Number(ToCivil(Self(call)).year_day); }
Result<Value> TimeNanosecond(const Call& call) { return Number(Self(call).nanos); }

constexpr Function kTimeMethods[] = {
    {"Add", "d", TimeAdd},
    {"AddDate", "iii", TimeAddDate},
    {"After", "t", TimeAfter},
    {"Before", "t", TimeBefore},
    {"Compare", "t", TimeCompare},
    {"Day", "", TimeDay},
    {"Equal", "t", TimeEqual},
    {"Format", "s", TimeFormat},
    {"Hour", "", TimeHour},
    {"IsZero", "", TimeIsZero},
    {"Local", "", TimeUtc},
    {"Minute", "", TimeMinute},
    {"Month", "", TimeMonth},
    {"Nanosecond", "", TimeNanosecond},
    {"Round", "d", TimeRound},
    {"Second", "", TimeSecond},
    {"String", "", StringOf},
    {"Sub", "t", TimeSub},
    {"Truncate", "d", TimeTruncate},
    {"UTC", "", TimeUtc},
    {"Unix", "", TimeUnix},
    {"UnixMicro", "", TimeUnixMicro},
    {"UnixMilli", "", TimeUnixMilli},
    {"UnixNano", "", TimeUnixNano},
    {"Weekday", "", TimeWeekday},
    {"Year", "", TimeYear},
    {"YearDay", "", TimeYearDay},
};

std::span<const Function> TimeObject::methods() const { return kTimeMethods; }

}  // namespace

Value TimeValue(GoTime time) { return Value::Of(std::make_shared<TimeObject>(std::move(time))); }

Value DurationValue(Duration duration) {
  return Value::Of(std::make_shared<DurationObject>(duration));
}

const GoTime* AsTime(const Value& value) {
  const auto* object = dynamic_cast<const TimeObject*>(value.as_object());
  return object == nullptr ? nullptr : &object->time();
}

}  // namespace watchfire::templates
