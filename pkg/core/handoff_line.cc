// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/handoff_line.h"

#include <algorithm>
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

const config::Integration* FindTarget(const config::Receiver* receiver,
                                      const HandoffTarget& target) {
  if (receiver == nullptr) return nullptr;
  const auto found = std::ranges::find_if(receiver->integrations, [&](const auto& one) {
    return one.kind == target.integration && one.index == target.index;
  });
  return found == receiver->integrations.end() ? nullptr : &*found;
}

Record Encode(const HandoffLine& line) {
  JsonWriter json;
  json.StartObject().Field("done", ToNanos(line.done)).Field("change", ToNanos(line.change));
  json.Key("owed").StartArray();
  for (const auto& [target, send] : line.owed) {
    json.StartObject().Field("person", target.person).Field("receiver", target.receiver);
    json.Field("integration", target.integration).Field("index", target.index).EndObject();
  }
  const std::string_view prefix = line.is_report ? kReportPrefix : kPrefix;
  return {Table::kMeta, std::string(prefix) + line.schedule, json.EndArray().EndObject().Take()};
}

bool IsHandoff(const Record& record) {
  return record.table == Table::kMeta && record.key.starts_with(kPrefix);
}

bool IsReport(const Record& record) {
  return record.table == Table::kMeta && record.key.starts_with(kReportPrefix);
}

Status RestoreHandoff(const Record& record, std::map<std::string, HandoffLine>* lines) {
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string text(record.value.value_or(""));
    const simdjson::dom::element root = parser.parse(text);
    HandoffLine line;
    line.is_report = IsReport(record);
    line.schedule = record.key.substr((line.is_report ? kReportPrefix : kPrefix).size());
    line.done = FromNanos(root["done"]);
    line.change = FromNanos(root["change"]);
    for (const auto one : root["owed"]) {
      HandoffTarget target{Text(one["person"]), Text(one["receiver"]), Text(one["integration"]),
                           static_cast<int>(int64_t(one["index"]))};
      line.owed[std::move(target)].intent.emplace(0);
    }
    (*lines)[line.schedule] = std::move(line);
    return {};
  } catch (const simdjson::simdjson_error& error) {
    return Fail(Code::kCorrupt, std::string("hand-off: ") + error.what());
  }
}

}  // namespace watchfire::core
