// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What engines hand to the store: one row of one table, already encoded by its owner. The store
// knows tables and keys, never their meaning, so the simulator, SQLite and PostgreSQL share one
// format. docs/store-schema.md describes each value.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace watchfire {

enum class Table : uint8_t {
  kAlert,       // key: place in the log of core::AlertLog; value: JSON of pkg/alert.
  kNflog,       // key: group key, receiver, integration; value: JSON of pkg/nflog.
  kIncident,    // key: incident id; value: JSON of pkg/incident.
  kRule,        // key: file;group;rule; value: JSON of pkg/rules.
  kSlo,         // key: slo id; value: JSON of pkg/slo.
  kGroup,       // key: group id; value: JSON of pkg/dispatch timers.
  kMeta,        // key: name; value: text (schema version, id counters).
  kSilence,     // key: silence id; value: JSON of pkg/silence.
  kJournal,     // key: time, sequence; value: JSON of pkg/journal.
  kEscalation,  // key: incident id, policy; value: JSON of core::Escalations.
  kVendor,      // key: incident id, key of kNflog; value: JSON of core::VendorUpdates.
  kAutomation,  // key: incident id, cycle, rule; value: JSON of automation::Run.
};
inline constexpr int kTableCount = 12;

// Returns the SQL table name ("alert", "nflog" ...).
const char* TableName(Table table);

struct Record {
  Table table = Table::kMeta;
  std::string key;
  std::optional<std::string> value;  // nullopt deletes the row.

  bool operator==(const Record&) const = default;
};

}  // namespace watchfire
