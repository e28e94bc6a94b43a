// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/api/query.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "pkg/base/strings.h"

namespace watchfire::api {
namespace {

constexpr std::array<std::string_view, 10> kYes = {"true", "1",        "yes",     "ok", "y",
                                                   "on",   "selected", "checked", "t",  "enabled"};

}  // namespace

bool ReadFlag(const net::Request& request, std::string_view name, bool fallback) {
  const std::string* value = request.param(name);
  if (value == nullptr || value->empty()) return fallback;
  return std::ranges::find(kYes, ToLower(*value)) != kYes.end();
}

Result<matcher::Matchers> ReadMatchers(const net::Request& request, std::string_view name,
                                       matcher::Mode mode) {
  matcher::Matchers matchers;
  for (const auto& [key, value] : request.query) {
    if (key != name) continue;
    Result<matcher::Matcher> matcher = matcher::ParseOne(value, mode);
    if (!matcher) return Fail(std::move(matcher.error()));
    matchers.push_back(*std::move(matcher));
  }
  return matchers;
}

labels::LabelSet LabelsOf(const config::Receiver& receiver) {
  labels::LabelSet::Pairs pairs(receiver.labels.begin(), receiver.labels.end());
  pairs.emplace_back("name", receiver.name);
  return labels::LabelSet(std::move(pairs));
}

Result<matcher::Matchers> ReadReceiverMatchers(const net::Request& request, matcher::Mode mode) {
  Result<matcher::Matchers> matchers = ReadMatchers(request, "receiver_matchers", mode);
  if (matchers) return matchers;
  return InvalidArgument("failed to parse receiver_matchers param: " + matchers.error().message);
}

bool AlertQuery::WantsReceiver(const std::string& name) const {
  return (!receiver || receiver->MatchesValue(name)) &&
         (!labelled_receivers || labelled_receivers->contains(name));
}

bool AlertQuery::WantsAnyOf(const std::vector<std::string>& receivers) const {
  const auto is_named = [this](const std::string& name) { return receiver->MatchesValue(name); };
  const auto is_labelled = [this](const std::string& name) {
    return labelled_receivers->contains(name);
  };
  return (!receiver || std::ranges::any_of(receivers, is_named)) &&
         (!labelled_receivers || std::ranges::any_of(receivers, is_labelled));
}

bool AlertQuery::Wants(const core::AlertRow& row) const {
  if ((row.marks & marks) != marks) return false;
  const bool is_silenced = !row.silenced_by.empty();
  if (is_silenced && !silenced) return false;
  if (row.inhibited && !inhibited) return false;
  if (!is_silenced && !row.inhibited && !active) return false;
  return matcher::MatchesAll(filter, row.alert->labels);
}

bool AlertQuery::MayWantAlertsOf(const labels::LabelSet& labels) const {
  return std::ranges::all_of(filter, [&](const matcher::Matcher& matcher) {
    return !labels.Has(matcher.name()) || matcher.Matches(labels);
  });
}

Result<AlertQuery> ReadAlertQuery(const net::Request& request, const config::Config& config) {
  const matcher::Mode mode = config.matcher_mode;
  AlertQuery query;
  query.active = ReadFlag(request, "active");
  query.silenced = ReadFlag(request, "silenced");
  query.inhibited = ReadFlag(request, "inhibited");
  query.muted = ReadFlag(request, "muted");
  Result<matcher::Matchers> filter = ReadMatchers(request, "filter", mode);
  if (!filter) return Fail(std::move(filter.error()));
  query.filter = *std::move(filter);
  for (const matcher::Matcher& matcher : query.filter) {
    if (matcher.op() == matcher::Op::kEqual && !matcher.value().empty()) {
      query.marks |= core::PairMark(matcher.name(), matcher.value());
    }
  }
  const std::string* receiver = request.param("receiver");
  if (receiver != nullptr && !receiver->empty()) {
    Result<matcher::Matcher> regex =
        matcher::Matcher::Create(matcher::Op::kRegex, "receiver", *receiver);
    if (!regex) {
      return InvalidArgument("failed to parse receiver param: " + regex.error().message);
    }
    query.receiver = *std::move(regex);
  }
  const Result<matcher::Matchers> receiver_matchers = ReadReceiverMatchers(request, mode);
  if (!receiver_matchers) return Fail(receiver_matchers.error());
  if (receiver_matchers->empty()) return query;
  query.labelled_receivers.emplace();
  for (const config::Receiver& known : config.receivers) {
    if (!matcher::MatchesAll(*receiver_matchers, LabelsOf(known))) continue;
    query.labelled_receivers->insert(known.name);
  }
  return query;
}

Result<std::optional<size_t>> ReadCount(const net::Request& request, std::string_view name) {
  const std::string* value = request.param(name);
  if (value == nullptr || value->empty()) return std::optional<size_t>();
  size_t count = 0;
  const char* end = value->data() + value->size();
  const auto [stop, error] = std::from_chars(value->data(), end, count);
  if (error != std::errc() || stop != end || count == 0) {
    return InvalidArgument(std::string(name) + " must be a number of at least 1, not " +
                           GoQuote(*value));
  }
  return std::optional<size_t>(count);
}

Result<WallTime> ReadTime(const net::Request& request, std::string_view name) {
  const std::string* text = request.param(name);
  if (text == nullptr || text->empty()) return kNoTime;
  const Result<WallTime> time = ParseTime(*text);
  if (time) return *time;
  return InvalidArgument(std::string(name) + " must be a time such as 2026-08-22T14:00:00Z, not " +
                         GoQuote(*text));
}

}  // namespace watchfire::api
