// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Functions and methods that templates call, in constant tables, and the bounds and surroundings
// of one execution that they see.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/templates/go_time.h"
#include "pkg/templates/value.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace watchfire::templates {

// Names of those whom an on-call schedule has on duty, in its order; none if there is no such.
using OnCall = std::function<std::vector<std::string>(std::string_view schedule)>;

// What templates can ask the world for. Everything is optional: what is missing is an error of the
// function that needs it.
struct Environment {
  WallTime now = kNoTime;  // What `now` and `since` take for the present.
  // Prometheus' `query`: a list of samples (SamplesValue in label_map.h).
  std::function<Result<Value>(std::string_view expr)> query;
  // Alertmanager's `routeLabels`: the rendered label, "" when there is none.
  std::function<Result<std::string>(std::string_view name)> route_label;
  // Rules of an IANA time zone; null when unknown. UTC needs no help.
  std::function<std::shared_ptr<const Zone>(std::string_view name)> zone;
  std::string external_url;
  std::string ack_url = {};  // What `ackURL` returns.
  OnCall on_call = {};       // What `onCall` asks; null: nobody is on call.
};

struct Call;
struct Function;

// The bounds of one execution. Work is counted in steps, since nothing here reads a clock: one per
// node evaluated, more for what functions take and give. Not shared between threads.
class Budget {
 public:
  Budget();
  ~Budget();
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // Takes `steps` out of the budget. Returns false once it is used up.
  bool Spend(size_t steps) {
    if (steps > left_) {
      left_ = 0;
      return false;
    }
    left_ -= steps;
    return true;
  }
  // Takes what a call costs beyond looking at it: texts read and made, lists and maps made.
  Status SpendCall(const Function& function, const Call& call, const Value& result);

  // Returns `pattern` compiled, once per execution. Errors: kInvalidArgument "error parsing
  // regexp: …"; kExhausted when the pattern or the budget is too long.
  Result<const re2::RE2*> Regex(std::string_view pattern);

 private:
  size_t left_;
  std::map<std::string, std::unique_ptr<re2::RE2>, std::less<>> regexes_;
};

// The error of an execution whose budget is used up.
tl::unexpected<Error> OutOfSteps();
// The error of a text that grew past limits::kTemplateOutputBytes.
tl::unexpected<Error> TooMuchOutput();

// One call. Arguments have been checked against the function's parameters.
struct Call {
  std::span<const Value> args;
  const Object* self = nullptr;  // The receiver of a method; null for functions.
  const Environment& environment;
  Budget& budget;

  // Argument `i`, which the parameters say is text, or an integer (also of a named type).
  std::string_view text(size_t i) const { return *args[i].as_string(); }
  int64_t integer(size_t i) const { return *args[i].Base().as_int(); }
};

struct Function {
  std::string_view name;
  // One letter per parameter, see ParameterType(); a final '*' makes the last one variadic.
  std::string_view parameters;
  Result<Value> (*call)(const Call& call);
  size_t steps = 0;  // What a call costs beyond its texts and lists, where that is much.
};

using FunctionTable = std::span<const Function>;

// Returns the function, or null.
const Function* FindFunction(FunctionTable table, std::string_view name);

// Go's type of a parameter: a any, b bool, d time.Duration, f float64, i int, l int64, s string,
// t time.Time, v reflect.Value (any value, untouched), A []any, L []string, S *sample, Q samples.
std::string_view ParameterType(char parameter);

// Go's own functions: len, index, printf, eq and the others. `and`, `or` and `call` have no code of
// their own: the executor evaluates them.
FunctionTable Builtins();
// What Alertmanager 0.34 adds (reference alertmanager-compat §6.1), and 0.35.
FunctionTable AlertmanagerFunctions();
// What Prometheus adds in rule files (reference slo-and-rules §4.7).
FunctionTable PrometheusFunctions();

// Is `value` true for if, with, and, or, not? Zero, "", empty and nothing are not.
bool Truth(const Value& value);

}  // namespace watchfire::templates
