// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/receipts.h"

#include <iterator>
#include <string_view>

#include "pkg/base/strings.h"
#include "pkg/core/receipt_names.h"

namespace watchfire::core {
namespace {

constexpr std::string_view kPrefix = "receipt/";

// The last one of that thing; "": none is known. Names of one thing are in the order of time.
std::string_view LastOf(const std::set<std::string>& known, std::string_view thing) {
  std::string behind(thing);
  ++behind.back();
  const auto next = known.lower_bound(behind);
  if (next == known.begin()) return "";
  const std::string& last = *std::prev(next);
  return last.starts_with(thing) ? std::string_view(last) : std::string_view();
}

}  // namespace

bool Receipts::Take(const std::string& name, WallTime now, std::vector<Record>* records) {
  if (const std::string_view thing = ThingOf(name); !thing.empty()) {
    const std::string_view last = LastOf(known_, thing);
    if (last > name) return false;
    if (last == name) return true;  // Another message says the same.
  }
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
