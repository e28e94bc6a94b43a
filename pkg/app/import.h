// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Taking over from an Alertmanager: its files `silences` and `nflog` lie where our database is, for
// it was given the same --storage.path.

#pragma once

#include <string>
#include <vector>

#include "pkg/base/histogram.h"
#include "pkg/base/record.h"
#include "pkg/base/time.h"

namespace watchfire::app {

struct ImportOptions {
  std::string directory;  // --storage.path
  Duration retention{};   // --data.retention
  WallTime now = kNoTime;
};

// What an import found: file, result (imported, known, expired, unreadable).
using ImportCounts = CounterMap;

// Reads those of the files that `stored`, the database, does not remember to have read as they are
// now, and says in the log what came of it. Returns the records to store, a kMeta one for each file
// among them. A file that cannot be read, or parts of it, are errors in the log and counted, and
// stop nothing: an alert that is not silenced notifies, which is better than no server. Touches no
// file.
std::vector<Record> ImportAlertmanager(const ImportOptions& options,
                                       const std::vector<Record>& stored, ImportCounts* counts);

// Puts `changes` into `stored`, each in the place of the record with its key.
void Overlay(std::vector<Record> changes, std::vector<Record>* stored);

}  // namespace watchfire::app
