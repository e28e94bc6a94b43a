// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A silence: alerts that match all matchers of one of its sets notify nobody while it is in force.

#pragma once

#include <string>
#include <vector>

#include "pkg/base/record.h"
#include "pkg/base/result.h"
#include "pkg/base/rng.h"
#include "pkg/base/time.h"
#include "pkg/labels/labels.h"
#include "pkg/matcher/matcher.h"

namespace watchfire::silence {

struct Silence {
  std::string id;                               // A UUID in lower case.
  std::vector<matcher::Matchers> matcher_sets;  // At least one, none of them empty; as given.
  WallTime starts_at = kNoTime;
  WallTime ends_at = kNoTime;  // Not before starts_at; no longer in force then.
  WallTime updated_at = kNoTime;
  std::string created_by;
  std::string comment;
  labels::LabelSet annotations;

  bool operator==(const Silence&) const = default;
};

enum class State { kActive, kPending, kExpired };  // In the order of lists.

// Pending before starts_at, active from then until just before ends_at, expired after. The
// pipeline follows the same clock as the API, so an expired silence never mutes.
State StateAt(const Silence& silence, WallTime now);
// Whether `labels` match all matchers of one set. A missing label is the empty text.
bool Matches(const Silence& silence, const labels::LabelSet& labels);
const char* StateName(State state);  // "active", "pending", "expired"

// A random UUID (version 4). As random as `rng`: an identity, no secret.
std::string NewId(Rng* rng);

// The element of GET /api/v2/silences: times in UTC with milliseconds, annotations only if any.
// With several matcher sets, which Alertmanager can store but not show, `matchers` is the first of
// them and `matcherSets`, an array of such arrays, has all. Source: reference §2.9.
std::string ToJson(const Silence& silence, WallTime now);

// Table::kSilence: key is the id, value the element above without `status` and with times as exact
// as they are. Decode's errors: kCorrupt, also for a regex that does not compile.
Record Encode(const Silence& silence);
Result<Silence> Decode(const Record& record);

// What Alertmanager's own file would hold, in bytes: the measure of --silences.max-silence-size-
// bytes. Source: proto.Size of silencepb.MeshSilence (reference §5.10), `retention` after the end.
size_t StoredBytes(const Silence& silence, Duration retention);

}  // namespace watchfire::silence
