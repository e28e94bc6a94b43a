// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/promql/functions.h"

#include <algorithm>
#include <initializer_list>

#include "pkg/base/check.h"

namespace watchfire::promql {
namespace {

constexpr ValueType kS = ValueType::kScalar;
constexpr ValueType kV = ValueType::kVector;
constexpr ValueType kM = ValueType::kMatrix;
constexpr ValueType kT = ValueType::kString;  // A text.

constexpr Function Make(std::string_view name, std::initializer_list<ValueType> args,
                        int variadic = 0, ValueType result = kV) {
  Function function{.name = name, .result = result, .arg_count = args.size(), .variadic = variadic};
  std::copy(args.begin(), args.end(), function.arg_types.begin());
  return function;
}

constexpr Function Experimental(Function function) {
  function.experimental = true;
  return function;
}

constexpr auto kFunctions = std::to_array<Function>({
    Make("abs", {kV}),
    Make("absent", {kV}),
    Make("absent_over_time", {kM}),
    Make("acos", {kV}),
    Make("acosh", {kV}),
    Make("asin", {kV}),
    Make("asinh", {kV}),
    Make("atan", {kV}),
    Make("atanh", {kV}),
    Make("avg_over_time", {kM}),
    Make("ceil", {kV}),
    Make("changes", {kM}),
    Make("clamp", {kV, kS, kS}),
    Make("clamp_max", {kV, kS}),
    Make("clamp_min", {kV, kS}),
    Make("cos", {kV}),
    Make("cosh", {kV}),
    Make("count_over_time", {kM}),
    Make("day_of_month", {kV}, 1),
    Make("day_of_week", {kV}, 1),
    Make("day_of_year", {kV}, 1),
    Make("days_in_month", {kV}, 1),
    Make("deg", {kV}),
    Make("delta", {kM}),
    Make("deriv", {kM}),
    Experimental(Make("double_exponential_smoothing", {kM, kS, kS})),
    Experimental(Make("end", {}, 0, kS)),
    Make("exp", {kV}),
    Experimental(Make("first_over_time", {kM})),
    Make("floor", {kV}),
    Make("histogram_avg", {kV}),
    Make("histogram_count", {kV}),
    Make("histogram_fraction", {kS, kS, kV}),
    Make("histogram_quantile", {kS, kV}),
    Experimental(Make("histogram_quantiles", {kV, kT, kS, kS}, 9)),
    Make("histogram_stddev", {kV}),
    Make("histogram_stdvar", {kV}),
    Make("histogram_sum", {kV}),
    Make("holt_winters", {kM, kS, kS}),
    Make("hour", {kV}, 1),
    Make("idelta", {kM}),
    Make("increase", {kM}),
    Experimental(Make("info", {kV, kV}, 1)),
    Experimental(Make("integral", {kM, kS}, 1)),
    Make("irate", {kM}),
    Make("label_join", {kV, kT, kT, kT}, -1),
    Make("label_replace", {kV, kT, kT, kT, kT}),
    Make("last_over_time", {kM}),
    Make("ln", {kV}),
    Make("log10", {kV}),
    Make("log2", {kV}),
    Experimental(Make("mad_over_time", {kM})),
    Experimental(Make("max_of", {kS, kS}, 0, kS)),
    Make("max_over_time", {kM}),
    Experimental(Make("min_of", {kS, kS}, 0, kS)),
    Make("min_over_time", {kM}),
    Make("minute", {kV}, 1),
    Make("month", {kV}, 1),
    Make("pi", {}, 0, kS),
    Make("predict_linear", {kM, kS}),
    Make("present_over_time", {kM}),
    Make("quantile_over_time", {kS, kM}),
    Make("rad", {kV}),
    Experimental(Make("range", {}, 0, kS)),
    Make("rate", {kM}),
    Make("resets", {kM}),
    Make("round", {kV, kS}, 1),
    Make("scalar", {kV}, 0, kS),
    Make("sgn", {kV}),
    Make("sin", {kV}),
    Make("sinh", {kV}),
    Make("sort", {kV}),
    Experimental(Make("sort_by_label", {kV, kT}, -1)),
    Experimental(Make("sort_by_label_desc", {kV, kT}, -1)),
    Make("sort_desc", {kV}),
    Make("sqrt", {kV}),
    Experimental(Make("start", {}, 0, kS)),
    Experimental(Make("start_timestamp", {kV})),
    Make("stddev_over_time", {kM}),
    Make("stdvar_over_time", {kM}),
    Experimental(Make("step", {}, 0, kS)),
    Make("sum_over_time", {kM}),
    Make("tan", {kV}),
    Make("tanh", {kV}),
    Make("time", {}, 0, kS),
    Make("timestamp", {kV}),
    Experimental(Make("ts_of_first_over_time", {kM})),
    Experimental(Make("ts_of_last_over_time", {kM})),
    Experimental(Make("ts_of_max_over_time", {kM})),
    Experimental(Make("ts_of_min_over_time", {kM})),
    Make("vector", {kS}),
    Make("year", {kV}, 1),
});
static_assert(std::ranges::is_sorted(kFunctions, {}, &Function::name));

}  // namespace

std::string_view TypeName(ValueType type) {
  switch (type) {
    case ValueType::kScalar:
      return "scalar";
    case ValueType::kVector:
      return "instant vector";
    case ValueType::kMatrix:
      return "range vector";
    case ValueType::kString:
      return "string";
  }
  WF_CHECK(false);
}

std::span<const Function> Functions() { return kFunctions; }

const Function* FindFunction(std::string_view name) {
  const auto found = std::ranges::lower_bound(kFunctions, name, {}, &Function::name);
  return found != kFunctions.end() && found->name == name ? &*found : nullptr;
}

}  // namespace watchfire::promql
