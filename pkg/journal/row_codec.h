// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Rows of the journal as records of the store; docs/store-schema.md has their form. Private to
// pkg/journal.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "pkg/base/json.h"
#include "pkg/journal/journal.h"

namespace watchfire::journal {

// True for text that names a place.
bool IsPlaceText(std::string_view text);
// True for the decision of a flush to leave an alert out.
bool KeepsOut(Kind kind);

class RowCodec {
 public:
  // "<16 hex digits of the nanos>-<16 of the sequence>": keys sort by time, then sequence.
  static std::string Key(uint64_t row, WallTime at);
  // `row` is the journal's of that sequence.
  static Record Encode(const Journal& journal, uint64_t sequence, const Journal::Row& row);
  // Adds the row of `record`. Errors: kCorrupt; the journal is unchanged then.
  static Status Decode(const Record& record, Journal* journal);

 private:
  struct Stored;  // A row on its way from the store into a journal.

  static void WriteEntries(const Journal& journal, const Journal::Row& row, JsonWriter* json);
  static void WriteSheet(const Journal& journal, const Journal::Sheet& sheet, JsonWriter* json);
  static bool IsLike(const Journal::Entry& entry, const Journal::Entry& before);
  static Journal::Entry ReadLike(std::string_view text, Stored* stored);
  static Journal::Entry ReadEntry(simdjson::dom::element json, Stored* stored);
  static void ReadSheet(simdjson::dom::element json, Stored* stored);
  static void Add(Stored stored, uint64_t row, WallTime at, Journal* journal);
};

}  // namespace watchfire::journal
