// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A store in memory with the faults of a disk: it can be full, slow to answer, or lose the batch it
// was writing when the process died. What Commit() promised stays promised.

#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pkg/store/store.h"

namespace watchfire::fakes {

class MemStore : public store::Store {
 public:
  Status Load(const std::function<void(Record)>& row) override {
    for (const auto& [key, value] : rows_) row({key.first, key.second, value});
    return {};
  }
  Status Commit(const std::vector<Record>& records) override {
    lost_writes_ = full_;
    if (full_) return Fail(Code::kUnavailable, "disk full");
    for (const Record& record : records) {
      if (record.value) {
        rows_[{record.table, record.key}] = *record.value;
      } else {
        rows_.erase({record.table, record.key});
      }
    }
    return {};
  }
  std::vector<Record> Rows() {
    std::vector<Record> rows;
    (void)Load([&](Record record) { rows.push_back(std::move(record)); });
    return rows;
  }
  bool lost_writes() const override { return lost_writes_; }
  void set_full(bool full) { full_ = full; }
  bool full() const { return full_; }

 private:
  std::map<std::pair<Table, std::string>, std::string> rows_;
  bool full_ = false;
  bool lost_writes_ = false;
};

}  // namespace watchfire::fakes
