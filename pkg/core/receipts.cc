// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/receipts.h"

#include <string_view>

#include "pkg/base/strings.h"

namespace watchfire::core {
namespace {

constexpr std::string_view kPrefix = "receipt/";

}  // namespace

bool Receipts::Take(const std::string& name, WallTime now, std::vector<Record>* records) {
  if (!known_.insert(name).second) return false;
  by_time_.emplace(now, name);
  records->push_back({Table::kMeta, std::string(kPrefix) + name, FormatRfc3339(now)});
  while (known_.size() > kMost) Forget(records);
  return true;
}

std::vector<Record> Receipts::Collect(WallTime now) {
  std::vector<Record> records;
  while (!by_time_.empty() && by_time_.begin()->first < now - kKept) Forget(&records);
  return records;
}

void Receipts::Forget(std::vector<Record>* records) {
  const auto oldest = by_time_.begin();
  records->push_back({Table::kMeta, std::string(kPrefix) + oldest->second, std::nullopt});
  known_.erase(oldest->second);
  by_time_.erase(oldest);
}

bool Receipts::IsReceipt(const Record& record) { return record.key.starts_with(kPrefix); }

Status Receipts::Restore(const Record& record) {
  const Result<WallTime> at = ParseTime(record.value.value_or(""));
  if (!at) return Fail(Code::kCorrupt, record.key + ": " + at.error().message);
  const std::string name = record.key.substr(kPrefix.size());
  if (known_.insert(name).second) by_time_.emplace(*at, name);
  return {};
}

}  // namespace watchfire::core
