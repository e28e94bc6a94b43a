// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/budget_record.h"

#include <array>
#include <cstdio>
#include <sstream>
#include <utility>

#include <simdjson.h>

#include "pkg/base/json.h"
#include "pkg/labels/labels.h"

namespace watchfire::slo {
namespace {

std::string Hash(const config::Slo& slo) {
  std::ostringstream calendar;
  if (slo.calendar) {
    calendar << (slo.calendar->unit == config::CalendarPeriod::Unit::kDay ? "day " : "month ")
             << slo.calendar->count << " " << slo.calendar->start << " "
             << slo.calendar->location.zone.name();
  }
  const labels::LabelSet all{{"bad", slo.error_query},
                             {"total", slo.total_query},
                             {"ratio", slo.error_ratio_query},
                             {"calendar", calendar.str()}};
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx",
                static_cast<unsigned long long>(all.fingerprint()));  // NOLINT(google-runtime-int)
  return text.data();
}

}  // namespace

BudgetBasis BasisOf(const config::Slo& slo) {
  return {slo.objective, FormatDuration(slo.period), Hash(slo)};
}

std::string EncodeBudget(const BudgetRecord& record) {
  JsonWriter json;
  json.StartObject().Field("state", record.state).Field("condition", record.condition);
  json.Field("since", FormatRfc3339(record.since, 9, true));
  json.Field("known_at", FormatRfc3339(record.known_at, 9, true));
  json.Field("remaining", record.remaining).Field("objective", record.basis.objective);
  json.Field("period", record.basis.period).Field("queries", record.basis.queries);
  if (record.breach_count > 0) {
    json.Field("breach_count", static_cast<int64_t>(record.breach_count));
    json.Field("breached", record.is_breached).Key("breaches").StartArray();
    for (const WallTime at : record.breaches) json.String(FormatRfc3339(at, 9, true));
    json.EndArray();
  }
  return json.EndObject().Take();
}

Result<BudgetRecord> DecodeBudget(std::string_view text) {
  const auto corrupt = [](const std::string& why) {
    return Fail(Code::kCorrupt, "error budget: " + why);
  };
  try {
    BudgetRecord out;
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(text);
    const simdjson::dom::element root = parser.parse(padded);
    out.state = std::string_view(root["state"]);
    out.condition = std::string_view(root["condition"]);
    out.remaining = double(root["remaining"]);
    for (const auto& [name, time] : {std::pair{"since", &out.since}, {"known_at", &out.known_at}}) {
      const Result<WallTime> parsed = ParseTime(std::string_view(root[name]));
      if (!parsed) return corrupt(parsed.error().message);
      *time = *parsed;
    }
    // Rows of versions before this have no basis.
    if (root["objective"].get(out.basis.objective) != simdjson::SUCCESS) return out;
    out.basis.period = std::string_view(root["period"]);
    out.basis.queries = std::string_view(root["queries"]);
    // Nor do these of budgets that were never used up.
    if (root["breach_count"].get(out.breach_count) != simdjson::SUCCESS) return out;
    out.is_breached = bool(root["breached"]);
    for (const auto one : root["breaches"]) {
      const Result<WallTime> parsed = ParseTime(std::string_view(one));
      if (!parsed) return corrupt(parsed.error().message);
      out.breaches.push_back(*parsed);
    }
    return out;
  } catch (const simdjson::simdjson_error& error) {
    return corrupt(error.what());
  }
}

}  // namespace watchfire::slo
