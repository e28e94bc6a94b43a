// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Source: Prometheus template.NewTemplateExpander (reference slo-and-rules §4.7).

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <arpa/inet.h>

#include "pkg/base/strings.h"
#include "pkg/templates/escape.h"
#include "pkg/templates/function.h"
#include "pkg/templates/humanize.h"
#include "pkg/templates/label_map.h"
#include "pkg/templates/text_functions.h"
#include "pkg/templates/time_value.h"

namespace watchfire::templates {
namespace {

// One sample of a query's result.
class Sample : public Object {
 public:
  Sample(const labels::LabelSet& labels, double value)
      : labels_(labels), value_(value), map_(LabelMapValue(labels)) {}

  const labels::LabelSet& labels() const { return labels_; }
  double value() const { return value_; }
  std::string_view type() const override { return kSampleType; }
  std::span<const Field> fields() const override {
    static constexpr Field kFields[] = {{"Labels", "Labels"}, {"Value", "Value"}};
    return kFields;
  }
  Value Get(size_t field) const override { return field == 0 ? map_ : Value::Float(value_); }

 private:
  const labels::LabelSet labels_;
  const double value_;
  const Value map_;
};

const Sample& AsSample(const Value& value) {
  return static_cast<const Sample&>(*value.as_object());
}

Result<Value> CallQuery(const Call& call) {
  if (!call.environment.query) {
    return InvalidArgument("query in templates is not supported here");
  }
  return call.environment.query(call.text(0));
}

Result<Value> CallFirst(const Call& call) {
  const List& samples = *call.args[0].as_list();
  if (samples.items.empty()) {
    return InvalidArgument("first() called on vector with no elements");
  }
  return samples.items[0];
}

Result<Value> CallLabel(const Call& call) {
  return Value::String(std::string(AsSample(call.args[1]).labels().Get(call.text(0))));
}

Result<Value> CallStringValue(const Call& call) {
  return Value::String(std::string(AsSample(call.args[0]).labels().Get("__value__")));
}

Result<Value> CallSampleValue(const Call& call) {
  return Value::Float(AsSample(call.args[0]).value());
}

Result<Value> CallSortByLabel(const Call& call) {
  std::vector<Value> samples = call.args[1].as_list()->items;
  if (!call.budget.Spend(samples.size())) return OutOfSteps();
  std::stable_sort(samples.begin(), samples.end(), [&](const Value& a, const Value& b) {
    return AsSample(a).labels().Get(call.text(0)) < AsSample(b).labels().Get(call.text(0));
  });
  return Value::Of(std::move(samples), kSamplesType);
}

Result<Value> CallArgs(const Call& call) {
  std::vector<std::pair<std::string, Value>> entries;
  for (size_t i = 0; i < call.args.size(); ++i) {
    entries.emplace_back("arg" + std::to_string(i), call.args[i]);
  }
  return Value::Of(std::move(entries));
}

Result<Value> CallTitle(const Call& call) { return Value::String(TitleWords(call.text(0))); }

Result<Value> Link(const Call& call, const char* tab) {
  return Value::String("/graph?g0.expr=" + EscapeQuery(call.text(0)) + "&g0.tab=" + tab);
}
Result<Value> CallGraphLink(const Call& call) { return Link(call, "0"); }
Result<Value> CallTableLink(const Call& call) { return Link(call, "1"); }

Result<Value> Humanized(const Call& call, std::string (*humanize)(double)) {
  const Result<double> number = ToFloat(call.args[0]);
  if (!number) return Fail(number.error());
  return Value::String(humanize(*number));
}
Result<Value> CallHumanize(const Call& call) { return Humanized(call, Humanize); }
Result<Value> CallHumanize1024(const Call& call) { return Humanized(call, Humanize1024); }
Result<Value> CallHumanizeDuration(const Call& call) { return Humanized(call, HumanizeDuration); }
Result<Value> CallHumanizePercentage(const Call& call) {
  return Humanized(call, HumanizePercentage);
}

Result<Value> CallToTime(const Call& call) {
  const Result<double> number = ToFloat(call.args[0]);
  if (!number) return Fail(number.error());
  Result<GoTime> time = TimeFromSeconds(*number);
  if (!time) return Fail(std::move(time.error()));
  return TimeValue(*std::move(time));
}

Result<Value> CallHumanizeTimestamp(const Call& call) {
  const Result<double> number = ToFloat(call.args[0]);
  if (!number) return Fail(number.error());
  // Not a number or infinite: shown as such.
  if (!(*number - *number == 0)) return Value::String(FormatGoFloat(*number));
  const Result<GoTime> time = TimeFromSeconds(*number);
  if (!time) return Fail(time.error());
  return Value::String(TimeString(*time));
}

Result<Value> CallToDuration(const Call& call) {
  const Result<double> number = ToFloat(call.args[0]);
  if (!number) return Fail(number.error());
  const Result<Duration> duration = DurationFromSeconds(*number);
  if (!duration) return Fail(duration.error());
  return DurationValue(*duration);
}

Result<Value> CallNow(const Call& call) {
  if (call.environment.now == kNoTime) return InvalidArgument("the time is not known here");
  // Prometheus counts in milliseconds.
  return Value::Float(static_cast<double>(ToNanos(call.environment.now) / 1'000'000) / 1000);
}

Result<Value> CallParseDuration(const Call& call) {
  std::string_view text = call.text(0);
  const bool negative = text.starts_with("-");
  if (negative) text.remove_prefix(1);
  const Result<Duration> duration = ParseDuration(text);
  if (!duration) return Fail(duration.error());
  return Value::Float((negative ? -1 : 1) * ToSeconds(*duration));
}

Result<Value> CallExternalUrl(const Call& call) {
  return Value::String(call.environment.external_url);
}

Result<Value> CallPathPrefix(const Call& call) {
  std::string_view url = call.environment.external_url;
  const size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("?#"));
  const size_t path = std::min(url.find('/'), url.size());
  return Value::String(std::string(url.substr(path)));
}

Result<Value> CallUrlQueryEscape(const Call& call) {
  return Value::String(EscapeQuery(call.text(0)));
}

struct HostPort {
  std::string host;
  std::string port;
};

// Source: Go net.SplitHostPort.
std::optional<HostPort> SplitHostPort(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (text[0] == '[') {
    const size_t close = text.find(']');
    if (close == std::string_view::npos || close + 1 != colon) return std::nullopt;
    host = text.substr(1, close - 1);
    if (host.find('[') != std::string_view::npos) return std::nullopt;
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view port = text.substr(colon + 1);
  if (port.find_first_of("[]") != std::string_view::npos) return std::nullopt;
  return HostPort{std::string(host), std::string(port)};
}

bool IsIpAddress(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

Result<Value> CallStripPort(const Call& call) {
  const std::optional<HostPort> parts = SplitHostPort(call.text(0));
  return Value::String(parts ? parts->host : std::string(call.text(0)));
}

Result<Value> CallStripDomain(const Call& call) {
  const std::string text(call.text(0));
  const HostPort parts = SplitHostPort(text).value_or(HostPort{text, ""});
  if (IsIpAddress(parts.host)) return Value::String(text);
  std::string host = parts.host.substr(0, parts.host.find('.'));
  if (parts.port.empty()) return Value::String(std::move(host));
  if (host.find_first_of(":%") != std::string::npos) host = "[" + host + "]";
  return Value::String(host + ":" + parts.port);
}

constexpr Function kFunctions[] = {
    {"args", "a*", CallArgs},
    {"externalURL", "", CallExternalUrl},
    {"first", "Q", CallFirst},
    {"graphLink", "s", CallGraphLink},
    {"humanize", "a", CallHumanize},
    {"humanize1024", "a", CallHumanize1024},
    {"humanizeDuration", "a", CallHumanizeDuration},
    {"humanizePercentage", "a", CallHumanizePercentage},
    {"humanizeTimestamp", "a", CallHumanizeTimestamp},
    {"label", "sS", CallLabel},
    {"match", "ss", CallMatch},
    {"now", "", CallNow},
    {"parseDuration", "s", CallParseDuration},
    {"pathPrefix", "", CallPathPrefix},
    {"query", "s", CallQuery},
    {"reReplaceAll", "sss", CallReplaceAll},
    {"safeHtml", "s", CallSafeHtml},
    {"sortByLabel", "sQ", CallSortByLabel},
    {"stripDomain", "s", CallStripDomain},
    {"stripPort", "s", CallStripPort},
    {"strvalue", "S", CallStringValue},
    {"tableLink", "s", CallTableLink},
    {"title", "s", CallTitle},
    {"toDuration", "a", CallToDuration},
    {"toLower", "s", CallToLower},
    {"toTime", "a", CallToTime},
    {"toUpper", "s", CallToUpper},
    {"urlQueryEscape", "s", CallUrlQueryEscape},
    {"value", "S", CallSampleValue},
};

}  // namespace

FunctionTable PrometheusFunctions() { return kFunctions; }

Value SamplesValue(const std::vector<std::pair<labels::LabelSet, double>>& samples) {
  std::vector<Value> items;
  items.reserve(samples.size());
  for (const auto& [set, value] : samples) {
    items.push_back(Value::Of(std::make_shared<Sample>(set, value)));
  }
  return Value::Of(std::move(items), kSamplesType);
}

}  // namespace watchfire::templates
