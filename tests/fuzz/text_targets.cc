// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The small languages inside of files and requests, and what Prometheus answers.

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/matcher/matcher.h"
#include "pkg/notify/message_data.h"
#include "pkg/notify/message_environment.h"
#include "pkg/notify/samples_for_test.h"
#include "pkg/promql/parse.h"
#include "pkg/promql/print.h"
#include "pkg/promql/response.h"
#include "pkg/promql/walk.h"
#include "pkg/templates/default_templates.h"
#include "pkg/templates/template.h"
#include "tests/fuzz/targets.h"

namespace watchfire::fuzz {
namespace {

constexpr const char* kName = "mutant.tmpl";

// What is wrong with an error that should start with one of two words and a place.
std::string Fault(const Error& error, const std::string& start, const std::string& other) {
  if (!error.message.starts_with(start) && !error.message.starts_with(other)) {
    return "an error without place: " + error.message.substr(0, 300);
  }
  return IsValidUtf8(error.message) ? "" : "no UTF-8: " + error.message.substr(0, 300);
}

std::string Fault(const Result<std::string>& printed) {
  if (!printed) return Fault(printed.error(), "template: ", "html/template:");
  return printed->size() <= limits::kTemplateOutputBytes ? "" : "prints too much";
}

// As a label or annotation of a rule.
std::string RuleFault(std::string_view text) {
  const Result<templates::Template> rule = templates::Template::Parse(text);
  if (!rule) return Fault(rule.error(), "line ", "line ");
  const labels::LabelSet labels{{"job", "j"}, {"instance", "i"}};
  return Fault(rule->Execute({labels, 0.25, FromNanos(1'790'000'000'000'000'000)}));
}

std::string RoundTripFault(const matcher::Matchers& matchers) {
  const std::string shown = matcher::ToString(matchers);
  const auto again = matcher::Parse(shown, matcher::Mode::kUtf8);
  if (again && matcher::ToString(*again) == shown) return "";
  return "does not read what it prints: " + shown.substr(0, 300);
}

}  // namespace

Outcome TryTemplates(std::string_view text) {
  templates::TemplateSet set = templates::DefaultTemplates();
  const Status parsed = set.Parse(kName, text);
  Outcome outcome{parsed.has_value(), RuleFault(text)};
  if (!outcome.complaint.empty()) return outcome;
  if (!parsed) {
    outcome.complaint =
        Fault(parsed.error(), std::string("template: ") + kName + ":", "template: ");
    return outcome;
  }
  const dispatch::Notification notification = notify::SampleFiring();
  const templates::Value dot = notify::MessageData(notification);
  const templates::Environment environment = notify::MessageEnvironment(notification.at);
  outcome.complaint = Fault(set.Execute(kName, dot, environment));
  if (outcome.complaint.empty()) {
    outcome.complaint = Fault(set.ExecuteHtml(kName, dot, environment));
  }
  return outcome;
}

Outcome TryMatchers(std::string_view text) {
  using matcher::Mode;
  Outcome outcome;
  for (const Mode mode : {Mode::kFallback, Mode::kClassic, Mode::kUtf8}) {
    const auto many = matcher::Parse(text, mode);
    const auto one = matcher::ParseOne(text, mode);
    outcome.accepted |= many.has_value() || one.has_value();
    for (const Error* error : {many ? nullptr : &many.error(), one ? nullptr : &one.error()}) {
      if (error != nullptr && error->message.empty()) outcome.complaint = "no message";
    }
    if (many && mode == Mode::kUtf8) outcome.complaint = RoundTripFault(*many);
    if (!outcome.complaint.empty()) return outcome;
    for (const matcher::Matcher& matcher : many.value_or(matcher::Matchers())) {
      static_cast<void>(matcher.MatchesValue("some value, \xc3\xa9"));
    }
  }
  return outcome;
}

Outcome TryQueryAnswer(std::string_view body) {
  Outcome outcome;
  for (const int status : {200, 400, 422, 503}) {
    for (const auto decode : {promql::DecodeInstant, promql::DecodeRange}) {
      const Result<promql::Vector> vector = decode(status, body);
      outcome.accepted |= vector.has_value();
      if (!vector && vector.error().message.empty()) outcome.complaint = "no message";
      if (!vector && !IsValidUtf8(vector.error().message)) outcome.complaint = "no UTF-8";
    }
  }
  return outcome;
}

Outcome TryPromql(std::string_view text) {
  const auto parsed = promql::TryParse(text);
  if (!parsed) {
    const promql::Fault& fault = parsed.error();
    if (fault.message.empty() || !IsValidUtf8(fault.message)) return {false, "no message"};
    if (fault.span.begin > text.size() || fault.span.end > text.size()) {
      return {false, "a place outside of the text"};
    }
    return {};
  }
  Outcome outcome{true, ""};
  const promql::ExprPtr copy = *parsed;
  const std::string printed = promql::Print(copy);
  const auto again = promql::Parse(printed);
  if (!again) {
    outcome.complaint = "does not read what it prints: " + again.error().message;
  } else if (*again != *parsed || promql::Print(*again) != printed) {
    outcome.complaint = "reads something else than it prints: " + printed.substr(0, 300);
  }
  promql::ForEach(*copy, [&](const promql::Expr& part) {
    if (part.span.begin >= part.span.end || part.span.end > text.size()) {
      outcome.complaint = "a part without a place";
    }
  });
  return outcome;
}

}  // namespace watchfire::fuzz
