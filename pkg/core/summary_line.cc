// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/summary_line.h"

#include <string_view>
#include <utility>

#include <simdjson.h>

#include "pkg/base/json.h"

namespace watchfire::core {
namespace {

constexpr std::string_view kPrefix = "handoff/";
constexpr std::string_view kReportPrefix = "report/";

std::string Text(simdjson::dom::element json) { return std::string(std::string_view(json)); }

}  // namespace

Record Encode(const SummaryLine& line) {
  JsonWriter json;
  json.StartObject().Field("done", ToNanos(line.done)).Field("change", ToNanos(line.change));
  json.Key("owed").StartArray();
  for (const auto& [target, send] : line.owed) {
    json.StartObject().Field("person", target.person).Field("receiver", target.receiver);
    json.Field("integration", target.integration).Field("index", target.index).EndObject();
  }
  const std::string_view prefix = line.is_report ? kReportPrefix : kPrefix;
  return {Table::kMeta, std::string(prefix) + line.id, json.EndArray().EndObject().Take()};
}

bool IsHandoff(const Record& record) {
  return record.table == Table::kMeta && record.key.starts_with(kPrefix);
}

bool IsReport(const Record& record) {
  return record.table == Table::kMeta && record.key.starts_with(kReportPrefix);
}

Status RestoreSummary(const Record& record, std::map<std::string, SummaryLine>* lines) {
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string text(record.value.value_or(""));
    const simdjson::dom::element root = parser.parse(text);
    SummaryLine line;
    line.is_report = IsReport(record);
    line.id = record.key.substr((line.is_report ? kReportPrefix : kPrefix).size());
    line.done = FromNanos(root["done"]);
    line.change = FromNanos(root["change"]);
    for (const auto one : root["owed"]) {
      SummaryTarget target{Text(one["person"]), Text(one["receiver"]), Text(one["integration"]),
                           static_cast<int>(int64_t(one["index"]))};
      line.owed[std::move(target)].intent.emplace(0);
    }
    (*lines)[line.id] = std::move(line);
    return {};
  } catch (const simdjson::simdjson_error& error) {
    return Fail(Code::kCorrupt, std::string("hand-off: ") + error.what());
  }
}

}  // namespace watchfire::core
