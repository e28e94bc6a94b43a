// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Source: Alertmanager 0.34 template.DefaultFuncs (reference alertmanager-compat §6.1), and what
// 0.35 added.

#include <algorithm>
#include <span>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/templates/escape.h"
#include "pkg/templates/format.h"
#include "pkg/templates/function.h"
#include "pkg/templates/humanize.h"
#include "pkg/templates/text_functions.h"
#include "pkg/templates/time_value.h"
#include "pkg/templates/to_json.h"
#include "pkg/templates/unicode.h"

namespace watchfire::templates {
namespace {

Result<Value> AsValue(Result<std::string> text) {
  if (!text) return Fail(std::move(text.error()));
  return Value::String(*std::move(text));
}

Result<Value> AsValue(Result<GoTime> time) {
  if (!time) return Fail(std::move(time.error()));
  return TimeValue(*std::move(time));
}

// A list or map built by a template. Each one may hold the last, so their depth is bounded.
Result<Value> Bounded(Value value) {
  if (value.depth() <= static_cast<int>(limits::kTemplateValueDepth)) return value;
  return Fail(Code::kExhausted,
              "lists nest deeper than " + std::to_string(limits::kTemplateValueDepth));
}

Result<Value> CallTitle(const Call& call) { return Value::String(TitleEnglish(call.text(0))); }

Result<Value> CallTrimSpace(const Call& call) {
  return Value::String(std::string(TrimUnicodeSpace(call.text(0))));
}

// Any list since 0.35, its elements as `print` has them.
Result<Value> CallJoin(const Call& call) {
  if (call.args[1].is_nil()) return Value::View("");
  const Value base = call.args[1].Base();
  if (base.as_list() == nullptr) {
    return InvalidArgument("join expects a slice or array, got " +
                           std::string(call.args[1].type()));
  }
  const std::vector<Value>& items = base.as_list()->items;
  if (!call.budget.Spend(items.size())) return OutOfSteps();
  std::string out;
  for (const Value& item : items) {
    if (&item != items.data()) out += call.text(0);
    if (const std::string_view* text = item.as_string()) {
      out += *text;
    } else {
      const Result<std::string> printed = Sprint(std::span(&item, 1));
      if (!printed) return Fail(printed.error());
      out += *printed;
    }
    if (out.size() > limits::kTemplateOutputBytes) return TooMuchOutput();
  }
  return Value::String(std::move(out));
}

Result<Value> CallSafeUrl(const Call& call) {
  return Value::String(std::string(call.text(0)), TextType::kUrl);
}

Result<Value> CallUrlUnescape(const Call& call) { return AsValue(UnescapeQuery(call.text(0))); }

Result<Value> CallStringSlice(const Call& call) {
  return Value::Of(std::vector<Value>(call.args.begin(), call.args.end()), kStringListType);
}

Result<Value> CallRouteLabels(const Call& call) {
  if (!call.environment.route_label) return Value::View("");
  return AsValue(call.environment.route_label(call.text(0)));
}

// Ours: where the message's incident can be acknowledged; "" if nowhere.
Result<Value> CallAckUrl(const Call& call) { return Value::String(call.environment.ack_url); }

// Ours: who is on call by the schedule. A message is never lost for a schedule that is gone.
Result<Value> CallOnCall(const Call& call) {
  if (!call.environment.on_call) return Value::Strings({});
  return Value::Strings(call.environment.on_call(call.text(0)));
}

Result<Value> CallDate(const Call& call) {
  return Value::String(FormatTime(*AsTime(call.args[1]), call.text(0)));
}

// Of 0.35: milliseconds since 1970, as links to dashboards have them.
Result<Value> CallAddDuration(const Call& call) {
  const Result<Duration> duration = ParseGoDuration(call.text(0));
  if (!duration) return Fail(duration.error());
  const GoTime time = Add(*AsTime(call.args[1]), *duration);
  return Value::Int(time.seconds * 1000 + time.nanos / 1'000'000, IntType::kInt64);
}

Result<Value> CallTz(const Call& call) {
  const std::string_view name = call.text(0);
  GoTime time = *AsTime(call.args[1]);
  time.zone = nullptr;
  if (name.empty() || name == "UTC") return TimeValue(time);
  if (call.environment.zone) time.zone = call.environment.zone(name);
  if (time.zone == nullptr) return InvalidArgument("unknown time zone " + std::string(name));
  return TimeValue(time);
}

Result<Value> CallNow(const Call& call) {
  if (call.environment.now == kNoTime) return InvalidArgument("the time is not known here");
  return TimeValue(FromWallTime(call.environment.now));
}

Result<Value> CallSince(const Call& call) {
  if (call.environment.now == kNoTime) return InvalidArgument("the time is not known here");
  return DurationValue(Subtract(FromWallTime(call.environment.now), *AsTime(call.args[0])));
}

Result<Value> CallHumanizeDuration(const Call& call) {
  const Result<double> seconds = ToFloat(call.args[0]);
  if (!seconds) return Fail(seconds.error());
  return Value::String(HumanizeDuration(*seconds));
}

Result<Value> CallToDate(const Call& call) {
  Result<GoTime> time = ParseTimeLayout(call.text(0), call.text(1));
  return TimeValue(time ? *std::move(time) : GoTime());
}

Result<Value> CallMustToDate(const Call& call) {
  return AsValue(ParseTimeLayout(call.text(0), call.text(1)));
}

Result<Value> CallToJson(const Call& call) { return AsValue(ToJson(call.args[0])); }
Result<Value> CallEncode(const Call& call) { return Value::String(EncodeBase64Url(call.text(0))); }
Result<Value> CallDecode(const Call& call) { return AsValue(DecodeBase64Url(call.text(0))); }

Result<Value> CallList(const Call& call) {
  return Bounded(Value::Of(std::vector<Value>(call.args.begin(), call.args.end())));
}

Result<Value> CallAppend(const Call& call) {
  const Value base = call.args[0].Base();
  std::vector<Value> items = base.as_list()->items;
  if (!call.budget.Spend(items.size() / 4)) return OutOfSteps();
  items.insert(items.end(), call.args.begin() + 1, call.args.end());
  return Bounded(Value::Of(std::move(items)));
}

Result<Value> CallDict(const Call& call) {
  if (call.args.size() % 2 != 0) {
    return InvalidArgument("dict requires an even number of arguments");
  }
  std::vector<std::pair<std::string, Value>> entries;
  for (size_t i = 0; i < call.args.size(); i += 2) {
    if (call.args[i].type() != kStringType) return InvalidArgument("dict keys must be strings");
    entries.emplace_back(*call.args[i].as_string(), call.args[i + 1]);
  }
  return Bounded(Value::Of(std::move(entries)));
}

constexpr Function kFunctions[] = {
    {"ackURL", "", CallAckUrl},
    {"addDuration", "st", CallAddDuration},
    {"append", "Aa*", CallAppend},
    {"base64decode", "s", CallDecode},
    {"base64encode", "s", CallEncode},
    {"date", "st", CallDate},
    {"dict", "a*", CallDict},
    {"humanizeDuration", "a", CallHumanizeDuration},
    {"join", "sa", CallJoin},
    {"list", "a*", CallList},
    {"match", "ss", CallMatch},
    {"mustToDate", "ss", CallMustToDate},
    {"now", "", CallNow},
    {"onCall", "s", CallOnCall, 50},
    {"reReplaceAll", "sss", CallReplaceAll},
    {"routeLabels", "s", CallRouteLabels},
    {"safeHtml", "s", CallSafeHtml},
    {"safeUrl", "s", CallSafeUrl},
    {"since", "t", CallSince},
    {"stringSlice", "s*", CallStringSlice},
    {"title", "s", CallTitle},
    {"toDate", "ss", CallToDate, 20},
    {"toJson", "a", CallToJson},
    {"toLower", "s", CallToLower},
    {"toUpper", "s", CallToUpper},
    {"trimSpace", "s", CallTrimSpace},
    {"tz", "st", CallTz, 10},
    {"urlUnescape", "s", CallUrlUnescape},
};

}  // namespace

FunctionTable AlertmanagerFunctions() { return kFunctions; }

}  // namespace watchfire::templates
