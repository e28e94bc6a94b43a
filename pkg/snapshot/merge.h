// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Puts what Alertmanager knew beside what is stored. Of two states of one silence the later updated
// is right, of two entries of one receiver the later told.

#pragma once

#include <cstddef>
#include <vector>

#include "pkg/base/record.h"
#include "pkg/base/time.h"
#include "pkg/snapshot/snapshot.h"

namespace watchfire::snapshot {

// How long after the import an alert that Alertmanager told may begin and still be that alert:
// senders repeat within minutes, and those that give no start seem to begin then.
inline constexpr Duration kAdoptWithin = std::chrono::minutes(15);

struct Merged {
  std::vector<Record> records;  // To store; each key once.
  size_t known = 0;             // Not newer than what is stored, or than another one of the file.
  size_t expired = 0;           // Too old to keep.
};

// `stored`: what the database holds. Keeps silences until `retention` after their end.
Merged MergeSilences(const std::vector<silence::Silence>& silences,
                     const std::vector<Record>& stored, WallTime now, Duration retention);
Merged MergeNflog(std::vector<Told> entries, const std::vector<Record>& stored, WallTime now);

}  // namespace watchfire::snapshot
