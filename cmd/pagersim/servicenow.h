// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// ServiceNow's incident table by the Table API: records are created, changed and found by
// correlation_id. The priority follows from impact and urgency, and nobody resolves a record
// without saying how. No sockets and no clock; owned by one thread. Sources: reference
// paging-backends §4.2; www.servicenow.com/docs, Table API, read 2026-11.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/pagersim/json_in.h"
#include "cmd/pagersim/reply.h"
#include "pkg/base/json.h"
#include "pkg/base/secret.h"

namespace watchfire::pagersim {

class ServiceNow {
 public:
  static constexpr size_t kRecordsMax = 1000;  // The oldest make room.

  // Another Authorization header is refused; empty: any that is there.
  explicit ServiceNow(Secret authorization) : authorization_(std::move(authorization)) {}

  // /api/now/table/incident[/{sys_id}]; `tail` follows incident. Of a query it knows
  // correlation_id and active.
  Reply Answer(std::string_view method, std::string_view tail, std::string_view query,
               std::string_view authorization, std::string_view body);

  // What an API error looks like.
  static Reply Refuse(int status, std::string_view message, std::string_view detail);

  // All records as a JSON array, oldest first.
  void Write(JsonWriter* json) const;

 private:
  struct Record {
    std::string sys_id, number, correlation_id;
    std::string short_description, description, impact = "3", urgency = "3";
    std::string state = "1", close_code, close_notes, work_notes;
    uint64_t updates = 0;

    bool active() const { return state != "7" && state != "8"; }
  };

  Reply Find(std::string_view query) const;
  // Sets what `json` has. Errors: what the API answers.
  static std::optional<Reply> Set(const JsonIn& json, Record* record);
  static void WriteResult(const Record& record, JsonWriter* json);

  const Secret authorization_;
  std::vector<Record> records_;
  uint64_t last_number_ = 0;
};

}  // namespace watchfire::pagersim
